"""How a calendar link fares, in words: fetched when and by which program, or not yet."""

from datetime import datetime

from devsys.adapters.store.queries.feeds import Feed
from devsys.base.words import phrase
from devsys.base.written import since


def health(feed: Feed, now: datetime) -> str:
    """Say when a link was last fetched and by whom; fetches are noted once an hour, so nothing finer is known."""
    if feed.fetched is None:
        return phrase("Not fetched yet: see step 2.")
    return phrase("Last fetched %(when)s by %(program)s.", when=since(feed.fetched, now), program=feed.client)
