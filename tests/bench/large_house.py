"""A house of ten thousand people on ten sites, a quarter of case rounds in it: written at once, not drawn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, people
from devsys.adapters.store.tables.feeds import FeedRow
from devsys.core.model.calendar import Session
from devsys.core.model.people import Facilitator, Organisation, Person, Queue, Requirement, Room, Site, Team
from tests.builders import a_session, id_of
from tests.web import scenes

FIRST = datetime(2026, 1, 19)
HOURS = (8, 9, 10, 13, 14)  # local; all are at work from 8 to 16, with lunch from 12 to 12:30
GROUP = 5


@dataclass(frozen=True)
class Size:
    """How large: `teams` of twenty on each of `sites`, ten teams a queue, `leading` people a site, `weeks` planned."""

    sites: int = 10
    teams: int = 50
    leading: int = 12
    weeks: int = 13

    @property
    def people(self) -> int:
        """How many come to sessions."""
        return self.sites * self.teams * 20


def settle(parts: Parts, size: Size) -> None:
    """Write the house beside Northgate: everybody has an account and a calendar link."""
    scenes.adopt_shipped(parts)
    with parts.store.write() as db:
        brought = organisation_of(size)
        people.write_organisation(db, brought, today=parts.now().date())
        accounts.add_accounts(db, ((p.id, p.email, "") for p in brought.people), parts.now())
        db.execute(insert(FeedRow), [_feed(p.id, parts.now()) for p in brought.people])


def organisation_of(size: Size) -> Organisation:
    """Give the house as it is written."""
    early = id_of("early")
    profile = tuple(tuple(40 if day < 5 and 16 <= half < 32 else 0 for half in range(48)) for day in range(7))
    sites, queues, teams, all_, leads = [], [], [], [], []
    for s in range(size.sites):
        site = Site(id_of(f"site {s}"), f"s{s}", f"Site {s}", "Europe/Lisbon")
        sites.append(site)
        queues += [
            Queue(id_of(f"queue {s} {q}"), f"q{s}.{q}", f"Queue {s}.{q}", site.id) for q in range(size.teams // 10)
        ]
        for t in range(size.teams):
            team = Team(id_of(f"team {s} {t}"), f"t{s}.{t}", f"Team {s}.{t}", site.id)
            teams.append(team)
            queue = id_of(f"queue {s} {t // 10}")
            all_ += [_person(f"p {s} {t} {n}", team.id, queue, early) for n in range(20)]
        for n in range(size.leading):
            lead = _person(f"lead {s} {n}", id_of(f"team {s} 0"), None, early)
            all_.append(lead)
            leads.append(Facilitator(lead.id, (site.id,), frozenset({"round"}), 40.0))
    return people.only(
        sites=tuple(sites),
        queues=tuple(queues),
        teams=tuple(teams),
        rooms=tuple(Room(id_of(f"room {s.id}"), f"r{s.code}", f"Room of {s.name}", s.id, 12) for s in sites),
        people=tuple(all_),
        facilitators=tuple(leads),
        requirements=tuple(Requirement(q.id, profile) for q in queues),
    )


def _person(code: str, team_id: str, queue_id: str | None, pattern_id: str) -> Person:
    name = code.replace(" ", ".")
    return Person(id_of(code), name, f"Rita {name}", f"{name}@n.example", team_id, queue_id, pattern_id)


def _feed(person_id: str, now: datetime) -> dict[str, Any]:
    return {
        "id": id_of(f"feed {person_id}"),
        "kind": "person",
        "target_id": person_id,
        "owner_id": person_id,
        "name": "Phone",
        "token_hash": id_of(f"token {person_id}"),
        "created": now,
        "revised": now,
    }


def sessions_of(size: Size) -> Iterator[Session]:
    """Give a round a week for a quarter of each team in turn, at hours in which nobody leads two."""
    for s in range(size.sites):
        for week in range(size.weeks):
            for t in range(size.teams):
                hour, day, lead = t % len(HOURS), t // len(HOURS) % 5, t // (5 * len(HOURS))
                first = (week % 4) * GROUP
                made = a_session(
                    f"{s} {week} {t}",
                    starts=FIRST + timedelta(weeks=week, days=day, hours=HOURS[hour]),
                    people=[f"p {s} {t} {first + n}" for n in range(GROUP)],
                    facilitator=f"lead {s} {lead}",
                    room=None,
                    team=f"team {s} {t}",
                )
                yield replace(made, site_id=id_of(f"site {s}"))
