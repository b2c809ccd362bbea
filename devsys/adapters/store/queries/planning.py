"""All a plan depends on, read in one picture."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from devsys.adapters.store.queries import answers, house, people, plans, programme, sessions
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError
from devsys.core.model.calendar import Session
from devsys.core.model.hours import local, monday_of, sites_of
from devsys.core.model.needs import SeriesRequest
from devsys.core.model.people import Absence, Held, Organisation
from devsys.core.model.programme import Activity, Programme


@dataclass(frozen=True, slots=True)
class Brief:
    """One moment of everything a plan depends on.

    `organisation.held` counts sessions attended besides earlier learning (a past place counts unless its holder was
    marked absent); `organisation.absences` hold besides the time of sessions that people still have a seat in and said
    they cannot come to; `absent` are (session id, person id); `now` is the moment it was read at; `revision` is the
    organisation's, `base` the published version's number, `epoch` the Monday from which cadences count.
    """

    organisation: Organisation
    programmes: tuple[Programme, ...]
    epoch: date
    requests: tuple[SeriesRequest, ...]
    published: tuple[Session, ...]
    absent: frozenset[tuple[str, str]]
    now: datetime
    revision: int
    base: int

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
        raise InvalidError("There is nobody to plan for yet. Bring the people first: devsys import people FILE.")
    if not programmes:
        raise InvalidError("No programme is adopted yet. Adopt one first: devsys adopt.")
    published = sessions.published(db)
    marks = sessions.attendance(db, [s.id for s in published])
    absent = frozenset((s, p) for s, marked in marks.items() for p, present in marked.items() if not present)
    fixed = house.fact(db, "programme_epoch")
    return Brief(
        organisation=replace(
            organisation,
            held=(*organisation.held, *_learned(published, absent, now)),
            absences=(*organisation.absences, *_cannot_come(organisation, answers.refusals(db, published, now))),
        ),
        programmes=programmes,
        epoch=date.fromisoformat(fixed) if fixed else monday_of(now.date()),
        requests=series_queries.requests(db),
        published=published,
        absent=absent,
        now=now,
        revision=house.revision(db),
        base=plans.pointer(db),
    )


def _learned(published: tuple[Session, ...], absent: frozenset[tuple[str, str]], now: datetime) -> Iterable[Held]:
    for session in published:
        if session.ends_utc <= now:
            for place in session.places:
                if (session.id, place.person_id) not in absent:
                    yield Held(place.person_id, session.activity, session.starts.date())


def _cannot_come(organisation: Organisation, refused: Iterable[tuple[Session, str]]) -> Iterable[Absence]:
    """Give the time of sessions as absences of those who have a seat in them and cannot come, local to the person."""
    zones = {site.id: site.zone for site in organisation.sites}
    here = sites_of(organisation)
    for session, person_id in refused:
        zone = zones.get(here.get(person_id, ""), session.zone)
        yield Absence(person_id, local(session.starts_utc, zone), local(session.ends_utc, zone))
