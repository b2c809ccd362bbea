"""Every address and every form, as every role, with one thing wrong at a time: refused in words, and nothing written.

The forms and links are those of the pages themselves, filled as a browser would send them; a generator with a fixed
seed then spoils one field, one part of the query or one id. (tests/web/test_hostile_forms.py spoils all at once.)
"""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote_from_bytes, urlencode, urlsplit

import pytest

from devsys.actions import adopt_programme, edit_draft, request_coaching
from devsys.actions.request_coaching import Wish
from devsys.adapters.store.digest import digest
from devsys.adapters.store.queries import accounts, asks, runs
from devsys.adapters.store.queries.asks import Ask, What
from devsys.app import routes
from devsys.core.model.access import Role
from tests.builders import id_of
from tests.stories import acts

SEED = 20260105
FORMS, LINKS, IDS, HEADS = 280, 140, 180, 90  # requests of one default run
MORE = 12  # times as many with the marker soak

NASTY: dict[str, bytes] = {
    "nothing": b"",
    "blank": b" \t ",
    "NUL": b"a\x00b",
    "controls": b"\x01\x07\x1b[2J\x7f\xc2\x85",
    "lines": b"a\r\nSet-Cookie: x=y\r\n\r\nb",
    "bidi": "\u202egnp.exe\u2066x\u2069".encode(),
    "long": b"x" * 12_000,
    "mark-up": b'"><script>alert(1)</script>',
    "formula": b"=1+1",
    "half a letter": b"caf\xc3",
    "no UTF-8": b"\xff\xfe\x00",
    "lone surrogate": b"\xed\xa0\x80",
    "last code point": "\U0010ffff".encode(),
    "huge": b"9" * 400,
    "exponent": b"1e999",
    "negative": b"-1",
    "NaN": b"NaN",
    "other digits": "\u0663\u0660".encode(),
    "super digits": "\u00b2\u00b3".encode(),
    "no day": b"2027-02-30",
    "no leap day": b"2027-02-29",
    "year 1": b"0001-01-01",
    "year 9999": b"9999-12-31",
    "end of time": b"9999-12-31T23:59",
    "week 53": b"2026-W54",
    "month 13": b"2026-13",
    "24:00": b"24:00",
    "25:61": b"25:61",
    "zoned": b"2026-01-20T10:00+14:00",
    "path": b"../../etc/passwd",
    "elsewhere": b"//evil.example/x",
    "wildcards": b"%_\\",
    "braces": b"{{7*7}}%s{0}",
    "quotes": b"' OR 1=1 --",
    "number too large": b"2147483648",
    "sixty four bits": b"9223372036854775808",
}
# What can be no number, no date, no time and no choice, however kindly it is read.
SENSELESS = ("NUL", "mark-up", "formula", "half a letter", "huge", "NaN", "no day", "25:61", "braces", "quotes", "path")
MOVED = "/sessions/<session_id>/move"
FIRM = ("number", "date", "time", "select", "radio")


@dataclass(frozen=True)
class Field:
    """One field as a browser would send it; `kind` is the input's type, select or textarea."""

    name: str
    value: str
    kind: str


@dataclass
class Form:
    """One form of a page."""

    method: str
    action: str
    fields: list[Field] = field(default_factory=list)


