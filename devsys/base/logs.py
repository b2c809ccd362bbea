"""Logs: plain lines at a terminal, JSON lines elsewhere; secrets in addresses are cut before anything is written."""

import json
import logging
import re
from typing import Final, Literal, TextIO

from devsys.base.ids import token_hash

# Addresses that carry a secret: a feed's token, the one-time links of the first run and of letters to a password.
_SECRET: Final = re.compile(r"/(feed|setup|account-link)/([^/?#\s\"']+)")


# PostgreSQL says the values of a row it refuses in a line of its own: names and texts of people.
_DETAIL: Final = re.compile(r"^(DETAIL:).*$", re.MULTILINE)


def without_secrets(text: str) -> str:
    """Give `text` with each secret of an address replaced by 8 letters of its hash (trust.md R6), and without rows."""
    return _DETAIL.sub(r"\1 (left out)", _SECRET.sub(_cut, text))


def _cut(found: re.Match[str]) -> str:
    name, dot, ending = found[2].partition(".")
    return f"/{found[1]}/{token_hash(name)[:8]}{dot}{ending if ending == 'ics' else ''}"


class _Plain(logging.Formatter):
    """For people at a terminal: `09:00:12 worker: This worker leads.` is one line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, without secrets, also in a traceback."""
        return without_secrets(super().format(record)).replace(" devsys.", " ", 1)


class _JsonLines(logging.Formatter):
    """One JSON object a line: at, level, name, said, and trace where something broke."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, without secrets, also in a traceback."""
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "name": record.name,
            "said": without_secrets(record.getMessage()),
        }
        for key, value in getattr(record, "facts", {}).items():
            line.setdefault(key, without_secrets(value) if isinstance(value, str) else value)
        if record.exc_info:
            line["trace"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def set_up(level: str, out: TextIO, form: Literal["auto", "text", "json"] = "auto") -> None:
    """Send the logs of this process to `out`, in a form; `auto` is plain where it is a terminal, else JSON lines.

    `level` is for our own logs; libraries are heard from warnings on, or all of them with DEBUG.
    """
    handler = logging.StreamHandler(out)
    plain = out.isatty() if form == "auto" else form == "text"
    handler.setFormatter(_Plain() if plain else _JsonLines())
    logging.basicConfig(level="DEBUG" if level == "DEBUG" else "WARNING", handlers=[handler], force=True)
    logging.getLogger("devsys").setLevel(level)
