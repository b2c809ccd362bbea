"""Sessions: published, as a draft would have them, as a version had them; always whole, two queries a list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from devsys.adapters.store.queries.during import during, ends_after
from devsys.adapters.store.queries.rows import chunks
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import AttendanceRow, PlaceRow, RevisionRow, SessionRow, TurnRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.plans import DraftRow
from devsys.base.ids import new_id
from devsys.core.model.calendar import Place, Session, Status


@dataclass(frozen=True, slots=True)
class Reach:
    """Which sessions a viewer may see at all: all of them, or those led, attended, or of the named teams."""

    everything: bool = False
    person_id: str = ""
    team_ids: frozenset[str] = frozenset()


EVERYTHING = Reach(everything=True)
# Sessions written at a time: the rows of a year of many people together would take as much memory as planning it.
AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions are asked for; None and False mean "any". Times are aware UTC, `start` included, `end` not.

    `person_id` attends; `involves` attends or leads; `team_id` has a member in it; `planned_only` leaves out
    cancelled ones.
    """

    start: datetime | None = None
    end: datetime | None = None
    person_id: str | None = None
    involves: str | None = None
    team_id: str | None = None
    facilitator_id: str | None = None
    room_id: str | None = None
    site_id: str | None = None
    activities: frozenset[str] | None = None
    ids: frozenset[str] | None = None
    planned_only: bool = True


ALL = Wanted()


# The seats a condition asks about are not the seats that are read: hence a name of their own.
_SEAT = aliased(PlaceRow)


def _attended_by(person_id: str) -> ColumnElement[bool]:
    # From the person's seats to the sessions: asked of each session in turn, the cost would be that of the house.
    return col(RevisionRow.id).in_(select(col(_SEAT.revision_id)).where(col(_SEAT.person_id) == person_id))


def _of_teams(team_ids: Iterable[str]) -> ColumnElement[bool]:
    # From the seats of the teams' people, for the same reason: the index of seats alone is read, once.
    theirs = select(col(PersonRow.id)).where(col(PersonRow.team_id).in_(tuple(team_ids)))
    return col(RevisionRow.id).in_(select(col(_SEAT.revision_id)).where(col(_SEAT.person_id).in_(theirs)))


def _conditions(wanted: Wanted, reach: Reach) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.planned_only:
        found.append(col(RevisionRow.status) == Status.PLANNED.value)
    if wanted.start is not None:
        found.append(ends_after(wanted.start))
    if wanted.end is not None:
        found.append(col(RevisionRow.starts_utc) < wanted.end)
    if wanted.person_id is not None:
        found.append(_attended_by(wanted.person_id))
    if wanted.involves is not None:
        leads = col(RevisionRow.facilitator_id) == wanted.involves
        found.append(or_(leads, _attended_by(wanted.involves)))
    if wanted.team_id is not None:
        found.append(or_(col(RevisionRow.team_id) == wanted.team_id, _of_teams((wanted.team_id,))))
    for column, value in (
        (RevisionRow.facilitator_id, wanted.facilitator_id),
        (RevisionRow.room_id, wanted.room_id),
        (RevisionRow.site_id, wanted.site_id),
    ):
        if value is not None:
            found.append(col(column) == value)
    if wanted.activities is not None:
        found.append(col(RevisionRow.activity).in_(wanted.activities))
    if wanted.ids is not None:
        found.append(col(RevisionRow.session_id).in_(wanted.ids))
    if not reach.everything:
        mine = or_(col(RevisionRow.facilitator_id) == reach.person_id, _attended_by(reach.person_id))
        found.append(or_(mine, _of_teams(reach.team_ids)) if reach.team_ids else mine)
    return found


_IS_PUBLISHED = and_(col(RevisionRow.until).is_(None), col(RevisionRow.since).is_not(None))


