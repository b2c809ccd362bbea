"""Walks over everything there is: tables, templates, pages. What must hold for each is said once, here.

(That every route has a permission: tests/web/test_routes.py. That every table has a data class: test_migrations.py.)
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from devsys.actions import adopt_programme, list_issues
from devsys.adapters.store.digest import PASSING
from devsys.adapters.store.tables.all import metadata
from devsys.app import routes
from devsys.base.resources import folder
from devsys.core.model.access import Role
from tests import builders
from tests.builders import DOMAIN, id_of
from tests.stories import acts
from tests.web.scenes import queries_of

ALFAMA = {"team": "alfama", "queue": "billing", "pattern": "early", "joined": "2026-01-05"}
TEMPLATES = folder("templates")
NAMES = sorted(str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.html"))
VOID = frozenset(("base", "br", "col", "hr", "img", "input", "link", "meta", "source"))


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_a_table_that_knows_a_person_names_the_column(name):
    table = metadata.tables[name]
    people = [key.parent.name for key in table.foreign_keys if key.target_fullname == "person.id"]
    named = table.info["person"]
    assert bool(named) or not people, f"{name} has {people} and names none"
    if table.info["data"] in ("personal", "confidential"):
        assert named


def test_the_digest_leaves_out_only_tables_that_stand():
    assert set(PASSING) <= set(metadata.tables)


def source(name):
    """Give a template without its comments."""
    return re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text("utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_holds_nothing_inline_and_every_form_its_token(name):
    text = source(name)
    assert not re.search(r"\|\s*safe\b|Markup\(|\{%\s*autoescape", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)
    for form in re.findall(r"<form[^>]*method=\"post\"[^>]*>.*?</form>", text, re.DOTALL):
        assert re.search(r"csrf\(\)|token\(\)|csrf_token", form), form[:120]


def test_every_template_is_used():
    python = "\n".join(p.read_text("utf-8") for p in Path("devsys").resolve().rglob("*.py"))
    everything = python + "\n".join(source(name) for name in NAMES)
    assert [name for name in NAMES if f'"{name}"' not in everything] == []


@dataclass
class Seen:
    """What a page says of itself."""

    ids: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    wanted: list[tuple[str, str]] = field(default_factory=list)  # attribute, id it points to
    faults: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """Read a page as somebody would who cannot see it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self.labels: set[str] = set()
        self.controls: list[tuple[str, str]] = []
        self._stack: list[tuple[str, dict[str, str]]] = []
        self._text: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        seen = self.seen
        if "id" in found:
            seen.ids.append(found["id"])
        if re.fullmatch(r"h[1-6]", tag):
            seen.headings.append(int(tag[1]))
        for name in ("aria-labelledby", "aria-describedby", "aria-controls", "for", "list", "headers"):
            seen.wanted += [(name, one) for one in found.get(name, "").split()]
        if tag == "a" and found.get("href", "").startswith("#") and len(found["href"]) > 1:
            seen.wanted.append(("href", found["href"][1:]))
        if tag == "label":
            self.labels.add(found.get("for", ""))
        if tag in ("input", "select", "textarea") and found.get("type") not in ("hidden", "submit"):
            inside = any(open_tag == "label" for open_tag, _ in self._stack)
            if not (inside or "aria-label" in found or "aria-labelledby" in found):
                self.controls.append((found.get("id", ""), str(self.get_starttag_text())))
        if tag == "img" and "alt" not in found:
            seen.faults.append(f"a picture without words: {self.get_starttag_text()}")
        if tag not in VOID:
            self._stack.append((tag, found))
            self._text.append([found.get("aria-label", "")])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        for text in self._text:
            text.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._stack:
            open_tag, found = self._stack.pop()
            said = "".join(self._text.pop()).strip()
            if open_tag in ("a", "button", "h1", "h2", "h3", "summary", "label", "th", "legend", "title") and not said:
                self.seen.faults.append(f"<{open_tag} {found}> says nothing")
            if open_tag == tag:
                return

    def faults(self) -> Iterator[str]:
        """Give what is wrong with the page."""
        seen = self.seen
        yield from seen.faults
        yield from (f"id {one} stands {n} times" for one, n in Counter(seen.ids).items() if n > 1)
        yield from (f"{name} points to {one}, which is not there" for name, one in seen.wanted if one not in seen.ids)
        yield from (f"no label: {tag}" for one, tag in self.controls if not one or one not in self.labels)
        if seen.headings.count(1) != 1:
            yield f"{seen.headings.count(1)} headings of the first level"
        steps = zip(seen.headings, seen.headings[1:], strict=False)
        yield from (f"a heading of level {low} after one of level {high}" for high, low in steps if low > high + 1)


