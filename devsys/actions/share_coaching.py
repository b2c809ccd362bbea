"""What two people do with a plan of theirs: goal, steps, notes, mid-check, end, look back; leave; another coach.

Whoever is not one of the two finds nothing here. What the coach opens stands in the other's own list. A coach's own
notes are apart: nothing here mixes them with what both read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.coaching_picture import GIVEN_BACK, match, situation
from devsys.actions.parts import Parts
from devsys.actions.publish_small import Small, differing, publish_small
from devsys.adapters.store.queries import audit, coaching, coaching_plans, directory, sessions, sight
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session, Status
from devsys.core.model.coaching import Course, Note, Outcome, Plan, Request, State, Words
from devsys.core.model.hours import instant_forward

END: Final = audit.PRIVATE[4]
READ: Final = "read coaching plan"
EIGHT_WEEKS: Final = timedelta(weeks=8)
TOGETHER: Final = ("goal", "baseline", "measure", "mid")  # words that either of the two writes
MOST_NOTES: Final = 200
TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """A plan as one of its two sees it.

    `sessions` are in order of time; `away` those of them, by id, to which the coach cannot come as things stand.
    `change` is the request for another coach that is open; `names` are the two's and earlier coaches'.
    `readings`: whether the coach may see what is counted of the person's work.
    """

    plan: Plan
    words: Words
    notes: tuple[Note, ...]
    sessions: tuple[Session, ...]
    away: frozenset[str]
    change: Request | None
    names: Mapping[str, str]
    readings: bool = False

    def ahead(self, now: datetime) -> tuple[Session, ...]:
        """Give the sessions that are still to come."""
        return tuple(s for s in self.sessions if s.starts_utc > now)


def look(parts: Parts, viewer: Viewer, plan_id: str) -> Shared:
    """Give a plan to one of its two. Raises NotFoundError for everybody else.

    That the coach opened it stands in the person's own list, once a day: the one thing reading writes.
    """
    now = parts.now()
    with parts.store.read() as db:
        found = _shared(db, viewer, plan_id, now)
    if viewer.person_id != found.plan.person_id:
        with parts.store.write() as db:
            audit.read_by_another(db, at=now, by_id=viewer.person_id, about_id=found.plan.person_id, act=READ)
    return found


def _shared(db: Db, viewer: Viewer, plan_id: str, now: datetime) -> Shared:
    plan = _plan(db, viewer, plan_id)
    held = sessions_of(db, plan)
    change = coaching.open_of(db, plan.person_id) if viewer.person_id == plan.person_id else None
    ids = {plan.person_id, *(s.facilitator_id for s in held if s.facilitator_id)}
    ids |= {plan.coach_id} if plan.coach_id else set()
    return Shared(
        plan=plan,
        words=coaching_plans.words(db, plan),
        notes=coaching_plans.notes(db, plan),
        sessions=held,
        away=_away(db, held, now),
        change=change if change is not None and change.state is not State.RUNNING else None,
        names=coaching.names(db, ids),
        readings=sight.consents(db, plan),
    )


def sessions_of(db: Db, plan: Plan) -> tuple[Session, ...]:
    """Give the sessions of a plan, over all its stretches, in order of time."""
    wanted = sessions.Wanted(start=plan.begun - timedelta(days=1), person_id=plan.person_id)
    stretches = {*plan.series, plan.series_id}
    return tuple(s for s in sessions.published(db, wanted) if s.series in stretches)


def _away(db: Db, held: tuple[Session, ...], now: datetime) -> frozenset[str]:
    """Give the sessions to come whose coach is away then; why is not asked and not known."""
    ahead = [s for s in held if s.starts_utc > now and s.facilitator_id]
    if not ahead:
        return frozenset()
    out = set()
    for session in ahead:
        for start, end in directory.absences(db, session.facilitator_id or "", session.starts - timedelta(days=1)):
            begins = instant_forward(start, session.zone)
            ends = instant_forward(end, session.zone) if end else None
            if begins < session.ends_utc and (ends is None or session.starts_utc < ends):
                out.add(session.id)
    return frozenset(out)


def _plan(db: Db, viewer: Viewer, plan_id: str) -> Plan:
    plan = coaching_plans.of_two(db, plan_id, viewer.person_id)
    if plan is None:
        raise NotFoundError(phrase("There is no such plan of yours."))
    return plan


def _own(db: Db, viewer: Viewer, plan_id: str) -> Plan:
    plan = _plan(db, viewer, plan_id)
    if plan.person_id != viewer.person_id:
        raise NotFoundError(phrase("There is no such plan of yours."))
    return plan


def write(parts: Parts, viewer: Viewer, plan_id: str, said: Mapping[str, str]) -> None:
    """Write goal, baseline, measure or mid-check; either of the two may. Raises NotFoundError."""
    with parts.store.write() as db:
        plan = _plan(db, viewer, plan_id)
        coaching_plans.write(db, plan, {name: text for name, text in said.items() if name in TOGETHER})


def note(parts: Parts, viewer: Viewer, plan_id: str, text: str, *, step: bool = False) -> None:
    """Write a step or a note that both read. Raises NotFoundError, InvalidError for an empty one."""
    if not text.strip():
        raise InvalidError(phrase("There is nothing in it."), (Fault("text", phrase("Write something.")),))
    with parts.store.write() as db:
        plan = _plan(db, viewer, plan_id)
        if len(coaching_plans.notes(db, plan)) >= MOST_NOTES:
            raise InvalidError(
                phrase("A plan holds %(most_notes)s lines.", most_notes=MOST_NOTES),
                (Fault("text", phrase("Take some back first.")),),
            )
        kind = "step" if step else "note"
        coaching_plans.add_note(db, plan, Note(new_id(), kind, text, viewer.person_id, parts.now()))


def mark(parts: Parts, viewer: Viewer, plan_id: str, note_id: str, *, done: bool) -> None:
    """Say that a step is done, or not yet. Raises NotFoundError."""
    with parts.store.write() as db:
        if not coaching_plans.set_done(db, _plan(db, viewer, plan_id), note_id, done=done):
            raise NotFoundError(phrase("There is no such step."))


def take_back(parts: Parts, viewer: Viewer, plan_id: str, note_id: str) -> None:
    """Take back a line one wrote oneself. Raises NotFoundError."""
    with parts.store.write() as db:
        if not coaching_plans.drop_note(db, _plan(db, viewer, plan_id), note_id, viewer.person_id):
            raise NotFoundError(phrase("There is no such line of yours."))


def finish(parts: Parts, viewer: Viewer, plan_id: str, outcome: Outcome, helped: str) -> None:
    """End one's own coaching with what came of it; what is still ahead is given back, a day to look back is kept."""
    now = parts.now()

    def then(db: Db) -> None:
        plan = _own(db, viewer, plan_id)
        coaching_plans.write(db, plan, {"outcome": outcome.value, "helped": helped})
        back = (now + EIGHT_WEEKS).date()
        coaching_plans.keep(db, replace(plan, state=Course.FINISHED, ended=now, look_back=back))
        _over(db, plan, viewer, now)

    _end(parts, viewer, plan_id, then)


