"""Needs that no plan can serve, however late: with nothing booked there is no start at which a group could meet."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.grid import Grid
from devsys.core.planning.masks import lows, runs


def hopeless(grid: Grid, needs: Iterable[int]) -> frozenset[int]:
    """Give those of some needs that no plan can serve; what others wait for and how people are spaced is left aside.

    A start counts when the person is at work on an open day, somebody qualified is at work, the queue can spare the
    person, and enough others with a need of the group are at work whom their queues can spare.
    """
    return frozenset(n for n in needs if not _has_start(grid, n))


def _has_start(grid: Grid, need: int) -> bool:
    lay = grid.lay
    act, agent = lay.need_act[need], lay.need_agent[need]
    site, length = lay.agent_site[agent], lay.length[act]
    first, end = lay.first[need], lay.last[need]
    if first >= end:
        return False
    there = runs(lay.work_rows[agent, first : end + length - 1], length) & lay.ledable[act, site][first:end]
    starts = (there > 0) & lay.open[site][first:end]
    starts &= lows(lay.spare[lay.agent_pool[agent], first : end + length - 1], length) > 0
    if lay.gmin[act] == 1 or not starts.any():
        return bool(starts.any())
    columns = np.flatnonzero(starts)
    return int(_crowd(grid, need, first, end)[columns].max()) >= lay.gmin[act]


def _crowd(grid: Grid, need: int, first: int, end: int) -> NDArray[np.int64]:
    """Give, per start, how many people of a need's group could leave their queues with nothing booked."""
    lay = grid.lay
    act, agent = lay.need_act[need], lay.need_agent[need]
    site, length = lay.agent_site[agent], lay.length[act]
    team = lay.agent_team[agent] if lay.same_team[act] else -1
    people: dict[int, set[int]] = {}
    for n in lay.members[act, site, team]:
        m = grid.at[n]
        if lay.first[n] < end and lay.last[n] > first and (m is None or not m.pinned):
            who = lay.need_agent[n]
            people.setdefault(lay.agent_pool[who], set()).add(who)
    total = np.zeros(end - first, dtype=np.int64)
    for pool, some in people.items():
        there = runs(lay.work_rows[:, first : end + length - 1][sorted(some)], length).sum(axis=0, dtype=np.int64)
        total += np.minimum(there, lows(lay.spare[pool, first : end + length - 1], length))
    return total
