"""What Thunderbird and Nextcloud make of series and their exceptions (ical.js): the same busy times."""

import json
import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from devsys.core.busy.read import read_busy
from tests.busy.calendars import a_calendar, an_event, joined
from tests.feeds.readers import PROGRAMS, node_modules

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
CASES = 120
RULES = (
    "FREQ=DAILY;INTERVAL={n}",
    "FREQ=WEEKLY;INTERVAL={n};BYDAY=MO,WE,SU",
    "FREQ=WEEKLY;INTERVAL={n};WKST=SU;BYDAY=TU,SU",
    "FREQ=MONTHLY;BYDAY=-1FR,2MO",
    "FREQ=MONTHLY;INTERVAL={n};BYMONTHDAY=1,15,-1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY;BYMONTH=3,9;BYDAY=1SU",
    "FREQ=HOURLY;INTERVAL=9",
)


def stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def a_case(draw: random.Random) -> str:
    """One series with dates taken out, added, moved, cancelled and moved from one on; its start is one of its dates."""
    events = []
    for number in range(draw.randint(1, 3)):
        rule = draw.choice(RULES).format(n=draw.randint(1, 3))
        probe = FIRST.replace(tzinfo=None) - timedelta(days=draw.randint(30, 200), hours=draw.randint(0, 12))
        # A start that is no date of its own rule counts in some programs and not in others: the rule chooses it.
        start = next(iter(_dates(rule, probe, 1))).replace(tzinfo=UTC)
        dates = [d.replace(tzinfo=UTC) for d in _dates(rule, start.replace(tzinfo=None), 60)]
        length = draw.choice((30, 60, 90, 600))
        lines = [f"DTSTART:{stamp(start)}", f"DTEND:{stamp(start + timedelta(minutes=length))}", f"RRULE:{rule}"]
        lines += [f"EXDATE:{stamp(d)}" for d in draw.sample(dates[1:], 3)]
        lines += [f"RDATE:{stamp(draw.choice(dates) + timedelta(minutes=7))}"]
        events.append(an_event(*lines, uid=f"s{number}"))
        left = [d for d in dates[1:40] if f"EXDATE:{stamp(d)}" not in lines]
        one, two = draw.sample(left, 2)
        moved = one + timedelta(minutes=draw.choice((-90, 45, 200)))
        events.append(
            an_event(f"RECURRENCE-ID:{stamp(one)}", f"DTSTART:{stamp(moved)}", "DURATION:PT20M", uid=f"s{number}")
        )
        off = ("STATUS:CANCELLED",) if draw.random() < 0.5 else ()
        events.append(
            an_event(f"RECURRENCE-ID:{stamp(two)}", f"DTSTART:{stamp(two)}", "DURATION:PT20M", *off, uid=f"s{number}")
        )
    return a_calendar(*events).decode()


def _dates(rule: str, start: datetime, count: int) -> list[datetime]:
    from dateutil.rrule import rrulestr

    return [d for d, _ in zip(rrulestr(rule, dtstart=start), range(count), strict=False)]


def test_series_come_to_what_ical_js_makes_of_them(pytestconfig: pytest.Config):
    draw = random.Random(2026)  # noqa: S311 -- the same series in every run
    folder = node_modules(pytestconfig.cache.mkdir("devsys-readers"))
    shutil.copyfile(PROGRAMS / "expand.mjs", folder / "expand.mjs")
    asked = []
    for _ in range(CASES):
        start = FIRST + timedelta(days=draw.randrange(100))
        end = start + timedelta(days=draw.randint(1, 60))
        asked.append({"calendar": a_case(draw), "start": int(start.timestamp()), "end": int(end.timestamp())})
    done = subprocess.run(
        ["node", "expand.mjs"],
        cwd=folder,
        input=json.dumps(asked),
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    busy = 0
    for one, theirs in zip(asked, json.loads(done.stdout), strict=True):
        start, end = (datetime.fromtimestamp(one[name], UTC) for name in ("start", "end"))
        cut = ((max(a, one["start"]), min(b, one["end"])) for a, b in theirs)
        expected = [(datetime.fromtimestamp(a, UTC), datetime.fromtimestamp(b, UTC)) for a, b in joined(cut)]
        assert list(read_busy(one["calendar"].encode(), start, end, "UTC").periods) == expected, one["calendar"]
        busy += bool(expected)
    assert busy > CASES / 2
