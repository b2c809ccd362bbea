"""The worker sends letters beside its runs: a plan under way holds none of them back."""

import socket
import threading
from dataclasses import replace
from datetime import datetime

import pytest

from devsys.actions import edit_draft, publish_plan
from devsys.adapters.store.queries import accounts, letters, readers, runs
from devsys.faces.jobs.due import RHYTHMS
from devsys.faces.jobs.worker import Worker
from tests.builders import id_of
from tests.mail import to
from tests.web import scenes

CLOCKWORK = {rhythm.job: lambda _job: {} for rhythm in RHYTHMS}


@pytest.fixture
def moved(post, organisation):
    """A session has moved; four letters wait, due now."""
    assert organisation.people
    planned = scenes.plan_and_publish(post.parts)
    with post.parts.store.write() as db:
        ones = letters.listed(db, (letters.WAITING,))
        letters.drop(db, [one.id for one in ones])
        readers.set_told(db, {one.person_id: 1 for one in ones})
        viewer = accounts.viewer_of(db, id_of("olivia.brandt"))
    at = datetime(2026, 1, 27, 12, 30)
    draft = edit_draft.move(post.parts, viewer, None, planned["alfama"].id, at, cause="room taken").draft_id
    publish_plan.publish(post.parts, draft, by_id=viewer.person_id)
    post.parts.clock.move(minutes=20)
    return planned


def sent_by(worker, post):
    worker.tick()
    worker.wait_for_letters()
    return post.server.take()


def test_letters_leave_while_a_run_goes_on(post, moved):
    free, begun = threading.Event(), threading.Event()

    def long_work(_job):
        begun.set()
        assert free.wait(30)
        return {}

    with post.parts.store.write() as db:
        run_id = runs.ask(db, "draw plan", period="asked", now=post.parts.now())
    worker = Worker(post.parts, {**CLOCKWORK, "draw plan": long_work})
    came = sent_by(worker, post)
    assert begun.wait(30)
    assert len({to(one) for one in came}) == 4
    with post.parts.store.read() as db:
        assert runs.get(db, run_id).state == runs.RUNNING
    free.set()
    worker.wait()
    worker.lay_down()
    assert moved.sessions


def test_a_second_worker_sends_nothing(post, moved):
    first, second = Worker(post.parts, CLOCKWORK), Worker(post.parts, CLOCKWORK)
    assert len(sent_by(first, post)) == 4
    second.tick()
    assert not second.leads
    first.wait()
    first.lay_down()
    assert moved.sessions


def test_runs_begin_and_end_while_a_mail_server_is_silent(post, moved):
    """It takes the connection and says nothing until the run is over, however long that takes."""
    over = threading.Event()
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        more = {"smtp_port": server.getsockname()[1], "smtp_seconds": 60}
        parts = replace(post.parts, settings=post.parts.settings.model_copy(update=more))
        worker = Worker(parts, {**CLOCKWORK, "draw plan": lambda _job: over.set() or {}})
        worker.tick()
        held, _ = server.accept()
        with parts.store.write() as db:
            runs.ask(db, "draw plan", period="asked", now=parts.now())
        while not over.is_set():
            worker.tick()
            worker._current.thread.join()
        assert worker._post.is_alive()
        held.close()
    worker.wait()
    worker.lay_down()
    assert moved.sessions


def test_a_mail_server_that_is_silent_holds_up_nothing_else(post, moved, silent_port):
    """It takes the connection and says nothing: given up after a second, runs go on meanwhile."""
    more = {"smtp_port": silent_port, "smtp_seconds": 1}
    parts = replace(post.parts, settings=post.parts.settings.model_copy(update=more))
    worker = Worker(parts, CLOCKWORK)
    worker.tick()
    with parts.store.write() as db:
        run_id = runs.ask(db, "draw plan", period="asked", now=parts.now())
    worker.wait()
    worker.tick()
    worker.wait()
    worker.tick()
    with parts.store.read() as db:
        assert runs.get(db, run_id).over
        trouble = letters.trouble(db)
        assert len(letters.listed(db, (letters.WAITING,))) == 4
    assert "did not answer in time" in trouble.words
    worker.lay_down()
    assert moved.sessions
