"""The week: grid and list with the same facts, the queue beneath, masks, zones, drafts, who sees which rows."""

import csv
import io
import re
from dataclasses import replace
from datetime import datetime

import pytest

from devsys.actions import accounts
from devsys.actions.sign_in import sign_in as enter
from devsys.adapters.store.queries import people
from devsys.core.model.access import Role
from devsys.core.model.people import Absence
from devsys.faces.web import week_choice, week_picture
from devsys.faces.web.pages import week
from tests.builders import a_draft, a_session, id_of, publish_now
from tests.web import scenes

ALFAMA = f"/week?week=2026-W05&team={id_of('alfama')}"
MARKED = "Coaching for calls"


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def coordinator(sign_in):
    return sign_in(Role.COORDINATOR)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def blocks(answer):
    """Give (session id, row, state, start) of every block of the grid."""
    found = []
    for part in answer.text.split('role="rowheader">')[1:]:
        row = re.sub(r"<[^>]+>", "", part[: part.index("</span>")])
        for css, session, start in re.findall(
            r'<a class="blk (\w+) [^>]*?data-session="([^"]*)" data-start="([^"]*)"', part
        ):
            found.append((session, row, css, start))
    return found


def rows(answer):
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_a_session_stands_in_the_row_of_each_of_its_people(planned, coordinator):
    page = coordinator.get(ALFAMA)
    assert [block[1:] for block in blocks(page) if block[0] == planned["alfama"].id] == [
        (name, "published", "2026-01-27T11:00") for name in ("Ana Correia", "Elif Kaya", "Filipa Sousa")
    ]


def test_the_list_holds_what_the_grid_holds(planned, coordinator):
    assert planned.sessions
    page = coordinator.get(ALFAMA + "&view=list")
    shown = text(page)
    assert "Tue 27 January" in shown
    assert "11:00 12:00" in shown
    assert "3 of Billing Alfama · Tiago Lopes" in shown
    assert "data-week" not in page.text
    lines = rows(coordinator.get(ALFAMA.replace("/week?", "/week.csv?")))
    assert lines[1] == [
        "2026-01-27",
        "11:00",
        "12:00",
        "Europe/Lisbon",
        "Case round",
        "round",
        "published",
        "online",
        "3 of Billing Alfama · Tiago Lopes",
    ]


def test_who_leads_sessions_has_a_row_among_facilitators_not_in_the_team(planned, coordinator):
    team = coordinator.get(ALFAMA)
    assert "Marta Nogueira" not in re.findall(r'role="rowheader">([^<]+)<', team.text)
    page = coordinator.get(f"/week?week=2026-W05&view=facilitators&site={id_of('lisbon')}")
    names = re.findall(r'role="rowheader">([^<]+)<', page.text)
    assert names[:3] == ["Marta Nogueira", "Nadia Haddad", "Tiago Lopes"]
    assert [block[0] for block in blocks(page) if block[1] == "Tiago Lopes"] == [planned["alfama"].id]


def test_rooms_have_rows(planned, coordinator):
    page = coordinator.get(f"/week?week=2026-W06&room={id_of('tejo')}")
    assert re.findall(r'role="rowheader">([^<]+)<', page.text)[:2] == ["Mewa", "Tejo"]
    assert [block[1] for block in blocks(page) if block[0] == planned["skill"].id] == ["Tejo"]


def test_the_queue_beneath_says_required_left_and_to_spare(planned, coordinator):
    """At 11:00 six are rostered on Billing, two required, three in the round: one to spare."""
    assert planned.sessions
    lines = rows(coordinator.get(ALFAMA.replace("/week?", "/week/queue.csv?") + "&day=2026-01-27"))
    assert lines[0] == ["Day", "Half hour", "Required", "Left", "To spare"]
    figures = {(day, half): rest for day, half, *rest in lines[1:]}
    assert figures["2026-01-27", "11:00"] == ["2", "3", "+1"]
    assert figures["2026-01-27", "11:30"] == ["2", "3", "+1"]
    assert figures["2026-01-28", "11:00"] == ["2", "6", "+4"]


def test_off_shift_lunch_and_away_are_hatched_with_a_word(parts, planned, coordinator):
    at = datetime(2026, 1, 27)
    with parts.store.write() as db:
        gone = (Absence(id_of("bruno.matos"), at, at.replace(day=28)),)
        people.write_organisation(db, replace(people.EMPTY, absences=gone), today=parts.now().date())
    page = coordinator.get(ALFAMA + "&day=2026-01-27").text
    assert planned.sessions
    for css, word in (("off", "off shift"), ("lunch", "lunch"), ("away", "away")):
        assert re.search(rf'<i class="off {css} k\d+ x\d+" title="{word}">', page)


