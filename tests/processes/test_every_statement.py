"""What a kill at any statement of an action would leave: the files as they are then, opened again elsewhere.

A kill -9 leaves what the operating system has been given. So before each statement, and after the action, the
database and its log are copied as they stand and opened: the state must be the old one or the new one.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from devsys.actions import draw_plan, edit_draft, publish_plan, repair_absence
from devsys.actions.adopt_programme import adopt_shipped
from devsys.actions.import_files import bring
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, plans, runs
from devsys.adapters.store.store import Store
from tests import builders

ABSENCES = "person,from,to\n" + "".join(
    f"{code},2026-03-{day:02},2026-03-{day + 1:02}\n"
    for code in ("ana.correia", "deepa.thapa", "kofi.mensah")
    for day in range(2, 26, 3)
)
# Not one of these may differ between a state and the old or the new one.
TABLES = (
    *("absence", "house", "draft", "version", "pointer", "owed", "session", "revision", "place", "job_run", "audit"),
    *("crossed", "closure", "emergency"),
    *("letter", "told"),
)


@pytest.fixture
def parts(sqlite_settings: Any, clock: Any) -> Iterator[Parts]:
    store = Store(sqlite_settings.url)
    builders.settle(store)
    made = Parts(sqlite_settings, store, clock)
    adopt_shipped(made, ("case_rounds",))
    yield made
    store.close()


def _state(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.read() as db:
        assert db.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []
        return {t: sorted((tuple(r) for r in db.execute(text(f"SELECT * FROM {t}"))), key=repr) for t in TABLES}


def _copy(store: Store, folder: Path, number: int) -> Path:
    file = store.file
    assert file is not None
    target = folder / f"{number}.db"
    for ending in ("", "-wal"):
        if Path(f"{file}{ending}").exists():
            shutil.copyfile(f"{file}{ending}", f"{target}{ending}")
    return target


def _killed_anywhere(parts: Parts, folder: Path, act: Callable[[], Any]) -> tuple[int, int]:
    """Act, and give how many of the states a kill would have left were the old one and how many the new one."""
    before = _state(parts.store)
    copies: list[Path] = []

    def copy(*_: Any) -> None:
        copies.append(_copy(parts.store, folder, len(copies)))

    event.listen(parts.store.engine, "before_cursor_execute", copy)
    try:
        act()
    finally:
        event.remove(parts.store.engine, "before_cursor_execute", copy)
    copy()
    after = _state(parts.store)
    assert before != after
    old = new = 0
    for file in copies:
        store = Store(f"sqlite:///{file}")
        found = _state(store)
        store.close()
        assert found in (before, after)
        old, new = old + (found == before), new + (found == after)
    return old, new


def test_publishing_is_whole_or_not_at_all(parts: Parts, tmp_path: Path) -> None:
    first = builders.publish_now(parts, builders.a_session("round-1", room=None), code="first")
    later = builders.a_session("round-2", room=None, people=("goncalo.reis", "helena.vaz", "ivan.hrytsenko"))
    changed = replace(builders.a_session("round-1", room=None), minutes=90)
    draft_id = builders.a_draft(parts, changed, replace(later, team_id=builders.id_of("belem")), code="second")
    with parts.store.read() as db:
        seen = plans.pointer(db)

    def publish() -> None:
        with parts.store.write() as db:
            plans.publish(db, draft_id, by_id=None, cause="planned again", now=parts.now(), changes={"moved": 1})

    old, new = _killed_anywhere(parts, tmp_path, publish)
    assert (first, seen) == (1, 1)
    assert old > 5
    assert new == 1


def test_publishing_through_the_story_is_whole_or_not_at_all(parts: Parts, tmp_path: Path) -> None:
    draft_id = builders.a_draft(parts, builders.a_session(room=None))
    old, new = _killed_anywhere(
        parts, tmp_path, lambda: publish_plan.publish(parts, draft_id, by_id=builders.id_of("olivia.brandt"))
    )
    assert old > 5
    assert new >= 1


def test_a_repair_and_the_drafts_laid_on_it_are_whole_or_not_at_all(parts: Parts, tmp_path: Path) -> None:
    """The session is led by somebody away; a draft gives it yet another facilitator, so that it is crossed."""
    session = builders.a_session("round-1", room=None)
    builders.publish_now(parts, session)
    with parts.store.read() as db:
        olivia = accounts.viewer_of(db, builders.id_of("olivia.brandt"))
    other = builders.id_of("rajesh.karki")
    draft = edit_draft.move(parts, olivia, None, session.id, session.starts, facilitator_id=other, cause="by hand")
    bring(parts, "absences", b"person,from,to\nmarta.nogueira,2026-01-20,2026-01-20\n", dry_run=False, by=None)
    seal = repair_absence.settle(repair_absence.look(parts)).seal

    old, new = _killed_anywhere(
        parts, tmp_path, lambda: repair_absence.publish(parts, olivia, repair_absence.About(), seal=seal)
    )
    assert old > 20
    assert new == 1
    with parts.store.read() as db:
        assert plans.crossed(db, draft.draft_id) == {session.id: 2}


def test_an_import_is_whole_or_not_at_all(parts: Parts, tmp_path: Path) -> None:
    old, new = _killed_anywhere(
        parts, tmp_path, lambda: bring(parts, "absences", ABSENCES.encode(), dry_run=False, by=None)
    )
    assert old > 5
    assert new >= 1


def test_a_drawn_plan_and_its_run_are_kept_together(parts: Parts, tmp_path: Path) -> None:
    with parts.store.write() as db:
        run_id = runs.ask(db, draw_plan.JOB, period="asked-1", now=parts.now())
        runs.take(db, parts.now())
    wish = draw_plan.Wish(weeks=4)
    old, new = _killed_anywhere(parts, tmp_path, lambda: draw_plan.carry_out(parts, wish, run_id=run_id))
    assert old > 5
    assert new == 1
    with parts.store.read() as db:
        assert runs.get(db, run_id).state == "done"
        assert [d.id for d in plans.open_drafts(db)] == [runs.get(db, run_id).result["draft_id"]]
