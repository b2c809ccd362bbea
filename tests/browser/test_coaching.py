"""Journey 6.4, one to one, from asking to looking back: on a phone without script, at a desk by keyboard alone."""

import os

import pytest

from devsys.actions import adopt_programme
from devsys.core.model.access import Role
from devsys.core.model.coaching import Course
from tests.stories import coaching as play
from tests.stories.coaching import HOPE, of_person, plan_of


@pytest.fixture
def organisation(store):
    return play.ready(store, "tiago.lopes")


@pytest.fixture
def adopted(live, organisation):
    assert organisation.people
    adopt_programme.adopt_shipped(live.parts, ["coaching", "professional_boundaries"])
    return live.parts


def wide(page):
    """Say by how much a page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def seen(page, name):
    """Keep a picture of a page where one is asked for."""
    folder = os.environ.get("DEVSYS_PICTURES")  # noqa: TID251 -- for whoever looks at the pages
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


class Keys:
    """A person with a keyboard alone, or with a thumb."""

    def __init__(self, page, *, keys):
        self.page, self.keys, self.presses = page, keys, 0

    def press(self, role, name, number=0):
        target = self.page.get_by_role(role, name=name).nth(number)
        target.wait_for()
        self.presses += 1
        if self.keys:
            target.focus()
            self.page.keyboard.press("Space" if role in ("radio", "checkbox") else "Enter")
        else:
            target.click()

    def choose(self, role, name):
        """Fill in: choosing is typing, not a press that leads on."""
        self.press(role, name)
        self.presses -= 1

    def write(self, label, text):
        self.page.get_by_label(label).first.fill(text)


@pytest.mark.parametrize(("width", "keys"), [(320, False), (1440, True)])
def test_the_whole_journey(adopted, window, clock, width, keys):
    settings = {"width": width, "height": 800, "java_script_enabled": keys}
    ana = window(Role.EMPLOYEE, **settings).page
    me = Keys(ana, keys=keys)
    ana.goto(f"{adopted.settings.public_url}/")
    # Ask: three required fields, at most five presses from Home; accept in at most two.
    me.press("link", "Coaching", 0)
    ana.get_by_text("You have not asked for coaching.").wait_for()
    assert wide(ana) <= 0
    assert ana.locator("form[action='/coaching'] [required]:not(select)").count() == 1  # words; theme and days besides
    seen(ana, f"ask-{width}")
    me.choose("radio", "Coaching for calls")
    me.write("What should be better in six weeks?", HOPE)
    me.press("button", "Ask for coaching")
    ana.get_by_role("heading", name="What can be").wait_for()
    assert me.presses <= 5
    assert ana.locator("article.offer").count() == 3
    assert wide(ana) <= 0
    seen(ana, f"proposed-{width}")
    me.presses = 0
    me.press("button", "Take this")
    ana.get_by_role("heading", name="Asked", exact=True).wait_for()
    assert me.presses <= 2
    seen(ana, f"asked-{width}")
    # The coach who is asked reads what is hoped for, and says yes.
    coach = play.request_of(adopted.store).coach_id
    role = Role.COACH if coach == play.NADIA else "tiago.lopes"
    desk = window(role, **settings).page
    they = Keys(desk, keys=keys)
    desk.goto(f"{adopted.settings.public_url}/coaching/desk")
    they.press("button", "Read what they hope for")
    desk.get_by_text(HOPE).wait_for()
    seen(desk, f"desk-{width}")
    they.press("button", "Yes, I coach it")
    desk.get_by_text("Agreed.").wait_for()
    plan = plan_of(adopted.store)
    assert len(of_person(adopted.store)) == 4
    they.press("link", "Your own notes")
    desk.get_by_text("For you alone.").wait_for()
    they.write("A note for yourself", "Ask about the pauses.")
    they.press("button", "Keep it for myself")
    desk.get_by_text("Ask about the pauses.").first.wait_for()
    assert wide(desk) <= 0
    seen(desk, f"own-{width}")
    # The plan of the two: a step, a note; then finished.
    ana.goto(f"{adopted.settings.public_url}/coaching/plans/{plan.id}")
    assert "Ask about the pauses." not in ana.content()
    me.write("The next step", "Breathe out before the answer, in each refund call.")
    me.press("button", "Agree on it")
    ana.get_by_text("Breathe out before the answer").first.wait_for()
    me.press("button", "Done", 0)
    ana.get_by_text("done", exact=True).wait_for()
    assert wide(ana) <= 0
    seen(ana, f"plan-{width}")
    ana.get_by_text("Finish, change the coach, or leave").click()
    me.choose("radio", "Partly")
    me.write("What helped?", "Being asked.")
    me.press("button", "Finish")
    ana.get_by_text("It is finished. What you wrote stays").wait_for()
    assert plan_of(adopted.store).state is Course.FINISHED
    assert of_person(adopted.store) == ()
    clock.move(days=57)
    again = window(Role.EMPLOYEE, **settings).page
    mine = Keys(again, keys=keys)
    again.goto(f"{adopted.settings.public_url}/coaching/plans/{plan.id}")
    mine.write("Looking back: what has lasted?", "The breath.")
    mine.press("button", "Keep what has lasted")
    again.get_by_text("The breath.").first.wait_for()
    seen(again, f"back-{width}")


@pytest.mark.usefixtures("adopted")
def test_pages_of_coaching_are_whole_for_everybody(window):
    shown = window(Role.EMPLOYEE, width=390)
    shown.open("/coaching")
    shown.page.get_by_role("radio", name="Coaching for calls").check()
    shown.page.get_by_label("What should be better in six weeks?").fill(HOPE)
    shown.page.get_by_role("button", name="Keep as a draft").click()
    shown.page.get_by_text("Kept. Nobody sees it before you ask.").wait_for()
    assert shown.page.get_by_label("What should be better in six weeks?").input_value() == HOPE
    assert shown.serious() == []
    shown.page.get_by_role("button", name="Ask for coaching").click()
    shown.page.get_by_role("heading", name="What can be").wait_for()
    assert shown.serious() == []
    office = window(Role.COORDINATOR)
    office.open("/coaching/figures")
    office.page.get_by_role("heading", name="Coaching in figures").wait_for()
    assert office.serious() == []
    assert HOPE not in office.page.content()
    seen(office.page, "figures")
    desk = window(Role.COACH)
    desk.open("/coaching/desk")
    desk.page.get_by_role("heading", name="Coaching: my desk").wait_for()
    assert desk.serious() == []
