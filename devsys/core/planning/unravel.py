"""A few meetings lifted around one need that is left over, the need placed, and the lifted ones placed anew.

Each try ends with no less worth than it began with, or is taken back. Tries that change the plan without a gain
are kept: they wander through plans of equal worth until a gain is found.
"""

from collections.abc import Callable, Sequence
from random import Random

import numpy as np

from devsys.core.planning.bound import Bound
from devsys.core.planning.construct import Group, Table
from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.improve import gather, group_of, join, movable_near, open_new, waiting_in
from devsys.core.planning.masks import able
from devsys.core.planning.problem import WEEK
from devsys.core.planning.series import improve_series, lift_series, may_lift

_PATIENCE = 60


class Patience:
    """How many more tries each need gets before it is left alone; one gain gives all of them back.

    It lasts through the rounds of a stage: a need that resisted is not asked again.
    """

    def __init__(self) -> None:
        self.left: dict[int, int] = {}

    def has(self, need: int) -> bool:
        """Say whether a need is worth another try."""
        return self.left.get(need, 1) > 0

    def spend(self, need: int, *, gained: bool) -> None:
        """Count a try."""
        self.left[need] = _PATIENCE if gained else self.left.get(need, _PATIENCE) - 1


def unravel(
    grid: Grid,
    most: Bound,
    tick: Callable[[], bool],
    *,
    prompt: bool,
    rng: Random,
    budget: int,
    patience: Patience | None = None,
) -> int:
    """Try up to `budget` times for the needs not served (`prompt`: nor served on time); give the budget left.

    A need that no plan could serve, or that resists too often, is left alone.
    """
    patience = patience or Patience()
    while budget > 0:
        waiting = [
            n for n in waiting_in(grid, prompt=prompt) if patience.has(n) and _hopes(grid, most, n, prompt=prompt)
        ]
        if not waiting:
            return budget
        rng.shuffle(waiting)
        for n in waiting:
            budget -= 1
            if budget <= 0 or tick():
                return budget
            m = grid.at[n]
            if m is not None and m.start < grid.lay.due[n]:
                continue
            if grid.lay.need_series[n] >= 0:
                gained = _swap_series(grid, grid.lay.need_series[n], rng)
            else:
                gained = _try(grid, n, rng, prompt=prompt)
            patience.spend(n, gained=gained)
    return budget


def _hopes(grid: Grid, most: Bound, need: int, *, prompt: bool) -> bool:
    """Say whether the bound leaves hope that more can be had for a need."""
    lay = grid.lay
    series = lay.need_series[need]
    if not prompt:
        return need not in most.never
    if series < 0:
        return need not in most.lost
    served = sum((m := grid.at[n]) is not None and not m.pinned and m.start < lay.due[n] for n in lay.steps[series])
    return served < most.series.get(series, len(lay.steps[series]))


def _try(grid: Grid, need: int, rng: Random, *, prompt: bool) -> bool:
    """Lift, place, refill; True when that gained something."""
    lay = grid.lay
    grid.settle()
    before = grid.worth
    lifted: list[int] = []
    late = grid.at[need]
    if late is not None:
        if _fixed(grid, late):
            return False
        lifted += _lift(grid, late, need)
    starts = _starts(grid, need, prompt=prompt)
    if not len(starts):
        own = _lift_own(grid, need, rng)
        starts = _starts(grid, need, prompt=prompt) if own else starts
        lifted += own
        if not len(starts):
            grid.undo()
            return False
    start = starts[rng.randrange(len(starts))]
    near = _near(grid, lay.agent_site[lay.need_agent[need]], start, lay.length[lay.need_act[need]])
    rng.shuffle(near)
    for m in near[: rng.choice((1, 1, 2, 3))]:
        lifted += m.att
        grid.close_meeting(m)
    if not _place(grid, need, start, rng, prompt=prompt):
        grid.undo()
        return False
    refill(grid, lifted)
    if grid.worth < before:
        grid.undo()
        return False
    return grid.worth > before


def _starts(grid: Grid, need: int, *, prompt: bool) -> Sequence[int]:
    """Give the starts at which the person could come and somebody qualified is at work, all else aside."""
    lay = grid.lay
    act, site, _ = group_of(grid, need)
    first, end = lay.first[need], lay.prompt[need] if prompt else lay.last[need]
    mine = able(grid, [need], act, first, end)[0] & lay.ledable[act, site][first:end]
    starts: list[int] = (np.flatnonzero(mine) + first).tolist()
    return starts


