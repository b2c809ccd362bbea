"""A move that kills its own process when a share of the rows has been copied: SOURCE KEY TARGET SHARE."""

import os
import signal
import sys
from pathlib import Path

from devsys.actions.move import move
from devsys.actions.parts import Parts
from devsys.adapters.store.store import Store
from devsys.base.config import Settings


def main() -> None:
    """Move until the share is reached."""
    source, key, target, share = sys.argv[1:]
    parts = Parts(Settings(database_url=source), Store(source, Path(key)))

    def note(_table: str, rows: int, in_all: int) -> None:
        if rows >= float(share) * in_all:
            os.kill(os.getpid(), signal.SIGKILL)

    move(parts, target, note)


if __name__ == "__main__":
    main()
