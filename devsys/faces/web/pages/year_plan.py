"""The year's plan as a list to keep: every session with day, time, place and teams, as CSV and as a workbook."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from flask import Blueprint
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import sessions, standing, visible
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.words import phrase
from devsys.core.model.calendar import Session, Status
from devsys.core.model.hours import instant_forward
from devsys.core.policy import allow
from devsys.faces.web.asked import week_code
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.pages.year import Asked, asked_for
from devsys.faces.web.session_values import Moment, Names, names, people_words, seen
from devsys.faces.web.xlsx_answer import Cell, Sheet, xlsx_answer

pages = Blueprint("year_plan", __name__)
HEADS: Final = ("week", "day", "starts", "ends", "zone", "kind", "session", "led by", "place", "who", "people", "state")


@pages.get("/year/plan.csv", endpoint="csv")
@allow("versions")
def as_csv() -> Response:
    """Give the plan of the year as a file."""
    wish, rows = _plan()
    said = ([_text(cell) for cell in row] for row in rows)
    return csv_answer(f"plan-{week_code(wish.stretch.first)}.csv", HEADS, said)


@pages.get("/year/plan.xlsx", endpoint="xlsx")
@allow("versions")
def as_xlsx() -> Response:
    """Give the plan of the year as a workbook."""
    wish, rows = _plan()
    first = week_code(wish.stretch.first)
    return xlsx_answer(
        f"plan-{first}.xlsx",
        phrase("Plan from %(first)s", first=first),
        Sheet(phrase("Plan from %(first)s", first=first), HEADS, rows),
    )


def _plan() -> tuple[Asked, list[list[Cell]]]:
    with parts().store.read() as db:
        wish = asked_for(db, reach_here())
        found, drafted = _sessions(db, wish)
        known = names(db)
    return wish, list(_rows(found, drafted, known))


def _sessions(db: Db, wish: Asked) -> tuple[tuple[Session, ...], frozenset[str]]:
    """Give the sessions of the stretch that stand, and which of them the draft changes."""
    zone = viewer().zone
    start = instant_forward(datetime.combine(wish.stretch.first, time()), zone)
    end = instant_forward(datetime.combine(wish.stretch.end, time()), zone)
    wanted = Wanted(start=start, end=end, team_id=wish.team.id if wish.team else None)
    reach = visible.reach(reach_here())
    if wish.draft is None:
        return sessions.published(db, wanted, reach), frozenset()
    drafted = standing.drafted_ids(db, wish.draft.id, start, end)
    found = sessions.as_drafted(db, wish.draft.id, wanted, reach)
    return tuple(s for s in found if s.status is Status.PLANNED), drafted


def _rows(found: Iterable[Session], drafted: frozenset[str], known: Names) -> Iterable[list[Cell]]:
    me = viewer()
    moment = Moment(now(), now() + timedelta(days=parts().settings.freeze_days), drafted)
    for session in found:
        one = seen(session, me, known, moment)
        yield [
            week_code(session.starts.date()),
            session.starts.date(),
            session.starts.time(),
            session.ends.time(),
            session.zone,
            one.kind.replace("_", " "),
            one.title,
            one.facilitator,
            one.place,
            people_words(session, known),
            len(session.people),
            one.state,
        ]


def _text(cell: Cell) -> str | float:
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    return cell if isinstance(cell, int | float) else str(cell)