_IS_ON = and_(_IS_PUBLISHED, col(RevisionRow.status) == Status.PLANNED.value)
_SEATS = select(col(PlaceRow.revision_id), col(PlaceRow.person_id), col(PlaceRow.need)).join(
    RevisionRow, col(RevisionRow.id) == col(PlaceRow.revision_id)
)


def _in_draft(draft_id: str) -> ColumnElement[bool]:
    return and_(col(RevisionRow.draft_id) == draft_id, col(RevisionRow.since).is_(None))


def _load(db: Db, where: Sequence[ColumnElement[bool]]) -> tuple[Session, ...]:
    return tuple(session for _, session in _load_with_version(db, where))


def _load_with_version(db: Db, where: Sequence[ColumnElement[bool]]) -> tuple[tuple[int | None, Session], ...]:
    return tuple((row.since, session) for row, session in _load_rows(db, where))


def _load_states(db: Db, where: Sequence[ColumnElement[bool]]) -> tuple[tuple[int | None, int | None, Session], ...]:
    return tuple((row.since, row.until, session) for row, session in _load_rows(db, where))


def _load_by_revision(db: Db, where: Sequence[ColumnElement[bool]]) -> tuple[tuple[str, Session], ...]:
    return tuple((row.id, session) for row, session in _load_rows(db, where))


def _load_rows(db: Db, where: Sequence[ColumnElement[bool]]) -> tuple[tuple[Row[Any], Session], ...]:
    head = select(*_COLUMNS).join(SessionRow, col(SessionRow.id) == col(RevisionRow.session_id)).where(*where)
    rows = db.execute(head.order_by(col(RevisionRow.starts_utc), col(RevisionRow.session_id))).all()
    seats = select(col(PlaceRow.revision_id), col(PlaceRow.person_id), col(PlaceRow.need)).join(
        RevisionRow, col(RevisionRow.id) == col(PlaceRow.revision_id)
    )
    places: dict[str, list[Place]] = {}
    names: dict[str, str] = {}  # an id for each person, not for each of their seats
    # Put in order here: asked to order by person, SQLite walks over all seats of the house by that index.
    for revision_id, person_id, need in db.execute(seats.where(*where)):
        places.setdefault(revision_id, []).append(Place(names.setdefault(person_id, person_id), need))
    return tuple((row, _session(row, tuple(sorted(places.pop(row.id, ()), key=_by_person)))) for row in rows)


def _by_person(place: Place) -> str:
    return place.person_id


_COLUMNS = (
    col(RevisionRow.id),
    col(RevisionRow.session_id),
    col(RevisionRow.since),
    col(RevisionRow.until),
    col(RevisionRow.activity),
    col(RevisionRow.starts),
    col(RevisionRow.zone),
    col(RevisionRow.minutes),
    col(RevisionRow.starts_utc),
    col(RevisionRow.facilitator_id),
    col(RevisionRow.room_id),
    col(RevisionRow.site_id),
    col(RevisionRow.team_id),
    col(RevisionRow.status),
    col(RevisionRow.series),
    col(RevisionRow.sequence),
    col(RevisionRow.changed),
    col(RevisionRow.cause),
    col(SessionRow.uid),
    col(SessionRow.created),
    col(SessionRow.pinned),
)


def _session(row: Row[Any], places: tuple[Place, ...]) -> Session:
    return Session(
        id=row.session_id,
        uid=row.uid,
        activity=row.activity,
        starts=row.starts,
        zone=row.zone,
        minutes=row.minutes,
        starts_utc=row.starts_utc,
        facilitator_id=row.facilitator_id,
        room_id=row.room_id,
        site_id=row.site_id,
        places=places,
        team_id=row.team_id,
        status=Status(row.status),
        pinned=row.pinned,
        series=row.series,
        sequence=row.sequence,
        created=row.created,
        changed=row.changed,
        cause=row.cause,
    )


def published(db: Db, wanted: Wanted = ALL, reach: Reach = EVERYTHING) -> tuple[Session, ...]:
    """Give the published sessions asked for, in order of time."""
    return _load(db, [_IS_PUBLISHED, *_conditions(wanted, reach)])


