"""Conditions (6.6) and the hiring card (6.7) by keyboard alone, on a phone and at a desk, and found accessible."""

import re

import pytest

from devsys.actions import adopt_programme
from devsys.core.model.access import Role
from devsys.core.model.hiring import Criterion
from tests.builders import id_of
from tests.hiring.scene import NAME, SECOND, open_scene


@pytest.fixture
def adopted(live, organisation):
    assert organisation.people
    adopt_programme.adopt_shipped(live.parts, ["professional_boundaries"])
    return live.parts


def wide(page):
    """Say by how much a page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def press(page, role, name, key="Enter"):
    """Focus a control by its name and press a key."""
    page.get_by_role(role, name=name).first.focus()
    page.keyboard.press(key)


def write(page, label, text):
    """Focus a field by its label and type."""
    page.get_by_label(label, exact=True).first.focus()
    page.keyboard.type(text)


@pytest.mark.parametrize("width", [390, 1440])
def test_a_lead_looks_sets_targets_and_lists_what_is_decided_alone(adopted, window, width):
    opened = window(Role.LEAD, width=width)
    page = opened.page
    opened.open("/")
    press(page, "link", "The five conditions")
    page.get_by_role("heading", name="Conditions, Billing Alfama").wait_for()
    assert opened.serious() == []
    press(page, "link", re.compile("Look.*Staffing"))
    page.get_by_role("heading", name="Look at it").wait_for()
    press(page, "radio", "Red", "Space")
    write(page, "What was found", "Two short every Friday.")
    assert opened.serious() == []
    press(page, "button", "Write it down")
    page.get_by_text("Two short every Friday.").wait_for()
    for measure, direction, value in (("Handle time, seconds", "at most", "240"), ("Resolved", "at least", "75")):
        page.get_by_label("Target for").focus()
        page.keyboard.type(measure)
        page.get_by_label("Direction").focus()
        page.keyboard.type(direction)
        write(page, "Value", value)
        press(page, "button", "Set the target")
        page.get_by_text("The target is set.").wait_for()
    page.get_by_text("“Handle time at most 240 seconds”").wait_for()
    write(page, "What", "Refund")
    write(page, "Up to (optional)", "50")
    write(page, "Of what (optional)", "EUR")
    press(page, "button", "Add it")
    page.get_by_text("up to 50 EUR").wait_for()
    assert wide(page) <= 0
    assert opened.serious() == []
    assert adopted.settings.port


def fill(page, heard):
    """Fill a card by keyboard."""
    for criterion in Criterion:
        page.locator(f"#asked-{criterion}").focus()
        page.keyboard.type("What happened?")
        page.locator(f"#heard-{criterion}").focus()
        page.keyboard.type(heard)
        page.locator(f"input[name='level-{criterion}']").nth(2).focus()
        page.keyboard.press("Space")


@pytest.mark.parametrize(("width", "script"), [(390, False), (1440, True)])
def test_two_assess_compare_and_decide(adopted, window, width, script):
    scene = open_scene(adopted)
    vera = window(Role.ASSESSOR, width=width, java_script_enabled=script)
    page = vera.page
    vera.open("/")
    press(page, "link", "Agent in Billing")
    press(page, "link", NAME)
    page.get_by_role("heading", name="Calm under pressure").wait_for()
    fill(page, "They listened.")
    press(page, "button", "Submit the card")
    page.get_by_text("Your card is in. One card is missing still.").wait_for()
    rajesh = window(SECOND, width=width, java_script_enabled=script)
    rajesh.open(f"/candidates/{scene.candidate_id}")
    rajesh.page.get_by_role("heading", name="Calm under pressure").wait_for()
    assert rajesh.page.get_by_text("They listened.").count() == 0
    fill(rajesh.page, "They told a joke.")
    press(rajesh.page, "button", "Submit the card")
    rajesh.page.get_by_text("You agree about all four.").wait_for()
    vera.open(f"/candidates/{scene.candidate_id}")
    page.get_by_text("They told a joke.").first.wait_for()
    for criterion in Criterion:
        page.locator(f"#reason-{criterion}").focus()
        page.keyboard.type("As both heard.")
    press(page, "radio", "We offer the place", "Space")
    if script:
        assert vera.serious() == []
        assert wide(page) <= 0
    press(page, "button", "Decide")
    page.get_by_text("It is decided.").first.wait_for()
    lead = window(Role.LEAD, width=width)
    lead.open(f"/candidates/{scene.candidate_id}")
    lead.page.get_by_text("Decided by Vera Antunes").wait_for()
    assert lead.serious() == []
    assert wide(lead.page) <= 0
    assert id_of(SECOND)
