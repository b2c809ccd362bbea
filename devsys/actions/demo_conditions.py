"""Conditions of the demo: most fine, one red for weeks, targets that contradict, what may be decided alone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from devsys.adapters.store.queries import calendar_figures, conditions
from devsys.adapters.store.store import Db
from devsys.base.ids import new_id
from devsys.core.model.conditions import Check, Direction, Leave, Measure, State, Target, Unit

# Of the lead's own team: check -> looks, each (weeks ago, how it stood, what was found).
_LOOKS: Final = {
    Check.VOLUME: ((9, "strained", "Daily lists count calls, not what came back."), (2, "fine", "")),
    Check.STAFFING: (
        (18, "fine", ""),
        (10, "strained", "Two people left, one place is filled."),
        (6, "red", "Friday afternoons run two short; rounds are the first thing to go."),
        (2, "red", "Still one place open. A vacancy is out."),
    ),
    Check.CONTROL: ((12, "fine", "No script, no timed breaks."),),
    Check.PERMISSION: (
        (14, "strained", "Every refund above 10 EUR went to the lead."),
        (4, "fine", "Refunds up to 50 EUR are theirs now."),
    ),
    Check.TARGETS: ((3, "strained", "Handle time and first contact pull apart; see below."),),
}
_TARGETS: Final = (
    (Measure.HANDLE_TIME, Unit.SECONDS, Direction.AT_MOST, 240),
    (Measure.FIRST_CONTACT, Unit.PERCENT, Direction.AT_LEAST, 75),
    (Measure.UTILISATION, Unit.PERCENT, Direction.AT_LEAST, 95),
    (Measure.SATISFACTION, Unit.PERCENT, Direction.AT_LEAST, 85),
)
_ALONE: Final = (
    ("Refund", 50.0, "EUR"),
    ("Send it again", None, ""),
    ("Move a payment", 14.0, "days"),
    ("Call back later in the day", None, ""),
)
_OTHERS: Final = 4  # further teams that were looked at, a few checks each
_AGAIN: Final = timedelta(weeks=5)


def fill(db: Db, *, team_id: str, lead_id: str, coordinator_id: str, today: date) -> None:
    """Write the register: the lead's team whole, with a red condition; some other teams, one look of them overdue."""
    for check, looks in _LOOKS.items():
        since, before = today, ""
        for weeks, state, note in looks:
            on = today - timedelta(weeks=weeks)
            since, before = (since if state == before else on), state
            _look(db, team_id, check, State(state), since=since, on=on, owner_id=lead_id, note=note)
    start = today - timedelta(weeks=30)
    for measure, unit, direction, value in _TARGETS:
        conditions.keep_target(
            db, Target(new_id(), team_id, measure, unit, direction, value), by_id=lead_id, since=start
        )
    for what, amount, unit_word in _ALONE:
        conditions.keep_leave(db, Leave(new_id(), team_id, what, amount, unit_word), by_id=lead_id, since=start)
    others = [one for one in calendar_figures.teams(db) if one != team_id][:_OTHERS]
    for number, other in enumerate(others):
        for place, check in enumerate(Check):
            if (number + place) % 3:
                weeks = 6 if number == 0 and place == 1 else 1 + (number + place) % 4
                on = today - timedelta(weeks=weeks)
                state = State.STRAINED if (number, place) == (1, 3) else State.FINE
                note = "The list of what may be decided alone is two lines long." if state is State.STRAINED else ""
                _look(db, other, check, state, since=on, on=on, owner_id=coordinator_id, note=note)


def _look(db: Db, team_id: str, check: Check, state: State, *, since: date, on: date, owner_id: str, note: str) -> None:
    conditions.keep_look(
        db,
        team_id=team_id,
        check=check,
        state=state,
        since=since,
        on=on,
        at=datetime.combine(on, time(9), UTC),
        by_id=owner_id,
        owner_id=owner_id,
        next_look=on + _AGAIN,
        note=note,
    )
