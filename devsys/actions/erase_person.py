"""Erase a person: whole or not at all; then the database file is written anew, so that nothing lies in free pages."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devsys.actions.backup import BACKUP
from devsys.actions.parts import Parts
from devsys.adapters.store.clearing import clear
from devsys.adapters.store.queries import accounts, audit, erasure, house
from devsys.adapters.store.queries.erasure import Known
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError, UnavailableError
from devsys.base.files import replace_file
from devsys.base.ids import token_hash
from devsys.base.words import phrase
from devsys.core.model.access import Role, Viewer

ERASING: Final = "erasing"  # somebody was erased and the file was not written anew since
LIST: Final = "erased"  # file in the home folder: hashes of ids, so that who comes back with an old backup is known
_SAME: Final = "Type the name exactly as it stands."


@dataclass(frozen=True, slots=True)
class Preview:
    """What erasing a person would do: rows that go and that stay namelessly, by table; why not, if it cannot be."""

    known: Known
    goes: Mapping[str, int]
    stays: Mapping[str, int]
    refused: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done; `cleared` says whether the file is free of it already; `backup` when the last one was made."""

    nobody: str
    cleared: bool
    backup: str


def find(parts: Parts, word: str) -> Known:
    """Give whom a code, an address, an id or a whole name means. Raises NotFoundError, ConflictError for several."""
    with parts.store.read() as db:
        found = erasure.found(db, word)
    if not found:
        raise NotFoundError(phrase("There is nobody with the code, address or name %(word)s.", word=repr(word)))
    if len(found) > 1:
        codes = ", ".join(sorted(one.code for one in found))
        raise ConflictError(
            phrase("%(found)s people are called that. Say which by the code: %(codes)s.", found=len(found), codes=codes)
        )
    return found[0]


def preview(parts: Parts, person_id: str, by: Viewer | None = None) -> Preview:
    """Say what erasing would take and leave. Raises NotFoundError for an unknown id."""
    with parts.store.read() as db:
        known = _known(db, person_id)
        goes, stays = erasure.what_goes(db, person_id), erasure.what_stays(db, person_id)
        return Preview(known, goes, stays, _refused(db, known, by))


def erase(parts: Parts, person_id: str, typed: str, by: Viewer | None = None) -> Erased:
    """Erase a person whose name was typed; `by` is None at the terminal.

    Raises NotFoundError for an unknown id, InvalidError for another name, ConflictError for oneself, the last
    administrator and somebody who was erased before.
    """
    now = parts.now()
    with contextlib.ExitStack() as kept, parts.store.write() as db:
        known = _known(db, person_id)
        if typed.strip() != known.name:
            raise InvalidError(_SAME, (Fault("typed", _SAME),))
        refused = _refused(db, known, by)
        if refused:
            raise ConflictError(refused)
        nobody = erasure.erase(db, known, now, address=parts.settings.public_url if by is not None else "")
        house.set_fact(db, ERASING, now.isoformat())
        audit.record(db, at=now, by_id=by.person_id if by else None, act="erase person", what=f"person {nobody}")
        backup = house.fact(db, BACKUP)
        kept.enter_context(_remembered(parts, known.id))  # left once it is committed
    return Erased(nobody, by is None and clear_away(parts), backup)


def clear_away(parts: Parts) -> bool:
    """Write the file anew if somebody was erased since; say whether nothing can be left of them in it."""
    with parts.store.read() as db:
        since = house.fact(db, ERASING)
    if not since:
        return True
    try:
        if not clear(parts.store):
            return False
    except UnavailableError:
        return False
    with parts.store.write() as db:
        if house.fact(db, ERASING) == since:
            house.drop_fact(db, ERASING)
    return True


@contextlib.contextmanager
def _remembered(parts: Parts, person_id: str) -> Iterator[None]:
    """Keep somebody in the list of who was erased, before it is committed: killed after, they are known by it.

    When what is done meanwhile fails, the list is as it was.
    """
    path = parts.settings.home / LIST
    known = path.read_text("ascii").split() if path.exists() else []
    parts.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    _keep(path, [*known, token_hash(person_id)])
    try:
        yield
    except BaseException:
        _keep(path, known)
        raise


def _keep(path: Path, hashes: Iterable[str]) -> None:
    replace_file(path, "".join(f"{one}\n" for one in hashes).encode(), mode=0o600)


def come_back(parts: Parts, db: Db) -> tuple[str, ...]:
    """Give the codes of people who were erased here and are back, because an older backup was restored."""
    path = parts.settings.home / LIST
    if not path.exists():
        return ()
    erased = frozenset(path.read_text("ascii", errors="replace").split())
    return tuple(sorted(code for i, code in erasure.codes_by_id(db).items() if token_hash(i) in erased))


def _known(db: Db, person_id: str) -> Known:
    found = [one for one in erasure.found(db, person_id) if one.id == person_id]
    if not found:
        raise NotFoundError(phrase("There is no such person."))
    return found[0]


def _refused(db: Db, known: Known, by: Viewer | None) -> str:
    if known.email.endswith("@erased.invalid"):
        return "This person was erased before."
    if by is not None and by.person_id == known.id:
        return "Nobody erases themselves. Ask another administrator."
    holders = accounts.holders(db, Role.ADMINISTRATOR)
    if known.id in holders and holders == {known.id}:
        return "Nobody would be left to administrate. Give the role to somebody else first."
    return ""
