"""Codes of an authenticator app (RFC 6238 over RFC 4226): SHA-1, six digits, one every 30 seconds."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote

STEP: Final = 30  # seconds in which one code holds
DIGITS: Final = 6
WINDOW: Final = 1  # codes before and after that are taken too: clocks differ
SECRET_BYTES: Final = 20  # as long as the hash, RFC 4226 section 4


def new_secret() -> str:
    """Give a secret of 160 bits in base32, 32 letters, as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_at(now: datetime) -> int:
    """Give the number of 30-second steps since 1970."""
    return int(now.timestamp()) // STEP


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """Give the code of one step, with leading zeros (RFC 4226 section 5.3)."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: str, code: str, now: datetime, last: int) -> int | None:
    """Give the step a code belongs to, within one of `now` and after `last`; None for any other code.

    What was used is `last`: neither it nor an older one is taken again (RFC 6238 section 5.2).
    """
    middle = step_at(now)
    for step in range(middle - WINDOW, middle + WINDOW + 1):
        if step > last and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def app_address(secret: str, account: str, issuer: str) -> str:
    """Give the otpauth address that a QR code hands to an app."""
    label = quote(f"{issuer}:{account}", safe="")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer, safe='')}"
