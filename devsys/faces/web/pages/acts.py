"""The log of acts: who did what to which record; all of it for administrators, for everybody what is theirs."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import audit
from devsys.adapters.store.queries.audit import Act, Wanted
from devsys.base.errors import InvalidError
from devsys.base.limits import LIST_ROWS
from devsys.base.text import clean
from devsys.base.words import phrase
from devsys.base.written import clock, full_day
from devsys.core.policy import allow
from devsys.faces.web import asked
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.filters import local
from devsys.faces.web.here import parts, scope, today, viewer

pages = Blueprint("acts", __name__)
A_PAGE: Final = min(100, LIST_ROWS)
IN_FILE: Final = 20_000
_MOST_ID: Final = 2**31 - 1


@pages.get("/log")
@allow("audit")
def show() -> str:
    """Show the lines the address asks for, newest first; a page begins behind the last line of the one before."""
    everything = scope().everything
    mine = None if everything else viewer().person_id
    wanted, typed = _wanted()
    with parts().store.read() as db:
        found = audit.acts(db, by_id=mine, wanted=wanted, limit=A_PAGE + 1)
        people, acts = audit.choices(db, by_id=mine)
    kept: dict[str, Any] = {name: value for name, value in typed.items() if value}
    more = len(found) > A_PAGE
    return render_template(
        "health/acts.html",
        rows=[_row(act) for act in found[:A_PAGE]],
        everything=everything,
        typed=typed,
        people=people,
        acts=[(act, act.capitalize()) for act in acts],
        filtered=bool(kept) or wanted.before is not None,
        csv=url_for("acts.file", **kept),
        after=url_for("acts.show", **kept, before=str(found[A_PAGE - 1].id)) if more else "",
    )


@pages.get("/log.csv")
@allow("audit")
def file() -> Response:
    """Give the lines the address asks for as a file; moments are in UTC."""
    wanted, _ = _wanted()
    mine = None if scope().everything else viewer().person_id
    with parts().store.read() as db:
        found = audit.acts(db, by_id=mine, wanted=wanted, limit=IN_FILE)
    return csv_answer(
        "log-of-acts.csv",
        ("at", "who", "act", "what"),
        ((f"{a.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}", a.by, a.act, a.what) for a in found),
    )


def _row(act: Act) -> tuple[str, str, str, str]:
    at = local(act.at, viewer().zone)
    return phrase("%(date)s, %(time)s", date=full_day(at), time=clock(at)), act.by, act.act, act.what


def _wanted() -> tuple[Wanted, dict[str, str]]:
    """Read the address; what it cannot mean is passed over."""
    first, last = asked.day("from", today()), asked.day("to", today())
    who, act, before = _word("who"), _word("act"), request.args.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) <= 10 else None  # noqa: PLR2004
    wanted = Wanted(
        person_id=who,
        act=act,
        start=_midnight(first) if first else None,
        end=_midnight(last + timedelta(days=1)) if last else None,
        before=min(number, _MOST_ID) if number is not None else None,
    )
    return wanted, {
        "who": who,
        "act": act,
        "from": first.isoformat() if first else "",
        "to": last.isoformat() if last else "",
    }


def _word(name: str) -> str:
    try:
        return clean(request.args.get(name, ""))
    except InvalidError:
        return ""


def _midnight(one: date) -> datetime:
    return datetime.combine(one, time(), ZoneInfo(viewer().zone)).astimezone(UTC)
