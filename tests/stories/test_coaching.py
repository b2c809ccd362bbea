"""An employee asks, gets proposals at once, takes one; the coach says yes; it stands in both calendars, masked."""

import re
from datetime import time, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from devsys.actions import adopt_programme, demo_coaching, draw_plan, publish_plan, tend_coaching, tidy_up
from devsys.actions.brief import judge
from devsys.adapters.store.queries import coaching, coaching_plans, letters, planning, series
from devsys.app import routes
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from devsys.core.model.coaching import Course, State
from tests.builders import id_of
from tests.stories import acts
from tests.stories import coaching as play
from tests.stories.coaching import ANA, ASKED, BRUNO, HOPE, NADIA, TIAGO, of_person, plan_of, request_of, text_of


@pytest.fixture
def organisation(store):
    return play.ready(store)


@pytest.fixture
def ana(sign_in, parts):
    adopt_programme.adopt_shipped(parts, ["coaching", "professional_boundaries"])
    return sign_in(Role.EMPLOYEE)


@pytest.fixture
def nadia(sign_in):
    return sign_in(Role.COACH)


def test_proposals_come_at_once_ranked_and_explained(ana, store):
    assert ana.post("/coaching", ASKED).status_code == 303
    request = request_of(store)
    assert request.state is State.PROPOSED
    assert 1 <= len(request.offers) <= 3
    assert all(o.coach_id == NADIA and len(o.starts) == 4 for o in request.offers)
    best = request.offers[0]
    assert best.wished == 4
    assert all(timedelta(days=5) <= b - a <= timedelta(days=21) for a, b in pairwise(best.starts))
    said = text_of(ana.get("/coaching"))
    for words in (
        "Nadia Haddad",
        "Qualified for Coaching for calls.",
        "At times you asked for, all in the morning.",
        "Has no other series now.",
        "The queue can",
    ):
        assert words in said
    assert HOPE not in said


def test_accepted_and_agreed_it_stands_in_the_calendar(ana, nadia, store):
    ana.post("/coaching", ASKED)
    assert play.accept(ana, store).status_code == 303
    request = request_of(store)
    assert (request.state, request.coach_id) == (State.ASKED, NADIA)
    assert of_person(store) == ()
    assert "Nadia Haddad is asked" in text_of(ana.get("/coaching"))
    assert "Ana Correia" in text_of(nadia.get("/coaching/desk"))
    assert HOPE not in nadia.get("/coaching/desk").text
    assert HOPE in nadia.post(f"/coaching/desk/{request.id}/read").text
    assert "read coaching request" in ana.get("/log").text
    answer = play.agree(nadia, store)
    assert answer.status_code == 303
    found = of_person(store)
    assert [s.starts_utc for s in found] == list(request.offers[0].starts)
    assert {s.facilitator_id for s in found} == {NADIA}
    assert all(s.starts.weekday() in (1, 3) and time(9) <= s.starts.time() < time(12) for s in found)
    plan = plan_of(store)
    assert (plan.state, plan.coach_id, plan.person_id) == (Course.RUNNING, NADIA, ANA)
    page = ana.get(f"/coaching/plans/{plan.id}")
    assert HOPE in page.text
    assert "Next:" in text_of(page)


def test_what_can_be_asked_for_stands_beside_its_field_and_nothing_is_kept(ana, store):
    for wrong, said in (
        ({"theme": ""}, "Choose what it is about"),
        ({"theme": "case_round"}, "Choose one of these"),
        ({"hope": " "}, "Say in a sentence"),
        ({"days": []}, "Tick at least one day"),
        ({"days": ["9", "x"]}, "Tick at least one day"),
        ({"from": "24:00"}, "Choose one of these"),
        ({"until": "08:30"}, "later by at least 30 minutes"),
    ):
        page = ana.post("/coaching", ASKED | wrong)
        assert (page.status_code, said in page.text) == (422, True), (wrong, said)
        assert request_of(store) is None


