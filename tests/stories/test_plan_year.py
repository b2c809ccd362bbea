"""The first story end to end: files, programme, plan, publish, feeds; then life happens and only what must change does.

Every calendar that is published here is judged by counting people quarter hour by quarter hour (acts.Count).
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from devsys.actions import adopt_programme, edit_draft, publish_plan
from devsys.actions.bring_up import bring_up
from devsys.adapters.store.queries import accounts, plans, sessions
from devsys.base.errors import ConflictError
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from devsys.core.model.changes import Change, content
from devsys.faces.web.pages.owed import MOST_ROWS
from tests.builders import DOMAIN, an_organisation, id_of, settle
from tests.stories import acts
from tests.stories.acts import Count, Phone, away, blocks, drafted, draw, entries, owed, plan, publish, published

OLIVIA = id_of("olivia.brandt")
ANA = id_of("ana.correia")


@pytest.fixture
def adopted(parts, organisation):
    """Northgate with the whole shipped programme."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    return parts


def versions(parts):
    with parts.store.read() as db:
        return plans.versions(db)


def accounted(parts, drawn):
    """Needs are placed or owed, one by one: the figures, the owed list and the seats agree."""
    figures, missing = drawn.figures, owed(parts, drawn)
    assert figures.needs == figures.placed + figures.owed
    assert figures.owed == len(missing) == len({o.need for o in missing})
    answered = {p.need for s in drafted(parts, drawn.draft_id) for p in s.places if p.need}
    assert answered.isdisjoint(o.need for o in missing)
    assert all(o.rule and o.reason for o in missing)
    return figures


def test_from_files_to_a_feed_and_through_an_absence(app, parts, clock):
    # A fresh installation: an empty database and Northgate's files, brought in order, each of them twice.
    bring_up(parts)
    for kind, text in acts.files_of(an_organisation()).items():
        assert acts.bring(parts, kind, text).new
        again = acts.bring(parts, kind, text)
        assert (again.new, again.changed) == ((), ())
    assert len(adopt_programme.adopt_shipped(parts).taken) == 9

    # The first plan.
    drawn = draw(parts, weeks=10)
    figures = accounted(parts, drawn)
    assert figures.placed > 0.7 * figures.needs
    assert publish(parts, drawn) == 1
    count = Count(parts)
    assert count.faults() == []
    assert len(count.sessions) == figures.sessions

    # Somebody's own calendar shows what is theirs, to the minute.
    ana = acts.person_of(parts, "ana.correia")
    phone = Phone(app, parts, ana.id)
    before = phone.fetch()
    own = {s.uid: s for s in count.sessions if ana.id in s.people}
    shown = entries(before)
    assert shown.keys() == own.keys()
    assert {uid: (e.starts, e.ends, e.zone) for uid, e in shown.items()} == {
        uid: (s.starts_utc, s.ends_utc, "Europe/Lisbon") for uid, s in own.items()
    }
    coordinator = acts.account(app, parts, f"olivia.brandt@{DOMAIN}", "coordinator")
    assert "52 weeks" not in acts.text_of(coordinator.get("/year"))
    for session in list(own.values())[:3]:
        page = acts.text_of(coordinator.get(f"/sessions/{session.id}"))
        assert f"{session.starts:%H:%M}\u2013{session.ends:%H:%M}" in page

    # Whoever leads Ana's third session is away that day.
    third = sorted(own.values(), key=lambda s: s.starts_utc)[2]
    lead = next(p for p in count.people.values() if p.id == third.facilitator_id)
    day = third.starts.date()
    away(parts, lead.code, str(day), str(day))
    clock.move(hours=1)
    again = draw(parts, weeks=10, cause=f"{lead.name} is away")
    touched = {s.id: s for s in drafted(parts, again.draft_id)}
    led = {s.id for s in count.sessions if s.facilitator_id == lead.id and s.starts.date() == day}
    assert led <= touched.keys()
    old = {s.id: s for s in count.sessions}
    # What stood elsewhere may take somebody in, but never moves and loses nobody.
    for session_id in touched.keys() & old.keys() - led:
        was, now = old[session_id], touched[session_id]
        assert (now.starts_utc, now.facilitator_id, now.room_id, now.status) == (
            was.starts_utc,
            was.facilitator_id,
            was.room_id,
            was.status,
        )
        assert was.people < now.people
    assert all(touched[i].cause for i in touched.keys() & old.keys())
    accounted(parts, again)
    assert publish(parts, again) == 2
    assert Count(parts).faults() == []

    # The feed says so, and what nobody touched is the same to the byte.
    after = phone.fetch()
    kept, now_kept = blocks(before), blocks(after)
    changed = {uid for uid in kept if kept[uid] != now_kept[uid]}
    assert third.uid in changed
    assert changed <= {old[i].uid for i in touched.keys() & old.keys()}
    # Somebody else leads it at the same time: nobody has to put it elsewhere (RFC 5545, 3.8.7.4).
    mended = touched[third.id]
    assert (mended.starts_utc, mended.room_id) == (third.starts_utc, third.room_id)
    assert mended.facilitator_id != lead.id
    assert entries(after)[third.uid].sequence == 0

    # Nothing else happened, so nothing more is published.
    idle = draw(parts, weeks=10)
    assert (idle.new, idle.cancelled, idle.altered) == (0, 0, 0)
    assert publish(parts, idle) == 2
    assert phone.unchanged()
    assert phone.fetch() == after
    assert len(versions(parts)) == 2


