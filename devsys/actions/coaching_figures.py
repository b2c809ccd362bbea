"""What who coordinates sees of coaching: waiting times, load, gaps, requests nobody could be proposed for. No names."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import coaching, house, programme
from devsys.adapters.store.queries.coaching import Declining
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, to_phrase
from devsys.core.coaching.figures import Gap, Wait, gaps, wait_of
from devsys.core.coaching.match import USUAL_LOAD, Coach
from devsys.core.model.coaching import Request, State
from devsys.core.model.programme import Activity, Rhythm

SINCE: Final = timedelta(days=365)
HELP: Final = "help_outside_work"  # the organisation's own line about help outside work
FEW: Final = to_phrase("Fewer than five people have asked so far, so no waiting time is shown.")


@dataclass(frozen=True, slots=True)
class Figures:
    """Waiting times over a year; who coaches and how much; what is missing; who waits, by theme and times alone."""

    wait: Wait | None
    coaches: tuple[Coach, ...]
    gaps: tuple[Gap, ...]
    waiting: tuple[Request, ...]
    declined: tuple[Declining, ...]
    activities: Mapping[str, Activity]
    help: str


def look(parts: Parts, *, singles: bool) -> Figures:
    """Give the figures; requests one by one (theme and times) only to whom `singles` allows."""
    now = parts.now()
    with parts.store.read() as db:
        known = programme.activities(db)
        offered = {code: a for code, a in known.items() if a.cadence.rhythm is Rhythm.REQUEST}
        loads = coaching.loads(db)
        people = coaching.coaches(db, now.date())
        waiting = coaching.in_states(db, (State.WAITING,))
        made = {
            c.person_id: Coach(
                c.person_id,
                c.name,
                loads.get(c.person_id, 0),
                c.desk.most if c.desk else USUAL_LOAD,
                paused=bool(c.desk and c.desk.paused),
                languages=frozenset(c.desk.languages) if c.desk else frozenset(),
            )
            for c in people
            if any(a.qualification in c.qualifications or not a.qualification for a in offered.values())
        }
        able = {
            code: [made[c.person_id] for c in people if not a.qualification or a.qualification in c.qualifications]
            for code, a in offered.items()
        }
        return Figures(
            wait=wait_of(coaching.waits(db, now - SINCE), now),
            coaches=tuple(made.values()) if singles else (),
            gaps=gaps(able, Counter(r.activity for r in waiting)) if singles else (),
            waiting=waiting if singles else (),
            declined=coaching.declined(db, now - SINCE) if singles else (),
            activities=known,
            help=house.fact(db, HELP),
        )


def usual_wait(db: Db, now: datetime) -> str:
    """Say how long people wait, in a sentence; empty under five people."""
    found = wait_of(coaching.waits(db, now - SINCE), now)
    if found is None:
        return ""
    if found.days < 1:
        return phrase("Half of those who asked had a coach on the same day.")
    return phrase("Half of those who asked had a coach within %(days)s days.", days=f"{found.days:.0f}")


def set_help(parts: Parts, words: str) -> None:
    """Keep the organisation's own line about help outside work, shown where coaching is asked for."""
    with parts.store.write() as db:
        house.set_fact(db, HELP, words)
