"""Two years of the demo's measures: one team that holds its gain, one whose gain fades, one without effect, and others.

Drawn week by week with one seeded generator. A rating is a draw for each contact, so that chance is as large as it is.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import measures
from devsys.core.improvement.marks import Mark, MarkKind
from devsys.core.improvement.readings import OwnReading, Reading
from devsys.core.model.hours import monday_of
from devsys.core.model.people import Organisation, Person

WEEKS: Final = 104
SINCE: Final = 52  # the week in which what is told here begins, after a baseline of 13 blocks
YOUNG: Final = 80  # the first week of a team that is new
_WEEK: Final = timedelta(weeks=1)

MAPPING: Final = """\
source: weekly_export
title: Weekly export of the contact platform
rows: total
date: Week
form: 2026-W05
team: {column: Team}
person: {column: Agent}
measures:
  - measure: csat
    numerator: {sum: Ratings of 4 and 5}
    denominator: {sum: Ratings}
"""


@dataclass(frozen=True, slots=True)
class _Story:
    """What happens to a team: the gain in a week since it began, what is marked, whether limits begin anew."""

    gain: Callable[[int], float]
    kind: MarkKind
    words: str
    reason: str = ""


def _flat(_age: int) -> float:
    return 0.0


def _holding(age: int) -> float:
    return 0.09 if age >= 0 else 0.0


def _fading(age: int) -> float:
    """Give a gain that is gone after 36 weeks, and so clear before that no draw of chance hides it."""
    return max(-0.02, 0.13 * (1 - (age / 36) ** 2)) if age >= 0 else 0.0


_OWN_IT: Final = "Own it to the end, the whole team"
_STORIES: Final[Mapping[str, _Story]] = {
    "lis-alfama": _Story(_holding, MarkKind.SESSION, _OWN_IT),
    "lis-graca": _Story(_fading, MarkKind.SESSION, _OWN_IT),
    "lis-estrela": _Story(_flat, MarkKind.SESSION, _OWN_IT),
    "tor-harbour": _Story(_holding, MarkKind.FIX, "Refund status page", "Contacts it answers no longer come to us."),
}
_NEW_TEAM: Final = "lis-rossio"


def bring(parts: Parts, organisation: Organisation, *, by_id: str, seed: int) -> None:
    """Write readings and marks for every team of the demo."""
    now = parts.now()
    first = monday_of(now.date()) - WEEKS * _WEEK
    drawing = _Drawing(random.Random(seed * 7919), organisation, first)  # noqa: S311 -- invented figures
    readings, own = drawing.run()
    days = measures.Days((), (), first, now.date())
    with parts.store.write() as db:
        measures.keep_source(db, "weekly_export", "Weekly export of the contact platform", MAPPING, now=now)
        measures.replace(db, days, readings, own)
        for mark in drawing.marks():
            measures.keep_mark(db, mark, by_id=by_id, now=now)


class _Drawing:
    """One pass over teams and weeks."""

    def __init__(self, rng: random.Random, organisation: Organisation, first: date) -> None:
        self._rng, self._organisation, self._first = rng, organisation, first
        self._people: dict[str, list[Person]] = {team.id: [] for team in organisation.teams}
        for person in organisation.people:
            if person.team_id in self._people and person.queue_id:
                self._people[person.team_id].append(person)

    def run(self) -> tuple[list[Reading], list[OwnReading]]:
        readings: list[Reading] = []
        own: list[OwnReading] = []
        for team in self._organisation.teams:
            story = _STORIES.get(team.code)
            level = self._rng.uniform(0.70, 0.80)
            talk = self._rng.uniform(230, 420)
            skill = {person.id: self._rng.gauss(0, 0.03) for person in self._people[team.id]}
            for week in range(YOUNG if team.code == _NEW_TEAM else 0, WEEKS):
                gain = story.gain(week - SINCE) if story else 0.0
                mood = self._rng.gauss(0, 0.008)
                mine = self._ratings(team.id, week, {p: level + gain + mood + s for p, s in skill.items()})
                own += mine
                readings += self._of_team(team.id, week, mine, level + gain * 0.7 + mood, talk)
        return readings, own

    def _ratings(self, team_id: str, week: int, chances: Mapping[str, float]) -> list[OwnReading]:
        monday = self._first + week * _WEEK
        found = []
        for person in self._people[team_id]:
            if (person.joined and person.joined > monday) or (person.left and person.left <= monday):
                continue
            count = self._rng.choices((0, 6, 9, 12, 15), (1, 3, 5, 5, 2))[0]  # nought in a week of leave
            good = sum(self._rng.random() < chances[person.id] for _ in range(count))
            if count:
                found.append(OwnReading("csat", person.id, team_id, monday, monday + timedelta(6), good, count))
        return found

    def _of_team(self, team_id: str, week: int, mine: list[OwnReading], chance: float, talk: float) -> list[Reading]:
        if not mine:
            return []
        monday, people = self._first + week * _WEEK, len(mine)
        closed = sum(self._rng.randrange(18, 30) for _ in mine)
        solved = round(closed * min(0.98, chance - 0.04 + self._rng.gauss(0, (chance * (1 - chance) / closed) ** 0.5)))
        reviews = 6
        reached = sum(min(1.0, max(0.3, self._rng.gauss(0.8, 0.08))) for _ in range(reviews))
        seconds = round(closed * talk * self._rng.gauss(1, 0.03))
        sums = {
            "csat": (sum(one.numerator for one in mine), sum(one.denominator for one in mine)),
            "fcr": (solved, closed),
            "qa": (round(reached, 2), reviews),
            "handle_time": (seconds, closed),
            "volume": (closed, 1),
        }
        last = monday + timedelta(6)
        return [Reading(key, team_id, monday, last, above, below, people) for key, (above, below) in sums.items()]

    def marks(self) -> list[Mark]:
        day = self._first + SINCE * _WEEK + timedelta(1)
        return [
            Mark(
                f"mark-{team.code}",
                team.id,
                "",
                day,
                story.kind,
                story.words,
                bool(story.reason),
                story.reason,
            )
            for team in self._organisation.teams
            if (story := _STORIES.get(team.code))
        ]
