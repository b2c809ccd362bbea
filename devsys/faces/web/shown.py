"""Sessions as pages name them: titles, times in their zone, places, people, why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from flask import current_app, url_for

from devsys.adapters.store.queries import calendar_figures, programme
from devsys.adapters.store.queries.calendar_figures import Member, Named
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import clock, day, month, near_day, period, weekday, zone_name
from devsys.core.model.calendar import Session, Status
from devsys.core.model.causes import cause_words
from devsys.core.model.programme import Activity, Kind, Rhythm
from devsys.core.programmes.why import why_every

COACHING_TITLE: Final = to_phrase("1:1 development")
FEW: Final = 2  # so many people are named, more are counted


@dataclass(frozen=True, slots=True)
class Names:
    """What a list of sessions needs by name."""

    activities: Mapping[str, Activity]
    people: Mapping[str, Member]
    rooms: Mapping[str, Named]
    teams: Mapping[str, Named]

    def title(self, code: str) -> str:
        """Give the title of an activity; its code when no adopted programme has it any more."""
        activity = self.activities.get(code)
        return activity.title if activity else code.replace("_", " ").capitalize()

    def kind(self, code: str) -> Kind:
        """Give the kind of an activity."""
        activity = self.activities.get(code)
        return activity.kind if activity else Kind.SKILL

    def coaching(self, code: str) -> bool:
        """Say whether an activity is coaching, which others see only as taken time."""
        return self.kind(code) is Kind.COACHING

    def person(self, person_id: str | None) -> str:
        """Give a person's name."""
        found = self.people.get(person_id or "")
        return found.name if found else phrase("not known yet")

    def place(self, session: Session) -> str:
        """Give the room, or that it is held online."""
        room = self.rooms.get(session.room_id or "")
        return room.name if room else phrase("Online")

    def team(self, team_id: str | None) -> str:
        """Give a team's name, empty for none."""
        found = self.teams.get(team_id or "")
        return found.name if found else ""


def names_for(db: Db, sessions: Iterable[Session]) -> Names:
    """Give what these sessions need by name: four reads, however many they are."""
    listed = tuple(sessions)
    ids = {s.facilitator_id for s in listed if s.facilitator_id} | {p for s in listed for p in s.people}
    return Names(
        programme.activities(db),
        calendar_figures.members(db, ids),
        calendar_figures.rooms(db),
        calendar_figures.teams(db),
    )


@dataclass(frozen=True, slots=True)
class Next:
    """The next session of a person, as the macro `next_session` shows it."""

    weekday: str
    day: str
    month: str
    today: bool
    kind: str
    kind_text: str
    title: str
    href: str
    time: str
    zone: str
    place: str
    link: str
    people: str
    why: str
    prepare: str


@dataclass(frozen=True, slots=True)
class Coming:
    """One line of what comes then, as the macro `coming` shows it."""

    kind: str
    title: str
    href: str
    when: str
    old: str = ""
    note: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One session of a day, as the macro `session_lines` shows it."""

    start: str
    end: str
    kind: str
    title: str
    who: str
    href: str
    state: str = ""
    selected: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an agenda."""

    title: str
    today: bool
    sessions: tuple[Line, ...] = field(default=())
    count: str = ""
    note: str = ""


def link_to(endpoint: str, **values: Any) -> str:
    """Give the address of a page, empty where this installation has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def session_link(session_id: str) -> str:
    """Give the address of a session's page."""
    return link_to("sessions.show", session_id=session_id)


def why(activity: Activity | None) -> str:
    """Say in one sentence why somebody is in a session of this activity."""
    if activity is None:
        return ""
    if activity.cadence.rhythm is Rhythm.EVERY:
        return why_every(activity, activity.cadence)
    if activity.cadence.rhythm is Rhythm.REQUEST:
        return phrase("You asked for it.")
    if activity.kind is Kind.BOUNDARIES:
        return phrase("This comes once for everybody, before everything that is hard.")
    return phrase("This comes once for everybody.")


