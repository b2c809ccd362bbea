"""Life as it comes to an organisation, played through its pages, worker, mail server and calendar programs.

`Life` holds who takes part: coordinator and administrator at their browsers, everybody's calendar program and letter
box. Each event is a method: somebody does what a page lets them do, and whatever follows from it follows. `evening`
judges the day. Days are drawn from a seed; the clock is moved by hand.
"""

import random
import re
import threading
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select

from devsys.actions import sign_in as sign_in_action
from devsys.actions.letter_words import called
from devsys.actions.repair_absence import NEAR, About, unsound
from devsys.actions.send_letters import has_work
from devsys.adapters.store.queries import accounts, calendar_figures, letters, planning, plans, runs, sessions
from devsys.adapters.store.tables.all import metadata
from devsys.base import ids
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.calendar import Session
from devsys.core.model.people import Person
from devsys.faces.jobs.worker import Worker
from tests.conftest import Frozen, application
from tests.feeds import evolution
from tests.letters.mailbox import Key, Mailbox
from tests.letters.program import Program
from tests.mail import Post, html_of, text_of, to
from tests.stories import acts
from tests.stories.acts import Phone, entries
from tests.stories.plain_browser import PlainBrowser, forms_of, words_of

PASSWORD = "five quiet herons at dusk"
DAY = timedelta(days=1)
NOTICE = timedelta(hours=50)  # what starts later is not near: a change of it waits for the quiet window
AHEAD = timedelta(days=16)


