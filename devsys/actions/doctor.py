"""Look at the installation: what is fine, what will be trouble, what is broken, each with what to do. Reads only."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from devsys.actions.backup import BACKUP
from devsys.actions.erase_person import ERASING, come_back
from devsys.actions.machines import differing
from devsys.actions.parts import Parts
from devsys.actions.read_replies import TROUBLE
from devsys.adapters import provider
from devsys.adapters.post import imap
from devsys.adapters.post.smtp import is_set
from devsys.adapters.store import inspection, sealed
from devsys.adapters.store.presence import moved_to
from devsys.adapters.store.queries import house, letters, runs
from devsys.adapters.store.store import Db
from devsys.base.config import Settings
from devsys.base.errors import Fault, InvalidError, UnavailableError
from devsys.base.text import count_of

State = Literal["fine", "warning", "broken"]
MIB: Final = 1024 * 1024
LEAST_DISK: Final = 200 * MIB
LITTLE_DISK: Final = 1024 * MIB
MOST_WAL: Final = 64 * MIB
SECRET_LETTERS: Final = 32
TOKEN_LETTERS: Final = 20
OTHERS: Final = 0o077  # the rights of everybody but the owner
SILENT: Final = timedelta(minutes=3)
LATE: Final = timedelta(minutes=10)
OVERDUE: Final = timedelta(hours=2)  # of work that is done every hour
HOURLY: Final = "tidy up"
OLD_BACKUP: Final = timedelta(days=7)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its name, how it is, in words, and what to do (empty when it is fine)."""

    name: str
    state: State
    says: str
    todo: str = ""


def examine(parts: Parts) -> tuple[Check, ...]:
    """Give every check, in a fixed order; a database that cannot be read is one broken check, not an error."""
    return (*_outside(parts.settings), *_database(parts))


def refusals(parts: Parts, *, demo: bool) -> tuple[Fault, ...]:
    """Give why `devsys run` must not start (trust.md R21); nothing for a start that is safe."""
    settings = parts.settings
    checks = [_interpreter(), _network(settings), _secret(settings), _demo(settings, demo=demo)]
    checks.append(_provider_secret(settings))
    with parts.store.read() as db:
        if parts.store.keys.open_to_others():
            checks.append(_key(parts, db))
        checks.append(_settings_of(parts, inspection.wrong_settings(parts.store, db)))
    return tuple(Fault(c.name, f"{c.says} {c.todo}") for c in checks if c.state == "broken")


def _outside(settings: Settings) -> Iterator[Check]:
    yield Check("version", "fine", f"devsys {_version('devsys')} on Python {sys.version.split()[0]}.")
    yield _interpreter()
    yield Check("zone data", "fine", f"tzdata {_version('tzdata')}; the same on every machine.")
    yield _folder(settings)
    yield _secret(settings)
    yield _disk(settings)
    yield _network(settings)
    yield _metrics(settings)
    yield _provider(settings)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed as a package)"


def _interpreter() -> Check:
    if sys.flags.optimize:
        todo = "Start Python without -O and without PYTHONOPTIMIZE."
        return Check("interpreter", "broken", "Python runs with -O, which takes guards away.", todo)
    return Check("interpreter", "fine", "Python keeps its guards.")


def _folder(settings: Settings) -> Check:
    if not settings.home.is_dir():
        return Check("folder", "warning", f"{settings.home} is not there yet.", "Run: devsys migrate")
    open_ones = [p.name for p in (settings.home, *settings.home.iterdir()) if p.is_file() and _others_may(p)]
    if open_ones:
        names = ", ".join(sorted(open_ones)[:3])
        return Check("folder", "warning", f"Others may read {names}.", f"Run: chmod -R go= {settings.home}")
    return Check("folder", "fine", f"{settings.home} is closed to others.")


def _others_may(path: Path) -> bool:
    return bool(path.stat().st_mode & OTHERS)


