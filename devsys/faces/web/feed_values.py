"""How a calendar link fares, in words: fetched when and by which program, or not yet."""

from datetime import datetime

from devsys.adapters.store.queries.feeds import Feed
from devsys.base.written import since


def health(feed: Feed, now: datetime) -> str:
    """Say when a link was last fetched and by whom; fetches are noted once an hour, so nothing finer is known."""
    if feed.fetched is None:
        return "Not fetched yet: see step 2."
    return f"Last fetched {since(feed.fetched, now)} by {feed.client}."
