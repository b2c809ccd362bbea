"""The lint finds nothing in what is sound, and each of its rules in at least one file that breaks it."""

from collections.abc import Callable

import pytest

from devsys.core.feeds.vevent import Options
from devsys.core.model.calendar import View
from tests.feeds.lint import lint
from tests.feeds.samples import CALM, CHANGED, ROUND, TALK, a_file, bytes_of

SOUND = a_file()
MASKED = a_file(view=View.MASKED)
ALARM = a_file(CALM).replace(bytes_of(CALM), bytes_of(CALM, options=Options(15)))
ZONE = SOUND[SOUND.index(b"BEGIN:VTIMEZONE") : SOUND.index(b"END:VTIMEZONE") + len(b"END:VTIMEZONE\r\n")]


def rules(data: bytes, **more: object) -> set[str]:
    return {fault.rule for fault in lint(data, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [SOUND, MASKED, ALARM, a_file(CALM), a_file(view=View.TEAM)])
def test_lint_finds_nothing_in_a_sound_file(data: bytes) -> None:
    assert [str(f) for f in lint(data, now=CHANGED)] == []


def swap(old: str, new: str, data: bytes = SOUND) -> bytes:
    assert old.encode() in data, old
    return data.replace(old.encode(), new.encode())


def once(old: str, new: str, data: bytes = SOUND) -> bytes:
    assert old.encode() in data, old
    return data.replace(old.encode(), new.encode(), 1)


def exchange(one: bytes, other: bytes) -> bytes:
    return SOUND.replace(one, b"?").replace(other, one).replace(b"?", other)


LAST = b"END:VCALENDAR"
BROKEN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "byte order mark": ("L01", lambda: b"\xef\xbb\xbf" + SOUND),
    "bare line feeds": ("L01", lambda: SOUND.replace(b"\r\n", b"\n")),
    "one bare line feed": ("L01", lambda: once("STATUS:CONFIRMED\r\n", "STATUS:CONFIRMED\n")),
    "no line end at the end": ("L01", lambda: SOUND.removesuffix(b"\r\n")),
    "an empty line": ("L01", lambda: once("BEGIN:VEVENT", "\r\nBEGIN:VEVENT")),
    "Latin-1": ("L01", lambda: SOUND.decode().encode("latin-1", "replace")),
    "an end too few": ("L01", lambda: once("END:VEVENT\r\n", "")),
    "crossed ends": ("L01", lambda: once("END:STANDARD\r\nEND:VTIMEZONE", "END:VTIMEZONE\r\nEND:STANDARD")),
    "two calendars": ("L01", lambda: SOUND + SOUND),
    "a line without a colon": ("L01", lambda: once("STATUS:CONFIRMED", "STATUS CONFIRMED")),
    "a long line": ("L02", lambda: SOUND.replace(b"\r\n ", b"", 1)),
    "a fold inside a letter": ("L02", lambda: SOUND.replace("ü".encode(), b"\xc3\r\n \xbc", 1)),
    "control characters": ("L03", lambda: once("SUMMARY:Clear", "SUMMARY:\x07Clear")),
    "a tab": ("L03", lambda: once("SUMMARY:Clear", "SUMMARY:\tClear")),
    "a C1 character": ("L03", lambda: once("SUMMARY:Clear", "SUMMARY:\x85Clear")),
    "no version": ("L04", lambda: once("VERSION:2.0\r\n", "")),
    "no product": ("L04", lambda: once("PRODID:-//devsys//Development calendar//EN\r\n", "")),
    "a method": ("L04", lambda: once("CALSCALE:", "METHOD:PUBLISH\r\nCALSCALE:")),
    "another name": ("L05", lambda: once("X-WR-CALNAME:Ana", "X-WR-CALNAME:Anna")),
    "another description": ("L05", lambda: once("X-WR-CALDESC:Sessions", "X-WR-CALDESC:Session")),
    "refresh without type": ("L05", lambda: once("REFRESH-INTERVAL;VALUE=DURATION", "REFRESH-INTERVAL")),
    "another refresh": ("L05", lambda: once("X-PUBLISHED-TTL:PT1H", "X-PUBLISHED-TTL:PT2H")),
    "needless escape": ("L06", lambda: once("SUMMARY:Clear", "SUMMARY:\\Clear")),
    "bare semicolon": ("L06", lambda: once("language\\; kind", "language; kind")),
    "mark-up": ("L06", lambda: once("SUMMARY:Clear", "SUMMARY:<b>Clear</b>")),
    "zone missing": ("Z01", lambda: SOUND.replace(ZONE, b"")),
    "zone twice": ("Z01", lambda: SOUND.replace(ZONE, ZONE * 2)),
    "zone unused": ("Z01", lambda: swap(";TZID=Asia/Kathmandu", ";TZID=Europe/Lisbon")),
    "zone after the events": ("Z01", lambda: SOUND.replace(ZONE, b"").replace(LAST, ZONE + LAST)),
    "dates for rules": ("Z02", lambda: once("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "RDATE:19960331T010000")),
    "rule without weekday": ("Z03", lambda: once("BYDAY=-1SU;BYMONTH=3", "BYMONTH=3")),
    "rule on a fixed zone": ("Z03", lambda: once("DTSTART:1986", "RRULE:FREQ=YEARLY\r\nDTSTART:1986")),
    "rule besides its start": ("Z03", lambda: once("DTSTART:19970330T010000", "DTSTART:19970323T010000")),
    "summer as winter": ("Z03", lambda: exchange(b"DAYLIGHT", b"STANDARD")),
    "skipped time": ("Z04", lambda: once("TZID=Europe/Lisbon:20260317T140000", "TZID=Europe/Lisbon:20260329T013000")),
    "doubled time": ("Z04", lambda: once("TZID=Europe/Lisbon:20260317T140000", "TZID=Europe/Lisbon:20251026T013000")),
    "floating time": ("Z05", lambda: once("DTSTART;TZID=Europe/Lisbon:", "DTSTART:")),
    "zone by a private name": ("Z05", lambda: swap("TZID=Europe/Lisbon:", "TZID=Nowhere/Here:")),
    "zone of the whole file": ("Z05", lambda: once("CALSCALE:", "X-WR-TIMEZONE:Europe/Lisbon\r\nCALSCALE:")),
    "no uid": ("E01", lambda: once(f"UID:{CALM.uid}\r\n", "")),
    "long uid": ("E01", lambda: once(f"UID:{CALM.uid}", "UID:" + "a" * 256)),
    "uid twice": ("E01", lambda: once(f"UID:{CALM.uid}", f"UID:{ROUND.uid}")),
    "uid of the host": ("E01", lambda: once(f"UID:{CALM.uid}", "UID:1@devsys.northgate.example")),
    "no end": ("E02", lambda: once("DTEND;TZID=Europe/Lisbon:20260317T153000\r\n", "")),
    "end before start": ("E02", lambda: once("Lisbon:20260317T15", "Lisbon:20260317T13")),
    "end of another type": ("E02", lambda: once("DTEND;TZID=Europe/Lisbon:20260317T153000", "DTEND:20260317T153000Z")),
    "all-day end included": (
        "E02",
        lambda: once("DTSTART;TZID=Europe/Lisbon:20260317T140000", "DTSTART;VALUE=DATE:20260317").replace(
            b"DTEND;TZID=Europe/Lisbon:20260317T153000", b"DTEND;VALUE=DATE:20260317"
        ),
    ),
    "a rule on a session": ("E02", lambda: once("STATUS:", "RRULE:FREQ=WEEKLY\r\nSTATUS:")),
    "no status": ("E03", lambda: once("STATUS:CONFIRMED\r\n", "")),
    "no transparency": ("E03", lambda: once("TRANSP:OPAQUE\r\n", "")),
    "two summaries": ("E03", lambda: once("SUMMARY:Clear", "SUMMARY:Two\r\nSUMMARY:Clear")),
    "empty summary": ("E03", lambda: once("SUMMARY:Clear language\\; kind limits", "SUMMARY:")),
    "cancelled and opaque": ("E03", lambda: once("STATUS:CONFIRMED", "STATUS:CANCELLED")),
    "stamp of now": ("E04", lambda: once("DTSTAMP:20260112T153000Z", "DTSTAMP:20260112T153001Z")),
    "created later": ("E04", lambda: once("CREATED:20260105T090000Z", "CREATED:20260113T090000Z")),
    "local stamp": ("E04", lambda: once("CREATED:20260105T090000Z", "CREATED:20260105T090000")),
    "an organizer": ("E05", lambda: once("STATUS:", "ORGANIZER:mailto:olivia@northgate.example\r\nSTATUS:")),
    "an attendee": ("E05", lambda: once("STATUS:", "ATTENDEE:mailto:ana@northgate.example\r\nSTATUS:")),
    "no page": ("E05", lambda: once(f"URL:{CALM.url}\r\n", "")),
    "an alarm that mails": ("E06", lambda: once("ACTION:DISPLAY", "ACTION:EMAIL", ALARM)),
    "an alarm at a date": ("E06", lambda: once("TRIGGER:-PT15M", "TRIGGER;VALUE=DATE-TIME:20260317T120000Z", ALARM)),
    "an alarm when cancelled": (
        "E06",
        lambda: once("STATUS:CONFIRMED", "STATUS:CANCELLED", ALARM).replace(b"TRANSP:OPAQUE", b"TRANSP:TRANSPARENT"),
    ),
    "a place on a masked one": ("E07", lambda: once("SUMMARY:Busy", "SUMMARY:Busy\r\nLOCATION:Room 2", MASKED)),
    "a page on a masked one": ("E07", lambda: once("SUMMARY:Busy", f"SUMMARY:Busy\r\nURL:{TALK.url}", MASKED)),
    "no sequence": ("V01", lambda: once("SEQUENCE:0\r\n", "")),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_lint_finds_each_broken_sample(name: str) -> None:
    rule, make = BROKEN[name]
    assert rule in rules(make(), now=CHANGED)


def test_lint_finds_a_change_in_the_future_a_token_and_a_large_file() -> None:
    assert rules(SOUND, now=CHANGED.replace(minute=29)) == {"E04"}
    assert rules(once("SUMMARY:Clear", "SUMMARY:kq3v9x2m Clear"), secrets=["kq3v9x2m"]) == {"E05"}
    padded = SOUND.replace(b"END:VCALENDAR", b"X-PAD:0\r\n" * 120_000 + b"END:VCALENDAR")
    assert rules(padded) == {"H07"}


def test_lint_has_a_broken_sample_for_each_of_its_rules() -> None:
    of_files = {
        "L01",
        "L02",
        "L03",
        "L04",
        "L05",
        "L06",
        "Z01",
        "Z02",
        "Z03",
        "Z04",
        "Z05",
        *(f"E0{n}" for n in range(1, 8)),
    }
    assert of_files <= {rule for rule, _ in BROKEN.values()}
