"""Why an owed need is not at a start somebody points at: every rule that stands against it there, with who and what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase, phrases
from devsys.core.planning.grid import Meeting
from devsys.core.planning.problem import DAY, WEEK, Plan, Problem, say_day, say_slot
from devsys.core.planning.why import WhyNot, nearest_words
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


def _and_more(named: str, more: int) -> str:
    """Add to what is named how many more there are."""
    if more <= 0:
        return named
    return phrases("%(named)s and %(num)s more", "%(named)s and %(num)s more", more, named=named)


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
            return WhyNot(rules, None, phrase("Nothing in its window works, with one change or without."))
        changed = bool(near.seat.relaxes)
        if not changed:
            return WhyNot(rules, near.seat.start, near.words)
        return WhyNot(rules, None, phrase("The nearest that works with one change. %(words)s", words=near.words))

    def _window(self) -> Iterator[str]:
        if not self.inside:
            yield phrase("This lies outside of the weeks in which something new may start.")
            return
        if self.start < self.asked.earliest:
            opens = say_day(self.problem, self.site, self.asked.earliest)
            yield phrase("Its window opens on %(day)s.", day=opens)
        if self.start >= self.asked.latest:
            closed = say_day(self.problem, self.site, self.asked.latest - 1)
            yield phrase("Its window closed on %(day)s.", day=closed)

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
            "at_work": lambda: phrase("%(name)s is not at work for all of it", name=self.name),
            "facilitator": self._no_leader,
            "room": self._no_room,
            "coverage": self._short,
            "series": self._series,
            "prerequisite": self._first_things,
            "spacing": self._spacing,
            "one_place": self._elsewhere,
            "recovery": self._recovery,
            "dose": self._dose,
            "queue_taken": self._taken,
            "leaders_taken": lambda: self._leaders(way),
            "rooms_taken": self._rooms,
            "companions": self._companions,
        }
        if code == "full" and way.join is not None:
            return phrase(
                "%(session)s is full: %(taken)s of %(seats)s places are taken",
                session=session_words(self.standing, self.standing.session(way.join)),
                taken=len(way.join.att),
                seats=len(way.join.att),
            )
        return said[code]()

    def _elsewhere(self) -> str:
        sessions = self._sessions(self._own(one_place=True))
        return phrase("%(name)s is in %(sessions)s", name=self.name, sessions=sessions)

    def _holiday(self) -> str:
        day = say_day(self.problem, self.site, self.start)
        return phrase("%(day)s is a holiday of %(site)s", day=day, site=self.site.label)

    def _sessions(self, meetings: Iterable[Meeting]) -> str:
        named = [session_words(self.standing, self.standing.session(m)) for m in meetings if m.act >= 0]
        return listed(named) or phrase("a session before the planned weeks")

    @property
    def _starts(self) -> Starts:
        if self.fits is None:
            raise RuntimeError("There is nothing to say of a start outside of the planned weeks.")
        return self.fits.starts

    def _no_leader(self) -> str:
        starts, what = self._starts, self.problem.activities[self._starts.act].label
        leads = [self.problem.facilitators[f].label for f in self.lay.facs_for[starts.act, starts.site]]
        if not leads:
            return phrase("nobody is qualified to lead %(what)s at %(site)s", what=what, site=self.site.label)
        if len(leads) > _NAMED:
            return phrase("none of the %(count)s who can lead %(what)s is at work", count=spoken(len(leads)), what=what)
        return phrases(
            "%(names)s, who could lead %(what)s, is not at work",
            "%(names)s, who could lead %(what)s, are not at work",
            len(leads),
            names=listed(leads),
            what=what,
        )

    def _no_room(self) -> str:
        starts = self._starts
        seats = min(int(starts.waiting.people[0]), starts.least)
        large = [r for r in self.lay.rooms_of[starts.site] if self.lay.room_cap[r] >= seats]
        if large:
            rooms = listed([self.lay.rooms[r].label for r in large])
            return phrases("%(rooms)s is closed", "%(rooms)s are closed", len(large), rooms=rooms)
        return phrase("%(site)s has no room that seats %(least)s", site=self.site.label, least=seats)

    def _short(self) -> str:
        starts = self._starts
        pool = self.problem.pools[starts.pool]
        slots = range(self.start, self.start + starts.length)
        worst = min(slots, key=lambda s: int(self.standing.margin[starts.pool, s]))
        there = int(self.lay.rostered[starts.pool, worst])
        left = int(starts.spare_base[0])
        required = int(pool.required[worst])
        if not left:
            return phrase(
                "%(pool)s can spare nobody: %(there)s at work, %(required)s required",
                pool=pool.label,
                there=there,
                required=required,
            )
        return phrases(
            "%(pool)s can spare only %(num)s: %(there)s at work, %(required)s required, the group needs %(least)s",
            "%(pool)s can spare only %(num)s: %(there)s at work, %(required)s required, the group needs %(least)s",
            left,
            num=spoken(left),
            pool=pool.label,
            there=there,
            required=required,
            least=starts.least,
        )

    def _taken(self) -> str:
        starts = self._starts
        end = self.start + starts.length + starts.rest
        pools = sorted(starts.waiting.by_pool)
        rows = list(dict.fromkeys(m for p in pools for m in self.standing.taking(p, self.start, end)))
        label = self.problem.pools[starts.pool].label
        sessions = _and_more(self._sessions(rows[:_NAMED]), len(rows) - _NAMED)
        taken = phrase("what %(pool)s can spare is taken by %(sessions)s", pool=label, sessions=sessions)
        if not (left := int(starts.spare_left[0])):
            return taken
        return phrase("%(taken)s; %(left)s left, the group needs %(least)s", taken=taken, left=left, least=starts.least)

    def _leaders(self, way: Way) -> str:
        starts = self._starts
        said = []
        for fac in [way.coach] if way.coach >= 0 else self.lay.facs_for[starts.act, starts.site]:
            if not self.standing.leader(fac, starts.act).at_work[self.start]:
                continue
            label = self.problem.facilitators[fac].label
            beside = self.standing.beside_leader(fac, starts.act, self.start)
            if any(self.problem.activities[m.act].kind == COACHING for m in beside):
                said.append(
                    phrase("%(leader)s is taken", leader=label)
                )  # with whom a one-to-one is must not be put together
            elif beside:
                said.append(phrase("%(leader)s leads %(sessions)s", leader=label, sessions=self._sessions(beside)))
            else:
                led = hours(self.lay.weekly[fac])
                said.append(phrase("%(leader)s has led %(hours)s of that week, all there is", leader=label, hours=led))
        first, more = listed(said[:_NAMED]), len(said) - _NAMED
        if more <= 0:
            return first
        return phrases(
            "%(first)s and %(num)s more are taken", "%(first)s and %(num)s more are taken", more, first=first
        )

    def _rooms(self) -> str:
        starts = self._starts
        said = [
            phrase(
                "room %(room)s is taken by %(sessions)s",
                room=self.lay.rooms[room].label,
                sessions=self._sessions(beside),
            )
            for room in self.lay.rooms_of[starts.site]
            if (beside := self.standing.beside_room(room, starts.act, self.start))
        ]
        return listed(said[:_NAMED])

    def _first_things(self) -> str:
        missing = [self.problem.activities[p].label for p in self.lay.before[self.need]]
        return phrase("%(name)s needs %(missing)s first", name=self.name, missing=listed(missing))

    def _own(self, *, one_place: bool = False) -> list[Meeting]:
        starts = self._starts
        if one_place:
            return self.standing.beside_person(starts.agent, starts.act, self.start)
        return [m for _, _, m in self.standing.grid.of[starts.agent]]

    def _spacing(self) -> str:
        kind = self.lay.kind[self._starts.act]
        gap = self.lay.gap[kind]
        near = [m for m in self._own() if m.kind == kind and abs(m.start - self.start) < gap]
        return phrase(
            "%(name)s has %(sessions)s, less than %(gap)s days away",
            name=self.name,
            sessions=self._sessions(near),
            gap=gap // DAY,
        )

    def _recovery(self) -> str:
        starts = self._starts
        day = self.site.day_of(self.start)
        near = [
            m
            for m in self._own()
            if m.act >= 0 and (self.lay.recovery[m.act] or starts.rest) and self.site.day_of(m.start) == day
        ]
        return phrase(
            "%(name)s needs time to recover beside %(sessions)s", name=self.name, sessions=self._sessions(near)
        )

    def _dose(self) -> str:
        starts, rules = self._starts, self.problem.rules
        day = int(self.standing.day_used[starts.agent][self.lay.day_of[starts.site][self.start]]) + starts.length
        week = int(self.standing.week_used[starts.agent][self.start // WEEK]) + starts.length
        if day > rules.day_slots:
            return phrase(
                "%(name)s would learn %(hours)s that day, %(most)s are allowed",
                name=self.name,
                hours=hours(day),
                most=hours(rules.day_slots),
            )
        return phrase(
            "%(name)s would learn %(hours)s that week, %(most)s are allowed",
            name=self.name,
            hours=hours(week),
            most=hours(rules.week_slots),
        )

    def _companions(self) -> str:
        starts, lay = self._starts, self.lay
        here = [n for n in self.standing.waiting.get(starts.group, ()) if lay.first[n] <= self.start < lay.last[n]]
        others = [n for n in here if lay.need_agent[n] != starts.agent]
        able = [n for n in others if self.standing.row(n)[self.start - lay.first[n]]]
        names = [self.problem.agents[a].label for a in dict.fromkeys(lay.need_agent[n] for n in able)]
        cannot = {lay.need_agent[n] for n in others} - {lay.need_agent[n] for n in able}
        if names:
            who = phrases(
                "only %(names)s could come as well",
                "only %(names)s could come as well",
                len(names),
                names=listed(names),
            )
        else:
            who = phrase("nobody else who waits could come") if cannot else phrase("nobody else waits")
        if cannot:
            first = sorted(self.problem.agents[a].label for a in cannot)
            who = phrases(
                "%(who)s (%(names)s cannot then)",
                "%(who)s (%(names)s cannot then)",
                len(first),
                who=who,
                names=_and_more(listed(first[:_NAMED]), len(first) - _NAMED),
            )
        return phrase("%(who)s; the group needs %(least)s", who=who, least=starts.least)

    def _series(self) -> str:
        starts = self._starts
        before = starts.step_before()
        if starts.waits_for_step() or before is None:
            return phrase("an earlier step of the series is not placed, and steps keep their order")
        low, high = self.problem.rules.coach_gap_days
        days = (self.start - before.start) / DAY
        if not low <= days <= high:
            when = say_slot(self.problem, self.site, before.start)
            return phrase(
                "the step before is on %(when)s; the next comes %(low)s to %(high)s days after it",
                when=when,
                low=low,
                high=high,
            )
        coach = self.problem.facilitators[before.fac].label if before.fac >= 0 else phrase("the coach")
        return phrase("%(coach)s, the coach of this series, is not at work", coach=coach)

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
            return _Near(seat, nearest_words(when))
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
