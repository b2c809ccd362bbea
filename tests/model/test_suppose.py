"""Suppositions: each changes exactly what it names, and a requirement under more calls is what Erlang C says."""

from dataclasses import replace

import pytest

from devsys.base.errors import InvalidError
from devsys.core.model.capacity import Service, agents_needed, agents_on_queue, profile_for, rostered_for
from devsys.core.model.people import Requirement
from devsys.core.model.programme import Programme
from devsys.core.model.suppose import Supposition, What, most_calls, suppose
from devsys.core.programmes.read import read_programme
from tests.builders import an_organisation, id_of
from tests.programmes.made import shipped

SERVICE = Service(handle_seconds=240, service_percent=80, answer_seconds=20, occupancy_percent=90)


def the_programmes() -> tuple[Programme, ...]:
    found = (read_programme(text, name)[0] for name, text in shipped().items())
    return tuple(p for p in found if p is not None)


def test_a_room_fewer_leaves_all_else() -> None:
    before = an_organisation()
    found = suppose(before, the_programmes(), [Supposition(What.ROOM, id_of("tejo"))])
    assert {r.code for r in found.organisation.rooms} == {"himal", "mewa"}
    assert replace(found.organisation, rooms=before.rooms) == before
    assert found.programmes == the_programmes()
    assert found.words == "one room fewer (Tejo)"


def test_a_facilitator_more_leads_like_the_other_and_counts_for_no_queue() -> None:
    before = an_organisation()
    twice = [Supposition(What.FACILITATOR, id_of("nadia.haddad"))] * 2
    found = suppose(before, the_programmes(), twice).organisation
    new = [f for f in found.facilitators if f not in before.facilitators]
    like = next(f for f in before.facilitators if f.person_id == id_of("nadia.haddad"))
    assert [replace(f, person_id=like.person_id) for f in new] == [like, like]
    assert len({f.person_id for f in new}) == 2
    people = {p.id: p for p in found.people}
    assert [people[f.person_id].queue_id for f in new] == [None, None]
    assert len(found.people) == len(before.people) + 2


def test_more_calls_ask_for_what_the_calls_need() -> None:
    before = an_organisation()
    queue = replace(before.queues[0], shrinkage_percent=30.0)
    week = tuple(tuple(float(10 * (half % 12)) for half in range(48)) for _ in range(7))
    known = Requirement(queue.id, profile_for(week, queue))
    start = replace(before, queues=(queue,), requirements=(known,))
    busier = suppose(start, the_programmes(), [Supposition(What.CALLS, amount=5)]).organisation.requirements[0]
    truly = profile_for(tuple(tuple(calls * 1.05 for calls in day) for day in week), queue)
    assert all(
        said >= needed >= was
        for day, exact, old in zip(busier.profile, truly, known.profile, strict=True)
        for said, needed, was in zip(day, exact, old, strict=True)
    )
    # Careful, but by two people at most: a figure stands for the busiest half hour it can serve.
    assert max(s - n for d, e in zip(busier.profile, truly, strict=True) for s, n in zip(d, e, strict=True)) <= 2
    calmer = suppose(start, the_programmes(), [Supposition(What.CALLS, amount=-20)]).organisation.requirements[0]
    assert all(
        c <= o for day, old in zip(calmer.profile, known.profile, strict=True) for c, o in zip(day, old, strict=True)
    )
    assert calmer != known != busier


@pytest.mark.parametrize("agents", [1, 2, 5, 17, 60])
def test_the_most_calls_are_the_most(agents: int) -> None:
    most = most_calls(agents, SERVICE)
    assert agents_needed(most, SERVICE) <= agents < agents_needed(most + 0.001, SERVICE)


def test_agents_on_the_queue_undo_shrinkage() -> None:
    assert [agents_on_queue(rostered_for(n, 30.0), 30.0) for n in range(60)] == list(range(60))
    assert agents_on_queue(10, 0.0) == 10


def test_a_smaller_group_is_a_smaller_group() -> None:
    before = the_programmes()
    old = next(a for p in before for a in p.activities if a.code == "case_round")
    found = suppose(an_organisation(), before, [Supposition(What.GROUP, "case_round", old.group[0] - 1)])
    new = next(a for p in found.programmes for a in p.activities if a.code == "case_round")
    assert new == replace(old, group=(old.group[0] - 1, old.group[1]))
    old_ones, new_ones = ([a for p in programmes for a in p.activities] for programmes in (before, found.programmes))
    assert sum(a != b for a, b in zip(old_ones, new_ones, strict=True)) == 1
    assert found.words == f"groups of {old.group[0] - 1} instead of {old.group[0]} for {old.title}"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "Nothing is supposed"),
        ([Supposition(What.ROOM, "nowhere")], "no such room"),
        ([Supposition(What.FACILITATOR, id_of("ana.correia"))], "no such facilitator"),
        ([Supposition(What.CALLS, amount=0)], "not 0"),
        ([Supposition(What.CALLS, amount=101)], "from -50 to 100"),
        ([Supposition(What.GROUP, "juggling", 2)], "no such activity"),
        ([Supposition(What.GROUP, "case_round", 9)], "suppose a smaller one"),
        ([Supposition(What.ROOM, id_of("tejo")), Supposition(What.ROOM, id_of("tejo"))], "no such room"),
    ],
)
def test_what_cannot_be_supposed_is_refused(given: list[Supposition], says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        suppose(an_organisation(), the_programmes(), given)
