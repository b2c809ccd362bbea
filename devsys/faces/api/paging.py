"""Pages of lists: cursors are places in an order, signed, so that they are only ever ours."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import Field

from devsys.base.limits import LIST_ROWS
from devsys.faces.api.errors import ProblemError
from devsys.faces.api.operations import In

Row = TypeVar("Row")
NEXT: Final = "Cursor of the next page; empty on the last."


class PageQuery(In):
    """Which page of a list."""

    limit: int = Field(100, ge=1, le=LIST_ROWS, description="Rows of a page.")
    cursor: str = Field("", max_length=600, description="`next` of the page before; empty for the first.")


def cut(kind: str, found: Sequence[Row], limit: int, place: Callable[[Row], tuple[str, ...]]) -> tuple[list[Row], str]:
    """Give the rows of a page and the cursor behind them; `found` has one row more than `limit` where there are more.

    `place` gives the place of a row in the order of the list `kind`, as texts.
    """
    rows = list(found[:limit])
    return rows, cursor_of(kind, *place(rows[-1])) if len(found) > limit else ""


def cursor_of(kind: str, *place: str) -> str:
    """Give the cursor of a place in a list."""
    return str(_signer(kind).dumps(place))


def place_of(kind: str, cursor: str, parts_of_it: int) -> tuple[str, ...] | None:
    """Give the place of a cursor, None for the first page. Raises ProblemError for what is no cursor of this list."""
    if not cursor:
        return None
    try:
        found = tuple(str(one) for one in _signer(kind).loads(cursor))
    except (BadSignature, TypeError, ValueError):
        found = ()
    if len(found) != parts_of_it:
        raise ProblemError("not-taken", "This cursor is not of this list. Begin again without one.")
    return found


def moment_of(kind: str, cursor: str) -> tuple[datetime, str] | None:
    """Give the place of a cursor in a list that is ordered by an instant and an id. Raises ProblemError as above."""
    found = place_of(kind, cursor, 2)
    return (datetime.fromisoformat(found[0]), found[1]) if found else None


def _signer(kind: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"cursor:{kind}")
