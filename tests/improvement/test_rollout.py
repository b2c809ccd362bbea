"""The lottery: the same seed the same list, everybody once, spread over teams, need served by strata."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsys.core.improvement.rollout import By, Wave, draw_waves, lot, weaker_half, weakest_first

PEOPLE = tuple(f"p{i:03d}" for i in range(120))
TEAMS = {name: f"team {i % 12}" for i, name in enumerate(PEOPLE)}
WEEKS = (40, 44, 48, 52)


def drawn(seed: int = 1, **given_: object) -> tuple[Wave, ...]:
    values = {"people": PEOPLE, "teams": TEAMS, "strata": {}, "weeks": WEEKS, "late": None, "by": By.PERSON} | given_
    by = values.pop("by")
    return draw_waves(*values.values(), by=by, seed=seed)  # type: ignore[arg-type]


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2)), min_size=30, max_size=80),
    st.integers(0, 2**31),
    st.integers(1, 6),
    st.integers(0, 8),
)
def test_everybody_is_in_one_wave_and_the_draw_repeats(
    whom: list[tuple[int, int]], seed: int, waves: int, late: int
) -> None:
    people = [f"p{i}" for i in range(len(whom))]
    teams = {name: f"t{team}" for name, (team, _) in zip(people, whom, strict=True)}
    strata = {name: level for name, (_, level) in zip(people, whom, strict=True)}
    weeks = tuple(range(30, 30 + 4 * waves, 4))
    try:
        found = draw_waves(people, teams, strata, weeks, (200, late) if late else None, by=By.PERSON, seed=seed)
    except ValueError as error:
        assert late, error  # noqa: PT017 -- only a late wave that would empty a stratum is refused here
        return
    assert sorted(name for wave in found for name in wave.people) == sorted(people)
    assert found == draw_waves(
        reversed(people), teams, strata, weeks, (200, late) if late else None, by=By.PERSON, seed=seed
    )
    assert [wave.late for wave in found] == [False] * waves + [True] * bool(late)
    assert not late or len(found[-1].people) >= late


def test_waves_are_even_and_every_team_is_in_each() -> None:
    waves = drawn()
    assert [len(wave.people) for wave in waves] == [30] * 4
    for wave in waves:
        assert set(Counter(TEAMS[name] for name in wave.people).values()) <= {2, 3}


def test_another_seed_draws_another_list() -> None:
    assert drawn(1) != drawn(2)
    assert drawn(1) == drawn(1)


def test_each_person_is_as_likely_to_be_in_each_wave() -> None:
    counts = Counter(next(w.number for w in drawn(seed) if "p007" in w.people) for seed in range(400))
    assert all(60 <= counts[number] <= 140 for number in range(1, 5))


def test_the_lot_of_a_name_is_the_sha256_of_seed_and_name() -> None:
    assert lot(7, "p001") == 0x99A98BD52AB123B2 / 2**64
    assert lot(7, "p001") != lot(8, "p001")


def test_the_weaker_stratum_has_three_of_four_early_places_and_one_of_four_late_ones() -> None:
    strata = weaker_half({name: float(i) for i, name in enumerate(PEOPLE)})
    waves = drawn(strata=strata)
    weak = [sum(strata[name] == 0 for name in wave.people) for wave in waves]
    assert sum(strata.values()) == 60
    assert weak == [22, 18, 13, 7]
    assert [len(wave.people) for wave in waves] == [30, 30, 31, 29]


def test_the_late_wave_is_drawn_evenly_from_strata_and_starts_last() -> None:
    strata = weaker_half({name: float(i) for i, name in enumerate(PEOPLE)})
    *_, late = drawn(strata=strata, late=(99, 20))
    assert (late.late, late.week, len(late.people)) == (True, 99, 20)
    assert sum(strata[name] for name in late.people) == 10


def test_drawn_by_team_a_team_stays_together() -> None:
    waves = drawn(by=By.TEAM, late=(99, 20))
    where = {name: wave.number for wave in waves for name in wave.people}
    assert all(len({where[name] for name in PEOPLE if TEAMS[name] == team}) == 1 for team in set(TEAMS.values()))
    assert [len(wave.people) for wave in waves] == [20, 30, 30, 20, 20]


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": ()},
        {"weeks": ()},
        {"weeks": (44, 40)},
        {"weeks": (40, 40)},
        {"late": (52, 20)},
        {"late": (99, 120)},
        {"late": (99, 20), "people": PEOPLE[:10]},
        {"by": By.TEAM, "strata": {"p000": 1}},
        {"strata": dict.fromkeys(PEOPLE[:1], 1), "late": (99, 20)},
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"waves need|late wave would|one stratum"):
        drawn(**wrong)


def test_weakest_first_takes_the_lowest_and_who_has_no_figure_last() -> None:
    waves = weakest_first(PEOPLE[:6], {"p001": 3.0, "p003": 1.0, "p004": 2.0}, (40, 44, 48))
    assert [wave.people for wave in waves] == [("p003", "p004"), ("p000", "p001"), ("p002", "p005")]
