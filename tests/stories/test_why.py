"""A coordinator asks why a session stands here, why not elsewhere, why a need is owed, and what would open more."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import ask_why, edit_draft, explain_need
from devsys.actions.draw_plan import Wish, carry_out
from devsys.actions.explain_session import ask, explain
from devsys.adapters.store.queries import accounts, people, plans, sessions
from devsys.base.errors import InvalidError, NotAllowedError, NotFoundError
from devsys.base.words import ENGLISH, language
from devsys.core.model.access import Role
from devsys.core.model.people import Absence
from tests.builders import CAST, a_session, id_of, publish_now
from tests.web import scenes


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def drawn(parts, planned):
    """A draft drawn by the planner beside what is published."""
    assert planned.sessions
    return carry_out(parts, Wish(weeks=8), by_id=id_of("olivia.brandt")).draft_id


def viewer(parts, role):
    with parts.store.read() as db:
        return accounts.viewer_of(db, id_of(CAST[role]))


def away(parts, code, day, until):
    """Let somebody be away from a day in January to another."""
    gone = (Absence(id_of(code), datetime(2026, 1, day), datetime(2026, 1, until)),)
    with parts.store.write() as db:
        people.write_organisation(db, replace(people.EMPTY, absences=gone), today=parts.now().date())


def owed_in(parts, draft_id):
    with parts.store.read() as db:
        return plans.owed_in(db, draft_id)


# ---- why here


def test_where_nothing_stands_against_it_other_days_fit(parts, planned):
    """On Mondays of a late week and the days after, the same hour suits everybody."""
    found = explain(parts, None, None, planned["alfama"].id)
    assert found.here.due.startswith("Case round")
    assert found.nots == ()
    assert found.opens == (
        "Mon 26 January, 11:00 fits as well",
        "Wed 28 January, 11:00 fits as well",
        "Thu 29 January, 11:00 fits as well",
    )


def test_what_was_scarce_is_counted_over_the_whole_window(parts, planned):
    """The late shift and the early one have only the hours from eleven to four in common, and not every week."""
    here = explain(parts, None, None, planned["alfama"].id).here
    assert here.window == "from Mon 19 January to Wed 4 February"
    assert (here.there, here.left) == (65, 61)
    assert dict(here.filters)["Tiago Lopes free"] == 61


def test_where_the_facilitator_is_away_another_one_is_tried(parts, planned):
    away(parts, "tiago.lopes", 28, 31)
    found = explain(parts, None, None, planned["alfama"].id)
    assert [when for when, _ in found.nots] == [datetime(2026, 1, day, 11) for day in (28, 29, 30)]
    assert all("Tiago Lopes is not at work" in rules[0] for _, rules in found.nots)
    assert found.opens[0] == "Mon 26 January, 11:00 fits as well"
    assert all("leading" in words for words in found.opens[1:])


def test_where_somebody_of_the_group_is_away_no_leader_helps(parts, planned):
    away(parts, "elif.kaya", 28, 31)
    found = explain(parts, None, None, planned["alfama"].id)
    assert len(found.nots) == 3
    assert all("Elif Kaya" in rules[0] for _, rules in found.nots)
    assert found.opens == ("Mon 26 January, 11:00 fits as well",)


def test_what_is_not_there_is_not_found(parts, planned):
    for asking in (lambda: explain(parts, None, None, "nothing"), lambda: explain(parts, None, "nothing", "nothing")):
        with pytest.raises(NotFoundError):
            asking()
    assert planned.sessions


def test_before_a_programme_nothing_is_explained(parts, organisation):
    assert organisation.people
    publish_now(parts, a_session())
    assert explain(parts, None, None, a_session().id) is None
    assert ask(parts, None, None, a_session().id, datetime(2026, 1, 20, 10)) is None


# ---- why not there


def test_any_half_hour_of_the_calendar_is_answered(parts, planned):
    """At night nobody is there; half a year on the window has closed; on the half hour it would fit."""
    one = planned["alfama"]
    night = ask(parts, None, None, one.id, datetime(2026, 1, 28, 3))
    assert night.rules[0] == "Ana Correia, Elif Kaya and Filipa Sousa are not at work for all of it."
    assert "Tiago Lopes is not at work then." in night.rules
    assert (night.nearest, night.words) == (
        datetime(2026, 1, 28, 11),
        "The nearest start that works: Wed 28 January 11:00.",
    )
    late = ask(parts, None, None, one.id, datetime(2026, 7, 1, 11))
    assert any("too late for Ana Correia" in rule for rule in late.rules)
    fits = ask(parts, None, None, one.id, datetime(2026, 1, 28, 12, 30))
    assert (fits.rules, fits.nearest, fits.zone) == ((), None, "Europe/Lisbon")


def test_what_stands_firm_is_said_first(parts, planned, clock):
    one = planned["alfama"]
    edit_draft.pin(parts, viewer(parts, Role.COORDINATOR), one.id, pinned=True)
    assert ask(parts, None, None, one.id, datetime(2026, 1, 28, 12, 30)).rules == (
        "This session is pinned: no plan moves it.",
    )
    assert "This time is past." in ask(parts, None, None, one.id, datetime(2026, 1, 5, 8)).rules
    clock.now = one.ends_utc + timedelta(minutes=30)
    assert ask(parts, None, None, one.id, datetime(2026, 1, 29, 11)).rules[0].startswith("This session has begun")


def test_a_time_that_cannot_be_a_start_is_refused(parts, planned):
    for wrong in (datetime(2026, 1, 28, 10, 15), datetime(2026, 3, 29, 1, 30), datetime(2031, 1, 28, 10)):
        with pytest.raises(InvalidError):
            ask(parts, None, None, planned["alfama"].id, wrong)


def test_a_site_off_the_half_hours_of_utc_has_half_hours_of_its_own(parts, planned):
    """Kathmandu lies at UTC+5:45: sessions start at a quarter past and a quarter to."""
    found = ask(parts, None, None, planned["patan"].id, datetime(2026, 2, 17, 10, 15))
    assert found.zone == "Asia/Kathmandu"
    with pytest.raises(InvalidError):
        ask(parts, None, None, planned["patan"].id, datetime(2026, 2, 17, 10))


def test_a_session_is_asked_about_as_a_draft_has_it(parts, planned):
    coordinator = viewer(parts, Role.COORDINATOR)
    one = planned["alfama"]
    done = edit_draft.move(parts, coordinator, None, one.id, datetime(2026, 1, 28, 12, 30))
    assert ask(parts, coordinator, done.draft_id, one.id, one.starts).rules == ()
    explained = explain(parts, coordinator, done.draft_id, one.id)
    assert "Tue 27 January, 12:30 fits as well" in explained.opens
    edit_draft.discard(parts, coordinator, done.draft_id)
    with pytest.raises(NotFoundError):
        ask(parts, coordinator, done.draft_id, one.id, one.starts)


# ---- who may ask


def test_who_neither_plans_nor_leads_may_not_ask(parts, planned):
    for role in (Role.EMPLOYEE, Role.FACILITATOR, Role.COACH, Role.ASSESSOR):
        with pytest.raises(NotAllowedError):
            explain(parts, viewer(parts, role), None, planned["alfama"].id)


def test_a_lead_asks_about_the_own_team_only(parts, planned):
    lead = viewer(parts, Role.LEAD)
    assert explain(parts, lead, None, planned["alfama"].id) is not None
    with pytest.raises(NotFoundError):
        explain(parts, lead, None, planned["patan"].id)


def test_nobody_is_told_why_of_coaching(parts, planned):
    one = planned["coaching"]
    for role in (None, Role.LEAD, Role.COORDINATOR, Role.ADMINISTRATOR):
        who = viewer(parts, role) if role else None
        for asking in (
            lambda w=who: explain(parts, w, None, one.id),
            lambda w=who: ask(parts, w, None, one.id, one.starts),
        ):
            with pytest.raises(NotFoundError):
                asking()


def test_of_coaching_that_stands_in_the_way_only_the_taken_time_is_told(parts, planned):
    """Ana has coaching with Nadia on Thursday 5 February at 14:00."""
    one = planned["skill"]
    found = ask(parts, None, None, one.id, datetime(2026, 2, 5, 14))
    said = " ".join(found.rules)
    assert "Ana Correia would be in two places" in said
    assert "a one-to-one" in said
    assert "Coaching" not in said
    assert "Nadia" not in said


# ---- owed needs


def test_reasons_are_kept_with_the_draft(parts, drawn):
    kept = owed_in(parts, drawn)
    assert kept
    assert all(o.reason and o.rule for o in kept)
    group = next(o for o in kept if o.rule == "others_placed")
    assert group.would_fit.splitlines()[0].startswith("Would fit with a group of 2 instead of 3, ")


def test_a_draft_keeps_why_needs_are_owed_in_the_organisation_s_language(parts, planned, drawn):
    assert planned.sessions
    german = replace(parts, settings=parts.settings.model_copy(update={"language": "de"}))
    there = {o.need: o for o in owed_in(parts, carry_out(german, Wish(weeks=8)).draft_id)}
    here = {o.need: o for o in owed_in(parts, drawn)}
    assert {n: o.rule for n, o in there.items()} == {n: o.rule for n, o in here.items()}
    assert all(there[n].reason != here[n].reason for n in here)
    assert language() == ENGLISH


def test_an_owed_need_is_answered_for_any_half_hour(parts, drawn):
    """Delivery's case round finds two who wait; where two are enough the answer says so."""
    coordinator = viewer(parts, Role.COORDINATOR)
    delivery = {id_of(code) for code in ("goncalo.reis", "helena.vaz", "joana.pires")}
    one = next(o for o in owed_in(parts, drawn) if o.rule == "others_placed" and o.person_id in delivery)
    found = explain_need.find(parts, coordinator, drawn, one.need)
    assert (found.owed, found.zone) == (one, "Europe/Lisbon")
    answer = explain_need.ask(parts, coordinator, drawn, one.need, datetime(2026, 1, 8, 8))
    assert answer.rules[-1].endswith("; the group needs 3.")
    assert answer.words.startswith("The nearest that works with one change. Would fit with a group of 2 instead of 3")
    night = explain_need.ask(parts, coordinator, drawn, one.need, datetime(2026, 1, 8, 3))
    assert f"{found.person} is not at work for all of it." in night.rules
    soon = explain_need.ask(parts, coordinator, drawn, one.need, datetime(2026, 1, 6, 11))
    assert soon.rules[0] == "Nobody is given a new session at less than two days' notice."
    past = explain_need.ask(parts, coordinator, drawn, one.need, datetime(2026, 1, 2, 11))
    assert past.rules[0] == "This time is past."


