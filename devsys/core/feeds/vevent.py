"""One VEVENT per session and view: what a view says, its stamps, its bytes.

Three steps, so that bytes are made once: a `FeedEvent` has all words of a session; `say` cuts it to what one view
may show (`Said`, with a hash of just that); `vevent` gives the bytes of what is said under given stamps. Nothing
here knows the present time (feeds.md E04).
"""

import hashlib
import json
import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn

from icalendar import Alarm, Event
from icalendar.prop import vUri

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase, to_phrase
from devsys.core.feeds.zones import period, zone
from devsys.core.model.calendar import Status, View
from devsys.core.model.programme import Kind

RENDERER: Final = "1"  # raise it when the same words give other bytes: fragments are made anew, ETags change
BUSY: Final = to_phrase("Busy")
LONGEST_AIM: Final = 600
LONGEST_PREPARE: Final = 600
LONGEST_UID: Final = 255
LONGEST_LINE: Final = 300
_FIXED_SIZE: Final = 420  # property names, stamps and line ends of one VEVENT, in octets
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROLS_BUT_BREAKS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SEQUENCE: Final = re.compile(rb"^SEQUENCE:\d+", re.MULTILINE)
_CHANGED: Final = re.compile(rb"^(DTSTAMP:|LAST-MODIFIED:)\d{8}T\d{6}Z", re.MULTILINE)
_CATEGORIES: Final = {
    Kind.BOUNDARIES: "Boundaries",
    Kind.SKILL: "Skill session",
    Kind.ROUND: "Case round",
    Kind.DIGITAL: "Digital",
    Kind.CROSS_CULTURAL: "Cross-cultural",
    Kind.EMOTIONAL_SUPPORT: "Emotional support",
    Kind.COACHING: "Coaching",
}


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """A session with all its words; a view shows a part of them.

    `starts_utc` is the instant it starts, shown by the clock of `zone`; `minutes` the length. `location` is the room
    with its site, or that it is online; `link` where it is met online, for who comes or leads; `url` its page.
    """

    uid: str
    title: str
    kind: Kind
    zone: str
    minutes: int
    starts_utc: datetime
    status: Status
    created: datetime
    location: str = ""
    facilitator: str = ""
    aim: str = ""
    prepare: str = ""
    url: str = ""
    link: str = ""

    @property
    def ends_utc(self) -> datetime:
        """The instant of the end."""
        return self.starts_utc + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Said:
    """What one view says of a session: plain texts, times as `YYYYMMDDTHHMMSS` in `zone` (empty: UTC).

    `instant` is the start in UTC: it changes when new zone data moves a session whose wall time stays.
    """

    uid: str
    zone: str
    start: str
    end: str
    instant: str
    cancelled: bool
    created: str
    summary: str
    description: str = ""
    location: str = ""
    category: str = ""
    url: str = ""

    @property
    def digest(self) -> str:
        """A hash of what is said and of the renderer; stamps and SEQUENCE are not in it (feeds.md V02)."""
        return hashlib.sha256(f"{RENDERER}\n{self.as_text()}".encode()).hexdigest()[:32]

    @property
    def size(self) -> int:
        """The most octets its VEVENT takes: escaping may double a text, folding adds three octets to 74."""
        texts = (self.uid, self.summary, self.description, self.location, self.category, self.url, self.zone * 2)
        letters = sum(len(t.encode()) + sum(t.count(c) for c in "\\;,\n") for t in texts)
        return _FIXED_SIZE + letters * 77 // 70 + 3

    def as_text(self) -> str:
        """Give it as JSON, as it is kept until somebody fetches it."""
        values = [getattr(self, name) for name in _NAMES]  # astuple copies deeply, at ten times the cost
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Said":
        """Read what `as_text` wrote."""
        return cls(*json.loads(text))


_NAMES: Final = tuple(field.name for field in fields(Said))


@dataclass(frozen=True, slots=True)
class Stamps:
    """The counters of one view of a session: SEQUENCE, and when what it says last changed (aware UTC)."""

    sequence: int
    changed: datetime


@dataclass(frozen=True, slots=True)
class Options:
    """What the reader of a feed chose: an alarm so many minutes before the start, None for no alarm (E06)."""

    alarm_minutes: int | None = None


NO_OPTIONS: Final = Options()


