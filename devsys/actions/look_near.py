"""What looks at a seat read: the part of the plan that the person, their queue and the sessions in question touch.

A look gives what it would give on the whole plan. Sessions that come in question are taken up some at a time, the
soonest first, which is the order in which the board offers them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.brief import SPACING_WEEKS, needs_of
from devsys.adapters.store.queries import near, programme, sessions
from devsys.adapters.store.queries.planning import Brief, Scope, Stretch
from devsys.adapters.store.store import Db
from devsys.core.model.calendar import Horizon, Owed, Session
from devsys.core.model.hours import monday_of, sites_of, start_of
from devsys.core.model.needs import Need
from devsys.core.model.programme import Activity
from devsys.core.planning.gates import gates_of

WEEKS_AFTER: Final = 8  # how far behind a session other dates are looked for
MOST_WEEKS: Final = 60
AT_ONCE: Final = 12  # sessions that are taken up together
NOTICE: Final = timedelta(days=1)  # nobody is offered a date at shorter notice
BEHIND: Final = timedelta(days=400)  # as far as plans reach
HALF_HOUR: Final = timedelta(minutes=30)
BESIDE: Final = timedelta(weeks=SPACING_WEEKS + 1)


def weeks_until(now: datetime, until: datetime, more: int = 0) -> Horizon:
    """Give the weeks from this one to that of an instant, and some more; at least one."""
    first = monday_of(now.date())
    weeks = max(1, (until.date() - first).days // 7 + 1 + more)
    return Horizon(first, min(weeks, MOST_WEEKS))


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's seat, or need without one: what it asks for, and between which instants another may lie.

    `opens` and `closes` are bounds of the search, as the need's window and the weeks looked at set them. `gate`: other
    activities ask for this one first.
    """

    person_id: str
    activity: Activity
    site_id: str
    team_id: str | None
    opens: datetime
    closes: datetime
    session: Session | None
    gate: bool = False

    @property
    def spans(self) -> tuple[Stretch, ...]:
        """The stretch of the session there is a seat in."""
        return ((self.session.starts_utc, self.session.ends_utc),) if self.session else ()

    @property
    def ids(self) -> frozenset[str]:
        """The id of that session."""
        return frozenset({self.session.id} if self.session else ())


def seat_of(db: Db, now: datetime, person_id: str, session: Session, horizon: Horizon) -> tuple[Seat | None, Brief]:
    """Give a person's seat in a session, and the brief that holds what giving it back touches.

    No seat where the planner does not see it: the activity is gone, or the person has no clock.
    """
    span = ((session.starts_utc, session.ends_utc),)
    scope = Scope(frozenset({person_id}), spans=span, whole=frozenset({session.id}))
    # What somebody builds on a gate may lie anywhere behind it.
    last = span[0][1] + BEHIND if session.activity in gates_of(programme.activities(db)) else span[0][1]
    brief = _read(db, scope, now, span[0][0], last)
    key = next((p.need for p in session.places if p.person_id == person_id), "")
    asked = (n for n in needs_of(brief, horizon) if n.key == key and n.activity == session.activity)
    need = next(asked, None)
    if need is not None:  # a seat that stands is never out of its need's window
        begins = session.starts_utc
        need = replace(need, earliest=min(need.earliest, begins), latest=max(need.latest, begins + HALF_HOUR))
    return _seat(brief, person_id, session.activity, horizon, need, session), brief


def _seat(  # noqa: PLR0917 -- what a seat is made of
    brief: Brief, person_id: str, code: str, horizon: Horizon, need: Need | None, session: Session | None
) -> Seat | None:
    activity = brief.activities.get(code)
    site = sites_of(brief.organisation).get(person_id)
    if activity is None or site is None:
        return None
    team = next(p.team_id for p in brief.organisation.people if p.id == person_id) if activity.one_team else None
    opens, closes = max(brief.now + NOTICE, start_of(horizon)), start_of(horizon) + timedelta(weeks=horizon.weeks)
    if need is not None:
        opens, closes = max(opens, need.earliest), min(closes, need.latest)
    return Seat(person_id, activity, site, team, opens, closes, session, code in gates_of(brief.activities))


