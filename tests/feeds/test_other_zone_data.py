"""Other zone data: walls stay, instants follow, SEQUENCE rises by one only where they moved, the list is right (D2).

Rules are changed as zone data changes them: a zone is given the file of another one from a day on. Files of zones are
built by the test from offsets, so that nothing hangs on what tzdata says this year.
"""

import struct
import zoneinfo
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import house
from devsys.adapters.store.queries.zone_data import follow_zone_data
from devsys.core.model.calendar import Session
from devsys.core.model.hours import instant
from tests.builders import NOW, a_session, id_of
from tests.feeds.scene import publish, published, settle
from tests.proved import Proved

ZONES = {"lisbon": "Europe/Lisbon", "kathmandu": "Asia/Kathmandu"}
FIRST = datetime(2026, 1, 12, 8)
SESSIONS = 24


def a_zone(before: int, change: datetime, after: int) -> bytes:
    """Give a zone file (RFC 8536, version 2): seconds east of UTC before an instant, and from it on."""

    def part(size: str) -> bytes:
        head = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 1, 2, 8)
        times = struct.pack(f">{size}", int(change.timestamp())) + b"\x01"
        kinds = struct.pack(">lbB", before, 0, 0) + struct.pack(">lbB", after, 0, 4)
        return head + times + kinds + b"AAA\0BBB\0"

    return part("l") + part("q") + b"\n\n"


@pytest.fixture
def ruled(tmp_path: Path) -> Iterator[Path]:
    """A folder of zone files that is looked in before the zone data of the machine."""
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    yield tmp_path
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()


def offset(zone: str) -> int:
    """Give the seconds east of UTC of a zone in winter, as the zone data has them."""
    found = zoneinfo.ZoneInfo(zone).utcoffset(datetime(2026, 1, 12))
    assert found is not None
    return int(found.total_seconds())


def rule(folder: Path, zone: str, change: datetime, moved_by: timedelta) -> None:
    """Change the rules of a zone: from an instant on its clocks show something else."""
    before = offset(zone)
    file = folder / zone
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(a_zone(before, change, before + int(moved_by.total_seconds())))
    zoneinfo.ZoneInfo.clear_cache()


def sessions_of(random: Random) -> tuple[Session, ...]:
    """Give sessions over eight weeks of winter on both sites."""
    found = []
    for number in range(SESSIONS):
        site = random.choice(tuple(ZONES))
        starts = FIRST + timedelta(days=random.randrange(40), minutes=15 * random.randrange(36))
        found.append(a_session(f"zoned-{number}", starts=starts, site=site, room=None, minutes=random.choice((30, 90))))
    return tuple(found)


@pytest.mark.parametrize("rules", [3, pytest.param(20, marks=pytest.mark.soak)])
def test_walls_stay_and_only_what_moved_is_revised(parts: Parts, ruled: Path, rules: int, proved: Proved) -> None:
    settle(parts)
    random = Random(20)  # noqa: S311 -- the same rules in every run
    publish(parts, *sessions_of(random))
    with parts.store.write() as db:
        assert follow_zone_data(db, NOW, "first") == ()
    for number in range(rules):
        name = random.choice(tuple(ZONES.values()))
        change = (FIRST + timedelta(days=random.randrange(30))).replace(tzinfo=UTC)
        before = published(parts)
        rule(ruled, name, change, timedelta(minutes=random.choice((-60, -30, 30, 45, 60, 120))))
        with parts.store.write() as db:
            told = follow_zone_data(db, NOW, f"other {number}")
            assert house.fact(db, "zone_data") == f"other {number}"
            assert follow_zone_data(db, NOW, f"other {number}") == ()  # once
        after = published(parts)
        wanted = {i: instant(s.starts, s.zone) for i, s in before.items()}
        moved = {i for i, s in before.items() if wanted[i] != s.starts_utc}
        assert {one.session_id for one in told} == moved
        assert all(
            (one.before, one.after) == (before[one.session_id].starts_utc, wanted[one.session_id]) for one in told
        )
        for id_, session in before.items():
            same = replace(
                after[id_], starts_utc=session.starts_utc, sequence=session.sequence, changed=session.changed
            )
            assert same == session  # the wall time, the length and all else
            assert after[id_].starts_utc == wanted[id_]
            assert after[id_].sequence == session.sequence + (id_ in moved)
        proved(changed_rules=1, moved=len(moved), stayed=len(before) - len(moved))
    assert id_of("session zoned-0") in published(parts)
