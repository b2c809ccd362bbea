"""Sums of the calendar as columns: by day, team, quarter; what a draft would change; what is owed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from devsys.adapters.store.queries import calendar_figures as figures
from devsys.adapters.store.queries import plans, sessions, standing
from devsys.core.model.calendar import Owed, Place, Status
from devsys.core.model.causes import FOR_THE_QUEUE
from tests.builders import MONDAY, a_draft, a_session, id_of, publish_now

DAY = date(2026, 1, 20)
END = date(2026, 3, 2)


@pytest.fixture
def published(parts, organisation):
    """A round of three, and the day after one of two with one of another team."""
    assert organisation.people
    publish_now(
        parts,
        a_session(),
        a_session("round-2", starts=datetime(2026, 1, 21, 11), people=("ana.correia", "helena.vaz"), minutes=90),
    )


def owed(person="ana.correia", activity="case_round", **more):
    at = datetime(2026, 1, 20, tzinfo=UTC)
    values = {
        "person_id": id_of(person),
        "activity": activity,
        "need": f"{person}/{activity}/1",
        "earliest": at,
        "due": at + timedelta(days=7),
        "latest": at + timedelta(days=10),
        "rule": "coverage",
        "reason": "The queue can spare nobody.",
    }
    return Owed(**(values | more))


@pytest.mark.usefixtures("published")
def test_sums_by_day_and_activity(store):
    with store.read() as db:
        assert figures.day_sums(db, MONDAY, END) == (
            figures.DaySum(DAY, "case_round", 3, 1, 180),
            figures.DaySum(DAY + timedelta(days=1), "case_round", 2, 1, 180),
        )
        assert [s.places for s in figures.day_sums(db, MONDAY, END, team_ids=[id_of("belem")])] == [1]
        assert figures.day_sums(db, DAY + timedelta(days=2), END) == ()


def test_a_draft_stands_over_what_is_published(parts, published, store):
    assert published is None
    draft_id = a_draft(
        parts,
        replace(a_session(), status=Status.CANCELLED),
        a_session("round-3", starts=datetime(2026, 1, 22, 11)),
        code="second",
    )
    with store.read() as db:
        days = [(s.day.day, s.places) for s in figures.day_sums(db, MONDAY, END, draft_id=draft_id)]
        assert days == [(21, 2), (22, 3)]
        start = datetime(2026, 1, 1, tzinfo=UTC)
        ids = standing.drafted_ids(db, draft_id, start, start + timedelta(days=60))
        assert ids == {id_of("session round-1"), id_of("session round-3")}
        assert standing.changes(db, draft_id, id_of("session round-1"))
        assert not standing.changes(db, draft_id, id_of("session round-2"))
        assert standing.draft_with(db, id_of("session round-3")) == draft_id
        assert standing.draft_with(db, id_of("session round-2")) is None
        assert standing.newest_draft_by(db, id_of("olivia.brandt")) == draft_id
        assert standing.newest_draft_by(db, id_of("rui.carvalho")) is None
        assert standing.published_count(db) == 2
        assert standing.version_of(db, draft_id) is None
        assert standing.version_of(db, id_of("draft draft")) == 1


@pytest.mark.usefixtures("published")
def test_seats_are_people_with_their_queue(store):
    start = datetime(2026, 1, 21, tzinfo=UTC)
    with store.read() as db:
        seats = figures.seats(db, start, start + timedelta(days=1))
        assert {(s.person_id, s.queue_id) for s in seats} == {
            (id_of("ana.correia"), id_of("billing")),
            (id_of("helena.vaz"), id_of("delivery")),
        }
        of_one = figures.seats(db, start, start + timedelta(days=1), queue_ids=[id_of("delivery")])
        assert [s.person_id for s in of_one] == [id_of("helena.vaz")]
        assert [s.person_id for s in figures.led(db, start, start + timedelta(days=1))] == [id_of("marta.nogueira")]


def test_the_ledger_counts_held_missed_and_taken_back(parts, published, store):
    assert published is None
    first, queue = id_of("session round-1"), FOR_THE_QUEUE
    with store.write() as db:
        sessions.mark_attendance(
            db, first, {id_of("ana.correia"): False, id_of("bruno.matos"): True}, None, parts.now()
        )
    gone = a_session("gone", starts=datetime(2026, 1, 23, 11))
    other = a_session("other", starts=datetime(2026, 1, 23, 15))
    off = [replace(s, status=Status.CANCELLED, cause=c) for s, c in ((gone, queue), (other, "heavy snow"))]
    for number, states in enumerate(([gone, other], off)):
        draft_id = a_draft(parts, *states, code=f"more {number}")
        with store.write() as db:
            plans.publish(db, draft_id, by_id=None, cause="", now=parts.now(), changes={})
    with store.read() as db:
        alfama = [s for s in figures.ledger_sums(db, MONDAY, END) if s.team_id == id_of("alfama")]
        assert [(s.day.day, s.planned, s.missed, s.cancelled) for s in alfama] == [
            (20, 180, 60, 0),
            (21, 90, 0, 0),
            (23, 0, 0, 180),
        ]
        assert {s.team_id for s in figures.ledger_sums(db, MONDAY, END, team_ids=[id_of("belem")])} == {id_of("belem")}


def test_answered_needs_leave_out_who_was_absent(parts, organisation, store):
    assert organisation.people
    places = (Place(id_of("ana.correia"), "ana/1"), Place(id_of("bruno.matos"), "bruno/1"), Place(id_of("elif.kaya")))
    publish_now(parts, replace(a_session(), places=places))
    with store.write() as db:
        sessions.mark_attendance(db, a_session().id, {id_of("bruno.matos"): False}, None, parts.now())
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with store.read() as db:
        assert figures.answered(db, start, start + timedelta(days=60)) == {"ana/1": a_session().starts_utc}
        assert figures.answered(db, start, start + timedelta(days=2)) == {}


def test_what_is_owed_by_day_group_and_line(parts, organisation, store):
    assert organisation.people
    draft_id = a_draft(parts, a_session())
    rows = (
        owed(),
        owed("bruno.matos", would_fit="Would fit with a group of 2 instead of 3."),
        owed("helena.vaz", rule="at_work", reason="Helena Vaz is not at work."),
        owed(activity="coaching_calls", need="asked/1"),
    )
    with store.write() as db:
        plans.keep_owed(db, draft_id, rows)
    with store.read() as db:
        assert figures.owed_days(db, draft_id) == (
            (date(2026, 1, 27), "case_round", 3),
            (date(2026, 1, 27), "coaching_calls", 1),
        )
        assert figures.owed_days(db, draft_id, [id_of("belem")], ["coaching_calls"]) == (
            (date(2026, 1, 27), "case_round", 1),
        )
        assert figures.owed_by_team(db, draft_id, date(2026, 1, 1), date(2026, 1, 28)) == tuple(
            sorted(
                (
                    (id_of("alfama"), "case_round", 2),
                    (id_of("alfama"), "coaching_calls", 1),
                    (id_of("belem"), "case_round", 1),
                )
            )
        )
        assert figures.owed_by_team(db, draft_id, date(2026, 1, 28), date(2026, 4, 1)) == ()
        groups = figures.owed_groups(db, draft_id)
        assert [(g.rule, g.team_id, g.needs, g.fitting) for g in groups] == [
            ("coverage", id_of("alfama"), 3, 1),
            ("at_work", id_of("belem"), 1, 0),
        ]
        assert [g.needs for g in figures.owed_groups(db, draft_id, without=["coaching_calls"])] == [2, 1]
        mine = figures.owed_lines(db, draft_id, person_id=id_of("ana.correia"))
        assert [(line.person, line.team, line.activity) for line in mine] == [
            ("Ana Correia", "Billing Alfama", "case_round"),
            ("Ana Correia", "Billing Alfama", "coaching_calls"),
        ]
        assert len(figures.owed_lines(db, draft_id, limit=2)) == 2
        assert [line.person for line in figures.owed_lines(db, draft_id, rule="at_work")] == ["Helena Vaz"]
        assert figures.owed_lines(db, draft_id, team_ids=[id_of("patan")]) == ()


@pytest.mark.usefixtures("published")
def test_names_by_id(store):
    with store.read() as db:
        assert [team.name for team in figures.teams(db).values()] == [
            "Billing Alfama",
            "Delivery Belém",
            "Technical Patan",
        ]
        assert figures.rooms(db)[id_of("himal")].zone == "Asia/Kathmandu"
        assert figures.queues(db)[id_of("billing")].name == "Billing"
        assert figures.sites(db)[id_of("lisbon")].zone == "Europe/Lisbon"
        assert list(figures.members(db, [id_of("elif.kaya")])) == [id_of("elif.kaya")]
        assert figures.people_and_teams(db, MONDAY) == (20, 3)
        assert figures.people_and_teams(db, MONDAY, [id_of("patan")]) == (6, 1)
        assert figures.people_and_teams(db, date(2020, 1, 1)) == (0, 0)
        assert standing.teams_in(db, id_of("session round-1")) == (id_of("alfama"),)
        assert figures.holidays(db, date(2026, 4, 1), date(2026, 4, 5)) == (
            (date(2026, 4, 3), "Sexta-feira Santa", id_of("lisbon")),
        )
