"""The way from nothing to a published year, in four steps."""

from dataclasses import dataclass

from flask import url_for

from devsys.adapters.store.queries import (
    people,
    plans,
    programme,
)
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases
from devsys.base.written import number
from devsys.faces.web.shown import link_to


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four steps to a published year."""

    title: str
    words: str
    done: bool
    href: str
    verb: str


def four_steps(db: Db) -> list[Step]:
    """Give the way from nothing to a published year: people, requirement, programme, plan."""
    there = people.counts(db)
    organisation_is = bool(there.people and there.teams and there.shifts)
    adopted = programme.adopted(db)
    version = plans.pointer(db)
    needed = bool(there.requirement) or people.any_minimum(db)
    return [
        Step(
            phrase("People"),
            phrases(
                "%(people)s people in %(num)s team.",
                "%(people)s people in %(num)s teams.",
                there.teams,
                people=number(there.people),
            )
            if organisation_is
            else phrase("Sites, queues, teams, shift patterns and people, each as a file."),
            organisation_is,
            url_for("imports.index"),
            phrase("Look") if organisation_is else phrase("Bring files"),
        ),
        Step(
            phrase("Requirement"),
            phrases("Known for %(num)s queue.", "Known for %(num)s queues.", there.requirement)
            if there.requirement
            else phrase("Agents needed per half hour, call volumes, or at least n on each queue."),
            needed,
            url_for("imports.show", kind="requirement"),
            phrase("Look") if needed else phrase("Bring the requirement"),
        ),
        Step(
            phrase("Programme"),
            phrases(
                "%(activities)s in %(num)s programme.",
                "%(activities)s in %(num)s programmes.",
                len(adopted),
                activities=phrases("%(num)s activity", "%(num)s activities", sum(len(p.activities) for p in adopted)),
            )
            if adopted
            else phrase("The whole system lies ready: boundaries first, then skills, case rounds, themes, coaching."),
            bool(adopted),
            link_to("programme.show") or "/",
            phrase("Look") if adopted else phrase("Adopt it"),
        ),
        Step(
            phrase("Plan"),
            phrase("Published.") if version else phrase("A year in which no queue falls below what it needs."),
            bool(version),
            link_to("plans.show") or "/",
            phrase("Look") if version else phrase("Draw a plan"),
        ),
    ]