def cheap_passwords(monkeypatch: Any) -> None:
    """Let passwords cost as little as argon2 allows: hundreds of people sign in."""
    monkeypatch.setattr(sign_in_action, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    sign_in_action._nobody.cache_clear()


class Names:
    """Names and secrets drawn from a seed instead of from the system, so that one seed is one story.

    Each kind of thread draws from a row of its own: which of them comes first is nobody's to say.
    """

    def __init__(self, seed: int) -> None:
        self._rows: dict[str, random.Random] = defaultdict(lambda: random.Random(f"{seed} {self._kind()}"))  # noqa: S311

    @staticmethod
    def _kind() -> str:
        return threading.current_thread().name.split("-")[0]

    def token_hex(self, octets: int) -> str:
        return self._rows[self._kind()].randbytes(octets).hex()

    def token_urlsafe(self, octets: int) -> str:
        return urlsafe_b64encode(self._rows[self._kind()].randbytes(octets)).rstrip(b"=").decode()


def drawn_names(monkeypatch: Any, seed: int) -> None:
    """Let all ids and secrets of this test be drawn from a seed: in what order things come hangs on their ids."""
    monkeypatch.setattr(ids, "secrets", Names(seed))


class OneByOne(Worker):
    """A worker whose letters wait for the run under way, as they happen to do in most ticks."""

    def _send(self) -> None:
        if self._current is not None and self._current.thread is not None:
            self._current.thread.join()
        super()._send()


@dataclass
class Someone:
    """One person with a browser, calendar programs for what they come to and what they lead, and a letter box."""

    person: Person
    browser: PlainBrowser
    phones: dict[FeedKind, Phone] = field(default_factory=dict)
    held: dict[FeedKind, bytes] = field(default_factory=dict)
    mailbox: Mailbox = field(default_factory=Mailbox)
    program: Program | None = None
    gone: bool = False

    def sync(self, day: datetime) -> None:
        """Ask for what is new, as a calendar program does; what changed keeps the rules of revisions."""
        for kind, phone in self.phones.items():
            if kind in self.held and phone.unchanged():
                continue
            before, now = self.held.get(kind), phone.fetch()
            if before is not None:
                faults = [str(f) for f in evolution.compare(before, now) if not _between(str(f))]
                assert faults == [], (self.person.code, faults)
                assert evolution.vanished(before, now, f"{day:%Y%m%dT%H%M%S}") == [], self.person.code
            self.held[kind] = now


def _between(fault: str) -> bool:
    """Say whether a fault is none for who did not look at each version: there and back, or new and off again."""
    there_and_back = "the same time, place and status" in fault or fault.endswith("'SEQUENCE']")
    return there_and_back or "first appears cancelled" in fault


class Life:
    """An organisation whose days are played; see the module."""

    def __init__(
        self, post: Post, clock: Frozen, *, coordinator: str, administrator: str, weeks: int, seed: int
    ) -> None:
        self.post, self.parts, self.clock, self.weeks = post, post.parts, clock, weeks
        self.draw = random.Random(seed)  # noqa: S311 -- a story from a seed, no secret
        self.app = application(post.parts)
        self.worker = OneByOne(post.parts)
        self.people: dict[str, Someone] = {}
        self.by_address: dict[str, str] = {}
        self.told: list[EmailMessage] = []  # of the day
        self.questioned: set[tuple[str, str, str]] = set()
        self.journal: list[str] = []
        self.happened: Counter[str] = Counter()
        self._accounts()
        for person in acts.standing(self.parts).people:
            if person.left is None or person.left > clock.now.date():
                self.enter(person)
        self.coordinator = self.people[coordinator].browser
        self.administrator = self.people[administrator].browser

    def _accounts(self) -> None:
        """Give everybody an account with the same password, as an import of accounts would."""
        known = sign_in_action.hash_password(PASSWORD)
        everybody = acts.standing(self.parts).people
        with self.parts.store.write() as db:
            for person in everybody:
                if accounts.account(db, person.id) is None:
                    accounts.add_account(
                        db, person_id=person.id, email=person.email, password_hash=known, now=self.clock.now
                    )
                else:
                    accounts.set_password_hash(db, person.id, known)

    def enter(self, person: Person, password: str = PASSWORD) -> Someone:
        """Let somebody take part: browser, calendar programs, letter box."""
        with self.parts.store.read() as db:
            account = accounts.account(db, person.id)
        email = account.email if account else person.email
        browser = PlainBrowser(self.app.test_client(), self.parts.settings.public_url, email, password)
        one = self.people[person.id] = Someone(person, browser)
        self.by_address[person.email] = person.id
        one.phones[FeedKind.PERSON] = Phone(self.app, self.parts, person.id)
        if any(f.person_id == person.id for f in acts.standing(self.parts).facilitators):
            kind = FeedKind.FACILITATOR
            one.phones[kind] = Phone(self.app, self.parts, person.id, kind=kind, name="Rota")
        return one

    # -- time -------------------------------------------------------------------------------------------------------

    def pass_time(self, **by: float) -> None:
        """Let time go by; then the worker does what is due, as its ticks do, and the letters that came are read."""
        self.clock.move(**by)
        for _ in range(60):
            self.worker.tick()
            self.worker.wait()
            with self.parts.store.read() as db:
                busy = runs.is_waiting(db)
            if self.worker._current is None and not busy and not has_work(self.parts):
                break
        else:
            raise AssertionError("the worker does not come to an end")
        came = self.post.server.take()
        if came:
            self._read(came)

    def until(self, day: date, at: time) -> None:
        """Let time go by until a time (UTC) of a day."""
        self.pass_time(seconds=(datetime.combine(day, at, UTC) - self.clock.now).total_seconds())

    def _read(self, came: Iterable[EmailMessage]) -> None:
        """Let people read their letters: calendar programs take invitations, letter boxes what changed."""
        calendars = self.calendars()
        for letter in came:
            address = to(letter)
            one = self.people[self.by_address[address]]
            assert not one.gone, f"a letter to a leaver: {letter['Subject']}"
            self.told.append(letter)
            subject = str(letter["Subject"])
            if any(part.get_content_type() == "text/calendar" for part in letter.walk()):
                assert one.program is not None, f"an invitation nobody chose: {subject}"
                one.program.take([letter], address)
            elif subject.startswith("Tomorrow"):
                self._reminded(one, letter)
            elif subject.startswith(("How was it?", "Six weeks on")):
                self._questioned(one, letter)
            elif subject in ("Your password was changed", "Your calendar link was fetched for the first time"):
                self.happened[subject] += 1
            elif "/asked/" not in text_of(letter):
                assert one.program is None, f"a letter beside invitations: {subject}"
                one.mailbox.take(letter, self.clock.now.year, calendars.get(one.person.id, {}))

    def _reminded(self, one: Someone, letter: EmailMessage) -> None:
        """A reminder names what is tomorrow, all of it and nothing else."""
        meant = {key for key in self.calendars()[one.person.id] if f"{key[1]:%H:%M}\N{EN DASH}" in text_of(letter)}
        days = {key[1].date() for key in meant}
        assert self.clock.now.date() + DAY in days, text_of(letter)

    def _questioned(self, one: Someone, letter: EmailMessage) -> None:
        """Nobody is asked twice how something was."""
        said = text_of(letter)
        key = (one.person.id, str(letter["Subject"]), said)
        assert key not in self.questioned, said
        self.questioned.add(key)

    # -- what stands ------------------------------------------------------------------------------------------------

    def published(self) -> tuple[Session, ...]:
        """Give the sessions that are published and not over."""
        with self.parts.store.read() as db:
            found = sessions.published(db, sessions.Wanted(start=self.clock.now - DAY))
        return tuple(s for s in found if s.ends_utc > self.clock.now)

    def calendars(self) -> dict[str, dict[Key, str]]:
        """Give what is published, as letters would name it: person -> (title, local start) -> place."""
        found: dict[str, dict[Key, str]] = {}
        ahead = self.published()
        with self.parts.store.read() as db:
            names = called(db, ahead)
        for session in ahead:
            key = (names[session.id].shown, session.starts)
            for person_id in session.people | {session.facilitator_id or ""}:
                found.setdefault(person_id, {})[key] = names[session.id].place
        return found

    def soon(self, *, least: timedelta = DAY, group: bool = True) -> list[Session]:
        """Give the sessions of the next days, of groups unless told otherwise."""
        now = self.clock.now
        found = [s for s in self.published() if now + least < s.starts_utc < now + AHEAD and not s.pinned]
        return [s for s in found if len(s.places) > 1] if group else found

    def somebody(self, session: Session) -> Someone:
        """Give somebody who comes to a session."""
        return self.people[self.draw.choice(sorted(session.people))]

    # -- events -----------------------------------------------------------------------------------------------------

    def happen(self, *events: Callable[["Life"], str]) -> None:
        """Play events of a day, one after the other; sometimes within one quiet window, mostly not."""
        for event in events:
            said = event(self)
            self.happened[event.__name__] += bool(said)
            self.journal.append(f"{self.clock.now:%a %d %b %H:%M} {event.__name__}: {said or 'nothing to do'}")
            self.pass_time(minutes=self.draw.choice((4, 11, 35, 50)))

    def repair(self, address: str) -> str:
        """Take all suggestions and publish them; give what the page said."""
        page = self.coordinator.get(address)
        if not any(form.button("Take") for form in forms_of(page)):
            return "nothing to repair"
        preview = self.coordinator.press(page, "Take")
        if not any(form.button("Publish this repair") for form in forms_of(preview)):
            return "nothing changes"
        done = self.coordinator.press(preview, "Publish this repair")
        said = re.search(r"Published as version \d+[^<]*", done.text)
        assert said, words_of(done)
        return said[0]

    def say_away(self, person_id: str, first: date, last: date | None) -> None:
        """Say on the page that somebody is away, until the end of a day or nobody knows when."""
        page = self.coordinator.get(f"/away?person={person_id}")
        until = {"until": "day", "to": str(last)} if last else {"until": "unknown"}
        self.coordinator.press(page, "See what it touches", **{"from": str(first), "person": person_id, **until})

    def publish_draft(self, page: Any, cause: str) -> bool:
        """Publish the draft of a page; drop it where it cannot be, or where it changes nothing."""
        if any(form.button("Publish") for form in forms_of(page)):
            self.coordinator.press(page, "Publish", on="/drafts/", cause=cause)
            return True
        if any(form.button("Drop the draft") for form in forms_of(page)):
            self.coordinator.press(page, "Drop the draft")
        return False

    # -- evenings ---------------------------------------------------------------------------------------------------

    def evening(self) -> None:
        """Judge the day: what is published, the books, every calendar, every letter, every link."""
        now = self.clock.now
        for _ in range(3):  # what answers and hand-overs left to the coordinator
            if self.repair("/repairs") in ("nothing to repair", "nothing changes"):
                break
        self.pass_time(minutes=21)
        self.judge_plan()
        self.judge_books()
        self.judge_calendars()
        self.judge_links()
        self.told.clear()
        self.journal.append(f"{now:%a %d %b} is over: {self.figures()}")

    def judge_plan(self) -> None:
        """The verifier finds nothing against what is to come."""
        with self.parts.store.read() as db:
            brief = planning.brief(db, now=self.clock.now)
        found = unsound(brief, About(), self.clock.now)
        later = [v for v in found.broken if not set(v.sessions) & found.waiting]
        assert later == [], (later, self.journal[-9:])

    def judge_books(self) -> None:
        """Needs are placed or owed, and the ledger's sums are those of the sessions."""
        with self.parts.store.read() as db:
            version = plans.latest(db)
            assert version is not None
            owed = plans.owed_in(db, plans.draft_of_version(db, version.number))
            every = sessions.published(db)
            sums = calendar_figures.ledger_sums(db, date(2025, 1, 1), date(2028, 1, 1))
        figures = version.figures
        assert figures.needs == figures.placed + figures.owed
        assert figures.owed == len(owed) == len({o.need for o in owed})
        assert sum(s.planned for s in sums) == sum(s.minutes * len(s.places) for s in every)
        kept = [p.need for s in every for p in s.places if p.need]
        twice = {need for need, times in Counter(kept).items() if times > 1}
        assert twice == set(), ([s for s in every if twice & {p.need for p in s.places}], self.journal[-9:])
        both = set(kept) & {o.need for o in owed}
        assert both == set(), [s for s in every if both & {p.need for p in s.places}]

    def judge_calendars(self, *, whole: bool = False) -> None:
        """Each calendar program shows what is published, each letter box and mail program knows it."""
        ahead = self.published()
        mine: dict[str, dict[str, Session]] = {p: {} for p in self.people}
        led: dict[str, dict[str, Session]] = {p: {} for p in self.people}
        for session in ahead:
            for person_id in session.people:
                mine[person_id][session.uid] = session
            if session.facilitator_id:
                led[session.facilitator_id][session.uid] = session
        calendars = self.calendars()
        with self.parts.store.read() as db:
            waiting = letters.waiting(db, sorted(self.people))
        assert not (whole and waiting), f"letters still wait: {waiting}"
        for id_, one in self.people.items():
            if one.gone:
                assert all(p.client.get(p.address).status_code == 404 for p in one.phones.values())
                soon = (self.clock.now, self.clock.now + NEAR)  # one that has begun stands as it was
                left = [s.starts for s in mine[id_].values() if soon[0] < s.starts_utc < soon[1]]
                assert left == [], f"{one.person.code} left, and is still planned for"
                continue
            one.sync(self.clock.now)
            for kind, held in one.held.items():
                self._same(one, held, mine[id_] if kind is FeedKind.PERSON else led[id_])
            if id_ in waiting:
                continue
            if one.program is not None:
                both = {**mine[id_], **led[id_]}
                shown = {uid: at for uid, (at, _) in one.program.shown.items() if at > self.clock.now}
                assert shown == {uid: s.starts_utc for uid, s in both.items() if s.starts_utc > self.clock.now}
            else:
                today = self.clock.now.date()
                known = {key: place for key, place in one.mailbox.known.items() if key[1].date() > today}
                stands = calendars.get(id_, {})
                assert known == {k: p for k, p in stands.items() if k[1].date() > today}, one.person.code

    def _same(self, one: Someone, held: bytes, meant: Mapping[str, Session]) -> None:
        shown = {
            uid: (e.starts, e.ends)
            for uid, e in entries(held).items()
            if e.status == "CONFIRMED" and e.ends > self.clock.now
        }
        assert shown == {uid: (s.starts_utc, s.ends_utc) for uid, s in meant.items()}, one.person.code

    def judge_links(self) -> None:
        """A stranger opens every link of the day, its reader each kind of link: nothing changes."""
        own = self.parts.settings.public_url
        found = {
            (link.removeprefix(own) or "/", to(letter))
            for letter in self.told
            for link in re.findall(r"https?://[^\s\"<>]+", text_of(letter) + html_of(letter))
        }
        readers = sorted({a for _, a in found if not self.people[self.by_address[a]].gone})[:3]
        for address in readers:
            self.people[self.by_address[address]].browser.get("/account")
        before = self.everything()
        strangers = self.app.test_client()
        for path in sorted({path for path, _ in found}):
            assert strangers.get(path).status_code in (200, 302, 303, 404), path
        kinds = {(re.sub(r"\w{16,}", "*", path), address): path for path, address in sorted(found)}
        for (_, address), path in kinds.items():
            if address in readers:
                browser = self.people[self.by_address[address]].browser
                assert browser.client.get(path).status_code in (200, 303, 404), path
                browser.client.head(path)
        assert self.everything() == before

    def everything(self) -> dict[str, list[str]]:
        """Give every row of every table but for who is signed in."""
        with self.parts.store.read() as db:
            return {
                name: sorted(map(repr, db.execute(select(table))))
                for name, table in metadata.tables.items()
                if name != "sign_in"
            }

    def figures(self) -> str:
        """Say in figures what stands."""
        with self.parts.store.read() as db:
            version = plans.latest(db)
        assert version is not None
        sent = sum(one.mailbox.letters for one in self.people.values())
        invited = sum(one.program.taken for one in self.people.values() if one.program)
        f = version.figures
        return (
            f"version {version.number}, {len(self.published())} sessions ahead, {f.needs} needs = {f.placed} placed "
            f"+ {f.owed} owed; {sent} letters about the plan, {invited} invitations so far"
        )
