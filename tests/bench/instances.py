"""Random but realistic instances of the planning problem, of any size, as exchange documents.

`make(Shape(...))` gives the same document for the same shape. A site has teams that share a shift, two queues when it
is large, leads, trainers, coaches, and specialists shared with the other sites of its region. What a queue requires
follows the people rostered on it through a day with two peaks, so that much can be spared early and late and next to
nothing at eleven; `requirement` multiplies it. Needs follow the cadences of the shipped programmes.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from math import cos, pi, sin
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

DAY, WEEK = 48, 336
FIRST_DAY = date(2026, 1, 5)

SKILLS = ("listen", "question", "explain", "own", "follow_up", "calm")
THEMES = ("digital", "cultures", "emotions")
COACHING = ("coach_calls", "coach_writing", "coach_conflict")

Pattern = list[list[list[int | None] | None]]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Zone:
    """Local time less UTC in slots, the minutes that are left over; or a zone of the tz database by name."""

    offset: int = 0
    minutes: int = 0
    name: str = ""


WHOLE = tuple(Zone(2 * hours) for hours in (0, 1, -5, 8, 2, -3, 9, -8, 3))
# Newfoundland, India, Adelaide, Yangon; UTC+5:45 as eleven slots and a quarter of an hour.
HALVES = (Zone(-7), Zone(11), Zone(19), Zone(13))
KATHMANDU = (Zone(11, 15),)
CLOCKS = tuple(Zone(name=name) for name in ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe"))


@dataclass(frozen=True, slots=True)
class Shape:
    """What an instance looks like; all draws follow `seed`.

    `requirement` multiplies what queues require; `part_time` is the share of people on short shifts; `teams` the least
    and most people of a team; `leaders` multiplies the number of leads and the weekly hours of all other facilitators.
    """

    agents: int
    weeks: int
    sites: int = 1
    seed: int = 1
    requirement: float = 1.0
    zones: tuple[Zone, ...] = WHOLE
    part_time: float = 0.06
    teams: tuple[int, int] = (9, 14)
    leaders: float = 1.0


@dataclass
class _Place:
    """A site while it is made: its calendar, its queues and who is there."""

    shape: Shape
    index: int
    size: int
    rng: Random
    holidays: frozenset[int] = frozenset()
    agents: list[Document] = field(default_factory=list)

    @cached_property
    def id(self) -> str:
        return f"s{self.index}"

    @cached_property
    def zone(self) -> Zone:
        return self.shape.zones[self.index % len(self.shape.zones)]

    @cached_property
    def days(self) -> int:
        return self.shape.weeks * 7

    @cached_property
    def queues(self) -> int:
        return 1 if self.size < 120 else 2

    @cached_property
    def midnights(self) -> list[int]:
        """The UTC slot of each local midnight of the horizon, and of the one after it."""
        if not self.zone.name:
            return [day * DAY - self.zone.offset for day in range(self.days + 1)]
        zone = ZoneInfo(self.zone.name)
        origin = datetime.combine(FIRST_DAY, datetime.min.time(), ZoneInfo("UTC"))
        found = []
        for day in range(self.days + 1):
            local = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), zone)
            found.append(int((local - origin).total_seconds()) // 1800)
        return found

    def at(self, day: int, local: int) -> int:
        """Give the UTC slot of a local slot after the hour at which clocks change."""
        if day + 1 < len(self.midnights):
            return self.midnights[day + 1] - DAY + local
        return self.midnights[-1] + (day - self.days) * DAY + local

    def midnight(self, day: int) -> int:
        """Give the UTC slot of a local midnight, cut to the horizon."""
        slot = self.midnights[day] if day <= self.days else self.midnights[-1] + (day - self.days) * DAY
        return min(max(slot, 0), self.shape.weeks * WEEK)


def make(shape: Shape) -> Document:
    """Give the instance of a shape."""
    document: Document = {
        "weeks": shape.weeks,
        "first_day": FIRST_DAY.isoformat(),
        "sites": [],
        "pools": [],
        "teams": [],
        "agents": [],
        "facilitators": [],
        "acts": _activities(),
        "rules": {
            "min_gap_days": {"skill": 14, "review": 7, "adv": 7},
            "coach_gap_days": [5, 21],
            "day_slots": 4,
            "week_slots": 9,
        },
        "series": [],
        "demands": [],
        "pinned": [],
    }
    for index in range(shape.sites):
        size = shape.agents // shape.sites + (index < shape.agents % shape.sites)
        seed = shape.seed * 7919 + index
        _site(document, _Place(shape, index, size, Random(seed)))  # noqa: S311 -- a draw that can be repeated
    return document


def _activities() -> Document:
    def act(kind: str, length: int, least: int, most: int, **more: Any) -> Document:
        row = {"kind": kind, "len": length, "gmin": least, "gmax": most, "room": 0, "same_team": 0, "prereq": []}
        return row | more

    gate = ["boundaries"]
    return {
        "boundaries": act("boundaries", 4, 1, 12, room=1),
        **{name: act("skill", 2, 4, 12, room=1, prereq=gate) for name in SKILLS},
        "round": act("review", 2, 3, 10, same_team=1),
        **{name: act("adv", 3, 4, 12, prereq=gate) for name in THEMES},
        **{name: act("coach", 1, 1, 1, prereq=gate) for name in COACHING},
    }


def _site(document: Document, place: _Place) -> None:
    rng, weeks = place.rng, place.shape.weeks
    working = [day for day in range(place.days) if day % 7 < 5]
    place.holidays = frozenset(rng.sample(working, max(1, round(weeks / 6))))
    row: Document = {"id": place.id, "holidays": sorted(place.holidays)}
    if place.zone.name:
        row["midnights"] = place.midnights
    else:
        row["offset"] = place.zone.offset
    if place.zone.minutes:
        row["minutes"] = place.zone.minutes
    row["rooms"] = [{"id": f"{place.id}r{i}", "cap": 12} for i in range(max(1, round(place.size / 150)))]
    document["sites"].append(row)
    leads = _people(document, place)
    _facilitators(document, place, leads)
    for queue in range(place.queues):
        document["pools"].append(
            {"id": f"{place.id}q{queue}", "site": place.id, "required": _required(place, f"{place.id}q{queue}")}
        )
    for person in place.agents:
        _needs(document, place, person)
        document["agents"].append(_agent_row(place, person))


# ---- people

_SHIFTS: dict[str, list[int | None]] = {"early": [15, 31, 23], "day": [19, 35, 27], "late": [24, 40, 32]}
_HALF: tuple[list[int | None], ...] = ([16, 25, None], [19, 28, None], [26, 35, None])


def _weekdays(first: int, count: int, shift: list[int | None]) -> list[list[int | None] | None]:
    return [shift if first <= day < first + count else None for day in range(7)]


def _pattern(rng: Random, rhythm: tuple[str, str], first: int, part_time: float) -> Pattern:
    if rng.random() < part_time:
        short = rng.choice(_HALF)
        if rng.random() < 0.5:
            return [_weekdays(first, 5, short)] * 2
        return [_weekdays(first, 3, _SHIFTS[kind]) for kind in rhythm]
    return [_weekdays(first, 5, _SHIFTS[kind]) for kind in rhythm]


def _absences(rng: Random, weeks: int, sick_a_week: float) -> list[list[int]]:
    """Give leave in whole weeks, four a year, and single sick days, as spans of local slots."""
    found = []
    for _ in range(round(weeks / 13) if weeks >= 10 else 0):
        day = 7 * rng.randrange(weeks)
        found.append([day * DAY, (day + rng.choice((5, 7, 7, 11))) * DAY])
    for week in range(weeks):
        if rng.random() < sick_a_week:
            day = 7 * week + rng.randrange(7)
            found.append([day * DAY, (day + rng.choice((1, 1, 2, 4))) * DAY])
    return found


def _people(document: Document, place: _Place) -> list[Pattern]:
    """Make teams and their people; give the shifts of each team's lead."""
    rng, shape = place.rng, place.shape
    rhythms = [(a, b) for a in _SHIFTS for b in _SHIFTS if a == b or "late" in {a, b}]
    leads = []
    while len(place.agents) < place.size:
        number = len(leads)
        left = place.size - len(place.agents)
        count = min(rng.randint(*shape.teams), left)
        if left - count < shape.teams[0] // 2:
            count = left
        team, rhythm, first = f"{place.id}t{number}", rng.choice(rhythms), int(rng.random() < 0.25)
        document["teams"].append({"id": team, "site": place.id})
        leads.append(_pattern(rng, rhythm, first, 0))
        for _ in range(count):
            own = rhythm if rng.random() < 0.8 else (rng.choice(tuple(_SHIFTS)),) * 2
            place.agents.append(
                {
                    "id": f"{place.id}a{len(place.agents)}",
                    "team": team,
                    "number": number,
                    "pool": f"{place.id}q{number % place.queues}",
                    "shift": _pattern(rng, own, first, shape.part_time),
                    "absent": _absences(rng, shape.weeks, 0.05),
                    "start": 7 * rng.randrange(max(1, shape.weeks - 3)) if rng.random() < 0.25 else 0,
                }
            )
    return leads


