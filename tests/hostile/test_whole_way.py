"""Files of every kind and mutants of them, brought the whole way into a database (F1).

Each is taken, or refused with a reason and a place; a refusal writes nothing, which the database itself says. The files
they are mutants of are taken, and each of their rows changes something: where one row is refused, the others would be
seen if they were written. One in nineteen comes by its page. At night the refusals are also set beside the largest file
that is taken, in one run.
"""

import io
import random
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import process_time

import pytest

from devsys.actions import adopt_programme, import_files, import_measures
from devsys.base import limits
from devsys.base.errors import DevsysError
from devsys.core.busy.read import read_busy
from devsys.core.improvement.readings import Span
from devsys.core.intake.kinds import KINDS, template
from devsys.core.model.access import Role
from tests.builders import NOW
from tests.busy.calendars import BERLIN, a_calendar, an_event
from tests.hostile.test_readings import GOOD, ODD
from tests.improvement.sources import CALLS
from tests.proved import Proved

SEED = 20261127
BY_PAGE = 19  # one in so many; prime to the number of kinds, so that each comes by its page
MEMORY = 200_000_000
CALENDAR = a_calendar(
    an_event("DTSTART;TZID=Europe/Berlin:20260105T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE"),
    an_event("RECURRENCE-ID;TZID=Europe/Berlin:20260112T090000", "DTSTART:20260112T100000Z", "DURATION:PT30M"),
)
PROGRAMME = (Path(__file__).parents[2] / "schedules" / "case_rounds.yaml").read_bytes()
CALLED = GOOD.replace(b"2026-02", b"2025-12").replace(b"Diane", b"Ana Correia")  # whom and when this house knows
ROWS = 6
Take = Callable[[bytes], bool]  # whether it was taken; raises what refuses


def row(kind: str, i: int, turn: int) -> str:
    """Give row number `i` of a file that changes something at every turn; what it names is in the kinds before."""
    return {
        "sites": f"S{i},Site {i} {turn},Europe/Lisbon,PT,",
        "queues": f"Q{i},Queue {i} {turn},S0,240,80,20,90,30,2",
        "teams": f"T{i},Team {i} {turn},S0",
        "shifts": f"p{i},1,mon,{7 + turn % 2:02}:00,16:30,12:00,12:30,2026-01-05",
        "people": f"P{i},Joan {i} Rand {turn},p{i}@example.com,T0,,p0,2024-09-02,,",
        "absences": f"P{i},2026-08-03,2026-08-{4 + turn % 20:02},",
        "facilitators": f"P{i},S0,skill|round,{1 + turn % 30}",
        "rooms": f"R{i},Room {i} {turn},S0,8",
        "held": f"P{i},professional_boundaries,2025-11-{1 + turn % 28:02}",
        "requirement": f"Q0,mon,{8 + i:02}:00,{1 + turn % 20}",
        "volumes": f"Q1,2025-11-03T{8 + i:02}:00,{10 + turn}",
        "contacts": f"2025-11-03,Q{i},process,{100 + turn}",
    }[kind]


def good_file(kind: str, turn: int) -> bytes:
    """Give a file that is taken at its turn."""
    head = template(kind).splitlines()[0]
    return "\n".join([head, *(row(kind, i, turn) for i in range(ROWS)), ""]).encode()


