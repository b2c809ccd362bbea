"""Random names: ids in addresses, secrets of feeds, UIDs of sessions."""

import hashlib
import secrets


def new_id() -> str:
    """Give a random id of 80 bits as 20 hexadecimal letters, fit for an address."""
    return secrets.token_hex(10)


def new_token() -> str:
    """Give a secret of 192 bits as 32 letters of the URL-safe alphabet (trust.md R6 asks for at least 160)."""
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """Give the SHA-256 of a token in hexadecimal; only this is kept."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()
