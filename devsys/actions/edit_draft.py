"""Change a draft by hand: move, leave out, undo, pin, drop, compare again.

A bad place is flagged, never refused (product.md B5): what a change breaks comes back as findings, and only publishing
blocks. What people can see stays as it is until the draft is published.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.brief import judge, needs_of
from devsys.actions.counting import count_again
from devsys.actions.parts import Parts
from devsys.actions.rebase_draft import rebase
from devsys.adapters.store.queries import audit, calendar_figures, house, plans, sessions, standing, steps
from devsys.adapters.store.queries import planning as planning_queries
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError, Fault, InvalidError, NotAllowedError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.limits import TEXT, YEARS_AHEAD
from devsys.base.text import clean
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.changes import content
from devsys.core.model.hours import instant, monday_of
from devsys.core.planning.check import Violation
from devsys.core.policy import scope

TRIES: Final = 3
HALF_HOUR: Final = 1800
WEEKS: Final = 52  # of a draft that begins before anything was published
KEEP: Final = ""  # "as it is", where None means "nobody" or "no room"


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of a change: the draft it is in, whether it was opened for it, and the rules it breaks now."""

    draft_id: str
    opened: bool
    findings: tuple[Violation, ...]


def draft_for(parts: Parts, viewer: Viewer) -> str | None:
    """Give the draft that a change by the viewer would go into; None when one would be opened."""
    with parts.store.read() as db:
        return standing.newest_draft_by(db, viewer.person_id)


def open_draft_of(parts: Parts, viewer: Viewer) -> tuple[str, bool]:
    """Give the viewer's open draft, and whether it had to be opened.

    A new one stands on the published plan, with its horizon, its figures and what it owes.
    """
    _may_write(viewer)
    with parts.store.write() as db:
        return _open_draft(db, viewer, parts.now())


def _open_draft(db: Db, viewer: Viewer, now: datetime) -> tuple[str, bool]:
    found = standing.newest_draft_by(db, viewer.person_id)
    if found is not None:
        return found, False
    last = plans.latest(db)
    draft_id = new_id()
    horizon = Horizon(monday_of(now.date()), WEEKS) if last is None else last.horizon
    plans.new_draft(db, draft_id, horizon=horizon, by_id=viewer.person_id, cause="", now=now)
    if last is not None:
        plans.set_figures(db, draft_id, last.figures)
        plans.keep_owed(db, draft_id, plans.owed_in(db, plans.draft_of_version(db, last.number)))
    return draft_id, True


def move(
    parts: Parts,
    viewer: Viewer,
    draft_id: str | None,
    session_id: str,
    starts: datetime,
    *,
    facilitator_id: str | None = KEEP,
    room_id: str | None = KEEP,
    cause: str = "",
) -> Edited:
    """Give a session another start (naive, in its own zone), facilitator or room in a draft; give what that breaks.

    Without a draft the viewer's open one is used or opened. Raises InvalidError for a time that cannot be, a session
    that is pinned, has begun or is cancelled; NotAllowedError; NotFoundError; ConflictError for a draft that is no
    longer open.
    """

    def moved(before: Session, now: datetime) -> Session:
        at = _instant(starts, before, now)
        after = replace(before, starts=starts, starts_utc=at, cause=cause)
        if facilitator_id != KEEP:
            after = replace(after, facilitator_id=facilitator_id)
        return after if room_id == KEEP else replace(after, room_id=room_id)

    cause = clean(cause, limit=TEXT)
    _are_there(parts, facilitator_id, room_id)
    return _edit(parts, viewer, draft_id, session_id, moved, kind="move", cause=cause)


def _are_there(parts: Parts, facilitator_id: str | None, room_id: str | None) -> None:
    """Raise InvalidError for somebody or a room that is not there."""
    with parts.store.read() as db:
        if facilitator_id and facilitator_id not in calendar_figures.members(db, [facilitator_id]):
            raise InvalidError(
                phrase("Nobody is known by this id."), (Fault("facilitator_id", phrase("an id of a person")),)
            )
        if room_id and room_id not in calendar_figures.rooms(db):
            raise InvalidError(phrase("There is no such room."), (Fault("room_id", phrase("an id of a room")),))


