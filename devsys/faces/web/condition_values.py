"""What pages say of conditions: how each stands, what devsys reads beside it, contradictions, overdue looks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
from flask import url_for

from devsys.adapters.store.queries import calendar_figures, conditions, plans, programme
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import day, full_day, near_day, spoken
from devsys.core import conditions as judged
from devsys.core.conditions import Contradiction, Promise, QueueRule
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon
from devsys.core.model.capacity import Counts, Service, agents_on_queue
from devsys.core.model.conditions import MEASURES, QUESTIONS, STATES, UNITS, Check, Leave, Look, State, Target
from devsys.core.model.hours import SLOT_SECONDS, away, monday_of
from devsys.core.model.programme import Programme
from devsys.core.policy import Extent, Scope, scope
from devsys.core.programmes.figures import figures_of
from devsys.faces.web.staffing import Staffing, published_load, staffing
from devsys.faces.web.words import first_up
from devsys.faces.web.year_values import quarter_days

WEEKS: Final = 13  # the quarter ahead
# State to (tone of the tag, icon, word): shape and word before colour.
TAGS: Final[Mapping[State, tuple[str, str, str]]] = {
    State.FINE: ("ok", "circle-check", STATES[State.FINE]),
    State.STRAINED: ("warn", "circle-alert", STATES[State.STRAINED]),
    State.RED: ("bad", "triangle-alert", STATES[State.RED]),
}
UNKNOWN: Final = ("unknown", "circle-dashed", to_phrase("not looked at yet"))
READ_ONLY: Final = to_phrase("What an agent feels of it is asked, not counted.")


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the five as a page shows it; `reads` is what devsys reads by itself, `says` how that would stand."""

    check: str
    title: str
    asks: str
    tag: tuple[str, str, str]
    look: Look | None
    since: str
    next_look: str
    overdue: bool
    reads: str
    says: tuple[str, str, str] | None
    href: str


@dataclass(frozen=True, slots=True)
class TeamRead:
    """What devsys reads of a team: rules of its queues, what was promised, targets, its list, what contradicts."""

    rules: tuple[QueueRule, ...]
    promise: Promise | None
    targets: tuple[Target, ...]
    leaves: tuple[Leave, ...]
    contradictions: tuple[Contradiction, ...]

    def says(self, check: Check) -> tuple[State | None, str]:
        """Give how a check would stand by what is read, and the words; no state where nothing can be read."""
        if check is Check.VOLUME:
            return judged.volume_words(self.targets)
        if check is Check.STAFFING:
            return judged.staffing_words(self.rules, self.promise)
        if check is Check.PERMISSION:
            return judged.permission_words(len(self.leaves))
        if check is Check.TARGETS:
            return judged.targets_words(len(self.contradictions))
        return None, READ_ONLY


def read_teams(  # noqa: PLR0917 -- one reading, all of what it is about
    db: Db, url: str, viewer: Viewer, team_ids: Iterable[str], today: date, site_id: str = ""
) -> Mapping[str, TeamRead]:
    """Give what devsys reads of some teams over the quarter ahead; the same number of queries for any number of them.

    `url` is the database's address. With `site_id` all of the teams are of that site, and only it is worked out.
    """
    ids = tuple(team_ids)
    reach = _of_teams(scope(viewer, "conditions", "read"), ids)
    targets, leaves = conditions.targets(db, reach), conditions.leaves(db, reach)
    served = conditions.queues_of(db, ids)
    staffed = staffing(db, url, Horizon(monday_of(today), WEEKS), site_id)
    taken = published_load(db, url, staffed, programme.activities(db)).taken
    asked = frozenset(q for queues, _ in served.values() for q in queues)
    rules = {queue_id: _rule(staffed, taken, queue_id) for queue_id in staffed.coverage if queue_id in asked}
    promises = _promises(db, {t: people for t, (_, people) in served.items()}, today)
    found = {}
    for team_id in ids:
        own = tuple(rules[q] for q in sorted(served.get(team_id, (frozenset(), 0))[0]) if q in rules)
        mine = tuple(t for t in targets if t.team_id == team_id)
        promise = promises.get(team_id)
        found[team_id] = TeamRead(
            rules=own,
            promise=promise,
            targets=mine,
            leaves=tuple(one for one in leaves if one.team_id == team_id),
            contradictions=judged.contradictions(mine, own, promise),
        )
    return found


