"""One entry of a calendar and its repetitions: when it takes time, and when an exception takes it elsewhere."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from devsys.base.words import phrase
from devsys.core.busy.lines import Component, Line, at_line
from devsys.core.busy.rules import Rule, between, read_rule
from devsys.core.busy.times import LONGEST, Clock, Length, When, later, read_length

Stretch = tuple[datetime, datetime]
_DAY: Final = timedelta(days=1)
_NOTHING: Final = timedelta(0)
_BESIDE: Final = timedelta(days=2)  # more than any two zones are apart, plus a day for what is read as a date


@dataclass(frozen=True, slots=True)
class Entry:
    """A VEVENT as far as it takes time. `instead_of` is the repetition it stands for, `onward` also for later ones."""

    component: Component
    blocks: bool
    sequence: int
    instead_of: When | None
    onward: bool


def entry(component: Component, clock: Clock) -> Entry:
    """Give an event with what says whether it counts. Raises InvalidError naming a line that cannot be read."""

    def said(name: str) -> str:
        line = component.first(name)
        return line.value.upper() if line else ""

    line = component.first("RECURRENCE-ID")
    sequence = said("SEQUENCE")
    return Entry(
        component=component,
        blocks=not (component.cancels or said("STATUS") == "CANCELLED" or said("TRANSP") == "TRANSPARENT"),
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 10 else 0,  # noqa: PLR2004
        instead_of=clock.when(line) if line else None,
        onward=line is not None and line.parameters.get("RANGE", "").upper() == "THISANDFUTURE",
    )


@dataclass(frozen=True, slots=True)
class Stay:
    """Where an entry begins and how long it is."""

    start: When
    length: Length


def stay(found: Entry, clock: Clock) -> Stay | None:
    """Give when an entry is for the first time; None for one without a start or without a length."""
    c = found.component
    line, until, duration = c.first("DTSTART"), c.first("DTEND"), c.first("DURATION")
    start = clock.when(line) if line else found.instead_of
    if start is None:
        return None
    if until is not None:
        end = clock.when(until)
        if end.zone == start.zone or (start.whole_day and end.whole_day):
            length = Length(end.wall - start.wall, _NOTHING)
        else:
            length = Length(_NOTHING, end.moment - start.moment)
    elif duration is not None:
        length = read_length(duration)
    else:
        length = Length(_DAY if start.whole_day else _NOTHING, _NOTHING)
    if not length:
        return None  # empty or reversed: it takes no time
    return Stay(start, Length(min(length.wall, LONGEST * 2), min(length.elapsed, LONGEST * 2)))


class Series:
    """The entries of one UID: those that repeat (or not), and those that stand for one repetition."""

    def __init__(self, found: Iterable[Entry], clock: Clock) -> None:
        self.clock = clock
        everything = tuple(found)
        whole = [e for e in everything if e.instead_of is None]
        newest = max((e.sequence for e in whole), default=0)
        self.whole = [e for e in whole if e.sequence == newest]
        self.single: dict[datetime, Entry] = {}
        self.by_day: dict[date, Entry] = {}
        for e in sorted(everything, key=lambda e: e.sequence):
            if e.instead_of is None:
                continue
            self.single[e.instead_of.moment] = e
            if e.instead_of.whole_day:
                self.by_day[e.instead_of.wall.date()] = e
        self.onward = sorted(((m, e) for m, e in self.single.items() if e.onward), key=lambda pair: pair[0])
        self._since = [m for m, _ in self.onward]
        self._shifts: dict[int, tuple[timedelta, Stay | None]] = {}

    def busy(self) -> Iterator[Stretch]:
        """Give every stretch in UTC that may lie in the window; the reader cuts them to it."""
        excluded: set[datetime] = set()
        days: set[date] = set()
        for e in self.whole:
            self._exclude(e, excluded, days)
        for e in self.whole:
            yield from self._of_whole(e, excluded, days)
        for moment, e in self.single.items():
            if e.blocks and moment not in excluded and (found := stay(e, self.clock)):
                yield found.start.moment, found.length.end(found.start.wall, found.start.zone)

    def _exclude(self, e: Entry, moments: set[datetime], days: set[date]) -> None:
        for line in e.component.all("EXDATE"):
            for text in self.clock.listed(line):
                when = self.clock.when(line, text)
                moments.add(when.moment)
                if when.whole_day:
                    days.add(when.wall.date())

    def _of_whole(self, e: Entry, excluded: set[datetime], days: set[date]) -> Iterator[Stretch]:
        if not (e.blocks or any(o.blocks for _, o in self.onward)):
            return
        first = stay(e, self.clock)
        if first is None:
            return
        zone = first.start.zone
        own: dict[datetime, datetime] = {}
        seen: set[datetime] = set()
        for wall in self._walls(e, first, own):
            moment = zone.to_utc(wall)
            if moment in seen or moment in excluded or moment in self.single:
                continue
            if wall.date() in days or wall.date() in self.by_day:
                continue
            seen.add(moment)
            governing, shift, length = self._governing(moment, e, first)
            if not governing.blocks:
                continue
            begins = later(wall, shift)
            if moment in own and governing is e:
                yield moment, own[moment]
            else:
                yield zone.to_utc(begins), length.end(begins, zone)

    def _governing(self, moment: datetime, e: Entry, first: Stay) -> tuple[Entry, timedelta, Length]:
        """Give whose figures hold for a repetition: the latest THISANDFUTURE before it, else the series itself."""
        before = bisect_left(self._since, moment)
        if not before:
            return e, _NOTHING, first.length
        other = self.onward[before - 1][1]
        shift, found = self._shift(other)
        return other, shift, found.length if found else first.length

    def _shift(self, e: Entry) -> tuple[timedelta, Stay | None]:
        known = self._shifts.get(id(e))
        if known is None:
            found, meant = stay(e, self.clock), e.instead_of
            shift = _NOTHING
            if found is not None and meant is not None:
                same = found.start.zone == meant.zone
                shift = found.start.wall - meant.wall if same else found.start.moment - meant.moment
            known = self._shifts[id(e)] = (shift, found)
        return known

    def _walls(self, e: Entry, first: Stay, own: dict[datetime, datetime]) -> Iterator[datetime]:
        """Give the wall times at which a series begins anew near the window, its start among them.

        `own` takes the ends of those that bring one (an RDATE that is a PERIOD).
        """
        clock, zone = self.clock, first.start.zone
        rules = [self._rule(line, first.start) for line in e.component.all("RRULE")]
        shifts = [self._shift(o) for _, o in self.onward]
        longest = max([first.length.most, *(s.length.most for _, s in shifts if s)])
        least = later(clock.start, -longest - max([_NOTHING, *(s for s, _ in shifts)]) - _BESIDE)
        most = later(clock.end, _BESIDE - min([_NOTHING, *(s for s, _ in shifts)]))
        barred = self._barred(e, first, least, most)
        if not rules or any(r.until is None or first.start.wall <= r.until for r in rules):
            yield first.start.wall
        for rule in rules:
            for wall in between(rule, first.start.wall, least, most, clock.budget):
                if wall not in barred:
                    yield wall
        for line in e.component.all("RDATE"):
            for text in clock.listed(line):
                begin, slash, rest = text.partition("/")
                when = clock.when(line, begin)
                wall = when.wall if when.whole_day or when.zone == zone else zone.to_wall(when.moment)
                if slash:
                    own[when.moment] = _end(line, rest, when, clock)
                yield wall

    def _barred(self, e: Entry, first: Stay, least: datetime, most: datetime) -> frozenset[datetime]:
        """Give what the exception rules of older programs take out (RFC 2445 section 4.8.5.2)."""
        lines = e.component.all("EXRULE")
        rules = (self._rule(line, first.start) for line in lines)
        return frozenset(
            wall for rule in rules for wall in between(rule, first.start.wall, least, most, self.clock.budget)
        )

    def _rule(self, line: Line, start: When) -> Rule:
        def until(line: Line, text: str) -> datetime:
            when = self.clock.when(line, text)
            if when.whole_day:
                return when.wall if start.whole_day else when.wall + _DAY - timedelta(seconds=1)
            if text.endswith("Z"):
                return start.zone.to_wall(when.moment)
            return when.wall

        return read_rule(line, until)


def _end(line: Line, text: str, when: When, clock: Clock) -> datetime:
    """Give the end of a PERIOD that begins at `when`: a time, or a length."""
    if not text:
        raise at_line(line.number, phrase("a period without an end"))
    if text[0] in "Pp+-":
        return read_length(line, text).end(when.wall, when.zone)
    return clock.when(line, text).moment


def free_busy(component: Component, clock: Clock) -> Iterator[Stretch]:
    """Give the stretches of a VFREEBUSY that are not said to be free (RFC 5545 section 3.8.2.6)."""
    if component.cancels:
        return
    for line in component.all("FREEBUSY"):
        if line.parameters.get("FBTYPE", "BUSY").upper() == "FREE":
            continue
        for text in clock.listed(line):
            begin, slash, rest = text.partition("/")
            if not slash:
                raise at_line(line.number, phrase("a period without an end"))
            when = clock.when(line, begin)
            yield when.moment, _end(line, rest, when, clock)
