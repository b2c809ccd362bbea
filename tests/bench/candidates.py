"""Candidate sessions for the peers that choose among given ones: an activity, a start, a leader and a room each.

All starts of a year for every group are too many for a general solver. So each group gets its most promising starts of
each week: those at which most of its members are at work with something to spare on their queue, spread over the
days. This helps the peers: it is knowledge of the problem that a plain model would not have.
"""

from collections import defaultdict
from dataclasses import dataclass

from devsys.core.planning.problem import DAY, WEEK, Activity, Problem
from tests.bench.first_fit import Book, Group, runs

# Starts a week for each group, by the kind of its activity, when `richness` is 1.
_A_WEEK = {"review": 10, "skill": 8, "adv": 6, "boundaries": 6, "coach": 40}


@dataclass(frozen=True, slots=True)
class Place:
    """A session that may be held: positions of facilitator and room (-1 without one), seats from `least` to `most`."""

    act: str
    site: str
    team: str
    start: int
    length: int
    fac: int
    room: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Choice:
    """All candidate sessions, and for each need the positions of those it may sit in."""

    places: tuple[Place, ...]
    options: tuple[tuple[int, ...], ...]


def candidates(problem: Problem, richness: float = 1.0) -> Choice:
    """Give the candidate sessions of a problem."""
    book = Book(problem)
    places: list[Place] = []
    options: list[list[int]] = [[] for _ in problem.needs]
    for turn, (group, members) in enumerate(sorted(book.groups.items())):
        act = book.acts[group[0]]
        able = {n: _able(book, n, act) for n in members}
        first = min(problem.needs[n].earliest for n in members) // WEEK
        last = max(problem.needs[n].latest for n in members) // WEEK
        most = max(1, round(_A_WEEK.get(act.kind, 8) * richness))
        for week in range(max(0, first), min(last, problem.weeks - 1) + 1):
            for start in _starts(book, act, able, week, most):
                for place in _led(book, group, start, turn + len(places)):
                    for n, bits in able.items():
                        if bits >> start & 1:
                            options[n].append(len(places))
                    places.append(place)
    return Choice(tuple(places), tuple(tuple(o) for o in options))


def _able(book: Book, n: int, act: Activity) -> int:
    need, agent = book.needs[n], book.agents[book.needs[n].agent]
    first, end = max(0, need.earliest), min(need.latest, book.problem.slots - act.length + 1)
    if first >= end:
        return 0
    window = ((1 << end - first) - 1) << first
    return runs(book.free[agent.id] & book.some[agent.pool], act.length) & window & ~book.shut[agent.site]


def _starts(book: Book, act: Activity, able: dict[int, int], week: int, most: int) -> list[int]:
    """Give the best starts of a week, a day each in turn."""
    base, mask = week * WEEK, (1 << WEEK) - 1
    here = [(book.agents[book.needs[n].agent].pool, bits >> base & mask) for n, bits in able.items()]
    here = [(pool, bits) for pool, bits in here if bits]
    by_day: dict[int, list[tuple[int, int]]] = defaultdict(list)
    every = 0
    for _, bits in here:
        every |= bits
    for offset in range(WEEK):
        if not every >> offset & 1:
            continue
        counts: dict[str, int] = defaultdict(int)
        for pool, bits in here:
            counts[pool] += bits >> offset & 1
        span = slice(base + offset, base + offset + act.length)
        seats = sum(min(count, *book.spare[pool][span]) for pool, count in counts.items())
        if seats >= act.gmin:
            by_day[offset // DAY].append((-min(seats, act.gmax), base + offset))
    days = [sorted(rows) for _, rows in sorted(by_day.items())]
    found: list[int] = []
    for rank in range(max((len(rows) for rows in days), default=0)):
        found += [rows[rank][1] for rows in days if rank < len(rows)]
    return found[:most]


def _led(book: Book, group: Group, start: int, turn: int) -> list[Place]:
    """Give the session at a start with leader and room in turn; for coaching one with each of four coaches."""
    act = book.acts[group[0]]
    mask = ((1 << act.length) - 1) << start
    facs = [f for f in book.leaders[act.id, group[1]] if book.leads[f] & mask == mask]
    if not facs:
        return []
    chosen = facs[:4] if act.gmax == 1 else [facs[turn % len(facs)]]
    room, seats = -1, act.gmax
    if act.room and not act.online:
        rooms = [i for i, (r, site) in enumerate(book.rooms) if site == group[1] and r.cap >= act.gmin]
        if not rooms:
            return []
        room = rooms[turn % len(rooms)]
        seats = min(seats, book.rooms[room][0].cap)
    return [Place(act.id, group[1], group[2], start, act.length, f, room, act.gmin, seats) for f in chosen]
