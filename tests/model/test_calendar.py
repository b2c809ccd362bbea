"""Words for how near a plan is to what any could reach."""

import pytest

from devsys.core.model.calendar import bound_words


@pytest.mark.parametrize(
    ("on_time", "bound", "proved", "out_of_reach", "words"),
    [
        (606, 606, True, 0, "No plan has more on time: proved."),
        (606, 610.0, False, 0, "At most 4 more could be on time."),
        (606, 1606, False, 1200, "At most 1,000 more could be on time. No plan can serve 1,200 of the needs."),
        (606, 606, False, 2, "No plan can serve 2 of the needs."),
        (0, 0, True, 0, ""),
    ],
)
def test_words_for_the_bound(on_time: int, bound: float, *, proved: bool, out_of_reach: int, words: str) -> None:
    assert bound_words(on_time, bound, proved=proved, out_of_reach=out_of_reach) == words
