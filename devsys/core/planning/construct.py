"""A whole plan at once: earliest due first, each time the start that serves the most people."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.masks import able, pool_seats, seat_caps
from devsys.core.planning.problem import Span

# A group is all needs of one activity at one site, and of one team where the activity asks for that.
Group = tuple[int, int, int]
_WIDEST = 13 * 336
_PAIRS = 48
# People that fit a signed number of 64 bits as a set.
_BITS = 62
# Starts tried before a group gives up: the arrays promise a little more than every rule together keeps.
_MISSES = 40


def groups_of(grid: Grid, needs: Sequence[int]) -> dict[Group, list[int]]:
    """Give the needs that may share meetings, by activity, site and team (-1 where teams may mix)."""
    lay = grid.lay
    out: dict[Group, list[int]] = defaultdict(list)
    for n in needs:
        act, agent = lay.need_act[n], lay.need_agent[n]
        team = lay.agent_team[agent] if lay.same_team[act] else -1
        out[act, lay.agent_site[agent], team].append(n)
    return out


def construct(grid: Grid, tick: Callable[[], bool], *, gates: bool) -> None:
    """Place what can be placed quickly: the activities others wait for (`gates`) or all others.

    `tick` is called after each step and says whether to stop.
    """
    lay = grid.lay
    open_needs = [
        n
        for n, m in enumerate(grid.at)
        if m is None
        and lay.need_series[n] < 0
        and lay.first[n] < lay.prompt[n]
        and lay.is_gate[lay.need_act[n]] == gates
    ]
    queue = []
    waiting: dict[Group, list[int]] = {}
    for group, needs in groups_of(grid, open_needs).items():
        needs.sort(key=lambda n: (lay.prompt[n], lay.first[n], n))
        waiting[group] = needs
        queue.append(_rank(grid, group, needs))
    heapify(queue)
    while queue:
        *_, group = heappop(queue)
        waiting[group] = _batch(grid, group, waiting[group])
        if waiting[group]:
            heappush(queue, _rank(grid, group, waiting[group]))
        if tick():
            return


def _rank(grid: Grid, group: Group, needs: Sequence[int]) -> tuple[int, int, int, Group]:
    lay = grid.lay
    act = group[0]
    depth = lay.gate_depth[act] if lay.is_gate[act] else 0
    return (depth, lay.prompt[needs[0]], -lay.weight[needs[0]], group)


def _batch(grid: Grid, group: Group, needs: list[int]) -> list[int]:
    """Place the most urgent needs of a group and those whose window is the same or later; give what waits."""
    lay = grid.lay
    team = group[2]
    seed = needs[0]
    due = lay.prompt[seed]
    first, end = lay.first[seed], min(due, lay.first[seed] + _WIDEST)
    now = [n for n in needs if lay.first[n] < end and lay.prompt[n] > first]
    urgent = [n for n in now if lay.prompt[n] <= due]
    later = [n for n in now if lay.prompt[n] > due]
    first = min(lay.first[n] for n in urgent)
    table = Table(grid, group, urgent + later, (first, end), len(urgent))
    if team >= 0 and not later and len(urgent) <= _BITS:
        _pair(table)
    while table.step():
        pass
    gone = set(urgent)
    return [n for n in needs if n not in gone and grid.at[n] is None]


class Table:
    """Starts of one group over a window, with the people who could come; meetings are opened from it."""

    def __init__(self, grid: Grid, group: Group, needs: list[int], window: Span, urgent: int) -> None:
        self.grid = grid
        self.group = group
        self.needs = needs
        first, end = self.first, self.end = window
        lay = grid.lay
        self.act, self.site, self.team = group
        self.length = lay.length[self.act]
        self.able = able(grid, needs, self.act, first, end, prompt=True)
        self.urgent = np.zeros(len(needs), dtype=bool)
        self.urgent[:urgent] = True
        self.caps = seat_caps(grid, self.act, self.site, first, end)
        pools = [lay.agent_pool[lay.need_agent[n]] for n in needs]
        self.pools = sorted(set(pools))
        self.pool_of = np.array(pools)
        self.counts = {p: self._count(self.pool_of == p) for p in self.pools}
        self.hurry = self._count(self.urgent)
        self.chances = self.able.sum(axis=1)

    def _count(self, rows: NDArray[np.bool_] | Sequence[int]) -> NDArray[np.int16]:
        total: NDArray[np.int16] = self.able[rows].sum(axis=0, dtype=np.int16)
        return total

    def seats(self) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Give, per start, how many could be seated, and the slack of the queue where they are."""
        width = self.end - self.first
        total = np.zeros(width, dtype=np.int16)
        slack = np.full(width, 30_000, dtype=np.int16)
        rest = self.grid.lay.recovery[self.act]
        for p in self.pools:
            spare = pool_seats(self.grid, p, self.length, self.first, self.end, rest=rest)
            total += np.minimum(self.counts[p], spare)
            slack = np.minimum(slack, spare)
        return np.minimum(total, self.caps), slack

    def step(self) -> bool:
        """Open the best meeting there is; False when none reaches the group's minimum."""
        least = self.grid.lay.gmin[self.act]
        for _ in range(_MISSES):
            seats, slack = self.seats()
            if int(seats.max(initial=0)) < least:
                return False
            score = np.minimum(seats, self.hurry).astype(np.int32) * 4096 + seats * 64 + np.minimum(slack, 63)
            score[(seats < least) | (self.hurry == 0)] = -1
            column = int(score.argmax())
            if score[column] < 0:
                return False
            if self.open(column) is not None:
                return True
            self.caps[column] = 0
        return False

    def open(self, column: int, rows: Sequence[int] | None = None) -> Meeting | None:
        """Open a meeting at a column with as many as fit, the hardest to place first; None if too few do."""
        grid = self.grid
        if rows is None:
            here = np.flatnonzero(self.able[:, column]).tolist()
            here.sort(key=lambda i: (not self.urgent[i], self.chances[i], i))
        else:
            here = list(rows)
        meeting, taken = seat_group(grid, self.group, self.first + column, [self.needs[i] for i in here])
        if meeting is None:
            return None
        gone = [i for i in here if self.needs[i] in taken]
        for p in self.pools:
            mine = [i for i in gone if self.pool_of[i] == p]
            if mine:
                self.counts[p] -= self._count(mine)
        self.hurry -= self._count([i for i in gone if self.urgent[i]])
        self.able[gone] = 0
        a, b = max(0, column - self.length + 1), min(self.end - self.first, column + self.length)
        self.caps[a:b] = seat_caps(grid, self.act, self.site, self.first + a, self.first + b)
        self._weekly(column)
        return meeting

    def _weekly(self, column: int) -> None:
        """Look again at the whole week of a column: a facilitator may have reached the weekly limit."""
        week = (self.first + column) // 336
        a, b = max(0, week * 336 - self.first), min(self.end - self.first, (week + 1) * 336 - self.first)
        self.caps[a:b] = seat_caps(self.grid, self.act, self.site, self.first + a, self.first + b)


