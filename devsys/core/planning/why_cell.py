"""Why an owed need is not at a start somebody points at: every rule that stands against it there, with who and what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase
from devsys.core.planning.grid import Meeting
from devsys.core.planning.problem import DAY, WEEK, Plan, Problem, say_day, say_slot
from devsys.core.planning.why import WhyNot
from devsys.core.planning.why_fits import Fits, Seat, Way
from devsys.core.planning.why_standing import Standing
from devsys.core.planning.why_starts import Starts, codes_of
from devsys.core.planning.why_words import COACHING, Words, hours, listed, raised, session_words, spoken

_NEAREST_TRIED = 8
_NAMED = 3  # of many, so many are named


def why_not_need(
    problem: Problem, plan: Plan, need: int, start: int, *, beginning: int = 0, joinable: Iterable[str] = ()
) -> WhyNot:
    """Give what stands against serving an owed need at a start, and the nearest start that works.

    `start` may be any slot; no start before `beginning` is offered; only sessions in `joinable` may take one more.
    Where no start works as the plan stands, the words give the nearest that works with one change. Raises
    InvalidError when the plan does not owe the need.
    """
    standing = Standing(problem, plan, joinable)
    if not 0 <= need < len(problem.needs) or need not in standing.grid.owed:
        raise InvalidError(phrase("This plan does not owe the need."), (Fault("need", str(need)),))
    return _Cell(standing, need, start, beginning).answer()


@dataclass(frozen=True, slots=True)
class _Near:
    """A start that works, with what is let go for it."""

    seat: Seat
    words: str


class _Cell:
    """One owed need and one start."""

    def __init__(self, standing: Standing, need: int, start: int, beginning: int) -> None:
        self.standing, self.lay, self.problem = standing, standing.lay, standing.problem
        self.need, self.start, self.beginning = need, start, beginning
        self.asked = self.problem.needs[need]
        act = self.lay.need_act[need]
        self.inside = max(0, self.problem.frozen_until) <= start < standing.last_start(act)
        self.fits = Fits(Starts(standing, need, start, start + 1)) if self.inside else None
        self.site = self.problem.sites[self.lay.agent_site[self.lay.need_agent[need]]]
        self.name = self.problem.agents[self.lay.need_agent[need]].label

    def answer(self) -> WhyNot:
        """Give the rules and the nearest start."""
        rules = tuple(dict.fromkeys((*self._window(), *self._rules())))
        if not rules:
            return WhyNot(())
        near = self._nearest()
        if near is None:
            return WhyNot(rules, None, "Nothing in its window works, with one change or without.")
        changed = bool(near.seat.relaxes)
        words = f"The nearest that works with one change. {near.words}" if changed else near.words
        return WhyNot(rules, None if changed else near.seat.start, words)

    def _window(self) -> Iterator[str]:
        if not self.inside:
            yield "This lies outside of the weeks in which something new may start."
            return
        if self.start < self.asked.earliest:
            yield f"Its window opens on {say_day(self.problem, self.site, self.asked.earliest)}."
        if self.start >= self.asked.latest:
            yield f"Its window closed on {say_day(self.problem, self.site, self.asked.latest - 1)}."

    # ---- the rules at the start

    def _rules(self) -> Iterator[str]:
        """Say every rule that stands against the way with the fewest."""
        if self.fits is None or not self.fits.ways:
            return
        way = min(self.fits.ways, key=lambda w: (int(w.bits[0]).bit_count(), int(w.bits[0])))
        for code in codes_of(int(way.bits[0])):
            yield f"{raised(self._said(code, way))}."

    def _said(self, code: str, way: Way) -> str:
        said = {
            "open_day": self._holiday,
            "at_work": lambda: f"{self.name} is not at work for all of it",
            "facilitator": self._no_leader,
            "room": self._no_room,
            "coverage": self._short,
            "series": self._series,
            "prerequisite": self._first_things,
            "spacing": self._spacing,
            "one_place": lambda: f"{self.name} is in {self._sessions(self._own(one_place=True))}",
            "recovery": self._recovery,
            "dose": self._dose,
            "queue_taken": self._taken,
            "leaders_taken": lambda: self._leaders(way),
            "rooms_taken": self._rooms,
            "companions": self._companions,
        }
        if code == "full" and way.join is not None:
            seats = f"{len(way.join.att)} of {len(way.join.att)}"
            return f"{session_words(self.standing, self.standing.session(way.join))} is full: {seats} places are taken"
        return said[code]()

    def _holiday(self) -> str:
        return f"{say_day(self.problem, self.site, self.start)} is a holiday of {self.site.label}"

    def _sessions(self, meetings: Iterable[Meeting]) -> str:
        named = [session_words(self.standing, self.standing.session(m)) for m in meetings if m.act >= 0]
        return listed(named) or "a session before the planned weeks"

    @property
    def _starts(self) -> Starts:
        if self.fits is None:
            raise RuntimeError("There is nothing to say of a start outside of the planned weeks.")
        return self.fits.starts

    def _no_leader(self) -> str:
        starts, what = self._starts, self.problem.activities[self._starts.act].label
        leads = [self.problem.facilitators[f].label for f in self.lay.facs_for[starts.act, starts.site]]
        if not leads:
            return f"nobody is qualified to lead {what} at {self.site.label}"
        if len(leads) > _NAMED:
            return f"none of the {spoken(len(leads))} who can lead {what} is at work"
        return f"{listed(leads)}, who could lead {what}, {'is' if len(leads) == 1 else 'are'} not at work"

    def _no_room(self) -> str:
        starts = self._starts
        seats = min(int(starts.waiting.people[0]), starts.least)
        large = [r for r in self.lay.rooms_of[starts.site] if self.lay.room_cap[r] >= seats]
        if large:
            return f"{listed([self.lay.rooms[r].label for r in large])} {'is' if len(large) == 1 else 'are'} closed"
        return f"{self.site.label} has no room that seats {seats}"

    def _short(self) -> str:
        starts = self._starts
        pool = self.problem.pools[starts.pool]
        slots = range(self.start, self.start + starts.length)
        worst = min(slots, key=lambda s: int(self.standing.margin[starts.pool, s]))
        there = int(self.lay.rostered[starts.pool, worst])
        left = int(starts.spare_base[0])
        spared = "nobody" if left == 0 else f"only {spoken(left)}"
        group = f", the group needs {starts.least}" if left else ""
        return f"{pool.label} can spare {spared}: {there} at work, {pool.required[worst]} required{group}"

    def _taken(self) -> str:
        starts = self._starts
        end = self.start + starts.length + starts.rest
        pools = sorted(starts.waiting.by_pool)
        rows = list(dict.fromkeys(m for p in pools for m in self.standing.taking(p, self.start, end)))
        label = self.problem.pools[starts.pool].label
        more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        left = int(starts.spare_left[0])
        need = f"; {left} left, the group needs {starts.least}" if left else ""
        return f"what {label} can spare is taken by {self._sessions(rows[:_NAMED])}{more}{need}"

    def _leaders(self, way: Way) -> str:
        starts = self._starts
        said = []
        for fac in [way.coach] if way.coach >= 0 else self.lay.facs_for[starts.act, starts.site]:
            if not self.standing.leader(fac, starts.act).at_work[self.start]:
                continue
            label = self.problem.facilitators[fac].label
            beside = self.standing.beside_leader(fac, starts.act, self.start)
            if any(self.problem.activities[m.act].kind == COACHING for m in beside):
                said.append(f"{label} is taken")  # with whom a one-to-one is must not be put together
            elif beside:
                said.append(f"{label} leads {self._sessions(beside)}")
            else:
                said.append(f"{label} has led {hours(self.lay.weekly[fac])} of that week, all there is")
        more = f" and {len(said) - _NAMED} more are taken" if len(said) > _NAMED else ""
        return f"{listed(said[:_NAMED])}{more}"

    def _rooms(self) -> str:
        starts = self._starts
        said = [
            f"room {self.lay.rooms[room].label} is taken by {self._sessions(beside)}"
            for room in self.lay.rooms_of[starts.site]
            if (beside := self.standing.beside_room(room, starts.act, self.start))
        ]
        return listed(said[:_NAMED])

    def _first_things(self) -> str:
        missing = [self.problem.activities[p].label for p in self.lay.before[self.need]]
        return f"{self.name} needs {listed(missing)} first"

    def _own(self, *, one_place: bool = False) -> list[Meeting]:
        starts = self._starts
        if one_place:
            return self.standing.beside_person(starts.agent, starts.act, self.start)
        return [m for _, _, m in self.standing.grid.of[starts.agent]]

    def _spacing(self) -> str:
        kind = self.lay.kind[self._starts.act]
        gap = self.lay.gap[kind]
        near = [m for m in self._own() if m.kind == kind and abs(m.start - self.start) < gap]
        return f"{self.name} has {self._sessions(near)}, less than {gap // DAY} days away"

    def _recovery(self) -> str:
        starts = self._starts
        day = self.site.day_of(self.start)
        near = [
            m
            for m in self._own()
            if m.act >= 0 and (self.lay.recovery[m.act] or starts.rest) and self.site.day_of(m.start) == day
        ]
        return f"{self.name} needs time to recover beside {self._sessions(near)}"

    def _dose(self) -> str:
        starts, rules = self._starts, self.problem.rules
        day = int(self.standing.day_used[starts.agent][self.lay.day_of[starts.site][self.start]]) + starts.length
        week = int(self.standing.week_used[starts.agent][self.start // WEEK]) + starts.length
        if day > rules.day_slots:
            return f"{self.name} would learn {hours(day)} that day, {hours(rules.day_slots)} are allowed"
        return f"{self.name} would learn {hours(week)} that week, {hours(rules.week_slots)} are allowed"

    def _companions(self) -> str:
        starts, lay = self._starts, self.lay
        here = [n for n in self.standing.waiting.get(starts.group, ()) if lay.first[n] <= self.start < lay.last[n]]
        others = [n for n in here if lay.need_agent[n] != starts.agent]
        able = [n for n in others if self.standing.row(n)[self.start - lay.first[n]]]
        names = [self.problem.agents[a].label for a in dict.fromkeys(lay.need_agent[n] for n in able)]
        cannot = {lay.need_agent[n] for n in others} - {lay.need_agent[n] for n in able}
        who = f"only {listed(names)} could come as well" if names else "nobody else who waits could come"
        if not names and not cannot:
            who = "nobody else waits"
        busy = ""
        if cannot:
            first = sorted(self.problem.agents[a].label for a in cannot)
            more = f" and {len(first) - _NAMED} more" if len(first) > _NAMED else ""
            busy = f" ({listed(first[:_NAMED])}{more} cannot then)"
        return f"{who}{busy}; the group needs {starts.least}"

    def _series(self) -> str:
        starts = self._starts
        before = starts.step_before()
        if starts.waits_for_step() or before is None:
            return "an earlier step of the series is not placed, and steps keep their order"
        low, high = self.problem.rules.coach_gap_days
        days = (self.start - before.start) / DAY
        if not low <= days <= high:
            when = say_slot(self.problem, self.site, before.start)
            return f"the step before is on {when}; the next comes {low} to {high} days after it"
        coach = self.problem.facilitators[before.fac].label if before.fac >= 0 else "the coach"
        return f"{coach}, the coach of this series, is not at work"

    # ---- the nearest start

    def _nearest(self) -> _Near | None:
        """Give the start nearest to the one asked for that works: as the plan stands, else with one rule let go."""
        own = Starts(self.standing, self.need, max(self.asked.earliest, self.beginning))
        fits = Fits(own)
        if not fits.ways:
            return None
        words = Words(fits)
        for seat in self._by_distance(fits, 0):
            when = say_slot(self.problem, self.site, seat.start)
            return _Near(seat, f"The nearest start that works: {when}.")
        best: Seat | None = None
        for bits in fits.values():
            if bits.bit_count() == 1:
                for seat in self._by_distance(fits, bits, closer=best):
                    best = seat
                    break
        return _Near(best, words.fit(best)) if best is not None else None

    def _by_distance(self, fits: Fits, bits: int, closer: Seat | None = None) -> Iterator[Seat]:
        """Give seats that hold, the nearest first; only those nearer than another one."""
        reach = abs(closer.start - self.start) if closer is not None else 1 << 40
        tried = [
            (abs(way.first + int(c) - self.start), way.first + int(c), i)
            for i, way in enumerate(fits.ways)
            for c in np.flatnonzero(way.bits == bits)
        ]
        for distance, start, i in sorted(tried)[:_NEAREST_TRIED]:
            if distance >= reach:
                return
            seat = fits.seat(start, bits, fits.ways[i])
            if seat is not None and fits.holds(seat):
                yield seat
