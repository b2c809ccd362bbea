"""An answer by calendar: what a REPLY says, whatever program wrote it (RFC 5546 section 3.2.3, feeds.md M03).

A missing ORGANIZER is taken: Outlook.com leaves it out. Dates are not read: the UID says which session it is about.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from icalendar.parser import Contentlines

from devsys.base.errors import InvalidError
from devsys.base.limits import REPLY_BYTES, REPLY_LINES, within
from devsys.base.words import phrase
from devsys.base.written import number

_MAILTO: Final = re.compile(r"mailto:", re.IGNORECASE)


class Says(StrEnum):
    """What somebody answers."""

    YES = "ACCEPTED"
    CANNOT = "DECLINED"
    PERHAPS = "TENTATIVE"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: the session's UID, the mail address that answers, what it says, of which SEQUENCE (None: unsaid)."""

    uid: str
    email: str
    says: Says
    sequence: int | None


def read_reply(data: bytes) -> Reply | None:
    """Give what a calendar object answers, None for one that is no answer.

    Raises InvalidError for one that claims to be an answer and cannot be read; never anything else.
    """
    text = within(data, REPLY_BYTES, "The answer").decode("utf-8", "replace")
    if text.count("\n") > REPLY_LINES:
        raise InvalidError(phrase("The answer has more than %(most)s lines.", most=number(REPLY_LINES)))
    try:
        found = tuple(_lines(text))
    except Exception as error:  # whatever a parser throws at a hostile mail is a refusal
        raise InvalidError(phrase("The answer cannot be read as a calendar.")) from error
    if [value.upper() for name, value, _ in found if name == "METHOD"] != ["REPLY"]:
        return None
    return _reply(found)


def _lines(text: str) -> list[tuple[str, str, str]]:
    """Give (name, value, PARTSTAT) of the lines that matter: of the calendar and of its first VEVENT."""
    found: list[tuple[str, str, str]] = []
    inside: list[str] = []
    events = 0
    for line in Contentlines.from_ical(text):  # type: ignore[no-untyped-call]
        if not line:
            continue
        name, params, value = line.parts()
        name = name.upper()
        if name == "BEGIN":
            inside.append(value.upper())
            events += value.upper() == "VEVENT"
        elif name == "END":
            if not inside or inside.pop() != value.upper():
                raise ValueError(value)
        elif name in ("METHOD", "UID", "SEQUENCE", "ATTENDEE") and inside in (["VCALENDAR"], ["VCALENDAR", "VEVENT"]):
            if events > 1:
                raise ValueError(name)
            found.append((name, value.strip(), str(params.get("PARTSTAT", "")).upper()))
    if inside:
        raise ValueError(inside[-1])
    return found


def _reply(found: tuple[tuple[str, str, str], ...]) -> Reply:
    values = {
        name: [(value, says) for n, value, says in found if n == name] for name in ("UID", "SEQUENCE", "ATTENDEE")
    }
    if len(values["UID"]) != 1 or len(values["ATTENDEE"]) != 1 or len(values["SEQUENCE"]) > 1:
        raise InvalidError(phrase("An answer is of one person about one session."))
    address, says = values["ATTENDEE"][0]
    email = _MAILTO.sub("", address, count=1).strip().lower()
    if says not in set(Says) or "@" not in email:
        raise InvalidError(phrase("The answer says neither yes nor no."))
    number = values["SEQUENCE"][0][0] if values["SEQUENCE"] else ""
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):  # noqa: PLR2004 -- fits any engine
        raise InvalidError(phrase("The answer has no SEQUENCE that is a number."))
    return Reply(values["UID"][0][0], email, Says(says), int(number) if number else None)
