"""The fewest people a change can move, by trying everything, on organisations of a handful of people.

A plan is tried as starts of needs: for each, whether some groups, facilitators and rooms let the verifier pass it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product
from random import Random

from devsys.core.planning.change import Away, Change, Closed, More, changed
from devsys.core.planning.check import check
from devsys.core.planning.draw import draw
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

MOST_TRIES = 3_000


class TooManyError(Exception):
    """There is too much to try."""


def a_tiny_problem(seed: int) -> tuple[Problem, list[int]]:
    """Give an organisation of three to five people with a few hours at work, and the slots these begin at."""
    rng = draws(seed)
    days = sorted(rng.sample(range(5), rng.choice((2, 3))))
    hours = [day * DAY + 18 + 2 * rng.randrange(3) for day in days]
    hours = sorted({*hours, *(h + 2 for h in hours[: rng.choice((0, 1, 1, 2))])})
    shape = rng.choice(("plain", "team", "gate", "series"))
    acts = _activities(rng, shape)
    count = rng.randint(3, 5)
    agents = tuple(
        Agent(
            f"p{i}",
            rng.choice("tu") if shape == "team" else "t",
            "s",
            "q",
            _spans(rng, hours, 0.85),
            holds=frozenset() if shape == "gate" else None,
        )
        for i in range(count)
    )
    facilitators = tuple(
        Facilitator(
            f"f{i}",
            ("s",),
            _spans(rng, hours, 0.8),
            rng.choice((2, 4, 8)),
            frozenset(rng.sample([a.id for a in acts], rng.randint(1, len(acts)))),
        )
        for i in range(rng.choice((1, 2, 3)))
    )
    needs, series = _needs(rng, count, acts, hours)
    problem = Problem(
        weeks=1,
        sites=(Site("s", rooms=tuple(Room(f"r{i}", rng.choice((1, 2, 3))) for i in range(rng.choice((1, 2))))),),
        pools=(Pool("q", "s", (rng.choice((0, 0, 1, 2)),) * WEEK),),
        teams=(Team("t", "s"), Team("u", "s")),
        agents=agents,
        facilitators=facilitators,
        activities=acts,
        rules=Rules(min_gap_days={"skill": rng.choice((0, 1))}, coach_gap_days=(1, 3)),
        needs=needs,
        series=series,
    )
    return problem, hours


def _spans(rng: Random, hours: Sequence[int], share: float) -> tuple[Span, ...]:
    out: list[Span] = []
    for h in hours:
        if rng.random() < share:
            joined = bool(out) and out[-1][1] == h
            out[-1:] = [(out[-1][0], h + 2)] if joined else [*out[-1:], (h, h + 2)]
    return tuple(out)


def _activities(rng: Random, shape: str) -> tuple[Activity, ...]:
    if shape == "gate":
        gate = Activity("gate", "boundaries", 2, 1, 2, room=rng.random() < 0.5)
        return gate, Activity("x", "skill", 2, rng.choice((1, 2)), 3, prereq=("gate",))
    if shape == "series":
        return Activity("c", "coach", 1, 1, 1), Activity("x", "skill", 2, rng.choice((1, 2)), 2)
    team = shape == "team"
    size = rng.choice((1, 2, 2, 3)), rng.choice((3, 4))
    first = Activity("x", "skill", 2, *size, room=rng.random() < 0.5, same_team=team, recovery=rng.choice((0, 0, 0, 1)))
    more = (Activity("y", "review", rng.choice((1, 2)), rng.choice((1, 2)), 3),) if rng.random() < 0.5 else ()
    return first, *more


def _needs(
    rng: Random, count: int, acts: Sequence[Activity], hours: Sequence[int]
) -> tuple[tuple[Need, ...], tuple[Series, ...]]:
    needs: list[Need] = []
    series: list[Series] = []
    for i in range(count):
        if acts[0].id == "c" and rng.random() < 0.6 and len(series) < 2:
            series.append(Series(f"c{i}", f"p{i}"))
            needs += [Need(f"p{i}", "c", 0, WEEK, WEEK, f"c{i}", k) for k in range(rng.choice((2, 3)))]
            continue
        for act in acts:
            if act.id != "c" and rng.random() < 0.75 and len(needs) < 7:
                earliest = rng.choice((0, 0, hours[1] if len(hours) > 1 else 0))
                needs.append(Need(f"p{i}", act.id, earliest, rng.choice((hours[-1], WEEK)), WEEK))
    return tuple(needs), tuple(series)


def a_tiny_case(seed: int) -> tuple[Problem, Problem, tuple[Session, ...], Change]:
    """Give a tiny organisation, the same after a change, its plan before, and the change."""
    problem, hours = a_tiny_problem(seed)
    rng = draws(seed)
    now = rng.choice((0, 0, hours[0] + 1))
    absent: list[Away] = []
    closed: list[Closed] = []
    more: list[More] = []
    for _ in range(rng.choice((1, 1, 2))):
        kind = rng.choice("aafffqr")
        first = max(rng.choice(hours), now)
        end = rng.choice((first + 2, first + 2, first + DAY, None))
        if kind == "q":
            more.append(More("q", first, end, rng.randint(1, 2)))
        elif kind == "r":
            closed.append(Closed(rng.choice(problem.sites[0].rooms).id, first, end))
        else:
            who: Sequence[Agent | Facilitator] = problem.agents if kind == "a" else problem.facilitators
            absent.append(Away(rng.choice(who).id, first, end))
    change = Change(now, tuple(absent), tuple(closed), tuple(more))
    after = replace(changed(problem, change), frozen_until=rng.choice((now, now, now + DAY)))
    return problem, after, draw(problem, rounds=1).sessions, change


def fewest_moved(problem: Problem, old: Iterable[Session], now: int, ended: Iterable[int]) -> int:
    """Give how many needs lose their start at least in any calendar that holds; `ended` count as none.

    Raises TooManyError when that takes too long to try.
    """
    return _Brute(problem, tuple(old), now).least(frozenset(ended))


class _Brute:
    def __init__(self, problem: Problem, old: tuple[Session, ...], now: int) -> None:
        self.problem = problem
        self.first_new = max(problem.frozen_until, now)
        self.acts = {a.id: a for a in problem.activities}
        self.agents = {a.id: a for a in problem.agents}
        self.fixed = [s for s in old if s.start < now]
        self.was = {n: s.start for s in old if s.start >= now for n in s.att}
        self.tries = 0

    def least(self, ended: frozenset[int]) -> int:
        standing = [n for n in self.was if n not in ended]
        begun = {n for s in self.fixed for n in s.att}
        free = [n for n in range(len(self.problem.needs)) if n not in begun]
        for lost in range(len(standing)):
            for gone in combinations(standing, lost):
                kept = {n: self.was[n] for n in standing if n not in gone}
                if all(t in self._starts(n) for n, t in kept.items()) and self._some(kept, free):
                    return lost
        return len(standing)

    def _some(self, kept: dict[int, int], free: Sequence[int]) -> bool:
        """Say whether these starts hold, with nobody else anywhere, or with others somewhere."""
        others = [n for n in free if n not in kept]
        for count in range(len(others) + 1):
            for some in combinations(others, count):
                for starts in product(*(self._starts(n) for n in some)):
                    if self._holds({**kept, **dict(zip(some, starts, strict=True))}):
                        return True
        return False

    def _starts(self, need: int) -> list[int]:
        n = self.problem.needs[need]
        length = self.acts[n.act].length
        inside = (t for a, b in self.agents[n.agent].work for t in range(a, b - length + 1))
        return [t for t in inside if n.earliest <= t < n.latest and (t >= self.first_new or self.was.get(need) == t)]

    def _holds(self, starts: dict[int, int]) -> bool:
        together: dict[tuple[str, str, int], list[int]] = {}
        for n, t in starts.items():
            act = self.acts[self.problem.needs[n].act]
            team = self.agents[self.problem.needs[n].agent].team if act.same_team else ""
            together.setdefault((act.id, team, t), []).append(n)
        keys = sorted(together)
        for parting in product(*(list(_parted(together[k], self.acts[k[0]])) for k in keys)):
            rows = [(act, t, group) for (act, _, t), groups in zip(keys, parting, strict=True) for group in groups]
            for places in product(*(self._places(act, group) for act, _, group in rows)):
                sessions = [
                    Session(f"z{i}", act, t, fac, room, "s", group)
                    for i, ((act, t, group), (fac, room)) in enumerate(zip(rows, places, strict=True))
                ]
                if self._passes(sessions):
                    return True
        return False

    def _places(self, act: str, group: Sequence[int]) -> list[tuple[str, str | None]]:
        leaders = [f.id for f in self.problem.facilitators if act in f.quals]
        rooms: list[str | None] = [None]
        if self.acts[act].room:
            rooms = [r.id for r in self.problem.sites[0].rooms if r.cap >= len(group)]
        return [(f, r) for f in leaders for r in rooms]

    def _passes(self, sessions: list[Session]) -> bool:
        self.tries += 1
        if self.tries > MOST_TRIES:
            raise TooManyError
        begun = {s.id for s in self.fixed}
        found = check(replace(self.problem, frozen_until=0), [*self.fixed, *sessions])
        return all(v.sessions and set(v.sessions) <= begun for v in found)


def _parted(needs: Sequence[int], act: Activity) -> Iterator[list[tuple[int, ...]]]:
    """Give every way to part people into groups of the right size."""
    if not needs:
        yield []
        return
    first, rest = needs[0], needs[1:]
    for count in range(act.gmin - 1, min(act.gmax - 1, len(rest)) + 1):
        for others in combinations(rest, count):
            left = [n for n in rest if n not in others]
            for more in _parted(left, act):
                yield [(first, *others), *more]
