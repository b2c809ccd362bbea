"""Choices in words: one sentence a coordinator understands, with names."""

from collections.abc import Iterable, Sequence

from devsys.base.text import count_of
from devsys.core.planning.board import NOBODY, Board
from devsys.core.planning.choice import Way
from devsys.core.planning.effect import Effect, Pair
from devsys.core.planning.problem import Session, say_slot

_NAMED = 3


def words_of(board: Board, way: Way, pair: Pair, effect: Effect) -> str:
    """Give a choice for one session in words; `pair` is that session before and after."""
    words = _Words(board, effect)
    before, after = pair.before, pair.after
    if before is None:
        return words.others(pair)
    if way is Way.CANCEL or after is None:
        said = words.off(before) if after is None else ""
    elif way is Way.SHIFT:
        led = f", led by {words.fac(after.fac)}" if after.fac != before.fac else ""
        said = f"Moves to {words.when(after)}{led}."
    else:
        said = " ".join(
            filter(None, (words.led(before, after), words.housed(before, after), words.came(before, after)))
        )
    stays = set(after.att) if after is not None else set()
    gone = [n for n in before.att if n not in stays]
    return " ".join(filter(None, (said, words.went(gone, going_on=after is not None), words.others(pair))))


class _Words:
    def __init__(self, board: Board, effect: Effect) -> None:
        self.board = board
        self.effect = effect
        self.now_in = {n: p.after for p in effect.pairs if p.after is not None for n in p.after.att}

    def when(self, session: Session) -> str:
        """Give a session's time."""
        site = self.board.sites.get(session.site)
        return say_slot(self.board.problem, site, session.start) if site else f"slot {session.start}"

    def fac(self, name: str) -> str:
        """Give a facilitator's name."""
        fac = self.board.facs.get(name)
        return fac.label if fac is not None else "nobody"

    def led(self, before: Session, after: Session) -> str:
        """Say who leads instead."""
        if before.fac == after.fac:
            return ""
        if before.fac == NOBODY or before.fac not in self.board.facs:
            return f"{self.fac(after.fac)} leads."
        return f"{self.fac(after.fac)} leads instead of {self.fac(before.fac)}."

    def housed(self, before: Session, after: Session) -> str:
        """Say where instead."""
        if before.room == after.room or after.room is None:
            return ""
        old = self.board.rooms.get(before.room or "")
        new = self.board.rooms[after.room][0].label
        return f"In {new} instead of {old[0].label}." if old else f"In {new}."

    def came(self, before: Session, after: Session) -> str:
        """Say who takes a free seat."""
        new = [n for n in after.att if n not in before.att]
        if not new:
            return ""
        return f"{self.names(new)} {'takes a free seat' if len(new) == 1 else 'take free seats'}."

    def off(self, before: Session) -> str:
        """Say that a session is not held."""
        return (
            f"{self.board.acts[before.act].label}, {self.when(before)} is off." if before.act in self.board.acts else ""
        )

    def went(self, needs: Sequence[int], *, going_on: bool) -> str:
        """Say where people go who do not stay, and who is owed."""
        said = []
        by_place: dict[str, list[int]] = {}
        for n in needs:
            if n in self.now_in:
                by_place.setdefault(self.now_in[n].id, []).append(n)
        for rows in list(by_place.values())[:_NAMED]:
            there = self.now_in[rows[0]]
            label = self.board.acts[there.act].label
            said.append(f"{self.names(rows)} {'joins' if len(rows) == 1 else 'join'} {label}, {self.when(there)}.")
        if len(by_place) > _NAMED:
            more = sum(len(rows) for rows in list(by_place.values())[_NAMED:])
            said.append(f"{count_of(more, 'more finds', 'more find')} other sessions.")
        owed = [n for n in needs if n not in self.now_in]
        if owed:
            verb = "is owed it" if len(owed) == 1 else "are owed it"
            said.append(
                f"It goes on without {self.names(owed)}, who {verb}." if going_on else f"{self.names(owed)} {verb}."
            )
        return " ".join(said)

    def names(self, needs: Iterable[int]) -> str:
        """Give people by name, the first few."""
        labels = [self.board.agent_of(n).label for n in needs]
        if len(labels) == 1:
            return labels[0]
        if len(labels) <= _NAMED:
            return f"{', '.join(labels[:-1])} and {labels[-1]}"
        return f"{', '.join(labels[: _NAMED - 1])} and {len(labels) - _NAMED + 1} more"

    def others(self, pair: Pair) -> str:
        """Say what else changes, but for sessions that only take people of this one in."""
        here = set(pair.before.att) if pair.before else set()
        said = []
        for p in self.effect.pairs:
            if p.id == pair.id or p.before is None:
                continue
            if p.after is None:
                said.append(self.off(p.before))
            elif p.after.start != p.before.start:
                said.append(
                    f"{self.board.acts[p.before.act].label}, {self.when(p.before)} moves to {self.when(p.after)}."
                )
            elif p.after.fac != p.before.fac:
                label = self.board.acts[p.before.act].label
                said.append(f"{self.fac(p.after.fac)} leads {label}, {self.when(p.before)}.")
            elif set(p.before.att) - set(p.after.att) - here:
                gone = [n for n in p.before.att if n not in p.after.att]
                said.append(f"{self.names(gone)} {'leaves' if len(gone) == 1 else 'leave'} {self.when(p.before)}.")
        return " ".join(said[:_NAMED]) + (
            f" {count_of(len(said) - _NAMED, 'more change')}." if len(said) > _NAMED else ""
        )