def test_a_need_left_out_by_hand_has_its_old_place_as_the_nearest(parts, planned):
    coordinator = viewer(parts, Role.COORDINATOR)
    one = planned["alfama"]
    done = edit_draft.leave_out(parts, coordinator, None, one.id)
    need = next(p.need for p in one.places if p.person_id == id_of("ana.correia"))
    answer = explain_need.ask(parts, coordinator, done.draft_id, need, one.starts)
    assert answer.rules == ()


def test_what_is_owed_is_the_lead_s_for_the_own_team(parts, drawn):
    lead = viewer(parts, Role.LEAD)
    theirs = next(o for o in owed_in(parts, drawn) if o.person_id == id_of("helena.vaz"))
    with pytest.raises(NotFoundError):
        explain_need.find(parts, lead, drawn, theirs.need)
    with pytest.raises(NotAllowedError):
        explain_need.find(parts, viewer(parts, Role.EMPLOYEE), drawn, theirs.need)


def test_a_need_that_is_not_owed_is_not_found(parts, drawn):
    for draft_id, need in ((drawn, "nobody/nothing/0"), (None, "nobody/nothing/0"), ("no-draft", "x")):
        with pytest.raises(NotFoundError):
            explain_need.find(parts, None, draft_id, need)


# ---- by id, key or name


