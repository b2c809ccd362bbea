"""Invitations by mail: the feed's UID and SEQUENCE, one session once, whatever happens to it (RFC 5546, RFC 6047)."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from devsys.actions import choose_letters, edit_draft, publish_plan, rotate_feed
from devsys.actions.rotate_feed import Wanted
from devsys.adapters.store.queries import accounts, letters, plans, readers, sessions
from devsys.base.errors import InvalidError
from devsys.core.feeds.invite import Invited, Method, to_send
from devsys.core.feeds.scope import FeedKind
from devsys.core.letters.when import Choice
from devsys.core.model.calendar import Horizon, Place
from devsys.core.model.changes import differences
from tests.builders import id_of
from tests.feeds.lint import lint
from tests.letters.program import Program
from tests.mail import text_of, to
from tests.stories.acts import Phone, entries
from tests.web import scenes

ANA = id_of("ana.correia")
MAIL = Choice(invitations=True)


@pytest.fixture
def planned(post, organisation):
    """Northgate with seven sessions published; Ana, who comes to four of them, chooses invitations."""
    assert organisation.people
    found = scenes.plan_and_publish(post.parts)
    with post.parts.store.write() as db:
        ones = letters.listed(db, (letters.WAITING,))
        letters.drop(db, [one.id for one in ones])
        readers.set_told(db, {one.person_id: 1 for one in ones})
    return found


@pytest.fixture
def ana(post, planned):
    assert planned.sessions
    with post.parts.store.read() as db:
        return accounts.viewer_of(db, ANA)


@pytest.fixture
def olivia(post, planned):
    assert planned.sessions
    with post.parts.store.read() as db:
        return accounts.viewer_of(db, id_of("olivia.brandt"))


def expected(post):
    """Give what Ana's calendar ought to show: UID -> start."""
    with post.parts.store.read() as db:
        wanted = sessions.Wanted(start=post.parts.now(), involves=ANA)
        return {s.uid: s.starts_utc for s in sessions.published(db, wanted)}


def shown(program):
    return {uid: at for uid, (at, _) in program.shown.items()}


def test_choosing_invitations_brings_all_that_is_ahead_once_and_ends_the_links(app, post, ana):
    phone = Phone(app, post.parts, ANA)
    feed = entries(phone.fetch())
    choose_letters.choose(post.parts, ana, MAIL)
    assert app.test_client().get(phone.address).status_code == 404
    mails = post.send()
    program = Program()
    program.take(mails)
    assert len(mails) == program.taken == 4
    assert shown(program) == expected(post)
    assert program.sequences == {uid: entry.sequence for uid, entry in feed.items()}
    assert post.after(days=1) == []
    with pytest.raises(InvalidError, match="stand twice"):
        rotate_feed.make(post.parts, ana, Wanted(FeedKind.PERSON, ANA, "Phone"))


def test_an_invitation_is_a_whole_mail_and_a_calendar_without_faults(post, ana):
    choose_letters.choose(post.parts, ana, MAIL)
    mail = next(m for m in post.send() if "Case round" in m["Subject"])
    assert mail.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert "You get this because you chose invitations by mail for your calendar." in text_of(mail)
    body = list(mail.iter_parts())[2].get_payload(decode=True)
    faults = [str(f) for f in lint(body)]
    # An invitation has a METHOD, an ORGANIZER and an ATTENDEE, which a feed must not have, and no name or refresh time.
    assert [f for f in faults if not any(word in f for word in ("L04", "L05", "E05"))] == []
    event = Calendar.from_ical(body).walk("VEVENT")[0]
    assert event["DTSTART"].params["TZID"] == "Europe/Lisbon"
    assert str(event["SUMMARY"]) == "Case round"


def test_a_move_asks_again_a_new_leader_does_not_and_a_loss_cancels(post, planned, ana, olivia):
    choose_letters.choose(post.parts, ana, MAIL)
    program = Program()
    program.take(post.send())
    session = planned["alfama"]
    draft = edit_draft.move(post.parts, olivia, None, session.id, datetime(2026, 1, 27, 12, 30), cause="x").draft_id
    publish_plan.publish(post.parts, draft, by_id=olivia.person_id)
    mails = post.after(minutes=20)
    mine = [m for m in mails if to(m) == "ana.correia@northgate.example"]
    assert [m["Subject"] for m in mine] == ["Moved: Case round, now Tue 27 January, 12:30"]
    assert len(mails) == 4  # the others get their letters as ever
    program.take(mails)
    assert shown(program) == expected(post)

    draft = edit_draft.leave_out(post.parts, olivia, None, session.id, cause="queue").draft_id
    publish_plan.publish(post.parts, draft, by_id=olivia.person_id)
    program.take(post.after(minutes=20))
    assert shown(program) == expected(post)
    assert session.uid not in shown(program)


