"""What is unsafe is refused by the real program, by name, before anything is served (trust.md R21)."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes.program import PATIENCE, Program

OPEN = {"DEVSYS_HOST": "0.0.0.0"}  # noqa: S104 -- what is refused
SAFE = {"DEVSYS_BASE_URL": "https://learn.northgate.example"}


PROVIDER = {
    "DEVSYS_OIDC_ISSUER": "https://id.northgate.example",
    "DEVSYS_OIDC_CLIENT_ID": "devsys",
    "DEVSYS_OIDC_CLIENT_SECRET_FILE": "/nowhere/at/all",
}


def weak(home: Path) -> None:
    (home / "secret").write_text("short")
    (home / "secret").chmod(0o600)


def others(home: Path) -> None:
    (home / "secret").write_text("x" * 64)
    (home / "secret").chmod(0o644)


def write(home: Path, statement: str) -> None:
    with sqlite3.connect(home / "devsys.db") as db:
        db.execute(statement)
    db.close()


def demo(home: Path) -> None:
    write(home, "INSERT INTO house (key, value) VALUES ('demo', '1')")


def newer(home: Path) -> None:
    write(home, "UPDATE alembic_version SET version_num = '9999'")


# What is started, what is set, what is done to the home before, what the refusal names.
Case = tuple[str, dict[str, str], Callable[[Path], None] | None, str]
CASES: tuple[Case, ...] = (
    ("web", OPEN, None, "network:"),
    ("worker", {}, weak, "secret:"),
    ("run", {}, newer, "newer"),
)
# Each costs a whole start; for the first everything has to be compiled anew.
MORE: tuple[Case, ...] = (
    ("run", {"PYTHONOPTIMIZE": "1"}, None, "interpreter:"),
    ("run", OPEN, None, "network:"),
    ("web", {}, others, "secret:"),
    ("web", OPEN | SAFE, demo, "demo:"),
    ("worker", OPEN, None, "network:"),
    ("run", PROVIDER, None, "provider:"),
)


@pytest.mark.parametrize("cases", [CASES, pytest.param(MORE, marks=pytest.mark.soak)], ids=["some", "more"])
def test_an_unsafe_start_is_refused_and_named(
    migrated: Path, start: Callable[..., Program], tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    began = []
    for number, (word, settings, prepare, named) in enumerate(cases):
        home = tmp_path / f"home{number}"
        home.mkdir(mode=0o700)
        shutil.copyfile(migrated, home / "devsys.db")
        (home / "devsys.db").chmod(0o600)
        if prepare is not None:
            prepare(home)
        began.append((start(word, at=home, more=settings), word, named))
    for program, word, named in began:
        code = program.process.wait(5 * PATIENCE)  # all begin at once, and share what the machine has
        program._reader.join(PATIENCE)
        assert code == 1, (word, named, program.said)
        assert named in program.said, (word, named, program.said)
