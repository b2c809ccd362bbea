"""Feeds in ratios of one run: 304 against building, joining against rendering, polls against a trivial ping."""

import contextlib
import http.client
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devsys.actions.parts import Parts
from devsys.actions.serve_feed import Bodies, Outcome
from devsys.core.feeds.assemble import assemble, gzipped
from devsys.core.feeds.vevent import Stamps, say, vevent
from devsys.core.model.calendar import Session, View
from tests.bench.poll_server import TOKEN
from tests.builders import a_session
from tests.feeds.samples import CALM, CHANGED, CREATED
from tests.feeds.scene import Poller, a_feed, moved, publish, published, settle

pytestmark = pytest.mark.bench


def cost(work: Callable[[], object], *, times: int = 1, tries: int = 5) -> float:
    """Give the least CPU seconds of one `work`, of several tries of `times` each."""
    found = []
    for _ in range(tries):
        start = time.process_time()
        for _ in range(times):
            work()
        found.append((time.process_time() - start) / times)
    return min(found)


def some_sessions(count: int) -> list[Session]:
    """Give sessions of one person, two a day."""
    first = datetime(2026, 1, 6, 9, 0)
    return [
        a_session(f"s{i}", activity="hear_fully", starts=first + timedelta(days=i // 2, hours=3 * (i % 2)), team=None)
        for i in range(count)
    ]


def a_poller(parts: Parts, count: int) -> Poller:
    settle(parts)
    publish(parts, *some_sessions(count))
    a_feed(parts, token=TOKEN)
    return Poller.fresh(parts)


def fresh(poller: Poller) -> Callable[[], object]:
    return lambda: Poller(poller.parts, Bodies()).ask(TOKEN)


def say_ratio(name: str, value: float) -> float:
    print(f"\n{name}: {value:.3f}")  # noqa: T201 -- figures are what a bench is for
    return value


def test_304_is_ten_times_cheaper_than_building_the_feed_from_objects(parts: Parts) -> None:
    poller = a_poller(parts, 50)
    tag = poller.ask(TOKEN).tag
    said = [say(CALM, View.OWN) for _ in range(50)]
    build = cost(lambda: assemble("Ana", ["Europe/Lisbon"], [vevent(s, Stamps(0, CHANGED)) for s in said]))
    same = cost(lambda: poller.ask(TOKEN, if_none_match=tag), times=20)
    assert poller.ask(TOKEN, if_none_match=tag).outcome is Outcome.SAME
    assert say_ratio("building 50 / one 304", build / same) >= 10


def test_joining_kept_fragments_is_far_cheaper_than_rendering_them() -> None:
    said = [say(CALM, View.OWN) for _ in range(500)]
    fragments = [vevent(s, Stamps(0, CHANGED)) for s in said]
    render = cost(lambda: [vevent(s, Stamps(0, CHANGED)) for s in said], tries=3)
    join = cost(lambda: assemble("Ana", ["Europe/Lisbon"], fragments), times=20)
    assert say_ratio("rendering 500 / joining 500", render / join) >= 100
    body = assemble("Ana", ["Europe/Lisbon"], fragments)
    assert len(body) < 500_000
    assert say_ratio("gzip of 500 / rendering 500", cost(lambda: gzipped(body)) / render) <= 0.2
    assert CREATED < CHANGED


def test_a_feed_of_500_after_one_move_costs_a_twentieth_of_rendering_all(parts: Parts, clock: Any) -> None:
    poller = a_poller(parts, 500)
    poller.ask(TOKEN)
    render = cost(lambda: [vevent(say(CALM, View.OWN), Stamps(0, CHANGED)) for _ in range(500)], tries=3)
    found = []
    target = next(iter(published(parts).values()))
    for step in range(6):
        clock.move(minutes=1)
        publish(parts, moved(target, target.starts + timedelta(minutes=30 * (step + 1))))
        found.append(cost(fresh(poller), tries=1))
    assert say_ratio("500 after one move / rendering 500", min(found) / render) <= 1 / 20


def test_four_times_the_sessions_cost_at_most_four_and_a_half_times_to_join_and_nothing_to_answer_304(
    parts: Parts,
) -> None:
    poller = a_poller(parts, 100)
    tag = poller.ask(TOKEN).tag
    joined, same = cost(fresh(poller), times=3), cost(lambda: poller.ask(TOKEN, if_none_match=tag), times=20)
    publish(parts, *some_sessions(400))
    tag = poller.ask(TOKEN).tag
    assert say_ratio("joining 400 / 100", cost(fresh(poller), times=3) / joined) <= 4.5
    assert say_ratio("304 of 400 / 100", cost(lambda: poller.ask(TOKEN, if_none_match=tag), times=20) / same) <= 1.5


def a_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ticks_of(pid: int) -> int:
    """Give the CPU a process has used, user and system, in ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


@contextlib.contextmanager
def gunicorn(parts: Parts) -> Iterator[tuple[int, int]]:
    """A gunicorn with one process over the store of the test: (port, pid of the one that answers)."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("this machine has no /proc to read CPU from")
    port = a_free_port()
    call = f"tests.bench.poll_server:make({str(parts.settings.home)!r}, {parts.settings.url!r}, '{port}')"
    flags = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class", "gthread", "--threads", "2"]
    started = subprocess.Popen([sys.executable, "-m", "gunicorn", *flags, "--log-level", "error", call])
    try:
        for _ in range(1200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            select.select([], [], [], 0.05)
        children: list[str] = []
        while not children and started.poll() is None:  # the port is open before the one that answers is there
            select.select([], [], [], 0.05)
            children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
        yield port, int(children[0])
    finally:
        started.terminate()
        started.wait(60)


@pytest.fixture
def server(parts: Parts) -> Iterator[tuple[int, int]]:
    """The gunicorn over sixty sessions."""
    a_poller(parts, 60)
    with gunicorn(parts) as found:
        yield found


def test_polls_cost_little_more_than_a_ping(server: tuple[int, int]) -> None:
    port, pid = server
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        judge_polls(wire, pid)
    finally:
        wire.close()


def judge_polls(wire: http.client.HTTPConnection, pid: int) -> None:
    path = f"/feed/{TOKEN}.ics"

    def get(where: str, **headers: str) -> tuple[int, str]:
        wire.request("GET", where, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = wire.getresponse()
        answer.read()
        return answer.status, answer.headers.get("ETag", "")

    tag = get(path)[1]
    works: dict[str, tuple[str, dict[str, str]]] = {
        "ping": ("/ping", {}),
        "look-up": ("/ping-look-up", {}),
        "304": (path, {"if_none_match": tag}),
        "kept": (path, {"accept_encoding": "gzip"}),
    }
    assert [get(where, **headers)[0] for where, headers in works.values()] == [200, 200, 304, 200]
    costs: dict[str, int] = dict.fromkeys(works, 1_000_000)
    for _ in range(5):
        for name, (where, headers) in works.items():
            before = ticks_of(pid)
            for _ in range(400):
                get(where, **headers)
            costs[name] = min(costs[name], ticks_of(pid) - before)
    assert say_ratio("304 / ping with look-up", costs["304"] / costs["look-up"]) <= 1.3
    assert say_ratio("kept gzip body / ping with look-up", costs["kept"] / costs["look-up"]) <= 1.3
    assert say_ratio("304 / ping", costs["304"] / costs["ping"]) <= 2.5
    assert say_ratio("kept gzip body / ping", costs["kept"] / costs["ping"]) <= 2.5


def test_a_first_publish_of_three_thousand_sessions_renders_nothing(parts: Parts, clock: Any) -> None:
    settle(parts)
    for target in ("ana.correia", "bruno.matos", "catarina.leal"):
        a_feed(parts, "person", target)
    start = time.process_time()
    publish(parts, *some_sessions(600))
    whole = time.process_time() - start
    said = [say(CALM, View.OWN) for _ in range(600)]
    render = cost(lambda: [vevent(s, Stamps(0, CHANGED)) for s in said], tries=1)
    # Three views of each session; rendering them at once would cost at least three times this.
    assert say_ratio("publishing 600 / rendering one view of 600", whole / render) <= 3.5
    clock.move(hours=1)
    start = time.process_time()
    publish(parts, moved(published(parts)[some_sessions(1)[0].id], datetime(2026, 1, 7, 17, 0)))
    assert say_ratio("publishing one move of 600 / rendering 600", (time.process_time() - start) / render) <= 2
