"""The wishes counted along on the booked state: what the changes since a mark gain or cost, exactly, in their order.

`wishes.standing` says what is counted and why. Here it is kept up to date from the grid's journal, so that a move costs
no more to judge than to make.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.grid import CLOSED, LEFT, OPENED, SEATED, Grid
from devsys.core.planning.problem import DAY, WEEK
from devsys.core.planning.wishes import EARLY_BEFORE, FRIDAY, LATE_FROM, LOAD_ONE, SEAT, SPARE_ONE, Standing

KINDS = 3  # early, late, Friday: one bit each
# Which hours the bits of a start mean.
BITS: tuple[tuple[int, ...], ...] = tuple(tuple(i for i in range(KINDS) if bits >> i & 1) for bits in range(8))
_CHUNK = 64


class Change:
    """What some changes do to each wish; `kept` what is counted once they stay."""

    __slots__ = ("days", "late", "led", "missed", "seats", "sessions", "tight", "unplaced", "unwished")

    def __init__(self) -> None:
        self.unplaced = 0
        self.late = 0
        self.days = 0
        self.missed: dict[int, int] = defaultdict(int)  # by person
        self.seats: dict[int, int] = defaultdict(int)  # by person and hour
        self.led: dict[int, int] = defaultdict(int)  # by facilitator
        self.tight = 0
        self.unwished = 0
        self.sessions = 0


class Shares:
    """How many needs each of some groups of people has, and how many of them are not on time."""

    def __init__(self, asked: Sequence[int]) -> None:
        self.asked = asked
        self.missed = [0] * len(asked)

    def missing(self, group: int, more: int = 0) -> float:
        """Give the share a group misses, with `more` missed than now."""
        return (self.missed[group] + more) / self.asked[group]

    def compare(self, change: Mapping[int, int]) -> int:
        """Give -1 when the worst-served of the groups that change are better off after it, 1 when worse off, else 0.

        Groups that do not change cannot turn the comparison of all, worst-served first.
        """
        moved = [(g, d) for g, d in change.items() if d]
        before = sorted((self.missing(g) for g, _ in moved), reverse=True)
        after = sorted((self.missing(g, d) for g, d in moved), reverse=True)
        return (after > before) - (after < before)


class Hours:
    """Seats in early, late and Friday hours, by queue against chance, as `wishes.unevenness` sums them up."""

    def __init__(self, pool_of: Sequence[int], chance: Sequence[int]) -> None:
        """Begin with no seats; `chance` by person and hour."""
        self.pool_of = pool_of
        self.chance = chance
        rows = (max(pool_of, default=-1) + 1) * KINDS
        self.seats = [0] * len(chance)
        self.total, self.squares, self.both, self.value = ([0] * rows for _ in range(4))
        self.whole, self.chances = [0] * rows, [0] * rows
        for at, c in enumerate(chance):
            row = self.row_of(at)
            self.whole[row] += c
            self.chances[row] += c * c
        # An even share is the rate times the chance, in seats; `drift` is how the squares grow with one seat more in
        # all, whoever has it.
        self.rate, self.drift = [0.0] * rows, [0.0] * rows

    def row_of(self, at: int) -> int:
        """Give the row of sums that a person's hour counts in."""
        return self.pool_of[at // KINDS] * KINDS + at % KINDS

    def _after(self, change: Mapping[int, int]) -> dict[int, tuple[int, int, int]]:
        """Give total, squares and products of the rows that change."""
        out: dict[int, tuple[int, int, int]] = {}
        for at, more in change.items():
            if more:
                row, d = self.row_of(at), more * SEAT
                total, squares, both = out.get(row) or (self.total[row], self.squares[row], self.both[row])
                squares += 2 * self.seats[at] * SEAT * d + d * d
                out[row] = total + d, squares, both + self.chance[at] * d
        return out

    def _sum(self, row: int, total: int, squares: int, both: int) -> int:
        whole = self.whole[row]
        if not whole:
            return squares
        return (squares * whole * whole - 2 * total * whole * both + total * total * self.chances[row]) // whole**2

    def cost(self, change: Mapping[int, int]) -> int:
        """Give what the sum of squares grows by."""
        return sum(self._sum(row, *sums) - self.value[row] for row, sums in self._after(change).items())

    def take(self, change: Mapping[int, int]) -> None:
        """Count a change that stays."""
        for row, sums in self._after(change).items():
            self.total[row], self.squares[row], self.both[row] = sums
            self.value[row] = self._sum(row, *sums)
            if whole := self.whole[row]:
                rate = self.total[row] / whole
                self.rate[row] = rate / SEAT
                self.drift[row] = 2 * (rate * self.chances[row] - self.both[row]) / whole / SEAT
        for at, more in change.items():
            self.seats[at] += more

    def above(self, at: int) -> float:
        """Give how many seats a person has above the even share in an hour; below it is negative."""
        return self.seats[at] - self.rate[self.row_of(at)] * self.chance[at]

    def cost_of(self, at: int, more: int) -> float:
        """Give about what one seat more or fewer (-1) of a person in an hour costs, in squares of seats."""
        row = self.pool_of[at // KINDS] * KINDS + at % KINDS
        return 1 + more * (2 * (self.seats[at] - self.rate[row] * self.chance[at]) + self.drift[row])


class Tally:
    """All wishes of a grid, kept in step with it: `judge` after a move keeps it or takes it back."""

    def __init__(self, grid: Grid) -> None:
        """Begin with the grid as it stands."""
        self.grid = grid
        self.lay = lay = grid.lay
        self.steps = 0
        self.flags = [self._flags(site) for site in range(len(lay.problem.sites))]
        self.rows = [np.frombuffer(flags, np.uint8) for flags in self.flags]
        asked = Counter(lay.need_agent)
        self.people = Shares([asked[a] for a in range(len(lay.agent_pool))])
        in_team = Counter(lay.agent_team[a] for a in lay.need_agent)
        self.teams = Shares([in_team[t] for t in range(len(lay.problem.teams))])
        self.hours = Hours(lay.agent_pool, self._chances())
        self.led = [0] * len(lay.weekly)
        self.can = [max(1, w * self._weeks_at_work(f)) for f, w in enumerate(lay.weekly)]
        self.cost = np.stack([_costs(row) for row in lay.spare]) if len(lay.spare) else lay.spare.astype(np.int64)
        self._costs: dict[tuple[int, int], array[int]] = {}
        self.wished = [s.pref for s in lay.problem.series]
        self.sums = Change()
        self._begin()

    # ---- what a site, a queue, a person gives

    def _flags(self, site: int) -> bytes:
        lay = self.lay
        place = lay.problem.sites[site]
        minutes = np.array([place.minute_of(slot) for slot in range(lay.slots)], dtype=np.int64)
        bits = (minutes < EARLY_BEFORE) + 2 * (minutes >= LATE_FROM) + 4 * (lay.weekday[site] == FRIDAY)
        return bytes(bits.astype(np.uint8))

    def _chances(self) -> list[int]:
        lay = self.lay
        out = [0] * (KINDS * len(lay.agent_pool))
        asked = self.people.asked
        for site, row in enumerate(self.rows):
            marks = np.stack([row & 1, row >> 1 & 1, row >> 2, np.ones_like(row)]).astype(np.float64).T
            people = [a for a, s in enumerate(lay.agent_site) if s == site]
            for i in range(0, len(people), _CHUNK):
                some = people[i : i + _CHUNK]
                # Whole numbers far below 2**53, so the sums are exact.
                inside = (lay.work_rows[some].astype(np.float64) @ marks).astype(np.int64).tolist()
                for a, (*parts, whole) in zip(some, inside, strict=True):
                    if whole:
                        out[a * KINDS : (a + 1) * KINDS] = [SEAT * asked[a] * part // whole for part in parts]
        return out

    def _weeks_at_work(self, fac: int) -> int:
        slots = self.lay.slots
        work = np.frombuffer(self.lay.fac_work, np.uint8)[fac * slots : (fac + 1) * slots]
        return int(work.reshape(-1, WEEK).any(axis=1).sum())

    def seat_costs(self, pool: int, length: int) -> "array[int]":
        """Give by start what a seat of so many slots takes from a queue, the scarcer the more."""
        found = self._costs.get((pool, length))
        if found is None:
            padded = np.concatenate([np.zeros(1, np.int64), self.cost[pool].cumsum(), np.zeros(length, np.int64)])
            slots = self.lay.slots
            padded[slots + 1 :] = padded[slots]
            found = array("q", (padded[length : slots + length] - padded[:slots]).tobytes())
            self._costs[pool, length] = found
        return found

    def seat_cost(self, agent: int, act: int, start: int) -> int:
        """Give what one seat takes from its queue, recovery counted."""
        lay = self.lay
        pool = lay.agent_pool[agent]
        cost = self.seat_costs(pool, lay.length[act])[start]
        if rest := lay.recovery[act]:
            end = start + lay.length[act]
            base = agent * lay.slots
            cost += sum(int(self.cost[pool, s]) for s in range(end, min(end + rest, lay.slots)) if lay.work[base + s])
        return cost

    def wishes_of(self, need: int) -> tuple[tuple[int, int, int], ...]:
        """Give the times wished for by the person of a coaching step; none for other needs."""
        series = self.lay.need_series[need]
        return self.wished[series] if series >= 0 else ()

    def suits(self, need: int, start: int) -> bool:
        """Say whether a coaching step lies in the times its person wished for."""
        return bool(self.suits_from(need, start, start + 1)[0])

    def suits_from(self, need: int, first: int, end: int) -> NDArray[np.bool_]:
        """Give whether the starts `[first, end)` lie in the times the person of a coaching step wished for."""
        lay = self.lay
        site = lay.agent_site[lay.need_agent[need]]
        days, clock = lay.weekday[site][first:end], lay.clock[site][first:end]
        out = np.zeros(end - first, dtype=bool)
        for weekday, low, high in self.wishes_of(need):
            out |= (days == weekday) & (clock >= low) & (clock < high)
        return out

    def days_late(self, need: int, start: int) -> int:
        """Give the days by which a start is late for a need, a begun day counted; 0 on time."""
        due = self.lay.due[need]
        return (start - due) // DAY + 1 if start >= due else 0

    # ---- counting

    def _begin(self) -> None:
        """Count the grid as it stands."""
        lay, grid = self.lay, self.grid
        change = Change()
        change.unplaced = sum(lay.weight)
        for a, count in enumerate(self.people.asked):
            change.missed[a] += count
        for m in grid.meetings.values():
            change.sessions += 1
            inside = 0 <= m.start < lay.slots
            if inside and m.fac >= 0:
                change.led[m.fac] += m.end - m.start
            for n in m.att:
                self._count(change, n, m.act, m.start, 1)
        self._take(change)

    def _count(self, change: Change, need: int, act: int, start: int, sign: int) -> None:
        lay = self.lay
        agent = lay.need_agent[need]
        change.unplaced -= sign * lay.weight[need]
        due = lay.due[need]
        if start < due:
            change.missed[agent] -= sign
        else:
            change.late += sign
            change.days += sign * ((start - due) // DAY + 1)
        if not 0 <= start < lay.slots:
            return
        suits = False
        if self.wishes_of(need):
            suits = self.suits(need, start)
            change.unwished += 0 if suits else sign
        if not suits:
            for i in BITS[self.flags[lay.agent_site[agent]][start]]:
                change.seats[agent * KINDS + i] += sign
        change.tight += sign * self.seat_cost(agent, act, start)

    def changes(self, mark: int) -> Change:
        """Give what the journal's entries since `mark` change."""
        change = Change()
        journal = self.grid.journal
        for i in range(mark, len(journal)):
            what, m, need = journal[i]
            if what == SEATED:
                self._count(change, need, m.act, m.start, 1)
            elif what == LEFT:
                self._count(change, need, m.act, m.start, -1)
            elif what == OPENED:
                change.sessions += 1
                change.led[m.fac] += m.end - m.start
            elif what == CLOSED:
                change.sessions -= 1
                change.led[m.fac] -= m.end - m.start
        return change

    def verdict(self, change: Change) -> int:
        """Give -1 for a gain, 1 for a loss, by the first wish that changes; 0 when none does."""
        for count in (change.unplaced, change.late, change.days):
            if count:
                return 1 if count > 0 else -1
        if any(change.missed.values()):
            worse = self.people.compare(change.missed) or self.teams.compare(self._by_team(change))
            if worse:
                return worse
        hours = self.hours.cost(change.seats)
        if hours:
            return 1 if hours > 0 else -1
        for count in (self.load_cost(change.led), change.tight, change.unwished, change.sessions):
            if count:
                return 1 if count > 0 else -1
        return 0

    def load_cost(self, led: Mapping[int, int]) -> int:
        """Give what the load of facilitators grows by when they lead so many slots more."""
        return sum(self.load_of(f, more) - self.load_of(f) for f, more in led.items() if more)

    def load_of(self, fac: int, more: int = 0) -> int:
        """Give the squared load of a facilitator, with `more` slots than now."""
        return (self.led[fac] + more) ** 2 * LOAD_ONE // self.can[fac]

    def judge(self, mark: int = 0) -> bool:
        """Keep the changes since `mark` if they are a gain; otherwise take them back."""
        change = self.changes(mark)
        if self.verdict(change) >= 0:
            self.grid.undo(mark)
            return False
        self._take(change)
        self.steps += 1
        return True

    def _by_team(self, change: Change) -> dict[int, int]:
        out: dict[int, int] = defaultdict(int)
        for agent, more in change.missed.items():
            out[self.lay.agent_team[agent]] += more
        return out

    def _take(self, change: Change) -> None:
        sums = self.sums
        for name in ("unplaced", "late", "days", "tight", "unwished", "sessions"):
            setattr(sums, name, getattr(sums, name) + getattr(change, name))
        for team, more in self._by_team(change).items():
            self.teams.missed[team] += more
        for agent, more in change.missed.items():
            self.people.missed[agent] += more
        self.hours.take(change.seats)
        for fac, more in change.led.items():
            self.led[fac] += more

    def standing(self) -> Standing:
        """Give all that is counted, as `wishes.standing` gives it for the sessions."""
        sums = self.sums
        return Standing(
            unplaced=sums.unplaced,
            late=sums.late,
            late_days=sums.days,
            people=_ladder(self.people),
            teams=_ladder(self.teams),
            hours=sum(self.hours.value),
            load=sum(self.load_of(f) for f in range(len(self.led))),
            tight=sums.tight,
            unwished=sums.unwished,
            sessions=sums.sessions,
        )

    def costs_from(self, pool: int, length: int, first: int, end: int) -> NDArray[np.int64]:
        """Give `seat_costs` for the starts `[first, end)` as an array."""
        return np.frombuffer(self.seat_costs(pool, length), np.int64)[first:end]


def _ladder(shares: Shares) -> tuple[tuple[float, int], ...]:
    missed = Counter(shares.missing(g) for g, count in enumerate(shares.missed) if count)
    return tuple(sorted(missed.items(), reverse=True))


def _costs(spare: NDArray[np.int16]) -> NDArray[np.int64]:
    """Give by slot what a person off the queue costs, as `wishes.Standing` says."""
    some = np.sort(spare[spare > 0])
    if not len(some):
        return np.where(spare <= 0, SPARE_ONE, 0).astype(np.int64)
    most = some[(len(some) - 1) // 4]
    return np.where(spare > most, 0, SPARE_ONE // np.maximum(spare, 1).astype(np.int64))