def _secret(settings: Settings) -> Check:
    path = settings.home / "secret"
    if not path.exists():
        return Check("secret", "fine", "It is made at the first start.")
    if _others_may(path):
        return Check("secret", "broken", "Others may read the secret that signs forms.", f"Run: chmod 600 {path}")
    if len(path.read_text("ascii", errors="replace").strip()) < SECRET_LETTERS:
        todo = f"Delete {path} and start devsys: a new one is made, people sign in again."
        return Check("secret", "broken", "The secret that signs forms is too short.", todo)
    return Check("secret", "fine", "It is long and closed to others.")


def _key(parts: Parts, db: Db) -> Check:
    """Look at the key of confidential texts: without the right one they cannot be read, and no backup holds it."""
    file = parts.store.keys.file
    if parts.store.keys.open_to_others():
        return Check("key", "broken", "Others may read the key of confidential texts.", f"Run: chmod 600 {file}")
    wrong = sealed.trouble(db)
    if wrong:
        return Check("key", "broken", wrong.partition(".")[0] + ".", f"Put the right one back as {file}.")
    if parts.store.keys.changing():
        todo = "Stop devsys and run: devsys change-key"
        return Check("key", "warning", "A change of the key is half done. All texts open; nothing is lost.", todo)
    if not sealed.in_use(db):
        return Check("key", "fine", "It is made with the first confidential text.")
    return Check("key", "fine", f"It opens what was sealed. No backup holds it: keep a copy of {file} elsewhere.")


def _disk(settings: Settings) -> Check:
    place = settings.home if settings.home.is_dir() else Path()
    free = shutil.disk_usage(place).free
    says = f"{free // MIB:,} MiB are free."
    if free < LITTLE_DISK:
        return Check("disk", "broken" if free < LEAST_DISK else "warning", says, "Free some space.")
    return Check("disk", "fine", says)


def _network(settings: Settings) -> Check:
    url = urlsplit(settings.public_url)
    if settings.host in LOOPBACK and settings.base_url and url.scheme != "https" and url.hostname not in LOOPBACK:
        todo = "Set DEVSYS_BASE_URL to the https:// address that people use: links and cookies go by it."
        return Check("network", "warning", f"People would come by {settings.public_url}, without HTTPS.", todo)
    if settings.host in LOOPBACK:
        return Check("network", "fine", f"Only this machine reaches {settings.host}:{settings.port}.")
    if url.scheme != "https":
        todo = "Set DEVSYS_BASE_URL to the https:// address of the proxy in front, or DEVSYS_HOST to 127.0.0.1."
        return Check("network", "broken", f"{settings.host} is open to others without HTTPS.", todo)
    return Check("network", "fine", f"People come by {settings.public_url}.")


def _metrics(settings: Settings) -> Check:
    token = settings.metrics_token.get_secret_value()
    if token and len(token) < TOKEN_LETTERS:
        todo = "Set DEVSYS_METRICS_TOKEN to a long random word: openssl rand -hex 24"
        return Check("metrics", "warning", "The token of /metrics is short enough to be guessed.", todo)
    return Check("metrics", "fine", "They are given out with a token." if token else "None are given out.")


def _provider_secret(settings: Settings) -> Check:
    """Look at the secret devsys has at the provider: a start without it would end at the first who signs in."""
    try:
        found = not provider.is_set(settings) or provider.secret_of(settings)
    except UnavailableError as error:
        todo = "Let the user devsys runs as read it: one line, the secret as the provider gave it."
        return Check("provider", "broken", error.message, todo)
    says = "The secret is there." if found else "devsys has no secret at the provider: a public client."
    return Check("provider", "fine", says)


def _provider(settings: Settings) -> Check:
    """Ask the provider people sign in by what it says of itself, and for its keys: two questions of 5 s at most."""
    if not provider.is_set(settings):
        return Check("provider", "fine", "People sign in here: no provider is set.")
    secret = _provider_secret(settings)
    if secret.state != "fine":
        return secret
    if words := provider.missing():
        return Check("provider", "broken", words.partition(":")[0] + ".", "Run: pip install 'devsys[oidc]'")
    todo = f"Look at {provider.at_home(settings)} from this machine; DEVSYS_OIDC_ISSUER is what it calls itself."
    try:
        number = provider.look(settings)
    except (UnavailableError, InvalidError) as error:
        return Check("provider", "broken", error.message, todo)
    if not number:
        return Check("provider", "broken", "The provider has no key that could sign who somebody is.", todo)
    return Check("provider", "fine", f"{settings.oidc_issuer} answers, with {count_of(number, 'key')}. {secret.says}")


