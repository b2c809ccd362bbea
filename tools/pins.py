"""Write the pins in requirements/: the exact versions of everything, also of what others bring along.

Takes the ranges of setup.cfg, installs them into a fresh environment and writes down what came, each with the SHA-256
of every file that the index has of that version: one list serves every system and each version of Python. Run it to
move the pins on purpose, then run the tests: `python3 tools/pins.py [--like FILE]` keeps to the versions of a list of
pins; `--hashes` asks the index for the hashes again and moves nothing.
"""

import argparse
import configparser
import json
import re
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What an editable install is built with; it is not needed at run time.
BUILD = ("setuptools>=77",)
# Sets of their own, for measuring: they are in no environment of the product or its tests.
APART = {"bench": ("matplotlib>=3.11,<4", "radicale>=3.9,<4"), "peers": ("timefold==1.24.0b0",)}
SETS = {"run": (), "test": ("postgres", "oidc", "test", "dev"), "oldest": ("postgres", "oidc", "test")}
LOWER = re.compile(r"([A-Za-z0-9_.\[\]-]+) *[>=]=([0-9.]+)")
HEAD = "# Exact versions, written by tools/pins.py from the ranges in setup.cfg. Do not edit.\n"
HEAD_APART = "# Exact versions, written by tools/pins.py, for measuring alone. Do not edit.\n"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\]+)", re.MULTILINE)
SDIST = re.compile(r".+-([^-]+)\.(?:tar\.gz|zip)")
INDEX = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
SIMPLE = "application/vnd.pypi.simple.v1+json"


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


def named(file: Path) -> list[str]:
    """Give `name==version` of each pin of a list, without its hashes."""
    return ["==".join(found) for found in PIN.findall(file.read_text("utf-8"))]


def version_of(file: str) -> str:
    """Give the version in the name of a wheel or of a source archive; nothing for any other file."""
    if file.endswith(".whl"):
        return file.split("-")[1]
    found = SDIST.fullmatch(file)
    return found[1] if found else ""


def hashed(lines: list[str]) -> Iterator[str]:
    """Give each pin with the hashes of all its files (PEP 691). Raises LookupError where the index has none."""
    done = subprocess.run([sys.executable, "-c", INDEX], check=True, capture_output=True, text=True)
    index = done.stdout.strip()

    def asked(line: str) -> str:
        name, version = line.split("==")
        plain = re.sub(r"[-_.]+", "-", name).lower()
        request = urllib.request.Request(f"{index}/{plain}/", headers={"Accept": SIMPLE})  # noqa: S310 -- of pip itself
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            files = json.load(answer)["files"]
        hashes = {file["hashes"]["sha256"] for file in files if version_of(file["filename"]) == version}
        if not hashes:
            raise LookupError(f"The index has no file of {line}.")
        return " \\\n".join([line, *(f"    --hash=sha256:{one}" for one in sorted(hashes))])

    with ThreadPoolExecutor(8) as threads:
        yield from threads.map(asked, lines)


def write(name: str, head: str, lines: list[str]) -> None:
    """Write one list."""
    file = ROOT / "requirements" / f"{name}.txt"
    file.write_text(head + "\n".join(hashed(lines)) + "\n", "utf-8")
    print(f"requirements/{name}.txt: {len(lines)} packages")


def main() -> int:
    """Write the files; 0 when that went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--like", type=Path, help="a list of pins to keep to where it names a package")
    parser.add_argument("--hashes", action="store_true", help="keep every version; only ask for the hashes again")
    asked = parser.parse_args()
    if asked.hashes:
        for name in (*SETS, *APART):
            head = HEAD if name in SETS else HEAD_APART
            write(name, head, named(ROOT / "requirements" / f"{name}.txt"))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        like = Path(folder) / "like.txt"
        if asked.like:
            like.write_text("\n".join(named(asked.like)), "utf-8")
        for name, extras in SETS.items():
            oldest = name == "oldest"
            write(name, HEAD, frozen(ranges(extras, oldest=oldest), like if asked.like and not oldest else None))
    for name, wanted in APART.items():
        # What a fresh environment holds anyway is not asked for.
        lines = [line for line in frozen(list(wanted), None) if not line.startswith("setuptools==")]
        write(name, HEAD_APART, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
