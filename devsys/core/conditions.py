"""What follows from looks and targets: how a team stands, what is overdue, what contradicts, what was red when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from devsys.base.words import grouped, phrase, phrases
from devsys.base.written import number, several
from devsys.core.model.capacity import Service, service_level
from devsys.core.model.conditions import (
    OF_RESOLUTION,
    OF_VOLUME,
    Check,
    Direction,
    Look,
    Measure,
    State,
    Target,
    Unit,
)

WEEK: Final = timedelta(days=7)
# What the search for a load leaves open: a hundred-thousandth of an agent.
CLOSE: Final = 1e-5


def now_standing(looks: Iterable[Look]) -> Mapping[tuple[str, Check], Look]:
    """Give the last look at each condition, by team and check."""
    found: dict[tuple[str, Check], Look] = {}
    for look in sorted(looks, key=lambda one: one.number):
        found[look.team_id, look.check] = look
    return found


def overdue(looks: Iterable[Look], today: date) -> tuple[Look, ...]:
    """Give the conditions whose next look is past, the longest first."""
    late = [look for look in now_standing(looks).values() if look.next_look < today]
    return tuple(sorted(late, key=lambda look: (look.next_look, look.number)))


@dataclass(frozen=True, slots=True)
class Red:
    """A stretch in which a condition was red: from `since` to before `until` (None: it still is)."""

    check: Check
    since: date
    until: date | None
    note: str
    owner: str


def red_stretches(looks: Iterable[Look], team_id: str) -> tuple[Red, ...]:
    """Give when conditions of a team were red, by time: looks that follow each other and all say red are one stretch.

    The note and the owner are those of the last look of the stretch.
    """
    found: list[Red] = []
    for check in Check:
        mine = sorted((x for x in looks if x.team_id == team_id and x.check is check), key=lambda x: x.number)
        begun: date | None = None
        for i, look in enumerate(mine):
            if look.state is not State.RED:
                continue
            begun = look.since if begun is None else begun
            after = mine[i + 1] if i + 1 < len(mine) else None
            if after is None or after.state is not State.RED:
                if after is None or after.since > begun:
                    found.append(Red(check, begun, after.since if after else None, look.note, look.owner))
                begun = None
    return tuple(sorted(found, key=lambda red: (red.since, red.check)))


def red_during(looks: Iterable[Look], team_id: str, weeks: Iterable[date]) -> tuple[Red, ...]:
    """Give the conditions of a team that were red in at least one of some weeks, each given by its Monday.

    A day is enough: a condition found red on a Friday was red in that week. For the banner above a board (R11).
    """
    mondays = tuple(weeks)
    return tuple(
        red
        for red in red_stretches(tuple(looks), team_id)
        if any(red.since < monday + WEEK and (red.until is None or red.until > monday) for monday in mondays)
    )


def most_utilisation(agents: int, service: Service) -> float:
    """Give the share of their time (0 to 1) that so many agents may be busy while the service goal is still met.

    By Erlang C: the largest load at which `service_percent` are answered within `answer_seconds`, over the agents. The
    cap on occupancy holds besides. 0 for no agents.
    """
    if agents <= 0:
        return 0.0
    wanted = service.service_percent / 100
    low, high = 0.0, float(agents)
    while high - low > CLOSE:
        middle = (low + high) / 2
        if service_level(middle, agents, service.handle_seconds, service.answer_seconds) >= wanted:
            low = middle
        else:
            high = middle
    return min(low / agents, service.occupancy_percent / 100)


@dataclass(frozen=True, slots=True)
class QueueRule:
    """What a queue of the team is held to: its service, the agents of its busiest half hour, what it can spare.

    `spare_minutes` are agents' minutes of the quarter ahead that its requirement leaves; `short` the half hours of it
    in which fewer are at work than it requires.
    """

    name: str
    service: Service
    agents: int
    spare_minutes: int
    short: int


@dataclass(frozen=True, slots=True)
class Promise:
    """Development time of a team in a quarter, in minutes: what the programme plans, what the queue took, what is owed.

    `people` are those of the team; `owed` counts needs.
    """

    people: int
    programme: int
    taken: int
    owed: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two things that cannot both hold, quoted side by side, and why in a sentence. `rule` names the rule."""

    rule: str
    one: str
    other: str
    why: str


