"""What it costs groups to give people back to queues that are short, as units to choose among (`shortage`).

Costs are bounds below: who could fill a group is judged without the other groups, and a seat that is given up for two
reasons is counted for none, so that the costs of several groups may be added.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Final

from devsys.core.planning.board import Board, Group, Meet, reach
from devsys.core.planning.problem import WEEK
from devsys.core.planning.shortage import Moment, Unit, Way

# People one group gives back one by one; whoever gives back more counts as if it helped all queues for good.
ONE_BY_ONE: Final = 4
_FOR_GOOD: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Comer:
    """Somebody who could come to a group: the need, the session left for it, and other seats given up besides.

    `full`: of these seats of the same day or week at least one more is given up, for the dose.
    """

    need: int
    left: Meet | None
    gives_up: tuple[int, ...]
    full: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """Those of one queue who could come from one place: the price of each, the cheapest first.

    `hurt`: what it costs besides when the session they leave becomes too small, unless all of it (`whole`) leave.
    """

    prices: tuple[int, ...]
    whole: int
    hurt: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Giving:
    """A unit, and the sessions of one group and one start that it is."""

    unit: Unit
    meets: tuple[Meet, ...]


class Givers:
    """The groups that could give people back to queues.

    `open_` says whether a session may change, `waiting` who of a group has no place; `counted` are seats that are lost
    already, or were looked at before.
    """

    def __init__(
        self,
        board: Board,
        open_: Callable[[Meet], bool],
        waiting: Callable[[Group], Sequence[int]],
        counted: AbstractSet[int],
    ) -> None:
        self.board = board
        self.open = open_
        self.waiting = waiting
        self.counted = counted
        self.inside: set[str] = set()  # sessions of the units
        self.people: Counter[str] = Counter()  # in how many units somebody could come
        self.left: Counter[str] = Counter()  # for how many units somebody could leave a session
        self._hurts: dict[str, int] = {"": 0}

    def at(self, short: Mapping[Moment, int], small: Iterable[Meet]) -> tuple[list[Giving], dict[Moment, int]]:
        """Give the units of all that matters where queues are short and groups too small, and by how much they are.

        Those beside them matter too, as far as their people would have to give way to who fills a group.
        """
        first = {m.id: m for m in small} | {m.id: m for m in self._over(short)}
        slots = {s for m in first.values() for s in range(m.start, m.end + m.act.recovery)} | {s for _, s in short}
        wide = first | {m.id: m for m in self._over([(p, s) for p in self.board.pools for s in slots])}
        groups: dict[tuple[int, Group], Meet] = {(m.start, m.group): m for m in wide.values()}
        whole = {key: self._together(m) for key, m in sorted(groups.items())}
        self.inside = {m.id for rows in whole.values() for m in rows}
        comers = {key: self._comers(rows) for key, rows in whole.items()}
        self.people = Counter(p for rows in comers.values() for p in {self._who(c) for c in rows})
        self.left = Counter(i for rows in comers.values() for i in {c.left.id for c in rows if c.left})
        units = [Giving(self._unit(rows, comers[key]), tuple(rows)) for key, rows in whole.items()]
        return units, self._lacking(units, slots)

    def _lacking(self, units: Iterable[Giving], slots: Iterable[int]) -> dict[Moment, int]:
        """Give by how much the queues concerned are short in some slots, seats that are lost already aside."""
        board = self.board
        pools = {pool for g in units for way in g.unit.ways for pool in way.back}
        out = {(p, s): -board.spare(p, s) for p in pools for s in slots if s < board.slots}
        for g in units:
            for m in g.meets:
                for n in m.att:
                    if n in self.counted:
                        pool = board.agent_of(n).pool
                        for s in range(m.start, m.end + m.act.recovery):
                            if (pool, s) in out:
                                out[pool, s] -= 1
        return out

    def _over(self, moments: Iterable[Moment]) -> Iterator[Meet]:
        """Give the sessions that may change and keep somebody of a queue away at some moment."""
        board = self.board
        wanted = set(moments)
        pools: dict[int, set[str]] = defaultdict(set)
        for pool, slot in wanted:
            pools[slot].add(pool)
        for week in sorted({s // WEEK + d for s in pools for d in (-1, 0)}):
            for m in board.weekly.get(week, {}).values():
                here = set().union(*(pools.get(s, ()) for s in range(m.start, m.end + m.act.recovery)))
                if here and self.open(m) and any(board.agent_of(n).pool in here for n in m.att):
                    yield m

    def _together(self, m: Meet) -> list[Meet]:
        """Give all sessions of the group at that start: whoever leaves one may sit in another and keep the time."""
        return [x for x in self.board.near(m.group, m.start, m.start + 1) if self.open(x) and x.att]

    def _who(self, c: _Comer) -> str:
        return self.board.needs[c.need].agent

    # ---- who could come

    def _comers(self, rows: Sequence[Meet]) -> list[_Comer]:
        m, board = rows[0], self.board
        seated = {n for x in rows for n in x.att}
        if len(seated) - ONE_BY_ONE >= m.act.gmin or not self.counted.isdisjoint(seated):
            return []
        far = board.longest(m.act.id)
        near = board.near(m.group, m.start - far, m.start + far + 1)
        elsewhere = [n for x in near if x.start != m.start and self.open(x) for n in x.att]
        found = (self._comer(n, m) for n in (*self.waiting(m.group), *elsewhere) if n not in seated)
        return [c for c in found if c is not None]

    def _comer(self, need: int, m: Meet) -> _Comer | None:
        """Give what somebody gives up to come to a session; None who cannot come at all."""
        board, n = self.board, self.board.needs[need]
        agent, act, gap = board.agents[n.agent], m.act, board.gap.get(m.act.kind, 0)
        if not max(n.earliest, board.frozen) <= m.start < n.latest or not reach(agent.work, m.start, m.end):
            return None
        if any(k == act.kind and m.start - t < gap for k, t in agent.last):
            return None
        site = board.sites[agent.site]
        day, week, far = site.day_of(m.start), m.start // WEEK, max(gap, WEEK)
        gives_up: list[int] = []
        beside: list[tuple[int, Meet]] = []
        for t, _, k, x in board.rows(n.agent, m.start - far, m.start + far):
            if k == need:
                continue
            clash = t < m.end + act.recovery and m.start < x.end + x.act.recovery
            clash = clash or (gap > 0 and x.act.kind == act.kind and abs(t - m.start) < gap)
            if clash or (act.recovery and x.act.recovery and site.day_of(t) == day):
                if not self.open(x):
                    return None
                gives_up.append(k)
            elif t // WEEK == week:
                beside.append((k, x))
        here = [(k, x) for k, x in beside if site.day_of(x.start) == day]
        for rows, most in ((here, board.rules.day_slots), (beside, board.rules.week_slots)):
            if act.length + sum(x.act.length for _, x in rows) > most:
                if not any(self.open(x) for _, x in rows):
                    return None
                return _Comer(need, board.at.get(need), tuple(gives_up), tuple(k for k, _ in rows))
        return _Comer(need, board.at.get(need), tuple(gives_up), ())

    # ---- at what price

    def _lost(self, need: int) -> bool:
        """Say whether a seat given up counts: it is not lost already, and not one that a unit may give up too."""
        m = self.board.at.get(need)
        return need not in self.counted and m is not None and m.id not in self.inside

    def _price(self, c: _Comer) -> int:
        price = int(self._lost(c.need))
        if self.people[self._who(c)] <= 1:
            price += sum(map(self._lost, c.gives_up)) + (bool(c.full) and all(map(self._lost, c.full)))
        return price

    def _sources(self, comers: Iterable[_Comer]) -> list[_Source]:
        """Give where people of one queue could come from, the cheapest first."""
        by_meet: dict[str, list[_Comer]] = defaultdict(list)
        out = []
        for c in comers:
            if c.left is None or c.left.id in self.inside or self.left[c.left.id] > 1:
                out.append(_Source((self._price(c),), 1, partial(self._hurt, "")))
            else:
                by_meet[c.left.id].append(c)
        for name, rows in by_meet.items():
            prices = tuple(sorted(map(self._price, rows)))
            out.append(_Source(prices, len(self.board.meets[name].att), partial(self._hurt, name)))
        return sorted(out, key=lambda s: s.prices)

    def _hurt(self, name: str) -> int:
        """Give 1 where somebody else loses their time when one leaves a session, 0 where it may be that nobody does."""
        if name not in self._hurts:
            self._hurts[name] = int(self._would_hurt(self.board.meets[name]))
        return self._hurts[name]

    def _would_hurt(self, m: Meet) -> bool:
        board = self.board
        if len(m.att) > m.act.gmin or len(board.near(m.group, m.start, m.start + 1)) > 1:
            return False
        if not self.counted.isdisjoint(m.att):
            return False
        far = board.longest(m.act.id)
        near = board.near(m.group, m.start - far, m.start + far + 1)
        free = [n for x in near for n in x.att if n in self.counted or x.id in self.inside]
        comers = (self._comer(n, m) for n in (*self.waiting(m.group), *free))
        return all(c is None or self._price(c) > 0 for c in comers)

    @staticmethod
    def _filled(sources: Sequence[_Source], lacks: int, *, hurts: bool) -> list[int | None]:
        """Give the least it costs that so many come, for 0 up to `lacks` people; None where so many cannot.

        Without `hurts` as if nobody were missed where they come from.
        """
        best: list[int | None] = [0, *[None] * lacks]
        for source in sources:
            last = best[lacks]
            if last is not None and last <= source.prices[0]:
                break
            new = list(best)
            for few in range(1, min(lacks, len(source.prices)) + 1):
                cost = sum(source.prices[:few])
                if _dearer(best, new, few, cost):
                    continue
                cost += source.hurt() if hurts and few < source.whole else 0
                for count in range(few, lacks + 1):
                    before, now = best[count - few], new[count]
                    if before is not None and (now is None or before + cost < now):
                        new[count] = before + cost
            best = new
        return best

    # ---- the ways of a group

    def _unit(self, rows: Sequence[Meet], comers: Sequence[_Comer]) -> Unit:
        m, board = rows[0], self.board
        att = [n for x in rows for n in x.att]
        mine = Counter(board.agent_of(n).pool for n in att if n not in self.counted)
        counted = any(n in self.counted for n in att)
        least = 0 if counted else m.act.gmin
        ways = self._ways(mine, len(att), least, comers)
        if not counted:
            ways.append(Way(len(att), dict(mine)))
        return Unit(m.start, m.end + m.act.recovery, m.end, _best(ways), stands=len(att) >= least)

    def _ways(self, mine: Mapping[str, int], count: int, least: int, comers: Sequence[_Comer]) -> list[Way]:
        """Give what a group may do that goes on: who leaves it, and from which queues others come."""
        by_pool: dict[str, list[_Comer]] = defaultdict(list)
        for c in comers:
            by_pool[self.board.agent_of(c.need).pool].append(c)
        most = max(0, least - count + ONE_BY_ONE)
        sources = {pool: self._sources(rows) for pool, rows in by_pool.items()} if most else {}
        with_hurt = {pool: self._filled(rows, most, hurts=True) for pool, rows in sources.items()}
        plain = {pool: self._filled(rows, most, hurts=False) for pool, rows in sources.items()}
        pools = sorted({*mine, *by_pool})
        out: list[Way] = []
        for gone in product(*(range(min(mine.get(p, 0), ONE_BY_ONE) + 1) for p in pools)):
            total = sum(gone)
            if total > ONE_BY_ONE or (total == count and least):
                continue
            lacks = max(0, least - (count - total))
            for come in _shares(
                lacks, [0 if g or p not in sources else most for p, g in zip(pools, gone, strict=True)]
            ):
                one = sum(c > 0 for c in come) <= 1
                prices = [(with_hurt if one else plain)[p][c] for p, c in zip(pools, come, strict=True) if c]
                if all(price is not None for price in prices) and (total or lacks):
                    cost = total + sum(price for price in prices if price is not None)
                    back = {p: g - c for p, g, c in zip(pools, gone, come, strict=True) if g != c}
                    if total == ONE_BY_ONE:
                        cost, back = total, dict.fromkeys(pools, _FOR_GOOD)
                    out.append(Way(cost, back))
        return out


def _dearer(best: Sequence[int | None], new: Sequence[int | None], few: int, cost: int) -> bool:
    """Say whether so many more at this cost make nothing cheaper than it is."""
    pairs = ((best[count - few], new[count]) for count in range(few, len(best)))
    return all(before is None or (now is not None and now <= before + cost) for before, now in pairs)


def _shares(count: int, most: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Give all ways in which so many come from several queues, at most so many of each."""
    if not most:
        if count == 0:
            yield ()
        return
    for first in range(min(count, most[0]) + 1):
        for rest in _shares(count - first, most[1:]):
            yield (first, *rest)


def _best(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Give the ways that no other is better than, the cheapest first."""
    out: list[Way] = []
    for way in sorted(ways, key=lambda w: (w.cost, -sum(w.back.values()), sorted(w.back.items()))):
        pools = {p for w in (way, *out) for p in w.back}
        if not any(all(w.back.get(p, 0) >= way.back.get(p, 0) for p in pools) for w in out):
            out.append(way)
    return tuple(out)