def takers(parts, proved: Proved) -> Iterator[tuple[str, Callable[[int], bytes], Take, str]]:
    """Give the kinds: name, a good file by turn, who takes it, and the page it comes by."""

    def csv(kind: str) -> Take:
        def take(data: bytes) -> bool:
            outcome = import_files.bring(parts, kind, data, dry_run=False, by=None)
            assert all(r.wanted for r in outcome.refused), (kind, outcome.refused)
            proved(refused_beside_good_rows=bool(outcome.refused and (outcome.new or outcome.changed)))
            return not outcome.refused

        return take

    for kind in KINDS:
        yield kind, partial(good_file, kind), csv(kind), f"/imports/{kind}"
    yield (
        "calendar",
        lambda _: CALENDAR,
        lambda d: bool(read_busy(d, NOW, NOW + timedelta(90), BERLIN)),
        "/account/busy/file",
    )
    span = Span(None, None)
    yield (
        "readings",
        lambda turn: CALLED.replace(b"0:01:00", f"0:01:{turn % 60:02}".encode()),
        lambda d: bool(import_measures.bring(parts, "support_calls", d, span, dry_run=False)),
        "/imports/measures/support_calls",
    )
    yield (
        "programme",
        lambda turn: PROGRAMME.replace(b"title: Case rounds", f"title: Case rounds {turn}".encode(), 1),
        lambda d: bool(adopt_programme.adopt(parts, limits.decoded(d, "it"), None)),
        "/programme/upload",
    )


def came_of(take: Take, data: bytes) -> tuple[bool, str]:
    """Give whether a file was taken, and the words that refuse it."""
    try:
        return take(data), "its rows"
    except DevsysError as refused:
        return False, refused.message


def mutant(good: bytes, chance: random.Random) -> bytes:
    """Spoil one to four places of a file."""
    data = bytearray(good)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        choice = chance.randrange(4)
        if choice == 0:
            data[at : at + chance.randint(0, 8)] = chance.choice(ODD)
        elif choice == 1:
            del data[at : at + chance.randint(1, 12)]
        elif choice == 2:
            data[at:at] = bytes(data[at : at + chance.randint(1, 40)])
        else:
            data[at:at] = bytes([chance.randrange(256)])
    return bytes(data)


def largest() -> bytes:
    """Give the largest list of rooms that is taken."""
    rows = "".join(f"L{i},Room {i},lisbon,8\n" for i in range(limits.CSV_ROWS))
    return ("code,name,site,seats\n" + rows).encode()


@pytest.fixture
def writes(parts):
    """Give what says how often the database was written by others: outside of any transaction, which would see none."""
    if parts.store.file is None:
        pytest.skip("the file is asked, and there is none")
    with closing(sqlite3.connect(parts.store.file, isolation_level=None)) as watcher:
        yield lambda: watcher.execute("PRAGMA data_version").fetchone()[0]


@pytest.mark.parametrize("times", [200, pytest.param(20_000, marks=pytest.mark.soak)])
def test_a_mutant_is_taken_or_refused_with_a_place_and_writes_nothing(
    *, parts, organisation, sign_in, writes, times, proved: Proved
):
    assert organisation.people
    import_measures.keep_mapping(parts, None, CALLS.replace("always: desk", "always: alfama"))
    chance = random.Random(SEED)  # noqa: S311 -- the same mutants in every run
    kinds, coordinator = tuple(takers(parts, proved)), sign_in(Role.COORDINATOR)
    for name, good, take, _ in kinds:
        stood = writes()
        assert take(good(0)), name
        assert (writes() != stood) == (name != "calendar"), name  # which is read and kept by nobody here
    before, took = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    for number in range(times):
        name, good, take, page = kinds[number % len(kinds)]
        data, stood = mutant(good(1 + number // len(kinds)), chance), writes()
        if number % BY_PAGE == 0:
            answer = coordinator.post(page, {"file": (io.BytesIO(data), "a.file"), "name": "Mine"})
            assert answer.status_code < 500, (name, data)
            proved(by_page=1)
            continue
        began = process_time()
        taken, words = came_of(take, data)
        if taken:
            proved(taken=1)
        else:
            took.append(process_time() - began)
            assert words.strip(), (name, data)
            assert writes() == stood, (name, data)
            proved(refused=1)
    if times > 200:
        began = process_time()
        assert not import_files.bring(parts, "rooms", largest(), dry_run=True, by=None).refused
        most = process_time() - began
        p99 = sorted(took)[int(len(took) * 0.99)]
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
        proved.note(p99_of_the_largest=p99 / most, grown_mb=grown / 1e6)
        assert p99 <= most
        assert grown <= MEMORY
