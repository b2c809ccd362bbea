"""Every route as every role, by somebody unknown and by a leaver, with things of one's own and of others'."""

import csv
import io
import json
import logging
import re
import shutil
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import literal

from devsys.actions import import_measures, my_data, rotate_feed, run_round
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts
from devsys.adapters.store.store import Store
from devsys.adapters.store.tables.all import metadata
from devsys.app import routes
from devsys.base.config import Settings
from devsys.base.errors import NotFoundError
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.access import Role
from devsys.faces.web.headers import HEADERS
from tests.api.test_matrix import BODIES, PERIODS, SEEN
from tests.builders import CAST, id_of
from tests.conftest import Frozen, Visitor, application, visitor
from tests.full_house import CODED, HIDDEN, MINE, THEIRS, WHO, WORDS, House, built, marks, token_for
from tests.improvement.sources import CALLS
from tests.web.cells import CELLS, MAY
from tests.web.workbooks import sheets

UNKNOWN, LEAVER = "unknown", "leaver"
BOTH = (MINE, THEIRS)
ENDS = ("signin.sign_out", "static")
VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass
class Walker:
    """Somebody who walks: by cookie through pages, by token through the API."""

    name: str
    visitor: Visitor | None
    client: Any
    bearer: str = ""

    feeds: tuple[str, ...] = ()

    def ask(self, method: str, address: str, body: Any = None) -> Any:
        """Ask for an address as a browser or a program would."""
        if address.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
            headers |= SEEN if method in {"PATCH", "PUT"} else {}
            body = {"json": body or {}} if method in {"POST", "PATCH", "PUT"} else {}
            return self.client.open(address, method=method, headers=headers, **body)
        if self.visitor is not None:
            return self.visitor.post(address, body) if method == "POST" else self.visitor.get(address)
        headers = {"Origin": "http://127.0.0.1:8000"}
        return self.client.open(address, method=method, headers=headers)


# What is sent with a change, so that it is not refused for what it lacks before anybody asks whose it is.
GIVEN: dict[str, dict[str, str]] = {
    "/asked/<ask_id>": {"says": "no"},
    "/coaching/desk/<request_id>/decline": {"reason": "load"},
    "/coaching/plans/<plan_id>/words": {"goal": "To listen"},
    "/coaching/plans/<plan_id>/notes": {"does": "note", "text": "Well done"},
    "/coaching/plans/<plan_id>/own": {"text": "Well done"},
    "/feeds/<feed_id>": {"name": "Other phone"},
    "/lessons/<lesson_id>/done": {},
    "/rounds/<session_id>/library": {"code": "{situation}"},
    "/rounds/<session_id>/turns": {"person": "{person_id}", "does": "skips"},
    "/rounds/<session_id>/lessons": {"words": "Refunds wait for two signatures", "waived": "1"},
    "/sessions/<session_id>/answer": {"says": "yes"},
    "/sessions/<session_id>/hand-over": {"does": "ask", "person": id_of("marta.nogueira")},
    "/sessions/<session_id>/attendance": {"present": id_of("ana.correia")},
    "/programme/adopt": {"code": "digital"},
}


