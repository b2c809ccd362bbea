"""One job in a process of its own: `python -m tests.bench.job SPEC.json OUT.json`.

With `judge` in the spec nothing is planned: the plan that lies there is judged and counted again.
Reads the instance, plans it with what the job names, has the plan judged by the verifier and counts its figures, the
same way for every planner. Processor time is that of this process and of the ones it started and waited for.
"""

import hashlib
import json
import resource
import subprocess
import sys
import zoneinfo
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

zoneinfo.reset_tzpath(to=[])

from devsys.core.planning.check import check  # noqa: E402 -- after the zone data is chosen
from devsys.core.planning.draw import draw  # noqa: E402
from devsys.core.planning.exchange import read_problem, read_sessions, write_sessions  # noqa: E402
from devsys.core.planning.problem import Plan, Problem, Progress, Session  # noqa: E402
from tests.bench.first_fit import first_fit  # noqa: E402

CREW = 2
# Peers that choose among candidates have twice as many on small instances; on large ones the time would not do.
FEW_NEEDS, RICH, PLAIN = 2_000, 2.0, 1.0
Answer = tuple[tuple[Session, ...], dict[str, Any]]


def cpu() -> float:
    """Give the processor seconds used so far, those of finished children included."""
    used = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in used)


def own_peak() -> float:
    """Give the most memory this process has had, in MB; what was before it became this program is not counted."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Curve:
    """The best figures so far against processor time, a point at most every hundredth of what was spent."""

    def __init__(self) -> None:
        self.began = cpu()
        self.points: list[tuple[float, int, str]] = []

    def __call__(self, progress: Progress) -> None:
        now = cpu() - self.began
        last = self.points[-1] if self.points else (0.0, 0, "")
        if progress.stage != last[2] or (now - last[0] > 0.01 * now + 0.02 and progress.on_time != last[1]):
            self.points.append((round(now, 3), progress.on_time, progress.stage))


def _drawn(plan: Plan, curve: Curve) -> Answer:
    figures = plan.figures
    return plan.sessions, {
        "bound": figures.bound,
        "proved": figures.proved,
        "curve": curve.points,
        "said": figures.on_time,
    }


def _full(problem: Problem, spec: dict[str, Any]) -> Answer:
    curve, began = Curve(), cpu()
    return _drawn(draw(problem, stop=lambda: cpu() - began > spec["limit"], progress=curve), curve)


def _crew(problem: Problem, _spec: dict[str, Any]) -> Answer:
    from devsys.faces.jobs.executor import crew_of

    curve = Curve()
    crew = crew_of("process", CREW)
    return _drawn(draw(problem, progress=curve, crew=crew), curve)


def _construct(problem: Problem, _spec: dict[str, Any]) -> Answer:
    curve = Curve()
    return _drawn(draw(problem, construct_only=True, progress=curve), curve)


def _first_fit(problem: Problem, _spec: dict[str, Any]) -> Answer:
    return first_fit(problem), {}


def _richness(problem: Problem) -> float:
    return RICH if len(problem.needs) <= FEW_NEEDS else PLAIN


def _monolith(problem: Problem, spec: dict[str, Any]) -> Answer:
    from tests.bench.candidates import candidates
    from tests.bench.monolith import solve
    from tests.bench.peer_plans import sessions_of

    choice = candidates(problem, _richness(problem))
    status, seats = solve(problem, choice, seconds=spec["limit"])
    return sessions_of(problem, choice, seats), {"status": status}


def _timefold(problem: Problem, spec: dict[str, Any]) -> Answer:
    from tests.bench.candidates import candidates
    from tests.bench.peer_plans import sessions_of, timefold_task

    choice = candidates(problem, _richness(problem))
    task = timefold_task(problem, choice, seconds=spec["limit"])
    files = [Path(spec["folder"]) / f"timefold-{end}.json" for end in ("in", "out")]
    files[0].write_text(json.dumps(task), "utf-8")
    model = Path(__file__).with_name("timefold_model.py")
    subprocess.run([spec["apart"], str(model), *map(str, files)], check=True)
    answer = json.loads(files[1].read_text("utf-8"))
    seats = zip(task["order"], answer["seats"], strict=True)
    return sessions_of(problem, choice, seats), {"status": answer["score"], "cpu": answer["cpu"]}


def _upkeep(problem: Problem, spec: dict[str, Any]) -> Answer:
    from tests.bench.upkeep import reasons, repairs

    return {"repair": repairs, "reasons": reasons}[spec["what"]](problem, spec)


PLANNERS: dict[str, Callable[[Problem, dict[str, Any]], Answer]] = {
    "full": _full,
    "construct": _construct,
    "crew": _crew,
    "first fit": _first_fit,
    "CP-SAT": _monolith,
    "Timefold": _timefold,
    "repair": _upkeep,
    "reasons": _upkeep,
}


def figures_of(problem: Problem, sessions: Iterable[Session]) -> dict[str, Any]:
    """Count what a plan reaches, with nothing of the planner."""
    kept = tuple(sessions)
    seats = [(n, s.start) for s in kept for n in s.att]
    on_time = {n for n, start in seats if start < problem.needs[n].due}
    text = json.dumps(write_sessions(kept), sort_keys=True)
    return {
        "needs": len(problem.needs),
        "placed": len({n for n, _ in seats}),
        "on_time": len(on_time),
        "sessions": len(kept),
        "violations": len(check(problem, kept)),
        "digest": hashlib.sha256(text.encode()).hexdigest(),
    }


def main() -> None:
    """Run the job and write what came of it."""
    spec = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    began = cpu()
    document = json.loads(Path(spec["instance"]).read_bytes())
    problem = read_problem(document)
    del document
    read = cpu()
    if spec["judge"]:
        result = figures_of(problem, read_sessions(json.loads(Path(spec["plan"]).read_text("utf-8"))))
    else:
        sessions, more = PLANNERS[spec["what"]](problem, spec)
        spent, peak = cpu() - read, own_peak()
        result = figures_of(problem, sessions) | {"reading": read - began, "cpu": spent, "own_peak_mb": peak, **more}
        if spec["plan"]:
            Path(spec["plan"]).write_text(json.dumps(write_sessions(sessions)), "utf-8")
    Path(sys.argv[2]).write_text(json.dumps(result), "utf-8")


if __name__ == "__main__":
    main()
