"""The main pages of every role under the automatic accessibility check: no serious finding, light, dark and small."""

import pytest

from devsys.core.model.access import Role
from tests.browser.test_calendar import ALFAMA
from tests.builders import id_of
from tests.web import scenes

SHARED = ("/", "/account", "/who-sees-what", "/programme", "/feeds", "/calendar?own=1", "/coaching")
SESSION = id_of("session alfama")
CALENDAR = (
    "/year",
    "/year?view=table",
    "/month?month=2026-01",
    "/month?month=2026-01&view=list",
    ALFAMA,
    f"{ALFAMA}&session={SESSION}",
    f"{ALFAMA}&view=list&session={SESSION}",
    "/week?week=2026-W05&view=facilitators",
    "/week?week=2026-W05&view=rooms",
    "/issues",
)
PLANNING = ("/plans", "/plans/draw", "/owed", "/people", f"/people/{id_of('bruno.matos')}", f"/sessions/{SESSION}")
KEPT = ("/repairs", "/imports", "/plans/log", "/ledger", "/ledger?quarter=all", "/plans/versions/1", "/account/busy")
PAGES = {
    Role.COORDINATOR: (
        *SHARED,
        *CALENDAR,
        *PLANNING,
        f"/sessions/{SESSION}/move",
        "/away",
        "/repairs",
        "/imports",
        *KEPT,
    ),
    Role.ADMINISTRATOR: ("/", "/people", "/health", "/log"),
    Role.FACILITATOR: ("/", "/calendar", "/week?week=2026-W05", f"/sessions/{SESSION}"),
    Role.COACH: ("/", "/calendar", "/coaching"),
    Role.LEAD: ("/", "/year", ALFAMA, f"{ALFAMA}&session={SESSION}", "/people"),
    Role.EMPLOYEE: (
        "/",
        "/calendar",
        "/coaching",
        "/feeds",
        "/account",
        "/account/busy",
        "/ledger",
        f"/sessions/{SESSION}",
    ),
    Role.ASSESSOR: ("/", "/account"),
    "": ("/sign-in",),
}


@pytest.fixture
def planned(live, organisation):
    assert organisation.people
    return scenes.plan_and_publish(live.parts)


def findings(shown, paths):
    found = {}
    for path in paths:
        answer = shown.open(path)
        assert answer.status == 200, path
        if said := shown.serious():
            found[path] = said
    return found


@pytest.mark.parametrize("who", PAGES, ids=lambda who: str(who) or "nobody")
def test_no_serious_finding_on_any_main_page(planned, window, who):
    assert planned.sessions
    assert findings(window(who), PAGES[who]) == {}


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "dark")])
def test_no_serious_finding_on_a_phone_or_in_the_dark(planned, window, width, scheme):
    assert planned.sessions
    shown = window(Role.COORDINATOR, width=width, color_scheme=scheme)
    assert findings(shown, ("/", *CALENDAR)) == {}


def test_the_check_finds_what_is_wrong(planned, window):
    assert planned.sessions
    shown = window(Role.COORDINATOR)
    shown.open("/plans")
    shown.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [said.split(" ")[0] for said in shown.serious()] == ["button-name"]