def test_an_empty_difference_publishes_nothing_and_no_byte_changes(app, adopted, sign_in):
    plan(adopted)
    phone = Phone(app, adopted, ANA)
    before = phone.fetch()
    coordinator = sign_in(Role.COORDINATOR)
    idle = draw(adopted)
    page = coordinator.get(f"/drafts/{idle.draft_id}")
    assert "Nothing changed" in page.text
    answer = coordinator.post(f"/drafts/{idle.draft_id}/publish", {"cause": "again"})
    assert answer.status_code == 303
    assert "Nobody will be told." in coordinator.get(answer.headers["Location"]).text
    assert [v.number for v in versions(adopted)] == [1]
    assert phone.unchanged()
    assert phone.fetch() == before


def test_drafts_tell_nobody(app, adopted, sign_in, clock):
    plan(adopted)
    phone, employee, coordinator = Phone(app, adopted, ANA), sign_in(Role.EMPLOYEE), sign_in(Role.COORDINATOR)
    before, home, standing = phone.fetch(), acts.text_of(employee.get("/")), published(adopted)
    away(adopted, "ana.correia", "2026-01-26", "2026-02-06")
    for number in range(4):
        clock.move(minutes=10)
        drawn = draw(adopted, cause="try")
        assert drafted(adopted, drawn.draft_id)
        assert employee.get(f"/drafts/{drawn.draft_id}").status_code == 404
        assert employee.get(f"/week?draft={drawn.draft_id}").status_code == 404
        assert phone.unchanged()
        if number % 2:
            assert coordinator.post(f"/drafts/{drawn.draft_id}/discard").status_code == 303
    assert phone.fetch() == before
    assert acts.text_of(employee.get("/")) == home
    assert published(adopted) == standing
    assert len(versions(adopted)) == 1


