"""The part of docs/benchmarks.md that is about feeds: written by the bench of feeds, kept when the rest is written."""

import re
import subprocess
from collections.abc import Mapping
from typing import Final

from tests.bench.ledger import APART, ROOT

PAGE: Final = ROOT / "docs" / "benchmarks.md"
HEAD: Final = "## Feeds beside a calendar server"
_PART: Final = re.compile(rf"^{re.escape(HEAD)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)


def feeds_part() -> list[str]:
    """Give the lines of the part as it stands on the page, none before it was measured."""
    found = _PART.search(PAGE.read_text("utf-8")) if PAGE.exists() else None
    return found[0].rstrip().splitlines() if found else []


def write_feeds(events: int, ours: Mapping[str, float], theirs: Mapping[str, float], condition: int) -> None:
    """Write what was measured, in milliseconds of the server's processor for one request."""
    called = [APART, "-c", "from importlib.metadata import version; print(version('radicale'))"]
    version = subprocess.run(called, check=True, capture_output=True, text=True).stdout.strip()

    def row(name: str, mine: str, other: str = "") -> str:
        values = [f"{ours[mine]:.2f}", f"{ours[mine] / ours['trivial']:.1f}", f"{ours[mine] / ours['look-up']:.1f}"]
        them = [f"{theirs[other]:.1f}", f"{theirs[other] / ours[mine]:.1f}"] if other else ["", ""]
        return f"| {' | '.join((name, *values, *them))} |"

    lines = [
        HEAD,
        "",
        "Milliseconds of the server's processor for one request, each on a connection of its own, in one run: our feed",
        f"of {events} sessions by gunicorn, and Radicale {version} serving the very same events from its files.",
        "*Trivial* is a page that says pong; *with look-up* the same page after it asked the database whose token it",
        "was, which is what every poll has to do.",
        "Radicale parses and keeps what it is given when it is given it; we render when a calendar is first fetched.",
        "",
        "| what is asked | devsys ms | x trivial | x trivial with look-up | Radicale ms | Radicale / devsys |",
        "|---|" + "--:|" * 5,
        row("a trivial page", "trivial"),
        row("a trivial page with look-up", "look-up"),
        row("first fetch of all after publishing, rendered then", "first"),
        row("first fetch of all by a process, from what is kept", "joined", "first"),
        row("all of it again, gzip", "again", "again"),
        row("unchanged, by its ETag", "unchanged", "unchanged"),
        row("unchanged, Radicale by PROPFIND of its ctag", "unchanged", "asked by PROPFIND"),
        "",
        f"Radicale answers a GET with the tag that stands by {condition}; programs of CalDAV ask it by PROPFIND.",
        "",
    ]
    text = PAGE.read_text("utf-8")
    part = "\n".join(lines) + "\n"
    found = _PART.search(text)
    if found:
        text = text[: found.start()] + part + text[found.end() :]
    else:
        at = text.index("## How it is measured")
        text = text[:at] + part + text[at:]
    PAGE.write_text(text, "utf-8")
