"""The pulse in the browser's place: asked once a month, a receipt for one's own, figures when the month is over."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text as sql

from devsys.actions import answer_pulse
from devsys.actions.close_pulse import close_pulse
from devsys.base.errors import ConflictError
from devsys.base.words import speaking
from devsys.core.model.access import Role, Viewer
from tests.builders import id_of

ALL_FOUR = dict.fromkeys(("time", "settle", "leave", "learn", "say"), "4")
TABLES = ("pulse", "pulse_given", "pulse_figure")


@pytest.fixture
def house(parts, organisation):
    assert organisation.people
    return parts


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def rows(store, name):
    with store.read() as db:
        return db.execute(sql(f"SELECT * FROM {name}")).mappings().all()


def receipt_of(page):
    return re.search(r'id="receipt" readonly value="([^"]+)"', page.text)[1]


def everybody(parts, organisation, **answers):
    for person in organisation.people:
        if person.team_id and person.code != "ana.correia":
            answer_pulse.answer(parts, Viewer(person.id, person.name, (), person.team_id), ALL_FOUR | answers)


@pytest.mark.usefixtures("house")
def test_home_asks_once_a_month_and_the_receipt_finds_the_answers(sign_in, clock):
    ana = sign_in(Role.EMPLOYEE)
    assert 'href="/pulse"' in ana.get("/").text
    page = ana.post("/pulse", ALL_FOUR | {"say": "2"})
    assert page.status_code == 200
    receipt = receipt_of(page)
    assert 'href="/pulse"' not in ana.get("/").text
    assert "You have answered this month" in text(ana.get("/pulse"))
    assert ana.post("/pulse", ALL_FOUR).status_code == 409
    found = text(ana.post("/pulse/receipt", {"receipt": receipt}))
    assert "I can say openly when something goes wrong. Hardly" in found
    clock.now = datetime(2026, 2, 2, 9, tzinfo=UTC)
    assert 'href="/pulse"' in sign_in(Role.EMPLOYEE).get("/").text


@pytest.mark.usefixtures("house")
def test_answers_are_kept_apart_from_who_gave_them(store, sign_in):
    receipt = receipt_of(sign_in(Role.EMPLOYEE).post("/pulse", ALL_FOUR))
    said = rows(store, "pulse")
    assert len(said) == 5
    assert all(set(row) == {"id", "month", "team_id", "item", "wording", "answer"} for row in said)
    assert [dict(r) for r in rows(store, "pulse_given")] == [{"month": "2026-01", "person_id": id_of("ana.correia")}]
    everything = str([[dict(r) for r in rows(store, name)] for name in (*TABLES, "audit")])
    assert receipt not in everything
    assert "ana" not in str(said)


@pytest.mark.usefixtures("house")
def test_what_is_taken_back_is_in_no_figure(store, sign_in):
    ana = sign_in(Role.EMPLOYEE)
    receipt = receipt_of(ana.post("/pulse", ALL_FOUR))
    assert ana.post("/pulse/receipt", {"receipt": receipt, "does": "take back"}).status_code == 303
    assert rows(store, "pulse") == []
    assert ana.post("/pulse/receipt", {"receipt": receipt}).status_code == 422
    assert "You have answered this month" in text(ana.get("/pulse"))


@pytest.mark.usefixtures("house")
def test_a_missing_answer_is_named_and_the_others_stay(store, sign_in):
    answer = sign_in(Role.EMPLOYEE).post("/pulse", {"time": "5", "settle": "9"})
    assert answer.status_code == 422
    assert answer.text.count('class="fault"') == 4
    assert 'value="5" checked' in answer.text
    assert rows(store, "pulse") == []


def test_a_month_becomes_figures_when_it_is_over_and_its_answers_go(house, store, organisation, sign_in, clock):
    everybody(house, organisation, time="2")
    assert "Nothing is shown" in text(sign_in(Role.LEAD).get("/pulse/results"))
    assert close_pulse(house) == {}
    clock.now = datetime(2026, 2, 1, 12, 10, tzinfo=UTC)
    assert close_pulse(house) == {"2026-01": len(rows(store, "pulse_figure"))}
    assert rows(store, "pulse") == rows(store, "pulse_given") == []
    assert all(row["count"] >= 5 for row in rows(store, "pulse_figure"))
    assert close_pulse(house) == {}
    lead = sign_in(Role.LEAD)
    page = text(lead.get("/pulse/results?of=all"))
    assert "2.0 of 5 in January 2026 (hardly)" in page
    assert lead.get("/pulse/results.csv").text.startswith("\ufeffmonth,statement")


def test_nobody_sees_other_teams_but_who_coordinates(house, organisation, sign_in, clock):
    everybody(house, organisation)
    clock.now = datetime(2026, 2, 1, 12, 10, tzinfo=UTC)
    close_pulse(house)

    def units(role):
        return set(re.findall(r'<option value="(team:[^"]+)"', sign_in(role).get("/pulse/results").text))

    teams = {f"team:{p.team_id}" for p in organisation.people if p.team_id}
    assert units(Role.COORDINATOR) >= teams
    assert units(Role.EMPLOYEE) == {f"team:{next(p.team_id for p in organisation.people if p.code == 'ana.correia')}"}


def test_who_is_in_no_team_is_not_asked(house, store):
    nobody = Viewer(id_of("olivia.brandt"), "Olivia Brandt", ())
    with pytest.raises(ConflictError, match="no team"):
        answer_pulse.answer(house, nobody, ALL_FOUR)
    assert rows(store, "pulse") == []


@pytest.mark.usefixtures("house")
def test_a_receipt_of_nobody_shows_nothing(sign_in):
    answer = sign_in(Role.EMPLOYEE).post("/pulse/receipt", {"receipt": "never given"})
    assert answer.status_code == 422
    assert "No answers stand under this receipt" in text(answer)


def test_an_organisation_is_asked_in_its_language_whatever_its_people_read(house):
    english = answer_pulse.asked(house)
    german = replace(house, settings=house.settings.model_copy(update={"language": "de"}))
    found = answer_pulse.asked(german)
    assert found.title == "Wie ist die Arbeit zurzeit?"
    assert [s.code for s in found.statements] == [s.code for s in english.statements]
    with speaking("de"):
        assert answer_pulse.asked(house) == english  # other words are another measure: figures would fall apart
