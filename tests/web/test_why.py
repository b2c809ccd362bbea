"""Why not at another time: the panel beside the week and the page of an owed need, with script and without."""

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import pytest

from devsys.actions.draw_plan import Wish, carry_out
from devsys.adapters.store.queries import people, plans
from devsys.core.model.access import Role
from devsys.core.model.people import Absence
from devsys.core.planning.why import Here
from devsys.faces.web.why import counts_words
from tests.builders import id_of
from tests.web import scenes

ALFAMA = f"/week?week=2026-W05&team={id_of('alfama')}"
NIGHT = "&on=2026-01-28&time=03:00"
THEME = "Coaching for calls"


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def coordinator(sign_in):
    return sign_in(Role.COORDINATOR)


@pytest.fixture
def drawn(parts, planned):
    assert planned.sessions
    return carry_out(parts, Wish(weeks=8), by_id=id_of("olivia.brandt")).draft_id


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def owed_in(parts, draft_id):
    with parts.store.read() as db:
        return plans.owed_in(db, draft_id)


def asked(need, draft_id, more=""):
    return f"/owed/why?need={quote(need, safe='')}&draft={draft_id}{more}"


# ---- a session


def test_the_panel_asks_by_a_form_that_works_without_script(planned, coordinator):
    page = coordinator.get(f"{ALFAMA}&session={planned['alfama'].id}")
    form = re.search(r'<form method="get" action="/week#why-not".*?</form>', page.text, re.DOTALL)[0]
    assert f'name="session" value="{planned["alfama"].id}"' in form
    assert f'name="team" value="{id_of("alfama")}"' in form
    assert 'name="on"' in form
    assert "<option selected>11:00</option>" in form
    answer = coordinator.get(f"{ALFAMA}&session={planned['alfama'].id}{NIGHT}")
    said = text(answer)
    assert "Not Wed 28 January, 03:00" in said
    assert "Ana Correia, Elif Kaya and Filipa Sousa are not at work for all of it." in said
    assert "The nearest start that works: Wed 28 January 11:00." in said
    assert "Move it to Wed 28 January, 11:00" in said
    assert "<option selected>03:00</option>" in answer.text


def test_script_is_given_only_the_answer(planned, coordinator):
    page = coordinator.get(f"{ALFAMA}&session={planned['alfama'].id}")
    part = re.search(r'data-part="([^"]*)"', page.text)[1].replace("&amp;", "&")
    answer = coordinator.get(f"{part}&at=2026-01-28T12:30")
    assert "<html" not in answer.text
    assert "Wed 28 January, 12:30 fits" in text(answer)
    assert coordinator.get(part).status_code == 422
    for odd in ("&at=tomorrow", "&on=2026-13-40&time=10:00", "&at=9999-01-01T10:00", "&at=0001-01-01T10:00"):
        assert coordinator.get(part + odd).status_code == 422
    gap = coordinator.get(f"{part}&at=2026-03-29T01:30")
    assert "does not exist in Europe/Lisbon" in text(gap)


def test_a_press_moves_it_to_the_start_that_works(parts, planned, coordinator):
    one = planned["alfama"]
    answer = coordinator.get(f"/week/why-not?session={one.id}&at=2026-01-28T03:00")
    press = re.search(r'<form method="post" action="([^"]*)".*?name="start" value="([^"]*)"', answer.text)
    action, start = press.groups()
    coordinator.post(action.replace("&amp;", "&"), {"start": start})
    draft = scenes.open_drafts(parts)[0]
    assert scenes.drafted(parts, draft.id)[one.id].starts == datetime(2026, 1, 28, 11)


def test_where_only_another_leader_would_do_the_press_changes_the_leader(parts, planned, coordinator):
    one = planned["alfama"]
    gone = (Absence(id_of("tiago.lopes"), datetime(2026, 1, 6), datetime(2026, 3, 1)),)
    with parts.store.write() as db:
        people.write_organisation(db, replace(people.EMPTY, absences=gone), today=parts.now().date())
    answer = coordinator.get(f"/week/why-not?session={one.id}&at=2026-01-28T03:00")
    leader = re.search(r'name="facilitator" value="([^"]*)"', answer.text)[1]
    assert leader in {id_of("marta.nogueira"), id_of("nadia.haddad")}
    assert "leading." in text(answer)


def test_nothing_is_moved_from_the_freeze_window_by_a_press(planned, coordinator):
    answer = coordinator.get(f"/week/why-not?session={planned['frozen'].id}&at=2026-01-28T12:30")
    assert answer.status_code == 200
    assert "Move it" not in answer.text


def test_a_start_of_the_grid_is_laid_on_the_half_hours_of_the_site(planned, coordinator):
    answer = coordinator.get(f"/week/why-not?session={planned['patan'].id}&at=2026-02-17T10:00")
    assert "Tue 17 February, 10:15" in text(answer)
    page = coordinator.get(f"/week?week=2026-W08&team={id_of('patan')}&session={planned['patan'].id}").text
    assert "<option>03:15</option>" in page


def test_who_may_not_ask_is_not_answered(planned, sign_in):
    path = f"/week/why-not?session={planned['alfama'].id}&at=2026-01-28T03:00"
    assert sign_in(Role.LEAD).get(path).status_code == 200
    assert sign_in(Role.LEAD).get(path.replace(planned["alfama"].id, planned["patan"].id)).status_code == 404
    assert sign_in(Role.EMPLOYEE).get(path).status_code == 404
    for role in (Role.FACILITATOR, Role.COACH):
        answer = sign_in(role).get(path)
        assert answer.status_code in (403, 404)
        assert "not at work" not in answer.text
    week = sign_in(Role.EMPLOYEE).get(f"/week?week=2026-W05&session={planned['alfama'].id}{NIGHT}")
    assert "Why not at another time?" not in week.text
    assert "Not Wed 28 January" not in week.text


