"""Coaching requests, what coaches say of themselves, times that are held, requests that were declined."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, or_, select, update

from devsys.adapters.store.queries.rows import table, upsert
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import AccountRow, GrantRow
from devsys.adapters.store.tables.coaching import (
    CoachingDeclineRow,
    CoachingHoldRow,
    CoachingPlanRow,
    CoachingRequestRow,
    CoachRow,
)
from devsys.adapters.store.tables.people import FacilitatorRow, PersonRow
from devsys.core.model.access import Role
from devsys.core.model.coaching import OPEN, Course, Declined, Desk, Offer, Request, State

_REQUEST, _COACH, _HOLD = table(CoachingRequestRow), table(CoachRow), table(CoachingHoldRow)
_DECLINE, _PLAN = table(CoachingDeclineRow), table(CoachingPlanRow)
_PERSON, _LEADS, _ACCOUNT, _GRANT = (table(t) for t in (PersonRow, FacilitatorRow, AccountRow, GrantRow))
_COLUMNS: Final = tuple(c for c in _REQUEST.c if c.name != "hope")


def one(db: Db, request_id: str, person_id: str) -> Request | None:
    """Give somebody's own request."""
    query = select(*_COLUMNS).where(_REQUEST.c.id == request_id, _REQUEST.c.person_id == person_id)
    found = db.execute(query).first()
    return None if found is None else _request(found)


def asked_of(db: Db, request_id: str, coach_id: str) -> Request | None:
    """Give a request that waits for a coach's answer; nobody else finds it so."""
    query = select(*_COLUMNS).where(
        _REQUEST.c.id == request_id, _REQUEST.c.coach_id == coach_id, _REQUEST.c.state == State.ASKED.value
    )
    found = db.execute(query).first()
    return None if found is None else _request(found)


def of_person(db: Db, person_id: str) -> tuple[Request, ...]:
    """Give all a person asked for, the newest first; a draft is among them."""
    query = select(*_COLUMNS).where(_REQUEST.c.person_id == person_id)
    rows = db.execute(query.order_by(_REQUEST.c.made.desc(), _REQUEST.c.id))
    return tuple(map(_request, rows))


def in_states(db: Db, states: Collection[State], *, coach_id: str | None = None) -> tuple[Request, ...]:
    """Give the requests in some states, the oldest first; of one coach when asked."""
    query = select(*_COLUMNS).where(_REQUEST.c.state.in_([s.value for s in states]))
    if coach_id is not None:
        query = query.where(_REQUEST.c.coach_id == coach_id)
    return tuple(map(_request, db.execute(query.order_by(_REQUEST.c.made, _REQUEST.c.id))))


def open_of(db: Db, person_id: str) -> Request | None:
    """Give the one request of a person that is open; before the one that runs, that for a change of its coach."""
    return foremost(of_person(db, person_id))


def foremost(requests: Iterable[Request]) -> Request | None:
    """Give of some requests the open one that a person is to look at now."""
    return min((r for r in requests if r.state in OPEN), key=lambda r: r.state is State.RUNNING, default=None)


def told_of(db: Db, request_id: str) -> str:
    """Give who asked, where they wanted their lead to know and it is open still; empty otherwise."""
    query = select(_REQUEST.c.person_id).where(
        _REQUEST.c.id == request_id, _REQUEST.c.tell_lead, _REQUEST.c.state.in_([s.value for s in OPEN])
    )
    return str(db.execute(query).scalar() or "")


def hope(db: Db, request_id: str) -> str:
    """Give what somebody hopes for. Who may read it is for the caller to decide."""
    found = db.execute(select(_REQUEST.c.hope).where(_REQUEST.c.id == request_id)).scalar()
    return unseal(db, CoachingRequestRow, "hope", request_id, found)


def keep(db: Db, request: Request, hope_: str | None = None) -> None:
    """Keep a request as it is now, with what is hoped for where that is given."""
    values: dict[str, Any] = {
        "id": request.id,
        "person_id": request.person_id,
        "state": request.state.value,
        "activity": request.activity,
        "principle": request.principle,
        "preferred": _preferred_text(request.preferred),
        "language": request.language,
        "former_id": request.former_id,
        "not_lead": request.not_lead,
        "tell_lead": request.tell_lead,
        "made": request.made,
        "changed": request.changed,
        "ended": request.ended,
        "offers": json.dumps([_offer_text(o) for o in request.offers]),
        "passed": json.dumps(list(request.passed)),
        "promised": request.promised,
        "opens": request.opens,
        "why": request.why,
        "coach_id": request.coach_id,
        "plan_id": request.plan_id,
        "served": request.served,
    }
    if hope_ is not None:
        values["hope"] = seal(db, CoachingRequestRow, "hope", request.id, hope_)
    upsert(db, CoachingRequestRow, [values])


