"""Sessions chosen by the solver: they can be booked, keep every rule, and nothing better is left."""

from dataclasses import replace

import pytest

from devsys.core.planning.check import check
from devsys.core.planning.construct import construct
from devsys.core.planning.draw import sessions_of
from devsys.core.planning.grid import Grid
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import WEEK, Need, Problem, Rules, Series
from devsys.core.planning.series import place_series
from devsys.core.planning.solver import FINE, Answer, Purse, choose, hold, more_on_time, worth_of
from devsys.core.planning.spot_rows import cliques
from tests.planning.builders import (
    a_need,
    a_problem,
    a_random_problem,
    a_session,
    at,
    change_agent,
    change_facilitator,
    draws,
)


def going_on() -> bool:
    return False


def chosen(problem: Problem, **wishes: object) -> tuple[Grid, Answer | None]:
    """Choose for all needs at once, book it, and let the verifier judge what stands."""
    grid = Grid(Layout(problem))
    answer = choose(grid, range(len(problem.needs)), **wishes)  # type: ignore[arg-type]
    if answer is not None:
        hold(grid, answer)
    assert check(problem, sessions_of(grid)) == ()
    return grid, answer


@pytest.mark.parametrize("seed", range(8))
def test_what_is_chosen_anew_keeps_every_rule_and_loses_nothing(seed: int) -> None:
    problem = a_random_problem(seed)
    grid = Grid(Layout(problem))
    construct(grid, going_on, gates=True)
    place_series(grid, going_on)
    construct(grid, going_on, gates=False)
    rng = draws(seed)
    free = [m for m in grid.meetings.values() if not m.pinned and grid.lay.need_series[m.att[0]] < 0]
    lifted = sorted(grid.owed)[:8]
    before = grid.worth
    for m in rng.sample(sorted(free, key=lambda m: m.serial), k=min(3, len(free))):
        lifted += m.att
        grid.close_meeting(m)
    lowest = grid.worth
    answer = choose(grid, lifted, effort=0.5)
    assert answer is not None
    hold(grid, answer)
    assert grid.worth >= before
    assert answer.value == (grid.worth - lowest) * FINE - len(answer.opened)
    assert check(problem, sessions_of(grid)) == ()


def test_the_same_question_gets_the_same_answer() -> None:
    grid = Grid(Layout(a_random_problem(5)))
    one, two = (choose(grid, range(0, len(grid.at), 12), effort=1, seed=7) for _ in range(2))
    assert one is not None
    assert one == two


def test_a_choice_says_when_nothing_better_can_be() -> None:
    needs = [a_need(f"p{i}") for i in range(3)]
    grid, answer = chosen(a_problem(needs))
    assert answer is not None
    assert (answer.proved, sorted(answer.opened[0].needs), grid.owed) == (True, [0, 1, 2], set())


def test_nothing_is_chosen_when_nothing_is_better() -> None:
    problem = a_problem([a_need("p0"), a_need("p1")])
    grid = Grid(Layout(problem))
    best = 2 * worth_of(grid, 0, 0) - 1
    assert choose(grid, (0, 1), least=best) is None
    answer = choose(grid, (0, 1), least=best - 1)
    assert answer is not None
    assert answer.value == best


def test_only_allowed_starts_are_used() -> None:
    problem = a_problem([a_need("p0"), a_need("p1")])
    lay = Layout(problem)
    group = lay.act_at["round"], 0, 0
    _, answer = chosen(problem, starts={group: (at(1, 10), at(2, 11))}, worth=lambda _n, t: t)
    assert answer is not None
    assert [o.start for o in answer.opened] == [at(2, 11)]
    assert chosen(problem, starts={group: ()})[1] is None


def test_an_open_seat_is_taken_before_a_session_is_opened() -> None:
    problem = a_problem([a_need("p0"), a_need("p1"), a_need("p2")])
    grid = Grid(Layout(problem))
    m = grid.open_meeting(grid.lay.act_at["round"], at(0, 9), site=0, team=0, fac=1, room=-1)
    for n in (0, 1):
        grid.sit(m, n)
    answer = choose(grid, (2,))
    assert answer is not None
    assert (answer.opened, answer.joined) == ((), ((2, m.serial),))
    hold(grid, answer)
    assert m.att == [0, 1, 2]


