"""Passkeys: what browsers are asked, and whether what they answer is proof (WebAuthn Level 3, sections 7.1 and 7.2).

A key belongs to the name in devsys's public address and nothing else: names and origins come from the settings, never
from a request. Answers count only from somebody the device itself has recognised (user verification), so that a
passkey is two factors; what make a device is (attestation) is not asked. The library is imported late: nobody else
waits for it.
"""

import base64
import json
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from devsys.base.config import Settings

MILLISECONDS: Final = 120_000  # how long a browser lets its user look for the key
MOST_ANSWER: Final = 32 * 1024  # characters of what a browser answers
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,1400}")  # at most 1,023 bytes (section 4), in base64url


@dataclass(frozen=True, slots=True)
class Place:
    """What passkeys belong to: the name (RP ID) and the origin of the public address."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Key:
    """A new key: its id in base64url, its public half (COSE), how often it was used, whether it is backed up."""

    id: str
    public: bytes
    count: int
    synced: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a key is made for; `known` are the ids of the keys they have."""

    person_id: str
    email: str
    name: str
    known: tuple[str, ...]


def place_of(settings: Settings) -> Place | None:
    """Give what passkeys belong to; None where they cannot be: an address that is a number, or without HTTPS.

    A browser takes plain HTTP from `localhost` alone.
    """
    found = urlsplit(settings.public_url)
    name = (found.hostname or "").lower()
    if not name or _is_number(name) or (found.scheme != "https" and name != "localhost"):
        return None
    return Place(name, f"{found.scheme}://{found.netloc.lower()}")


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def creation(place: Place, challenge: bytes, owner: Owner) -> str:
    """Give what a browser needs to make a key, as JSON."""
    from webauthn import base64url_to_bytes, generate_registration_options, options_to_json  # noqa: PLC0415
    from webauthn.helpers import structs  # noqa: PLC0415

    options = generate_registration_options(
        rp_id=place.name,
        rp_name="devsys",
        user_id=owner.person_id.encode(),
        user_name=owner.email,
        user_display_name=owner.name,
        challenge=challenge,
        timeout=MILLISECONDS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in owner.known],
    )
    return options_to_json(options)


def made(place: Place, challenge: bytes, answer: str) -> Key | None:
    """Give the key a browser made; None where its answer is no proof of one."""
    from webauthn import verify_registration_response  # noqa: PLC0415
    from webauthn.helpers import bytes_to_base64url, structs  # noqa: PLC0415

    if _id_of(answer) is None:
        return None
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.name,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 -- decoders of what anybody may send; whatever they raise, it is no proof
        return None
    synced = found.credential_device_type is structs.CredentialDeviceType.MULTI_DEVICE
    return Key(bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count, synced)


def asking(place: Place, challenge: bytes) -> str:
    """Give what a browser needs to look for any key it has for us, as JSON."""
    from webauthn import generate_authentication_options, options_to_json  # noqa: PLC0415
    from webauthn.helpers.structs import UserVerificationRequirement  # noqa: PLC0415

    return options_to_json(
        generate_authentication_options(
            rp_id=place.name,
            challenge=challenge,
            timeout=MILLISECONDS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def key_of(answer: str) -> tuple[str, str]:
    """Give the id of the key an answer claims to be of, and whom it names (base64url); empty where it says nothing."""
    found = _id_of(answer)
    return found or ("", "")


def names(whom: str, person_id: str) -> bool:
    """Say whether an answer names a person as the key was made for; a browser may leave it out."""
    return not whom or whom == base64.urlsafe_b64encode(person_id.encode()).decode().rstrip("=")


def proved(place: Place, challenge: bytes, answer: str, public: bytes, count: int) -> int | None:
    """Give how often a key was used, if an answer proves that its holder is here; None if not.

    A count that did not grow is no proof: the key may have been copied (section 6.1.1).
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415

    try:
        return verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.name,
            expected_origin=place.origin,
            credential_public_key=public,
            credential_current_sign_count=count,
            require_user_verification=True,
        ).new_sign_count
    except Exception:  # noqa: BLE001 -- decoders of what anybody may send; whatever they raise, it is no proof
        return None


def _id_of(answer: str) -> tuple[str, str] | None:
    if len(answer) > MOST_ANSWER:
        return None
    try:
        found = json.loads(answer)
        key, whom = found["id"], found["response"].get("userHandle") or ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return (key, whom) if isinstance(key, str) and isinstance(whom, str) and _ID.fullmatch(key) else None
