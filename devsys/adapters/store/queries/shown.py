"""What each feed shows: the choice of fragments, kept as rows and compared with what it should be.

`settle` compares what every feed should show with what it shows, and raises the revision of those that differ. This
one comparison serves publishing, moved people, changed roles, opt-ins, filters and the passing of days; a body is
read from the kept rows, so every process gives the same bytes for a revision.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, exists, insert, or_, select, update

from devsys.adapters.store.queries import accounts, house
from devsys.adapters.store.queries.fragments import Key
from devsys.adapters.store.queries.rows import chunks, table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import PlaceRow, RevisionRow
from devsys.adapters.store.tables.feeds import FeedRow, FragmentRow, ShownRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.core.feeds.names import next_revised
from devsys.core.feeds.scope import FeedKind, FeedSettings, Reader, reader, view_of
from devsys.core.feeds.window import Candidate, choose, first_instant
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import View

DAY = "feed_day"  # the day (ISO) whose window the feeds show; moved on by the daily job alone

_FRAGMENT, _SHOWN, _FEED = table(FragmentRow), table(ShownRow), table(FeedRow)
_REVISION, _PLACE, _PERSON = table(RevisionRow), table(PlaceRow), table(PersonRow)
_PUBLISHED = and_(_REVISION.c.since.is_not(None), _REVISION.c.until.is_(None))


def window_day(db: Db, today: date) -> date:
    """Give the day whose window the feeds show, `today` before the first one exists."""
    said = house.fact(db, DAY)
    return date.fromisoformat(said) if said else today


_Shown = tuple[tuple[str, str], int]  # (person id, view) of the fragment, what is added to its SEQUENCE


@dataclass(frozen=True, slots=True)
class _Standing:
    """Who is in a published session: all a feed's choice depends on."""

    facilitator_id: str | None
    room_id: str | None
    people: frozenset[str]
    team_ids: frozenset[str]


@dataclass(slots=True)
class _Picture:
    """The published calendar as feeds see it: sessions, fragments, and which session is of interest to whom."""

    sessions: dict[str, _Standing]
    fragments: dict[Key, tuple[str, Candidate]]
    sequences: dict[Key, int]
    by_target: dict[tuple[FeedKind, str], set[str]]
    farewells: dict[str, set[str]]


def settle(
    db: Db, now: datetime, *, day: date, changed: frozenset[Key] = frozenset(), only: str = "", renamed: bool = False
) -> int:
    """Let every living feed (or the one named) show what it should on `day`; give how many were revised.

    A feed is revised when it shows other sessions or other views than before, one of the fragments `changed`, or
    when it was `renamed`.
    Only inside `store.write()`; eight reads, however many feeds there are.
    """
    feeds = select(_FEED).where(_FEED.c.revoked.is_(None))
    rows = db.execute(feeds.where(_FEED.c.id == only) if only else feeds).all()
    if not rows:
        return 0
    picture = _picture(db, day, settings_of(rows[0]) if only else None)
    readers = _readers(db, {row.owner_id for row in rows})
    shown = _shown(db, only)
    revised, gone, new = 0, [], []
    for row in rows:
        before = shown.get(row.id, {})
        after = _choice(row, readers.get(row.owner_id), picture, frozenset(before), day)
        keys = {session_id: key for session_id, (key, _) in before.items()}
        if after == keys and not renamed and changed.isdisjoint((s, *key) for s, key in after.items()):
            continue
        revised += 1
        gone += [{"feed": row.id, "session": s} for s, key in keys.items() if key != after.get(s)]
        new += [
            {
                "feed_id": row.id,
                "session_id": s,
                "person_id": p,
                "view": v,
                **_from_then_on(picture, s, before, (p, v), now),
            }
            for s, (p, v) in after.items()
            if keys.get(s) != (p, v)
        ]
        revise(db, row.id, row.revision, row.revised, now)
    if gone:
        one = delete(_SHOWN).where(_SHOWN.c.feed_id == bindparam("feed"), _SHOWN.c.session_id == bindparam("session"))
        db.connection().execute(one, gone)
    if new:
        db.execute(insert(_SHOWN), new)
    return revised