def test_a_price_decides_who_leads() -> None:
    problem = a_problem([a_need("p0"), a_need("p1")])
    second = replace(problem.facilitators[1], id="other")
    problem = replace(problem, facilitators=(*problem.facilitators, second))
    for dear, who in ((1, 3), (3, 1)):
        _, answer = chosen(problem, price=lambda _g, _t, f, dear=dear: 50 if f == dear else 2)
        assert answer is not None
        assert [o.fac for o in answer.opened] == [who]


def test_at_most_so_many_leaders_are_considered() -> None:
    needs = [a_need(f"p{i}", due=DAY_ONE, latest=DAY_ONE) for i in range(6)]
    problem = change_facilitator(a_problem(needs), "lead", work=((at(0, 9), at(0, 10)),))
    second = replace(problem.facilitators[1], id="other")
    problem = replace(problem, facilitators=(*problem.facilitators, second))
    one, both = (chosen(problem, leaders=k)[1] for k in (1, 2))
    assert one is not None
    assert both is not None
    assert (len(one.opened), len(both.opened)) == (1, 2)


DAY_ONE = at(1, 0)


def test_two_sessions_at_once_when_one_room_is_too_small() -> None:
    needs = [a_need(f"p{i}", "listening", latest=WEEK) for i in range(6)]
    problem = a_problem(needs)
    rooms = (*problem.sites[0].rooms, replace(problem.sites[0].rooms[0], id="douro"))
    problem = replace(problem, sites=(replace(problem.sites[0], rooms=rooms),))
    problem = replace(
        problem,
        agents=tuple(replace(a, work=((at(0, 9), at(0, 10)),)) for a in problem.agents),
        facilitators=(*problem.facilitators, replace(problem.facilitators[0], id="second")),
    )
    grid, answer = chosen(problem)
    assert answer is not None
    assert (len(answer.opened), grid.owed) == (2, set())


def test_a_series_keeps_its_order_its_days_and_its_coach() -> None:
    needs = [Need("p0", "coaching", k * 7 * 48, k * 7 * 48 + 14 * 48, 4 * WEEK, "c", k) for k in range(3)]
    problem = replace(a_problem(needs), series=(Series("c", "p0"),))
    grid, answer = chosen(problem)
    assert answer is not None
    assert (len(answer.opened), grid.owed) == (3, set())
    short = change_agent(problem, "p0", work=((at(0, 9), at(0, 10)), (at(3, 9), at(3, 10))))
    grid, answer = chosen(short)
    assert grid.owed == {1, 2}


def test_a_series_goes_on_with_the_coach_who_began() -> None:
    needs = [Need("p0", "coaching", 0, 4 * WEEK, 4 * WEEK, "c", k) for k in range(2)]
    problem = replace(a_problem(needs), series=(Series("c", "p0"),), pinned=(a_session("coaching", at(0, 9), (0,)),))
    second = replace(problem.facilitators[2], id="other")
    problem = replace(problem, facilitators=(*problem.facilitators, second))
    _, answer = chosen(problem)
    assert answer is not None
    assert [o.fac for o in answer.opened] == [2]
    assert at(5, 9) <= answer.opened[0].start <= at(21, 9)


@pytest.mark.parametrize("holds", [True, False])
def test_first_things_come_first(*, holds: bool) -> None:
    needs = [a_need("p0", "listening"), a_need("p1", "listening"), a_need("p0", "boundaries"), a_need("p1", "digital")]
    problem = a_problem(needs)
    if not holds:
        problem = change_agent(problem, "p0", holds=frozenset())
    problem = change_agent(problem, "p0", work=((at(0, 9), at(0, 11)), (at(1, 9), at(1, 11))))
    grid, _ = chosen(problem)
    first, second = (grid.at[n] for n in (2, 0))
    assert first is not None
    assert second is not None
    assert holds or first.end <= second.start


