"""Stretches in which somebody or something is not there, beside one another: joined where they meet, ended early.

Absences of one person, closures of one room. Nothing about a reason is known, so two that meet are one. One whose end
is not known counts from its start on; what is known of later days stays beside it and holds when it ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from devsys.core.model.people import Absence, Closure

Away = TypeVar("Away", bound=Absence | Closure)


@dataclass(frozen=True, slots=True)
class Laid(Generic[Away]):
    """What writing a stretch changes: those that go, those that come; neither when nothing is new."""

    gone: tuple[Away, ...]
    new: tuple[Away, ...]

    def __bool__(self) -> bool:
        """Say whether anything changes."""
        return bool(self.gone or self.new)


def apart(stretches: Iterable[Away]) -> tuple[Away, ...]:
    """Give the stretches of one person or room in order of time, those with an end joined where they overlap or touch.

    Of those without an end the first stands; it begins where one with an end that holds its start is over.
    """
    everything = sorted(stretches, key=lambda a: a.start)
    known: list[tuple[datetime, datetime]] = []
    for one in everything:
        if one.end is None:
            continue
        if known and one.start <= known[-1][1]:
            known[-1] = (known[-1][0], max(known[-1][1], one.end))
        else:
            known.append((one.start, one.end))
    found = [replace(everything[0], start=start, end=end) for start, end in known]
    without_end = next((a for a in everything if a.end is None), None)
    if without_end is not None:
        held = next((end for start, end in known if start <= without_end.start < end), without_end.start)
        found.append(replace(without_end, start=held))
    return tuple(sorted(found, key=lambda a: a.start))


def laid(standing: Iterable[Away], new: Away, now: datetime) -> Laid[Away]:
    """Give what changes when `new` is written beside what stands of the same person or room; `now` is its wall time.

    One that has begun by `now` and has an end says how long one without an end goes on: both become one.
    """
    before = tuple(standing)
    going_on = next((a for a in before if a.end is None and a.start <= new.start), None)
    among = before
    if going_on is not None and new.end is None:
        return Laid((), ())
    if going_on is not None and new.start <= now:
        among = tuple(a for a in before if a != going_on)
        new = replace(new, start=going_on.start)
    return _difference(before, apart((*among, new)))


def back(standing: Iterable[Away], since: datetime) -> Laid[Away]:
    """Give what changes when somebody is back since a moment: the stretch that holds it ends there, the rest stays.

    One that would end as it begins is taken back whole.
    """
    before = tuple(standing)
    after = []
    for one in before:
        holds = one.start <= since and (one.end is None or one.end > since)
        if not holds:
            after.append(one)
        elif one.start < since:
            after.append(replace(one, end=since))
    return _difference(before, tuple(after))


def without_end(stretches: Iterable[Away], moment: datetime) -> bool:
    """Say whether a stretch of some whose end is not known has begun by a moment of its own clock."""
    return any(one.end is None and one.start <= moment for one in stretches)


def _difference(before: tuple[Away, ...], after: tuple[Away, ...]) -> Laid[Away]:
    return Laid(tuple(a for a in before if a not in after), tuple(a for a in after if a not in before))
