"""Ask for coaching, see where it stands, withdraw: always one's own, one series at a time (product.md D1, D3).

Nothing confidential is asked and nobody decides about a request: it is a need like others, and the next plan places
what it can.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, plans, programme, sessions
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.queries.series import Asker
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Owed, Session
from devsys.core.model.hours import local
from devsys.core.model.needs import SeriesRequest
from devsys.core.model.programme import Activity, Rhythm
from devsys.core.programmes.windows import Window, step

ASK, WITHDRAW, *_ = audit.PRIVATE
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the activity, the weekdays that suit (Monday is 0), from when to when, in local time."""

    activity: str
    days: tuple[int, ...]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a series: in the calendar, or owed with its reason, or to be planned within `window` (local days)."""

    number: int
    window: Window | None
    session: Session | None = None
    owed: Owed | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One series a person asked for; `over` when nothing of it is still to come, `withdrawn` when they took it back.

    `activity` is None when no adopted programme has it any more.
    """

    request: SeriesRequest
    activity: Activity | None
    steps: tuple[Step, ...]
    withdrawn: datetime | None
    over: bool

    @property
    def open(self) -> bool:
        """Say whether it runs or waits."""
        return self.withdrawn is None and not self.over

    @property
    def planned(self) -> bool:
        """Say whether the published plan has looked at it."""
        return any(s.session is not None or s.owed is not None for s in self.steps)

    def ahead(self, now: datetime) -> tuple[Session, ...]:
        """Give its sessions that are still to come."""
        return tuple(s.session for s in self.steps if s.session is not None and s.session.starts_utc > now)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's own coaching: what they may ask for, why not (empty: they may), what they asked for, newest first.

    `first` are the titles of what must be held before coaching begins.
    """

    offers: tuple[Activity, ...]
    barred: str
    first: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def open(self) -> Series | None:
        """The one series that runs or waits."""
        return next((s for s in self.series if s.open), None)


def look(parts: Parts, viewer: Viewer) -> Standing:
    """Give the viewer's own coaching; it only reads."""
    with parts.store.read() as db:
        return _standing(db, viewer, parts.now())


def ask(parts: Parts, viewer: Viewer, wish: Wish) -> str:
    """Keep what the viewer asks for, for the next plan; give its id.

    Raises InvalidError for what cannot be asked for, ConflictError while another series of theirs is open.
    """
    now = parts.now()
    with parts.store.write() as db:
        found = _standing(db, viewer, now)
        if found.barred:
            raise InvalidError(found.barred)
        if found.open is not None:
            raise ConflictError(
                f"You have asked already, on {found.open.request.requested:%d %B %Y}. One series runs at a time: "
                "withdraw it first, or wait until it is over."
            )
        _possible(wish, {a.code: a for a in found.offers})
        preferred = tuple((day, wish.start, wish.end) for day in sorted(set(wish.days)))
        asked = SeriesRequest(new_id(), viewer.person_id, wish.activity, now, preferred)
        series_queries.keep(db, (asked,))
        audit.record(db, at=now, by_id=viewer.person_id, act=ASK, what=f"series {asked.id}")
    return asked.id


def withdraw(parts: Parts, viewer: Viewer, series_id: str) -> int:
    """Take back a series of the viewer's; give how many of its sessions leave with the next plan.

    Raises NotFoundError when there is none such that is still open.
    """
    now = parts.now()
    with parts.store.write() as db:
        found = next((s for s in _standing(db, viewer, now).series if s.request.id == series_id and s.open), None)
        if found is None or not series_queries.withdraw(db, series_id, viewer.person_id, now):
            raise NotFoundError("You have no such series.")
        audit.record(db, at=now, by_id=viewer.person_id, act=WITHDRAW, what=f"series {series_id}")
    return len(found.ahead(now))


