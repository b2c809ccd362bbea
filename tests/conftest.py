"""What tests are handed: a frozen clock, a store of their own, an application, a browser that watches for faults."""

import re
import shutil
import threading
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2.bccache import Bucket, BytecodeCache

zoneinfo.reset_tzpath(to=[])  # the same rules on every machine: from the tzdata package

from devsys.actions.parts import Parts  # noqa: E402 -- after the zone data is chosen
from devsys.adapters.store.queries import accounts  # noqa: E402
from devsys.adapters.store.schema import migrate  # noqa: E402
from devsys.adapters.store.store import KEY_NAME, Store  # noqa: E402
from devsys.base.config import Settings  # noqa: E402
from devsys.base.ids import new_token, token_hash  # noqa: E402
from devsys.core.model.access import Role  # noqa: E402
from devsys.core.model.people import Organisation  # noqa: E402
from tests import builders, loud  # noqa: E402
from tests.browser import axe  # noqa: E402
from tests.cluster import Cluster, cluster  # noqa: E402
from tests.imap import MailboxServer, dovecot  # noqa: E402
from tests.mail import Post, posting  # noqa: E402
from tests.proved import FAILED, proved  # noqa: E402, F401 -- a fixture
from tests.tls import certificate, served  # noqa: E402, F401 -- fixtures

# The same examples in every run, and none judged by the time it takes.
hypothesis_settings.register_profile(
    "house", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("devsys")
    group.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="Engine of every store.")
    group.addoption("--update-golden", action="store_true", help="Rewrite the files in tests/golden; look at the diff.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database") == "postgresql":
        # A test without a store of --database would say the same as on SQLite; browsers have their own run.
        names = [(item, set(getattr(item, "fixturenames", ()))) for item in items]
        kept = [item for item, wants in names if "database_url" in wants and "browser" not in wants]
        keeping = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in keeping])
        items[:] = kept
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "browser" in names:
            item.add_marker(pytest.mark.browser)
        if "pg" in names:
            item.add_marker(pytest.mark.postgres)
        if "mailbox_server" in names:
            item.add_marker(pytest.mark.imap)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.failed and report.when in ("setup", "call"):
        item.stash[FAILED] = True
    left_out = [name for name in loud.NEEDED if item.get_closest_marker(name)]
    if report.skipped and loud.in_ci() and left_out:
        report.outcome = "failed"
        report.longrepr = f"DEVSYS_CI=1 and a {left_out[0]} test was left out: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        reasons = Counter(report.longrepr[2] if isinstance(report.longrepr, tuple) else "" for report in skipped)
        terminalreporter.section("LEFT OUT", sep="!")
        for reason, number in reasons.most_common():
            terminalreporter.write_line(f"{number:5} {reason.removeprefix('Skipped: ')}")


COMPILED_STATEMENTS: dict[str, tuple[Any, Any]] = {}


class Frozen:
    """A clock that stands at Monday 5 January 2026, 09:00 UTC, until a test moves it."""

    def __init__(self) -> None:
        self.now = builders.NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        """Move on by days=, hours=, minutes= ...; give the new instant."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Frozen:
    return Frozen()


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-golden"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and nothing in it, made once."""
    file = tmp_path_factory.mktemp("migrated") / "devsys.db"
    store = Store(f"sqlite:///{file}")
    migrate(store)
    store.close()
    return file


@pytest.fixture(scope="session")
def pg() -> Iterator[Cluster]:
    """A PostgreSQL cluster; the test is left out loudly where there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install devsys[postgres]")
    with cluster() as made:
        yield made


@pytest.fixture
def pg_url(pg: Cluster) -> Iterator[str]:
    """A migrated PostgreSQL database of this test."""
    url = pg.lend()
    yield url
    pg.give_back(url)


@pytest.fixture
def sqlite_url(migrated: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of this test."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copyfile(migrated, home / "devsys.db")
    return f"sqlite:///{home / 'devsys.db'}"


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test, on the engine that --database names."""
    wanted = request.config.getoption("--database")
    return str(request.getfixturevalue("pg_url" if wanted == "postgresql" else "sqlite_url"))


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        home=tmp_path / "home",
        database_url=database_url,
        host="127.0.0.1",
        port=8000,
        base_url="",
        demo_password="",
        schedules=None,
    )


