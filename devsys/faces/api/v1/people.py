"""People: who the owner of the token may see, as the pages of people show them."""

from datetime import date

from pydantic import Field

from devsys.adapters.store.queries import directory
from devsys.base.errors import NotFoundError
from devsys.faces.api.operations import Noun, Out, PageQuery, cursor_of, place_of
from devsys.faces.web.here import parts, scope, today

noun = Noun("people", "people")


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
    next: str = Field(description="Cursor of the next page; empty on the last.")


class Person(Out):
    """One person."""

    id: str
    code: str
    name: str
    email: str
    team_id: str | None
    team: str
    queue: str
    pattern: str
    site: str
    zone: str
    joined: date | None
    left: date | None
    qualifications: list[str] = Field(description="What they may lead.")
    weekly_hours: float | None


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
    rows = found[: asked.limit]
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
        next=cursor_of("people", rows[-1].id) if len(found) > len(rows) else "",
    )


@noun.op("GET", "/people/<person_id>", "people", gives=Person)
def show(person_id: str) -> Person:
    """Show one person."""
    with parts().store.read() as db:
        found = directory.profile(db, scope(), person_id)
    if found is None:
        raise NotFoundError("There is no such person.")
    return Person(
        id=found.id,
        code=found.code,
        name=found.name,
        email=found.email,
        team_id=found.team_id,
        team=found.team,
        queue=found.queue,
        pattern=found.pattern,
        site=found.site,
        zone=found.zone,
        joined=found.joined,
        left=found.left,
        qualifications=list(found.qualifications),
        weekly_hours=found.weekly_hours,
    )
