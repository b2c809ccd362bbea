"""When a coach and a person could meet: every way found holds by the verifier, and holds again when it is asked for."""

from dataclasses import replace

import pytest

from devsys.core.planning.check import check
from devsys.core.planning.meetings import chances, held_again
from devsys.core.planning.problem import DAY
from tests.planning.builders import a_random_problem

SEEDS = range(12)


def fresh(seed):
    """Give a random problem whose series have no session yet, and these."""
    problem = a_random_problem(seed)
    bare = tuple(s for s in problem.pinned if not any(problem.needs[n].series for n in s.att))
    return replace(problem, pinned=bare), [s.id for s in problem.series]


def broken(problem, sessions):
    return {(v.rule, v.who, v.what) for v in check(replace(problem, pinned=()), (*problem.pinned, *sessions))}


def test_every_way_holds_by_the_verifier_and_by_a_second_look():
    found = 0
    for seed in SEEDS:
        problem, names = fresh(seed)
        before = broken(problem, ())
        coaches = {f.id for f in problem.facilitators}
        for name in names:
            ways = chances(problem, problem.pinned, name, coaches)
            for way in ways:
                found += 1
                assert broken(problem, way.sessions) <= before, (seed, name)
                assert {s.fac for s in way.sessions} == {way.coach}
                assert 0 <= way.wished <= len(way.sessions) <= way.steps
                starts = [s.start for s in way.sessions]
                again = held_again(problem, problem.pinned, name, way.coach, starts)
                assert again is not None
                assert [s.start for s in again] == starts
            by_coach = [w.coach for w in ways]
            assert all(by_coach.count(c) <= 3 for c in by_coach)
    assert found > 20


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_what_is_taken_does_not_hold_again(seed):
    problem, names = fresh(seed)
    coaches = {f.id for f in problem.facilitators}
    for name in names:
        for way in chances(problem, problem.pinned, name, coaches, most=1)[:1]:
            taken = replace(way.sessions[0], id="taken", att=())
            starts = [s.start for s in way.sessions]
            assert held_again(problem, (*problem.pinned, taken), name, way.coach, starts) is None
            assert held_again(problem, problem.pinned, name, "nobody", starts) is None
            assert held_again(problem, problem.pinned, name, way.coach, []) is None
            if len(starts) > 1:
                off = [starts[0], starts[0] + 2 * DAY, *starts[2:]]
                assert held_again(problem, problem.pinned, name, way.coach, off) is None


def test_nobody_is_found_where_nobody_may():
    problem, names = fresh(0)
    for name in names:
        assert chances(problem, problem.pinned, name, ()) == ()
    assert chances(problem, problem.pinned, "no-such-series", {"c"}) == ()