@pytest.fixture
def sqlite_settings(tmp_path: Path, sqlite_url: str) -> Settings:
    """Settings of a test that is about SQLite, whatever --database says; such tests run once."""
    return Settings(home=tmp_path / "home", database_url=sqlite_url, host="127.0.0.1", port=8000, base_url="")


def _share_statements(store: Store) -> None:
    """Let the stores of all tests share what SQLAlchemy compiled, which it keeps by engine and by dialect."""
    for engine in (store.engine, store._writer, store._noter):
        dialect, statements = COMPILED_STATEMENTS.setdefault(engine.name, (engine.dialect, {}))
        engine.dialect = dialect
        engine._compiled_cache = statements


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    made = Store(settings.url, settings.home / KEY_NAME)
    _share_statements(made)
    yield made
    made.close()


@pytest.fixture
def parts(settings: Settings, store: Store, clock: Frozen) -> Parts:
    return Parts(settings, store, clock)


@pytest.fixture
def post(parts: Parts) -> Iterator[Post]:
    """The installation with a mail server on loopback; its own `parts` know of it."""
    with posting(parts) as made:
        yield made


@pytest.fixture(scope="session")
def mailbox_server() -> Iterator[MailboxServer]:
    """A Dovecot on loopback; the test is left out loudly where there is none."""
    with dovecot() as made:
        yield made


@pytest.fixture
def organisation(store: Store) -> Organisation:
    """Northgate, written into the store with the accounts of the cast."""
    return builders.settle(store)


class Compiled(BytecodeCache):
    """Templates compiled once for all applications of a test run: compiling them costs more than most tests."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def application(parts: Parts) -> Any:
    """Give an application over `parts` of its own."""
    return _serving(_assembled(), parts)


def _assembled() -> Any:
    from devsys.app import assemble

    made = assemble()
    made.jinja_env.bytecode_cache = COMPILED
    made.testing = True
    return made


_assembled_once = cache(_assembled)


def _serving(app: Any, parts: Parts) -> Any:
    """Let `app` serve `parts`; its clients ask the host it is known by, unless a test names another."""
    from flask.testing import FlaskClient

    from devsys.app import serve

    class Client(FlaskClient):
        def open(self, *args: Any, **more: Any) -> Any:
            """Ask the application's own host."""
            more.setdefault("base_url", parts.settings.public_url)
            return super().open(*args, **more)

    serve(app, parts)
    app.test_client_class = Client
    return app


@pytest.fixture
def app(parts: Parts) -> Any:
    """The application over the store of the test: put together once for all tests, as it takes longer than most."""
    return _serving(_assembled_once(), parts)


@pytest.fixture
def client(app: Any) -> Any:
    """Somebody who is not signed in."""
    return app.test_client()


@dataclass
class Visitor:
    """Somebody signed in: `get` and `post` as a browser would, with cookie, origin and the form's token."""

    client: Any
    person_id: str
    secret: str
    origin: str
    token: str

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        headers = {"Origin": self.origin, **more.pop("headers", {})}
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, headers=headers, **more)


def _open_sign_in(parts: Parts, person_id: str) -> str:
    secret = new_token()
    with parts.store.write() as db:
        accounts.open_sign_in(db, id_hash=token_hash(secret), person_id=person_id, now=parts.now(), hours=12)
    return secret


def _person_of(role: Role | str) -> str:
    return builders.id_of(builders.CAST[Role(role)] if role in set(Role) else str(role))