def next_session(session: Session, names: Names, viewer_id: str, today: date) -> Next:
    """Give the next session of a person, for that person."""
    activity = names.activities.get(session.activity)
    leads = session.facilitator_id == viewer_id
    return Next(
        weekday=weekday(session.starts),
        day=str(session.starts.day),
        month=month(session.starts),
        today=session.starts.date() == today,
        kind=names.kind(session.activity).value,
        kind_text="",
        title=names.title(session.activity),
        href=session_link(session.id),
        time=period(session.starts, session.ends),
        zone=zone_name(session.zone),
        place=names.place(session),
        link="",
        people=_with(session, names, viewer_id),
        why="" if leads else why(activity),
        prepare=activity.prepare if activity and not leads else "",
    )


def _with(session: Session, names: Names, viewer_id: str) -> str:
    others = len(session.people - {viewer_id})
    leads = session.facilitator_id == viewer_id
    who = phrase("You lead") if leads else phrase("With %(who)s", who=names.person(session.facilitator_id))
    if session.team_id and not leads:
        return phrase("%(who)s and your team", who=who)
    if not others:
        return who
    if leads:
        return phrases("%(who)s: %(num)s colleague", "%(who)s: %(num)s colleagues", others, who=who)
    return phrases("%(who)s and %(num)s other", "%(who)s and %(num)s others", others, who=who)


def coming(session: Session, names: Names, today: date, zone: str = "") -> Coming:
    """Give one line of what comes then, for the person it concerns; `zone` is the reader's, others are said."""
    moved = session.sequence > 0 and session.cause
    return Coming(
        kind=names.kind(session.activity).value,
        title=names.title(session.activity),
        href=session_link(session.id),
        when=f"{_short(session.starts.date(), today)}, {clock(session.starts)}{_elsewhere(session, zone)}",
        note=phrase("Moved: %(cause)s.", cause=cause_words(session.cause)) if moved else "",
    )


def _short(value: date, today: date) -> str:
    shown = near_day(value, today)
    return shown[:1].upper() + shown[1:]


def _elsewhere(session: Session, zone: str) -> str:
    """Say the zone of a session where it is not the reader's."""
    return f", {zone_name(session.zone)}" if zone and session.zone != zone else ""


def agenda(
    sessions: Iterable[Session], names: Names, today: date, zone: str, *, viewer_id: str = ""
) -> tuple[Day, ...]:
    """Give sessions by day, each with its zone where that is not the reader's.

    With `viewer_id` they are the viewer's own to lead; otherwise coaching shows only as time that is taken.
    """
    days: dict[date, list[Line]] = {}
    for session in sessions:
        days.setdefault(session.starts.date(), []).append(line(session, names, zone, viewer_id=viewer_id))
    return tuple(Day(day(when), when == today, tuple(lines)) for when, lines in sorted(days.items()))


def line(session: Session, names: Names, zone: str, *, viewer_id: str = "") -> Line:
    """Give one session of a day."""
    hidden = names.coaching(session.activity) and session.facilitator_id != viewer_id
    return Line(
        start=clock(session.starts),
        end=clock(session.ends),
        kind=names.kind(session.activity).value,
        title=COACHING_TITLE if hidden else names.title(session.activity),
        who=_who(session, names, viewer_id, hidden=hidden) + _elsewhere(session, zone),
        href=session_link(session.id),
        state="cancelled" if session.status is Status.CANCELLED else "pinned" if session.pinned else "",
        cancelled=session.status is Status.CANCELLED,
    )


def _who(session: Session, names: Names, viewer_id: str, *, hidden: bool) -> str:
    people = [names.person(p) for p in sorted(session.people, key=names.person)]
    if hidden:
        return phrase("%(people)s: away for development", people=", ".join(people[:3]))
    crowd = names.team(session.team_id) or (
        ", ".join(people) if len(people) <= FEW else phrases("%(num)s person", "%(num)s people", len(people))
    )
    leads = "" if session.facilitator_id == viewer_id else f"{names.person(session.facilitator_id)} · "
    return f"{leads}{names.place(session)} · {crowd}"
