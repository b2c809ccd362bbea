"""What can happen, in words and figures: stretches of local time, and the next hours of a queue."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from devsys.base.words import phrase
from devsys.base.written import clock, day, full_day
from devsys.core.model.hours import instant_of, local, slot_of
from devsys.faces.web.staffing import Load, Staffing

MOST_HALVES: Final = 12


def span_words(start: datetime, end: datetime | None) -> str:
    """Say a stretch of local time as a line of a list: "Tue 9 March 2027", "Mon 8 March to Fri 12 March 2027"."""
    if end is None:
        at = "" if start.time() == time() else f", {clock(start)}"
        return phrase("From %(start)s, until not known", start=full_day(start) + at)
    if start.time() == end.time() == time():
        last = end - timedelta(days=1)
        return (
            full_day(start) if last == start else phrase("%(start)s to %(last)s", start=day(start), last=full_day(last))
        )
    if start.date() == end.date():
        return phrase(
            "%(date)s, %(from)s to %(until)s", **{"date": full_day(start), "from": clock(start), "until": clock(end)}
        )
    return phrase("%(start)s to %(last)s", start=f"{day(start)} {clock(start)}", last=f"{full_day(end)} {clock(end)}")


def until_words(start: datetime, end: datetime | None) -> str:
    """Say a stretch inside a sentence: "on Tue 9 March", "from Tue 9 March, 12:00, until not known"."""
    at = "" if start.time() == time() else f", {clock(start)}"
    if end is None:
        return phrase("from %(start)s, until not known", start=day(start) + at)
    last = end - timedelta(days=1) if end.time() == time() else end
    if last.date() == start.date():
        if end.time() == time():
            if at:
                return phrase("on %(date)s from %(time)s", date=day(start), time=clock(start))
            return phrase("on %(date)s", date=day(start))
        return phrase("on %(date)s, %(time)s to %(until)s", date=day(start), time=clock(start), until=clock(end))
    back = "" if end.time() == time() else f", {clock(end)}"
    return phrase("from %(start)s to %(last)s", start=day(start) + at, last=day(last) + back)


@dataclass(frozen=True, slots=True)
class Half:
    """One half hour of a queue: agents at work, in sessions, required, and how many more or fewer that leaves."""

    time: str
    at_work: int
    in_sessions: int
    required: int

    @property
    def spare(self) -> int:
        """Agents above what is required; below 0 where some are missing."""
        return self.at_work - self.in_sessions - self.required


def next_halves(found: Staffing, load: Load, queue_id: str, now: datetime, zone: str) -> tuple[Half, ...]:
    """Give the next half hours of a queue, from the one going on, as far as the horizon of `found` goes."""
    coverage = found.coverage[queue_id]
    first = max(0, slot_of(now, found.horizon))
    last = min(first + MOST_HALVES, len(coverage.rostered))
    return tuple(
        Half(
            time=f"{local(instant_of(slot, found.horizon), zone):%H:%M}",
            at_work=int(coverage.rostered[slot]),
            in_sessions=int(load.taken[queue_id][slot]),
            required=int(coverage.required[slot]),
        )
        for slot in range(first, last)
        if coverage.rostered[slot] or coverage.required[slot]
    )
