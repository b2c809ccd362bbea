"""The closing pass: the wishes below the count of people served, improved in their order by cheap exact moves.

Every move is judged by all wishes, the highest first, and taken back unless it is a gain; so nothing here can cost a
need that is served, or a higher wish for a lower one.
"""

from collections.abc import Callable, Iterable

from devsys.core.planning.even_people import give_seat, reseat, swap
from devsys.core.planning.even_sessions import fold, hope, relieve, shift
from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.tally import KINDS, Tally

_ROUNDS = 2


def even_out(grid: Grid, tick: Callable[[], bool], *, budget: int) -> int:
    """Improve the plan of a grid by its wishes with at most `budget` tries; give the budget left.

    The same grid and budget end in the same plan. `tick` is called before each try and says whether to stop.
    """
    run = _Pass(grid, tick, budget)
    for _ in range(_ROUNDS):
        before = run.tally.steps
        run.once()
        if run.over or run.tally.steps == before:
            break
    grid.settle()
    return run.budget


class _Pass:
    """One pass: what is left of its budget, and whether it is over."""

    def __init__(self, grid: Grid, tick: Callable[[], bool], budget: int) -> None:
        self.grid = grid
        self.tally = Tally(grid)
        self.tick = tick
        self.budget = budget
        self.over = False

    def go_on(self) -> bool:
        """Take one try from the budget; False when there is none or somebody asked to stop."""
        self.over = self.over or self.budget <= 0 or self.tick()
        if not self.over:
            self.budget -= 1
            self.grid.settle()
        return not self.over

    def once(self) -> None:
        """Go through the wishes in their order."""
        self.late()
        self.worst_served()
        self.each(fold, self.small())
        self.hours()
        self.each(shift, self.costly())
        self.each(relieve, self.by_start())

    def each(self, move: Callable[[Tally, Meeting], bool], meetings: Iterable[Meeting]) -> None:
        """Try a move on the meetings that are still held."""
        for m in meetings:
            if m.serial not in self.grid.meetings:
                continue
            if not self.go_on():
                return
            move(self.tally, m)

    def late(self) -> None:
        """Bring late needs nearer to their due day, the latest first."""
        grid, tally = self.grid, self.tally
        rows = ((tally.days_late(n, m.start), n) for n in grid.late if (m := grid.at[n]) is not None)
        for _, n in sorted(rows, key=lambda row: (-row[0], row[1])):
            if not self.go_on():
                return
            if n not in grid.late or reseat(tally, n) or swap(tally, n):
                continue
            m = grid.at[n]
            if m is not None:
                shift(tally, m)

    def worst_served(self) -> None:
        """Give seats to those who miss the largest share of their needs."""
        lay, people = self.grid.lay, self.tally.people
        order = sorted(self.grid.owed, key=lambda n: (-people.missing(lay.need_agent[n]), -lay.weight[n], n))
        for n in order:
            if lay.first[n] >= lay.last[n]:
                continue
            if not self.go_on():
                return
            give_seat(self.tally, n)

    def hours(self) -> None:
        """Move people out of early, late and Friday hours that they have more often than others."""
        grid, hours = self.grid, self.tally.hours
        order = sorted((-hours.above(at), at) for at in range(len(hours.seats)) if hours.seats[at])
        for above, at in order:
            if above > -1:
                break
            agent, bit = divmod(at, KINDS)
            site = grid.lay.agent_site[agent]
            for start, _, m in list(grid.of[agent]):
                if hours.above(at) < 1 or m.act < 0 or not 0 <= start < grid.lay.slots:
                    continue
                if not self.tally.flags[site][start] >> bit & 1:
                    continue
                if not self.go_on():
                    return
                need = next(n for n in m.att if grid.lay.need_agent[n] == agent)
                if not reseat(self.tally, need):
                    swap(self.tally, need)

    def small(self) -> list[Meeting]:
        """Give the meetings of groups, smallest first."""
        lay = self.grid.lay
        rows = [m for m in self.grid.meetings.values() if not m.pinned and lay.gmax[m.act] > 1]
        return sorted(rows, key=lambda m: (len(m.att), m.start, m.serial))

    def costly(self) -> list[Meeting]:
        """Give the meetings that another start could do good, those with most to gain first."""
        rows = []
        for m in self.grid.meetings.values():
            if not m.pinned:
                days, hours, tight = hope(self.tally, m)
                if days or hours or tight:
                    rows.append((-days, -hours, -tight, m.start, m.serial, m))
        return [m for *_, m in sorted(rows, key=lambda row: row[:-1])]

    def by_start(self) -> list[Meeting]:
        """Give the meetings in order of time."""
        return sorted((m for m in self.grid.meetings.values() if not m.pinned), key=lambda m: (m.start, m.serial))