def visitor(app: Any, parts: Parts, person_id: str) -> Visitor:
    """Give a person of the store signed in."""
    from itsdangerous import URLSafeTimedSerializer

    from devsys.faces.web.sessions import Browser

    secret = _open_sign_in(parts, person_id)
    client = app.test_client()
    client.set_cookie("devsys", secret, domain="127.0.0.1")
    key = app.config["SECRET_KEY"]
    token = URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(Browser(secret, key, [])["csrf_token"])
    return Visitor(client, person_id, secret, parts.settings.public_url, token)


@pytest.fixture
def sign_in(app: Any, parts: Parts, organisation: Organisation) -> Callable[[Role | str], Visitor]:
    """Give a visitor signed in as the person who plays a role (or as the person with a code who has an account)."""

    def visit(role: Role | str) -> Visitor:
        return visitor(app, parts, _person_of(role))

    assert organisation.people
    return visit


@dataclass
class Live:
    """The application on a free port of 127.0.0.1, over the store of the test."""

    url: str
    parts: Parts
    app: Any


@pytest.fixture
def live(settings: Settings, store: Store, clock: Frozen) -> Iterator[Live]:
    from werkzeug.serving import WSGIRequestHandler, make_server

    from devsys.app import create_app

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 -- werkzeug's name
            """Say nothing: the test's own output is what matters."""

    apps: list[Any] = []

    def answer(environ: Any, start: Any) -> Any:
        return apps[0](environ, start)  # the application must know the port before it is made

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Quiet)
    here = Parts(settings.model_copy(update={"port": server.server_port}), store, clock)
    apps.append(create_app(here))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Live(here.settings.public_url, here, apps[0])
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium of the system for all tests; left out loudly where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = loud.variable("DEVSYS_CHROMIUM") or loud.program("chromium", "chromium-browser", "google-chrome")
    with sync_api.sync_playwright() as driver:
        flags = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]
        chromium = driver.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()


@dataclass
class Window:
    """A page of Chromium that counts as faults: console errors, broken scripts, requests beyond this machine.

    `page` is playwright's. A fault the test wants (the console names every answer of 404 or 422) is expected by a
    pattern: `window.expect("404")`.
    """

    page: Any
    url: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Take faults that a pattern finds for wanted."""
        self.expected.append(pattern)

    def open(self, path: str) -> Any:
        """Go to a path of the application; give playwright's answer."""
        return self.page.goto(self.url + path)

    def serious(self) -> list[str]:
        """Give what the automatic accessibility check finds serious or critical on the page as it stands."""
        return axe.serious(self.page)

    def watch(self) -> None:
        """Begin to count."""
        self.page.on("console", lambda said: said.type == "error" and self.faults.append(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", lambda request: self._judge(request.url))

    def _judge(self, address: str) -> None:
        if not address.startswith((self.url, "data:", "blob:", "about:")):
            self.faults.append(f"request beyond this machine: {address}")

    def unexpected(self) -> list[str]:
        """Give the faults that no test wanted."""
        return [f for f in self.faults if not any(re.search(pattern, f) for pattern in self.expected)]


@pytest.fixture
def window(browser: Any, live: Live, organisation: Organisation) -> Iterator[Callable[..., Window]]:
    """Give windows: `window("coordinator", width=390)`; a role, a person's code, or "" for nobody signed in.

    At the end of the test any fault in any window fails it.
    """
    opened: list[tuple[Any, Window]] = []
    assert organisation.people

    def show(who: Role | str = "", *, width: int = 1440, height: int = 900, **more: Any) -> Window:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(10_000)
        if who:
            secret = _open_sign_in(live.parts, _person_of(who))
            context.add_cookies([{"name": "devsys", "value": secret, "url": live.url}])
        made = Window(context.new_page(), live.url)
        made.watch()
        opened.append((context, made))
        return made

    yield show
    faults = [fault for _, made in opened for fault in made.unexpected()]
    for context, _ in opened:
        context.close()
    assert not faults, "\n".join(faults)
