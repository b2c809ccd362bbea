"""The week in figures: sessions, shifts and queues turned into what the team week shows, in one zone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from devsys.base.words import phrase
from devsys.core.model.calendar import Session
from devsys.core.model.capacity import Counts
from devsys.core.model.hours import Span, instant_forward, instant_of
from devsys.core.model.people import Absence
from devsys.core.model.programme import Activity
from devsys.faces.web.drawing_coverage import CoverageDay, CoverageSlot
from devsys.faces.web.drawing_week import GridDay, GridRow, GridSession, Off
from devsys.faces.web.filters import local
from devsys.faces.web.session_values import Seen
from devsys.faces.web.staffing import Staffing, halves_of

LUNCH: Final = timedelta(hours=2)  # a longer gap between two stretches of work is off shift
USUAL_DAY: Final = (8 * 60, 18 * 60)
DAY_END: Final = 24 * 60

Lane = Literal["people", "facilitators", "rooms"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be: a person, facilitator or room by id. `works` None: always there, as a room is."""

    key: str
    name: str
    href: str = ""
    works: tuple[Span, ...] | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """The days shown in one zone: those from Monday on, the weekend only where it holds something."""

    zone: str
    days: tuple[date, ...]
    opens: int
    closes: int

    @property
    def start(self) -> datetime:
        """The instant the first day begins."""
        return instant_forward(datetime.combine(self.days[0], time()), self.zone)

    @property
    def end(self) -> datetime:
        """The instant the last day ends."""
        return instant_forward(datetime.combine(self.days[-1] + timedelta(days=1), time()), self.zone)


