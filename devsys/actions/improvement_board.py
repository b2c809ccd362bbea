"""What teams' charts say: figures let out, the same for everybody who may see them; marks by lead and coordinator."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from devsys.actions.import_measures import all_measures
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import causes, conditions, measures, people, programme
from devsys.adapters.store.store import Db
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.limits import WHOLE_PEOPLE
from devsys.base.words import phrase, to_phrase
from devsys.core.conditions import Red, red_stretches
from devsys.core.improvement.blocks import cells_of, last_block
from devsys.core.improvement.board import Board, board, figures_of
from devsys.core.improvement.cells import Figure
from devsys.core.improvement.marks import REBASING, Mark, MarkKind
from devsys.core.improvement.metrics import Measure
from devsys.core.model.access import Viewer
from devsys.core.model.programme import Kind
from devsys.core.policy import scope

EVER: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Unit:
    """A team or a site (`team` false), as it is listed: sites first, then teams, by name."""

    id: str
    name: str
    team: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """One measure of every unit with anything to show or to hide; `choices` are the measures with readings."""

    measure: Measure
    choices: tuple[Measure, ...]
    boards: tuple[tuple[Unit, Board], ...]
    context: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One measure of one unit, with what happened in the same weeks.

    `red` are conditions that were red and `fixes` open ones, as far as the viewer may know of them; `context` are
    boards of the context measures. `may_mark`: whether the viewer may record marks.
    """

    unit: Unit
    board: Board
    overview: Overview
    context: tuple[Board, ...]
    red: tuple[Red, ...]
    fixes: tuple[str, ...]
    may_mark: bool


def measured(parts: Parts) -> tuple[Measure, ...]:
    """Give the measures that have readings."""
    with parts.store.read() as db:
        known, there = all_measures(db), measures.measured(db)
    return tuple(measure for key, measure in known.items() if key in there)


def overview(parts: Parts, key: str = "", site_id: str = "") -> Overview | None:
    """Give a measure (the first with readings where `key` is empty) of all units; None when nothing is measured.

    With `site_id` only of that site and its teams. What is hidden among them is the same: a site is a whole of its own.
    Raises NotFoundError for a measure without readings.
    """
    with parts.store.read() as db:
        return _overview(db, parts.now().date(), key, site_id)


def sheet(parts: Parts, viewer: Viewer, unit_id: str, key: str) -> Sheet:
    """Give one measure of one unit; of a large organisation beside the units of its site alone.

    Raises NotFoundError for an unknown unit or measure.
    """
    today = parts.now().date()
    with parts.store.read() as db:
        site_id = _site_of(db, unit_id) if people.how_many(db) > WHOLE_PEOPLE else ""
        found = _overview(db, today, key, site_id)
        mine = [(unit, some) for unit, some in found.boards if unit.id == unit_id] if found else []
        if found is None or not mine:
            raise NotFoundError(phrase("There is no such chart."))
        unit, chosen = mine[0]
        context = tuple(_one(db, today, measure, unit, site_id) for measure in found.context if measure.key != key)
        red, fixes, done = _beside(db, viewer, unit)
        seen = _derived(db, unit, parts.now()) if unit.team else ()
    marks = sorted((*chosen.marks, *done, *seen), key=lambda mark: mark.day)
    may_mark = unit.team and scope(viewer, "charts", "write").covers(team_id=unit.id)
    return Sheet(unit, replace(chosen, marks=tuple(marks)), found, context, red, fixes, may_mark)


def _site_of(db: Db, unit_id: str) -> str:
    """Give the site a unit is or stands at."""
    return next((team.site_id for team in measures.teams(db) if unit_id in (team.id, team.site_id)), "")


def _overview(db: Db, today: date, key: str, site_id: str = "") -> Overview | None:
    known, there = all_measures(db), measures.measured(db)
    choices = tuple(m for k, m in known.items() if k in there and not m.context)
    context = tuple(m for k, m in known.items() if k in there and m.context)
    if not choices and not context:
        return None
    if key and (key not in known or key not in there):
        raise NotFoundError(phrase("Nothing is read of this measure."))
    measure = known[key] if key else (choices or context)[0]
    figures = _figures(db, today, measure, site_id)
    last = last_block(today, measure.delay_days)
    marks = measures.all_marks(db, site_id)
    seen = {unit for some in figures.values() for unit in some}
    boards = tuple(
        (unit, board(measure, unit.id, figures, marks.get(unit.id, ()), last=last))
        for unit in _units(db)
        if unit.id in seen
    )
    return Overview(measure, choices, boards, context)


def _figures(db: Db, today: date, measure: Measure, site_id: str = "") -> Mapping[int, Mapping[str, Figure]]:
    """Give the figures of all units, or of a site with all its teams: fewer would let more out than the whole does."""
    wholes = {team.id: team.site_id for team in measures.teams(db)}
    rows = measures.team_days(db, measure.key, EVER, site_id)
    return figures_of(cells_of(rows, wholes, last_block(today, measure.delay_days)), measure)


