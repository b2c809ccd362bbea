"""Confidential texts under another key, whole or not at all, whenever it is broken off.

The order is what makes it safe: the next key is on the disk before anything is sealed with it, all is sealed anew in
one transaction, and only then does it take the place of the present one, which stays beside it. In between a database
finds its key by the mark it remembers (base/keys.py).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devsys.actions.backup import back_up, free_name
from devsys.actions.parts import Parts
from devsys.adapters.store import sealed
from devsys.adapters.store.presence import held
from devsys.adapters.store.queries import audit
from devsys.base.errors import InvalidError, NotFoundError, UnavailableError

WORDS: Final = "change the key"


@dataclass(frozen=True, slots=True)
class Changed:
    """How many texts were sealed anew, the backup made before (none: an earlier run made it), the former key's file."""

    texts: int
    backup: Path | None
    former: Path | None


def change_key(parts: Parts, typed: str) -> Changed:
    """Change the key, or go on where a change was broken off.

    Raises InvalidError when `typed` is not the words; ConflictError while devsys runs, NotFoundError while nothing is
    sealed, UnavailableError when the present key does not open all.
    """
    if " ".join(typed.lower().split()) != WORDS:
        raise InvalidError(f"These are not the words “{WORDS}”. Nothing was changed.")
    with held(parts.store):
        with parts.store.read() as db:
            if not sealed.in_use(db):
                raise NotFoundError("Nothing is sealed yet: the key is made with the first confidential text.")
            trouble = sealed.trouble(db)
        if trouble:
            raise UnavailableError(trouble)
        keys = parts.store.keys
        backup: Path | None = None
        if not keys.changing():
            backup = free_name(parts.settings.home / "backups" / f"before-key-{parts.now():%Y%m%dT%H%M%S}.db")
            back_up(parts, backup)
        texts = _seal_anew(parts, keys.make_next())
        return Changed(texts, backup, keys.settle())


def _seal_anew(parts: Parts, key: bytes) -> int:
    with parts.store.write() as db:
        if sealed.opened_by(db, key):  # an earlier run came as far as this
            return 0
        texts = sealed.seal_anew(db, key)
        audit.record(db, at=parts.now(), by_id=None, act="change key", what=f"texts {texts}")
    return texts
