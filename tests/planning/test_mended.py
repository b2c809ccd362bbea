"""A repaired plan told as sessions of the calendar: ids kept, minutes kept, each change with the cause others read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from devsys.core.model.calendar import Horizon, Place, Session, Status
from devsys.core.model.needs import Need
from devsys.core.model.programme import Activity, Cadence, Kind, Rhythm
from devsys.core.planning import problem as plan
from devsys.core.planning.mended import mended
from devsys.core.planning.picture import Picture, picture
from tests.builders import MONDAY, NOW, a_session, an_organisation, id_of

ROUND = Activity(
    "case_round", "Case round", Kind.ROUND, 60, (2, 8), Cadence(Rhythm.EVERY, weeks=2), "An aim.", "round", room=False
)
HORIZON = Horizon(MONDAY, 6)
FIRST = a_session("first", room=None)
SECOND = a_session("second", starts=datetime(2026, 1, 21, 14), people=("diogo.faria", "elif.kaya"), room=None)


def a_picture(*sessions: Session) -> Picture:
    """Give the picture of sessions whose places answer needs of their own."""
    needs = tuple(
        Need(f"{p.person_id}/round/{s.id}", p.person_id, ROUND.code, NOW, NOW + 28 * DAY, NOW + 35 * DAY, "Because.")
        for s in sessions
        for p in s.places
    )
    kept = tuple(
        replace(s, places=tuple(Place(p.person_id, f"{p.person_id}/round/{s.id}") for p in s.places)) for s in sessions
    )
    return picture(an_organisation(), {ROUND.code: ROUND}, needs, kept, HORIZON, now=NOW, freeze_until=NOW)


DAY = timedelta(days=1)


def told(
    drawn: Picture, change: Callable[[Mapping[str, plan.Session]], Iterable[plan.Session]], **rules: str
) -> tuple[Session, ...]:
    """Give what `change` of the planner's sessions means; `rules` by the sessions' codes."""
    stood = {s.id: s for s in drawn.problem.pinned}
    by_id = {id_of(f"session {code}"): rule for code, rule in rules.items()}
    return mended(drawn, change(stood), by_id, lambda: "new", lambda i: f"{i}@devsys")


def other(code: str, **more: object) -> Callable[[Mapping[str, plan.Session]], Iterable[plan.Session]]:
    """Give the change that gives one session something else."""
    name = id_of(f"session {code}")
    return lambda stood: [replace(s, **more) if s.id == name else s for s in stood.values()]  # type: ignore[arg-type]


def test_what_the_repair_left_alone_is_no_change() -> None:
    assert told(a_picture(FIRST, SECOND), lambda stood: stood.values()) == ()


def test_another_facilitator_at_the_same_time() -> None:
    drawn = a_picture(FIRST, SECOND)
    (found,) = told(drawn, other("first", fac=id_of("tiago.lopes")), first="facilitator")
    assert (found.id, found.uid, found.starts, found.places) == (
        FIRST.id,
        FIRST.uid,
        FIRST.starts,
        drawn.kept[FIRST.id].places,
    )
    assert (found.facilitator_id, found.cause) == (id_of("tiago.lopes"), "facilitator changed")


def test_another_time_is_local_and_says_what_followed() -> None:
    drawn = a_picture(FIRST)
    start = next(s.start for s in drawn.problem.pinned) + 48 + 3
    for rule, cause in (
        ("facilitator", "facilitator changed"),
        ("coverage", "for the queue"),
        ("room", "room changed"),
        ("at_work", "somebody cannot come"),
        ("spacing", "it no longer fits"),
    ):
        (found,) = told(drawn, other("first", start=start), first=rule)
        assert (found.starts, found.starts_utc - FIRST.starts_utc) == (
            datetime(2026, 1, 21, 15, 30),
            timedelta(hours=25, minutes=30),
        )
        assert found.cause == cause


def test_one_that_is_off_keeps_its_last_content() -> None:
    drawn = a_picture(FIRST, SECOND)
    for rule, cause in (
        ("facilitator", "no facilitator is free"),
        ("coverage", "for the queue"),
        ("room", "no room is free"),
        ("at_work", "somebody cannot come"),
        ("group", "it no longer fits"),
    ):
        (found,) = told(drawn, lambda stood: [s for s in stood.values() if s.id != FIRST.id], first=rule)
        assert found == replace(drawn.kept[FIRST.id], status=Status.CANCELLED, cause=cause)


def test_people_who_change_places_take_their_needs_with_them() -> None:
    drawn = a_picture(FIRST, SECOND)

    def moved(stood: Mapping[str, plan.Session]) -> list[plan.Session]:
        first, second = stood[FIRST.id], stood[SECOND.id]
        return [replace(first, att=first.att[1:]), replace(second, att=(*second.att, first.att[0]))]

    before, after = told(drawn, moved, first="at_work")
    gone = drawn.kept[FIRST.id].people - before.people
    assert len(gone) == 1
    assert after.people == drawn.kept[SECOND.id].people | gone
    assert {p.need for p in after.places} >= {p.need for p in drawn.kept[FIRST.id].places if p.person_id in gone}
    assert (before.cause, after.cause) == ("somebody cannot come", "people came from another session")


def test_another_session_that_moves_for_it_says_the_same() -> None:
    """The second could stay, but moves for the first: those who read it read one cause."""
    drawn = a_picture(FIRST, SECOND)
    start = next(s.start for s in drawn.problem.pinned if s.id == SECOND.id) + 48
    besides = {SECOND.id: "at_work"}
    after = other("second", start=start)({s.id: s for s in drawn.problem.pinned})
    (found,) = mended(drawn, after, {}, lambda: "new", lambda i: i, besides=besides)
    assert found.cause == "somebody cannot come"
    (found,) = mended(drawn, after, {}, lambda: "new", lambda i: i)
    assert found.cause == "it no longer fits"


def test_a_session_the_repair_opens_is_new() -> None:
    drawn = a_picture(FIRST)

    def opened(stood: Mapping[str, plan.Session]) -> list[plan.Session]:
        (first,) = stood.values()
        return [replace(first, id="opened", start=first.start + 48)]

    off, fresh = told(drawn, opened, first="facilitator")
    assert (off.id, off.status) == (FIRST.id, Status.CANCELLED)
    assert (fresh.id, fresh.uid, fresh.starts) == ("new", "new@devsys", datetime(2026, 1, 21, 14))
    assert fresh.people == FIRST.people


def test_a_start_between_the_half_hours_stays_to_the_minute() -> None:
    odd = a_session("odd", starts=datetime(2026, 1, 20, 14, 10), room=None)
    drawn = a_picture(odd)
    (found,) = told(drawn, other("odd", fac=id_of("tiago.lopes")), odd="facilitator")
    assert found.starts == datetime(2026, 1, 20, 14, 10)


def test_who_leads_sessions_and_sits_in_one_keeps_the_seat() -> None:
    """The planner does not see the seat of somebody who leads; a repair of the others must not lose it."""
    mixed = a_session("mixed", people=("ana.correia", "bruno.matos", "tiago.lopes"), room=None)
    drawn = a_picture(mixed)
    (before,) = drawn.problem.pinned
    assert len(before.att) == 2
    (found,) = told(drawn, lambda _: [replace(before, att=before.att[:1])], mixed="at_work")
    assert id_of("tiago.lopes") in found.people
    assert len(found.people) == 2
