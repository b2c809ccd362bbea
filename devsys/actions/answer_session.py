"""A person says whether they come to a session; who cannot takes another date that fits, or leaves it owed.

Why is not asked. `look` gives what an answer could do and only reads; `come` and `decline` write. What is chosen is
published alone, as repairs are, when the verifier finds nothing against it. Where the session could not go on without
the person, the seat stays until a coordinator repairs it: the calendar is judged as if they were away at that time.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from devsys.actions import look_near
from devsys.actions.brief import see
from devsys.actions.counting import Said
from devsys.actions.parts import Parts
from devsys.actions.publish_small import Publishing, Small, against, brief_of, differing
from devsys.adapters.store.queries import answers, asks, audit, house, sessions
from devsys.adapters.store.queries.answers import CANNOT, YES, Answer
from devsys.adapters.store.queries.asks import What
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase, to_keep, to_phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Place, Session, Status
from devsys.core.model.causes import JOINED, OTHER_DATE, SOMEBODY, of_answer
from devsys.core.model.hours import instant_of, local, slot_from
from devsys.core.planning.check import Violation
from devsys.core.planning.elsewhere import Seat, seats_elsewhere
from devsys.core.planning.picture import Picture

TRIES: Final = 3
DATES: Final = 2  # other dates that are offered
NEVER: Final = 1_000_000  # more places than any session has
TRIED: Final = 8  # of those the board finds, how many the verifier is asked about
MOST_WEEKS: Final = 60
NOTICE: Final = timedelta(days=1)  # nobody is offered a date at shorter notice
DID_NOT_SUIT: Said = ("other_date", to_keep("The date did not suit"))
_TRY_AGAIN: Final = to_phrase("The calendar is being changed right now. Nothing was changed; try again.")
_TAKEN: Final = to_phrase("That place was taken meanwhile. Nothing was changed; choose among the dates that fit now.")


@dataclass(frozen=True, slots=True)
class Date:
    """Another date: `key` names it, `session` is the one to come to (as it would be), `before` the one it was.

    `changed` are the sessions it changes; the verifier found nothing against them.
    """

    key: str
    session: Session
    changed: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody may answer to a session: `said` is the answer that stands, None while there is none.

    `dates` are other dates that fit. `may_leave` says that the seat can be given back at once; where it cannot,
    `stands_on` are the rules that would break without the person, and a coordinator settles it.
    """

    session: Session
    said: Answer | None
    dates: tuple[Date, ...]
    may_leave: bool
    stands_on: tuple[Violation, ...]


class Outcome(StrEnum):
    """What came of saying that one cannot come."""

    MOVED = "moved"
    OWED = "owed"
    ASKED = "asked"  # a coordinator settles it


@dataclass(frozen=True, slots=True)
class Declined:
    """What came of it; `session` is the date taken, None without one."""

    outcome: Outcome
    session: Session | None = None


def said(parts: Parts, viewer: Viewer, session_id: str) -> tuple[Session, Answer | None]:
    """Give a session the viewer has a seat in, on or off, and what they answered to it. Raises NotFoundError."""
    with parts.store.read() as db:
        session = _session(db, viewer, session_id)
        return session, _answer(db, viewer, session)


def look(parts: Parts, viewer: Viewer, session_id: str) -> Offer:
    """Give what the viewer may answer to a session they have a seat in, with other dates that fit.

    It only reads. Raises NotFoundError; ConflictError when it was cancelled; InvalidError once it has begun.
    """
    return _thought_out(parts, viewer, session_id)


def come(parts: Parts, viewer: Viewer, session_id: str) -> Session:
    """Keep that the viewer comes; also after a no, while the seat is still theirs. Raises as `look` does."""
    with parts.store.write() as db:
        session = _session(db, viewer, session_id)
        _ahead(session, parts.now())
        _keep(db, parts, viewer, session, YES)
    return session


def decline(parts: Parts, viewer: Viewer, session_id: str, *, date: str = "") -> Declined:
    """Keep that the viewer cannot come, and publish what follows: the date with this key taken, or the need owed.

    Raises as `look` does, and ConflictError when the date was taken meanwhile or the calendar does not stand still.
    """
    for _ in range(TRIES):
        offer = _thought_out(parts, viewer, session_id)
        chosen = next((d for d in offer.dates if d.key == date), None)
        if date and chosen is None:
            raise ConflictError(_TAKEN)
        if chosen is None and not offer.may_leave:
            if _ask(parts, viewer, offer.session):
                return Declined(Outcome.ASKED)
            continue
        if _publish(parts, viewer, offer.session, chosen):
            return Declined(Outcome.MOVED, chosen.session) if chosen else Declined(Outcome.OWED)
    raise ConflictError(_TRY_AGAIN)