def _from_then_on(
    picture: _Picture, session_id: str, before: Mapping[str, _Shown], key: tuple[str, str], now: datetime
) -> dict[str, object]:
    """Give what keeps SEQUENCE and stamps from falling where a feed begins to show another view of a session."""
    if session_id not in before:
        return {"extra": 0, "since": None}
    known, extra = before[session_id]
    last = picture.sequences.get((session_id, *known), 0) + extra
    return {"extra": max(0, last + 1 - picture.sequences[session_id, *key]), "since": now}


def revise(db: Db, feed_id: str, revision: int, revised: datetime, now: datetime) -> None:
    """Raise a feed's revision by one, at a time that strictly increases (H04)."""
    values = {"revision": revision + 1, "revised": next_revised(revised, now)}
    db.execute(update(_FEED).where(_FEED.c.id == feed_id).values(**values))


def _choice(
    row: Row[tuple[object, ...]], owner: Reader | None, picture: _Picture, shown: frozenset[str], day: date
) -> dict[str, tuple[str, str]]:
    """Give what a feed shows: session id -> (person id, view) of the fragment."""
    feed = settings_of(row)
    if owner is None:
        return {}
    me = owner.viewer.person_id
    own = feed.kind in (FeedKind.PERSON, FeedKind.FACILITATOR) and feed.target_id == me
    candidates = []
    for session_id in picture.by_target.get((feed.kind, feed.target_id), ()):
        standing = picture.sessions[session_id]
        kind = picture.fragments.get((session_id, "", View.MASKED.value))
        if kind is None:
            continue
        view = view_of(
            feed,
            owner,
            kind=kind[0],
            attends=me in standing.people,
            facilitator_id=standing.facilitator_id,
            team_ids=standing.team_ids,
        )
        if view is not None:
            found = picture.fragments.get((session_id, me, view.value)) if own else None
            candidates.append((found or picture.fragments[session_id, "", view.value])[1])
    taken = {c.session_id for c in candidates}
    for session_id in picture.farewells.get(me, ()) if own else ():
        for view in (View.OWN, View.MASKED):
            found = picture.fragments.get((session_id, me, view.value))
            if found is None or session_id in taken:
                continue
            wanted = view_of(feed, owner, kind=found[0], attends=True, facilitator_id=me)
            if wanted is view and found[1].cancelled:
                candidates.append(found[1])
    return {c.session_id: (c.person_id, c.view) for c in choose(candidates, shown, day)}


def settings_of(row: Row[tuple[object, ...]]) -> FeedSettings:
    """Give what a feed's row says it was made for."""
    kinds = frozenset(k for k in row.kinds.split("|") if k)
    return FeedSettings(FeedKind(row.kind), row.target_id, kinds, row.titles)


def _picture(db: Db, day: date, only: FeedSettings | None) -> _Picture:
    """Read what may stand in a window; for one feed alone only what could be in it."""
    conditions = [_PUBLISHED, _REVISION.c.ends_utc > first_instant(day)]
    if only is not None:
        conditions.append(_of_target(only.kind, only.target_id))
    columns = (
        _REVISION.c.id,
        _REVISION.c.session_id,
        _REVISION.c.facilitator_id,
        _REVISION.c.room_id,
        _REVISION.c.team_id,
    )
    revisions = db.execute(select(*columns).where(*conditions)).all()
    seats = (
        select(_PLACE.c.revision_id, _PLACE.c.person_id, _PERSON.c.team_id)
        .join(_REVISION, _REVISION.c.id == _PLACE.c.revision_id)
        .join(_PERSON, _PERSON.c.id == _PLACE.c.person_id)
    )
    people: dict[str, set[str]] = defaultdict(set)
    teams: dict[str, set[str]] = defaultdict(set)
    for revision_id, person_id, team_id in db.execute(seats.where(*conditions)):
        people[revision_id].add(person_id)
        if team_id:
            teams[revision_id].add(team_id)
    found = _Picture({}, {}, {}, defaultdict(set), defaultdict(set))
    for revision_id, session_id, facilitator_id, room_id, team_id in revisions:
        of_teams = teams[revision_id] | ({team_id} if team_id else set())
        found.sessions[session_id] = _Standing(
            facilitator_id, room_id, frozenset(people[revision_id]), frozenset(of_teams)
        )
        for kind, ids in (
            (FeedKind.PERSON, people[revision_id]),
            (FeedKind.TEAM, of_teams),
            (FeedKind.FACILITATOR, {facilitator_id}),
            (FeedKind.ROOM, {room_id}),
        ):
            for one in ids:
                found.by_target[kind, one or ""].add(session_id)
    _add_fragments(db, found, day, conditions if only is not None else (), only.target_id if only is not None else "")
    return found


