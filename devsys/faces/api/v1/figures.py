"""Figures of groups: measures of teams and sites, effects of rollouts. Of fewer than five people there is none.

They are those of the pages, let out once for everybody (core/improvement/cells.py); of one person there is no figure.
"""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from devsys.actions import improvement_board
from devsys.actions.improvement_board import Unit
from devsys.adapters.store.queries import programme, rollouts
from devsys.base.errors import NotFoundError
from devsys.core.improvement.board import Board
from devsys.core.improvement.cells import FEW_PEOPLE, K
from devsys.core.improvement.metrics import Measure as Known
from devsys.core.model.rollouts import Rollout
from devsys.faces.api.operations import Noun, Out
from devsys.faces.api.paging import NEXT, PageQuery, cut, moment_of, place_of
from devsys.faces.web.here import parts

noun = Noun("figures", "measures")


class Measure(Out):
    """A measure with readings: what is counted over what. One that is context has no better way and no word."""

    key: str
    name: str
    unit: str
    better: Literal["up", "down", "neither"]
    numerator: str
    denominator: str
    context: bool


class Measures(Out):
    """All measures with readings; there are a few dozen at most."""

    items: list[Measure]


class UnitLine(Out):
    """What one measure says of a team or a site; `hidden` says why there is nothing where there is not."""

    id: str
    name: str
    kind: Literal["team", "site"]
    word: str = Field(description="What its chart says since the baseline; empty for context and where hidden.")
    since: date | None = Field(description="First day of the run that gave the word.")
    before: float | None = Field(description="Value of the baseline.")
    recent: float | None = Field(description="Value of the last seven blocks.")
    hidden: str


class Units(Out):
    """A page of teams and sites, in order of their ids."""

    items: list[UnitLine]
    next: str = Field(description=NEXT)


class Point(Out):
    """One block of four weeks: sums, how many people they rest on (five at least), the value in the measure's unit."""

    first: date
    last: date
    numerator: float
    denominator: float
    people: int
    value: float
    label: str = Field(description="The rule that found it to be more than chance, if one did.")


class Gap(Out):
    """A block without a figure, and why."""

    first: date
    last: date
    why: str


class Limits(Out):
    """Centre and limits of the blocks from `first` to `last`; null where there is too little to know them."""

    first: date
    last: date
    centre: float | None
    lower: float | None
    upper: float | None
    frozen: bool


class Figures(UnitLine):
    """What one measure says of a team or a site, block by block."""

    measure: Measure
    points: list[Point]
    gaps: list[Gap]
    limits: list[Limits]


class EffectLine(Out):
    """What is known of one rollout: who began when was drawn, by lot or the weakest first."""

    id: str
    activity: str
    title: str
    measure: str
    drawn: datetime
    draw: str
    by: str = Field(description="What was drawn: person or team.")
    least_gain: float = Field(description="The smallest gain worth having, in the measure's unit.")
    looked: datetime | None = Field(description="When it was last looked at; null: not yet.")
    phrase: str
    sentence: str


class Effects(Out):
    """A page of effects, the newest rollout first."""

    items: list[EffectLine]
    next: str = Field(description=NEXT)


class Window(Out):
    """One window of weeks after the start: the gain with its 95 % interval, or why nothing is told."""

    key: str
    words: str
    gain: float | None
    low: float | None
    high: float | None
    treated: int | None = Field(description="How many people had begun.")
    controls: int | None = Field(description="How many still waited.")
    left: float | None = Field(description="Share of the first quarter's gain that is left.")
    why: str


class Effect(EffectLine):
    """What is known of one rollout, window by window."""

    windows: list[Window]


@noun.op("GET", "/measures", "charts", gives=Measures)
def measures() -> Measures:
    """List the measures that have readings."""
    return Measures(items=[_measure(one) for one in improvement_board.measured(parts())])


@noun.op("GET", "/measures/<key>/units", "charts", query=PageQuery, gives=Units)
def units(key: str, asked: PageQuery) -> Units:
    """List what one measure says of each team and site."""
    after = place_of("units", asked.cursor, 1)
    found = [(unit, some) for unit, some in _boards(key) if after is None or unit.id > after[0]]
    rows, further = cut("units", found, asked.limit, lambda row: (row[0].id,))
    return Units(items=[UnitLine(**_line(unit, some)) for unit, some in rows], next=further)


