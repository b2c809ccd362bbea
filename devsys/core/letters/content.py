"""What a letter says, in words: plain values that a template lays out as text and as HTML, the same for the same input.

Subjects never carry a coaching theme: a coaching session is "1:1 development" in a letter, as in others' calendars.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from devsys.base.words import phrase, to_phrase
from devsys.base.written import day_near, zone_name
from devsys.core.letters.net import NetChange, Way
from devsys.core.model.calendar import Session
from devsys.core.model.causes import cause_words

MASKED: Final = to_phrase("1:1 development")
MOST_LINES: Final = 12  # of one group, before "and more"
LONGEST_TITLE: Final = 80
SIGNS: Final = {Way.NEW: "+", Way.MOVED: "→", Way.CANCELLED: "\u00d7"}
_WORDS: Final = {Way.NEW: to_phrase("New"), Way.MOVED: to_phrase("Moved"), Way.CANCELLED: to_phrase("Cancelled")}
_HEADS: Final = {
    (False, Way.NEW): to_phrase("You come to: new"),
    (False, Way.MOVED): to_phrase("You come to: moved"),
    (False, Way.CANCELLED): to_phrase("You come to: cancelled"),
    (True, Way.NEW): to_phrase("You lead: new"),
    (True, Way.MOVED): to_phrase("You lead: moved"),
    (True, Way.CANCELLED): to_phrase("You lead: cancelled"),
}
_ONE: Final = {
    Way.NEW: to_phrase("New in your calendar: %(title)s, %(when)s"),
    Way.MOVED: to_phrase("Moved: %(title)s, now %(when)s"),
    Way.CANCELLED: to_phrase("Cancelled: %(title)s, %(when)s"),
}


@dataclass(frozen=True, slots=True)
class Called:
    """What a session is called by: its title, room and site or "Online", who leads it, what to bring.

    `masked` is coaching, of which a letter names neither theme nor coach.
    """

    title: str
    place: str
    leader: str = ""
    prepare: str = ""
    masked: bool = False

    @property
    def shown(self) -> str:
        """The title as a letter shows it."""
        title = str(MASKED) if self.masked else self.title
        return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a letter is to: name, the zone they live by, what they chose in words, and the public address of devsys."""

    name: str
    zone: str
    address: str


@dataclass(frozen=True, slots=True)
class Line:
    """One session in a letter: sign and title, old and new time, where and by whom, why."""

    sign: str
    title: str
    old: str
    new: str
    where: str
    cause: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one head; `more` says how many stand on the page alone."""

    head: str
    lines: tuple[Line, ...]
    more: int = 0

    @property
    def more_words(self) -> str:
        """What stands under the lines: how many more there are."""
        return phrase("and %(count)s more in your calendar", count=self.more)


@dataclass(frozen=True, slots=True)
class Content:
    """A whole letter: subject, opening sentence, groups of lines, one action, why it came, how to get fewer."""

    subject: str
    greeting: str
    lead: str
    groups: tuple[Group, ...]
    note: str
    action: str
    href: str
    why: str
    fewer: str
    fewer_href: str

    @property
    def was(self) -> str:
        """The word before an old time."""
        return phrase("was")

    @property
    def now(self) -> str:
        """The word before a new time."""
        return phrase("now")


def day_words(value: date, now: date) -> str:
    """Tue 23 March; with its year where that is another one than `now`."""
    return day_near(value, now)


def zone_words(zone: str) -> str:
    """Lisbon time; UTC stays UTC."""
    return zone_name(zone)


def when_words(session: Session, now: date, *, zoned: bool) -> str:
    """Tue 23 March, 14:30-15:30, by the session's own clock; with its zone where times of several stand together."""
    times = f"{session.starts:%H:%M}\u2013{session.ends:%H:%M}"
    zone = f" {zone_words(session.zone)}" if zoned else ""
    return f"{day_words(session.starts.date(), now)}, {times}{zone}"


def plan_content(
    changes: Sequence[NetChange],
    called: Mapping[str, Called],
    reader: Reader,
    now: datetime,
    *,
    rota: Sequence[Session] = (),
) -> Content:
    """Give the letter about what changed for a person. `called` names sessions by id; changes is not empty.

    `rota` are the next sessions of somebody who leads, as they stand now, in order of time.
    """
    zones = {s.zone for c in changes for s in c.sides} | {s.zone for s in rota}
    mine = tuple(c for c in changes if not c.leads)
    led = tuple(c for c in changes if c.leads)
    groups = []
    for leads, some in ((False, mine), (True, led)):
        for way in (Way.MOVED, Way.CANCELLED, Way.NEW):
            ones = [c for c in some if c.way is way]
            if ones:
                title = str(_HEADS[leads, way] if mine and led else _WORDS[way])
                lines = tuple(_line(c, called, now.date(), zoned=len(zones) > 1) for c in ones[:MOST_LINES])
                groups.append(Group(title, lines, len(ones) - len(lines)))
    if rota:
        lines = tuple(_rota_line(s, called, now.date(), zoned=len(zones) > 1) for s in rota[:MOST_LINES])
        groups.append(Group(phrase("Your rota of the next four weeks"), lines, len(rota) - len(lines)))
    only = changes[0] if len(changes) == 1 else None
    href = f"{reader.address}/sessions/{only.after.id}" if only and only.after else f"{reader.address}/"
    return Content(
        subject=_subject(changes, called, now.date()),
        greeting=phrase("Hello %(name)s,", name=reader.name),
        lead=_lead(changes),
        groups=tuple(groups),
        note=phrase("Times are %(zone)s.", zone=zone_words(zones.pop()))
        if len(zones) == 1
        else phrase("Each time stands by the session's own clock."),
        action=phrase("Open the session") if only and only.after else phrase("Open your calendar"),
        href=href,
        why=phrase("You get this because the published plan changed what you come to.")
        if not led
        else phrase("You get this because the published plan changed what you lead.")
        if not mine
        else phrase("You get this because the published plan changed what you come to and lead."),
        fewer=phrase("Choose what you get, and when"),
        fewer_href=f"{reader.address}/account/letters",
    )


