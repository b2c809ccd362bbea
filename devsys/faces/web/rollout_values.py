"""What pages of rollouts show: waves, what a draw will tell, choices of the form; finished values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from devsys.actions.draw_rollout import Prospect
from devsys.adapters.store.queries import calendar_figures, programme
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, to_phrase
from devsys.base.written import decimal, full_day
from devsys.core.improvement.charts import Good
from devsys.core.improvement.metrics import MEASURES, Unit
from devsys.core.improvement.power import Foreseen
from devsys.core.improvement.rollout import By, Order
from devsys.core.model.programme import Rhythm
from devsys.core.model.rollouts import Rollout, RolloutPlace

ORDERS: Final = (
    (
        "strata",
        to_phrase("By lot, the weaker half earlier"),
        to_phrase(
            "Who needs it most has more of the early places; inside each half the lot decides. An effect can be told."
        ),
    ),
    ("lot", to_phrase("By lot"), to_phrase("Everybody has the same chance of every place. An effect can be told.")),
    (
        "weakest",
        to_phrase("The weakest first"),
        to_phrase("By need alone. No effect will ever be told of it: low figures rise by themselves."),
    ),
)
UNITS: Final = (
    (By.PERSON.value, to_phrase("Person by person"), to_phrase("Inside each team, spread over the waves.")),
    (By.TEAM.value, to_phrase("Team by team"), to_phrase("A team starts together. An effect needs at least 16 teams.")),
)
LATES: Final = (
    (
        "10",
        to_phrase("One in ten waits for a late wave"),
        to_phrase("It starts 59 weeks after the first, so that 12 months can be told."),
    ),
    ("15", to_phrase("Three in twenty wait"), to_phrase("More who wait make what is told surer.")),
    ("0", to_phrase("Nobody waits"), to_phrase("What is left after 12 months will not be told.")),
)


def unit_words(measure: str) -> str:
    """Give what stands behind a figure of a measure."""
    return phrase(" points") if MEASURES[measure].unit in (Unit.PERCENT, Unit.POINTS) else ""


def measure_choices() -> list[tuple[str, str]]:
    """Give the measures that can be an outcome: kept for persons, with a better way."""
    return [(m.key, m.name) for m in MEASURES.values() if m.own and not m.context and m.good is not Good.NEITHER]


def activity_choices(db: Db) -> list[tuple[str, str]]:
    """Give what can be rolled out: all but coaching that is asked for."""
    found = programme.activities(db).values()
    return sorted(
        ((a.code, a.title) for a in found if a.cadence.rhythm is not Rhythm.REQUEST), key=lambda pair: pair[1]
    )


def team_choices(db: Db) -> list[tuple[str, str]]:
    """Give the teams by name."""
    return sorted(((i, t.name) for i, t in calendar_figures.teams(db).items()), key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True)
class Row:
    """One wave: when it starts, how many, and who.

    Nobody is named in a prospect, nor where the order follows figures of persons: the waves would be a ranking.
    """

    name: str
    starts: str
    people: int
    who: tuple[tuple[str, str], ...] = ()


def waves_of(places: Sequence[RolloutPlace], *, named: bool) -> tuple[Row, ...]:
    """Give the waves of a kept rollout with their people."""
    rows = []
    for number in sorted({place.wave for place in places}):
        inside = [place for place in places if place.wave == number]
        who = tuple((place.name, place.team) for place in inside) if named else ()
        name = phrase("Late wave") if inside[0].late else phrase("Wave %(number)s", number=number)
        rows.append(Row(name, full_day(inside[0].starts), len(inside), who))
    return tuple(rows)


def waves_ahead(found: Prospect) -> tuple[Row, ...]:
    """Give the waves a draw would give, by size."""
    return tuple(
        Row(
            phrase("Late wave") if wave.late else phrase("Wave %(number)s", number=wave.number),
            full_day(day),
            len(wave.people),
        )
        for wave, day in found.waves
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """One window of the power: what it will show, in words."""

    words: str
    gain: str
    why: str
    treated: int
    controls: int


def power_of(foreseen: Iterable[Foreseen], measure: str) -> tuple[Shown, ...]:
    """Give what each window will show."""
    rows = []
    for one in foreseen:
        gain = f"{decimal(one.gain, 1)}{unit_words(measure)}" if one.gain is not None else ""
        why = "; ".join(phrase(reason) for reason in one.reasons) or (
            "" if gain else phrase("the readings do not reach back far enough to say how much")
        )
        rows.append(Shown(phrase(one.window.words), gain, why, one.treated, one.controls))
    return tuple(rows)


def drawn_words(rollout: Rollout) -> str:
    """Say how a rollout was drawn."""
    if rollout.draw != Order.LOT:
        return phrase(
            "%(by)s ordered it by need alone, the weakest first, on %(day)s.",
            by=rollout.by,
            day=full_day(rollout.drawn.date()),
        )
    how = phrase("team by team") if rollout.unit == By.TEAM else phrase("person by person, spread over each team")
    said = phrase(
        "%(by)s drew it by lot on %(day)s, %(how)s.", by=rollout.by, day=full_day(rollout.drawn.date()), how=how
    )
    if not rollout.strata:
        return said
    return f"{said} {phrase('The weaker half has three of four early places and one of four late ones.')}"


def next_monday(after: date) -> date:
    """Give the first Monday on or after a day."""
    return date.fromordinal(after.toordinal() + (-after.weekday()) % 7)


def titles(db: Db) -> Mapping[str, str]:
    """Give the titles of activities by code."""
    return {a.code: a.title for a in programme.activities(db).values()}
