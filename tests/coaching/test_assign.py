"""Many who wait: served as one problem, against every way there is (brute force) and against first fit."""

from datetime import datetime, timedelta
from itertools import product
from random import Random

from devsys.core.coaching.assign import PROMISED, Chance, Waiting, assign, first_fit

MONDAY = datetime(2026, 1, 5, 9)


def at(n):
    return MONDAY + timedelta(minutes=30 * n)


def a_case(seed, people=5, coaches=2, slots=3):
    draw = Random(seed)  # noqa: S311 -- a case that can be repeated
    room = {f"c{n}": draw.randint(0, 2) for n in range(coaches)}
    waiting = []
    for n in range(people):
        ways = [(c, s) for c in room for s in range(slots) if draw.random() < 0.5]
        chances = tuple(Chance(c, at(s), draw.randint(0, 9)) for c, s in ways)
        waiting.append(Waiting(f"p{n}", draw.randint(0, 30), chances, promised=draw.random() < 0.2))
    return waiting, room


def every_way(waiting, room):
    """Give every way to serve people at once, as tuples of a chance or None in order of claim."""
    order = sorted(waiting, key=lambda w: (-w.claim, w.id))
    for way in product(*((None, *w.chances) for w in order)):
        taken = [(c.coach, c.start) for c in way if c]
        if len(set(taken)) == len(taken) and all(sum(c == coach for c, _ in taken) <= n for coach, n in room.items()):
            yield order, way


def best_of(waiting, room):
    """Give the best way by trying all: who has more claim first, then the least cost."""

    def worth(way):
        return tuple(c is not None for c in way[1]), -sum(c.cost for c in way[1] if c)

    return max(every_way(waiting, room), key=worth)


def test_it_is_the_best_of_all_ways():
    served = 0
    for seed in range(60):
        waiting, room = a_case(seed)
        found = assign(waiting, room)
        order, way = best_of(waiting, room)
        assert [w.id in found for w in order] == [c is not None for c in way], seed
        assert sum(c.cost for c in found.values()) == sum(c.cost for c in way if c), seed
        served += len(found)
    assert served > 60


def test_nobody_is_left_out_for_somebody_with_less_claim():
    both = (Chance("nadia", at(0), 0),)
    first, second = Waiting("a", 2, both), Waiting("b", 9, both)
    assert assign([first, second], {"nadia": 1}) == {"b": both[0]}
    promised = Waiting("c", 0, both, promised=True)
    assert promised.claim == PROMISED
    assert assign([first, second, promised], {"nadia": 1}) == {"c": both[0]}


def test_who_can_give_way_does_so_that_both_are_served():
    """First fit takes Nadia's only time for who could have had Tiago's too."""
    ana = Waiting("a", 9, (Chance("nadia", at(0), 0), Chance("tiago", at(0), 3)))
    bruno = Waiting("b", 1, (Chance("nadia", at(0), 0),))
    room = {"nadia": 1, "tiago": 1}
    assert set(first_fit([ana, bruno], room)) == {"a"}
    assert {k: c.coach for k, c in assign([ana, bruno], room).items()} == {"a": "tiago", "b": "nadia"}


def test_a_time_of_a_coach_goes_to_one_and_a_coach_takes_no_more_than_they_want():
    many = [Waiting(f"p{n}", n, (Chance("nadia", at(0), 0), Chance("nadia", at(1), 1))) for n in range(5)]
    found = assign(many, {"nadia": 5})
    assert sorted(c.start for c in found.values()) == [at(0), at(1)]
    assert set(found) == {"p4", "p3"}
    assert set(assign(many, {"nadia": 1})) == {"p4"}
    assert assign(many, {"nadia": 0}) == {}
    assert assign([], {"nadia": 1}) == {}
