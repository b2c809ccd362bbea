"""A linear relaxation of the whole plan: people of a block on time in a week, with all that weeks can give.

A block are the needs of one group, queue and window. Rows: each need once, what a series can have, agent-slots of
queues, hours of facilitators by what they can lead, slots of rooms, and cuts that were proved elsewhere. GLOP
solves it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from devsys.core.planning.construct import Group
from devsys.core.planning.grid import Grid
from devsys.core.planning.improve import group_of
from devsys.core.planning.problem import WEEK
from devsys.core.planning.reach import Reach

# Queue, group, first start, first start that is late, whether it is of a series, and the need where each is by itself.
Block = tuple[int, Group, int, int, bool, int]
_LEEWAY = 1e-6


@dataclass(frozen=True, slots=True)
class Cut:
    """What was proved of some needs together: at most `limit` of them are on time."""

    needs: frozenset[int]
    limit: int


class Relaxation:
    """Rows and columns of all needs that are not pinned: `waiting` are these needs, `reach` what each could have.

    `cuts` is what was proved elsewhere. With `apart` each need is a block by itself, so that they may be of any needs.
    """

    def __init__(self, grid: Grid, reach: Reach, *, apart: bool = False) -> None:
        from ortools.linear_solver import pywraplp  # noqa: PLC0415 -- slow import

        self.reach = reach
        self.lay = grid.lay
        self.waiting = [n for n, m in enumerate(grid.at) if m is None]
        self.pinned = grid.on_time
        self.cuts: list[Cut] = []
        self.optimal = pywraplp.Solver.OPTIMAL
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.blocks: dict[Block, list[int]] = self._blocks(grid, apart=apart)
        self.columns: dict[Block, list[_Variable]] = {}
        self.coached = self.solver.Constraint(0, sum(prompt for prompt, _ in reach.series.values()))
        rows = _Rows(grid, reach, self.solver)
        for block, needs in sorted(self.blocks.items()):
            self._columns(rows, block, needs)
        self.solver.Objective().SetMaximization()

    def _blocks(self, grid: Grid, *, apart: bool) -> dict[Block, list[int]]:
        lay = self.lay
        out: dict[Block, list[int]] = defaultdict(list)
        for n in self.waiting:
            if self.reach.prompt[n]:
                pool = lay.agent_pool[lay.need_agent[n]]
                kind = pool, group_of(grid, n), lay.first[n], lay.prompt[n], lay.need_series[n] >= 0
                out[*kind, n if apart else -1].append(n)
        return dict(out)

    def _columns(self, rows: "_Rows", block: Block, needs: list[int]) -> None:
        pool, group, _, _, coached, _ = block
        whole = self.solver.Constraint(0, len(needs))
        counts = Counter(week for n in needs for week in self.reach.prompt[n])
        self.columns[block] = []
        for week, count in sorted(counts.items()):
            x = self.solver.NumVar(0, count, "")
            self.columns[block].append(x)
            self.solver.Objective().SetCoefficient(x, 1)
            whole.SetCoefficient(x, 1)
            if coached:
                self.coached.SetCoefficient(x, 1)
            for row, weight in rows.of(pool, group, week):
                row.SetCoefficient(x, weight)

    def cut(self, cut: Cut) -> None:
        """Keep what was proved of some needs. Blocks that hold others too are left out, which says less."""
        self.cuts.append(cut)
        row = self.solver.Constraint(0, cut.limit)
        for block, needs in self.blocks.items():
            if cut.needs.issuperset(needs):
                for x in self.columns[block]:
                    row.SetCoefficient(x, 1)

    def on_time(self) -> int:
        """Give how many needs could be on time at most, pinned ones counted as they stand."""
        reachable = sum(map(len, self.blocks.values()))
        if self.blocks and self.solver.Solve() == self.optimal:
            value = self.solver.Objective().Value()
            reachable = min(reachable, int(np.floor(value + _LEEWAY * max(1.0, value))))
        return self.pinned + reachable


class _Rows:
    """Rows for what weeks can give, made when first asked for: queues, facilitators by activities, rooms."""

    def __init__(self, grid: Grid, reach: Reach, solver: "_Solver") -> None:
        self.grid = grid
        self.reach = reach
        self.solver = solver
        self.made: dict[tuple[str, int, int], _Row] = {}
        lay = grid.lay
        # A session that starts in a week may end in the next one, so a week lends the first slots of the next.
        self.spill = max(lay.length, default=1)
        led_by = {key: frozenset(facs) for key, facs in lay.facs_for.items() if key in reach.led}
        self.families = _families(led_by.values())
        self.hours = [self._hours(family, led_by) for family in self.families]
        self.of_family = {
            key: [i for i, family in enumerate(self.families) if facs <= family] for key, facs in led_by.items()
        }

    def _span(self, week: int) -> slice:
        return slice(week * WEEK, (week + 1) * WEEK + self.spill)

    def _hours(self, family: frozenset[int], led_by: Mapping[tuple[int, int], frozenset[int]]) -> list[int]:
        """Give, by week, the slots a family could lead of the activities that only it can lead."""
        grid, lay = self.grid, self.grid.lay
        out = [0] * lay.weeks
        for fac in family:
            useful = np.zeros(lay.slots, dtype=bool)
            for key, facs in led_by.items():
                if fac in facs and facs <= family:
                    useful |= self.reach.led[key]
            useful &= grid.fac_rows[fac] > 0
            for week in range(lay.weeks):
                left = lay.weekly[fac] - grid.fac_week[fac * lay.weeks + week]
                out[week] += max(0, min(left, int(useful[self._span(week)].sum())))
        return out

    def of(self, pool: int, group: Group, week: int) -> Iterator[tuple["_Row", float]]:
        """Give the rows in which one person of this block counts in a week, with the weight."""
        lay = self.grid.lay
        act, site, _ = group
        length = lay.length[act]
        yield self._row("queue", pool, week), float(length)
        share = length / max(1, self.reach.most.get((group, week), 1))
        for family in self.of_family.get((act, site), ()):
            yield self._row("family", family, week), share
        if lay.needs_room[act]:
            yield self._row("rooms", site, week), share

    def _row(self, kind: str, which: int, week: int) -> "_Row":
        key = kind, which, week
        if key not in self.made:
            self.made[key] = self.solver.Constraint(0, self._limit(kind, which, week))
        return self.made[key]

    def _limit(self, kind: str, which: int, week: int) -> int:
        grid, lay, span = self.grid, self.grid.lay, self._span(week)
        if kind == "family":
            return self.hours[which][week]
        if kind == "rooms":
            free = grid.room_rows[lay.rooms_of[which], span] > 0
            return int((free & self.reach.roomy[which, span]).sum())
        spare = np.maximum(grid.spare_rows[which, span], 0)
        return int(spare[self.reach.away[which, span]].sum())


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


class _Variable(Protocol):
    """What the solver calls a variable."""


class _Row(Protocol):
    """What the solver calls a constraint."""

    def SetCoefficient(self, variable: _Variable, value: float) -> None:  # noqa: N802 -- the solver's name
        """Set the weight of a variable in the row."""


class _Solver(Protocol):
    """What is asked of the solver to make rows."""

    def Constraint(self, low: float, high: float) -> _Row:  # noqa: N802 -- the solver's name
        """Make a row."""