def _lift(grid: Grid, m: Meeting, need: int) -> list[int]:
    """Take a need out of a meeting; everybody, when the meeting cannot spare anybody."""
    if len(m.att) > grid.lay.gmin[m.act]:
        grid.leave(m, need)
        return [need]
    lifted = list(m.att)
    grid.close_meeting(m)
    return lifted


def _fixed(grid: Grid, m: Meeting) -> bool:
    return m.pinned or grid.lay.is_gate[m.act] or grid.lay.need_series[m.att[0]] >= 0


def _near(grid: Grid, site: int, start: int, length: int) -> list[Meeting]:
    """Give the meetings of a site that overlap a start and may be lifted."""
    return [
        m
        for week in sorted({start // WEEK, (start + length - 1) // WEEK})
        for m in grid.site_week.get((site, week), {}).values()
        if m.start < start + length and start < m.end and not _fixed(grid, m)
    ]


def _lift_own(grid: Grid, need: int, rng: Random) -> list[int]:
    """Free the person from one session of their own near the window: alone, or with all when the group is small."""
    lay = grid.lay
    act, agent = lay.need_act[need], lay.need_agent[need]
    gap = max(lay.gap[lay.kind[act]], 1)
    a, b = lay.first[need] - gap, lay.prompt[need] + gap
    own = [m for t, _, m in grid.of[agent] if a < t < b and m.act >= 0 and not _fixed(grid, m)]
    if not own:
        return []
    m = own[rng.randrange(len(own))]
    return _lift(grid, m, next(n for n in m.att if lay.need_agent[n] == agent))


def _place(grid: Grid, need: int, start: int, rng: Random, *, prompt: bool) -> bool:
    """Seat a need: at `start` in a new meeting with others who wait or can be spared, else in an open seat."""
    group = group_of(grid, need)
    lay = grid.lay
    bounds = lay.prompt if prompt else lay.last
    others = [
        n
        for n in lay.members[group]
        if n != need and grid.at[n] is None and lay.need_series[n] < 0 and lay.first[n] <= start < bounds[n]
    ]
    rng.shuffle(others)
    movable = movable_near(grid, group, start, start + 1)
    rng.shuffle(movable)
    if movable:
        skip = {n: m for n in movable if (m := grid.at[n]) is not None}
        can = able(grid, movable, group[0], start, start + 1, prompt=True, skip=skip)[:, 0].tolist()
        movable = [n for n, ok in zip(movable, can, strict=True) if ok]
    return gather(grid, group, start, [need, *others], movable) or join(grid, need, prompt=prompt)


def refill(grid: Grid, needs: Sequence[int]) -> None:
    """Find places for needs whose meeting was lifted: new meetings first, then open seats."""
    lay = grid.lay
    groups: dict[Group, list[int]] = {}
    for n in needs:
        if grid.at[n] is None:
            groups.setdefault(group_of(grid, n), []).append(n)
    for group, mine in groups.items():
        prompt = [n for n in mine if lay.first[n] < lay.prompt[n]]
        if len(prompt) >= lay.gmin[group[0]]:
            first, end = min(lay.first[n] for n in prompt), max(lay.prompt[n] for n in prompt)
            table = Table(grid, group, prompt, (first, end), len(prompt))
            while table.step():
                pass
        for n in mine:
            if grid.at[n] is None and not (n in prompt and join(grid, n, prompt=True)):
                rest = [x for x in mine if grid.at[x] is None]
                late = n not in prompt
                if late and join(grid, n, prompt=False):
                    continue
                open_new(grid, n, rest, prompt=not late)


def _swap_series(grid: Grid, series: int, rng: Random) -> bool:
    """Lift another series that wants the same coaches, plan this one first, then that one."""
    lay = grid.lay
    others = lay.coached_with[series]
    if not others:
        return False
    other = others[rng.randrange(len(others))]
    if not may_lift(grid, other):
        return False
    grid.settle()
    before = grid.worth
    lift_series(grid, other)
    improve_series(grid, series)
    improve_series(grid, other)
    if grid.worth < before:
        grid.undo()
        return False
    return grid.worth > before
