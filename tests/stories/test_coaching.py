"""An employee asks for coaching; the plan places it, others see taken time; withdrawing frees what is ahead."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from html import unescape
from itertools import pairwise

import pytest

from devsys.actions import adopt_programme, draw_plan, publish_plan, request_coaching
from devsys.actions.request_coaching import Wish
from devsys.adapters.store.queries import accounts, people, series, sessions
from devsys.adapters.store.queries.sessions import Wanted
from devsys.app import routes
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from devsys.core.model.people import Held
from tests.builders import an_organisation, id_of, settle

ANA = id_of("ana.correia")
MORNINGS = Wish("coaching_calls", (0,), time(9), time(12))
ASKED = {"activity": "coaching_calls", "days": ["1", "3"], "from": "09:00", "until": "12:00"}


@pytest.fixture
def organisation(store):
    """Northgate, where everybody holds the boundaries already."""
    everybody = an_organisation().people
    held = tuple(Held(p.id, "professional_boundaries", date(2025, 11, 3)) for p in everybody)
    return settle(store, an_organisation(held=held))


@pytest.fixture
def ana(sign_in, parts):
    adopt_programme.adopt_shipped(parts, ["coaching", "professional_boundaries"])
    return sign_in(Role.EMPLOYEE)


def plan(parts, weeks=8):
    drawn = draw_plan.carry_out(parts, draw_plan.Wish(weeks=weeks, rounds=1))
    publish_plan.publish(parts, drawn.draft_id, by_id=id_of("olivia.brandt"))
    return drawn


def of_ana(store, *, planned_only=True):
    with store.read() as db:
        return sessions.published(db, Wanted(person_id=ANA, planned_only=planned_only))


def asked_by_ana(store):
    with store.read() as db:
        return series.requests(db, ANA)


def withdraw_address(page):
    return re.search(r'action="(/coaching/\w+/withdraw)"', page.text)[1]


def text_of(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[1])).split())


def test_an_empty_page_says_what_coaching_is_and_is_not(ana):
    said = text_of(ana.get("/coaching"))
    for words in (
        "You have not asked for coaching.",
        "no discipline and no rating",
        "Only you can ask for it.",
        "no reason is asked",
        "Coaching for conflict and limits",
        "4 times 30 min, about every week.",
        "It begins once you hold Professional boundaries",
    ):
        assert words in said
    assert 'href="/coaching"' in ana.get("/").text


def test_asking_keeps_theme_and_times_and_nothing_else(ana, store):
    answer = ana.post("/coaching", ASKED)
    assert answer.status_code == 303
    (kept,) = asked_by_ana(store)
    assert (kept.person_id, kept.activity) == (ANA, "coaching_calls")
    assert kept.preferred == ((1, time(9), time(12)), (3, time(9), time(12)))
    said = text_of(ana.get("/coaching"))
    assert "Coaching for calls" in said
    assert "It waits for the next plan" in said
    assert "Tuesday and Thursday, 09:00\u201312:00" in said
    assert said.count("not planned yet") == 4
    assert "between Mon 5 January and Mon 26 January" in said


def test_the_plan_finds_the_times_and_they_stand_in_words(ana, parts, store):
    ana.post("/coaching", ASKED)
    drawn = plan(parts)
    found = of_ana(store)
    assert len(found) == 4
    assert (drawn.figures.needs, drawn.figures.placed) == (4, 4)
    assert len({s.facilitator_id for s in found}) == 1
    assert all(s.starts.weekday() in (1, 3) and time(9) <= s.starts.time() < time(12) for s in found)
    apart = [later.starts - earlier.starts for earlier, later in pairwise(found)]
    assert all(timedelta(days=5) <= gap <= timedelta(days=14) for gap in apart)
    said = text_of(ana.get("/coaching"))
    for number, session in enumerate(found, 1):
        day = f"{session.starts:%a} {session.starts.day} {session.starts:%B}"
        assert f"{number} of 4 {day}, {session.starts:%H:%M}\u2013{session.ends:%H:%M}" in said
    assert said.count("Lisbon time.") == 4


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.EMPLOYEE])
def test_others_do_not_see_who_asked_or_what_it_is_about(ana, parts, store, sign_in, role):
    ana.post("/coaching", ASKED)
    plan(parts)
    found = of_ana(store)
    leads = {s.facilitator_id for s in found}
    other = sign_in(role)
    assert "ask for coaching" not in text_of(other.get("/log"))
    pages = ["/", "/coaching", "/log", "/week?week=2026-W03", "/month?month=2026-01", f"/people/{ANA}"]
    shown = "".join(other.get(path).text for path in (*pages, *(f"/sessions/{s.id}" for s in found)))
    if other.person_id not in leads:
        assert "Coaching for calls</h1>" not in shown
    assert asked_by_ana(store)[0].id not in shown


def test_the_own_log_has_both_acts(ana, store):
    ana.post("/coaching", ASKED)
    ana.post(withdraw_address(ana.get("/coaching")))
    said = text_of(ana.get("/log"))
    assert "ask for coaching" in said
    assert "withdraw coaching" in said
    assert asked_by_ana(store) == ()


def test_withdrawing_frees_all_that_is_ahead_with_the_next_plan(ana, sign_in, parts, store, clock):
    ana.post("/coaching", ASKED)
    plan(parts)
    first, second, *later = of_ana(store)
    clock.now = second.starts_utc - timedelta(days=1)  # one is held, the next is well inside the freeze window
    with store.write() as db:
        sessions.set_pinned(db, later[0].id, pinned=True)
    ana = sign_in(Role.EMPLOYEE)
    answer = ana.post(withdraw_address(ana.get("/coaching")))
    page = ana.get(answer.headers["Location"])
    said = text_of(page)
    assert "Three sessions still in your calendar will leave it with the next plan." in page.text
    assert "They leave it with the next plan that is published." in said
    assert of_ana(store) == (first, replace(second), *(replace(s, pinned=i == 0) for i, s in enumerate(later)))
    drawn = plan(parts)
    assert (drawn.new, drawn.cancelled, drawn.altered) == (0, 3, 0)
    gone = [s for s in of_ana(store, planned_only=False) if s.status is Status.CANCELLED]
    assert {s.id for s in gone} == {s.id for s in (second, *later)}
    assert {s.cause for s in gone} == {"withdrawn"}
    assert {s.sequence for s in gone} == {1}
    assert of_ana(store) == (first,)
    said = text_of(ana.get("/coaching"))
    assert "still stand in your calendar" not in said
    assert "withdrawn" in said
    assert plan(parts).cancelled == 0


def test_a_draft_alone_takes_nothing_away(ana, parts, store):
    ana.post("/coaching", ASKED)
    plan(parts)
    before = of_ana(store)
    ana.post(withdraw_address(ana.get("/coaching")))
    assert draw_plan.carry_out(parts, draw_plan.Wish(weeks=8, rounds=1)).cancelled == 4
    assert of_ana(store) == before


def test_after_withdrawing_one_may_ask_anew(ana, sign_in, parts, store, clock):
    ana.post("/coaching", ASKED)
    plan(parts)
    ana.post(withdraw_address(ana.get("/coaching")))
    clock.move(days=1)
    assert sign_in(Role.EMPLOYEE).post("/coaching", ASKED | {"activity": "coaching_writing"}).status_code == 303
    plan(parts)
    assert {s.activity for s in of_ana(store)} == {"coaching_writing"}
    assert len(of_ana(store)) == 4


def test_one_series_at_a_time_until_it_is_over(ana, sign_in, parts, store, clock):
    ana.post("/coaching", ASKED)
    second = ana.post("/coaching", ASKED | {"activity": "coaching_writing"})
    assert second.status_code == 409
    assert "You have asked already, on 05 January 2026" in second.text
    assert len(asked_by_ana(store)) == 1
    plan(parts)
    clock.move(days=60)
    assert request_coaching.look(parts, _viewer(store, ANA)).open is None
    said = text_of(sign_in(Role.EMPLOYEE).get("/coaching"))
    assert "No coaching of yours is running." in said
    assert "4 sessions held" in said
    assert request_coaching.ask(parts, _viewer(store, ANA), Wish("coaching_writing", (0,), time(8), time(16)))


def _viewer(store, person_id):
    with store.read() as db:
        return accounts.viewer_of(db, person_id)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"activity": ""}, "Choose what it is about"),
        ({"activity": "case_round"}, "Choose one of these"),
        ({"activity": "<script>"}, "Choose one of these"),
        ({"days": []}, "Tick at least one day"),
        ({"days": ["9", "x"]}, "Tick at least one day"),
        ({"from": "24:00"}, "Choose one of these"),
        ({"from": "12:00"}, "later by at least 30 minutes"),
        ({"until": "08:30"}, "later by at least 30 minutes"),
        ({"until": "\u0660\u0669:\u0660\u0660"}, "Choose one of these"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(ana, store, wrong, said):
    page = ana.post("/coaching", ASKED | wrong)
    assert page.status_code == 422
    assert said in page.text
    assert asked_by_ana(store) == ()
    if "activity" not in wrong:
        assert re.search(r'value="coaching_calls" checked', page.text)


def test_nobody_can_ask_for_another_and_no_route_offers_it(app, ana, sign_in, store):
    rules = [rule for _, rule, endpoint, _ in routes(app) if endpoint.startswith("coaching.")]
    assert sorted(rules) == ["/coaching", "/coaching", "/coaching/<series_id>/withdraw"]
    smuggled = ASKED | {"person_id": id_of("bruno.matos"), "person": "bruno.matos", "for": id_of("bruno.matos")}
    assert ana.post(f"/coaching?person_id={id_of('bruno.matos')}", smuggled).status_code == 303
    with store.read() as db:
        assert [r.person_id for r in series.requests(db)] == [ANA]
    address = withdraw_address(ana.get("/coaching"))
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD):
        assert sign_in(role).post(address).status_code == 404
    assert len(asked_by_ana(store)) == 1
    assert ana.post(address).status_code == 303
    assert ana.post(address).status_code == 404


def test_who_leads_and_who_has_no_clock_is_told_why_not(ana, parts, store, sign_in):
    assert ana
    for role, words in ((Role.FACILITATOR, "You lead sessions yourself"), (Role.COORDINATOR, "no working time")):
        visitor = sign_in(role)
        page = visitor.get("/coaching")
        assert words in page.text
        assert "Ask for it" not in page.text
        refused = visitor.post("/coaching", ASKED)
        assert refused.status_code == 422
        with pytest.raises(InvalidError, match=words):
            request_coaching.ask(parts, _viewer(store, visitor.person_id), MORNINGS)
    with store.read() as db:
        assert series.requests(db) == ()


def test_without_coaching_in_the_programme_that_is_said(sign_in, organisation, parts, store):
    assert organisation.people
    page = sign_in(Role.EMPLOYEE).get("/coaching")
    assert "No coaching is in the programme yet" in page.text
    with pytest.raises(InvalidError, match="No coaching"):
        request_coaching.ask(parts, _viewer(store, ANA), MORNINGS)


def test_actions_refuse_what_a_form_cannot_send(ana, parts, store):
    assert ana
    viewer = _viewer(store, ANA)
    for wish, field in (
        (Wish("none", (0,), time(9), time(12)), "activity"),
        (Wish("coaching_calls", (7,), time(9), time(12)), "days"),
        (Wish("coaching_calls", (0,), time(9), time(9, 15)), "until"),
    ):
        with pytest.raises(InvalidError) as refused:
            request_coaching.ask(parts, viewer, wish)
        assert [f.where for f in refused.value.faults] == [field]
    with pytest.raises(NotFoundError):
        request_coaching.withdraw(parts, viewer, "no-such-series")
    request_coaching.ask(parts, viewer, Wish("coaching_calls", (0, 0), time(9), time(12)))
    with pytest.raises(ConflictError, match="One series runs at a time"):
        request_coaching.ask(parts, viewer, MORNINGS)


@pytest.mark.parametrize("weeks", [3, 4])
def test_a_series_nobody_planned_in_time_begins_with_the_step_that_is_due(ana, parts, store, clock, weeks):
    """Three weeks after asking, the window of the first step ends that morning; after four it is over."""
    ana.post("/coaching", ASKED)
    clock.move(weeks=weeks, hours=-2)
    drawn = plan(parts)
    found = of_ana(store)
    assert [s.places[0].need[-2:] for s in found] == [".1", ".2", ".3"][weeks - 3 :]
    assert drawn.figures.needs == drawn.figures.placed + drawn.figures.owed


def test_what_finds_no_time_is_owed_in_words_on_the_page(ana, parts, store):
    adopt_programme.adopt_shipped(parts, ["case_rounds"])
    ana.post("/coaching", ASKED)
    with store.write() as db:
        now = people.organisation(db)
        bare = tuple(replace(f, qualifications=frozenset({"round"})) for f in now.facilitators)
        people.write_organisation(db, people.only(facilitators=bare), today=parts.now().date())
    drawn = plan(parts)
    assert drawn.figures.placed + drawn.figures.owed == drawn.figures.needs
    assert {s.activity for s in of_ana(store)} == {"case_round"}
    said = text_of(ana.get("/coaching"))
    assert said.count("no time found yet") == 4
    assert "Nobody is qualified to lead Coaching for calls at Lisbon." in said
    assert said.count("An earlier step of the series is not placed") == 3


def test_given_up_in_the_programme_a_series_ends_and_stays_readable(ana, parts):
    ana.post("/coaching", ASKED)
    adopt_programme.drop(parts, "coaching", None)
    said = text_of(ana.get("/coaching"))
    assert "Coaching calls" in said
    assert "no time was found" in said


def test_times_before_a_clock_change_are_kept_as_wall_times(ana, parts, store, clock):
    clock.now = clock.now.replace(month=3, day=16)  # Lisbon's clocks go forward on 29 March
    assert ana
    request_coaching.ask(parts, _viewer(store, ANA), Wish("coaching_calls", (1, 3), time(9), time(12)))
    plan(parts)
    found = of_ana(store)
    assert [f"{s.starts:%H}" for s in found if not 9 <= s.starts.hour < 12] == []
    assert {s.starts - s.starts_utc.replace(tzinfo=None) for s in found} == {timedelta(0), timedelta(hours=1)}
    assert found[0].starts > datetime(2026, 3, 16, 9)