def test_a_plan_that_cannot_place_half_still_publishes_what_is_safe(adopted, sign_in):
    # Everybody on the roster is needed, but for two hours of three days; in Kathmandu always.
    quiet = ("2026-01-09", "2026-01-30", "2026-02-13")
    for queue, agents in (("billing", 6), ("delivery", 5)):
        acts.require(adopted, queue, *((hour, agents) for hour in range(8, 19)))
        some = [(hour, 1 if hour in (13, 14) else agents) for hour in range(8, 19)]
        acts.require(adopted, queue, *some, days=quiet)
    acts.require(adopted, "technical", *((hour, 5) for hour in range(9, 17)))
    drawn = draw(adopted)
    figures = accounted(adopted, drawn)
    assert 0 < figures.placed < figures.needs / 2
    missing = owed(adopted, drawn)
    assert {o.person_id for o in missing} >= {id_of(c) for c in ("anjali.shrestha", "deepa.thapa")}
    coordinator = sign_in(Role.COORDINATOR)
    page = acts.text_of(coordinator.get(f"/drafts/{drawn.draft_id}"))
    assert f"{figures.owed:,}" in page
    assert coordinator.post(f"/drafts/{drawn.draft_id}/publish").status_code == 303
    assert Count(adopted).faults() == []
    listed, filed = acts.text_of(coordinator.get("/owed")), coordinator.get("/owed.csv").text
    assert sum(o.reason in listed for o in missing) >= min(len(missing), MOST_ROWS)  # the page holds the first of them
    assert [o.reason for o in missing if o.reason not in filed] == []


def test_a_requirement_above_the_roster_is_warned_of_and_owed_with_its_reason(adopted):
    outcome = acts.require(adopted, "billing", *((hour, 40) for hour in range(9, 18)))
    assert "Billing needs 40 on Monday 09:00, 4 are rostered: nothing can be planned there" in " ".join(
        str(w.fault) for w in outcome.warnings
    )
    drawn = plan(adopted)
    accounted(adopted, drawn)
    billing = {p.id for p in acts.standing(adopted).people if p.queue_id == id_of("billing")}
    seated = {p for s in published(adopted) for p in s.people}
    # Before nine and after six nothing is required: there they may learn, and nowhere else.
    between = [s for s in published(adopted) if s.starts.hour < 18 and s.ends.time() > time(9)]
    assert not [s for s in between if s.people & billing]
    assert seated
    reasons = {o.reason for o in owed(adopted, drawn) if o.person_id in billing}
    assert any("Billing" in reason for reason in reasons)
    assert Count(adopted).faults() == []


def test_a_requirement_raised_after_publishing_takes_sessions_back_with_a_cause(adopted):
    plan(adopted)
    acts.require(adopted, "billing", *((hour, 6) for hour in range(9, 18)))
    assert any("left" in fault or "has" in fault for fault in Count(adopted).faults())
    drawn = draw(adopted, cause="more calls")
    gone = [s for s in drafted(adopted, drawn.draft_id) if s.status is Status.CANCELLED]
    assert gone
    assert {s.cause for s in gone} == {"for the queue"}
    publish(adopted, drawn)
    assert Count(adopted).faults() == []


def test_a_leaver_is_in_no_session_after_the_last_day_and_the_feed_is_dead(app, adopted, sign_in, clock):
    plan(adopted)
    phone = Phone(app, adopted, ANA)
    assert phone.fetch()
    last = date(2026, 1, 26)
    ana = replace(acts.person_of(adopted, "ana.correia"), left=last)
    row = {"code": ana.code, "name": ana.name, "email": ana.email, "team": "alfama", "queue": "billing"}
    acts.bring(adopted, "people", acts.rows("people", row | {"pattern": "early", "joined": ana.joined, "left": last}))
    before = {s.id: s for s in published(adopted)}
    drawn = draw(adopted, cause="")
    for session in drafted(adopted, drawn.draft_id):
        was = before.get(session.id)
        if was is not None and ANA in was.people and was.starts.date() >= last:
            assert ANA not in session.people or session.status is Status.CANCELLED
            assert session.cause.startswith("somebody cannot come")
    publish(adopted, drawn)
    assert Count(adopted).faults() == []
    assert not [s for s in published(adopted, person_id=ANA) if s.starts.date() >= last]
    assert {o.person_id for o in owed(adopted, drawn) if o.due.date() > last} - {ANA} == {
        o.person_id for o in owed(adopted, drawn) if o.due.date() > last
    }
    administrator = sign_in(Role.ADMINISTRATOR)
    assert administrator.post(f"/people/{ANA}/active", {"active": "no"}).status_code == 303
    unknown = phone.client.get("/feed/no-such-feed.ics")
    assert (unknown.status_code, unknown.data) == (404, phone.client.get(phone.address).data)
    assert administrator.post(f"/people/{ANA}/active", {"active": "yes"}).status_code == 303
    assert phone.client.get(phone.address).status_code == 200
    clock.move(days=22)  # the day after the last one, whatever anybody pressed
    assert phone.client.get(phone.address).data == unknown.data


