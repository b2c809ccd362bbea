"""The demo organisation: made, planned, published and marked as demo, in a database of its own.

An SQLite demo is made beside and moved into place when whole, so that a stop at any moment leaves nothing half done.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from devsys.actions import (
    demo_coaching,
    demo_conditions,
    demo_hiring,
    demo_pulse,
    demo_readings,
    demo_rollouts,
    draw_plan,
    publish_plan,
)
from devsys.actions.demo_organisation import ORGANISATION_NAME, DemoOrganisation, demo_organisation
from devsys.actions.demo_rounds import add_rounds
from devsys.actions.demo_sites import USUAL, SitePlan
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, feeds, house, letters, people, plans, programme, series, sessions
from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import Db, Store
from devsys.base.errors import ConflictError, NotFoundError
from devsys.base.files import replace_file
from devsys.base.ids import new_id, new_token
from devsys.base.resources import folder, programme_files
from devsys.base.text import count_of
from devsys.core.model.absences import laid
from devsys.core.model.access import Grant, Role
from devsys.core.model.hours import monday_of
from devsys.core.model.needs import SeriesRequest
from devsys.core.model.people import Absence, Person
from devsys.core.model.programme import Programme
from devsys.core.programmes.read import read_programme

HISTORY_WEEKS = 52
AHEAD_WEEKS = 52
SECRETS = "demo.json"
ADDRESS = "demo.example"
PRESENT_OF_TEN = 9
LATE = timedelta(days=5)
ILL = timedelta(days=7)
AGREED = timedelta(weeks=4)  # how long ahead the first date of a coaching series may be agreed

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account to try a role with."""

    role: str
    email: str
    password: str
    name: str


Cast = tuple[DemoAccount, Person, tuple[Grant, ...]]


@dataclass(frozen=True, slots=True)
class DemoFeed:
    """One feed to try: its kind and address."""

    kind: str
    name: str
    url: str


def exists(parts: Parts) -> bool:
    """Say whether the settings' database already holds an organisation, demo or not."""
    file = parts.store.file
    if file is not None and not file.exists():
        return False
    with parts.store.read() as db:
        return house.is_demo(db) or accounts.any_account(db) or people.counts(db).people > 0


def create(parts: Parts, say: Say = lambda _: None, seed: int = 7, sites: tuple[SitePlan, ...] = USUAL) -> None:
    """Make the demo in the settings' database.

    Raises ConflictError when that database holds anything already: a demo never mixes with real data.
    """
    if exists(parts):
        raise ConflictError("This database holds an organisation already. The demo needs an empty one of its own.")
    file = parts.store.file
    if file is None:
        _make(parts, say, seed, sites)
        return
    beside = file.with_name(f"{file.name}.making")
    for old in (beside, Path(f"{beside}-wal"), Path(f"{beside}-shm")):
        old.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    store = Store(f"sqlite:///{beside}", parts.store.keys.file)
    try:
        migrate(store)
        _make(replace(parts, store=store), say, seed, sites)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    finally:
        store.close()
    beside.replace(file)


def _make(parts: Parts, say: Say, seed: int, sites: tuple[SitePlan, ...]) -> None:
    now = parts.now()
    start = datetime.combine(monday_of(now.date()) - timedelta(weeks=HISTORY_WEEKS), time(6), now.tzinfo)
    programmes = shipped()
    demo = demo_organisation(
        {a.code: a for p in programmes for a in p.activities},
        today=now.date(),
        history_weeks=HISTORY_WEEKS,
        ahead_weeks=AHEAD_WEEKS + 2,
        seed=seed,
        at=sites,
    )
    # Nobody asks long ahead: what begins in the next weeks was agreed lately, the rest is asked for as it comes.
    demo = replace(demo, coaching=tuple(c for c in demo.coaching if c[2] < now + AGREED))
    house_of = demo.organisation
    say(f"People: {len(house_of.people):,} in {len(house_of.teams)} teams at {count_of(len(house_of.sites), 'site')}.")
    found = _accounts(parts, demo)
    with parts.store.write() as db:
        _write(db, demo, programmes, start, found)
    past = replace(parts, clock=lambda: start)
    demo_rollouts.draw(past, demo.organisation, by_id=found["coordinator"][1].id, seed=seed)
    _plan(past, "the first year", draw_plan.Wish(weeks=HISTORY_WEEKS + 8, cause="first plan"), say)
    with parts.store.write() as db:
        _attend(db, now)
    _plan(parts, "the year ahead", draw_plan.Wish(weeks=AHEAD_WEEKS, cause="the next year"), say)
    demo_readings.bring(parts, demo.organisation, by_id=found["coordinator"][1].id, seed=seed)
    _late_news(parts, found, say)
    looked = demo_rollouts.tell(parts, demo.organisation, seed=seed)
    say(f"Rollouts: {looked['effects']} drawn by lot and looked at, {looked['refreshers']} refreshers asked for.")
    _news_of_today(parts, say)
    held = add_rounds(parts, found["lead"][1], found["employee"][1], found["coordinator"][1])
    say(f"Case rounds: {held} with outcomes, one to be closed, fixes in each state.")
    _feeds(parts, demo, found)
    _conditions_and_hiring(parts, found)
    demo_pulse.make_pulse(parts, demo.organisation, seed)
    say(demo_coaching.fill(parts, employee_id=found["employee"][1].id, coach_id=found["coach"][1].id, seed=seed))
    with parts.store.write() as db:  # two years of letters would be no news to anybody; the waiting draft brings some
        letters.begin_from(db, plans.pointer(db))