def test_a_draft_is_kept_for_oneself_and_asks_nobody(ana, nadia, store):
    ana.post("/coaching", {"does": "keep", "hope": HOPE, "days": ["2"], "from": "10:00", "until": "11:00"})
    page = ana.get("/coaching")
    assert HOPE in page.text
    assert 'value="2" checked' in page.text
    assert request_of(store) is None
    assert HOPE not in nadia.get("/coaching/desk").text
    ana.post("/coaching", ASKED)
    assert request_of(store).state is State.PROPOSED
    with store.read() as db:
        assert len(coaching.of_person(db, ANA)) == 1


def test_nobody_can_ask_for_another_and_no_route_offers_it(app, ana, sign_in, store):
    writes = {
        rule for method, rule, endpoint, _ in routes(app) if endpoint.startswith("coaching.") and method == "POST"
    }
    assert writes == {
        "/coaching",
        "/coaching/draft/drop",
        "/coaching/<request_id>/accept",
        "/coaching/<request_id>/other",
        "/coaching/<request_id>/withdraw",
    }
    smuggled = ASKED | {"person_id": BRUNO, "person": "bruno.matos", "for": BRUNO}
    assert ana.post(f"/coaching?person_id={BRUNO}", smuggled).status_code == 303
    assert request_of(store, BRUNO) is None
    request = request_of(store)
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD, Role.COACH):
        for path, data in (
            ("withdraw", {}),
            ("accept", {"offer": request.offers[0].key}),
            ("other", {"does": "coach"}),
        ):
            assert sign_in(role).post(f"/coaching/{request.id}/{path}", data).status_code == 404
    assert request_of(store) == request


def test_one_request_at_a_time_and_withdrawing_frees_what_was_held(ana, store):
    ana.post("/coaching", ASKED)
    assert ana.post("/coaching", ASKED | {"theme": "coaching_writing"}).status_code == 409
    play.accept(ana, store)
    request = request_of(store)
    with store.read() as db:
        assert len(coaching.holds(db)[request.id]) == 4
    assert ana.post(f"/coaching/{request.id}/withdraw").status_code == 303
    with store.read() as db:
        assert coaching.holds(db) == {}
        assert coaching.loads(db) == {}
    assert ana.post(f"/coaching/{request.id}/withdraw").status_code == 404
    assert ana.post("/coaching", ASKED | {"theme": "coaching_writing"}).status_code == 303


def test_a_principle_can_be_asked_for(ana, store):
    ana.post("/coaching", ASKED | {"theme": "principle:own"})
    request = request_of(store)
    assert (request.activity, request.principle) == ("coaching_conflict", "own")
    assert "Own it to the end" in text_of(ana.get("/coaching"))


def test_a_coach_who_pauses_or_is_full_is_never_proposed(ana, nadia, store):
    nadia.post("/coaching/desk", {"most": "3", "paused": "1", "languages": "English, Portuguese"})
    ana.post("/coaching", ASKED)
    request = request_of(store)
    assert (request.state, request.why, request.offers) == (State.WAITING, "busy", ())
    said = text_of(ana.get("/coaching"))
    assert "All who coach this have as many people as they can do well by." in said
    nadia.post("/coaching/desk", {"most": "0"})
    ana.post(f"/coaching/{request.id}/other", {"does": "again"})
    assert request_of(store).state is State.WAITING
    nadia.post("/coaching/desk", {"most": "1"})
    ana.post(f"/coaching/{request.id}/other", {"does": "again"})
    assert request_of(store).state is State.PROPOSED
    assert nadia.post("/coaching/desk", {"most": "x"}).status_code == 422


