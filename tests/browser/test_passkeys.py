"""Passkeys in a browser with an authenticator of its own: made, signed in by, broken off, and without script."""

from dataclasses import replace

import pytest

from devsys.actions.sign_in import hash_password
from devsys.adapters.store.queries import accounts, passkeys
from devsys.app import serve
from tests.builders import DOMAIN, id_of
from tests.conftest import Live

PASSWORD = "five quiet herons at dusk"
ANA = id_of("ana.correia")


@pytest.fixture
def live(live):
    """The application under a name: keys belong to one."""
    settings = live.parts.settings
    named = settings.model_copy(update={"base_url": f"http://localhost:{settings.port}"})
    parts = replace(live.parts, settings=named)
    serve(live.app, parts)
    return Live(named.public_url, parts, live.app)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def authenticator(page, *, recognises=True):
    """Give the page a device that recognises its user, or does not; give its id and the session it is asked by."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": recognises,
        "automaticPresenceSimulation": True,
    }
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def test_made_and_signed_in_by(window, live):
    with live.parts.store.write() as db:
        accounts.set_password_hash(db, ANA, hash_password(PASSWORD))
    here = window("ana.correia")
    cdp, device = authenticator(here.page)
    here.open("/account")
    here.page.get_by_role("link", name="Passkeys").click()
    here.page.get_by_label("Name of the device").fill("Work laptop")
    here.page.get_by_label("Present password").fill("not this one at all")
    here.expect("422")
    here.page.keyboard.press("Enter")
    here.page.get_by_text("That is not the present password.").wait_for()
    here.page.get_by_label("Present password").fill(PASSWORD)
    here.page.keyboard.press("Enter")
    here.page.get_by_text("Kept: it opens your account").wait_for()
    for width in (320, 390, 1440):
        here.page.set_viewport_size({"width": width, "height": 800})
        assert fits(here.page)
    assert here.serious() == []
    assert len(cdp.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1

    here.page.context.clear_cookies()
    here.open("/sign-in?next=/account/sign-ins")
    here.page.get_by_role("button", name="Sign in with a passkey").wait_for()
    assert here.serious() == []
    here.page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    here.page.get_by_text("by a passkey").wait_for()
    with live.parts.store.read() as db:
        (kept,) = passkeys.of_person(db, ANA)
    assert kept.used is not None
    assert kept.count > 0


def test_who_is_not_recognised_reads_why_and_stays_at_the_door(window, live):
    assert live.parts.settings.base_url
    here = window("")
    authenticator(here.page, recognises=False)
    here.open("/sign-in")
    here.page.get_by_role("button", name="Sign in with a passkey").click()
    here.page.get_by_text("No passkey was used.").wait_for()
    assert here.page.get_by_label("Password").is_visible()
    assert fits(here.page)


def test_without_script_the_password_is_all_there_is(window, live):
    with live.parts.store.write() as db:
        accounts.set_password_hash(db, ANA, hash_password(PASSWORD))
    here = window("", width=390, java_script_enabled=False)
    here.open("/sign-in")
    assert not here.page.get_by_role("button", name="Sign in with a passkey").is_visible()
    here.page.get_by_label("E-mail").fill(f"ana.correia@{DOMAIN}")
    here.page.get_by_label("Password").fill(PASSWORD)
    here.page.keyboard.press("Enter")
    here.page.wait_for_url("**/")
    here.open("/account/passkeys")
    assert here.page.get_by_text("This browser makes no passkeys").is_visible()
