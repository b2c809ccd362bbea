"""From when a lead may read the readings of one person: once it was announced to that person (product.md F1)."""

from datetime import datetime, timedelta
from typing import Final

NOTICE: Final = timedelta(days=14)


def opens(announced: datetime, since: datetime) -> datetime:
    """Give the moment from which one person's readings may be read: two weeks after they could first know of it.

    `announced` is when it was switched on, `since` from when this person could see the announcement: the later of
    their first day and the day of their account. Both with a zone.
    """
    return max(announced, since) + NOTICE
