"""Sample week and month of the gallery: eleven people of Billing, 22 to 26 March 2027."""

# ruff: noqa: RUF001 -- names and dashes as people write them

from datetime import date, datetime, timedelta
from types import SimpleNamespace as Some

from devsys.faces.web.drawing_coverage import CoverageDay, CoverageSlot
from devsys.faces.web.drawing_month import DrawnMonth, MonthEntry, MonthGrid, draw_month
from devsys.faces.web.drawing_week import DrawnWeek, GridDay, GridRow, GridSession, Off, WeekGrid, draw_week

MONDAY = date(2027, 3, 22)
NAMES = (
    "Agnieszka Zielińska",
    "Babajide Okonkwo",
    "Catarina Faria",
    "Deniz Aydın",
    "Farah El-Amin",
    "Hiroshi Tanaka",
    "Inês Duarte",
    "Jakub Wrona",
    "Lê Thu Hà",
    "Mateus Rocha",
    "Oksana Hrytsenko",
)
# id, kind, title, short, state, day, hour, minutes, rows
SESSIONS = (
    ("r1", "round", "Case round: late refunds", "Round", "frozen", 1, 9.0, 60, (0, 2, 6, 7)),
    ("e1", "emotional_support", "After a hard call", "Hard call", "frozen", 1, 10.5, 90, (1, 4)),
    ("s1", "skill", "Explain clearly", "Explain", "pinned", 1, 13.0, 60, (3, 5, 8)),
    ("s2", "skill", "Own it to the end", "Own it", "draft", 1, 14.5, 60, (9, 10)),
    ("d1", "digital", "Chat and mail together", "Chat and mail", "published", 1, 15.5, 90, (0, 7)),
    ("c1", "coaching", "1:1 development", "1:1", "published", 1, 16.0, 60, (6,)),
    ("r2", "round", "Case round: tone", "Round", "frozen", 0, 9.0, 60, (1, 3, 4, 5)),
    ("s3", "skill", "Ask to the point", "Ask", "frozen", 0, 11.0, 60, (6, 7)),
    ("c2", "coaching", "1:1 development", "1:1", "frozen", 0, 14.0, 60, (8,)),
    ("x1", "cross_cultural", "Names and forms of address", "Names", "published", 2, 14.0, 90, (0, 5)),
    ("s4", "skill", "Hear fully", "Hear", "draft", 2, 11.0, 60, (2,)),
    ("r3", "round", "Case round: parcels", "Round", "published", 2, 9.0, 60, (8, 9)),
    ("x2", "cross_cultural", "Names and forms of address", "Names", "published", 3, 10.0, 90, (1, 6)),
    ("s5", "skill", "Follow up", "Follow", "pinned", 3, 15.0, 60, (3, 7)),
    ("c3", "coaching", "1:1 development", "1:1", "published", 3, 9.0, 60, (4,)),
    ("s6", "skill", "Own it to the end", "Own it", "draft", 3, 13.0, 60, (5, 8)),
)
REQUIRED = (
    "22335554444333443322",
    "22334444333333332222",
    "23345555444334443322",
    "22344555443333443222",
    "12233333322222221111",
)
LEFT = (
    "45568887777763776644",
    "44465565565468666443",
    "45578897766667766543",
    "44566888765556665443",
    "23345554443333332221",
)


def moment(day: int, hour: float) -> datetime:
    """Give a wall time of the week."""
    return datetime.combine(MONDAY, datetime.min.time()) + timedelta(days=day, hours=hour)


def offs(row: int) -> tuple[Off, ...]:
    """Give when a person is not there: early or late shift, lunch, a day away."""
    found = []
    for day in range(5):
        early = (row + day) % 3
        first, last = ((8, 16.5), (8.5, 17), (9, 18))[early]
        lunch = (12, 12.5, 13)[(row * 2 + day) % 3]
        found += [Off(moment(day, 8), moment(day, first)), Off(moment(day, last), moment(day, 18))]
        found.append(Off(moment(day, lunch), moment(day, lunch + 0.5), "lunch", "lunch"))
    if row in {4, 10}:
        found.append(Off(moment(2, 8), moment(2, 18), "away", "away"))
    if row in {1, 4}:
        found.append(Off(moment(1, 12), moment(1, 12.5), "recovery", "recovery after a heavy session"))
    return tuple(o for o in found if o.starts < o.ends)


