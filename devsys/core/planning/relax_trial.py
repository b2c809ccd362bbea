"""A seat is tried: with a rule let go and everything else as it stands, the verifier is asked whether it holds.

The rules are the verifier's own, asked only about what a new seat can touch: its people, its facilitator, its room
and the queues in its slots.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from devsys.core.planning.desk import Desk, Violation
from devsys.core.planning.problem import DAY, WEEK, Problem, Session
from devsys.core.planning.relax import Eased, Relax, eased
from devsys.core.planning.shared_verdicts import (
    coverage_violations,
    hours_violations,
    need_violations,
    person_violations,
    place_violations,
    series_violations,
)
from devsys.core.planning.verdicts import kept_violations, session_violations

_FARTHEST_SESSION: Final = 2 * DAY  # how far back a session may begin that still takes a slot, its rest counted


class Trial:
    """A problem and the sessions of a plan by person, facilitator, room, day and series, to try seats against."""

    def __init__(self, problem: Problem, sessions: Sequence[Session]) -> None:
        self.problem = problem
        self.sessions = {s.id: s for s in sessions}
        self._acts = {a.id: a for a in problem.activities}
        self._gates = {p for a in problem.activities for p in a.prereq}
        self._reach = WEEK + DAY * max((*problem.rules.min_gap_days.values(), 1))
        self._by_person: dict[str, list[Session]] = defaultdict(list)
        self._by_leader: dict[str, list[Session]] = defaultdict(list)
        self._by_room: dict[str, list[Session]] = defaultdict(list)
        self._by_day: dict[int, list[Session]] = defaultdict(list)
        self._by_series: dict[str, list[Session]] = defaultdict(list)
        self._wanted: dict[str, set[str]] | None = None
        for session in sessions:
            self._enter(session)

    def _enter(self, session: Session) -> None:
        needs = self.problem.needs
        self._by_leader[session.fac].append(session)
        self._by_day[session.start // DAY].append(session)
        if session.room is not None:
            self._by_room[session.room].append(session)
        for n in session.att:
            if 0 <= n < len(needs):
                self._by_person[needs[n].agent].append(session)
                if (series := needs[n].series) is not None:
                    self._by_series[series].append(session)

    def holds(self, relaxes: Iterable[Relax], seat: Session) -> bool:
        """Say whether a session (new, or one that stands with somebody more in it) breaks nothing it did not break."""
        relaxes = tuple(relaxes)
        gone = frozenset(i for r in relaxes for i in r.gone)
        put = tuple(s for r in relaxes for s in r.put)
        now = self.sessions.get(seat.id)
        asked = (seat, *put)
        people = frozenset(self.problem.needs[n].agent for s in asked for n in s.att if now is None or n not in now.att)
        near = [s for s in self._near(asked, people) if s.id not in gone and s.id != seat.id]
        small = eased(self._narrowed(people), (*near, seat), relaxes)
        if not (left := self._broken(small, asked, people)):
            return True
        # What the plan as it stands breaks already is not the seat's fault.
        before = replace(small, sessions=(*near, *((now,) if now else ())))
        return not left - self._broken(before, asked, people)

    def _broken(self, small: Eased, asked: Sequence[Session], people: frozenset[str]) -> set[Violation]:
        return {v for v in self._judged(small, asked, people) if (v.rule, v.who) not in small.lifted}

    def _judged(self, small: Eased, asked: Sequence[Session], people: frozenset[str]) -> Iterator[Violation]:
        """Give what the verifier finds in the narrowed picture around some sessions."""
        own = Desk(small.problem, [s for s in small.sessions if any(s.id == a.id for a in asked)])
        yield from session_violations(own)
        yield from kept_violations(own)
        desk = Desk(small.problem, small.sessions, people)
        slots: set[int] = set()
        for s in asked:
            act = self._acts[s.act]
            slots.update(range(s.start, s.start + act.length + act.recovery))
        yield from coverage_violations(desk, slots)
        yield from place_violations(desk)
        yield from hours_violations(desk)
        yield from person_violations(desk)
        needs = self.problem.needs
        series = {needs[n].series for s in asked for n in s.att} - {None}
        ids = {s.id for name in series if name for s in self._by_series[name]} | {s.id for s in asked}
        steps = Desk(small.problem, [s for s in small.sessions if s.id in ids])
        yield from series_violations(steps)
        yield from need_violations(steps)

    def _near(self, asked: Sequence[Session], people: frozenset[str]) -> list[Session]:
        """Give the sessions that some sessions may clash with."""
        found: dict[str, Session] = {}
        for seat in asked:
            act = self._acts[seat.act]
            start, end = seat.start, seat.start + act.length + act.recovery
            for day in range((start - _FARTHEST_SESSION) // DAY, end // DAY + 1):
                found.update((s.id, s) for s in self._by_day[day] if self._reaches(s, start) and s.start < end)
            places = (self._by_leader[seat.fac], self._by_room[seat.room] if seat.room is not None else ())
            found.update((s.id, s) for rows in places for s in rows if abs(s.start - start) <= WEEK)
            for name in people:
                rows = self._by_person[name]
                found.update((s.id, s) for s in rows if abs(s.start - start) <= self._reach or s.act in self._gates)
            for n in seat.att:
                if (series := self.problem.needs[n].series) is not None:
                    found.update((s.id, s) for s in self._by_series[series])
        return list(found.values())

    def _reaches(self, session: Session, slot: int) -> bool:
        act = self._acts[session.act]
        return session.start + act.length + act.recovery > slot

    def _narrowed(self, people: frozenset[str]) -> Problem:
        """Give the problem without pins, what some people hold stated outright instead of through all needs."""
        agents = tuple(
            replace(a, holds=frozenset(self._acts) - self._wants(a.id)) if a.id in people and a.holds is None else a
            for a in self.problem.agents
        )
        return replace(self.problem, agents=agents, pinned=())

    def _wants(self, agent: str) -> set[str]:
        if self._wanted is None:
            self._wanted = defaultdict(set)
            for need in self.problem.needs:
                self._wanted[need.agent].add(need.act)
        return self._wanted[agent]
