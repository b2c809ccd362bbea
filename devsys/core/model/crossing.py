"""A draft's change to a session beside what was published meanwhile: put together part by part, as far as they agree.

Parts are the time, who leads, the room, who comes, and whether it is held at all. Where both changed the same part
otherwise, the draft's word stays and somebody has to look at it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from devsys.core.model.calendar import Session, Status


@dataclass(frozen=True, slots=True)
class Crossing:
    """A drafted session laid on what is published now; `agreed` is False where the two say different things."""

    session: Session
    agreed: bool


def _time(s: Session) -> tuple[Any, ...]:
    return (s.starts, s.zone, s.starts_utc, s.minutes)


def _part(drafted: Session, base: Session, now: Session, read: Callable[[Session], Any]) -> tuple[Any, bool]:
    """Give a part as it should be and whether draft and plan agree: whoever left it alone gives way."""
    mine, was, theirs = read(drafted), read(base), read(now)
    if mine in (was, theirs):
        return theirs, True
    return mine, theirs == was


def crossing(drafted: Session, base: Session, now: Session) -> Crossing:
    """Give a draft's session laid on the published one: `base` as it was when it was drafted, `now` as it is.

    One that was cancelled meanwhile stays as the draft has it: whether it is held after all is for a person to say.
    """
    if now.status is Status.CANCELLED and drafted.status is not Status.CANCELLED:
        return Crossing(replace(drafted, sequence=now.sequence), agreed=False)
    if drafted.status is Status.CANCELLED:
        same = replace(now, status=Status.CANCELLED, cause=drafted.cause)
        return Crossing(same, agreed=True)
    time, a = _part(drafted, base, now, _time)
    leader, b = _part(drafted, base, now, lambda s: s.facilitator_id)
    room, c = _part(drafted, base, now, lambda s: s.room_id)
    starts, zone, starts_utc, minutes = time
    come, gone = drafted.people - base.people, base.people - drafted.people
    places = [p for p in now.places if p.person_id not in gone]
    places += [p for p in drafted.places if p.person_id in come and p.person_id not in now.people]
    laid = replace(
        now,
        starts=starts,
        zone=zone,
        starts_utc=starts_utc,
        minutes=minutes,
        facilitator_id=leader,
        room_id=room,
        places=tuple(sorted(places, key=lambda p: p.person_id)),
        cause=drafted.cause,
    )
    return Crossing(laid, agreed=a and b and c)