@dataclass
class Walk:
    """What was answered: status by (who, method, rule, whose), what a change changed, where each mark was found.

    `dressed` are faults of headers, `logged` lines of the log with a mark in them.
    """

    status: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    changed: set[tuple[str, str, str, str]] = field(default_factory=set)
    found: dict[tuple[str, str, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    dressed: list[tuple[str, str, str]] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def cell(self, role: Role, method: str, rule: str, whose: str) -> str:
        """Give the letter of a cell: `.` not there; else the role's, a capital where something was changed."""
        key = (role.value, method, rule, whose)
        if self.status[key] in (403, 404):
            return "."
        letter = LETTERS[role]
        if method == "GET" or self.status[key] >= 400:
            return letter
        return letter.upper() if key in self.changed else "-"


LETTERS = dict(zip(Role, "acfkles", strict=True))


def addresses(house: House, rule: str) -> dict[str, str]:
    """Give the address of a rule by whose things it names; one alone where it names nothing."""
    given = {}
    for whose in BOTH if VARIABLE.search(rule) else (MINE,):
        values = house.values[whose]
        if "/measures/" in rule or "/sources/" in rule:
            values = values | {"code": "support_calls"}
        if rule.startswith("/integrations/"):
            values = values | {"token_id": values["integration_id"]}
        given[whose] = VARIABLE.sub(lambda m, v=values: v[m[1]], rule)  # type: ignore[misc]
        given[whose] += PERIODS.get(rule.removeprefix("/api/v1"), "")
    return given


@pytest.fixture(scope="module")
def house(migrated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    shutil.copyfile(migrated, folder / "devsys.db")
    settings = Settings(
        home=folder, database_url=f"sqlite:///{folder / 'devsys.db'}", host="127.0.0.1", port=8000, base_url="",
        api_requests=100_000,
    )  # fmt: skip
    parts = Parts(settings, Store(settings.url, folder / "key"), Frozen())
    made = built(application(parts), parts, folder)
    import_measures.keep_mapping(parts, None, CALLS.replace("always: desk", "always: alfama"))
    for values in made.values.values():
        values["situation"] = run_round.library(parts)[0].code
    yield made
    made.watcher.close()
    parts.store.close()


def feeds_of(parts: Parts, person_id: str) -> tuple[str, ...]:
    """Make a link to each calendar somebody may have; give where they lead."""
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, person_id)
    found = []
    for kind, target in (
        (FeedKind.PERSON, person_id),
        (FeedKind.TEAM, id_of("alfama")),
        (FeedKind.TEAM, id_of("belem")),
    ):
        try:
            secret = rotate_feed.make(parts, viewer, rotate_feed.Wanted(kind, target, f"Link {len(found)}"))
        except NotFoundError:
            continue
        found.append(f"/feed/{secret}.ics")
    return tuple(found)


@pytest.fixture(scope="module")
def walkers(house):
    people = {role.value: id_of(CAST[role]) for role in Role} | {LEAVER: id_of("bikash.gurung")}
    app, parts = house.app, house.parts
    found = [
        Walker(name, visitor(app, parts, one), app.test_client(), token_for(parts, one), feeds_of(parts, one))
        for name, one in people.items()
    ]
    with parts.store.write() as db:
        accounts.set_active(db, people[LEAVER], active=False)
    house.keep()
    return [*found, Walker(UNKNOWN, None, app.test_client())]


def text_of(answer: Any) -> str:
    """Give all an answer says, a workbook unpacked, lines of calendars unfolded, its headers among it."""
    data = answer.get_data()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())
    return data.replace(b"\r\n ", b"").decode("utf-8", "replace") + str(answer.headers)


def faults_of(answer: Any, rule: str) -> list[str]:
    """Give what is wrong with the headers, the cookies and the way an answer leads."""
    wrong = []
    given = {name: answer.headers.get(name) for name in HEADERS}
    if given["Referrer-Policy"] == "no-referrer":  # a feed says even less
        given["Referrer-Policy"] = HEADERS["Referrer-Policy"]
    if given != HEADERS:
        wrong.append("headers")
    if answer.headers.get("Cache-Control") != "no-store" and not rule.startswith(("/static", "/feed/")):
        wrong.append(f"kept: {answer.headers.get('Cache-Control')}")
    if "Access-Control-Allow-Origin" in answer.headers:
        wrong.append("open to others")
    cookies = answer.headers.getlist("Set-Cookie")
    parts_of = ("HttpOnly", "SameSite=Lax", "Path=/")
    wrong += [f"cookie: {c}" for c in cookies if "Domain" in c or not all(f"; {one}" in c for one in parts_of)]
    place = answer.headers.get("Location", "/")
    if not place.startswith("/") or place.startswith(("//", "/\\")):
        wrong.append(f"leads to {place}")
    return wrong


class Lines(logging.Handler):
    """Keep lines of the log that hold a mark."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.found = found

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one line."""
        if "canary" in record.getMessage().lower():
            self.found.append(record.getMessage())


def note(done: Walk, sought: dict[tuple[str, str, str], str], one: Walker, where: str, answer: Any) -> None:
    """Keep which marks an answer shows."""
    text = text_of(answer)
    if "canary" not in text.lower():
        return
    for (table, column, of), word in sought.items():
        if word in text:
            done.found[table, column, of, one.name].add(where)


@pytest.fixture(scope="module")
def walk(house, walkers):
    """Fetch everything as everybody, then try every change as everybody, each undone at once."""
    done, sought = Walk(), marks()
    handler, root = Lines(done.logged), logging.getLogger()
    root.addHandler(handler)
    for method, rule, endpoint, _ in sorted(routes(house.app), key=lambda r: r[0] != "GET"):
        if endpoint in ENDS:
            continue
        body = BODIES.get(rule.removeprefix("/api/v1")) if rule.startswith("/api/") else GIVEN.get(rule)
        for whose, address in addresses(house, rule).items():
            filled = rule in GIVEN
            given = {name: said.format(**house.values[whose]) for name, said in body.items()} if filled else body
            for one in walkers:
                answer = one.ask(method, address, given)
                key = (one.name, method, rule, whose)
                done.status[key] = answer.status_code
                done.dressed += [(f"{method} {rule}", one.name, fault) for fault in faults_of(answer, rule)]
                note(done, sought, one, f"{method} {rule} {whose}", answer)
                answer.close()
                if method != "GET" and house.back():
                    done.changed.add(key)
    for one in walkers:
        for address in one.feeds + tuple(f"/candidates/{house.values[whose]['decided_id']}" for whose in BOTH):
            note(done, sought, one, address[:12], one.ask("GET", address))
    root.removeHandler(handler)
    return done


def test_every_cell_is_as_written(house, walk):
    """Who opens what, own and others': the table of tests/web/cells.py, which names every route."""
    found = {}
    for method, rule, endpoint, permission in routes(house.app):
        if endpoint in ENDS or permission.public:
            continue
        each = addresses(house, rule)
        found[f"{method} {rule}"] = " ".join("".join(walk.cell(r, method, rule, w) for r in Role) for w in each)
    assert {rule: (cells, CELLS.get(rule)) for rule, cells in found.items() if cells != CELLS.get(rule)} == {}
    assert set(CELLS) == set(found)


def test_nothing_opens_beyond_the_table_of_permissions(house, walk):
    """A door the policy does not open to a role is shut for whatever it names, and a row of the table is no licence."""
    wrong = []
    for method, rule, endpoint, permission in routes(house.app):
        if endpoint in ENDS or permission.public:
            continue
        for role in Role:
            with house.parts.store.read() as db:
                open_to = bool(permission.scope(accounts.viewer_of(db, id_of(CAST[role]))))
            each = addresses(house, rule)
            shut = "" if open_to else "".join(walk.cell(role, method, rule, whose) for whose in each)
            wrong += [(role, method, rule)] if shut.strip(".") else []
    assert wrong == []


def test_nothing_breaks(walk):
    assert len(walk.status) > 3000
    assert {key: code for key, code in walk.status.items() if code >= 500} == {}


def test_neither_somebody_unknown_nor_a_leaver_gets_in(house, walk):
    """A leaver's sign-in and token were good until the account was shut."""
    wrong = []
    for method, rule, endpoint, permission in routes(house.app):
        if endpoint in ENDS or permission.public:
            continue
        for name in (UNKNOWN, LEAVER):
            for whose in addresses(house, rule):
                key = (name, method, rule, whose)
                if walk.status[key] != (401 if rule.startswith("/api/") else 303) or key in walk.changed:
                    wrong.append((key, walk.status[key]))
    assert wrong == []
    assert not [where for (*_, who), where in walk.found.items() if who in (UNKNOWN, LEAVER)]


def test_marked_words_are_found_only_where_the_matrix_lets_them(walk):
    wrong, seen = {}, defaultdict(set)
    for (table, column, whose, who), where in walk.found.items():
        seen[table, column, whose].add(who)
        if who not in readers(table, column, whose):
            wrong[table, column, whose, who] = sorted(where)
    assert wrong == {}
    lacking = [key for key in marks() if readers(*key) and not seen[key]]
    assert lacking == [], "marks that nobody found prove nothing: show them, or say that nobody reads them"
    assert walk.logged == []


def readers(table: str, column: str, whose: str) -> set[str]:
    """Give who may read a column, by the matrix as it is written once more in tests/web/cells.py."""
    row = MAY.get(f"{table}.{column}", MAY.get(table))
    assert row is not None, f"{table} is not in the table of readers"
    letters = {MINE: row[0], THEIRS: row[1], HIDDEN: ""}[whose]
    return {role.value for role, letter in LETTERS.items() if letter in letters}


def test_every_column_of_words_is_marked():
    """A new column of a personal or confidential table is marked, or said to be a code, before it is on any page."""
    lacking = []
    for name, table in metadata.tables.items():
        if table.info["data"] not in ("personal", "confidential"):
            continue
        for c in table.columns:
            words = type(c.type).__name__ in ("AutoString", "String", "Sealed", "LargeBinary")
            coded = c.name in CODED or c.name == "id" or c.name.endswith(("_id", "_hash"))
            if words and not coded and c.name not in WORDS.get(name, ()):
                lacking.append((name, c.name))
    assert lacking == []


def test_headers_cookies_and_redirects_are_right_on_every_answer(walk):
    assert walk.dressed == []


def test_ones_own_file_holds_every_row_the_tables_name(house):
    """Counted and compared by SQL of our own, table by table, for everybody who has a row."""
    people = {id_of(code) for who in WHO.values() for code in (who[0], *who[2:])} | {id_of("olivia.brandt")}
    held = {person: my_data.everything(house.parts, person)["tables"] for person in people}
    shown, wrong = set(), []
    for name, table in metadata.tables.items():
        column = str(table.info.get("person", ""))
        if not column:
            continue
        names = ", ".join(f'"{c.name}"' for c in table.columns)
        for person in people:
            rows = house.watcher.execute(f'SELECT {names} FROM "{name}" WHERE "{column}" = ?', (person,)).fetchall()
            mine = held[person][name]["rows"]
            keys = [c.name for c in table.primary_key if not c.name.endswith("_hash") and "AutoString" in repr(c.type)]
            at = [table.columns.keys().index(key) for key in keys]
            if sorted(tuple(str(row[i]) for i in at) for row in rows) != sorted(
                tuple(str(r[k]) for k in keys) for r in mine
            ):
                wrong.append((name, person, len(rows), len(mine)))
            shown |= {name} if rows else set()
    personal = {n for n, t in metadata.tables.items() if t.info["data"] in ("personal", "confidential")}
    assert wrong == []
    assert personal - shown == {"fragment", "shown"}, "a table without a row proves nothing"
    files = json.dumps(list(held.values()), ensure_ascii=False)
    readable = [key for key in marks() if readers(*key)]
    assert [key for key in readable if marks()[key] not in files] == []


def test_no_route_takes_a_foreign_form_a_foreign_host_or_trace(house, walkers):
    """A form without its token, one of another page, a host we are not known by, and TRACE: on every route."""
    one, wrong, refused = next(w for w in walkers if w.name == Role.COORDINATOR), [], 0
    house.back()
    for method, rule, endpoint, permission in routes(house.app):
        if endpoint in ENDS or endpoint == "provider.told":  # which takes a token of its provider, and no form
            continue
        address = addresses(house, rule)[MINE]
        codes = [one.client.open(address, method="TRACE").status_code]
        codes.append(one.client.open(address, method=method, base_url="http://evil.example").status_code)
        if method != "GET" and not rule.startswith("/api/"):
            codes.append(one.visitor.client.post(address, headers={"Origin": one.visitor.origin}).status_code)
            codes.append(one.visitor.post(address, headers={"Origin": "http://evil.example"}).status_code)
            refused += codes[-2:].count(400)
        elif method != "GET":
            codes.append(one.visitor.client.open(address, method=method).status_code)  # a cookie opens nothing there
        if not set(codes) <= {400, 401, 404, 405} or house.back():
            wrong.append((method, rule, str(permission), codes))
    assert wrong == []
    assert refused > 150


FORMULA = "=HYPERLINK(1)"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?\Z")
FILES = re.compile(r"\.(csv|xlsx)$|/export")


def poisoned(house: House) -> int:
    """Let every name and title begin as a formula does; give how many columns that are."""
    columns = 0
    with house.parts.store.write() as db:
        for table in metadata.tables.values():
            for c in table.columns:
                words = c.name in ("name", "title")
                if words and type(c.type).__name__ in ("AutoString", "String"):
                    db.execute(table.update().where(c != "").values({c.name: literal(FORMULA) + c}))
                    columns += 1
    return columns


def test_no_cell_of_any_file_is_a_formula_and_numbers_are_numbers(house, walkers):
    """Every file there is, fetched by everybody and read again by readers that did not write it (A9)."""
    house.back()
    assert poisoned(house) > 10
    wrong, told, numbers = [], set(), set()
    for method, rule, endpoint, _ in routes(house.app):
        if method != "GET" or endpoint in ENDS or not FILES.search(rule):
            continue
        for address in addresses(house, rule).values():
            for one in walkers:
                with one.ask("GET", address) as answer:
                    if answer.status_code != 200:
                        continue
                    data = answer.get_data()
                if data[:2] == b"PK":
                    found = [row for _, rows in sheets(data) for row in rows]  # a formula in it is a failure there
                else:
                    found = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
                    cells = [cell for row in found for cell in row]
                    wrong += [(rule, c) for c in cells if c.startswith(FORMULAS) and not NUMBER.match(c)]
                    wrong += [(rule, c) for c in cells if c.startswith("'") and NUMBER.match(c[1:])]
                texts = [str(cell) for row in found for cell in row]
                told |= {rule} if any(FORMULA in cell for cell in texts) else set()
                numbers |= {rule} if any(NUMBER.match(cell) for cell in texts) else set()
    house.back()
    assert wrong == []
    assert len(told) > 6, "files without a poisoned cell prove nothing"
    assert len(numbers) > 6
