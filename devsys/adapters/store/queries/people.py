"""The organisation: read as one value, written in bulk."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, distinct, exists, func, select

from devsys.adapters.store.queries import busy, house
from devsys.adapters.store.queries.rows import chunks, table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.causes import ContactRow, ReliefRow
from devsys.adapters.store.tables.people import (
    AbsenceRow,
    ClosureRow,
    EmergencyRow,
    FacilitatorRow,
    HeldRow,
    HolidayRow,
    PatternRow,
    PersonRow,
    QueueRow,
    RequirementRow,
    RoomRow,
    ShiftRow,
    SiteRow,
    TeamRow,
)
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase
from devsys.core.intake.public_holidays import holidays_of
from devsys.core.model.people import (
    Absence,
    Closure,
    Emergency,
    Facilitator,
    Held,
    Organisation,
    Person,
    Queue,
    Relief,
    Requirement,
    Room,
    Shift,
    ShiftPattern,
    Site,
    Stay,
    Team,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEARS_BACK, YEARS_AHEAD = 2, 3  # of public holidays kept
EMPTY = Organisation((), (), (), (), (), (), (), (), (), ())

_SITE, _QUEUE, _TEAM, _ROOM = table(SiteRow), table(QueueRow), table(TeamRow), table(RoomRow)
_PATTERN, _SHIFT, _PERSON = table(PatternRow), table(ShiftRow), table(PersonRow)
_ABSENCE, _FACILITATOR, _HELD = table(AbsenceRow), table(FacilitatorRow), table(HeldRow)
_CLOSURE, _EMERGENCY = table(ClosureRow), table(EmergencyRow)
_REQUIREMENT, _HOLIDAY = table(RequirementRow), table(HolidayRow)
_RELIEF, _CONTACT = table(ReliefRow), table(ContactRow)


def only(**kinds: Any) -> Organisation:
    """Give an Organisation that holds only the kinds named, for `write_organisation`."""
    return replace(EMPTY, **kinds)


def organisation(db: Db) -> Organisation:
    """Give the whole organisation as it is now: seventeen reads, whatever its size; each kind ordered by code."""
    return Organisation(
        sites=tuple(Site(*row) for row in _by_code(db, SiteRow)),
        queues=tuple(Queue(*row) for row in _by_code(db, QueueRow)),
        teams=tuple(Team(*row) for row in _by_code(db, TeamRow)),
        rooms=tuple(Room(*row) for row in _by_code(db, RoomRow)),
        patterns=patterns(db),
        people=tuple(Person(*row) for row in _by_code(db, PersonRow)),
        absences=tuple(
            Absence(*row) for row in db.execute(select(_ABSENCE).order_by(_ABSENCE.c.person_id, _ABSENCE.c.start))
        ),
        facilitators=_facilitators(db),
        held=tuple(Held(*row) for row in db.execute(select(_HELD).order_by(_HELD.c.person_id, _HELD.c.activity))),
        requirements=requirements(db),
        holidays=holidays(db),
        revision=house.revision(db),
        closures=closures(db),
        emergencies=emergencies(db),
        busy=busy.as_absences(db),
        reliefs=reliefs(db),
    )


def reliefs(db: Db) -> tuple[Relief, ...]:
    """Give what checked fixes take off requirements and nobody took back, the oldest first."""
    query = select(_RELIEF).where(_RELIEF.c.ended.is_(None)).order_by(_RELIEF.c.start, _RELIEF.c.id)
    return tuple(Relief(r.fix_id, r.queue_id, r.start, week_of(r.less)) for r in db.execute(query))


def week_of(figures: str) -> tuple[tuple[int, ...], ...]:
    """Give 7 x 48 figures from their text."""
    found = tuple(map(int, figures.split()))
    return tuple(found[day * 48 : day * 48 + 48] for day in range(7))


def frame(db: Db) -> Organisation:
    """Give the organisation without its people and what is theirs: ten reads, a few rows each but for teams."""
    return only(
        sites=tuple(Site(*row) for row in _by_code(db, SiteRow)),
        queues=tuple(Queue(*row) for row in _by_code(db, QueueRow)),
        teams=tuple(Team(*row) for row in _by_code(db, TeamRow)),
        rooms=tuple(Room(*row) for row in _by_code(db, RoomRow)),
        patterns=patterns(db),
        facilitators=_facilitators(db),
        requirements=requirements(db),
        holidays=holidays(db),
        revision=house.revision(db),
        closures=closures(db),
        emergencies=emergencies(db),
        reliefs=reliefs(db),
    )


def people_of(db: Db, queue_ids: Iterable[str], person_ids: Sequence[str]) -> tuple[Person, ...]:
    """Give everybody of some queues, and some people besides, by code."""
    queues = tuple(queue_ids)
    found: dict[str, Any] = {}
    if queues:
        found = {row.id: row for row in db.execute(select(_PERSON).where(_PERSON.c.queue_id.in_(queues)))}
    for some in chunks([i for i in person_ids if i not in found]):
        found.update({row.id: row for row in db.execute(select(_PERSON).where(_PERSON.c.id.in_(some)))})
    return tuple(Person(*row) for row in sorted(found.values(), key=lambda row: str(row.code)))


def one(db: Db, person_id: str) -> Person:
    """Give one person. Raises NotFoundError."""
    row = db.execute(select(_PERSON).where(_PERSON.c.id == person_id)).one_or_none()
    if row is None:
        raise NotFoundError(phrase("There is no such person."))
    return Person(*row)


def pattern_ids(db: Db) -> Mapping[str, str]:
    """Give the id of each shift pattern by its code."""
    return {str(code): str(i) for i, code in db.execute(select(_PATTERN.c.id, _PATTERN.c.code))}


def people_at(db: Db, site_id: str) -> tuple[Person, ...]:
    """Give everybody whose team is at a site, by code."""
    here = select(_TEAM.c.id).where(_TEAM.c.site_id == site_id)
    rows = db.execute(select(_PERSON).where(_PERSON.c.team_id.in_(here)).order_by(_PERSON.c.code))
    return tuple(Person(*row) for row in rows)


def how_many(db: Db) -> int:
    """Give how many people there are, those who left among them."""
    return int(db.execute(select(func.count()).select_from(_PERSON)).scalar() or 0)


def absences_of(db: Db, person_ids: Sequence[str], since: datetime) -> Iterable[Absence]:
    """Give when some people are away, but for what ended before `since` (naive local time)."""
    lasts = _ABSENCE.c.end.is_(None) | (_ABSENCE.c.end > since)
    for some in chunks(person_ids):
        query = select(_ABSENCE).where(_ABSENCE.c.person_id.in_(some), lasts)
        yield from (Absence(*row) for row in db.execute(query.order_by(_ABSENCE.c.person_id, _ABSENCE.c.start)))


def held_by(db: Db, person_ids: Sequence[str]) -> Iterable[Held]:
    """Give what some people learnt before."""
    for some in chunks(person_ids):
        query = select(_HELD).where(_HELD.c.person_id.in_(some))
        yield from (Held(*row) for row in db.execute(query.order_by(_HELD.c.person_id, _HELD.c.activity)))


def _facilitators(db: Db) -> tuple[Facilitator, ...]:
    return tuple(
        Facilitator(row.person_id, _split(row.site_ids), frozenset(_split(row.qualifications)), row.weekly_hours)
        for row in db.execute(select(_FACILITATOR).order_by(_FACILITATOR.c.person_id))
    )


def closures(db: Db) -> tuple[Closure, ...]:
    """Give when rooms are closed, by room and start."""
    return tuple(Closure(*row) for row in db.execute(select(_CLOSURE).order_by(_CLOSURE.c.room_id, _CLOSURE.c.start)))


def emergencies(db: Db) -> tuple[Emergency, ...]:
    """Give when queues need more than usual, by queue and start."""
    query = select(_EMERGENCY).order_by(_EMERGENCY.c.queue_id, _EMERGENCY.c.start)
    return tuple(Emergency(*row) for row in db.execute(query))


def write_closures(db: Db, new: Iterable[Closure], gone: Iterable[Closure] = ()) -> int:
    """Write when rooms are closed, take away what is gone, and give the new revision of the organisation."""
    for one in gone:
        db.execute(delete(_CLOSURE).where(_CLOSURE.c.room_id == one.room_id, _CLOSURE.c.start == one.start))
    upsert(db, ClosureRow, map(asdict, new))
    return house.next_revision(db)


def write_emergencies(db: Db, new: Iterable[Emergency], gone: Iterable[Emergency] = ()) -> int:
    """Write when queues need more agents, take away what is gone, and give the new revision of the organisation."""
    for one in gone:
        db.execute(delete(_EMERGENCY).where(_EMERGENCY.c.queue_id == one.queue_id, _EMERGENCY.c.start == one.start))
    upsert(db, EmergencyRow, map(asdict, new))
    return house.next_revision(db)


def holidays(db: Db) -> Mapping[str, Mapping[date, str]]:
    """Give site id -> day -> name of the public holiday."""
    found: dict[str, dict[date, str]] = defaultdict(dict)
    for row in db.execute(select(_HOLIDAY).order_by(_HOLIDAY.c.site_id, _HOLIDAY.c.day)):
        found[row.site_id][row.day] = row.name
    return dict(found)


def is_team(db: Db, team_id: str) -> bool:
    """Say whether there is such a team."""
    return bool(db.execute(select(exists().where(_TEAM.c.id == team_id))).scalar())


def write_organisation(
    db: Db, changes: Organisation, *, today: date, gone: Iterable[Absence] = (), unheld: Iterable[Held] = ()
) -> int:
    """Write new and changed things, each kind in one statement, and give the new revision of the organisation.

    `changes` holds only what is new or changed, by its id (or person and start, person and activity). A pattern
    brings all its shifts; a requirement all its days. Public holidays of a written site are worked out again, from
    two years before `today` to three after, unless `changes.holidays` brings the site's own. `gone` absences and
    `unheld` evidence are taken away. Things not named stay as they are.

    Raises InvalidError for a country the holiday data does not know.
    """
    upsert(db, SiteRow, map(asdict, changes.sites))
    _write_holidays(db, changes, today)
    upsert(db, QueueRow, map(asdict, changes.queues))
    upsert(db, TeamRow, map(asdict, changes.teams))
    upsert(db, RoomRow, map(asdict, changes.rooms))
    _write_patterns(db, changes.patterns)
    upsert(db, PersonRow, map(asdict, changes.people))
    for absence in gone:
        db.execute(delete(_ABSENCE).where(_ABSENCE.c.person_id == absence.person_id, _ABSENCE.c.start == absence.start))
    for held in unheld:
        db.execute(delete(_HELD).where(_HELD.c.person_id == held.person_id, _HELD.c.activity == held.activity))
    upsert(db, AbsenceRow, map(asdict, changes.absences))
    upsert(db, FacilitatorRow, map(_facilitator_row, changes.facilitators))
    upsert(db, HeldRow, map(asdict, changes.held))
    _write_requirements(db, changes.requirements)
    return house.next_revision(db)


def _by_code(db: Db, row: type[SiteRow | QueueRow | TeamRow | RoomRow | PersonRow]) -> Iterable[Any]:
    target = table(row)
    return db.execute(select(target).order_by(target.c.code))


def _split(words: str) -> tuple[str, ...]:
    return tuple(word for word in words.split("|") if word)


def patterns(db: Db) -> tuple[ShiftPattern, ...]:
    """Give the shift patterns, by code."""
    shifts: dict[str, list[Shift]] = defaultdict(list)
    order = (_SHIFT.c.pattern_id, _SHIFT.c.week, _SHIFT.c.weekday, _SHIFT.c.start)
    for pattern_id, *rest in db.execute(select(_SHIFT).order_by(*order)):
        shifts[pattern_id].append(Shift(*rest))
    return tuple(
        ShiftPattern(row.id, row.code, row.weeks, row.anchor, tuple(shifts[row.id]))
        for row in db.execute(select(_PATTERN).order_by(_PATTERN.c.code))
    )


def requirements(db: Db) -> tuple[Requirement, ...]:
    """Give the requirement of each queue that has one, as it was brought."""
    found: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for row in db.execute(select(_REQUIREMENT).order_by(_REQUIREMENT.c.queue_id)):
        found[row.queue_id][row.day] = tuple(map(int, row.agents.split()))
    nothing = (0,) * 48
    return tuple(
        Requirement(
            queue_id,
            tuple(days.get(weekday, nothing) for weekday in WEEKDAYS),
            {date.fromisoformat(day): figures for day, figures in sorted(days.items()) if day not in WEEKDAYS},
        )
        for queue_id, days in found.items()
    )


def _facilitator_row(facilitator: Facilitator) -> dict[str, Any]:
    return {
        "person_id": facilitator.person_id,
        "site_ids": "|".join(facilitator.site_ids),
        "qualifications": "|".join(sorted(facilitator.qualifications)),
        "weekly_hours": facilitator.weekly_hours,
    }


def _write_holidays(db: Db, changes: Organisation, today: date) -> None:
    for site in changes.sites:
        days = changes.holidays.get(site.id)
        if days is None:
            days = holidays_of(site.country, site.region, range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1))
        db.execute(delete(_HOLIDAY).where(_HOLIDAY.c.site_id == site.id))
        upsert(db, HolidayRow, ({"site_id": site.id, "day": day, "name": name} for day, name in days.items()))


def _write_patterns(db: Db, patterns: Iterable[ShiftPattern]) -> None:
    written = tuple(patterns)
    upsert(db, PatternRow, ({"id": p.id, "code": p.code, "weeks": p.weeks, "anchor": p.anchor} for p in written))
    if written:
        db.execute(delete(_SHIFT).where(_SHIFT.c.pattern_id.in_([p.id for p in written])))
    upsert(db, ShiftRow, ({"pattern_id": p.id, **asdict(shift)} for p in written for shift in p.shifts))


def _write_requirements(db: Db, requirements: Iterable[Requirement]) -> None:
    written = tuple(requirements)
    if written:
        db.execute(delete(_REQUIREMENT).where(_REQUIREMENT.c.queue_id.in_([r.queue_id for r in written])))
    upsert(
        db,
        RequirementRow,
        (
            {"queue_id": r.queue_id, "day": day, "agents": " ".join(map(str, figures))}
            for r in written
            for day, figures in (
                *zip(WEEKDAYS, r.profile, strict=True),
                *((day.isoformat(), figures) for day, figures in r.days.items()),
            )
        ),
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How much stands of each kind of file."""

    sites: int
    queues: int
    teams: int
    shifts: int
    people: int
    absences: int
    facilitators: int
    rooms: int
    held: int
    requirement: int
    contacts: int

    def of(self, kind: str) -> int:
        """Give the count of a kind by its code."""
        return int(getattr(self, kind))


