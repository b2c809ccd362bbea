"""An employee on a phone: an answer from a letter, a move that is told, a year on paper, one's own data, few bytes."""

import gzip
import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from devsys.adapters.store.queries import accounts, answers, asks
from devsys.adapters.store.queries.asks import What
from devsys.adapters.store.tables.people import HeldRow
from devsys.core.model.access import Role
from devsys.core.model.causes import FACILITATOR_CHANGED
from devsys.core.model.hours import instant
from tests.actions.test_places import HELD, LATER, publish
from tests.builders import DOMAIN, a_session, id_of
from tests.web import scenes

ANA = id_of("ana.correia")
FIRST_VISIT = 80 * 1024  # bytes, compressed (product.md section 10, figure 20)
PAPER = 2  # sheets that a year may take


@pytest.fixture
def planned(live, organisation):
    assert organisation.people
    return scenes.plan_and_publish(live.parts)


def wide(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def said(live, session_id):
    with live.parts.store.read() as db:
        return answers.of_sessions(db, [session_id]).get((session_id, ANA))


@pytest.mark.parametrize("width", [320, 390])
def test_from_a_letter_it_takes_one_press_to_say_yes_without_script(live, planned, window, width):
    """The link of a letter opens the page (one press there), the button keeps the answer (two)."""
    page = window(Role.EMPLOYEE, width=width, height=780, java_script_enabled=False).page
    page.goto(f"{live.url}/sessions/{planned['skill'].id}/answer")
    page.get_by_role("button", name="Yes, I come").wait_for()
    assert wide(page) <= 0
    assert said(live, planned["skill"].id) is None
    page.get_by_role("button", name="Yes, I come").click()
    page.get_by_text("You come on Tue 3 February").wait_for()
    assert said(live, planned["skill"].id).comes


def test_other_dates_by_keyboard_from_the_page_of_ones_own(live, planned, window):
    live.parts.clock.now = planned["skill"].ends_utc
    shown = window(Role.EMPLOYEE, width=390)
    page = shown.page
    coaching = planned["coaching"]
    page.goto(live.url + "/")
    page.get_by_role("link", name=re.compile("I can.t come")).focus()
    page.keyboard.press("Enter")
    dates = page.get_by_role("button", name=re.compile("^Take "))
    dates.first.wait_for()
    assert dates.count() == 2
    assert shown.serious() == []
    dates.nth(1).focus()
    page.keyboard.press("Enter")
    page.get_by_text("Your place is now on").wait_for()
    now = scenes.published(live.parts, coaching.id)
    assert now.starts != coaching.starts
    assert now.sequence == coaching.sequence + 1


@pytest.mark.parametrize("script", [True, False])
def test_a_move_stands_with_old_and_new_until_it_fits(live, planned, window, script):
    now = live.parts.clock.move(hours=1)
    starts = datetime(2026, 2, 4, 13)
    moved = replace(
        planned["skill"],
        starts=starts,
        starts_utc=instant(starts, "Europe/Lisbon"),
        changed=now,
        cause=FACILITATOR_CHANGED,
    )
    scenes.add_published(live.parts, moved)
    page = window(Role.EMPLOYEE, width=320, java_script_enabled=script).page
    page.goto(live.url + "/")
    page.get_by_text("Facilitator changed.").wait_for()
    assert page.locator("del").inner_text() == "Tue 3 February, 13:00\u201314:00"
    if script:
        assert wide(page) <= 0
    page.get_by_role("button", name="Fits").click()
    page.get_by_text("You come on Wed 4 February").wait_for()
    assert page.locator("del").count() == 0
    assert said(live, moved.id).comes


def test_the_first_visit_stays_small_and_asks_nobody_else(planned, window):
    """All that a first visit brings, each compressed as a server in front does it (fonts are already)."""
    assert planned.sessions
    brought = {}
    shown = window(Role.EMPLOYEE, width=390)

    def note(answer):
        brought[answer.url] = answer.body()

    shown.page.on("response", note)
    shown.open("/")
    shown.page.wait_for_load_state("networkidle")
    sizes = {
        url: len(body) if url.split("?")[0].endswith(".woff2") else len(gzip.compress(body, mtime=0))
        for url, body in brought.items()
    }
    assert sum(sizes.values()) <= FIRST_VISIT, sizes
    assert not [url for url in sizes if "planner" in url or "htmx" in url]


@pytest.mark.parametrize("path", ["/development/year", "/account/data", "/feeds"])
def test_own_pages_are_narrow_and_without_serious_findings(planned, window, path):
    assert planned.sessions
    shown = window(Role.EMPLOYEE, width=320)
    shown.open(path)
    assert wide(shown.page) <= 0
    assert shown.serious() == []


def test_a_year_fits_on_paper(planned, window):
    assert planned.sessions
    shown = window(Role.EMPLOYEE)
    shown.open("/development/year")
    shown.page.get_by_role("heading", name="My development in 2026").wait_for()
    sheets = len(re.findall(rb"/Type\s*/Page\b", shown.page.pdf(format="A4", prefer_css_page_size=True)))
    assert 1 <= sheets <= PAPER


def test_whoever_takes_their_data_gets_a_file(planned, window):
    assert planned.sessions
    shown = window(Role.EMPLOYEE, width=390)
    shown.open("/account")
    shown.page.get_by_role("link", name="My data").click()
    with shown.page.expect_download() as waiting:
        shown.page.get_by_role("link", name="Take it all with you").click()
    assert waiting.value.suggested_filename == "my-data.json"


@pytest.mark.parametrize("script", [True, False])
def test_feedback_by_keyboard_and_without_script(live, planned, window, script):
    live.parts.clock.now = planned["boundaries"].ends_utc
    shown = window(Role.EMPLOYEE, width=320, java_script_enabled=script)
    shown.open("/")
    shown.page.get_by_role("link", name=re.compile("Three questions")).click()
    shown.page.get_by_role("button", name="Send the answers").wait_for()
    if script:
        assert wide(shown.page) <= 0
        assert shown.serious() == []
    for question in shown.page.get_by_role("main").get_by_role("group").all():
        question.get_by_role("radio").first.focus()
        shown.page.keyboard.press("Space")
    shown.page.get_by_role("button", name="Send the answers").press("Enter")
    shown.page.get_by_text("Nobody is shown who said what").wait_for()
    teller = window(Role.FACILITATOR, width=390)
    teller.open("/feedback")
    teller.page.get_by_text("Not yet shown: 1 of 5 answers.").wait_for()
    assert teller.serious() == []


def test_a_facilitator_hands_over_and_a_colleague_says_yes(live, planned, window):
    """On phones of 320 pixels, by keyboard alone, one of the two without script."""
    asker = window(Role.FACILITATOR, width=320)
    asker.open(f"/sessions/{planned['skill'].id}/hand-over")
    assert wide(asker.page) <= 0
    assert asker.serious() == []
    asker.page.get_by_role("radio", name="Marta Nogueira").focus()
    asker.page.keyboard.press("Space")
    asker.page.get_by_role("button", name="Ask", exact=True).press("Enter")
    asker.page.get_by_text("Marta Nogueira has not answered yet.").wait_for()
    page = window(Role.LEAD, width=320, java_script_enabled=False).page
    page.goto(live.url + "/")
    page.get_by_role("link", name=re.compile("Would you lead it")).press("Enter")
    page.get_by_role("button", name="Yes, I lead it").press("Enter")
    page.get_by_text("You lead on Tue 3 February").wait_for()
    assert scenes.published(live.parts, planned["skill"].id).facilitator_id == id_of("marta.nogueira")


@pytest.mark.parametrize("script", [True, False])
def test_two_colleagues_swap_on_their_phones(live, planned, window, script):
    roomy = swappable(live, planned)
    shown = window(Role.EMPLOYEE, width=320, java_script_enabled=script)
    shown.open(f"/sessions/{planned['skill'].id}/answer")
    shown.page.get_by_role("link", name="Swap with a colleague").press("Enter")
    shown.page.get_by_role("button", name=re.compile("^Ask for Wed 11 February")).wait_for()
    if script:
        assert wide(shown.page) <= 0
        assert shown.serious() == []
    shown.page.get_by_role("button", name=re.compile("^Ask for Wed 11 February")).press("Enter")
    shown.page.get_by_text("not answered yet").wait_for()
    with live.parts.store.read() as db:
        offer = next(a for a in asks.of_session(db, roomy.id, What.SWAP) if a.person_id == id_of("joana.pires"))
    other = window("joana.pires", width=320, java_script_enabled=script)
    other.open("/")
    other.page.get_by_role("link", name=re.compile("Would you swap")).press("Enter")
    other.page.get_by_role("button", name="Yes, we swap").wait_for()
    if script:
        assert wide(other.page) <= 0
        assert other.serious() == []
    other.page.get_by_role("button", name="Yes, we swap").press("Enter")
    other.page.get_by_text("Your place is on Tue 3 February").wait_for()
    assert id_of("ana.correia") in scenes.published(live.parts, roomy.id).people
    assert offer.person_id in scenes.published(live.parts, planned["skill"].id).people


def swappable(live, planned):
    """Publish a second skill session whose people hold the gate; Joana has an account."""
    assert planned.sessions
    with live.parts.store.write() as db:
        db.add_all(HeldRow(person_id=id_of(c), activity="professional_boundaries", day=date(2025, 3, 3)) for c in HELD)
        accounts.add_account(
            db, person_id=id_of("joana.pires"), email=f"joana.pires@{DOMAIN}", password_hash="", now=live.parts.now()
        )
    later = a_session(
        "skill-2",
        activity="hear_fully",
        starts=datetime(2026, 2, 11, 13),
        people=LATER,
        facilitator="tiago.lopes",
        room="tejo",
        team=None,
    )
    return publish(live.parts, later)


def test_a_phone_subscribes_in_three_presses_without_script(live, planned, window):
    """Subscribe, make the link, open it in the calendar: the address is shown once, with its code."""
    assert planned.sessions
    page = window(Role.EMPLOYEE, width=320, height=780, java_script_enabled=False).page
    page.goto(live.url + "/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Subscribe").click()
    page.get_by_role("button", name="Make the link").click()
    opens = page.get_by_role("link", name="Open in Apple Calendar")
    opens.wait_for()
    assert opens.get_attribute("href").startswith("webcal://")
    assert page.get_by_role("img", name="QR code of your calendar link").is_visible()
    page.goto(live.url + "/")
    page.get_by_text("Not fetched yet: see step 2.").wait_for()
