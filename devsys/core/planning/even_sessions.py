"""Moves of whole sessions: to a better start, to another facilitator, into others; kept only as a gain."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.even_people import hours_change
from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.improve import group_of
from devsys.core.planning.masks import able, pool_seats, seat_caps
from devsys.core.planning.problem import DAY, WEEK, Span
from devsys.core.planning.tally import BITS, KINDS, Tally

_STARTS = 4  # starts tried for one session, the best first
_REACH = WEEK  # how far a session is moved, either way
# A start's cost is one number: a day late outweighs all hours, hours outweigh all queues, queues outweigh a wish.
_DAYS, _HOURS, _TIGHT = 1 << 52, 1 << 30, 2


def shift(tally: Tally, m: Meeting) -> bool:
    """Give a session another start near its own: less late, evener in its hours, at a less scarce time."""
    grid = tally.grid
    window = _window(tally, m)
    if window is None:
        return False
    first, end = window
    costs = _costs(tally, m, first, end)
    better = costs < costs[m.start - first]
    lay, site = grid.lay, grid.lay.agent_site[grid.lay.need_agent[m.att[0]]]
    better &= lay.open[site][first:end] & (lay.ledable[m.act, site][first:end] > 0)
    if not better.any():
        return False
    needs, mark = list(m.att), len(grid.journal)
    grid.close_meeting(m)
    better &= _possible(grid, m, needs, first, end)
    columns = np.flatnonzero(better)
    order = columns[np.argsort(costs[columns], kind="stable")[:_STARTS]]
    for start in (order + first).tolist():
        after = len(grid.journal)
        if _hold(tally, m, needs, start):
            return tally.judge(mark)
        grid.undo(after)
    grid.undo(mark)
    return False


def hope(tally: Tally, m: Meeting) -> tuple[int, float, int]:
    """Give about what another start could gain at most: days late, unevenness of hours, scarcity.

    A coaching step outside the times wished for counts as one more of scarcity.
    """
    lay = tally.grid.lay
    days = sum(tally.days_late(n, m.start) for n in m.att)
    tight = sum(tally.seat_cost(lay.need_agent[n], m.act, m.start) for n in m.att)
    wishes = bool(tally.wishes_of(m.att[0]))
    suits = wishes and tally.suits(m.att[0], m.start)
    bits = BITS[0 if suits else tally.flags[lay.agent_site[lay.need_agent[m.att[0]]]][m.start]]
    hours = sum(tally.hours.cost_of(lay.need_agent[n] * KINDS + i, -1) for n in m.att for i in bits)
    return days, max(0.0, -hours), tight + (wishes and not suits)


def _window(tally: Tally, m: Meeting) -> Span | None:
    """Give the starts a session may have for its needs, its series and what waits for it; None when it must stay."""
    grid, lay = tally.grid, tally.grid.lay
    if m.pinned:
        return None
    first, end = m.start - _REACH, m.start + _REACH
    for n in m.att:
        first = max(first, lay.first[n])
        # Who is on time stays so; who is late comes no later than now.
        end = min(end, lay.prompt[n] if m.start < lay.due[n] else m.start + 1)
    if lay.is_gate[m.act]:
        end = min(end, m.start + 1)
    if lay.need_series[m.att[0]] >= 0:
        first, end = _between(grid, m, first, end)
    return (first, end) if first <= m.start < end and end - first > 1 else None


def _between(grid: Grid, m: Meeting, first: int, end: int) -> Span:
    """Narrow a window to the days that a step of a series keeps from the steps beside it."""
    lay = grid.lay
    steps = lay.steps[lay.need_series[m.att[0]]]
    k = steps.index(m.att[0])
    low, high = (days * DAY for days in lay.problem.rules.coach_gap_days)
    before = grid.at[steps[k - 1]] if k else None
    after = grid.at[steps[k + 1]] if k + 1 < len(steps) else None
    if before is not None:
        first, end = max(first, before.start + low), min(end, before.start + high + 1)
    if after is not None:
        first, end = max(first, after.start - high), min(end, after.start - low + 1)
    return first, end


def _costs(tally: Tally, m: Meeting, first: int, end: int) -> NDArray[np.int64]:
    """Give for each start about what a session costs there, in the order of the wishes."""
    lay = tally.grid.lay
    site = lay.agent_site[lay.need_agent[m.att[0]]]
    flags = tally.rows[site][first:end]
    suits = np.zeros(end - first, dtype=bool)
    if tally.wishes_of(m.att[0]):
        suits = tally.suits_from(m.att[0], first, end)
        flags = np.where(suits, 0, flags)
    here = int(flags[m.start - first])
    by_hour = [0.0] * KINDS
    pools: dict[int, int] = {}
    for n in m.att:
        agent = lay.need_agent[n]
        pool = lay.agent_pool[agent]
        pools[pool] = pools.get(pool, 0) + 1
        for i in range(KINDS):
            if here >> i & 1:
                by_hour[i] -= tally.hours.cost_of(agent * KINDS + i, -1)
            else:
                by_hour[i] += max(0.0, tally.hours.cost_of(agent * KINDS + i, 1))
    table = np.array([round(16 * sum(by_hour[i] for i in range(KINDS) if bits >> i & 1)) for bits in range(8)])
    out: NDArray[np.int64] = table[flags] * _HOURS - suits
    for pool, count in pools.items():
        out += tally.costs_from(pool, lay.length[m.act], first, end) * (count * _TIGHT)
    for n in m.att:
        if m.start >= lay.due[n]:
            starts = np.arange(first, end)
            out += np.maximum(0, (starts - lay.due[n]) // DAY + 1) * _DAYS
    return out


def _possible(grid: Grid, m: Meeting, needs: Sequence[int], first: int, end: int) -> NDArray[np.bool_]:
    """Give where everybody could come, their queues can spare them, and somebody could lead, in a room if need be."""
    lay = grid.lay
    site, length, rest = lay.agent_site[lay.need_agent[needs[0]]], lay.length[m.act], lay.recovery[m.act]
    out: NDArray[np.bool_] = seat_caps(grid, m.act, site, first, end) >= len(needs)
    out &= able(grid, needs, m.act, first, end).all(axis=0)
    pools: dict[int, int] = {}
    for n in needs:
        pool = lay.agent_pool[lay.need_agent[n]]
        pools[pool] = pools.get(pool, 0) + 1
    for pool, count in pools.items():
        out &= pool_seats(grid, pool, length, first, end, rest=rest) >= count
    return out


def _hold(tally: Tally, m: Meeting, needs: Sequence[int], start: int) -> bool:
    """Hold a closed session again at another start with all its people; what was begun stays when that fails."""
    grid, lay = tally.grid, tally.grid.lay
    site = lay.agent_site[lay.need_agent[needs[0]]]
    room = -1
    if lay.needs_room[m.act]:
        room = grid.find_room(m.act, site, start, len(needs))
        if room < 0:
            return False
    fac = _leader(tally, m, needs, start, room)
    if fac < 0:
        return False
    meeting = grid.open_meeting(m.act, start, site=m.site, team=m.team, fac=fac, room=room)
    for n in needs:
        if not grid.fits(n, start):
            return False
        grid.sit(meeting, n)
    return True


def _leader(tally: Tally, m: Meeting, needs: Sequence[int], start: int, room: int) -> int:
    """Give who leads a session that was closed: for a series its coach, else whose load grows least; -1 for none."""
    grid, lay = tally.grid, tally.grid.lay
    length, site = lay.length[m.act], lay.agent_site[lay.need_agent[needs[0]]]
    if lay.need_series[needs[0]] >= 0:
        return m.fac if grid.fac_fits(m.fac, length, start, room) else -1
    return min(
        (f for f in lay.facs_for[m.act, site] if grid.fac_fits(f, length, start, room)),
        key=lambda f: _growth(tally, f, length, m.fac),
        default=-1,
    )


def _growth(tally: Tally, fac: int, length: int, without: int) -> tuple[int, int]:
    """Give what a session adds to a facilitator's load, one led by `without` set aside; that one first when equal."""
    less = -length if fac == without else 0
    return tally.load_of(fac, less + length) - tally.load_of(fac, less), fac != without


