"""Figures for Prometheus: whole in form, right over several processes, and without anybody in them."""

import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from devsys.actions import rotate_feed
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, runs
from devsys.base.counts import Counts, empty
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.access import Role
from tests.builders import id_of
from tests.conftest import application
from tests.web.scenes import plan_and_publish

TOKEN = "a-long-token-of-the-test"
LINE = re.compile(r'devsys_[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [0-9.e+-]+')


@pytest.fixture
def counted(settings, store, clock, organisation):
    assert organisation.people
    return Parts(settings.model_copy(update={"metrics_token": SecretStr(TOKEN)}), store, clock)


def figures(client, token=TOKEN):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    lines = answer.text.splitlines()
    assert all(line.startswith("# ") or LINE.fullmatch(line) for line in lines), lines
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#")), answer.text


def test_without_the_token_there_is_no_such_page(counted, client):
    watcher = application(counted).test_client()
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer "}, {"Authorization": TOKEN[:-1]}):
        assert watcher.get("/metrics", headers=headers).status_code == 404
    for headers in ({}, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=headers).status_code == 404  # none is set


def test_requests_polls_runs_and_letters_are_counted(counted, clock):
    plan_and_publish(counted)
    watcher = application(counted).test_client()
    with counted.store.read() as db:
        ana = accounts.viewer_of(db, id_of("ana.correia"))
    token = rotate_feed.make(counted, ana, rotate_feed.Wanted(FeedKind.PERSON, ana.person_id, "Phone"))
    tag = watcher.get(f"/feed/{token}.ics").headers["ETag"]
    for _ in range(3):
        assert watcher.get(f"/feed/{token}.ics", headers={"If-None-Match": tag}).status_code == 304
    watcher.get("/nowhere")
    watcher.get("/healthz")
    with counted.store.write() as db:
        runs.ask(db, "tidy up", period="now", now=clock.now)
        runs.note_worker(db, clock.now)
    clock.move(seconds=90)
    found, text = figures(watcher)
    assert found['devsys_requests_total{route="feed",status="304"}'] == "3"
    assert found['devsys_requests_total{route="feed",status="2xx"}'] == "1"
    assert found['devsys_requests_total{route="none",status="4xx"}'] == "1"
    assert (found["devsys_feed_polls_total"], found["devsys_feed_unchanged_total"]) == ("4", "3")
    assert found['devsys_runs{job="tidy up",state="waiting"}'] == "1"
    assert found["devsys_worker_age_seconds"] == "90"
    assert found["devsys_feeds"] == "1"
    for secret in (token, "Ana", "ana.correia", ana.person_id, "northgate"):
        assert secret not in text


def test_counts_of_processes_are_read_together_and_outlive_them(tmp_path: Path) -> None:
    counts = Counts(tmp_path / "counts", ("a", "b"))
    counts.add("a")
    for _ in range(3):
        child = os.fork()
        if not child:
            counts.add("a", 2)
            counts.add("b")
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    counts.add("a")
    assert counts.all() == {"a": 8, "b": 3}
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "counts").iterdir()} == {0o600}
    with pytest.raises(KeyError):
        counts.add("c")
    empty(tmp_path / "counts")
    assert counts.all() == {"a": 0, "b": 0}


def test_nothing_is_counted_without_a_token(client, settings, sign_in):
    sign_in(Role.EMPLOYEE).get("/")
    client.get("/healthz")
    assert not (settings.home / "counts").exists()
