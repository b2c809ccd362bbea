"""Coaching series placed whole, coach by coach, by dynamic programming over the starts of each step.

V_k(t) = v_k(t) + max(0, max V_{k+1}[t + lo .. t + hi]): the best a series can still give when step k starts at t.
A step counts only when all before it stand, so what is chosen is always a beginning of the series.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.masks import able, pool_seats, runs
from devsys.core.planning.problem import DAY

Values = NDArray[np.int32]
_NEVER = np.int32(-(10**8))
_TRIES = 6
_PROMPT, _LATE, _WISHED, _EARLY = 1000, 300, 8, 4


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
    """Plan one series anew; the old state comes back unless more of it is placed, or more of it on time."""
    lay = grid.lay
    steps = lay.steps[series]
    if [lay.problem.needs[n].k for n in steps] != list(range(len(steps))):
        return False
    if any(lay.gmin[lay.need_act[n]] > 1 for n in steps):
        return False
    before = grid.worth
    mark = len(grid.journal)
    for n in steps:
        m = grid.at[n]
        if m is not None and not m.pinned and len(m.att) == 1:
            grid.close_meeting(m)
    if _plan(grid, series, steps) and grid.worth > before:
        return True
    grid.undo(mark)
    return False


def _book(grid: Grid, need: int, start: int, fac: int, room: int) -> Meeting:
    lay = grid.lay
    agent, act = lay.need_agent[need], lay.need_act[need]
    team = lay.agent_team[agent] if lay.same_team[act] else -1
    meeting = grid.open_meeting(act, start, lay.agent_site[agent], team, fac, room)
    grid.sit(meeting, need)
    return meeting


def most_on_time(grid: Grid, series: int, ready: Sequence[int]) -> int:
    """Give the most steps, not counting pinned ones, that could be on time with one coach as the grid stands."""
    lay = grid.lay
    steps = lay.steps[series]
    fixed = {n: m for n in steps if (m := grid.at[n]) is not None}
    first, end = _window(grid, steps, fixed)
    if first >= end:
        return 0
    mine: list[Values | None] = []
    for n in steps:
        own = None
        if n not in fixed:
            own = _own(grid, series, n, first, end, ready)
            starts = np.arange(first, end)
            own = np.where(own <= 0, _NEVER, np.where(starts < lay.due[n], 1000, 1)).astype(np.int32)
        mine.append(own)
    best = 0
    for coach in _coaches(grid, steps, fixed):
        choice = _best(grid, steps, mine, fixed, coach, first, end)
        if choice is not None:
            best = max(best, choice[0] % (100 * _PROMPT) // 1000)
    return best


def _window(grid: Grid, steps: Sequence[int], fixed: dict[int, Meeting]) -> tuple[int, int]:
    lay = grid.lay
    first = min(lay.first[n] for n in steps)
    end = max(lay.last[n] for n in steps)
    if fixed:
        first = min(first, *(max(0, m.start) for m in fixed.values()))
        end = max(end, *(m.start + 1 for m in fixed.values()))
    return first, end


def _plan(grid: Grid, series: int, steps: Sequence[int]) -> bool:
    """Book the best beginning of a series with one coach; True if anything was booked."""
    fixed = {n: m for n in steps if (m := grid.at[n]) is not None}
    first, end = _window(grid, steps, fixed)
    if first >= end:
        return False
    mine = [None if n in fixed else _own(grid, series, n, first, end) for n in steps]
    coaches = _coaches(grid, steps, fixed)
    ranked = []
    for coach in coaches:
        choice = _best(grid, steps, mine, fixed, coach, first, end)
        if choice is not None:
            ranked.append((-choice[0], grid.fac_total[coach], coach))
    for _, _, coach in sorted(ranked):
        if _try_coach(grid, steps, mine, fixed, coach, first, end):
            return True
    return False


def _coaches(grid: Grid, steps: Sequence[int], fixed: dict[int, Meeting]) -> list[int]:
    lay = grid.lay
    held = {m.fac for m in fixed.values()}
    site = lay.agent_site[lay.need_agent[steps[0]]]
    if held:
        return [f for f in held if f >= 0] if len(held) == 1 else []
    sets = [set(lay.facs_for[lay.need_act[n], site]) for n in steps]
    # A coach who cannot take the later steps still serves better than none: the first step decides.
    return sorted(sets[0], key=lambda f: (-sum(f in s for s in sets), f))


def _own(grid: Grid, series: int, need: int, first: int, end: int, ready: Sequence[int] | None = None) -> Values:
    """Give the worth of each start for the person alone; below zero where it cannot be."""
    lay = grid.lay
    act, agent = lay.need_act[need], lay.need_agent[need]
    length, site = lay.length[act], lay.agent_site[agent]
    worth = np.full(end - first, _NEVER, dtype=np.int32)
    a, b = lay.first[need], lay.last[need]
    if a >= b:
        return worth
    can = able(grid, [need], act, a, b, ready=ready)[0].astype(bool)
    can &= pool_seats(grid, lay.agent_pool[agent], length, a, b) > 0
    starts = np.arange(a, b)
    value = np.where(starts < lay.due[need], _PROMPT, _LATE).astype(np.int32)
    value += (starts - a < 7 * DAY) * _EARLY
    days = np.array(lay.day_of[site][a:b]) + lay.day_base[site]
    place = lay.problem.sites[site]
    clock = np.array([place.minute_of(t) // 30 for t in range(a, b)]) if lay.problem.series[series].pref else None
    for weekday, low, high in lay.problem.series[series].pref:
        if clock is not None:
            wished = (days % 7 == weekday) & (clock >= low) & (clock < high)
            value[wished] += _WISHED
    worth[a - first : b - first] = np.where(can, value, _NEVER)
    return worth


def _led(grid: Grid, need: int, coach: int, first: int, end: int) -> NDArray[np.bool_]:
    """Give where the coach is at work, free and below the weekly limit, with a room where one is needed."""
    lay = grid.lay
    act = lay.need_act[need]
    length, site = lay.length[act], lay.agent_site[lay.need_agent[need]]
    out = np.zeros(end - first, dtype=bool)
    if coach not in lay.facs_for[act, site]:
        return out
    limit = min(end, lay.slots - length + 1)
    free = runs(grid.fac_rows[coach, first : limit + length - 1], length)
    out[: limit - first] = free.astype(bool)
    for week in range(first // 336, (end - 1) // 336 + 1):
        if week < lay.weeks and grid.fac_week[coach * lay.weeks + week] + length > lay.weekly[coach]:
            out[max(0, week * 336 - first) : max(0, (week + 1) * 336 - first)] = False
    if lay.needs_room[act]:
        rooms = np.zeros(limit - first, dtype=np.uint8)
        for room in lay.rooms_of[site]:
            rooms |= runs(grid.room_rows[room, first : limit + length - 1], length)
        out[: limit - first] &= rooms.astype(bool)
    return out


def _best(
    grid: Grid,
    steps: Sequence[int],
    mine: Sequence[Values | None],
    fixed: dict[int, Meeting],
    coach: int,
    first: int,
    end: int,
) -> tuple[int, list[int]] | None:
    """Give the value of the best beginning of a series with this coach and its starts; None if nothing fits."""
    low, high = (d * DAY for d in grid.lay.problem.rules.coach_gap_days)
    tables: list[Values] = []
    after: Values | None = None
    for need, own in zip(reversed(steps), reversed(mine), strict=True):
        if own is None:
            value = np.full(end - first, _NEVER, dtype=np.int32)
            if fixed[need].start >= first:
                value[fixed[need].start - first] = 100 * _PROMPT
        else:
            value = np.where(_led(grid, need, coach, first, end), own, _NEVER).astype(np.int32)
        if after is not None:
            value = value + np.maximum(0, windowed_max(after, low, high))
        tables.append(value)
        after = value
    tables.reverse()
    starts: list[int] = []
    a, b = 0, end - first
    for value in tables:
        if a >= b:
            break
        at = a + int(value[a:b].argmax())
        if value[at] <= 0:
            break
        starts.append(first + at)
        a, b = at + low, min(end - first, at + high + 1)
    if not starts:
        return None
    return int(tables[0].max()), starts


def _try_coach(
    grid: Grid,
    steps: Sequence[int],
    mine: list[Values | None],
    fixed: dict[int, Meeting],
    coach: int,
    first: int,
    end: int,
) -> bool:
    """Book the best starts with this coach; a start that a further rule forbids is struck out and all tried anew."""
    mine = [None if own is None else own.copy() for own in mine]
    for _ in range(_TRIES):
        choice = _best(grid, steps, mine, fixed, coach, first, end)
        if choice is None:
            return False
        booked: list[Meeting] = []
        bad = -1
        for k, (need, start) in enumerate(zip(steps, choice[1], strict=False)):
            if need in fixed:
                continue
            meeting = _seat(grid, need, start, coach)
            if meeting is None:
                bad = k
                break
            booked.append(meeting)
        own = mine[bad] if bad >= 0 else None
        if own is None:
            return bool(booked)
        for meeting in booked:
            grid.close_meeting(meeting)
        own[choice[1][bad] - first] = _NEVER
    return False


def _seat(grid: Grid, need: int, start: int, coach: int) -> Meeting | None:
    lay = grid.lay
    act, room = lay.need_act[need], -1
    if not grid.fits(need, start):
        return None
    if lay.needs_room[act]:
        room = grid.find_room(act, lay.agent_site[lay.need_agent[need]], start, 1)
        if room < 0:
            return None
    if not grid.fac_fits(coach, lay.length[act], start, room):
        return None
    return _book(grid, need, start, coach, room)
