"""What an upgrade costs beside a mere copy of the same data, in one run."""

from pathlib import Path
from time import process_time
from typing import Any

import pytest

from devsys.actions.bring_up import bring_up
from devsys.actions.parts import Parts
from devsys.adapters.store.copies import copy_out
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.config import Settings
from tests import builders, olden
from tests.web import scenes

pytestmark = pytest.mark.bench
COPIES = 5.0


def test_an_upgrade_from_the_first_step_costs_at_most_five_copies(store: Store, parts: Any, tmp_path: Path) -> None:
    """Backup and all steps, CPU of this process; 400,000 rows, so that the rows count and not the steps."""
    builders.settle(store)
    scenes.plan_and_publish(parts)
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'old.db'}")
    old = Parts(settings, Store(settings.url, tmp_path / KEY_NAME))
    olden.age(store, old.store, "0001")
    with old.store.write() as db:
        olden.swell(db, 100_000)
    begin = process_time()
    copy_out(tmp_path / "old.db", tmp_path / "copy.db")
    copy = process_time() - begin
    begin = process_time()
    bring_up(old)
    upgrade = process_time() - begin
    old.store.close()
    print(f"\nan upgrade from the first step: {upgrade / copy:.1f} copies")  # noqa: T201 -- figures are what a bench is for
    assert upgrade <= COPIES * copy, f"{upgrade / copy:.1f} copies"
