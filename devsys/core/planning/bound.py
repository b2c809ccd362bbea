"""How many needs any plan could serve on time: an upper bound, so that a plan's quality is a ratio.

B1 counts the needs that no plan can serve: alone on an empty organisation there is no start with the person at
work, a qualified facilitator, a room, a queue that can spare, and enough companions; of coaching series, the
steps lost even when each is planned alone. B2 is a linear relaxation over (queue, activity, window, week) with
the agent-slots each queue can spare and the hours of facilitators and rooms, solved by GLOP.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from devsys.core.planning.construct import Group, groups_of
from devsys.core.planning.grid import Grid
from devsys.core.planning.layout import Layout
from devsys.core.planning.masks import able, people_seats, pool_seats, seat_caps
from devsys.core.planning.problem import WEEK
from devsys.core.planning.series import most_on_time

NEVER = 1 << 40


@dataclass(frozen=True, slots=True)
class Bound:
    """`on_time`: no plan serves more needs on time.

    `lost`: needs that no plan serves on time, by position; `series`: the most steps on time of each series that is
    not pinned throughout, by position.
    """

    on_time: float
    lost: frozenset[int]
    series: Mapping[int, int]


def bound(lay: Layout, tick: Callable[[], bool] = lambda: False) -> Bound:
    """Give the bound of a problem. Sessions that are pinned count as they stand.

    `tick` is called now and then; when it says stop, the count of all needs stands as the bound.
    """
    grid = Grid(lay)
    reach = Reach(grid, tick)
    if reach.stopped:
        return Bound(float(len(lay.need_act)), frozenset(), {})
    lost = frozenset(n for n, m in enumerate(grid.at) if m is None and not reach.weeks[n])
    return Bound(grid.on_time + _relax(grid, reach), lost, reach.series)


class Reach:
    """For each need that is not pinned the weeks in which it could start on time were the organisation empty."""

    def __init__(self, grid: Grid, tick: Callable[[], bool]) -> None:
        self.grid = grid
        self.tick = tick
        self.stopped = False
        lay = grid.lay
        self.weeks: list[list[int]] = [[] for _ in lay.need_act]
        self.ready = [0] * len(lay.need_act)
        self.earliest = [NEVER] * len(lay.need_act)
        self.series: dict[int, int] = {}
        waiting = [n for n, m in enumerate(grid.at) if m is None]
        groups = groups_of(grid, [n for n in waiting if lay.need_series[n] < 0])
        for group in sorted(groups, key=lambda g: (lay.gate_depth[g[0]], g)):
            self._group(group, groups[group])
            if self.stopped:
                return
        for series, steps in sorted(lay.steps.items()):
            if any(grid.at[n] is None for n in steps):
                self._series(series, steps)
                if tick():
                    self.stopped = True
                    return

    def _group(self, group: Group, needs: Sequence[int]) -> None:
        lay = self.grid.lay
        for n in needs:
            self.ready[n] = self._ready(n)
        for week in range(lay.weeks):
            a, b = week * WEEK, min((week + 1) * WEEK, lay.slots - lay.length[group[0]] + 1)
            here = [n for n in needs if lay.first[n] < b and lay.last[n] > a]
            if here and a < b:
                self._week(group, here, week, a, b)
                if self.tick():
                    self.stopped = True
                    return

    def _week(self, group: Group, needs: Sequence[int], week: int, a: int, b: int) -> None:
        grid, lay = self.grid, self.grid.lay
        act = group[0]
        caps = seat_caps(grid, act, group[1], a, b)
        if not caps.any():
            return
        table = able(grid, needs, act, a, b, ready=self.ready)
        spare = {p: pool_seats(grid, p, lay.length[act], a, b) > 0 for p in lay.pools_of[group[1]]}
        for row, n in enumerate(needs):
            table[row] &= spare[lay.agent_pool[lay.need_agent[n]]]
        seats = people_seats(grid, needs, table, a, b)
        table &= (np.minimum(seats, caps) >= lay.gmin[act]).view(np.uint8)
        for row, n in enumerate(needs):
            line = table[row]
            if line[: max(0, lay.prompt[n] - a)].any():
                self.weeks[n].append(week)
            if lay.is_gate[act] and self.earliest[n] == NEVER and line.any():
                self.earliest[n] = a + int(line.argmax())

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
            self.ready[n] = self._ready(n)
        most = most_on_time(grid, series, self.ready)
        self.series[series] = most
        if not most:
            return
        for n in waiting:
            act, site = lay.need_act[n], lay.agent_site[lay.need_agent[n]]
            a, b = lay.first[n], lay.prompt[n]
            if a >= b:
                continue
            can = able(grid, [n], act, a, b, ready=self.ready)[0] > 0
            can &= pool_seats(grid, lay.agent_pool[lay.need_agent[n]], lay.length[act], a, b) > 0
            can &= seat_caps(grid, act, site, a, b) > 0
            self.weeks[n] += sorted(set((np.flatnonzero(can) + a) // WEEK))


# One unknown of the relaxation: people of a block in a week.
_Key = tuple[int, int, int, int, int, bool]


def _relax(grid: Grid, reach: Reach) -> float:
    """Solve the relaxation; without the solver's answer the count of needs that can be reached stands."""
    from ortools.linear_solver import pywraplp  # noqa: PLC0415 -- slow import

    lay = grid.lay
    blocks: dict[_Key, list[int]] = defaultdict(list)
    for n, m in enumerate(grid.at):
        if m is None and reach.weeks[n]:
            agent = lay.need_agent[n]
            pool, site, coached = lay.agent_pool[agent], lay.agent_site[agent], lay.need_series[n] >= 0
            blocks[pool, site, lay.need_act[n], lay.first[n], lay.prompt[n], coached].append(n)
    series_most = sum(reach.series.values())
    reachable = sum(len(b) for key, b in blocks.items() if not key[-1]) + min(
        series_most, sum(len(b) for key, b in blocks.items() if key[-1])
    )
    solver = pywraplp.Solver.CreateSolver("GLOP")
    if solver is None or not blocks:
        return float(reachable)
    rows = _Rows(grid, solver)
    coached_all = solver.Constraint(0, series_most)
    for key, needs in sorted(blocks.items()):
        whole = solver.Constraint(0, len(needs))
        in_week: dict[int, int] = defaultdict(int)
        for n in needs:
            for week in reach.weeks[n]:
                in_week[week] += 1
        for week, count in sorted(in_week.items()):
            x = solver.NumVar(0, count, "")
            whole.SetCoefficient(x, 1)
            if key[-1]:
                coached_all.SetCoefficient(x, 1)
            for row, weight in rows.of(key[0], key[1], key[2], week):
                row.SetCoefficient(x, weight)
            solver.Objective().SetCoefficient(x, 1)
    solver.Objective().SetMaximization()
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return float(reachable)
    return float(min(reachable, round(solver.Objective().Value() + 1e-6, 4)))


