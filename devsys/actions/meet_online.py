"""Whoever leads sessions says where they meet online; their sessions without a room carry the link, for who comes."""

from typing import Final
from urllib.parse import urlsplit

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, feeds, meeting_links, programme
from devsys.adapters.store.store import Db
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.base.words import phrase, to_phrase
from devsys.core.model.access import Role, Viewer
from devsys.core.model.calendar import Session

MOST: Final = 300  # characters of an address
_WANTED: Final = to_phrase("an https address of at most 300 signs, as https://meet.example.org/room")


def link_of(parts: Parts, viewer: Viewer) -> str:
    """Give where the viewer meets online, empty while nothing is said. Raises NotFoundError for who leads nothing."""
    _may(viewer)
    with parts.store.read() as db:
        return meeting_links.of_people(db, (viewer.person_id,)).get(viewer.person_id, "")


def give(parts: Parts, viewer: Viewer, address: str) -> None:
    """Keep where the viewer meets online, or take it away (empty); calendars of who comes follow at once.

    Raises NotFoundError for who leads nothing, InvalidError for what is no https address. It is never fetched.
    """
    _may(viewer)
    address = address.strip()
    if address and not is_link(address):
        raise InvalidError(phrase("This is no address to meet at."), (Fault("address", str(_WANTED)),))
    now = parts.now()
    with parts.store.write() as db:
        if meeting_links.of_people(db, (viewer.person_id,)).get(viewer.person_id, "") == address:
            return
        meeting_links.keep(db, viewer.person_id, address)
        feeds.refresh_led(db, viewer.person_id, now)
        act = "give meeting link" if address else "take meeting link away"
        audit.record(db, at=now, by_id=viewer.person_id, act=act, what=f"person {viewer.person_id}")


def is_link(address: str) -> bool:
    """Say whether an address may stand in pages and calendars: https, a host with a name, no user, nothing hidden."""
    if len(address) > MOST or not address.isascii() or not address.isprintable() or set(address) & set(' "<>\\^`{|}'):
        return False
    try:
        split = urlsplit(address)
        port = split.port
    except ValueError:
        return False
    named = "." in (split.hostname or "").strip(".")
    return split.scheme == "https" and named and "@" not in split.netloc and port != 0


def join(db: Db, viewer: Viewer, session: Session) -> str:
    """Give where to join a session, to who comes or leads; empty in a room, or while who leads said nothing."""
    comes = viewer.person_id in session.people or viewer.person_id == session.facilitator_id
    if not comes or session.room_id is not None or session.facilitator_id is None:
        return ""
    activity = programme.activities(db).get(session.activity)
    if activity is None or activity.room:
        return ""
    return meeting_links.of_people(db, (session.facilitator_id,)).get(session.facilitator_id, "")


def _may(viewer: Viewer) -> None:
    if not viewer.has(Role.FACILITATOR, Role.COACH):
        raise NotFoundError(phrase("There is no such page."))
