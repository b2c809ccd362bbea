"""What published plans changed, session by session: the lines of the change log, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import col

from devsys.adapters.store.queries.calendar_figures import superseded
from devsys.adapters.store.queries.sessions import Reach
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import PlaceRow, RevisionRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.plans import VersionRow
from devsys.core.model.calendar import Status
from devsys.core.model.changes import Change

PUBLISHED: Final = "published"
DEVSYS: Final = "devsys"  # whoever published without a person: a command, the clock
_ESCAPE: Final = "\\"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines are asked for; empty and None mean any. `start` (included) and `end` (not) are instants.

    `kinds` are `published` and those of model.changes.Change; `by` is a person's id or `devsys`; `cause` is a part of
    the words; `activities` and `team_id` name sessions, so that publishing itself is left out with them. `hidden` are
    activities whose own causes are not the viewer's to read: they are left out where a cause is asked for.
    """

    kinds: frozenset[str] = frozenset()
    start: datetime | None = None
    end: datetime | None = None
    by: str = ""
    cause: str = ""
    activities: frozenset[str] | None = None
    team_id: str = ""
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a version that was published (`revision_id` empty), or what it changed of one session."""

    number: int
    kind: str
    revision_id: str = ""
    before_id: str = ""


_BEFORE = aliased(RevisionRow)
_SEAT = aliased(PlaceRow)


def _kind() -> ColumnElement[str]:
    """Give what happened, as model.changes.difference says it."""
    cancelled = Status.CANCELLED.value
    moved = or_(
        col(RevisionRow.starts) != col(_BEFORE.starts),
        col(RevisionRow.zone) != col(_BEFORE.zone),
        col(RevisionRow.starts_utc) != col(_BEFORE.starts_utc),
        col(RevisionRow.minutes) != col(_BEFORE.minutes),
        func.coalesce(col(RevisionRow.room_id), "") != func.coalesce(col(_BEFORE.room_id), ""),
    )
    return case(
        (or_(col(_BEFORE.id).is_(None), col(_BEFORE.status) == cancelled), Change.NEW.value),
        (col(RevisionRow.status) == cancelled, Change.CANCELLED.value),
        (moved, Change.MOVED.value),
        else_=Change.ALTERED.value,
    )


def lines(db: Db, asked: Asked, reach: Reach, *, limit: int, offset: int = 0) -> tuple[Line, ...]:
    """Give the lines asked for, newest first: each version, then what it changed, in order of time."""
    wanted = asked.kinds - {PUBLISHED}
    new = not asked.kinds or Change.NEW.value in wanted
    sessions: Any = (
        select(
            col(RevisionRow.since).label("number"),
            _kind().label("kind"),
            col(RevisionRow.id).label("revision_id"),
            func.coalesce(col(_BEFORE.id), "").label("before_id"),
            col(RevisionRow.starts_utc).label("at"),
        )
        .join(VersionRow, col(VersionRow.number) == col(RevisionRow.since))
        .join(
            _BEFORE,
            and_(col(_BEFORE.session_id) == col(RevisionRow.session_id), col(_BEFORE.until) == col(RevisionRow.since)),
            isouter=new,  # what is not new had a state before: from those few to what took their place
        )
        .where(*_of_versions(asked), *_of_sessions(asked, reach))
    )
    if not new:  # without them, SQLite walks over every session there ever was
        sessions = sessions.where(col(_BEFORE.id).in_(superseded()))
    if asked.kinds:
        sessions = sessions.where(_kind().in_(sorted(wanted)))
    found = [sessions] if wanted or not asked.kinds else []
    if (PUBLISHED in asked.kinds or not asked.kinds) and asked.activities is None and not asked.team_id:
        conditions = _of_versions(asked)
        if asked.cause:
            conditions.append(_holds(col(VersionRow.cause), asked.cause))
        empty = literal("")
        published: Any = select(
            col(VersionRow.number).label("number"),
            literal(PUBLISHED).label("kind"),
            empty.label("revision_id"),
            empty.label("before_id"),
            col(VersionRow.published).label("at"),
        ).where(*conditions)
        found.append(published)
    if not found:
        return ()
    whole = found[0].union_all(*found[1:]).subquery()
    first = case((whole.c.kind == PUBLISHED, 0), else_=1)
    query = select(whole.c.number, whole.c.kind, whole.c.revision_id, whole.c.before_id)
    query = query.order_by(whole.c.number.desc(), first, whole.c.at, whole.c.revision_id).limit(limit).offset(offset)
    return tuple(Line(int(n), str(k), str(r), str(b)) for n, k, r, b in db.execute(query))


def _of_versions(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.start is not None:
        found.append(col(VersionRow.published) >= asked.start)
    if asked.end is not None:
        found.append(col(VersionRow.published) < asked.end)
    if asked.by:
        by = col(VersionRow.by_id)
        found.append(by.is_(None) if asked.by == DEVSYS else by == asked.by)
    return found


def _of_sessions(asked: Asked, reach: Reach) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [col(RevisionRow.since).is_not(None)]
    if asked.activities is not None:
        found.append(col(RevisionRow.activity).in_(sorted(asked.activities)))
    if asked.team_id:
        found.append(_concerns((asked.team_id,)))
    if asked.cause:
        own = _holds(col(RevisionRow.cause), asked.cause)
        found.append(or_(own, and_(col(RevisionRow.cause) == "", _holds(col(VersionRow.cause), asked.cause))))
        if asked.hidden:
            found.append(col(RevisionRow.activity).not_in(sorted(asked.hidden)))
    if not reach.everything:
        found.append(_concerns(reach.team_ids))
    return found


def _concerns(team_ids: Iterable[str]) -> ColumnElement[bool]:
    """Say whether somebody of some teams is, or was until then, in a session."""
    return exists().where(
        col(_SEAT.revision_id).in_((col(RevisionRow.id), col(_BEFORE.id))),
        col(_SEAT.person_id) == col(PersonRow.id),
        col(PersonRow.team_id).in_(sorted(team_ids)),
    )


def _holds(column: SQLCoreOperations[str], text: str) -> ColumnElement[bool]:
    pattern = text.lower().replace(_ESCAPE, _ESCAPE * 2).replace("%", r"\%").replace("_", r"\_")
    return func.lower(column).like(f"%{pattern}%", escape=_ESCAPE)


def publishers(db: Db) -> tuple[tuple[str, str], ...]:
    """Give (id, name) of everybody who published a plan, by name; `devsys` where nobody did."""
    query = (
        select(col(VersionRow.by_id), col(PersonRow.name))
        .join(PersonRow, col(PersonRow.id) == col(VersionRow.by_id), isouter=True)
        .distinct()
    )
    found = {(str(i), str(n)) if i else (DEVSYS, DEVSYS) for i, n in db.execute(query)}
    return tuple(sorted(found, key=lambda pair: (pair[1].lower(), pair[0])))
