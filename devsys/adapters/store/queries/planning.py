"""All a plan depends on, read in one picture; `near.py` reads the part of it that a few sessions touch."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from devsys.adapters.store.queries import answers, house, lessons, people, plans, programme, rollouts, sessions
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError
from devsys.base.words import phrase
from devsys.core.model.calendar import Session
from devsys.core.model.hours import local, monday_of, sites_of
from devsys.core.model.needs import AskedNeed, Recall, SeriesRequest, Start
from devsys.core.model.people import Absence, Held, Organisation
from devsys.core.model.programme import Activity, Programme

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a bounded brief knows whole.

    Of `people` all seats that matter to the rules about a person, and their needs; of their queues who is at work and
    away in `spans`; of `leading` and `rooms` what they are in from week to week. `whole` are ids of the sessions read
    with everybody in them.
    """

    people: frozenset[str]
    leading: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    spans: tuple[Stretch, ...] = ()
    whole: frozenset[str] = frozenset()

    def covers(self, other: "Scope") -> bool:
        """Say whether whatever the other one asks about is known here."""
        inside = all(any(a <= start and end <= b for a, b in self.spans) for start, end in other.spans)
        known = other.people <= self.people and other.leading <= self.leading and other.rooms <= self.rooms
        return inside and known and other.whole <= self.whole


@dataclass(frozen=True, slots=True)
class Brief:
    """One moment of everything a plan depends on.

    `organisation.held` counts sessions attended besides earlier learning (a past place counts unless its holder was
    marked absent); `organisation.absences` hold besides the time of sessions that people still have a seat in and said
    they cannot come to; `absent` are (session id, person id); `now` is the moment it was read at; `revision` is the
    organisation's, `base` the published version's number, `epoch` the Monday from which cadences count; `starts` are
    those that rollouts drew, `recalls` the refreshers asked for. `declined` is the time of sessions that people said
    they cannot come to and have left: the planner is not to put them back, and their queue has them meanwhile. With a
    `scope` it holds only what that names: enough to judge changes inside it by the same rules; nothing of `declined`.
    """

    organisation: Organisation
    programmes: tuple[Programme, ...]
    epoch: date
    requests: tuple[SeriesRequest, ...]
    wanted: tuple[AskedNeed, ...]
    published: tuple[Session, ...]
    absent: frozenset[tuple[str, str]]
    now: datetime
    revision: int
    base: int
    scope: Scope | None = None
    starts: tuple[Start, ...] = ()
    recalls: tuple[Recall, ...] = ()
    declined: tuple[Absence, ...] = ()

    @property
    def activities(self) -> dict[str, Activity]:
        """The activities of all adopted programmes by code."""
        return {a.code: a for p in self.programmes for a in p.activities}


def brief(db: Db, *, now: datetime) -> Brief:
    """Give the brief as of `now`.

    Raises InvalidError when there is nothing to plan: no people, no programme.
    """
    organisation = people.organisation(db)
    programmes = programme.adopted(db)
    if not organisation.people:
        raise InvalidError(
            phrase("There is nobody to plan for yet. Bring the people first: devsys import people FILE.")
        )
    if not programmes:
        raise InvalidError(phrase("No programme is adopted yet. Adopt one first: devsys adopt."))
    published = sessions.published(db)
    marks = sessions.attendance(db, [s.id for s in published])
    absent = frozenset((s, p) for s, marked in marks.items() for p, present in marked.items() if not present)
    fixed = house.fact(db, "programme_epoch")
    said = answers.cannot(db)
    return Brief(
        organisation=replace(
            organisation,
            held=(*organisation.held, *learned(published, absent, now)),
            absences=(*organisation.absences, *cannot_come(organisation, answers.refused(said, published, now))),
        ),
        programmes=programmes,
        epoch=date.fromisoformat(fixed) if fixed else monday_of(now.date()),
        requests=series_queries.requests(db),
        wanted=lessons.asked_needs(db),
        published=published,
        absent=absent,
        now=now,
        revision=house.revision(db),
        base=plans.pointer(db),
        starts=rollouts.starts(db),
        recalls=rollouts.recalls(db),
        declined=tuple(cannot_come(organisation, answers.declined(said, published, now))),
    )


def learned(published: tuple[Session, ...], absent: frozenset[tuple[str, str]], now: datetime) -> Iterable[Held]:
    """Give what was learnt in sessions that are over."""
    for session in published:
        if session.ends_utc <= now:
            for place in session.places:
                if (session.id, place.person_id) not in absent:
                    yield Held(place.person_id, session.activity, session.starts.date())


def cannot_come(organisation: Organisation, refused: Iterable[tuple[Session, str]]) -> Iterable[Absence]:
    """Give the time of sessions as absences of those who have a seat in them and cannot come, local to the person."""
    zones = {site.id: site.zone for site in organisation.sites}
    here = sites_of(organisation)
    for session, person_id in refused:
        zone = zones.get(here.get(person_id, ""), session.zone)
        yield Absence(person_id, local(session.starts_utc, zone), local(session.ends_utc, zone))
