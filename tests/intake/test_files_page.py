"""docs/files.md says of every kind and column what the importer says."""

import re
from pathlib import Path

from devsys.core.intake.kinds import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "files.md"


def test_every_kind_stands_in_the_order_of_import() -> None:
    titles = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"## \d", line)]
    assert titles == [f"## {n}. {kind.title}: `{kind.code}`" for n, kind in enumerate(KINDS.values(), start=1)]


def test_every_column_stands_with_what_is_wanted() -> None:
    rows = {
        tuple(cell.strip() for cell in line.replace("\\|", "¦").strip("|").split("|")[:2])
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    }
    wanted = set()
    for kind in KINDS.values():
        for column in kind.columns:
            mark = "" if column.required else " (may be left out)" if column.optional else " (may be empty)"
            wanted.add((f"`{column.name}`{mark}", column.wanted.replace("|", "¦")))
    assert rows == wanted
