"""Look at what rollouts did: effects with their verdicts, how fast gains fade, the refreshers they ask for.

Reading, thinking and writing are three steps; what is kept are figures of groups, never of a person.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from numpy import float64
from numpy.typing import NDArray

from devsys.actions.brief import needs_of
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import audit, causes, conditions, measures, planning, rollouts
from devsys.adapters.store.queries import runs as run_queries
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.store import Db
from devsys.base.errors import NotFoundError
from devsys.base.ids import new_id
from devsys.base.words import phrase, to_keep
from devsys.base.written import plain_day
from devsys.core.improvement.effect import Panel
from devsys.core.improvement.estimable import Design
from devsys.core.improvement.fading import Fade, fade
from devsys.core.improvement.metrics import MEASURES, Unit
from devsys.core.improvement.panels import filled, middle_week, panel_of, values, weeks_held
from devsys.core.improvement.refreshers import Refresher, Taught, Theme, cadence, monday, refreshers, week_of
from devsys.core.improvement.rollout import By, Order
from devsys.core.improvement.verdict import Study, study
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon
from devsys.core.model.causes import FixState
from devsys.core.model.conditions import State
from devsys.core.model.hours import monday_of
from devsys.core.model.programme import Activity, Rhythm
from devsys.core.model.rollouts import KeptRefresher, RefresherState, Rollout, RolloutPlace
from devsys.core.policy import Extent, Scope

JOB: Final = to_keep("review improvement")
BEFORE: Final = 52  # weeks before the first wave that are looked at
QUARTER: Final = timedelta(weeks=13)
AHEAD: Final = 78  # weeks in which the refresher a cadence has planned is looked for
EVERYTHING: Final = Scope(frozenset({Extent.ALL}), frozenset(), "")


def ask(parts: Parts, by_id: str | None) -> str:
    """Leave a run for the worker; give its id."""
    with parts.store.write() as db:
        return run_queries.ask(db, JOB, period=f"asked-{new_id()}", by_id=by_id, now=parts.now())


@dataclass(frozen=True, slots=True)
class Ground:
    """All that is known of one rollout: people in the order of the panel, `first` its first week on the common count.

    `taught` is the week of each person's first session, infinite for not yet, `lately` of the last one, None for not
    yet, both on the panel's count.
    """

    rollout: Rollout
    activity: Activity | None
    places: tuple[RolloutPlace, ...]
    panel: Panel
    first: int
    taught: NDArray[float64]
    lately: tuple[int | None, ...]
    readings: int


def carry_out(parts: Parts, *, run_id: str = "") -> Mapping[str, int]:
    """Look at every rollout and keep what was found; give how many effects and new refreshers there are."""
    today = parts.now().date()
    with parts.store.read() as db:
        known = rollouts.every(db)
        brief = planning.brief(db, now=parts.now()) if known else None
        grounds = [_ground(db, brief, rollout, today) for rollout in known] if brief else []
        standing = {one.rollout.id: rollouts.refreshers(db, one.rollout.id) for one in grounds}
        with parts.speaking():
            first = {one.rollout.id: _comes_first(db, one) for one in grounds}
    with parts.speaking():
        found = [(one, _study(one)) for one in grounds]
        asked = [
            kept
            for one, (_, faded) in found
            if brief is not None
            for kept in _asked(brief, one, faded, standing[one.rollout.id], first[one.rollout.id], today)
        ]
    with parts.store.write() as db:
        now = parts.now()
        for one, (told, faded) in found:
            rollouts.keep_effect(db, one.rollout.id, _as_text(one, told, faded), now)
        for kept in asked:
            rollouts.keep_refresher(db, kept)
        counts = {"effects": len(found), "refreshers": len(asked)}
        if run_id:
            run_queries.finish(db, run_id, now, counts)
    return counts


def decide(parts: Parts, viewer: Viewer, refresher_id: str, *, take: bool, reason: str) -> None:
    """Write down that a coordinator takes or declines a refresher. Raises NotFoundError when it was declined before."""
    state = RefresherState.OPEN if take else RefresherState.DECLINED
    with parts.store.write() as db:
        now = parts.now()
        if not rollouts.decide(db, refresher_id, state, reason=reason, by_id=viewer.person_id, now=now):
            raise NotFoundError(phrase("There is no such refresher, or it was declined."))
        act = "take refresher" if take else "decline refresher"
        audit.record(db, at=now, by_id=viewer.person_id, act=act, what=refresher_id)


def _ground(db: Db, brief: Brief, rollout: Rollout, today: date) -> Ground:
    places = rollouts.places(db, rollout.id)
    ids = [place.person_id for place in places]
    begun = min((week_of(place.starts) for place in places), default=week_of(today))
    rows = measures.person_days(db, rollout.measure, ids, monday(begun - BEFORE))
    first = min((week_of(row.first) for row in rows), default=begun)
    until = week_of(today)
    y = values(rows, ids, (first, until), MEASURES[rollout.measure])
    panel = panel_of(
        y,
        [week_of(place.starts) - first for place in places],
        [place.team_id for place in places],
        [place.stratum for place in places],
    )
    held = ((h.person_id, week_of(h.day) - first) for h in brief.organisation.held if h.activity == rollout.activity)
    taught, lately = weeks_held(ids, held)
    return Ground(rollout, brief.activities.get(rollout.activity), places, panel, first, taught, lately, len(rows))


def _study(one: Ground) -> tuple[Study, Fade | None]:
    rollout = one.rollout
    first_wave = min((place.starts for place in one.places), default=date.max)
    design = Design(
        Order(rollout.draw),
        int(rollout.seed) if rollout.seed else None,
        By(rollout.unit),
        changed=rollout.changed is not None,
        frozen=rollout.frozen.date() <= first_wave,
        per_person=one.readings > 0,
    )
    told = study(design, one.panel, rollout.least_gain, unit_words(rollout.measure), one.taught)
    first = told.seen[0].effect
    if first is None or first.low <= 0:
        return told, None
    try:
        return told, fade(filled(one.panel.y), one.panel.starts, one.panel.teams)
    except ValueError:
        return told, None


def unit_words(measure: str) -> str:
    """Give what stands behind a figure of a measure."""
    return phrase(" points") if MEASURES[measure].unit in (Unit.PERCENT, Unit.POINTS) else ""


def _as_text(one: Ground, told: Study, faded: Fade | None) -> str:
    """Give what is kept of a study: figures of groups as JSON."""
    windows = [
        {
            "key": seen.window.key,
            "words": seen.window.words,
            "reasons": list(seen.reasons),
            "figures": None
            if seen.effect is None
            else {
                "gain": seen.effect.gain,
                "low": seen.effect.low,
                "high": seen.effect.high,
                "treated": seen.effect.treated,
                "controls": seen.effect.controls,
                "by_team": seen.effect.by_team,
            },
        }
        for seen in told.seen
    ]
    verdict = told.verdict
    kept = {
        "phrase": verdict.phrase.value,
        "sentence": verdict.sentence,
        "windows": windows,
        "retained": dict(told.retained),
        "fade": None if faded is None else asdict(faded),
        "first": monday(one.first).isoformat(),
        "weeks": one.panel.y.shape[1] if one.readings else 0,
        "people": len(one.places),
    }
    return json.dumps(kept)


def _asked(  # noqa: PLR0917 -- all that a refresher rests on
    brief: Brief, one: Ground, faded: Fade | None, standing: Sequence[KeptRefresher], first: str, today: date
) -> Iterable[KeptRefresher]:
    """Give the refreshers that are new: for waves taught, of a gain that fades, of an activity that returns."""
    activity, rollout = one.activity, one.rollout
    if faded is None or activity is None or activity.cadence.rhythm is not Rhythm.EVERY or rollout.ended is not None:
        return
    if any(kept.made > brief.now - QUARTER for kept in standing):
        return  # a cadence changes once a quarter at most
    unit, name = unit_words(rollout.measure), MEASURES[rollout.measure].name
    theme = Theme(rollout.activity, _cadence(brief, activity), name, unit, faded)
    if cadence(theme, week_of(today)) >= theme.cadence:
        return  # a gain that lasts longer takes no session away by itself
    planned = _planned(brief, one, today)
    settled = {kept.wave for kept in standing if kept.due >= today or kept.state is RefresherState.DECLINED}
    taught = [cohort for cohort in _taught(one, planned, first) if int(cohort.cohort) not in settled]
    for asked in refreshers({theme.key: theme}, taught, week_of(today), int(rollout.seed or "0")):
        instead = planned.get(int(asked.cohort))
        if instead is None or asked.earliest < instead:
            yield _kept(rollout, asked, instead, brief.now)


def _kept(rollout: Rollout, asked: Refresher, instead: date | None, now: datetime) -> KeptRefresher:
    return KeptRefresher(
        new_id(),
        rollout.id,
        rollout.activity,
        int(asked.cohort),
        asked.earliest,
        asked.due,
        asked.latest,
        instead,
        asked.why,
        asked.waits,
        asked.weight,
        RefresherState.WAITS if asked.waits else RefresherState.OPEN,
        now,
    )


def _cadence(brief: Brief, activity: Activity) -> int:
    """Give the weeks after which an activity returns: its cadence, times how many take turns with it."""
    ring = activity.cadence.rotation
    if not ring:
        return activity.cadence.weeks
    turns = sum(other.cadence.rotation == ring for other in brief.activities.values())
    return activity.cadence.weeks * max(turns, 1)


def _taught(one: Ground, planned: Mapping[int, date], first: str) -> list[Taught]:
    """Give the waves of whom most were taught, with the week they were."""
    found = []
    for wave in sorted({place.wave for place in one.places}):
        inside = [week for week, place in zip(one.lately, one.places, strict=True) if place.wave == wave]
        middle = middle_week(inside)
        if middle is not None:
            at = planned.get(wave)
            stands = None if at is None else week_of(at)
            found.append(Taught(one.rollout.activity, str(wave), one.first + middle, len(inside), stands, first=first))
    return found


def _planned(brief: Brief, one: Ground, today: date) -> Mapping[int, date]:
    """Give, by wave, the first day of the need that the cadence alone would bring next to most of its people."""
    horizon = Horizon(monday_of(today), AHEAD)
    wave_of = {place.person_id: place.wave for place in one.places}
    days: dict[int, list[date]] = {}
    seen: set[str] = set()
    for need in sorted(needs_of(brief, horizon), key=lambda need: need.earliest):
        wave = wave_of.get(need.person_id)
        own = need.activity == one.rollout.activity and "/refresher." not in need.key and "/start" not in need.key
        if wave is not None and own and need.person_id not in seen and need.earliest.date() > today:
            seen.add(need.person_id)
            days.setdefault(wave, []).append(_local_day(need.earliest))
    return {wave: max(set(found), key=lambda day: (found.count(day), day)) for wave, found in days.items()}


def _local_day(instant: datetime) -> date:
    """Give the day of a window's first midnight, whichever zone it is in."""
    return (instant.astimezone(UTC) + timedelta(hours=12)).date()


def _comes_first(db: Db, one: Ground) -> str:
    """Name a red condition or an open fix of the teams concerned: it comes before any refresher."""
    teams = {place.team_id: place.team for place in one.places}
    red = [
        phrase(
            "%(team)s: %(check)s is red since %(day)s",
            team=teams[look.team_id],
            check=phrase(look.check.value),
            day=plain_day(look.since),
        )
        for look in conditions.looks(db, EVERYTHING, last=True)
        if look.team_id in teams and look.state is State.RED
    ]
    fixes = [
        phrase("the fix “%(title)s” is %(state)s", title=fix.title, state=phrase(fix.state.value))
        for fix in causes.fixes(db, EVERYTHING)
        if fix.team_id in teams and fix.state in (FixState.OPEN, FixState.DOING)
    ]
    return "; ".join((red + fixes)[:3])
