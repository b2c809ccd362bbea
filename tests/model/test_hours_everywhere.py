"""Wall times of the world's odd zones, 2024 to 2032: kept, none inside a gap, lengths exact (D1)."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from devsys.base.errors import InvalidError
from devsys.core.model.hours import instant, instant_forward, local
from tests.proved import Proved

ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Sydney", "America/Santiago", "Australia/Lord_Howe"),
    *("Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati"),
)
FIRST = datetime(2024, 1, 1)
HOURS = int((datetime(2033, 1, 1) - FIRST) / timedelta(hours=1))


def changes(zone: str) -> list[datetime]:
    """Give the wall hours of the years before which a zone's clocks change."""
    clock, start = ZoneInfo(zone), FIRST.replace(tzinfo=UTC)
    offsets = [(start + timedelta(hours=h)).astimezone(clock).utcoffset() for h in range(HOURS)]
    found = [h for h in range(1, HOURS) if offsets[h] != offsets[h - 1]]
    return [(start + timedelta(hours=h)).astimezone(clock).replace(tzinfo=None) for h in found]


@pytest.mark.parametrize("cases", [500, pytest.param(20_000, marks=pytest.mark.soak)])
def test_wall_times_are_kept_and_none_lies_in_a_gap(cases: int, proved: Proved) -> None:
    draw = random.Random(2032)  # noqa: S311 -- the same cases in every run
    near = {zone: changes(zone) for zone in ZONES}
    for number in range(cases):
        zone, minutes = ZONES[number % len(ZONES)], draw.randrange(5, 1441)
        wall = FIRST + timedelta(minutes=15 * draw.randrange(HOURS * 4))
        if near[zone] and number % 2:
            wall = draw.choice(near[zone]).replace(minute=0) + timedelta(minutes=15 * draw.randrange(-12, 13))
        clock = ZoneInfo(zone)
        there = wall.replace(tzinfo=clock).astimezone(UTC)
        if there.astimezone(clock).replace(tzinfo=None) != wall:
            with pytest.raises(InvalidError):
                instant(wall, zone)
            moved = local(instant_forward(wall, zone), zone)
            assert wall < moved <= wall + timedelta(hours=1)
            proved(in_gaps=1)
            continue
        starts = instant(wall, zone)
        assert (starts, local(starts, zone)) == (there, wall)
        ends = local(starts + timedelta(minutes=minutes), zone)
        back = {ends.replace(tzinfo=clock, fold=fold).astimezone(UTC) - starts for fold in (0, 1)}
        assert timedelta(minutes=minutes) in back
        proved(times_kept=1)
