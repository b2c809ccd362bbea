"""VTIMEZONE by rule: the closing rule of a zone's file becomes BYMONTH and BYDAY, proven before it is used.

The file format is RFC 9636: transitions that happened, then a closing rule (the footer, a POSIX TZ string) for all
time after. zoneinfo does not give the footer away, so the file of the tzdata package is read here. RDATE is never
written: Outlook ignores it. What cannot be said by rule goes out in UTC (feeds.md Z01 to Z05).
"""

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import metadata, resources
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

DATA_VERSION: Final = metadata.version("tzdata")
PROVEN_UNTIL: Final = 2050
LONGEST_NAME: Final = 64
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKDAYS: Final = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_LAST: Final = 5  # the week of a POSIX rule that means "the last one of the month"
_NAME: Final = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*\Z")
_ABBREVIATION = r"([A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)"
_OFFSET = r"([+-]?\d{1,2}(?::\d{2}){0,2})"
_DAY = r"M(\d{1,2})\.(\d)\.(\d)(?:/([+-]?\d{1,3}(?::\d{2}){0,2}))?"
_FOOTER: Final = re.compile(f"{_ABBREVIATION}{_OFFSET}(?:{_ABBREVIATION}{_OFFSET}?,{_DAY},{_DAY})?\\Z")
_HEADER: Final = ">4s1s15x6L"


@dataclass(frozen=True, slots=True)
class _Turn:
    """One day of a closing rule: in `month`, the `week`-th `weekday` (0 Sunday; week 5 the last), at `seconds`.

    `before` and `after` are the offsets from UTC, in seconds; the time is of the wall clock before the turn.
    """

    month: int
    week: int
    weekday: int
    seconds: int
    before: int
    after: int
    name: str

    def wall(self, year: int) -> datetime:
        """Give the naive wall time, by the clock before the turn, at which it happens in a year."""
        first = datetime(year, self.month, 1)  # noqa: DTZ001 -- wall time
        day = first + timedelta(days=(self.weekday - first.isoweekday()) % 7)
        if self.week == _LAST:
            day += timedelta(weeks=3)
            later = day + timedelta(weeks=1)
            day = later if later.month == self.month else day
        else:
            day += timedelta(weeks=self.week - 1)
        return day + timedelta(seconds=self.seconds)

    def at(self, year: int) -> int:
        """Give the instant, in seconds since 1970, at which it happens in a year."""
        return _seconds(self.wall(year).replace(tzinfo=UTC)) - self.before


@dataclass(frozen=True, slots=True)
class _File:
    """What a zone's file says.

    `changes` holds (instant, offset before, offset after) of each change of the offset; `end` is the instant from
    which the footer speaks (the last transition, which may change nothing), `offset` the one that holds then.
    """

    changes: tuple[tuple[int, int, int], ...]
    end: int
    offset: int
    footer: str


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """A zone as a VTIMEZONE can say it: right for every instant from `since` on. `body` is the component's bytes."""

    name: str
    since: datetime
    body: bytes


def _seconds(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds())


def _moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _bytes_of(name: str) -> bytes | None:
    if len(name) > LONGEST_NAME or not _NAME.match(name):
        return None
    try:
        return resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()
    except (OSError, ValueError):
        return None


@cache
def zone(name: str) -> ZoneInfo | None:
    """Give the zone of the tzdata package, whatever the machine's own files say; None for an unknown name."""
    data = _bytes_of(name)
    if data is None or not data.startswith(b"TZif"):
        return None
    with resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def _read(data: bytes) -> _File:
    """Read the second block of a zone's file, which has 64-bit times (RFC 9636 section 3)."""
    start = struct.calcsize(_HEADER)
    _, _, utc, std, leap, times, types, letters = struct.unpack(_HEADER, data[:start])
    start += times * 5 + types * 6 + letters + leap * 8 + std + utc
    head = data[start : start + struct.calcsize(_HEADER)]
    _, _, utc, std, leap, times, types, letters = struct.unpack(_HEADER, head)
    start += len(head)
    instants = struct.unpack(f">{times}q", data[start : start + times * 8])
    start += times * 8
    kinds = data[start : start + times]
    start += times
    offsets = [struct.unpack(">l", data[start + 6 * i : start + 6 * i + 4])[0] for i in range(types)]
    start += types * 6 + letters + leap * 12 + std + utc
    changes: list[tuple[int, int, int]] = []
    offset = offsets[0]
    for instant, kind in zip(instants, kinds, strict=True):
        if offsets[kind] != offset:
            changes.append((instant, offset, offsets[kind]))
            offset = offsets[kind]
    return _File(tuple(changes), instants[-1] if times else 0, offset, data[start:].strip(b"\n").decode("ascii"))


def _span(text: str | None, default: int) -> int:
    """Seconds of `hh`, `hh:mm` or `hh:mm:ss`, perhaps with a sign."""
    if not text:
        return default
    sign = -1 if text.startswith("-") else 1
    parts = [int(p) for p in text.lstrip("+-").split(":")] + [0, 0]
    return sign * (parts[0] * 3600 + parts[1] * 60 + parts[2])


def _turns(footer: str) -> tuple[int, str, tuple[_Turn, ...]] | None:
    """Give the standard offset, its name and the two turns of a footer (none: no clock change).

    None when the footer says something that RRULE cannot: a time of day outside 0 to 23 hours, days by number.
    """
    found = _FOOTER.match(footer)
    if found is None:
        return None
    std_name, std_text, dst_name, dst_text = found.group(1, 2, 3, 4)
    standard = -_span(std_text, 0)
    std_name = std_name.strip("<>")
    if dst_name is None:
        return standard, std_name, ()
    summer = -_span(dst_text, 0) if dst_text else standard + 3600
    pairs = ((standard, summer, dst_name.strip("<>")), (summer, standard, std_name))
    turns = []
    for (before, after, name), at in zip(pairs, (5, 9), strict=True):
        month, week, weekday = (int(found.group(i)) for i in (at, at + 1, at + 2))
        seconds = _span(found.group(at + 3), 7200)
        if not 0 <= seconds < 24 * 3600:
            return None
        turns.append(_Turn(month, week, weekday, seconds, before, after, name))
    return standard, std_name, tuple(turns)


