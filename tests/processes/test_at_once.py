"""Two at once: publishing, importing, and a database that somebody holds."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from devsys.actions import publish_plan
from devsys.actions.adopt_programme import adopt_shipped
from devsys.actions.import_files import bring
from devsys.actions.parts import Parts
from devsys.adapters.store import store as store_module
from devsys.adapters.store.queries import people, plans, sessions
from devsys.adapters.store.store import Store
from devsys.base.errors import ConflictError
from tests import builders
from tests.proved import Proved


@pytest.fixture
def ready(parts: Parts, organisation: Any) -> Parts:
    adopt_shipped(parts, ("case_rounds",))
    assert organisation.people
    return parts


def _at_once(*acts: Callable[[], Any]) -> list[Any]:
    gate = threading.Barrier(len(acts))
    found: list[Any] = [None] * len(acts)

    def do(number: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            found[number] = act()
        except Exception as error:  # noqa: BLE001 -- whatever a thread meets is the test's to judge
            found[number] = error

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("drafts", [1, 2])
@pytest.mark.parametrize("times", [5, pytest.param(250, marks=pytest.mark.soak)])
def test_of_two_who_publish_at_once_one_is_told_who_was_first(
    ready: Parts, times: int, drafts: int, proved: Proved
) -> None:
    stores = [Store(ready.settings.url) for _ in range(2)]
    both = [replace(ready, store=store) for store in stores]
    for number in range(times):
        mine = builders.a_session(f"mine-{number}", room=None)
        other = builders.a_session(f"other-{number}", room=None)
        first = builders.a_draft(ready, mine, code=f"mine {number}")
        second = first if drafts == 1 else builders.a_draft(ready, other, code=f"other {number}")
        found = _at_once(
            lambda a=both[0], d=first: publish_plan.publish(a, d, by_id=builders.id_of("olivia.brandt")),
            lambda a=both[1], d=second: publish_plan.publish(a, d, by_id=builders.id_of("rui.carvalho")),
        )
        won = [one for one in found if isinstance(one, int)]
        lost = [one for one in found if isinstance(one, ConflictError)]
        assert (len(won), len(lost)) == (1, 1), found
        with ready.store.read() as db:
            assert plans.pointer(db) == won[0] == number * 2 + 1
            standing = sessions.published(db)
            assert len(standing) == 1
            if drafts == 2:
                assert "published another plan on 5 January 2026" in lost[0].message
                loser = second if found.index(won[0]) == 0 else first
                assert plans.draft(db, loser).state == "open"
                assert len(sessions.changed_in(db, loser)) == 1
        _clear(ready, number)
        proved(published_at_once=1)
    for store in stores:
        store.close()


def _clear(ready: Parts, number: int) -> None:
    """Take the session off again, so that the next round begins with an empty calendar."""
    from devsys.core.model.calendar import Status

    with ready.store.read() as db:
        off = tuple(replace(s, status=Status.CANCELLED, sequence=s.sequence + 1) for s in sessions.published(db))
        for draft in plans.open_drafts(db):
            with ready.store.write() as writing:
                plans.discard(writing, draft.id)
    draft_id = builders.a_draft(ready, *off, code=f"clear {number}")
    with ready.store.write() as db:
        plans.publish(db, draft_id, by_id=None, cause="cleared", now=ready.now(), changes={})


def test_two_who_import_at_once_both_arrive(ready: Parts) -> None:
    stores = [Store(ready.settings.url) for _ in range(2)]
    both = [replace(ready, store=store) for store in stores]
    head = "person,from,to\n"
    files = [head + f"{code},2026-03-02,2026-03-06\n" for code in ("ana.correia", "kofi.mensah")]
    found = _at_once(
        *(
            lambda a=a, f=f: bring(a, "absences", f.encode(), dry_run=False, by=None)
            for a, f in zip(both, files, strict=True)
        )
    )
    assert [one.counts["new"] for one in found] == [1, 1]
    with ready.store.read() as db:
        away = {a.person_id for a in people.organisation(db).absences}
    assert away == {builders.id_of("ana.correia"), builders.id_of("kofi.mensah")}
    for store in stores:
        store.close()


def test_a_held_database_is_503_with_when_to_try_again(
    monkeypatch: pytest.MonkeyPatch, ready: Parts, sign_in: Any
) -> None:
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 1)
    ready.store.close()
    ready.store.engine.dispose()
    visitor = sign_in("employee")
    other = Store(ready.settings.url)
    with other.write() as db:
        plans.begin(db)
        answer = visitor.client.post(
            "/sign-in",
            data={"email": "ana.correia@northgate.example", "password": "not the one", "csrf_token": visitor.token},
            headers={"Origin": visitor.origin},
        )
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert visitor.get("/").status_code == 200  # reading goes on
    other.close()
