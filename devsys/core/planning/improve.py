"""Cheap exact moves for needs that were left over: each commits a gain or leaves the state as it was."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from devsys.core.planning.construct import Group, seat_group
from devsys.core.planning.grid import Grid
from devsys.core.planning.masks import able, pool_seats, seat_caps, site_seats
from devsys.core.planning.series import improve_series

_STARTS = 12


def group_of(grid: Grid, need: int) -> Group:
    """Give the group of needs that may share meetings with this one."""
    lay = grid.lay
    act, agent = lay.need_act[need], lay.need_agent[need]
    return act, lay.agent_site[agent], lay.agent_team[agent] if lay.same_team[act] else -1


def sweep(grid: Grid, tick: Callable[[], bool], *, prompt: bool, budget: int) -> int:
    """Try the moves for every need that is not served (`prompt`: served on time); give the budget left."""
    lay = grid.lay
    waiting = waiting_in(grid, prompt=prompt)
    missing, asked = Counter(lay.need_agent[n] for n in waiting), Counter(lay.need_agent)
    # Among equals the person who waits for the largest share of what is asked for comes first.
    waiting.sort(
        key=lambda n: (-lay.weight[n], -missing[a := lay.need_agent[n]] / asked[a], lay.prompt[n], n),
    )
    companions: dict[Group, list[int]] = {}
    for n in waiting:
        companions.setdefault(group_of(grid, n), []).append(n)
    done_series: set[int] = set()
    for n in waiting:
        if budget <= 0 or tick():
            return budget
        m = grid.at[n]
        if m is not None and m.start < lay.due[n]:
            continue
        series = lay.need_series[n]
        if series >= 0:
            if series not in done_series:
                done_series.add(series)
                budget -= 1
                improve_series(grid, series)
            continue
        budget -= 1
        if join(grid, n, prompt=prompt):
            continue
        if m is None:
            budget -= 1
            open_new(grid, n, companions[group_of(grid, n)], prompt=prompt)
    return budget


def waiting_in(grid: Grid, *, prompt: bool) -> list[int]:
    """Give the needs not served (`prompt`: nor served on time) that have a start left to wish for, in order."""
    lay = grid.lay
    if prompt:
        return [n for n in sorted(grid.owed | grid.late) if lay.first[n] < lay.prompt[n]]
    return [n for n in sorted(grid.owed) if lay.first[n] < lay.last[n]]


def join(grid: Grid, need: int, *, prompt: bool) -> bool:
    """Seat a need in a meeting that has a seat, earliest first; a need that is late moves only to be on time."""
    lay = grid.lay
    group = group_of(grid, need)
    end = lay.prompt[need] if prompt else lay.last[need]
    old = grid.at[need]
    if old is not None and (len(old.att) <= lay.gmin[old.act] or lay.is_gate[old.act]):
        return False
    for m in grid.meetings_near(*group, lay.first[need], end):
        if m.pinned or m is old or not grid.seats_left(m):
            continue
        if old is not None:
            grid.leave(old, need)
        if grid.fits(need, m.start):
            grid.sit(m, need)
            return True
        if old is not None:
            grid.sit(old, need)
    return False


def open_new(grid: Grid, need: int, companions: Sequence[int], *, prompt: bool) -> bool:
    """Open a meeting around a need, with others who wait and with people from meetings that stay large enough."""
    lay = grid.lay
    group = group_of(grid, need)
    act, site, _ = group
    first, end = lay.first[need], lay.prompt[need] if prompt else lay.last[need]
    mine = able(grid, [need], act, first, end)[0] > 0
    if not mine.any():
        return False
    length, rest = lay.length[act], lay.recovery[act]
    mine &= pool_seats(grid, lay.agent_pool[lay.need_agent[need]], length, first, end, rest=rest) > 0
    if lay.gmin[act] > 1:
        mine &= site_seats(grid, site, length, first, end, rest=rest) >= lay.gmin[act]
    if not mine.any():
        return False
    mine &= seat_caps(grid, act, site, first, end) >= lay.gmin[act]
    columns = np.flatnonzero(mine)
    if not len(columns):
        return False
    a, b = first + int(columns[0]), first + int(columns[-1]) + 1
    columns -= a - first
    others = [n for n in companions if n != need and grid.at[n] is None and lay.first[n] < b and lay.last[n] > a]
    movable = movable_near(grid, group, a, b)
    if 1 + len(others) + len(movable) < lay.gmin[act]:
        return False
    served = np.zeros(len(columns), dtype=np.int64)
    if others:
        served += able(grid, others, act, a, b, prompt=prompt)[:, columns].sum(axis=0, dtype=np.int64)
    table = None
    helped = np.zeros(len(columns), dtype=np.int64)
    if movable:
        skip = {n: m for n in movable if (m := grid.at[n]) is not None}
        table = able(grid, movable, act, a, b, prompt=True, skip=skip)[:, columns]
        helped += table.sum(axis=0, dtype=np.int64)
    good = 1 + served + helped >= lay.gmin[act]
    score = np.minimum(served, 63) * 64 + np.minimum(helped, 63)
    score[~good] = -1
    for i in np.argsort(-score, kind="stable")[:_STARTS].tolist():
        if score[i] < 0:
            break
        start = a + int(columns[i])
        donors = [movable[r] for r in np.flatnonzero(table[:, i]).tolist()] if table is not None else []
        if gather(grid, group, start, [need, *others], donors):
            return True
    return False


def movable_near(grid: Grid, group: Group, a: int, b: int) -> list[int]:
    """Give needs of a group that sit in meetings which can spare somebody and whose window meets `[a, b)`."""
    lay = grid.lay
    act = group[0]
    if lay.is_gate[act]:
        return []
    reach = max(0, a - 13 * 336), min(lay.slots, b + 13 * 336)
    out = []
    for m in grid.meetings_near(*group, *reach):
        if not m.pinned and len(m.att) > lay.gmin[act]:
            out += [n for n in m.att if lay.first[n] < b and lay.prompt[n] > a]
    return out


def gather(grid: Grid, group: Group, start: int, waiting: Sequence[int], donors: Sequence[int]) -> bool:
    """Hold a meeting at `start` for the first of `waiting`; others who wait come too, donors fill up to the minimum."""
    lay = grid.lay
    least = lay.gmin[group[0]]
    mark = len(grid.journal)
    meeting, taken = seat_group(grid, group, start, waiting, least=1)
    if meeting is None:
        return False
    if waiting[0] in taken:
        for n in donors:
            if len(meeting.att) >= least or not grid.seats_left(meeting):
                break
            old = grid.at[n]
            if old is None or old is meeting or old.pinned or len(old.att) <= least:
                continue
            grid.leave(old, n)
            if grid.fits(n, start):
                grid.sit(meeting, n)
            else:
                grid.sit(old, n)
        if len(meeting.att) >= least:
            return True
    grid.undo(mark)
    return False


def merge(grid: Grid, tick: Callable[[], bool]) -> None:
    """Give up meetings whose people all find an open seat elsewhere, smallest first; nobody is served worse."""
    lay = grid.lay
    small = sorted(
        (m for m in grid.meetings.values() if not m.pinned and not lay.is_gate[m.act] and lay.gmax[m.act] > 1),
        key=lambda m: (len(m.att), m.start, m.serial),
    )
    for m in small:
        if tick():
            return
        if m.serial not in grid.meetings or lay.need_series[m.att[0]] >= 0:
            continue
        grid.settle()
        before, people = grid.worth, list(m.att)
        grid.close_meeting(m)
        if not all(join(grid, n, prompt=m.start < lay.due[n]) for n in people) or grid.worth < before:
            grid.undo()
    grid.settle()
