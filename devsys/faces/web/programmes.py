"""Programmes as pages show them: cadences in words, what they cost, what is wrong with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, TypeVar

from devsys.adapters.store.queries import people, programme
from devsys.adapters.store.queries.programme import Adopted
from devsys.adapters.store.store import Db
from devsys.base.text import count_of
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import monday_of
from devsys.core.model.programme import Activity, Cadence, Intensity, Kind, Principle, Programme, Rhythm
from devsys.core.programmes import read as bounds
from devsys.core.programmes.check import check_demand, check_programmes
from devsys.core.programmes.figures import ActivityFigures, figures_of, typical_group
from devsys.core.programmes.why import weeks_in_words
from devsys.core.programmes.write import write_programme
from devsys.faces.web.filters import duration, near_day, number
from devsys.faces.web.forms import Form
from devsys.faces.web.staffing import spare_hours_by_week, staffing

Word = TypeVar("Word", bound=str)
SPARE_WEEKS: Final = 8
PRINCIPLES: Final[Mapping[Principle, str]] = {
    Principle.LISTEN: "Hear fully",
    Principle.QUESTION: "Ask to the point",
    Principle.EXPLAIN: "Explain clearly",
    Principle.OWN: "Own it to the end",
    Principle.FOLLOW_UP: "Follow up",
}
INTENSITIES: Final = {Intensity.LIGHT: "light", Intensity.MEDIUM: "medium", Intensity.HEAVY: "heavy"}


@dataclass(frozen=True, slots=True)
class Row:
    """One activity in the table of its programme."""

    code: str
    title: str
    kind: str
    often: str
    length: str
    group: str
    leads: str
    place: str
    after: str
    principles: str
    minutes_a_year: str
    once: str
    hours_a_week: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """One adopted programme with its rows."""

    code: str
    title: str
    aim: str
    by: str
    changed: str
    rows: tuple[Row, ...]
    minutes_a_year: str
    hours_a_week: str


def often(cadence: Cadence) -> str:
    """Give a cadence in words: every two weeks, in turn; once, within eight weeks; on request, six sessions."""
    if cadence.rhythm is Rhythm.REQUEST:
        return f"on request, {count_of(cadence.steps, 'session')}"
    if cadence.rhythm is Rhythm.ONCE:
        return f"once, within {weeks_in_words(cadence.weeks)}"
    turn = ", in turn" if cadence.rotation else ""
    return f"every {weeks_in_words(cadence.weeks)}{turn}"


def for_staff(db: Db) -> dict[str, Any]:
    """Give what people learn: programmes, their aims, their activities with aim and cadence."""
    return {
        "programmes": [
            {
                "title": p.title,
                "aim": p.aim,
                "activities": [
                    {
                        "title": a.title,
                        "kind": a.kind.value,
                        "aim": a.aim,
                        "often": f"{duration(a.minutes)}, {often(a.cadence)}",
                        "code": a.code,
                        "programme": p.code,
                    }
                    for a in p.activities
                ],
            }
            for p in programme.adopted(db)
            if p.activities
        ]
    }


def for_planners(db: Db, url: str, now: datetime, today: date) -> dict[str, Any]:
    """Give what is adopted, what it costs, what is wrong with it, how it uses the five principles."""
    records = programme.records(db)
    adopted = tuple(r.programme for r in records)
    heads, sizes = crowd(db, today)
    figures = figures_of(adopted, heads, team_sizes=sizes)
    by_code = {row.code: row for row in figures.activities}
    titles = {a.code: a.title for p in adopted for a in p.activities}
    return {
        "shelves": [_shelf(r, by_code, titles, now) for r in records],
        "people": heads,
        "minutes_a_year": number(round(figures.minutes_a_year)),
        "once_minutes": number(round(figures.once_minutes)),
        "hours_a_week": number(round(figures.hours_a_week)),
        "facilitator_hours": number(round(figures.facilitator_hours_a_week)),
        "warnings": warnings(db, adopted, heads, spare_hours(db, url, today) if heads else None),
        "principles": principles(adopted),
        "texts": {r.programme.code: r.text for r in records},
    }


def crowd(db: Db, today: date) -> tuple[int, Mapping[str, int]]:
    """Give how many agents learn (those who count for a queue and are here), and how many of each team by its code."""
    sizes = people.team_sizes(db, today)
    return sum(sizes.values()), sizes


def spare_hours(db: Db, url: str, today: date) -> float:
    """Give the hours all queues together can spare in a usual week: the mean of the coming eight."""
    weeks = spare_hours_by_week(staffing(db, url, Horizon(monday_of(today), SPARE_WEEKS)))
    return sum(weeks) / len(weeks)


def _shelf(record: Adopted, figures: Mapping[str, ActivityFigures], titles: Mapping[str, str], now: datetime) -> Shelf:
    p = record.programme
    mine = [figures[a.code] for a in p.activities]
    return Shelf(
        p.code,
        p.title,
        p.aim,
        record.by,
        near_day(record.adopted.date(), now.date()),
        tuple(_row(a, figures[a.code], titles) for a in p.activities),
        number(round(sum(f.minutes_a_year for f in mine))) if any(f.minutes_a_year for f in mine) else "",
        _hours(sum(f.hours_a_week for f in mine)),
    )


def _row(a: Activity, f: ActivityFigures, titles: Mapping[str, str]) -> Row:
    least, most = a.group
    return Row(
        code=a.code,
        title=a.title,
        kind=a.kind.value,
        often=often(a.cadence),
        length=duration(a.minutes) + (f" + {a.recovery_minutes} min off" if a.recovery_minutes else ""),
        group="1:1" if most == 1 else (f"{least}" if least == most else f"{least} to {most}") + _one_team(a),
        leads=a.qualification,
        place="in a room" if a.room else "online",
        after=", ".join(titles.get(code, code) for code in a.prerequisites),
        principles=", ".join(PRINCIPLES[p] for p in a.principles),
        minutes_a_year=number(round(f.minutes_a_year)) if f.minutes_a_year else "",
        once=f"{number(round(f.once_minutes))} once" if f.once_minutes else "",
        hours_a_week=_hours(f.hours_a_week),
    )


def _one_team(a: Activity) -> str:
    return ", one team" if a.one_team else ""


def _hours(hours: float) -> str:
    return "" if not hours else number(round(hours, 1) if hours < 10 else round(hours))  # noqa: PLR2004 -- small ones with a place


def warnings(db: Db, adopted: Sequence[Programme], heads: int, spare: float | None) -> list[str]:
    """Give what is wrong with the programmes together, in sentences; `spare` hours a week all queues can give."""
    found = [_fault_words(f.where, f.what) for f in check_programmes(adopted)]
    if heads and spare is not None:
        found += [f.what[:1].upper() + f.what[1:] + "." for f in check_demand(adopted, heads, spare)]
    held = people.qualifications(db)
    if heads:
        lacking = sorted({a.qualification for p in adopted for a in p.activities} - held - {""})
        found += [
            f"Nobody has the qualification {word}: sessions that ask for it cannot be placed." for word in lacking
        ]
    codes = people.team_codes(db)
    found += [
        f"“{a.title}” is for the team {code}, which does not stand."
        for p in adopted
        for a in p.activities
        for code in a.teams
        if code not in codes
    ]
    seats = max((room.seats for room in people.rooms(db)), default=0)
    found += [
        f"“{a.title}” wants a room for {a.group[0]}, the largest has {count_of(seats, 'seat')}."
        for p in adopted
        for a in p.activities
        if a.room and seats and a.group[0] > seats
    ]
    return found


def _fault_words(where: str, what: str) -> str:
    return f"{where}: {what}." if where else f"{what}."


def principles(adopted: Sequence[Programme]) -> list[dict[str, str]]:
    """Give, for each of the five, the activities that name it."""
    rows = []
    for principle, name in PRINCIPLES.items():
        titles = [a.title for p in adopted for a in p.activities if principle in a.principles]
        words = ", ".join(titles[:4]) + (f" and {len(titles) - 4} more" if len(titles) > 4 else "")  # noqa: PLR2004
        rows.append({"name": name, "count": number(len(titles)) if titles else "", "titles": words})
    return rows


def lying_ready(ready: Iterable[Programme], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the programmes that lie ready: not adopted yet, or saying something else than the adopted one."""
    found = []
    for p in ready:
        text = texts.get(p.code)
        if text == write_programme(p):
            continue
        found.append(
            {
                "code": p.code,
                "title": p.title,
                "aim": p.aim,
                "words": count_of(len(p.activities), "activity", "activities")
                if p.activities
                else f"brings {len(p.includes)} programmes",
                "differs": text is not None,
            }
        )
    return found


