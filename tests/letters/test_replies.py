"""Answers by calendar, from a real mailbox to the answer on the page; what is no answer changes nothing."""

from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage

import pytest
from icalendar import Calendar

from devsys.actions import choose_letters, doctor, edit_draft, list_issues, publish_plan, read_replies
from devsys.actions.read_replies import Outcome
from devsys.adapters.store.queries import accounts, answers, house, letters, readers
from devsys.base.errors import InvalidError, UnavailableError
from devsys.core.feeds.reply import Reply, Says, read_reply
from devsys.core.letters.when import Choice
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from devsys.core.model.issues import Level
from tests.builders import id_of
from tests.imap import PASSWORD
from tests.mail import to
from tests.web import scenes

ANA = id_of("ana.correia")
ADDRESS = "ana.correia@northgate.example"
LINES = (
    "BEGIN:VCALENDAR",
    "PRODID:-//Some//Program//EN",
    "VERSION:2.0",
    "METHOD:REPLY",
    "BEGIN:VEVENT",
    "UID:{uid}",
    "SEQUENCE:{sequence}",
    "DTSTAMP:20260105T100000Z",
    "ORGANIZER:mailto:learning@northgate.example",
    "ATTENDEE;PARTSTAT={says}:mailto:{who}",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
)


def a_reply(uid="u", says="ACCEPTED", sequence=0, who=ADDRESS, *, without=()):
    lines = [line for line in LINES if not line.startswith(tuple(without))] if without else LINES
    return "\r\n".join(lines).format(uid=uid, says=says, sequence=sequence, who=who).encode()


def a_mail(body, *, sender=ADDRESS, method="REPLY"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "learning@northgate.example", "Accepted: Case round"
    mail.set_content("Yes")
    if body is not None:
        mail.add_alternative(body.decode("utf-8", "surrogateescape"), subtype="calendar", params={"method": method})
    return mail.as_bytes()


@pytest.fixture
def planned(post, organisation):
    """Northgate with its sessions published and told."""
    assert organisation.people
    found = scenes.plan_and_publish(post.parts)
    with post.parts.store.write() as db:
        ones = letters.listed(db, (letters.WAITING,))
        letters.drop(db, [one.id for one in ones])
        readers.set_told(db, {one.person_id: 1 for one in ones})
    return found


@pytest.fixture
def invited(post, planned):
    """Ana chose invitations and got them; give her invitation by the code of a session."""
    with post.parts.store.read() as db:
        viewer = accounts.viewer_of(db, ANA)
    choose_letters.choose(post.parts, viewer, Choice(invitations=True))
    found = {}
    for mail in post.send():
        part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
        event = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]
        found[str(event["UID"])] = int(event["SEQUENCE"])
    return {code: (planned[code].uid, found[planned[code].uid]) for code in ("alfama", "skill", "coaching")}


def said(post, planned, code="alfama"):
    with post.parts.store.read() as db:
        session = scenes.published(post.parts, planned[code].id)
        found = answers.of_sessions(db, [session.id]).get((session.id, ANA))
    return None if found is None or not found.about(session) else found.says


@pytest.fixture
def box(post, mailbox_server):
    """The installation with a mailbox of its own: `deliver` puts a mail in, `read` looks at it as the worker does."""
    user = mailbox_server.fresh()
    more = {
        "imap_host": "127.0.0.1",
        "imap_port": mailbox_server.port,
        "imap_security": "none",
        "imap_user": user,
        "imap_password": type(post.parts.settings.imap_password)(PASSWORD),
    }
    parts = replace(post.parts, settings=post.parts.settings.model_copy(update=more))

    class Box:
        here = parts

        def deliver(self, mail):
            mailbox_server.deliver(user, mail)

        def read(self):
            return dict(read_replies.read_replies(parts))

    return Box()


def test_a_yes_from_a_calendar_program_is_the_answer_on_the_page(post, planned, invited, box):
    uid, sequence = invited["alfama"]
    box.deliver(a_mail(a_reply(uid, sequence=sequence)))
    assert said(post, planned) is None
    assert box.read() == {"taken": 1}
    assert said(post, planned) == answers.YES
    assert box.read() == {}  # looked at once


def test_outlook_leaves_the_organizer_out(post, planned, invited, box):
    uid, sequence = invited["alfama"]
    box.deliver(a_mail(a_reply(uid, sequence=sequence, without=("ORGANIZER",))))
    assert box.read() == {"taken": 1}
    assert said(post, planned) == answers.YES


