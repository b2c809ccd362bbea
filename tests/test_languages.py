"""Every text can be said in another language: nothing is left out of the catalogues, and they are whole.

What is not given to be translated yet stands in NOT_YET_...; what is, must leave them.
"""

import ast
import json
import re
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from babel import Locale
from jinja2 import nodes
from sqlalchemy import select

from devsys.actions import answer_pulse, hiring_guides, run_round
from devsys.adapters.store import inspection
from devsys.adapters.store.queries import audit, people, programme
from devsys.adapters.store.tables.all import metadata
from devsys.base import words, written
from devsys.base.resources import folder
from devsys.core.improvement.metrics import MEASURES
from devsys.core.intake.kinds import KINDS
from devsys.core.model.access import Role
from devsys.faces.web.filters import initials
from devsys.faces.web.pages.measures import EXAMPLE
from tests.pseudo import Pseudo, outside
from tests.test_walks import opened, year  # noqa: F401 -- a fixture
from tools import messages

TEMPLATES = folder("templates")
NAMES = sorted(str(p.relative_to(TEMPLATES)) for kind in ("*.html", "*.txt") for p in TEMPLATES.rglob(kind))
# Folders of templates, or templates of the first level, whose texts are not given to be translated yet.
NOT_YET_TEMPLATES: set[str] = set()
# Folders or modules of devsys/ whose texts are not given to be translated yet.
NOT_YET_MODULES: set[str] = set()
# What speaks to operators and programs, in English alone (docs/decisions), and what writes the demo. Of the actions,
# adapters and the base it is what a terminal or the log alone says: accounts added there, backups, keys, moving to
# another database, upgrading, the mailbox that answers are read from, what an installation lacks.
ENGLISH_ALONE = (
    "actions/add_account.py",
    "actions/backup.py",
    "actions/change_key.py",
    "actions/move.py",
    "adapters/post/imap.py",
    "adapters/store/clearing.py",
    "adapters/store/copies.py",
    "adapters/store/schema.py",
    "base/keys.py",
    "base/resources.py",
    "commands/",
    "faces/api/",
    "cli.py",
    "core/improvement/chart_file.py",  # `devsys spc` and `devsys effect` alone read these two
    "core/improvement/panel_file.py",
    "serve.py",
    "actions/demo",
    "adapters/store/leader.py",
    "adapters/store/transfer.py",
    "faces/jobs/worker.py",
)
LANGUAGE_NAMES = {"devsys", "English", "Deutsch"}
NAMES_OF_TIME = {
    word
    for table in (Locale.parse("en").days, Locale.parse("en").months)
    for width in ("wide", "abbreviated")
    for word in table["format"][width].values()
}
LETTERS = re.compile(r"[^\W\d_]{2,}")


@pytest.mark.parametrize("language", messages.OTHERS)
def test_every_text_is_translated(language):
    assert [key for key in (messages.key_of(m) for m in messages.missing(language, ())) if key[1]] == []


@pytest.mark.parametrize("language", messages.OTHERS)
def test_no_text_is_translated_that_nobody_says_and_none_twice(language):
    said, seen = messages.said(), {}
    for file in messages.files(language):
        for message in messages.read(file, language):
            key = messages.key_of(message)
            if message.id:
                assert key in said, f"{file.name}: nobody says {key}"
                assert key not in seen, f"{key} stands in {seen.get(key)} and {file.name}"
                seen[key] = file.name


@pytest.mark.parametrize("language", messages.OTHERS)
def test_every_file_is_in_its_one_order(language):
    for file in messages.files(language):
        assert messages.written(messages.read(file, language)) == file.read_bytes(), file.name


@pytest.mark.parametrize("language", messages.OTHERS)
def test_a_translation_has_the_places_and_tags_of_its_text(language):
    place, tag = re.compile(r"%\((\w+)\)s"), re.compile(r"<(/?\w+)")
    for (_, text), message in messages.known(language).items():
        texts = (message.string,) if isinstance(message.string, str) else message.string
        known = {
            name for one in (message.id if isinstance(message.id, tuple) else (text,)) for name in place.findall(one)
        }
        for given in texts:
            assert set(place.findall(given)) <= known, given
            if isinstance(message.id, str):
                assert set(place.findall(given)) == known, given
                assert sorted(tag.findall(given)) == sorted(tag.findall(text)), given
            assert not re.search(r"%(?!\(\w+\)s|%)", given) or not known, given


