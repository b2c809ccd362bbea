"""Stretches of days at a site planned anew exactly: for the needs that cheap moves could not serve.

Everything that starts within some days is lifted, series and what is pinned aside, and the best sessions for its
people and for those left over are chosen by the solver. The old plan stays until a better one is found.
"""

from collections.abc import Callable, Collection, Iterator

from devsys.core.planning.bound import Bound
from devsys.core.planning.grid import LATE, PROMPT, Grid, Meeting
from devsys.core.planning.improve import group_of
from devsys.core.planning.problem import WEEK
from devsys.core.planning.solver import Purse, choose, hold
from devsys.core.planning.spots import Place

# People lifted at once, from few to many: a wider stretch sees more and costs more.
_WIDTHS = (60, 120)
_EACH = 2.0  # effort for one stretch
_LATER = 0.25
_LARGEST = 9000  # seats to choose among
_LEADERS = 4
_LONGEST = 14  # days

Stretch = tuple[int, int, int]


def settle_stretches(grid: Grid, most: Bound, tick: Callable[[], bool], purse: Purse) -> None:
    """Plan stretches anew around needs that are owed or late, as long as that gains and effort is left.

    First those that a plan may serve on time, since these say how near a plan is to the bound; then, with a part of
    what is left, the others.
    """
    for prompt in (True, False):
        mine = purse if prompt else Purse(purse.left * _LATER)
        for width in _WIDTHS:
            _settle_all(grid, most, tick, mine, width, prompt=prompt)


def _settle_all(grid: Grid, most: Bound, tick: Callable[[], bool], purse: Purse, width: int, *, prompt: bool) -> None:
    tried: set[tuple[Stretch, tuple[int, ...]]] = set()
    gained = True
    while gained:
        gained = False
        for stretch in _stretches(grid, most, width, prompt=prompt):
            if purse.left <= 0 or tick():
                return
            key = (stretch, tuple(_held(grid, stretch)))
            if key not in tried:
                tried.add(key)
                gained = settle(grid, most, stretch, purse, tick) or gained
                if prompt and grid.on_time >= int(most.on_time):
                    return


def left_over(grid: Grid, most: Bound, *, prompt: bool = False) -> list[int]:
    """Give the needs that are owed or late although a plan may serve them (`prompt`: on time), or serve them better."""
    lay = grid.lay
    hopeless = most.lost if prompt else most.never
    out = [n for n in sorted(grid.owed) if lay.need_series[n] < 0 and lay.first[n] < lay.last[n] and n not in hopeless]
    out += [n for n in sorted(grid.late) if lay.need_series[n] < 0 and n not in most.lost and not _fixed(grid, n)]
    return out


def _fixed(grid: Grid, need: int) -> bool:
    m = grid.at[need]
    return m is not None and m.pinned


def _stretches(grid: Grid, most: Bound, width: int, *, prompt: bool) -> Iterator[Stretch]:
    """Give stretches `(site, first, end)` that hold a start for what is left over, those with most of it first."""
    lay = grid.lay
    wanted: dict[tuple[int, int], int] = {}
    for n in left_over(grid, most, prompt=prompt):
        site = lay.agent_site[lay.need_agent[n]]
        end = lay.prompt[n] if prompt or n not in grid.owed else lay.last[n]
        if lay.first[n] >= end:
            continue
        for day in range(lay.day_of[site][lay.first[n]], lay.day_of[site][end - 1] + 1):
            wanted[site, day] = wanted.get((site, day), 0) + 1
    ranked: dict[Stretch, int] = {}
    for (site, day), count in wanted.items():
        stretch = _from(grid, site, day, width)
        ranked[stretch] = max(ranked.get(stretch, 0), count)
    return iter(sorted(ranked, key=lambda s: (-ranked[s], s)))


def _from(grid: Grid, site: int, day: int, width: int) -> Stretch:
    """Give the stretch from a day on in which about `width` people sit."""
    lay = grid.lay
    first = lay.day_span[site][day][0]
    people = 0
    for last in range(day, min(day + _LONGEST, len(lay.day_span[site]))):
        end = lay.day_span[site][last][1]
        people += sum(len(m.att) for m in _liftable(grid, (site, *lay.day_span[site][last])))
        if people >= width:
            break
    return site, first, end


def _liftable(grid: Grid, stretch: Stretch) -> list[Meeting]:
    site, first, end = stretch
    lay = grid.lay
    return [
        m
        for week in range(first // WEEK, (end - 1) // WEEK + 1)
        for m in grid.site_week.get((site, week), {}).values()
        if first <= m.start < end and not m.pinned and lay.need_series[m.att[0]] < 0
    ]


def _held(grid: Grid, stretch: Stretch) -> list[int]:
    return sorted(m.serial for m in _liftable(grid, stretch))


def settle(grid: Grid, most: Bound, stretch: Stretch, purse: Purse, tick: Callable[[], bool]) -> bool:
    """Plan one stretch anew; True if that gained worth, else everything is as it was."""
    lay = grid.lay
    site, first, end = stretch
    lifted = [n for m in _liftable(grid, stretch) for n in m.att]
    others = [
        n
        for n in left_over(grid, most)
        if lay.agent_site[lay.need_agent[n]] == site and lay.first[n] < end and lay.last[n] > first
    ]
    return replan(grid, (lifted, others), (purse, _EACH), tick, within=range(first, end))


def replan(
    grid: Grid,
    asked: tuple[Collection[int], Collection[int]],
    purse: tuple[Purse, float],
    tick: Callable[[], bool],
    *,
    within: range | None = None,
) -> bool:
    """Lift some needs and plan them anew, with others that have no seat; True if that gained worth.

    Else everything is as it was. `asked` are those to lift and the others. A session that cannot spare those lifted
    from it is lifted as a whole. `purse` comes with the effort for this question; no start is outside of `within`.
    """
    lay = grid.lay
    grid.settle()
    before, prompt = grid.worth, grid.on_time
    hint = lift(grid, asked[0])
    needs = [*hint, *(n for n in asked[1] if grid.at[n] is None and n not in hint)]
    answer = choose(
        grid,
        needs,
        starts={} if within is None else {group_of(grid, n): within for n in needs},
        worth=lambda n, t: lay.weight[n] * (PROMPT if t < lay.due[n] else LATE),
        price=lambda *_: 0,
        least=before - grid.worth,
        hint=hint,
        leaders=_LEADERS,
        on_time=prompt - grid.on_time,
        effort=purse[1],
        purse=purse[0],
        largest=_LARGEST,
        halt=tick,
    )
    if answer is None:
        grid.undo()
        return False
    hold(grid, answer)
    return True


def lift(grid: Grid, needs: Collection[int]) -> dict[int, Place]:
    """Take needs out of their meetings; give where everybody who has lost a seat sat."""
    lay = grid.lay
    leaving: dict[int, list[int]] = {}
    for n in needs:
        m = grid.at[n]
        if m is not None:
            leaving.setdefault(m.serial, []).append(n)
    hint: dict[int, Place] = {}
    for serial, some in leaving.items():
        m = grid.meetings[serial]
        whole = len(m.att) - len(some) < lay.gmin[m.act] or lay.is_gate[m.act]
        for n in list(m.att) if whole else some:
            hint[n] = (m.start, m.fac, m.room)
            if not whole:
                grid.leave(m, n)
        if whole:
            grid.close_meeting(m)
    return hint
