"""The issues of a plan: what blocks, what warns, what was set aside; one after the other, each with its cure."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import list_issues
from devsys.adapters.store.queries import plans
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import day, number, several, spoken
from devsys.core.policy import allow, scope
from devsys.faces.web import asked
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, viewer
from devsys.faces.web.issue_values import Shown, issues_here, shown
from devsys.faces.web.one_site import OneSite, one_site
from devsys.faces.web.session_values import names
from devsys.faces.web.words import first_up

pages = Blueprint("issues", __name__)
LEVELS = (
    ("blocks", to_phrase("What blocks"), to_phrase("It cannot stand, or cannot be published: it has to be put right.")),
    (
        "warns",
        to_phrase("What warns"),
        to_phrase("It may stay as it is; set it aside with a reason once you have looked at it."),
    ),
    ("quiet", to_phrase("Set aside"), to_phrase("Looked at, with a reason; heard again when it says something else.")),
)


@pages.get("/issues")
@allow("draft")
def show() -> str:
    """Show the issues of what is published, or of a draft."""
    draft_id, here, found = _read()
    with parts().store.read() as db:
        drafts = plans.open_drafts(db)
    switch = [(url_for("issues.show", site=here.id or None), phrase("Published"), draft_id is None)]
    switch += [
        (
            url_for("issues.show", draft=d.id),
            phrase("Draft of %(day)s", day=day(local(d.created, viewer().zone).date())),
            d.id == draft_id,
        )
        for d in drafts[:3]
    ]
    return render_template(
        "issues/show.html",
        title=title_of(found),
        crumb=_crumb(draft_id),
        levels=[(code, title, words, [i for i in found if i.level == code]) for code, title, words in LEVELS],
        found=found,
        drafts=switch if drafts else [],
        csv=url_for("issues.csv", draft=draft_id, site=here.id or None),
        here=here,
    )


def _read() -> tuple[str | None, OneSite, tuple[Shown, ...]]:
    """Give the draft asked for, the site and the issues, for who sees all teams' sessions. Raises NotFoundError."""
    if not scope(viewer(), "draft", "read").everything:
        raise NotFoundError(phrase("There is no such page."))
    with parts().store.read() as db:
        draft = asked.draft(db, viewer())
        draft_id = draft.id if draft else None
        here = OneSite() if draft_id else one_site(db, viewer())
        return draft_id, here, shown(db, issues_here(db, draft_id, here.id), names(db), here.id)


def title_of(found: tuple[Shown, ...]) -> str:
    """Say the finding: "Three issues block, one warns and two are set aside"."""
    counts = {code: sum(1 for i in found if i.level == code) for code, *_ in LEVELS}
    there = [(code, count) for code, count in counts.items() if count]
    if not there:
        return phrase("Nothing stands in the way")
    (first, count), *others = there
    head = {
        "blocks": phrases("%(num)s issue blocks", "%(num)s issues block", count, num=spoken(count)),
        "warns": phrases("%(num)s issue warns", "%(num)s issues warn", count, num=spoken(count)),
        "quiet": phrases("%(num)s issue is set aside", "%(num)s issues are set aside", count, num=spoken(count)),
    }[first]
    return first_up(several([head, *(_further(code, count) for code, count in others)]))


def _further(level: str, count: int) -> str:
    if level == "warns":
        return phrases("%(num)s warns", "%(num)s warn", count, num=spoken(count))
    return phrases("%(num)s is set aside", "%(num)s are set aside", count, num=spoken(count))


def _crumb(draft_id: str | None) -> list[tuple[str, str]]:
    way = [(url_for("home.show"), phrase("Home"))]
    if draft_id:
        way.append((url_for("publish.show", draft_id=draft_id), phrase("Draft")))
    return [*way, ("", phrase("Issues"))]


@pages.get("/issues.csv", endpoint="csv")
@allow("draft")
def as_csv() -> Response:
    """Give the issues as a file."""
    _, _, found = _read()
    words = {code: title for code, title, _ in LEVELS}
    rows = [
        (
            words[i.level],
            i.title,
            " ".join(i.words),
            "; ".join(f"{s.title}, {s.when}" for s in i.sessions),
            i.reason,
            i.by,
            i.when,
        )
        for i in found
    ]
    return csv_answer("issues.csv", ("Level", "Issue", "What", "Sessions", "Reason", "Set aside by", "On"), rows)


@pages.get("/issues/<key>")
@allow("draft")
def one(key: str) -> str:
    """Show one issue, with the one before and the one after it."""
    return _one(key, Form({}))


def _one(key: str, form: Form) -> str:
    draft_id, here, found = _read()
    at = next((n for n, i in enumerate(found) if i.key == key), None)
    if at is None:
        raise NotFoundError(phrase("This issue is not there any more: it was put right, or says something else now."))
    values: dict[str, Any] = {
        "issue": found[at],
        "crumb": [
            *_crumb(draft_id)[:-1],
            (url_for("issues.show", draft=draft_id, site=here.id or None), phrase("Issues")),
            ("", phrase("One of them")),
        ],
        "before": found[at - 1].href if at else "",
        "after": found[at + 1].href if at + 1 < len(found) else "",
        "words": phrase("%(at)s of %(all)s", at=number(at + 1), all=number(len(found))),
        "level_words": {code: words for code, _, words in LEVELS}[found[at].level],
        "may": scope(viewer(), "draft", "write").everything,
        "set_aside": url_for("issues.set_aside", key=key, draft=draft_id, site=here.id or None),
        "take_back": url_for("issues.take_back", key=key, draft=draft_id, site=here.id or None),
        "reason": form.typed("reason"),
        "errors": form.faults,
    }
    return render_template("issues/one.html", **values)


@pages.post("/issues/<key>/aside", endpoint="set_aside")
@allow("draft", "write")
def put_aside(key: str) -> Response:
    """Set a warning aside with a reason."""
    draft_id = request.args.get("draft", "") or None
    form = Form()
    reason = form.text("reason")
    if form:
        try:
            list_issues.set_aside(parts(), viewer(), draft_id, key, reason, _site_id(draft_id))
        except InvalidError as error:
            form.take(error, "reason")
    if not form:
        return Response(_one(key, form), 422, mimetype="text/html")
    flash(phrase("Set aside. It is heard again when it says something else."), "ok")
    return redirect(url_for("issues.show", draft=draft_id, site=_site_id(draft_id) or None), 303)


@pages.post("/issues/<key>/back", endpoint="take_back")
@allow("draft", "write")
def hear_again(key: str) -> Response:
    """Let a warning be heard again."""
    list_issues.take_back(parts(), viewer(), key)
    flash(phrase("Heard again."), "ok")
    draft_id = request.args.get("draft", "") or None
    return redirect(url_for("issues.show", draft=draft_id, site=_site_id(draft_id) or None), 303)


def _site_id(draft_id: str | None) -> str:
    """Give the site an address is about, "" for all."""
    if draft_id:
        return ""
    with parts().store.read() as db:
        return one_site(db, viewer()).id
