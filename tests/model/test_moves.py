"""What changed for one person: moved, led otherwise, put into another session, taken off; and what did not."""

from dataclasses import replace
from datetime import datetime, timedelta

from devsys.core.model.calendar import Place, Status
from devsys.core.model.hours import instant
from devsys.core.model.moves import moves_of
from tests.builders import NOW, a_session, id_of

ANA = id_of("ana.correia")
WEEK_AGO = NOW - timedelta(days=7)
BEFORE = NOW - timedelta(days=30)


def with_need(session, need="ana/round/1"):
    return replace(
        session, places=tuple(Place(p.person_id, need if p.person_id == ANA else "") for p in session.places)
    )


ROUND = with_need(replace(a_session(), changed=BEFORE))


def at(session, day, hour, **more):
    starts = datetime(2026, 1, day, hour)
    return replace(session, starts=starts, starts_utc=instant(starts, session.zone), changed=WEEK_AGO, **more)


def moved(*states, known=None, own=(), since=None, now=NOW):
    by_id = {}
    for state in states:
        by_id.setdefault(state.id, []).append(state)
    return moves_of(ANA, by_id, known or {}, own, since=since or NOW - timedelta(days=14), now=now)


def test_another_time_is_a_move_with_its_cause():
    after = at(ROUND, 22, 10, cause="room changed")
    (found,) = moved(ROUND, after)
    assert (found.before, found.after, found.cause) == (ROUND, after, "room changed")
    assert not found.only_leader


def test_what_stays_is_none():
    assert moved(ROUND) == ()
    assert moved(ROUND, replace(ROUND, changed=WEEK_AGO, places=(*ROUND.places, Place(id_of("elif.kaya"))))) == ()


def test_somebody_else_leads_at_the_same_time():
    (found,) = moved(ROUND, replace(ROUND, changed=WEEK_AGO, facilitator_id=id_of("tiago.lopes")))
    assert found.only_leader


def test_there_and_back_is_none():
    assert moved(ROUND, at(ROUND, 22, 10), replace(ROUND, changed=WEEK_AGO + timedelta(days=1))) == ()


def test_a_move_of_long_ago_is_known():
    assert moved(ROUND, replace(at(ROUND, 22, 10), changed=NOW - timedelta(days=15))) == ()


def test_one_they_said_fits_is_known():
    after = at(ROUND, 22, 10)
    assert moved(ROUND, after, known={ROUND.id: WEEK_AGO}) == ()
    assert moved(ROUND, after, known={ROUND.id: WEEK_AGO - timedelta(hours=1)}) != ()


def test_another_session_for_the_same_need_is_a_move():
    off = replace(ROUND, status=Status.CANCELLED, cause="no facilitator is free", changed=WEEK_AGO)
    other = with_need(at(a_session("round-2"), 23, 9))
    (found,) = moved(ROUND, off, other)
    assert (found.before.id, found.after, found.cause) == (ROUND.id, other, "no facilitator is free")


def test_another_session_for_another_need_is_not():
    off = replace(ROUND, status=Status.CANCELLED, changed=WEEK_AGO)
    (found,) = moved(ROUND, off, with_need(at(a_session("round-2"), 23, 9), "ana/skill/1"))
    assert found.after is None


def test_taken_off_without_another_place():
    others = tuple(p for p in ROUND.places if p.person_id != ANA)
    (found,) = moved(ROUND, replace(ROUND, places=others, changed=WEEK_AGO, cause="for the queue"))
    assert (found.after, found.cause) == (None, "for the queue")


def test_what_one_left_oneself_is_no_news():
    places = tuple(p for p in ROUND.places if p.person_id != ANA)
    left = replace(ROUND, places=places, changed=WEEK_AGO)
    assert moved(ROUND, left, own=[ROUND.id]) == ()
    assert moved(ROUND, left) != ()


def test_what_is_over_is_no_news():
    assert moved(ROUND, at(ROUND, 22, 10), now=NOW + timedelta(days=20), since=BEFORE) == ()


def test_one_first_published_lately_was_known_as_it_first_stood():
    first = replace(ROUND, changed=WEEK_AGO - timedelta(days=1))
    (found,) = moved(first, at(ROUND, 22, 10))
    assert (found.before, found.after.starts.day) == (first, 22)
    assert moved(first) == ()
