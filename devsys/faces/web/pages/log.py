"""The change log: every publish and every change of a session, one line each that opens its difference."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.adapters.store.queries import change_log, plans, sessions
from devsys.adapters.store.queries.change_log import PUBLISHED, Asked, Line
from devsys.adapters.store.queries.visible import reach
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError
from devsys.base.text import clean
from devsys.base.words import phrase, to_phrase
from devsys.base.written import clock, full_day
from devsys.core.model.calendar import Session, Version
from devsys.core.model.causes import cause_words
from devsys.core.model.changes import Change
from devsys.core.model.programme import Kind
from devsys.core.policy import allow, may_know, scope
from devsys.faces.web import asked as addressed
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.filters import local
from devsys.faces.web.here import parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.history_values import change_words
from devsys.faces.web.pages.plans import changes_words
from devsys.faces.web.session_values import MASKED_TITLE, Names, names, unseen_activities
from devsys.faces.web.year_values import kind_of

pages = Blueprint("log", __name__)
_KINDS: Final = {
    Kind.BOUNDARIES: to_phrase("Boundaries"),
    Kind.SKILL: to_phrase("Skill"),
    Kind.ROUND: to_phrase("Round"),
    Kind.DIGITAL: to_phrase("Digital"),
    Kind.CROSS_CULTURAL: to_phrase("Cross cultural"),
    Kind.EMOTIONAL_SUPPORT: to_phrase("Emotional support"),
    Kind.COACHING: to_phrase("Coaching"),
}
A_PAGE: Final = 100
IN_FILE: Final = 20_000
# What is shown unless the address says otherwise: a first plan alone would bring thousands of lines that are new.
USUAL: Final = (PUBLISHED, Change.MOVED.value, Change.ALTERED.value, Change.CANCELLED.value)
WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {PUBLISHED: "published", "new": "new", "moved": "moved", "altered": "changed", "cancelled": "cancelled"}
)
SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {PUBLISHED: "●", "new": "+", "moved": "→", "altered": "~", "cancelled": "×"}  # noqa: RUF001 -- the signs of a diff
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One line as the page and the file show it."""

    line: Line
    when: str
    by: str
    activity_kind: str
    title: str
    what: str
    cause: str
    href: str

    @property
    def kind(self) -> str:
        """What happened."""
        return self.line.kind

    @property
    def sign(self) -> str:
        """What stands in the margin."""
        return SIGNS[self.kind]

    @property
    def word(self) -> str:
        """The sign as a word."""
        return WORDS[self.kind]


@dataclass(frozen=True, slots=True)
class _Filters:
    """What the address asks for, and what it was understood as."""

    asked: Asked
    values: Mapping[str, str]
    kinds: tuple[str, ...]
    page: int


@pages.get("/plans/log")
@allow("versions")
def show() -> str:
    """Show the lines the address asks for, newest first."""
    with parts().store.read() as db:
        known = names(db)
        found = _filters(known)
        lines = _lines(db, found, known, limit=A_PAGE + 1, offset=(found.page - 1) * A_PAGE)
        people = change_log.publishers(db)
    links: dict[str, Any] = {k: v for k, v in found.values.items() if v}
    link = partial(url_for, "log.show", kind=found.kinds, **links)
    return render_template(
        "plans/log.html",
        lines=lines[:A_PAGE],
        typed=found.values,
        kinds=[(k, WORDS[k]) for k in WORDS],
        chosen=found.kinds,
        people=people,
        activity_kinds=[(k.value, _KINDS[k]) for k in Kind],
        teams=_teams(known),
        filtered=bool(links),
        csv=url_for("log.file", **links, kind=found.kinds),
        before=link(page=found.page - 1) if found.page > 1 else "",
        after=link(page=found.page + 1) if len(lines) > A_PAGE else "",
        page=found.page,
    )


@pages.get("/plans/log.csv")
@allow("versions")
def file() -> Response:
    """Give the lines the address asks for as a file."""
    with parts().store.read() as db:
        known = names(db)
        lines = _lines(db, _filters(known), known, limit=IN_FILE)
    heads = ("version", "when", "by", "change", "session", "what", "cause")
    rows = ((r.line.number, r.when, r.by, r.word, r.title, r.what, r.cause) for r in lines)
    return csv_answer("change-log.csv", heads, rows)


def _teams(known: Names) -> list[tuple[str, str]]:
    mine = reach_here()
    teams = ((t.id, t.name) for t in known.teams.values() if mine.everything or t.id in mine.team_ids)
    return sorted(teams, key=lambda pair: pair[1].lower())


def _filters(known: Names) -> _Filters:
    """Read the address; what it cannot mean is passed over, so that an old link still opens."""
    first, last = addressed.day("from", today()), addressed.day("to", today())
    by, cause = _word("by"), _word("cause")
    kind, team = _word("activity"), _word("team")
    kinds = tuple(k for k in WORDS if k in request.args.getlist("kind")) or USUAL
    activity = next((k for k in Kind if k.value == kind), None)
    asked = Asked(
        kinds=frozenset(kinds),
        start=_midnight(first) if first else None,
        end=_midnight(last + timedelta(days=1)) if last else None,
        by=by,
        cause=cause,
        activities=None
        if activity is None
        else frozenset(code for code in known.activities if kind_of(code, known.activities) == activity.value),
        team_id=team if team in dict(_teams(known)) else "",
        hidden=unseen_activities(viewer(), known.activities),
    )
    values = {
        "from": first.isoformat() if first else "",
        "to": last.isoformat() if last else "",
        "by": by,
        "cause": cause,
        "activity": activity.value if activity else "",
        "team": asked.team_id,
    }
    page = request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1  # noqa: PLR2004
    return _Filters(asked, values, kinds, max(1, number))


def _word(name: str) -> str:
    try:
        return clean(request.args.get(name, ""))
    except InvalidError:
        return ""


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(viewer().zone)).astimezone(UTC)


def _lines(db: Db, found: _Filters, known: Names, *, limit: int, offset: int = 0) -> list[Shown]:
    listed = change_log.lines(db, found.asked, reach(reach_here()), limit=limit, offset=offset)
    numbers = {line.number for line in listed}
    versions = {v.number: v for v in plans.versions_of(db, numbers)}
    states = sessions.by_revision(db, {i for line in listed for i in (line.revision_id, line.before_id) if i})
    return list(_shown(listed, versions, states, known))


def _shown(
    listed: Iterable[Line], versions: Mapping[int, Version], states: Mapping[str, Session], known: Names
) -> Iterable[Shown]:
    me = viewer()
    plans_for_coaching = scope(me, "coaching_series", "read").everything
    everything = reach_here().everything
    for line in listed:
        version = versions[line.number]
        at = local(version.published, me.zone)
        when = f"{full_day(at.date())}, {clock(at)}"
        opens = url_for("plans.version", number=line.number)
        if not line.revision_id:
            what = changes_words(version.changes) if everything else phrase("a new plan")
            number, why = phrase("Version %(number)s", number=line.number), cause_words(version.cause)
            yield Shown(line, when, version.by, "", number, what, why, opens)
            continue
        after, before = states[line.revision_id], states.get(line.before_id)
        kind = kind_of(after.activity, known.activities)
        masked = kind == "coaching" and not may_know(me, after)
        activity = known.activities.get(after.activity)
        title = MASKED_TITLE if masked else activity.title if activity else after.activity
        cause = "" if masked and not plans_for_coaching else cause_words(after.cause or version.cause)
        words = change_words(before, after, known)
        href = url_for("plans.version", number=line.number, session=after.id)
        yield Shown(line, when, version.by, kind, title, words, cause, href)
