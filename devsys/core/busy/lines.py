"""The lines of an iCalendar file that say when somebody is busy; titles, places and people are never read.

One pass over the bytes, whatever they hold: a line that is not wanted is not joined, not decoded and not kept, so a
file costs what its length costs (RFC 5545 section 3.1). Folds are undone on bytes: many programs fold in the middle of
a character.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from devsys.base import limits, written
from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase

_EVENT: Final = frozenset(
    b"UID DTSTART DTEND DURATION RRULE EXRULE RDATE EXDATE RECURRENCE-ID STATUS TRANSP SEQUENCE".split()
)
_CHANGE: Final = frozenset(b"DTSTART TZOFFSETFROM TZOFFSETTO RRULE RDATE".split())
_WANTED: Final[Mapping[bytes, frozenset[bytes]]] = {
    b"VCALENDAR": frozenset((b"METHOD",)),
    b"VEVENT": _EVENT,
    b"VFREEBUSY": frozenset((b"FREEBUSY",)),
    b"VTIMEZONE": frozenset((b"TZID",)),
    b"STANDARD": _CHANGE,
    b"DAYLIGHT": _CHANGE,
}
_HEAD: Final = re.compile(rb"[A-Za-z0-9-]{1,64}(?=[;:])")
_PARAMETER: Final = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
_EVER: Final = frozenset((b"BEGIN", b"END")).union(*_WANTED.values())
_FOLD: Final = b"\x00"
_NAMED: Final = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One property: its parameters by upper-case name, its value, and the line of the file it begins on."""

    value: str
    parameters: Mapping[str, str]
    number: int


@dataclass(slots=True)
class Component:
    """One component with what is wanted of it; `parts` are those within it that are wanted (changes of a zone)."""

    name: str
    number: int
    cancels: bool = False
    found: dict[str, list[Line]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        """Give the first property of a name, None when there is none."""
        lines = self.found.get(name)
        return lines[0] if lines else None

    def all(self, name: str) -> list[Line]:
        """Give every property of a name, in the order of the file."""
        return self.found.get(name, [])


def at_line(number: int, what: str) -> InvalidError:
    """Give the refusal of a file for what one of its lines says."""
    return InvalidError(
        phrase("Line %(number)s of the calendar cannot be taken: %(what)s.", number=number, what=what),
        (Fault(phrase("line %(number)s", number=number), what),),
    )


def shown(value: str) -> str:
    """Give what a refusal may show of a value: its beginning, without control characters."""
    kept = "".join(c for c in value[:_NAMED] if c.isprintable())
    return repr(kept + ("…" if len(value) > _NAMED else ""))


def components(data: bytes) -> Iterator[Component]:
    """Give the events, free-busy components and zones of a file, each once it is closed.

    Raises InvalidError naming the line for what is no iCalendar file, is cut off, or is beyond a limit.
    """
    _is_text(data)
    open_ones: list[tuple[bytes, Component | None]] = []
    opened, cancels, seen = 0, False, False
    for name, text, number in _logical(data):
        if name == b"BEGIN":
            kind = text[6:].strip().upper()
            opened += 1
            if opened > limits.ICS_COMPONENTS:
                raise at_line(
                    number,
                    phrase("more than %(most)s components", most=written.number(limits.ICS_COMPONENTS)),
                )
            if len(open_ones) >= limits.ICS_DEPTH:
                raise at_line(number, phrase("more than %(most)s components within one another", most=limits.ICS_DEPTH))
            if not open_ones:
                if kind != b"VCALENDAR":
                    raise at_line(number, phrase("BEGIN:VCALENDAR is wanted"))
                seen, cancels = True, False
            open_ones.append((kind, _opened(kind, number, open_ones, cancels=cancels)))
        elif name == b"END":
            kind = text[4:].strip().upper()
            if not open_ones or open_ones[-1][0] != kind:
                raise at_line(number, phrase("an END that closes nothing"))
            found = open_ones.pop()[1]
            if found is not None and found.name in ("VEVENT", "VFREEBUSY", "VTIMEZONE"):
                yield found
        elif open_ones and name in _WANTED.get(open_ones[-1][0], ()):
            line = _read(text, len(name), number)
            if name == b"METHOD":
                cancels = line.value.strip().upper() == "CANCEL"
            elif (into := open_ones[-1][1]) is not None:
                into.found.setdefault(name.decode(), []).append(line)
    if open_ones:
        raise InvalidError(phrase("The calendar is cut off: its last component has no end. Export it once more."))
    if not seen:
        raise InvalidError(phrase("The file holds no calendar: BEGIN:VCALENDAR is wanted in its first line."))


def _opened(
    kind: bytes, number: int, around: list[tuple[bytes, Component | None]], *, cancels: bool
) -> Component | None:
    """Give the component that a BEGIN opens, None for one of which nothing is wanted."""
    if kind not in _WANTED or kind == b"VCALENDAR":
        return None
    outer_kind, outer = around[-1] if around else (b"", None)
    if kind in (b"STANDARD", b"DAYLIGHT"):
        if outer is None or outer.name != "VTIMEZONE":
            return None
        part = Component(kind.decode(), number)
        outer.parts.append(part)
        return part
    return Component(kind.decode(), number, cancels) if outer_kind == b"VCALENDAR" else None


def _is_text(data: bytes) -> None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InvalidError(phrase("The calendar is UTF-16. Save it as UTF-8 and bring it again."))
    if data[:2] in (b"PK", b"\x1f\x8b"):
        raise InvalidError(phrase("The file is an archive, not a calendar. Unpack it and bring the .ics file in it."))
    where = data.find(b"\x00")
    if where >= 0:
        raise at_line(data.count(b"\n", 0, where) + 1, phrase("a NUL byte"))
    if max(data.count(b"\n"), data.count(b"\r")) > limits.ICS_LINES:
        raise InvalidError(
            phrase(
                "The calendar has too many lines: at most %(most)s are taken.",
                most=written.number(limits.ICS_LINES),
            )
        )


def _logical(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Give (upper-case name, line, number) of each line that some component wants, folds undone.

    A fold is a NUL until its line is looked at (the file holds none), so that lines keep their numbers in the file.
    """
    whole = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    number = 1
    for line in whole.replace(b"\n ", _FOLD).replace(b"\n\t", _FOLD).split(b"\n"):
        found = _HEAD.match(line[: limits.ICS_NAME].replace(_FOLD, b""))
        name = found[0].upper() if found else b""
        if name in _EVER:
            yield name, line.replace(_FOLD, b""), number
        elif number == 1 and line.strip(b" \t\x00"):
            raise at_line(1, phrase("BEGIN:VCALENDAR is wanted"))
        number += 1 + line.count(_FOLD)


def _read(line: bytes, name: int, number: int) -> Line:
    """Take a wanted line apart. Only parameters before the value count; at most so many are looked at."""
    if len(line) > limits.ICS_LINE:
        raise at_line(number, phrase("a line of more than %(most)s bytes", most=written.number(limits.ICS_LINE)))
    text = line.decode("utf-8", "replace")
    at, count = name, 0
    parameters: dict[str, str] = {}
    while at < len(text) and text[at] == ";":
        found = _PARAMETER.match(text, at)
        if found is None or count >= limits.ICS_PARAMETERS:
            raise at_line(number, phrase("parameters that cannot be read"))
        parameters.setdefault(found[1].upper(), found[2].strip('"'))
        at, count = found.end(), count + 1
    if at >= len(text) or text[at] != ":":
        raise at_line(number, phrase("a property without a value"))
    return Line(text[at + 1 :].strip(), parameters, number)
