"""Ask for coaching, accept or pass over what is proposed, withdraw: always one's own, one at a time (product.md D1-D3).

A request is matched at once, and everybody who waits with it. What is accepted is held until its coach has answered.
No route and no function here speaks for another: who asks is who is signed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from devsys.actions.coaching_picture import Situation, as_held, match, situation, tell
from devsys.actions.parts import Parts
from devsys.actions.publish_small import against
from devsys.adapters.store.queries import audit, coaching, coaching_plans, programme
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.queries.series import Asker
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase, to_phrase
from devsys.base.written import WEEKDAYS, plain_full_day
from devsys.core.letters.coaching import PROPOSED, RECEIVED, TOLD
from devsys.core.model.access import Viewer
from devsys.core.model.coaching import UNMATCHED, Course, Offer, Plan, Request, State
from devsys.core.model.programme import Activity, Principle, Rhythm

ASK, WITHDRAW, ACCEPT, *_ = audit.PRIVATE
TRIES: Final = 5
_TRY_AGAIN: Final = to_phrase("The calendar is being changed right now. Nothing was changed; try again.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: three things, and what may be said besides.

    `theme` is an activity's code, or `principle:` and a principle. `days` are the weekdays that suit (Monday is 0),
    from when to when, in local time.
    """

    theme: str
    hope: str
    days: tuple[int, ...]
    start: time
    end: time
    language: str = ""
    former: str = ""
    not_lead: bool = False
    tell_lead: bool = False

    @property
    def preferred(self) -> tuple[tuple[int, time, time], ...]:
        """The times as the planner wants them."""
        return tuple((day, self.start, self.end) for day in sorted(set(self.days)))


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's own coaching: what they may ask for, why not (empty: they may), what is open, what was.

    `first` are the titles of what must be held before coaching begins; `coached` who coached them before, by id.
    `draft` is a request they began, with its words.
    """

    offers: tuple[Activity, ...]
    barred: str
    first: tuple[str, ...]
    languages: tuple[str, ...]
    coached: Mapping[str, str]
    request: Request | None
    draft: tuple[Request, str] | None
    plans: tuple[Plan, ...]
    names: Mapping[str, str]

    @property
    def running(self) -> Plan | None:
        """The plan that runs."""
        return next((p for p in self.plans if p.state is Course.RUNNING), None)


class Taken(Exception):  # noqa: N818 -- no error: others were quicker
    """What was accepted was taken meanwhile; the next proposals stand."""


def look(parts: Parts, viewer: Viewer) -> Standing:
    """Give the viewer's own coaching; it only reads."""
    with parts.store.read() as db:
        return _standing(db, viewer, parts.now())


def _standing(db: Db, viewer: Viewer, now: datetime) -> Standing:
    known = programme.activities(db)
    person = series_queries.asker(db, viewer.person_id)
    offers = tuple(a for a in known.values() if _offered(a, person))
    before = {code for activity in offers for code in activity.prerequisites}
    mine = coaching.of_person(db, viewer.person_id)
    plans = coaching_plans.of_person(db, viewer.person_id)
    coaches = coaching.coaches(db, now.date())
    names = {c.person_id: c.name for c in coaches}
    parts_of = coaching_plans.names_of_parts(db, [p.id for p in plans])
    had = {coach for rows in parts_of.values() for _, coach in rows if coach} | {p.coach_id for p in plans}
    draft = next((r for r in mine if r.state is State.DRAFT), None)
    return Standing(
        offers=offers,
        barred=_barred(person, offers),
        first=tuple(a.title for a in known.values() if a.code in before),
        languages=tuple(sorted({word for c in coaches if c.desk for word in c.desk.languages})),
        coached={id_: names[id_] for id_ in sorted(names) if id_ in had},
        request=coaching.foremost(mine),
        draft=(draft, coaching.hope(db, draft.id)) if draft else None,
        plans=plans,
        names=names,
    )


def _offered(activity: Activity, person: Asker) -> bool:
    if activity.cadence.rhythm is not Rhythm.REQUEST:
        return False
    return not activity.teams or person.team_code in activity.teams


def _barred(person: Asker, offers: tuple[Activity, ...]) -> str:
    if person.leads:
        return phrase(
            "You lead sessions yourself, and who leads is not planned into any. Talk to a colleague who coaches."
        )
    if not person.zone:
        return phrase("You belong to no team and no queue here, so there is no working time to plan by.")
    if not offers:
        return phrase("No coaching is in the programme yet. A coordinator adopts it; then you can ask here.")
    return ""


def keep_draft(parts: Parts, viewer: Viewer, wish: Wish) -> None:
    """Keep what the viewer has written so far; it is asked of nobody. Raises InvalidError where they may not ask."""
    now = parts.now()
    with parts.store.write() as db:
        found = _standing(db, viewer, now)
        if found.barred:
            raise InvalidError(found.barred)
        if found.request is not None:
            raise ConflictError(_already(found.request))
        coaching.keep(db, _request(viewer, wish, found, now, State.DRAFT), wish.hope)