def activity_page(db: Db, p: Programme, a: Activity) -> dict[str, Any]:
    """Give one activity for reading."""
    titles = {code: found.title for code, found in programme.activities(db).items()}
    least, most = a.group
    facts = [
        ("How often", often(a.cadence)),
        ("Length", duration(a.minutes)),
        ("Group", "one to one" if most == 1 else f"{least} to {most} people" + _one_team(a)),
        ("Where", "in a room" if a.room else "online"),
    ]
    if a.recovery_minutes:
        facts.append(("Afterwards", f"{a.recovery_minutes} minutes off the queue"))
    if a.prerequisites:
        facts.append(("After", ", ".join(titles.get(c, c) for c in a.prerequisites)))
    if a.principles:
        facts.append(("Principles", ", ".join(PRINCIPLES[x] for x in a.principles)))
    if a.prepare:
        facts.append(("Prepare", a.prepare))
    return {
        "programme": p.title,
        "activity": a.code,
        "title": a.title,
        "kind": a.kind.value,
        "aim": a.aim,
        "facts": facts,
        "outline": a.outline,
    }


def typed_of(a: Activity) -> dict[str, Any]:
    """Give an activity as the fields of its form."""
    c = a.cadence
    return {
        "title": a.title,
        "aim": a.aim,
        "minutes": a.minutes,
        "least": a.group[0],
        "most": a.group[1],
        "weeks": c.weeks,
        "grace_days": c.grace_days,
        "offset_weeks": c.offset_weeks,
        "settle_weeks": c.settle_weeks,
        "rotation": c.rotation,
        "steps": c.steps,
        "intensity": a.intensity.value,
        "recovery_minutes": a.recovery_minutes,
        "qualification": a.qualification,
        "room": a.room,
        "one_team": a.one_team,
        "prerequisites": a.prerequisites,
        "principles": tuple(p.value for p in a.principles),
        "teams": a.teams,
        "prepare": a.prepare,
        "outline": "\n".join(f"{minutes} {what}" for minutes, what in a.outline),
    }


