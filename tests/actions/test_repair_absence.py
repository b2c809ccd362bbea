"""Repairs on a real store: what cannot stand, what is chosen, what is published alone, what becomes of drafts."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import edit_draft, import_files, publish_plan, record_absence, repair_absence
from devsys.actions.repair_absence import LATER, About, key_of
from devsys.adapters.store.queries import accounts, calendar_figures, plans, sessions
from devsys.base.errors import ConflictError, InvalidError, NotAllowedError
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.calendar import Status
from devsys.core.model.causes import FACILITATOR_CHANGED, FOR_THE_QUEUE
from devsys.core.model.people import Absence, Closure, Emergency
from devsys.core.planning.choices import Way
from tests.builders import a_session, id_of
from tests.stories import acts
from tests.web import scenes

DAY = timedelta(days=1)
TIAGO = About(person_id=id_of("tiago.lopes"))


def viewer_of(parts, code):
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of(code))


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def coordinator(parts, planned):
    assert planned.sessions
    return viewer_of(parts, "olivia.brandt")


def away(parts, coordinator, code, first, end=None):
    """Write that somebody is away from a day of 2026 (month, day) to before another."""
    until = None if end is None else datetime(2026, *end)
    record_absence.record(parts, coordinator, Absence(id_of(code), datetime(2026, *first), until))


def shop(parts, about=TIAGO, picks=None):
    """Give what comes of picking, and its seal."""
    return repair_absence.settle(repair_absence.look(parts, about), picks)


def repair(parts, viewer, about=TIAGO, picks=None):
    settled = shop(parts, about, picks)
    return repair_absence.publish(parts, viewer, about, picks=picks, seal=settled.seal)


def a_choice(found, session, way):
    """Give the key of a session's choice of a way."""
    one = next(a for a in found.affected if a.session.id == session.id)
    return key_of(next(c for c in one.choices if c.way is way))


def test_nothing_is_touched_while_everybody_is_there(parts, coordinator):
    found = repair_absence.look(parts, About())
    assert (found.affected, found.stuck, found.waiting) == ((), (), ())
    settled = repair_absence.settle(found)
    assert (settled.differences, settled.disturbed, dict(settled.owed)) == ((), frozenset(), {})
    with pytest.raises(ConflictError, match="Nothing was changed"):
        repair_absence.publish(parts, coordinator, About(), seal=settled.seal)


def test_taking_the_suggestions_publishes_them_alone(parts, planned, coordinator):
    before = {s.id: s for s in acts.published(parts)}
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    done = repair(parts, coordinator)
    after = {s.id: s for s in acts.published(parts)}
    touched = {planned["alfama"].id, planned["skill"].id}
    assert done.number == 2
    assert {i for i, s in before.items() if after.get(i) != s} == touched
    assert {after[i].facilitator_id for i in touched if i in after}.isdisjoint({id_of("tiago.lopes")})
    assert repair_absence.look(parts, TIAGO).affected == ()
    assert acts.Count(parts).faults() == []