def drop_draft(parts: Parts, viewer: Viewer) -> None:
    """Forget what the viewer has written so far."""
    with parts.store.write() as db:
        for request in coaching.of_person(db, viewer.person_id):
            if request.state is State.DRAFT:
                coaching.drop(db, request.id)


def ask(parts: Parts, viewer: Viewer, wish: Wish) -> Request:
    """Keep what the viewer asks for and match it at once; give it with its proposals, or with why there are none.

    Raises InvalidError for what cannot be asked for, ConflictError while another request of theirs is open.
    """
    for _ in range(TRIES):
        now = parts.now()
        with parts.store.read() as db:
            found = _standing(db, viewer, now)
            _may_ask(found)
            _possible(wish, found)
            made = _request(viewer, wish, found, now, State.WAITING)
            waiting = coaching.in_states(db, (State.WAITING,))
            seen = situation(db, now, (*waiting, made))
        matched = match(seen, (*waiting, made))
        with parts.store.write() as db:
            if not seen.still(db) or coaching.in_states(db, (State.WAITING,)) != waiting:
                continue
            _may_ask(_standing(db, viewer, now))
            coaching.keep(db, matched[-1], wish.hope)
            keep_matched(db, waiting, matched[:-1], now)
            if made.tell_lead:
                for lead in sorted(coaching.leads_of(db, viewer.person_id) - {viewer.person_id}):
                    tell(db, TOLD, made.id, lead, now)
            audit.record(db, at=now, by_id=viewer.person_id, act=ASK, what=f"request {made.id}")
        return matched[-1]
    raise ConflictError(_TRY_AGAIN)


def keep_matched(db: Db, before: tuple[Request, ...], after: tuple[Request, ...], now: datetime) -> None:
    """Keep requests as they were matched; who waited and has proposals now is told by letter."""
    for old, new in zip(before, after, strict=True):
        if new != replace(old, changed=new.changed):
            coaching.keep(db, new)
        if new.state is State.PROPOSED:
            tell(db, PROPOSED, new.id, new.person_id, now, again=True)


def _may_ask(found: Standing) -> None:
    if found.barred:
        raise InvalidError(found.barred)
    if found.request is not None:
        raise ConflictError(_already(found.request))
    if found.running is not None:
        raise ConflictError(
            phrase("Your coaching runs. One series runs at a time: end it first, or wait until it is over.")
        )


def _already(request: Request) -> str:
    return phrase(
        "You have asked already, on %(day)s. One series runs at a time: withdraw it first, or wait until it is over.",
        day=plain_full_day(request.made),
    )


def _request(viewer: Viewer, wish: Wish, found: Standing, now: datetime, state: State) -> Request:
    """Give a request as it is asked; it goes on from the draft where there is one."""
    activity, principle = _theme(wish.theme, found.offers)
    return Request(
        id=found.draft[0].id if found.draft else new_id(),
        person_id=viewer.person_id,
        state=state,
        activity=activity,
        principle=principle,
        preferred=wish.preferred,
        made=now,
        changed=now,
        language=wish.language if wish.language in found.languages else "",
        former_id=wish.former if wish.former in found.coached else None,
        not_lead=wish.not_lead,
        tell_lead=wish.tell_lead,
    )


def _theme(theme: str, offers: tuple[Activity, ...]) -> tuple[str, str]:
    """Give activity and principle of a theme: a principle is coached by the first activity that trains it."""
    if not theme.startswith("principle:"):
        return (theme, "") if any(a.code == theme for a in offers) else ("", "")
    principle = theme.removeprefix("principle:")
    fitting = next((a.code for a in offers if principle in [p.value for p in a.principles]), "")
    return fitting, principle if fitting else ""


def principles_of(offers: tuple[Activity, ...]) -> tuple[Principle, ...]:
    """Give the principles that can be asked for."""
    trained = {p for a in offers for p in a.principles}
    return tuple(p for p in Principle if p in trained)


def _possible(wish: Wish, found: Standing) -> None:
    faults = []
    code, _ = _theme(wish.theme, found.offers)
    activity = next((a for a in found.offers if a.code == code), None)
    if activity is None:
        faults.append(Fault("theme", phrase("Choose one of these.")))
    if not wish.hope.strip():
        faults.append(Fault("hope", phrase("Say in a sentence what should be better.")))
    faults += _times_possible(wish.days, wish.start, wish.end, activity)
    if faults:
        raise InvalidError(phrase("Something in the form is missing or wrong."), tuple(faults))


def _times_possible(days: tuple[int, ...], start: time, end: time, activity: Activity | None) -> list[Fault]:
    faults = []
    if not days or not set(days) <= set(range(len(WEEKDAYS))):
        faults.append(Fault("days", phrase("Tick at least one day.")))
    room = datetime.combine(date.min, end) - datetime.combine(date.min, start)
    if room < timedelta(minutes=activity.minutes if activity else 1):
        what = (
            phrase("Choose a time that is later by at least %(minutes)s minutes.", minutes=activity.minutes)
            if activity
            else phrase("Choose a time that is later.")
        )
        faults.append(Fault("until", what))
    return faults


