"""Text as it enters and leaves: cleaned at entry, safe in mail headers and in cells of a sheet."""

import re
import unicodedata

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase

_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_BREAKS = {0x2028: "\n", 0x2029: "\n"}  # line and paragraph separators break lines of a mail's head too
_FORMULA = "=+-@\t\r＝＋－＠"  # noqa: RUF001 -- full-width signs start a formula too
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?\Z")


def _forbidden(letter: str, *, long: bool) -> bool:
    if long and letter in "\t\n":
        return False
    return unicodedata.category(letter) in ("Cc", "Cs") or letter in _BIDI


def clean(text: str, *, limit: int = 200, long: bool = False) -> str:
    """Give `text` in NFC, trimmed, without control and bidirectional characters.

    `limit` counts characters; `long` text keeps tabs and newlines (CR LF becomes LF). Raises InvalidError when
    the text is longer than `limit` (trust.md R15).
    """
    text = text.translate(_BREAKS)
    if long:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c if not _forbidden(c, long=long) else " " if c in "\t\r\n" else "" for c in text)
    kept = unicodedata.normalize("NFC", kept).strip()
    if len(kept) > limit:
        what = phrase("%(count)s characters; at most %(limit)s are taken", count=len(kept), limit=limit)
        raise InvalidError(phrase("The text is too long: %(what)s.", what=what), (Fault("", what),))
    return kept


def header_safe(text: str) -> str:
    """Give `text` if it may stand in a mail header (trust.md R16).

    Raises InvalidError on control characters, on separators of lines, and on `=?`, which the standard library would
    decode into further headers (cpython#121650).
    """
    if "=?" in text or any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in text):
        raise InvalidError(phrase("A mail header may hold neither control characters nor '=?'."))
    return text


def cell_safe(text: str) -> str:
    """Give `text` as a cell that no sheet takes for a formula; numbers stay as they are (trust.md R17)."""
    if text and text[0] in _FORMULA and not _NUMBER.match(text):
        return "'" + text
    return text


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Give a number with its noun: `count_of(1, "session")` is "1 session", 2 gives "2 sessions"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
