"""A rule let go in one place, as a value, and the problem and plan as they would be without it.

What relaxing a reason alone means is stated here, once: for what is said to make a need fit, and for the tests that
prove reasons. `Relax.code` is a code of `REASONS`; what the fields hold:

| code | what is let go |
|---|---|
| `window` | `agent` may be served before the window opens and after it has closed; without a name, nothing is frozen |
| `open_day` | the site `who` has no holiday on the days of `[first, end)` |
| `at_work` | `agent` is at work in `[first, end)` |
| `facilitator` | the facilitator `who` is at work in `[first, end)`; without a name, one more than there are |
| `leaders_taken` | the facilitator `who` may lead `amount` slots a week more, or the sessions `gone` are not there |
| `room` | the site `who` has one room more, for `amount` people |
| `coverage` | the queue `who` requires `amount` fewer in `[first, end)` |
| `series` | the order, the days between the steps and the one coach of the series `who` |
| `prerequisite`, `spacing`, `dose`, `recovery` | that rule, for `agent` only |
| `dose` without a name | everybody may learn `amount` slots a day and a week |
| `companions`, `others_placed` | the activity `who` needs only `amount` people |
| `full` | the activity `who` takes `amount` people |
| `one_place`, `queue_taken`, `rooms_taken`, `competition` | the sessions `gone` are not there, but those in `put` |
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from devsys.core.planning.problem import Agent, Facilitator, Pool, Problem, Room, Session, Site, Span

ONE_MORE: Final = "one more"  # the id of a facilitator or room that does not exist yet


@dataclass(frozen=True, slots=True)
class Relax:
    """One rule let go in one place and nothing else; which fields a code uses stands above. Spans are UTC slots."""

    code: str
    agent: str = ""
    who: str = ""
    first: int = 0
    end: int = 0
    amount: int = 0
    activity: str = ""
    gone: tuple[str, ...] = ()
    put: tuple[Session, ...] = ()


@dataclass(frozen=True, slots=True)
class Eased:
    """A problem and its sessions with some rules let go.

    `lifted` are rules of the verifier, each with whom it no longer holds for (`Violation.rule`, `Violation.who`):
    those that a problem cannot state for one person only.
    """

    problem: Problem
    sessions: tuple[Session, ...]
    lifted: frozenset[tuple[str, str]] = frozenset()


def eased(problem: Problem, sessions: Iterable[Session], relaxes: Iterable[Relax]) -> Eased:
    """Give the problem and the plan with the rules let go, and everything else as it was.

    Raises KeyError for a code that is not in the table (misuse).
    """
    found = Eased(problem, tuple(sessions))
    for relax in relaxes:
        found = _LET_GO[relax.code](found, relax)
    return found


def joined(spans: Iterable[Span], more: Span) -> tuple[Span, ...]:
    """Give sorted spans with one more among them, those that touch made one."""
    out: list[Span] = []
    for a, b in sorted((*spans, more)):
        if out and a <= out[-1][1]:
            out[-1] = out[-1][0], max(b, out[-1][1])
        else:
            out.append((a, b))
    return tuple(out)


def _lifted(rule: str, *, by: str = "agent") -> Callable[[Eased, Relax], Eased]:
    def lift(before: Eased, relax: Relax) -> Eased:
        return replace(before, lifted=before.lifted | {(rule, relax.agent if by == "agent" else relax.who)})

    return lift


def _window(before: Eased, relax: Relax) -> Eased:
    if relax.agent:
        return _lifted("window")(before, relax)
    return replace(before, problem=replace(before.problem, frozen_until=0))


def _dose(before: Eased, relax: Relax) -> Eased:
    if relax.agent:
        return _lifted("dose")(before, relax)
    rules = before.problem.rules
    day, week = max(rules.day_slots, relax.amount), max(rules.week_slots, relax.amount)
    return replace(before, problem=replace(before.problem, rules=replace(rules, day_slots=day, week_slots=week)))


def _without_sessions(before: Eased, relax: Relax) -> Eased:
    if not relax.gone:
        return before
    kept = tuple(s for s in before.sessions if s.id not in relax.gone)
    pinned = tuple(s for s in before.problem.pinned if s.id not in relax.gone)
    return replace(before, problem=replace(before.problem, pinned=pinned), sessions=(*kept, *relax.put))


def _no_holiday(before: Eased, relax: Relax) -> Eased:
    def opened(site: Site) -> Site:
        days = {site.day_of(relax.first), site.day_of(relax.end - 1)}
        return replace(site, holidays=site.holidays - days)

    return _sites(before, relax.who, opened)


def _sites(before: Eased, name: str, change: Callable[[Site], Site]) -> Eased:
    sites = tuple(change(s) if s.id == name else s for s in before.problem.sites)
    return replace(before, problem=replace(before.problem, sites=sites))


def _at_work(before: Eased, relax: Relax) -> Eased:
    def there(agent: Agent) -> Agent:
        return replace(agent, work=joined(agent.work, (relax.first, relax.end))) if agent.id == relax.agent else agent

    return replace(before, problem=replace(before.problem, agents=tuple(map(there, before.problem.agents))))


def _led(before: Eased, relax: Relax) -> Eased:
    problem = before.problem
    if not relax.who:
        site = next(a.site for a in problem.agents if a.id == relax.agent)
        span = relax.first, relax.end
        more = Facilitator(ONE_MORE, (site,), (span,), span[1] - span[0], frozenset({relax.activity}))
        return replace(before, problem=replace(problem, facilitators=(*problem.facilitators, more)))

    def there(lead: Facilitator) -> Facilitator:
        return replace(lead, work=joined(lead.work, (relax.first, relax.end)))

    return _leads(before, relax.who, there)


def _leads(before: Eased, name: str, change: Callable[[Facilitator], Facilitator]) -> Eased:
    leads = tuple(change(f) if f.id == name else f for f in before.problem.facilitators)
    return replace(before, problem=replace(before.problem, facilitators=leads))


def _leads_more(before: Eased, relax: Relax) -> Eased:
    if not relax.who:
        return _without_sessions(before, relax)
    return _leads(before, relax.who, lambda f: replace(f, weekly_slots=f.weekly_slots + relax.amount))


def _roomier(before: Eased, relax: Relax) -> Eased:
    return _sites(before, relax.who, lambda s: replace(s, rooms=(*s.rooms, Room(ONE_MORE, relax.amount))))


def _fewer(before: Eased, relax: Relax) -> Eased:
    def lower(pool: Pool) -> Pool:
        if pool.id != relax.who:
            return pool
        required = list(pool.required)
        for slot in range(max(0, relax.first), min(relax.end, len(required))):
            required[slot] = max(0, required[slot] - relax.amount)
        return replace(pool, required=tuple(required))

    return replace(before, problem=replace(before.problem, pools=tuple(map(lower, before.problem.pools))))


def _group(before: Eased, relax: Relax) -> Eased:
    acts = tuple(
        replace(a, gmin=min(a.gmin, relax.amount), gmax=max(a.gmax, relax.amount)) if a.id == relax.who else a
        for a in before.problem.activities
    )
    return replace(before, problem=replace(before.problem, activities=acts))


_LET_GO: Final[Mapping[str, Callable[[Eased, Relax], Eased]]] = MappingProxyType(
    {
        "window": _window,
        "open_day": _no_holiday,
        "at_work": _at_work,
        "facilitator": _led,
        "leaders_taken": _leads_more,
        "room": _roomier,
        "coverage": _fewer,
        "series": _lifted("series", by="who"),
        "prerequisite": _lifted("prerequisite"),
        "spacing": _lifted("spacing"),
        "dose": _dose,
        "recovery": _lifted("recovery"),
        "companions": _group,
        "others_placed": _group,
        "full": _group,
        "one_place": _without_sessions,
        "queue_taken": _without_sessions,
        "rooms_taken": _without_sessions,
        "competition": _without_sessions,
    }
)
