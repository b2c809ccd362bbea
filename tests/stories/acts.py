"""What stories do and how they judge it: files brought, plans drawn and published, feeds read, calendars counted."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from html import unescape
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from itsdangerous import URLSafeTimedSerializer

from devsys.actions import add_account, draw_plan, import_files, publish_plan, rotate_feed
from devsys.actions.draw_plan import Drawn, Wish
from devsys.actions.parts import Parts
from devsys.actions.rotate_feed import Wanted
from devsys.adapters.store.queries import accounts, people, plans, programme, sessions
from devsys.base.ids import new_token, token_hash
from devsys.core.feeds.scope import FeedKind
from devsys.core.intake.export import export_rows
from devsys.core.intake.kinds import KINDS
from devsys.core.model.calendar import Owed, Session
from devsys.core.model.people import Absence, Organisation, Person
from devsys.core.model.programme import Activity
from devsys.faces.web.sessions import Browser
from tests.conftest import Visitor
from tests.feeds.lint import lint

WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")
STEP = timedelta(minutes=15)  # divides the half hours of every zone


def files_of(organisation: Organisation) -> dict[str, str]:
    """Give an organisation as the files a coordinator would bring, in order; kinds without rows are left out."""
    found = {code: export_rows(code, organisation) for code, kind in KINDS.items() if kind.exported}
    return {code: text for code, text in found.items() if text.count("\n") > 1}


def rows(kind: str, *given: Mapping[str, object]) -> str:
    """Give a file of a kind from rows by column; columns not named stay empty."""
    header = KINDS[kind].header
    lines = [",".join(str(row.get(name, "")) for name in header) for row in given]
    return "\r\n".join((",".join(header), *lines)) + "\r\n"


def bring(parts: Parts, kind: str, text: str) -> Any:
    """Bring a file as `devsys import` does; a refused row fails the story."""
    outcome = import_files.bring(parts, kind, text.encode(), dry_run=False, by=None)
    assert [str(r.fault) for r in outcome.refused] == []
    return outcome


def away(parts: Parts, person: str, first: str, last: str) -> None:
    """Bring an absence."""
    bring(parts, "absences", rows("absences", {"person": person, "from": first, "to": last}))


def require(parts: Parts, queue: str, *hours: tuple[int, int], days: Iterable[str] = WORKING_DAYS) -> Any:
    """Bring the requirement of a queue: (hour, agents) pairs, the same on each day."""
    halves = [(f"{hour:02d}:{minute}", agents) for hour, agents in hours for minute in ("00", "30")]
    lines = ({"queue": queue, "day": day, "start": start, "agents": n} for day in days for start, n in halves)
    return bring(parts, "requirement", rows("requirement", *lines))


def draw(parts: Parts, weeks: int = 8, **more: Any) -> Drawn:
    """Draw a plan as a draft."""
    return draw_plan.carry_out(parts, Wish(weeks=weeks, rounds=1, **more))


def publish(parts: Parts, drawn: Drawn, by_id: str | None = None) -> int:
    """Publish a draft; give the version."""
    return publish_plan.publish(parts, drawn.draft_id, by_id=by_id)


def plan(parts: Parts, weeks: int = 8, **more: Any) -> Drawn:
    """Draw and publish."""
    drawn = draw(parts, weeks, **more)
    publish(parts, drawn)
    return drawn


def published(parts: Parts, **wanted: Any) -> tuple[Session, ...]:
    """Give the published sessions."""
    with parts.store.read() as db:
        return sessions.published(db, sessions.Wanted(**wanted))


def drafted(parts: Parts, draft_id: str) -> tuple[Session, ...]:
    """Give what a draft changes."""
    with parts.store.read() as db:
        return sessions.changed_in(db, draft_id)


def owed(parts: Parts, drawn: Drawn) -> tuple[Owed, ...]:
    """Give what a draft owes."""
    with parts.store.read() as db:
        return plans.owed_in(db, drawn.draft_id)


def text_of(page: Any) -> str:
    """Give a page as it reads, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def sign_in(app: Any, parts: Parts, person_id: str) -> Visitor:
    """Give a visitor signed in as somebody who has an account."""
    secret = new_token()
    with parts.store.write() as db:
        accounts.open_sign_in(db, id_hash=token_hash(secret), person_id=person_id, now=parts.now(), hours=12)
    client = app.test_client()
    client.set_cookie("devsys", secret, domain="127.0.0.1")
    key = app.config["SECRET_KEY"]
    token = URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(Browser(secret, key, [])["csrf_token"])
    return Visitor(client, person_id, secret, parts.settings.public_url, token)


