"""Readings from files: whole or not at all, the same file twice changes nothing, what is covered is replaced."""

from dataclasses import replace
from datetime import date

import pytest

from devsys.actions import import_measures, improvement_board
from devsys.actions.parts import Parts
from devsys.adapters.store.digest import digest
from devsys.adapters.store.queries import measures, people
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.core.improvement.readings import Span
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.people import Organisation, Person, Team
from tests.builders import id_of
from tests.improvement.sources import AGENTS, CALLS
from tests.loud import shared_file

HEADER = "Call Id,Agent,Date,Answered (Y/N),Resolved,AvgTalkDuration,Satisfaction rating\n"
VIEWER = Viewer(id_of("olivia.brandt"), "Olivia Brandt", (Grant(Role.COORDINATOR),))


@pytest.fixture
def desk(parts: Parts, organisation: Organisation) -> Parts:
    """Northgate with a support desk of the eight agents of the public calls."""
    team = Team("t-desk", "desk", "Support desk", organisation.sites[0].id)
    agents = tuple(
        Person(f"id-{name}", f"agent-{name.lower()}", name, f"{name.lower()}@northgate.example", "t-desk", None, None)
        for name in AGENTS
    )
    with parts.store.write() as db:
        people.write_organisation(db, people.only(teams=(team,), people=agents), today=parts.now().date())
    import_measures.keep_mapping(parts, VIEWER, CALLS)
    return parts


def _rows(*rows: str) -> bytes:
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode()


def _bring(parts: Parts, data: bytes, span: Span | None = None, *, dry_run: bool = False):
    return import_measures.bring(parts, "support_calls", data, span or Span(), dry_run=dry_run)


def _digest(parts: Parts) -> str:
    with parts.store.read() as db:
        return digest(db)


def test_the_public_calls_come_in_once_and_change_nothing_again(desk: Parts) -> None:
    data = shared_file("data/support_calls_2021q1.csv").read_bytes()
    before = _digest(desk)
    tried = _bring(desk, data, dry_run=True)
    assert _digest(desk) == before
    done = _bring(desk, data)
    assert (done.new, done.changed, done.same, done.gone) == (tried.new, 0, 0, 0)
    after = _digest(desk)
    again = _bring(desk, data)
    assert (again.new, again.changed, again.gone, again.same) == (0, 0, 0, done.new)
    assert _digest(desk) == after
    with desk.store.read() as db:
        rows = measures.team_days(db, "csat", date(2000, 1, 1))
        own = measures.own_readings(db, "id-Diane")
        assert measures.measured(db) == {"csat", "resolved", "handle_time", "volume"}
    assert (sum(r.numerator for r in rows), sum(r.denominator for r in rows)) == (2023, 4054)
    assert {r.measure for r in own} == {"csat", "resolved"}


def test_one_bad_row_and_nothing_is_written(desk: Parts) -> None:
    before = _digest(desk)
    with pytest.raises(InvalidError) as refused:
        _bring(desk, _rows("1,Diane,2025-12-01,Y,Y,0:01:00,4", "2,Nobody,2025-12-02,Y,Y,0:01:00,4"))
    assert str(refused.value.faults[0]).startswith("line 3, column Agent: ")
    assert _digest(desk) == before


def test_a_file_replaces_the_days_it_covers_and_no_others(desk: Parts) -> None:
    week, next_week = "1,Diane,2025-12-01,Y,Y,0:01:00,4", "2,Becky,2025-12-08,Y,Y,0:01:00,4"
    _bring(desk, _rows(week, next_week), Span(date(2025, 12, 1), date(2025, 12, 14)))
    found = _bring(desk, _rows("3,Diane,2025-12-09,Y,N,0:01:00,2"), Span(date(2025, 12, 8), date(2025, 12, 14)))
    assert (found.new, found.changed, found.gone) == (
        2,
        2,
        2,
    )  # Becky's own go, Diane's come, two sums of the team change
    with desk.store.read() as db:
        rows = measures.team_days(db, "csat", date(2000, 1, 1))
        own = measures.own_readings(db, "id-Becky")
    assert [(r.first, r.numerator, r.denominator) for r in rows] == [
        (date(2025, 12, 1), 1, 1),
        (date(2025, 12, 8), 0, 1),
    ]
    assert own == ()


