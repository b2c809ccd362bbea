"""What each need could have were the organisation empty: the weeks, the largest groups, the slots that are of any use.

Everything here is a promise that no plan exceeds: a start counts when the person is at work, the queue can spare
somebody, a qualified facilitator and a room are free, and enough companions could start in the same session.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.construct import Group, groups_of
from devsys.core.planning.grid import Grid
from devsys.core.planning.masks import able, people_seats, pool_seats, seat_caps
from devsys.core.planning.problem import WEEK, Span
from devsys.core.planning.series import most_steps

NEVER = 1 << 40

Marks = NDArray[np.bool_]


@dataclass(slots=True)
class Reach:
    """For each need that is not pinned the weeks it could start in, on time (`prompt`) and late (`late`).

    `ready`: the slot before which the prerequisites of a need cannot have ended. `most`: people in one session of a
    group in a week. `series`: steps on time and steps at all that a series can have beyond those that stand.
    `away`, `led`, `roomy`: slots in which a start of any use would have somebody off a queue, an activity led at a
    site, or a room of a site taken.
    """

    prompt: list[list[int]]
    late: list[list[int]]
    ready: list[int]
    most: dict[tuple[Group, int], int]
    series: dict[int, tuple[int, int]]
    away: Marks
    roomy: Marks
    led: dict[tuple[int, int], Marks]

    def never(self, need: int) -> bool:
        """Say whether no plan could place a need that is not pinned."""
        return not self.prompt[need] and not self.late[need]


def find_reach(grid: Grid, tick: Callable[[], bool]) -> Reach | None:
    """Look at every need alone; None when `tick` said stop."""
    finding = _Finding(grid, tick)
    return None if finding.stopped else finding.reach


def starts_of(
    grid: Grid, ready: Sequence[int], group: Group, needs: Sequence[int], window: Span
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Give where each need could start in a session that is large enough, and the most people of one such session."""
    lay = grid.lay
    a, b = window
    act = group[0]
    caps = seat_caps(grid, act, group[1], a, b)
    if not caps.any():
        return np.zeros((len(needs), b - a), dtype=np.uint8), np.zeros(b - a, dtype=np.int64)
    table = able(grid, needs, act, a, b, ready=ready)
    pools = np.array([lay.agent_pool[lay.need_agent[n]] for n in needs])
    for p in lay.pools_of[group[1]]:
        table[pools == p] &= (pool_seats(grid, p, lay.length[act], a, b) > 0).view(np.uint8)
    most: NDArray[np.int64] = np.minimum(people_seats(grid, needs, table, a, b), caps)
    most[most < lay.gmin[act]] = 0
    table &= (most > 0).view(np.uint8)
    return table, most


def _alone(grid: Grid, need: int) -> bool:
    """Say whether a need is a step of a series that nobody else can sit in."""
    return grid.lay.need_series[need] >= 0 and grid.lay.gmax[grid.lay.need_act[need]] == 1


