"""Undo and redo in Chromium: by key in the grid, by press in the list, on a phone, without script."""

import re
from datetime import datetime

import pytest

from devsys.core.model.access import Role
from tests.browser.test_calendar import ALFAMA, block, the_draft
from tests.web import scenes


@pytest.fixture
def planned(live, organisation):
    assert organisation.people
    return scenes.plan_and_publish(live.parts)


def focused(page, session):
    page.wait_for_function("id => document.activeElement.dataset.session === id", arg=session.id)
    return page.evaluate("document.getElementById(document.activeElement.getAttribute('aria-describedby'))?.innerText")


def test_a_move_to_a_bad_place_is_flagged_undone_and_redone_by_key(live, planned, window):
    """The focus stays on the session, what happened is read with it, and letters act only there."""
    session = planned["alfama"]
    shown = window(Role.COORDINATOR)
    page = shown.page
    page.goto(live.url + ALFAMA)
    block(page, session).focus()
    page.keyboard.press("m")
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("draft="))
    said = focused(page, session)
    assert "Moved to Tue 27 January, 10:00, in your draft." in said
    assert "is not at work" in said
    assert block(page, session).locator("span", has_text="no fit").first.is_visible()
    assert shown.serious() == []
    page.locator("h1").click()
    page.keyboard.press("u")
    block(page, session).focus()
    page.keyboard.press("u")
    page.get_by_text("Undone: move Case round to Tue 27 Jan, 10:00.").wait_for()
    focused(page, session)
    assert the_draft(live) == {}
    page.keyboard.press("u")
    assert "Nothing is left to undo." in page.locator("[data-week-say]").inner_text()
    page.keyboard.press("r")
    page.get_by_text("Done again: move Case round to Tue 27 Jan, 10:00.").wait_for()
    assert the_draft(live)[session.id].starts == datetime(2026, 1, 27, 10)


@pytest.mark.parametrize("width", [390, 1440])
def test_all_of_it_in_the_list_without_script(live, planned, window, width):
    """Find, choose, move, read why it does not fit, undo, redo, pin, let go, leave out: presses and forms alone."""
    session = planned["alfama"]
    page = window(Role.COORDINATOR, width=width, height=844, java_script_enabled=False).page
    page.goto(f"{live.url}{ALFAMA}&view=list")
    page.get_by_label("Find a name, title or room").fill("tiago")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url(re.compile("q=tiago"))
    page.locator(f'a.pline[href*="{session.id}"]').click()
    page.wait_for_url(re.compile("session="))
    page.get_by_role("link", name="Why here, and why not elsewhere").click()
    page.get_by_text("Here: ").wait_for()
    page.locator("#move-time").select_option("10:00")
    page.get_by_role("button", name="Move", exact=True).click()
    page.wait_for_url(re.compile("draft="))
    page.locator("a.pline .flag", has_text="Does not fit.").wait_for()
    assert page.locator(".bad-place li").count() > 0
    page.get_by_role("button", name="Undo: move Case round to Tue 27 Jan, 10:00").click()
    page.get_by_text("Undone: move").wait_for()
    assert the_draft(live) == {}
    page.get_by_role("button", name="Redo: move Case round to Tue 27 Jan, 10:00").click()
    page.get_by_text("Done again: move").wait_for()
    assert the_draft(live)[session.id].starts == datetime(2026, 1, 27, 10)
    page.get_by_role("button", name="Pin", exact=True).click()
    page.get_by_text("Pinned: no plan moves it.").wait_for()
    page.get_by_role("button", name="Let it go").click()
    page.get_by_text("The session is let go").wait_for()
    page.get_by_text("Leave it out").click()
    page.get_by_role("button", name=re.compile("Leave")).click()
    page.get_by_text("Left out in your draft").wait_for()
    assert "q=tiago" in page.url
    page.get_by_role("button", name=re.compile("Undo: leave out Case round")).click()
    page.get_by_text("Undone: leave out").wait_for()
    assert the_draft(live)[session.id].starts == datetime(2026, 1, 27, 10)


def test_who_leads_is_moved_in_the_facilitators_week(live, planned, window):
    """The same keys in the rows of those who lead; the rows of rooms are read alike."""
    session = planned["alfama"]
    page = window(Role.COORDINATOR).page
    page.goto(live.url + "/week?week=2026-W05&view=facilitators&day=2026-01-27")
    block(page, session, "Tiago Lopes").focus()
    for key in ("m", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile("draft="))
    focused(page, session)
    assert "view=facilitators" in page.url
    assert the_draft(live)[session.id].starts == datetime(2026, 1, 28, 11)


def warned(live, planned, page):
    """Move a session inside the freeze window, where the form asks for a cause; give to the issues of the draft."""
    page.goto(f"{live.url}/week?week=2026-W02&session={planned['frozen'].id}")
    page.locator("#move-time").select_option("12:30")
    page.locator("#move-cause").fill("room taken")
    page.locator("#move-cause").press("Enter")
    page.wait_for_url(re.compile("draft="))
    page.get_by_role("link", name="Issues of this draft").click()
    page.get_by_role("heading", name="One issue warns").wait_for()


def test_an_issue_is_set_aside_by_keyboard_and_heard_again(live, planned, window):
    shown = window(Role.COORDINATOR)
    page = shown.page
    warned(live, planned, page)
    page.get_by_role("link", name="One after the other").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Reason").focus()
    assert shown.serious() == []
    page.keyboard.type("They asked for it")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="One issue is set aside").wait_for()
    page.get_by_role("link", name="Hear it again").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Hear it again").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="One issue warns").wait_for()


def test_the_issues_on_a_phone_without_script(live, planned, window):
    page = window(Role.COORDINATOR, width=390, height=844, java_script_enabled=False).page
    warned(live, planned, page)
    page.get_by_role("link", name="Look at it or set it aside").click()
    page.get_by_label("Reason").fill("They asked for it")
    page.get_by_role("button", name="Set aside").click()
    page.get_by_role("heading", name="One issue is set aside").wait_for()
    page.get_by_role("link", name="Move it").click()
    page.wait_for_url(re.compile("#move$"))
    page.locator("#move-time").wait_for()


def test_m_on_a_frozen_session_leads_to_the_form_that_asks_for_the_cause(live, planned, window):
    session = planned["frozen"]
    page = window(Role.COORDINATOR).page
    page.goto(live.url + ALFAMA.replace("W05", "W02").replace("2026-01-27", "2026-01-09"))
    block(page, session, "Bruno Matos").focus()
    page.keyboard.press("m")
    page.wait_for_url(re.compile("#move$"))
    page.wait_for_function("() => document.activeElement.id === 'move-day'")
    page.keyboard.press("Tab")
    page.keyboard.type("12:30")
    page.keyboard.press("Tab")
    page.keyboard.type("room taken")
    page.keyboard.press("Enter")
    page.get_by_text("Moved to Fri 9 January, 12:30").wait_for()
    assert the_draft(live)[session.id].cause == "room taken"
