"""Nothing about fewer than five people leaves, nor can it be worked out from what does."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsys.core.improvement.cells import FEW_COUNTED, FEW_PEOPLE, WITH_OTHERS, Cell, Figure, K, let_out
from tests.improvement.differences import small_sets


def _cell(key: str, people: int | str, whole: str = "", denominator: float = 100) -> Cell:
    names = people if isinstance(people, str) else "".join(chr(97 + i) for i in range(people))
    return Cell(key, frozenset(names), denominator / 2, denominator, whole)


def _hidden(*cells: Cell, least: float = 20) -> dict[str, str]:
    return {figure.key: figure.hidden for figure in let_out(cells, least)}


def test_five_people_and_enough_counted_are_shown_with_their_sums() -> None:
    assert let_out([_cell("a", 5)], 20) == (Figure("a", 50, 100, 5, ""),)
    assert let_out([_cell("a", 5)], 20)[0].value == 0.5


@pytest.mark.parametrize(
    ("cell", "why"),
    [(_cell("a", 4), FEW_PEOPLE), (_cell("a", 5, denominator=19), FEW_COUNTED), (_cell("a", 0), FEW_PEOPLE)],
)
def test_fewer_people_or_too_little_counted_leave_no_number(cell: Cell, why: str) -> None:
    assert let_out([cell], 20) == (Figure("a", None, None, None, why),)
    assert let_out([cell], 20)[0].value is None


def test_nothing_is_shown_of_nothing_counted_even_where_no_least_is_wanted() -> None:
    assert _hidden(_cell("a", 5, denominator=0), least=0) == {"a": FEW_COUNTED}


def test_the_next_smallest_is_hidden_beside_a_hidden_part() -> None:
    cells = [_cell("site", "abcdefghijklmnopqrstu"), _cell("small", "abc", "site")]
    cells += [_cell("middle", "defgh", "site"), _cell("large", "ijklmnopqrstu", "site")]
    assert _hidden(*cells) == {"site": "", "small": FEW_PEOPLE, "middle": WITH_OTHERS, "large": ""}


def test_two_small_parts_of_five_together_hide_no_third() -> None:
    cells = [_cell("site", "abcdefghijk"), _cell("one", "abc", "site"), _cell("two", "de", "site")]
    assert _hidden(*cells, _cell("large", "fghijk", "site"))["large"] == ""


def test_two_small_parts_of_four_together_hide_a_third() -> None:
    cells = [_cell("site", "abcdfghijk"), _cell("one", "abc", "site"), _cell("two", "d", "site")]
    assert _hidden(*cells, _cell("large", "fghijk", "site"))["large"] == WITH_OTHERS


def test_people_of_a_whole_who_are_in_no_part_are_a_hidden_part() -> None:
    assert _hidden(_cell("site", "abcdefg"), _cell("team", "abcde", "site")) == {"site": "", "team": WITH_OTHERS}
    assert _hidden(_cell("site", "abcde"), _cell("team", "abcde", "site")) == {"site": "", "team": ""}


def test_parts_of_what_is_hidden_are_hidden() -> None:
    cells = [_cell("all", "abcdefghijklm"), _cell("north", "abc", "all"), _cell("south", "defghijklm", "all")]
    found = _hidden(*cells, _cell("s1", "defgh", "south"), _cell("s2", "ijklm", "south"))
    assert found == {"all": "", "north": FEW_PEOPLE, "south": WITH_OTHERS, "s1": WITH_OTHERS, "s2": WITH_OTHERS}


def test_a_key_twice_and_an_unknown_whole_are_misuse() -> None:
    for cells in ([_cell("a", 5), _cell("a", 6)], [_cell("a", 5, "site")]):
        with pytest.raises(ValueError, match="each key once"):
            let_out(cells, 1)


def _small_sets_told(cells: list[Cell], least: float = 1) -> list[frozenset[str]]:
    """Give every set of one to four people whose sum follows from the shown figures."""
    shown = [c.people for c, f in zip(cells, let_out(cells, least), strict=True) if not f.hidden]
    return small_sets(shown, frozenset().union(*(c.people for c in cells)), K)


def _organisation(sites: tuple[tuple[int, ...], ...], loose: int) -> list[Cell]:
    """Give a whole with sites of teams of these sizes, and people of the first site who are in no team."""
    names = iter(f"p{i}" for i in range(sum(map(sum, sites)) + loose))
    cells: list[Cell] = []
    everybody: frozenset[str] = frozenset()
    for s, teams in enumerate(sites):
        of_site: frozenset[str] = frozenset()
        inner = []
        for t, size in enumerate(teams):
            people = frozenset(next(names) for _ in range(size))
            inner.append(Cell(f"team{s}.{t}", people, 1, 10, f"site{s}"))
            of_site |= people
        if s == 0:
            of_site |= frozenset(next(names) for _ in range(loose))
        cells += [Cell(f"site{s}", of_site, 1, 10, "all"), *inner]
        everybody |= of_site
    return [Cell("all", everybody, 1, 10), *cells]


def _partitions(total: int, most: int) -> list[tuple[int, ...]]:
    if total == 0:
        return [()]
    return [(first, *rest) for first in range(min(total, most), 0, -1) for rest in _partitions(total - first, first)]


def test_nothing_under_five_can_be_worked_out_in_any_organisation_of_up_to_eleven() -> None:
    tried = 0
    for first, second in product(range(1, 12), range(12)):
        if first + second > 11:
            continue
        for one, two in product(_partitions(first, first), _partitions(second, second)):
            for loose in (0, 2) if first + second <= 8 else (0,):
                cells = _organisation((one, two) if two else (one,), loose)
                assert _small_sets_told(cells) == [], [(c.key, len(c.people)) for c in cells]
                tried += 1
    assert tried > 700


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 40)), min_size=1, max_size=5), min_size=1, max_size=4)
)
def test_nothing_under_five_can_be_worked_out_where_too_little_is_counted_either(
    sites: list[list[tuple[int, int]]],
) -> None:
    cells = _organisation(tuple(tuple(size for size, _ in teams) for teams in sites), 0)
    counted = {f"team{s}.{t}": n for s, teams in enumerate(sites) for t, (_, n) in enumerate(teams)}
    cells = [Cell(c.key, c.people, 0, counted.get(c.key, 100), c.whole) for c in cells]
    assert _small_sets_told(cells, 20) == []


def test_the_check_itself_finds_what_plain_hiding_would_give_away() -> None:
    """Shown are a whole of nine and a part of six: the three others are told."""
    cells = [Cell("all", frozenset("abcdefghi"), 1, 10), Cell("part", frozenset("abcdef"), 1, 10)]
    assert _small_sets_told(cells) == [frozenset("ghi")]