def page(db: Db, wanted: Wanted, reach: Reach, *, after: tuple[datetime, str] | None, most: int) -> tuple[Session, ...]:
    """Give the published sessions asked for in order of time and id, behind `after`, `most` at most: three reads."""
    where = [_IS_PUBLISHED, *_conditions(wanted, reach)]
    starts, key = col(RevisionRow.starts_utc), col(RevisionRow.session_id)
    if after is not None:
        where.append(or_(starts > after[0], and_(starts == after[0], key > after[1])))
    ids = tuple(db.execute(select(col(RevisionRow.id)).where(*where).order_by(starts, key).limit(most)).scalars())
    return _load(db, [col(RevisionRow.id).in_(ids)])


def about(
    db: Db, wanted: Wanted, reach: Reach, *, now: datetime, most: int
) -> tuple[tuple[Session, ...], tuple[Session, ...]]:
    """Give the published sessions asked for on either side of an instant, `most` each.

    First those not over at `now` in order of time, then those that are, the last to begin first.
    """
    where = [_IS_PUBLISHED, *_conditions(wanted, reach)]
    ids, starts, key = select(col(RevisionRow.id)), col(RevisionRow.starts_utc), col(RevisionRow.session_id)
    ahead = ids.where(*where, ends_after(now)).order_by(starts, key).limit(most)
    over = ids.where(*where, col(RevisionRow.ends_utc) <= now, starts < now)
    over = over.order_by(starts.desc(), key.desc()).limit(most)
    first, second = (_load(db, [col(RevisionRow.id).in_(tuple(db.execute(one).scalars()))]) for one in (ahead, over))
    return first, second[::-1]


def seats_of(
    db: Db, person_ids: Sequence[str], *, since: datetime, until: datetime, ever: Iterable[str]
) -> Mapping[str, Sequence[Place]]:
    """Give some people's published seats by revision: of sessions that begin between two instants.

    Also of those before that belong to a series or are of an activity of `ever`: later ones may wait for them.
    """
    old = or_(col(RevisionRow.series) != "", col(RevisionRow.activity).in_(tuple(ever)))
    seats: dict[str, list[Place]] = {}
    for some in chunks(person_ids):
        query = _SEATS.where(
            col(PlaceRow.person_id).in_(some),
            _IS_ON,
            col(RevisionRow.starts_utc) < until,
            or_(col(RevisionRow.starts_utc) > since, old),
        )
        for revision_id, person_id, need in db.execute(query):
            seats.setdefault(revision_id, []).append(Place(person_id, need))
    return seats


def seats_of_queues(
    db: Db, queue_ids: Iterable[str], spans: Sequence[tuple[datetime, datetime]]
) -> Mapping[str, Sequence[Place]]:
    """Give the published seats, by revision, of people of some queues in sessions that touch any of some stretches."""
    seats: dict[str, list[Place]] = {}
    mine = _SEATS.join(PersonRow, col(PersonRow.id) == col(PlaceRow.person_id)).where(
        col(PersonRow.queue_id).in_(tuple(queue_ids)), _IS_ON
    )
    for start, end in spans:
        for revision_id, person_id, need in db.execute(mine.where(during(start, end))):
            seats.setdefault(revision_id, []).append(Place(person_id, need))
    return seats


def places_at(db: Db, site_id: str, since: datetime) -> Mapping[str, frozenset[str]]:
    """Give the published sessions of a site that end after `since`, by id, with the ids of the people in them."""
    query = (
        select(col(RevisionRow.session_id), col(PlaceRow.person_id))
        .join(PlaceRow, col(PlaceRow.revision_id) == col(RevisionRow.id), isouter=True)
        .where(_IS_ON, col(RevisionRow.site_id) == site_id, ends_after(since))
    )
    found: dict[str, set[str]] = {}
    for session_id, person_id in db.execute(query):
        found.setdefault(session_id, set()).update(() if person_id is None else (person_id,))
    return {session_id: frozenset(people) for session_id, people in found.items()}


