"""The main job on real input: a bank's call volumes become a requirement, an organisation, a year, feeds.

Everything goes through the command line as files, as a coordinator would bring it, and through a running server.
What it measured is printed (`pytest -m soak -s tests/soak`): CPU of each step relative to the construct step alone.
"""

# ruff: noqa: T201, TID251, ARG001, S310 -- it prints figures, hands on its environment, orders its fixtures, asks loopback

import json
import os
import resource
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from devsys.core.planning.check import check
from devsys.core.planning.draw import draw
from devsys.core.planning.exchange import read_problem, read_sessions
from tests import bank
from tests.feeds import readers

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
JUDGE = bank.VOLUMES.parent.parent / "bench" / "check_plan.py"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Terminal:
    """The command line of one installation, with the CPU seconds each step took."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.environment = os.environ | {"DEVSYS_HOME": str(home), "DEVSYS_PORT": str(self.port)}
        self.seconds: dict[str, float] = {}

    def __call__(self, step: str, *words: str) -> str:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "devsys", *words],
            capture_output=True,
            text=True,
            env=self.environment,
            check=False,
            timeout=1800,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.seconds[step] = self.seconds.get(step, 0) + spent
        assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not bank.VOLUMES.exists():
        pytest.skip("the bank's call volumes are not beside the project (shared/data)")
    return tmp_path_factory.mktemp("bank")


@pytest.fixture(scope="module")
def terminal(folder: Path) -> Terminal:
    return Terminal(folder / "home")


@pytest.fixture(scope="module")
def planned(folder: Path, terminal: Terminal) -> str:
    """The bank brought, planned for 52 weeks and published; what `plan` said."""
    today = datetime.now(UTC).date()
    made = bank.bank(today - timedelta(days=today.weekday()))
    terminal("migrate", "migrate")
    for kind, text in made.files.items():
        file = folder / f"{kind}.csv"
        file.write_text(text, encoding="utf-8")
        terminal(f"import {kind}", "import", kind, str(file))
        assert "0 new, 0 changed" in terminal("import again", "import", kind, str(file))
    terminal("adopt", "adopt")
    terminal("export instance", "export-instance", "--out", str(folder / "instance.json"))
    said = terminal("plan", "plan", "--weeks", "52")
    terminal("publish", "publish", "--cause", "first year")
    print(f"\n{made.agents} agents. {said.strip().splitlines()[-2]}")
    return said


@pytest.fixture(scope="module")
def server(planned: str, terminal: Terminal) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "devsys", "run"], env=terminal.environment, stdout=subprocess.PIPE, text=True
    )
    address = f"http://127.0.0.1:{terminal.port}"
    assert process.stdout is not None
    for line in process.stdout:
        if address in line:
            break
    yield address
    process.terminate()
    process.wait(30)
    process.stdout.close()


def test_the_plan_breaks_no_rule_and_comes_near_the_bound(folder: Path, terminal: Terminal, planned: str) -> None:
    instance, plan = folder / "instance.json", folder / "plan.json"
    terminal("plan file", "plan-file", str(instance), "--out", str(plan))
    problem = read_problem(json.loads(instance.read_text(encoding="utf-8")))
    sessions = read_sessions(json.loads(plan.read_text(encoding="utf-8")))
    assert check(problem, sessions) == ()
    before = resource.getrusage(resource.RUSAGE_SELF)
    first = draw(problem, construct_only=True)
    after = resource.getrusage(resource.RUSAGE_SELF)
    construct = after.ru_utime - before.ru_utime
    assert first.figures.share >= 0.94
    judged = subprocess.run(
        [sys.executable, str(JUDGE), str(instance), str(plan)], capture_output=True, text=True, check=False
    )
    assert judged.returncode == 0, judged.stdout[-2000:]
    figures = json.loads(judged.stdout.strip().splitlines()[-1])
    assert figures["violations"] == figures["coverage_breach_slots"] == 0
    print(f"construct alone {first.figures.share:.4f} of the bound; the judge: {figures}")
    for step, seconds in sorted(terminal.seconds.items(), key=lambda pair: -pair[1]):
        print(f"{step:22} {seconds / construct:6.2f} x construct")


def address_of(terminal: Terminal, *words: str) -> str:
    return terminal("feed new", "feed", "new", *words).strip().splitlines()[-1]


@pytest.fixture(scope="module")
def links(server: str, terminal: Terminal) -> dict[str, str]:
    return {
        "person": address_of(terminal, "a0102@bank.example", "--name", "phone"),
        "facilitator": address_of(terminal, "lead-01@bank.example", "--kind", "facilitator", "--name", "rota"),
    }


def test_feeds_are_read_alike_by_three_parsers(
    links: dict[str, str], folder: Path, pytestconfig: pytest.Config
) -> None:
    ical_js = readers.node_modules(pytestconfig.cache.mkdir("devsys-readers"))
    for kind, link in links.items():
        file = folder / f"{kind}.ics"
        with urllib.request.urlopen(link) as answer:
            file.write_bytes(answer.read())
        seen = readers.by_icalendar(file.read_bytes())
        assert seen == readers.by_libical(file.read_bytes()) == readers.by_ical_js(ical_js, [file])[0]
        assert len(seen) > 20
        print(f"{kind} feed: {file.stat().st_size:,} bytes, {len(seen)} sessions, read alike by three parsers")


@pytest.mark.parametrize("kind", ["person", "facilitator"])
def test_a_calendar_program_shows_what_was_published(
    kind: str, links: dict[str, str], folder: Path, calendar_programs: Callable[..., str]
) -> None:
    where = folder / kind
    (where / "calendar").mkdir(parents=True)
    (where / "vdirsyncer.conf").write_text(
        f"""[general]
