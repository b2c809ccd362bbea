"""Three activities of the demo, in waves drawn by lot: one lasts, one fades and gets its refresher, one does nothing.

They are drawn before the demo's first plan, so the planner itself put each start into its wave. The readings are
invented with one seeded generator: what a person had each week, with the gain from the start of the wave drawn.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.actions import draw_rollout, review_improvement
from devsys.actions.draw_rollout import Question
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import measures, rollouts
from devsys.core.improvement.readings import OwnReading
from devsys.core.improvement.rollout import By, Order
from devsys.core.model.hours import monday_of
from devsys.core.model.people import Organisation, Person
from devsys.core.model.rollouts import Rollout, RolloutPlace

WEEKS: Final = 104
WAVES: Final = 4
SPACING: Final = 4
LATE: Final = 15
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class _Story:
    """What an activity does: its measure, the level without it, the gain at the start and when half of it is gone."""

    activity: str
    measure: str
    least_gain: float
    level: float
    gain: float
    half_life: float


_STORIES: Final = (
    _Story("hear_fully", "fcr", 2.0, 0.70, 0.045, 400.0),
    _Story("digital_writing", "qa", 2.0, 0.74, 0.10, 8.0),
    _Story("directness", "escalation", 1.5, 0.12, 0.0, 1.0),
)


def draw(parts: Parts, organisation: Organisation, *, by_id: str, seed: int) -> None:
    """Draw the three lots over the teams of the first site, as of the demo's first day."""
    today = parts.now().date()
    site = organisation.sites[0].id
    teams = tuple(team.id for team in organisation.teams if team.site_id == site)
    for number, story in enumerate(_STORIES):
        question = Question(
            activity=story.activity,
            measure=story.measure,
            least_gain=story.least_gain,
            teams=teams,
            first=monday_of(today) + (2 + number) * _WEEK,
            waves=WAVES,
            spacing=SPACING,
            late=LATE,
            order=Order.LOT,
            by=By.PERSON,
            strata=False,
        )
        draw_rollout.draw_with(parts, by_id, question, seed + number, today=today)


def tell(parts: Parts, organisation: Organisation, *, seed: int) -> Mapping[str, int]:
    """Write what people had week by week, and look at what the rollouts did."""
    rng = random.Random(seed * 104_729)  # noqa: S311 -- invented figures
    known = {person.id: person for person in organisation.people}
    with parts.store.read() as db:
        found = {one.activity: (one, rollouts.places(db, one.id)) for one in rollouts.every(db)}
    first = monday_of(parts.now().date()) - WEEKS * _WEEK
    own = [row for story in _STORIES for row in _readings(rng, story, *found[story.activity], known, first)]
    with parts.store.write() as db:
        measures.add_own(db, own)
    return review_improvement.carry_out(parts)


def _readings(  # noqa: PLR0917 -- one story of one rollout
    rng: random.Random,
    story: _Story,
    rollout: Rollout,
    places: tuple[RolloutPlace, ...],
    known: Mapping[str, Person],
    first: date,
) -> list[OwnReading]:
    """Give each person's weeks: a level of their own, moods of the weeks, the gain from the start of their wave."""
    moods = [rng.gauss(0, 0.01) for _ in range(WEEKS)]
    better = -1 if rollout.measure == "escalation" else 1
    found = []
    for place in places:
        person = known[place.person_id]
        level = story.level + rng.gauss(0, 0.03)
        for week in range(WEEKS):
            monday = first + week * _WEEK
            count = rng.choices((0, 32, 40, 48), (1, 4, 6, 4))[0]  # nought in a week of leave
            if not count or (person.joined and person.joined > monday) or (person.left and person.left <= monday):
                continue
            age = (monday - place.starts).days / 7
            gain = story.gain * 0.5 ** (age / story.half_life) if age >= 0 else 0.0
            share = level + moods[week] + better * gain
            share += rng.gauss(0, (max(share, 0.01) * max(1 - share, 0.01) / count) ** 0.5)
            above = float(min(max(round(share * count), 0), count))
            sunday = monday + timedelta(6)
            found.append(OwnReading(rollout.measure, place.person_id, place.team_id, monday, sunday, above, count))
    return found
