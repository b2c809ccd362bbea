"""Conditions: how a team stands, what was red when, what is overdue, and each rule of contradiction both ways."""

from datetime import UTC, date, datetime, timedelta

import pytest

from devsys.core.conditions import (
    Promise,
    QueueRule,
    contradictions,
    most_utilisation,
    now_standing,
    overdue,
    permission_words,
    red_during,
    red_stretches,
    staffing_words,
    targets_words,
    volume_words,
)
from devsys.core.model.capacity import Service, agents_needed, erlangs, service_level
from devsys.core.model.conditions import MEASURES, Check, Direction, Leave, Look, Measure, State, Target, Unit

MONDAY = date(2026, 1, 5)
USUAL = Service(180, 80, 20, 100)


def a_look(number, state=State.RED, *, check=Check.STAFFING, since=MONDAY, next_look=MONDAY, team="alfama", note=""):
    at = datetime.combine(since, datetime.min.time(), UTC)
    return Look(number, team, check, state, since, since, at, "Olivia", "o", "Olivia", next_look, note)


def a_target(measure, direction, value, unit=None):
    measure = Measure(measure)
    return Target(
        f"{measure}{direction}", "alfama", measure, unit or MEASURES[measure][1][0], Direction(direction), value
    )


def a_queue(**more):
    given = {"name": "Billing", "service": Service(240, 80, 20, 90), "agents": 10, "spare_minutes": 60_000, "short": 0}
    return QueueRule(**(given | more))


def rules_of(*targets, queues=(), promise=None):
    return [found.rule for found in contradictions(targets, queues, promise)]


def day(n):
    return MONDAY + timedelta(days=n)


def test_the_last_look_is_how_it_stands_and_the_longest_overdue_comes_first():
    looks = (
        a_look(1, next_look=day(-9)),
        a_look(2, State.FINE, next_look=day(-1)),
        a_look(3, check=Check.CONTROL, next_look=day(-3)),
        a_look(4, check=Check.VOLUME, next_look=day(0)),
    )
    assert now_standing(looks)["alfama", Check.STAFFING].number == 2
    assert [look.number for look in overdue(looks, MONDAY)] == [3, 2]
    assert overdue(looks, day(-9)) == ()


def test_red_looks_that_follow_each_other_are_one_stretch_until_another_state():
    looks = (
        a_look(1, State.FINE, since=day(-30)),
        a_look(2, since=day(0), note="first"),
        a_look(3, since=day(0), note="still"),
        a_look(4, State.STRAINED, since=day(20)),
        a_look(5, since=day(30), note="again"),
        a_look(6, since=day(2), team="belem"),
    )
    found = red_stretches(looks, "alfama")
    assert [(r.since, r.until, r.note) for r in found] == [(day(0), day(20), "still"), (day(30), None, "again")]


def test_a_red_that_was_taken_back_to_its_own_day_was_never_red():
    assert red_stretches((a_look(1), a_look(2, State.FINE)), "alfama") == ()


@pytest.mark.parametrize(
    ("first", "weeks", "found"),
    [(-7, 1, 0), (0, 1, 1), (14, 1, 1), (21, 1, 0), (-70, 20, 1), (0, 0, 0)],
)
def test_a_week_that_touches_a_red_stretch_is_one_of_its_weeks(first, weeks, found):
    looks = (a_look(1, since=day(4)), a_look(2, State.FINE, since=day(16)))
    mondays = [day(first + 7 * n) for n in range(weeks)]
    assert len(red_during(looks, "alfama", mondays)) == found


def test_a_stretch_that_ended_on_a_monday_is_not_of_that_week():
    looks = (a_look(1, since=day(0)), a_look(2, State.FINE, since=day(7)))
    assert len(red_during(looks, "alfama", [day(0)])) == 1
    assert red_during(looks, "alfama", [day(7)]) == ()
    assert red_during((a_look(1),), "alfama", [day(700)])[0].until is None


# 100 calls in half an hour of 180 seconds are 10 erlangs; the tables of Erlang C give 14 agents for 80 % in 20 seconds,
# of whom 88.8 % are answered in time; 13 answer 79.4 %.
def test_utilisation_agrees_with_published_tables_of_erlang_c():
    load = erlangs(100, 180)
    assert load == 10
    assert round(service_level(load, 14, 180, 20), 3) == 0.888
    assert agents_needed(100, USUAL) == 14
    assert most_utilisation(14, USUAL) > 10 / 14
    assert most_utilisation(13, USUAL) < 10 / 13


@pytest.mark.parametrize("agents", [1, 2, 5, 13, 40, 150])
def test_the_utilisation_given_is_the_last_that_meets_the_goal(agents):
    most = most_utilisation(agents, USUAL)
    assert service_level(most * agents, agents, 180, 20) >= 0.8
    assert service_level(most * agents + 0.001, agents, 180, 20) < 0.8


def test_more_agents_may_be_busier_and_the_cap_holds():
    shares = [most_utilisation(n, USUAL) for n in (0, 1, 5, 20, 80)]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert most_utilisation(80, Service(180, 80, 20, 85)) == 0.85


