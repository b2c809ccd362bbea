"""The benches' own tools: instances are sound and repeat, peers keep the rules, results go stale with the code."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from devsys.actions.parts import Parts
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.config import Settings
from devsys.core.planning.check import check
from devsys.core.planning.exchange import read_problem
from devsys.core.planning.problem import Session
from tests import builders
from tests.bench import goals, grow
from tests.bench.candidates import candidates
from tests.bench.cases import ALL, TRAITS, Case, Job
from tests.bench.figures import of_needs, share
from tests.bench.first_fit import first_fit
from tests.bench.instances import CLOCKS, Shape, make
from tests.bench.job import figures_of
from tests.bench.ledger import Ledger, Unavailable
from tests.bench.peer_plans import sessions_of, sound_part, timefold_task
from tests.bench.report import jobs, table
from tests.planning.builders import a_need, a_problem, a_session, at

COPIED = ("person", "team", "session", "revision", "place")
SMALL = Shape(24, 6, seed=3)


@pytest.mark.parametrize("traits", [pytest.param(more, id=name) for name, more in TRAITS.items()])
def test_every_kind_of_instance_is_sound_and_first_fit_keeps_its_rules(traits: dict[str, Any]) -> None:
    problem = read_problem(make(replace(SMALL, **traits)))
    sessions = first_fit(problem)
    assert len(problem.needs) > 60
    assert sessions
    assert check(problem, sessions) == ()


def test_an_instance_repeats_by_seed_alone() -> None:
    assert make(SMALL) == make(SMALL)
    assert make(SMALL) != make(replace(SMALL, seed=4))


def test_a_factor_on_the_requirement_changes_nothing_else() -> None:
    usual, tight = make(SMALL), make(replace(SMALL, requirement=1.1))
    assert sum(tight["pools"][0]["required"]) > sum(usual["pools"][0]["required"])
    assert {k: v for k, v in usual.items() if k != "pools"} == {k: v for k, v in tight.items() if k != "pools"}


def test_clocks_change_within_a_quarter_and_windows_follow_midnight() -> None:
    document = make(Shape(30, 13, sites=3, zones=CLOCKS))
    lengths = [{b - a for a, b in zip(s["midnights"], s["midnights"][1:], strict=False)} for s in document["sites"]]
    assert lengths == [{46, 48}, {46, 48}, {48, 49}]
    midnights = {slot for s in document["sites"] for slot in s["midnights"]} | {0, 13 * 336}
    assert {slot for need in document["demands"] for slot in need[2:5]} <= midnights


def test_first_fit_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="pins"):
        first_fit(replace(a_problem([a_need()]), frozen_until=48))


def test_first_fit_opens_nothing_below_a_groups_minimum() -> None:
    assert first_fit(a_problem([a_need("p0")])) == ()
    (session,) = first_fit(a_problem([a_need("p0"), a_need("p1")]))
    assert session.att == (0, 1)


def test_candidates_suit_those_who_may_take_them() -> None:
    problem = read_problem(make(SMALL))
    choice = candidates(problem)
    agents = {a.id: a for a in problem.agents}
    for n, options in enumerate(choice.options):
        need = problem.needs[n]
        for place in (choice.places[p] for p in options):
            assert place.act == need.act
            assert need.earliest <= place.start < need.latest
            assert any(a <= place.start and place.start + place.length <= b for a, b in agents[need.agent].work)
    assert timefold_task(problem, choice, seconds=1)["order"][:1]


def test_a_peers_answer_loses_groups_that_are_too_small() -> None:
    problem = read_problem(make(SMALL))
    choice = candidates(problem)
    n = next(i for i, o in enumerate(choice.options) if o and choice.places[o[0]].least > 1)
    assert sessions_of(problem, choice, [(n, choice.options[n][0])]) == ()


def test_what_breaks_a_rule_is_taken_out_and_the_rest_stays() -> None:
    problem = a_problem([a_need("p0"), a_need("p1"), a_need("p0", "digital"), a_need("p2", "digital")])
    kept: Session = a_session()
    clash = a_session("digital", at(0, 9.5), (2, 3), "s2")
    assert sound_part(problem, [kept, clash]) == (kept,)
    assert sound_part(problem, [kept]) == (kept,)


def test_figures_count_what_is_on_time_late_and_broken() -> None:
    problem = a_problem([a_need("p0"), a_need("p1"), a_need("p3"), a_need("p4")])
    late = a_session(start=at(7, 9), att=(2, 3), id_="s2")
    found = figures_of(problem, [a_session(), late])
    assert {k: found[k] for k in ("needs", "placed", "on_time", "sessions", "violations")} == {
        "needs": 4,
        "placed": 4,
        "on_time": 2,
        "sessions": 2,
        "violations": 0,
    }
    assert figures_of(problem, [replace(late, att=(2,))])["violations"] == 1
    assert of_needs(found) == 0.5
    assert share(found | {"bound": 3.0}) == pytest.approx(2 / 3)


def test_names_of_jobs_tell_them_apart() -> None:
    every = jobs()
    assert len({job.name for job in every}) == len(every)
    assert {job for case in ALL for job in case.jobs} <= set(every)


def test_a_result_holds_only_for_its_own_job_and_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("one", SMALL)
    ledger = Ledger(tmp_path)
    ran = ledger.result(case.job("first fit"))
    assert ran["violations"] == 0
    assert ran["peak_mb"] > 0
    assert ledger.known(case.job("first fit")) == ran
    assert ledger.known(Job("first fit", SMALL, 5.0)) is None
    monkeypatch.setattr("tests.bench.ledger._JUDGED", ("devsys/core/planning/check.py",))
    assert ledger.known(case.job("first fit")) is None
    assert ledger.result(case.job("first fit")) == ran
    assert ledger.known(case.job("first fit")) == ran
    monkeypatch.setattr("tests.bench.ledger.hash_of", lambda _patterns: "changed")
    assert ledger.known(case.job("first fit")) is None


def test_goals_are_missed_when_a_result_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poor = {
        "needs": 10,
        "placed": 9,
        "on_time": 8,
        "bound": 10.0,
        "proved": False,
        "violations": 1,
        "cpu": 1.0,
        "reading": 1.0,
    }
    poor |= {"peak_mb": 2000.0, "digest": "a"}
    ledger = Ledger(tmp_path)
    monkeypatch.setattr(ledger, "known", lambda job: poor if job.what in {"full", "construct"} else None)
    held = {goal.what: goal.held for goal in goals.judge(ledger)}
    assert held["broken rules in all plans"] is False
    assert held["300 x 52, of the bound"] is False
    assert held["10,000 x 25 x 52, peak memory"] is False
    assert held["60 x 13"] is False
    assert held["same instance and seed"] is True
    assert held["on time against CP-SAT"] is None
    assert any("MISSED" in line for line in table(ledger))


def test_a_job_whose_needs_are_not_there_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.ledger.SHARED", tmp_path)
    with pytest.raises(Unavailable, match="make_instance"):
        Ledger(tmp_path).result(Job("full", SMALL, maker="public"))


def test_a_multiple_is_wanted_whatever_the_bound_leaves() -> None:
    def holds(ours: int, bound: int, theirs: int) -> bool:
        return goals.is_multiple({"on_time": ours, "bound": bound}, {"on_time": theirs})

    assert holds(150, 1_000, 100)
    assert not holds(149, 1_000, 100)  # the bound would allow it
    assert not holds(149, 149, 100)  # nobody can have more: it is missed all the same, and the page says both


def test_a_grown_home_has_copies_of_everything_and_names_nothing_that_is_not_there(
    sqlite_settings: Settings, clock: Any, tmp_path: Path
) -> None:
    home = sqlite_settings.home
    store = Store(sqlite_settings.url, home / KEY_NAME)
    parts = Parts(sqlite_settings, store, clock)
    builders.settle(store)
    # names that begin or end with the number of a copy, as one of some thousand random ones does
    begins = builders.a_session("one", uid="001d9c0fe0@devsys", id="5a1af0b97225fd6e7001")
    builders.publish_now(parts, begins, builders.a_session("two", starts=datetime(2026, 1, 21, 14, 0)))
    store.close()
    grow.grow(home, tmp_path / "out", 3)
    counted = {}
    for name, folder in (("home", home), ("out", tmp_path / "out")):
        with closing(sqlite3.connect(folder / "devsys.db")) as db:
            assert grow.dangling(db) == {}
            counts = [f"SELECT count(*) FROM {table}" for table in COPIED]
            counted[name] = [db.execute(count).fetchone()[0] for count in counts]
    assert counted["out"] == [3 * number for number in counted["home"]]
    assert min(counted["home"]) > 0
