"""Look at the conditions of a team: how each stands, which targets it has, what its agents may decide alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, calendar_figures, conditions
from devsys.adapters.store.queries.calendar_figures import Named
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.base.written import clock, plain_full_day
from devsys.core.conditions import now_standing
from devsys.core.model.access import Viewer
from devsys.core.model.conditions import MEASURES, STATES, Check, Direction, Leave, Look, Measure, State, Target, Unit
from devsys.core.policy import Record, scope

USUAL_LOOK: Final = timedelta(weeks=4)
LATEST_LOOK: Final = timedelta(days=366)
MOST_LINES: Final = 40  # targets, and things decided alone, of one team
# What a value may be, by its unit: more is a slip of the pen.
BOUNDS: Final[Mapping[Unit, tuple[float, float]]] = {
    Unit.SECONDS: (10, 14_400),
    Unit.MINUTES: (0.5, 240),
    Unit.AN_HOUR: (0.1, 500),
    Unit.PERCENT: (0, 100),
    Unit.QUARTER: (1, 30_000),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody found when they looked: how it stands since when, who sees to it, when it is looked at again.

    `seen` is the number of the look that stood when they did, 0 for none.
    """

    state: State
    since: date
    owner_id: str
    next_look: date
    note: str
    seen: int


def team_of(db: Db, viewer: Viewer, record: Record, action: str, team_id: str) -> Named:
    """Give a team whose record the viewer may read or write. Raises NotFoundError."""
    reach = scope(viewer, record, "write" if action == "write" else "read")
    team = calendar_figures.teams(db).get(team_id) if reach.covers(team_id=team_id) else None
    if team is None:
        raise NotFoundError(phrase("There is no such team."))
    return team


def look(parts: Parts, viewer: Viewer, team_id: str, check: Check, found: Found, *, today: date) -> None:
    """Write down a look at a condition; earlier ones stay.

    Raises NotFoundError; InvalidError by field; ConflictError when somebody looked meanwhile.
    """
    with parts.store.write() as db:
        team_of(db, viewer, "conditions", "write", team_id)
        reach = scope(viewer, "conditions", "write")
        last = now_standing(conditions.looks(db, reach, team_id=team_id)).get((team_id, check))
        if (last.number if last else 0) != found.seen and last is not None:
            raise ConflictError(
                phrase(
                    "%(by)s looked at it meanwhile, at %(at)s UTC, and found it %(state)s.",
                    by=last.by,
                    at=clock(last.at),
                    state=STATES[last.state],
                )
            )
        _refuse(found, last, frozenset(conditions.owners(db, team_id)), today)
        conditions.keep_look(
            db,
            team_id=team_id,
            check=check,
            state=found.state,
            since=found.since,
            on=today,
            at=parts.now(),
            by_id=viewer.person_id,
            owner_id=found.owner_id,
            next_look=found.next_look,
            note=found.note,
        )
        what = f"{team_id} {check.value} {found.state.value}"
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="look at condition", what=what)


def _refuse(found: Found, last: Look | None, owners: frozenset[str], today: date) -> None:
    faults = []
    if found.owner_id not in owners:
        faults.append(Fault("owner", phrase("Choose who sees to it.")))
    if found.since > today:
        faults.append(Fault("since", phrase("It cannot hold from a day to come.")))
    elif last is not None and found.since < last.since:
        faults.append(
            Fault(
                "since",
                phrase(
                    "The look before found it %(state)s since %(since)s; not before that.",
                    state=STATES[last.state],
                    since=plain_full_day(last.since),
                ),
            )
        )
    if not today < found.next_look <= today + LATEST_LOOK:
        faults.append(
            Fault("next_look", phrase("A day after today, until %(what)s.", what=plain_full_day(today + LATEST_LOOK)))
        )
    if found.state is not State.FINE and not found.note:
        faults.append(Fault("note", phrase("Say in a sentence what is wrong, so that others can help.")))
    if faults:
        raise InvalidError(phrase("Something in the form is missing or wrong."), tuple(faults))


def set_target(
    parts: Parts,
    viewer: Viewer,
    team_id: str,
    chosen: tuple[Measure, Unit, Direction],
    value: float,
    *,
    today: date,
) -> None:
    """Set a target of a team. Raises NotFoundError; InvalidError by field."""
    measure, unit, direction = chosen
    if unit not in MEASURES[measure][1]:
        raise InvalidError(
            phrase("This measure has another unit."), (Fault("measure", phrase("Choose one of these.")),)
        )
    least, most = BOUNDS[unit]
    if not least <= value <= most:
        raise InvalidError(
            phrase("The value is out of bounds."),
            (Fault("value", phrase("A number from %(least)s to %(most)s.", least=f"{least:g}", most=f"{most:g}")),),
        )
    with parts.store.write() as db:
        team_of(db, viewer, "conditions", "write", team_id)
        standing = conditions.targets(db, scope(viewer, "conditions", "write"), team_id=team_id)
        if any((t.measure, t.direction) == (measure, direction) for t in standing):
            what = phrase("It stands already; take it back first to set another value.")
            raise InvalidError(phrase("There is such a target."), (Fault("measure", what),))
        _not_too_many(len(standing), "value")
        target = Target(new_id(), team_id, measure, unit, direction, value)
        conditions.keep_target(db, target, by_id=viewer.person_id, since=today)
        what = f"{team_id} {measure.value}"
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="set target", what=what)


def end_target(parts: Parts, viewer: Viewer, team_id: str, target_id: str, *, today: date) -> None:
    """Take a target back; that it stood is kept. Raises NotFoundError."""
    with parts.store.write() as db:
        if not conditions.end_target(db, scope(viewer, "conditions", "write"), team_id, target_id, today):
            raise NotFoundError(phrase("There is no such target, or it was taken back."))
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="take back target", what=team_id)


def let_decide(
    parts: Parts, viewer: Viewer, team_id: str, what: str, *, amount: float | None, unit: str, today: date
) -> None:
    """Write down what an agent of a team may decide alone. Raises NotFoundError; InvalidError by field."""
    if amount is not None and not unit:
        raise InvalidError(
            phrase("An amount of what?"), (Fault("unit", phrase("Say what the amount counts: EUR, days.")),)
        )
    with parts.store.write() as db:
        team_of(db, viewer, "decides_alone", "write", team_id)
        standing = conditions.leaves(db, scope(viewer, "decides_alone", "write"), team_id=team_id)
        if any(one.what.casefold() == what.casefold() for one in standing):
            fault = Fault("what", phrase("It is on the list already; take it off to write another limit."))
            raise InvalidError(phrase("It is on the list."), (fault,))
        _not_too_many(len(standing), "what")
        leave = Leave(new_id(), team_id, what, amount, unit if amount is not None else "")
        conditions.keep_leave(db, leave, by_id=viewer.person_id, since=today)
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="let decide alone", what=team_id)


def end_leave(parts: Parts, viewer: Viewer, team_id: str, leave_id: str, *, today: date) -> None:
    """Take a line off the permission list. Raises NotFoundError."""
    with parts.store.write() as db:
        if not conditions.end_leave(db, scope(viewer, "decides_alone", "write"), team_id, leave_id, today):
            raise NotFoundError(phrase("It is not on the list, or no longer."))
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="take off list", what=team_id)


def _not_too_many(standing: int, field: str) -> None:
    if standing >= MOST_LINES:
        raise InvalidError(
            phrase("There are too many."),
            (Fault(field, phrase("A team has at most %(most_lines)s; take one back.", most_lines=MOST_LINES)),),
        )
