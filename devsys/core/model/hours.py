"""When people are at work: patterns, absences, holidays and zones become half-hour slots on one UTC line.

Slot 0 starts at 00:00 UTC of the horizon's first day; a span is `(first, end)` in slots, its end not included. A
slot counts only when the person is at work for the whole of it, so nothing is promised at UTC+5:45, where local
half hours lie across the slots, that the roster does not hold.

Wall times and clock changes, one rule for shifts, lunches and absences (RFC 5545 section 3.3.5): a time in a
repeated hour means its first pass; a time in the hour that is left out moves forward by what is left out.
"""

import zoneinfo
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain, pairwise

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase
from devsys.core.model.calendar import Horizon
from devsys.core.model.people import Absence, Organisation, Person, Shift, ShiftPattern

SLOT_SECONDS = 1800
HALVES = 48
DAY = timedelta(days=1)
PATTERNS_KEPT = 512

Span = tuple[int, int]


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Give the IANA names a site may have: regions and UTC, not the machine's own `localtime`."""
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Give the zone of an IANA name. Raises InvalidError when there is none of that name."""
    if name not in known_zones():
        shown = name[:64]
        raise InvalidError(
            phrase("There is no time zone %(shown)s. Give an IANA name such as Europe/Berlin.", shown=repr(shown)),
            (Fault("zone", phrase("an IANA name such as Europe/Berlin")),),
        )
    return zoneinfo.ZoneInfo(name)


def instant(wall: datetime, zone: str) -> datetime:
    """Give the instant of a naive local time, aware, in UTC; in a repeated hour the first pass.

    Raises InvalidError when the clocks of the zone leave that time out: no session may start there (trust.md R11).
    """
    found = instant_forward(wall, zone)
    if local(found, zone) != wall:
        moved = local(found, zone)
        raise InvalidError(
            phrase(
                "%(when)s does not exist in %(zone)s: the clocks go forward. Choose another time, such as %(other)s.",
                when=f"{wall:%Y-%m-%d %H:%M}",
                zone=zone,
                other=f"{moved:%H:%M}",
            ),
            (Fault("start", phrase("a time that exists in %(zone)s", zone=zone)),),
        )
    return found


def instant_forward(wall: datetime, zone: str) -> datetime:
    """Give the instant of a naive local time; one that the clocks leave out moves forward by what is left out.

    02:30 in a gap from 02:00 to 03:00 is taken as 03:30. In a repeated hour it is the first pass.
    """
    return wall.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)


def local(moment: datetime, zone: str) -> datetime:
    """Give the naive wall time of an aware instant in a zone."""
    return moment.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)


def start_of(horizon: Horizon) -> datetime:
    """Give the instant of slot 0."""
    return datetime.combine(horizon.start, time(), UTC)


def slots_in(horizon: Horizon) -> int:
    """Give the number of slots of a horizon."""
    return horizon.weeks * 7 * HALVES


def slot_of(moment: datetime, horizon: Horizon) -> int:
    """Give the slot an aware instant lies in; before the horizon it is negative."""
    return int((moment - start_of(horizon)).total_seconds() // SLOT_SECONDS)


def slot_from(moment: datetime, horizon: Horizon) -> int:
    """Give the first slot that starts at an aware instant or after it."""
    return -int((start_of(horizon) - moment).total_seconds() // SLOT_SECONDS)


def instant_of(slot: int, horizon: Horizon) -> datetime:
    """Give the instant at which a slot starts."""
    return start_of(horizon) + timedelta(seconds=slot * SLOT_SECONDS)


@lru_cache(maxsize=128)
def midnights(zone: str, horizon: Horizon) -> tuple[int, ...]:
    """Give the slot of each local midnight, rounded up, from the horizon's first day to two days after its last.

    A midnight that the clocks leave out is the first moment of its day. The first figure is negative east of UTC;
    a slot that lies across a midnight belongs to the day before.
    """
    count = horizon.weeks * 7 + 2
    walls = (datetime.combine(horizon.start + timedelta(days=i), time()) for i in range(count))
    return tuple(slot_from(instant_forward(wall, zone), horizon) for wall in walls)


@lru_cache(maxsize=32)
def repeated(zone: str, horizon: Horizon) -> tuple[Span, ...]:
    """Give the spans in which a zone's clocks show times for the second time.

    A wall time there means the first pass to whoever reads it, so nothing may start in them.
    """
    tz, start = zone_of(zone), start_of(horizon)
    step = timedelta(seconds=SLOT_SECONDS)
    found: list[Span] = []
    for day, after in pairwise(midnights(zone, horizon)):
        # Only a day of more than 24 hours can hold a repeated hour.
        if after - day > HALVES:
            found += [(s, s + 1) for s in range(day - 1, after) if (start + step * s).astimezone(tz).fold]
    return tuple(span for span in joined_up(found) if 0 <= span[0] < slots_in(horizon))


def monday_of(day: date) -> date:
    """Give the Monday of the ISO week of a day."""
    return day - timedelta(days=day.weekday())


def cycle_week(pattern: ShiftPattern, day: date) -> int:
    """Give the week of a pattern's cycle a day lies in, counted from 1."""
    return (monday_of(day) - monday_of(pattern.anchor)).days // 7 % pattern.weeks + 1


