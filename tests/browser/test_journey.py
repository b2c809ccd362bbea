"""Journey 6.1 of a coordinator, steps 5 to 7: calendar, issues, publishing; by keyboard alone, and without script."""

import gzip
import re
from datetime import datetime

import pytest

from devsys.core.model.access import Role
from tests.browser.test_calendar import ALFAMA, block
from tests.web import scenes

FIRST_VISIT = 160 * 1024


@pytest.fixture
def planned(live, organisation):
    assert organisation.people
    return scenes.plan_and_publish(live.parts)


def tab_to(page, words, key="Enter", most=120):
    """Press Tab until what has the focus says the words, then press a key."""
    said = """(() => {
        const at = document.activeElement;
        return at.matches("a, button, summary") ? at.getAttribute("aria-label") || at.innerText : "";
    })()"""
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in page.evaluate(said):
            page.keyboard.press(key)
            return
    raise AssertionError(f"no stop of the Tab key says {words!r}")


@pytest.mark.parametrize("width", [390, 1440])
def test_calendar_issues_and_publishing_by_keyboard_alone(live, planned, window, width):
    """A session is moved to a bad place, the issue found, cured, and the plan published; no press of a mouse."""
    session = planned["alfama"]
    page = window(Role.COORDINATOR, width=width).page
    page.goto(live.url + ALFAMA)
    if width == 1440:
        block(page, session).focus()
        for key in ("m", "ArrowLeft", "ArrowLeft", "Enter"):
            page.keyboard.press(key)
    else:
        tab_to(page, "11:00")
        page.wait_for_url(re.compile("session="))
        page.locator("#move-time").focus()
        page.keyboard.type("10:00")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    page.wait_for_url(re.compile("draft="))
    page.get_by_text("is not at work").first.wait_for()
    tab_to(page, "Issues of this draft")
    page.wait_for_url(re.compile("/issues"))
    page.get_by_role("heading", level=1, name=re.compile("block")).wait_for()
    tab_to(page, "One after the other")
    page.wait_for_url(re.compile("/issues/"))
    tab_to(page, "Move it")
    page.wait_for_url(re.compile("#move"))
    page.wait_for_function("() => document.activeElement.id === 'move-day'")
    page.keyboard.press("Tab")
    page.keyboard.type("12:30")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Moved to Tue 27 January, 12:30").wait_for()
    assert page.locator(".flagged:not(.wk-key .flagged)").count() == 0
    tab_to(page, "Review draft")
    page.wait_for_url(re.compile("/drafts/"))
    cause = page.get_by_label("Cause")
    cause.wait_for()
    cause.focus()
    page.keyboard.type("asked by the team")
    page.keyboard.press("Enter")
    page.get_by_text("Published as version 2").wait_for()
    assert scenes.published(live.parts, session.id).starts == datetime(2026, 1, 27, 12, 30)


@pytest.mark.parametrize("width", [390, 1440])
def test_calendar_issues_and_publishing_without_script(live, planned, window, width):
    session = planned["alfama"]
    page = window(Role.COORDINATOR, width=width, java_script_enabled=False).page
    page.goto(f"{live.url}{ALFAMA}&session={session.id}")
    page.locator("#move-time").select_option("10:00")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_role("link", name="Issues of this draft").click()
    page.get_by_role("link", name="One after the other").click()
    page.get_by_role("link", name="Move it").click()
    page.locator("#move-time").select_option("12:30")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_text("Moved to Tue 27 January, 12:30").wait_for()
    page.get_by_role("link", name="Review draft").click()
    page.get_by_label("Cause").fill("asked by the team")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Published as version 2").wait_for()
    assert scenes.published(live.parts, session.id).starts == datetime(2026, 1, 27, 12, 30)


def test_the_first_visit_of_a_planner_stays_small(planned, window):
    """All that a first visit to a week brings, compressed, without the page itself (product.md section 10, line 21)."""
    session = planned["alfama"]
    brought = {}
    shown = window(Role.COORDINATOR)
    shown.page.on("response", lambda answer: brought.update({answer.url: answer.body()}))
    shown.open(f"{ALFAMA}&session={session.id}")
    shown.page.wait_for_load_state("networkidle")
    sizes = {
        url: len(body) if url.split("?")[0].endswith(".woff2") else len(gzip.compress(body, mtime=0))
        for url, body in brought.items()
        if "/static/" in url
    }
    assert len(sizes) > 6
    assert sum(sizes.values()) <= FIRST_VISIT, sizes
