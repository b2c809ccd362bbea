"""A facilitator marks who was there; the mark opens a need again and counts in the ledger."""

import re
from datetime import datetime, timedelta

import pytest

from devsys.actions import record_attendance
from devsys.adapters.store.queries import accounts, sessions
from devsys.base.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from devsys.core.model.access import Role
from tests.builders import a_session, id_of, publish_now
from tests.web import scenes


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def held(parts, organisation, clock):
    """A round of three that Tiago Lopes led an hour ago."""
    assert organisation.people
    scenes.adopt_shipped(parts)
    session = a_session(starts=datetime(2026, 1, 20, 14), facilitator="tiago.lopes")
    publish_now(parts, session)
    clock.now = session.ends_utc + timedelta(hours=1)
    return session


@pytest.fixture
def facilitator(sign_in, held):
    assert held
    return sign_in(Role.FACILITATOR)


def marks(parts, session):
    with parts.store.read() as db:
        return dict(sessions.attendance(db, [session.id]).get(session.id, {}))


def person(parts, code):
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of(code))


def test_everybody_is_ticked_until_somebody_says_otherwise(facilitator, held):
    page = facilitator.get(f"/sessions/{held.id}")
    assert page.text.count('name="present"') == 3
    assert page.text.count(" checked") == 3
    assert "Not marked yet." in page.text


def test_a_press_without_script_keeps_all_boxes(parts, facilitator, held):
    there = [id_of("ana.correia"), id_of("bruno.matos")]
    answer = facilitator.post(f"/sessions/{held.id}/attendance", {"present": there})
    assert answer.status_code == 303
    assert "2 of 3 were there." in text(facilitator.get(f"/sessions/{held.id}"))
    assert marks(parts, held) == {
        id_of("ana.correia"): True,
        id_of("bruno.matos"): True,
        id_of("catarina.leal"): False,
    }


def test_a_press_by_script_gets_one_line(parts, facilitator, held):
    answer = facilitator.post(f"/sessions/{held.id}/attendance", {"present": []}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.startswith("0 of 3 were there. Kept at ")
    assert "<" not in answer.text
    assert set(marks(parts, held).values()) == {False}


def test_a_mark_made_before_is_shown_and_replaced(parts, facilitator, held):
    facilitator.post(f"/sessions/{held.id}/attendance", {"present": []})
    page = facilitator.get(f"/sessions/{held.id}")
    assert page.text.count(" checked") == 0
    assert "Marked before." in page.text
    facilitator.post(f"/sessions/{held.id}/attendance", {"present": [id_of("ana.correia")]})
    assert marks(parts, held)[id_of("ana.correia")] is True


def test_others_see_no_boxes_and_mark_nothing(parts, held, sign_in):
    for role in (Role.EMPLOYEE, Role.LEAD, Role.ADMINISTRATOR):
        visitor = sign_in(role)
        assert 'name="present"' not in visitor.get(f"/sessions/{held.id}").text
        assert visitor.post(f"/sessions/{held.id}/attendance", {"present": []}).status_code in (403, 404)
    assert marks(parts, held) == {}


def test_a_coordinator_may_mark_too(parts, held, sign_in):
    sign_in(Role.COORDINATOR).post(f"/sessions/{held.id}/attendance", {"present": [id_of("ana.correia")]})
    assert sum(marks(parts, held).values()) == 1


def test_marking_begins_with_the_session(parts, held, clock):
    tiago = person(parts, "tiago.lopes")
    clock.now = held.starts_utc - timedelta(minutes=1)
    with pytest.raises(InvalidError, match="has not begun"):
        record_attendance.mark(parts, tiago, held.id, {id_of("ana.correia"): True})
    clock.now = held.starts_utc
    record_attendance.mark(parts, tiago, held.id, {id_of("ana.correia"): True})
    assert marks(parts, held) == {id_of("ana.correia"): True}


def test_only_people_of_the_session_are_marked(parts, held):
    with pytest.raises(InvalidError, match="not in this session"):
        record_attendance.mark(parts, person(parts, "tiago.lopes"), held.id, {id_of("kofi.mensah"): True})
    with pytest.raises(NotFoundError):
        record_attendance.mark(parts, person(parts, "tiago.lopes"), "nothing", {})
    with pytest.raises(NotAllowedError):
        record_attendance.mark(parts, person(parts, "marta.nogueira"), held.id, {})


def test_a_cancelled_session_has_nobody_to_mark(parts, organisation, clock):
    from devsys.core.model.calendar import Status

    assert organisation.people
    scenes.adopt_shipped(parts)
    session = a_session(starts=datetime(2026, 1, 20, 14), facilitator="tiago.lopes", status=Status.CANCELLED)
    publish_now(parts, session)
    clock.now = session.ends_utc
    with pytest.raises(ConflictError, match="cancelled"):
        record_attendance.mark(parts, person(parts, "tiago.lopes"), session.id, {})
