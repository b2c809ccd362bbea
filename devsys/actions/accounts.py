"""Accounts: the first one, further ones, their passwords, roles, themes."""

import secrets
from typing import Final

from devsys.actions.parts import Parts
from devsys.actions.sign_in import check_password, hash_password, matches
from devsys.adapters.store.queries import account_links, accounts, audit, feeds, house, people
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id, new_token, token_hash
from devsys.base.text import header_safe
from devsys.base.words import LANGUAGES, phrase
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.people import Person

THEMES: Final = ("", "light", "dark")
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


def first_run_link(parts: Parts) -> str | None:
    """Give the one-time address of the setup page, None once there is an account; an older link dies."""
    token = new_token()
    with parts.store.write() as db:
        if accounts.any_account(db):
            return None
        house.set_fact(db, house.FIRST_RUN, token_hash(token))
    return f"{parts.settings.public_url}/setup/{token}"


def setup_is_open(parts: Parts, token: str) -> bool:
    """Say whether the setup page exists for this token: no account yet, and the link printed last."""
    with parts.store.read() as db:
        return _setup_is_open(db, token)


def _setup_is_open(db: Db, token: str) -> bool:
    kept = house.fact(db, house.FIRST_RUN)
    return bool(kept) and secrets.compare_digest(kept, token_hash(token)) and not accounts.any_account(db)


def set_up(parts: Parts, token: str, *, organisation: str, name: str, email: str, password: str) -> None:
    """Create the first person, who administrates and coordinates. The link dies with it.

    Raises NotFoundError when the link is not the one, InvalidError for a bad address or password.
    """
    email = an_email(email)
    check_password(password)
    hashed = hash_password(password)
    now = parts.now()
    with parts.store.write() as db:
        if not _setup_is_open(db, token):
            raise NotFoundError(phrase("There is no such page."))
        house.drop_fact(db, house.FIRST_RUN)
        house.set_fact(db, house.ORGANISATION_NAME, organisation)
        known = people.organisation(db)
        person = next((p for p in known.people if p.email.lower() == email), None)
        if person is None:
            codes = {p.code for p in known.people}
            code = next(c for c in (email.split("@")[0][:40], f"admin-{new_id()}") if c not in codes)
            person = Person(new_id(), code, name, email, None, None, None, now.date())
            people.write_organisation(db, people.only(people=(person,)), today=now.date())
        accounts.add_account(db, person_id=person.id, email=email, password_hash=hashed, now=now)
        accounts.add_grants(db, person.id, (Grant(Role.ADMINISTRATOR), Grant(Role.COORDINATOR)))
        audit.record(db, at=now, by_id=person.id, act="set up", what=f"account {person.id}")


def change_password(parts: Parts, viewer: Viewer, sign_in_hash: str, *, old: str, new: str) -> None:
    """Change one's own password; all other sign-ins of the person end.

    Raises InvalidError naming the field `old` or `password`.
    """
    with parts.store.read() as db:
        account = accounts.account(db, viewer.person_id)
    if account is None or not matches(account.password_hash, old):
        raise InvalidError(
            phrase("That is not the present password."), (Fault("old", phrase("That is not the present password.")),)
        )
    check_password(new)
    if new == old:
        raise InvalidError(
            phrase("Choose another one."), (Fault("password", phrase("Choose another one than the present.")),)
        )
    hashed = hash_password(new)
    now = parts.now()
    with parts.store.write() as db:
        accounts.set_password_hash(db, viewer.person_id, hashed)
        accounts.close_all(db, viewer.person_id, but=sign_in_hash)
        account_links.say_changed(db, viewer.person_id, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="change password", what=f"account {viewer.person_id}")


def set_language(parts: Parts, viewer: Viewer, language: str) -> None:
    """Choose the language of pages and letters; empty: as the organisation. Raises InvalidError for another word."""
    if language and language not in LANGUAGES:
        raise InvalidError(phrase("Choose one of these languages: %(names)s.", names=", ".join(LANGUAGES.values())))
    with parts.store.write() as db:
        accounts.set_language(db, viewer.person_id, language)


def set_theme(parts: Parts, viewer: Viewer, theme: str) -> None:
    """Keep whether pages are light, dark or as the device says (empty)."""
    if theme not in THEMES:
        raise InvalidError(phrase("A theme is light, dark or as the device says."))
    with parts.store.write() as db:
        accounts.set_theme(db, viewer.person_id, theme)


