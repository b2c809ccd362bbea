"""Conditional requests as pure functions: ETag, If-None-Match, If-Modified-Since, Accept-Encoding (RFC 9110)."""

import hashlib
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final, Literal

from devsys.core.feeds.vevent import RENDERER
from devsys.core.feeds.zones import DATA_VERSION

Coding = Literal["identity", "gzip"]

LONGEST_HEADER: Final = 4_000
_TAG: Final = re.compile(r'\s*(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|\Z)')
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_M = "(?P<month>" + "|".join(_MONTHS) + ")"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DATES: Final = (
    re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>\d\d) {_M} (?P<year>\d{{4}}) {_TIME} GMT\Z"),
    re.compile(rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>\d\d)-{_M}-(?P<year>\d\d) {_TIME} GMT\Z"),
    re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_M} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})\Z"),
)


def etag(epoch: str, feed_id: str, revision: int, coding: Coding) -> str:
    """Give the strong ETag, with its quotes, of a feed's body in one coding.

    `epoch` is renewed by a restore, because a restored revision number may repeat with other content. The renderer
    and the version of the zone data are part of it (H03).
    """
    parts = "\n".join((epoch, feed_id, str(revision), RENDERER, DATA_VERSION, coding))
    return f'"{hashlib.sha256(parts.encode()).hexdigest()[:32]}"'


def coding(accept_encoding: str | None) -> Coding:
    """Give the coding to answer in: gzip when it is accepted, by name or by `*`, and not at q=0 (section 12.5.3)."""
    weights: dict[str, float] = {}
    for item in (accept_encoding or "")[:LONGEST_HEADER].lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = (part.strip() for part in parameter.partition("="))
            if key == "q":
                weight = float(value) if re.fullmatch(r"[01](\.\d{0,3})?", value) else 0.0
        if name:
            weights["gzip" if name == "x-gzip" else name] = weight
    return "gzip" if weights.get("gzip", weights.get("*", 0.0)) > 0 else "identity"


def matches(if_none_match: str, tag: str) -> bool:
    """Say whether If-None-Match names the tag: alone, in a list, weak, or as `*` (section 13.1.2, weak comparison)."""
    text = if_none_match.strip()
    if text == "*":
        return True
    position = 0
    while position < min(len(text), LONGEST_HEADER):
        found = _TAG.match(text, position)
        if found is None:
            return False
        if found.group(1) == tag:
            return True
        position = found.end()
    return False


def since(if_modified_since: str) -> datetime | None:
    """Give the instant of an HTTP date in any of its three forms, None for rubbish (section 5.6.7)."""
    for form in _DATES:
        found = form.match(if_modified_since.strip())
        if found is None:
            continue
        year = int(found["year"])
        if year < 100:  # noqa: PLR2004 -- two figures mean the year nearest to now; no feed is older than 2000
            year += 2000
        try:
            return datetime(
                year,
                _MONTHS.index(found["month"]) + 1,
                int(found["day"]),
                int(found["hour"]),
                int(found["minute"]),
                int(found["second"]),
                tzinfo=UTC,
            )
        except ValueError:
            return None
    return None


def not_modified(
    if_none_match: str | None, if_modified_since: str | None, *, tag: str, revised: datetime, now: datetime
) -> bool:
    """Say whether the answer is 304: If-None-Match decides alone where it is sent, else If-Modified-Since (13.2.2).

    A date that lies in the future, or is none, counts as not sent.
    """
    if if_none_match is not None:
        return matches(if_none_match, tag)
    known = since(if_modified_since) if if_modified_since else None
    return known is not None and revised.replace(microsecond=0) <= known <= max(now, revised)


def http_date(moment: datetime) -> str:
    """Give an instant as an HTTP date, whole seconds, GMT."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
