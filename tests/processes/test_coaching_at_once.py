"""Two people take the same coach and time at once: one gets it, the other gets the next proposal. On both engines."""

import threading
from collections.abc import Iterator

import pytest

from devsys.actions import adopt_programme, request_coaching
from devsys.actions.parts import Parts
from devsys.actions.request_coaching import Taken, Wish
from devsys.adapters.store.queries import accounts, coaching
from devsys.adapters.store.store import Store
from devsys.base.config import Settings
from devsys.core.model.coaching import Offer, Request, State
from tests.conftest import Frozen
from tests.stories import coaching as play

ROUNDS = 3


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, clock: Frozen) -> Iterator[Parts]:
    url = request.getfixturevalue("pg_url" if request.param == "postgresql" else "sqlite_url")
    home = tmp_path_factory.mktemp("home")
    store = Store(url, home / "key")
    play.ready(store)
    play.accounts_for(store, "bruno.matos")
    parts = Parts(Settings(home=home, database_url=url, host="127.0.0.1", port=8000, base_url=""), store, clock)
    adopt_programme.adopt_shipped(parts, ["coaching", "professional_boundaries"])
    yield parts
    store.close()


def wish() -> Wish:
    return Wish("coaching_calls", play.HOPE, (0, 1, 2, 3, 4), play.MORNING[0], play.MORNING[1])


def asked(parts: Parts, person_id: str) -> Request:
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, person_id)
    assert viewer is not None
    return request_coaching.ask(parts, viewer, wish())


def test_two_take_the_same_time_of_a_coach_at_once(made: Parts) -> None:
    people = (play.ANA, play.BRUNO)
    for _ in range(ROUNDS):
        requests = [asked(made, person) for person in people]
        offers = [r.offers[0] for r in requests]
        # What was proposed to one may have been proposed to the other: nothing is held before it is accepted.
        assert offers[0].coach_id == offers[1].coach_id
        assert set(offers[0].starts) & set(offers[1].starts)
        outcomes = race(made, list(zip(people, requests, offers, strict=True)))
        assert sorted(outcomes.values()) == ["accepted", "taken"]
        with made.store.read() as db:
            holds = coaching.holds(db)
            after = {p: coaching.open_of(db, p) for p in people}
        states = {p: r.state for p, r in after.items() if r is not None}
        winner = next(p for p in people if outcomes[p] == "accepted")
        loser = next(p for p in people if p != winner)
        assert states == {winner: State.ASKED, loser: State.PROPOSED}
        held = set(next(iter(holds.values())))
        assert len(holds) == 1
        first = after[loser]
        assert first is not None
        assert first.offers
        assert all(not held & set(o.starts) for o in first.offers)
        for person in people:
            with made.store.read() as db:
                viewer, request = accounts.viewer_of(db, person), coaching.open_of(db, person)
            assert viewer is not None
            assert request is not None
            request_coaching.withdraw(made, viewer, request.id)


def race(parts: Parts, entries: list[tuple[str, Request, Offer]]) -> dict[str, str]:
    """Let everybody accept at the same moment, each on connections of their own; give what came of it by person."""
    barrier = threading.Barrier(len(entries))
    found: dict[str, str] = {}

    def run(person: str, request: Request, offer: Offer) -> None:
        store = Store(parts.store.url.replace("+psycopg", ""), parts.store.keys.file)
        mine = Parts(parts.settings, store, parts.clock)
        try:
            with store.read() as db:
                viewer = accounts.viewer_of(db, person)
            assert viewer is not None
            barrier.wait()
            request_coaching.accept(mine, viewer, request.id, offer.key)
            found[person] = "accepted"
        except Taken:
            found[person] = "taken"
        finally:
            store.close()

    threads = [threading.Thread(target=run, args=entry) for entry in entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