def _instant(starts: datetime, session: Session, now: datetime) -> datetime:
    at = instant(starts, session.zone)
    if at.timestamp() % HALF_HOUR:
        raise InvalidError(
            phrase("Sessions start on the half hour."), (Fault("time", phrase("a start on the half hour")),)
        )
    if at <= now:
        raise InvalidError(
            phrase("This time is past. Choose one that is still to come."), (Fault("day", phrase("a day to come")),)
        )
    if at.year > now.year + YEARS_AHEAD:
        raise InvalidError(
            phrase("No plan reaches so far."),
            (Fault("day", phrase("a day within %(years)s years", years=YEARS_AHEAD)),),
        )
    return at


def leave_out(parts: Parts, viewer: Viewer, draft_id: str | None, session_id: str, *, cause: str = "") -> Edited:
    """Cancel a session in a draft; its needs become owed, in the open (R10). Raises as `move` does."""
    cause = clean(cause, limit=TEXT)

    def left_out(before: Session, _now: datetime) -> Session:
        return replace(before, status=Status.CANCELLED, cause=cause)

    return _edit(parts, viewer, draft_id, session_id, left_out, kind="leave_out", cause=cause)


def undo(parts: Parts, viewer: Viewer, draft_id: str, session_id: str) -> Edited:
    """Take back all that a draft does to a session.

    Raises NotAllowedError, NotFoundError, ConflictError for a draft that is no longer open.
    """
    with parts.store.read() as db:
        drafted = {s.id: s for s in sessions.changed_in(db, draft_id)}
    if session_id not in drafted:
        raise NotFoundError(phrase("The draft does not change this session."))

    def back(db: Db, _brief: Brief, open_id: str) -> tuple[Session, ...]:
        before = drafted[session_id]
        may_change(db, viewer, before)
        crossed = plans.crossed(db, open_id).get(session_id)
        standing = next(iter(sessions.published(db, _one(session_id))), None)
        sessions.take_from_draft(db, open_id, [session_id])
        plans.uncross(db, open_id, [session_id])
        steps.keep(
            db,
            open_id,
            "take_back",
            before,
            standing,
            drafted=(True, False),
            crossed=crossed,
            by_id=viewer.person_id,
            now=parts.now(),
        )
        return (before,)

    return change(parts, viewer, draft_id, back)


def _edit(
    parts: Parts,
    viewer: Viewer,
    draft_id: str | None,
    session_id: str,
    changed: Callable[[Session, datetime], Session],
    *,
    kind: steps.Kind,
    cause: str,
) -> Edited:
    """Lay one changed session into a draft; a change back to what is published takes it out again."""
    now = parts.now()
    firm = frozen_until(now, parts.settings.freeze_days)

    def lay(db: Db, brief: Brief, open_id: str) -> tuple[Session, ...]:
        wanted = _one(session_id)
        before = _the_only(sessions.as_drafted(db, open_id, wanted))
        standing = next(iter(sessions.published(db, wanted)), None)
        drafted = sessions.in_draft(db, open_id, session_id) is not None
        may_change(db, viewer, before)
        _movable(before, standing, now)
        after = changed(before, now)
        _stands_here(brief, before, after)
        if not cause and standing is not None and min(standing.starts_utc, after.starts_utc) < firm:
            raise InvalidError(
                phrase("Inside the freeze window a session moves only with a cause. Say why."),
                (Fault("cause", phrase("say why: those it concerns read it")),),
            )
        crossed = plans.crossed(db, open_id).get(session_id)
        plans.uncross(db, open_id, [session_id])
        gone = after.status is Status.CANCELLED and standing is None
        idle = gone or (standing is not None and content(after) == content(standing))
        if idle:
            sessions.take_from_draft(db, open_id, [session_id])
        else:
            sessions.lay_into_draft(db, open_id, [after], now)
        if (before, drafted) != (after, not idle):
            steps.keep(
                db,
                open_id,
                kind,
                before,
                None if gone else after,
                drafted=(drafted, not idle),
                crossed=crossed,
                by_id=viewer.person_id,
                now=now,
            )
        return (before, after)

    return change(parts, viewer, draft_id, lay)


