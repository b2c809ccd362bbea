"""What could be done about each session that cannot stand: ranked choices in words, and one suggestion each.

All suggestions of one call can be taken together: they are what `repair` does, taken apart by what hangs together.
Every other choice holds by itself, on the calendar as it is. After a choice is taken, ask again: the others may have
changed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from devsys.base.words import phrase, phrases
from devsys.core.planning.apart import parts_of
from devsys.core.planning.board import Board, Meet
from devsys.core.planning.choice import Affected, Choice, Way
from devsys.core.planning.choice_words import words_of
from devsys.core.planning.effect import Pair, choice_of, effect_of, effect_since
from devsys.core.planning.look import Broken, Kind
from devsys.core.planning.options import Options, Ranked, rank_of, way_of
from devsys.core.planning.problem import Problem, Session
from devsys.core.planning.repair_steps import Asked, Solved, solved

__all__ = ["Affected", "Choice", "Way", "apply_choice", "apply_choices", "choices"]


def choices(
    problem: Problem,
    previous: Iterable[Session],
    *,
    now: int,
    before: Problem | None = None,
    only: Collection[str] | None = None,
) -> tuple[Affected, ...]:
    """Give every session that cannot stand after a change, soonest first, with what could be done about it.

    Arguments as for `repair`. Where a queue would be short, the sessions are those that the suggestion touches.
    """
    asked = Asked(problem, tuple(previous), now, before=before, only=only)
    found = solved(asked, ())
    board = asked.board(asked.old)
    suggested = _suggested(asked, found)
    locked = found.locked | suggested.keys()
    meets = {name: _met(board, asked, name) for name in suggested}
    days = _whole_days(board, found.reasons, suggested)
    out = []
    for name, m in meets.items():
        rows = Options(board, m, found.reasons[name], now, locked).all() + days.get(name, [])
        out.append(_affected(m, found.reasons[name], suggested[name], rows))
    return tuple(sorted(out, key=lambda a: (a.session.start, a.session.id)))


def _met(board: Board, asked: Asked, name: str) -> Meet:
    """Give a session of the calendar, taken up if it is not yet."""
    session = next(s for s in asked.old if s.id == name)
    board.load(session.start, session.start + 1)
    return board.meets[name]


def _suggested(asked: Asked, found: Solved) -> dict[str, Ranked]:
    """Give by affected session the part of the repair that settles it."""
    board = asked.board(found.sessions)
    new = {s.id: s for s in found.sessions}
    known = {s.id for s in asked.old}
    pairs = [Pair(s.id, s, new.get(s.id)) for s in asked.old if new.get(s.id) != s]
    pairs += [Pair(s.id, None, s) for s in found.sessions if s.id not in known]
    for p in pairs:
        for s in (p.before, p.after):
            if s is not None:
                board.load(s.start, s.start + 1)
    out: dict[str, Ranked] = {}
    for names, part in parts_of(board, effect_of(board, pairs), found.reasons):
        for pair in part.pairs:
            if pair.id in names:
                way = way_of(pair, part)
                choice = choice_of(board, part, way, words_of(board, way, pair, part), names)
                out[pair.id] = Ranked(rank_of(board, part, pair, names), choice)
    return out


def _affected(m: Meet, reasons: Collection[Broken], suggested: Ranked, rows: list[Ranked]) -> Affected:
    """Rank the choices; the suggestion is among them."""
    same = [r for r in rows if (r.choice.after, r.choice.gone) == (suggested.choice.after, suggested.choice.gone)]
    others = [r for r in rows if r not in same]
    ranked = sorted([suggested, *others], key=lambda r: (r.rank, r is not suggested))
    session = m.was if m.was is not None else m.session()
    return Affected(
        session=session,
        rule=next(iter(reasons)).rule,
        why=" ".join(dict.fromkeys(b.what for b in reasons)),
        who=tuple(dict.fromkeys(b.who for b in reasons)),
        choices=tuple(r.choice for r in ranked),
        suggested=ranked.index(suggested),
    )


def _whole_days(
    board: Board, reasons: Mapping[str, Collection[Broken]], suggested: Iterable[str]
) -> dict[str, list[Ranked]]:
    """Give by session the choice of one substitute for all sessions of a day that somebody can no longer lead."""
    days: dict[tuple[str, int], list[Meet]] = defaultdict(list)
    for name in suggested:
        m = board.meets[name]
        lost = any(b.kind is Kind.LEAD for b in reasons[name])
        if lost and not any(board.needs[n].series for n in m.att) and m.group[1] in board.sites:
            days[m.fac, board.sites[m.group[1]].day_of(m.start)].append(m)
    out: dict[str, list[Ranked]] = defaultdict(list)
    for rows in days.values():
        if len(rows) > 1 and all(len(reasons[m.id]) == 1 for m in rows):
            for fac in board.facs:
                _one_for_all(board, rows, fac, out)
    return out


def _one_for_all(board: Board, rows: Collection[Meet], fac: str, out: dict[str, list[Ranked]]) -> None:
    mark = len(board.journal)
    names = {m.id for m in rows}
    who, old = board.facs[fac], board.facs.get(next(m.fac for m in rows))
    for m in rows:
        if who not in board.leaders(m.act.id, m.group[1]) or not board.can_lead(who, m.act, m.start, m.room, m):
            break
        board.lead(m, fac, m.room)
    else:
        effect = effect_since(board, mark)
        words = phrases(
            "%(who)s leads all %(num)s sessions of the day instead of %(before)s.",
            "%(who)s leads all %(num)s sessions of the day instead of %(before)s.",
            len(rows),
            who=who.label,
            before=old.label if old else phrase("nobody"),
        )
        choice = choice_of(board, effect, Way.SUBSTITUTE, words, names)
        for pair in effect.pairs:
            out[pair.id].append(Ranked(rank_of(board, effect, pair, names), choice))
    board.undo(mark)


def apply_choice(sessions: Iterable[Session], choice: Choice) -> tuple[Session, ...]:
    """Give the calendar with one choice taken."""
    return apply_choices(sessions, (choice,))


def apply_choices(sessions: Iterable[Session], taken: Iterable[Choice]) -> tuple[Session, ...]:
    """Give the calendar with several choices taken that fit each other, such as all suggestions of one call."""
    held = {s.id: s for s in sessions}
    for choice in taken:
        for name in choice.gone:
            held.pop(name, None)
        held |= {s.id: s for s in choice.after}
    return tuple(sorted(held.values(), key=lambda s: (s.start, s.id)))
