"""The panel beside the week: why a session stands here, why not at any other time, what would open more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from flask import url_for

from devsys.actions import explain_session
from devsys.actions.starts_asked import Answer
from devsys.adapters.store.queries.plans import Draft
from devsys.base.errors import InvalidError
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import clock, day, number, several
from devsys.core.planning.why import Here
from devsys.core.policy import scope
from devsys.faces.web.drawing import short_day
from devsys.faces.web.here import parts, viewer
from devsys.faces.web.session_values import Moment, Names, Seen, people_words, when_words

MOVE_DAYS: Final = 28  # how far a form offers another day
FIRST_HOUR: Final = 6
LAST_HOUR: Final = 22
UNKNOWN: Final = to_phrase("The planner knows nothing of it: there is no programme, or it has been dropped from it.")


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
class AskChoice:
    """The form that asks about any half hour: `action` gives the page again, `part` only the answer.

    `hidden` are what the page is asked with besides.
    """

    action: str
    part: str
    hidden: tuple[tuple[str, str], ...]
    day: str
    time: str
    times: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoveThere:
    """A press that moves a session to a start that works."""

    action: str
    words: str
    start: str
    facilitator: str


@dataclass(frozen=True, slots=True)
class Told:
    """The answer about one time: a title, a sentence a rule, and what would work instead."""

    title: str
    rules: tuple[str, ...]
    words: str
    fits: bool
    move: MoveThere | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """All the panel shows; addresses are empty where the viewer may not, or the session stands firm (`note`).

    `flags` say why it cannot be published where the draft has it.
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
    ask: AskChoice | None
    told: Told | None
    flags: tuple[str, ...] = ()


def asks(one: Seen) -> bool:
    """Say whether the viewer may ask why of a session: who plans or leads, of what is to come, not of coaching."""
    return scope(viewer(), "draft", "read").wide and one.full and one.state not in ("held", "cancelled")


def why(
    one: Seen,
    known: Names,
    moment: Moment,
    draft: Draft | None,
    *,
    back: str,
    today: date,
    reasons: bool,
    at: datetime | None = None,
) -> Why:
    """Give the panel of a session; with `at` it tells what stands against that time.

    With `reasons` the planner is asked at once: it tries some forty other starts, which takes longer than the page.
    """
    edits = bool(scope(viewer(), "draft", "write"))
    explains = asks(one)
    draft_id = draft.id if draft else None
    found = explain_session.explain(parts(), viewer(), draft_id, one.session.id) if explains and reasons else None
    movable = edits and one.session.starts_utc > moment.now and one.state != "cancelled" and not one.session.pinned
    there: dict[str, Any] = {"session_id": one.session.id, "draft": draft_id, "back": back}
    alive = edits and one.session.starts_utc > moment.now and one.state != "cancelled"
    people = people_words(one.session, known, one=one.kind == "coaching")
    return Why(
        state=one.state,
        kind=one.kind,
        title=one.title,
        when=f"{when_words(one.session)}, {_where(one)}",
        who=" · ".join(w for w in (one.facilitator, people) if w),
        here=found.here.sentence if found else "",
        due=found.here.due if found else "",
        counts=counts_words(found.here) if found else "",
        nots=tuple((_short(when), " ".join(rules)) for when, rules in found.nots) if found else (),
        opens=found.opens if found else (),
        note=_note(one, moment, edits=edits),
        page=url_for("sessions.show", session_id=one.session.id, draft=draft_id),
        move=_move(one, moment, today, url_for("sessions.move", **there)) if movable else None,
        pin=url_for("sessions.pin", **there) if alive else "",
        pinned=one.session.pinned,
        leave_out=url_for("sessions.leave_out", **there) if movable else "",
        undo=url_for("sessions.undo", **there) if edits and draft and one.session.id in moment.drafted else "",
        later=url_for("week.why", session=one.session.id, draft=draft_id) if explains and not reasons else "",
        ask=ask_choice(one, draft_id, at, back) if explains else None,
        told=told(one, moment, draft_id, at, back) if explains and at else None,
    )


