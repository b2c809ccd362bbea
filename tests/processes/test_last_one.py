"""Twenty clients for the last seat, the last room, the last hour of a coach: one gets it, and it is never over (K3).

Some of the twenty are the same person who presses twice. Each round begins with a copy of the same database.
"""

import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from devsys.actions import adopt_programme, edit_draft, find_places, publish_plan, request_coaching
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, coaching, plans, sessions
from devsys.adapters.store.store import Store
from devsys.adapters.store.tables.people import HeldRow
from devsys.base.config import Settings
from devsys.base.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from devsys.core.model.access import Viewer
from tests import builders
from tests.actions.test_places import HELD, LATER, fill, owed_skill, publish, viewer_of
from tests.builders import id_of
from tests.conftest import Frozen
from tests.proved import Proved
from tests.stories import coaching as play
from tests.web import scenes

CLIENTS = 20
ONE_PLACE = "one_place"  # the rule that a room, or a person, is in one session at a time
ROOMY = 6  # people the room holds
SIZES = pytest.mark.parametrize("times", [2, pytest.param(70, marks=pytest.mark.soak)])  # of each of the three


class House:
    """A database that each round begins with a copy of."""

    def __init__(self, folder: Path, migrated: Path) -> None:
        self._folder = folder
        self.whole = folder / "whole"
        self.whole.mkdir()
        shutil.copyfile(migrated, self.whole / "devsys.db")

    def opened(self, home: Path) -> Parts:
        """Give the parts of somebody of their own: nothing is shared with the others but the file."""
        url = f"sqlite:///{home / 'devsys.db'}"
        settings = Settings(home=home, database_url=url, host="127.0.0.1", port=8000, base_url="")
        return Parts(settings, Store(url, home / "key"), Frozen())

    def round(self) -> Path:
        """Give a fresh copy."""
        home = self._folder / "round"
        shutil.rmtree(home, ignore_errors=True)
        return Path(shutil.copytree(self.whole, home))

    def at_once(self, home: Path, acts: list[Callable[[Parts], Any]]) -> list[Any]:
        """Let everybody act at the same moment; give what each got, or what each was told."""
        gate, found = threading.Barrier(len(acts)), [None] * len(acts)

        def do(number: int, act: Callable[[Parts], Any]) -> None:
            parts = self.opened(home)
            with parts.store.read():  # connected, so that they meet in what they do
                pass
            gate.wait()
            try:
                found[number] = act(parts)
            except Exception as error:  # noqa: BLE001 -- whatever a thread meets is the test's to judge
                found[number] = error
            finally:
                parts.store.close()

        threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found


def _won(found: list[Any], *told: type[Exception]) -> list[Any]:
    """Give what those got who were not refused; whatever but a refusal fails."""
    faults = [one for one in found if isinstance(one, Exception)]
    assert [one for one in faults if not isinstance(one, told)] == []
    return [one for one in found if one not in faults]


@pytest.fixture
def house(tmp_path: Path, migrated: Path) -> House:
    return House(tmp_path, migrated)


@SIZES
def test_the_last_seat_goes_to_one_of_twenty(times: int, house: House, proved: Proved) -> None:
    parts = house.opened(house.whole)
    builders.settle(parts.store)
    with parts.store.write() as db:
        db.add_all(HeldRow(person_id=id_of(c), activity="professional_boundaries", day=date(2025, 3, 3)) for c in HELD)
    assert scenes.plan_and_publish(parts).sessions
    later = builders.a_session(
        "skill-2", activity="hear_fully", starts=datetime(2026, 2, 11, 13), people=LATER, facilitator="tiago.lopes",
        room="tejo", team=None,
    )  # fmt: skip
    full = fill(parts, publish(parts, later), id_of("bruno.matos"))
    assert len(full.places) == ROOMY - 1
    wanting = [id_of(c) for c in ("diogo.faria", "elif.kaya", "filipa.sousa")]
    needs = {p: (viewer_of(parts, p), owed_skill(parts, p)) for p in wanting}
    parts.store.close()

    def take(viewer: Viewer, need: str) -> Callable[[Parts], Any]:
        return lambda mine: find_places.take(mine, viewer, need, full.id)

    for _ in range(times):
        home = house.round()
        found = house.at_once(home, [take(*needs[wanting[i % len(wanting)]]) for i in range(CLIENTS)])
        won = _won(found, ConflictError, NotFoundError, UnavailableError)
        with closing((after := house.opened(home)).store):
            seats = scenes.published(after, full.id).people
        assert len(seats) == ROOMY
        assert len(seats - full.people) == len(won) == 1
        proved(last_seats=1)


