"""What a look at rollouts finds and keeps: verdicts of cohorts, refreshers as needs, never a person's figure."""

import json
from datetime import timedelta

import pytest

from devsys.actions import review_improvement
from devsys.actions.brief import needs_of
from devsys.adapters.store.queries import accounts, planning, rollouts
from devsys.base.errors import NotFoundError
from devsys.core.improvement.estimable import Reason
from devsys.core.improvement.rollout import Order
from devsys.core.improvement.verdict import Phrase
from devsys.core.model.calendar import Horizon
from devsys.core.model.rollouts import RefresherState
from tests.builders import MONDAY, a_rollout, id_of
from tests.improvement import scene
from tests.web.scenes import adopt_shipped


@pytest.fixture
def grown(parts, organisation):
    assert organisation.people
    adopt_shipped(parts)
    scene.grow(parts)
    return parts


def looked_at(parts, **more):
    made, seen = scene.roll_out(parts, **more)
    counts = review_improvement.carry_out(parts)
    with parts.store.read() as db:
        return json.loads(rollouts.effects(db)[made][1]), counts, rollouts.refreshers(db), seen


def test_a_lasting_gain_holds(grown):
    found, counts, asked, _ = looked_at(grown, half_life=float("inf"))
    assert found["phrase"] == Phrase.HOLDING
    assert found["sentence"].startswith("Improved and holding: improved by ")
    assert [one["key"] for one in found["windows"]] == ["quarter", "3", "6", "12"]
    first = found["windows"][0]["figures"]
    assert first["low"] < 8 < first["high"]
    assert min(first["treated"], first["controls"]) >= 20
    assert (found["people"], counts) == (80, {"effects": 1, "refreshers": 0})
    assert asked == ()


def test_without_an_effect_no_improvement_is_shown(grown):
    found, _, asked, _ = looked_at(grown, gain=0.0, seed=11)
    assert found["phrase"] in (Phrase.NO_IMPROVEMENT, Phrase.TOO_LITTLE)
    assert found["fade"] is None
    assert asked == ()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"order": Order.WEAKEST, "late": 0}, Reason.NOT_BY_LOT),
        ({"attend": False}, Reason.ASTRAY),
    ],
)
def test_what_cannot_be_told_has_its_reason_and_no_figure(grown, more, reason):
    found, _, asked, _ = looked_at(grown, **more)
    assert found["phrase"] == Phrase.TOO_LITTLE
    assert all(one["figures"] is None and reason in one["reasons"] for one in found["windows"])
    assert (found["fade"], found["retained"], asked) == (None, {}, ())
    assert not any(sign.isdigit() for sign in found["sentence"].replace(reason, ""))


def test_readings_of_teams_alone_tell_no_effect(grown):
    made = a_rollout(grown)
    review_improvement.carry_out(grown)
    with grown.store.read() as db:
        found = json.loads(rollouts.effects(db)[made][1])
    assert Reason.PER_TEAM in found["windows"][0]["reasons"]
    assert found["weeks"] == 0


def test_a_fading_gain_leaves_needs_with_dates_and_reason_and_declining_takes_them_back(grown):
    found, _, asked, _ = looked_at(grown, gain=14.0, half_life=6.0)
    assert found["fade"]["kappa"] > 0
    assert asked
    one = asked[0]
    assert one.state is RefresherState.OPEN
    assert (one.earliest.weekday(), one.due - one.earliest) == (0, timedelta(days=6))
    assert one.latest - one.due == timedelta(days=14)
    assert "Satisfied customers: half of the gain of " in one.why
    horizon = Horizon(MONDAY, 52)

    def needs():
        with grown.store.read() as db:
            return [n for n in needs_of(planning.brief(db, now=grown.now()), horizon) if "/refresher." in n.key]

    left = needs()
    with grown.store.read() as db:
        members = [p.person_id for p in rollouts.places(db, one.rollout_id) if p.wave == one.wave]
        viewer = accounts.viewer_of(db, id_of("olivia.brandt"))
    mine = [n for n in left if one.id in n.key]
    assert sorted(n.person_id for n in mine) == sorted(members)
    assert {n.why for n in mine} == {one.why}
    assert review_improvement.carry_out(grown)["refreshers"] == 0  # once a quarter at most
    review_improvement.decide(grown, viewer, one.id, take=False, reason="The product changes in June.")
    assert not [n for n in needs() if one.id in n.key]
    with pytest.raises(NotFoundError):
        review_improvement.decide(grown, viewer, one.id, take=True, reason="")


def test_a_red_condition_comes_before_the_refresher(grown):
    from devsys.adapters.store.queries import conditions
    from devsys.core.model.conditions import Check, State

    with grown.store.write() as db:
        conditions.keep_look(
            db,
            team_id=id_of("t03"),
            check=Check.STAFFING,
            state=State.RED,
            since=MONDAY - timedelta(days=40),
            on=MONDAY,
            at=grown.now(),
            by_id=id_of("olivia.brandt"),
            owner_id=id_of("olivia.brandt"),
            next_look=MONDAY + timedelta(days=20),
            note="Two left.",
        )
    _, _, asked, _ = looked_at(grown, gain=14.0, half_life=6.0)
    assert {one.state for one in asked} == {RefresherState.WAITS}
    assert asked[0].waits == "Team 03: staffing is red since 26 November"
    with grown.store.read() as db:
        assert rollouts.recalls(db) == ()


def test_nothing_kept_names_a_person_or_shows_a_figure_of_one(grown):
    found, _, asked, seen = looked_at(grown, gain=14.0, half_life=6.0)
    text = json.dumps(found) + repr(asked)
    assert not any(name in text or id_of(name) in text for name in scene.NAMES)
    assert not any(f"{value:.6f}"[:8] in text for value in seen[:, -1])


MAPPING = """\
source: weekly
title: Weekly export
rows: total
date: Week
form: 2026-W05
team: {column: Team}
person: {column: Agent}
measures:
  - measure: csat
    numerator: {sum: Good}
    denominator: {sum: Ratings}
"""


def test_new_readings_of_persons_ask_for_another_look(grown):
    from devsys.actions import import_measures
    from devsys.adapters.store.queries import runs
    from devsys.core.improvement.readings import WHOLE_FILE

    with grown.store.read() as db:
        viewer = accounts.viewer_of(db, id_of("olivia.brandt"))
    import_measures.keep_mapping(grown, viewer, MAPPING)

    def bring(week):
        data = f"Week,Team,Agent,Good,Ratings\n{week},t00,t00.1,7,9\n".encode()
        import_measures.bring(grown, "weekly", data, WHOLE_FILE, dry_run=False)
        with grown.store.read() as db:
            return runs.latest(db, review_improvement.JOB)

    assert bring("2025-W50") is None  # nothing is rolled out
    a_rollout(grown)
    assert bring("2025-W51").state == "waiting"


def test_with_no_rollout_nothing_is_done(grown):
    assert review_improvement.carry_out(grown) == {"effects": 0, "refreshers": 0}
