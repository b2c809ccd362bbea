"""Northgate with the shipped programme and seven sessions made by hand, published through the verifier."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import event

from devsys.actions import brief as briefs
from devsys.actions import publish_plan
from devsys.actions.counting import count_again
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import planning, plans, programme, sessions
from devsys.base.resources import folder, programme_files
from devsys.core.model.calendar import Figures, Owed, Place, Session
from devsys.core.model.needs import Need
from devsys.core.model.programme import Programme
from devsys.core.programmes.read import read_programme
from tests.builders import a_horizon, a_session, id_of

COORDINATOR = "olivia.brandt"
WEEKS = 8


def adopt_shipped(parts: Parts) -> None:
    """Adopt every programme devsys ships."""
    with parts.store.write() as db:
        for found in _shipped():
            programme.keep(db, found, by_id=None, now=parts.now())


@cache
def _shipped() -> tuple[Programme, ...]:
    return tuple(_read(file) for file in programme_files(folder("schedules")))


def _read(file: Path) -> Programme:
    found, faults = read_programme(file.read_text(encoding="utf-8"), file.name)
    assert found is not None, faults
    return found


def the_sessions() -> tuple[Session, ...]:
    """Give the calendar of the scene; it breaks no rule, as publishing it proves.

    `boundaries` and `frozen` lie inside the freeze window, the others beyond it.
    """
    return (
        a_session(
            "boundaries",
            activity="professional_boundaries",
            starts=datetime(2026, 1, 7, 12, 30),
            minutes=120,
            people=("ana.correia", "bruno.matos", "goncalo.reis", "helena.vaz"),
            facilitator="tiago.lopes",
            team=None,
        ),
        a_session(
            "frozen",
            starts=datetime(2026, 1, 9, 11),
            people=("bruno.matos", "catarina.leal", "diogo.faria"),
            facilitator="marta.nogueira",
            room=None,
        ),
        a_session(
            "alfama",
            starts=datetime(2026, 1, 27, 11),
            people=("ana.correia", "elif.kaya", "filipa.sousa"),
            facilitator="tiago.lopes",
            room=None,
        ),
        a_session(
            "skill",
            activity="hear_fully",
            starts=datetime(2026, 2, 3, 13),
            people=("ana.correia", "bruno.matos", "goncalo.reis", "helena.vaz"),
            facilitator="tiago.lopes",
            room="tejo",
            team=None,
        ),
        a_session(
            "coaching",
            activity="coaching_calls",
            starts=datetime(2026, 2, 5, 14),
            minutes=30,
            people=("ana.correia",),
            facilitator="nadia.haddad",
            room=None,
        ),
        a_session(
            "patan",
            starts=datetime(2026, 2, 16, 10, 15),
            people=("anjali.shrestha", "bikash.gurung", "deepa.thapa"),
            facilitator="rajesh.karki",
            site="kathmandu",
            room=None,
            team="patan",
        ),
        a_session(
            "belem",
            starts=datetime(2026, 2, 16, 11),
            people=("helena.vaz", "joana.pires", "kofi.mensah"),
            facilitator="marta.nogueira",
            room=None,
            team="belem",
        ),
    )


@dataclass(frozen=True)
class Planned:
    """What stands: the draft that was published, its figures, what it owes, and the sessions by their code."""

    draft_id: str
    figures: Figures
    owed: tuple[Owed, ...]
    sessions: tuple[Session, ...]

    def __getitem__(self, code: str) -> Session:
        return next(s for s in self.sessions if s.id == id_of(f"session {code}"))


def plan_and_publish(parts: Parts) -> Planned:
    """Adopt the programme and publish the sessions as version 1; each place answers a need where there is one."""
    adopt_shipped(parts)
    with parts.store.read() as db:
        brief = planning.brief(db, now=parts.now())
    needs = briefs.needs_of(brief, a_horizon(WEEKS))
    draft_id = id_of("draft first")
    with parts.store.write() as db:
        plans.new_draft(
            db, draft_id, horizon=a_horizon(WEEKS), by_id=id_of(COORDINATOR), cause="first plan", now=parts.now()
        )
        sessions.lay_into_draft(db, draft_id, _answering(needs), parts.now())
        count_again(db, brief, draft_id, needs)
    publish_plan.publish(parts, draft_id, by_id=id_of(COORDINATOR), cause="first plan")
    with parts.store.read() as db:
        figures = plans.version(db, 1).figures
        return Planned(draft_id, figures, plans.owed_in(db, draft_id), sessions.published(db))


def _answering(needs: tuple[Need, ...]) -> tuple[Session, ...]:
    """Give every place the need of its person and activity whose window it lies in, if there is one."""
    found = []
    for session in the_sessions():
        places = []
        for place in session.places:
            keys = [
                need.key
                for need in needs
                if (need.person_id, need.activity) == (place.person_id, session.activity)
                and need.earliest <= session.starts_utc < need.latest
            ]
            places.append(Place(place.person_id, keys[0] if keys else ""))
        found.append(replace(session, places=tuple(places)))
    return tuple(found)


def published(parts: Parts, session_id: str) -> Session:
    """Give a session as it is published now."""
    with parts.store.read() as db:
        return sessions.published(db, sessions.Wanted(ids=frozenset({session_id}), planned_only=False))[0]


def drafted(parts: Parts, draft_id: str) -> dict[str, Session]:
    """Give what a draft changes, by session id."""
    with parts.store.read() as db:
        return {s.id: s for s in sessions.changed_in(db, draft_id)}


def open_drafts(parts: Parts) -> tuple[plans.Draft, ...]:
    """Give the open drafts."""
    with parts.store.read() as db:
        return plans.open_drafts(db)


def queries_of(parts: Parts, ask: Callable[[], object]) -> int:
    """Give how many statements the database is asked while something is done."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(parts.store.engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(parts.store.engine, "before_cursor_execute", note)
    return len(asked)


def add_published(parts: Parts, *more: Session) -> None:
    """Publish further sessions past the verifier, as the next version."""
    code = id_of("".join(s.id for s in more))
    with parts.store.write() as db:
        plans.new_draft(db, code, horizon=a_horizon(), by_id=None, cause="", now=parts.now())
        sessions.lay_into_draft(db, code, more, parts.now())
        plans.publish(db, code, by_id=None, cause="", now=parts.now(), changes={"new": len(more)})


def everything(parts: Parts) -> tuple[object, ...]:
    """Give all that a stray write to the calendar would change."""
    with parts.store.read() as db:
        drafts = plans.open_drafts(db)
        return (sessions.published(db), drafts, plans.pointer(db), plans.draft_sizes(db))
