"""The staffing requirement, given or from call volumes, compared with what stands and with the roster."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from devsys.base.words import grouped, phrase, phrases
from devsys.base.written import WEEKDAYS as WEEKDAY_NAMES
from devsys.core.intake.cells import WEEKDAYS
from devsys.core.intake.compare import Comparison
from devsys.core.intake.lines import RequirementLine, VolumeLine
from devsys.core.intake.public_holidays import holidays_of
from devsys.core.model.calendar import Horizon
from devsys.core.model.capacity import (
    Profile,
    most_rostered,
    profile_for,
    rostered_slots,
    typical_week,
)
from devsys.core.model.hours import HALVES, hours_of, monday_of, slots_in
from devsys.core.model.people import Queue, Requirement

NOTHING: Profile = ((0,) * HALVES,) * 7
FEWEST_DAYS = 3
_LOOK_WEEKS = 52

_Line = RequirementLine | VolumeLine


def resolve_requirement(c: Comparison, lines: tuple[RequirementLine, ...]) -> None:
    """Compare required agents; a weekday or date named in the file is replaced as a whole, others stay."""
    by_queue: dict[str, dict[int | date, list[RequirementLine]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        queue = c.found(line, "queue", c.standing.queues, line.queue)
        if queue is not None and c.once(line, "start", (line.queue, line.day, line.half), phrase("half hour of a day")):
            by_queue[line.queue][line.day].append(line)
    stands = {r.queue_id: r for r in c.standing.organisation.requirements}
    for code, days in by_queue.items():
        queue = c.standing.queues.by_code[code]
        standing = stands.get(queue.id)
        profile = list(standing.profile if standing else NOTHING)
        dates = dict(standing.days) if standing else {}
        for day, rows in days.items():
            figures = _figures(rows)
            old = (profile[day] if standing else None) if isinstance(day, int) else dates.get(day)
            if isinstance(day, int):
                profile[day] = figures
            else:
                dates[day] = figures
            how = "new" if old is None else "same" if old == figures else "changed"
            c.note(how, rows[0].row, f"{queue.name} ({code}), {_day(day)}", _hours(figures, old))
        given = Requirement(queue.id, tuple(profile), dict(sorted(dates.items())))
        if given != standing:
            c.upserts.append(given)
        _above_roster(c, queue, given, {day: rows[0] for day, rows in days.items()})


def _figures(rows: list[RequirementLine]) -> tuple[int, ...]:
    figures = [0] * HALVES
    for line in rows:
        figures[line.half] = line.agents
    return tuple(figures)


def _day(day: int | date) -> str:
    return str(WEEKDAY_NAMES[day]) if isinstance(day, int) else f"{WEEKDAY_NAMES[day.weekday()]} {day}"


def _hours(figures: tuple[int, ...], old: tuple[int, ...] | None) -> str:
    """Say agent hours of a day, and the old ones where they differ."""
    said = phrase("%(hours)s agent hours", hours=grouped(f"{sum(figures) / 2:g}"))
    return said if old is None or sum(old) == sum(figures) else f"{grouped(f'{sum(old) / 2:g}')} → {said}"


def resolve_volumes(c: Comparison, lines: tuple[VolumeLine, ...]) -> None:
    """Turn call volumes into the typical week's requirement of each queue, and compare it; dates of its own stay."""
    by_queue: dict[str, dict[datetime, VolumeLine]] = defaultdict(dict)
    for line in lines:
        queue = c.found(line, "queue", c.standing.queues, line.queue)
        if line.start in by_queue[line.queue]:
            c.refuse(
                line,
                "start",
                phrase(
                    "each half hour once; row %(row)s has it already (where the clocks go back, give the sum)",
                    row=by_queue[line.queue][line.start].row,
                ),
            )
        elif queue is not None:
            by_queue[line.queue][line.start] = line
    stands = {r.queue_id: r for r in c.standing.organisation.requirements}
    sites = {s.id: s for s in c.standing.organisation.sites}
    for code, calls in by_queue.items():
        found = c.standing.queues.get(code)
        if found is None:
            continue
        site, standing = sites[found.site_id], stands.get(found.id)
        off = holidays_of(site.country, site.region, {start.year for start in calls})
        week = typical_week({start: line.calls for start, line in calls.items()}, off)
        given = replace(standing or Requirement(found.id, NOTHING), profile=profile_for(week, found))
        first = next(iter(calls.values()))
        c.judge(first.row, f"{found.name} ({code})", given, standing, _volume_detail(calls, off, given.profile))
        _few_days(c, calls, off)
        _above_roster(c, found, given, dict.fromkeys(range(7), first))


