"""The statistics of improvement stand on numpy alone."""

import subprocess
import sys


def test_importing_them_loads_numpy_and_no_framework() -> None:
    parts = ("group_time", "quantiles", "panel_file", "effect", "verdict", "power", "fading", "refreshers")
    heavy = ("scipy", "pandas", "diff_diff", "flask", "sqlalchemy", "pydantic", "statistics", "hashlib", "numpy.random")
    code = f"import sys\nfor name in {parts!r}: __import__(f'devsys.core.improvement.{{name}}')\n"
    code += f"print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
