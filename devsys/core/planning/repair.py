"""A calendar made true again after a change: what can stand stands, few people move, nobody without need.

`repair` takes the organisation after the change and the sessions of the plan before it. In this order it wants: few
people whose published time is lost, few sessions with another facilitator, few needs without a place, few late.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from devsys.core.planning.certificate import Certificate, certify
from devsys.core.planning.desk import Violation
from devsys.core.planning.problem import Problem, Session
from devsys.core.planning.repair_steps import BUDGET, Asked, never, solved


@dataclass(frozen=True, slots=True)
class Repaired:
    """A calendar that holds again, and what became of the one before.

    `sessions` in order of start. `moved`: sessions with another start, each with the number of people who go with it;
    `people_moved`: needs placed before and now, at another start. `refacilitated`: same start, another facilitator.
    `dropped`: sessions that are gone, `opened` new ones. `freed`: needs (positions) that lost their published start,
    `owed`: those of them without a place now; `ended`: needs of people who do not come back within the horizon, which
    count as neither; `placed`: needs that had no place before and have one now. `left`: what sessions break that may
    not change (pinned, or begun); people have to decide there.
    """

    sessions: tuple[Session, ...]
    moved: tuple[tuple[str, int], ...]
    people_moved: int
    refacilitated: tuple[str, ...]
    dropped: tuple[str, ...]
    opened: tuple[str, ...]
    freed: tuple[int, ...]
    owed: tuple[int, ...]
    ended: tuple[int, ...]
    placed: tuple[int, ...]
    certificate: Certificate
    left: tuple[Violation, ...] = ()


def repair(
    problem: Problem,
    previous: Iterable[Session],
    *,
    now: int,
    before: Problem | None = None,
    wanted: Collection[int] | None = None,
    only: Collection[str] | None = None,
    seed: int = 0,
    budget: int = BUDGET,
    stop: Callable[[], bool] = never,
) -> Repaired:
    """Give a calendar that holds after a change.

    `problem` is the organisation after it: its `pinned` sessions may not change, and nothing new starts before its
    `frozen_until`. `previous` are the sessions that stood; those begun before the slot `now` stay verbatim. `before`
    is the organisation before the change: with it only what differs is looked at, which is much quicker. `wanted` are
    needs (positions) without a place that are to be placed too, as long as nobody moves for it; by default those that
    `before` did not have. `only` narrows the repair to some sessions (ids); what else cannot stand is left as it is.

    The same arguments give the same answer: `budget` counts trials, never time. `stop` ends the search with what is
    found so far, always a calendar that holds.
    """
    old = tuple(previous)
    asked = Asked(problem, old, now, before=before, only=only, seed=seed, budget=budget, stop=stop)
    found = solved(asked, _wanted(problem, before, wanted))
    return told(problem, old, found.sessions, bound=found.bound, left=found.left)


def _wanted(problem: Problem, before: Problem | None, wanted: Collection[int] | None) -> tuple[int, ...]:
    """Give the needs that are to be placed too, if they have no place."""
    if wanted is not None:
        return tuple(wanted)
    return tuple(range(len(before.needs) if before is not None else 0, len(problem.needs)))


def told(
    problem: Problem,
    old: Collection[Session],
    sessions: Iterable[Session],
    *,
    bound: int,
    left: tuple[Violation, ...] = (),
) -> Repaired:
    """Give what became of the sessions before: counted from the two calendars alone."""
    new = tuple(sorted(sessions, key=lambda s: (s.start, s.id)))
    by_id = {s.id: s for s in new}
    known = {s.id for s in old}
    # Only what differs is taken apart: a year has many sessions, and few of them change.
    pairs = [(s, by_id.get(s.id)) for s in old if by_id.get(s.id) is not s]
    opened = [s for s in new if s.id not in known]
    was = {n: s.start for s, _ in pairs for n in s.att}
    now_at = {n: s.start for s in (*(x for _, x in pairs if x), *opened) for n in s.att}
    lost = sorted(n for n, t in was.items() if now_at.get(n) != t)
    nowhere = [n for n in lost if n not in now_at]
    last = {a.id: a.work[-1][1] if a.work else 0 for a in problem.agents} if nowhere else {}
    ended = tuple(n for n in nowhere if last.get(problem.needs[n].agent, 0) <= was[n])
    freed = tuple(n for n in lost if n not in ended)
    owed = tuple(n for n in nowhere if n not in ended)
    stays = [(a, b) for a, b in pairs if b is not None]
    return Repaired(
        sessions=new,
        moved=tuple((b.id, len(set(a.att) & set(b.att))) for a, b in stays if a.start != b.start),
        people_moved=len(freed) - len(owed),
        refacilitated=tuple(b.id for a, b in stays if a.start == b.start and a.fac != b.fac),
        dropped=tuple(s.id for s, b in pairs if b is None),
        opened=tuple(s.id for s in opened),
        freed=freed,
        owed=owed,
        ended=ended,
        placed=tuple(sorted(now_at.keys() - was.keys())),
        certificate=certify(len(freed), bound, len(owed)),
        left=left,
    )
