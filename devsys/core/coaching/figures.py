"""What who coordinates coaching may know: waiting times of five people or more, loads, what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from devsys.core.coaching.match import Coach

K: Final = 5  # fewer people than these are no group (trust.md R19)


@dataclass(frozen=True, slots=True)
class Wait:
    """The median of the days between asking and the yes of a coach, over so many people; who still waits counts too."""

    days: float
    people: int


def wait_of(asked: Iterable[tuple[str, datetime, datetime | None]], now: datetime) -> Wait | None:
    """Give the median wait, None under five people: (person, asked, served) of each request.

    Each person counts once, by the request they asked last: nobody weighs more, and five requests of one person are no
    group.
    """
    last: dict[str, tuple[datetime, datetime | None]] = {}
    for person, made, served in asked:
        if person not in last or last[person][0] < made:
            last[person] = (made, served)
    if len(last) < K:
        return None
    days = [((served or now) - made).total_seconds() / 86_400 for made, served in last.values()]
    return Wait(round(median(days), 1), len(last))


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing for one activity: `qualified` coaches, of them with `room` now; `waiting` requests."""

    activity: str
    qualified: int
    room: int
    waiting: int


def gaps(coaches: Mapping[str, Sequence[Coach]], waiting: Mapping[str, int]) -> tuple[Gap, ...]:
    """Give the activities that lack coaches: none or one qualified, or nobody with room. By activity."""
    found = (
        Gap(code, len(some), sum(c.room > 0 for c in some), waiting.get(code, 0)) for code, some in coaches.items()
    )
    return tuple(sorted((g for g in found if g.qualified < 2 or not g.room), key=lambda g: (g.room, g.activity)))  # noqa: PLR2004 -- one alone may fall ill