def _of_teams(reach: Scope, team_ids: Iterable[str]) -> Scope:
    """Give what is reached of some teams."""
    ids = frozenset(team_ids)
    return replace(reach, extents=frozenset({Extent.TEAM}), team_ids=ids if reach.everything else ids & reach.team_ids)


def _rule(staffed: Staffing, taken: Mapping[str, Any], queue_id: str) -> QueueRule:
    queue = next(q for q in staffed.organisation.queues if q.id == queue_id)
    coverage = staffed.coverage[queue_id]
    left = coverage.rostered - taken[queue_id]
    asked = _on_working_days(staffed, queue.site_id, coverage.required)
    return QueueRule(
        name=queue.name,
        service=Service.of(queue),
        agents=agents_on_queue(int(coverage.required.max(initial=0)), queue.shrinkage_percent),
        spare_minutes=int(coverage.spare.sum()) * SLOT_SECONDS // 60,
        short=int(np.count_nonzero(left < asked)),
    )


def _on_working_days(staffed: Staffing, site_id: str, required: Counts) -> Counts:
    """Give a requirement without public holidays, on which nobody is at work and the typical week still asks."""
    zone = next(s.zone for s in staffed.organisation.sites if s.id == site_id)
    asked = required.copy()
    for holiday in staffed.organisation.holidays.get(site_id, ()):
        begins = datetime.combine(holiday, time())
        first, end = away(begins, begins + timedelta(days=1), zone, staffed.horizon)
        asked[max(0, first) : max(0, end)] = 0
    return asked


def _promises(db: Db, people: Mapping[str, int], today: date) -> Mapping[str, Promise]:
    start, end = quarter_days(today)[:2]
    taken: dict[str | None, int] = {}
    for one in calendar_figures.ledger_sums(db, start, end, team_ids=people):
        taken[one.team_id] = taken.get(one.team_id, 0) + one.cancelled
    owed: dict[str | None, int] = {}
    number = plans.pointer(db)
    if number:
        owing = plans.draft_of_version(db, number)
        for team_id, _, needs in calendar_figures.owed_by_team(db, owing, start, end, team_ids=people):
            owed[team_id] = owed.get(team_id, 0) + needs
    adopted = programme.adopted(db)
    codes = dict(conditions.team_codes(db))
    return {
        team_id: Promise(many, _minutes(adopted, codes.get(team_id, "")), taken.get(team_id, 0), owed.get(team_id, 0))
        for team_id, many in people.items()
    }


def _minutes(adopted: Iterable[Programme], code: str) -> int:
    """Give the minutes a quarter that returning activities plan for a person of a team."""
    rows = figures_of(tuple(adopted)).activities
    cohorts = {a.code: a.teams for p in adopted for a in p.activities}
    mine = (r.minutes_a_year for r in rows if not cohorts[r.code] or code in cohorts[r.code])
    return round(sum(mine) / 4)


def five(team_id: str, standing: Mapping[tuple[str, Check], Look], read: TeamRead, today: date) -> list[Condition]:
    """Give the five conditions of a team as its page shows them."""
    found = []
    for check in Check:
        look = standing.get((team_id, check))
        says, words = read.says(check)
        found.append(
            Condition(
                check=check.value,
                title=QUESTIONS[check].title,
                asks=QUESTIONS[check].asks,
                tag=TAGS[look.state] if look else UNKNOWN,
                look=look,
                since=full_day(look.since) if look else "",
                next_look=near_day(look.next_look, today) if look else "",
                overdue=bool(look and look.next_look < today),
                reads=words,
                says=TAGS[says] if says and (look is None or look.state is not says) else None,
                href=url_for("conditions.one", team_id=team_id, check=check.value),
            )
        )
    return found


