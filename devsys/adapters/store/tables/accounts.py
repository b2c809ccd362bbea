"""Who may sign in, what they are, and what a browser holds."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from devsys.adapters.store.sealed import Sealed
from devsys.adapters.store.tables.kept import kept
from devsys.base.words import to_phrase


class AccountRow(SQLModel, table=True):
    """The account of one person; an empty password hash cannot sign in."""

    __tablename__ = "account"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("until the person is erased"))
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    email: str = Field(unique=True)
    password_hash: str = ""
    active: bool = True
    theme: str = ""
    language: str = ""
    created: datetime


class GrantRow(SQLModel, table=True):
    """A role of a person; an empty team means everywhere."""

    __tablename__ = "grant"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("until the person is erased"))
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    role: str = Field(primary_key=True)
    team_id: str = Field(default="", primary_key=True)


class SignInRow(SQLModel, table=True):
    """What a browser holds: only the hash of the cookie's value is kept.

    `via` is "provider" where a provider let the person in; `provider_session` the hash of its session's name; `ends`
    the moment after which no use prolongs it.
    """

    __tablename__ = "sign_in"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("until it ends"))
    id_hash: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    created: datetime
    seen: datetime
    expires: datetime
    device: str = ""
    network: str = ""
    via: str = ""
    provider_session: str = Field(default="", index=True)
    ends: datetime | None = None


class IdentityRow(SQLModel, table=True):
    """Whom a provider means by a subject: an account has one link at most, and is found by it alone."""

    __tablename__ = "identity"
    __table_args__ = kept(
        "personal", person="person_id", retention=to_phrase("until unlinked, or the person is erased")
    )
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", unique=True)
    since: datetime


class SpentRow(SQLModel, table=True):
    """The hash of a token of a provider that counts once: the state of a sign-in, a logout token."""

    __tablename__ = "spent"
    __table_args__ = kept("internal", retention=to_phrase("until the token is over, two days at most"))
    token_hash: str = Field(primary_key=True)
    until: datetime


class AttemptRow(SQLModel, table=True):
    """A wrong password, counted per account and per address; `subject` is a hash, never the words typed."""

    __tablename__ = "attempt"
    __table_args__ = kept("internal", retention=to_phrase("1 day"))
    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(index=True)
    at: datetime


class AccountLinkRow(SQLModel, table=True):
    """A link of a letter by which its reader chooses a password, once; only the hash of its secret is kept.

    `kind` is invite (the first password of an account) or reset.
    """

    __tablename__ = "account_link"
    __table_args__ = kept("personal", person="person_id", retention=to_phrase("until used, three days at most"))
    token_hash: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    kind: str
    expires: datetime


class SecondStepRow(SQLModel, table=True):
    """A person's authenticator app: its secret, since when it counts (none: not confirmed), the last code's step."""

    __tablename__ = "second_step"
    __table_args__ = kept(
        "confidential", person="person_id", retention=to_phrase("until taken away or the person is erased")
    )
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    secret: bytes = Field(sa_type=Sealed)
    since: datetime | None = None
    last_step: int = 0


class RecoveryCodeRow(SQLModel, table=True):
    """A code on paper that stands for the app once; only its hash is kept, and that goes when it is used."""

    __tablename__ = "recovery_code"
    __table_args__ = kept(
        "personal", person="person_id", retention=to_phrase("until used, or the second step is taken away")
    )
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    code_hash: str = Field(primary_key=True)


class PasskeyRow(SQLModel, table=True):
    """A passkey of a person: the key's own id and its public half, how often it was used; `name` is its owner's."""

    __tablename__ = "passkey"
    __table_args__ = kept(
        "personal", person="person_id", retention=to_phrase("until taken away or the person is erased")
    )
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    key_id: str = Field(unique=True)
    public: bytes
    count: int = 0
    name: str
    synced: bool = False
    created: datetime
    used: datetime | None = None


class ChallengeRow(SQLModel, table=True):
    """What a browser was asked to sign with a passkey; it is answered once. Only a hash of the browser is kept."""

    __tablename__ = "challenge"
    __table_args__ = kept("internal", retention=to_phrase("until it is answered, five minutes at most"))
    browser_hash: str = Field(primary_key=True)
    challenge: str
    expires: datetime


class HalfSignInRow(SQLModel, table=True):
    """A sign-in whose password was right and whose code is missing; it opens nothing. Only a hash is kept."""

    __tablename__ = "half_sign_in"
    __table_args__ = kept(
        "personal", person="person_id", retention=to_phrase("until the code is given, five minutes at most")
    )
    id_hash: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    expires: datetime
