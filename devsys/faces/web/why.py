"""The panel beside the week: why a session stands here, why not elsewhere, what would open more, what can be done."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flask import url_for

from devsys.actions.explain_session import explain
from devsys.adapters.store.queries.plans import Draft
from devsys.base.text import count_of
from devsys.core.planning.why import Here
from devsys.core.policy import scope
from devsys.faces.web.filters import day
from devsys.faces.web.here import parts, viewer
from devsys.faces.web.session_values import Moment, Names, Seen, people_words, when_words
from devsys.faces.web.words import several

MOVE_DAYS: Final = 28  # how far a form offers another day
FIRST_HOUR: Final = 6
LAST_HOUR: Final = 22


@dataclass(frozen=True, slots=True)
class MoveChoice:
    """What the form of a move offers: days and times; `cause` is asked for inside the freeze window."""

    action: str
    start: str
    days: tuple[tuple[str, str], ...]
    times: tuple[str, ...]
    cause: bool
    page: str


@dataclass(frozen=True, slots=True)
class Why:
    """All the panel shows; addresses are empty where the viewer may not, or the session stands firm (`note`).

    `later` is where the planner's reasons are asked for once the page stands; empty when they are here, or not his.
    """

    state: str
    kind: str
    title: str
    when: str
    who: str
    here: str
    due: str
    counts: str
    nots: tuple[tuple[str, str], ...]
    opens: tuple[str, ...]
    note: str
    page: str
    move: MoveChoice | None
    pin: str
    pinned: bool
    leave_out: str
    undo: str
    later: str


def why(one: Seen, known: Names, moment: Moment, draft: Draft | None, *, back: str, today: date, reasons: bool) -> Why:
    """Give the panel of a session.

    With `reasons` the planner is asked at once: it tries some forty other starts, which takes longer than the page.
    """
    edits = bool(scope(viewer(), "draft", "write"))
    explains = scope(viewer(), "draft", "read").wide and one.full and one.state not in ("held", "cancelled")
    found = explain(parts(), draft.id if draft else None, one.session.id) if explains and reasons else None
    note = _note(one, moment, edits=edits)
    movable = edits and one.session.starts_utc > moment.now and one.state != "cancelled" and not one.session.pinned
    draft_id = draft.id if draft else None
    there: dict[str, Any] = {"session_id": one.session.id, "draft": draft_id, "back": back}
    alive = edits and one.session.starts_utc > moment.now and one.state != "cancelled"
    people = people_words(one.session, known, one=one.kind == "coaching")
    return Why(
        state=one.state,
        kind=one.kind,
        title=one.title,
        when=f"{when_words(one.session)}, {'room ' if one.session.room_id else ''}{one.place}",
        who=" · ".join(w for w in (one.facilitator, people) if w),
        here=found.here.sentence if found else "",
        due=found.here.due if found else "",
        counts=counts_words(found.here) if found else "",
        nots=tuple((_short(when), " ".join(rules)) for when, rules in found.nots) if found else (),
        opens=found.opens if found else (),
        note=note,
        page=url_for("sessions.show", session_id=one.session.id, draft=draft_id),
        move=_move(one, moment, today, url_for("sessions.move", **there)) if movable else None,
        pin=url_for("sessions.pin", **there) if alive else "",
        pinned=one.session.pinned,
        leave_out=url_for("sessions.leave_out", **there) if movable else "",
        undo=url_for("sessions.undo", **there) if edits and draft and one.session.id in moment.drafted else "",
        later=url_for("week.why", session=one.session.id, draft=draft_id) if explains and not reasons else "",
    )


def _short(when: object) -> str:
    return f"{when:%a} {when.day}, {when:%H:%M}"  # type: ignore[attr-defined]


def counts_words(here: Here) -> str:
    """Say at how many starts of the window each rule passes, and all of them."""
    if not here.there or not here.filters:
        return ""
    each = several([f"{count:,} with {words}" for words, count in here.filters])
    whole = f"{here.left:,} with all of it" if here.left else "none with all of it"
    return f"Everybody is at work at {count_of(here.there, 'start')} {here.window}: {each}; {whole}."


def _note(one: Seen, moment: Moment, *, edits: bool) -> str:
    if one.state == "held":
        return "This session is past: it stands as it is."
    if one.session.starts_utc <= moment.now:
        return "This session has begun: it stands as it is."
    if one.state == "cancelled":
        return "The draft leaves this session out; its needs are owed."
    if not edits:
        return ""
    if one.session.pinned:
        return "Pinned: let it go first, then move it."
    if one.session.starts_utc < moment.frozen_until:
        return "Inside the freeze window: it moves only with a cause."
    return ""


def move_choice(one: Seen, moment: Moment, today: date, action: str) -> MoveChoice:
    """Give what the form of a move offers for a session."""
    return _move(one, moment, today, action)


def _move(one: Seen, moment: Moment, today: date, action: str) -> MoveChoice:
    start = one.session.starts
    first = max(today, start.date() - timedelta(days=start.weekday() + 7))
    last = max(start.date(), first) + timedelta(days=MOVE_DAYS)
    days = [first + timedelta(days=i) for i in range((last - first).days)]
    offset = start.minute % 30
    times = [f"{hour:02d}:{minute + offset:02d}" for hour in range(FIRST_HOUR, LAST_HOUR) for minute in (0, 30)]
    shown = f"{start:%H:%M}"
    return MoveChoice(
        action=action,
        start=f"{start:%Y-%m-%dT%H:%M}",
        days=tuple((d.isoformat(), day(d)) for d in days if d.weekday() < 5 or d == start.date()),  # noqa: PLR2004
        times=tuple(sorted({*times, shown})),
        cause=one.session.starts_utc < moment.frozen_until,
        page=action,
    )
