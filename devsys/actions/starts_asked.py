"""What the two stories of "why not there?" share: the moment asked for, who may ask, and the answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devsys.base.errors import Fault, InvalidError, NotAllowedError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Figures, Horizon
from devsys.core.model.hours import SLOT_SECONDS, instant, monday_of
from devsys.core.policy import Scope, scope

MARGIN: Final = timedelta(weeks=4)  # how far beside a moment sessions still matter to it
FARTHEST: Final = timedelta(weeks=53)
NOTHING: Final = Figures(needs=0, placed=0, on_time=0, owed=0, sessions=0, bound=0)
NOBODY_ASKS: Final = "Why is answered to those who plan, and to leads for their teams."


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands against a time, in the local time of `zone`.

    `rules` are sentences, none where nothing stands against it; `nearest` is the nearest start that works (None: there
    is none), with somebody else to lead where `leader` has an id; `words` say it, or what one change would make of it.
    """

    at: datetime
    zone: str
    rules: tuple[str, ...]
    nearest: datetime | None = None
    words: str = ""
    leader: str = ""


def reach_of(viewer: Viewer | None) -> Scope | None:
    """Give how far somebody may ask; None for whoever runs the house at its terminal.

    Raises NotAllowedError for those who may not ask at all.
    """
    if viewer is None:
        return None
    reach = scope(viewer, "draft", "read")
    if not reach.wide:
        raise NotAllowedError(NOBODY_ASKS)
    return reach


def moment_asked(at: datetime, zone: str) -> datetime:
    """Give the instant of a local time somebody points at.

    Raises InvalidError where the clocks leave it out, and off the half hours on which sessions start.
    """
    moment = instant(at, zone)
    if moment.timestamp() % SLOT_SECONDS:
        raise InvalidError(
            phrase("Sessions start on the half hour."), (Fault("time", phrase("a start on the half hour")),)
        )
    return moment


def horizon_over(moments: Iterable[datetime], margin: timedelta = MARGIN) -> Horizon:
    """Give the weeks over some moments and beside them. Raises InvalidError when they lie more than a year apart."""
    ordered = sorted(moments)
    if ordered[-1] - ordered[0] > FARTHEST:
        raise InvalidError(phrase("That is more than a year away."), (Fault("day", phrase("a day within a year")),))
    first = monday_of((ordered[0] - margin).date())
    last = (ordered[-1] + margin).date()
    return Horizon(first, (last - first).days // 7 + 1)
