"""The most that any plan can serve, by a model of everything at once, on organisations of a handful of people.

The model is stated from the rules anew, session by session, with no code of the planner: what it finds is a plan,
which the verifier judges.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random

from ortools.sat.python import cp_model

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
from tests.planning.builders import draws

Worth = Callable[[Need, int], int]


def on_time(need: Need, start: int) -> int:
    """Count a need that is served on time."""
    return int(start < need.due)


def placed(_need: Need, _start: int) -> int:
    """Count a need that is served."""
    return 1


@dataclass(frozen=True, slots=True)
class _Could:
    """A session that could be held: `people` who may sit in it are a pair of need and question."""

    act: Activity
    start: int
    fac: str
    room: str | None
    site: str
    cap: int
    held: cp_model.IntVar
    people: dict[int, cp_model.IntVar]

    @property
    def end(self) -> int:
        return self.start + self.act.length


def most(problem: Problem, worth: Worth = on_time) -> tuple[int, tuple[Session, ...]]:
    """Give a plan that serves the most, and how many that are; within the effort, which suffices for nearly all."""
    return _Model(problem).best(worth)


class _Model:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.acts = {a.id: a for a in problem.activities}
        self.agents = {a.id: a for a in problem.agents}
        self.sites = {s.id: s for s in problem.sites}
        self.pinned = [self._pin(s) for s in problem.pinned]
        self.could = [*self.pinned, *self._new()]
        self.seats = [(n, c, v) for c in self.could for n, v in c.people.items()]
        self._groups()
        self._leaders_and_rooms()
        self._queues()
        self._people()
        self._orders()

    def _pin(self, s: Session) -> _Could:
        one = self.model.new_constant(1)
        people = dict.fromkeys(s.att, one)
        return _Could(self.acts[s.act], s.start, s.fac, s.room, s.site, len(people), one, people)

    def _new(self) -> Iterator[_Could]:
        p = self.problem
        for act in p.activities:
            for site in p.sites:
                rooms: list[tuple[str | None, int, tuple[Span, ...]]] = [(None, act.gmax, ())]
                if act.room and not act.online:
                    rooms = [(r.id, min(act.gmax, r.cap), r.closed) for r in site.rooms]
                teams = [t.id for t in p.teams] if act.same_team else [None]
                for team in teams:
                    members = [
                        n
                        for n, need in enumerate(p.needs)
                        if need.act == act.id
                        and (who := self.agents[need.agent]).site == site.id
                        and team in {None, who.team}
                    ]
                    for fac in p.facilitators:
                        if members and act.id in fac.quals and site.id in fac.sites:
                            yield from self._led(act, site, fac, rooms, members)

    def _led(
        self,
        act: Activity,
        site: Site,
        fac: Facilitator,
        rooms: Iterable[tuple[str | None, int, tuple[Span, ...]]],
        members: list[int],
    ) -> Iterator[_Could]:
        for start in _starts(fac.work, act.length):
            if start < self.problem.frozen_until or site.day_of(start) in site.holidays:
                continue
            here = [n for n in members if self._may(n, start, act.length)]
            for room, cap, closed in rooms:
                shut = any(a < start + act.length and start < b for a, b in closed)
                if here and not shut:
                    held = self.model.new_bool_var("")
                    people = {n: self.model.new_bool_var("") for n in here}
                    yield _Could(act, start, fac.id, room, site.id, cap, held, people)

    def _may(self, need: int, start: int, length: int) -> bool:
        n = self.problem.needs[need]
        work = self.agents[n.agent].work
        return n.earliest <= start < n.latest and start in _starts(work, length)

    def _groups(self) -> None:
        for c in self.could[len(self.pinned) :]:
            everybody = sum(c.people.values())
            self.model.add(everybody >= c.act.gmin * c.held)
            self.model.add(everybody <= c.cap * c.held)
            for v in c.people.values():
                self.model.add_implication(v, c.held)
        by_need = defaultdict(list)
        for n, _, v in self.seats:
            by_need[n].append(v)
        for some in by_need.values():
            self.model.add_at_most_one(some)

    def _leaders_and_rooms(self) -> None:
        gap = self.problem.rules.changeover_slots
        weekly = {f.id: f.weekly_slots for f in self.problem.facilitators}
        used = defaultdict(list)
        for i, c in enumerate(self.could):
            used[c.fac, c.start // WEEK].append(c.act.length * c.held)
            for d in self.could[:i]:
                apart = d.start - c.end if c.start < d.start else c.start - d.end
                same_room = c.room is not None and c.room == d.room
                fac_clash = c.fac == d.fac and apart < (gap if c.room != d.room else 0)
                if fac_clash or (same_room and apart < gap):
                    self.model.add_at_most_one([c.held, d.held])
        for (fac, _), some in used.items():
            self.model.add(sum(some) <= weekly[fac])

    def _queues(self) -> None:
        away = defaultdict(list)
        for n, c, v in self.seats:
            agent = self.agents[self.problem.needs[n].agent]
            for slot in range(c.start, c.end + c.act.recovery):
                if slot < self.problem.slots and (slot < c.end or _at(agent, slot)):
                    away[agent.pool, slot].append(v)
        for (name, slot), some in away.items():
            pool = next(p for p in self.problem.pools if p.id == name)
            at_work = sum(_at(a, slot) for a in self.problem.agents if a.pool == name)
            self.model.add(sum(some) <= max(0, at_work - pool.required[slot]))

    def _people(self) -> None:
        rules = self.problem.rules
        for agent in self.problem.agents:
            mine = [(c, v) for n, c, v in self.seats if self.problem.needs[n].agent == agent.id]
            days, weeks, heavy = defaultdict(list), defaultdict(list), defaultdict(list)
            stays = defaultdict(list)
            kinds = defaultdict(list)
            for c, v in mine:
                day = self.sites[agent.site].day_of(c.start)
                days[day].append(c.act.length * v)
                weeks[c.start // WEEK].append(c.act.length * v)
                if c.act.recovery:
                    heavy[day].append(v)
                for slot in range(c.start, c.end + c.act.recovery):
                    stays[slot].append(v)
                gap = rules.min_gap_days.get(c.act.kind, 0) * DAY
                for slot in range(c.start, c.start + gap):
                    kinds[c.act.kind, slot].append(v)
                if any(kind == c.act.kind and c.start - at < gap for kind, at in agent.last):
                    self.model.add(v == 0)
            for some in (*heavy.values(), *stays.values(), *kinds.values()):
                self.model.add_at_most_one(some)
            for rows, limit in ((days, rules.day_slots), (weeks, rules.week_slots)):
                for some in rows.values():
                    self.model.add(sum(some) <= limit)

    def _orders(self) -> None:
        needs, rules = self.problem.needs, self.problem.rules
        low, high = (d * DAY for d in rules.coach_gap_days)
        steps = {(n.series, n.k): i for i, n in enumerate(needs) if n.series is not None}
        for n, c, v in self.seats:
            need, agent = needs[n], self.agents[needs[n].agent]
            asked = {m.act for m in needs if m.agent == agent.id}
            for before in c.act.prereq:
                if before not in (agent.holds or ()) if agent.holds is not None else before in asked:
                    ended = [
                        w
                        for m, d, w in self.seats
                        if needs[m].agent == agent.id and d.act.id == before and d.end <= c.start
                    ]
                    self.model.add(v <= sum(ended))
            if need.series is not None and need.k > 0:
                step = steps.get((need.series, need.k - 1))
                earlier = [
                    w for m, d, w in self.seats if m == step and d.fac == c.fac and low <= c.start - d.start <= high
                ]
                self.model.add(v <= sum(earlier))

    def best(self, worth: Worth) -> tuple[int, tuple[Session, ...]]:
        worths = [(w, v) for n, c, v in self.seats if (w := worth(self.problem.needs[n], c.start))]
        if not worths:
            return 0, self.problem.pinned
        self.model.maximize(sum(w * v for w, v in worths))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = 0.5
        if solver.solve(self.model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return 0, self.problem.pinned
        new = [c for c in self.could[len(self.pinned) :] if solver.boolean_value(c.held)]
        sessions = (
            Session(
                f"m{i}", c.act.id, c.start, c.fac, c.room, c.site,
                tuple(n for n, v in c.people.items() if solver.boolean_value(v)),
            )
            for i, c in enumerate(new)
        )  # fmt: skip
        return round(solver.objective_value), (*self.problem.pinned, *sessions)


def _at(agent: Agent, slot: int) -> bool:
    return any(a <= slot < b for a, b in agent.work)


def _starts(work: Iterable[Span], length: int) -> list[int]:
    """Give the starts at which a session lies within the hours at work."""
    slots = {t for a, b in work for t in range(a, b)}
    return sorted(t for t in slots if all(t + i in slots for i in range(length)))


def a_small_problem(seed: int) -> Problem:
    """Give an organisation of three to six people with a few hours at work, tight in one or several ways."""
    rng = draws(seed)
    weeks = rng.choice((1, 2, 3))
    two = rng.random() < 0.15
    sites = tuple(_site(rng, f"s{i}", weeks) for i in range(1 + two))
    hours = _hours(rng, weeks)
    acts = _activities(rng)
    count = rng.randint(3, 6)
    teams = tuple(Team(f"{t}{s.id}", s.id) for s in sites for t in "tu")
    pools = tuple(Pool(f"{q}{s.id}", s.id, _required(rng, weeks)) for s in sites for q in "qw")
    one_queue = rng.random() < 0.6
    agents = []
    for i in range(count):
        site = rng.choice(sites)
        agents.append(
            Agent(
                f"p{i}",
                rng.choice("tu") + site.id,
                site.id,
                ("q" if one_queue else rng.choice("qw")) + site.id,
                _work(rng, hours, 0.85),
                holds=rng.choice((None, None, frozenset(), frozenset({"gate"}))),
                last=(("skill", -rng.randint(1, 6) * DAY),) if rng.random() < 0.2 else (),
            )
        )
    facilitators = tuple(
        Facilitator(
            f"f{i}",
            tuple(s.id for s in sites) if rng.random() < 0.6 else (rng.choice(sites).id,),
            _work(rng, hours, 0.8),
            rng.choice((2, 3, 4, 8)),
            frozenset(a.id for a in acts if rng.random() < 0.7) or frozenset({acts[0].id}),
        )
        for i in range(rng.choice((1, 1, 2, 3)))
    )
    needs, series = _needs(rng, agents, acts, weeks)
    return Problem(
        weeks=weeks,
        sites=sites,
        pools=pools,
        teams=teams,
        agents=tuple(agents),
        facilitators=facilitators,
        activities=acts,
        rules=Rules(
            min_gap_days={"skill": rng.choice((0, 2, 7)), "review": rng.choice((0, 3))},
            coach_gap_days=rng.choice(((1, 3), (2, 8), (5, 21))),
            day_slots=rng.choice((2, 3, 6)),
            week_slots=rng.choice((3, 5, 9)),
            changeover_slots=rng.choice((0, 1, 1, 2)),
        ),
        needs=needs,
        series=series,
        frozen_until=rng.choice((0, 0, 0, 2 * DAY)),
    )


def pinned_some(problem: Problem, sessions: Iterable[Session], seed: int) -> Problem:
    """Give the problem with one or two sessions of a plan pinned that rest on no other."""
    gated = {a.id for a in problem.activities if a.prereq}
    firsts = [s for s in sessions if s.act not in gated and all(problem.needs[n].k == 0 for n in s.att)]
    rng = draws(seed)
    some = rng.sample(firsts, min(len(firsts), rng.choice((1, 2))))
    return replace(problem, pinned=tuple(replace(s, id=f"kept{i}") for i, s in enumerate(some)))


def _site(rng: Random, name: str, weeks: int) -> Site:
    closed = ((rng.randrange(3) * DAY + 19, rng.randrange(3, 5) * DAY + 20),) if rng.random() < 0.4 else ()
    rooms = tuple(
        Room(f"{name}r{i}", rng.choice((1, 2, 3, 4)), closed=closed if i == 0 else ())
        for i in range(rng.choice((1, 2)))
    )
    holidays = frozenset(rng.sample(range(weeks * 7), 1)) if rng.random() < 0.4 else frozenset()
    if rng.random() < 0.7:
        return Site(name, rng.choice((0, 0, 4)), None, holidays, tuple(rooms))
    # The clock changes in the night to the third day.
    shift = rng.choice((-2, 2))
    midnights = tuple(d * DAY + (shift if d > 1 else 0) for d in range(weeks * 7 + 1))
    return Site(name, 0, midnights, holidays, tuple(rooms))


def _hours(rng: Random, weeks: int) -> list[Span]:
    """Give a few stretches that people may be at work for."""
    out = []
    for week in range(weeks):
        for day in rng.sample(range(5), rng.choice((2, 3, 3, 4) if weeks < 3 else (2, 2, 3))):
            first = week * WEEK + day * DAY + rng.choice((18, 19, 20))
            out.append((first, first + rng.choice((2, 3, 4, 6))))
    return sorted(out)


def _work(rng: Random, hours: Iterable[Span], share: float) -> tuple[Span, ...]:
    return tuple((a + rng.choice((0, 0, 0, 1)), b) for a, b in hours if rng.random() < share and b - a > 1)


def _required(rng: Random, weeks: int) -> tuple[int, ...]:
    level = rng.choice((0, 0, 1, 1, 2, 3))
    return tuple(max(0, level - (rng.random() < 0.3)) for _ in range(weeks * WEEK))


def _activities(rng: Random) -> tuple[Activity, ...]:
    size = rng.choice((1, 2, 2, 3)), rng.choice((3, 4))
    gate = Activity("gate", "boundaries", rng.choice((1, 2)), 1, rng.choice((1, 2, 3)), room=rng.random() < 0.3)
    skill = Activity(
        "skill", "skill", rng.choice((1, 2)), *size,
        room=rng.random() < 0.6,
        same_team=rng.random() < 0.3,
        prereq=("gate",) if rng.random() < 0.4 else (),
        recovery=rng.choice((0, 0, 0, 1)),
    )  # fmt: skip
    rounds = Activity(
        "round",
        "review",
        rng.choice((1, 2)),
        rng.choice((1, 2, 3)),
        4,
        room=rng.random() < 0.4,
        same_team=rng.random() < 0.6,
    )
    coach = Activity("coach", "coach", 1, 1, rng.choice((1, 1, 1, 2)), room=rng.random() < 0.2)
    return (gate, *rng.sample((skill, rounds, coach), rng.choice((1, 2, 2, 3))))


def _needs(
    rng: Random, agents: Iterable[Agent], acts: Iterable[Activity], weeks: int
) -> tuple[tuple[Need, ...], tuple[Series, ...]]:
    needs: list[Need] = []
    series: list[Series] = []
    end = weeks * WEEK
    share = rng.choice((0.5, 0.8))
    for agent in agents:
        for act in acts:
            if rng.random() > share or len(needs) > 12:
                continue
            if act.id == "coach" and rng.random() < 0.7:
                series.append(Series(f"c{agent.id}", agent.id))
                first = rng.randrange(3) * DAY
                needs += [
                    Need(
                        agent.id, "coach", first + k * DAY, min(end, first + (3 + 3 * k) * DAY), end, f"c{agent.id}", k
                    )
                    for k in range(rng.choice((1, 2, 3)))
                ]
                continue
            for k in range(weeks if rng.random() < 0.3 else 1):
                earliest = k * WEEK + rng.choice((0, 0, DAY, 2 * DAY))
                due = rng.choice((earliest + 3 * DAY, earliest + WEEK, end, end))
                latest = rng.choice((due, due + DAY, due + 3 * DAY, end))
                needs.append(Need(agent.id, act.id, earliest, min(due, end), min(latest, end)))
    return tuple(needs), tuple(series)
