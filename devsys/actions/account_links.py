"""Links to a password: an invitation, a reset somebody asks for; one-time, short-lived, sent through the outbox.

The secret is made when the letter is sealed, so that a link never waits in the database and its time begins when it
leaves. Whoever asks for a reset gets the same answer for a known and an unknown address, for the same work.
"""

from datetime import datetime
from typing import Final

from devsys.actions.accounts import an_email
from devsys.actions.parts import Parts
from devsys.actions.sign_in import FREE_ADDRESS, MEMORY, check_password, hash_password, subject_of, wait_of
from devsys.adapters.post.smtp import is_set
from devsys.adapters.store.queries import account_links, accounts, audit, house, identities, letters
from devsys.adapters.store.queries.account_links import INVITE, RESET, AccountLink
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, NotFoundError
from devsys.base.ids import token_hash
from devsys.base.words import phrase, to_phrase
from devsys.core.model.access import Viewer

MOST_ASKED: Final = 3  # letters to one account for asking, within the memory of wrong passwords
_NO_POST: Final = to_phrase("No mail server is set, so no letter can leave. Give a one-time password instead.")
_NO_ACCOUNT: Final = to_phrase("There is no such account.")
_OVER: Final = to_phrase("This link does not work any more.")


def letters_leave(parts: Parts) -> bool:
    """Say whether letters leave this installation: then links can be sent. In a demo none does."""
    with parts.store.read() as db:
        return leave(db, parts)


def leave(db: Db, parts: Parts) -> bool:
    """Say the same inside a transaction."""
    return is_set(parts.settings) and not house.is_demo(db)


def ask_for_reset(parts: Parts, email: str, address: str) -> int:
    """Let a letter with a link wait, if there is such an account; give the seconds to wait after too many tries.

    Nothing that is given back, and next to nothing of the work, depends on whether there is one.
    """
    now = parts.now()
    subjects = (subject_of("reset account", email.lower()), subject_of("reset address", address))
    with parts.store.write() as db:
        wait = wait_of(db, subjects[1], FREE_ADDRESS, now)
        if wait:
            return wait
        asked, _ = accounts.attempts(db, subjects[0], now - MEMORY)
        accounts.add_attempts(db, subjects, now)
        found = accounts.account_by_email(db, email, now.date())
        if (
            found is not None
            and asked < MOST_ASKED
            and leave(db, parts)
            and not _by_provider(db, parts, found.person_id)
        ):
            _open(db, found.person_id, INVITE if not found.password_hash else RESET, now)
    return 0


def invite(parts: Parts, viewer: Viewer, person_id: str, email: str) -> None:
    """Give a person an account without a password, and a letter by which they choose one.

    Raises ConflictError when the person or the address has an account, or no letter can leave; InvalidError for what
    is no address, NotFoundError for an unknown person.
    """
    email = an_email(email)
    now = parts.now()
    with parts.store.write() as db:
        if not leave(db, parts):
            raise ConflictError(str(_NO_POST))
        if accounts.viewer_of(db, person_id) is None:
            raise NotFoundError(phrase("There is no such person."))
        accounts.add_account(db, person_id=person_id, email=email, password_hash="", now=now)
        _open(db, person_id, INVITE, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="open account", what=f"account {person_id}")


def send_link(parts: Parts, viewer: Viewer, person_id: str) -> None:
    """Send a person a link to a password; the one they have stays until they use it.

    Raises NotFoundError without an account, ConflictError when it is shut or no letter can leave.
    """
    now = parts.now()
    with parts.store.write() as db:
        found = accounts.account(db, person_id)
        if found is None:
            raise NotFoundError(str(_NO_ACCOUNT))
        if not leave(db, parts):
            raise ConflictError(str(_NO_POST))
        if not found.active:
            raise ConflictError(phrase("This account is shut. Open it first; nothing was sent."))
        _open(db, person_id, RESET if found.password_hash else INVITE, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="send link", what=f"account {person_id}")


def _by_provider(db: Db, parts: Parts, person_id: str) -> bool:
    """Say whether an account has no use for a password: it is linked to a provider, and passwords are off for those."""
    return parts.settings.oidc_only and identities.is_linked(db, person_id)


def _open(db: Db, person_id: str, kind: str, now: datetime) -> None:
    """Let the letter wait; one that waits already says the same."""
    if person_id not in letters.waiting(db, (person_id,), letters.ACCOUNT):
        letters.open_letters(db, letters.ACCOUNT, f"{kind} {now.isoformat()}", {person_id: now}, now)


def opened(parts: Parts, token: str) -> AccountLink:
    """Give what a link is for. Raises NotFoundError where it never was, was used, or is over: all the same."""
    now = parts.now()
    with parts.store.read() as db:
        found = account_links.living(db, token_hash(token), now, now.date())
    if found is None:
        raise NotFoundError(str(_OVER))
    return found


def choose_password(parts: Parts, token: str, password: str) -> AccountLink:
    """Set the password by a link, which dies with it; all sign-ins of the person end.

    Raises NotFoundError as `opened` does, InvalidError naming the field `password`.
    """
    opened(parts, token)  # before the costly part: a made-up link costs one read
    check_password(password)
    hashed = hash_password(password)
    now = parts.now()
    with parts.store.write() as db:
        found = account_links.living(db, token_hash(token), now, now.date())
        if found is None:
            raise NotFoundError(str(_OVER))
        if found.kind == RESET:
            account_links.say_changed(db, found.person_id, now)
        account_links.drop(db, (found.person_id,))
        accounts.set_password_hash(db, found.person_id, hashed)
        accounts.close_all(db, found.person_id)
        accounts.forget_attempts(db, subject_of("account", found.email))
        audit.record(db, at=now, by_id=found.person_id, act="choose password", what=f"account {found.person_id}")
    return found
