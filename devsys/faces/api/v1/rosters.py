"""Teams and their rosters: who works when on which day, by the clock of the team's site."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Final

from pydantic import Field

from devsys.actions import change_person
from devsys.adapters.store.queries import house, people, rosters
from devsys.base import limits
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.core.model.hours import shifts_on
from devsys.core.model.people import Person, ShiftPattern
from devsys.core.policy import scope as scope_of
from devsys.faces.api.operations import In, Noun, Out
from devsys.faces.api.paging import NEXT, PageQuery, cut, place_of
from devsys.faces.api.seen import replace_seen
from devsys.faces.api.v1.periods import PeriodQuery
from devsys.faces.web.here import parts, scope, viewer

noun = Noun("rosters", "people")
_ID: Final = r"^[0-9a-zA-Z_-]{1,64}$"


class Team(Out):
    """One team."""

    id: str
    code: str
    name: str
    site: str
    zone: str


class Teams(Out):
    """A page of teams, in order of their ids."""

    items: list[Team]
    next: str = Field(description=NEXT)


class Shift(Out):
    """One stretch of work on a day; 24:00 is the end of it, empty lunch times are no lunch."""

    day: date
    start: str
    end: str
    lunch_start: str
    lunch_end: str


class Rostered(Out):
    """Who works when: their pattern, and what it gives on the days asked for, public holidays left out."""

    person_id: str
    code: str
    pattern: str = Field(description="Code of the shift pattern; empty: never at work.")
    shifts: list[Shift]


class Roster(Out):
    """The roster of a team, by code of the person. Absences are not taken off: they have their own address."""

    team_id: str
    zone: str
    start: date
    end: date
    items: list[Rostered]


class Assigned(In):
    """Which pattern one person works by."""

    person_id: str = Field(pattern=_ID)
    pattern: str = Field(max_length=limits.TEXT, description="Code of a shift pattern; empty: never at work.")


class Assignments(In):
    """Everybody of the roster, each once."""

    items: list[Assigned] = Field(max_length=2_000)


@noun.op("GET", "/teams", "people", query=PageQuery, gives=Teams)
def teams(asked: PageQuery) -> Teams:
    """List teams whose people one may see."""
    after = place_of("teams", asked.cursor, 1)
    with parts().store.read() as db:
        found = rosters.teams(db, scope(), after=after[0] if after else "", most=asked.limit + 1)
    rows, further = cut("teams", found, asked.limit, lambda t: (t.id,))
    return Teams(items=[Team(id=t.id, code=t.code, name=t.name, site=t.site, zone=t.zone) for t in rows], next=further)


@noun.op("GET", "/teams/<team_id>/roster", "people", query=PeriodQuery, gives=Roster)
def show(team_id: str, asked: PeriodQuery) -> Roster:
    """Show who of a team works when."""
    return _seen(team_id, asked)[0]


@noun.op(
    "PUT",
    "/teams/<team_id>/roster",
    "people",
    "write",
    query=PeriodQuery,
    body=Assignments,
    gives=Roster,
    rests=True,
)
def put(team_id: str, asked: PeriodQuery, given: Assignments) -> Roster:
    """Say anew by which pattern everybody of a team's roster works.

    A pattern is a cycle of weeks and holds until it is said anew, beyond the days asked for, too; patterns themselves
    are brought as shifts, single days off are absences. Everybody of the roster is named once. 412 where it is another
    roster by now.
    """

    def write(standing: Roster, revision: int) -> None:
        with parts().store.read() as db:
            known = {p.id: p for p in rosters.people_of_team(db, team_id, asked.start, asked.end)}
            patterns = people.pattern_ids(db)
        wanted = _wanted(given, standing, known, patterns)
        change_person.change(parts(), viewer(), wanted, revision)

    return replace_seen(lambda: _seen(team_id, asked), write)


def _wanted(
    given: Assignments, standing: Roster, known: Mapping[str, Person], patterns: Mapping[str, str]
) -> list[Person]:
    """Give people as they shall be. Raises InvalidError for who is not of the roster, is named twice or not at all."""
    there = {one.person_id for one in standing.items} & known.keys()
    faults, named = [], set()
    for i, one in enumerate(given.items):
        if one.person_id not in there:
            faults.append(Fault(f"items.{i}.person_id", "Not of this roster."))
        elif one.person_id in named:
            faults.append(Fault(f"items.{i}.person_id", "Named twice."))
        if one.pattern and one.pattern not in patterns:
            faults.append(Fault(f"items.{i}.pattern", "There is no such shift pattern."))
        named.add(one.person_id)
    faults += [Fault("items", f"{one} is not named.") for one in sorted(there - named)]
    if faults:
        raise InvalidError("This is not a whole roster; nothing was changed.", tuple(faults[:50]))
    return [replace(known[one.person_id], pattern_id=patterns.get(one.pattern)) for one in given.items]


def _seen(team_id: str, asked: PeriodQuery) -> tuple[Roster, int]:
    with parts().store.read() as db:
        team = rosters.team(db, scope_of(viewer(), "people", "read"), team_id)
        if team is None:
            raise NotFoundError("There is no such team.")
        staff = rosters.people_of_team(db, team_id, asked.start, asked.end)
        off = frozenset(rosters.holidays_of(db, team.site_id, asked.start, asked.end))
        patterns = {p.id: p for p in people.patterns(db)}
        revision = house.revision(db)
    items = [_rostered(one, patterns.get(one.pattern_id or ""), asked, off) for one in staff]
    return Roster(team_id=team.id, zone=team.zone, start=asked.start, end=asked.end, items=items), revision


def _rostered(person: Person, pattern: ShiftPattern | None, asked: PeriodQuery, off: frozenset[date]) -> Rostered:
    here = (
        day
        for day in asked.days()
        if day not in off
        and (person.joined is None or person.joined <= day)
        and (person.left is None or day < person.left)
    )
    shifts = [
        Shift(
            day=day,
            start=_clock(shift.start),
            end=_clock(shift.end),
            lunch_start=_clock(shift.lunch_start) if shift.lunch_start is not None else "",
            lunch_end=_clock(shift.lunch_end) if shift.lunch_start is not None else "",
        )
        for day in here
        for shift in (shifts_on(pattern, day) if pattern else ())
    ]
    return Rostered(person_id=person.id, code=person.code, pattern=pattern.code if pattern else "", shifts=shifts)


def _clock(at: time | None) -> str:
    return "24:00" if at is None else f"{at:%H:%M}"
