"""Webhooks: told in the transaction it happens in, signed, sent again until taken, never to where they may not go."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from devsys.actions import send_webhooks
from devsys.actions.adopt_programme import adopt_shipped
from devsys.actions.publish_plan import publish
from devsys.actions.tidy_up import tidy_up
from devsys.adapters.fetch import is_open
from devsys.adapters.store.queries import audit, runs, webhooks
from devsys.adapters.store.tables.all import metadata
from devsys.base.errors import InvalidError
from devsys.core.model.access import Grant, Role, Viewer
from tests import builders
from tests.tls import HOST

ADDRESS = f"https://{HOST}/hooks/devsys?room=7"
HELENA = Viewer(builders.id_of("helena.vaz"), "Helena Vaz", (Grant(Role.ADMINISTRATOR),))
pytestmark = pytest.mark.usefixtures("organisation")


@pytest.fixture
def told(parts, organisation):
    """An address that is told of everything, with its secret."""
    assert organisation.people
    return send_webhooks.add(parts, name="Workforce system", address=ADDRESS, events=webhooks.EVENTS, viewer=HELENA)


def tell(parts, store, data):
    with store.write() as db:
        webhooks.tell(db, webhooks.PUBLISHED, data, parts.now())


def hook(store):
    with store.read() as db:
        return webhooks.listed(db)[0]


def latest(store):
    with store.read() as db:
        return webhooks.latest(db, 10)


def test_what_is_published_arrives_signed_and_names_nobody(parts, store, clock, told, served):
    adopt_shipped(parts, ("case_rounds",))
    draft = builders.a_draft(parts, builders.a_session(room=None))
    publish(parts, draft, by_id=HELENA.person_id, cause="first plan")
    assert send_webhooks.send_webhooks(parts, way=served.way) == 1
    path, headers = served.asked[0]
    assert path == "/hooks/devsys?room=7"
    body = served.bodies[0].decode()
    said = json.loads(body)
    assert said["type"] == "plan.published"
    assert said["data"]["changes"]["new"] == 1
    assert [s["change"] for s in said["data"]["sessions"]] == ["new"]
    for name in ("Ana", "ana.correia", builders.id_of("ana.correia"), "first plan"):
        assert name not in body
    # Checked as a receiver does it, from the published scheme alone.
    key = base64.b64decode(told[1].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert int(headers["webhook-timestamp"]) == int(clock.now.timestamp())
    assert send_webhooks.send_webhooks(parts, way=served.way) == 0
    assert hook(store).reached == clock.now


def test_the_example_of_the_specification_is_signed_as_it_says():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = '{"test": 2432232314}'
    sent = datetime.fromtimestamp(1614265330, UTC)
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert send_webhooks.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", sent, body) == wanted


@pytest.mark.usefixtures("told")
def test_what_is_not_taken_is_sent_again_as_it_was_and_given_up_after_three_days(parts, store, clock, served):
    served.answers["status"] = 503
    tell(parts, store, {"version": 1})
    tell(parts, store, {"version": 2})
    assert send_webhooks.send_webhooks(parts, way=served.way) == 0
    assert len(served.bodies) == 1  # the second waits with the first: the address is not asked twice
    assert "answers 503" in hook(store).trouble
    clock.move(seconds=31)
    del served.answers["status"]
    assert send_webhooks.send_webhooks(parts, way=served.way) == 2
    assert sorted(served.bodies[1:]) == sorted({*served.bodies})
    ids = [headers["webhook-id"] for _, headers in served.asked]
    assert ids.count(ids[0]) == 2
    assert hook(store).trouble == ""
    served.answers["status"] = 410
    tell(parts, store, {"version": 3})
    opened = clock.now
    for _ in range(100):
        send_webhooks.send_webhooks(parts, way=served.way)
        with store.read() as db:
            if not any(one.state == webhooks.WAITING for one in webhooks.latest(db, 10)):
                break
        clock.move(hours=1)
    assert clock.now - opened < timedelta(days=3, hours=5)
    assert [one.state for one in latest(store)].count(webhooks.FAILED) == 1
    clock.move(days=31)
    assert tidy_up(parts)["webhook_delivery"] == 3


@pytest.mark.usefixtures("told")
def test_why_it_is_not_taken_is_kept_in_the_language_of_the_organisation(parts, store, served):
    served.answers["status"] = 503
    tell(parts, store, {"version": 1})
    german = replace(parts, settings=parts.settings.model_copy(update={"language": "de"}))
    assert send_webhooks.send_webhooks(german, way=served.way) == 0
    assert "antwortet 503" in hook(store).trouble


@pytest.mark.usefixtures("told")
def test_one_address_that_fails_holds_up_no_other(parts, store, served):
    send_webhooks.add(
        parts, name="Chat", address="https://gone.test.example/x", events=("plan.published",), viewer=HELENA
    )
    tell(parts, store, {"version": 1})

    def only_here(host, _port):
        if host != HOST:
            raise OSError(host)
        return ("127.0.0.1",)

    assert send_webhooks.send_webhooks(parts, way=replace(served.way, look_up=only_here)) == 1
    with store.read() as db:
        trouble = {one.name: one.trouble for one in webhooks.listed(db)}
    assert trouble == {"Workforce system": "", "Chat": "It was not taken. No such host is known."}


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/",
        "https://a.example:8443/",
        "https://u@a.example/",
        "webcal://a.example/x",
        "https://localhost/x",
        "file:///etc/passwd",
        "https://0x7f.1/",
        "",
    ],
)
def test_an_address_that_is_not_of_the_open_internet_is_refused(parts, store, address):
    with pytest.raises(InvalidError, match="https"):
        send_webhooks.add(parts, name="x", address=address, events=webhooks.EVENTS, viewer=HELENA)
    with store.read() as db:
        assert webhooks.listed(db) == ()


@pytest.mark.usefixtures("told")
def test_a_name_that_points_into_the_own_network_is_not_reached(parts, store, served):
    tell(parts, store, {"version": 1})
    assert send_webhooks.send_webhooks(parts, way=replace(served.way, allowed=is_open)) == 0
    assert served.asked == []
    assert "not reached from here" in hook(store).trouble


def test_no_more_than_twenty_and_at_least_one_event(parts):
    with pytest.raises(InvalidError, match="at least one"):
        send_webhooks.add(parts, name="x", address=ADDRESS, events=(), viewer=HELENA)
    for number in range(send_webhooks.MOST):
        send_webhooks.add(parts, name=str(number), address=ADDRESS, events=webhooks.EVENTS, viewer=HELENA)
    with pytest.raises(InvalidError, match="20 webhooks already"):
        send_webhooks.add(parts, name="x", address=ADDRESS, events=webhooks.EVENTS, viewer=HELENA)


@pytest.mark.usefixtures("told")
def test_a_run_that_somebody_asked_for_is_told_of_and_the_clock_s_are_not(store, clock):
    for job, by in (("draw plan", HELENA.person_id), ("tidy up", None)):
        with store.write() as db:
            runs.ask(db, job, period=job, now=clock.now, by_id=by)
        with store.write() as db:
            run = runs.take(db, clock.now)
        with store.write() as db:
            runs.finish(db, run.id, clock.now, {})
            runs.tell(db, run.id, clock.now)
    assert [one.event for one in latest(store)] == [webhooks.RUN_ENDED]


def test_paused_it_is_told_nothing_and_what_waited_goes(parts, store, told, served):
    tell(parts, store, {"version": 1})
    with store.write() as db:
        webhooks.set_active(db, told[0], active=False)
    tell(parts, store, {"version": 2})
    assert send_webhooks.send_webhooks(parts, way=served.way) == 0
    assert latest(store) == ()


@pytest.mark.usefixtures("told")
def test_what_waited_in_a_backup_does_not_leave_after_its_restore(parts, store, clock, served):
    tell(parts, store, {"version": 1})
    with store.write() as db:
        assert webhooks.forget_waiting(db, clock.now) == 1
    assert send_webhooks.send_webhooks(parts, way=served.way) == 0
    assert [one.state for one in latest(store)] == [webhooks.FAILED]


def test_address_and_secret_are_not_in_the_database_as_they_are(store, told):
    with store.read() as db:
        rows = [repr(tuple(r)) for table in metadata.tables.values() for r in db.execute(select(table))]
    everything = "\n".join(rows)
    assert told[0] in everything
    assert told[1] not in everything
    assert "hooks/devsys" not in everything
    with store.read() as db:
        assert [(act.act, act.what) for act in audit.acts(db)] == [("add webhook", HOST)]
