"""Choices in words: one sentence a coordinator understands, with names."""

from collections.abc import Iterable, Sequence

from devsys.base.words import phrase, phrases
from devsys.base.written import several
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
        said = words.moved(before, after)
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
        return (
            say_slot(self.board.problem, site, session.start)
            if site
            else phrase("slot %(number)s", number=session.start)
        )

    def fac(self, name: str) -> str:
        """Give a facilitator's name."""
        fac = self.board.facs.get(name)
        return fac.label if fac is not None else phrase("nobody")

    def moved(self, before: Session, after: Session) -> str:
        """Say when instead, and who leads then if that is another one."""
        if before.fac == after.fac:
            return phrase("Moves to %(when)s.", when=self.when(after))
        return phrase("Moves to %(when)s, led by %(who)s.", when=self.when(after), who=self.fac(after.fac))

    def led(self, before: Session, after: Session) -> str:
        """Say who leads instead."""
        if before.fac == after.fac:
            return ""
        if before.fac == NOBODY or before.fac not in self.board.facs:
            return phrase("%(who)s leads.", who=self.fac(after.fac))
        return phrase("%(who)s leads instead of %(before)s.", who=self.fac(after.fac), before=self.fac(before.fac))

    def housed(self, before: Session, after: Session) -> str:
        """Say where instead."""
        if before.room == after.room or after.room is None:
            return ""
        old = self.board.rooms.get(before.room or "")
        new = self.board.rooms[after.room][0].label
        if old:
            return phrase("In %(room)s instead of %(before)s.", room=new, before=old[0].label)
        return phrase("In %(room)s.", room=new)

    def came(self, before: Session, after: Session) -> str:
        """Say who takes a free seat."""
        new = [n for n in after.att if n not in before.att]
        if not new:
            return ""
        return phrases("%(who)s takes a free seat.", "%(who)s take free seats.", len(new), who=self.names(new))

    def off(self, before: Session) -> str:
        """Say that a session is not held."""
        if before.act not in self.board.acts:
            return ""
        return phrase(
            "%(activity)s, %(when)s is off.", activity=self.board.acts[before.act].label, when=self.when(before)
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
            said.append(
                phrases(
                    "%(who)s joins %(activity)s, %(when)s.",
                    "%(who)s join %(activity)s, %(when)s.",
                    len(rows),
                    who=self.names(rows),
                    activity=label,
                    when=self.when(there),
                )
            )
        if len(by_place) > _NAMED:
            more = sum(len(rows) for rows in list(by_place.values())[_NAMED:])
            said.append(phrases("%(num)s more finds other sessions.", "%(num)s more find other sessions.", more))
        owed = [n for n in needs if n not in self.now_in]
        if owed:
            said.append(self.owing(owed, going_on=going_on))
        return " ".join(said)

    def owing(self, needs: Sequence[int], *, going_on: bool) -> str:
        """Say who is left without a place."""
        who = self.names(needs)
        if going_on:
            return phrases(
                "It goes on without %(who)s, who is owed it.",
                "It goes on without %(who)s, who are owed it.",
                len(needs),
                who=who,
            )
        return phrases("%(who)s is owed it.", "%(who)s are owed it.", len(needs), who=who)

    def names(self, needs: Iterable[int]) -> str:
        """Give people by name, the first few."""
        labels = [self.board.agent_of(n).label for n in needs]
        if len(labels) <= _NAMED:
            return several(labels)
        named = _NAMED - 1
        return phrase("%(names)s and %(count)s more", names=", ".join(labels[:named]), count=len(labels) - named)

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
                    phrase(
                        "%(activity)s, %(when)s moves to %(after)s.",
                        activity=self.board.acts[p.before.act].label,
                        when=self.when(p.before),
                        after=self.when(p.after),
                    )
                )
            elif p.after.fac != p.before.fac:
                said.append(
                    phrase(
                        "%(who)s leads %(activity)s, %(when)s.",
                        who=self.fac(p.after.fac),
                        activity=self.board.acts[p.before.act].label,
                        when=self.when(p.before),
                    )
                )
            elif set(p.before.att) - set(p.after.att) - here:
                gone = [n for n in p.before.att if n not in p.after.att]
                said.append(
                    phrases(
                        "%(who)s leaves %(when)s.",
                        "%(who)s leave %(when)s.",
                        len(gone),
                        who=self.names(gone),
                        when=self.when(p.before),
                    )
                )
        more = len(said) - _NAMED
        if more > 0:
            said = [*said[:_NAMED], phrases("%(num)s more change.", "%(num)s more changes.", more)]
        return " ".join(said)
