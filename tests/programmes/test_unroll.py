from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from devsys.core.model.calendar import Horizon
from devsys.core.model.needs import AskedNeed, Need, Recall, SeriesRequest, Start
from devsys.core.model.people import Held, Organisation
from devsys.core.model.programme import Activity, Cadence, Programme, Rhythm
from devsys.core.programmes.unroll import unroll
from tests.programmes.made import COACHING, GATE, MONDAY, ROUND, activity, organisation, person, programme, ring

HALF_YEAR = Horizon(MONDAY, 26)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Give the instant of a wall time in Bergen."""
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Oslo")).astimezone(UTC)


def needs(
    given: Organisation,
    *activities: Activity,
    horizon: Horizon = HALF_YEAR,
    epoch: date = MONDAY,
    requests: tuple[SeriesRequest, ...] = (),
) -> tuple[Need, ...]:
    return unroll((programme(*activities),), given, horizon, epoch, requests)


def windows(found: tuple[Need, ...]) -> list[tuple[datetime, datetime, datetime]]:
    return [(n.earliest, n.due, n.latest) for n in found]


def test_every_gives_one_need_a_period_with_local_midnights() -> None:
    found = needs(organisation(person("ana.lie")), ROUND, horizon=Horizon(MONDAY, 4))
    assert [n.key for n in found] == ["ana.lie/case_round/0", "ana.lie/case_round/1"]
    assert windows(found) == [
        (at(2026, 1, 5), at(2026, 1, 19), at(2026, 1, 22)),
        (at(2026, 1, 19), at(2026, 2, 2), at(2026, 2, 5)),
    ]
    assert found[0].why == "Your team meets every two weeks."
    assert found[0].person_id == "ana.lie"
    assert found[0].activity == "case_round"


def test_every_is_due_at_local_midnight_on_both_sides_of_a_clock_change() -> None:
    found = needs(organisation(person("ana.lie")), ROUND, horizon=Horizon(MONDAY, 14))
    assert found[5].due == datetime(2026, 3, 29, 22, tzinfo=UTC)  # Monday 30 March, the day after clocks went forward
    assert found[5].earliest == datetime(2026, 3, 15, 23, tzinfo=UTC)


def test_offset_moves_the_first_period() -> None:
    later = activity("digital", cadence=Cadence(Rhythm.EVERY, weeks=13, grace_days=21, offset_weeks=4))
    found = needs(organisation(person("ana.lie")), later)
    assert [(n.key, n.earliest, n.due) for n in found] == [
        ("ana.lie/digital/0", at(2026, 2, 2), at(2026, 5, 4)),
    ]


@pytest.mark.parametrize(
    ("zone", "hour", "minute", "before"),
    [("Asia/Kathmandu", 18, 15, 1), ("Australia/Lord_Howe", 13, 0, 1), ("America/New_York", 5, 0, 0)],
)
def test_windows_start_at_midnight_of_the_site(zone: str, hour: int, minute: int, before: int) -> None:
    found = needs(organisation(person("ana.lie"), zone=zone), ROUND, horizon=Horizon(MONDAY, 2))
    start = datetime(2026, 1, 5, hour, minute, tzinfo=UTC) - timedelta(days=before)
    assert found[0].earliest == start
    assert found[0].due == start + timedelta(days=14)


def test_half_hour_clock_change_of_lord_howe_shows_in_the_window() -> None:
    # Clocks go back by 30 minutes on Sunday 5 April 2026: a period over it is half an hour longer than two weeks.
    found = needs(organisation(person("ana.lie"), zone="Australia/Lord_Howe"), ROUND, horizon=Horizon(MONDAY, 16))
    lengths = [n.due - n.earliest for n in found]
    assert lengths == [timedelta(days=14)] * 6 + [timedelta(days=14, minutes=30)] + [timedelta(days=14)]


def test_midnight_the_clocks_leave_out_is_where_the_day_begins() -> None:
    # Santiago goes from 24:00 to 01:00 on Sunday 6 September 2026.
    once = replace(GATE, cadence=Cadence(Rhythm.ONCE, weeks=3))
    joiner = person("ana.lie", joined=date(2026, 9, 6))
    found = needs(organisation(joiner, zone="America/Santiago"), once, horizon=Horizon(MONDAY, 52))
    assert found[0].earliest == datetime(2026, 9, 6, 4, tzinfo=UTC)


def test_the_last_period_of_a_western_site_still_belongs_to_the_horizon() -> None:
    found = needs(organisation(person("ana.lie"), zone="America/New_York"), ROUND, horizon=Horizon(MONDAY, 4))
    assert len(found) == 2
    assert found[-1].due == datetime(2026, 2, 2, 5, tzinfo=UTC)


def test_a_need_due_after_the_horizon_is_left_to_the_next_roll() -> None:
    skill = activity("hear_fully")
    assert needs(organisation(person("ana.lie")), skill, horizon=Horizon(MONDAY, 3)) == ()
    assert [n.key for n in needs(organisation(person("ana.lie")), skill, horizon=Horizon(MONDAY, 4))] == [
        "ana.lie/hear_fully/0"
    ]


def test_a_need_stays_in_later_horizons_until_its_window_has_passed() -> None:
    skill = activity("hear_fully")
    for weeks_later, wanted in ((0, 0), (5, 0), (6, 1)):  # latest is 4 weeks and 14 days after the start
        horizon = Horizon(MONDAY + timedelta(weeks=weeks_later), 12)
        found = needs(organisation(person("ana.lie")), skill, horizon=horizon)
        assert found[0].key == f"ana.lie/hear_fully/{wanted}"


def test_keys_and_windows_do_not_hang_on_the_horizon() -> None:
    given = organisation(
        person("ana.lie"),
        person("bo.dahl", "claims", joined=date(2026, 2, 18)),
        person("eva.moe", "freight", left=date(2026, 6, 10)),
    )
    activities = (ROUND, *ring("listen", "ask", "explain", settle_weeks=2))
    whole = {n.key: n for n in needs(given, *activities, horizon=Horizon(MONDAY, 60))}
    for first, weeks in ((0, 8), (3, 20), (11, 13), (30, 26)):
        part = needs(given, *activities, horizon=Horizon(MONDAY + timedelta(weeks=first), weeks))
        assert part
        assert {n.key: n for n in part}.items() <= whole.items()
    assert len(whole) == len(needs(given, *activities, horizon=Horizon(MONDAY, 60)))


def test_nothing_lies_before_the_epoch() -> None:
    found = needs(organisation(person("ana.lie")), ROUND, epoch=date(2026, 2, 2), horizon=Horizon(MONDAY, 8))
    assert [(n.key, n.earliest) for n in found] == [
        ("ana.lie/case_round/0", at(2026, 2, 2)),
        ("ana.lie/case_round/1", at(2026, 2, 16)),
    ]


def test_a_rotation_moves_on_each_period_and_gives_one_need_for_the_ring() -> None:
    found = needs(organisation(person("ana.lie")), *ring("listen", "ask", "explain"), horizon=Horizon(MONDAY, 16))
    assert [(n.key, n.activity) for n in found] == [
        ("ana.lie/skills/0", "listen"),
        ("ana.lie/skills/1", "ask"),
        ("ana.lie/skills/2", "explain"),
        ("ana.lie/skills/3", "listen"),
    ]
    assert found[1].why == "A skill session comes every four weeks; this time it is “Ask”."


def test_four_teams_by_code_share_a_turn_and_the_next_four_are_one_further() -> None:
    codes = ("billing", "claims", "dispatch", "export", "freight", "general")
    given = organisation(*(person(f"ana.{code}", code) for code in codes))
    found = needs(given, *ring("listen", "ask", "explain"), horizon=Horizon(MONDAY, 4))
    assert [n.activity for n in found] == ["listen", "listen", "listen", "listen", "ask", "ask"]


def test_a_rotation_may_span_programmes_in_any_order() -> None:
    first = programme(*ring("listen", "ask"), code="alpha")
    second = programme(*ring("explain"), code="beta")
    given = organisation(person("ana.lie"))
    there: tuple[Programme, ...] = (first, second)
    back: tuple[Programme, ...] = (second, first)
    assert unroll(there, given, HALF_YEAR, MONDAY) == unroll(back, given, HALF_YEAR, MONDAY)
    assert [n.activity for n in unroll(there, given, Horizon(MONDAY, 12), MONDAY)] == ["listen", "ask", "explain"]


def test_a_rotation_skips_members_of_other_teams() -> None:
    listen, ask = ring("listen", "ask")
    given = organisation(person("ana.lie"), person("bo.dahl", "claims"))
    found = needs(given, listen, replace(ask, teams=("claims",)), horizon=Horizon(MONDAY, 8))
    assert [(n.person_id, n.activity) for n in found] == [
        ("ana.lie", "listen"),
        ("ana.lie", "listen"),
        ("bo.dahl", "listen"),
        ("bo.dahl", "ask"),
    ]


def test_those_there_at_the_start_have_the_gate_within_its_weeks_of_the_epoch() -> None:
    given = organisation(person("ana.lie"), person("bo.dahl", joined=date(2019, 8, 1)))
    found = needs(given, GATE)
    assert [n.key for n in found] == ["ana.lie/boundaries/once", "bo.dahl/boundaries/once"]
    assert windows(found) == [(at(2026, 1, 5), at(2026, 1, 26), at(2026, 2, 16))] * 2
    assert found[1].why == "You do not hold it yet, and this comes before everything that is hard."


def test_who_holds_the_gate_has_no_need_of_it() -> None:
    given = organisation(person("ana.lie"), person("bo.dahl"), held=(Held("bo.dahl", "boundaries", date(2024, 5, 2)),))
    assert [n.person_id for n in needs(given, GATE)] == ["ana.lie"]


def test_a_joiner_has_the_gate_within_its_weeks_of_joining() -> None:
    found = needs(organisation(person("ana.lie", joined=date(2026, 3, 18))), GATE)
    assert windows(found) == [(at(2026, 3, 18), at(2026, 4, 8), at(2026, 4, 29))]
    assert found[0].why == "You joined lately, and this comes before everything that is hard."


def test_a_joiner_of_29_february_is_counted_in_days() -> None:
    leap = date(2028, 2, 29)
    given = organisation(person("ana.lie", joined=leap))
    horizon = Horizon(date(2028, 1, 3), 26)
    found = needs(given, GATE, epoch=date(2028, 1, 3), horizon=horizon)
    assert windows(found) == [(at(2028, 2, 29), at(2028, 3, 21), at(2028, 4, 11))]


def test_a_missed_gate_opens_again_at_the_start_of_each_later_horizon() -> None:
    given = organisation(person("ana.lie"))
    horizon = Horizon(date(2026, 5, 4), 26)
    found = needs(given, GATE, horizon=horizon)
    assert [n.key for n in found] == ["ana.lie/boundaries/once"]
    assert windows(found) == [(at(2026, 5, 4), at(2026, 5, 25), at(2026, 6, 15))]
    short = needs(given, GATE, horizon=Horizon(date(2026, 5, 4), 2))
    assert short[0].due == at(2026, 5, 18)


def test_a_gate_due_after_the_horizon_is_left_to_the_next_roll() -> None:
    given = organisation(person("ana.lie", joined=date(2026, 3, 18)))
    assert needs(given, GATE, horizon=Horizon(MONDAY, 12)) == ()


def test_settling_keeps_an_introduction_from_the_first_weeks() -> None:
    introduction = activity("principles", cadence=Cadence(Rhythm.ONCE, weeks=6, grace_days=21, settle_weeks=2))
    found = needs(organisation(person("ana.lie", joined=date(2026, 3, 18)), person("bo.dahl")), introduction)
    assert windows(found) == [
        (at(2026, 4, 1), at(2026, 4, 29), at(2026, 5, 20)),
        (at(2026, 1, 5), at(2026, 2, 16), at(2026, 3, 9)),
    ]
    assert found[0].why == "You joined lately, and everybody starts with “Principles”."


def test_no_technique_before_a_joiner_has_settled() -> None:
    skill = activity("hear_fully", cadence=Cadence(Rhythm.EVERY, weeks=4, grace_days=14, settle_weeks=2))
    # Period 2 is 2 to 30 March. Settled on 14 March, a joiner has more than half of it left; on 17 March less.
    soon = needs(organisation(person("ana.lie", joined=date(2026, 2, 28))), skill)
    assert (soon[0].key, soon[0].earliest, soon[0].due) == ("ana.lie/hear_fully/2", at(2026, 3, 14), at(2026, 3, 30))
    late = needs(organisation(person("ana.lie", joined=date(2026, 3, 3))), skill)
    assert (late[0].key, late[0].earliest) == ("ana.lie/hear_fully/3", at(2026, 3, 30))


def test_nobody_needs_anything_after_leaving() -> None:
    given = organisation(person("ana.lie", left=date(2026, 2, 20)))
    found = needs(given, ROUND, activity("hear_fully"))
    assert [(n.key, n.due, n.latest) for n in found] == [
        ("ana.lie/case_round/0", at(2026, 1, 19), at(2026, 1, 22)),
        ("ana.lie/hear_fully/0", at(2026, 2, 2), at(2026, 2, 16)),
        ("ana.lie/case_round/1", at(2026, 2, 2), at(2026, 2, 5)),
        ("ana.lie/case_round/2", at(2026, 2, 16), at(2026, 2, 19)),
        ("ana.lie/hear_fully/1", at(2026, 2, 20), at(2026, 2, 20)),
    ]
    assert needs(organisation(person("ana.lie", left=MONDAY)), ROUND, GATE) == ()
    assert needs(organisation(person("ana.lie", joined=date(2027, 1, 1))), ROUND, GATE) == ()


def test_facilitators_and_people_without_a_site_need_nothing() -> None:
    given = organisation(person("ana.lie"), person("bo.dahl", None, queue_id=None), leads=("ana.lie",))
    request = SeriesRequest("r1", "ana.lie", "coaching_calls", at(2026, 2, 2, 9))
    assert needs(given, ROUND, GATE, COACHING, requests=(request,)) == ()


def test_without_a_team_there_is_no_round_and_no_cohort() -> None:
    given = organisation(person("ana.lie", None))
    found = needs(given, ROUND, activity("hear_fully"), activity("export_terms", teams=("export",)))
    assert {n.activity for n in found} == {"hear_fully"}


def test_a_cohort_is_its_teams() -> None:
    given = organisation(person("ana.lie"), person("bo.dahl", "export"))
    found = needs(given, activity("export_terms", teams=("export", "freight")), horizon=Horizon(MONDAY, 4))
    assert [n.person_id for n in found] == ["bo.dahl"]


def test_a_series_has_its_steps_a_week_apart_on_the_clock_of_the_site() -> None:
    request = SeriesRequest("r7", "ana.lie", "coaching_calls", at(2026, 3, 24, 14, 20), ((1, time(9), time(11)),))
    found = needs(organisation(person("ana.lie")), COACHING, requests=(request,))
    assert [(n.key, n.series, n.step) for n in found] == [(f"ana.lie/coaching_calls/r7.{k}", "r7", k) for k in range(4)]
    # Clocks go forward on 29 March; wishes are in local time, so are the windows.
    assert windows(found)[:2] == [
        (at(2026, 3, 24, 14, 20), at(2026, 4, 7, 14, 20), at(2026, 4, 14, 14, 20)),
        (at(2026, 3, 31, 14, 20), at(2026, 4, 14, 14, 20), at(2026, 4, 21, 14, 20)),
    ]
    assert found[2].why == "You asked for it: session 3 of 4."


def test_steps_beyond_the_horizon_wait_and_steps_that_have_passed_are_gone() -> None:
    request = SeriesRequest("r7", "ana.lie", "coaching_calls", at(2026, 1, 6, 9))
    given = organisation(person("ana.lie"))
    assert [n.step for n in needs(given, COACHING, requests=(request,), horizon=Horizon(MONDAY, 4))] == [0, 1]
    later = Horizon(MONDAY + timedelta(weeks=4), 8)
    assert [n.step for n in needs(given, COACHING, requests=(request,), horizon=later)] == [1, 2, 3]


def test_a_request_for_what_is_not_offered_gives_nothing() -> None:
    request = SeriesRequest("r7", "ana.lie", "coaching_chess", at(2026, 1, 6, 9))
    assert needs(organisation(person("ana.lie")), COACHING, requests=(request,)) == ()


def test_needs_come_by_person_then_by_day_and_keys_are_unique() -> None:
    given = organisation(person("bo.dahl"), person("ana.lie", "claims"))
    request = SeriesRequest("r7", "ana.lie", "coaching_calls", at(2026, 2, 2, 9))
    found = needs(given, GATE, ROUND, COACHING, *ring("listen", "ask"), requests=(request,))
    assert [n.person_id for n in found] == ["bo.dahl"] * 20 + ["ana.lie"] * 24
    for name in ("bo.dahl", "ana.lie"):
        starts = [n.earliest for n in found if n.person_id == name]
        assert starts == sorted(starts)
    assert len({n.key for n in found}) == len(found)


def test_every_window_is_in_order() -> None:
    given = organisation(
        *(person(f"p.{i}", joined=MONDAY + timedelta(days=9 * i)) for i in range(12)),
        *(person(f"q.{i}", left=MONDAY + timedelta(days=11 * i)) for i in range(12)),
    )
    found = needs(given, GATE, ROUND, *ring("listen", "ask", settle_weeks=2))
    assert found
    assert all(n.earliest < n.due <= n.latest for n in found)


def test_a_need_that_was_asked_for_is_there_from_the_next_day_on_beside_the_cadence() -> None:
    first, second = ring("listen", "ask")
    wanted = [AskedNeed("lesson", "ana.lie", "ask", MONDAY, date(2026, 2, 9), "It came of a round.")]
    given = programme(first, second)
    found = unroll((given,), organisation(person("ana.lie"), person("bo.berg")), HALF_YEAR, MONDAY, wanted=wanted)
    (asked,) = (n for n in found if n.key == "ana.lie/ask/lesson")
    assert windows((asked,)) == [(at(2026, 1, 6), at(2026, 2, 9), at(2026, 2, 23))]
    assert (asked.person_id, asked.activity, asked.why) == ("ana.lie", "ask", "It came of a round.")
    usual = unroll((given,), organisation(person("ana.lie"), person("bo.berg")), HALF_YEAR, MONDAY)
    assert tuple(n for n in found if n is not asked) == usual


@pytest.mark.parametrize(
    ("changed", "who"),
    [
        ({"activity": "nothing"}, {}),
        ({"person_id": "nobody"}, {}),
        ({}, {"left": date(2026, 2, 9)}),
        ({}, {"team": "claims"}),
        ({"due": date(2025, 12, 1)}, {}),
        ({"due": date(2026, 9, 1)}, {}),
    ],
)
def test_nothing_is_asked_of_who_left_of_other_cohorts_or_outside_of_the_horizon(changed: dict, who: dict) -> None:
    asked = AskedNeed("lesson", "ana.lie", "ask", date(2025, 11, 3), date(2026, 2, 9), "")
    given = programme(activity("ask", teams=("billing",)))
    people = organisation(person("ana.lie", **{"team": "billing", **who}))

    def keys(one: AskedNeed) -> list[str]:
        return [n.key for n in unroll((given,), people, HALF_YEAR, MONDAY, wanted=[one]) if n.key.endswith("/lesson")]

    assert keys(replace(asked, **changed)) == []
    if not who:
        assert keys(asked) == ["ana.lie/ask/lesson"]


def rolled(
    given: Organisation,
    *activities: Activity,
    starts: tuple[Start, ...] = (),
    recalls: tuple[Recall, ...] = (),
    horizon: Horizon = HALF_YEAR,
) -> list[tuple[str, datetime, datetime, datetime]]:
    found = unroll((programme(*activities),), given, horizon, MONDAY, starts=starts, recalls=recalls)
    return [(n.key, n.earliest, n.due, n.latest) for n in found]


def test_a_wave_gives_the_start_its_first_two_weeks_and_the_periods_go_on_a_whole_one_later() -> None:
    given = organisation(person("ana.lie"), person("bo.dahl"))
    start = Start("ana.lie", "case_round", date(2026, 1, 26))
    found = rolled(given, ROUND, starts=(start,), horizon=Horizon(MONDAY, 10))
    assert [key for key, *_ in found if key.startswith("ana")] == [
        "ana.lie/case_round/start",
        "ana.lie/case_round/3",
        "ana.lie/case_round/4",
    ]
    assert found[0][1:] == (at(2026, 1, 26), at(2026, 2, 9), at(2026, 2, 23))
    assert [key for key, *_ in found if key.startswith("bo")] == [f"bo.dahl/case_round/{n}" for n in range(5)]


def test_a_wave_puts_what_is_held_once_into_its_own_weeks() -> None:
    start = Start("ana.lie", "boundaries", date(2026, 3, 2))
    (need,) = unroll((programme(GATE),), organisation(person("ana.lie")), HALF_YEAR, MONDAY, starts=(start,))
    assert (need.key, need.earliest) == ("ana.lie/boundaries/once", at(2026, 3, 2))
    assert (need.due, need.latest) == (at(2026, 3, 16), datetime(2026, 3, 29, 22, tzinfo=UTC))
    assert need.why == "You start with “Boundaries” in the week of 2 March, as it was drawn by lot."


def test_a_wave_that_went_by_leaves_what_is_held_once_open() -> None:
    start = Start("ana.lie", "boundaries", date(2026, 3, 2))
    later = Horizon(date(2026, 3, 30), 26)
    given = organisation(person("ana.lie"))
    assert rolled(given, GATE, starts=(start,), horizon=later) == rolled(given, GATE, horizon=later)


def test_an_activity_of_a_ring_waits_for_the_start_when_its_turn_comes_before() -> None:
    activities = ring("listen", "ask", "explain")
    start = Start("ana.lie", "listen", MONDAY + timedelta(weeks=4))
    found = rolled(organisation(person("ana.lie")), *activities, starts=(start,), horizon=Horizon(MONDAY, 28))
    assert [key for key, *_ in found] == ["ana.lie/listen/start", *(f"ana.lie/skills/{n}" for n in range(1, 7))]


def test_a_start_in_what_is_not_offered_or_not_for_the_person_gives_nothing() -> None:
    given = organisation(person("ana.lie"))
    start = Start("ana.lie", "case_round", MONDAY)
    assert rolled(given, GATE, starts=(start,)) == rolled(given, GATE)
    others = replace(ROUND, teams=("elsewhere",))
    assert rolled(given, others, starts=(start,)) == []


def test_a_refresher_comes_in_place_of_the_need_it_names_with_its_own_reason() -> None:
    given = organisation(person("ana.lie"), person("bo.dahl"))
    recall = Recall(
        "r1", "ana.lie", "case_round", date(2026, 1, 26), date(2026, 2, 2), date(2026, 2, 16), "why", date(2026, 2, 5)
    )
    found = unroll((programme(ROUND),), given, Horizon(MONDAY, 8), MONDAY, recalls=(recall,))
    mine = [n for n in found if n.person_id == "ana.lie"]
    assert [n.key for n in mine] == [
        "ana.lie/case_round/0",
        "ana.lie/case_round/1",
        "ana.lie/case_round/refresher.r1",
        "ana.lie/case_round/3",
    ]
    assert (mine[2].earliest, mine[2].due, mine[2].latest) == (at(2026, 1, 26), at(2026, 2, 2), at(2026, 2, 16))
    assert mine[2].why == "why"
    besides = replace(recall, instead=None)
    assert len(unroll((programme(ROUND),), given, Horizon(MONDAY, 8), MONDAY, recalls=(besides,))) == len(found) + 1


def test_a_refresher_of_what_is_not_offered_gives_nothing() -> None:
    recall = Recall("r1", "ana.lie", "gone", MONDAY, MONDAY, MONDAY + timedelta(weeks=3), "why")
    assert rolled(organisation(person("ana.lie")), ROUND, recalls=(recall,)) == rolled(
        organisation(person("ana.lie")), ROUND
    )