def drop(db: Db, request_id: str) -> None:
    """Forget a request: a draft that was given up."""
    db.execute(delete(_REQUEST).where(_REQUEST.c.id == request_id))


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        person_id=row.person_id,
        state=State(row.state),
        activity=row.activity,
        principle=row.principle,
        preferred=preferred(row.preferred),
        made=row.made,
        changed=row.changed,
        language=row.language,
        former_id=row.former_id,
        not_lead=row.not_lead,
        tell_lead=row.tell_lead,
        ended=row.ended,
        offers=tuple(map(_offer, json.loads(row.offers))),
        passed=tuple(json.loads(row.passed)),
        promised=row.promised,
        opens=row.opens,
        why=row.why,
        coach_id=row.coach_id,
        plan_id=row.plan_id,
        served=row.served,
    )


def preferred(text: str) -> tuple[tuple[int, time, time], ...]:
    """Read wished times as they are kept."""
    return tuple((day, time.fromisoformat(begin), time.fromisoformat(end)) for day, begin, end in json.loads(text))


def _preferred_text(wished: Iterable[tuple[int, time, time]]) -> str:
    return json.dumps([[d, b.strftime("%H:%M"), e.strftime("%H:%M")] for d, b, e in wished])


def _offer(kept: Mapping[str, Any]) -> Offer:
    return Offer(
        key=kept["key"],
        coach_id=kept["coach"],
        starts=tuple(map(datetime.fromisoformat, kept["starts"])),
        anchor=datetime.fromisoformat(kept["anchor"]),
        steps=kept["steps"],
        wished=kept["wished"],
        spare=kept["spare"],
    )


def _offer_text(offer: Offer) -> Mapping[str, object]:
    return {
        "key": offer.key,
        "coach": offer.coach_id,
        "starts": [s.astimezone(UTC).isoformat() for s in offer.starts],
        "anchor": offer.anchor.isoformat(),
        "steps": offer.steps,
        "wished": offer.wished,
        "spare": offer.spare,
    }


# ---- coaches


@dataclass(frozen=True, slots=True)
class Coaching:
    """Somebody who leads sessions and has an account as coach: what they hold, and what they said of themselves."""

    person_id: str
    name: str
    qualifications: frozenset[str]
    desk: Desk | None


def coaches(db: Db, today: date) -> tuple[Coaching, ...]:
    """Give those who can be asked to coach: they lead sessions, and have an open account with that role."""
    query = (
        select(
            _PERSON.c.id,
            _PERSON.c.name,
            _LEADS.c.qualifications,
            _COACH.c.most,
            _COACH.c.paused,
            _COACH.c.languages,
        )
        .join(_LEADS, _LEADS.c.person_id == _PERSON.c.id)
        .join(_ACCOUNT, _ACCOUNT.c.person_id == _PERSON.c.id)
        .join(_GRANT, _GRANT.c.person_id == _PERSON.c.id)
        .join(_COACH, _COACH.c.person_id == _PERSON.c.id, isouter=True)
        .where(_ACCOUNT.c.active, _GRANT.c.role == Role.COACH.value)
        .where(or_(_PERSON.c.left.is_(None), _PERSON.c.left > today))
        .order_by(_PERSON.c.name, _PERSON.c.id)
        .distinct()
    )
    return tuple(
        Coaching(
            row.id,
            row.name,
            frozenset(q for q in row.qualifications.split("|") if q),
            None if row.most is None else _desk(row.id, row),
        )
        for row in db.execute(query)
    )


def desk(db: Db, person_id: str) -> Desk | None:
    """Give what a coach said of themselves; None while they said nothing."""
    row = db.execute(select(_COACH).where(_COACH.c.person_id == person_id)).first()
    return None if row is None else _desk(person_id, row)


def _desk(person_id: str, row: Row[Any]) -> Desk:
    return Desk(person_id, row.most, row.paused, tuple(word for word in row.languages.split("|") if word))


def set_desk(db: Db, said: Desk, now: datetime) -> None:
    """Keep what a coach says of themselves."""
    values = {
        "person_id": said.person_id,
        "most": said.most,
        "paused": said.paused,
        "languages": "|".join(said.languages),
        "changed": now,
    }
    upsert(db, CoachRow, [values])


