"""The first start: one page, one link, one person."""

import re

from devsys.actions import accounts as account_actions

ORIGIN = {"Origin": "http://127.0.0.1:8000"}
PASSWORD = "five quiet herons at dusk"


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def enter(client, email):
    data = {"csrf_token": token_of(client.get("/sign-in")), "email": email, "password": PASSWORD}
    return client.post("/sign-in", data=data, headers=ORIGIN)


def test_setup_page_exists_once_and_only_for_the_newest_link(app, parts):
    client = app.test_client()
    first = account_actions.first_run_link(parts).removeprefix(parts.settings.public_url)
    link = account_actions.first_run_link(parts).removeprefix(parts.settings.public_url)
    assert client.get(first).status_code == 404
    assert client.get("/setup/guessed").status_code == 404
    page = client.get(link)
    typed = {"organisation": "Halden Bank", "name": "Ingrid Moe", "email": "Ingrid.Moe@halden.example"}
    data = {"csrf_token": token_of(page), **typed, "password": PASSWORD, "again": PASSWORD}
    for wrong, said in (
        ({"again": "other"}, "not the same"),
        ({"password": "short", "again": "short"}, "12 to 200"),
        ({"email": "nowhere"}, "mail address"),
        ({"email": "a\r\nBcc: x@y.example"}, "mail address"),
        ({"name": ""}, "Fill this in"),
        ({"organisation": "x" * 201}, "too long"),
    ):
        answer = client.post(link, data={**data, **wrong}, headers=ORIGIN)
        assert answer.status_code == 422
        assert said in answer.text
    assert client.post(link, data=data, headers=ORIGIN).status_code == 303
    home = client.get("/")
    assert home.status_code == 200
    assert "Halden Bank" in home.text
    assert "Four steps to a published year" in home.text
    assert app.test_client().get(link).status_code == 404
    assert account_actions.first_run_link(parts) is None
    assert enter(app.test_client(), "ingrid.moe@halden.example").status_code == 303


def test_no_link_is_given_once_there_is_an_account(parts, organisation):
    assert organisation.people
    assert account_actions.first_run_link(parts) is None
