"""What differs between two calendars."""

from dataclasses import replace
from datetime import timedelta

from devsys.core.model.calendar import Place, Session, Status
from devsys.core.model.changes import Change, continued, difference, differences, next_sequence
from tests.builders import a_session, id_of


def later(session: Session, **by: float) -> Session:
    return replace(session, starts=session.starts + timedelta(**by), starts_utc=session.starts_utc + timedelta(**by))


def test_a_session_seen_for_the_first_time_is_new() -> None:
    found = difference(None, a_session())
    assert found is not None
    assert found.change is Change.NEW
    assert found.concerned == a_session().people | {id_of("marta.nogueira")}


def test_the_same_content_is_no_difference_whatever_the_stamps() -> None:
    session = a_session()
    assert difference(session, replace(session, sequence=4, changed=None, cause="typed again")) is None


def test_another_time_is_a_move_and_concerns_everybody_in_it() -> None:
    before = a_session()
    found = difference(before, later(before, hours=1))
    assert found is not None
    assert found.change is Change.MOVED
    assert len(found.concerned) == 4


def test_another_person_alters_and_concerns_only_who_comes_and_goes() -> None:
    before = a_session(people=("ana.correia", "bruno.matos"))
    after = replace(before, places=(Place(id_of("ana.correia")), Place(id_of("elif.kaya"))))
    found = difference(before, after)
    assert found is not None
    assert found.change is Change.ALTERED
    assert found.concerned == {id_of("bruno.matos"), id_of("elif.kaya")}


def test_another_facilitator_concerns_both() -> None:
    before = a_session()
    found = difference(before, replace(before, facilitator_id=id_of("tiago.lopes")))
    assert found is not None
    assert found.concerned == {id_of("marta.nogueira"), id_of("tiago.lopes")}


def test_cancelling_what_was_never_seen_tells_nobody() -> None:
    gone = replace(a_session(), status=Status.CANCELLED)
    assert difference(None, gone) is None
    assert difference(gone, gone) is None


def test_differences_are_in_order_of_time_and_silence_means_unchanged() -> None:
    one, two = a_session("one"), later(a_session("two"), days=1)
    moved = later(two, hours=-1)
    cancelled = replace(one, status=Status.CANCELLED)
    found = differences((one, two, a_session("three")), (moved, cancelled))
    assert [d.change for d in found] == [Change.CANCELLED, Change.MOVED]


def test_sequence_grows_with_time_place_and_status_only() -> None:
    before = replace(a_session(), sequence=2)
    assert next_sequence(None, before) == 0
    assert next_sequence(before, later(before, hours=1)) == 3
    assert next_sequence(before, replace(before, room_id=id_of("tejo"))) == 3
    assert next_sequence(before, replace(before, status=Status.CANCELLED)) == 3
    assert next_sequence(before, replace(before, facilitator_id=id_of("tiago.lopes"))) == 2


def test_a_replanned_session_keeps_its_uid_where_its_people_stay() -> None:
    freed = a_session("freed")
    other = later(a_session("other", people=("elif.kaya", "filipa.sousa", "diogo.faria")), days=2)
    fresh = replace(later(freed, days=1), id="new", uid="new-uid")
    (kept, gone) = continued((fresh,), (freed, other), cause="planned again")
    assert (kept.id, kept.uid, kept.cause) == (freed.id, freed.uid, "planned again")
    assert kept.starts == fresh.starts
    assert (gone.id, gone.status) == (other.id, Status.CANCELLED)


def test_a_session_planned_as_it_was_is_the_old_one_untouched() -> None:
    freed = replace(a_session("freed"), sequence=3, cause="first plan")
    fresh = replace(freed, id="new", uid="new-uid", sequence=0, cause="")
    assert continued((fresh,), (freed,), cause="planned again") == (freed,)


def test_strangers_are_not_taken_for_a_move() -> None:
    freed = a_session("freed", people=("ana.correia", "bruno.matos", "catarina.leal"))
    fresh = a_session("fresh", people=("diogo.faria", "elif.kaya", "filipa.sousa"))
    kept, gone = continued((fresh,), (freed,), cause="planned again")
    assert kept == fresh
    assert gone.status is Status.CANCELLED
