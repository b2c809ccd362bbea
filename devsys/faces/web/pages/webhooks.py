"""Webhooks: administrators name other programs, which are told what happened; what they were told stands below."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import send_webhooks
from devsys.adapters.store.queries import audit, webhooks
from devsys.base.errors import InvalidError
from devsys.base.words import phrase, to_phrase
from devsys.base.written import moment
from devsys.core.policy import allow
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, viewer
from devsys.faces.web.words import in_sentence

pages = Blueprint("webhooks", __name__)
LATEST: Final = 50
WORDS: Final = {
    webhooks.PUBLISHED: to_phrase("A plan was published"),
    webhooks.RUN_ENDED: to_phrase("A run that somebody asked for ended"),
    webhooks.TEST: to_phrase("Test"),
}
_ADDRESS: Final = 2_000


@pages.get("/webhooks")
@allow("webhooks")
def index() -> str:
    """List the addresses, what they were told, and the form for another one."""
    return _index(Form({}))


@pages.post("/webhooks")
@allow("webhooks", "write")
def add() -> Response:
    """Keep an address; its secret is shown on this page alone, once."""
    form = Form()
    name, address = form.text("name"), form.text("address", limit=_ADDRESS)
    events = form.several("events", webhooks.EVENTS)
    secret = ""
    if form:
        try:
            _, secret = send_webhooks.add(parts(), name=name, address=address, events=events, viewer=viewer())
        except InvalidError as error:
            field = error.faults[0].where if error.faults else "address"
            form.fault(field, error.message)
    if not form:
        return Response(_index(form, chosen=events), 422, mimetype="text/html")
    return Response(_index(Form({}), secret=secret), mimetype="text/html")


@pages.post("/webhooks/<webhook_id>/test")
@allow("webhooks", "write")
def test(webhook_id: str) -> Response:
    """Let a test leave for one address."""
    with parts().store.write() as db:
        webhooks.one(db, webhook_id)
        webhooks.tell(db, webhooks.TEST, {"webhook": webhook_id}, now(), only=webhook_id)
    flash(phrase("A test is on its way; it stands below when it was taken."), "ok")
    return _back()


@pages.post("/webhooks/<webhook_id>/active")
@allow("webhooks", "write")
def set_active(webhook_id: str) -> Response:
    """Pause an address or tell it again."""
    active = Form().choice("active", ("yes", "no"), default="yes") == "yes"
    with parts().store.write() as db:
        webhooks.set_active(db, webhook_id, active=active)
        host = webhooks.one(db, webhook_id).host
        act = "tell webhook again" if active else "pause webhook"
        audit.record(db, at=now(), by_id=viewer().person_id, act=act, what=host)
    flash(
        phrase("It is told again from now on.") if active else phrase("It is told nothing until you turn it on again."),
        "ok",
    )
    return _back()


@pages.post("/webhooks/<webhook_id>/remove")
@allow("webhooks", "write")
def remove(webhook_id: str) -> Response:
    """Forget an address and its secret."""
    with parts().store.write() as db:
        host = webhooks.one(db, webhook_id).host
        webhooks.take_away(db, webhook_id)
        audit.record(db, at=now(), by_id=viewer().person_id, act="remove webhook", what=host)
    flash(phrase("It is forgotten, and told nothing any more."), "ok")
    return _back()


def _back() -> Response:
    return redirect(url_for("webhooks.index"), 303)


def _index(form: Form, *, secret: str = "", chosen: tuple[str, ...] = webhooks.EVENTS) -> str:
    with parts().store.read() as db:
        hooks, latest = webhooks.listed(db), webhooks.latest(db, LATEST)
    return render_template(
        "webhooks/index.html",
        hooks=[_hook(hook) for hook in hooks],
        latest=[_told(one) for one in latest],
        events=[(event, WORDS[event]) for event in webhooks.EVENTS],
        typed={"name": form.typed("name"), "address": form.typed("address", limit=_ADDRESS), "events": chosen},
        errors=form.faults,
        secret=secret,
    )


def _hook(hook: webhooks.Webhook) -> dict[str, Any]:
    if not hook.active:
        state = phrase("Paused")
    elif hook.trouble:
        state = hook.trouble
    else:
        state = (
            phrase("Last reached on %(day)s", day=_when(hook.reached))
            if hook.reached
            else phrase("Not told anything yet")
        )
    return {
        "id": hook.id,
        "name": hook.name,
        "host": hook.host,
        "events": ", ".join(in_sentence(str(WORDS[event])) for event in hook.events),
        "active": hook.active,
        "bad": bool(hook.active and hook.trouble),
        "state": state,
    }


def _told(one: webhooks.Delivery) -> dict[str, str]:
    if one.state == webhooks.SENT:
        state = phrase("taken on %(day)s", day=_when(one.ended))
    elif one.state == webhooks.FAILED:
        state = phrase("given up: %(error)s", error=one.error)
    else:
        state = phrase("waits until %(day)s", day=_when(one.due)) + (f" ({one.error})" if one.error else "")
    return {"when": _when(one.opened), "name": one.name, "event": WORDS[one.event], "state": state}


def _when(at: Any) -> str:
    here = local(at, viewer().zone)
    return moment(here)
