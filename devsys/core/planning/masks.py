"""Who could start when, as arrays: people x starts. They propose; `Grid.fits` decides each seat."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.problem import WEEK

Flags = NDArray[np.bool_]
Counts = NDArray[np.int16]


def runs(marks: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    """Give 1 where `length` marks in a row begin (along the last axis, which gets `length` - 1 shorter)."""
    width = marks.shape[-1] - length + 1
    if length == 1:
        return marks
    have, out = 1, marks
    while have < length:
        step = min(have, length - have)
        out = out[..., : out.shape[-1] - step] & out[..., step:]
        have += step
    return out[..., :width]


def lows(values: NDArray[np.int16], length: int) -> Counts:
    """Give the least of `length` values in a row from each place (along the last axis)."""
    have, out = 1, values
    while have < length:
        step = min(have, length - have)
        out = np.minimum(out[..., : out.shape[-1] - step], out[..., step:])
        have += step
    return out


def able(
    grid: Grid,
    needs: Sequence[int],
    act: int,
    first: int,
    end: int,
    *,
    prompt: bool = False,
    skip: Mapping[int, Meeting] | None = None,
    ready: Sequence[int] | Mapping[int, int] | None = None,
) -> NDArray[np.uint8]:
    """Give 1 where the need of a row may start at the column's slot (`first` + column), queue and room aside.

    All needs are of activity `act`. `prompt` keeps to starts that are on time. A need in `skip` is judged as if
    its meeting there did not exist, but for the slots it takes. `ready` gives per need the slot from which its
    prerequisites are taken as met; without it they are looked up among the meetings.
    """
    lay = grid.lay
    length = lay.length[act]
    people = [lay.need_agent[n] for n in needs]
    free = grid.free_rows[:, first : end + length - 1]
    out = runs(free[people] if len(people) > 1 else free[people[0]][None], length)
    out = out & lay.open[lay.agent_site[people[0]]][first:end].view(np.uint8)
    if length > min(grid.day_limit, grid.week_limit):
        out[:] = 0
    bounds = lay.prompt if prompt else lay.last
    width = end - first
    for row, need in enumerate(needs):
        a, b = lay.first[need] - first, bounds[need] - first
        if a > 0:
            out[row, :a] = 0
        if b < width:
            out[row, max(b, 0) :] = 0
        if ready is not None:
            if ready[need] > first:
                out[row, : ready[need] - first] = 0
        elif lay.before[need]:
            _first_things(grid, out[row], need, first)
    kept = _kept(needs, skip)
    _space(grid, out, (people, lay.kind[act], first), kept)
    _dose(grid, out, (people, length, first), kept)
    if lay.any_recovery:
        for row, need in enumerate(needs):
            _rest(grid, out[row], need, first, kept.get(row))
    return out


def _kept(needs: Sequence[int], skip: Mapping[int, Meeting] | None) -> dict[int, Meeting]:
    """Give the meeting that is overlooked, by row."""
    return {row: skip[n] for row, n in enumerate(needs) if n in skip} if skip else {}


def _space(
    grid: Grid, out: NDArray[np.uint8], asked: tuple[Sequence[int], int, int], kept: Mapping[int, Meeting]
) -> None:
    """Clear the starts too near to another session of the kind; `asked` are people, kind and first slot."""
    people, kind, first = asked
    gap = grid.lay.gap[kind]
    if not gap:
        return
    end = first + out.shape[1]
    for row, agent in enumerate(people):
        starts = grid.starts[agent * grid.kinds + kind]
        if not starts or starts[-1] <= first - gap:
            continue
        but = kept.get(row)
        spared = but is not None and but.kind == kind
        for start in starts[bisect_right(starts, first - gap) :]:
            if start >= end + gap:
                break
            if spared and but is not None and start == but.start:
                spared = False
                continue
            out[row, max(0, start - gap + 1 - first) : max(0, start + gap - first)] = 0


def _dose(
    grid: Grid, out: NDArray[np.uint8], asked: tuple[Sequence[int], int, int], kept: Mapping[int, Meeting]
) -> None:
    """Clear the weeks and days too full for a session more; `asked` are people, its length and the first slot."""
    people, length, first = asked
    lay = grid.lay
    end, site = first + out.shape[1], lay.agent_site[people[0]]
    a, b = first // WEEK, (end - 1) // WEEK + 1
    full = grid.week_rows[:, a:b][people] > grid.week_limit - length
    if full.any():
        for row, week in np.argwhere(full).tolist():
            but = kept.get(row)
            if but is not None and but.start // WEEK == a + week:
                used = grid.week_used[people[row] * lay.weeks + a + week] - (but.end - but.start)
                if used + length <= grid.week_limit:
                    continue
            out[row, max(0, (a + week) * WEEK - first) : max(0, (a + week + 1) * WEEK - first)] = 0
    day_of = lay.day_of[site]
    a, b = day_of[first], day_of[end - 1] + 1
    full = grid.day_rows[:, a:b][people] > grid.day_limit - length
    if full.any():
        for row, day in np.argwhere(full).tolist():
            but = kept.get(row)
            if but is not None and 0 <= but.start < lay.slots and day_of[but.start] == a + day:
                used = grid.day_used[people[row] * lay.days + a + day] - (but.end - but.start)
                if used + length <= grid.day_limit:
                    continue
            low, high = lay.day_span[site][a + day]
            out[row, max(0, low - first) : max(0, high - first)] = 0


def _rest(grid: Grid, line: NDArray[np.uint8], need: int, first: int, but: Meeting | None) -> None:
    """Clear the starts that reach into the rest after another session, or whose own rest reaches into one."""
    lay = grid.lay
    act, agent = lay.need_act[need], lay.need_agent[need]
    length, site = lay.length[act], lay.agent_site[agent]
    for start, _, m in grid.of[agent]:
        if m is but or m.act < 0 or not 0 <= start < lay.slots:
            continue
        if lay.recovery[act] and lay.recovery[m.act]:
            a, b = lay.day_span[site][lay.day_of[site][start]]
            line[max(0, a - first) : max(0, b - first)] = 0
        a, b = m.start - length - lay.recovery[act] + 1, m.end + lay.recovery[m.act]
        line[max(0, a - first) : max(0, b - first)] = 0


def _first_things(grid: Grid, line: NDArray[np.uint8], need: int, first: int) -> None:
    lay = grid.lay
    ready = 0
    for p in lay.before[need]:
        ends = [m.end for _, _, m in grid.of[lay.need_agent[need]] if m.act == p]
        if not ends:
            line[:] = 0
            return
        ready = max(ready, min(ends))
    line[: max(0, ready - first)] = 0


def seat_caps(grid: Grid, act: int, site: int, first: int, end: int) -> Counts:
    """Give the most people one meeting may seat at each start: 0 where no facilitator or no room is free."""
    lay = grid.lay
    length = lay.length[act]
    facs = lay.facs_for[act, site]
    if not facs:
        return np.zeros(end - first, dtype=np.int16)
    led = runs(grid.fac_rows[:, first : end + length - 1][facs], length)
    for row, fac in enumerate(facs):
        for week in range(first // WEEK, (end - 1) // WEEK + 1):
            if grid.fac_week[fac * lay.weeks + week] + length > lay.weekly[fac]:
                if led.base is not None or not led.flags.writeable:
                    led = led.copy()
                led[row, max(0, week * WEEK - first) : max(0, (week + 1) * WEEK - first)] = 0
    caps = np.where(led.any(axis=0), np.int16(lay.gmax[act]), np.int16(0))
    caps[~lay.open[site][first:end]] = 0
    if lay.needs_room[act]:
        caps = np.minimum(caps, _room_caps(grid, site, length, first, end))
    return caps


def _room_caps(grid: Grid, site: int, length: int, first: int, end: int) -> Counts:
    lay = grid.lay
    out = np.zeros(end - first, dtype=np.int16)
    for room in lay.rooms_of[site]:
        free = runs(grid.room_rows[room, first : end + length - 1], length)
        np.maximum(out, free * np.int16(min(lay.room_cap[room], 10_000)), out=out)
    return out


def pool_seats(grid: Grid, pool: int, length: int, first: int, end: int, *, rest: int = 0) -> Counts:
    """Give how many people of a pool may leave the queue at each start for `length` slots and a `rest` after them.

    For the rest this is careful: slots in which nobody of the pool is at work do not count, all others do.
    """
    seats = lows(grid.spare_rows[pool, first : end + length - 1], length)
    if rest:
        tail = grid.spare_rows[pool, first + length : min(end + length + rest - 1, grid.lay.slots)]
        tail = np.where(grid.lay.rostered[pool, first + length : first + length + len(tail)] > 0, tail, 30_000)
        missing = end - first + rest - 1 - len(tail)
        tail = np.concatenate([tail, np.full(missing, 30_000)]).astype(np.int16)
        seats = np.minimum(seats, lows(tail, rest))
    return np.maximum(seats, 0)


def site_seats(grid: Grid, site: int, length: int, first: int, end: int, *, rest: int = 0) -> Counts:
    """Give how many people of all pools of a site may leave their queues at each start."""
    total = np.zeros(end - first, dtype=np.int32)
    for pool in grid.lay.pools_of[site]:
        total += pool_seats(grid, pool, length, first, end, rest=rest)
    return np.minimum(total, 30_000).astype(np.int16)


def people_seats(
    grid: Grid, needs: Sequence[int], table: NDArray[np.uint8], first: int, end: int, *, rest: int = 0
) -> NDArray[np.int64]:
    """Give how many people of `needs` one meeting could seat at each start: each person once, queues respected.

    `table` is what `able` gives for the needs, all of one activity; `rest` as for `pool_seats`.
    """
    lay = grid.lay
    length = lay.length[lay.need_act[needs[0]]]
    rows: dict[int, list[int]] = {}
    for i, n in enumerate(needs):
        rows.setdefault(lay.need_agent[n], []).append(i)
    mine: dict[int, list[NDArray[np.uint8]]] = {}
    for agent, places in rows.items():
        line = table[places[0]] if len(places) == 1 else table[places].max(axis=0)
        mine.setdefault(lay.agent_pool[agent], []).append(line)
    total = np.zeros(end - first, dtype=np.int64)
    for pool, lines in mine.items():
        count = np.sum(lines, axis=0, dtype=np.int64)
        total += np.minimum(count, pool_seats(grid, pool, length, first, end, rest=rest))
    return total
