"""After heavy sessions and rounds people are off the queue for a while: placed by the planner, counted by the count."""

from collections import defaultdict
from itertools import pairwise

import pytest

from devsys.actions import adopt_programme
from devsys.base.errors import InvalidError
from devsys.base.resources import folder
from tests.stories import acts
from tests.web import scenes

ROUNDS = (folder("schedules") / "case_rounds.yaml").read_text("utf-8")
HEAVY = "    minutes: 60\n    intensity: heavy\n    recovery_minutes: 30\n"
# Not for Patan, where all have their lunch at once: the count would take recovering through it for time off the queue.
GATED = HEAVY + "    prerequisites: [professional_boundaries]\n    teams: [alfama, belem]\n"


def test_heavy_rounds_are_followed_by_time_off_the_queue(parts, organisation):
    """No session follows within it, no second heavy one on the day, and no half hour of a queue is short through it."""
    assert organisation.people
    scenes.adopt_shipped(parts)
    adopt_programme.adopt(parts, ROUNDS.replace("    minutes: 60\n", GATED, 1), None, "case_rounds.yaml")
    acts.plan(parts, weeks=8)
    with parts.store.read() as db:
        known = scenes.programme.activities(db)
    assert known["case_round"].recovery_minutes == 30
    by_person = defaultdict(list)
    for session in sorted(acts.published(parts), key=lambda s: s.starts_utc):
        for person in session.people:
            by_person[person].append(session)
    followed = [(one, other) for row in by_person.values() for one, other in pairwise(row)]
    heavy = [(one, other) for one, other in followed if known[one.activity].recovery_minutes]
    assert len(heavy) > 10
    for one, other in heavy:
        assert (other.starts_utc - one.ends_utc).total_seconds() >= 60 * known[one.activity].recovery_minutes
        assert not (known[other.activity].recovery_minutes and one.starts.date() == other.starts.date())
    assert acts.Count(parts).faults() == []  # it counts who recovers as missing on the queue


def test_a_heavy_round_without_boundaries_before_it_is_refused(parts, organisation):
    assert organisation.people
    scenes.adopt_shipped(parts)
    with pytest.raises(InvalidError) as refused:
        adopt_programme.adopt(parts, ROUNDS.replace("    minutes: 60\n", HEAVY, 1), None, "case_rounds.yaml")
    assert any("can be reached without boundaries" in fault.what for fault in refused.value.faults)
