"""What could be chosen for a few needs: spots (a group at a start) and seats (a need at a spot), all else as it stands.

Each yes-or-no question has a number; `spot_rows` states the rules among them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from devsys.core.planning.construct import Group, groups_of
from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.masks import able, people_seats, pool_seats, seat_caps

NEVER = 1 << 40
ANY_ROOM = -2  # a room to be chosen, as `Grid.fac_fits` sees it: another one than any that is booked

# Start, facilitator, room (-1 without one).
Place = tuple[int, int, int]


@dataclass(slots=True)
class Spot:
    """A group at a start: sessions that may be opened, one for each leader, or the open seats of a `meeting`.

    `leads` and `rooms` are pairs of who or where and the number of the question. `held` is the question whether it
    is used at all, where at most one session makes sense; else -1. `most`: people whom queues let come. `company`:
    others who could come and are not asked about.
    """

    group: Group
    start: int
    end: int
    leads: list[tuple[int, int]] = field(default_factory=list)
    rooms: list[tuple[int, int]] = field(default_factory=list)
    held: int = -1
    most: int = 1
    company: int = 0
    meeting: Meeting | None = None
    seats: list["Seat"] = field(default_factory=list)


@dataclass(slots=True)
class Seat:
    """A need at a spot; `number` of the question."""

    need: int
    spot: Spot
    number: int


class Spots:
    """All spots and seats for `needs`, numbered."""

    def __init__(
        self,
        grid: Grid,
        needs: Sequence[int],
        *,
        starts: Mapping[Group, Sequence[int]],
        leaders: int | None = None,
        ready: Mapping[int, int] | None = None,
        counted: Collection[int] | None = None,
        seated: Collection[int] | None = None,
    ) -> None:
        """Find them. With `ready`, a need waits for that slot and not for its prerequisites.

        With `counted`, only spots at which one of these could be on time are of any use. With `seated`, the others of
        `needs` get no seats: they could keep company wherever they are able to, whatever else they do.
        """
        self.grid = grid
        self.counted = counted
        self.seated = seated
        self.leaders = leaders
        self.size = 0
        self.spots: list[Spot] = []
        self.seats: list[Seat] = []
        lay = grid.lay
        self.needs = [n for n in needs if grid.at[n] is None and lay.first[n] < lay.last[n]]
        free = set(self.needs)
        # The providers of a prerequisite among the needs asked for, by person and activity.
        self.gates: dict[tuple[int, int], list[int]] = {}
        for n in self.needs if ready is None else ():
            if lay.is_gate[lay.need_act[n]]:
                self.gates.setdefault((lay.need_agent[n], lay.need_act[n]), []).append(n)
        self.ready = {n: self._ready(n) if ready is None else ready[n] for n in self.needs}
        groups = groups_of(grid, [n for n in self.needs if lay.need_series[n] < 0])
        for group in sorted(groups):
            self._group(group, groups[group], starts.get(group))
        self.series: dict[int, list[int]] = {}
        for s in sorted({lay.need_series[n] for n in self.needs} - {-1}):
            self._series(s, free, starts)

    def ask(self) -> int:
        """Give the number of a new question."""
        self.size += 1
        return self.size - 1

    def _ready(self, need: int) -> int:
        """Give the slot before which the prerequisites of a need cannot have ended; NEVER where they never do."""
        grid, lay = self.grid, self.grid.lay
        ready = 0
        for p in lay.before[need]:
            if (lay.need_agent[need], p) not in self.gates:
                ends = [m.end for _, _, m in grid.of[lay.need_agent[need]] if m.act == p]
                ready = max(ready, min(ends, default=NEVER))
        return ready

    def _group(self, group: Group, needs: Sequence[int], starts: Sequence[int] | None) -> None:
        grid, lay = self.grid, self.grid.lay
        act, site, _ = group
        first, end = min(lay.first[n] for n in needs), max(lay.last[n] for n in needs)
        length = lay.length[act]
        table = able(grid, needs, act, first, end, ready=self.ready)
        for row, n in enumerate(needs):
            table[row] &= pool_seats(grid, lay.agent_pool[lay.need_agent[n]], length, first, end) > 0
        for m in grid.meetings_near(*group, first, end):
            if not m.pinned and grid.seats_left(m) > 0:
                self._join(m, [n for row, n in enumerate(needs) if table[row, m.start - first]])
        seats = people_seats(grid, needs, table, first, end)
        caps = seat_caps(grid, act, site, first, end)
        good = np.minimum(seats, caps) >= lay.gmin[act]
        if starts is not None:
            wanted = np.zeros(end - first, dtype=bool)
            wanted[[t - first for t in starts if first <= t < end]] = True
            good &= wanted
        for column in np.flatnonzero(good).tolist():
            here = [needs[row] for row in np.flatnonzero(table[:, column]).tolist()]
            if self.counted is None or any(n in self.counted and first + column < lay.prompt[n] for n in here):
                self._open(group, first + column, here, int(seats[column]))

    def _join(self, meeting: Meeting, needs: Sequence[int]) -> None:
        if not needs:
            return
        group = (meeting.act, meeting.site, meeting.team)
        spot = Spot(group, meeting.start, meeting.end, meeting=meeting)
        self._seat(spot, needs)

    def _seat(self, spot: Spot, needs: Sequence[int]) -> None:
        for n in needs:
            seat = Seat(n, spot, self.ask())
            spot.seats.append(seat)
            self.seats.append(seat)
        self.spots.append(spot)

    def _open(self, group: Group, start: int, needs: Sequence[int], most: int) -> None:
        """Let a group meet at a start, led by any who can; nothing where nobody can."""
        lay = self.grid.lay
        act = group[0]
        facs = self.leaders_at(group, start)[: self.leaders]
        rooms = self.rooms_at(group, start)
        if not facs or (lay.needs_room[act] and not rooms):
            return
        spot = Spot(group, start, start + lay.length[act], most=most)
        spot.leads = [(f, self.ask()) for f in facs]
        # Two sessions at once make sense only where one, in whatever room, may not seat all who could come.
        least = min((lay.room_cap[r] for r in rooms), default=lay.gmax[act])
        if most <= min(least, lay.gmax[act]):
            spot.held = spot.leads[0][1] if len(facs) == 1 else self.ask()
        if lay.needs_room[act]:
            one = len(rooms) == 1 and spot.held >= 0
            spot.rooms = [(r, spot.held if one else self.ask()) for r in rooms]
        here = needs if self.seated is None else [n for n in needs if n in self.seated]
        spot.company = len(needs) - len(here)
        self._seat(spot, here)

    def leaders_at(self, group: Group, start: int) -> list[int]:
        """Give who could lead a session of a group at a start, the least versatile first."""
        grid, lay = self.grid, self.grid.lay
        act, site, _ = group
        room = ANY_ROOM if lay.needs_room[act] else -1
        return [f for f in lay.facs_for[act, site] if grid.fac_fits(f, lay.length[act], start, room)]

    def rooms_at(self, group: Group, start: int) -> list[int]:
        """Give the free rooms of a site that seat the least group, the smallest first."""
        grid, lay = self.grid, self.grid.lay
        act, site, _ = group
        if not lay.needs_room[act]:
            return []
        return [
            r
            for r in lay.rooms_of[site]
            if lay.room_cap[r] >= lay.gmin[act] and grid.room_fits(r, lay.length[act], start)
        ]

    def _series(self, series: int, free: set[int], starts: Mapping[Group, Sequence[int]]) -> None:
        """Let each step of a series that is free, and after which none stands, start with any coach who can."""
        grid, lay = self.grid, self.grid.lay
        steps = lay.steps.get(series, [])
        standing = [n for n in steps if grid.at[n] is not None]
        rest = steps[len(standing) :]
        if any(lay.gmin[lay.need_act[n]] > 1 or grid.at[n] is not None for n in rest):
            return
        low, high = (d * 48 for d in lay.problem.rules.coach_gap_days)
        chain: list[int] = []
        for n in rest:
            if n not in free:
                break
            act, agent = lay.need_act[n], lay.need_agent[n]
            group = (act, lay.agent_site[agent], lay.agent_team[agent] if lay.same_team[act] else -1)
            a, b = lay.first[n], lay.last[n]
            coach = -1
            after = grid.at[standing[-1]] if standing else None
            if after is not None:
                coach = after.fac
                if not chain:
                    a, b = max(a, after.start + low), min(b, after.start + high + 1)
            if a < b:
                self._step(n, group, (a, b), coach, starts.get(group))
            chain.append(n)
        if chain:
            self.series[series] = chain

    def _step(self, need: int, group: Group, window: tuple[int, int], coach: int, starts: Sequence[int] | None) -> None:
        grid, lay = self.grid, self.grid.lay
        (a, b), (act, site, _) = window, group
        can = able(grid, [need], act, a, b, ready=self.ready)[0] > 0
        can &= pool_seats(grid, lay.agent_pool[lay.need_agent[need]], lay.length[act], a, b) > 0
        can &= seat_caps(grid, act, site, a, b) > 0
        wanted = None if starts is None else set(starts)
        for column in np.flatnonzero(can).tolist():
            start = a + column
            if wanted is not None and start not in wanted:
                continue
            facs = [f for f in self.leaders_at(group, start) if coach < 0 or f == coach]
            rooms = self.rooms_at(group, start)
            if lay.needs_room[act] and not rooms:
                continue
            # Who leads matters to the steps before and after, so each coach is a spot of its own.
            for f in facs:
                spot = Spot(group, start, start + lay.length[act])
                self._seat(spot, [need])
                spot.held = spot.seats[0].number
                spot.leads = [(f, spot.held)]
                if lay.needs_room[act]:
                    spot.rooms = [(r, spot.held if len(rooms) == 1 else self.ask()) for r in rooms]
