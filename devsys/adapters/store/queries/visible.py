"""Permission as part of the question: a Scope turned into SQL (house.md section 1)."""

from sqlalchemy import ColumnElement, false, or_, select, true

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.queries.sessions import EVERYTHING, Reach
from devsys.adapters.store.tables.calendar import PlaceRow, RevisionRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.core.policy import Extent, Scope

_PERSON, _PLACE, _REVISION = table(PersonRow), table(PlaceRow), table(RevisionRow)


def reach(scope: Scope) -> Reach:
    """Give which sessions a scope reaches."""
    if scope.everything:
        return EVERYTHING
    return Reach(person_id=scope.person_id, team_ids=scope.team_ids)


def people(scope: Scope) -> ColumnElement[bool]:
    """Give the condition on the person table for the people a scope reaches in full.

    ASSIGNED people are those with a place in a published session that the viewer leads.
    """
    if scope.everything:
        return true()
    found: list[ColumnElement[bool]] = []
    if Extent.TEAM in scope.extents:
        found.append(_PERSON.c.team_id.in_(scope.team_ids))
    if Extent.OWN in scope.extents:
        found.append(_PERSON.c.id == scope.person_id)
    if Extent.ASSIGNED in scope.extents:
        led = (
            select(_PLACE.c.person_id)
            .join(_REVISION, _REVISION.c.id == _PLACE.c.revision_id)
            .where(
                _REVISION.c.facilitator_id == scope.person_id,
                _REVISION.c.since.is_not(None),
                _REVISION.c.until.is_(None),
            )
        )
        found.append(_PERSON.c.id.in_(led))
    return or_(*found) if found else false()
