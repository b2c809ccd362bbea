"""How was it: one letter for the sessions of a day, and one six weeks on, to who chose it; never twice."""

from datetime import datetime, timedelta

import pytest

from devsys.actions import give_feedback, remind
from devsys.adapters.store.queries import letters, readers, sessions
from devsys.core.letters.feedback import about_day, asking_day
from devsys.core.letters.when import Choice, Timing
from devsys.core.model.access import Role, Viewer
from devsys.core.model.feedback import Stage
from tests.builders import a_session, id_of
from tests.mail import html_of, text_of, to
from tests.web import scenes

PEOPLE = ("ana.correia", "bruno.matos", "elif.kaya")
ADDRESSES = [f"{code}@northgate.example" for code in PEOPLE]
ANA = Viewer(id_of("ana.correia"), "Ana", ())
AFTER = {"worth": "yes", "tried": "partly", "next": "no"}


@pytest.fixture
def held(post, organisation):
    """A skill session of three people, Tuesday 20 January, 14:00-15:00; the clock stands at its end."""
    assert organisation.people
    scenes.adopt_shipped(post.parts)
    session = a_session("skill", activity="hear_fully", people=PEOPLE, facilitator="tiago.lopes", team=None)
    scenes.add_published(post.parts, session)
    with post.parts.store.write() as db:
        letters.begin_from(db, 2)
    post.parts.clock.now = session.ends_utc
    return session


def choose(post, code, choice):
    with post.parts.store.write() as db:
        readers.choose(db, id_of(code), choice)


def ask_and_send(post, **by):
    """Do what the worker does every hour; then let time go by and send what is due."""
    remind.ask_how_it_was(post.parts)
    return post.after(**by)


def test_everybody_who_was_in_it_is_asked_a_quiet_time_after_its_end_and_once(post, held):
    assert ask_and_send(post, minutes=19) == []
    came = ask_and_send(post, minutes=1)
    assert sorted(map(to, came)) == ADDRESSES
    letter = came[0]
    assert letter["Subject"] == "How was it? Hear fully"
    said = text_of(letter)
    assert "Three short questions, a minute at most." in said
    assert "Tue 20 January, 14:00\u201315:00\n  led by Tiago Lopes" in said
    assert f"Open the questions: http://127.0.0.1:8000/sessions/{held.id}/feedback" in said
    assert "Nobody is shown who said what" in said
    assert html_of(letter).count("<a ") == 2
    for _ in range(30):
        assert ask_and_send(post, hours=3) == []


def test_six_weeks_on_they_are_asked_once_more(post, held):
    ask_and_send(post, minutes=20)
    post.parts.clock.now = held.ends_utc + timedelta(weeks=6, minutes=-1)
    assert ask_and_send(post) == []
    post.parts.clock.move(minutes=1)
    came = ask_and_send(post, minutes=20)
    assert sorted(map(to, came)) == ADDRESSES
    assert came[0]["Subject"] == "Six weeks on: Hear fully"
    assert "Two short questions" in text_of(came[0])
    assert ask_and_send(post, days=1) == []


def test_the_link_of_the_letter_opens_the_questions_and_writes_nothing(post, held, sign_in, parts):
    ask_and_send(post, minutes=20)
    visitor = sign_in(Role.EMPLOYEE)
    page = visitor.get(f"/sessions/{held.id}/feedback")
    assert page.status_code == 200
    assert "<button" in page.text
    with parts.store.read() as db:
        assert [a.session.id for a in give_feedback.asked_of(db, parts, ANA.person_id)] == [held.id]


def test_who_has_answered_on_the_page_gets_no_letter(post, held):
    remind.ask_how_it_was(post.parts)
    give_feedback.give(post.parts, ANA, held.id, AFTER)  # in the quiet time
    assert sorted(map(to, post.after(minutes=20))) == ADDRESSES[1:]
    assert ask_and_send(post, hours=1) == []


def test_who_was_not_there_or_wants_no_such_letter_gets_none(post, held):
    choose(post, "bruno.matos", Choice(feedback=False))
    with post.parts.store.write() as db:
        sessions.mark_attendance(db, held.id, {id_of("ana.correia"): False}, None, post.parts.now())
    assert list(map(to, ask_and_send(post, minutes=20))) == ADDRESSES[2:]


def test_with_the_digest_it_comes_the_next_morning(post, held):
    choose(post, "ana.correia", Choice(Timing.MORNING))
    assert sorted(map(to, ask_and_send(post, minutes=20))) == ADDRESSES[1:]
    post.parts.clock.now = datetime(2026, 1, 21, 6, 59, tzinfo=held.ends_utc.tzinfo)
    assert ask_and_send(post) == []
    assert list(map(to, ask_and_send(post, minutes=1))) == ADDRESSES[:1]


def test_two_sessions_of_one_day_are_one_letter_after_the_last(post, held):
    second = a_session(
        "later",
        activity="explain_clearly",
        people=("ana.correia",),
        starts=held.starts + timedelta(hours=3),
        facilitator="tiago.lopes",
        team=None,
    )
    scenes.add_published(post.parts, second)
    with post.parts.store.write() as db:
        letters.begin_from(db, 3)
    assert sorted(map(to, ask_and_send(post, minutes=20))) == ADDRESSES[1:]
    post.parts.clock.now = second.ends_utc
    (letter,) = ask_and_send(post, minutes=20)
    assert letter["Subject"] == "How was it? 2 sessions of Tue 20 January"
    said = text_of(letter)
    assert said.index("Hear fully") < said.index("Explain clearly")
    assert "Open the questions: http://127.0.0.1:8000/\n" in said


def test_coaching_is_not_asked_about_and_what_was_long_ago_not_by_letter(post, held):
    talk = a_session(
        "talk", activity="coaching_calls", people=("diogo.faria",), starts=held.starts, facilitator=None, team=None
    )
    scenes.add_published(post.parts, talk)
    with post.parts.store.write() as db:
        letters.begin_from(db, 3)
    post.parts.clock.now = held.ends_utc + timedelta(days=4)  # the worker stood still
    assert ask_and_send(post, hours=1) == []
    post.parts.clock.now = held.ends_utc + timedelta(days=1)
    assert sorted(map(to, ask_and_send(post, hours=1))) == ADDRESSES


def test_who_leaves_is_not_asked(post, held):
    from devsys.adapters.store.queries import accounts

    remind.ask_how_it_was(post.parts)
    with post.parts.store.write() as db:
        accounts.set_active(db, ANA.person_id, active=False)
    assert sorted(map(to, post.after(minutes=20))) == ADDRESSES[1:]
    assert held.people


@pytest.mark.parametrize("stage", Stage)
def test_what_a_letter_is_about_is_read_back(stage):
    day = datetime(2026, 1, 20).date()
    assert asking_day(about_day(stage, day)) == (stage, day)
