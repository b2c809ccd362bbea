"""Dates, times, lengths and zones as an iCalendar file writes them, turned into instants.

Instants are naive datetimes in UTC here, and never leave what a datetime can hold: what lies beyond is the first or
the last of them.
"""

import re
import zoneinfo
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol

from devsys.base import limits
from devsys.base.words import phrase
from devsys.core.busy.lines import Component, Line, at_line, shown
from devsys.core.busy.rules import Budget, between, read_rule
from devsys.core.model.hours import known_zones

_WHEN: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})?(Z)?)?\Z")
_LENGTH: Final = re.compile(
    r"([+-])?P(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?"
    r"(T(?:([0-9]{1,8})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})S)?)?\Z"
)
_OFFSET: Final = re.compile(r"([+-])([0-9]{2}):?([0-9]{2}):?([0-9]{2})?\Z")
_FROM_UTC: Final = re.compile(r"(?:UTC|GMT)(?:([+-])([0-9]{1,2})(?::?([0-9]{2}))?)?\Z", re.IGNORECASE)
_EDGE: Final = (2, 9998)  # years in which every zone can be applied
_FIRST: Final = datetime(1, 1, 1)  # noqa: DTZ001 -- naive in UTC, as all instants here
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001
LONGEST: Final = timedelta(days=limits.ICS_WINDOW_DAYS)


