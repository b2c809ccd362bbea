"""A coach answers: yes, and the series is published; no, and others are proposed. Load and pause are the coach's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from devsys.actions.coaching_picture import Agreed, as_held, propose_others, situation, tell
from devsys.actions.parts import Parts
from devsys.actions.publish_small import Publishing, Small, against, differing
from devsys.adapters.store.queries import audit, coaching, coaching_plans
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase, to_phrase
from devsys.core.coaching.match import USUAL_LOAD
from devsys.core.letters.coaching import AGREED
from devsys.core.model.access import Viewer
from devsys.core.model.causes import AGREED as CAUSE
from devsys.core.model.coaching import Course, Declined, Desk, Plan, Request, State

TRIES: Final = 5
MOST_LOAD: Final = 20
AGREE: Final = audit.PRIVATE[3]
_TRY_AGAIN: Final = to_phrase("The calendar is being changed right now. Nothing was changed; try again.")


@dataclass(frozen=True, slots=True)
class Inbox:
    """What a coach has: what is asked of them, whom they coach, what they said of themselves, names by id."""

    asked: tuple[Request, ...]
    plans: tuple[Plan, ...]
    desk: Desk
    load: int
    names: Mapping[str, str]

    @property
    def room(self) -> int:
        """How many series more they take."""
        return max(0, self.desk.most - self.load)


class FellThrough(Exception):  # noqa: N818 -- no error: the times do not hold any more
    """The times that were accepted do not hold any more; the person is proposed others."""


def look(parts: Parts, viewer: Viewer) -> Inbox:
    """Give what a coach has; it only reads, and opens nobody's words."""
    with parts.store.read() as db:
        asked = coaching.in_states(db, (State.ASKED,), coach_id=viewer.person_id)
        plans = coaching_plans.of_coach(db, viewer.person_id)
        said = coaching.desk(db, viewer.person_id) or Desk(viewer.person_id, USUAL_LOAD, paused=False, languages=())
        load = coaching.loads(db).get(viewer.person_id, 0)
        people = {r.person_id for r in asked} | {p.person_id for p in plans}
        return Inbox(asked, plans, said, load, coaching.names(db, people))


def set_desk(parts: Parts, viewer: Viewer, said: Desk) -> None:
    """Keep load, pause and languages of a coach's own. Raises InvalidError."""
    if not 0 <= said.most <= MOST_LOAD:
        raise InvalidError(
            phrase("Between 0 and %(most_load)s.", most_load=MOST_LOAD),
            (Fault("most", phrase("A whole number from 0 to %(most_load)s.", most_load=MOST_LOAD)),),
        )
    with parts.store.write() as db:
        coaching.set_desk(db, replace(said, person_id=viewer.person_id), parts.now())


def hope(parts: Parts, viewer: Viewer, request_id: str) -> str:
    """Open what somebody hopes for, to the coach whose proposal they accepted; it stands in that person's own list.

    Raises NotFoundError for everybody else.
    """
    with parts.store.write() as db:
        request = _asked(db, viewer, request_id)
        _read(db, parts, viewer, request.person_id)
        return coaching.hope(db, request_id)


def _read(db: Db, parts: Parts, viewer: Viewer, person_id: str) -> None:
    audit.read_by_another(db, at=parts.now(), by_id=viewer.person_id, about_id=person_id, act="read coaching request")


def _asked(db: Db, viewer: Viewer, request_id: str) -> Request:
    found = coaching.asked_of(db, request_id, viewer.person_id)
    if found is None:
        raise NotFoundError(phrase("Nothing like that is asked of you."))
    return found


def agree(parts: Parts, viewer: Viewer, request_id: str) -> Plan:
    """Say yes: the series is published alone; the plan of the two begins, or goes on with another coach.

    Raises NotFoundError; FellThrough when the times do not hold any more: then the person is proposed others.
    """
    for _ in range(TRIES):
        now = parts.now()
        with parts.store.read() as db:
            request = _asked(db, viewer, request_id)
            seen = situation(db, now, (request,))
        offer = request.accepted
        names = {k: (id_ := new_id(), id_ + new_id()) for k in range(offer.steps if offer else 0)}
        agreed = as_held(seen, request, offer, names) if offer is not None else None
        if agreed is None or against(agreed.judged, agreed.changed):
            if propose_others(parts, request):
                raise FellThrough
            continue
        brief, changed = agreed.brief, agreed.changed
        small = Small(brief, changed, differing(brief, changed), {}, CAUSE, act="publish plan", weeks=52)
        publishing = Publishing(parts, small)
        with parts.store.write() as db:
            if not publishing.still(db) or not seen.still(db) or _asked(db, viewer, request_id) != request:
                continue
            plan = _begin(db, request, agreed, seen.replaced.get(request.id, ""), now)
            # The log of plans names nobody here: who publishes a coaching session is its coach.
            publishing.write(db, None)
            audit.record(db, at=now, by_id=viewer.person_id, act=AGREE, what=f"plan {plan.id}")
            return plan
    raise ConflictError(_TRY_AGAIN)


def _begin(db: Db, request: Request, agreed: Agreed, before: str, now: datetime) -> Plan:
    """Keep the series for the planner; begin the plan of the two with what was hoped for, or go on with it.

    `before` is the stretch that ends with it. What both read stays with the plan; the former coach's own notes stay
    with the former coach.
    """
    series_queries.keep(db, (agreed.series,))
    known = coaching_plans.of_two(db, request.plan_id, request.person_id) if request.plan_id else None
    if known is not None:
        series_queries.withdraw(db, before, request.person_id, now)
        plan = replace(known, coach_id=request.coach_id, series_id=agreed.series.id)
    else:
        plan = Plan(
            id=request.id,
            person_id=request.person_id,
            coach_id=request.coach_id,
            activity=request.activity,
            state=Course.RUNNING,
            series_id=agreed.series.id,
            begun=now,
            ended=None,
            look_back=None,
            series=(agreed.series.id,),
        )
    coaching_plans.keep(db, plan)
    coaching_plans.add_part(db, plan.id, agreed.series.id, request.coach_id, now)
    if known is None:
        coaching_plans.write(db, plan, {"goal": coaching.hope(db, request.id)})
    coaching.let_go(db, request.id)
    state = State.RUNNING if known is None else State.OVER
    over = replace(request, state=state, offers=(), plan_id=plan.id, changed=now, served=now, passed=())
    coaching.keep(db, over)
    tell(db, AGREED, plan.id, plan.person_id, now, again=known is not None)
    return plan


def decline(parts: Parts, viewer: Viewer, request_id: str, reason: Declined) -> None:
    """Say no, with a word to who coordinates; the person is proposed others and not told why. Raises NotFoundError."""
    for _ in range(TRIES):
        with parts.store.read() as db:
            request = _asked(db, viewer, request_id)
        if propose_others(parts, request, reason):
            return
    raise ConflictError(_TRY_AGAIN)