@SIZES
def test_the_last_room_goes_to_one_of_twenty(times: int, house: House, proved: Proved) -> None:
    """Twenty drafts want one room at one time; who was too late lays the draft on the new plan and tries again."""
    parts = house.opened(house.whole)
    builders.settle(parts.store)
    adopt_programme.adopt_shipped(parts, ["case_rounds"])
    drafts = []
    for i in range(CLIENTS):
        leads, team, people = (
            ("marta.nogueira", "alfama", ("ana.correia", "bruno.matos", "elif.kaya")),
            ("tiago.lopes", "belem", ("goncalo.reis", "helena.vaz", "joana.pires")),
        )[i % 2]
        wanted = builders.a_session(
            f"wanted-{i}", starts=datetime(2026, 1, 27, 11), people=people, facilitator=leads, team=team, room="mewa"
        )
        drafts.append(builders.a_draft(parts, wanted, code=f"draft {i}"))
    with parts.store.read() as db:
        olivia = accounts.viewer_of(db, id_of("olivia.brandt"))
    assert olivia is not None
    parts.store.close()

    def insist(draft: str) -> Callable[[Parts], Any]:
        def act(mine: Parts) -> Any:
            for _ in range(CLIENTS):
                try:
                    return publish_plan.publish(mine, draft, by_id=olivia.person_id)
                except UnavailableError:  # twenty writers queue longer than anybody waits: said, and tried again
                    continue
                except ConflictError:
                    edit_draft.compare_again(mine, olivia, draft)
            return None

        return act

    for _ in range(times):
        home = house.round()
        found = house.at_once(home, [insist(draft) for draft in drafts])
        assert sum(isinstance(one, int) for one in found) == 1, found
        told = [{f.where for f in one.faults} for one in found if isinstance(one, InvalidError)]
        assert all(ONE_PLACE in rules for rules in told)
        assert {ONE_PLACE} in told  # other people, another leader: the room alone stood against it
        with closing((after := house.opened(home)).store), after.store.read() as db:
            standing = sessions.published(db)
            kept = plans.open_drafts(db)
        assert len([s for s in standing if s.room_id == id_of("mewa")]) == 1
        assert len(kept) == CLIENTS - 1
        proved(last_rooms=1)


@SIZES
def test_the_last_hour_of_a_coach_goes_to_one_of_twenty(times: int, house: House, proved: Proved) -> None:
    parts = house.opened(house.whole)
    play.ready(parts.store)
    codes = ("ana.correia", "bruno.matos", "goncalo.reis", "helena.vaz")
    play.accounts_for(parts.store, *codes)
    adopt_programme.adopt_shipped(parts, ["coaching", "professional_boundaries"])
    wish = request_coaching.Wish("coaching_calls", play.HOPE, (0, 1, 2, 3, 4), *play.MORNING)
    clients: list[tuple[Viewer, str, str]] = []
    for code in codes:
        viewer = viewer_of(parts, id_of(code))
        request = request_coaching.ask(parts, viewer, wish)
        clients.append((viewer, request.id, request.offers[0].key))
    parts.store.close()

    def accept(viewer: Viewer, request_id: str, key: str) -> Callable[[Parts], Any]:
        return lambda mine: request_coaching.accept(mine, viewer, request_id, key)

    for _ in range(times):
        home = house.round()
        found = house.at_once(home, [accept(*clients[i % len(clients)]) for i in range(CLIENTS)])
        won = _won(found, request_coaching.Taken, ConflictError, NotFoundError, UnavailableError)
        with closing((after := house.opened(home)).store), after.store.read() as db:
            holds = coaching.holds(db)
        held = [start for starts in holds.values() for start in starts]
        assert len(held) == len(set(held))
        assert len(holds) == len(won) == 1
        proved(last_hours=1)
