"""Backups that were opened and checked before they count, and restores that are checked before they replace."""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store import inspection
from devsys.adapters.store.copies import ENDINGS, copy_out, put_in_place
from devsys.adapters.store.digest import digest
from devsys.adapters.store.presence import held, refuse_moved
from devsys.adapters.store.queries import house, retention, webhooks
from devsys.adapters.store.schema import bring, clear, migrate
from devsys.adapters.store.store import Db, Store
from devsys.adapters.store.transfer import Note, fill_from, silent, write_file
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.base.files import replace_file
from devsys.base.ids import new_id

BACKUP: Final = "backup"  # when the last good backup was made


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands beside a backup: when it was made, step of its schema, digest of its data, its own SHA-256."""

    made: str
    step: str
    digest: str
    sha256: str


def manifest_of(path: Path) -> Path:
    """Give where the manifest of a backup lies."""
    return path.with_name(f"{path.name}.json")


def free_name(path: Path) -> Path:
    """Give a name that is free: what is broken off and begun again within a second leaves its backup where it is."""
    names = (path, *(path.with_stem(f"{path.stem}-{number}") for number in range(2, 1000)))
    return next(name for name in names if not name.exists() and not manifest_of(name).exists())


def back_up(parts: Parts, path: Path, note: Note = silent) -> Manifest:
    """Write a whole copy of the database to `path`, check it, and write its manifest beside it.

    The copy is an SQLite file whatever the engine, so that either can be restored from it; `note` hears how many rows
    of a PostgreSQL database have been written. Raises InvalidError when there is a file already, or when the copy is
    not whole.
    """
    if path.exists() or manifest_of(path).exists():
        raise InvalidError(f"{path} is there already. Give another name; backups are never written over.")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.making")
    _forget(beside)
    try:
        if parts.store.file is None:
            write_file(parts.store, beside, note)
        else:
            copy_out(parts.store.file, beside)
        step, data = _looked_at(beside)
        found = Manifest(parts.now().isoformat(), step, data, _hash_of(beside))
        beside.replace(path)
    finally:
        _forget(beside)
    replace_file(manifest_of(path), json.dumps(asdict(found), indent=1).encode(), mode=0o600)
    with parts.store.write() as db:
        house.set_fact(db, BACKUP, found.made)
    return found


def restore(parts: Parts, path: Path, note: Note = silent) -> Manifest:
    """Make a backup the database, after it was checked; all sign-ins end and every feed is fetched anew.

    Either engine takes a backup of either. Letters that waited in it may have left since: they are held until somebody
    says (held_letters.py).

    Raises NotFoundError when backup or manifest are missing, InvalidError when it is damaged, not of devsys or newer
    than the program, ConflictError while devsys runs, or when the data of the database was moved elsewhere.
    """
    wanted = _manifest(path)
    target = parts.store.file or parts.settings.home / "postgresql"
    beside = target.with_name(f".{target.name}.restoring")
    _forget(beside)
    target.parent.mkdir(parents=True, exist_ok=True)
    with held(parts.store):
        refuse_moved(parts.store)
        try:
            shutil.copyfile(path, beside)
            beside.chmod(0o600)
            if _hash_of(beside) != wanted.sha256:
                raise InvalidError("The backup is not what its manifest says: it was changed or damaged.")
            if _looked_at(beside)[0] != wanted.step:
                raise InvalidError("The backup is not of the step its manifest says, so it is none of devsys.")
            store = Store(f"sqlite:///{beside.absolute()}", parts.store.keys.file)
            try:
                if parts.store.file is None:
                    _into_postgresql(parts, store, note)
                    return wanted
                with store.write() as db:
                    _begin_anew(db, parts.now())
            finally:
                store.close()
            parts.store.close()
            put_in_place(beside, target)
        finally:
            _forget(beside)
    return wanted


def _into_postgresql(parts: Parts, copy: Store, note: Note) -> None:
    """Let a PostgreSQL database hold what a checked copy holds: all of it changes in one transaction, or nothing."""
    migrate(copy)
    with copy.read() as found, parts.store.write() as db:
        clear(db.connection())
        bring(db.connection(), parts.store.keys)
        fill_from(db, found.connection(), digest(found, whole=True), note)
        _begin_anew(db, parts.now())
    with parts.store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _manifest(path: Path) -> Manifest:
    try:
        found = json.loads(manifest_of(path).read_bytes())
        manifest = Manifest(**{key: str(found[key]) for key in Manifest.__dataclass_fields__})
    except OSError:
        raise NotFoundError(f"{manifest_of(path)} is not there. A backup is restored with its manifest.") from None
    except (ValueError, KeyError, TypeError):
        raise InvalidError(f"{manifest_of(path)} is no manifest of a backup.") from None
    if not path.is_file():
        raise NotFoundError(f"{path} is not there.")
    if manifest.step > inspection.newest_step():
        raise InvalidError(f"The backup is of a newer devsys (step {manifest.step}). Install that one first.")
    return manifest


def _looked_at(file: Path) -> tuple[str, str]:
    """Open a copy and give its step and digest (empty for an older step). Raises InvalidError when it is damaged."""
    store = Store(f"sqlite:///{file.absolute()}")
    try:
        with store.read() as db:
            damage = inspection.damage(store, db)
            step = "" if damage else inspection.step(db)
            data = digest(db) if step == inspection.newest_step() else ""
    except Exception as error:  # whatever a damaged file raises is what is to be said
        said = str(error).splitlines()[0][:200]
        raise InvalidError(f"{file.name.strip('.')} cannot be read: {said}") from error
    finally:
        store.close()
    if damage:
        raise InvalidError("The copy is damaged.", tuple(Fault(file.name, what) for what in damage))
    return step, data


def _hash_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def begin_anew(parts: Parts) -> None:
    """Let a database that other tools restored begin anew, as `restore` does.

    Raises ConflictError while devsys runs.
    """
    with held(parts.store), parts.store.write() as db:
        _begin_anew(db, parts.now())


def _begin_anew(db: Db, now: datetime) -> None:
    house.set_fact(db, house.FEED_EPOCH, new_id())
    house.set_fact(db, house.RESTORED, now.isoformat())
    retention.end_all_sign_ins(db)
    webhooks.forget_waiting(db, now)


def _forget(file: Path) -> None:
    for ending in ENDINGS:
        Path(f"{file}{ending}").unlink(missing_ok=True)
