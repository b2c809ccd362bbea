"""What stands before something else, over the whole calendar: nobody is left in a session whose gate they lost.

The verifier looks at the weeks that changed sessions can touch; what builds on a gate may lie a year behind it.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from devsys.base.words import phrase
from devsys.base.written import day
from devsys.core.model.calendar import Session, Status
from devsys.core.model.people import Organisation
from devsys.core.model.programme import Activity
from devsys.core.planning.check import Violation

RULE = "prerequisite"


def gates_of(activities: Mapping[str, Activity]) -> frozenset[str]:
    """Give the codes of activities that others ask for first."""
    return frozenset(code for activity in activities.values() for code in activity.prerequisites)


def gates_left(
    calendar: Iterable[Session],
    activities: Mapping[str, Activity],
    organisation: Organisation,
    *,
    people: Collection[str],
    absent: Collection[tuple[str, str]],
    now: datetime,
) -> tuple[Violation, ...]:
    """Give the seats to come that some people have without what their activity asks for first.

    Evidence is earlier learning, or a seat in a session of the gate that ends before the other begins and whose holder
    was not marked absent (`absent`: session id, person id).
    """
    wanted = frozenset(people)
    gates = gates_of(activities)
    standing = [s for s in calendar if s.status is Status.PLANNED and not wanted.isdisjoint(s.people)]
    held = {(h.person_id, h.activity) for h in organisation.held if h.person_id in wanted}
    opens: dict[tuple[str, str], datetime] = {}
    for session in standing:
        for person in wanted.intersection(session.people) if session.activity in gates else ():
            if (session.id, person) not in absent:
                key = (person, session.activity)
                opens[key] = min(opens.get(key, session.ends_utc), session.ends_utc)
    names = {p.id: p.name for p in organisation.people}
    found: list[Violation] = []
    for session in sorted(standing, key=lambda s: (s.starts_utc, s.id)):
        activity = activities.get(session.activity)
        if activity is None or session.starts_utc <= now:
            continue
        for person in sorted(wanted.intersection(session.people)):
            for gate in activity.prerequisites:
                first = opens.get((person, gate))
                if (person, gate) not in held and (first is None or first > session.starts_utc):
                    title = activities[gate].title if gate in activities else gate
                    what = phrase(
                        "%(who)s needs %(gate)s before %(session)s.",
                        who=names.get(person) or phrase("Somebody"),
                        gate=title,
                        session=phrase("%(activity)s, %(when)s", activity=activity.title, when=day(session.starts)),
                    )
                    found.append(Violation(RULE, person, what, (session.id,)))
    return tuple(found)