def typed_again(form: Form, name: str, was: Any) -> Any:
    """Give what was typed into one field of the form, for showing it again."""
    if isinstance(was, bool):
        return form.tick(name)
    if isinstance(was, tuple):
        return form.all(name)
    return form.typed(name, str(was))


def changed(form: Form, a: Activity, known: Iterable[str], teams: Iterable[str]) -> Activity:
    """Give the activity as typed; faults stand in the form. Its code, kind and rhythm stay.

    `known` are the codes of all activities, `teams` those of the teams that stand.
    """
    minutes = form.number("minutes", least=bounds.SESSION[0], most=bounds.SESSION[1])
    if minutes % bounds.STEP_MINUTES:
        form.fault("minutes", "Whole half hours: 30, 60, 90 …")
    least = form.number("least", least=bounds.GROUP[0], most=bounds.GROUP[1])
    most = form.number("most", least=bounds.GROUP[0], most=bounds.GROUP[1])
    if least > most:
        form.fault("least", f"At most {most}, the most people.")
    return replace(
        a,
        title=form.text("title"),
        aim=form.text("aim", limit=bounds.AIM),
        minutes=minutes,
        group=(least, most),
        cadence=_cadence(form, a.cadence),
        intensity=Intensity(form.choice("intensity", [i.value for i in Intensity], default=a.intensity.value)),
        recovery_minutes=form.number("recovery_minutes", least=0, most=bounds.RECOVERY[1], default=0),
        qualification=form.text("qualification", limit=60),
        room=form.tick("room"),
        one_team=form.tick("one_team"),
        prerequisites=_in_order(form.several("prerequisites", [c for c in known if c != a.code]), a.prerequisites),
        principles=_in_order(
            tuple(Principle(p) for p in form.several("principles", [p.value for p in Principle])), a.principles
        ),
        teams=_teams(form, teams),
        prepare=form.text("prepare", limit=bounds.AIM, required=False),
        outline=_outline(form),
    )


def _in_order(found: tuple[Word, ...], was: tuple[Word, ...]) -> tuple[Word, ...]:
    """Give what is ticked in the order it had, so that a form kept untouched changes nothing."""
    return (*(word for word in was if word in found), *(word for word in found if word not in was))


