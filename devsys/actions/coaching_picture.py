"""What matching depends on, read at one moment, and what the planner's board and the core make of it.

Shared by asking, accepting, answering and tending; it writes nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Final

from devsys.actions.brief import see
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import coaching, coaching_plans, house, letters, plans
from devsys.adapters.store.queries import planning as planning_queries
from devsys.adapters.store.queries.coaching import Coaching, Declining
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.ids import new_id
from devsys.core.coaching.assign import Chance, Waiting, assign
from devsys.core.coaching.match import MOST, USUAL_LOAD, Coach, Option, Why, Wish, able, rank
from devsys.core.letters.coaching import FREED
from devsys.core.model.calendar import Horizon, Place, Session, Status
from devsys.core.model.causes import AGREED
from devsys.core.model.coaching import Declined, Offer, Request, State
from devsys.core.model.hours import instant, instant_of, local, monday_of, sites_of, slot_of
from devsys.core.model.needs import SeriesRequest
from devsys.core.model.programme import Activity, Rhythm
from devsys.core.planning.meetings import chances, held_again
from devsys.core.planning.picture import Picture, new_session

WEEKS: Final = 14  # how far ahead series are looked for
LATER: Final = (timedelta(weeks=3), timedelta(weeks=6), timedelta(weeks=9))
NOTICE: Final = timedelta(days=1)
GIVEN_BACK: Final = "1:1 times given back"


@dataclass(frozen=True)
class Situation:
    """One moment: the brief, who coaches and how much, what is held and for whom."""

    brief: Brief
    coaches: tuple[Coaching, ...]
    loads: Mapping[str, int]
    holds: Mapping[str, tuple[datetime, ...]]
    asked: tuple[Request, ...]
    leads: Mapping[str, frozenset[str]]
    replaced: Mapping[str, str]  # the series that a request would replace, by request

    def still(self, db: Db) -> bool:
        """Say whether all that was thought out on it still stands."""
        return (
            house.revision(db) == self.brief.revision
            and plans.pointer(db) == self.brief.base
            and coaching.holds(db) == self.holds
            and coaching.loads(db) == self.loads
        )

    @cached_property
    def horizon(self) -> Horizon:
        """The weeks that are looked at."""
        return Horizon(monday_of(self.brief.now.date()), WEEKS)

    def held(self, *, but: str = "") -> tuple[Session, ...]:
        """Give what is held as sessions that stand, but for one request's."""
        sites = sites_of(self.brief.organisation)
        zones = {s.id: s.zone for s in self.brief.organisation.sites}
        out: list[Session] = []
        for request in self.asked:
            site = sites.get(request.person_id, "")
            if request.id == but or request.accepted is None or site not in zones:
                continue
            for k, starts in enumerate(request.accepted.starts):
                out.append(_standing(self.brief, request, starts, (f"hold-{request.id}-{k}", site, zones[site])))
        return tuple(out)

    def coaches_for(self, activity: Activity) -> tuple[Coach, ...]:
        """Give who is qualified for an activity, with what they said and have."""
        return tuple(
            Coach(
                id=c.person_id,
                name=c.name,
                load=self.loads.get(c.person_id, 0),
                most=c.desk.most if c.desk else USUAL_LOAD,
                paused=c.desk.paused if c.desk else False,
                languages=frozenset(c.desk.languages) if c.desk else frozenset(),
            )
            for c in self.coaches
            if not activity.qualification or activity.qualification in c.qualifications
        )

    def zone_of(self, person_id: str) -> str:
        """Give the zone a person lives by."""
        zones = {s.id: s.zone for s in self.brief.organisation.sites}
        return zones.get(sites_of(self.brief.organisation).get(person_id, ""), "UTC")

    def activity_of(self, request: Request) -> Activity | None:
        """Give the activity of a request, None where the programme no longer offers it."""
        found = self.brief.activities.get(request.activity)
        return found if found is not None and found.cadence.rhythm is Rhythm.REQUEST else None

    def given_up(self, request: Request) -> tuple[Session, ...]:
        """Give the sessions to come of a plan that a request would go on with another coach."""
        old = self.replaced.get(request.id)
        return tuple(s for s in self.brief.published if old and s.series == old and s.starts_utc > self.brief.now)

    def steps_left(self, request: Request) -> int:
        """Give how many sessions a plan still has that goes on with another coach, 0 for a new one."""
        return max(1, len(self.given_up(request))) if request.plan_id else 0

    def wish_of(self, request: Request) -> Wish:
        """Give what decides with whom a request is matched."""
        barred = self.leads.get(request.person_id, frozenset()) if request.not_lead else frozenset()
        return Wish(
            preferred=request.preferred,
            language=request.language,
            former=request.former_id or "",
            barred=barred | {request.person_id},
            passed=frozenset(request.passed),
        )


