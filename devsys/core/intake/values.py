"""What reading and comparing a file gives: columns, rows refused, what is new, changed or the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from devsys.base.errors import Fault
from devsys.base.words import phrase
from devsys.core.intake.lines import Line
from devsys.core.model.causes import Contacts
from devsys.core.model.people import (
    Absence,
    Facilitator,
    Held,
    Person,
    Queue,
    Requirement,
    Room,
    ShiftPattern,
    Site,
    Team,
)

SHOWN = 60

Record = Site | Queue | Team | Person | ShiftPattern | Absence | Facilitator | Room | Held | Requirement | Contacts


class Needed(Enum):
    """What an empty cell of a column is when it may not be empty."""

    NEEDED = "needed"


class CellError(ValueError):
    """A cell cannot be taken; `wanted` says what is, in words that follow "wanted:"."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing that cannot be taken: row and column, the value found there, and in `wanted` what is instead.

    Row 0 means the file as a whole; an empty column the row as a whole.
    """

    row: int
    column: str
    value: str
    wanted: str

    @property
    def where(self) -> str:
        """Give the place in words."""
        return _where(self.row, self.column)

    @property
    def fault(self) -> Fault:
        """Give it as the house's fault: place, and value with what is wanted."""
        if not self.column:
            return Fault(self.where, self.wanted)
        if self.value:
            said = phrase("found %(value)s; wanted: %(wanted)s", value=shown(self.value), wanted=self.wanted)
        else:
            said = phrase("found nothing; wanted: %(wanted)s", wanted=self.wanted)
        return Fault(self.where, said)


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing that is taken, and what will come of it in a sentence."""

    row: int
    column: str
    value: str
    what: str

    @property
    def where(self) -> str:
        """Give the place in words."""
        return _where(self.row, self.column)

    @property
    def fault(self) -> Fault:
        """Give it as the house's fault."""
        return Fault(self.where, self.what)


def _where(row: int, column: str) -> str:
    if not row:
        return phrase("the file")
    if column:
        return phrase("row %(row)s, column %(column)s", row=row, column=column)
    return phrase("row %(number)s", number=row)


def shown(value: str) -> str:
    """Give a value in quotes, cut when it is long."""
    return f"“{value[: SHOWN - 1]}…”" if len(value) > SHOWN else f"“{value}”"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind of file.

    `wanted` is what a cell may hold, in words; `parse` turns a cleaned cell into a value and raises CellError.
    An empty cell is `empty`; by default none is taken. `field` is the line's field (the column's name when it is
    left out). `optional` columns stand last and may be left out of a file altogether.
    """

    name: str
    wanted: str
    example: str
    parse: Callable[[str], object]
    empty: object = Needed.NEEDED
    field: str = ""
    optional: bool = False

    @property
    def required(self) -> bool:
        """Say whether a cell must hold something."""
        return self.empty is Needed.NEEDED

    @property
    def into(self) -> str:
        """Give the name of the field the value goes to."""
        return self.field or self.name


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: its code, title, one sentence, its columns, and what makes a line of their values.

    `more` are further example rows of the template, cell by cell.
    """

    code: str
    title: str
    says: str
    columns: tuple[Column, ...]
    make: Callable[..., Line]
    more: tuple[tuple[str, ...], ...] = ()
    exported: bool = True

    @property
    def header(self) -> tuple[str, ...]:
        """Give the names of all columns."""
        return tuple(c.name for c in self.columns)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read by itself: the good rows, and what is wrong. Rows with a fault are not among the good ones."""

    kind: str
    rows: tuple[Line, ...]
    faults: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What one row (or the rows that make one thing) would do: `name` in words, `detail` old and new."""

    row: int
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file compared with what stands.

    Every thing named by a good row is in `new`, `changed` or `same`. `refused` rows stop the whole import: then
    `upserts` and `removals` are empty. `warnings` do not.

    `upserts` are whole values to write, in file order; an id that stands is kept, a new thing has a new one:

    - sites, queues, teams, people, rooms: Site, Queue, Team, Person, Room by `id`
    - shifts: ShiftPattern by `id`, replacing all shifts of that pattern
    - absences: Absence by (`person_id`, `start`); `removals` are absences withdrawn
    - facilitators: Facilitator by `person_id`; held: Held by (`person_id`, `activity`)
    - requirement, volumes: Requirement by `queue_id`, replacing the whole profile and all its days
    - contacts: Contacts by `week`, `queue_id` and `cause`

    Writing them in one transaction makes the same file give all same.
    """

    kind: str
    new: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    same: tuple[Change, ...] = ()
    refused: tuple[Refused, ...] = ()
    warnings: tuple[Warned, ...] = ()
    upserts: tuple[Record, ...] = ()
    removals: tuple[Absence, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """Give how many are new, changed, same, refused, and how many warnings there are."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "same": len(self.same),
            "refused": len(self.refused),
            "warnings": len(self.warnings),
        }

    @property
    def writes(self) -> bool:
        """Say whether confirming would write anything."""
        return bool(self.upserts or self.removals)
