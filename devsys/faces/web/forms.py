"""Forms read with types: text is cleaned at entry, every fault stands beside its field."""

import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Final, TypeVar

from flask import request

from devsys.base.errors import Fault, InvalidError
from devsys.base.limits import FIRST_YEAR, LONG_TEXT, TEXT, YEARS_AHEAD
from devsys.base.text import clean
from devsys.base.words import grouped, phrase, to_phrase
from devsys.base.written import number

Found = TypeVar("Found")
# How sentences begin that would do for any field; their translations begin as those of the whole sentences do.
_FOR_ANY: Final = (
    to_phrase("Fill this"),
    to_phrase("A whole number"),
    to_phrase("A number"),
    to_phrase("A date"),
    to_phrase("Choose one"),
)


class Form:
    """What was typed, and what is wrong with it: `faults` maps a field to one sentence.

    Read every field, then look at `faults` (or call `check`). `typed` gives back what was typed, cleaned, so that a
    page with faults shows it again.
    """

    def __init__(self, values: Mapping[str, Iterable[str]] | None = None) -> None:
        given = request.form.to_dict(flat=False) if values is None else values
        self._values: dict[str, list[str]] = {name: list(found) for name, found in given.items()}
        self.faults: dict[str, str] = {}

    def __bool__(self) -> bool:
        """Say whether nothing is wrong so far."""
        return not self.faults

    def fault(self, name: str, what: str) -> None:
        """Say what is wrong with a field; the first word stands."""
        self.faults.setdefault(name, what)

    def typed(self, name: str, default: str = "", *, limit: int = LONG_TEXT) -> str:
        """Give what was typed, for showing it again: cleaned, cut at `limit` characters."""
        found = self._values.get(name)
        return clean(found[0][:limit], limit=limit * 3, long=True) if found else default

    def text(self, name: str, *, limit: int = TEXT, long: bool = False, required: bool = True) -> str:
        """Give a cleaned text."""
        raw = (self._values.get(name) or [""])[0]
        try:
            found = clean(raw, limit=LONG_TEXT if long else limit, long=long)
        except InvalidError as error:
            self.fault(name, error.message)
            return ""
        if required and not found:
            self.fault(name, phrase("Fill this in."))
        return found

    def secret(self, name: str) -> str:
        """Give a password as it was typed: never cleaned, never shown again."""
        return (self._values.get(name) or [""])[0][: TEXT * 2]

    def number(self, name: str, *, least: int, most: int, default: int | None = None) -> int:
        """Give a whole number between `least` and `most`; `default` where the field is empty or missing."""
        raw = self.text(name, limit=20, required=default is None)
        if not raw:
            return least if default is None else default
        found = _parsed(raw, _whole)
        if found is None or not least <= found <= most:
            self.fault(
                name, phrase("A whole number from %(least)s to %(most)s.", least=number(least), most=number(most))
            )
            return least
        return found

    def decimal(self, name: str, *, least: float, most: float, default: float | None = None) -> float:
        """Give a number between `least` and `most`."""
        raw = self.text(name, limit=20, required=default is None).replace(",", ".")
        if not raw:
            return least if default is None else default
        found = _parsed(raw, float)
        if found is None or not least <= found <= most:  # also refuses what is not a number at all: NaN
            self.fault(
                name,
                phrase("A number from %(least)s to %(most)s.", least=grouped(f"{least:g}"), most=grouped(f"{most:g}")),
            )
            return least
        return found

    def day(self, name: str, *, today: date, default: date | None = None) -> date:
        """Give a date from the year 2000 to ten years ahead of `today`."""
        raw = self.text(name, limit=10, required=default is None)
        if not raw:
            return today if default is None else default
        least, most = date(FIRST_YEAR, 1, 1), date(today.year + YEARS_AHEAD, 12, 31)
        found = _parsed(raw, date.fromisoformat)
        if found is None or not least <= found <= most:
            self.fault(name, phrase("A date as 2026-03-31, from %(least)s to %(most)s.", least=least, most=most))
            return today
        return found

    def choice(self, name: str, options: Collection[str], *, default: str | None = None) -> str:
        """Give one of the options."""
        found = self.text(name, required=default is None) or (default or "")
        if found not in options and (found or default is None):
            self.fault(name, phrase("Choose one of these."))
            return default or ""
        return found

    def several(self, name: str, options: Collection[str]) -> tuple[str, ...]:
        """Give those of the options that are ticked, in the order given; others are dropped."""
        ticked = set(self._values.get(name, ()))
        return tuple(option for option in options if option in ticked)

    def all(self, name: str) -> tuple[str, ...]:
        """Give everything a field of several values holds, cleaned, for showing it again."""
        return tuple(clean(value[:TEXT], limit=TEXT * 3) for value in self._values.get(name, ())[:TEXT])

    def given(self) -> frozenset[str]:
        """Give the names of the fields that came."""
        return frozenset(self._values)

    def tick(self, name: str) -> bool:
        """Say whether a box is ticked."""
        return bool(self._values.get(name))

    def check(self) -> None:
        """Raise InvalidError with all faults, if there is one."""
        if self.faults:
            raise InvalidError(
                phrase("Something in the form is missing or wrong."), tuple(Fault(n, w) for n, w in self.faults.items())
            )

    def take(self, error: InvalidError, fallback: str) -> None:
        """Put the faults of an action beside the fields they name; one that names none goes to `fallback`."""
        for found in error.faults:
            self.fault(found.where if found.where in self._values else fallback, _sentence(found.what))
        if not error.faults:
            self.fault(fallback, error.message)


def brought(unnamed: str) -> tuple[str, bytes]:
    """Give name and bytes of what was brought: the file of the field `file`, else the text of `pasted`.

    A name is cut to the limit of titles; pasted text is called `unnamed`.
    """
    file = request.files.get("file")
    if file is not None and file.filename:
        with contextlib.closing(file):
            return clean(file.filename[-TEXT:], limit=TEXT * 3) or unnamed, file.read()
    return unnamed, request.form.get("pasted", "").encode("utf-8", "replace")


def led_in_by(words: str, label: str) -> str:
    """Give a fault as a list of all faults says it: what would do for any field is led in by the field's label."""
    if not words.startswith(tuple(str(start) for start in _FOR_ANY)):
        return words
    return f"{label}: {words[:1].lower()}{words[1:]}"


def _parsed(raw: str, parse: Callable[[str], Found]) -> Found | None:
    try:
        return parse(raw)
    except (ValueError, OverflowError):
        return None


def _whole(text: str) -> int:
    if not text.isascii():
        raise ValueError(text)
    return int(text)


def _sentence(words: str) -> str:
    found = words[:1].upper() + words[1:]
    return found if found.endswith((".", "!", "?")) else found + "."
