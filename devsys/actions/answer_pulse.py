"""Answer five statements a month without a name; read or take back one's own answers by a receipt, while they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import pulse
from devsys.base import limits
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.resources import folder
from devsys.base.words import phrase, to_phrase
from devsys.core.improvement.pulse_text import read_pulse
from devsys.core.model.access import Role, Viewer
from devsys.core.model.pulse import (
    EVERYBODY,
    LEVELS,
    Pulse,
    PulseFigure,
    Statement,
    by_receipt,
    id_by,
    month_of,
    new_receipt,
    unit_of_site,
    unit_of_team,
)

FILE: Final = "library/pulse.yaml"
GONE: Final = to_phrase(
    "No answers stand under this receipt. Look at its letters again; answers stand until "
    "their month is over, then only figures of groups are kept."
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a person sees of the pulse: the statements, the month, and whether they have answered or have no team."""

    pulse: Pulse
    month: str
    answered: bool
    teamless: bool

    @property
    def open(self) -> bool:
        """Say whether they are asked."""
        return not (self.answered or self.teamless)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a viewer is shown: the statements as they are now, units with their names, and the figures of these.

    `unit` is the one the figures are of, where one was asked for.
    """

    pulse: Pulse
    units: Mapping[str, str]
    figures: tuple[PulseFigure, ...]
    unit: str = EVERYBODY


def asked(parts: Parts) -> Pulse:
    """Give the statements: the organisation's own, else those of devsys in the organisation's language.

    All are asked in the same words, whatever they read: other words are another measure. Raises InvalidError naming
    file and line.
    """
    own = parts.settings.schedules
    if own is not None and (own / FILE).is_file():
        place = own / FILE
    else:
        spoken = folder("schedules") / f"library/pulse.{parts.settings.language}.yaml"
        place = spoken if spoken.is_file() else folder("schedules") / FILE
    return _kept(place, place.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _kept(place: Path, _changed: int) -> Pulse:
    data = limits.within(place.read_bytes(), limits.YAML_BYTES, place.name)
    found, faults = read_pulse(limits.decoded(data, place.name), place.name)
    if found is None:
        raise InvalidError(phrase("The file %(name)s cannot be used.", name=place.name), faults)
    return found


def look(parts: Parts, viewer: Viewer) -> Question:
    """Give what the viewer is asked this month."""
    month = _month(parts, viewer)
    with parts.store.read() as db:
        answered = pulse.has_given(db, viewer.person_id, month)
    return Question(asked(parts), month, answered, viewer.team_id is None)


def answer(parts: Parts, viewer: Viewer, given: Mapping[str, str]) -> str:
    """Keep the answers of the viewer, code of statement -> 1 to 5 as text; give the receipt, which is kept nowhere.

    Raises InvalidError naming every statement without an answer, ConflictError for who has answered this month or is
    in no team.
    """
    found, month = asked(parts), _month(parts, viewer)
    levels = {str(level): level for level, _ in LEVELS}
    faults = tuple(
        Fault(s.code, phrase("Choose one of the five.")) for s in found.statements if given.get(s.code) not in levels
    )
    if faults:
        raise InvalidError(phrase("An answer is missing."), faults)
    if viewer.team_id is None:
        raise ConflictError(phrase("You are in no team, so your answers could be shown nowhere. Nothing was kept."))
    receipt = new_receipt()
    said = by_receipt(receipt, ((s, levels[given[s.code]]) for s in found.statements), viewer.team_id)
    with parts.store.write() as db:
        if pulse.has_given(db, viewer.person_id, month):
            raise ConflictError(phrase("You have answered this month. Next month you are asked again."))
        pulse.keep(db, viewer.person_id, month, said)
    return receipt


def read_back(parts: Parts, receipt: str) -> tuple[tuple[Statement, int], ...]:
    """Give the answers that stand under a receipt. Raises NotFoundError where none does."""
    ids = _ids(parts, receipt)
    with parts.store.read() as db:
        found = pulse.found_by(db, ids)
    if not found:
        raise NotFoundError(GONE)
    return tuple((s, found[i]) for i, s in ids.items() if i in found)


def take_back(parts: Parts, receipt: str) -> None:
    """Delete the answers under a receipt; that somebody answered stays. Raises NotFoundError where none stands."""
    with parts.store.write() as db:
        if not pulse.take_back(db, _ids(parts, receipt)):
            raise NotFoundError(GONE)


def _ids(parts: Parts, receipt: str) -> dict[str, Statement]:
    return {id_by(receipt.strip(), s.code): s for s in asked(parts).statements}


def shown(parts: Parts, viewer: Viewer, since: str, of: str | None = None) -> Shown:
    """Give the figures the viewer may see, from a month on: everybody's, and their teams' with the sites of these.

    With `of` only those of that unit, or where it is none of theirs, of their team, or everybody's. Administrators and
    coordinators see all teams. What a figure is does not depend on who looks.
    """
    with parts.store.read() as db:
        sites = pulse.site_of_teams(db)
        teams = set(sites) if viewer.has(Role.ADMINISTRATOR, Role.COORDINATOR) else _teams_of(viewer) & set(sites)
        seen = {EVERYBODY, *(unit_of_site(sites[t]) for t in teams), *(unit_of_team(t) for t in teams)}
        units = {unit: name for unit, name in pulse.names_of_units(db).items() if unit in seen}
        own = unit_of_team(viewer.team_id or "")
        unit = next((u for u in (of, own) if u in units), EVERYBODY) if of is not None else ""
        figures = pulse.figures(db, (unit,) if unit else units, since)
        return Shown(asked(parts), units, figures, unit or EVERYBODY)


def _teams_of(viewer: Viewer) -> set[str]:
    led = (viewer.teams(Role.LEAD) or frozenset()) if viewer.has(Role.LEAD) else frozenset()
    return {*led, *([viewer.team_id] if viewer.team_id else [])}


def _month(parts: Parts, viewer: Viewer) -> str:
    return month_of(parts.now().astimezone(ZoneInfo(viewer.zone)).date())