class _Rows:
    """Rows of the relaxation, made when first asked for: queue, facilitators by set of activities, rooms."""

    def __init__(self, grid: Grid, solver: object) -> None:
        self.grid = grid
        self.solver = solver
        self.made: dict[tuple[str, int, int, int], object] = {}
        lay = grid.lay
        weekly = [(w * WEEK, (w + 1) * WEEK) for w in range(lay.weeks)]
        reach = max(lay.length, default=1)
        # A session that starts in a week may end in the next one, so a week lends the first slots of the next.
        self.pool_slots = [
            [int(np.maximum(grid.spare_rows[p, a : b + reach], 0).sum()) for a, b in weekly]
            for p in range(len(lay.problem.pools))
        ]
        self.fac_slots = [
            [
                min(lay.weekly[f] - grid.fac_week[f * lay.weeks + w], int(grid.fac_rows[f, a : b + reach].sum()))
                for w, (a, b) in enumerate(weekly)
            ]
            for f in range(len(lay.weekly))
        ]
        self.led_by: dict[tuple[int, int], frozenset[int]] = {}
        for (act, site), facs in lay.facs_for.items():
            self.led_by[act, site] = frozenset(facs)
        self.families = _families(self.led_by.values())

    def of(self, pool: int, site: int, act: int, week: int) -> Iterable[tuple["_Row", float]]:
        """Give the rows one person of this block in this week counts in, with the weight."""
        lay = self.grid.lay
        length = lay.length[act]
        yield self._row("pool", pool, week, self.pool_slots[pool][week]), float(length)
        cap = lay.gmax[act]
        if lay.needs_room[act]:
            cap = min(cap, max((lay.room_cap[r] for r in lay.rooms_of[site]), default=0))
        mine = self.led_by[act, site]
        for i, family in enumerate(self.families):
            if mine <= family:
                hours = sum(max(0, self.fac_slots[f][week]) for f in family)
                yield self._row("fac", i, week, hours), length / max(cap, 1)

    def _row(self, kind: str, which: int, week: int, limit: int) -> "_Row":
        key = (kind, which, week, 0)
        if key not in self.made:
            self.made[key] = self.solver.Constraint(0, max(0, limit))  # type: ignore[attr-defined]
        return self.made[key]  # type: ignore[return-value]


class _Row:
    """What the solver calls a constraint."""

    def SetCoefficient(self, variable: object, value: float) -> None:  # noqa: N802 -- the solver's name
        """Set the weight of a variable in the row."""
        raise NotImplementedError(variable, value)


def _families(sets: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Give the sets of facilitators, and the unions of those that overlap, each once."""
    distinct = sorted({s for s in sets if s}, key=lambda s: (len(s), sorted(s)))
    out = list(distinct)
    unions: list[frozenset[int]] = []
    for s in distinct:
        joined, rest = s, []
        for u in unions:
            if u & joined:
                joined |= u
            else:
                rest.append(u)
        unions = [*rest, joined]
    out += [u for u in unions if u not in out]
    return out