def shifts_on(pattern: ShiftPattern, day: date) -> tuple[Shift, ...]:
    """Give the stretches of work a pattern has on a day, in order; of public holidays it knows nothing."""
    week, weekday = cycle_week(pattern, day), day.weekday()
    found = (s for s in pattern.shifts if (s.week, s.weekday) == (week, weekday))
    return tuple(sorted(found, key=lambda s: s.start))


@lru_cache(maxsize=PATTERNS_KEPT)
def pattern_spans(pattern: ShiftPattern, zone: str, holidays: frozenset[date], horizon: Horizon) -> tuple[Span, ...]:
    """Give the spans at work of a pattern, sorted and apart: lunches and public holidays are taken out.

    A shift belongs to the local day it is written on, so of a night over a holiday only the holiday's part is off.
    Patterns are few and people many, hence the result is kept.
    """
    tz = zone_of(zone)
    origin = start_of(horizon)
    by_day: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
    for shift in pattern.shifts:
        figures = (_minutes(shift.start), _minutes(shift.end), _minutes(shift.lunch_start), _minutes(shift.lunch_end))
        by_day.setdefault((shift.week, shift.weekday), []).append(figures)

    def at(day: datetime, minutes: int) -> int:
        return int(((day + timedelta(minutes=minutes)).replace(tzinfo=tz) - origin).total_seconds())

    work: list[Span] = []
    lunches: list[Span] = []
    for i in range(-1, horizon.weeks * 7 + 1):
        date_ = horizon.start + timedelta(days=i)
        if date_ in holidays:
            continue
        day = datetime.combine(date_, time())
        for start, end, lunch_start, lunch_end in by_day.get((cycle_week(pattern, date_), date_.weekday()), ()):
            work.append((at(day, start), at(day, end)))
            if lunch_start != lunch_end:
                lunches.append((at(day, lunch_start), at(day, lunch_end)))
    seconds = without(joined_up(work), joined_up(lunches))
    return _inward(seconds, slots_in(horizon))


def _minutes(at: time | None) -> int:
    """Minutes after midnight; None is 24:00."""
    return 24 * 60 if at is None else at.hour * 60 + at.minute


