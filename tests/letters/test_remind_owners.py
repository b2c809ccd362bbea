"""What somebody owns and is due: a letter on its day, then one a week, none once it is closed."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from devsys.actions import remind_owners
from devsys.actions.remind_owners import SOURCES
from devsys.adapters.store.queries import causes, conditions, readers
from devsys.core.letters.owners import Owned, weeks_over
from devsys.core.letters.when import Choice
from devsys.core.model.causes import Cause, Fix, FixState
from devsys.core.model.conditions import Check, State
from tests.builders import id_of
from tests.mail import text_of, to

MARTA, RAJESH = id_of("marta.nogueira"), id_of("rajesh.karki")
DUE = date(2026, 1, 12)


@pytest.fixture
def register(organisation, monkeypatch):
    """The open entries of a register as a room of its own would keep them; it is one of the sources."""
    assert organisation.people
    kept = {"refunds": Owned("refunds", "Refunds need two signatures", DUE, "/fixes/refunds", MARTA)}
    monkeypatch.setitem(SOURCES, "fix", lambda _db, day: [one for one in kept.values() if one.due <= day])
    return kept


def hours(post, count, start):
    """Do what the worker does every hour; give what came, with the hours."""
    post.parts.clock.now = start
    came = []
    for _ in range(count):
        remind_owners.remind_owners(post.parts)
        came += [(post.parts.clock.now, letter) for letter in post.send()]
        post.parts.clock.move(hours=1)
    return came


def test_a_letter_on_the_day_then_one_a_week_until_it_is_closed(post, register):
    start = post.parts.now().replace(day=11, hour=0)
    came = hours(post, 24 * 17, start)
    assert [f"{at:%d %H}" for at, _ in came] == ["12 07", "19 07", "26 07"]
    assert {to(letter) for _, letter in came} == {"marta.nogueira@northgate.example"}
    assert came[0][1]["Subject"] == "A fix of yours is due today"
    said = text_of(came[1][1])
    assert came[1][1]["Subject"] == "A fix of yours was due on Mon 12 January"
    assert "Refunds need two signatures" in said
    assert "Open the fix: http://127.0.0.1:8000/fixes/refunds" in said
    register.clear()
    assert hours(post, 24 * 8, post.parts.now()) == []


def test_days_in_which_the_worker_stood_still_lose_no_letter_and_bring_no_pile(post, register):
    assert register
    late = datetime.combine(DUE, datetime.min.time(), post.parts.now().tzinfo) + timedelta(days=16, hours=9)
    assert [f"{at:%d %H}" for at, _ in hours(post, 24 * 4, late)] == ["28 09"]
    assert [f"{at:%d %H}" for at, _ in hours(post, 24 * 4, post.parts.now())] == ["02 07"]


def test_what_was_closed_or_given_away_before_its_letter_leaves_is_not_written_of(post, register):
    post.parts.clock.now = post.parts.now().replace(day=12, hour=8)
    post.server.down()
    remind_owners.remind_owners(post.parts)
    assert post.send() == []
    register["refunds"] = Owned("refunds", "Refunds need two signatures", DUE, "/fixes/refunds", RAJESH)
    post.server.up()
    assert post.after(minutes=5) == []
    remind_owners.remind_owners(post.parts)
    assert list(map(to, post.send())) == ["rajesh.karki@northgate.example"]


def test_who_wants_no_reminders_gets_none(post, register):
    assert register
    with post.parts.store.write() as db:
        readers.choose(db, MARTA, Choice(reminders=False))
    assert hours(post, 24, post.parts.now().replace(day=12, hour=0)) == []


def test_fixes_and_looks_at_conditions_are_written_of(post, organisation):
    """Of a fix that is done, and a condition that was looked at again, nothing more comes."""
    assert organisation.people
    now = post.parts.now()
    fix = Fix("a1", "refunds", "Refunds need two signatures", "", Cause.PROCESS, MARTA, DUE, now)
    look = {
        "team_id": id_of("alfama"),
        "check": Check.STAFFING,
        "state": State.RED,
        "since": DUE,
        "on": DUE,
        "at": now,
        "by_id": MARTA,
        "owner_id": MARTA,
        "note": "",
    }
    with post.parts.store.write() as db:
        causes.keep(db, fix)
        conditions.keep_look(db, **look, next_look=DUE)
    came = [letter for _, letter in hours(post, 24, now.replace(day=12, hour=0))]
    assert sorted(str(one["Subject"]) for one in came) == [
        "A condition of yours is due today",
        "A fix of yours is due today",
    ]
    said = "".join(map(text_of, came))
    assert "Staffing, Billing Alfama: to be looked at again" in said
    assert f"/conditions/{id_of('alfama')}/staffing\n" in said
    assert "/fixes/a1\n" in said
    with post.parts.store.write() as db:
        causes.keep(db, replace(fix, state=FixState.DONE, done=DUE))
        conditions.keep_look(db, **look, next_look=DUE + timedelta(weeks=12))
    assert hours(post, 24 * 8, post.parts.now()) == []


def test_weeks_are_counted_from_its_day():
    assert [weeks_over(DUE, DUE + timedelta(days=n)) for n in (0, 6, 7, 13, 14)] == [0, 0, 1, 1, 2]
