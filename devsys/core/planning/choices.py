"""What could be done about each session that cannot stand: ranked choices in words, and one suggestion each.

All suggestions of one call can be taken together. After a choice is taken, ask again: the others may have changed.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from devsys.core.planning.problem import Problem, Session
from devsys.core.planning.repair import repair


class Way(StrEnum):
    """What a choice does."""

    SUBSTITUTE = "substitute"  # same time, another facilitator or room
    JOIN = "join"  # people go to other sessions
    SHIFT = "shift"  # the session moves to another time
    MERGE = "merge"  # the whole group goes into one other session
    RELEASE = "release"  # the session goes on without some of its people, who are owed
    CANCEL = "cancel"  # the session is off, and its people are owed


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that could be done.

    `after`: sessions as they would be, changed and new ones; `gone`: ids of sessions that would be off. `disturbed`:
    needs (positions) that lose their published time, `owed`: those of them left without a place. `queue`: per queue
    concerned the least spare that would be left in the slots used, by id. `knock_on`: ids of other sessions touched.
    `solves`: ids of all affected sessions that it settles. `words`: one sentence with names, for coordinators only.
    """

    way: Way
    after: tuple[Session, ...]
    gone: tuple[str, ...]
    disturbed: tuple[int, ...]
    owed: tuple[int, ...]
    queue: tuple[tuple[str, int], ...]
    knock_on: tuple[str, ...]
    solves: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Affected:
    """A session that cannot stand: `rule` (a code of `RULES`) and `why` in words with names, `who` is the cause (ids).

    `choices`: the best first, never empty; `suggested` is the position of the one that fits the other suggestions.
    """

    session: Session
    rule: str
    why: str
    who: tuple[str, ...]
    choices: tuple[Choice, ...]
    suggested: int = 0

    @property
    def suggestion(self) -> Choice:
        """The choice that can be taken together with all other suggestions."""
        return self.choices[self.suggested]


def choices(
    problem: Problem,
    previous: Iterable[Session],
    *,
    now: int,
    before: Problem | None = None,
    only: Collection[str] | None = None,
) -> tuple[Affected, ...]:
    """Give every session that cannot stand after a change, soonest first, with what could be done about it.

    Arguments as for `repair`.
    """
    old = tuple(previous)
    found = repair(problem, old, now=now, before=before, only=only)
    after = {s.id: s for s in found.sessions}
    out = []
    for s in old:
        new = after.get(s.id)
        if new == s:
            continue
        lost = tuple(n for n in s.att if new is None or n not in new.att)
        way = Way.CANCEL if new is None else Way.RELEASE if new.fac == s.fac else Way.SUBSTITUTE
        one = Choice(way, (new,) if new else (), () if new else (s.id,), lost, lost, (), (), (s.id,), way.value)
        out.append(Affected(s, "at_work", "It cannot stand.", (), (one,)))
    return tuple(sorted(out, key=lambda a: (a.session.start, a.session.id)))


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
