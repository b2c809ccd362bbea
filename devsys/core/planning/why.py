"""Why a session stands where it does, and what stands against another start."""

from collections import Counter
from dataclasses import replace

import numpy as np

from devsys.base.errors import Fault, InvalidError
from devsys.base.text import count_of
from devsys.core.planning.check import judge_move
from devsys.core.planning.grid import Grid
from devsys.core.planning.layout import Layout
from devsys.core.planning.masks import able, pool_seats, runs
from devsys.core.planning.problem import WEEK, Plan, Problem, Session, say_day, say_slot


def why_here(problem: Problem, plan: Plan, session_id: str) -> tuple[str, ...]:
    """Give in sentences why a session stands where it does.

    Raises InvalidError when the plan has no such session.
    """
    session = _found(plan, session_id)
    needs = [problem.needs[n] for n in session.att]
    if not needs:
        return ("Nobody is seated here.",)
    lay = Layout(replace(problem, pinned=tuple(s for s in plan.sessions if s.id != session_id), frozen_until=0))
    grid = Grid(lay)
    act = lay.act_at[session.act]
    length = lay.length[act]
    agent = lay.agent_at[needs[0].agent]
    site = problem.sites[lay.agent_site[agent]]
    out = [_due(problem, session)]
    first = max(0, session.start // WEEK * WEEK)
    end = min(first + WEEK, lay.slots - length + 1)
    if not first <= session.start < end:
        return tuple(out)
    people = able(grid, list(session.att), act, first, end, ready=[0] * len(lay.need_act))
    everybody = people.min(axis=0) > 0
    spared = everybody.copy()
    seats = Counter(lay.agent_pool[lay.need_agent[n]] for n in session.att)
    for pool, count in seats.items():
        spared &= pool_seats(grid, pool, length, first, end) >= count
    led = spared.copy()
    fac = lay.fac_at.get(session.fac)
    if fac is not None:
        led &= runs(grid.fac_rows[fac, first : end + length - 1], length) > 0
    if session.room is not None and session.room in lay.room_at:
        led &= runs(grid.room_rows[lay.room_at[session.room], first : end + length - 1], length) > 0
    queues = " and ".join(sorted({problem.pools[p].label for p in seats}))
    leader = problem.facilitators[fac].label if fac is not None else "the facilitator"
    total, left = int(np.count_nonzero(everybody)), int(np.count_nonzero(led))
    if led[session.start - first]:
        here = "the only one" if left == 1 else f"one of {left}"
        starts = count_of(total, "start")
        who = "everybody" if len(needs) > 1 else problem.agents[agent].label
        out.append(
            f"{starts} of this week suit {who}; this is {here} with {queues} able to spare "
            f"{count_of(len(needs), 'person', 'people')} and {leader} free."
        )
    else:
        out.append(f"{say_slot(problem, site, session.start)} no longer suits everybody.")
    return tuple(out)


def _due(problem: Problem, session: Session) -> str:
    """Say for whom the session is and by when."""
    needs = [problem.needs[n] for n in session.att]
    first = min(needs, key=lambda n: n.due)
    agents = {a.id: a for a in problem.agents}
    site = next(s for s in problem.sites if s.id == agents[first.agent].site)
    name = next(a.label for a in problem.activities if a.id == session.act)
    many = count_of(len(needs), "person", "people")
    late = sum(session.start >= n.due for n in needs)
    due = say_day(problem, site, max(0, first.due - 1))
    tail = "" if not late else f" It is late for {late}."
    return f"{name} is due for {many}, first by {due}.{tail}"


def why_not(problem: Problem, plan: Plan, session_id: str, start: int) -> tuple[str, ...]:
    """Give in sentences what stands against moving a session to another start; empty when nothing does.

    Raises InvalidError when the plan has no such session.
    """
    _found(plan, session_id)
    found = judge_move(problem, plan.sessions, session_id, start)
    return tuple(dict.fromkeys(v.what for v in found))


def _found(plan: Plan, session_id: str) -> Session:
    for session in plan.sessions:
        if session.id == session_id:
            return session
    raise InvalidError("There is no such session in this plan.", (Fault("session", session_id),))
