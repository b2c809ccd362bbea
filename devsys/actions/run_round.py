"""A case round: whose turn it is, cards, situations from the library, lessons, and closing it when each has a home."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions import decide_cause
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import answers, audit, calendar_figures, lessons, programme, rounds, sessions
from devsys.adapters.store.queries.rounds import GIVES, PRESENTED, SKIPS, Kept, Turns
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.queries.visible import reach
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotAllowedError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.resources import folder
from devsys.base.words import phrase
from devsys.base.written import plain_full_day
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session, Status
from devsys.core.model.programme import Activity, Kind, Principle
from devsys.core.model.rounds import PRESENTERS, Card, CardText, Lesson, Situation
from devsys.core.policy import scope
from devsys.core.rounds.card import LOOKS, Directory, Mark, marks_of
from devsys.core.rounds.library import read_library
from devsys.core.rounds.outcomes import lacking, still_open
from devsys.core.rounds.rota import Held, order

A_YEAR: Final = timedelta(days=365)
LIBRARY: Final = "library/cases.yaml"
MOST_LESSONS: Final = 20


@dataclass(frozen=True, slots=True)
class Round:
    """One round as those who may see it have it.

    `turns` are who comes, in the order they present; `marked` says whether attendance was taken. `before` are open
    outcomes of the team's earlier rounds. `own` is the viewer's own card, `cards` those shared that they may read.
    `runs` says that they lead the round or coordinate it.
    """

    session: Session
    activity: Activity
    turns: tuple[str, ...]
    settled: Turns
    kept: Kept
    before: tuple[Lesson, ...]
    found: tuple[Lesson, ...]
    own: Card | None
    cards: tuple[Card, ...]
    comes: bool
    runs: bool

    @property
    def closed(self) -> bool:
        """Say whether it is closed."""
        return self.kept.closed is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """Rounds that are not over yet, the next first, and rounds that are, the last first."""

    ahead: tuple[Session, ...]
    over: tuple[Session, ...]


def kinds(db: Db) -> Mapping[str, Activity]:
    """Give the activities that are case rounds, by code."""
    return {code: a for code, a in programme.activities(db).items() if a.kind is Kind.ROUND}


def listed(db: Db, viewer: Viewer, span: tuple[datetime, datetime], now: datetime, most: int) -> Listed:
    """Give the rounds from a start to an end that the viewer attends, leads, or coordinates: `most` on either side."""
    codes = frozenset(kinds(db))
    if not codes:
        return Listed((), ())
    wanted = Wanted(start=span[0], end=span[1], activities=codes)
    ahead, over = sessions.about(db, wanted, reach(scope(viewer, "situations", "read")), now=now, most=most)
    return Listed(ahead, over)


def look(db: Db, viewer: Viewer, session_id: str, now: datetime) -> Round:
    """Give a round the viewer may see: who comes, who leads it, a coordinator. Raises NotFoundError."""
    session, activity = _session(db, viewer, session_id)
    runs, comes = may_run(viewer, session), viewer.person_id in session.people
    earlier = _earlier(db, session, activity)
    settled = rounds.turns(db, [session.id, *(s.id for s in earlier)])
    own_turns = settled.get(session.id, Turns())
    before = lessons.of_rounds(db, [s.id for s in earlier])
    cards = rounds.cards(db, session.id)
    return Round(
        session=session,
        activity=activity,
        turns=_turns(db, session, earlier, settled, now),
        settled=own_turns,
        kept=rounds.kept(db, [session.id]).get(session.id, Kept()),
        before=still_open(before, now.date()),
        found=lessons.of_rounds(db, [session.id]),
        own=next((c for c in cards if c.person_id == viewer.person_id), None),
        cards=tuple(c for c in cards if c.shared and c.text is not None),
        comes=comes,
        runs=runs,
    )


def _session(db: Db, viewer: Viewer, session_id: str) -> tuple[Session, Activity]:
    found = sessions.published(db, Wanted(ids=frozenset({session_id}), planned_only=False))
    activity = kinds(db).get(found[0].activity) if found else None
    if not found or activity is None:
        raise NotFoundError(phrase("There is no such round."))
    session = found[0]
    mine = viewer.person_id in session.people
    allowed = scope(viewer, "situations", "read")
    if not allowed.covers(person_id=viewer.person_id if mine else None, assigned_to=session.facilitator_id):
        raise NotFoundError(phrase("There is no such round."))
    return session, activity


def may_run(viewer: Viewer, session: Session) -> bool:
    """Say whether the viewer leads a round or coordinates it."""
    return scope(viewer, "situations", "write").covers(assigned_to=session.facilitator_id)


def _earlier(db: Db, session: Session, activity: Activity) -> tuple[Session, ...]:
    """Give the rounds of the same team in the year before, the oldest first."""
    if session.team_id is None:
        return ()
    wanted = Wanted(
        start=session.starts_utc - A_YEAR,
        end=session.starts_utc,
        team_id=session.team_id,
        activities=frozenset({activity.code}),
    )
    return tuple(s for s in sessions.published(db, wanted) if s.id != session.id and s.team_id == session.team_id)


def _turns(
    db: Db, session: Session, earlier: Iterable[Session], settled: Mapping[str, Turns], now: datetime
) -> tuple[str, ...]:
    over = [s for s in earlier if s.ends_utc <= now]
    marks = sessions.attendance(db, [s.id for s in over])
    held = [
        Held(
            frozenset(p for p in s.people if marks.get(s.id, {}).get(p, True)),
            settled.get(s.id, Turns()).presented,
        )
        for s in over
    ]
    cannot = {p for s, p in answers.refusals(db, [session], now) if s.id == session.id}
    mine = settled.get(session.id, Turns())
    return order(session.people - cannot, held, skips=mine.skips, swaps=mine.swaps)


def _running(db: Db, viewer: Viewer, session_id: str) -> Session:
    """Give a round the viewer runs and that is not closed. Raises NotFoundError, NotAllowedError, ConflictError."""
    session, _ = _session(db, viewer, session_id)
    if not may_run(viewer, session):
        raise NotAllowedError(phrase("Whoever leads the round does this."))
    _must_be_open(db, session)
    return session


def _must_be_open(db: Db, session: Session) -> None:
    kept = rounds.kept(db, [session.id]).get(session.id, Kept())
    if kept.closed is not None:
        raise ConflictError(phrase("%(by)s closed this round on %(day)s.", by=kept.by, day=plain_full_day(kept.closed)))
    if session.status is Status.CANCELLED:
        raise ConflictError(phrase("This round was cancelled."))


def turn(parts: Parts, viewer: Viewer, session_id: str, person_id: str, *, does: str, other_id: str = "") -> None:
    """Let somebody skip, give their turn to another, or take that back ("keeps").

    By oneself, or by who runs the round. Raises NotFoundError, NotAllowedError, InvalidError, ConflictError.
    """
    with parts.store.write() as db:
        session, _ = _session(db, viewer, session_id)
        if viewer.person_id != person_id and not may_run(viewer, session):
            raise NotAllowedError(phrase("Each person decides for themselves, or whoever leads the round."))
        _must_be_open(db, session)
        if person_id not in session.people or (does == GIVES and other_id not in session.people - {person_id}):
            raise InvalidError(
                phrase("Choose somebody who comes."), (Fault("other", phrase("Choose somebody who comes.")),)
            )
        rounds.unsettle_turns(db, session_id, person_id=person_id)
        if does in (SKIPS, GIVES):
            rounds.settle_turn(db, session_id, person_id, does, other_id if does == GIVES else None)


def library(parts: Parts) -> tuple[Situation, ...]:
    """Give the situations that lie ready: the organisation's own first, then the shipped ones."""
    found: list[Situation] = []
    for place in (parts.settings.schedules, folder("schedules")):
        file = place / LIBRARY if place is not None else None
        if file is not None and file.is_file():
            found += read_library(file.read_text(encoding="utf-8", errors="replace"), str(file))
    return tuple({one.code: one for one in reversed(found)}.values())[::-1]


