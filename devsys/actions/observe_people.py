"""What a coach or a facilitator saw of one person, by principle: that person reads it first, and alone may share it.

Nobody else finds it: no lead, no coordinator, no administrator. What another opens stands in the person's own list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, coaching, coaching_plans, observations, sessions
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.core.model.access import Role, Viewer
from devsys.core.model.calendar import Session
from devsys.core.model.coaching import Course, Plan
from devsys.core.model.observations import Observation
from devsys.core.model.programme import Principle

READ: Final = "read observation"
BACK: Final = timedelta(days=28)  # what is older is remembered, not seen
MOST: Final = 200  # cards of one author


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where somebody was seen: in a session one led, else in a contact (only whom one coaches)."""

    person_id: str
    name: str
    session: Session | None = None

    @property
    def key(self) -> str:
        """As a form names it."""
        return f"{self.person_id}:{self.session.id if self.session else ''}"


@dataclass(frozen=True, slots=True)
class Cards:
    """What there is for one viewer: of them, by them, shared with them; and the names in it."""

    mine: tuple[Observation, ...]
    written: tuple[Observation, ...]
    shared: tuple[Observation, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    """One card opened. `coach_id` is whom the observed person, and only they, may share it with: None for nobody."""

    seen: Observation
    words: Mapping[Principle, str]
    session: Session | None
    coach_id: str | None
    names: Mapping[str, str]


def look(parts: Parts, viewer: Viewer) -> Cards:
    """Give the cards of a viewer; no words are opened."""
    with parts.store.read() as db:
        me = viewer.person_id
        mine, shared = observations.of_person(db, me), observations.shared_with(db, me)
        written = observations.by_author(db, me)
        people = {p for one in (*mine, *shared, *written) for p in (one.person_id, one.author_id)}
        return Cards(mine, written, shared, coaching.names(db, people))


def read(parts: Parts, viewer: Viewer, observation_id: str) -> Card:
    """Open a card. Raises NotFoundError to whoever may not read it.

    That another opened it stands in the observed person's own list, once a day.
    """
    me = viewer.person_id
    with parts.store.read() as db:
        seen = _readable(db, observation_id, me)
        plan = _present(db, seen) if seen.person_id == me else None
        coach_id = plan.coach_id if plan else None
        held = sessions.published(db, sessions.Wanted(ids=frozenset((seen.session_id,)))) if seen.session_id else ()
        people = {p for p in (seen.person_id, seen.author_id, seen.shared_id, coach_id) if p}
        names = coaching.names(db, people)
        card = Card(seen, observations.words(db, seen.id), next(iter(held), None), coach_id, names)
    if seen.person_id != me:
        with parts.store.write() as db:
            audit.read_by_another(db, at=parts.now(), by_id=me, about_id=seen.person_id, act=READ)
    return card


def _readable(db: Db, observation_id: str, person_id: str) -> Observation:
    seen = observations.of_reader(db, observation_id, person_id)
    if seen is None:
        raise NotFoundError(phrase("There is no such observation for you to read."))
    return seen


def _present(db: Db, seen: Observation) -> Plan | None:
    """Give the plan of the observed person that runs, if its coach is another than the author."""
    plans = (p for p in coaching_plans.of_person(db, seen.person_id) if p.state is Course.RUNNING)
    return next((p for p in plans if p.coach_id and p.coach_id != seen.author_id), None)


def occasions(parts: Parts, viewer: Viewer) -> tuple[Occasion, ...]:
    """Give of whom one may note something: whom one coaches, and who came to a session one led these four weeks."""
    with parts.store.read() as db:
        return _occasions(db, viewer, parts.now())


def _occasions(db: Db, viewer: Viewer, now: datetime) -> tuple[Occasion, ...]:
    me = viewer.person_id
    coached: set[str] = set()
    if viewer.has(Role.COACH):
        coached = {p.person_id for p in coaching_plans.of_coach(db, me) if p.state is Course.RUNNING}
    wanted = sessions.Wanted(start=now - BACK, end=now, facilitator_id=me)
    # A coaching session names its theme; whom one coaches is there by their plan.
    led = [s for s in sessions.published(db, wanted) if not s.series]
    marks = sessions.attendance(db, [s.id for s in led])
    there = [
        (person_id, session)
        for session in reversed(led)
        for person_id in session.people
        if marks.get(session.id, {}).get(person_id, True) and person_id != me
    ]
    names = coaching.names(db, coached | {person_id for person_id, _ in there})
    plain = [Occasion(p, names[p]) for p in sorted(coached, key=lambda p: (names[p], p))]
    return (*plain, *(Occasion(p, names[p], s) for p, s in sorted(there, key=lambda o: names[o[0]])))


def note(parts: Parts, viewer: Viewer, key: str, day: date, words: Mapping[Principle, str]) -> Observation:
    """Keep what was seen; `key` names an occasion, `day` is that of a contact (a session has its own).

    Raises InvalidError for nobody one may observe, for no words, for a day that is ahead or too long ago.
    """
    now = parts.now()
    said = {p: text for p, text in words.items() if text.strip()}
    if not said:
        raise InvalidError(
            phrase("There is nothing in it."), (Fault("listen", phrase("Write under at least one of the five.")),)
        )
    with parts.store.write() as db:
        found = next((o for o in _occasions(db, viewer, now) if o.key == key), None)
        if found is None:
            raise InvalidError(phrase("Nobody is chosen."), (Fault("whom", phrase("Choose one of these.")),))
        today = now.astimezone(ZoneInfo(viewer.zone)).date()
        if found.session is None and not today - BACK <= day <= today:
            raise InvalidError(phrase("That day cannot be."), (Fault("day", phrase("A day of the last four weeks.")),))
        if len(observations.by_author(db, viewer.person_id)) >= MOST:
            raise InvalidError(
                phrase("You have written %(most)s cards.", most=MOST), (Fault("whom", phrase("Take some back first.")),)
            )
        seen = Observation(
            id=new_id(),
            person_id=found.person_id,
            author_id=viewer.person_id,
            day=found.session.starts.date() if found.session else day,
            at=now,
            session_id=found.session.id if found.session else None,
        )
        observations.add(db, seen, said)
        return seen


def share(parts: Parts, viewer: Viewer, observation_id: str, *, wanted: bool) -> bool:
    """Let one's present coach read a card about oneself, or keep it for oneself again; say which it is now.

    Raises NotFoundError unless the card is about the viewer, ConflictError where no other coach is there to read it.
    """
    with parts.store.write() as db:
        seen = _readable(db, observation_id, viewer.person_id)
        if seen.person_id != viewer.person_id:
            raise NotFoundError(phrase("There is no such observation of you."))
        plan = _present(db, seen) if wanted else None
        if wanted and plan is None:
            raise ConflictError(phrase("No coaching of yours runs with somebody else. Nothing was changed."))
        observations.share(db, seen.id, plan.coach_id if plan else None)
        return plan is not None


def take_back(parts: Parts, viewer: Viewer, observation_id: str) -> None:
    """Take away a card one wrote oneself. Raises NotFoundError."""
    with parts.store.write() as db:
        if not observations.take_back(db, observation_id, viewer.person_id):
            raise NotFoundError(phrase("There is no such observation of yours."))