class Zone(Protocol):
    """What turns local wall time into an instant and back."""

    def to_utc(self, wall: datetime) -> datetime:
        """Give the naive UTC time of a wall time: the first pass of a repeated hour, forward over a gap."""

    def to_wall(self, moment: datetime) -> datetime:
        """Give the wall time of a naive UTC time."""


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A zone of the zone database."""

    info: zoneinfo.ZoneInfo

    def to_utc(self, wall: datetime) -> datetime:
        """Give the naive UTC time of a wall time."""
        if not _EDGE[0] <= wall.year <= _EDGE[1]:
            return wall
        return wall.replace(tzinfo=self.info, fold=0).astimezone(UTC).replace(tzinfo=None)

    def to_wall(self, moment: datetime) -> datetime:
        """Give the wall time of a naive UTC time."""
        if not _EDGE[0] <= moment.year <= _EDGE[1]:
            return moment
        return moment.replace(tzinfo=UTC).astimezone(self.info).replace(tzinfo=None, fold=0)


@dataclass(frozen=True, slots=True)
class FileZone:
    """A zone as a file describes it: at each of `walls` (told in the offset before) its clocks change.

    `offsets` has one more than `walls`: those before the first change and after each.
    """

    walls: tuple[datetime, ...]
    offsets: tuple[timedelta, ...]

    def to_utc(self, wall: datetime) -> datetime:
        """Give the naive UTC time of a wall time."""
        at = bisect_right(self.walls, wall)
        offset = self.offsets[at]
        if at and wall < self.walls[at - 1] + (offset - self.offsets[at - 1]):
            offset = self.offsets[at - 1]  # in the gap: the offset before it (RFC 5545 section 3.3.5)
        return later(wall, -offset)

    def to_wall(self, moment: datetime) -> datetime:
        """Give the wall time of a naive UTC time."""
        changes = [later(w, -o) for w, o in zip(self.walls, self.offsets, strict=False)]
        return later(moment, self.offsets[bisect_right(changes, moment)])


def later(moment: datetime, by: timedelta) -> datetime:
    """Give a moment so much later (or earlier), or the last (first) that can be written."""
    try:
        return moment + by
    except OverflowError:
        return _LAST if by > timedelta(0) else _FIRST


@dataclass(frozen=True, slots=True)
class When:
    """A date or a time of a file: its wall time and the zone that wall is in; a date is its midnight."""

    wall: datetime
    zone: Zone
    whole_day: bool

    @property
    def moment(self) -> datetime:
        """The instant, naive in UTC."""
        return self.zone.to_utc(self.wall)


@dataclass(frozen=True, slots=True)
class Length:
    """How long something is: by the clock on the wall (`wall`), then by elapsed time (`elapsed`)."""

    wall: timedelta
    elapsed: timedelta

    def end(self, wall: datetime, zone: Zone) -> datetime:
        """Give the instant at which what begins at a wall time ends."""
        return later(zone.to_utc(later(wall, self.wall)), self.elapsed)

    def __bool__(self) -> bool:
        return self.wall + self.elapsed > timedelta(0)

    @property
    def most(self) -> timedelta:
        """How much it can be at most in elapsed time."""
        return self.wall + self.elapsed + timedelta(days=1)


def read_length(line: Line, text: str | None = None) -> Length:
    """Give a DURATION: weeks and days by the clock, hours, minutes and seconds elapsed (RFC 5545 section 3.3.6)."""
    value = line.value if text is None else text
    found = _LENGTH.match(value.upper())
    if found is None or not any(found.group(2, 3, 5, 6, 7)):
        raise at_line(line.number, phrase("%(value)s is no duration", value=shown(value)))
    weeks, days, hours, minutes, seconds = (int(x or 0) for x in found.group(2, 3, 5, 6, 7))
    sign = -1 if found[1] == "-" else 1
    wall = min(timedelta(days=min(weeks * 7 + days, LONGEST.days * 2)), LONGEST * 2)
    elapsed = timedelta(seconds=min(hours * 3600 + minutes * 60 + seconds, int(LONGEST.total_seconds()) * 2))
    return Length(sign * wall, sign * elapsed)


@dataclass(slots=True)
class Clock:
    """The zones of one reading: the person's own, those the file describes, and what was asked for so far.

    `home` reads what names no zone; `start` and `end` are the window, naive in UTC.
    """

    home: Zone
    start: datetime
    end: datetime
    budget: Budget
    described: dict[str, Component] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    _zones: dict[str, Zone] = field(default_factory=dict)

    def when(self, line: Line, text: str | None = None) -> When:
        """Give the date or time of a property (or of one entry of its list). Raises InvalidError naming the line."""
        value = line.value if text is None else text
        found = _WHEN.match(value)
        if found is None:
            raise at_line(line.number, phrase("%(value)s is no date or time", value=shown(value)))
        year, month, day = int(found[1]), int(found[2]), int(found[3])
        whole = found[4] is None
        hour, minute, second = (int(x or 0) for x in found.group(4, 5, 6))
        try:
            wall = datetime(year, month, day, hour, minute, min(second, 59) if second <= 60 else second)  # noqa: DTZ001, PLR2004 -- wall time; a leap second
        except ValueError:
            raise at_line(line.number, phrase("%(value)s is no date or time", value=shown(value))) from None
        if found[7]:
            return When(wall, _UTC, whole_day=False)
        return When(wall, self.home if whole else self.zone(line.parameters.get("TZID", "")), whole_day=whole)

    def listed(self, line: Line) -> Iterator[str]:
        """Give the entries of a list of dates or periods. Raises InvalidError beyond the most a file may have."""
        for text in line.value.split(","):
            self.budget.date(line.number)
            yield text.strip()

    def zone(self, name: str) -> Zone:
        """Give the zone of a TZID; the person's own for none, and for one that nothing knows (which is noted)."""
        if not name:
            return self.home
        zone = self._zones.get(name)
        if zone is None:
            zone = self._zones[name] = self._found(name)
        return zone

    def _found(self, name: str) -> Zone:
        known = _known(name)
        if known is not None:
            return known
        described = self.described.get(name)
        zone = self._described(described) if described is not None else None
        if zone is None:
            zone = _known_tail(name)
        if zone is None:
            self.unknown.add(shown(name))
            return self.home
        return zone

    def _described(self, component: Component) -> Zone | None:
        """Give the zone a VTIMEZONE describes, None for one that says nothing."""
        changes: list[tuple[datetime, timedelta, timedelta]] = []
        for part in component.parts:
            began, before, after = part.first("DTSTART"), part.first("TZOFFSETFROM"), part.first("TZOFFSETTO")
            if began is None or before is None or after is None:
                continue
            start = self.when(began).wall
            pair = (_offset(before), _offset(after))
            changes.append((start, *pair))
            for line in part.all("RDATE"):
                walls = [self.when(line, text).wall for text in self.listed(line)]
                changes += ((wall, *pair) for wall in walls)
            for line in part.all("RRULE"):
                rule = read_rule(line, _plain)
                least = self.start if rule.until is None else min(self.start, rule.until)
                walls = list(between(rule, start, later(least, _BACK), later(self.end, _AHEAD), self.budget))
                changes += ((wall, *pair) for wall in walls)
        if not changes:
            return None
        changes.sort(key=lambda c: c[0])
        return FileZone(tuple(c[0] for c in changes), (changes[0][1], *(c[2] for c in changes)))