def ids_led_or_housed(
    db: Db, person_ids: Sequence[str], room_ids: Sequence[str], *, since: datetime, until: datetime
) -> frozenset[str]:
    """Give the revisions of published sessions between two instants that some people lead or that are in some rooms."""
    between = (_IS_ON, col(RevisionRow.starts_utc) > since, col(RevisionRow.starts_utc) < until)
    found: set[str] = set()
    for column, ids in ((RevisionRow.facilitator_id, person_ids), (RevisionRow.room_id, room_ids)):
        for some in chunks(ids):
            found.update(db.execute(select(col(RevisionRow.id)).where(col(column).in_(some), *between)).scalars())
    return frozenset(found)


def revisions_of(db: Db, session_ids: Sequence[str]) -> frozenset[str]:
    """Give the published revisions of some sessions."""
    found: set[str] = set()
    for some in chunks(session_ids):
        query = select(col(RevisionRow.id)).where(col(RevisionRow.session_id).in_(some), _IS_ON)
        found.update(db.execute(query).scalars())
    return frozenset(found)


def with_seats(
    db: Db, revisions: Iterable[str], seats: Mapping[str, Iterable[Place]], whole: Iterable[str]
) -> tuple[Session, ...]:
    """Give sessions by their revisions, in order of time: those of `whole` with everybody, others with given seats."""
    places = {id_: dict.fromkeys(row) for id_, row in seats.items()}
    for some in chunks(tuple(whole)):
        query = select(col(PlaceRow.revision_id), col(PlaceRow.person_id), col(PlaceRow.need))
        for revision_id, person_id, need in db.execute(query.where(col(PlaceRow.revision_id).in_(some))):
            places.setdefault(revision_id, {})[Place(person_id, need)] = None
    found: list[Session] = []
    for some in chunks(tuple(revisions)):
        head = select(*_COLUMNS).join(SessionRow, col(SessionRow.id) == col(RevisionRow.session_id))
        rows = db.execute(head.where(col(RevisionRow.id).in_(some)))
        found += (_session(row, tuple(sorted(places.get(row.id, ()), key=lambda p: p.person_id))) for row in rows)
    return tuple(sorted(found, key=lambda s: (s.starts_utc, s.id)))


def next_of(
    db: Db, activity: str, site_id: str, team_id: str | None, *, start: datetime, end: datetime, after: str, most: int
) -> tuple[Session, ...]:
    """Give published sessions of an activity at a site from `start` on; of those that begin then, ids behind `after`.

    The soonest first, `most` at most; with a team only those that somebody of it attends.
    """
    where = [
        _IS_ON,
        col(RevisionRow.activity) == activity,
        col(RevisionRow.site_id) == site_id,
        col(RevisionRow.starts_utc) >= start,
        col(RevisionRow.starts_utc) < end,
        or_(col(RevisionRow.starts_utc) > start, col(RevisionRow.session_id) > after),
    ]
    if team_id is not None:
        where.append(_of_teams((team_id,)))
    query = select(col(RevisionRow.session_id)).where(*where)
    query = query.order_by(col(RevisionRow.starts_utc), col(RevisionRow.session_id)).limit(most)
    return published_among(db, tuple(str(i) for i in db.execute(query).scalars()))


def published_among(db: Db, session_ids: Sequence[str]) -> tuple[Session, ...]:
    """Give the published states of some sessions, cancelled ones too."""
    found = (_load(db, [_IS_PUBLISHED, col(RevisionRow.session_id).in_(some)]) for some in chunks(session_ids))
    return tuple(s for row in found for s in row)


def changed_in(db: Db, draft_id: str) -> tuple[Session, ...]:
    """Give the sessions a draft adds, changes or cancels, as the draft has them."""
    return _load(db, [_in_draft(draft_id)])


def ids_in(db: Db, draft_id: str) -> tuple[str, ...]:
    """Give the ids of the sessions a draft adds, changes or cancels."""
    return tuple(db.execute(select(col(RevisionRow.session_id)).where(_in_draft(draft_id))).scalars())


