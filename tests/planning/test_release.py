"""What stands is let go only where it can no longer stand."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from devsys.core.model.calendar import Horizon, Session, Status
from devsys.core.model.causes import SOMEBODY
from devsys.core.model.people import Absence, Organisation
from devsys.core.model.programme import Activity, Cadence, Kind, Rhythm
from devsys.core.planning.picture import Picture, picture
from devsys.core.planning.release import release
from tests.builders import MONDAY, NOW, a_session, an_organisation, id_of

ROUND = Activity(
    "case_round", "Case round", Kind.ROUND, 60, (2, 8), Cadence(Rhythm.EVERY, weeks=2), "An aim.", "round", room=False
)
STANDING = a_session(room=None)
DAY = datetime(2026, 1, 20)


def away(code: str) -> Absence:
    return Absence(id_of(code), DAY, DAY + timedelta(days=1))


def let_go(sessions: Iterable[Session], organisation: Organisation, now: datetime = NOW) -> dict[str, Session]:
    def see(kept: Iterable[Session]) -> Picture:
        activities = {ROUND.code: ROUND}
        return picture(organisation, activities, (), tuple(kept), Horizon(MONDAY, 8), now=now, freeze_until=now)

    return release(sessions, see, now=now)


def test_what_breaks_no_rule_stays_untouched() -> None:
    assert let_go([STANDING], an_organisation()) == {}


def test_who_is_away_leaves_and_the_others_meet() -> None:
    (found,) = let_go([STANDING], an_organisation(absences=(away("ana.correia"),))).values()
    assert found.people == STANDING.people - {id_of("ana.correia")}
    assert (found.status, found.starts, found.cause) == (Status.PLANNED, STANDING.starts, SOMEBODY)


def test_a_group_below_its_least_is_cancelled() -> None:
    (found,) = let_go([STANDING], an_organisation(absences=(away("ana.correia"), away("bruno.matos")))).values()
    assert found.status is Status.CANCELLED
    assert "too few are left" in found.cause


def test_no_cause_says_who_is_away() -> None:
    (found,) = let_go([STANDING], an_organisation(absences=(away("marta.nogueira"),))).values()
    assert (found.status, found.cause) == (Status.CANCELLED, "no facilitator is free")


def test_a_queue_that_would_fall_short_gets_its_people_back() -> None:
    given = an_organisation()
    everybody = tuple((99,) * 48 for _ in range(7))
    short = replace(given, requirements=tuple(replace(r, profile=everybody) for r in given.requirements))
    (found,) = let_go([STANDING], short).values()
    assert (found.status, found.cause) == (Status.CANCELLED, "the queue needs its people")


def test_pinned_and_past_sessions_are_left_to_people() -> None:
    gone = an_organisation(absences=(away("ana.correia"), away("marta.nogueira")))
    assert let_go([replace(STANDING, pinned=True)], gone) == {}
    assert let_go([STANDING], gone, STANDING.starts_utc + timedelta(hours=2)) == {}
