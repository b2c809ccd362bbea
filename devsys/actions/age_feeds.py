"""Feeds through time: the window moves on once a day, and what sessions are called by is looked at again."""

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import feeds


def age_feeds(parts: Parts) -> int:
    """Move the window of all feeds on to today; give how many were revised.

    Every kept fragment is compared with what its session says now, so that a renamed room or a newer zone rule
    reaches the feeds within a day even where nobody told them.
    """
    now = parts.now()
    with parts.store.write() as db:
        renewed = feeds.refresh(db, now, address=parts.settings.public_url)
        return renewed + feeds.age(db, now.date(), now)


def start_feeds(parts: Parts) -> int:
    """Bring kept fragments up to date with this version of the program and its address; give how many feeds changed.

    Called once at the start, before the first poll is answered: a new renderer, new zone data and a new public
    address show in what is kept.
    """
    with parts.store.write() as db:
        return feeds.refresh(db, parts.now(), address=parts.settings.public_url)
