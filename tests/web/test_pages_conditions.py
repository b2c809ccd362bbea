"""The conditions of a team: looked at, dated, owned; targets that contradict; what an agent may decide alone."""

import re
from datetime import timedelta

import pytest

from devsys.actions import check_conditions
from devsys.adapters.store.queries import accounts, conditions
from devsys.base.errors import ConflictError
from devsys.core.model.access import Role
from devsys.core.model.conditions import Check, State
from devsys.core.policy import scope
from tests.builders import MONDAY, id_of
from tests.web.scenes import adopt_shipped

TEAM = f"/conditions/{id_of('alfama')}"
STAFFING = f"{TEAM}/staffing"


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)).replace(" .", ".")


def a_look(**more):
    found = {
        "state": "red",
        "since": "2026-01-02",
        "owner": id_of("marta.nogueira"),
        "next_look": "2026-01-19",
        "note": "Two short every Friday.",
        "seen": "0",
    }
    return found | more


@pytest.fixture
def lead(parts, organisation, sign_in):
    assert organisation.people
    adopt_shipped(parts)
    return sign_in(Role.LEAD)


def test_a_lead_looks_and_the_history_stays(lead, parts, sign_in):
    assert lead.get("/conditions").headers["Location"] == TEAM
    assert "Five were never looked at" in text(lead.get(TEAM))
    assert lead.post(STAFFING, a_look()).status_code == 303
    page = text(lead.get(TEAM))
    assert "One condition is red, four were never looked at" in page
    assert (
        "Two short every Friday. Since Fri 2 January 2026; Marta Nogueira sees to it; next look Mon 19 January" in page
    )
    parts.clock.move(days=8)
    lead = sign_in(Role.LEAD)
    later = a_look(state="fine", since="2026-01-12", next_look="2026-02-09", note="", seen="1")
    assert lead.post(STAFFING, later).status_code == 303
    page = text(lead.get(STAFFING))
    assert page.index("fine since Mon 12 January") < page.index("red since Fri 2 January")
    assert "Looked at by Marta Nogueira" in page


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("state", "purple", "Choose one of these."),
        ("owner", "ana.correia", "Choose who sees to it."),
        ("since", "2026-01-06", "It cannot hold from a day to come."),
        ("next_look", "2026-01-05", "A day after today"),
        ("next_look", "2027-03-01", "A day after today"),
        ("note", "", "Say in a sentence what is wrong"),
        ("note", "x" * 501, "characters; at most 500"),
    ],
)
def test_a_look_that_cannot_be_is_said_beside_its_field(lead, field, wrong, said):
    answer = lead.post(STAFFING, a_look(**{field: wrong}))
    assert answer.status_code == 422
    assert said in answer.text
    assert "Nobody has looked at it yet." in answer.text


def test_a_state_cannot_begin_before_the_look_before(lead):
    lead.post(STAFFING, a_look())
    answer = lead.post(STAFFING, a_look(state="fine", since="2026-01-01", seen="1"))
    assert "The look before found it red since 2 January 2026" in answer.text


def test_two_who_look_at_once_do_not_pass_over_each_other(lead, sign_in):
    assert lead.post(STAFFING, a_look()).status_code == 303
    answer = sign_in(Role.COORDINATOR).post(STAFFING, a_look(state="fine", note=""))
    assert answer.status_code == 409
    assert "Marta Nogueira looked at it meanwhile" in answer.text


def test_an_overdue_look_is_on_home_of_lead_and_coordinator(lead, sign_in, parts):
    lead.post(STAFFING, a_look())
    assert "to be looked at again" not in lead.get("/").text
    assert "Staffing, Billing Alfama red" in text(lead.get("/"))
    parts.clock.move(days=15)
    for visitor in (sign_in(Role.LEAD), sign_in(Role.COORDINATOR)):
        assert "1 condition of Billing Alfama to be looked at again" in text(visitor.get("/"))


