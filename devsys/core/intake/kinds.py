"""The kinds of file a coordinator brings, in the order they are brought, and the reading of one file by itself."""

from collections.abc import Mapping
from types import MappingProxyType

from devsys.base.errors import NotFoundError
from devsys.base.words import phrase, to_phrase
from devsys.base.written import number
from devsys.core.intake import cells
from devsys.core.intake.csv import Cells, read_table, write_table
from devsys.core.intake.lines import (
    AbsenceLine,
    ContactLine,
    FacilitatorLine,
    HeldLine,
    Line,
    PersonLine,
    QueueLine,
    RequirementLine,
    RoomLine,
    ShiftLine,
    SiteLine,
    TeamLine,
    VolumeLine,
)
from devsys.core.intake.values import CellError, Column, Kind, Reading, Refused

MOST_FAULTS = 500
MOST_WEEKS = 8

_CODE = to_phrase("a short code, unique among its kind")
_TITLE = to_phrase("a name of at most 200 characters")  # limits.TEXT
_SITE = Column("site", to_phrase("the code of a site"), "BER", cells.code)
_QUEUE = Column("queue", to_phrase("the code of a queue"), "BILL", cells.code)
_PERSON = Column("person", to_phrase("the code of a person"), "1042", cells.code)

_SITES = Kind(
    "sites",
    to_phrase("Sites"),
    to_phrase("Places, each with its own clock and public holidays."),
    (
        Column("code", _CODE, "BER", cells.code),
        Column("name", _TITLE, "Berlin", cells.text),
        Column("zone", to_phrase("an IANA time zone"), "Europe/Berlin", cells.zone),
        Column("country", to_phrase("a two-letter country code; empty: no public holidays"), "DE", cells.upper, ""),
        Column("region", to_phrase("a region of that country with holidays of its own"), "BE", cells.upper, ""),
    ),
    SiteLine,
    (("LIS", "Lisbon", "Europe/Lisbon", "PT", ""),),
)

_QUEUES = Kind(
    "queues",
    to_phrase("Queues"),
    to_phrase("Queues of a site with the service they are held to."),
    (
        Column("code", _CODE, "BILL", cells.code),
        Column("name", _TITLE, "Billing", cells.text),
        _SITE,
        Column("handle_seconds", to_phrase("mean handle time, 10 to 7,200"), "240", cells.whole(10, 7200), 240),
        Column(
            "service_percent", to_phrase("share of calls answered in time, 1 to 99"), "80", cells.decimal(1, 99), 80.0
        ),
        Column("answer_seconds", to_phrase("that time, 0 to 3,600"), "20", cells.whole(0, 3600), 20),
        Column("occupancy_percent", to_phrase("most time in calls, 10 to 100"), "90", cells.decimal(10, 100), 90.0),
        Column("shrinkage_percent", to_phrase("paid time off the queue, 0 to 90"), "30", cells.decimal(0, 90), 30.0),
        Column("minimum", to_phrase("agents kept where no requirement is known"), "2", cells.whole(0, 10_000), 0),
    ),
    QueueLine,
)

_TEAMS = Kind(
    "teams",
    to_phrase("Teams"),
    to_phrase("Teams of a site; a case round belongs to one team."),
    (Column("code", _CODE, "BILL-1", cells.code), Column("name", _TITLE, "Billing 1", cells.text), _SITE),
    TeamLine,
)

_SHIFTS = Kind(
    "shifts",
    to_phrase("Shift patterns"),
    to_phrase("Weeks of work that repeat. A pattern named in the file is replaced as a whole; others stay."),
    (
        Column("pattern", to_phrase("a short code; all rows of a pattern carry it"), "early", cells.code),
        Column("week", to_phrase("the week of the cycle, 1 to 8"), "1", cells.whole(1, MOST_WEEKS)),
        Column("weekday", to_phrase("mon, tue, wed, thu, fri, sat or sun"), "mon", cells.weekday),
        Column("start", to_phrase("local start; start and end empty: a day off"), "08:00", cells.clock, None),
        Column("end", to_phrase("local end on the same day, at most 24:00"), "16:30", cells.clock, None),
        Column("lunch_start", to_phrase("start of an unpaid break within, or empty"), "12:00", cells.clock, None),
        Column("lunch_end", to_phrase("its end"), "12:30", cells.clock, None),
        Column("anchor", to_phrase("a Monday on which week 1 begins"), "2026-01-05", cells.day, None, optional=True),
    ),
    ShiftLine,
    (
        ("early", "1", "tue", "08:00", "16:30", "12:00", "12:30", "2026-01-05"),
        ("night", "1", "mon", "22:00", "24:00", "", "", ""),
        ("night", "1", "tue", "00:00", "06:00", "", "", ""),
    ),
)

