"""What stands in the way of a plan, or ought to be looked at before it is taken for good."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """How much an issue weighs: what blocks cannot be published or cannot stand; what warns may be set aside."""

    BLOCKS = "blocks"
    WARNS = "warns"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing about a plan, in sentences, with the sessions it touches (ids), soonest first.

    `kind` is a code of the verifier's rules or of `list_issues`; `who` the id of the person, room or queue it is about,
    if one; `at` when it bites. `key` names it: an issue that says something else is another one.
    """

    level: Level
    kind: str
    words: tuple[str, ...]
    sessions: tuple[str, ...] = ()
    who: str = ""
    at: datetime | None = None

    @property
    def key(self) -> str:
        """Give what names the issue: the same for the same issue, whenever it is asked."""
        said = repr((self.kind, sorted(self.sessions), self.words))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def in_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Give issues with what blocks first, each part by time; the same one once."""
    unique = {issue.key: issue for issue in issues}
    return tuple(sorted(unique.values(), key=_order))


def _order(issue: Issue) -> tuple[bool, bool, float, str]:
    at = issue.at.timestamp() if issue.at else 0.0
    return issue.level is Level.WARNS, issue.at is None, at, issue.key
