"""The demo organisation: about 300 people at two sites, or many more, from a seed and a start day, as plain values.

Everything, ids too, is drawn with one seeded generator, so the same seed and day give the same organisation: a demo
has nothing to hide, and what it shows can be shown again.
"""

import random
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count, groupby
from operator import attrgetter

from devsys.actions.demo_names import FIRST, LAST
from devsys.actions.demo_sites import USUAL, SitePlan
from devsys.core.model.absences import apart
from devsys.core.model.hours import monday_of
from devsys.core.model.people import (
    Absence,
    Facilitator,
    Held,
    Organisation,
    Person,
    Queue,
    Requirement,
    Room,
    Shift,
    ShiftPattern,
    Site,
    Team,
)
from devsys.core.model.programme import Activity, Kind, Rhythm

ORGANISATION_NAME = "Alder & Finch"
MAIL_DOMAIN = "alder-finch.example"


_HOURS = {"early": (8, 16, 12), "mid": (10, 18, 14), "late": (12, 20, 16)}
OFTEN = 8  # names drawn in vain
CYCLE = 2  # weeks until every pattern is back where it began
_BUSY_HOURS = ((11.0, 1.6, 0.15), (16.5, 1.5, 0.11))


@dataclass(slots=True)
class _Making:
    """What is gathered while the organisation is made."""

    random: random.Random
    start: date
    today: date
    end: date
    sites: tuple[SitePlan, ...] = USUAL
    names: set[str] = field(default_factory=lambda: {"Helena Brandt", "Rui Carvalho", "Nadia Haddad"})
    people: list[Person] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    facilitators: list[Facilitator] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def id(self) -> str:
        return f"{self.random.getrandbits(80):020x}"

    def name(self) -> str:
        for tried in count():
            name = f"{self.random.choice(FIRST)} {self.random.choice(LAST)}"
            if tried > OFTEN:  # a large organisation has more people than two names can tell apart
                name = f"{name} {self.random.choice(LAST)}"
            if name not in self.names:
                break
        self.names.add(name)
        return name


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """The values to write, and who plays which part: role -> person id."""

    organisation: Organisation
    parts: Mapping[str, str]
    coaching: tuple[tuple[str, str, datetime, tuple[tuple[int, str, str], ...]], ...]


def demo_organisation(
    activities: Mapping[str, Activity],
    *,
    today: date,
    history_weeks: int = 52,
    ahead_weeks: int = 54,
    seed: int = 7,
    at: tuple[SitePlan, ...] = USUAL,
) -> DemoOrganisation:
    """Give the demo organisation as it would be on `today`, with absences over the whole of its years."""
    start = monday_of(today) - timedelta(weeks=history_weeks)
    end = monday_of(today) + timedelta(weeks=ahead_weeks)
    making = _Making(random.Random(seed), start, today, end, at)  # noqa: S311 -- made up, and the same each time
    patterns = _patterns(making)
    sites, queues, teams, rooms = _places(making)
    for plan in making.sites:
        _people_of(making, plan, queues=queues, teams=teams, patterns=patterns, activities=activities)
    _staff(making, sites, teams, patterns, activities)
    requirements = [_requirement(making, queue, patterns) for queue in queues.values()]
    parts = _parts(making, activities)
    _former(making, teams, seed)
    organisation = Organisation(
        sites=tuple(sites.values()),
        queues=tuple(queues.values()),
        teams=tuple(teams.values()),
        rooms=rooms,
        patterns=tuple(patterns.values()),
        people=tuple(making.people),
        absences=tuple(_apart(making.absences)),
        facilitators=tuple(making.facilitators),
        held=tuple(making.held),
        requirements=tuple(requirements),
    )
    return DemoOrganisation(organisation, parts, _coaching(making, activities))


