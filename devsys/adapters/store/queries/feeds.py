"""Feeds: who has which, the one read of a poll, the body's parts, and what is done to feeds when something changes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from devsys.adapters.store.queries import house, sessions
from devsys.adapters.store.queries.fragments import ADDRESS, Key, forget_old, keep
from devsys.adapters.store.queries.rows import behind, chunks, table
from devsys.adapters.store.queries.shown import DAY, feeds_about, settings_of, settle, window_day
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow
from devsys.adapters.store.tables.calendar import SessionRow, TurnRow
from devsys.adapters.store.tables.feeds import FeedRow, FragmentRow, ShownRow
from devsys.adapters.store.tables.house import HouseRow
from devsys.adapters.store.tables.people import PersonRow, RoomRow, TeamRow
from devsys.base.ids import new_id, token_hash
from devsys.core.feeds.scope import FeedKind, FeedSettings
from devsys.core.feeds.vevent import Said, Stamps, restamped, vevent
from devsys.core.feeds.window import first_instant
from devsys.core.model.calendar import Session
from devsys.core.model.changes import Difference

UNUSED_DAYS: Final = 180
FEW: Final = 50  # changed sessions: of more than these all feeds are looked at

_FEED, _FRAGMENT, _SHOWN = table(FeedRow), table(FragmentRow), table(ShownRow)
_HOUSE, _ACCOUNT, _PERSON, _SESSION = table(HouseRow), table(AccountRow), table(PersonRow), table(SessionRow)


@dataclass(frozen=True, slots=True)
class Poll:
    """What one read says of a token: the feed at its revision, and whether anybody may still read it."""

    feed_id: str
    name: str
    revision: int
    revised: datetime
    epoch: str
    created: datetime
    fetched: datetime | None
    client: str
    revoked: bool
    closed: bool
    left: date | None

    def alive(self, now: datetime) -> bool:
        """Say whether it still gives a calendar: not revoked, used within 180 days, its owner still here."""
        unused = (self.fetched or self.created) + timedelta(days=UNUSED_DAYS)
        gone = self.left is not None and self.left <= now.date()
        return not (self.revoked or self.closed or gone or unused <= now)


# Built once: putting a statement together costs as much as running it.
_POLL = (
    select(
        _FEED.c.id,
        _FEED.c.name,
        _FEED.c.revision,
        _FEED.c.revised,
        _FEED.c.created,
        _FEED.c.fetched,
        _FEED.c.client,
        _FEED.c.revoked,
        _ACCOUNT.c.active,
        _PERSON.c.left,
        select(_HOUSE.c.value).where(_HOUSE.c.key == house.FEED_EPOCH).scalar_subquery().label("epoch"),
    )
    .join(_PERSON, _PERSON.c.id == _FEED.c.owner_id)
    .join(_ACCOUNT, _ACCOUNT.c.person_id == _FEED.c.owner_id, isouter=True)
    .where(_FEED.c.token_hash == bindparam("hashed"))
)


def poll(db: Db | Connection, hashed: str) -> Poll | None:
    """Give what is known of a token by its hash, None when nothing is: one read by a unique index."""
    row = db.execute(_POLL, {"hashed": hashed}).one_or_none()
    if row is None:
        return None
    return Poll(
        feed_id=row.id,
        name=row.name,
        revision=row.revision,
        revised=row.revised,
        epoch=row.epoch or "",
        created=row.created,
        fetched=row.fetched,
        client=row.client,
        revoked=row.revoked is not None,
        closed=row.active is False,
        left=row.left,
    )


@dataclass(frozen=True, slots=True)
class Rendered:
    """A fragment whose bytes were made just now, with what they were made of: kept if that still stands."""

    key: Key
    content_hash: str
    stamps: Stamps
    body: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of a body: TZIDs in use, VEVENTs ordered by start and UID, and those not kept as bytes yet."""

    zones: frozenset[str]
    fragments: tuple[bytes, ...]
    rendered: tuple[Rendered, ...]