def ask_choice(one: Seen, draft_id: str | None, at: datetime | None, back: str) -> AskChoice:
    """Give the form that asks about another time of a session."""
    start = at or one.session.starts
    split = urlsplit(back)
    hidden = dict(parse_qsl(split.query)) | {"session": one.session.id}
    return AskChoice(
        action=split.path,
        part=url_for("week.why_not", session=one.session.id, draft=draft_id),
        hidden=tuple((name, value) for name, value in hidden.items() if name not in ("at", "on", "time", "reasons")),
        day=start.date().isoformat(),
        time=clock(start),
        times=times_of(start),
    )


def times_of(start: datetime) -> tuple[str, ...]:
    """Give all half hours of a day as a form offers them, on the half hours that a start of the site lies on."""
    offset = start.minute % 30
    return tuple(f"{hour:02d}:{minute + offset:02d}" for hour in range(24) for minute in (0, 30))


def told(one: Seen, moment: Moment, draft_id: str | None, at: datetime, back: str) -> Told:
    """Ask what stands against a session being at a time, and say it, with the press that moves it where it fits."""
    shown = told_of(lambda: explain_session.ask(parts(), viewer(), draft_id, one.session.id, at), at)
    answer = shown[0]
    movable = (
        scope(viewer(), "draft", "write")
        and one.session.starts_utc >= moment.frozen_until
        and not one.session.pinned
        and answer is not None
    )
    to = (at if not answer.rules else answer.nearest) if answer and movable else None
    if to is None or answer is None or to == one.session.starts:
        return shown[1]
    leader = answer.leader if answer.rules else ""
    move = MoveThere(
        action=url_for("sessions.move", session_id=one.session.id, draft=draft_id, back=back),
        words=phrase("Move it to %(day)s, %(time)s", day=day(to.date()), time=clock(to)),
        start=f"{to:%Y-%m-%dT%H:%M}",
        facilitator=leader,
    )
    return Told(shown[1].title, shown[1].rules, shown[1].words, shown[1].fits, move)


def told_of(ask: Callable[[], Answer | None], at: datetime) -> tuple[Answer | None, Told]:
    """Ask, and say the answer in words; a time that cannot be a start is said as what stands against it."""
    when = f"{day(at.date())}, {clock(at)}"
    try:
        found = ask()
    except InvalidError as error:
        return None, Told(phrase("Not %(when)s", when=when), (error.message,), "", fits=False)
    if found is None:
        return None, Told(when, (), UNKNOWN, fits=False)
    if not found.rules:
        return found, Told(phrase("%(when)s fits", when=when), (), phrase("Nothing stands against it."), fits=True)
    return found, Told(phrase("Not %(when)s", when=when), found.rules, found.words, fits=False)


def counts_words(here: Here) -> str:
    """Say at how many starts of the window each rule passes, and all of them."""
    if not here.there or not here.filters:
        return ""
    each = several(
        [phrase("%(count)s with %(words)s", count=number(count), words=words) for words, count in here.filters]
    )
    whole = phrase("%(count)s with all of it", count=number(here.left)) if here.left else phrase("none with all of it")
    return phrases(
        "Everybody is at work at %(num)s start %(window)s: %(each)s; %(whole)s.",
        "Everybody is at work at %(num)s starts %(window)s: %(each)s; %(whole)s.",
        here.there,
        window=here.window,
        each=each,
        whole=whole,
    )


def _where(one: Seen) -> str:
    return phrase("room %(room)s", room=one.place) if one.session.room_id else one.place


def _short(when: datetime) -> str:
    return f"{short_day(when)}, {when:%H:%M}"


def _note(one: Seen, moment: Moment, *, edits: bool) -> str:
    if one.state == "held":
        return phrase("This session is past: it stands as it is.")
    if one.session.starts_utc <= moment.now:
        return phrase("This session has begun: it stands as it is.")
    if one.state == "cancelled":
        return phrase("The draft leaves this session out; its needs are owed.")
    if not edits:
        return ""
    if one.session.pinned:
        return phrase("Pinned: let it go first, then move it.")
    if one.session.starts_utc < moment.frozen_until:
        return phrase("Inside the freeze window: it moves only with a cause.")
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
