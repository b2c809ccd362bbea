"""Once an hour what is kept for a time only goes when its time is over."""

from collections.abc import Mapping
from datetime import timedelta

from devsys.actions import erase_person
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import hiring, retention, rounds, webhooks


def tidy_up(parts: Parts) -> Mapping[str, int]:
    """Take away what is older than its time; give how many rows went, by the name of their table."""
    now = parts.now()
    erase_person.clear_away(parts)  # what an erasure that was cut off, or asked for on a page, left in free pages
    with parts.store.write() as db:
        limits = retention.limits(db, parts.settings)
        wiped = rounds.wipe(db, now - timedelta(days=limits["cards"]), now)
        erased = hiring.erase_due(db, now.date(), limits["candidates"])
        told = webhooks.forget_old(db, now)
        return {
            **retention.forget_old(db, now),
            "case_card texts": wiped,
            "candidate": erased,
            "webhook_delivery": told,
        }