class Reader(HTMLParser):
    """Read the forms of a page and the addresses it leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._open: tuple[str, str, list[str]] | None = None  # name, kind, values of a select or text area

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and found.get("href", "").startswith("/"):
            self.links.append(found["href"])
        elif tag == "form":
            # The form of the grid is sent by script to the session that is moved.
            action = MOVED if "data-week-move" in found else found.get("action", "")
            self._form = Form(found.get("method", "get"), action)
            self.forms.append(self._form)
        elif self._form is not None:
            self._read(tag, found)

    def _read(self, tag: str, found: dict[str, str]) -> None:
        name, kind = found.get("name", ""), found.get("type", "text")
        if tag in ("select", "textarea"):
            self._open = (name, tag, [])
        elif tag == "option" and self._open is not None:
            chosen = self._open[2]
            if "selected" in found or not chosen:
                chosen[:] = [found.get("value", "")]
        elif tag == "input" and name and name != "csrf_token" and self._form is not None:
            value = found.get("value", "on" if kind == "checkbox" else "")
            known = any(f.name == name for f in self._form.fields)
            if kind in ("checkbox", "radio") and "checked" not in found and known:
                return
            self._form.fields.append(Field(name, value, kind))

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._open[1] == "textarea":
            self._open[2].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea") and self._open is not None and self._form is not None:
            name, kind, values = self._open
            self._form.fields.append(Field(name, "".join(values).lstrip("\n"), kind))
            self._open = None
        elif tag == "form":
            self._form = None


@dataclass(frozen=True)
class Scene:
    """Northgate with a plan, a draft, a link, a coaching series and a run: `values` fill the rules of addresses."""

    app: Any
    parts: Any
    values: dict[str, str]

    def digest(self) -> str:
        with self.parts.store.read() as db:
            return digest(db)

    def filled(self, rule: str, **spoilt: str) -> str:
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: spoilt.get(m[1], self.values[m[1]]), rule)


@pytest.fixture
def scene(app, parts, organisation):
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    acts.plan(parts, weeks=6)
    viewers = {}
    with parts.store.read() as db:
        for code in ("ana.correia", "bruno.matos", "olivia.brandt"):
            viewers[code] = accounts.viewer_of(db, id_of(code))
    session = acts.published(parts, person_id=id_of("ana.correia"))[-1]
    start = session.starts.replace(hour=10)
    draft = edit_draft.move(parts, viewers["olivia.brandt"], None, session.id, start, cause="the room is painted")
    wish = Wish("coaching_calls", "To end calls calmly.", (0, 2), start.time(), start.replace(hour=15).time())
    asked = request_coaching.ask(parts, viewers["bruno.matos"], wish)
    acts.Phone(app, parts, id_of("ana.correia"))
    ask = Ask(
        id=id_of("an ask"),
        kind=What.SUBSTITUTE.value,
        session_id=session.id,
        person_id=id_of("ana.correia"),
        by_id=session.facilitator_id,
        made=parts.now(),
        until=session.starts_utc,
    )
    with parts.store.write() as db:
        asks.make(db, [ask])
        run = runs.ask(db, "draw plan", period="asked-1", now=parts.now())
        from devsys.adapters.store.queries import feeds

        feed = feeds.of_owner(db, id_of("ana.correia"))[0].id
    values = {
        "person_id": id_of("ana.correia"),
        "kind": "people",
        "code": "case_rounds",
        "activity": "case_round",
        "session_id": session.id,
        "draft_id": draft.draft_id,
        "key": "0123456789abcdef",
        "run_id": run,
        "feed_id": feed,
        "token_id": id_of("token"),
        "webhook_id": id_of("webhook"),
        "request_id": asked.id,
        "plan_id": asked.id,
        "ask_id": ask.id,
        "letter_id": "0123456789abcdef0123",
        "team_id": id_of("alfama"),
        "queue_id": id_of("billing"),
        "unit_id": id_of("alfama"),
        "check": "staffing",
        **dict.fromkeys(OTHERS, "0123456789abcdef0123"),
        "number": "1",
        "token": "no-such-token",
        "filename": "devsys.css",
    }
    return Scene(app, parts, values)


# Things of registers that hold nothing here.
OTHERS = tuple(
    f"{one}_id"
    for one in (
        "vacancy",
        "candidate",
        "lesson",
        "mark",
        "rollout",
        "refresher",
        "fix",
        "leave",
        "target",
        "observation",
        "passkey",
    )
)
# Left out of spoiling: what ends the sign-in under test.
ENDS = {"signin.sign_out"}


def pages_of(scene: Scene, visitor: Any) -> Iterator[tuple[str, Reader]]:
    """Give every page a role can open, read; those of the draft and of the session chosen besides."""
    session, draft = scene.values["session_id"], scene.values["draft_id"]
    bruno = id_of("bruno.matos")  # has no account yet
    more = (
        f"/people/{bruno}",
        f"/week?session={session}&draft={draft}",
        f"/year?draft={draft}",
        f"/owed?draft={draft}",
    )
    for path in (*(scene.filled(r) for m, r, e, _ in routes(scene.app) if m == "GET" and e != "static"), *more):
        answer = visitor.get(path)
        assert answer.status_code < 500, path
        if answer.status_code == 200 and answer.mimetype == "text/html":
            reader = Reader()
            reader.feed(answer.text)
            yield path, reader
        answer.close()


def endpoint_of(scene: Scene, address: str, method: str) -> str:
    adapter = scene.app.url_map.bind("127.0.0.1")
    return str(adapter.match(urlsplit(address).path, method=method.upper())[0])


# Forms whose buttons carry the value, and those that stand on no page at this moment.
UNSHOWN = (
    ("/account/theme", (("theme", "dark"), ("next", "/programme"))),
    ("/imports/people/confirm", (("upload", "0123456789abcdef0123"), ("revision", "1"))),
    ("/sessions/<session_id>/attendance", (("present", id_of("ana.correia")),)),
    ("/programme/<code>/<activity>/figures", (("revision", "1"), ("weeks", "2"), ("minutes", "60"))),
    ("/programme/adopt", (("code", "digital"),)),
    ("/drafts/<draft_id>/publish", (("cause", "the room is painted"),)),
    ("/drafts/<draft_id>/compare", (("again", "1"),)),
    ("/drafts/<draft_id>/redo", (("step", "1"),)),
    ("/issues/<key>/aside", (("reason", "they asked for it"),)),
    ("/issues/<key>/back", ()),
    ("/sessions/<session_id>/undo", (("draft", "mine"), ("back", "/week"))),
    ("/setup/no-such-token", (("name", "Olivia"), ("email", "o@northgate.example"), ("password", "long enough, this"))),
    ("/sessions/<session_id>/answer", (("says", "cannot"), ("date", "0123456789ab"))),
    ("/sessions/<session_id>/feedback", (("worth", "yes"), ("tried", "partly"), ("next", "no"))),
    ("/sessions/<session_id>/hand-over", (("does", "ask"), ("person", id_of("bruno.matos")))),
    ("/sessions/<session_id>/swap", (("other", id_of("another session")),)),
    ("/places", (("need", "ana/skill/1"), ("session", id_of("another session")), ("does", "wait"))),
    ("/people/<person_id>/roles/take", (("role", "coach"), ("team", ""))),
    ("/people/<person_id>/link", (("again", "1"),)),
    ("/letters/held", (("does", "go"), ("letter", "0123456789abcdef0123"))),
    ("/account/online", (("address", "https://meet.northgate.example/ana"),)),
    ("/forgotten", (("email", "ana.correia@northgate.example"),)),
    ("/account-link/no-such-token", (("password", "a long enough one"), ("again", "a long enough one"))),
    ("/sign-in", (("email", "ana.correia@northgate.example"), ("password", "a long enough one"), ("next", "/"))),
)


def forms_of(scene: Scene, visitor: Any) -> dict[tuple[str, ...], Form]:
    """Give each form once: by where it goes and what it asks."""
    found: dict[tuple[str, ...], Form] = {}
    for path, reader in pages_of(scene, visitor):
        for form in reader.forms:
            form.action = scene.filled(form.action) or urlsplit(path).path
            if form.method.lower() != "post":
                continue
            endpoint = endpoint_of(scene, form.action, form.method)
            if endpoint not in ENDS:
                found.setdefault((endpoint, *sorted({f.name for f in form.fields})), form)
    for action, fields in UNSHOWN:
        form = Form("post", scene.filled(action), [Field(name, value, "text") for name, value in fields])
        found.setdefault((endpoint_of(scene, form.action, "post"),), form)
    return found


def spoilt(form: Form, which: int, word: bytes) -> str:
    """Give a form's body with one field spoilt; the bytes stay as they are."""
    pairs = [(f.name, word if i == which else f.value.encode()) for i, f in enumerate(form.fields)]
    return "&".join(f"{quote_from_bytes(n.encode())}={quote_from_bytes(v)}" for n, v in pairs)