def test_of_coaching_only_the_taken_time_is_told(planned, sign_in):
    """Neither the theme of Ana's coaching on 5 February, 14:00, nor her coach is told to who may not know."""
    coaching = planned["coaching"]
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD):
        visitor = sign_in(role)
        week = visitor.get(f"/week?week=2026-W06&team={id_of('alfama')}&session={coaching.id}&at=2026-02-05T10:00")
        assert "Why not at another time?" not in week.text
        assert "data-ask" not in re.search(rf'<a [^>]*data-session="{coaching.id}"[^>]*>', week.text)[0]
        assert visitor.get(f"/week/why-not?session={coaching.id}&at=2026-02-05T10:00").status_code == 404
        clash = visitor.get(f"/week/why-not?session={planned['skill'].id}&at=2026-02-05T14:00")
        assert THEME not in clash.text
        assert "Nadia" not in clash.text


def test_why_somebody_is_away_is_not_told(parts, planned, coordinator):
    """There is no reason of an absence to tell: the panel says only that somebody is not at work."""
    gone = (Absence(id_of("elif.kaya"), datetime(2026, 1, 28), datetime(2026, 1, 30)),)
    with parts.store.write() as db:
        people.write_organisation(db, replace(people.EMPTY, absences=gone), today=parts.now().date())
    answer = text(coordinator.get(f"/week/why-not?session={planned['alfama'].id}&at=2026-01-28T12:30"))
    assert "Elif Kaya is not at work for all of it." in answer
    assert "absen" not in answer.lower()


def test_counts_are_said_in_one_sentence() -> None:
    here = Here(
        "", "", "from Mon 5 January to Sun 1 February", 70, (("Otto free", 12), ("two to spare in Billing", 9)), 3
    )
    assert counts_words(here) == (
        "Everybody is at work at 70 starts from Mon 5 January to Sun 1 February: 12 with Otto free and 9 with two to "
        "spare in Billing; 3 with all of it."
    )
    assert counts_words(replace(here, left=0)).endswith("none with all of it.")
    assert counts_words(Here("", "")) == ""


# ---- an owed need


def test_an_owed_need_has_a_page_with_what_would_make_it_fit(parts, drawn, coordinator):
    one = next(o for o in owed_in(parts, drawn) if len(o.would_fit.splitlines()) > 1)
    listed = coordinator.get(f"/owed?draft={drawn}")
    assert listed.text.count("Why not at another time?") > 1
    page = coordinator.get(asked(one.need, drawn))
    said = text(page)
    assert one.reason in said
    assert all(fit in said for fit in one.would_fit.splitlines())
    assert "Each was tried on the plan as it was drawn" in said
    lines = coordinator.get(f"/owed.csv?draft={drawn}").text
    assert one.would_fit.replace("\n", " ") in lines


def test_an_owed_need_is_asked_about_for_any_half_hour(parts, drawn, coordinator):
    one = next(o for o in owed_in(parts, drawn) if o.person_id == id_of("helena.vaz"))
    said = text(coordinator.get(asked(one.need, drawn, "&on=2026-01-14&time=03:00")))
    assert "Not Wed 14 January, 03:00" in said
    assert "Helena Vaz is not at work for all of it." in said
    part = coordinator.get(asked(one.need, drawn, "&at=2026-01-14T03:00").replace("/owed/why?", "/owed/why-not?"))
    assert "<html" not in part.text
    assert "Helena Vaz is not at work for all of it." in text(part)
    assert coordinator.get(asked(one.need, drawn).replace("/owed/why?", "/owed/why-not?")).status_code == 422


def test_needs_that_are_not_owed_or_not_ours_are_not_there(parts, drawn, sign_in):
    theirs = next(o for o in owed_in(parts, drawn) if o.person_id == id_of("helena.vaz"))
    for path in (asked(theirs.need, drawn), asked(theirs.need, drawn, "&at=2026-01-14T03:00")):
        assert sign_in(Role.LEAD).get(path).status_code == 404
        assert sign_in(Role.EMPLOYEE).get(path).status_code == 404
    for odd in ("nobody/nothing/0", "", "x" * 500):
        assert sign_in(Role.COORDINATOR).get(asked(odd, drawn)).status_code == 404
    assert sign_in(Role.COORDINATOR).get(asked(theirs.need, "no-draft")).status_code == 404


def test_who_asked_for_coaching_is_not_told_by_why(parts, planned, sign_in, coordinator):
    asked_for = replace(planned.owed[0], person_id=id_of("ana.correia"), activity="coaching_conflict", need="asked/1")
    with parts.store.write() as db:
        plans.keep_owed(db, planned.draft_id, [*planned.owed, asked_for])
    assert "Coaching for conflict and limits" in coordinator.get("/owed/why?need=asked/1").text
    for role in (Role.LEAD, Role.ADMINISTRATOR):
        assert sign_in(role).get("/owed/why?need=asked/1").status_code == 404


def test_own_owed_needs_carry_no_question(planned, sign_in):
    """An employee reads why; what stands against a time would tell of others, so it is not asked there."""
    assert planned.owed
    assert "/owed/why" not in sign_in(Role.EMPLOYEE).get("/owed").text
