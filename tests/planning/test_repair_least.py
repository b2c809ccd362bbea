"""Few people move, and what is said about the fewest is true: against everything tried on tiny organisations."""

import pytest

from devsys.core.planning.repair import repair
from tests.planning.brute import TooManyError, a_tiny_case, fewest_moved
from tests.planning.changes import wrong

# Cases in which somebody has to move and that are quickly tried.
HURT = (33, 36, 43, 47, 53, 58, 62, 76, 83, 85, 87, 88, 97, 105, 108, 118, 127, 142, 146, 162, 183, 211, 230, 268, 275)


def certified(seed: int) -> tuple[int, int, int]:
    """Give how many people a repair moves, its bound, and the true least; TooManyError where that cannot be tried."""
    before, after, sessions, change = a_tiny_case(seed)
    found = repair(after, sessions, now=change.now, before=before)
    assert wrong(after, sessions, found.sessions, change.now) == []
    assert found.certificate.moved == len(found.freed)
    assert found.certificate.proved == (found.certificate.moved == found.certificate.bound)
    least = fewest_moved(after, sessions, change.now, found.ended)
    return found.certificate.moved, found.certificate.bound, least


@pytest.mark.parametrize("seed", HURT)
def test_no_plan_moves_fewer_than_the_certificate_says(seed: int) -> None:
    moved, bound, least = certified(seed)
    assert bound <= least == moved


@pytest.mark.soak
@pytest.mark.parametrize("block", range(20))
def test_no_certificate_is_ever_false(block: int) -> None:
    tried = best = 0
    for seed in range(300 + 50 * block, 350 + 50 * block):
        try:
            moved, bound, least = certified(seed)
        except TooManyError:
            continue
        assert bound <= least <= moved
        tried += 1
        best += moved == least
    assert tried
    assert best >= 0.95 * tried
