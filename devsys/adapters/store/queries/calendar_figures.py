"""Figures of the calendar: sums over places and sessions, as columns; one query each, whatever the number of rows.

`draft_id` None asks for the published calendar, otherwise for the calendar as it would be with that draft.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from devsys.adapters.store.queries.during import during
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import AttendanceRow, PlaceRow, RevisionRow
from devsys.adapters.store.tables.people import HolidayRow, PersonRow, QueueRow, RoomRow, SiteRow, TeamRow
from devsys.adapters.store.tables.plans import OwedRow
from devsys.core.model.calendar import Status
from devsys.core.model.causes import FOR_THE_QUEUE
from devsys.core.model.ledger import LedgerSum, OwedSum

_MARKED = and_(
    col(AttendanceRow.session_id) == col(RevisionRow.session_id),
    col(AttendanceRow.person_id) == col(PlaceRow.person_id),
)
_PUBLISHED = and_(col(RevisionRow.until).is_(None), col(RevisionRow.since).is_not(None))


def shown(draft_id: str | None) -> ColumnElement[bool]:
    """Give the condition that picks one revision of each session: as published, or as a draft would have it."""
    if draft_id is None:
        return _PUBLISHED
    drafted = and_(col(RevisionRow.draft_id) == draft_id, col(RevisionRow.since).is_(None))
    touched = select(col(RevisionRow.session_id)).where(drafted)
    both = or_(and_(_PUBLISHED, col(RevisionRow.session_id).not_in(touched)), drafted)
    return and_(col(RevisionRow.until).is_(None), both)  # said once more where an index finds it


def planned(draft_id: str | None) -> ColumnElement[bool]:
    """Give the same condition without cancelled sessions."""
    return and_(shown(draft_id), col(RevisionRow.status) == Status.PLANNED.value)


def _within(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Sessions that start in a stretch of instants; the end is not included."""
    return and_(col(RevisionRow.starts_utc) >= start, col(RevisionRow.starts_utc) < end)


@dataclass(frozen=True, slots=True)
class DaySum:
    """What one local day holds of one activity: places, sessions, and minutes of people (not of facilitators)."""

    day: date
    activity: str
    places: int
    sessions: int
    minutes: int


def day_sums(
    db: Db, start: date, end: date, *, draft_id: str | None = None, team_ids: Iterable[str] | None = None
) -> tuple[DaySum, ...]:
    """Give the sums per local day and activity of the sessions from `start` to before `end`, in order of days.

    With `team_ids` only the places of people of those teams count.
    """
    day = func.date(col(RevisionRow.starts))
    query = (
        select(
            day,
            col(RevisionRow.activity),
            func.count(),
            func.count(col(RevisionRow.id).distinct()),
            func.sum(col(RevisionRow.minutes)),
        )
        .join(PlaceRow, col(PlaceRow.revision_id) == col(RevisionRow.id))
        .where(planned(draft_id), *_days(start, end))
        .group_by(day, col(RevisionRow.activity))
        .order_by(day, col(RevisionRow.activity))
    )
    if team_ids is not None:
        ids = tuple(team_ids)
        query = query.where(col(PlaceRow.person_id).in_(_members_of(ids)), _with_some_of(ids))
    return tuple(DaySum(_day(d), a, int(p), int(s), int(m)) for d, a, p, s, m in db.execute(query))


def _members_of(team_ids: Iterable[str]) -> Select[str]:
    return select(col(PersonRow.id)).where(col(PersonRow.team_id).in_(tuple(team_ids)))


def superseded() -> Select[str]:
    """Give the ids of states that another took the place of: few beside those that stand, and an index has them."""
    before = aliased(RevisionRow)
    return select(col(before.id)).where(col(before.until) > 0)


def _with_some_of(team_ids: Iterable[str]) -> ColumnElement[bool]:
    """Sessions somebody of some teams has a seat in: looked up once each, not once for every seat."""
    seat = aliased(PlaceRow)
    theirs = select(col(seat.revision_id)).where(col(seat.person_id).in_(_members_of(team_ids)))
    return col(RevisionRow.id).in_(theirs)


