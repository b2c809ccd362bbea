"""Who besides a person sees what is counted of that person's work: lead, if announced; coach, with consent.

A coordinator switches it, two weeks pass in which everybody concerned sees it on their pages, and only then does a lead
see one person at a time, of the own teams; each look stands in that person's own log. Switched off, it ends at once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from devsys.actions.import_measures import all_measures
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, coaching, coaching_plans, house, measures, sight
from devsys.adapters.store.queries.sight import Concerned
from devsys.adapters.store.store import Db
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase, to_keep
from devsys.core.improvement.metrics import Measure
from devsys.core.improvement.readings import OwnReading
from devsys.core.improvement.sight import opens
from devsys.core.model.access import Viewer
from devsys.core.model.coaching import Course
from devsys.core.policy import Extent, scope

READ: Final = to_keep("read readings")  # as the list of the person concerned names it
ByMeasure = tuple[tuple[Measure, tuple[OwnReading, ...]], ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """How the switch stands: when it was announced (None: off), and who switched it last, when, and whether on."""

    announced: datetime | None
    last: tuple[datetime, str, bool] | None


@dataclass(frozen=True, slots=True)
class Read:
    """The readings of one person, as their lead or coach sees them."""

    name: str
    measures: ByMeasure


@dataclass(frozen=True, slots=True)
class Consent:
    """A running plan with a coach: the coach's name, and whether the person lets them see the readings."""

    plan_id: str
    coach: str
    given: bool


@dataclass(frozen=True, slots=True)
class Own:
    """A person's own readings; `opens` is from when the lead of their team sees them, None while switched off.

    `coaches` are those of the plans that run, with whether they may see them.
    """

    measures: ByMeasure
    opens: datetime | None
    coaches: tuple[Consent, ...]


def switch_of(parts: Parts) -> Switch:
    """Give how the switch stands."""
    with parts.store.read() as db:
        return Switch(sight.announced(db), sight.last_switched(db))


def switch(parts: Parts, viewer: Viewer, *, on: bool) -> bool:
    """Announce that leads will see the readings of single people, or end it at once; say whether anything changed.

    The first announcement counts: pressing it again begins no new two weeks. Raises NotFoundError for a coordinator
    of some teams only: it holds for all.
    """
    if not scope(viewer, "lead_readings", "write").everything:
        raise NotFoundError(phrase("This is switched for all teams at once, by a coordinator of all."))
    now = parts.now()
    with parts.store.write() as db:
        if on == (sight.announced(db) is not None):
            return False
        if on:
            house.set_fact(db, house.LEADS_READ, now.isoformat())
        else:
            house.drop_fact(db, house.LEADS_READ)
        audit.record(db, at=now, by_id=viewer.person_id, act=sight.ON if on else sight.OFF, what="for leads of teams")
    return True


def opening(db: Db, person_id: str, now: datetime) -> datetime | None:
    """Give from when the lead sees a person's readings; None while it is off, or for who is in no team."""
    found = sight.concerned(db, person_id, now.date())
    return _opening(found, sight.announced(db)) if found is not None else None


def _opening(found: Concerned, announced: datetime | None) -> datetime | None:
    """Give None for who has no account, too: it was never announced to them."""
    return opens(announced, found.since) if announced is not None and found.since is not None else None


def own(parts: Parts, viewer: Viewer) -> Own:
    """Give the viewer their own readings, and who else sees them from when."""
    with parts.store.read() as db:
        rows = measures.own_readings(db, viewer.person_id)
        return Own(by_measure(db, rows), opening(db, viewer.person_id, parts.now()), _coaches(db, viewer))


def _coaches(db: Db, viewer: Viewer) -> tuple[Consent, ...]:
    found = [p for p in coaching_plans.of_person(db, viewer.person_id) if p.state is Course.RUNNING and p.coach_id]
    names = coaching.names(db, {p.coach_id for p in found if p.coach_id})
    return tuple(Consent(p.id, names.get(p.coach_id or "", phrase("your coach")), sight.consents(db, p)) for p in found)


def consent(parts: Parts, viewer: Viewer, plan_id: str, *, given: bool) -> None:
    """Let the present coach of one's own plan see one's readings, or take that back. Raises NotFoundError."""
    with parts.store.write() as db:
        plan = coaching_plans.of_two(db, plan_id, viewer.person_id)
        if plan is None or plan.person_id != viewer.person_id or plan.state is not Course.RUNNING:
            raise NotFoundError(phrase("There is no such plan of yours."))
        sight.consent(db, plan, given=given, now=parts.now())


def of_coached(parts: Parts, viewer: Viewer, plan_id: str) -> Read:
    """Give the present coach of a running plan the person's readings, if they consent; it stands in that one's log.

    Raises NotFoundError for everybody else, and without consent.
    """
    with parts.store.read() as db:
        plan = coaching_plans.of_two(db, plan_id, viewer.person_id)
        if plan is None or plan.coach_id != viewer.person_id or not sight.consents(db, plan):
            raise NotFoundError(phrase("There are no such readings for you."))
        name = coaching.names(db, {plan.person_id}).get(plan.person_id, "")
        answer = Read(name, by_measure(db, measures.own_readings(db, plan.person_id)))
    with parts.store.write() as db:
        audit.read_by_another(db, at=parts.now(), by_id=viewer.person_id, about_id=plan.person_id, act=READ)
    return answer


def people(parts: Parts, viewer: Viewer) -> tuple[Concerned, ...]:
    """Give the people whose readings the viewer, as their lead, may read now, by name. Raises NotFoundError."""
    now = parts.now()
    reach = scope(viewer, "own_readings", "read")
    if Extent.TEAM not in reach.extents:
        raise NotFoundError(phrase("There is no such page for you."))
    with parts.store.read() as db:
        announced = sight.announced(db)
        found = sight.of_teams(db, reach.team_ids, now.date()) if announced is not None else ()
    return tuple(one for one in found if one.id != viewer.person_id and _is_open(one, announced, now))


def _is_open(found: Concerned, announced: datetime | None, now: datetime) -> bool:
    begins = _opening(found, announced)
    return begins is not None and begins <= now


def of_person(parts: Parts, viewer: Viewer, person_id: str) -> Read:
    """Give a lead the readings of one person of the own teams, from those teams; it stands in that person's log.

    Raises NotFoundError for everybody else, and before its day.
    """
    now = parts.now()
    reach = scope(viewer, "own_readings", "read")
    with parts.store.read() as db:
        found = sight.concerned(db, person_id, now.date())
        mine = found is not None and found.id != viewer.person_id and found.team_id in reach.team_ids
        if found is None or not mine or not _is_open(found, sight.announced(db), now):
            raise NotFoundError(phrase("There are no such readings for you."))
        rows = tuple(r for r in measures.own_readings(db, person_id) if r.team_id in reach.team_ids)
        answer = Read(found.name, by_measure(db, rows))
    with parts.store.write() as db:
        audit.read_by_another(db, at=now, by_id=viewer.person_id, about_id=person_id, act=READ)
    return answer


def by_measure(db: Db, rows: tuple[OwnReading, ...]) -> ByMeasure:
    """Give readings by measure, in the order they come."""
    known = all_measures(db)
    keys = dict.fromkeys(row.measure for row in rows if row.measure in known)
    return tuple((known[key], tuple(row for row in rows if row.measure == key)) for key in keys)