def lede(found: Iterable[Condition], contradicting: int) -> str:
    """Say in a sentence how a team's conditions stand."""
    rows = tuple(found)
    states = [c.look.state for c in rows if c.look is not None]
    red, strained = states.count(State.RED), states.count(State.STRAINED)
    unseen = len(rows) - len(states)
    said = [
        phrases("%(num)s condition is red", "%(num)s conditions are red", red, num=spoken(red)) if red else "",
        phrases("%(num)s condition is strained", "%(num)s conditions are strained", strained, num=spoken(strained))
        if strained
        else "",
        phrases("%(num)s was never looked at", "%(num)s were never looked at", unseen, num=spoken(unseen))
        if unseen
        else "",
        phrases("%(num)s contradiction found", "%(num)s contradictions found", contradicting, num=spoken(contradicting))
        if contradicting
        else "",
    ]
    words = ", ".join(part for part in said if part)
    return f"{first_up(words)}." if words else phrase("All five are fine.")


@dataclass(frozen=True, slots=True)
class LookLine:
    """A line of a condition's history."""

    tag: tuple[str, str, str]
    when: str
    since: str
    by: str
    owner: str
    note: str


def look_line(look: Look) -> LookLine:
    """Give a look as the history shows it."""
    return LookLine(TAGS[look.state], full_day(look.on), day(look.since), look.by, look.owner, look.note)


def measure_choices() -> list[tuple[str, str]]:
    """Give what a target may be set for, each with its unit."""
    return [
        (f"{measure.value}.{unit.value}", f"{title}, {UNITS[unit]}")
        for measure, (title, units) in MEASURES.items()
        for unit in units
    ]


@dataclass(frozen=True, slots=True)
class Late:
    """Conditions whose next look is past, for Home: what, and where to look again."""

    what: str
    ready: str
    href: str


def late_looks(db: Db, viewer: Viewer, today: date) -> tuple[Late, ...]:
    """Give the overdue looks of the teams a viewer may write of: one line a team, the longest overdue first."""
    reach = scope(viewer, "conditions", "write")
    if not reach:
        return ()
    late = judged.overdue(conditions.looks(db, reach, last=True), today)
    names = calendar_figures.teams(db) if late else {}
    by_team: dict[str, list[Look]] = {}
    for look in late:
        by_team.setdefault(look.team_id, []).append(look)
    return tuple(
        Late(
            phrases(
                "%(num)s condition of %(team)s to be looked at again",
                "%(num)s conditions of %(team)s to be looked at again",
                len(looks),
                team=names[team_id].name,
            ),
            phrase(
                "%(title)s since %(next_look)s; %(owner)s sees to it.",
                title=QUESTIONS[looks[0].check].title,
                next_look=near_day(looks[0].next_look, today),
                owner=looks[0].owner,
            ),
            url_for("conditions.team", team_id=team_id),
        )
        for team_id, looks in by_team.items()
    )


def red_words(db: Db, viewer: Viewer, team_ids: Iterable[str]) -> list[dict[str, str]]:
    """Give the red conditions of some teams for Home: the title, whose, since when."""
    ids = frozenset(team_ids)
    last = conditions.looks(db, _of_teams(scope(viewer, "conditions", "read"), ids), last=True)
    names = calendar_figures.teams(db)
    return [
        {
            "title": QUESTIONS[look.check].title,
            "team": names[look.team_id].name,
            "words": phrase("red since %(since)s, %(owner)s sees to it", since=day(look.since), owner=look.owner),
            "href": url_for("conditions.team", team_id=look.team_id),
        }
        for look in last
        if look.team_id in ids and look.state is State.RED
    ]
