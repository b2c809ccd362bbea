"""Change one person: judged as their row in a file of people would be, written if nothing changed meanwhile."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from devsys.actions import import_files
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, house, people
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.words import phrase, to_phrase
from devsys.core.intake.export import export_rows
from devsys.core.intake.resolve import EMPTY, after, judge
from devsys.core.model.access import Viewer
from devsys.core.model.people import Organisation, Person
from devsys.core.policy import scope

MOVED = to_phrase("The organisation changed meanwhile. Nothing was written; try again.")
_NONE = {
    "team_id": to_phrase("There is no such team."),
    "queue_id": to_phrase("There is no such queue."),
    "pattern_id": to_phrase("There is no such shift pattern."),
}
_FIELDS = {"team": "team_id", "queue": "queue_id"}


def change(parts: Parts, viewer: Viewer, changes: Iterable[Person], revision: int) -> None:
    """Write people as they shall be: all of them, or none.

    `changes` are whole people by the ids of those who stand; `revision` is that of the organisation they rest on.
    Raises NotFoundError for somebody the viewer may not write of, InvalidError (faults by person and field, by field
    alone where it is one person) for what cannot be, ConflictError where the organisation is at another revision.
    """
    wanted, now = tuple(changes), parts.now()
    with parts.store.read() as db:
        organisation = people.organisation(db)
    if organisation.revision != revision:
        raise ConflictError(phrase(MOVED))
    _may(viewer, wanted, organisation)
    judged = judge(
        "people", export_rows("people", replace(organisation, people=wanted)), organisation, now.date()
    )  # the same rules as for a file
    if judged.refused:
        faults = (_fault(wanted, r.row, r.column, r.wanted) for r in judged.refused)
        raise InvalidError(phrase("This cannot be so; nothing was changed."), tuple(faults))
    if not judged.writes:
        return
    with parts.store.write() as db:
        if house.revision(db) != revision:
            raise ConflictError(phrase(MOVED))
        written = after(EMPTY, judged)
        import_files.write_changes(db, parts, written)
        for one in written.people:
            audit.record(db, at=now, by_id=viewer.person_id, act="change person", what=f"person {one.id}")


def _may(viewer: Viewer, wanted: Iterable[Person], organisation: Organisation) -> None:
    """Refuse people out of the viewer's reach, and teams, queues and patterns that do not stand there."""
    reach = scope(viewer, "people", "write")
    known = {p.id: p for p in organisation.people}
    standing: dict[str, set[str | None]] = {
        "team_id": {None, *(t.id for t in organisation.teams)},
        "queue_id": {None, *(q.id for q in organisation.queues)},
        "pattern_id": {None, *(p.id for p in organisation.patterns)},
    }
    for one in wanted:
        stands = known.get(one.id)
        if stands is None or stands.code != one.code or not reach.covers(team_id=stands.team_id):
            raise NotFoundError(phrase("There is no such person."))
        if one.team_id != stands.team_id and not reach.covers(team_id=one.team_id):
            standing["team_id"] -= {one.team_id}
        for field, there in standing.items():
            found: Any = getattr(one, field)
            if found not in there:
                words = phrase(_NONE[field])
                raise InvalidError(words, (Fault("pattern" if field == "pattern_id" else field, words),))


def _fault(wanted: tuple[Person, ...], row: int, column: str, what: str) -> Fault:
    field = _FIELDS.get(column, column)
    # The first line of a file is its header.
    return Fault(field if len(wanted) == 1 else f"{wanted[row - 2].id}.{field}", what)
