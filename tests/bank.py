"""The files of a bank's telephone centre, sized to real call volumes: rosters cover the requirement with some slack.

The volumes are a public file beside the project (never part of it); everything else is made here from a seed.
"""

import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from devsys.actions.demo_names import FIRST, LAST
from devsys.core.model.capacity import profile_for, typical_week
from devsys.core.model.people import Queue

VOLUMES = Path(__file__).parent.parent.parent / "shared" / "data" / "bank_calls_half_hour.csv"
QUEUE = Queue("", "calls", "Retail banking", "", handle_seconds=240, service_percent=80.0, answer_seconds=20)

SHIFTS = {  # pattern: start, end, lunch, in half hours of the local day
    "seven": (14, 30, 22),
    "eight": (16, 32, 24),
    "nine": (18, 34, 26),
    "ten": (20, 36, 28),
    "noon": (24, 40, 32),
    "one": (26, 42, 34),
    "two": (28, 44, 36),
}
TEAM_SIZE = 12
AWAY = 0.115  # share of rostered time that holidays, leave and sickness take
SLACK = 1.06


@dataclass(frozen=True, slots=True)
class Bank:
    """The files to import, by kind, in order, and how many agents they hold."""

    files: Mapping[str, str]
    agents: int


def required() -> np.ndarray:
    """Give the requirement of the typical week: 7 x 48 agents on the roster."""
    with VOLUMES.open(encoding="utf-8") as file:
        calls = {datetime.fromisoformat(row["start"]): float(row["calls"]) for row in csv.DictReader(file)}
    return np.array(profile_for(typical_week(calls), QUEUE))


def teams_by_shift(needed: np.ndarray) -> dict[str, int]:
    """Give how many teams each shift needs so that no half hour lacks people: greedy on the worst half hour."""
    target = needed.max(axis=0) * SLACK / (1 - AWAY)
    at_work = {name: _line(*hours) for name, hours in SHIFTS.items()}
    found = dict.fromkeys(SHIFTS, 0)
    have = np.zeros(48)
    while ((target - have) > 0).any():
        gap = np.maximum(target - have, 0)
        best = max(SHIFTS, key=lambda name: (float((gap * at_work[name]).sum()), name))
        found[best] += 1
        have += at_work[best] * TEAM_SIZE
    return found


def _line(start: int, end: int, lunch: int) -> np.ndarray:
    line = np.zeros(48)
    line[start:end] = 1
    line[lunch] = 0
    return line


def bank(start: date, weeks: int = 52, seed: int = 3) -> Bank:
    """Give the files of the bank for a plan of `weeks` weeks from `start`, a Monday."""
    draw = random.Random(seed)  # noqa: S311 -- made-up people, no secrets
    teams = [name for name, count in teams_by_shift(required()).items() for _ in range(count)]
    people: list[Sequence[object]] = []
    absences: list[Sequence[object]] = []
    held: list[Sequence[object]] = []
    leading: list[Sequence[object]] = []
    names = _names(draw)
    for number, shift in enumerate(teams, 1):
        for seat in range(TEAM_SIZE):
            code = f"{number:02d}{seat + 1:02d}"
            joined = start - timedelta(days=draw.randint(90, 4000))
            if draw.random() < 0.1:
                joined = start + timedelta(weeks=draw.randrange(4, weeks - 8))
            else:
                held.append((code, "professional_boundaries", start - timedelta(days=draw.randint(30, 80))))
            people.append(
                (code, next(names), f"a{code}@bank.example", f"team-{number:02d}", "calls", shift, joined, "")
            )
            absences += _absences(draw, code, start, weeks)
        lead = f"lead-{number:02d}"
        people.append((lead, next(names), f"{lead}@bank.example", f"team-{number:02d}", "", shift, "", ""))
        leading.append((lead, "hq", "round", 8))
    for kind, share, hours in (("skill|boundaries", 45, 20), ("coaching", 45, 10)):
        for i in range(max(3, len(teams) * TEAM_SIZE // share)):
            code = f"{kind.split('|')[0]}-{i + 1:02d}"
            people.append((code, next(names), f"{code}@bank.example", "", "", list(SHIFTS)[i % len(SHIFTS)], "", ""))
            leading.append((code, "hq", kind, hours))
    for i in range(max(3, len(teams) * TEAM_SIZE // 100)):
        code = f"themes-{i + 1:02d}"
        people.append((code, next(names), f"{code}@bank.example", "", "", list(SHIFTS)[i % len(SHIFTS)], "", ""))
        leading.append((code, "hq", "digital|cross_cultural|emotional_support", 18))
    rooms = [
        (f"r{i}", name, "hq", 12) for i, name in enumerate(("Hudson", "Erie", "Mohawk", "Oswego", "Genesee", "Tioga"))
    ]
    return Bank(
        {
            "sites": _text("code,name,zone,country,region", [("hq", "New York", "America/New_York", "US", "NY")]),
            "queues": _text(
                "code,name,site,handle_seconds,service_percent,answer_seconds,occupancy_percent,shrinkage_percent,minimum",
                [("calls", "Retail banking", "hq", 240, 80, 20, 90, 30, 0)],
            ),
            "teams": _text(
                "code,name,site", [(f"team-{i:02d}", f"Retail {i}", "hq") for i in range(1, len(teams) + 1)]
            ),
            "shifts": _text("pattern,week,weekday,start,end,lunch_start,lunch_end", _shifts()),
            "people": _text("code,name,email,team,queue,pattern,joined,left", people),
            "absences": _text("person,from,to", absences),
            "facilitators": _text("person,sites,qualifications,weekly_hours", leading),
            "rooms": _text("code,name,site,seats", rooms),
            "held": _text("person,activity,date", held),
            "volumes": "queue,start,calls\n"
            + "".join(f"calls,{line}\n" for line in VOLUMES.read_text(encoding="utf-8").splitlines()[1:]),
        },
        len(teams) * TEAM_SIZE,
    )


def _names(draw: random.Random) -> Iterable[str]:
    pairs = [f"{first} {last}" for first in FIRST for last in LAST]
    draw.shuffle(pairs)
    return iter(pairs)


def _absences(draw: random.Random, code: str, start: date, weeks: int) -> list[tuple[str, date, date]]:
    """About four weeks of leave a year and a few days of sickness, apart from one another."""
    days: set[int] = set()
    for _ in range(max(1, round(4 * weeks / 52))):
        first = draw.randrange(weeks) * 7
        days.update(range(first, first + draw.choice((5, 7, 7, 12))))
    for _ in range(round(weeks * 0.05)):
        first = draw.randrange(weeks * 7)
        days.update(range(first, first + draw.choice((1, 1, 2, 3))))
    spans: list[tuple[int, int]] = []
    for day in sorted(days):
        if spans and spans[-1][1] == day - 1:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return [(code, start + timedelta(days=a), start + timedelta(days=b)) for a, b in spans]


def _shifts() -> list[tuple[object, ...]]:
    def clock(half: int) -> str:
        return f"{half // 2:02d}:{half % 2 * 30:02d}"

    return [
        (name, 1, day, clock(a), clock(b), clock(lunch), clock(lunch + 1))
        for name, (a, b, lunch) in SHIFTS.items()
        for day in ("mon", "tue", "wed", "thu", "fri")
    ]


def _text(header: str, rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue()
