"""Install the built wheel into a fresh environment outside the source tree and use it as people do.

Looks for what it must hold, asks for its version, checks its programmes, makes the demo, serves it until the first
page answers, then runs the tests that need nothing but the installed program against it.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ("tests/test_cli.py", "tests/store", "tests/jobs", "tests/stories")
PYTEST = """[pytest]
addopts = -ra -m "not soak and not bench and not browser and not postgres and not imap"
pythonpath = .
timeout = 300
markers =
    soak: long runs
    bench: ratios
    browser: needs Chromium
    imap: needs Dovecot
    postgres: needs PostgreSQL binaries
"""
READY_SECONDS = 90


class Broken(Exception):  # noqa: N818 -- what it says is the message
    """Something the wheel must do it did not."""


def say(word: str) -> None:
    """Print a line at once."""
    print(word, flush=True)


def call(*command: str | Path, **more: object) -> str:
    """Call a program and give what it said. Raises Broken with all of it when that failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload]
    if done.returncode != 0:
        raise Broken(f"{' '.join(map(str, command))} gave {done.returncode}:\n{done.stdout}{done.stderr}")
    return str(done.stdout)


def install(folder: Path, wheel: Path) -> Path:
    """Give the folder of programs of a fresh environment that holds the wheel and what the tests need."""
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    pip(programs, "-r", str(ROOT / "requirements" / "run.txt"))
    pip(programs, "--no-deps", str(wheel))
    return programs


def pip(programs: Path, *words: str) -> None:
    """Install something into the environment. Raises Broken."""
    call(programs / "python", "-m", "pip", "--disable-pip-version-check", "-qq", "install", *words)


def serve(programs: Path, work: Path, env: dict[str, str]) -> None:
    """Start `devsys run` and stop it once the page to sign in has answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(programs / "devsys"), "run", "--port", str(port)]
    with (work / "run.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=work, env=env, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as answer:
                    say(f"first page: {answer.status}")
                    break
            except (OSError, urllib.error.URLError) as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    said = (work / "run.log").read_text("utf-8")
                    raise Broken(f"devsys run did not answer: {error}\n{said}") from None
                time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(30)


def use(programs: Path, work: Path) -> None:
    """Use the installed program as people do. Raises Broken with what went wrong."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DEVSYS_", "PYTHON"))}  # noqa: TID251 -- for a child
    env = {**kept, "DEVSYS_HOME": str(work / "instance")}
    devsys = programs / "devsys"
    say(call(devsys, "--version", cwd=work, env=env).strip())
    place = call(programs / "python", "-c", "import devsys; print(devsys.__file__)", cwd=work, env=env).strip()
    if ROOT in Path(place).parents:
        raise Broken(f"devsys is taken from the source tree: {place}")
    say(call(devsys, "check-schedules", cwd=work, env=env).strip())
    say(call(devsys, "demo", cwd=work, env=env).strip())
    accounts = json.loads(call(devsys, "demo", "accounts", "--json", cwd=work, env=env))
    say(f"demo accounts: {', '.join(one['role'] for one in accounts)}")
    serve(programs, work, env)


def test(programs: Path, work: Path, junit: Path) -> int:
    """Run the tests against the installed program, from a folder that holds no source; give pytest's exit code."""
    pip(programs, "-r", str(ROOT / "requirements" / "test.txt"))
    shutil.copytree(ROOT / "tests", work / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    (work / "pytest.ini").write_text(PYTEST, "utf-8")
    command = [str(programs / "pytest"), "-q", "--import-mode=importlib", f"--junitxml={junit}", *TESTS]
    return subprocess.run(command, cwd=work, check=False).returncode


def main() -> int:
    """Do it all; 0 when the wheel is good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--junitxml", type=Path, default=ROOT / "test-results" / "wheel.xml")
    junit = parser.parse_args().junitxml
    wheels = sorted((ROOT / "dist").glob("*.whl"))
    if not wheels:
        print("There is no wheel in dist/: make dist", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="devsys-wheel-") as folder:
        work = Path(folder) / "work"
        work.mkdir()
        try:
            programs = install(Path(folder) / "env", wheels[-1])
            use(programs, work)
            return test(programs, work, junit)
        except Broken as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