def test_a_cut_week_is_joined_by_the_next_file_and_a_sum_is_never_taken_apart(desk: Parts) -> None:
    _bring(desk, _rows("1,Diane,2025-12-01,Y,Y,0:01:00,4"), Span(date(2025, 12, 1), date(2025, 12, 3)))
    _bring(desk, _rows("2,Diane,2025-12-04,Y,Y,0:01:00,4"), Span(date(2025, 12, 4), date(2025, 12, 7)))
    with desk.store.read() as db:
        assert len(measures.team_days(db, "csat", date(2000, 1, 1))) == 2
    before = _digest(desk)
    with pytest.raises(ConflictError, match="2025-12-01 to 2025-12-03 stand as one sum"):
        _bring(desk, _rows("3,Diane,2025-12-02,Y,Y,0:01:00,4"), Span(date(2025, 12, 2), date(2025, 12, 7)))
    assert _digest(desk) == before
    _bring(desk, _rows("3,Diane,2025-12-02,Y,Y,0:01:00,4"), Span(date(2025, 12, 1), date(2025, 12, 7)))
    with desk.store.read() as db:
        assert len(measures.team_days(db, "csat", date(2000, 1, 1))) == 1


def test_a_dry_run_is_confirmed_once_by_whoever_made_it(desk: Parts) -> None:
    data = _rows("1,Diane,2025-12-01,Y,Y,0:01:00,4")
    span = Span(date(2025, 12, 1), date(2025, 12, 7))
    run = import_measures.dry_run(desk, VIEWER, "support_calls", data, name="calls.csv", span=span)
    assert run.upload_id
    other = replace(VIEWER, person_id=id_of("pedro.santos"))
    for viewer, code in ((other, "support_calls"), (VIEWER, "another")):
        with pytest.raises(NotFoundError):
            import_measures.confirm(desk, viewer, code, run.upload_id)
    assert import_measures.confirm(desk, VIEWER, "support_calls", run.upload_id).new == 6
    with desk.store.read() as db:
        assert measures.team_days(db, "csat", date(2000, 1, 1))[0].last == date(2025, 12, 7)
    with pytest.raises(NotFoundError):
        import_measures.confirm(desk, VIEWER, "support_calls", run.upload_id)
    same = import_measures.dry_run(desk, VIEWER, "support_calls", data, name="calls.csv", span=span)
    assert same.upload_id == ""


def test_a_measure_of_ones_own_means_the_same_in_every_source(desk: Parts) -> None:
    other = CALLS.replace("source: support_calls", "source: other_calls")
    import_measures.keep_mapping(desk, VIEWER, other)
    with pytest.raises(InvalidError, match="resolved is described otherwise by Calls of the support desk"):
        import_measures.keep_mapping(desk, VIEWER, other.replace("least: 30", "least: 5"))
    with pytest.raises(InvalidError, match="nothing was kept") as refused:
        import_measures.keep_mapping(desk, VIEWER, "source: x")
    assert refused.value.faults
    with desk.store.read() as db:
        assert "resolved" in import_measures.all_measures(db)
        assert [source.code for source, _ in import_measures.all_sources(db)] == ["other_calls", "support_calls"]


def test_unknown_sources_are_not_found(desk: Parts) -> None:
    with pytest.raises(NotFoundError):
        import_measures.bring(desk, "moon", b"a\n1\n", Span(), dry_run=True)


def test_three_blocks_of_the_public_calls_are_too_little_to_tell(desk: Parts, clock) -> None:
    _bring(desk, shared_file("data/support_calls_2021q1.csv").read_bytes())
    clock.now = clock.now.replace(year=2021, month=4, day=5)
    found = improvement_board.sheet(desk, VIEWER, "t-desk", "csat").board
    assert [p.first for p in found.points] == [date(2021, 1, 4), date(2021, 2, 1), date(2021, 3, 1)]
    assert found.signal is not None
    assert found.signal.word.value == "too little data to tell"
    assert 45 < (found.recent or 0) < 55
