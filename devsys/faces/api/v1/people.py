"""People: who the owner of the token may see, as the pages of people show them."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from devsys.actions import change_person
from devsys.adapters.store.queries import directory, house, people
from devsys.base import limits
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.text import clean
from devsys.core.policy import scope as scope_of
from devsys.faces.api.operations import In, Noun, Out
from devsys.faces.api.paging import NEXT, PageQuery, cut, place_of
from devsys.faces.api.seen import replace_seen
from devsys.faces.web.here import parts, scope, today, viewer

noun = Noun("people", "people")


ID: Final = r"^[0-9a-zA-Z_-]{1,64}$"


def _name(text: str) -> str:
    try:
        found = clean(text, limit=limits.TEXT)
    except InvalidError as error:
        raise ValueError(error.message) from None
    if not found:
        raise ValueError("Nothing of it can be seen.")
    return found


def _no_default(schema: dict[str, Any]) -> None:
    """Leave the default out of the schema: what is not named stays, and no value says so."""
    del schema["default"]


Name = Annotated[str, AfterValidator(_name)]


class PeopleQuery(PageQuery):
    """Which people."""

    gone: bool = Field(default=False, description="Those who left, too.")
    team_id: str = Field("", pattern=r"^[0-9a-zA-Z_-]{0,64}$")


class PersonLine(Out):
    """One person of the list."""

    id: str
    code: str
    name: str
    team: str
    queue: str
    pattern: str
    joined: date | None
    left: date | None


class People(Out):
    """A page of people, in order of their ids."""

    items: list[PersonLine]
    next: str = Field(description=NEXT)


class Person(Out):
    """One person."""

    id: str
    code: str
    name: str
    email: str
    team_id: str | None
    team: str
    queue_id: str | None
    queue: str
    pattern: str
    site: str
    zone: str
    joined: date | None
    left: date | None
    qualifications: list[str] = Field(description="What they may lead.")
    weekly_hours: float | None


class Changes(In):
    """What shall be otherwise of one person."""

    name: Name = Field("", min_length=1, max_length=limits.TEXT, json_schema_extra=_no_default)
    email: Name = Field("", min_length=3, max_length=limits.TEXT, json_schema_extra=_no_default)
    team_id: str | None = Field(None, pattern=ID)
    queue_id: str | None = Field(None, pattern=ID, description="Null: counts for no queue.")
    pattern: Name | None = Field(None, max_length=limits.TEXT, description="Code of a shift pattern.")
    joined: date | None = None
    left: date | None = Field(None, description="First day no longer here.")


@noun.op("GET", "/people", "people", query=PeopleQuery, gives=People)
def listed(asked: PeopleQuery) -> People:
    """List people."""
    after = place_of("people", asked.cursor, 1)
    with parts().store.read() as db:
        found = directory.by_id(
            db,
            scope(),
            team_id=asked.team_id,
            today=today(),
            gone=asked.gone,
            after=after[0] if after else "",
            most=asked.limit + 1,
        )
    rows, further = cut("people", found, asked.limit, lambda e: (e.id,))
    return People(
        items=[
            PersonLine(
                id=e.id,
                code=e.code,
                name=e.name,
                team=e.team,
                queue=e.queue,
                pattern=e.pattern,
                joined=e.joined,
                left=e.left,
            )
            for e in rows
        ],
        next=further,
    )


@noun.op("PATCH", "/people/<person_id>", "people", "write", body=Changes, gives=Person, rests=True)
def change(person_id: str, given: Changes) -> Person:
    """Change one person, who is still as they were seen; what is not named stays.

    Judged as the row of a file of people would be. 412 where somebody changed them meanwhile.
    """

    def write(_: Person, revision: int) -> None:
        with parts().store.read() as db:
            standing, patterns = people.one(db, person_id), people.pattern_ids(db)
        said = given.model_dump(exclude_unset=True)
        if "pattern" in said:
            code = said.pop("pattern")
            said["pattern_id"] = patterns.get(code, f"no {code}") if code else None
        change_person.change(parts(), viewer(), [replace(standing, **said)], revision)

    return replace_seen(lambda: _seen(person_id), write)


@noun.op("GET", "/people/<person_id>", "people", gives=Person)
def show(person_id: str) -> Person:
    """Show one person."""
    return _seen(person_id)[0]


def _seen(person_id: str) -> tuple[Person, int]:
    """Give a person as the viewer sees them, with the revision of the organisation. Raises NotFoundError."""
    with parts().store.read() as db:
        found = directory.profile(db, scope_of(viewer(), "people", "read"), person_id)
        revision = house.revision(db)
    if found is None:
        raise NotFoundError("There is no such person.")
    return _given(found), revision


def _given(found: directory.Profile) -> Person:
    return Person(
        id=found.id,
        code=found.code,
        name=found.name,
        email=found.email,
        team_id=found.team_id,
        team=found.team,
        queue_id=found.queue_id,
        queue=found.queue,
        pattern=found.pattern,
        site=found.site,
        zone=found.zone,
        joined=found.joined,
        left=found.left,
        qualifications=list(found.qualifications),
        weekly_hours=found.weekly_hours,
    )