def test_what_stands_keeps_what_it_rests_on() -> None:
    needs = [a_need("p0", "boundaries"), a_need("p0", "listening"), a_need("p1", "listening")]
    problem = change_agent(a_problem(needs), "p0", holds=frozenset())
    grid = Grid(Layout(problem))
    lay = grid.lay
    gate = grid.open_meeting(lay.act_at["boundaries"], at(0, 8), site=0, team=-1, fac=0, room=0)
    grid.sit(gate, 0)
    after = grid.open_meeting(lay.act_at["listening"], at(1, 9), site=0, team=-1, fac=0, room=0)
    for n in (1, 2):
        grid.sit(after, n)
    grid.close_meeting(gate)
    answer = choose(grid, (0,), worth=lambda _n, t: t)
    assert answer is not None
    hold(grid, answer)
    # Tuesday at 9 is the listening session, so Monday's last four slots at work are the latest for its gate.
    assert [m.start for m in grid.meetings.values() if m.act == gate.act] == [at(0, 14.5)]


def test_leaders_keep_change_over_time() -> None:
    needs = [a_need(f"p{i}", act, due=DAY_ONE, latest=DAY_ONE) for i in range(2) for act in ("listening", "digital")]
    work = ((at(0, 9), at(0, 12)),)
    problem = a_problem(needs, rules=Rules(day_slots=9, changeover_slots=2))
    problem = replace(problem, agents=tuple(replace(a, work=work) for a in problem.agents))
    _, answer = chosen(problem)
    assert answer is not None
    assert len(answer.opened) == 1  # 2 + 2 + 3 slots do not go into six
    _, answer = chosen(replace(problem, rules=Rules(day_slots=9, changeover_slots=1)))
    assert answer is not None
    assert len(answer.opened) == 2


def test_dose_holds_within_a_choice() -> None:
    needs = [a_need(f"p{i}", act, due=DAY_ONE, latest=DAY_ONE) for i in range(2) for act in ("round", "digital")]
    for slots, sessions in ((4, 1), (5, 2)):
        _, answer = chosen(a_problem(needs, rules=Rules(day_slots=slots)))
        assert answer is not None
        assert len(answer.opened) == sessions


def test_a_choice_for_another_state_is_refused() -> None:
    problem = a_problem([a_need("p0"), a_need("p1")])
    grid = Grid(Layout(problem))
    answer = choose(grid, (0, 1))
    assert answer is not None
    hold(grid, answer)
    with pytest.raises(ValueError, match="not as it was"):
        hold(grid, answer)
    other = Grid(Layout(change_agent(problem, "p0", work=())))
    with pytest.raises(ValueError, match="not as it was"):
        hold(other, answer)


def test_a_search_that_is_halted_gives_what_it_has() -> None:
    problem = a_random_problem(4)
    answer = choose(Grid(Layout(problem)), range(len(problem.needs)), effort=50, halt=lambda: True)
    if answer is not None:
        grid = Grid(Layout(problem))
        hold(grid, answer)
        assert check(problem, sessions_of(grid)) == ()


def test_cliques_are_the_largest_sets_that_overlap() -> None:
    assert cliques([(0, 4, 1), (2, 6, 2), (3, 5, 3), (5, 9, 4), (9, 10, 5)]) == [(1, 2, 3), (2, 4)]


@pytest.mark.parametrize(
    ("least", "effort", "largest", "sessions"),
    [(2, 1.0, 900, 1), (3, 1.0, 900, 0), (2, 0.0, 900, None), (2, 1.0, 1, None)],
)
def test_more_on_time_is_found_or_impossible_or_not_known(
    least: int, effort: float, largest: int, sessions: int | None
) -> None:
    problem = a_problem([a_need(f"p{i}", "listening") for i in range(3)])
    needs = frozenset(range(3))
    found = more_on_time(
        Grid(Layout(problem)),
        needs,
        least,
        ready=dict.fromkeys(needs, 0),
        named=needs,
        cost=lambda *_: 0,
        cost_to_lead=lambda *_: 1,
        hint={},
        largest=largest,
        efforts=(1.0,),
        purse=Purse(effort),
    )
    assert (None if found is None else len(found)) == sessions