def take(parts: Parts, viewer: Viewer, session_id: str, code: str, *, back: bool = False) -> None:
    """Take a situation from the library into a round, or put it back. Raises as `_running`; InvalidError."""
    if code not in {one.code for one in library(parts)}:
        raise InvalidError(phrase("Choose one of these."), (Fault("code", phrase("Choose one of these.")),))
    with parts.store.write() as db:
        session = _running(db, viewer, session_id)
        kept = rounds.kept(db, [session.id]).get(session.id, Kept())
        left = [c for c in kept.library if c != code]
        rounds.keep(db, session.id, library=left if back else [*left, code], closed=None, by_id=None)


def card_marks(db: Db, card: Card) -> Mapping[str, tuple[Mark, ...]]:
    """Give what of a card may still name somebody, by field."""
    if card.text is None:
        return {}
    return marks_of(card.text, Directory(m.name for m in calendar_figures.members(db).values()), card.waived)


def write_card(
    parts: Parts,
    viewer: Viewer,
    session_id: str,
    text: CardText,
    *,
    principles: tuple[Principle, ...],
    waived: Collection[str],
) -> Card:
    """Keep the viewer's own card for a round they come to. What it was shared with is shared no more until they say so.

    Raises NotFoundError for a round they do not come to, ConflictError once it is closed.
    """
    now = parts.now()
    with parts.store.write() as db:
        session, _ = _session(db, viewer, session_id)
        if viewer.person_id not in session.people:
            raise NotFoundError(phrase("You do not come to this round."))
        _must_be_open(db, session)
        old = rounds.card_of(db, session_id, viewer.person_id)
        if old is not None and old.text is None:
            raise ConflictError(phrase("The texts of this round went when their time was over."))
        card = Card(
            id=old.id if old else new_id(),
            session_id=session_id,
            person_id=viewer.person_id,
            text=text,
            principles=principles,
            waived=frozenset(waived),
            shared=None,
            changed=now,
        )
        rounds.keep_card(db, card)
    return card