status_path = "{where}/status"
[pair devsys]
a = "remote"
b = "local"
collections = null
[storage remote]
type = "http"
url = "{links[kind]}"
[storage local]
type = "filesystem"
path = "{where}/calendar"
fileext = ".ics"
""",
        encoding="utf-8",
    )
    calendar_programs("vdirsyncer", "-c", str(where / "vdirsyncer.conf"), "discover", "devsys")
    calendar_programs("vdirsyncer", "-c", str(where / "vdirsyncer.conf"), "sync")
    items = {p.name: p.read_bytes() for p in (where / "calendar").glob("*.ics")}
    assert len(items) > 20
    (where / "khal.conf").write_text(
        f"[calendars]\n[[devsys]]\npath = {where}/calendar\n[locale]\nlocal_timezone = America/New_York\n"
        "default_timezone = America/New_York\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {where}/khal.db\n",
        encoding="utf-8",
    )
    today = datetime.now(UTC).date()
    khal, line = ("khal", "-c", str(where / "khal.conf")), "{start-date} {start-time} {title}"
    shown = calendar_programs(*khal, "list", today.isoformat(), "365d", "--format", line, "--day-format", "")
    zone = ZoneInfo("America/New_York")
    body = (folder / f"{kind}.ics").read_bytes()
    meant = {
        f"{readers.moment(seen.start).astimezone(zone):%Y-%m-%d %H:%M} {seen.summary}"
        for seen in readers.by_icalendar(body)
        if readers.moment(seen.end).date() >= today
    }
    assert {one.strip() for one in shown.splitlines() if one.strip()} == meant
    calendar_programs("vdirsyncer", "-c", str(where / "vdirsyncer.conf"), "sync")
    again = {p.name: p.read_bytes() for p in (where / "calendar").glob("*.ics")}
    assert again == items
    print(f"{kind}: vdirsyncer keeps {len(items)} items, khal shows {len(meant)} of them, as meant")


@pytest.fixture(scope="module")
def calendar_programs(pytestconfig: pytest.Config) -> Callable[..., str]:
    """Run vdirsyncer or khal from an environment of their own."""
    folder = readers.calendar_programs(pytestconfig.cache.mkdir("devsys-clients"))

    def run(name: str, *words: str) -> str:
        command = [str(folder / name), *words]
        done = subprocess.run(command, input="y\n", capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, (command, done.stdout[-1000:], done.stderr[-2000:])
        return done.stdout

    return run
