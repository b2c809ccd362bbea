"""A mapping from what somebody chose in a form: the same YAML text that could be written by hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chosen:
    """A condition as a form has it: a column, one of the tests, its values parted by commas; or a column to sum."""

    column: str
    test: str = ""
    values: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One measure as a form has it: numerator and denominator, each one test; "sum" adds a column up."""

    measure: str
    numerator: Chosen
    denominator: Chosen


@dataclass(frozen=True, slots=True)
class Filled:
    """A whole form. Empty texts were left out."""

    source: str
    title: str
    rows: str
    key: str
    date: str
    form: str
    covers: str
    team: str
    team_always: str
    person: str
    keep: bool
    measures: Sequence[Wanted]


def mapping_text(filled: Filled) -> str:
    """Give the YAML of a form; whether it can be, `read_mapping` says."""
    lines = [f"source: {_quoted(filled.source)}"]
    for name, value in (("title", filled.title), ("rows", filled.rows), ("key", filled.key), ("date", filled.date)):
        lines += [f"{name}: {_quoted(value)}"] if value else []
    lines += [f"form: {_quoted(filled.form)}"] if filled.form else []
    lines += [f"covers: {_quoted(filled.covers)}"] if filled.covers else []
    if filled.team:
        lines.append(f"team: {{column: {_quoted(filled.team)}}}")
    elif filled.team_always:
        lines.append(f"team: {{always: {_quoted(filled.team_always)}}}")
    if filled.person:
        lines.append(f"person: {{column: {_quoted(filled.person)}, keep: {'yes' if filled.keep else 'no'}}}")
    lines.append("measures:")
    for one in filled.measures:
        lines.append(f"  - measure: {_quoted(one.measure)}")
        lines += [f"    numerator: {_part(one.numerator)}", f"    denominator: {_part(one.denominator)}"]
    return "\n".join(lines) + "\n"


def _part(test: Chosen) -> str:
    if test.test == "week":
        return "{each: week}"
    if test.test == "sum":
        return f"{{sum: {_quoted(test.column)}}}"
    return f"{{where: [{{column: {_quoted(test.column)}, {_tested(test)}}}]}}"


def _tested(test: Chosen) -> str:
    if test.test == "in":
        values = ", ".join(_quoted(value.strip()) for value in test.values.split(",") if value.strip())
        return f"in: [{values}]"
    if test.test in ("=", ">="):
        return f'"{test.test}": {_quoted(test.values)}'
    return f"{test.test}: yes"


def _quoted(text: str) -> str:
    """Give a text as YAML reads it whatever it holds: JSON strings are YAML."""
    return json.dumps(text, ensure_ascii=False)
