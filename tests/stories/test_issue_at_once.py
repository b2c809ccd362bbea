"""Acceptance 9: what is brought after publishing and leaves a queue short, or a session without its people, is an issue
at once: on Home of the next request, without any job in between.

The verifier says what cannot stand; Home finds it by other means.
"""

import random

import pytest

from devsys.actions import adopt_programme
from devsys.actions.brief import judge
from devsys.adapters.store.queries import planning
from devsys.core.model.access import Role
from devsys.core.model.hours import local
from tests.stories import acts


@pytest.fixture
def published(parts, organisation):
    """Northgate with the whole shipped programme and six weeks published."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    acts.plan(parts, weeks=6)
    return parts


def broken(parts):
    """Give (rule, whose) of all that cannot stand, as the verifier says it."""
    with parts.store.read() as db:
        brief = planning.brief(db, now=parts.now())
    ahead = [s for s in brief.published if s.starts_utc > brief.now]
    return {(v.rule, v.who) for v in judge(brief, brief.published, around=ahead)}


def home(sign_in):
    return acts.text_of(sign_in(Role.COORDINATOR).get("/"))


def test_nothing_is_an_issue_as_it_is_published(published, sign_in):
    assert broken(published) == set()
    assert "cannot stand" not in home(sign_in)
    assert "short, " not in home(sign_in)


@pytest.mark.parametrize("seed", range(6))
def test_a_requirement_that_leaves_a_queue_short_is_an_issue_at_once(published, sign_in, organisation, seed):
    draw = random.Random(seed)  # noqa: S311 -- the same cases in every run
    sessions = [s for s in acts.published(published) if s.starts_utc > published.now()]
    chosen = draw.choice(sessions)
    person = next(p for p in organisation.people if p.id in chosen.people and p.queue_id)
    queue = next(q for q in organisation.queues if q.id == person.queue_id)
    hour = local(chosen.starts_utc, chosen.zone).hour
    acts.require(published, queue.code, (hour, 40))
    found = {who for rule, who in broken(published) if rule == "coverage"}
    assert queue.id in found
    page = home(sign_in)
    named = {q.id for q in organisation.queues if f"{q.name} is " in page and " short, " in page}
    assert named == found


@pytest.mark.parametrize("seed", range(6))
def test_an_absence_that_takes_somebody_from_a_session_is_an_issue_at_once(published, sign_in, organisation, seed):
    draw = random.Random(seed)  # noqa: S311
    sessions = [s for s in acts.published(published) if s.starts_utc > published.now()]
    chosen = draw.choice(sessions)
    leads = bool(seed % 2)
    person_id = chosen.facilitator_id if leads else draw.choice(sorted(chosen.people))
    person = next(p for p in organisation.people if p.id == person_id)
    day = f"{chosen.starts:%Y-%m-%d}"
    acts.away(published, person.code, f"{day} 00:00", f"{day} 23:59")
    found = broken(published)
    assert ("facilitator" if leads else "at_work", person_id) in found
    page = home(sign_in)
    assert (f"since {person.name} is away" if leads else "of their people is away") in page