def test_other_times_and_another_coach_without_a_reason(ana, store):
    ana.post("/coaching", ASKED)
    request = request_of(store)
    ana.post(f"/coaching/{request.id}/other", {"days": ["4"], "from": "13:00", "until": "16:00"})
    again = request_of(store)
    assert again.offers[0].wished == 4
    assert all(s.weekday() == 4 for s in again.offers[0].starts)
    assert (
        ana.post(f"/coaching/{request.id}/other", {"days": ["4"], "from": "16:00", "until": "13:00"}).status_code == 422
    )
    ana.post(f"/coaching/{request.id}/other", {"does": "coach"})
    passed = request_of(store)
    assert (passed.state, passed.why, passed.passed) == (State.WAITING, "passed", (NADIA,))
    assert "Everybody who could was proposed to you already." in text_of(ana.get("/coaching"))


def test_a_coach_declines_and_the_person_is_not_told_why(ana, nadia, store, sign_in):
    ana.post("/coaching", ASKED)
    play.accept(ana, store)
    request = request_of(store)
    assert nadia.post(f"/coaching/desk/{request.id}/decline", {}).status_code == 422
    assert nadia.post(f"/coaching/desk/{request.id}/decline", {"reason": "near"}).status_code == 303
    after = request_of(store)
    assert (after.state, after.promised, after.coach_id) == (State.WAITING, True, None)
    assert "too near" not in ana.get("/coaching").text
    figures = sign_in(Role.COORDINATOR).get("/coaching/figures")
    assert "I am too near to the person" in text_of(figures)
    assert "Ana" not in figures.text
    assert nadia.post(f"/coaching/desk/{request.id}/agree").status_code == 404
    assert nadia.post(f"/coaching/desk/{request.id}/read").status_code == 404


def running(ana, nadia, store):
    ana.post("/coaching", ASKED)
    play.accept(ana, store)
    play.agree(nadia, store)
    return plan_of(store)


def test_leaving_frees_all_that_is_ahead_at_once(ana, nadia, sign_in, store, clock):
    plan = running(ana, nadia, store)
    first, second, *later = of_person(store)
    clock.now = second.starts_utc - timedelta(days=1)
    ana = sign_in(Role.EMPLOYEE)
    answer = ana.post(f"/coaching/plans/{plan.id}/leave")
    assert "Three sessions left your calendar." in ana.get(answer.headers["Location"]).text
    assert of_person(store) == (first,)
    gone = [s for s in of_person(store, planned_only=False) if s.status is Status.CANCELLED]
    assert {s.id for s in gone} == {s.id for s in (second, *later)}
    assert plan_of(store).state is Course.LEFT
    with store.read() as db:
        assert series.requests(db) == ()
    assert ana.post(f"/coaching/plans/{plan.id}/leave").status_code == 409
    assert ana.post("/coaching", ASKED).status_code == 303


def test_what_was_agreed_stands_when_the_plan_is_drawn_again(ana, nadia, parts, store):
    running(ana, nadia, store)
    before = of_person(store)
    drawn = draw_plan.carry_out(parts, draw_plan.Wish(weeks=8, rounds=1))
    publish_plan.publish(parts, drawn.draft_id, by_id=id_of("olivia.brandt"))
    assert [s for s in of_person(store) if s.series] == list(before)
    assert drawn.figures.needs == drawn.figures.placed + drawn.figures.owed


