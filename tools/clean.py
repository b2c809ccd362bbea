"""Take away what can be made again: caches, builds, test leavings. The environment and `instance` stay."""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    "build",
    "dist",
    "test-results",
    "node_modules",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
    ".ci-venv",
)


def main() -> int:
    """Remove it all; 0 always."""
    for name in NAMES:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for folder in ("devsys", "tools", "tests"):
        for cache in (ROOT / folder).rglob("__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
    for pattern in (".coverage*", "*.egg-info"):
        for found in ROOT.glob(pattern):
            shutil.rmtree(found) if found.is_dir() else found.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
