"""Make the published calendar true again after an absence, a closed room or a queue that needs its people.

`look` gives what cannot stand and what could be done, `settle` what comes of choosing, `publish` makes that alone the
plan: a version of its own with its cause, while drafts stay drafts and are laid on it. Nothing is written before that.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions import publish_plan
from devsys.actions.brief import see
from devsys.actions.counting import Said
from devsys.actions.parts import Parts
from devsys.actions.publish_small import Publishing, Small
from devsys.actions.rebase_draft import Rebased
from devsys.adapters.store.queries import near, plans
from devsys.adapters.store.queries import planning as planning_queries
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotAllowedError
from devsys.base.ids import new_id
from devsys.base.words import phrase, to_keep
from devsys.core.model.absences import without_end
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.causes import JOINED, of_repair
from devsys.core.model.changes import Difference, content, differences
from devsys.core.model.hours import monday_of, slot_from, start_of
from devsys.core.planning import problem as plan
from devsys.core.planning.certificate import Certificate
from devsys.core.planning.check import Violation, check
from devsys.core.planning.choices import Affected, Choice, apply_choices, choices
from devsys.core.planning.gates import RULE
from devsys.core.planning.mended import mended
from devsys.core.planning.picture import Picture
from devsys.core.planning.repair import repair
from devsys.core.policy import scope

TRIES: Final = 3
WEEKS: Final = 20  # how far ahead a repair looks for other times
NEAR: Final = timedelta(weeks=12)  # sessions that start later wait: much changes until then
OPEN_ENDED: Final = timedelta(days=14)  # of an absence without an end, what starts later waits until more is known
BEFORE: Final = timedelta(weeks=5)  # what stands longer ago spaces nothing any more
BEHIND: Final = timedelta(weeks=5)
NOTICE: Final = timedelta(days=1)  # nobody is given another time at shorter notice
MOST_CAUSES: Final = 3  # that stand beside a version
LATER: Final = "later"  # the pick that leaves a session as it is for now
FOR_THE_QUEUE: Said = ("for_the_queue", to_keep("Its session was cancelled for the queue"))
NOT_HELD: Said = ("not_held", to_keep("Its session could not be held"))


@dataclass(frozen=True, slots=True)
class About:
    """What a repair is about: a person, a room or a queue by id; none of them: all that cannot stand.

    `far` looks also at what waits: later sessions of somebody whose return is not known. With `site_id` only sessions
    of that site are looked at: in a large organisation a look is then no larger than a site.
    """

    person_id: str = ""
    room_id: str = ""
    queue_id: str = ""
    far: bool = False
    site_id: str = ""

    def holds(self, broken: Violation) -> bool:
        """Say whether a broken rule belongs to it."""
        if self.person_id:
            return broken.who == self.person_id and broken.rule in ("facilitator", "at_work")
        if self.room_id:
            return broken.who == self.room_id and broken.rule == "room"
        if self.queue_id:
            return broken.who == self.queue_id and broken.rule == "coverage"
        return True


@dataclass(frozen=True, slots=True)
class Look:
    """What cannot stand as of one moment, with what could be done about it.

    `stuck` is what pinned sessions break, which only a person lets go; `waiting` are ids of sessions that are left for
    later. `certificate` is about all suggestions taken together.
    """

    about: About
    brief: Brief
    view: Picture
    problem: plan.Problem
    now: int
    affected: tuple[Affected, ...]
    certificate: Certificate
    stuck: tuple[Violation, ...]
    waiting: tuple[str, ...]

    @property
    def people(self) -> frozenset[str]:
        """Ids of the people in the sessions that cannot stand."""
        needs = self.problem.needs
        return frozenset(needs[n].agent for a in self.affected for n in a.session.att)


def look(parts: Parts, about: About = About()) -> Look:
    """Give what cannot stand and the choices for it; it only reads."""
    now = parts.now()
    with parts.store.read() as db:
        brief = brief_of(db, about.site_id, now)
    return looked(brief, about, now)


def brief_of(db: Db, site_id: str, now: datetime) -> Brief:
    """Give all that what cannot stand depends on: of one site, or of everything. Raises InvalidError with nothing."""
    if not site_id:
        return planning_queries.brief(db, now=now)
    first = start_of(Horizon(monday_of(now.date()), WEEKS))
    until = first + timedelta(weeks=WEEKS) + BEHIND
    return near.at_site(db, site_id, now=now, since=first - BEFORE, until=until)


@dataclass(frozen=True, slots=True)
class Unsound:
    """What the verifier says of a published calendar as of one moment.

    `broken` are the rules that do not hold for sessions to come; `near` the sessions that need a repair now, `waiting`
    those that wait until more is known, by id; `stuck` what pinned sessions break.
    """

    view: Picture
    problem: plan.Problem
    broken: tuple[Violation, ...]
    near: frozenset[str]
    waiting: frozenset[str]
    stuck: tuple[Violation, ...]


def unsound(brief: Brief, about: About, now: datetime) -> Unsound:
    """Give what cannot stand of a brief, without asking what could be done about it."""
    horizon = Horizon(monday_of(now.date()), WEEKS)
    view = see(brief, horizon, kept=brief.published, new_from=now + NOTICE, seating=True)
    pinned = tuple(s for s in view.problem.pinned if view.kept[s.id].pinned)
    problem = replace(view.problem, pinned=pinned)
    said = check(replace(problem, frozen_until=0), view.problem.pinned)
    broken = tuple(v for v in said if about.holds(v) and _is_here(brief, view, v, about.site_id))
    fixed = {s.id for s in pinned}
    near, waiting, stuck, heard = set[str](), set[str](), list[Violation](), list[Violation]()
    for violation in broken:
        ahead = [i for i in violation.sessions if i in view.kept and view.kept[i].starts_utc > now]
        free = [i for i in ahead if i not in fixed]
        if ahead:
            heard.append(violation)
        if ahead and not free:
            stuck.append(violation)
        for id_ in free:
            far = not about.far and _waits(brief, view.kept[id_], violation, now)
            (waiting if far else near).add(id_)
    return Unsound(view, problem, tuple(heard), frozenset(near), frozenset(waiting - near), tuple(stuck))


def _is_here(brief: Brief, view: Picture, broken: Violation, site_id: str) -> bool:
    """Say whether a broken rule is the asked site's: one of its sessions is there, or the queue left short is."""
    if not site_id or any(i in view.kept and view.kept[i].site_id == site_id for i in broken.sessions):
        return True
    return broken.rule == "coverage" and any(
        q.id == broken.who and q.site_id == site_id for q in brief.organisation.queues
    )


