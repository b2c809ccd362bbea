"""Feedback on a real store: asked in time, kept apart from who gave it, let out five people at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from devsys.actions import give_feedback
from devsys.adapters.store.queries import feedback, retention, sessions
from devsys.adapters.store.tables.feedback import FeedbackGivenRow, FeedbackRow
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.calendar import Place
from devsys.core.model.feedback import K, Stage
from tests.builders import a_session, id_of
from tests.web import scenes

AFTER = {"worth": "yes", "tried": "partly", "next": "no"}
LATER = {"used": "often", "stops": "tool"}
PEOPLE = ("ana.correia", "bruno.matos", "catarina.leal", "diogo.faria", "elif.kaya", "filipa.sousa")
COORDINATOR = Viewer(id_of("olivia.brandt"), "Olivia", (Grant(Role.COORDINATOR),))
TIAGO = Viewer(id_of("tiago.lopes"), "Tiago", (Grant(Role.FACILITATOR),))
MARTA = Viewer(id_of("marta.nogueira"), "Marta", (Grant(Role.LEAD, id_of("alfama")),))


def one(code):
    return Viewer(id_of(code), code, ())


@pytest.fixture
def held(parts, organisation):
    """A skill session of six people that Tiago led, over since an hour."""
    assert organisation.people
    scenes.adopt_shipped(parts)
    session = a_session("skill", activity="hear_fully", people=PEOPLE, facilitator="tiago.lopes", team=None)
    scenes.add_published(parts, session)
    parts.clock.now = session.ends_utc + timedelta(hours=1)
    return session


def figures_of(parts, viewer, stage=Stage.AFTER):
    found = {h.activity: dict(h.stages) for h in give_feedback.heard(parts, viewer)}
    return found["hear_fully"][stage]


def asked(parts, code):
    with parts.store.read() as db:
        return [(a.session.id, a.stage) for a in give_feedback.asked_of(db, parts, id_of(code))]


def test_asked_after_and_again_six_weeks_on_each_once(parts, held):
    assert asked(parts, "ana.correia") == [(held.id, Stage.AFTER)]
    assert give_feedback.give(parts, one("ana.correia"), held.id, AFTER) is Stage.AFTER
    assert asked(parts, "ana.correia") == []
    with pytest.raises(ConflictError, match="Nothing is asked"):
        give_feedback.give(parts, one("ana.correia"), held.id, AFTER)
    parts.clock.now = held.ends_utc + timedelta(weeks=6)
    assert asked(parts, "ana.correia") == [(held.id, Stage.LATER)]
    assert give_feedback.give(parts, one("ana.correia"), held.id, LATER) is Stage.LATER
    assert asked(parts, "ana.correia") == []


def test_not_before_its_end_nor_between_nor_long_after(parts, held):
    for at in (timedelta(minutes=-1), timedelta(days=21), timedelta(weeks=10)):
        parts.clock.now = held.ends_utc + at
        assert asked(parts, "ana.correia") == []


def test_who_was_not_there_is_not_asked(parts, held):
    with parts.store.write() as db:
        sessions.mark_attendance(db, held.id, {id_of("ana.correia"): False}, None, parts.now())
    assert asked(parts, "ana.correia") == []
    assert asked(parts, "bruno.matos") != []


def test_coaching_is_never_asked_about(parts, held):
    talk = replace(
        a_session("talk", activity="coaching_calls", people=("ana.correia",), team=None), starts_utc=held.starts_utc
    )
    scenes.add_published(parts, talk)
    assert asked(parts, "ana.correia") == [(held.id, Stage.AFTER)]
    assert "coaching_calls" not in {h.activity for h in give_feedback.heard(parts, COORDINATOR)}


def test_nothing_is_shown_before_five_people_then_five_by_five(parts, held):
    for number, code in enumerate(PEOPLE[:4], start=1):
        give_feedback.give(parts, one(code), held.id, AFTER)
        found = figures_of(parts, COORDINATOR)
        assert (found.shown, found.waiting, found.questions) == (0, number, ())
    give_feedback.give(parts, one(PEOPLE[4]), held.id, {**AFTER, "worth": "no"})
    found = figures_of(parts, COORDINATOR)
    assert (found.shown, found.waiting) == (K, 0)
    assert [(s.words, s.count) for s in found.questions[0][1]] == [("Yes", 4), ("In part", 0), ("No", 1)]
    give_feedback.give(parts, one(PEOPLE[5]), held.id, {**AFTER, "worth": "no"})
    later = figures_of(parts, COORDINATOR)
    assert (later.shown, later.waiting, later.questions) == (K, 1, found.questions)


def test_five_answers_of_three_people_are_not_five_people(parts, held):
    """Sessions of one activity are pooled; the same few people do not make a group by coming twice."""
    again = a_session("again", activity="hear_fully", people=PEOPLE[:3], facilitator="tiago.lopes", team=None)
    scenes.add_published(parts, again)
    for session in (held, again):
        for code in PEOPLE[:3]:
            give_feedback.give(parts, one(code), session.id, AFTER)
    assert (figures_of(parts, COORDINATOR).shown, figures_of(parts, COORDINATOR).waiting) == (0, 3)
    for code in PEOPLE[3:5]:
        give_feedback.give(parts, one(code), held.id, AFTER)
    assert figures_of(parts, COORDINATOR).shown == 8


def test_all_who_see_figures_see_the_same_and_others_see_none(parts, held):
    for code in PEOPLE:
        give_feedback.give(parts, one(code), held.id, AFTER)
    assert figures_of(parts, TIAGO) == figures_of(parts, COORDINATOR)
    assert [h.activity for h in give_feedback.heard(parts, TIAGO)] == ["hear_fully"]
    assert give_feedback.heard(parts, MARTA) == ()
    assert give_feedback.heard(parts, one("ana.correia")) == ()


def test_nothing_kept_joins_an_answer_to_a_person(parts, held):
    """No person, no session, no moment beside the answers; no row number whose order would tell."""
    give_feedback.give(parts, one("ana.correia"), held.id, AFTER)
    assert set(FeedbackRow.model_fields) == {"id", "activity", "stage", "month", "answers", "batch"}
    assert set(FeedbackGivenRow.model_fields) == {"session_id", "person_id", "stage", "activity", "open"}
    with parts.store.read() as db:
        assert db.execute(select(FeedbackRow.month)).scalar_one() == "2026-01"
        if db.get_bind().dialect.name == "sqlite":
            with pytest.raises(Exception, match="no such column"):
                db.connection().exec_driver_sql("SELECT rowid FROM feedback")


def test_a_batch_goes_whole(parts, held):
    for code in PEOPLE[:3]:
        give_feedback.give(parts, one(code), held.id, AFTER)
    parts.clock.now = held.ends_utc + timedelta(days=20)  # the next month
    for code in PEOPLE[3:6]:
        give_feedback.give(parts, one(code), held.id, AFTER)
    with parts.store.write() as db:
        retention.forget_old(db, parts.now() + timedelta(days=350))
        assert feedback.counts(db) == {("hear_fully", Stage.AFTER): 6}
        retention.forget_old(db, parts.now() + timedelta(days=420))
        assert feedback.counts(db) == {}


@pytest.mark.parametrize("given", [{}, {**AFTER, "worth": "perhaps"}, {"worth": "yes", "tried": "yes"}])
def test_every_question_wants_one_of_its_answers(parts, held, given):
    with pytest.raises(InvalidError) as raised:
        give_feedback.give(parts, one("ana.correia"), held.id, given)
    assert raised.value.faults
    assert asked(parts, "ana.correia") == [(held.id, Stage.AFTER)]


def test_whoever_was_not_in_it_finds_nothing(parts, held):
    assert Place(id_of("joana.pires")) not in held.places
    with pytest.raises(NotFoundError):
        give_feedback.question(parts, one("joana.pires"), held.id)