def _places(making: _Making) -> tuple[dict[str, Site], dict[str, Queue], dict[str, Team], tuple[Room, ...]]:
    sites, queues, teams, rooms = {}, {}, {}, []
    for plan in making.sites:
        site = Site(making.id(), plan.code, plan.name, plan.zone, plan.country, plan.region)
        sites[plan.code] = site
        for code, name, seconds in plan.queues:
            queues[code] = Queue(making.id(), code, f"{name} {plan.name}", site.id, handle_seconds=seconds)
        for code, name, _queue, _kind in plan.teams:
            teams[code] = Team(making.id(), code, name, site.id)
        rooms += [
            Room(making.id(), f"{plan.code[:3]}-{name.lower()}", name, site.id, seats) for name, seats in plan.rooms
        ]
    return sites, queues, teams, tuple(rooms)


def _patterns(making: _Making) -> dict[str, ShiftPattern]:
    found = {}
    for kind in ("early", "mid", "late", "early-late", "late-early", "mid-late", "late-mid"):
        for first, days in ((0, "mon-fri"), (1, "tue-sat")):
            weeks = kind.split("-")
            shifts = tuple(
                Shift(week + 1, day, time(begin), time(end), time(lunch), time(lunch, 30))
                for week, hours in enumerate(weeks)
                for begin, end, lunch in (_HOURS[hours],)
                for day in range(first, first + 5)
            )
            code = f"{kind} {days}"
            found[code] = ShiftPattern(making.id(), code, len(weeks), making.start, shifts)
    return found


def _email(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().replace("ı", "i").replace("ł", "l"))  # noqa: RUF001
    plain = "".join(c for c in letters if c.isascii() and (c.isalnum() or c in " -"))
    return f"{plain.replace(' ', '.')}@{MAIL_DOMAIN}"


def _people_of(
    making: _Making,
    plan: SitePlan,
    *,
    queues: Mapping[str, Queue],
    teams: Mapping[str, Team],
    patterns: Mapping[str, ShiftPattern],
    activities: Mapping[str, Activity],
) -> None:
    gates = [a.code for a in activities.values() if a.cadence.rhythm is Rhythm.ONCE]
    draw = making.random
    for code, _name, queue, kind in plan.teams:
        days = "tue-sat" if draw.random() < 0.25 else "mon-fri"  # noqa: PLR2004 -- one team in four works on Saturdays
        for seat in range(draw.randint(11, 14)):
            turned = "-".join(reversed(kind.split("-"))) if seat % 2 else kind  # half a team early while half is late
            usual = turned if draw.random() < 0.85 else draw.choice(("early", "mid", "late"))  # noqa: PLR2004
            joined = _joined(making, onboarding="onboarding" in _name.lower())
            person = Person(
                id=making.id(),
                code=f"{plan.mark}{1001 + len(making.people)}",
                name=(name := making.name()),
                email=_email(name),
                team_id=teams[code].id,
                queue_id=queues[queue].id,
                pattern_id=patterns[f"{usual} {days}"].id,
                joined=joined,
                left=_left(making, joined),
            )
            making.people.append(person)
            making.absences += _absences(making, person)
            if joined < making.start:
                making.held += [Held(person.id, gate, joined + timedelta(weeks=3)) for gate in gates]


def _joined(making: _Making, *, onboarding: bool) -> date:
    draw = making.random
    if onboarding:
        return making.start + timedelta(weeks=draw.choice((-6, 10, 26, 40, 47, 50)))
    if draw.random() < 0.9:  # noqa: PLR2004 -- nine in ten were there before the history begins
        return making.start - timedelta(days=draw.randint(60, 2400))
    return monday_of(making.start + timedelta(days=draw.randint(0, 330)))


def _left(making: _Making, joined: date) -> date | None:
    if joined < making.start and making.random.random() < 0.02:  # noqa: PLR2004 -- a few leave in the year
        return making.today - timedelta(days=making.random.randint(20, 200))
    return None


