"""After a heavy session somebody needs a pause: half an hour off the queue, written as any absence is.

Why is not asked and not kept: what is written says nothing but that they are away, as all absences do (R9).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.parts import Parts
from devsys.actions.record_absence import clock_of_person
from devsys.adapters.store.queries import audit, people, programme, sessions
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.errors import ConflictError
from devsys.base.words import phrase
from devsys.core.model.absences import laid
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session
from devsys.core.model.hours import local
from devsys.core.model.people import Absence
from devsys.core.model.programme import Activity, Intensity, Kind

LENGTH: Final = timedelta(minutes=30)
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause somebody may take now: after which session, and from when (UTC)."""

    session: Session
    starts: datetime

    @property
    def ends(self) -> datetime:
        """When they are back."""
        return self.starts + LENGTH


def asks_much(activity: Activity) -> bool:
    """Say whether a session may ask for a pause: heavy ones, and case rounds, whatever is brought to them."""
    return activity.intensity is Intensity.HEAVY or activity.kind is Kind.ROUND


def offered(db: Db, viewer: Viewer, now: datetime) -> Pause | None:
    """Give the pause the viewer may take, None where there is none.

    On the day of such a session, once it is over and they were not marked absent; after its own time of recovery. Once
    they were away after it, whatever for, it is not offered again.
    """
    own = sessions.published(db, Wanted(start=now - _A_DAY, end=now, person_id=viewer.person_id))
    today = local(now, viewer.zone).date()
    over = [s for s in own if s.ends_utc <= now and local(s.ends_utc, viewer.zone).date() == today]
    if not over:
        return None
    known = programme.activities(db)
    heavy = [s for s in over if s.activity in known and asks_much(known[s.activity])]
    if not heavy:
        return None
    last = max(heavy, key=lambda s: s.ends_utc)
    if not sessions.attendance(db, [last.id]).get(last.id, {}).get(viewer.person_id, True):
        return None
    since = local(last.ends_utc, viewer.zone).replace(tzinfo=None)
    away = people.absences_of(db, [viewer.person_id], since)
    if any(a.end is None or a.end > since for a in away if a.start.date() <= today):
        return None
    rested = last.ends_utc + timedelta(minutes=known[last.activity].recovery_minutes)
    return Pause(last, max(now, rested).replace(second=0, microsecond=0))


def take(parts: Parts, viewer: Viewer) -> Pause:
    """Take the pause that is offered; it counts like an absence of that length.

    Raises ConflictError when none is offered any more.
    """
    now = parts.now()
    with parts.store.write() as db:
        pause = offered(db, viewer, now)
        if pause is None:
            raise ConflictError(phrase("There is no session of today to pause after, or you were away since."))
        organisation = people.organisation(db)
        clock = clock_of_person(organisation, viewer.person_id, now)
        starts = local(pause.starts, clock.zone).replace(tzinfo=None)
        absence = Absence(viewer.person_id, starts, starts + LENGTH)
        found = laid((a for a in organisation.absences if a.person_id == viewer.person_id), absence, clock.now)
        people.write_organisation(db, people.only(absences=found.new), today=now.date(), gone=found.gone)
        what = f"person {viewer.person_id}"
        audit.record(db, at=now, by_id=viewer.person_id, act="record absence", what=what)
    return pause
