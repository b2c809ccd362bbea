"""What changed for one person since they last knew: moved, led by somebody else, taken off."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from devsys.core.model.calendar import Session, Status
from devsys.core.model.changes import when_and_where


@dataclass(frozen=True, slots=True)
class Moved:
    """A session as a person knew it, and as it is for them now: None where they are in none for it any more."""

    before: Session
    after: Session | None
    cause: str

    @property
    def only_leader(self) -> bool:
        """Say whether the time and the place stayed."""
        return self.after is not None and when_and_where(self.before) == when_and_where(self.after)


def moves_of(
    person_id: str,
    states: Mapping[str, Sequence[Session]],
    known: Mapping[str, datetime],
    own: Iterable[str],
    *,
    since: datetime,
    now: datetime,
) -> tuple[Moved, ...]:
    """Give what of a person's calendar is otherwise than they knew it, in order of the new time.

    `states` are the published states of sessions they have or had a place in, oldest first, by session id; `known` says
    of sessions since when they know them as they are (where nothing is said: `since`, or when they first had a place,
    if that is later); `own` are sessions they left
    themselves. What is over is left out, and so is what went there and came back.
    """
    left = set(own)
    current = {i: row[-1] for i, row in states.items() if row}
    knew = {i: _knew(row, person_id, known.get(i, since)) for i, row in states.items()}
    fresh = {
        place.need: s
        for i, s in current.items()
        if knew[i] is None and _comes(s, person_id)
        for place in s.places
        if place.person_id == person_id and place.need
    }
    found: list[Moved] = []
    for i, row in states.items():
        before = knew[i] or next((s for s in row if _comes(s, person_id)), None)
        if before is None or i in left:
            continue
        now_is = current[i]
        after: Session | None
        if _comes(now_is, person_id):
            after, cause = now_is, now_is.cause
            if not _differs(before, after):
                continue
        else:
            after = fresh.get(_need(before, person_id))
            cause = now_is.cause
        if (after or before).starts_utc > now:
            found.append(Moved(before, after, cause))
    return tuple(sorted(found, key=lambda m: ((m.after or m.before).starts_utc, m.before.id)))


def _comes(session: Session, person_id: str) -> bool:
    return session.status is Status.PLANNED and person_id in session.people


def _knew(states: Sequence[Session], person_id: str, known: datetime) -> Session | None:
    """Give the last state up to a moment, if the person had a place in it."""
    until = [s for s in states if s.changed is None or s.changed <= known]
    return until[-1] if until and _comes(until[-1], person_id) else None


def _need(session: Session, person_id: str) -> str:
    return next((p.need for p in session.places if p.person_id == person_id), "")


def _differs(before: Session, after: Session) -> bool:
    return when_and_where(before) != when_and_where(after) or before.facilitator_id != after.facilitator_id