_UTC: Final = NamedZone(zoneinfo.ZoneInfo("UTC"))
_BACK: Final = timedelta(days=-800)
_AHEAD: Final = timedelta(days=400)


def _plain(line: Line, text: str) -> datetime:
    """Give the UNTIL of a zone's rule: UTC by the book, near enough on the wall."""
    found = _WHEN.match(text)
    try:
        year, month, day = (int(x) for x in found.group(1, 2, 3)) if found else (0, 0, 0)
        return datetime(year, month, day, 23, 59, 59)  # noqa: DTZ001 -- wall time
    except ValueError:
        raise at_line(line.number, phrase("%(text)s is no date or time", text=shown(text))) from None


def home_zone(name: str) -> Zone:
    """Give the zone of an IANA name. Raises KeyError when there is none of that name."""
    if name not in known_zones():
        raise KeyError(name)
    return NamedZone(zoneinfo.ZoneInfo(name))


def _known(name: str) -> Zone | None:
    """Give the zone of an IANA name, of a name Windows uses, or of an offset from UTC."""
    if name in known_zones():
        return NamedZone(zoneinfo.ZoneInfo(name))
    windows = _windows().get(name)
    if windows in known_zones():
        return NamedZone(zoneinfo.ZoneInfo(str(windows)))
    return None


def _known_tail(name: str) -> Zone | None:
    """Give the zone that the end of a longer name names (`/vendor/1/Europe/Berlin`), or one of a fixed offset."""
    parts = name[: limits.TEXT].split("/")
    for length in (3, 2):
        if len(parts) > length and (tail := "/".join(parts[-length:])) in known_zones():
            return NamedZone(zoneinfo.ZoneInfo(tail))
    found = _FROM_UTC.match(name)
    if found:
        offset = timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0)) * (-1 if found[1] == "-" else 1)
        return FileZone((), (offset,)) if abs(offset) < timedelta(days=1) else None
    lower = name.lower() if len(name) <= limits.TEXT else ""
    return next((NamedZone(zoneinfo.ZoneInfo(z)) for z in _folded().get(lower, ())), None)


@lru_cache(maxsize=1)
def _folded() -> Mapping[str, tuple[str, ...]]:
    return {zone.lower(): (zone,) for zone in known_zones()}


@lru_cache(maxsize=1)
def _windows() -> Mapping[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 -- slow import

    return WINDOWS_TO_OLSON


def _offset(line: Line) -> timedelta:
    found = _OFFSET.match(line.value)
    if found is None:
        raise at_line(line.number, phrase("%(value)s is no offset from UTC", value=shown(line.value)))
    hours, minutes, seconds = (int(x or 0) for x in found.group(2, 3, 4))
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset >= timedelta(days=1):
        raise at_line(line.number, phrase("%(value)s is no offset from UTC", value=shown(line.value)))
    return -offset if found[1] == "-" else offset