def looked(brief: Brief, about: About, now: datetime) -> Look:
    """Give what cannot stand of a brief, with what could be done."""
    found = unsound(brief, about, now)
    slot = slot_from(now, Horizon(monday_of(now.date()), WEEKS))
    previous = found.view.problem.pinned
    affected = choices(found.problem, previous, now=slot, only=found.near) if found.near else ()
    done = repair(found.problem, previous, now=slot, only=found.near, wanted=())
    return Look(
        about=about,
        brief=brief,
        view=found.view,
        problem=found.problem,
        now=slot,
        affected=affected,
        certificate=done.certificate,
        stuck=found.stuck,
        waiting=tuple(sorted(found.waiting)),
    )


def _waits(brief: Brief, session: Session, broken: Violation, now: datetime) -> bool:
    """Say whether a session is left for later: far away, or touched only if somebody is still not back by then."""
    if session.starts_utc >= now + NEAR:
        return True
    if session.starts_utc < now + OPEN_ENDED:
        return False
    o = brief.organisation
    return without_end((a for a in o.absences if a.person_id == broken.who), session.starts) or without_end(
        (c for c in o.closures if c.room_id == broken.who), session.starts
    )


def key_of(choice: Choice) -> str:
    """Give what names a choice: the same for the same choice, whenever it is asked."""
    said = repr((choice.way.value, choice.after, choice.gone))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Settled:
    """What comes of choosing.

    `taken` are the choices with the sessions they are for; `left` those that stay as they are for now. `changed` are
    the sessions as they would be, `blocking` the rules that would be broken then. `disturbed` are ids of people whose
    published time is lost, `owed` the keys of needs without a place, each with its reason. `seal` names all of it.
    """

    look: Look
    taken: tuple[tuple[Affected, Choice], ...]
    left: tuple[Affected, ...]
    changed: tuple[Session, ...]
    differences: tuple[Difference, ...]
    blocking: tuple[Violation, ...]
    disturbed: frozenset[str]
    owed: Mapping[str, Said]
    seal: str

    @property
    def concerned(self) -> frozenset[str]:
        """Ids of the people whose calendar changes."""
        return frozenset(p for d in self.differences for p in d.concerned)

    @property
    def onlookers(self) -> frozenset[str]:
        """Ids of the people in sessions that change, whose own time, place and group stay as they are."""
        return frozenset(p for d in self.differences for p in d.after.people) - self.concerned

    @property
    def led_otherwise(self) -> bool:
        """Say whether a session that is still held gets somebody else to lead it."""
        sides = ((d.before, d.after) for d in self.differences if d.before and d.after.status is Status.PLANNED)
        return any(before.facilitator_id != after.facilitator_id for before, after in sides)

    @property
    def as_suggested(self) -> bool:
        """Say whether every suggestion was taken, and nothing else."""
        suggested = {key_of(a.suggestion) for a in self.look.affected}
        return not self.left and {key_of(choice) for _, choice in self.taken} == suggested

    @property
    def cause(self) -> str:
        """The cause that stands beside the version: what follows, never who is away."""
        causes = Counter(d.after.cause for d in self.differences if d.after.cause not in ("", JOINED))
        return of_repair(cause for cause, _ in causes.most_common(MOST_CAUSES))


