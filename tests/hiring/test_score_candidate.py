"""Candidates: blind until all are in, also when two submit at once; decided once; erased on the day."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from devsys.actions import open_vacancy, score_candidate, tidy_up
from devsys.adapters.store.queries import audit, hiring, own_data
from devsys.adapters.store.sealed import Sealed
from devsys.adapters.store.tables.all import metadata
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.core.model.access import Role
from devsys.core.model.hiring import Criterion, Outcome, Rating
from tests.builders import CAST, DOMAIN, MONDAY, id_of
from tests.hiring.scene import HEARD, MAIL, NAME, REASON, Scene, open_scene, ratings, viewer_of, wanted

REASONS = {c: f"{REASON} {c}" for c in Criterion}


@pytest.fixture
def scene(parts, organisation):
    assert organisation.people
    return open_scene(parts)


def together(*acts: Callable[[], object]) -> list[object]:
    """Do several things at once; give what each gave or raised."""
    gate, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(i: int) -> None:
        gate.wait()
        try:
            found[i] = acts[i]()
        except Exception as error:  # noqa: BLE001 -- handed to the test
            found[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def seen_by(scene: Scene, viewer) -> set[str]:
    return {card.assessor_id for card in score_candidate.see(scene.parts, viewer, scene.candidate_id).cards}


def test_nobody_sees_another_card_until_all_are_in(scene):
    vera, rajesh = scene.vera.person_id, scene.rajesh.person_id
    assert seen_by(scene, scene.vera) == {vera}
    score_candidate.write_card(scene.parts, scene.vera, scene.candidate_id, ratings(), submit=False)
    assert seen_by(scene, scene.rajesh) == {rajesh}
    scene.submit(scene.vera)
    assert seen_by(scene, scene.rajesh) == {rajesh}
    assert seen_by(scene, scene.vera) == {vera}
    assert score_candidate.see(scene.parts, scene.vera, scene.candidate_id).lines == ()
    scene.submit(scene.rajesh, 1)
    assert seen_by(scene, scene.vera) == seen_by(scene, scene.rajesh) == {vera, rajesh}
    assert len(score_candidate.see(scene.parts, scene.vera, scene.candidate_id).lines) == 4


def test_two_who_submit_at_once_stay_blind_until_both_are_in(scene):
    for number in range(4):
        candidate_id = score_candidate.add(scene.parts, scene.vera, scene.vacancy_id, name=f"P{number}", contact="")
        one = Scene(scene.parts, scene.vacancy_id, candidate_id, scene.vera, scene.rajesh)

        def submit_and_look(viewer, one=one):
            one.submit(viewer)
            return score_candidate.see(one.parts, viewer, one.candidate_id)

        for seen in together(lambda: submit_and_look(one.vera), lambda: submit_and_look(one.rajesh)):  # noqa: B023
            others = len(seen.cards) == 2
            assert others is (seen.waiting == 0)
            assert bool(seen.lines) is others
        assert seen_by(one, scene.vera) == seen_by(one, scene.rajesh)
        assert len(seen_by(one, scene.vera)) == 2


def test_a_submitted_card_stands(scene):
    scene.submit(scene.vera)
    with pytest.raises(ConflictError, match="Your card is in since"):
        score_candidate.write_card(scene.parts, scene.vera, scene.candidate_id, ratings(1), submit=False)
    assert score_candidate.see(scene.parts, scene.vera, scene.candidate_id).cards[0].ratings[Criterion.CALM].level == 3


def test_a_card_without_evidence_is_refused_by_field(scene):
    unheard = {c: Rating("asked", "", 3) for c in Criterion}
    with pytest.raises(InvalidError) as refused:
        score_candidate.write_card(scene.parts, scene.vera, scene.candidate_id, unheard, submit=True)
    assert [fault.where for fault in refused.value.faults] == [f"heard-{c}" for c in Criterion]
    with pytest.raises(InvalidError) as refused:
        score_candidate.write_card(scene.parts, scene.vera, scene.candidate_id, {}, submit=True)
    assert [fault.where for fault in refused.value.faults] == [f"level-{c}" for c in Criterion]


def test_it_is_decided_once_with_a_reason_for_each_criterion(scene):
    def decide(viewer, outcome=Outcome.YES, reasons=REASONS):
        score_candidate.decide(scene.parts, viewer, scene.candidate_id, outcome, reasons)

    scene.submit(scene.vera)
    with pytest.raises(ConflictError, match="Not all cards are in"):
        decide(scene.vera)
    scene.submit(scene.rajesh)
    with pytest.raises(InvalidError) as refused:
        decide(scene.vera, reasons=REASONS | {Criterion.CURIOUS: ""})
    assert [fault.where for fault in refused.value.faults] == ["curious"]
    found = together(lambda: decide(scene.vera), lambda: decide(scene.rajesh, Outcome.NO))
    assert sorted(type(one).__name__ for one in found) == ["ConflictError", "NoneType"]
    said = str(next(one for one in found if one is not None))
    assert "decided it on 5 January 2026, 09:00 UTC. That decision stands." in said


def test_the_lead_of_the_vacancy_sees_cards_once_it_is_decided_and_other_leads_nothing(scene):
    lead = viewer_of(scene.parts, CAST[Role.LEAD])
    scene.submit(scene.vera)
    scene.submit(scene.rajesh)
    before = score_candidate.see(scene.parts, lead, scene.candidate_id)
    assert (before.cards, before.lines, before.decision) == ((), (), None)
    assert before.candidate.name == NAME
    score_candidate.decide(scene.parts, scene.vera, scene.candidate_id, Outcome.NO, REASONS)
    after = score_candidate.see(scene.parts, lead, scene.candidate_id)
    assert len(after.lines) == 4
    assert after.decision.reasons == REASONS
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.COACH, Role.FACILITATOR, Role.EMPLOYEE):
        with pytest.raises(NotFoundError):
            score_candidate.see(scene.parts, viewer_of(scene.parts, CAST[role]), scene.candidate_id)
    with pytest.raises(NotFoundError):
        score_candidate.decide(scene.parts, lead, scene.candidate_id, Outcome.YES, REASONS)


def test_a_change_of_assessors_reaches_only_candidates_still_assessed(scene):
    scene.submit(scene.vera)
    olivia = viewer_of(scene.parts, CAST[Role.COORDINATOR])
    alone = wanted(scene.parts, assessors=frozenset({scene.vera.person_id}))
    with pytest.raises(InvalidError) as refused:
        open_vacancy.keep(scene.parts, olivia, alone, vacancy_id=scene.vacancy_id, today=MONDAY)
    assert [fault.where for fault in refused.value.faults] == ["assessors"]
    with pytest.raises(NotFoundError):
        open_vacancy.keep(scene.parts, scene.vera, wanted(scene.parts), vacancy_id=scene.vacancy_id, today=MONDAY)


def test_reading_is_in_the_list_of_a_candidate_who_works_here(scene):
    ana = id_of("ana.correia")
    inside = score_candidate.add(scene.parts, scene.vera, scene.vacancy_id, name="Ana", contact=f"Ana.Correia@{DOMAIN}")
    score_candidate.see(scene.parts, scene.rajesh, inside)
    score_candidate.see(scene.parts, scene.rajesh, scene.candidate_id)
    with scene.parts.store.read() as db:
        reads = [(act.by, act.act) for act in audit.acts(db, by_id=ana)]
        kept = {k.table: k.rows for k in own_data.everything_about(db, ana)}
    assert reads == [("Rajesh Karki", "read hiring card")]
    assert [row["name"] for row in kept["candidate"]] == ["Ana"]
    assert kept["hiring_card"] == ()


def test_nobody_assesses_themselves(scene):
    with pytest.raises(InvalidError):
        score_candidate.add(scene.parts, scene.vera, scene.vacancy_id, name="Rajesh", contact=f"rajesh.karki@{DOMAIN}")


def test_a_closed_vacancy_takes_nobody(scene):
    olivia = viewer_of(scene.parts, CAST[Role.COORDINATOR])
    open_vacancy.close(scene.parts, olivia, scene.vacancy_id, closed=True, today=MONDAY)
    with pytest.raises(ConflictError, match="was closed on 5 January 2026"):
        score_candidate.add(scene.parts, scene.vera, scene.vacancy_id, name="Late", contact="")


def test_the_tidy_run_erases_on_the_day_and_not_before(scene):
    scene.submit(scene.vera)
    scene.submit(scene.rajesh)
    score_candidate.decide(scene.parts, scene.vera, scene.candidate_id, Outcome.NO, REASONS)
    waiting = score_candidate.add(scene.parts, scene.vera, scene.vacancy_id, name="Undecided", contact="")
    day = score_candidate.see(scene.parts, scene.vera, scene.candidate_id).candidate.erase_on
    scene.parts.clock.move(days=(day - MONDAY).days - 1)
    assert tidy_up.tidy_up(scene.parts)["candidate"] == 0
    scene.parts.clock.move(days=1)
    assert tidy_up.tidy_up(scene.parts)["candidate"] == 1
    with pytest.raises(NotFoundError):
        score_candidate.see(scene.parts, scene.vera, scene.candidate_id)
    with scene.parts.store.read() as db:
        assert [c.id for c in hiring.candidates(db, scene.vacancy_id, 6)] == [waiting]
        assert hiring.decision(db, scene.candidate_id) is None
    scene.parts.clock.move(days=timedelta(days=366).days)
    assert tidy_up.tidy_up(scene.parts)["candidate"] == 1


def test_an_assessor_erases_when_asked(scene):
    score_candidate.erase(scene.parts, scene.vera, scene.candidate_id)
    with pytest.raises(NotFoundError):
        score_candidate.see(scene.parts, scene.vera, scene.candidate_id)


def test_everything_said_of_a_candidate_is_sealed_and_no_column_holds_a_level(scene):
    scene.submit(scene.vera)
    scene.submit(scene.rajesh)
    score_candidate.decide(scene.parts, scene.vera, scene.candidate_id, Outcome.NO, REASONS)
    tables = [metadata.tables[name] for name in ("candidate", "hiring_card", "hiring_decision")]
    assert {(t.name, c.name) for t in tables for c in t.columns if isinstance(c.type, Sealed)} == {
        ("candidate", "name"),
        ("candidate", "contact"),
        ("hiring_card", "ratings"),
        ("hiring_decision", "said"),
    }
    assert {str(c.type) for t in tables for c in t.columns} <= {"VARCHAR", "BLOB", "DATETIME"}
    with scene.parts.store.read() as db:
        rows = repr([db.execute(table.select()).all() for table in metadata.tables.values()])
    for word in (NAME, MAIL, HEARD, REASON, "Zebr"):
        assert word not in rows