_OF_FEED = (
    and_(
        _SHOWN.c.session_id == _FRAGMENT.c.session_id,
        _SHOWN.c.person_id == _FRAGMENT.c.person_id,
        _SHOWN.c.view == _FRAGMENT.c.view,
    ),
    _SHOWN.c.feed_id == bindparam("feed"),
)
_BODY = (
    select(_FRAGMENT.c.session_id, _FRAGMENT.c.zone, _FRAGMENT.c.body, _SHOWN.c.since.is_not(None))
    .join(_SHOWN, _OF_FEED[0])
    .join(_SESSION, _SESSION.c.id == _FRAGMENT.c.session_id)
    .where(_OF_FEED[1])
    .order_by(_FRAGMENT.c.starts_utc, _SESSION.c.uid)
)
# Asked for only where bytes are made or restamped: reading stamps costs more than joining the kept bytes.
_STAMPS = (
    select(
        _FRAGMENT.c.session_id,
        _FRAGMENT.c.person_id,
        _FRAGMENT.c.view,
        _FRAGMENT.c.content_hash,
        _FRAGMENT.c.sequence,
        _FRAGMENT.c.stamped,
        _SHOWN.c.extra,
        _SHOWN.c.since,
    )
    .join(_SHOWN, _OF_FEED[0])
    .where(*_OF_FEED[1:])
)


def body(db: Db | Connection, feed_id: str) -> Body:
    """Give the parts of what a feed shows at its revision: one read for kept bytes, two where some are made."""
    rows = db.execute(_BODY, {"feed": feed_id}).all()
    if all(kept.startswith(b"BEGIN") and not other for _, _, kept, other in rows):
        return Body(frozenset(zone for _, zone, _, _ in rows if zone), tuple(kept for _, _, kept, _ in rows), ())
    stamps = {row.session_id: row for row in db.execute(_STAMPS, {"feed": feed_id})}
    fragments, rendered = [], []
    for session_id, _, kept, other in rows:
        row, made = stamps[session_id], kept
        if not kept.startswith(b"BEGIN"):
            own = Stamps(row.sequence, row.stamped)
            made = vevent(Said.from_text(kept.decode()), own)
            rendered.append(Rendered((session_id, row.person_id, row.view), row.content_hash, own, made))
        if other:
            made = restamped(made, Stamps(row.sequence + row.extra, max(row.stamped, row.since)))
        fragments.append(made)
    return Body(frozenset(zone for _, zone, _, _ in rows if zone), tuple(fragments), tuple(rendered))


def keep_rendered(db: Db, rendered: Iterable[Rendered]) -> None:
    """Keep bytes that were made, where the fragment still says the same under the same stamps."""
    for one in rendered:
        session_id, person_id, view = one.key
        db.execute(
            update(_FRAGMENT)
            .where(
                _FRAGMENT.c.session_id == session_id,
                _FRAGMENT.c.person_id == person_id,
                _FRAGMENT.c.view == view,
                _FRAGMENT.c.content_hash == one.content_hash,
                _FRAGMENT.c.sequence == one.stamps.sequence,
                _FRAGMENT.c.stamped == one.stamps.changed,
            )
            .values(body=one.body)
        )


