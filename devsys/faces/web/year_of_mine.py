"""A person's development year: what was held, what comes, what is owed, month by month, for screen and paper."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from devsys.base.words import phrase, phrases
from devsys.base.written import month as month_name
from devsys.base.written import number, period, spoken
from devsys.core.model.calendar import Session
from devsys.faces.web.drawing import short_day
from devsys.faces.web.shown import Names, session_link


@dataclass(frozen=True, slots=True)
class YearLine:
    """One session of the year: day and time, what, where and with whom, and whether the person was there."""

    day: str
    time: str
    kind: str
    title: str
    more: str
    state: str
    href: str


@dataclass(frozen=True, slots=True)
class Month:
    """One month with its sessions."""

    title: str
    lines: tuple[YearLine, ...]


def months(
    sessions: Iterable[Session],
    names: Names,
    marks: Mapping[str, bool],
    viewer_id: str,
    now: datetime,
) -> tuple[Month, ...]:
    """Give the sessions of a year by month; `marks` are sessions somebody marked the person's attendance of."""
    found: dict[tuple[int, int], list[YearLine]] = defaultdict(list)
    for s in sessions:
        found[s.starts.year, s.starts.month].append(_line(s, names, marks, viewer_id, now))
    return tuple(
        Month(month_name(date(year, month, 1)), tuple(lines)) for (year, month), lines in sorted(found.items())
    )


def _line(s: Session, names: Names, marks: Mapping[str, bool], viewer_id: str, now: datetime) -> YearLine:
    leads = s.facilitator_id == viewer_id and viewer_id not in s.people
    who = phrase("you led it") if leads and s.ends_utc <= now else phrase("you lead it") if leads else ""
    if not leads and s.facilitator_id:
        who = phrase("with %(who)s", who=names.person(s.facilitator_id))
    state = ""
    if s.ends_utc <= now and not leads:
        state = (
            {True: phrase("you were there"), False: phrase("not there")}.get(marks[s.id], "")
            if s.id in marks
            else phrase("held")
        )
    return YearLine(
        day=short_day(s.starts),
        time=period(s.starts, s.ends),
        kind=names.kind(s.activity).value,
        title=names.title(s.activity),
        more=" · ".join(w for w in (names.place(s), who) if w),
        state=state,
        href=session_link(s.id),
    )


def sentence(sessions: Iterable[Session], marks: Mapping[str, bool], owed: int, now: datetime) -> str:
    """Say the year in one sentence: hours held and to come, and what is owed."""
    all_ = tuple(sessions)
    over = [s for s in all_ if s.ends_utc <= now and marks.get(s.id, True)]
    ahead = [s for s in all_ if s.ends_utc > now]
    said = [
        phrase("%(hours)s hours held", hours=number(_hours(over))),
        phrase("%(hours)s to come", hours=number(_hours(ahead))),
    ]
    ending = phrase("nothing owed")
    if owed:
        ending = phrases("%(num)s need owed", "%(num)s needs owed", owed, num=spoken(owed))
    return f"{', '.join([*said, ending])}."


def _hours(sessions: Iterable[Session]) -> float:
    return round(sum(s.minutes for s in sessions) / 60, 1)
