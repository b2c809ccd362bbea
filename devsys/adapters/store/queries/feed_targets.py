"""What somebody may have a feed of: teams, rooms and facilitators, those of a site or some of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.people import FacilitatorRow, PersonRow, RoomRow, TeamRow
from devsys.core.feeds.scope import FeedKind, Reader, may_have

_PERSON, _FACILITATOR, _TEAM, _ROOM = (table(row) for row in (PersonRow, FacilitatorRow, TeamRow, RoomRow))
_IDS = {FeedKind.TEAM: _TEAM.c.id, FeedKind.ROOM: _ROOM.c.id, FeedKind.FACILITATOR: _FACILITATOR.c.person_id}


@dataclass(frozen=True, slots=True)
class Target:
    """Something a person may have a feed of."""

    kind: FeedKind
    id: str
    name: str


def targets(db: Db, owner: Reader, *, site_id: str = "") -> tuple[Target, ...]:
    """Give what a person may have a feed of: the own calendar first, what they lead, teams, rooms, facilitators.

    With a site its teams and rooms, and who leads at it.
    """
    here = [_FACILITATOR.c.site_ids.contains(site_id, autoescape=True)] if site_id else []
    found = _others(
        db,
        owner,
        {
            FeedKind.TEAM: [_TEAM.c.site_id == site_id] if site_id else [],
            FeedKind.ROOM: [_ROOM.c.site_id == site_id] if site_id else [],
            FeedKind.FACILITATOR: [_PERSON.c.id != owner.viewer.person_id, *here],
        },
    )
    return (*_of_oneself(owner), *found)


def targets_among(db: Db, owner: Reader, wanted: Collection[tuple[FeedKind, str]]) -> tuple[Target, ...]:
    """Give those of some kinds and ids that a person may have a feed of; what is not there or not theirs is missing."""
    own = [target for target in _of_oneself(owner) if (target.kind, target.id) in wanted]
    ids: dict[FeedKind, set[str]] = {}
    for kind, target_id in {*wanted} - {(target.kind, target.id) for target in own}:
        ids.setdefault(kind, set()).add(target_id)
    return (
        *own,
        *_others(db, owner, {kind: [_IDS[kind].in_(sorted(some))] for kind, some in ids.items() if kind in _IDS}),
    )


def _of_oneself(owner: Reader) -> tuple[Target, ...]:
    me = owner.viewer
    kinds = (FeedKind.PERSON, FeedKind.FACILITATOR)
    return tuple(Target(kind, me.person_id, me.name) for kind in kinds if may_have(kind, me.person_id, owner))


def _others(db: Db, owner: Reader, wanted: Mapping[FeedKind, Sequence[ColumnElement[bool]]]) -> Iterator[Target]:
    """Give the teams, rooms and facilitators a person may have, each under its conditions, in this order, by name."""
    leads = select(_PERSON.c.id, _PERSON.c.name).join(_FACILITATOR, _FACILITATOR.c.person_id == _PERSON.c.id)
    queries = {
        FeedKind.TEAM: select(_TEAM.c.id, _TEAM.c.name).order_by(_TEAM.c.name, _TEAM.c.id),
        FeedKind.ROOM: select(_ROOM.c.id, _ROOM.c.name).order_by(_ROOM.c.name, _ROOM.c.id),
        FeedKind.FACILITATOR: leads.order_by(_PERSON.c.name, _PERSON.c.id),
    }
    seen = owner.sessions
    for kind, query in queries.items():
        if kind not in wanted or not (seen.everything or (kind is FeedKind.TEAM and seen.team_ids)):
            continue
        near = () if seen.everything else (_TEAM.c.id.in_(sorted(seen.team_ids)),)
        for row in db.execute(query.where(*wanted[kind], *near)):
            if may_have(kind, row.id, owner):
                yield Target(kind, row.id, row.name)
