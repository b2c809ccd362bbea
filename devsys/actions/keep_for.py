"""How long things are kept: what was set, and what the next tidying would take away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, hiring, retention, rounds
from devsys.adapters.store.queries.retention import LIMITS
from devsys.base.errors import Fault, InvalidError, UnavailableError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer


@dataclass(frozen=True, slots=True)
class Kept:
    """What is set (by key of LIMITS), when things are next taken away, and how many rows go then, by table.

    `goes` is None when that could not be counted, because somebody was writing.
    """

    limits: Mapping[str, int]
    next: datetime
    goes: Mapping[str, int] | None


def look(parts: Parts, wanted: Mapping[str, int] | None = None) -> Kept:
    """Give how long things are kept, or would be with `wanted`; it is tried out and nothing of it is kept."""
    now = parts.now()
    due = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    with parts.store.read() as db:
        limits = retention.limits(db, parts.settings)
    try:
        with parts.store.read() as db:  # what is done inside is rolled back
            if wanted is not None:
                retention.set_limits(db, wanted)
            then = retention.limits(db, parts.settings)
            wiped = rounds.wipe(db, due - timedelta(days=then["cards"]), due)
            erased = hiring.erase_due(db, due.date(), then["candidates"])
            goes = {**retention.forget_old(db, due), "case_card texts": wiped, "candidate": erased}
    except UnavailableError:
        return Kept(wanted or limits, due, None)
    return Kept(wanted or limits, due, {name: count for name, count in goes.items() if count})


def change(parts: Parts, viewer: Viewer, wanted: Mapping[str, int]) -> None:
    """Set how long things are kept. Raises InvalidError naming what is beyond its range."""
    faults = tuple(
        Fault(one.key, phrase("A whole number from %(least)s to %(most)s.", least=one.least, most=one.most))
        for one in LIMITS
        if not one.least <= wanted.get(one.key, -1) <= one.most
    )
    if faults:
        raise InvalidError(phrase("Some of it cannot be."), faults)
    now = parts.now()
    with parts.store.write() as db:
        before = retention.limits(db, parts.settings)
        retention.set_limits(db, {key: n for key, n in wanted.items() if before[key] != n})
        units = {one.key: one.unit for one in LIMITS}
        said = [f"{key} {before[key]} to {n} {units[key]}" for key, n in sorted(wanted.items()) if before[key] != n]
        if said:
            audit.record(db, at=now, by_id=viewer.person_id, act="set retention", what=", ".join(said))
