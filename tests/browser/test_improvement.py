"""The board in a browser: wide and narrow, by keyboard, without script; pointing and zoom only add."""

import pytest

from devsys.adapters.store.queries import measures
from devsys.core.model.access import Role
from tests.builders import id_of
from tests.web.test_pages_improvement import FIRST, weeks_of


@pytest.fixture
def measured(live, organisation):
    assert organisation.people
    team = id_of("alfama")
    rows = weeks_of("csat", team, ([80] * 4 + [82] * 4) * 7 + [90, 91] * 22)
    with live.parts.store.write() as db:
        measures.replace(db, measures.Days((), (), FIRST, FIRST), rows, [])
    return f"/improvement/{team}/csat"


def wide(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.usefixtures("measured")
def test_a_lead_reads_a_chart_and_marks_a_fix_by_keyboard(window):
    shown = window(Role.LEAD)
    page = shown.page
    shown.open("/improvement/")
    page.get_by_role("link", name="Billing Alfama").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="holding since").wait_for()
    assert page.locator("svg.spc.desk").is_visible()
    assert not page.locator("svg.spc.phone").is_visible()
    assert shown.serious() == []
    button = page.get_by_role("button", name="Point and zoom")
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".uplot canvas").wait_for()
    assert not page.locator("svg.spc.desk").is_visible()
    page.get_by_role("button", name="Back to the drawing").click()
    page.locator("svg.spc.desk").wait_for()
    assert page.locator(".uplot").count() == 0
    page.get_by_text("Record a mark").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Day").fill("2025-06-02")
    page.get_by_label("In a few words").fill("Refund page")
    page.get_by_label("Limits begin anew here").check()
    page.get_by_label("Why the old limits no longer hold").fill("These contacts no longer come")
    page.get_by_role("button", name="Record it").press("Enter")
    page.get_by_text("Marked: Refund page, 2 June 2025.").wait_for()
    page.get_by_text("trial limits").first.wait_for()
    assert shown.serious() == []


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_without_script_has_chart_table_and_no_sideways_page(window, measured, width):
    shown = window(Role.LEAD, width=width, height=780, java_script_enabled=False)
    page = shown.page
    for path in ("/improvement/", measured, "/improvement/own"):
        shown.open(path)
        page.get_by_role("heading", level=1).wait_for()
        assert wide(page) <= 0, path
    shown.open(measured)
    assert page.locator("svg.spc.phone").is_visible()
    assert page.get_by_role("button", name="Point and zoom").count() == 0
    assert page.locator("#figures tbody tr").count() == 25