def _demo(settings: Settings, *, demo: bool) -> Check:
    if not demo:
        return Check("demo", "fine", "No demo accounts: this is no demo database.")
    if settings.host not in LOOPBACK:
        todo = "Set DEVSYS_HOST to 127.0.0.1, or DEVSYS_HOME to a folder of your own organisation."
        return Check("demo", "broken", "Demo accounts would be open to others.", todo)
    return Check("demo", "fine", "A demo database with demo accounts, on this machine only.")


def _settings_of(parts: Parts, wrong: tuple[str, ...]) -> Check:
    if not wrong:
        return Check("durability", "fine", "What is answered is on the disk.")
    todo = "Set them in the server's configuration." if not parts.store.sqlite else "Report this: devsys sets them."
    return Check("durability", "broken", "; ".join(wrong) + ".", todo)


def _database(parts: Parts) -> Iterator[Check]:
    file = parts.store.file
    if file is not None and not file.exists():
        yield Check("database", "warning", f"{file} is not there yet.", "Run: devsys migrate, or devsys demo")
        return
    try:
        if where := moved_to(parts.store):
            todo = "Set DEVSYS_DATABASE_URL to that address. To go on with this one instead: devsys move --reopen"
            yield Check("database", "broken", f"Its data was moved to {where}.", todo)
            return
        yield from _read(parts)
    except Exception as error:  # noqa: BLE001 -- whatever a broken database raises is what is to be said
        said = str(error).splitlines()[0][:200]
        yield Check("database", "broken", f"It cannot be read: {said}", "Restore the last backup: docs/operate.md")


def _read(parts: Parts) -> Iterator[Check]:
    store, now = parts.store, parts.now()
    with store.read() as db:
        yield Check("database", "fine", f"{inspection.engine_version(store, db)}.")
        yield _settings_of(parts, inspection.wrong_settings(store, db))
        damage = inspection.damage(store, db)
        todo = "Stop devsys and restore the last backup."
        yield Check("integrity", "broken", "; ".join(damage), todo) if damage else Check("integrity", "fine", "Whole.")
        schema = _schema(inspection.step(db))
        yield schema
        if schema.state != "fine":
            return
        yield _demo(parts.settings, demo=house.is_demo(db))
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
        when = f"It was last seen on {seen:%d %B %Y, %H:%M} UTC." if seen else "It was never seen."
        yield Check("worker", "warning", f"No worker is at work. {when}", "Start devsys: devsys run")
    else:
        yield Check("worker", "fine", f"It was seen at {seen:%H:%M:%S} UTC.")
    yield _clock(clockwork, now)
    yield _erased(erasing, back, now)
    if waiting:
        late = count_of(len(waiting), "run")
        yield Check("runs", "warning", f"{late} have waited for more than ten minutes.", "Look at the worker's log.")
    else:
        failed = [r for r in recent if r.state == runs.FAILED and r.created > now - timedelta(days=1)]
        says = (
            f"{failed[0].job}: {failed[0].error.partition(chr(10))[0]}" if failed else "Nothing failed since yesterday."
        )
        yield Check("runs", "warning" if failed else "fine", says, "Look at the run's page." if failed else "")


def _machines(differs: tuple[str, str] | None) -> Check:
    if differs is not None:
        return Check("machines", "warning", *differs)
    return Check("machines", "fine", "What machines on one database have to share is the same here.")


def _clock(last: str, now: datetime) -> Check:
    """Look at whether what returns every hour does: a worker may be seen and yet ask for no work."""
    if not last:
        return Check("clock", "fine", "No worker has been at work yet.")
    late = now - datetime.fromisoformat(last)
    if late > OVERDUE:
        says = f"The hourly work was last asked for {late // timedelta(hours=1)} hours ago."
        return Check("clock", "warning", says, "Start devsys, and look at the worker's log.")
    return Check("clock", "fine", "The hourly work is done.")


