"""What is wrong is refused with its row and column, or planned right; never silently wrong (issue: bad input)."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from devsys.actions import adopt_programme, draw_plan, import_files
from devsys.actions.bring_up import bring_up
from devsys.actions.draw_plan import Wish
from devsys.actions.export_instance import export_instance
from devsys.adapters.store.digest import digest
from devsys.adapters.store.queries import runs, sessions
from devsys.base.errors import InvalidError
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from devsys.core.model.causes import FACILITATOR_CHANGED, NO_FACILITATOR
from devsys.core.model.people import Shift, ShiftPattern
from devsys.core.planning.check import check
from devsys.core.planning.exchange import read_problem
from devsys.faces.jobs.worker import Worker
from tests.builders import DOMAIN, an_organisation, id_of, settle
from tests.stories import acts
from tests.stories.acts import Count, away, drafted, draw, owed, plan, published

ANA, MARTA = id_of("ana.correia"), id_of("marta.nogueira")
RITA = {"code": "4711", "name": "Rita Prata", "email": f"rita.prata@{DOMAIN}", "team": "alfama", "pattern": "early"}
NIGHT = {"pattern": "night", "week": 1, "weekday": "mon"}
LEAD = {"person": "marta.nogueira", "sites": "lisbon", "qualifications": "skill", "weekly_hours": 8}


def absence(first, last, person="ana.correia"):
    return {"person": person, "from": first, "to": last}


REFUSED = (
    ("absences", absence("2026-01-12", "2026-01-13", "9999"), "person", "a code that stands among the people"),
    ("absences", absence("2027-02-29", "2027-03-01"), "from", "2027 has no 29 February"),
    ("absences", absence("2026-01-13", "2026-01-12"), "to", "an end after its start"),
    ("absences", absence("2026-01-13T24:30", "2026-01-14T09:00"), "from", "a time from 00:00 to 24:00"),
    ("absences", absence("13.01.2026", "2026-01-14"), "from", "a date (2026-03-14)"),
    ("absences", absence("9999-12-31", "9999-12-31"), "from", "at most 10 years ahead"),
    ("shifts", NIGHT | {"start": "22:00", "end": "06:00"}, "end", "mon 22:00-24:00 and tue 00:00-06:00"),
    ("shifts", NIGHT | {"start": "08:00", "end": "24:30"}, "end", "a time from 00:00 to 24:00"),
    ("shifts", NIGHT | {"week": 9, "start": "08:00", "end": "16:00"}, "week", "from 1 to 8"),
    ("people", RITA | {"team": "", "queue": "billing"}, "team", "the team of a person who works on a queue"),
    ("people", RITA | {"team": "patan", "queue": "billing"}, "queue", "a queue of the team's site"),
    ("people", RITA | {"email": f"ana.correia@{DOMAIN}"}, "email", "has it already"),
    ("people", RITA | {"pattern": "evening"}, "pattern", "stands among the shift patterns"),
    ("people", RITA | {"joined": "2026-05-01", "left": "2026-04-01"}, "left", "after the first day, 2026-05-01"),
    ("requirement", {"queue": "billing", "day": "mon", "start": "08:15", "agents": 3}, "start", "a half hour"),
    ("requirement", {"queue": "chat", "day": "mon", "start": "08:00", "agents": 3}, "queue", "among the queues"),
    ("requirement", {"queue": "billing", "day": "2026-02-30", "start": "08:00", "agents": 3}, "day", "of the calendar"),
    ("requirement", {"queue": "billing", "day": "mon", "start": "08:00", "agents": -1}, "agents", "from 0 to 10,000"),
    ("facilitators", LEAD | {"qualifications": ""}, "qualifications", "at least one, as programmes name them"),
    ("facilitators", LEAD | {"person": "ana.correia"}, "person", "Ana Correia counts for billing"),
    ("facilitators", LEAD | {"weekly_hours": "NaN"}, "weekly_hours", "a number from 0.5 to 60"),
    ("facilitators", LEAD | {"person": "vera.antunes", "sites": "porto"}, "sites", "stands among the sites"),
    ("sites", {"code": "atlantis", "name": "Atlantis", "zone": "Europe/Atlantis"}, "zone", "an IANA time zone"),
    ("held", {"person": "ana.correia", "activity": "skill", "date": "2031-01-01"}, "date", "a day up to today"),
    ("volumes", {"queue": "billing", "start": "2025-02-29T09:00", "calls": 9}, "start", "2025 has no 29 February"),
    ("rooms", {"code": "doca", "name": "Doca", "site": "lisbon", "seats": 0}, "seats", "from 1 to 500"),
)


@pytest.fixture
def adopted(parts, organisation):
    """Northgate with the whole shipped programme."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    return parts