def _one(db: Db, today: date, measure: Measure, unit: Unit, site_id: str) -> Board:
    return board(measure, unit.id, _figures(db, today, measure, site_id), last=last_block(today, measure.delay_days))


def _units(db: Db) -> tuple[Unit, ...]:
    """Give sites with several teams, then teams: a site of one team would say the same twice."""
    teams = measures.teams(db)
    names = measures.sites(db)
    teams_at = Counter(team.site_id for team in teams)
    many = [i for i in names if teams_at[i] > 1]
    return (*(Unit(i, names[i], team=False) for i in many), *(Unit(t.id, t.name, team=True) for t in teams))


def _beside(db: Db, viewer: Viewer, unit: Unit) -> tuple[tuple[Red, ...], tuple[str, ...], tuple[Mark, ...]]:
    """Give red conditions, open fixes and done ones as marks, as far as the viewer may know of them."""
    if not unit.team:
        return (), (), ()
    red: tuple[Red, ...] = ()
    if scope(viewer, "conditions", "read").covers(team_id=unit.id):
        red = red_stretches(conditions.looks(db, scope(viewer, "conditions", "read"), team_id=unit.id), unit.id)
    fixes = causes.fixes(db, scope(viewer, "causes", "read"), team_id=unit.id)
    done = tuple(_seen(unit, fix.done, MarkKind.FIX, fix.title) for fix in fixes if fix.over and fix.done)
    return red, tuple(fix.title for fix in fixes if not fix.over), done


def _derived(db: Db, unit: Unit, now: datetime) -> tuple[Mark, ...]:
    """Give what the calendar knows: the first session of each kind, the waves of rollouts; nothing of coaching."""
    known = programme.activities(db)
    first: dict[Kind, date] = {}
    for code, day in measures.begun(db, unit.id, now).items():
        kind = known[code].kind if code in known else Kind.COACHING
        if kind is not Kind.COACHING:
            first[kind] = min(day, first.get(kind, day))
    sessions = [
        _seen(unit, day, MarkKind.SESSION, phrase("the first of %(kind)s", kind=KINDS[kind]))
        for kind, day in first.items()
    ]
    waves = [
        _seen(
            unit,
            wave.starts,
            MarkKind.WAVE,
            phrase("%(title)s, wave %(number)s", title=known[wave.activity].title, number=wave.number),
        )
        for wave in measures.waves(db, unit.id, now.date())
        if wave.activity in known
    ]
    return (*sessions, *waves)


KINDS: Final[Mapping[Kind, str]] = {
    Kind.BOUNDARIES: to_phrase("professional boundaries"),
    Kind.SKILL: to_phrase("skill sessions"),
    Kind.ROUND: to_phrase("case rounds"),
    Kind.DIGITAL: to_phrase("digital"),
    Kind.CROSS_CULTURAL: to_phrase("cross-cultural"),
    Kind.EMOTIONAL_SUPPORT: to_phrase("emotional support"),
}


def _seen(unit: Unit, day: date, kind: MarkKind, words: str) -> Mark:
    """Give a mark nobody recorded: without an id, so that nobody takes it away, and without a rebase."""
    return Mark("", unit.id, "", day, kind, words, rebase=False, reason="")


@dataclass(frozen=True, slots=True)
class NewMark:
    """What somebody wants marked."""

    measure: str
    day: date
    kind: MarkKind
    words: str
    rebase: bool
    reason: str


def keep_mark(parts: Parts, viewer: Viewer, team_id: str, new: NewMark) -> None:
    """Record a mark on a team's charts.

    Raises NotFoundError where the viewer may not; InvalidError for a rebase without a reason, or at learning: what
    learning does is what the limits are there to show.
    """
    _may_mark(viewer, team_id)
    if new.rebase and new.kind not in REBASING:
        raise InvalidError(
            phrase("Limits begin anew only at a fix, a condition or a changed definition."),
            (Fault("rebase", phrase("Only at a fix, a condition or a changed definition.")),),
        )
    if new.rebase and not new.reason:
        raise InvalidError(
            phrase("A rebase needs a reason."), (Fault("reason", phrase("Say why the old limits no longer hold.")),)
        )
    with parts.store.write() as db:
        if team_id not in {team.id for team in measures.teams(db)}:
            raise NotFoundError(phrase("There is no such team."))
        mark = Mark(new_id(), team_id, new.measure, new.day, new.kind, new.words, new.rebase, new.reason)
        measures.keep_mark(db, mark, by_id=viewer.person_id, now=parts.now())


def drop_mark(parts: Parts, viewer: Viewer, team_id: str, mark_id: str) -> None:
    """Take a mark away; the limits it opened go with it. Raises NotFoundError where the viewer may not."""
    _may_mark(viewer, team_id)
    with parts.store.write() as db:
        if not measures.drop_mark(db, mark_id, team_id):
            raise NotFoundError(phrase("There is no such mark."))


def _may_mark(viewer: Viewer, team_id: str) -> None:
    if not scope(viewer, "charts", "write").covers(team_id=team_id):
        raise NotFoundError(phrase("There is no such team."))
