"""How many agents a queue needs and how many it can spare: Erlang C, the typical week, arrays of slots.

Arrays have one figure per half-hour slot of a horizon (see `hours`); a profile is a local week of 7 x 48 figures,
Monday 00:00 first.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import (
    HALVES,
    SLOT_SECONDS,
    Span,
    hours_of,
    instant_forward,
    slot_from,
    slot_of,
    slots_in,
    start_of,
    zone_of,
)
from devsys.core.model.people import Emergency, Organisation, Queue, Relief, Requirement

WEEKDAYS = 7
# Below this many standard deviations under the load, Erlang B is its limit 1 - n/load to the last bit of a double.
FAR = 12

Counts = NDArray[np.int32]
Profile = tuple[tuple[int, ...], ...]
CallWeek = tuple[tuple[float, ...], ...]


def erlangs(calls: float, handle_seconds: float) -> float:
    """Give the load of a half hour in erlangs: calls times handle time over 1,800 seconds."""
    return calls * handle_seconds / SLOT_SECONDS


def wait_probability(load: float, agents: int) -> float:
    """Give the share of calls that wait when `agents` face `load` erlangs: Erlang C; 1 when they cannot keep up.

    By the recursion of Erlang B in its inverse, 1/B(n) = 1 + n/load / B(n-1), whose terms are all positive, so
    nothing cancels; started far below the load, where errors fade, a large load costs no more than its root.
    """
    if load <= 0:
        return 0.0
    if agents <= load:
        return 1.0
    first = max(0, int(load - FAR * math.sqrt(load)))
    inverse = load / (load - first)
    for n in range(first + 1, agents + 1):
        inverse = 1 + n / load * inverse
    return _waiting(load, agents, inverse)


def _waiting(load: float, agents: int, inverse: float) -> float:
    """Erlang C from 1/B(agents): B / (1 - rho (1 - B))."""
    return 1 / (inverse - load / agents * (inverse - 1))


def service_level(load: float, agents: int, handle_seconds: float, answer_seconds: float) -> float:
    """Give the share of calls answered within `answer_seconds`."""
    if agents <= load:
        return 0.0 if load > 0 else 1.0
    return 1 - wait_probability(load, agents) * math.exp(-(agents - load) * answer_seconds / handle_seconds)


def mean_wait(load: float, agents: int, handle_seconds: float) -> float:
    """Give the average speed of answer in seconds; infinite when the agents cannot keep up."""
    if agents <= load:
        return math.inf if load > 0 else 0.0
    return wait_probability(load, agents) * handle_seconds / (agents - load)


@dataclass(frozen=True, slots=True)
class Service:
    """The service wanted of a queue; see `Queue` for the words."""

    handle_seconds: float
    service_percent: float
    answer_seconds: float
    occupancy_percent: float

    @classmethod
    def of(cls, queue: Queue) -> "Service":
        """Give the service a queue is held to."""
        return cls(queue.handle_seconds, queue.service_percent, queue.answer_seconds, queue.occupancy_percent)


def agents_needed(calls: float, service: Service) -> int:
    """Give the fewest agents on the queue in a half hour with `calls`, for service goal and occupancy cap."""
    load = erlangs(calls, service.handle_seconds)
    if load <= 0:
        return 0
    agents = max(0, int(load - FAR * math.sqrt(load)))
    inverse = load / (load - agents)
    wanted = service.service_percent / 100
    while True:
        agents += 1
        inverse = 1 + agents / load * inverse
        if agents <= load:
            continue
        waits = _waiting(load, agents, inverse)
        late = waits * math.exp(-(agents - load) * service.answer_seconds / service.handle_seconds)
        if 1 - late >= wanted:
            break
    # By exact fractions: 9 erlangs at a cap of 90 % are 10 agents, whatever the last bit of 9 / 0.9 says.
    exact = Fraction(str(calls)) * Fraction(str(service.handle_seconds)) / SLOT_SECONDS
    return max(agents, math.ceil(exact * 100 / Fraction(str(service.occupancy_percent))))


def rostered_for(agents: int, shrinkage_percent: float) -> int:
    """Give the people to roster so that `agents` are on the queue: agents / (1 - shrinkage), rounded up exactly."""
    return math.ceil(Fraction(agents * 100) / (100 - Fraction(str(shrinkage_percent))))


def agents_on_queue(rostered: int, shrinkage_percent: float) -> int:
    """Give the agents on the queue when so many are rostered: rostered x (1 - shrinkage), rounded down exactly."""
    return math.floor(Fraction(rostered) * (100 - Fraction(str(shrinkage_percent))) / 100)


def typical_week(
    calls: Mapping[datetime, float], holidays: Iterable[date] = (), percentile: float | None = None
) -> CallWeek:
    """Give the calls of a typical local week from history: 7 x 48 means over the days that have a figure.

    `calls` are counts by naive local start of the half hour. A half hour missing from a day is a hole and counts
    neither as zero nor at all; one never seen is 0. Public holidays are left out. With a `percentile` (0 to 100)
    each figure is that percentile instead of the mean, by linear interpolation.
    """
    seen: dict[tuple[int, int], list[float]] = {}
    off = frozenset(holidays)
    for start, count in calls.items():
        if start.date() not in off:
            seen.setdefault((start.weekday(), start.hour * 2 + start.minute // 30), []).append(count)
    return tuple(
        tuple(_middle(seen.get((day, half), ()), percentile) for half in range(HALVES)) for day in range(WEEKDAYS)
    )


def _middle(figures: Sequence[float], percentile: float | None) -> float:
    if not figures:
        return 0.0
    if percentile is not None:
        return float(np.percentile(figures, percentile))
    return math.fsum(figures) / len(figures)


def profile_for(week: CallWeek, queue: Queue) -> Profile:
    """Give the people to roster in each half hour of a typical week of calls, by the queue's service goal."""
    service = Service.of(queue)
    known: dict[float, int] = {}

    def needed(calls: float) -> int:
        if calls not in known:
            known[calls] = rostered_for(agents_needed(calls, service), queue.shrinkage_percent)
        return known[calls]

    return tuple(tuple(needed(calls) for calls in day) for day in week)


