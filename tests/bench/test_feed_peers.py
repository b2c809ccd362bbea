"""Our feeds beside Radicale serving the same five hundred events, in one run: what a fetch costs a server."""

import base64
import contextlib
import http.client
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devsys.actions.parts import Parts
from tests.bench.feed_page import write_feeds
from tests.bench.ledger import APART
from tests.bench.poll_server import TOKEN
from tests.bench.test_feeds_ratios import a_free_port, a_poller, gunicorn, ticks_of

pytestmark = pytest.mark.bench

EVENTS, TIMES, TICK = 500, 500, 10  # a tick of /proc is ten milliseconds
COLLECTION = "/ana/calendar/"
WHO = {"Authorization": "Basic " + base64.b64encode(b"ana:ana").decode()}
CTAG = (
    '<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:c="http://calendarserver.org/ns/">'
    "<d:prop><c:getctag/><d:getetag/></d:prop></d:propfind>"
)


@contextlib.contextmanager
def radicale(folder: Path) -> Iterator[tuple[int, int]]:
    """A Radicale with one process, its files in a folder: (port, pid)."""
    if (
        not APART.exists()
        or subprocess.run([APART, "-c", "import radicale"], check=False, capture_output=True).returncode
    ):
        pytest.skip("Radicale is not in .venv-bench: python3 tools/environment.py bench")
    folder.mkdir()
    port = a_free_port()
    flags = ["--server-hosts", f"127.0.0.1:{port}", "--storage-filesystem-folder", str(folder)]
    quiet = ["--auth-type", "none", "--logging-level", "error"]
    started = subprocess.Popen([APART, "-m", "radicale", "--config", "", *flags, *quiet])
    try:
        for _ in range(400):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield port, started.pid
    finally:
        started.terminate()
        started.wait(60)


class Wire:
    """A client of a server whose processor time is read before and after."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid = port, pid

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> tuple[int, str, bytes]:
        """Send one request on a connection of its own, as programs that poll do."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=400)
        try:
            wire.request(method, path, body or None, {k.replace("_", "-"): v for k, v in headers.items()})
            answer = wire.getresponse()
            found = answer.read()
            return answer.status, answer.headers.get("ETag", ""), found
        finally:
            wire.close()

    def cost(self, work: Callable[[], object], times: int) -> float:
        """Give milliseconds of the server's processor that one `work` takes, the least of three tries of many."""
        found = []
        for _ in range(3 if times > 1 else 1):
            before = ticks_of(self.pid)
            for _ in range(times):
                work()
            found.append((ticks_of(self.pid) - before) * TICK / times)
        return min(found)


def test_a_fetch_costs_less_than_of_radicale_serving_the_same_events(parts: Parts, tmp_path: Path) -> None:
    a_poller(parts, EVENTS)
    path = f"/feed/{TOKEN}.ics"
    with gunicorn(parts) as (port, pid):
        ours = Wire(port, pid)
        assert ours.ask("/ping")[0] == 200
        feed: dict[str, Any] = {}
        first = ours.cost(lambda: feed.update(found=ours.ask(path)), 1)
        status, tag, body = feed["found"]
        assert (status, body.count(b"BEGIN:VEVENT")) == (200, EVENTS)
        assert ours.ask(path, If_None_Match=tag)[0] == 304
        mine = {
            "trivial": ours.cost(lambda: ours.ask("/ping"), TIMES),
            "look-up": ours.cost(lambda: ours.ask("/ping-look-up"), TIMES),
            "first": first,
            "joined": ours.cost(lambda: ours.ask(path, Accept_Encoding="gzip"), 1),
            "again": ours.cost(lambda: ours.ask(path, Accept_Encoding="gzip"), TIMES),
            "unchanged": ours.cost(lambda: ours.ask(path, If_None_Match=tag), TIMES),
        }
    with radicale(tmp_path / "radicale") as (port, pid):
        peer = Wire(port, pid)
        put = peer.ask(COLLECTION, "PUT", body.decode(), Content_Type="text/calendar; charset=utf-8", **WHO)
        assert put[0] == 201, put
        held: dict[str, Any] = {}
        first = peer.cost(lambda: held.update(found=peer.ask(COLLECTION, **WHO)), 1)
        status, tag, text = held["found"]
        assert (status, text.count(b"BEGIN:VEVENT")) == (200, EVENTS)
        theirs = {
            "first": first,
            "again": peer.cost(lambda: peer.ask(COLLECTION, Accept_Encoding="gzip", **WHO), 5),
            "unchanged": peer.cost(lambda: peer.ask(COLLECTION, If_None_Match=tag, **WHO), 5),
            "asked by PROPFIND": peer.cost(lambda: peer.ask(COLLECTION, "PROPFIND", CTAG, Depth="0", **WHO), 20),
        }
        condition = peer.ask(COLLECTION, If_None_Match=tag, **WHO)[0]
    print(f"\n{mine}\n{theirs}\nRadicale answers an unchanged tag with {condition}")  # noqa: T201
    write_feeds(EVENTS, mine, theirs, condition)
    assert mine["unchanged"] <= theirs["unchanged"]
    assert mine["unchanged"] <= theirs["asked by PROPFIND"]
    assert mine["again"] <= theirs["again"]
