"""What stands in the calendar made true before it is drawn on: repaired where people, rooms or queues changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from devsys.core.model import calendar
from devsys.core.model.hours import slot_from
from devsys.core.planning.check import check
from devsys.core.planning.mended import mended
from devsys.core.planning.picture import Picture
from devsys.core.planning.repair import repair
from devsys.core.planning.repair_steps import never


def mend(
    drawn: Picture,
    *,
    now: datetime,
    new_id: Callable[[], str],
    new_uid: Callable[[str], str],
    stop: Callable[[], bool] = never,
) -> tuple[calendar.Session, ...]:
    """Give the sessions that change for the kept ones of a picture to hold, each as it is then, with its cause.

    Substitutes come first, then the fewest people who lose their time; what nothing saves is cancelled. Pinned sessions
    and those begun by `now` stay as they are: what they break is for a person to decide.
    """
    standing = drawn.problem.pinned
    problem = replace(drawn.problem, pinned=tuple(s for s in standing if drawn.kept[s.id].pinned))
    rules: dict[str, str] = {}
    for violation in check(replace(problem, frozen_until=0), standing):
        for id_ in violation.sessions:
            rules.setdefault(id_, violation.rule)
    if not rules:
        return ()
    done = repair(problem, standing, now=slot_from(now, drawn.horizon), wanted=(), stop=stop)
    return mended(drawn, done.sessions, rules, new_id, new_uid)