def test_it_is_found_by_session_need_and_person(parts, planned, drawn):
    session = ask_why.find(parts, planned["alfama"].id)
    assert (session.kind, [s.id for s in session.sessions]) == ("session", [planned["alfama"].id])
    served = next(p.need for p in planned["alfama"].places if p.need)
    assert [s.id for s in ask_why.find(parts, served).sessions] == [planned["alfama"].id]
    owed = owed_in(parts, drawn)[0]
    assert ask_why.find(parts, owed.need, drawn).owed == (owed,)
    for words in ("ana.correia", id_of("ana.correia"), "Ana Correia", "ANA.CORREIA@northgate.example", "ana cor"):
        found = ask_why.find(parts, words)
        assert (found.kind, found.person.name) == ("person", "Ana Correia")
    assert planned["alfama"].id in {s.id for s in found.sessions}


def test_what_is_not_known_or_not_one_person_is_said(parts, planned):
    assert planned.sessions
    with pytest.raises(NotFoundError, match="Nothing is known by 'Zaphod'"):
        ask_why.find(parts, "Zaphod")
    with pytest.raises(NotFoundError):
        ask_why.find(parts, "")
    with pytest.raises(InvalidError, match=r"Several people are meant by 'an': .* Give a code\."):
        ask_why.find(parts, "an")
    with pytest.raises(NotFoundError, match="no such draft"):
        ask_why.find(parts, "ana.correia", "no-draft")


def test_the_newest_draft_is_asked_before_anything_is_published(parts, organisation):
    assert organisation.people
    assert ask_why.find(parts, "ana.correia").sessions == ()
    scenes.adopt_shipped(parts)
    draft_id = carry_out(parts, Wish(weeks=4)).draft_id
    found = ask_why.find(parts, "ana.correia")
    assert found.draft_id == draft_id
    with parts.store.read() as db:
        mine = {s.id for s in sessions.as_drafted(db, draft_id) if id_of("ana.correia") in s.people}
    assert {s.id for s in found.sessions} == mine
