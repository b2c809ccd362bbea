"""Programmes as adopted: what is to be learnt, as the YAML text that files have."""

from datetime import datetime

from pydantic import Field

from devsys.actions import adopt_programme
from devsys.adapters.store.queries import programme
from devsys.base import limits
from devsys.base.errors import NotFoundError
from devsys.faces.api.operations import In, Noun, Out
from devsys.faces.web.here import parts, viewer

noun = Noun("programmes", "programmes")


class Line(Out):
    """One adopted programme."""

    code: str
    title: str
    adopted: datetime
    by: str
    revision: int


class Programmes(Out):
    """All adopted programmes."""

    items: list[Line]


class Programme(Line):
    """One adopted programme with its text."""

    yaml: str


class Text(In):
    """A programme as YAML text."""

    yaml: str = Field(min_length=1, max_length=limits.JSON_BYTES)


class Adoption(Out):
    """Titles of programmes that are new or changed, and of those that said the same."""

    taken: list[str]
    same: list[str]


@noun.op("GET", "/programmes", "programme", gives=Programmes)
def listed() -> Programmes:
    """List adopted programmes."""
    with parts().store.read() as db:
        found = programme.records(db)
    return Programmes(
        items=[
            Line(code=a.programme.code, title=a.programme.title, adopted=a.adopted, by=a.by, revision=a.revision)
            for a in found
        ]
    )


@noun.op("POST", "/programmes", "programme", "write", body=Text, gives=Adoption)
def adopt(given: Text) -> Adoption:
    """Adopt a programme, or change the adopted one of its code; all faults at once, with their lines."""
    done = adopt_programme.adopt(parts(), given.yaml, viewer().person_id)
    return Adoption(taken=list(done.taken), same=list(done.same))


@noun.op("GET", "/programmes/<code>", "programme", gives=Programme)
def show(code: str) -> Programme:
    """Show one adopted programme."""
    with parts().store.read() as db:
        found = next((a for a in programme.records(db) if a.programme.code == code), None)
    if found is None:
        raise NotFoundError("There is no such programme.")
    return Programme(
        code=code,
        title=found.programme.title,
        adopted=found.adopted,
        by=found.by,
        revision=found.revision,
        yaml=found.text,
    )
