"""The goals of the planner, and whether the results that are there hold them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from tests.bench.cases import ALL, GROWN, PEERS, PUBLIC, RIVALS, SMALL, TIGHT, TIGHTNESS, TWICE, UPKEEP, YEARS, Case
from tests.bench.figures import Result, of_reading, per_need, share
from tests.bench.ledger import Ledger

CONSTRUCTED, FULL, LARGE = 0.94, 0.997, 0.998
GROWTH_OF_COST, OF_READING, MEMORY_MB = 1.3, 100, 1000
TIMES_TIMEFOLD = 1.5
OF_FULL, CONFIRMED = 100, 0.95
MANY_TIMES = 1000


@dataclass(frozen=True, slots=True)
class Goal:
    """`held` is None when nothing was measured."""

    what: str
    wanted: str
    measured: str
    held: bool | None


def judge(ledger: Ledger) -> Iterator[Goal]:
    """Give each goal with what was measured."""
    yield _violations(ledger)
    yield _shares(ledger, "300 x 52, first plan only", YEARS, CONSTRUCTED, "construct")
    yield _shares(ledger, "300 x 52", YEARS, FULL)
    for factor, wanted in TIGHTNESS:
        rows = [c for c in TIGHT if c.shape.requirement == factor]
        yield _shares(ledger, f"300 x 52, requirement x {factor:.2f}", rows, wanted)
    yield _at_bound(ledger)
    large = ledger.known(GROWN[-1].job("full"))
    yield _shares(ledger, "10,000 x 25 sites x 52", GROWN[-1:], LARGE)
    yield _limit(
        "10,000 x 25 x 52, of reading the file", f"<= {OF_READING} x", large and of_reading(large), OF_READING, " x"
    )
    yield _limit("10,000 x 25 x 52, peak memory", f"< {MEMORY_MB} MB", large and large["peak_mb"], MEMORY_MB, " MB")
    yield from _crew(ledger, large)
    yield _growth(ledger, large)
    yield from _peers(ledger)
    yield from _upkeep(ledger)
    first, second = ledger.known(TWICE.job("full")), ledger.known(TWICE.job("full", 1))
    same = first["digest"] == second["digest"] if first and second else None
    yield Goal("same instance and seed", "same bytes", "" if same is None else "same" if same else "differ", same)


def _upkeep(ledger: Ledger) -> Iterator[Goal]:
    """Give the goals of a plan that stands: repairs and reasons."""
    for which, what in (("absence", "one absence"), ("leader", "one sick facilitator")):
        rows = [r[which] for _, r in _known(ledger, UPKEEP, "repair")]
        cost = max((r["median"] for r in rows), default=None)
        worst = max((r["worst_of_twenty"] for r in rows), default=0.0)
        text = (
            "" if cost is None else f"1/{1 / max(cost, 1e-9):,.0f}; one in twenty above 1/{1 / max(worst, 1e-9):,.0f}"
        )
        yield Goal(f"{what}, of the cost of a full plan", f"<= 1/{OF_FULL}", text, cost and cost <= 1 / OF_FULL)
        moved, least, proved, all_of = (sum(r[k] for r in rows) for k in ("freed", "bound", "proved", "repairs"))
        text = f"{moved - least} beyond the bound; proved least in {proved} of {all_of}" if rows else ""
        yield Goal(f"{what}: people moved who need not be", "0, or the gap shown", text, True if rows else None)
    rows = [r for _, r in _known(ledger, UPKEEP, "reasons")]
    good, judged = sum(r["confirmed"] for r in rows), sum(r["judged"] for r in rows)
    text = f"{100 * good / judged:.1f} % of {judged}" if judged else ""
    yield Goal(
        "reasons confirmed by letting go of exactly that",
        f">= {100 * CONFIRMED:g} %",
        text,
        good >= CONFIRMED * judged if judged else None,
    )


def _known(ledger: Ledger, cases: Iterable[Case], what: str = "full") -> list[tuple[Case, Result]]:
    found = ((case, ledger.known(case.job(what))) for case in cases)
    return [(case, r) for case, r in found if r is not None]


def _violations(ledger: Ledger) -> Goal:
    found = [r["violations"] for case in ALL for job in case.jobs if (r := ledger.known(job)) is not None]
    elsewhere = [r["judged_elsewhere"] for _, r in _known(ledger, ALL) if "judged_elsewhere" in r]
    also = f", {len(elsewhere)} also by the public judge" if elsewhere else ""
    total = sum(found) + sum(elsewhere)
    return Goal("broken rules in all plans", "0", f"{total} in {len(found)} plans{also}", total == 0 if found else None)


def _shares(ledger: Ledger, what: str, cases: Iterable[Case], wanted: float, which: str = "full") -> Goal:
    rows = [(share(r, ledger.known(case.job("full")) or r), case) for case, r in _known(ledger, cases, which)]
    shares = sorted(s for s, _ in rows)
    text = "" if not shares else f"{100 * shares[0]:.2f} %"
    if len(shares) > 1:
        text = f"{100 * shares[0]:.2f} to {100 * shares[-1]:.2f} %, {len(shares)} seeds"
    return Goal(f"{what}, of the bound", f">= {100 * wanted:g} %", text, shares[0] >= wanted if shares else None)


def _at_bound(ledger: Ledger) -> Goal:
    rows = [r for _, r in _known(ledger, (*SMALL, *(c for c in PUBLIC if c.shape.agents == SMALL[0].shape.agents)))]
    reached = sum(r["proved"] and r["on_time"] == r["bound"] for r in rows)
    return Goal(
        "60 x 13",
        "the bound itself, proved",
        f"proved on {reached} of {len(rows)} instances" if rows else "",
        reached == len(rows) if rows else None,
    )


def _limit(what: str, wanted: str, value: float | None, most: float, unit: str) -> Goal:
    return Goal(what, wanted, "" if value is None else f"{value:.0f}{unit}", None if value is None else value <= most)


def _crew(ledger: Ledger, large: Result | None) -> Iterator[Goal]:
    both = ledger.known(GROWN[-1].job("crew"))
    what = "10,000 x 25 x 52 in two processes"
    yield _limit(f"{what}, peak memory", f"< {MEMORY_MB} MB", both and both["peak_mb"], MEMORY_MB, " MB")
    same = both["digest"] == large["digest"] if both and large else None
    yield Goal(what, "same bytes as in one", "" if same is None else "same" if same else "differ", same)


def _growth(ledger: Ledger, large: Result | None) -> Goal:
    few = [per_need(r) for _, r in _known(ledger, YEARS)]
    ratio = per_need(large) / median(few) if large and few else None
    measured = "" if ratio is None else f"{ratio:.2f} x"
    what = "processor time of a need among 10,000 against 300"
    return Goal(what, f"<= {GROWTH_OF_COST} x", measured, None if ratio is None else ratio <= GROWTH_OF_COST)


def is_multiple(full: Result, theirs: Result) -> bool:
    """Say whether ours has the wanted multiple of what Timefold has on time."""
    return bool(full["on_time"] >= TIMES_TIMEFOLD * theirs["on_time"])


def _against(full: Result, theirs: Result) -> tuple[str, bool]:
    factor, most = (n / max(theirs["on_time"], 1) for n in (full["on_time"], full["bound"]))
    text = f"{factor:.2f} x" if factor < MANY_TIMES else "it has no plan"
    beyond = f"; no plan can have more than {most:.2f} x" if most < TIMES_TIMEFOLD else ""
    return text + beyond, is_multiple(full, theirs)


def _peers(ledger: Ledger) -> Iterator[Goal]:
    for case in RIVALS:
        full, theirs = ledger.known(case.job("full")), ledger.known(case.job("Timefold"))
        what = f"on time against Timefold, {case.label.removeprefix('rivals ')}, {case.limit:g} s"
        text, held = _against(full, theirs) if full and theirs else ("", None)
        yield Goal(what, f">= {TIMES_TIMEFOLD:g} x", text, held)
    for peer in PEERS[:2]:
        pairs = []
        for case in dict.fromkeys(ALL):
            full, theirs = ledger.known(case.job("full")), ledger.known(case.job(peer))
            if full and theirs and peer in case.peers:
                pairs.append(full["on_time"] / max(theirs["on_time"], 1) if theirs["on_time"] else float("inf"))
        text = f"{min(pairs):.2f} x at least, {len(pairs)} instances" if pairs else ""
        yield Goal(f"on time against {peer}", "above it everywhere", text, min(pairs) > 1 if pairs else None)