def _former(making: _Making, teams: Mapping[str, Team], seed: int) -> None:
    """Add who left in the year before the history begins: nothing is planned for them any more."""
    draw = random.Random(seed + 1)  # noqa: S311 -- of its own, so that everybody else stays who they are
    for code, team in teams.items():
        for _ in range(draw.randint(1, 2)):
            left = making.start - timedelta(days=draw.randint(1, 364))
            joined = left - timedelta(days=round(draw.expovariate(1 / 700)) + 40)
            making.people.append(
                Person(
                    id=making.id(),
                    code=f"{code[:1].upper()}{1001 + len(making.people)}",
                    name=(name := making.name()),
                    email=_email(name),
                    team_id=team.id,
                    queue_id=None,
                    pattern_id=None,
                    joined=joined,
                    left=left,
                    own_will=draw.random() < 0.75,  # noqa: PLR2004 -- three in four
                )
            )


def _absences(making: _Making, person: Person) -> list[Absence]:
    draw = making.random
    days = (making.end - making.start).days
    found = []
    for year in range(0, days, 364):
        for _ in range(4):  # about four weeks of holiday a year
            first = monday_of(making.start + timedelta(days=year + draw.randrange(364)))
            found.append((first, draw.choice((5, 7, 7, 12))))
    for _ in range(round(days / 7 * 0.05)):
        first = making.start + timedelta(days=draw.randrange(days))
        if first <= making.today:  # nobody knows who will be ill
            found.append((first, draw.choice((1, 1, 2, 3))))
    midnight = time()
    return [
        Absence(person.id, datetime.combine(day, midnight), datetime.combine(day + timedelta(days=length), midnight))
        for day, length in found
        if day < making.end
    ]


def _apart(absences: Iterable[Absence]) -> Iterable[Absence]:
    """Join absences of one person that touch or overlap: the store keeps them apart."""
    ordered = sorted(absences, key=attrgetter("person_id"))
    for _, own in groupby(ordered, key=attrgetter("person_id")):
        yield from apart(own)


def _staff(
    making: _Making,
    sites: Mapping[str, Site],
    teams: Mapping[str, Team],
    patterns: Mapping[str, ShiftPattern],
    activities: Mapping[str, Activity],
) -> None:
    """Add those who lead sessions: a lead for each team, trainers, coaches and specialists."""

    def quals(*kinds: Kind) -> list[str]:
        return sorted({a.qualification for a in activities.values() if a.kind in kinds})

    everywhere = tuple(s.id for s in sites.values())
    for plan in making.sites:
        site = sites[plan.code]
        size = sum(1 for p in making.people if p.code.startswith(plan.mark))
        here = (site.id,)
        for code, _name, _queue, kind in plan.teams:
            _add_facilitator(making, teams[code].id, patterns[f"{kind} mon-fri"], here, quals(Kind.ROUND), hours=8)
        first_team = teams[plan.teams[0][0]].id
        kinds = ("early", "mid", "late", "mid")
        for i in range(max(3, round(size / 50))):
            wanted = quals(Kind.SKILL, Kind.BOUNDARIES)
            _add_facilitator(making, first_team, patterns[f"{kinds[i % 4]} mon-fri"], here, wanted, hours=18)
        for i in range(max(3, round(size / 45))):
            wanted = quals(Kind.COACHING)
            _add_facilitator(making, first_team, patterns[f"{kinds[i % 3]} mon-fri"], here, wanted, hours=8)
        for i, kind_of in enumerate((Kind.DIGITAL, Kind.CROSS_CULTURAL, Kind.EMOTIONAL_SUPPORT)):
            reach = everywhere if kind_of is Kind.CROSS_CULTURAL else here
            wanted = quals(kind_of, (Kind.DIGITAL, Kind.CROSS_CULTURAL, Kind.EMOTIONAL_SUPPORT)[(i + 1) % 3])
            _add_facilitator(making, first_team, patterns[f"{kinds[i]} mon-fri"], reach, wanted, hours=16)


def _add_facilitator(
    making: _Making, team_id: str, pattern: ShiftPattern, site_ids: tuple[str, ...], quals: list[str], *, hours: float
) -> None:
    name = making.name()
    joined = making.start - timedelta(days=making.random.randint(200, 3000))
    person = Person(
        making.id(), f"F{501 + len(making.facilitators)}", name, _email(name), team_id, None, pattern.id, joined, None
    )
    making.people.append(person)
    making.absences += _absences(making, person)
    making.facilitators.append(Facilitator(person.id, site_ids, frozenset(quals), hours))