def relieve(tally: Tally, m: Meeting) -> bool:
    """Give a session to a facilitator with less to lead, at the same start in the same room; a series as a whole."""
    grid, lay = tally.grid, tally.grid.lay
    if m.pinned:
        return False
    series = lay.need_series[m.att[0]]
    mine = [m] if series < 0 else _chain(grid, series)
    if not mine or mine[0] is not m:
        return False
    site = lay.agent_site[lay.need_agent[m.att[0]]]
    slots = sum(o.end - o.start for o in mine)
    away = tally.load_of(m.fac) - tally.load_of(m.fac, -slots)
    others = [
        (growth, f)
        for f in lay.facs_for[m.act, site]
        if f != m.fac and (growth := tally.load_of(f, slots) - tally.load_of(f)) < away
    ]
    for _, fac in sorted(others):
        mark = len(grid.journal)
        if all(_hand_over(grid, o, fac) for o in mine) and tally.judge(mark):
            return True
        grid.undo(mark)
    return False


def _chain(grid: Grid, series: int) -> list[Meeting]:
    """Give the meetings of a series, in order; none when one of them is pinned."""
    held = [o for n in grid.lay.steps[series] if (o := grid.at[n]) is not None]
    return [] if any(o.pinned for o in held) else held


def _hand_over(grid: Grid, m: Meeting, fac: int) -> bool:
    lay = grid.lay
    site = lay.agent_site[lay.need_agent[m.att[0]]]
    if fac not in lay.facs_for[m.act, site] or not grid.fac_fits(fac, m.end - m.start, m.start, m.room):
        return False
    needs = list(m.att)
    grid.close_meeting(m)
    meeting = grid.open_meeting(m.act, m.start, site=m.site, team=m.team, fac=fac, room=m.room)
    for n in needs:
        grid.sit(meeting, n)
    return True


