"""The steps of a repair, from the quick one to the exact one; the better answer in the order of wishes is kept."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase
from devsys.core.planning.board import Board
from devsys.core.planning.change_scope import Scope, scope_of
from devsys.core.planning.desk import Violation
from devsys.core.planning.keep import Keeper
from devsys.core.planning.look import Broken, look, look_at
from devsys.core.planning.problem import Problem, Session
from devsys.core.planning.repair_exact import Exact
from devsys.core.planning.short_queues import short_slots

# Trials of one repair; what the solver may spend where all that is to come is lifted, and where what is near (about
# seconds of a usual machine); and how many sessions may be hurt for it to be asked: a change of months is repaired week
# by week as it comes near.
BUDGET = 200_000
EFFORT, EFFORT_NEAR = 1.0, 0.5
MOST_HURT = 12


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a repair is asked; see `repair`."""

    problem: Problem
    old: tuple[Session, ...]
    now: int
    before: Problem | None = None
    only: Collection[str] | None = None
    seed: int = 0
    budget: int = BUDGET
    stop: Callable[[], bool] = never

    def board(self, sessions: Sequence[Session]) -> Board:
        """Give a calendar laid out, with what is pinned or begun as it is."""
        fixed = {s.id for s in self.problem.pinned} | {s.id for s in self.old if s.start < self.now}
        return Board(self.problem, sessions, fixed, self.now)


@dataclass(frozen=True, slots=True)
class Solved:
    """A calendar that holds, and why sessions of the one before could not stand, by id.

    `bound`: people who lose their published time in any plan. `locked`: sessions left as they are; `left`: what those
    break that may not change.
    """

    sessions: tuple[Session, ...]
    bound: int
    reasons: dict[str, list[Broken]]
    locked: frozenset[str]
    left: tuple[Violation, ...]


def solved(asked: Asked, wanted: Collection[int]) -> Solved:
    """Give the repair. Raises InvalidError for a calendar with an id that is twice."""
    twice = [name for name, count in Counter(s.id for s in asked.old).items() if count > 1]
    if twice:
        faults = tuple(Fault("sessions", phrase("the id %(name)s is there twice", name=repr(name))) for name in twice)
        raise InvalidError(phrase("A plan has each session once."), faults)
    board = asked.board(asked.old)
    scope = scope_of(asked.problem, asked.before)
    broken = look(board, scope, asked.now)
    keeper = Keeper(board, scope, asked.now, _going_on(asked, board), asked.only)
    keeper.settle(broken)
    _place(keeper, wanted)
    sessions = _sessions(board, asked.old)
    score = _score(asked, board, sessions)
    bound = keeper.bound
    if score[0] > bound and _going_on(asked, board)():
        _begin_again(board)
        second = Keeper(board, scope, asked.now, _going_on(asked, board), asked.only)
        if second.settle(broken, below=score[0]):
            _place(second, wanted)
            other = _sessions(board, asked.old)
            if (found := _score(asked, board, other)) < score:
                keeper, sessions, score = second, other, found
        bound = max(bound, second.bound)
    if score[0] > bound and board.tries < asked.budget and not asked.stop():
        better, proof = _exactly(asked, keeper, sessions, wanted)
        bound = max(bound, proof)
        if better is not None and _score(asked, board, better) < score:
            sessions = better
    left = tuple(Violation(b.rule, b.who, b.what, (b.meet.id,)) for b in keeper.left)
    return Solved(sessions, bound, keeper.reasons, frozenset(keeper.locked), left)


def _begin_again(board: Board) -> None:
    """Bring a board back to the calendar it began with."""
    board.names.difference_update(m.id for m in board.meets.values() if m.was is None)
    board.undo(0)


def _going_on(asked: Asked, board: Board) -> Callable[[], bool]:
    return lambda: board.tries < asked.budget and not asked.stop()


def _place(keeper: Keeper, wanted: Collection[int]) -> None:
    """Place what lost its place, then what is wanted besides."""
    board = keeper.board
    lost = [n for n in keeper.freed if n not in board.seated and board.needs[n].series is None]
    offs = [o for o in keeper.offs.values() if o.meet.id not in board.meets]
    keeper.places.place(lost, offs)
    new = [n for n in wanted if n not in board.seated]
    keeper.places.place(n for n in new if board.needs[n].series is None)
    for series in dict.fromkeys(s for n in new if (s := board.needs[n].series) is not None):
        keeper.chains.mend(series, {}, {})


def _sessions(board: Board, old: Iterable[Session]) -> tuple[Session, ...]:
    """Give the calendar as the board has it; what it never took up is as it was."""
    out = [m.session() for m in board.meets.values()]
    return (*out, *(s for s in old if s.id not in board.taken_up))


