"""Needs and the sessions that stay, in the planner's words: what is asked, who sits where, what is set apart."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time

from devsys.base.words import to_keep
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.hours import SLOT_SECONDS, Span, slot_from, slot_of, slots_in
from devsys.core.model.needs import Need, SeriesRequest
from devsys.core.model.people import Facilitator
from devsys.core.model.programme import Activity
from devsys.core.planning import problem as plan

NOBODY = "nobody"
SLOT_MINUTES = SLOT_SECONDS // 60

# Why a need cannot be planned at all: rule, and the reason in words.
Why = tuple[str, str]
LEADS: Why = "leads", to_keep("This person leads sessions and is not planned into any. Seat them by hand.")
GONE: Why = "gone", to_keep("This person is not part of the organisation any more.")
NO_SITE: Why = "no_site", to_keep("This person belongs to no team, queue or site, so there is no clock to plan by.")
DROPPED: Why = "dropped", to_keep("No adopted programme has this activity any more.")


class Seats:
    """Needs by position, each seat of a kept session at one of them.

    `needs[i]` is the planner's need at position i and `asked[i]` the need it stands for, None for a seat that answers
    none. `before` are sessions begun before the horizon, `kept` those in it, `after` those behind it, where a repair or
    a hand may have moved what was asked for within it; all in order of time. `served`, `outside` and `barred` are the
    needs the planner does not see, as `Picture` says.
    """

    def __init__(
        self,
        activities: Mapping[str, Activity],
        horizon: Horizon,
        kept: Iterable[Session],
        clocks: Collection[str],
        leads: Mapping[str, Facilitator],
    ) -> None:
        """Begin with the sessions that stay; `clocks` are the people with a site, `leads` those who lead sessions."""
        self.activities = activities
        self.horizon = horizon
        self._slots: dict[datetime, int] = {}
        self.clocks = clocks
        self.leads = leads
        on = sorted((s for s in kept if s.status is Status.PLANNED), key=lambda s: (s.starts_utc, s.id))
        self.before = tuple(s for s in on if slot_of(s.starts_utc, horizon) < 0)
        self.kept = tuple(s for s in on if 0 <= slot_of(s.starts_utc, horizon) < slots_in(horizon))
        self.after = tuple(s for s in on if slot_of(s.starts_utc, horizon) >= slots_in(horizon))
        self.needs: list[plan.Need] = []
        self.asked: list[Need | None] = []
        self.served: list[Need] = []
        self.outside: list[Need] = []
        self.barred: list[tuple[Need, Why]] = []
        # Activities of the planner that stand for one of the programme, bound to the coach of a running series.
        self.bound_to: dict[str, tuple[str, str]] = {}
        self._seated: dict[int, int] = {}  # position -> start of its kept session
        self._lengths: dict[str, int] = {}

    def ask(self, needs: Iterable[Need], people: Collection[str]) -> None:
        """Take up the needs the planner can see and set the others apart; `people` are all of the organisation."""
        answered = {p.need for s in (*self.before, *self.after) for p in s.places if p.need}
        answer = {p.need: s.activity for s in self.kept for p in s.places if p.need}
        for need in needs:
            bar = self._bar(need, people)
            far = self._slot(need.earliest) >= slots_in(self.horizon)
            kept_as = answer.get(need.key)
            if need.key in answered or (kept_as and (bar or kept_as != need.activity)):
                self.served.append(need)
            elif bar:
                self.barred.append((need, bar))
            elif far and not kept_as:
                self.outside.append(need)
            else:
                self.asked.append(need)
                self.needs.append(self._need(need))

    def _bar(self, need: Need, people: Collection[str]) -> Why | None:
        if need.person_id not in people:
            return GONE
        if need.person_id in self.leads:
            return LEADS
        if need.person_id not in self.clocks:
            return NO_SITE
        return None if need.activity in self.activities else DROPPED

    def _slot(self, moment: datetime) -> int:
        """Give the slot of an instant: one figure for all needs that share it."""
        found = self._slots.get(moment)
        if found is None:
            found = self._slots[moment] = slot_from(moment, self.horizon)
        return found

    def _need(self, need: Need) -> plan.Need:
        return plan.Need(
            agent=need.person_id,
            act=need.activity,
            earliest=max(0, self._slot(need.earliest)),
            due=self._slot(need.due),
            latest=self._slot(need.latest),
            series=need.series or None,
            k=need.step,
            key=need.key,
            why=need.why,
        )

    def pinned(self, rooms: Collection[str]) -> tuple[plan.Session, ...]:
        """Give the sessions that stay, each seat at the position of its need, or of one made for it."""
        at = {need.key: i for i, need in enumerate(self.asked) if need is not None}
        out: list[plan.Session] = []
        for session in self.kept:
            start = slot_of(session.starts_utc, self.horizon)
            seats = [p for p in session.places if p.person_id in self.clocks and p.person_id not in self.leads]
            out.append(
                plan.Session(
                    id=session.id,
                    act=session.activity,
                    start=start,
                    fac=session.facilitator_id or NOBODY,
                    room=session.room_id if session.room_id in rooms else None,
                    site=session.site_id,
                    att=tuple(self._seat(session, p.person_id, start, at.pop(p.need, None)) for p in seats),
                )
            )
        return tuple(out)

    def _seat(self, session: Session, person: str, start: int, position: int | None) -> int:
        """Give the position of a seat's need, its window widened so that what stays is never out of it."""
        if position is None or self.needs[position].agent != person:
            position = len(self.needs)
            series = session.series or None
            # Below all steps that are asked for, until `series` counts them anew.
            k = -1 if series else 0
            self.needs.append(plan.Need(person, session.activity, start, start + 1, start + 1, series, k))
            self.asked.append(None)
        self._seated[position] = start
        need = self.needs[position]
        if not need.earliest <= start < need.latest:
            widened = replace(need, earliest=min(need.earliest, start), latest=max(need.latest, start + 1))
            self.needs[position] = widened
        return position

    def series(
        self, requests: Iterable[SeriesRequest], gaps: tuple[int, int], now: datetime
    ) -> tuple[plan.Series, ...]:
        """Give the coaching series, their steps counted from the first one in the picture; `gaps` in days.

        A step whose window went by without a seat counts behind all others: the series begins, or goes on, without it.

        Seats of kept sessions whose need is not asked for come first, in order of time; last, if they are later than
        the seats that are asked for (steps due after the horizon). What follows a step held before the horizon keeps
        its distance from it, and its coach.
        """
        today = slot_from(now, self.horizon)
        steps: dict[str, list[int]] = defaultdict(list)
        for i, need in enumerate(self.needs):
            if need.series is not None:
                steps[need.series].append(i)
        held = {s.series: s for s in self.before if s.series}
        wished = {r.id: r.preferred for r in requests}
        out: list[plan.Series] = []
        for code, positions in steps.items():
            seated = [self._seated[i] for i in positions if i in self._seated and self.needs[i].k >= 0]
            last = max(seated, default=slots_in(self.horizon))
            gone = {i for i in positions if i not in self._seated and self.needs[i].latest <= today}
            positions.sort(key=lambda i: (i in gone, *self._step_order(self.needs[i], last)))
            for k, i in enumerate(positions):
                self.needs[i] = replace(self.needs[i], k=k)
            if code in held and self._seated.keys().isdisjoint(positions):
                self._go_on(held[code], positions, gaps)
            pref = tuple((day, _half(a), _half(b)) for day, a, b in wished.get(code, ()))
            out.append(plan.Series(code, self.needs[positions[0]].agent, pref))
        return tuple(out)

    @staticmethod
    def _step_order(need: plan.Need, last_asked: int) -> tuple[int, int, int]:
        if need.k >= 0:
            return 1, need.k, need.earliest
        return (2 if need.earliest > last_asked else 0), 0, need.earliest

    def _go_on(self, held: Session, positions: list[int], gaps: tuple[int, int]) -> None:
        """Bind the steps still to come to the one held last: its coach, and the days after it."""
        start = slot_of(held.starts_utc, self.horizon)
        need = self.needs[positions[0]]
        earliest = max(need.earliest, start + gaps[0] * plan.DAY)
        latest = min(need.latest, start + gaps[1] * plan.DAY + 1)
        self.needs[positions[0]] = replace(need, earliest=earliest, latest=latest if earliest < latest else need.latest)
        coach = self.leads.get(held.facilitator_id or NOBODY)
        if coach is None or self.activities[need.act].qualification not in coach.qualifications:
            return
        for i in positions:
            code = self.needs[i].act
            bound = f"{code}~{held.series}"
            self.bound_to[bound] = (code, coach.person_id)
            self.needs[i] = replace(self.needs[i], act=bound)

    def odd_ends(self) -> dict[str, list[Span]]:
        """Give, by person, when somebody is in a kept session beyond the slots the planner books for it.

        That is: sessions begun before the horizon, those off the half hours of UTC or longer than their activity
        is now, and seats of people who lead sessions themselves.
        """
        away: dict[str, list[Span]] = defaultdict(list)
        for session in (*self.before, *self.kept):
            first = slot_of(session.starts_utc, self.horizon)
            end = slot_from(session.ends_utc, self.horizon)
            booked = first + self.length(session.activity) if first >= 0 else first
            if booked < end:
                for person in (*sorted(session.people), session.facilitator_id or NOBODY):
                    away[person].append((booked, end))
            for person in sorted(session.people & self.leads.keys()):
                away[person].append((first, end))
        return away

    def length(self, code: str) -> int:
        """Give an activity's slots; one no longer in the programme is as long as its longest session."""
        if code not in self._lengths:
            known = self.activities.get(code)
            sessions = (s.minutes for s in (*self.before, *self.kept) if s.activity == code)
            minutes = known.minutes if known else max(sessions, default=SLOT_MINUTES)
            self._lengths[code] = -(-minutes // SLOT_MINUTES)
        return self._lengths[code]


def _half(at: time) -> int:
    return at.hour * 2 + at.minute // SLOT_MINUTES
