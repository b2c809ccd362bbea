"""Run the long forms of the tests one by one, go on where a stopped run was, and write docs/soak.md.

`soak.py [ID | PATH ...] [--again | --keep] [--pytest WORDS]`: ids of tests/catalogue.py or paths of tests; without any,
all of them. What is done is kept in test-results/soak.json: a run that is stopped loses the test it was in and no more.
When the code has changed since, everything begins anew; with --keep what passed stays, and the page says beside each
test on which code it ran. Ends with 1 when a test failed.
"""

import argparse
import hashlib
import json
import platform
import re
import sqlite3
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
STATE: Final = ROOT / "test-results" / "soak.json"
PAGE: Final = ROOT / "docs" / "soak.md"
RESULT: Final = ROOT / "test-results" / "soak-one.xml"
NAMED: Final = (
    "flask",
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "apscheduler",
    "icalendar",
    "ortools",
    "tzdata",
    "psycopg",
)
WHOLE: Final = 'scope="module"'  # a file that shares what is costly among its tests is run as one

State = dict[str, Any]


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout


def code() -> str:
    """Give the version of the code: the commit, and what differs from it but the page this program writes."""
    commit = _git("rev-parse", "--short=12", "HEAD").strip()
    changed = _git("diff", "HEAD", "--", ".", f":!{PAGE.relative_to(ROOT)}")
    mark = hashlib.sha256(changed.encode()).hexdigest()[:6] if changed else ""
    return f"{commit}+{mark}" if mark else commit or "no commit"


