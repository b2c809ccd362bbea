"""The words of a team's chart: each where it holds and where it just does not; how often they are wrong."""

import numpy as np
import pytest

from devsys.core.improvement.charts import Good, chart
from devsys.core.improvement.signals import BASELINE, Signal, Word, signal

BASE = [0.0, 2.0] * 6 + [1.0]  # 13 blocks: centre 1, limits -4.2 and 6.2


def said(
    after: list[float],
    *,
    base: list[float] = BASE,
    good: Good = Good.UP,
    places: list[int] | None = None,
    last: int | None = None,
    rebase: int | None = None,
) -> Signal:
    values = np.array(base + after)
    grid = np.array(places if places is not None else range(len(values)), dtype=np.int64)
    marks = None if rebase is None else [i == rebase for i in range(len(values))]
    found = chart(values, rebase=marks, freeze=BASELINE, good=good)
    end = int(grid[-1]) if last is None else last
    return signal(values, grid, found, baseline=BASELINE, good=good, last_place=end)


UP, DOWN = [2.0, 1.5] * 4, [0.0, 0.5] * 4


def test_the_last_seven_above_are_sustained_and_say_since_when() -> None:
    assert said([0.0, *UP[:7]]) == Signal(Word.SUSTAINED, 14, 13, 8, 0)
    assert said([0.0, *UP[:6], 1.0]).word is Word.NO_SHIFT


def test_a_shift_that_ended_is_not_held() -> None:
    assert said([*UP[:7], 0.0]) == Signal(Word.NOT_HELD, 13, 13, 8, 0)


def test_seven_above_with_a_concern_among_them_are_not_held() -> None:
    """The last of the seven lies above the centre and at the end of a fall of seven points."""
    fall = [6.1, 5.5, 4.5, 3.5, 2.5, 2.0, 1.5]
    assert said(fall).word is Word.NOT_HELD
    assert said([*fall, *UP[:7]]).word is Word.SUSTAINED


def test_the_last_seven_below_are_worse_or_after_a_shift_reversed() -> None:
    assert said([2.0, *DOWN[:7]]) == Signal(Word.WORSE, 14, 13, 8, 0)
    assert said([*UP[:7], *DOWN[:7]]) == Signal(Word.REVERSED, 20, 13, 14, 0)


def test_where_less_is_better_everything_is_turned_round() -> None:
    assert said(DOWN, good=Good.DOWN).word is Word.SUSTAINED
    assert said(UP, good=Good.DOWN).word is Word.WORSE


def test_twelve_blocks_and_seven_after_are_the_least() -> None:
    assert said(UP[:6]) == Signal(Word.TOO_LITTLE, None, 13, 6, 0)
    assert said([], base=BASE[:12]) == Signal(Word.TOO_LITTLE, None, 12, 0, 0)
    values = np.array(BASE[:12] + UP[:7])
    found = chart(values, freeze=12)
    places = np.arange(len(values))
    for baseline, word in ((12, Word.SUSTAINED), (11, Word.TOO_LITTLE)):
        assert signal(values, places, found, baseline=baseline, good=Good.UP, last_place=18).word is word


def test_one_gap_among_the_last_eight_places_is_borne_and_two_are_not() -> None:
    before = list(range(13))
    one = [*before, *(13 + i + (i > 2) for i in range(8))]
    two = [*before, *(13 + i + (i > 2) + (i > 4) for i in range(8))]
    assert said(UP, places=one).gaps == 1
    assert said(UP, places=one).word is Word.SUSTAINED
    assert said(UP, places=two) == Signal(Word.TOO_LITTLE, None, 13, 8, 2)


def test_readings_that_stopped_coming_are_gaps() -> None:
    assert said(UP, last=21).word is Word.SUSTAINED
    assert said(UP, last=22).word is Word.TOO_LITTLE


def test_a_rebase_begins_anew() -> None:
    assert said(UP + BASE, rebase=13 + 8).word is Word.TOO_LITTLE
    found = said(BASE + UP, base=BASE, rebase=13)
    assert (found.word, found.since, found.baseline, found.after) == (Word.SUSTAINED, 26, 13, 8)


def test_an_empty_series_is_too_little() -> None:
    empty = np.zeros(0)
    found = signal(empty, empty.astype(np.int64), chart(empty), baseline=13, good=Good.UP, last_place=9)
    assert found == Signal(Word.TOO_LITTLE, None, 0, 0, 8)


def test_misuse_is_refused() -> None:
    values, places = np.array(BASE), np.arange(13)
    with pytest.raises(ValueError, match="better way"):
        signal(values, places, chart(values), baseline=13, good=Good.NEITHER, last_place=12)
    with pytest.raises(ValueError, match="one series"):
        signal(values, places[1:], chart(values), baseline=13, good=Good.UP, last_place=12)


def _words(rho: float, step: float, seed: int, count: int) -> list[Word]:
    """Weekly AR(1) series with unit spread, 52 + 52 weeks in blocks of four, raised by `step` in the second half."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((count, 104))
    weeks = np.empty_like(noise)
    weeks[:, 0] = noise[:, 0]
    for week in range(1, 104):
        weeks[:, week] = rho * weeks[:, week - 1] + np.sqrt(1 - rho * rho) * noise[:, week]
    weeks[:, 52:] += step
    blocks = weeks.reshape(count, 26, 4).mean(axis=2)
    places = np.arange(26)
    return [signal(row, places, chart(row, freeze=13), baseline=13, good=Good.UP, last_place=25).word for row in blocks]


@pytest.mark.parametrize(("rho", "most"), [(0.0, 0.03), (0.3, 0.045), (0.6, 0.05)])
def test_sustained_is_seldom_said_where_nothing_changed(rho: float, most: float) -> None:
    words = _words(rho, 0, 7, 1000)
    assert words.count(Word.SUSTAINED) / len(words) <= most


def test_a_lasting_step_of_one_weekly_spread_is_found_in_four_of_five() -> None:
    words = _words(0, 1, 8, 1000)
    assert words.count(Word.SUSTAINED) / len(words) >= 0.8
