"""The organisation turned into the planner's problem, and the planner's answer turned back.

Ids go through unchanged: an agent is a person id, a pool a queue id, an activity its code. Only time changes its
coat: instants become slots of the horizon and slots become local wall time again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from devsys.core.model import calendar, people, programme
from devsys.core.model.calendar import Horizon, Place
from devsys.core.model.capacity import coverage_of
from devsys.core.model.hours import (
    hours_of,
    instant_of,
    local,
    midnights,
    sites_of,
    slot_from,
    slot_of,
    slots_in,
    start_of,
    zone_of,
)
from devsys.core.model.needs import Need, SeriesRequest
from devsys.core.model.people import Organisation
from devsys.core.model.programme import Kind
from devsys.core.planning import problem as planner
from devsys.core.planning.exchange import write_problem
from devsys.core.planning.explain import Owed

SLOT_MINUTES = 30

# What the planner calls the kinds; spacing and weights go by these names.
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
RULES = planner.Rules(
    min_gap_days={"skill": 14, "review": 7, "adv": 7}, coach_gap_days=(5, 21), day_slots=4, week_slots=9
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A problem with the way back: `kept` are the sessions that stand, by id; `zones` and `site_of` by id."""

    problem: planner.Problem
    horizon: Horizon
    kept: Mapping[str, calendar.Session]
    activities: Mapping[str, programme.Activity]
    zones: Mapping[str, str]
    site_of: Mapping[str, str]
    team_of: Mapping[str, str | None]


def picture(
    organisation: Organisation,
    activities: Mapping[str, programme.Activity],
    needs: Iterable[Need],
    kept: Iterable[calendar.Session],
    horizon: Horizon,
    *,
    new_from: datetime,
    requests: Iterable[SeriesRequest] = (),
) -> Picture:
    """Give the planner's picture of the organisation over a horizon.

    `kept` sessions that start in the horizon stand as they are; earlier ones only space what comes. No new session
    starts before `new_from`. A kept place whose need is not among `needs` gets one of its own, so that it counts
    for coverage, dose and spacing.
    """
    kept = tuple(kept)
    works = hours_of(organisation, horizon)
    site_of = sites_of(organisation)
    leading = {f.person_id for f in organisation.facilitators}
    agents = [p for p in organisation.people if p.id in site_of and p.id not in leading and p.pattern_id]
    known = {p.id for p in agents}
    here = [s for s in kept if 0 <= slot_of(s.starts_utc, horizon) < slots_in(horizon)]
    wanted = [_need(n, horizon) for n in needs if n.person_id in known and n.activity in activities]
    pinned = _pinned(here, wanted, known, activities, horizon)
    before = [s for s in kept if s.starts_utc < start_of(horizon)]
    problem = planner.Problem(
        weeks=horizon.weeks,
        sites=tuple(_site(s, organisation, horizon) for s in organisation.sites),
        pools=_pools(organisation, works, horizon),
        teams=tuple(planner.Team(t.id, t.site_id, t.name) for t in organisation.teams),
        agents=_agents(organisation, agents, works, site_of, _last(before, activities, horizon)),
        facilitators=_facilitators(organisation, activities, works),
        activities=tuple(_activity(a, activities) for a in activities.values()),
        rules=RULES,
        needs=tuple(wanted),
        series=_series(requests, wanted),
        pinned=pinned,
        frozen_until=max(0, min(slots_in(horizon), slot_from(new_from, horizon))),
        first_day=horizon.start,
    )
    return Picture(
        problem=problem,
        horizon=horizon,
        kept={s.id: s for s in here},
        activities=activities,
        zones={s.id: s.zone for s in organisation.sites},
        site_of=site_of,
        team_of={p.id: p.team_id for p in organisation.people},
    )


