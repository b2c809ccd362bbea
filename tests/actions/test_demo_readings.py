"""The demo's measures tell their stories, the same ones from the same seed."""

from datetime import date

import pytest

from devsys.actions import demo_readings, improvement_board
from devsys.actions.demo_organisation import demo_organisation
from devsys.adapters.store.queries import measures, people
from devsys.base.resources import folder, programme_files
from devsys.core.improvement.signals import Word
from devsys.core.programmes.read import read_programme


@pytest.fixture
def made(parts):
    """The demo's teams and people with their readings."""
    read = [read_programme(f.read_text("utf-8"), f.name)[0] for f in programme_files(folder("schedules"))]
    activities = {a.code: a for programme in read if programme for a in programme.activities}
    demo = demo_organisation(activities, today=parts.now().date(), history_weeks=52, ahead_weeks=2, seed=7).organisation
    kinds = {"sites": demo.sites, "queues": demo.queues, "teams": demo.teams, "patterns": demo.patterns}
    with parts.store.write() as db:
        people.write_organisation(db, people.only(people=demo.people, **kinds), today=parts.now().date())
    demo_readings.bring(parts, demo, by_id=demo.people[0].id, seed=7)
    return demo


def test_one_team_holds_its_gain_one_loses_it_one_never_had_any_one_is_too_new_and_a_fix_moves_limits(
    parts, made
) -> None:
    codes = {team.id: team.code for team in made.teams}
    found = improvement_board.overview(parts, "csat")
    said = {codes[unit.id]: some.signal.word for unit, some in found.boards if unit.id in codes and some.signal}
    assert said["lis-alfama"] is Word.SUSTAINED
    assert said["lis-graca"] is Word.NOT_HELD
    assert said["lis-estrela"] in (Word.NO_SHIFT, Word.WORSE)
    assert said["lis-rossio"] is Word.TOO_LITTLE
    assert list(said.values()).count(Word.SUSTAINED) <= 3
    assert [m.key for m in found.choices] == ["csat", "fcr", "qa"]
    assert [m.key for m in found.context] == ["handle_time", "volume"]

    with parts.store.read() as db:
        marks = measures.all_marks(db)
    by_code = {team.code: marks[team.id] for team in made.teams if team.id in marks}
    assert set(by_code) == {"lis-alfama", "lis-graca", "lis-estrela", "tor-harbour"}
    assert [(m.rebase, bool(m.reason)) for m in by_code["tor-harbour"]] == [(True, True)]
    assert [m.rebase for m in by_code["lis-alfama"]] == [False]

    with parts.store.read() as db:
        rows = measures.team_days(db, "csat", date(2000, 1, 1))
    assert {(row.last - row.first).days for row in rows} == {6}
    assert (min(row.first for row in rows), max(row.last for row in rows)) == (date(2024, 1, 8), date(2026, 1, 4))
    assert all(0 <= row.numerator <= row.denominator for row in rows)
