"""Issues as pages show them: a level with its word, sentences, the sessions touched, and the ways to a cure."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import url_for

from devsys.actions import list_issues
from devsys.actions.list_issues import Issues
from devsys.adapters.store.queries import aside, asks, calendar_figures, plans, standing
from devsys.adapters.store.store import Db
from devsys.base.words import phrase
from devsys.base.written import clock, day, zone_name
from devsys.core.model.calendar import Session
from devsys.core.model.issues import Issue, Level
from devsys.faces.web.asked import week_code
from devsys.faces.web.filters import local
from devsys.faces.web.flags import as_of
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.session_values import Moment, Names, discreet, seen

MOST_KEPT: Final = 8
MOST_SESSIONS: Final = 8
MOST_WORDS: Final = 3
COVERAGE: Final = "coverage"  # the verifier's word for a queue left short; the issue is about the queue
ABOUT: Final = {"facilitator": "person", "at_work": "person", "room": "room", COVERAGE: "queue"}

_kept: OrderedDict[tuple[object, ...], Issues] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Touched:
    """A session an issue touches: what, when, and where it is shown."""

    title: str
    kind: str
    when: str
    who: str
    href: str


@dataclass(frozen=True, slots=True)
class Cure:
    """A way to put an issue right: a link with a verb."""

    href: str
    words: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One issue: `level` blocks, warns or quiet; sentences, how many more; sessions, how many more; cures, best first.

    `href` is its own page. `reason`, `by` and `when` say why, by whom and when it was set aside.
    """

    key: str
    level: str
    title: str
    words: tuple[str, ...]
    more: int
    sessions: tuple[Touched, ...]
    beyond: int
    cures: tuple[Cure, ...]
    href: str
    reason: str = ""
    by: str = ""
    when: str = ""


def issues_here(db: Db, draft_id: str | None, site_id: str = "") -> Issues:
    """Give the issues of a draft, or of what is published (at one site); kept for a minute at most.

    Raises NotFoundError.
    """
    draft = plans.draft(db, draft_id) if draft_id else None
    return _issues(db, draft_id, site_id, as_of(db, draft))


def counted(db: Db, site_id: str = "") -> tuple[int, int]:
    """Give how many issues of what is published (at one site) block, and how many warn; for Home.

    A change of plan, organisation, drafts or answers counts at once, what time alone brings within ten minutes.
    """
    drafts = tuple((d.id, d.base) for d in plans.open_drafts(db))
    asked = tuple(a.id for a in asks.open_of(db, asks.What.SUBSTITUTE, now()))
    found = _issues(db, None, site_id, (*as_of(db, None, seconds=600), drafts, asked))
    return len(found.blocks), len(found.warns)


def _issues(db: Db, draft_id: str | None, site_id: str, moment: tuple[object, ...]) -> Issues:
    key = (*moment, site_id)
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = list_issues.issues(parts(), draft_id, site_id)
        with _lock:
            _kept[key] = found
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    quiet = aside.all_set_aside(db)
    return Issues(draft_id, found.found, {i.key: quiet[i.key] for i in found.found if i.key in quiet}, found.sessions)


def shown(db: Db, found: Issues, known: Names, site_id: str = "") -> tuple[Shown, ...]:
    """Give the issues in the order of the list; their addresses say the site that is looked at."""
    there = found.sessions.values()
    drafted: frozenset[str] = frozenset()
    if found.draft_id and there:
        first, last = min(s.starts_utc for s in there), max(s.ends_utc for s in there)
        drafted = standing.drafted_ids(db, found.draft_id, first, last)
    moment = Moment(now(), now(), drafted)
    short = any(issue.kind == COVERAGE for issue in found.found)
    queues = {id_: queue.name for id_, queue in calendar_figures.queues(db).items()} if short else {}
    return tuple(_shown(issue, found, known, moment, site_id, queues) for issue in found.ordered)


