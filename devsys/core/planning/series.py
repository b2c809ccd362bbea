"""Coaching series placed whole, coach by coach, by dynamic programming over the starts of each step.

V_k(t) = v_k(t) + max(0, max V_{k+1}[t + lo .. t + hi]): the best a series can still give when step k starts at t.
A step counts only when all before it stand, so what is chosen is always a beginning of the series.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.masks import able, pool_seats, runs
from devsys.core.planning.problem import DAY, WEEK

Values = NDArray[np.int32]
_NEVER = np.int32(-(10**8))
_TRIES = 6
# The wishes in their order: one step more outweighs all that are late for it, a late step all times wished for.
_PROMPT, _LATE, _WISHED, _EARLY = 10_000, 9_900, 8, 4


def windowed_max(values: Values, low: int, high: int) -> Values:
    """Give for each place the largest value `low` to `high` places ahead; below all values where there is none."""
    n = len(values)
    padded = np.concatenate([values, np.full(high + 1, _NEVER, dtype=np.int32)])
    width = high - low + 1
    have, out = 1, padded
    while have < width:
        step = min(have, width - have)
        out = np.maximum(out[: len(out) - step], out[step:])
        have += step
    return out[low : low + n]


def place_series(grid: Grid, tick: Callable[[], bool]) -> None:
    """Place every series that is not complete, the one that starts first before the others."""
    lay = grid.lay
    order = sorted(lay.steps, key=lambda s: (lay.first[lay.steps[s][0]], s))
    for s in order:
        if any(grid.at[n] is None for n in lay.steps[s]):
            improve_series(grid, s)
        if tick():
            return


def improve_series(grid: Grid, series: int) -> bool:
    """Plan one series anew; the old state comes back unless that gained worth."""
    if not may_lift(grid, series):
        return False
    before, mark = grid.worth, len(grid.journal)
    lift_series(grid, series)
    chain = Chain(grid, series)
    if chain.open and chain.place() and grid.worth > before:
        return True
    grid.undo(mark)
    return False


def may_lift(grid: Grid, series: int) -> bool:
    """Say whether a series is one to one and nothing that others wait for stands in it."""
    lay = grid.lay
    return all(
        lay.gmin[lay.need_act[n]] == 1 and (grid.at[n] is None or not lay.is_gate[lay.need_act[n]])
        for n in lay.steps[series]
    )


def lift_series(grid: Grid, series: int) -> None:
    """Take out the steps of a series that are not pinned."""
    for n in grid.lay.steps[series]:
        m = grid.at[n]
        if m is not None and not m.pinned:
            grid.close_meeting(m)


def most_steps(grid: Grid, series: int, ready: Sequence[int]) -> tuple[int, int]:
    """Give the most steps on time, and at all, beyond those that stand: one coach, all else as it is."""
    chain = Chain(grid, series, ready)
    waiting = sum(grid.at[n] is None for n in grid.lay.steps[series])
    if chain.holes or any(grid.lay.gmin[grid.lay.need_act[n]] > 1 for n in chain.steps):
        return waiting, waiting
    if not chain.open:
        return 0, 0
    starts = np.arange(chain.first, chain.end)
    own = chain.own
    found = []
    for prompt, late in ((_PROMPT, 1), (1, 1)):
        chain.own = [
            np.where(line <= 0, _NEVER, np.where(starts < grid.lay.due[n], prompt, late)).astype(np.int32)
            for n, line in zip(chain.steps, own, strict=True)
        ]
        values = [chain.best(coach) for coach in chain.coaches()]
        found.append(max((v[0] // prompt for v in values if v is not None), default=0))
    return found[0], found[1]


class Chain:
    """The steps of a series that are still to be placed, after those that stand.

    `open` is False when nothing can be placed: all stand, or a step stands without one before it (`holes`).
    """

    def __init__(self, grid: Grid, series: int, ready: Sequence[int] | None = None) -> None:
        self.grid = grid
        self.series = series
        lay = grid.lay
        every = lay.steps[series]
        standing = [m for n in every if (m := grid.at[n]) is not None]
        self.steps = every[len(standing) :]
        self.after = standing[-1] if standing else None
        self.low, self.high = (d * DAY for d in lay.problem.rules.coach_gap_days)
        self.holes = any(grid.at[n] is not None for n in self.steps)
        windows = [(lay.first[n], lay.last[n]) for n in self.steps]
        self.first = min((a for a, _ in windows), default=0)
        self.end = max((b for _, b in windows), default=0)
        self.open = bool(self.steps) and not self.holes and self.first < self.end
        self.own: list[Values] = [self._own(n, ready) for n in self.steps] if self.open else []
        if self.after is not None and self.open:
            earliest, latest = self.after.start + self.low, self.after.start + self.high
            self.own[0][: max(0, earliest - self.first)] = _NEVER
            self.own[0][max(0, latest + 1 - self.first) :] = _NEVER

    def _own(self, need: int, ready: Sequence[int] | None) -> Values:
        """Give the worth of each start for the person alone; below zero where it cannot be."""
        grid, lay, first = self.grid, self.grid.lay, self.first
        act, agent = lay.need_act[need], lay.need_agent[need]
        length, site = lay.length[act], lay.agent_site[agent]
        worth = np.full(self.end - first, _NEVER, dtype=np.int32)
        a, b = lay.first[need], lay.last[need]
        if a >= b:
            return worth
        can = able(grid, [need], act, a, b, ready=ready)[0].astype(bool)
        can &= pool_seats(grid, lay.agent_pool[agent], length, a, b) > 0
        starts = np.arange(a, b)
        value = np.where(starts < lay.due[need], _PROMPT, _LATE).astype(np.int32)
        value += (starts - a < 7 * DAY) * _EARLY
        clock, weekday = lay.clock[site][a:b], lay.weekday[site][a:b]
        for day, low, high in lay.problem.series[self.series].pref:
            value[(weekday == day) & (clock >= low) & (clock < high)] += _WISHED
        worth[a - first : b - first] = np.where(can, value, _NEVER)
        return worth

    def coaches(self) -> list[int]:
        """Give who may lead: the coach of the steps that stand, else all who can lead the first step."""
        lay = self.grid.lay
        site = lay.agent_site[lay.need_agent[self.steps[0]]]
        if self.after is not None:
            return [self.after.fac] if self.after.fac >= 0 else []
        sets = [set(lay.facs_for[lay.need_act[n], site]) for n in self.steps]
        # A coach who cannot take the later steps still serves better than none: the first step decides.
        return sorted(sets[0], key=lambda f: (-sum(f in s for s in sets), f))

    def place(self) -> bool:
        """Book the best beginning of the series with one coach; True if anything was booked."""
        ranked = []
        for coach in self.coaches():
            choice = self.best(coach)
            if choice is not None:
                ranked.append((-choice[0], self.grid.fac_total[coach], coach))
        return any(self._try_coach(coach) for _, _, coach in sorted(ranked))

    def best(self, coach: int) -> tuple[int, list[int]] | None:
        """Give the worth of the best beginning with this coach, and its starts; None if nothing fits."""
        tables: list[Values] = []
        after: Values | None = None
        for need, own in zip(reversed(self.steps), reversed(self.own), strict=True):
            value = np.where(self._led(need, coach), own, _NEVER).astype(np.int32)
            if after is not None:
                value = value + np.maximum(0, windowed_max(after, self.low, self.high))
            tables.append(value)
            after = value
        tables.reverse()
        starts: list[int] = []
        a, b = 0, self.end - self.first
        for value in tables:
            if a >= b:
                break
            at = a + int(value[a:b].argmax())
            if value[at] <= 0:
                break
            starts.append(self.first + at)
            a, b = at + self.low, min(self.end - self.first, at + self.high + 1)
        return (int(tables[0].max()), starts) if starts else None

    def _led(self, need: int, coach: int) -> NDArray[np.bool_]:
        """Give where the coach is at work, free and below the weekly limit, with a room where one is needed."""
        grid, lay, first, end = self.grid, self.grid.lay, self.first, self.end
        act = lay.need_act[need]
        length, site = lay.length[act], lay.agent_site[lay.need_agent[need]]
        out = np.zeros(end - first, dtype=bool)
        limit = min(end, lay.slots - length + 1)
        if coach not in lay.facs_for[act, site] or limit <= first:
            return out
        out[: limit - first] = runs(grid.fac_rows[coach, first : limit + length - 1], length)
        for week in range(first // WEEK, (limit - 1) // WEEK + 1):
            if grid.fac_week[coach * lay.weeks + week] + length > lay.weekly[coach]:
                out[max(0, week * WEEK - first) : max(0, (week + 1) * WEEK - first)] = False
        if lay.needs_room[act]:
            rooms = np.zeros(limit - first, dtype=np.uint8)
            for room in lay.rooms_of[site]:
                if lay.room_cap[room] > 0:
                    rooms |= runs(grid.room_rows[room, first : limit + length - 1], length)
            out[: limit - first] &= rooms.astype(bool)
        return out

    def _try_coach(self, coach: int) -> bool:
        """Book the best starts with this coach; a start that a further rule forbids is struck out."""
        kept = [own.copy() for own in self.own]
        mark = len(self.grid.journal)
        done = False
        for _ in range(_TRIES):
            choice = self.best(coach)
            if choice is None:
                break
            bad = -1
            for k, (need, start) in enumerate(zip(self.steps, choice[1], strict=False)):
                if self._seat(need, start, coach) is None:
                    bad = k
                    break
            if bad < 0:
                done = True
                break
            self.grid.undo(mark)
            self.own[bad][choice[1][bad] - self.first] = _NEVER
        self.own = kept
        return done

    def _seat(self, need: int, start: int, coach: int) -> Meeting | None:
        grid, lay = self.grid, self.grid.lay
        act, agent, room = lay.need_act[need], lay.need_agent[need], -1
        site = lay.agent_site[agent]
        if not grid.fits(need, start):
            return None
        if lay.needs_room[act]:
            room = grid.find_room(act, site, start, 1)
            if room < 0:
                return None
        if not grid.fac_fits(coach, lay.length[act], start, room):
            return None
        team = lay.agent_team[agent] if lay.same_team[act] else -1
        meeting = grid.open_meeting(act, start, site=site, team=team, fac=coach, room=room)
        grid.sit(meeting, need)
        return meeting