def _of_target(kind: FeedKind, target: str) -> ColumnElement[bool]:
    seat, holder = _PLACE.alias("asked_seat"), _PERSON.alias("asked_holder")  # not the seats that are read
    taken = seat.c.revision_id == _REVISION.c.id
    if kind is FeedKind.PERSON:
        return exists().where(taken, seat.c.person_id == target)
    if kind is FeedKind.TEAM:
        member = exists().where(taken, seat.c.person_id == holder.c.id, holder.c.team_id == target)
        return or_(_REVISION.c.team_id == target, member)
    return (_REVISION.c.facilitator_id if kind is FeedKind.FACILITATOR else _REVISION.c.room_id) == target


def _add_fragments(db: Db, found: _Picture, day: date, conditions: Sequence[ColumnElement[bool]], target: str) -> None:
    query = select(
        _FRAGMENT.c.session_id,
        _FRAGMENT.c.person_id,
        _FRAGMENT.c.view,
        _FRAGMENT.c.starts_utc,
        _FRAGMENT.c.ends_utc,
        _FRAGMENT.c.cancelled,
        _FRAGMENT.c.size,
        _FRAGMENT.c.kind,
        _FRAGMENT.c.sequence,
    ).where(_FRAGMENT.c.ends_utc > first_instant(day))
    if conditions:
        among = _FRAGMENT.c.session_id.in_(select(_REVISION.c.session_id).where(*conditions))
        query = query.where(or_(_FRAGMENT.c.person_id == target, and_(_FRAGMENT.c.person_id == "", among)))
    for session_id, person_id, view, starts, ends, cancelled, size, kind, sequence in db.execute(query):
        candidate = Candidate(session_id, person_id, view, starts, ends, cancelled is not None, size)
        found.fragments[session_id, person_id, view] = (kind, candidate)
        found.sequences[session_id, person_id, view] = sequence
        if person_id and cancelled is not None:
            found.farewells[person_id].add(session_id)


def _shown(db: Db, only: str) -> Mapping[str, Mapping[str, _Shown]]:
    found: dict[str, dict[str, _Shown]] = defaultdict(dict)
    query = select(_SHOWN.c.feed_id, _SHOWN.c.session_id, _SHOWN.c.person_id, _SHOWN.c.view, _SHOWN.c.extra)
    for feed_id, session_id, person_id, view, extra in db.execute(
        query.where(_SHOWN.c.feed_id == only) if only else query
    ):
        found[feed_id][session_id] = ((person_id, view), extra)
    return found


def _readers(db: Db, owner_ids: Collection[str]) -> Mapping[str, Reader]:
    ids = sorted(owner_ids)
    roles = accounts.roles_of(db, ids)
    teams: dict[str, str | None] = {}
    for some in chunks(ids):
        people = select(_PERSON.c.id, _PERSON.c.team_id).where(_PERSON.c.id.in_(some))
        teams.update((row.id, row.team_id) for row in db.execute(people))
    return {p: reader(Viewer(p, "", roles[p], team)) for p, team in teams.items()}
