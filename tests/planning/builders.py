"""Small problems by hand, and random ones by seed, for the planner's tests."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from random import Random

from devsys.core.planning.grid import Grid
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import (
    DAY,
    WEEK,
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

NAMES = (
    "Ana Ruiz",
    "Tomas Horak",
    "Leila Haddad",
    "Jonas Weber",
    "Mei Tanaka",
    "Oluwaseun Bello",
    "Ines Moreau",
    "Piotr Zielinski",
    "Sara Lindqvist",
    "Rahul Menon",
    "Greta Bauer",
    "Dario Conti",
    "Fatima Zahra",
    "Noah Jansen",
    "Elif Kaya",
    "Marta Sousa",
)

LISTENING = Activity("listening", "skill", 2, 2, 4, room=True, prereq=("boundaries",), name="Hear fully")
ROUND = Activity("round", "review", 2, 2, 4, same_team=True, name="Case round")
DIGITAL = Activity("digital", "adv", 3, 2, 4, name="Digital service")
BOUNDARIES = Activity("boundaries", "boundaries", 4, 1, 4, room=True, name="Professional boundaries")
HEAVY = Activity("heavy", "adv", 2, 1, 4, recovery=2, name="Emotional support")
COACHING = Activity("coaching", "coach", 1, 1, 1, name="Coaching")
ACTIVITIES = (LISTENING, ROUND, DIGITAL, BOUNDARIES, HEAVY, COACHING)


def at(day: int, hour: float) -> int:
    """Give the slot of a local time at a site without offset."""
    return day * DAY + round(hour * 2)


def office(weeks: int, *, offset: int = 0, first: float = 8, end: float = 16.5, lunch: float = 12) -> tuple[Span, ...]:
    """Give weekdays at work with half an hour of lunch."""
    out = []
    for day in range(weeks * 7):
        if day % 7 < 5:
            out += [(at(day, first) - offset, at(day, lunch) - offset)]
            out += [(at(day, lunch) + 1 - offset, at(day, end) - offset)]
    return tuple((max(a, 0), min(b, weeks * WEEK)) for a, b in out if b > 0 and a < weeks * WEEK)


def a_need(agent: str = "p0", act: str = "round", earliest: int = 0, due: int = WEEK, latest: int = 2 * WEEK) -> Need:
    return Need(agent, act, earliest, due, latest)


def a_problem(
    needs: Iterable[Need] = (), *, people: int = 6, weeks: int = 4, required: int = 0, rules: Rules | None = None
) -> Problem:
    """Give one site, one queue, two teams of equal size, a trainer, a lead, a coach; everybody holds boundaries."""
    work = office(weeks)
    agents = tuple(
        Agent(
            f"p{i}",
            "north" if i < (people + 1) // 2 else "south",
            "lisbon",
            "billing",
            work,
            holds=frozenset({"boundaries"}),
            name=NAMES[i % len(NAMES)],
        )
        for i in range(people)
    )
    site = Site("lisbon", rooms=(Room("tagus", 4, "Tagus"),), name="Lisbon")
    facilitators = (
        Facilitator(
            "trainer", ("lisbon",), work, 36, frozenset({"listening", "boundaries", "digital", "heavy"}), "Vera"
        ),
        Facilitator("lead", ("lisbon",), work, 8, frozenset({"round"}), "Otto"),
        Facilitator("coach", ("lisbon",), work, 8, frozenset({"coaching"}), "Ilse"),
    )
    return Problem(
        weeks=weeks,
        sites=(site,),
        pools=(Pool("billing", "lisbon", (required,) * (weeks * WEEK), "Billing"),),
        teams=(Team("north", "lisbon", "North"), Team("south", "lisbon", "South")),
        agents=agents,
        facilitators=facilitators,
        activities=ACTIVITIES,
        rules=rules or Rules(min_gap_days={"skill": 14, "review": 7, "adv": 7}),
        needs=tuple(needs),
        first_day=date(2026, 1, 5),
    )


def a_session(act: str = "round", start: int | None = None, att: tuple[int, ...] = (0, 1), id_: str = "s1") -> Session:
    """Give a session on Monday at 9:00, led by whoever leads its activity in `a_problem`, in a room if it needs one."""
    leads = {"round": "lead", "coaching": "coach"}
    room = "tagus" if act in ("listening", "boundaries") else None
    return Session(id_, act, at(0, 9) if start is None else start, leads.get(act, "trainer"), room, "lisbon", att)


def change_agent(problem: Problem, agent: str, **changes: object) -> Problem:
    """Give the problem with one person changed."""
    agents = tuple(replace(a, **changes) if a.id == agent else a for a in problem.agents)  # type: ignore[arg-type]
    return replace(problem, agents=agents)


def change_activity(problem: Problem, activity: str, **changes: object) -> Problem:
    """Give the problem with one activity changed."""
    acts = tuple(replace(a, **changes) if a.id == activity else a for a in problem.activities)  # type: ignore[arg-type]
    return replace(problem, activities=acts)


def change_facilitator(problem: Problem, facilitator: str, **changes: object) -> Problem:
    """Give the problem with one facilitator changed."""
    changed = tuple(
        replace(f, **changes) if f.id == facilitator else f  # type: ignore[arg-type]
        for f in problem.facilitators
    )
    return replace(problem, facilitators=changed)


def draws(seed: int) -> Random:
    """Give random draws that can be repeated."""
    return Random(seed)  # noqa: S311 -- no secret hangs on it


def a_random_problem(seed: int, *, plain: bool = False) -> Problem:
    """Give a small problem with everything in it; `plain` keeps to what the documented format knows."""
    rng = draws(seed)
    weeks = rng.randint(3, 6)
    sites = tuple(_site(rng, i, weeks) for i in range(rng.choice((1, 1, 2))))
    pools: list[Pool] = []
    teams: list[Team] = []
    agents: list[Agent] = []
    for s, site in enumerate(sites):
        mine = [_pool(rng, f"q{s}{p}", site.id, weeks) for p in range(rng.choice((1, 2)))]
        groups = [Team(f"t{s}{t}", site.id) for t in range(rng.randint(1, 3))]
        count = rng.randint(4, 12)
        agents += [_agent(rng, len(agents) + i, (site, mine, groups), weeks) for i in range(count)]
        pools += mine
        teams += groups
    acts = tuple(_varied(rng, a, plain=plain) for a in ACTIVITIES)
    if not plain:
        agents = [replace(a, holds=frozenset({"boundaries"})) if rng.random() < 0.4 else a for a in agents]
    needs, series = _needs(rng, agents, acts, weeks)
    rules = Rules(
        min_gap_days={"skill": rng.choice((0, 7, 14)), "review": 7, "adv": rng.choice((0, 7))},
        coach_gap_days=(5, 21),
        day_slots=rng.choice((4, 6)),
        week_slots=rng.choice((6, 9)),
        changeover_slots=0 if plain else rng.choice((0, 1)),
    )
    problem = Problem(
        weeks=weeks,
        sites=sites,
        pools=tuple(pools),
        teams=tuple(teams),
        agents=tuple(agents),
        facilitators=_facilitators(rng, sites, weeks),
        activities=acts,
        rules=rules,
        needs=needs,
        series=series,
        frozen_until=0 if plain else rng.choice((0, 0, 3 * DAY)),
    )
    return _with_requirements(rng, problem)


def side_by_side(seed: int, copies: int, **wishes: bool) -> Problem:
    """Give copies of a small random problem that know nothing of each other, their needs shuffled together.

    Each copy lacks some of the needs, so that no two are alike.
    """
    rng = draws(seed)
    base = a_random_problem(seed, **wishes)
    copied = [_renamed(base, f"c{i}-") for i in range(copies)]
    needs = [n for p in copied for n in p.needs if n.series is not None or rng.random() < 0.9]
    rng.shuffle(needs)
    return replace(
        base,
        sites=tuple(s for p in copied for s in p.sites),
        pools=tuple(x for p in copied for x in p.pools),
        teams=tuple(t for p in copied for t in p.teams),
        agents=tuple(a for p in copied for a in p.agents),
        facilitators=tuple(f for p in copied for f in p.facilitators),
        needs=tuple(needs),
        series=tuple(s for p in copied for s in p.series),
    )


def _renamed(problem: Problem, head: str) -> Problem:
    """Give a problem with another name for everything but its activities."""
    rooms = {s.id: tuple(replace(r, id=head + r.id) for r in s.rooms) for s in problem.sites}
    return replace(
        problem,
        sites=tuple(replace(s, id=head + s.id, rooms=rooms[s.id]) for s in problem.sites),
        pools=tuple(replace(p, id=head + p.id, site=head + p.site) for p in problem.pools),
        teams=tuple(replace(t, id=head + t.id, site=head + t.site) for t in problem.teams),
        agents=tuple(
            replace(a, id=head + a.id, team=head + a.team, site=head + a.site, pool=head + a.pool)
            for a in problem.agents
        ),
        facilitators=tuple(
            replace(f, id=head + f.id, sites=tuple(head + s for s in f.sites)) for f in problem.facilitators
        ),
        needs=tuple(replace(n, agent=head + n.agent, series=n.series and head + n.series) for n in problem.needs),
        series=tuple(replace(s, id=head + s.id, agent=head + s.agent) for s in problem.series),
    )


def _site(rng: Random, i: int, weeks: int) -> Site:
    rooms = tuple(Room(f"r{i}{k}", rng.choice((2, 3, 5))) for k in range(rng.randint(1, 2)))
    holidays = frozenset(rng.sample(range(weeks * 7), 2))
    offset = rng.choice((-10, 0, 4, 11))
    if rng.random() < 0.5:
        return Site(f"site{i}", offset, None, holidays, rooms)
    # A clock change in the second week: one local day of 46 or 50 slots.
    shift = rng.choice((-2, 2))
    midnights = tuple(d * DAY - offset + (shift if d > 9 else 0) for d in range(weeks * 7 + 1))
    return Site(f"site{i}", offset, midnights, holidays, rooms)


def _pool(rng: Random, name: str, site: str, weeks: int) -> Pool:
    return Pool(name, site, tuple(rng.choice((0, 0, 1)) for _ in range(weeks * WEEK)))


def _agent(rng: Random, i: int, place: tuple[Site, list[Pool], list[Team]], weeks: int) -> Agent:
    site, pools, teams = place
    first = rng.choice((6, 8, 10))
    spans = list(office(weeks, offset=site.offset, first=first, end=first + 8.5, lunch=first + 4))
    for _ in range(rng.randint(0, 2)):
        day = rng.randrange(weeks * 7)
        spans = [s for s in spans if not day * DAY <= s[0] + site.offset < (day + rng.randint(1, 5)) * DAY]
    team = rng.choice(teams).id
    last = (("review", -rng.randint(1, 10) * DAY),) if rng.random() < 0.3 else ()
    return Agent(f"a{i}", team, site.id, rng.choice(pools).id, tuple(spans), last=last, name=NAMES[i % len(NAMES)])


def _varied(rng: Random, act: Activity, *, plain: bool) -> Activity:
    changes: dict[str, object] = {"recovery": 0 if plain else act.recovery}
    if act.gmax > 1:
        changes |= {"gmin": rng.randint(1, 3), "gmax": rng.randint(3, 6), "length": rng.randint(1, 4)}
    return replace(act, **changes)  # type: ignore[arg-type]


def _facilitators(rng: Random, sites: tuple[Site, ...], weeks: int) -> tuple[Facilitator, ...]:
    out = []
    groups = (("listening", "boundaries"), ("listening",), ("round",), ("round",), ("digital", "heavy"), ("coaching",))
    for site in sites:
        for quals in groups:
            first = rng.choice((6, 8, 10))
            work = office(weeks, offset=site.offset, first=first, end=first + 8.5, lunch=first + 4)
            serves = tuple(s.id for s in sites) if rng.random() < 0.3 else (site.id,)
            out.append(Facilitator(f"f{len(out)}", serves, work, rng.choice((4, 8, 30)), frozenset(quals)))
    return tuple(out)


def _needs(
    rng: Random, agents: list[Agent], acts: tuple[Activity, ...], weeks: int
) -> tuple[tuple[Need, ...], tuple[Series, ...]]:
    needs: list[Need] = []
    series: list[Series] = []
    for agent in agents:
        for act in acts:
            if act.id == "coaching" or rng.random() < 0.3:
                continue
            every = rng.choice((1, 2, 4))
            for k in range(weeks // every):
                first = k * every * WEEK
                due = first + every * WEEK
                needs.append(Need(agent.id, act.id, first, due, due + rng.randint(0, 5) * DAY))
        if rng.random() < 0.3:
            name = f"c{len(series)}"
            pref = ((rng.randrange(5), 18, 24),)
            series.append(Series(name, agent.id, pref))
            first = rng.randrange(2) * WEEK
            for k in range(3):
                a = first + k * 7 * DAY
                needs.append(Need(agent.id, "coaching", a, a + 14 * DAY, a + 21 * DAY, name, k))
    limit = weeks * WEEK
    clipped = (replace(n, due=min(n.due, limit), latest=min(n.latest, limit)) for n in needs)
    return tuple(clipped), tuple(series)


def _with_requirements(rng: Random, problem: Problem) -> Problem:
    """Give the problem with queues that require a share of whom they have."""
    share = rng.choice((0.3, 0.6, 0.8))
    pools = []
    for pool in problem.pools:
        rostered = [0] * problem.slots
        for agent in problem.agents:
            if agent.pool == pool.id:
                for a, b in agent.work:
                    for slot in range(a, b):
                        rostered[slot] += 1
        required = tuple(max(0, int(r * share + rng.random() - 0.5)) for r in rostered)
        pools.append(replace(pool, required=required))
    return replace(problem, pools=tuple(pools))


def a_booked_grid(problem: Problem, sessions: Iterable[Session]) -> Grid:
    """Give a grid with sessions booked that are not pinned, as the planner would have opened them."""
    grid = Grid(Layout(problem))
    lay = grid.lay
    kept = {s.id for s in problem.pinned}
    for s in sessions:
        if s.id in kept:
            continue
        act, agent = lay.act_at[s.act], lay.need_agent[s.att[0]]
        meeting = grid.open_meeting(
            act,
            s.start,
            site=lay.agent_site[agent],
            team=lay.agent_team[agent] if lay.same_team[act] else -1,
            fac=lay.fac_at[s.fac],
            room=lay.room_at[s.room] if s.room else -1,
        )
        for n in s.att:
            grid.sit(meeting, n)
    grid.settle()
    return grid
