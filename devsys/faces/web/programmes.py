"""Programmes as pages show them: cadences in words, what they cost, what is wrong with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from devsys.adapters.store.queries import people, programme
from devsys.adapters.store.queries.programme import Adopted
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import duration, near_day, number, spoken
from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import monday_of
from devsys.core.model.programme import Activity, Cadence, Intensity, Principle, Programme, Rhythm
from devsys.core.programmes.check import check_demand, check_programmes
from devsys.core.programmes.figures import ActivityFigures, figures_of
from devsys.core.programmes.why import every_weeks
from devsys.core.programmes.write import write_programme
from devsys.faces.web.staffing import spare_hours_by_week, staffing

SPARE_WEEKS: Final = 8
PRINCIPLES: Final[Mapping[Principle, str]] = {
    Principle.LISTEN: to_phrase("Hear fully"),
    Principle.QUESTION: to_phrase("Ask to the point"),
    Principle.EXPLAIN: to_phrase("Explain clearly"),
    Principle.OWN: to_phrase("Own it to the end"),
    Principle.FOLLOW_UP: to_phrase("Follow up"),
}
INTENSITIES: Final = {
    Intensity.LIGHT: to_phrase("light"),
    Intensity.MEDIUM: to_phrase("medium"),
    Intensity.HEAVY: to_phrase("heavy"),
}


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
        return phrases("on request, %(num)s session", "on request, %(num)s sessions", cadence.steps)
    if cadence.rhythm is Rhythm.ONCE:
        return phrases("once, within a week", "once, within %(num)s weeks", cadence.weeks, num=spoken(cadence.weeks))
    often = every_weeks(cadence.weeks)
    return phrase("%(often)s, in turn", often=often) if cadence.rotation else often


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
        hours_words(sum(f.hours_a_week for f in mine)),
    )


def _row(a: Activity, f: ActivityFigures, titles: Mapping[str, str]) -> Row:
    least, most = a.group
    return Row(
        code=a.code,
        title=a.title,
        kind=a.kind.value,
        often=often(a.cadence),
        length=_length(a),
        group="1:1"
        if most == 1
        else (f"{least}" if least == most else phrase("%(least)s to %(most)s", least=least, most=most)) + _one_team(a),
        leads=a.qualification,
        place=phrase("in a room") if a.room else phrase("online"),
        after=", ".join(titles.get(code, code) for code in a.prerequisites),
        principles=", ".join(str(PRINCIPLES[p]) for p in a.principles),
        minutes_a_year=number(round(f.minutes_a_year)) if f.minutes_a_year else "",
        once=phrase("%(once_minutes)s once", once_minutes=number(round(f.once_minutes))) if f.once_minutes else "",
        hours_a_week=hours_words(f.hours_a_week),
    )


def _length(a: Activity) -> str:
    if not a.recovery_minutes:
        return duration(a.minutes)
    return phrase("%(length)s + %(recovery)s min off", length=duration(a.minutes), recovery=a.recovery_minutes)


def _one_team(a: Activity) -> str:
    return phrase(", one team") if a.one_team else ""


def hours_words(hours: float) -> str:
    """Give hours as figures, small ones with a place; nothing for none."""
    return "" if not hours else number(round(hours, 1) if hours < 10 else round(hours))  # noqa: PLR2004 -- small ones with a place


def warnings(db: Db, adopted: Sequence[Programme], heads: int, spare: float | None) -> list[str]:
    """Give what is wrong with the programmes together, in sentences; `spare` hours a week all queues can give."""
    found = [fault_words(f.where, f.what) for f in check_programmes(adopted)]
    if heads and spare is not None:
        found += [f.what[:1].upper() + f.what[1:] + "." for f in check_demand(adopted, heads, spare)]
    held = people.qualifications(db)
    if heads:
        lacking = sorted({a.qualification for p in adopted for a in p.activities} - held - {""})
        found += [
            phrase("Nobody has the qualification %(word)s: sessions that ask for it cannot be placed.", word=word)
            for word in lacking
        ]
    codes = people.team_codes(db)
    found += [
        phrase("“%(title)s” is for the team %(code)s, which does not stand.", title=a.title, code=code)
        for p in adopted
        for a in p.activities
        for code in a.teams
        if code not in codes
    ]
    seats = max((room.seats for room in people.rooms(db)), default=0)
    found += [
        phrases(
            "“%(title)s” wants a room for %(least)s, the largest has %(num)s seat.",
            "“%(title)s” wants a room for %(least)s, the largest has %(num)s seats.",
            seats,
            title=a.title,
            least=a.group[0],
        )
        for p in adopted
        for a in p.activities
        if a.room and seats and a.group[0] > seats
    ]
    return found


def fault_words(where: str, what: str) -> str:
    """Give a fault of programmes as a sentence."""
    return f"{where}: {what}." if where else f"{what}."


def principles(adopted: Sequence[Programme]) -> list[dict[str, str]]:
    """Give, for each of the five, the activities that name it."""
    rows = []
    for principle, name in PRINCIPLES.items():
        titles = [a.title for p in adopted for a in p.activities if principle in a.principles]
        words = ", ".join(titles[:4]) + (phrase(" and %(n)s more", n=len(titles) - 4) if len(titles) > 4 else "")  # noqa: PLR2004
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
                "words": phrases("%(num)s activity", "%(num)s activities", len(p.activities))
                if p.activities
                else phrases("brings %(num)s programme", "brings %(num)s programmes", len(p.includes)),
                "differs": text is not None,
            }
        )
    return found


def activity_page(db: Db, p: Programme, a: Activity) -> dict[str, Any]:
    """Give one activity for reading."""
    titles = {code: found.title for code, found in programme.activities(db).items()}
    least, most = a.group
    facts = [
        (phrase("How often"), often(a.cadence)),
        (phrase("Length"), duration(a.minutes)),
        (
            phrase("Group"),
            phrase("one to one")
            if most == 1
            else phrase("%(least)s to %(most)s people", least=least, most=most) + _one_team(a),
        ),
        (phrase("Where"), phrase("in a room") if a.room else phrase("online")),
    ]
    if a.recovery_minutes:
        facts.append(
            (
                phrase("Afterwards"),
                phrase("%(recovery_minutes)s minutes off the queue", recovery_minutes=a.recovery_minutes),
            )
        )
    if a.prerequisites:
        facts.append((phrase("After"), ", ".join(titles.get(c, c) for c in a.prerequisites)))
    if a.principles:
        facts.append((phrase("Principles"), ", ".join(str(PRINCIPLES[x]) for x in a.principles)))
    if a.prepare:
        facts.append((phrase("Prepare"), a.prepare))
    return {
        "programme": p.title,
        "activity": a.code,
        "title": a.title,
        "kind": a.kind.value,
        "aim": a.aim,
        "facts": facts,
        "outline": a.outline,
    }
