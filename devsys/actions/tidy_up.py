"""Once an hour what is kept for a time only goes when its time is over."""

from collections.abc import Mapping

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import retention


def tidy_up(parts: Parts) -> Mapping[str, int]:
    """Take away what is older than its time; give how many rows went, by the name of their table."""
    now = parts.now()
    with parts.store.write() as db:
        return retention.forget_old(db, now)
