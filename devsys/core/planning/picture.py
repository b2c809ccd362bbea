"""The organisation as the planner's problem, and the planner's answer as sessions and owed needs again.

Ids of people, teams, queues, rooms and sites are the same on both sides; a queue is a pool, an activity's code its
id. Needs are known to the planner by position, so a `Picture` keeps which need stands where.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from devsys.base.words import phrase, to_keep
from devsys.core.model import calendar, people, programme
from devsys.core.model.capacity import coverage_of
from devsys.core.model.hours import (
    Span,
    away,
    hours_of,
    instant_of,
    joined_up,
    local,
    midnights,
    repeated,
    sites_of,
    slot_from,
    slot_of,
    slots_in,
    without,
)
from devsys.core.model.needs import Need, SeriesRequest
from devsys.core.model.programme import Kind
from devsys.core.planning import problem as plan
from devsys.core.planning.exchange import write_problem
from devsys.core.planning.explain import Owed as Reason
from devsys.core.planning.seats import NOBODY, SLOT_MINUTES, Seats, Why

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.BOUNDARIES: "boundaries",
        Kind.SKILL: "skill",
        Kind.ROUND: "review",
        Kind.DIGITAL: "adv",
        Kind.CROSS_CULTURAL: "adv",
        Kind.EMOTIONAL_SUPPORT: "adv",
        Kind.COACHING: "coach",
    }
)
OTHER = "other"
RULES = plan.Rules(min_gap_days={"skill": 14, "review": 7, "adv": 7}, changeover_slots=1)
_UNASKED = to_keep("Not placed; drawing was stopped before the reason was looked for.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A problem with what is needed to read its answer.

    `kept` are the sessions of the problem's `pinned`, by id. `needs[i]` is the need at position i of the problem,
    None for a seat of a kept session that answers none. `served` are needs that kept sessions answer but that the
    planner does not see (held before the horizon or behind it, or with another activity); `outside` begin after it;
    `barred` cannot be planned at all, each with rule and reason. `codes` are activities by the planner's id, where
    it is not their own.
    """

    problem: plan.Problem
    horizon: calendar.Horizon
    zones: Mapping[str, str]
    activities: Mapping[str, programme.Activity]
    kept: Mapping[str, calendar.Session]
    needs: tuple[Need | None, ...]
    served: tuple[Need, ...]
    outside: tuple[Need, ...]
    barred: tuple[tuple[Need, Why], ...]
    codes: Mapping[str, str]


def picture(
    organisation: people.Organisation,
    activities: Mapping[str, programme.Activity],
    needs: tuple[Need, ...],
    kept: tuple[calendar.Session, ...],
    horizon: calendar.Horizon,
    *,
    now: datetime,
    freeze_until: datetime,
    gone_by: datetime | None = None,
    requests: Iterable[SeriesRequest] = (),
    declined: Iterable[people.Absence] = (),
    rules: plan.Rules = RULES,
) -> Picture:
    """Give the planner's picture of everything a plan depends on.

    `kept` are the sessions that stay as they are: published ones that are pinned, held, started or inside the
    freeze window, and those of the weeks before the horizon, which count for spacing, for needs answered (and so for
    prerequisites) and for the coach of a running series. Take the need out of a place whose holder did not come.
    Cancelled sessions are passed over. Nothing new starts before `now` or `freeze_until`. A step of a series whose
    window ended by `gone_by` (`now` unless given) without a seat is none that others wait for. In `declined` people
    are at work for their queue, but for no session.
    """
    site_of = sites_of(organisation)
    leads = {f.person_id: f for f in organisation.facilitators}
    seats = Seats(activities, horizon, kept, site_of.keys(), leads)
    seats.ask(needs, frozenset(p.id for p in organisation.people))
    pinned = seats.pinned(frozenset(r.id for r in organisation.rooms))
    series = seats.series(requests, rules.coach_gap_days, gone_by or now)
    drawing = _Drawing(organisation, seats, site_of, declined)
    agents, teams, free = drawing.agents()
    problem = plan.Problem(
        weeks=horizon.weeks,
        sites=tuple(drawing.site(s) for s in organisation.sites),
        pools=drawing.pools(free),
        teams=teams,
        agents=agents,
        facilitators=drawing.facilitators(pinned),
        activities=drawing.activities(),
        rules=rules,
        needs=tuple(seats.needs),
        series=series,
        pinned=pinned,
        frozen_until=max(0, slot_from(max(now, freeze_until), horizon)),
        first_day=horizon.start,
    )
    return Picture(
        problem=problem,
        horizon=horizon,
        zones={s.id: s.zone for s in organisation.sites},
        activities=activities,
        kept={s.id: s for s in seats.kept},
        needs=tuple(seats.asked),
        served=tuple(seats.served),
        outside=tuple(seats.outside),
        barred=tuple(seats.barred),
        codes={bound: code for bound, (code, _) in seats.bound_to.items()},
    )


