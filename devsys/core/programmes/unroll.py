"""Cadences unrolled into dated needs of one person each (planning.md section 1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from devsys.core.model.calendar import Horizon
from devsys.core.model.hours import local, sites_of
from devsys.core.model.needs import AskedNeed, Need, Recall, SeriesRequest, Start
from devsys.core.model.people import Organisation, Person
from devsys.core.model.programme import Activity, Cadence, Programme, Rhythm
from devsys.core.programmes.why import why_every, why_once, why_start, why_step
from devsys.core.programmes.windows import Window, after_joining, moment, once, periods, step, wave, within_stay

MIDNIGHT = time()
# Teams of a site that have the same topic at a time. Were it one, a topic's group could only come from one team, often
# from one queue, which spares too few at once: with 16 people in 3 teams 293 of 384 needs of a half year found a place
# with the teams together, 259 with each on its own; with 300 people it makes no difference.
TEAMS_TOGETHER = 4
GRACE = timedelta(weeks=2)  # how long after its day a need that was asked for may still be served
LATELY = timedelta(weeks=13)  # after that nobody feels new


@dataclass(frozen=True, slots=True)
class _Ring:
    """Activities that take turns; one alone is a ring of one. `key` is the rotation's name or the activity's code."""

    key: str
    cadence: Cadence
    activities: tuple[Activity, ...]
    whys: Mapping[str, str]
    periods: tuple[tuple[int, Window], ...]


@dataclass(frozen=True, slots=True)
class _Learner:
    """A person with what unrolling asks about the team and the site: `shift` turns rotations."""

    person: Person
    zone: str
    team_code: str
    shift: int
    held: frozenset[str]
    starts: Mapping[str, date]  # of rollouts, by activity
    recalls: tuple[Recall, ...]


def unroll(
    programmes: Sequence[Programme],
    organisation: Organisation,
    horizon: Horizon,
    epoch: date,
    requests: Iterable[SeriesRequest] = (),
    *,
    wanted: Iterable[AskedNeed] = (),
    starts: Iterable[Start] = (),
    recalls: Iterable[Recall] = (),
) -> tuple[Need, ...]:
    """Give the needs of everybody that belong to the horizon, by person as the organisation lists them, then by day.

    `epoch` is the Monday from which periods are counted. A need belongs to the horizon when its window is still
    open at the horizon's start and it is due by the horizon's end, both in local days of the person's site; what is
    due later is left to the next roll, so a need is always given with its whole window, which may have opened
    before the horizon and may close after it. Key and window are the same whatever horizon asks, but for a ONCE
    need whose window has passed: it opens again at the horizon's start.

    EVERY gives one need a period: key `person/activity/period`, or `person/rotation/period` for a ring, whose turn
    moves on by one each period, and by one from each four teams of a site to the next four, in order of their codes.
    ONCE gives one need, `person/activity/once`, unless the person holds it. REQUEST gives the steps of each series
    asked for, `person/activity/request.step`.

    Whom a rollout gave a start for an activity has that need in the first two weeks from there: `person/activity/start`
    for EVERY, whose own periods go on a whole period later; the need of ONCE lies there. A refresher gives one need,
    `person/activity/refresher.id`, in place of the one it names.

    No needs: for facilitators; for people of no site, who have no clock; in the cohorts of other teams; in a group
    of one team for people without a team; before `settle_weeks` after joining; after leaving. Of a period which
    somebody is there for less than half of, nothing is needed.
    """
    rings = _rings(programmes, epoch, horizon)
    single = [a for p in _ordered(programmes) for a in p.activities if a.cadence.rhythm is Rhythm.ONCE]
    series = {a.code: a for p in programmes for a in p.activities if a.cadence.rhythm is Rhythm.REQUEST}
    asked: dict[str, list[SeriesRequest]] = {}
    for request in requests:
        asked.setdefault(request.person_id, []).append(request)
    extra: dict[str, list[AskedNeed]] = {}
    for one in wanted:
        extra.setdefault(one.person_id, []).append(one)
    known = {a.code: a for p in programmes for a in p.activities}
    needs: list[Need] = []
    returning = {a.code: a for ring in rings for a in ring.activities}
    for learner in _learners(organisation, starts, recalls):
        if _away(learner.person, horizon):
            continue
        mine = [*_once(learner, single, epoch, horizon), *_every(learner, rings)]
        mine += [*_started(learner, returning, horizon), *_recalled(learner, returning, horizon)]
        for request in asked.get(learner.person.id, ()):
            mine += _steps(learner, request, series, horizon)
        mine += _wanted(learner, extra.get(learner.person.id, ()), known, horizon)
        mine.sort(key=lambda need: (need.earliest, need.due, need.key))
        needs += mine
    return tuple(needs)


def _ordered(programmes: Iterable[Programme]) -> list[Programme]:
    """Order by code: a rotation may span programmes, and its order must not hang on how they were listed."""
    return sorted(programmes, key=lambda p: p.code)


def _rings(programmes: Sequence[Programme], epoch: date, horizon: Horizon) -> tuple[_Ring, ...]:
    members: dict[str, list[Activity]] = {}
    for programme in _ordered(programmes):
        for activity in programme.activities:
            if activity.cadence.rhythm is Rhythm.EVERY:
                members.setdefault(activity.cadence.rotation or activity.code, []).append(activity)
    rings: list[_Ring] = []
    for key, ring in members.items():
        cadence = ring[0].cadence
        whys = {a.code: why_every(a, cadence) for a in ring}
        rings.append(_Ring(key, cadence, tuple(ring), whys, tuple(periods(cadence, epoch, horizon))))
    return tuple(rings)


def _learners(organisation: Organisation, starts: Iterable[Start], recalls: Iterable[Recall]) -> Iterable[_Learner]:
    zones = {s.id: s.zone for s in organisation.sites}
    site_of = sites_of(organisation)
    leading = {f.person_id for f in organisation.facilitators}
    shifts = _shifts(organisation)
    codes = {t.id: t.code for t in organisation.teams}
    begun: dict[str, dict[str, date]] = {}
    for start in starts:
        begun.setdefault(start.person_id, {})[start.activity] = start.day
    asked: dict[str, list[Recall]] = {}
    for recall in recalls:
        asked.setdefault(recall.person_id, []).append(recall)
    held: dict[str, set[str]] = {}
    for holding in organisation.held:
        held.setdefault(holding.person_id, set()).add(holding.activity)
    for person in organisation.people:
        site = site_of.get(person.id)
        if site is not None and person.id not in leading:
            team = codes.get(person.team_id or "", "")
            holds = frozenset(held.get(person.id, ()))
            turn = shifts.get(person.team_id or "", 0)
            mine = tuple(asked.get(person.id, ()))
            yield _Learner(person, zones[site], team, turn, holds, begun.get(person.id, {}), mine)


def _shifts(organisation: Organisation) -> Mapping[str, int]:
    """Give each team the shift of its rotations, from its place among the teams of its site, by code."""
    found: dict[str, int] = {}
    seen: dict[str, int] = {}
    for team in sorted(organisation.teams, key=lambda t: t.code):
        place = seen.get(team.site_id, 0)
        found[team.id] = place // TEAMS_TOGETHER
        seen[team.site_id] = place + 1
    return found


def _away(person: Person, horizon: Horizon) -> bool:
    joins_later = person.joined is not None and person.joined >= horizon.end
    return joins_later or (person.left is not None and person.left <= horizon.start)


def _meant_for(activity: Activity, learner: _Learner) -> bool:
    if activity.one_team and not learner.team_code:
        return False
    return not activity.teams or learner.team_code in activity.teams


def _every(learner: _Learner, rings: Iterable[_Ring]) -> Iterable[Need]:
    person = learner.person
    for ring in rings:
        turns = [a for a in ring.activities if _meant_for(a, learner)]
        if not turns:
            continue
        first = None if person.joined is None else after_joining(person.joined, ring.cadence)
        for number, period in ring.periods:
            window = within_stay(period, first, person.left)
            if window is not None:
                code = turns[(number + learner.shift) % len(turns)].code
                if _before_start(learner, code, period, ring.cadence) or _recalled_instead(learner, code, period):
                    continue
                yield _need(learner, f"{person.id}/{ring.key}/{number}", code, window, ring.whys[code])


def _once(learner: _Learner, activities: Iterable[Activity], epoch: date, horizon: Horizon) -> Iterable[Need]:
    person = learner.person
    for activity in activities:
        if activity.code in learner.held or not _meant_for(activity, learner):
            continue
        start = learner.starts.get(activity.code)
        drawn = start is not None and wave(start).latest > horizon.start  # a wave that went by is as any other
        whole = wave(start) if start and drawn else once(activity.cadence, epoch, person.joined, horizon)
        window = within_stay(whole, None, person.left)
        if window is not None and window.within(horizon):
            lately = person.joined is not None and window.earliest - person.joined <= LATELY
            why = why_start(activity, start) if start and drawn else why_once(activity, joined=lately)
            yield _need(learner, f"{person.id}/{activity.code}/once", activity.code, window, why)


def _before_start(learner: _Learner, code: str, period: Window, cadence: Cadence) -> bool:
    """Say whether a period comes before a person's start, or less than a whole one after it."""
    start = learner.starts.get(code)
    return start is not None and period.earliest < start + timedelta(weeks=cadence.weeks)


