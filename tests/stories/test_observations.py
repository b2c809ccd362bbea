"""Cards by principle: who may note one, who reads it first, whom it is shared with; nobody else finds a word of it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from devsys.actions import adopt_programme, demo_observations, tidy_up
from devsys.adapters.store.queries import coaching_plans, observations, sessions
from devsys.adapters.store.tables.observations import ObservationRow
from devsys.core.model.access import Role
from devsys.core.model.coaching import Course, Plan
from devsys.core.model.programme import Principle
from tests import builders
from tests.builders import id_of
from tests.stories import coaching as play
from tests.stories.coaching import ANA, BRUNO, NADIA, TIAGO, text_of

CARDS = "/coaching/observations"
CONTACT = {"whom": f"{ANA}:", "listen": "CANARY-LISTEN let her finish.", "own": "CANARY-OWN gave a day."}
OTHERS = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.LEAD, Role.ASSESSOR, "bruno.matos")


@pytest.fixture
def organisation(store):
    return play.ready(store)


@pytest.fixture
def session(parts, organisation, clock):
    """A case round that Tiago led an hour ago, Catarina marked absent."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    play.accounts_for(parts.store, "bruno.matos")
    made = builders.a_session(facilitator="tiago.lopes")
    builders.publish_now(parts, made)
    clock.now = made.starts_utc + timedelta(hours=2)
    with parts.store.write() as db:
        sessions.mark_attendance(db, made.id, {id_of("catarina.leal"): False}, TIAGO, clock.now)
    return made


def coach(store, clock, coach_id=NADIA, person_id=ANA, state=Course.RUNNING):
    """Let a plan of two people run."""
    plan = Plan(
        id=f"plan-{coach_id[:6]}",
        person_id=person_id,
        coach_id=coach_id,
        activity="coaching_calls",
        state=state,
        series_id="",
        begun=clock.now,
        ended=None,
        look_back=None,
        series=(),
    )
    with store.write() as db:
        coaching_plans.keep(db, plan)
    return plan


def cards_of(store, person_id=ANA):
    with store.read() as db:
        return observations.of_person(db, person_id)


def test_a_coach_notes_and_the_observed_person_reads(session, sign_in, store, clock):
    coach(store, clock)
    assert session
    nadia, ana = sign_in(Role.COACH), sign_in(Role.EMPLOYEE)
    form = nadia.get(f"{CARDS}/new?whom={ANA}")
    assert f'value="{ANA}:" selected' in form.text
    assert "/coaching/observations/new" in nadia.get("/coaching/desk").text
    assert nadia.post(CARDS, CONTACT).status_code == 303
    (seen,) = cards_of(store)
    assert (seen.author_id, seen.session_id, seen.shared_id) == (NADIA, None, None)
    assert "There is a card about what somebody saw you do" in text_of(ana.get("/coaching"))
    assert "CANARY" not in ana.get("/coaching").text + ana.get(CARDS).text
    page = text_of(ana.get(f"{CARDS}/{seen.id}"))
    assert "Hear fully CANARY-LISTEN let her finish. Own it to the end CANARY-OWN gave a day. Who reads it" in page
    assert "Explain clearly" not in page
    assert "read observation" not in ana.get("/log").text
    assert "CANARY-OWN" in nadia.get(f"{CARDS}/{seen.id}").text
    assert "read observation" in ana.get("/log").text


def test_who_led_a_session_notes_of_those_who_were_there(session, sign_in, store):
    tiago = sign_in(Role.FACILITATOR)
    assert f"new?session={session.id}" in tiago.get(f"/sessions/{session.id}").text
    page = tiago.get(f"{CARDS}/new?session={session.id}").text
    assert f'value="{BRUNO}:{session.id}"' in page
    assert "Catarina" not in page.split("<main", 1)[1]
    assert tiago.post(CARDS, {"whom": f"{BRUNO}:{session.id}", "question": "Asked what for."}).status_code == 303
    (seen,) = cards_of(store, BRUNO)
    assert (seen.author_id, seen.session_id, seen.day) == (TIAGO, session.id, session.starts.date())
    for whom in (
        f"{id_of('catarina.leal')}:{session.id}",
        f"{BRUNO}:",
        f"{TIAGO}:{session.id}",
        "x\x00",
        "",
        "9" * 300,
    ):
        assert tiago.post(CARDS, {"whom": whom, "question": "Asked what for."}).status_code == 422
    assert len(cards_of(store, BRUNO)) == 1