def unsaid(name):
    """Give what a template says without giving it to be translated."""
    source = (TEMPLATES / name).read_text("utf-8")
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.policies["ext.i18n.trimmed"] = True
    tree = environment.parse(re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL))
    translated = {
        id(part)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext", "pgettext")
        for part in (call, *call.find_all((nodes.Const, nodes.TemplateData)))
    }
    # What a trans block holds is a call whose first argument is the text; plain data stands outside of calls.
    data = ""
    for out in tree.find_all(nodes.Output):
        for part in out.nodes:
            if isinstance(part, nodes.TemplateData):
                in_tag = data.rfind("<") > data.rfind(">")
                data += part.data if in_tag else f"\x00{part.data}"
    reader = Reader()
    reader.feed(data)
    reader.close()
    for text in reader.texts:
        if LETTERS.search(re.sub("|".join(LANGUAGE_NAMES), "", text)):
            yield text.strip()
    for part in tree.find_all(nodes.Const):
        if isinstance(part.value, str) and id(part) not in translated and is_sentence(part.value):
            yield part.value


def is_sentence(text):
    """Say whether a constant is words for people: a capital and a small letter at its start, or words and a stop."""
    return bool(re.match(r"[A-Z][a-z]+( |$|\.|,|:)", text) or re.search(r"[a-z]{2,} [a-z]{2,}.*[.?!]$", text))


INLINE = {"a", "abbr", "b", "bdi", "br", "code", "em", "i", "kbd", "small", "span", "strong", "sub", "sup", "time"}
VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Reader(HTMLParser):
    """Take the words of a page: what stands between tags, and in attributes that are read out.

    A sentence with tags inside is one text. What a page says to be English (lang="en" below the top) is left out:
    names of columns and acts.
    """

    def __init__(self):
        super().__init__()
        self.texts: list[str] = []
        self._piece = ""
        self._skips: list[str] = []  # the tags open since one whose words are left out

    def handle_starttag(self, tag, attrs):
        if self._skips:
            if tag not in VOID:
                self._skips.append(tag)
            return
        self._between(tag)
        if tag in ("script", "style") or (tag != "html" and ("lang", "en") in attrs):
            self._skips.append(tag)
        self.texts += [v for n, v in attrs if v and n in ("aria-label", "title", "placeholder", "alt", "data-label")]

    def handle_endtag(self, tag):
        if self._skips:
            while self._skips and self._skips.pop() != tag:
                pass
            return
        self._between(tag)

    def handle_data(self, data):
        if not self._skips:
            first, *others = data.split("\x00")
            self._piece += first
            for other in others:
                self._end()
                self._piece = other

    def _between(self, tag):
        if tag in INLINE:
            self._piece += " "  # two words, though one sentence
        else:
            self._end()

    def _end(self):
        self.texts.append(self._piece)
        self._piece = ""

    def close(self):
        super().close()
        self._end()


@pytest.mark.parametrize("name", NAMES)
def test_a_template_says_nothing_untranslated(name):
    found = list(unsaid(name))
    top = name.split("/", maxsplit=1)[0]
    if top in NOT_YET_TEMPLATES or name in NOT_YET_TEMPLATES:
        return
    assert not found, "\n".join(found)


def test_templates_not_yet_said_are_so():
    by_top = {}
    for name in NAMES:
        by_top.setdefault(name.split("/", maxsplit=1)[0], []).extend(unsaid(name))
        by_top[name] = list(unsaid(name))
    assert {name for name in NOT_YET_TEMPLATES if not by_top.get(name)} == set()


SAYS = {"flash", "fault", "Fault", "page_head"}  # calls whose constants are words for people
ERRORS = re.compile(r"(\w+Error|LeftOut)$")
PYTHONS = ("RuntimeError", "ValueError", "TypeError", "LookupError", "KeyError")


