"""One thing that could be done about a session that cannot stand, and what it would change, as plain values."""

from dataclasses import dataclass
from enum import StrEnum

from devsys.core.planning.problem import Session


class Way(StrEnum):
    """What a choice does."""

    SUBSTITUTE = "substitute"  # same time, another facilitator or room, or somebody else takes a free seat
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
