"""Small problems with needs that cannot be placed, by seed, for every reason there is."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from devsys.core.planning.problem import DAY, WEEK, Problem
from tests.planning.builders import a_random_problem, draws

Spoil = Callable[[Random, Problem], Problem]


def _unled(rng: Random, p: Problem) -> Problem:
    """Take one qualification from all but one facilitator, who is hardly there."""
    act = rng.choice(p.activities).id
    return replace(p, facilitators=tuple(replace(f, quals=f.quals - {act}) for f in p.facilitators))


def _short_days(_rng: Random, p: Problem) -> Problem:
    return replace(p, facilitators=tuple(replace(f, work=tuple((a, a + 3) for a, _ in f.work)) for f in p.facilitators))


def _few_hours(rng: Random, p: Problem) -> Problem:
    most = rng.choice((2, 3, 4))
    return replace(p, facilitators=tuple(replace(f, weekly_slots=most) for f in p.facilitators))


def _busy(rng: Random, p: Problem) -> Problem:
    more = rng.choice((1, 2, 3))
    return replace(p, pools=tuple(replace(q, required=tuple(r + more for r in q.required)) for q in p.pools))


def _small_rooms(rng: Random, p: Problem) -> Problem:
    rooms = rng.choice((0, 1))
    sites = tuple(replace(s, rooms=tuple(replace(r, cap=2) for r in s.rooms[:rooms])) for s in p.sites)
    return replace(p, sites=sites)


def _closed_rooms(rng: Random, p: Problem) -> Problem:
    day = rng.randrange(p.weeks * 7)
    span = day * DAY, (day + 5) * DAY
    return replace(
        p, sites=tuple(replace(s, rooms=tuple(replace(r, closed=(span,)) for r in s.rooms)) for s in p.sites)
    )


def _large_groups(rng: Random, p: Problem) -> Problem:
    least = rng.choice((4, 6))
    acts = tuple(replace(a, gmin=least, gmax=max(a.gmax, least)) if a.gmax > 1 else a for a in p.activities)
    return replace(p, activities=acts)


def _little_learning(rng: Random, p: Problem) -> Problem:
    return replace(p, rules=replace(p.rules, day_slots=rng.choice((1, 2)), week_slots=rng.choice((2, 3))))


def _far_apart(_rng: Random, p: Problem) -> Problem:
    return replace(p, rules=replace(p.rules, min_gap_days={"skill": 18, "review": 16, "adv": 20}))


def _nothing_held(_rng: Random, p: Problem) -> Problem:
    needs = tuple(n for n in p.needs if n.act != "boundaries")
    return replace(p, needs=needs, agents=tuple(replace(a, holds=frozenset()) for a in p.agents))


def _frozen(rng: Random, p: Problem) -> Problem:
    return replace(p, frozen_until=rng.randint(1, 2) * WEEK)


def _away(rng: Random, p: Problem) -> Problem:
    def work(spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        kept = rng.randrange(p.weeks)
        return tuple(s for s in spans if s[0] // WEEK == kept)

    return replace(p, agents=tuple(replace(a, work=work(a.work)) if rng.random() < 0.5 else a for a in p.agents))


def _narrow(rng: Random, p: Problem) -> Problem:
    def cut(earliest: int, latest: int) -> int:
        return max(earliest + 1, min(latest, earliest + rng.randint(1, 4) * DAY))

    return replace(p, needs=tuple(replace(n, latest=cut(n.earliest, n.latest)) for n in p.needs))


def _tight_series(_rng: Random, p: Problem) -> Problem:
    return replace(p, rules=replace(p.rules, coach_gap_days=(12, 13)))


def _holidays(rng: Random, p: Problem) -> Problem:
    first = rng.randrange(p.weeks) * 7
    return replace(p, sites=tuple(replace(s, holidays=frozenset(range(first, first + 7))) for s in p.sites))


def _full(_rng: Random, p: Problem) -> Problem:
    acts = tuple(replace(a, gmax=a.gmin) if a.gmax > 1 else a for a in p.activities)
    return replace(p, activities=acts, facilitators=p.facilitators[: len(p.facilitators) // 2 + 1])


SPOILS: tuple[Spoil, ...] = (
    _unled,
    _short_days,
    _few_hours,
    _busy,
    _small_rooms,
    _closed_rooms,
    _large_groups,
    _little_learning,
    _far_apart,
    _nothing_held,
    _frozen,
    _away,
    _narrow,
    _tight_series,
    _holidays,
    _full,
)


def a_hard_problem(seed: int) -> Problem:
    """Give a random problem made harder in one to three ways."""
    rng = draws(seed + 1_000_003)
    problem = a_random_problem(seed)
    for spoil in rng.sample(SPOILS, rng.randint(1, 3)):
        problem = spoil(rng, problem)
    return problem