def joined_up(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Give spans sorted, without empty ones, and joined where they touch or overlap."""
    out: list[Span] = []
    for first, end in sorted(spans):
        if end <= first:
            continue
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((first, end))
    return tuple(out)


def without(spans: tuple[Span, ...], away: Iterable[Span]) -> tuple[Span, ...]:
    """Give sorted, separate spans less the spans away; the parts that stay are shared, not copied."""
    for first, end in away:
        low = bisect_right(spans, first, key=lambda s: s[1])
        high = bisect_left(spans, end, key=lambda s: s[0])
        if low >= high:
            continue
        left, right = spans[low][0], spans[high - 1][1]
        kept = chain(((left, first),) if left < first else (), ((end, right),) if end < right else ())
        spans = spans[:low] + tuple(kept) + spans[high:]
    return spans


def _inward(seconds: tuple[Span, ...], slots: int) -> tuple[Span, ...]:
    """Whole slots inside the spans of seconds, clipped to the horizon."""
    whole = ((max(0, -(-a // SLOT_SECONDS)), min(slots, b // SLOT_SECONDS)) for a, b in seconds)
    return tuple((a, b) for a, b in whole if a < b)


def slots_at_work(
    pattern: ShiftPattern | None,
    zone: str,
    horizon: Horizon,
    *,
    holidays: frozenset[date] = frozenset(),
    absences: Iterable[Absence] = (),
    joined: date | None = None,
    left: date | None = None,
) -> tuple[Span, ...]:
    """Give the spans at work of one person, sorted and apart, in slots of the horizon.

    `zone` and `holidays` are those of the person's site; `left` is the first day no longer here. Without a pattern
    nobody is at work. Absences are rounded outward, so a slot touched by one is not at work.
    """
    if pattern is None:
        return ()
    spans = pattern_spans(pattern, zone, holidays, horizon)
    gone = [away(a.start, a.end, zone, horizon) for a in absences]
    if joined is not None and joined >= horizon.start:
        gone.append(away(None, datetime.combine(joined, time()), zone, horizon))
    if left is not None and left <= horizon.end + DAY:
        gone.append(away(datetime.combine(left, time()), None, zone, horizon))
    return without(spans, gone) if gone else spans


def away(start: datetime | None, end: datetime | None, zone: str, horizon: Horizon) -> Span:
    """Give a stretch of local time in slots, rounded outward; None: before and after everything."""
    first = -1 if start is None else slot_of(instant_forward(start, zone), horizon)
    last = slots_in(horizon) + 1 if end is None else slot_from(instant_forward(end, zone), horizon)
    return first, last


def sites_of(organisation: Organisation) -> Mapping[str, str]:
    """Give the site id of each person: the team's, else the queue's, else the first one served as facilitator.

    People with none of the three are left out; they have no clock to work by.
    """
    team = {t.id: t.site_id for t in organisation.teams}
    queue = {q.id: q.site_id for q in organisation.queues}
    served = {f.person_id: f.site_ids[0] for f in organisation.facilitators if f.site_ids}
    found: dict[str, str] = {}
    for person in organisation.people:
        site = team.get(person.team_id or "") or queue.get(person.queue_id or "") or served.get(person.id)
        if site is not None:
            found[person.id] = site
    return found


def hours_of(
    organisation: Organisation, horizon: Horizon, people: Iterable[Person] | None = None
) -> Mapping[str, tuple[Span, ...]]:
    """Give the spans at work of everybody (or of `people`) by person id, each in the clock of the person's site."""
    site_of = sites_of(organisation)
    zones = {s.id: s.zone for s in organisation.sites}
    holidays = {s.id: frozenset(organisation.holidays.get(s.id, ())) for s in organisation.sites}
    patterns = {p.id: p for p in organisation.patterns}
    absences: dict[str, list[Absence]] = {}
    for absence in (*organisation.absences, *organisation.busy):
        absences.setdefault(absence.person_id, []).append(absence)
    found: dict[str, tuple[Span, ...]] = {}
    for person in organisation.people if people is None else people:
        site = site_of.get(person.id)
        if site is None:
            found[person.id] = ()
            continue
        found[person.id] = slots_at_work(
            patterns.get(person.pattern_id or ""),
            zones[site],
            horizon,
            holidays=holidays[site],
            absences=absences.get(person.id, ()),
            joined=person.joined,
            left=person.left,
        )
    return found
