"""A calendar made true again after a change: what can stand stands, few people move, nobody without need.

`repair` takes the organisation after the change and the sessions of the plan before it. In this order it wants: few
people whose published time is lost, few sessions with another facilitator, few needs without a place, few late.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from devsys.core.planning.certificate import Certificate, certify
from devsys.core.planning.check import check
from devsys.core.planning.desk import Violation
from devsys.core.planning.problem import Problem, Session

BUDGET = 20_000


@dataclass(frozen=True, slots=True)
class Repaired:
    """A calendar that holds again, and what became of the one before.

    `sessions` in order of start. `moved`: sessions with another start, each with the number of people who go with it;
    `people_moved`: needs placed before and now, at another start. `refacilitated`: same start, another facilitator.
    `dropped`: sessions that are gone, `opened` new ones. `freed`: needs (positions) that lost their published start,
    `owed`: those of them without a place now; `placed`: needs that had no place before and have one now. `left`: what
    sessions break that may not change (pinned, or begun); people have to decide there.
    """

    sessions: tuple[Session, ...]
    moved: tuple[tuple[str, int], ...]
    people_moved: int
    refacilitated: tuple[str, ...]
    dropped: tuple[str, ...]
    opened: tuple[str, ...]
    freed: tuple[int, ...]
    owed: tuple[int, ...]
    placed: tuple[int, ...]
    certificate: Certificate
    left: tuple[Violation, ...] = ()


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


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
    del before, wanted, seed, budget, stop
    old = tuple(previous)
    kept = {s.id for s in problem.pinned} | {s.id for s in old if s.start < now}
    if only is not None:
        kept |= {s.id for s in old if s.id not in only}
    held = {s.id: s for s in old}
    fixed = replace(problem, pinned=(), frozen_until=0)
    left: list[Violation] = []
    while True:
        left = []
        again = False
        for broken in check(fixed, held.values()):
            free = [held[i] for i in broken.sessions if i in held and i not in kept]
            if not free:
                left.append(broken)
                continue
            _mend(fixed, held, max(free, key=lambda s: (s.start, s.id)), broken)
            again = True
            break
        if not again:
            break
    return told(old, held.values(), bound=0, left=tuple(left))


def _mend(problem: Problem, held: dict[str, Session], session: Session, broken: Violation) -> None:
    if broken.rule == "facilitator":
        for f in problem.facilitators:
            other = replace(session, fac=f.id)
            if f.id != session.fac and not any(
                session.id in v.sessions for v in check(problem, (held | {other.id: other}).values())
            ):
                held[other.id] = other
                return
    act = next(a for a in problem.activities if a.id == session.act)
    att = tuple(n for n in session.att if problem.needs[n].agent != broken.who)
    if len(att) < len(session.att) and len(att) >= act.gmin:
        held[session.id] = replace(session, att=att)
    else:
        del held[session.id]


def told(
    old: Collection[Session],
    sessions: Iterable[Session],
    *,
    bound: int,
    left: tuple[Violation, ...] = (),
) -> Repaired:
    """Give what became of the sessions before: counted from the two calendars alone."""
    new = tuple(sorted(sessions, key=lambda s: (s.start, s.id)))
    by_id = {s.id: s for s in new}
    was = {n: s.start for s in old for n in s.att}
    now_at = {n: s.start for s in new for n in s.att}
    freed = tuple(sorted(n for n, t in was.items() if now_at.get(n) != t))
    owed = tuple(n for n in freed if n not in now_at)
    stays = [(s, by_id[s.id]) for s in old if s.id in by_id]
    return Repaired(
        sessions=new,
        moved=tuple((b.id, len(set(a.att) & set(b.att))) for a, b in stays if a.start != b.start),
        people_moved=len(freed) - len(owed),
        refacilitated=tuple(b.id for a, b in stays if a.start == b.start and a.fac != b.fac),
        dropped=tuple(s.id for s in old if s.id not in by_id),
        opened=tuple(s.id for s in new if s.id not in {o.id for o in old}),
        freed=freed,
        owed=owed,
        placed=tuple(sorted(now_at.keys() - was.keys())),
        certificate=certify(len(freed), bound, len(owed)),
        left=left,
    )
