"""The register of fixes on its pages: who sees which, what is overdue, whether it helped, what the queue then needs."""

import csv
import io
from datetime import date, timedelta

import pytest

from devsys.adapters.store.queries import causes, people, retention
from devsys.core.model.access import Role
from devsys.core.model.capacity import coverage_of
from devsys.core.model.causes import Contacts, FixState
from devsys.core.policy import Extent, Scope
from tests.builders import MONDAY, a_horizon, id_of

WEEK = timedelta(weeks=1)
FIRST = MONDAY - 8 * WEEK
SENT = {
    "title": "The label printer prints twice",
    "what": "Every second parcel needs a call.",
    "cause": "tool",
    "owner": id_of("marta.nogueira"),
    "due": "2026-01-20",
    "queue": id_of("billing"),
    "team": id_of("alfama"),
}


@pytest.fixture
def coordinator(organisation, sign_in):
    assert organisation.people
    return sign_in(Role.COORDINATOR)


def enter(visitor, **more):
    answer = visitor.post("/fixes", SENT | more)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def brought(visitor, *figures, key="the-label-printer-prints-twice", first=FIRST):
    rows = "".join(f"{first + n * WEEK},billing,{key},{f}\n" for n, f in enumerate(figures))
    dry = visitor.post("/imports/contacts", {"pasted": f"week,queue,cause,contacts\n{rows}"})
    assert dry.status_code == 200, dry.text
    fields = {name: dry.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("upload", "revision")}
    assert visitor.post("/imports/contacts/confirm", fields).status_code == 303


def required(parts):
    with parts.store.read() as db:
        found = coverage_of(people.organisation(db), a_horizon())
    return found[id_of("billing")].required


def test_a_fix_goes_from_entry_to_a_lower_requirement_and_back(parts, coordinator):
    """The whole way: entered, done, contacts fall, checked, offered, confirmed, taken back; never by itself."""
    at = enter(coordinator)
    with parts.store.write() as db:
        wide = next(r for r in people.requirements(db) if r.queue_id == id_of("billing"))
        busier = tuple(tuple(n * 6 for n in day) for day in wide.profile)
        people.write_organisation(db, people.only(requirements=(type(wide)(wide.queue_id, busier),)), today=MONDAY)
    full = required(parts)
    brought(coordinator, 800, 900, 850, 870, 300, 200, 210, 220)
    assert coordinator.post(f"{at}/state", {"to": "done", "done": str(FIRST + 4 * WEEK)}).status_code == 303
    assert coordinator.post(f"{at}/state", {"to": "checked", "found": ""}).status_code == 422
    assert "could be lower" not in coordinator.get(at).text
    assert coordinator.post(f"{at}/state", {"to": "checked", "found": "One label a parcel."}).status_code == 303
    page = coordinator.get(at).text
    assert "855 contacts a week before, 210 after: 645 fewer." in page
    assert "could be lower" in page
    assert (required(parts) == full).all()
    hours = page.split('name="hours" value="')[1].split('"')[0]
    assert coordinator.post(f"{at}/requirement", {"hours": "1.5"}).status_code == 409
    assert coordinator.post("/fixes/not-there/requirement", {"hours": "many"}).status_code == 404
    assert coordinator.post(f"{at}/requirement", {"hours": hours}).status_code == 303
    lower = required(parts)
    assert (lower <= full).all()
    assert full.sum() - lower.sum() == float(hours) * 2 * a_horizon().weeks
    assert coordinator.post(f"{at}/requirement", {"hours": hours}).status_code == 409  # once, not twice
    assert "lower by" in coordinator.get(at).text
    assert coordinator.post(f"{at}/requirement", {"back": "1"}).status_code == 303
    assert (required(parts) == full).all()
    assert "taken back by Olivia Brandt" in coordinator.get(at).text


def test_a_requirement_brought_anew_stands_as_it_is(parts, coordinator):
    at = enter(coordinator)
    fix_id = at.rsplit("/", 1)[1]
    with parts.store.write() as db:
        less = ((1,) * 48,) * 7
        relief = causes.KeptRelief("r", fix_id, id_of("billing"), MONDAY, less, 9.0, "", parts.now(), None, "")
        causes.add_relief(db, relief, by_id=id_of("olivia.brandt"))
    lower = required(parts)
    rows = "queue,day,start,agents\nbilling,2026-12-24,08:00,5\n"
    for pasted, ends in ((rows, False), (rows + "billing,mon,09:00,4\n", True)):
        dry = coordinator.post("/imports/requirement", {"pasted": pasted})
        assert ("that ends with this file" in dry.text) is ends
        fields = {name: dry.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("upload", "revision")}
        assert coordinator.post("/imports/requirement/confirm", fields).status_code == 303
        assert bool(required(parts).sum() > lower.sum()) is ends
    assert "the requirement was brought anew" in coordinator.get(at).text


