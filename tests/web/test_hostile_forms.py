"""Hostile words in every field of every form and in every query: refused or taken as text, never a broken page."""

import re
from urllib.parse import quote

import pytest

from devsys.actions import adopt_programme
from devsys.app import routes
from devsys.core.model.access import Role
from tests import builders
from tests.web.test_routes import filled

# fmt: off
FIELDS = (
    "activity", "aim", "active", "activities", "again", "at", "by", "cause", "choice", "code", "codes", "day",
    "days", "draft", "email", "end", "figures", "file", "from", "goal", "grace_days", "group", "hours", "intensity",
    "kind", "kinds", "least", "level", "minutes", "most", "move", "name", "next", "note", "number", "offset_weeks",
    "old", "one_team", "organisation", "outline", "page", "password", "pasted", "people", "person", "pinned",
    "prepare", "prerequisites", "present", "principles", "priority", "qualification", "reason", "recovery_minutes",
    "redraw", "redraw_from", "revision", "role", "room", "rotation", "rounds", "search", "seed", "seen", "series",
    "settle_weeks", "site", "start", "starts", "steps", "target", "team", "team_id", "theme", "time", "title",
    "titles", "to", "token", "upload", "view", "week", "weeks", "what",
)
# fmt: on
WORDS = {
    "nothing": "",
    "controls": "a\x00b\x07c\x1b[2Jd\x7f",
    "lines": "a\r\nBcc: everybody@northgate.example\r\n\r\nb",
    "bidi": "\u202egnp.exe\u2066x\u2069",
    "mark-up": '"><script>alert(1)</script><img src=x onerror=alert(1)>',
    "template": "{{ 7 * 7 }}{% include '/etc/passwd' %}${7*7}",
    "sql": "'; DROP TABLE person; -- \\' %_",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "encoded": "=?UTF-8?Q?a=0ABcc:_x=40y?=",
    "calendar": "x\nEND:VEVENT\nBEGIN:VEVENT",
    "path": "../../../../etc/passwd",
    "numbers": "1e999999",
    "digits": "9" * 400,
    "negative": "-1",
    "not a number": "NaN",
    "other digits": "٣٠",
    "far date": "9999-12-31",
    "no date": "2026-02-30",
    "leap": "2027-02-29",
    "json": '{"a": [' * 50,
    "long": "x" * 11_000,
    "combining": "e\u0301" * 6_000,
    "astral": "\U0001f9d8" * 500,
    "not a letter": "\ufffe\uffff\ud7ff",
}


@pytest.fixture
def peopled(app, parts, organisation):
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    builders.publish_now(parts, builders.a_session())
    builders.a_draft(parts, builders.a_session("round-2"), code="second")
    return app


def mixed(shift):
    """Give every field one of the hostile words; another shift gives each another."""
    words = list(WORDS.values())
    return {name: words[(i * 5 + shift) % len(words)] for i, name in enumerate(FIELDS)}


SHIFTS = [*range(3), *(pytest.param(shift, marks=pytest.mark.soak) for shift in range(3, len(WORDS)))]


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR])
def test_no_form_breaks(peopled, sign_in, role, shift):
    visitor = sign_in(role)
    ends = {"signin.sign_out", "people.set_active", "people.reset_password"}
    broken = []
    for method, rule, endpoint, _ in routes(peopled):
        if method != "POST" or endpoint in ends:
            continue
        answer = visitor.post(filled(rule), mixed(shift))
        if answer.status_code >= 500 or "<script>alert" in answer.text or "onerror=alert" in unquoted(answer.text):
            broken.append((rule, answer.status_code))
    assert broken == []


def unquoted(page):
    """Give a page without the text that is shown as text."""
    return re.sub(r"&(?:lt|gt|#34|#39|amp);[^<]*", "", page)


@pytest.mark.parametrize("shift", SHIFTS)
def test_no_address_breaks(peopled, sign_in, shift):
    visitor = sign_in(Role.COORDINATOR)
    broken = []
    for method, rule, _, _ in routes(peopled):
        if method != "GET" or rule.startswith("/static"):
            continue
        answer = visitor.get(filled(rule), query_string=mixed(shift))
        if answer.status_code >= 500:
            broken.append((rule, answer.status_code))
    assert broken == []


@pytest.mark.parametrize("words", ["controls", "lines", "mark-up", "sql", "path", "digits", "astral", "not a letter"])
def test_no_id_breaks(peopled, sign_in, words):
    visitor = sign_in(Role.COORDINATOR)
    broken = []
    for method, rule, _, permission in routes(peopled):
        if "<" not in rule or rule.startswith("/static"):
            continue
        path = re.sub(r"<[^>]+>", quote(WORDS[words][:300], safe=""), rule)
        answer = visitor.post(path) if method == "POST" else visitor.get(path)
        if answer.status_code >= 500 or (answer.status_code == 200 and not permission.public):
            broken.append((method, rule, answer.status_code))
    assert broken == []


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "latin-1", "utf-7", "no-such"])
def test_no_encoding_of_a_form_breaks(sign_in, charset):
    visitor = sign_in(Role.COORDINATOR)
    body = f"csrf_token={visitor.token}&theme=dark&search=%ff%fe%00%d8&%ff=%ff".encode()
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    answer = visitor.client.post("/account/theme", data=body, headers={"Origin": visitor.origin, "Content-Type": kind})
    assert answer.status_code < 500


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n\xff"])
def test_no_broken_multipart_breaks(sign_in, body):
    visitor = sign_in(Role.COORDINATOR)
    headers = {"Origin": visitor.origin, "Content-Type": "multipart/form-data; boundary=x"}
    assert visitor.client.post("/imports/people", data=body, headers=headers).status_code in (400, 413)


def test_too_many_parts_are_refused(sign_in):
    visitor = sign_in(Role.COORDINATOR)
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    headers = {"Origin": visitor.origin, "Content-Type": "multipart/form-data; boundary=x"}
    answer = visitor.client.post("/imports/people", data=part * 1_001 + b"--x--\r\n", headers=headers)
    assert answer.status_code == 413
