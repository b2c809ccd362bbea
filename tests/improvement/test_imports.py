"""The room of improvement stands on numpy: nothing heavier is loaded with it."""

import subprocess
import sys
from pathlib import Path

import devsys.core.improvement as room


def test_importing_the_whole_room_loads_neither_statistics_frameworks_nor_the_web() -> None:
    parts = sorted(file.stem for file in Path(room.__path__[0]).glob("*.py") if file.stem != "__init__")
    heavy = ("scipy", "pandas", "statsmodels", "flask", "sqlalchemy", "sqlmodel", "ortools", "diff_diff")
    loads = "; ".join(f"import devsys.core.improvement.{part}" for part in parts)
    code = f"import sys; {loads}; print([name for name in {heavy!r} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
