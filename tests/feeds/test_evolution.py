"""Random replans: after each, every subscriber's state is the published plan, and every step obeys the V rules."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from devsys.actions.age_feeds import age_feeds
from devsys.actions.parts import Parts
from devsys.actions.serve_feed import Outcome
from devsys.adapters.store.queries import accounts, feeds, programme
from devsys.adapters.store.tables.people import PersonRow
from devsys.base.ids import token_hash
from devsys.core.model.access import Grant, Role
from devsys.core.model.calendar import Session, Status
from devsys.core.model.programme import Kind
from tests.builders import a_session, id_of
from tests.feeds.evolution import compare, events, vanished
from tests.feeds.lint import lint
from tests.feeds.samples import CALM, CHANGED, a_file
from tests.feeds.scene import (
    TITLES,
    Poller,
    a_feed,
    cancelled,
    moved,
    next_day,
    publish,
    published,
    settle,
    the_programme,
    with_people,
)

LISBON = ("ana.correia", "bruno.matos", "catarina.leal", "diogo.faria", "joana.pires", "kofi.mensah")
LEADERS = ("marta.nogueira", "tiago.lopes", "nadia.haddad")
TEAMS = ("alfama", "belem")
STEPS = 9
FIRST = datetime(2026, 1, 6, 9, 0)


@dataclass
class Subscriber:
    """A calendar program: keeps the last body, asks with its tag."""

    token: str
    kind: str
    target: str
    owner: str
    kinds: tuple[str, ...] = ()
    titles: bool = False
    body: bytes = b""
    tag: str = ""
    same: int = 0
    history: list[str] = field(default_factory=list)


SUBSCRIBERS = (
    ("person", "ana.correia", "", (), False),
    ("person", "ana.correia", "", (), True),
    ("person", "kofi.mensah", "", ("skill", "round"), False),
    ("facilitator", "tiago.lopes", "", (), False),
    ("facilitator", "nadia.haddad", "", (), False),
    ("team", "alfama", "marta.nogueira", (), False),
    ("team", "belem", "olivia.brandt", (), False),
    ("room", "mewa", "olivia.brandt", (), False),
    ("room", "mewa", "kofi.mensah", (), False),
)


class World:
    """Northgate, its subscribers, and a seed that decides what happens next."""

    def __init__(self, parts: Parts, clock: Any, seed: int) -> None:
        self.parts, self.clock = parts, clock
        self.draw = random.Random(seed)  # noqa: S311 -- a fixed sequence is wanted
        self.pollers = (Poller.fresh(parts), Poller.fresh(parts))
        self.count = 0
        settle(parts)
        publish(parts, *(self.new() for _ in range(10)))
        self.subscribers = [
            Subscriber(
                a_feed(parts, kind, target, owner, kinds=kinds, titles=titles), kind, target, owner, kinds, titles
            )
            for kind, target, owner, kinds, titles in SUBSCRIBERS
        ]

    def new(self) -> Session:
        self.count += 1
        activity = self.draw.choice(tuple(TITLES))
        one = activity == "saying_no"
        return a_session(
            f"s{self.count}",
            activity=activity,
            starts=datetime(2026, 1, 6, 9, 0)
            + timedelta(days=self.draw.randrange(60), minutes=30 * self.draw.randrange(12)),
            people=self.draw.sample(LISBON, 1 if one else self.draw.randint(2, 4)),
            facilitator="nadia.haddad" if one else self.draw.choice(LEADERS),
            room=None if one else self.draw.choice(("mewa", "tejo")),
            team="alfama" if activity == "case_round" else None,
            created=self.parts.now(),
        )

    def change(self, session: Session) -> Session:
        """Give another state of a session: what a planner, a coordinator or a sick facilitator would do."""
        shift = timedelta(days=self.draw.randint(-3, 9), minutes=30 * self.draw.randint(-3, 3))
        soon = self.clock.now.replace(tzinfo=None) + timedelta(hours=1)
        changes: tuple[Callable[[], Session], ...] = (
            lambda: moved(session, max(session.starts + shift, soon)),
            lambda: cancelled(session),
            lambda: replace(session, status=Status.PLANNED),
            lambda: replace(session, room_id=self.draw.choice((id_of("mewa"), id_of("tejo"), None))),
            lambda: replace(session, facilitator_id=id_of(self.draw.choice(LEADERS))),
            lambda: with_people(session, *self.draw.sample(LISBON, self.draw.randint(1, 4))),
            lambda: with_people(session, *self.draw.sample(LISBON, self.draw.randint(1, 4))),
        )
        return self.draw.choice(changes)()

    def replan(self) -> None:
        """Publish a plan in which some sessions are new or changed."""
        now = self.parts.now()
        open_ = sorted((s for s in published(self.parts).values() if s.ends_utc > now), key=lambda s: s.id)
        chosen = self.draw.sample(open_, min(len(open_), self.draw.randint(1, 4)))
        publish(self.parts, *(self.change(s) for s in chosen), *(self.new() for _ in range(self.draw.randrange(3))))

    def access(self) -> None:
        """Let people change teams, roles, filters or opt-ins, and activities their names."""
        now, one = self.parts.now(), self.draw.choice(self.subscribers)
        with self.parts.store.write() as db:
            lot = self.draw.randrange(5)
            if lot == 0:
                who, team = id_of(self.draw.choice(LISBON)), id_of(self.draw.choice(TEAMS))
                db.execute(update(PersonRow).where(col(PersonRow.id) == who).values(team_id=team))
            elif lot == 1:
                accounts.drop_grant(db, id_of("marta.nogueira"), Grant(Role.LEAD, id_of("alfama")))
            elif lot == 2:
                accounts.add_grants(db, id_of("marta.nogueira"), (Grant(Role.LEAD, id_of("alfama")),))
            elif lot == 3:
                code = self.draw.choice(tuple(TITLES))
                programme.keep(db, the_programme(**{code: f"{TITLES[code][0]} {self.count}"}), by_id=None, now=now)
                feeds.refresh(db, now)
            else:
                one.kinds = self.draw.choice(((), ("skill",), ("round", "coaching")))
                one.titles = self.draw.random() < 0.5
                poll = feeds.poll(db, token_hash(one.token))
                assert poll is not None
                owner = id_of(one.owner or one.target)
                feeds.change(db, poll.feed_id, owner, now=now, name=poll.name, kinds=one.kinds, titles=one.titles)
            feeds.follow(db, now)

    def expected(self, one: Subscriber) -> Mapping[str, tuple[str, bool]]:
        """Give what must take place in a feed, worked out from the plan alone: UID -> (start in UTC, masked)."""
        with self.parts.store.read() as db:
            codes = {a.code: a for p in programme.adopted(db) for a in p.activities}
            teams = dict(db.execute(select(col(PersonRow.id), col(PersonRow.team_id))).all())
            leads = Role.LEAD in {g.role for g in accounts.grants(db, id_of("marta.nogueira"))}
        target = id_of(one.target)
        found = {}
        for session in published(self.parts).values():
            kind = codes[session.activity].kind
            coaching = kind is Kind.COACHING
            of_teams = {teams[p] for p in session.people} | {session.team_id}
            shows = {
                "person": target in session.people,
                "facilitator": session.facilitator_id == target,
                "team": target in of_teams and (one.owner == "olivia.brandt" or leads),
                "room": session.room_id == target,
            }[one.kind]
            if session.status is Status.CANCELLED or not shows or (one.kinds and kind.value not in one.kinds):
                continue
            if session.ends_utc.date() < self.clock.now.date() - timedelta(days=60):
                continue
            sees = id_of(one.owner or one.target) in session.people or one.owner == "olivia.brandt"
            masked = (coaching and not (one.titles and one.kind == "person") and one.kind != "facilitator") or (
                one.kind == "room" and not sees
            )
            found[session.uid] = (f"{session.starts_utc:%Y%m%dT%H%M%SZ}", masked)
        return found

    def poll(self, *, access: bool) -> None:
        """Let every subscriber poll, and judge what it has now."""
        for one in self.subscribers:
            poller = self.draw.choice(self.pollers)
            found = poller.ask(one.token, if_none_match=one.tag)
            before, one.tag = one.body, found.tag
            if found.outcome is Outcome.SAME:
                one.same += 1
            else:
                one.body = found.body
            assert [str(f) for f in lint(one.body, now=self.parts.now(), secrets=[one.token])] == []
            if before:
                step = compare(before, one.body)
                if not access:
                    step += (
                        vanished(before, one.body, f"{self.parts.now():%Y%m%dT%H%M%S}") if one.kind == "person" else []
                    )
                assert [str(f) for f in step] == [], (one.kind, one.target)
            assert takes_place(one.body) == self.expected(one), (one.kind, one.target)


def takes_place(body: bytes) -> dict[str, tuple[str, bool]]:
    """Give what a calendar says will take place: UID -> (start in UTC, masked)."""
    return {
        uid: (_utc(lines["DTSTART"]), lines["SUMMARY"] == "SUMMARY:Busy")
        for uid, lines in events(body).items()
        if lines["STATUS"] == "STATUS:CONFIRMED"
    }


def _utc(line: str) -> str:
    from zoneinfo import ZoneInfo

    name, value = line.split(":", 1)
    if value.endswith("Z"):
        return value
    zone = ZoneInfo(name.split("TZID=")[1])
    local = datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
    return f"{local.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}"


def live(parts: Parts, clock: Any, seed: int) -> World:
    world = World(parts, clock, seed)
    world.poll(access=False)
    for _ in range(STEPS):
        lot = world.draw.random()
        clock.move(hours=world.draw.randint(1, 30), seconds=world.draw.randrange(60))
        if lot < 0.65:
            world.replan()
        elif lot < 0.85:
            world.access()
        else:
            next_day(parts, clock, world.draw.randint(1, 20))
        world.poll(access=0.65 <= lot < 0.85)
        world.poll(access=False)
    # Each second poll of a step finds nothing new.
    assert all(one.same >= STEPS for one in world.subscribers)
    return world


@pytest.mark.parametrize("seed", range(4))
def test_every_subscriber_has_the_published_plan_after_each_replan(parts: Parts, clock: Any, seed: int) -> None:
    live(parts, clock, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 200))
def test_every_subscriber_has_the_published_plan_after_each_of_many_replans(
    parts: Parts, clock: Any, seed: int
) -> None:
    live(parts, clock, seed)


def a_week(parts: Parts, clock: Any, *, copies: int, hours: int) -> float:
    """Let many subscribers poll every hour, the plan changing once a working day; give the share of 304.

    Every subscriber of the same calendar has the same bytes, and they are what the plan says.
    """
    world = World(parts, clock, 7)
    many = [[one, *(replace(one, token=f"{one.token}-{n}") for n in range(copies))] for one in world.subscribers]
    for one, *others in many:
        for other_one in others:
            a_feed(parts, one.kind, one.target, one.owner, kinds=one.kinds, titles=one.titles, token=other_one.token)
    polls = same = 0
    for hour in range(hours):
        clock.move(hours=1)
        if hour % 24 == 3 and clock.now.weekday() < 5:
            world.replan()
        if clock.now.hour == 0:
            age_feeds(parts)
        for kind in many:
            for one in kind:
                found = world.draw.choice(world.pollers).ask(one.token, if_none_match=one.tag)
                polls += 1
                same += found.outcome is Outcome.SAME
                one.tag = found.tag
                one.body = one.body if found.outcome is Outcome.SAME else found.body
            assert len({one.body for one in kind}) == 1
            assert takes_place(kind[0].body) == world.expected(kind[0])
    return same / polls


@pytest.mark.soak
def test_a_thousand_subscribers_get_304_nearly_always_and_never_something_wrong(parts: Parts, clock: Any) -> None:
    assert a_week(parts, clock, copies=111, hours=168) >= 0.95


def test_subscribers_get_304_nearly_always_and_never_something_wrong(parts: Parts, clock: Any) -> None:
    assert a_week(parts, clock, copies=1, hours=60) >= 0.95


def other(old: bytes, new: bytes, data: bytes = b"") -> bytes:
    data = data or a_file(CALM)
    assert old in data
    return data.replace(old, new, 1)


LATER = other(b"LAST-MODIFIED:20260112", b"LAST-MODIFIED:20260113")
GONE = replace(CALM, status=Status.CANCELLED)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (a_file(GONE).split(b"BEGIN:VEVENT")[0] + b"END:VCALENDAR\r\n", a_file(GONE), "V03"),
        (a_file(CALM), LATER, "V02"),
        (a_file(CALM), other(b"SUMMARY:Clear", b"SUMMARY:Other"), "V02"),
        (LATER, other(b"SUMMARY:Clear", b"SUMMARY:Other"), "V02"),
        (a_file(CALM), other(b"CREATED:20260105", b"CREATED:20260106", LATER), "E04"),
        (other(b"SEQUENCE:0", b"SEQUENCE:2"), other(b"SUMMARY:Clear", b"SUMMARY:Other", LATER), "V01"),
        (a_file(CALM), other(b"20260317T140000", b"20260317T143000", LATER), "V01"),
        (a_file(CALM), other(b"LOCATION:Mewa", b"LOCATION:Tejo", LATER), "V01"),
        (a_file(CALM), other(b"SEQUENCE:0", b"SEQUENCE:1", other(b"SUMMARY:C", b"SUMMARY:K", LATER)), "V01"),
    ],
)
def test_compare_finds_each_broken_step(before: bytes, after: bytes, rule: str) -> None:
    assert {f.rule for f in compare(before, after)} == {rule}


def test_compare_and_vanished_find_what_is_gone_and_nothing_in_a_sound_step() -> None:
    empty = a_file(CALM).split(b"BEGIN:VEVENT")[0] + b"END:VCALENDAR\r\n"
    assert [f.rule for f in vanished(a_file(CALM), empty, "20260201T000000")] == ["V03"]
    assert vanished(a_file(CALM), empty, "20260401T000000") == []
    assert vanished(a_file(GONE), empty, "20260201T000000") == []
    sound = other(b"SEQUENCE:0", b"SEQUENCE:1", other(b"20260317T140000", b"20260317T143000", LATER))
    assert compare(a_file(CALM), sound) == []
    assert compare(a_file(CALM), a_file(CALM)) == []
    assert compare(empty, a_file(CALM)) == []
    assert CHANGED.year == 2026