def test_a_no_does_what_a_press_does(post, planned, invited, box):
    """Coaching of one person is called off at once; where others need the seat filled, a coordinator is asked."""
    for code in ("coaching", "skill"):
        uid, sequence = invited[code]
        box.deliver(a_mail(a_reply(uid, "DECLINED", sequence)))
    assert box.read() == {"taken": 2}
    assert scenes.published(post.parts, planned["coaching"].id).status is Status.CANCELLED
    assert ANA in scenes.published(post.parts, planned["skill"].id).people
    assert said(post, planned, "skill") == answers.CANNOT
    cancelled = [m for m in post.after(minutes=20) if to(m) == ADDRESS]
    assert [m["Subject"] for m in cancelled] == ["Cancelled: 1:1 development, Thu 5 February, 14:00"]


def test_who_leads_and_declines_leaves_an_issue_and_a_repair_to_do(post, planned, box, sign_in):
    """Tiago leads the round in invitations by mail: a no stands among the issues, a later yes takes it away."""
    tiago = id_of("tiago.lopes")
    with post.parts.store.read() as db:
        viewer = accounts.viewer_of(db, tiago)
    choose_letters.choose(post.parts, viewer, Choice(invitations=True))
    sequences = {}
    for mail in post.send():
        part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
        event = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]
        sequences[str(event["UID"])] = int(event["SEQUENCE"])
    uid, address = planned["alfama"].uid, "tiago.lopes@northgate.example"
    coordinator = sign_in(Role.COORDINATOR)
    assert "1 person cannot come" not in coordinator.get("/").text
    no = a_reply(uid, "DECLINED", sequences[uid], who=address)
    box.deliver(a_mail(no, sender=address))
    assert box.read() == {"taken": 1}
    found = list_issues.issues(post.parts, None)
    assert [(i.level, i.kind, i.who, i.sessions) for i in found.found] == [
        (Level.BLOCKS, "facilitator", tiago, (planned["alfama"].id,))
    ]
    page = coordinator.get("/").text
    assert "1 person cannot come, and their session needs them" in page
    assert "All issues: 1 blocks" in page
    assert scenes.published(post.parts, planned["alfama"].id).facilitator_id == tiago
    box.deliver(a_mail(a_reply(uid, "ACCEPTED", sequences[uid], who=address), sender=address))
    assert box.read() == {"taken": 1}
    assert list_issues.issues(post.parts, None).found == ()


def test_what_is_no_answer_of_theirs_changes_nothing(post, planned, invited, box):
    uid, sequence = invited["alfama"]
    hello = a_mail(None)
    another = a_mail(a_reply(uid, sequence=sequence), sender="bruno.matos@northgate.example")
    not_invited = a_mail(a_reply(uid, who="elif.kaya@northgate.example"), sender="elif.kaya@northgate.example")
    unknown = a_mail(a_reply("nobody-knows-this", sequence=sequence))
    request = a_mail(a_reply(uid, sequence=sequence).replace(b"METHOD:REPLY", b"METHOD:REQUEST"), method="REQUEST")
    broken = a_mail(a_reply(uid, sequence=sequence).replace(b"END:VEVENT", b"END:VTODO"))
    huge = a_mail(b"BEGIN:VCALENDAR\r\n" + b"X-A:1\r\n" * 250_000)
    for mail in (hello, another, not_invited, unknown, request, broken, huge, b"", b"\xff\xfe\x00 no mail"):
        box.deliver(mail)
    found = box.read()
    assert found == {"other": 5, "refused": 2, "stale": 2}
    assert said(post, planned) is None
    assert box.read() == {}


def test_an_answer_about_the_time_before_a_move_is_not_taken(post, planned, invited, box):
    """Neither before the new invitation leaves nor after: only an answer to the new one counts."""
    uid, sequence = invited["alfama"]
    with post.parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of("olivia.brandt"))
    at = datetime(2026, 1, 27, 12, 30)
    draft = edit_draft.move(post.parts, viewer, None, planned["alfama"].id, at, cause="room taken").draft_id
    publish_plan.publish(post.parts, draft, by_id=viewer.person_id)
    old = a_mail(a_reply(uid, sequence=sequence))
    box.deliver(old)
    assert box.read() == {"stale": 1}
    post.after(minutes=20)
    box.deliver(old)
    assert box.read() == {"stale": 1}
    assert said(post, planned) is None
    box.deliver(a_mail(a_reply(uid, sequence=sequence + 1)))
    assert box.read() == {"taken": 1}
    assert said(post, planned) == answers.YES


