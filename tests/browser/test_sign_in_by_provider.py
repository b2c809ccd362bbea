"""Somebody comes by the organisation's provider, ends their other sign-ins, and is out when the provider says so."""

import json

from devsys.adapters.store.queries import accounts
from tests.builders import id_of
from tests.sign_in.conftest import clock, op, provider_settings, settings  # noqa: F401 -- fixtures

ANA = id_of("ana.correia")


def test_a_day_by_the_provider(op, live, window, store):  # noqa: F811
    op.say(f"client {live.url}")
    op.say("user ana")
    op.say("end")
    with store.write() as db:
        accounts.set_password_hash(db, ANA, "")
    elsewhere, mine = window("ana.correia"), window(width=390)
    mine.expect(rf"request beyond this machine: {op.issuer}")
    mine.open("/account/sign-ins")
    mine.page.get_by_role("link", name="Sign in by Northgate").wait_for()
    assert mine.serious() == []
    mine.page.get_by_role("link", name="Sign in by Northgate").click()
    mine.page.get_by_role("heading", name="Where I am signed in").wait_for()
    assert mine.page.url == f"{live.url}/account/sign-ins"
    assert mine.serious() == []
    assert mine.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    mine.page.get_by_role("button", name="End all others").click()
    mine.page.get_by_text("All others have ended").wait_for()
    elsewhere.open("/account")
    elsewhere.page.get_by_role("heading", name="Sign in").wait_for()
    mine.open("/account")
    mine.page.get_by_text("administrator").first.wait_for()
    (told,) = json.loads(op.say("end"))
    assert told[0] == 200
    mine.open("/account")
    mine.page.get_by_role("heading", name="Sign in", exact=True).wait_for()
    mine.page.get_by_role("link", name="Sign in by Northgate").click()
    mine.page.wait_for_url(f"{live.url}/account")
    mine.page.locator("summary").filter(has_text="").last.click()
    mine.page.get_by_role("button", name="Sign out").first.click()
    mine.page.wait_for_url(f"{op.issuer}/session**")
    mine.open("/account")
    mine.page.get_by_role("heading", name="Sign in", exact=True).wait_for()
