"""The readings of one person in words and rows: by four weeks, without limits and without a verdict."""

from collections import defaultdict
from datetime import datetime
from typing import Final

from flask import url_for

from devsys.actions import open_readings
from devsys.actions.open_readings import ByMeasure
from devsys.adapters.store.store import Db
from devsys.base.written import full_day
from devsys.core.improvement.blocks import block_of
from devsys.core.improvement.metrics import Measure
from devsys.core.improvement.readings import OwnReading
from devsys.core.model.access import Viewer
from devsys.faces.web.chart_words import days_text, value_text
from devsys.faces.web.filters import local

_LEVELS: Final = {0: "what the system does to people", 2: "learning", 3: "behaviour", 4: "results"}
Shown = list[tuple[Measure, str, list[tuple[str, ...]]]]


def says_of(measure: Measure) -> str:
    """Say what a measure counts, from when on, and about what."""
    said = f"{measure.numerator} over {measure.denominator}"
    least = f"; a block counts from {measure.least:g} of the latter and five people on"
    later = f"; shown {measure.delay_days} days later" if measure.delay_days else ""
    level = f"; about {_LEVELS[measure.level]}" if measure.level and not measure.context else ""
    return said[:1].upper() + said[1:] + least + later + level + "."


def shown(found: ByMeasure) -> Shown:
    """Give each measure, what it counts, and its blocks."""
    return [(measure, says_of(measure), _blocks(measure, rows)) for measure, rows in found]


def _blocks(measure: Measure, rows: tuple[OwnReading, ...]) -> list[tuple[str, ...]]:
    """Give readings by four-week block, the latest first: a week alone says little."""
    sums: dict[int, list[OwnReading]] = defaultdict(list)
    for row in rows:
        sums[block_of(row.first)].append(row)
    answer: list[tuple[str, ...]] = []
    for _, some in sorted(sums.items(), reverse=True):
        above, below = sum(row.numerator for row in some), sum(row.denominator for row in some)
        value = value_text(measure, measure.shown(above / below)) if below else ""
        days = days_text(min(row.first for row in some), max(row.last for row in some))
        answer.append((days, f"{above:g}", f"{below:g}", value))
    return answer


def announced(db: Db, viewer: Viewer, now: datetime) -> dict[str, str]:
    """Give from when the lead sees the viewer's readings, for Home, as long as that lies ahead; else nothing."""
    opens = open_readings.opening(db, viewer.person_id, now)
    if opens is None or opens <= now:
        return {}
    return {"day": day_of(opens, viewer), "href": url_for("readings.own")}


def day_of(moment: datetime, viewer: Viewer) -> str:
    """Give the day of a moment where the viewer is."""
    return full_day(local(moment, viewer.zone).date())
