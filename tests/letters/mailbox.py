"""What somebody knows of their calendar from letters alone: each letter is read as text and applied to what was known.

A letter that says what its reader knows already, or speaks of what they never heard of, fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage

from devsys.core.letters.content import SIGNS
from devsys.core.letters.net import Way
from tests.mail import text_of

NEW, MOVED, OFF = (SIGNS[way] for way in (Way.NEW, Way.MOVED, Way.CANCELLED))
_SIGNED = re.compile(f"([{NEW}{MOVED}{OFF}]) (.+)")
_WHEN = re.compile(r"[A-Z][a-z]{2} (\d{1,2} [A-Z][a-z]+)(?: (\d{4}))?, (\d\d:\d\d)\N{EN DASH}\d\d:\d\d")
_MORE = re.compile(r"and (\d+) more in your calendar")

Key = tuple[str, datetime]  # title, start by the session's own clock
Known = dict[Key, str]  # -> place


@dataclass
class Said:
    """One line of a letter: sign, title, old and new start, where it is now."""

    sign: str
    title: str
    old: datetime | None = None
    new: datetime | None = None
    place: str | None = None


def read(letter: EmailMessage, year: int) -> tuple[list[Said], int]:
    """Give what a letter says of sessions, and how many more stand in the calendar alone. `year` is when it came."""
    found: list[Said] = []
    more, current = 0, None
    for line in text_of(letter).splitlines():
        if begins := _SIGNED.fullmatch(line):
            current = Said(*begins.groups())
            found.append(current)
        elif rest := _MORE.fullmatch(line.strip()):
            more += int(rest[1])
        elif not line.strip():
            current = None
        elif current is not None and line.startswith("  "):
            _detail(current, line.strip(), year)
    return found, more


def _detail(said: Said, words: str, year: int) -> None:
    label, _, rest = words.partition("  ")
    if label in ("was", "now") and rest:
        setattr(said, "old" if label == "was" else "new", _moment(rest, year))
    elif _WHEN.match(words):
        if said.sign == OFF:
            said.old = _moment(words, year)
        else:
            said.new = _moment(words, year)
    elif said.place is None and said.sign != OFF:
        said.place = words.removeprefix("now ").split(", led by ")[0]


def _moment(words: str, year: int) -> datetime:
    found = _WHEN.match(words)
    assert found, words
    written = f"{found[1]} {found[2] or year} {found[3]}"
    return datetime.strptime(written, "%d %B %Y %H:%M")  # noqa: DTZ007 -- the clock of the session's own site


@dataclass
class Mailbox:
    """One reader of letters about the plan: what they know, and how many letters told them."""

    known: Known = field(default_factory=dict)
    letters: int = 0

    def take(self, letter: EmailMessage, year: int, stands: Mapping[Key, str]) -> None:
        """Apply a letter. `stands` is their calendar, which they open where a letter says that more is there."""
        said, more = read(letter, year)
        assert said, letter.as_string()
        self.letters += 1
        before = dict(self.known)
        for one in said:
            if one.sign == OFF or (one.old is not None and one.sign == MOVED):
                assert one.old is not None
                key = (one.title, one.old)
                assert self.known.pop(key, None) is not None, f"never told of {key}: {text_of(letter)}"
        for one in said:
            if one.sign == OFF:
                continue
            assert one.new is not None
            key = (one.title, one.new)
            if one.sign == MOVED and one.old is None:
                assert self.known.get(key) not in (None, one.place), f"nothing new of {key}: {text_of(letter)}"
            else:
                assert key not in self.known, f"told already of {key}: {text_of(letter)}"
            self.known[key] = one.place or ""
        if more:
            self.known = dict(stands)
        assert self.known != before, f"nothing new: {text_of(letter)}"
