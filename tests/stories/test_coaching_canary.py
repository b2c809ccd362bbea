"""Marked words in requests, plans and notes: found by the two they belong to, and nowhere else, for every role."""

import logging
import re

import pytest

from devsys.actions import adopt_programme, api_tokens, rotate_feed, send_letters, tend_coaching
from devsys.adapters.store.queries import accounts, audit, coaching_plans, observations, own_data
from devsys.app import routes
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.access import Role
from devsys.core.model.tokens import SCOPES
from tests.builders import id_of
from tests.stories import coaching as play
from tests.stories.coaching import ANA, ASKED, BRUNO, NADIA, of_person, plan_of, request_of

SEEN = "CANARY-SEEN"
SHARED = (
    "CANARY-HOPE",
    "CANARY-GOAL",
    "CANARY-BASELINE",
    "CANARY-MEASURE",
    "CANARY-MID",
    "CANARY-STEP",
    "CANARY-NOTE",
    SEEN,
)
PRIVATE = "CANARY-PRIVATE"
DRAFT = "CANARY-DRAFT"
BACK = "/coaching/observations/<observation_id>/back"  # takes away what is looked for
EVERY = (*SHARED, PRIVATE, DRAFT)


@pytest.fixture
def planted(store, sign_in, parts, organisation):
    """A plan that runs between Ana and Nadia, and a draft of Bruno's, every word of them marked."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    play.accounts_for(store, "bruno.matos", "catarina.leal")
    ana, nadia, bruno = sign_in(Role.EMPLOYEE), sign_in(Role.COACH), sign_in("bruno.matos")
    ana.post("/coaching", ASKED | {"hope": "CANARY-HOPE"})
    play.accept(ana, store)
    request = request_of(store)
    play.agree(nadia, store)
    plan = plan_of(store)
    page = f"/coaching/plans/{plan.id}"
    words = {name: f"CANARY-{name.upper()}" for name in ("goal", "baseline", "measure", "mid")}
    assert ana.post(f"{page}/words", words).status_code == 303
    ana.post(f"{page}/notes", {"does": "step", "step": "CANARY-STEP"})
    nadia.post(f"{page}/notes", {"does": "note", "text": "CANARY-NOTE"})
    nadia.post(f"{page}/own", {"text": PRIVATE})
    nadia.post("/coaching/observations", {"whom": f"{ANA}:", "listen": SEEN})
    bruno.post("/coaching", {"does": "keep", "hope": DRAFT})
    return request, plan


@pytest.fixture
def organisation(store):
    return play.ready(store)


def everything(app, visitor, request, plan, sessions):
    """Give all that a visitor can fetch, every address with what can be filled in, as one text by address."""
    with app.extensions["devsys"].store.read() as db:
        seen = observations.of_person(db, ANA)[0].id
    values = {
        "observation_id": seen,
        "request_id": request.id,
        "plan_id": plan.id,
        "session_id": sessions[0].id,
        "person_id": ANA,
        "number": "1",
        "code": "coaching",
        "activity": "coaching_calls",
        "kind": "people",
        "filename": "devsys.css",
    }
    here = app.extensions["devsys"]
    with here.store.read() as db:
        viewer = accounts.viewer_of(db, visitor.person_id)
    bearer = {"Authorization": f"Bearer {api_tokens.make(here, viewer, api_tokens.Wanted('all', SCOPES, 30))}"}
    for method, rule, endpoint, _ in routes(app):
        if endpoint in ("static", "signin.sign_out"):
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: values.get(m[1], plan.id), rule)
        if method == "GET" and rule.startswith("/api/"):
            answer = visitor.get(address, headers=bearer)
            assert answer.status_code != 401
        elif method == "GET":
            answer = visitor.get(address)
        elif (
            "/coaching" in rule
            and "leave" not in rule
            and "finish" not in rule
            and "withdraw" not in rule
            and rule != BACK
        ):
            answer = visitor.post(address, {"does": "nothing", "line": "x"})
        else:
            continue
        yield f"{method} {rule}", answer.get_data().decode("utf-8", "replace")
        answer.close()


MAY = {
    Role.ADMINISTRATOR: (),
    Role.COORDINATOR: (),
    Role.LEAD: (),
    Role.FACILITATOR: (),
    Role.ASSESSOR: (),
    "catarina.leal": (),
    "bruno.matos": (DRAFT,),
    Role.EMPLOYEE: SHARED,
    Role.COACH: (*SHARED, PRIVATE),
}


GROUPS = (tuple(MAY)[:3], tuple(MAY)[3:7], tuple(MAY)[7:])


@pytest.mark.parametrize("group", GROUPS)
def test_marked_words_are_found_by_the_two_alone(app, planted, sign_in, group, caplog):
    caplog.set_level(logging.DEBUG)
    request, plan = planted
    sessions = of_person(app.extensions["devsys"].store)
    for who, may in ((who, MAY[who]) for who in group):
        found: dict[str, set[str]] = {}
        for address, text in everything(app, sign_in(who), request, plan, sessions):
            for word in EVERY:
                if word in text:
                    found.setdefault(word, set()).add(address)
        assert not [a for where in found.values() for a in where if "/api/" in a]  # nothing of it is the API's
        assert set(found) <= set(may), (who, {w: a for w, a in found.items() if w not in may})
        if who == Role.EMPLOYEE:  # what is one's own is found: on the page of the plan, and in one's own file
            assert set(found) == set(SHARED)
            assert found["CANARY-NOTE"] >= {"GET /coaching/plans/<plan_id>", "GET /account/data.json"}
        if who == Role.COACH:
            assert found[PRIVATE] >= {"GET /coaching/plans/<plan_id>/own", "GET /account/data.json"}
            assert "GET /coaching/plans/<plan_id>" not in found[PRIVATE]
    assert not [r for r in caplog.records if "CANARY" in r.getMessage()]


def test_marked_words_leave_by_no_letter_no_feed_and_lie_in_no_file(planted, parts, clock, sign_in):
    store = parts.store
    _, plan = planted
    with store.read() as db:
        viewers = {p: accounts.viewer_of(db, p) for p in (ANA, NADIA)}
    addresses = [
        rotate_feed.make(parts, viewers[p], rotate_feed.Wanted(FeedKind.PERSON, p, "Phone")) for p in (ANA, NADIA)
    ]
    browser = sign_in(Role.EMPLOYEE)
    for secret in addresses:
        body = browser.get(f"/feed/{secret}.ics").get_data(as_text=True)
        assert "CANARY" not in body
    clock.now = of_person(store)[-1].starts_utc
    tend_coaching.tend(parts)
    with store.write() as db:
        from devsys.adapters.store.queries import house

        house.set_fact(db, house.DEMO, "1")
    send_letters.send_letters(parts)
    with store.read() as db:
        from sqlalchemy import text

        letters = db.execute(text("SELECT subject, text FROM letter")).all()
    assert len(letters) >= 2
    assert not [one for one in letters if "CANARY" in f"{one}"]
    assert not [one for one in letters if "oaching for" in one[0] or "calls" in one[0]]  # no theme in a subject
    with store.read() as db:
        assert not [act for act in audit.acts(db) if "CANARY" in f"{act}"]
        assert not any(
            "CANARY" in f"{kept}" for kept in own_data.everything_about(db, BRUNO) if kept.table != "coaching_request"
        )
    if store.file is not None:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"CANARY" not in store.file.read_bytes()
    assert plan


def test_a_lead_sees_the_time_away_and_nothing_else(planted, sign_in, store):
    _, plan = planted
    lead = sign_in(Role.LEAD)
    session = of_person(store)[0]
    week = f"{session.starts.isocalendar().year}-W{session.starts.isocalendar().week:02d}"
    for path in (
        "/",
        f"/week?week={week}",
        f"/month?month={session.starts:%Y-%m}",
        f"/sessions/{session.id}",
        f"/people/{ANA}",
        "/plans/log?kind=new",
        "/plans/log.csv?kind=new",
        "/ledger",
    ):
        page = lead.get(path)
        shown = page.get_data(as_text=True).split("<main", 1)[-1]
        assert "Coaching for calls" not in shown, path
        assert plan.id not in shown, path
        if page.status_code == 200:
            assert "Nadia Haddad" not in shown or path in ("/", f"/week?week={week}", "/ledger"), path


def test_the_subjects_list_names_who_read_and_nobody_elses_does(planted, sign_in, store):
    _, plan = planted
    nadia = sign_in(Role.COACH)
    nadia.get(f"/coaching/plans/{plan.id}")
    assert "read coaching plan" in sign_in(Role.EMPLOYEE).get("/log").text
    assert "read coaching plan" not in sign_in("bruno.matos").get("/log").text
    with store.read() as db:
        assert coaching_plans.of_two(db, plan.id, BRUNO) is None
        assert coaching_plans.coached_by(db, plan.id, id_of("tiago.lopes")) is None
