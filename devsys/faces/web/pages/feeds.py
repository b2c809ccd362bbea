"""Calendar links: the address a calendar program reads, and the pages on which people make and end them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from devsys.actions import rotate_feed
from devsys.actions.rotate_feed import Wanted
from devsys.actions.serve_feed import Asked, Bodies, Outcome, Served, serve_feed, write_notes
from devsys.adapters.store.queries import feed_targets, feeds, readers
from devsys.adapters.store.queries.feed_targets import Target
from devsys.adapters.store.queries.feeds import Feed
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.core.feeds.conditional import http_date
from devsys.core.feeds.scope import FeedKind, reader
from devsys.core.model.programme import Kind
from devsys.core.policy import allow
from devsys.faces.web.drawing import KIND_NAMES, draw_qr
from devsys.faces.web.feed_values import health
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.one_site import site_of
from devsys.faces.web.words import in_sentence

pages = Blueprint("feeds", __name__)

NAME: Final = 60
LONGEST_TOKEN: Final = 200
_BODIES: Final = "devsys-feed-bodies"
_COMMON: Final = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_GOOGLE: Final = "https://calendar.google.com/calendar/r/settings/addbyurl"
_OUTLOOK: Final = "https://outlook.office.com/calendar/addcalendar"


@pages.record
def _keep_bodies(state: BlueprintSetupState) -> None:
    state.app.extensions[_BODIES] = Bodies()


def _give(token: str) -> Response:
    """Answer a calendar program: no cookie, no redirect, the same 404 for whatever is not alive (feeds.md H, Q)."""
    asked = Asked(
        token=token[:LONGEST_TOKEN],
        if_none_match=request.headers.get("If-None-Match"),
        if_modified_since=request.headers.get("If-Modified-Since"),
        accept_encoding=request.headers.get("Accept-Encoding"),
        user_agent=request.headers.get("User-Agent"),
    )
    here = parts()
    found = serve_feed(here, cast(Bodies, current_app.extensions[_BODIES]), asked)
    response = _response(found)
    notes = found.notes
    if notes:
        response.call_on_close(lambda: write_notes(here, notes))
    return response


def _response(found: Served) -> Response:
    if found.outcome is Outcome.GONE or found.revised is None:
        words = "There is no calendar at this address.\n"
        return Response(words, 404, {**_COMMON, "Cache-Control": "no-store"}, content_type="text/plain; charset=utf-8")
    headers = {
        **_COMMON,
        "Cache-Control": "private, no-cache",
        "ETag": found.tag,
        "Last-Modified": http_date(found.revised),
        "Vary": "Accept-Encoding",
    }
    if found.outcome is Outcome.SAME:
        response = Response(status=304, headers=headers)
        del response.headers["Content-Type"]
        return response
    if found.coding != "identity":
        headers["Content-Encoding"] = found.coding
    headers["Content-Disposition"] = 'inline; filename="devsys.ics"'
    return Response(found.body, 200, headers, content_type="text/calendar; charset=utf-8")


pages.add_url_rule(
    "/feed/<any_text:token>.ics",
    "give",
    allow("public")(_give),
    methods=["GET"],
    provide_automatic_options=False,
)


@pages.get("/feeds")
@allow("feeds")
def show() -> str:
    """Show one's links, and the form for another."""
    return _page({}, {})


@pages.post("/feeds")
@allow("feeds", "write")
def make() -> Response:
    """Make a link; its address stands on this answer and never again."""
    form = Form()
    found = _target(form.typed("what"))
    name, titles = form.text("name", limit=NAME), form.tick("titles")
    what = form.choice("what", tuple(found))
    kinds = form.several("kinds", tuple(KIND_NAMES))
    typed = {"name": form.typed("name"), "what": what, "kinds": kinds, "titles": titles}
    if form:
        target = found[what]
        wanted = Wanted(target.kind, target.id, name, tuple(Kind(k) for k in kinds), titles)
        try:
            token = rotate_feed.make(parts(), viewer(), wanted)
        except InvalidError as error:
            form.take(error, "name")
        else:
            return Response(_page({}, {}, token, name), 201, content_type="text/html; charset=utf-8")
    return Response(_page(form.faults, typed), 422, content_type="text/html; charset=utf-8")


@pages.get("/feeds/<feed_id>")
@allow("feeds")
def one(feed_id: str) -> str:
    """Show one link: its name, filter, titles, and how to end it."""
    return _one(_own(feed_id), {}, {})


@pages.post("/feeds/<feed_id>")
@allow("feeds", "write")
def change(feed_id: str) -> Response:
    """Name, filter, open a link; its address stays."""
    feed, form = _own(feed_id), Form()
    name, titles = form.text("name", limit=NAME), form.tick("titles")
    kinds = form.several("kinds", tuple(KIND_NAMES))
    if form:
        try:
            chosen = tuple(Kind(k) for k in kinds)
            rotate_feed.change(parts(), viewer(), feed_id, name=name, kinds=chosen, titles=titles)
        except InvalidError as error:
            form.take(error, "name")
        else:
            flash(phrase("%(name)s is kept. The calendar program shows it the next time it looks.", name=name), "ok")
            return redirect(url_for("feeds.show"), 303)
    typed = {"name": form.typed("name"), "kinds": kinds, "titles": titles}
    return Response(_one(feed, form.faults, typed), 422, content_type="text/html; charset=utf-8")


