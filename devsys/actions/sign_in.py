"""A person signs in, stays signed in, signs out."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, identities, retention, second_step
from devsys.adapters.store.queries.accounts import ONCE, Account, SignIn
from devsys.adapters.store.store import Db
from devsys.base.errors import Fault, InvalidError, UnavailableError
from devsys.base.ids import new_token, token_hash
from devsys.base.words import phrase
from devsys.core.model.devices import network_words

FREE_ACCOUNT: Final = 5  # wrong passwords of one account before it is slowed
FREE_ADDRESS: Final = 20  # wrong passwords from one address before it is slowed: an office shares one
LONGEST_WAIT: Final = 300  # seconds
MEMORY: Final = timedelta(minutes=30)  # how long a wrong password counts
SEEN_EVERY: Final = timedelta(minutes=10)  # how often the use of a sign-in is written down
PASSWORD_LENGTH: Final = (12, 200)

_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Refused:
    """A sign-in that was refused; `wait` seconds before the next try counts, 0 when at once."""

    wait: int = 0


@dataclass(frozen=True, slots=True)
class HalfDone:
    """A right password of an account with a second step: `secret` stands for it until the code is given."""

    secret: str


def check_password(password: str) -> None:
    """Raise InvalidError when a password that somebody chose is shorter than 12 or longer than 200 characters."""
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(password) <= longest:
        wanted = phrase("%(least)s to %(most)s characters; a few words in a row are good", least=shortest, most=longest)
        raise InvalidError(
            phrase("The password needs %(wanted)s.", wanted=wanted),
            (Fault("password", phrase("It needs %(wanted)s.", wanted=wanted)),),
        )


def hash_password(password: str, *, once: bool = False) -> str:
    """Give the argon2id hash of a password; `once` marks that it must be changed after its first use."""
    return (ONCE if once else "") + _hasher.hash(password)


@cache
def _nobody() -> str:
    return _hasher.hash(new_token())


def matches(password_hash: str, password: str) -> bool:
    """Say whether a password is the one of a hash; an empty hash matches nothing but costs the same."""
    try:
        return _hasher.verify(password_hash.removeprefix(ONCE) or _nobody(), password) and bool(password_hash)
    except (Argon2Error, InvalidHashError):
        return False


def ask_again(parts: Parts, person_id: str, password: str) -> Account:
    """Give the account of somebody signed in who gives their password once more, before how they sign in changes.

    Wrong ones slow the next, as at the door. Raises InvalidError naming `password`.
    """
    now, subject = parts.now(), subject_of("password", person_id)
    with parts.store.write() as db:
        account = accounts.account(db, person_id)
        wait = wait_of(db, subject, FREE_ACCOUNT, now)
        if not wait:
            accounts.add_attempts(db, (subject,), now)
    words = ""
    if wait:
        words = phrase("Too many tries. The next one counts in %(seconds)s seconds.", seconds=wait)
    elif account is None or not matches(account.password_hash, password):
        words = phrase("That is not the present password.")
    if words or account is None:
        raise InvalidError(words, (Fault("password", words),))
    with parts.store.write() as db:
        accounts.forget_attempts(db, subject)
    return account


def sign_in(parts: Parts, email: str, password: str, address: str, device: str = "") -> str | HalfDone | Refused:
    """Give the secret of a new sign-in, for the cookie, or say that it was refused or is half done.

    A known and an unknown account are refused alike and cost alike. After a few wrong passwords of one account, or
    more from one address, each further one makes the next wait twice as long (trust.md R3). A password is counted
    before it is looked at, so that many at once do not slip through.
    """
    now = parts.now()
    subjects = (subject_of("account", email.lower()), subject_of("address", address))
    with parts.store.write() as db:
        wait = max(wait_of(db, subjects[0], FREE_ACCOUNT, now), wait_of(db, subjects[1], FREE_ADDRESS, now))
        if wait:
            return Refused(wait)
        accounts.add_attempts(db, subjects, now)
        found = accounts.account_by_email(db, email, now.date())
        closed = parts.settings.oidc_only and found is not None and identities.is_linked(db, found.person_id)
    if not matches(found.password_hash if found else "", password[: PASSWORD_LENGTH[1]]) or found is None or closed:
        return Refused()
    secret = new_token()
    with parts.store.write() as db:
        accounts.forget_attempts(db, subjects[0])
        accounts.forget_attempts(db, subjects[1], at=now)
        half = second_step.is_on(db, found.person_id)
        if half:
            second_step.open_half(db, token_hash(secret), found.person_id, now)
        else:
            accounts.open_sign_in(
                db,
                id_hash=token_hash(secret),
                person_id=found.person_id,
                now=now,
                hours=retention.kept(db, "sign_ins", parts.settings),
                came=accounts.Came(device, network_words(address)),
            )
    return HalfDone(secret) if half else secret


def signed_in(parts: Parts, secret: str) -> SignIn | None:
    """Give who a cookie's secret stands for, None when its sign-in has ended; notes the use now and then."""
    now = parts.now()
    id_hash = token_hash(secret)
    with parts.store.read() as db:
        found = accounts.sign_in(db, id_hash, now)
    if found is not None and now - found.seen > SEEN_EVERY:
        try:
            with parts.store.write() as db:
                accounts.keep_open(db, id_hash, now, retention.kept(db, "sign_ins", parts.settings))
        except UnavailableError:
            return found  # it will be noted with the next page
    return found


def sign_out(parts: Parts, secret: str) -> str:
    """End a sign-in; give how it came about (`provider`), empty for a password."""
    with parts.store.write() as db:
        via = accounts.via(db, token_hash(secret))
        accounts.close(db, token_hash(secret))
    return via


def subject_of(kind: str, value: str) -> str:
    """Give what tries are counted by: a hash, from which nothing can be read."""
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def wait_of(db: Db, subject: str, free: int, now: datetime) -> int:
    """Give the seconds a subject has to wait after so many tries that were free; 0 when the next one counts."""
    count, last = accounts.attempts(db, subject, now - MEMORY)
    if count < free or last is None:
        return 0
    seconds = min(2 ** (count - free), LONGEST_WAIT)
    return max(0, ceil((last + timedelta(seconds=seconds) - now).total_seconds()))
