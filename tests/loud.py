"""Parts of the machine that a test needs: there, or left out loudly; with DEVSYS_CI=1 leaving out is failing."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
# Groups that a full run must not leave out.
NEEDED = ("browser", "postgres", "imap")


def in_ci() -> bool:
    """Say whether this is a full run, in which nothing of NEEDED may be left out."""
    return os.environ.get("DEVSYS_CI") == "1"  # noqa: TID251 -- the harness's own switch, not a setting


def variable(name: str) -> str:
    """Give a variable of the harness (DEVSYS_CHROMIUM, DEVSYS_TEST_PG_URL), empty when it is not set."""
    return os.environ.get(name, "")  # noqa: TID251 -- the harness's own switch, not a setting


def leave_out(reason: str) -> NoReturn:
    """Leave this test out and say why; the summary at the end of the run lists it."""
    pytest.skip(reason)


def shared_file(name: str) -> Path:
    """Give a public input file that lies beside the checkout; leaves the test out when it is not there."""
    path = SHARED / name
    if not path.exists():
        leave_out(f"../shared/{name} is not beside this checkout")
    return path


def program(*names: str) -> str:
    """Give the path of the first program found under these names; leaves the test out when there is none."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    leave_out(f"{names[0]} is not installed")