def test_a_holiday_closes_its_day(planned, coordinator):
    assert planned.sessions
    page = text(coordinator.get(f"/week?week=2026-W14&team={id_of('alfama')}&day=2026-04-03"))
    assert "Sexta-feira Santa is a holiday in Lisbon." in page


def test_times_are_those_of_the_site_and_the_page_says_so(planned, sign_in):
    """The office reads in one site's zone; each week keeps the times of its own site, and the other one says so."""
    assert planned.sessions
    coordinator = sign_in(Role.COORDINATOR)
    patan = text(coordinator.get(f"/week?week=2026-W08&team={id_of('patan')}&view=list"))
    alfama = text(coordinator.get(ALFAMA + "&view=list"))
    assert "10:15 11:15" in patan
    assert "11:00 12:00" in alfama
    assert ("All times are Kathmandu time, not yours" in patan) != ("All times are Lisbon time, not yours" in alfama)


def test_others_see_of_coaching_only_that_the_time_is_taken(planned, sign_in):
    session = planned["coaching"]
    path = f"/week?week=2026-W06&team={id_of('alfama')}"
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD):
        for page in (sign_in(role).get(path), sign_in(role).get(path + "&view=list")):
            assert MARKED not in page.text
            assert "1:1 development" in page.text
    assert "Nadia Haddad" not in sign_in(Role.LEAD).get(path + f"&session={session.id}").text
    assert MARKED in sign_in(Role.EMPLOYEE).get("/week?week=2026-W06").text  # Ana, whose session it is


def test_staff_have_their_own_week(planned, sign_in):
    page = sign_in(Role.EMPLOYEE).get(f"/week?week=2026-W05&team={id_of('belem')}")
    assert "My week" in page.text
    assert blocks(page) == [(planned["alfama"].id, "Ana Correia", "published", "2026-01-27T11:00")]
    assert "Required" not in text(page)
    assert "data-move" not in page.text


def test_a_lead_sees_no_other_team(planned, sign_in):
    lead = sign_in(Role.LEAD)
    page = lead.get(f"/week?week=2026-W08&team={id_of('patan')}")
    assert "Billing Alfama" in page.text
    assert planned["patan"].id not in page.text
    assert lead.get("/week?week=2026-W08&view=facilitators").text.count("Rajesh Karki") == 0


