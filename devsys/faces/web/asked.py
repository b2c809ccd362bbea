"""What an address asks of the calendar: weeks, months, days, drafts; odd values give the usual answer."""

import re
from datetime import date, datetime, timedelta
from typing import Final

from flask import request

from devsys.adapters.store.queries import plans
from devsys.adapters.store.queries.plans import Draft
from devsys.adapters.store.store import Db
from devsys.base.errors import NotFoundError
from devsys.base.limits import FIRST_YEAR, YEARS_AHEAD
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.hours import SLOT_SECONDS, instant_forward, monday_of
from devsys.core.policy import scope

_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
QUARTER_STARTS: Final = (1, 14, 27, 40)


def week_code(monday: date) -> str:
    """Give the ISO week of a day as addresses write it: 2027-W12."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def _possible(day: date, today: date) -> bool:
    return FIRST_YEAR <= day.year <= today.year + YEARS_AHEAD


def week(name: str, today: date) -> date | None:
    """Give the Monday an address asks for by ISO week (2027-W12) or by any day of the week; None when it does not."""
    text = request.args.get(name, "")
    found = _WEEK.fullmatch(text)
    try:
        day = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else date.fromisoformat(text)
    except ValueError:
        return None
    return monday_of(day) if _possible(day, today) else None


def day(name: str, today: date) -> date | None:
    """Give the day an address asks for (2027-03-23), None when it does not."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if _possible(found, today) else None


def month(name: str, today: date) -> date:
    """Give the first day of the month an address asks for (2027-03); that of today when it does not."""
    found = _MONTH.fullmatch(request.args.get(name, ""))
    try:
        first = date(int(found[1]), int(found[2]), 1) if found else today.replace(day=1)
    except ValueError:
        first = today.replace(day=1)
    return first if _possible(first, today) else today.replace(day=1)


def quarter_start(day: date) -> date:
    """Give the Monday on which the quarter of a day begins: ISO weeks 1, 14, 27 and 40."""
    year, number, _ = day.isocalendar()
    return date.fromisocalendar(year, max(q for q in QUARTER_STARTS if q <= number), 1)


def quarter_before(monday: date) -> date:
    """Give the start of the quarter before the one that begins on `monday`."""
    return quarter_start(monday - timedelta(days=7))


def quarter_after(monday: date) -> date:
    """Give the start of the quarter after the one of `monday`."""
    year, number, _ = monday.isocalendar()
    later = [q for q in QUARTER_STARTS if q > number]
    return date.fromisocalendar(year, later[0], 1) if later else date.fromisocalendar(year + 1, 1, 1)


def year_after(monday: date) -> date:
    """Give the Monday on which the same quarter begins a year later: 52 or 53 weeks."""
    for _ in QUARTER_STARTS:
        monday = quarter_after(monday)
    return monday


def on_grid(wall: datetime, zone: str) -> datetime:
    """Give the first half hour of a site at or after a wall time: at UTC+5:45 they lie at a quarter past and to."""
    over = int(instant_forward(wall, zone).timestamp()) % SLOT_SECONDS
    return wall + timedelta(seconds=SLOT_SECONDS - over) if over else wall


def start(zone: str, today: date) -> datetime | None:
    """Give the start an address asks about, naive local time of `zone`, on the site's half hours; None for none.

    From the grid comes `at=2027-03-23T14:30`, from the form `on=2027-03-23&time=14:30`.
    """
    given = request.args.get("at", "") or "T".join(request.args.get(name, "") for name in ("on", "time"))
    try:
        found = datetime.fromisoformat(given).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        return None
    return on_grid(found, zone) if _possible(found.date(), today) else None


def draft(db: Db, viewer: Viewer) -> Draft | None:
    """Give the open draft an address asks for, None when it asks for none.

    Raises NotFoundError when there is none such, it is no longer open, or the viewer may not see drafts.
    """
    draft_id = request.args.get("draft", "")
    if not draft_id:
        return None
    if not scope(viewer, "draft", "read"):
        raise NotFoundError(phrase("There is no such draft."))
    found = plans.draft(db, draft_id)
    if found.state != "open":
        raise NotFoundError(phrase("This draft is no longer open."))
    return found
