"""Figures as a file for sheets: cells that no sheet takes for a formula, the same bytes for the same figures."""

import csv
import io
from collections.abc import Iterable, Sequence

from werkzeug.wrappers import Response

from devsys.base.text import cell_safe


def csv_answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[str | float]]) -> Response:
    """Give rows as a CSV file to keep under `name`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([cell_safe(head) for head in heads])
    writer.writerows([cell if isinstance(cell, int | float) else cell_safe(cell) for cell in row] for row in rows)
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
