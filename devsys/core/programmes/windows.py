"""From cadences to windows on the calendar: which days a need may lie in, counted in local days of a site."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import instant_forward
from devsys.core.model.programme import Cadence

# Usual spacing and grace of a series, for a cadence that leaves them out (planning.md section 1).
SERIES_WEEKS = 1
SERIES_GRACE_DAYS = 7
MOMENTS_KEPT = 65_536
# A wave's own weeks: on time in the first two, given up after four, when it would no longer be this wave.
WAVE_DUE = timedelta(weeks=2)
WAVE_LATEST = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Window:
    """Local days: a session starts on `earliest` or later and before `latest`; on time before `due`."""

    earliest: date
    due: date
    latest: date

    def within(self, horizon: Horizon) -> bool:
        """Say whether a need of this window belongs to the horizon: still open at its start, due by its end."""
        return self.latest > horizon.start and self.due <= horizon.end


def periods(cadence: Cadence, epoch: date, horizon: Horizon) -> Iterable[tuple[int, Window]]:
    """Give index and window of each period of an EVERY cadence that belongs to the horizon.

    Period n starts `offset_weeks + n * weeks` weeks after `epoch`; nothing lies before the epoch.
    """
    length = timedelta(weeks=cadence.weeks)
    grace = timedelta(days=cadence.grace_days)
    first = epoch + timedelta(weeks=cadence.offset_weeks)
    number = max(0, (horizon.start - grace - first) // length - 1)
    while True:
        start = first + number * length
        window = Window(start, start + length, start + length + grace)
        if window.due > horizon.end:
            return
        if window.within(horizon):
            yield number, window
        number += 1


def within_stay(window: Window, first: date | None, left: date | None) -> Window | None:
    """Give a window cut to the days from `first` up to `left`; None when under half of its period is left.

    So nobody gets a need that only a day or two could serve; the next period serves a joiner.
    """
    earliest = window.earliest if first is None else max(window.earliest, first)
    due = window.due if left is None else min(window.due, left)
    latest = window.latest if left is None else min(window.latest, left)
    if (due - earliest) * 2 < window.due - window.earliest:
        return None
    return Window(earliest, due, latest)


def once(cadence: Cadence, epoch: date, joined: date | None, horizon: Horizon) -> Window:
    """Give the window of a ONCE cadence for somebody who does not hold it.

    It opens at the start of the programme, or `settle_weeks` after joining where that is later, and is due `weeks`
    weeks after the start or the joining. A window that has passed opens again at the start of the horizon, for
    what others depend on must not be missed for good.
    """
    start = epoch + timedelta(weeks=cadence.offset_weeks)
    begin = start if joined is None else max(start, joined)
    earliest = begin if joined is None else max(begin, after_joining(joined, cadence))
    grace = timedelta(days=cadence.grace_days)
    due = begin + timedelta(weeks=cadence.weeks)
    if due + grace <= horizon.start:
        earliest, due = horizon.start, min(horizon.start + timedelta(weeks=cadence.weeks), horizon.end)
    return Window(earliest, due, due + grace)


def step(cadence: Cadence, requested: date, number: int) -> Window:
    """Give the window of step `number` (from 0) of a series asked for on a day."""
    spacing = timedelta(weeks=cadence.weeks or SERIES_WEEKS)
    earliest = requested + number * spacing
    due = earliest + 2 * spacing
    return Window(earliest, due, due + timedelta(days=cadence.grace_days or SERIES_GRACE_DAYS))


def after_joining(joined: date, cadence: Cadence) -> date:
    """Give the first day a cadence may ask of a joiner."""
    return joined + timedelta(weeks=cadence.settle_weeks)


def wave(start: date) -> Window:
    """Give the window of somebody's start in a wave of a rollout."""
    return Window(start, start + WAVE_DUE, start + WAVE_LATEST)


@lru_cache(maxsize=MOMENTS_KEPT)
def moment(day: date, at: time, zone: str) -> datetime:
    """Give the instant of a local day and time, aware, in UTC; midnight is where the day begins."""
    return instant_forward(datetime.combine(day, at), zone)
