"""How evenly a plan serves, in words: nobody is named, a team only to who plans, and never more than is true."""

from dataclasses import replace

import pytest

from devsys.adapters.store.queries import plans, sessions
from devsys.core.model.access import Role
from devsys.core.model.calendar import Evenness
from devsys.faces.web.even_values import even_words
from tests.builders import id_of
from tests.web import scenes
from tests.web.test_pages_publish import text

EVEN = Evenness((31, 36), (1999, 2000), "north", 1000, 30, 62, 171, 1.5, 0.0061)


def test_each_part_is_said_with_its_figures():
    assert even_words(EVEN, "North") == [
        ("Every person", "at least 31 of 36 needs on time (86.1\u2009%)"),
        ("Every team of five or more", "at least 99.9\u2009% on time; North has the least"),
        (
            "Of all seats",
            (
                "3\u2009% before ten, 6.2\u2009% from four on, 17.1\u2009% on Fridays; "
                "nobody has more than 1.5 seats above an even share"
            ),
        ),
        ("Like facilitators", "at most 0.6 points apart in how much of their hours they lead"),
    ]


def test_what_was_not_counted_is_not_said():
    assert even_words(Evenness()) == []
    assert even_words(replace(EVEN, team_id="", seats=0)) == even_words(EVEN)[:1]
    assert "all even" in even_words(replace(EVEN, above=0.0))[2][1]


@pytest.fixture
def drawn(parts, organisation):
    """A draft of the scene with figures of how even it is; Alfama is the team with the smallest share."""
    assert organisation.people
    planned = scenes.plan_and_publish(parts)
    even = replace(EVEN, team_id=id_of("alfama"))
    with parts.store.write() as db:
        version = plans.latest(db)
        plans.new_draft(db, id_of("even"), horizon=version.horizon, by_id=None, cause="", now=parts.now())
        plans.set_figures(db, id_of("even"), replace(version.figures, even=even))
        sessions.lay_into_draft(db, id_of("even"), [replace(planned["belem"], room_id=id_of("mewa"))], parts.now())
    with parts.store.read() as db:
        assert plans.draft(db, id_of("even")).figures.even == even
    return id_of("even")


def test_who_plans_sees_the_team_with_the_smallest_share(drawn, sign_in):
    page = text(sign_in(Role.COORDINATOR).get(f"/drafts/{drawn}"))
    assert "How even it is" in page
    assert "at least 31 of 36 needs on time" in page
    assert "Billing Alfama has the least" in page


def test_who_does_not_plan_sees_no_team_and_who_sees_a_part_sees_nothing(drawn, sign_in):
    administrator = text(sign_in(Role.ADMINISTRATOR).get(f"/drafts/{drawn}"))
    assert "How even it is" in administrator
    assert "has the least" not in administrator
    assert "How even it is" not in text(sign_in(Role.LEAD).get(f"/drafts/{drawn}"))


def test_a_published_plan_keeps_its_evenness(parts, drawn, sign_in):
    with parts.store.write() as db:
        number = plans.publish(db, drawn, by_id=None, cause="spring", now=parts.now(), changes={})
    assert "at least 31 of 36 needs on time" in text(sign_in(Role.COORDINATOR).get(f"/plans/versions/{number}"))