def loads(db: Db) -> Mapping[str, int]:
    """Give how many series each coach has: plans that run, and requests they have not answered."""
    running = select(_PLAN.c.coach_id, func.count()).where(_PLAN.c.state == Course.RUNNING.value)
    asked = select(_REQUEST.c.coach_id, func.count()).where(_REQUEST.c.state == State.ASKED.value)
    found: dict[str, int] = {}
    for query, column in ((running, _PLAN.c.coach_id), (asked, _REQUEST.c.coach_id)):
        for coach_id, count in db.execute(query.group_by(column)):
            if coach_id:
                found[coach_id] = found.get(coach_id, 0) + count
    return found


def leads_of(db: Db, person_id: str) -> frozenset[str]:
    """Give who leads the team of a person: those with that role for the team, or for all teams who belong to it."""
    own = select(_PERSON.c.team_id).where(_PERSON.c.id == person_id).scalar_subquery()
    query = (
        select(_GRANT.c.person_id)
        .join(_PERSON, _PERSON.c.id == _GRANT.c.person_id)
        .where(_GRANT.c.role == Role.LEAD.value)
        .where(or_(_GRANT.c.team_id == own, (_GRANT.c.team_id == "") & (_PERSON.c.team_id == own)))
    )
    return frozenset(db.execute(query).scalars())


# ---- times that are held


def holds(db: Db) -> Mapping[str, tuple[datetime, ...]]:
    """Give the starts that are held, by request."""
    query = select(_HOLD.c.request_id, _HOLD.c.starts_utc).order_by(_HOLD.c.starts_utc)
    found: dict[str, list[datetime]] = {}
    for request_id, starts in db.execute(query):
        found.setdefault(request_id, []).append(starts)
    return {request_id: tuple(starts) for request_id, starts in found.items()}


def hold(db: Db, request_id: str, coach_id: str, starts: Sequence[datetime]) -> bool:
    """Hold starts of a coach for a request; False when one of them is held already. Then nothing is kept."""
    taken = select(func.count()).where(_HOLD.c.coach_id == coach_id, _HOLD.c.starts_utc.in_(starts))
    if db.execute(taken).scalar():
        return False
    rows = [{"coach_id": coach_id, "starts_utc": start, "request_id": request_id} for start in starts]
    db.execute(insert(_HOLD), rows)
    return True


def let_go(db: Db, request_id: str) -> None:
    """Hold nothing for a request any more."""
    db.execute(delete(_HOLD).where(_HOLD.c.request_id == request_id))


@dataclass(frozen=True, slots=True)
class Declining:
    """A coach declined, and why; whose request it was is not kept."""

    id: str
    coach_id: str
    activity: str
    reason: Declined
    at: datetime


def decline(db: Db, declined_: Declining) -> None:
    """Keep that a coach declined."""
    db.execute(insert(_DECLINE).values(**{**asdict(declined_), "reason": declined_.reason.value}))


def declined(db: Db, since: datetime) -> tuple[Declining, ...]:
    """Give what was declined since a moment, the newest first."""
    rows = db.execute(select(_DECLINE).where(_DECLINE.c.at >= since).order_by(_DECLINE.c.at.desc(), _DECLINE.c.id))
    return tuple(Declining(r.id, r.coach_id, r.activity, Declined(r.reason), r.at) for r in rows)


def waits(db: Db, since: datetime) -> tuple[tuple[str, datetime, datetime | None], ...]:
    """Give who asked since a moment: person, when, and when their first session was agreed (None: not yet)."""
    query = select(_REQUEST.c.person_id, _REQUEST.c.made, _REQUEST.c.served)
    rows = db.execute(query.where(_REQUEST.c.state != State.DRAFT.value, _REQUEST.c.made >= since))
    return tuple((person, made, served) for person, made, served in rows)


def close(db: Db, plan_id: str, now: datetime) -> None:
    """End the request a plan came of."""
    change = update(_REQUEST).where(_REQUEST.c.plan_id == plan_id, _REQUEST.c.state == State.RUNNING.value)
    db.execute(change.values(state=State.OVER.value, ended=now, changed=now))


def names(db: Db, person_ids: Collection[str]) -> Mapping[str, str]:
    """Give the names of some people."""
    query = select(_PERSON.c.id, _PERSON.c.name).where(_PERSON.c.id.in_(list(person_ids)))
    return {row.id: row.name for row in db.execute(query)} if person_ids else {}


def forget_old(db: Db, before: datetime) -> int:
    """Forget what was declined, and requests that came to nothing, before a moment; give how many."""
    went = db.execute(delete(_DECLINE).where(_DECLINE.c.at < before).returning(_DECLINE.c.id)).all()
    idle = (_REQUEST.c.plan_id.is_(None), _REQUEST.c.changed < before)
    old = [State.DRAFT.value, State.OVER.value]
    gone = db.execute(delete(_REQUEST).where(_REQUEST.c.state.in_(old), *idle).returning(_REQUEST.c.id)).all()
    return len(went) + len(gone)