def _shown(  # noqa: PLR0917 -- the issue, its list, the names and the moment
    issue: Issue, found: Issues, known: Names, moment: Moment, site_id: str, queues: Mapping[str, str]
) -> Shown:
    words = tuple(discreet(text, known) for text in issue.words)
    touched = [found.sessions[i] for i in issue.sessions if i in found.sessions]
    quiet = found.aside.get(issue.key)
    lines = tuple(_touched(one, found.draft_id, known, moment) for one in touched)
    return Shown(
        key=issue.key,
        level="quiet" if quiet else issue.level.value,
        title=_title(issue, lines, known, queues),
        words=words[:MOST_WORDS],
        more=max(0, len(words) - MOST_WORDS),
        sessions=lines[:MOST_SESSIONS],
        beyond=max(0, len(lines) - MOST_SESSIONS),
        cures=tuple(_cures(issue, found.draft_id, touched)),
        href=url_for("issues.one", key=issue.key, draft=found.draft_id, site=site_id or None),
        reason=quiet.reason if quiet else "",
        by=quiet.by if quiet else "",
        when=day(local(quiet.at, viewer().zone).date()) if quiet else "",
    )


def _title(issue: Issue, lines: Sequence[Touched], known: Names, queues: Mapping[str, str]) -> str:
    if issue.kind == list_issues.WAITING:
        who = known.person(issue.who) or phrase("somebody")
        if len(lines) == 1:
            return phrase("A session waits until %(who)s is back", who=who)
        return phrase("Sessions wait until %(who)s is back", who=who)
    if len(lines) == 1 or (lines and issue.level is Level.BLOCKS and issue.kind != COVERAGE):
        return f"{lines[0].title}, {lines[0].when}"
    if issue.kind == COVERAGE:
        return phrase("%(queue)s is left short", queue=queues.get(issue.who) or phrase("A queue"))
    return phrase("A draft stands on an older version") if issue.kind == list_issues.OUTDATED else phrase("The plan")


def _touched(session: Session, draft_id: str | None, known: Names, moment: Moment) -> Touched:
    one = seen(session, viewer(), known, moment)
    zone = f", {zone_name(session.zone)}" if session.zone != viewer().zone else ""
    return Touched(
        title=one.title,
        kind=one.kind,
        when=f"{day(session.starts.date())}, {clock(session.starts)}{zone}",
        who=one.brief,
        href=_week(session, draft_id) + "#why",
    )


def _week(session: Session, draft_id: str | None, **more: Any) -> str:
    values: dict[str, Any] = {"week": week_code(session.starts.date()), "day": session.starts.date().isoformat()}
    return url_for("week.show", **values, session=session.id, draft=draft_id, **more)


def _cures(issue: Issue, draft_id: str | None, touched: Sequence[Session]) -> list[Cure]:
    """Give the ways to a cure: of what is published a repair, of a draft a move; the reasons always."""
    first = touched[0] if touched else None
    if issue.kind in (list_issues.OUTDATED, list_issues.CROSSED):
        draft = draft_id or issue.who
        return [Cure(url_for("publish.show", draft_id=draft), phrase("Compare and decide"), "pencil-line")]
    cures = []
    if issue.kind == list_issues.UNANSWERED and first:
        cures.append(
            Cure(url_for("sessions.move_form", session_id=first.id), phrase("Give it to somebody else"), "user-round")
        )
    elif issue.kind == list_issues.PINNED and first:
        cures.append(Cure(url_for("sessions.show", session_id=first.id), phrase("Let it go"), "pin"))
    elif draft_id is None or issue.kind == list_issues.STANDING:
        about: dict[str, Any] = {ABOUT[issue.kind]: issue.who} if issue.kind in ABOUT else {}
        if issue.kind == list_issues.WAITING:
            about = {"person": issue.who, "far": 1}
        cures.append(Cure(url_for("repairs.show", **about), phrase("See repairs"), "wrench"))
    if first:
        if draft_id is not None:
            cures.append(Cure(_week(first, draft_id) + "#move", phrase("Move it"), "calendar-days"))
        cures.append(Cure(_week(first, draft_id, reasons=1) + "#why", phrase("Why"), "info"))
    return cures
