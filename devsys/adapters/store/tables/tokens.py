"""Tokens of the API, and the answers kept for requests that carry an idempotency key."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.sealed import Sealed
from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class TokenRow(SQLModel, table=True):
    """A token of the API: only the hash of its secret is kept.

    `kind` is person or integration; `owner_id` whose eyes it has; `scopes` what it is good for, parted by `|`.
    """

    __tablename__ = "api_token"
    __table_args__ = kept("personal", person="owner_id", retention=to_phrase("until revoked or expired, then 30 days"))
    id: str = Field(primary_key=True)
    kind: str
    owner_id: str = Field(foreign_key="person.id", index=True)
    name: str
    token_hash: str = Field(unique=True)
    scopes: str
    created: datetime
    expires: datetime
    used: datetime | None = None
    revoked: datetime | None = None


class KeptAnswerRow(SQLModel, table=True):
    """What an unsafe request with an idempotency key was answered; `status` 0 while it is under way.

    `said` is the answer as JSON: it may hold a secret that is shown once, hence sealed.
    """

    __tablename__ = "api_answer"
    __table_args__ = kept(
        "confidential",
        person="owner_id",
        retention=to_phrase("24 hours"),
        clear=("token_id", "key_hash", "owner_id", "request"),
    )
    token_id: str = Field(primary_key=True, foreign_key="api_token.id", ondelete="CASCADE")
    key_hash: str = Field(primary_key=True)
    owner_id: str = Field(foreign_key="person.id", index=True)
    request: str
    status: int = 0
    said: bytes | None = Field(default=None, sa_type=Sealed)
    created: datetime
