"""A file of contacts or totals becomes readings: sums by measure, team (and person) and week. Contacts are not kept.

A week cut by the edge of the file is a reading of the days it has. Whatever is wrong with a row is a fault with its
line and column, and then there are no readings at all.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devsys.base import limits
from devsys.base.errors import Fault, InvalidError
from devsys.base.sheet import Line, Sheet, a_number
from devsys.base.words import phrase
from devsys.core.improvement.blocks import block_of
from devsys.core.improvement.mapping import Counted, Covers, Form, Part, Rows, SourceMapping

MOST_FAULTS: Final = 100
WEEK: Final = timedelta(days=7)

_MOST: Final = 1e12  # of one amount: beyond it sums would lose what is added
_MANY: Final = 1_000  # cells a condition is remembered for
_DURATION: Final = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)\Z", re.ASCII)
_ISO_WEEK: Final = re.compile(r"(\d{4})-?W(\d{1,2})\Z", re.ASCII)
_FORMS: Final[Mapping[Form, tuple[re.Pattern[str], tuple[int, int, int]]]] = {
    Form.DAY_DOTS: (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\b", re.ASCII), (3, 2, 1)),
    Form.DAY_SLASHES: (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\b", re.ASCII), (3, 2, 1)),
    Form.MONTH_SLASHES: (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\b", re.ASCII), (3, 1, 2)),
}


@dataclass(frozen=True, slots=True)
class Roster:
    """Whom a file may name: words (code, address, name, in small letters) to ids, each person's team, teams' sizes.

    A word that several people share is in neither. `sizes` are the people of a team by its id.
    """

    people: Mapping[str, str]
    teams: Mapping[str, str]
    team_of: Mapping[str, str]
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """One measure of one team over the days of one week; `people` are those behind it, counted in one team only."""

    measure: str
    team_id: str
    first: date
    last: date
    numerator: float
    denominator: float
    people: int


@dataclass(frozen=True, slots=True)
class OwnReading:
    """One measure of one person over the days of one week."""

    measure: str
    person_id: str
    team_id: str
    first: date
    last: date
    numerator: float
    denominator: float


@dataclass(frozen=True, slots=True)
class Summed:
    """What a file comes to: its readings, the days and teams it covers, how many rows and people it has."""

    readings: tuple[Reading, ...]
    own: tuple[OwnReading, ...]
    first: date
    last: date
    rows: int
    people: int


@dataclass(frozen=True, slots=True)
class Span:
    """The days a file is said to cover, both included; None: from its first row on, until its last.

    A team that does not work at weekends has no rows there: only who exports knows that such a week is whole.
    """

    first: date | None = None
    last: date | None = None


WHOLE_FILE: Final = Span()


def sum_up(sheet: Sheet, mapping: SourceMapping, roster: Roster, today: date, span: Span = WHOLE_FILE) -> Summed:
    """Give the readings of a file. Raises InvalidError with the line and column of each fault, the first hundred."""
    return _Summing(sheet, mapping, roster, today, span).run()


@dataclass(slots=True)
class _Sum:
    numerator: float = 0.0
    denominator: float = 0.0
    line: int = 0  # the last one that counted into it


Who = tuple[str, str]  # team, person; persons not kept under their word


class _Summing:
    """One pass over a file."""

    def __init__(self, sheet: Sheet, mapping: SourceMapping, roster: Roster, today: date, span: Span) -> None:
        self._sheet, self._mapping, self._roster, self._today = sheet, mapping, roster, today
        self._span = span
        self._faults: list[Fault] = []
        self._places = self._columns()
        self._days: dict[str, date] = {}  # cell -> day: a file has few days and many rows
        self._held: dict[int, dict[str, bool]] = defaultdict(dict)  # condition -> cell -> whether it holds
        self._seen: dict[tuple[str, ...], int] = {}
        self._sums: dict[tuple[int, Who, date], _Sum] = defaultdict(_Sum)
        self._active: dict[Who, dict[date, int]] = defaultdict(lambda: defaultdict(int))  # rows by week
        self._first, self._last = span.first or date.max, min(span.last or date.min, today)
        self._zone = self._zone_of()

    def _columns(self) -> Mapping[str, int]:
        missing = [name for name in self._mapping.columns if name not in self._sheet.header]
        if missing:
            raise InvalidError(
                phrase(
                    "The file is not one of %(title)s: it has no column %(missing)s.",
                    title=self._mapping.title,
                    missing=", ".join(missing),
                ),
                tuple(Fault(phrase("line 1"), phrase("a column %(name)s", name=name)) for name in missing),
            )
        return {name: place for place, name in enumerate(self._sheet.header)}

    def _zone_of(self) -> ZoneInfo | None:
        if not self._mapping.zone:
            return None
        try:
            return ZoneInfo(self._mapping.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidError(
                phrase("The mapping names a time zone nobody knows: %(zone)s.", zone=self._mapping.zone[:40]),
                (Fault("zone", phrase("a name such as Europe/Lisbon")),),
            ) from None

    def run(self) -> Summed:
        for line in self._sheet.lines:
            self._row(line)
            if len(self._faults) >= MOST_FAULTS:
                break
        if not self._faults:
            self._weigh()
        if self._faults:
            raise InvalidError(phrase("The file cannot be taken; nothing was written."), tuple(self._faults))
        return self._answer()

    def _fault(self, line: Line, column: str, wanted: str) -> None:
        given = (
            phrase("; not %(cell)s", cell=repr(line.cells[self._places[column]][:40])) if column in self._places else ""
        )
        self._faults.append(Fault(_where(line.number, column), wanted + given))

    def _cell(self, line: Line, column: str) -> str:
        return line.cells[self._places[column]]

    def _row(self, line: Line) -> None:
        before = len(self._faults)
        day = self._day(line)
        who = self._who(line)
        self._once(line, day, who)
        if len(self._faults) > before or day is None or who is None:
            return
        monday = day - timedelta(days=day.weekday())
        whole = self._mapping.covers is Covers.WEEK
        self._first = min(self._first, monday if whole else day)
        self._last = max(self._last, monday + WEEK - timedelta(days=1) if whole else day)
        self._active[who][monday] += 1
        for place, counted in enumerate(self._mapping.measures):
            self._count(line, place, counted, who, monday)

    def _count(self, line: Line, place: int, counted: Counted, who: Who, monday: date) -> None:
        above = self._part(line, counted.numerator)
        if counted.denominator.each_week:
            below = 0.0
        else:
            below = self._part(line, counted.denominator)
            if above and self._mapping.rows is Rows.CONTACT and not below and counted.measure.at_most is not None:
                columns = counted.numerator.where or counted.denominator.where
                column = columns[0].column if columns else counted.numerator.summed
                self._fault(
                    line,
                    column,
                    phrase("in the numerator of %(key)s, so in its denominator too", key=counted.measure.key),
                )
        if above or below or counted.denominator.each_week:
            found = self._sums[place, who, monday]
            found.numerator += above
            found.denominator += below
            found.line = line.number

    def _part(self, line: Line, part: Part) -> float:
        for condition in part.where:
            cell = line.cells[self._places[condition.column]]
            known = self._held[id(condition)]
            held = known.get(cell)
            if held is None:
                try:
                    held = condition.holds(cell, self._sheet.separator)
                except ValueError:
                    self._fault(line, condition.column, phrase("a number, or nothing"))
                    return 0.0
                if len(known) < _MANY:
                    known[cell] = held
            if not held:
                return 0.0
        if not part.summed:
            return 1.0
        cell = self._cell(line, part.summed)
        number = _amount(cell, self._sheet.separator)
        if number is None:
            percent = phrase("a count or a sum; a percentage has no denominator to add up by") if "%" in cell else ""
            self._fault(line, part.summed, percent or phrase("a number that is not negative, or a time as 0:02:23"))
        return number or 0.0

    def _day(self, line: Line) -> date | None:
        cell = self._cell(line, self._mapping.date)
        if cell in self._days:
            return self._days[cell]
        try:
            day = self._read_day(cell)
        except ValueError:
            self._fault(line, self._mapping.date, phrase("a day as %(form)s", form=self._mapping.form))
            return None
        except OverflowError:
            self._fault(line, self._mapping.date, phrase("a time without an offset, or a mapping that names the zone"))
            return None
        over = day
        if self._mapping.covers is Covers.WEEK:
            over = day + timedelta(days=6 - day.weekday())
        if not date(limits.FIRST_YEAR, 1, 1) <= day <= over <= self._today:
            what = phrase("a week that is over") if over > day else phrase("a day until today")
            self._fault(
                line,
                self._mapping.date,
                phrase("%(wanted)s, from the year %(year)s on", wanted=what, year=limits.FIRST_YEAR),
            )
            return None
        span = self._span
        if (span.first and day < span.first) or (span.last and over > span.last):
            self._fault(line, self._mapping.date, phrase("a day within those the file is said to cover"))
            return None
        self._days[cell] = day
        return day

    def _read_day(self, cell: str) -> date:
        """Give the day of a cell. Raises ValueError for none, OverflowError for an offset without a zone."""
        form = self._mapping.form
        if form is Form.ISO_WEEK:
            found = _ISO_WEEK.match(cell)
            if not found:
                raise ValueError(cell)
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
        if form in _FORMS:
            pattern, order = _FORMS[form]
            found = pattern.match(cell)
            if not found:
                raise ValueError(cell)
            return date(*(int(found[place]) for place in order))
        moment = datetime.fromisoformat(cell)
        if moment.tzinfo is None:
            return moment.date()
        if self._zone is None:
            raise OverflowError(cell)
        return moment.astimezone(self._zone).date()

    def _who(self, line: Line) -> Who | None:
        mapping, roster = self._mapping, self._roster
        person = ""
        if mapping.person:
            word = self._cell(line, mapping.person)
            person = roster.people.get(word.casefold(), "") if mapping.keep else word.casefold()
            if not person:
                known = (
                    phrase("the code, address or full name of one person of the organisation")
                    if mapping.keep
                    else phrase("a name")
                )
                self._fault(line, mapping.person, known)
                return None
        if mapping.team_always or mapping.team:
            word = mapping.team_always or self._cell(line, mapping.team)
            team = roster.teams.get(word.casefold(), "")
            if not team and mapping.team_always:
                raise InvalidError(
                    phrase("The mapping names a team nobody knows: %(word)s.", word=word[:40]),
                    (Fault("team", phrase("the code or name of a team")),),
                )
            if not team:
                self._fault(line, mapping.team, phrase("the code or name of a team"))
                return None
        else:
            team = roster.team_of.get(person, "")
            if not team:
                self._fault(line, mapping.person, phrase("somebody who is in a team"))
                return None
        return team, person

    def _once(self, line: Line, day: date | None, who: Who | None) -> None:
        """See that no contact, and no total of one day and unit, comes twice."""
        mapping = self._mapping
        if mapping.key:
            key: tuple[str, ...] = (self._cell(line, mapping.key),)
            if not key[0]:
                self._fault(line, mapping.key, phrase("what tells this row from others"))
                return
            column = mapping.key
        elif day is None or who is None:
            return
        else:
            unit = day - timedelta(days=day.weekday()) if mapping.covers is Covers.WEEK else day
            key, column = (unit.isoformat(), *who), mapping.date
        other = self._seen.setdefault(key, line.number)
        if other != line.number:
            self._fault(line, column, phrase("each once; line %(other)s has it too", other=other))

    def _weigh(self) -> None:
        """See that no sum is above or below what it can be."""
        for (place, _, monday), found in self._sums.items():
            measure = self._mapping.measures[place].measure
            if measure.at_most is None or self._mapping.measures[place].denominator.each_week:
                continue
            over = found.numerator > measure.at_most * found.denominator * (1 + 1e-9)
            if over or found.numerator < measure.at_least * found.denominator * (1 - 1e-9):
                column = self._mapping.measures[place].numerator.summed or measure.key
                wanted = phrase(
                    "from %(least)s to %(most)s of the denominator in the week of %(week)s; %(numerator)s over "
                    "%(denominator)s is not",
                    least=f"{measure.at_least:g}",
                    most=f"{measure.at_most:g}",
                    week=monday,
                    numerator=f"{found.numerator:g}",
                    denominator=f"{found.denominator:g}",
                )
                self._faults.append(Fault(_where(found.line, column), wanted))

    def _answer(self) -> Summed:
        behind = self._behind()
        teams: dict[tuple[str, str, date], _Sum] = defaultdict(_Sum)
        own: list[OwnReading] = []
        people_of: dict[tuple[str, str, date], set[str]] = defaultdict(set)
        for (place, who, monday), found in self._sums.items():
            counted = self._mapping.measures[place]
            key = (counted.measure.key, who[0], monday)
            teams[key].numerator += found.numerator
            if counted.denominator.each_week:
                first, last = self._edges(monday)
                teams[key].denominator = ((last - first).days + 1) / 7
            else:
                teams[key].denominator += found.denominator
            counts = found.denominator or counted.denominator.each_week
            if who[1] and counts and behind.get((who[1], block_of(monday))) == who[0]:
                people_of[key].add(who[1])
            if who[1] and self._mapping.keep and counted.measure.own and found.denominator:
                days = self._edges(monday)
                own.append(OwnReading(counted.measure.key, who[1], who[0], *days, found.numerator, found.denominator))
        readings = []
        for (measure, team, monday), found in teams.items():
            if found.denominator:
                named = len(people_of[measure, team, monday])
                people = named if self._mapping.person else self._roster.sizes.get(team, 0)
                days = self._edges(monday)
                readings.append(Reading(measure, team, *days, found.numerator, found.denominator, people))
        names = {who[1] for who in self._active if who[1]}
        return Summed(
            tuple(sorted(readings, key=lambda r: (r.measure, r.team_id, r.first))),
            tuple(sorted(own, key=lambda r: (r.measure, r.team_id, r.person_id, r.first))),
            self._first,
            self._last,
            len(self._sheet.lines),
            len(names),
        )

    def _edges(self, monday: date) -> tuple[date, date]:
        return max(monday, self._first), min(monday + timedelta(days=6), self._last)

    def _behind(self) -> Mapping[tuple[str, int], str]:
        """Give for each person and block the one team they are counted in: where they had most rows."""
        rows: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (team, person), weeks in self._active.items():
            for monday, count in weeks.items():
                rows[person, block_of(monday)][team] += count
        return {key: min(teams, key=lambda team: (-teams[team], team)) for key, teams in rows.items()}


def _where(line: int, column: str) -> str:
    return phrase("line %(line)s, column %(column)s", line=line, column=column)


def _amount(cell: str, separator: str) -> float | None:
    """Give a number of nought or more, or the seconds of a time as 0:02:23."""
    found = _DURATION.match(cell)
    if found:
        return int(found[1]) * 3600.0 + int(found[2]) * 60 + int(found[3])
    number = a_number(cell, separator)
    return number if number is not None and 0 <= number <= _MOST else None


def roster_of(
    people: Sequence[tuple[str, str, str, str, str | None]],
    teams: Sequence[tuple[str, str, str]],
    here: Collection[str] | None = None,
) -> Roster:
    """Give the roster of people (id, code, address, name, team id) and teams (id, code, name).

    `here` are the ids of those who have not left: a team's size counts them alone. None: everybody.
    """
    sizes: dict[str, int] = defaultdict(int)
    for person, *_, team in people:
        if team and (here is None or person in here):
            sizes[team] += 1
    return Roster(
        _words(people, lambda row: (row[1], row[2], row[3])),
        _words(teams, lambda row: (row[1], row[2])),
        {row[0]: row[4] for row in people if row[4]},
        dict(sizes),
    )


Row = TypeVar("Row", bound=tuple[str | None, ...])


def _words(rows: Sequence[Row], said: Callable[[Row], tuple[str | None, ...]]) -> Mapping[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for word in said(row):
            if word:
                found[word.casefold()].add(str(row[0]))
    return {word: next(iter(ids)) for word, ids in found.items() if len(ids) == 1}
