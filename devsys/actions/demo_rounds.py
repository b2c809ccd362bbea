"""A year of case rounds and fixes for the demo: rounds with outcomes, one that waits to be closed, fixes in each state.

Everything goes through the actions people use, at the moment it would have happened. One team has it, the lead's own.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from devsys.actions import close_fix, decide_cause, run_round
from devsys.actions.close_fix import Wish
from devsys.actions.decide_cause import Decision
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import causes, lessons, people, sessions
from devsys.adapters.store.queries.sessions import Wanted
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.calendar import Session
from devsys.core.model.causes import Cause, Contacts, FixState
from devsys.core.model.hours import monday_of
from devsys.core.model.people import Person, Queue
from devsys.core.model.programme import Principle
from devsys.core.model.rounds import CardText

WEEKS: Final = 30  # of contacts
EVERY: Final = 4  # so seldom a round left outcomes that were written down
SETTLED: Final = timedelta(weeks=2)  # fixes of rounds that are longer overdue are done

_LEARNT: Final = (
    ("Nobody asked what the caller had tried already", Cause.SKILL),
    ("The new return label is explained nowhere", Cause.INFORMATION),
    ("A refund above ten euros waits for a lead", Cause.CONDITION),
    ("The address of the second parcel is not shown", Cause.TOOL),
    ("Three departments ask for the same form", Cause.PROCESS),
    ("Goods opened by mistake cannot be taken back", Cause.POLICY),
    ("We say that we will call back, and no list holds it", Cause.PROCESS),
    ("Bad news is read out from the terms", Cause.SKILL),
    ("The holiday hours of the depot reach us a week late", Cause.INFORMATION),
    ("The search finds no customer by the name of a street", Cause.TOOL),
    ("Two systems hold two addresses, and both are right", Cause.TOOL),
    ("Complaints go round by the back office and come back", Cause.PROCESS),
    ("We explain before we have understood", Cause.SKILL),
    ("Handle time is looked at where patience was needed", Cause.CONDITION),
    ("The depot answers us by mail only", Cause.PROCESS),
    ("Nobody knows who may stop a delivery", Cause.INFORMATION),
    ("A refund needs two signatures", Cause.POLICY),
    ("The form loses what was typed when it is sent", Cause.TOOL),
)
# title, cause, weeks until due, how far it is
_FIXES: Final = (
    ("Invoices arrive twice when the address changes", Cause.TOOL, -14, FixState.CHECKED),
    ("Delivery slots are promised that the depot does not have", Cause.PROCESS, -2, FixState.DOING),
    ("Returns need a printed label", Cause.POLICY, -1, FixState.OPEN),
    ("The chat closes after four minutes of silence", Cause.TOOL, 3, FixState.DOING),
    ("Nobody tells the queue when a mailing goes out", Cause.PROCESS, 5, FixState.OPEN),
    ("Passwords are reset by letter", Cause.POLICY, -3, FixState.DONE),
)
_CARDS: Final = (
    CardText(
        "A caller had waited an hour about a parcel that a neighbour had signed for, and I was the third to hear it.",
        "I let her finish, said back what I had understood, and rang the depot while she stayed on the line.",
        "She was calm at the end, and laughed about the neighbour.",
        "Good, and tired for the rest of the morning.",
        "I could not see the second address. I had to ask for it twice.",
    ),
    CardText(
        "He wanted a refund of twelve euros. I may decide up to ten.",
        "I asked him to wait for a call back and wrote a note.",
        "He said that for twelve euros he would rather change the company.",
        "I felt small.",
        "The limit. The lead was in a meeting.",
    ),
)


def add_rounds(parts: Parts, lead: Person, employee: Person, coordinator: Person) -> int:
    """Let the lead's team have a year of rounds; give how many of them left outcomes."""
    now = parts.now()
    with parts.store.read() as db:
        codes = frozenset(run_round.kinds(db))
        wanted = Wanted(start=now - timedelta(days=360), end=now + timedelta(days=60), activities=codes)
        rounds = [s for s in sessions.published(db, wanted) if s.team_id == lead.team_id and s.facilitator_id]
        organisation = people.organisation(db)
    queue_ids = [p.queue_id for p in organisation.people if p.team_id == lead.team_id and p.queue_id]
    queue = next((q for q in organisation.queues if queue_ids and q.id == queue_ids[0]), None)
    chief = Viewer(coordinator.id, coordinator.name, (Grant(Role.COORDINATOR),), coordinator.team_id)
    if queue is not None:
        _fixes(parts, chief, lead, queue)
    over = [s for s in rounds if s.ends_utc <= now]
    learnt = iter(_LEARNT)
    held = over[-3::-EVERY][::-1]
    for one in held:
        _hold(parts, one, lead, learnt)
    _settle(parts, chief)
    if over:
        last = over[-1]  # it waits to be closed
        then = replace(parts, clock=lambda: last.ends_utc)
        run_round.add_lesson(then, _leader(last), last.id, _NOT_YET)
    ahead = next((s for s in rounds if s.starts_utc > now and employee.id in s.people), None)
    if ahead is not None:
        _cards(parts, ahead, _CARDS)
        run_round.take(parts, _leader(ahead), ahead.id, "could_have_decided")
    me = Viewer(employee.id, employee.name, (), employee.team_id)
    decide_cause.report(parts, me, "The form for complaints asks for a fax number", Cause.PROCESS.value)
    return len(held)


