"""Logs: secrets are cut before anything is written, in any form."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from devsys.base.ids import token_hash
from devsys.base.logs import set_up, without_secrets

TOKEN = "q3Jx0cF1m2ZpT4s6Vb8Yd0Ha"
CUT = token_hash(TOKEN)[:8]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("devsys")
    kept = (root.level, list(root.handlers), own.level)
    yield
    root.setLevel(kept[0])
    root.handlers[:] = kept[1]
    own.setLevel(kept[2])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"GET /feed/{TOKEN}.ics 200", f"GET /feed/{CUT}.ics 200"),
        (f"GET /feed/{TOKEN}?x=1", f"GET /feed/{CUT}?x=1"),
        (f"http://127.0.0.1:8000/setup/{TOKEN}", f"http://127.0.0.1:8000/setup/{CUT}"),
        (f"'/feed/{TOKEN}.ics' and /feed/{TOKEN}.ICS", f"'/feed/{CUT}.ics' and /feed/{CUT}."),
        ("GET /feeds and /year", "GET /feeds and /year"),
    ],
)
def test_the_secret_of_an_address_is_cut_to_8_letters_of_its_hash(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_a_line_is_one_json_object_and_a_trace_holds_no_secret() -> None:
    out = io.StringIO()
    set_up("INFO", out)
    log = logging.getLogger("devsys.web")
    log.info("GET /feed/%s.ics", TOKEN)
    try:
        int(f"/feed/{TOKEN}.ics")
    except ValueError:
        log.exception("incident %s", "ab12")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["level"], first["name"], first["said"]) == ("info", "devsys.web", f"GET /feed/{CUT}.ics")
    assert (second["said"], "ValueError" in second["trace"]) == ("incident ab12", True)
    assert TOKEN not in out.getvalue()


def test_at_a_terminal_a_line_is_plain() -> None:
    out = _Terminal()
    set_up("INFO", out)
    logging.getLogger("devsys.worker").info("This worker leads.")
    assert out.getvalue().endswith(" worker: This worker leads.\n")


def test_libraries_are_heard_from_warnings_on() -> None:
    out = io.StringIO()
    set_up("INFO", out)
    logging.getLogger("apscheduler").info("a tick")
    logging.getLogger("apscheduler").warning("a late tick")
    assert [json.loads(line)["said"] for line in out.getvalue().splitlines()] == ["a late tick"]


@pytest.mark.parametrize(("form", "terminal", "json_line"), [("json", True, True), ("text", False, False)])
def test_the_form_is_what_the_setting_says(form: Any, *, terminal: bool, json_line: bool) -> None:
    out = _Terminal() if terminal else io.StringIO()
    set_up("INFO", out, form)
    logging.getLogger("devsys.web").info("begins", extra={"facts": {"request": "ab", "path": f"/feed/{TOKEN}.ics"}})
    line = out.getvalue()
    assert line.startswith("{") is json_line
    if json_line:
        found = json.loads(line)
        assert (found["request"], found["path"]) == ("ab", f"/feed/{CUT}.ics")
    assert TOKEN not in line
