"""One site judged alone says of its sessions what judging the whole organisation says of them."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import brief_here, explain_session, list_issues, publish_plan, repair_absence
from devsys.actions.repair_absence import About
from devsys.adapters.store.queries import near, people, sessions
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Place
from devsys.core.model.people import Absence, Emergency
from devsys.faces.web import one_site
from tests.bench import large_house
from tests.bench.large_house import Size
from tests.builders import a_draft, id_of

SITES = (id_of("site 0"), id_of("site 1"))
MONDAY = datetime(2026, 1, 19)


@pytest.fixture
def house(parts, organisation):
    """Two sites with three weeks of rounds; somebody who leads at one and somebody who comes at the other are away."""
    assert organisation.people
    size = Size(sites=2, teams=10, leading=2, weeks=3)
    large_house.settle(parts, size)
    draft = a_draft(parts, *large_house.sessions_of(size), code="all")
    publish_plan.publish(parts, draft, by_id=id_of("olivia.brandt"))
    news = people.only(
        absences=(
            Absence(id_of("lead 0 0"), MONDAY, MONDAY + timedelta(days=9)),
            Absence(id_of("p 1 3 0"), MONDAY, MONDAY + timedelta(days=12)),
        ),
        emergencies=(Emergency(id_of("queue 1 0"), MONDAY, MONDAY + timedelta(days=1), 190),),
    )
    with parts.store.write() as db:
        people.write_organisation(db, people.only(absences=news.absences), today=parts.now().date())
        people.write_emergencies(db, news.emergencies)
    return parts


def said(parts, site_id=""):
    """Give the issues as what they are about: level, kind, who, sessions, words."""
    found = list_issues.issues(parts, None, site_id).found
    return {(i.level, i.kind, i.who, tuple(i.sessions), i.words) for i in found}


def test_the_issues_of_all_sites_are_the_issues_of_the_whole(house):
    whole, each = said(house), [said(house, site) for site in SITES]
    assert whole == each[0] | each[1]
    assert not each[0] & each[1]
    assert {kind for _, kind, *_ in each[0]} == {"facilitator"}
    assert {kind for _, kind, *_ in each[1]} == {"at_work", "coverage"}


def test_a_repair_of_one_site_is_the_repair_of_the_whole(house):
    who = id_of("lead 0 0")
    whole, here = (repair_absence.look(house, About(person_id=who, site_id=site)) for site in ("", SITES[0]))
    assert len(here.affected) > 1
    assert [(a.session.id, [c.way for c in a.choices]) for a in here.affected] == [
        (a.session.id, [c.way for c in a.choices]) for a in whole.affected
    ]
    settled = repair_absence.settle(here)
    assert not settled.blocking
    assert {d.after.id for d in settled.differences} == {a.session.id for a in here.affected}
    assert not repair_absence.look(house, About(person_id=who, site_id=SITES[1])).affected


def test_the_brief_of_a_site_holds_no_more_than_the_site(house):
    with house.store.read() as db:
        each = [repair_absence.brief_of(db, site, house.now()) for site in SITES]
        whole = repair_absence.brief_of(db, "", house.now())
        staffed = [near.organisation_at(db, site) for site in SITES]
    assert [{s.site_id for s in one.published} for one in each] == [{site} for site in SITES]
    assert sum(len(one.published) for one in each) == len(whole.published)
    assert [len(one.organisation.people) for one in each] == [202, 202]
    assert [len(one.people) for one in staffed] == [202, 202]
    assert len(whole.organisation.people) > 404


def test_only_a_large_organisation_is_looked_at_by_site(house, app, monkeypatch):
    viewer = Viewer(id_of("p 0 0 0"), "Rita", (), team_id=id_of("team 0 0"))
    with app.test_request_context("/issues?site=" + SITES[1]), house.store.read() as db:
        assert one_site.one_site(db, viewer).id == ""
        monkeypatch.setattr(one_site, "WHOLE_PEOPLE", 100)
        assert one_site.one_site(db, viewer).id == SITES[1]
        assert one_site.one_site(db, viewer, "nowhere").id == SITES[0]


def test_why_a_session_is_here_is_said_of_its_site_as_of_the_whole(house, monkeypatch):
    """Also as a draft has it, in which people of elsewhere come and somebody of elsewhere leads."""
    with house.store.read() as db:
        some = [s for s in sessions.published(db) if s.site_id == SITES[0]]
    away = next(s for s in some if s.facilitator_id == id_of("lead 0 0"))
    guests = (Place(id_of("p 1 2 0")), Place(id_of("p 1 2 1")))
    draft = a_draft(
        house,
        replace(some[3], places=(*some[3].places, *guests), facilitator_id=id_of("lead 1 1")),
        replace(some[9], starts=some[3].starts, starts_utc=some[3].starts_utc, facilitator_id=id_of("lead 1 1")),
        code="guests",
    )
    other = datetime(2026, 1, 21, 10)

    def said(draft_id, session_id):
        return (
            explain_session.explain(house, None, draft_id, session_id),
            explain_session.ask(house, None, draft_id, session_id, other),
        )

    asked = [(None, away.id), (None, some[3].id), (draft, some[3].id), (draft, some[9].id), (draft, some[20].id)]
    whole = [said(*one) for one in asked]
    assert all(explained and answer for explained, answer in whole)
    assert whole[1] != whole[2]
    monkeypatch.setattr(brief_here, "WHOLE_PEOPLE", 100)
    assert [said(*one) for one in asked] == whole
