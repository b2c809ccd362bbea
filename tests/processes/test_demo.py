"""The demo is made whole or not at all: a kill in the middle leaves no database, the next start makes it."""

import json
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.processes.program import Program, until

pytestmark = pytest.mark.soak


def test_killed_while_making_the_demo(home: Path, start: Callable[..., Program]) -> None:
    making = start("demo")
    making.until_said("Planned the first year", patience=900)
    assert making.stop(signal.SIGKILL) != 0
    assert not (home / "devsys.db").exists()
    again = start("demo", "--if-empty")
    assert again.process.wait(900) == 0, again.said
    again.until_said("The demo organisation is ready", patience=10)
    accounts = start("demo", "accounts", "--json")
    accounts.process.wait()
    until(lambda: accounts.said.endswith("]"), "the accounts")
    assert {one["role"] for one in json.loads(accounts.said)} >= {"coordinator", "employee", "leaver"}
    with closing(sqlite3.connect(home / "devsys.db")) as raw:
        found = raw.execute("SELECT activity, found FROM effect JOIN rollout ON rollout_id = id ORDER BY activity")
        phrases = {activity: json.loads(text)["phrase"] for activity, text in found}
        assert phrases == {
            "digital_writing": "improved, fading",
            "directness": "no improvement shown",
            "hear_fully": "improved and holding",
        }
        assert raw.execute("SELECT COUNT(*) FROM refresher WHERE state = 'open'").fetchone() == (4,)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("SELECT number FROM pointer").fetchone() == (2,)
