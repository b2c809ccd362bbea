"""Write the table of settings into docs/operate.md from the settings themselves, so that the two cannot part."""

import sys
from pathlib import Path

from devsys.base.config import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "operate.md"
BEGIN, END = "<!-- settings: written by make docs -->\n", "<!-- end of settings -->"


def table() -> str:
    """Give the table: variable, default, meaning."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if str(field.default) in ("", "None") else f"`{field.default}`"
        lines.append(f"| `DEVSYS_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """Give a page with the table between its two marks. Raises ValueError when they are missing."""
    head, rest = page.split(BEGIN, 1)
    return f"{head}{BEGIN}{table()}{END}{rest.split(END, 1)[1]}"


def main() -> int:
    """Write the page; 0 always."""
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