def account(app: Any, parts: Parts, email: str, *roles: str) -> Visitor:
    """Make an account as `devsys accounts add` does and sign in with it, the password changed already."""
    add_account.add_account(parts, email=email, roles=roles)
    person = next(p for p in standing(parts).people if p.email == email)
    with parts.store.write() as db:
        accounts.set_password_hash(db, person.id, "")
    return sign_in(app, parts, person.id)


def standing(parts: Parts) -> Organisation:
    """Give the organisation as it stands."""
    with parts.store.read() as db:
        return people.organisation(db)


def person_of(parts: Parts, code: str) -> Person:
    """Give the person with a code."""
    return next(p for p in standing(parts).people if p.code == code)


class Phone:
    """A calendar program that subscribed to somebody's own sessions."""

    def __init__(
        self,
        app: Any,
        parts: Parts,
        person_id: str,
        *,
        titles: bool = True,
        kind: FeedKind = FeedKind.PERSON,
        name: str = "Phone",
    ) -> None:
        with parts.store.read() as db:
            viewer = accounts.viewer_of(db, person_id)
        self.client = app.test_client()
        self.parts = parts
        wanted = Wanted(kind, person_id, name, titles=titles)
        self.address = f"/feed/{rotate_feed.make(parts, viewer, wanted)}.ics"
        self.tag = ""

    def fetch(self) -> bytes:
        """Fetch it, as strict about its rules as can be."""
        answer = self.client.get(self.address)
        assert answer.status_code == 200
        assert [str(f) for f in lint(answer.data)] == []
        self.tag = answer.headers["ETag"]
        return bytes(answer.data)

    def unchanged(self) -> bool:
        """Ask again with the tag of the last fetch; say whether there was nothing new."""
        answer = self.client.get(self.address, headers={"If-None-Match": self.tag})
        if answer.status_code == 304:
            assert answer.data == b""
        return bool(answer.status_code == 304)


def blocks(feed: bytes) -> dict[str, bytes]:
    """Give the bytes of each VEVENT by UID."""
    found = re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", feed, re.DOTALL)
    return {re.search(rb"UID:([^\r]+)", one)[1].decode(): one for one in found}  # type: ignore[index]


@dataclass(frozen=True)
class Entry:
    """An event as a calendar program understands it."""

    starts: datetime
    ends: datetime
    zone: str
    summary: str
    status: str
    sequence: int


def entries(feed: bytes) -> dict[str, Entry]:
    """Give the events of a feed by UID, read by icalendar."""
    found = {}
    for event in Calendar.from_ical(feed).walk("VEVENT"):
        starts, ends = event["DTSTART"].dt, event["DTEND"].dt
        found[str(event["UID"])] = Entry(
            starts.astimezone(UTC),
            ends.astimezone(UTC),
            str(event["DTSTART"].params.get("TZID", "UTC")),
            str(event["SUMMARY"]),
            str(event["STATUS"]),
            int(event["SEQUENCE"]),
        )
    return found


