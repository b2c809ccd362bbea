"""The pages on which places are found, waited for and swapped; reading them writes nothing."""

import re

import pytest

from devsys.adapters.store.queries import asks
from devsys.adapters.store.queries.asks import What
from devsys.core.model.access import Role
from tests.actions.test_places import ANA, BRUNO, LATER, fill, owed_skill, planned, second  # noqa: F401 -- fixtures
from tests.builders import DOMAIN, id_of
from tests.stories import acts
from tests.web import scenes

FILIPA = id_of("filipa.sousa")


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def elif_kaya(app, parts, planned):  # noqa: F811 -- the fixture
    assert planned.sessions
    return acts.account(app, parts, f"elif.kaya@{DOMAIN}")


def test_a_free_place_is_found_from_home_and_taken(parts, second, app, planned):  # noqa: F811
    diogo = acts.account(app, parts, f"diogo.faria@{DOMAIN}")
    need = owed_skill(parts, id_of("diogo.faria"))
    home = diogo.get("/").text
    assert "Find a place" in home
    page = diogo.get("/places", query_string={"need": need})
    assert "Take Wed 11 February, 13:00" in text(page)
    before = scenes.everything(parts)
    assert scenes.everything(parts) == before
    answer = diogo.post("/places", {"need": need, "session": second.id, "does": "take"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert id_of("diogo.faria") in scenes.published(parts, second.id).people
    assert diogo.get("/places", query_string={"need": need}).status_code == 404
    assert planned.sessions


def test_a_full_session_is_waited_for_and_left(parts, second, elif_kaya):  # noqa: F811
    full = fill(parts, second, BRUNO, FILIPA)
    need = owed_skill(parts, id_of("elif.kaya"))
    path = {"query_string": {"need": need}}
    assert "Wait for Wed 11 February" in text(elif_kaya.get("/places", **path))
    for does, words in (("wait", "Wait no more for Wed 11"), ("leave", "Wait for Wed 11")):
        answer = elif_kaya.post("/places", {"need": need, "session": full.id, "does": does})
        assert answer.status_code == 303
        assert words in text(elif_kaya.get("/places", **path))
    answer = elif_kaya.post("/places", {"need": need, "session": full.id, "does": "take"})
    assert answer.status_code == 409
    assert "That place is gone" in text(answer)


def test_a_swap_is_asked_and_agreed_on_two_pages(app, parts, second, planned, sign_in):  # noqa: F811
    ana = sign_in(Role.EMPLOYEE)
    first = planned["skill"]
    path = f"/sessions/{first.id}/swap"
    assert f'href="{path}"' in ana.get(f"/sessions/{first.id}/answer").text
    assert "Ask for Wed 11 February" in text(ana.get(path))
    assert ana.post(path, {"other": second.id}).status_code == 303
    assert "not answered yet" in text(ana.get(path))
    with parts.store.read() as db:
        offer = asks.of_session(db, second.id, What.SWAP)[0]
    code = next(c for c in LATER if id_of(c) == offer.person_id)
    other = acts.account(app, parts, f"{code}@{DOMAIN}")
    page = text(other.get(f"/asked/{offer.id}"))
    assert "Ana Correia has a place at another time" in page
    assert "Yours now" in page
    assert other.post(f"/asked/{offer.id}", {"says": "yes"}).status_code == 303
    assert ANA in scenes.published(parts, second.id).people
    assert offer.person_id in scenes.published(parts, first.id).people


def test_who_could_swap_is_not_named_before_a_yes(parts, second, planned, sign_in):  # noqa: F811
    ana = sign_in(Role.EMPLOYEE)
    path = f"/sessions/{planned['skill'].id}/swap"
    ana.post(path, {"other": second.id})
    page = text(ana.get(path))
    assert not [name for name in ("Catarina", "Joana", "Kofi", "Ivan") if name in page]
    assert ana.post(path, {"back": "1"}).status_code == 303
    with parts.store.read() as db:
        assert {a.state for a in asks.of_session(db, second.id, What.SWAP)} == {"withdrawn"}


@pytest.mark.parametrize("need", ["", "nothing/of/mine", "x" * 5000, "\x00"])
def test_what_one_is_not_owed_looks_like_nothing(elif_kaya, need):
    assert elif_kaya.get("/places", query_string={"need": need}).status_code == 404
    answer = elif_kaya.post("/places", {"need": need or "-", "session": "x", "does": "take"})
    assert answer.status_code in (404, 422)