def judge(answer: Any, before: str, after: str, what: object) -> list[str]:
    """Give what is wrong with an answer: broken, bare, unsaid, or something written on refusal."""
    text = answer.get_data().decode("utf-8", "replace")  # a workbook is no text
    wrong = []
    if answer.status_code >= 500:
        wrong.append("broken")
    if "Traceback (most recent" in text or "<script>alert" in text or "sqlalchemy" in text.lower():
        wrong.append("shows what it must not")
    if answer.status_code >= 400:
        if before != after:
            wrong.append("written on refusal")
        kind = answer.mimetype
        words = re.sub(r"<[^>]+>", " ", text.split("<main", 1)[-1]).split()
        if kind not in ("text/html", "text/plain") or len(words) < 4 or (kind == "text/html" and "<h1" not in text):
            wrong.append(f"says too little: {kind} {words[:8]}")
    if answer.status_code in (301, 302, 303, 307, 308) and urlsplit(answer.headers["Location"]).netloc:
        wrong.append("leads elsewhere")
    return [f"{fault}: {answer.status_code} {what}" for fault in wrong]


def times(number: int) -> Iterable[Any]:
    return [1, pytest.param(MORE, marks=pytest.mark.soak)] if number else ()


@pytest.mark.parametrize("more", times(FORMS))
def test_one_wrong_field_is_refused_in_words_and_writes_nothing(scene, sign_in, more):
    random_ = random.Random(SEED)  # noqa: S311 -- a lot, not a secret
    visitors = {role: sign_in(role) for role in Role}
    targets = [
        (role, form, i)
        for role, visitor in visitors.items()
        for form in forms_of(scene, visitor).values()
        for i in range(len(form.fields))
    ]
    assert len(targets) > 100
    shots = [(t, word) for t in targets for word in NASTY]
    reached, refused, wrong, before = set(), 0, [], scene.digest()
    for (role, form, i), word in random_.sample(shots, min(FORMS * more, len(shots))):
        visitor, spoilt_field = visitors[role], form.fields[i]
        body = f"csrf_token={visitor.token}&{spoilt(form, i, NASTY[word])}"
        headers = {"Origin": visitor.origin, "Content-Type": "application/x-www-form-urlencoded"}
        answer = visitor.client.post(form.action, data=body, headers=headers)
        after = scene.digest()
        what = (str(role), form.action, spoilt_field, word)
        wrong += judge(answer, before, after, what)
        if spoilt_field.kind in FIRM and word in SENSELESS and before != after:
            wrong.append(f"took {what}")
        before = after
        refused += answer.status_code >= 400
        reached.add(endpoint_of(scene, form.action, "POST"))
    assert not wrong, "\n".join(wrong)
    assert len(reached) > 20
    assert refused > 60


