"""The hard rules among the questions about spots, as rows of a program of zeros and ones.

The rows are exact: every answer that keeps them can be booked, and every booking keeps them (H1, H4, H6 and what is
booked already decide which questions are asked at all).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from devsys.core.planning.grid import Meeting
from devsys.core.planning.problem import DAY, WEEK
from devsys.core.planning.spots import Seat, Spot, Spots

FREE = 1 << 40

# First slot, first slot after it, the number of a question: two that overlap exclude each other.
Stay = tuple[int, int, int]


@dataclass(slots=True)
class Program:
    """Questions answered by 0 or 1. `clashes`: at most one of each; `follows`: pairs, the first asks for the second.

    `rows`: numbers, weights, and the least and the most of their sum. `sums`: a question that is answered by others,
    1 when any of them is.
    """

    size: int = 0
    clashes: list[tuple[int, ...]] = field(default_factory=list)
    follows: list[tuple[int, int]] = field(default_factory=list)
    rows: list[tuple[Sequence[int], Sequence[int], int, int]] = field(default_factory=list)
    sums: list[tuple[int, Sequence[int]]] = field(default_factory=list)

    def ask(self) -> int:
        """Give the number of a new question."""
        self.size += 1
        return self.size - 1

    def clash(self, numbers: Iterable[int]) -> None:
        """Let at most one of these be."""
        mine = tuple(numbers)
        if len(mine) > 1:
            self.clashes.append(mine)

    def row(self, numbers: Sequence[int], weights: Sequence[int], *, low: int = -FREE, high: int = FREE) -> None:
        """Keep the weighted sum within limits."""
        self.rows.append((numbers, weights, low, high))


def program_of(made: Spots) -> Program:
    """Give the rules among all spots and seats."""
    program = Program(made.size)
    for spot in made.spots:
        _spot(made, program, spot)
    by_agent: dict[int, list[Seat]] = defaultdict(list)
    for seat in made.seats:
        by_agent[made.grid.lay.need_agent[seat.need]].append(seat)
    for agent, seats in sorted(by_agent.items()):
        _person(made, program, agent, seats)
    _queues(made, program)
    _groups(made, program)
    _leaders(made, program)
    _rooms(made, program)
    for chain in made.series.values():
        _series(made, program, chain)
    _gates(made, program, by_agent)
    return program


def _spot(made: Spots, program: Program, spot: Spot) -> None:
    """Tie the seats of a spot to its sessions: group size, one leader and one room each."""
    grid, lay = made.grid, made.grid.lay
    act = spot.group[0]
    seats = [s.number for s in spot.seats]
    ones = [1] * len(seats)
    if spot.meeting is not None:
        program.row(seats, ones, high=grid.seats_left(spot.meeting))
        return
    leads = [v for _, v in spot.leads]
    rooms = [(lay.room_cap[r], v) for r, v in spot.rooms if v != spot.held]
    if spot.held >= 0:
        if leads != [spot.held]:
            program.row([*leads, spot.held], [1] * len(leads) + [-1], low=0, high=0)
        program.follows += [(s, spot.held) for s in seats if s != spot.held]
        leads = [spot.held]
    least = lay.gmin[act] - spot.company
    if seats != leads and least > 0:
        program.row([*seats, *leads], [*ones, *[-least] * len(leads)], low=0)
    if rooms:
        program.row([*(v for _, v in rooms), *leads], [1] * len(rooms) + [-1] * len(leads), low=0, high=0)
        caps = [min(c, lay.gmax[act], spot.most) for c, _ in rooms]
        program.row([*seats, *(v for _, v in rooms)], [*ones, *(-c for c in caps)], high=0)
        return
    most = min(lay.gmax[act], spot.most)
    if spot.rooms:
        most = min(most, lay.room_cap[spot.rooms[0][0]])
    if seats != leads and (spot.held < 0 or len(seats) > most):
        program.row([*seats, *leads], [*ones, *[-most] * len(leads)], high=0)


def cliques(stays: Iterable[Stay]) -> list[tuple[int, ...]]:
    """Give the largest sets of stays that all overlap in some slot, by their numbers."""
    steps = sorted(step for a, b, v in stays for step in ((a, 1, v), (b, 0, v)))
    here: dict[int, None] = {}
    out: list[tuple[int, ...]] = []
    grown = False
    for _, begins, v in steps:
        if begins:
            here[v] = None
            grown = True
        else:
            if grown and len(here) > 1:
                out.append(tuple(here))
            grown = False
            here.pop(v, None)
    return out


def _person(made: Spots, program: Program, agent: int, seats: Sequence[Seat]) -> None:
    """One place at a time with recovery, each need once, dose, spacing, one intense session a day."""
    grid, lay = made.grid, made.grid.lay
    by_need: dict[int, list[int]] = defaultdict(list)
    by_kind: dict[int, list[Stay]] = defaultdict(list)
    days: dict[int, list[tuple[int, Seat]]] = defaultdict(list)
    weeks: dict[int, list[tuple[int, Seat]]] = defaultdict(list)
    stays: list[Stay] = []
    heavy: dict[int, list[int]] = defaultdict(list)
    day_of = lay.day_of[lay.agent_site[agent]]
    for seat in seats:
        act, start = seat.spot.group[0], seat.spot.start
        kind, length = lay.kind[act], lay.length[act]
        by_need[seat.need].append(seat.number)
        stays.append((start, start + length + lay.recovery[act], seat.number))
        if lay.gap[kind]:
            by_kind[kind].append((start, start + lay.gap[kind], seat.number))
        days[day_of[start]].append((length, seat))
        weeks[start // WEEK].append((length, seat))
        if lay.recovery[act]:
            heavy[day_of[start]].append(seat.number)
    for numbers in by_need.values():
        program.clash(numbers)
    for rows in (stays, *by_kind.values()):
        needs = {v for _, _, v in rows}
        if len(needs) > 1 and len(by_need) > 1:
            for clique in cliques(rows):
                program.clash(clique)
    for numbers in heavy.values():
        program.clash(numbers)
    limit = grid.day_limit
    for day, some in days.items():
        _dose(program, some, limit - grid.day_used[agent * lay.days + day])
    for week, some in weeks.items():
        _dose(program, some, grid.week_limit - grid.week_used[agent * lay.weeks + week])


def _dose(program: Program, rows: Sequence[tuple[int, Seat]], left: int) -> None:
    longest: dict[int, int] = {}
    for length, seat in rows:
        longest[seat.need] = max(longest.get(seat.need, 0), length)
    if sum(longest.values()) > left:
        program.row([s.number for _, s in rows], [length for length, _ in rows], high=left)


def _queues(made: Spots, program: Program) -> None:
    """No queue gives more people than it can spare, in sessions or in the rest after them."""
    grid, lay = made.grid, made.grid.lay
    events: dict[int, list[tuple[int, int, Seat]]] = defaultdict(list)
    for seat in made.seats:
        agent, spot = lay.need_agent[seat.need], seat.spot
        mine = events[lay.agent_pool[agent]]
        mine += [(spot.start, 1, seat), (spot.end, 0, seat)]
        for slot in range(spot.end, min(spot.end + lay.recovery[spot.group[0]], lay.slots)):
            if lay.work[agent * lay.slots + slot]:
                mine += [(slot, 1, seat), (slot + 1, 0, seat)]
    for pool, steps in sorted(events.items()):
        steps.sort(key=lambda e: e[:2])
        away: dict[int, Seat] = {}
        limits: dict[tuple[int, ...], int] = {}
        for (slot, begins, seat), (until, *_) in pairwise([*steps, (lay.slots, 0, steps[-1][2])]):
            if begins:
                away[seat.number] = seat
            else:
                away.pop(seat.number)
            if slot < until and away:
                spare = int(grid.spare_rows[pool, slot:until].min())
                if len({lay.need_agent[s.need] for s in away.values()}) > spare:
                    numbers = tuple(away)
                    limits[numbers] = min(spare, limits.get(numbers, spare))
        for numbers, spare in limits.items():
            program.row(numbers, [1] * len(numbers), high=max(spare, 0))


def _groups(made: Spots, program: Program) -> None:
    """Say what follows for whole groups from what a queue can spare: it makes the answer easier to prove."""
    grid, lay = made.grid, made.grid.lay
    stays: dict[int, list[tuple[int, int, int, list[int]]]] = defaultdict(list)
    for spot in made.spots:
        if spot.meeting is not None or spot.company:
            continue
        leads = [spot.held] if spot.held >= 0 else [v for _, v in spot.leads]
        here: dict[int, set[int]] = defaultdict(set)
        for seat in spot.seats:
            agent = lay.need_agent[seat.need]
            here[lay.agent_pool[agent]].add(agent)
        everybody = sum(map(len, here.values()))
        for pool, people in here.items():
            least = lay.gmin[spot.group[0]] - (everybody - len(people))
            if least > 1:
                stays[pool].append((spot.start, spot.end, least, leads))
    for pool, rows in sorted(stays.items()):
        for slot in sorted({t for a, b, *_ in rows for t in range(a, b)}):
            spare = max(0, int(grid.spare_rows[pool, slot]))
            mine = [(v, least) for a, b, least, leads in rows if a <= slot < b for v in leads]
            fewest = min(least for _, least in mine)
            most = spare // fewest
            if len(mine) <= most:
                continue
            numbers = tuple(v for v, _ in mine)
            if most <= 1:
                program.clash(numbers)
            else:
                program.row(numbers, [1] * len(numbers), high=most)


def _leaders(made: Spots, program: Program) -> None:
    """Let a facilitator lead one session at a time, in time for its room, within the week's hours."""
    grid, lay, gap = made.grid, made.grid.lay, made.grid.changeover
    stays: dict[int, list[tuple[Stay, bool]]] = defaultdict(list)
    for spot in made.spots:
        for fac, v in spot.leads:
            stays[fac].append(((spot.start, spot.end, v), bool(spot.rooms)))
    for fac, rows in sorted(stays.items()):
        for clique in cliques(stay for stay, _ in rows):
            program.clash(clique)
        if gap and any(room for _, room in rows):
            _changeover(program, rows, gap)
        weeks: dict[int, list[Stay]] = defaultdict(list)
        for stay, _ in rows:
            weeks[stay[0] // WEEK].append(stay)
        for week, some in weeks.items():
            left = lay.weekly[fac] - grid.fac_week[fac * lay.weeks + week]
            lengths = [b - a for a, b, _ in some]
            if sum(lengths) > left:
                program.row([v for *_, v in some], lengths, high=left)


def _changeover(program: Program, rows: Sequence[tuple[Stay, bool]], gap: int) -> None:
    """Two sessions of a leader lie `gap` apart unless both are without a room: two in one room wait for the room."""
    roomy = {v for (_, _, v), room in rows if room}
    for clique in cliques((a, b + gap, v) for (a, b, v), _ in rows):
        plain = [v for v in clique if v not in roomy]
        mixed = [v for v in clique if v in roomy]
        if len(plain) > 1 and mixed:
            some = program.ask()
            program.sums.append((some, plain))
            program.follows += [(v, some) for v in plain]
            plain = [some]
        if mixed:
            program.clash([*mixed, *plain])


def _rooms(made: Spots, program: Program) -> None:
    """Let a room hold one session at a time, with time to change."""
    stays: dict[int, list[Stay]] = defaultdict(list)
    for spot in made.spots:
        for room, v in spot.rooms:
            stays[room].append((spot.start, spot.end + made.grid.changeover, v))
    for _, rows in sorted(stays.items()):
        for clique in cliques(rows):
            program.clash(clique)


def _sums(program: Program, steps: Sequence[tuple[int, Sequence[int]]]) -> tuple[list[int], list[int]]:
    """Give questions "is one of these so far?": the times in order, and the number for each."""
    times: list[int] = []
    sums: list[int] = []
    for at, numbers in steps:
        so_far = program.ask()
        before = sums[-1:]
        program.row([so_far, *before, *numbers], [1, *[-1] * (len(before) + len(numbers))], low=0, high=0)
        program.sums.append((so_far, [*before, *numbers]))
        times.append(at)
        sums.append(so_far)
    return times, sums


def _series(made: Spots, program: Program, chain: Sequence[int]) -> None:
    """Keep steps in order, so many days apart, with one coach."""
    lay = made.grid.lay
    low, high = (d * DAY for d in lay.problem.rules.coach_gap_days)
    mine: dict[tuple[int, int], dict[int, int]] = {}
    for seat in made.seats:
        if lay.need_series[seat.need] >= 0:
            fac = seat.spot.leads[0][0]
            mine.setdefault((seat.need, fac), {})[seat.spot.start] = seat.number
    for before, step in pairwise(chain):
        for (need, fac), starts in sorted(mine.items()):
            if need != step:
                continue
            earlier = sorted(mine.get((before, fac), {}).items())
            times, sums = _sums(program, [(t, [v]) for t, v in earlier])
            for t, v in sorted(starts.items()):
                i, j = bisect_right(times, t - low) - 1, bisect_left(times, t - high) - 1
                if i < 0 or i == j:
                    program.row([v], [1], high=0)
                elif j < 0:
                    program.follows.append((v, sums[i]))
                else:
                    program.row([v, sums[i], sums[j]], [1, -1, 1], high=0)


def _gates(made: Spots, program: Program, by_agent: Mapping[int, Sequence[Seat]]) -> None:
    """Let what needs something first wait until it has ended, and what stands keep what it rests on."""
    grid, lay = made.grid, made.grid.lay
    for (agent, act), needs in sorted(made.gates.items()):
        ends: dict[int, list[int]] = defaultdict(list)
        for seat in by_agent.get(agent, ()):
            if seat.need in needs:
                ends[seat.spot.end].append(seat.number)
        booked = min((m.end for _, _, m in grid.of[agent] if m.act == act), default=FREE)
        times: list[int] = []
        sums: list[int] = []
        if len(needs) == 1:
            times, sums = _sums(program, sorted(ends.items()))
        waiting = [s for s in by_agent.get(agent, ()) if act in lay.before[s.need] and s.spot.start < booked]
        for seat in waiting:
            _wait(program, seat.number, seat.spot.start, (times, sums), ends)
        for _, _, m in grid.of[agent]:
            if m.act >= 0 and m.start < booked and not m.pinned and _rests_on(made, m, agent, act):
                _wait(program, -1, m.start, (times, sums), ends)


def _rests_on(made: Spots, meeting: Meeting, agent: int, act: int) -> bool:
    lay = made.grid.lay
    return any(lay.need_agent[n] == agent and act in lay.before[n] for n in meeting.att)


def _wait(
    program: Program, number: int, start: int, so_far: tuple[list[int], list[int]], ends: Mapping[int, Sequence[int]]
) -> None:
    """Let `number` (-1: what stands) be only when one of `ends` has come by `start`."""
    times, sums = so_far
    if times:
        i = bisect_right(times, start) - 1
        numbers = [sums[i]] if i >= 0 else []
    else:
        numbers = [v for end, some in ends.items() if end <= start for v in some]
    if number < 0:
        program.row(numbers, [1] * len(numbers), low=1)
    elif len(numbers) == 1:
        program.follows.append((number, numbers[0]))
    else:
        program.row([number, *numbers], [1, *[-1] * len(numbers)], high=0)