def _standing(brief: Brief, request: Request, starts: datetime, named: tuple[str, str, str]) -> Session:
    id_, site, zone = named
    activity = brief.activities.get(request.activity)
    return Session(
        id=id_,
        uid=id_,
        activity=request.activity,
        starts=local(starts, zone),
        zone=zone,
        minutes=activity.minutes if activity else 30,
        starts_utc=starts,
        facilitator_id=request.coach_id,
        room_id=None,
        site_id=site,
        places=(Place(request.person_id),),
    )


def situation(db: Db, now: datetime, requests: Iterable[Request]) -> Situation:
    """Read the situation of some requests. Raises InvalidError where there is nothing to plan."""
    mine = tuple(requests)
    running = {p.id: p for p in coaching_plans.running(db)}
    return Situation(
        brief=planning_queries.brief(db, now=now),
        coaches=coaching.coaches(db, now.date()),
        loads=coaching.loads(db),
        holds=coaching.holds(db),
        asked=coaching.in_states(db, (State.ASKED,)),
        leads={person: coaching.leads_of(db, person) for person in {r.person_id for r in mine}},
        replaced={r.id: running[r.plan_id].series_id for r in mine if r.plan_id and r.plan_id in running},
    )


def series_of(request: Request, anchor: datetime, activity: Activity, *, steps: int = 0) -> SeriesRequest:
    """Give the planner's series of a request; its windows count from `anchor`."""
    count = steps or activity.cadence.steps
    return SeriesRequest(request.id, request.person_id, request.activity, anchor, request.preferred, count)


def view_of(found: Situation, series: Sequence[SeriesRequest], *, but: str = "") -> Picture:
    """Give the planner's picture with series nobody has planned yet, and with what is held for others."""
    old = {found.replaced[s.id] for s in series if s.id in found.replaced}
    stays = tuple(r for r in found.brief.requests if r.id not in old)
    brief = replace(found.brief, requests=(*stays, *series))
    now = brief.now
    kept = (*(s for s in brief.published if s.series not in old or s.starts_utc <= now), *found.held(but=but))
    return see(brief, found.horizon, kept=kept, new_from=brief.now + NOTICE)


def options_for(found: Situation, view: Picture, request: Request, coaches: Iterable[Coach]) -> tuple[Option, ...]:
    """Give what coaches and the person could do, found by the planner's board."""
    zone = found.zone_of(request.person_id)
    ids = {c.id for c in coaches}
    return tuple(
        Option(
            coach=c.coach,
            starts=tuple(local(instant_of(s.start, view.horizon), zone) for s in c.sessions),
            steps=c.steps,
            wished=c.wished,
            spare=c.spare,
        )
        for c in chances(view.problem, view.problem.pinned, request.id, ids)
    )


def match(found: Situation, requests: Sequence[Request]) -> tuple[Request, ...]:
    """Give open requests with their proposals, all matched at once: each as it is to be kept now.

    Who waited longest, or whose accepted proposal fell through, is served first where there is not room for all.
    """
    return _Matching(found, requests).done()