def contradictions(
    targets: Iterable[Target], queues: Iterable[QueueRule] = (), promise: Promise | None = None
) -> tuple[Contradiction, ...]:
    """Give what cannot hold at the same time among the targets of one team, its queues' rules and what was promised."""
    own, rules = tuple(targets), tuple(queues)
    return (
        *_speed_or_resolution(own),
        *_both_ways(own),
        *(found for rule in rules for found in _utilisation(own, rule)),
        *(found for rule in rules for found in _service(own, rule)),
        *_development(own, rules, promise),
    )


def _caps_speed(target: Target) -> bool:
    at_most = target.measure is Measure.HANDLE_TIME and target.direction is Direction.AT_MOST
    return at_most or (target.measure is Measure.CONTACTS and target.direction is Direction.AT_LEAST)


def _speed_or_resolution(targets: tuple[Target, ...]) -> Iterable[Contradiction]:
    caps = [t for t in targets if _caps_speed(t)]
    helps = [t for t in targets if t.measure in OF_RESOLUTION and t.direction is Direction.AT_LEAST]
    why = phrase("Whoever keeps to the first hurries the contact that the second asks time for.")
    return (Contradiction("speed", str(cap), str(one), why) for cap in caps for one in helps)


def _both_ways(targets: tuple[Target, ...]) -> Iterable[Contradiction]:
    lows = [t for t in targets if t.direction is Direction.AT_LEAST]
    highs = [t for t in targets if t.direction is Direction.AT_MOST]
    for low in lows:
        for high in highs:
            if low.measure is high.measure and _plain(low) > _plain(high):
                yield Contradiction("both ways", str(low), str(high), phrase("No value meets both."))


def _plain(target: Target) -> float:
    return target.value * 60 if target.unit is Unit.MINUTES else target.value


def _utilisation(targets: tuple[Target, ...], rule: QueueRule) -> Iterable[Contradiction]:
    wanted = [t for t in targets if t.measure is Measure.UTILISATION and t.direction is Direction.AT_LEAST]
    if not wanted or rule.agents <= 0:
        return
    goals = [t for t in targets if t.measure is Measure.SERVICE and t.direction is Direction.AT_LEAST]
    goal = max((t.value for t in goals), default=rule.service.service_percent)
    held = Service(rule.service.handle_seconds, goal, rule.service.answer_seconds, 100)
    most = 100 * most_utilisation(rule.agents, held)
    other = phrase(
        "%(queue)s: %(goal)s per cent answered within %(seconds)s seconds",
        queue=rule.name,
        goal=grouped(f"{goal:g}"),
        seconds=f"{rule.service.answer_seconds:g}",
    )
    for target in wanted:
        if target.value > most:
            why = phrase(
                "With %(agents)s on the queue, its busiest half hour, agents can be busy %(most)s per cent of their "
                "time and still answer so many in time (Erlang C); with fewer, less.",
                agents=rule.agents,
                most=f"{most:.0f}",
            )
            yield Contradiction("utilisation", str(target), other, why)


def _service(targets: tuple[Target, ...], rule: QueueRule) -> Iterable[Contradiction]:
    for target in targets:
        higher = target.direction is Direction.AT_LEAST and target.value > rule.service.service_percent
        if target.measure is Measure.SERVICE and higher:
            other = phrase(
                "%(queue)s: staffed for %(goal)s per cent",
                queue=rule.name,
                goal=grouped(f"{rule.service.service_percent:g}"),
            )
            yield Contradiction(
                "service", str(target), other, phrase("The requirement has too few people for the target.")
            )


