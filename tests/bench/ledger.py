"""Results of jobs, kept in `.bench/` so that an interrupted run goes on: each holds while what it depends on stays.

A result belongs to one machine, one set of versions and one state of the code it measured; with any other it is
measured again. `.bench/` may be thrown away at any time.
"""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench.cases import Job, name_of
from tests.loud import SHARED

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tests" / "bench"
FOLDER = ROOT / ".bench"
APART = ROOT / ".venv-bench" / "bin" / "python"

_PLANNER = ("devsys/core/planning/*.py", "tests/bench/job.py", "tests/bench/upkeep.py")
# What a job stands on besides the planner itself.
_NEEDED = {
    "repair": "devsys/core/planning/repair.py",
    "reasons": "devsys/core/planning/relax.py",
    "crew": "devsys/faces/jobs/executor.py",
}
_JUDGED = tuple(
    f"devsys/core/planning/{name}.py"
    for name in ("check", "desk", "exchange", "problem", "reading", "shared_verdicts", "shifts", "sound", "verdicts")
)
# Plans of organisations up to this size are shown to the public judge as well, where it is at hand.
JUDGED_ELSEWHERE = 1_000
_PEERS = {
    "first fit": ("first_fit",),
    "CP-SAT": ("first_fit", "candidates", "peer_plans", "monolith"),
    "Timefold": ("first_fit", "candidates", "peer_plans", "timefold_model"),
}


class Unavailable(Exception):  # noqa: N818 -- it is no fault
    """What a job needs is not on this machine."""


def parts_of(job: Job) -> tuple[str, ...]:
    """Give the files a result depends on, as patterns."""
    peer = _PEERS.get(job.what)
    own = _PLANNER if peer is None else tuple(f"tests/bench/{name}.py" for name in peer)
    more = (_NEEDED[job.what],) if job.what in _NEEDED else ()
    return (*own, *more, "tests/bench/instances.py")


@cache
def hash_of(patterns: tuple[str, ...]) -> str:
    """Give one hash of the files that match."""
    digest = hashlib.sha256()
    for file in sorted({f for p in patterns for f in ROOT.glob(p)}):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _judged(job: Job) -> str:
    """Say which verifier judged a peer's plan; what the planner's results depend on holds it already."""
    return hash_of(_JUDGED) if job.what in _PEERS else ""


@cache
def machine() -> dict[str, str]:
    """Say what this machine is, without its name."""
    model, memory = platform.processor() or platform.machine(), ""
    info, status = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    if info.exists():
        lines = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = lines[0] if lines else model
    if status.exists():
        memory = f"{int(status.read_text().split()[1]) / 2**20:.0f} GiB"
    return {"processor": model, "cores": str(os.cpu_count()), "memory": memory, "system": platform.system()}


@cache
def versions() -> dict[str, str]:
    """Give the versions of what is measured and what measures."""
    return {"Python": platform.python_version(), **{name: version(name) for name in ("numpy", "ortools")}}


@cache
def peer_versions() -> dict[str, str]:
    """Give the versions of the packages of the environment apart, and of Java; raise Unavailable without them."""
    java = shutil.which("java")
    if java is None:
        raise Unavailable("Java is not installed: Timefold is not measured (apt install default-jre-headless)")
    names = (
        subprocess.run(
            [APART, "-c", "from importlib.metadata import version as v; print(v('timefold'))"],
            capture_output=True,
            text=True,
            check=False,
        )
        if APART.exists()
        else None
    )
    if names is None or names.returncode:
        raise Unavailable("timefold is not in .venv-bench: see requirements/peers.txt")
    first = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr.splitlines()[0]
    return {"timefold": names.stdout.strip(), "Java": first.split('"')[1] if '"' in first else first}


