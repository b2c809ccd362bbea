"""The list twin of the week: the same facts as the grid, line by line."""

from collections.abc import Sequence
from typing import Any, Final

from flask import url_for

from devsys.base.words import phrase
from devsys.base.written import day as day_words
from devsys.core.policy import scope
from devsys.faces.web.agenda_values import state_for
from devsys.faces.web.filters import local
from devsys.faces.web.here import today, viewer
from devsys.faces.web.session_values import Seen
from devsys.faces.web.week_picture import Picture

FLAG_WORDS: Final = 2  # of a line; the panel says all


def days_of(found: Picture) -> list[dict[str, Any]]:
    """Give the list twin: every day with its sessions, the same facts as the grid."""
    wish, frame = found.wish, found.frame
    holidays = found.staffed.organisation.holidays.get(wish.site.id, {})
    listed = []
    for day in frame.days:
        there = [s for s in found.seen if local(s.session.starts_utc, frame.zone).date() == day]
        listed.append(
            {
                "title": day_words(day),
                "today": day == today(),
                "note": holidays.get(day, "") or ("" if there else phrase("No session.")),
                "sessions": [_line(found, one) for one in there],
            }
        )
    return listed


def _line(found: Picture, one: Seen) -> dict[str, Any]:
    start = local(one.session.starts_utc, found.frame.zone)
    end = local(one.session.ends_utc, found.frame.zone)
    return {
        "start": f"{start:%H:%M}",
        "end": f"{end:%H:%M}",
        "kind": one.kind,
        "title": one.title,
        "who": one.who,
        "href": found.wish.link(session=one.session.id) + "#why"
        if scope(viewer(), "draft", "read").wide
        else url_for("sessions.show", session_id=one.session.id),
        "flag": short_flag(found.flags.get(one.session.id, ())),
        "anchor": one.session.id,
        "state": state_for(one),
        "selected": one.session.id == found.wish.session_id,
        "cancelled": one.state == "cancelled",
    }


def short_flag(words: Sequence[str]) -> str:
    """Give the first reasons why a session does not fit, and how many more there are."""
    more = len(words) - FLAG_WORDS
    return " ".join([*words[:FLAG_WORDS], *([phrase("And %(n)s more.", n=more)] if more > 0 else [])])
