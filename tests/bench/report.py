"""The table at the end of a run, and docs/benchmarks.md with its pictures once every row is measured."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from typing import Any

from tests.bench import goals
from tests.bench.cases import ALL, GROWN, PEERS, PUBLIC, RIVALS, SMALL, TIGHT, TWICE, UPKEEP, VARIANTS, YEARS, Case, Job
from tests.bench.feed_page import feeds_part
from tests.bench.figures import Result, of_needs, of_reading, per_need, share
from tests.bench.ledger import APART, HERE, ROOT, Ledger, Unavailable, hash_of, machine, peer_versions, versions

PAGE = ROOT / "docs" / "benchmarks.md"
PICTURES = ROOT / "docs" / "pictures"
NAMES = {"full": "devsys", "construct": "devsys, first plan only", "crew": "devsys, two processes"}
HEAD = ("instance", "planner", "on time", "of bound", "late", "owed", "broken", "CPU s", "ms/need", "x reading", "MB")


def jobs() -> tuple[Job, ...]:
    """Give every job that the page needs."""
    every = [job for case in ALL for job in case.jobs] + [TWICE.job("full", 1)]
    every += [case.job(what) for case in UPKEEP for what in ("repair", "reasons")]
    return tuple(dict.fromkeys(every))


def _rows(ledger: Ledger, cases: Iterable[Case]) -> Iterator[tuple[Case, str, Result, Result | None]]:
    for case in cases:
        full = ledger.known(case.job("full"))
        for job in case.jobs:
            found = ledger.known(job)
            if found is not None:
                yield case, job.what, found, full


def _cells(case: Case, what: str, r: Result, full: Result | None) -> tuple[str, ...]:
    nothing = not r["placed"]
    return (
        case.label,
        NAMES.get(what, what),
        f"{100 * of_needs(r):.2f} %" if not nothing else "no plan",
        f"{100 * share(r, full):.2f} %" if full is not None and not nothing else "",
        f"{r['placed'] - r['on_time']:,}",
        f"{r['needs'] - r['placed']:,}",
        str(r["violations"]),
        f"{r['cpu']:.1f}",
        f"{per_need(r):.2f}",
        f"{of_reading(r):.0f}",
        f"{r['peak_mb']:.0f}",
    )


def table(ledger: Ledger) -> list[str]:
    """Give the table of all that holds, as text."""
    rows = [HEAD, *(_cells(*row) for row in _rows(ledger, (*ALL, *PUBLIC)))]
    rows = list(dict.fromkeys(rows))
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    out = []
    for row in rows:
        left = [cell.ljust(w) for cell, w in zip(row[:2], widths, strict=False)]
        right = [cell.rjust(w) for cell, w in zip(row[2:], widths[2:], strict=True)]
        out.append("  ".join([*left, *right]).rstrip())
    return [*out, "", *_goal_lines(ledger)]


def _goal_lines(ledger: Ledger) -> Iterator[str]:
    every = list(goals.judge(ledger))
    for goal in every:
        if goal.held is not None:
            mark = "held  " if goal.held else "MISSED"
            yield f"{mark}  {goal.what}: wanted {goal.wanted}, measured {goal.measured}"
    lacking = sum(goal.held is None for goal in every)
    if lacking:
        yield f"        {lacking} of {len(every)} goals are not measured by what was chosen"


def write_pages(ledger: Ledger) -> list[str]:
    """Write the page and its pictures when every row is there; say what was done."""
    lacking = [job.name for job in jobs() if ledger.known(job) is None and not _excused(ledger, job)]
    if lacking:
        return [f"docs/benchmarks.md is left as it is: {len(lacking)} of {len(jobs())} results are not measured yet."]
    drawn = draw_pictures(ledger)
    PAGE.write_text("\n".join(page(ledger)) + "\n", "utf-8")
    return [f"Written: {PAGE.relative_to(ROOT)}", *drawn]


def _excused(ledger: Ledger, job: Job) -> bool:
    try:
        ledger.see(job)
    except Unavailable:
        return True
    return False


def draw_pictures(ledger: Ledger) -> list[str]:
    """Have the pictures drawn in the environment apart; matplotlib is no dependency of the tests."""
    if not APART.exists():
        return ["No pictures: matplotlib is not in .venv-bench"]
    file = ledger.folder / "pictures.json"
    file.write_text(json.dumps(series(ledger)), "utf-8")
    done = subprocess.run(
        [APART, str(HERE / "plots.py"), str(file), str(PICTURES)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        return [f"The pictures were not drawn: {done.stderr.strip().splitlines()[-1]}"]
    return done.stdout.strip().splitlines()


def series(ledger: Ledger) -> dict[str, Any]:
    """Give what the pictures show."""
    grown = []
    for case in GROWN:
        full, first = ledger.known(case.job("full")), ledger.known(case.job("first fit"))
        if full and first:
            grown.append([case.shape.agents, per_need(full), per_need(first), share(full), share(first, full)])
    curves = []
    chosen = (*((c, f"300 x 52, seed {c.shape.seed}") for c in YEARS), (GROWN[-1], "10,000 x 25 x 52"))
    tight = [(c, f"requirement x {c.shape.requirement:.2f}") for c in TIGHT if c.shape.seed == 1]
    for case, name in (*chosen, *tight):
        if full := ledger.known(case.job("full")):
            points = [[t, on / full["bound"]] for t, on, _ in full["curve"]]
            curves.append({"name": name, "points": [*points, [full["cpu"], share(full)]], "needs": full["needs"]})
    rivals = []
    for case in RIVALS:
        full = ledger.known(case.job("full"))
        if full is None or "small teams" in case.label:
            continue
        theirs = {p: ledger.known(case.job(p)) for p in PEERS}
        found = {NAMES["full"]: share(full)} | {p: share(r, full) for p, r in theirs.items() if r is not None}
        rivals.append(
            {
                "name": case.label.removeprefix("rivals ").removesuffix(" in a minute"),
                "limit": case.limit,
                "shares": found,
            }
        )
    queues = []
    for case in (*YEARS[:2], *TIGHT):
        full, first = ledger.known(case.job("full")), ledger.known(case.job("first fit"))
        if full and first:
            queues.append([case.shape.requirement, case.shape.seed, share(full), share(first, full)])
    return {"growth": grown, "curves": curves, "rivals": rivals, "queues": queues}


# ---- the page


def page(ledger: Ledger) -> Iterator[str]:
    """Give the lines of docs/benchmarks.md."""
    template = (HERE / "benchmarks_page.md").read_text("utf-8")
    try:
        peers: dict[str, str] = peer_versions()
        without = ""
    except Unavailable as error:
        peers, without = {}, f"Timefold was not measured here: {error}."
    parts = {
        "goals": _goal_table(ledger),
        "rivals": _table(ledger, RIVALS),
        "years": _table(ledger, YEARS),
        "tight": _table(ledger, TIGHT),
        "small": _table(ledger, SMALL),
        "variants": _table(ledger, VARIANTS),
        "growth": _table(ledger, GROWN),
        "upkeep": _upkeep(ledger),
        "reasons": _reasons(ledger),
        "public": _table(ledger, PUBLIC) or ["The public maker was not beside this checkout; its rows are left out."],
        "feeds": feeds_part(),
        "versions": _pairs(versions() | peers),
        "machine": _pairs(machine()),
        "code": [f"`{hash_of(('devsys/core/planning/*.py', 'tests/bench/*.py'))}`."],
        "without": [without] if without else [],
    }
    for line in template.splitlines():
        name = line.removeprefix("<!-- ").removesuffix(" -->")
        if line.startswith("<!-- ") and name in parts:
            yield from parts[name]
        else:
            yield line


def _pairs(values: dict[str, str]) -> list[str]:
    return ["; ".join(f"{name} {value}" for name, value in values.items()) + "."]


def _goal_table(ledger: Ledger) -> list[str]:
    out = ["| goal | wanted | measured | |", "|---|---|---|---|"]
    for goal in goals.judge(ledger):
        mark = "held" if goal.held else "**missed**" if goal.held is False else "not measured"
        out.append(f"| {goal.what} | {goal.wanted} | {goal.measured} | {mark} |")
    return out


def _upkeep(ledger: Ledger) -> list[str]:
    out = [
        "| instance | change | repairs | median cost | one in 20 above | moved | at least | owed | proved | broken |",
        "|---|---|" + "--:|" * 8,
    ]
    for case in UPKEEP:
        found = ledger.known(case.job("repair"))
        for which, name in (("absence", "a person away for a day"), ("leader", "a facilitator away for a day")):
            if found is None:
                continue
            r = found[which]
            cells = (
                case.label,
                name,
                r["repairs"],
                f"1/{1 / max(r['median'], 1e-9):,.0f}",
                f"1/{1 / max(r['worst_of_twenty'], 1e-9):,.0f}",
                r["freed"],
                r["bound"],
                r["owed"],
                r["proved"],
                r["violations"],
            )
            out.append(f"| {' | '.join(map(str, cells))} |")
    return out


def _reasons(ledger: Ledger) -> list[str]:
    out = [
        "| instance | reasons named | judged, by lot | confirmed | naming them all, of drawing the plan |",
        "|---|--:|--:|--:|--:|",
    ]
    for case in UPKEEP:
        r = ledger.known(case.job("reasons"))
        if r is not None:
            out.append(
                f"| {case.label} | {r['named']:,} | {r['judged']} | {r['confirmed']} | {100 * r['naming']:.0f} % |"
            )
    return out


def _table(ledger: Ledger, cases: Iterable[Case]) -> list[str]:
    rows = list(dict.fromkeys(_cells(*row) for row in _rows(ledger, cases)))
    if not rows:
        return []
    head = [f"| {' | '.join(HEAD)} |", "|---|---|" + "--:|" * (len(HEAD) - 2)]
    out, before = [], ""
    for row in rows:
        label = row[0].removeprefix("rivals ")
        out.append(f"| {' | '.join((label if row[0] != before else '', *row[1:]))} |")
        before = row[0]
    return [*head, *out]


def main() -> None:
    """Write what there is: `python -m tests.bench.report` after an interrupted run."""
    ledger = Ledger()
    for line in (*table(ledger), *write_pages(ledger)):
        print(line)  # noqa: T201 -- for a terminal


if __name__ == "__main__":
    main()