def _teams_at(site_id: str) -> Select[str]:
    return select(col(TeamRow.id)).where(col(TeamRow.site_id) == site_id)


def _days(start: date, end: date) -> tuple[ColumnElement[bool], ...]:
    """Local days; the wall time is what counts, whatever the zone."""
    first, last = datetime(start.year, start.month, start.day), datetime(end.year, end.month, end.day)  # noqa: DTZ001
    return (col(RevisionRow.starts) >= first, col(RevisionRow.starts) < last)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's time in one session, the person's queue beside it."""

    session_id: str
    person_id: str
    queue_id: str | None
    activity: str
    starts_utc: datetime
    ends_utc: datetime


def seats(
    db: Db,
    start: datetime,
    end: datetime,
    *,
    draft_id: str | None = None,
    queue_ids: Iterable[str] | None = None,
    at: str = "",
) -> tuple[Seat, ...]:
    """Give the places of people in sessions that touch a stretch of instants; only those of some queues when asked.

    `at` a site: of people who serve a queue or are in a team of it.
    """
    query = (
        select(
            col(RevisionRow.session_id),
            col(PlaceRow.person_id),
            col(PersonRow.queue_id),
            col(RevisionRow.activity),
            col(RevisionRow.starts_utc),
            col(RevisionRow.ends_utc),
        )
        .join(PlaceRow, col(PlaceRow.revision_id) == col(RevisionRow.id))
        .join(PersonRow, col(PersonRow.id) == col(PlaceRow.person_id))
        .where(planned(draft_id), during(start, end))
    )
    if queue_ids is not None:
        query = query.where(col(PersonRow.queue_id).in_(tuple(queue_ids)))
    if at:
        served = select(col(PersonRow.queue_id)).where(col(PersonRow.team_id).in_(_teams_at(at)))
        theirs = select(col(QueueRow.id)).where(col(QueueRow.site_id) == at)
        query = query.where(
            or_(
                col(PersonRow.team_id).in_(_teams_at(at)),
                col(PersonRow.queue_id).in_(theirs),
                col(PersonRow.queue_id).in_(served),
            )
        )
    return tuple(Seat(*row) for row in db.execute(query))


def ledger_sums(
    db: Db, start: date, end: date, *, team_ids: Iterable[str] | None = None, draft_id: str | None = None
) -> tuple[LedgerSum, ...]:
    """Give the development time per local day and team (of the person), from `start` to before `end`."""
    day = func.date(col(RevisionRow.starts))
    minutes = col(RevisionRow.minutes)
    query = (
        select(
            day,
            col(PersonRow.team_id),
            func.sum(minutes),
            func.sum(minutes).filter(col(AttendanceRow.present).is_(False)),
        )
        .join(PlaceRow, col(PlaceRow.revision_id) == col(RevisionRow.id))
        .join(PersonRow, col(PersonRow.id) == col(PlaceRow.person_id))
        .join(AttendanceRow, _MARKED, isouter=True)
        .where(planned(draft_id), *_days(start, end))
        .group_by(day, col(PersonRow.team_id))
        .order_by(day)
    )
    if team_ids is not None:
        team_ids = tuple(team_ids)
        query = query.where(col(PersonRow.team_id).in_(team_ids), _with_some_of(team_ids))
    found = {(_day(d), t): (int(p or 0), int(m or 0)) for d, t, p, m in db.execute(query)}
    lost = _lost_to_the_queue(db, start, end, team_ids, draft_id)
    order = sorted(found.keys() | lost.keys(), key=lambda key: (key[0], key[1] or ""))
    return tuple(LedgerSum(d, t, *found.get((d, t), (0, 0)), lost.get((d, t), 0)) for d, t in order)


def _lost_to_the_queue(
    db: Db, start: date, end: date, team_ids: Iterable[str] | None, draft_id: str | None
) -> dict[tuple[date, str | None], int]:
    """Give the minutes that people gave up for the queue, by the day and team they were planned for.

    A place is lost when the next state of its session says so, by its cause, and no later one gives it back. Of a
    draft, what it takes off for the queue counts besides.
    """
    after, later, seat = aliased(RevisionRow), aliased(RevisionRow), aliased(PlaceRow)
    day = func.date(col(RevisionRow.starts))
    stands = Status.PLANNED.value

    def sits_in(revision: type[RevisionRow]) -> ColumnElement[bool]:
        return and_(
            col(seat.revision_id) == col(revision.id),
            col(seat.person_id) == col(PlaceRow.person_id),
            col(revision.status) == stands,
        )

    back = exists().where(
        col(later.session_id) == col(RevisionRow.session_id), col(later.since) > col(after.since), sits_in(later)
    )
    query = (
        select(day, col(PersonRow.team_id), func.sum(col(RevisionRow.minutes)))
        .join(PlaceRow, col(PlaceRow.revision_id) == col(RevisionRow.id))
        .join(PersonRow, col(PersonRow.id) == col(PlaceRow.person_id))
        .where(col(RevisionRow.since).is_not(None), col(RevisionRow.status) == stands, *_days(start, end))
        .group_by(day, col(PersonRow.team_id))
    )
    if team_ids is not None:
        query = query.where(col(PersonRow.team_id).in_(tuple(team_ids)))
    follows = and_(
        col(after.session_id) == col(RevisionRow.session_id),
        col(after.since) == col(RevisionRow.until),
        col(after.cause) == FOR_THE_QUEUE,
    )
    taken = query.join(after, follows).where(col(RevisionRow.id).in_(superseded()))
    wanted = [taken.where(~exists().where(sits_in(after)), ~back)]
    if draft_id is not None:
        drafted = and_(
            col(after.session_id) == col(RevisionRow.session_id),
            col(after.draft_id) == draft_id,
            col(after.since).is_(None),
            col(after.cause) == FOR_THE_QUEUE,
        )
        wanted.append(query.join(after, drafted).where(_PUBLISHED, ~exists().where(sits_in(after))))
    found: dict[tuple[date, str | None], int] = {}
    for one in wanted:
        for d, team_id, minutes in db.execute(one):
            found[_day(d), team_id] = found.get((_day(d), team_id), 0) + int(minutes or 0)
    return found


def owed_sums(
    db: Db,
    draft_id: str,
    start: date,
    end: date,
    *,
    team_ids: Iterable[str] | None = None,
    without: Iterable[str] = (),
) -> tuple[OwedSum, ...]:
    """Give how many needs a draft owes by the day they were due (UTC), team and activity, but for some activities."""
    day = func.date(col(OwedRow.due))
    query = (
        select(day, col(PersonRow.team_id), col(OwedRow.activity), func.count())
        .join(PersonRow, col(PersonRow.id) == col(OwedRow.person_id))
        .where(
            col(OwedRow.draft_id) == draft_id,
            col(OwedRow.activity).not_in(tuple(without)),
            col(OwedRow.due) >= datetime.combine(start, time(), UTC),
            col(OwedRow.due) < datetime.combine(end, time(), UTC),
        )
        .group_by(day, col(PersonRow.team_id), col(OwedRow.activity))
        .order_by(day, col(OwedRow.activity))
    )
    if team_ids is not None:
        query = query.where(col(PersonRow.team_id).in_(tuple(team_ids)))
    return tuple(OwedSum(_day(d), t, a, int(n)) for d, t, a, n in db.execute(query))


def owed_days(
    db: Db, draft_id: str, team_ids: Iterable[str] | None = None, without: Iterable[str] = ()
) -> tuple[tuple[date, str, int], ...]:
    """Give how many needs a draft owes by the day they were due (UTC) and by activity, but for some activities."""
    day = func.date(col(OwedRow.due))
    query = (
        select(day, col(OwedRow.activity), func.count())
        .where(col(OwedRow.draft_id) == draft_id, col(OwedRow.activity).not_in(tuple(without)))
        .group_by(day, col(OwedRow.activity))
        .order_by(day, col(OwedRow.activity))
    )
    if team_ids is not None:
        query = query.where(col(OwedRow.person_id).in_(_members_of(team_ids)))
    return tuple((_day(d), a, int(n)) for d, a, n in db.execute(query))


def owed_by_team(
    db: Db, draft_id: str, start: date, end: date, *, team_ids: Iterable[str] | None = None
) -> tuple[tuple[str | None, str, int], ...]:
    """Give how many needs a draft owes by team and activity, of those due (UTC) from `start` to before `end`.

    With `team_ids` only of the people of those teams.
    """
    query = (
        select(col(PersonRow.team_id), col(OwedRow.activity), func.count())
        .join(PersonRow, col(PersonRow.id) == col(OwedRow.person_id))
        .where(
            col(OwedRow.draft_id) == draft_id,
            col(OwedRow.due) >= datetime.combine(start, time(), UTC),
            col(OwedRow.due) < datetime.combine(end, time(), UTC),
        )
        .group_by(col(PersonRow.team_id), col(OwedRow.activity))
        .order_by(col(PersonRow.team_id), col(OwedRow.activity))
    )
    if team_ids is not None:
        query = query.where(col(PersonRow.team_id).in_(tuple(team_ids)))
    return tuple((team_id, activity, int(n)) for team_id, activity, n in db.execute(query))


@dataclass(frozen=True, slots=True)
class OwedGroup:
    """Needs owed for one rule and team, with the words of one of them; `fitting` have something that would fit."""

    rule: str
    team_id: str | None
    reason: str
    would_fit: str
    needs: int
    fitting: int


def owed_groups(
    db: Db, draft_id: str, team_ids: Iterable[str] | None = None, without: Iterable[str] = ()
) -> tuple[OwedGroup, ...]:
    """Give the owed needs of a draft by rule and team, the largest group first, but for some activities.

    `reason` and `would_fit` are those of the group's first need in the order of their text; others may differ.
    """
    query = (
        select(
            col(OwedRow.rule),
            col(PersonRow.team_id),
            func.min(col(OwedRow.reason)),
            func.max(col(OwedRow.would_fit)),
            func.count(),
            func.count(func.nullif(col(OwedRow.would_fit), "")),
        )
        .join(PersonRow, col(PersonRow.id) == col(OwedRow.person_id))
        .where(col(OwedRow.draft_id) == draft_id, col(OwedRow.activity).not_in(tuple(without)))
        .group_by(col(OwedRow.rule), col(PersonRow.team_id))
        .order_by(func.count().desc(), col(OwedRow.rule), col(PersonRow.team_id))
    )
    if team_ids is not None:
        query = query.where(col(PersonRow.team_id).in_(tuple(team_ids)))
    return tuple(OwedGroup(r, t, reason, fit or "", int(n), int(f)) for r, t, reason, fit, n, f in db.execute(query))


@dataclass(frozen=True, slots=True)
class OwedLine:
    """One need that is owed, with the names a page shows."""

    person_id: str
    person: str
    team_id: str | None
    team: str
    activity: str
    due: datetime
    latest: datetime
    rule: str
    reason: str
    would_fit: str
    need: str


def owed_lines(
    db: Db,
    draft_id: str,
    *,
    team_ids: Iterable[str] | None = None,
    person_id: str | None = None,
    rule: str | None = None,
    without: Iterable[str] = (),
    limit: int | None = None,
) -> tuple[OwedLine, ...]:
    """Give the owed needs of a draft with names, by rule, team and due date, but for some activities."""
    query = (
        select(
            col(OwedRow.person_id),
            col(PersonRow.name),
            col(PersonRow.team_id),
            col(TeamRow.name),
            col(OwedRow.activity),
            col(OwedRow.due),
            col(OwedRow.latest),
            col(OwedRow.rule),
            col(OwedRow.reason),
            col(OwedRow.would_fit),
            col(OwedRow.need),
        )
        .join(PersonRow, col(PersonRow.id) == col(OwedRow.person_id))
        .join(TeamRow, col(TeamRow.id) == col(PersonRow.team_id), isouter=True)
        .where(col(OwedRow.draft_id) == draft_id, col(OwedRow.activity).not_in(tuple(without)))
        .order_by(col(OwedRow.rule), col(TeamRow.name), col(OwedRow.due), col(PersonRow.name), col(OwedRow.need))
    )
    if team_ids is not None:
        query = query.where(or_(col(PersonRow.team_id).in_(tuple(team_ids)), col(PersonRow.id) == person_id))
    elif person_id is not None:
        query = query.where(col(PersonRow.id) == person_id)
    if rule is not None:
        query = query.where(col(OwedRow.rule) == rule)
    if limit is not None:
        query = query.limit(limit)
    return tuple(OwedLine(p, n, t, tn or "", *rest) for p, n, t, tn, *rest in db.execute(query))


@dataclass(frozen=True, slots=True)
class Named:
    """Something with an id and the name people know; `site_id` and `zone` where it has a place."""

    id: str
    name: str
    site_id: str = ""
    zone: str = ""


def sites(db: Db) -> Mapping[str, Named]:
    """Give the sites by id."""
    query = select(col(SiteRow.id), col(SiteRow.name), col(SiteRow.zone)).order_by(col(SiteRow.name))
    return {i: Named(i, n, i, z) for i, n, z in db.execute(query)}


def teams(db: Db, *, site_id: str = "") -> Mapping[str, Named]:
    """Give the teams by id, by name; of one site, when asked."""
    query = (
        select(col(TeamRow.id), col(TeamRow.name), col(TeamRow.site_id), col(SiteRow.zone))
        .join(SiteRow, col(SiteRow.id) == col(TeamRow.site_id))
        .order_by(col(TeamRow.name), col(TeamRow.id))
    )
    asked = query.where(col(TeamRow.site_id) == site_id) if site_id else query
    return {row[0]: Named(*row) for row in db.execute(asked)}


def site_of_team(db: Db, team_id: str) -> str:
    """Give the site of a team, "" where there is no such team."""
    return str(db.scalar(select(col(TeamRow.site_id)).where(col(TeamRow.id) == team_id)) or "")


def rooms(db: Db) -> Mapping[str, Named]:
    """Give the rooms by id, by name."""
    query = (
        select(col(RoomRow.id), col(RoomRow.name), col(RoomRow.site_id), col(SiteRow.zone))
        .join(SiteRow, col(SiteRow.id) == col(RoomRow.site_id))
        .order_by(col(RoomRow.name), col(RoomRow.id))
    )
    return {row[0]: Named(*row) for row in db.execute(query)}


def queues(db: Db) -> Mapping[str, Named]:
    """Give the queues by id, by name."""
    query = (
        select(col(QueueRow.id), col(QueueRow.name), col(QueueRow.site_id), col(SiteRow.zone))
        .join(SiteRow, col(SiteRow.id) == col(QueueRow.site_id))
        .order_by(col(QueueRow.name), col(QueueRow.id))
    )
    return {row[0]: Named(*row) for row in db.execute(query)}


@dataclass(frozen=True, slots=True)
class Member:
    """A person as calendars name them."""

    id: str
    name: str
    team_id: str | None
    queue_id: str | None


def members(db: Db, ids: Iterable[str] | None = None) -> Mapping[str, Member]:
    """Give people by id, by name; all of them, or those named."""
    query = select(col(PersonRow.id), col(PersonRow.name), col(PersonRow.team_id), col(PersonRow.queue_id))
    if ids is not None:
        query = query.where(col(PersonRow.id).in_(tuple(ids)))
    return {row[0]: Member(*row) for row in db.execute(query.order_by(col(PersonRow.name), col(PersonRow.id)))}


def holidays(db: Db, start: date, end: date) -> tuple[tuple[date, str, str], ...]:
    """Give the public holidays from `start` to before `end`: (day, name, site id)."""
    query = (
        select(col(HolidayRow.day), col(HolidayRow.name), col(HolidayRow.site_id))
        .where(col(HolidayRow.day) >= start, col(HolidayRow.day) < end)
        .order_by(col(HolidayRow.day), col(HolidayRow.site_id))
    )
    return tuple((d, n, s) for d, n, s in db.execute(query))


def people_and_teams(db: Db, today: date, team_ids: Iterable[str] | None = None) -> tuple[int, int]:
    """Give how many people with a team are here on a day, and in how many teams."""
    here = and_(
        col(PersonRow.team_id).is_not(None),
        or_(col(PersonRow.joined).is_(None), col(PersonRow.joined) <= today),
        or_(col(PersonRow.left).is_(None), col(PersonRow.left) > today),
    )
    if team_ids is not None:
        here = and_(here, col(PersonRow.team_id).in_(tuple(team_ids)))
    row = db.execute(select(func.count(), func.count(col(PersonRow.team_id).distinct())).where(here)).one()
    return int(row[0]), int(row[1])


def answered(
    db: Db, start: datetime, end: datetime, *, draft_id: str | None = None, people: Iterable[str] | None = None
) -> Mapping[str, datetime]:
    """Give the needs that planned sessions answer, and the earliest start of one; sessions that start in a stretch.

    With `people` only needs of theirs. The place of somebody who was marked absent answers nothing.
    """
    query = (
        select(col(PlaceRow.need), func.min(col(RevisionRow.starts_utc)))
        .join(RevisionRow, col(RevisionRow.id) == col(PlaceRow.revision_id))
        .join(AttendanceRow, _MARKED, isouter=True)
        .where(
            planned(draft_id),
            _within(start, end),
            col(PlaceRow.need) != "",
            col(AttendanceRow.present).is_distinct_from(other=False),
        )
        .group_by(col(PlaceRow.need))
    )
    if people is not None:
        query = query.where(col(PlaceRow.person_id).in_(tuple(people)))
    return {str(need): starts for need, starts in db.execute(query)}


def led(db: Db, start: datetime, end: datetime, *, draft_id: str | None = None) -> tuple[Seat, ...]:
    """Give the times of facilitators in sessions that touch a stretch of instants."""
    query = select(
        col(RevisionRow.session_id),
        col(RevisionRow.facilitator_id),
        col(PersonRow.queue_id),
        col(RevisionRow.activity),
        col(RevisionRow.starts_utc),
        col(RevisionRow.ends_utc),
    ).join(PersonRow, col(PersonRow.id) == col(RevisionRow.facilitator_id))
    query = query.where(planned(draft_id), during(start, end))
    return tuple(Seat(*row) for row in db.execute(query.order_by(col(RevisionRow.starts_utc))))


@dataclass(frozen=True, slots=True)
class RoomTime:
    """A session in a room."""

    session_id: str
    room_id: str
    starts_utc: datetime
    ends_utc: datetime


def in_rooms(db: Db, start: datetime, end: datetime, room_ids: Iterable[str]) -> tuple[RoomTime, ...]:
    """Give the published sessions in some rooms that start in a stretch of instants, in order of time."""
    ids = tuple(room_ids)
    if not ids:
        return ()
    query = select(
        col(RevisionRow.session_id), col(RevisionRow.room_id), col(RevisionRow.starts_utc), col(RevisionRow.ends_utc)
    ).where(planned(None), _within(start, end), col(RevisionRow.room_id).in_(ids))
    return tuple(RoomTime(*row) for row in db.execute(query.order_by(col(RevisionRow.starts_utc))))
