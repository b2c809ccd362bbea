"""Hiring through the pages: opened by a coordinator, assessed blind, compared, decided; who sees which of it."""

import re

import pytest

from devsys.actions import score_candidate
from devsys.core.model.access import Role
from devsys.core.model.hiring import Criterion, Outcome
from tests import test_walks as walks
from tests.builders import id_of
from tests.hiring.scene import HEARD, MAIL, NAME, REASON, SECOND, open_scene, ratings
from tests.web.test_routes import VALUES

QUESTIONS = {c.value: "What happened?\n\n What did you do? " for c in Criterion}


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def scene(parts, organisation):
    assert organisation.people
    return open_scene(parts)


def a_form(level="3", **more):
    card = {f"level-{c}": level for c in Criterion}
    card |= {f"asked-{c}": "What happened?" for c in Criterion}
    card |= {f"heard-{c}": f"{HEARD} {c}" for c in Criterion}
    return card | more


def test_a_vacancy_is_opened_changed_and_closed_without_any_candidate(scene, sign_in):
    olivia = sign_in(Role.COORDINATOR)
    given = {"title": "Late shift", "team": id_of("alfama"), "lead": id_of("marta.nogueira"), **QUESTIONS}
    answer = olivia.post("/hiring/new", given | {"assessors": id_of("vera.antunes")})
    assert answer.status_code == 422
    assert "two honest opinions" in answer.text
    for field, wrong in (("lead", id_of("vera.antunes")), ("team", "nobody"), ("calm", ""), ("calm", "x?\n" * 9)):
        both = {"assessors": [id_of("vera.antunes"), id_of(SECOND)]}
        assert olivia.post("/hiring/new", given | both | {field: wrong}).status_code == 422
    answer = olivia.post("/hiring/new", given | {"assessors": [id_of("vera.antunes"), id_of(SECOND)]})
    page = answer.headers["Location"]
    shown = text(olivia.get(page))
    assert "Billing Alfama, led by Marta Nogueira; assessed by Rajesh Karki and Vera Antunes; open since" in shown
    assert "What happened? What did you do?" in shown
    assert "known to the lead and the assessors, and to nobody else" in shown
    assert olivia.post(f"{page}/close", {"does": "close"}).status_code == 303
    assert "closed on" in text(olivia.get("/hiring"))
    assert olivia.post(f"{page}/candidates", {"name": "X"}).status_code == 404
    assert scene.candidate_id not in olivia.get(f"/hiring/{scene.vacancy_id}").text


def test_two_assess_blind_compare_and_decide_and_the_lead_reads_it_then(scene, sign_in):
    vera, rajesh, lead = sign_in(Role.ASSESSOR), sign_in(SECOND), sign_in(Role.LEAD)
    page = f"/candidates/{scene.candidate_id}"
    assert "1 candidate waits for you" in text(vera.get("/"))
    answer = vera.post(f"{page}/card", a_form(does="submit") | {"heard-calm": "", "level-curious": ""})
    assert answer.status_code == 422
    assert answer.text.count('class="fault"') == 2
    assert f"{HEARD} solving" in answer.text
    assert vera.post(f"{page}/card", {"does": "keep", "heard-calm": HEARD}).status_code == 303
    assert HEARD in vera.get(page).text
    assert HEARD not in rajesh.get(page).text
    assert vera.post(f"{page}/card", a_form(does="submit")).status_code == 303
    assert "Your card is in. One card is missing still." in text(vera.get(page))
    assert HEARD not in rajesh.get(page).text
    assert rajesh.post(f"{page}/card", a_form("3", does="submit") | {"level-says_no": "1"}).status_code == 303
    shown = text(vera.get(page))
    assert "You differ about one criterion: begin there." in shown
    assert shown.index("Able to say no") < shown.index("Calm under pressure")
    assert "Two levels apart" in shown
    assert HEARD not in lead.get(page).text
    reasons = {f"reason-{c}": f"{REASON} {c}" for c in Criterion}
    assert vera.post(f"{page}/decide", reasons).status_code == 422
    assert vera.post(f"{page}/decide", reasons | {"outcome": "yes", "reason-calm": ""}).status_code == 422
    assert vera.post(f"{page}/decide", reasons | {"outcome": "yes"}).status_code == 303
    again = rajesh.post(f"{page}/decide", reasons | {"outcome": "no"})
    assert again.status_code == 409
    assert "Vera Antunes decided it" in again.text
    shown = text(lead.get(page))
    assert "We offer the place. Decided by Vera Antunes." in shown
    assert f"Reason: {REASON} says_no" in shown
    assert "All about them is erased on Tue 7 July 2026" in shown