def _teams(form: Form, teams: Iterable[str]) -> tuple[str, ...]:
    found = tuple(word for word in (part.strip() for part in form.text("teams", required=False).split(",")) if word)
    unknown = [word for word in found if word not in set(teams)]
    if unknown:
        form.fault(
            "teams", f"No team has the code {unknown[0]}. Codes stand in the file of teams; part them by commas."
        )
    return found


def _cadence(form: Form, c: Cadence) -> Cadence:
    weeks = form.number("weeks", least=bounds.WEEKS[0], most=bounds.WEEKS[1])
    grace = form.number("grace_days", least=0, most=bounds.GRACE_DAYS, default=0)
    if c.rhythm is Rhythm.REQUEST:
        return replace(c, weeks=weeks, grace_days=grace, steps=form.number("steps", least=1, most=bounds.STEPS[1]))
    offset = form.number("offset_weeks", least=0, most=bounds.WEEKS[1], default=0)
    settle = form.number("settle_weeks", least=0, most=bounds.WEEKS[1], default=0)
    c = replace(c, weeks=weeks, grace_days=grace, offset_weeks=offset, settle_weeks=settle)
    if c.rhythm is Rhythm.EVERY:
        c = replace(c, rotation=form.text("rotation", limit=60, required=False))
    return c


def _outline(form: Form) -> tuple[tuple[int, str], ...]:
    found = []
    for text in form.text("outline", long=True, required=False).splitlines():
        first, _, what = text.strip().partition(" ")
        if not text.strip():
            continue
        minutes = int(first) if first.isascii() and first.isdigit() and len(first) < 4 else 0  # noqa: PLR2004
        if not (bounds.OUTLINE_MINUTES[0] <= minutes <= bounds.OUTLINE_MINUTES[1]) or not what.strip():
            form.fault(
                "outline", "Each line: minutes, a space, what happens. For example: 20 One situation, told in full."
            )
            continue
        found.append((minutes, what.strip()))
    if len(found) > bounds.MOST_LINES:
        form.fault("outline", f"At most {bounds.MOST_LINES} lines.")
    return tuple(found)


def edit_options(db: Db, p: Programme, a: Activity) -> dict[str, Any]:
    """Give what can be chosen in the form, and the words of what stays."""
    known = programme.activities(db)
    return {
        "programme": p.title,
        "title": a.title,
        "kind": a.kind.value,
        "rhythm": a.cadence.rhythm.value,
        "intensities": [(i.value, word) for i, word in INTENSITIES.items()],
        "principle_options": [(p.value, word) for p, word in PRINCIPLES.items()],
        "prerequisite_options": [
            (code, found.title)
            for code, found in known.items()
            if (code != a.code and found.cadence.rhythm is Rhythm.ONCE) or code in a.prerequisites
        ],
        "qualifications": sorted(people.qualifications(db)),
        "is_round": a.kind is Kind.ROUND,
    }


def live(db: Db, p: Programme, was: Activity, changed: Activity, today: date) -> dict[str, Any]:
    """Give the figures of a programme with one activity changed, beside those it has now."""
    standing = programme.adopted(db)
    after = tuple(
        replace(q, activities=tuple(changed if a.code == was.code else a for a in q.activities))
        if q.code == p.code
        else q
        for q in standing
    )
    heads, sizes = crowd(db, today)
    old, new = (figures_of(all_, heads, team_sizes=sizes) for all_ in (standing, after))
    mine_old, mine_new = (next(r for r in f.activities if r.code == was.code) for f in (old, new))
    already = set(check_programmes(standing))
    wrong = [_fault_words(f.where, f.what) for f in check_programmes(after) if f not in already]
    return {
        "rows": [
            (
                "Minutes a person and year",
                number(round(mine_old.minutes_a_year + mine_old.once_minutes)),
                number(round(mine_new.minutes_a_year + mine_new.once_minutes)),
            ),
            ("Hours off the queue a week", _hours(mine_old.hours_a_week) or "0", _hours(mine_new.hours_a_week) or "0"),
            (
                "Facilitator hours a week",
                _hours(mine_old.facilitator_hours_a_week) or "0",
                _hours(mine_new.facilitator_hours_a_week) or "0",
            ),
            (
                "All programmes, hours off the queue a week",
                _hours(old.hours_a_week) or "0",
                _hours(new.hours_a_week) or "0",
            ),
        ],
        "group": f"with groups of {typical_group(changed)}" if changed.group[1] > 1 else "one to one",
        "people": heads,
        "wrong": wrong,
    }
