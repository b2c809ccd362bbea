"""A file against the organisation that stands: what is new, changed, same, refused, and what to write."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from devsys.core.intake import places, staff, staffing, teaching
from devsys.core.intake.compare import Comparison, Standing, with_refused
from devsys.core.intake.contacts import resolve_contacts
from devsys.core.intake.kinds import kind_of, read_rows
from devsys.core.intake.lines import Line
from devsys.core.intake.teaching import Adopted
from devsys.core.intake.values import Outcome, Record
from devsys.core.model.causes import Contacts
from devsys.core.model.people import (
    Absence,
    Facilitator,
    Held,
    Organisation,
    Person,
    Queue,
    Requirement,
    Room,
    ShiftPattern,
    Site,
    Team,
)

NOTHING_ADOPTED = Adopted()
EMPTY = Organisation((), (), (), (), (), (), (), (), (), ())

_Resolver = Callable[[Comparison, Any, Adopted], None]

_RESOLVERS: Mapping[str, _Resolver] = MappingProxyType(
    {
        "sites": lambda c, lines, _: places.resolve_sites(c, lines),
        "queues": lambda c, lines, _: places.resolve_queues(c, lines),
        "teams": lambda c, lines, _: places.resolve_teams(c, lines),
        "shifts": lambda c, lines, _: staff.resolve_shifts(c, lines),
        "people": lambda c, lines, _: staff.resolve_people(c, lines),
        "absences": lambda c, lines, _: staff.resolve_absences(c, lines),
        "facilitators": teaching.resolve_facilitators,
        "rooms": lambda c, lines, _: places.resolve_rooms(c, lines),
        "held": teaching.resolve_held,
        "requirement": lambda c, lines, _: staffing.resolve_requirement(c, lines),
        "volumes": lambda c, lines, _: staffing.resolve_volumes(c, lines),
        "contacts": resolve_contacts,
    }
)


def resolve(
    code: str, rows: tuple[Line, ...], organisation: Organisation, today: date, adopted: Adopted = NOTHING_ADOPTED
) -> Outcome:
    """Compare the rows `read_rows` gave for a kind with the organisation that stands.

    `adopted` names activities and qualifications of adopted programmes; a name they lack is a warning. Raises
    NotFoundError for an unknown kind.
    """
    comparison = Comparison(kind_of(code), Standing(organisation), today)
    comparison.too_far_ahead(rows)
    _RESOLVERS[code](comparison, rows, adopted)
    return comparison.outcome()


def judge(
    code: str, data: bytes | str, organisation: Organisation, today: date, adopted: Adopted = NOTHING_ADOPTED
) -> Outcome:
    """Read a file and compare it: what a dry run shows and Confirm writes.

    A fault of the file itself stands alone; faults of rows stand among the refused, and leave nothing to write.
    """
    reading = read_rows(code, data)
    if not reading.rows:
        return Outcome(code, refused=reading.faults)
    return with_refused(resolve(code, reading.rows, organisation, today, adopted), reading.faults)


_HOMES: Mapping[type, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        Site: ("sites", ("id",)),
        Queue: ("queues", ("id",)),
        Team: ("teams", ("id",)),
        Room: ("rooms", ("id",)),
        ShiftPattern: ("patterns", ("id",)),
        Person: ("people", ("id",)),
        Absence: ("absences", ("person_id", "start")),
        Facilitator: ("facilitators", ("person_id",)),
        Held: ("held", ("person_id", "activity")),
        Requirement: ("requirements", ("queue_id",)),
    }
)


def key_of(record: Record) -> tuple[object, ...]:
    """Give what names a record among its sort: the fields a store keeps it by."""
    return tuple(getattr(record, name) for name in _HOMES[type(record)][1])


def after(organisation: Organisation, outcome: Outcome) -> Organisation:
    """Give the organisation as it stands once an outcome is written; public holidays are left as they are.

    Contacts are no part of it: an outcome of theirs leaves it as it is.
    """
    lists: dict[str, dict[tuple[object, ...], object]] = {}
    known = {field.name for field in fields(organisation)}
    for record in outcome.upserts:
        if isinstance(record, Contacts):
            continue
        home = _HOMES[type(record)][0]
        if home in known and home not in lists:
            lists[home] = {key_of(stands): stands for stands in getattr(organisation, home)}
        lists[home][key_of(record)] = record
    for absence in outcome.removals:
        home = "absences"
        lists.setdefault(home, {key_of(stands): stands for stands in organisation.absences}).pop(key_of(absence), None)
    changes: dict[str, Any] = {home: tuple(table.values()) for home, table in lists.items()}
    return replace(organisation, **changes) if changes else organisation
