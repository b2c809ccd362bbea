"""Publishing in ratios of one run: a change that touches ten people against a quarter of ten thousand people."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Any

import pytest

from devsys.actions import answer_session, publish_plan
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import plans, sessions
from devsys.base.errors import InvalidError
from devsys.core.model.access import Role, Viewer
from devsys.core.model.calendar import Place, Session
from tests.bench import large_house
from tests.bench.large_house import Size
from tests.builders import a_draft, id_of

pytestmark = pytest.mark.bench


def cost(work: Callable[[], object]) -> float:
    """Give the CPU seconds of one `work`."""
    start = time.process_time()
    work()
    return time.process_time() - start


def say_ratio(name: str, value: float) -> float:
    print(f"\n{name}: 1/{1 / value:,.0f}")  # noqa: T201 -- figures are what a bench is for
    return value


def moved(session: Session, by: timedelta) -> Session:
    return replace(session, starts=session.starts + by, starts_utc=session.starts_utc + by)


def publish(parts: Parts, *changed: Session, code: str) -> float:
    draft = a_draft(parts, *changed, code=code)
    return cost(lambda: publish_plan.publish(parts, draft, by_id=id_of("olivia.brandt")))


def test_publishing_a_change_of_ten_people_costs_a_fiftieth_of_publishing_everything(
    parts: Parts, organisation: Any, sign_in: Any
) -> None:
    assert organisation.people
    size = Size()
    large_house.settle(parts, size)
    every = list(large_house.sessions_of(size))
    whole = publish(parts, *every, code="all")
    with parts.store.read() as db:
        stands = {s.id: s for s in sessions.published(db)}
    assert len(stands) == len(every)
    small = []
    for week in (1, 2, 4, 8, 11):  # a round at ten and one at two, on two sites: the half hour behind them is free
        two = [stands[id_of(f"session {site} {week} {team}")] for site, team in ((0, 2), (1, 4))]
        assert sum(len(s.places) for s in two) == 10
        small.append(publish(parts, *(moved(s, timedelta(minutes=30)) for s in two), code=f"small {week}"))
    with parts.store.read() as db:
        assert plans.pointer(db) == 1 + len(small)
    print(f"\n{len(every):,} sessions: {whole:.1f} s; two of them: {[round(s, 3) for s in small]} s")  # noqa: T201
    # the first one reads what a process keeps: sites, queues, teams
    say_ratio(f"the first ten of {size.people:,} people / everything", small[0] / whole)
    assert say_ratio(f"ten of {size.people:,} people / everything", median(small[1:]) / whole) <= 1 / 50
    refuse_what_the_queue_cannot_spare(parts, stands[every[7].id])
    visitor = sign_in(Role.COORDINATOR)
    trivial = min(cost(lambda: visitor.get("/account").close()) for _ in range(20))
    looks = [cost(lambda s=s: look(parts, s)) for s in every[1000:1500:50]]  # type: ignore[misc]
    print(f"\na look at other dates / a trivial route: {median(looks) / trivial:.1f}")  # noqa: T201


def look(parts: Parts, session: Session) -> None:
    viewer = Viewer(session.places[0].person_id, "Rita", ())
    assert answer_session.look(parts, viewer, session.id).session.id == session.id


def refuse_what_the_queue_cannot_spare(parts: Parts, session: Session) -> None:
    """What is judged near by is judged: a session that takes the queue below its requirement is refused."""
    team = [Place(id_of(f"p 0 7 {n}")) for n in range(20)]
    draft = a_draft(parts, replace(session, places=tuple(sorted(team, key=lambda p: p.person_id))), code="too many")
    with pytest.raises(InvalidError, match="breaks rules"):
        publish_plan.publish(parts, draft, by_id=None)