def _thought_out(parts: Parts, viewer: Viewer, session_id: str) -> Offer:
    now = parts.now()
    with parts.store.read() as db:
        session = _session(db, viewer, session_id)
        answer = _answer(db, viewer, session)
        _ahead(session, now)
        kept = Counter(a.session_id for a in asks.open_of(db, What.SEAT, now) if a.person_id != viewer.person_id)
        said = answers.of_person(db, viewer.person_id).values()
        kept.update({a.session_id: NEVER for a in said if not a.comes})  # a date they refused is not offered again
        horizon = look_near.weeks_until(now, session.starts_utc, look_near.WEEKS_AFTER)
        seat, brief = look_near.seat_of(db, now, viewer.person_id, session, horizon)
        stands_on = against(brief, _left(session, viewer.person_id, SOMEBODY))
        found: list[Date] = []
        tried = 0
        for part, ids in _parts_of(db, seat, brief):
            for date in _dates(part, viewer, session, kept, ids, horizon):
                if _same_day(date, found):
                    continue
                tried += 1
                if not against(part, date.changed):
                    found.append(date)
                if len(found) == DATES or tried == TRIED:
                    return Offer(session, answer, tuple(found), not stands_on, stands_on)
    return Offer(session, answer, tuple(found), not stands_on, stands_on)


def _parts_of(db: Db, seat: look_near.Seat | None, brief: Brief) -> Iterator[tuple[Brief, frozenset[str]]]:
    """Give part by part what dates are looked for in, the soonest first: a brief, and the sessions with a seat in it.

    For who could be alone in a session any time comes in question, and all is looked at together.
    """
    if seat is None:
        return
    if seat.activity.group[0] == 1:
        part = look_near.anywhere(db, seat, brief)
        yield part, part.scope.whole if part.scope else frozenset()
        return
    for row in look_near.sessions_for(db, seat):
        yield look_near.among(db, seat, row, brief.now), frozenset(s.id for s in row)


def _session(db: Db, viewer: Viewer, session_id: str) -> Session:
    found = sessions.published(db, sessions.Wanted(ids=frozenset({session_id}), planned_only=False))
    if not found or viewer.person_id not in found[0].people:
        raise NotFoundError(phrase("You have no place in such a session."))
    return found[0]


def _answer(db: Db, viewer: Viewer, session: Session) -> Answer | None:
    found = answers.of_sessions(db, [session.id]).get((session.id, viewer.person_id))
    return found if found is not None and found.about(session) else None


def _ahead(session: Session, now: datetime) -> None:
    if session.status is Status.CANCELLED:
        raise ConflictError(phrase("This session was cancelled. There is nothing to answer."))
    if session.starts_utc <= now:
        raise InvalidError(phrase("The session has begun. Who was there is marked by who leads it."))


def _keep(db: Db, parts: Parts, viewer: Viewer, session: Session, says: str) -> None:
    """Keep an answer; one that changes who counts as away changes what a plan depends on."""
    before = _answer(db, viewer, session)
    answers.keep(db, Answer(session.id, viewer.person_id, says, session.sequence, parts.now()))
    if (before is not None and before.says == CANNOT) != (says == CANNOT):
        house.next_revision(db)


def _ask(parts: Parts, viewer: Viewer, session: Session) -> bool:
    """Keep that somebody cannot come while their seat stays; False when the session changed meanwhile."""
    with parts.store.write() as db:
        if _session(db, viewer, session.id) != session:
            return False
        _keep(db, parts, viewer, session, CANNOT)
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="answer session", what=f"session {session.id}")
    return True


