"""What a stretch of changes on a board comes to: sessions before and after, who is disturbed, what queues have left."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from devsys.core.planning.board import Board, Meet
from devsys.core.planning.choice import Choice, Way
from devsys.core.planning.problem import Session


@dataclass(frozen=True, slots=True)
class Pair:
    """One session before and after; None where it was not, or is no longer."""

    id: str
    before: Session | None
    after: Session | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Sessions that differ, and needs: `disturbed` lost their start, `owed` have no place, `late` are late by it."""

    pairs: tuple[Pair, ...]
    disturbed: tuple[int, ...]
    owed: tuple[int, ...]
    late: tuple[int, ...]


def led_otherwise(pair: Pair) -> bool:
    """Say whether a session keeps its time and gets another facilitator."""
    before, after = pair.before, pair.after
    return before is not None and after is not None and before.start == after.start and before.fac != after.fac


def effect_since(board: Board, mark: int) -> Effect:
    """Give what changed on a board since its journal had this length."""
    first: dict[str, Meet] = {}
    for _, m, *_ in board.journal[mark:]:
        first.setdefault(m.id, m)
    pairs = []
    for name, m in first.items():
        there = board.meets.get(name)
        pair = Pair(name, m.was, there.session() if there is not None and there.att else None)
        if pair.before != pair.after:
            pairs.append(pair)
    return effect_of(board, pairs)


def effect_of(board: Board, pairs: Iterable[Pair]) -> Effect:
    """Give the effect of some sessions that differ."""
    rows = tuple(sorted(pairs, key=lambda p: p.id))
    was = {n: p.before.start for p in rows if p.before for n in p.before.att}
    is_at = {n: p.after.start for p in rows if p.after for n in p.after.att}
    disturbed = tuple(sorted(n for n, t in was.items() if is_at.get(n) != t))
    return Effect(
        pairs=rows,
        disturbed=disturbed,
        owed=tuple(n for n in disturbed if n not in is_at),
        late=tuple(n for n in disturbed if n in is_at and is_at[n] >= board.needs[n].due),
    )


def queue_left(board: Board, effect: Effect) -> tuple[tuple[str, int], ...]:
    """Give, by queue, the least spare there is on a board in the slots of the sessions that changed."""
    least: dict[str, int] = {}
    for p in effect.pairs:
        if p.after is None:
            continue
        m = board.meets[p.id]
        for n in m.att:
            pool = board.agent_of(n).pool
            low = min((board.spare(pool, s) for s in range(max(0, m.start), min(m.end, board.slots))), default=0)
            least[pool] = min(low, least.get(pool, low))
    return tuple(sorted(least.items()))


def choice_of(board: Board, effect: Effect, way: Way, words: str, solves: Collection[str]) -> Choice:
    """Give a choice for an effect, while the board stands as it would."""
    return Choice(
        way=way,
        after=tuple(p.after for p in effect.pairs if p.after is not None),
        gone=tuple(p.id for p in effect.pairs if p.after is None),
        disturbed=effect.disturbed,
        owed=effect.owed,
        queue=queue_left(board, effect),
        knock_on=tuple(p.id for p in effect.pairs if p.before is not None and p.id not in solves),
        solves=tuple(sorted(solves)),
        words=words,
    )