def counts(db: Db) -> Counts:
    """Give how much stands of each kind, in one read."""
    tables = (_SITE, _QUEUE, _TEAM, _PATTERN, _PERSON, _ABSENCE, _FACILITATOR, _ROOM, _HELD)
    each = [select(func.count()).select_from(target).scalar_subquery() for target in tables]
    queues = select(func.count(distinct(_REQUIREMENT.c.queue_id))).scalar_subquery()
    weeks = select(func.count(distinct(_CONTACT.c.week))).scalar_subquery()
    return Counts(*db.execute(select(*each, queues, weeks)).one())


def any_minimum(db: Db) -> bool:
    """Say whether some queue keeps at least somebody, whatever the requirement says."""
    return bool(db.execute(select(exists().where(_QUEUE.c.minimum > 0))).scalar())


def agents_without_pattern(db: Db, today: date) -> int:
    """Give how many people count for a queue and are never at work."""
    here = (_PERSON.c.left.is_(None) | (_PERSON.c.left > today)) & _PERSON.c.queue_id.is_not(None)
    return int(db.execute(select(func.count()).where(here, _PERSON.c.pattern_id.is_(None))).scalar() or 0)


def qualifications(db: Db) -> frozenset[str]:
    """Give the qualifications that some facilitator has."""
    return frozenset(word for row in db.execute(select(_FACILITATOR.c.qualifications)) for word in _split(row[0]))


