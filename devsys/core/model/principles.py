"""How the five principles are used, per cohort and quarter: a session names some, so does a case that is brought."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from devsys.core.model.programme import Activity, Principle


@dataclass(frozen=True, slots=True)
class Use:
    """What one cohort (a team) had in a time: by principle, how many sessions and how many cases name it."""

    team_id: str
    sessions: Mapping[Principle, int]
    cases: Mapping[Principle, int]

    def count(self, principle: Principle) -> int:
        """Give how often a principle was named, in sessions and cases."""
        return self.sessions.get(principle, 0) + self.cases.get(principle, 0)

    @property
    def unused(self) -> tuple[Principle, ...]:
        """The principles that nothing named."""
        return tuple(p for p in Principle if not self.count(p))


def use_of(
    team_ids: Iterable[str],
    held: Iterable[tuple[str, str, int]],
    cases: Iterable[tuple[str, Principle]],
    activities: Mapping[str, Activity],
) -> tuple[Use, ...]:
    """Give the use of each cohort, in the order given, also of those that had nothing.

    `held` are (team, activity code, sessions) of the time asked about; a session counts once for each principle its
    activity names, once for each team that had people in it. `cases` are (team, principle).
    """
    named: dict[str, dict[Principle, int]] = {}
    for team_id, code, count in held:
        for principle in activities[code].principles if code in activities else ():
            row = named.setdefault(team_id, {})
            row[principle] = row.get(principle, 0) + count
    brought: dict[str, dict[Principle, int]] = {}
    for team_id, principle in cases:
        row = brought.setdefault(team_id, {})
        row[principle] = row.get(principle, 0) + 1
    return tuple(Use(team_id, named.get(team_id, {}), brought.get(team_id, {})) for team_id in team_ids)
