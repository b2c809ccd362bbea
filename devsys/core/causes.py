"""The cause gate, and what contacts say of a fix.

Training cannot mend a process, a tool, a policy or the conditions people work under: only a skill and information
become learning time (product.md S1, G1). Everything here is counting; nothing is known of any person.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase, to_phrase
from devsys.core.model.capacity import Profile, Service, agents_needed, agents_on_queue, rostered_for
from devsys.core.model.causes import Cause, Contacts, Fix, FixState
from devsys.core.model.hours import monday_of
from devsys.core.model.people import Queue

WEEK: Final = timedelta(weeks=1)
COMPARED: Final = 8  # weeks on each side of a fix that are compared, at most
FEWEST: Final = 3  # weeks on each side below which nothing is said
SHARE_WEEKS: Final = 12  # over which the preventable share is counted
MOST_SAVED: Final = 0.5  # of a queue's contacts that one fix may take off its requirement


class Landing(StrEnum):
    """What becomes of a lesson."""

    NEED = "need"
    FIX = "fix"
    CONDITION = "condition"


LANDINGS: Final[Mapping[Cause, Landing]] = MappingProxyType(
    {
        Cause.PROCESS: Landing.FIX,
        Cause.TOOL: Landing.FIX,
        Cause.POLICY: Landing.FIX,
        Cause.INFORMATION: Landing.NEED,
        Cause.SKILL: Landing.NEED,
        Cause.CONDITION: Landing.CONDITION,
    }
)
WORDS: Final[Mapping[Cause, tuple[str, str]]] = MappingProxyType(
    {
        Cause.PROCESS: (to_phrase("Process"), to_phrase("how the work is laid out makes it happen, whoever does it")),
        Cause.TOOL: (to_phrase("Tool"), to_phrase("the tool does not do it, or does it wrongly")),
        Cause.POLICY: (to_phrase("Policy"), to_phrase("a rule forbids what would have helped")),
        Cause.INFORMATION: (to_phrase("Information"), to_phrase("it was not known, and could have been")),
        Cause.SKILL: (to_phrase("Skill"), to_phrase("somebody skilled would not have had the trouble")),
        Cause.CONDITION: (to_phrase("Condition"), to_phrase("targets, staffing, time or permission stood against it")),
    }
)
WHY: Final[Mapping[Landing, str]] = MappingProxyType(
    {
        Landing.NEED: to_phrase("It can be learnt, so it becomes learning time in the next plan."),
        Landing.FIX: to_phrase(
            "No session mends this: it would come back with the next person. It becomes a fix with an owner."
        ),
        Landing.CONDITION: to_phrase(
            "People work as their conditions let them. It goes to the register of conditions."
        ),
    }
)


def gate(cause: Cause) -> Landing:
    """Give what a lesson with this cause becomes: only a skill and information become a need."""
    return LANDINGS[cause]


def must_be_need(cause: Cause) -> None:
    """Raise InvalidError unless learning can answer this cause: the gate before everything that asks for a session."""
    if gate(cause) is not Landing.NEED:
        raise InvalidError(
            phrase(
                "The cause “%(what)s” creates no learning time. %(why)s",
                what=WORDS[cause][0].lower(),
                why=WHY[gate(cause)],
            ),
            (Fault("cause", WHY[gate(cause)]),),
        )


@dataclass(frozen=True, slots=True)
class WeekOf:
    """Contacts of one week (its Monday), None where the week has no figure; `side` is before, during or after."""

    week: date
    contacts: int | None
    side: str


@dataclass(frozen=True, slots=True)
class Effect:
    """Contacts per week before and after a fix: means, None where fewer than `FEWEST` weeks are known.

    `weeks` are all from the first compared to the last known, gaps among them.
    """

    weeks: tuple[WeekOf, ...]
    before: float | None
    after: float | None
    known_before: int
    known_after: int

    @property
    def saved(self) -> float | None:
        """Contacts fewer per week since; None while it cannot be said, negative where there are more."""
        return None if self.before is None or self.after is None else self.before - self.after


def effect_of(fix: Fix, counts: Mapping[date, int]) -> Effect:
    """Give the contacts of a fix's own key by week (Monday), before its day and after it.

    The week in which it was done belongs to neither side. Not done yet: all weeks are before. At most the last
    `COMPARED` weeks before and the first `COMPARED` after are compared; a week without a figure is a gap, not zero.
    """
    turn = monday_of(fix.done) if fix.done and fix.over else None
    known = sorted(counts)
    old = [w for w in known if turn is None or w < turn][-COMPARED:]
    new = [w for w in known if turn is not None and w > turn][:COMPARED]
    compared = [*old, *new]
    weeks: list[WeekOf] = []
    if compared:
        week, last = compared[0], max(compared[-1], turn or compared[-1])
        while week <= last:
            side = "before" if turn is None or week < turn else "during" if week == turn else "after"
            weeks.append(WeekOf(week, counts.get(week), side))
            week += WEEK
    return Effect(
        tuple(weeks),
        _mean([counts[w] for w in old]),
        _mean([counts[w] for w in new]),
        len(old),
        len(new),
    )


def _mean(figures: list[int]) -> float | None:
    return sum(figures) / len(figures) if len(figures) >= FEWEST else None


@dataclass(frozen=True, slots=True)
class Share:
    """Of a queue's contacts in the weeks counted: how many there were, and how many a fix would prevent, by cause."""

    queue_id: str
    contacts: int
    preventable: Mapping[Cause, int]

    @property
    def share(self) -> float:
        """The preventable part of all contacts, 0 to 1."""
        return sum(self.preventable.values()) / self.contacts if self.contacts else 0.0


