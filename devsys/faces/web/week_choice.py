"""What stands around the week: its title, the way up, views, filters, drafts, what holds for it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import url_for

from devsys.base.words import phrase
from devsys.base.written import clock, plain_day, plain_full_day, zone_name
from devsys.base.written import day as day_words
from devsys.base.written import month as month_name
from devsys.core.policy import scope
from devsys.faces.web import asked
from devsys.faces.web.drawing import KIND_NAMES
from devsys.faces.web.filters import local
from devsys.faces.web.here import now, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.week_only import WHICH, Only
from devsys.faces.web.week_picture import ROWS, VIEWS, Picture
from devsys.faces.web.week_values import Frame


def may_edit() -> bool:
    """Say whether the viewer may change drafts at all."""
    return bool(scope(viewer(), "draft", "write"))


def title_of(found: Picture) -> str:
    """Give whose week it is."""
    wish = found.wish
    if wish.view == "facilitators":
        return phrase("Facilitators, %(site)s", site=wish.site.name)
    if wish.view == "rooms":
        return phrase("Rooms, %(site)s", site=wish.site.name)
    return wish.team.name if wish.team else phrase("My week")


def crumb_of(found: Picture) -> list[tuple[str, str]]:
    """Give the way up: the year for those who see it, the month, this week."""
    wish, first = found.wish, found.frame.days[0]
    above: dict[str, Any] = {
        "team": wish.team.id if wish.team else None,
        "draft": wish.draft.id if wish.draft else None,
    }
    year = [(url_for("year.show", **above), phrase("Year"))] if scope(viewer(), "versions", "read") else []
    month = (url_for("month.show", **above, month=f"{first:%Y-%m}"), month_name(first))
    return [
        *year,
        month,
        ("", phrase("Week %(number)s, %(days)s", number=wish.monday.isocalendar().week, days=_span(found.frame))),
    ]


def _span(frame: Frame) -> str:
    first, last = frame.days[0], frame.days[-1]
    if first.month == last.month:
        return phrase("%(first)s\u2013%(last)s", first=first.day, last=plain_full_day(last))
    return phrase("%(start)s to %(last)s", start=plain_day(first), last=plain_full_day(last))


def views_of(found: Picture) -> list[tuple[str, str, bool]]:
    """Give whose rows may be shown: people, facilitators, rooms; for whom only people are in reach, nothing."""
    wish = found.wish
    if not reach_here().everything:
        return []
    chosen = wish.session_id or None
    return [(wish.with_view(v, listed=wish.listed, session=chosen), label, wish.view == v) for v, label in VIEWS]


def shapes_of(found: Picture) -> list[tuple[str, str, bool]]:
    """Give the two shapes of a week that say and do the same: grid and list."""
    wish = found.wish
    chosen = wish.session_id or None
    return [
        (wish.with_view(wish.view, listed=listed, session=chosen), label, wish.listed == listed)
        for listed, label in ((False, phrase("Grid")), (True, phrase("List")))
    ]


def links_of(found: Picture) -> dict[str, str]:
    """Give where else a reader may go from here."""
    wish = found.wish
    week = timedelta(weeks=1)
    lens = found.lens

    def other(monday: date, day: date) -> str:
        return wish.link(week=asked.week_code(monday), day=day.isoformat())

    return {
        "before": other(wish.monday - week, lens - week),
        "after": other(wish.monday + week, lens + week),
        "now": wish.link(week=None, day=None),
        "all": replace(wish, only=Only(), page=1).link(session=wish.session_id or None),
        "rows_before": wish.link(rows=wish.page - 1 if wish.page > 2 else None) if wish.page > 1 else "",  # noqa: PLR2004
        "rows_after": wish.link(rows=wish.page + 1) if found.more_rows > (wish.page - 1) * ROWS else "",
        "csv": wish.link().replace("/week?", "/week.csv?", 1),
        "issues": url_for("issues.show", draft=wish.draft.id if wish.draft else None)
        if reach_here().everything
        else "",
        "queue_csv": wish.link().replace("/week?", "/week/queue.csv?", 1),
    }


def choice_of(found: Picture) -> dict[str, Any]:
    """Give the form that looks for something: whose week, words, a kind, a part of the draft; all in the address."""
    wish = found.wish
    by_site = wish.view in ("facilitators", "rooms")
    named = "site" if by_site else "team"
    options = [(t.id, t.name) for t in (found.sites if by_site else found.teams)]
    kept = wish.with_view(wish.view, listed=wish.listed, session=wish.session_id or None)
    hidden = dict(parse_qsl(urlsplit(kept).query))
    typed = {"q", "kind", "only", "queue", *([named] if options else [])}
    return {
        "name": named,
        "label": phrase("Site") if by_site else phrase("Team"),
        "options": options,
        "value": wish.site.id if by_site else wish.team.id if wish.team else "",
        "words": wish.only.words,
        "kind": wish.only.kind,
        "kinds": [("", phrase("All kinds")), *KIND_NAMES.items()],
        "only": wish.only.which,
        "parts": WHICH if wish.draft else (),
        "filtered": bool(wish.only),
        "useful": reach_here().wide,
        "hidden": {name: value for name, value in hidden.items() if name not in typed},
    }


def drafts_of(found: Picture) -> list[tuple[str, str, bool]]:
    """Give the switch between what is published and the drafts the viewer may see; nothing without a draft."""
    if not found.drafts:
        return []
    wish = found.wish
    shown = [(wish.link(draft=None), phrase("Published"), wish.draft is None)]
    drawn = [local(draft.created, viewer().zone) for draft in found.drafts[:3]]
    for draft, at in zip(found.drafts, drawn, strict=False):
        twins = sum(other.date() == at.date() for other in drawn) > 1
        label = phrase("Draft of %(day)s", day=day_words(at.date())) + (f", {at:%H:%M}" if twins else "")
        shown.append((wish.link(draft=draft.id), label, wish.draft is not None and wish.draft.id == draft.id))
    return shown


def notes_of(found: Picture) -> list[str]:
    """Say what holds for this week: freezing, holidays, zones."""
    frame = found.frame
    notes = []
    until = local(found.moment.frozen_until, frame.zone)
    if may_edit() and found.moment.frozen_until > frame.start and frame.end > now():
        notes.append(
            phrase(
                "Frozen until %(when)s: what stands there moves only with a cause.",
                when=f"{day_words(until.date())} {clock(until)}",
            )
        )
    holidays = found.staffed.organisation.holidays.get(found.wish.site.id, {})
    notes += [
        phrase("%(holiday)s is a holiday in %(site)s.", holiday=holidays[day], site=found.wish.site.name)
        for day in frame.days
        if day in holidays
    ]
    if viewer().zone != frame.zone:
        notes.append(
            phrase(
                "All times are %(zone)s, not yours (%(yours)s).",
                zone=zone_name(frame.zone),
                yours=zone_name(viewer().zone),
            )
        )
    return notes


def emergency_of(queue_id: str) -> str:
    """Give where a queue calls for its people, for who may say so."""
    may = queue_id and scope(viewer(), "requirement", "write").everything
    return url_for("away.queue", queue=queue_id) if may else ""