def open_account(parts: Parts, viewer: Viewer, person_id: str, email: str) -> str:
    """Create an account for a person and give its one-time password, which is shown once and kept nowhere.

    Raises ConflictError when the person or the address has one, NotFoundError for an unknown person.
    """
    email = an_email(email)
    password = one_time_password()
    hashed = hash_password(password, once=True)
    now = parts.now()
    with parts.store.write() as db:
        _known(db, person_id)
        accounts.add_account(db, person_id=person_id, email=email, password_hash=hashed, now=now)
        audit.record(db, at=now, by_id=viewer.person_id, act="open account", what=f"account {person_id}")
    return password


def expect(parts: Parts, viewer: Viewer, person_id: str, email: str) -> None:
    """Create an account without a password, which its person opens by the provider. Raises as open_account does."""
    email = an_email(email)
    now = parts.now()
    with parts.store.write() as db:
        _known(db, person_id)
        accounts.add_account(db, person_id=person_id, email=email, password_hash="", now=now)
        audit.record(db, at=now, by_id=viewer.person_id, act="open account", what=f"account {person_id}")


def reset_password(parts: Parts, viewer: Viewer, person_id: str) -> str:
    """Give a new one-time password; the old one and all sign-ins of the person end."""
    password = one_time_password()
    hashed = hash_password(password, once=True)
    now = parts.now()
    with parts.store.write() as db:
        _known_account(db, person_id)
        accounts.set_password_hash(db, person_id, hashed)
        accounts.close_all(db, person_id)
        account_links.say_changed(db, person_id, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="reset password", what=f"account {person_id}")
    return password


def set_active(parts: Parts, viewer: Viewer, person_id: str, *, active: bool) -> None:
    """Let an account in again, or shut it: sign-ins, feeds and letters end with the next request.

    Raises ConflictError for one's own account and for the last administrator.
    """
    now = parts.now()
    with parts.store.write() as db:
        _known_account(db, person_id)
        if not active:
            _keep_an_administrator(db, viewer, person_id)
        accounts.set_active(db, person_id, active=active)
        act = "open account again" if active else "shut account"
        audit.record(db, at=now, by_id=viewer.person_id, act=act, what=f"account {person_id}")


def give_role(parts: Parts, viewer: Viewer, person_id: str, grant: Grant) -> None:
    """Give a role, limited to a team or not. Raises NotFoundError for an unknown person or team."""
    now = parts.now()
    with parts.store.write() as db:
        _known(db, person_id)
        if grant.team_id is not None and not people.is_team(db, grant.team_id):
            raise NotFoundError(phrase("There is no such team."))
        accounts.add_grants(db, person_id, (grant,))
        feeds.follow(db, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="give role", what=_grant_words(person_id, grant))


def take_role(parts: Parts, viewer: Viewer, person_id: str, grant: Grant) -> None:
    """Take a role. Raises ConflictError when it would leave no administrator or is one's own."""
    now = parts.now()
    with parts.store.write() as db:
        _known(db, person_id)
        if grant.role is Role.ADMINISTRATOR:
            _keep_an_administrator(db, viewer, person_id)
        accounts.drop_grant(db, person_id, grant)
        feeds.follow(db, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="take role", what=_grant_words(person_id, grant))


def one_time_password() -> str:
    """Give a password of 80 bits in groups that can be read out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def an_email(text: str) -> str:
    """Give a mail address in small letters. Raises InvalidError naming the field `email`."""
    wanted = phrase("A mail address as marisa.lopes@example.com.")
    found = text.strip().lower()
    name, _, host = found.partition("@")
    if not name or "." not in host or "@" in host or any(c.isspace() or c in '<>,;"\\' for c in found):
        raise InvalidError(phrase("This is no mail address."), (Fault("email", wanted),))
    try:
        return header_safe(found)
    except InvalidError:
        raise InvalidError(phrase("This is no mail address."), (Fault("email", wanted),)) from None


def _grant_words(person_id: str, grant: Grant) -> str:
    return f"account {person_id} {grant.role.value}" + (f" team {grant.team_id}" if grant.team_id else "")


def _known(db: Db, person_id: str) -> None:
    if accounts.viewer_of(db, person_id) is None:
        raise NotFoundError(phrase("There is no such person."))


def _known_account(db: Db, person_id: str) -> None:
    if accounts.account(db, person_id) is None:
        raise NotFoundError(phrase("There is no such account."))


def _keep_an_administrator(db: Db, viewer: Viewer, person_id: str) -> None:
    if person_id == viewer.person_id:
        raise ConflictError(phrase("You cannot shut yourself out. Ask another administrator to do it."))
    left = accounts.holders(db, Role.ADMINISTRATOR) - {person_id}
    if not left:
        raise ConflictError(phrase("Nobody would be left to administrate. Give the role to somebody else first."))
