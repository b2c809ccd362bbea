"""Look at the installation: what is fine, what will be trouble, what is broken, each with what to do. Reads only."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from devsys.actions import doctor_outside
from devsys.actions.backup import BACKUP
from devsys.actions.erase_person import ERASING, come_back
from devsys.actions.examined import MIB, Check, moment
from devsys.actions.machines import differing
from devsys.actions.parts import Parts
from devsys.actions.read_replies import TROUBLE
from devsys.adapters.post import imap
from devsys.adapters.post.smtp import is_set
from devsys.adapters.store import inspection, sealed
from devsys.adapters.store.presence import moved_to
from devsys.adapters.store.queries import house, letters, runs
from devsys.adapters.store.store import Db
from devsys.base import written
from devsys.base.config import Settings
from devsys.base.errors import Fault
from devsys.base.words import grouped, phrase, phrases

MOST_WAL: Final = 64 * MIB
SILENT: Final = timedelta(minutes=3)
LATE: Final = timedelta(minutes=10)
OVERDUE: Final = timedelta(hours=2)  # of work that is done every hour
HOURLY: Final = "tidy up"
OLD_BACKUP: Final = timedelta(days=7)


def examine(parts: Parts) -> tuple[Check, ...]:
    """Give every check, in a fixed order; a database that cannot be read is one broken check, not an error."""
    return (*doctor_outside.outside(parts.settings), *_database(parts))


def refusals(parts: Parts, *, demo: bool) -> tuple[Fault, ...]:
    """Give why `devsys run` must not start (trust.md R21); nothing for a start that is safe."""
    settings = parts.settings
    checks = [
        doctor_outside.interpreter(),
        doctor_outside.network(settings),
        doctor_outside.secret(settings),
        doctor_outside.demo(settings, demo=demo),
    ]
    checks.append(doctor_outside.provider_secret(settings))
    with parts.store.read() as db:
        if parts.store.keys.open_to_others():
            checks.append(_key(parts, db))
        checks.append(_settings_of(parts, inspection.wrong_settings(parts.store, db)))
    return tuple(Fault(c.name, f"{c.says} {c.todo}") for c in checks if c.state == "broken")


def _key(parts: Parts, db: Db) -> Check:
    """Look at the key of confidential texts: without the right one they cannot be read, and no backup holds it."""
    file = parts.store.keys.file
    if parts.store.keys.open_to_others():
        return Check(
            "key",
            "broken",
            phrase("Others may read the key of confidential texts."),
            phrase("Run: chmod 600 %(file)s", file=file),
        )
    wrong = sealed.trouble(db)
    if wrong:
        return Check(
            "key", "broken", wrong.partition(".")[0] + ".", phrase("Put the right one back as %(file)s.", file=file)
        )
    if parts.store.keys.changing():
        todo = phrase("Stop devsys and run: devsys change-key")
        return Check(
            "key", "warning", phrase("A change of the key is half done. All texts open; nothing is lost."), todo
        )
    if not sealed.in_use(db):
        return Check("key", "fine", phrase("It is made with the first confidential text."))
    return Check(
        "key",
        "fine",
        phrase("It opens what was sealed. No backup holds it: keep a copy of %(file)s elsewhere.", file=file),
    )


def _settings_of(parts: Parts, wrong: tuple[str, ...]) -> Check:
    if not wrong:
        return Check("durability", "fine", phrase("What is answered is on the disk."))
    todo = (
        phrase("Set them in the server's configuration.")
        if not parts.store.sqlite
        else phrase("Report this: devsys sets them.")
    )
    return Check("durability", "broken", "; ".join(wrong) + ".", todo)


def _database(parts: Parts) -> Iterator[Check]:
    file = parts.store.file
    if file is not None and not file.exists():
        yield Check(
            "database",
            "warning",
            phrase("%(file)s is not there yet.", file=file),
            phrase("Run: devsys migrate, or devsys demo"),
        )
        return
    try:
        if where := moved_to(parts.store):
            todo = phrase(
                "Set DEVSYS_DATABASE_URL to that address. To go on with this one instead: devsys move --reopen"
            )
            yield Check("database", "broken", phrase("Its data was moved to %(where)s.", where=where), todo)
            return
        yield from _read(parts)
    except Exception as error:  # noqa: BLE001 -- whatever a broken database raises is what is to be said
        said = str(error).splitlines()[0][:200]
        yield Check(
            "database",
            "broken",
            phrase("It cannot be read: %(said)s", said=said),
            phrase("Restore the last backup: docs/operate.md"),
        )


def _read(parts: Parts) -> Iterator[Check]:
    store, now = parts.store, parts.now()
    with store.read() as db:
        yield Check("database", "fine", f"{inspection.engine_version(store, db)}.")
        yield _settings_of(parts, inspection.wrong_settings(store, db))
        damage = inspection.damage(store, db)
        todo = phrase("Stop devsys and restore the last backup.")
        yield (
            Check("integrity", "broken", "; ".join(damage), todo)
            if damage
            else Check("integrity", "fine", phrase("Whole."))
        )
        schema = _schema(inspection.step(db))
        yield schema
        if schema.state != "fine":
            return
        yield doctor_outside.demo(parts.settings, demo=house.is_demo(db))
        yield _key(parts, db)
        seen = runs.worker_seen(db)
        waiting = [r for r in runs.listed(db, states=(runs.WAITING,)) if r.created < now - LATE]
        recent = runs.listed(db, limit=50)
        clockwork = runs.last_periods(db).get(HOURLY, "")
        erasing = house.fact(db, ERASING)
        back = come_back(parts, db)
        copied = house.fact(db, BACKUP)
        demo = house.is_demo(db)
        differs = differing(parts.settings, house.facts(db))
        answers = _replies(parts.settings, house.fact(db, TROUBLE))
        outbox = _letters(parts.settings, db, now, demo=demo)
    yield _wal(parts)
    yield _machines(differs)
    yield outbox
    yield answers
    yield _backup(copied, now, demo=demo)
    if seen is None or now - seen > SILENT:
        when = phrase("It was last seen on %(when)s UTC.", when=moment(seen)) if seen else phrase("It was never seen.")
        yield Check(
            "worker", "warning", phrase("No worker is at work. %(when)s", when=when), phrase("Start devsys: devsys run")
        )
    else:
        yield Check("worker", "fine", phrase("It was seen at %(time)s UTC.", time=f"{seen:%H:%M:%S}"))
    yield _clock(clockwork, now)
    yield _erased(erasing, back, now)
    if waiting:
        late = phrases(
            "%(num)s run has waited for more than ten minutes.",
            "%(num)s runs have waited for more than ten minutes.",
            len(waiting),
        )
        yield Check("runs", "warning", late, phrase("Look at the worker's log."))
    else:
        failed = [r for r in recent if r.state == runs.FAILED and r.created > now - timedelta(days=1)]
        says = (
            f"{failed[0].job}: {failed[0].error.partition(chr(10))[0]}"
            if failed
            else phrase("Nothing failed since yesterday.")
        )
        yield Check("runs", "warning" if failed else "fine", says, phrase("Look at the run's page.") if failed else "")


def _machines(differs: tuple[str, str] | None) -> Check:
    if differs is not None:
        return Check("machines", "warning", *differs)
    return Check("machines", "fine", phrase("What machines on one database have to share is the same here."))


def _clock(last: str, now: datetime) -> Check:
    """Look at whether what returns every hour does: a worker may be seen and yet ask for no work."""
    if not last:
        return Check("clock", "fine", phrase("No worker has been at work yet."))
    late = now - datetime.fromisoformat(last)
    if late > OVERDUE:
        says = phrase("The hourly work was last asked for %(hours)s hours ago.", hours=late // timedelta(hours=1))
        return Check("clock", "warning", says, phrase("Start devsys, and look at the worker's log."))
    return Check("clock", "fine", phrase("The hourly work is done."))


def _erased(since: str, back: tuple[str, ...], now: datetime) -> Check:
    if back:
        says = phrases(
            "%(num)s person who were erased came back with an older backup.",
            "%(num)s people who were erased came back with an older backup.",
            len(back),
        )
        return Check("erasing", "warning", says, phrase("Run: devsys erase %(code)s", code=back[0]))
    if since and now - datetime.fromisoformat(since) > OVERDUE:
        says = phrase("Somebody was erased, and the file was not written anew since.")
        return Check(
            "erasing", "warning", says, phrase("Start devsys: the hourly tidying does it. Or end what reads the file.")
        )
    return Check(
        "erasing",
        "fine",
        phrase("The file is cleared within the hour.") if since else phrase("Nothing of the erased is left."),
    )


def _replies(settings: Settings, trouble: str) -> Check:
    if not imap.is_set(settings):
        return Check("answers by mail", "fine", phrase("No mailbox is read; people answer on the page of the session."))
    if trouble:
        return Check("answers by mail", "warning", trouble, phrase("Look at the mailbox and at DEVSYS_IMAP_..."))
    return Check("answers by mail", "fine", phrase("They are read from %(imap_host)s.", imap_host=settings.imap_host))


def _letters(settings: Settings, db: Db, now: datetime, *, demo: bool) -> Check:
    counts = letters.counts(db)
    late, lost = letters.overdue(db, now), counts.get(letters.FAILED, 0)
    if demo:
        kept = phrases(
            "%(num)s letter is kept to be read here. None leaves a demo.",
            "%(num)s letters are kept to be read here. None leaves a demo.",
            counts.get(letters.KEPT, 0),
        )
        return Check("letters", "fine", kept)
    if counts.get(letters.HELD):
        still = phrases(
            "%(num)s letter is held since the data was restored.",
            "%(num)s letters are held since the data was restored.",
            counts[letters.HELD],
        )
        todo = phrase(
            "They may have left before: an administrator lets them go or throws them away on the page Letters."
        )
        return Check("letters", "warning", still, todo)
    waits = phrases("%(num)s letter waits", "%(num)s letters wait", late)
    if not is_set(settings):
        todo = phrase("Set DEVSYS_SMTP_HOST and DEVSYS_MAIL_FROM: docs/operate.md.")
        if settings.smtp_host or settings.mail_from or late:
            return Check("letters", "warning", phrase("%(waits)s: no mail server is set.", waits=waits), todo)
        return Check("letters", "fine", phrase("No mail server is set: letters will wait. %(todo)s", todo=todo))
    trouble = letters.trouble(db)
    if trouble is not None:
        says = phrase(
            "%(waits)s since %(when)s UTC. %(words)s", waits=waits, when=moment(trouble.since), words=trouble.words
        )
        return Check("letters", "warning", says, phrase("Look at the mail server and at DEVSYS_SMTP_..."))
    if lost:
        failed = phrases("%(num)s letter could not be sent.", "%(num)s letters could not be sent.", lost)
        return Check("letters", "warning", failed, phrase("The page Letters says why."))
    return Check(
        "letters",
        "fine",
        phrases(
            "They leave by %(host)s; %(num)s letter is due.",
            "They leave by %(host)s; %(num)s letters are due.",
            late,
            host=settings.smtp_host,
        ),
    )


def _schema(step: str) -> Check:
    newest = inspection.newest_step()
    if step == newest:
        return Check("schema", "fine", phrase("Step %(step)s.", step=step))
    if step > newest:
        return Check(
            "schema",
            "broken",
            phrase("Step %(step)s is newer than this program.", step=step),
            phrase("Install the newer devsys."),
        )
    return Check(
        "schema",
        "warning",
        phrase("Step %(step)s, this program brings %(newest)s.", step=step or "none", newest=newest),
        phrase("Run: devsys migrate"),
    )


def _backup(copied: str, now: datetime, *, demo: bool) -> Check:
    if demo:
        return Check("backup", "fine", phrase("A demo database needs none."))
    if not copied:
        return Check("backup", "warning", phrase("There was never a backup."), phrase("Run: devsys backup PATH"))
    made = datetime.fromisoformat(copied)
    says = phrase("The last good one is of %(when)s UTC.", when=moment(made))
    if now - made > OLD_BACKUP:
        return Check("backup", "warning", says, phrase("Run: devsys backup PATH"))
    return Check("backup", "fine", says)


def _wal(parts: Parts) -> Check:
    log = Path(f"{parts.store.file}-wal")
    size = log.stat().st_size if parts.store.file is not None and log.exists() else 0
    if size > MOST_WAL:
        return Check(
            "log",
            "warning",
            phrase("%(name)s has %(size)s MiB.", name=log.name, size=written.number(size // MIB)),
            phrase("Restart devsys: it is folded in then."),
        )
    return Check("log", "fine", phrase("%(size)s MiB wait to be folded in.", size=grouped(f"{size / MIB:.1f}")))