def _stands_here(brief: Brief, before: Session, after: Session) -> None:
    """Refuse somebody or some room that does not exist; what is only a bad choice is flagged later."""
    leads = {f.person_id for f in brief.organisation.facilitators} | {before.facilitator_id, None}
    rooms = {r.id for r in brief.organisation.rooms} | {before.room_id, None}
    wrong = (
        ("facilitator", after.facilitator_id in leads, phrase("Choose somebody who leads sessions")),
        ("room", after.room_id in rooms, phrase("Choose one of the rooms")),
    )
    faults = tuple(Fault(where, words) for where, good, words in wrong if not good)
    if faults:
        raise InvalidError(
            phrase("A session needs somebody who leads sessions, and a room that stands or none."), faults
        )


def _one(session_id: str) -> sessions.Wanted:
    return sessions.Wanted(ids=frozenset({session_id}), planned_only=False)


def _the_only(found: tuple[Session, ...]) -> Session:
    if not found:
        raise NotFoundError(phrase("There is no such session."))
    return found[0]


def _movable(before: Session, standing: Session | None, now: datetime) -> None:
    """Past, begun, pinned and cancelled sessions stand as they are (R4)."""
    if min(s.starts_utc for s in (before, standing) if s) <= now:
        raise InvalidError(phrase("This session has begun or is past: it stands as it is."))
    if before.pinned:
        raise InvalidError(phrase("This session is pinned: let it go first, then move it."))
    if before.status is Status.CANCELLED:
        raise InvalidError(phrase("This session is cancelled in the draft: undo that first."))


def _may_write(viewer: Viewer) -> None:
    if not scope(viewer, "draft", "write"):
        raise NotAllowedError(phrase("Only a coordinator may change a plan."))


def may_change(db: Db, viewer: Viewer, session: Session) -> None:
    """Whoever coordinates some teams only changes sessions in which nobody of another team sits.

    Raises NotAllowedError.
    """
    reach = scope(viewer, "draft", "write")
    if reach.everything:
        return
    teams = {m.team_id for m in calendar_figures.members(db, session.people).values()}
    if not reach or not teams <= reach.team_ids:
        raise NotAllowedError(
            phrase("People of teams you do not coordinate are in this session: ask their coordinator.")
        )


def change(
    parts: Parts, viewer: Viewer, draft_id: str | None, act: Callable[[Db, Brief, str], tuple[Session, ...]]
) -> Edited:
    """Read, think, write: the brief is read outside the transaction and must still hold inside it.

    `act` changes the draft in the transaction and gives the states of sessions that were touched. Raises
    NotAllowedError, NotFoundError, ConflictError for a draft that is no longer open.
    """
    _may_write(viewer)
    now = parts.now()
    for _ in range(TRIES):
        with parts.store.read() as db:
            brief = planning_queries.brief(db, now=now)
            known = draft_id or standing.newest_draft_by(db, viewer.person_id)
            before = sessions.changed_in(db, known) if known else ()
            horizon = _horizon(db, known, now)
        needs = needs_of(brief, horizon)
        with parts.store.write() as db:
            if house.revision(db) != brief.revision or plans.pointer(db) != brief.base:
                continue
            open_id, opened = (known, False) if known else _open_draft(db, viewer, now)
            plans.must_be_open(plans.draft(db, open_id))
            touched = act(db, brief, open_id)
            count_again(db, brief, open_id, needs)
            after = sessions.changed_in(db, open_id)
        return Edited(open_id, opened, _new_findings(brief, before, after, touched))
    raise ConflictError(
        phrase("The organisation or the plan is being changed right now. Nothing was changed; try again.")
    )


def _horizon(db: Db, draft_id: str | None, now: datetime) -> Horizon:
    if draft_id is not None:
        return plans.draft(db, draft_id).horizon
    last = plans.latest(db)
    return Horizon(monday_of(now.date()), WEEKS) if last is None else last.horizon