def own(parts: Parts, viewer: Viewer, request_id: str, states: tuple[State, ...]) -> Request:
    """Give the viewer's own request in one of some states. Raises NotFoundError."""
    with parts.store.read() as db:
        return _own(db, viewer, request_id, states)


def _own(db: Db, viewer: Viewer, request_id: str, states: tuple[State, ...]) -> Request:
    found = coaching.one(db, request_id, viewer.person_id)
    if found is None or found.state not in states:
        raise NotFoundError(phrase("You have no such request."))
    return found


def accept(parts: Parts, viewer: Viewer, request_id: str, key: str) -> Request:
    """Accept a proposal: its times are held, and its coach is asked.

    Raises NotFoundError; Taken when the proposal does not hold any more: then the next ones stand on the page.
    """
    for _ in range(TRIES):
        now = parts.now()
        with parts.store.read() as db:
            request = _own(db, viewer, request_id, (State.PROPOSED,))
            offer = next((o for o in request.offers if o.key == key), None)
            seen = situation(db, now, (request,))
        if offer is None:
            raise Taken
        holds = _holds(seen, request, offer)
        kept = replace(request, state=State.ASKED, offers=(offer,), coach_id=offer.coach_id, changed=now)
        again = None if holds else match(seen, (request,))[0]
        with parts.store.write() as db:
            if not seen.still(db) or coaching.one(db, request_id, viewer.person_id) != request:
                continue
            if again is not None:
                coaching.keep(db, again)
            elif coaching.hold(db, request_id, offer.coach_id, offer.starts):
                coaching.keep(db, kept)
                tell(db, RECEIVED, kept.id, offer.coach_id, now)
                audit.record(db, at=now, by_id=viewer.person_id, act=ACCEPT, what=f"request {request_id}")
            else:
                continue
        if again is not None:
            raise Taken
        return kept
    raise ConflictError(_TRY_AGAIN)


def _holds(seen: Situation, request: Request, offer: Offer) -> bool:
    """Say whether a proposal still holds: its coach has room, the board finds it, the verifier agrees."""
    activity = seen.activity_of(request)
    coach = next((c for c in seen.coaches_for(activity) if c.id == offer.coach_id), None) if activity else None
    agreed = as_held(seen, request, offer) if coach is not None and coach.room else None
    return agreed is not None and not against(agreed.judged, agreed.changed)


def other_coach(parts: Parts, viewer: Viewer, request_id: str) -> Request:
    """Pass over all coaches that are proposed now, without a reason; give the request with the next proposals."""
    return _again(parts, viewer, request_id, lambda r: replace(r, passed=_passed(r), former_id=None))


def _passed(request: Request) -> tuple[str, ...]:
    return tuple(sorted({*request.passed, *(o.coach_id for o in request.offers)}))


def from_the_start(parts: Parts, viewer: Viewer, request_id: str) -> Request:
    """Propose those who were passed over again."""
    return _again(parts, viewer, request_id, lambda r: replace(r, passed=()))


def other_times(
    parts: Parts, viewer: Viewer, request_id: str, days: tuple[int, ...], hours: tuple[time, time]
) -> Request:
    """Ask for other times; give the request with the next proposals. Raises InvalidError for impossible ones."""
    start, end = hours
    with parts.store.read() as db:
        request = _own(db, viewer, request_id, UNMATCHED)
        activity = programme.activities(db).get(request.activity)
    faults = _times_possible(days, start, end, activity)
    if faults:
        raise InvalidError(phrase("Something in the form is missing or wrong."), tuple(faults))
    wished = tuple((day, start, end) for day in sorted(set(days)))
    return _again(parts, viewer, request_id, lambda r: replace(r, preferred=wished))


def _again(parts: Parts, viewer: Viewer, request_id: str, change: Callable[[Request], Request]) -> Request:
    for _ in range(TRIES):
        now = parts.now()
        with parts.store.read() as db:
            request = _own(db, viewer, request_id, UNMATCHED)
            seen = situation(db, now, (request,))
        matched = match(seen, (change(request),))[0]
        with parts.store.write() as db:
            if seen.still(db) and coaching.one(db, request_id, viewer.person_id) == request:
                coaching.keep(db, matched)
                return matched
    raise ConflictError(_TRY_AGAIN)


def withdraw(parts: Parts, viewer: Viewer, request_id: str) -> Request:
    """Take back a request of the viewer's that has not become a series; what was held for it is free again.

    Raises NotFoundError when there is none such. A series that runs is left by its plan.
    """
    now = parts.now()
    with parts.store.write() as db:
        request = _own(db, viewer, request_id, (*UNMATCHED, State.ASKED))
        coaching.let_go(db, request_id)
        over = replace(request, state=State.OVER, ended=now, changed=now, offers=(), coach_id=None)
        coaching.keep(db, over)
        audit.record(db, at=now, by_id=viewer.person_id, act=WITHDRAW, what=f"request {request_id}")
    return over
