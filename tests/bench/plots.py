"""Pictures of the benches: `python plots.py SERIES.json FOLDER` in an environment that has matplotlib.

One hue for the planner, grey for all others, words on the data, a title that says what was found.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

PAPER, INK, SECOND, THIRD, RULE = "#fbf8f1", "#211c14", "#4e4638", "#675d4b", "#dcd4c2"
PEN, RUBRIC, OCHRE, TEAL = "#17436f", "#a8281b", "#8b6800", "#2290a3"
SECONDS = FuncFormatter(lambda value, _: f"{value:g}")
COUNT = FuncFormatter(lambda value, _: f"{value:,.0f}")
PERCENT = FuncFormatter(lambda value, _: f"{100 * value:g} %")

mpl.rcParams |= {
    "svg.hashsalt": "devsys",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": THIRD,
    "axes.linewidth": 0.8,
    "axes.labelcolor": SECOND,
    "text.color": INK,
    "xtick.color": SECOND,
    "ytick.color": SECOND,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
}


def sheet(title: str, under: str, *, height: float = 3.7, columns: int = 1) -> tuple[Figure, Any]:
    """Give a figure with its finding as title and a second line that says what is drawn."""
    figure, axes = plt.subplots(1, columns, figsize=(7.6, height), sharey=columns > 1)
    top = 1 - 0.82 / height
    figure.subplots_adjust(left=0.09, right=0.86, top=top, bottom=0.55 / height, wspace=0.12)
    figure.text(0.02, 1 - 0.28 / height, title, family="DejaVu Serif", fontsize=12.5)
    figure.text(0.02, 1 - 0.52 / height, under, fontsize=8.5, color=SECOND)
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(length=3, width=0.8)
        axis.grid(axis="y", color=RULE, linewidth=0.7)
        axis.set_axisbelow(True)
    return figure, axes


def label(axis: Axes, x: float, y: float, text: str, colour: str, **more: Any) -> None:
    """Write a word beside what it names."""
    given = {"xytext": (6, 0), "ha": "left", "va": "center"} | more
    axis.annotate(text, (x, y), textcoords="offset points", color=colour, fontsize=8.5, annotation_clip=False, **given)


def growth(rows: list[list[float]]) -> Figure:
    """Draw processor time of a need against the size of the organisation."""
    agents, ours, first, _, _ = zip(*rows, strict=True)
    base = next((cost for n, cost in zip(agents, ours, strict=True) if n == 300), ours[0])
    ratio = ours[-1] / base
    said = f"{ratio:.1f} times what it costs" if ratio >= 1.05 else "no more than"
    figure, axis = sheet(
        f"Among {agents[-1]:,.0f} people a need costs {said} among 300",
        "Processor milliseconds for each need, 52 weeks, against the number of people; dashed: the goal, 1.3 times",
    )
    axis.set_xscale("log")
    axis.plot(agents, first, color=THIRD, linewidth=1.2, marker="o", markersize=3.5)
    axis.plot(agents, ours, color=PEN, linewidth=2, marker="o", markersize=5)
    axis.hlines(1.3 * base, 300, agents[-1], color=RUBRIC, linewidth=1, linestyle=(0, (4, 3)))
    above = 7 if ours[-1] >= first[-1] else -7
    label(axis, agents[-1], ours[-1], "devsys", PEN, xytext=(14, above))
    label(axis, agents[-1], first[-1], "first fit", THIRD, xytext=(14, -above))
    for n, cost in zip(agents, ours, strict=True):
        label(axis, n, cost, f"{cost:.2f}", PEN, xytext=(0, 8), ha="center")
    axis.set_ylim(0, 1.25 * max(*ours, *first, 1.3 * base))
    axis.set_xticks(agents)
    axis.xaxis.set_major_formatter(COUNT)
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set_xlabel("people (one site up to 300, then a site for each 330 to 400)")
    return figure


def anytime(curves: list[dict[str, Any]]) -> Figure:
    """Draw the share of the bound against processor time."""
    middle = [c for c in curves if "seed" in c["name"]]
    reach = sorted(next((t for t, s in c["points"] if s >= 0.99), c["points"][-1][0]) for c in middle)
    when = f"{reach[len(reach) // 2]:.1f} s" if reach else "?"
    figure, axis = sheet(
        f"A year for 300 people is at 99 % of the bound after {when} of processor time",
        "Needs on time as a share of the bound, against processor seconds; the best so far can be taken at any time",
        height=4.0,
    )
    ends = []
    for curve in curves:
        steps = [(t, s) for t, s in curve["points"] if t > 0.05]
        own = "seed" in curve["name"]
        colour = PEN if own else TEAL if "10,000" in curve["name"] else OCHRE
        axis.step(*zip(*steps, strict=True), where="post", color=colour, linewidth=1.1 if own else 1.5)
        if not own:
            ends.append((steps[-1][1], steps[-1][0], curve["name"], colour))
    if middle:
        last = middle[0]["points"][-1]
        ends.append((last[1], last[0], f"300 x 52, {len(middle)} seeds", PEN))
    axis.set_xscale("log")
    axis.set_ylim(0.4, 1.01)
    for place, (at, when_done, name, colour) in zip(
        apart([e[0] for e in sorted(ends)], 0.032), sorted(ends), strict=True
    ):
        axis.plot([when_done], [at], marker="o", markersize=4, color=colour)
        axis.annotate(
            f"{name}: {100 * at:.2f} %",
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=8,
            annotation_clip=False,
        )
    figure.subplots_adjust(right=0.73)
    axis.yaxis.set_major_formatter(PERCENT)
    axis.xaxis.set_major_formatter(SECONDS)
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.set_xlabel("processor seconds (logarithmic)")
    return figure


def apart(values: list[float], least: float) -> list[float]:
    """Give rising values moved so that neighbours are at least so far apart, the last kept below one."""
    out = list(values)
    for i in range(1, len(out)):
        out[i] = max(out[i], out[i - 1] + least)
    over = max(0.0, out[-1] - 1.0) if out else 0.0
    return [v - over for v in out]


def rivals(rows: list[dict[str, Any]]) -> Figure:
    """Draw what each planner serves on time, an instance a panel."""
    factors = [
        r["shares"]["devsys"] / max(v, 1e-9) for r in rows for k, v in r["shares"].items() if k != "devsys" and v
    ]
    figure, axes = sheet(
        f"Every rival serves fewer people on time, at best {100 / min(factors):.0f} % of what devsys does",
        "Needs on time as a share of the bound; same instance, same processor time for all, every plan judged",
        height=2.9,
        columns=len(rows),
    )
    order = ["devsys", "first fit", "CP-SAT", "Timefold"]
    for axis, row in zip(axes if len(rows) > 1 else [axes], rows, strict=True):
        axis.grid(axis="y", visible=False)
        axis.spines["left"].set_visible(False)
        axis.tick_params(axis="y", length=0)
        for i, name in enumerate(order):
            found = row["shares"].get(name)
            colour = PEN if name == "devsys" else THIRD
            axis.hlines(i, 0, 1, color=RULE, linewidth=0.7)
            if found is None:
                axis.text(0, i, "not measured", fontsize=8, color=THIRD, va="center")
                continue
            axis.hlines(i, 0, found, color=colour, linewidth=2.2 if name == "devsys" else 1.4)
            axis.plot([found], [i], marker="o", markersize=5, color=colour)
            words = f"{100 * found:.1f} %" if found else "no plan"
            label(
                axis,
                found,
                i,
                words,
                colour,
                xytext=(0, 8),
                ha="center" if 0.15 < found < 0.9 else "right" if found else "left",
            )
        axis.set_title(f"{row['name']}, {row['limit']:g} s", fontsize=8, color=SECOND, loc="left")
        axis.set_xlim(0, 1.04)
        axis.set_ylim(len(order) - 0.5, -0.7)
        axis.set_yticks(range(len(order)), order)
        axis.set_xticks([0, 1], ["0", "100 %"], fontsize=8)
    figure.subplots_adjust(left=0.1, right=0.98, top=1 - 1.08 / 2.9, wspace=0.22)
    return figure


def queues(rows: list[list[float]]) -> Figure:
    """Draw the share of the bound against what the queue requires."""
    factors = sorted({r[0] for r in rows})
    worst = min(r[2] for r in rows if r[0] == factors[-1])
    figure, axis = sheet(
        f"With {100 * (factors[-1] - 1):.0f} % more required everywhere, {100 * worst:.0f} % of the bound is on time",
        "Needs on time as a share of the bound, 300 x 52, against a factor on the requirement; red: the goals",
    )
    for which, name, colour in ((2, "devsys", PEN), (3, "first fit", THIRD)):
        means = [sum(r[which] for r in rows if r[0] == f) / sum(r[0] == f for r in rows) for f in factors]
        axis.plot(factors, means, color=colour, linewidth=2 if which == 2 else 1.2)
        axis.plot([r[0] for r in rows], [r[which] for r in rows], "o", color=colour, markersize=4)
        label(axis, factors[-1], means[-1], f"{name} {100 * means[-1]:.1f} %", colour)
    wanted = {1.0: 0.997, 1.03: 0.992, 1.06: 0.96, 1.10: 0.83}
    axis.hlines(
        [wanted[f] for f in factors if f in wanted],
        [f - 0.005 for f in factors if f in wanted],
        [f + 0.005 for f in factors if f in wanted],
        color=RUBRIC,
        linewidth=1.2,
    )
    axis.set_xticks(factors, [f"x {f:.2f}" for f in factors])
    axis.yaxis.set_major_formatter(PERCENT)
    axis.set_ylim(min(0.7, min(r[3] for r in rows) - 0.03), 1.01)
    return figure


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    folder = Path(sys.argv[2])
    drawings = {
        "bench_growth": (growth, given["growth"]),
        "bench_anytime": (anytime, given["curves"]),
        "bench_rivals": (rivals, given["rivals"]),
        "bench_tight": (queues, given["queues"]),
    }
    for name, (draw, rows) in drawings.items():
        if not rows:
            continue
        figure = draw(rows)
        for end in ("svg", *sys.argv[3:]):
            more: dict[str, Any] = {"metadata": {"Date": None}} if end == "svg" else {"dpi": 110}
            figure.savefig(folder / f"{name}.{end}", **more)
        print(f"Drawn: docs/pictures/{name}.svg")  # noqa: T201 -- for a terminal


if __name__ == "__main__":
    main()
