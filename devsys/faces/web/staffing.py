"""Who is at work and what each queue can spare, kept in memory as long as the organisation stays as it is.

Working this out for 300 people and a year costs more than the rest of a page, and it changes with the organisation's
revision only; a few results are kept per process.
"""

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import numpy as np

from devsys.adapters.store.queries import calendar_figures, house, near, people, plans
from devsys.adapters.store.queries.calendar_figures import Seat
from devsys.adapters.store.store import Db
from devsys.core.model.calendar import Horizon
from devsys.core.model.capacity import Counts, Coverage, coverage_of
from devsys.core.model.hours import (
    SLOT_SECONDS,
    Span,
    hours_of,
    instant_forward,
    instant_of,
    slot_from,
    slot_of,
    slots_in,
    start_of,
)
from devsys.core.model.people import Organisation
from devsys.core.model.programme import Activity

MOST_KEPT: Final = 8
HALVES: Final = 48
WEEK: Final = 336

_kept: OrderedDict[tuple[str, str, int, Horizon, str], "Staffing"] = OrderedDict()
_loads: OrderedDict[tuple[object, ...], "Load"] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Staffing:
    """The organisation over a horizon: spans at work by person id, coverage by queue id; slots of UTC half hours."""

    horizon: Horizon
    organisation: Organisation
    works: Mapping[str, tuple[Span, ...]]
    coverage: Mapping[str, Coverage]
    site_id: str = ""


def staffing(db: Db, url: str, horizon: Horizon, site_id: str = "") -> Staffing:
    """Give the staffing over a horizon; `url` is the database's address, so that two stores never share a result.

    With `site_id` only that of one site: its people, who leads there, and its queues with all who serve them.
    """
    facts = house.facts(db)
    revision = int(facts.get(house.ORGANISATION_REVISION, "0"))
    key = (url, facts.get(house.FEED_EPOCH, ""), revision, horizon, site_id)
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    organisation = near.organisation_at(db, site_id) if site_id else people.organisation(db)
    works = hours_of(organisation, horizon)
    made = Staffing(horizon, organisation, works, coverage_of(organisation, horizon, works), site_id)
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made


def clipped(spans: tuple[Span, ...], first: int, end: int) -> Iterable[Span]:
    """Give the parts of sorted spans that lie in [first, end)."""
    for a, b in spans[max(0, bisect_right(spans, (first, first)) - 1) :]:
        if a >= end:
            return
        if b > first:
            yield max(a, first), min(b, end)


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """What sessions take: agents per queue and slot, and the seats of people and leaders who are not at work then."""

    taken: Mapping[str, Counts]
    away: tuple[Seat, ...] = ()
    leaders_away: tuple[Seat, ...] = ()