def _subject(changes: Sequence[NetChange], called: Mapping[str, Called], today: date) -> str:
    if len(changes) > 1:
        if all(c.leads for c in changes):
            return phrase("Your development rota: %(count)s changes", count=len(changes))
        return phrase("Your development calendar: %(count)s changes", count=len(changes))
    one = changes[0]
    s = one.session
    at = f"{day_words(s.starts.date(), today)}, {s.starts:%H:%M}"
    return phrase(_ONE[one.way], title=_called(s, called).shown, when=at)


def _lead(changes: Sequence[NetChange]) -> str:
    count = len(changes)
    if count == 1:
        way = changes[0].way
        if way is Way.CANCELLED:
            return phrase("One session is cancelled for you. You need to do nothing.")
        return phrase("One session is new for you.") if way is Way.NEW else phrase("One session moved.")
    return phrase("%(count)s things changed in your calendar since you last heard from us.", count=count)


def _called(session: Session, called: Mapping[str, Called]) -> Called:
    return called.get(session.id) or Called(MASKED, "", masked=True)


def _line(change: NetChange, called: Mapping[str, Called], today: date, *, zoned: bool) -> Line:
    name = _called(change.session, called)
    before, after = change.before, change.after
    old = when_words(before, today, zoned=zoned) if before else ""
    new = when_words(after, today, zoned=zoned) if after else ""
    where = ""
    if after is not None:
        place = name.place
        if before is not None and before.starts_utc == after.starts_utc and before.minutes == after.minutes:
            old, place = "", phrase("now %(place)s", place=place) if place else ""
        led = (
            phrase("led by %(name)s", name=name.leader) if name.leader and not change.leads and not name.masked else ""
        )
        where = ", ".join(w for w in (place, led) if w)
    return Line(SIGNS[change.way], name.shown, old, new, where, "" if name.masked else _cause(change))


def _rota_line(session: Session, called: Mapping[str, Called], today: date, *, zoned: bool) -> Line:
    name = _called(session, called)
    return Line("", name.shown, "", when_words(session, today, zoned=zoned), name.place, "")


def _cause(change: NetChange) -> str:
    return "" if change.way is Way.NEW else cause_words(change.cause)


def reminder_content(
    ahead: Sequence[tuple[Session, bool]], called: Mapping[str, Called], reader: Reader, now: datetime
) -> Content:
    """Give the letter of the day before: (session, whether the reader leads it) pairs in order of time, not empty."""
    zones = {s.zone for s, _ in ahead}
    lines = []
    for session, leads in ahead:
        name = _called(session, called)
        led = (
            phrase("led by %(name)s", name=name.leader)
            if name.leader and not leads and not name.masked
            else phrase("you lead it")
            if leads
            else ""
        )
        prepare = (
            phrase("Prepare: %(what)s", what=name.prepare) if name.prepare and not leads and not name.masked else ""
        )
        where = ", ".join(w for w in (name.place, led) if w)
        when = when_words(session, now.date(), zoned=len(zones) > 1)
        lines.append(Line("", name.shown, "", when, where, prepare))
    first, _ = ahead[0]
    one = len(ahead) == 1
    at = f"{day_words(first.starts.date(), now.date())}, {first.starts:%H:%M}"
    return Content(
        subject=phrase("Tomorrow: %(title)s, %(when)s", title=_called(first, called).shown, when=at)
        if one
        else phrase("Tomorrow: %(count)s sessions", count=len(ahead)),
        greeting=phrase("Hello %(name)s,", name=reader.name),
        lead=phrase("This is tomorrow.") if one else phrase("These %(count)s are tomorrow.", count=len(ahead)),
        groups=(Group("", tuple(lines[:MOST_LINES]), max(0, len(lines) - MOST_LINES)),),
        note=phrase("Times are %(zone)s.", zone=zone_words(zones.pop()))
        if len(zones) == 1
        else phrase("Each time stands by the session's own clock."),
        action=phrase("Open the session") if one else phrase("Open your calendar"),
        href=f"{reader.address}/sessions/{first.id}" if one else f"{reader.address}/",
        why=phrase("You get this because you chose a letter the day before."),
        fewer=phrase("Choose what you get, and when"),
        fewer_href=f"{reader.address}/account/letters",
    )


def tomorrow(now: datetime) -> date:
    """Give the day after that of `now`, by the clock of its zone."""
    return now.date() + timedelta(days=1)