def in_draft(db: Db, draft_id: str, session_id: str) -> Session | None:
    """Give a session as a draft has it, None where the draft says nothing of it."""
    return next(iter(_load(db, [_in_draft(draft_id), col(RevisionRow.session_id) == session_id])), None)


def as_drafted(db: Db, draft_id: str, wanted: Wanted = ALL, reach: Reach = EVERYTHING) -> tuple[Session, ...]:
    """Give the calendar as it would be if the draft were published: published sessions with its changes laid over."""
    touched = select(col(RevisionRow.session_id)).where(_in_draft(draft_id))
    standing = [_IS_PUBLISHED, col(RevisionRow.session_id).not_in(touched)]
    # until is empty in both: said once more where an index finds it
    both = and_(col(RevisionRow.until).is_(None), or_(and_(*standing), _in_draft(draft_id)))
    return _load(db, [both, *_conditions(wanted, reach)])


def at_version(db: Db, number: int, wanted: Wanted = ALL) -> tuple[Session, ...]:
    """Give the calendar as plan version `number` had it."""
    lives = and_(
        col(RevisionRow.since) <= number, or_(col(RevisionRow.until).is_(None), col(RevisionRow.until) > number)
    )
    return _load(db, [lives, *_conditions(wanted, EVERYTHING)])


def changed_by_version(db: Db, number: int) -> tuple[tuple[Session, ...], tuple[Session, ...]]:
    """Give (before, after) of the sessions that plan version `number` changed."""
    after = _load(db, [col(RevisionRow.since) == number])
    before = _load(db, [col(RevisionRow.until) == number])
    return before, after


def history(db: Db, session_id: str) -> tuple[tuple[int, Session], ...]:
    """Give the published states of one session with the version that brought each, oldest first."""
    where = [col(RevisionRow.session_id) == session_id, col(RevisionRow.since).is_not(None)]
    found = [(since or 0, session) for since, session in _load_with_version(db, where)]
    return tuple(sorted(found, key=lambda pair: pair[0]))


def states_since(db: Db, version: int, person_ids: Sequence[str]) -> tuple[tuple[int, int | None, Session], ...]:
    """Give (since, until, state) of the sessions in which some people's calendars changed after a version.

    All states that version showed or a later one: of sessions that one of the people comes to or leads in any of them.
    """
    changed = and_(
        col(RevisionRow.since).is_not(None), or_(col(RevisionRow.since) > version, col(RevisionRow.until) > version)
    )
    ids: set[str] = set()
    for some in chunks(person_ids):  # by the index of places and that of who leads: never over all that ever was
        comes = select(col(RevisionRow.session_id)).join(PlaceRow, col(PlaceRow.revision_id) == col(RevisionRow.id))
        ids.update(db.execute(comes.where(col(PlaceRow.person_id).in_(some), changed)).scalars())
        leads = select(col(RevisionRow.session_id)).where(col(RevisionRow.facilitator_id).in_(some), changed)
        ids.update(db.execute(leads).scalars())
    alive = or_(col(RevisionRow.until).is_(None), col(RevisionRow.until) > version)
    found: list[tuple[int, int | None, Session]] = []
    for some in chunks(sorted(ids)):
        where = [col(RevisionRow.since).is_not(None), alive, col(RevisionRow.session_id).in_(some)]
        found += [(since or 0, until, session) for since, until, session in _load_states(db, where)]
    return tuple(found)


def led_by_others_before(db: Db, session_ids: Iterable[str], person_id: str) -> frozenset[str]:
    """Give those of some sessions that somebody else led in an earlier published state."""
    found: set[str] = set()
    for some in chunks(tuple(session_ids)):
        query = select(col(RevisionRow.session_id)).where(
            col(RevisionRow.session_id).in_(some),
            col(RevisionRow.since).is_not(None),
            col(RevisionRow.until).is_not(None),
            col(RevisionRow.facilitator_id) != person_id,
        )
        found.update(str(i) for i in db.execute(query).scalars())
    return frozenset(found)