def settle(found: Look, picks: Mapping[str, str] | None = None) -> Settled:
    """Give what comes of picking choices by their key for sessions by id; where none is picked, the suggestion.

    A pick other than the suggestion is set first, and the suggestions for the others are found anew beside it.
    Raises ConflictError for a pick that is no choice any more.
    """
    chosen, left = _picked(found, picks or {})
    previous = found.view.problem.pinned
    taken = list(chosen)
    solved = {i for _, c in chosen for i in c.solves} | {a.session.id for a in left}
    rest = [a for a in found.affected if a.session.id not in solved]
    if chosen or left:
        base = apply_choices(previous, (c for _, c in chosen))
        fixed = {i for _, c in chosen for i in (s.id for s in c.after)} | {a.session.id for a in left}
        problem = replace(found.problem, pinned=tuple(s for s in base if s.id in fixed or _is_pinned(found, s)))
        only = {a.session.id for a in rest}
        rest = list(choices(problem, base, now=found.now, only=only)) if only else []
    taken += [(a, a.suggestion) for a in rest]
    after = apply_choices(previous, (c for _, c in taken))
    return _settled(found, tuple(taken), left, after)


def _is_pinned(found: Look, session: plan.Session) -> bool:
    kept = found.view.kept.get(session.id)
    return kept is not None and kept.pinned


def _picked(found: Look, picks: Mapping[str, str]) -> tuple[list[tuple[Affected, Choice]], tuple[Affected, ...]]:
    """Give what was picked otherwise than suggested, soonest first, and what is left for now."""
    chosen: list[tuple[Affected, Choice]] = []
    left: list[Affected] = []
    solved: set[str] = set()
    for one in found.affected:
        pick = picks.get(one.session.id, "")
        if pick == LATER:
            left.append(one)
            continue
        by_key = {key_of(c): c for c in one.choices}
        if pick and pick not in by_key:
            raise ConflictError(
                phrase("What can be done changed meanwhile. Nothing was changed: look at the repairs again.")
            )
        choice = by_key.get(pick)
        if choice is not None and choice != one.suggestion and one.session.id not in solved:
            chosen.append((one, choice))
            solved.update(choice.solves)
    return chosen, tuple(a for a in left if a.session.id not in solved)


def _settled(
    found: Look,
    taken: tuple[tuple[Affected, Choice], ...],
    left: tuple[Affected, ...],
    after: tuple[plan.Session, ...],
) -> Settled:
    rules = {a.session.id: a.rule for a in found.affected if a not in left} | {a.session.id: a.rule for a, _ in taken}
    besides = {i: a.rule for a, c in taken for i in c.knock_on if i not in rules}
    changed = mended(found.view, after, rules, new_id, lambda _: new_id() + new_id(), besides=besides)
    published = {s.id: s for s in found.brief.published}
    real = differences(published.values(), changed)
    blocking = _blocking(found, changed, real) if real else ()
    was = {n: s for s in found.view.problem.pinned for n in s.att}
    now_at = {n: s.start for s in after for n in s.att}
    lost = [n for n, s in was.items() if now_at.get(n) != s.start]
    keys = {n: _key(found, n) for n in lost if n not in now_at}
    return Settled(
        look=found,
        taken=taken,
        left=left,
        changed=changed,
        differences=real,
        blocking=blocking,
        disturbed=frozenset(found.problem.needs[n].agent for n in lost),
        owed={k: FOR_THE_QUEUE if rules.get(was[n].id) == "coverage" else NOT_HELD for n, k in keys.items() if k},
        seal=_seal(found, real),
    )


