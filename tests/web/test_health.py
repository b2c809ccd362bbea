"""Health only reads: what the doctor says, what the worker did."""

import re

from devsys.adapters.store.queries import runs
from devsys.core.model.access import Role


def test_health_says_what_wants_a_look_first(sign_in):
    page = sign_in(Role.ADMINISTRATOR).get("/health")
    assert page.status_code == 200
    assert "No worker is at work" in page.text
    states = re.findall(r'<span class="tag (ok|warn|bad)">', page.text.split("Last run of each job")[0])
    assert states == sorted(states, key=["bad", "warn", "ok"].index)
    assert "want" in re.search(r'<p class="lede">([^<]+)', page.text)[1]


def test_runs_are_listed_with_how_long_they_took_and_what_went_wrong(sign_in, store, clock):
    with store.write() as db:
        first = runs.ask(db, "draw plan", period="asked-1", now=clock.now)
        runs.take(db, clock.now)
        runs.finish(db, first, clock.move(seconds=40))
        second = runs.ask(db, "roll horizon", period="2026-01-05", now=clock.now)
        runs.take(db, clock.now)
        runs.fail(db, second, clock.move(minutes=5), "The disk is full.")
        runs.ask(db, "tidy up", period="2026-01-05T09", now=clock.now)
    page = sign_in(Role.COORDINATOR).get("/health").text
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Draw a plan done 5 minutes ago, took 40 s" in text
    assert "Roll the horizon on failed just now, took 5 min: The disk is full." in text
    assert "Tidy up waits just now" in text


def test_looking_changes_nothing(sign_in, store):
    visitor = sign_in(Role.ADMINISTRATOR)

    def content():
        with store.read() as db:
            tables = ("house", "job_run", "audit", "sign_in", "person")
            return [db.connection().exec_driver_sql(f"SELECT * FROM {t}").fetchall() for t in tables]

    visitor.get("/")
    before = content()
    for path in ("/health", "/log", "/programme", "/people", "/imports", "/who-sees-what", "/account"):
        assert visitor.get(path).status_code == 200
    assert content() == before