def test_a_joiner_gets_the_boundaries_first(adopted, clock):
    plan(adopted)
    clock.move(days=14)
    new = {"code": "4711", "name": "Beatriz Nunes", "email": f"beatriz.nunes@{DOMAIN}", "team": "alfama"}
    acts.bring(
        adopted, "people", acts.rows("people", new | {"queue": "billing", "pattern": "early", "joined": "2026-01-26"})
    )
    before = {s.id: content(s) for s in published(adopted)}
    drawn = plan(adopted, weeks=10)
    accounted(adopted, drawn)
    beatriz = acts.person_of(adopted, "4711")
    hers = published(adopted, person_id=beatriz.id)
    assert hers[0].activity == "professional_boundaries"
    assert hers[0].starts.date() >= beatriz.joined
    after = {s.id: s for s in published(adopted)}
    unmoved = [i for i in before if i in after]
    assert len(unmoved) == len(before)
    assert Count(adopted).faults() == []


def test_a_session_moved_by_hand_is_one_change_and_one_event(app, adopted, sign_in):
    plan(adopted)
    phone = Phone(app, adopted, ANA)
    before = phone.fetch()
    session = published(adopted, person_id=ANA)[-1]
    coordinator = sign_in(Role.COORDINATOR)
    for hour in ("10:00", "10:30", "11:00", "13:00", "13:30", "14:00", "14:30", "15:00"):
        for day in acts.days_between(session.starts.date(), session.starts.date() + timedelta(days=3)):
            edit_draft.move(
                adopted, _viewer(adopted, OLIVIA), None, session.id, datetime.fromisoformat(f"{day}T{hour}")
            )
            draft_id = edit_draft.draft_for(adopted, _viewer(adopted, OLIVIA))
            seen = publish_plan.preview(adopted, draft_id)
            if seen.differences and not seen.blocking:
                break
        else:
            continue
        break
    assert [d.change for d in seen.differences] == [Change.MOVED]
    page = acts.text_of(coordinator.get(f"/drafts/{draft_id}"))
    assert "1 change" in page
    answer = coordinator.post(f"/drafts/{draft_id}/publish", {"cause": "the room is painted"})
    assert answer.status_code == 303
    old, new = blocks(before), blocks(phone.fetch())
    assert [uid for uid in old if old[uid] != new[uid]] == [session.uid]
    assert (entries(before)[session.uid].sequence, entries(phone.fetch())[session.uid].sequence) == (0, 1)
    assert published(adopted, ids=frozenset({session.id}))[0].cause == "the room is painted"


def _viewer(parts, person_id):
    with parts.store.read() as db:
        return accounts.viewer_of(db, person_id)


def test_the_second_of_two_publishers_is_told_who_and_when_and_can_compare(adopted, sign_in, clock):
    first, second = draw(adopted, seed=1, cause="Olivia's plan"), draw(adopted, seed=2, cause="another plan")
    mine = drafted(adopted, second.draft_id)
    coordinator = sign_in(Role.COORDINATOR)
    clock.move(minutes=7)
    assert coordinator.post(f"/drafts/{first.draft_id}/publish").status_code == 303
    clock.move(minutes=3)
    page = coordinator.post(f"/drafts/{second.draft_id}/publish")
    assert page.status_code == 409
    assert "Olivia Brandt published another plan on 5 January 2026 at 09:07 UTC" in acts.text_of(page)
    assert drafted(adopted, second.draft_id) == mine
    with adopted.store.read() as db:
        assert plans.draft(db, second.draft_id).state == "open"
    with pytest.raises(ConflictError, match="Olivia Brandt"):
        publish(adopted, second)
    assert [v.cause for v in versions(adopted)] == ["Olivia's plan"]

    # Compared again it stands on what is published now, and what would double people is named, not published.
    assert coordinator.post(f"/drafts/{second.draft_id}/compare").status_code == 303
    page = coordinator.post(f"/drafts/{second.draft_id}/publish")
    assert page.status_code == 422
    assert len(versions(adopted)) == 1
    assert Count(adopted).faults() == []


