"""The bound made sharper where a plan left needs over: what groups and stretches of weeks could have at most, exactly.

For a need that is not on time, the needs that compete with it are taken together on an otherwise empty organisation:
first those of its own group, then all whose time lies within its own, then all of the weeks around. The solver says
how many of them could be on time at most, and that becomes a row of the relaxation.
"""

from collections.abc import Callable, Iterator

from devsys.core.planning.construct import Group
from devsys.core.planning.grid import Grid
from devsys.core.planning.improve import group_of
from devsys.core.planning.problem import WEEK
from devsys.core.planning.relaxation import Cut, Relaxation
from devsys.core.planning.solver import Purse, most_on_time

_LARGEST = 9000  # seats in one question
_EACH = 3.0  # effort for one question
_WEEKS = 4


def prove(plan: Grid, relaxation: Relaxation, purse: Purse, tick: Callable[[], bool]) -> int:
    """Sharpen the relaxation until it says what the plan has, or no effort is left; give what it says."""
    return _Proof(plan, relaxation, purse, tick).most()


class _Proof:
    def __init__(self, plan: Grid, relaxation: Relaxation, purse: Purse, tick: Callable[[], bool]) -> None:
        self.plan = plan
        self.relaxation = relaxation
        self.purse = purse
        self.tick = tick
        lay, reach = plan.lay, relaxation.reach
        # Series are planned alone, which the relaxation knows already; what may sit with their steps is left out too.
        stepped = {lay.need_act[n] for n in relaxation.waiting if lay.need_series[n] >= 0}
        self.waiting = [n for n in relaxation.waiting if lay.need_act[n] not in stepped and not reach.never(n)]
        self.groups: dict[Group, list[int]] = {}
        for n in self.waiting:
            self.groups.setdefault(group_of(plan, n), []).append(n)

    def most(self) -> int:
        """Ask until the plan is reached, or the effort is spent."""
        found = self.relaxation.on_time()
        if found <= self.plan.on_time:
            return found
        empty = Grid(self.plan.lay)
        asked: set[frozenset[int]] = set()
        for needs in self._questions():
            if self.purse.left <= 0 or self.tick():
                break
            if needs in asked:
                continue
            asked.add(needs)
            limit = self._limit(empty, needs)
            if limit is not None and limit < len(needs):
                self.relaxation.cut(Cut(needs, limit))
                found = self.relaxation.on_time()
                if found <= self.plan.on_time:
                    break
        return found

    def _questions(self) -> Iterator[frozenset[int]]:
        """Give sets of needs that compete, the small ones first."""
        plan, lay, prompt = self.plan, self.plan.lay, self.relaxation.reach.prompt
        could = [n for n in self.waiting if prompt[n]]
        short = [n for n in could if (m := plan.at[n]) is None or m.start >= lay.due[n]]
        for n in short:
            mine = self.groups[group_of(plan, n)]
            yield frozenset(k for k in mine if prompt[k] and self._meet(k, lay.first[n], lay.prompt[n]))
        for n in short:
            # Who keeps them company may be late for that, so the windows before belong to the question too.
            mine = self.groups[group_of(plan, n)]
            near = [k for k in mine if lay.first[k] < lay.prompt[n] and lay.last[k] > lay.first[n]]
            a, b = min(lay.first[k] for k in near), max(lay.prompt[k] for k in near)
            yield frozenset(k for k in mine if prompt[k] and a <= lay.first[k] and lay.prompt[k] <= b)
        by_site: dict[int, list[int]] = {}
        for n in could:
            by_site.setdefault(lay.agent_site[lay.need_agent[n]], []).append(n)
        windows = {(lay.agent_site[lay.need_agent[n]], lay.first[n], lay.prompt[n]) for n in short}
        for site, a, b in sorted(windows, key=lambda w: (w[2] - w[1], w)):
            yield frozenset(n for n in by_site[site] if a <= lay.first[n] and lay.prompt[n] <= b)
        weeks = {(site, week) for site, a, b in windows for week in range(a // WEEK, (b - 1) // WEEK + 1)}
        for site, week in sorted(weeks):
            a, b = (week - 1) * WEEK, (week - 1 + _WEEKS) * WEEK
            yield frozenset(n for n in by_site[site] if a <= lay.first[n] and lay.prompt[n] <= b)

    def _meet(self, need: int, a: int, b: int) -> bool:
        """Say whether a need could start on time within `[a, b)`."""
        return self.plan.lay.first[need] < b and self.plan.lay.prompt[need] > a

    def _limit(self, empty: Grid, needs: frozenset[int]) -> int | None:
        """Ask how many of these needs could be on time at most."""
        plan, lay, reach = self.plan, self.plan.lay, self.relaxation.reach
        company: set[int] = set()
        for group in {group_of(plan, n) for n in needs}:
            if lay.gmin[group[0]] > 1:
                mine = [n for n in needs if group_of(plan, n) == group]
                a, b = min(lay.first[n] for n in mine), max(lay.prompt[n] for n in mine)
                company.update(k for k in self.groups[group] if lay.first[k] < b and lay.last[k] > a)
        everybody = needs | company
        return most_on_time(
            empty,
            needs,
            ready={n: reach.ready[n] for n in everybody},
            hint={n: (m.start, m.fac, m.room) for n in everybody if (m := plan.at[n]) is not None},
            largest=_LARGEST,
            effort=_EACH,
            purse=self.purse,
            halt=self.tick,
        )
