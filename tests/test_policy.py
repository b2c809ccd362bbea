"""The table of permissions against the matrix the product promises, cell by cell, and the scopes made of it."""

import pytest

from devsys.core import policy
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.policy import MATRIX, TITLES, Extent, Permission, Scope, allow, permission_of, scope

ALL, TEAM, ASSIGNED, OWN, GROUP, BUSY = Extent
A, C, F, K, L, E, S = (
    Role.ADMINISTRATOR,
    Role.COORDINATOR,
    Role.FACILITATOR,
    Role.COACH,
    Role.LEAD,
    Role.EMPLOYEE,
    Role.ASSESSOR,
)

# Written once more by hand, from the promises: record, action -> what each role reaches beyond being an employee,
# and what everybody reaches (E).
PROMISED = {
    ("home", "read"): {E: {ALL}},
    ("profile", "read"): {E: {OWN}},
    ("profile", "write"): {E: {OWN}},
    ("accounts", "read"): {A: {ALL}},
    ("accounts", "write"): {A: {ALL}},
    ("names", "read"): {E: {ALL}},
    ("people", "read"): {A: {ALL}, C: {ALL}, F: {ASSIGNED}, K: {ASSIGNED}, L: {TEAM}, E: {OWN}},
    ("people", "write"): {A: {ALL}, C: {ALL}},
    ("absences", "read"): {A: {ALL}, C: {ALL}, F: {BUSY}, K: {BUSY}, L: {TEAM}, E: {OWN, BUSY}},
    ("absences", "write"): {C: {ALL}, L: {TEAM}, E: {OWN}},
    ("busy", "read"): {E: {OWN}},
    ("busy", "write"): {E: {OWN}},
    ("draft", "read"): {A: {ALL}, C: {ALL}, F: {ASSIGNED}, K: {ASSIGNED}, L: {TEAM}},
    ("draft", "write"): {C: {ALL}},
    ("sessions", "read"): {A: {ALL}, C: {ALL}, F: {ASSIGNED}, K: {ASSIGNED}, L: {TEAM}, E: {OWN}},
    ("sessions", "write"): {C: {ALL}},
    ("attendance", "read"): {A: {ALL}, C: {ALL}, F: {ASSIGNED}, K: {ASSIGNED}, L: {TEAM}, E: {OWN}},
    ("attendance", "write"): {C: {ALL}, F: {ASSIGNED}, K: {ASSIGNED}},
    ("answers", "read"): {C: {ALL}, F: {ASSIGNED}, K: {ASSIGNED}, E: {OWN}},
    ("answers", "write"): {E: {OWN}},
    ("feedback", "read"): {C: {ALL}, F: {ASSIGNED}, K: {ASSIGNED}},
    ("feedback", "write"): {E: {OWN}},
    ("versions", "read"): {A: {ALL}, C: {ALL}, L: {TEAM}},
    ("versions", "write"): {C: {ALL}},
    ("requirement", "read"): {A: {ALL}, C: {ALL}, L: {TEAM}},
    ("requirement", "write"): {C: {ALL}},
    ("ledger", "read"): {A: {ALL}, C: {ALL}, L: {TEAM}, E: {TEAM}},
    ("ledger", "write"): {C: {ALL}},
    ("coaching_series", "read"): {A: {GROUP}, C: {ALL}, K: {ASSIGNED}, E: {OWN}},
    ("coaching_series", "write"): {C: {ALL}, E: {OWN}},
    ("coaching_notes", "read"): {K: {ASSIGNED}, E: {OWN}},
    ("coaching_notes", "write"): {K: {ASSIGNED}, E: {OWN}},
    ("coaching_private", "read"): {K: {ASSIGNED}},
    ("coaching_private", "write"): {K: {ASSIGNED}},
    ("coaching_desk", "read"): {K: {ASSIGNED}},
    ("coaching_desk", "write"): {K: {ASSIGNED}},
    ("coaching_figures", "read"): {A: {GROUP}, C: {ALL}},
    ("coaching_figures", "write"): {C: {ALL}},
    ("coaching_calendar", "read"): {A: {BUSY}, C: {BUSY}, F: {ASSIGNED}, K: {ASSIGNED}, L: {BUSY}, E: {OWN, BUSY}},
    ("observations", "read"): {F: {ASSIGNED}, K: {ASSIGNED}, E: {OWN}},
    ("observations", "write"): {F: {ASSIGNED}, K: {ASSIGNED}},
    ("conditions", "read"): {A: {ALL}, C: {ALL}, K: {ALL}, L: {TEAM}},
    ("conditions", "write"): {C: {ALL}, L: {TEAM}},
    ("decides_alone", "read"): {A: {ALL}, C: {ALL}, K: {ALL}, L: {TEAM}, E: {TEAM}},
    ("decides_alone", "write"): {C: {ALL}, L: {TEAM}},
    ("vacancies", "read"): {C: {ALL}, L: {ASSIGNED}, S: {ASSIGNED}},
    ("vacancies", "write"): {C: {ALL}},
    ("candidates", "read"): {L: {ASSIGNED}, S: {ASSIGNED}},
    ("candidates", "write"): {S: {ASSIGNED}},
    ("hiring_cards", "read"): {L: {ASSIGNED}, S: {OWN, ASSIGNED}},
    ("hiring_cards", "write"): {S: {OWN}},
    ("owed", "read"): {A: {ALL}, C: {ALL}, L: {TEAM}, E: {OWN}},
    ("owed", "write"): {C: {ALL}},
    ("causes", "read"): {A: {ALL}, C: {ALL}, F: {ALL}, K: {ALL}, L: {TEAM}, E: {OWN}},
    ("causes", "write"): {C: {ALL}, L: {TEAM}, E: {OWN}},
    ("rollouts", "read"): {C: {ALL}},
    ("rollouts", "write"): {C: {ALL}},
    ("effects", "read"): {A: {GROUP}, C: {GROUP}, K: {GROUP}, L: {GROUP}, E: {GROUP}},
    ("effects", "write"): {C: {ALL}},
    ("charts", "read"): {A: {GROUP}, C: {GROUP}, K: {GROUP}, L: {GROUP}, E: {GROUP}},
    ("charts", "write"): {C: {ALL}, L: {TEAM}},
    ("own_readings", "read"): {K: {ASSIGNED}, L: {TEAM}, E: {OWN}},
    ("own_readings", "write"): {E: {OWN}},
    ("lead_readings", "read"): {C: {ALL}},
    ("lead_readings", "write"): {C: {ALL}},
    ("situations", "read"): {C: {ALL}, F: {ASSIGNED}, K: {ASSIGNED}, E: {OWN}},
    ("situations", "write"): {C: {ALL}, F: {ASSIGNED}, K: {ASSIGNED}, E: {OWN}},
    ("pulse", "write"): {E: {OWN}},
    ("pulse_figures", "read"): {A: {GROUP}, C: {GROUP}, L: {GROUP}, E: {GROUP}},
    ("feeds", "read"): {E: {OWN}},
    ("feeds", "write"): {E: {OWN}},
    ("feeds", "revoke"): {A: {ALL}, E: {OWN}},
    ("tokens", "read"): {E: {OWN}},
    ("tokens", "write"): {E: {OWN}},
    ("integrations", "read"): {A: {ALL}},
    ("integrations", "write"): {A: {ALL}},
    ("letters", "read"): {A: {ALL}, C: {ALL}, E: {OWN}},
    ("letters", "write"): {A: {ALL}, C: {ALL}},
    ("audit", "read"): {A: {ALL}, E: {OWN}},
    ("erasure", "read"): {A: {ALL}},
    ("erasure", "write"): {A: {ALL}},
    ("retention", "read"): {A: {ALL}},
    ("retention", "write"): {A: {ALL}},
    ("webhooks", "read"): {A: {ALL}},
    ("webhooks", "write"): {A: {ALL}},
    ("imports", "read"): {A: {ALL}, C: {ALL}},
    ("imports", "write"): {A: {ALL}, C: {ALL}},
    ("exports", "read"): {A: {ALL}, C: {ALL}, E: {OWN}},
    ("programme", "read"): {E: {ALL}},
    ("programme", "write"): {C: {ALL}},
    ("runs", "read"): {A: {ALL}, C: {ALL}},
    ("runs", "write"): {C: {ALL}},
    ("health", "read"): {A: {ALL}, C: {ALL}},
    ("matrix", "read"): {E: {ALL}},
}