def say(event: FeedEvent, view: View) -> Said:
    """Give what a view says of a session.

    OWN is for who comes or leads: place, aim, what to prepare, who leads. TEAM is for who may know that and where it
    is: place, aim, who leads. MASKED says that the time is taken, nothing else (E07). Raises InvalidError when a
    text holds control characters (trust.md R16) or the UID is longer than 255 octets (E01).
    """
    if not event.uid or len(event.uid.encode()) > LONGEST_UID:
        raise InvalidError(
            phrase("A session needs a UID of 1 to 255 octets."), (Fault("uid", phrase("1 to 255 octets")),)
        )
    lines = {"uid": event.uid, "title": event.title, "location": event.location, "url": event.url, "link": event.link}
    for where, text in lines.items():
        if _CONTROLS.search(text):
            _refuse(where)
    for where, text in (("facilitator", event.facilitator), ("aim", event.aim), ("prepare", event.prepare)):
        if _CONTROLS_BUT_BREAKS.search(text):
            _refuse(where)
    name, start, end = period(event.zone, event.starts_utc, event.ends_utc)
    cancelled = event.status is Status.CANCELLED
    times = (name, _text(start), _text(end), _text(event.starts_utc), cancelled, _text(event.created))
    if view is View.MASKED:
        return Said(event.uid, *times, str(BUSY))
    paragraphs = [_cut(event.aim, LONGEST_AIM)]
    if view is View.OWN and event.prepare:
        paragraphs.append(phrase("Prepare: %(what)s", what=_cut(event.prepare, LONGEST_PREPARE)))
    if event.facilitator:
        paragraphs.append(phrase("Led by %(who)s.", who=_cut(event.facilitator, LONGEST_LINE)))
    return Said(
        event.uid,
        *times,
        _cut(event.title, LONGEST_LINE) or str(BUSY),
        "\n\n".join(p for p in paragraphs if p),
        _where(event, view),
        _CATEGORIES[event.kind],
        event.url,
    )


def _where(event: FeedEvent, view: View) -> str:
    """Give the place; to who comes or leads also the link, which clients open from the place (RFC 5545 3.8.1.7)."""
    place = _cut(event.location, LONGEST_LINE)
    return f"{place}: {event.link}" if event.link and view is View.OWN else place


def _refuse(where: str) -> NoReturn:
    raise InvalidError(
        phrase("The %(where)s of a session holds control characters; a calendar file cannot carry them.", where=where),
        (Fault(where, phrase("text without control characters")),),
    )


def _cut(text: str, most: int) -> str:
    text = text.strip().replace("\t", " ")
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _text(moment: datetime) -> str:
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.strftime("%Y%m%dT%H%M%S")


def _instant(text: str) -> datetime:
    return datetime(
        int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[9:11]), int(text[11:13]), int(text[13:15]), tzinfo=UTC
    )


def vevent(said: Said, stamps: Stamps, options: Options = NO_OPTIONS) -> bytes:
    """Give the VEVENT of what is said, CRLF at each line's end (RFC 5545 section 3.6.1).

    STATUS and TRANSP are always stated, DTSTAMP equals LAST-MODIFIED, there is neither ORGANIZER nor ATTENDEE.
    """
    event = Event()
    event.add("uid", said.uid)
    event.add("dtstamp", stamps.changed)
    event.add("created", _instant(said.created))
    event.add("last-modified", stamps.changed)
    event.add("sequence", stamps.sequence)
    clock = (zone(said.zone) if said.zone else None) or UTC
    event.add("dtstart", _instant(said.start).replace(tzinfo=clock))
    event.add("dtend", _instant(said.end).replace(tzinfo=clock))
    event.add("status", "CANCELLED" if said.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if said.cancelled else "OPAQUE")
    event.add("summary", said.summary)
    for name, text in (("description", said.description), ("location", said.location)):
        if text:
            event.add(name, text)
    if said.category:
        event.add("categories", [said.category])
    if said.url:
        event.add("url", vUri(said.url))
    if options.alarm_minutes is not None and not said.cancelled:
        event.add_component(_alarm(options.alarm_minutes, said.summary))
    return bytes(event.to_ical())


def restamped(body: bytes, stamps: Stamps) -> bytes:
    """Give a VEVENT's bytes under other stamps; the three lines concerned are short and never folded."""
    moment = _text(stamps.changed).encode() + b"Z"
    body = _SEQUENCE.sub(b"SEQUENCE:%d" % stamps.sequence, body, count=1)
    return _CHANGED.sub(rb"\g<1>" + moment, body, count=2)


def _alarm(minutes: int, summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", -timedelta(minutes=minutes))
    return alarm
