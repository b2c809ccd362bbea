"""A case round on its pages: who may open it, turns, cards that name nobody, outcomes with a home, closing, wiping."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import brief as briefs
from devsys.actions import draw_plan
from devsys.actions.tidy_up import tidy_up
from devsys.adapters.store.queries import causes, conditions, lessons, planning, programme, rounds, sessions
from devsys.adapters.store.tables.all import metadata
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from devsys.core.model.conditions import State
from devsys.core.policy import Extent, Scope
from tests import builders
from tests.builders import a_horizon, id_of
from tests.web.scenes import adopt_shipped

ROUND = builders.a_session("round-1", starts=datetime(2026, 1, 20, 14), facilitator="tiago.lopes")
EARLIER = builders.a_session("round-0", starts=datetime(2026, 1, 6, 14), facilitator="tiago.lopes")
AT = f"/rounds/{ROUND.id}"
CARD = {
    "situation": "A caller waited an hour.",
    "did": "I rang back.",
    "customer": "Calmer.",
    "me": "Tired.",
    "blocked": "Two signatures.",
    "principles": ["listen", "own"],
}
NEED = {
    "cause": "skill",
    "owner": id_of("marta.nogueira"),
    "due": "2026-03-02",
    "activity": "listen_fully",
    "who": "round",
}
EVERYTHING = Scope(frozenset({Extent.ALL}), frozenset(), "")


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    adopt_shipped(parts)
    builders.publish_now(parts, EARLIER, ROUND)


@pytest.fixture
def leading(planned, sign_in, clock):  # noqa: ARG001 -- a round that is published
    """The facilitator, while the round is held."""
    clock.now = ROUND.starts_utc + timedelta(minutes=10)
    return sign_in(Role.FACILITATOR)


def learnt(visitor, words="Refunds wait for two signatures", **more):
    answer = visitor.post(f"{AT}/lessons", {"words": words, **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def skill(parts):
    with parts.store.read() as db:
        return next(a.code for a in programme.activities(db).values() if a.kind == "skill")


@pytest.mark.usefixtures("planned")
def test_only_who_comes_who_leads_and_a_coordinator_open_a_round(sign_in):
    opened = {role: sign_in(role).get(AT).status_code for role in Role}
    assert opened == {
        Role.ADMINISTRATOR: 404,
        Role.COORDINATOR: 200,
        Role.FACILITATOR: 200,
        Role.COACH: 404,
        Role.LEAD: 404,  # of the team, but not in this round
        Role.EMPLOYEE: 200,
        Role.ASSESSOR: 404,
    }
    assert sign_in(Role.EMPLOYEE).get(f"/rounds/{id_of('session none')}").status_code == 404
    page = sign_in(Role.EMPLOYEE).get(f"/sessions/{ROUND.id}").text
    assert AT in page
    assert AT not in sign_in(Role.LEAD).get(f"/sessions/{ROUND.id}").text


@pytest.mark.usefixtures("planned")
def test_turns_are_named_skipped_swapped_and_kept(sign_in):
    ana, leader = sign_in(Role.EMPLOYEE), sign_in(Role.FACILITATOR)

    def order():
        page = leader.get(AT).text.split("Whose turn it is")[1].split("</ol>")[0]
        return re.findall(r'<span class="strong">([^<]+)</span>', page)

    first = order()
    assert sorted(first) == ["Ana Correia", "Bruno Matos", "Catarina Leal"]
    assert ana.post(f"{AT}/turns", {"person": ana.person_id, "does": "skips"}).status_code == 303
    assert order()[-1] == "Ana Correia"
    assert ana.post(f"{AT}/turns", {"person": id_of("bruno.matos"), "does": "skips"}).status_code == 403
    assert ana.post(f"{AT}/turns", {"person": ana.person_id, "does": "keeps"}).status_code == 303
    assert order() == first
    a, c = (id_of(n.lower().replace(" ", ".")) for n in (first[0], first[2]))
    assert leader.post(f"{AT}/turns", {"person": a, "does": "gives", "other": c}).status_code == 303
    assert order() == [first[2], first[1], first[0]]
    assert leader.post(f"{AT}/turns", {"person": a, "does": "gives", "other": "nobody"}).status_code == 422


@pytest.mark.usefixtures("planned")
def test_a_card_names_nobody_before_it_is_shared(sign_in):
    ana, leader, coordinator = sign_in(Role.EMPLOYEE), sign_in(Role.FACILITATOR), sign_in(Role.COORDINATOR)
    named = CARD | {"situation": "Bruno passed me order 4711, number +351 912 345 678.", "share": "1"}
    answer = ana.post(f"{AT}/card", named)
    assert answer.status_code == 422
    assert 'id="situation-fault"' in answer.text
    for piece in ("Bruno", "4711", "+351 912 345 678"):
        assert f'value="{piece}"' in answer.text
    assert "passed me" not in leader.get(AT).text
    waived = named | {"situation": "Bruno passed me an order.", "waived": ["Bruno"]}
    assert ana.post(f"{AT}/card", waived).status_code == 303
    for visitor in (leader, coordinator):
        assert "Bruno passed me an order." in visitor.get(AT).text
    assert "Olivia Brandt" in ana.get(f"{AT}/card").text  # who read it
    del waived["share"]
    assert ana.post(f"{AT}/card", waived).status_code == 303  # kept anew: shared no more
    assert "passed me" not in leader.get(AT).text
    assert ana.post(f"{AT}/card/drop").status_code == 303
    assert ana.post(f"{AT}/card/drop").status_code == 404
    assert leader.get(f"{AT}/card").status_code == 404


@pytest.mark.usefixtures("planned")
def test_the_texts_of_a_card_are_sealed_and_go_when_their_time_is_over(sign_in, parts, clock):
    marked = "zebrafinch seven"
    ana = sign_in(Role.EMPLOYEE)
    assert (
        ana.post(f"{AT}/card", dict.fromkeys(CARD, marked) | {"principles": ["own"], "share": "1"}).status_code == 303
    )

    def everywhere():
        with parts.store.read() as db:
            rows = [str(row) for t in metadata.tables.values() for row in db.execute(t.select())]
            return sum(marked in row for row in rows), rounds.cards(db, ROUND.id)

    assert everywhere()[0] == 0
    assert everywhere()[1][0].text.blocked == marked
    clock.now = ROUND.ends_utc + timedelta(days=parts.settings.card_days, minutes=-1)
    tidy_up(parts)
    assert everywhere()[1][0].text is not None
    clock.move(minutes=1)
    tidy_up(parts)
    (card,) = everywhere()[1]
    assert (card.text, card.waived, card.principles) == (None, frozenset(), ("own",))
    page = sign_in(Role.FACILITATOR).get(AT).text
    assert marked not in page
    assert "is gone" in sign_in(Role.EMPLOYEE).get(f"{AT}/card").text


def test_a_round_closes_when_each_outcome_has_a_home(leading, parts, sign_in):
    """Four causes, three landings: learning time in the next plan, a fix, a condition; then it closes, once."""
    assert leading.post(f"{AT}/lessons", {"words": "Ana forgot order 4711"}).status_code == 422
    at = learnt(leading, "Nobody asks what the caller wants")
    closing = {"presented": [id_of("ana.correia"), id_of("catarina.leal")]}
    answer = leading.post(f"{AT}/close", closing)
    assert answer.status_code == 422
    assert "has not a cause, not an owner, not a day" in answer.text
    code = skill(parts)
    assert leading.post(at, NEED | {"activity": "case_round"}).status_code == 422
    assert leading.post(at, NEED | {"activity": code, "due": "2026-01-25"}).status_code == 422
    assert leading.post(at, NEED | {"activity": code}).status_code == 303
    fix = learnt(leading, "Labels print twice")
    assert (
        leading.post(fix, {"cause": "tool", "owner": id_of("marta.nogueira"), "due": "2026-02-10"}).status_code == 303
    )
    condition = learnt(leading, "Eleven euros need a lead")
    given = {"cause": "condition", "owner": id_of("marta.nogueira"), "due": "2026-02-10"}
    assert leading.post(condition, given).status_code == 422
    assert leading.post(condition, given | {"check": "permission"}).status_code == 303
    assert leading.post(f"{AT}/close", closing).status_code == 303
    assert leading.post(f"{AT}/close", closing).status_code == 409
    assert leading.post(f"{AT}/lessons", {"words": "One more"}).status_code == 409
    with parts.store.read() as db:
        (entered,) = causes.fixes(db, EVERYTHING)
        assert (entered.title, entered.team_id) == ("Labels print twice", id_of("alfama"))
        (look,) = conditions.looks(db, EVERYTHING)
        assert (look.state, look.note) == (State.STRAINED, "Eleven euros need a lead")
        assert rounds.turns(db, [ROUND.id])[ROUND.id].presented == tuple(sorted(closing["presented"]))
        brief = planning.brief(db, now=parts.now())
    lesson_id = at.rsplit("/", 1)[1]
    asked = [n for n in briefs.needs_of(brief, a_horizon(8)) if n.key.endswith(lesson_id)]
    assert {n.person_id for n in asked} == ROUND.people
    assert {n.activity for n in asked} == {code}
    assert all("case round of your team" in n.why for n in asked)
    drawn = draw_plan.carry_out(parts, draw_plan.Wish(weeks=8, cause="next plan"))
    with parts.store.read() as db:
        planned = sessions.as_drafted(db, drawn.draft_id, sessions.Wanted(activities=frozenset({code})))
    answered = {p.need for s in planned for p in s.places}
    assert {n.key for n in asked} <= answered
    page = sign_in(Role.EMPLOYEE).get(AT).text
    assert "0 of 3 have had it" in page
    assert "fix: Labels print twice" in page


def test_deciding_again_takes_the_learning_time_back(leading, parts):
    at = learnt(leading)
    assert leading.post(at, NEED | {"activity": skill(parts)}).status_code == 303
    with parts.store.read() as db:
        assert len(lessons.asked_needs(db)) == len(ROUND.people)
    assert leading.post(at, {"cause": "policy", "owner": id_of("tiago.lopes"), "due": "2026-02-10"}).status_code == 303
    with parts.store.read() as db:
        assert lessons.asked_needs(db) == ()
        assert causes.lessons_of(db, causes.fixes(db, EVERYTHING)[0].id) == ("Refunds wait for two signatures",)


def test_a_fix_that_is_done_closes_its_lessons_and_open_ones_stand_first_in_the_next_round(
    leading, parts, sign_in, clock
):
    for words in ("Refunds wait for two signatures", "Labels print twice"):
        given = {"cause": "policy", "owner": id_of("tiago.lopes"), "due": "2026-01-22"}
        assert leading.post(learnt(leading, words), given).status_code == 303
    later = builders.a_session("round-2", starts=datetime(2026, 2, 3, 14), facilitator="tiago.lopes")
    builders.publish_now(parts, later, code="2")
    with parts.store.read() as db:
        done = next(f for f in causes.fixes(db, EVERYTHING) if f.title == "Labels print twice")
    assert leading.post(f"/fixes/{done.id}/state", {"to": "done", "done": "2026-01-20"}).status_code == 303
    clock.move(days=7)
    page = sign_in(Role.EMPLOYEE).get(f"/rounds/{later.id}").text
    before = page.split("Open from earlier rounds")[1].split("Whose turn")[0]
    assert "Refunds wait for two signatures" in before
    assert "overdue" in before
    assert "Labels print twice" not in before


def test_an_empty_round_takes_a_situation_from_the_library(leading):
    page = leading.get(AT).text
    assert "No situation yet: invite one, or take one from the library." in page
    assert leading.post(f"{AT}/library", {"code": "eleven"}).status_code == 422
    assert leading.post(f"{AT}/library", {"code": "could_have_decided"}).status_code == 303
    page = leading.get(AT).text
    assert "No situation yet" not in page
    assert "What did the eleventh euro cost altogether?" in page
    assert leading.post(f"{AT}/library", {"code": "could_have_decided", "back": "1"}).status_code == 303
    assert "No situation yet" in leading.get(AT).text


def test_the_board_counts_causes_and_names_nobody(leading, sign_in):
    for words in ("Refunds wait for two signatures", "Returns need a letter"):
        given = {"cause": "policy", "owner": id_of("tiago.lopes"), "due": "2026-01-25"}
        assert leading.post(learnt(leading, words), given).status_code == 303
    coordinator = sign_in(Role.COORDINATOR)
    page = coordinator.get("/rounds/board").text
    assert "Of 2 outcomes most came of policy: 2." in page
    body = page.split("<main")[1]
    assert not any(p.name in body for p in builders.an_organisation().people)
    assert "Refunds" not in body
    assert coordinator.get("/rounds/board.csv").text.splitlines()[1].startswith("Policy,0,0,0,0,2,2")
    assert sign_in(Role.EMPLOYEE).get("/rounds/board").status_code == 404


@pytest.mark.usefixtures("planned")
def test_anybody_reports_what_stops_them_and_a_lead_decides(sign_in, parts):
    ana, lead = sign_in(Role.EMPLOYEE), sign_in(Role.LEAD)
    named = {"words": "Bruno keeps the only key", "guess": "process"}
    assert ana.post("/lessons", named).status_code == 422
    assert ana.post("/lessons", named | {"waived": "1"}).status_code == 303
    page = lead.get("/lessons").text
    assert "Bruno keeps the only key" in page
    with parts.store.read() as db:
        (one,) = lessons.undecided(db, EVERYTHING)
    at = f"/lessons/{one.id}"
    given = {"cause": "process", "owner": id_of("marta.nogueira"), "due": "2026-02-10"}
    assert ana.post(at, given).status_code == 403
    assert sign_in("vera.antunes").get(at).status_code == 404
    assert lead.post(at, given).status_code == 303
    assert "fix: Bruno keeps the only key" in ana.get("/lessons").text
    assert ana.post(f"{at}/withdraw").status_code == 404


@pytest.mark.usefixtures("planned")
def test_nothing_is_kept_before_a_round_begins_or_after_it_was_cancelled(sign_in, parts):
    leader = sign_in(Role.FACILITATOR)
    assert leader.post(f"{AT}/lessons", {"words": "Too early"}).status_code == 409
    assert leader.post(f"{AT}/close").status_code == 409
    builders.publish_now(parts, replace(ROUND, status=Status.CANCELLED, cause="for the queue"), code="2")
    assert sign_in(Role.EMPLOYEE).post(f"{AT}/card", CARD).status_code == 409
    assert "cancelled" in leader.get(AT).text


def test_the_next_turns_follow_who_presented_and_who_was_there(leading, parts):
    with parts.store.write() as db:
        for person in ("ana.correia", "bruno.matos"):
            rounds.settle_turn(db, EARLIER.id, id_of(person), rounds.PRESENTED)
        sessions.mark_attendance(db, EARLIER.id, {id_of("catarina.leal"): True}, None, parts.now())
    page = leading.get(AT).text.split("Whose turn it is")[1]
    assert page.index("Catarina Leal") < min(page.index("Ana Correia"), page.index("Bruno Matos"))


def test_a_round_that_left_outcomes_stands_on_the_first_page_of_who_led_it_until_it_is_closed(leading, sign_in, clock):
    waiting = "A case round of today is not closed"
    at = learnt(leading)
    clock.now = ROUND.ends_utc + timedelta(hours=1)
    home = leading.get("/").text
    assert waiting in home
    assert home.count('<span class="strong">A case round of') == 1  # not the one before, which left nothing
    assert waiting not in sign_in(Role.EMPLOYEE).get("/").text
    assert leading.post(at, {"cause": "policy", "owner": id_of("tiago.lopes"), "due": "2026-02-10"}).status_code == 303
    assert leading.post(f"{AT}/close").status_code == 303
    assert "is not closed" not in leading.get("/").text
