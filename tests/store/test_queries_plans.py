"""Drafts, versions, the pointer; sessions as published, drafted and as a version had them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import plans, sessions
from devsys.adapters.store.queries.sessions import Reach, Wanted
from devsys.adapters.store.tables.calendar import SessionRow, TurnRow
from devsys.base.errors import ConflictError, NotFoundError
from devsys.core.model.calendar import Owed, Session, Status
from devsys.core.model.people import Organisation
from tests.builders import NOW, a_draft, a_session, id_of, publish_now

pytestmark = pytest.mark.usefixtures("organisation")


def hour_later(session: Session) -> Session:
    hour = timedelta(hours=1)
    return replace(session, starts=session.starts + hour, starts_utc=session.starts_utc + hour, sequence=1)


def ids(found: tuple[Session, ...]) -> list[str]:
    return [s.id for s in found]


def test_a_draft_tells_nobody(parts: Parts) -> None:
    session = a_session()
    draft_id = a_draft(parts, session)
    with parts.store.read() as db:
        assert sessions.published(db) == ()
        assert sessions.changed_in(db, draft_id) == (session,)
        assert sessions.as_drafted(db, draft_id) == (session,)
        assert plans.pointer(db) == 0


def test_publishing_shows_the_draft_and_moves_the_pointer(parts: Parts) -> None:
    assert publish_now(parts, a_session()) == 1
    with parts.store.read() as db:
        assert sessions.published(db) == (a_session(),)
        assert plans.pointer(db) == 1
        version = plans.version(db, 1)
        assert (version.by, version.cause, version.changes) == ("Olivia Brandt", "first plan", {"new": 1})
        assert plans.latest(db) == version
        assert plans.open_drafts(db) == ()


def test_every_version_keeps_what_it_showed(parts: Parts) -> None:
    first, other = a_session("one"), a_session("two", people=("elif.kaya", "filipa.sousa", "diogo.faria"))
    moved = hour_later(first)
    publish_now(parts, first, other, code="a")
    publish_now(parts, moved, code="b")
    with parts.store.read() as db:
        assert set(sessions.at_version(db, 1)) == {first, other}
        assert set(sessions.at_version(db, 2)) == {moved, other}
        assert set(sessions.published(db)) == {moved, other}
        assert sessions.changed_by_version(db, 2) == ((first,), (moved,))
        assert sessions.history(db, first.id) == ((1, first), (2, moved))


def test_two_drafts_on_one_version_only_the_first_is_published(parts: Parts) -> None:
    one, two = a_draft(parts, a_session("one"), code="a"), a_draft(parts, a_session("two"), code="b")
    with parts.store.write() as db:
        plans.publish(db, one, by_id=id_of("olivia.brandt"), cause="", now=NOW, changes={})
    with (
        pytest.raises(ConflictError, match=r"Olivia Brandt published another plan on 5 January 2026 at 09:00 UTC"),
        parts.store.write() as db,
    ):
        plans.publish(db, two, by_id=id_of("rui.carvalho"), cause="", now=NOW, changes={})
    with parts.store.read() as db:
        assert ids(sessions.published(db)) == [a_session("one").id]
        assert sessions.changed_in(db, two) == (a_session("two"),)
        assert plans.draft(db, two).state == "open"


def test_a_discarded_draft_leaves_nothing_behind(parts: Parts) -> None:
    draft_id = a_draft(parts, a_session())
    with parts.store.write() as db:
        plans.discard(db, draft_id)
    with parts.store.write() as db:
        assert sessions.changed_in(db, draft_id) == ()
        assert db.get(SessionRow, a_session().id) is None
        with pytest.raises(ConflictError, match="discarded already"):
            plans.discard(db, draft_id)


def test_taking_a_change_back_shows_the_published_state_again(parts: Parts) -> None:
    session = a_session()
    publish_now(parts, session, code="a")
    draft_id = a_draft(parts, hour_later(session), code="b")
    with parts.store.write() as db:
        assert sessions.as_drafted(db, draft_id) == (hour_later(session),)
        sessions.take_from_draft(db, draft_id, [session.id])
        assert sessions.as_drafted(db, draft_id) == (session,)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["early", "late"]),
        (Wanted(start=NOW + timedelta(days=16)), ["late"]),
        (Wanted(end=NOW + timedelta(days=16)), ["early"]),
        (Wanted(person_id=id_of("elif.kaya")), ["late"]),
        (Wanted(involves=id_of("marta.nogueira")), ["early", "late"]),
        (Wanted(person_id=id_of("marta.nogueira")), []),
        (Wanted(team_id=id_of("belem")), ["late"]),
        (Wanted(facilitator_id=id_of("tiago.lopes")), []),
        (Wanted(room_id=id_of("tejo")), ["late"]),
        (Wanted(site_id=id_of("kathmandu")), []),
        (Wanted(activities=frozenset({"digital"})), ["late"]),
        (Wanted(ids=frozenset({id_of("session early")})), ["early"]),
    ],
)
def test_only_what_is_wanted_comes(parts: Parts, wanted: Wanted, found: list[str]) -> None:
    early = a_session("early")
    late = replace(
        a_session("late", people=("elif.kaya", "helena.vaz"), room="tejo", team=None, activity="digital"),
        starts=early.starts + timedelta(days=7),
        starts_utc=early.starts_utc + timedelta(days=7),
    )
    publish_now(parts, early, late)
    with parts.store.read() as db:
        assert ids(sessions.published(db, wanted)) == [id_of(f"session {name}") for name in found]


def test_reach_shows_own_sessions_and_those_of_the_teams(parts: Parts) -> None:
    publish_now(parts, a_session("ours"), a_session("theirs", people=("helena.vaz",), team="belem", facilitator=None))
    with parts.store.read() as db:
        mine = sessions.published(db, reach=Reach(person_id=id_of("ana.correia")))
        led = sessions.published(db, reach=Reach(person_id=id_of("marta.nogueira")))
        teams = sessions.published(db, reach=Reach(person_id="nobody", team_ids=frozenset({id_of("belem")})))
    assert ids(mine) == ids(led) == [id_of("session ours")]
    assert ids(teams) == [id_of("session theirs")]


def test_a_cancelled_session_is_shown_only_when_asked_for(parts: Parts) -> None:
    session = a_session()
    publish_now(parts, session, code="a")
    publish_now(parts, replace(session, status=Status.CANCELLED, sequence=1), code="b")
    with parts.store.read() as db:
        assert sessions.published(db) == ()
        assert ids(sessions.published(db, Wanted(planned_only=False))) == [session.id]


def test_turns_count_each_leaving_and_each_return(parts: Parts) -> None:
    full = a_session()
    less = replace(full, places=full.places[1:])
    gone_id = full.places[0].person_id
    publish_now(parts, full)
    with parts.store.write() as db:
        sessions.turn_places(db, [(None, full)], NOW)
        assert db.get(TurnRow, (full.id, gone_id)) is None
        sessions.turn_places(db, [(full, less)], NOW)
        row = db.get(TurnRow, (full.id, gone_id))
        assert row is not None
        assert (row.turns, row.gone) == (1, NOW)
        sessions.turn_places(db, [(less, full)], NOW)
        assert (row.turns, row.gone) == (2, None)


def test_owed_needs_come_by_due_date_and_by_team(parts: Parts, organisation: Organisation) -> None:
    draft_id = a_draft(parts)
    by_code = {p.code: p for p in organisation.people}

    def owed(code: str, days: int) -> Owed:
        due = NOW + timedelta(days=days)
        return Owed(by_code[code].id, "case_round", f"{code}/round/1", NOW, due, due, "queue", "Billing one short.")

    late, soon = owed("ana.correia", 20), owed("helena.vaz", 10)
    with parts.store.write() as db:
        plans.keep_owed(db, draft_id, (late, soon))
        assert plans.owed_in(db, draft_id) == (soon, late)
        assert plans.owed_in(db, draft_id, team_id=id_of("alfama")) == (late,)
        assert plans.owed_in(db, draft_id, person_id=id_of("helena.vaz")) == (soon,)
        plans.keep_owed(db, draft_id, (soon,))
        assert plans.owed_in(db, draft_id) == (soon,)


def test_an_unknown_draft_is_said(parts: Parts) -> None:
    with parts.store.read() as db, pytest.raises(NotFoundError):
        plans.draft(db, "nothing")
