"""The pages of handing over and of what one is asked."""

import re

import pytest

from devsys.actions import hand_over
from devsys.adapters.store.digest import digest
from devsys.adapters.store.queries import accounts, asks
from devsys.adapters.store.queries.asks import What
from devsys.core.model.access import Role
from tests.builders import id_of
from tests.web import scenes

MARTA = id_of("marta.nogueira")


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def asked(parts, session_id):
    with parts.store.read() as db:
        return asks.of_session(db, session_id, What.SUBSTITUTE)


def test_asked_on_one_page_answered_on_another(parts, planned, sign_in):
    tiago, marta = sign_in(Role.FACILITATOR), sign_in(Role.LEAD)
    path = f"/sessions/{planned['skill'].id}/hand-over"
    assert path in tiago.get(f"/sessions/{planned['skill'].id}").text
    assert "Marta Nogueira" in text(tiago.get(path))
    assert tiago.post(path, {"does": "ask", "person": MARTA}).status_code == 303
    assert "Marta Nogueira has not answered yet." in text(tiago.get(path))
    (ask,) = asked(parts, planned["skill"].id)
    assert f'href="/asked/{ask.id}"' in marta.get("/").text
    page = text(marta.get(f"/asked/{ask.id}"))
    assert "Tiago Lopes cannot lead this session and asks whether you would." in page
    assert "Outline" in page
    assert marta.post(f"/asked/{ask.id}", {"says": "yes"}).status_code == 303
    assert scenes.published(parts, planned["skill"].id).facilitator_id == MARTA
    assert "You said yes." in text(marta.get(f"/asked/{ask.id}"))
    assert tiago.get(path).status_code == 404


def test_a_no_is_read_by_who_asked(parts, planned, sign_in):
    tiago, marta = sign_in(Role.FACILITATOR), sign_in(Role.LEAD)
    path = f"/sessions/{planned['skill'].id}/hand-over"
    tiago.post(path, {"does": "ask", "person": MARTA})
    (ask,) = asked(parts, planned["skill"].id)
    assert marta.post(f"/asked/{ask.id}", {"says": "no"}).status_code == 303
    assert "Marta Nogueira said no." in text(tiago.get(path))
    assert tiago.post(path, {"does": "cannot"}).status_code == 303
    assert "You said that you cannot." in text(tiago.get(path))
    assert "cannot come" in text(sign_in(Role.COORDINATOR).get("/"))


def test_nobody_else_sees_or_answers_what_one_is_asked(parts, planned, sign_in):
    with parts.store.read() as db:
        tiago = accounts.viewer_of(db, id_of("tiago.lopes"))
    ask = hand_over.ask(parts, tiago, planned["skill"].id, MARTA)
    for role in (Role.EMPLOYEE, Role.COORDINATOR, Role.FACILITATOR):
        visitor = sign_in(role)
        assert visitor.get(f"/asked/{ask.id}").status_code == 404
        assert visitor.post(f"/asked/{ask.id}", {"says": "yes"}).status_code == 404
    assert sign_in(Role.EMPLOYEE).get(f"/sessions/{planned['skill'].id}/hand-over").status_code == 404


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"does": "sell"}, 422),
        ({"does": "ask"}, 422),
        ({"does": "ask", "person": "nobody"}, 422),
        ({"does": "ask", "person": "x" * 5000}, 422),
    ],
)
def test_what_cannot_be_done_is_refused(parts, planned, sign_in, data, status):
    answer = sign_in(Role.FACILITATOR).post(f"/sessions/{planned['skill'].id}/hand-over", data)
    assert answer.status_code == status
    assert asked(parts, planned["skill"].id) == ()


def test_reading_and_fetching_heads_changes_no_row(parts, planned, sign_in):
    """Mail scanners follow links: the pages that letters open say the same and keep the same, however often."""
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of("tiago.lopes"))
    ask = hand_over.ask(parts, viewer, planned["skill"].id, MARTA)
    skill = f"/sessions/{planned['skill'].id}"
    visits = (
        (sign_in(Role.FACILITATOR), (f"{skill}/hand-over",)),
        (sign_in(Role.LEAD), (f"/asked/{ask.id}", "/")),
        (sign_in(Role.EMPLOYEE), (f"{skill}/answer", f"{skill}/swap", "/development/year", "/account/data.json", "/")),
    )
    with parts.store.read() as db:
        before = digest(db)
    for visitor, paths in visits:
        for path in (*paths, *paths):
            assert visitor.get(path).status_code == 200, path
            assert visitor.client.head(path).status_code == 200, path
    with parts.store.read() as db:
        assert digest(db) == before
