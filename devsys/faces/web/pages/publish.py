"""A draft: what it changes, whom that concerns, what blocks it; publish, drop, compare again."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import edit_draft, publish_plan
from devsys.actions.publish_plan import Preview
from devsys.adapters.store.queries import plans, sessions, standing
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.base.written import day
from devsys.core.model.calendar import Figures, bound_words
from devsys.core.model.causes import cause_words
from devsys.core.model.changes import Change
from devsys.core.planning.check import Violation
from devsys.core.policy import allow, scope
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.diff_values import Diff, diff
from devsys.faces.web.even_values import even_here
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.history_values import change_words
from devsys.faces.web.owed_values import owed_words
from devsys.faces.web.session_values import Moment, Names, discreet, names
from devsys.faces.web.step_values import step_bar
from devsys.faces.web.telling_values import LETTERS, MORNING, SOON, told
from devsys.faces.web.words import concerned_words
from devsys.faces.web.year_values import share_words

pages = Blueprint("publish", __name__)
WORDS: Final = 3  # sentences of one session before "and more"
MOST_OWED: Final = 5


@pages.get("/drafts/<draft_id>")
@allow("draft")
def show(draft_id: str) -> Response | str:
    """Show what a draft would change; a published one leads to its version."""
    with parts().store.read() as db:
        found = plans.draft(db, draft_id)
        number = standing.version_of(db, draft_id)
    if number is not None:
        return redirect(url_for("plans.version", number=number), 303)
    if found.state != "open":
        raise NotFoundError(phrase("This draft was dropped."))
    return _page(publish_plan.preview(parts(), draft_id), Form({}))


@pages.get("/drafts/<draft_id>.csv", endpoint="csv")
@allow("draft")
def as_csv(draft_id: str) -> Response:
    """Give all changes of a draft as a file."""
    seen = publish_plan.preview(parts(), draft_id)
    heads = ("Change", "Session", "Kind", "Before", "After", "Who", "Cause")
    rows = [(r.sign, r.title, r.kind, r.old, r.new, r.who, r.cause) for r in _diff(seen, _names()).all]
    return csv_answer("draft.csv", heads, rows)


def _names() -> Names:
    with parts().store.read() as db:
        return names(db)


def _diff(seen: Preview, known: Names) -> Diff:
    return diff(seen.differences, known, viewer(), reach_here(), cause=seen.draft.cause, draft_id=seen.draft.id)


def _page(seen: Preview, form: Form, conflict: str = "") -> str:
    known = _names()
    shown = _diff(seen, known)
    draft_id = seen.draft.id
    with parts().store.read() as db:
        owed = owed_words(db, draft_id, viewer(), team_ids=None if reach_here().everything else reach_here().team_ids)
        count = standing.published_count(db)
        crossed = _crossed(db, seen, shown, known) if seen.crossed and reach_here().everything else []
        bar = (
            step_bar(db, draft_id, known, Moment(now(), now()), _here(draft_id)) if seen.draft.state == "open" else None
        )
    can_publish = scope(viewer(), "draft", "write").everything
    return render_template(
        "publish/show.html",
        draft=seen.draft,
        title=_title(shown),
        crumb=[
            (url_for("year.show", draft=draft_id), phrase("Year")),
            (
                "",
                phrase(
                    "draft of %(day)s by %(who)s",
                    day=day(local(seen.draft.created, viewer().zone).date()),
                    who=seen.draft.by,
                ),
            ),
        ],
        diff=shown,
        standing=count,
        untouched=count - sum(1 for d in seen.differences if d.change is not Change.NEW),
        figures=share_words(seen.draft.figures),
        reached=_reached(seen.draft.figures),
        even=even_here(seen.draft.figures.even, known),
        issues=_issues(seen, shown, known) if reach_here().everything else [],
        issue_count=len(seen.blocking),
        old_issues=[discreet(v.what, known) for v in _standing(seen)] if reach_here().everything else [],
        owed=owed[:MOST_OWED],
        owed_needs=sum(group.needs for group in owed),
        owed_href=url_for("owed.show", draft=draft_id),
        crossed=crossed,
        steps=bar,
        outdated=seen.outdated,
        conflict=conflict,
        can_publish=can_publish,
        needs_cause=_needs_cause(seen),
        cause=form.typed("cause", seen.draft.cause),
        telling=told(seen.differences) if can_publish and seen.differences else None,
        letters=form.typed(LETTERS, SOON),
        errors=form.faults,
        links=_links(draft_id),
    )


def _reached(f: Figures) -> str:
    return bound_words(f.on_time, f.bound, proved=f.proved, out_of_reach=f.out_of_reach)


def _links(draft_id: str) -> dict[str, str]:
    return {
        "publish": url_for("publish.publish", draft_id=draft_id),
        "discard": url_for("publish.discard", draft_id=draft_id),
        "compare": url_for("publish.compare", draft_id=draft_id),
        "csv": url_for("publish.csv", draft_id=draft_id),
        "year": url_for("year.show", draft=draft_id),
        "week": url_for("week.show", draft=draft_id),
    }


def _title(shown: Diff) -> str:
    if not shown.changes:
        return phrase("Nothing changed")
    return concerned_words(shown.changes, shown.people)


@dataclass(frozen=True, slots=True)
class Issue:
    """What blocks at one session: its title and time, the first rules it breaks in words, and how many more."""

    title: str
    words: tuple[str, ...]
    more: int
    href: str


def _issues(seen: Preview, shown: Diff, known: Names) -> list[Issue]:
    """Give what blocks, gathered by the changed session it concerns first; each with the way to its week."""
    touched = {d.after.id: d.after for d in seen.differences}
    rows = {row.session_id: row for row in shown.all}
    gathered: dict[str, list[Violation]] = defaultdict(list)
    for violation in seen.blocking:
        mine = [s for s in violation.sessions if s in touched]
        gathered[mine[0] if mine else ""].append(violation)
    issues = []
    for session_id, found in gathered.items():
        words = tuple(dict.fromkeys(discreet(v.what, known) for v in found))
        row = rows.get(session_id)
        title = f"{row.title}, {row.new or row.old}" if row else phrase("Other sessions")
        issues.append(Issue(title, words[:WORDS], len(words) - len(words[:WORDS]), row.href if row else ""))
    return issues


@dataclass(frozen=True, slots=True)
class Crossed:
    """A session that another plan changed otherwise: title and time, what that plan did and why, the ways to decide."""

    title: str
    words: str
    keep: str
    undo: str
    href: str


def _crossed(db: Db, seen: Preview, shown: Diff, known: Names) -> list[Crossed]:
    """Give what has to be decided before the draft can be published, one query for each version that crossed it."""
    rows = {row.session_id: row for row in shown.all}
    draft_id = seen.draft.id
    found = []
    for number in sorted(set(seen.crossed.values())):
        before, after = ({s.id: s for s in side} for side in sessions.changed_by_version(db, number))
        for session_id in (i for i, n in seen.crossed.items() if n == number):
            now = after.get(session_id)
            row = rows.get(session_id)
            said = change_words(before.get(session_id), now, known) if now is not None else phrase("changed")
            said = f"{said}: {cause_words(now.cause)}" if now is not None and now.cause else said
            found.append(
                Crossed(
                    title=f"{row.title}, {row.new or row.old}" if row else phrase("A session"),
                    words=phrase("Version %(number)s says otherwise. %(what)s.", number=number, what=said),
                    keep=url_for("publish.keep", draft_id=draft_id, session_id=session_id),
                    undo=url_for("sessions.undo", session_id=session_id, draft=draft_id, back=_here(draft_id)),
                    href=row.href if row else "",
                )
            )
    return found


def _here(draft_id: str) -> str:
    return url_for("publish.show", draft_id=draft_id)


def _standing(seen: Preview) -> list[Violation]:
    """Give the rules that what is published breaks already at the sessions this draft touches."""
    touched = {d.after.id for d in seen.differences}
    return [v for v in seen.standing if touched.intersection(v.sessions)]


def _needs_cause(seen: Preview) -> bool:
    """Say whether a published session is moved, changed or cancelled without a cause of its own (R4)."""
    return any(d.change is not Change.NEW and not d.after.cause for d in seen.differences)


@pages.post("/drafts/<draft_id>/publish")
@allow("draft", "write")
def publish(draft_id: str) -> Response:
    """Publish; 422 with what blocks, 409 with who was first; the draft stays as it is."""
    seen = publish_plan.preview(parts(), draft_id)
    form = Form()
    cause = form.text("cause", required=_needs_cause(seen))
    postponed = form.choice(LETTERS, (SOON, MORNING), default=SOON) == MORNING
    if not scope(viewer(), "draft", "write").everything:
        raise NotFoundError(phrase("There is no such draft."))
    if not form:
        return Response(_page(seen, form), 422, mimetype="text/html")
    try:
        number = publish_plan.publish(parts(), draft_id, by_id=viewer().person_id, cause=cause, postponed=postponed)
    except InvalidError:
        return Response(_page(publish_plan.preview(parts(), draft_id), form), 422, mimetype="text/html")
    except ConflictError as error:
        page = _page(publish_plan.preview(parts(), draft_id), form, conflict=error.message)
        return Response(page, 409, mimetype="text/html")
    if not seen.differences:
        flash(phrase("Nothing changed. Nobody will be told."), "info")
        return redirect(url_for("publish.show", draft_id=draft_id), 303)
    words = concerned_words(len(seen.differences), len(seen.concerned))
    said = phrase(
        "Published as version %(number)s: %(words)s. Calendars carry it from now on.", number=number, words=words
    )
    flash(said, "ok")
    return redirect(url_for("year.show"), 303)


@pages.post("/drafts/<draft_id>/discard")
@allow("draft", "write")
def discard(draft_id: str) -> Response:
    """Drop a draft; nobody is told."""
    edit_draft.discard(parts(), viewer(), draft_id)
    flash(phrase("The draft is dropped. Nobody is told, nothing changed."), "ok")
    return redirect(url_for("plans.show"), 303)


@pages.post("/drafts/<draft_id>/compare")
@allow("draft", "write")
def compare(draft_id: str) -> Response:
    """Lay the draft on what is published now."""
    edit_draft.compare_again(parts(), viewer(), draft_id)
    flash(phrase("Compared with what is published now."), "ok")
    return redirect(url_for("publish.show", draft_id=draft_id), 303)


@pages.post("/drafts/<draft_id>/sessions/<session_id>/keep")
@allow("draft", "write")
def keep(draft_id: str, session_id: str) -> Response:
    """Say that the draft's word holds for a session that another plan changed otherwise."""
    edit_draft.keep_drafted(parts(), viewer(), draft_id, session_id)
    flash(phrase("The draft's word holds for it; it is part of what you publish."), "ok")
    return redirect(url_for("publish.show", draft_id=draft_id), 303)
