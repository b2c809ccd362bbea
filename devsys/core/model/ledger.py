"""The ledger of development time: what was planned, held, cancelled for the queue and is owed, by team and quarter.

All in whole minutes of people (never of facilitators), so that sums agree with the sessions exactly.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LedgerSum:
    """Minutes of people on a local day: in sessions that stand, of those marked absent, and cancelled for the queue.

    Cancelled are places of sessions that were cancelled for it, and places that people gave up for it in sessions that
    went on.
    """

    day: date
    team_id: str | None
    planned: int
    missed: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class OwedSum:
    """How many needs for one activity are owed to a team that were due on a day (UTC)."""

    day: date
    team_id: str | None
    activity: str
    needs: int


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a calendar year; `number` from 1 to 4."""

    year: int
    number: int

    @property
    def start(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    def __str__(self) -> str:
        """As people write it."""
        return f"Q{self.number} {self.year}"


def quarter_of(day: date) -> Quarter:
    """Give the quarter a day lies in."""
    return Quarter(day.year, (day.month + 2) // 3)


@dataclass(frozen=True, slots=True)
class Entry:
    """Minutes of one team in one quarter, or of several together.

    `needs` counts those owed; `due` is what was planned for days that are over.
    """

    planned: int = 0
    held: int = 0
    cancelled: int = 0
    owed: int = 0
    needs: int = 0
    due: int = 0

    def __add__(self, other: "Entry") -> "Entry":
        return Entry(
            self.planned + other.planned,
            self.held + other.held,
            self.cancelled + other.cancelled,
            self.owed + other.owed,
            self.needs + other.needs,
            self.due + other.due,
        )

    def __bool__(self) -> bool:
        return any((self.planned, self.cancelled, self.owed, self.needs))


Line = tuple[str | None, Quarter]


def ledger(
    sums: Iterable[LedgerSum], owed: Iterable[OwedSum], minutes_of: Callable[[str], int], today: date
) -> Mapping[Line, Entry]:
    """Give the entries by team and quarter; a team without anything in a quarter has none.

    A session of a day before `today` was held, less who was marked absent. A need owed counts in the quarter it was
    due, by the minutes of its activity.
    """
    found: dict[Line, Entry] = defaultdict(Entry)
    for one in sums:
        over = one.day < today
        entry = Entry(
            planned=one.planned,
            held=one.planned - one.missed if over else 0,
            cancelled=one.cancelled,
            due=one.planned if over else 0,
        )
        found[one.team_id, quarter_of(one.day)] += entry
    for need in owed:
        entry = Entry(owed=need.needs * minutes_of(need.activity), needs=need.needs)
        found[need.team_id, quarter_of(need.day)] += entry
    return {line: entry for line, entry in found.items() if entry}


def summed(entries: Iterable[Entry]) -> Entry:
    """Give several entries together."""
    return sum(entries, Entry())
