"""Published sessions, and who was there. Of coaching that is not theirs to know, others see only the taken time."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from devsys.actions import record_attendance
from devsys.adapters.store.queries import calendar_figures, programme, sessions, visible
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.errors import NotFoundError
from devsys.core.model.calendar import Session as Held
from devsys.core.policy import scope as scope_of
from devsys.faces.api.operations import In, NoQuery, Noun, Out
from devsys.faces.api.paging import NEXT, PageQuery, cut, moment_of
from devsys.faces.web.here import now, parts, scope, viewer
from devsys.faces.web.session_values import Moment, Names, seen

noun = Noun("sessions", "sessions")
_ID = r"^[0-9a-zA-Z_-]{0,64}$"


class SessionsQuery(PageQuery):
    """Which sessions."""

    start: AwareDatetime | None = Field(None, description="Not over by then.")
    end: AwareDatetime | None = Field(None, description="Beginning before then.")
    team_id: str = Field("", pattern=_ID, description="With somebody of this team.")
    cancelled: bool = Field(default=False, description="Cancelled ones, too.")


class Session(Out):
    """One session; `full` is false where only the taken time may be known."""

    id: str
    full: bool
    kind: str
    title: str
    activity: str = Field(description="Code of the activity; empty where only the taken time may be known.")
    starts: datetime = Field(description="As the clock shows where it is held.", json_schema_extra={"format": "local"})
    zone: str
    minutes: int
    starts_utc: datetime
    facilitator: str
    place: str
    people: list[str] = Field(description="Ids of those who come, where the viewer sees them.")
    team_id: str | None
    status: Literal["planned", "cancelled"]
    pinned: bool
    sequence: int
    changed: datetime | None


class Sessions(Out):
    """A page of sessions, in order of time."""

    items: list[Session]
    next: str = Field(description=NEXT)


class Mark(In):
    """Whether one person was there."""

    person_id: str = Field(pattern=r"^[0-9a-zA-Z_-]{1,64}$")
    present: bool


class Marks(In):
    """Who was there."""

    marks: list[Mark] = Field(min_length=1, max_length=500)


class Attendance(Out):
    """Who was there, as marked."""

    marks: dict[str, bool]


def names_of(db: Db, found: Iterable[Held]) -> Names:
    """Give what these sessions are named by: five reads, however many they are."""
    listed = tuple(found)
    ids = {p for s in listed for p in s.people} | {s.facilitator_id for s in listed if s.facilitator_id}
    return Names(
        programme.activities(db),
        calendar_figures.members(db, ids),
        calendar_figures.teams(db),
        calendar_figures.rooms(db),
        calendar_figures.sites(db),
    )


def given(session: Held, known: Names) -> Session:
    """Give a session as the viewer may see it."""
    one = seen(session, viewer(), known, Moment(now(), now()))
    wide = one.full or scope_of(viewer(), "sessions", "read").wide
    return Session(
        id=session.id,
        full=one.full,
        kind=one.kind,
        title=one.title,
        activity=session.activity if one.full else "",
        starts=session.starts,
        zone=session.zone,
        minutes=session.minutes,
        starts_utc=session.starts_utc,
        facilitator=one.facilitator,
        place=one.place if one.full else "",
        people=sorted(session.people) if wide else [],
        team_id=session.team_id if wide else None,
        status=session.status.value,
        pinned=session.pinned,
        sequence=session.sequence,
        changed=session.changed,
    )


@noun.op("GET", "/sessions", "sessions", query=SessionsQuery, gives=Sessions)
def listed(asked: SessionsQuery) -> Sessions:
    """List published sessions."""
    after = moment_of("sessions", asked.cursor)
    wanted = Wanted(
        start=asked.start.astimezone(UTC) if asked.start else None,
        end=asked.end.astimezone(UTC) if asked.end else None,
        team_id=asked.team_id or None,
        planned_only=not asked.cancelled,
    )
    with parts().store.read() as db:
        found = sessions.page(db, wanted, visible.reach(scope()), after=after, most=asked.limit + 1)
        known = names_of(db, found)
    rows, further = cut("sessions", found, asked.limit, lambda s: (s.starts_utc.isoformat(), s.id))
    return Sessions(items=[given(s, known) for s in rows], next=further)


@noun.op("GET", "/sessions/<session_id>", "sessions", gives=Session)
def show(session_id: str) -> Session:
    """Show one published session."""
    with parts().store.read() as db:
        wanted = Wanted(ids=frozenset({session_id}), planned_only=False)
        found = sessions.published(db, wanted, visible.reach(scope()))
        known = names_of(db, found)
    if not found:
        raise NotFoundError("There is no such session.")
    return given(found[0], known)


@noun.op(
    "POST", "/sessions/<session_id>/attendance", "attendance", "write", query=NoQuery, body=Marks, gives=Attendance
)
def mark(session_id: str, given: Marks) -> Attendance:
    """Record who was there, once the session has begun."""
    marks = {m.person_id: m.present for m in given.marks}
    with parts().store.read() as db:
        wanted = Wanted(ids=frozenset({session_id}), planned_only=False)
        if not sessions.published(db, wanted, visible.reach(scope_of(viewer(), "sessions", "read"))):
            raise NotFoundError("There is no such session.")
    record_attendance.mark(parts(), viewer(), session_id, marks)
    with parts().store.read() as db:
        return Attendance(marks=dict(sessions.attendance(db, [session_id]).get(session_id, {})))