def test_words_steps_and_notes_of_the_two(ana, nadia, sign_in, store):
    plan = running(ana, nadia, store)
    page = f"/coaching/plans/{plan.id}"
    nadia.post(f"{page}/words", {"goal": HOPE, "baseline": "Two of five end badly.", "measure": "I count them."})
    ana.post(f"{page}/notes", {"does": "step", "step": "Breathe first."})
    nadia.post(f"{page}/notes", {"does": "note", "text": "It went well on Tuesday."})
    said = text_of(ana.get(page))
    for words in (
        "Two of five end badly.",
        "I count them.",
        "Breathe first.",
        "It went well on Tuesday.",
        "Nadia Haddad",
    ):
        assert words in said
    with store.read() as db:
        step, other = sorted(coaching_plans.notes(db, plan), key=lambda n: n.kind, reverse=True)
    ana.post(f"{page}/notes", {"does": "done", "line": step.id})
    assert "done" in text_of(nadia.get(page))
    assert ana.post(f"{page}/notes", {"does": "back", "line": other.id}).status_code == 404  # not hers to take back
    assert nadia.post(f"{page}/notes", {"does": "back", "line": other.id}).status_code == 303
    assert ana.post(f"{page}/notes", {"does": "note", "text": " "}).status_code == 422
    for role in set(Role) - {Role.EMPLOYEE, Role.COACH}:
        visitor = sign_in(role)
        assert visitor.get(page).status_code == 404
        assert visitor.post(f"{page}/notes", {"does": "note", "text": "x"}).status_code == 404
    for path in ("leave", "finish", "coach", "looked"):  # the coach decides none of these
        assert nadia.post(f"{page}/{path}", {"outcome": "met", "looked": "x"}).status_code == 404


def test_each_opening_by_the_coach_stands_in_the_persons_own_list_once_a_day(ana, nadia, sign_in, store, clock):
    plan = running(ana, nadia, store)
    for _ in range(3):
        nadia.get(f"/coaching/plans/{plan.id}")
    ana.get(f"/coaching/plans/{plan.id}")
    assert ana.get("/log").text.count(">read coaching plan</th>") == 1
    assert "Nadia Haddad" in ana.get("/log").text
    clock.move(days=1)
    sign_in(Role.COACH).get(f"/coaching/plans/{plan.id}")
    assert sign_in(Role.EMPLOYEE).get("/log").text.count(">read coaching plan</th>") == 2
    whole = sign_in(Role.ADMINISTRATOR).get("/log").text
    assert "Ana" not in whole.split("<main", 1)[1]


def test_change_of_coach_keeps_plan_and_shared_notes_and_leaves_private_ones_behind(ana, nadia, sign_in, store, parts):
    play.grant_coach(store, "tiago.lopes")
    nadia_first = running(ana, nadia, store)
    page = f"/coaching/plans/{nadia_first.id}"
    ana.post(f"{page}/notes", {"does": "note", "text": "For whoever coaches me."})
    nadia.post(f"{page}/own", {"text": "Only for Nadia."})
    before = of_person(store)
    assert ana.post(f"{page}/coach").status_code == 303
    change = request_of(store)
    assert (change.state, change.plan_id) == (State.PROPOSED, nadia_first.id)
    assert {o.coach_id for o in change.offers} == {TIAGO}
    assert of_person(store) == before  # nothing moves before somebody has said yes
    play.accept(ana, store)
    tiago = sign_in("tiago.lopes")
    assert play.agree(tiago, store).status_code == 303
    plan = plan_of(store)
    assert (plan.id, plan.coach_id, plan.state) == (nadia_first.id, TIAGO, Course.RUNNING)
    after = of_person(store)
    assert {s.facilitator_id for s in after} == {TIAGO}
    assert len(after) == len(before)
    assert {s.id for s in after}.isdisjoint({s.id for s in before})
    assert "For whoever coaches me." in tiago.get(page).text
    assert HOPE in tiago.get(page).text
    assert "Only for Nadia." not in tiago.get(page).text + tiago.get(f"{page}/own").text
    assert nadia.get(page).status_code == 404
    assert "Only for Nadia." in nadia.get(f"{page}/own").text
    assert against_nothing(parts)


def against_nothing(parts):
    """Say that the verifier finds nothing against the calendar as it is published."""
    with parts.store.read() as db:
        brief = planning.brief(db, now=parts.now())
    return judge(brief, brief.published, around=brief.published) == ()


def test_coach_away_new_dates_or_a_stand_in_as_the_person_chooses(ana, nadia, store, parts):
    plan = running(ana, nadia, store)
    first = of_person(store)[0]
    acts.away(parts, "nadia.haddad", first.starts.date().isoformat(), first.starts.date().isoformat())
    said = text_of(ana.get(f"/coaching/plans/{plan.id}"))
    assert "Nadia Haddad cannot come then." in said
    assert "A stand-in, please" in said
    page = ana.get(f"/sessions/{first.id}/answer")
    assert page.status_code == 200
    assert "cannot come then" not in nadia.get(f"/coaching/plans/{plan.id}").text