class Count:
    """A calendar judged by counting people quarter hour by quarter hour, with none of the planner's code."""

    def __init__(self, parts: Parts) -> None:
        self.organisation = standing(parts)
        self.sessions = published(parts)
        with parts.store.read() as db:
            self.activities: Mapping[str, Activity] = programme.activities(db)
        o = self.organisation
        self.zones = {s.id: ZoneInfo(s.zone) for s in o.sites}
        self.people = {p.id: p for p in o.people}
        self.patterns = {p.id: p for p in o.patterns}
        self.leads = {f.person_id: f for f in o.facilitators}
        self.needed = {r.queue_id: r for r in o.requirements}
        self.absences: dict[str, list[Absence]] = defaultdict(list)
        for absence in o.absences:
            self.absences[absence.person_id].append(absence)

    @cached_property
    def busy(self) -> dict[datetime, Counter[str]]:
        """Who is in a session (or recovers from it) in each quarter hour, and how often."""
        found: dict[datetime, Counter[str]] = defaultdict(Counter)
        for session in self.sessions:
            for at in _steps(session, session.minutes):
                found[at].update({session.facilitator_id or "", session.room_id or "room", *session.people})
            for at in _steps(session, session.minutes + self.activities[session.activity].recovery_minutes):
                for person in session.people:
                    found[at][person] = max(1, found[at][person])
        return found

    def site_of(self, person: Person) -> str:
        """Give the site whose clock a person works by."""
        o = self.organisation
        sites = {t.id: t.site_id for t in o.teams} | {q.id: q.site_id for q in o.queues}
        return sites.get(person.team_id or "") or sites.get(person.queue_id or "") or ""

    def at_work(self, person: Person, at: datetime) -> bool:
        """Say whether a person is at work at an instant, sessions apart."""
        site = self.site_of(person)
        pattern = self.patterns.get(person.pattern_id or "")
        if not site or pattern is None:
            return False
        wall = at.astimezone(self.zones[site]).replace(tzinfo=None)
        day = wall.date()
        if day in self.organisation.holidays.get(site, {}):
            return False
        if (person.joined and day < person.joined) or (person.left and day >= person.left):
            return False
        if any(a.start <= wall < a.end for a in self.absences[person.id]):
            return False
        week = (day - timedelta(days=day.weekday()) - pattern.anchor).days // 7 % pattern.weeks + 1
        for shift in pattern.shifts:
            if (shift.week, shift.weekday) == (week, day.weekday()):
                inside = shift.start <= wall.time() and (shift.end is None or wall.time() < shift.end)
                lunch = shift.lunch_start is not None and shift.lunch_start <= wall.time() < (
                    shift.lunch_end or time.max
                )
                if inside and not lunch:
                    return True
        return False

    def required(self, queue_id: str, at: datetime) -> int:
        """Give the agents a queue needs at an instant."""
        queue = next(q for q in self.organisation.queues if q.id == queue_id)
        wall = at.astimezone(self.zones[queue.site_id])
        half = wall.hour * 2 + wall.minute // 30
        known = self.needed.get(queue_id)
        if known is None:
            return queue.minimum
        return (known.days.get(wall.date()) or known.profile[wall.weekday()])[half]

    def faults(self) -> list[str]:
        """Give everything that is wrong with the published calendar, in words."""
        return [*self.short(), *self.misplaced(), *self.doubled(), *self.unprepared()]

    def short(self) -> Iterator[str]:
        """Queues below their requirement while somebody of theirs is in a session."""
        for at, who in sorted(self.busy.items()):
            for queue_id in {self.people[p].queue_id for p in who if p in self.people} - {None}:
                agents = [p for p in self.people.values() if p.queue_id == queue_id]
                left = sum(self.at_work(p, at) and p.id not in who for p in agents)
                if left < self.required(str(queue_id), at):
                    yield f"{queue_id} has {left} at {at}"

    def misplaced(self) -> Iterator[str]:
        """People and facilitators who are not at work, facilitators who may not lead."""
        for session in self.sessions:
            lead = self.leads[session.facilitator_id or ""]
            wanted = self.activities[session.activity].qualification
            if wanted not in lead.qualifications or session.site_id not in lead.site_ids:
                yield f"{session.activity} at {session.starts} is led by somebody who may not"
            for person in (*session.people, lead.person_id):
                missing = [at for at in _steps(session, session.minutes) if not self.at_work(self.people[person], at)]
                if missing:
                    yield f"{self.people[person].code} is not at work at {missing[0]}, {session.activity}"

    def doubled(self) -> Iterator[str]:
        """Whoever or whatever is in two places at once; too many for the group or the room; too few."""
        for at, who in self.busy.items():
            yield from (
                f"{one} is twice at {at}" for one, times in who.items() if times > 1 and one not in ("", "room")
            )
        seats = {r.id: r.seats for r in self.organisation.rooms}
        for session in self.sessions:
            least, most = self.activities[session.activity].group
            if not least <= len(session.places) <= min(most, seats.get(session.room_id or "", most)):
                yield f"{session.activity} at {session.starts} has {len(session.places)} people"

    def unprepared(self) -> Iterator[str]:
        """People in a session whose prerequisite they have not been to before."""
        held = {(h.person_id, h.activity) for h in self.organisation.held}
        by_time = sorted(self.sessions, key=lambda s: s.starts_utc)
        for _, together in groupby(by_time, key=lambda s: s.starts_utc):
            now = tuple(together)
            for session in now:
                for code in self.activities[session.activity].prerequisites:
                    for person in session.people:
                        if (person, code) not in held:
                            yield f"{self.people[person].code} is in {session.activity} before {code}"
            held |= {(person, s.activity) for s in now for person in s.people}


def _steps(session: Session, minutes: int) -> Iterator[datetime]:
    end = session.starts_utc + timedelta(minutes=minutes)
    at = session.starts_utc
    while at < end:
        yield at
        at += STEP


def days_between(first: date, last: date) -> Iterator[date]:
    """Give the days from `first` to `last`, both included."""
    while first <= last:
        yield first
        first += timedelta(days=1)
