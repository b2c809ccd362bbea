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
    """The key of an installation; read when it is first needed, then kept in memory.

    `file` is None where there is no place for a key: then there is none. Beside it lie, while the key is changed, the
    next one (`key.next`), and afterwards the former ones, each by its mark (`key-0123456789abcdef`): backups of their
    time need them.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self._key: bytes | None = None
        self._found: dict[bytes, bytes] = {}

    def key(self) -> bytes | None:
        """Give the key, None while there is none. Raises ValueError when the file holds no key."""
        if self._key is None and self.file is not None:
            self._key = _read(self.file)
        return self._key

    def find(self, mark: bytes) -> bytes | None:
        """Give the key with a mark: the present one, as its file says now, the next, or a former; None without it.

        Raises ValueError when a file that is looked at holds no key.
        """
        if mark not in self._found and self.file is not None:
            for place in (self.file, self.next_file, self._former(mark)):
                key = _read(place)
                if key is not None and mark_of(key) == mark:
                    self._found[mark] = key
                    break
        return self._found.get(mark)

    @property
    def next_file(self) -> Path:
        """Where the next key lies while the key is changed."""
        return self._place().with_name(f"{self._place().name}.next")

    def changing(self) -> bool:
        """Say whether a change of the key was begun and not ended."""
        return self.file is not None and self.next_file.exists()

    def make_next(self) -> bytes:
        """Give the key that takes the place of the present one, made if a change was not begun before."""
        _make(self.next_file)
        made = _read(self.next_file)
        if made is None:
            raise OSError(f"{self.next_file} went away while it was made.")
        return made

    def settle(self) -> Path | None:
        """Let the next key be the present one and keep the former by its mark; give the former's file.

        May be broken off at any moment and done again.
        """
        file, former = self._place(), None
        present = _read(file)
        if present is not None and present != _read(self.next_file):
            former = self._former(mark_of(present))
            with contextlib.suppress(FileExistsError):
                os.link(file, former)
        self.next_file.replace(file)
        _sync(file.parent)
        self._key = None
        return former

    def _former(self, mark: bytes) -> Path:
        return self._place().with_name(f"{self._place().name}-{mark.hex()}")

    def _place(self) -> Path:
        if self.file is None:
            raise ValueError("This store was opened without a place for its key.")
        return self.file

    def make(self) -> bytes:
        """Give the key, made now if there is none; another process that makes one at the same time has the same.

        Raises ValueError where there is no place for a key.
        """
        found = self.key()
        if found is not None:
            return found
        _make(self._place())
        made = self.key()
        if made is None:
            raise OSError(f"{self.file} went away while it was made.")
        return made

    def open_to_others(self) -> bool:
        """Say whether anybody but the owner may read the file."""
        return self.file is not None and self.file.exists() and bool(stat.S_IMODE(self.file.stat().st_mode) & OTHERS)


def _make(file: Path) -> None:
    """Make a key in `file`, whole or not at all, and never over one that is there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_bytes(KEY_BYTES).hex() + "\n")
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(beside, file)
    finally:
        beside.unlink(missing_ok=True)
    _sync(file.parent)


def _read(file: Path) -> bytes | None:
    try:
        text = file.read_text("ascii")
    except FileNotFoundError:
        return None
    found = bytes.fromhex(text.strip())
    if len(found) != KEY_BYTES:
        raise ValueError(f"{file} does not hold a key of {KEY_BYTES} bytes.")
    return found


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def mark_of(key: bytes) -> bytes:
    """Give 8 bytes that name a key and say nothing of it."""
    return hashlib.sha256(b"devsys names a key\x00" + key).digest()[:8]
