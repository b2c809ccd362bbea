"""Search and filters of the week: kept in the address, the same for grid, list and file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from flask import request

from devsys.base.limits import TEXT
from devsys.base.text import clean
from devsys.base.words import to_phrase
from devsys.faces.web.drawing import KIND_NAMES
from devsys.faces.web.session_values import Seen
from devsys.faces.web.week_values import Lane, Row, lane_keys

Which = Literal["", "changed", "flagged"]
WHICH: Final[tuple[tuple[Which, str], ...]] = (
    ("", to_phrase("All sessions")),
    ("changed", to_phrase("What the draft changes")),
    ("flagged", to_phrase("What does not fit")),
)
MOST_PAGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Only:
    """What is looked for: words in a title, a name or a room; a kind of activity; which part of a draft."""

    words: str = ""
    kind: str = ""
    which: Which = ""

    def __bool__(self) -> bool:
        """Say whether anything is left out."""
        return bool(self.words or self.kind or self.which)


def asked_only(*, drafts: bool) -> Only:
    """Give the filters an address asks for; odd ones are left out."""
    words = clean(request.args.get("q", "")[:TEXT], limit=TEXT * 3)
    kind = request.args.get("kind", "")
    which: Which = next((w for w, _ in WHICH if drafts and w == request.args.get("only")), "")
    return Only(words, kind if kind in KIND_NAMES else "", which)


def asked_page(name: str) -> int:
    """Give the page of a long list an address asks for, from 1."""
    text = request.args.get(name, "")
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 6 else 1  # noqa: PLR2004


def chosen_of(
    only: Only,
    found: tuple[Seen, ...],
    rows: tuple[Row, ...],
    lane: Lane,
    *,
    drafted: frozenset[str],
    flagged: frozenset[str],
    keep: str = "",
) -> tuple[tuple[Seen, ...], tuple[Row, ...]]:
    """Give the sessions looked for and the rows that hold them, or that are looked for themselves.

    `keep` is the id of a session that is shown in any case: the one that is chosen.
    """
    if not only:
        return found, rows
    named = {row.key: row.name for row in rows}
    words = only.words.casefold()
    wanted = {"": None, "changed": drafted, "flagged": flagged}[only.which]

    def fits(one: Seen) -> bool:
        if only.kind and one.kind != only.kind:
            return False
        if wanted is not None and one.session.id not in wanted:
            return False
        names = (named.get(key, "") for key in lane_keys(one.session, lane))
        return not words or any(words in text.casefold() for text in (one.title, one.facilitator, one.place, *names))

    left = tuple(one for one in found if one.session.id == keep or fits(one))
    return left, tuple(_rows_of(only, left, rows, lane))


def _rows_of(only: Only, left: Iterable[Seen], rows: tuple[Row, ...], lane: Lane) -> Iterable[Row]:
    holding = {key for one in left for key in lane_keys(one.session, lane)}
    words = only.words.casefold()
    for row in rows:
        if row.key in holding or (words and words in row.name.casefold()):
            yield row
