"""What stands is repaired before it is drawn on: little changes, nobody learns who is away, pins are left to people."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.causes import FACILITATOR_CHANGED, FOR_THE_QUEUE, NO_FACILITATOR, SOMEBODY
from devsys.core.model.people import Absence, Organisation
from devsys.core.model.programme import Activity, Cadence, Kind, Rhythm
from devsys.core.planning.check import check
from devsys.core.planning.mend import mend
from devsys.core.planning.picture import Picture, picture
from tests.builders import MONDAY, NOW, a_session, an_organisation, id_of

ROUND = Activity(
    "case_round", "Case round", Kind.ROUND, 60, (2, 8), Cadence(Rhythm.EVERY, weeks=2), "An aim.", "round", room=False
)
STANDING = a_session(room=None)
DAY = datetime(2026, 1, 20)


def away(*codes: str) -> tuple[Absence, ...]:
    return tuple(Absence(id_of(code), DAY, DAY + timedelta(days=1)) for code in codes)


def seen(kept: Iterable[Session], organisation: Organisation) -> Picture:
    horizon = Horizon(MONDAY, 8)
    return picture(organisation, {ROUND.code: ROUND}, (), tuple(kept), horizon, now=NOW, freeze_until=NOW)


def repaired(sessions: Iterable[Session], organisation: Organisation, now: datetime = NOW) -> dict[str, Session]:
    """Give what changes by id, once the verifier has accepted what stands then."""
    number = count(1)
    held = {s.id: s for s in sessions}
    found = {
        s.id: s
        for s in mend(
            seen(held.values(), organisation), now=now, new_id=lambda: f"{next(number):020}", new_uid=lambda i: i
        )
    }
    after = [s for s in (held | found).values() if s.status is Status.PLANNED]
    if now == NOW and not any(s.pinned for s in after):
        view = seen(after, organisation)
        assert check(replace(view.problem, pinned=(), frozen_until=0), view.problem.pinned) == ()
    return found


def test_what_breaks_no_rule_stays_untouched() -> None:
    assert repaired([STANDING], an_organisation()) == {}


def test_who_is_away_leaves_and_the_others_meet() -> None:
    (found,) = repaired([STANDING], an_organisation(absences=away("ana.correia"))).values()
    assert found.people == STANDING.people - {id_of("ana.correia")}
    assert (found.status, found.starts, found.cause) == (Status.PLANNED, STANDING.starts, SOMEBODY)


def test_somebody_else_leads_at_the_same_time_where_one_is_free() -> None:
    (found,) = repaired([STANDING], an_organisation(absences=away("marta.nogueira"))).values()
    assert (found.status, found.starts, found.people) == (Status.PLANNED, STANDING.starts, STANDING.people)
    assert found.facilitator_id != STANDING.facilitator_id
    assert found.cause == FACILITATOR_CHANGED


def test_without_anybody_to_lead_it_moves_or_is_off_and_no_cause_names_who_is_away() -> None:
    nobody = an_organisation(absences=away("marta.nogueira", "tiago.lopes", "nadia.haddad"))
    changed = repaired([STANDING], nobody)
    found = changed[STANDING.id]
    assert found.starts != STANDING.starts or found.status is Status.CANCELLED
    assert found.cause in (FACILITATOR_CHANGED, NO_FACILITATOR)


def test_a_queue_that_would_fall_short_gets_its_people_back() -> None:
    given = an_organisation()
    everybody = tuple((99,) * 48 for _ in range(7))
    short = replace(given, requirements=tuple(replace(r, profile=everybody) for r in given.requirements))
    (found,) = repaired([STANDING], short).values()
    assert (found.status, found.cause) == (Status.CANCELLED, FOR_THE_QUEUE)


def test_pinned_and_past_sessions_are_left_to_people() -> None:
    gone = an_organisation(absences=away("ana.correia", "marta.nogueira"))
    assert repaired([replace(STANDING, pinned=True)], gone) == {}
    assert repaired([STANDING], gone, STANDING.starts_utc + timedelta(hours=2)) == {}