def fold(tally: Tally, m: Meeting) -> bool:
    """Give up a session whose people all find a seat in others, each the best there is."""
    grid, lay = tally.grid, tally.grid.lay
    if m.pinned or lay.is_gate[m.act] or lay.need_series[m.att[0]] >= 0:
        return False
    ends = {n: lay.prompt[n] if m.start < lay.due[n] else lay.last[n] for n in m.att}
    reach = min(lay.first[n] for n in m.att), max(ends.values())
    seats = {o: grid.seats_left(o) for o in grid.meetings_near(*group_of(grid, m.att[0]), *reach)}
    open_ones = [o for o, left in seats.items() if left > 0 and o is not m and not o.pinned]
    if sum(seats[o] for o in open_ones) < len(m.att):
        return False
    near = {n: [o for o in open_ones if lay.first[n] <= o.start < ends[n]] for n in m.att}
    if not all(near.values()):
        return False
    flags = tally.flags[lay.agent_site[lay.need_agent[m.att[0]]]]
    here = flags[m.start]
    mark = len(grid.journal)
    grid.close_meeting(m)
    # Who has fewest sessions to go to chooses first.
    for n in sorted(near, key=lambda n: (len(near[n]), n)):
        agent = lay.need_agent[n]
        choice = sorted(
            (
                tally.days_late(n, o.start),
                hours_change(tally, agent, here, flags[o.start]),
                tally.seat_cost(agent, m.act, o.start),
                o.start,
                o.serial,
                i,
            )
            for i, o in enumerate(near[n])
        )
        for *_, i in choice:
            other = near[n][i]
            if grid.seats_left(other) and grid.fits(n, other.start):
                grid.sit(other, n)
                break
        else:
            grid.undo(mark)
            return False
    return tally.judge(mark)