def test_a_draft_is_dashed_and_taken_from_the_queue(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T13:00"})
    draft = scenes.open_drafts(parts)[0]
    page = coordinator.get(ALFAMA + f"&draft={draft.id}")
    assert [block[2] for block in blocks(page) if block[0] == session.id] == ["draft"] * 3
    assert 'class="taken"' in page.text
    assert [block[2] for block in blocks(coordinator.get(ALFAMA)) if block[0] == session.id] == ["published"] * 3
    lines = rows(coordinator.get(ALFAMA.replace("/week?", "/week/queue.csv?") + f"&draft={draft.id}"))
    figures = {(day, half): rest for day, half, *rest in lines[1:]}
    assert figures["2026-01-27", "11:00"] == ["2", "6", "+4"]
    assert figures["2026-01-27", "13:00"] == ["2", "3", "+1"]


def test_a_bad_place_is_flagged_with_its_reason_in_grid_list_and_panel(parts, planned, coordinator):
    """By shape and word, with the reason; where it fits again, and in what is published, nothing is flagged."""
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T18:30"})
    draft = scenes.open_drafts(parts)[0]
    path = ALFAMA + f"&draft={draft.id}"
    reason = "Ana Correia is not at work for the whole of Case round, Tue 27 January 18:30."
    coordinator.get(path)  # reads what the move said
    grid = coordinator.get(path)
    assert grid.text.count("draft a-round flagged") == 3
    assert f"{reason}" in text(grid)
    assert grid.text.count("</svg>no fit</span>") == 3
    listed = text(coordinator.get(path + "&view=list"))
    assert f"Does not fit. {reason}" in listed or "Does not fit. " in listed
    panel = text(coordinator.get(path + f"&session={session.id}")).split("Does not fit here: it cannot be published.")[
        1
    ]
    assert reason in panel
    assert "flagged a-" not in coordinator.get(ALFAMA).text.replace("draft flagged a-skill", "")
    coordinator.post(f"/sessions/{session.id}/move?draft={draft.id}", {"start": "2026-01-27T12:30"})
    coordinator.get(path)
    assert "no fit<" not in coordinator.get(path).text
    assert "Does not fit" not in coordinator.get(path + "&view=list").text


def test_a_flag_comes_with_a_later_absence(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-28T11:00"})
    path = ALFAMA + f"&draft={scenes.open_drafts(parts)[0].id}&day=2026-01-28"
    coordinator.get(path)
    assert "no fit</span>" not in coordinator.get(path).text
    away = Absence(id_of("elif.kaya"), datetime(2026, 1, 28), datetime(2026, 1, 29))
    with parts.store.write() as db:
        people.write_organisation(db, replace(people.EMPTY, absences=(away,)), today=parts.now().date())
    assert coordinator.get(path).text.count("</svg>no fit</span>") == 3


@pytest.mark.parametrize(
    ("query", "found", "names"),
    [
        ("q=tiago", ["alfama"], ["Ana Correia", "Elif Kaya", "Filipa Sousa"]),
        ("q=FILIPA", ["alfama"], ["Ana Correia", "Elif Kaya", "Filipa Sousa"]),
        ("q=catarina", [], ["Catarina Leal"]),
        ("q=nothing", [], []),
        ("kind=round", ["alfama"], ["Ana Correia", "Elif Kaya", "Filipa Sousa"]),
        ("kind=digital", [], []),
        ("kind=unheard&only=flagged&q=%00", ["alfama"], None),
    ],
)
def test_search_and_filters_stand_in_the_address(planned, coordinator, query, found, names):
    page = coordinator.get(f"{ALFAMA}&{query}")
    assert sorted({block[0] for block in blocks(page)}) == sorted(planned[code].id for code in found)
    if names is not None:
        assert re.findall(r'role="rowheader">([^<]+)<', page.text)[: len(names)] == names
    listed = coordinator.get(f"{ALFAMA}&{query}&view=list").text
    assert listed.count('class="pline') == len(found)
    if names is not None:
        for link in ("The week after", "List"):
            where = re.search(rf'href="([^"]*)"[^>]*>(?:<[^>]*>)*{link}|href="([^"]*)" aria-label="{link}"', page.text)
            assert query.lower() in (where[1] or where[2]).lower()


def test_the_changes_of_a_draft_alone(parts, planned, coordinator):
    session = planned["alfama"]
    coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T18:30"})
    draft = scenes.open_drafts(parts)[0]
    for code in ("one", "two"):
        scenes.add_published(parts, a_session(code, starts=datetime(2026, 1, 28, 11), facilitator="marta.nogueira"))
    path = ALFAMA + f"&draft={draft.id}"
    assert len({block[0] for block in blocks(coordinator.get(path))}) == 3
    for only in ("changed", "flagged"):
        assert {block[0] for block in blocks(coordinator.get(f"{path}&only={only}"))} == {session.id}


def test_facilitators_and_rooms_have_a_list_too(planned, coordinator):
    page = coordinator.get(f"/week?week=2026-W05&view=facilitators&list=1&site={id_of('lisbon')}")
    assert "data-week" not in page.text
    assert page.text.count('class="pline') == 1
    href = re.search(r'class="pline[^"]*" href="([^"]*)"', page.text)[1].replace("&amp;", "&").split("#")[0]
    panel = coordinator.get(href)
    assert 'class="pline on"' in panel.text
    for part in ("/move?", "/pin?", "/leave-out?", "data-ask-form"):
        assert f"/sessions/{planned['alfama'].id}{part}" in panel.text or part in panel.text


def test_many_rows_are_shown_page_by_page(planned, coordinator, monkeypatch):
    """Without script: links lead to the other rows; nothing else of the address changes."""
    assert planned.sessions
    for module in (week_picture, week_choice, week):
        monkeypatch.setattr(module, "ROWS", 4)
    first = coordinator.get(ALFAMA)
    names = re.findall(r'role="rowheader">([^<]+)<', first.text)[:4]
    assert names == ["Ana Correia", "Bruno Matos", "Catarina Leal", "Diogo Faria"]
    assert "Rows 1 to 4 of 6" in text(first)
    href = re.search(r'href="([^"]*)"[^>]*>(?:(?!</a>).)*More rows', first.text)[1].replace("&amp;", "&")
    second = coordinator.get(href)
    assert re.findall(r'role="rowheader">([^<]+)<', second.text)[:2] == ["Elif Kaya", "Filipa Sousa"]
    assert "Rows 5 to 6 of 6" in text(second)
    assert "More rows" not in second.text
    for odd in ("rows=99", "rows=0", "rows=-1", "rows=x", "rows=%C2%BD", "rows=99999999999999"):
        assert coordinator.get(f"{ALFAMA}&{odd}").status_code == 200


def test_the_panel_says_why_here_and_what_else_fits(planned, coordinator):
    session = planned["alfama"]
    page = coordinator.get(ALFAMA + f"&session={session.id}")
    assert f'hx-get="/week/why?session={session.id}"' in page.text
    for answer in (
        coordinator.get(ALFAMA + f"&session={session.id}&reasons=1"),
        coordinator.get(f"/week/why?session={session.id}"),
    ):
        assert "Here: " in text(answer)
        assert "What would open more" in text(answer)
    shown = text(page)
    assert f'action="/sessions/{session.id}/move' in page.text
    assert 'name="start"' in page.text
    assert "Leave it out" in shown


def test_frozen_and_past_sessions_are_not_dragged(parts, planned, coordinator, clock):
    path = f"/week?week=2026-W02&team={id_of('alfama')}"
    assert "data-move" not in coordinator.get(path).text
    page = text(coordinator.get(path + f"&session={planned['frozen'].id}"))
    assert "Inside the freeze window: it moves only with a cause." in page
    clock.move(weeks=1)
    sign_in_again = coordinator.get(path + f"&session={planned['frozen'].id}")
    assert parts.now() > planned["frozen"].ends_utc
    assert sign_in_again.status_code in (200, 303)


@pytest.mark.parametrize(
    "query",
    [
        "week=2026-W60",
        "week=0001-W01",
        "day=2026-13-40",
        "view=everything",
        "team=nothing&session=nothing&queue=nothing",
        "facilitator=nothing&room=nothing&site=nothing",
        "week=2026-W13&day=2026-03-29",
        "week=2026-W14&day=2026-01-01",
    ],
)
def test_odd_addresses_give_a_week(planned, coordinator, query):
    assert planned.sessions
    assert coordinator.get(f"/week?{query}").status_code == 200


def test_a_draft_nobody_knows(planned, coordinator, sign_in):
    assert planned.sessions
    assert coordinator.get("/week?draft=nothing").status_code == 404
    assert sign_in(Role.EMPLOYEE).get("/week?draft=nothing").status_code == 404


def test_as_many_queries_for_three_sessions_as_for_one(parts, organisation, coordinator):
    assert organisation.people
    scenes.adopt_shipped(parts)
    publish_now(parts, a_session("one", starts=datetime(2026, 1, 27, 11)), code="one")
    coordinator.get(ALFAMA)
    once = scenes.queries_of(parts, lambda: coordinator.get(ALFAMA))
    scenes.add_published(parts, *(a_session(f"more-{i}", starts=datetime(2026, 1, 28 + i, 11)) for i in range(2)))
    coordinator.get(ALFAMA)  # what sessions take of the queues is kept until another version is published
    assert scenes.queries_of(parts, lambda: coordinator.get(ALFAMA)) == once
    assert once < 30


def test_before_the_first_site_the_week_says_what_to_bring(parts, app):
    link = accounts.first_run_link(parts).rsplit("/", 1)[1]
    typed = {"organisation": "Halden", "name": "Ingrid Moe", "email": "i@halden.example", "password": "x" * 12}
    accounts.set_up(parts, link, **typed)
    client = app.test_client()
    client.set_cookie("devsys", enter(parts, "i@halden.example", "x" * 12, "127.0.0.1"), domain="127.0.0.1")
    page = client.get("/week")
    assert page.status_code == 200
    assert "There is no site yet" in page.text
    assert 'href="/imports"' in page.text.split("<main")[1]


def test_the_first_team_shown_is_one_of_the_readers_clock(planned, sign_in, parts, organisation):
    assert planned.sessions
    patan = next(team for team in organisation.teams if team.code == "patan")
    with parts.store.write() as db:
        first = people.only(teams=(replace(patan, name="Aardvark"),))
        people.write_organisation(db, first, today=parts.now().date())
    page = sign_in(Role.COORDINATOR).get("/week").text
    assert "<h1>Billing Alfama</h1>" in page
    assert "not yours" not in page


def test_drafts_of_one_day_are_told_apart_by_their_time(planned, coordinator, parts, clock):
    assert planned.sessions
    a_draft(parts, a_session("morning"), code="morning")
    assert "Draft of Mon 5 January<" in coordinator.get(ALFAMA).text
    clock.move(minutes=30)
    a_draft(parts, a_session("later"), code="later")
    page = coordinator.get(ALFAMA).text
    assert "Draft of Mon 5 January, 09:00<" in page
    assert "Draft of Mon 5 January, 09:30<" in page