def state(store):
    with store.read() as db:
        return digest(db)


@pytest.mark.parametrize("bad", REFUSED, ids=[f"{kind}-{column}-{n}" for n, (kind, _, column, _) in enumerate(REFUSED)])
def test_a_bad_row_is_named_and_keeps_the_good_ones_out(adopted, sign_in, store, bad):
    kind, row, column, wanted = bad
    good = acts.files_of(an_organisation())[kind] if kind in acts.files_of(an_organisation()) else acts.rows(kind)
    file = good + acts.rows(kind, row).split("\r\n", 1)[1]
    number = file.count("\n")
    before = state(store)
    page = sign_in(Role.COORDINATOR).post(f"/imports/{kind}", {"pasted": file})
    said = acts.text_of(page)
    assert page.status_code == 422
    assert f"{number} {column}" in said
    assert wanted in said
    outcome = import_files.bring(adopted, kind, file.encode(), dry_run=False, by=None)
    assert (number, column) in {(r.row, r.column) for r in outcome.refused}
    assert {r.row for r in outcome.refused} == {number}
    assert outcome.upserts == ()
    assert state(store) == before


def test_overlapping_absences_are_refused_and_a_corrected_one_is_planned_around(adopted, store):
    away(adopted, "ana.correia", "2026-01-12", "2026-01-23")
    before = state(store)
    for first, last in (("2026-01-19", "2026-01-30"), ("2026-01-20T10:00", "2026-01-20T12:00")):
        file = acts.rows("absences", absence(first, last)).encode()
        (refused,) = import_files.bring(adopted, "absences", file, dry_run=False, by=None).refused
        assert "one that stands, 2026-01-12 to 2026-01-23" in str(refused.fault)
    assert state(store) == before
    away(adopted, "ana.correia", "2026-01-24", "2026-01-30")
    plan(adopted, weeks=6)
    own = [s.starts.date() for s in published(adopted, person_id=ANA)]
    assert own
    assert not [day for day in own if date(2026, 1, 12) <= day <= date(2026, 1, 30)]
    back = absence("2026-01-12", "2026-01-23") | {"withdrawn": "yes"}
    acts.bring(adopted, "absences", acts.rows("absences", back))
    plan(adopted, weeks=6)
    assert Count(adopted).faults() == []
    own = [s.starts.date() for s in published(adopted, person_id=ANA)]
    assert not [day for day in own if date(2026, 1, 24) <= day <= date(2026, 1, 30)]
    assert len(acts.standing(adopted).absences) == 1


def by_night():
    """Northgate whose Billing works from ten to six, each night written as two stretches; Marta leads by night too."""
    organisation = an_organisation()
    stretches = [
        stretch
        for day in range(7)
        for stretch in (
            Shift(1, day, datetime(2026, 1, 1, 22).time(), None),
            Shift(1, day, datetime(2026, 1, 1).time(), datetime(2026, 1, 1, 6).time()),
        )
    ]
    night = ShiftPattern(id_of("night"), "night", 1, date(2025, 1, 6), tuple(stretches))
    people = tuple(replace(p, pattern_id=night.id) if p.team_id == id_of("alfama") else p for p in organisation.people)
    needed = tuple(
        replace(r, profile=((2,) * 12 + (0,) * 32 + (2,) * 4,) * 7) if r.queue_id == id_of("billing") else r
        for r in organisation.requirements
    )
    patterns = (*organisation.patterns, night)
    return replace(organisation, patterns=patterns, people=people, requirements=needed, holidays={})