@noun.op("GET", "/measures/<key>/units/<unit_id>", "charts", gives=Figures)
def figures(key: str, unit_id: str) -> Figures:
    """Show one measure of one team or site, block by block."""
    unit, some = next(((unit, some) for unit, some in _boards(key) if unit.id == unit_id), (None, None))
    if unit is None or some is None:
        raise NotFoundError("There is no such chart.")
    days = {point.block: point for point in some.points}
    return Figures(
        **_line(unit, some),
        measure=_measure(some.measure),
        points=[
            Point(
                first=p.first,
                last=p.last,
                numerator=p.numerator,
                denominator=p.denominator,
                people=p.people,
                value=p.value,
                label=p.label,
            )
            for p in some.points
        ],
        gaps=[Gap(first=g.first, last=g.last, why=g.why) for g in some.gaps],
        limits=[
            Limits(
                first=days[g.first].first,
                last=days[g.last].last,
                centre=_known(g.limits.centre),
                lower=_known(g.limits.lower),
                upper=_known(g.limits.upper),
                frozen=g.frozen,
            )
            for g in some.groups
        ],
    )


@noun.op("GET", "/effects", "effects", query=PageQuery, gives=Effects)
def effects(asked: PageQuery) -> Effects:
    """List what is known of each rollout."""
    after = moment_of("effects", asked.cursor)
    with parts().store.read() as db:
        every, kept, names = rollouts.every(db), rollouts.effects(db), programme.activities(db)
    # Newest first, then by id: so behind a place is what was drawn before, or at the same moment with a later id.
    found = [r for r in every if after is None or r.drawn < after[0] or (r.drawn == after[0] and r.id > after[1])]
    rows, further = cut("effects", found, asked.limit, lambda r: (r.drawn.isoformat(), r.id))
    titles = {code: activity.title for code, activity in names.items()}
    return Effects(items=[EffectLine(**_told(r, kept.get(r.id), titles)) for r in rows], next=further)


@noun.op("GET", "/effects/<rollout_id>", "effects", gives=Effect)
def effect(rollout_id: str) -> Effect:
    """Show what is known of one rollout, window by window."""
    with parts().store.read() as db:
        one, kept, names = rollouts.one(db, rollout_id), rollouts.effects(db).get(rollout_id), programme.activities(db)
    if one is None:
        raise NotFoundError("There is no such effect.")
    said: dict[str, Any] = json.loads(kept[1]) if kept else {"windows": [], "retained": {}}
    titles = {code: activity.title for code, activity in names.items()}
    return Effect(**_told(one, kept, titles), windows=[_window(window, said["retained"]) for window in said["windows"]])


def _boards(key: str) -> list[tuple[Unit, Board]]:
    found = improvement_board.overview(parts(), key)
    if found is None:
        raise NotFoundError("Nothing is read of this measure.")
    return sorted(found.boards, key=lambda row: row[0].id)


def _measure(one: Known) -> Measure:
    return Measure(
        key=one.key,
        name=one.name,
        unit=one.unit.value,
        better=one.good.name.lower(),  # type: ignore[arg-type]
        numerator=one.numerator,
        denominator=one.denominator,
        context=one.context,
    )


def _line(unit: Unit, some: Board) -> dict[str, Any]:
    return {
        "id": unit.id,
        "name": unit.name,
        "kind": "team" if unit.team else "site",
        "word": some.signal.word.value if some.signal else "",
        "since": some.since,
        "before": some.before,
        "recent": some.recent,
        "hidden": some.hidden,
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _told(one: Rollout, kept: tuple[datetime, str] | None, titles: Mapping[str, str]) -> dict[str, Any]:
    said = json.loads(kept[1]) if kept else {}
    return {
        "id": one.id,
        "activity": one.activity,
        "title": titles.get(one.activity, one.activity),
        "measure": one.measure,
        "drawn": one.drawn,
        "draw": one.draw,
        "by": one.unit,
        "least_gain": one.least_gain,
        "looked": kept[0] if kept else None,
        "phrase": said.get("phrase", ""),
        "sentence": said.get("sentence", ""),
    }


def _window(said: Mapping[str, Any], retained: Mapping[str, float]) -> Window:
    figures: Mapping[str, Any] = said["figures"] or {}
    why = "; ".join(said["reasons"])
    if figures and min(figures["treated"], figures["controls"]) < K:
        figures, why = {}, FEW_PEOPLE  # none is kept of so few; this holds whatever was kept
    return Window(
        key=said["key"],
        words=said["words"],
        **{name: figures.get(name) for name in ("gain", "low", "high", "treated", "controls")},
        left=max(retained[said["key"]], 0.0) if figures and said["key"] in retained else None,
        why=why,
    )
