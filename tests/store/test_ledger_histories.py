"""Acceptance 12: the sums of the ledger are those of the sessions, exactly, whatever happened to them.

A history is played twice: by publishing it, and by a tally of the test's own that knows nothing of the database.
"""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from devsys.adapters.store.queries import calendar_figures, sessions
from devsys.core.model.calendar import Place, Session, Status
from devsys.core.model.causes import FOR_THE_QUEUE, NO_LONGER_FITS
from devsys.core.model.hours import instant
from devsys.core.model.ledger import ledger, quarter_of, summed
from tests import builders
from tests.builders import id_of

PEOPLE = (
    "ana.correia",
    "bruno.matos",
    "catarina.leal",
    "goncalo.reis",
    "helena.vaz",
    "anjali.shrestha",
    "olivia.brandt",
)
START, END, TODAY = date(2025, 7, 1), date(2026, 7, 1), date(2026, 1, 5)


class Tally:
    """What stands, what was lost for the queue, who was marked absent: kept by hand."""

    def __init__(self) -> None:
        self.now: dict[str, Session] = {}
        self.lost: dict[tuple[str, str], tuple[date, int]] = {}
        self.absent: set[tuple[str, str]] = set()

    def take(self, after: Session) -> None:
        before = self.now.get(after.id)
        sat = before.people if before and before.status is Status.PLANNED else frozenset()
        sits = after.people if after.status is Status.PLANNED else frozenset()
        for person in sat - sits:
            self.lost.pop((after.id, person), None)
            if after.cause == FOR_THE_QUEUE:
                self.lost[after.id, person] = (before.starts.date(), before.minutes)
        for person in sits - sat:
            self.lost.pop((after.id, person), None)
        self.now[after.id] = after

    def entries(self, team_of: dict[str, str | None]) -> dict:
        planned, held, cancelled = Counter(), Counter(), Counter()
        for s in self.now.values():
            for person in s.people if s.status is Status.PLANNED else ():
                line = (team_of[person], quarter_of(s.starts.date()))
                planned[line] += s.minutes
                if s.starts.date() < TODAY and (s.id, person) not in self.absent:
                    held[line] += s.minutes
        for (_, person), (day, minutes) in self.lost.items():
            cancelled[team_of[person], quarter_of(day)] += minutes
        return {line: (planned[line], held[line], cancelled[line]) for line in {*planned, *cancelled}}


def moved(draw: random.Random, s: Session) -> Session:
    starts = datetime(2025, 7, 1, 9) + timedelta(days=draw.randrange(364), minutes=30 * draw.randrange(12))
    return replace(
        s, starts=starts, starts_utc=instant(starts, s.zone), cause=draw.choice((FOR_THE_QUEUE, NO_LONGER_FITS))
    )


def next_state(draw: random.Random, s: Session) -> Session:
    """One thing that may happen to a session."""
    cause = draw.choice((FOR_THE_QUEUE, FOR_THE_QUEUE, NO_LONGER_FITS, ""))
    if s.status is Status.CANCELLED:
        return replace(s, status=Status.PLANNED, cause=cause, places=s.places[draw.randrange(2) :])
    act = draw.randrange(5)
    if act == 0:
        return replace(s, status=Status.CANCELLED, cause=cause)
    if act == 1:
        return moved(draw, s)
    if act == 2:
        return replace(s, minutes=draw.choice((30, 45, 60, 90)), cause=cause)
    people = set(s.people) ^ {id_of(p) for p in draw.sample(PEOPLE, draw.randint(1, 3))}
    return replace(s, places=tuple(Place(p) for p in sorted(people)), cause=cause)


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 6, 7, 8])
def test_the_sums_are_those_of_the_sessions(parts, organisation, seed):
    draw = random.Random(seed)  # noqa: S311 -- the same histories in every run
    tally, taken = Tally(), False
    team_of = {p.id: p.team_id for p in organisation.people}
    for version in range(draw.randint(4, 9)):
        changed: dict[str, Session] = {}
        for number in range(draw.randint(1, 3)):
            people = draw.sample(PEOPLE, draw.randint(1, 5))
            fresh = moved(
                draw, builders.a_session(f"{version}-{number}", people=people, minutes=draw.choice((30, 45, 60, 90)))
            )
            changed[fresh.id] = replace(fresh, cause="")
        for session_id in draw.sample(sorted(tally.now), min(len(tally.now), draw.randint(0, 4))):
            changed[session_id] = next_state(draw, tally.now[session_id])
        builders.publish_now(parts, *changed.values(), code=f"{seed}-{version}")
        for s in changed.values():
            tally.take(s)
        with parts.store.write() as db:
            for s in draw.sample(sorted(tally.now.values(), key=lambda s: s.id), min(len(tally.now), 2)):
                marks = {p: draw.random() < 0.6 for p in sorted(s.people)}
                sessions.mark_attendance(db, s.id, marks, None, parts.now())
                tally.absent -= {(s.id, p) for p, there in marks.items() if there}
                tally.absent |= {(s.id, p) for p, there in marks.items() if not there}
        with parts.store.read() as db:
            sums = calendar_figures.ledger_sums(db, START, END)
            alfama = calendar_figures.ledger_sums(db, START, END, team_ids=[id_of("alfama")])
        found = ledger(sums, (), lambda _: 60, TODAY)
        expected = tally.entries(team_of)
        assert {k: (e.planned, e.held, e.cancelled) for k, e in found.items()} == {
            k: v for k, v in expected.items() if any(v)
        }
        assert summed(found.values()).planned == sum(
            s.minutes * len(s.places) for s in tally.now.values() if s.status is Status.PLANNED
        )
        taken = taken or bool(tally.lost)
        assert alfama == tuple(s for s in sums if s.team_id == id_of("alfama"))
    assert taken, "a history in which the queue took nothing proves little"
