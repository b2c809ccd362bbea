"""Instance and plan as JSON documents: `Problem` and sessions in, plain mappings out, and back.

The format is the documented one (agents and facilitators with shift patterns or with `work` spans; demands as
rows of seven) with further keys, all optional: names, `recovery` and `online` of an activity, `changeover_slots`
and `weights` of the rules, `holds` and `last` of an agent, spans in which a room is `closed`, `frozen_until`,
`first_day`, `priorities`, `keys`.
Writing gives `work` spans.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from devsys.core.planning.problem import (
    Activity,
    Agent,
    Facilitator,
    Need,
    Pool,
    Problem,
    Room,
    Rules,
    Series,
    Session,
    Site,
    Span,
    Team,
)
from devsys.core.planning.reading import Faults, Reader, as_list, as_number, as_numbers, as_text
from devsys.core.planning.shifts import ShiftDay, SpanStore, merged, rostered
from devsys.core.planning.sound import faults_of

MOST_WEEKS = 160
MOST_SLOTS_A_DAY = 48


def read_problem(document: object) -> Problem:
    """Give the problem a document states.

    Raises InvalidError with up to 50 faults, each with its place such as `agents[3].pool`; never anything else,
    whatever the document holds.
    """
    faults = Faults()
    top = Reader(document, "", faults)
    weeks = top.number("weeks", low=1, high=MOST_WEEKS)
    faults.settle()
    sites = tuple(_site(r) for r in top.readers("sites"))
    by_id = {s.id: s for s in sites}
    store = SpanStore()
    problem = Problem(
        weeks=weeks,
        sites=sites,
        pools=tuple(_pool(r) for r in top.readers("pools")),
        teams=tuple(Team(r.text("id"), r.text("site"), r.text("name", "")) for r in top.readers("teams")),
        agents=tuple(_agent(r, weeks, by_id, store) for r in top.readers("agents")),
        facilitators=tuple(_facilitator(r, weeks, store) for r in top.readers("facilitators")),
        activities=_activities(top.part("acts")),
        rules=_rules(top.part("rules")),
        needs=_needs(top),
        series=tuple(_series(r) for r in top.readers("series", needed=False)),
        pinned=tuple(_session(r) for r in top.readers("pinned", needed=False)),
        frozen_until=top.number("frozen_until", 0),
        first_day=_date(top),
    )
    faults.settle()
    for fault in faults_of(problem):
        faults.add(fault.where, fault.what)
    faults.settle()
    return problem


def _date(top: Reader) -> date | None:
    if not top.has("first_day"):
        return None
    try:
        return date.fromisoformat(top.text("first_day"))
    except ValueError:
        top.faults.add("first_day", "a date such as 2026-01-05 is wanted")
        return None


def _site(r: Reader) -> Site:
    rooms = tuple(
        Room(x.text("id"), x.number("cap", low=0), x.text("name", ""), tuple(_spans(x, "closed")))
        for x in r.readers("rooms", needed=False)
    )
    midnights = r.numbers("midnights") if r.has("midnights") else None
    holidays = frozenset(r.numbers("holidays")) if r.has("holidays") else frozenset()
    offset = r.number("offset", 0, -MOST_SLOTS_A_DAY, MOST_SLOTS_A_DAY)
    return Site(r.text("id"), offset, midnights, holidays, rooms, r.text("name", ""), r.number("minutes", 0, 0, 59))


def _pool(r: Reader) -> Pool:
    return Pool(r.text("id"), r.text("site"), r.numbers("required", low=0), r.text("name", ""))


def _agent(r: Reader, weeks: int, sites: Mapping[str, Site], store: SpanStore) -> Agent:
    site = sites.get(r.text("site"))
    work = _work(r, weeks, site.offset if site else 0, site.holidays if site else frozenset())
    last = r.part("last", needed=False)
    return Agent(
        id=r.text("id"),
        team=r.text("team"),
        site=r.text("site"),
        pool=r.text("pool"),
        work=store.keep(work),
        holds=frozenset(r.texts("holds")) if r.has("holds") else None,
        last=tuple((str(kind), last.number(str(kind))) for kind in sorted(last.map, key=str)),
        name=r.text("name", ""),
    )


def _facilitator(r: Reader, weeks: int, store: SpanStore) -> Facilitator:
    offset = 0 if r.has("work") else r.number("offset", 0, -MOST_SLOTS_A_DAY, MOST_SLOTS_A_DAY)
    work = _work(r, weeks, offset, frozenset())
    return Facilitator(
        r.text("id"),
        r.texts("sites"),
        store.keep(work),
        r.number("weekly_slots", low=0),
        frozenset(r.texts("quals")),
        r.text("name", ""),
    )


def _spans(r: Reader, key: str) -> list[Span]:
    out = []
    for i, value in enumerate(r.items(key, needed=False)):
        first, end = as_numbers(value, 2, f"{r.where}.{key}[{i}]", r.faults)
        out.append((first, end))
    return out


def _work(r: Reader, weeks: int, offset: int, holidays: frozenset[int]) -> list[Span]:
    if r.has("work"):
        return merged(_spans(r, "work"), weeks * 336)
    pattern = [_shift_week(r, i, week) for i, week in enumerate(r.items("shift"))]
    if len(pattern) != 2:  # noqa: PLR2004 -- a pattern is two weeks
        r.faults.add(f"{r.where}.shift", f"two weeks are wanted, not {len(pattern)}")
        return []
    absent = _spans(r, "absent")
    start = r.number("start_day", 0)
    return rostered(pattern, absent, weeks=weeks, offset=offset, holidays=holidays, start_day=start)


def _shift_week(r: Reader, i: int, week: object) -> list[ShiftDay]:
    where = f"{r.where}.shift[{i}]"
    days = as_list(week, where, r.faults)
    if len(days) != 7:  # noqa: PLR2004 -- days of a week
        r.faults.add(where, f"seven days are wanted, not {len(days)}")
    out: list[ShiftDay] = []
    for d, value in enumerate(days):
        if value is None:
            out.append(None)
            continue
        row = as_list(value, f"{where}[{d}]", r.faults)
        if len(row) == 2 or (len(row) == 3 and row[2] is None):  # noqa: PLR2004 -- without lunch
            first, end = as_numbers(row[:2], 2, f"{where}[{d}]", r.faults)
            out.append((first, end, None))
        else:
            first, end, lunch = as_numbers(row, 3, f"{where}[{d}]", r.faults)
            out.append((first, end, lunch))
    return out


def _activities(acts: Reader) -> tuple[Activity, ...]:
    return tuple(_activity(str(name), acts.part(str(name))) for name in acts.map)


def _activity(name: str, r: Reader) -> Activity:
    return Activity(
        id=name,
        kind=r.text("kind"),
        length=r.number("len", low=1, high=MOST_SLOTS_A_DAY),
        gmin=r.number("gmin", low=1, high=10_000),
        gmax=r.number("gmax", low=1, high=10_000),
        room=r.flag("room", default=False),
        same_team=r.flag("same_team", default=False),
        prereq=r.texts("prereq", needed=False),
        recovery=r.number("recovery", 0, 0, MOST_SLOTS_A_DAY),
        online=r.flag("online", default=False),
        name=r.text("name", ""),
    )


def _rules(r: Reader) -> Rules:
    gaps = r.part("min_gap_days", needed=False)
    weights = r.part("weights", needed=False)
    low, high = as_numbers(r.map.get("coach_gap_days", (5, 21)), 2, "rules.coach_gap_days", r.faults)
    return Rules(
        min_gap_days={str(k): gaps.number(str(k), low=0) for k in gaps.map},
        coach_gap_days=(low, high),
        day_slots=r.number("day_slots", 4, low=0),
        week_slots=r.number("week_slots", 9, low=0),
        changeover_slots=r.number("changeover_slots", 0, 0, MOST_SLOTS_A_DAY),
        weights={str(k): weights.number(str(k), low=1, high=1000) for k in weights.map},
    )


def _needs(top: Reader) -> tuple[Need, ...]:
    priorities = top.part("priorities", needed=False)
    keys = top.part("keys", needed=False)
    reasons = top.part("reasons", needed=False)
    return tuple(_need(value, i, priorities, keys, reasons) for i, value in enumerate(top.items("demands")))


def _need(value: object, i: int, priorities: Reader, keys: Reader, reasons: Reader) -> Need:
    faults, where, name = priorities.faults, f"demands[{i}]", str(i)
    row = as_list(value, where, faults)
    if len(row) != 7:  # noqa: PLR2004 -- the documented row
        faults.add(where, "seven values are wanted: agent, act, earliest, due, latest, series or null, step")
        return Need("", "", 0, 0, 0)
    agent, act, earliest, due, latest, series, k = row
    return Need(
        agent=agent if type(agent) is str and agent else as_text(agent, f"{where}[0]", faults),
        act=act if type(act) is str and act else as_text(act, f"{where}[1]", faults),
        earliest=as_number(earliest, f"{where}[2]", faults),
        due=as_number(due, f"{where}[3]", faults),
        latest=as_number(latest, f"{where}[4]", faults),
        series=None if series is None else as_text(series, f"{where}[5]", faults),
        k=0 if k is None else as_number(k, f"{where}[6]", faults, 0),
        priority=priorities.number(name, low=1, high=1000) if name in priorities.map else None,
        key=keys.text(name) if name in keys.map else "",
        why=reasons.text(name) if name in reasons.map else "",
    )


def _series(r: Reader) -> Series:
    pref = []
    for i, value in enumerate(r.items("pref", needed=False)):
        weekday, first, end = as_numbers(value, 3, f"{r.where}.pref[{i}]", r.faults)
        pref.append((weekday, first, end))
    return Series(r.text("id"), r.text("agent"), tuple(pref))


def _session(r: Reader) -> Session:
    return Session(
        id=r.text("id"),
        act=r.text("act"),
        start=r.number("start"),
        fac=r.text("fac"),
        room=r.text("room") if r.has("room") else None,
        site=r.text("site", ""),
        att=r.numbers("att", low=0),
    )


def read_sessions(document: object, what: str = "planning") -> tuple[Session, ...]:
    """Give the sessions of a plan document `{"sessions": [...]}`; `what` names the file in words.

    Raises InvalidError with the place of each fault. References are left to the verifier.
    """
    faults = Faults(what)
    top = Reader(document, "", faults)
    sessions = tuple(_session(r) for r in top.readers("sessions"))
    faults.settle()
    return sessions


def write_session(session: Session) -> dict[str, object]:
    """Give one session as the plan format writes it."""
    return {
        "id": session.id,
        "act": session.act,
        "start": session.start,
        "fac": session.fac,
        "room": session.room,
        "site": session.site,
        "att": list(session.att),
    }


def write_sessions(sessions: Iterable[Session]) -> dict[str, object]:
    """Give a plan document."""
    return {"sessions": [write_session(s) for s in sessions]}


def write_problem(problem: Problem) -> dict[str, object]:
    """Give the document of a problem: the documented keys, and further ones only where they say something."""
    rules = problem.rules
    document: dict[str, object] = {
        "weeks": problem.weeks,
        "sites": [_site_out(s) for s in problem.sites],
        "pools": [_named({"id": p.id, "site": p.site, "required": list(p.required)}, p.name) for p in problem.pools],
        "teams": [_named({"id": t.id, "site": t.site}, t.name) for t in problem.teams],
        "agents": [_agent_out(a) for a in problem.agents],
        "facilitators": [_facilitator_out(f) for f in problem.facilitators],
        "acts": {a.id: _activity_out(a) for a in problem.activities},
        "rules": {
            "min_gap_days": dict(rules.min_gap_days),
            "coach_gap_days": list(rules.coach_gap_days),
            "day_slots": rules.day_slots,
            "week_slots": rules.week_slots,
        },
        "series": [{"id": s.id, "agent": s.agent, "pref": [list(p) for p in s.pref]} for s in problem.series],
        "demands": [[n.agent, n.act, n.earliest, n.due, n.latest, n.series, n.k] for n in problem.needs],
        "pinned": [write_session(s) for s in problem.pinned],
    }
    _write_further(problem, document)
    return document


def _write_further(problem: Problem, document: dict[str, object]) -> None:
    rules, needs = document["rules"], problem.needs
    if isinstance(rules, dict):
        if problem.rules.changeover_slots:
            rules["changeover_slots"] = problem.rules.changeover_slots
        if problem.rules.weights:
            rules["weights"] = dict(problem.rules.weights)
    further: dict[str, object] = {
        "frozen_until": problem.frozen_until,
        "first_day": problem.first_day.isoformat() if problem.first_day else None,
        "priorities": {str(i): n.priority for i, n in enumerate(needs) if n.priority is not None},
        "keys": {str(i): n.key for i, n in enumerate(needs) if n.key},
        "reasons": {str(i): n.why for i, n in enumerate(needs) if n.why},
    }
    document.update({key: value for key, value in further.items() if value})


def _named(row: dict[str, object], name: str) -> dict[str, object]:
    if name:
        row["name"] = name
    return row


def _site_out(s: Site) -> dict[str, object]:
    row: dict[str, object] = {"id": s.id, "offset": s.offset, "holidays": sorted(s.holidays)}
    row["rooms"] = [_room_out(r) for r in s.rooms]
    if s.midnights is not None:
        row["midnights"] = list(s.midnights)
    if s.minutes:
        row["minutes"] = s.minutes
    return _named(row, s.name)


def _room_out(r: Room) -> dict[str, object]:
    row: dict[str, object] = {"id": r.id, "cap": r.cap}
    if r.closed:
        row["closed"] = [list(span) for span in r.closed]
    return _named(row, r.name)


def _agent_out(a: Agent) -> dict[str, object]:
    row: dict[str, object] = {"id": a.id, "team": a.team, "site": a.site, "pool": a.pool}
    row["work"] = [list(span) for span in a.work]
    if a.holds is not None:
        row["holds"] = sorted(a.holds)
    if a.last:
        row["last"] = dict(a.last)
    return _named(row, a.name)


def _facilitator_out(f: Facilitator) -> dict[str, object]:
    row: dict[str, object] = {"id": f.id, "sites": list(f.sites), "work": [list(span) for span in f.work]}
    row["weekly_slots"] = f.weekly_slots
    row["quals"] = sorted(f.quals)
    return _named(row, f.name)


def _activity_out(a: Activity) -> dict[str, object]:
    row: dict[str, object] = {"kind": a.kind, "len": a.length, "gmin": a.gmin, "gmax": a.gmax}
    row["room"], row["same_team"], row["prereq"] = int(a.room), int(a.same_team), list(a.prereq)
    if a.recovery:
        row["recovery"] = a.recovery
    if a.online:
        row["online"] = 1
    return _named(row, a.name)
