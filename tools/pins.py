"""Write the pins in requirements/: the exact versions of everything, also of what others bring along.

Takes the ranges of setup.cfg, installs them into a fresh environment and writes down what came. Run it to move the
pins on purpose, then run the tests: `python3 tools/pins.py [--like FILE]` keeps to the versions of a list of pins.
"""

import argparse
import configparser
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What an editable install is built with; it is not needed at run time.
BUILD = ("setuptools>=77",)
# Sets of their own, for measuring: they are in no environment of the product or its tests.
APART = {"bench": ("matplotlib>=3.11,<4", "radicale>=3.9,<4"), "peers": ("timefold==1.24.0b0",)}
SETS = {"run": (), "test": ("postgres", "test", "dev"), "oldest": ("postgres", "test")}
LOWER = re.compile(r"([A-Za-z0-9_.\[\]-]+) *[>=]=([0-9.]+)")
HEAD = "# Exact versions, written by tools/pins.py from the ranges in setup.cfg. Do not edit.\n"
HEAD_APART = "# Exact versions, written by tools/pins.py, for measuring alone. Do not edit.\n"


def ranges(extras: tuple[str, ...], *, oldest: bool) -> list[str]:
    """Give the requirements of setup.cfg with those of some extras; the lower ends of what runs when `oldest`."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    run = [line.strip() for line in config["options"]["install_requires"].splitlines() if line.strip()]
    if oldest:
        run = [f"{found[1]}=={found[2]}" if (found := LOWER.match(line)) else line for line in run]
    texts = (config["options.extras_require"][extra] for extra in extras)
    return [*BUILD, *run, *(line for text in texts for line in text.splitlines() if line.strip())]


def frozen(wanted: list[str], like: Path | None) -> list[str]:
    """Give `name==version` of all that an environment holds after installing `wanted`."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", *(("-c", str(like)) if like else ()), *wanted], check=True)
        done = subprocess.run([*pip, "freeze", "--all"], check=True, capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if line and not line.startswith("pip==")]


def main() -> int:
    """Write the files; 0 when that went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--like", type=Path, help="a list of pins to keep to where it names a package")
    like = parser.parse_args().like
    for name, extras in SETS.items():
        file = ROOT / "requirements" / f"{name}.txt"
        oldest = name == "oldest"
        lines = frozen(ranges(extras, oldest=oldest), None if oldest else like)
        file.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")
        print(f"{file}: {len(lines)} packages")
    for name, wanted in APART.items():
        lines = frozen(list(wanted), None)
        (ROOT / "requirements" / f"{name}.txt").write_text(HEAD_APART + "\n".join(lines) + "\n", "utf-8")
        print(f"requirements/{name}.txt: {len(lines)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
