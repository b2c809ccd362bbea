"""Coaching on a phone, without script and by keyboard: asked for, placed, withdrawn."""

import pytest

from devsys.actions import adopt_programme
from devsys.core.model.access import Role
from tests.stories import acts


@pytest.fixture
def adopted(live, organisation):
    assert organisation.people
    adopt_programme.adopt_shipped(live.parts, ["coaching", "professional_boundaries"])
    return live.parts


def wide(page):
    """Say by how much a page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_without_script_it_takes_three_presses(adopted, window, width):
    page = window(Role.EMPLOYEE, width=width, height=780, java_script_enabled=False).page
    page.goto(home(adopted))
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Coaching").click()
    page.get_by_text("You have not asked for coaching.").wait_for()
    assert wide(page) <= 0
    page.get_by_text("Coaching for writing").click()
    page.get_by_role("button", name="Ask for coaching").click()
    page.get_by_text("It waits for the next plan").wait_for()
    assert page.get_by_role("heading", level=1).inner_text() == "Coaching for writing"
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_text("It is withdrawn.").wait_for()


def home(parts):
    return f"{parts.settings.public_url}/"


def test_by_keyboard_from_the_form_to_the_dates(adopted, window):
    opened = window(Role.EMPLOYEE, width=390)
    opened.expect("422")
    page = opened.page
    page.goto(home(adopted) + "coaching")
    assert wide(page) <= 0
    page.get_by_role("button", name="Ask for coaching").focus()
    page.keyboard.press("Enter")
    summary = page.get_by_role("group", name="One thing to put right")
    summary.wait_for()
    assert summary.evaluate("node => node === document.activeElement")
    page.get_by_role("radio", name="Coaching for calls").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Ask for coaching").focus()
    page.keyboard.press("Enter")
    page.get_by_text("It waits for the next plan").wait_for()
    acts.plan(adopted, weeks=8)
    page.reload()
    assert page.get_by_role("main").get_by_role("link").count() == 4
    assert page.get_by_role("button", name="Withdraw").is_visible()
    assert wide(page) <= 0
