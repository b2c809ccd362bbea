"""Taking a problem apart and putting plans together: what joins sites, what does not, and that nothing is lost."""

import gc
import pickle
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsys.core.planning.check import check
from devsys.core.planning.draw import draw
from devsys.core.planning.parts import split
from devsys.core.planning.problem import Facilitator, Plan, Problem
from devsys.core.planning.run import Run, never, silent, unswept
from devsys.core.planning.whole import Terms, Whole
from tests.planning.builders import a_problem, a_random_problem, a_session, at, draws, side_by_side

few = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10**6)


def two_sites() -> Problem:
    """Give two sites of one kind, each with needs, people and leaders of its own."""
    problem = side_by_side(0, 2)
    assert len(split(problem)) == 2
    return problem


def shared(problem: Problem, **changes: object) -> Problem:
    """Give the problem with somebody more who serves the first site of both copies."""
    places = tuple(s.id for s in problem.sites if s.id.endswith("site0"))
    lead = Facilitator("both", places, ((at(0, 9), at(0, 12)),), 8, frozenset({"round"}))
    return replace(problem, facilitators=(*problem.facilitators, replace(lead, **changes)))  # type: ignore[arg-type]


@few
@given(seeds, st.integers(1, 4))
def test_parts_share_nothing_and_lose_nothing(seed: int, copies: int) -> None:
    problem = side_by_side(seed, copies)
    parts = split(problem)
    assert len(parts) >= copies
    assert sorted(n for p in parts for n in p.needs) == list(range(len(problem.needs)))
    for part in parts:
        assert tuple(problem.needs[n] for n in part.needs) == part.problem.needs
    for kind in ("sites", "pools", "teams", "agents", "series"):
        found = [x for p in parts for x in getattr(p.problem, kind)]
        assert len(found) == len(set(found))
        assert set(found) == set(getattr(problem, kind))


@few
@given(seeds)
def test_the_plans_of_the_parts_are_a_plan_of_the_whole(seed: int) -> None:
    problem = side_by_side(seed, 2)
    plan = draw(problem, seed=seed, rounds=0)
    assert check(problem, plan.sessions) == ()
    assert len({s.id for s in plan.sessions}) == len(plan.sessions)
    alone = [draw(p.problem, seed=seed, rounds=0).figures for p in split(problem)]
    assert plan.figures.bound == sum(f.bound for f in alone)
    for count in ("needs", "placed", "on_time", "late", "owed", "sessions", "violations"):
        assert getattr(plan.figures, count) == sum(getattr(f, count) for f in alone)
    seated = sorted(n for s in plan.sessions for n in s.att)
    assert sorted([*seated, *plan.owed]) == list(range(len(problem.needs)))


@few
@given(seeds)
def test_pins_come_back_verbatim_from_all_parts(seed: int) -> None:
    problem = side_by_side(seed, 2)
    first = draw(problem, rounds=0, construct_only=True)
    rng = draws(seed)
    # A series with a step missing before one that is pinned is broken, whatever is drawn.
    pinned = tuple(s for s in first.sessions if s.act != "coaching" and rng.random() < 0.4)
    again = replace(problem, pinned=pinned)
    plan = draw(again, rounds=0)
    assert set(pinned) <= set(plan.sessions)
    assert check(again, plan.sessions) == ()


@few
@given(seeds)
def test_going_on_elsewhere_ends_with_the_same_plan(seed: int) -> None:
    problem = a_random_problem(seed)
    here = Run(problem, never, silent, seed)
    here.construct()
    there = Run(problem, never, silent, seed, here.state())
    for run in (here, there):
        run.go_on(2, construct_only=False)
    assert there.plan() == here.plan()
    assert there.state() == here.state()


def test_what_is_set_aside_stays_so_until_the_last_run_has_ended() -> None:
    before = gc.get_freeze_count()
    with unswept():
        with unswept():
            pass
        assert gc.get_freeze_count() > before
    assert gc.get_freeze_count() == 0


