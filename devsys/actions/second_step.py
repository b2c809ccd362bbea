"""The second step of signing in: set up, used, taken away; recovery codes; a sign-in half done becomes whole."""

import secrets
from dataclasses import dataclass
from typing import Final

from devsys.actions.parts import Parts
from devsys.actions.sign_in import (
    FREE_ACCOUNT,
    FREE_ADDRESS,
    Refused,
    ask_again,
    subject_of,
    wait_of,
)
from devsys.adapters.store.queries import accounts, audit, house, letters, passkeys, retention
from devsys.adapters.store.queries import second_step as steps
from devsys.adapters.store.queries.second_step import SecondStep
from devsys.adapters.store.store import Db
from devsys.base.codes import DIGITS, app_address, new_secret, step_of
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_token, token_hash
from devsys.base.words import phrase, phrases, to_phrase
from devsys.core.model.access import Viewer
from devsys.core.model.devices import network_words

CODES: Final = 10  # recovery codes of one set
ON, OFF, RESET = "on", "off", "reset"  # what a letter about a second step says
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_GROUPS: Final = (4, 4, 4, 4)  # 79 bits
_WRONG: Final = to_phrase("This code does not fit. Wait for the next one and type that; each is taken once.")


@dataclass(frozen=True, slots=True)
class Standing:
    """How one's second step stands: on or not, and how many recovery codes are left."""

    on: bool
    left: int


@dataclass(frozen=True, slots=True)
class SetUp:
    """What an app is set up with: the secret in groups of four, and the address its QR code holds."""

    secret: str
    address: str


def standing(parts: Parts, viewer: Viewer) -> Standing:
    """Say how one's own second step stands."""
    with parts.store.read() as db:
        return Standing(steps.is_on(db, viewer.person_id), steps.codes_left(db, viewer.person_id))


def begin(parts: Parts, viewer: Viewer, password: str) -> None:
    """Make a secret for an app, which counts once a code of it was given.

    Raises InvalidError naming `password` when it is not the present one or too many were not, ConflictError when a
    second step is on.
    """
    ask_again(parts, viewer.person_id, password)
    with parts.store.write() as db:
        if steps.is_on(db, viewer.person_id):
            raise ConflictError(phrase("A second step is on already. Turn it off first to change the app."))
        steps.begin(db, viewer.person_id, new_secret())


def set_up(parts: Parts, viewer: Viewer) -> SetUp | None:
    """Give what the app needs, while it is not confirmed; None when nothing was begun or all is done."""
    with parts.store.read() as db:
        found = steps.of_person(db, viewer.person_id)
        account = accounts.account(db, viewer.person_id)
        issuer = house.fact(db, house.ORGANISATION_NAME) or "devsys"
    if found is None or found.since is not None or account is None:
        return None
    grouped = " ".join(found.secret[i : i + 4] for i in range(0, len(found.secret), 4))
    return SetUp(grouped, app_address(found.secret, account.email, f"devsys {issuer}"[:60].replace(":", " ")))


def confirm(parts: Parts, viewer: Viewer, code: str) -> tuple[str, ...]:
    """Turn the second step on by the first code; give the recovery codes, which are shown once and kept as hashes.

    Raises InvalidError naming `code` for a wrong one, NotFoundError when nothing was begun.
    """
    now, person_id = parts.now(), viewer.person_id
    fresh = new_codes()
    with parts.store.write() as db:
        found = steps.of_person(db, person_id)
        if found is None or found.since is not None:
            raise NotFoundError(phrase("Nothing is being set up. Begin anew on the page of the second step."))
        step = step_of(found.secret, plain(code), now, found.last_step)
        if step is not None:
            steps.use_step(db, person_id, step)
            steps.confirm(db, person_id, now, (token_hash(plain(one)) for one in fresh))
            accounts.forget_attempts(db, _subject(person_id))
            _tell(db, parts, viewer.person_id, person_id, ON)
    if step is None:
        raise InvalidError(str(_WRONG), (Fault("code", str(_WRONG)),))
    return fresh


def renew(parts: Parts, viewer: Viewer, code: str) -> tuple[str, ...]:
    """Give new recovery codes for a code; the old ones are dead. Raises InvalidError as `turn_off` does."""
    fresh = new_codes()
    with parts.store.write() as db:
        wrong = _checked(db, parts, viewer.person_id, code)
        if not wrong:
            steps.renew_codes(db, viewer.person_id, (token_hash(plain(one)) for one in fresh))
            audit.record(db, at=parts.now(), by_id=viewer.person_id, act="renew recovery codes")
    if wrong:
        raise InvalidError(wrong, (Fault("code", wrong),))
    return fresh