def test_coaching_is_masked_in_an_invitation_too(post, planned, ana):
    choose_letters.choose(post.parts, ana, MAIL)
    mail = next(m for m in post.send() if "1:1" in m["Subject"])
    body = list(mail.iter_parts())[2].get_payload(decode=True)
    event = Calendar.from_ical(body).walk("VEVENT")[0]
    assert str(event["SUMMARY"]) == "Busy"
    assert "calls" not in mail.as_string().lower()
    assert planned.sessions


def test_choosing_a_link_again_takes_everything_back(post, ana):
    program = Program()
    for choice in (MAIL, Choice(), MAIL):
        choose_letters.choose(post.parts, ana, choice)
        program.take(post.send())
        assert shown(program) == (expected(post) if choice.invitations else {})
    choose_letters.choose(post.parts, ana, Choice())
    program.take(post.send())
    assert rotate_feed.make(post.parts, ana, Wanted(FeedKind.PERSON, ANA, "Phone"))


def test_an_invitation_that_the_server_refused_for_now_leaves_as_it_was(post, planned, ana):
    choose_letters.choose(post.parts, ana, MAIL)
    post.server.answer("RCPT", *["451 later"] * 4)
    assert post.send() == []
    program = Program()
    program.take(post.after(minutes=1))
    assert shown(program) == expected(post)
    assert planned.sessions


@pytest.mark.parametrize("seed", range(6))
def test_any_history_ends_with_the_calendar_as_published(post, planned, ana, seed):
    """Moves, losses, returns and cancellations at random from a seed: what a program shows is what is published."""
    draw = random.Random(seed)  # noqa: S311 -- a story from a seed, no secret
    choose_letters.choose(post.parts, ana, MAIL)
    program = Program()
    program.take(post.send())
    mine = [s.id for s in planned.sessions if ANA in s.people]
    for step in range(8):
        session = scenes.published(post.parts, draw.choice(mine))
        what = draw.choice(("move", "leave", "join", "move"))
        if session is None or session.starts_utc <= post.parts.now() + timedelta(days=1):
            continue
        _publish(post, session, what, step, draw)
        program.take(post.after(minutes=draw.choice((5, 20, 25))))
    program.take(post.after(minutes=25))
    assert shown(program) == expected(post)


def _publish(post, session, what, step, draw):
    """Publish a change past the verifier: what matters here is what is told of it."""
    places = tuple(p for p in session.places if p.person_id != ANA)
    if what == "move":
        by = timedelta(hours=draw.choice((-1, 1, 2)))
        after = replace(session, starts=session.starts + by, starts_utc=session.starts_utc + by)
    else:
        after = replace(session, places=places if what == "leave" else (*places, Place(ANA)))
    found = differences((session,), (after,))
    if not found:
        return
    draft_id = id_of(f"step {step}")
    with post.parts.store.write() as db:
        plans.new_draft(
            db, draft_id, horizon=Horizon(post.parts.now().date(), 8), by_id=None, cause="", now=post.parts.now()
        )
        sessions.lay_into_draft(db, draft_id, (after,), post.parts.now())
        publish_plan.make_it_the_plan(db, post.parts, draft_id, found, by_id=None, cause=what)


@pytest.mark.parametrize(
    ("known", "base", "on", "wanted"),
    [
        (None, 3, True, (Method.REQUEST, Invited(3, 3, on=True))),
        (None, 3, False, None),
        (Invited(3, 3, on=True), 3, True, None),
        (Invited(3, 3, on=True), 4, True, (Method.REQUEST, Invited(4, 4, on=True))),
        (Invited(3, 3, on=True), 4, False, (Method.CANCEL, Invited(4, 4, on=False))),
        (Invited(3, 3, on=True), 3, False, (Method.CANCEL, Invited(3, 4, on=False))),
        (Invited(3, 4, on=False), 3, True, (Method.REQUEST, Invited(3, 5, on=True))),
        (Invited(3, 5, on=True), 4, True, (Method.REQUEST, Invited(4, 6, on=True))),
        (Invited(3, 4, on=False), 7, False, None),
    ],
)
def test_the_sequence_that_is_sent_never_falls(known, base, on, wanted):
    assert to_send(known, base, on=on) == wanted