@lru_cache(maxsize=32)
def local_halves(zone: str, horizon: Horizon) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Give, per slot, the local half hours its first and its last moment lie in.

    A half hour is counted from local midnight of the day before the horizon's first: 48 a calendar day whatever
    the clocks do. The two differ where the zone's half hours lie across the slots (UTC+5:45).
    """
    tz = zone_of(zone)
    origin = datetime.combine(horizon.start, time()) - timedelta(days=1)
    start, step, edge = start_of(horizon), timedelta(seconds=SLOT_SECONDS), timedelta(seconds=SLOT_SECONDS - 1)
    count = slots_in(horizon)

    def half(moment: datetime) -> int:
        return int((moment.astimezone(tz).replace(tzinfo=None) - origin).total_seconds() // SLOT_SECONDS)

    first = np.fromiter((half(start + step * i) for i in range(count)), np.int32, count)
    last = np.fromiter((half(start + step * i + edge) for i in range(count)), np.int32, count)
    first.setflags(write=False)
    last.setflags(write=False)
    return first, last


def required_slots(
    requirement: Requirement, zone: str, horizon: Horizon, reliefs: Iterable[Relief] = (), least: int = 1
) -> Counts:
    """Give the agents a requirement asks for in each slot: its dates first, else its typical week less the reliefs.

    A slot that overlaps two local half hours takes the larger figure. No relief brings a half hour that needs somebody
    below `least`.
    """
    week = np.array(requirement.profile, np.int32)
    first_day = horizon.start - timedelta(days=1)
    days = [first_day + timedelta(days=i) for i in range(horizon.weeks * WEEKDAYS + 2)]
    relieved = _Relieved(week, tuple(reliefs), max(least, 1))
    line = np.concatenate([_day_figures(requirement, relieved, day) for day in days])
    first, last = local_halves(zone, horizon)
    required: Counts = np.maximum(line[first], line[last])
    return required


def relieved(requirement: Requirement, reliefs: Iterable[Relief], least: int = 1) -> Profile:
    """Give the typical week of a requirement less all that fixes took off it, as `required_slots` takes it."""
    mine = tuple(r for r in reliefs if r.queue_id == requirement.queue_id)
    week = _Relieved(np.array(requirement.profile, np.int32), mine, max(least, 1))
    return tuple(tuple(int(n) for n in week.whole(len(mine))[day]) for day in range(WEEKDAYS))


class _Relieved:
    """The typical week as it is on a day: less what fixes took off it by then."""

    def __init__(self, week: Counts, reliefs: tuple[Relief, ...], least: int) -> None:
        self.reliefs = tuple(sorted(reliefs, key=lambda r: r.start))
        self.least = least
        self._known: dict[int, Counts] = {0: week}

    def on(self, day: date) -> Counts:
        """Give the 48 figures of a day."""
        figures: Counts = self.whole(sum(r.start <= day for r in self.reliefs))[day.weekday()]
        return figures

    def whole(self, begun: int) -> Counts:
        """Give the week once so many reliefs, the earliest first, have begun."""
        if begun not in self._known:
            week = self._known[0]
            less = np.zeros_like(week)
            for one in self.reliefs[:begun]:
                less = less + np.array(one.less, np.int32)
            self._known[begun] = np.maximum(week - less, np.minimum(week, self.least))
        return self._known[begun]


def _day_figures(requirement: Requirement, week: _Relieved, day: date) -> Counts:
    own = requirement.days.get(day)
    return week.on(day) if own is None else np.array(own, np.int32)


def rostered_slots(works: Iterable[Iterable[Span]], slots: int) -> Counts:
    """Give how many are at work in each slot, from the spans of each person."""
    steps = np.zeros(slots + 1, np.int32)
    edges = np.fromiter(chain.from_iterable(chain.from_iterable(works)), np.int64)
    np.add.at(steps, edges[0::2], 1)
    np.subtract.at(steps, edges[1::2], 1)
    rostered: Counts = np.cumsum(steps[:slots], dtype=np.int32)
    return rostered


def spare(rostered: Counts, required: Counts) -> Counts:
    """Give the agents each slot can spare: rostered less required, never below 0."""
    left: Counts = np.maximum(rostered - required, 0)
    return left


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """A queue's agents per slot of a horizon: at work, and required there."""

    queue_id: str
    rostered: Counts
    required: Counts

    @property
    def spare(self) -> Counts:
        """Agents each slot can spare."""
        return spare(self.rostered, self.required)


