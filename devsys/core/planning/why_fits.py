"""A seat for an owed need with rules let go: proposed from the lines of starts, then tried by the verifier's rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from devsys.core.planning.grid import Meeting
from devsys.core.planning.problem import Session
from devsys.core.planning.relax import ONE_MORE, Relax
from devsys.core.planning.why_people import People
from devsys.core.planning.why_standing import Leading
from devsys.core.planning.why_starts import BIT, TAKEN, Bits, Starts, codes_of

SEAT: Final = "the seat"  # the id of a session that does not exist yet
_TRIES: Final = 6  # starts tried for one set of rules
_SINGLE: Final = 12  # sessions tried as the only one in the way


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a need would sit, what is let go for it, and at which rules that aims; `least` people where fewer do."""

    bits: int
    start: int
    relaxes: tuple[Relax, ...]
    session: Session
    people: int

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of what is let go."""
        return codes_of(self.bits)

    @property
    def joins(self) -> bool:
        """Say whether it is a place in a session that stands."""
        return self.session.id != SEAT


@dataclass(frozen=True, slots=True)
class Way:
    """One way to be served over all starts, with what stands against each.

    `coach` binds who leads; `join` is a session that stands (then there is one start only); `smaller` is a group
    below its minimum.
    """

    bits: Bits
    first: int
    coach: int = -1
    join: Meeting | None = None
    smaller: bool = False


class Fits:
    """The ways in which one need could be served, over the starts of its window or others."""

    def __init__(self, starts: Starts, *, given: tuple[Relax, ...] = ()) -> None:
        """Lay out all ways; `given` are rules that these starts have let go already."""
        self.starts, self.standing, self.lay = starts, starts.standing, starts.lay
        self.problem = self.standing.problem
        self.given = given
        self.agent = self.problem.agents[starts.agent]
        self.site = self.problem.sites[starts.site]
        self.activity = self.problem.activities[starts.act]
        self._people = People(starts)
        self.ways = list(self._ways()) if starts.width else []

    def _ways(self) -> Iterator[Way]:
        starts, first = self.starts, self.starts.first
        if self.lay.need_series[starts.need] < 0:
            yield Way(starts.new(), first)
            for bits, m in starts.joins():
                yield Way(np.array([bits], dtype=np.uint32), m.start, join=m)
            return
        kept = starts.kept_series()
        before = starts.step_before()
        if kept is not None and before is not None and not starts.waits_for_step():
            yield Way(kept, first, coach=before.fac)
        if kept is None and not starts.waits_for_step():
            yield Way(starts.new(), first)
        else:
            yield Way(starts.lifted_series(), first)

    def values(self) -> tuple[int, ...]:
        """Give every set of rules that stands against some start, once."""
        lines = [np.unique(way.bits) for way in self.ways if way.join is None]
        found = {int(v) for line in lines for v in line}
        return tuple(sorted(found | {int(way.bits[0]) for way in self.ways if way.join is not None}))

    def everywhere(self, code: str) -> bool:
        """Say whether a rule stands against every start, by itself."""
        return all(bool((way.bits & BIT[code]).all()) for way in self.ways)

    def seats(self, bits: int, *, single: bool = False) -> Iterator[Seat]:
        """Give seats at starts against which exactly these rules stand, the most promising first, not yet tried.

        `single`: only those for which one other session is all that has to give way.
        """
        for way in self.ways:
            for start in self._promising(way, bits):
                if (seat := self.seat(start, bits, way, single=single)) is not None:
                    yield seat

    def _promising(self, way: Way, bits: int) -> list[int]:
        columns = np.flatnonzero(way.bits == bits)
        if len(columns) > 1:
            late = columns + way.first >= self.lay.due[self.starts.need]
            rank = late.astype(np.int64) * 10_000
            if bits & BIT["companions"]:
                rank -= self.starts.waiting.people[columns]
            if bits & (BIT["coverage"] | BIT["queue_taken"]):
                rank += np.maximum(0, self.starts.least - self.starts.waiting.spared[columns])
            if bits & BIT["leaders_taken"]:  # rather more hours of somebody free than another session gone
                rank += 5_000 * ~self._led(way).free[columns + way.first]
            if bits & BIT["coverage"]:
                line = self.standing.margin[self.starts.pool]
                rank -= np.minimum(0, line[columns + way.first])
            columns = columns[np.argsort(rank, kind="stable")]
        return [way.first + int(c) for c in columns[:_TRIES]]

    def _led(self, way: Way) -> Leading:
        """Give when anybody could lead, or the one coach a way is bound to."""
        if way.coach >= 0:
            return self.standing.leader(way.coach, self.starts.act)
        return self.standing.led(self.starts.act, self.starts.site)

    # ---- one seat

    def seat(self, start: int, bits: int, way: Way, *, single: bool = False) -> Seat | None:
        """Give a seat at a start with these rules let go; None when there is none so."""
        relaxes = list(self.given)
        codes = codes_of(bits)
        end = start + self.starts.length
        if "open_day" in codes:
            relaxes.append(Relax("open_day", who=self.site.id, first=start, end=end))
        if "at_work" in codes:
            relaxes.append(Relax("at_work", agent=self.agent.id, first=start, end=end))
        if "series" in codes:
            relaxes.append(Relax("series", who=self.problem.needs[self.starts.need].series or ""))
        own = ("prerequisite", "spacing", "recovery", "dose")
        relaxes += [Relax(code, agent=self.agent.id) for code in codes if code in own]
        taken = [code for code in codes if code in TAKEN]
        if "leaders_taken" in taken and (more := self._more_hours(start, way)) is not None and not single:
            relaxes.append(more)
            taken.remove("leaders_taken")
        for gone in self._gone(taken, start, way, single=single) if taken else ((),):
            code = taken[0] if len(taken) == 1 else "competition"
            said = [Relax(code, gone=tuple(m.id for m in gone))] if gone else []
            if (found := self._seat(start, bits, way, [*relaxes, *said], gone)) is not None:
                return found
        return None

    def _seat(self, start: int, bits: int, way: Way, relaxes: Sequence[Relax], gone: Sequence[Meeting]) -> Seat | None:
        people = self._people.seated(start, bits, gone, way.join, small=way.smaller)
        if people is None:
            return None
        att, more = people
        room, roomier = self._room(start, bits, way, gone, len(att))
        leader, led = self._leader(start, bits, way, [*relaxes, *more], gone)
        if leader is None or (room is None and not self.standing.roomless(self.starts.act)):
            return None
        if way.join is not None:
            session = self.standing.session(way.join)
            session = Session(session.id, session.act, session.start, session.fac, session.room, session.site, att)
        else:
            session = Session(SEAT, self.activity.id, start, leader, room, self.site.id, att)
        return Seat(bits, start, (*relaxes, *more, *roomier, *led), session, len(att))

    def holds(self, seat: Seat) -> bool:
        """Try a seat: with what it lets go, and everything else as it stands."""
        return self.standing.trial.holds(seat.relaxes, seat.session)

    def _more_hours(self, start: int, way: Way) -> Relax | None:
        """Give the fewest hours more with which somebody who is free could lead."""
        best: Relax | None = None
        for fac in self._leaders(way):
            line = self.standing.leader(fac, self.starts.act)
            if line.free[start] and not line.fit[start]:
                short = self.standing.hours_short(fac, self.starts.act, start)
                if best is None or short < best.amount:
                    best = Relax("leaders_taken", who=self.problem.facilitators[fac].id, first=start, amount=short)
        return best

    def _leaders(self, way: Way) -> list[int]:
        return [way.coach] if way.coach >= 0 else self.lay.facs_for[self.starts.act, self.starts.site]

    def _leader(
        self, start: int, bits: int, way: Way, relaxes: Iterable[Relax], gone: Sequence[Meeting]
    ) -> tuple[str | None, list[Relax]]:
        """Give who would lead, and what has to be let go for it."""
        starts, facs = self.starts, self.problem.facilitators
        if way.join is not None:
            return facs[way.join.fac].id if way.join.fac >= 0 else "", []
        named = next((r.who for r in relaxes if r.code == "leaders_taken" and r.who), "")
        if named:
            return named, []
        best, key = None, (0, 0)
        for fac in self._leaders(way):
            line = self.standing.leader(fac, starts.act)
            away = bool(bits & BIT["facilitator"])
            if not (line.fit[start] or away or gone) or line.at_work[start] == away:
                continue
            if [m for m in self.standing.beside_leader(fac, starts.act, start) if m not in gone]:
                continue
            if self.standing.hours_short(fac, starts.act, start, gone):
                continue
            mine = len(facs[fac].quals), self.standing.grid.fac_total[fac]
            if best is None or mine < key:
                best, key = fac, mine
        span = start, start + starts.length
        if bits & BIT["facilitator"]:
            name = facs[best].id if best is not None else ""
            led = Relax("facilitator", self.agent.id, name, span[0], span[1], activity=self.activity.id)
            return name or ONE_MORE, [led]
        return facs[best].id if best is not None else None, []

    def _room(
        self, start: int, bits: int, way: Way, gone: Sequence[Meeting], seats: int
    ) -> tuple[str | None, list[Relax]]:
        """Give the smallest room that would do, and what has to be let go for it."""
        starts = self.starts
        if way.join is not None:
            return self.standing.session(way.join).room, []
        if self.standing.roomless(starts.act):
            return None, []
        if bits & BIT["room"]:
            more = Relax("room", who=self.site.id, amount=seats, first=start, end=start + starts.length)
            return ONE_MORE, [more]
        for room in self.lay.rooms_of[starts.site]:
            if self.lay.room_cap[room] < seats or not self.standing.room_open(room, starts.act, start):
                continue
            if all(m in gone for m in self.standing.beside_room(room, starts.act, start)):
                return self.lay.rooms[room].id, []
        return None, []

    # ---- the sessions in the way

    def _gone(self, taken: Sequence[str], start: int, way: Way, *, single: bool) -> Iterator[tuple[Meeting, ...]]:
        """Give sessions without which the rules behind which others stand would not bind: one alone first."""
        sets = [found for code in taken if (found := self._in_the_way(code, start, way))]
        if len(sets) < len(taken):
            return
        for m in list(dict.fromkeys(m for found in sets for some in found for m in some))[:_SINGLE]:
            if all(any(set(some) <= {m} for some in found) for found in sets):
                yield (m,)
        if single:
            return
        union = tuple(dict.fromkeys(m for found in sets for m in found[0]))
        if len(union) > 1:
            yield union

    def _in_the_way(self, code: str, start: int, way: Way) -> list[tuple[Meeting, ...]]:
        """Give sets of sessions of which each, gone, would do for one rule; the smallest first."""
        starts, standing = self.starts, self.standing
        found: list[tuple[Meeting, ...]]
        if code == "one_place":
            found = [tuple(standing.beside_person(starts.agent, starts.act, start))]
        elif code == "leaders_taken":
            found = []
            for fac in self._leaders(way):
                some = tuple(standing.beside_leader(fac, starts.act, start))
                there = standing.leader(fac, starts.act).at_work[start]
                if there and some and not standing.hours_short(fac, starts.act, start, some):
                    found.append(some)
        elif code == "rooms_taken":
            seats = min(int(starts.waiting.people[start - starts.first]), starts.least)
            found = [
                tuple(standing.beside_room(r, starts.act, start))
                for r in self.lay.rooms_of[starts.site]
                if self.lay.room_cap[r] >= seats and standing.room_open(r, starts.act, start)
            ]
        else:
            found = self._freeing(start, way)
        kept = [some for some in found if some and all(m is not way.join and standing.removable(m) for m in some)]
        return sorted(kept, key=lambda some: (len(some), sum(m.id in self._pins for m in some)))

    @property
    def _pins(self) -> frozenset[str]:
        return self.standing.pins

    def _freeing(self, start: int, way: Way) -> list[tuple[Meeting, ...]]:
        """Give sessions whose people, back on the queue, would leave enough to spare."""
        starts = self.starts
        end = start + starts.length + starts.rest
        out: list[tuple[Meeting, ...]] = []
        heap: list[Meeting] = []
        pools = [starts.pool] if way.join is not None else list(starts.waiting.by_pool)
        rows = dict.fromkeys(m for pool in pools for m in self.standing.taking(pool, start, end))
        for m in rows:
            if m is way.join or not self.standing.removable(m):
                continue
            if self._people.seated(start, 0, (m,), way.join) is not None:
                out.append((m,))
            elif not out:
                heap.append(m)
                if self._people.seated(start, 0, heap, way.join) is not None:
                    out.append(tuple(heap))
                    heap = []
            if len(out) >= _TRIES:
                break
        return out
