"""Publish a draft: judged by the verifier, compared with what stands, made the plan in one transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.brief import judge, judge_near, weeks_around
from devsys.actions.parts import Parts
from devsys.actions.tell_people import quiet_time, tell
from devsys.adapters.store.queries import audit, house, near, people, plans, programme, sessions, webhooks
from devsys.adapters.store.queries import feeds as feed_queries
from devsys.adapters.store.queries import planning as planning_queries
from devsys.adapters.store.queries.planning import Brief, Scope, Stretch
from devsys.adapters.store.queries.plans import Draft
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError
from devsys.base.words import phrase
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.causes import PLANNED
from devsys.core.model.changes import Change, Difference, differences, next_sequence
from devsys.core.model.hours import monday_of, start_of
from devsys.core.planning.check import Violation
from devsys.core.planning.gates import RULE, gates_left, gates_of

TRIES: Final = 3
MOST_TOLD: Final = 500  # sessions that a webhook names; who wants all reads the version
NEAR: Final = 200  # people: a change that touches more, and a tenth of all, is judged on the whole plan
MUCH: Final = 10
WEEK: Final = timedelta(weeks=1)
BEHIND: Final = 106 * WEEK  # as far as plans reach
SINCE: Final = 2 * WEEK  # before the weeks that are judged: no session reaches farther into them


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing a draft would do.

    `blocking` are the rules it would break that do not stand broken already; `standing` those broken by what is
    published, which publishing neither causes nor cures. `outdated` says that another plan was published meanwhile.
    `crossed` are the sessions that a version changed otherwise while the draft waited, with its number: somebody has to
    say which holds.
    """

    draft: Draft
    differences: tuple[Difference, ...]
    blocking: tuple[Violation, ...]
    standing: tuple[Violation, ...]
    outdated: bool
    revision: int
    crossed: Mapping[str, int] = field(default_factory=dict)

    @property
    def concerned(self) -> frozenset[str]:
        """Ids of the people whose calendar changes."""
        return frozenset(p for d in self.differences for p in d.concerned)

    @property
    def counts(self) -> dict[str, int]:
        """How many sessions are new, moved, altered, cancelled."""
        found = Counter(d.change.value for d in self.differences)
        return {c.value: found[c.value] for c in Change}


def preview(parts: Parts, draft_id: str) -> Preview:
    """Give what publishing would do. Raises NotFoundError; nothing is written."""
    now = parts.now()
    with parts.store.read() as db:
        draft = plans.draft(db, draft_id)
        changed = sessions.changed_in(db, draft_id)
        found = differences(sessions.published_among(db, [s.id for s in changed]), changed)
        brief = brief_for(db, found, now=now)
        base = plans.pointer(db)
        crossed = plans.crossed(db, draft_id)
    blocking, standing = weigh(brief, changed, found)
    return Preview(
        draft=draft,
        differences=found,
        blocking=blocking,
        standing=standing,
        outdated=base != draft.base,
        revision=brief.revision,
        crossed=crossed,
    )


def brief_for(db: Db, found: tuple[Difference, ...], *, now: datetime) -> Brief:
    """Give the brief on which differences can be weighed: what they touch, or the whole where they touch much."""
    touched = touch(found)
    gates = gates_of(programme.activities(db))
    if len(touched.people) > NEAR and len(touched.people) > people.how_many(db) // MUCH:
        return planning_queries.brief(db, now=now)
    around = [*(d.after for d in found), *(d.before for d in found if d.before)]
    first = weeks_around(around) if around else Horizon(monday_of(now.date()), 1)
    until = start_of(first) + first.weeks * WEEK
    if any(d.after.activity in gates for d in found):
        until += BEHIND  # what builds on a gate may lie anywhere behind it
    return near.near(db, touched, now=now, since=start_of(first) - SINCE, until=until)


def weigh(
    brief: Brief, changed: Iterable[Session], found: Iterable[Difference]
) -> tuple[tuple[Violation, ...], tuple[Violation, ...]]:
    """Give the rules that changed sessions would break, and those broken as they stand published, near differences."""
    differences_ = tuple(found)
    drafted = {s.id: s for s in brief.published} | {s.id: s for s in changed}
    after = tuple(s for s in drafted.values() if s.status is Status.PLANNED)
    around = [*(d.after for d in differences_), *(d.before for d in differences_ if d.before)]
    judged = _judge_for(brief, differences_, around)
    people = touch(differences_).people

    def found_in(calendar: tuple[Session, ...]) -> tuple[Violation, ...]:
        near_ = judged(calendar)
        named = {(v.who, i) for v in near_ if v.rule == RULE for i in v.sessions}
        behind = gates_left(
            calendar, brief.activities, brief.organisation, people=people, absent=brief.absent, now=brief.now
        )
        return (*near_, *(v for v in behind if (v.who, v.sessions[0]) not in named))

    broken = found_in(after)
    known = {_same(v) for v in found_in(brief.published)} if broken else set()
    return tuple(v for v in broken if _same(v) not in known), tuple(v for v in broken if _same(v) in known)