def seat_group(
    grid: Grid, group: Group, start: int, needs: Sequence[int], *, least: int | None = None
) -> tuple[Meeting | None, set[int]]:
    """Open a meeting at `start` with as many of `needs`, in their order, as fit; nothing if fewer than the minimum."""
    lay = grid.lay
    act, site, team = group
    room = -1
    seats = lay.gmax[act]
    least = lay.gmin[act] if least is None else least
    if lay.needs_room[act]:
        for want in range(min(seats, max(len(needs), lay.gmin[act])), lay.gmin[act] - 1, -1):
            room = grid.find_room(act, site, start, want)
            if room >= 0:
                break
        if room < 0:
            return None, set()
        seats = min(seats, lay.room_cap[room])
    fac = grid.find_fac(act, site, start, room)
    if fac < 0:
        return None, set()
    meeting = grid.open_meeting(act, start, site=site, team=team, fac=fac, room=room)
    taken: set[int] = set()
    for n in needs:
        if len(taken) < seats and grid.fits(n, start):
            grid.sit(meeting, n)
            taken.add(n)
    if len(taken) < least:
        grid.close_meeting(meeting)
        return None, set()
    return meeting, taken


def _pair(table: Table) -> None:
    """Place a team in one meeting or the best two of a window, exactly but for people of several pools."""
    lay = table.grid.lay
    seats, slack = table.seats()
    least = lay.gmin[table.act]
    columns = np.flatnonzero(seats >= least)
    if not len(columns):
        return
    bits = (table.able[:, columns].astype(np.int64) << np.arange(len(table.needs))[:, None]).sum(axis=0)
    caps = seats[columns]
    # Of starts with the same people keep the one with most seats, then most slack on the queue.
    order = np.lexsort((columns, -slack[columns], -caps))
    best: dict[int, int] = {}
    for i in order.tolist():
        best.setdefault(int(bits[i]), i)
        if len(best) == _PAIRS:
            break
    kept = list(best.values())
    choice = _best_pair(bits[kept].tolist(), caps[kept].tolist(), [int(slack[columns[i]]) for i in kept])
    if choice is None or len(choice) == 1:
        return
    x, y = (kept[i] for i in choice)
    share = _assign(int(bits[x]), int(caps[x]), int(bits[y]), int(caps[y]), least)
    if share is None:
        return
    for i, rows in zip((x, y), share, strict=True):
        table.open(int(columns[i]), rows)


def _best_pair(bits: list[int], caps: list[int], slack: list[int]) -> tuple[int, ...] | None:
    """Give the one or two starts that seat the most people: the least cut of the little flow between them."""
    best: tuple[int, int, int] = (0, 0, 0)
    choice: tuple[int, ...] | None = None
    for i in range(len(bits)):
        mine = (caps[i], 1, slack[i])
        if mine > best:
            best, choice = mine, (i,)
    for i, j in combinations(range(len(bits)), 2):
        c, d = caps[i], caps[j]
        if c + d < best[0]:
            continue
        total = min((bits[i] | bits[j]).bit_count(), c + d, c + bits[j].bit_count(), d + bits[i].bit_count())
        mine = (total, 0, min(slack[i], slack[j]))
        if mine > best:
            best, choice = mine, (i, j)
    return choice


def _assign(x: int, x_cap: int, y: int, y_cap: int, least: int) -> tuple[list[int], list[int]] | None:
    """Share people between two starts, given as bit sets: as many as possible, both with at least `least`."""
    only_x, only_y, both = _bits(x & ~y), _bits(y & ~x), _bits(x & y)
    left, right = only_x[:x_cap], only_y[:y_cap]
    for row in both:
        # Fill the one short of its minimum first, then the one with more room.
        to_left = (len(left) < least, x_cap - len(left)) >= (len(right) < least, y_cap - len(right))
        if to_left and len(left) < x_cap:
            left.append(row)
        elif len(right) < y_cap:
            right.append(row)
        elif len(left) < x_cap:
            left.append(row)
    if len(left) < least or len(right) < least:
        return None
    return left, right


def _bits(value: int) -> list[int]:
    return [i for i in range(value.bit_length()) if value >> i & 1]
