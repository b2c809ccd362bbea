"""Tell other programs what happened: signed, again and again until it was taken, never twice under two names.

The form is that of Standard Webhooks (its specification, "Webhook headers" and "Signature scheme"): `webhook-id` stays
the same when something is sent again, `webhook-timestamp` is when it is sent, `webhook-signature` is `v1,` and the
HMAC-SHA256 in Base64 over id, timestamp and body, joined with dots.
"""

import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters import fetch
from devsys.adapters.store.queries import audit, house, webhooks
from devsys.adapters.store.queries.webhooks import Next
from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer

FIRST_WAIT: Final = timedelta(seconds=30)  # then twice as long each time
LONGEST_WAIT: Final = timedelta(hours=4)
GIVEN_UP: Final = timedelta(days=3)
PREFIX: Final = "whsec_"
MOST: Final = 20
OUTSIDE: Final = fetch.Way()

log = logging.getLogger("devsys.webhooks")


def add(parts: Parts, *, name: str, address: str, events: Collection[str], viewer: Viewer) -> tuple[str, str]:
    """Keep an address that is told of events; give its id and its secret, which is shown once.

    Raises InvalidError for an address that is not https on the open internet, no event, or more than 20 addresses.
    """
    try:
        host, _ = fetch.host_of(address)
    except InvalidError:
        host = ""
    if not host or not address.startswith("https://"):
        raise InvalidError(
            phrase("An https address is wanted: https://, a host name and a path."), (Fault("address", "https"),)
        )
    if not events or not set(events) <= set(webhooks.EVENTS):
        raise InvalidError(phrase("Choose at least one event."), (Fault("events", "none"),))
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    now = parts.now()
    with parts.store.write() as db:
        if len(webhooks.listed(db)) >= MOST:
            raise InvalidError(
                phrase("There are %(most)s webhooks already. Take one away first.", most=MOST),
                (Fault("address", "many"),),
            )
        hook_id = webhooks.add(db, name=name, host=host, address=address, secret=secret, events=events, now=now)
        audit.record(db, at=now, by_id=viewer.person_id, act="add webhook", what=host)
    return hook_id, secret


def signature(secret: str, message_id: str, sent: datetime, body: str) -> str:
    """Give the signature of a body, as `webhook-signature` carries it."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{sent.timestamp():.0f}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def has_work(parts: Parts) -> bool:
    """Say whether anything is to be told now; cheap, for every tick of the worker."""
    with parts.store.read() as db:
        return webhooks.is_due(db, parts.now()) and not house.is_demo(db)


def send_webhooks(parts: Parts, stop: Callable[[], bool] = lambda: False, way: fetch.Way = OUTSIDE) -> int:
    """Tell what is due until nothing is or somebody says stop; give how much was taken.

    A kill between being taken and being written down sends it again under the same id. Raises UnavailableError where
    the key of confidential texts is not there.
    """
    taken = 0
    while not stop():
        now = parts.now()
        with parts.store.read() as db:
            found = webhooks.next_due(db, now)
        if found is None:
            break
        taken += _told(parts, found, now, way)
    return taken


def _told(parts: Parts, found: Next, now: datetime, way: fetch.Way) -> bool:
    headers = {
        "webhook-id": found.id,
        "webhook-timestamp": f"{now.timestamp():.0f}",
        "webhook-signature": signature(found.secret, found.id, now, found.body),
        "Content-Type": "application/json",
    }
    try:
        with parts.speaking():  # why it was not taken is kept
            fetch.post(found.address, found.body.encode(), headers, way=way)
    except InvalidError as error:
        after = now + min(FIRST_WAIT * 2 ** min(found.tries, 20), LONGEST_WAIT)
        again = after if after < found.opened + GIVEN_UP else None
        with parts.store.write() as db:
            webhooks.not_taken(db, found, parts.now(), error.message, again)
        log.warning("Webhook %s was not taken: %s", found.webhook_id, error.message)
        return False
    with parts.store.write() as db:
        webhooks.sent(db, found, parts.now())
    return True