def _site(site: people.Site, organisation: Organisation, horizon: Horizon) -> planner.Site:
    days = organisation.holidays.get(site.id, {})
    offset = zone_of(site.zone).utcoffset(datetime.combine(horizon.start, datetime.min.time())) or timedelta()
    return planner.Site(
        id=site.id,
        midnights=midnights(site.zone, horizon),
        holidays=frozenset((day - horizon.start).days for day in days if horizon.start <= day < horizon.end),
        rooms=tuple(planner.Room(r.id, r.seats, r.name) for r in organisation.rooms if r.site_id == site.id),
        name=site.name,
        minutes=int(offset.total_seconds() // 60) % SLOT_MINUTES,
    )


def _pool_of(person: people.Person, site_of: Mapping[str, str]) -> str:
    return person.queue_id or f"no queue {site_of[person.id]}"


def _pools(
    organisation: Organisation, works: Mapping[str, tuple[tuple[int, int], ...]], horizon: Horizon
) -> tuple[planner.Pool, ...]:
    """Queues, and for each site a pool that requires nobody, for people who count for no queue."""
    coverage = coverage_of(organisation, horizon, works)
    queues = [
        planner.Pool(q.id, q.site_id, tuple(coverage[q.id].required.tolist()), q.name) for q in organisation.queues
    ]
    nobody = (0,) * slots_in(horizon)
    return (*queues, *(planner.Pool(f"no queue {s.id}", s.id, nobody, "no queue") for s in organisation.sites))


def _agents(
    organisation: Organisation,
    agents: Iterable[people.Person],
    works: Mapping[str, tuple[tuple[int, int], ...]],
    site_of: Mapping[str, str],
    last: Mapping[str, dict[str, int]],
) -> tuple[planner.Agent, ...]:
    held: dict[str, set[str]] = {}
    for one in organisation.held:
        held.setdefault(one.person_id, set()).add(one.activity)
    return tuple(
        planner.Agent(
            id=p.id,
            team=p.team_id or "",
            site=site_of[p.id],
            pool=_pool_of(p, site_of),
            work=works.get(p.id, ()),
            holds=frozenset(held.get(p.id, ())),
            last=tuple(sorted(last.get(p.id, {}).items())),
            name=p.name,
        )
        for p in agents
    )


def _last(
    before: Iterable[calendar.Session], activities: Mapping[str, programme.Activity], horizon: Horizon
) -> dict[str, dict[str, int]]:
    """Give the latest start before the horizon, by person and kind: a negative slot."""
    found: dict[str, dict[str, int]] = {}
    for session in before:
        if session.activity in activities:
            kind = KINDS[activities[session.activity].kind]
            for place in session.places:
                mine = found.setdefault(place.person_id, {})
                mine[kind] = max(mine.get(kind, -(10**9)), slot_of(session.starts_utc, horizon))
    return found


def _facilitators(
    organisation: Organisation,
    activities: Mapping[str, programme.Activity],
    works: Mapping[str, tuple[tuple[int, int], ...]],
) -> tuple[planner.Facilitator, ...]:
    names = {p.id: p.name for p in organisation.people}
    return tuple(
        planner.Facilitator(
            id=f.person_id,
            sites=f.site_ids,
            work=works.get(f.person_id, ()),
            weekly_slots=int(f.weekly_hours * 60 // SLOT_MINUTES),
            quals=frozenset(a.code for a in activities.values() if a.qualification in f.qualifications),
            name=names.get(f.person_id, ""),
        )
        for f in organisation.facilitators
    )


def _activity(activity: programme.Activity, known: Mapping[str, programme.Activity]) -> planner.Activity:
    return planner.Activity(
        id=activity.code,
        kind=KINDS[activity.kind],
        length=-(-activity.minutes // SLOT_MINUTES),
        gmin=activity.group[0],
        gmax=activity.group[1],
        room=activity.room,
        same_team=activity.one_team,
        prereq=tuple(p for p in activity.prerequisites if p in known),
        recovery=-(-activity.recovery_minutes // SLOT_MINUTES),
        online=not activity.room,
        name=activity.title,
    )


def _need(need: Need, horizon: Horizon) -> planner.Need:
    end = slots_in(horizon)
    return planner.Need(
        agent=need.person_id,
        act=need.activity,
        earliest=max(0, min(end, slot_from(need.earliest, horizon))),
        due=max(0, min(end, slot_from(need.due, horizon))),
        latest=max(0, min(end, slot_from(need.latest, horizon))),
        series=need.series or None,
        k=need.step,
        key=need.key,
        why=need.why,
    )


def _pinned(
    kept: Iterable[calendar.Session],
    needs: list[planner.Need],
    known: set[str],
    activities: Mapping[str, programme.Activity],
    horizon: Horizon,
) -> tuple[planner.Session, ...]:
    """Give the kept sessions as the planner sees them; needs of their own are added to `needs` where none fits."""
    at = {n.key: i for i, n in enumerate(needs)}
    found = []
    for session in kept:
        if session.activity not in activities:
            continue
        start = slot_of(session.starts_utc, horizon)
        att = []
        for place in session.places:
            if place.person_id not in known:
                continue
            i = at.get(place.need)
            if i is None or (needs[i].agent, needs[i].act) != (place.person_id, session.activity):
                i = len(needs)
                needs.append(
                    planner.Need(place.person_id, session.activity, start, start + 1, start + 1, key=place.need)
                )
            att.append(i)
        found.append(
            planner.Session(
                id=session.id,
                act=session.activity,
                start=start,
                fac=session.facilitator_id or "",
                room=session.room_id,
                site=session.site_id,
                att=tuple(att),
            )
        )
    return tuple(found)


def _series(requests: Iterable[SeriesRequest], needs: Iterable[planner.Need]) -> tuple[planner.Series, ...]:
    used = {n.series for n in needs if n.series}
    return tuple(
        planner.Series(
            r.id,
            r.person_id,
            tuple(
                (day, _half(begin.hour, begin.minute), _half(end.hour, end.minute)) for day, begin, end in r.preferred
            ),
        )
        for r in requests
        if r.id in used
    )


def _half(hour: int, minute: int) -> int:
    return (hour * 60 + minute) // SLOT_MINUTES


def sessions_from(
    view: Picture, chosen: Iterable[planner.Session], new_id: Callable[[], str]
) -> tuple[calendar.Session, ...]:
    """Give the planner's new sessions as sessions of the house; kept ones are left out.

    Each gets an id and a UID from `new_id`; the UID is random and says nothing of host, title or time.
    """
    problem = view.problem
    found = []
    for one in chosen:
        if one.id in view.kept:
            continue
        activity = view.activities[one.act]
        zone = view.zones[one.site]
        starts_utc = instant_of(one.start, view.horizon)
        needs = [problem.needs[i] for i in one.att]
        teams = {view.team_of.get(n.agent) for n in needs}
        found.append(
            calendar.Session(
                id=new_id(),
                uid=f"{new_id()}{new_id()}",
                activity=one.act,
                starts=local(starts_utc, zone),
                zone=zone,
                minutes=activity.minutes,
                starts_utc=starts_utc,
                facilitator_id=one.fac or None,
                room_id=one.room,
                site_id=one.site,
                places=tuple(sorted((Place(n.agent, n.key) for n in needs), key=lambda p: p.person_id)),
                team_id=teams.pop() if activity.one_team and len(teams) == 1 else None,
                series=next((n.series for n in needs if n.series), "") or "",
            )
        )
    return tuple(found)


def owed_from(view: Picture, reasons: Iterable[Owed]) -> tuple[calendar.Owed, ...]:
    """Give the planner's reasons as owed needs of the house, by due date."""
    found = []
    for reason in reasons:
        need = view.problem.needs[reason.need]
        found.append(
            calendar.Owed(
                person_id=need.agent,
                activity=need.act,
                need=need.key,
                earliest=instant_of(need.earliest, view.horizon),
                due=instant_of(need.due, view.horizon),
                latest=instant_of(need.latest, view.horizon),
                rule=reason.code,
                reason=reason.sentence,
                would_fit=reason.would_fit,
            )
        )
    return tuple(sorted(found, key=lambda o: (o.due, o.need)))


def export_instance(view: Picture) -> dict[str, object]:
    """Give the picture as an instance document (docs/rules.md), for benchmarks and exchange."""
    return write_problem(view.problem)
