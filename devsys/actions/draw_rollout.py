"""Draw a rollout: who starts an activity in which wave, by lot, and before it what the draw will be able to show."""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, conditions, measures, programme, rollouts
from devsys.adapters.store.queries.rollouts import Learner
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.core.improvement.charts import Good
from devsys.core.improvement.estimable import Design
from devsys.core.improvement.metrics import MEASURES, Measure
from devsys.core.improvement.panels import means, panel_of, values
from devsys.core.improvement.power import Foreseen, foresee
from devsys.core.improvement.refreshers import monday, week_of
from devsys.core.improvement.rollout import (
    LATE_AFTER,
    LEAST_LATE,
    By,
    Order,
    Wave,
    draw_waves,
    weaker_half,
    weakest_first,
)
from devsys.core.model.access import Viewer
from devsys.core.model.programme import Rhythm
from devsys.core.model.rollouts import Rollout

NOTICE: Final = timedelta(weeks=2)  # people see their week at least so long before it
FARTHEST: Final = timedelta(weeks=52)
WAVES: Final = (1, 24)
SPACING: Final = (2, 13)
LATE: Final = (0, 10, 15)  # per cent who wait for the late wave
HISTORY: Final = 104  # weeks looked back at
_SEEDS: Final = 2**48
_SAMPLE: Final = 1  # the seed of the draw that only shows sizes; the real one is drawn when it is drawn


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be rolled out, to whom, how; `late` per cent of people wait, `strata`: the weaker half goes first."""

    activity: str
    measure: str
    least_gain: float
    teams: tuple[str, ...]
    first: date
    waves: int
    spacing: int
    late: int
    order: Order
    by: By
    strata: bool


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a draw would give: waves with their Mondays and sizes, and what each window will show."""

    waves: tuple[tuple[Wave, date], ...]
    foreseen: tuple[Foreseen, ...]
    people: int
    history: int
    strata: bool


def measured(measure: str) -> Measure:
    """Give a measure that can be an outcome. Raises InvalidError for context and for what has no better way."""
    found = MEASURES.get(measure)
    if found is None or found.context or found.good is Good.NEITHER or not found.own:
        raise InvalidError(
            phrase("This measure cannot be rolled out for."), (Fault("measure", phrase("Choose one of these.")),)
        )
    return found


def prospect(parts: Parts, question: Question, *, today: date) -> Prospect:
    """Say what a draw would give and show; nothing is written. Raises InvalidError by field."""
    with parts.store.read() as db:
        return _Draw(db, question, today).prospect()


def draw(parts: Parts, viewer: Viewer, question: Question, *, today: date) -> str:
    """Draw the lot and keep the rollout; give its id. Raises InvalidError by field, ConflictError for a second one."""
    seed = secrets.randbelow(_SEEDS)
    return draw_with(parts, viewer.person_id, question, seed, today=today)


def draw_with(parts: Parts, by_id: str, question: Question, seed: int, *, today: date) -> str:
    """Draw with a given seed, as the demo does. Raises as draw."""
    now = parts.now()
    with parts.store.write() as db:
        drawing = _Draw(db, question, today)
        if any(one.activity == question.activity and one.ended is None for one in rollouts.every(db)):
            raise ConflictError(phrase("This activity is being rolled out already. End that rollout first."))
        waves = drawing.waves(seed)
        rollout = Rollout(
            new_id(),
            question.activity,
            question.measure,
            question.least_gain,
            question.order.value,
            question.by.value,
            str(seed) if question.order is Order.LOT else "",
            drawing.stratified,
            now,
            now,
            by_id,
        )
        strata = drawing.strata
        people = {code: (one, strata.get(code, 0)) for code, one in drawing.people.items()}
        rollouts.keep(db, rollout, waves, people)
        audit.record(db, at=now, by_id=by_id, act="draw rollout", what=f"{rollout.id} {len(people)} people")
    return rollout.id


def end(parts: Parts, viewer: Viewer, rollout_id: str) -> None:
    """End a rollout: from now on the cadence alone says when people learn. Raises NotFoundError."""
    with parts.store.write() as db:
        if not rollouts.end(db, rollout_id, parts.now()):
            raise NotFoundError(phrase("There is no such rollout, or it was ended."))
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="end rollout", what=rollout_id)