def test_a_small_draft_is_rebased_and_published(adopted, sign_in, clock):
    plan(adopted)
    viewer = _viewer(adopted, OLIVIA)
    early, late = (s for s in (published(adopted)[-1], published(adopted)[-2]))
    mine = edit_draft.leave_out(adopted, viewer, None, late.id, cause="the topic changes").draft_id
    other = draw(adopted, cause="somebody else's")
    with adopted.store.write() as db:
        sessions.lay_into_draft(
            db, other.draft_id, [replace(early, status=Status.CANCELLED, cause="no room")], clock.now
        )
    publish(adopted, other, by_id=OLIVIA)
    coordinator = sign_in(Role.COORDINATOR)
    assert coordinator.post(f"/drafts/{mine}/publish").status_code == 409
    assert coordinator.post(f"/drafts/{mine}/compare").status_code == 303
    assert coordinator.post(f"/drafts/{mine}/publish").status_code == 303
    on = {s.id for s in published(adopted)}
    assert {early.id, late.id}.isdisjoint(on)
    assert len(versions(adopted)) == 3


def test_at_utc_plus_five_forty_five_feed_and_page_say_the_same_wall_time(app, adopted, sign_in):
    plan(adopted)
    deepa = id_of("deepa.thapa")
    own = {s.uid: s for s in published(adopted, person_id=deepa)}
    assert own
    shown = entries(Phone(app, adopted, deepa).fetch())
    assert {uid: (e.starts, e.zone) for uid, e in shown.items()} == {
        uid: (s.starts_utc, "Asia/Kathmandu") for uid, s in own.items()
    }
    coordinator = sign_in(Role.COORDINATOR)
    for session in own.values():
        apart = session.starts - session.starts_utc.replace(tzinfo=None)
        assert apart == timedelta(hours=5, minutes=45)
        assert session.starts.minute in (15, 45)
        page = acts.text_of(coordinator.get(f"/sessions/{session.id}"))
        assert f"{session.starts:%H:%M}\u2013{session.ends:%H:%M} , Kathmandu time" in page
        lisbon = session.starts_utc
        assert f"{lisbon:%H:%M}\u2013{session.ends_utc:%H:%M} where you are" in page


def lord_howe():
    """Northgate with its Lisbon half on Lord Howe Island, whose clocks move by half an hour."""
    organisation = an_organisation()
    sites = tuple(
        replace(s, zone="Australia/Lord_Howe", country="", region="") if s.code == "lisbon" else s
        for s in organisation.sites
    )
    return replace(organisation, sites=sites, holidays={})


@pytest.mark.parametrize(("month", "hours"), [(3, {11.0, 10.5}), (9, {10.5, 11.0})])
def test_where_clocks_move_by_half_an_hour_wall_times_stay_right(app, parts, clock, month, hours):
    clock.now = datetime(2026, month, 9, 0, 30, tzinfo=UTC)  # clocks change on 5 April and 4 October 2026
    settle(parts.store, lord_howe(), now=clock.now)
    adopt_programme.adopt_shipped(parts)
    plan(parts)
    count = Count(parts)
    assert count.faults() == []
    offsets = {
        (s.starts - s.starts_utc.replace(tzinfo=None)).total_seconds() / 3600
        for s in count.sessions
        if s.zone == "Australia/Lord_Howe"
    }
    assert offsets == hours
    ana = [s for s in count.sessions if ANA in s.people]
    shown = entries(Phone(app, parts, ANA).fetch())
    assert {uid: (e.starts, e.ends) for uid, e in shown.items()} == {s.uid: (s.starts_utc, s.ends_utc) for s in ana}
    employee = acts.sign_in(app, parts, ANA)
    for session in ana:
        page = acts.text_of(employee.get(f"/sessions/{session.id}"))
        assert f"{session.starts:%H:%M}\u2013{session.ends:%H:%M} , Lord Howe time" in page


