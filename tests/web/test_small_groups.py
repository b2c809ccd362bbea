"""A whole organisation of twelve, everything read together by everybody: no figure of fewer than five follows (A4).

Charts, their files and the pulse are fetched by every role; the figures found are put side by side, and whatever adding
and subtracting gives of fewer than five people is a fault. The sums of the teams are numbers that stand nowhere else,
so that one on a page is a figure that was given away.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update

from devsys.actions.close_pulse import close_pulse
from devsys.adapters.store.queries import measures
from devsys.adapters.store.tables.all import metadata
from devsys.core.improvement.blocks import first_day, last_block
from devsys.core.improvement.cells import K
from devsys.core.improvement.readings import Reading
from devsys.core.model.access import Role
from devsys.core.model.pulse import Said
from tests.builders import id_of
from tests.improvement.differences import small_sets
from tests.proved import Proved

TWELVE = 12
SITES = ("lisbon", "kathmandu")
TEAMS = ("alfama", "belem", "patan", "thamel")
READERS = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.LEAD, Role.COACH, Role.FACILITATOR, Role.EMPLOYEE)
# Sites of teams of so many people.
FEW = (((5, 3), (4,)), ((6, 1), (5,)), ((5, 5), (2,)), ((4, 4, 4), ()))
Shape = tuple[tuple[int, ...], tuple[int, ...]]
Seen = dict[str, set[tuple[str, ...]]]  # by whom or what: the figures found


def _partitions(total: int, most: int, parts: int) -> Iterator[tuple[int, ...]]:
    if total == 0:
        yield ()
    for first in range(min(total, most), 0, -1) if parts else ():
        yield from ((first, *rest) for rest in _partitions(total - first, first, parts - 1))


MANY = tuple(
    (one, two)
    for first in range(1, TWELVE + 1)
    for one in _partitions(first, first, 4)
    for two in _partitions(TWELVE - first, TWELVE - first, 4 - len(one))
)


class Twelve:
    """Twelve people in teams of a shape, with a month of answers, two blocks of readings, and some who left."""

    def __init__(self, parts, shape: Shape, number: int, month: str) -> None:
        self.month = month
        self.site_of: dict[str, str] = {}
        self.people: dict[str, frozenset[str]] = {}
        names = iter(f"p{i}" for i in range(TWELVE))
        sizes = [(site, size) for site, teams in zip(SITES, shape, strict=True) for size in teams]
        for team, (site, size) in zip(TEAMS, sizes, strict=False):
            self.site_of[team] = site
            self.people[team] = frozenset(next(names) for _ in range(size))
        # Primes times a number of their own: no page holds them by chance, and no two sums are alike.
        self.sums = {team: 100_003 + 10_007 * i + 97 * number for i, team in enumerate(self.people)}
        self._write(parts)

    def _write(self, parts) -> None:
        last = last_block(parts.now().date())
        first = [first_day(last - 1), first_day(last)]
        rows = [
            Reading("csat", id_of(team), day, day + timedelta(6), self.sums[team] + i, 200_000 + i, len(people))
            for i, day in enumerate(first)
            for team, people in self.people.items()
            if not (i and team == "alfama" and len(self.people) > 2)  # away in the second block
        ]
        said = [
            Said(f"{self.month}-{team}-{name}", id_of(team), "time", "w", 1 + (i + len(team)) % 5)
            for team, people in self.people.items()
            for i, name in enumerate(sorted(people))
        ]
        with parts.store.write() as db:
            for team, site in self.site_of.items():
                table = metadata.tables["team"]
                db.execute(update(table).where(table.c.id == id_of(team)).values(site_id=id_of(site)))
            db.execute(delete(metadata.tables["reading"]))
            measures.replace(db, measures.Days((), (), first[0], first[0]), rows, [])
            db.execute(insert(metadata.tables["pulse"]), [
                {"id": s.id, "month": self.month, "team_id": s.team_id, "item": s.item, "wording": s.wording,
                 "answer": s.answer} for s in said
            ])  # fmt: skip
            self.totals = {team: [s.answer for s in said if s.team_id == id_of(team)] for team in self.people}

    def members(self, unit: str) -> frozenset[str]:
        """Give who is behind a team, a site or everybody."""
        teams = [t for t in self.people if unit in ("", t, self.site_of[t])]
        return frozenset().union(*(self.people[t] for t in teams))


@pytest.fixture
def house(parts, organisation):
    """Northgate with a fourth team, a statement everybody knows, and nobody measured yet."""
    assert organisation.people
    with parts.store.write() as db:
        db.execute(
            insert(metadata.tables["team"]).values(
                id=id_of("thamel"), code="thamel", name="Technical Thamel", site_id=id_of("kathmandu")
            )
        )
    return parts


def table_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))) if answer.status_code == 200 else []


def charts(visitor) -> tuple[Seen, str]:
    """Give the sums somebody is shown, by block: (unit, numerator, denominator); and all that was said."""
    found: Seen = {}
    said = [visitor.get("/improvement/").text]
    for unit in (*SITES, *TEAMS):
        path = f"/improvement/{id_of(unit)}/csat"
        for row in table_of(visitor.get(f"{path}.csv")):
            if row["numerator"]:
                found.setdefault(row["first day"], set()).add((unit, row["numerator"], row["denominator"]))
        said += [visitor.get(path).text, visitor.get(f"{path}.csv").text]
    said += [visitor.get("/report").text, visitor.get("/effects").text]
    return found, re.sub(r"(?<=\d)[,\u202f\u00a0](?=\d)", "", "".join(said))


def pulses(visitor, month: str) -> tuple[Seen, str]:
    """Give what somebody is shown of a month: (name of the unit, answers, mean)."""
    rows = [row for row in table_of(visitor.get("/pulse/results.csv")) if row["month"] == month]
    return {month: {(row["of"], row["answers"], row["mean"]) for row in rows}}, visitor.get("/pulse/results").text


def merged(of: dict[Role, Seen]) -> Seen:
    found: Seen = {}
    for seen in of.values():
        for key, figures in seen.items():
            found.setdefault(key, set()).update(figures)
    return found


@pytest.mark.parametrize("shapes", [FEW, pytest.param(MANY, marks=pytest.mark.soak)], ids=["few", "all"])
def test_nothing_under_five_follows_from_all_that_everybody_is_shown(house, clock, sign_in, proved: Proved, shapes):
    unit_by_name = {
        "Everybody": "", "Lisbon": "lisbon", "Kathmandu": "kathmandu", "Billing Alfama": "alfama",
        "Delivery Belém": "belem", "Technical Patan": "patan", "Technical Thamel": "thamel",
    }  # fmt: skip
    shown = hidden = 0
    for number, shape in enumerate(shapes):
        month = f"{clock.now:%Y-%m}"
        them = Twelve(house, shape, number, month)
        clock.now = datetime(clock.now.year + clock.now.month // 12, clock.now.month % 12 + 1, 3, 9, tzinfo=UTC)
        close_pulse(house)
        visitors = {role: sign_in(role) for role in READERS}
        of_charts = {role: charts(visitor) for role, visitor in visitors.items()}
        of_pulse = {role: pulses(visitor, month) for role, visitor in visitors.items()}
        everything = "".join(said for _, said in (*of_charts.values(), *of_pulse.values()))
        for block, figures in merged({role: seen for role, (seen, _) in of_charts.items()}).items():
            units = [unit for unit, *_ in figures]
            assert len(units) == len(set(units)), "two are shown different figures of one unit"
            there = frozenset().union(*(them.people[t] for t in them.people))
            assert small_sets([them.members(u) for u in units], there, K) == [], (shape, block, units)
            shown += len(units)
        for figures in merged({role: seen for role, (seen, _) in of_pulse.items()}).values():
            units = [unit_by_name[name] for name, *_ in figures]
            assert len(units) == len(set(units)), "two are shown different figures of one unit"
            assert all(int(count) == len(them.members(u)) for u, (_, count, _) in zip(units, figures, strict=True))
            assert small_sets([them.members(u) for u in units], them.members(""), K) == [], (shape, units)
            shown += len(units)
        for team, people in them.people.items():
            if len(people) < K:
                assert str(them.sums[team]) not in everything
                assert str(them.sums[team] + 1) not in everything
                hidden += 1
    assert shown > len(shapes)
    assert hidden >= len(shapes)
    proved(shapes=len(shapes))
