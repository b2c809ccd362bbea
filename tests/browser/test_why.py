"""Why not there, in Chromium: by mouse on a half hour, by keyboard, on a phone, without script."""

import re
from datetime import datetime

import pytest

from devsys.actions.draw_plan import Wish, carry_out
from devsys.core.model.access import Role
from tests.browser.test_calendar import ALFAMA, block, the_draft
from tests.builders import id_of
from tests.web import scenes


@pytest.fixture
def planned(live, organisation):
    assert organisation.people
    return scenes.plan_and_publish(live.parts)


def chosen(planned):
    return f"{ALFAMA}&session={planned['alfama'].id}"


def told(page, words):
    page.locator("[data-told]", has_text=words).wait_for()
    return page.locator("[data-told]").inner_text()


def test_a_half_hour_is_pointed_at(live, planned, window):
    """With a session chosen, a click on a half hour asks; on a narrow day beside, the same hour of that day."""
    page = window(Role.COORDINATOR).page
    page.goto(live.url + chosen(planned))
    page.locator(".here").wait_for()
    cell = page.locator("[data-cell][data-lens]").nth(1)
    box = cell.bounding_box()
    columns = int(page.locator("[data-week]").get_attribute("data-columns"))
    page.mouse.click(box["x"] + box["width"] * 1.5 / columns, box["y"] + box["height"] / 2)
    said = told(page, "Not Tue 27 January, 08:30")
    assert "Elif Kaya and Filipa Sousa are not at work for all of it." in said
    assert page.locator(".ghost.asked").count() == 3
    assert page.locator("#ask-time").input_value() == "08:30"
    assert page.url == live.url + chosen(planned)
    page.locator('[data-cell][data-day="2026-01-28"]').first.click()
    told(page, "Wed 28 January, 11:00 fits")
    page.get_by_role("button", name="Move it to Wed 28 January, 11:00").click()
    page.wait_for_url(re.compile("draft="))
    assert the_draft(live)[planned["alfama"].id].starts == datetime(2026, 1, 28, 11)


def test_by_keyboard_n_then_arrows_then_w(live, planned, window):
    page = window(Role.COORDINATOR).page
    page.goto(live.url + chosen(planned))
    block(page, planned["alfama"]).focus()
    page.keyboard.press("n")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    assert "W asks why it is not there" in page.locator("[data-week-say]").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".ghost").count() == 0
    page.keyboard.press("n")
    for key in ("ArrowLeft", "ArrowLeft", "w"):
        page.keyboard.press(key)
    assert "are not at work for all of it." in told(page, "Not Tue 27 January, 10:00")
    assert "10:00" in page.locator("[data-week-say]").inner_text()
    assert page.evaluate("document.activeElement.dataset.session") == planned["alfama"].id


def test_w_while_moving_asks_on_the_page_of_the_session(live, planned, window):
    """Where no panel is open yet, the page with the panel is opened with the answer in it."""
    page = window(Role.COORDINATOR).page
    page.goto(live.url + ALFAMA)
    block(page, planned["alfama"]).focus()
    for key in ("m", "ArrowDown", "w"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile(r"at=2026-01-28T11%3A00#why-not"))
    assert page.locator("[data-told] h3").inner_text().strip() == "Wed 28 January, 11:00 fits"
    assert scenes.open_drafts(live.parts) == ()


def test_a_lead_asks_too_but_moves_nothing(live, planned, window):
    page = window(Role.LEAD).page
    page.goto(live.url + chosen(planned))
    block(page, planned["alfama"]).focus()
    for key in ("n", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    told(page, "Wed 28 January, 11:00 fits")
    assert page.get_by_role("button", name="Move it").count() == 0


def test_on_a_phone_the_form_asks(live, planned, window):
    page = window(Role.COORDINATOR, width=390, height=844).page
    page.goto(live.url + chosen(planned))
    page.locator("#ask-on").fill("2026-01-28")
    page.locator("#ask-time").select_option("03:00")
    page.get_by_role("button", name="Ask", exact=True).click()
    assert "The nearest start that works: Wed 28 January 11:00." in told(page, "Not Wed 28 January, 03:00")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_script_the_page_answers(live, planned, window):
    page = window(Role.COORDINATOR, java_script_enabled=False).page
    page.goto(live.url + chosen(planned))
    page.locator("#ask-on").fill("2026-01-28")
    page.locator("#ask-time").select_option("03:00")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_url(re.compile("#why-not$"))
    assert "Not Wed 28 January, 03:00" in page.locator("#why-not").inner_text()
    assert "team=" in page.url


@pytest.mark.parametrize("width", [390, 1440])
def test_an_owed_need_is_asked_about(live, planned, window, width):
    assert planned.sessions
    draft_id = carry_out(live.parts, Wish(weeks=8), by_id=id_of("olivia.brandt")).draft_id
    page = window(Role.COORDINATOR, width=width).page
    page.goto(f"{live.url}/owed?draft={draft_id}")
    row = page.locator("tr", has_text="Helena Vaz").first
    row.get_by_role("link", name="Why not at another time?").click()
    assert "Helena Vaz" in page.locator("h1").inner_text()
    page.locator("#ask-on").fill("2026-01-14")
    page.locator("#ask-time").select_option("03:00")
    page.get_by_role("button", name="Ask", exact=True).click()
    assert "Helena Vaz is not at work for all of it." in told(page, "Not Wed 14 January, 03:00")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