def _possible(wish: Wish, offers: Mapping[str, Activity]) -> None:
    faults = []
    activity = offers.get(wish.activity)
    if activity is None:
        faults.append(Fault("activity", "Choose one of these."))
    if not wish.days or not set(wish.days) <= set(range(len(WEEKDAYS))):
        faults.append(Fault("days", "Tick at least one day."))
    room = datetime.combine(date.min, wish.end) - datetime.combine(date.min, wish.start)
    if room < timedelta(minutes=activity.minutes if activity else 1):
        least = f" by at least {activity.minutes} minutes" if activity else ""
        faults.append(Fault("until", f"Choose a time that is later{least}."))
    if faults:
        raise InvalidError("Something in the form is missing or wrong.", tuple(faults))


def _standing(db: Db, viewer: Viewer, now: datetime) -> Standing:
    known = programme.activities(db)
    person = series_queries.asker(db, viewer.person_id)
    offers = tuple(a for a in known.values() if _offered(a, person))
    before = {code for activity in offers for code in activity.prerequisites}
    found = Standing(offers, _barred(person, offers), tuple(a.title for a in known.values() if a.code in before), ())
    asked = series_queries.of_person(db, viewer.person_id)
    if not asked:
        return found
    since = min(request.requested for request, _ in asked)
    calendar = sessions.published(db, Wanted(start=since, person_id=viewer.person_id))
    latest = plans.latest(db)
    owed: Iterable[Owed] = ()
    if latest is not None:
        owed = plans.owed_in(db, plans.draft_of_version(db, latest.number), person_id=viewer.person_id)
    plan = _Plan(calendar, {o.need: o for o in owed}, now, person.zone or viewer.zone)
    series = (_series(request, withdrawn, known.get(request.activity), plan) for request, withdrawn in asked)
    return replace(found, series=tuple(series))


def _offered(activity: Activity, person: Asker) -> bool:
    if activity.cadence.rhythm is not Rhythm.REQUEST:
        return False
    return not activity.teams or person.team_code in activity.teams


def _barred(person: Asker, offers: tuple[Activity, ...]) -> str:
    if person.leads:
        return "You lead sessions yourself, and who leads is not planned into any. Talk to a colleague who coaches."
    if not person.zone:
        return "You belong to no team and no queue here, so there is no working time to plan by."
    if not offers:
        return "No coaching is in the programme yet. A coordinator adopts it; then you can ask here."
    return ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is published for one person at `now`; `zone` is the person's."""

    sessions: tuple[Session, ...]
    owed: Mapping[str, Owed]
    now: datetime
    zone: str


def _series(request: SeriesRequest, withdrawn: datetime | None, activity: Activity | None, plan: _Plan) -> Series:
    mine = [s for s in plan.sessions if s.series == request.id]
    asked = local(request.requested, plan.zone).date()
    by_step = {_number(s, request): s for s in mine}
    count = max(activity.cadence.steps if activity else 0, max(by_step, default=-1) + 1)
    steps = tuple(
        Step(
            number=n + 1,
            window=step(activity.cadence, asked, n) if activity else None,
            session=by_step.get(n),
            owed=plan.owed.get(f"{_prefix(request)}{n}"),
        )
        for n in range(count)
    )
    today = local(plan.now, plan.zone).date()
    ahead = any(s.ends_utc > plan.now for s in mine)
    waits = any(s.session is None and s.window is not None and s.window.latest > today for s in steps)
    return Series(
        request=request,
        activity=activity,
        steps=steps,
        withdrawn=withdrawn,
        over=not ahead and not waits,
    )


def _prefix(request: SeriesRequest) -> str:
    return f"{request.person_id}/{request.activity}/{request.id}."


def _number(session: Session, request: SeriesRequest) -> int:
    """Give which step a session is, from 0: its seat answers the need of that step."""
    keys = (p.need.removeprefix(_prefix(request)) for p in session.places if p.need.startswith(_prefix(request)))
    return next((int(key) for key in keys if key.isdecimal()), 0)
