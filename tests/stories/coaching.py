"""Coaching played through pages: who asks, who answers, what the calendar then says."""

import re
from datetime import date, time
from html import unescape

from devsys.adapters.store.queries import accounts, coaching, coaching_plans, sessions
from devsys.adapters.store.queries.sessions import Wanted
from devsys.core.model.access import Grant, Role
from devsys.core.model.coaching import OPEN
from devsys.core.model.people import Held
from tests.builders import DOMAIN, NOW, an_organisation, id_of, settle

ANA, BRUNO, NADIA, MARTA, TIAGO = map(
    id_of, ("ana.correia", "bruno.matos", "nadia.haddad", "marta.nogueira", "tiago.lopes")
)
MORNING = (time(9), time(12))
HOPE = "I want to end hard calls without shaking. CANARY-HOPE"
ASKED = {
    "theme": "coaching_calls",
    "hope": HOPE,
    "days": ["1", "3"],
    "from": "09:00",
    "until": "12:00",
}


def ready(store, *coaches):
    """Give Northgate where everybody holds the boundaries; `coaches` besides Nadia have the role, by code."""
    everybody = an_organisation().people
    held = tuple(Held(p.id, "professional_boundaries", date(2025, 11, 3)) for p in everybody)
    made = settle(store, an_organisation(held=held))
    for code in coaches:
        grant_coach(store, code)
    return made


def accounts_for(store, *codes):
    """Give people an account."""
    with store.write() as db:
        for code in codes:
            if accounts.account(db, id_of(code)) is None:
                accounts.add_account(db, person_id=id_of(code), email=f"{code}@{DOMAIN}", password_hash="", now=NOW)


def grant_coach(store, code):
    """Give somebody who leads sessions the role of a coach."""
    accounts_for(store, code)
    with store.write() as db:
        accounts.add_grants(db, id_of(code), (Grant(Role.COACH),))


def text_of(page):
    """Give the words of a page's main part."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[1])).split())


def request_of(store, person_id=ANA):
    """Give somebody's open request."""
    with store.read() as db:
        return coaching.open_of(db, person_id)


def requests_of(store, person_id=ANA):
    with store.read() as db:
        return [r for r in coaching.of_person(db, person_id) if r.state in OPEN]


def plan_of(store, person_id=ANA):
    """Give somebody's newest plan."""
    with store.read() as db:
        return coaching_plans.of_person(db, person_id)[0]


def of_person(store, person_id=ANA, *, planned_only=True):
    """Give somebody's published sessions."""
    with store.read() as db:
        return sessions.published(db, Wanted(person_id=person_id, planned_only=planned_only))


def accept(visitor, store, number=0):
    """Take one of the proposals, as the page does."""
    request = request_of(store, visitor.person_id)
    return visitor.post(f"/coaching/{request.id}/accept", {"offer": request.offers[number].key})


def agree(coach, store, person_id=ANA):
    """Let the coach who is asked say yes."""
    return coach.post(f"/coaching/desk/{request_of(store, person_id).id}/agree")