def versions() -> Mapping[str, str]:
    """Give the versions of what the tests stand on."""
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version, "PostgreSQL": _postgres()}
    for name in NAMED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _postgres() -> str:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    if not programs:
        return "not installed"
    said = subprocess.run([str(programs[-1]), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"[\d.]+", said)
    return found.group() if found else "unknown"


def groups(nodes: Iterable[str]) -> tuple[str, ...]:
    """Give what is run at a time: a test, or a whole file whose tests share what is costly."""
    found = []
    for node in nodes:
        file = node.partition("::")[0]
        found.append(file if WHOLE in (ROOT / file).read_text("utf-8") else node)
    return tuple(dict.fromkeys(found))


def collect(wanted: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Give the node ids of the long tests among `wanted`: ids of the catalogue or paths; all for none."""
    sys.path.insert(0, str(ROOT))
    from tests import catalogue  # noqa: PLC0415 -- a tool of the tree, beside its tests

    ids = {p.id for p in catalogue.PROMISES}
    paths = [word for word in wanted if word not in ids]
    paths += [proof.test for proof in catalogue.PROOFS if proof.id in wanted]
    if wanted and not paths:
        sys.exit(f"No test of the catalogue proves {' '.join(wanted)} yet.")
    said = _pytest("--collect-only", "-q", *more, *dict.fromkeys(paths), capture=True)
    return groups(
        line for line in said.stdout.splitlines() if "::" in line and not line.startswith(("ERROR", "FAILED"))
    )


def _pytest(*words: str, capture: bool = False) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-m", "soak", "--timeout", "36000", *words]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=capture, check=False)


def run(group: str, more: Sequence[str]) -> State:
    """Run one group; give its outcome, seconds, what it proved, and the first line of a failure."""
    RESULT.unlink(missing_ok=True)
    started = time.monotonic()
    code = _pytest("-q", "--junitxml", str(RESULT), *more, group).returncode
    found: State = {"seconds": round(time.monotonic() - started), "proved": {}, "words": "", "tests": 0, "left_out": 0}
    if not RESULT.exists():
        return {**found, "outcome": "failed", "words": f"pytest ended with {code}"}
    for case in ET.parse(RESULT).iter("testcase"):  # noqa: S314 -- our own test run wrote this
        found["tests"] += 1
        found["left_out"] += case.find("skipped") is not None
        for one in case.iter("property"):
            if one.get("name") == "proved":
                for name, number in json.loads(one.get("value", "{}")).items():
                    before = found["proved"].get(name, 0)
                    # counts add up over the tests of a file; of a figure the largest says most
                    found["proved"][name] = max(before, number) if isinstance(number, float) else before + number
        for fault in (*case.findall("failure"), *case.findall("error")):
            found["words"] = found["words"] or (fault.get("message") or "").splitlines()[0][:160]
    outcome = "failed" if code else "passed"
    return {**found, "outcome": "left out" if found["tests"] == found["left_out"] else outcome}


def load(version: str, *, again: bool, keep: bool) -> State:
    """Give what is done of this version of the code; another version begins anew and says so, or keeps what passed."""
    if STATE.exists() and not again:
        found: State = json.loads(STATE.read_text("utf-8"))
        if found.get("code") == version:
            return found
        if keep:
            return kept(found, version)
        sys.stdout.write(f"The code changed ({found.get('code')} to {version}): everything is run anew.\n")
    return {"code": version, "began": time.strftime("%Y-%m-%d", time.gmtime()), "versions": versions(), "done": {}}


def kept(found: State, version: str) -> State:
    """Give a state that goes on with other code: what passed stays and is marked with the code it ran on."""
    passed = {group: one for group, one in found["done"].items() if one["outcome"] == "passed"}
    done = {group: {**one, "code": one.get("code", found["code"])} for group, one in passed.items()}
    return {**found, "code": version, "versions": versions(), "done": done}


def save(state: State) -> None:
    """Keep the state and the page, each whole or not at all."""
    STATE.parent.mkdir(exist_ok=True)
    for path, text in ((STATE, json.dumps(state, indent=1)), (PAGE, page(state))):
        beside = path.with_name(f".{path.name}")
        beside.write_text(text, "utf-8")
        beside.replace(path)


def _rows(state: State) -> list[str]:
    from tests import catalogue  # noqa: PLC0415 -- a tool of the tree, beside its tests

    order = {p.id: number for number, p in enumerate(catalogue.PROMISES)}
    rows = []
    for group in state["groups"]:
        file, _, name = group.partition("::")
        proofs = [
            p.id for p in catalogue.PROOFS if p.file == file and p.function in (name.partition("[")[0] or p.function)
        ]
        ids = sorted(dict.fromkeys(proofs), key=order.__getitem__)
        one = state["done"].get(group)
        key = order[ids[0]] if ids else len(order)
        said = (
            ("to be run", "", "", "")
            if one is None
            else (one["outcome"], f"{one['seconds']:,}", _said(one["proved"]), one.get("code", state["code"]))
        )
        rows.append((key, group, f"| {' '.join(ids) or '-'} | `{group}` | {' | '.join(said)} |"))
    return [row for *_, row in sorted(rows)]


def _said(proved: Mapping[str, float]) -> str:
    return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in proved.items())


def page(state: State) -> str:
    """Give docs/soak.md: what was run of which code, what it proved, what failed."""
    done: Mapping[str, State] = state["done"]
    failed = {group: one for group, one in done.items() if one["outcome"] != "passed"}
    earlier = sum(one.get("code", state["code"]) != state["code"] for one in done.values())
    left = len(state["groups"]) - len([g for g in state["groups"] if g in done])
    seconds = sum(one["seconds"] for one in done.values())
    lines = [
        "# The long run",
        "",
        f"Written by `make soak`. Code {state['code']}, begun {state['began']}.",
        f"{len(done)} of {len(state['groups'])} groups of tests run in {seconds / 3600:.1f} h, {len(failed)} failed,",
        f"{left} to be run, {earlier} stand from earlier code, as the last column says. The ids are those of",
        "[the catalogue](catalogue.md).",
        "",
        "Versions: " + ", ".join(f"{name} {version}" for name, version in state["versions"].items()) + ".",
        "",
        "## Open failures",
        "",
        *([f"- `{group}` {one['outcome']}: {one['words']}" for group, one in failed.items()] or ["None."]),
        "",
        "## What was run",
        "",
        "| id | test | outcome | seconds | proved | code |",
        "|---|---|---|---|---|---|",
        *_rows(state),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run what is not done yet; 0 when all that was wanted passed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("wanted", nargs="*")
    asked.add_argument("--again", action="store_true", help="forget what is done")
    asked.add_argument("--keep", action="store_true", help="keep what passed on earlier code, and say so")
    asked.add_argument("--failed", action="store_true", help="run again what failed")
    asked.add_argument("--pytest", default="", help="more words for pytest")
    words = asked.parse_args()
    more = words.pytest.split()
    state = load(code(), again=words.again, keep=words.keep)
    wanted = collect(words.wanted, more)
    state["groups"] = list(dict.fromkeys([*state.get("groups", []), *wanted]))
    if words.failed:
        state["done"] = {group: one for group, one in state["done"].items() if one["outcome"] == "passed"}
    save(state)
    for group in wanted:
        if group not in state["done"]:
            state["done"][group] = run(group, more)
            save(state)
    bad = [group for group in wanted if state["done"][group]["outcome"] == "failed"]
    sys.stdout.write(f"{len(wanted) - len(bad)} of {len(wanted)} passed or left out; see {PAGE.relative_to(ROOT)}.\n")
    return int(bool(bad) or not wanted)


if __name__ == "__main__":
    sys.exit(main())
