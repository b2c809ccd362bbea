"""A year of the pulse for the demo organisation: answers drawn by a seed, let out as those of real people are."""

import random
from collections.abc import Iterator
from datetime import date
from typing import Final

from devsys.actions import answer_pulse
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import pulse
from devsys.core.improvement.pulse import figures
from devsys.core.model.people import Organisation
from devsys.core.model.pulse import Said, Statement, wording

MONTHS: Final = 12
ANSWERING: Final = 0.62  # of ten people six or seven answer
# How statements stand in the first of the months, and what a month changes: time gets scarcer, learning helps more.
LEVEL: Final = {
    "time": (3.6, -0.05),
    "settle": (3.0, 0.02),
    "leave": (3.1, 0.04),
    "learn": (3.2, 0.06),
    "say": (3.7, 0.0),
}
OTHER: Final = (3.4, 0.0)


def make_pulse(parts: Parts, organisation: Organisation, seed: int) -> int:
    """Give the demo a year of figures; how many were let out."""
    drawn = random.Random(seed)  # noqa: S311 -- a story, not a secret
    statements = answer_pulse.asked(parts).statements
    sites = {team.id: team.site_id for team in organisation.teams}
    mood = {team: drawn.gauss(0, 0.25) for team in sites}
    teams = [p.team_id for p in organisation.people if p.team_id is not None and p.left is None]
    count = 0
    with parts.store.write() as db:
        for age, month in enumerate(_months(parts.now().date())):
            said = [
                Said(f"{place}-{s.code}", team, s.code, wording(s), _answer(drawn, s, age, mood[team]))
                for place, team in enumerate(teams)
                if drawn.random() < ANSWERING
                for s in statements
            ]
            found = figures(month, said, sites)
            pulse.keep_figures(db, found)
            count += len(found)
    return count


def _months(today: date) -> Iterator[str]:
    last = today.year * 12 + today.month - 1
    for month in range(last - MONTHS, last):
        yield f"{month // 12:04}-{month % 12 + 1:02}"


def _answer(drawn: random.Random, statement: Statement, age: int, mood: float) -> int:
    level, change = LEVEL.get(statement.code, OTHER)
    return min(5, max(1, round(drawn.gauss(level + change * age + mood, 0.9))))
