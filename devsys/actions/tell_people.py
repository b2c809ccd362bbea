"""Who has to be told what of a plan: in the transaction that publishes it, and before, to be looked at."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import letters, plans, readers
from devsys.adapters.store.queries.readers import Recipient
from devsys.adapters.store.store import Db
from devsys.core.letters.net import NetChange, State, net_changes
from devsys.core.letters.when import due
from devsys.core.model.calendar import Session
from devsys.core.model.changes import Difference


@dataclass(frozen=True, slots=True)
class Telling:
    """What one person has to be told, and when a letter about it is due; None: they see it in their feed alone."""

    recipient: Recipient
    changes: tuple[NetChange, ...]
    due: datetime | None


def tellings(
    db: Db,
    found: Sequence[Difference],
    after: Mapping[str, Session],
    number: int,
    *,
    now: datetime,
    quiet: timedelta,
    postponed: bool = False,
) -> Iterator[Telling]:
    """Give what the people concerned by differences have to be told once they are version `number`; it only reads.

    `after` are the sessions as that version has them, by id. Whether it is published already makes no difference.
    Whoever has to be told nothing is among them, without changes: there and back again.
    """
    people = sorted({person_id for d in found for person_id in d.concerned})
    known = readers.recipients(db, people, now.date())
    behind = {p: r.told for p, r in known.items() if r.told < number - 1}
    fresh = tuple(_fresh(found, after, number))
    old = tuple(_up_to(state, number) for state in readers.states_for(db, behind) if state.since < number)
    covered = {state.session.id for state in old}
    rest = (s for s in fresh if s.since == number or s.session.id not in covered)
    of_old = _by_person([*_closed(old, after, number), *rest], behind)
    of_new = _by_person(fresh, known)
    for person_id, who in known.items():
        states = of_old[person_id] if person_id in behind else of_new[person_id]
        changes = net_changes(states, person_id, who.told, now)
        at = due(changes, who.choice, now, quiet=quiet, zone=who.zone, postponed=postponed)
        yield Telling(who, changes, at)


def quiet_time(parts: Parts) -> timedelta:
    """Give the time in which further changes join a letter."""
    return timedelta(minutes=parts.settings.quiet_minutes)


def preview(db: Db, parts: Parts, found: Sequence[Difference], now: datetime) -> tuple[tuple[Telling, ...], int]:
    """Give who would be told of differences that are not published yet, and the version they would be told of."""
    number = plans.pointer(db) + 1
    after = {d.after.id: d.after for d in found}
    return tuple(tellings(db, found, after, number, now=now, quiet=quiet_time(parts))), number


def _fresh(found: Iterable[Difference], after: Mapping[str, Session], number: int) -> Iterable[State]:
    for d in found:
        if d.before is not None:
            yield State(0, number, d.before)
        yield State(number, None, after.get(d.after.id, d.after))


def _up_to(state: State, number: int) -> State:
    """Give a state as it was before version `number` closed it."""
    return replace(state, until=None) if state.until == number else state


def _closed(states: Iterable[State], after: Mapping[str, Session], number: int) -> Iterable[State]:
    for state in states:
        yield replace(state, until=number) if state.until is None and state.session.id in after else state


def _by_person(states: Iterable[State], people: Iterable[str]) -> Mapping[str, list[State]]:
    """Give for each person all states of the sessions they are or were in."""
    wanted = set(people)
    by_session: dict[str, list[State]] = defaultdict(list)
    of_person: dict[str, dict[str, None]] = defaultdict(dict)
    for state in states:
        session = state.session
        by_session[session.id].append(state)
        for person_id in session.people | {session.facilitator_id or ""}:
            if person_id in wanted:
                of_person[person_id].setdefault(session.id)
    return defaultdict(list, {p: [s for i in ids for s in by_session[i]] for p, ids in of_person.items()})


def tell(
    db: Db,
    found: Sequence[Difference],
    after: Iterable[Session],
    number: int,
    *,
    now: datetime,
    quiet: timedelta,
    postponed: bool = False,
) -> None:
    """Let letters wait about version `number`, in the transaction that publishes it.

    Whoever a letter waits for already gets one about all of it; one that has nothing to say any more goes. Who chose
    to see it in the feed counts as told.
    """
    by_id = {s.id: s for s in after}
    every = tellings(db, found, by_id, number, now=now, quiet=quiet, postponed=postponed)
    told = {t.recipient.person_id: (bool(t.changes), t.due) for t in every}  # not all that changes for everybody
    standing = letters.waiting(db, list(told))
    needless, sooner, fresh, seen = [], {}, {}, {}
    for person_id, (changes, at) in told.items():
        waits = standing.get(person_id)
        if not changes:
            needless += [waits[0]] if waits else []
        elif at is not None and waits is not None:
            sooner[waits[0]] = min(waits[1], at)
        elif at is not None:
            fresh[person_id] = at
        else:
            needless += [waits[0]] if waits else []
            seen[person_id] = number
    letters.drop(db, needless)
    letters.set_due(db, sooner)
    letters.open_letters(db, letters.PLAN, f"version {number}", fresh, now)
    readers.set_told(db, seen)
