"""Sessions as a list by days: the twin of every grid, and the calendar of staff."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from flask import url_for

from devsys.base.written import day as day_words
from devsys.base.written import full_day
from devsys.core.policy import scope
from devsys.faces.web.here import viewer
from devsys.faces.web.session_values import Seen


def agenda(found: Iterable[Seen], today: date, *, years: bool = False) -> list[dict[str, Any]]:
    """Give sessions by local day, as the macro `session_lines` shows them."""
    days: dict[date, list[dict[str, Any]]] = {}
    for one in found:
        days.setdefault(one.session.starts.date(), []).append(line(one))
    return [
        {
            "title": full_day(day) if years and day.year != today.year else day_words(day),
            "today": day == today,
            "note": "",
            "sessions": lines,
        }
        for day, lines in sorted(days.items())
    ]


CSV_HEADS: Final = ("Day", "Starts", "Ends", "Zone", "Session", "Kind", "State", "Place", "Who")


def csv_line(one: Seen) -> tuple[str, ...]:
    """Give a session as a line of a file, under `CSV_HEADS`."""
    s = one.session
    when = (s.starts.date().isoformat(), f"{s.starts:%H:%M}", f"{s.ends:%H:%M}", s.zone)
    return (*when, one.title, one.kind, one.state, one.place, one.who)


def state_for(one: Seen) -> str:
    """Give the state a list shows: planners read how firm a session stands, staff only that it is off."""
    return one.state if one.state == "cancelled" or scope(viewer(), "draft", "read").wide else ""


def line(one: Seen) -> dict[str, Any]:
    """Give one session of a list."""
    return {
        "start": f"{one.session.starts:%H:%M}",
        "end": f"{one.session.ends:%H:%M}",
        "kind": one.kind,
        "title": one.title,
        "who": " · ".join(words for words in (one.place, one.brief) if words),
        "href": url_for("sessions.show", session_id=one.session.id),
        "state": state_for(one),
        "selected": False,
        "cancelled": one.state == "cancelled",
    }