def histories_of(db: Db, person_id: str, since: datetime) -> Mapping[str, tuple[Session, ...]]:
    """Give the published states, oldest first, of sessions a person has or had a place in that ended after `since`."""
    was_in = (
        select(col(RevisionRow.session_id))
        .join(PlaceRow, col(PlaceRow.revision_id) == col(RevisionRow.id))
        .where(
            col(PlaceRow.person_id) == person_id, col(RevisionRow.since).is_not(None), col(RevisionRow.ends_utc) > since
        )
    )
    ids = [str(i) for i in db.execute(was_in.distinct()).scalars()]
    found: dict[str, list[tuple[int, Session]]] = {}
    for some in chunks(ids):
        where = [col(RevisionRow.session_id).in_(some), col(RevisionRow.since).is_not(None)]
        for number, session in _load_with_version(db, where):
            found.setdefault(session.id, []).append((number or 0, session))
    return {i: tuple(s for _, s in sorted(row, key=lambda pair: pair[0])) for i, row in found.items()}


def by_revision(db: Db, ids: Iterable[str]) -> Mapping[str, Session]:
    """Give states of sessions by the id of their revision: two queries for all of them."""
    return dict(_load_by_revision(db, [col(RevisionRow.id).in_(tuple(ids))]))


def lay_into_draft(db: Db, draft_id: str, sessions: Iterable[Session], now: datetime) -> None:
    """Write the states a draft gives to sessions; a state the draft had for one of them is replaced."""
    _edited(db, draft_id)
    rest = iter(sessions)
    while some := tuple(islice(rest, AT_ONCE)):
        _lay(db, draft_id, some, now)


def _lay(db: Db, draft_id: str, sessions: tuple[Session, ...], now: datetime) -> None:
    ids = [s.id for s in sessions]
    for some in chunks(ids):
        db.execute(delete(RevisionRow).where(_in_draft(draft_id), col(RevisionRow.session_id).in_(some)))
    known: set[str] = set()
    for some in chunks(ids):
        known.update(db.execute(select(col(SessionRow.id)).where(col(SessionRow.id).in_(some))).scalars())
    fresh = [
        {"id": s.id, "uid": s.uid, "created": s.created or now, "pinned": s.pinned}
        for s in sessions
        if s.id not in known
    ]
    revisions, places = [], []
    for s in sessions:
        revision_id = new_id()
        revisions.append(_revision(s, revision_id, draft_id, now))
        places += [{"revision_id": revision_id, "person_id": p.person_id, "need": p.need} for p in s.places]
    for table, rows in ((SessionRow, fresh), (RevisionRow, revisions), (PlaceRow, places)):
        if rows:
            db.execute(insert(table), rows)


def _revision(s: Session, revision_id: str, draft_id: str, now: datetime) -> dict[str, object]:
    return {
        "id": revision_id,
        "session_id": s.id,
        "draft_id": draft_id,
        "since": None,
        "until": None,
        "activity": s.activity,
        "starts": s.starts,
        "zone": s.zone,
        "minutes": s.minutes,
        "starts_utc": s.starts_utc,
        "ends_utc": s.ends_utc,
        "facilitator_id": s.facilitator_id,
        "room_id": s.room_id,
        "site_id": s.site_id,
        "team_id": s.team_id,
        "status": s.status.value,
        "series": s.series,
        "sequence": s.sequence,
        "changed": s.changed or now,
        "cause": s.cause,
    }


def take_from_draft(db: Db, draft_id: str, session_ids: Iterable[str]) -> None:
    """Undo what a draft does to sessions: they are again as published, or were never there."""
    _edited(db, draft_id)
    for some in chunks(tuple(session_ids)):
        mine = col(RevisionRow.session_id).in_(some)
        db.execute(delete(RevisionRow).where(_in_draft(draft_id), mine))
        # Only those can have lost their last revision: the whole table is not looked through.
        gone = ~exists().where(col(RevisionRow.session_id) == col(SessionRow.id))
        db.execute(delete(SessionRow).where(col(SessionRow.id).in_(some), gone))