def _agent_row(place: _Place, person: Document) -> Document:
    row = {"id": person["id"], "team": person["team"], "site": place.id, "pool": person["pool"]}
    if place.zone.name:
        return row | {"work": _spans(place, person["shift"], person["absent"], person["start"], place.holidays)}
    return row | {"start_day": person["start"], "shift": person["shift"], "absent": person["absent"]}


def _spans(
    place: _Place, shift: Pattern, absent: list[list[int]], start: int, holidays: frozenset[int]
) -> list[list[int]]:
    """Give the UTC spans at work at a site whose clocks change."""
    away = {day for a, b in absent for day in range(a // DAY, -(-b // DAY))}
    end = place.shape.weeks * WEEK
    found = []
    for day in range(start, place.days):
        hours = shift[day // 7 % 2][day % 7]
        if hours is None or day in away or day in holidays:
            continue
        first, last, lunch = hours
        parts = [(first, last)] if lunch is None else [(first, lunch), (lunch + 1, last)]
        for a, b in parts:
            span = [max(0, place.at(day, a or 0)), min(end, place.at(day, b or 0))]
            if span[0] < span[1]:
                found.append(span)
    return sorted(found)


def _facilitators(document: Document, place: _Place, leads: list[Pattern]) -> None:
    rng, shape, size = place.rng, place.shape, place.size
    region = [f"s{i}" for i in range(place.index // 4 * 4, min(shape.sites, place.index // 4 * 4 + 4))]

    def add(quals: list[str], hours: int, pattern: Pattern, sites: list[str], *, scaled: bool = True) -> None:
        absent = _absences(rng, shape.weeks, 0.04)
        slots = max(2, round(hours * shape.leaders)) if scaled else hours
        row = {"id": f"f{len(document['facilitators'])}", "sites": sites, "weekly_slots": slots, "quals": quals}
        if place.zone.name:
            row["work"] = _spans(place, pattern, absent, 0, frozenset())
        else:
            row |= {"offset": place.zone.offset, "shift": pattern, "absent": absent}
        document["facilitators"].append(row)

    def turn(i: int) -> Pattern:
        kind = ("day", "early", "late")[i % 3]
        return _pattern(rng, (kind, kind), 0, 0)

    for pattern in leads[: max(1, round(len(leads) * shape.leaders))]:
        add(["round"], 8, pattern, [place.id], scaled=False)
    for i in range(max(2, round(size / 60))):
        own = list(SKILLS) if i < 2 else rng.sample(SKILLS, 4)
        add([*own, "boundaries"], 36, turn(i), [place.id])
    for i in range(max(2, round(size / 45))):
        add(list(COACHING) if i < 2 else rng.sample(COACHING, 2), 12, turn(i), [place.id])
    for i in range(max(2 if shape.sites == 1 else 1, round(size / 150))):
        add(list(THEMES) if i == 0 else rng.sample(THEMES, 2), 32, turn(i), region)


# ---- what queues require

_WEEKDAY = (1.03, 1.01, 1.0, 0.99, 0.97, 0.9, 0.9)


def _hump(hour: float, middle: float, half: float) -> float:
    away = abs(hour - middle) / half
    return cos(away * pi / 2) ** 2 if away < 1 else 0.0


def _load(local: int) -> float:
    """Give the share of those rostered that the queue needs at a local time: peaks at eleven and half past four."""
    hour = local / 2
    return 0.73 + 0.155 * _hump(hour, 11, 3.2) + 0.105 * _hump(hour, 16.5, 3.0)


def _required(place: _Place, pool: str) -> list[int]:
    rng, shape = place.rng, place.shape
    slots = shape.weeks * WEEK
    mine = Counter(
        (person["start"], tuple(tuple(tuple(d) if d else None for d in week) for week in person["shift"]))
        for person in place.agents
        if person["pool"] == pool
    )
    people = [0] * slots
    for (start, shift), count in mine.items():
        for day in range(start, place.days):
            hours = shift[day // 7 % 2][day % 7]
            if hours is None or day in place.holidays:
                continue
            first, last, lunch = hours
            base = place.at(day, 0)
            for slot in range(base + first, base + last):
                if slot != base + (lunch or -1) and 0 <= slot < slots:
                    people[slot] += count
    level = [1 + rng.gauss(0, 0.03) + 0.03 * sin(2 * pi * week / 52) for week in range(shape.weeks)]
    required = [0] * slots
    for day in range(place.days):
        for local in range(DAY):
            slot = place.at(day, local)
            if 0 <= slot < slots and people[slot]:
                share = _load(local) * _WEEKDAY[day % 7] * level[day // 7] * shape.requirement
                required[slot] = max(0, round(people[slot] * share + rng.gauss(0, 0.4)))
    return required


# ---- what people ought to learn


def _needs(document: Document, place: _Place, person: Document) -> None:
    weeks, rng, start = place.shape.weeks, place.rng, person["start"]
    settled = start + 14 if start else 0

    def want(act: str, first: int, due: int, last: int) -> None:
        """Leave a need between local days, if it is due within the horizon."""
        if due <= place.days:
            window = [place.midnight(first), place.midnight(due), place.midnight(last)]
            document["demands"].append([person["id"], act, *window, None, 0])

    if start:
        want("boundaries", start, start + 21, start + 42)
    for turn in range((weeks + 3) // 4):
        if 28 * turn >= settled:
            topic = SKILLS[(person["number"] // 4 + turn) % len(SKILLS)]
            want(topic, 28 * turn, 28 * turn + 28, 28 * turn + 42)
    for turn in range(weeks // 2):
        if 14 * turn >= start:
            want("round", 14 * turn, 14 * turn + 14, 14 * turn + 17)
    for quarter in range(max(1, weeks // 13)):
        first = 91 * quarter
        if first >= settled:
            for theme in THEMES:
                want(theme, first, first + 91, first + 112)
        asked = first + 7 * rng.randrange(7)
        if rng.random() < 0.08 and asked >= start + (28 if start else 0) and asked + 42 <= place.days:
            _coaching(document, place, person, asked)


def _coaching(document: Document, place: _Place, person: Document, asked: int) -> None:
    rng = place.rng
    name, act = f"c{len(document['series'])}", rng.choice(COACHING)
    hours = next(day for day in person["shift"][0] if day)
    first = rng.choice((hours[0], hours[1] - 6))
    days = sorted(rng.sample(range(5), 3))
    document["series"].append({"id": name, "agent": person["id"], "pref": [[d, first, first + 6] for d in days]})
    for step in range(4):
        day = asked + 7 * step
        window = [place.midnight(day), place.midnight(day + 14), place.midnight(day + 21)]
        document["demands"].append([person["id"], act, *window, name, step])