def test_finished_it_says_what_came_of_it_and_asks_again_after_eight_weeks(ana, nadia, sign_in, clock, parts):
    store = parts.store
    plan = running(ana, nadia, store)
    page = f"/coaching/plans/{plan.id}"
    clock.now = of_person(store)[-1].ends_utc + timedelta(hours=1)
    ana = sign_in(Role.EMPLOYEE)
    assert ana.post(f"{page}/finish", {"helped": "x"}).status_code == 422
    assert ana.post(f"{page}/finish", {"outcome": "partly", "helped": "Being asked."}).status_code == 303
    done = plan_of(store)
    assert (done.state, (done.look_back - done.ended.date()).days) == (Course.FINISHED, 56)
    assert len(of_person(store)) == 4
    assert "Being asked." in text_of(ana.get(page))
    assert ana.post("/coaching", ASKED | {"former": NADIA}).status_code == 303
    assert request_of(store).former_id == NADIA
    assert "has coached you before" in text_of(ana.get("/coaching"))
    clock.move(weeks=8)
    tend_coaching.tend(parts)
    tend_coaching.tend(parts)
    with store.read() as db:
        back = letters.waiting(db, [ANA, NADIA], letters.COACHING)
    assert set(back) == {ANA, NADIA}
    ana = sign_in(Role.EMPLOYEE)
    assert ana.post(f"{page}/looked", {"looked": "The breath."}).status_code == 303
    assert "The breath." in text_of(ana.get(page))


@pytest.mark.usefixtures("ana")
def test_many_who_wait_are_matched_at_once_and_first_come_is_first_served(nadia, sign_in, clock, parts):
    store = parts.store
    nadia.post("/coaching/desk", {"most": "0"})
    people = ("ana.correia", "bruno.matos", "catarina.leal")
    play.accounts_for(store, *people)
    for code in people:
        sign_in(code).post("/coaching", ASKED)
        clock.move(minutes=5)
    nadia = sign_in(Role.COACH)
    nadia.post("/coaching/desk", {"most": "2"})
    assert tend_coaching.tend(parts)["served"] == 2
    states = [request_of(store, id_of(code)).state for code in people]
    assert states == [State.PROPOSED, State.PROPOSED, State.WAITING]
    first = [request_of(store, id_of(code)).offers[0].starts[0] for code in people[:2]]
    assert len(set(first)) == 2  # what is proposed to one first is proposed first to no other
    clock.move(days=6)
    assert tend_coaching.tend(parts)["lapsed"] == 0


def test_an_answer_that_never_comes_frees_the_person(ana, nadia, store, clock, parts):
    assert nadia
    ana.post("/coaching", ASKED)
    play.accept(ana, store)
    clock.move(days=6)
    assert tend_coaching.tend(parts)["lapsed"] == 1
    after = request_of(store)
    assert (after.state, after.promised) == (State.PROPOSED, True)


@pytest.mark.usefixtures("ana")
def test_who_leads_and_who_has_no_clock_is_told_why_not(sign_in):
    for role, words in ((Role.FACILITATOR, "You lead sessions yourself"), (Role.COORDINATOR, "no working time")):
        visitor = sign_in(role)
        assert words in visitor.get("/coaching").text
        assert visitor.post("/coaching", ASKED).status_code == 422
    assert sign_in(Role.COACH).get("/coaching").headers["Location"].endswith("/coaching/desk")


