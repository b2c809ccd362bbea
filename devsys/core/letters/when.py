"""When a letter is due, by what a person chose; what is near or off for them is told whatever they chose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from devsys.core.letters.net import NetChange, Way

MORNING: Final = time(7)  # local time of the digest


class Timing(StrEnum):
    """When somebody hears of changes: after a quiet time, with the next morning's digest, only what must be said."""

    SOON = "soon"
    MORNING = "morning"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose to get: changes when, a letter the day before, invitations by mail instead of a feed.

    `feedback` says that they are asked by letter how it was.
    """

    timing: Timing = Timing.SOON
    reminders: bool = True
    invitations: bool = False
    feedback: bool = True


USUAL: Final = Choice()


def must_be_told(changes: Iterable[NetChange], now: datetime) -> bool:
    """Say whether a letter goes out whatever was chosen: something is cancelled, or starts within 48 hours."""
    return any(c.way is Way.CANCELLED or c.near(now) for c in changes)


def due(
    changes: tuple[NetChange, ...],
    choice: Choice,
    now: datetime,
    *,
    quiet: timedelta,
    zone: str,
    postponed: bool = False,
) -> datetime | None:
    """Give when the letter about changes is due, None when there is none: nothing changed, or the feed is enough.

    `quiet` is the time in which further changes join it; `postponed` leaves what is not near for the next morning.
    """
    feed_is_enough = choice.timing is Timing.FEED and not choice.invitations
    if not changes or (feed_is_enough and not must_be_told(changes, now)):
        return None
    if any(c.near(now) for c in changes):
        return now
    if postponed or choice.timing is Timing.MORNING:
        return next_morning(now, zone)
    return now + quiet


def next_morning(now: datetime, zone: str) -> datetime:
    """Give the next instant at which it is the hour of the digest in a zone, in the zone of `now`."""
    clock = ZoneInfo(zone)
    today = now.astimezone(clock).date()
    days = (today + timedelta(days=n) for n in range(3))
    mornings = (datetime.combine(day, MORNING, clock).astimezone(now.tzinfo) for day in days)
    return next(m for m in mornings if m > now)
