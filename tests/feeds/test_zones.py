import calendar
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Timezone
from icalendar.cal.component import Component

from devsys.core.feeds import zones
from devsys.core.feeds.zones import ZoneRule, period, rule_of
from tests.feeds.lint import lint
from tests.feeds.samples import CALM, a_file

YEARS = (2026, 2030)
FEW = (
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "America/Santiago",
    "Asia/Jerusalem",
)
REGIONS = frozenset(
    [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Brazil",
        "Canada",
        "Chile",
        "Europe",
        "Indian",
        "Mexico",
        "Pacific",
        "US",
    ]
)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@cache
def region_zones() -> tuple[str, ...]:
    names = resources.files("tzdata").joinpath("zones").read_text().split()
    return tuple(sorted(n for n in names if n.split("/")[0] in REGIONS))


def onsets(part: Component, last_year: int) -> list[tuple[datetime, timedelta]]:
    """Read a part as any subscriber does: its DTSTART and the yearly rule, as instants with the offset from then on."""
    start, before, after = part["DTSTART"].dt, part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td
    walls = [start]
    if "RRULE" in part:
        rule = part["RRULE"]
        assert rule["FREQ"] == ["YEARLY"]
        (month,), (day,) = rule["BYMONTH"], rule["BYDAY"]
        week, weekday = int(str(day)[:-2]), WEEKDAYS.index(str(day)[-2:])
        for year in range(start.year + 1, last_year + 1):
            month_days = calendar.Calendar().itermonthdates(year, int(month))
            days = [d for d in month_days if d.month == int(month) and d.weekday() == weekday]
            chosen: date = days[-1] if week == -1 else days[week - 1]
            walls.append(datetime.combine(chosen, start.time()))
    return [((w - before).replace(tzinfo=UTC), after) for w in walls]


def offset(rule: ZoneRule, moments: list[datetime]) -> list[timedelta]:
    """Give the offsets a subscriber finds at these moments, in order of time."""
    component = Timezone.from_ical(rule.body)
    found = sorted(o for part in component.subcomponents for o in onsets(part, YEARS[1] + 1))
    answers, i = [], 0
    for moment in moments:
        while i + 1 < len(found) and found[i + 1][0] <= moment:
            i += 1
        answers.append(found[i][1])
    return answers


def moments_of(name: str, since: datetime, hours: int) -> list[datetime]:
    """Give moments of the years: each `hours`, and around each change of the clocks as the zone database has them."""
    zone = ZoneInfo(name)
    first, last = (datetime(y, 1, 1, tzinfo=UTC) for y in (YEARS[0], YEARS[1] + 1))
    first = max(first, since)
    step = timedelta(hours=hours)
    found = [first + step * i for i in range(int((last - first) / step) + 1)]
    for a, b in pairwise(list(found)):
        if a.astimezone(zone).utcoffset() == b.astimezone(zone).utcoffset():
            continue
        low, high = a, b
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            same = middle.astimezone(zone).utcoffset() == a.astimezone(zone).utcoffset()
            low, high = (middle, high) if same else (low, middle)
        found += [low - timedelta(seconds=1), high + timedelta(seconds=1)]
    return sorted(found)


def proven(name: str, hours: int) -> bool:
    """Say whether there is a rule; where there is one, it has to give the database's offset at every moment."""
    rule = rule_of(name)
    if rule is None:
        return False
    moments = moments_of(name, rule.since, hours)
    zone = ZoneInfo(name)
    assert offset(rule, moments) == [m.astimezone(zone).utcoffset() for m in moments], name
    return True


@pytest.mark.parametrize("name", FEW)
def test_zones_by_rule_are_the_zone_database(name: str) -> None:
    assert proven(name, 24 * 7) == (name not in ("America/Santiago", "Asia/Jerusalem"))


@pytest.mark.soak
def test_zones_by_rule_are_the_zone_database_for_every_region(*, update_golden: bool) -> None:
    names = region_zones()
    in_utc = [name for name in names if not proven(name, 24)]
    check_golden("\n".join(in_utc) + "\n", update=update_golden)
    assert len(names) == 518


def test_zones_that_go_out_in_utc_are_the_known_ones(*, update_golden: bool) -> None:
    check_golden("".join(f"{name}\n" for name in region_zones() if rule_of(name) is None), update=update_golden)


def check_golden(text: str, *, update: bool) -> None:
    golden = Path(__file__).parent.parent / "golden" / "feeds" / "zones_in_utc.txt"
    if update:
        golden.write_text(text)
    assert text == golden.read_text()


def test_rule_of_dublin_calls_the_greater_offset_daylight() -> None:
    rule = rule_of("Europe/Dublin")
    assert rule is not None
    body = rule.body.decode()
    summer = body[body.index("BEGIN:DAYLIGHT") : body.index("END:DAYLIGHT")]
    assert "TZOFFSETTO:+0100" in summer
    assert "BYMONTH=3" in summer


