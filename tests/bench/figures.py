"""Figures of results, the same for all planners."""

from typing import Any

Result = dict[str, Any]


def share(result: Result, full: Result | None = None) -> float:
    """Give what is on time as a share of the bound, which the full run of the same instance found."""
    bound = (full or result)["bound"]
    return float(result["on_time"] / bound) if bound else 1.0


def of_needs(result: Result) -> float:
    """Give what is on time as a share of all needs."""
    return float(result["on_time"] / max(result["needs"], 1))


def per_need(result: Result) -> float:
    """Give processor milliseconds for a need."""
    return float(1000 * result["cpu"] / max(result["needs"], 1))


def of_reading(result: Result) -> float:
    """Give processor time as a multiple of that of reading the instance."""
    return float(result["cpu"] / max(result["reading"], 1e-3))