@pytest.fixture
def year(parts, organisation):
    """Northgate with a plan of which a week is past, and a draft; the values that fill the rules of addresses."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    acts.plan(parts, weeks=6)
    parts.clock.move(days=8)
    acts.away(parts, "bruno.matos", "2026-01-26", "2026-02-06")
    drawn = acts.draw(parts, weeks=6, cause="Bruno is away")
    past = next(s for s in acts.published(parts) if s.activity == "professional_boundaries")
    held = next((s for s in acts.published(parts) if s.activity == "case_round"), past)
    return {
        "round": held.id,
        "person_id": id_of("ana.correia"),
        "kind": "people",
        "code": "case_rounds",
        "activity": "case_round",
        "session_id": past.id,
        "draft_id": drawn.draft_id,
        "key": list_issues.issues(parts, None).found[0].key,
        "run_id": "0",
        "feed_id": "0",
        "request_id": "0",
        "plan_id": "0",
        "letter_id": "0",
        "ask_id": "0",
        "fix_id": builders.a_fix(parts),
        "lesson_id": builders.a_lesson(parts),
        "team_id": id_of("alfama"),
        "unit_id": id_of("alfama"),
        "queue_id": id_of("billing"),
        "check": "staffing",
        "target_id": "0",
        "leave_id": "0",
        "vacancy_id": "0",
        "candidate_id": "0",
        "rollout_id": builders.a_rollout(parts),
        "refresher_id": "0",
        "observation_id": "0",
        "number": "1",
        "token": "0",
        "filename": "0",
    }


def addresses(app, values):
    """Give the address of every page, and of some with something chosen."""
    for method, rule, endpoint, _ in routes(app):
        if method == "GET" and endpoint != "static":
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda m: values[m[1]], rule)
    draft, session = values["draft_id"], values["session_id"]
    yield from (
        f"/week?week=2026-W02&session={session}",
        f"/week?week=2026-W05&draft={draft}&view=facilitators",
        "/week?view=rooms",
        f"/year?draft={draft}",
        "/year?view=table",
        f"/month?month=2026-01&draft={draft}",
        f"/owed?draft={draft}",
        f"/people/{id_of('bruno.matos')}",
        f"/sessions/{session}/move",
        f"/rounds/{values['round']}",
        f"/rounds/{values['round']}/card",
        "/calendar?own=1",
        "/calendar?view=past",
        "/imports/volumes",
        "/people?search=ana&page=1",
    )


def opened(app, values, visitor) -> Iterator[tuple[str, Any]]:
    for address in addresses(app, values):
        answer = visitor.get(address)
        assert answer.status_code < 500, address
        if answer.status_code == 200 and answer.mimetype == "text/html" and "<!doctype" in answer.text[:20].lower():
            yield address, answer


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.ASSESSOR])
def test_every_page_is_whole_for_whoever_cannot_see_it(app, year, sign_in, role):
    wrong, count = [], 0
    for address, answer in opened(app, year, sign_in(role)):
        count += 1
        page = Page()
        page.feed(answer.text)
        wrong += [f"{address}: {fault}" for fault in page.faults()]
        if not re.search(r"<html lang=\"en\"[^>]*>", answer.text) or "<main" not in answer.text:
            wrong.append(f"{address}: no language or no main part")
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert count >= 8


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.LEAD, Role.EMPLOYEE])
def test_every_link_of_every_page_leads_somewhere(app, year, sign_in, role):
    visitor = sign_in(role)
    links: dict[str, str] = {}
    for address, answer in opened(app, year, visitor):
        for link in re.findall(r'<a [^>]*href="(/[^"#]*)', answer.text):
            links.setdefault(link.replace("&amp;", "&"), address)
    dead = []
    # One link of each kind, so that a hundred sessions are not opened one by one.
    kinds = {re.sub(r"[0-9a-f]{20}|\d+", "#", link): link for link in links}
    for link in kinds.values():
        answer = visitor.get(link)
        if answer.status_code >= 400:
            dead.append(f"{answer.status_code} {link} on {links[link]}")
        answer.close()
    assert not dead, "\n".join(dead)
    assert len(kinds) > 10


def test_no_page_asks_the_database_more_often_for_more(app, year, sign_in, parts):
    """Lists cost the same number of statements, however long they are (house rule 7)."""
    visitor = sign_in(Role.COORDINATOR)
    pages = [address for address, _ in opened(app, year, visitor)]

    def look(address):
        visitor.get(address).close()

    def asked():
        for address in pages:
            look(address)  # what is kept between pages is kept now
        return {address: queries_of(parts, partial(look, address)) for address in pages}

    before = asked()
    acts.plan(parts, weeks=26)
    more = ({"code": f"5{n:03d}", "name": f"Rita Prata {n}", "email": f"rita.{n}@{DOMAIN}"} for n in range(40))
    acts.bring(parts, "people", acts.rows("people", *(one | ALFAMA for one in more)))
    after = asked()
    assert {a: (before[a], after[a]) for a in pages if after[a] > before[a]} == {}


def test_the_reader_of_pages_sees_what_is_wrong():
    page = Page()
    page.feed(
        '<h1 id="a">Year</h1><h3 id="a">Week</h3><input id="b"><p aria-describedby="c"></p><a href="/x"></a>'
        '<img src="x"><label for="b">Day</label><input id="d">'
    )
    assert len(list(page.faults())) == 6
    assert list(page.faults())[-1] == "a heading of level 3 after one of level 1"
