"""Several machines on one database: what has to be the same on each, and how one finds out that it is not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import house
from devsys.adapters.store.queries.fragments import ADDRESS
from devsys.base.config import Settings
from devsys.base.keys import mark_of
from devsys.base.words import phrase

SECRET: Final = "forms_secret"  # noqa: S105 -- names the secret that the web process which started last signs forms with


def note_secret(parts: Parts, secret: str) -> bool:
    """Note which secret a web process that starts signs forms with; say whether another one was noted before."""
    mark = mark_of(secret.encode()).hex()
    with parts.store.read() as db:
        before = house.fact(db, SECRET)
    if before != mark:
        with parts.store.write() as db:
            house.set_fact(db, SECRET, mark)
    return before not in ("", mark)


def differing(settings: Settings, facts: Mapping[str, str]) -> tuple[str, str] | None:
    """Say what of this machine is not as the others have it, and what to do; None where nothing is known to differ."""
    file = settings.home / "secret"
    noted, address = facts.get(SECRET, ""), facts.get(ADDRESS, "")
    if noted and file.exists() and mark_of(_read(file)).hex() != noted:
        says = phrase("The web process that started last signs forms with another secret than lies here.")
        return (
            says,
            phrase(
                "If it runs on another machine, put a copy of its secret in the place of %(file)s; then start again.",
                file=file,
            ),
        )
    if settings.base_url and address.startswith("https://") and address != settings.public_url:
        says = phrase(
            "Links in calendars begin with %(address)s, those of this machine with %(own)s.",
            address=address,
            own=settings.public_url,
        )
        return says, phrase("Set DEVSYS_BASE_URL alike on every machine.")
    return None


def _read(file: Path) -> bytes:
    return file.read_bytes().strip()
