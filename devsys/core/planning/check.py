"""The plain verifier: it judges any plan with no code of the planner, for drawing, for hand moves, for publishing."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from devsys.base.errors import Fault, InvalidError
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

__all__ = ["RULES", "Violation", "check", "judge_move"]


def check(problem: Problem, sessions: Iterable[Session]) -> tuple[Violation, ...]:
    """Give every violation of the hard rules H1 to H11; an empty tuple says that the plan holds."""
    return tuple(_judge(Desk(problem, sessions)))


def _judge(desk: Desk, slots: Collection[int] | None = None) -> Iterator[Violation]:
    yield from session_violations(desk)
    yield from need_violations(desk)
    yield from coverage_violations(desk, slots)
    yield from place_violations(desk)
    yield from hours_violations(desk)
    yield from person_violations(desk)
    yield from series_violations(desk)
    yield from kept_violations(desk)


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
    the slots left and taken. Raises InvalidError when there is no such session.
    """
    every = tuple(sessions)
    before = next((s for s in every if s.id == session_id), None)
    if before is None:
        raise InvalidError("There is no such session in this plan.", (Fault("session", session_id),))
    after = replace(before, start=start, fac=facilitator or before.fac, room=room or before.room)
    near = _touched(problem, every, before, after)
    act = next((a for a in problem.activities if a.id == before.act), None)
    reach = act.length + act.recovery if act else 1
    slots = {s for t in (before.start, start) for s in range(t, t + reach)}
    # What the smaller picture breaks anyway is broken on both sides, so only what is new is the move's own.
    small = replace(problem, pinned=tuple(p for p in problem.pinned if p.id == session_id))
    old = set(_judge(Desk(small, near), slots))
    moved = [after if s.id == session_id else s for s in near]
    return tuple(v for v in _judge(Desk(small, moved), slots) if v not in old)


def _touched(problem: Problem, every: tuple[Session, ...], before: Session, after: Session) -> list[Session]:
    """Give the sessions that share a person, a facilitator, a room or a slot with a session before or after."""
    needs, acts = problem.needs, {a.id: a for a in problem.activities}
    people = {needs[n].agent for n in before.att if 0 <= n < len(needs)}
    leaders, rooms = {before.fac, after.fac}, {before.room, after.room} - {None}

    def length(s: Session) -> int:
        act = acts.get(s.act)
        return act.length + act.recovery if act else 1

    out = []
    for s in every:
        overlaps = any(s.start < m.start + length(m) and m.start < s.start + length(s) for m in (before, after))
        shared = s.fac in leaders or s.room in rooms
        if overlaps or shared or any(needs[n].agent in people for n in s.att if 0 <= n < len(needs)):
            out.append(s)
    return out
