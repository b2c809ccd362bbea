"""One golden file per feed kind and view; what is in them is read by all three readers, who agree."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devsys.actions.parts import Parts
from tests.feeds.lint import lint
from tests.feeds.readers import by_ical_js, by_icalendar, by_libical
from tests.feeds.scene import Poller, a_feed, cancelled, publish, settle, with_people
from tests.feeds.test_feeds import ALL, NEPAL, ROUND

FEEDS = {
    "person.ics": ("person", "ana.correia", ""),
    "person_taken_off.ics": ("person", "bruno.matos", ""),
    "person_opted_in.ics": ("person", "ana.correia", "titles"),
    "team.ics": ("team", "alfama", "marta.nogueira"),
    "facilitator_coach.ics": ("facilitator", "nadia.haddad", ""),
    "facilitator.ics": ("facilitator", "marta.nogueira", "olivia.brandt"),
    "room.ics": ("room", "himal", "olivia.brandt"),
    "room_masked.ics": ("room", "mewa", "kofi.mensah"),
}


@pytest.fixture
def bodies(parts: Parts, clock: Any) -> dict[str, bytes]:
    """Every kind of feed after a plan, a cancelled session and a person taken off."""
    settle(parts)
    publish(parts, *ALL)
    tokens = {}
    for name, (kind, target, owner) in FEEDS.items():
        titles = owner == "titles"
        tokens[name] = a_feed(parts, kind, target, "" if titles else owner, titles=titles)
    clock.move(days=1)
    publish(parts, with_people(ROUND, "ana.correia", "catarina.leal"), cancelled(NEPAL))
    poller = Poller.fresh(parts)
    return {name: poller.body(token) for name, token in tokens.items()}


def test_feeds_are_the_golden_files(bodies: dict[str, bytes], golden: Callable[[str, bytes], None]) -> None:
    for name, body in bodies.items():
        golden(name, body)


def test_readers_agree_on_every_kind_of_feed(
    bodies: dict[str, bytes], ical_js: Path, tmp_path: Path, parts: Parts
) -> None:
    files = [tmp_path / name for name in bodies]
    for file in files:
        file.write_bytes(bodies[file.name])
    for file, seen in zip(files, by_ical_js(ical_js, files), strict=True):
        body = bodies[file.name]
        assert seen == by_icalendar(body) == by_libical(body), file.name
        assert [str(f) for f in lint(body, now=parts.now())] == []
    assert sum(len(by_icalendar(body)) for body in bodies.values()) > 10
