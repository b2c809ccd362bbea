"""Build the wheel into dist/: browser files first, then a look inside that everything is in it.

Beside it come what it stands on (a bill of materials in CycloneDX, the licences of third parties) and the checksums of
all of them, signed where DEVSYS_RELEASE_KEY names the private key.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import bill, seal  # noqa: E402 -- a program, found beside itself

# What an installation cannot do without, and what a wheel easily lacks.
WANTED = (
    "devsys/py.typed",
    "devsys/schedules/support_development.yaml",
    "devsys/templates/layout.html",
    "devsys/faces/web/static/devsys.css",
    "devsys/faces/web/static/vendor/htmx.min.js",
    "devsys/faces/web/static/vendor/sprite.svg",
    "devsys/adapters/store/migrations/env.py",
    "devsys/adapters/store/migrations/script.py.mako",
    "devsys/adapters/store/migrations/versions/0001_first_schema.py",
)


def lacking(wheel: Path) -> list[str]:
    """Give the wanted files that a wheel does not hold."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    return [name for name in WANTED if name not in names]


def main() -> int:
    """Build; 0 when the wheel is there and whole."""
    subprocess.run([sys.executable, ROOT / "tools" / "vendor.py"], check=True)
    for old in ("build", "dist"):
        shutil.rmtree(ROOT / old, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout[-4000:], done.stderr[-4000:], sep="\n", file=sys.stderr)
        return 1
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    wheel = next((ROOT / "dist").glob("*.whl"))
    missing = lacking(wheel)
    if missing:
        print(f"{wheel.name} lacks: {', '.join(missing)}", file=sys.stderr)
        return 1
    print(f"{wheel.relative_to(ROOT)}: {wheel.stat().st_size // 1024:,} KiB")
    (ROOT / "dist" / "devsys.cdx.json").write_text(bill.bill(ROOT), "utf-8")
    (ROOT / "dist" / "LICENCES.txt").write_text(bill.licences(ROOT), "utf-8")
    named = os.environ.get("DEVSYS_RELEASE_KEY")  # noqa: TID251 -- a tool, before there are settings
    signed = seal.seal(ROOT / "dist", Path(named) if named else None)
    print(f"dist/devsys.cdx.json, dist/LICENCES.txt, dist/{seal.SUMS}: {'signed' if signed else 'not signed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
