"""The key of confidential text: a file of its own, mode 0600, outside the database and its backups."""

import contextlib
import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

KEY_BYTES: Final = 64
OTHERS: Final = 0o077  # the rights of everybody but the owner


class Keyring:
    """The one key of an installation; read when it is first needed, then kept in memory.

    `file` is None where there is no place for a key: then there is none.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self._key: bytes | None = None

    def key(self) -> bytes | None:
        """Give the key, None while there is none. Raises ValueError when the file holds no key."""
        if self._key is None and self.file is not None:
            try:
                text = self.file.read_text("ascii")
            except FileNotFoundError:
                return None
            found = bytes.fromhex(text.strip())
            if len(found) != KEY_BYTES:
                raise ValueError(f"{self.file} does not hold a key of {KEY_BYTES} bytes.")
            self._key = found
        return self._key

    def make(self) -> bytes:
        """Give the key, made now if there is none; another process that makes one at the same time has the same.

        Raises ValueError where there is no place for a key.
        """
        found = self.key()
        if found is not None:
            return found
        if self.file is None:
            raise ValueError("This store was opened without a place for its key.")
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_name(f".{self.file.name}.{secrets.token_hex(6)}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as out:
                out.write(secrets.token_bytes(KEY_BYTES).hex() + "\n")
                out.flush()
                os.fsync(out.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(beside, self.file)  # whole or not at all, and never over one that is there
        finally:
            beside.unlink(missing_ok=True)
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        made = self.key()
        if made is None:
            raise OSError(f"{self.file} went away while it was made.")
        return made

    def open_to_others(self) -> bool:
        """Say whether anybody but the owner may read the file."""
        return self.file is not None and self.file.exists() and bool(stat.S_IMODE(self.file.stat().st_mode) & OTHERS)


def mark_of(key: bytes) -> bytes:
    """Give 8 bytes that name a key and say nothing of it."""
    return hashlib.sha256(b"devsys names a key\x00" + key).digest()[:8]