def load(found: Staffing, seats: Iterable[Seat], activities: Mapping[str, Activity], led: Iterable[Seat] = ()) -> Load:
    """Give the load of sessions; recovery gaps count, and only those at work are missed on the queue."""
    slots = slots_in(found.horizon)
    steps: dict[str, Counts] = {queue_id: np.zeros(slots + 1, np.int32) for queue_id in found.coverage}
    recovery = {a.code: a.recovery_minutes * 60 for a in activities.values()}
    origin = start_of(found.horizon).timestamp()
    away = []
    for seat in seats:
        first = max(0, int(seat.starts_utc.timestamp() - origin) // SLOT_SECONDS)
        ends = int(seat.ends_utc.timestamp() - origin)
        end = min(slots, -(-ends // SLOT_SECONDS))
        last = min(slots, -(-(ends + recovery.get(seat.activity, 0)) // SLOT_SECONDS))
        line = steps.get(seat.queue_id or "")
        there = 0
        for a, b in clipped(found.works.get(seat.person_id, ()), first, last):
            there += min(b, end) - a if a < end else 0
            if line is not None:
                line[a] += 1
                line[b] -= 1
        if there < end - first:
            away.append(seat)
    return Load(
        taken={queue_id: np.cumsum(line[:-1], dtype=np.int32) for queue_id, line in steps.items()},
        away=tuple(sorted(away, key=_by_time)),
        leaders_away=tuple(sorted((s for s in led if _not_at_work(found, s)), key=_by_time)),
    )


def _by_time(seat: Seat) -> tuple[datetime, str]:
    return seat.starts_utc, seat.session_id


def _not_at_work(found: Staffing, seat: Seat) -> bool:
    first = max(0, slot_of(seat.starts_utc, found.horizon))
    end = min(slots_in(found.horizon), slot_from(seat.ends_utc, found.horizon))
    return sum(b - a for a, b in clipped(found.works.get(seat.person_id, ()), first, end)) < end - first


def led_here(db: Db, found: Staffing, start: datetime, end: datetime, draft_id: str | None = None) -> tuple[Seat, ...]:
    """Give the times of facilitators in a stretch; with one site of those who lead there: others are not known."""
    led = calendar_figures.led(db, start, end, draft_id=draft_id)
    return tuple(s for s in led if s.person_id in found.works) if found.site_id else led


def published_load(db: Db, url: str, found: Staffing, activities: Mapping[str, Activity]) -> Load:
    """Give the load of the published calendar over the horizon; kept as long as plan, organisation and gaps stay."""
    gaps = frozenset((a.code, a.recovery_minutes) for a in activities.values() if a.recovery_minutes)
    epoch = house.fact(db, house.FEED_EPOCH)
    key = (url, epoch, found.organisation.revision, found.horizon, plans.pointer(db), gaps, found.site_id)
    with _lock:
        kept = _loads.get(key)
        if kept is not None:
            _loads.move_to_end(key)
            return kept
    start = start_of(found.horizon)
    end = start + timedelta(weeks=found.horizon.weeks)
    seats = calendar_figures.seats(db, start, end, at=found.site_id)
    made = load(found, seats, activities, led_here(db, found, start, end))
    with _lock:
        _loads[key] = made
        while len(_loads) > MOST_KEPT:
            _loads.popitem(last=False)
    return made


@dataclass(frozen=True, slots=True)
class Shortage:
    """Half hours in which sessions take more agents than a queue can spare: `short` at `starts` (the first of them)."""

    queue_id: str
    starts: datetime
    slots: int
    short: int


def shortages(found: Staffing, away: Mapping[str, Counts], since: datetime) -> tuple[Shortage, ...]:
    """Give, per queue and run of half hours from `since` on, where sessions leave too few on the queue (R3)."""
    first = max(0, slot_from(since, found.horizon))
    short: list[Shortage] = []
    for queue_id, coverage in found.coverage.items():
        over = np.where(away[queue_id] > 0, away[queue_id] - coverage.spare, 0)
        over[:first] = 0
        where = np.flatnonzero(over > 0)
        for run in np.split(where, np.flatnonzero(np.diff(where) > 1) + 1) if len(where) else ():
            at = int(run[0])
            short.append(Shortage(queue_id, instant_of(at, found.horizon), len(run), int(over[run].max())))
    return tuple(sorted(short, key=lambda s: (s.starts, s.queue_id)))


def spare_hours_by_week(found: Staffing, queue_ids: Iterable[str] | None = None) -> tuple[float, ...]:
    """Give the hours the queues (all, or those named) can spare in each week of the horizon."""
    chosen = found.coverage.keys() if queue_ids is None else set(queue_ids) & found.coverage.keys()
    weeks = np.zeros(found.horizon.weeks)
    for queue_id in sorted(chosen):
        weeks += found.coverage[queue_id].spare.reshape(-1, WEEK).sum(axis=1) / 2
    return tuple(float(hours) for hours in weeks)


def halves_of(found: Staffing, day: date, zone: str) -> tuple[tuple[int, int], ...]:
    """Give, per local half hour of a day, the first and the last slot it touches (two where halves lie across slots).

    On a day with a clock change a half hour that does not exist gives the slots the clocks move it to.
    """
    return _halves(found.horizon, day, zone)


@lru_cache(maxsize=256)  # a week asks for the same few days again and again
def _halves(horizon: Horizon, day: date, zone: str) -> tuple[tuple[int, int], ...]:
    midnight = datetime.combine(day, time())
    last = slots_in(horizon) - 1
    slots = []
    for half in range(HALVES):
        starts = instant_forward(midnight + timedelta(minutes=30 * half), zone)
        first = slot_of(starts, horizon)
        end = slot_from(starts + timedelta(minutes=30), horizon) - 1
        slots.append((min(max(first, 0), last), min(max(first, end, 0), last)))
    return tuple(slots)