def _publish(parts: Parts, viewer: Viewer, session: Session, chosen: Date | None) -> bool:
    """Publish what follows from an answer; False when something it was thought out on changed meanwhile."""
    changed = chosen.changed if chosen else _left(session, viewer.person_id, SOMEBODY)
    with parts.store.read() as db:
        brief = brief_of(db, changed, parts.now())
    if against(brief, changed):
        return False
    key = next(p.need for p in session.places if p.person_id == viewer.person_id)
    small = Small(
        brief=brief,
        changed=changed,
        differences=differing(brief, changed),
        owed={} if chosen or not key else {key: DID_NOT_SUIT},
        cause=of_answer(OTHER_DATE if chosen else SOMEBODY),
        act="answer session",
        weeks=MOST_WEEKS,
    )
    publishing = Publishing(parts, small)
    with parts.store.write() as db:
        if not publishing.still(db):
            return False
        answers.keep(db, Answer(session.id, viewer.person_id, CANNOT, session.sequence, parts.now()))
        publishing.write(db, viewer.person_id)
        if chosen is not None:  # what they choose they come to, also where they said once that they cannot
            sequence = chosen.session.sequence + (chosen.session.id == session.id)
            answers.keep(db, Answer(chosen.session.id, viewer.person_id, YES, sequence, parts.now()))
    return True


def _left(session: Session, person_id: str, cause: str) -> tuple[Session, ...]:
    """Give a session without somebody; cancelled where nobody is left."""
    places = tuple(p for p in session.places if p.person_id != person_id)
    if not places:
        return (replace(session, status=Status.CANCELLED, cause=cause),)
    return (replace(session, places=places, cause=cause),)


def _same_day(date: Date, found: list[Date]) -> bool:
    return any(d.session.starts.date() == date.session.starts.date() for d in found)


def _dates(  # noqa: PLR0917 -- what a date is looked for by
    brief: Brief,
    viewer: Viewer,
    session: Session,
    kept: Mapping[str, int],
    ids: frozenset[str],
    horizon: Horizon,
) -> Iterator[Date]:
    """Give dates that the planner's board finds for a seat, the best first, as they would be published.

    Of the sessions held anyway those of `ids`, which the brief knows whole.
    """
    view = see(brief, horizon, kept=brief.published, new_from=brief.now + NOTICE)
    need = _position(view, viewer.person_id, session.id)
    if need is None:
        return
    problem = view.problem
    if view.needs[need] is None:  # a seat given by hand, which answers no need: any date to come will do
        needs = list(problem.needs)
        needs[need] = replace(
            needs[need], earliest=slot_from(brief.now, horizon), due=problem.slots, latest=problem.slots
        )
        problem = replace(problem, needs=tuple(needs))
    for seat in seats_elsewhere(problem, problem.pinned, need, kept=kept):
        held_anyway = seat.session.id in view.kept and not seat.own
        if not (seat.own and session.pinned) and (not held_anyway or seat.session.id in ids):
            yield _date(view, viewer, session, seat)


def _position(view: Picture, person_id: str, session_id: str) -> int | None:
    """Give the position of somebody's need in a session; None where the planner does not see the seat."""
    for planned in view.problem.pinned:
        if planned.id == session_id:
            return next((n for n in planned.att if view.problem.needs[n].agent == person_id), None)
    return None


def _date(view: Picture, viewer: Viewer, session: Session, seat: Seat) -> Date:
    place = next(p for p in session.places if p.person_id == viewer.person_id)
    known = view.kept.get(seat.session.id)
    if known is not None and not seat.own:
        taken = replace(known, places=_sorted((*known.places, place)), cause=JOINED)
        changed = (*_left(session, viewer.person_id, OTHER_DATE), taken)
    else:
        starts = instant_of(seat.start, view.horizon)
        fresh = new_id()
        base = session if seat.own else replace(session, id=fresh, uid=fresh + new_id(), sequence=0, created=None)
        taken = replace(
            base,
            starts_utc=starts,
            starts=local(starts, session.zone),
            facilitator_id=seat.session.fac,
            room_id=seat.session.room,
            places=(place,),
            cause=OTHER_DATE,
        )
        changed = (taken,) if seat.own else (*_left(session, viewer.person_id, OTHER_DATE), taken)
    return Date(_key(seat.session.id if known is not None else "", taken), taken, changed)


def _sorted(places: tuple[Place, ...]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda p: p.person_id))


def _key(session_id: str, taken: Session) -> str:
    """Name a date: the same for the same date, whenever it is looked for."""
    said_ = repr((session_id, taken.starts_utc.isoformat(), taken.facilitator_id, taken.room_id))
    return hashlib.sha256(said_.encode()).hexdigest()[:12]
