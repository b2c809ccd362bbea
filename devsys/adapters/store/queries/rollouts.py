"""Rollouts and their waves, effects found, refreshers; what the planner takes from them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlmodel import col

from devsys.adapters.store.queries.rows import table, upsert
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.people import FacilitatorRow, PersonRow, TeamRow
from devsys.adapters.store.tables.rollouts import EffectRow, RefresherRow, RolloutPlaceRow, RolloutRow
from devsys.core.improvement.rollout import Wave
from devsys.core.model.needs import Recall, Start
from devsys.core.model.rollouts import KeptRefresher, RefresherState, Rollout, RolloutPlace

_ROLLOUT, _PLACE = table(RolloutRow), table(RolloutPlaceRow)
_EFFECT, _REFRESHER = table(EffectRow), table(RefresherRow)


def every(db: Db) -> tuple[Rollout, ...]:
    """Give all rollouts, newest first."""
    asked = select(_ROLLOUT, col(PersonRow.name).label("by_name"))
    asked = asked.join(PersonRow, col(PersonRow.id) == _ROLLOUT.c.by_id)
    return tuple(_rollout(row) for row in db.execute(asked.order_by(_ROLLOUT.c.drawn.desc(), _ROLLOUT.c.id)))


def one(db: Db, rollout_id: str) -> Rollout | None:
    """Give a rollout, None when there is none of the id."""
    return next((found for found in every(db) if found.id == rollout_id), None)


def _rollout(row: object) -> Rollout:
    names = ("id", "activity", "measure", "least_gain", "draw", "unit", "seed", "strata", "frozen", "drawn", "by_id")
    values = {name: getattr(row, name) for name in (*names, "changed", "ended")}
    return Rollout(**values, by=getattr(row, "by_name", ""))


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody who can be in a wave: no facilitator, in a team, there today."""

    id: str
    code: str
    team_id: str
    team_code: str


def learners(db: Db, team_ids: Iterable[str], today: date) -> tuple[Learner, ...]:
    """Give who of some teams can be in a rollout, by code."""
    leads = select(col(FacilitatorRow.person_id))
    asked = (
        select(col(PersonRow.id), col(PersonRow.code), col(TeamRow.id), col(TeamRow.code))
        .join(TeamRow, col(TeamRow.id) == col(PersonRow.team_id))
        .where(
            col(TeamRow.id).in_(tuple(team_ids)),
            col(PersonRow.id).not_in(leads),
            or_(col(PersonRow.joined).is_(None), col(PersonRow.joined) <= today),
            or_(col(PersonRow.left).is_(None), col(PersonRow.left) > today),
        )
        .order_by(col(PersonRow.code))
    )
    return tuple(Learner(*row) for row in db.execute(asked))


def keep(
    db: Db, rollout: Rollout, waves: Iterable[tuple[Wave, date]], people: Mapping[str, tuple[Learner, int]]
) -> None:
    """Keep a rollout as it was drawn: waves with the Mondays they start on, `people` by code with their stratum."""
    values = asdict(rollout)
    del values["by"]
    db.execute(insert(_ROLLOUT).values(**values))
    rows = [
        {
            "rollout_id": rollout.id,
            "person_id": people[code][0].id,
            "team_id": people[code][0].team_id,
            "stratum": people[code][1],
            "wave": wave.number,
            "late": wave.late,
            "starts": starts,
        }
        for wave, starts in waves
        for code in wave.people
    ]
    db.execute(insert(_PLACE), rows)


def end(db: Db, rollout_id: str, now: datetime) -> bool:
    """End a rollout: from now on cadence alone says when people learn. Say whether it was there and not ended."""
    where = (_ROLLOUT.c.id == rollout_id, _ROLLOUT.c.ended.is_(None))
    return db.execute(update(_ROLLOUT).where(*where).values(ended=now).returning(_ROLLOUT.c.id)).first() is not None


def places(db: Db, rollout_id: str) -> tuple[RolloutPlace, ...]:
    """Give who is in which wave, by wave and name."""
    asked = (
        select(_PLACE, col(PersonRow.code), col(PersonRow.name), col(TeamRow.name).label("team"))
        .join(PersonRow, col(PersonRow.id) == _PLACE.c.person_id)
        .join(TeamRow, col(TeamRow.id) == _PLACE.c.team_id, isouter=True)
        .where(_PLACE.c.rollout_id == rollout_id)
        .order_by(_PLACE.c.wave, col(PersonRow.name), col(PersonRow.id))
    )
    return tuple(
        RolloutPlace(r.person_id, r.code, r.name, r.team_id, r.team or "", r.stratum, r.wave, r.late, r.starts)
        for r in db.execute(asked)
    )