def test_candidates_stand_in_the_order_they_came_whatever_is_asked(scene, sign_in):
    for name, level in (("Aaa", 1), ("Bbb", 4)):
        scene.parts.clock.move(minutes=1)
        one = score_candidate.add(scene.parts, scene.vera, scene.vacancy_id, name=name, contact="")
        for who in (scene.vera, scene.rajesh):
            score_candidate.write_card(scene.parts, who, one, ratings(level), submit=True)
    vera, page = sign_in(Role.ASSESSOR), f"/hiring/{scene.vacancy_id}"

    def looked(address):
        return re.sub(r'name="csrf_token" value="[^"]*"|name="next" value="[^"]*"', "", vera.get(address).text)

    shown = looked(page)
    assert shown.index(NAME) < shown.index("Aaa") < shown.index("Bbb")
    for wish in ("sort=level", "order=desc", "sort=score&order=score", "level=4", "calm=4"):
        assert looked(f"{page}?{wish}") == shown
    assert not re.search(r"(?i)score|average|total|rank", shown)


def test_an_assessor_erases_only_after_saying_so(scene, sign_in):
    vera, page = sign_in(Role.ASSESSOR), f"/candidates/{scene.candidate_id}"
    assert vera.post(f"{page}/erase").status_code == 422
    assert vera.post(f"{page}/erase", {"sure": "1"}).status_code == 303
    assert vera.get(page).status_code == 404


@pytest.mark.parametrize("odd", ["\x00", "a\x00b", "x" * 201, "\u202e" * 3, ""])
def test_an_odd_name_is_refused_or_cleaned_never_a_fault_of_ours(scene, sign_in, odd):
    answer = sign_in(Role.ASSESSOR).post(f"/hiring/{scene.vacancy_id}/candidates", {"name": odd, "contact": odd})
    assert answer.status_code in (303, 422)


def words_seen(app, visitor, scene, words):
    """Give (address, word) for every word that a page, a file or a form's answer shows to somebody."""
    values = VALUES | {"vacancy_id": scene.vacancy_id, "candidate_id": scene.candidate_id}
    values |= dict.fromkeys(("session_id", "draft_id", "key", "run_id", "fix_id", "queue_id"), "0")
    found = set()
    pages = {
        re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values[m[1]]), r) for m, r, e, _ in walks.routes(app) if m == "GET"
    }
    for address in sorted(pages):
        answer = visitor.get(address)
        found |= {(address, word) for word in words if word.encode() in answer.data}
        answer.close()
    for form in ("card", "decide", "erase"):
        answer = visitor.post(f"/candidates/{scene.candidate_id}/{form}", {"does": "keep"})
        found |= {(form, word) for word in words if word in answer.text}
    return found


def test_marked_words_are_found_nowhere_the_matrix_denies(scene, app, sign_in, caplog):
    scene.submit(scene.vera)
    words = (NAME, MAIL, HEARD, REASON)
    # The lead knows who the candidates are, and nothing that was heard before it is decided.
    lead = words_seen(app, sign_in(Role.LEAD), scene, words)
    pages = {f"/hiring/{scene.vacancy_id}", f"/candidates/{scene.candidate_id}"}
    assert {word for _, word in lead} == {NAME, MAIL}
    assert {address for address, _ in lead} <= pages | {"card", "decide", "erase"}
    # The other assessor does not see a card that is in while their own is not.
    assert HEARD not in {word for _, word in words_seen(app, sign_in(SECOND), scene, words)}
    scene.submit(scene.rajesh)
    reasons = dict.fromkeys(Criterion, REASON)
    score_candidate.decide(scene.parts, scene.vera, scene.candidate_id, Outcome.NO, reasons)
    for role in (Role.ADMINISTRATOR, Role.COORDINATOR, Role.FACILITATOR, Role.COACH, Role.EMPLOYEE):
        assert words_seen(app, sign_in(role), scene, words) == set(), role
    shown = sign_in(Role.LEAD).get(f"/candidates/{scene.candidate_id}").text
    assert [word for word in words if word not in shown] == []
    assert not any(word in caplog.text for word in words)