@pytest.mark.parametrize("start", [datetime(2026, 3, 16, 9, tzinfo=UTC), datetime(2026, 10, 12, 8, tzinfo=UTC)])
def test_nights_are_planned_across_midnight_and_across_a_clock_change(parts, clock, start):
    clock.now = start  # the clocks of Lisbon change in the nights to 29 March and 25 October 2026
    settle(parts.store, by_night(), now=start)
    adopt_programme.adopt_shipped(parts)
    drawn = plan(parts, weeks=4)
    assert drawn.figures.needs == drawn.figures.placed + drawn.figures.owed
    count = Count(parts)
    assert count.faults() == []
    nightly = [s for s in count.sessions if ANA in s.people]
    assert nightly
    assert all(s.starts.hour >= 22 or s.starts.hour < 6 for s in nightly)
    gap = datetime(2026, 3, 29, 1), datetime(2026, 3, 29, 2)
    twice = datetime(2026, 10, 25, 1), datetime(2026, 10, 25, 2)
    for first, last in (gap, twice):
        assert not [s for s in count.sessions if s.zone == "Europe/Lisbon" and first <= s.starts < last]


def test_a_facilitator_who_may_no_longer_lead_is_replaced_or_the_session_goes_with_its_cause(adopted, clock):
    plan(adopted)
    led = {s.id: s for s in published(adopted, facilitator_id=MARTA)}
    assert led
    acts.bring(adopted, "facilitators", acts.rows("facilitators", LEAD | {"qualifications": "coaching"}))
    clock.move(minutes=5)
    drawn = draw(adopted)
    changed = {s.id: s for s in drafted(adopted, drawn.draft_id)}
    assert led.keys() <= changed.keys()
    assert {changed[i].cause for i in led} <= {FACILITATOR_CHANGED, NO_FACILITATOR}
    assert {changed[i].facilitator_id for i in led if changed[i].cause == FACILITATOR_CHANGED}.isdisjoint({MARTA})
    acts.publish(adopted, drawn)
    assert not published(adopted, facilitator_id=MARTA)
    assert Count(adopted).faults() == []


def test_what_can_no_longer_stand_is_not_pinned_in_an_instance(adopted):
    plan(adopted)
    assert published(adopted, facilitator_id=MARTA)
    acts.bring(adopted, "facilitators", acts.rows("facilitators", LEAD | {"qualifications": "coaching"}))
    problem = read_problem(export_instance(adopted, weeks=8))
    assert problem.pinned
    assert check(problem, problem.pinned) == ()


def test_a_room_that_became_too_small_loses_its_sessions_with_their_cause(adopted):
    plan(adopted)
    small = {"code": "mewa", "name": "Mewa", "site": "lisbon", "seats": 2}
    acts.bring(adopted, "rooms", acts.rows("rooms", small))
    held = {s.id for s in published(adopted, room_id=id_of("mewa")) if len(s.places) > 2}
    assert held
    drawn = draw(adopted)
    changed = {s.id: s for s in drafted(adopted, drawn.draft_id)}
    assert held <= changed.keys()
    assert all(changed[i].cause for i in held)
    acts.publish(adopted, drawn)
    assert Count(adopted).faults() == []


def test_what_is_pinned_is_left_to_a_person_and_blocks_nothing_else(adopted, sign_in):
    plan(adopted)
    session = published(adopted, person_id=ANA)[-1]
    coordinator = sign_in(Role.COORDINATOR)
    assert coordinator.post(f"/sessions/{session.id}/pin").status_code == 303
    day = str(session.starts.date())
    away(adopted, "ana.correia", day, day)
    away(adopted, "goncalo.reis", day, day)
    drawn = draw(adopted)
    assert session.id not in {s.id for s in drafted(adopted, drawn.draft_id)}
    acts.publish(adopted, drawn)
    assert published(adopted, ids=frozenset({session.id}))[0].people == session.people
    assert len(list(Count(adopted).misplaced())) == 1