def turn_off(parts: Parts, viewer: Viewer, code: str) -> None:
    """Take one's second step away, by a code of the app or a recovery code.

    Raises InvalidError naming `code` when it is wrong, or when too many were.
    """
    with parts.store.write() as db:
        wrong = _checked(db, parts, viewer.person_id, code)
        if not wrong:
            steps.drop(db, viewer.person_id)
            _tell(db, parts, viewer.person_id, viewer.person_id, OFF)
    if wrong:
        raise InvalidError(wrong, (Fault("code", wrong),))


def reset(parts: Parts, viewer: Viewer, person_id: str) -> None:
    """Take the second step of another person away, who lost app and codes; a letter tells them, sign-ins end.

    Raises ConflictError for one's own, NotFoundError where none is on.
    """
    if person_id == viewer.person_id:
        raise ConflictError(phrase("Turn your own second step off on the page of your account, by a code."))
    with parts.store.write() as db:
        gone = passkeys.drop_all(db, person_id)  # on the device that was lost, as the app was
        if not steps.drop(db, person_id) and not gone:
            raise NotFoundError(phrase("This person has no second step."))
        accounts.close_all(db, person_id)
        _tell(db, parts, viewer.person_id, person_id, RESET)


def is_half(parts: Parts, secret: str) -> bool:
    """Say whether a sign-in of this browser waits for its code."""
    with parts.store.read() as db:
        return steps.half(db, token_hash(secret), parts.now()) is not None


def finish(parts: Parts, secret: str, code: str, address: str, device: str = "") -> str | Refused | None:
    """Give the secret of a whole sign-in for a half one and a code; None when no half is there any more.

    A wrong code counts for the person and for the address before it is looked at, as wrong passwords do.
    """
    now, hashed = parts.now(), token_hash(secret)
    with parts.store.write() as db:
        person_id = steps.half(db, hashed, now)
        account = accounts.account(db, person_id) if person_id else None
        if person_id is None or account is None:
            return None
        if accounts.account_by_email(db, account.email, now.date()) is None:  # shut, or left meanwhile
            steps.close_half(db, hashed)
            return None
        subjects = (_subject(person_id), subject_of("address", address))
        wait = max(wait_of(db, subjects[0], FREE_ACCOUNT, now), wait_of(db, subjects[1], FREE_ADDRESS, now))
        if wait:
            return Refused(wait)
        accounts.add_attempts(db, subjects, now)
        if not _fits(db, parts, person_id, code):
            return Refused()
        accounts.forget_attempts(db, subjects[0])
        accounts.forget_attempts(db, subjects[1], at=now)
        steps.close_half(db, hashed)
        whole = new_token()
        accounts.open_sign_in(
            db,
            id_hash=token_hash(whole),
            person_id=person_id,
            now=now,
            hours=retention.kept(db, "sign_ins", parts.settings),
            came=accounts.Came(device, network_words(address)),
        )
    return whole


def new_codes() -> tuple[str, ...]:
    """Give ten recovery codes in groups that can be read from paper."""
    return tuple(
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(size)) for size in _GROUPS) for _ in range(CODES)
    )


def plain(code: str) -> str:
    """Give a code as it is compared: small letters and digits alone."""
    return "".join(c for c in code.lower() if c.isascii() and c.isalnum())[:40]


def _checked(db: Db, parts: Parts, person_id: str, code: str) -> str:
    """Say what is wrong with a code of a second step that is on, empty when it fits; wrong ones are counted."""
    now, subject = parts.now(), _subject(person_id)
    if not steps.is_on(db, person_id):
        return phrase("No second step is on.")
    wait = wait_of(db, subject, FREE_ACCOUNT, now)
    if wait:
        return phrases(
            "Too many tries. The next one counts in %(num)s second.",
            "Too many tries. The next one counts in %(num)s seconds.",
            wait,
        )
    accounts.add_attempts(db, (subject,), now)
    if not _fits(db, parts, person_id, code):
        return str(_WRONG)
    accounts.forget_attempts(db, subject)
    return ""


def _fits(db: Db, parts: Parts, person_id: str, code: str) -> bool:
    """Say whether a code fits, and use it up."""
    found: SecondStep | None = steps.of_person(db, person_id)
    if found is None or found.since is None:
        return False
    typed = plain(code)
    if len(typed) != DIGITS:
        return steps.use_code(db, person_id, token_hash(typed))
    step = step_of(found.secret, typed, parts.now(), found.last_step)
    if step is not None:
        steps.use_step(db, person_id, step)
    return step is not None


def _subject(person_id: str) -> str:
    return subject_of("second step", person_id)


def _tell(db: Db, parts: Parts, by_id: str, person_id: str, what: str) -> None:
    now = parts.now()
    audit.record(db, at=now, by_id=by_id, act=f"turn second step {what}", what=f"account {person_id}")
    letters.open_letters(db, letters.SECOND_STEP, f"{what} {now.isoformat()}", {person_id: now}, now)
