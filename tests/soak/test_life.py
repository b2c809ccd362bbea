"""A week in the life of the demo organisation, about 300 people, at the end of which every calendar is as published.

Web, worker, mail server and feeds are the real ones; two people subscribed with vdirsyncer and khal.
"""

# ruff: noqa: T201 -- it prints what happened (`pytest -m soak -s tests/soak/test_life.py`)

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from devsys.actions import demo
from devsys.actions.demo_organisation import DemoOrganisation, demo_organisation
from devsys.adapters.store.queries import accounts, house
from devsys.base.config import Settings
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.access import Grant, Role
from tests.builders import NOW
from tests.conftest import Frozen
from tests.feeds.readers import calendar_programs
from tests.feeds.test_subscriber import Subscriber
from tests.mail import Post
from tests.soak.test_main_job import free_port
from tests.stories import life_events as what
from tests.stories.life import Life, cheap_passwords, drawn_names

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

WEEK = (
    (
        (what.somebody_chooses_invitations, what.a_facilitator_is_ill, what.somebody_cannot_come),
        (what.a_session_is_handed_over, what.somebody_says_yes, what.somebody_wants_mornings),
    ),
    ((what.a_queue_needs_its_people, what.an_agent_is_ill), (what.there_and_back, what.somebody_cannot_come)),
    ((what.somebody_joins, what.somebody_leaves), (what.a_room_is_closed, what.a_session_moves)),
    (
        (what.the_mail_server_is_away, what.a_facilitator_is_ill),
        (what.a_session_is_handed_over, what.free_places_are_taken, what.a_draft_is_dropped),
    ),
    ((what.nobody_knows_how_long, what.somebody_cannot_come), (what.a_queue_needs_its_people, what.an_agent_is_ill)),
)
MONDAY = date(2026, 1, 5)
SEED = 8


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"port": free_port()})


@pytest.fixture
def organisation(post: Post, clock: Frozen, monkeypatch: pytest.MonkeyPatch) -> DemoOrganisation:
    """The demo organisation with its programme and who coordinates it, told by letter as a real one is."""
    drawn_names(monkeypatch, SEED)
    programmes = demo.shipped()
    activities = {a.code: a for one in programmes for a in one.activities}
    made = demo_organisation(activities, today=clock.now.date(), history_weeks=4, ahead_weeks=14)
    fresh = tuple((person, code, NOW, wished) for person, code, _, wished in made.coaching)  # asked for this morning
    with post.parts.store.write() as db:
        demo._write(db, replace(made, coaching=fresh), programmes, NOW, {})
        house.drop_fact(db, house.DEMO)
        for role in (Role.COORDINATOR, Role.ADMINISTRATOR):
            who = next(p for p in made.organisation.people if p.id == made.parts[role])
            accounts.add_account(db, person_id=who.id, email=who.email, password_hash="", now=NOW)
            accounts.add_grants(db, who.id, (Grant(role),))
    return made


@pytest.fixture
def life(post: Post, organisation: DemoOrganisation, clock: Frozen, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    cheap_passwords(monkeypatch)
    roles = organisation.parts
    made = Life(
        post,
        clock,
        coordinator=roles[Role.COORDINATOR],
        administrator=roles[Role.ADMINISTRATOR],
        weeks=6,
        seed=SEED,
    )
    yield made
    made.worker.lay_down()


@pytest.fixture
def served(life: Life) -> Iterator[str]:
    """The application on its port, for programs of others."""

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 -- werkzeug's name
            """Say nothing."""

    server = make_server("127.0.0.1", life.parts.settings.port, life.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield life.parts.settings.public_url
    server.shutdown()
    thread.join()
    server.server_close()


def subscribe(life: Life, served: str, programs: Path, folder: Path) -> dict[str, Subscriber]:
    """Let the two with most ahead of them look at their feeds with vdirsyncer and khal."""
    counts = {p: sum(p in s.people for s in life.published()) for p in life.people}
    busiest = sorted(counts, key=lambda p: (-counts[p], p))[:2]
    return {
        p: Subscriber(programs, folder / p, served + life.people[p].phones[FeedKind.PERSON].address) for p in busiest
    }


def look(life: Life, subscribers: dict[str, Subscriber]) -> None:
    """What khal shows of what is to come is what is published."""
    zone = ZoneInfo("Europe/Lisbon")
    from_now = f"{life.clock.now.astimezone(zone):%Y-%m-%d %H:%M}"
    for person_id, one in subscribers.items():
        if life.people[person_id].gone or life.people[person_id].program is not None:
            continue
        one.sync()
        shown = [line for line in one.agenda() if line.endswith("CONFIRMED") and line[:16] > from_now]
        meant = [s for s in life.published() if person_id in s.people and s.starts_utc > life.clock.now]
        assert sorted(line[:16] for line in shown) == sorted(
            f"{s.starts_utc.astimezone(zone):%Y-%m-%d %H:%M}" for s in meant
        )


def test_a_week_of_life_of_three_hundred_ends_with_every_calendar_as_published(
    life: Life, served: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    programs = calendar_programs(pytestconfig.cache.mkdir("devsys-clients"))
    assert 250 < len(life.people) < 400
    what.first_plan(life)
    subscribers = subscribe(life, served, programs, tmp_path)
    for number, parts_of_day in enumerate(WEEK):
        day = MONDAY + timedelta(days=number)
        if life.clock.now.date() < day:
            life.until(day, time(8))
        for events in parts_of_day:
            life.happen(*events)
            if events is parts_of_day[0] and life.clock.now.time() < time(13):
                life.until(day, time(13))
        life.evening()
        look(life, subscribers)
    life.until(MONDAY + timedelta(weeks=1), time(8))
    life.happen(what.the_horizon_rolls)
    life.evening()
    life.until(MONDAY + timedelta(days=8), time(14))
    life.judge_calendars(whole=True)
    look(life, subscribers)
    print("\n" + "\n".join(life.journal))
    every = {event.__name__ for day in WEEK for events in day for event in events}
    assert every - set(+life.happened) == set()
