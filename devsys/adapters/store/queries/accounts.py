"""Accounts, roles, sign-ins and wrong passwords."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Engine, Row, case, delete, exists, func, insert, select, update

from devsys.adapters.store.queries import house
from devsys.adapters.store.queries.rows import chunks, table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.accounts import (
    AccountRow,
    AttemptRow,
    GrantRow,
    HalfSignInRow,
    SecondStepRow,
    SignInRow,
)
from devsys.adapters.store.tables.people import FacilitatorRow, PersonRow, SiteRow, TeamRow
from devsys.base.errors import ConflictError
from devsys.base.words import phrase
from devsys.core.model.access import Grant, Role, Viewer

ONCE: Final = "once:"  # before the hash of a password that must be changed after its first use
_ACCOUNT, _GRANT, _SIGN_IN, _ATTEMPT = table(AccountRow), table(GrantRow), table(SignInRow), table(AttemptRow)
_HALF, _STEP = table(HalfSignInRow), table(SecondStepRow)
_PERSON, _TEAM, _SITE, _FACILITATOR = table(PersonRow), table(TeamRow), table(SiteRow), table(FacilitatorRow)

# By database: the facts by which it is known to stand still, and the zone of the site with the most people.
_ZONES: WeakKeyDictionary[Engine, tuple[tuple[str, str], str]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Account:
    """What is kept of an account; `once` says that the password must be changed after its first use."""

    person_id: str
    email: str
    password_hash: str
    active: bool
    theme: str

    @property
    def once(self) -> bool:
        """Say whether the password was set by somebody else and must be changed."""
        return self.password_hash.startswith(ONCE)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser's sign-in: who, until when, and whether the password must be changed first.

    `theme` and `language` are how pages look and speak, empty where nothing was chosen.
    `one_step` says that a password alone opened it, because the account has no second step.
    """

    id_hash: str
    viewer: Viewer
    email: str
    theme: str
    language: str
    must_change: bool
    seen: datetime
    expires: datetime
    one_step: bool


def any_account(db: Db) -> bool:
    """Say whether there is an account at all; while there is none, the setup page exists."""
    return bool(db.execute(select(exists().where(_ACCOUNT.c.person_id.is_not(None)))).scalar())


_ACCOUNT_COLUMNS = select(
    _ACCOUNT.c.person_id, _ACCOUNT.c.email, _ACCOUNT.c.password_hash, _ACCOUNT.c.active, _ACCOUNT.c.theme
)


def account(db: Db, person_id: str) -> Account | None:
    """Give the account of a person, None when there is none."""
    row = db.execute(_ACCOUNT_COLUMNS.where(_ACCOUNT.c.person_id == person_id)).one_or_none()
    return None if row is None else Account(*row)


def account_by_email(db: Db, email: str, today: date) -> Account | None:
    """Give the account that may sign in with this address: active, and its person still here on `today`."""
    row = db.execute(
        _ACCOUNT_COLUMNS.join(_PERSON, _PERSON.c.id == _ACCOUNT.c.person_id).where(
            _ACCOUNT.c.email == email.lower(), _ACCOUNT.c.active, _still_here(today)
        )
    ).one_or_none()
    return None if row is None else Account(*row)


def _still_here(today: date) -> ColumnElement[bool]:
    return _PERSON.c.left.is_(None) | (_PERSON.c.left > today)


def add_account(db: Db, *, person_id: str, email: str, password_hash: str, now: datetime) -> None:
    """Create an account. Raises ConflictError when the person or the address has one: it is never changed here."""
    taken = select(func.count()).where((_ACCOUNT.c.person_id == person_id) | (_ACCOUNT.c.email == email.lower()))
    if db.execute(taken).scalar():
        raise ConflictError(phrase("This person or this address has an account already. Nothing was changed."))
    db.execute(
        insert(_ACCOUNT).values(
            person_id=person_id,
            email=email.lower(),
            password_hash=password_hash,
            active=True,
            theme="",
            language="",
            created=now,
        )
    )