def unsaid_in(file):
    """Give the literals of a module that are words for people and are not given to be translated."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        ours = ERRORS.fullmatch(name) and name not in (
            "RuntimeError",
            "ValueError",
            "TypeError",
            "LookupError",
            "KeyError",
        )
        if ours or name in SAYS:
            for part in node.args:
                text = "".join(
                    c.value for c in ast.walk(part) if isinstance(c, ast.Constant) and isinstance(c.value, str)
                )
                literal = isinstance(part, (ast.JoinedStr, ast.BinOp, ast.Constant))
                if literal and is_sentence(text):
                    yield f"{file.name}:{part.lineno}: {text[:70]}"


MODULES = sorted(p for p in Path(words.__file__).parents[1].rglob("*.py") if "migrations" not in p.parts)


def place_of(file):
    return str(file.relative_to(Path(words.__file__).parents[1]))


@pytest.mark.parametrize("file", MODULES, ids=place_of)
def test_a_module_says_nothing_untranslated(file):
    place = place_of(file)
    if place.startswith((*ENGLISH_ALONE, *NOT_YET_MODULES)):
        return
    found = list(unsaid_in(file))
    assert not found, "\n".join(found)


def data_words(parts):
    """Give the words of all data, which nobody translates."""
    found = set(LANGUAGE_NAMES) | NAMES_OF_TIME
    found.update(LETTERS.findall((folder("schedules") / answer_pulse.FILE).read_text("utf-8")))
    found.update(LETTERS.findall(" ".join((*MEASURES, EXAMPLE))))  # codes, and a mapping as it may be written
    found.update(LETTERS.findall(" ".join(column.example for kind in KINDS.values() for column in kind.columns)))
    with parts.store.read() as db:
        found.update(LETTERS.findall(inspection.engine_version(parts.store, db)))  # what the database calls itself
        for table in metadata.tables.values():
            for row in db.execute(select(*table.columns)):
                for value in row:
                    found.update(LETTERS.findall(value if isinstance(value, str) else json.dumps(value, default=str)))
        found.update(initials(one.name) for one in people.organisation(db).people)
        written_by_others = [one.prepare for one in programme.activities(db).values()]
        written_by_others += [act.capitalize() for act in audit.choices(db)[1]]  # kept in English, as they are
    written_by_others += [" ".join((one.title, one.situation, *one.ask)) for one in run_round.library(parts)]
    written_by_others += [
        " ".join((one.title, one.means, *one.questions, *one.levels)) for one in hiring_guides.guides(parts).values()
    ]
    for text in written_by_others:
        found.update(LETTERS.findall(text))
    return found


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD, Role.EMPLOYEE])
def test_no_page_shows_anything_untranslated(app, year, sign_in, parts, role):  # noqa: F811
    known = data_words(parts)
    app.before_request_funcs[None].append(lambda: words.speak("en", Pseudo()))
    found: dict[str, set[str]] = {}
    try:
        for address, answer in opened(app, year, sign_in(role)):
            reader = Reader()
            reader.feed(answer.text)
            reader.close()
            endpoint, _ = app.url_map.bind("localhost").match(address.partition("?")[0])
            for text in reader.texts:
                left = [word for word in LETTERS.findall(outside(text)) if word not in known]
                if left:
                    found.setdefault(endpoint.partition(".")[0], set()).add(
                        f"{' '.join(text.split())[:90]} ({left[0]})"
                    )
    finally:
        app.before_request_funcs[None].pop()
    wrong = {page: sorted(texts)[:40] for page, texts in found.items()}
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("de", "de"), ("de-AT,en;q=0.5", "de"), ("fr,de;q=0.3", "de"), ("en-GB,de;q=0.9", "en"), ("fr", "en"), ("", "en")],
)
def test_a_page_speaks_as_the_browser_asks_and_else_as_the_organisation(sign_in, asked, spoken):
    visitor = sign_in(Role.EMPLOYEE)
    assert f'<html lang="{spoken}"' in visitor.get("/account", headers={"Accept-Language": asked}).text


def test_what_its_reader_chose_goes_before_what_the_browser_asks(sign_in):
    visitor = sign_in(Role.EMPLOYEE)
    visitor.post("/account/language", {"language": "de"})
    chosen = visitor.get("/account", headers={"Accept-Language": "en"}).text
    assert '<html lang="de"' in chosen
    assert "Mein Konto" in chosen
    visitor.post("/account/language", {"language": "auto"})
    assert "My account" in visitor.get("/account", headers={"Accept-Language": "en"}).text
    assert visitor.post("/account/language", {"language": "tlh"}).status_code == 422


def test_what_is_said_after_a_page_is_english_again(sign_in):
    visitor = sign_in(Role.EMPLOYEE)
    visitor.post("/account/language", {"language": "de"})
    assert '<html lang="de"' in visitor.get("/account").text
    assert words.language() == words.ENGLISH


def test_a_constant_is_said_when_it_is_shown_and_kept_as_it_stands():
    word = words.to_phrase("today")
    with words.speaking("de"):
        assert (str(word), f"{word:>6}", word + "!", word[:2], word.capitalize()) == (
            "heute",
            " heute",
            "heute!",
            "he",
            "Heute",
        )
        assert words.phrase("%(date)s, %(time)s", date=word, time="9:00") == "heute, 9:00"
        assert (word == "today", {word: 1}["today"], json.dumps(word)) == (True, 1, '"today"')
        assert jinja2.Environment(autoescape=True).from_string("{{ w }} {{ w|lower }} {{ w ~ w }}").render(w=word) == (
            "heute heute heuteheute"
        )
    assert str(word) == "today"


def test_dates_numbers_and_lists_in_german():
    with words.speaking("de"):
        assert written.full_day(date(2027, 3, 23)) == "Di. 23. März 2027"
        assert written.full_moment(datetime(2027, 3, 23, 14, 30)) == "23. März 2027, 14:30"
        assert written.number(12_345) == "12.345"
        assert written.percent(97.8) == "97,8\u2009%"
        assert written.several(["a", "b", "c"]) == "a, b und c"
        assert written.since(datetime(2027, 1, 1), datetime(2027, 1, 2)) == "vor 1 Tag"
        assert written.zone_name("Europe/Lisbon") == "Ortszeit Lissabon"
    assert written.full_day(date(2027, 3, 23)) == "Tue 23 March 2027"
