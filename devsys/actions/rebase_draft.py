"""Lay a draft on another version of the plan: what it changes stays, and what the plan changed meanwhile is taken in.

Both may have changed the same session. What each left alone it takes from the other; where they say different things
the draft keeps its word and the session is marked as crossed, for a person to decide before it can be published.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from devsys.adapters.store.queries import plans, sessions, standing, steps
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.core.model.calendar import Session, Status
from devsys.core.model.changes import content
from devsys.core.model.crossing import crossing


@dataclass(frozen=True, slots=True)
class Rebased:
    """What became of a draft: ids of sessions it no longer changes, that were put together, that were crossed."""

    draft_id: str
    idle: tuple[str, ...]
    joined: tuple[str, ...]
    crossed: tuple[str, ...]


def rebase(db: Db, brief: Brief, draft_id: str) -> Rebased:
    """Lay an open draft on the published plan, in the caller's transaction; its figures are for the caller to count."""
    draft, number = plans.draft(db, draft_id), plans.pointer(db)
    touched = standing.changed_since(db, draft_id, draft.base)
    wanted = sessions.Wanted(ids=touched, planned_only=False)
    was = {s.id: s for s in sessions.at_version(db, draft.base, wanted)} if touched else {}
    now = {s.id: s for s in sessions.published(db, wanted)} if touched else {}
    idle, joined, crossed = [], [], []
    for one in sessions.changed_in(db, draft_id):
        before, after = was.get(one.id), now.get(one.id)
        if before is None or after is None:
            continue
        laid = crossing(one, before, after)
        if is_idle(laid.session, after):
            idle.append(one.id)
        elif content(before) != content(after):
            joined.append(laid.session)
            if not laid.agreed:
                crossed.append(one.id)
    sessions.take_from_draft(db, draft_id, idle)
    sessions.lay_into_draft(db, draft_id, joined, brief.now)
    plans.uncross(db, draft_id, idle)
    plans.cross(db, draft_id, crossed, number)
    steps.forget_overtaken(db, draft_id, draft.base)
    plans.set_base(db, draft_id, number)
    return Rebased(draft_id, tuple(idle), tuple(s.id for s in joined), tuple(crossed))


def is_idle(drafted: Session, published: Session | None) -> bool:
    """Say whether a draft says nothing else of a session than what is published."""
    if published is None or published.status is Status.CANCELLED:
        return drafted.status is Status.CANCELLED
    return content(drafted) == content(published)


def open_on(db: Db, number: int) -> Mapping[str, plans.Draft]:
    """Give the open drafts that stand on a version, by id."""
    return {d.id: d for d in plans.open_drafts(db) if d.base == number}
