"""Busy times of people: read, kept, looked at again; they count as not available, and nothing of a title stays."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from devsys.actions import busy_times, repair_absence
from devsys.actions.parts import Parts
from devsys.adapters.fetch import Way
from devsys.adapters.store.queries import accounts, busy, house, people, planning
from devsys.adapters.store.tables.all import metadata
from devsys.base.errors import InvalidError, NotFoundError
from devsys.core.model.access import Role
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import hours_of, slot_of
from tests import builders
from tests.adapters.test_fetch import ADDRESS
from tests.builders import CAST, MONDAY, id_of
from tests.busy.calendars import a_calendar, an_event
from tests.tls import HOST
from tests.web.scenes import add_published, adopt_shipped

ANA = id_of(CAST[Role.EMPLOYEE])
WEEK = Horizon(MONDAY, 2)


@pytest.fixture
def ana(parts, organisation):
    assert organisation.people
    with parts.store.read() as db:
        return accounts.viewer_of(db, ANA)


def kept(parts: Parts) -> list[str]:
    with parts.store.read() as db:
        return [
            f"{a:%m-%dT%H:%M}/{b:%H:%M}"
            for a, b in busy.periods(db, ANA, datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
        ]


TUESDAY = a_calendar(an_event("DTSTART:20260106T100000", "DTEND:20260106T113000"))


def test_a_file_counts_in_the_persons_own_zone_and_keeps_no_title(parts, ana):
    added = busy_times.add_file(
        parts, ana, "own.ics", a_calendar(an_event("DTSTART:20260106T100000", "DURATION:PT90M", "LOCATION:Clinic"))
    )
    assert (added.periods, added.of_work) == (1, 1.5)
    assert kept(parts) == ["01-06T10:00/11:30"]
    with parts.store.read() as db:
        organisation = people.organisation(db)
        rows = [str(row) for table in metadata.sorted_tables for row in db.execute(table.select())]
    assert not [row for row in rows if "Nobody" in row or "Clinic" in row]
    assert ANA not in {a.person_id for a in organisation.absences}
    person = next(p for p in organisation.people if p.id == ANA)
    free = hours_of(organisation, WEEK, (person,))[ANA]
    before = hours_of(replace(organisation, busy=()), WEEK, (person,))[ANA]
    gone = {s for a, b in before for s in range(a, b)} - {s for a, b in free for s in range(a, b)}
    first = slot_of(datetime(2026, 1, 6, 10, tzinfo=UTC), WEEK)
    assert gone == {first, first + 1, first + 2}


def test_the_same_file_twice_changes_nothing_but_when_it_was_read(parts, ana, clock):
    busy_times.add_file(parts, ana, "own.ics", TUESDAY)
    with parts.store.read() as db:
        before = (house.revision(db), len(busy.sources(db, ANA)))
    clock.move(hours=1)
    busy_times.add_file(parts, ana, "own.ics", TUESDAY)
    with parts.store.read() as db:
        assert (house.revision(db), len(busy.sources(db, ANA))) == before
    assert kept(parts) == ["01-06T10:00/11:30"]


def test_a_file_that_cannot_be_read_keeps_what_was(parts, ana):
    busy_times.add_file(parts, ana, "own.ics", TUESDAY)
    with pytest.raises(InvalidError):
        busy_times.add_file(parts, ana, "own.ics", TUESDAY.replace(b"T100000", b"T250000"))
    assert kept(parts) == ["01-06T10:00/11:30"]


def test_a_calendar_of_shifts_is_not_taken(parts, ana):
    shifts = an_event("DTSTART:20260105T070000", "DURATION:PT10H", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
    with pytest.raises(InvalidError, match="seems to hold your shifts"):
        busy_times.add_file(parts, ana, "own.ics", a_calendar(shifts))
    assert kept(parts) == []


def test_our_own_sessions_come_back_without_effect(parts, ana):
    adopt_shipped(parts)
    session = builders.a_session("boundaries-1", people=(CAST[Role.EMPLOYEE],))
    add_published(parts, session)
    back = an_event(f"DTSTART:{session.starts_utc:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", uid=session.uid)
    assert busy_times.add_file(parts, ana, "own.ics", a_calendar(back)).periods == 0


def test_only_so_many_calendars_and_only_ones_own_are_forgotten(parts, ana):
    for number in range(busy_times.MOST):
        busy_times.add_file(parts, ana, f"{number}.ics", TUESDAY)
    with pytest.raises(InvalidError, match="Take one away first"):
        busy_times.add_file(parts, ana, "more.ics", TUESDAY)
    with parts.store.read() as db:
        source = busy.sources(db, ANA)[0].id
        other = accounts.viewer_of(db, id_of(CAST[Role.LEAD]))
    with pytest.raises(NotFoundError):
        busy_times.take_away(parts, other, source)
    busy_times.take_away(parts, ana, source)
    with parts.store.read() as db:
        assert len(busy.sources(db, ANA)) == busy_times.MOST - 1


def test_a_busy_time_over_a_published_session_is_an_issue_at_once(parts, ana):
    adopt_shipped(parts)
    session = builders.a_session(
        "boundaries-1", people=(CAST[Role.EMPLOYEE], "bruno.matos", "catarina.leal", "diogo.faria")
    )
    add_published(parts, session)
    assert session.id not in broken_for_ana(parts)
    over = an_event(f"DTSTART:{session.starts_utc:%Y%m%dT%H%M%SZ}", "DURATION:PT1H")
    busy_times.add_file(parts, ana, "own.ics", a_calendar(over))
    assert session.id in broken_for_ana(parts)


def broken_for_ana(parts: Parts) -> set[str]:
    with parts.store.read() as db:
        brief = planning.brief(db, now=parts.now())
    look = repair_absence.looked(brief, repair_absence.About(person_id=ANA), parts.now())
    return {a.session.id for a in look.affected}


def test_an_address_needs_the_setting(parts, ana):
    with pytest.raises(NotFoundError):
        busy_times.add_address(parts, ana, ADDRESS)


@pytest.fixture
def open_parts(parts) -> Parts:
    return replace(parts, settings=parts.settings.model_copy(update={"busy_addresses": True}))


def test_an_address_is_looked_at_again_and_its_last_good_copy_stays(open_parts, ana, served, clock):
    served.answers |= {"body": TUESDAY, "headers": {"ETag": '"one"'}}
    assert busy_times.add_address(open_parts, ana, ADDRESS, served.way).periods == 1
    with open_parts.store.read() as db:
        (source,) = busy.sources(db, ANA)
    assert (source.name, source.fetched) == (HOST, True)
    assert busy_times.refresh(open_parts, served.way) == {"read": 0, "unchanged": 0, "trouble": 0}
    clock.move(hours=1)
    served.answers |= {"status": 304, "body": b""}
    assert busy_times.refresh(open_parts, served.way)["unchanged"] == 1
    assert served.asked[-1][1]["If-None-Match"] == '"one"'
    clock.move(hours=1)
    served.answers |= {"status": 500}
    assert busy_times.refresh(open_parts, served.way)["trouble"] == 1
    with open_parts.store.read() as db:
        (source,) = busy.sources(db, ANA)
    assert "answers 500" in source.trouble
    assert kept(open_parts) == ["01-06T10:00/11:30"]
    clock.move(hours=1)
    german = replace(open_parts, settings=open_parts.settings.model_copy(update={"language": "de"}))
    assert busy_times.refresh(german, served.way)["trouble"] == 1
    with open_parts.store.read() as db:
        (source,) = busy.sources(db, ANA)
    assert "Der Server antwortet 500" in source.trouble
    clock.move(hours=1)
    moved = a_calendar(an_event("DTSTART:20260107T100000", "DTEND:20260107T113000"))
    served.answers |= {"status": 200, "body": moved, "headers": {}}
    assert busy_times.refresh(open_parts, served.way)["read"] == 1
    with open_parts.store.read() as db:
        (source,) = busy.sources(db, ANA)
    assert source.trouble == ""
    assert kept(open_parts) == ["01-07T10:00/11:30"]


def test_an_unchanged_address_is_read_again_after_a_week(open_parts, ana, served, clock):
    served.answers |= {"body": TUESDAY, "headers": {"ETag": '"one"'}}
    busy_times.add_address(open_parts, ana, ADDRESS, served.way)
    clock.move(days=7, minutes=1)
    assert busy_times.refresh(open_parts, served.way)["read"] == 1
    assert "If-None-Match" not in served.asked[-1][1]


def test_whoever_left_is_not_looked_at(open_parts, ana, served, clock):
    served.answers["body"] = TUESDAY
    busy_times.add_address(open_parts, ana, ADDRESS, served.way)
    clock.move(hours=1)
    with open_parts.store.write() as db:
        accounts.set_active(db, ANA, active=False)
    assert busy_times.refresh(open_parts, served.way) == {"read": 0, "unchanged": 0, "trouble": 0}
    assert len(served.asked) == 1


def test_the_address_is_in_no_answer_and_no_act(open_parts, ana, served):
    served.answers["body"] = TUESDAY
    busy_times.add_address(open_parts, ana, ADDRESS, served.way)
    with open_parts.store.read() as db:
        assert "secret" not in repr(busy.sources(db, ANA))
        assert not [r for r in db.execute(text("SELECT what FROM audit")) if "secret" in r[0]]
        kept_as = bytes(db.execute(text("SELECT address FROM busy_source")).scalar_one())
    assert b"secret" not in kept_as
    assert b"https" not in kept_as
    assert Way().port == 443