def _judge_for(
    brief: Brief, found: tuple[Difference, ...], around: list[Session]
) -> Callable[[Iterable[Session]], tuple[Violation, ...]]:
    """Give who judges a calendar: all of the weeks around, or with a bounded brief what the differences touch."""
    if brief.scope is None:
        return lambda calendar: judge(brief, calendar, around=around)
    touched = touch(found)
    if not brief.scope.covers(touched):
        raise ValueError(touched)
    return lambda calendar: judge_near(brief, calendar, around=around, people=touched.people)


def touch(found: Iterable[Difference]) -> Scope:
    """Give what differences touch: all that has to be known to say whether they break a rule anew.

    Where its time stays, only who comes or goes is touched by a session, with their queues; who stays is where they
    were. Another leader may break a series, so that everybody in it is touched.
    """
    people: set[str] = set()
    leading: set[str] = set()
    rooms: set[str] = set()
    spans: list[Stretch] = []
    whole: set[str] = set()
    for d in found:
        was, now = d.before, d.after
        whole.update({now.id} if was is not None else ())
        stays = was is not None and _when(was) == _when(now)
        led = was is not None and stays and was.facilitator_id == now.facilitator_id
        housed = was is not None and stays and was.room_id == now.room_id
        places = set(now.places) if was is None else set(was.places) ^ set(now.places)
        if was is not None and not (stays and led):
            places |= {*was.places, *now.places}
        people |= {p.person_id for p in places}
        if now.status is not Status.PLANNED:
            continue  # what is off needs nobody and nothing; of who was in it all is known
        sides = [now] if was is None else [was, now]
        if not (led and housed):
            leading.update(s.facilitator_id for s in sides if s.facilitator_id)
        if not housed:
            rooms.update(s.room_id for s in sides if s.room_id)
        if places:
            spans.append((now.starts_utc, now.ends_utc))
    return Scope(frozenset(people), frozenset(leading), frozenset(rooms), tuple(spans), frozenset(whole))


def _when(session: Session) -> tuple[object, ...]:
    return (session.activity, session.site_id, session.starts_utc, session.minutes, session.status, session.series)


def _same(violation: Violation) -> tuple[str, str, str]:
    return (violation.rule, violation.who, violation.what)


def publish(parts: Parts, draft_id: str, *, by_id: str | None, cause: str = "", postponed: bool = False) -> int:
    """Publish a draft; give the number of the published version, which stays the same for an empty difference.

    `postponed` leaves letters about what is not near for the next morning.

    Raises InvalidError with every rule the draft would break, ConflictError when another plan was published
    meanwhile (who, when) or the draft is no longer open; the draft stays as it is.
    """
    for _ in range(TRIES):
        seen = preview(parts, draft_id)
        plans.must_be_open(seen.draft)
        if seen.outdated and seen.differences:
            with parts.store.read() as db:  # said before any rule: what blocks may be what the other plan took
                raise ConflictError(plans.who_was_first(db))
        if seen.crossed:
            raise InvalidError(
                phrase(
                    "Another plan changed some of these sessions otherwise meanwhile. Say for each which one holds."
                ),
                tuple(Fault("session", session_id) for session_id in seen.crossed),
            )
        if seen.blocking:
            raise InvalidError(
                phrase("The draft breaks rules that hold, so it cannot be published. Move or leave out what is named."),
                tuple(Fault(v.rule, v.what) for v in seen.blocking[:50]),
            )
        with parts.store.write() as db:
            if not seen.differences:
                return plans.pointer(db)
            if house.revision(db) == seen.revision:
                cause = cause or seen.draft.cause
                return make_it_the_plan(
                    db, parts, draft_id, seen.differences, by_id=by_id, cause=cause, postponed=postponed
                )
    raise ConflictError(phrase("The organisation is being changed right now. Nothing was published; try again."))


def make_it_the_plan(
    db: Db,
    parts: Parts,
    draft_id: str,
    found: tuple[Difference, ...],
    *,
    by_id: str | None,
    cause: str,
    act: str = "publish plan",
    postponed: bool = False,
) -> int:
    """Publish a draft in the caller's transaction: only what people see differently becomes a revision.

    Letters to the people concerned wait from the same transaction on.
    """
    now = parts.now()
    real = {d.after.id for d in found}
    idle = [i for i in sessions.ids_in(db, draft_id) if i not in real]
    sessions.take_from_draft(db, draft_id, idle)
    stamped = [_stamped(d, cause, now) for d in found]
    sessions.lay_into_draft(db, draft_id, stamped, now)
    counts = Counter(d.change.value for d in found)
    changes = {c.value: counts[c.value] for c in Change}
    number = plans.publish(db, draft_id, by_id=by_id, cause=cause, now=now, changes=changes)
    sessions.turn_places(db, [(d.before, after) for d, after in zip(found, stamped, strict=True)], now)
    feed_queries.touch(db, found, now, address=parts.settings.public_url)
    tell(db, found, stamped, number, now=now, quiet=quiet_time(parts), postponed=postponed)
    audit.record(db, at=now, by_id=by_id, act=act, what=f"version {number}")
    touched = [{"id": d.after.id, "change": d.change.value} for d in found[:MOST_TOLD]]
    webhooks.tell(db, webhooks.PUBLISHED, {"version": number, "changes": changes, "sessions": touched}, now)
    return number


def _stamped(found: Difference, cause: str, now: datetime) -> Session:
    after = found.after
    return replace(
        after, sequence=next_sequence(found.before, after), changed=now, cause=after.cause or cause or PLANNED
    )
