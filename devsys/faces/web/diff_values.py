"""What differs between two plans, as the three tables of a diff: moved and changed, new, cancelled."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flask import url_for

from devsys.base.written import several
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session
from devsys.core.model.causes import cause_words
from devsys.core.model.changes import Change, Difference
from devsys.core.policy import Scope, may_know, scope
from devsys.faces.web.asked import week_code
from devsys.faces.web.history_values import what_changed
from devsys.faces.web.session_values import MASKED_TITLE, Names, short_when, teams_words
from devsys.faces.web.year_values import kind_of

MOST_SHOWN: Final = 7  # rows before the rest is folded
MOST_LISTED: Final = 200  # rows a page ever lists; the file has them all


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One session that differs."""

    sign: str
    kind: str
    title: str
    old: str
    new: str
    who: str
    cause: str
    href: str
    session_id: str


@dataclass(frozen=True, slots=True)
class DiffTable:
    """One table: rows at once, rows folded, and how many more there are than a page lists."""

    rows: tuple[DiffRow, ...]
    folded: tuple[DiffRow, ...]
    beyond: int

    @property
    def count(self) -> int:
        """How many sessions it stands for."""
        return len(self.rows) + len(self.folded) + self.beyond


@dataclass(frozen=True, slots=True)
class Diff:
    """The whole difference, as far as the viewer reaches."""

    moved: DiffTable
    altered: DiffTable
    new: DiffTable
    cancelled: DiffTable
    changes: int
    people: int
    all: tuple[DiffRow, ...]


def within(found: Iterable[Difference], known: Names, reach: Scope) -> tuple[Difference, ...]:
    """Give the differences a viewer may see: all, those of their teams, those they attend or lead."""
    if reach.everything:
        return tuple(found)

    def mine(d: Difference) -> bool:
        sides = [s for s in (d.before, d.after) if s]
        people = {p for s in sides for p in s.people}
        teams = {known.people[p].team_id for p in people if p in known.people}
        return bool(teams & reach.team_ids) or reach.person_id in people | {s.facilitator_id for s in sides}

    return tuple(d for d in found if mine(d))


def diff(
    found: Iterable[Difference],
    known: Names,
    viewer: Viewer,
    reach: Scope,
    *,
    cause: str = "",
    draft_id: str = "",
    linked: bool = True,
) -> Diff:
    """Give the tables; `cause` stands where a change has none of its own.

    Rows of a draft lead into its week, others to the session; none where `linked` is false.
    """
    seen = within(found, known, reach)
    rows = [(d.change, _row(d, known, viewer, cause, _href(d.after, draft_id) if linked else "")) for d in seen]

    def table(*kinds: Change) -> DiffTable:
        mine = [row for change, row in rows if change in kinds]
        return DiffTable(tuple(mine[:MOST_SHOWN]), tuple(mine[MOST_SHOWN:MOST_LISTED]), max(0, len(mine) - MOST_LISTED))

    return Diff(
        moved=table(Change.MOVED),
        altered=table(Change.ALTERED),
        new=table(Change.NEW),
        cancelled=table(Change.CANCELLED),
        changes=len(seen),
        people=len({p for d in seen for p in d.concerned}),
        all=tuple(row for _, row in rows),
    )


def _row(d: Difference, known: Names, viewer: Viewer, cause: str, href: str) -> DiffRow:
    s = d.after
    kind = kind_of(s.activity, known.activities)
    activity = known.activities.get(s.activity)
    masked = kind == "coaching" and not may_know(viewer, s)
    title = MASKED_TITLE if masked else activity.title if activity else s.activity
    plans = scope(viewer, "coaching_series", "read").everything  # who matches requests may read why a time changed
    old, new = _times(d, known)
    return DiffRow(
        sign="new" if d.change is Change.NEW else "cancelled" if d.change is Change.CANCELLED else "moved",
        kind=kind,
        title=title,
        old=old,
        new=new,
        who=teams_words(s, known),
        cause="" if masked and not plans else cause_words(s.cause or cause),
        href=href,
        session_id=s.id,
    )


def _href(session: Session, draft_id: str) -> str:
    if draft_id:
        return url_for("week.show", week=week_code(session.starts.date()), session=session.id, draft=draft_id)
    return url_for("sessions.show", session_id=session.id)


def _times(d: Difference, known: Names) -> tuple[str, str]:
    """Give the old and the new words of a change."""
    if d.before is None or d.change is Change.NEW:
        return "", short_when(d.after)
    if d.change is Change.CANCELLED:
        return short_when(d.before), ""
    if d.before.starts_utc != d.after.starts_utc:
        return short_when(d.before), short_when(d.after)
    return "", f"{short_when(d.after)}: {several(what_changed(d.before, d.after, known))}"