def starts(db: Db, people: Collection[str] | None = None) -> tuple[Start, ...]:
    """Give the starts that rollouts not ended drew, for the planner; of some people when asked."""
    asked = (
        select(_PLACE.c.person_id, _ROLLOUT.c.activity, _PLACE.c.starts)
        .join(_ROLLOUT, _ROLLOUT.c.id == _PLACE.c.rollout_id)
        .where(_ROLLOUT.c.ended.is_(None))
        .order_by(_PLACE.c.person_id, _ROLLOUT.c.activity)
    )
    if people is not None:
        asked = asked.where(_PLACE.c.person_id.in_(sorted(people)))
    return tuple(Start(*row) for row in db.execute(asked))


def recalls(db: Db, people: Collection[str] | None = None) -> tuple[Recall, ...]:
    """Give the refreshers that are open, a need for each person of their wave; of some people when asked."""
    asked = (
        select(_REFRESHER, _PLACE.c.person_id, _ROLLOUT.c.activity)
        .join(_ROLLOUT, _ROLLOUT.c.id == _REFRESHER.c.rollout_id)
        .join(_PLACE, (_PLACE.c.rollout_id == _REFRESHER.c.rollout_id) & (_PLACE.c.wave == _REFRESHER.c.wave))
        .where(_REFRESHER.c.state == RefresherState.OPEN.value)
        .order_by(_REFRESHER.c.earliest, _REFRESHER.c.id, _PLACE.c.person_id)
    )
    if people is not None:
        asked = asked.where(_PLACE.c.person_id.in_(sorted(people)))
    return tuple(
        Recall(r.id, r.person_id, r.activity, r.earliest, r.due, r.latest, r.why, r.instead) for r in db.execute(asked)
    )


def keep_effect(db: Db, rollout_id: str, found: str, now: datetime) -> None:
    """Keep what was found of an effect, in place of what was found before."""
    upsert(db, EffectRow, [{"rollout_id": rollout_id, "at": now, "found": found}])


def effects(db: Db) -> Mapping[str, tuple[datetime, str]]:
    """Give what was found, by rollout: when, and JSON."""
    return {row.rollout_id: (row.at, row.found) for row in db.execute(select(_EFFECT))}


def refreshers(db: Db, rollout_id: str | None = None) -> tuple[KeptRefresher, ...]:
    """Give all refreshers, those of one rollout when asked; the next due first."""
    asked = (
        select(_REFRESHER, _ROLLOUT.c.activity, col(PersonRow.name).label("by"))
        .join(_ROLLOUT, _ROLLOUT.c.id == _REFRESHER.c.rollout_id)
        .join(PersonRow, col(PersonRow.id) == _REFRESHER.c.by_id, isouter=True)
        .order_by(_REFRESHER.c.earliest, _REFRESHER.c.wave, _REFRESHER.c.id)
    )
    if rollout_id is not None:
        asked = asked.where(_REFRESHER.c.rollout_id == rollout_id)
    return tuple(
        KeptRefresher(
            r.id,
            r.rollout_id,
            r.activity,
            r.wave,
            r.earliest,
            r.due,
            r.latest,
            r.instead,
            r.why,
            r.waits,
            r.weight,
            RefresherState(r.state),
            r.made,
            r.reason,
            r.by or "",
        )
        for r in db.execute(asked)
    )


def keep_refresher(db: Db, kept: KeptRefresher) -> None:
    """Keep a new refresher."""
    values = asdict(kept)
    for name in ("activity", "by"):
        del values[name]
    db.execute(insert(_REFRESHER).values(**values, by_id=None, decided=None))


def decide(db: Db, refresher_id: str, state: RefresherState, *, reason: str, by_id: str, now: datetime) -> bool:
    """Write down what a coordinator decided of a refresher that is not declined; say whether there was one."""
    where = (_REFRESHER.c.id == refresher_id, _REFRESHER.c.state != RefresherState.DECLINED.value)
    values = {"state": state.value, "reason": reason, "by_id": by_id, "decided": now}
    return db.execute(update(_REFRESHER).where(*where).values(**values).returning(_REFRESHER.c.id)).first() is not None


def forget_old(db: Db, before: date) -> int:
    """Take away who was in waves that started before a day; give how many."""
    gone = delete(_PLACE).where(_PLACE.c.starts < before).returning(_PLACE.c.person_id)
    return len(db.execute(gone).all())
