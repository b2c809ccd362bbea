"""How long people stay, by site, as far as a group may be shown; from when on the list holds who left."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, house, pulse
from devsys.adapters.store.queries import people as people_queries
from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase
from devsys.core.improvement.staying import EVERYBODY, Staying, staying
from devsys.core.model.access import Viewer
from devsys.core.model.people import Stay

SINCE: Final = "leavings_since"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is shown, with the names of sites, and from when on leavings are on record; None: nobody has left yet."""

    groups: tuple[tuple[str, Staying], ...]
    since: date | None
    said: bool
    without_first_day: int


def look(parts: Parts) -> Seen:
    """Give what may be shown today."""
    today = parts.now().date()
    with parts.store.read() as db:
        stays, without = people_queries.stays(db)
        said = house.fact(db, SINCE)
        names = {EVERYBODY: phrase("Everybody"), **pulse.names_of_sites(db)}
    since = date.fromisoformat(said) if said else _earliest(stays)
    if since is None:
        return Seen((), None, said=False, without_first_day=without)
    groups = tuple((names[g.site_id], g) for g in staying(stays, since, today) if g.site_id in names)
    return Seen(groups, since, bool(said), without)


def set_since(parts: Parts, viewer: Viewer, since: date) -> None:
    """Say from which day on the list of people holds everybody who left. Raises InvalidError for today and later."""
    if since >= parts.now().date():
        raise InvalidError(
            phrase("Nobody can be watched from this day on yet."), (Fault("since", phrase("A day that is past.")),)
        )
    with parts.store.write() as db:
        house.set_fact(db, SINCE, since.isoformat())
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="say since", what=since.isoformat())


def _earliest(stays: tuple[Stay, ...]) -> date | None:
    return min((s.left.replace(day=1) for s in stays if s.left is not None), default=None)