def test_without_the_boundaries_no_time_can_be(store, sign_in, parts):
    """The gate holds on this way in too: nobody is coached before what must come first."""
    with store.write() as db:
        db.execute(text("DELETE FROM held"))
    adopt_programme.adopt_shipped(parts, ["coaching", "professional_boundaries"])
    ana = sign_in(Role.EMPLOYEE)
    ana.post("/coaching", ASKED)
    request = request_of(store)
    assert (request.state, request.why) == (State.WAITING, "times")
    assert of_person(store) == ()


def test_a_lead_is_told_only_where_the_person_ticks_it(ana, store):
    marta = id_of("marta.nogueira")
    ana.post("/coaching", ASKED)
    with store.read() as db:
        assert letters.waiting(db, [marta], letters.COACHING) == {}
    ana.post(f"/coaching/{request_of(store).id}/withdraw")
    ana.post("/coaching", ASKED | {"tell_lead": "1"})
    with store.read() as db:
        assert set(letters.waiting(db, [marta], letters.COACHING)) == {marta}


def test_not_ones_own_lead(ana, nadia, store):
    play.grant_coach(store, "marta.nogueira")
    nadia.post("/coaching/desk", {"most": "0"})
    ana.post("/coaching", ASKED | {"not_lead": "1"})
    assert (request_of(store).state, request_of(store).why) == (State.WAITING, "busy")
    ana.post(f"/coaching/{request_of(store).id}/withdraw")
    ana.post("/coaching", ASKED)
    assert {o.coach_id for o in request_of(store).offers} == {id_of("marta.nogueira")}


def test_a_demo_has_a_request_in_each_state(parts, store, sign_in):
    """What a newcomer sees: proposals for the employee, a request on the coach's desk, one who waits, a draft."""
    assert sign_in(Role.EMPLOYEE)
    adopt_programme.adopt_shipped(parts, ["coaching", "professional_boundaries"])
    said = demo_coaching.fill(parts, employee_id=ANA, coach_id=NADIA, seed=7)
    assert said == "Coaching: 0 series run, 3 requests are open."
    with store.read() as db:
        found = coaching.in_states(db, tuple(State))
    assert sorted(r.state.value for r in found) == ["asked", "draft", "proposed", "waiting"]
    assert request_of(store).state is State.PROPOSED


def test_a_new_date_with_a_coach_who_is_away_is_taken_in_a_press(ana, nadia, store, parts):
    running(ana, nadia, store)
    second = of_person(store)[1]
    acts.away(parts, "nadia.haddad", second.starts.date().isoformat(), second.starts.date().isoformat())
    page = ana.get(f"/sessions/{second.id}/answer").text
    keys = re.findall(r'name="date" value="(\w{12})"', page)
    assert keys
    answer = ana.post(f"/sessions/{second.id}/answer", {"says": "cannot", "date": keys[0]})
    assert answer.status_code == 303
    after = of_person(store)
    assert len(after) == 4
    assert {s.facilitator_id for s in after} == {NADIA}
    assert second.starts.date() not in {s.starts.date() for s in after}
    assert against_nothing(parts)


def test_words_go_24_months_after_the_last_session_and_sessions_stay(ana, nadia, sign_in, store, clock, parts):  # noqa: PLR0917 -- fixtures
    plan = running(ana, nadia, store)
    page = f"/coaching/plans/{plan.id}"
    nadia.post(f"{page}/own", {"text": "Only for Nadia."})
    held = of_person(store)
    clock.now = held[-1].ends_utc + timedelta(days=1)
    sign_in(Role.EMPLOYEE).post(f"{page}/finish", {"outcome": "met"})
    clock.now = held[-1].ends_utc + timedelta(days=730)
    assert tidy_up.tidy_up(parts)["coaching_plan"] == 0
    clock.move(days=2)
    assert tidy_up.tidy_up(parts)["coaching_plan"] == 1
    with store.read() as db:
        kept = {table: db.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in WRITTEN}
    assert set(kept.values()) == {0}
    assert of_person(store) == held


WRITTEN = ("coaching_plan", "coaching_part", "coaching_note", "coaching_private", "coaching_request", "coaching_hold")
