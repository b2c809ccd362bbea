"""A fix from its opening to the look whether it helped, and what it then takes off a queue's requirement."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, calendar_figures, causes, lessons, people
from devsys.adapters.store.queries.causes import KeptRelief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotAllowedError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import grouped, phrase, to_phrase
from devsys.base.written import plain_full_day
from devsys.core.causes import WORDS, Effect, Landing, Lighter, effect_of, gate, lighter, next_states
from devsys.core.model.access import Viewer
from devsys.core.model.capacity import relieved
from devsys.core.model.causes import OTHER_CONTACTS, Cause, Fix, FixState
from devsys.core.model.people import Queue
from devsys.core.policy import scope

KEY: Final = 40
STATE_WORDS: Final = {
    FixState.OPEN: "open",
    FixState.DOING: to_phrase("being done"),
    FixState.DONE: "done",
    FixState.CHECKED: "checked",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is written of a fix: words without names of customers, the cause, who owns it, by when, where it is felt."""

    title: str
    what: str
    cause: Cause
    owner_id: str
    due: date
    queue_id: str | None = None
    team_id: str | None = None


def _day(value: date) -> str:
    return plain_full_day(value)


def find(db: Db, viewer: Viewer, fix_id: str) -> Fix:
    """Give a fix the viewer may see. Raises NotFoundError."""
    found = causes.fix(db, scope(viewer, "causes", "read"), fix_id)
    if found is None:
        raise NotFoundError(phrase("There is no such fix."))
    return found


def may_write(viewer: Viewer, one: Fix) -> bool:
    """Say whether the viewer may bring a fix on: of their teams, or owned by them."""
    return scope(viewer, "causes", "write").covers(person_id=one.owner_id, team_id=one.team_id)


def may_open(viewer: Viewer) -> bool:
    """Say whether the viewer may open fixes; others report what stops them."""
    return scope(viewer, "causes", "write").wide


def open_fix(parts: Parts, viewer: Viewer, wish: Wish) -> str:
    """Enter a fix into the register; give its id. Raises InvalidError, NotAllowedError."""
    if not may_open(viewer):
        raise NotAllowedError(phrase("Say what stops you; a lead or a coordinator enters it in the register."))
    with parts.store.write() as db:
        return enter(db, parts, viewer, wish)


def enter(db: Db, parts: Parts, viewer: Viewer, wish: Wish, *, decided: bool = False) -> str:
    """Enter a fix inside a transaction of another story; `decided`: whoever decides a lesson may enter what follows.

    Raises InvalidError.
    """
    now = parts.now()
    _check(db, viewer, wish, now.date(), any_team=decided)
    one = Fix(
        id=new_id(),
        key=_key(wish.title, causes.causes_by_key(db).keys()),
        title=wish.title,
        what=wish.what,
        cause=wish.cause,
        owner_id=wish.owner_id,
        due=wish.due,
        created=now,
        queue_id=wish.queue_id,
        team_id=wish.team_id,
        by_id=viewer.person_id,
    )
    causes.keep(db, one)
    with parts.speaking():
        words = phrase("Entered, due %(due)s.", due=_day(one.due))
    causes.note(db, one.id, words, by_id=viewer.person_id, now=now)
    audit.record(db, at=now, by_id=viewer.person_id, act="open fix", what=f"fix {one.id}")
    return one.id


def _check(
    db: Db, viewer: Viewer, wish: Wish, today: date, before: Fix | None = None, *, any_team: bool = False
) -> None:
    faults = []
    if gate(wish.cause) is not Landing.FIX:
        faults.append(Fault("cause", phrase("A process, a tool or a policy; the rest is learnt, or is a condition.")))
    if not calendar_figures.members(db, [wish.owner_id]):
        faults.append(Fault("owner", phrase("Choose somebody of the organisation.")))
    if wish.due < today and (before is None or wish.due != before.due):
        faults.append(Fault("due", phrase("Choose a day from %(today)s on.", today=plain_full_day(today))))
    if wish.queue_id is not None and wish.queue_id not in calendar_figures.queues(db):
        faults.append(Fault("queue", phrase("Choose one of these.")))
    reach = scope(viewer, "causes", "write")
    theirs = any_team or (before is not None and before.team_id == wish.team_id)
    if wish.team_id is not None and wish.team_id not in calendar_figures.teams(db):
        faults.append(Fault("team", phrase("Choose one of these.")))
    elif not reach.everything and not theirs and not reach.covers(team_id=wish.team_id):
        faults.append(Fault("team", phrase("Choose a team of yours.")))
    if faults:
        raise InvalidError(phrase("Something in the form is missing or wrong."), tuple(faults))


