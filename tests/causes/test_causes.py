"""The cause gate, contacts before and after a fix, the preventable share, a requirement that a fix makes lower."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from devsys.base.errors import InvalidError
from devsys.core.causes import (
    COMPARED,
    FEWEST,
    LANDINGS,
    MOST_SAVED,
    SHARE_WEEKS,
    Landing,
    carried,
    effect_of,
    gate,
    lighter,
    must_be_need,
    next_states,
    preventable,
)
from devsys.core.model.capacity import Service, agents_needed, agents_on_queue, profile_for
from devsys.core.model.causes import Cause, Contacts, Fix, FixState
from devsys.core.model.people import Queue
from tests.builders import MONDAY, NOW

WEEK = timedelta(weeks=1)
BILLING = Queue("b", "billing", "Billing", "s", handle_seconds=300, minimum=2)


def a_fix(**more):
    made = Fix("f", "labels", "Labels print twice", "", Cause.TOOL, "ana", date(2026, 2, 1), NOW)
    return replace(made, **more)


def done(day):
    return a_fix(state=FixState.DONE, done=day)


def weekly(first, *figures):
    """Give contacts from a Monday on, one figure a week; None is a week without one."""
    return {first + n * WEEK: f for n, f in enumerate(figures) if f is not None}


@pytest.mark.parametrize("cause", list(Cause))
def test_only_a_skill_and_information_become_learning_time(cause):
    learnt = cause in (Cause.SKILL, Cause.INFORMATION)
    assert (gate(cause) is Landing.NEED) is learnt
    if learnt:
        must_be_need(cause)
    else:
        with pytest.raises(InvalidError, match="creates no learning time") as refused:
            must_be_need(cause)
        assert refused.value.faults[0].where == "cause"


def test_every_cause_lands_somewhere_and_only_conditions_among_conditions():
    assert set(LANDINGS) == set(Cause)
    assert [c for c in Cause if gate(c) is Landing.CONDITION] == [Cause.CONDITION]


def test_contacts_are_compared_around_the_week_it_was_done_in():
    counts = weekly(MONDAY, 100, 120, 110, 90, 30, 40, 50)
    found = effect_of(done(MONDAY + 3 * WEEK + timedelta(days=2)), counts)
    assert (found.before, found.after) == (110, 40)
    assert found.saved == 70
    assert [w.side for w in found.weeks] == ["before"] * 3 + ["during"] + ["after"] * 3


def test_a_week_without_a_figure_is_a_gap_not_nothing():
    counts = weekly(MONDAY, 100, None, 110, 120, 90, 30, None, 40, 50)
    found = effect_of(done(MONDAY + 4 * WEEK), counts)
    assert (found.before, found.after) == (110, 40)
    assert [w.contacts for w in found.weeks] == [100, None, 110, 120, 90, 30, None, 40, 50]


@pytest.mark.parametrize("known", range(5))
def test_nothing_is_said_below_three_weeks_on_a_side(known):
    counts = weekly(MONDAY, *[100] * 4, 50, *[10] * known)
    found = effect_of(done(MONDAY + 4 * WEEK), counts)
    assert found.known_after == known
    assert (found.after is not None) is (known >= FEWEST)
    assert (found.saved is not None) is (known >= FEWEST)


def test_only_the_nearest_weeks_are_compared_and_all_are_before_while_it_is_open():
    counts = weekly(MONDAY, *range(1000, 1012), 5, *range(12))
    found = effect_of(done(MONDAY + 12 * WEEK), counts)
    assert (found.known_before, found.known_after) == (COMPARED, COMPARED)
    assert found.before == sum(range(1004, 1012)) / 8
    assert found.after == sum(range(8)) / 8
    going = effect_of(a_fix(state=FixState.DOING, done=MONDAY), counts)
    assert going.after is None
    assert {w.side for w in going.weeks} == {"before"}


def test_the_preventable_share_counts_keys_of_fixes_by_their_cause():
    today = MONDAY + SHARE_WEEKS * WEEK
    counts = [
        Contacts(MONDAY, "b", "labels", 30),  # a tool, by its fix
        Contacts(MONDAY, "b", "process", 20),
        Contacts(MONDAY, "b", "skill", 25),
        Contacts(MONDAY, "b", "other", 125),
        Contacts(MONDAY, "d", "other", 10),
        Contacts(MONDAY - WEEK, "b", "process", 999),  # too long ago
        Contacts(today, "b", "process", 999),  # this week is not whole yet
    ]
    first, second = preventable(counts, {"labels": Cause.TOOL}, today)
    assert (first.queue_id, first.contacts, first.share) == ("b", 200, 0.25)
    assert first.preventable == {Cause.TOOL: 30, Cause.PROCESS: 20}
    assert (second.queue_id, second.share) == ("d", 0.0)


@pytest.mark.parametrize("rostered", [1, 2, 3, 7, 20, 61])
def test_a_requirement_carries_no_more_than_its_agents_can(rostered):
    calls, service = carried(rostered, BILLING), Service.of(BILLING)
    agents = agents_on_queue(rostered, BILLING.shrinkage_percent)
    assert agents_needed(calls, service) <= agents < agents_needed(calls + 1, service)


def test_a_lighter_queue_still_keeps_its_service_in_every_half_hour():
    """For the calls a requirement was made from, less the share saved, the lower one is enough."""
    calls = tuple(tuple((7 * h + 11 * d) % 60 if 16 <= h < 40 else 0 for h in range(48)) for d in range(7))
    profile = profile_for(calls, BILLING)
    total = sum(map(sum, calls))
    found = lighter(BILLING, profile, saved=0.2 * total)
    assert 0 < found.share <= 0.2
    assert found.hours == sum(map(sum, found.less)) / 2 > 0
    left = profile_for(tuple(tuple(n * 0.8 for n in day) for day in calls), BILLING)
    for now, less, needed in zip(sum(profile, ()), sum(found.less, ()), sum(left, ()), strict=True):
        assert 0 <= less <= now
        assert now - less >= needed
        assert now == 0 or now - less >= min(now, BILLING.minimum)


def test_nothing_saved_takes_nothing_off_and_never_more_than_half():
    profile = ((10,) * 48,) * 7
    assert lighter(BILLING, profile, 0.0).hours == 0
    assert lighter(BILLING, profile, -50.0).hours == 0
    assert lighter(BILLING, profile, 1e9).share == MOST_SAVED
    assert lighter(BILLING, ((0,) * 48,) * 7, 100.0).share == 0


def test_a_fix_goes_one_step_on_or_back_to_doing():
    assert next_states(FixState.OPEN) == (FixState.DOING, FixState.DONE)
    assert FixState.CHECKED not in next_states(FixState.DOING)
    assert next_states(FixState.CHECKED) == (FixState.DOING,)


@pytest.mark.parametrize(
    ("state", "due", "late"),
    [
        (FixState.OPEN, date(2026, 1, 4), True),
        (FixState.DOING, date(2026, 1, 4), True),
        (FixState.OPEN, MONDAY, False),
        (FixState.DONE, date(2026, 1, 4), False),
    ],
)
def test_overdue_is_what_is_not_done_after_its_day(state, due, late):
    assert a_fix(state=state, due=due).overdue(MONDAY) is late