def coverage_of(
    organisation: Organisation, horizon: Horizon, works: Mapping[str, tuple[Span, ...]] | None = None
) -> Mapping[str, Coverage]:
    """Give the coverage of every queue by its id; `works` are the spans of `hours_of`, worked out when not given.

    Where the requirement knows no figure or says 0 and somebody is rostered, the queue's `minimum` holds. What a fix
    took off the typical week is left out of it. An emergency adds its agents; where several overlap, the most.
    """
    works = hours_of(organisation, horizon) if works is None else works
    zones = {s.id: s.zone for s in organisation.sites}
    asked = {r.queue_id: r for r in organisation.requirements}
    spans: dict[str, list[tuple[Span, ...]]] = {q.id: [] for q in organisation.queues}
    for person in organisation.people:
        if person.queue_id in spans:
            spans[person.queue_id].append(works.get(person.id, ()))
    found: dict[str, Coverage] = {}
    for queue in organisation.queues:
        rostered = rostered_slots(spans[queue.id], slots_in(horizon))
        required = np.zeros(slots_in(horizon), np.int32)
        if queue.id in asked:
            reliefs = [r for r in organisation.reliefs if r.queue_id == queue.id]
            required = required_slots(asked[queue.id], zones[queue.site_id], horizon, reliefs, queue.minimum)
        required = np.where((required == 0) & (rostered > 0), np.int32(queue.minimum), required)
        mine = [e for e in organisation.emergencies if e.queue_id == queue.id]
        if mine:
            required = required + _more(mine, zones[queue.site_id], horizon)
        found[queue.id] = Coverage(queue.id, rostered, required)
    return found


def _more(emergencies: Iterable[Emergency], zone: str, horizon: Horizon) -> Counts:
    """Give the agents needed above the requirement in each slot: the most of any emergency that touches it."""
    more = np.zeros(slots_in(horizon), np.int32)
    for one in emergencies:
        first = max(0, slot_of(instant_forward(one.start, zone), horizon))
        end = max(0, slot_from(instant_forward(one.end, zone), horizon))
        more[first:end] = np.maximum(more[first:end], one.agents)
    return more


def most_rostered(rostered: Counts, zone: str, horizon: Horizon) -> Profile:
    """Give the most people ever at work in each local half hour of the week, over a horizon: 7 x 48 figures.

    Where local half hours lie across the slots, one counts for both slots it touches.
    """
    most = np.zeros(WEEKDAYS * HALVES, np.int32)
    for halves in local_halves(zone, horizon):
        # The line starts the day before the horizon's first, whose weekday shifts the week.
        shift = (horizon.start.weekday() - 1) % WEEKDAYS * HALVES
        np.maximum.at(most, (halves + shift) % (WEEKDAYS * HALVES), rostered)
    return tuple(tuple(int(n) for n in day) for day in most.reshape(WEEKDAYS, HALVES))
