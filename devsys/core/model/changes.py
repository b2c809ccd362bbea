"""What differs between two calendars, and whom it concerns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from devsys.core.model.calendar import Session, Status


class Change(StrEnum):
    """What happened to a session: new, moved (time, place or status), altered (people or facilitator), cancelled."""

    NEW = "new"
    MOVED = "moved"
    ALTERED = "altered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Difference:
    """One session that differs: `before` is None for a new one; a cancelled one keeps its last content in `after`."""

    change: Change
    before: Session | None
    after: Session

    @property
    def concerned(self) -> frozenset[str]:
        """Ids of the people whose own calendar changes, the facilitator included."""
        sides = [self.after] if self.before is None else [self.before, self.after]
        leaders = {s.facilitator_id for s in sides if s.facilitator_id}
        if self.change is Change.ALTERED and self.before is not None:
            people = self.before.people ^ self.after.people
            return people | (leaders if self.before.facilitator_id != self.after.facilitator_id else frozenset())
        return frozenset(p for s in sides for p in s.people) | leaders


def when_and_where(session: Session) -> tuple[object, ...]:
    """Give what a calendar program must be told again when it changes: time, place, status (feeds.md V01)."""
    return (session.starts, session.zone, session.starts_utc, session.minutes, session.room_id, session.status)


def content(session: Session) -> tuple[object, ...]:
    """Give all that people see of a session, without stamps and counters."""
    return (
        *when_and_where(session),
        session.activity,
        session.facilitator_id,
        session.site_id,
        session.team_id,
        session.series,
        frozenset(session.places),
    )


def difference(before: Session | None, after: Session) -> Difference | None:
    """Give what differs between two states of one session; None when people would see no difference."""
    if before is None or before.status is Status.CANCELLED:
        return None if after.status is Status.CANCELLED else Difference(Change.NEW, before, after)
    if content(before) == content(after):
        return None
    if after.status is Status.CANCELLED:
        return Difference(Change.CANCELLED, before, after)
    moved = when_and_where(before) != when_and_where(after)
    return Difference(Change.MOVED if moved else Change.ALTERED, before, after)


def differences(before: Iterable[Session], after: Iterable[Session]) -> tuple[Difference, ...]:
    """Give the differences of `after` (the changed sessions only) against `before`, in order of time.

    A session of `before` that is missing in `after` counts as unchanged: taking it off is saying CANCELLED.
    """
    known = {s.id: s for s in before}
    found = (difference(known.get(s.id), s) for s in after)
    return tuple(sorted((d for d in found if d), key=lambda d: (d.after.starts_utc, d.after.id)))


def next_sequence(before: Session | None, after: Session) -> int:
    """Give the SEQUENCE of `after`: one more than `before` when time, place or status changed (RFC 5546 2.1.4)."""
    if before is None:
        return 0
    return before.sequence + (when_and_where(before) != when_and_where(after))


def continued(fresh: Iterable[Session], freed: Iterable[Session], *, cause: str) -> tuple[Session, ...]:
    """Give newly planned sessions under the ids of the freed ones they continue, and the rest of those cancelled.

    A fresh session continues the freed one of its activity and site with the most people in common (the nearest in
    time among equals), so that a calendar shows a move and not a cancellation beside a new entry. `cause` is kept with
    whatever changes.
    """
    open_ones = {s.id: s for s in freed}
    by_place: dict[tuple[str, str, str | None], list[Session]] = {}
    for session in open_ones.values():
        by_place.setdefault((session.activity, session.site_id, session.team_id), []).append(session)
    found = []
    for session in fresh:
        nearby = [
            s for s in by_place.get((session.activity, session.site_id, session.team_id), ()) if s.id in open_ones
        ]
        best = max(nearby, key=lambda s: _likeness(s, session), default=None)
        if best is None or not best.people & session.people:
            found.append(session)
            continue
        del open_ones[best.id]
        now = replace(session, id=best.id, uid=best.uid, sequence=best.sequence, created=best.created)
        found.append(best if content(now) == content(best) else replace(now, cause=cause))
    gone = (replace(s, status=Status.CANCELLED, cause=cause) for s in open_ones.values())
    return (*found, *gone)


def _likeness(freed: Session, fresh: Session) -> tuple[int, float, str]:
    apart = abs((freed.starts_utc - fresh.starts_utc).total_seconds())
    return (len(freed.people & fresh.people), -apart, freed.id)
