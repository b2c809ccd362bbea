"""The automatic accessibility check (axe-core, tests/vendor): what it finds on a page, in words."""

from functools import cache
from pathlib import Path
from typing import Any

from tests.loud import leave_out

AXE = Path(__file__).resolve().parent.parent / "vendor/axe.min.js"
GRAVE = ("serious", "critical")
# WCAG 2.2 AA, as product.md section 5 asks, and what axe calls best practice.
ASKED = {"resultTypes": ["violations"]}


@cache
def _source() -> str:
    if not AXE.exists():
        leave_out("axe-core is not in tests/vendor: run python3 tools/environment.py test")
    return AXE.read_text("utf-8")


def serious(page: Any) -> list[str]:
    """Give the serious and critical findings on the page as it stands, each with its rule and the first elements."""
    page.evaluate(_source())
    found = page.evaluate("asked => axe.run(document, asked)", ASKED)
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: " + "; ".join(node["html"][:160] for node in one["nodes"][:3])
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]