def calendar_of(published: Iterable[Session], changed: Iterable[Session]) -> tuple[Session, ...]:
    """Give the planned sessions as they would be with a draft's changes laid over what is published."""
    laid = {s.id: s for s in published} | {s.id: s for s in changed}
    return tuple(s for s in laid.values() if s.status is Status.PLANNED)


def _new_findings(
    brief: Brief,
    before: tuple[Session, ...],
    after: tuple[Session, ...],
    touched: tuple[Session, ...],
) -> tuple[Violation, ...]:
    """Give the rules broken after a change that were not broken before it."""
    broken = judge(brief, calendar_of(brief.published, after), around=touched)
    if not broken:
        return ()
    known = {(v.rule, v.who, v.what) for v in judge(brief, calendar_of(brief.published, before), around=touched)}
    return tuple(v for v in broken if (v.rule, v.who, v.what) not in known)


def pin(parts: Parts, viewer: Viewer, session_id: str, *, pinned: bool, draft_id: str | None = None) -> None:
    """Pin a session so that nothing moves it, or let it go: at once, for everybody; in a draft it is a step of it too.

    Raises NotFoundError, NotAllowedError, ConflictError for a draft that is no longer open.
    """
    _may_write(viewer)
    now = parts.now()
    with parts.store.write() as db:
        wanted = _one(session_id)
        found = sessions.published(db, wanted) if draft_id is None else ()
        if not found:
            draft_id = draft_id or standing.draft_with(db, session_id)
        if draft_id is not None:
            plans.must_be_open(plans.draft(db, draft_id))
            found = sessions.as_drafted(db, draft_id, wanted)
        session = _the_only(found)
        may_change(db, viewer, session)
        if session.pinned == pinned:
            return
        hold(db, viewer, session_id, pinned=pinned, now=now)
        if draft_id is not None:
            drafted = sessions.in_draft(db, draft_id, session_id) is not None
            steps.keep(
                db,
                draft_id,
                "pin",
                session,
                replace(session, pinned=pinned),
                drafted=(drafted, drafted),
                crossed=None,
                by_id=viewer.person_id,
                now=now,
            )


def hold(db: Db, viewer: Viewer, session_id: str, *, pinned: bool, now: datetime) -> None:
    """Write that a session is pinned, or let go, and who did it."""
    sessions.set_pinned(db, session_id, pinned=pinned)
    act = "pin session" if pinned else "let session go"
    audit.record(db, at=now, by_id=viewer.person_id, act=act, what=session_id)


def discard(parts: Parts, viewer: Viewer, draft_id: str) -> None:
    """Drop a draft; nobody is told. Raises NotFoundError, NotAllowedError, ConflictError when it is no longer open."""
    _may_write(viewer)
    with parts.store.write() as db:
        plans.discard(db, draft_id)
        audit.record(db, at=parts.now(), by_id=viewer.person_id, act="discard draft", what=draft_id)


def compare_again(parts: Parts, viewer: Viewer, draft_id: str) -> None:
    """Lay a draft on what is published now; what it changes stays, put together with what the plan changed meanwhile.

    Raises NotFoundError, NotAllowedError, ConflictError when the draft is no longer open.
    """

    def lay(db: Db, brief: Brief, open_id: str) -> tuple[Session, ...]:
        rebase(db, brief, open_id)
        return ()

    change(parts, viewer, draft_id, lay)


def keep_drafted(parts: Parts, viewer: Viewer, draft_id: str, session_id: str) -> None:
    """Say that a draft's word holds for a session that another plan changed otherwise meanwhile.

    Raises NotFoundError, NotAllowedError, ConflictError when the draft is no longer open.
    """

    def keep(db: Db, _brief: Brief, open_id: str) -> tuple[Session, ...]:
        if session_id not in plans.crossed(db, open_id):
            raise NotFoundError(phrase("Nothing is to be decided for this session."))
        plans.uncross(db, open_id, [session_id])
        return ()

    change(parts, viewer, draft_id, keep)


def frozen_until(now: datetime, freeze_days: int) -> datetime:
    """Give the end of the freeze window: what starts before moves only with a cause."""
    return now + timedelta(days=freeze_days)
