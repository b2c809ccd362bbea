"""Queues and how many people they need: a typical week of half hours, and days that differ."""

from datetime import date
from typing import Annotated, Final

from pydantic import Field

from devsys.actions import change_requirement
from devsys.adapters.store.queries import house, people, rosters
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.core.intake.cells import WEEKDAYS
from devsys.core.policy import scope as scope_of
from devsys.faces.api.operations import In, Noun, Out
from devsys.faces.api.paging import NEXT, PageQuery, cut, place_of
from devsys.faces.api.seen import replace_seen
from devsys.faces.api.v1.periods import MOST_DAYS, PeriodQuery
from devsys.faces.web.here import parts, scope, viewer

noun = Noun("requirement", "requirement")
HALVES: Final = 48
_Halves = Annotated[
    list[Annotated[int, Field(ge=0, le=10_000)]],
    Field(min_length=HALVES, max_length=HALVES, description="People at work in each half hour from 0:00 on."),
]


class QueuesQuery(PageQuery):
    """Which queues."""

    team_id: str = Field("", pattern=r"^[0-9a-zA-Z_-]{0,64}$", description="Those people of this team work on.")


class Queue(Out):
    """One queue."""

    id: str
    code: str
    name: str
    site: str
    zone: str


class Queues(Out):
    """A page of queues, in order of their ids."""

    items: list[Queue]
    next: str = Field(description=NEXT)


class Week(In):
    """A typical week by the clock of the queue's site."""

    mon: _Halves
    tue: _Halves
    wed: _Halves
    thu: _Halves
    fri: _Halves
    sat: _Halves
    sun: _Halves


class Needs(In):
    """What a queue needs: the typical week, and those days of the period that differ from it."""

    week: Week
    days: dict[date, _Halves] = Field(max_length=MOST_DAYS)


class Requirement(Out):
    """What a queue needs, as it was brought: what checked fixes take off and emergencies add is not in it."""

    queue_id: str
    zone: str
    start: date
    end: date
    week: Week
    days: dict[date, _Halves]


@noun.op("GET", "/queues", "requirement", query=QueuesQuery, gives=Queues)
def queues(asked: QueuesQuery) -> Queues:
    """List queues whose requirement one may see."""
    after = place_of("queues", asked.cursor, 1)
    with parts().store.read() as db:
        found = rosters.queues(
            db, scope(), team_id=asked.team_id, after=after[0] if after else "", most=asked.limit + 1
        )
    rows, further = cut("queues", found, asked.limit, lambda q: (q.id,))
    return Queues(
        items=[Queue(id=q.id, code=q.code, name=q.name, site=q.site, zone=q.zone) for q in rows], next=further
    )


@noun.op("GET", "/queues/<queue_id>/requirement", "requirement", query=PeriodQuery, gives=Requirement)
def show(queue_id: str, asked: PeriodQuery) -> Requirement:
    """Show what a queue needs: its typical week, and the days of a period that differ."""
    return _seen(queue_id, asked)[0]


@noun.op(
    "PUT",
    "/queues/<queue_id>/requirement",
    "requirement",
    "write",
    query=PeriodQuery,
    body=Needs,
    gives=Requirement,
    rests=True,
)
def put(queue_id: str, asked: PeriodQuery, given: Needs) -> Requirement:
    """Say anew what a queue needs: the typical week, and which days of the period differ from it.

    Days of the period that are not named are as the typical week; days outside it stay as they are. 412 where it is
    another requirement by now.
    """
    outside = [day for day in given.days if not asked.start <= day < asked.end]
    if outside:
        faults = tuple(Fault(f"days.{day}", "Not a day of the period.") for day in outside)
        raise InvalidError("Name days of the period alone; nothing was changed.", faults)
    week = tuple(tuple(getattr(given.week, day)) for day in WEEKDAYS)
    days = {day: tuple(figures) for day, figures in given.days.items()}

    def write(_: Requirement, revision: int) -> None:
        period = (asked.start, asked.end)
        change_requirement.change(parts(), viewer(), queue_id, week, days, period, revision)

    return replace_seen(lambda: _seen(queue_id, asked), write)


def _seen(queue_id: str, asked: PeriodQuery) -> tuple[Requirement, int]:
    with parts().store.read() as db:
        queue = rosters.queue(db, scope_of(viewer(), "requirement", "read"), queue_id)
        if queue is None:
            raise NotFoundError("There is no such queue.")
        standing = next((r for r in people.requirements(db) if r.queue_id == queue_id), None)
        revision = house.revision(db)
    profile = standing.profile if standing else ((0,) * HALVES,) * len(WEEKDAYS)
    days = standing.days if standing else {}
    return Requirement(
        queue_id=queue.id,
        zone=queue.zone,
        start=asked.start,
        end=asked.end,
        week=Week(**{day: list(figures) for day, figures in zip(WEEKDAYS, profile, strict=True)}),
        days={day: list(figures) for day, figures in sorted(days.items()) if asked.start <= day < asked.end},
    ), revision
