"""A draft's session laid on what was published meanwhile: part by part, the draft's word where both say something."""

from dataclasses import replace
from datetime import datetime, timedelta

from devsys.core.model.calendar import Place, Session, Status
from devsys.core.model.crossing import Crossing, crossing
from tests.builders import a_session, id_of

BASE = a_session()
HOUR = timedelta(hours=1)


def at(session: Session, hours: int) -> Session:
    """Give a session later by some hours."""
    by = hours * HOUR
    return replace(session, starts=session.starts + by, starts_utc=session.starts_utc + by)


def led(session: Session, code: str) -> Session:
    return replace(session, facilitator_id=id_of(code))


def with_people(session: Session, *codes: str) -> Session:
    return replace(session, places=tuple(sorted((Place(id_of(c)) for c in codes), key=lambda p: p.person_id)))


def test_who_left_a_part_alone_gives_way() -> None:
    """The draft moves it, the plan gave it another facilitator: both happen."""
    found = crossing(at(BASE, 1), BASE, led(BASE, "tiago.lopes"))
    assert found == Crossing(led(at(BASE, 1), "tiago.lopes"), agreed=True)


def test_the_same_part_changed_otherwise_is_the_drafts_and_marked() -> None:
    found = crossing(at(BASE, 1), BASE, at(BASE, 2))
    assert found == Crossing(at(BASE, 1), agreed=False)
    found = crossing(led(BASE, "nadia.haddad"), BASE, led(BASE, "tiago.lopes"))
    assert found == Crossing(led(BASE, "nadia.haddad"), agreed=False)
    found = crossing(replace(BASE, room_id=None), BASE, replace(BASE, room_id=id_of("tejo")))
    assert found == Crossing(replace(BASE, room_id=None), agreed=False)


def test_the_same_word_twice_is_no_quarrel() -> None:
    assert crossing(at(BASE, 1), BASE, at(BASE, 1)) == Crossing(at(BASE, 1), agreed=True)


def test_people_are_put_together_one_by_one() -> None:
    drafted = with_people(BASE, "ana.correia", "bruno.matos", "elif.kaya")  # Catarina out, Elif in
    now = with_people(BASE, "ana.correia", "catarina.leal", "filipa.sousa")  # Bruno out, Filipa in
    found = crossing(drafted, BASE, now)
    assert found == Crossing(with_people(BASE, "ana.correia", "elif.kaya", "filipa.sousa"), agreed=True)


def test_one_cancelled_meanwhile_stays_as_the_draft_has_it() -> None:
    """Whether it is held after all is for a person to say: nothing is lost, nothing comes back unseen."""
    off = replace(BASE, status=Status.CANCELLED, cause="for the queue", sequence=3)
    found = crossing(at(BASE, 1), BASE, off)
    assert found == Crossing(replace(at(BASE, 1), sequence=3), agreed=False)


def test_a_draft_that_cancels_cancels_what_stands_now() -> None:
    drafted = replace(BASE, status=Status.CANCELLED, cause="room flooded")
    now = replace(at(BASE, 2), sequence=1, changed=datetime(2026, 1, 6))
    found = crossing(drafted, BASE, now)
    assert found == Crossing(replace(now, status=Status.CANCELLED, cause="room flooded"), agreed=True)
    assert crossing(drafted, BASE, replace(BASE, status=Status.CANCELLED)).agreed
