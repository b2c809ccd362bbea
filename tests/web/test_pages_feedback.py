"""The pages of feedback: three questions in one press, figures from five, nobody named."""

import re
from datetime import timedelta

import pytest

from devsys.actions import give_feedback
from devsys.core.model.access import Role, Viewer
from tests.builders import a_session, id_of
from tests.web import scenes

PEOPLE = ("ana.correia", "bruno.matos", "catarina.leal", "diogo.faria", "elif.kaya")
GIVEN = {"worth": "yes", "tried": "partly", "next": "no"}


@pytest.fixture
def held(parts, organisation):
    assert organisation.people
    scenes.adopt_shipped(parts)
    session = a_session("skill", activity="hear_fully", people=PEOPLE, facilitator="tiago.lopes", team=None)
    scenes.add_published(parts, session)
    parts.clock.now = session.ends_utc + timedelta(hours=1)
    return session


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_home_asks_and_one_press_answers(held, sign_in):
    ana = sign_in(Role.EMPLOYEE)
    assert f'href="/sessions/{held.id}/feedback"' in ana.get("/").text
    page = text(ana.get(f"/sessions/{held.id}/feedback"))
    assert "Was it worth the time?" in page
    assert "once 5 people have answered, never single answers" in page
    answer = ana.post(f"/sessions/{held.id}/feedback", GIVEN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    home = ana.get("/")
    assert "Thank you. Nobody is shown who said what." in text(home)
    assert "/feedback" not in home.text
    assert ana.get(f"/sessions/{held.id}/feedback").status_code == 409


def test_a_missing_answer_stands_beside_its_question_and_the_others_stay(held, sign_in):
    ana = sign_in(Role.EMPLOYEE)
    answer = ana.post(f"/sessions/{held.id}/feedback", {"worth": "yes", "tried": "no"})
    assert answer.status_code == 422
    assert answer.text.count('class="fault"') == 1
    assert len(re.findall(r"value=\"(?:yes|no)\" checked", answer.text)) == 2


def test_who_leads_reads_how_many_then_the_figures(parts, held, sign_in):
    tiago = sign_in(Role.FACILITATOR)
    paths = ("/feedback", f"/sessions/{held.id}")
    assert "Nobody has answered yet" in text(tiago.get("/feedback"))
    for code in PEOPLE[:3]:
        give_feedback.give(parts, Viewer(id_of(code), code, ()), held.id, GIVEN)
    for path in paths:
        page = text(tiago.get(path))
        assert "Not yet shown: 3 of 5 answers." in page
        assert "In part" not in page.replace("In part of", "")
    for code in PEOPLE[3:]:
        give_feedback.give(parts, Viewer(id_of(code), code, ()), held.id, {**GIVEN, "worth": "partly"})
    for path in paths:
        page = text(tiago.get(path))
        assert "5 answers." in page
        assert "Yes 3 (60" in page
        assert "In part 2 (40" in page
    assert text(sign_in(Role.COORDINATOR).get("/feedback")).count("In part 2") == 1


def test_others_do_not_hear(held, sign_in):
    for role in (Role.EMPLOYEE, Role.ADMINISTRATOR, Role.ASSESSOR):
        assert sign_in(role).get("/feedback").status_code == 404, role
    assert "Not yet shown" not in text(sign_in(Role.EMPLOYEE).get(f"/sessions/{held.id}"))


def test_a_coordinator_finds_it_beside_the_programme(held, sign_in):
    assert held.people
    assert 'href="/feedback"' in sign_in(Role.COORDINATOR).get("/programme").text
    assert 'href="/feedback"' not in sign_in(Role.EMPLOYEE).get("/programme").text
