"""Facilitators and earlier learning compared with what stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from devsys.base.words import phrase
from devsys.core.intake.compare import Comparison
from devsys.core.intake.lines import FacilitatorLine, HeldLine
from devsys.core.model.people import Facilitator, Held


@dataclass(frozen=True, slots=True)
class Adopted:
    """What stands besides the organisation, by name; None where that is not asked.

    `activities` and `qualifications` of adopted programmes; `fixes` keys of the register of fixes; `contacts` what is
    counted already, by week, queue id and cause.
    """

    activities: frozenset[str] | None = None
    qualifications: frozenset[str] | None = None
    fixes: frozenset[str] = frozenset()
    contacts: Mapping[tuple[date, str, str], int] = field(default_factory=dict)


def resolve_facilitators(c: Comparison, lines: tuple[FacilitatorLine, ...], adopted: Adopted) -> None:
    """Compare facilitators; they are people without a queue."""
    stands = {f.person_id: f for f in c.standing.organisation.facilitators}
    for line in lines:
        person = c.found(line, "person", c.standing.people, line.person)
        sites = [c.found(line, "sites", c.standing.sites, code) for code in line.sites]
        good = c.once(line, "person", line.person, phrase("person"))
        if person is not None and person.queue_id is not None:
            queue = c.standing.said(person.queue_id)
            c.refuse(
                line,
                "person",
                phrase("a person without a queue; %(name)s counts for %(queue)s", name=person.name, queue=queue),
            )
            good = False
        if person is None or not good or None in sites:
            continue
        if person.pattern_id is None:
            c.warn(
                line,
                "person",
                phrase("%(name)s is never at work without a shift pattern and can lead nothing", name=person.name),
            )
        for name in line.qualifications:
            if adopted.qualifications is not None and name not in adopted.qualifications:
                c.warn(line, "qualifications", phrase("no adopted programme asks for this qualification"), name)
        standing = stands.get(person.id)
        given = replace(
            standing or Facilitator(person.id, (), frozenset(), 0.0),
            site_ids=tuple(site.id for site in sites if site is not None),
            qualifications=frozenset(line.qualifications),
            weekly_hours=line.weekly_hours,
        )
        c.judge(line.row, f"{person.name} ({person.code})", given, standing)


def resolve_held(c: Comparison, lines: tuple[HeldLine, ...], adopted: Adopted) -> None:
    """Compare earlier learning; it lies in the past."""
    stands = {(h.person_id, h.activity): h for h in c.standing.organisation.held}
    for line in lines:
        person = c.found(line, "person", c.standing.people, line.person)
        good = c.once(line, "activity", (line.person, line.activity), phrase("activity of a person"))
        if line.day > c.today:
            c.refuse(line, "date", phrase("a day up to today, %(today)s", today=c.today))
            good = False
        if person is None or not good:
            continue
        if adopted.activities is not None and line.activity not in adopted.activities:
            c.warn(line, "activity", phrase("no adopted programme has this activity"))
        standing = stands.get((person.id, line.activity))
        given = Held(person.id, line.activity, line.day)
        c.judge(line.row, f"{person.name} ({person.code}), {line.activity}", given, standing)
