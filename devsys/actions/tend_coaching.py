"""Once an hour: who waits is matched anew, all at once; letters before the end and eight weeks on; what nobody answers.

Series that the planner placed by itself (asked for before plans of two were kept) get a plan here, without words.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.coaching_picture import match, propose_others, situation, tell
from devsys.actions.parts import Parts
from devsys.actions.request_coaching import keep_matched
from devsys.actions.share_coaching import sessions_of
from devsys.adapters.store.queries import coaching, coaching_plans
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError
from devsys.core.letters.coaching import BACK, ENDING
from devsys.core.model.coaching import Course, Plan, State

UNANSWERED: Final = timedelta(days=5)  # after that somebody else is asked
NEAR_END: Final = timedelta(days=7)
FORGOTTEN: Final = timedelta(weeks=6)  # a plan whose last session is so long past is over, said or not


def tend(parts: Parts) -> Mapping[str, int]:
    """Do what is due; give how much of each."""
    now = parts.now()
    taken_up = _take_up(parts)
    lapsed = 0
    with parts.store.read() as db:
        late = [r for r in coaching.in_states(db, (State.ASKED,)) if r.changed < now - UNANSWERED]
    for request in late:
        lapsed += propose_others(parts, request)
    served = _match(parts, now)
    with parts.store.write() as db:
        ending, over = _courses(db, now)
        back = coaching_plans.to_look_back(db, now.date())
        for plan in back:
            for person in {plan.person_id, plan.coach_id} - {None}:
                tell(db, BACK, plan.id, str(person), now)
    return {"taken up": taken_up, "lapsed": lapsed, "served": served, "ending": ending, "over": over, "back": len(back)}


def _match(parts: Parts, now: datetime) -> int:
    """Match all who wait at once; give how many have proposals now."""
    with parts.store.read() as db:
        waiting = coaching.in_states(db, (State.WAITING,))
        if not waiting:
            return 0
        try:
            seen = situation(db, now, waiting)
        except InvalidError:  # nothing to plan with: they wait on
            return 0
    matched = match(seen, waiting)
    with parts.store.write() as db:
        if not seen.still(db) or coaching.in_states(db, (State.WAITING,)) != waiting:
            return 0  # the next hour looks again
        keep_matched(db, waiting, matched, now)
    return sum(r.state is State.PROPOSED for r in matched)


def _courses(db: Db, now: datetime) -> tuple[int, int]:
    """Tell of what comes to its end, and end what was forgotten; give how many of each."""
    ending = over = 0
    for plan in coaching_plans.running(db):
        held = sessions_of(db, plan)
        if not held:
            continue
        last = held[-1].ends_utc
        if now < last <= now + NEAR_END and len(held) > 1:
            ending += 1
            for person in {plan.person_id, plan.coach_id} - {None}:
                tell(db, ENDING, plan.id, str(person), now)
        elif last < now - FORGOTTEN:
            over += 1
            coaching_plans.keep(db, replace(plan, state=Course.FINISHED, ended=now))
            series_queries.withdraw(db, plan.series_id, plan.person_id, now)
            coaching.close(db, plan.id, now)
    return ending, over


def _take_up(parts: Parts) -> int:
    """Give a plan to each series that has none, and its coach to each plan that lacks one; give how many."""
    count = 0
    with parts.store.write() as db:
        for request in coaching_plans.series_without_plan(db):
            count += 1
            plan = Plan(
                id=request.id,
                person_id=request.person_id,
                coach_id=None,
                activity=request.activity,
                state=Course.RUNNING,
                series_id=request.id,
                begun=request.requested,
                ended=None,
                look_back=None,
                series=(request.id,),
            )
            coaching_plans.keep(db, plan)
            coaching_plans.add_part(db, plan.id, plan.series_id, None, request.requested)
        for plan in coaching_plans.running(db):
            if plan.coach_id is None:
                held = [s for s in sessions_of(db, plan) if s.facilitator_id]
                if held:
                    count += 1
                    coach = held[-1].facilitator_id
                    coaching_plans.keep(db, replace(plan, coach_id=coach))
                    coaching_plans.add_part(db, plan.id, plan.series_id, coach, plan.begun)
    return count
