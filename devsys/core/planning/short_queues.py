"""Slots in which more people of a queue are in sessions than it can spare."""

from collections.abc import Iterable

from devsys.base.words import phrase
from devsys.core.planning.board import Board
from devsys.core.planning.change_scope import Scope
from devsys.core.planning.desk import say_hours
from devsys.core.planning.problem import DAY, WEEK, Span, say_slot


def short_slots(board: Board, scope: Scope, now: int) -> dict[tuple[str, int], int]:
    """Give the slots to come in which more people of a queue are in sessions than it can spare, and by how many."""
    out: dict[tuple[str, int], int] = {}
    if scope.everything:
        taken = _taken(board, now)
    else:
        taken = {pool: _used_slots(board, pool, spans, now) for pool, spans in sorted(scope.queues.items())}
    for pool, slots in taken.items():
        for slot in sorted(slots):
            left = board.spare(pool, slot)
            if left < 0:
                out[pool, slot] = -left
    return out


def say_short(board: Board, pool: str, slots: Iterable[int], worst: int) -> str:
    """Give in words by how many a queue would be short, from the first of some slots on."""
    rows = list(slots)
    queue = board.pools[pool]
    when = say_slot(board.problem, board.sites[queue.site], min(rows))
    return phrase(
        "%(queue)s would be %(worst)s short for %(hours)s from %(when)s.",
        queue=queue.label,
        worst=worst,
        hours=say_hours(len(rows)),
        when=when,
    )


def _taken(board: Board, now: int) -> dict[str, set[int]]:
    """Give, by queue, the slots to come in which somebody of it sits in a session or rests after it."""
    found: dict[str, set[int]] = {}
    for m in board.meets.values():
        slots = range(max(now, m.start), min(m.end + m.act.recovery, board.slots))
        if slots:
            for pool in {board.agent_of(n).pool for n in m.att}:
                found.setdefault(pool, set()).update(slots)
    return found


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Give spans sorted, joined where they touch."""
    out: list[Span] = []
    for a, b in sorted(spans):
        if out and a <= out[-1][1]:
            out[-1] = out[-1][0], max(b, out[-1][1])
        else:
            out.append((a, b))
    return out


def _used_slots(board: Board, pool: str, spans: Iterable[Span], now: int) -> set[int]:
    """Give the slots of spans in which somebody of a queue sits in a session."""
    out: set[int] = set()
    for first, end in _joined(spans):
        if end <= now:
            continue
        a, b = max(first, now), min(end, board.slots)
        board.load(a - DAY, b)
        for week in range((a - DAY) // WEEK, (b - 1) // WEEK + 1):
            for m in board.weekly.get(week, {}).values():
                x, y = max(a, m.start), min(b, m.end + m.act.recovery)
                if x < y and any(board.agent_of(n).pool == pool for n in m.att):
                    out.update(range(x, y))
    return out
