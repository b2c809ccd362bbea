"""A real subscriber, vdirsyncer with khal: everything once; an idle look rewrites nothing; a move touches one item."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.feeds.readers import calendar_programs
from tests.feeds.scene import a_feed, cancelled, moved, publish, settle
from tests.feeds.test_feeds import ALL, HEAR, NEPAL, ROUND, SKILL, TUESDAY

pytestmark = pytest.mark.soak
TOKEN = "kq3v9x2m7r4t8w1z5c6bD-_a"


@pytest.fixture(scope="module")
def clients(pytestconfig: pytest.Config) -> Path:
    """The folder of vdirsyncer's and khal's programs."""
    return calendar_programs(pytestconfig.cache.mkdir("devsys-clients"))


class Subscriber:
    """vdirsyncer and khal with a folder of their own."""

    def __init__(self, programs: Path, home: Path, url: str) -> None:
        self.programs, self.home = programs, home
        self.items = home / "calendar"
        self.items.mkdir(parents=True)
        self.sync_config, self.khal_config = home / "vdirsyncer.conf", home / "khal.conf"
        self.sync_config.write_text(
            f'[general]\nstatus_path = "{home}/status"\n'
            '[pair feed]\na = "here"\nb = "there"\ncollections = null\nconflict_resolution = "b wins"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self.items}"\nfileext = ".ics"\n'
            f'[storage there]\ntype = "http"\nurl = "{url}"\n'
        )
        self.khal_config.write_text(
            f"[calendars]\n[[feed]]\npath = {self.items}\n[[import]]\npath = {home}/import\n"
            "[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            "local_timezone = Europe/Lisbon\ndefault_timezone = Europe/Lisbon\n"
            f"[sqlite]\npath = {home}/khal.db\n[default]\ndefault_calendar = import\n"
        )
        (home / "import").mkdir()
        self.run("vdirsyncer", "-c", self.sync_config, "discover", "feed")

    def run(self, program: str, *words: Any) -> str:
        done = subprocess.run(
            [str(self.programs / program), *map(str, words)],
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def sync(self) -> None:
        self.run("vdirsyncer", "-c", self.sync_config, "sync", "--force-delete")

    def khal(self, command: str, *words: Any) -> str:
        return self.run("khal", "-c", self.khal_config, command, *words)

    def agenda(self, calendar: str = "feed") -> list[str]:
        """Give what khal shows of half a year, one line per event, sorted."""
        line = "{start-date} {start-time} {end-time} {title} {status}{nl}"
        found = self.khal("list", "-a", calendar, "--format", line, "--day-format", "", "2026-01-01", "180d")
        return sorted(set(filter(None, map(str.strip, found.splitlines()))))

    def files(self) -> dict[str, tuple[str, int]]:
        """Give title -> (file name, time of its last change); vdirsyncer names an item by a hash of its content."""
        found = {}
        for file in self.items.glob("*.ics"):
            title = re.search(r"^SUMMARY:(.*)$", file.read_text(), re.MULTILINE)
            assert title is not None
            assert title[1] not in found
            found[title[1]] = (file.name, file.stat().st_mtime_ns)
        return found


@pytest.fixture
def subscriber(clients: Path, live: Any, tmp_path: Path) -> Subscriber:
    settle(live.parts)
    publish(live.parts, *ALL)
    a_feed(live.parts, token=TOKEN)
    return Subscriber(clients, tmp_path / "subscriber", f"{live.url}/feed/{TOKEN}.ics")


def test_a_subscriber_has_all_once_and_follows_each_change(subscriber: Subscriber, live: Any) -> None:
    subscriber.sync()
    first = subscriber.files()
    assert set(first) == {"Case round", HEAR, "Busy"}
    assert subscriber.agenda() == [
        "2026-01-20 14:00 15:00 Case round CONFIRMED",
        "2026-01-22 10:00 11:00 Hear fully before you answer CONFIRMED",
        "2026-01-27 09:30 10:15 Busy CONFIRMED",
    ]
    live.parts.clock.move(hours=1)
    subscriber.sync()
    assert subscriber.files() == first  # an idle look rewrites nothing

    publish(live.parts, moved(ROUND, TUESDAY + timedelta(days=1, hours=2)))
    subscriber.sync()
    second = subscriber.files()
    assert {title for title in second if second[title] != first[title]} == {"Case round"}
    assert "2026-01-21 16:00 17:00 Case round CONFIRMED" in subscriber.agenda()
    assert len(subscriber.agenda()) == 3

    live.parts.clock.move(hours=1)
    publish(live.parts, cancelled(SKILL), NEPAL)
    subscriber.sync()
    third = subscriber.files()
    assert {title for title in third if third[title] != second[title]} == {HEAR}
    assert f"2026-01-22 10:00 11:00 {HEAR} CANCELLED" in subscriber.agenda()


def test_what_leaves_the_feed_leaves_the_subscriber(subscriber: Subscriber, live: Any) -> None:
    from tests.feeds.scene import next_day

    subscriber.sync()
    next_day(live.parts, live.parts.clock, 79)
    subscriber.sync()
    assert set(subscriber.files()) == {"Busy"}
    next_day(live.parts, live.parts.clock, 30)
    subscriber.sync()
    assert subscriber.files() == {}


def test_importing_twice_and_then_the_changed_feed_makes_no_doubles(
    subscriber: Subscriber, live: Any, tmp_path: Path
) -> None:
    from tests.feeds.probe import ask

    file = tmp_path / "feed.ics"
    address = f"{live.url}/feed/{TOKEN}.ics"
    for _ in range(2):
        file.write_bytes(ask(address).body)
        subscriber.khal("import", "--batch", "-a", "import", file)
        assert len(subscriber.agenda("import")) == 3
    live.parts.clock.move(hours=1)
    publish(live.parts, moved(ROUND, TUESDAY + timedelta(hours=3)))
    file.write_bytes(ask(address).body)
    subscriber.khal("import", "--batch", "-a", "import", file)
    assert len(list((subscriber.home / "import").glob("*.ics"))) == 3
    assert [line for line in subscriber.agenda("import") if "Case round" in line] == [
        "2026-01-20 17:00 18:00 Case round CONFIRMED"
    ]
