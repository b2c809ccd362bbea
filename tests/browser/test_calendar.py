"""The calendar in Chromium: by mouse, by keyboard, on a phone, without script; no fault in any console."""

import re
from datetime import datetime

import pytest

from devsys.core.model.access import Role
from tests.builders import id_of
from tests.web import scenes

ALFAMA = f"/week?week=2026-W05&team={id_of('alfama')}&day=2026-01-27"


@pytest.fixture
def planned(live, organisation):
    assert organisation.people
    return scenes.plan_and_publish(live.parts)


def block(page, session, row="Elif Kaya"):
    """Give the block of a session in one row of the grid."""
    lane = page.locator(".wk-row", has=page.locator(".nm", has_text=row))
    return lane.locator(f'a[data-session="{session.id}"]:not(.ghost)')


def the_draft(live):
    found = scenes.open_drafts(live.parts)
    assert len(found) == 1
    return scenes.drafted(live.parts, found[0].id)


def test_a_session_is_dragged_to_another_time(live, planned, window):
    session = planned["alfama"]
    page = window(Role.COORDINATOR).page
    page.goto(live.url + ALFAMA)
    found = block(page, session)
    box, cell = found.bounding_box(), page.locator("[data-cell][data-lens]").first.bounding_box()
    columns = int(page.locator("[data-week]").get_attribute("data-columns"))
    half = cell["width"] / columns
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 8 + half, box["y"] + 10, steps=4)
    page.mouse.move(box["x"] + 8 + 3 * half, box["y"] + 10, steps=4)
    assert page.locator(".ghost").count() == 3
    page.mouse.up()
    page.wait_for_url(re.compile("draft="))
    assert the_draft(live)[session.id].starts == datetime(2026, 1, 27, 12, 30)
    assert page.get_by_text("A draft was opened for it").is_visible()
    assert block(page, session).get_attribute("data-start") == "2026-01-27T12:30"
    assert "draft" in block(page, session).get_attribute("class")


def test_a_session_is_dragged_to_another_day(live, planned, window):
    session = planned["alfama"]
    page = window(Role.COORDINATOR).page
    page.goto(live.url + ALFAMA)
    box = block(page, session).bounding_box()
    day = page.locator('[data-cell][data-day="2026-01-29"]').first.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 8, steps=3)
    page.mouse.move(day["x"] + day["width"] / 2, box["y"] + 8, steps=6)
    page.mouse.up()
    page.wait_for_url(re.compile("draft="))
    assert the_draft(live)[session.id].starts == datetime(2026, 1, 29, 11)


def test_escape_leaves_a_dragged_session_where_it_is(live, planned, window):
    session = planned["alfama"]
    page = window(Role.COORDINATOR).page
    page.goto(live.url + ALFAMA)
    box = block(page, session).bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 8, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.get_by_text("Nothing moved.").wait_for()
    assert page.url == live.url + ALFAMA
    assert scenes.open_drafts(live.parts) == ()


def test_the_whole_week_by_keyboard(live, planned, window):
    """Tab to the grid, M, arrows, Enter; then P pins, W says why, ? lists the keys, Esc leaves."""
    session = planned["alfama"]
    page = window(Role.COORDINATOR).page
    page.goto(live.url + ALFAMA)
    page.locator("a[data-session][tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    assert "11:30" in page.locator("[data-week-say]").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".ghost").count() == 0
    page.keyboard.press("m")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("draft="))
    assert the_draft(live)[session.id].starts == datetime(2026, 1, 27, 12, 30)

    block(page, session).focus()
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    block(page, session).focus()
    page.keyboard.press("w")
    page.wait_for_url(re.compile("#why"))
    page.get_by_text("Here: ").wait_for()
    block(page, session).focus()
    page.keyboard.press("p")
    page.get_by_text("Pinned: no plan moves it.").wait_for()
    assert scenes.published(live.parts, session.id).pinned


def test_letters_act_only_in_the_grid(live, planned, window):
    """Keys of one letter do nothing while the focus is elsewhere (WCAG 2.1.4)."""
    page = window(Role.COORDINATOR).page
    page.goto(live.url + ALFAMA)
    page.locator("h1").click()
    for key in ("m", "p", "w", "?"):
        page.keyboard.press(key)
    assert page.url == live.url + ALFAMA
    assert page.locator(".ghost").count() == 0
    assert planned.sessions


def test_the_week_on_a_phone_is_a_list_with_the_strip_and_the_form(live, planned, window):
    session = planned["alfama"]
    page = window(Role.COORDINATOR, width=390, height=844).page
    page.goto(live.url + ALFAMA)
    assert not page.locator("[data-week]").is_visible()
    page.locator(f'a.pline[href*="{session.id}"]').click()
    page.wait_for_url(re.compile("session="))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#move-time").select_option("12:30")
    page.get_by_role("button", name="Move", exact=True).click()
    page.wait_for_url(re.compile("draft="))
    assert the_draft(live)[session.id].starts == datetime(2026, 1, 27, 12, 30)


def test_a_plan_is_published_in_three_presses_from_home(live, planned, window):
    """From Home: Review, Publish (product.md section 10, line 5)."""
    page = window(Role.COORDINATOR).page
    page.goto(live.url + ALFAMA + f"&session={planned['alfama'].id}")
    page.locator("#move-time").select_option("12:30")
    page.get_by_role("button", name="Move", exact=True).click()
    page.wait_for_url(re.compile("draft="))
    page.goto(live.url + "/")
    page.get_by_role("link", name="Review").first.click()
    page.get_by_label("Cause").fill("room taken")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Published as version 2").wait_for()
    assert scenes.published(live.parts, planned["alfama"].id).starts == datetime(2026, 1, 27, 12, 30)


def test_attendance_is_kept_at_each_press(live, planned, window, clock):
    session = planned["alfama"]
    clock.now = session.ends_utc
    page = window(Role.FACILITATOR, width=390, height=844).page
    page.goto(live.url + f"/sessions/{session.id}")
    page.get_by_label("Elif Kaya").uncheck()
    page.get_by_text("2 of 3 were there.").wait_for()
    page.reload()
    assert not page.get_by_label("Elif Kaya").is_checked()
    assert page.get_by_label("Ana Correia").is_checked()


def test_a_year_week_opens_by_a_press_on_its_cell(live, planned, window):
    assert planned.sessions
    page = window(Role.COORDINATOR).page
    page.goto(live.url + "/year")
    page.locator(".y-row.a-round rect").nth(7).click()
    page.wait_for_url(re.compile("/week"))
    assert "week=2026-W08" in page.url


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_no_page_scrolls_sideways(live, planned, window, width):
    page = window(Role.COORDINATOR, width=width).page
    session = planned["alfama"]
    paths = ("/year", "/year?view=table", "/month", ALFAMA, ALFAMA + "&view=list", f"{ALFAMA}&session={session.id}")
    for path in (*paths, f"/sessions/{session.id}", "/plans", "/plans/draw", "/owed", "/plans/versions/1"):
        page.goto(live.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_everything_works_without_script(live, planned, window):
    session = planned["alfama"]
    page = window(Role.COORDINATOR, java_script_enabled=False).page
    page.goto(live.url + ALFAMA)
    block(page, session).click()
    page.locator("#move-time").select_option("12:30")
    page.get_by_role("button", name="Move", exact=True).click()
    undo = page.get_by_role("button", name="Undo the change")
    undo.wait_for()
    assert the_draft(live)[session.id].starts == datetime(2026, 1, 27, 12, 30)
    undo.click()
    undo.wait_for(state="detached")
    assert the_draft(live) == {}
