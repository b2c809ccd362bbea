"""Addresses of other programs that are told when something happened, and what they were told."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from devsys.adapters.store.sealed import Sealed
from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class WebhookRow(SQLModel, table=True):
    """An address that is told. `address` and `secret`, with which what is told is signed, are sealed.

    `host` is the host of the address, to know it by; `events` are names of events, apart by a space. `reached` is when
    it last took something, `trouble` why it did not the last time (empty: it did).
    """

    __tablename__ = "webhook"
    __table_args__ = kept("internal", retention=to_phrase("until an administrator takes it away"))
    id: str = Field(primary_key=True)
    name: str
    host: str
    address: bytes = Field(sa_type=Sealed)
    secret: bytes = Field(sa_type=Sealed)
    events: str
    active: bool = True
    created: datetime
    reached: datetime | None = None
    trouble: str = ""


class WebhookDeliveryRow(SQLModel, table=True):
    """One event for one address: its body as it was when it happened, which names things by their ids alone.

    `state`: waiting, sent, failed. A body is sent again as it is, under the same id.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_due", "state", "due"),
        kept("internal", retention=to_phrase("30 days after it ended")),
    )
    id: str = Field(primary_key=True)
    webhook_id: str = Field(foreign_key="webhook.id", ondelete="CASCADE", index=True)
    event: str
    body: str
    state: str = "waiting"
    opened: datetime
    due: datetime
    tries: int = 0
    ended: datetime | None = None
    error: str = ""