def _recalled_instead(learner: _Learner, code: str, period: Window) -> bool:
    """Say whether a refresher comes in place of a period's need."""
    return any(
        recall.activity == code and recall.instead is not None and period.earliest <= recall.instead < period.due
        for recall in learner.recalls
    )


def _started(learner: _Learner, activities: Mapping[str, Activity], horizon: Horizon) -> Iterable[Need]:
    person = learner.person
    for code, start in learner.starts.items():
        activity = activities.get(code)
        if activity is None or not _meant_for(activity, learner):
            continue
        window = within_stay(wave(start), person.joined, person.left)
        if window is not None and window.within(horizon):
            yield _need(learner, f"{person.id}/{code}/start", code, window, why_start(activity, start))


def _recalled(learner: _Learner, activities: Mapping[str, Activity], horizon: Horizon) -> Iterable[Need]:
    person = learner.person
    for recall in learner.recalls:
        activity = activities.get(recall.activity)
        if activity is None or not _meant_for(activity, learner):
            continue
        window = within_stay(Window(recall.earliest, recall.due, recall.latest), person.joined, person.left)
        if window is not None and window.within(horizon):
            key = f"{person.id}/{recall.activity}/refresher.{recall.id}"
            yield _need(learner, key, recall.activity, window, recall.why)