def leave(parts: Parts, viewer: Viewer, plan_id: str) -> int:
    """Leave one's own coaching at any time, without a reason; give how many sessions are given back at once."""
    now = parts.now()

    def then(db: Db) -> None:
        plan = _own(db, viewer, plan_id)
        coaching_plans.keep(db, replace(plan, state=Course.LEFT, ended=now))
        _over(db, plan, viewer, now)

    return _end(parts, viewer, plan_id, then)


def _over(db: Db, plan: Plan, viewer: Viewer, now: datetime) -> None:
    series_queries.withdraw(db, plan.series_id, plan.person_id, now)
    coaching.close(db, plan.id, now)
    change = coaching.open_of(db, plan.person_id)
    if change is not None and change.plan_id == plan.id:
        coaching.let_go(db, change.id)
        coaching.keep(db, replace(change, state=State.OVER, ended=now, offers=(), coach_id=None))
    audit.record(db, at=now, by_id=viewer.person_id, act=END, what=f"plan {plan.id}")


def _end(parts: Parts, viewer: Viewer, plan_id: str, then: Callable[[Db], None]) -> int:
    """Give back what is ahead of a plan, with what ends it in the same transaction; give how many sessions it was."""
    now = parts.now()
    with parts.store.read() as db:
        plan = _own(db, viewer, plan_id)
        if plan.state is not Course.RUNNING:
            raise ConflictError(phrase("It is over already. Nothing was changed."))
        ahead = {s.id for s in sessions_of(db, plan) if s.starts_utc > now}
    if not ahead:
        with parts.store.write() as db:
            then(db)
        return 0

    def think(brief: Brief) -> Small:
        off = tuple(replace(s, status=Status.CANCELLED, cause=GIVEN_BACK) for s in brief.published if s.id in ahead)
        stays = replace(brief, requests=tuple(r for r in brief.requests if r.id != plan.series_id))
        return Small(stays, off, differing(brief, off), {}, GIVEN_BACK, act="publish plan", weeks=52)

    publish_small(parts, None, think, then)  # the log of plans names nobody: it would name who is coached
    return len(ahead)


