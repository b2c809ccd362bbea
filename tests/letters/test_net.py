"""The net of what changed for one person, and when a letter about it is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from devsys.core.letters.net import State, Way, net_changes
from devsys.core.letters.when import Choice, Timing, due, next_morning
from devsys.core.model.calendar import Place, Session, Status
from tests.builders import NOW, a_session, id_of

ANA, MARTA = id_of("ana.correia"), id_of("marta.nogueira")
QUIET = timedelta(minutes=20)


def later(session: Session, **by: float) -> Session:
    return replace(session, starts=session.starts + timedelta(**by), starts_utc=session.starts_utc + timedelta(**by))


def ways(*states: State, who: str = ANA, told: int = 1, now: datetime = NOW) -> list[Way]:
    return [c.way for c in net_changes(states, who, told, now)]


def test_a_session_first_seen_after_the_last_letter_is_new() -> None:
    assert ways(State(2, None, a_session())) == [Way.NEW]
    assert ways(State(1, None, a_session())) == []


def test_another_time_or_place_is_a_move_for_who_comes_and_who_leads() -> None:
    before = a_session()
    for after in (later(before, hours=1), replace(before, room_id=id_of("tejo")), replace(before, minutes=90)):
        states = (State(1, 2, before), State(2, None, after))
        assert ways(*states) == ways(*states, who=MARTA) == [Way.MOVED]


def test_who_else_comes_and_who_leads_is_not_told_to_those_who_stay() -> None:
    before = a_session()
    after = replace(before, facilitator_id=id_of("tiago.lopes"), places=(*before.places[1:], Place(id_of("elif.kaya"))))
    states = (State(1, 2, before), State(2, None, after))
    stays = next(p.person_id for p in before.places[1:])
    assert ways(*states, who=stays) == []
    assert ways(*states, who=before.places[0].person_id) == [Way.CANCELLED]
    assert ways(*states, who=id_of("elif.kaya")) == [Way.NEW]
    assert ways(*states, who=MARTA) == [Way.CANCELLED]


def test_there_and_back_over_three_versions_is_nothing() -> None:
    before = a_session()
    states = (State(1, 2, before), State(2, 4, later(before, hours=2)), State(4, None, replace(before, sequence=2)))
    assert ways(*states) == []
    assert ways(*states, told=2) == [Way.MOVED]


def test_cancelled_and_planned_again_is_nothing() -> None:
    before = a_session()
    states = (State(1, 2, before), State(2, 3, replace(before, status=Status.CANCELLED)), State(3, None, before))
    assert ways(*states) == []


def test_what_is_over_is_not_told() -> None:
    before = a_session()
    states = (State(1, 2, before), State(2, None, replace(before, status=Status.CANCELLED)))
    assert ways(*states) == [Way.CANCELLED]
    assert ways(*states, now=before.ends_utc) == []


def test_another_session_for_the_same_need_is_one_move() -> None:
    """People who are joined to another session see their date move, not a loss beside a gain."""
    first, second = a_session("one"), later(a_session("two"), days=1)
    mine = (Place(ANA, "ana/round/1"),)
    states = (
        State(1, 2, replace(first, places=mine)),
        State(2, None, replace(first, places=())),
        State(2, None, replace(second, places=mine)),
    )
    (change,) = net_changes(states, ANA, 1, NOW)
    assert (change.way, change.before and change.before.id, change.after and change.after.id) == (
        Way.MOVED,
        first.id,
        second.id,
    )
    other = replace(states[2], session=replace(second, places=(Place(ANA, "ana/skill/1"),)))
    assert sorted(ways(*states[:2], other)) == [Way.CANCELLED, Way.NEW]
    at_once = replace(states[2], session=replace(second, starts=first.starts, starts_utc=first.starts_utc, places=mine))
    assert ways(*states[:2], at_once) == []


@pytest.mark.parametrize(
    ("choice", "postponed", "hours", "wanted"),
    [
        (Choice(), False, 72, NOW + QUIET),
        (Choice(), False, 47, NOW),
        (Choice(), True, 72, datetime(2026, 1, 6, 7, tzinfo=UTC)),
        (Choice(), True, 47, NOW),
        (Choice(Timing.MORNING), False, 72, datetime(2026, 1, 6, 7, tzinfo=UTC)),
        (Choice(Timing.MORNING), False, 47, NOW),
        (Choice(Timing.FEED), False, 72, None),
        (Choice(Timing.FEED), False, 47, NOW),
    ],
)
def test_a_letter_is_due_by_what_was_chosen_and_how_near_it_is(
    choice: Choice,
    postponed: bool,  # noqa: FBT001 -- a column of the table above
    hours: int,
    wanted: datetime | None,
) -> None:
    session = replace(a_session(), starts_utc=NOW + timedelta(hours=hours))
    changes = net_changes((State(2, None, session),), ANA, 1, NOW)
    assert due(changes, choice, NOW, quiet=QUIET, zone="Europe/Lisbon", postponed=postponed) == wanted


def test_what_is_cancelled_is_told_even_to_who_reads_the_feed_alone() -> None:
    session = a_session()
    states = (State(1, 2, session), State(2, None, replace(session, status=Status.CANCELLED)))
    changes = net_changes(states, ANA, 1, NOW)
    assert due(changes, Choice(Timing.FEED), NOW, quiet=QUIET, zone="Europe/Lisbon") == NOW + QUIET
    assert due((), Choice(), NOW, quiet=QUIET, zone="Europe/Lisbon") is None


def test_the_morning_is_that_of_the_reader() -> None:
    assert next_morning(NOW, "Asia/Kathmandu") == datetime(2026, 1, 6, 1, 15, tzinfo=UTC)
    early = datetime(2026, 1, 6, 1, 14, tzinfo=UTC)
    assert next_morning(early, "Asia/Kathmandu") == early + timedelta(minutes=1)
    assert next_morning(early + timedelta(minutes=1), "Asia/Kathmandu") == datetime(2026, 1, 7, 1, 15, tzinfo=UTC)
