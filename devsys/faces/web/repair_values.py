"""Repairs as a page shows them: each session that cannot stand with its ranked choices, and what follows from them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import url_for

from devsys.actions.repair_absence import LATER, About, Look, key_of
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import clock, day, several, short_day, short_moment, zone_name
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Status
from devsys.core.model.hours import instant_of, local
from devsys.core.planning import problem as plan
from devsys.core.planning.choices import Affected, Choice, Way
from devsys.faces.web.session_values import Moment, Names, discreet, seen

MOST_DOTS: Final = 8
MOST_SHOWN: Final = 3  # choices before the rest is folded
MOST_WHOLE: Final = 2  # of one day
MOST_NAMED: Final = 2
WAYS: Final[Mapping[Way, str]] = {
    Way.SUBSTITUTE: to_phrase("Substitute"),
    Way.JOIN: to_phrase("Join others"),
    Way.SHIFT: to_phrase("Shift"),
    Way.MERGE: to_phrase("Merge"),
    Way.RELEASE: to_phrase("Release"),
    Way.CANCEL: to_phrase("Owe it"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the way in bold, the words after it, how many people are disturbed, the queue, what follows."""

    key: str
    way: str
    words: str
    disturbed: int
    queue: str
    follows: str
    chosen: bool

    @property
    def dots(self) -> int:
        """How many dots are drawn for the people disturbed."""
        return min(self.disturbed, MOST_DOTS)


@dataclass(frozen=True, slots=True)
class Line:
    """One session that cannot stand: when, what, who; why not, and the choices. `zone` where it is not the reader's."""

    id: str
    day: str
    time: str
    kind: str
    title: str
    who: str
    place: str
    zone: str
    why: str
    href: str
    options: tuple[Option, ...]
    leave: bool

    @property
    def only(self) -> bool:
        """Say whether there is one choice, and it disturbs nobody."""
        return len(self.options) == 1 and not self.options[0].disturbed

    @property
    def first(self) -> tuple[Option, ...]:
        """The best choices, with the one that owes it all: what can always be done."""
        return tuple(o for i, o in enumerate(self.options) if i < MOST_SHOWN or o.way == WAYS[Way.CANCEL])

    @property
    def more(self) -> tuple[Option, ...]:
        """The other choices, folded unless one of them is chosen."""
        return tuple(o for o in self.options if o not in self.first)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Something that only a person can put right: a pinned session that cannot stand."""

    what: str
    href: str


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose eyes a page is for: the viewer, what things are called, what decides a session's state."""

    viewer: Viewer
    known: Names
    moment: Moment


def lines(found: Look, eyes: Eyes, picks: Mapping[str, str]) -> tuple[Line, ...]:
    """Give the sessions that cannot stand, soonest first; `picks` are the choices made so far, by session id."""
    return tuple(_line(one, found, eyes, picks.get(one.session.id, "")) for one in found.affected)


def _line(one: Affected, found: Look, eyes: Eyes, pick: str) -> Line:
    known = eyes.known
    session = found.view.kept[one.session.id]
    shown = seen(session, eyes.viewer, known, eyes.moment)
    keys = [key_of(choice) for choice in one.choices]
    chosen = pick if pick == LATER or pick in keys else keys[one.suggested]
    return Line(
        id=session.id,
        day=short_day(session.starts),
        time=clock(session.starts),
        kind=shown.kind,
        title=shown.title,
        who=shown.who,
        place=shown.place,
        zone=zone_name(session.zone) if session.zone != eyes.viewer.zone else "",
        why=discreet(one.why, known),
        href=url_for("sessions.show", session_id=session.id),
        options=tuple(_option(choice, one, found, known, chosen) for choice in _shown(one, chosen)),
        leave=chosen == LATER,
    )


def _shown(one: Affected, chosen: str) -> list[Choice]:
    """Give the choices to show: the suggestion first, then by rank what does something else to this session.

    A substitute for the whole day stands above the list, unless it is what is suggested or chosen here.
    """
    seen_ = {_own(one.suggestion, one)}
    rest = []
    for choice in one.choices:
        own = _own(choice, one)
        if key_of(choice) == chosen or not (_of_the_day(choice) or own in seen_):
            rest.append(choice)
            seen_.add(own)
    return [one.suggestion, *(c for c in rest if c != one.suggestion)]


def _own(choice: Choice, one: Affected) -> tuple[object, ...]:
    """Give what a choice does to one session and its people, whatever it does besides."""
    own = next((s for s in choice.after if s.id == one.session.id), None)
    mine = set(one.session.att)
    here = (own.start, own.fac, own.room, frozenset(own.att)) if own is not None else ()
    return (here, frozenset((n, s.start) for s in choice.after if s is not own for n in mine.intersection(s.att)))


