"""What changes between the published sessions and a new plan, and for whom."""

from collections.abc import Iterable
from dataclasses import dataclass

from devsys.core.planning.problem import Problem, Session


@dataclass(frozen=True, slots=True)
class Change:
    """One session before and after; None where it is new or cancelled."""

    before: Session | None
    after: Session | None
    people: tuple[str, ...]
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """New, moved, changed (same start, other facilitator, room or people) and cancelled sessions; people by id."""

    new: tuple[Change, ...]
    moved: tuple[Change, ...]
    changed: tuple[Change, ...]
    cancelled: tuple[Change, ...]
    concerned: tuple[str, ...]
    untouched: tuple[str, ...]


def diff(problem: Problem, published: Iterable[Session], new: Iterable[Session]) -> Diff:
    """Give what changes; sessions are matched by id."""
    raise NotImplementedError


def keep_ids(published: Iterable[Session], new: Iterable[Session]) -> tuple[Session, ...]:
    """Give the new sessions under the ids of the published ones they continue; others keep free ids."""
    raise NotImplementedError
