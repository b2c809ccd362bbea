"""How a source's file becomes readings: a mapping, as YAML text with a name. Nothing in it is evaluated as code.

source: support_calls
title: Calls of the support desk
rows: contact                      # one row a contact; or total: one row a person or team and day
key: Call Id                       # tells contacts apart
date: Date
team: {always: front}              # or {column: Team}; left out, a person's own team
person: {column: Agent}            # left out, where the file has none; keep: no counts people and keeps nobody
measures:
  - measure: csat
    numerator: {where: [{column: Satisfaction rating, in: [4, 5]}]}
    denominator: {where: [{column: Satisfaction rating, not empty: yes}]}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from devsys.base.errors import Fault
from devsys.base.fields import Fields
from devsys.base.sheet import a_number
from devsys.base.tree import Entries, Faults, grow, shown
from devsys.base.words import phrase, to_phrase
from devsys.core.improvement.charts import Good
from devsys.core.improvement.metrics import MEASURES, Measure, Unit

KEYS: Final = ("source", "title", "rows", "key", "date", "form", "covers", "zone", "team", "person", "measures")
MEASURE_KEYS: Final = ("measure", "name", "good", "unit", "least", "own", "context", "numerator", "denominator")
PART_KEYS: Final = ("where", "sum", "each")
TESTS: Final = ("=", "in", ">=", "empty", "not empty")
MOST_MEASURES: Final = 20


class Rows(StrEnum):
    """What one row of a file is."""

    CONTACT = "contact"
    TOTAL = "total"


class Form(StrEnum):
    """How days are written."""

    YEAR_FIRST = "2026-01-31"
    DAY_DOTS = "31.01.2026"
    DAY_SLASHES = "31/01/2026"
    MONTH_SLASHES = "01/31/2026"
    ISO_WEEK = "2026-W05"


class Covers(StrEnum):
    """What a row's date stands for."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one cell: `=` and `in` compare texts, or numbers where both are; `>=` compares numbers."""

    column: str
    test: str
    values: tuple[str, ...] = ()

    def holds(self, cell: str, separator: str) -> bool:
        """Say whether it holds. Raises ValueError where a number is wanted and there is something else."""
        if self.test in ("empty", "not empty"):
            return (cell == "") == (self.test == "empty")
        if cell == "":
            return False
        number = a_number(cell, separator)
        if self.test == ">=":
            if number is None:
                raise ValueError(cell)
            return number >= float(self.values[0])
        return any(cell == value or (number is not None and number == a_number(value, ".")) for value in self.values)


