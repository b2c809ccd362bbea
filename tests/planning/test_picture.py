"""The organisation in the planner's words and back: nothing lost, nothing made up, clocks and seats exact."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.hours import instant_of
from devsys.core.model.needs import Need, SeriesRequest
from devsys.core.model.people import Absence, Closure, Facilitator, Held, Organisation, Person
from devsys.core.model.programme import Activity, Cadence, Kind, Rhythm
from devsys.core.planning import picture as drawing
from devsys.core.planning import problem as plan
from devsys.core.planning.check import check
from devsys.core.planning.draw import draw
from devsys.core.planning.exchange import read_problem
from devsys.core.planning.explain import Fit
from devsys.core.planning.explain import Owed as Reason
from devsys.core.planning.sound import faults_of
from tests import builders
from tests.builders import id_of

HORIZON = Horizon(builders.MONDAY, 8)
NOW = builders.NOW
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
EVERY = Cadence(Rhythm.EVERY, weeks=4)


def an_activity(code: str, kind: Kind, minutes: int = 60, least: int = 2, **more: object) -> Activity:
    found = Activity(code, code.replace("_", " ").title(), kind, minutes, (least, 8), EVERY, "An aim.", kind.value)
    return replace(found, **more)  # type: ignore[arg-type]


ACTIVITIES = {
    a.code: a
    for a in (
        an_activity("boundaries", Kind.BOUNDARIES, 120, 1),
        an_activity("listen_fully", Kind.SKILL, prerequisites=("boundaries",)),
        an_activity("case_round", Kind.ROUND, room=False, one_team=True),
        an_activity("strong_feelings", Kind.EMOTIONAL_SUPPORT, 90, recovery_minutes=30, prerequisites=("boundaries",)),
        an_activity("coaching", Kind.COACHING, 45, 1, group=(1, 1), room=False),
    )
}


def a_need(person: str, activity: str, first: int = 0, weeks: int = 4, **more: object) -> Need:
    earliest = MONDAY + timedelta(days=first)
    due = earliest + timedelta(weeks=weeks)
    key = f"{person}/{activity}/{first}"
    need = Need(key, id_of(person), activity, earliest, due, due + timedelta(days=7), "Because it is time.")
    return replace(need, **more)  # type: ignore[arg-type]


def see(
    needs: Iterable[Need] = (),
    kept: Iterable[Session] = (),
    organisation: Organisation | None = None,
    *,
    horizon: Horizon = HORIZON,
    firm: int = 0,
    requests: Iterable[SeriesRequest] = (),
    activities: dict[str, Activity] | None = None,
    declined: Iterable[Absence] = (),
) -> drawing.Picture:
    return drawing.picture(
        organisation or builders.an_organisation(),
        ACTIVITIES if activities is None else activities,
        tuple(needs),
        tuple(kept),
        horizon,
        now=NOW,
        freeze_until=NOW + timedelta(days=firm),
        requests=requests,
        declined=declined,
    )


def seated(session: Session, **needs: str) -> Session:
    """Give a session whose places answer needs: person (dots as underscores) to key."""
    known = {id_of(person.replace("_", ".")): key for person, key in needs.items()}
    return replace(session, places=tuple(replace(p, need=known.get(p.person_id, "")) for p in session.places))


def agent(found: drawing.Picture, code: str) -> plan.Agent:
    return next(a for a in found.problem.agents if a.id == id_of(code))


def facilitator(found: drawing.Picture, code: str) -> plan.Facilitator:
    return next(f for f in found.problem.facilitators if f.id == id_of(code))


def test_an_organisation_is_a_sound_problem() -> None:
    problem = see([a_need("ana.correia", "listen_fully")]).problem
    assert list(faults_of(problem)) == []
    assert (problem.weeks, problem.first_day, problem.frozen_until) == (8, date(2026, 1, 5), 18)
    assert len(problem.agents) == 16
    assert {a.pool for a in problem.agents} == {p.id for p in problem.pools}
    assert problem.rules.min_gap_days == {"skill": 14, "review": 7, "adv": 7}


def test_sites_bring_their_clocks_holidays_and_rooms() -> None:
    nepal, lisbon = see().problem.sites
    assert (nepal.name, nepal.minutes, nepal.midnights[:2] if nepal.midnights else ()) == ("Kathmandu", 15, (-11, 37))
    assert nepal.holidays == frozenset({6})
    assert lisbon.holidays == frozenset()  # the first of January lies before, Good Friday after the horizon
    assert (lisbon.minutes, lisbon.rooms) == (
        0,
        (plan.Room(id_of("mewa"), 12, "Mewa"), plan.Room(id_of("tejo"), 6, "Tejo")),
    )
    assert nepal.minute_of(40) == 105  # 20:00 UTC is 01:45


def test_queues_are_pools_with_what_they_require_in_each_slot() -> None:
    (billing,) = (p for p in see().problem.pools if p.id == id_of("billing"))
    assert (billing.name, len(billing.required)) == ("Billing", 8 * 336)
    assert [billing.required[s] for s in (15, 16, 18, 36, 38)] == [0, 1, 2, 1, 0]


def test_agents_work_by_the_clock_of_their_site_and_hold_what_they_hold() -> None:
    organisation = builders.an_organisation(held=(Held(id_of("deepa.thapa"), "boundaries", date(2025, 6, 2)),))
    found = see(organisation=organisation)
    deepa, ana = agent(found, "deepa.thapa"), agent(found, "ana.correia")
    assert (deepa.work[0], ana.work[0]) == ((7, 14), (16, 24))
    assert (deepa.holds, ana.holds) == (frozenset({"boundaries"}), frozenset())
    assert (ana.team, ana.site, ana.pool, ana.name) == (
        id_of("alfama"),
        id_of("lisbon"),
        id_of("billing"),
        "Ana Correia",
    )


def test_facilitators_lead_what_they_are_qualified_for() -> None:
    organisation = builders.an_organisation(qualifications=("skill", "coaching"))
    nadia = facilitator(see(organisation=organisation), "nadia.haddad")
    assert nadia.quals == frozenset({"listen_fully", "coaching"})
    assert (nadia.weekly_slots, nadia.sites) == (32, (id_of("lisbon"), id_of("kathmandu")))
    free = {**ACTIVITIES, "tea": an_activity("tea", Kind.ROUND, qualification="")}
    assert "tea" in facilitator(see(organisation=organisation, activities=free), "nadia.haddad").quals


def test_activities_keep_their_rules_in_slots() -> None:
    acts = {a.id: a for a in see().problem.activities}
    heavy, round_, coaching = acts["strong_feelings"], acts["case_round"], acts["coaching"]
    assert (heavy.kind, heavy.length, heavy.recovery, heavy.prereq) == ("adv", 3, 1, ("boundaries",))
    assert (round_.kind, round_.room, round_.online, round_.same_team) == ("review", False, True, True)
    assert (coaching.kind, coaching.length, coaching.gmin, coaching.gmax) == ("coach", 2, 1, 1)
    assert acts["listen_fully"].name == "Listen Fully"


def test_needs_become_slots_and_stay_in_place() -> None:
    need = a_need(
        "ana.correia", "case_round", -7, earliest=MONDAY - timedelta(days=7), due=MONDAY + timedelta(minutes=50)
    )
    other = a_need("deepa.thapa", "listen_fully", 14)
    found = see([need, other])
    assert found.needs == (need, other)
    assert [(n.earliest, n.due, n.latest) for n in found.problem.needs] == [(0, 2, 336 * 4), (672, 672 + 1344, 2352)]
    assert (found.problem.needs[0].key, found.problem.needs[0].why) == (need.key, "Because it is time.")


def test_what_cannot_be_planned_is_set_apart_with_its_reason() -> None:
    needs = (
        a_need("marta.nogueira", "case_round"),
        a_need("olivia.brandt", "case_round"),
        a_need("nobody.known", "case_round"),
        a_need("ana.correia", "juggling"),
        a_need("ana.correia", "case_round", 56),
    )
    found = see(needs)
    assert found.needs == ()
    assert [(need, rule) for need, (rule, _) in found.barred] == list(
        zip(needs, ("leads", "no_site", "gone", "dropped"), strict=False)
    )
    assert found.outside == needs[4:]
    owed = drawing.owed_from(found, plan.Plan((), (), plan.Figures(0, 0, 0, 0, 0, 0, 0.0, 1.0, 0)), ())
    assert [(o.person_id, o.rule) for o in owed] == sorted(
        ((need.person_id, rule) for need, (rule, _) in found.barred), key=lambda pair: pair[0]
    )


def test_a_kept_session_is_pinned_with_the_needs_it_answers() -> None:
    needs = (a_need("bruno.matos", "case_round"), a_need("ana.correia", "case_round"))
    session = seated(builders.a_session(), ana_correia=needs[1].key, bruno_matos=needs[0].key)
    found = see(needs, [session])
    (pinned,) = found.problem.pinned
    assert (pinned.id, pinned.act, pinned.start) == (session.id, "case_round", 15 * 48 + 28)
    assert (pinned.fac, pinned.room, pinned.site) == (id_of("marta.nogueira"), id_of("mewa"), id_of("lisbon"))
    assert {found.problem.needs[i].agent: found.needs[i] for i in pinned.att} == {
        id_of("bruno.matos"): needs[0],
        id_of("ana.correia"): needs[1],
        id_of("catarina.leal"): None,
    }
    assert found.kept == {session.id: session}
    assert list(faults_of(found.problem)) == []


def test_what_stays_is_never_out_of_its_window() -> None:
    early, late = a_need("ana.correia", "case_round", 21), a_need("bruno.matos", "case_round", -21, weeks=2)
    session = seated(builders.a_session(), ana_correia=early.key, bruno_matos=late.key)
    found = see([early, late], [session])
    start = 15 * 48 + 28
    assert [(n.earliest, n.latest) for n in found.problem.needs[:2]] == [(start, 56 * 48), (0, start + 1)]
    assert not [v for v in check(found.problem, found.problem.pinned) if v.rule == "window"]


def test_cancelled_sessions_and_those_after_the_horizon_are_not_there() -> None:
    off = builders.a_session("off", status=Status.CANCELLED)
    far = builders.a_session("far", starts=datetime(2026, 3, 3, 14))
    assert see((), [off, far]).problem.pinned == ()


def test_a_need_answered_behind_the_horizon_is_served_and_asked_for_no_more() -> None:
    need, other = a_need("ana.correia", "case_round", weeks=9), a_need("bruno.matos", "case_round", weeks=9)
    far = seated(builders.a_session("far", starts=datetime(2026, 3, 3, 14)), ana_correia=need.key)
    found = see([need, other], [far])
    assert (found.served, found.needs, found.problem.pinned) == ((need,), (other,), ())


def test_who_declined_is_for_their_queue_then_and_for_no_session() -> None:
    """On Tuesday 6 January from 14:00 Ana takes no seat, while what the queue can spare of others stays the same."""
    hour = (datetime(2026, 1, 6, 14), datetime(2026, 1, 6, 15))
    start = 48 + 28
    before = see()
    found = see(declined=[Absence(builders.id_of("ana.correia"), *hour), Absence(builders.id_of("nobody"), *hour)])
    assert agent(found, "ana.correia").work != agent(before, "ana.correia").work
    assert not any(a <= start < b for a, b in agent(found, "ana.correia").work)
    assert agent(found, "bruno.matos") == agent(before, "bruno.matos")

    def billing(one: drawing.Picture, slot: int) -> tuple[int, int]:
        pool = next(p for p in one.problem.pools if p.id == builders.id_of("billing"))
        there = sum(a <= slot < b for x in one.problem.agents if x.pool == pool.id for a, b in x.work)
        return there, pool.required[slot]

    for slot in (start - 1, start, start + 1, start + 2):
        (there, required), (was, needed) = billing(found, slot), billing(before, slot)
        stays = slot in (start, start + 1)
        assert (there, required) == (was - stays, max(0, needed - stays))
    assert billing(before, start)[1] > 0


def test_who_cannot_lead_then_leads_nothing_at_that_time() -> None:
    hour = (datetime(2026, 1, 6, 14), datetime(2026, 1, 6, 15))
    found = see(declined=[Absence(builders.id_of("tiago.lopes"), *hour)])
    start = 48 + 28
    assert not any(a <= start < b for a, b in facilitator(found, "tiago.lopes").work)
    assert any(a <= start < b for a, b in facilitator(see(), "tiago.lopes").work)


def test_sessions_before_the_horizon_space_answer_and_count_as_held() -> None:
    need, other = a_need("ana.correia", "boundaries", -28, weeks=6), a_need("bruno.matos", "boundaries", -28, weeks=6)
    first = builders.a_session("first", activity="boundaries", starts=datetime(2025, 12, 30, 10), minutes=120)
    again = builders.a_session("again", starts=datetime(2026, 1, 2, 10))
    earlier = builders.a_session("earlier", starts=datetime(2025, 12, 19, 10))
    found = see([need, other], [again, seated(first, ana_correia=need.key), earlier])
    assert (found.served, found.needs, found.problem.pinned) == ((need,), (other,), ())
    ana, bruno = agent(found, "ana.correia"), agent(found, "bruno.matos")
    assert ana.last == (("boundaries", -6 * 48 + 20), ("review", -3 * 48 + 20))
    assert (ana.holds, bruno.holds) == (frozenset({"boundaries"}), frozenset())


def test_a_need_answered_by_another_activity_of_its_ring_is_served() -> None:
    need = a_need("ana.correia", "listen_fully")
    session = seated(builders.a_session(), ana_correia=need.key)
    found = see([need], [session])
    assert (found.served, found.needs) == ((need,), (None, None, None))


def test_a_need_of_somebody_barred_who_sits_already_is_served() -> None:
    gone = {k: a for k, a in ACTIVITIES.items() if k != "case_round"}
    need = a_need("ana.correia", "case_round")
    found = see([need], [seated(builders.a_session(), ana_correia=need.key)], activities=gone)
    assert (found.served, found.barred) == ((need,), ())


def test_a_key_on_somebody_elses_place_answers_nothing() -> None:
    need = a_need("ana.correia", "case_round")
    found = see([need], [seated(builders.a_session(), bruno_matos=need.key)])
    assert found.needs == (need, None, None, None)
    assert 0 not in found.problem.pinned[0].att


def test_nothing_new_starts_before_the_freeze_ends() -> None:
    assert see(firm=14).problem.frozen_until == 14 * 48 + 18
    assert see(horizon=Horizon(date(2026, 2, 2), 8)).problem.frozen_until == 0


def test_who_leads_and_attends_is_away_from_leading() -> None:
    session = builders.a_session(people=("ana.correia", "bruno.matos", "tiago.lopes"))
    found = see((), [session])
    start = 15 * 48 + 28
    assert len(found.problem.pinned[0].att) == 2
    assert not any(a < start + 2 and start < b for a, b in facilitator(found, "tiago.lopes").work)
    assert any(a <= start and start + 2 <= b for a, b in facilitator(see(), "tiago.lopes").work)


def test_time_beyond_the_planners_slots_is_taken_off_the_people() -> None:
    start = 15 * 48 + 28
    odd = see((), [builders.a_session(starts=datetime(2026, 1, 20, 14, 10))])
    assert odd.problem.pinned[0].start == start
    assert not any(a <= start + 2 < b for a, b in agent(odd, "ana.correia").work)
    assert not any(a <= start + 2 < b for a, b in facilitator(odd, "marta.nogueira").work)
    longer = see((), [builders.a_session(minutes=90)])
    assert not any(a <= start + 2 < b for a, b in agent(longer, "ana.correia").work)
    into = builders.a_session(starts=datetime(2026, 1, 4, 23, 30), minutes=600)
    assert agent(see((), [into]), "ana.correia").work[0] == (19, 24)


def test_sessions_name_what_is_gone_and_the_problem_stays_sound() -> None:
    gone = {k: a for k, a in ACTIVITIES.items() if k != "case_round"}
    gone["dance"] = an_activity("dance", Kind.SKILL, prerequisites=("warm_up",))
    led = builders.a_session("led", facilitator="nobody.known", room="attic")
    alone = builders.a_session("alone", facilitator=None, starts=datetime(2026, 1, 21, 10), minutes=90)
    found = see((), [led, alone], activities=gone)
    acts = {a.id: a for a in found.problem.activities}
    assert (acts["case_round"].kind, acts["case_round"].length, acts["case_round"].gmax) == ("other", 3, 3)
    assert (acts["warm_up"].length, [f.id for f in found.problem.facilitators if "warm_up" in f.quals]) == (1, [])
    assert {f.id: f.quals for f in found.problem.facilitators[-2:]} == {
        id_of("nobody.known"): frozenset(),
        "nobody": frozenset(),
    }
    assert [p.room for p in found.problem.pinned] == [None, id_of("mewa")]
    assert list(faults_of(found.problem)) == []


def test_people_without_queue_or_team_are_planned_when_asked_for() -> None:
    base = builders.an_organisation()
    visitor = Person(id_of("visitor"), "visitor", "Inês Prado", "ines@northgate.example", None, None, id_of("early"))
    leading = Facilitator(visitor.id, (id_of("lisbon"),), frozenset(), 1.0)
    extra = replace(base.people[0], id=id_of("extra"), code="extra", queue_id=None)
    organisation = replace(base, people=(*base.people, visitor, extra), facilitators=(*base.facilitators, leading))
    assert id_of("extra") not in {a.id for a in see(organisation=organisation).problem.agents}
    found = see([a_need("extra", "case_round")], organisation=organisation)
    pool = next(p for p in found.problem.pools if p.id == agent(found, "extra").pool)
    assert (pool.site, set(pool.required)) == (extra.team_id and id_of("lisbon"), {0})
    assert list(faults_of(found.problem)) == []
    alone = replace(
        base, queues=base.queues, people=(*base.people, replace(extra, team_id=None, queue_id=id_of("billing")))
    )
    assert agent(see(organisation=alone), "extra").team == f"{id_of('lisbon')}-no-team"


def test_nobody_begins_in_an_hour_that_is_there_twice() -> None:
    base = builders.an_organisation()
    night = replace(
        base.patterns[0],
        shifts=tuple(replace(s, start=time(0), end=None, weekday=6) for s in base.patterns[0].shifts[:1]),
    )
    organisation = replace(base, patterns=(night, *base.patterns[1:]))
    found = see(organisation=organisation, horizon=Horizon(date(2026, 10, 19), 1))
    assert facilitator(found, "marta.nogueira").work[0] == (6 * 48 - 2, 6 * 48 + 2)
    assert facilitator(found, "marta.nogueira").work[1][0] == 6 * 48 + 4
    assert agent(found, "ana.correia").work[0][0] == 6 * 48 - 2


# ---- coaching series


def steps(*numbers: int, first: int = 0) -> tuple[Need, ...]:
    return tuple(
        a_need("ana.correia", "coaching", first + 7 * k, weeks=2, series="ana-1", step=k, key=f"ana/coaching/{k}")
        for k in numbers
    )


REQUEST = SeriesRequest("ana-1", id_of("ana.correia"), "coaching", NOW, ((1, time(10), time(12, 30)),))


def a_step(code: str, starts: datetime, need: str = "", facilitator: str = "nadia.haddad") -> Session:
    session = builders.a_session(
        code,
        activity="coaching",
        starts=starts,
        minutes=45,
        people=("ana.correia",),
        facilitator=facilitator,
        room=None,
        team=None,
        series="ana-1",
    )
    return seated(session, ana_correia=need)


def test_a_series_keeps_its_steps_and_wishes() -> None:
    found = see(steps(0, 1, 2), requests=[REQUEST])
    assert found.problem.series == (plan.Series("ana-1", id_of("ana.correia"), ((1, 20, 25),)),)
    assert [(n.series, n.k, n.act) for n in found.problem.needs] == [("ana-1", k, "coaching") for k in range(3)]


def test_seats_of_a_series_that_answer_nothing_come_first() -> None:
    kept = [a_step("one", datetime(2026, 1, 14, 14)), a_step("two", datetime(2026, 1, 21, 14), "ana/coaching/1")]
    found = see(steps(1, 2), kept)
    assert {n.k: n.earliest for n in found.problem.needs} == {0: 9 * 48 + 28, 1: 7 * 48, 2: 14 * 48}
    assert found.codes == {}
    assert not check(found.problem, found.problem.pinned)


def test_a_series_goes_on_with_its_coach_and_its_distance_over_the_edge() -> None:
    held = a_step("one", datetime(2026, 1, 2, 10), "ana/coaching/0")
    found = see(steps(1, 2, first=-14), [held])
    acts = {n.act for n in found.problem.needs}
    (bound,) = acts
    assert found.codes == {bound: "coaching"}
    start = -3 * 48 + 20
    assert [(n.k, n.earliest) for n in found.problem.needs] == [(0, start + 5 * 48), (1, 0)]
    assert found.problem.needs[0].latest == min(14 * 48, start + 21 * 48 + 1)
    assert [f.id for f in found.problem.facilitators if bound in f.quals] == [id_of("nadia.haddad")]
    drawn = draw(found.problem)
    assert drawn.owed == ()
    sessions = drawing.sessions_from(found, drawn, lambda: "s", lambda i: f"{i}@devsys")
    assert {(s.activity, s.series, s.facilitator_id) for s in sessions} == {
        ("coaching", "ana-1", id_of("nadia.haddad"))
    }


def test_a_series_whose_coach_leads_no_more_may_have_another() -> None:
    held = a_step("one", datetime(2026, 1, 2, 10), "ana/coaching/0", facilitator="nobody.known")
    assert see(steps(1), [held]).codes == {}
    unfit = builders.an_organisation(qualifications=("skill",))
    assert see(steps(1), [a_step("one", datetime(2026, 1, 2, 10))], unfit).codes == {}


def test_a_step_too_late_for_its_distance_keeps_its_window() -> None:
    held = a_step("one", datetime(2025, 12, 1, 10), "ana/coaching/0")
    (need,) = see(steps(1), [held]).problem.needs
    assert (need.earliest, need.latest) == (7 * 48, 28 * 48)


# ---- the answer


def whole_programme() -> tuple[Need, ...]:
    people = [p.code for p in builders.an_organisation().people if p.queue_id]
    needs = [a_need(p, "boundaries", 0, weeks=3) for p in people]
    needs += [a_need(p, a, 21, weeks=4) for p in people for a in ("listen_fully", "strong_feelings")]
    return (*needs, *(a_need(p, "case_round", 14 * i, weeks=2) for p in people for i in range(4)))


def test_a_plan_comes_back_as_sessions_by_the_clock_of_their_site() -> None:
    found = see(whole_programme())
    drawn = draw(found.problem)
    ids = iter(f"id-{i:03d}" for i in range(1000))
    sessions = drawing.sessions_from(found, drawn, lambda: next(ids), lambda i: f"{i}@devsys")
    assert len(sessions) == len(drawn.sessions) > 10
    assert list(sessions) == sorted(sessions, key=lambda s: (s.starts_utc, s.uid))
    nepal = [s for s in sessions if s.site_id == id_of("kathmandu")]
    assert {(s.zone, s.starts.minute) for s in nepal} == {("Asia/Kathmandu", 15), ("Asia/Kathmandu", 45)}
    assert {s.starts_utc - s.starts.replace(tzinfo=UTC) for s in nepal} == {-timedelta(hours=5, minutes=45)}
    for session in sessions:
        activity = ACTIVITIES[session.activity]
        assert session.uid == f"{session.id}@devsys"
        assert (session.minutes, session.room_id is None) == (activity.minutes, not activity.room)
        assert (session.team_id is not None) == activity.one_team
        assert [p.person_id for p in session.places] == sorted(session.people)
        assert all(p.need.endswith(("/0", "/14", "/21", "/28", "/42")) for p in session.places)


def test_what_is_kept_stays_byte_for_byte_and_nothing_breaks_when_all_is_kept() -> None:
    needs = whole_programme()
    first = see(needs)
    sessions = drawing.sessions_from(first, draw(first.problem), lambda: "", lambda _: "")
    sessions = tuple(replace(s, id=f"s{i}", uid=f"u{i}") for i, s in enumerate(sessions))
    found = see(needs, sessions, firm=60)
    assert check(found.problem, found.problem.pinned) == ()
    drawn = draw(found.problem)
    again = drawing.sessions_from(found, drawn, lambda: "new", lambda _: "new")
    assert again == tuple(sorted(sessions, key=lambda s: (s.starts_utc, s.uid)))
    assert drawing.figures_from(found, drawn).placed == drawing.figures_from(first, draw(first.problem)).placed


def test_needs_are_placed_or_owed_and_made_up_seats_are_not_counted() -> None:
    needs = (*whole_programme(), a_need("marta.nogueira", "case_round"), a_need("ana.correia", "coaching", 0))
    barren = replace(
        builders.an_organisation(),
        facilitators=tuple(
            replace(f, qualifications=f.qualifications - {"coaching"}) for f in builders.an_organisation().facilitators
        ),
    )
    found = see(needs, [builders.a_session()], barren)
    drawn = draw(found.problem)
    figures = drawing.figures_from(found, drawn)
    fit = Fit("with a coach", (), drawn.sessions[0])
    reasons = [Reason(i, "facilitator", "Nobody may lead it.", (fit,)) for i in drawn.owed if found.needs[i]]
    owed = drawing.owed_from(found, drawn, reasons[:1])
    assert figures.needs == len(needs) == figures.placed + figures.owed
    assert figures.owed == len(owed)
    assert figures.on_time + figures.late == figures.placed
    assert figures.on_time <= figures.bound <= figures.needs
    assert figures.proved == (figures.on_time == figures.bound)
    assert figures.out_of_reach >= len(found.barred) > 0
    assert figures.sessions == len(drawn.sessions)
    assert figures.hours > 0
    rules = {o.need: (o.rule, o.would_fit) for o in owed}
    assert rules["marta.nogueira/case_round/0"] == ("leads", "")
    assert ("facilitator", "with a coach") in rules.values()
    assert [o.due for o in owed] == sorted(o.due for o in owed)


def test_seats_made_up_are_never_owed() -> None:
    found = see((), [builders.a_session()])
    odd = plan.Plan((), (0, 1, 2), plan.Figures(3, 0, 0, 0, 3, 0, 3.0, 0.0, 0))
    assert drawing.owed_from(found, odd, ()) == ()


def test_who_leads_but_is_not_among_the_people_is_passed_over() -> None:
    base = builders.an_organisation()
    without = replace(base, people=tuple(p for p in base.people if p.code != "nadia.haddad"))
    assert id_of("nadia.haddad") not in {f.id for f in see(organisation=without).problem.facilitators}


def test_a_need_without_a_looked_up_reason_says_so() -> None:
    found = see([a_need("ana.correia", "coaching")])
    empty = plan.Plan((), (0,), plan.Figures(1, 0, 0, 0, 1, 0, 1.0, 0.0, 0))
    (owed,) = drawing.owed_from(found, empty, ())
    assert (owed.rule, owed.need, owed.activity) == ("unasked", "ana.correia/coaching/0", "coaching")


def test_an_exported_instance_names_nobody_and_can_be_planned() -> None:
    found = see([a_need("ana.correia", "case_round"), *steps(0, 1)], [builders.a_session()])
    text = json.dumps(drawing.export_instance(found))
    for word in ("Ana", "Correia", "Billing", "Mewa", "Lisbon", "Because it is time", "ana.correia"):
        assert word not in text
    problem = read_problem(json.loads(text))
    assert problem.pinned == found.problem.pinned
    assert [a.work for a in problem.agents] == [a.work for a in found.problem.agents]
    assert len(problem.needs) == len(found.problem.needs)


@pytest.mark.parametrize("day", [date(2026, 3, 16), date(2026, 10, 12)])
def test_sessions_over_clock_changes_are_on_the_roster_of_the_wall(day: date) -> None:
    horizon = Horizon(day, 4)
    start = datetime.combine(day, time(), UTC)
    people = [p.code for p in builders.an_organisation().people if p.queue_id == id_of("billing")]
    needs = [
        replace(
            a_need(p, "case_round", i),
            earliest=start + timedelta(weeks=i),
            due=start + timedelta(weeks=i + 1),
            latest=start + timedelta(weeks=i + 1),
        )
        for p in people
        for i in range(4)
    ]
    away = Absence(
        id_of("elif.kaya"), datetime.combine(day, time()), datetime.combine(day + timedelta(weeks=2), time())
    )
    found = see(needs, organisation=builders.an_organisation(absences=(away,)), horizon=horizon)
    drawn = draw(found.problem)
    sessions = drawing.sessions_from(found, drawn, lambda: "s", lambda i: i)
    assert len(sessions) > 0
    for session in sessions:
        assert time(8) <= session.starts.time() <= time(18)
        assert session.starts.weekday() < 5
        assert session.starts_utc == instant_of(int((session.starts_utc - start).total_seconds() // 1800), horizon)
        if session.starts_utc < start + timedelta(weeks=2):
            assert id_of("elif.kaya") not in session.people


def test_a_series_that_runs_over_the_edge_of_the_horizon_keeps_its_order() -> None:
    steps = tuple(
        replace(
            builders.a_session(
                f"step-{k}", activity="coaching", minutes=45, people=("ana.correia",), team=None, room=None
            ),
            starts=datetime(2026, 2, 3, 10) + timedelta(weeks=k),
            starts_utc=datetime(2026, 2, 3, 10, tzinfo=UTC) + timedelta(weeks=k),
            facilitator_id=id_of("nadia.haddad"),
            series="series",
            places=(builders.Place(id_of("ana.correia"), f"ana.correia/coaching/series.{k}"),),
        )
        for k in range(4)
    )
    due_in_time = tuple(
        a_need(
            "ana.correia", "coaching", 28 + 7 * k, 2, key=f"ana.correia/coaching/series.{k}", series="series", step=k
        )
        for k in range(2)
    )
    seen = see(due_in_time, steps)
    assert [v for v in check(seen.problem, seen.problem.pinned) if v.rule == "series"] == []
    starts = {n.k: n.earliest for n in seen.problem.needs if n.series}
    assert sorted(starts) == [0, 1, 2, 3]


def test_a_series_whose_first_steps_went_by_unseated_begins_with_the_next() -> None:
    """Two windows ended before the plan was drawn: the third step is the first, and nothing is missing before it."""
    kept = (a_step("third", datetime(2026, 1, 8, 10), "ana/coaching/2"),)
    seen = see(steps(0, 1, 2, 3, first=-28), kept)
    assert [v for v in check(seen.problem, seen.problem.pinned) if v.rule == "series"] == []
    assert {n.key[-1]: n.k for n in seen.problem.needs} == {"2": 0, "3": 1, "0": 2, "1": 3}


def test_a_step_is_missing_before_another_while_it_can_still_be_held() -> None:
    kept = (a_step("second", datetime(2026, 1, 14, 10), "ana/coaching/1"),)
    seen = see(steps(0, 1, 2), kept)
    found = [v.what for v in check(seen.problem, seen.problem.pinned) if v.rule == "series"]
    assert [what for what in found if what.endswith("misses an earlier step.")] == found != []


def test_a_room_is_closed_in_the_slots_that_a_closure_touches() -> None:
    """Lisbon keeps UTC in January, Kathmandu is 5:45 ahead; an open end goes to the end of the horizon."""
    organisation = replace(
        builders.an_organisation(),
        closures=(
            Closure(id_of("mewa"), datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 10, 10)),
            Closure(id_of("mewa"), datetime(2026, 1, 4), datetime(2026, 1, 5, 1)),
            Closure(id_of("himal"), datetime(2026, 1, 6, 6), None),
        ),
    )
    rooms = {r.id: r.closed for s in see(organisation=organisation).problem.sites for r in s.rooms}
    assert rooms[id_of("mewa")] == ((0, 2), (18, 21))
    assert rooms[id_of("himal")] == ((48, 8 * 336),)
    assert rooms[id_of("tejo")] == ()
    assert read_problem(json.loads(json.dumps(drawing.export_instance(see(organisation=organisation))))).weeks == 8


def test_an_absence_without_an_end_goes_on() -> None:
    organisation = builders.an_organisation(absences=(Absence(id_of("ana.correia"), datetime(2026, 1, 7), None),))
    problem = see([a_need("ana.correia", "case_round")], organisation=organisation).problem
    work = next(a.work for a in problem.agents if a.id == id_of("ana.correia"))
    assert work
    assert max(end for _, end in work) <= 2 * 48
