"""A process for the kill tests: gets ready, says so, waits for a line, acts once, says so."""

import sys
import zoneinfo
from pathlib import Path

from devsys.actions import publish_plan
from devsys.actions.import_files import bring
from devsys.actions.parts import Parts
from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import Store
from devsys.base.config import Settings
from tests import builders


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    zoneinfo.reset_tzpath(to=[])
    url, act, given = sys.argv[1:]
    parts = Parts(Settings.model_validate({"home": Path(), "database_url": url}), Store(url), lambda: builders.NOW)
    acts = {
        "publish": lambda: publish_plan.publish(parts, given, by_id=None),
        "import": lambda: bring(parts, "absences", Path(given).read_bytes(), dry_run=False, by=None),
        "migrate": lambda: migrate(parts.store),
    }
    if act != "migrate":
        with parts.store.read():  # the first connection is not what is measured
            pass
    say("ready")
    sys.stdin.readline()
    acts[act]()
    say("done")


if __name__ == "__main__":
    main()
