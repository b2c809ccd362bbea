"""The published labelling a second time, point by point in plain Python, as an oracle for charts.py.

It is written from the description of the rules, one point at a time and looking around, not by windows over arrays.
"""

from fractions import Fraction
from itertools import groupby, pairwise

Row = dict[str, str]


def oracle_rows(rows: list[Row]) -> list[tuple[str, ...]]:
    """Label rows of data/spc_series.csv, which are sorted by case and date there."""
    answer: list[tuple[str, ...]] = []
    for _, series in groupby(rows, key=lambda row: row["case"]):
        members = list(series)
        number = 0
        grouped: list[tuple[int, list[Row]]] = []
        for row in members:
            number += int(row["rebase_here"])
            if not grouped or grouped[-1][0] != number:
                grouped.append((number, []))
            grouped[-1][1].append(row)
        for number, group in grouped:
            answer += _group(number, group)
    return answer


def _mean(values: list[float]) -> float:
    return float(sum(map(Fraction, values)) / len(values))


def _group(number: int, rows: list[Row]) -> list[tuple[str, ...]]:
    y = [float(row["y"]) for row in rows]
    frozen = rows[0]["fix_after_n_points"]
    base = y[: int(frozen)] if frozen else y
    centre = _mean(base)
    ranges = [abs(b - a) for a, b in pairwise(base)]
    if rows[0]["screen_outliers"] == "TRUE" and ranges:
        most = 3.267 * _mean(ranges)
        ranges = [r for r in ranges if r < most]
    width = _mean(ranges) if ranges else None
    lower = upper = None
    if width is not None:
        lower, upper = centre - 2.66 * width, centre + 2.66 * width
    way = {"increase": 1, "decrease": -1}[rows[0]["improvement_direction"]]
    answer = []
    for i, row in enumerate(rows):
        label = _label(y, i, centre, width)
        sense = 1 if "Above" in label or "Inc" in label else -1 if label != "Common Cause" else 0
        meaning = {1: "special_cause_improvement", -1: "special_cause_concern", 0: "common_cause"}[sense * way]
        shown = tuple("" if x is None else _digits(x) for x in (centre, lower, upper))
        answer.append((row["case"], row["date"], str(number), *shown, label, meaning))
    return answer


def _digits(number: float) -> str:
    text = repr(number)
    return text.removesuffix(".0")


def _side(value: float, centre: float) -> int:
    return (value > centre) - (value < centre)


def _outside(value: float, centre: float, width: float | None) -> bool:
    return width is not None and (value > centre + 2.66 * width or value < centre - 2.66 * width)


def _far(value: float, centre: float, width: float | None) -> bool:
    if width is None or _outside(value, centre, width):
        return False
    near = 2 * (2.66 / 3) * width
    return value > centre + near or value < centre - near


def _in_trend(y: list[float], i: int) -> bool:
    for first in range(max(0, i - 6), min(i, len(y) - 7) + 1):
        seven = y[first : first + 7]
        pairs = list(pairwise(seven))
        if all(a < b for a, b in pairs) or all(a > b for a, b in pairs):
            return True
    return False


def _label(y: list[float], i: int, centre: float, width: float | None) -> str:
    side = _side(y[i], centre)
    word = "Above" if side > 0 else "Below"
    if _outside(y[i], centre, width):
        return "Above UCL" if side > 0 else "Below LCL"
    if _in_trend(y, i):
        goes_on = i + 1 < len(y) and _in_trend(y, i + 1)
        a, b = (y[i], y[i + 1]) if goes_on else (y[i - 1], y[i])
        return f"7 Point Trend ({'In' if b > a else 'De'}creasing)"
    if _far(y[i], centre, width):
        for first in range(max(0, i - 2), min(i, len(y) - 3) + 1):
            three = y[first : first + 3]
            together = {_side(value, centre) for value in three} in ({1}, {-1})
            if together and sum(_far(value, centre, width) for value in three) >= 2:
                return f"2 in 3 {word} CL"
    if side:
        first = i
        while first > 0 and _side(y[first - 1], centre) == side:
            first -= 1
        last = i
        while last + 1 < len(y) and _side(y[last + 1], centre) == side:
            last += 1
        if last - first >= 6:
            return f"7 Points {word} CL"
    return "Common Cause"
