"""One's own pages: what changed, the year, all that is held, and what a phone installs."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import answer_session, rotate_feed
from devsys.actions.rotate_feed import Wanted
from devsys.adapters.store.queries import accounts, own_data, sessions
from devsys.adapters.store.tables.all import metadata
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.access import Role
from devsys.core.model.calendar import Status
from devsys.core.model.causes import FACILITATOR_CHANGED
from devsys.core.model.hours import instant
from tests.builders import id_of
from tests.web import scenes

ANA, BRUNO = id_of("ana.correia"), id_of("bruno.matos")


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def ana(sign_in):
    return sign_in(Role.EMPLOYEE)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def move(parts, session, day, hour, **more):
    """Publish another time for a session, a day after the plan."""
    now = parts.clock.move(days=1)
    starts = datetime(2026, 2, day, hour)
    moved = replace(
        session,
        starts=starts,
        starts_utc=instant(starts, session.zone),
        sequence=session.sequence + 1,
        changed=now,
        **more,
    )
    scenes.add_published(parts, moved)
    return moved


def test_the_next_session_can_be_answered_from_home(planned, ana):
    page = ana.get("/")
    assert f'href="/sessions/{planned["boundaries"].id}/answer"' in page.text
    assert "I can\u2019t come" in text(page)


def test_a_move_is_told_with_its_cause_until_it_fits(parts, planned, sign_in):
    move(parts, planned["skill"], 4, 13, cause=FACILITATOR_CHANGED)
    ana = sign_in(Role.EMPLOYEE)
    page = ana.get("/")
    assert "<del>Tue 3 February, 13:00\u201314:00</del> <b>Wed 4 February, 13:00\u201314:00" in page.text
    assert "Facilitator changed." in text(page)
    assert ana.post(f"/sessions/{planned['skill'].id}/answer", {"says": "yes"}).status_code == 303
    assert "<del>" not in ana.get("/").text


def test_a_cancelled_session_is_told_as_owed(parts, planned, sign_in):
    now = parts.clock.move(days=1)
    scenes.add_published(
        parts,
        replace(planned["skill"], status=Status.CANCELLED, sequence=1, changed=now, cause="for the queue"),
    )
    page = text(sign_in(Role.EMPLOYEE).get("/"))
    assert "You are owed another date" in page
    assert "For the queue." in page


def test_what_somebody_left_themselves_is_not_told(parts, planned, sign_in):
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, ANA)
    dates = answer_session.look(parts, viewer, planned["coaching"].id).dates
    parts.clock.move(days=1)
    answer_session.decline(parts, viewer, planned["coaching"].id, date=dates[0].key)
    page = text(sign_in(Role.EMPLOYEE).get("/"))
    assert "My development" in page
    assert "Changed for you" not in page


def test_the_year_counts_what_was_held_and_what_comes(parts, planned, sign_in):
    parts.clock.now = planned["boundaries"].ends_utc + timedelta(days=1)
    with parts.store.write() as db:
        sessions.mark_attendance(db, planned["boundaries"].id, {ANA: True}, None, parts.now())
    ana = sign_in(Role.EMPLOYEE)
    page = text(ana.get("/development/year"))
    assert "Ana Correia: 2 hours held, 2.5 to come" in page
    assert "January 2" in page
    assert "you were there" in page
    assert "Nothing of yours stands in 2025." in text(ana.get("/development/year?year=2025"))
    for odd in ("0", "99999", "x", "-1", "\u0661\u0662\u0663\u0664"):
        assert "My development in 2026" in text(ana.get(f"/development/year?year={odd}"))


@pytest.mark.usefixtures("planned")
def test_my_data_names_every_table_with_a_person(ana):
    answer = ana.get("/account/data.json")
    held = json.loads(answer.data)
    named = {name for name, table in metadata.tables.items() if table.info["person"]}
    assert set(held["tables"]) == named
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(held["tables"]["place"]["rows"]) == 4
    assert {row["revision.activity"] for row in held["tables"]["place"]["rows"]} >= {"hear_fully"}
    assert held["tables"]["person"]["rows"][0]["name"] == "Ana Correia"
    page = text(ana.get("/account/data"))
    assert "Your places in sessions 4" in page


def test_my_data_holds_nobody_else_and_no_secret(parts, planned, ana):
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, ANA)
    rotate_feed.make(parts, viewer, Wanted(FeedKind.PERSON, ANA, "Phone"))
    with parts.store.read() as db:
        about = {one.table: one for one in own_data.everything_about(db, ANA)}
    assert about["feed"].rows[0]["token_hash"] == own_data.WITHHELD
    assert about["sign_in"].rows[0]["id_hash"] == own_data.WITHHELD
    assert about["account"].rows[0]["password_hash"] == ""
    text_ = ana.get("/account/data.json").text
    assert BRUNO not in text_
    assert "Bruno" not in text_
    assert planned.sessions


def test_a_phone_finds_what_it_installs(client):
    page = client.get("/sign-in").text
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    said = json.loads(client.get("/manifest.webmanifest").data)
    assert (said["start_url"], said["display"]) == ("/", "standalone")
    for icon in said["icons"]:
        with client.get(icon["src"]) as answer:
            assert answer.status_code == 200
            assert answer.mimetype == icon["type"]