def add_accounts(db: Db, accounts: Iterable[tuple[str, str, str]], now: datetime) -> None:
    """Create many accounts, (person id, email, password hash) each; an existing account stays as it is."""
    known_people = set(db.execute(select(_ACCOUNT.c.person_id)).scalars())
    known_emails = set(db.execute(select(_ACCOUNT.c.email)).scalars())
    fresh = [
        {
            "person_id": p,
            "email": e.lower(),
            "password_hash": h,
            "active": True,
            "theme": "",
            "language": "",
            "created": now,
        }
        for p, e, h in accounts
        if p not in known_people and e.lower() not in known_emails
    ]
    if fresh:
        db.execute(insert(_ACCOUNT), fresh)


def set_password_hash(db: Db, person_id: str, password_hash: str) -> None:
    """Replace the password of an account."""
    _change(db, person_id, password_hash=password_hash)


def set_active(db: Db, person_id: str, *, active: bool) -> None:
    """Let an account sign in, or not; when not, all its sign-ins end at once."""
    _change(db, person_id, active=active)
    if not active:
        close_all(db, person_id)


def set_language(db: Db, person_id: str, language: str) -> None:
    """Set the language pages and letters speak; empty: as the organisation."""
    _change(db, person_id, language=language)


def set_theme(db: Db, person_id: str, theme: str) -> None:
    """Keep how pages look for a person: light, dark, or empty for what the machine says."""
    _change(db, person_id, theme=theme)


def _change(db: Db, person_id: str, **values: object) -> None:
    db.execute(update(_ACCOUNT).where(_ACCOUNT.c.person_id == person_id).values(**values))


def grants(db: Db, person_id: str) -> tuple[Grant, ...]:
    """Give the roles of a person, in order of their names."""
    rows = db.execute(
        select(_GRANT.c.role, _GRANT.c.team_id)
        .where(_GRANT.c.person_id == person_id)
        .order_by(_GRANT.c.role, _GRANT.c.team_id)
    )
    return tuple(Grant(Role(role), team_id or None) for role, team_id in rows)


def add_grants(db: Db, person_id: str, given: Iterable[Grant]) -> None:
    """Give roles to a person; those held stay."""
    upsert(db, GrantRow, ({"person_id": person_id, "role": g.role.value, "team_id": g.team_id or ""} for g in given))


def drop_grant(db: Db, person_id: str, grant: Grant) -> None:
    """Take a role from a person."""
    db.execute(
        delete(_GRANT).where(
            _GRANT.c.person_id == person_id,
            _GRANT.c.role == grant.role.value,
            _GRANT.c.team_id == (grant.team_id or ""),
        )
    )


def holders(db: Db, role: Role) -> frozenset[str]:
    """Give the ids of the people who hold a role and have an active account."""
    query = (
        select(_GRANT.c.person_id)
        .join(_ACCOUNT, _ACCOUNT.c.person_id == _GRANT.c.person_id)
        .where(_GRANT.c.role == role.value, _ACCOUNT.c.active)
    )
    return frozenset(db.execute(query).scalars())


def _usual_zone(db: Db) -> str:
    """Give the zone in which somebody without a team reads times: that of the site with the most people.

    Counting everybody is not for every page: it is kept while the organisation stays as it is.
    """
    bind: Any = db.get_bind()
    if bind.get_execution_options().get("devsys_write"):
        return _counted_zone(db)  # what is being written may never stand: it is not kept
    facts = house.facts(db)
    key = (facts.get(house.FEED_EPOCH, ""), facts.get(house.ORGANISATION_REVISION, "0"))
    kept = _ZONES.get(bind)
    if kept is None or kept[0] != key:
        kept = _ZONES[bind] = (key, _counted_zone(db))
    return kept[1]