def local_spans(works: Iterable[Span], found: Staffing, zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """Give spans at work as naive local times."""
    return tuple(
        (local(instant_of(a, found.horizon), zone).replace(tzinfo=None), _local_end(b, found, zone)) for a, b in works
    )


def _local_end(slot: int, found: Staffing, zone: str) -> datetime:
    return local(instant_of(slot, found.horizon), zone).replace(tzinfo=None)


def frame_of(monday: date, zone: str, found: Staffing, rows: Iterable[Row], sessions: Iterable[Seen]) -> Frame:
    """Give the days and hours to show: wide enough for every shift and session of the rows."""
    week = [monday + timedelta(days=i) for i in range(7)]
    times: dict[date, list[int]] = defaultdict(list)
    for works in {_near(row.works or (), found, monday) for row in rows}:  # a shift pattern is the work of many
        for a, b in local_spans(works, found, zone):
            for start, end in _by_day(a, b):
                times[start.date()] += [_minutes(start), DAY_END if end.date() > start.date() else _minutes(end)]
    for one in sessions:
        start = local(one.session.starts_utc, zone).replace(tzinfo=None)
        times[start.date()] += [_minutes(start), min(_minutes(start) + one.session.minutes, DAY_END)]
    shown = [day for day in week if day.weekday() < 5 or times.get(day)]  # noqa: PLR2004 -- Saturday is 5
    spread = [minute for day in shown for minute in times.get(day, ())]
    return Frame(zone, tuple(shown), min(spread, default=USUAL_DAY[0]), max(spread, default=USUAL_DAY[1]))


def _near(works: tuple[Span, ...], found: Staffing, monday: date) -> tuple[Span, ...]:
    first = (monday - found.horizon.start).days * 48
    return tuple(s for s in works if s[1] > first - 48 and s[0] < first + 8 * 48)


def _minutes(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _by_day(start: datetime, end: datetime) -> Iterable[tuple[datetime, datetime]]:
    """Cut a stretch at midnights."""
    while start.date() < end.date():
        midnight = datetime.combine(start.date() + timedelta(days=1), time())
        yield start, midnight
        start = midnight
    if start < end:
        yield start, end


def grid_days(
    frame: Frame, holidays: Mapping[date, str], hrefs: Mapping[date, str], today: date
) -> tuple[GridDay, ...]:
    """Give the days of the grid; a public holiday closes its day."""
    return tuple(GridDay(day, hrefs.get(day, ""), holidays.get(day, ""), day == today) for day in frame.days)


def grid_row(
    row: Row,
    frame: Frame,
    found: Staffing,
    absences: Iterable[Absence],
    recovery: Iterable[Off] = (),
    *,
    busy: Iterable[Absence] = (),
) -> GridRow:
    """Give a row with the times it is not there: off shift, lunch, away, busy by the own calendar, recovering."""
    if row.works is None:
        return GridRow(row.key, row.name, href=row.href)
    works = local_spans(_near(row.works, found, frame.days[0]), found, frame.zone)
    taken = frozenset(a for a in busy if a.person_id == row.key)
    away = (*(a for a in absences if a.person_id == row.key), *taken)
    off: list[Off] = []
    for day in frame.days:
        begin, end = datetime.combine(day, time()), datetime.combine(day + timedelta(days=1), time())
        off += _gaps([(max(a, begin), min(b, end)) for a, b in works if b > begin and a < end], begin, end, away, taken)
    return GridRow(row.key, row.name, href=row.href, off=(*off, *recovery))


def _gaps(
    works: list[tuple[datetime, datetime]],
    begin: datetime,
    end: datetime,
    away: tuple[Absence, ...],
    busy: frozenset[Absence] = frozenset(),
) -> Iterable[Off]:
    """Give what lies between the stretches of work of one day."""
    edges = [begin, *(moment for pair in works for moment in pair), end]
    for i in range(0, len(edges), 2):
        start, stop = edges[i], edges[i + 1]
        if start >= stop:
            continue
        inside = 0 < i < len(edges) - 2
        absent = next((a for a in away if a.start < stop and (a.end is None or a.end > start)), None)
        if absent is not None:
            word = phrase("busy") if absent in busy else phrase("away")
            yield from _away(start, stop, absent, word, lunch=inside and stop - start <= LUNCH)
        elif inside and stop - start <= LUNCH:
            yield Off(start, stop, "lunch", phrase("lunch"))
        else:
            yield Off(start, stop, "off", phrase("off shift"))


def _away(start: datetime, stop: datetime, absent: Absence, word: str, *, lunch: bool) -> Iterable[Off]:
    """Part a gap into what is off shift anyway and what is away or busy; the reason is not asked (R9)."""
    first, last = max(start, absent.start), stop if absent.end is None else min(stop, absent.end)
    other: Literal["lunch", "off"] = "lunch" if lunch else "off"
    if start < first:
        yield Off(start, first, other, phrase("off shift"))
    yield Off(first, last, "away", word)
    if last < stop:
        yield Off(last, stop, other, phrase("off shift"))


def recovery_of(
    sessions: Iterable[Seen], activities: Mapping[str, Activity], zone: str
) -> Mapping[str, tuple[Off, ...]]:
    """Give the recovery gaps after heavy sessions by person id."""
    found: dict[str, list[Off]] = defaultdict(list)
    for one in sessions:
        activity = activities.get(one.session.activity)
        if activity and activity.recovery_minutes and one.state != "cancelled":
            start = local(one.session.ends_utc, zone).replace(tzinfo=None)
            gap = Off(start, start + timedelta(minutes=activity.recovery_minutes), "recovery", phrase("recovery"))
            for person_id in one.session.people:
                found[person_id].append(gap)
    return {person_id: tuple(gaps) for person_id, gaps in found.items()}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a session of the grid leads: `href` opens it; `move` and `pin` take posts, empty where not allowed.

    `ask` answers why it is not at another time, empty where that may not be asked; `form` leads to the form of a move
    where it is not dragged but asks for a cause.
    """

    href: str
    move: str = ""
    pin: str = ""
    ask: str = ""
    form: str = ""


def lane_keys(session: Session, lane: Lane) -> frozenset[str]:
    """Give the keys of the rows a session belongs to."""
    if lane == "people":
        return session.people
    key = session.facilitator_id if lane == "facilitators" else session.room_id
    return frozenset({key} if key else ())


def grid_session(
    one: Seen,
    frame: Frame,
    lane: Lane,
    shown: frozenset[str],
    to: Addresses,
    *,
    selected: bool,
    flags: Iterable[str] = (),
) -> GridSession:
    """Give a session for the grid, in the rows it belongs to; `flags` say why it cannot be published there."""
    s = one.session
    return GridSession(
        id=s.id,
        kind=one.kind,
        title=one.title,
        short=one.short,
        state=one.state,
        starts=local(s.starts_utc, frame.zone).replace(tzinfo=None),
        minutes=s.minutes,
        rows=tuple(sorted(lane_keys(s, lane) & shown)),
        href=to.href,
        move=to.move,
        pin=to.pin,
        ask=to.ask,
        form=to.form,
        selected=selected,
        flag=" ".join(flags),
    )


def coverage_days(
    frame: Frame, found: Staffing, queue_id: str, away: Counts, published: Counts
) -> tuple[CoverageDay, ...]:
    """Give the coverage of a queue on each day; `away` are agents in sessions as shown, `published` without the draft.

    Where a local half hour touches two slots (UTC+5:45) the one with less to spare stands for it. A day on which
    nobody is rostered is closed.
    """
    coverage = found.coverage[queue_id]
    rostered, required = coverage.rostered.tolist(), coverage.required.tolist()
    gone, stands = away.tolist(), published.tolist()
    days = []
    for day in frame.days:
        slots = []
        halves = halves_of(found, day, frame.zone)
        for first, last in halves:
            at = min((first, last), key=lambda s: int(rostered[s] - required[s] - gone[s]))
            slots.append(CoverageSlot(required[at], rostered[at] - gone[at], max(0, gone[at] - stands[at])))
        staffed = any(rostered[first] or rostered[last] for first, last in halves)
        days.append(CoverageDay(day, 0, tuple(slots) if staffed else ()))
    return tuple(days)


def free_times(
    works: tuple[Span, ...], busy: Iterable[tuple[datetime, datetime]], day: date, frame: Frame, found: Staffing
) -> tuple[tuple[datetime, datetime], ...]:
    """Give when somebody is at work and leads nothing on a day, within the hours shown; naive local times."""
    begin = datetime.combine(day, time()) + timedelta(minutes=frame.opens)
    end = datetime.combine(day, time()) + timedelta(minutes=frame.closes)
    free = [
        (max(a, begin), min(b, end))
        for a, b in local_spans(_near(works, found, frame.days[0]), found, frame.zone)
        if b > begin and a < end
    ]
    for first, last in sorted(busy):
        free = [piece for a, b in free for piece in ((a, min(b, first)), (max(a, last), b)) if piece[0] < piece[1]]
    return tuple(free)