def seat_wanted(db: Db, now: datetime, owed: Owed, horizon: Horizon) -> Seat | None:
    """Give an owed need as the seat that is looked for; None where it is not asked for any more."""
    brief = _read(db, Scope(frozenset({owed.person_id})), now, now, now)
    need = next((n for n in needs_of(brief, horizon) if n.key == owed.need), None)
    return _seat(brief, owed.person_id, need.activity, horizon, need, None) if need is not None else None


def parts_for(db: Db, seat: Seat | None) -> Iterator[tuple[Seat, tuple[Session, ...]]]:
    """Give a seat with the published sessions in which its need could be served, some at a time, the soonest first."""
    if seat is not None:
        yield from ((seat, row) for row in sessions_for(db, seat))


def sessions_for(db: Db, seat: Seat) -> Iterator[tuple[Session, ...]]:
    """Give the published sessions in which a seat's need could be served, some at a time, the soonest first."""
    start, after = seat.opens, ""
    while True:
        place = (seat.activity.code, seat.site_id, seat.team_id)
        found = sessions.next_of(db, *place, start=start, end=seat.closes, after=after, most=AT_ONCE)
        if found:
            yield found
        if len(found) < AT_ONCE:
            return
        start, after = found[-1].starts_utc, found[-1].id


def among(db: Db, seat: Seat, found: Iterable[Session], now: datetime, more: Iterable[str] = ()) -> Brief:
    """Give the brief that holds what taking a seat in any of some sessions touches; `more` are people besides."""
    row = tuple(found)
    spans = (*seat.spans, *((s.starts_utc, s.ends_utc) for s in row))
    scope = Scope(frozenset({seat.person_id, *more}), spans=spans, whole=seat.ids | {s.id for s in row})
    return _read(db, scope, now, *_edges(seat, spans))


def anywhere(db: Db, seat: Seat, brief: Brief) -> Brief:
    """Give the brief that holds what another start for somebody alone touches, at any time the seat's window allows.

    Who could lead it and the rooms it could be in are known throughout.
    """
    leading, mine = _able(brief, seat.activity, seat.site_id), seat.session
    rooms = {r.id for r in brief.organisation.rooms if r.site_id == seat.site_id} if seat.activity.room else set()
    if mine is not None:
        leading.update(filter(None, [mine.facilitator_id]))
        rooms.update(filter(None, [mine.room_id]))
    beside = () if seat.activity.group[1] == 1 else tuple(s for row in sessions_for(db, seat) for s in row)
    spans = near.joined((*seat.spans, (seat.opens, seat.closes + timedelta(days=1))))
    whole = seat.ids | {s.id for s in beside}
    scope = Scope(frozenset({seat.person_id}), frozenset(leading), frozenset(rooms), spans, whole)
    return _read(db, scope, brief.now, *_edges(seat, spans))


def _able(brief: Brief, activity: Activity, site_id: str) -> set[str]:
    """Give ids of those who could lead an activity at a site."""
    asked = activity.qualification
    all_ = brief.organisation.facilitators
    return {f.person_id for f in all_ if site_id in f.site_ids and (not asked or asked in f.qualifications)}


def beside_leaders(db: Db, session: Session, now: datetime) -> Brief:
    """Give the brief in which somebody else to lead a session is looked for: who could, and what they do beside it."""
    whole = frozenset({session.id})
    brief = _read(db, Scope(frozenset(), whole=whole), now, session.starts_utc, session.ends_utc)
    activity = brief.activities.get(session.activity)
    able = set() if activity is None else _able(brief, activity, session.site_id)
    leading = frozenset(able | set(filter(None, [session.facilitator_id])))
    return near.near(
        db,
        Scope(frozenset(), leading, whole=whole),
        now=now,
        since=session.starts_utc - BESIDE,
        until=session.ends_utc + BESIDE,
    )


def _edges(seat: Seat, spans: Iterable[Stretch]) -> Stretch:
    last = max((seat.closes, *(b for _, b in spans)))
    return min((seat.opens, *(a for a, _ in spans))), last + BEHIND if seat.gate else last


def _read(db: Db, scope: Scope, now: datetime, first: datetime, last: datetime) -> Brief:
    return near.near(db, scope, now=now, since=min(first, now) - BESIDE, until=last + BESIDE)
