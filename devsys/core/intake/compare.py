"""Rows against what stands: the organisation by code, and the collecting of new, changed, same and refused."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Final, Generic, Protocol, TypeVar

from devsys.base import limits
from devsys.base.words import phrase, to_phrase
from devsys.core.intake.lines import Line
from devsys.core.intake.values import Change, Kind, Outcome, Record, Refused, Warned
from devsys.core.model.people import Absence, Organisation, Person, Queue, Room, ShiftPattern, Site, Team


class Coded(Protocol):
    """A thing with a random id and a code people write."""

    @property
    def id(self) -> str:
        """The random id."""

    @property
    def code(self) -> str:
        """The code."""


T = TypeVar("T", bound=Coded)


class Codes(Generic[T]):
    """Things of one sort by code, and by code whatever its capitals."""

    def __init__(self, what: str, things: tuple[T, ...]) -> None:
        self.what = what
        self.by_code: Mapping[str, T] = {thing.code: thing for thing in things}
        self._folded: Mapping[str, str] = {code.casefold(): code for code in self.by_code}

    def get(self, code: str) -> T | None:
        """Give the thing of a code, if it stands."""
        return self.by_code.get(code)

    def twin(self, code: str) -> str | None:
        """Give a standing code that differs from this one by capitals only."""
        found = self._folded.get(code.casefold())
        return None if found == code else found

    def wanted(self, code: str) -> str:
        """Say what is wanted instead of a code that does not stand."""
        twin = self.twin(code)
        if twin:
            return phrase("a code that stands among the %(things)s; “%(code)s” stands", things=self.what, code=twin)
        if self.by_code:
            return phrase("a code that stands among the %(things)s", things=self.what)
        return phrase("a code that stands among the %(things)s; bring the file of %(things)s first", things=self.what)


class Standing:
    """What stands, by code."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.sites: Codes[Site] = Codes(to_phrase("sites"), organisation.sites)
        self.queues: Codes[Queue] = Codes(to_phrase("queues"), organisation.queues)
        self.teams: Codes[Team] = Codes(to_phrase("teams"), organisation.teams)
        self.rooms: Codes[Room] = Codes(to_phrase("rooms"), organisation.rooms)
        self.patterns: Codes[ShiftPattern] = Codes(to_phrase("shift patterns"), organisation.patterns)
        self.people: Codes[Person] = Codes(to_phrase("people"), organisation.people)
        lists = (organisation.sites, organisation.queues, organisation.teams, organisation.patterns)
        self.code_of: Mapping[str, str] = {thing.id: thing.code for things in lists for thing in things}

    def said(self, value: object) -> str:
        """Give a field's value in words: codes for ids, a dash for nothing."""
        if value is None or value == "":
            return phrase("nothing")
        if isinstance(value, str):
            return self.code_of.get(value, value)
        if isinstance(value, tuple | frozenset):
            return "|".join(self.said(part) for part in (sorted(value) if isinstance(value, frozenset) else value))
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        return f"{value:g}" if isinstance(value, float) else str(value)