def test_who_owns_it_brings_it_on_and_others_see_what_the_table_says(parts, coordinator, sign_in):
    mine = enter(coordinator, owner=id_of("ana.correia"), team=id_of("belem"), queue="")
    theirs = enter(coordinator, title="Refunds wait for two signatures", cause="process", team=id_of("belem"))
    employee, lead = sign_in(Role.EMPLOYEE), sign_in(Role.LEAD)
    assert employee.get(mine).status_code == 200
    assert employee.get(theirs).status_code == 404
    assert employee.post(f"{mine}/state", {"to": "doing"}).status_code == 303
    assert employee.post("/fixes", SENT).status_code == 403
    assert lead.get(mine).status_code == 200  # this lead leads sessions too, and who does reads all
    assert lead.post(f"{mine}/state", {"to": "doing"}).status_code == 403
    alfama = Scope(frozenset({Extent.TEAM, Extent.OWN}), frozenset({id_of("alfama")}), id_of("marta.nogueira"))
    with parts.store.read() as db:
        assert [f.title for f in causes.fixes(db, alfama)] == ["Refunds wait for two signatures"]  # it is theirs
        assert causes.fix(db, alfama, mine.rsplit("/", 1)[1]) is None
    assert lead.post("/fixes", SENT | {"team": id_of("belem")}).status_code == 422
    assert lead.post("/fixes", SENT).status_code == 303
    administrator = sign_in(Role.ADMINISTRATOR)
    assert administrator.get(mine).status_code == 200
    assert administrator.post(f"{mine}/state", {"to": "doing"}).status_code == 403
    assert employee.get("/fixes/contacts.csv").text.count("\n") == 1
    with parts.store.read() as db:
        assert {f.state for f in causes.overdue(db, date(2027, 1, 1))} == {FixState.OPEN, FixState.DOING}


def test_what_is_overdue_stands_first_and_on_the_first_page_of_its_owner(coordinator, sign_in, clock):
    enter(coordinator, title="Later", due="2026-03-02")
    enter(coordinator, title="A policy nobody knows", cause="policy", due="2026-01-09")
    assert "overdue" not in coordinator.get("/").text
    clock.move(days=7)
    coordinator = sign_in(Role.COORDINATOR)
    page = coordinator.get("/fixes").text
    assert "1 is overdue." in page
    assert page.index("A policy nobody knows") < page.index("Later")
    assert "A fix is overdue: A policy nobody knows" in coordinator.get("/").text
    assert "A fix is overdue: A policy nobody knows" in sign_in(Role.LEAD).get("/").text
    assert "overdue" not in sign_in(Role.EMPLOYEE).get("/").text
    rows = list(csv.reader(io.StringIO(coordinator.get("/fixes.csv").text.removeprefix("\ufeff"))))
    assert [row[1] for row in rows[1:]] == ["A policy nobody knows", "Later"]


def test_the_preventable_share_of_a_queue_stands_beside_the_register(parts, coordinator):
    enter(coordinator)
    with parts.store.write() as db:
        key = "the-label-printer-prints-twice"
        counts = {key: 30, "policy": 20, "skill": 10, "other": 140}
        causes.keep_contacts(db, (Contacts(MONDAY - WEEK, id_of("billing"), c, n) for c, n in counts.items()))
    page = coordinator.get("/fixes").text
    assert "25\u2009%" in page
    assert "tool 30 and policy 20" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cause", "skill"),
        ("cause", "condition"),
        ("owner", "nobody"),
        ("due", "2025-12-01"),
        ("due", "soon"),
        ("queue", "x"),
        ("title", ""),
        ("what", "long" * 3000),
    ],
)
def test_a_fix_that_cannot_stand_is_refused_beside_its_field(coordinator, field, value):
    answer = coordinator.post("/fixes", SENT | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text


def test_fixes_go_after_three_years_but_not_while_they_make_a_requirement_lower(parts, coordinator):
    ids = []
    for title in ("Old and gone", "Old and at work"):
        at = enter(coordinator, title=title)
        assert coordinator.post(f"{at}/state", {"to": "done", "done": "2025-12-15"}).status_code == 303
        assert coordinator.post(f"{at}/state", {"to": "checked", "found": "It helped."}).status_code == 303
        ids.append(at.rsplit("/", 1)[1])
    with parts.store.write() as db:
        less = ((1,) * 48,) * 7
        relief = causes.KeptRelief("r", ids[1], id_of("billing"), MONDAY, less, 9.0, "", parts.now(), None, "")
        causes.add_relief(db, relief, by_id=id_of("olivia.brandt"))
        assert retention.forget_old(db, parts.now() + timedelta(days=1095))["fix"] == 0
        assert retention.forget_old(db, parts.now() + timedelta(days=1097))["fix"] == 1
        assert list(causes.causes_by_key(db)) == ["old-and-at-work"]
