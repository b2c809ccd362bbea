"""Home shows each role what it needs next, and nobody what is not theirs."""

import json
import re
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import accounts, adopt_programme
from devsys.actions.sign_in import sign_in as enter
from devsys.adapters.store.queries import asks, house, people, plans, runs, sessions
from devsys.adapters.store.tables.plans import VersionRow
from devsys.core.model.access import Role
from devsys.core.model.calendar import Figures, Owed, Status
from devsys.faces.web.owed_values import to_you
from tests import builders
from tests.builders import id_of


def text_of(page):
    return re.sub(r"[ \n\t]+", " ", re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[1]))


@pytest.fixture
def planned(parts, organisation):
    """A published plan: rounds of two teams, a coaching session, a moved one, one in another zone; and what is owed."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    moved = builders.a_session("moved", starts=datetime(2026, 1, 27, 14), sequence=1, cause="room taken")
    coaching = builders.a_session(
        "coaching",
        activity="coaching_calls",
        people=("bruno.matos",),
        facilitator="nadia.haddad",
        room=None,
        team=None,
        starts=datetime(2026, 1, 6, 10),
    )
    far = builders.a_session(
        "far",
        starts=datetime(2026, 1, 8, 14),
        site="kathmandu",
        team="patan",
        people=("deepa.thapa",),
        facilitator="rajesh.karki",
        room="himal",
    )
    past = builders.a_session("past", starts=datetime(2026, 1, 2, 14))
    off = builders.a_session("off", starts=datetime(2026, 1, 21, 14), status=Status.CANCELLED)
    builders.publish_now(parts, builders.a_session(), moved, coaching, far, past, off)
    with parts.store.write() as db:
        draft_id = plans.draft_of_version(db, 1)
        plans.keep_owed(
            db,
            draft_id,
            [
                Owed(
                    id_of("ana.correia"),
                    "professional_boundaries",
                    "ana/professional_boundaries/once",
                    parts.now(),
                    parts.now() + timedelta(days=20),
                    parts.now() + timedelta(days=40),
                    "companions",
                    "Only one person waits, and the group needs 3.",
                    "Would fit with a group of 1 instead of 3.",
                )
            ],
        )
    return parts


@pytest.mark.parametrize("role", list(Role))
def test_home_answers_every_role_before_there_is_a_plan(sign_in, role):
    answer = sign_in(role).get("/")
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1


def test_an_employee_sees_the_next_session_then_the_others(planned, sign_in):
    assert planned
    page = text_of(sign_in(Role.EMPLOYEE).get("/"))
    assert "Tuesday 20 January" in page
    assert "14:00\u201315:00 , Lisbon time" in page
    assert "With Marta Nogueira and your team" in page
    assert "Your team meets every two weeks." in page
    assert "Tue 27 January, 14:00" in page
    assert "Moved: room taken." in page
    assert "Fri 2 January" in page.split("Past")[1]
    assert "21 January" not in page


def test_an_employee_sees_what_is_owed_and_why(planned, sign_in):
    assert planned
    page = text_of(sign_in(Role.EMPLOYEE).get("/"))
    assert "Owed to you 1" in page
    assert "Only one person waits, and the group needs 3." in page


def test_who_was_there_is_said(planned, sign_in):
    with planned.store.write() as db:
        sessions.mark_attendance(db, id_of("session past"), {id_of("ana.correia"): False}, None, planned.now())
    assert "Fri 2 January, not there" in text_of(sign_in(Role.EMPLOYEE).get("/"))
    with planned.store.write() as db:
        sessions.mark_attendance(db, id_of("session past"), {id_of("ana.correia"): True}, None, planned.now())
    assert "Fri 2 January, you were there" in text_of(sign_in(Role.EMPLOYEE).get("/"))


def test_a_coach_sees_the_rota_with_the_own_coaching(planned, sign_in):
    assert planned
    page = text_of(sign_in(Role.COACH).get("/"))
    assert "You lead 1 session in the next seven days." in page
    assert "Tuesday 6 January" in page
    assert "Coaching for calls" in page
    assert "You lead: 1 colleague" in page


def test_a_lead_sees_the_team_but_no_theme_of_coaching(planned, sign_in):
    assert planned
    page = text_of(sign_in(Role.LEAD).get("/"))
    assert "Billing Alfama" in page
    assert "Bruno Matos: away for development" in page
    assert "1:1 development" in page
    assert "Coaching for calls" not in page
    assert "Nadia Haddad" not in page
    assert "Too few to make a group" in page


def test_sessions_without_marks_wait_for_who_led_them(planned, sign_in):
    assert planned
    page = text_of(sign_in(Role.LEAD).get("/"))
    assert "Who was there? 1" in page
    assert "Attendance is not marked for 1 session" in text_of(sign_in(Role.COORDINATOR).get("/"))


def test_a_coordinator_sees_figures_sessions_and_what_is_owed(planned, sign_in):
    with planned.store.write() as db:
        row = db.get(VersionRow, 1)
        row.figures = json.dumps(asdict(Figures(needs=200, placed=190, on_time=180, owed=10, sessions=6, bound=190)))
        db.add(row)
    page = text_of(sign_in(Role.COORDINATOR).get("/"))
    assert "Northgate Support" in page
    assert "90\u2009% of 200 needs on time" in page
    assert "94.7\u2009% of the best possible, 190" in page
    assert "10 owed, each with a reason" in page
    assert "Too few to make a group" in page
    assert "Coaching for calls" not in page
    assert "Q1" in page


def test_sessions_elsewhere_say_their_zone(planned, sign_in):
    assert planned
    page = text_of(sign_in(Role.COORDINATOR).get("/"))
    assert "Rajesh Karki · Himal · Technical Patan, Kathmandu time" in page


def test_an_open_draft_needs_the_coordinator(planned, sign_in):
    builders.a_draft(planned, builders.a_session("new"), code="second")
    page = sign_in(Role.COORDINATOR).get("/")
    assert "A draft waits since today" in page.text
    assert f'href="/drafts/{id_of("draft second")}"' in page.text


def test_a_failed_run_needs_the_coordinator_until_one_went_well(planned, sign_in, clock):
    with planned.store.write() as db:
        run_id = runs.ask(db, "draw plan", period="asked-1", now=clock.now)
        runs.take(db, clock.now)
        runs.fail(db, run_id, clock.now, "The worker was stopped 3 times while doing this.")
    page = text_of(sign_in(Role.COORDINATOR).get("/"))
    assert "Draw a plan failed" in page
    assert "The worker was stopped 3 times" in page
    clock.move(hours=1)
    with planned.store.write() as db:
        run_id = runs.ask(db, "draw plan", period="asked-2", now=clock.now)
        runs.take(db, clock.now)
        runs.finish(db, run_id, clock.now)
    page = text_of(sign_in(Role.COORDINATOR).get("/"))
    assert "Draw a plan failed" not in page
    assert "Draw a plan is done, just now" in page


def test_people_who_are_never_at_work_need_the_coordinator(planned, sign_in, organisation):
    idle = tuple(replace(p, pattern_id=None) for p in organisation.people if p.code in ("ana.correia", "elif.kaya"))
    with planned.store.write() as db:
        people.write_organisation(db, people.only(people=idle, facilitators=()), today=planned.now().date())
    assert "2 agents have no shift pattern" in text_of(sign_in(Role.COORDINATOR).get("/"))


def test_an_empty_house_shows_four_steps(store, parts, app):
    link = accounts.first_run_link(parts).rsplit("/", 1)[1]
    typed = {"organisation": "Halden", "name": "Ingrid Moe", "email": "i@halden.example", "password": "x" * 12}
    accounts.set_up(parts, link, **typed)
    client = app.test_client()
    client.set_cookie("devsys", enter(parts, "i@halden.example", "x" * 12, "127.0.0.1"), domain="127.0.0.1")
    page = client.get("/")
    assert "Four steps to a published year" in page.text
    assert "Owed" not in text_of(page)
    assert 'href="/imports"' in page.text
    with store.read() as db:
        assert house.fact(db, house.ORGANISATION_NAME) == "Halden"


def test_sections_are_those_one_may_open(sign_in):
    def sections(role):
        nav = sign_in(role).get("/").text.split('<nav class="sections')[1].split("</nav>")[0]
        return re.findall(r'data-label="([^"]+)"', nav)

    assert sections(Role.EMPLOYEE) == ["My development", "My calendar", "Programme", "Coaching", "Subscribe"]
    assert sections(Role.COACH) == ["My rota", "My calendar", "Programme", "Coaching", "Subscribe"]
    planning = ["Home", "Calendar", "Plan", "Programme", "Rounds", "Improvement", "Fixes", "Conditions", "People"]
    assert sections(Role.LEAD) == planning
    assert sections(Role.COORDINATOR) == [*planning, "Imports", "Health"]
    assert sections(Role.ADMINISTRATOR) == sections(Role.COORDINATOR)


def test_the_page_one_is_on_is_marked(sign_in):
    page = sign_in(Role.COORDINATOR).get("/imports/people").text
    assert re.search(r'href="/imports" data-label="Imports" aria-current="page"', page)


def test_staff_have_tabs_on_phones_planners_have_not(sign_in):
    assert '<nav class="tabs"' in sign_in(Role.EMPLOYEE).get("/").text
    assert '<nav class="tabs"' not in sign_in(Role.COORDINATOR).get("/").text


def test_the_day_stands_with_week_and_zone(sign_in):
    assert "Mon 5 January 2026 , week 2, Lisbon time" in text_day(sign_in(Role.COORDINATOR).get("/"))


def text_day(page):
    return re.sub(r"<[^>]+>", " ", page.text.split('<span class="day">')[1].split("</header>")[0])


def test_home_shows_the_year_at_a_glance_and_the_quarter_by_team(planned, sign_in):
    assert planned
    page = sign_in(Role.COORDINATOR).get("/").text
    strip = page.split('<figure class="year brief')[1].split("</figure>")[0]
    assert strip.count('class="y-row a-') == 7
    assert 'href="/week?week=2026-W04"' in strip
    assert "Case rounds, week 4, from 19 Jan: 3 h, published" in strip
    ledger = text_of_part(page, "Development time, Q1 2026")
    assert "Billing Alfama 10 h planned 3 h held 2 h owed 10 3 1 Technical Patan 1 h planned 1 \u2013 \u2013" in ledger
    assert f'href="/year?team={id_of("alfama")}"' in page


def text_of_part(page, title):
    part = page.split(title)[1].split("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part))


def test_before_a_plan_home_has_no_year_to_show(sign_in):
    page = sign_in(Role.COORDINATOR).get("/").text
    assert "year brief" not in page


def test_a_lead_reads_in_one_sentence_what_comes(planned, sign_in):
    assert planned
    page = text_of(sign_in(Role.LEAD).get("/"))
    assert "One session in the next two weeks, one need owed." in page
    assert "You lead no session in the next seven days." in page


def test_the_tabs_of_a_phone_are_short(sign_in):
    tabs = sign_in(Role.EMPLOYEE).get("/").text.split('<nav class="tabs"')[1].split("</nav>")[0]
    words = re.sub(r"<[^>]+>", " ", tabs.split(">", 1)[1]).split()
    assert words == ["Now", "Calendar", "Programme", "Coaching", "Subscribe"]


@pytest.mark.parametrize(
    ("reason", "read"),
    [
        ("Ana Correia is not at work for 1 h in a row.", "You are not at work for 1 h in a row."),
        ("Ana Correia has other sessions of this kind.", "You have other sessions of this kind."),
        (
            "Too few others can come when Ana Correia can: 2 at best.",
            "Too few others can come when you can: 2 at best.",
        ),
        ("Nobody who can lead it is at work while Ana Correia is.", "Nobody who can lead it is at work while you are."),
        ("Nadia Haddad and Ana Correia have no common time.", "Nadia Haddad and you have no common time."),
        ("The others have their sessions.", "The others have their sessions."),
    ],
)
def test_reasons_speak_to_whom_they_concern(reason, read):
    assert to_you(reason, "Ana Correia") == read


def test_a_coordinator_reads_at_home_what_they_are_asked_themselves(planned, sign_in):
    """Asked to lead instead, and how a session was that they were in: both lead to their pages."""
    mine = builders.a_session("mine", people=("olivia.brandt",), starts=datetime(2026, 1, 2, 14))
    builders.publish_now(planned, mine, code="mine")
    now = planned.now()
    ask = asks.Ask(
        id=id_of("ask"),
        kind=asks.What.SUBSTITUTE.value,
        session_id=id_of("session round-1"),
        person_id=id_of("olivia.brandt"),
        by_id=id_of("marta.nogueira"),
        made=now,
        until=now + timedelta(days=2),
    )
    coordinator = sign_in(Role.COORDINATOR)
    assert "You are asked" not in text_of(coordinator.get("/"))
    with planned.store.write() as db:
        asks.make(db, [ask])
    page = coordinator.get("/")
    assert "You are asked 1 Case round" in text_of(page)
    assert f'href="/asked/{ask.id}"' in page.text
    assert f'href="/sessions/{mine.id}/feedback"' in page.text
    assert "You are asked" not in text_of(sign_in(Role.ADMINISTRATOR).get("/"))
