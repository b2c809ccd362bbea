"""From publish to the mail server: refused, lost, killed in between; each letter once, under one Message-ID."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text, update

from devsys.actions import edit_draft, publish_plan, send_letters
from devsys.adapters.store.queries import accounts, house, letters, readers
from devsys.core.letters.when import Choice, Timing
from tests.builders import id_of
from tests.mail import html_of, text_of, to
from tests.web import scenes


@pytest.fixture
def planned(post, organisation):
    """Northgate with seven sessions published, and everybody told of them."""
    assert organisation.people
    found = scenes.plan_and_publish(post.parts)
    with post.parts.store.write() as db:
        ones = letters.listed(db, (letters.WAITING,))
        letters.drop(db, [one.id for one in ones])
        readers.set_told(db, {one.person_id: 1 for one in ones})
    post.parts.clock.move(minutes=21)
    return found


def move(post, session, starts, cause="room taken", **more):
    """Move a session by a draft of its own and publish it."""
    with post.parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of("olivia.brandt"))
    draft = edit_draft.move(post.parts, viewer, None, session.id, starts, cause=cause).draft_id
    return publish_plan.publish(post.parts, draft, by_id=viewer.person_id, **more)


def waiting(post):
    with post.parts.store.read() as db:
        return letters.listed(db, (letters.WAITING, letters.SEALED))


def failed(post):
    with post.parts.store.read() as db:
        return letters.listed(db, (letters.FAILED,))


def test_a_move_reaches_everybody_in_it_once_after_the_quiet_time(post, planned):
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    assert post.after(minutes=19) == []
    came = post.after(minutes=1)
    people = ("ana.correia", "elif.kaya", "filipa.sousa", "tiago.lopes")
    assert sorted(map(to, came)) == sorted(f"{p}@northgate.example" for p in people)
    assert post.after(days=1) == []


def test_a_letter_says_what_why_and_how_to_get_fewer(post, planned):
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    letter = next(one for one in post.after(minutes=20) if to(one) == "ana.correia@northgate.example")
    assert letter["Subject"] == "Moved: Case round, now Tue 27 January, 12:30"
    assert letter["From"] == "Learning at Northgate <learning@northgate.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    said = text_of(letter)
    assert "was  Tue 27 January, 11:00\u201312:00" in said
    assert "now  Tue 27 January, 12:30\u201313:30" in said
    assert "room taken" in said
    assert "Times are Lisbon time." in said
    assert f"Open the session: http://127.0.0.1:8000/sessions/{planned['alfama'].id}" in said
    assert "You get this because the published plan changed what you come to." in said
    assert "http://127.0.0.1:8000/account/letters" in said
    html = html_of(letter)
    assert "Tue 27 January, 12:30" in html
    assert html.count("<a ") == 2  # one action, and how to get fewer
    assert "<img" not in html


def test_who_leads_gets_the_rota_of_four_weeks_with_it(post, planned):
    """The letter says what moved, then all that Tiago leads as it stands."""
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    letter = next(one for one in post.after(minutes=20) if to(one) == "tiago.lopes@northgate.example")
    said = text_of(letter)
    rota = said[said.index("Your rota of the next four weeks") :]
    assert "Professional boundaries\n  Wed 7 January, 12:30\u201314:30" in rota
    assert "Case round\n  Tue 27 January, 12:30\u201313:30" in rota
    assert "what you lead" in said
    assert letter["Subject"] == "Moved: Case round, now Tue 27 January, 12:30"


def test_what_is_less_than_two_days_away_is_told_at_once(post, planned):
    move(post, planned["frozen"], datetime(2026, 1, 9, 12, 30))
    assert post.send() == []  # more than 48 hours away
    post.after(days=2, hours=4)
    move(post, planned["frozen"], datetime(2026, 1, 9, 13, 30))
    assert len(post.send()) == 4


def test_there_and_back_is_no_letter(post, planned):
    start = planned["alfama"].starts
    move(post, planned["alfama"], start + timedelta(minutes=90))
    assert len(waiting(post)) == 4
    post.parts.clock.move(minutes=10)
    move(post, planned["alfama"], start, cause="room free again")
    assert waiting(post) == ()
    assert post.after(days=1) == []
    assert scenes.published(post.parts, planned["alfama"].id).sequence == 2


def test_what_changes_twice_in_the_quiet_time_is_told_once_as_it_stands(post, planned):
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    post.parts.clock.move(minutes=15)
    move(post, planned["alfama"], datetime(2026, 1, 27, 13, 30), cause="queue busy")
    came = post.after(minutes=5)
    assert len(came) == 4
    assert "was  Tue 27 January, 11:00" in text_of(came[0])
    assert "now  Tue 27 January, 13:30" in text_of(came[0])
    assert post.after(days=1) == []


def test_the_next_change_is_told_against_what_was_told_last(post, planned):
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    post.after(minutes=20)
    move(post, planned["alfama"], datetime(2026, 1, 27, 13, 30), cause="queue busy")
    came = post.after(minutes=20)
    assert "was  Tue 27 January, 12:30" in text_of(came[0])


def test_with_the_digest_it_waits_for_seven_in_the_morning_there(post, planned):
    """Lisbon keeps UTC in January: the letter of Monday 09:21 leaves on Tuesday at 07:00."""
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30), postponed=True)
    assert {w.due.isoformat() for w in waiting(post)} == {"2026-01-06T07:00:00+00:00"}


def test_who_chose_the_morning_or_the_feed_gets_what_they_chose(post, planned):
    with post.parts.store.write() as db:
        readers.choose(db, id_of("ana.correia"), Choice(Timing.MORNING))
        readers.choose(db, id_of("elif.kaya"), Choice(Timing.FEED))
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    soon = sorted(map(to, post.after(minutes=20)))
    assert soon == ["filipa.sousa@northgate.example", "tiago.lopes@northgate.example"]
    assert list(map(to, post.after(days=1))) == ["ana.correia@northgate.example"]
    # What the feed showed counts as told; what is cancelled, or near, is told whatever was chosen.
    with post.parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of("olivia.brandt"))
    draft = edit_draft.leave_out(post.parts, viewer, None, planned["alfama"].id, cause="queue").draft_id
    publish_plan.publish(post.parts, draft, by_id=viewer.person_id)
    came = {to(one): one for one in post.after(minutes=20)}
    assert came["elif.kaya@northgate.example"]["Subject"] == "Cancelled: Case round, Tue 27 January, 12:30"


def test_a_coaching_theme_stands_in_no_letter(post, planned):
    session = planned["coaching"]
    with post.parts.store.read() as db:
        from devsys.adapters.store.queries import programme

        theme = programme.activities(db)[session.activity].title
    move(post, session, datetime(2026, 2, 5, 15, 0))
    came = post.after(minutes=20)
    assert sorted(map(to, came)) == ["ana.correia@northgate.example", "nadia.haddad@northgate.example"]
    for letter in came:
        assert letter["Subject"] == "Moved: 1:1 development, now Thu 5 February, 15:00"
        assert theme not in text_of(letter) + html_of(letter)


def test_a_mail_server_that_is_down_is_asked_again_with_growing_waits(post, planned):
    post.server.down()
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    post.after(minutes=20)
    waits = []
    for _ in range(10):
        with post.parts.store.read() as db:
            trouble = letters.trouble(db)
        waits.append((trouble.until - post.parts.now()) // timedelta(minutes=1))
        post.parts.clock.now = trouble.until
        assert post.send() == []
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240]
    assert "refused" in trouble.words.lower()
    assert len(waiting(post)) == 4
    post.server.up()
    assert len(post.after(hours=4)) == 4
    with post.parts.store.read() as db:
        assert letters.trouble(db) is None


def test_what_changed_back_while_the_server_was_down_is_not_told(post, planned):
    post.server.down()
    start = planned["alfama"].starts
    move(post, planned["alfama"], start + timedelta(minutes=90))
    post.after(minutes=20)
    move(post, planned["alfama"], start, cause="room free again")
    post.server.up()
    assert post.after(hours=4) == []
    assert waiting(post) == ()


def test_an_address_refused_for_now_is_tried_again_alone_and_for_good_fails(post, planned):
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    post.server.answer("RCPT", "451 try later")
    assert len(post.after(minutes=20)) == 3
    assert [w.error for w in waiting(post)] == ["The mail server refuses the address: 451 try later"]
    post.server.answer("RCPT", "550 no such user")
    assert post.after(minutes=1) == []
    (lost,) = failed(post)
    assert lost.error == "The mail server refuses the address: 550 no such user"
    # What it had to say is said with the next letter, or when somebody presses "try again".
    with post.parts.store.write() as db:
        letters.try_again(db, lost.id, post.parts.now())
    (again,) = post.send()
    assert "was  Tue 27 January, 11:00" in text_of(again)
    assert failed(post) == ()


def test_a_letter_refused_for_three_days_is_given_up(post, planned):
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    post.server.answer("DATA", *["452 full"] * 100)
    for _ in range(40):
        post.after(hours=2)
    assert len(failed(post)) == 4
    assert {one.error for one in failed(post)} == {"The mail server refuses the message: 452 full"}


@pytest.mark.parametrize("taken", [True, False])
def test_a_connection_lost_in_the_middle_sends_the_same_bytes_again(post, planned, taken):
    """Whether the server took it or not cannot be known: so it is the same message, and who has it twice sees one."""
    move(post, planned["patan"], datetime(2026, 2, 16, 9, 45))
    post.server.hang_up(taken=taken)
    first = post.after(minutes=20)
    sealed = [w for w in waiting(post) if w.state == letters.SEALED]
    assert len(sealed) == 1
    # Meanwhile the session moves on: what may have left does not change its words.
    move(post, planned["patan"], datetime(2026, 2, 16, 11, 15), cause="queue busy")
    again = post.after(minutes=1)
    assert [to(one) for one in again] == [sealed[0].recipient]
    if taken:
        assert again[0].as_bytes() in [one.as_bytes() for one in first]
    assert "now  Mon 16 February, 09:45" in text_of(again[0])
    later = post.after(minutes=20)
    assert len({one["Message-ID"] for one in [*first, *again, *later]}) == len(first) + len(again) + len(later) - taken
    mine = next(one for one in later if to(one) == sealed[0].recipient)
    assert "was  Mon 16 February, 09:45" in text_of(mine)


def test_a_kill_between_sending_and_writing_it_down_keeps_the_message_id(post, planned):
    """The worker dies after the server took the letter: the next one sends the same bytes."""
    move(post, planned["coaching"], datetime(2026, 2, 5, 15, 0))
    post.parts.clock.move(minutes=20)
    sealed = send_letters.next_sealed(post.parts)
    with send_letters.Server(post.parts.settings) as server:
        sender = "learning@northgate.example"
        assert server.send(sender, sealed.recipient, sealed.message).way is send_letters.Way.SENT
    before = post.server.raw  # killed here: nothing was written down
    post.send()
    assert post.server.letters == []
    assert len(before) == 1


def test_a_kill_between_sealing_and_sending_loses_nothing(post, planned):
    move(post, planned["coaching"], datetime(2026, 2, 5, 15, 0))
    post.parts.clock.move(minutes=20)
    sealed = send_letters.next_sealed(post.parts)
    post.parts.clock.move(hours=3)
    came = post.send()
    assert len(came) == 2
    assert any(one["Message-ID"] == f"<{sealed.letter.id}@northgate.example>" for one in came)


def test_a_leaver_gets_nothing_more(post, planned):
    """Acceptance 23: from the request that shuts the account on, no letter leaves; nor does one that was sealed."""
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    post.parts.clock.move(minutes=20)
    with post.parts.store.write() as db:
        accounts.set_active(db, id_of("ana.correia"), active=False)
    assert "ana.correia@northgate.example" not in [to(one) for one in post.send()]
    move(post, planned["alfama"], datetime(2026, 1, 27, 13, 30), cause="queue busy")
    assert "ana.correia@northgate.example" not in [to(one) for one in post.after(days=1)]


@pytest.mark.parametrize(
    "address", ["nobody", "a b@c.example", "x@y.example\r\nBcc: z@y.example", "=?utf-8?q?a?=@b.example"]
)
def test_an_address_that_is_none_fails_alone(post, planned, address):
    with post.parts.store.write() as db:
        db.execute(update(letters._PERSON).where(letters._PERSON.c.id == id_of("ana.correia")).values(email=address))
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    assert len(post.after(minutes=20)) == 3
    (lost,) = failed(post)
    assert lost.name == "Ana Correia"
    assert waiting(post) == ()


def test_a_letter_that_cannot_be_written_holds_up_no_other(post, planned):
    """A site whose zone no zone data knows breaks the words of one letter: it fails with an incident, others leave."""
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    with post.parts.store.write() as db:
        db.execute(text("UPDATE site SET zone = 'No/Where' WHERE id = :id"), {"id": id_of("kathmandu")})
        due = {id_of("deepa.thapa"): post.parts.now()}
        letters.open_letters(db, letters.REMINDER, "2026-01-06", due, post.parts.now())
    assert len(post.after(minutes=20)) == 4
    (lost,) = failed(post)
    assert "Something in devsys broke (incident " in lost.error
    assert waiting(post) == ()


def test_without_a_mail_server_letters_wait_and_nothing_fails(post, planned):
    bare = replace(post.parts, settings=post.parts.settings.model_copy(update={"smtp_host": ""}))
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    post.parts.clock.move(hours=2)
    assert not send_letters.has_work(bare)
    assert send_letters.send_letters(bare) == 0
    with bare.store.read() as db:
        assert letters.overdue(db, bare.now()) == 4
    assert len(post.send()) == 4


def test_in_a_demo_letters_are_kept_to_be_read_and_none_leaves(post, planned):
    with post.parts.store.write() as db:
        house.set_fact(db, house.DEMO, "1")
    move(post, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    assert post.after(minutes=20) == []
    with post.parts.store.read() as db:
        kept = letters.listed(db, (letters.KEPT,))
    assert len(kept) == 4
    assert "Tue 27 January, 12:30" in kept[0].text


def test_a_demo_begins_quietly_and_tells_of_what_is_published_then(post, organisation):
    assert organisation.people
    found = scenes.plan_and_publish(post.parts)
    with post.parts.store.write() as db:
        letters.begin_from(db, 1)
    assert post.after(days=1) == []
    move(post, found["alfama"], datetime(2026, 1, 27, 12, 30))
    came = post.after(minutes=20)
    assert len(came) == 4
    assert {one["Subject"] for one in came} == {"Moved: Case round, now Tue 27 January, 12:30"}


def test_the_first_plan_is_one_letter_each(post, organisation):
    assert organisation.people
    found = scenes.plan_and_publish(post.parts)
    people = {p for s in found.sessions for p in (*s.people, s.facilitator_id)}
    came = post.after(minutes=21)
    assert len(came) == len(people)
    ana = next(one for one in came if to(one) == "ana.correia@northgate.example")
    assert ana["Subject"] == "Your development calendar: 4 changes"
    assert text_of(ana).count("\n+ ") == 4


def test_a_hostile_title_stays_in_its_header(post, planned):
    """A8: what somebody typed as a title adds no header, whatever it looks like."""
    from devsys.adapters.post import write
    from devsys.core.letters.content import Called, Reader, plan_content
    from devsys.core.letters.net import NetChange, Way

    session = planned["alfama"]
    for title in ("=?UTF-8?Q?a=0ABcc:_x=40y?=", "Round\r\nBcc: x@y.example", "=1+1", "<script>alert(1)</script>"):
        content = plan_content(
            (NetChange(Way.NEW, None, session),),
            {session.id: Called(title, "Online")},
            Reader("Ana", "Europe/Lisbon", "http://127.0.0.1:8000"),
            post.parts.now(),
        )
        raw = write.written(
            content, "a1", sender="a@b.example", name=title, recipient="c@d.example", now=post.parts.now()
        )
        with send_letters.Server(post.parts.settings) as server:
            server.send("a@b.example", "c@d.example", raw)
        (mail,) = post.server.take()
        assert "Bcc" not in mail
        assert mail["To"].addresses[0].addr_spec == "c@d.example"
        assert len(list(mail.iter_parts())) == 2
        assert "<script>" not in html_of(mail)
