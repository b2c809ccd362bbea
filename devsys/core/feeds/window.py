"""What stands in a feed on a day: 60 days back, 400 ahead, tombstones for a while, under one megabyte."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from devsys.base.limits import FEED_BYTES

DAYS_BACK: Final = 60
DAYS_AHEAD: Final = 400
TOMBSTONE_DAYS: Final = 14
FULL: Final = FEED_BYTES - 100_000  # from here on nothing more is let in at the far edge
FRAME_BYTES: Final = 20_000  # head, zones and tail of the largest feed


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fragment a feed may show: its key, its period, whether it is a tombstone, the most octets it takes."""

    session_id: str
    person_id: str
    view: str
    starts_utc: datetime
    ends_utc: datetime
    cancelled: bool
    size: int


def first_instant(day: date) -> datetime:
    """Give the instant at which a session must not have ended yet to stand in a feed on a day (UTC)."""
    return datetime.combine(day - timedelta(days=DAYS_BACK), time(), UTC)


def last_instant(day: date) -> datetime:
    """Give the instant before which a session must start to stand in a feed on a day (UTC)."""
    return datetime.combine(day + timedelta(days=DAYS_AHEAD + 1), time(), UTC)


def stands(candidate: Candidate, day: date) -> bool:
    """Say whether a session's time lets it stand in a feed on a day; a tombstone ends 14 days after its end (V03)."""
    if not first_instant(day) < candidate.ends_utc or not candidate.starts_utc < last_instant(day):
        return False
    return not candidate.cancelled or candidate.ends_utc + timedelta(days=TOMBSTONE_DAYS) > datetime.combine(
        day, time(), UTC
    )


def choose(candidates: Iterable[Candidate], shown: Collection[str], day: date) -> tuple[Candidate, ...]:
    """Give what a feed shows on a day, in order of start and session.

    `shown` are the ids of the sessions it has shown so far. A cancelled session stays only where it was seen before:
    none first appears cancelled (V03). A feed near one megabyte takes in nothing more at its far edge, and what was
    shown stays, until the whole is too large; then the far end goes (H07).
    """
    standing = [c for c in candidates if stands(c, day) and (not c.cancelled or c.session_id in shown)]
    standing.sort(key=lambda c: (c.starts_utc, c.session_id))
    if sum(c.size for c in standing) + FRAME_BYTES <= FULL:
        return tuple(standing)
    known = [c.starts_utc for c in standing if c.session_id in shown]
    edge = max(known, default=datetime.min.replace(tzinfo=UTC))
    near = [c for c in standing if c.starts_utc <= edge]
    if sum(c.size for c in near) + FRAME_BYTES > FEED_BYTES:
        near, edge = [], datetime.min.replace(tzinfo=UTC)
    total = sum(c.size for c in near) + FRAME_BYTES
    for candidate in standing[len(near) :]:
        total += candidate.size
        if total > FULL:
            break
        near.append(candidate)
    return tuple(near)
