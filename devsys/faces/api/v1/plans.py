"""Drafts and published plans: what waits, asking for a plan, publishing one that nobody overtook."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, NaiveDatetime

from devsys.actions import draw_plan, edit_draft, publish_plan
from devsys.adapters.store.queries import plans, runs, sessions, visible
from devsys.adapters.store.queries.sessions import Wanted
from devsys.base.errors import ConflictError, Fault, InvalidError, NotFoundError
from devsys.base.text import clean
from devsys.core.policy import scope as scope_of
from devsys.faces.api.operations import In, Noun, Out
from devsys.faces.api.paging import NEXT, PageQuery, cut, moment_of, place_of
from devsys.faces.api.v1.runs import Run
from devsys.faces.api.v1.runs import given as given_run
from devsys.faces.web.here import parts, scope, viewer
from devsys.faces.web.session_values import discreet, names

noun = Noun("plans", "plans")
ID: Final = r"^[0-9a-zA-Z_-]{1,64}$"
LOCAL: Final[dict[str, Any]] = {"format": "local", "pattern": r"^20\d\d-\d\d-\d\dT\d\d:[03]0(:00)?$"}


def _cause(text: str) -> str:
    try:
        return clean(text)
    except InvalidError as error:
        raise ValueError(error.message) from None


Cause = Annotated[str, AfterValidator(_cause)]


class Draft(Out):
    """One open draft; `base` is the published version it was drawn on."""

    id: str
    base: int
    state: str
    created: datetime
    by: str
    cause: str
    start: date
    weeks: int


class Drafts(Out):
    """A page of open drafts, newest first; `version` is the published version now."""

    version: int
    items: list[Draft]
    next: str = Field(description=NEXT)


class Version(Out):
    """One published version."""

    number: int
    published: datetime
    by: str
    cause: str
    changes: dict[str, int]


class Versions(Out):
    """A page of published versions, newest first."""

    items: list[Version]
    next: str = Field(description=NEXT)


class Wish(In):
    """What a plan is asked for."""

    weeks: int = Field(52, ge=1, le=106)
    cause: Cause = Field("", max_length=200)
    redraw_from: date | None = Field(None, description="From this day on published sessions may move, too.")
    seed: int = Field(0, ge=0, le=2**31 - 1)


class Publish(In):
    """Publishing a draft: the published version seen, and why."""

    version: int = Field(ge=0, le=2**31 - 1, description="The published version the caller has seen.")
    cause: Cause = Field(min_length=1, max_length=200)
    later: bool = Field(default=False, description="Letters about what is not near leave the next morning.")


class Published(Out):
    """The version that is published now."""

    version: int


@noun.op("GET", "/drafts", "draft", query=PageQuery, gives=Drafts)
def listed(asked: PageQuery) -> Drafts:
    """List open drafts."""
    _whole()
    after = moment_of("drafts", asked.cursor)
    with parts().store.read() as db:
        version, found = plans.pointer(db), plans.open_drafts(db, after=after, limit=asked.limit + 1)
    rows, further = cut("drafts", found, asked.limit, lambda d: (d.created.isoformat(), d.id))
    return Drafts(version=version, items=[_draft(d) for d in rows], next=further)


@noun.op("GET", "/drafts/<draft_id>", "draft", gives=Draft)
def show(draft_id: str) -> Draft:
    """Show one draft."""
    _whole()
    with parts().store.read() as db:
        return _draft(plans.draft(db, draft_id))


@noun.op("POST", "/drafts", "draft", "write", body=Wish, gives=Run, status=202)
def ask(given: Wish) -> Run:
    """Ask for a plan.

    The worker draws it; the run says how far it is, and which draft came of it.
    """
    wish = draw_plan.Wish(weeks=given.weeks, cause=given.cause, redraw_from=given.redraw_from, seed=given.seed)
    run_id = draw_plan.ask(parts(), viewer().person_id, wish)
    with parts().store.read() as db:
        return given_run(runs.get(db, run_id))


@noun.op("POST", "/drafts/<draft_id>/publish", "draft", "write", body=Publish, gives=Published)
def publish(draft_id: str, given: Publish) -> Published:
    """Publish a draft, unless another plan was published since the version seen: then 409, and the draft stays."""
    _whole()
    with parts().store.read() as db:
        plans.draft(db, draft_id)
        if plans.pointer(db) != given.version:
            raise ConflictError(plans.who_was_first(db))
    try:
        number = publish_plan.publish(
            parts(), draft_id, by_id=viewer().person_id, cause=given.cause, postponed=given.later
        )
    except InvalidError as error:
        with parts().store.read() as db:
            known = names(db)
        faults = tuple(Fault(fault.where, discreet(fault.what, known)) for fault in error.faults)
        raise InvalidError(error.message, faults) from None
    return Published(version=number)


@noun.op("GET", "/versions", "versions", query=PageQuery, gives=Versions)
def versions(asked: PageQuery) -> Versions:
    """List published versions."""
    before = place_of("versions", asked.cursor, 1)
    with parts().store.read() as db:
        found = plans.versions(db, asked.limit + 1, before=int(before[0]) if before else None)
    rows, further = cut("versions", found, asked.limit, lambda v: (str(v.number),))
    return Versions(
        items=[
            Version(number=v.number, published=v.published, by=v.by, cause=v.cause, changes=dict(v.changes))
            for v in rows
        ],
        next=further,
    )


def _whole() -> None:
    """Raise NotFoundError for who sees a part of the plan only, as the pages do."""
    if not scope().everything:
        raise NotFoundError("There is no such draft.")


def _draft(found: plans.Draft) -> Draft:
    return Draft(
        id=found.id,
        base=found.base,
        state=found.state,
        created=found.created,
        by=found.by,
        cause=found.cause,
        start=found.horizon.start,
        weeks=found.horizon.weeks,
    )


class Move(In):
    """Where a session goes: a start by the clock of its site; who leads it and where stay as they are unless named."""

    starts: NaiveDatetime = Field(json_schema_extra=LOCAL, description="On the half hour.")
    facilitator_id: str | None = Field(None, pattern=ID)
    room_id: str | None = Field(None, pattern=ID)
    cause: Cause = Field("", max_length=200)


class LeaveOut(In):
    """Why a session is left out."""

    cause: Cause = Field("", max_length=200)


class Edited(Out):
    """The draft it is in now, whether it was opened for it, and the rules it breaks there."""

    draft_id: str
    opened: bool
    findings: list[str]


@noun.op("POST", "/sessions/<session_id>/move", "draft", "write", body=Move, gives=Edited)
def move(session_id: str, given: Move) -> Edited:
    """Move a published session, in one's own draft: nobody is told before it is published."""
    _must_see(session_id)
    chosen = {name: value for name in ("facilitator_id", "room_id") if (value := getattr(given, name))}
    done = edit_draft.move(
        parts(), viewer(), None, session_id, given.starts.replace(second=0, microsecond=0), cause=given.cause, **chosen
    )
    return _edited(done)


@noun.op("POST", "/sessions/<session_id>/leave-out", "draft", "write", body=LeaveOut, gives=Edited)
def leave_out(session_id: str, given: LeaveOut) -> Edited:
    """Leave a published session out, in one's own draft; its needs become owed."""
    _must_see(session_id)
    return _edited(edit_draft.leave_out(parts(), viewer(), None, session_id, cause=given.cause))


def _must_see(session_id: str) -> None:
    wanted = Wanted(ids=frozenset({session_id}), planned_only=False)
    with parts().store.read() as db:
        if not sessions.published(db, wanted, visible.reach(scope_of(viewer(), "sessions", "read"))):
            raise NotFoundError("There is no such session.")


def _edited(done: edit_draft.Edited) -> Edited:
    with parts().store.read() as db:
        known = names(db)
    return Edited(draft_id=done.draft_id, opened=done.opened, findings=[discreet(v.what, known) for v in done.findings])
