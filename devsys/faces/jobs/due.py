"""What clock work is due at an instant, by rhythms in UTC and what the ledger holds. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from devsys.base.words import to_keep

ROLL: Final = "roll horizon"
AGE: Final = "age feeds"
TIDY: Final = "tidy up"
BUSY: Final = "look at busy times"
REMIND: Final = "remind"
OFFER: Final = "offer seats"
COACHING: Final = "tend coaching"
REVIEW: Final = "review improvement"
PULSE: Final = "close the pulse"
MOST_MISSED: Final = 200  # how many missed times are written down one by one; older ones are not

FIRST_START: Final = to_keep("devsys was started for the first time after this time.")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A job that returns: at `anchor` and every `every` after it. UTC has no clock changes, so this is exact."""

    job: str
    anchor: datetime
    every: timedelta

    def latest(self, now: datetime) -> datetime:
        """Give the latest instant at or before `now` at which the job is due."""
        return self.anchor + (now - self.anchor) // self.every * self.every


RHYTHMS: Final = (
    Rhythm(ROLL, datetime(2024, 1, 1, 3, tzinfo=UTC), timedelta(weeks=1)),  # a Monday, 03:00
    Rhythm(AGE, datetime(2024, 1, 1, 0, 5, tzinfo=UTC), timedelta(days=1)),
    Rhythm(TIDY, datetime(2024, 1, 1, tzinfo=UTC), timedelta(hours=1)),
    Rhythm(BUSY, datetime(2024, 1, 1, 0, 25, tzinfo=UTC), timedelta(hours=1)),
    Rhythm(REMIND, datetime(2024, 1, 1, tzinfo=UTC), timedelta(hours=1)),
    Rhythm(REVIEW, datetime(2024, 1, 1, 2, tzinfo=UTC), timedelta(weeks=1)),  # an hour before the horizon rolls on
    Rhythm(OFFER, datetime(2024, 1, 1, 0, 40, tzinfo=UTC), timedelta(hours=1)),
    Rhythm(COACHING, datetime(2024, 1, 1, 0, 50, tzinfo=UTC), timedelta(hours=1)),
    Rhythm(PULSE, datetime(2024, 1, 1, 12, 10, tzinfo=UTC), timedelta(days=1)),
)


@dataclass(frozen=True, slots=True)
class Due:
    """One due time of a job that the ledger lacks; `skip` says why it is left out, empty when it is to be done."""

    job: str
    period: str
    skip: str = ""


def due(now: datetime, last: Mapping[str, str], rhythms: tuple[Rhythm, ...] = RHYTHMS) -> Iterator[Due]:
    """Give what is due at `now`: job by job, oldest first.

    `last` is the latest period of each job in the ledger. Only the newest missed time is done, because its work
    covers the older ones; those are left out with that reason. A job without any period begins with the next one. A
    clock that went back gives nothing until it has caught up.
    """
    for rhythm in rhythms:
        newest = rhythm.latest(now)
        known = last.get(rhythm.job)
        if known is None:
            yield Due(rhythm.job, newest.isoformat(), FIRST_START)
            continue
        first = max(datetime.fromisoformat(known), newest - MOST_MISSED * rhythm.every) + rhythm.every
        while first < newest:
            why = f"The worker was not running then; the run of {newest:%d %B %Y, %H:%M} UTC did this work."
            yield Due(rhythm.job, first.isoformat(), why)
            first += rhythm.every
        if first == newest:
            yield Due(rhythm.job, newest.isoformat())