def _since(file: _File, turns: tuple[_Turn, ...]) -> tuple[int, ...] | None:
    """Give for each turn the first instant since which the rule holds unbroken; None if the file's end defies it.

    Walks back from where the footer begins to speak, as long as what happened is what the rule says.
    """
    last = file.end
    year = _moment(last).year
    expected = sorted((t.at(y), t.before, t.after) for t in turns for y in range(1960, year + 3))
    coming = [e for e in expected if e[0] > last]
    if coming[0][1] != file.offset:
        return None
    past = [e for e in expected if e[0] <= last]
    held = list(coming)
    for happened, said in zip(reversed(file.changes), reversed(past), strict=False):
        if happened != said:
            break
        held.insert(0, said)
    return tuple(next(at for at, before, _ in held if before == t.before) for t in turns)


def _component(turn: _Turn, first: int) -> TimezoneStandard | TimezoneDaylight:
    """One part with its rule; the greater offset is DAYLIGHT, in Dublin too."""
    part = TimezoneDaylight() if turn.after > turn.before else TimezoneStandard()
    week = -1 if turn.week == _LAST else turn.week
    part.add("dtstart", (_moment(first) + timedelta(seconds=turn.before)).replace(tzinfo=None))
    part.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": turn.month, "BYDAY": f"{week}{_WEEKDAYS[turn.weekday]}"}))
    _add_offsets(part, turn.before, turn.after, turn.name)
    return part


def _add_offsets(part: TimezoneStandard | TimezoneDaylight, before: int, after: int, name: str) -> None:
    part.add("tzoffsetfrom", timedelta(seconds=before))
    part.add("tzoffsetto", timedelta(seconds=after))
    part.add("tzname", name)


def _fixed(file: _File, standard: int, name: str) -> tuple[int, TimezoneStandard]:
    """Give the instant of the last change and the one STANDARD of a zone whose clocks no longer change."""
    at, before, after = file.changes[-1] if file.changes else (0, standard, standard)
    if before % 60:  # a local mean time with seconds; RFC 5545 allows them, several programs do not
        before = after
    part = TimezoneStandard()
    part.add("dtstart", (_moment(at) + timedelta(seconds=before)).replace(tzinfo=None))
    _add_offsets(part, before, after, name)
    return at, part


@cache
def rule_of(name: str) -> ZoneRule | None:
    """Give a zone's VTIMEZONE, None for an unknown name, for UTC itself and for a zone no rule can express."""
    data, clock = _bytes_of(name), zone(name)
    return None if data is None or clock is None else _rule(name, _read(data), clock)


def _rule(name: str, file: _File, clock: ZoneInfo) -> ZoneRule | None:
    found = _turns(file.footer)
    if found is None or (found[1] == "UTC" and not found[2]):
        return None
    standard, std_name, turns = found
    parts: list[tuple[int, TimezoneStandard | TimezoneDaylight]] = []
    if not turns and file.offset == standard:
        parts = [_fixed(file, standard, std_name)]
    elif turns and (firsts := _since(file, turns)):
        parts = [(first, _component(turn, first)) for turn, first in zip(turns, firsts, strict=True)]
        parts.sort(key=lambda part: isinstance(part[1], TimezoneStandard))
    if not parts or not _proven(clock, turns, min(first for first, _ in parts)):
        return None
    component = Timezone()
    component.add("tzid", name)
    for _, part in parts:
        component.add_component(part)
    return ZoneRule(name, _moment(min(first for first, _ in parts)), component.to_ical())


def _proven(clock: ZoneInfo, turns: tuple[_Turn, ...], since: int) -> bool:
    """Say whether the rule gives the zone database's offset, around each turn and in each month, from `since` on."""
    changes = sorted((t.at(y), t.after) for t in turns for y in range(_moment(since).year, PROVEN_UNTIL + 1))
    changes = [c for c in changes if c[0] >= since]
    return all(
        _moment(probe).astimezone(clock).utcoffset() == timedelta(seconds=after)
        for (at, after), (until, _) in pairwise(changes)
        for probe in (at, *range(at + 1, until, 20 * 86_400), until - 1)
    )


def _plain(wall: datetime, clock: ZoneInfo) -> bool:
    """Say whether a wall time happens exactly once; a skipped and a doubled one have two offsets."""
    first = wall.replace(tzinfo=clock, fold=0).utcoffset()
    return first == wall.replace(tzinfo=clock, fold=1).utcoffset()


def period(name: str, starts_utc: datetime, ends_utc: datetime) -> tuple[str, datetime, datetime]:
    """Give how a period is written: (TZID, naive local start, naive local end), or ("", the two in UTC).

    It goes out in UTC when its zone has no rule or only a later one, and when its start or end is skipped or
    doubled by a clock change (Z04).
    """
    rule, clock = rule_of(name), zone(name)
    if rule is not None and clock is not None and starts_utc >= rule.since:
        start, end = (moment.astimezone(clock).replace(tzinfo=None, fold=0) for moment in (starts_utc, ends_utc))
        if _plain(start, clock) and _plain(end, clock) and end > start:
            return name, start, end
    return "", starts_utc.astimezone(UTC), ends_utc.astimezone(UTC)