_NOT_YET: Final = "The third call with the same question is counted as three good calls"


def _leader(session: Session) -> Viewer:
    return Viewer(session.facilitator_id or "", "", (Grant(Role.FACILITATOR),), session.team_id)


def _hold(parts: Parts, held: Session, lead: Person, learnt: Iterator[tuple[str, Cause]]) -> None:
    """Hold one round: two outcomes at the most, decided, and closed."""
    at = replace(parts, clock=lambda: held.ends_utc)
    leader, today = _leader(held), held.ends_utc.date()
    rng = random.Random(held.id)  # noqa: S311 -- a demo has nothing to hide
    for _ in range(rng.choice((1, 1, 2))):
        words, cause = next(learnt, ("", Cause.SKILL))
        if not words:
            break
        lesson_id = run_round.add_lesson(at, leader, held.id, words, waived=True)
        given = Decision(cause, lead.id, today + timedelta(weeks=rng.choice((4, 6, 9))), check="permission")
        decide_cause.decide(at, leader, lesson_id, _filled(at, given))
    presented = sorted(held.people)[:2]
    run_round.close(at, leader, held.id, presented)


def _settle(parts: Parts, chief: Viewer) -> None:
    """Let what is long due be done: fixes of rounds, and other outcomes."""
    today = parts.now().date()
    with parts.store.read() as db:
        late = [f for f in causes.overdue(db, today - SETTLED) if f.queue_id is None]
        learnt = lessons.overdue(db, today - SETTLED)
    for fix in late:
        close_fix.move(parts, chief, fix.id, FixState.DONE, done=fix.due)
    for lesson in learnt:
        decide_cause.close(parts, chief, lesson.id)


def _filled(parts: Parts, given: Decision) -> Decision:
    """Name what is to be learnt, for a need."""
    with parts.store.read() as db:
        codes = [a.code for a in decide_cause.activities_for(db) if a.kind == "skill"]
    return replace(given, activity=codes[len(codes) // 3] if codes else "", who="round")


def _cards(parts: Parts, session: Session, texts: tuple[CardText, ...]) -> None:
    principles = ((Principle.LISTEN, Principle.OWN), (Principle.OWN,))
    for person_id, text, named in zip(sorted(session.people), texts, principles, strict=False):
        writer = Viewer(person_id, "", (), session.team_id)
        run_round.write_card(parts, writer, session.id, text, principles=named, waived=())
        run_round.share_card(parts, writer, session.id)


def _fixes(parts: Parts, chief: Viewer, lead: Person, queue: Queue) -> None:
    """Enter the fixes some weeks before they were due, bring them as far as they are, and count their contacts."""
    now = parts.now()
    monday = monday_of(now.date())
    kept: dict[str, tuple[str, date | None]] = {}
    for title, cause, weeks, state in _FIXES:
        due = now.date() + timedelta(weeks=weeks)
        then = replace(parts, clock=lambda due=due: min(now, now - (now.date() - due) - timedelta(weeks=7)))  # type: ignore[misc]
        wish = Wish(title, "", cause, lead.id, due, queue.id, lead.team_id)
        fix_id = close_fix.open_fix(then, chief, wish)
        done = min(due, now.date() - timedelta(weeks=1)) if state in (FixState.DONE, FixState.CHECKED) else None
        if state is not FixState.OPEN:
            close_fix.move(then, chief, fix_id, FixState.DOING)
        if done is not None:
            close_fix.move(parts, chief, fix_id, FixState.DONE, done=done)
        if state is FixState.CHECKED:
            close_fix.move(parts, chief, fix_id, FixState.CHECKED, found="One invoice a change; hardly anybody calls.")
        with parts.store.read() as db:
            kept[fix_id] = (close_fix.find(db, chief, fix_id).key, done)
    with parts.store.write() as db:
        causes.keep_contacts(db, _contacts(queue.id, monday, kept))


def _contacts(queue_id: str, monday: date, fixes: Mapping[str, tuple[str, date | None]]) -> list[Contacts]:
    """Give contacts week by week: each fix its own, fewer after it was done; the causes and the rest beside them."""
    rng = random.Random(11)  # noqa: S311 -- a demo has nothing to hide
    usual = {
        "process": 210,
        "tool": 130,
        "policy": 90,
        "information": 160,
        "skill": 240,
        "condition": 60,
        "other": 2900,
    }
    found: list[Contacts] = []
    for n in range(WEEKS, 0, -1):
        week = monday - timedelta(weeks=n)
        for cause, mean in usual.items():
            found.append(Contacts(week, queue_id, cause, round(mean * rng.uniform(0.9, 1.1))))
        for place, (key, done) in enumerate(fixes.values()):
            mean = (320, 110, 90, 60, 40, 75)[place]
            left = 0.25 if done is not None and week > done else 1.0
            found.append(Contacts(week, queue_id, key, round(mean * left * rng.uniform(0.85, 1.15))))
    return found