def _blocking(found: Look, changed: tuple[Session, ...], real: tuple[Difference, ...]) -> tuple[Violation, ...]:
    """Give the rules the repair would break, but for seats behind a lost gate later than it looks.

    Those are issues, repaired as their time comes; a session that cannot be held does not wait for them.
    """
    seen = start_of(found.view.horizon) + timedelta(weeks=found.view.horizon.weeks)
    later = {s.id for s in found.brief.published if s.starts_utc >= seen}
    broken, _ = publish_plan.weigh(found.brief, changed, real)
    return tuple(v for v in broken if v.rule != RULE or not later.issuperset(v.sessions))


def _key(found: Look, position: int) -> str:
    need = found.view.needs[position]
    return need.key if need is not None else ""


def _seal(found: Look, real: Iterable[Difference]) -> str:
    """Name what would be published and what it stands on; new sessions have no name of their own yet."""
    said = [
        (d.change.value, d.before.id if d.before else "", content(d.after)[:-1], sorted(d.after.people)) for d in real
    ]
    return f"{found.brief.base}-{hashlib.sha256(repr(said).encode()).hexdigest()[:20]}"


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: the version, what it changed, whom it concerns, and what became of the open drafts."""

    number: int
    changes: int
    people: int
    owed: int
    drafts: tuple[Rebased, ...]


def publish(
    parts: Parts,
    viewer: Viewer,
    about: About,
    *,
    picks: Mapping[str, str] | None = None,
    seal: str,
    postponed: bool = False,
) -> Published:
    """Publish a repair alone, if it still is what `seal` names; open drafts are laid on the new version.

    `postponed` leaves letters about what is not near for the next morning.

    Raises NotAllowedError, ConflictError when somebody published meanwhile (who, when) or the repair would be another
    one by now, InvalidError with the rules that choices would break together.
    """
    if not scope(viewer, "draft", "write").everything:
        raise NotAllowedError(phrase("Only a coordinator of all teams may publish a repair."))
    for _ in range(TRIES):
        found = settle(look(parts, about), picks)
        _still(parts, found, seal)
        if found.blocking:
            raise InvalidError(
                phrase(
                    "These choices do not fit together, so nothing was published. Choose otherwise where it is named."
                ),
                tuple(Fault(v.rule, v.what) for v in found.blocking[:50]),
            )
        written = _write(parts, viewer, found, postponed=postponed)
        if written is not None:
            return written
    raise ConflictError(phrase("The organisation is being changed right now. Nothing was published; try again."))


def _still(parts: Parts, found: Settled, seal: str) -> None:
    if found.seal == seal and found.differences:
        return
    with parts.store.read() as db:
        if not seal.startswith(f"{plans.pointer(db)}-"):
            raise ConflictError(plans.who_was_first(db, then=phrase("Nothing was changed: look at the repairs again.")))
    raise ConflictError(phrase("What can be done changed meanwhile. Nothing was changed: look at the repairs again."))


def _write(parts: Parts, viewer: Viewer, found: Settled, *, postponed: bool) -> Published | None:
    """Write it all in one transaction; None when organisation or plan changed since it was thought out."""
    small = Small(
        brief=found.look.brief,
        changed=found.changed,
        differences=found.differences,
        owed=found.owed,
        cause=found.cause,
        act="publish repair",
        weeks=WEEKS,
        postponed=postponed,
    )
    publishing = Publishing(parts, small)
    with parts.store.write() as db:
        if not publishing.still(db):
            return None
        number, drafts = publishing.write(db, viewer.person_id)
    return Published(number, len(found.differences), len(found.concerned), len(found.owed), drafts)