@pages.post("/feeds/<feed_id>/renew")
@allow("feeds", "write")
def renew(feed_id: str) -> Response:
    """Give a link another address; the old one is dead at the next request."""
    feed = _own(feed_id)
    token = rotate_feed.renew(parts(), viewer(), feed_id)
    return Response(_page({}, {}, token, feed.name), 200, content_type="text/html; charset=utf-8")


@pages.post("/feeds/<feed_id>/revoke")
@allow("feeds", "write")
def revoke(feed_id: str) -> Response:
    """End a link."""
    feed = _own(feed_id)
    rotate_feed.revoke(parts(), viewer(), feed_id)
    flash(phrase("%(name)s is ended. Whoever asks with that link finds nothing.", name=feed.name), "ok")
    return redirect(url_for("feeds.show"), 303)


def _own(feed_id: str) -> Feed:
    with parts().store.read() as db:
        for found in feeds.of_owner(db, viewer().person_id):
            if found.id == feed_id:
                return found
    raise NotFoundError(phrase("You have no such link."))


def _target(what: str) -> dict[str, Target]:
    """Give what is asked for by its kind and id, `team:1f..`, if one may have a link to it."""
    kind, _, target_id = what.partition(":")
    if kind not in {k.value for k in FeedKind}:
        return {}
    with parts().store.read() as db:
        return _by_value(feed_targets.targets_among(db, reader(viewer()), {(FeedKind(kind), target_id)}))


def _by_value(found: tuple[Target, ...]) -> dict[str, Target]:
    return {f"{t.kind.value}:{t.id}": t for t in found}


def _page(errors: Mapping[str, str], typed: Mapping[str, Any], token: str = "", name: str = "") -> str:
    me, moment = viewer(), now()
    who = reader(me)
    with parts().store.read() as db:
        here = site_of(db, me, who.sessions)
        own = feeds.of_owner(db, me.person_id)
        theirs = feed_targets.targets_among(db, who, {(f.settings.kind, f.settings.target_id) for f in own})
        found = feed_targets.targets(db, who, site_id=here.id)
        by_mail = readers.choice_of(db, me.person_id).invitations
    address = f"{parts().settings.public_url}/feed/{token}.ics" if token else ""
    return render_template(
        "feeds/show.html",
        feeds=[_line(feed, theirs, moment) for feed in own],
        targets=[(value, _words(t)) for value, t in _by_value(found).items()],
        here=here,
        kinds=tuple(KIND_NAMES.items()),
        errors=errors,
        typed=typed,
        address=address,
        made=name,
        qr=draw_qr(address) if address else None,
        devices=_devices(address),
        by_mail=by_mail,
    )


def _one(feed: Feed, errors: Mapping[str, str], typed: Mapping[str, Any]) -> str:
    chosen = typed or {"name": feed.name, "kinds": feed.settings.kinds, "titles": feed.settings.titles}
    return render_template(
        "feeds/one.html",
        feed=feed,
        own=feed.settings.kind is FeedKind.PERSON,
        line=_line(feed, (), now()),
        kinds=tuple(KIND_NAMES.items()),
        errors=errors,
        typed=chosen,
    )


def _devices(address: str) -> tuple[tuple[str, str, str], ...]:
    """Give what opens a link: Apple takes it at a press; the pages of Google and Outlook take it by paste."""
    if not address:
        return ()
    webcal = "webcal" + address.removeprefix("https").removeprefix("http")
    return (
        (webcal, phrase("Open in Apple Calendar"), "calendar-plus"),
        (_GOOGLE, phrase("Google Calendar"), "calendar-plus"),
        (_OUTLOOK, "Outlook", "calendar-plus"),
    )


def _line(feed: Feed, found: tuple[Target, ...], moment: datetime) -> dict[str, Any]:
    settings = feed.settings
    words = [_words(t) for t in found if (t.kind, t.id) == (settings.kind, settings.target_id)]
    if settings.kinds:
        kinds = ", ".join(in_sentence(str(KIND_NAMES[k])) for k in KIND_NAMES if k in settings.kinds)
        words.append(phrase("only %(which)s", which=kinds))
    if settings.titles:
        words.append(phrase("with coaching titles"))
    return {
        "name": feed.name,
        "filter": ", ".join(words),
        "status": health(feed, moment),
        "fetched": feed.fetched is not None,
        "href": url_for("feeds.one", feed_id=feed.id),
    }


def _words(target: Target) -> str:
    return {
        FeedKind.PERSON: phrase("my sessions"),
        FeedKind.TEAM: phrase("team %(name)s", name=target.name),
        FeedKind.ROOM: phrase("room %(name)s", name=target.name),
        FeedKind.FACILITATOR: phrase("sessions I lead")
        if target.id == viewer().person_id
        else phrase("sessions led by %(name)s", name=target.name),
    }[target.kind]