def _steps(
    learner: _Learner, request: SeriesRequest, series: Mapping[str, Activity], horizon: Horizon
) -> Iterable[Need]:
    activity = series.get(request.activity)
    if activity is None or not _meant_for(activity, learner):
        return
    person = learner.person
    asked = local(request.requested, learner.zone)
    for number in range(request.steps or activity.cadence.steps):
        window = within_stay(step(activity.cadence, asked.date(), number), person.joined, person.left)
        if window is None or not window.within(horizon):
            continue
        key = f"{person.id}/{activity.code}/{request.id}.{number}"
        need = _need(learner, key, activity.code, window, why_step(activity, number), at=asked.time())
        yield replace(need, series=request.id, step=number)


def _wanted(
    learner: _Learner, wanted: Iterable[AskedNeed], known: Mapping[str, Activity], horizon: Horizon
) -> Iterable[Need]:
    """Give the needs that were asked for by themselves: from the day after, due on their day, two weeks of grace."""
    for one in wanted:
        activity = known.get(one.activity)
        if activity is None or not _meant_for(activity, learner):
            continue
        window = Window(one.asked + timedelta(days=1), one.due, one.due + GRACE)
        if window.within(horizon) and (learner.person.left is None or learner.person.left > one.due):
            key = f"{learner.person.id}/{one.activity}/{one.id}"
            yield _need(learner, key, one.activity, window, one.why)


def _need(learner: _Learner, key: str, activity: str, window: Window, why: str, *, at: time = MIDNIGHT) -> Need:
    return Need(
        key=key,
        person_id=learner.person.id,
        activity=activity,
        earliest=moment(window.earliest, at, learner.zone),
        due=moment(window.due, at, learner.zone),
        latest=moment(window.latest, at, learner.zone),
        why=why,
    )