def note_fetched(db: Db, feed_id: str, client: str, now: datetime) -> str | None:
    """Note that a feed was fetched, and by which family of client; no address is kept.

    Give its owner's id where it was the first time with this secret.
    """
    noted = update(_FEED).where(_FEED.c.id == feed_id)
    first = noted.where(_FEED.c.fetched.is_(None)).values(fetched=now, client=client).returning(_FEED.c.owner_id)
    owner_id = db.execute(first).scalar()
    if owner_id is None:
        db.execute(noted.values(fetched=now, client=client))
    return owner_id


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as its owner sees it; the secret is not among it."""

    id: str
    owner_id: str
    name: str
    settings: FeedSettings
    created: datetime
    fetched: datetime | None
    client: str
    sessions: int


def of_owner(
    db: Db, owner_id: str, *, after: tuple[datetime, str] | None = None, limit: int | None = None
) -> tuple[Feed, ...]:
    """Give the living feeds of a person, oldest first, with how many sessions each shows; behind one if asked."""
    later = () if after is None else (behind(_FEED.c.created, _FEED.c.id, after, newest_first=False),)
    count = select(func.count()).where(_SHOWN.c.feed_id == _FEED.c.id).scalar_subquery()
    rows = db.execute(
        select(_FEED, count.label("sessions"))
        .where(_FEED.c.owner_id == owner_id, _FEED.c.revoked.is_(None), *later)
        .order_by(_FEED.c.created, _FEED.c.id)
        .limit(limit)
    )
    return tuple(
        Feed(r.id, r.owner_id, r.name, settings_of(r), r.created, r.fetched, r.client, r.sessions) for r in rows
    )


def living(db: Db) -> int:
    """Give how many feeds are not revoked: all that an administrator sees of them."""
    return int(db.execute(select(func.count()).select_from(_FEED).where(_FEED.c.revoked.is_(None))).scalar() or 0)


def target_exists(db: Db, kind: FeedKind, target_id: str) -> bool:
    """Say whether there is such a person, team or room."""
    found = {FeedKind.TEAM: table(TeamRow), FeedKind.ROOM: table(RoomRow)}.get(kind, _PERSON)
    return db.execute(select(found.c.id).where(found.c.id == target_id)).scalar() is not None


def add(
    db: Db,
    *,
    kind: str,
    target_id: str,
    owner_id: str,
    name: str,
    token: str,
    now: datetime,
    kinds: Iterable[str] = (),
    titles: bool = False,
) -> str:
    """Make a feed and fill it; give its id. Only the hash of the token is kept (feeds.md Q01).

    Whether the owner may have it is for the caller to ask (`core.feeds.scope.may_have`).
    """
    if not house.fact(db, house.FEED_EPOCH):
        house.set_fact(db, house.FEED_EPOCH, new_id())
    if not living(db):  # nobody sees the window: it begins today
        house.set_fact(db, DAY, now.date().isoformat())
    feed_id = new_id()
    db.execute(
        insert(_FEED).values(
            id=feed_id,
            kind=FeedKind(kind).value,
            target_id=target_id,
            owner_id=owner_id,
            name=name,
            token_hash=token_hash(token),
            kinds="|".join(sorted(kinds)),
            titles=titles,
            created=now,
            revision=0,
            revised=now.replace(microsecond=0) - timedelta(seconds=1),
            client="",
        )
    )
    settle(db, now, day=window_day(db, now.date()), only=[feed_id])
    return feed_id


def change(
    db: Db, feed_id: str, owner_id: str, *, now: datetime, name: str, kinds: Iterable[str], titles: bool
) -> None:
    """Rename, filter or open a feed of the owner's; it is revised if that shows."""
    mine = and_(_FEED.c.id == feed_id, _FEED.c.owner_id == owner_id, _FEED.c.revoked.is_(None))
    row = db.execute(select(_FEED).where(mine)).one_or_none()
    if row is None:
        return
    values = {"name": name, "kinds": "|".join(sorted(kinds)), "titles": titles}
    db.execute(update(_FEED).where(mine).values(**values))
    settle(db, now, day=window_day(db, now.date()), only=[feed_id], renamed=row.name != name)


def renew(db: Db, feed_id: str, owner_id: str, token: str, now: datetime) -> bool:
    """Give a feed of the owner's another token; the old one is dead at once. False when there is no such feed."""
    values = {"token_hash": token_hash(token), "created": now, "fetched": None, "client": ""}
    return _of_owner(db, feed_id, owner_id, values)


def revoke(db: Db, feed_id: str, owner_id: str, now: datetime) -> bool:
    """Kill a feed of the owner's. False when there is no such feed."""
    found = _of_owner(db, feed_id, owner_id, {"revoked": now})
    db.execute(delete(_SHOWN).where(_SHOWN.c.feed_id.in_(select(_FEED.c.id).where(_FEED.c.revoked.is_not(None)))))
    return found


def _of_owner(db: Db, feed_id: str, owner_id: str, values: dict[str, object]) -> bool:
    mine = and_(_FEED.c.id == feed_id, _FEED.c.owner_id == owner_id, _FEED.c.revoked.is_(None))
    if db.execute(select(_FEED.c.id).where(mine)).scalar() is None:
        return False
    db.execute(update(_FEED).where(_FEED.c.id == feed_id).values(**values))
    return True


