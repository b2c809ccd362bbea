"""Feeds through time: the window moves on once a day, and what sessions are called by is looked at again."""

from datetime import datetime

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, feeds
from devsys.adapters.store.queries.zone_data import follow_zone_data
from devsys.adapters.store.statistics import take_statistics
from devsys.adapters.store.store import Db

NAMED = 20  # how many moved sessions the log of acts names


def age_feeds(parts: Parts) -> int:
    """Move the window of all feeds on to today; give how many were revised. Once a day sizes are counted, too.

    Every kept fragment is compared with what its session says now, so that a renamed room or newer zone data
    reaches the feeds within a day even where nobody told them.
    """
    now = parts.now()
    with parts.store.write() as db:
        revised = _renew(db, parts, now) + feeds.age(db, now.date(), now)
    take_statistics(parts.store)
    return revised


def start_feeds(parts: Parts) -> int:
    """Bring kept fragments up to date with this version of the program and its address; give how many feeds changed.

    Called once at the start, before the first poll is answered: a new renderer, new zone data and a new public
    address show in what is kept.
    """
    with parts.store.write() as db:
        return _renew(db, parts, parts.now())


def _renew(db: Db, parts: Parts, now: datetime) -> int:
    moved = follow_zone_data(db, now)
    if moved:
        named = " ".join(m.session_id for m in moved[:NAMED])
        what = f"{len(moved)} sessions keep their wall time and moved in UTC: {named}"
        audit.record(db, at=now, by_id=None, act="follow zones", what=what)
    return feeds.refresh(db, now, address=parts.settings.public_url)