def test_runs_that_wait_and_runs_laid_out_anew_end_with_the_same_plan() -> None:
    problem = side_by_side(3, 2)
    parts, terms = split(problem), Terms(3, 1, construct_only=False)
    slots = [len(p.problem.agents) * p.problem.slots for p in parts]

    def most_waiting(room: int) -> tuple[int, Plan]:
        seen: list[int] = []
        whole = Whole(parts, terms, never, lambda _: seen.append(len(whole.waiting)), waiting_slots=room)
        plan = whole.draw(problem, None)
        assert not whole.waiting
        return max(seen), plan

    none, anew = most_waiting(0)
    one, mixed = most_waiting(slots[0])
    _, waited = most_waiting(sum(slots))
    assert (none, one) == (0, 1)
    assert anew == mixed == waited
    assert check(problem, anew.sessions) == ()


@few
@given(seeds)
def test_a_part_travels_as_it_is_but_for_names_and_reasons(seed: int) -> None:
    problem = side_by_side(seed, 2)
    first = replace(problem.needs[0], priority=5, key="k", why="asked for")
    problem = replace(problem, needs=(first, *problem.needs[1:]))
    for part in split(problem):
        other = pickle.loads(pickle.dumps(part))  # noqa: S301 -- our own bytes
        bare = replace(
            part.problem,
            agents=tuple(replace(a, name="") for a in part.problem.agents),
            facilitators=tuple(replace(f, name="") for f in part.problem.facilitators),
            needs=tuple(replace(n, key="", why="") for n in part.problem.needs),
        )
        assert other.problem == bare
        assert list(other.needs) == list(part.needs)


def test_somebody_who_leads_at_two_sites_joins_them() -> None:
    assert len(split(shared(two_sites()))) == 1


def test_somebody_who_could_lead_nothing_there_joins_nothing() -> None:
    problem = two_sites()
    for idle in (shared(problem, quals=frozenset({"singing"})), shared(problem, work=())):
        parts = split(idle)
        assert len(parts) == 2
        # The reasons of both still know of the person.
        assert all("both" in {f.id for f in p.problem.facilitators} for p in parts)


def test_a_session_that_stays_joins_what_it_names() -> None:
    problem = two_sites()
    ours, theirs = ([n for n in p.needs if problem.needs[n].series is None] for p in split(problem))
    act = problem.needs[ours[0]].act
    room = next(s.rooms[0].id for s in reversed(problem.sites))
    lead = problem.facilitators[-1].id
    session = replace(a_session(act, att=(ours[0],)), site=problem.sites[0].id, room=None, fac="nobody")
    assert len(split(replace(problem, pinned=(session,)))) == 2
    for joining in (
        replace(session, att=(ours[0], theirs[0])),
        replace(session, room=room),
        replace(session, fac=lead),
        replace(session, site=problem.sites[-1].id),
    ):
        assert len(split(replace(problem, pinned=(joining,)))) == 1


def test_a_session_that_names_nothing_known_is_kept() -> None:
    problem = two_sites()
    stray = replace(a_session(att=()), fac="nobody", room=None, site="")
    plan = draw(replace(problem, pinned=(stray,)), rounds=0, construct_only=True)
    assert stray in plan.sessions
    assert plan.figures.sessions == len(plan.sessions)


def test_a_queue_of_another_site_joins_both() -> None:
    problem = two_sites()
    odd = replace(problem.agents[0], pool=problem.pools[-1].id)
    assert len(split(replace(problem, agents=(odd, *problem.agents[1:])))) == 1


def test_sites_without_needs_are_no_part() -> None:
    problem = two_sites()
    parts = split(problem)
    mine = tuple(problem.needs[n] for n in parts[1].needs)
    (only,) = split(replace(problem, needs=mine))
    assert len(only.problem.needs) == len(mine)
    assert split(a_problem())[0].problem == a_problem()