def test_in_the_week_of_a_clock_change_everybody_is_where_the_clock_says(app, adopted, clock, sign_in):
    clock.now = datetime(2026, 3, 16, 9, tzinfo=UTC)  # Lisbon's clocks go forward on Sunday 29 March
    plan(adopted, weeks=4)
    count = Count(adopted)
    assert count.faults() == []
    lisbon = [s for s in count.sessions if s.zone == "Europe/Lisbon"]
    assert {(s.starts - s.starts_utc.replace(tzinfo=None)).seconds // 3600 for s in lisbon} == {0, 1}
    assert all(8 <= s.starts.hour < 19 for s in lisbon)
    shown = entries(Phone(app, adopted, ANA).fetch())
    own = [s for s in lisbon if ANA in s.people]
    assert {uid: e.starts for uid, e in shown.items()} == {s.uid: s.starts_utc for s in own}
    coordinator = sign_in(Role.COORDINATOR)
    refused = coordinator.post(f"/sessions/{own[-1].id}/move", {"day": "2026-03-29", "time": "01:30"})
    assert refused.status_code == 422
    assert "A time that exists in Europe/Lisbon." in acts.text_of(refused)


def test_the_29th_of_february_is_a_day_like_others(app, parts, clock):
    clock.now = datetime(2028, 2, 14, 9, tzinfo=UTC)
    settle(parts.store, replace(an_organisation(), holidays={}), now=clock.now)
    adopt_programme.adopt_shipped(parts)
    acts.require(parts, "billing", (9, 1), days=("2028-02-29",))
    acts.require(parts, "delivery", *((hour, 5) for hour in range(8, 19)), days=("2028-02-29",))
    away(parts, "ana.correia", "2028-02-29", "2028-02-29")
    plan(parts, weeks=4)
    count = Count(parts)
    assert count.faults() == []
    tuesday = [s for s in count.sessions if s.starts.date().isoformat() == "2028-02-29"]
    assert tuesday
    assert ANA not in {p for s in tuesday for p in s.people}
    delivery = {p.id for p in count.people.values() if p.queue_id == id_of("delivery")}
    assert not [s for s in tuesday if s.people & delivery]
    bruno = id_of("bruno.matos")
    shown = entries(Phone(app, parts, bruno).fetch())
    assert {e.starts for e in shown.values()} == {s.starts_utc for s in count.sessions if bruno in s.people}


def test_nobody_qualified_is_the_reason_and_the_rest_is_planned(adopted):
    organisation = acts.standing(adopted)
    code = {p.id: p.code for p in organisation.people}
    for lead in organisation.facilitators:
        row = {"person": code[lead.person_id], "sites": "|".join(_site_codes(organisation, lead.site_ids))}
        quals = "|".join(sorted(lead.qualifications - {"emotional_support", "digital"}))
        acts.bring(
            adopted,
            "facilitators",
            acts.rows("facilitators", row | {"qualifications": quals, "weekly_hours": lead.weekly_hours}),
        )
    drawn = plan(adopted, weeks=13)
    accounted(adopted, drawn)
    activities = Count(adopted).activities
    missing = [
        o for o in owed(adopted, drawn) if activities[o.activity].qualification in ("emotional_support", "digital")
    ]
    assert missing
    assert {o.reason.split(" to lead")[0] for o in missing} == {"Nobody is qualified"}
    held = {activities[s.activity].qualification for s in published(adopted)}
    assert held.isdisjoint({"emotional_support", "digital"})
    assert {"boundaries", "round", "skill"} <= held
    assert Count(adopted).faults() == []


def _site_codes(organisation, ids):
    return [s.code for s in organisation.sites if s.id in ids]