class Ledger:
    """Runs jobs that have no valid result yet."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.used: dict[str, dict[str, Any]] = {}
        self.missing: dict[str, str] = {}
        self._making = threading.Lock()

    @cached_property
    def instances(self) -> Path:
        """Where instances lie."""
        found = self.folder / "instances"
        found.mkdir(parents=True, exist_ok=True)
        return found

    def key(self, job: Job) -> str:
        """Say what a result of this job would depend on."""
        seen = {"spec": job.spec(), "code": hash_of(parts_of(job)), "machine": machine(), "versions": versions()}
        if job.what == "Timefold":
            seen["peer"] = peer_versions()
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()

    def known(self, job: Job) -> dict[str, Any] | None:
        """Give the result of a job if there is one that holds."""
        kept = self._kept(job)
        held: dict[str, Any] | None = kept["result"] if kept and kept["judged"] == _judged(job) else None
        return held

    def _kept(self, job: Job) -> dict[str, Any] | None:
        """Give what is kept of a job if it was run as it would be now, whatever verifier judged it."""
        file = self.folder / "results" / f"{job.name}.json"
        try:
            kept: dict[str, Any] = json.loads(file.read_text("utf-8"))
            return kept if kept["key"] == self.key(job) and "judged" in kept else None
        except (OSError, ValueError, KeyError, Unavailable):
            return None

    def result(self, job: Job) -> dict[str, Any]:
        """Give the result of a job, running it if need be; raises Unavailable where it cannot be run."""
        try:
            found = self.known(job) or self._judge_again(job) or self._run(job)
        except Unavailable as error:
            self.missing[job.name] = str(error)
            raise
        self.used[job.name] = found
        return found

    def prepare(self, wanted: Iterable[Job]) -> None:
        """Run what has no result yet, as many at a time as there are cores: only for what is limited, not timed."""
        lacking = [job for job in dict.fromkeys(wanted) if self.known(job) is None]
        with ThreadPoolExecutor(os.cpu_count() or 1) as lanes:
            for _ in lanes.map(self._try, lacking):
                pass

    def _try(self, job: Job) -> None:
        with contextlib.suppress(Unavailable):
            self.result(job)

    def see(self, job: Job) -> None:
        """Raise Unavailable when what a job stands on is not here."""
        needed = _NEEDED.get(job.what)
        if needed and not (ROOT / needed).exists():
            raise Unavailable(f"there is no {needed}")
        if job.what == "Timefold":
            peer_versions()
        if job.maker == "public" and not (SHARED / "bench" / "make_instance.py").exists():
            raise Unavailable(
                "../shared/bench/make_instance.py is not beside this checkout: its instances are left out"
            )

    def instance(self, job: Job) -> Path:
        """Give the file of a job's instance, made when it is not there."""
        self.see(job)
        public = SHARED / "bench" / "make_instance.py"
        made = hash_of(("tests/bench/instances.py",)) if job.maker == "own" else "public"
        file = self.instances / f"{job.maker}-{made}-{name_of(job.shape)}.json"
        with self._making:
            if file.exists():
                return file
            shape = json.dumps(asdict(job.shape))
            call = [sys.executable, "-m", "tests.bench.make", job.maker, shape, str(file), str(public)]
            subprocess.run(call, check=True, cwd=ROOT)
        return file

    def _run(self, job: Job) -> dict[str, Any]:
        key = self.key(job)
        say(f"{job.what}: {name_of(job.shape)} ...")
        wanted = job.what in _PEERS or (job.what == "full" and job.shape.agents <= JUDGED_ELSEWHERE)
        plan = self.folder / "plans" / f"{job.name}.json"
        found, peak = self._child(job, str(plan) if wanted else "", judge=False)
        found["peak_mb"] = round(max(peak, found.pop("own_peak_mb")), 1)
        if job.what == "full" and wanted and (SHARED / "bench" / "check_plan.py").exists():
            found["judged_elsewhere"] = judged_elsewhere(self.instance(job), plan)
        return self._keep(job, key, found)

    def _judge_again(self, job: Job) -> dict[str, Any] | None:
        """Give a peer's result with its plan judged by a verifier that has changed since; None without that plan."""
        kept, plan = self._kept(job), self.folder / "plans" / f"{job.name}.json"
        if kept is None or job.what not in _PEERS or not plan.exists():
            return None
        found, _ = self._child(job, str(plan), judge=True)
        return self._keep(job, kept["key"], kept["result"] | found)

    def _child(self, job: Job, plan: str, *, judge: bool) -> tuple[dict[str, Any], float]:
        work = self.folder / "work" / job.name
        for folder in (work, self.folder / "plans"):
            folder.mkdir(parents=True, exist_ok=True)
        more = {"instance": str(self.instance(job)), "folder": str(work), "apart": str(APART)}
        files = [work / "spec.json", work / "out.json"]
        files[0].write_text(json.dumps(job.spec() | more | {"plan": plan, "judge": judge}), "utf-8")
        peak = watched([sys.executable, "-m", "tests.bench.job", *map(str, files)])
        found = json.loads(files[1].read_text("utf-8"))
        shutil.rmtree(work)
        return found, peak

    def _keep(self, job: Job, key: str, found: dict[str, Any]) -> dict[str, Any]:
        results = self.folder / "results"
        results.mkdir(parents=True, exist_ok=True)
        kept = json.dumps({"key": key, "judged": _judged(job), "job": job.spec(), "result": found}, indent=1)
        (results / f"{job.name}.json").write_text(kept, "utf-8")
        return found


def say(text: str) -> None:
    """Tell who waits; a run takes long."""
    print(f"  {text}", file=sys.stderr, flush=True)  # noqa: T201 -- progress of a long run


def judged_elsewhere(instance: Path, plan: Path) -> int:
    """Give the violations that the public judge of plans finds."""
    call = [sys.executable, str(SHARED / "bench" / "check_plan.py"), str(instance), str(plan)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    return int(json.loads(lines[-1])["violations"]) if lines else -1


def watched(call: list[str]) -> float:
    """Run a process and give the most memory it and its children had at a time, in MB."""
    environment = os.environ | {"PYTHONHASHSEED": str(time.monotonic_ns() % 4_000_000_000)}  # noqa: TID251 -- a child's
    started = subprocess.Popen(call, cwd=ROOT, env=environment)
    seen = [0.0]
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            seen[0] = max(seen[0], sum(_pss(pid) for pid in _family(started.pid)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        code = started.wait()
    except BaseException:
        started.kill()
        raise
    finally:
        over.set()
        watcher.join()
    if code:
        raise subprocess.CalledProcessError(code, call)
    return seen[0]


def _family(pid: int) -> Iterable[int]:
    """Give a process and its descendants, as far as /proc tells."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _pss(pid: int) -> float:
    """Give the memory of a process in MB, what it shares with others counted in part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
