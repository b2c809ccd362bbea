"""Values for tests: a small support organisation with real-looking people, and sessions in it. No surprises."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from devsys.actions import close_fix, decide_cause, draw_rollout
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, house, people, plans
from devsys.adapters.store.queries import sessions as calendar
from devsys.adapters.store.store import Store
from devsys.core.improvement.rollout import By, Order
from devsys.core.model.access import Grant, Role
from devsys.core.model.calendar import Horizon, Place, Session
from devsys.core.model.causes import Cause
from devsys.core.model.hours import instant, monday_of
from devsys.core.model.people import (
    Absence,
    Facilitator,
    Held,
    Organisation,
    Person,
    Queue,
    Requirement,
    Room,
    Shift,
    ShiftPattern,
    Site,
    Team,
)

MONDAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
DOMAIN = "northgate.example"

# code, name, team, queue, pattern
_AGENTS = (
    ("ana.correia", "Ana Correia", "alfama", "billing", "early"),
    ("bruno.matos", "Bruno Matos", "alfama", "billing", "early"),
    ("catarina.leal", "Catarina Leal", "alfama", "billing", "turning"),
    ("diogo.faria", "Diogo Faria", "alfama", "billing", "turning"),
    ("elif.kaya", "Elif Kaya", "alfama", "billing", "late"),
    ("filipa.sousa", "Filipa Sousa", "alfama", "billing", "late"),
    ("goncalo.reis", "Gonçalo Reis", "belem", "delivery", "early"),
    ("helena.vaz", "Helena Vaz", "belem", "delivery", "early"),
    ("ivan.hrytsenko", "Ivan Hrytsenko", "belem", "delivery", "turning"),
    ("joana.pires", "Joana Pires", "belem", "delivery", "late"),
    ("kofi.mensah", "Kofi Mensah", "belem", "delivery", "late"),
    ("anjali.shrestha", "Anjali Shrestha", "patan", "technical", "nepal"),
    ("bikash.gurung", "Bikash Gurung", "patan", "technical", "nepal"),
    ("deepa.thapa", "Deepa Thapa", "patan", "technical", "nepal"),
    ("prakash.rai", "Prakash Rai", "patan", "technical", "nepal"),
    ("sunita.tamang", "Sunita Tamang", "patan", "technical", "nepal"),
)
# code, name, team, pattern; sites served; hours a week
_LEADING = (
    ("marta.nogueira", "Marta Nogueira", "alfama", "early", ("lisbon",), 12.0),
    ("tiago.lopes", "Tiago Lopes", "belem", "early", ("lisbon",), 12.0),
    ("nadia.haddad", "Nadia Haddad", "belem", "turning", ("lisbon", "kathmandu"), 16.0),
    ("rajesh.karki", "Rajesh Karki", "patan", "nepal", ("kathmandu",), 16.0),
)
_OFFICE = (
    ("olivia.brandt", "Olivia Brandt"),
    ("rui.carvalho", "Rui Carvalho"),
    ("vera.antunes", "Vera Antunes"),
)
_QUALIFICATIONS = frozenset(
    ("boundaries", "skill", "round", "digital", "cross_cultural", "emotional_support", "coaching")
)
# Who plays which part when a test signs in as a role.
CAST = {
    Role.COORDINATOR: "olivia.brandt",
    Role.ADMINISTRATOR: "rui.carvalho",
    Role.ASSESSOR: "vera.antunes",
    Role.LEAD: "marta.nogueira",
    Role.FACILITATOR: "tiago.lopes",
    Role.COACH: "nadia.haddad",
    Role.EMPLOYEE: "ana.correia",
}


def id_of(code: str) -> str:
    """Give the id of the thing with a code: 20 hexadecimal letters as real ids have, the same in every run."""
    return hashlib.sha256(code.encode()).hexdigest()[:20]


def _week(week: int, begin: time, end: time, lunch: time) -> Iterable[Shift]:
    half = (datetime.combine(MONDAY, lunch) + timedelta(minutes=30)).time()
    return (Shift(week, day, begin, end, lunch, half) for day in range(5))


def _patterns() -> tuple[ShiftPattern, ...]:
    early = (time(8), time(16), time(12))
    late = (time(11), time(19), time(15))

    def pattern(code: str, *weeks: tuple[time, time, time]) -> ShiftPattern:
        shifts = (s for i, hours in enumerate(weeks) for s in _week(i + 1, *hours))
        return ShiftPattern(id_of(code), code, len(weeks), date(2025, 1, 6), tuple(shifts))

    return (
        pattern("early", early),
        pattern("late", late),
        pattern("nepal", (time(9), time(17), time(13))),
        pattern("turning", early, late),
    )


def _profile(agents: int, first_hour: int, last_hour: int) -> tuple[tuple[int, ...], ...]:
    day = tuple(agents if first_hour * 2 <= half < last_hour * 2 else 0 for half in range(48))
    return tuple(day if weekday < 5 else (0,) * 48 for weekday in range(7))


def an_organisation(
    *, absences: tuple[Absence, ...] = (), held: tuple[Held, ...] = (), qualifications: Iterable[str] = _QUALIFICATIONS
) -> Organisation:
    """Give Northgate: 16 agents in 3 teams on 3 queues at 2 sites (Lisbon, Kathmandu), 4 who lead, 3 in the office.

    The queues leave two to three agents to spare in most half hours; who leads serves no queue.
    """
    lisbon = Site(id_of("lisbon"), "lisbon", "Lisbon", "Europe/Lisbon", "PT")
    kathmandu = Site(id_of("kathmandu"), "kathmandu", "Kathmandu", "Asia/Kathmandu", "NP")
    quals = frozenset(qualifications)
    return Organisation(
        sites=(kathmandu, lisbon),
        queues=(
            Queue(id_of("billing"), "billing", "Billing", lisbon.id, minimum=1),
            Queue(id_of("delivery"), "delivery", "Delivery", lisbon.id, handle_seconds=220, minimum=1),
            Queue(id_of("technical"), "technical", "Technical", kathmandu.id, handle_seconds=410, minimum=1),
        ),
        teams=(
            Team(id_of("alfama"), "alfama", "Billing Alfama", lisbon.id),
            Team(id_of("belem"), "belem", "Delivery Belém", lisbon.id),
            Team(id_of("patan"), "patan", "Technical Patan", kathmandu.id),
        ),
        rooms=(
            Room(id_of("himal"), "himal", "Himal", kathmandu.id, 8),
            Room(id_of("mewa"), "mewa", "Mewa", lisbon.id, 12),
            Room(id_of("tejo"), "tejo", "Tejo", lisbon.id, 6),
        ),
        patterns=_patterns(),
        people=_people(),
        absences=absences,
        facilitators=tuple(
            sorted(
                (
                    Facilitator(id_of(code), tuple(map(id_of, sites)), quals, hours)
                    for code, *_, sites, hours in _LEADING
                ),
                key=lambda f: f.person_id,
            )
        ),
        held=held,
        requirements=tuple(
            sorted(
                (
                    Requirement(id_of("billing"), _profile(2, 9, 18)),
                    Requirement(id_of("delivery"), _profile(2, 9, 18), {date(2026, 2, 2): (3,) * 48}),
                    Requirement(id_of("technical"), _profile(2, 9, 17)),
                ),
                key=lambda r: r.queue_id,
            )
        ),
        holidays={
            lisbon.id: {date(2026, 1, 1): "Ano Novo", date(2026, 4, 3): "Sexta-feira Santa"},
            kathmandu.id: {date(2026, 1, 11): "Prithvi Jayanti"},
        },
    )


def _people() -> tuple[Person, ...]:
    def person(code: str, name: str, team: str | None, queue: str | None, pattern: str | None) -> Person:
        ids = (id_of(word) if word else None for word in (team, queue, pattern))
        return Person(id_of(code), code, name, f"{code}@{DOMAIN}", *ids, joined=date(2024, 3, 4))

    agents = [person(*one) for one in _AGENTS]
    leading = [person(code, name, team, None, pattern) for code, name, team, pattern, *_ in _LEADING]
    office = [person(code, name, None, None, None) for code, name in _OFFICE]
    return tuple(sorted([*agents, *leading, *office], key=lambda p: p.code))


def grants_of(role: Role) -> tuple[Grant, ...]:
    """Give what the person who plays a role is granted; a lead leads their own team, an employee needs no grant."""
    if role is Role.EMPLOYEE:
        return ()
    return (Grant(role, id_of("alfama") if role is Role.LEAD else None),)


def settle(store: Store, organisation: Organisation | None = None, *, now: datetime = NOW) -> Organisation:
    """Write an organisation (Northgate unless given) into a fresh store, with the accounts of the cast."""
    given = organisation or an_organisation()
    known = {p.id for p in given.people}
    with store.write() as db:
        plans.begin(db)
        house.set_fact(db, house.ORGANISATION_NAME, "Northgate Support")
        house.set_fact(db, house.FEED_EPOCH, id_of("epoch"))
        house.set_fact(db, house.PROGRAMME_EPOCH, MONDAY.isoformat())
        people.write_organisation(db, given, today=now.date())
        for role, code in CAST.items():
            if id_of(code) in known:
                email = f"{code}@{DOMAIN}"
                # An empty hash: nobody knows a password, tests open sign-ins directly.
                accounts.add_account(db, person_id=id_of(code), email=email, password_hash="", now=now)
                accounts.add_grants(db, id_of(code), grants_of(role))
    return given


def a_session(
    code: str = "round-1",
    *,
    activity: str = "case_round",
    starts: datetime = datetime(2026, 1, 20, 14, 0),
    minutes: int = 60,
    people: Iterable[str] = ("ana.correia", "bruno.matos", "catarina.leal"),
    site: str = "lisbon",
    facilitator: str | None = "marta.nogueira",
    room: str | None = "mewa",
    team: str | None = "alfama",
    **more: object,
) -> Session:
    """Give a planned session: a case round of Billing Alfama in Lisbon on Tuesday 20 January 2026, 14:00."""
    zone = {"lisbon": "Europe/Lisbon", "kathmandu": "Asia/Kathmandu"}[site]
    session = Session(
        id=id_of(f"session {code}"),
        uid=f"{id_of(f'uid {code}')}@devsys",
        activity=activity,
        starts=starts,
        zone=zone,
        minutes=minutes,
        starts_utc=instant(starts, zone),
        facilitator_id=id_of(facilitator) if facilitator else None,
        room_id=id_of(room) if room else None,
        site_id=id_of(site),
        places=tuple(Place(p) for p in sorted(map(id_of, people))),
        team_id=id_of(team) if team else None,
        created=NOW,
        changed=NOW,
    )
    return replace(session, **more)  # type: ignore[arg-type]


def a_horizon(weeks: int = 8) -> Horizon:
    """Give a horizon from the frozen Monday."""
    return Horizon(MONDAY, weeks)


def a_draft(parts: Parts, *sessions: Session, code: str = "draft", by: str | None = "olivia.brandt") -> str:
    """Lay sessions into a new open draft; give its id."""
    draft_id = id_of(f"draft {code}")
    with parts.store.write() as db:
        plans.new_draft(
            db,
            draft_id,
            horizon=a_horizon(),
            by_id=id_of(by) if by else None,
            cause="first plan",
            now=parts.now(),
        )
        calendar.lay_into_draft(db, draft_id, sessions, parts.now())
    return draft_id


def publish_now(parts: Parts, *sessions: Session, code: str = "draft") -> int:
    """Publish sessions straight into the calendar, past the verifier; give the version."""
    draft_id = a_draft(parts, *sessions, code=code)
    with parts.store.write() as db:
        return plans.publish(
            db,
            draft_id,
            by_id=id_of("olivia.brandt"),
            cause="first plan",
            now=parts.now(),
            changes={"new": len(sessions)},
        )


def a_fix(parts: Parts, title: str = "Labels print twice", **more: Any) -> str:
    """Enter a fix of Billing Alfama, owned by its lead, due in two weeks; give its id."""
    wish = close_fix.Wish(
        title,
        "Every second parcel needs a call.",
        Cause.TOOL,
        id_of(CAST[Role.LEAD]),
        parts.now().date() + timedelta(weeks=2),
        id_of("billing"),
        id_of("alfama"),
    )
    with parts.store.read() as db:
        coordinator = accounts.viewer_of(db, id_of(CAST[Role.COORDINATOR]))
    if coordinator is None:
        raise LookupError("Nobody plays the coordinator here.")
    return close_fix.open_fix(parts, coordinator, replace(wish, **more))


def a_lesson(parts: Parts, words: str = "Refunds wait for two signatures", by: str = "ana.correia") -> str:
    """Let somebody report what stops them; give the id of the lesson."""
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of(by))
    if viewer is None:
        raise LookupError(f"{by} has no account.")
    return decide_cause.report(parts, viewer, words, Cause.POLICY.value)


def a_rollout(parts: Parts, activity: str = "hear_fully") -> str:
    """Draw two waves of everybody at Northgate, by lot with the seed 7, from the fourth Monday on; give the id."""
    today = parts.now().date()
    question = draw_rollout.Question(
        activity=activity,
        measure="csat",
        least_gain=2.0,
        teams=tuple(map(id_of, ("alfama", "belem", "patan"))),
        first=monday_of(today) + timedelta(weeks=4),
        waves=2,
        spacing=4,
        late=0,
        order=Order.LOT,
        by=By.PERSON,
        strata=False,
    )
    return draw_rollout.draw_with(parts, id_of(CAST[Role.COORDINATOR]), question, 7, today=today)
