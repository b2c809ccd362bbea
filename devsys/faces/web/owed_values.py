"""What is owed, in words: needs that found no place, by the rule that stopped them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from devsys.adapters.store.queries import calendar_figures
from devsys.adapters.store.store import Db
from devsys.faces.web.words import first_up

RULES: Final[Mapping[str, str]] = {
    "work": "Not at work in the window",
    "facilitator": "No facilitator free",
    "room": "No room free",
    "coverage": "The queue can spare nobody",
    "spacing": "Too soon after another session",
    "dose": "Enough sessions already",
    "prerequisite": "Something else comes first",
    "group": "Too few to make a group",
    "competition": "Others took the places",
    "left_out": "Left out by hand",
}


@dataclass(frozen=True, slots=True)
class OwedWords:
    """A group of owed needs: the rule in words, the team, how many, one reason, and what would make them fit."""

    rule: str
    title: str
    team_id: str
    team: str
    needs: int
    reason: str
    would_fit: str


def rule_words(rule: str) -> str:
    """Give the name of a rule as people read it."""
    return RULES.get(rule) or first_up(rule.replace("_", " ")) or "No reason given"


def owed_words(db: Db, draft_id: str, *, team_ids: Iterable[str] | None = None) -> tuple[OwedWords, ...]:
    """Give the groups of what a draft owes, by rule and team, the largest first."""
    if not draft_id:
        return ()
    teams = calendar_figures.teams(db)
    return tuple(
        OwedWords(
            rule=group.rule,
            title=rule_words(group.rule),
            team_id=group.team_id or "",
            team=teams[group.team_id].name if group.team_id and group.team_id in teams else "no team",
            needs=group.needs,
            reason=group.reason,
            would_fit=group.would_fit,
        )
        for group in calendar_figures.owed_groups(db, draft_id, team_ids)
    )
