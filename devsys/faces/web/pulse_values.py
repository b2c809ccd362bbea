"""The pulse in words: months, units by name, what a statement's year says."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from devsys.base.words import phrase, phrases
from devsys.base.written import decimal, month_of_year
from devsys.core.model.pulse import LEVELS, PulseFigure, Statement, wording
from devsys.faces.web.drawing_pulse import draw_pulse

SHOWN: Final = 12  # months on the page
_WORDS: Final = dict(LEVELS)


def month_words(month: str) -> str:
    """Give "March 2026"."""
    year, number = month.split("-")
    return month_of_year(date(int(year), int(number), 1))


def months_before(month: str, count: int = SHOWN) -> tuple[str, ...]:
    """Give the `count` months before one, the oldest first."""
    year, number = (int(part) for part in month.split("-"))
    last = year * 12 + number - 1
    return tuple(f"{m // 12:04}-{m % 12 + 1:02}" for m in range(last - count, last))


def statement_values(statement: Statement, figures: Sequence[PulseFigure], months: Sequence[str]) -> dict[str, Any]:
    """Give one statement of one unit as the page shows it: its finding, the drawing, the table beside it."""
    by_month = {f.month: f for f in figures if f.item == statement.code and f.wording == wording(statement)}
    said = _finding(by_month, months)
    return {
        "words": statement.words,
        "finding": said,
        "drawn": draw_pulse([by_month[m].mean if m in by_month else None for m in months], said) if by_month else None,
        "first": month_words(months[0]),
        "last": month_words(months[-1]),
        "rows": [_row(m, by_month.get(m)) for m in months],
    }


def _finding(by_month: Mapping[str, PulseFigure], months: Sequence[str]) -> str:
    shown = [by_month[m] for m in months if m in by_month]
    if not shown:
        return phrase("Nothing to show in these twelve months.")
    last = shown[-1]
    said = phrases(
        "%(mean)s of 5 in %(month)s (%(level)s), %(num)s answer.",
        "%(mean)s of 5 in %(month)s (%(level)s), %(num)s answers.",
        last.count,
        mean=decimal(last.mean, 1),
        month=month_words(last.month),
        level=_WORDS[round(last.mean)].lower(),
    )
    if len(shown) == 1:
        return said
    means = [f.mean for f in shown]
    span = phrase(
        "In twelve months between %(low)s and %(high)s.", low=decimal(min(means), 1), high=decimal(max(means), 1)
    )
    return f"{said} {span}"


def _row(month: str, figure: PulseFigure | None) -> tuple[str, str, str]:
    if figure is None:
        return month_words(month), phrase("not shown"), ""
    return month_words(month), decimal(figure.mean, 2), str(figure.count)