def _volume_detail(calls: Mapping[datetime, VolumeLine], off: Mapping[date, str], profile: Profile) -> str:
    days = {start.date() for start in calls}
    used = phrases("%(num)s day", "%(num)s days", len(days - off.keys()))
    left_out = len(days & off.keys())
    if left_out:
        used = phrases(
            "%(used)s, %(num)s public holiday left out",
            "%(used)s, %(num)s public holidays left out",
            left_out,
            used=used,
        )
    most, day, half = max((n, -day, -half) for day, row in enumerate(profile) for half, n in enumerate(row))
    return phrase(
        "%(used)s; at most %(most)s at work, %(weekday)s %(time)s",
        used=used,
        most=most,
        weekday=WEEKDAY_NAMES[-day],
        time=_clock(-half),
    )


def _clock(half: int) -> str:
    return f"{half // 2:02d}:{half % 2 * 30:02d}"


def _few_days(c: Comparison, calls: Mapping[datetime, VolumeLine], off: Mapping[date, str]) -> None:
    """Warn where a weekday rests on fewer than three days."""
    seen: dict[int, set[date]] = defaultdict(set)
    first: dict[int, VolumeLine] = {}
    for start, line in calls.items():
        if start.date() not in off:
            seen[start.weekday()].add(start.date())
            first.setdefault(start.weekday(), line)
    for weekday, days in sorted(seen.items()):
        if len(days) < FEWEST_DAYS:
            name = WEEKDAY_NAMES[weekday]
            few = phrases("%(num)s %(weekday)s", "%(num)s %(weekday)ss", len(days), weekday=name)
            c.warn(
                first[weekday],
                "start",
                phrase("only %(few)s in the file; its typical day rests on that", few=few),
                WEEKDAYS[weekday],
            )


def _above_roster(c: Comparison, queue: Queue, given: Requirement, rows: Mapping[int | date, _Line]) -> None:
    """Warn of each day named whose requirement is above what the roster ever has in the next year."""
    if not any(map(any, given.profile)) and not any(map(any, given.days.values())):
        return
    organisation = c.standing.organisation
    people = tuple(p for p in organisation.people if p.queue_id == queue.id)
    if not people:
        line = next(iter(rows.values()))
        c.warn(line, "queue", phrase("nobody is rostered on %(name)s yet", name=queue.name))
        return
    zone = next(s.zone for s in organisation.sites if s.id == queue.site_id)
    horizon = Horizon(monday_of(c.today), _LOOK_WEEKS)
    usual = replace(organisation, absences=(), busy=(), holidays={}, people=people)
    most = most_rostered(rostered_slots(hours_of(usual, horizon).values(), slots_in(horizon)), zone, horizon)
    for day, line in rows.items():
        weekday = day if isinstance(day, int) else day.weekday()
        figures = given.profile[day] if isinstance(day, int) else given.days[day]
        short = [half for half in range(HALVES) if figures[half] > most[weekday][half]]
        if not short:
            continue
        half = max(short, key=lambda h: (figures[h] - most[weekday][h], -h))
        have = most[weekday][half]
        said = phrases(
            "%(queue)s needs %(agents)s on %(day)s %(time)s, %(num)s is rostered: nothing can be planned there",
            "%(queue)s needs %(agents)s on %(day)s %(time)s, %(num)s are rostered: nothing can be planned there",
            have,
            queue=queue.name,
            agents=figures[half],
            day=_day(day),
            time=_clock(half),
            num=have,
        )
        if len(short) > 1:
            said = phrases(
                "%(said)s (and in %(num)s more half hour of that day)",
                "%(said)s (and in %(num)s more half hours of that day)",
                len(short) - 1,
                said=said,
            )
        column = "agents" if isinstance(line, RequirementLine) else "calls"
        c.warn(
            line,
            column,
            said,
            str(figures[half]),
        )
