"""A pause after a heavy session: offered on its day, once, counted like an absence, and without a word why."""

from datetime import datetime, timedelta

import pytest

from devsys.actions import record_attendance, take_pause
from devsys.adapters.store.queries import accounts, audit
from devsys.base.errors import ConflictError
from devsys.core.model.access import Role, Viewer
from devsys.core.model.people import Absence
from tests.builders import a_session, id_of
from tests.stories import acts
from tests.web import scenes

ANA = id_of("ana.correia")


@pytest.fixture
def over(parts, organisation):
    """A heavy session of Lisbon at 11, with half an hour of recovery, and a round of Patan; the former just over."""
    assert organisation.people
    scenes.adopt_shipped(parts)
    codes = [c for c, a in _activities(parts).items() if a.recovery_minutes and a.kind == "emotional_support"]
    heavy = a_session(
        "heavy",
        activity=codes[0],
        starts=datetime(2026, 1, 9, 11),
        people=("ana.correia", "bruno.matos"),
        facilitator="nadia.haddad",
        room=None,
        team=None,
    )
    light = a_session("light", activity="hear_fully", starts=datetime(2026, 1, 9, 8), people=("elif.kaya",), room=None)
    scenes.add_published(parts, heavy, light)
    parts.clock.now = heavy.ends_utc + timedelta(minutes=10)
    return heavy


def _activities(parts):
    with parts.store.read() as db:
        return scenes.programme.activities(db)


def viewer_of(parts, code):
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of(code)) or Viewer(id_of(code), code, (), None, "Europe/Lisbon")


def offered(parts, code="ana.correia"):
    with parts.store.read() as db:
        return take_pause.offered(db, viewer_of(parts, code), parts.now())


def absences(parts, person_id=ANA):
    return [a for a in acts.standing(parts).absences if a.person_id == person_id]


def test_it_begins_after_the_time_of_recovery_and_is_an_absence_like_any(parts, over):
    ana = viewer_of(parts, "ana.correia")
    recovery = _activities(parts)[over.activity].recovery_minutes
    pause = take_pause.take(parts, ana)
    starts = (over.ends_utc + timedelta(minutes=recovery)).replace(tzinfo=None)  # Lisbon is on UTC in January
    assert pause.ends - pause.starts == timedelta(minutes=30)
    assert absences(parts) == [Absence(ANA, starts, starts + timedelta(minutes=30))]
    with parts.store.read() as db:
        assert [(a.act, a.what) for a in audit.acts(db, by_id=ANA)] == [("record absence", f"person {ANA}")]


def test_later_it_begins_at_once_and_only_on_the_day(parts, over):
    parts.clock.move(hours=3)
    assert offered(parts).starts == parts.now()
    parts.clock.move(days=1)
    assert offered(parts) is None
    assert over.people


def test_it_is_taken_once(parts, over):
    ana = viewer_of(parts, "ana.correia")
    take_pause.take(parts, ana)
    assert offered(parts) is None
    with pytest.raises(ConflictError):
        take_pause.take(parts, ana)
    assert len(absences(parts)) == 1
    assert over.people


@pytest.mark.parametrize("code", ["elif.kaya", "catarina.leal", "nadia.haddad"])
def test_nobody_else_is_offered_one(parts, over, code):
    assert offered(parts, code) is None
    assert over.people


def test_who_was_not_there_or_is_away_anyway_is_offered_none(parts, over):
    record_attendance.mark(parts, viewer_of(parts, "nadia.haddad"), over.id, {ANA: False})
    assert offered(parts) is None
    assert offered(parts, "bruno.matos") is not None
    acts.bring(
        parts, "absences", acts.rows("absences", {"person": "bruno.matos", "from": "2026-01-09", "to": "2026-01-09"})
    )
    assert offered(parts, "bruno.matos") is None


def test_before_it_is_over_none_is_offered_and_after_a_round_one_is(parts, organisation):
    assert organisation.people
    scenes.adopt_shipped(parts)
    round_ = a_session(starts=datetime(2026, 1, 6, 14))
    scenes.add_published(parts, round_)
    parts.clock.now = round_.ends_utc - timedelta(minutes=1)
    assert offered(parts) is None
    parts.clock.move(minutes=1)
    assert offered(parts).starts == round_.ends_utc


def test_one_press_on_ones_own_page(over, sign_in):
    ana = sign_in(Role.EMPLOYEE)
    page = acts.text_of(ana.get("/"))
    assert "I need a pause" in page
    assert "No reason is asked, and none is kept." in page
    assert ana.post("/pause").status_code == 303
    page = acts.text_of(ana.get("/"))
    assert "You are off the queue until" in page
    assert "I need a pause" not in page
    assert ana.post("/pause").status_code == 409
    assert over.people
