"""The calendar of a large house in ratios of one run: ten thousand sessions, what one view of a week reads."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import people
from devsys.core.model.access import Role
from devsys.core.model.calendar import Session
from devsys.core.model.people import Facilitator, Person, Room, Team
from devsys.faces.web.week_picture import read_week
from tests import builders
from tests.builders import a_session, id_of
from tests.web import scenes

pytestmark = pytest.mark.bench

TEAMS, MEMBERS, LEADING, SESSIONS = 50, 20, 200, 10_000
LIST = f"/week?week=2026-W10&team={id_of('team 7')}"
VIEWS = {
    "team": LIST,
    "list": LIST + "&view=list",
    "facilitators": f"/week?week=2026-W10&view=facilitators&site={id_of('lisbon')}",
    "rooms": f"/week?week=2026-W10&view=rooms&site={id_of('lisbon')}",
}


def cost(work: Callable[[], object], *, times: int = 3, tries: int = 5) -> float:
    """Give the least CPU seconds of one `work`, of several tries of `times` each."""
    found = []
    for _ in range(tries):
        start = time.process_time()
        for _ in range(times):
            work()
        found.append((time.process_time() - start) / times)
    return min(found)


def say_ratio(name: str, value: float) -> float:
    print(f"\n{name}: {value:.2f}")  # noqa: T201 -- figures are what a bench is for
    return value


def grow(parts: Parts) -> None:
    """Bring fifty teams of twenty and two hundred who lead to Lisbon."""
    lisbon, queue, early = id_of("lisbon"), id_of("billing"), id_of("early")

    def person(code: str, team: Team, queue_id: str | None) -> Person:
        return Person(id_of(code), code, f"Rita {code}", f"{code[-6:]}@n.example", team.id, queue_id, early)

    teams = [Team(id_of(f"team {t}"), f"t{t}", f"Team {t}", lisbon) for t in range(TEAMS)]
    agents = [person(f"p {t} {i}", team, queue) for t, team in enumerate(teams) for i in range(MEMBERS)]
    leading = [person(f"lead {n}", teams[n % TEAMS], None) for n in range(LEADING)]
    more = people.only(
        teams=tuple(teams),
        rooms=tuple(Room(id_of(f"room {n}"), f"r{n}", f"Room {n}", lisbon, 12) for n in range(40)),
        people=(*agents, *leading),
        facilitators=tuple(Facilitator(p.id, (lisbon,), frozenset({"round"}), 40.0) for p in leading),
    )
    with parts.store.write() as db:
        people.write_organisation(db, more, today=parts.now().date())


def many(count: int) -> Iterator[Session]:
    """Give sessions of five people of one team, spread over fifty weeks."""
    for n in range(count):
        team, week = n % TEAMS, n // TEAMS % 50
        first = (n // TEAMS // 50 * 5) % MEMBERS
        yield a_session(
            f"s{n}",
            starts=datetime(2026, 1, 12, 9) + timedelta(weeks=week, days=n % 5, hours=n // 5 % 6),
            people=[f"p {team} {(first + i) % MEMBERS}" for i in range(5)],
            facilitator=f"lead {n % LEADING}",
            room=f"room {n % 40}",
            team=f"team {team}",
        )


@pytest.fixture
def house(app: Any, parts: Parts, organisation: Any, sign_in: Any) -> tuple[Any, Any]:
    assert organisation.people
    scenes.adopt_shipped(parts)
    grow(parts)
    return app, sign_in(Role.COORDINATOR)


def reading(app: Any, visitor: Any, path: str) -> Callable[[], object]:
    """Give what a view reads, within a request of its own, signed in."""

    def read() -> object:
        cookie = {"Cookie": f"devsys={visitor.secret}"}
        with app.test_request_context(path, base_url=visitor.origin, headers=cookie):
            assert app.preprocess_request() is None
            with app.extensions["devsys"].store.read() as db:
                found = read_week(db)
        assert found.seen
        return found

    return read


def test_what_a_view_of_a_week_reads_costs_at_most_five_trivial_routes(house: Any, parts: Parts) -> None:
    app, visitor = house
    builders.publish_now(parts, *many(SESSIONS))
    trivial = cost(lambda: visitor.get("/account").close(), times=10)
    ratios = {}
    for name, path in VIEWS.items():
        read = reading(app, visitor, path)
        read()
        ratios[name] = say_ratio(f"{name}, 10,000 sessions / a trivial route", cost(read) / trivial)
    most = {"team": 5, "list": 5, "facilitators": 6, "rooms": 6}  # the last two: a site that holds 200 a week
    assert {name: ratio for name, ratio in ratios.items() if ratio > most[name]} == {}


def test_a_team_week_costs_the_same_among_ten_times_the_sessions(house: Any, parts: Parts) -> None:
    app, visitor = house
    sessions = list(many(SESSIONS))
    near = [s for s in sessions if s.starts < datetime(2026, 3, 16)]
    far = [s for s in sessions if s.starts >= datetime(2026, 3, 16)]
    builders.publish_now(parts, *near, code="near")
    read = reading(app, visitor, LIST)
    read()
    before = cost(read)
    queries = scenes.queries_of(parts, read)
    builders.publish_now(parts, *far, code="far")
    read()
    assert scenes.queries_of(parts, read) == queries
    assert say_ratio(f"{len(sessions):,} sessions / {len(near):,}", cost(read) / before) <= 1.5