def _erased(since: str, back: tuple[str, ...], now: datetime) -> Check:
    if back:
        says = f"{count_of(len(back), 'person', 'people')} who were erased came back with an older backup."
        return Check("erasing", "warning", says, f"Run: devsys erase {back[0]}")
    if since and now - datetime.fromisoformat(since) > OVERDUE:
        says = "Somebody was erased, and the file was not written anew since."
        return Check(
            "erasing", "warning", says, "Start devsys: the hourly tidying does it. Or end what reads the file."
        )
    return Check(
        "erasing", "fine", "The file is cleared within the hour." if since else "Nothing of the erased is left."
    )


def _replies(settings: Settings, trouble: str) -> Check:
    if not imap.is_set(settings):
        return Check("answers by mail", "fine", "No mailbox is read; people answer on the page of the session.")
    if trouble:
        return Check("answers by mail", "warning", trouble, "Look at the mailbox and at DEVSYS_IMAP_...")
    return Check("answers by mail", "fine", f"They are read from {settings.imap_host}.")


def _letters(settings: Settings, db: Db, now: datetime, *, demo: bool) -> Check:
    counts = letters.counts(db)
    late, lost = letters.overdue(db, now), counts.get(letters.FAILED, 0)
    if demo:
        kept = count_of(counts.get(letters.KEPT, 0), "letter is kept", "letters are kept")
        return Check("letters", "fine", f"{kept} to be read here. None leaves a demo.")
    if counts.get(letters.HELD):
        still = count_of(counts[letters.HELD], "letter is", "letters are")
        todo = "They may have left before: an administrator lets them go or throws them away on the page Letters."
        return Check("letters", "warning", f"{still} held since the data was restored.", todo)
    waits = count_of(late, "letter waits", "letters wait")
    if not is_set(settings):
        todo = "Set DEVSYS_SMTP_HOST and DEVSYS_MAIL_FROM: docs/operate.md."
        if settings.smtp_host or settings.mail_from or late:
            return Check("letters", "warning", f"{waits}: no mail server is set.", todo)
        return Check("letters", "fine", f"No mail server is set: letters will wait. {todo}")
    trouble = letters.trouble(db)
    if trouble is not None:
        says = f"{waits} since {trouble.since:%d %B %Y, %H:%M} UTC. {trouble.words}"
        return Check("letters", "warning", says, "Look at the mail server and at DEVSYS_SMTP_...")
    if lost:
        failed = count_of(lost, "letter", "letters")
        return Check("letters", "warning", f"{failed} could not be sent.", "The page Letters says why.")
    return Check(
        "letters", "fine", f"They leave by {settings.smtp_host}; {count_of(late, 'letter is', 'letters are')} due."
    )


def _schema(step: str) -> Check:
    newest = inspection.newest_step()
    if step == newest:
        return Check("schema", "fine", f"Step {step}.")
    if step > newest:
        return Check("schema", "broken", f"Step {step} is newer than this program.", "Install the newer devsys.")
    return Check("schema", "warning", f"Step {step or 'none'}, this program brings {newest}.", "Run: devsys migrate")


def _backup(copied: str, now: datetime, *, demo: bool) -> Check:
    if demo:
        return Check("backup", "fine", "A demo database needs none.")
    if not copied:
        return Check("backup", "warning", "There was never a backup.", "Run: devsys backup PATH")
    made = datetime.fromisoformat(copied)
    says = f"The last good one is of {made:%d %B %Y, %H:%M} UTC."
    if now - made > OLD_BACKUP:
        return Check("backup", "warning", says, "Run: devsys backup PATH")
    return Check("backup", "fine", says)


def _wal(parts: Parts) -> Check:
    log = Path(f"{parts.store.file}-wal")
    size = log.stat().st_size if parts.store.file is not None and log.exists() else 0
    if size > MOST_WAL:
        return Check("log", "warning", f"{log.name} has {size // MIB:,} MiB.", "Restart devsys: it is folded in then.")
    return Check("log", "fine", f"{size / MIB:.1f} MiB wait to be folded in.")