def _development(
    targets: tuple[Target, ...], rules: tuple[QueueRule, ...], promise: Promise | None
) -> Iterable[Contradiction]:
    if promise is None or not promise.people:
        return
    said = [t for t in targets if t.measure is Measure.DEVELOPMENT and t.direction is Direction.AT_LEAST]
    promised = [(str(t), t.value * promise.people) for t in said]
    if not promised and promise.programme:
        words = phrase("Programme: %(programme)s minutes a person and quarter", programme=promise.programme)
        promised = [(words, float(promise.programme * promise.people))]
    spare = sum(rule.spare_minutes for rule in rules)
    names = several([rule.name for rule in rules])
    for words, minutes in promised:
        if rules and minutes > spare:
            other = phrase(
                "%(names)s: no half hour below its requirement, which leaves %(what)s hours a quarter",
                names=names,
                what=number(round(spare / 60)),
            )
            why = phrase(
                "%(people)s people come to %(what)s hours, and the queue leaves fewer.",
                people=promise.people,
                what=number(round(minutes / 60)),
            )
            yield Contradiction("development", words, other, why)
        if promise.taken:
            other = phrase("Cancelled for the queue this quarter: %(taken)s minutes", taken=promise.taken)
            why = phrase("What is promised is taken back whenever the queue is short.")
            yield Contradiction("taken back", words, other, why)


def volume_words(targets: Iterable[Target]) -> tuple[State, str]:
    """Give how targets of volume stand to those of resolution: what a look at it would find, and why."""
    own = tuple(targets)
    volume = [t for t in own if t.measure in OF_VOLUME]
    helps = [t for t in own if t.measure in OF_RESOLUTION]
    if not own:
        return State.FINE, phrase("No target is entered.")
    if volume and not helps:
        return State.RED, phrases(
            "%(num)s target counts volume, none counts resolution.",
            "%(num)s targets count volume, none counts resolution.",
            len(volume),
        )
    if len(volume) > len(helps):
        return State.STRAINED, phrase(
            "%(volume)s targets count volume, %(helps)s resolution.", volume=len(volume), helps=len(helps)
        )
    return State.FINE, phrases(
        "%(helps)s of %(num)s target counts resolution.",
        "%(helps)s of %(num)s targets count resolution.",
        len(own),
        helps=len(helps),
    )


def staffing_words(rules: Iterable[QueueRule], promise: Promise | None) -> tuple[State, str]:
    """Give how the queues of a team are staffed over the quarter ahead, and what learning is owed besides."""
    own = tuple(rules)
    short = sum(rule.short for rule in own)
    owed = promise.owed if promise else 0
    if not own:
        return State.FINE, phrase("The team serves no queue.")
    said = [
        phrases("%(num)s half hour short in the quarter ahead", "%(num)s half hours short in the quarter ahead", short)
        if short
        else phrase("no half hour short")
    ]
    said.append(phrases("%(num)s need owed", "%(num)s needs owed", owed) if owed else phrase("nothing owed"))
    if promise and promise.taken:
        said.append(phrase("%(taken)s minutes taken back by the queue", taken=promise.taken))
    words = ", ".join(said)
    state = State.RED if short and owed else State.STRAINED if short or owed else State.FINE
    return state, words[0].upper() + words[1:] + "."


def permission_words(entries: int) -> tuple[State, str]:
    """Give what the permission list says."""
    if not entries:
        return State.STRAINED, phrase("Nothing is written down that an agent may decide alone.")
    return State.FINE, phrases("%(num)s thing may be decided alone.", "%(num)s things may be decided alone.", entries)


def targets_words(found: int) -> tuple[State, str]:
    """Give how many contradictions stand."""
    if not found:
        return State.FINE, phrase("No two contradict each other.")
    return State.RED, phrases("%(num)s contradiction found.", "%(num)s contradictions found.", found)