def billing_week() -> DrawnWeek:
    """Give the drawn week."""
    days = tuple(
        GridDay(MONDAY + timedelta(days=i), f"week.html?day={i}", "Good Friday" if i == len(REQUIRED) - 1 else "")
        for i in range(5)
    )
    sessions = tuple(
        GridSession(
            id=key,
            kind=kind,
            title=title,
            short=short,
            state=state,  # type: ignore[arg-type]
            starts=moment(day, hour),
            minutes=minutes,
            rows=tuple(str(r) for r in rows),
            href=f"week.html?session={key}",
            move=f"/sessions/{key}/move" if state in {"draft", "published"} else "",
            pin=f"/sessions/{key}/pin" if state != "frozen" else "",
            selected=key == "s2",
        )
        for key, kind, title, short, state, day, hour, minutes, rows in SESSIONS
    )
    coverage = tuple(
        CoverageDay(
            MONDAY + timedelta(days=i),
            8 * 60,
            ()
            if i == len(REQUIRED) - 1
            else tuple(
                CoverageSlot(int(need), int(left), 2 if i == 1 and slot in {13, 14} else 0)
                for slot, (need, left) in enumerate(zip(REQUIRED[i], LEFT[i], strict=True))
            ),
        )
        for i in range(5)
    )
    return draw_week(
        WeekGrid(
            days=days,
            lens=MONDAY + timedelta(days=1),
            opens=8 * 60,
            closes=18 * 60,
            rows=tuple(GridRow(str(i), name, off=offs(i)) for i, name in enumerate(NAMES)),
            sessions=sessions,
            coverage=coverage,
            queue_words="Billing queue",
            frozen_until=moment(1, 12),
            free=((moment(1, 10), moment(1, 11)), (moment(1, 12), moment(1, 13)), (moment(1, 14.5), moment(1, 15.5))),
            free_words="Marisa Antunes free",
        )
    )


def agenda() -> list[Some]:
    """Give the week as lines."""
    words = ("Mon 22 March", "Tue 23 March", "Wed 24 March", "Thu 25 March", "Fri 26 March")
    days = []
    for index, word in enumerate(words):
        there = [s for s in SESSIONS if s[5] == index]
        lines = [
            Some(
                start=f"{moment(index, s[6]):%H:%M}",
                end=f"{moment(index, s[6]) + timedelta(minutes=s[7]):%H:%M}",
                kind=s[1],
                title=s[2],
                who=f"{len(s[8])} of Billing · Saoirse Byrne",
                href="#",
                state=s[4],
                selected=s[0] == "s2",
                cancelled=False,
            )
            for s in sorted(there, key=lambda s: s[6])
        ]
        days.append(Some(title=word, today=False, count="", note="", sessions=lines))
    return days


def why() -> Some:
    """Give the why panel."""
    return Some(
        state="draft",
        kind="skill",
        title="Own it to the end",
        when="Tue 23 March, 14:30–15:30, room Mewa",
        who="Marisa Antunes · 2 of Billing, 4 of Returns",
        here="the only half hours with two spare in Billing and Marisa free.",
        nots=(
            ("Mon 22, 10:00", "Billing one short 10:00 to 10:30"),
            ("Tue 23, 10:00", "Billing one short at 10:30; Mewa taken"),
            ("Wed 24, 11:00", "Oksana Hrytsenko away"),
            ("Thu 25, 15:00", "Marisa Antunes leads Digital"),
        ),
        opens=("Thu 25, 15:00 fits with Rahul Deshpande leading", "Mon 22, 10:00 fits with 5 places instead of 6"),
    )


def march() -> DrawnMonth:
    """Give the drawn month."""
    entries = [
        MonthEntry(MONDAY + timedelta(days=s[5] + 7 * week), s[1], s[2], s[4], f"{moment(0, s[6]):%H:%M}", 1, "#")
        for s in SESSIONS
        for week in (-3, -2, -1, 0)
        if (len(s[2]) + week) % 3
    ]
    holidays = {date(2027, 3, 26): "Good Friday"}
    return draw_month(
        MonthGrid(MONDAY, tuple(entries), date(2027, 3, 9), holidays, lambda d: f"#{d}", lambda d: f"#w{d}")
    )