def test_a_coach_notes_only_of_whom_they_coach_now(session, sign_in, store, clock):
    assert session
    nadia = sign_in(Role.COACH)
    assert nadia.post(CARDS, CONTACT).status_code == 422
    coach(store, clock, state=Course.FINISHED)
    assert nadia.post(CARDS, CONTACT).status_code == 422
    coach(store, clock)
    assert nadia.post(CARDS, CONTACT | {"listen": " ", "own": ""}).status_code == 422
    assert nadia.post(CARDS, CONTACT | {"day": "2025-01-01"}).status_code == 422
    assert nadia.post(CARDS, CONTACT | {"day": "2026-01-21"}).status_code == 422
    assert nadia.post(CARDS, CONTACT | {"own": "x" * 20_000}).status_code == 422
    assert not cards_of(store)
    assert nadia.post(CARDS, CONTACT | {"day": "2026-01-19"}).status_code == 303
    for role in (Role.EMPLOYEE, Role.COORDINATOR, Role.ADMINISTRATOR):
        assert sign_in(role).post(CARDS, CONTACT).status_code == 404
    assert sign_in(Role.LEAD).post(CARDS, CONTACT).status_code == 422  # leads sessions too, but none that Ana came to


def test_the_observed_person_alone_shares_it_with_their_present_coach(session, sign_in, store, clock):
    tiago, nadia, ana = sign_in(Role.FACILITATOR), sign_in(Role.COACH), sign_in(Role.EMPLOYEE)
    tiago.post(CARDS, {"whom": f"{ANA}:{session.id}", "explain": "CANARY-EXPLAIN"})
    (seen,) = cards_of(store)
    path = f"{CARDS}/{seen.id}"
    assert ana.post(f"{path}/share", {"does": "share"}).status_code == 409
    plan = coach(store, clock)
    assert nadia.get(path).status_code == 404
    for visitor in (
        tiago,
        nadia,
    ):  # one may not write into anybody's coaching, the other finds nothing or may not share
        assert visitor.post(f"{path}/share", {"does": "share"}).status_code == 404
    assert "Share it with Nadia Haddad" in text_of(ana.get(path))
    assert ana.post(f"{path}/share", {"does": "share"}).status_code == 303
    assert "CANARY-EXPLAIN" in nadia.get(path).text
    assert path in nadia.get(CARDS).text
    assert ana.get("/log").text.count(">read observation</th>") == 1
    assert ana.post(f"{path}/share", {"does": "keep"}).status_code == 303
    assert nadia.get(path).status_code == 404
    ana.post(f"{path}/share", {"does": "share"})
    with store.write() as db:  # whoever coaches no more reads no more
        coaching_plans.keep(db, Plan(**{**{f: getattr(plan, f) for f in Plan.__slots__}, "state": Course.LEFT}))
    assert nadia.get(path).status_code == 404
    assert nadia.post(f"{path}/back").status_code == 404
    assert tiago.post(f"{path}/back").status_code == 303
    assert not cards_of(store)


def test_marked_words_are_found_by_nobody_else(session, sign_in, store, clock):
    coach(store, clock)
    sign_in(Role.COACH).post(CARDS, CONTACT)
    (seen,) = cards_of(store)
    for who in (*OTHERS, Role.FACILITATOR):
        visitor = sign_in(who)
        assert visitor.get(f"{CARDS}/{seen.id}").status_code == 404, who
        for path in (
            "/",
            CARDS,
            "/coaching",
            "/log",
            f"/people/{ANA}",
            f"/sessions/{session.id}",
            "/account/data.json",
            "/coaching/figures",
        ):
            page = visitor.get(path).get_data(as_text=True)
            assert "CANARY" not in page, (who, path)
            assert seen.id not in page, (who, path)
    assert "CANARY-LISTEN" in sign_in(Role.EMPLOYEE).get("/account/data.json").get_data(as_text=True)
    if store.file is not None:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"CANARY" not in store.file.read_bytes()


def test_a_card_holds_words_by_principle_and_nothing_to_rank_by():
    names = set(ObservationRow.__table__.columns.keys())
    seen = {f"seen_{p.value}" for p in Principle}
    assert names - seen == {"id", "person_id", "author_id", "shared_id", "session_id", "day", "at"}


def test_cards_go_after_24_months(session, sign_in, store, clock, parts):
    assert session
    coach(store, clock)
    sign_in(Role.COACH).post(CARDS, CONTACT)
    clock.move(days=730)
    assert tidy_up.tidy_up(parts)["observation"] == 0
    clock.move(days=2)
    assert tidy_up.tidy_up(parts)["observation"] == 1
    with store.read() as db:
        assert db.execute(text("SELECT count(*) FROM observation")).scalar() == 0


def test_a_demo_has_cards_of_each_kind(session, store, clock):
    assert session
    coach(store, clock)
    with store.write() as db:
        assert demo_observations.fill(db, employee_id=BRUNO, coach_id=NADIA, now=clock.now) == 3
    assert {(s.author_id, s.shared_id) for s in cards_of(store)} == {(NADIA, None), (TIAGO, NADIA)}
    assert [s.author_id for s in cards_of(store, BRUNO)] == [TIAGO]
