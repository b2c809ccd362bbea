"""A repaired plan as sessions of the calendar again: what changed keeps its id, and each change has its cause."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from devsys.core.model import calendar
from devsys.core.model.causes import (
    FACILITATOR_CHANGED,
    FOR_THE_QUEUE,
    JOINED,
    NO_FACILITATOR,
    NO_LONGER_FITS,
    NO_ROOM,
    ROOM_CHANGED,
    SOMEBODY,
)
from devsys.core.model.changes import content
from devsys.core.model.hours import instant_of, local
from devsys.core.planning import problem as plan
from devsys.core.planning.picture import Picture, new_session

# What is said of a session that is off, by the rule that it could not keep.
_OFF: Mapping[str, str] = {"facilitator": NO_FACILITATOR, "room": NO_ROOM, "coverage": FOR_THE_QUEUE}
# And of one that is held at another time or without some of its people.
_OTHERWISE: Mapping[str, str] = {
    "facilitator": FACILITATOR_CHANGED,
    "room": ROOM_CHANGED,
    "coverage": FOR_THE_QUEUE,
}


def mended(
    drawn: Picture,
    after: Iterable[plan.Session],
    rules: Mapping[str, str],
    new_id: Callable[[], str],
    new_uid: Callable[[str], str],
    *,
    besides: Mapping[str, str] = MappingProxyType({}),
) -> tuple[calendar.Session, ...]:
    """Give the sessions of the calendar that a repair changes, opens or takes off, each as it is after it.

    `after` are all sessions of the picture as they would be; `rules` says by id which rule (a code of `RULES`) a
    session could not keep, `besides` for which rule another one changes that could. New ones get ids of `new_id` and
    carry no stamps.
    """
    stood = {s.id: s for s in drawn.problem.pinned}
    held = {s.id: s for s in after}
    every = {**besides, **rules}
    found = [_off(drawn.kept[id_], every.get(id_, "")) for id_ in stood if id_ not in held]
    for id_, session in held.items():
        before = stood.get(id_)
        if before is None:
            fresh = new_id()
            found.append(replace(new_session(drawn, session, fresh, new_uid(fresh)), cause=JOINED))
        elif session != before:
            changed = _changed(drawn, before, session)
            cause = _cause(drawn.kept[id_], changed, every.get(id_, ""), could=id_ not in rules)
            found.append(replace(changed, cause=cause))
    real = (s for s in found if s.id not in drawn.kept or content(s) != content(drawn.kept[s.id]))
    return tuple(sorted(real, key=lambda s: (s.starts_utc, s.id)))


def _off(session: calendar.Session, rule: str) -> calendar.Session:
    cause = _OFF.get(rule, SOMEBODY if rule == "at_work" else NO_LONGER_FITS)
    return replace(session, status=calendar.Status.CANCELLED, cause=cause)


def _changed(drawn: Picture, before: plan.Session, after: plan.Session) -> calendar.Session:
    """Give a kept session with what the repair gave it; what it left alone stays to the minute."""
    session = drawn.kept[before.id]
    if after.start != before.start:
        starts = instant_of(after.start, drawn.horizon)
        session = replace(session, starts_utc=starts, starts=local(starts, session.zone))
    if after.fac != before.fac:
        session = replace(session, facilitator_id=after.fac)
    if after.room != before.room:
        session = replace(session, room_id=after.room)
    if set(after.att) != set(before.att):
        session = replace(session, places=_places(drawn, session, before, after))
    return session


def _places(
    drawn: Picture, session: calendar.Session, before: plan.Session, after: plan.Session
) -> tuple[calendar.Place, ...]:
    """Seat whom the repair seats; people the planner does not see (who lead themselves) keep their places."""
    needs = drawn.problem.needs
    was = {p.person_id: p for p in session.places}
    gone = {needs[n].agent for n in before.att} - {needs[n].agent for n in after.att}
    kept = {person: place for person, place in was.items() if person not in gone}
    for n in after.att:
        if n not in before.att:
            need = drawn.needs[n]
            kept[needs[n].agent] = calendar.Place(needs[n].agent, need.key if need is not None else "")
    return tuple(sorted(kept.values(), key=lambda p: p.person_id))


def _cause(before: calendar.Session, after: calendar.Session, rule: str, *, could: bool) -> str:
    """Say why a session is otherwise: by what changed in it, and by the rule that it, or another, could not keep.

    `could` says that it could have stayed, but for the others.
    """
    if before.starts_utc == after.starts_utc:
        if before.facilitator_id != after.facilitator_id:
            return FACILITATOR_CHANGED
        if before.room_id != after.room_id:
            return ROOM_CHANGED
        if could and after.people - before.people:
            return JOINED
    return _OTHERWISE.get(rule, SOMEBODY if rule == "at_work" else NO_LONGER_FITS)
