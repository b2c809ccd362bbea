"""The rules of a published calendar, checked on its bytes with the standard library alone.

Six parsers let 14 of 34 broken files pass; this one knows what we promise beyond what parsers need. Every fault
carries the id of its rule (L file, Z zones, E events, H size); the V rules compare two states, see evolution.py.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LONGEST_LINE = 75
LONGEST_UID = 255
LARGEST = 1_000_000
TEXTS = frozenset(
    ("SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "X-WR-CALDESC", "COMMENT", "CONTACT", "CATEGORIES")
)
ONCE = frozenset(
    [
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DURATION",
        "SUMMARY",
        "DESCRIPTION",
        "LOCATION",
        "STATUS",
        "TRANSP",
        "SEQUENCE",
        "CREATED",
        "LAST-MODIFIED",
        "URL",
        "CLASS",
        "PRIORITY",
        "ORGANIZER",
        "RECURRENCE-ID",
    ]
)
MASKED = frozenset(
    ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "SEQUENCE", "CREATED", "LAST-MODIFIED")
)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9-]+)(?P<params>(?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^\";:,]*))*):(?P<value>.*)\Z", re.DOTALL
)


@dataclass(frozen=True)
class Fault:
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule} {self.what}"


@dataclass
class Property:
    name: str
    params: dict[str, str]
    value: str


@dataclass
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    inside: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [p for p in self.properties if p.name == name]

    def value(self, name: str) -> str:
        found = self.all(name)
        return found[0].value if found else ""


def lint(data: bytes, *, now: datetime | None = None, secrets: Iterable[str] = ()) -> list[Fault]:
    """Give every fault of a feed; `now` bounds its stamps, `secrets` must not stand in it."""
    faults = list(_bytes(data))
    if len(data) >= LARGEST:
        faults.append(Fault("H07", f"{len(data)} bytes"))
    faults += [Fault("E05", "a feed token stands in the body") for s in secrets if s and s.encode() in data]
    root, broken = _tree(data)
    faults += broken
    if root is None:
        return faults
    faults += _calendar(root)
    faults += _zones(root)
    for event in (c for c in root.inside if c.name == "VEVENT"):
        faults += _event(event, now)
    uids = Counter(c.value("UID") for c in root.inside if c.name == "VEVENT")
    faults += [Fault("E01", f"UID {uid} stands {n} times") for uid, n in uids.items() if n > 1]
    return faults


def _bytes(data: bytes) -> Iterator[Fault]:
    if data.startswith(b"\xef\xbb\xbf"):
        yield Fault("L01", "a byte order mark")
    if not data.endswith(b"\r\n"):
        yield Fault("L01", "no CRLF at the end")
    rest = data.replace(b"\r\n", b"")
    if b"\n" in rest or b"\r" in rest:
        yield Fault("L01", "a line break that is not CRLF")
    for number, line in enumerate(data.removesuffix(b"\r\n").split(b"\r\n"), 1):
        if not line.strip():
            yield Fault("L01", f"line {number} is empty")
        if len(line) > LONGEST_LINE:
            yield Fault("L02", f"line {number} has {len(line)} octets")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield Fault("L02", f"line {number} is not UTF-8 by itself")
            continue
        if any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F for c in text.replace("\t", "")) or "\t" in text:
            yield Fault("L03", f"line {number} has control characters")
    try:
        data.decode()
    except UnicodeDecodeError:
        yield Fault("L01", "not UTF-8")


def _tree(data: bytes) -> tuple[Component | None, list[Fault]]:
    text = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    faults: list[Fault] = []
    stack: list[Component] = [Component("")]
    for line in re.sub(r"\n[ \t]", "", text).split("\n"):
        if not line:
            continue
        found = _LINE.match(line)
        if found is None:
            faults.append(Fault("L01", f"no content line: {line[:40]!r}"))
            continue
        name, value = found["name"].upper(), found["value"]
        if name == "BEGIN":
            stack.append(Component(value.upper()))
        elif name == "END":
            if len(stack) == 1 or stack[-1].name != value.upper():
                faults.append(Fault("L01", f"END:{value} does not close what is open"))
                return None, faults
            closed = stack.pop()
            stack[-1].inside.append(closed)
        else:
            pairs = re.findall(r";([A-Za-z0-9-]+)=(\"[^\"]*\"|[^\";:,]*)", found["params"])
            stack[-1].properties.append(Property(name, {k.upper(): v.strip('"') for k, v in pairs}, value))
    top = stack[0]
    if len(stack) > 1 or [c.name for c in top.inside] != ["VCALENDAR"] or top.properties:
        faults.append(Fault("L01", "not exactly one whole VCALENDAR"))
        return None, faults
    return top.inside[0], faults


def _calendar(root: Component) -> Iterator[Fault]:
    for name, wanted in (("VERSION", "2.0"), ("CALSCALE", "GREGORIAN")):
        if [p.value for p in root.all(name)] != [wanted]:
            yield Fault("L04", f"{name} is not {wanted}, once")
    if len(root.all("PRODID")) != 1 or not root.value("PRODID"):
        yield Fault("L04", "PRODID does not stand once")
    if root.all("METHOD"):
        yield Fault("L04", "a METHOD in a feed")
    for name, twin in (("NAME", "X-WR-CALNAME"), ("DESCRIPTION", "X-WR-CALDESC")):
        if len(root.all(name)) != 1 or len(root.all(twin)) != 1 or root.value(name) != root.value(twin):
            yield Fault("L05", f"{name} and {twin} do not say the same, once each")
    refresh = root.all("REFRESH-INTERVAL")
    if len(refresh) != 1 or refresh[0].params.get("VALUE") != "DURATION" or refresh[0].value != "PT1H":
        yield Fault("L05", "REFRESH-INTERVAL;VALUE=DURATION:PT1H is missing")
    if root.value("X-PUBLISHED-TTL") != "PT1H":
        yield Fault("L05", "X-PUBLISHED-TTL:PT1H is missing")
    if root.all("X-WR-TIMEZONE"):
        yield Fault("Z05", "X-WR-TIMEZONE")
    yield from _texts(root)


def _texts(component: Component) -> Iterator[Fault]:
    for one in component.properties:
        if one.name not in TEXTS:
            continue
        plain = re.sub(r"\\[\\;,nN]", "", one.value)
        if "\\" in plain:
            yield Fault("L06", f"{one.name} escapes something that needs none: {one.value[:40]!r}")
        if ";" in plain or ("," in plain and one.name != "CATEGORIES"):
            yield Fault("L06", f"{one.name} has a bare comma or semicolon")
        if re.search(r"</?[a-zA-Z][^>]*>|&(?:amp|lt|gt|nbsp|#\d+);", one.value):
            yield Fault("L06", f"{one.name} holds mark-up")
    for inner in component.inside:
        if inner.name != "VTIMEZONE":
            yield from _texts(inner)


def _zones(root: Component) -> Iterator[Fault]:
    names = [c.name for c in root.inside]
    if "VTIMEZONE" in names and "VEVENT" in names:
        last = len(names) - 1 - names[::-1].index("VTIMEZONE")
        if last > names.index("VEVENT"):
            yield Fault("Z01", "a VTIMEZONE after the first event")
    given = Counter(c.value("TZID") for c in root.inside if c.name == "VTIMEZONE")
    used = {p.params["TZID"] for c in root.inside if c.name == "VEVENT" for p in c.properties if "TZID" in p.params}
    yield from (Fault("Z01", f"{n} VTIMEZONEs for {name}") for name, n in given.items() if n > 1)
    yield from (Fault("Z01", f"no VTIMEZONE for {name}") for name in sorted(used - set(given)))
    yield from (Fault("Z01", f"nothing uses {name}") for name in sorted(set(given) - used))
    for zone in (c for c in root.inside if c.name == "VTIMEZONE"):
        yield from _zone(zone)


def _zone(zone: Component) -> Iterator[Fault]:
    name = zone.value("TZID")
    parts = [c for c in zone.inside if c.name in ("STANDARD", "DAYLIGHT")]
    for part in parts:
        if part.all("RDATE") or part.all("EXDATE"):
            yield Fault("Z02", f"{name} lists dates instead of a rule")
        if not re.fullmatch(r"\d{8}T\d{6}", part.value("DTSTART")):
            yield Fault("Z03", f"{name}: the DTSTART of a part is local time")
            return
    rules = [p.value("RRULE") for p in parts]
    if [p.name for p in parts] == ["STANDARD"]:
        if rules != [""]:
            yield Fault("Z03", f"{name} has one part, and a rule")
        return
    if sorted(p.name for p in parts) != ["DAYLIGHT", "STANDARD"]:
        yield Fault("Z03", f"{name} has the parts {[p.name for p in parts]}")
        return
    summer, winter = sorted(parts, key=lambda p: p.name)
    if _offset(summer.value("TZOFFSETTO")) <= _offset(winter.value("TZOFFSETTO")):
        yield Fault("Z03", f"{name}: DAYLIGHT is not the greater offset")
    for part in parts:
        found = re.fullmatch(
            r"FREQ=YEARLY;(?:BYDAY=(-1|[1-4])(\w\w);BYMONTH=(\d+)|BYMONTH=(\d+);BYDAY=(-1|[1-4])(\w\w))",
            part.value("RRULE"),
        )
        if found is None:
            yield Fault("Z03", f"{name}: no rule by month and weekday: {part.value('RRULE')!r}")
            continue
        week, day, month = (int(found[1] or found[5]), found[2] or found[6], int(found[3] or found[4]))
        if not _fits(_naive(part.value("DTSTART")), week, day, month):
            yield Fault("Z03", f"{name}: the rule does not meet its own DTSTART")


def _fits(start: datetime, week: int, day: str, month: int) -> bool:
    if start.month != month or WEEKDAYS[start.weekday()] != day:
        return False
    if week == -1:
        return (start + timedelta(weeks=1)).month != month
    return (start.day - 1) // 7 + 1 == week


def _offset(text: str) -> int:
    found = re.fullmatch(r"([+-])(\d\d)(\d\d)(\d\d)?", text)
    if found is None:
        return 0
    seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4] or 0)
    return -seconds if found[1] == "-" else seconds


def _naive(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- wall time


def instant(one: Property) -> datetime | None:
    """Give the instant of a date-time, by the zone database; None for a date, a floating time or rubbish."""
    if re.fullmatch(r"\d{8}T\d{6}Z", one.value) and "TZID" not in one.params:
        return _naive(one.value[:-1]).replace(tzinfo=UTC)
    if re.fullmatch(r"\d{8}T\d{6}", one.value) and "TZID" in one.params:
        try:
            return _naive(one.value).replace(tzinfo=ZoneInfo(one.params["TZID"])).astimezone(UTC)
        except (KeyError, ValueError, OSError):
            return None
    return None


def _event(event: Component, now: datetime | None) -> Iterator[Fault]:
    uid = event.value("UID")
    where = uid[:20] or "an event without UID"
    counts = Counter(p.name for p in event.properties)
    yield from (Fault("E03", f"{where}: {name} {n} times") for name, n in counts.items() if n > 1 and name in ONCE)
    if not uid or len(uid.encode()) > LONGEST_UID:
        yield Fault("E01", f"{where}: a UID of {len(uid.encode())} octets")
    host = re.match(r"https?://([^/:]+)", event.value("URL"))
    if host and host[1] in uid:
        yield Fault("E01", f"{where}: the UID holds the host's name")
    if counts["RRULE"] or counts["RDATE"] or counts["RECURRENCE-ID"]:
        yield Fault("E02", f"{where}: a session does not recur")
    yield from _times(event, where)
    yield from _words(event, where)
    yield from _stamps(event, where, now)
    for name in ("ATTENDEE", "ORGANIZER"):
        if counts[name]:
            yield Fault("E05", f"{where}: {name}")
    cancelled = event.value("STATUS") == "CANCELLED"
    for alarm in event.inside:
        trigger = alarm.all("TRIGGER")
        relative = len(trigger) == 1 and re.fullmatch(r"-P(\d+D)?(T(\d+H)?(\d+M)?)?", trigger[0].value)
        plain = alarm.name == "VALARM" and alarm.value("ACTION") == "DISPLAY" and alarm.value("DESCRIPTION")
        if cancelled or not plain or not relative:
            yield Fault("E06", f"{where}: an alarm that is not a plain reminder before a session that takes place")


def _times(event: Component, where: str) -> Iterator[Fault]:
    start, end = event.all("DTSTART"), event.all("DTEND")
    if len(start) != 1 or len(end) != 1 or event.all("DURATION"):
        yield Fault("E02", f"{where}: DTSTART and DTEND, once each, no DURATION")
        return
    for one in (*start, *end):
        if one.params.get("VALUE") == "DATE":
            continue
        moment = instant(one)
        if moment is None:
            yield Fault("Z05", f"{where}: {one.name} is floating or in a zone nobody knows")
        elif "TZID" in one.params:
            wall = _naive(one.value).replace(tzinfo=ZoneInfo(one.params["TZID"]))
            if wall.utcoffset() != wall.replace(fold=1).utcoffset():
                yield Fault("Z04", f"{where}: {one.name} is a time that is skipped or doubled")
    if start[0].params != end[0].params:
        yield Fault("E02", f"{where}: start and end are of different types")
    elif start[0].params.get("VALUE") == "DATE":
        if end[0].value <= start[0].value:
            yield Fault("E02", f"{where}: an all-day end is the day after")
    else:
        first, last = instant(start[0]), instant(end[0])
        if first is not None and last is not None and last <= first:
            yield Fault("E02", f"{where}: the end is not after the start")


def _words(event: Component, where: str) -> Iterator[Fault]:
    status, transparent = event.value("STATUS"), event.value("TRANSP")
    if status not in ("CONFIRMED", "TENTATIVE", "CANCELLED"):
        yield Fault("E03", f"{where}: STATUS is not stated")
    if transparent not in ("OPAQUE", "TRANSPARENT"):
        yield Fault("E03", f"{where}: TRANSP is not stated")
    elif status == "CANCELLED" and transparent != "TRANSPARENT":
        yield Fault("E03", f"{where}: cancelled, and still blocks the time")
    if not event.value("SUMMARY").strip():
        yield Fault("E03", f"{where}: SUMMARY is empty")
    extra = {p.name for p in event.properties} - MASKED
    if event.value("SUMMARY") == "Busy":
        if extra or event.inside:
            yield Fault("E07", f"{where}: a masked event says {', '.join(sorted(extra)) or 'an alarm'}")
    elif not re.fullmatch(r"https?://[^\s]+/sessions/[0-9a-z]+", event.value("URL")):
        yield Fault("E05", f"{where}: URL does not open the session's page")


def _stamps(event: Component, where: str, now: datetime | None) -> Iterator[Fault]:
    found = {name: event.value(name) for name in ("DTSTAMP", "LAST-MODIFIED", "CREATED")}
    if not all(re.fullmatch(r"\d{8}T\d{6}Z", value) for value in found.values()):
        yield Fault("E04", f"{where}: a stamp is missing or not in UTC")
        return
    if found["DTSTAMP"] != found["LAST-MODIFIED"]:
        yield Fault("E04", f"{where}: DTSTAMP is not LAST-MODIFIED")
    if found["CREATED"] > found["LAST-MODIFIED"]:
        yield Fault("E04", f"{where}: changed before it was created")
    if now is not None and found["LAST-MODIFIED"] > f"{now:%Y%m%dT%H%M%SZ}":
        yield Fault("E04", f"{where}: changed in the future")
    if not re.fullmatch(r"\d+", event.value("SEQUENCE")):
        yield Fault("V01", f"{where}: SEQUENCE is not stated")