def _score(asked: Asked, board: Board, sessions: Iterable[Session]) -> tuple[int, int, int, int, int]:
    """Give what repairs are compared by, the lowest best: the wishes in their order."""
    new = {s.id: s for s in sessions}
    pairs = [(s, new.get(s.id)) for s in asked.old if new.get(s.id) != s]
    was = {n: s.start for s, _ in pairs for n in s.att}
    is_at = {n: s.start for s in new.values() for n in s.att if n in was}
    last = {a.id: a.work[-1][1] if a.work else 0 for a in asked.problem.agents}
    lost = [n for n, t in was.items() if is_at.get(n) != t]
    there = [n for n in lost if n in is_at or last[board.needs[n].agent] > was[n]]
    return (
        len(there),
        sum(b is not None and a.start == b.start and a.fac != b.fac for a, b in pairs),
        sum(board.weight(n) for n in there if n not in is_at),
        sum(is_at[n] >= board.needs[n].due for n in there if n in is_at),
        len(pairs),
    )


def _exactly(
    asked: Asked, keeper: Keeper, sessions: Sequence[Session], wanted: Collection[int]
) -> tuple[tuple[Session, ...] | None, int]:
    """Give the calendar the solver chooses, if it holds, and the bound it proves (0: none)."""
    board = asked.board(asked.old)
    board.load_all()
    exact = Exact(asked.problem, asked.old, board, asked.now, keeper.locked)
    whole = asked.only is None and exact.whole()
    new = {s.id: s for s in sessions}
    hurt = set(keeper.reasons) | {s.id for s in asked.old if _lost(s, new.get(s.id))}
    lifted = set(exact.open) if whole else exact.neighbours(hurt) if len(hurt) <= MOST_HURT else set()
    if not lifted:
        return None, 0
    last = {a.id: a.work[-1][1] if a.work else 0 for a in asked.problem.agents}
    needs = asked.problem.needs
    ended = sum(last.get(needs[n].agent, 0) <= m.start for m in exact.open.values() for n in m.att)
    lost = _score(asked, board, sessions)[0] + ended
    found = exact.choose(
        lifted,
        whole=whole,
        quick=sessions,
        lost=lost,
        effort=EFFORT if whole else EFFORT_NEAR,
        seed=asked.seed,
        stop=asked.stop,
    )
    bound = max(0, found.bound - ended) if found.bound is not None else 0
    if found.sessions is None:
        return None, bound
    return _finished(asked, keeper, found.sessions, wanted), bound


def _holds(asked: Asked, keeper: Keeper, board: Board, sessions: Iterable[Session]) -> bool:
    """Say whether a calendar that the solver chose breaks nothing but what may not change.

    Where the organisation before is known, only what the change or the solver touched is looked at.
    """
    scope, now = scope_of(asked.problem, asked.before), asked.now
    found = look(board, scope, now)
    if not scope.everything:
        old = {s.id: s for s in asked.old}
        new = {s.id: s for s in sessions}
        touched = [(old.get(i), new.get(i)) for i in old.keys() | new.keys() if old.get(i) is not new.get(i)]
        both = [s for pair in touched for s in pair if s is not None]
        people = {board.needs[n].agent for s in both for n in s.att}
        found += look_at(board, {s.id for s in both if new.get(s.id) is s}, people, now)
        for s in both:
            act = board.acts[s.act]
            for pool in {board.agent_of(n).pool for n in s.att}:
                scope.queues.setdefault(pool, []).append((s.start, s.start + act.length + act.recovery))
    if any(not b.meet.fixed and b.meet.id not in keeper.locked for b in found):
        return False
    short = short_slots(board, scope, now)
    return all(count <= keeper.unmet.get(key, 0) for key, count in short.items())


def _lost(before: Session, after: Session | None) -> bool:
    """Say whether a session lost people, its time or its facilitator."""
    if after is None:
        return True
    return (before.start, before.fac) != (after.start, after.fac) or not set(before.att) <= set(after.att)


def _finished(
    asked: Asked, keeper: Keeper, sessions: tuple[Session, ...], wanted: Collection[int]
) -> tuple[Session, ...] | None:
    """Place what still has no place in a calendar the solver chose; None where it does not hold."""
    old = {s.id: s for s in asked.old}
    same = tuple(old[s.id] if old.get(s.id) == s else s for s in sessions)
    board = asked.board(same)
    if not _holds(asked, keeper, board, same):
        return None
    second = Keeper(board, Scope(), asked.now, _going_on(asked, board))
    second.locked |= keeper.locked
    second.places.closed |= keeper.places.closed
    lost = [n for n in keeper.freed if n not in board.seated]
    lost += [n for s in asked.old for n in s.att if n not in board.seated and n not in keeper.freed]
    for n in lost:
        second.places.now_waits(n)
    second.places.place(n for n in lost if board.needs[n].series is None)
    for series in dict.fromkeys(s for n in lost if (s := board.needs[n].series) is not None):
        second.chains.mend(series, {}, {})
    _place(second, wanted)
    return _sessions(board, same)
