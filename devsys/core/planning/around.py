"""What stands in the way of a single need planned anew exactly: other sessions of its person, those of its group.

Stretches of days, as `exact` plans them, see all that happens in a few days; what a need lacks may lie weeks apart:
a session of the same person, or a companion who could come then. So here is lifted, from little to much, what one need
meets, wherever it lies; everything else stands.
"""

from collections.abc import Callable, Iterator
from random import Random

from devsys.core.planning.bound import Bound
from devsys.core.planning.exact import left_over, replan
from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.improve import group_of
from devsys.core.planning.problem import DAY
from devsys.core.planning.solver import Purse

_EACH = 1.0  # effort for one question
_ASKING = 0.03  # what a question takes beside solving it, so that many easy ones come to an end as well
_OWN, _WIDE = 7 * DAY, 14 * DAY  # how far around its window a person's and a group's sessions matter to a need
_MANY = 60  # people lifted at once with all their sessions in the window, at most
_MATES, _DRAWS = 3, 12  # companions drawn by lot, and how often


def settle_around(grid: Grid, most: Bound, tick: Callable[[], bool], purse: Purse, rng: Random) -> None:
    """Plan anew around needs that could be served on time and are not, as long as that gains and effort is left."""
    gained = True
    while gained:
        gained = False
        for need in left_over(grid, most, prompt=True):
            if grid.on_time >= int(most.on_time):
                return
            tried: set[frozenset[int]] = set()
            for lifted in _Around(grid, need, rng).choices():
                if purse.left <= 0 or tick():
                    return
                if frozenset(lifted) in tried:
                    continue
                tried.add(frozenset(lifted))
                purse.left -= _ASKING
                before = grid.on_time
                if replan(grid, (lifted, left_over(grid, most)), (purse, _EACH), tick):
                    gained = gained or grid.on_time > before
                    break


class _Around:
    """What a need meets: `choices` gives what to lift together."""

    def __init__(self, grid: Grid, need: int, rng: Random) -> None:
        self.grid = grid
        self.need = need
        self.rng = rng
        lay = grid.lay
        self.first, self.end = lay.first[need], lay.prompt[need]
        self.members = lay.members[group_of(grid, need)]

    def choices(self) -> Iterator[list[int]]:
        """Give sets of needs to lift, the small ones first; each as the plan stands when it is asked for."""
        lay = self.grid.lay
        agent = lay.need_agent[self.need]
        own = self._of(agent, _OWN)
        group = self._group(0)
        yield own
        yield _all(own, group)
        whole = [n for k in own if (m := self.grid.at[k]) is not None for n in m.att]
        yield _all(own, whole, group)
        yield _all(own, self._group(_WIDE))
        mates = sorted({lay.need_agent[n] for n in self.members if self._meets(n)} - {agent})
        some = _all(own, group)
        for mate in mates:
            if len(some) < _MANY:
                some = _all(some, self._of(mate, 0))
        yield some
        for _ in range(_DRAWS):
            drawn = self.rng.sample(mates, min(_MATES, len(mates)))
            yield _all(own, whole, group, *(self._of(mate, 0) for mate in drawn))

    def _of(self, agent: int, margin: int) -> list[int]:
        """Give somebody's needs that sit in the window of the need, or so near to it."""
        grid, lay = self.grid, self.grid.lay
        rows = grid.of[agent]
        meetings = [m for t, _, m in rows if self.first - margin <= t < self.end + margin and _may_lift(grid, m)]
        return [n for m in meetings for n in m.att if lay.need_agent[n] == agent]

    def _group(self, margin: int) -> list[int]:
        """Give the needs of the group that sit in the window of the need, or so near to it."""
        grid = self.grid
        near = grid.meetings_near(*group_of(grid, self.need), max(0, self.first - margin), self.end + margin)
        return [n for m in near if _may_lift(grid, m) for n in m.att]

    def _meets(self, need: int) -> bool:
        lay = self.grid.lay
        return lay.first[need] < self.end and lay.last[need] > self.first


def _may_lift(grid: Grid, m: Meeting) -> bool:
    return m.act >= 0 and not m.pinned and bool(m.att) and grid.lay.need_series[m.att[0]] < 0


def _all(*lists: list[int]) -> list[int]:
    """Give all of some lists, each once, in their order."""
    return list(dict.fromkeys(n for row in lists for n in row))