def _conditions_and_hiring(parts: Parts, found: Mapping[str, Cast]) -> None:
    lead, coordinator = found["lead"][1], found["coordinator"][1]
    team_id = lead.team_id or ""
    assessors = (found["assessor"][1].id, found["facilitator"][1].id)
    with parts.store.write() as db:
        demo_conditions.fill(
            db, team_id=team_id, lead_id=lead.id, coordinator_id=coordinator.id, today=parts.now().date()
        )
        demo_hiring.fill(
            db, parts, team_id=team_id, lead_id=lead.id, coordinator_id=coordinator.id, assessors=assessors
        )


def _late_news(parts: Parts, found: Mapping[str, Cast], say: Say) -> None:
    """Let two people be away in three weeks and draw again: a draft that waits for the coordinator."""
    first = datetime.combine(monday_of(parts.now().date()) + timedelta(weeks=3), time())
    with parts.store.read() as db:
        start = first.replace(tzinfo=parts.now().tzinfo)
        week = sessions.published(db, sessions.Wanted(start=start, end=start + LATE))
    leading = Counter(s.facilitator_id for s in week if s.facilitator_id and len(s.places) > 1)
    attending = Counter(p.person_id for s in week for p in s.places)
    away = [name for counted in (leading, attending) for name, _ in counted.most_common(1)]
    news = replace(people.EMPTY, absences=tuple(Absence(name, first, first + LATE) for name in away))
    with parts.store.write() as db:
        people.write_organisation(db, news, today=parts.now().date())
    drawn = draw_plan.carry_out(parts, draw_plan.Wish(cause="new absences"), by_id=found["coordinator"][1].id)
    say(f"A draft waits: {drawn.new} new, {drawn.altered} changed, {drawn.cancelled} cancelled sessions.")


def _news_of_today(parts: Parts, say: Say) -> None:
    """Let whoever leads most of the next days be away from today: repairs wait for the coordinator."""
    now = parts.now()
    today = datetime.combine(now.date(), time())
    with parts.store.read() as db:
        near = sessions.published(db, sessions.Wanted(start=now, end=now + ILL))
    leading = Counter(s.facilitator_id for s in near if s.starts_utc > now and len(s.places) > 1)
    who = min(((-count, name) for name, count in leading.items() if name), default=None)
    if who is None:
        return
    count, name = -who[0], who[1]
    with parts.store.write() as db:
        own = [a for a in people.organisation(db).absences if a.person_id == name]
        news = laid(own, Absence(name, today, today + ILL), today)
        people.write_organisation(db, people.only(absences=news.new), today=now.date(), gone=news.gone)
    say(f"Somebody is away from today: {count} sessions wait to be repaired.")


def shipped() -> tuple[Programme, ...]:
    """Give the programmes that come with devsys. Raises NotFoundError for one that cannot be read."""
    found = []
    for file in programme_files(folder("schedules")):
        read, faults = read_programme(file.read_text(encoding="utf-8"), file.name)
        if read is None or faults:
            raise NotFoundError(f"The shipped programme {file.name} cannot be read.", faults)
        found.append(read)
    return tuple(found)


def _accounts(parts: Parts, demo: DemoOrganisation) -> dict[str, Cast]:
    """Give the account of each role: who plays it, with what grants."""
    by_id = {p.id: p for p in demo.organisation.people}
    password = parts.settings.demo_password or secrets.token_urlsafe(9)
    found: dict[str, Cast] = {}
    for role in (*Role, "leaver"):
        person = by_id[demo.parts[role]]
        limit = person.team_id if role is Role.LEAD else None
        grants: tuple[Grant, ...] = () if role in (Role.EMPLOYEE, "leaver") else (Grant(Role(role), limit),)
        found[str(role)] = (DemoAccount(str(role), f"{role}@{ADDRESS}", password, person.name), person, grants)
    return found


