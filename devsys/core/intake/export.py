"""What stands as files of the same kinds: bringing one back changes nothing."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from devsys.base.errors import NotFoundError
from devsys.base.words import phrase
from devsys.core.intake.cells import WEEKDAYS
from devsys.core.intake.csv import write_table
from devsys.core.intake.kinds import KINDS, kind_of
from devsys.core.model.people import Organisation, Shift

_Rows = Iterable[tuple[str, ...]]


def export_rows(code: str, organisation: Organisation) -> str:
    """Give a kind's file of all that stands, safe to open in a sheet (trust.md R17).

    Raises NotFoundError for a kind that is not kept as it came: volumes become the requirement.
    """
    kind = kind_of(code)
    if not kind.exported:
        if code == "contacts":
            elsewhere = phrase("the register of fixes gives them")
        else:
            elsewhere = phrase("bring the requirement they became")
        raise NotFoundError(
            phrase("%(title)s are not given out here: %(elsewhere)s.", title=kind.title, elsewhere=elsewhere)
        )
    return write_table(KINDS[code].header, _WRITERS[code](organisation))


def _codes(organisation: Organisation) -> dict[str | None, str]:
    lists = (
        organisation.sites,
        organisation.queues,
        organisation.teams,
        organisation.patterns,
        organisation.people,
    )
    found: dict[str | None, str] = {thing.id: thing.code for things in lists for thing in things}
    found[None] = ""
    return found


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


def _sites(o: Organisation) -> _Rows:
    return ((s.code, s.name, s.zone, s.country, s.region) for s in o.sites)


def _queues(o: Organisation) -> _Rows:
    code = _codes(o)
    for q in o.queues:
        service = (q.handle_seconds, q.service_percent, q.answer_seconds, q.occupancy_percent, q.shrinkage_percent)
        yield (q.code, q.name, code[q.site_id], *map(_number, service), str(q.minimum))


def _teams(o: Organisation) -> _Rows:
    code = _codes(o)
    return ((t.code, t.name, code[t.site_id]) for t in o.teams)


def _rooms(o: Organisation) -> _Rows:
    code = _codes(o)
    return ((r.code, r.name, code[r.site_id], str(r.seats)) for r in o.rooms)


def _shifts(o: Organisation) -> _Rows:
    for pattern in o.patterns:
        anchor = pattern.anchor.isoformat()
        for week in range(1, pattern.weeks + 1):
            shifts = [shift for shift in pattern.shifts if shift.week == week]
            if not shifts:
                yield (pattern.code, str(week), WEEKDAYS[0], "", "", "", "", anchor)
            for shift in shifts:
                yield (pattern.code, str(week), WEEKDAYS[shift.weekday], *_times(shift), anchor)


def _times(shift: Shift) -> tuple[str, str, str, str]:
    end = "24:00" if shift.end is None else f"{shift.end:%H:%M}"
    lunch = "" if shift.lunch_start is None else f"{shift.lunch_start:%H:%M}"
    # A lunch that ends at midnight has no end of its own to say.
    back = "" if shift.lunch_start is None else "24:00" if shift.lunch_end is None else f"{shift.lunch_end:%H:%M}"
    return f"{shift.start:%H:%M}", end, lunch, back


def _people(o: Organisation) -> _Rows:
    code = _codes(o)
    for p in o.people:
        places = (code[p.team_id], code[p.queue_id], code[p.pattern_id])
        yield (p.code, p.name, p.email, *places, _day(p.joined), _day(p.left), _said(p.own_will))


def _said(own_will: bool | None) -> str:  # noqa: FBT001 -- a value of a cell
    return "" if own_will is None else "yes" if own_will else "no"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _absences(o: Organisation) -> _Rows:
    code = _codes(o)
    for a in sorted(o.absences, key=lambda a: (code[a.person_id], a.start)):
        yield (code[a.person_id], *_span(a.start, a.end), "")


def _span(start: datetime, end: datetime | None) -> tuple[str, str]:
    """Give an absence as days where it is one of whole days; an end that is not known is empty."""
    if end is None:
        return (_day(start.date()) if start.time() == time() else _moment(start)), ""
    if start.time() == time() == end.time():
        return _day(start.date()), _day((end - timedelta(days=1)).date())
    return _moment(start), _moment(end)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def _facilitators(o: Organisation) -> _Rows:
    code = _codes(o)
    for f in o.facilitators:
        sites = "|".join(code[site] for site in f.site_ids)
        yield code[f.person_id], sites, "|".join(sorted(f.qualifications)), _number(f.weekly_hours)


def _held(o: Organisation) -> _Rows:
    code = _codes(o)
    return ((code[h.person_id], h.activity, _day(h.day)) for h in o.held)


def _requirement(o: Organisation) -> _Rows:
    code = _codes(o)
    for r in o.requirements:
        week = ((WEEKDAYS[i], figures) for i, figures in enumerate(r.profile))
        for day, figures in (*week, *((_day(d), f) for d, f in sorted(r.days.items()))):
            needed = [(half, n) for half, n in enumerate(figures) if n] or [(0, 0)]
            for half, n in needed:
                yield code[r.queue_id], day, f"{half // 2:02d}:{half % 2 * 30:02d}", str(n)


_WRITERS: Mapping[str, Callable[[Organisation], _Rows]] = MappingProxyType(
    {
        "sites": _sites,
        "queues": _queues,
        "teams": _teams,
        "shifts": _shifts,
        "people": _people,
        "absences": _absences,
        "facilitators": _facilitators,
        "rooms": _rooms,
        "held": _held,
        "requirement": _requirement,
    }
)
