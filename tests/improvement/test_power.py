"""What a draw will show, said before it: as simulation finds it, and nothing where nothing can be told."""

import numpy as np

from devsys.core.improvement.effect import Panel
from devsys.core.improvement.estimable import Design, Reason
from devsys.core.improvement.power import Foreseen, foresee
from devsys.core.improvement.rollout import By, Order
from tests.improvement import world


def foreseen(
    people: int, teams: int, weeks: tuple[int, ...], by: By, *, late: float = 0.0, had: int = 52
) -> list[Foreseen]:
    one = world.a_world(1, people, teams)
    starts = world.by_lot(one, weeks, by, never=late)
    history = Panel(one.y[:, :had], starts, one.teams, np.zeros(people, dtype=np.intp))
    return list(foresee(Design(Order.LOT, 1, by), history, seed=5))


def test_the_gain_found_in_80_percent_is_near_that_of_simulation() -> None:
    """16 teams of 10 find 2.57 in 80 % of cases, 60 people in 6 teams in 46 %, so 3.8 in 80 %."""
    teams = foreseen(160, 16, tuple(range(56, 88, 4)), By.TEAM)[0].gain
    people = foreseen(60, 6, tuple(range(56, 92, 6)), By.PERSON)[0].gain
    assert teams is not None
    assert people is not None
    assert 0.75 < teams / world.TRUE_QUARTER < 1.25
    assert 0.75 < people / 3.8 < 1.25


def test_what_stays_untellable_is_said() -> None:
    quarter, _, half, year = foreseen(160, 16, tuple(range(56, 88, 4)), By.PERSON)
    assert quarter.treated >= 20
    assert quarter.controls >= 20
    assert (half.gain, half.reasons) == (None, (Reason.NO_CONTROLS,))
    assert (year.gain, year.reasons) == (None, (Reason.NO_CONTROLS,))
    assert [one.reasons for one in foreseen(160, 16, tuple(range(56, 88, 4)), By.PERSON, late=0.15)] == [(), (), (), ()]
    assert foreseen(80, 8, (56, 64, 72), By.TEAM)[0].reasons == (Reason.FEW_TEAMS,)


def test_a_short_history_tells_no_spread() -> None:
    found = foreseen(160, 16, tuple(range(56, 88, 4)), By.PERSON, late=0.15, had=25)
    assert [one.gain for one in found] == [None] * 4
    found = foreseen(160, 16, tuple(range(56, 88, 4)), By.PERSON, late=0.15, had=26)
    assert [one.gain is not None for one in found] == [True, True, False, False]
