"""Three foreign readers of a calendar: icalendar, ical.js (through node), libical (through ctypes).

Each gives the events in one shape, so that they can be compared; each is strict. One that is not on this machine
leaves its tests out loudly; with DEVSYS_CI=1 that is a failure.
"""

import ctypes
import ctypes.util
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from icalendar import Calendar

from tests import loud

PROGRAMS = Path(__file__).parent / "programs"
_VEVENT = 4  # ICAL_VEVENT_COMPONENT


@dataclass(frozen=True, order=True)
class Seen:
    """An event as a reader understood it; start and end are seconds since 1970."""

    uid: str
    start: int
    end: int
    summary: str
    sequence: int
    status: str


class RefusedError(Exception):
    """The reader does not take the file."""


def missing(reason: str) -> NoReturn:
    """Leave the test out loudly, or fail where everything is expected to be there."""
    if loud.in_ci():
        pytest.fail(f"DEVSYS_CI=1, and {reason}")
    loud.leave_out(reason)


def by_icalendar(data: bytes) -> list[Seen]:
    """Read with icalendar; raise RefusedError where it notes an error."""
    calendar = Calendar.from_ical(data)
    noted = [*calendar.errors, *(error for c in calendar.walk() for error in c.errors)]
    if noted:
        raise RefusedError(str(noted))
    return sorted(
        Seen(
            str(event["UID"]),
            int(event["DTSTART"].dt.astimezone(UTC).timestamp()),
            int(event["DTEND"].dt.astimezone(UTC).timestamp()),
            str(event["SUMMARY"]),
            int(event["SEQUENCE"]),
            str(event["STATUS"]),
        )
        for event in calendar.walk("VEVENT")
    )


def node_modules(cache_folder: Path) -> Path:
    """Give the folder with ical.js in it: installed once from the lock file, kept between runs."""
    folder = cache_folder / "ical.js"
    if not (folder / "node_modules" / "ical.js" / "package.json").exists():
        if shutil.which("node") is None or shutil.which("npm") is None:
            missing("node and npm are not installed: ical.js cannot read our feeds")
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(PROGRAMS / name, folder / name)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True, timeout=180)
        if done.returncode:
            missing(f"npm could not install ical.js: {done.stderr.strip()[:200]}")
    shutil.copyfile(PROGRAMS / "read.mjs", folder / "read.mjs")
    return folder


def calendar_programs(cache_folder: Path) -> Path:
    """Give the folder of vdirsyncer's and khal's programs: a virtual environment of their own, made once.

    DEVSYS_CALENDAR_CLIENTS names one that is there already.
    """
    given = loud.variable("DEVSYS_CALENDAR_CLIENTS")
    if given:
        return Path(given)
    folder = cache_folder / "venv"
    if not (folder / "bin" / "khal").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        command = [str(folder / "bin" / "pip"), "install", "--quiet", "-r", str(PROGRAMS / "clients.txt")]
        done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=600)
        if done.returncode:
            missing(f"vdirsyncer and khal could not be installed: {done.stderr.strip()[-200:]}")
    return folder / "bin"


def by_ical_js(folder: Path, files: Sequence[Path]) -> list[list[Seen]]:
    """Read files with ical.js, strict; raise RefusedError for one it refuses or takes for floating."""
    done = subprocess.run(
        ["node", "read.mjs"],
        cwd=folder,
        input=json.dumps([str(f.absolute()) for f in files]),
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    found = []
    for file, one in zip(files, json.loads(done.stdout), strict=True):
        if "error" in one:
            raise RefusedError(f"{file.name}: {one['error']}")
        if any(event["floating"] for event in one["events"]):
            raise RefusedError(f"{file.name}: floating times")
        found.append(sorted(Seen(**{k: v for k, v in e.items() if k != "floating"}) for e in one["events"]))
    return found


class _Time(ctypes.Structure):
    _fields_ = (
        *(
            (name, ctypes.c_int)
            for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")
        ),
        ("zone", ctypes.c_void_p),
    )


@cache
def _libical() -> ctypes.CDLL:
    for name in ("libical.so.3", ctypes.util.find_library("ical") or ""):
        try:
            found = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if found is not None:
            break
    else:
        missing("libical is not installed (Debian: libical3)")
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for function, gives, *takes in (
        ("icalparser_parse_string", pointer, text),
        ("icalcomponent_free", None, pointer),
        ("icalcomponent_count_errors", ctypes.c_int, pointer),
        ("icalrestriction_check", ctypes.c_int, pointer),
        ("icalcomponent_as_ical_string", text, pointer),
        ("icalcomponent_isa", ctypes.c_int, pointer),
        ("icalcomponent_get_first_component", pointer, pointer, ctypes.c_int),
        ("icalcomponent_get_next_component", pointer, pointer, ctypes.c_int),
        ("icalcomponent_get_uid", text, pointer),
        ("icalcomponent_get_summary", text, pointer),
        ("icalcomponent_get_sequence", ctypes.c_int, pointer),
        ("icalcomponent_get_status", ctypes.c_int, pointer),
        ("icalproperty_status_to_string", text, ctypes.c_int),
        ("icalcomponent_get_dtstart", _Time, pointer),
        ("icalcomponent_get_dtend", _Time, pointer),
        ("icaltime_as_timet_with_zone", ctypes.c_long, _Time, pointer),
    ):
        declared = getattr(found, function)
        declared.restype, declared.argtypes = gives, takes
    return found


def by_libical(data: bytes) -> list[Seen]:
    """Read with libical and its check of restrictions; raise RefusedError with what it says is wrong."""
    lib = _libical()
    root = lib.icalparser_parse_string(data)
    if not root:
        raise RefusedError("libical reads nothing in it")
    try:
        sound = lib.icalrestriction_check(root)
        errors = lib.icalcomponent_count_errors(root)
        if not sound or errors:
            said = lib.icalcomponent_as_ical_string(root).decode()
            raise RefusedError("; ".join(line for line in said.splitlines() if "X-LIC-ERROR" in line) or "not sound")
        found = []
        event = lib.icalcomponent_get_first_component(root, _VEVENT)
        while event:
            found.append(_seen(lib, event))
            event = lib.icalcomponent_get_next_component(root, _VEVENT)
        return sorted(found)
    finally:
        lib.icalcomponent_free(root)


def _seen(lib: ctypes.CDLL, event: int) -> Seen:
    start, end = lib.icalcomponent_get_dtstart(event), lib.icalcomponent_get_dtend(event)
    if not start.zone or not end.zone:
        raise RefusedError("libical takes a time for floating")
    return Seen(
        lib.icalcomponent_get_uid(event).decode(),
        lib.icaltime_as_timet_with_zone(start, start.zone),
        lib.icaltime_as_timet_with_zone(end, end.zone),
        lib.icalcomponent_get_summary(event).decode(),
        lib.icalcomponent_get_sequence(event),
        lib.icalproperty_status_to_string(lib.icalcomponent_get_status(event)).decode(),
    )


def moment(seconds: int) -> datetime:
    """Give what a reader saw as an instant."""
    return datetime.fromtimestamp(seconds, UTC)
