"""A facilitator is away for a day: found, repaired and published in Chromium, in six presses at most."""

import re
from datetime import datetime

import pytest

from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from tests.builders import id_of
from tests.stories import acts
from tests.web import scenes

TIAGO = id_of("tiago.lopes")
SAID = "Published as version 2"


@pytest.fixture
def planned(live, organisation):
    """The scene, on the morning of the day on which Tiago leads the round of Billing Alfama."""
    assert organisation.people
    planned = scenes.plan_and_publish(live.parts)
    live.parts.clock.now = planned["alfama"].starts_utc.replace(hour=8)
    return planned


class Presses:
    """Presses on controls, counted; typing is free."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, control) -> None:
        control.click()
        self.count += 1

    def choose(self, control, value) -> None:
        """Open a list and press one of its lines: two presses."""
        control.select_option(value)
        self.count += 2


def repaired(live, planned):
    """Say that the session is held by somebody else or not at all, and no other changed."""
    now = scenes.published(live.parts, planned["alfama"].id)
    others = [s for s in planned.sessions if s.id != now.id]
    kept = [scenes.published(live.parts, s.id) for s in others]
    gone = now.status is Status.CANCELLED or now.starts != planned["alfama"].starts
    return (gone or now.facilitator_id != TIAGO) and kept == others


def test_from_home_to_published_in_six_presses(live, planned, window):
    page, press = window(Role.COORDINATOR).page, Presses()
    page.goto(live.url + "/")
    press.on(page.get_by_role("link", name="Somebody is away"))
    press.choose(page.get_by_label("Who"), TIAGO)
    press.on(page.get_by_role("button", name="See what it touches"))
    page.get_by_role("heading", name="Tiago Lopes is away").wait_for()
    press.on(page.get_by_role("button", name="Take the suggestion"))
    press.on(page.get_by_role("button", name="Publish this repair"))
    page.get_by_text(SAID).wait_for()
    assert press.count <= 6
    assert repaired(live, planned)


def test_what_was_imported_is_repaired_in_three(live, planned, window):
    acts.away(live.parts, "tiago.lopes", "2026-01-27", "2026-01-27")
    page, press = window(Role.COORDINATOR).page, Presses()
    page.goto(live.url + "/")
    press.on(page.get_by_role("link", name=re.compile("^Repair.*1 session cannot stand")))
    press.on(page.get_by_role("button", name="Take the suggestion"))
    press.on(page.get_by_role("button", name="Publish this repair"))
    page.get_by_text(SAID).wait_for()
    assert press.count == 3
    assert repaired(live, planned)


def test_by_keyboard_alone(live, planned, window):
    """Tab and Enter to the form, letters for the name, Enter; radio by arrows; Enter on each button."""
    page = window(Role.COORDINATOR).page
    page.goto(live.url + "/")
    _tab_to(page, "Somebody is away")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/away$"))
    assert page.evaluate("document.activeElement.id") == "person"
    page.keyboard.type("Tiago")
    assert page.locator("#person").input_value() == TIAGO
    _tab_to(page, "See what it touches")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/repairs"))
    _tab_to(page, "Take the suggestion")
    page.keyboard.press("Enter")
    page.get_by_text("This is all that changes.").wait_for()
    _tab_to(page, "Publish this repair")
    page.keyboard.press("Enter")
    page.get_by_text(SAID).wait_for()
    assert repaired(live, planned)


def _tab_to(page, words, most=60):
    """Press Tab until the focus is on a control with these words, and visible."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in (page.evaluate("document.activeElement.innerText") or ""):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    pytest.fail(f"{words!r} is not reached by {most} presses of Tab")


def test_another_choice_by_arrows(live, planned, window):
    """Where there is a choice, the arrows go through it, and what is chosen is what is shown."""
    acts.require(live.parts, "delivery", *[(hour, 9) for hour in range(9, 18)], days=("mon",))
    shown = window(Role.COORDINATOR)
    shown.expect("422")  # nothing chosen is said on the same page
    page = shown.page
    page.goto(live.url + f"/repairs?queue={id_of('delivery')}")
    first = page.locator("input[type=radio]").first
    first.focus()
    page.keyboard.press("ArrowUp")  # from the first round to the last: leave it for now
    assert page.locator("input[value=later]").first.is_checked()
    page.get_by_role("button", name="Look at what is chosen").focus()
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("Nothing is chosen|stays as it is for now")).first.wait_for()
    assert planned.sessions


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_without_script(live, planned, window, width):
    shown = window(Role.COORDINATOR, width=width, height=844, java_script_enabled=False)
    page = shown.page
    page.goto(live.url + "/")
    page.get_by_role("link", name="Somebody is away").click()
    page.get_by_label("Who").select_option(TIAGO)
    assert _wide(page) <= 0
    page.get_by_role("button", name="See what it touches").click()
    page.get_by_role("heading", name="Tiago Lopes is away").wait_for()
    assert _wide(page) <= 0
    take = page.get_by_role("button", name="Take the suggestion")
    assert take.bounding_box()["height"] >= 44
    assert take.bounding_box()["y"] < page.get_by_role("heading", level=2).first.bounding_box()["y"]
    take.click()
    publish = page.get_by_role("button", name="Publish this repair")
    publish.wait_for()
    assert _wide(page) <= 0
    publish.click()
    page.get_by_text(SAID).wait_for()
    assert repaired(live, planned)


def _wide(page):
    """Say by how much a page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_stand_in_both_lights(live, planned, window, scheme):
    """No console fault, one heading, and words that can be read: ink against the chosen row."""
    acts.away(live.parts, "tiago.lopes", "2026-01-27", "2026-02-10")
    page = window(Role.COORDINATOR, color_scheme=scheme).page
    for path in ("/away", "/away/room", "/away/queue", "/repairs", f"/repairs?person={TIAGO}"):
        page.goto(live.url + path)
        assert page.locator("h1").count() == 1
        assert page.evaluate("getComputedStyle(document.body).color") != page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
    assert planned.sessions


def test_the_room_and_the_queue_by_form(live, planned, window):
    page = window(Role.COORDINATOR).page
    page.goto(live.url + "/away")
    page.get_by_role("link", name="A room").click()
    page.get_by_label("Which room").select_option(id_of("tejo"))
    page.get_by_label("Day", exact=True).fill("2026-02-02")
    page.get_by_label("Last day").fill("2026-02-06")
    page.get_by_role("button", name="See what it touches").click()
    page.get_by_role("heading", name="Tejo is closed").wait_for()
    assert page.get_by_text("Hear fully").count() >= 1
    page.goto(live.url + "/away")
    page.get_by_role("link", name="A queue").click()
    page.get_by_label("Which queue").select_option(id_of("billing"))
    page.get_by_label("How many more").fill("9")
    page.get_by_label("From").fill("11:00")
    page.get_by_label("Until").fill("12:00")
    page.get_by_role("button", name="See who can return").click()
    page.get_by_role("heading", name="Billing needs its people").wait_for()
    now = datetime(2026, 1, 27, 11)
    assert [s.id for s in planned.sessions if s.starts == now] == [planned["alfama"].id]
    assert page.get_by_text("Case round").count() >= 1
