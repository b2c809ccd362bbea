"""Fragments: what each view of a published session says, kept with its stamps.

`keep` works out what the views of changed sessions say, inside the transaction that changes them. A fragment is
written anew only where that differs from what is kept, so unchanged views keep their bytes and stamps. The bytes are
made at the first fetch, from what is kept and never from the present.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import and_, delete, select

from devsys.adapters.store.queries import house, meeting_links, programme
from devsys.adapters.store.queries.rows import chunks, table, upsert
from devsys.adapters.store.store import LANGUAGE, Db
from devsys.adapters.store.tables.calendar import TurnRow
from devsys.adapters.store.tables.feeds import FragmentRow, ShownRow
from devsys.adapters.store.tables.people import PersonRow, RoomRow, SiteRow
from devsys.base.text import clean
from devsys.base.words import ENGLISH, speaking
from devsys.core.feeds.names import first_stamps, next_stamps, own_sequence
from devsys.core.feeds.vevent import FeedEvent, Said, Stamps, say
from devsys.core.feeds.window import first_instant
from devsys.core.model.calendar import Session, Status, View
from devsys.core.model.programme import Activity, Kind

Key = tuple[str, str, str]  # session id, person id (empty: everybody's), view

AT_ONCE = 2_000  # sessions: what all views of a year say is held by the database, not by the process that writes it
ADDRESS = "feed_address"  # the public address that URLs in kept fragments begin with

_FRAGMENT, _SHOWN, _TURN = table(FragmentRow), table(ShownRow), table(TurnRow)
_PERSON, _ROOM, _SITE = table(PersonRow), table(RoomRow), table(SiteRow)


@dataclass(frozen=True, slots=True)
class _Words:
    """Everything a session is called by: activities by code, rooms and people by id, the public address."""

    activities: Mapping[str, Activity]
    rooms: Mapping[str, str]
    sites: Mapping[str, str]
    people: Mapping[str, str]
    links: Mapping[str, str]
    address: str

    def event(self, session: Session, known: str | None) -> FeedEvent:
        """Give a session with its words.

        One whose activity is no longer adopted is called by its code and stays of the kind `known` before; where
        nothing is known it counts as coaching, of which others see the least.
        """
        activity = self.activities.get(session.activity)
        link = ""
        if session.room_id:
            location = self.rooms.get(session.room_id, "")
        elif activity is not None and not activity.room:
            location, link = "Online", self.links.get(session.facilitator_id or "", "")
        else:
            location = self.sites.get(session.site_id, "")
        return FeedEvent(
            uid=session.uid,
            title=_line(activity.title if activity else session.activity.replace("_", " ").capitalize()),
            kind=activity.kind if activity else Kind(known or Kind.COACHING),
            zone=session.zone,
            minutes=session.minutes,
            starts_utc=session.starts_utc,
            status=session.status,
            created=session.created or session.changed or session.starts_utc,
            location=_line(location),
            facilitator=_line(self.people.get(session.facilitator_id or "", "")),
            aim=_text(activity.aim) if activity else "",
            prepare=_text(activity.prepare) if activity else "",
            url=f"{self.address}/sessions/{session.id}" if self.address else "",
            link=link,
        )


def events(db: Db, sessions: Sequence[Session]) -> Mapping[str, FeedEvent]:
    """Give sessions with all their words, by id: what letters call them by as feeds do."""
    words = _words(db, sessions)
    return {s.id: words.event(s, None) for s in sessions}


def _line(text: str) -> str:
    return clean(text, limit=10_000)


def _text(text: str) -> str:
    return clean(text, limit=10_000, long=True)


def _words(db: Db, sessions: Iterable[Session]) -> _Words:
    leaders = {s.facilitator_id for s in sessions if s.facilitator_id}
    sites = {row.id: row.name for row in db.execute(select(_SITE.c.id, _SITE.c.name))}
    rooms = db.execute(select(_ROOM.c.id, _ROOM.c.name, _ROOM.c.site_id))
    people: dict[str, str] = {}
    for some in chunks(sorted(leaders)):
        names = select(_PERSON.c.id, _PERSON.c.name).where(_PERSON.c.id.in_(some))
        people.update((row.id, row.name) for row in db.execute(names))
    return _Words(
        programme.activities(db),
        {row.id: f"{row.name}, {sites[row.site_id]}" for row in rooms},
        sites,
        people,
        meeting_links.of_people(db, leaders),
        house.fact(db, ADDRESS),
    )


@dataclass(slots=True)
class _Kept:
    """What is kept of some sessions, and what shall be."""

    stamps: dict[Key, Stamps]
    digests: dict[Key, str]
    kinds: dict[str, str]
    farewells: set[Key]
    rows: list[dict[str, object]] = field(default_factory=list)

    def put(self, key: Key, said: Said, event: FeedEvent, *, sequence: int, changed: datetime, now: datetime) -> None:
        """Keep what a view says if it says something else than before."""
        digest = said.digest
        old = self.stamps.get(key)
        if old is not None and self.digests[key] == digest:
            return
        stamps = first_stamps(sequence, changed, event.created)
        if old is not None:
            stamps = next_stamps(old, sequence, changed, now)
        self.rows.append(
            {
                "session_id": key[0],
                "person_id": key[1],
                "view": key[2],
                "kind": event.kind.value,
                "content_hash": digest,
                "sequence": stamps.sequence,
                "stamped": stamps.changed,
                "starts_utc": event.starts_utc,
                "ends_utc": event.ends_utc,
                "zone": said.zone,
                "cancelled": stamps.changed if said.cancelled else None,
                "size": said.size,
                "body": said.as_text().encode(),
            }
        )


def keep(
    db: Db, sessions: Sequence[Session], now: datetime, before: Mapping[str, Session] | None = None
) -> frozenset[Key]:
    """Keep what the views of published sessions say; give the keys of what says something else than before.

    `before` has the former state of sessions that changed: somebody taken off one that has not ended gets the
    farewell of that state (V04). Only inside `store.write()`.
    """
    known = before or {}
    with speaking(db.info.get(LANGUAGE, ENGLISH)):  # not in that of whoever changes a session
        words = _words(db, [*sessions, *known.values()])
        some = (sessions[first : first + AT_ONCE] for first in range(0, len(sessions), AT_ONCE))
        return frozenset(key for row in some for key in _keep(db, words, row, now, known))


def _keep(
    db: Db, words: _Words, sessions: Sequence[Session], now: datetime, before: Mapping[str, Session]
) -> Iterable[Key]:
    ids = [s.id for s in sessions]
    kept = _kept(db, ids)
    turns = _turns(db, ids)
    for session in sessions:
        stamp = {"changed": session.changed or now, "now": now}
        event = words.event(session, kept.kinds.get(session.id))
        said = {view: say(event, view) for view in View}
        for view in View:
            kept.put((session.id, "", view.value), said[view], event, sequence=session.sequence, **stamp)
        old = before.get(session.id)
        for person_id, count, gone in turns.get(session.id, ()):
            sequence = own_sequence(session.sequence, count)
            if not gone:
                for view in _own_views(event):
                    kept.put((session.id, person_id, view.value), said[view], event, sequence=sequence, **stamp)
            elif old is not None and _was_coming(old, person_id, now):
                last = words.event(replace(old, status=Status.CANCELLED), kept.kinds.get(session.id))
                _farewell(kept, last, (session.id, person_id), sequence, now)
    upsert(db, FragmentRow, kept.rows)
    return [(str(r["session_id"]), str(r["person_id"]), str(r["view"])) for r in kept.rows]


def _was_coming(old: Session, person_id: str, now: datetime) -> bool:
    comes = person_id in old.people or person_id == old.facilitator_id
    return comes and old.status is Status.PLANNED and old.ends_utc > now


def _farewell(kept: _Kept, last: FeedEvent, owner: tuple[str, str], sequence: int, now: datetime) -> None:
    """Keep the session as the person last knew it, cancelled; where it goes from then on is not theirs to see."""
    for view in _own_views(last):
        key = (*owner, view.value)
        if key not in kept.farewells:
            kept.put(key, say(last, view), last, sequence=sequence, changed=now, now=now)


def _own_views(event: FeedEvent) -> tuple[View, ...]:
    return (View.OWN, View.MASKED) if event.kind is Kind.COACHING else (View.OWN,)


def _kept(db: Db, session_ids: Sequence[str]) -> _Kept:
    found = _Kept({}, {}, {}, set())
    for some in chunks(session_ids):
        query = select(
            _FRAGMENT.c.session_id,
            _FRAGMENT.c.person_id,
            _FRAGMENT.c.view,
            _FRAGMENT.c.content_hash,
            _FRAGMENT.c.sequence,
            _FRAGMENT.c.stamped,
            _FRAGMENT.c.cancelled,
            _FRAGMENT.c.kind,
        ).where(_FRAGMENT.c.session_id.in_(some))
        for session_id, person_id, view, digest, sequence, stamped, cancelled, kind in db.execute(query):
            key = (session_id, person_id, view)
            found.stamps[key] = Stamps(sequence, stamped)
            found.digests[key] = digest
            found.kinds[session_id] = kind
            if person_id and cancelled is not None:
                found.farewells.add(key)
    return found


def _turns(db: Db, session_ids: Sequence[str]) -> Mapping[str, Sequence[tuple[str, int, bool]]]:
    found: dict[str, list[tuple[str, int, bool]]] = defaultdict(list)
    for some in chunks(session_ids):
        query = select(_TURN.c.session_id, _TURN.c.person_id, _TURN.c.turns, _TURN.c.gone)
        for session_id, person_id, count, gone in db.execute(query.where(_TURN.c.session_id.in_(some))):
            found[session_id].append((person_id, count, gone is not None))
    return found


def forget_old(db: Db, day: date) -> None:
    """Drop the fragments of sessions that no window reaches any longer and no feed shows."""
    old = and_(_FRAGMENT.c.ends_utc <= first_instant(day), _FRAGMENT.c.session_id.not_in(select(_SHOWN.c.session_id)))
    db.execute(delete(_FRAGMENT).where(old))
