"""The part of what a plan depends on that a few sessions touch: it grows neither with the organisation nor the year.

What the same rules say of it is what they say of the whole (`brief` of planning.py), as far as its scope goes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from devsys.adapters.store.queries import answers, busy, house, lessons, plans, programme, rollouts, sessions
from devsys.adapters.store.queries import people as people_queries
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.queries.planning import Brief, Scope, Stretch, cannot_come, learned
from devsys.adapters.store.queries.rows import chunks
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError
from devsys.base.words import phrase
from devsys.core.model.calendar import Place, Session
from devsys.core.model.hours import monday_of
from devsys.core.model.people import Organisation, Person
from devsys.core.model.programme import Programme

BESIDE: Final = timedelta(hours=4)  # rest after a session, and half hours that lie across: all that is near counts
A_DAY: Final = timedelta(days=1)
LONG_AGO: Final = datetime(2000, 1, 1)  # noqa: DTZ001 -- absences are local

# By database: the facts by which it is known to stand still, and the organisation without its people.
_FRAMES: WeakKeyDictionary[Engine, tuple[tuple[str, str], Organisation]] = WeakKeyDictionary()


def near(db: Db, scope: Scope, *, now: datetime, since: datetime, until: datetime) -> Brief:
    """Give the brief of a scope as of `now`; people and leaders with what they are in between two instants.

    The session ids of `scope.whole` that are published are read with everybody in them. Raises InvalidError when no
    programme is adopted.
    """
    facts = house.facts(db)
    frame = _frame(db, facts)
    programmes = programme.adopted(db)
    if not programmes:
        raise InvalidError(phrase("No programme is adopted yet. Adopt one first: devsys adopt."))
    involved = sorted(scope.people | scope.leading)
    known = people_queries.people_of(db, (), involved)
    queues = frozenset(p.queue_id for p in known if p.id in scope.people and p.queue_id)
    seats, whole = _seats(db, scope, queues, programmes, since, until)
    led = sessions.ids_led_or_housed(db, involved, sorted(scope.rooms), since=since, until=until)
    published = sessions.with_seats(db, {*seats, *whole, *led}, seats, whole)
    organisation = _organisation(db, frame, published, scope, queues, since)
    said = answers.of_sessions(db, [s.id for s in published if s.starts_utc > now])
    past = [s for s in published if s.ends_utc <= now]
    marks = sessions.attendance(db, [s.id for s in past])
    absent = frozenset((s, p) for s, marked in marks.items() for p, present in marked.items() if not present)
    fixed = facts.get(house.PROGRAMME_EPOCH, "")
    return Brief(
        organisation=replace(
            organisation,
            held=(*organisation.held, *learned(tuple(past), absent, now)),
            absences=(
                *organisation.absences,
                *cannot_come(organisation, answers.refused(said, published, now)),
            ),
        ),
        programmes=programmes,
        epoch=date.fromisoformat(fixed) if fixed else monday_of(now.date()),
        requests=series_queries.requests(db, people=scope.people),
        wanted=lessons.asked_needs(db, scope.people),
        published=published,
        absent=absent,
        now=now,
        revision=int(facts.get(house.ORGANISATION_REVISION, "0")),
        base=plans.pointer(db),
        scope=scope,
        starts=rollouts.starts(db, scope.people),
        recalls=rollouts.recalls(db, scope.people),
    )


def at_site(
    db: Db,
    site_id: str,
    *,
    now: datetime,
    since: datetime,
    until: datetime,
    people: frozenset[str] = frozenset(),
    leading: frozenset[str] = frozenset(),
) -> Brief:
    """Give the brief of one site as of `now`: its people, leaders, rooms, queues, all its sessions from `since` on.

    Also everybody of elsewhere who has a seat in a session there, and other `people` and `leading` that a draft has at
    it. What rules say of the site's sessions between `since`
    and `until` is what they say of them on the whole. Raises InvalidError when no programme is adopted.
    """
    whole = _frame(db, house.facts(db))
    here = sessions.places_at(db, site_id, since)
    queues = frozenset(q.id for q in whole.queues if q.site_id == site_id)
    own = {p.id for p in (*people_queries.people_at(db, site_id), *people_queries.people_of(db, queues, ()))}
    scope = Scope(
        people=frozenset(own.union(people, *here.values())),
        leading=leading.union(f.person_id for f in whole.facilitators if site_id in f.site_ids),
        rooms=frozenset(r.id for r in whole.rooms if r.site_id == site_id),
        spans=((since, until),),
        whole=frozenset(here),
    )
    return near(db, scope, now=now, since=since, until=until)


def organisation_at(db: Db, site_id: str) -> Organisation:
    """Give the organisation as far as one site needs it: its people, leaders and queues, and who else serves those.

    Names of sites, teams and rooms are known of all; of queues elsewhere nothing is required.
    """
    whole = _frame(db, house.facts(db))
    own = people_queries.people_at(db, site_id)
    served = {q.id for q in whole.queues if q.site_id == site_id} | {p.queue_id for p in own if p.queue_id}
    leading = [f.person_id for f in whole.facilitators if site_id in f.site_ids]
    rows = people_queries.people_of(db, sorted(served), [*(p.id for p in own), *leading])
    ids = [p.id for p in rows]
    named = {p.queue_id for p in rows}
    return replace(
        whole,
        queues=tuple(q if q.id in served else replace(q, minimum=0) for q in whole.queues if q.id in served | named),
        people=rows,
        absences=tuple(people_queries.absences_of(db, ids, LONG_AGO)),
        requirements=tuple(r for r in whole.requirements if r.queue_id in served),
        emergencies=tuple(e for e in whole.emergencies if e.queue_id in served),
        busy=tuple(b for some in chunks(ids) for b in busy.as_absences(db, some, None)),
    )


def frame(db: Db) -> Organisation:
    """Give the organisation without its people; kept while the organisation stays as it is."""
    return _frame(db, house.facts(db))


def _frame(db: Db, facts: Mapping[str, str]) -> Organisation:
    """Give the organisation without its people; kept while the organisation's revision stands."""
    bind: Any = db.get_bind()
    key = (facts.get(house.FEED_EPOCH, ""), facts.get(house.ORGANISATION_REVISION, "0"))
    if bind.get_execution_options().get("devsys_write"):
        return people_queries.frame(db)  # what is being written may never stand: it is not kept
    kept = _FRAMES.get(bind)
    if kept is None or kept[0] != key:
        kept = _FRAMES[bind] = (key, people_queries.frame(db))
    return kept[1]