_PEOPLE = Kind(
    "people",
    to_phrase("People"),
    to_phrase("Everybody: agents with a queue, facilitators and leads without one."),
    (
        Column("code", _CODE, "1042", cells.code),
        Column("name", _TITLE, "Ana Ruiz", cells.text),
        Column("email", to_phrase("an e-mail address, unique"), "ana.ruiz@example.com", cells.email),
        Column("team", to_phrase("the code of a team; needed with a queue"), "BILL-1", cells.code, ""),
        Column("queue", to_phrase("the code of a queue; empty: counts for none"), "BILL", cells.code, ""),
        Column("pattern", to_phrase("the code of a shift pattern; empty: never at work"), "early", cells.code, ""),
        Column("joined", to_phrase("first day; empty: always here"), "2024-09-02", cells.day, None),
        Column("left", to_phrase("first day no longer here"), "", cells.day, None),
        Column(
            "own_will",
            to_phrase("by own will: yes or no; empty: as said before"),
            "",
            cells.yes_or_no,
            None,
            optional=True,
        ),
    ),
    PersonLine,
    (("2007", "Jonas Keller", "jonas.keller@example.com", "BILL-1", "", "early", "", "", ""),),
)

_ABSENCES = Kind(
    "absences",
    to_phrase("Absences"),
    to_phrase("Time away, without a reason. Each row adds one; the same row again changes nothing."),
    (
        _PERSON,
        Column(
            "from", to_phrase("first day away, or a local date and time"), "2026-08-03", cells.away_from, field="start"
        ),
        Column(
            "to",
            to_phrase("last day away, or the local time of coming back; empty: not known yet"),
            "2026-08-14",
            cells.away_to,
            None,
            field="end",
        ),
        Column("withdrawn", to_phrase("yes: takes a standing absence back"), "", cells.yes, empty=False, optional=True),
    ),
    AbsenceLine,
    (("1042", "2026-09-21T13:00", "2026-09-21T15:30", ""),),
)

_FACILITATORS = Kind(
    "facilitators",
    to_phrase("Facilitators"),
    to_phrase("Who leads sessions: where, of what, and how much. They have no queue."),
    (
        Column("person", to_phrase("the code of a person without a queue"), "2007", cells.code),
        Column("sites", to_phrase("codes of sites served, parted by |"), "BER|LIS", cells.codes),
        Column("qualifications", to_phrase("at least one, as programmes name them"), "skill|round", cells.names),
        Column("weekly_hours", to_phrase("most hours of sessions a week, 0.5 to 60"), "12", cells.decimal(0.5, 60)),
    ),
    FacilitatorLine,
)

_ROOMS = Kind(
    "rooms",
    to_phrase("Rooms"),
    to_phrase("Rooms of a site with their seats."),
    (
        Column("code", _CODE, "BER-2.14", cells.code),
        Column("name", _TITLE, "Room 2.14", cells.text),
        _SITE,
        Column("seats", to_phrase("seats for learners, 1 to 500"), "12", cells.whole(1, 500)),
    ),
    RoomLine,
)

_HELD = Kind(
    "held",
    to_phrase("Earlier learning"),
    to_phrase("What people hold already, so that a start in the middle of a year locks nobody out."),
    (
        _PERSON,
        Column("activity", to_phrase("the code of an activity"), "professional_boundaries", cells.name),
        Column("date", to_phrase("the day it was held, not after today"), "2025-11-18", cells.day, field="day"),
    ),
    HeldLine,
)

_REQUIREMENT = Kind(
    "requirement",
    to_phrase("Staffing requirement"),
    to_phrase(
        "Agents at work a queue needs. A day named in the file is replaced as a whole; half hours it leaves out need 0."
    ),
    (
        _QUEUE,
        Column("day", to_phrase("mon to sun for the typical week, or a date"), "mon", cells.day_of_week_or_date),
        Column("start", to_phrase("local start of the half hour"), "08:00", cells.half_hour, field="half"),
        Column("agents", to_phrase("people at work, 0 to 10,000"), "12", cells.whole(0, 10_000)),
    ),
    RequirementLine,
    (("BILL", "mon", "08:30", "14"), ("BILL", "2026-12-24", "08:00", "6")),
)