def _key(title: str, taken: Collection[str]) -> str:
    """Give a short name for files: the title in plain small letters, with a number where another has it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = "-".join("".join(c if c.isalnum() else " " for c in plain).split())[:KEY].strip("-") or "fix"
    reserved = {*taken, *Cause, OTHER_CONTACTS}
    return next(k for n in range(1, len(reserved) + 2) if (k := words if n == 1 else f"{words}-{n}") not in reserved)


def change(parts: Parts, viewer: Viewer, fix_id: str, wish: Wish) -> None:
    """Write a fix anew; its key stays. Raises NotFoundError, NotAllowedError, InvalidError."""
    now = parts.now()
    with parts.store.write() as db:
        one = find_own(db, viewer, fix_id)
        _check(db, viewer, wish, now.date(), one)
        new = replace(
            one,
            title=wish.title,
            what=wish.what,
            cause=wish.cause,
            owner_id=wish.owner_id,
            due=wish.due,
            queue_id=wish.queue_id,
            team_id=wish.team_id,
        )
        if new == one:
            return
        causes.keep(db, new)
        with parts.speaking():
            said = []
            if new.owner_id != one.owner_id:
                said.append(
                    phrase("owned by %(name)s", name=calendar_figures.members(db, [new.owner_id])[new.owner_id].name)
                )
            if new.due != one.due:
                said.append(phrase("due %(due)s instead of %(before)s", due=_day(new.due), before=_day(one.due)))
            if new.cause is not one.cause:
                said.append(phrase("its cause is %(cause)s", cause=WORDS[new.cause][0].lower()))
            words = ", ".join(said) or phrase("written anew")
        causes.note(db, one.id, f"{words[:1].upper()}{words[1:]}.", by_id=viewer.person_id, now=now)
        if new.queue_id != one.queue_id:
            _end(db, parts, one, to_phrase("the fix belongs to another queue"))


def find_own(db: Db, viewer: Viewer, fix_id: str) -> Fix:
    """Give a fix the viewer may bring on. Raises NotFoundError, NotAllowedError."""
    one = find(db, viewer, fix_id)
    if not may_write(viewer, one):
        raise NotAllowedError(phrase("Its owner, the team's lead or a coordinator brings it on."))
    return one


def move(parts: Parts, viewer: Viewer, fix_id: str, to: FixState, *, done: date | None = None, found: str = "") -> None:
    """Bring a fix on, or back. Done asks from which day it should be felt, checked what was found.

    Going back from checked takes back what it took off a requirement. Raises as `change` does; ConflictError where
    the fix is not in a state from which it may go there.
    """
    now = parts.now()
    with parts.store.write() as db:
        one = find_own(db, viewer, fix_id)
        if to not in next_states(one.state):
            raise ConflictError(
                phrase("The fix is %(state_words)s now. Look at it again.", state_words=STATE_WORDS[one.state])
            )
        if to is FixState.DONE and (done is None or done > now.date()):
            raise InvalidError(phrase("From which day is it done?"), (Fault("done", phrase("A day up to today.")),))
        if to is FixState.CHECKED and not found:
            raise InvalidError(phrase("What was found?"), (Fault("found", phrase("Say what you saw.")),))
        over = to in (FixState.DONE, FixState.CHECKED)
        new = replace(
            one,
            state=to,
            done=(done or one.done) if over else None,
            checked=now if to is FixState.CHECKED else None,
            found=found if to is FixState.CHECKED else "",
        )
        causes.keep(db, new)
        with parts.speaking():
            words = {
                FixState.OPEN: phrase("Open again."),
                FixState.DOING: phrase("Being done."),
                FixState.DONE: phrase("Done, to be felt from %(done)s.", done=_day(new.done))
                if new.done
                else phrase("Done."),
                FixState.CHECKED: phrase("Checked: %(found)s", found=found),
            }[to]
        causes.note(db, one.id, words, by_id=viewer.person_id, now=now)
        audit.record(db, at=now, by_id=viewer.person_id, act="move fix", what=f"fix {one.id}: {to}")
        lessons.follow_fix(db, one.id, now)
        if one.state is FixState.CHECKED:
            _end(db, parts, one, to_phrase("the fix is open again"))


def _end(db: Db, parts: Parts, one: Fix, why: str) -> bool:
    with parts.speaking():
        ended = causes.end_reliefs(db, str(why), parts.now(), fix_id=one.id)
        if ended:
            words = phrase("The requirement stands in full again: %(why)s.", why=why)
            causes.note(db, one.id, words, by_id=None, now=parts.now())
    return bool(ended)


@dataclass(frozen=True, slots=True)
class Look:
    """A fix with what its contacts say.

    `offer` is what it could take off its queue's requirement, None where nothing can be said or it is taken already.
    """

    fix: Fix
    effect: Effect
    queue: Queue | None
    reliefs: tuple[KeptRelief, ...]
    offer: Lighter | None

    @property
    def standing(self) -> KeptRelief | None:
        """What it takes off the requirement at present."""
        return next((r for r in self.reliefs if r.ended is None), None)


def look(db: Db, viewer: Viewer, fix_id: str) -> Look:
    """Give a fix with its contacts. Raises NotFoundError."""
    return _look(db, find(db, viewer, fix_id))


def _look(db: Db, one: Fix) -> Look:
    effect = effect_of(one, causes.contacts_of(db, one.key, one.queue_id))
    taken = causes.reliefs_of(db, one.id)
    organisation = people.organisation(db) if one.queue_id else people.EMPTY
    queue = next((q for q in organisation.queues if q.id == one.queue_id), None)
    asked = next((r for r in organisation.requirements if r.queue_id == one.queue_id), None)
    offer = None
    free = one.state is FixState.CHECKED and not any(r.ended is None for r in taken)
    if queue and asked and free and effect.saved and effect.saved > 0:
        offer = lighter(queue, relieved(asked, organisation.reliefs, queue.minimum), effect.saved)
        offer = offer if offer.hours else None
    return Look(one, effect, queue, taken, offer)


def take_off(parts: Parts, viewer: Viewer, fix_id: str, hours: float) -> None:
    """Let a queue's requirement be lower by what a checked fix saves, as it was shown: `hours` a week.

    A coordinator's word; it can be taken back. Raises NotFoundError, NotAllowedError, ConflictError where the offer is
    not the one that was shown any more.
    """
    now = parts.now()
    with parts.store.write() as db:
        found = look(db, viewer, fix_id)
        if not scope(viewer, "requirement", "write").everything:
            raise NotAllowedError(phrase("A coordinator changes what a queue requires."))
        if found.offer is None or found.queue is None or abs(found.offer.hours - hours) > 1e-6:  # noqa: PLR2004
            raise ConflictError(
                phrase("What the fix saves is counted otherwise now. Look again before you take it off.")
            )
        relief = KeptRelief(
            id=new_id(),
            fix_id=fix_id,
            queue_id=found.queue.id,
            start=now.date(),
            less=found.offer.less,
            saved=found.offer.saved,
            by=viewer.name,
            made=now,
            ended=None,
            why_ended="",
        )
        causes.add_relief(db, relief, by_id=viewer.person_id)
        with parts.speaking():
            words = phrase(
                "The requirement of %(queue)s is lower by %(hours)s agent hours a week.",
                queue=found.queue.name,
                hours=grouped(f"{relief.hours:g}"),
            )
        causes.note(db, fix_id, words, by_id=viewer.person_id, now=now)
        audit.record(db, at=now, by_id=viewer.person_id, act="lower requirement", what=f"fix {fix_id}")


def put_back(parts: Parts, viewer: Viewer, fix_id: str) -> bool:
    """Let the requirement stand in full again; say whether it was lower. Raises NotFoundError, NotAllowedError."""
    with parts.store.write() as db:
        one = find(db, viewer, fix_id)
        if not scope(viewer, "requirement", "write").everything:
            raise NotAllowedError(phrase("A coordinator changes what a queue requires."))
        with parts.speaking():
            why = phrase("taken back by %(name)s", name=viewer.name)
        return _end(db, parts, one, why)