def _option(choice: Choice, one: Affected, found: Look, known: Names, chosen: str) -> Option:
    key = key_of(choice)
    return Option(
        key=key,
        way=WAYS[_way(choice, one)],
        words=_words(choice, one, found, known),
        disturbed=_people(choice, one, found),
        queue=_queue(choice, one, found),
        follows=_follows(choice, one, found, known),
        chosen=key == chosen,
    )


def _way(choice: Choice, one: Affected) -> Way:
    """Give what a choice does to one session, which settles several perhaps, each in its own way."""
    if len(choice.solves) == 1:
        return choice.way
    before = one.session
    own = next((s for s in choice.after if s.id == before.id), None)
    elsewhere = any(set(before.att).intersection(s.att) for s in choice.after if s is not own)
    if own is None:
        return Way.JOIN if elsewhere else Way.CANCEL
    if own.start != before.start:
        return Way.SHIFT
    if (own.fac, own.room) != (before.fac, before.room) or set(own.att) - set(before.att):
        return Way.SUBSTITUTE
    return Way.JOIN if elsewhere else Way.RELEASE


def _when(found: Look, session: plan.Session) -> str:
    zone = found.view.zones.get(session.site, "UTC")
    at = local(instant_of(session.start, found.view.horizon), zone)
    return short_moment(at)


def _words(choice: Choice, one: Affected, found: Look, known: Names) -> str:
    """Say what a choice does, after its name: "Marisa Antunes", "to Wed 17 Mar, 10:00"."""
    way, before = _way(choice, one), one.session
    own = next((s for s in choice.after if s.id == before.id), None)
    if own is not None and way is Way.SUBSTITUTE:
        if own.fac != before.fac:
            return known.person(own.fac) + _without(choice, one, found)
        if own.room != before.room:
            return phrase("room %(room)s", room=known.room(own.room)) if own.room else phrase("online")
        came = [known.person(found.problem.needs[n].agent) for n in own.att if n not in before.att]
        who = several(came[:MOST_NAMED])
        return phrases("%(who)s comes instead", "%(who)s come instead", len(came), who=who)
    if own is not None and way is Way.SHIFT:
        if own.fac != before.fac:
            return phrase("to %(when)s, %(who)s leads", when=_when(found, own), who=known.person(own.fac))
        return phrase("to %(when)s", when=_when(found, own))
    if own is not None and way is Way.RELEASE:
        gone = set(before.att) - set(own.att)
        return phrases("%(num)s person, %(stay)s stay", "%(num)s people, %(stay)s stay", len(gone), stay=len(own.att))
    there = [s for s in choice.after if s is not own and set(before.att).intersection(s.att)]
    if way is Way.MERGE and there:
        return phrase("with %(when)s", when=_when(found, there[0]))
    if way is Way.JOIN and there:
        when = several([_when(found, s) for s in there[:MOST_NAMED]])
        if len(there) > MOST_NAMED:
            return phrase("on %(when)s and more", when=when)
        return phrase("on %(when)s", when=when)
    return phrase("cancel, plan anew")


def _without(choice: Choice, one: Affected, found: Look) -> str:
    """Say where those go who cannot stay although the session does."""
    own = next(s for s in choice.after if s.id == one.session.id)
    gone = set(one.session.att) - set(own.att)
    there = [s for s in choice.after if s is not own and gone.intersection(s.att)]
    placed = {n for s in there for n in gone.intersection(s.att)}
    said = [
        phrase("%(count)s on %(when)s", count=len(gone.intersection(s.att)), when=_when(found, s))
        for s in there[:MOST_NAMED]
    ]
    owed = len(gone) - len(placed)
    return "".join(f"; {words}" for words in (*said, *([phrase("%(num)s owed", num=owed)] if owed else [])))


def _besides(choice: Choice, known: Names) -> str:
    """Give the planner's sentence without what the columns say already: that it moves, or is off."""
    words = discreet(choice.words, known).rstrip(".")
    if choice.way in (Way.SHIFT, Way.JOIN, Way.MERGE, Way.CANCEL) and ". " in words:
        return words.split(". ", 1)[1]
    return words


def _mine(needs: Iterable[int], one: Affected, choice: Choice) -> list[int]:
    """Give those of some needs that belong to a session; where a choice settles it alone, all of them."""
    own = set(one.session.att)
    return [n for n in needs if len(choice.solves) == 1 or n in own]


def _people(choice: Choice, one: Affected, found: Look) -> int:
    """Give how many people a choice disturbs, as far as this session goes."""
    return len({found.problem.needs[n].agent for n in _mine(choice.disturbed, one, choice)})


def _of_the_day(choice: Choice) -> bool:
    """Say whether a choice is one substitute for several sessions."""
    return choice.way is Way.SUBSTITUTE and len(choice.solves) > 1 and not choice.disturbed


