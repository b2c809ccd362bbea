"""Publish a few changed sessions alone: a version of its own with its cause, on which open drafts are laid.

What a repair and an answer have in common: nothing becomes a draft that somebody could find, and nobody's draft grows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devsys.actions import publish_plan
from devsys.actions.brief import needs_of
from devsys.actions.counting import Said, count_again, count_changes
from devsys.actions.parts import Parts
from devsys.actions.rebase_draft import Rebased, open_on, rebase
from devsys.adapters.store.queries import calendar_figures, house, plans, sessions
from devsys.adapters.store.queries import planning as planning_queries
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.core.model.calendar import Horizon, Session
from devsys.core.model.changes import Difference, differences
from devsys.core.model.hours import monday_of, start_of
from devsys.core.model.needs import Need
from devsys.core.planning.check import Violation

TRIES: Final = 3
LONG_BEFORE: Final = timedelta(weeks=1040)


def _whole(db: Db, now: datetime) -> Brief:
    return planning_queries.brief(db, now=now)


@dataclass(frozen=True, slots=True)
class Small:
    """What is to be published, as it was thought out on a brief.

    `changed` are sessions as they are to be, `differences` what differs by them; `owed` says by key why a need is owed
    that was not. `weeks` is the horizon where nothing was published before; `postponed` leaves letters about what
    is not near for the next morning.
    """

    brief: Brief
    changed: tuple[Session, ...]
    differences: tuple[Difference, ...]
    owed: Mapping[str, Said]
    cause: str
    act: str
    weeks: int
    postponed: bool = False


class Publishing:
    """What takes time is done before the transaction, so that the transaction only writes."""

    def __init__(self, parts: Parts, small: Small) -> None:
        self._parts = parts
        self.small = small
        brief, now = small.brief, parts.now()
        with parts.store.read() as db:
            self._last = plans.latest(db)
            waiting = open_on(db, brief.base)
            self._horizon = Horizon(monday_of(now.date()), small.weeks) if self._last is None else self._last.horizon
            asked = _Asked(brief, db)
            self._needs = asked(self._horizon)
            self._of_drafts = {id_: asked(draft.horizon) for id_, draft in waiting.items()}

    def still(self, db: Db) -> bool:
        """Say whether organisation, plan and open drafts are as they were when it was thought out."""
        brief = self.small.brief
        if house.revision(db) != brief.revision or plans.pointer(db) != brief.base:
            return False
        return open_on(db, brief.base).keys() == self._of_drafts.keys()

    def write(self, db: Db, by_id: str | None) -> tuple[int, tuple[Rebased, ...]]:
        """Publish in the caller's transaction; give the version, and what became of the open drafts."""
        small, now = self.small, self._parts.now()
        draft_id = new_id()
        plans.new_draft(db, draft_id, horizon=self._horizon, by_id=by_id, cause=small.cause, now=now)
        if self._last is not None:
            plans.set_figures(db, draft_id, self._last.figures)
            plans.copy_owed(db, plans.draft_of_version(db, self._last.number), draft_id)
        sessions.lay_into_draft(db, draft_id, small.changed, now)
        if small.brief.scope is None or self._last is None:
            count_again(db, small.brief, draft_id, self._needs, lambda n: small.owed.get(n.key))
        else:
            count_changes(db, small.brief, draft_id, self._needs, found=small.differences, said=small.owed)
        number = publish_plan.make_it_the_plan(
            db,
            self._parts,
            draft_id,
            small.differences,
            by_id=by_id,
            cause=small.cause,
            act=small.act,
            postponed=small.postponed,
        )
        return number, tuple(self._laid(db, id_, own) for id_, own in self._of_drafts.items())

    def _laid(self, db: Db, draft_id: str, needs: tuple[Need, ...]) -> Rebased:
        done = rebase(db, self.small.brief, draft_id)
        count_again(db, self.small.brief, draft_id, needs, lambda n: self.small.owed.get(n.key))
        return done


class _Asked:
    """The needs of horizons, each unrolled once: of everybody, or of the people in the brief's scope."""

    def __init__(self, brief: Brief, db: Db) -> None:
        self._brief = brief
        self._db = db
        self._found: dict[Horizon, tuple[Need, ...]] = {}

    def __call__(self, horizon: Horizon) -> tuple[Need, ...]:
        if horizon not in self._found:
            needs = needs_of(self._brief, horizon)
            if self._brief.scope is not None:  # it does not know all that was before
                people, first = sorted(self._brief.scope.people), start_of(horizon)
                before = calendar_figures.answered(self._db, first - LONG_BEFORE, first, people=people)
                needs = tuple(n for n in needs if n.key not in before)
            self._found[horizon] = needs
        return self._found[horizon]


def brief_of(db: Db, changed: tuple[Session, ...], now: datetime) -> Brief:
    """Give the brief on which changed sessions can be published: what they touch, where they touch little.

    With an open draft, or before the first plan, the whole: all of it is counted then.
    """
    base = plans.pointer(db)
    if not base or open_on(db, base):
        return planning_queries.brief(db, now=now)
    found = differences(sessions.published_among(db, [s.id for s in changed]), changed)
    return publish_plan.brief_for(db, found, now=now)


def publish_small(
    parts: Parts,
    by_id: str | None,
    think: Callable[[Brief], Small],
    then: Callable[[Db], None],
    read: Callable[[Db, datetime], Brief] = _whole,
) -> int:
    """Publish what is thought out on a fresh brief, with what else the same transaction writes; give the version.

    `think` raises what stands against it; `read` gives the brief, the whole unless said. Raises ConflictError when
    organisation and plan do not stand still.
    """
    for _ in range(TRIES):
        with parts.store.read() as db:
            brief = read(db, parts.now())
        publishing = Publishing(parts, think(brief))
        with parts.store.write() as db:
            if publishing.still(db):
                then(db)
                number, _ = publishing.write(db, by_id)
                return number
    raise ConflictError(phrase("The calendar is being changed right now. Nothing was changed; try again."))


def differing(brief: Brief, changed: tuple[Session, ...]) -> tuple[Difference, ...]:
    """Give what changed sessions differ in from what a brief has published."""
    ids = {s.id for s in changed}
    return differences((s for s in brief.published if s.id in ids), changed)


def against(brief: Brief, changed: tuple[Session, ...]) -> tuple[Violation, ...]:
    """Give the rules that changed sessions would break which do not stand broken already."""
    return publish_plan.weigh(brief, changed, differing(brief, changed))[0]