class _Finding:
    """One walk over all groups and series; `stopped` says that it is incomplete."""

    def __init__(self, grid: Grid, tick: Callable[[], bool]) -> None:
        self.grid = grid
        self.tick = tick
        self.stopped = False
        lay = grid.lay
        count = len(lay.need_act)
        self.reach = Reach(
            prompt=[[] for _ in range(count)],
            late=[[] for _ in range(count)],
            ready=[0] * count,
            most={},
            series={},
            away=np.zeros((len(lay.problem.pools), lay.slots), dtype=bool),
            roomy=np.zeros((len(lay.problem.sites), lay.slots), dtype=bool),
            led={},
        )
        # A series may begin as soon as its window opens; its steps are looked at after what comes before them.
        self.earliest = [NEVER if s < 0 else lay.first[n] for n, s in enumerate(lay.need_series)]
        self._everything()

    def _everything(self) -> None:
        grid, lay = self.grid, self.grid.lay
        waiting = [n for n, m in enumerate(grid.at) if m is None]
        groups = groups_of(grid, [n for n in waiting if not _alone(grid, n)])
        for group in sorted(groups, key=lambda g: (lay.gate_depth[g[0]], g)):
            self._group(group, groups[group])
            if self.stopped:
                return
        for series, steps in sorted(lay.steps.items()):
            if any(grid.at[n] is None for n in steps):
                self._series(series, steps)
                if self.tick():
                    self.stopped = True
                    return

    def _group(self, group: Group, needs: Sequence[int]) -> None:
        lay = self.grid.lay
        here: dict[int, list[int]] = {}
        for n in needs:
            self.reach.ready[n] = self._ready(n)
            if lay.first[n] < lay.last[n]:
                for week in range(lay.first[n] // WEEK, (lay.last[n] - 1) // WEEK + 1):
                    here.setdefault(week, []).append(n)
        for week, some in sorted(here.items()):
            a, b = week * WEEK, min((week + 1) * WEEK, lay.slots - lay.length[group[0]] + 1)
            if a < b:
                self._week(group, some, week, a, b)
                if self.tick():
                    self.stopped = True
                    return

    def _week(self, group: Group, needs: Sequence[int], week: int, a: int, b: int) -> None:
        lay = self.grid.lay
        act = group[0]
        table, most = starts_of(self.grid, self.reach.ready, group, needs, (a, b))
        if not most.any():
            return
        self.reach.most[group, week] = int(most.max())
        dues = np.array([lay.prompt[n] - a for n in needs])
        prompt = (table[:, : b - a] & (np.arange(b - a) < dues[:, None])).any(axis=1)
        late = np.zeros(len(needs), dtype=bool)
        rows = np.flatnonzero(dues < b - a)
        late[rows] = (table[rows] & (np.arange(b - a) >= dues[rows, None])).any(axis=1)
        for row in np.flatnonzero(prompt).tolist():
            self.reach.prompt[needs[row]].append(week)
        for row in np.flatnonzero(late).tolist():
            self.reach.late[needs[row]].append(week)
        if lay.is_gate[act]:
            self._open_gates(needs, table, a)
        self._use(act, group[1], most > 0, a)
        pools = np.array([lay.agent_pool[lay.need_agent[n]] for n in needs])
        for pool in lay.pools_of[group[1]]:
            self._mark(self.reach.away[pool], table[pools == pool].any(axis=0), a, lay.length[act])

    def _open_gates(self, needs: Sequence[int], table: NDArray[np.uint8], a: int) -> None:
        """Remember when what others wait for could be held first."""
        for row, n in enumerate(needs):
            columns = np.flatnonzero(table[row])
            if self.earliest[n] == NEVER and len(columns):
                self.earliest[n] = a + int(columns[0])

    def _use(self, act: int, site: int, good: Marks, a: int) -> None:
        lay = self.grid.lay
        if (act, site) not in self.reach.led:
            self.reach.led[act, site] = np.zeros(lay.slots, dtype=bool)
        self._mark(self.reach.led[act, site], good, a, lay.length[act])
        if lay.needs_room[act]:
            self._mark(self.reach.roomy[site], good, a, lay.length[act])

    @staticmethod
    def _mark(line: Marks, starts: Marks, a: int, length: int) -> None:
        """Mark the slots of sessions that begin at `starts`, given from slot `a` on."""
        for i in range(length):
            line[a + i : a + i + len(starts)] |= starts

    def _ready(self, need: int) -> int:
        """Give the first slot at which all prerequisites of a need could have ended; NEVER where they cannot."""
        lay, grid = self.grid.lay, self.grid
        agent, ready = lay.need_agent[need], 0
        for p in lay.before[need]:
            ends = [m.end for _, _, m in grid.of[agent] if m.act == p]
            ends += [self.earliest[n] + lay.length[p] for n in lay.gate_needs.get((agent, p), ())]
            ready = max(ready, min(ends, default=NEVER))
        return min(ready, NEVER)

    def _series(self, series: int, steps: Sequence[int]) -> None:
        grid, lay = self.grid, self.grid.lay
        waiting = [n for n in steps if grid.at[n] is None]
        for n in waiting:
            self.reach.ready[n] = self._ready(n)
        self.reach.series[series] = most_steps(grid, series, self.reach.ready)
        if not self.reach.series[series][1]:
            return
        for n in (n for n in waiting if _alone(grid, n)):
            act, site, agent = lay.need_act[n], lay.agent_site[lay.need_agent[n]], lay.need_agent[n]
            a, b = lay.first[n], lay.last[n]
            if a >= b:
                continue
            can = able(grid, [n], act, a, b, ready=self.reach.ready)[0] > 0
            can &= pool_seats(grid, lay.agent_pool[agent], lay.length[act], a, b) > 0
            can &= seat_caps(grid, act, site, a, b) > 0
            due = min(max(0, lay.prompt[n] - a), b - a)
            self.reach.prompt[n] += sorted(set(((np.flatnonzero(can[:due]) + a) // WEEK).tolist()))
            self.reach.late[n] += sorted(set(((np.flatnonzero(can[due:]) + a + due) // WEEK).tolist()))
            self._use(act, site, can, a)
            self._mark(self.reach.away[lay.agent_pool[agent]], can, a, lay.length[act])
