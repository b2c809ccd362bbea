"""How many needs any plan could serve: upper bounds, so that a plan's quality is a ratio and sometimes proved.

B1 counts the needs that no plan can serve: alone on an empty organisation there is no start with the person at
work, a qualified facilitator, a room, a queue that can spare, and enough companions; of coaching series, the
steps lost even when each is planned alone (`reach`). B2 is a linear relaxation with the agent-slots each queue can
spare and the hours of facilitators and rooms (`relaxation`). `proof` sharpens both where a plan left needs over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devsys.core.planning.grid import Grid
from devsys.core.planning.layout import Layout
from devsys.core.planning.reach import find_reach
from devsys.core.planning.relaxation import Relaxation


@dataclass(frozen=True, slots=True)
class Bound:
    """`on_time`: no plan serves more needs on time.

    `lost`: needs that no plan serves on time, by position; `series`: the most steps on time of each series that is
    not pinned throughout, by position. `never`: needs that no plan serves at all; `out_of_reach` is how many those
    are, with the steps that a series must lose counted too.
    """

    on_time: float
    lost: frozenset[int]
    series: Mapping[int, int]
    never: frozenset[int] = frozenset()
    out_of_reach: int = 0


def bound(lay: Layout, tick: Callable[[], bool] = lambda: False) -> Bound:
    """Give the bound of a problem. Sessions that are pinned count as they stand.

    `tick` is called now and then; when it says stop, the count of all needs stands as the bound.
    """
    relaxation = relaxed(lay, tick)
    count = len(lay.need_act)
    return bound_of(relaxation) if relaxation else Bound(float(count), frozenset(), {})


def relaxed(lay: Layout, tick: Callable[[], bool], *, apart: bool = False) -> Relaxation | None:
    """Give the relaxation of a problem; None when `tick` said stop. `apart` is that of `Relaxation`."""
    grid = Grid(lay)
    reach = find_reach(grid, tick)
    return Relaxation(grid, reach, apart=apart) if reach else None


def bound_of(relaxation: Relaxation) -> Bound:
    """Give the bound that a relaxation says."""
    reach, waiting = relaxation.reach, relaxation.waiting
    steps = frozenset(waiting) & {n for chain in relaxation.lay.steps.values() for n in chain}
    never = frozenset(n for n in waiting if reach.never(n))
    return Bound(
        on_time=float(relaxation.on_time()),
        lost=frozenset(n for n in waiting if not reach.prompt[n]),
        series={series: prompt for series, (prompt, _) in reach.series.items()},
        never=never,
        out_of_reach=len(never - steps) + len(steps) - sum(placed for _, placed in reach.series.values()),
    )