_VOLUMES = Kind(
    "volumes",
    to_phrase("Call volumes"),
    to_phrase(
        "Calls per half hour of the past. "
        "They become the queue's requirement, through its handle time and service goal."
    ),
    (
        _QUEUE,
        Column("start", to_phrase("local start of a half hour"), "2025-11-03T08:00", cells.half_hour_moment),
        Column("calls", to_phrase("calls that came, 0 to 20,000"), "86", cells.whole(0, 20_000)),
    ),
    VolumeLine,
    (("BILL", "2025-11-03T08:30", "112"),),
    exported=False,
)

_CONTACTS = Kind(
    "contacts",
    to_phrase("Contact causes"),
    to_phrase(
        "Contacts per week, queue and cause: what fixes are judged by. A contact counts once; “other” is the rest."
    ),
    (
        Column("week", to_phrase("the Monday of the week"), "2025-11-03", cells.monday),
        _QUEUE,
        Column(
            "cause", to_phrase("the key of a fix, a cause (process, tool, policy ...) or other"), "process", cells.code
        ),
        Column("contacts", to_phrase("contacts of that week, 0 to 1,000,000"), "214", cells.whole(0, 1_000_000)),
    ),
    ContactLine,
    (("2025-11-03", "BILL", "other", "3180"),),
    exported=False,
)

_ALL = (
    _SITES,
    _QUEUES,
    _TEAMS,
    _SHIFTS,
    _PEOPLE,
    _ABSENCES,
    _FACILITATORS,
    _ROOMS,
    _HELD,
    _REQUIREMENT,
    _VOLUMES,
    _CONTACTS,
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.code: kind for kind in _ALL})


def kind_of(code: str) -> Kind:
    """Give the kind of file of a code. Raises NotFoundError naming the kinds there are."""
    if code not in KINDS:
        raise NotFoundError(
            phrase("There is no kind of file “%(code)s”. There are: %(kinds)s.", code=code[:40], kinds=", ".join(KINDS))
        )
    return KINDS[code]


def template(code: str) -> str:
    """Give the file to start from: the header and rows that show how. Raises NotFoundError."""
    kind = kind_of(code)
    return write_table(kind.header, (tuple(c.example for c in kind.columns), *kind.more))


def read_rows(code: str, data: bytes | str) -> Reading:
    """Give the rows of a file of a kind, and what is wrong with it, each fault with row and column.

    A fault of the file itself (size, encoding, separator, header) comes alone. Reading stops after 500 faults.
    Raises NotFoundError for an unknown kind, and nothing else whatever the file holds.
    """
    kind = kind_of(code)
    least = sum(not c.optional for c in kind.columns)
    table = read_table(data, kind.header, least)
    rows: list[Line] = []
    faults = list(table.faults)
    for line in table.rows:
        found = _line(kind, line)
        if isinstance(found, list):
            faults.extend(found)
        else:
            rows.append(found)
    faults.sort(key=lambda fault: fault.row)
    if len(faults) > MOST_FAULTS:
        more = phrase(
            "There are %(count)s faults; the first %(shown)s are shown. Mend these first.",
            count=number(len(faults)),
            shown=MOST_FAULTS,
        )
        faults = [*faults[:MOST_FAULTS], Refused(0, "", "", more)]
    return Reading(code, tuple(rows), tuple(faults))


def tried(data: bytes) -> bytes:
    """Read a file as `read_rows` does and give nothing: for a process of its own, before the file is read here.

    The first line of `data` is the code of the kind, the file is what follows.
    """
    code, _, file = data.partition(b"\n")
    read_rows(code.decode("ascii"), file)
    return b""


def _line(kind: Kind, line: Cells) -> Line | list[Refused]:
    """Give the value of a row, or all that is wrong with its cells."""
    values: dict[str, object] = {}
    faults: list[Refused] = []
    for column, cell in zip(kind.columns, line.cells, strict=False):
        if not cell:
            if column.required:
                faults.append(Refused(line.row, column.name, "", column.wanted))
            values[column.into] = column.empty
            continue
        try:
            values[column.into] = column.parse(cell)
        except CellError as error:
            faults.append(Refused(line.row, column.name, cell[:80], error.wanted))
    return faults or kind.make(row=line.row, cells=line.cells, **values)
