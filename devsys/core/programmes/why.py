"""Why a need is there, in one sentence for the person."""

from datetime import date

from devsys.core.model.programme import Activity, Cadence, Kind

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def weeks_in_words(weeks: int) -> str:
    """Give a length in words: "week", "two weeks", "13 weeks"; fits after "every"."""
    if weeks == 1:
        return "week"
    return f"{_NUMBERS[weeks] if weeks < len(_NUMBERS) else weeks} weeks"


def why_every(activity: Activity, cadence: Cadence) -> str:
    """Say why something returns."""
    often = f"every {weeks_in_words(cadence.weeks)}"
    if activity.one_team:
        return f"Your team meets {often}."
    if cadence.rotation and activity.kind is Kind.SKILL:
        return f"A skill session comes {often}; this time it is “{activity.title}”."
    if cadence.rotation:
        return f"This theme returns {often}, each time with another topic; it is the turn of “{activity.title}”."
    return f"“{activity.title}” returns {often}."


def why_once(activity: Activity, *, joined: bool) -> str:
    """Say why something is held once; `joined` tells a new colleague from one who was there at the start."""
    who = "You joined lately" if joined else "You do not hold it yet"
    if activity.kind is Kind.BOUNDARIES:
        return f"{who}, and this comes before everything that is hard."
    return f"{who}, and everybody starts with “{activity.title}”."


def why_step(activity: Activity, number: int) -> str:
    """Say why a coaching session is there; steps count from 0."""
    steps = activity.cadence.steps
    return "You asked for it." if steps == 1 else f"You asked for it: session {number + 1} of {steps}."


def why_start(activity: Activity, start: date) -> str:
    """Say why somebody starts an activity in a given week."""
    return f"You start with “{activity.title}” in the week of {start.day} {start:%B}, as it was drawn by lot."