def a_viewer(*grants, team="alfama"):
    return Viewer("ana", "Ana Correia", tuple(grants), team)


def test_table_has_exactly_the_promised_records_and_actions():
    assert {(record, action) for record, actions in MATRIX.items() for action in actions} == set(PROMISED)
    assert set(TITLES) == set(MATRIX)


@pytest.mark.parametrize(("record", "action"), sorted(PROMISED))
@pytest.mark.parametrize("role", list(Role))
def test_every_cell_is_as_promised(record, action, role):
    found = scope(a_viewer(Grant(role)) if role is not E else a_viewer(), record, action)
    promised = PROMISED[record, action].get(role, set()) | PROMISED[record, action].get(E, set())
    assert found.extents == promised
    assert found.person_id == "ana"
    assert found.team_ids == (frozenset({"alfama"}) if TEAM in promised else frozenset())


def test_assessor_reaches_no_more_than_an_employee_but_for_hiring():
    for record, actions in MATRIX.items():
        for action in actions if record not in ("vacancies", "candidates", "hiring_cards") else ():
            assert scope(a_viewer(Grant(S)), record, action) == scope(a_viewer(), record, action)


def test_all_of_a_limited_role_is_its_teams():
    found = scope(a_viewer(Grant(C, "belem"), Grant(C, "patan")), "people", "write")
    assert found == Scope(frozenset({TEAM}), frozenset({"belem", "patan"}), "ana")
    assert not found.everything


