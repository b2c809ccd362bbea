"""Files of a small organisation, brought one after the other."""

import csv
from datetime import date
from functools import cache

from devsys.core.intake.kinds import KINDS
from devsys.core.intake.resolve import EMPTY, after, judge
from devsys.core.intake.values import Outcome
from devsys.core.model.people import Organisation

TODAY = date(2026, 1, 5)

FILES = {
    "sites": """code,name,zone,country,region
BER,Berlin,Europe/Berlin,DE,BE
KTM,Kathmandu,Asia/Kathmandu,,
""",
    "queues": ",".join(KINDS["queues"].header)
    + """
BILL,Billing,BER,240,80,20,90,30,1
TECH,Technical,KTM,,,,,,
""",
    "teams": """code,name,site
BILL-1,Billing 1,BER
BILL-2,Billing 2,BER
TECH-1,Technical 1,KTM
""",
    "shifts": """pattern,week,weekday,start,end,lunch_start,lunch_end,anchor
early,1,mon,08:00,16:30,12:00,12:30,
early,1,tue,08:00,16:30,12:00,12:30,
night,1,mon,22:00,24:00,,,2026-01-12
night,1,tue,00:00,06:00,,,
night,2,mon,,,,,
""",
    "people": """code,name,email,team,queue,pattern,joined,left
1042,Ana Ruiz,ana.ruiz@example.com,BILL-1,BILL,early,2024-09-02,
1043,Bruno Weiß,bruno.weiss@example.com,BILL-1,BILL,early,,2026-10-01
1044,"Díaz, Carla",carla.diaz@example.com,BILL-2,BILL,night,,
3001,Deepa Thapa,deepa.thapa@example.com,TECH-1,TECH,early,,
2007,Jonas Keller,jonas.keller@example.com,BILL-1,,early,,
2008,Mira Sandoval,mira.sandoval@example.com,,,,,
""",
    "absences": """person,from,to
1042,2026-08-03,2026-08-14
1042,2026-09-21T13:00,2026-09-21T15:30
1043,2026-02-02,2026-02-02
""",
    "facilitators": """person,sites,qualifications,weekly_hours
2007,BER|KTM,skill|round,12.5
""",
    "rooms": """code,name,site,seats
BER-2.14,Room 2.14,BER,12
""",
    "held": """person,activity,date
1042,professional_boundaries,2025-11-18
""",
    "requirement": """queue,day,start,agents
BILL,mon,08:00,1
BILL,mon,08:30,2
BILL,tue,09:00,1
BILL,2026-12-24,00:00,0
""",
}


def bring(kind: str, text: str | bytes, organisation: Organisation = EMPTY) -> Outcome:
    """Give the outcome of a file."""
    return judge(kind, text, organisation, TODAY)


@cache
def brought() -> Organisation:
    """Give the organisation of all the files."""
    organisation = EMPTY
    for kind in KINDS:
        if kind in FILES:
            outcome = bring(kind, FILES[kind], organisation)
            assert outcome.refused == ()
            organisation = after(organisation, outcome)
    return organisation


def with_rows(kind: str, *rows: str) -> str:
    """Give a file of a kind with these rows; columns that may be left out are there when the first row has them."""
    header = KINDS[kind].header
    if rows:
        header = header[: max(len(next(csv.reader(rows[:1]))), sum(not c.optional for c in KINDS[kind].columns))]
    return "\n".join((",".join(header), *rows, ""))


def refusals(kind: str, organisation: Organisation, *rows: str) -> list[tuple[int, str, str, str]]:
    """Give what is refused of rows of a kind: row, column, value, what is wanted."""
    found = bring(kind, with_rows(kind, *rows), organisation)
    if found.refused:
        assert found.upserts == ()
        assert found.removals == ()
    return [(r.row, r.column, r.value, r.wanted) for r in found.refused]