def _edited(db: Db, draft_id: str) -> None:
    mine = update(DraftRow).where(col(DraftRow.id) == draft_id)
    db.execute(mine.values(edits=DraftRow.edits + 1).execution_options(synchronize_session=False))


def forget_unpublished(db: Db) -> None:
    """Remove sessions that no revision speaks of any longer."""
    db.execute(delete(SessionRow).where(~exists().where(col(RevisionRow.session_id) == col(SessionRow.id))))


def turn_places(db: Db, pairs: Iterable[tuple[Session | None, Session]], now: datetime) -> None:
    """Count, for published sessions, each time somebody leaves or comes back (feeds.md V04); `pairs` are before, after.

    A first place needs no count. `gone` says since when a person is off the session, so that their own feed can
    show it as cancelled for a while.
    """
    for before, after in pairs:
        if before is None:
            continue
        for person_id in sorted(before.people ^ after.people):
            gone = person_id in before.people
            row = db.get(TurnRow, (after.id, person_id))
            if row is None and gone:
                row = TurnRow(session_id=after.id, person_id=person_id, changed=now)
            if row is not None:
                row.turns += 1
                row.gone = now if gone else None
                row.changed = now
                db.add(row)


def set_pinned(db: Db, session_id: str, *, pinned: bool) -> None:
    """Pin a session, or let it go."""
    row = db.get(SessionRow, session_id)
    if row is not None:
        row.pinned = pinned
        db.add(row)


def attendance(db: Db, session_ids: Iterable[str]) -> Mapping[str, Mapping[str, bool]]:
    """Give who was marked present (True) or not (False): session id -> person id -> present."""
    found: dict[str, dict[str, bool]] = {}
    for some in chunks(tuple(session_ids)):
        query = select(col(AttendanceRow.session_id), col(AttendanceRow.person_id), col(AttendanceRow.present))
        for session_id, person_id, present in db.execute(query.where(col(AttendanceRow.session_id).in_(some))):
            found.setdefault(session_id, {})[person_id] = present
    return found


def count_unmarked(db: Db, start: datetime, end: datetime) -> int:
    """Give how many published sessions that touch a stretch and ended in it have nobody marked as there or not."""
    marked = exists().where(col(AttendanceRow.session_id) == col(RevisionRow.session_id))
    over = (ends_after(start), col(RevisionRow.starts_utc) < end, col(RevisionRow.ends_utc) <= end)
    return int(db.execute(select(func.count(col(RevisionRow.id))).where(_IS_ON, *over, ~marked)).scalar() or 0)


def mark_attendance(db: Db, session_id: str, marks: Mapping[str, bool], by_id: str | None, now: datetime) -> None:
    """Keep who was there; a mark made before is replaced."""
    db.execute(
        delete(AttendanceRow).where(
            col(AttendanceRow.session_id) == session_id, col(AttendanceRow.person_id).in_(tuple(marks))
        )
    )
    rows = [
        {"session_id": session_id, "person_id": p, "present": present, "marked_by": by_id, "marked": now}
        for p, present in marks.items()
    ]
    if rows:
        db.execute(insert(AttendanceRow), rows)


def attended(db: Db) -> tuple[tuple[str, str, datetime], ...]:
    """Give the evidence that sessions left: (person id, activity, end of the session) for everybody marked present."""
    query = (
        select(col(AttendanceRow.person_id), col(RevisionRow.activity), col(RevisionRow.ends_utc))
        .join(RevisionRow, col(RevisionRow.session_id) == col(AttendanceRow.session_id))
        .where(_IS_PUBLISHED, col(AttendanceRow.present))
    )
    return tuple((p, a, e) for p, a, e in db.execute(query).all())