def _seats(  # noqa: PLR0917 -- all that says what is read
    db: Db, scope: Scope, queues: Collection[str], programmes: Iterable[Programme], since: datetime, until: datetime
) -> tuple[Mapping[str, Sequence[Place]], frozenset[str]]:
    """Give seats by revision, and the revisions that are to be read with everybody in them."""
    gates = {p for programme_ in programmes for a in programme_.activities for p in a.prerequisites}
    own = sessions.seats_of(db, sorted(scope.people), since=since, until=until, ever=sorted(gates))
    seats = {id_: list(row) for id_, row in own.items()}
    attended = sessions.seats_of(db, sorted(scope.leading), since=since, until=until, ever=())
    beside = joined((start - BESIDE, end + BESIDE) for start, end in scope.spans)
    away = sessions.seats_of_queues(db, queues, beside) if queues else {}
    for more in (attended, away):
        for id_, row in more.items():
            seats.setdefault(id_, []).extend(row)
    return seats, sessions.revisions_of(db, sorted(scope.whole))


def joined(spans: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Give stretches in order, those that overlap or touch as one."""
    out: list[Stretch] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)


def _organisation(  # noqa: PLR0917 -- all that says what is read
    db: Db,
    frame: Organisation,
    published: Iterable[Session],
    scope: Scope,
    queues: Collection[str],
    since: datetime,
) -> Organisation:
    """Give the organisation as far as a scope and the sessions read for it name it.

    Of queues that nobody of the scope counts for no requirement is known: what is in them is not judged.
    """
    there = {p.person_id for s in published for p in s.places} | {s.facilitator_id or "" for s in published}
    rows = people_queries.people_of(db, queues, sorted((there | scope.people | scope.leading) - {""}))
    ids = [p.id for p in rows]
    named = {p.queue_id for p in rows}
    sites = _sites(frame, rows, published)
    return replace(
        frame,
        queues=tuple(q if q.id in queues else replace(q, minimum=0) for q in frame.queues if q.id in named),
        teams=tuple(t for t in frame.teams if t.site_id in sites),
        rooms=tuple(r for r in frame.rooms if r.site_id in sites),
        people=rows,
        absences=tuple(people_queries.absences_of(db, ids, since.replace(tzinfo=None) - 2 * A_DAY)),
        held=tuple(people_queries.held_by(db, sorted(scope.people))),
        requirements=tuple(r for r in frame.requirements if r.queue_id in queues),
        emergencies=tuple(e for e in frame.emergencies if e.queue_id in queues),
        reliefs=tuple(r for r in people_queries.reliefs(db) if r.queue_id in queues),
        busy=tuple(b for some in chunks(ids) for b in busy.as_absences(db, some, since - 2 * A_DAY)),
    )


def _sites(frame: Organisation, rows: Iterable[Person], published: Iterable[Session]) -> frozenset[str]:
    """Give the sites that people and sessions are at; teams are only left out with all of their site."""
    of_team = {t.id: t.site_id for t in frame.teams}
    of_queue = {q.id: q.site_id for q in frame.queues}
    found = {s.site_id for s in published}
    for person in rows:
        found.update(filter(None, (of_team.get(person.team_id or ""), of_queue.get(person.queue_id or ""))))
    return frozenset(found)
