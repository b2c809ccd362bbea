"""kill -9 while letters leave: none is lost, and who gets one twice gets the same, under one Message-ID (S3)."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devsys.actions import publish_plan
from devsys.actions.adopt_programme import adopt_shipped
from devsys.actions.bring_up import bring_up
from devsys.actions.parts import Parts
from devsys.actions.send_letters import send_letters
from devsys.adapters.store.queries import letters
from devsys.adapters.store.store import Store
from tests import builders
from tests.mail import SENDER, MailServer, to
from tests.processes.killing import FEW, MANY, Killer, Moments
from tests.proved import Proved

PEOPLE = 8  # in two rounds of three, and who leads them


@pytest.fixture
def server() -> Iterator[MailServer]:
    made = MailServer()
    made.up()
    yield made
    made.down()


@pytest.fixture
def whole(tmp_path: Path, sqlite_settings: Any, clock: Any) -> Path:
    """A database file in which eight letters are due; no process has it open."""
    file = tmp_path / "whole.db"
    store = Store(f"sqlite:///{file}")
    parts = Parts(sqlite_settings.model_copy(update={"quiet_minutes": 0}), store, clock)
    bring_up(parts)
    builders.settle(store)
    adopt_shipped(parts, ("case_rounds",))
    other = builders.a_session("round-2", room=None, people=("goncalo.reis", "helena.vaz", "ivan.hrytsenko"))
    belem = replace(other, team_id=builders.id_of("belem"), facilitator_id=builders.id_of("tiago.lopes"))
    draft = builders.a_draft(parts, builders.a_session(room=None), belem)
    publish_plan.publish(parts, draft, by_id=None)
    store.close()
    return file


@pytest.fixture
def opened(server: MailServer, sqlite_settings: Any, clock: Any) -> Callable[[Path], Parts]:
    """Give what opens a database file as the next worker would, with the mail server."""
    more = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none", "mail_from": SENDER}
    return lambda file: Parts(sqlite_settings.model_copy(update=more), Store(f"sqlite:///{file}"), clock)


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    made = Killer()
    yield made
    made.end()


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])
def test_killed_while_letters_leave(
    *,
    times: int,
    tmp_path: Path,
    whole: Path,
    server: MailServer,
    opened: Callable[[Path], Parts],
    killer: Killer,
    proved: Proved,
) -> None:
    clean = tmp_path / "clean.db"
    shutil.copyfile(whole, clean)
    moments = Moments(killer.go(clean, "letters", str(server.port)).took, times)
    assert len(server.take()) == PEOPLE
    for i in range(times):
        file = tmp_path / f"killed-{i}.db"
        shutil.copyfile(whole, file)
        moments.was(killer.go(file, "letters", str(server.port), after=moments.of(i)))
        parts = opened(file)
        send_letters(parts)
        with parts.store.read() as db:
            assert letters.counts(db) == {letters.SENT: PEOPLE}
        parts.store.close()
        came = server.take()
        assert PEOPLE <= len(came) <= PEOPLE + 1
        by_id = Counter(str(one["Message-ID"]) for one in came)
        assert len(by_id) == len({to(one) for one in came}) == PEOPLE
        assert len({one.as_bytes() for one in came}) == PEOPLE
    proved(kills_inside=moments.proved())