def look_back(parts: Parts, viewer: Viewer, plan_id: str, text: str) -> None:
    """Keep what has lasted, in one's own words. Raises NotFoundError, InvalidError for nothing."""
    if not text.strip():
        raise InvalidError(phrase("There is nothing in it."), (Fault("looked", phrase("A line is enough.")),))
    with parts.store.write() as db:
        coaching_plans.write(db, _own(db, viewer, plan_id), {"looked": text})


def another_coach(parts: Parts, viewer: Viewer, plan_id: str) -> Request:
    """Ask for another coach for what is still ahead, without a reason: also a stand-in for one who is away.

    The plan and what both read stay; until another coach has said yes, all dates stay too. Raises NotFoundError,
    ConflictError while a change is open or the plan is over.
    """
    for _ in range(TRIES):
        now = parts.now()
        with parts.store.read() as db:
            plan = _own(db, viewer, plan_id)
            mine = coaching.of_person(db, viewer.person_id)
            first = next((r for r in mine if r.plan_id == plan_id), None)
            _may_change(plan, mine)
            asked = Request(
                id=new_id(),
                person_id=viewer.person_id,
                state=State.WAITING,
                activity=plan.activity,
                principle=first.principle if first else "",
                preferred=first.preferred if first else (),
                made=now,
                changed=now,
                language=first.language if first else "",
                not_lead=first.not_lead if first else False,
                passed=(plan.coach_id,) if plan.coach_id else (),
                promised=True,
                plan_id=plan_id,
            )
            seen = situation(db, now, (asked,))
        matched = match(seen, (asked,))[0]
        with parts.store.write() as db:
            if not seen.still(db) or coaching.of_person(db, viewer.person_id) != mine:
                continue
            coaching.keep(db, matched, "")
            return matched
    raise ConflictError(phrase("The calendar is being changed right now. Nothing was changed; try again."))


def _may_change(plan: Plan, mine: tuple[Request, ...]) -> None:
    if plan.state is not Course.RUNNING:
        raise ConflictError(phrase("It is over already. Nothing was changed."))
    if any(r.plan_id == plan.id and r.state in (State.WAITING, State.PROPOSED, State.ASKED) for r in mine):
        raise ConflictError(phrase("You have asked for another coach already."))


# ---- the coach's own


def private(parts: Parts, viewer: Viewer, plan_id: str) -> tuple[Plan, tuple[Note, ...], str]:
    """Give a coach their own notes about a plan they coach or coached, and the person's name. Raises NotFoundError."""
    with parts.store.read() as db:
        plan = _coached(db, viewer, plan_id)
        name = coaching.names(db, {plan.person_id}).get(plan.person_id, "")
        return plan, coaching_plans.private(db, plan_id, viewer.person_id), name


def note_privately(parts: Parts, viewer: Viewer, plan_id: str, text: str) -> None:
    """Write a note of a coach's own. Raises NotFoundError, InvalidError for an empty one."""
    if not text.strip():
        raise InvalidError(phrase("There is nothing in it."), (Fault("text", phrase("Write something.")),))
    with parts.store.write() as db:
        _coached(db, viewer, plan_id)
        if len(coaching_plans.private(db, plan_id, viewer.person_id)) >= MOST_NOTES:
            raise InvalidError(
                phrase("At most %(most_notes)s notes.", most_notes=MOST_NOTES),
                (Fault("text", phrase("Take some back first.")),),
            )
        coaching_plans.add_private(db, plan_id, viewer.person_id, text, parts.now())


def drop_privately(parts: Parts, viewer: Viewer, plan_id: str, note_id: str) -> None:
    """Take back a note of a coach's own. Raises NotFoundError."""
    with parts.store.write() as db:
        _coached(db, viewer, plan_id)
        if not coaching_plans.drop_private(db, plan_id, viewer.person_id, note_id):
            raise NotFoundError(phrase("There is no such note of yours."))


def _coached(db: Db, viewer: Viewer, plan_id: str) -> Plan:
    plan = coaching_plans.coached_by(db, plan_id, viewer.person_id)
    if plan is None:
        raise NotFoundError(phrase("You coach nothing like that."))
    return plan
