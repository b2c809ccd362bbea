"""Answers on a real store: yes, another date, owed, or settled by a coordinator; never a rule broken."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from devsys.actions import answer_session, edit_draft, record_absence, repair_absence
from devsys.actions.answer_session import Outcome
from devsys.actions.repair_absence import About
from devsys.adapters.store.queries import accounts, answers, house, plans, sessions
from devsys.adapters.store.tables.people import HeldRow
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Place, Status
from devsys.core.model.causes import JOINED, OTHER_DATE, SOMEBODY
from devsys.core.model.people import Absence, Emergency
from tests.builders import a_session, id_of
from tests.stories import acts
from tests.web import scenes

ANA, BRUNO = id_of("ana.correia"), id_of("bruno.matos")
DAY = timedelta(days=1)


def viewer_of(parts, code):
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of(code)) or Viewer(id_of(code), code, ())


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def second(parts, planned):
    """A group of five where the scene has four, and the same skill session a week later with free seats."""
    with parts.store.write() as db:
        db.add_all(
            HeldRow(person_id=id_of(code), activity="professional_boundaries", day=date(2025, 3, 3))
            for code in ("diogo.faria", "ivan.hrytsenko", "joana.pires", "kofi.mensah", "catarina.leal", "filipa.sousa")
        )
    larger = replace(planned["skill"], places=(*planned["skill"].places, Place(id_of("ivan.hrytsenko"))))
    later = a_session(
        "skill-2",
        activity="hear_fully",
        starts=datetime(2026, 2, 11, 13),
        people=("diogo.faria", "catarina.leal", "joana.pires", "kofi.mensah"),
        facilitator="tiago.lopes",
        room="tejo",
        team=None,
    )
    scenes.add_published(parts, larger, later)
    return later


@pytest.fixture
def ana(parts, planned):
    assert planned.sessions
    return viewer_of(parts, "ana.correia")


def said(parts, session_id, person_id=ANA):
    with parts.store.read() as db:
        return answers.of_sessions(db, [session_id]).get((session_id, person_id))


def owed_by(parts, person_id=ANA):
    with parts.store.read() as db:
        draft_id = plans.draft_of_version(db, plans.pointer(db))
        return {o.need: o for o in plans.owed_in(db, draft_id, person_id=person_id)}


def test_yes_is_kept_and_changes_no_plan(parts, planned, ana):
    before = scenes.everything(parts)
    answer_session.come(parts, ana, planned["skill"].id)
    assert said(parts, planned["skill"].id).comes
    assert scenes.everything(parts) == before


def test_looking_writes_nothing(parts, planned, second, ana):
    with parts.store.read() as db:
        before = scenes.everything(parts), house.revision(db)
    assert answer_session.look(parts, ana, planned["skill"].id).dates
    with parts.store.read() as db:
        assert (scenes.everything(parts), house.revision(db)) == before
    assert said(parts, planned["skill"].id) is None
    assert second.people


def test_another_date_is_taken_in_one_press(parts, planned, second, ana):
    offer = answer_session.look(parts, ana, planned["skill"].id)
    assert [d.session.id for d in offer.dates] == [second.id]
    done = answer_session.decline(parts, ana, planned["skill"].id, date=offer.dates[0].key)
    old, new = scenes.published(parts, planned["skill"].id), scenes.published(parts, second.id)
    assert (done.outcome, done.session.id) == (Outcome.MOVED, second.id)
    assert ANA not in old.people
    assert ANA in new.people
    assert (old.cause, new.cause) == (OTHER_DATE, JOINED)
    assert (old.sequence, new.sequence) == (planned["skill"].sequence, second.sequence)
    key = next(p.need for p in planned["skill"].places if p.person_id == ANA)
    assert [p.need for p in new.places if p.person_id == ANA] == [key]
    assert key not in owed_by(parts)
    assert said(parts, planned["skill"].id).says == answers.CANNOT
    assert acts.Count(parts).faults() == []


def test_only_the_two_sessions_change_and_nobody_else_is_moved(parts, planned, second, ana):
    before = {s.id: s for s in acts.published(parts)}
    offer = answer_session.look(parts, ana, planned["skill"].id)
    answer_session.decline(parts, ana, planned["skill"].id, date=offer.dates[0].key)
    after = {s.id: s for s in acts.published(parts)}
    assert {i for i, s in after.items() if s != before[i]} == {planned["skill"].id, second.id}
    others = {i: s.people - {ANA} for i, s in after.items()}
    assert others == {i: s.people - {ANA} for i, s in before.items()}


@pytest.mark.usefixtures("second")
def test_left_owed_it_stands_among_what_is_owed(parts, planned, ana):
    key = next(p.need for p in planned["skill"].places if p.person_id == ANA)
    done = answer_session.decline(parts, ana, planned["skill"].id)
    assert done.outcome is Outcome.OWED
    assert ANA not in scenes.published(parts, planned["skill"].id).people
    assert owed_by(parts)[key].rule == "other_date"
    assert scenes.published(parts, planned["skill"].id).cause == SOMEBODY
    with parts.store.read() as db:
        assert plans.latest(db).cause == f"answer: {SOMEBODY}"


def test_a_group_at_its_least_keeps_the_seat_until_a_coordinator_settles_it(parts, planned, ana):
    offer = answer_session.look(parts, ana, planned["alfama"].id)
    assert [v.rule for v in offer.stands_on] == ["group"]
    done = answer_session.decline(parts, ana, planned["alfama"].id)
    assert done.outcome is Outcome.ASKED
    assert ANA in scenes.published(parts, planned["alfama"].id).people
    found = repair_absence.look(parts, About(person_id=ANA))
    assert [(a.session.id, a.rule) for a in found.affected] == [(planned["alfama"].id, "at_work")]
    coordinator = viewer_of(parts, "olivia.brandt")
    settled = repair_absence.settle(found)
    repair_absence.publish(parts, coordinator, About(person_id=ANA), seal=settled.seal)
    now = scenes.published(parts, planned["alfama"].id)
    assert now.status is Status.CANCELLED or ANA not in now.people or now.starts != planned["alfama"].starts
    assert acts.Count(parts).faults() == []


def test_who_can_come_after_all_is_no_issue_any_more(parts, planned, ana):
    answer_session.decline(parts, ana, planned["alfama"].id)
    assert repair_absence.look(parts, About()).affected
    answer_session.come(parts, ana, planned["alfama"].id)
    assert repair_absence.look(parts, About()).affected == ()


def test_what_must_come_first_is_not_given_back_before_what_builds_on_it(parts, planned, ana):
    """Ana has a gated skill session after Professional Boundaries: without that it could not be kept."""
    offer = answer_session.look(parts, ana, planned["boundaries"].id)
    assert not offer.may_leave
    assert "prerequisite" in {v.rule for v in offer.stands_on}
    assert answer_session.decline(parts, ana, planned["boundaries"].id).outcome is Outcome.ASKED
    assert acts.published(parts) == planned.sessions


def test_a_date_that_filled_up_meanwhile_is_said_and_changes_nothing(parts, planned, second, ana):
    key = answer_session.look(parts, ana, planned["skill"].id).dates[0].key
    full = replace(second, places=(*second.places, *planned["skill"].places[1:]), sequence=1)
    seats = tuple(p for p in full.places if p.person_id != ANA)
    scenes.add_published(parts, replace(second, places=(*seats, replace(seats[0], person_id=id_of("filipa.sousa")))))
    before = scenes.everything(parts)
    with pytest.raises(ConflictError, match="taken meanwhile"):
        answer_session.decline(parts, ana, planned["skill"].id, date=key)
    assert scenes.everything(parts) == before
    assert answer_session.look(parts, ana, planned["skill"].id).dates == ()


def test_a_date_at_which_the_queue_would_be_short_is_not_offered(parts, planned, second, ana):
    assert answer_session.look(parts, ana, planned["skill"].id).dates
    coordinator = viewer_of(parts, "olivia.brandt")
    need = Emergency(id_of("billing"), datetime(2026, 2, 11, 12), datetime(2026, 2, 11, 15), 3)
    record_absence.call_emergency(parts, coordinator, need)
    assert answer_session.look(parts, ana, planned["skill"].id).dates == ()
    assert second.people


def test_a_date_they_refused_before_is_not_offered_again(parts, planned, second, ana):
    first = answer_session.look(parts, ana, planned["skill"].id).dates[0]
    answer_session.decline(parts, ana, planned["skill"].id, date=first.key)
    assert answer_session.look(parts, ana, second.id).dates == ()
    assert said(parts, second.id).comes


@pytest.mark.parametrize("refused", [False, True])
def test_a_repair_puts_nobody_where_they_said_they_cannot_come(parts, planned, second, refused):
    """Ana is away for her session: a seat of the later one is found for her, unless she refused it before."""
    if refused:
        with parts.store.write() as db:
            answers.keep(db, answers.Answer(second.id, ANA, answers.CANNOT, second.sequence, parts.now()))
    day = planned["skill"].starts.replace(hour=0)
    record_absence.record(parts, viewer_of(parts, scenes.COORDINATOR), Absence(ANA, day, day + DAY))
    found = repair_absence.settle(repair_absence.look(parts, About(person_id=ANA)))
    after = {s.id: s for s in found.changed}
    assert ANA not in after[planned["skill"].id].people
    assert (second.id in after and ANA in after[second.id].people) != refused
    assert found.blocking == ()


def test_a_coaching_session_moves_itself(parts, planned, ana):
    coaching = planned["coaching"]
    offer = answer_session.look(parts, ana, coaching.id)
    assert {d.session.id for d in offer.dates} == {coaching.id}
    assert len({d.session.starts.date() for d in offer.dates}) == 2
    done = answer_session.decline(parts, ana, coaching.id, date=offer.dates[1].key)
    now = scenes.published(parts, coaching.id)
    assert (now.uid, now.sequence, now.starts) == (coaching.uid, coaching.sequence + 1, done.session.starts)
    assert now.cause == OTHER_DATE
    assert acts.Count(parts).faults() == []


def test_another_date_may_be_a_session_that_is_not_there_yet(parts, planned, ana):
    """Service principles may be held for one alone: who cannot come with the others gets an hour of their own."""
    people = ("ana.correia", "bruno.matos")
    group = a_session("principles", activity="service_principles", starts=datetime(2026, 2, 10, 13), people=people)
    scenes.add_published(parts, replace(group, room_id=None))
    offer = answer_session.look(parts, ana, group.id)
    fresh = next(d for d in offer.dates if d.session.id not in {s.id for s in acts.published(parts)})
    done = answer_session.decline(parts, ana, group.id, date=fresh.key)
    now = scenes.published(parts, done.session.id)
    assert (done.outcome, now.people, now.starts) == (Outcome.MOVED, {ANA}, fresh.session.starts)
    assert scenes.published(parts, group.id).people == {BRUNO}
    assert said(parts, now.id).says == answers.YES
    assert planned.sessions


def test_an_answer_is_about_the_session_as_it_stood(parts, planned, ana):
    answer_session.come(parts, ana, planned["skill"].id)
    moved = replace(planned["skill"], starts=datetime(2026, 2, 4, 13), sequence=1)
    scenes.add_published(parts, moved)
    assert answer_session.said(parts, ana, planned["skill"].id)[1] is None


def test_an_open_draft_is_laid_on_the_answer(parts, planned, second, ana):
    coordinator = viewer_of(parts, "olivia.brandt")
    edited = edit_draft.move(parts, coordinator, None, planned["belem"].id, datetime(2026, 2, 17, 11), cause="a visit")
    answer_session.decline(parts, ana, planned["skill"].id)
    with parts.store.read() as db:
        assert plans.draft(db, edited.draft_id).base == plans.pointer(db)
        assert [s.id for s in sessions.changed_in(db, edited.draft_id)] == [planned["belem"].id]
    assert second.people


def test_what_is_not_theirs_begun_or_cancelled_is_refused(parts, planned, ana):
    with pytest.raises(NotFoundError):
        answer_session.look(parts, ana, planned["patan"].id)
    with pytest.raises(NotFoundError):
        answer_session.come(parts, ana, "no-such-session")
    parts.clock.now = planned["skill"].starts_utc
    with pytest.raises(InvalidError, match="has begun"):
        answer_session.decline(parts, ana, planned["skill"].id)
    scenes.add_published(parts, replace(planned["coaching"], status=Status.CANCELLED, sequence=1))
    with pytest.raises(ConflictError, match="cancelled"):
        answer_session.come(parts, ana, planned["coaching"].id)
