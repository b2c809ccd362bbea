"""The plain verifier: it judges any plan with no code of the planner, for drawing, for hand moves, for publishing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase
from devsys.core.planning.desk import RULES, Desk, Violation
from devsys.core.planning.problem import Problem, Session
from devsys.core.planning.shared_verdicts import (
    coverage_violations,
    hours_violations,
    need_violations,
    person_violations,
    place_violations,
    series_violations,
)
from devsys.core.planning.verdicts import kept_violations, session_violations

__all__ = ["RULES", "Violation", "check", "check_near", "judge_move"]


_RULES: tuple[Callable[[Desk], Iterator[Violation]], ...] = (
    session_violations,
    need_violations,
    coverage_violations,
    place_violations,
    hours_violations,
    person_violations,
    series_violations,
    kept_violations,
)


def check(
    problem: Problem, sessions: Iterable[Session], beat: Callable[[], object] = lambda: None
) -> tuple[Violation, ...]:
    """Give every violation of the hard rules H1 to H11; an empty tuple says that the plan holds.

    `beat` is called between the rules, so that who waits can be told.
    """
    desk = Desk(problem, sessions)
    found: list[Violation] = []
    for rule in _RULES:
        beat()
        found += rule(desk)
    return tuple(found)


def check_near(
    problem: Problem, sessions: Iterable[Session], ids: frozenset[str], people: frozenset[str]
) -> tuple[Violation, ...]:
    """Give the violations that some sessions and some people have a part in; of the others nothing is said.

    For a change in a picture that holds no more than the change touches: `ids` are the sessions that change, `people`
    those whose own sessions do. What a change breaks anew is among these violations (see `publish_plan.touch`).
    """
    every = tuple(sessions)
    mine = [s for s in every if s.id in ids]
    reach = {a.id: a.length + a.recovery for a in problem.activities}
    slots = {slot for s in mine for slot in range(s.start, s.start + reach.get(s.act, 1))}
    desk = Desk(problem, every, people)
    return (
        *session_violations(Desk(problem, mine)),
        *need_violations(desk),
        *coverage_violations(desk, slots),
        *place_violations(desk),
        *hours_violations(desk),
        *person_violations(desk),
        *series_violations(desk),
    )


def judge_move(
    problem: Problem,
    sessions: Iterable[Session],
    session_id: str,
    start: int,
    *,
    facilitator: str | None = None,
    room: str | None = None,
) -> tuple[Violation, ...]:
    """Give only the violations that moving one session to `start` would cause, with another leader or room if given.

    Only what the move touches is judged: sessions of the same people, facilitators and rooms, and the queues in
    the slots left and taken. Whether the session may move at all (it is pinned, or was held) is the caller's to
    say. Raises InvalidError when there is no such session.
    """
    every = tuple(sessions)
    before = next((s for s in every if s.id == session_id), None)
    if before is None:
        raise InvalidError(phrase("There is no such session in this plan."), (Fault("session", session_id),))
    after = replace(before, start=start, fac=facilitator or before.fac, room=room or before.room)
    needs = problem.needs
    people = frozenset(needs[n].agent for n in before.att if 0 <= n < len(needs))
    near = _touched(problem, every, people, (before, after))
    moved = [after if s.id == session_id else s for s in near]
    # What the smaller picture breaks anyway is broken on both sides, so only what is new is the move's own.
    old = set(_judge_near(problem, near, people, (before, after)))
    return tuple(v for v in _judge_near(problem, moved, people, (before, after)) if v not in old)


def _judge_near(
    problem: Problem, near: list[Session], people: frozenset[str], places: tuple[Session, Session]
) -> Iterator[Violation]:
    """Judge the moved session itself, its people, and all it may clash with."""
    small = replace(problem, pinned=())
    session_id = places[0].id
    yield from session_violations(Desk(small, [s for s in near if s.id == session_id]))
    yield from kept_violations(Desk(small, [s for s in near if s.id == session_id]))
    desk = Desk(small, near, people)
    reach = {a.id: a.length + a.recovery for a in problem.activities}.get(places[0].act, 1)
    slots = {s for p in places for s in range(p.start, p.start + reach)}
    yield from coverage_violations(desk, slots)
    yield from place_violations(desk)
    yield from hours_violations(desk)
    yield from person_violations(desk)
    yield from series_violations(desk)


def _touched(
    problem: Problem, every: tuple[Session, ...], people: frozenset[str], places: tuple[Session, Session]
) -> list[Session]:
    """Give the sessions that share a person, a facilitator, a room or a slot with a session before or after."""
    needs = problem.needs
    length = {a.id: a.length + a.recovery for a in problem.activities}
    leaders, rooms = {p.fac for p in places}, {p.room for p in places} - {None}
    spans = [(p.start, p.start + length.get(p.act, 1)) for p in places]
    out = []
    for s in every:
        end = s.start + length.get(s.act, 1)
        overlaps = any(s.start < b and a < end for a, b in spans)
        shared = s.fac in leaders or s.room in rooms
        if overlaps or shared or any(needs[n].agent in people for n in s.att if 0 <= n < len(needs)):
            out.append(s)
    return out
