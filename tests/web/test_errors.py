"""Errors as pages: each kind has its status; what is our fault shows a number and nothing else."""

import logging
import re

import pytest
from flask import Blueprint

from devsys.base.errors import (
    ConflictError,
    DevsysError,
    Fault,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)
from devsys.core.policy import allow
from tests.conftest import application

RAISED = {
    "missing": NotFoundError("Bruno Matos has no such secret."),
    "denied": NotAllowedError("Only a coordinator may do this."),
    "invalid": InvalidError("The plan spans too much.", (Fault("weeks", "at most 104"),)),
    "conflict": ConflictError("Helena Vaz published on 5 January 2026 at 09:00 UTC."),
    "busy": UnavailableError("Somebody else is writing right now.", 7),
    "broken": RuntimeError("secret /var/lib/devsys ana.correia@northgate.example"),
    "ours": DevsysError("a kind without a place in the table"),
}


@pytest.fixture
def troubled(parts):
    pages = Blueprint("trouble", __name__)

    @pages.get("/trouble/<name>")
    @allow("public")
    def trouble(name):
        raise RAISED[name]

    app = application(parts)
    app.register_blueprint(pages)
    return app.test_client()


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("missing", 404, "or it is not yours to see"),
        ("denied", 403, "Only a coordinator may do this."),
        ("invalid", 422, "The plan spans too much. weeks: at most 104."),
        ("conflict", 409, "Helena Vaz published on 5 January 2026 at 09:00 UTC."),
        ("busy", 503, "Try again in 7 seconds."),
        ("broken", 500, "This is our fault"),
        ("ours", 500, "This is our fault"),
    ],
)
def test_each_kind_has_its_status_and_words(troubled, name, status, words):
    answer = troubled.get(f"/trouble/{name}")
    assert answer.status_code == status
    assert words in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_missing_thing_tells_nothing_about_itself(troubled):
    assert "Bruno Matos" not in troubled.get("/trouble/missing").text


def test_what_is_busy_says_when_to_come_back(troubled):
    assert troubled.get("/trouble/busy").headers["Retry-After"] == "7"


def test_a_broken_page_shows_a_number_that_stands_in_the_log(troubled, caplog):
    with caplog.at_level(logging.ERROR):
        page = troubled.get("/trouble/broken").text
    number = re.search(r"give this number: <span class=\"code\">([0-9a-f]{8})</span>", page)[1]
    assert f"incident {number}" in caplog.text
    for word in ("secret", "ana.correia", "RuntimeError", "Traceback"):
        assert word not in page


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no/such/page", 404),
        ("DELETE", "/sign-in", 405),
        ("GET", "/sign-out", 405),
        ("GET", "/static/x.css", 404),
    ],
)
def test_what_the_web_itself_refuses_has_the_same_face(client, method, path, status):
    answer = client.open(path, method=method, headers={"Origin": "http://127.0.0.1:8000"})
    assert answer.status_code == status
    assert answer.text.count("<h1>") == 1
    if status == 405:
        assert "POST" in answer.headers["Allow"]


def test_a_slash_too_many_is_not_a_page(client):
    assert client.get("/sign-in/").status_code == 404
