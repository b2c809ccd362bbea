"""Calendar links: make one, give it another secret, kill it, name it, filter it, open it for coaching titles."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, feeds, readers
from devsys.adapters.store.store import Db
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.base.ids import new_token
from devsys.base.words import phrase
from devsys.core.feeds.scope import FeedKind, may_have, reader
from devsys.core.model.access import Viewer
from devsys.core.model.programme import Kind

MOST: Final = 20  # living links of one person: more than the devices anybody has


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a link is to show: kind and target, a name for the device, kinds of activity (none: all), titles."""

    kind: FeedKind
    target_id: str
    name: str
    kinds: tuple[Kind, ...] = ()
    titles: bool = False


def make(parts: Parts, viewer: Viewer, wanted: Wanted) -> str:
    """Make a link; give its secret, which is shown once and never kept.

    Raises NotFoundError for what the viewer may not have a link to, InvalidError for a name in use and for more
    than MOST links.
    """
    if not may_have(wanted.kind, wanted.target_id, reader(viewer)):
        raise NotFoundError(phrase("There is nothing here that you could have a link to."))
    token, now = new_token(), parts.now()
    with parts.store.write() as db:
        known = feeds.of_owner(db, viewer.person_id)
        _free_name(known, wanted.name)
        mine = wanted.target_id == viewer.person_id and wanted.kind in (FeedKind.PERSON, FeedKind.FACILITATOR)
        if mine and readers.choice_of(db, viewer.person_id).invitations:
            words = phrase(
                "You get invitations by mail; with a link too, each session would stand twice. Change it on Letters."
            )
            raise InvalidError(words, (Fault("name", words),))
        if len(known) >= MOST:
            words = phrase("You have %(most)s links. End one that is no longer in use.", most=MOST)
            raise InvalidError(words, (Fault("name", words),))
        if not feeds.target_exists(db, wanted.kind, wanted.target_id):
            raise NotFoundError(phrase("There is nothing here that you could have a link to."))
        feed_id = feeds.add(
            db,
            kind=wanted.kind.value,
            target_id=wanted.target_id,
            owner_id=viewer.person_id,
            name=wanted.name,
            token=token,
            now=now,
            kinds=_values(wanted.kinds),
            titles=wanted.titles,
        )
        audit.record(db, at=now, by_id=viewer.person_id, act="make link", what=f"{wanted.kind.value} feed {feed_id}")
    return token


def renew(parts: Parts, viewer: Viewer, feed_id: str) -> str:
    """Give a link of the viewer's another secret; the old one is dead at the next request. Raises NotFoundError."""
    token, now = new_token(), parts.now()
    with parts.store.write() as db:
        _own(db, viewer, feed_id)
        feeds.renew(db, feed_id, viewer.person_id, token, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="renew link", what=f"feed {feed_id}")
    return token


def revoke(parts: Parts, viewer: Viewer, feed_id: str) -> None:
    """Kill a link of the viewer's: dead at the next request. Raises NotFoundError."""
    now = parts.now()
    with parts.store.write() as db:
        _own(db, viewer, feed_id)
        feeds.revoke(db, feed_id, viewer.person_id, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="revoke link", what=f"feed {feed_id}")


def change(
    parts: Parts, viewer: Viewer, feed_id: str, *, name: str, kinds: Iterable[Kind] = (), titles: bool = False
) -> None:
    """Name, filter or open a link of the viewer's; its address stays. Raises NotFoundError, InvalidError."""
    now = parts.now()
    with parts.store.write() as db:
        found = _own(db, viewer, feed_id)
        _free_name([f for f in feeds.of_owner(db, viewer.person_id) if f.id != found.id], name)
        feeds.change(db, feed_id, viewer.person_id, now=now, name=name, kinds=_values(kinds), titles=titles)


def _own(db: Db, viewer: Viewer, feed_id: str) -> feeds.Feed:
    for found in feeds.of_owner(db, viewer.person_id):
        if found.id == feed_id:
            return found
    raise NotFoundError(phrase("You have no such link."))


def _free_name(known: Iterable[feeds.Feed], name: str) -> None:
    if any(f.name.casefold() == name.casefold() for f in known):
        raise InvalidError(
            phrase(
                "You have a link called %(name)s already. Choose another name, or make a new link for that one.",
                name=name,
            ),
            (Fault("name", phrase("a name that none of your links has")),),
        )


def _values(kinds: Iterable[Kind]) -> tuple[str, ...]:
    chosen = {k.value for k in kinds}
    return () if chosen == {k.value for k in Kind} else tuple(sorted(chosen))
