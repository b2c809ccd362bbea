"""Steps of a draft: what was changed in it by hand, in order, so that it can be undone and done again.

The steps that stand are followed by those that were undone. A new step forgets the undone ones; publishing or dropping
the draft forgets all.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import col

from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import RevisionRow
from devsys.adapters.store.tables.plans import StepRow
from devsys.core.model.calendar import Place, Session, Status

Kind = Literal["move", "leave_out", "take_back", "pin"]
MOST: Final = 200  # steps a draft keeps


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a draft: a session `before` and `after` it, as the draft showed it (None: not there any more).

    `drafted_before` and `drafted_after` say whether the draft itself spoke of it, or showed what is published.
    `crossed` is the version that said otherwise before a person decided, None where none did.
    """

    number: int
    kind: Kind
    session_id: str
    before: Session
    after: Session | None
    drafted_before: bool
    drafted_after: bool
    crossed: int | None


@dataclass(frozen=True, slots=True)
class Ends:
    """The step that would be undone, the one that would be done again, and how many there are of each."""

    undo: Step | None
    redo: Step | None
    done: int
    undone: int


def ends(db: Db, draft_id: str) -> Ends:
    """Give where a draft stands among its steps."""
    query = select(col(StepRow.number), col(StepRow.undone)).where(col(StepRow.draft_id) == draft_id)
    done: list[int] = []
    undone: list[int] = []
    for number, is_undone in db.execute(query.order_by(col(StepRow.number))):
        (undone if is_undone else done).append(number)
    last = _step(db, draft_id, done[-1]) if done else None
    return Ends(last, _step(db, draft_id, undone[0]) if undone else None, len(done), len(undone))


def _step(db: Db, draft_id: str, number: int) -> Step | None:
    row = db.get(StepRow, (draft_id, number))
    if row is None:
        return None
    return Step(
        number=row.number,
        kind=cast(Kind, row.kind),
        session_id=row.session_id,
        before=_session(row.before),
        after=_session(row.after) if row.after else None,
        drafted_before=row.drafted_before,
        drafted_after=row.drafted_after,
        crossed=row.crossed,
    )


def keep(
    db: Db,
    draft_id: str,
    kind: Kind,
    before: Session,
    after: Session | None,
    *,
    drafted: tuple[bool, bool],
    crossed: int | None,
    by_id: str,
    now: datetime,
) -> None:
    """Keep what was just done as the last step; `drafted`: whether the draft spoke of the session before and after."""
    mine = col(StepRow.draft_id) == draft_id
    db.execute(delete(StepRow).where(mine, col(StepRow.undone)))
    number = (db.execute(select(func.max(col(StepRow.number))).where(mine)).scalar() or 0) + 1
    row = {
        "draft_id": draft_id,
        "number": number,
        "kind": kind,
        "session_id": before.id,
        "before": _text(before),
        "after": _text(after) if after is not None else "",
        "drafted_before": drafted[0],
        "drafted_after": drafted[1],
        "crossed": crossed,
        "undone": False,
        "at": now,
        "by_id": by_id,
    }
    db.execute(insert(StepRow), [row])
    db.execute(delete(StepRow).where(mine, col(StepRow.number) <= number - MOST))


def mark(db: Db, draft_id: str, number: int, *, undone: bool) -> None:
    """Say that a step is undone, or stands again."""
    mine = (col(StepRow.draft_id) == draft_id, col(StepRow.number) == number)
    db.execute(update(StepRow).where(*mine).values(undone=undone))


def forget(db: Db, draft_ids: Iterable[str]) -> None:
    """Forget all steps of drafts."""
    db.execute(delete(StepRow).where(col(StepRow.draft_id).in_(tuple(draft_ids))))


def forget_overtaken(db: Db, draft_id: str, base: int) -> None:
    """Forget the steps of sessions that were published anew after version `base`: what they would bring back is old."""
    anew = select(col(RevisionRow.session_id)).where(col(RevisionRow.since) > base)
    db.execute(delete(StepRow).where(col(StepRow.draft_id) == draft_id, col(StepRow.session_id).in_(anew)))


def _text(s: Session) -> str:
    return json.dumps(
        {
            "id": s.id,
            "uid": s.uid,
            "activity": s.activity,
            "starts": s.starts.isoformat(),
            "zone": s.zone,
            "minutes": s.minutes,
            "starts_utc": s.starts_utc.isoformat(),
            "facilitator_id": s.facilitator_id,
            "room_id": s.room_id,
            "site_id": s.site_id,
            "places": [[p.person_id, p.need] for p in s.places],
            "team_id": s.team_id,
            "status": s.status.value,
            "pinned": s.pinned,
            "series": s.series,
            "sequence": s.sequence,
            "created": s.created.isoformat() if s.created else None,
            "changed": s.changed.isoformat() if s.changed else None,
            "cause": s.cause,
        }
    )


def _session(text: str) -> Session:
    found: dict[str, Any] = json.loads(text)
    return Session(
        **found
        | {
            "starts": datetime.fromisoformat(found["starts"]),
            "starts_utc": datetime.fromisoformat(found["starts_utc"]),
            "places": tuple(Place(person_id, need) for person_id, need in found["places"]),
            "status": Status(found["status"]),
            "created": datetime.fromisoformat(found["created"]) if found["created"] else None,
            "changed": datetime.fromisoformat(found["changed"]) if found["changed"] else None,
        }
    )
