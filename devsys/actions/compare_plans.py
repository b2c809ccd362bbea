"""Two plans side by side: their figures, what each owes by kind, and the sessions that differ."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import plans, programme, sessions
from devsys.adapters.store.queries.plans import Draft
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError
from devsys.base.words import phrase
from devsys.core.model.calendar import Session, Status
from devsys.core.model.changes import Difference, continued, differences
from devsys.core.model.programme import Kind


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two plans: `owed` counts needs by kind, `sessions` those still to come by kind."""

    draft: Draft
    owed: Mapping[Kind, int]
    sessions: Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both plans, and what the right one has differently; `outdated` when another plan was published since."""

    left: Side
    right: Side
    differences: tuple[Difference, ...]
    outdated: bool


def compare(parts: Parts, left_id: str, right_id: str) -> Comparison:
    """Lay two plans side by side; each is a draft, or a plan drawn on a supposition.

    Sessions that were drawn anew in both are matched by activity, place and the people in them, so that the same round
    at another time is one that moved. Raises NotFoundError, and InvalidError when it is one and the same plan or one of
    them holds no sessions of its own any more.
    """
    if left_id == right_id:
        raise InvalidError(phrase("These are one and the same plan. Choose two."))
    with parts.store.read() as db:
        kinds = {a.code: a.kind for p in programme.adopted(db) for a in p.activities}
        sides = [_side(db, draft_id, kinds) for draft_id in (left_id, right_id)]
        left, right = ({s.id: s for s in found} for _, found in sides)
        base = plans.pointer(db)
    fresh = [s for s in right.values() if s.id not in left]
    gone = [s for s in left.values() if s.id not in right]
    after = (*(s for s in right.values() if s.id in left), *continued(fresh, gone, cause=""))
    one, other = sides[0][0], sides[1][0]
    return Comparison(
        left=one,
        right=other,
        differences=differences(left.values(), after),
        outdated=base != one.draft.base or base != other.draft.base,
    )


def _side(db: Db, draft_id: str, kinds: Mapping[str, Kind]) -> tuple[Side, tuple[Session, ...]]:
    draft = plans.draft(db, draft_id)
    if draft.state not in (plans.OPEN, plans.SUPPOSED):
        raise InvalidError(
            phrase(
                "This draft is %(state)s; what it would have changed is no longer kept apart.",
                state=phrase(draft.state),
            )
        )
    found = tuple(
        s
        for s in sessions.as_drafted(db, draft_id)
        if s.status is Status.PLANNED and s.starts.date() >= draft.horizon.start
    )
    owed = plans.owed_in(db, draft_id)
    return Side(draft, _by_kind((o.activity for o in owed), kinds), _by_kind((s.activity for s in found), kinds)), found


def _by_kind(activities: Iterable[str], kinds: Mapping[str, Kind]) -> Mapping[Kind, int]:
    count = Counter(kinds[code] for code in activities if code in kinds)
    return {kind: count[kind] for kind in Kind if count[kind]}
