"""What programmes cost and cover: minutes a person and year, hours off the queue, facilitator hours, principles.

A year is 52 weeks. Recovery counts as time off the queue; a rotation counts once, its members in equal shares; how
large the groups are changes what facilitators give, not what the queue gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devsys.core.model.programme import Activity, Kind, Principle, Programme, Rhythm

YEAR_WEEKS = 52
HOUR = 60


@dataclass(frozen=True, slots=True)
class ActivityFigures:
    """What one activity costs.

    For one person of its cohort: `sessions_a_year` and `minutes_a_year` return each year, `once_minutes` come once,
    `first_year_minutes` are what falls due in the first 52 weeks of a programme, both kinds together. For all
    people of its cohort: `hours_a_week` off the queue and `facilitator_hours_a_week`, as they return each year.
    """

    programme: str
    code: str
    title: str
    kind: Kind
    rotation: str
    sessions_a_year: float
    minutes_a_year: float
    once_minutes: float
    first_year_minutes: float
    hours_a_week: float
    facilitator_hours_a_week: float


@dataclass(frozen=True, slots=True)
class ProgrammeFigures:
    """What programmes cost together; the minutes are those of a person who is in every cohort."""

    activities: tuple[ActivityFigures, ...]
    people: int
    minutes_a_year: float
    once_minutes: float
    first_year_minutes: float
    hours_a_week: float
    facilitator_hours_a_week: float

    @property
    def by_kind(self) -> Mapping[Kind, float]:
        """Minutes a person and year, returning ones, by kind; kinds that cost nothing are left out."""
        found: dict[Kind, float] = {}
        for row in self.activities:
            if row.minutes_a_year:
                found[row.kind] = found.get(row.kind, 0.0) + row.minutes_a_year
        return found


@dataclass(frozen=True, slots=True)
class PrincipleUse:
    """How a programme uses the five principles: titles of the activities that name each, and those none names."""

    programme: str
    used: Mapping[Principle, tuple[str, ...]]
    unused: tuple[Principle, ...]


def figures_of(
    programmes: Sequence[Programme],
    people: int = 0,
    *,
    series_a_year: float = 0.0,
    team_sizes: Mapping[str, int] | None = None,
) -> ProgrammeFigures:
    """Give what programmes cost for a number of people.

    `series_a_year` is how many coaching series a person asks for in a year, spread evenly over what can be asked
    for. `team_sizes` by team code counts the cohorts of activities that name teams; without it everybody counts.
    """
    shares = _shares(programmes, series_a_year)
    rows = tuple(
        _row(programme.code, activity, shares[activity.code], _cohort(activity, people, team_sizes))
        for programme in programmes
        for activity in programme.activities
    )
    return ProgrammeFigures(
        activities=rows,
        people=people,
        minutes_a_year=sum(r.minutes_a_year for r in rows),
        once_minutes=sum(r.once_minutes for r in rows),
        first_year_minutes=sum(r.first_year_minutes for r in rows),
        hours_a_week=sum(r.hours_a_week for r in rows),
        facilitator_hours_a_week=sum(r.facilitator_hours_a_week for r in rows),
    )


def typical_group(activity: Activity) -> int:
    """Give the middle between the least and the most people, rounded up."""
    least, most = activity.group
    return (least + most + 1) // 2


def start_hours(programmes: Sequence[Programme], people: int) -> tuple[float, ...]:
    """Give the hours off the queue in each of the first 52 weeks of a programme, for people who hold nothing yet.

    What falls due in a window is spread evenly over its weeks; coaching, which nobody can foresee, is left out.
    """
    shares = _shares(programmes, 0.0)
    weeks = [0.0] * YEAR_WEEKS
    for programme in programmes:
        for activity in programme.activities:
            cadence = activity.cadence
            if cadence.rhythm is Rhythm.REQUEST:
                continue
            end = YEAR_WEEKS
            if cadence.rhythm is Rhythm.ONCE:
                end = min(end, cadence.offset_weeks + cadence.weeks)
            for week in range(cadence.offset_weeks, end):
                weeks[week] += people * off_queue(activity) * shares[activity.code] / cadence.weeks / HOUR
    return tuple(weeks)


def off_queue(activity: Activity) -> int:
    """Give the minutes one session takes a person off the queue, recovery included."""
    return activity.minutes + activity.recovery_minutes


def principle_use(programme: Programme) -> PrincipleUse:
    """Give how a programme uses the five principles."""
    used = {p: tuple(a.title for a in programme.activities if p in a.principles) for p in Principle}
    return PrincipleUse(programme.code, used, tuple(p for p, titles in used.items() if not titles))


def _shares(programmes: Sequence[Programme], series_a_year: float) -> Mapping[str, float]:
    """Give the share of its own cadence that an activity stands for: 1, its part of a ring, or its series."""
    activities = [a for p in programmes for a in p.activities]
    rings: dict[str, int] = {}
    for activity in activities:
        if activity.cadence.rotation:
            rings[activity.cadence.rotation] = rings.get(activity.cadence.rotation, 0) + 1
    asked = sum(a.cadence.rhythm is Rhythm.REQUEST for a in activities)
    found: dict[str, float] = {}
    for activity in activities:
        if activity.cadence.rhythm is Rhythm.REQUEST:
            found[activity.code] = series_a_year / asked
        else:
            found[activity.code] = 1 / rings.get(activity.cadence.rotation, 1)
    return found


def _cohort(activity: Activity, people: int, team_sizes: Mapping[str, int] | None) -> int:
    if team_sizes is None or not activity.teams:
        return people
    return sum(team_sizes.get(team, 0) for team in activity.teams)


def _row(programme: str, activity: Activity, share: float, people: int) -> ActivityFigures:
    cadence = activity.cadence
    yearly = first_year = once = 0.0
    if cadence.rhythm is Rhythm.EVERY:
        yearly = YEAR_WEEKS / cadence.weeks * share
        first_year = max(0, YEAR_WEEKS - cadence.offset_weeks) // cadence.weeks * share
    elif cadence.rhythm is Rhythm.REQUEST:
        yearly = first_year = cadence.steps * share
    else:
        once = share
        first_year = share if cadence.offset_weeks + cadence.weeks <= YEAR_WEEKS else 0.0
    minutes = off_queue(activity)
    led = yearly * activity.minutes / typical_group(activity)
    return ActivityFigures(
        programme=programme,
        code=activity.code,
        title=activity.title,
        kind=activity.kind,
        rotation=cadence.rotation,
        sessions_a_year=yearly,
        minutes_a_year=yearly * minutes,
        once_minutes=once * minutes,
        first_year_minutes=first_year * minutes,
        hours_a_week=people * yearly * minutes / HOUR / YEAR_WEEKS,
        facilitator_hours_a_week=people * led / HOUR / YEAR_WEEKS,
    )