def test_what_others_read_never_names_who_is_away(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    repair(parts, coordinator)
    with parts.store.read() as db:
        version = plans.latest(db)
        states = [s for code in ("alfama", "skill") for _, s in sessions.history(db, planned[code].id)]
    said = " ".join([version.cause, *(s.cause for s in states)])
    assert version.cause == f"repair: {FACILITATOR_CHANGED}"
    assert "Tiago" not in said
    assert "away" not in said


def test_a_session_left_for_now_stays_and_is_still_found(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    picks = {planned["alfama"].id: LATER}
    settled = shop(parts, picks=picks)
    assert [a.session.id for a in settled.left] == [planned["alfama"].id]
    repair(parts, coordinator, picks=picks)
    assert scenes.published(parts, planned["alfama"].id) == planned["alfama"]
    assert [a.session.id for a in repair_absence.look(parts, TIAGO).affected] == [planned["alfama"].id]


def test_a_pick_that_is_no_choice_is_a_conflict(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    with pytest.raises(ConflictError, match="look at the repairs again"):
        shop(parts, picks={planned["alfama"].id: "nonsense"})


def test_somebody_of_the_group_away_gives_the_seat_back(parts, planned, coordinator):
    """Three of the round of Billing Alfama, which needs at least three: without Ana it is another round, or none."""
    away(parts, coordinator, "ana.correia", (1, 27), (1, 28))
    about = About(person_id=id_of("ana.correia"))
    assert [a.rule for a in repair_absence.look(parts, about).affected] == ["at_work"]
    repair(parts, coordinator, about)
    assert acts.Count(parts).faults() == []
    with parts.store.read() as db:
        causes = {s.cause for _, s in sessions.history(db, planned["alfama"].id)[1:]}
    assert causes <= {"somebody cannot come", "people came from another session"}


def test_an_absence_without_an_end_lets_later_sessions_wait(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 5))
    near = repair_absence.look(parts, TIAGO)
    assert [a.session.id for a in near.affected] == [planned["boundaries"].id]
    assert set(near.waiting) == {planned["alfama"].id, planned["skill"].id}
    far = repair_absence.look(parts, replace(TIAGO, far=True))
    assert {a.session.id for a in far.affected} == {planned[c].id for c in ("boundaries", "alfama", "skill")}
    assert far.waiting == ()


def test_what_has_begun_stands(parts, planned, coordinator):
    parts.clock.now = planned["boundaries"].starts_utc + timedelta(minutes=10)
    away(parts, coordinator, "tiago.lopes", (1, 7), (1, 8))
    found = repair_absence.look(parts, TIAGO)
    assert (found.affected, found.stuck) == ((), ())


def test_a_pinned_session_is_for_a_person_to_let_go(parts, planned, coordinator):
    edit_draft.pin(parts, coordinator, planned["alfama"].id, pinned=True)
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    found = repair_absence.look(parts, TIAGO)
    assert planned["alfama"].id not in {a.session.id for a in found.affected}
    assert [v.sessions for v in found.stuck] == [(planned["alfama"].id,)]
    repair(parts, coordinator)
    assert scenes.published(parts, planned["alfama"].id) == replace(planned["alfama"], pinned=True)


def an_emergency(parts, coordinator, agents=9):
    """Let Delivery need its people while its round of 16 February is on, and more of them than are there."""
    start = datetime(2026, 2, 16, 11)
    call = Emergency(id_of("delivery"), start, start + timedelta(hours=1), agents)
    record_absence.call_emergency(parts, coordinator, call)
    return About(queue_id=id_of("delivery"))


def test_a_requirement_imported_later_is_found_in_the_same_way(parts, planned, coordinator):
    acts.require(parts, "delivery", *[(hour, 3) for hour in range(9, 18)], days=("mon",))
    found = repair_absence.look(parts)
    assert planned["belem"].id in {a.session.id for a in found.affected}
    assert coordinator.person_id


def test_a_leaver_imported_later_is_found_too(parts, planned):
    with parts.store.read() as db:
        person = next(p for p in acts.standing(parts).people if p.code == "tiago.lopes")
        assert db is not None
    text = import_files.export(parts, "people").splitlines()
    head, row = text[0], next(line for line in text if line.startswith("tiago.lopes,"))
    leaving = {**dict(zip(head.split(","), row.split(","), strict=True)), "left": "2026-01-20"}
    acts.bring(parts, "people", acts.rows("people", leaving))
    touched = {a.session.id for a in repair_absence.look(parts).affected}
    assert {planned["alfama"].id, planned["skill"].id} <= touched
    assert planned["boundaries"].id not in touched
    assert person.left is None


def test_somebody_who_published_meanwhile_is_named_and_nothing_is_written(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    settled = shop(parts)
    other = edit_draft.move(parts, coordinator, None, planned["belem"].id, datetime(2026, 2, 16, 12, 30), cause="x")
    publish_plan.publish(parts, other.draft_id, by_id=coordinator.person_id, cause="room taken")
    before = scenes.everything(parts)
    with pytest.raises(ConflictError, match=r"Olivia Brandt published another plan on 5 January 2026 at 09:00 UTC"):
        repair_absence.publish(parts, coordinator, TIAGO, seal=settled.seal)
    assert scenes.everything(parts) == before


def test_an_organisation_that_changed_asks_to_look_again(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    settled = shop(parts)
    suggested = {d.after.facilitator_id for d in settled.differences}
    for code in ("marta.nogueira", "nadia.haddad"):
        if id_of(code) in suggested:
            away(parts, coordinator, code, (1, 20), (2, 10))
    before = scenes.everything(parts)
    with pytest.raises(ConflictError, match="look at the repairs again"):
        repair_absence.publish(parts, coordinator, TIAGO, seal=settled.seal)
    assert scenes.everything(parts) == before
    assert planned.sessions


def test_two_who_publish_the_same_repair_at_once(parts, planned, coordinator):
    """One wins, the other is told; the plan has one version more (product.md section 10, line 14)."""
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    seal = shop(parts).seal
    begun = threading.Barrier(2)
    ended: list[str] = []

    def try_it() -> None:
        begun.wait()
        try:
            repair_absence.publish(parts, coordinator, TIAGO, seal=seal)
            ended.append("published")
        except ConflictError as error:
            ended.append(error.message)

    both = [threading.Thread(target=try_it) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    with parts.store.read() as db:
        assert plans.pointer(db) == 2
    assert sorted(w == "published" for w in ended) == [False, True]
    assert any("Olivia Brandt published another plan" in w for w in ended)
    assert planned.sessions


def test_only_a_coordinator_of_all_teams_publishes(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    seal = shop(parts).seal
    limited = Viewer(id_of("vera.antunes"), "Vera Antunes", (Grant(Role.COORDINATOR, id_of("alfama")),))
    for who in (viewer_of(parts, "marta.nogueira"), viewer_of(parts, "rui.carvalho"), limited):
        with pytest.raises(NotAllowedError):
            repair_absence.publish(parts, who, TIAGO, seal=seal)
    with parts.store.read() as db:
        assert plans.pointer(db) == 1
    assert planned.sessions


# ---- drafts


def a_draft_that(parts, coordinator, session, **more):
    """Change a session in the coordinator's draft; give the draft's id."""
    starts = more.pop("starts", session.starts)
    return edit_draft.move(parts, coordinator, None, session.id, starts, cause="by hand", **more).draft_id


def test_a_draft_beside_it_stays_a_draft_on_the_new_version(parts, planned, coordinator):
    draft_id = a_draft_that(parts, coordinator, planned["belem"], starts=datetime(2026, 2, 16, 12, 30))
    drafted = scenes.drafted(parts, draft_id)
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    done = repair(parts, coordinator)
    assert [(d.draft_id, d.crossed) for d in done.drafts] == [(draft_id, ())]
    assert scenes.drafted(parts, draft_id) == drafted
    with parts.store.read() as db:
        draft = plans.draft(db, draft_id)
    assert (draft.state, draft.base) == ("open", 2)
    assert draft.figures.needs == draft.figures.placed + draft.figures.owed
    seen = publish_plan.preview(parts, draft_id)
    assert not seen.outdated
    assert publish_plan.publish(parts, draft_id, by_id=coordinator.person_id, cause="by hand") == 3
    assert scenes.published(parts, planned["belem"].id).starts == datetime(2026, 2, 16, 12, 30)


def test_a_draft_on_an_older_version_is_left_alone(parts, planned, coordinator):
    draft_id = a_draft_that(parts, coordinator, planned["belem"], starts=datetime(2026, 2, 16, 12, 30))
    scenes.add_published(parts, a_session("more", starts=datetime(2026, 2, 24, 14)))
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    assert repair(parts, coordinator).drafts == ()
    with parts.store.read() as db:
        assert plans.draft(db, draft_id).base == 1
    assert planned.sessions


def test_a_draft_that_moves_what_the_repair_leads_otherwise_keeps_both(parts, planned, coordinator):
    starts = datetime(2026, 1, 27, 12)
    draft_id = a_draft_that(parts, coordinator, planned["alfama"], starts=starts)
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    found = repair_absence.look(parts, TIAGO)
    picks = {planned["alfama"].id: a_choice(found, planned["alfama"], Way.SUBSTITUTE)}
    repair(parts, coordinator, picks=picks)
    leads = scenes.published(parts, planned["alfama"].id).facilitator_id
    drafted = scenes.drafted(parts, draft_id)[planned["alfama"].id]
    assert leads != id_of("tiago.lopes")
    assert (drafted.starts, drafted.facilitator_id, drafted.cause) == (starts, leads, "by hand")
    assert dict(publish_plan.preview(parts, draft_id).crossed) == {}


def crossed(parts, planned, coordinator):
    """Let a draft and a repair give a session different facilitators; give the draft and the repair's word."""
    draft_id = a_draft_that(parts, coordinator, planned["alfama"], facilitator_id=id_of("rajesh.karki"))
    away(parts, coordinator, "tiago.lopes", (1, 27), (1, 28))
    repair(parts, coordinator)
    return draft_id, scenes.published(parts, planned["alfama"].id)


def test_where_both_say_different_things_somebody_decides(parts, planned, coordinator):
    draft_id, now = crossed(parts, planned, coordinator)
    drafted = scenes.drafted(parts, draft_id)
    assert drafted[now.id].facilitator_id == id_of("rajesh.karki") != now.facilitator_id
    assert dict(publish_plan.preview(parts, draft_id).crossed) == {now.id: 2}
    with pytest.raises(InvalidError, match="which one holds"):
        publish_plan.publish(parts, draft_id, by_id=coordinator.person_id, cause="by hand")
    assert scenes.published(parts, now.id) == now
    edit_draft.keep_drafted(parts, coordinator, draft_id, now.id)
    assert dict(publish_plan.preview(parts, draft_id).crossed) == {}
    assert scenes.drafted(parts, draft_id) == drafted


def test_taking_what_is_published_ends_the_quarrel(parts, planned, coordinator):
    draft_id, now = crossed(parts, planned, coordinator)
    edit_draft.undo(parts, coordinator, draft_id, now.id)
    seen = publish_plan.preview(parts, draft_id)
    assert (dict(seen.crossed), seen.differences) == ({}, ())


def test_changing_the_session_again_by_hand_ends_it_too(parts, planned, coordinator):
    draft_id, now = crossed(parts, planned, coordinator)
    edit_draft.move(parts, coordinator, draft_id, now.id, now.starts + timedelta(hours=1), cause="by hand")
    assert dict(publish_plan.preview(parts, draft_id).crossed) == {}


def test_a_dropped_draft_forgets_its_quarrels(parts, planned, coordinator):
    draft_id, _ = crossed(parts, planned, coordinator)
    edit_draft.discard(parts, coordinator, draft_id)
    with parts.store.read() as db:
        assert plans.crossed(db, draft_id) == {}


def test_a_session_cancelled_meanwhile_is_not_brought_back_unseen(parts, planned, coordinator):
    draft_id = a_draft_that(parts, coordinator, planned["belem"], starts=datetime(2026, 2, 16, 12, 30))
    about = an_emergency(parts, coordinator)
    found = repair_absence.look(parts, about)
    picks = {planned["belem"].id: a_choice(found, planned["belem"], Way.CANCEL)}
    done = repair(parts, coordinator, about, picks)
    assert [d.crossed for d in done.drafts] == [(planned["belem"].id,)]
    assert scenes.drafted(parts, draft_id)[planned["belem"].id].status is Status.PLANNED
    with pytest.raises(InvalidError, match="which one holds"):
        publish_plan.publish(parts, draft_id, by_id=coordinator.person_id, cause="by hand")


def test_a_draft_that_says_the_same_by_now_says_nothing(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 27), (1, 28))
    settled = shop(parts)
    after = next(d.after for d in settled.differences if d.after.id == planned["alfama"].id)
    draft_id = a_draft_that(
        parts, coordinator, planned["alfama"], starts=after.starts, facilitator_id=after.facilitator_id
    )
    done = repair(parts, coordinator)
    assert [d.idle for d in done.drafts] == [(planned["alfama"].id,)]
    assert scenes.drafted(parts, draft_id) == {}


def test_comparing_again_takes_in_what_was_published_meanwhile(parts, planned, coordinator):
    """The way by hand is the same: a draft on an older version keeps its word, and is told where it was crossed."""
    draft_id = a_draft_that(parts, coordinator, planned["alfama"], starts=datetime(2026, 1, 27, 12))
    session = planned["alfama"]
    other = replace(session, facilitator_id=id_of("nadia.haddad"), starts=session.starts.replace(hour=13))
    other = replace(other, starts_utc=session.starts_utc + timedelta(hours=2))
    scenes.add_published(parts, other)
    edit_draft.compare_again(parts, coordinator, draft_id)
    drafted = scenes.drafted(parts, draft_id)[session.id]
    assert drafted.starts == datetime(2026, 1, 27, 12)
    assert drafted.facilitator_id == id_of("nadia.haddad")
    assert dict(publish_plan.preview(parts, draft_id).crossed) == {session.id: 2}


# ---- what the choices say


def test_a_facilitator_away_for_a_day_touches_the_sessions_of_that_day(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 27), (1, 28))
    found = repair_absence.look(parts, TIAGO)
    assert [a.session.id for a in found.affected] == [planned["alfama"].id]
    assert found.affected[0].rule == "facilitator"
    assert "Tiago Lopes" in found.affected[0].why


def test_needs_are_placed_or_owed_after_every_repair(parts, planned, coordinator):
    away(parts, coordinator, "tiago.lopes", (1, 20), (2, 10))
    found = repair_absence.look(parts, TIAGO)
    picks = {planned["alfama"].id: a_choice(found, planned["alfama"], Way.CANCEL)}
    done = repair(parts, coordinator, picks=picks)
    with parts.store.read() as db:
        version = plans.latest(db)
        owed = {o.need: o for o in plans.owed_in(db, plans.draft_of_version(db, version.number))}
    figures = version.figures
    assert figures.needs == figures.placed + figures.owed == planned.figures.needs
    assert done.owed == 3
    assert figures.owed == planned.figures.owed + 3 == len(owed)
    needs = {p.need for p in planned["alfama"].places}
    assert {owed[n].rule for n in needs} == {"not_held"}
    assert all("Tiago" not in owed[n].reason for n in needs)
    assert scenes.published(parts, planned["alfama"].id).status is Status.CANCELLED


def test_a_closed_room_is_left(parts, planned, coordinator):
    record_absence.close_room(parts, coordinator, Closure(id_of("tejo"), datetime(2026, 2, 2), datetime(2026, 2, 7)))
    about = About(room_id=id_of("tejo"))
    found = repair_absence.look(parts, about)
    assert [(a.session.id, a.rule) for a in found.affected] == [(planned["skill"].id, "room")]
    repair(parts, coordinator, about)
    now = scenes.published(parts, planned["skill"].id)
    held_there = now.room_id == id_of("tejo") and now.status is Status.PLANNED and now.starts < datetime(2026, 2, 7)
    assert not held_there
    assert acts.Count(parts).faults() == []


def test_what_is_cancelled_for_the_queue_is_owed_and_stands_in_the_ledger(parts, planned, coordinator):
    about = an_emergency(parts, coordinator)
    found = repair_absence.look(parts, about)
    assert [(a.session.id, a.rule) for a in found.affected] == [(planned["belem"].id, "coverage")]
    picks = {planned["belem"].id: a_choice(found, planned["belem"], Way.CANCEL)}
    repair(parts, coordinator, about, picks)
    off = scenes.published(parts, planned["belem"].id)
    assert (off.status, off.cause) == (Status.CANCELLED, FOR_THE_QUEUE)
    with parts.store.read() as db:
        version = plans.latest(db)
        owed = {o.need: o for o in plans.owed_in(db, plans.draft_of_version(db, version.number))}
        sums = calendar_figures.ledger_sums(db, datetime(2026, 2, 16).date(), datetime(2026, 2, 17).date())
    assert version.cause == f"repair: {FOR_THE_QUEUE}"
    assert {owed[p.need].rule for p in planned["belem"].places} == {"for_the_queue"}
    assert sum(s.cancelled for s in sums if s.team_id == id_of("belem")) == 3 * 60
    assert acts.Count(parts).faults() == []