@pytest.mark.parametrize("more", times(LINKS))
def test_one_wrong_part_of_a_query_breaks_no_page_and_reading_never_writes(scene, sign_in, more):
    random_ = random.Random(SEED + 1)  # noqa: S311 -- a lot, not a secret
    visitors = {role: sign_in(role) for role in Role}
    targets: dict[tuple[Role, str, str], tuple[str, list[tuple[str, str]]]] = {}
    for role, visitor in visitors.items():
        for page, reader in pages_of(scene, visitor):
            asked = [parse_qsl(urlsplit(link).query) for link in reader.links]
            paths = [urlsplit(link).path for link in reader.links]
            for form in reader.forms:
                if form.method.lower() == "get":
                    paths.append(form.action or urlsplit(page).path)
                    asked.append([(f.name, f.value) for f in form.fields])
            for path, pairs in zip(paths, asked, strict=True):
                for name, _ in pairs:
                    if name != "v":
                        targets.setdefault((role, path, name), (path, pairs))
    assert len({path for path, _ in targets.values()}) > 6
    shots = [(t, word) for t in targets for word in NASTY]
    before, wrong = scene.digest(), []
    for (role, _, name), word in random_.sample(shots, min(LINKS * more, len(shots))):
        path, pairs = targets[role, _, name]
        query = "&".join(
            f"{n}={quote_from_bytes(NASTY[word])}" if n == name else urlencode([(n, value)]) for n, value in pairs
        )
        answer = visitors[role].get(f"{path}?{query}")
        wrong += judge(answer, before, before, (str(role), path, name, word))
    assert not wrong, "\n".join(wrong)
    assert scene.digest() == before


