"""The day before: a letter about tomorrow's sessions to everybody who chose to be reminded, once a day."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import letters, sessions

FROM_HOUR: Final = 15  # local hour from which tomorrow's sessions are written of
AHEAD: Final = timedelta(hours=50)  # no tomorrow of anybody is over later than this


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
        known = letters.recipients(db, sorted(starts), now.date())
    due: dict[date, list[str]] = defaultdict(list)
    for person_id, who in known.items():
        here = now.astimezone(ZoneInfo(who.zone))
        tomorrow = here.date() + timedelta(days=1)
        wanted = who.choice.reminders and here.hour >= FROM_HOUR
        if wanted and any(at.astimezone(here.tzinfo).date() == tomorrow for at in starts[person_id]):
            due[tomorrow].append(person_id)
    if due:
        with parts.store.write() as db:
            for day, people in due.items():
                letters.open_letters(db, letters.REMINDER, day.isoformat(), dict.fromkeys(people, now), now)
    return sum(map(len, due.values()))
