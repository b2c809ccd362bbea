"""What a feed may show of a session: the matrix of trust.md, read as the feed's owner (feeds.md Q03, E07)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from devsys.core.model.access import Viewer
from devsys.core.model.calendar import View
from devsys.core.model.programme import Kind
from devsys.core.policy import Scope, scope


class FeedKind(StrEnum):
    """What a feed is about: the sessions a person attends or leads, of a team, in a room."""

    PERSON = "person"
    TEAM = "team"
    FACILITATOR = "facilitator"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """What a feed was made for: its kind and target, the kinds of activity it is limited to (empty: all).

    `titles` shows the owner's own coaching by name.
    """

    kind: FeedKind
    target_id: str
    kinds: frozenset[str] = frozenset()
    titles: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """The owner of a feed and how far they see: sessions, and coaching in a calendar."""

    viewer: Viewer
    sessions: Scope
    coaching: Scope


def reader(viewer: Viewer) -> Reader:
    """Give a viewer with what the policy lets them see of sessions."""
    return Reader(viewer, scope(viewer, "sessions", "read"), scope(viewer, "coaching_calendar", "read"))


def view_of(
    feed: FeedSettings,
    owner: Reader,
    *,
    kind: str,
    attends: bool,
    facilitator_id: str | None,
    team_ids: Collection[str] = (),
) -> View | None:
    """Give the view in which a feed shows a session, None when it does not.

    `attends` says whether the owner has a place in it, `team_ids` whose people have. Coaching is masked for all but
    the coach and, in the feed that opted in, the employee. The filter by kind never widens anything.
    """
    if feed.kinds and kind not in feed.kinds:
        return None
    me = owner.viewer.person_id
    coaching = kind == Kind.COACHING.value
    found = owner.coaching if coaching else owner.sessions
    mine = found.covers(person_id=me if attends and not coaching else None, assigned_to=facilitator_id)
    if feed.kind is FeedKind.PERSON:
        if feed.target_id != me or not found.covers(person_id=me):
            return None
        return View.MASKED if coaching and not feed.titles else View.OWN
    if feed.kind is FeedKind.FACILITATOR and feed.target_id == me:
        return View.OWN if found.covers(assigned_to=me) else None
    wide = owner.sessions
    if feed.kind is FeedKind.ROOM:
        full = mine or (not coaching and any(wide.covers(team_id=t) for t in team_ids))
        return View.TEAM if full or (not coaching and wide.everything) else View.MASKED
    allowed = wide.covers(team_id=feed.target_id) if feed.kind is FeedKind.TEAM else wide.everything
    if not allowed:
        return None
    return View.MASKED if coaching else View.TEAM


def may_have(kind: FeedKind, target_id: str, owner: Reader) -> bool:
    """Say whether a person may have a feed of this kind and target at all.

    The own calendar and the own sessions as facilitator; a team and its people's sessions for who sees the team;
    rooms and other facilitators for who sees all sessions.
    """
    me = owner.viewer.person_id
    if kind is FeedKind.PERSON:
        return target_id == me
    if kind is FeedKind.TEAM:
        return owner.sessions.covers(team_id=target_id)
    if kind is FeedKind.FACILITATOR and target_id == me:
        return owner.sessions.covers(assigned_to=me) or owner.coaching.covers(assigned_to=me)
    return owner.sessions.everything
