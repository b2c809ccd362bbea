"""Webhooks: who is told of which events, and what waits to be told."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.webhooks import WebhookDeliveryRow, WebhookRow
from devsys.base.errors import NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase

PUBLISHED: Final = "plan.published"
RUN_ENDED: Final = "run.ended"
TEST: Final = "test"
EVENTS: Final = (PUBLISHED, RUN_ENDED)
WAITING: Final = "waiting"
SENT: Final = "sent"
FAILED: Final = "failed"
KEPT_FOR: Final = timedelta(days=30)
_ERROR_LENGTH: Final = 300

_HOOK, _DELIVERY = table(WebhookRow), table(WebhookDeliveryRow)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told, without the address itself and the secret."""

    id: str
    name: str
    host: str
    events: tuple[str, ...]
    active: bool
    created: datetime
    reached: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was told, or waits."""

    id: str
    name: str
    event: str
    state: str
    opened: datetime
    due: datetime
    tries: int
    ended: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be told next, with all that takes."""

    id: str
    webhook_id: str
    address: str
    secret: str
    body: str
    opened: datetime
    tries: int


def add(db: Db, *, name: str, host: str, address: str, secret: str, events: Collection[str], now: datetime) -> str:
    """Keep an address; give its id."""
    hook_id = new_id()
    values = {
        "id": hook_id,
        "name": name,
        "host": host,
        "address": seal(db, WebhookRow, "address", hook_id, address),
        "secret": seal(db, WebhookRow, "secret", hook_id, secret),
        "events": " ".join(e for e in EVENTS if e in events),
        "active": True,
        "created": now,
        "trouble": "",
    }
    db.execute(insert(_HOOK).values(values))
    return hook_id


def listed(db: Db) -> tuple[Webhook, ...]:
    """Give all addresses, the oldest first."""
    c = _HOOK.c
    query = select(c.id, c.name, c.host, c.events, c.active, c.created, c.reached, c.trouble).order_by(c.created, c.id)
    return tuple(Webhook(i, n, h, tuple(e.split()), *more) for i, n, h, e, *more in db.execute(query))


def one(db: Db, hook_id: str) -> Webhook:
    """Give one address. Raises NotFoundError."""
    found = next((hook for hook in listed(db) if hook.id == hook_id), None)
    if found is None:
        raise NotFoundError(phrase("There is no such webhook. It may have been taken away."))
    return found


def set_active(db: Db, hook_id: str, *, active: bool) -> None:
    """Let an address be told again, or not; what waits for one that is not told goes. Raises NotFoundError."""
    one(db, hook_id)
    db.execute(update(_HOOK).where(_HOOK.c.id == hook_id).values(active=active, trouble=""))
    if not active:
        db.execute(delete(_DELIVERY).where(_DELIVERY.c.webhook_id == hook_id, _DELIVERY.c.state == WAITING))


def take_away(db: Db, hook_id: str) -> None:
    """Forget an address and what it was told. Raises NotFoundError."""
    one(db, hook_id)
    db.execute(delete(_DELIVERY).where(_DELIVERY.c.webhook_id == hook_id))
    db.execute(delete(_HOOK).where(_HOOK.c.id == hook_id))


def tell(db: Db, event: str, data: Mapping[str, Any], now: datetime, *, only: str = "") -> int:
    """Let an event wait for every address that wants it (or for `only` one); give for how many.

    Meant for the transaction in which it happens. `data` names things by their ids: it holds nothing about a person.
    """
    hooks = [h.id for h in listed(db) if (h.id == only if only else h.active and event in h.events)]
    body = json.dumps({"type": event, "timestamp": now.isoformat(), "data": dict(data)}, separators=(",", ":"))
    rows = [
        {
            "id": new_id(),
            "webhook_id": hook_id,
            "event": event,
            "body": body,
            "state": WAITING,
            "opened": now,
            "due": now,
            "tries": 0,
            "error": "",
        }
        for hook_id in hooks
    ]
    if rows:
        db.execute(insert(_DELIVERY), rows)
    return len(rows)


def is_due(db: Db, now: datetime) -> bool:
    """Say whether anything is to be told now."""
    query = select(_DELIVERY.c.id).where(_DELIVERY.c.state == WAITING, _DELIVERY.c.due <= now).limit(1)
    return db.execute(query).first() is not None


def next_due(db: Db, now: datetime) -> Next | None:
    """Give what is to be told next, the longest due first. Raises UnavailableError where the key is not there."""
    d, h = _DELIVERY.c, _HOOK.c
    query = (
        select(d.id, d.webhook_id, h.address, h.secret, d.body, d.opened, d.tries)
        .join(_HOOK, h.id == d.webhook_id)
        .where(d.state == WAITING, d.due <= now)
        .order_by(d.due, d.opened, d.id)
        .limit(1)
    )
    row = db.execute(query).first()
    if row is None:
        return None
    address = unseal(db, WebhookRow, "address", row.webhook_id, row.address)
    secret = unseal(db, WebhookRow, "secret", row.webhook_id, row.secret)
    return Next(row.id, row.webhook_id, address, secret, row.body, row.opened, row.tries)


def sent(db: Db, found: Next, now: datetime) -> None:
    """Write down that it was taken."""
    _end(db, found.id, SENT, now, "")
    db.execute(update(_HOOK).where(_HOOK.c.id == found.webhook_id).values(reached=now, trouble=""))


def not_taken(db: Db, found: Next, now: datetime, error: str, again: datetime | None) -> None:
    """Write down that it was not taken; all that waits for that address waits until `again`, or this one failed."""
    error = error[:_ERROR_LENGTH]
    db.execute(update(_HOOK).where(_HOOK.c.id == found.webhook_id).values(trouble=error))
    if again is None:
        _end(db, found.id, FAILED, now, error)
        return
    waits = (_DELIVERY.c.webhook_id == found.webhook_id, _DELIVERY.c.state == WAITING)
    db.execute(update(_DELIVERY).where(*waits, _DELIVERY.c.due < again).values(due=again))
    db.execute(update(_DELIVERY).where(_DELIVERY.c.id == found.id).values(tries=found.tries + 1, error=error))


def _end(db: Db, delivery_id: str, state: str, now: datetime, error: str) -> None:
    values = {"state": state, "ended": now, "error": error, "tries": _DELIVERY.c.tries + 1}
    db.execute(update(_DELIVERY).where(_DELIVERY.c.id == delivery_id).values(values))


def latest(db: Db, limit: int) -> tuple[Delivery, ...]:
    """Give what was told last or waits, the newest first."""
    d = _DELIVERY.c
    query = (
        select(d.id, _HOOK.c.name, d.event, d.state, d.opened, d.due, d.tries, d.ended, d.error)
        .join(_HOOK, _HOOK.c.id == d.webhook_id)
        .order_by(d.opened.desc(), d.id)
        .limit(limit)
    )
    return tuple(Delivery(*row) for row in db.execute(query))


def forget_waiting(db: Db, now: datetime) -> int:
    """Let nothing that waited in a backup leave after its restore: it may have been told, and is no news."""
    values = {"state": FAILED, "ended": now, "error": "It waited in a backup that was restored."}
    return db.execute(update(_DELIVERY).where(_DELIVERY.c.state == WAITING).values(values)).rowcount  # type: ignore[attr-defined, no-any-return]


def forget_old(db: Db, now: datetime) -> int:
    """Take away what ended long ago; give how many."""
    gone = delete(_DELIVERY).where(_DELIVERY.c.ended < now - KEPT_FOR)
    return db.execute(gone).rowcount  # type: ignore[attr-defined, no-any-return]
