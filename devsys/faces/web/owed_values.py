"""What is owed, in words: needs that found no place, by the rule that stopped them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devsys.adapters.store.queries import calendar_figures, programme
from devsys.adapters.store.queries.calendar_figures import OwedGroup
from devsys.adapters.store.store import Db
from devsys.base.written import full_day, several
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Owed
from devsys.faces.web.filters import local
from devsys.faces.web.session_values import unseen_activities
from devsys.faces.web.words import first_up

RULES: Final[Mapping[str, str]] = {
    "at_work": "Not at work long enough",
    "facilitator": "No facilitator at work",
    "room": "No room",
    "coverage": "The queue can spare nobody",
    "queue_taken": "What the queue can spare is taken",
    "spacing": "Too soon after another session",
    "dose": "Enough sessions already",
    "recovery": "Too soon after a heavy session",
    "prerequisite": "Something else comes first",
    "companions": "Too few to make a group",
    "others_placed": "The others have their sessions",
    "one_place": "In other sessions already",
    "window": "The window has closed",
    "series": "An earlier step is missing",
    "competition": "Other sessions came first",
    "full": "The group is full",
    "leaders_taken": "Facilitators are taken",
    "rooms_taken": "Rooms are taken",
    "open_day": "A holiday of the site",
    "open": "A place is left",
    "stopped": "Drawing was stopped",
    "unasked": "Drawing was stopped",
    "leads": "Leads sessions",
    "gone": "Not here any more",
    "no_site": "Belongs to no site",
    "dropped": "No longer in the programme",
    "left_out": "Left out by hand",
    "for_the_queue": "Cancelled for the queue",
    "not_held": "Its session could not be held",
    "other_date": "The date did not suit",
    "not_drawn": "Came up since the plan was drawn",
}


@dataclass(frozen=True, slots=True)
class OwedWords:
    """A group of owed needs: the rule in words, the team, how many, and what was tried and would make some fit."""

    rule: str
    title: str
    team_id: str
    team: str
    needs: int
    words: str


def to_you(reason: str, name: str) -> str:
    """Give a reason as the person it concerns reads it: "You are not at work ..." for "Ana Ruiz is not at work ..."."""
    for theirs, yours in ((f"{name} is", "you are"), (f"{name} has", "you have"), (name, "you")):
        reason = reason.replace(theirs, yours)
    return first_up(reason)


def rule_words(rule: str) -> str:
    """Give the name of a rule as people read it; of rules that stand together, all names."""
    names = [RULES.get(code) or first_up(code.replace("_", " ")) for code in rule.split("+")]
    return first_up(several([names[0], *(name[:1].lower() + name[1:] for name in names[1:])])) or "No reason given"


def fits(would_fit: str) -> tuple[str, ...]:
    """Give what would make a need fit, a sentence each, the cheapest change first."""
    return tuple(line for line in would_fit.splitlines() if line)


def window_words(owed: Owed, zone: str) -> tuple[tuple[str, str], ...]:
    """Give when an owed need may start, by when it is due and when it is given up, as days of its site."""

    def day_before(moment: datetime) -> str:
        return full_day(local(moment - timedelta(seconds=1), zone).date())

    return (
        ("From", full_day(local(owed.earliest, zone).date())),
        ("Due by", day_before(owed.due)),
        ("At the latest", day_before(owed.latest)),
    )


def owed_words(
    db: Db, draft_id: str, viewer: Viewer, *, team_ids: Iterable[str] | None = None
) -> tuple[OwedWords, ...]:
    """Give the groups of what a draft owes, by rule and team, the largest first, as far as the viewer may know."""
    if not draft_id:
        return ()
    teams = calendar_figures.teams(db)
    without = unseen_activities(viewer, programme.activities(db))
    return tuple(
        OwedWords(
            rule=group.rule,
            title=rule_words(group.rule),
            team_id=group.team_id or "",
            team=teams[group.team_id].name if group.team_id and group.team_id in teams else "no team",
            needs=group.needs,
            words=_words(group),
        )
        for group in calendar_figures.owed_groups(db, draft_id, team_ids, without)
    )


def _words(group: OwedGroup) -> str:
    """Say what would make some of a group fit: one of them, and how many others; else the reason of one."""
    if not group.would_fit:
        return group.reason
    others = group.fitting - 1
    fit = fits(group.would_fit)[0].removeprefix("Would fit ").rstrip(".")
    return f"One would fit {fit}" + (f"; {others:,} more in other ways." if others else ".")