class Comparison:
    """One file being compared: resolvers report here, `outcome` is what came of it."""

    def __init__(self, kind: Kind, standing: Standing, today: date) -> None:
        self.kind = kind
        self.standing = standing
        self.today = today
        self.upserts: list[Record] = []
        self.removals: list[Absence] = []
        self._changes: dict[str, list[Change]] = {"new": [], "changed": [], "same": []}
        self._refused: list[Refused] = []
        self._warnings: list[Warned] = []
        self._first: dict[Hashable, int] = {}

    def refuse(self, line: Line, column: str, wanted: str, value: str | None = None) -> None:
        """Refuse a row for one of its columns; `value` is the part of the cell that is meant, if not all of it."""
        self._refused.append(Refused(line.row, column, self._cell(line, column) if value is None else value, wanted))

    def warn(self, line: Line, column: str, what: str, value: str | None = None) -> None:
        """Take a row and say what will come of it."""
        self._warnings.append(Warned(line.row, column, self._cell(line, column) if value is None else value, what))

    def _cell(self, line: Line, column: str) -> str:
        """Give a cell as it was written."""
        return next((cell for name, cell in zip(self.kind.header, line.cells, strict=False) if name == column), "")[:80]

    def once(self, line: Line, column: str, key: Hashable, what: str) -> bool:
        """Say whether the file has not had this key yet; refuse the row if it has."""
        first = self._first.setdefault(key, line.row)
        if first != line.row:
            self.refuse(line, column, phrase("each %(what)s once; row %(row)s has it already", what=what, row=first))
        return first == line.row

    def found(self, line: Line, column: str, codes: Codes[T], code: str) -> T | None:
        """Give the thing a code names; refuse the row when there is none. No code, no thing."""
        thing = codes.get(code)
        if thing is None and code:
            self.refuse(line, column, codes.wanted(code), code)
        return thing

    def fresh(self, line: Line, codes: Codes[T], code: str) -> bool:
        """Say whether a code is fit to be new; refuse one that differs from a standing one by capitals only."""
        twin = codes.twin(code)
        if twin is not None:
            self.refuse(
                line,
                "code",
                phrase("a code that differs by more than capitals from “%(twin)s”, which stands", twin=twin),
            )
        return twin is None

    def too_far_ahead(self, lines: Iterable[Line]) -> None:
        """Refuse rows with a date more than ten years ahead."""
        # The 28th stands for the end of the month, so that 29 February needs no rule of its own.
        last = date(self.today.year + limits.YEARS_AHEAD, self.today.month, min(self.today.day, 28))
        for line in lines:
            for column in self.kind.columns:
                value: object = getattr(line, column.into, None)
                day = value.date() if isinstance(value, datetime) else value
                if isinstance(day, date) and day > last:
                    self.refuse(
                        line, column.name, phrase("a date at most %(years)s years ahead", years=limits.YEARS_AHEAD)
                    )

    def judge(self, row: int, name: str, record: Record, standing: Record | None, detail: str | None = None) -> None:
        """Count a record as new, changed or same, and keep it for writing unless it is the same."""
        if standing is None:
            self.note("new", row, name, detail or "")
        elif record == standing:
            self.note("same", row, name)
            return
        else:
            self.note("changed", row, name, self._difference(record, standing) if detail is None else detail)
        self.upserts.append(record)

    def note(self, how: str, row: int, name: str, detail: str = "") -> None:
        """Count a change that is not one record: `how` is new, changed or same."""
        self._changes[how].append(Change(row, name, detail))

    def _difference(self, record: Record, standing: Record) -> str:
        said = self.standing.said
        parts = []
        for field in fields(record):
            old, new = getattr(standing, field.name), getattr(record, field.name)
            if old != new:
                parts.append(f"{_label(field.name)}: {said(old)} → {said(new)}")
        return ", ".join(parts)

    def outcome(self) -> Outcome:
        """Give what came of it; one refused row leaves nothing to write, and counts as refused alone."""
        refused = tuple(sorted(self._refused, key=lambda r: r.row))
        rows = {fault.row for fault in refused}
        left = {how: tuple(c for c in found if c.row not in rows) for how, found in self._changes.items()}
        return Outcome(
            kind=self.kind.code,
            new=left["new"],
            changed=left["changed"],
            same=left["same"],
            refused=refused,
            warnings=tuple(sorted(self._warnings, key=lambda r: r.row)),
            upserts=() if refused else tuple(self.upserts),
            removals=() if refused else tuple(self.removals),
        )


_FIELDS: Final = {
    "name": to_phrase("name"),
    "zone": to_phrase("zone"),
    "country": to_phrase("country"),
    "region": to_phrase("region"),
    "handle_seconds": to_phrase("handle seconds"),
    "service_percent": to_phrase("service percent"),
    "answer_seconds": to_phrase("answer seconds"),
    "occupancy_percent": to_phrase("occupancy percent"),
    "shrinkage_percent": to_phrase("shrinkage percent"),
    "minimum": to_phrase("minimum"),
    "seats": to_phrase("seats"),
    "email": to_phrase("email"),
    "team_id": to_phrase("team"),
    "queue_id": to_phrase("queue"),
    "pattern_id": to_phrase("pattern"),
    "joined": to_phrase("joined"),
    "left": to_phrase("left"),
    "own_will": to_phrase("own will"),
    "site_ids": to_phrase("sites"),
    "qualifications": to_phrase("qualifications"),
    "weekly_hours": to_phrase("weekly hours"),
    "start": to_phrase("start"),
    "end": to_phrase("end"),
    "day": to_phrase("day"),
    "profile": to_phrase("profile"),
}


def _label(field: str) -> str:
    """Give a field's name as people read it."""
    return str(_FIELDS.get(field) or field.replace("_ids", "s").removesuffix("_id").replace("_", " "))


def with_refused(outcome: Outcome, faults: tuple[Refused, ...]) -> Outcome:
    """Give an outcome with the faults of reading put before its own refusals; any fault leaves nothing to write."""
    if not faults:
        return outcome
    refused = tuple(sorted((*faults, *outcome.refused), key=lambda r: (r.row == 0 and len(faults) > 1, r.row)))
    return replace(outcome, refused=refused, upserts=(), removals=())
