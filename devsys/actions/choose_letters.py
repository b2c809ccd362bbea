"""A person chooses which letters they get, and when; what must be said is sent whatever they chose.

A calendar is read from a feed or filled by invitations, never both: nobody gets the same session twice (feeds.md M04).
"""

from devsys.actions.invite_people import AHEAD
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, feeds, letters, readers, sessions
from devsys.adapters.store.queries.feeds import Feed
from devsys.adapters.store.store import Db
from devsys.core.feeds.scope import FeedKind
from devsys.core.letters.when import Choice
from devsys.core.model.access import Viewer


def chosen(parts: Parts, viewer: Viewer) -> Choice:
    """Give what the viewer chose, or what is usual."""
    with parts.store.read() as db:
        return readers.choice_of(db, viewer.person_id)


def own_links(parts: Parts, viewer: Viewer) -> tuple[str, ...]:
    """Give the names of the viewer's links that show their own sessions: invitations would end them."""
    with parts.store.read() as db:
        return tuple(feed.name for feed in _own(db, viewer))


def ahead(parts: Parts, viewer: Viewer) -> int:
    """Give how many sessions the viewer has ahead: as many invitations come at once when they choose them."""
    now = parts.now()
    with parts.store.read() as db:
        return len(sessions.published(db, sessions.Wanted(start=now, end=now + AHEAD, involves=viewer.person_id)))


def _own(db: Db, viewer: Viewer) -> tuple[Feed, ...]:
    """Give the living feeds that show what the viewer comes to or leads."""
    kinds = (FeedKind.PERSON, FeedKind.FACILITATOR)
    mine = feeds.of_owner(db, viewer.person_id)
    return tuple(f for f in mine if f.settings.kind in kinds and f.settings.target_id == viewer.person_id)


def choose(parts: Parts, viewer: Viewer, choice: Choice) -> None:
    """Keep what the viewer chose; letters that wait already leave as they would have.

    Choosing invitations ends the viewer's own links and invites them to all that is ahead; choosing links again takes
    the invitations back.
    """
    now, me = parts.now(), viewer.person_id
    with parts.store.write() as db:
        before = readers.choice_of(db, me)
        readers.choose(db, me, choice)
        if before.invitations == choice.invitations:
            return
        if choice.invitations:
            for feed in _own(db, viewer):
                feeds.revoke(db, feed.id, me, now)
                audit.record(db, at=now, by_id=me, act="revoke link", what=f"feed {feed.id}")
        waits = letters.waiting(db, (me,)).get(me)
        if waits is not None:
            letters.set_due(db, {waits[0]: now})
        else:
            way = "on" if choice.invitations else "off"
            letters.open_letters(db, letters.PLAN, f"invitations {way} {now.isoformat()}", {me: now}, now)
