"""Journey 6.6, rounds and fixes: a card without script, a round by keyboard, a fix that lowers a requirement."""

from datetime import datetime, timedelta

import pytest

from devsys.adapters.store.queries import causes, lessons, people, rounds
from devsys.core.model.access import Role
from devsys.core.model.causes import Contacts
from devsys.core.policy import Extent, Scope
from tests import builders
from tests.builders import MONDAY, id_of
from tests.web.scenes import adopt_shipped

ROUND = builders.a_session("round-1", starts=datetime(2026, 1, 20, 14), facilitator="tiago.lopes")
AT = f"/rounds/{ROUND.id}"
EVERYTHING = Scope(frozenset({Extent.ALL}), frozenset(), "")
WEEK = timedelta(weeks=1)


@pytest.fixture
def held(live, organisation):
    """The round while it is held."""
    assert organisation.people
    adopt_shipped(live.parts)
    builders.publish_now(live.parts, ROUND)
    live.parts.clock.now = ROUND.starts_utc + timedelta(minutes=10)
    return live


def wide(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_card_is_written_marked_changed_and_shared_without_script(held, window):
    shown = window(Role.EMPLOYEE, width=320, height=780, java_script_enabled=False)
    shown.expect("422")
    page = shown.page
    page.goto(f"{held.url}/sessions/{ROUND.id}")
    page.get_by_role("link", name="The round: whose turn, cards, outcomes").click()
    page.get_by_role("link", name="Write your card").click()
    page.get_by_label("The situation").fill("Bruno passed me order 4711 and went home.")
    page.get_by_label("What blocked me").fill("Two signatures.")
    page.get_by_role("button", name="Share with those who come").click()
    page.get_by_role("group", name="This may name somebody").wait_for()
    page.get_by_label("The situation", exact=True).fill("Bruno passed me an order and went home.")
    page.get_by_role("checkbox", name="Bruno").check()
    page.get_by_role("button", name="Share with those who come").click()
    page.get_by_text("Shared with those who come").wait_for()
    page.get_by_text("Bruno passed me an order and went home.").wait_for()
    with held.parts.store.read() as db:
        (card,) = rounds.cards(db, ROUND.id)
    assert card.shared
    assert card.waived == {"Bruno"}


@pytest.mark.parametrize("width", [390, 1440])
def test_a_round_is_led_and_closed_by_keyboard(held, window, width):
    shown = window(Role.FACILITATOR, width=width, height=844)
    page = shown.page
    page.goto(held.url + AT)
    page.get_by_role("heading", name="Whose turn it is").wait_for()
    assert shown.serious() == []
    assert wide(page) <= 0
    page.get_by_text("Not this time").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips
    page.get_by_text("They come up again next time.").wait_for()
    page.get_by_label("What did we learn?").focus()
    page.keyboard.type("Refunds wait for two signatures")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Refunds wait for two signatures").wait_for()
    fix = page.get_by_text("No session mends this")
    assert not fix.is_visible()
    page.locator("input[name=cause]").first.focus()
    page.keyboard.press("Space")  # a process: the form turns into a fix before the eyes
    fix.wait_for()
    assert page.get_by_label("Which fix").is_visible()
    assert not page.get_by_label("What is to be learnt").is_visible()
    assert shown.serious() == []
    page.get_by_role("button", name="Decide it").focus()
    page.keyboard.press("Enter")
    page.get_by_text("It becomes a fix in the register.").wait_for()
    page.get_by_role("button", name="Close the round").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Closed. Lessons stay").wait_for()
    with held.parts.store.read() as db:
        (lesson,) = lessons.of_rounds(db, [ROUND.id])
        assert lesson.landing == "fix"
        assert rounds.kept(db, [ROUND.id])[ROUND.id].closed
        assert len(rounds.turns(db, [ROUND.id])[ROUND.id].presented) == 2


@pytest.mark.parametrize("width", [390, 1440])
def test_a_fix_is_brought_to_its_end_and_the_requirement_is_lower_until_it_is_taken_back(
    live, organisation, window, width
):
    parts = live.parts
    assert organisation.people
    fix_id = builders.a_fix(parts)
    first = MONDAY - 8 * WEEK
    with parts.store.write() as db:
        figures = (900, 880, 910, 890, 500, 200, 210, 190)
        key = "labels-print-twice"
        causes.keep_contacts(db, (Contacts(first + n * WEEK, id_of("billing"), key, f) for n, f in enumerate(figures)))
        asked = next(r for r in people.requirements(db) if r.queue_id == id_of("billing"))
        busy = tuple(tuple(n * 6 for n in day) for day in asked.profile)
        people.write_organisation(db, people.only(requirements=(type(asked)(asked.queue_id, busy),)), today=MONDAY)
    shown = window(Role.COORDINATOR, width=width, height=844)
    page = shown.page

    def press(name):
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")

    page.goto(live.url + "/fixes")
    page.get_by_role("link", name="Labels print twice").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Done, to be felt from").fill(str(first + 4 * WEEK))
    press("It is done")
    page.get_by_label("What was found").fill("One label a parcel.")
    press("It is checked")
    page.get_by_text("895 contacts a week before, 200 after: 695 fewer.").wait_for()
    assert shown.serious() == []
    assert wide(page) <= 0
    press("Lower the requirement by")
    page.get_by_text("It counts in every plan").wait_for()
    with parts.store.read() as db:
        assert [r.queue_id for r in people.reliefs(db)] == [id_of("billing")]
    press("Take it back")
    page.get_by_text("A lower requirement ended").wait_for()
    with parts.store.read() as db:
        assert people.reliefs(db) == ()
        assert causes.fix(db, EVERYTHING, fix_id).state == "checked"