def touch(db: Db, differences: Iterable[Difference], now: datetime, *, address: str = "") -> int:
    """Bring fragments and feeds up to date with a plan just published; give how many feeds were revised.

    In the transaction that publishes, after `plans.publish` and `sessions.turn_places`. `differences` hold the state
    before; the state after is read back, as it was stamped. `address` is the public address, for links.
    """
    found = tuple(differences)
    before = {d.after.id: d.before for d in found if d.before is not None}
    day = window_day(db, now.date())
    everything = sessions.Wanted(start=first_instant(day), planned_only=False)
    moved = _moved_to(db, address)
    changed: set[Key] = set()
    for after in [sessions.published(db, everything)] if moved else _published(db, found, everything):
        _turn_leaders(db, before, after, now)
        changed |= keep(db, after, now, {s.id: before[s.id] for s in after if s.id in before})
    few = not moved and len(found) <= FEW
    only = feeds_about(db, _states(found)) if few else None
    return settle(db, now, day=day, changed=frozenset(changed), only=only)


def _states(found: Iterable[Difference]) -> Iterable[Session]:
    return (s for d in found for s in (d.before, d.after) if s is not None)


def _moved_to(db: Db, address: str) -> bool:
    """Keep the public address, and say whether links with another one may be about."""
    known = house.fact(db, ADDRESS)
    if address and known != address:
        house.set_fact(db, ADDRESS, address)
        return bool(known)
    return False


def _published(db: Db, found: Iterable[Difference], among: sessions.Wanted) -> Iterable[tuple[Session, ...]]:
    """Give the sessions that differ, some at a time."""
    for some in chunks(sorted(d.after.id for d in found)):
        yield sessions.published(db, replace(among, ids=frozenset(some)))


def _turn_leaders(db: Db, before: dict[str, Session], after: Iterable[Session], now: datetime) -> None:
    """Count for facilitators what `sessions.turn_places` counts for those who come."""
    for session in after:
        old = before.get(session.id)
        if old is None or old.facilitator_id == session.facilitator_id:
            continue
        for person_id, gone in ((old.facilitator_id, True), (session.facilitator_id, False)):
            if person_id is None or person_id in old.people | session.people:
                continue
            row = db.get(TurnRow, (session.id, person_id))
            if row is None and gone:
                row = TurnRow(session_id=session.id, person_id=person_id, changed=now)
            if row is not None:
                row.turns, row.gone, row.changed = row.turns + 1, now if gone else None, now
                db.add(row)
    db.flush()


def refresh(db: Db, now: datetime, *, address: str = "") -> int:
    """Look at every fragment again; give how many feeds were revised.

    After something sessions are called by has changed (an activity, a room, a person, the public `address`), at the
    start of the program and once a day: what says the same keeps its bytes.
    """
    _moved_to(db, address)
    day = window_day(db, now.date())
    found = sessions.published(db, sessions.Wanted(start=first_instant(day), planned_only=False))
    return settle(db, now, day=day, changed=keep(db, found, now))


def refresh_led(db: Db, person_id: str, now: datetime) -> int:
    """Look again at the fragments of what somebody leads, after what these say of them has changed."""
    day = window_day(db, now.date())
    wanted = sessions.Wanted(start=first_instant(day), planned_only=False, facilitator_id=person_id)
    return settle(db, now, day=day, changed=keep(db, sessions.published(db, wanted), now))


def follow(db: Db, now: datetime) -> int:
    """Let feeds follow a change of roles, teams or accounts (feeds.md Q03); give how many were revised."""
    return settle(db, now, day=window_day(db, now.date()))


def age(db: Db, today: date, now: datetime) -> int:
    """Move the window of all feeds on to `today`; give how many were revised.

    Revised are only feeds where a session enters or leaves the window or a tombstone ends. Fragments that no window
    reaches any longer are dropped.
    """
    house.set_fact(db, DAY, today.isoformat())
    revised = settle(db, now, day=today)
    forget_old(db, today)
    return revised