def test_people_without_pattern_team_or_queue_are_said_and_never_planned(adopted):
    nobody = {"code": "4712", "name": "Samuel Faro", "email": f"samuel.faro@{DOMAIN}"}
    outcome = acts.bring(adopted, "people", acts.rows("people", nobody, RITA | {"queue": "billing", "pattern": ""}))
    assert "Rita Prata is never at work without a pattern" in " ".join(str(w.fault) for w in outcome.warnings)
    drawn = plan(adopted)
    ids = {acts.person_of(adopted, code).id for code in ("4711", "4712")}
    assert not [s for s in published(adopted) if s.people & ids]
    reasons = [o.reason for o in owed(adopted, drawn) if o.person_id in ids]
    assert reasons
    assert all(reasons)
    assert Count(adopted).faults() == []


def test_with_nobody_or_nothing_to_plan_the_run_fails_in_one_sentence(app, parts, organisation, sign_in):
    assert organisation.people
    coordinator = sign_in(Role.COORDINATOR)
    answer = coordinator.post("/plans/draw", {"weeks": "8", "how": "keep"})
    assert answer.status_code == 303
    worker = Worker(parts, rhythms=())
    worker.tick()
    worker.wait()
    worker.tick()
    worker.lay_down()
    page = acts.text_of(coordinator.get(answer.headers["Location"]))
    assert "No programme is adopted yet. Adopt one first: devsys adopt." in page
    with parts.store.read() as db:
        assert [r.state for r in runs.listed(db)] == ["failed"]
    assert app


def test_an_empty_installation_says_whom_to_bring(parts):
    bring_up(parts)
    with pytest.raises(InvalidError, match="nobody to plan for yet"):
        draw(parts)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"weeks": "0"}, "from 1 to 104"),
        ({"weeks": "105"}, "from 1 to 104"),
        ({"weeks": "1e3"}, "from 1 to 104"),
        ({"seed": "-1"}, "from 0"),
        ({"how": "never"}, "How: choose one of these"),
        ({"how": "redraw", "from": "2026-02-30", "cause": "new year"}, "Redraw from: a date as 2026-03-31"),
        ({"how": "redraw", "from": "2026-01-07", "cause": "new year"}, "The next 14 days are frozen"),
        ({"how": "redraw", "from": "2026-03-01", "cause": ""}, "Fill this in"),
    ],
)
def test_a_wish_that_cannot_be_is_said_beside_its_field(adopted, sign_in, typed, said):
    page = sign_in(Role.COORDINATOR).post("/plans/draw", {"weeks": "8", "how": "keep"} | typed)
    assert page.status_code == 422
    assert said in acts.text_of(page)
    with adopted.store.read() as db:
        assert runs.listed(db) == ()


def test_a_redraw_keeps_pins_and_the_freeze_window(adopted, clock):
    plan(adopted)
    standing = published(adopted)
    pinned = standing[-1]
    with adopted.store.write() as db:
        sessions.set_pinned(db, pinned.id, pinned=True)
    first = (clock.now + timedelta(days=14)).date()
    wish = Wish(weeks=8, rounds=1, redraw_from=first, cause="the programme changed", seed=9)
    drawn = draw_plan.carry_out(adopted, wish)
    changed = {s.id: s for s in drafted(adopted, drawn.draft_id)}
    for session in standing:
        if session.starts.date() < first or session.id == pinned.id:
            now = changed.get(session.id)
            assert now is None or (now.starts_utc, now.status) == (session.starts_utc, Status.PLANNED)
    assert all(s.cause == "the programme changed" for s in changed.values() if s.id in {x.id for x in standing})
    acts.publish(adopted, drawn)
    assert Count(adopted).faults() == []


def test_every_owed_need_stands_on_the_page_and_in_the_file(adopted, sign_in):
    acts.require(adopted, "technical", *((hour, 5) for hour in range(9, 17)))
    drawn = plan(adopted)
    coordinator = sign_in(Role.COORDINATOR)
    file = coordinator.get("/owed.csv").text
    assert len(re.findall(r"\r\n", file)) - 1 == drawn.figures.owed
    people = {p.id: p.name for p in acts.standing(adopted).people}
    for one in owed(adopted, drawn):
        assert people[one.person_id] in file
        assert one.reason in file.replace('""', '"')
