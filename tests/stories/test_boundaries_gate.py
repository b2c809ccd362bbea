"""Nobody is seated behind the gate before there is evidence of it, on every way in (product.md A3, figure 10).

The gate is judged here by its own few lines, not by the verifier: evidence is earlier learning, a session attended, or
a seat in one that ends before the gated one begins.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from devsys.actions import (
    answer_session,
    edit_draft,
    find_places,
    import_files,
    list_issues,
    offer_seats,
    publish_plan,
    record_absence,
    record_attendance,
    repair_absence,
    request_coaching,
    swap_places,
)
from devsys.actions.answer_session import Outcome
from devsys.adapters.store.queries import accounts, asks, people, plans, programme, sessions
from devsys.adapters.store.queries.asks import What
from devsys.adapters.store.tables.people import HeldRow
from devsys.base.errors import ConflictError, InvalidError
from devsys.core.model.access import Role, Viewer
from devsys.core.model.calendar import Place, Status
from devsys.core.model.people import Absence
from tests.builders import CAST, a_session, id_of
from tests.stories import acts
from tests.web import scenes

GATE = "professional_boundaries"
ANA, BRUNO, DIOGO = (id_of(c) for c in ("ana.correia", "bruno.matos", "diogo.faria"))
FAR = datetime(2026, 3, 24, 13)  # eleven weeks behind the gate: farther than the rules of weeks look


def viewer_of(parts, person_id):
    with parts.store.read() as db:
        return accounts.viewer_of(db, person_id) or Viewer(person_id, person_id, (), None, "Europe/Lisbon")


def before_the_gate(parts):
    """Give (person id, activity, start) of every seat to come without evidence of what its activity asks for."""
    now = parts.now()
    with parts.store.read() as db:
        known = programme.activities(db)
        standing = sessions.published(db)
        marks = sessions.attendance(db, [s.id for s in standing])
        held = {(h.person_id, h.activity) for h in people.organisation(db).held}
    found = []
    for session in standing:
        for person in session.people if session.starts_utc > now else ():
            for gate in known[session.activity].prerequisites:
                seats = [
                    s
                    for s in standing
                    if s.activity == gate
                    and person in s.people
                    and s.ends_utc <= session.starts_utc
                    and marks.get(s.id, {}).get(person, True)
                ]
                if not seats and (person, gate) not in held:
                    found.append((person, session.activity, session.starts))
    return found


@pytest.fixture
def planned(parts, organisation):
    """The scene, and far behind its gate one more skill session of the same four."""
    assert organisation.people
    found = scenes.plan_and_publish(parts)
    far = replace(found["skill"], id=id_of("session far"), uid="far@devsys", starts=FAR, starts_utc=FAR.astimezone())
    far = a_session(
        "far",
        activity="hear_fully",
        starts=FAR,
        people=("ana.correia", "bruno.matos", "goncalo.reis", "helena.vaz"),
        facilitator="tiago.lopes",
        room="tejo",
        team=None,
    )
    scenes.add_published(parts, far)
    assert before_the_gate(parts) == []
    return found


@pytest.fixture
def olivia(parts, planned):
    assert planned.sessions
    return viewer_of(parts, id_of(CAST[Role.COORDINATOR]))


def test_no_plan_seats_anybody_before_it(parts, organisation):
    assert organisation.people
    scenes.adopt_shipped(parts)
    acts.bring(
        parts,
        "people",
        acts.rows(
            "people",
            {
                "code": "9001",
                "name": "Rita Prata",
                "email": "rita@northgate.example",
                "team": "alfama",
                "queue": "billing",
                "pattern": "early",
                "joined": "2026-02-02",
            },
        ),
    )
    acts.plan(parts, weeks=16)
    rita = acts.person_of(parts, "9001").id
    mine = [s for s in acts.published(parts) if rita in s.people]
    assert mine[0].activity == GATE
    assert any(s.activity != GATE for s in mine)
    assert before_the_gate(parts) == []


@pytest.mark.parametrize("which", ["gate behind", "gated before"])
def test_no_move_by_hand_is_published_that_does(parts, planned, olivia, which):
    session, starts = {
        "gate behind": (planned["boundaries"], datetime(2026, 3, 27, 12, 30)),
        "gated before": (planned["skill"], datetime(2026, 1, 6, 13)),
    }[which]
    edited = edit_draft.move(parts, olivia, None, session.id, starts, cause="a try")
    with pytest.raises(InvalidError) as refused:
        publish_plan.publish(parts, edited.draft_id, by_id=olivia.person_id, cause="a try")
    assert "prerequisite" in {fault.where for fault in refused.value.faults}
    assert before_the_gate(parts) == []


def test_the_gate_cannot_be_left_out_of_a_plan_that_builds_on_it(parts, planned, olivia):
    edited = edit_draft.leave_out(parts, olivia, None, planned["boundaries"].id, cause="a try")
    with pytest.raises(InvalidError):
        publish_plan.publish(parts, edited.draft_id, by_id=olivia.person_id, cause="a try")
    without = {s.id for s in acts.published(parts) if s.activity in ("hear_fully", "coaching_calls") and s.starts < FAR}
    for id_ in without:
        edited = edit_draft.leave_out(parts, olivia, edited.draft_id, id_, cause="a try")
    with pytest.raises(InvalidError) as refused:
        publish_plan.publish(parts, edited.draft_id, by_id=olivia.person_id, cause="a try")
    assert {fault.where for fault in refused.value.faults} >= {"prerequisite"}
    assert before_the_gate(parts) == []


def test_who_cannot_come_to_it_keeps_the_seat_while_others_build_on_it(parts, planned):
    bruno = viewer_of(parts, BRUNO)
    for session in acts.published(parts):
        if session.activity == "hear_fully" and session.starts < FAR:
            scenes.add_published(parts, replace(session, status=Status.CANCELLED))
    offer = answer_session.look(parts, bruno, planned["boundaries"].id)
    assert not offer.may_leave
    assert "prerequisite" in {v.rule for v in offer.stands_on}
    assert all(d.session.ends_utc < planned["boundaries"].starts_utc + timedelta(weeks=11) for d in offer.dates)
    assert answer_session.decline(parts, bruno, planned["boundaries"].id).outcome is Outcome.ASKED
    assert before_the_gate(parts) == []


def test_who_cannot_come_to_it_may_leave_where_nothing_builds_on_it(parts, planned):
    bruno = viewer_of(parts, BRUNO)
    behind = [s for s in acts.published(parts) if BRUNO in s.people and s.activity != GATE]
    left = (replace(s, places=tuple(p for p in s.places if p.person_id != BRUNO)) for s in behind)
    scenes.add_published(parts, *left)
    assert answer_session.look(parts, bruno, planned["boundaries"].id).may_leave
    assert before_the_gate(parts) == []


def test_no_free_place_offer_or_swap_seats_anybody_before_it(parts, planned, olivia):
    """Diogo holds nothing, has no seat in the gate, and is owed skill sessions that are held anyway."""
    diogo = viewer_of(parts, DIOGO)
    with parts.store.read() as db:
        draft_id = plans.draft_of_version(db, 1)
        owed = [o for o in plans.owed_in(db, draft_id, person_id=DIOGO) if o.activity == "hear_fully"]
    with parts.store.write() as db:
        plans.keep_owed(db, plans.draft_of_version(db, plans.pointer(db)), owed)
    for one in owed:
        assert find_places.look(parts, diogo, one.need).open == ()
        for session in (planned["skill"].id, id_of("session far")):
            with pytest.raises(ConflictError):
                find_places.take(parts, diogo, one.need, session)
    offer_seats.offer_seats(parts)
    with parts.store.read() as db:
        offered = [a.person_id for a in asks.of_kind(db, What.SEAT, [planned["skill"].id, id_of("session far")])]
    assert DIOGO not in offered
    # The other way round: who holds the gate may.
    with parts.store.write() as db:
        db.add(HeldRow(person_id=DIOGO, activity=GATE, day=date(2025, 3, 3)))
    assert any(find_places.look(parts, diogo, one.need).open for one in owed)
    assert before_the_gate(parts) == []
    assert olivia.person_id


def test_no_swap_brings_anybody_before_it(parts, planned):
    """Of two gates held for different people the later one ends behind the near skill session: nobody changes over."""
    later = replace(
        planned["boundaries"],
        id=id_of("session gate-2"),
        uid="gate-2@devsys",
        starts=datetime(2026, 2, 4, 12, 30),
        starts_utc=planned["boundaries"].starts_utc + timedelta(weeks=4),
        places=(Place(DIOGO, ""),),
    )
    scenes.add_published(parts, later)
    found = swap_places.look(parts, viewer_of(parts, BRUNO), planned["boundaries"].id)
    assert later.id not in {s.id for s in found.dates}
    with pytest.raises(ConflictError):
        swap_places.ask(parts, viewer_of(parts, BRUNO), planned["boundaries"].id, later.id)


def test_no_coaching_begins_before_it(parts, organisation):
    assert organisation.people
    scenes.adopt_shipped(parts)
    with parts.store.read() as db:
        found = programme.activities(db)
    assert found["coaching_calls"].prerequisites == (GATE,)
    assert request_coaching is not None
    acts.plan(parts, weeks=8)
    assert before_the_gate(parts) == []


@pytest.mark.parametrize("day", ["2026-01-06", "2027-01-01"])
def test_no_earlier_learning_is_taken_that_lies_ahead(parts, organisation, day):
    assert organisation.people
    scenes.adopt_shipped(parts)
    text = acts.rows("held", {"person": "ana.correia", "activity": GATE, "date": day})
    outcome = import_files.bring(parts, "held", text.encode(), dry_run=False, by=None)
    assert [r.fault.what for r in outcome.refused] == [f"found “{day}”; wanted: a day up to today, 2026-01-05"]
    assert acts.standing(parts).held == ()


@pytest.mark.parametrize("days", [3, 8])
def test_who_was_not_there_is_an_issue_and_a_repair_frees_every_seat_behind_it(parts, planned, olivia, days):
    parts.clock.move(days=days)  # in the week of the gate, and in the next
    marks = {p: p != BRUNO for p in planned["boundaries"].people}
    record_attendance.mark(parts, viewer_of(parts, id_of("tiago.lopes")), planned["boundaries"].id, marks)
    assert {(person, code) for person, code, _ in before_the_gate(parts)} == {(BRUNO, "hear_fully")}
    assert list_issues.issues(parts, None).blocks
    about = repair_absence.About()
    found = repair_absence.settle(repair_absence.look(parts, about))
    repair_absence.publish(parts, olivia, about, seal=found.seal)
    assert before_the_gate(parts) == []


def test_who_leads_it_is_away_and_a_repair_leaves_no_seat_behind_it(parts, planned, olivia):
    record_absence.record(parts, olivia, Absence(id_of("tiago.lopes"), datetime(2026, 1, 7), datetime(2026, 1, 31)))
    about = repair_absence.About()
    found = repair_absence.settle(repair_absence.look(parts, about))
    repair_absence.publish(parts, olivia, about, seal=found.seal)
    assert before_the_gate(parts) == []
    assert planned.sessions
