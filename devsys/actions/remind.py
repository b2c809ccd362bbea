"""Letters that time brings: about tomorrow's sessions, and how those of today were, once each to who chose so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from devsys.actions.parts import Parts
from devsys.actions.tell_people import quiet_time
from devsys.adapters.store.queries import feedback, letters, programme, readers, sessions
from devsys.adapters.store.queries.readers import Recipient
from devsys.adapters.store.store import Db
from devsys.core.letters.feedback import about_day
from devsys.core.letters.when import Timing, next_morning
from devsys.core.model.calendar import Session
from devsys.core.model.feedback import WINDOWS, Stage
from devsys.core.model.programme import Kind

FROM_HOUR: Final = 15  # local hour from which tomorrow's sessions are written of
AHEAD: Final = timedelta(hours=50)  # no tomorrow of anybody is over later than this
RECENT: Final = timedelta(days=3)  # what was over longer ago is asked about on the page alone
A_DAY: Final = timedelta(days=1)


def remind(parts: Parts) -> int:
    """Let letters about tomorrow wait for those whose afternoon has begun; give how many people have one.

    Asked again it opens no second one. Which sessions stand in it is found when it leaves.
    """
    now = parts.now()
    with parts.store.read() as db:
        ahead = sessions.published(db, sessions.Wanted(start=now, end=now + AHEAD))
        starts: dict[str, list[datetime]] = defaultdict(list)
        for session in ahead:
            for person_id in session.people | {session.facilitator_id or ""}:
                starts[person_id].append(session.starts_utc)
        known = readers.recipients(db, sorted(starts), now.date())
    due: dict[date, dict[str, datetime]] = defaultdict(dict)
    for person_id, who in known.items():
        here = now.astimezone(ZoneInfo(who.zone))
        tomorrow = here.date() + timedelta(days=1)
        wanted = who.choice.reminders and here.hour >= FROM_HOUR
        if wanted and any(at.astimezone(here.tzinfo).date() == tomorrow for at in starts[person_id]):
            due[tomorrow][person_id] = here.replace(hour=FROM_HOUR, minute=0, second=0, microsecond=0)
    if due:
        with parts.store.write() as db:
            for day, ready in due.items():
                people = dict.fromkeys(ready, now)
                letters.open_letters(db, letters.REMINDER, day.isoformat(), people, now, ready=ready)
    return sum(map(len, due.values()))


def ask_how_it_was(parts: Parts) -> int:
    """Let letters wait that ask about sessions of a day that are over, and six weeks on again; give to how many people.

    One letter for all sessions of a day, after the last of them; nobody is asked by letter twice, nor about what they
    have answered, were marked absent from, or what was coaching. Which sessions stand in it is found when it leaves.
    """
    return sum(_ask(parts, stage) for stage in Stage)


def _ask(parts: Parts, stage: Stage) -> int:
    now = parts.now()
    with parts.store.read() as db:
        then = now - WINDOWS[stage][0]
        found = _in_question(db, stage, then)
        known = readers.recipients(db, sorted(found), now.date())
    due: dict[str, dict[str, datetime]] = defaultdict(dict)
    ready: dict[str, dict[str, datetime]] = defaultdict(dict)
    for person_id, who in known.items():
        for day, last in _days_over(found[person_id], who, then) if who.choice.feedback else ():
            about, over = about_day(stage, day), now - (then - last)
            ready[about][person_id] = over
            due[about][person_id] = _asked_when(who, over, now, quiet_time(parts))
    if due:
        with parts.store.write() as db:
            for about, people in due.items():
                letters.open_letters(db, letters.FEEDBACK, about, people, now, ready=ready[about])
    return len({person_id for people in due.values() for person_id in people})


def _in_question(db: Db, stage: Stage, then: datetime) -> Mapping[str, list[Session]]:
    """Give what people are to be asked about, by person; sessions of the day after `then` are among them."""
    around = sessions.published(db, sessions.Wanted(start=then - RECENT, end=then + A_DAY))
    groups = {code for code, a in programme.activities(db).items() if a.kind is not Kind.COACHING}
    around = tuple(s for s in around if s.activity in groups)
    ids = [s.id for s in around]
    marks, given = sessions.attendance(db, ids), feedback.given_by(db, ids, stage)
    found: dict[str, list[Session]] = defaultdict(list)
    for session in around:
        for person_id in session.people:
            if marks.get(session.id, {}).get(person_id, True) and (session.id, person_id) not in given:
                found[person_id].append(session)
    return found


def _days_over(found: Iterable[Session], who: Recipient, then: datetime) -> Iterable[tuple[date, datetime]]:
    """Give the days of a person whose sessions are all over at `then`, each with the end of the last of them."""
    zone, ends = ZoneInfo(who.zone), defaultdict[date, list[datetime]](list)
    for session in found:
        ends[session.ends_utc.astimezone(zone).date()].append(session.ends_utc)
    return ((day, max(all_of)) for day, all_of in ends.items() if max(all_of) <= then)


def _asked_when(who: Recipient, ready: datetime, now: datetime, quiet: timedelta) -> datetime:
    """Give when somebody is asked: a quiet time after the last session, or with the next morning's letters."""
    at = next_morning(ready, who.zone) if who.choice.timing is Timing.MORNING else ready + quiet
    return max(at, now)
