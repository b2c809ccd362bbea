"""Passkeys: made after the password, used in place of it and of a code, taken away again."""

import secrets
from typing import Final

from devsys.actions.parts import Parts
from devsys.actions.sign_in import FREE_ADDRESS, Refused, ask_again, subject_of, wait_of
from devsys.adapters.authenticator import Key, Owner, Place, asking, creation, key_of, made, names, place_of, proved
from devsys.adapters.store.queries import accounts, audit, identities, letters, passkeys, retention
from devsys.adapters.store.queries.passkeys import Passkey
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError, UnavailableError
from devsys.base.ids import new_id, new_token, token_hash
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.devices import network_words

VIA: Final = "passkey"  # how a sign-in says that it came about
ADDED, REMOVED = "passkey", "no-passkey"  # what a letter says
MOST: Final = 10  # passkeys of one account
MOST_NAME: Final = 60
_WAITING: Final = 5_000  # challenges at a time, so that nobody fills the database by asking
_CHALLENGE_BYTES: Final = 32


def can_be(parts: Parts) -> bool:
    """Say whether passkeys work under the public address."""
    return place_of(parts.settings) is not None


def listed(parts: Parts, viewer: Viewer) -> tuple[Passkey, ...]:
    """Give one's own passkeys, the oldest first."""
    with parts.store.read() as db:
        return passkeys.of_person(db, viewer.person_id)


def begin(parts: Parts, viewer: Viewer, browser: str, name: str, password: str) -> str:
    """Ask this browser for a new key, after the password; give what it needs, as JSON.

    Wrong passwords slow the next ones, as at the door. Raises InvalidError naming `password` or `name`, ConflictError
    where there are too many or one's account is the provider's, NotFoundError where passkeys cannot be.
    """
    place = _place(parts)
    _named(name)
    with parts.store.read() as db:
        known = passkeys.of_person(db, viewer.person_id)
        if parts.settings.oidc_only and identities.is_linked(db, viewer.person_id):
            raise ConflictError(phrase("Your organisation signs you in; a passkey here would go past it."))
    if len(known) >= MOST:
        raise ConflictError(phrase("You have %(count)s passkeys. Take one away first.", count=len(known)))
    account = ask_again(parts, viewer.person_id, password)
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    with parts.store.write() as db:
        _open(db, parts, browser, challenge)
    owner = Owner(viewer.person_id, account.email, viewer.name, tuple(one.key_id for one in known))
    return creation(place, challenge, owner)


def keep(parts: Parts, viewer: Viewer, browser: str, name: str, answer: str) -> None:
    """Keep the key this browser made; a letter tells its owner.

    Raises InvalidError for a name that cannot be, ConflictError where the answer is no proof, came too late or a
    second time, or where the key is known; NotFoundError where passkeys cannot be.
    """
    place, now = _place(parts), parts.now()
    name = _named(name)
    with parts.store.write() as db:
        challenge = passkeys.take_challenge(db, token_hash(browser), now)
    found: Key | None = made(place, challenge, answer) if challenge is not None else None
    if found is None:
        raise ConflictError(phrase("The key could not be made, or it took too long. Nothing was kept; try again."))
    with parts.store.write() as db:
        if passkeys.by_key(db, found.id) is not None or len(passkeys.of_person(db, viewer.person_id)) >= MOST:
            raise ConflictError(phrase("This key is known already. Nothing was kept."))
        row = Passkey(
            new_id(), viewer.person_id, found.id, found.public, found.count, name, found.synced, now, used=None
        )
        passkeys.keep(db, row)
        _tell(db, parts, viewer.person_id, ADDED)


def remove(parts: Parts, viewer: Viewer, passkey_id: str) -> str:
    """Take one of one's passkeys away and give its name; a letter tells its owner. Raises NotFoundError."""
    with parts.store.write() as db:
        name = passkeys.drop(db, viewer.person_id, passkey_id)
        if name is None:
            raise NotFoundError(phrase("You have no such passkey."))
        _tell(db, parts, viewer.person_id, REMOVED)
    return name


def ask(parts: Parts, browser: str) -> str:
    """Ask a browser at the door for a key; give what it needs, as JSON.

    Raises NotFoundError where passkeys cannot be, UnavailableError while too many are asked at the same time.
    """
    place, challenge = _place(parts), secrets.token_bytes(_CHALLENGE_BYTES)
    with parts.store.write() as db:
        _open(db, parts, browser, challenge)
    return asking(place, challenge)


def enter(parts: Parts, browser: str, answer: str, address: str, device: str = "") -> str | Refused:
    """Give the secret of a new sign-in for a proof, or say that it was refused: for whatever reason, alike.

    The key's holder was recognised by the device, so no code is asked besides. Tries from one address are counted
    before they are looked at, as wrong passwords are. Raises NotFoundError where passkeys cannot be.
    """
    place, now = _place(parts), parts.now()
    subject = subject_of("address", address)
    with parts.store.write() as db:
        challenge = passkeys.take_challenge(db, token_hash(browser), now)
        wait = wait_of(db, subject, FREE_ADDRESS, now)
        if wait:
            return Refused(wait)
        accounts.add_attempts(db, (subject,), now)
        key_id, whom = key_of(answer)
        found = passkeys.by_key(db, key_id) if key_id else None
        open_ = found is not None and _open_account(db, parts, found.person_id)
    if challenge is None or found is None or not open_ or not names(whom, found.person_id):
        return Refused()
    count = proved(place, challenge, answer, found.public, found.count)
    if count is None:
        return Refused()
    secret = new_token()
    with parts.store.write() as db:
        if not passkeys.use(db, found, count, now):
            return Refused()
        accounts.forget_attempts(db, subject, at=now)
        accounts.open_sign_in(
            db,
            id_hash=token_hash(secret),
            person_id=found.person_id,
            now=now,
            hours=retention.kept(db, "sign_ins", parts.settings),
            came=accounts.Came(device, network_words(address), via=VIA),
        )
    return secret


def _place(parts: Parts) -> Place:
    found = place_of(parts.settings)
    if found is None:
        raise NotFoundError(phrase("Passkeys need an address with a name and HTTPS."))
    return found


def _named(name: str) -> str:
    if not 1 <= len(name.strip()) <= MOST_NAME:
        what = phrase("A name of 1 to %(most)s characters, by which you know the device.", most=MOST_NAME)
        raise InvalidError(what, (Fault("name", what),))
    return name.strip()


def _open(db: Db, parts: Parts, browser: str, challenge: bytes) -> None:
    passkeys.open_challenge(db, token_hash(browser), challenge, parts.now())
    if passkeys.waiting(db) > _WAITING:
        raise UnavailableError(phrase("Too many sign in at this moment. Try again in a minute."), 60)


def _open_account(db: Db, parts: Parts, person_id: str) -> bool:
    """Say whether somebody may come in by a key of theirs: here, not shut, not the provider's alone."""
    account = accounts.account(db, person_id)
    if account is None or accounts.account_by_email(db, account.email, parts.now().date()) is None:
        return False
    return not (parts.settings.oidc_only and identities.is_linked(db, person_id))


def _tell(db: Db, parts: Parts, person_id: str, what: str) -> None:
    now = parts.now()
    act = "add passkey" if what == ADDED else "remove passkey"
    audit.record(db, at=now, by_id=person_id, act=act, what=f"account {person_id}")
    letters.open_letters(db, letters.SECOND_STEP, f"{what} {now.isoformat()}", {person_id: now}, now)
