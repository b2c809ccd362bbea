"""What is owed, in words: needs that found no place, by the rule that stopped them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devsys.adapters.store.queries import calendar_figures, programme
from devsys.adapters.store.queries.calendar_figures import OwedGroup
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, to_phrase
from devsys.base.written import full_day, number, several
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Owed
from devsys.faces.web.filters import local
from devsys.faces.web.session_values import unseen_activities
from devsys.faces.web.words import first_up, in_sentence

RULES: Final[Mapping[str, str]] = {
    "at_work": to_phrase("Not at work long enough"),
    "facilitator": to_phrase("No facilitator at work"),
    "room": to_phrase("No room"),
    "coverage": to_phrase("The queue can spare nobody"),
    "queue_taken": to_phrase("What the queue can spare is taken"),
    "spacing": to_phrase("Too soon after another session"),
    "dose": to_phrase("Enough sessions already"),
    "recovery": to_phrase("Too soon after a heavy session"),
    "prerequisite": to_phrase("Something else comes first"),
    "companions": to_phrase("Too few to make a group"),
    "others_placed": to_phrase("The others have their sessions"),
    "one_place": to_phrase("In other sessions already"),
    "window": to_phrase("The window has closed"),
    "series": to_phrase("An earlier step is missing"),
    "competition": to_phrase("Other sessions came first"),
    "full": to_phrase("The group is full"),
    "leaders_taken": to_phrase("Facilitators are taken"),
    "rooms_taken": to_phrase("Rooms are taken"),
    "open_day": to_phrase("A holiday of the site"),
    "open": to_phrase("A place is left"),
    "stopped": to_phrase("Drawing was stopped"),
    "unasked": to_phrase("Drawing was stopped"),
    "leads": to_phrase("Leads sessions"),
    "gone": to_phrase("Not here any more"),
    "no_site": to_phrase("Belongs to no site"),
    "dropped": to_phrase("No longer in the programme"),
    "left_out": to_phrase("Left out by hand"),
    "for_the_queue": to_phrase("Cancelled for the queue"),
    "not_held": to_phrase("Its session could not be held"),
    "other_date": to_phrase("The date did not suit"),
    "not_drawn": to_phrase("Came up since the plan was drawn"),
}

_FITS: Final = "Would fit "  # how a sentence of what would make a need fit begins that was kept in English


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
    return first_up(several([names[0], *(in_sentence(str(name)) for name in names[1:])])) or phrase("No reason given")


def fits(would_fit: str) -> tuple[str, ...]:
    """Give what would make a need fit, a sentence each, the cheapest change first."""
    return tuple(line for line in would_fit.splitlines() if line)


def window_words(owed: Owed, zone: str) -> tuple[tuple[str, str], ...]:
    """Give when an owed need may start, by when it is due and when it is given up, as days of its site."""

    def day_before(moment: datetime) -> str:
        return full_day(local(moment - timedelta(seconds=1), zone).date())

    return (
        (phrase("From"), full_day(local(owed.earliest, zone).date())),
        (phrase("Due by"), day_before(owed.due)),
        (phrase("At the latest"), day_before(owed.latest)),
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
            team=teams[group.team_id].name if group.team_id and group.team_id in teams else phrase("no team"),
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
    whole = fits(group.would_fit)[0]
    fit = whole.removeprefix(_FITS).rstrip(".")
    if not whole.startswith(_FITS):  # kept in another language than English
        if others:
            return phrase(
                "One need: %(fit)s %(others)s more would fit in other ways.", fit=whole, others=number(others)
            )
        return phrase("One need: %(fit)s", fit=whole)
    if others:
        return phrase("One would fit %(fit)s; %(others)s more in other ways.", fit=fit, others=number(others))
    return phrase("One would fit %(fit)s.", fit=fit)