@pytest.mark.parametrize("more", times(IDS))
def test_a_wrong_id_is_not_there_for_anybody(scene, sign_in, more):
    random_ = random.Random(SEED + 2)  # noqa: S311 -- a lot, not a secret
    visitors = {role: sign_in(role) for role in Role}
    # A cookie opens nothing below /api/: tests/api/test_description.py asks there with a token.
    rules = [(m, r, p) for m, r, e, p in routes(scene.app) if "<" in r and e != "static" and not r.startswith("/api/")]
    names = [(m, r, p, name) for m, r, p in rules for name in re.findall(r"<(?:\w+:)?(\w+)>", r)]
    # An id with a slash in it is another address; an empty one too.
    words = [w for w in NASTY if w not in ("nothing", "path", "elsewhere", "long")]
    shots = [(role, *target, word) for role in Role for target in names for word in (*words, "a good id of no one")]
    before, wrong = scene.digest(), []
    for role, method, rule, permission, name, word in random_.sample(shots, min(IDS * more, len(shots))):
        visitor = visitors[role]
        shown = quote_from_bytes(NASTY.get(word, id_of(word).encode()))
        path = scene.filled(rule, **{name: shown})
        answer = visitor.post(path, {"cause": "x"}) if method == "POST" else visitor.get(path)
        what = (str(role), method, path[:120], word)
        wrong += judge(answer, before, scene.digest(), what)
        if answer.status_code not in (400, 404) and not (permission.public or answer.status_code == 422):
            wrong.append(f"answered {answer.status_code} {what}")
    assert not wrong, "\n".join(wrong)
    assert scene.digest() == before


@pytest.mark.parametrize("page", ["-1", "0", "999999999999999999999", "1.5", "٣", "NaN", "", "x"])
def test_pages_of_a_list_that_are_not_there_show_one_that_is(scene, sign_in, page):
    answer = sign_in(Role.COORDINATOR).get("/people", query_string={"page": page})
    assert answer.status_code == 200
    assert "Ana Correia" in unescape(answer.text)
    assert scene.values


HEADERS = (
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Cookie",
    "HX-Current-URL",
    "HX-Request",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Host",
)


@pytest.mark.parametrize("more", times(HEADS))
def test_no_header_breaks_a_page_a_form_or_a_feed(scene, sign_in, more):
    random_ = random.Random(SEED + 3)  # noqa: S311 -- a lot, not a secret
    visitor = sign_in(Role.EMPLOYEE)
    phone = acts.Phone(scene.app, scene.parts, id_of("bruno.matos"))
    addresses = (("/", "GET"), (phone.address, "GET"), ("/coaching", "POST"))
    shots = [(name, word, *address) for name in HEADERS for word in NASTY for address in addresses]
    before, wrong = scene.digest(), []
    for name, word, address, method in random_.sample(shots, min(HEADS * more, len(shots))):
        value = NASTY[word].replace(b"\r", b"").replace(b"\n", b"").decode("latin-1")  # no server lets a line break in
        headers = {"Origin": visitor.origin} if method == "POST" else {}
        headers[name] = f"devsys={value}" if name == "Cookie" else value
        answer = visitor.client.open(address, method=method, headers=headers)
        if answer.status_code != 304:
            wrong += judge(answer, before, scene.digest(), (name, word, address))
    assert not wrong, "\n".join(wrong)