def test_an_unlimited_grant_beside_a_limited_one_wins():
    assert scope(a_viewer(Grant(C, "belem"), Grant(C)), "people", "write").everything


def test_lead_of_another_team_reaches_that_team_not_the_own():
    found = scope(a_viewer(Grant(L, "belem")), "owed", "read")
    assert found.team_ids == {"belem"}
    assert found.extents == {TEAM, OWN}


def test_lead_without_limit_and_without_team_reaches_no_team():
    assert not scope(a_viewer(Grant(L), team=None), "requirement", "read")


def test_roles_add_up():
    found = scope(a_viewer(Grant(L, "belem"), Grant(F)), "sessions", "read")
    assert found.extents == {TEAM, ASSIGNED, OWN}


def test_unknown_record_is_misuse():
    with pytest.raises(KeyError):
        scope(a_viewer(), "payroll", "read")


def test_covers_asks_whose_team_or_who_leads():
    of_team = Scope(frozenset({TEAM}), frozenset({"belem"}), "ana")
    assert of_team.covers(team_id="belem")
    assert not of_team.covers(team_id="alfama")
    assert not of_team.covers(person_id="ana")
    assert not of_team.covers()
    own = Scope(frozenset({OWN, BUSY}), frozenset(), "ana")
    assert own.covers(person_id="ana")
    assert not own.covers(person_id="bruno", team_id="alfama", assigned_to="ana")
    leads = Scope(frozenset({ASSIGNED}), frozenset(), "ana")
    assert leads.covers(assigned_to="ana")
    assert not leads.covers(assigned_to="bruno", person_id="ana")
    assert Scope(frozenset({ALL}), frozenset(), "ana").covers()
    assert not Scope(frozenset(), frozenset(), "ana").covers(person_id="ana", team_id="alfama", assigned_to="ana")


@pytest.mark.parametrize(
    ("extents", "there", "wide", "singles"),
    [
        (set(), False, False, False),
        ({ALL}, True, True, True),
        ({TEAM}, True, True, True),
        ({ASSIGNED}, True, False, True),
        ({OWN, BUSY}, True, False, True),
        ({GROUP}, True, False, False),
        ({BUSY}, True, False, False),
    ],
)
def test_scope_says_how_far_it_goes(extents, there, wide, singles):
    found = Scope(frozenset(extents), frozenset(), "ana")
    assert (bool(found), found.wide, found.singles) == (there, wide, singles)


def test_allow_marks_a_view_and_gives_it_back():
    def view():
        return "page"

    assert allow("draft", "write")(view) is view
    assert permission_of(view) == Permission("draft", "write")
    assert str(permission_of(view)) == "draft:write"
    assert permission_of(view).scope(a_viewer(Grant(C))).everything


def test_a_public_route_has_no_scope():
    @allow("public")
    def view():
        return "page"

    found = permission_of(view)
    assert found.public
    assert str(found) == "public"
    with pytest.raises(ValueError, match="no scope"):
        found.scope(a_viewer())


def test_a_view_without_declaration_has_no_permission():
    assert permission_of(lambda: "page") is None


@pytest.mark.parametrize(("record", "action"), [("payroll", "read"), ("home", "write"), ("matrix", "revoke")])
def test_allow_refuses_what_the_table_lacks(record, action):
    with pytest.raises(ValueError, match=f"{record}:{action}"):
        allow(record, action)


def test_nobody_but_owner_and_leader_sees_coaching_by_name():
    for role in (A, C, L, E, S):
        found = policy.scope(a_viewer(Grant(role)), "coaching_calendar", "read")
        assert not found.covers(person_id="bruno", team_id="alfama", assigned_to="nadia")