class _Matching:
    def __init__(self, found: Situation, requests: Sequence[Request]) -> None:
        self.found = found
        self.requests = requests
        known = {r.id: a for r in requests if (a := found.activity_of(r)) is not None}
        anchor = found.brief.now
        series = [series_of(r, anchor, known[r.id], steps=found.steps_left(r)) for r in requests if r.id in known]
        view = view_of(found, series)
        self.coaches: dict[str, Coach] = {}
        self.options: dict[str, tuple[Option, ...]] = {}
        self.whys: dict[str, Why | None] = {}
        for request in requests:
            coaches = found.coaches_for(known[request.id]) if request.id in known else ()
            self.coaches |= {c.id: c for c in coaches}
            some, why = able(coaches, found.wish_of(request))
            self.options[request.id] = options_for(found, view, request, some) if some else ()
            self.whys[request.id] = why or (None if self.options[request.id] else Why.TIMES)

    def done(self) -> tuple[Request, ...]:
        """Give every request with what it is served by."""
        room = {c.id: c.room for c in self.coaches.values()}
        served = assign([self._waiting(r) for r in self.requests], room)
        return tuple(self._proposed(r, served) for r in self.requests)

    def _waiting(self, request: Request) -> Waiting:
        """Give a request as the assignment sees it: a way costs its wait in weeks, then its place among proposals."""
        options = self.options[request.id]
        ordered = rank(options, self.found.wish_of(request), self.coaches, most=len(options))
        today = self.found.brief.now.date()
        return Waiting(
            id=request.id,
            days=(self.found.brief.now - request.made) / timedelta(days=1),
            chances=tuple(
                Chance(o.coach, o.starts[0], 10 * ((o.starts[0].date() - today).days // 7) + place)
                for place, o in enumerate(ordered)
            ),
            promised=request.promised,
        )

    def _proposed(self, request: Request, served: Mapping[str, Chance]) -> Request:
        found, now = self.found, self.found.brief.now
        mine = served.get(request.id)
        bare = replace(request, offers=(), changed=now, coach_id=None, opens=None, why="")
        if mine is None:
            why = self.whys[request.id] or Why.BUSY
            return replace(bare, state=State.WAITING, why=why.value, opens=_opens(found, request, why))
        others = {(c.coach, c.start) for id_, c in served.items() if id_ != request.id}
        free = [o for o in self.options[request.id] if (o.coach, o.starts[0]) not in others]
        ordered = rank(free, found.wish_of(request), self.coaches, most=len(free))
        first = [o for o in ordered if (o.coach, o.starts[0]) == (mine.coach, mine.start)]
        best = (*first, *rank([o for o in ordered if o not in first], found.wish_of(request), self.coaches))[:MOST]
        offers = tuple(_offer(request, o, now, found.zone_of(request.person_id)) for o in best)
        return replace(bare, state=State.PROPOSED, offers=offers)


def _offer(request: Request, option: Option, now: datetime, zone: str) -> Offer:
    starts = tuple(instant(s, zone) for s in option.starts)
    said = repr((request.id, option.coach, [s.isoformat() for s in starts]))
    return Offer(
        key=hashlib.sha256(said.encode()).hexdigest()[:12],
        coach_id=option.coach,
        starts=starts,
        anchor=now,
        steps=option.steps,
        wished=option.wished,
        spare=option.spare,
    )


def _opens(found: Situation, request: Request, why: Why) -> datetime | None:
    """Give the first date that opens, as far as it can be seen: a coach whose series ends, or a later week."""
    activity = found.brief.activities.get(request.activity)
    if activity is None:
        return None
    wish = found.wish_of(request)
    coaches = [c for c in found.coaches_for(activity) if not c.paused and c.id not in wish.barred | wish.passed]
    if wish.language:
        coaches = [c for c in coaches if wish.language in c.languages]
    if why is Why.BUSY:
        ends: dict[str, dict[str, datetime]] = {}
        for session in found.brief.published:
            if session.series and session.facilitator_id and session.ends_utc > found.brief.now:
                mine = ends.setdefault(session.facilitator_id, {})
                mine[session.series] = max(mine.get(session.series, session.ends_utc), session.ends_utc)
        return min((min(ends[c.id].values()) for c in coaches if c.id in ends), default=None)
    if why is not Why.TIMES:
        return None
    some = [c for c in coaches if c.room]
    for wait in LATER:
        later = series_of(request, found.brief.now + wait, activity, steps=found.steps_left(request))
        view = view_of(found, [later])
        found_later = options_for(found, view, request, some)
        if found_later:
            zone = found.zone_of(request.person_id)
            return instant(min(o.starts[0] for o in found_later), zone)
    return None


@dataclass(frozen=True, slots=True)
class Agreed:
    """A series that holds now: its request to the planner, and the sessions as they would be published.

    `given_up` are those of the stretch it replaces, cancelled. `brief` has the series among its requests; `judged`
    besides what is held for others.
    """

    series: SeriesRequest
    sessions: tuple[Session, ...]
    given_up: tuple[Session, ...]
    brief: Brief
    judged: Brief

    @property
    def changed(self) -> tuple[Session, ...]:
        """Everything that changes in the calendar."""
        return (*self.given_up, *self.sessions)


def as_held(
    found: Situation, request: Request, offer: Offer, names: Mapping[int, tuple[str, str]] = MappingProxyType({})
) -> Agreed | None:
    """Give a proposal as it could be held now; None where it does not hold any more. `names` are ids and UIDs."""
    activity = found.activity_of(request)
    if activity is None:
        return None
    series = series_of(request, offer.anchor, activity, steps=offer.steps)
    view = view_of(found, [series], but=request.id)
    slots = [slot_of(s, view.horizon) for s in offer.starts]
    planned = held_again(view.problem, view.problem.pinned, request.id, offer.coach_id, slots)
    if planned is None:
        return None
    trial = f"trial-{request.id}"
    sessions = tuple(
        replace(new_session(view, p, *names.get(k, (f"{trial}-{k}", f"{trial}-{k}"))), cause=AGREED)
        for k, p in enumerate(planned)
    )
    off = tuple(replace(s, status=Status.CANCELLED, cause=GIVEN_BACK) for s in found.given_up(request))
    stays = tuple(r for r in found.brief.requests if r.id != found.replaced.get(request.id))
    brief = replace(found.brief, requests=(*stays, series))
    judged = replace(brief, published=(*brief.published, *found.held(but=request.id)))
    return Agreed(series, sessions, off, brief, judged)


def propose_others(parts: Parts, request: Request, reason: Declined | None = None) -> bool:
    """Propose others to somebody whose accepted times do not hold, were declined, or got no answer.

    False when something changed meanwhile, so that it has to be looked at again. They are served before others now.
    """
    now, coach = parts.now(), request.coach_id or ""
    passed = request.passed if reason is None else tuple(sorted({*request.passed, coach}))
    with parts.store.read() as db:
        seen = situation(db, now, (request,))
    free = replace(seen, asked=tuple(r for r in seen.asked if r.id != request.id))
    again = match(free, (replace(request, promised=True, passed=passed, coach_id=None),))[0]
    with parts.store.write() as db:
        if not seen.still(db) or coaching.asked_of(db, request.id, coach) != request:
            return False
        coaching.let_go(db, request.id)
        coaching.keep(db, again)
        tell(db, FREED, request.id, request.person_id, now, again=True)
        if reason is not None:
            coaching.decline(db, Declining(new_id(), coach, request.activity, reason, now))
    return True


def tell(db: Db, event: str, id_: str, person_id: str, now: datetime, *, again: bool = False) -> None:
    """Let a letter about a request or a plan wait; each once, unless the event can come `again` at another time."""
    about = f"{event} {id_} {now:%Y%m%d%H%M}" if again else f"{event} {id_}"
    letters.open_letters(db, letters.COACHING, about, {person_id: now}, now)