class _Drawing:
    """People, places and programme in the planner's words, once it is known who sits where."""

    def __init__(
        self,
        organisation: people.Organisation,
        seats: Seats,
        site_of: Mapping[str, str],
        declined: Iterable[people.Absence],
    ) -> None:
        self.organisation = organisation
        self.seats = seats
        self.horizon = seats.horizon
        self.site_of = site_of
        self.work = hours_of(organisation, seats.horizon)
        self.away: Mapping[str, list[Span]] = seats.odd_ends()
        self.declined = self._spans(declined)
        self.staying: dict[str, Counter[int]] = defaultdict(Counter)  # by queue and slot, who is there for it alone

    def _spans(self, declined: Iterable[people.Absence]) -> Mapping[str, list[Span]]:
        zones = {s.id: s.zone for s in self.organisation.sites}
        found: dict[str, list[Span]] = defaultdict(list)
        for one in declined:
            if one.person_id in self.site_of:
                zone = zones[self.site_of[one.person_id]]
                found[one.person_id].append(away(one.start, one.end, zone, self.horizon))
        return found

    def _for_sessions(self, person: people.Person) -> tuple[Span, ...]:
        """Give when somebody is at work and may be in a session; what they declined they stay on their queue for."""
        work = without(self.work[person.id], self.away.get(person.id, ()))
        free = without(work, self.declined.get(person.id, ()))
        if person.queue_id is not None and free != work:
            slots = {s for a, b in work for s in range(a, b)} - {s for a, b in free for s in range(a, b)}
            self.staying[person.queue_id].update(slots)
        return free

    def _required(self, queue_id: str, required: tuple[int, ...]) -> tuple[int, ...]:
        """Give what a queue requires besides those who stay on it: neither they nor their part are the planner's."""
        staying = self.staying.get(queue_id)
        return tuple(max(0, r - staying[s]) for s, r in enumerate(required)) if staying else required

    def agents(self) -> tuple[tuple[plan.Agent, ...], tuple[plan.Team, ...], frozenset[str]]:
        """Give agents, teams, and the sites that need a pool for people who count for no queue.

        Agents are all who count for a queue, since they make up what can be spared, and all who have a need or seat.
        """
        wanted = {need.agent for need in self.seats.needs}
        holds = self._holds()
        last = self._last()
        teams = {t.id: plan.Team(t.id, t.site_id, t.name) for t in self.organisation.teams}
        agents: list[plan.Agent] = []
        free: set[str] = set()
        for person in self.organisation.people:
            site = self.site_of.get(person.id)
            if site is None or person.id in self.seats.leads or not (person.queue_id or person.id in wanted):
                continue
            team = person.team_id if person.team_id in teams else f"{site}-no-team"
            teams.setdefault(team, plan.Team(team, site))
            if person.queue_id is None:
                free.add(site)
            agents.append(
                plan.Agent(
                    id=person.id,
                    team=team,
                    site=site,
                    pool=person.queue_id or _free_pool(site),
                    work=self._for_sessions(person),
                    holds=frozenset(holds[person.id]),
                    last=last.get(person.id, ()),
                    name=person.name,
                )
            )
        return tuple(agents), tuple(teams.values()), frozenset(free)

    def _holds(self) -> dict[str, set[str]]:
        """Give what each person holds as the horizon begins: a seat before it counts where it answers a need."""
        found: dict[str, set[str]] = defaultdict(set)
        for held in self.organisation.held:
            found[held.person_id].add(held.activity)
        for session in self.seats.before:
            for place in session.places:
                if place.need:
                    found[place.person_id].add(session.activity)
        return found

    def _last(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """Give, by person, the latest start of each kind before the horizon (negative slots)."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for session in self.seats.before:
            known = self.seats.activities.get(session.activity)
            kind = KINDS[known.kind] if known else OTHER
            for person in session.people:
                found[person][kind] = slot_of(session.starts_utc, self.horizon)
        return {person: tuple(sorted(kinds.items())) for person, kinds in found.items()}

    def pools(self, free: frozenset[str]) -> tuple[plan.Pool, ...]:
        """Give the queues with what they require, and the pools that require nobody."""
        coverage = coverage_of(self.organisation, self.horizon, self.work)
        pools = [
            plan.Pool(q.id, q.site_id, self._required(q.id, tuple(coverage[q.id].required.tolist())), q.name)
            for q in self.organisation.queues
        ]
        nothing = (0,) * slots_in(self.horizon)
        pools += (plan.Pool(_free_pool(site), site, nothing, "people without a queue") for site in sorted(free))
        return tuple(pools)

    def site(self, site: people.Site) -> plan.Site:
        """Give a site with its own midnights, holidays as days from the horizon's first, and rooms."""
        days = ((day - self.horizon.start).days for day in self.organisation.holidays.get(site.id, ()))
        first = midnights(site.zone, self.horizon)
        return plan.Site(
            id=site.id,
            midnights=first,
            holidays=frozenset(day for day in days if -1 <= day <= self.horizon.weeks * 7),
            rooms=tuple(
                plan.Room(r.id, r.seats, r.name, self._closed(r.id, site.zone))
                for r in self.organisation.rooms
                if r.site_id == site.id
            ),
            name=site.name,
            minutes=local(instant_of(first[0], self.horizon), site.zone).minute % SLOT_MINUTES,
        )

    def _closed(self, room_id: str, zone: str) -> tuple[Span, ...]:
        """Give the spans in which a room is closed, rounded outward: a slot touched by one is closed."""
        mine = (away(c.start, c.end, zone, self.horizon) for c in self.organisation.closures if c.room_id == room_id)
        return joined_up((max(0, first), min(end, slots_in(self.horizon))) for first, end in mine)

    def facilitators(self, pinned: Iterable[plan.Session]) -> tuple[plan.Facilitator, ...]:
        """Give facilitators: none begins in an hour that a served site's clocks show twice (trust.md R11)."""
        zones = {s.id: s.zone for s in self.organisation.sites}
        names = {p.id: p.name for p in self.organisation.people}
        out: list[plan.Facilitator] = []
        for lead in self.organisation.facilitators:
            if lead.person_id not in names:
                continue
            twice = (span for site in lead.site_ids for span in repeated(zones[site], self.horizon))
            out.append(
                plan.Facilitator(
                    id=lead.person_id,
                    sites=lead.site_ids,
                    work=without(self.work[lead.person_id], (*self._gone(lead.person_id), *twice)),
                    weekly_slots=int(lead.weekly_hours * 60 // SLOT_MINUTES),
                    quals=self._able(lead),
                    name=names[lead.person_id],
                )
            )
        # A kept session may be led by nobody, or by somebody who leads no more: the verifier is to say so.
        missing = sorted({s.fac for s in pinned} - {f.id for f in out})
        out += (plan.Facilitator(name, (), (), 0, frozenset(), names.get(name, NOBODY)) for name in missing)
        return tuple(out)

    def _gone(self, person_id: str) -> tuple[Span, ...]:
        return (*self.away.get(person_id, ()), *self.declined.get(person_id, ()))

    def _able(self, lead: people.Facilitator) -> frozenset[str]:
        programme_ = self.seats.activities.values()
        able = {a.code for a in programme_ if not a.qualification or a.qualification in lead.qualifications}
        for bound, (code, coach) in self.seats.bound_to.items():
            if coach == lead.person_id and code in able:
                able.add(bound)
        return frozenset(able)

    def activities(self) -> tuple[plan.Activity, ...]:
        """Give the activities, those bound to a coach, and stand-ins for what is only named any more."""
        known = self.seats.activities
        out = {a.code: self._activity(a) for a in known.values()}
        for bound, (code, _) in sorted(self.seats.bound_to.items()):
            out[bound] = replace(out[code], id=bound)
        named = {s.activity for s in (*self.seats.before, *self.seats.kept)}
        named.update(p for a in known.values() for p in a.prerequisites)
        for code in sorted(named - known.keys()):
            most = max((len(s.places) for s in self.seats.kept if s.activity == code), default=1)
            out[code] = plan.Activity(code, OTHER, self.seats.length(code), 1, max(1, most), online=True)
        return tuple(out.values())

    def _activity(self, activity: programme.Activity) -> plan.Activity:
        return plan.Activity(
            id=activity.code,
            kind=KINDS[activity.kind],
            length=self.seats.length(activity.code),
            gmin=activity.group[0],
            gmax=activity.group[1],
            room=activity.room,
            same_team=activity.one_team,
            prereq=activity.prerequisites,
            recovery=-(-activity.recovery_minutes // SLOT_MINUTES),
            online=not activity.room,
            name=activity.title,
        )


def _free_pool(site: str) -> str:
    return f"{site}-no-queue"


def sessions_from(
    drawn: Picture, answer: plan.Plan, new_id: Callable[[], str], new_uid: Callable[[str], str]
) -> tuple[calendar.Session, ...]:
    """Give the sessions of a plan in order of time: kept ones as they were, new ones under fresh ids.

    `new_uid` gives the UID for an id. New sessions carry no stamps; they are set when the plan is kept.
    """
    team_of = {agent.id: agent.team for agent in drawn.problem.agents}
    out = [*drawn.kept.values()]
    for planned in answer.sessions:
        if planned.id not in drawn.kept:
            id_ = new_id()
            out.append(_session(drawn, planned, team_of, id_, new_uid(id_)))
    return tuple(sorted(out, key=lambda s: (s.starts_utc, s.uid)))


def new_session(drawn: Picture, planned: plan.Session, id_: str, uid: str) -> calendar.Session:
    """Give a session that the planner opened as one of the calendar, under an id and a UID."""
    return _session(drawn, planned, {agent.id: agent.team for agent in drawn.problem.agents}, id_, uid)


def _session(drawn: Picture, planned: plan.Session, team_of: Mapping[str, str], id_: str, uid: str) -> calendar.Session:
    activity = drawn.activities[drawn.codes.get(planned.act, planned.act)]
    zone = drawn.zones[planned.site]
    starts = instant_of(planned.start, drawn.horizon)
    seats = [drawn.problem.needs[i] for i in planned.att]
    return calendar.Session(
        id=id_,
        uid=uid,
        activity=activity.code,
        starts=local(starts, zone),
        zone=zone,
        minutes=activity.minutes,
        starts_utc=starts,
        facilitator_id=planned.fac,
        room_id=planned.room,
        site_id=planned.site,
        places=tuple(calendar.Place(n.agent, n.key) for n in sorted(seats, key=lambda n: n.agent)),
        team_id=team_of.get(seats[0].agent) if seats and activity.one_team else None,
        series=next((n.series for n in seats if n.series), ""),
    )


def owed_from(drawn: Picture, answer: plan.Plan, reasons: Iterable[Reason]) -> tuple[calendar.Owed, ...]:
    """Give every need the plan leaves owed, with the planner's reason, in order of due time, then person.

    Needs that cannot be planned at all stand among them. With the needs placed they make up all that were asked.
    """
    why = {reason.need: reason for reason in reasons}
    out = [_owed(need, rule, phrase(what)) for need, (rule, what) in drawn.barred]
    for position in answer.owed:
        need = drawn.needs[position]
        reason = why.get(position)
        if need is not None:
            said = (reason.code, reason.sentence, reason.would_fit) if reason else ("unasked", phrase(_UNASKED), "")
            out.append(_owed(need, *said))
    return tuple(sorted(out, key=lambda o: (o.due, o.person_id, o.need)))


def _owed(need: Need, rule: str, reason: str, would_fit: str = "") -> calendar.Owed:
    return calendar.Owed(
        person_id=need.person_id,
        activity=need.activity,
        need=need.key,
        earliest=need.earliest,
        due=need.due,
        latest=need.latest,
        rule=rule,
        reason=reason,
        would_fit=would_fit,
    )


def figures_from(drawn: Picture, answer: plan.Plan) -> calendar.Figures:
    """Give how good a plan is, counting needs of people only: seats made up for kept sessions are left out.

    Needs that cannot be planned count as owed and as out of reach, so needs are placed plus owed. `hours` are those of
    people off the queue, recovery counted.
    """
    made = sum(need is None for need in drawn.needs)
    placed = [(s.start, i) for s in answer.sessions for i in s.att if drawn.needs[i] is not None]
    on_time = sum(start < drawn.problem.needs[i].due for start, i in placed)
    bound = int(answer.figures.bound) - (answer.figures.on_time - on_time)
    length = {a.id: a.length + a.recovery for a in drawn.problem.activities}
    slots = sum(length[s.act] * len(s.att) for s in answer.sessions)
    asked = len(drawn.needs) - made + len(drawn.barred)
    return calendar.Figures(
        needs=asked,
        placed=len(placed),
        on_time=on_time,
        owed=asked - len(placed),
        sessions=len(answer.sessions),
        bound=bound,
        late=len(placed) - on_time,
        hours=slots * SLOT_MINUTES / 60,
        even=answer.figures.even,
        out_of_reach=answer.figures.out_of_reach + len(drawn.barred),
        proved=answer.figures.proved,
    )


def export_instance(drawn: Picture) -> dict[str, object]:
    """Give the live organisation in the instance format, for benchmarks: ids only, no names, no reasons."""
    problem = drawn.problem
    bare = replace(
        problem,
        sites=tuple(replace(s, name="", rooms=tuple(replace(r, name="") for r in s.rooms)) for s in problem.sites),
        pools=tuple(replace(p, name="") for p in problem.pools),
        teams=tuple(replace(t, name="") for t in problem.teams),
        agents=tuple(replace(a, name="") for a in problem.agents),
        facilitators=tuple(replace(f, name="") for f in problem.facilitators),
        activities=tuple(replace(a, name="") for a in problem.activities),
        needs=tuple(replace(n, key="", why="") for n in problem.needs),
    )
    return write_problem(bare)