def preventable(counts: Iterable[Contacts], causes: Mapping[str, Cause], today: date) -> tuple[Share, ...]:
    """Give the preventable share of each queue over the last `SHARE_WEEKS` whole weeks, the largest first.

    Preventable is what a process, a tool or a policy causes; `causes` gives the cause behind the key of each fix.
    """
    end = monday_of(today)
    sums: dict[str, int] = defaultdict(int)
    found: dict[str, dict[Cause, int]] = defaultdict(lambda: defaultdict(int))
    for one in counts:
        if not end - SHARE_WEEKS * WEEK <= one.week < end:
            continue
        sums[one.queue_id] += one.contacts
        cause = causes.get(one.cause) or (Cause(one.cause) if one.cause in set(Cause) else None)
        if cause is not None and gate(cause) is Landing.FIX:
            found[one.queue_id][cause] += one.contacts
    shares = [Share(q, n, dict(found[q])) for q, n in sums.items()]
    return tuple(sorted(shares, key=lambda s: (-s.share, s.queue_id)))


def carried(rostered: int, queue: Queue) -> int:
    """Give the most calls in a half hour that so many rostered people carry at the queue's service goal."""
    service = Service.of(queue)
    agents = agents_on_queue(rostered, queue.shrinkage_percent)
    low, high = 0, 1
    while agents_needed(high, service) <= agents:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if agents_needed(middle, service) <= agents else (low, middle)
    return low


@dataclass(frozen=True, slots=True)
class Lighter:
    """What a checked fix could take off a queue's requirement: agents fewer in each half hour of the typical week.

    `share` of the queue's contacts is saved, of `contacts` a week that the requirement carries at most; `hours` are
    the agent hours a week that `less` comes to.
    """

    saved: float
    contacts: int
    share: float
    less: Profile
    hours: float


def lighter(queue: Queue, profile: Profile, saved: float) -> Lighter:
    """Give how much lower a requirement may be when a queue has `saved` contacts fewer a week.

    The requirement says how many calls it carries at the most in each half hour; the saved ones are spread over the
    week as those are. As it carries at least what comes, the share saved is taken as no larger than it is. The lower
    requirement is worked out by the same Erlang C, never below the queue's minimum, never below one where one stands.
    """
    carries = {n: carried(n, queue) for n in {n for day in profile for n in day} if n}
    total = sum(carries[n] for day in profile for n in day if n)
    share = min(max(saved, 0.0) / total, MOST_SAVED) if total else 0.0
    service = Service.of(queue)
    lower: dict[int, int] = {}
    for agents, calls in carries.items():
        needed = rostered_for(agents_needed(math.ceil(calls * (1 - share)), service), queue.shrinkage_percent)
        lower[agents] = min(agents, max(needed, queue.minimum, 1))
    less = tuple(tuple(n - lower[n] if n else 0 for n in day) for day in profile)
    return Lighter(max(saved, 0.0), total, share, less, sum(map(sum, less)) / 2)


def next_states(state: FixState) -> tuple[FixState, ...]:
    """Give where a fix may go from here: one step on, or back to doing."""
    return {
        FixState.OPEN: (FixState.DOING, FixState.DONE),
        FixState.DOING: (FixState.DONE, FixState.OPEN),
        FixState.DONE: (FixState.CHECKED, FixState.DOING),
        FixState.CHECKED: (FixState.DOING,),
    }[state]
