"""Reasons in words: why a need is owed, why a session stands where it does, why not elsewhere.

A need goes through a cascade of filters over the starts of its window; the first filter that leaves no start is
the reason. What would let it fit is tried on the plan as it stands, not guessed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.grid import Grid
from devsys.core.planning.improve import group_of
from devsys.core.planning.layout import Layout
from devsys.core.planning.masks import able, people_seats, pool_seats, runs, seat_caps, site_seats
from devsys.core.planning.problem import DAY, Plan, Problem, Site, say_day, say_slot
from devsys.core.planning.why import why_here, why_not

__all__ = ["REASONS", "Owed", "explain", "why_here", "why_not"]

Flags = NDArray[np.bool_]

# Reason codes in the order of the cascade, as people read them.
REASONS = {
    "window": "No time left in its window",
    "at_work": "Not at work",
    "facilitator": "Nobody to lead it",
    "room": "No room",
    "coverage": "The queue can spare nobody",
    "series": "The step before",
    "prerequisite": "First things first",
    "spacing": "Days between sessions",
    "dose": "Learning time a day and a week",
    "one_place": "In other sessions",
    "recovery": "Recovery after an intense session",
    "companions": "Too few others",
    "queue_taken": "What the queue can spare is taken",
    "leaders_taken": "Facilitators are taken",
    "rooms_taken": "Rooms are taken",
    "others_placed": "The others are placed already",
    "competition": "Others came first",
    "stopped": "Drawing was stopped",
}
_LATER_DAYS = 28
# Reasons still looked for after a stop.
_ONCE_STOPPED = 500


@dataclass(frozen=True, slots=True)
class Owed:
    """One need that is not placed: a code of `REASONS`, one sentence, and what was tried and would let it fit."""

    need: int
    code: str
    sentence: str
    would_fit: str = ""


def explain(problem: Problem, plan: Plan, stop: Callable[[], bool] = lambda: False) -> tuple[Owed, ...]:
    """Give a reason for every need that the plan leaves unplaced.

    Once `stop()` is true nothing is tried any more, and after some hundred needs more the rest are only named.
    """
    grid = Grid(Layout(replace(problem, pinned=plan.sessions)))
    original = Grid(grid.lay, booked=False)
    out: list[Owed] = []
    patience = _ONCE_STOPPED
    for need in plan.owed:
        stopped = stop()
        patience -= stopped
        if patience < 0:
            out.append(Owed(need, "stopped", "Drawing was stopped before a place was looked for."))
            continue
        case = _Case(problem, grid, original, need)
        code, sentence = case.reason()
        out.append(Owed(need, code, sentence, "" if stopped else case.would_fit(code)))
    return tuple(out)


class _Case:
    """One owed need, its window, and the starts that pass each filter."""

    def __init__(self, problem: Problem, grid: Grid, empty: Grid, need: int) -> None:
        lay = grid.lay
        self.problem, self.grid, self.empty, self.lay, self.need = problem, grid, empty, lay, need
        self.act = lay.need_act[need]
        self.agent = lay.need_agent[need]
        self.site = lay.agent_site[self.agent]
        self.pool = lay.agent_pool[self.agent]
        self.length, self.rest = lay.length[self.act], lay.recovery[self.act]
        self.first, self.end = lay.first[need], lay.last[need]
        self.group = group_of(grid, need)
        self.activity = problem.activities[self.act]
        self.name = problem.agents[self.agent].label
        self.place: Site = problem.sites[self.site]
        self.left: Flags = np.ones(0, dtype=bool)

    # ---- the cascade

    def reason(self) -> tuple[str, str]:
        """Give the code and the sentence of the first filter that leaves no start."""
        if broken := self._series_first():
            return "series", broken
        if self.first >= self.end:
            return "window", self._closed()
        self.left = np.ones(self.end - self.first, dtype=bool)
        for code, passes, sentence in self._filters():
            if not (self.left & passes).any():
                return code, sentence
            self.left &= passes
        return self._competition(self.left)

    def _filters(self) -> Iterator[tuple[str, Flags, str]]:
        """Give code, starts that pass, and the sentence; `left` holds what the filters before have left."""
        yield "at_work", self._at_work(), f"{self.name} is not at work for {self._hours()} in a row {self._window()}."
        yield "facilitator", self._leadable(), self._no_leader()
        if self.lay.needs_room[self.act]:
            seats = self.lay.gmin[self.act]
            fits = any(self.lay.room_cap[r] >= seats for r in self.lay.rooms_of[self.site])
            passes = np.full(self.end - self.first, fits)
            yield "room", passes, f"{self.place.label} has no room that seats {seats}."
        pool = self.problem.pools[self.pool].label
        passes = self._spared(self.empty) > 0
        yield "coverage", passes, f"{pool} can spare nobody while {self.name} could come, {self._window()}."
        if self.lay.need_series[self.need] >= 0:
            yield from self._series()
        yield from self._person()
        least = self.lay.gmin[self.act]
        if least > 1:
            most = self._companions(self.empty, everybody=True)
            best = int(most[self.left].max(initial=0))
            sentence = f"Too few others can come when {self.name} can: {best} at best, the group needs {least}."
            yield "companions", most >= least, sentence

    def _at_work(self) -> Flags:
        free = runs(self.lay.work_rows[self.agent, self.first : self.end + self.length - 1], self.length)
        return (free > 0) & self.lay.open[self.site][self.first : self.end]

    def _leadable(self) -> Flags:
        return self.lay.ledable[self.act, self.site][self.first : self.end] > 0

    def _no_leader(self) -> str:
        what = self.activity.label
        if not self.lay.facs_for[self.act, self.site]:
            return f"Nobody is qualified to lead {what} at {self.place.label}."
        return f"Nobody who can lead {what} is at work while {self.name} is, {self._window()}."

    def _spared(self, grid: Grid) -> NDArray[np.int16]:
        return pool_seats(grid, self.pool, self.length, self.first, self.end, rest=self.rest)

    def _person(self) -> Iterator[tuple[str, Flags, str]]:
        """Give the filters of the person's own calendar, one rule at a time."""
        grid, lay, width = self.grid, self.lay, self.end - self.first
        ready = [0] * len(lay.need_act)
        first_things = np.ones(width, dtype=bool)
        missing = ""
        for p in lay.before[self.need]:
            ends = [m.end for _, _, m in grid.of[self.agent] if m.act == p]
            first_things[: max(0, min(ends, default=1 << 40) - self.first)] = False
            missing = missing or self.problem.activities[p].label
        yield "prerequisite", first_things, f"{self.name} needs {missing} first."
        gap = lay.gap[lay.kind[self.act]]
        apart = np.ones(width, dtype=bool)
        for start, _, m in grid.of[self.agent]:
            if gap and m.kind == lay.kind[self.act]:
                apart[max(0, start - gap + 1 - self.first) : max(0, start + gap - self.first)] = False
        days = gap // DAY
        yield (
            "spacing",
            apart,
            f"{self.name} has other sessions of this kind nearer than {days} days, {self._window()}.",
        )
        calm = able(grid, [self.need], self.act, self.first, self.end, ready=ready)[0] > 0
        free = runs(grid.free_rows[self.agent, self.first : self.end + self.length - 1], self.length) > 0
        yield "one_place", free, f"{self.name} is in other sessions whenever this could be, {self._window()}."
        rules = self.problem.rules
        limits = f"{rules.day_slots / 2:g} h a day and {rules.week_slots / 2:g} h a week are allowed"
        if lay.any_recovery:
            yield "recovery", self._rested(), f"{self.name} recovers from another session then, {self._window()}."
        yield "dose", calm, f"{self.name} has no learning time left {self._window()}: {limits}."

    def _rested(self) -> Flags:
        """Give the starts that keep clear of recovery gaps, and of a second intense session on a day."""
        grid, lay = self.grid, self.lay
        passes = np.ones(self.end - self.first, dtype=bool)
        for start, _, m in grid.of[self.agent]:
            if m.act < 0:
                continue
            a, b = start - self.length - self.rest + 1, m.end + lay.recovery[m.act]
            passes[max(0, a - self.first) : max(0, b - self.first)] = False
            if self.rest and lay.recovery[m.act] and 0 <= start < lay.slots:
                a, b = lay.day_span[self.site][lay.day_of[self.site][start]]
                passes[max(0, a - self.first) : max(0, b - self.first)] = False
        return passes

    def _series_first(self) -> str:
        """Say that an earlier step is missing, if one is."""
        series = self.lay.need_series[self.need]
        if series < 0:
            return ""
        steps = self.lay.steps.get(series, [])
        if self.need not in steps:
            return "An earlier step of this series is not among the needs."
        before = steps[: steps.index(self.need)]
        if any(self.grid.at[n] is None for n in before):
            return "An earlier step of the series is not placed, and steps keep their order."
        return ""

    def _series(self) -> Iterator[tuple[str, Flags, str]]:
        """Give the filter of the step before: its coach, and the days after it."""
        steps = self.lay.steps[self.lay.need_series[self.need]]
        k = steps.index(self.need)
        before = self.grid.at[steps[k - 1]] if k else None
        if before is None:
            return
        low, high = self.problem.rules.coach_gap_days
        passes = np.zeros(self.end - self.first, dtype=bool)
        a, b = before.start + low * DAY, before.start + high * DAY + 1
        passes[max(0, a - self.first) : max(0, b - self.first)] = True
        coach = "The coach"
        if before.fac >= 0:
            coach = self.problem.facilitators[before.fac].label
            if before.fac in self.lay.facs_for[self.act, self.site]:
                free = runs(self.grid.fac_rows[before.fac, self.first : self.end + self.length - 1], self.length)
                passes &= free > 0
            else:
                passes[:] = False
        sentence = f"{coach} and {self.name} have no common time {low} to {high} days after the step before."
        yield "series", passes, sentence

    def _companions(self, grid: Grid, *, everybody: bool) -> NDArray[np.int64]:
        """Give, per start, how many of the group could come: everybody with a need, or only who waits."""
        lay = self.lay
        needs = [
            n
            for n in lay.members[self.group]
            if lay.first[n] < self.end and lay.last[n] > self.first and (everybody or self.grid.at[n] is None)
        ]
        ready = [0] * len(lay.need_act)
        table = able(grid, needs, self.act, self.first, self.end, ready=ready if everybody else None)
        total = people_seats(grid, needs, table, self.first, self.end, rest=self.rest)
        return np.minimum(total, lay.gmax[self.act])

    def _competition(self, left: Flags) -> tuple[str, str]:
        """Say what the plan as it stands has taken of the starts that all rules leave."""
        grid, lay = self.grid, self.lay
        least, pool = lay.gmin[self.act], self.problem.pools[self.pool].label
        calm = left & (able(grid, [self.need], self.act, self.first, self.end)[0] > 0)
        queue = calm & (self._spared(grid) > 0)
        if least > 1:
            seats = site_seats(grid, self.site, self.length, self.first, self.end, rest=self.rest)
            queue &= seats >= least
        if not queue.any():
            taken = f"What {pool} can spare is taken by other sessions whenever {self.name} could come"
            return "queue_taken", f"{taken}, {self._window()}."
        rooms, self.lay.needs_room[self.act] = self.lay.needs_room[self.act], False
        led = queue & (seat_caps(grid, self.act, self.site, self.first, self.end) >= least)
        self.lay.needs_room[self.act] = rooms
        if not led.any():
            taken = f"Everybody who can lead {self.activity.label} is taken or has led enough"
            return "leaders_taken", f"{taken} whenever {self.name} could come, {self._window()}."
        roomy = led & (seat_caps(grid, self.act, self.site, self.first, self.end) >= least)
        if not roomy.any():
            return "rooms_taken", f"The rooms of {self.place.label} are taken whenever {self.name} could come."
        if least > 1:
            waiting = self._companions(grid, everybody=False)
            best = int(waiting[roomy].max(initial=0))
            if best < least:
                alone = "nobody else waits" if best <= 1 else f"{best - 1} more {'waits' if best == 2 else 'wait'}"  # noqa: PLR2004
                return "others_placed", f"The others have their sessions; {alone}, and the group needs {least}."
        return "competition", f"Other sessions came first in every start that {self.name} could take."

    # ---- what would let it fit

    def would_fit(self, code: str) -> str:
        """Try, on the plan as it stands, the few changes that could help; empty when none does."""
        if self.first >= self.end:
            return ""
        if code in ("companions", "others_placed", "competition", "queue_taken") and (fit := self._smaller()):
            return fit
        if code in ("coverage", "queue_taken") and (fit := self._one_fewer()):
            return fit
        if code not in ("facilitator", "room", "series", "prerequisite"):
            return self._later()
        return ""

    def _smaller(self) -> str:
        """Try a smaller group of those who wait."""
        least = self.lay.gmin[self.act]
        if least == 1:
            return ""
        can = able(self.grid, [self.need], self.act, self.first, self.end)[0] > 0
        can &= seat_caps(self.grid, self.act, self.site, self.first, self.end) > 0
        can &= self._spared(self.grid) > 0
        if not can.any():
            return ""
        waiting = self._companions(self.grid, everybody=False)
        best = int(waiting[can].max(initial=0))
        if not 0 < best < least:
            return ""
        start = self.first + int(np.flatnonzero(can & (waiting == best))[0])
        when = say_slot(self.problem, self.place, start)
        return f"Would fit with a group of {best} instead of {least}, {when}."

    def _one_fewer(self) -> str:
        """Try a requirement lower by one at a single start."""
        can = able(self.grid, [self.need], self.act, self.first, self.end)[0] > 0
        can &= seat_caps(self.grid, self.act, self.site, self.first, self.end) >= self.lay.gmin[self.act]
        rows = self.grid.spare_rows[self.pool]
        others = self._companions(self.grid, everybody=False) if self.lay.gmin[self.act] > 1 else None
        for column in np.flatnonzero(can).tolist():
            start = self.first + column
            lacking = 1 - int(rows[start : start + self.length].min())
            enough = others is None or int(others[column]) + 1 >= self.lay.gmin[self.act]
            if lacking == 1 and enough:
                when = say_slot(self.problem, self.place, start)
                return f"Would fit if {self.problem.pools[self.pool].label} needed 1 fewer, {when}."
        return ""

    def _later(self) -> str:
        """Try the weeks after the window."""
        lay, need = self.lay, self.need
        old = self.first, self.end
        limit = min(self.end + _LATER_DAYS * DAY, lay.slots - self.length + 1)
        if limit <= self.end:
            return ""
        self.first, self.end = self.end, limit
        kept = lay.first[need], lay.last[need]
        lay.first[need], lay.last[need] = self.first, self.end
        try:
            can = able(self.grid, [need], self.act, self.first, self.end)[0] > 0
            can &= seat_caps(self.grid, self.act, self.site, self.first, self.end) >= lay.gmin[self.act]
            can &= self._spared(self.grid) > 0
            if lay.gmin[self.act] > 1 and can.any():
                can &= self._companions(self.grid, everybody=False) >= lay.gmin[self.act]
            if lay.need_series[need] >= 0 or not can.any():
                return self._joins(limit)
            return f"Would fit from {say_slot(self.problem, self.place, self.first + int(can.argmax()))}."
        finally:
            lay.first[need], lay.last[need] = kept
            self.first, self.end = old

    def _joins(self, limit: int) -> str:
        """Try the open seats of later sessions of the group."""
        if self.lay.need_series[self.need] >= 0:
            return ""
        for m in sorted(self.grid.meetings_near(*self.group, self.first, limit), key=lambda m: m.start):
            if self.grid.seats_left(m) > 0 and self.grid.fits(self.need, m.start):
                return f"Would fit in the session of {say_slot(self.problem, self.place, m.start)}."
        return ""

    # ---- words

    def _hours(self) -> str:
        minutes = self.length * 30
        return f"{minutes} minutes" if minutes < 60 else f"{minutes / 60:g} h"  # noqa: PLR2004 -- an hour

    def _window(self) -> str:
        first = say_day(self.problem, self.place, self.first)
        last = say_day(self.problem, self.place, max(self.first, self.end - 1))
        return f"from {first} to {last}" if first != last else f"on {first}"

    def _closed(self) -> str:
        need = self.problem.needs[self.need]
        if need.earliest >= self.problem.slots:
            return "Its window begins after the planned weeks."
        if need.latest <= self.problem.frozen_until:
            day = say_day(self.problem, self.place, need.latest - 1)
            return f"Its window closed on {day}, before anything new may start."
        return "Its window is too short for the session."