def _write(
    db: Db,
    demo: DemoOrganisation,
    programmes: tuple[Programme, ...],
    start: datetime,
    found: Mapping[str, Cast],
) -> None:
    house.set_fact(db, house.DEMO, "1")
    house.set_fact(db, house.ORGANISATION_NAME, ORGANISATION_NAME)
    house.set_fact(db, house.FEED_EPOCH, new_id())
    house.set_fact(db, house.PROGRAMME_EPOCH, start.date().isoformat())
    plans.begin(db)
    people.write_organisation(db, demo.organisation, today=start.date())
    for one in programmes:
        programme.keep(db, one, by_id=None, now=start)
    series.keep(
        db,
        (
            SeriesRequest(
                new_id(),
                person,
                code,
                asked,
                tuple((d, time.fromisoformat(b), time.fromisoformat(e)) for d, b, e in wished),
            )
            for person, code, asked, wished in demo.coaching
        ),
    )
    hasher = PasswordHasher()
    for account, person, grants in found.values():
        accounts.add_account(
            db, person_id=person.id, email=account.email, password_hash=hasher.hash(account.password), now=start
        )
        accounts.add_grants(db, person.id, grants)
        if account.role == "leaver":
            accounts.set_active(db, person.id, active=False)


def _plan(parts: Parts, name: str, wish: draw_plan.Wish, say: Say) -> None:
    drawn = draw_plan.carry_out(parts, wish)
    publish_plan.publish(parts, drawn.draft_id, by_id=None, cause=wish.cause)
    f = drawn.figures
    say(f"Planned {name}: {f.sessions:,} sessions, {f.placed:,} of {f.needs:,} needs placed, {f.owed:,} owed.")


def _attend(db: Db, now: datetime) -> None:
    """Mark who was there in the past year: about nine in ten, and everybody where others build on it."""
    gates = {code for one in programme.activities(db).values() for code in one.prerequisites}
    for number, session in enumerate(sessions.published(db, sessions.Wanted(end=now))):
        if session.ends_utc < now:
            marks = {
                place.person_id: session.activity in gates
                or place.need.endswith("/start")
                or (number * 7 + seat * 3) % 29 >= 29 // (PRESENT_OF_TEN + 1)
                for seat, place in enumerate(session.places)
            }
            sessions.mark_attendance(db, session.id, marks, session.facilitator_id, session.ends_utc)


def _feeds(parts: Parts, demo: DemoOrganisation, found: Mapping[str, Cast]) -> None:
    """Make one feed of each kind and keep their addresses, with the passwords, in a file beside the database."""
    employee, facilitator, lead = (found[role][1] for role in ("employee", "facilitator", "lead"))
    coordinator = found["coordinator"][1]
    room = demo.organisation.rooms[0]
    team = next(t for t in demo.organisation.teams if t.id == lead.team_id)
    wanted = (
        ("person", employee.id, employee.id, f"{employee.name}, phone"),
        ("team", team.id, lead.id, team.name),
        ("facilitator", facilitator.id, facilitator.id, f"{facilitator.name}, as facilitator"),
        ("room", room.id, coordinator.id, f"Screen beside {room.name}"),
    )
    made = []
    with parts.store.write() as db:
        for kind, target, owner, name in wanted:
            token = new_token()
            feeds.add(db, kind=kind, target_id=target, owner_id=owner, name=name, token=token, now=parts.now())
            made.append(DemoFeed(kind, name, f"/feed/{token}.ics"))
    kept = {"accounts": [asdict(account) for account, _, _ in found.values()], "feeds": [asdict(f) for f in made]}
    replace_file(parts.settings.home / SECRETS, json.dumps(kept, indent=1).encode(), mode=0o600)


def _kept(parts: Parts) -> dict[str, list[dict[str, str]]]:
    with parts.store.read() as db:
        demo = house.is_demo(db)
    file = parts.settings.home / SECRETS
    if not demo or not file.exists():
        raise NotFoundError("This is not a demo database: there are no demo accounts in it.")
    found: dict[str, list[dict[str, str]]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def demo_accounts(parts: Parts) -> tuple[DemoAccount, ...]:
    """Give one account per role, and a leaver whose account is closed. Raises NotFoundError off the demo."""
    return tuple(DemoAccount(**one) for one in _kept(parts)["accounts"])


def demo_feeds(parts: Parts) -> tuple[DemoFeed, ...]:
    """Give one feed address per kind. Raises NotFoundError off the demo."""
    base = parts.settings.public_url
    return tuple(DemoFeed(one["kind"], one["name"], base + one["url"]) for one in _kept(parts)["feeds"])