def test_rule_of_a_zone_without_clock_changes_is_one_standard_without_rule() -> None:
    rule = rule_of("Asia/Kathmandu")
    assert rule is not None
    assert rule.body.decode().split("\r\n") == [
        "BEGIN:VTIMEZONE",
        "TZID:Asia/Kathmandu",
        "BEGIN:STANDARD",
        "DTSTART:19860101T000000",
        "TZNAME:+0545",
        "TZOFFSETFROM:+0530",
        "TZOFFSETTO:+0545",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]


@pytest.mark.parametrize("name", FEW)
def test_rule_of_begins_where_the_rule_holds_unbroken(name: str) -> None:
    rule = rule_of(name)
    if rule is None:
        return
    just_before = rule.since - timedelta(seconds=1)
    zone = ZoneInfo(name)
    assert (
        just_before.astimezone(zone).utcoffset() != rule.since.astimezone(zone).utcoffset() or rule.since.year == 1970
    )


@pytest.mark.parametrize(
    "name",
    ["UTC", "Etc/UTC", "Nowhere/Here", "../../etc/passwd", "Europe", "", "A" * 5000, "europe/berlin\n", "tzdata.zi"],
)
def test_rule_of_gives_none_for_utc_and_for_what_is_no_zone(name: str) -> None:
    assert rule_of(name) is None


FOOTERS = (
    ("EET-2EEST,M4.5.5/0,M10.5.4/24", "24 o'clock"),
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "before midnight"),
    ("EST5EDT,J60,J300", "days by number"),
    ("XXX3EDT4,0/0,J365/23", "summer all year"),
    ("IST-2IDT,M3.4.4/26,M10.5.0", "26 o'clock"),
    ("rubbish", "no rule at all"),
)


@pytest.mark.parametrize(("footer", "why"), FOOTERS)
def test_a_footer_that_no_rule_can_say_gives_none(footer: str, why: str) -> None:
    assert zones._turns(footer) is None, why


def test_a_file_whose_end_defies_its_own_footer_gives_none() -> None:
    data = zones._bytes_of("Europe/Berlin")
    assert data is not None
    berlin, clock = zones._read(data), ZoneInfo("Europe/Berlin")
    assert zones._rule("Europe/Berlin", berlin, clock) == rule_of("Europe/Berlin")
    assert zones._rule("Europe/Berlin", replace(berlin, offset=berlin.offset + 1800), clock) is None
    winter = replace(berlin, offset=3600)
    assert zones._rule("Europe/Berlin", replace(winter, footer="CET-1"), clock) is not None
    assert zones._rule("Europe/Berlin", replace(winter, footer="EET-2"), clock) is None


def test_a_rule_that_the_zone_database_contradicts_gives_none() -> None:
    data = zones._bytes_of("Europe/Berlin")
    assert data is not None
    assert zones._rule("Europe/Berlin", zones._read(data), ZoneInfo("Europe/Athens")) is None


def test_a_file_that_is_no_zone_gives_none() -> None:
    assert zones.zone("tzdata.zi") is None
    assert zones.zone("iso3166.tab") is None


def test_period_is_local_where_the_rule_holds() -> None:
    start = datetime(2026, 7, 1, 8, tzinfo=UTC)
    found = period("Europe/Berlin", start, start + timedelta(hours=1))
    assert found == ("Europe/Berlin", datetime(2026, 7, 1, 10), datetime(2026, 7, 1, 11))


@pytest.mark.parametrize(
    ("name", "start", "minutes", "why"),
    [
        ("America/Santiago", datetime(2026, 7, 1, 8, tzinfo=UTC), 60, "its clocks change at 24:00"),
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 30, "02:30 happens twice"),
        ("Europe/Berlin", datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 60, "its end happens twice"),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, 15, tzinfo=UTC), 120, "the doubled half hour of Lord Howe"),
        ("Europe/Berlin", datetime(1995, 7, 1, 8, tzinfo=UTC), 60, "the rule is younger"),
        ("Nowhere/Here", datetime(2026, 7, 1, 8, tzinfo=UTC), 60, "nobody knows the zone"),
        ("Etc/UTC", datetime(2026, 7, 1, 8, tzinfo=UTC), 60, "it is UTC"),
    ],
)
def test_period_goes_out_in_utc(name: str, start: datetime, minutes: int, why: str) -> None:
    end = start + timedelta(minutes=minutes)
    assert period(name, start, end) == ("", start, end), why


def test_a_feed_with_times_in_utc_needs_no_zone() -> None:
    data = a_file(replace(CALM, zone="America/Santiago"))
    assert b"VTIMEZONE" not in data
    assert b"DTSTART:20260317T140000Z" in data
    assert lint(data) == []
