"""Two weeks in the life of Northgate, at the end of which every calendar is the published plan."""

from datetime import date, time, timedelta

import pytest

from devsys.actions import adopt_programme
from tests.builders import id_of
from tests.stories import life_events as what
from tests.stories.life import Life, cheap_passwords, drawn_names

WEEKS = (
    (
        (what.somebody_chooses_invitations, what.a_facilitator_is_ill, what.somebody_cannot_come),
        (what.a_session_is_handed_over, what.a_room_is_closed, what.there_and_back),
        (what.a_queue_needs_its_people, what.somebody_joins),
        (what.somebody_wants_mornings, what.two_swap_places, what.somebody_says_yes),
        (what.a_draft_is_dropped, what.free_places_are_taken),
    ),
    (
        (what.the_horizon_rolls, what.a_facilitator_is_ill, what.the_mail_server_is_away),
        (what.an_agent_is_ill, what.somebody_leaves, what.a_session_moves),
        (what.nobody_knows_how_long, what.somebody_cannot_come),
    ),
)


@pytest.fixture
def seed():
    return 5


@pytest.fixture
def life(seed, post, organisation, clock, monkeypatch):
    assert organisation.people
    cheap_passwords(monkeypatch)
    drawn_names(monkeypatch, seed)
    adopt_programme.adopt_shipped(post.parts)
    cast = {"coordinator": id_of("olivia.brandt"), "administrator": id_of("rui.carvalho")}
    made = Life(post, clock, **cast, weeks=4, seed=seed)
    yield made
    made.worker.lay_down()


def test_weeks_of_life_end_with_every_calendar_as_published(life):
    play(life, WEEKS)
    missing = {event.__name__ for days in WEEKS for events in days for event in events} - set(+life.happened)
    assert missing == set(), life.journal


def play(life, weeks):
    """Play weeks of days of events, each evening judged."""
    what.first_plan(life)
    monday = date(2026, 1, 5)
    for week, days in enumerate(weeks):
        for number, events in enumerate(days):
            day = monday + timedelta(weeks=week, days=number)
            if life.clock.now.date() < day:
                life.until(day, time(8))
            life.happen(*events)
            life.evening()
    life.until(monday + timedelta(weeks=len(weeks)), time(2))
    life.judge_calendars(whole=True)
