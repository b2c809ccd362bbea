"""The key of confidential texts is changed, killed at every step of it: every text opens before, between and after."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from devsys.adapters.store.queries import second_step
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.codes import new_secret
from tests import builders
from tests.builders import id_of

PROGRAM = Path(__file__).with_name("key_program.py")


@pytest.mark.parametrize("stride", [40, pytest.param(1, marks=pytest.mark.soak)])
def test_a_change_killed_at_any_step_loses_nothing_and_goes_on(sqlite_url, tmp_path, stride):
    home = tmp_path / "home"
    store = Store(sqlite_url, home / KEY_NAME)
    builders.settle(store)
    with store.write() as db:
        for code in ("ana.correia", "olivia.brandt"):
            second_step.begin(db, id_of(code), new_secret())
    store.close()
    (tmp_path / "work").mkdir()
    told = subprocess.run(
        [sys.executable, str(PROGRAM), str(home), str(tmp_path / "work"), str(stride)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-2000:]
    found = json.loads(told.stdout)
    assert found["kills"] == found["runs"] >= 4
    assert set(found["stood"]) >= {"begun", "sealed anew"}
