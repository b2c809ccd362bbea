"""What each feed shows: the choice of fragments, kept as rows and compared with what it should be.

`settle` compares what every feed should show with what it shows, and raises the revision of those that differ. This
one comparison serves publishing, moved people, changed roles, opt-ins, filters and the passing of days; a body is
read from the kept rows, so every process gives the same bytes for a revision.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, insert, select, update

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
from devsys.core.model.calendar import Session, View

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
    db: Db,
    now: datetime,
    *,
    day: date,
    changed: frozenset[Key] = frozenset(),
    only: Collection[str] | None = None,
    renamed: bool = False,
) -> int:
    """Let every living feed (or those named) show what it should on `day`; give how many were revised.

    A feed is revised when it shows other sessions or other views than before, one of the fragments `changed`, or
    when it was `renamed`. Only inside `store.write()`; eight reads, however many feeds there are, and for feeds that
    are named a few more, of what they could show alone.
    """
    feeds = select(_FEED).where(_FEED.c.revoked.is_(None))
    if only is None:
        rows = list(db.execute(feeds))
    else:
        rows = [row for some in chunks(sorted(only)) for row in db.execute(feeds.where(_FEED.c.id.in_(some)))]
    if not rows:
        return 0
    picture = _picture(db, day, None if only is None else [settings_of(row) for row in rows])
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


def feeds_about(db: Db, states: Iterable[Session]) -> frozenset[str]:
    """Give ids of the living feeds that show some sessions, or could: of who and what is in any of these states."""
    rows = tuple(states)
    people = {p for s in rows for p in s.people}
    teams = {s.team_id for s in rows if s.team_id}
    for some in chunks(sorted(people)):
        of_people = select(_PERSON.c.team_id).where(_PERSON.c.id.in_(some), _PERSON.c.team_id.is_not(None))
        teams.update(db.execute(of_people).scalars())
    targets = {
        FeedKind.PERSON: people,
        FeedKind.TEAM: teams,
        FeedKind.FACILITATOR: {s.facilitator_id for s in rows if s.facilitator_id},
        FeedKind.ROOM: {s.room_id for s in rows if s.room_id},
    }
    found: set[str] = set()
    for kind, ids in targets.items():
        for some in chunks(sorted(ids)):
            query = select(_FEED.c.id).where(
                _FEED.c.target_id.in_(some), _FEED.c.kind == kind.value, _FEED.c.revoked.is_(None)
            )
            found.update(db.execute(query).scalars())
    for some in chunks(sorted({s.id for s in rows})):
        found.update(db.execute(select(_SHOWN.c.feed_id).where(_SHOWN.c.session_id.in_(some))).scalars())
    return frozenset(found)


def _picture(db: Db, day: date, only: Sequence[FeedSettings] | None) -> _Picture:
    """Read what may stand in a window; for some feeds alone only what could be in them."""
    current = [_PUBLISHED, _REVISION.c.ends_utc > first_instant(day)]
    found = _Picture({}, {}, {}, defaultdict(set), defaultdict(set))
    if only is None:
        _add_sessions(db, found, current)
        _add_fragments(db, found, day, [])
        return found
    for some in chunks(_revisions_of(db, current, only)):
        _add_sessions(db, found, [_REVISION.c.id.in_(some)])
    for some in chunks(sorted(found.sessions)):
        _add_fragments(db, found, day, [_FRAGMENT.c.session_id.in_(some), _FRAGMENT.c.person_id == ""])
    for some in chunks(sorted({feed.target_id for feed in only})):
        _add_fragments(db, found, day, [_FRAGMENT.c.person_id.in_(some)])
    return found


def _revisions_of(db: Db, current: Sequence[ColumnElement[bool]], only: Sequence[FeedSettings]) -> Sequence[str]:
    """Give the revisions that some feeds could show, found by what they are about."""
    targets: dict[FeedKind, set[str]] = defaultdict(set)
    for feed in only:
        targets[feed.kind].add(feed.target_id)
    seats = select(_REVISION.c.id).join(_PLACE, _PLACE.c.revision_id == _REVISION.c.id)
    members = seats.join(_PERSON, _PERSON.c.id == _PLACE.c.person_id)
    mine = select(_REVISION.c.id)
    ways = (
        (FeedKind.PERSON, seats, _PLACE.c.person_id),
        (FeedKind.TEAM, members, _PERSON.c.team_id),
        (FeedKind.TEAM, mine, _REVISION.c.team_id),
        (FeedKind.FACILITATOR, mine, _REVISION.c.facilitator_id),
        (FeedKind.ROOM, mine, _REVISION.c.room_id),
    )
    found: set[str] = set()
    for kind, query, column in ways:
        for some in chunks(sorted(targets[kind])):
            found.update(db.execute(query.where(column.in_(some), *current)).scalars())
    return sorted(found)


def _add_sessions(db: Db, found: _Picture, conditions: Sequence[ColumnElement[bool]]) -> None:
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


def _add_fragments(db: Db, found: _Picture, day: date, conditions: Sequence[ColumnElement[bool]]) -> None:
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
    ).where(_FRAGMENT.c.ends_utc > first_instant(day), *conditions)
    for session_id, person_id, view, starts, ends, cancelled, size, kind, sequence in db.execute(query):
        candidate = Candidate(session_id, person_id, view, starts, ends, cancelled is not None, size)
        found.fragments[session_id, person_id, view] = (kind, candidate)
        found.sequences[session_id, person_id, view] = sequence
        if person_id and cancelled is not None:
            found.farewells[person_id].add(session_id)


def _shown(db: Db, only: Collection[str] | None) -> Mapping[str, Mapping[str, _Shown]]:
    found: dict[str, dict[str, _Shown]] = defaultdict(dict)
    every = select(_SHOWN.c.feed_id, _SHOWN.c.session_id, _SHOWN.c.person_id, _SHOWN.c.view, _SHOWN.c.extra)
    queries = [every] if only is None else [every.where(_SHOWN.c.feed_id.in_(some)) for some in chunks(sorted(only))]
    for query in queries:
        for feed_id, session_id, person_id, view, extra in db.execute(query):
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
