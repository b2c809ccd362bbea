"""The plan as it stands, to look starts up in: who leads, who sits, which room is taken, what a queue can spare.

Lines are arrays over all starts of the horizon and are made once for all needs that ask for the same; questions about
one start are answered with the sessions that stand in the way.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.improve import group_of
from devsys.core.planning.layout import Layout
from devsys.core.planning.masks import able, lows, runs
from devsys.core.planning.problem import WEEK, Plan, Problem, Session
from devsys.core.planning.relax_trial import Trial

Flags = NDArray[np.bool_]
Counts = NDArray[np.int32]
Group = tuple[int, int, int]
_ENOUGH: Final = 30_000
_LONGEST: Final = 50  # slots: no session is longer


@dataclass(frozen=True, slots=True)
class Leading:
    """Starts at which somebody is at work for the whole length; is not in a session then; has hours left as well."""

    at_work: Flags
    free: Flags
    fit: Flags


@dataclass(frozen=True, slots=True)
class Seating:
    """The most people a room of a site seats at each start: rooms that are open, and those that are free as well."""

    open: Counts
    free: Counts


@dataclass(frozen=True, slots=True)
class Sparing:
    """How many people a queue may spare at each start for the session itself, and for the rest after it.

    `base` with nothing planned, `left` as the plan stands. Only who is at work in the rest counts there.
    """

    base: Counts
    left: Counts
    rest_base: Counts
    rest_left: Counts


class Standing:
    """A problem with the sessions of a plan booked. Sessions in `joinable` may take one more person."""

    def __init__(self, problem: Problem, plan: Plan, joinable: Iterable[str] | None = None) -> None:
        """Book all sessions of the plan; unless said, those the problem does not pin may be joined."""
        self.problem = problem
        self.sessions = plan.sessions
        self.pins = frozenset(s.id for s in problem.pinned)
        ids = {s.id for s in plan.sessions} - self.pins if joinable is None else set(joinable)
        self.joinable = frozenset(ids)
        self.grid = Grid(Layout(replace(problem, pinned=plan.sessions)))
        self.lay = self.grid.lay
        self._leading: dict[tuple[int, int, bool], Leading] = {}
        self._led: dict[tuple[int, int], Leading] = {}
        self._seating: dict[tuple[int, int], Seating] = {}
        self._sparing: dict[tuple[int, int, int], Sparing] = {}
        self._rests: dict[tuple[int, int, int], Flags] = {}
        self._rows: dict[int, NDArray[np.uint8]] = {}

    @cached_property
    def trial(self) -> Trial:
        """What seats are tried against."""
        return Trial(self.problem, self.sessions)

    @cached_property
    def waiting(self) -> dict[Group, list[int]]:
        """The owed needs by the group that may share sessions."""
        out: dict[Group, list[int]] = defaultdict(list)
        for need in sorted(self.grid.owed):
            out[group_of(self.grid, need)].append(need)
        return out

    @cached_property
    def margin(self) -> Counts:
        """Rostered less required of each queue in each slot; below zero where a queue is short without any session."""
        required = np.array([p.required[: self.lay.slots] for p in self.problem.pools], dtype=np.int32)
        return self.lay.rostered - required.reshape(self.lay.rostered.shape)

    @cached_property
    def day_of(self) -> list[NDArray[np.int64]]:
        """The local day of each slot, by site, counted from the site's first."""
        return [np.asarray(days, dtype=np.int64) for days in self.lay.day_of]

    @cached_property
    def day_used(self) -> NDArray[np.int16]:
        """Slots of learning by person and day."""
        return np.frombuffer(self.grid.day_used, np.int16).reshape(-1, self.lay.days)

    @cached_property
    def week_used(self) -> NDArray[np.int16]:
        """Slots of learning by person and week."""
        return np.frombuffer(self.grid.week_used, np.int16).reshape(-1, self.lay.weeks)

    @cached_property
    def in_room(self) -> dict[int, list[Meeting]]:
        """The sessions of each room by start."""
        out: dict[int, list[Meeting]] = defaultdict(list)
        for m in sorted(self.grid.meetings.values(), key=lambda m: (m.start, m.serial)):
            if m.room >= 0:
                out[m.room].append(m)
        return out

    @cached_property
    def on_day(self) -> dict[int, list[Meeting]]:
        """The sessions by the UTC day they begin on."""
        out: dict[int, list[Meeting]] = defaultdict(list)
        for m in sorted(self.grid.meetings.values(), key=lambda m: (m.start, m.serial)):
            out[m.start // 48].append(m)
        return out

    # ---- lines over all starts

    def last_start(self, act: int) -> int:
        """Give the end of the starts at which an activity still ends inside the horizon."""
        return self.lay.slots - self.lay.length[act] + 1

    def roomless(self, act: int) -> bool:
        """Say whether an activity is held without a room."""
        return not self.lay.needs_room[act]

    def leader(self, fac: int, act: int) -> Leading:
        """Give when one facilitator could lead an activity."""
        lay, grid, length = self.lay, self.grid, self.lay.length[act]
        key = fac, length, self.roomless(act)
        if key not in self._leading:
            work = np.frombuffer(lay.fac_work, np.uint8)[fac * lay.slots : (fac + 1) * lay.slots]
            at_work = runs(work, length) > 0
            free = at_work.copy()
            for _, _, m in grid.led[fac]:
                gap = self._gap(m, roomless=key[2])
                free[max(0, m.start - length - gap + 1) : max(0, m.end + gap)] = False
            full = np.array(
                [grid.fac_week[fac * lay.weeks + w] + length > lay.weekly[fac] for w in range(lay.weeks)], dtype=bool
            )
            fit = free & ~np.repeat(full, WEEK)[: len(free)]
            self._leading[key] = Leading(at_work, free, fit)
        return self._leading[key]

    def _gap(self, m: Meeting, *, roomless: bool) -> int:
        """Give the change-over beside a session somebody leads; none between two that need no room."""
        return 0 if roomless and m.room < 0 else self.grid.changeover

    def led(self, act: int, site: int) -> Leading:
        """Give when anybody could lead an activity at a site."""
        if (act, site) not in self._led:
            nobody = np.zeros(self.last_start(act), dtype=bool)
            found = Leading(nobody, nobody.copy(), nobody.copy())
            for fac in self.lay.facs_for[act, site]:
                one = self.leader(fac, act)
                for whole, part in zip(
                    (found.at_work, found.free, found.fit), (one.at_work, one.free, one.fit), strict=True
                ):
                    np.logical_or(whole, part, out=whole)
            self._led[act, site] = found
        return self._led[act, site]

    def seating(self, act: int, site: int) -> Seating:
        """Give how many people the rooms of a site seat for the length of an activity."""
        lay, length = self.lay, self.lay.length[act]
        if (site, length) not in self._seating:
            width, gap = lay.slots - length + 1, self.grid.changeover
            most, free = np.zeros(width, dtype=np.int32), np.zeros(width, dtype=np.int32)
            for room in lay.rooms_of[site]:
                usable = np.ones(width, dtype=bool)
                for a, b in lay.rooms[room].closed:
                    usable[max(0, a - length + 1) : max(0, b)] = False
                np.maximum(most, usable * np.int32(lay.room_cap[room]), out=most)
                for m in self.in_room.get(room, ()):
                    usable[max(0, m.start - length - gap + 1) : max(0, m.end + gap)] = False
                np.maximum(free, usable * np.int32(lay.room_cap[room]), out=free)
            self._seating[site, length] = Seating(most, free)
        return self._seating[site, length]

    def sparing(self, pool: int, act: int) -> Sparing:
        """Give how many people of a queue an activity may take."""
        length, rest = self.lay.length[act], self.lay.recovery[act]
        key = pool, length, rest
        if key not in self._sparing:
            base, left = self.lay.spare[pool], self.grid.spare_rows[pool]
            lines = (self.least(base, length), self.least(left, length))
            self._sparing[key] = Sparing(*lines, *(self._in_rest(row, length, rest) for row in (base, left)))
        return self._sparing[key]

    @staticmethod
    def least(spare: NDArray[np.int16], length: int) -> Counts:
        """Give the least of a row of spare over each start's length, never below zero."""
        return np.maximum(lows(spare, length).astype(np.int32), 0)

    def _in_rest(self, spare: NDArray[np.int16], length: int, rest: int) -> Counts:
        """Give the least of a row of spare over the rest after each start's session; very many where there is none."""
        width = len(spare) - length + 1
        if not rest:
            return np.full(width, _ENOUGH, dtype=np.int32)
        return self.least(np.concatenate([spare[length:], np.full(rest, _ENOUGH, dtype=np.int16)]), rest)[:width]

    def rests(self, agent: int, act: int) -> Flags:
        """Give the starts after whose session somebody is at work in the rest, and so off the queue."""
        length, rest = self.lay.length[act], self.lay.recovery[act]
        key = agent, length, rest
        if key not in self._rests:
            have = np.zeros(self.lay.slots + rest + 1, dtype=np.int32)
            have[1 : self.lay.slots + 1] = np.cumsum(self.lay.work_rows[agent], dtype=np.int32)
            have[self.lay.slots + 1 :] = have[self.lay.slots]
            starts = np.arange(self.lay.slots - length + 1)
            self._rests[key] = have[starts + length + rest] > have[starts + length]
        return self._rests[key]

    def row(self, need: int) -> NDArray[np.uint8]:
        """Give 1 where somebody who waits could come, over the window of that need; queue and room aside."""
        if need not in self._rows:
            lay = self.lay
            first, last = lay.first[need], lay.last[need]
            if first >= last:
                self._rows[need] = np.zeros(0, dtype=np.uint8)
            else:
                self._rows[need] = able(self.grid, [need], lay.need_act[need], first, last)[0]
        return self._rows[need]

    # ---- one start, with the sessions in the way

    def beside_leader(self, fac: int, act: int, start: int) -> list[Meeting]:
        """Give the sessions that keep a facilitator from leading an activity at `start`."""
        length, roomless = self.lay.length[act], self.roomless(act)
        entries = self.grid.led[fac]
        i = bisect_left(entries, (start - _LONGEST - self.grid.changeover,))
        out = []
        while i < len(entries) and entries[i][0] < start + length + self.grid.changeover:
            m = entries[i][2]
            gap = self._gap(m, roomless=roomless)
            if m.start < start + length + gap and start < m.end + gap:
                out.append(m)
            i += 1
        return out

    def hours_short(self, fac: int, act: int, start: int, gone: Iterable[Meeting] = ()) -> int:
        """Give by how many slots a facilitator would lead more than is allowed in the week of `start`."""
        lay = self.lay
        used = self.grid.fac_week[fac * lay.weeks + start // WEEK]
        used -= sum(m.end - m.start for m in gone if m.fac == fac and m.start // WEEK == start // WEEK)
        return max(0, used + lay.length[act] - lay.weekly[fac])

    def beside_room(self, room: int, act: int, start: int) -> list[Meeting]:
        """Give the sessions that keep an activity out of a room at `start`."""
        length, gap = self.lay.length[act], self.grid.changeover
        return [m for m in self.in_room.get(room, ()) if m.start < start + length + gap and start < m.end + gap]

    def room_open(self, room: int, act: int, start: int) -> bool:
        """Say whether a room is not closed for the length of an activity."""
        end = start + self.lay.length[act]
        return not any(a < end and start < b for a, b in self.lay.rooms[room].closed)

    def beside_person(self, agent: int, act: int, start: int) -> list[Meeting]:
        """Give the person's own sessions that a session at `start` would overlap."""
        end = start + self.lay.length[act]
        return [m for _, _, m in self.grid.of[agent] if m.act >= 0 and m.start < end and start < m.end]

    def taking(self, pool: int, first: int, end: int) -> list[Meeting]:
        """Give the sessions that take people of a queue in `[first, end)`, rest counted, the largest first."""
        lay, out = self.lay, []
        for day in range((first - _LONGEST) // 48, (end - 1) // 48 + 1):
            for m in self.on_day.get(day, ()):
                if m.start < end and first < m.end + lay.recovery[m.act]:
                    taken = sum(lay.agent_pool[lay.need_agent[n]] == pool for n in m.att)
                    if taken:
                        out.append((-taken, m.start, m.serial, m))
        return [m for *_, m in sorted(out, key=lambda row: row[:3])]

    def removable(self, m: Meeting) -> bool:
        """Say whether a plan without a session still holds: nothing else waits for it."""
        if self.lay.is_gate[m.act]:
            return False
        for n in m.att:
            series = self.lay.need_series[n]
            if series >= 0 and any(
                self.grid.at[k] is not None and self.problem.needs[k].k > self.problem.needs[n].k
                for k in self.lay.steps.get(series, ())
            ):
                return False
        return True

    def session(self, m: Meeting) -> Session:
        """Give the session a booked meeting is."""
        return self.trial.sessions[m.id]
