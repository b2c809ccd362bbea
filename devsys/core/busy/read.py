"""From the bytes of a calendar to merged busy periods. What else stands in it is neither read nor kept (R9)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from devsys.base import limits
from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase
from devsys.base.written import number
from devsys.core.busy.entries import Series, Stretch, entry, free_busy
from devsys.core.busy.lines import Component, components
from devsys.core.busy.rules import Budget
from devsys.core.busy.times import Clock, home_zone

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Busy:
    """When somebody is busy: `periods` in UTC (aware), sorted, apart, within what was asked for.

    `entries` counts the events and free-busy components read; `unknown` are names of zones that nothing knows, whose
    times were read in the person's own zone.
    """

    periods: tuple[tuple[datetime, datetime], ...]
    entries: int
    unknown: tuple[str, ...] = ()


def read_busy(data: bytes, start: datetime, end: datetime, zone: str, *, ours: frozenset[str] = frozenset()) -> Busy:
    """Give when a calendar says its owner is busy, from `start` (aware) to `end`.

    Floating times and whole days are read in `zone`. Entries whose UID is in `ours` are passed over: sessions of this
    house that came back with somebody's calendar. Raises InvalidError, naming the line, for what cannot be read and
    for whatever is beyond a limit.
    """
    _asked(data, start, end)
    try:
        home = home_zone(zone)
    except KeyError:
        raise InvalidError(
            phrase("There is no time zone %(zone)s. Give an IANA name such as Europe/Berlin.", zone=repr(zone[:64])),
            (Fault("zone", phrase("an IANA name such as Europe/Berlin")),),
        ) from None
    window = (_naive(start), _naive(end))
    clock = Clock(home, *window, Budget())
    events: dict[str, list[Component]] = {}
    taken: list[Component] = []
    count = 0
    for component in components(data):
        if component.name == "VTIMEZONE":
            name = component.first("TZID")
            if name is not None:
                clock.described.setdefault(name.value, component)
            continue
        count += 1
        if component.name == "VFREEBUSY":
            taken.append(component)
            continue
        uid = component.first("UID")
        key = uid.value if uid is not None else f"\n{component.number}"
        if key not in ours:
            events.setdefault(key, []).append(component)
    found: list[Stretch] = []
    for some in events.values():
        found += _inside(Series((entry(c, clock) for c in some), clock).busy(), *window)
    for component in taken:
        found += _inside(free_busy(component, clock), *window)
    periods = tuple((a.replace(tzinfo=UTC), b.replace(tzinfo=UTC)) for a, b in merged(found))
    return Busy(periods, count, tuple(sorted(clock.unknown)))


def _asked(data: bytes, start: datetime, end: datetime) -> None:
    limits.within(data, limits.ICS_BYTES, "The calendar")
    if end <= start:
        raise InvalidError(phrase("The time asked for ends before it begins."), (Fault("to", "later than from"),))
    if end - start > timedelta(days=limits.ICS_WINDOW_DAYS):
        raise InvalidError(
            phrase("At most %(most)s days are read at a time.", most=number(limits.ICS_WINDOW_DAYS)),
            (Fault("to", phrase("a shorter time")),),
        )


def _naive(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise InvalidError(
            phrase("The time asked for cannot be told in UTC."), (Fault("from", phrase("a year of our time")),)
        ) from None


def _inside(stretches: Iterable[Stretch], start: datetime, end: datetime) -> Iterable[Stretch]:
    return ((max(a, start), min(b, end)) for a, b in stretches if a < b and a < end and b > start)


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Give stretches sorted and joined where they touch or overlap."""
    out: list[Stretch] = []
    for a, b in sorted(stretches):
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return tuple(out)


def read_apart(payload: bytes) -> bytes:
    """Do `read_busy` for another process: a line of JSON that says what is asked, then the calendar; JSON comes back.

    Raises what `read_busy` does.
    """
    head, _, data = payload.partition(b"\n")
    asked = json.loads(head)
    found = read_busy(
        data,
        datetime.fromisoformat(asked["start"]),
        datetime.fromisoformat(asked["end"]),
        asked["zone"],
        ours=frozenset(asked["ours"]),
    )
    periods = [[(a - _EPOCH) // _SECOND, (b - _EPOCH) // _SECOND] for a, b in found.periods]
    return json.dumps({"periods": periods, "entries": found.entries, "unknown": found.unknown}).encode()


def asked_apart(data: bytes, start: datetime, end: datetime, zone: str, ours: Iterable[str] = ()) -> bytes:
    """Give the payload of `read_apart`. Raises InvalidError for what need not be handed over at all."""
    _asked(data, start, end)
    asked = {"start": start.isoformat(), "end": end.isoformat(), "zone": zone, "ours": sorted(ours)}
    return json.dumps(asked).encode() + b"\n" + data


def answered_apart(answer: bytes) -> Busy:
    """Give what `read_apart` answered."""
    said = json.loads(answer)
    periods = ((_EPOCH + timedelta(seconds=a), _EPOCH + timedelta(seconds=b)) for a, b in said["periods"])
    return Busy(tuple(periods), said["entries"], tuple(said["unknown"]))