CAP = a_target("handle_time", "at_most", 240)
PERSONAL = a_target("personal", "at_least", 90)
FIRST = a_target("first_contact", "at_least", 75)
MANY = a_target("contacts", "at_least", 12)


@pytest.mark.parametrize(
    ("targets", "found"),
    [
        ((CAP, PERSONAL), 1),
        ((CAP, FIRST, PERSONAL), 2),
        ((MANY, FIRST), 1),
        ((CAP,), 0),
        ((FIRST, PERSONAL), 0),
        ((a_target("handle_time", "at_least", 60), FIRST), 0),
        ((CAP, a_target("first_contact", "at_most", 75)), 0),
    ],
)
def test_a_cap_on_handling_contradicts_a_target_of_resolving(targets, found):
    assert rules_of(*targets) == ["speed"] * found


def test_a_contradiction_quotes_both_sides():
    found = contradictions((CAP, PERSONAL))[0]
    assert (found.one, found.other) == ("Handle time at most 240 seconds", "Personal service at least 90 per cent")


def test_bounds_of_one_measure_contradict_only_when_they_cross():
    low = a_target("handle_time", "at_least", 5, Unit.MINUTES)
    assert rules_of(low, CAP) == ["both ways"]
    assert rules_of(low, a_target("handle_time", "at_most", 300)) == []


def test_utilisation_above_what_erlang_c_allows_contradicts_the_service():
    most = 100 * most_utilisation(10, Service(240, 80, 20, 100))
    assert rules_of(a_target("utilisation", "at_least", most + 1), queues=(a_queue(),)) == ["utilisation"]
    assert rules_of(a_target("utilisation", "at_least", most - 1), queues=(a_queue(),)) == []
    assert rules_of(a_target("utilisation", "at_most", 95), queues=(a_queue(),)) == []
    assert rules_of(a_target("utilisation", "at_least", 99), queues=(a_queue(agents=0),)) == []


def test_the_team_s_own_service_target_counts_for_utilisation_and_against_the_staffing():
    most = 100 * most_utilisation(10, Service(240, 80, 20, 100))
    busy, better = a_target("utilisation", "at_least", most - 1), a_target("service", "at_least", 95)
    assert rules_of(busy, better, queues=(a_queue(),)) == ["utilisation", "service"]
    assert rules_of(a_target("service", "at_least", 80), queues=(a_queue(),)) == []


def test_promised_time_contradicts_a_queue_that_cannot_spare_it_or_took_it_back():
    promised = a_target("development", "at_least", 600)
    enough, tight = a_queue(spare_minutes=6_000), a_queue(spare_minutes=5_999)
    team = Promise(people=10, programme=0, taken=0, owed=0)
    assert rules_of(promised, queues=(enough,), promise=team) == []
    assert rules_of(promised, queues=(tight,), promise=team) == ["development"]
    assert rules_of(promised, queues=(enough,), promise=Promise(10, 0, 60, 0)) == ["taken back"]
    assert rules_of(promised, queues=(tight,)) == []
    assert rules_of(promised, queues=(tight,), promise=Promise(0, 0, 60, 0)) == []


def test_what_the_programme_plans_counts_where_no_target_says_more():
    team = Promise(people=10, programme=600, taken=0, owed=0)
    found = contradictions((), (a_queue(spare_minutes=3_000),), team)
    assert [(c.rule, c.one) for c in found] == [("development", "Programme: 600 minutes a person and quarter")]
    assert "leaves 50 hours a quarter" in found[0].other
    assert rules_of(queues=(a_queue(spare_minutes=6_000),), promise=team) == []


@pytest.mark.parametrize(
    ("targets", "state"),
    [
        ((), State.FINE),
        ((CAP,), State.RED),
        ((CAP, MANY, FIRST), State.STRAINED),
        ((CAP, FIRST), State.FINE),
        ((a_target("service", "at_least", 80),), State.FINE),
    ],
)
def test_volume_over_resolution_is_read_from_the_targets(targets, state):
    assert volume_words(targets)[0] is state


def test_staffing_is_read_from_coverage_and_ledger():
    assert staffing_words((), None) == (State.FINE, "The team serves no queue.")
    assert staffing_words((a_queue(),), Promise(5, 0, 0, 0)) == (State.FINE, "No half hour short, nothing owed.")
    found = staffing_words((a_queue(short=1), a_queue(short=2)), Promise(5, 0, 90, 4))
    assert found[0] is State.RED
    assert found[1] == "3 half hours short in the quarter ahead, 4 needs owed, 90 minutes taken back by the queue."
    assert staffing_words((a_queue(short=1),), Promise(5, 0, 0, 0))[0] is State.STRAINED


def test_lists_and_contradictions_are_counted():
    assert permission_words(0)[0] is State.STRAINED
    assert permission_words(1) == (State.FINE, "1 thing may be decided alone.")
    assert targets_words(0)[0] is State.FINE
    assert targets_words(2) == (State.RED, "2 contradictions found.")


def test_a_permission_says_how_far_it_reaches():
    assert Leave("1", "alfama", "Refund", 50, "EUR").limit == "up to 50 EUR"
    assert Leave("1", "alfama", "Replace", None, "").limit == "without a limit"