class _Draw:
    """A question with the people it concerns and what is known of their past."""

    def __init__(self, db: Db, question: Question, today: date) -> None:
        self.question, self.today = question, today
        self.measure = measured(question.measure)
        self._refuse(db)
        self.people: Mapping[str, Learner] = {
            one.code: one for one in rollouts.learners(db, question.teams, today) if self._meant_for(one)
        }
        ids = [one.id for one in self.people.values()]
        until = week_of(today)
        rows = measures.person_days(db, question.measure, ids, monday(until - HISTORY))
        begun = min((week_of(row.first) for row in rows), default=until)
        self.y = values(rows, ids, (begun, until), self.measure)
        known = means(self.y, list(self.people))
        self.stratified = question.strata and question.order is Order.LOT and 2 * len(known) > len(self.people)
        self.strata = weaker_half(known) if self.stratified else {}
        self._means = known
        self._weeks = (begun, until)

    def _refuse(self, db: Db) -> None:
        """Raise InvalidError for what cannot be rolled out or drawn."""
        question, faults = self.question, []
        self._activity = programme.activities(db).get(question.activity)
        if self._activity is None or self._activity.cadence.rhythm is Rhythm.REQUEST:
            faults.append(Fault("activity", phrase("Choose one of these.")))
        known = {team_id for team_id, _ in conditions.team_codes(db)}
        if not question.teams or not known.issuperset(question.teams):
            faults.append(Fault("teams", phrase("Choose at least one team.")))
        if question.first.weekday() or not self.today + NOTICE <= question.first <= self.today + FARTHEST:
            what = phrase(
                "A Monday from %(first)s to %(last)s: people see their week beforehand.",
                first=self.today + NOTICE,
                last=self.today + FARTHEST,
            )
            faults.append(Fault("first", what))
        if not 0 < question.least_gain <= self.measure.shown(1.0) * (self.measure.at_most or 1.0):
            faults.append(Fault("least_gain", phrase("A number above 0, in the unit of the measure.")))
        if faults:
            raise InvalidError(phrase("Something in the form is missing or wrong."), tuple(faults))

    def _meant_for(self, one: Learner) -> bool:
        return self._activity is not None and (not self._activity.teams or one.team_code in self._activity.teams)

    def waves(self, seed: int) -> tuple[tuple[Wave, date], ...]:
        """Give the waves with their Mondays. Raises InvalidError when they cannot be drawn."""
        question = self.question
        first = week_of(question.first)
        weeks = tuple(first + k * question.spacing for k in range(question.waves))
        try:
            if question.order is Order.WEAKEST:
                found = weakest_first(self.people, self._means, weeks)
            else:
                teams = {code: one.team_code for code, one in self.people.items()}
                strata = self.strata if question.by is By.PERSON else {}
                found = draw_waves(self.people, teams, strata, weeks, self._late(weeks[-1]), by=question.by, seed=seed)
        except ValueError:
            if question.late:
                fault = Fault("late", phrase("Choose fewer who wait."))
            else:
                fault = Fault("teams", phrase("Choose more people or fewer waves."))
            raise InvalidError(phrase("This cannot be drawn."), (fault,)) from None
        if any(not wave.people for wave in found):
            raise InvalidError(
                phrase("This cannot be drawn."), (Fault("waves", phrase("Fewer waves: one would be empty.")),)
            )
        return tuple((wave, monday(wave.week)) for wave in found)

    def _late(self, last: int) -> tuple[int, int] | None:
        if not self.question.late:
            return None
        least = max(LEAST_LATE, math.ceil(len(self.people) * self.question.late / 100))
        return max(week_of(self.question.first) + LATE_AFTER, last + self.question.spacing), least

    def prospect(self) -> Prospect:
        waves = self.waves(_SAMPLE)
        begun, until = self._weeks
        week = {code: wave.week - begun for wave, _ in waves for code in wave.people}
        panel = panel_of(
            self.y,
            [week[code] for code in self.people],
            [one.team_code for one in self.people.values()],
            [self.strata.get(code, 0) for code in self.people],
        )
        design = Design(self.question.order, _SAMPLE, self.question.by)
        had = until - begun
        shown = foresee(design, panel, _SAMPLE) if had else ()
        return Prospect(waves, shown, len(self.people), had, self.stratified)