def _counted_zone(db: Db) -> str:
    query = (
        select(_SITE.c.zone)
        .join(_TEAM, _TEAM.c.site_id == _SITE.c.id, isouter=True)
        .join(_PERSON, _PERSON.c.team_id == _TEAM.c.id, isouter=True)
        .group_by(_SITE.c.id, _SITE.c.zone, _SITE.c.code)
        .order_by(func.count(_PERSON.c.id).desc(), _SITE.c.code)
        .limit(1)
    )
    return str(db.execute(query).scalar() or "UTC")


def viewer_of(db: Db, person_id: str) -> Viewer | None:
    """Give a person as a viewer, whether they have an account or not; None for an unknown id.

    Whoever leads sessions is a facilitator without being granted it: the rota is theirs from the day it names them.
    """
    row = db.execute(
        select(_PERSON.c.id, _PERSON.c.name, _PERSON.c.team_id, _SITE.c.zone)
        .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id, isouter=True)
        .join(_SITE, _SITE.c.id == _TEAM.c.site_id, isouter=True)
        .where(_PERSON.c.id == person_id)
    ).one_or_none()
    return None if row is None else _viewer(db, row)


def _viewer(db: Db, row: Row[Any]) -> Viewer:
    roles = roles_of(db, (row.id,))[row.id]
    return Viewer(row.id, row.name, roles, row.team_id, row.zone or _usual_zone(db))


def roles_of(db: Db, person_ids: Sequence[str]) -> Mapping[str, tuple[Grant, ...]]:
    """Give the roles each of some people has: those granted, and facilitator for whoever leads sessions."""
    found: dict[str, list[Grant]] = {person_id: [] for person_id in person_ids}
    for some in chunks(person_ids):
        granted = select(_GRANT.c.person_id, _GRANT.c.role, _GRANT.c.team_id).where(_GRANT.c.person_id.in_(some))
        for person_id, role, team_id in db.execute(granted.order_by(_GRANT.c.role, _GRANT.c.team_id)):
            found[person_id].append(Grant(Role(role), team_id or None))
        leading = select(_FACILITATOR.c.person_id).where(_FACILITATOR.c.person_id.in_(some))
        for person_id in db.execute(leading).scalars():
            if Grant(Role.FACILITATOR) not in found[person_id]:
                found[person_id].append(Grant(Role.FACILITATOR))
    return {person_id: tuple(given) for person_id, given in found.items()}


@dataclass(frozen=True, slots=True)
class Came:
    """How somebody came in: device and network in words, by a provider or not, and when it ends whatever happens."""

    device: str = ""
    network: str = ""
    via: str = ""
    provider_session: str = ""
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One sign-in of a person's list; `key` names it without opening anything."""

    id_hash: str
    device: str
    network: str
    via: str
    created: datetime
    seen: datetime

    @property
    def key(self) -> str:
        """Give what a form names it by."""
        return hashlib.sha256(self.id_hash.encode()).hexdigest()[:20]


def open_sign_in(db: Db, *, id_hash: str, person_id: str, now: datetime, hours: int, came: Came = Came()) -> None:
    """Keep a new sign-in; sign-ins that ended long ago go."""
    expires = now + timedelta(hours=hours)
    db.execute(delete(_SIGN_IN).where(_SIGN_IN.c.expires <= now))
    db.execute(
        insert(_SIGN_IN).values(
            id_hash=id_hash,
            person_id=person_id,
            created=now,
            seen=now,
            expires=expires if came.ends is None else min(expires, came.ends),
            device=came.device,
            network=came.network,
            via=came.via,
            provider_session=came.provider_session,
            ends=came.ends,
        )
    )


def held(db: Db, person_id: str, now: datetime) -> tuple[Held, ...]:
    """Give the living sign-ins of a person, the one used last first."""
    c = _SIGN_IN.c
    query = select(c.id_hash, c.device, c.network, c.via, c.created, c.seen)
    query = query.where(c.person_id == person_id, c.expires > now).order_by(c.seen.desc(), c.created.desc(), c.id_hash)
    return tuple(Held(*row) for row in db.execute(query))


def via(db: Db, id_hash: str) -> str:
    """Give how a sign-in came about, empty for a password."""
    return db.execute(select(_SIGN_IN.c.via).where(_SIGN_IN.c.id_hash == id_hash)).scalar() or ""


