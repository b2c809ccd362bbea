"""Make or complete the environment in .venv: exact pins, the project itself, browser files. A second run does nothing.

`python3 tools/environment.py run|test|oldest|bench`. Each step leaves a stamp, the hash of what it was made from, so
only what changed is made again. An environment that holds the pins is taken as it is. DEVSYS_VENV names another folder.
`bench` is `test`, and beside it .venv-bench with what only measuring needs: matplotlib, and Timefold where Java is.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / os.environ.get("DEVSYS_VENV", ".venv")  # noqa: TID251 -- a tool, before there are settings
PYTHON = VENV / "bin" / "python"
APART = ROOT / ".venv-bench"
OLDEST = (3, 11)
INSTALLED = """
import importlib.metadata as m, json
print(json.dumps({d.metadata["Name"]: d.version for d in m.distributions()}))
"""


def hash_of(*files: Path) -> str:
    """Give one hash of the contents of files that are there."""
    digest = hashlib.sha256(sys.version.split()[0].encode())
    for file in files:
        digest.update(file.read_bytes() if file.exists() else b"-")
    return digest.hexdigest()


class Step:
    """One step with its stamp."""

    def __init__(self, name: str, *files: Path) -> None:
        self.stamp = VENV / f".devsys-{name}"
        self.hash = hash_of(*files)

    def done(self) -> bool:
        """Say whether it was done from the same files."""
        return self.stamp.exists() and self.stamp.read_text("ascii") == self.hash

    def finish(self) -> None:
        """Leave the stamp."""
        self.stamp.write_text(self.hash, "ascii")


def plain(name: str) -> str:
    """Give the normal form of a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def missing(pins: Path) -> list[str]:
    """Give the pins that the environment does not hold exactly."""
    done = subprocess.run([PYTHON, "-c", INSTALLED], check=True, capture_output=True, text=True)
    held = {plain(name): version for name, version in json.loads(done.stdout).items()}
    lines = re.findall(r"^([\w.-]+)==([^\s\\]+)", pins.read_text("utf-8"), re.MULTILINE)
    return [f"{name}=={version}" for name, version in lines if held.get(plain(name)) != version]


def pip(*words: str) -> None:
    """Call the environment's pip, silent unless something goes wrong."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "-qq", "install", *words]
    subprocess.run(command, check=True, cwd=ROOT)


def make_environment() -> None:
    """Make the environment if it is not there."""
    if PYTHON.exists():
        return
    if sys.version_info < OLDEST:
        sys.exit(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {sys.version.split()[0]}.")
    print(f"Making the environment in {VENV.name} ...", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(f"The environment could not be made: {error}\nOn Debian and Ubuntu: apt install python3-venv")


def install_pins(name: str) -> None:
    """Install the pins of a set, if they are not all there."""
    pins = ROOT / "requirements" / f"{name}.txt"
    step = Step(name, pins)
    if step.done():
        return
    lacking = missing(pins)
    if lacking:
        print(f"Installing {len(lacking)} packages ({name}) ...", flush=True)
        pip("--require-hashes", "-r", str(pins))
    step.finish()


def install_project() -> None:
    """Install the project as a link to this folder, so that `devsys` is a command."""
    step = Step("project", ROOT / "setup.cfg", ROOT / "pyproject.toml", PYTHON.parent / "devsys")
    if step.done():
        return
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    Step("project", ROOT / "setup.cfg", ROOT / "pyproject.toml", PYTHON.parent / "devsys").finish()


def install_node() -> None:
    """Install what tests alone need from npm (parsers of calendars), if npm is there and something is named."""
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    npm = shutil.which("npm")
    step = Step("node", ROOT / "package.json", ROOT / "package-lock.json")
    if not package.get("devDependencies") or (step.done() and (ROOT / "node_modules").is_dir()):
        return
    if npm is None:
        print("No npm: the tests that read our feeds by ical.js will be left out.", flush=True)
        return
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    step.finish()


def install_apart() -> None:
    """Make .venv-bench; what cannot be installed there is left out loudly, and nobody else sees it."""
    python = APART / "bin" / "python"
    if not python.exists():
        venv.create(APART, with_pip=True)
    java = shutil.which("java")
    for name in ("bench", "peers") if java else ("bench",):
        pins = ROOT / "requirements" / f"{name}.txt"
        step = Step(f"apart-{name}", pins, python)
        if step.done():
            continue
        print(f"Installing what measuring needs ({name}) ...", flush=True)
        command = [
            str(python),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "-qq",
            "install",
            "--require-hashes",
            "-r",
            str(pins),
        ]
        if subprocess.run(command, check=False, cwd=ROOT).returncode:
            print(f"This cannot be installed here and is left out: requirements/{name}.txt", flush=True)
        else:
            step.finish()
    if java is None:
        print("No Java: Timefold will not be measured (on Debian: apt install default-jre-headless).", flush=True)


def main() -> int:
    """Make what is asked for; 0 when it is there."""
    if sys.argv[1:] not in (["run"], ["test"], ["oldest"], ["bench"]):
        sys.exit(__doc__)
    name = "test" if sys.argv[1] == "bench" else sys.argv[1]
    make_environment()
    try:
        install_pins(name)
        install_project()
        subprocess.run([PYTHON, ROOT / "tools" / "vendor.py"], check=True)
        if name != "run":
            install_node()
        if sys.argv[1] == "bench":
            install_apart()
    except subprocess.CalledProcessError as error:
        print(f"This step failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        print("Its own lines above say why; the network is needed the first time.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
