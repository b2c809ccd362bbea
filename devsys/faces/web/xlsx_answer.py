"""Figures as a workbook: texts are never formulas, the same bytes for the same figures."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from werkzeug.wrappers import Response

_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 -- a workbook knows no zones; the same whenever it is made
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST: Final = 60
_NAME: Final = 31  # characters a sheet's name may have

Cell = str | int | float | date | time | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, a line of heads that stays in sight, and rows below it."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def workbook(title: str, sheets: Iterable[Sheet]) -> bytes:
    """Give a workbook. Texts stand as texts, whatever they begin with; days and times as such, numbers as numbers."""
    import xlsxwriter  # noqa: PLC0415 -- slow import

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "author": "devsys", "created": _MADE})
        bold = book.add_format({"bold": True, "bottom": 1})
        day, hour = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "hh:mm"})
        count = book.add_format({"num_format": "#,##0"})
        for one in sheets:
            sheet = book.add_worksheet(one.name[:_NAME])
            sheet.freeze_panes(1, 1)
            sheet.set_landscape()
            sheet.set_paper(9)  # A4
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
            for column, head in enumerate(one.heads):
                sheet.write_string(0, column, head, bold)
                texts = [len(str(row[column])) for row in one.rows]
                sheet.set_column(column, column, min(max([len(head), *texts]) + 2, _WIDEST))
            for number, row in enumerate(one.rows, 1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    elif isinstance(cell, date):
                        sheet.write_datetime(number, column, datetime.combine(cell, time()), day)
                    elif isinstance(cell, time):
                        sheet.write_datetime(number, column, cell, hour)
                    elif cell is not None:
                        sheet.write_number(number, column, cell, count if isinstance(cell, int) else None)
    return out.getvalue()


def xlsx_answer(name: str, title: str, *sheets: Sheet) -> Response:
    """Give sheets as a workbook to keep under `name`."""
    response = Response(workbook(title, sheets), mimetype=_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