def test_a_leaver_no_longer_answers(post, planned, invited, box):
    uid, sequence = invited["alfama"]
    with post.parts.store.write() as db:
        accounts.set_active(db, ANA, active=False)
    box.deliver(a_mail(a_reply(uid, sequence=sequence)))
    assert box.read() == {"stale": 1}
    assert said(post, planned) is None


def test_a_mailbox_that_cannot_be_read_is_said_and_forgotten_when_it_can(box, planned):
    wrong = replace(box.here, settings=box.here.settings.model_copy(update={"imap_port": 1}))
    with pytest.raises(UnavailableError, match="cannot be read"):
        read_replies.read_replies(wrong)
    (check,) = (c for c in doctor.examine(wrong) if c.name == "answers by mail")
    assert (check.state, check.says[:27]) == ("warning", "The mailbox cannot be read:")
    assert box.read() == {}
    (check,) = (c for c in doctor.examine(box.here) if c.name == "answers by mail")
    assert check.state == "fine"
    assert planned.sessions


def test_a_demo_reads_no_mailbox(box, planned):
    assert read_replies.wanted(box.here)
    with box.here.store.write() as db:
        house.set_fact(db, house.DEMO, "1")
    assert not read_replies.wanted(box.here)
    assert planned.sessions


def test_a_kill_between_taking_and_noting_it_takes_it_twice_to_the_same_end(post, planned, invited, box):
    uid, sequence = invited["alfama"]
    mail = a_mail(a_reply(uid, "DECLINED", sequence))
    assert read_replies.take(box.here, mail) is Outcome.TAKEN
    before = scenes.published(post.parts, planned["alfama"].id), said(post, planned)
    assert read_replies.take(box.here, mail) in (Outcome.TAKEN, Outcome.STALE)
    assert (scenes.published(post.parts, planned["alfama"].id), said(post, planned)) == before
    assert [to(m) for m in post.send() if to(m) != ADDRESS] == []


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ((b"", b""), Reply("u", ADDRESS, Says.YES, 0)),
        ((b"ACCEPTED", b"DECLINED"), Reply("u", ADDRESS, Says.CANNOT, 0)),
        ((b"ACCEPTED", b"TENTATIVE"), Reply("u", ADDRESS, Says.PERHAPS, 0)),
        ((b"SEQUENCE:0\r\n", b""), Reply("u", ADDRESS, Says.YES, None)),
        ((b"mailto:ana", b"MAILTO:Ana"), Reply("u", ADDRESS, Says.YES, 0)),
        ((b"ATTENDEE;PARTSTAT", b'ATTENDEE;CN="A, B";\r\n PARTSTAT'), Reply("u", ADDRESS, Says.YES, 0)),
        ((b"METHOD:REPLY", b"METHOD:REQUEST"), None),
        ((b"METHOD:REPLY\r\n", b""), None),
    ],
)
def test_a_reply_is_read_whatever_program_wrote_it(change, wanted):
    assert read_reply(a_reply().replace(*change) if change[0] else a_reply()) == wanted


@pytest.mark.parametrize(
    "change",
    [
        (b"ACCEPTED", b"PERHAPS"),
        (b"UID:u\r\n", b""),
        (b"SEQUENCE:0", b"SEQUENCE:-1"),
        (b"SEQUENCE:0", b"SEQUENCE:99999999999999999999"),
        (b"END:VEVENT\r\n", b""),
        (b"BEGIN:VEVENT", b"BEGIN:VEVENT\r\nEND:VEVENT\r\nBEGIN:VEVENT"),
        (b"ATTENDEE;", b"ATTENDEE;PARTSTAT=DECLINED:mailto:b@c.example\r\nATTENDEE;"),
        (b"UID:u", b"UID:u\r\n" + b"X-A:1\r\n" * 3000),
        (b"UID:u", b"UID:u\r\nDESCRIPTION:" + b"x" * 70_000),
        (b"PARTSTAT=", b"PARTSTAT"),
    ],
)
def test_a_reply_that_is_wrong_is_refused(change):
    with pytest.raises(InvalidError):
        read_reply(a_reply().replace(*change))