def _requirement(making: _Making, queue: Queue, patterns: Mapping[str, ShiftPattern]) -> Requirement:
    """Give what the queue needs: its first agents in the leaner week less usual absence, shaped by the busy hours."""
    by_id = {p.id: p for p in patterns.values()}
    here = [
        p for p in making.people if p.queue_id == queue.id and p.left is None and p.joined and p.joined <= making.start
    ]
    rostered = [[[0] * 48 for _ in range(7)] for _ in range(CYCLE)]
    for person in here:
        pattern = by_id[person.pattern_id or ""]
        for week, shift in ((w, s) for w in range(CYCLE) for s in pattern.shifts if s.week == w % pattern.weeks + 1):
            if shift.end and shift.lunch_start:
                for half in range(shift.start.hour * 2, shift.end.hour * 2):
                    rostered[week][shift.weekday][half] += half != shift.lunch_start.hour * 2
    profile = (
        tuple(_needed(min(week[day][half] for week in rostered), half / 2) for half in range(48)) for day in range(7)
    )
    return Requirement(queue.id, tuple(profile))


def _needed(rostered: int, hour: float) -> int:
    peak = sum(height * 2.718 ** -(((hour - at) / width) ** 2) for at, width, height in _BUSY_HOURS)
    return int(rostered * 0.86 * (0.86 + peak))


def _parts(making: _Making, activities: Mapping[str, Activity]) -> dict[str, str]:
    """Give who plays which part: role -> person id. The office people are added here; they have no shifts."""
    leads = {f.person_id: f for f in making.facilitators}

    def leading(kind: Kind) -> str:
        quals = {a.qualification for a in activities.values() if a.kind is kind}
        return next(p.id for p in making.people if p.id in leads and quals & leads[p.id].qualifications)

    found: dict[str, str] = {}
    for role, name in (
        ("coordinator", "Helena Brandt"),
        ("administrator", "Rui Carvalho"),
        ("assessor", "Nadia Haddad"),
    ):
        person = Person(making.id(), f"O{101 + len(found)}", name, _email(name), None, None, None, making.start)
        making.people.append(person)
        found[role] = person.id
    lead = leading(Kind.ROUND)
    team = next(p.team_id for p in making.people if p.id == lead)
    agents = [p for p in making.people if p.queue_id and p.left is None and p.team_id == team]
    found |= {
        "lead": lead,
        "facilitator": leading(Kind.SKILL),
        "coach": leading(Kind.COACHING),
        "employee": agents[0].id,
    }
    found["leaver"] = next(p.id for p in making.people if p.left is not None)
    return found


def _coaching(
    making: _Making, activities: Mapping[str, Activity]
) -> tuple[tuple[str, str, datetime, tuple[tuple[int, str, str], ...]], ...]:
    """Give coaching series asked for: (person id, activity, when asked in UTC, preferred times)."""
    wanted = sorted(a.code for a in activities.values() if a.cadence.rhythm is Rhythm.REQUEST)
    if not wanted:
        return ()
    draw = making.random
    days = (making.today - making.start).days + 120
    found = []
    for person in making.people:
        if person.queue_id is None or person.left is not None or draw.random() > 0.3:  # noqa: PLR2004
            continue
        asked = making.start + timedelta(days=draw.randrange(days))
        if person.joined and asked < person.joined + timedelta(weeks=5):
            continue
        times = (("09:00", "12:00"), ("13:00", "16:00"), ("15:00", "19:00"))
        begin, end = draw.choice(times)
        weekdays = sorted(draw.sample(range(5), 3))
        moment = datetime.fromisoformat(f"{asked.isoformat()}T10:00:00+00:00")
        found.append((person.id, draw.choice(wanted), moment, tuple((day, begin, end) for day in weekdays)))
    return tuple(found)