def _queue(choice: Choice, one: Affected, found: Look) -> str:
    """Say what a choice does to the queue: who returns, or the least that stays to spare."""
    count = _people(choice, one, found)
    if not count:
        return phrase("unchanged")
    if _way(choice, one) in (Way.CANCEL, Way.RELEASE):
        return phrases("%(num)s returns", "%(num)s return", count)
    if not choice.queue:
        return ""
    least = min(spare for _, spare in choice.queue)
    if least <= 0:
        return phrase("nothing to spare")
    return phrases("%(num)s spare stays", "%(num)s spare stay", least)


def _follows(choice: Choice, one: Affected, found: Look, known: Names) -> str:
    """Say what follows: how much a substitute leads, how many are owed, who is late, what else is touched."""
    said = []
    own = next((s for s in choice.after if s.id == one.session.id), None)
    if own is not None and own.fac != one.session.fac:
        said.append(phrase("leads %(num)s this month", num=_led(own, one, found)))
    owed, disturbed = _mine(choice.owed, one, choice), _mine(choice.disturbed, one, choice)
    if owed:
        said.append(phrases("%(num)s need is owed", "%(num)s needs are owed", len(owed)))
    late = _late(choice, disturbed, found)
    if late:
        said.append(phrases("late for %(num)s person", "late for %(num)s people", late))
    elif disturbed and not owed:
        said.append(phrase("still on time"))
    if len(choice.solves) > 1:
        others = len(choice.solves) - 1
        said.append(phrases("together with %(num)s other line", "together with %(num)s other lines", others))
    elif choice.knock_on or choice.way in (Way.JOIN, Way.RELEASE):
        said.append(_besides(choice, known))
    return "; ".join(said)


def _led(own: plan.Session, one: Affected, found: Look) -> int:
    """Give how many sessions somebody leads in the month of a session, without it."""
    month = found.view.kept[one.session.id].starts
    return sum(
        s.facilitator_id == own.fac
        and (s.starts.year, s.starts.month) == (month.year, month.month)
        and s.status is Status.PLANNED
        for s in found.brief.published
    )


def _late(choice: Choice, disturbed: Iterable[int], found: Look) -> int:
    at = {n: s.start for s in choice.after for n in s.att}
    needs = found.problem.needs
    return len({needs[n].agent for n in disturbed if n in at and at[n] >= needs[n].due})


@dataclass(frozen=True, slots=True)
class Whole:
    """One person who could lead everything of a day: the name, the day, how many sessions, the picks it stands for."""

    name: str
    day: str
    sessions: int
    picks: tuple[tuple[str, str], ...]


def whole_days(found: Look, known: Names) -> tuple[Whole, ...]:
    """Give who could lead all sessions of a day that miss whoever leads them; of each day the least loaded two."""
    by_day: dict[date, dict[str, Whole]] = defaultdict(dict)
    load: dict[str, int] = {}
    for one in found.affected:
        when = found.view.kept[one.session.id].starts.date()
        for choice in one.choices:
            if not _of_the_day(choice):
                continue
            own = next(s for s in choice.after if s.id == one.session.id)
            load.setdefault(own.fac, _led(own, one, found))
            before = by_day[when].get(own.fac)
            picks = (*(before.picks if before else ()), (one.session.id, key_of(choice)))
            by_day[when][own.fac] = Whole(known.person(own.fac), day(when), len(choice.solves), picks)
    return tuple(
        whole
        for _, offers in sorted(by_day.items())
        for _, whole in sorted(offers.items(), key=lambda pair: (load[pair[0]], pair[1].name))[:MOST_WHOLE]
    )


def head(found: Look) -> str:
    """Say how much is touched: "5 sessions, 23 people, soonest first"."""
    sessions = phrases("%(num)s session", "%(num)s sessions", len(found.affected))
    people = phrases("%(num)s person", "%(num)s people", len(found.people))
    return f"{sessions}, {people}" + (f", {phrase('soonest first')}" if len(found.affected) > 1 else "")


def disturbed_words(disturbed: int, *, proved: bool) -> str:
    """Say how many people are disturbed, and whether fewer could be."""
    if not disturbed:
        return phrase("Nobody is disturbed.")
    words = phrases("One person is disturbed.", "%(num)s people are disturbed.", disturbed)
    return f"{words} {phrase('No repair disturbs fewer.')}" if proved else words


def about_words(about: About, names: Names, rooms: Mapping[str, str], queues: Mapping[str, str]) -> str:
    """Say what a repair is about, as a title."""
    if about.person_id:
        return phrase("%(who)s is away", who=names.person(about.person_id) or phrase("Somebody"))
    if about.room_id:
        return phrase("%(room)s is closed", room=rooms.get(about.room_id) or phrase("A room"))
    if about.queue_id:
        return phrase("%(queue)s needs its people", queue=queues.get(about.queue_id) or phrase("A queue"))
    return phrase("What cannot stand")
