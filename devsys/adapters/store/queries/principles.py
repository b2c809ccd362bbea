"""Which activities and cases a team had in a time, for the use of the five principles."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import distinct, func, select

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import PlaceRow, RevisionRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.rounds import CardRow
from devsys.core.model.programme import Principle

_REVISION, _PLACE, _PERSON, _CARD = (table(r) for r in (RevisionRow, PlaceRow, PersonRow, CardRow))
_SHOWN = (_REVISION.c.since.is_not(None), _REVISION.c.until.is_(None), _REVISION.c.status == "planned")


def sessions_of_teams(
    db: Db, start: datetime, end: datetime, team_ids: Collection[str] | None = None
) -> tuple[tuple[str, str, int], ...]:
    """Give (team, activity, sessions with people of the team in them) of the published calendar in a time.

    Of some teams, when asked.
    """
    query = (
        select(_PERSON.c.team_id, _REVISION.c.activity, func.count(distinct(_REVISION.c.session_id)))
        .join(_PLACE, _PLACE.c.revision_id == _REVISION.c.id)
        .join(_PERSON, _PERSON.c.id == _PLACE.c.person_id)
        .where(*_SHOWN, _REVISION.c.starts_utc >= start, _REVISION.c.starts_utc < end, _PERSON.c.team_id.is_not(None))
        .group_by(_PERSON.c.team_id, _REVISION.c.activity)
        .order_by(_PERSON.c.team_id, _REVISION.c.activity)
    )
    if team_ids is not None:
        some = tuple(team_ids)
        theirs = select(_PLACE.c.revision_id).join(_PERSON, _PERSON.c.id == _PLACE.c.person_id)
        # Each session of theirs is looked up once, not once for every seat in it.
        query = query.where(_PERSON.c.team_id.in_(some), _REVISION.c.id.in_(theirs.where(_PERSON.c.team_id.in_(some))))
    return tuple((str(team), str(code), int(count)) for team, code, count in db.execute(query))


def cases_of_teams(
    db: Db, start: datetime, end: datetime, team_ids: Collection[str] | None = None
) -> tuple[tuple[str, Principle], ...]:
    """Give (team, principle) of every shared card of rounds (of some teams) in a time: no text, nobody's name."""
    query = (
        select(_REVISION.c.team_id, _CARD.c.principles)
        .join(_REVISION, _REVISION.c.session_id == _CARD.c.session_id)
        .where(*_SHOWN, _REVISION.c.starts_utc >= start, _REVISION.c.starts_utc < end)
        .where(_CARD.c.shared.is_not(None), _REVISION.c.team_id.is_not(None))
        .order_by(_REVISION.c.team_id)
    )
    if team_ids is not None:
        query = query.where(_REVISION.c.team_id.in_(tuple(team_ids)))
    return tuple((str(team), Principle(p)) for team, named in db.execute(query) for p in named.split("|") if p)