def test_targets_are_set_with_unit_and_direction_and_quoted_where_they_contradict(lead):
    cap = {"measure": "handle_time.min", "direction": "at_most", "value": "4,5"}
    assert lead.post(f"{TEAM}/targets", cap).status_code == 303
    lead.post(f"{TEAM}/targets", {"measure": "first_contact.percent", "direction": "at_least", "value": "75"})
    page = text(lead.get(TEAM))
    assert "“Handle time at most 4.5 minutes” “Resolved at first contact at least 75 per cent”" in page
    assert lead.post(f"{TEAM}/targets", cap | {"value": "3"}).status_code == 422
    assert lead.post(f"{TEAM}/targets", cap | {"measure": "satisfaction.percent", "value": "140"}).status_code == 422
    for value in ("nan", "", "1e999", "\x00", "-3"):
        assert lead.post(f"{TEAM}/targets", cap | {"measure": "contacts.per_hour", "value": value}).status_code == 422
    target = re.search(rf"{TEAM}/targets/(\w+)/end", lead.get(TEAM).text)[0]
    assert lead.post(target).status_code == 303
    assert lead.post(target).status_code == 404
    assert "“Handle time" not in text(lead.get(TEAM))


def test_what_may_be_decided_alone_is_read_by_the_team_and_no_other(lead, sign_in):
    answer = lead.post(f"{TEAM}/alone", {"what": "Refund", "amount": "50", "unit": "EUR"})
    assert answer.status_code == 303
    assert lead.post(f"{TEAM}/alone", {"what": "refund", "amount": "", "unit": ""}).status_code == 422
    assert lead.post(f"{TEAM}/alone", {"what": "Another date", "amount": "14", "unit": ""}).status_code == 422
    assert lead.post(f"{TEAM}/alone", {"what": "Replace it", "amount": "", "unit": ""}).status_code == 303
    page = text(sign_in(Role.EMPLOYEE).get("/what-i-may-decide"))
    assert "Refund up to 50 EUR Replace it without a limit" in page
    assert "Refund" not in text(sign_in(Role.FACILITATOR).get("/what-i-may-decide"))
    line = re.search(rf"{TEAM}/alone/(\w+)/end", lead.get(TEAM).text)[0]
    assert lead.post(line).status_code == 303
    assert "Refund" not in text(sign_in(Role.EMPLOYEE).get("/what-i-may-decide"))


def test_who_reads_and_who_writes(lead, sign_in):
    other = TEAM.replace(id_of("alfama"), id_of("belem"))
    assert lead.get(other).status_code == 404
    assert lead.post(other + "/staffing", a_look()).status_code == 404
    assert (
        lead.post(
            other + "/targets", {"measure": "satisfaction.percent", "direction": "at_least", "value": "8"}
        ).status_code
        == 404
    )
    for role, read in ((Role.COORDINATOR, 200), (Role.ADMINISTRATOR, 200), (Role.COACH, 200), (Role.EMPLOYEE, 404)):
        visitor = sign_in(role)
        assert visitor.get(other).status_code == read
        writes = visitor.post(other + "/staffing", a_look(owner=id_of("olivia.brandt"))).status_code
        assert writes == (303 if role is Role.COORDINATOR else 404)
        assert ("Set the target" in visitor.get(other).text) is (role is Role.COORDINATOR)
    assert sign_in(Role.COORDINATOR).get("/conditions").text.count("<tr>") == 4


def test_the_wrong_address_is_no_page(lead):
    assert lead.get(f"{TEAM}/weather").status_code == 404
    assert lead.post(f"{TEAM}/weather", a_look()).status_code == 404
    assert lead.get("/conditions/nobody").status_code == 404


def test_staffing_reads_half_hours_short_and_what_is_owed(lead, sign_in):
    page = text(sign_in(Role.COORDINATOR).get(STAFFING.replace(id_of("alfama"), id_of("belem"))))
    # 2 February wants three agents of Delivery at every half hour, also where two or none are at work; on Good Friday
    # nobody of Lisbon is at work, and nobody is missed.
    assert re.search(r"devsys reads: \d+ half hours short in the quarter ahead, nothing owed. By that", page)
    assert "No half hour short, nothing owed." in text(lead.get(STAFFING))


def test_the_action_refuses_a_stale_look_of_the_same_person(parts, organisation):
    assert organisation.people
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of("marta.nogueira"))
    found = check_conditions.Found(State.FINE, MONDAY, id_of("marta.nogueira"), MONDAY + timedelta(days=3), "", 0)
    check_conditions.look(parts, viewer, id_of("alfama"), Check.CONTROL, found, today=MONDAY)
    with pytest.raises(ConflictError):
        check_conditions.look(parts, viewer, id_of("alfama"), Check.CONTROL, found, today=MONDAY)
    with parts.store.read() as db:
        assert len(conditions.looks(db, scope(viewer, "conditions", "read"))) == 1