def sign_in(db: Db, id_hash: str, now: datetime) -> SignIn | None:
    """Give a living sign-in: not ended, the account active, the person still here; two reads."""
    row = db.execute(
        select(
            _SIGN_IN.c.seen,
            _SIGN_IN.c.expires,
            _PERSON.c.id,
            _PERSON.c.name,
            _PERSON.c.team_id,
            _SITE.c.zone,
            _ACCOUNT.c.email,
            _ACCOUNT.c.theme,
            _ACCOUNT.c.language,
            _ACCOUNT.c.password_hash,
            _STEP.c.since.label("stepped"),
            _SIGN_IN.c.via,
        )
        .join(_ACCOUNT, _ACCOUNT.c.person_id == _SIGN_IN.c.person_id)
        .join(_STEP, _STEP.c.person_id == _SIGN_IN.c.person_id, isouter=True)
        .join(_PERSON, _PERSON.c.id == _SIGN_IN.c.person_id)
        .join(_TEAM, _TEAM.c.id == _PERSON.c.team_id, isouter=True)
        .join(_SITE, _SITE.c.id == _TEAM.c.site_id, isouter=True)
        .where(_SIGN_IN.c.id_hash == id_hash, _SIGN_IN.c.expires > now, _ACCOUNT.c.active, _still_here(now.date()))
    ).one_or_none()
    if row is None:
        return None
    return SignIn(
        id_hash,
        _viewer(db, row),
        row.email,
        row.theme,
        row.language,
        row.password_hash.startswith(ONCE),
        row.seen,
        row.expires,
        bool(row.password_hash) and row.stepped is None and not row.via,
    )


def keep_open(db: Db, id_hash: str, now: datetime, hours: int) -> None:
    """Note that a sign-in is in use, so that it ends only when unused."""
    later = now + timedelta(hours=hours)
    latest = case((_SIGN_IN.c.ends < later, _SIGN_IN.c.ends), else_=later)
    db.execute(update(_SIGN_IN).where(_SIGN_IN.c.id_hash == id_hash).values(seen=now, expires=latest))


def close(db: Db, id_hash: str) -> None:
    """End one sign-in."""
    db.execute(delete(_SIGN_IN).where(_SIGN_IN.c.id_hash == id_hash))


def close_all(db: Db, person_id: str, but: str = "") -> None:
    """End all sign-ins of a person, half done or whole, but the one with the hash `but`."""
    db.execute(delete(_HALF).where(_HALF.c.person_id == person_id))
    db.execute(delete(_SIGN_IN).where(_SIGN_IN.c.person_id == person_id, _SIGN_IN.c.id_hash != but))


def attempts(db: Db, subject: str, since: datetime) -> tuple[int, datetime | None]:
    """Give how many wrong passwords a subject had after `since`, and when the last one was."""
    row = db.execute(
        select(func.count(), func.max(_ATTEMPT.c.at)).where(_ATTEMPT.c.subject == subject, _ATTEMPT.c.at > since)
    ).one()
    return int(row[0]), row[1]


def add_attempts(db: Db, subjects: Iterable[str], now: datetime) -> None:
    """Count a password under way; those older than a day go."""
    db.execute(delete(_ATTEMPT).where(_ATTEMPT.c.at < now - timedelta(days=1)))
    db.execute(insert(_ATTEMPT), [{"subject": subject, "at": now} for subject in subjects])


def forget_attempts(db: Db, subject: str, at: datetime | None = None) -> None:
    """Forget the wrong passwords of a subject, all or (with `at`) one of that instant, after a right one."""
    if at is None:
        db.execute(delete(_ATTEMPT).where(_ATTEMPT.c.subject == subject))
        return
    one = select(func.max(_ATTEMPT.c.id)).where(_ATTEMPT.c.subject == subject, _ATTEMPT.c.at == at).scalar_subquery()
    db.execute(delete(_ATTEMPT).where(_ATTEMPT.c.id == one))