@dataclass(frozen=True, slots=True)
class Part:
    """A numerator or a denominator: rows for which all conditions hold, counted, or a column of them summed.

    `each_week` counts 1 for every week in which a team has any row.
    """

    where: tuple[Condition, ...] = ()
    summed: str = ""
    each_week: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """What of a file becomes one measure."""

    measure: Measure
    numerator: Part
    denominator: Part


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """How the files of one source are read. Empty column names: the file has none.

    `team` is a column, or with `team_always` the code of the one team; neither: each person's own team. `keep` says
    whether readings of single people are kept, for themselves.
    """

    source: str
    title: str
    rows: Rows
    key: str
    date: str
    form: Form
    covers: Covers
    zone: str
    team: str
    team_always: str
    person: str
    keep: bool
    measures: tuple[Counted, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the columns a file must have."""
        parts = [part for one in self.measures for part in (one.numerator, one.denominator)]
        tested = [c.column for part in parts for c in part.where] + [part.summed for part in parts]
        return tuple(dict.fromkeys(c for c in (self.key, self.date, self.team, self.person, *tested) if c))

    @property
    def own_measures(self) -> tuple[Measure, ...]:
        """Give the measures it brings that are not of the shipped table."""
        return tuple(one.measure for one in self.measures if one.measure.key not in MEASURES)


def read_mapping(text: str, name: str = "mapping") -> tuple[SourceMapping | None, tuple[Fault, ...]]:
    """Give the mapping a YAML text holds, or None and what is wrong, with `name:line`. Never raises for content."""
    faults = Faults(name)
    tree = grow(text, faults, "source")
    found = None
    if isinstance(tree, Entries):
        found = _mapping(Fields(tree, "", KEYS, faults))
    elif tree is not None:
        faults.add(tree.line, phrase("a mapping with %(keys)s", keys=", ".join(KEYS)))
    wrong = faults.found()
    return (None if wrong else found), wrong


def _mapping(fields: Fields) -> SourceMapping:
    rows = fields.choice("rows", Rows)
    key = fields.text("key", needed=rows is Rows.CONTACT)
    form = fields.choice("form", Form, Form.YEAR_FIRST)
    covers = fields.choice("covers", Covers, Covers.WEEK if form is Form.ISO_WEEK else Covers.DAY)
    if form is Form.ISO_WEEK and covers is Covers.DAY:
        fields.fault("covers", phrase("a week, where dates are written as weeks"))
    team, always = _one_of_two(fields, "team", "always") if fields.has("team") else ("", "")
    person, keep = "", False
    if fields.has("person"):
        inner = fields.mapping("person", ("column", "keep"))
        if inner is not None:
            person, keep = inner.text("column"), inner.yes("keep", default=True)
    if not (team or always or (person and keep)):
        fields.fault("team", phrase("is missing; {always: code}, {column: Team}, or a person whose team is known"))
    measures = tuple(_measures(fields, rows))
    title = fields.text("title", needed=False)
    source = fields.code("source")
    date, zone = fields.text("date"), fields.text("zone", needed=False)
    return SourceMapping(
        source, title or source, rows, key, date, form, covers, zone, team, always, person, keep, measures
    )


def _one_of_two(fields: Fields, key: str, other: str) -> tuple[str, str]:
    inner = fields.mapping(key, ("column", other))
    if inner is None:
        return "", ""
    column, given = inner.text("column", needed=False), inner.text(other, needed=False)
    if bool(column) == bool(given):
        fields.fault(key, phrase("either column or %(other)s", other=other))
    return column, given


def _measures(fields: Fields, rows: Rows) -> list[Counted]:
    found: list[Counted] = []
    items = fields.items("measures", MOST_MEASURES)
    if not items:
        fields.fault("measures", phrase("is missing; at least one measure"))
    for item in items:
        if not isinstance(item, Entries):
            fields.faults.add(item.line, phrase("a measure is a mapping with %(keys)s", keys=", ".join(MEASURE_KEYS)))
            continue
        inner = Fields(item, "", MEASURE_KEYS, fields.faults)
        measure = _measure(inner)
        if any(one.measure.key == measure.key for one in found):
            inner.fault("measure", phrase("%(key)s a second time", key=shown(measure.key)))
        numerator, denominator = (_part(inner, name, rows) for name in ("numerator", "denominator"))
        if numerator.each_week:
            inner.fault("numerator", phrase("each belongs to a denominator"))
        if denominator.each_week != (measure.unit is Unit.A_WEEK):
            inner.fault("denominator", phrase("{each: week} for what is counted by the week, and only there"))
        found.append(Counted(measure, numerator, denominator))
    return found


class _Way(StrEnum):
    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


def _measure(fields: Fields) -> Measure:
    key = fields.code("measure")
    if key in MEASURES:
        for name in ("name", "good", "unit", "least", "own", "context"):
            if fields.has(name):
                fields.fault(name, phrase("is fixed for %(key)s; give a measure of your own another code", key=key))
        return MEASURES[key]
    context = fields.yes("context", default=False)
    way = fields.choice("good", _Way, _Way.NEITHER if context else None)
    if context and way is not _Way.NEITHER:
        fields.fault("good", phrase("neither, for what stands beside as context"))
    good = {_Way.UP: Good.UP, _Way.DOWN: Good.DOWN, _Way.NEITHER: Good.NEITHER}[way]
    unit = fields.choice("unit", Unit)
    own = fields.yes("own", default=False)
    if own and (context or way is _Way.NEITHER or unit in (Unit.SECONDS, Unit.A_WEEK)):
        fields.fault("own", phrase("no: context is never kept of single people"))
    name, least = fields.text("name"), fields.whole("least", 1, 1_000_000, 30)
    return Measure(key, name, good, unit, "numerator", "denominator", least, 0, own=own, context=context)


def _part(fields: Fields, key: str, rows: Rows) -> Part:
    inner = fields.mapping(key, PART_KEYS)
    if inner is None:
        return Part()
    where: list[Condition] = []
    for item in inner.items("where", 10):
        if isinstance(item, Entries):
            condition = _condition(item, fields.faults)
            where += [condition] if condition else []
        else:
            fields.faults.add(
                item.line, phrase("a condition is a mapping with column and one of %(tests)s", tests=", ".join(TESTS))
            )
    summed = inner.text("sum", needed=False)
    each = inner.text("each", needed=False)
    if each and (each != "week" or where or summed):
        inner.fault("each", phrase("week, and nothing beside it"))
    if not (where or summed or each):
        inner.fault("where", phrase("is missing; conditions, or a column to sum"))
    if rows is Rows.TOTAL and not (summed or each):
        inner.fault("sum", phrase("is missing; rows of totals are summed, not counted"))
    return Part(tuple(where), summed, bool(each))


def _condition(tree: Entries, faults: Faults) -> Condition | None:
    fields = Fields(tree, "", ("column", *TESTS), faults)
    column = fields.text("column")
    given = [test for test in TESTS if fields.has(test)]
    if len(given) != 1:
        faults.add(tree.line, phrase("column and exactly one of %(tests)s", tests=", ".join(TESTS)))
        return None
    test = given[0]
    values: tuple[str, ...] = ()
    if test == "in":
        values = fields.several("in", lambda text: text.strip() or None, phrase("a text"))
        if not values:
            fields.fault("in", phrase("a list of values"))
    elif test in ("=", ">="):
        values = (fields.text(test),)
        if test == ">=" and a_number(values[0], ".") is None:
            fields.fault(test, phrase("a number, with a point"))
    elif not fields.yes(test, default=True):
        fields.fault(test, phrase("yes; for the other, say the other word"))
    return Condition(column, test, values)


def titles(mapping: SourceMapping) -> Mapping[str, str]:
    """Give what a mapping says in words, for a page: what becomes what."""
    return {
        one.measure.name: phrase(
            "%(numerator)s, over %(denominator)s", numerator=_words(one.numerator), denominator=_words(one.denominator)
        )
        for one in mapping.measures
    }


_IS: Final = {
    "=": to_phrase("is"),
    "in": to_phrase("is one of"),
    ">=": to_phrase("is at least"),
    "empty": to_phrase("is empty"),
    "not empty": to_phrase("is not empty"),
}


def _words(part: Part) -> str:
    if part.each_week:
        return phrase("weeks")
    tests = [" ".join((one.column, str(_IS[one.test]), ", ".join(one.values))).strip() for one in part.where]
    lead = phrase("%(column)s summed", column=part.summed) if part.summed else phrase("rows")
    return phrase("%(lead)s where %(tests)s", lead=lead, tests=phrase(" and ").join(tests)) if tests else lead
