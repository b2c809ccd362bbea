"""Two homes, two web processes, two workers on one PostgreSQL: what is killed or restarted is not missed for long."""

import http.client
import itertools
import shutil
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text

from devsys.actions import draw_plan, publish_plan, rotate_feed
from devsys.actions.age_feeds import start_feeds
from devsys.actions.move import move
from devsys.actions.parts import Parts
from devsys.actions.rotate_feed import Wanted
from devsys.actions.serve_feed import Asked, Bodies, serve_feed
from devsys.adapters.store.digest import digest
from devsys.adapters.store.queries import accounts, plans, runs
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.clock import utc_now
from devsys.base.config import Settings
from devsys.base.ids import new_token, token_hash
from devsys.core.feeds.scope import FeedKind
from devsys.faces.web.sessions import Browser
from devsys.faces.web.signin import secret_key
from tests import builders
from tests.builders import id_of
from tests.cluster import Cluster, Server, serving
from tests.processes.program import Program, until
from tests.web.scenes import adopt_shipped

pytestmark = pytest.mark.postgres
HOST = "learn.example.org"
OLIVIA, MARTA = id_of("olivia.brandt"), id_of("marta.nogueira")
Answer = tuple[int, dict[str, str], bytes]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Site:
    """A web process of one machine, asked as the proxy in front of it does, for somebody who is signed in."""

    program: Program
    cookie: str
    form_key: str

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.program.port, timeout=30)
        try:
            connection.request(method, path, body, {"Host": HOST, "Origin": f"https://{HOST}", **headers})
            answer = connection.getresponse()
            return answer.status, {k.title(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def page(self, path: str) -> Answer:
        return self.ask("GET", path, Cookie=f"__Host-devsys={self.cookie}")

    def post(self, path: str, **fields: str) -> Answer:
        token = URLSafeTimedSerializer(self.form_key, salt="wtf-csrf-token").dumps(
            Browser(self.cookie, self.form_key, [])["csrf_token"]
        )
        headers = {
            "Cookie": f"__Host-devsys={self.cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self.ask("POST", path, urlencode({"csrf_token": token, **fields}), **headers)

    def ready(self) -> "Site":
        def answers() -> bool:
            try:
                return self.ask("GET", "/healthz")[0] == 200
            except OSError:
                return False

        until(answers, "the web process to answer")
        return self


@dataclass
class Place:
    """One home on SQLite, moved to PostgreSQL, and a copy of its secret and key in a second home."""

    server: Server
    folder: Path
    url: str
    link: str
    cookie: str
    poll: tuple[str, bytes]  # of the feed, as it was on SQLite
    settings: Settings = field(repr=False)

    def parts(self, url: str) -> Parts:
        settings = self.settings.model_copy(update={"database_url": url})
        return Parts(settings, Store(url, self.settings.home / KEY_NAME))

    def environment(self) -> dict[str, str]:
        return {
            "DEVSYS_DATABASE_URL": self.url,
            "DEVSYS_BASE_URL": f"https://{HOST}",
            "DEVSYS_EXECUTOR": "inline",
            "DEVSYS_WEB_WORKERS": "1",
        }


def _poll(parts: Parts, link: str) -> tuple[str, bytes]:
    served = serve_feed(parts, Bodies(), Asked(link))
    return served.tag, served.body


def _furnish(parts: Parts) -> tuple[str, str]:
    """Plan and publish four weeks from today, sign Olivia in, give Marta a link; give the link and the cookie."""
    builders.settle(parts.store, now=utc_now())
    adopt_shipped(parts)
    drawn = draw_plan.carry_out(parts, draw_plan.Wish(weeks=4, rounds=0), by_id=None)
    publish_plan.publish(parts, drawn.draft_id, by_id=OLIVIA)
    start_feeds(parts)
    cookie = new_token()
    with parts.store.write() as db:
        accounts.open_sign_in(db, id_hash=token_hash(cookie), person_id=OLIVIA, now=utc_now(), hours=12)
        marta = accounts.viewer_of(db, MARTA)
    assert marta is not None
    return rotate_feed.make(parts, marta, Wanted(FeedKind.FACILITATOR, MARTA, "Phone")), cookie


@pytest.fixture
def place(tmp_path: Path, migrated: Path) -> Iterator[Place]:
    home = tmp_path / "a"
    home.mkdir()
    shutil.copy(migrated, home / "devsys.db")
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'devsys.db'}", base_url=f"https://{HOST}")
    parts = Parts(settings, Store(settings.url, home / KEY_NAME))
    link, cookie = _furnish(parts)
    secret_key(home)
    poll = _poll(parts, link)
    with serving(durable=True) as server:
        databases = Cluster(server.url)
        url = databases.fresh(empty=True)
        databases.close()
        move(parts, url)
        (tmp_path / "b").mkdir()
        shutil.copy(home / "secret", tmp_path / "b" / "secret")
        yield Place(server, tmp_path, url, link, cookie, poll, settings)


def _same_feed(sites: tuple[Site, ...], place: Place) -> tuple[str, bytes]:
    """Give tag and bytes of the feed, the same from every site, which answers another's tag with 304."""
    found = [site.ask("GET", f"/feed/{place.link}.ics") for site in sites]
    assert {status for status, _, _ in found} == {200}
    assert len({(headers["Etag"], body) for _, headers, body in found}) == 1
    _, headers, body = found[0]
    for site in sites:
        status, again, empty = site.ask("GET", f"/feed/{place.link}.ics", **{"If-None-Match": headers["Etag"]})
        assert (status, again["Etag"], empty) == (304, headers["Etag"], b"")
    return headers["Etag"], body


class Reporters:
    """People who go on reporting, at a site, through whatever happens; each report is tried once."""

    def __init__(self, site: Site) -> None:
        self.statuses: Counter[int] = Counter()
        self.kept: set[str] = set()
        self._numbers = itertools.count(1)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._report, args=(site,)) for _ in range(2)]
        for thread in self._threads:
            thread.start()

    def _report(self, site: Site) -> None:
        while not self._stop.wait(0.02):
            count = f"{next(self._numbers):05}".translate(str.maketrans("0123456789", "abcdefghij"))
            words = f"Refunds wait, report {count}"  # in letters: a number could be somebody's
            status = site.post("/lessons", words=words, guess="policy")[0]
            self.statuses[status] += 1
            if status == 303:
                self.kept.add(words)

    def more(self, count: int = 5) -> None:
        wanted = len(self.kept) + count
        until(lambda: len(self.kept) >= wanted, "further reports to be kept")

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def _run(parts: Parts, run_id: str) -> runs.Run:
    with parts.store.read() as db:
        return runs.get(db, run_id)


