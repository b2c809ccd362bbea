"""The second step in a browser: set up, signed in by, at any width, and without script."""

import pytest

from devsys.actions.sign_in import hash_password
from devsys.adapters.store.queries import accounts, second_step
from devsys.base.codes import code_at, step_at
from tests.builders import DOMAIN, id_of

PASSWORD = "five quiet herons at dusk"
ANA = id_of("ana.correia")


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def code(live, clock):
    """Give the code of Ana's app now."""

    def now():
        with live.parts.store.read() as db:
            return code_at(second_step.of_person(db, ANA).secret, step_at(clock.now))

    return now


def test_set_up_and_sign_in_by_keyboard(window, live, code, clock):
    with live.parts.store.write() as db:
        accounts.set_password_hash(db, ANA, hash_password(PASSWORD))
    at_desk = window("ana.correia")
    at_desk.open("/account")
    at_desk.page.get_by_role("link", name="Second step").click()
    at_desk.page.get_by_label("Present password").fill(PASSWORD)
    at_desk.page.keyboard.press("Enter")
    at_desk.page.get_by_role("heading", name="Set up an app").wait_for()
    for width in (320, 390, 1440):
        at_desk.page.set_viewport_size({"width": width, "height": 800})
        assert fits(at_desk.page)
    assert at_desk.serious() == []
    at_desk.page.get_by_label("Code of the app").fill(code())
    at_desk.page.keyboard.press("Enter")
    at_desk.page.get_by_role("heading", name="Keep these codes").wait_for()
    at_desk.page.set_viewport_size({"width": 320, "height": 800})
    assert fits(at_desk.page)
    assert at_desk.serious() == []
    paper = at_desk.page.locator("section.secret code").first.inner_text()
    at_desk.page.get_by_role("link", name="I have kept them").click()
    at_desk.page.get_by_text("You have 10 recovery codes left.").wait_for()
    assert fits(at_desk.page)
    assert at_desk.serious() == []

    clock.move(minutes=1)
    elsewhere = window("", width=320, java_script_enabled=False)
    elsewhere.expect("422")
    elsewhere.open("/sign-in?next=/feeds")
    elsewhere.page.get_by_label("E-mail").fill(f"ana.correia@{DOMAIN}")
    elsewhere.page.get_by_label("Password").fill(PASSWORD)
    elsewhere.page.keyboard.press("Enter")
    elsewhere.page.get_by_role("heading", name="One more step").wait_for()
    elsewhere.page.get_by_label("Code").fill("000000")
    elsewhere.page.keyboard.press("Enter")
    elsewhere.page.locator(".faults").wait_for()
    elsewhere.page.get_by_label("Code").fill(paper)
    elsewhere.page.keyboard.press("Enter")
    elsewhere.page.wait_for_url("**/feeds")
