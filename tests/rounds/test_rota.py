"""Whose turn it is: fair over the year for people who are there equally, whoever skips, swaps, is away or comes new."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsys.core.model.rounds import PRESENTERS
from devsys.core.rounds.rota import Held, order, owed

NAMES = tuple("abcdefghijkl")
A_YEAR = 26


def hold(present, held, **more):
    """Let the next round be held: the first of the order present."""
    held.append(Held(frozenset(present), order(present, held, **more)[:PRESENTERS]))
    return held[-1].presented


def turns(held):
    return Counter(person for one in held for person in one.presented)


@given(st.integers(1, 12), st.integers(1, 60))
def test_counts_differ_by_at_most_one_among_all_who_always_come(people, rounds):
    held = []
    for _ in range(rounds):
        assert len(set(hold(NAMES[:people], held))) == min(PRESENTERS, people)
    counts = [turns(held)[p] for p in NAMES[:people]]
    assert max(counts) - min(counts) <= 1


@given(st.integers(3, 8), st.integers(0, 4), st.randoms(use_true_random=False), st.integers(5, A_YEAR * 2))
def test_counts_differ_by_at_most_one_among_those_there_equally_whoever_else_comes_and_goes(
    steady, others, rng, rounds
):
    """Those who are there each time stay even, while others come when they can."""
    held = []
    for _ in range(rounds):
        there = NAMES[:steady] + tuple(p for p in NAMES[steady : steady + others] if rng.random() < 0.5)
        hold(there, held)
    counts = [turns(held)[p] for p in NAMES[:steady]]
    assert max(counts) - min(counts) <= 1


@given(st.randoms(use_true_random=False), st.integers(3, 11))
def test_whoever_comes_half_as_often_presents_about_half_as_often(rng, people):
    """Nobody is further than two turns from their share of the rounds they were in."""
    held = []
    for _ in range(A_YEAR):
        there = [p for p in NAMES[:people] if p == "a" or rng.random() < 0.6] or ["a"]
        hold(there, held)
        assert all(abs(debt) < 2 for debt in owed(held).values())
    assert sum(owed(held).values()) == 0


@given(st.randoms(use_true_random=False), st.integers(4, 10))
def test_skips_and_swaps_even_out_over_a_year(rng, people):
    held, present = [], NAMES[:people]
    for n in range(A_YEAR):
        first = order(present, held)
        skips = [first[0]] if n % 3 == 0 and n < A_YEAR - people else []
        swaps = [(first[1], rng.choice(present))] if n % 4 == 0 and n < A_YEAR - people else []
        hold(present, held, skips=skips, swaps=swaps)
    counts = [turns(held)[p] for p in present]
    assert max(counts) - min(counts) <= 2


def test_who_skips_comes_last_now_and_first_next_time():
    held = []
    assert order("abc", held, skips="a") == ("b", "c", "a")
    hold("abc", held, skips="a")
    assert turns(held) == {"b": 1, "c": 1}
    assert order("abc", held)[0] == "a"


def test_a_swap_exchanges_two_turns_and_is_paid_back():
    held = []
    assert order("abcd", held) == ("a", "b", "c", "d")
    assert hold("abcd", held, swaps=[("a", "d")]) == ("d", "b")
    assert set(order("abcd", held)[:2]) == {"a", "c"}


def test_a_swap_with_somebody_who_does_not_come_changes_nothing():
    assert order("abc", [], swaps=[("a", "z"), ("z", "b")]) == ("a", "b", "c")


@pytest.mark.parametrize("people", [1, 2, 3, 5, 7])
def test_odd_numbers_leave_nobody_over(people):
    held = []
    for _ in range(people):
        hold(NAMES[:people], held)
    assert set(turns(held)) == set(NAMES[:people])


def test_a_newcomer_is_neither_first_for_weeks_nor_last():
    held = []
    for _ in range(10):
        hold("abcdef", held)
    for _ in range(7):
        hold("abcdefg", held)
    assert 1 <= turns(held)["g"] <= 3


def test_the_order_depends_on_nothing_but_what_was_held():
    rng, held = random.Random(3), []  # noqa: S311 -- a seeded draw, no secret
    for _ in range(9):
        hold(rng.sample(NAMES, 6), held)
    shuffled = list(NAMES)
    rng.shuffle(shuffled)
    assert order(shuffled, held) == order(NAMES, held)
