"""The page of an answer: reading writes nothing, one press each, what fits, what is said where nothing does."""

import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from devsys.adapters.store.queries import answers
from devsys.adapters.store.tables.people import HeldRow
from devsys.core.model.access import Role
from devsys.core.model.calendar import Place
from tests.builders import a_session, id_of
from tests.web import scenes

ANA = id_of("ana.correia")
FREE = ("diogo.faria", "catarina.leal", "joana.pires", "kofi.mensah")


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def second(parts, planned):
    """A group of five where the scene has four, and the same skill session a week later with free seats."""
    with parts.store.write() as db:
        db.add_all(
            HeldRow(person_id=id_of(c), activity="professional_boundaries", day=date(2025, 3, 3))
            for c in (*FREE, "ivan.hrytsenko")
        )
    larger = replace(planned["skill"], places=(*planned["skill"].places, Place(id_of("ivan.hrytsenko"))))
    later = a_session(
        "skill-2",
        activity="hear_fully",
        starts=datetime(2026, 2, 11, 13),
        people=FREE,
        facilitator="tiago.lopes",
        room="tejo",
        team=None,
    )
    scenes.add_published(parts, larger, later)
    return later


@pytest.fixture
def ana(sign_in):
    return sign_in(Role.EMPLOYEE)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def said(parts, session_id):
    with parts.store.read() as db:
        return answers.of_sessions(db, [session_id]).get((session_id, ANA))


def date_of(page):
    """Give the key of the first date offered."""
    return re.search(r'name="date" value="(\w+)"', page.text)[1]


def test_the_page_asks_and_writes_nothing(parts, planned, second, ana):
    before = scenes.everything(parts)
    page = ana.get(f"/sessions/{planned['skill'].id}/answer")
    words = text(page)
    assert "Yes, I come" in words
    assert "Take Wed 11 February, 13:00\u201314:00" in words
    assert "Leave it owed" in words
    assert "The reason is not asked, and not kept." in words
    assert (scenes.everything(parts), said(parts, planned["skill"].id)) == (before, None)
    assert second.people


def test_yes_in_one_press(parts, planned, ana):
    path = f"/sessions/{planned['skill'].id}/answer"
    answer = ana.post(path, {"says": "yes"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert said(parts, planned["skill"].id).comes
    assert "You said that you come." in text(ana.get(path))
    assert "You said that you come." in text(ana.get(f"/sessions/{planned['skill'].id}"))


def test_another_date_in_one_press(parts, planned, second, ana):
    path = f"/sessions/{planned['skill'].id}/answer"
    answer = ana.post(path, {"says": "cannot", "date": date_of(ana.get(path))})
    assert answer.status_code == 303
    assert ANA in scenes.published(parts, second.id).people
    assert "Your place is now on Wed 11 February" in text(ana.get("/"))


def test_a_date_that_is_gone_is_said_and_the_next_offered(parts, planned, second, ana):
    path = f"/sessions/{planned['skill'].id}/answer"
    answer = ana.post(path, {"says": "cannot", "date": "0123456789ab"})
    assert answer.status_code == 409
    assert "That place was taken meanwhile" in text(answer)
    assert "Take Wed 11 February" in text(answer)
    assert ANA in scenes.published(parts, planned["skill"].id).people
    assert second.people


def test_who_leads_reads_who_cannot_come_and_others_do_not(planned, second, ana, sign_in):
    ana.post(f"/sessions/{planned['skill'].id}/answer", {"says": "cannot"})
    page = f"/sessions/{planned['skill'].id}"
    assert "Cannot come Ana Correia" in text(sign_in(Role.FACILITATOR).get(page))
    assert "Cannot come Ana Correia" in text(sign_in(Role.COORDINATOR).get(page))
    assert "Cannot come" not in text(sign_in(Role.LEAD).get(page))
    assert second.people


def test_a_session_that_needs_them_goes_to_the_coordinator(planned, ana, sign_in):
    path = f"/sessions/{planned['alfama'].id}/answer"
    assert "Without you the group is too small" in text(ana.get(path))
    ana.post(path, {"says": "cannot"})
    assert "You said that you cannot come." in text(ana.get(path))
    home = text(sign_in(Role.COORDINATOR).get("/"))
    assert "1 person cannot come, and their session needs them" in home
    assert ana.post(path, {"says": "yes"}).status_code == 303
    assert "cannot come" not in text(sign_in(Role.COORDINATOR).get("/"))


@pytest.mark.parametrize("says", ["", "maybe", "y" * 5000])
def test_what_is_no_answer_is_refused(parts, planned, ana, says):
    assert ana.post(f"/sessions/{planned['skill'].id}/answer", {"says": says}).status_code == 422
    assert said(parts, planned["skill"].id) is None


def test_a_session_of_others_looks_like_none(planned, ana, sign_in):
    for visitor, code in ((ana, "patan"), (sign_in(Role.COORDINATOR), "skill")):
        path = f"/sessions/{planned[code].id}/answer"
        assert visitor.get(path).status_code == 404
        assert visitor.post(path, {"says": "yes"}).status_code == 404
