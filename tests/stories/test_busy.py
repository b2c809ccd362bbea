"""People's own calendars in the life of the house: plans keep them free, moves say so, others see only "busy"."""

import io
import random
from datetime import UTC, datetime, timedelta

import pytest

from devsys.actions import adopt_programme, busy_times
from devsys.adapters.store.queries import accounts, busy
from devsys.core.model.access import Role
from tests.builders import CAST, id_of
from tests.busy.calendars import a_calendar, an_event
from tests.stories import acts
from tests.web import scenes

AGENTS = ("ana.correia", "bruno.matos", "goncalo.reis", "helena.vaz", "anjali.shrestha")
LEADS = ("marta.nogueira", "nadia.haddad")


def a_person_s_calendar(draw: random.Random) -> bytes:
    """A few series and single entries in working hours, with exceptions."""
    events = []
    for number in range(draw.randint(2, 5)):
        start = datetime(2026, 1, 5, 8) + timedelta(days=draw.randrange(40), minutes=30 * draw.randrange(14))
        lines = [f"DTSTART:{start:%Y%m%dT%H%M%S}", f"DURATION:PT{draw.choice((20, 30, 60, 90))}M"]
        if draw.random() < 0.6:
            lines += [
                f"RRULE:FREQ=WEEKLY;COUNT={draw.randint(2, 6)}",
                f"EXDATE:{start + timedelta(weeks=1):%Y%m%dT%H%M%S}",
            ]
        events.append(an_event(*lines, uid=f"{number}"))
    return a_calendar(*events)


@pytest.mark.parametrize("seed", range(3))
def test_no_plan_takes_a_time_that_somebodys_calendar_has_taken(parts, organisation, seed):
    assert organisation.people
    draw = random.Random(seed)  # noqa: S311 -- the same calendars in every run
    adopt_programme.adopt_shipped(parts)
    for code in AGENTS + LEADS:
        with parts.store.read() as db:
            viewer = accounts.viewer_of(db, id_of(code))
        busy_times.add_file(parts, viewer, "own.ics", a_person_s_calendar(draw))
    acts.plan(parts, weeks=6)
    seats = 0
    for code in AGENTS + LEADS:
        with parts.store.read() as db:
            taken = busy.periods(db, id_of(code), datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
        assert taken
        mine = acts.published(parts, involves=id_of(code))
        seats += len(mine)
        for session in mine:
            assert not any(a < session.ends_utc and session.starts_utc < b for a, b in taken), code
    assert seats > len(AGENTS)


def bring(visitor, *events):
    data = a_calendar(*events)
    answer = visitor.post(
        "/account/busy/file", {"file": (io.BytesIO(data), "own.ics")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303


def test_a_move_into_a_busy_time_is_flagged_and_cannot_be_published(parts, organisation, sign_in):
    assert organisation.people
    planned = scenes.plan_and_publish(parts)
    session = planned["alfama"]
    bring(sign_in(Role.EMPLOYEE), an_event("DTSTART:20260127T123000", "DURATION:PT30M"))
    coordinator = sign_in(Role.COORDINATOR)
    answer = coordinator.post(f"/sessions/{session.id}/move", {"start": "2026-01-27T12:30"})
    page = acts.text_of(coordinator.get(answer.headers["Location"]))
    assert "is not at work" in page
    draft = scenes.open_drafts(parts)[0]
    assert coordinator.post(f"/drafts/{draft.id}/publish", {"cause": "asked by the team"}).status_code == 422


def test_others_see_busy_and_nothing_more(parts, organisation, sign_in):
    assert organisation.people
    scenes.plan_and_publish(parts)
    bring(sign_in(Role.EMPLOYEE), an_event("DTSTART:20260127T140000", "DURATION:PT60M", "LOCATION:Clinic"))
    ana = id_of(CAST[Role.EMPLOYEE])
    for role in (Role.COORDINATOR, Role.LEAD):
        person = sign_in(role).get(f"/people/{ana}").text
        assert "Busy</b> by their own calendar" in person
        assert "Tue 27 January" in acts.text_of(sign_in(role).get(f"/people/{ana}"))
        week = sign_in(role).get(f"/week?week=2026-W05&team={id_of('alfama')}&day=2026-01-27").text
        assert 'title="busy"' in week
        for page in (person, week):
            assert "Clinic" not in page
            assert "Nobody&#39;s" not in page
            assert "own.ics" not in page


def test_a_busy_time_over_a_session_needs_the_coordinator_at_once(parts, organisation, sign_in):
    assert organisation.people
    planned = scenes.plan_and_publish(parts)
    session = planned["alfama"]
    bring(sign_in(Role.EMPLOYEE), an_event(f"DTSTART:{session.starts_utc:%Y%m%dT%H%M%SZ}", "DURATION:PT30M"))
    assert "of their people is away" in acts.text_of(sign_in(Role.COORDINATOR).get("/"))
