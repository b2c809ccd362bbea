"""Report what stops the work; decide why it happens; let it land as learning time, a fix or a condition."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from devsys.actions import close_fix
from devsys.actions.close_fix import Wish
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import (
    audit,
    calendar_figures,
    causes,
    conditions,
    directory,
    lessons,
    programme,
    sessions,
)
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotAllowedError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.base.written import plain_full_day
from devsys.core.causes import WORDS, Landing, gate, must_be_need
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session
from devsys.core.model.causes import Cause
from devsys.core.model.conditions import Check, State
from devsys.core.model.needs import AskedNeed
from devsys.core.model.programme import Activity, Kind, Rhythm
from devsys.core.model.rounds import Lesson
from devsys.core.policy import Extent, Scope, scope
from devsys.core.rounds.card import LOOKS, Directory, Mark, find

SOONEST: Final = timedelta(days=14)  # learning time is planned beyond what stands firm already
LATEST: Final = timedelta(days=366)
WORDS_LIMIT: Final = 500
WHO: Final = ("round", "team", "reporter")


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided of a lesson: why it happens, who owns what follows, by when, and where it lands.

    A need asks for an `activity` and for whom (`who`: those of the round, the whole team, or whoever reported it). A
    fix is a new one, or `fix_id`, with the `queue_id` it is felt on. A condition names which of the five it is.
    """

    cause: Cause
    owner_id: str
    due: date
    activity: str = ""
    who: str = "round"
    fix_id: str = ""
    queue_id: str | None = None
    check: str = ""


def names_in(db: Db, words: str) -> tuple[Mark, ...]:
    """Give what may name somebody in words that others will read."""
    return find(words, Directory(m.name for m in calendar_figures.members(db).values()))


def must_name_nobody(db: Db, words: str, *, waived: bool, field: str = "words") -> None:
    """Raise InvalidError naming what is marked in words, unless whoever wrote them lets it stand."""
    marks = () if waived else names_in(db, words)
    if marks:
        said = ", ".join(f"“{m.text}” ({LOOKS[m.what]})" for m in marks[:5])
        raise InvalidError(
            phrase("This may name somebody."),
            (Fault(field, phrase("Others read this. Change %(said)s, or let it stand.", said=said)),),
        )


def report(parts: Parts, viewer: Viewer, words: str, guess: str, *, waived: bool = False) -> str:
    """Keep what stops somebody, for a lead or a coordinator to decide; give its id. Raises InvalidError."""
    now = parts.now()
    with parts.store.write() as db:
        must_name_nobody(db, words, waived=waived)
        one = Lesson(new_id(), words, now, team_id=viewer.team_id, by_id=viewer.person_id, guess=guess)
        lessons.keep(db, one)
        audit.record(db, at=now, by_id=viewer.person_id, act="report cause", what=f"lesson {one.id}")
    return one.id


def round_of(db: Db, one: Lesson) -> Session | None:
    """Give the round a lesson came from."""
    if one.session_id is None:
        return None
    found = sessions.published(db, Wanted(ids=frozenset({one.session_id}), planned_only=False))
    return found[0] if found else None


def may_decide(viewer: Viewer, one: Lesson, session: Session | None) -> bool:
    """Say whether the viewer decides a lesson: the lead of its team, a coordinator, or whoever leads its round."""
    reach = scope(viewer, "causes", "write")
    leads = session is not None and session.facilitator_id == viewer.person_id
    return leads or reach.everything or (one.team_id is not None and reach.wide and reach.covers(team_id=one.team_id))


def see(db: Db, viewer: Viewer, lesson_id: str) -> tuple[Lesson, Session | None]:
    """Give a lesson the viewer may see, with its round. Raises NotFoundError."""
    one = lessons.lesson(db, lesson_id)
    if one is None:
        raise NotFoundError(phrase("There is no such lesson."))
    session = round_of(db, one)
    reach = scope(viewer, "causes", "read")
    mine = viewer.person_id in (one.by_id, one.owner_id)
    came = session is not None and viewer.person_id in (session.people | {session.facilitator_id or ""})
    if not (mine or came or reach.covers(team_id=one.team_id)):
        raise NotFoundError(phrase("There is no such lesson."))
    return one, session


def activities_for(db: Db) -> tuple[Activity, ...]:
    """Give the activities a lesson may ask for: what is learnt in a group, no rounds and no coaching."""
    known = programme.activities(db).values()
    return tuple(a for a in known if a.cadence.rhythm is not Rhythm.REQUEST and a.kind is not Kind.ROUND)


def decide(parts: Parts, viewer: Viewer, lesson_id: str, given: Decision) -> Landing:
    """Decide why a lesson happens and let it land; give where. Deciding again moves it.

    Raises NotFoundError, NotAllowedError, InvalidError by field; ConflictError once its round is closed.
    """
    now = parts.now()
    with parts.store.write() as db:
        one, session = see(db, viewer, lesson_id)
        if not may_decide(viewer, one, session):
            raise NotAllowedError(phrase("Its team's lead, a coordinator or who leads the round decides this."))
        if one.closed is not None:
            raise ConflictError(phrase("This is closed already."))
        landing = gate(given.cause)
        _check(db, one, given, now.date())
        _leave(db, parts, one)
        new = replace(
            one,
            cause=given.cause,
            landing=landing.value,
            owner_id=given.owner_id,
            due=given.due,
            decided=now,
            activity="",
            fix_id=None,
            condition_id=None,
        )
        match landing:
            case Landing.NEED:
                new = replace(new, activity=given.activity)
                _ask(db, parts, new, session, given)
            case Landing.FIX:
                new = replace(new, fix_id=given.fix_id or _fix(db, parts, viewer, new, given))
            case Landing.CONDITION:
                new = replace(new, condition_id=f"{one.team_id}/{given.check}")
                _look(db, parts, viewer, new, given)
        lessons.keep(db, new)
        what = f"lesson {one.id}: {given.cause} as {landing}"
        audit.record(db, at=now, by_id=viewer.person_id, act="decide cause", what=what)
    return landing


