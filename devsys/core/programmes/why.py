"""Why a need is there, in one sentence for the person."""

from datetime import date

from devsys.base.words import phrase, phrases
from devsys.base.written import plain_day, spoken
from devsys.core.model.programme import Activity, Cadence, Kind


def every_weeks(weeks: int) -> str:
    """Give how often something returns: "every week", "every two weeks", "every 13 weeks"."""
    return phrases("every week", "every %(num)s weeks", weeks, num=spoken(weeks))


def why_every(activity: Activity, cadence: Cadence) -> str:
    """Say why something returns."""
    often = every_weeks(cadence.weeks)
    if activity.one_team:
        return phrase("Your team meets %(often)s.", often=often)
    if cadence.rotation and activity.kind is Kind.SKILL:
        return phrase(
            "A skill session comes %(often)s; this time it is “%(title)s”.", often=often, title=activity.title
        )
    if cadence.rotation:
        return phrase(
            "This theme returns %(often)s, each time with another topic; it is the turn of “%(title)s”.",
            often=often,
            title=activity.title,
        )
    return phrase("“%(title)s” returns %(often)s.", title=activity.title, often=often)


def why_once(activity: Activity, *, joined: bool) -> str:
    """Say why something is held once; `joined` tells a new colleague from one who was there at the start."""
    if activity.kind is Kind.BOUNDARIES:
        if joined:
            return phrase("You joined lately, and this comes before everything that is hard.")
        return phrase("You do not hold it yet, and this comes before everything that is hard.")
    if joined:
        return phrase("You joined lately, and everybody starts with “%(title)s”.", title=activity.title)
    return phrase("You do not hold it yet, and everybody starts with “%(title)s”.", title=activity.title)


def why_step(activity: Activity, number: int) -> str:
    """Say why a coaching session is there; steps count from 0."""
    steps = activity.cadence.steps
    if steps == 1:
        return phrase("You asked for it.")
    return phrase("You asked for it: session %(number)s of %(steps)s.", number=number + 1, steps=steps)


def why_start(activity: Activity, start: date) -> str:
    """Say why somebody starts an activity in a given week."""
    return phrase(
        "You start with “%(title)s” in the week of %(day)s, as it was drawn by lot.",
        title=activity.title,
        day=plain_day(start),
    )
