"""A draft's page: long lists fold, what blocks is gathered by session, a draft of another plan says so."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import edit_draft
from devsys.adapters.store.queries import accounts, plans, sessions
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.calendar import Status
from devsys.core.model.changes import differences
from devsys.core.policy import scope
from devsys.faces.web.diff_values import MOST_LISTED, MOST_SHOWN, diff
from devsys.faces.web.session_values import names
from tests.builders import a_session, id_of
from tests.web import scenes

COORDINATOR = Viewer(id_of("olivia.brandt"), "Olivia Brandt", (Grant(Role.COORDINATOR),))


@pytest.fixture
def planned(parts, organisation):
    assert organisation.people
    return scenes.plan_and_publish(parts)


@pytest.fixture
def coordinator(sign_in):
    return sign_in(Role.COORDINATOR)


@pytest.fixture
def known(app, parts, organisation):
    """The names of Northgate, in a request."""
    assert organisation.people
    scenes.adopt_shipped(parts)
    with app.test_request_context():
        with parts.store.read() as db:
            found = names(db)
        yield found


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def told(known, before, after, viewer=COORDINATOR, **more):
    return diff(differences(before, after), known, viewer, scope(viewer, "draft", "read"), **more)


def test_a_long_list_shows_the_first_folds_the_rest_and_counts_what_is_beyond(known):
    new = [a_session(f"new-{i}", starts=datetime(2026, 1, 20, 8) + timedelta(hours=i)) for i in range(MOST_LISTED + 5)]
    table = told(known, [], new).new
    assert (len(table.rows), len(table.folded), table.beyond) == (MOST_SHOWN, MOST_LISTED - MOST_SHOWN, 5)
    assert table.count == MOST_LISTED + 5
    assert len(told(known, [], new).all) == MOST_LISTED + 5


def test_moved_changed_new_and_cancelled_stand_apart(known):
    before = [a_session(code) for code in ("moved", "led", "gone")]
    later = before[0].starts + timedelta(hours=1)
    after = [
        replace(before[0], starts=later, starts_utc=before[0].starts_utc + timedelta(hours=1), cause="room taken"),
        replace(before[1], facilitator_id=id_of("tiago.lopes")),
        replace(before[2], status=Status.CANCELLED),
        a_session("new"),
    ]
    found = told(known, before, after, cause="spring plan")
    moved, altered, new, cancelled = (
        table.rows[0] for table in (found.moved, found.altered, found.new, found.cancelled)
    )
    assert (moved.old, moved.new, moved.cause) == ("Tue 20 Jan, 14:00", "Tue 20 Jan, 15:00", "room taken")
    assert (altered.old, altered.new) == ("", "Tue 20 Jan, 14:00: led by Tiago Lopes")
    assert (new.old, new.new, new.cause) == ("", "Tue 20 Jan, 14:00", "spring plan")
    assert (cancelled.old, cancelled.new) == ("Tue 20 Jan, 14:00", "")
    assert (found.changes, found.people) == (4, 5)
    assert moved.who == "Billing Alfama · 3"


def test_who_leads_a_session_sees_its_change_and_no_other(known):
    mine, other = a_session("mine", facilitator="tiago.lopes"), a_session("other", facilitator="marta.nogueira")
    tiago = Viewer(id_of("tiago.lopes"), "Tiago Lopes", (Grant(Role.FACILITATOR),))
    found = told(known, [], [mine, other], viewer=tiago)
    assert [row.session_id for row in found.all] == [mine.id]


def test_a_change_of_coaching_names_no_theme(known):
    session = a_session("talk", activity="coaching_calls", people=("ana.correia",), cause="series moved")
    lead = Viewer(id_of("marta.nogueira"), "Marta Nogueira", (Grant(Role.LEAD, id_of("alfama")),))
    for viewer, cause in ((COORDINATOR, "series moved"), (lead, "")):
        row = told(known, [], [replace(session, facilitator_id=id_of("nadia.haddad"))], viewer=viewer).all[0]
        assert (row.title, row.cause) == ("1:1 development", cause)


def test_what_blocks_is_gathered_by_session(parts, planned, coordinator):
    """Three people and their facilitator are not there at five in the morning: one line, the way to the week."""
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of("olivia.brandt"))
    done = edit_draft.move(parts, viewer, None, planned["alfama"].id, datetime(2026, 1, 27, 5), cause="early birds")
    page = coordinator.get(f"/drafts/{done.draft_id}")
    shown = text(page)
    broken = int(re.search(r"(\d+) rules are broken by what it changes", shown)[1])
    assert broken >= 4
    assert page.text.count("Show it") == 1
    assert f"And {broken - 3} more." in shown
    assert f"session={planned['alfama'].id}" in page.text
    assert f'action="/drafts/{done.draft_id}/publish"' not in page.text


def test_a_draft_of_an_earlier_plan_asks_to_compare_first(parts, planned, coordinator):
    with parts.store.write() as db:
        horizon = plans.latest(db).horizon
        plans.new_draft(db, id_of("old"), horizon=horizon, by_id=None, cause="", now=parts.now(), base=0)
        sessions.lay_into_draft(db, id_of("old"), [replace(planned["belem"], room_id=id_of("mewa"))], parts.now())
    page = coordinator.get(f"/drafts/{id_of('old')}")
    assert "Another plan was published meanwhile." in page.text
    assert f'action="/drafts/{id_of("old")}/compare"' in page.text
    assert f'action="/drafts/{id_of("old")}/publish"' not in page.text
    assert "made on an earlier plan: compare again" in text(coordinator.get("/plans"))
