"""The readings of one person in words and rows: by four weeks, without limits and without a verdict."""

from collections import defaultdict
from datetime import datetime
from typing import Final

from flask import url_for

from devsys.actions import open_readings
from devsys.actions.open_readings import ByMeasure
from devsys.adapters.store.store import Db
from devsys.base.words import grouped, phrase, to_phrase
from devsys.base.written import full_day, number
from devsys.core.improvement.blocks import block_of
from devsys.core.improvement.metrics import Measure
from devsys.core.improvement.readings import OwnReading
from devsys.core.model.access import Viewer
from devsys.faces.web.chart_words import days_text, value_text
from devsys.faces.web.filters import local
from devsys.faces.web.words import first_up

_LEVELS: Final = {
    0: to_phrase("what the system does to people"),
    2: to_phrase("learning"),
    3: to_phrase("behaviour"),
    4: to_phrase("results"),
}
Shown = list[tuple[Measure, str, list[tuple[str, ...]]]]


def says_of(measure: Measure) -> str:
    """Say what a measure counts, from when on, and about what."""
    said = [
        phrase("%(numerator)s over %(denominator)s", numerator=measure.numerator, denominator=measure.denominator),
        phrase("a block counts from %(least)s of the latter and five people on", least=number(measure.least)),
    ]
    if measure.delay_days:
        said.append(phrase("shown %(days)s days later", days=measure.delay_days))
    if measure.level and not measure.context:
        said.append(phrase("about %(level)s", level=_LEVELS[measure.level]))
    return first_up("; ".join(said)) + "."


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
        answer.append((days, grouped(f"{above:g}"), grouped(f"{below:g}"), value))
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
