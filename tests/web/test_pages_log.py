"""The change log: a line for each publish and each change, its filters in the address, and only what one may see."""

import csv
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.core.model.access import Role
from devsys.core.model.calendar import Place, Status
from tests import builders
from tests.builders import id_of
from tests.web.scenes import adopt_shipped

TITLE = "Case round"


@pytest.fixture
def history(parts, organisation, clock):
    """Four versions: two sessions new; one moved; one with other people; one cancelled for the queue."""
    assert organisation.people
    adopt_shipped(parts)
    one = builders.a_session("one")
    two = builders.a_session(
        "two",
        people=("goncalo.reis", "helena.vaz"),
        team="belem",
        room="tejo",
        facilitator="tiago.lopes",
        starts=datetime(2026, 1, 22, 10),
    )
    talk = builders.a_session(
        "talk",
        activity="coaching_calls",
        people=("bruno.matos",),
        facilitator="nadia.haddad",
        room=None,
        team=None,
        starts=datetime(2026, 1, 21, 10),
    )
    builders.publish_now(parts, one, two, talk, code="1")
    clock.move(days=1)
    moved = replace(
        one,
        starts=one.starts + timedelta(hours=1),
        starts_utc=one.starts_utc + timedelta(hours=1),
        cause="room changed",
        sequence=1,
    )
    builders.publish_now(
        parts,
        moved,
        replace(
            talk,
            starts=talk.starts + timedelta(days=1),
            starts_utc=talk.starts_utc + timedelta(days=1),
            cause="asked by the person",
        ),
        code="2",
    )
    clock.move(days=1)
    builders.publish_now(parts, replace(moved, places=moved.places[:-1], cause="somebody cannot come"), code="3")
    clock.move(days=1)
    builders.publish_now(parts, replace(two, status=Status.CANCELLED, cause="for the queue"), code="4")
    return one, two, talk


def lines(visitor, **asked):
    """Give (version, change, what, cause) of the file."""
    answer = visitor.get("/plans/log.csv", query_string=asked)
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    return [(int(r["version"]), r["change"], r["session"], r["cause"]) for r in rows]


@pytest.mark.usefixtures("history")
def test_every_publish_and_every_change_has_its_line_newest_first(sign_in):
    found = lines(sign_in(Role.COORDINATOR))
    assert [(n, change, cause) for n, change, _, cause in found] == [
        (4, "published", "first plan"),
        (4, "cancelled", "for the queue"),
        (3, "published", "first plan"),
        (3, "changed", "somebody cannot come"),
        (2, "published", "first plan"),
        (2, "moved", "room changed"),
        (2, "moved", "asked by the person"),
        (1, "published", "first plan"),
    ]
    every = lines(sign_in(Role.COORDINATOR), kind=["published", "new", "moved", "altered", "cancelled"])
    assert len(every) == len(found) + 3
    assert [change for n, change, *_ in every if n == 1] == ["published", "new", "new", "new"]


@pytest.mark.usefixtures("history")
def test_filters_are_in_the_address_and_hold_together(sign_in):
    visitor = sign_in(Role.COORDINATOR)
    assert [n for n, *_ in lines(visitor, kind="moved")] == [2, 2]
    assert [n for n, *_ in lines(visitor, cause="QUEUE")] == [4]
    assert lines(visitor, cause="100%") == []
    assert {n for n, *_ in lines(visitor, **{"from": "2026-01-07", "to": "2026-01-07"})} == {3}
    assert [n for n, *_ in lines(visitor, team=id_of("belem"))] == [4]
    assert {n for n, *_ in lines(visitor, activity="coaching")} == {2}
    assert lines(visitor, by="devsys") == []
    assert len(lines(visitor, by=id_of("olivia.brandt"))) == 8
    page = visitor.get("/plans/log?kind=moved&cause=room").text
    assert "room changed" in page
    assert 'value="room"' in page
    assert "for the queue" not in page


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    "odd",
    [
        "from=never",
        "to=9999-99-99",
        "kind=all",
        "team=nobody",
        "activity=%00",
        "page=-1",
        "page=99999",
        "by=%00",
        "cause=" + "x" * 500,
        "page=1e3",
    ],
)
def test_an_odd_address_opens_all_the_same(sign_in, odd):
    assert sign_in(Role.COORDINATOR).get(f"/plans/log?{odd}").status_code == 200


def test_each_line_opens_its_difference(sign_in, history):
    one, *_ = history
    visitor = sign_in(Role.COORDINATOR)
    found = re.findall(r'href="(/plans/versions/2\?session=[^"]+)"', visitor.get("/plans/log?kind=moved").text)
    assert f"/plans/versions/2?session={one.id}" in found
    page = visitor.get(f"/plans/versions/2?session={one.id}").text
    assert page.count('<td class="k"') == 1
    assert "room changed" in page
    assert "asked by the person" not in page


@pytest.mark.usefixtures("history")
def test_a_lead_sees_what_concerns_their_teams_and_no_theme_of_coaching(sign_in, parts):
    found = lines(sign_in(Role.LEAD), kind=["moved", "altered", "cancelled"])
    assert [(n, change) for n, change, *_ in found] == [(3, "changed"), (2, "moved"), (2, "moved")]
    talk = next(line for line in found if line[2] == "1:1 development")
    assert talk[3] == ""  # why a coaching time changed is for who matches requests
    assert lines(sign_in(Role.LEAD), kind="moved", cause="asked") == []
    assert sign_in(Role.LEAD).get(f"/plans/log?team={id_of('belem')}").status_code == 200
    assert parts.settings


@pytest.mark.usefixtures("history")
def test_who_may_not_see_versions_sees_no_log(sign_in):
    assert sign_in(Role.EMPLOYEE).get("/plans/log").status_code == 404
    assert sign_in(Role.EMPLOYEE).get("/plans/log.csv").status_code == 404


def test_an_empty_log_says_why(sign_in):
    assert "Nothing is published yet" in sign_in(Role.COORDINATOR).get("/plans/log").text


def test_a_person_who_was_taken_off_still_counts_as_concerned(sign_in, parts, organisation):
    assert organisation.people
    adopt_shipped(parts)
    both = builders.a_session("both", people=("ana.correia", "goncalo.reis"), team=None)
    builders.publish_now(parts, both, code="1")
    builders.publish_now(parts, replace(both, places=(Place(id_of("goncalo.reis")),)), code="2")
    assert [n for n, *_ in lines(sign_in(Role.LEAD), kind="altered")] == [2]