def rooms(db: Db) -> tuple[Room, ...]:
    """Give the rooms by code."""
    return tuple(Room(*row) for row in _by_code(db, RoomRow))


def team_codes(db: Db) -> frozenset[str]:
    """Give the codes of the teams that stand."""
    return frozenset(db.execute(select(_TEAM.c.code)).scalars())


def team_sizes(db: Db, today: date) -> Mapping[str, int]:
    """Give how many people who count for a queue and are here each team has, by the team's code."""
    here = (_PERSON.c.left.is_(None) | (_PERSON.c.left > today)) & (
        _PERSON.c.joined.is_(None) | (_PERSON.c.joined <= today)
    )
    query = (
        select(_TEAM.c.code, func.count())
        .join(_PERSON, _PERSON.c.team_id == _TEAM.c.id)
        .where(here, _PERSON.c.queue_id.is_not(None))
        .group_by(_TEAM.c.code)
        .order_by(_TEAM.c.code)
    )
    return {str(code): int(count) for code, count in db.execute(query)}


def stays(db: Db) -> tuple[tuple[Stay, ...], int]:
    """Give when everybody of a team came and went, and how many are left out because nobody said when they came."""
    query = (
        select(_PERSON.c.id, _TEAM.c.site_id, _PERSON.c.joined, _PERSON.c.left, _PERSON.c.own_will)
        .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id)
        .order_by(_PERSON.c.id)
    )
    rows = db.execute(query).all()
    known = tuple(Stay(*row) for row in rows if row.joined is not None)
    return known, len(rows) - len(known)
