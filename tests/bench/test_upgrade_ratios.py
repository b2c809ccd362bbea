"""What an upgrade costs beside a mere copy of the same data, in one run."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import pytest

from devsys.actions.backup import back_up
from devsys.actions.parts import Parts
from devsys.adapters.store.copies import copy_out
from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.config import Settings
from tests import builders, olden
from tests.web import scenes

pytestmark = pytest.mark.bench
COPIES = 5.0


def cost(work: Callable[[], object]) -> float:
    """Give the CPU seconds of one `work`."""
    begin = process_time()
    work()
    return process_time() - begin


def test_all_steps_from_the_first_cost_at_most_five_copies(store: Store, parts: Any, tmp_path: Path) -> None:
    """A million rows, so that rows count and not steps. The backup before, with its checks, is told beside it."""
    builders.settle(store)
    scenes.plan_and_publish(parts)
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'old.db'}")
    old = Parts(settings, Store(settings.url, tmp_path / KEY_NAME))
    olden.age(store, old.store, "0001")
    with old.store.write() as db:
        olden.swell(db, 250_000)
    copy = median(cost(lambda n=n: copy_out(tmp_path / "old.db", tmp_path / f"copy-{n}.db")) for n in range(3))
    backup = cost(lambda: back_up(old, tmp_path / "backup.db"))
    upgrade = cost(lambda: migrate(old.store))
    old.store.close()
    print(f"\nall steps: {upgrade / copy:.1f} copies; the backup before: {backup / copy:.1f}")  # noqa: T201 -- a bench
    assert upgrade <= COPIES * copy, f"{upgrade / copy:.1f} copies"
