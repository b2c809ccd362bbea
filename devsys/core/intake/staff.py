"""People, shift patterns and absences compared with what stands."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from devsys.base.ids import new_id
from devsys.base.words import phrase, phrases
from devsys.core.intake.cells import MINUTES_OF_DAY, WEEKDAYS
from devsys.core.intake.compare import Comparison
from devsys.core.intake.lines import AbsenceLine, PersonLine, ShiftLine
from devsys.core.model.hours import monday_of
from devsys.core.model.people import Absence, Person, Queue, Shift, ShiftPattern, Team

# Week 1 of a cycle whose file names no anchor: 1 January 2024 is a Monday and begins ISO week 1.
FIRST_MONDAY = date(2024, 1, 1)

_Span = tuple[datetime, datetime]


def resolve_people(c: Comparison, lines: tuple[PersonLine, ...]) -> None:
    """Compare people; team, queue and pattern must stand, codes and addresses be unique."""
    named = {line.code for line in lines}
    addresses = {
        p.email.casefold(): f"{p.name} ({p.code})" for p in c.standing.people.by_code.values() if p.code not in named
    }
    leads = {f.person_id for f in c.standing.organisation.facilitators}
    for line in lines:
        standing = c.standing.people.get(line.code)
        team = c.found(line, "team", c.standing.teams, line.team)
        queue = c.found(line, "queue", c.standing.queues, line.queue)
        pattern = c.found(line, "pattern", c.standing.patterns, line.pattern)
        checks = (
            c.once(line, "code", line.code.casefold(), phrase("code")) and c.fresh(line, c.standing.people, line.code),
            _own_address(c, line, addresses),
            _belongs(c, line, team, queue),
            _not_both(c, line, standing is not None and standing.id in leads),
            _stays_a_while(c, line),
            (team is not None or not line.team) and (pattern is not None or not line.pattern),
        )
        if not all(checks):
            continue
        if queue is not None and pattern is None:
            c.warn(
                line,
                "pattern",
                phrase("%(name)s is never at work without a pattern: nothing can be planned", name=line.name),
            )
        given = replace(
            standing or Person(new_id(), line.code, line.name, line.email, None, None, None),
            name=line.name,
            email=line.email,
            team_id=team.id if team else None,
            queue_id=queue.id if queue else None,
            pattern_id=pattern.id if pattern else None,
            joined=line.joined,
            left=line.left,
            own_will=_own_will(line, standing),
        )
        c.judge(line.row, f"{line.name} ({line.code})", given, standing)


def _own_will(line: PersonLine, standing: Person | None) -> bool | None:
    if line.left is None or line.own_will is not None or standing is None:
        return line.own_will
    return standing.own_will


def _own_address(c: Comparison, line: PersonLine, addresses: dict[str, str]) -> bool:
    mine = phrase("row %(number)s", number=line.row)
    owner = addresses.setdefault(line.email.casefold(), mine)
    if owner != mine:
        c.refuse(line, "email", phrase("an address of this person's own; %(owner)s has it already", owner=owner))
        return False
    return True


def _belongs(c: Comparison, line: PersonLine, team: Team | None, queue: Queue | None) -> bool:
    """Say whether team and queue fit: a queue needs a team, and both belong to one site."""
    if not line.queue:
        return True
    if not line.team:
        c.refuse(line, "team", phrase("the team of a person who works on a queue"))
        return False
    if team is not None and queue is not None and team.site_id != queue.site_id:
        there = c.standing.said(team.site_id)
        c.refuse(
            line, "queue", phrase("a queue of the team's site; %(team)s is at %(there)s", team=line.team, there=there)
        )
        return False
    return queue is not None


def _not_both(c: Comparison, line: PersonLine, leads: bool) -> bool:  # noqa: FBT001 -- one question, asked once
    if leads and line.queue:
        c.refuse(line, "queue", phrase("nothing: this person leads sessions, and a facilitator counts for no queue"))
        return False
    return True


def _stays_a_while(c: Comparison, line: PersonLine) -> bool:
    if line.joined is not None and line.left is not None and line.left <= line.joined:
        c.refuse(
            line, "left", phrase("the first day no longer here, after the first day, %(joined)s", joined=line.joined)
        )
        return False
    if line.own_will is not None and line.left is None:
        c.refuse(line, "own_will", phrase("nothing: this person has not left"))
        return False
    return True


def resolve_shifts(c: Comparison, lines: tuple[ShiftLine, ...]) -> None:
    """Compare shift patterns; the rows of one pattern make it whole."""
    by_pattern: dict[str, list[ShiftLine]] = defaultdict(list)
    for line in lines:
        by_pattern[line.pattern].append(line)
    spelt: dict[str, str] = {}
    for code, rows in by_pattern.items():
        standing = c.standing.patterns.get(code)
        first = spelt.setdefault(code.casefold(), code)
        twin = c.standing.patterns.twin(code) or (first if first != code else None)
        if twin is not None:
            c.refuse(
                rows[0],
                "pattern",
                phrase("a code that differs by more than capitals from “%(twin)s”, which stands", twin=twin),
            )
        good = [_hours_make_sense(c, line) for line in rows]
        anchor = _anchor(c, rows)
        weeks = max(line.week for line in rows)
        if not (all(good) and anchor and twin is None and _days_apart(c, rows) and _weeks_named(c, rows, weeks)):
            continue
        shifts = tuple(sorted((_shift(line) for line in rows if line.start is not None), key=_when))
        begins = anchor[0] or (standing.anchor if standing else FIRST_MONDAY)
        pattern = ShiftPattern(standing.id if standing else new_id(), code, weeks, monday_of(begins), shifts)
        c.judge(rows[0].row, code, pattern, standing, _pattern_detail(pattern, standing, c.today))


def _when(shift: Shift) -> tuple[int, int, time]:
    return shift.week, shift.weekday, shift.start


def _pattern_detail(pattern: ShiftPattern, standing: ShiftPattern | None, today: date) -> str:
    said = _shifts(pattern)
    if standing is not None and len(standing.shifts) != len(pattern.shifts):
        said = f"{_shifts(standing)} → {said}"
    if pattern.weeks == 1:
        return said
    gone = (monday_of(today) - pattern.anchor).days // 7 % pattern.weeks
    begins = monday_of(today) - timedelta(weeks=gone)
    return phrase(
        "%(shifts)s in %(weeks)s weeks; the present cycle began on Monday %(day)s",
        shifts=said,
        weeks=pattern.weeks,
        day=begins,
    )


def _shifts(pattern: ShiftPattern) -> str:
    return phrases("%(num)s shift", "%(num)s shifts", len(pattern.shifts))


def _shift(line: ShiftLine) -> Shift:
    return Shift(
        line.week,
        line.weekday,
        _time(line.start) or time(),
        _time(line.end),
        _time(line.lunch_start),
        _time(line.lunch_end),
    )


def _time(minutes: int | None) -> time | None:
    """Give a time of day; 24:00, like nothing, is None."""
    return None if minutes is None or minutes == MINUTES_OF_DAY else time(minutes // 60, minutes % 60)


def _said(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _hours_make_sense(c: Comparison, line: ShiftLine) -> bool:
    start, end, lunch, back = line.start, line.end, line.lunch_start, line.lunch_end
    if start is None and end is None:
        if lunch is not None or back is not None:
            c.refuse(line, "lunch_start", phrase("nothing on a day off"))
        return lunch is None and back is None
    if start is None or end is None:
        c.refuse(line, "start" if start is None else "end", phrase("start and end, or neither for a day off"))
        return False
    if end <= start:
        day, after = WEEKDAYS[line.weekday], WEEKDAYS[(line.weekday + 1) % 7]
        first = f"{day} {_said(start)}-24:00"
        wanted = phrase("an end after the start; for a night write one row, %(row)s", row=first)
        if end:
            rows = phrase("%(most)s and %(last)s", most=first, last=f"{after} 00:00-{_said(end)}")
            wanted = phrase("an end after the start; for a night write two rows, %(rows)s", rows=rows)
        c.refuse(line, "end", wanted)
        return False
    if (lunch is None) != (back is None):
        c.refuse(line, "lunch_start" if lunch is None else "lunch_end", phrase("start and end of lunch, or neither"))
        return False
    if lunch is not None and back is not None and not start <= lunch < back <= end:
        c.refuse(
            line,
            "lunch_start",
            phrase("a lunch within the shift, %(start)s to %(end)s", start=_said(start), end=_said(end)),
        )
        return False
    return True


def _days_apart(c: Comparison, rows: list[ShiftLine]) -> bool:
    """Say whether no two rows of a pattern overlap; a day off beside a shift of the same day does."""
    good = True
    days: dict[tuple[int, int], list[ShiftLine]] = defaultdict(list)
    for line in rows:
        days[line.week, line.weekday].append(line)
    for lines in days.values():
        lines.sort(key=lambda line: (line.start or 0, line.row))
        last = lines[0]
        for line in lines[1:]:
            if line.start is None or last.start is None:
                c.refuse(
                    line, "weekday", phrase("a day off or shifts, not both; row %(row)s is the same day", row=last.row)
                )
                good = False
            elif last.end is not None and line.start < last.end:
                c.refuse(
                    line,
                    "start",
                    phrase("a start after row %(row)s has ended, %(end)s", row=last.row, end=_said(last.end)),
                )
                good = False
            if (line.end or 0) > (last.end or 0):
                last = line
    return good


def _weeks_named(c: Comparison, rows: list[ShiftLine], weeks: int) -> bool:
    missing = sorted(set(range(1, weeks + 1)) - {line.week for line in rows})
    if missing:
        c.refuse(
            rows[0],
            "week",
            phrase(
                "a row for each week up to %(weeks)s; week %(missing)s has none (if nobody works in it, "
                "give one row without start and end)",
                weeks=weeks,
                missing=missing[0],
            ),
            rows[0].pattern,
        )
    return not missing


def _anchor(c: Comparison, rows: list[ShiftLine]) -> tuple[date | None] | None:
    """Give the anchor the rows name, in a tuple; None when they are refused."""
    named = [line for line in rows if line.anchor is not None]
    for line in named:
        if line.anchor is not None and line.anchor.weekday():
            c.refuse(
                line, "anchor", phrase("a Monday; the one of that week is %(anchor)s", anchor=monday_of(line.anchor))
            )
            return None
        if line.anchor != named[0].anchor:
            c.refuse(
                line,
                "anchor",
                phrase("the same Monday in all rows of a pattern; row %(row)s has another", row=named[0].row),
            )
            return None
    return (named[0].anchor if named else None,)


def resolve_absences(c: Comparison, lines: tuple[AbsenceLine, ...]) -> None:
    """Compare absences; those of one person may touch, not overlap.

    One whose end is not known counts by its start alone: what is known of the days after it stays beside it.
    """
    stands: dict[str, dict[datetime, Absence]] = defaultdict(dict)
    for absence in c.standing.organisation.absences:
        stands[absence.person_id][absence.start] = absence
    by_person: dict[str, list[AbsenceLine]] = defaultdict(list)
    for line in lines:
        person = c.found(line, "person", c.standing.people, line.person)
        if line.end is not None and line.end <= line.start:
            c.refuse(line, "to", phrase("an end after its start, %(start)s", start=_moment(line.start)))
        elif person is not None and c.once(line, "from", (line.person, line.start), "start of an absence"):
            by_person[person.id].append(line)
    for person_id, rows in by_person.items():
        _absences_of(c, person_id, rows, stands[person_id])


def _absences_of(c: Comparison, person_id: str, rows: list[AbsenceLine], stands: dict[datetime, Absence]) -> None:
    person = c.standing.people.by_code[rows[0].person]
    touched = {line.start for line in rows}
    spans: list[tuple[_Span, AbsenceLine | None]] = [
        (_span(a), None) for a in stands.values() if a.start not in touched
    ]
    for line in rows:
        absence = Absence(person_id, line.start, line.end)
        standing = stands.get(line.start)
        name = f"{person.name} ({person.code}), {_stretch(line.start, line.end)}"
        if not line.withdrawn:
            c.judge(line.row, name, absence, standing)
            spans.append((_span(absence), line))
        elif standing == absence:
            c.note("changed", line.row, name, "withdrawn")
            c.removals.append(absence)
        else:
            c.note("same", line.row, name)
            c.warn(
                line,
                "withdrawn",
                phrase("no absence of this person stands with these times: nothing to take back"),
                "yes",
            )
            if standing is not None:
                spans.append((_span(standing), None))
    _refuse_overlaps(c, spans)


def _refuse_overlaps(c: Comparison, spans: list[tuple[_Span, AbsenceLine | None]]) -> None:
    spans.sort(key=lambda s: (s[0], s[1].row if s[1] else 0))
    if not spans:
        return
    last, holder = spans[0]
    for span, line in spans[1:]:
        if span[0] < last[1]:
            late, other, there = (line, holder, last) if line is not None else (holder, None, span)
            if late is not None:
                where = f"row {other.row}" if other is not None else "one that stands"
                times = _stretch(*there)
                c.refuse(
                    late,
                    "from",
                    phrase(
                        "no overlap with another absence of this person: %(where)s, %(times)s", where=where, times=times
                    ),
                )
        if span[1] > last[1]:
            last, holder = span, line


def _span(absence: Absence) -> _Span:
    return absence.start, absence.end or absence.start


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _stretch(start: datetime, end: datetime | None) -> str:
    """Give an absence as a file writes it: whole days by the first and the last, others by their times."""
    if end is None:
        return phrase("%(day)s, until not known", day=start.date() if start.time() == time() else _moment(start))
    if start.time() != time() or end.time() != time():
        return f"{_moment(start)} to {_moment(end)}"
    last = end.date() - timedelta(days=1)
    return f"{start.date()} to {last}" if last != start.date() else str(last)