def share_card(parts: Parts, viewer: Viewer, session_id: str) -> None:
    """Let those who come read the viewer's card.

    Raises NotFoundError; ConflictError once the round is closed; InvalidError naming each field in which something is
    marked and neither changed nor waived, or where nothing is said.
    """
    with parts.store.write() as db:
        session, _ = _session(db, viewer, session_id)
        card = rounds.card_of(db, session_id, viewer.person_id)
        if card is None or card.text is None:
            raise NotFoundError(phrase("You have no card for this round."))
        _must_be_open(db, session)
        faults = [
            Fault(
                name,
                phrase(
                    "Change or let stand: %(marks)s", marks=", ".join(f"“{m.text}” ({LOOKS[m.what]})" for m in marks)
                ),
            )
            for name, marks in card_marks(db, card).items()
        ]
        if not card.text.situation:
            faults.append(Fault("situation", phrase("Say what happened.")))
        if faults:
            raise InvalidError(phrase("Something may name somebody."), tuple(faults))
        rounds.keep_card(db, replace(card, shared=parts.now()))


def drop_card(parts: Parts, viewer: Viewer, session_id: str) -> None:
    """Take the viewer's own card back, whole. Raises NotFoundError."""
    with parts.store.write() as db:
        card = rounds.card_of(db, session_id, viewer.person_id)
        if card is None:
            raise NotFoundError(phrase("You have no card for this round."))
        rounds.drop_card(db, card.id)


def note_reading(parts: Parts, viewer: Viewer, cards: Iterable[Card]) -> None:
    """Keep that the viewer reads cards of others, for the list their writers see; nothing where it stands already."""
    others = [c.id for c in cards if c.person_id != viewer.person_id]
    if not others:
        return
    with parts.store.read() as db:
        fresh = rounds.unread(db, others, viewer.person_id)
    if fresh:
        with parts.store.write() as db:
            rounds.note_read(db, fresh, viewer.person_id, parts.now())


def add_lesson(parts: Parts, viewer: Viewer, session_id: str, words: str, *, waived: bool = False) -> str:
    """Keep what a round found; give its id. Its cause, owner and day are decided next. Raises InvalidError too."""
    now = parts.now()
    with parts.store.write() as db:
        session = _running(db, viewer, session_id)
        if session.starts_utc > now:
            raise ConflictError(phrase("The round has not begun. Lessons are kept while it is held, or after it."))
        if len(lessons.of_rounds(db, [session_id])) >= MOST_LESSONS:
            raise ConflictError(
                phrase(
                    "%(most_lessons)s lessons are enough for one round. Keep those that matter.",
                    most_lessons=MOST_LESSONS,
                )
            )
        decide_cause.must_name_nobody(db, words, waived=waived)
        one = Lesson(new_id(), words, now, session_id=session_id, team_id=session.team_id)
        lessons.keep(db, one)
    return one.id


def close(parts: Parts, viewer: Viewer, session_id: str, presented: Collection[str]) -> None:
    """Close a round that is over or under way: who presented, and that each lesson has cause, owner, day and a home.

    Raises as `_running`; InvalidError naming each lesson that lacks something.
    """
    now = parts.now()
    with parts.store.write() as db:
        session = _running(db, viewer, session_id)
        if session.starts_utc > now:
            raise ConflictError(phrase("The round has not begun."))
        faults = lacking(lessons.of_rounds(db, [session_id]))
        if faults:
            words = phrase("A round closes when each outcome has a cause, an owner and a day.")
            raise InvalidError(words, tuple(Fault("lessons", f.what) for f in faults))
        kept = rounds.kept(db, [session.id]).get(session.id, Kept())
        rounds.unsettle_turns(db, session_id, (PRESENTED,))
        for person_id in sorted(session.people & frozenset(presented)):
            rounds.settle_turn(db, session_id, person_id, PRESENTED)
        rounds.keep(db, session.id, library=kept.library, closed=now, by_id=viewer.person_id)
        audit.record(db, at=now, by_id=viewer.person_id, act="close round", what=f"session {session_id}")


def likely(found: Round) -> tuple[str, ...]:
    """Give who presents, as the rota says, for the boxes at closing."""
    return found.turns[:PRESENTERS]