def _check(db: Db, one: Lesson, given: Decision, today: date) -> None:
    faults = []
    if given.owner_id not in dict(causes.owners(db, given.owner_id)):
        faults.append(Fault("owner", phrase("Choose who sees to it.")))
    landing = gate(given.cause)
    soonest = today + SOONEST if landing is Landing.NEED else today + timedelta(days=1)
    if not soonest <= given.due <= today + LATEST:
        faults.append(
            Fault(
                "due",
                phrase(
                    "A day from %(soonest)s to %(latest)s.",
                    soonest=plain_full_day(soonest),
                    latest=plain_full_day(today + LATEST),
                ),
            )
        )
    if landing is Landing.NEED:
        if given.activity not in {a.code for a in activities_for(db)}:
            faults.append(Fault("activity", phrase("Choose what is to be learnt.")))
        if given.who not in WHO or not _people(db, one, None, given.who):
            faults.append(Fault("who", phrase("Choose for whom; there is nobody of that sort.")))
    elif landing is Landing.FIX:
        if given.fix_id and given.fix_id not in causes.open_ids(db):
            faults.append(Fault("fix", phrase("Choose one that is open, or a new one.")))
        if given.queue_id is not None and given.queue_id not in calendar_figures.queues(db):
            faults.append(Fault("queue", phrase("Choose one of these.")))
    elif one.team_id is None:
        faults.append(Fault("cause", phrase("A condition belongs to a team, and this lesson to none.")))
    elif given.check not in set(Check):
        faults.append(Fault("check", phrase("Choose which condition it is.")))
    if faults:
        raise InvalidError(phrase("Something in the form is missing or wrong."), tuple(faults))


def _leave(db: Db, parts: Parts, one: Lesson) -> None:
    """Take back what an earlier decision asked for; a fix and a look at a condition stay where they are."""
    if one.landing == Landing.NEED:
        lessons.ask_no_more(db, one.id, parts.now())


def _people(db: Db, one: Lesson, session: Session | None, who: str) -> frozenset[str]:
    session = session or round_of(db, one)
    if who == "round":
        return session.people if session else frozenset()
    if who == "team":
        return directory.agents_of(db, one.team_id) if one.team_id else frozenset()
    return frozenset({one.by_id}) if one.by_id else frozenset()


def _ask(db: Db, parts: Parts, one: Lesson, session: Session | None, given: Decision) -> None:
    must_be_need(given.cause)
    with parts.speaking():
        where = phrase("a case round of your team") if one.session_id else phrase("what somebody of your team reported")
        if given.who == "reporter":
            where = phrase("what you reported")
        why = phrase("It came of %(where)s: the cause was %(cause)s.", where=where, cause=WORDS[given.cause][0].lower())
    lessons.ask(
        db,
        (
            AskedNeed(one.id, person, given.activity, parts.now().date(), given.due, why)
            for person in sorted(_people(db, one, session, given.who))
        ),
    )


def _fix(db: Db, parts: Parts, viewer: Viewer, one: Lesson, given: Decision) -> str:
    wish = Wish(one.words[:200], "", given.cause, given.owner_id, given.due, given.queue_id, one.team_id)
    return close_fix.enter(db, parts, viewer, wish, decided=True)


def _look(db: Db, parts: Parts, viewer: Viewer, one: Lesson, given: Decision) -> None:
    """Write a look at the condition: strained, or as red as it was."""
    today = parts.now().date()
    team = Scope(frozenset({Extent.TEAM}), frozenset({one.team_id or ""}), viewer.person_id)
    looks = conditions.looks(db, team, team_id=one.team_id, last=True)
    last = next((look for look in looks if look.check == given.check), None)
    red = last is not None and last.state is State.RED
    conditions.keep_look(
        db,
        team_id=one.team_id or "",
        check=Check(given.check),
        state=State.RED if red else State.STRAINED,
        since=last.since if last is not None and last.state is not State.FINE else today,
        on=today,
        at=parts.now(),
        by_id=viewer.person_id,
        owner_id=given.owner_id,
        next_look=given.due,
        note=one.words[:WORDS_LIMIT],
    )


def close(parts: Parts, viewer: Viewer, lesson_id: str, *, closed: bool = True) -> None:
    """Say that what came of a lesson is done, or that it is not. Raises NotFoundError, NotAllowedError."""
    now = parts.now()
    with parts.store.write() as db:
        one, session = see(db, viewer, lesson_id)
        if viewer.person_id != one.owner_id and not may_decide(viewer, one, session):
            raise NotAllowedError(phrase("Its owner says when it is done."))
        if one.decided is None:
            raise ConflictError(phrase("Its cause is to be decided first."))
        lessons.keep(db, replace(one, closed=now if closed else None))


def withdraw(parts: Parts, viewer: Viewer, lesson_id: str) -> None:
    """Take back what one reported, or a lesson of a round nobody has decided yet. Raises NotFoundError."""
    with parts.store.write() as db:
        one, session = see(db, viewer, lesson_id)
        if one.decided is not None or not (one.by_id == viewer.person_id or may_decide(viewer, one, session)):
            raise NotFoundError(phrase("There is no such lesson that you could take back."))
        lessons.drop(db, one.id)


def joined_ids(found: Iterable[Lesson]) -> frozenset[str]:
    """Give the people lessons name as owners and reporters."""
    return frozenset(p for one in found for p in (one.owner_id, one.by_id) if p)