def test_two_machines_go_on_when_a_web_a_leader_or_the_database_goes(
    place: Place, start: Callable[..., Program]
) -> None:
    more = place.environment()
    homes = (place.folder / "a", place.folder / "b")
    webs = [start("web", port=_free_port(), at=home, more=more) for home in homes]
    one, two = (Site(w, place.cookie, secret_key(h)).ready() for w, h in zip(webs, homes, strict=True))
    workers = [start("worker", at=home, more=more) for home in homes]
    parts = place.parts(place.url)
    # The move kept what calendars see, to the byte, and both machines say the same.
    assert _same_feed((one, two), place) == place.poll
    leader = until(lambda: next((w for w in workers if "This worker leads" in w.said), None), "a leader")
    other = next(w for w in workers if w is not leader)

    # A run that was asked for at one machine outlives its leader.
    status, headers, _ = one.post("/plans/draw", how="keep", weeks="16", seed="0", cause="")
    assert status == 303
    run_id = headers["Location"].rpartition("/")[2]
    until(lambda: _run(parts, run_id).state == runs.RUNNING, "the run to begin")
    leader.stop(signal.SIGKILL)
    other.until_said("This worker leads")
    until(lambda: _run(parts, run_id).over, "the run to end")
    run = _run(parts, run_id)
    assert (run.state, run.tries) == (runs.DONE, 2), run.error
    with parts.store.read() as db:
        (draft,) = plans.open_drafts(db)

    # Published at the other machine, it is in the feeds of both.
    assert two.post(f"/drafts/{draft.id}/publish", cause="further weeks")[0] == 303
    published = _same_feed((one, two), place)
    assert published[0] != place.poll[0]
    assert published[1].count(b"BEGIN:VEVENT") > place.poll[1].count(b"BEGIN:VEVENT")

    # A web that is gone is gone alone.
    one.program.stop(signal.SIGKILL)
    assert two.page("/plans")[0] == 200
    assert _same_feed((two,), place) == published

    # The database restarts under load: 503 meanwhile, then all goes on by itself, and what was answered stands.
    reports = Reporters(two)
    try:
        reports.more()
        place.server.stop("fast")
        for path in ("/plans", f"/feed/{place.link}.ics"):
            status, headers, _ = two.page(path)
            assert (status, "Retry-After" in headers) == (503, True), path
        place.server.start()
        reports.more()
    finally:
        reports.end()
    assert set(reports.statuses) == {303, 503}, reports.statuses
    assert _same_feed((two,), place) == published
    parts.store.close()
    with parts.store.write() as db:
        kept = set(db.execute(text("SELECT words FROM lesson")).scalars())
        asked = runs.ask(db, "tidy up", period="asked", now=utc_now())
    assert reports.kept <= kept
    until(lambda: _run(parts, asked).state == runs.DONE, "the worker to go on")
    assert "Traceback" not in other.said, other.said
    assert other.stop() == 0
    assert two.program.stop() == 0

    # And back: calendars see the same.
    _back(place, parts, published)


def _back(place: Place, parts: Parts, published: tuple[str, bytes]) -> None:
    with parts.store.read() as db:
        before = digest(db)
    target = f"sqlite:///{place.folder / 'back.db'}"
    move(parts, target)
    here = place.parts(target)
    with here.store.read() as db:
        assert digest(db) == before
    assert _poll(here, place.link) == published
    here.store.close()
