"""Handing a session over: a colleague is asked and says yes or no; who cannot lead stands among the repairs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from devsys.actions import answer_ask, hand_over, record_absence, repair_absence, send_letters
from devsys.actions.repair_absence import About
from devsys.adapters.store.queries import accounts, asks, letters
from devsys.adapters.store.tables.letters import LetterRow
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.core.model.access import Viewer
from devsys.core.model.causes import FACILITATOR_CHANGED
from devsys.core.model.people import Absence
from tests.builders import id_of
from tests.stories import acts
from tests.web import scenes

TIAGO, MARTA = id_of("tiago.lopes"), id_of("marta.nogueira")


def viewer_of(parts, code):
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of(code)) or Viewer(id_of(code), code, ())


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def tiago(parts, planned):
    assert planned.sessions
    return viewer_of(parts, "tiago.lopes")


@pytest.fixture
def marta(parts, planned):
    assert planned.sessions
    return viewer_of(parts, "marta.nogueira")


def test_who_is_free_and_may_is_offered(parts, planned, tiago):
    found = hand_over.look(parts, tiago, planned["skill"].id)
    assert MARTA in found.able
    assert TIAGO not in found.able
    assert id_of("rajesh.karki") not in found.able  # serves another site
    assert found.asked == ()


def test_nobody_who_is_away_or_leads_something_then_is_offered(parts, planned, tiago):
    coordinator = viewer_of(parts, "olivia.brandt")
    day = planned["skill"].starts.replace(hour=0)
    record_absence.record(parts, coordinator, Absence(MARTA, day, day + timedelta(days=1)))
    assert MARTA not in hand_over.look(parts, tiago, planned["skill"].id).able


def test_a_yes_is_published_alone_with_its_cause(parts, planned, tiago, marta):
    ask = hand_over.ask(parts, tiago, planned["skill"].id, MARTA)
    assert scenes.published(parts, planned["skill"].id).facilitator_id == TIAGO  # nothing changes before
    session = answer_ask.accept(parts, marta, ask.id)
    now = scenes.published(parts, planned["skill"].id)
    assert (session.id, now.facilitator_id, now.cause) == (now.id, MARTA, FACILITATOR_CHANGED)
    assert (now.starts, now.places, now.sequence) == (
        planned["skill"].starts,
        planned["skill"].places,
        planned["skill"].sequence,
    )
    assert acts.Count(parts).faults() == []
    with pytest.raises(ConflictError):
        answer_ask.accept(parts, marta, ask.id)
    with pytest.raises(NotFoundError):
        hand_over.look(parts, tiago, planned["skill"].id)


def test_a_no_changes_nothing_and_another_can_be_asked(parts, planned, tiago, marta):
    before = scenes.everything(parts)
    ask = hand_over.ask(parts, tiago, planned["skill"].id, MARTA)
    with pytest.raises(ConflictError, match="asked already"):
        hand_over.ask(parts, tiago, planned["skill"].id, id_of("nadia.haddad"))
    answer_ask.decline(parts, marta, ask.id)
    assert scenes.everything(parts) == before
    found = hand_over.look(parts, tiago, planned["skill"].id)
    assert [(a.person_id, a.state) for a in found.asked] == [(MARTA, "declined")]
    again = hand_over.ask(parts, tiago, planned["skill"].id, id_of("nadia.haddad"))
    assert hand_over.take_back(parts, tiago, planned["skill"].id)
    with pytest.raises(ConflictError, match="cannot be answered"):
        answer_ask.decline(parts, viewer_of(parts, "nadia.haddad"), again.id)


def test_a_yes_that_no_longer_fits_is_said_and_changes_nothing(parts, planned, tiago, marta):
    ask = hand_over.ask(parts, tiago, planned["skill"].id, MARTA)
    coordinator = viewer_of(parts, "olivia.brandt")
    day = planned["skill"].starts.replace(hour=0)
    record_absence.record(parts, coordinator, Absence(MARTA, day, day + timedelta(days=1)))
    with pytest.raises(ConflictError, match="no longer fits"):
        answer_ask.accept(parts, marta, ask.id)
    assert scenes.published(parts, planned["skill"].id) == planned["skill"]
    with parts.store.read() as db:
        assert asks.one(db, ask.id, MARTA).state == asks.OPEN


def test_who_cannot_lead_reopens_that_line_only(parts, planned, tiago):
    """As a substitute of a repair does: the session they cannot lead cannot stand, their others do."""
    assert repair_absence.look(parts, About()).affected == ()
    hand_over.say(parts, tiago, planned["skill"].id, leads=False)
    found = repair_absence.look(parts, About())
    assert [(a.session.id, a.rule) for a in found.affected] == [(planned["skill"].id, "facilitator")]
    hand_over.say(parts, tiago, planned["skill"].id, leads=True)
    assert repair_absence.look(parts, About()).affected == ()


def test_a_substitute_of_a_repair_may_say_no(parts, planned, tiago):
    coordinator = viewer_of(parts, "olivia.brandt")
    hand_over.say(parts, tiago, planned["skill"].id, leads=False)
    found = repair_absence.settle(repair_absence.look(parts, About()))
    repair_absence.publish(parts, coordinator, About(), seal=found.seal)
    now = scenes.published(parts, planned["skill"].id)
    assert now.facilitator_id not in (TIAGO, None)
    substitute = Viewer(now.facilitator_id, "", ())
    hand_over.say(parts, substitute, now.id, leads=False)
    assert [a.session.id for a in repair_absence.look(parts, About()).affected] == [now.id]


def test_a_letter_asks_once_and_says_nothing_when_answered(parts, planned, tiago, marta):
    ask = hand_over.ask(parts, tiago, planned["skill"].id, MARTA)
    sealed = send_letters.next_sealed(parts)
    with parts.store.read() as db:
        letter = db.execute(select(LetterRow.subject, LetterRow.text).where(LetterRow.id == sealed.letter.id)).one()
    assert letter.subject == "Would you lead it? Hear fully, Tue 3 February, 13:00"
    assert f"/asked/{ask.id}" in letter.text
    assert "Tiago Lopes cannot lead this session" in letter.text
    answer_ask.decline(parts, marta, ask.id)
    second = hand_over.ask(parts, tiago, planned["skill"].id, id_of("nadia.haddad"))
    answer_ask.decline(parts, viewer_of(parts, "nadia.haddad"), second.id)
    with parts.store.read() as db:
        waiting = letters.waiting(db, [id_of("nadia.haddad")], letters.ASK)
    assert set(waiting) <= {id_of("nadia.haddad")}


def test_what_is_not_theirs_begun_or_coaching_is_refused(parts, planned, tiago, marta):
    with pytest.raises(NotFoundError):
        hand_over.look(parts, marta, planned["skill"].id)
    with pytest.raises(InvalidError, match="free and may lead"):
        hand_over.ask(parts, tiago, planned["skill"].id, id_of("ana.correia"))
    nadia = viewer_of(parts, "nadia.haddad")
    found = hand_over.look(parts, nadia, planned["coaching"].id)
    assert (found.coaching, found.able) == (True, ())
    with pytest.raises(NotFoundError):
        answer_ask.look(parts, marta, "no-such-ask")
    parts.clock.now = planned["skill"].starts_utc
    with pytest.raises(InvalidError, match="has begun"):
        hand_over.look(parts, tiago, planned["skill"].id)
    assert replace(planned["skill"]) == scenes.published(parts, planned["skill"].id)
