"""The rules that judge sessions together: one place at a time, coverage, dose, spacing, prerequisites, series."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import accumulate, pairwise
from typing import Final

from devsys.base.words import phrase, to_keep
from devsys.core.planning.desk import Desk, Held, Violation, at_work_in, say_hours
from devsys.core.planning.problem import DAY, WEEK, Agent, say_slot

_DAY_TOO_FULL: Final = to_keep("%(who)s would learn %(hours)s, %(most)s a day are allowed (%(session)s).")
_WEEK_TOO_FULL: Final = to_keep("%(who)s would learn %(hours)s, %(most)s a week are allowed (%(session)s).")


def place_violations(desk: Desk) -> Iterator[Violation]:
    """Give people, facilitators and rooms that are in two sessions at a time, and missing time to change rooms."""
    for name, entries in desk.by_agent.items():
        label = desk.agents[name].label
        for (x, _), (y, _) in pairwise(entries):
            if y.session.start < x.end:
                yield _clash(desk, name, label, x, y, "one_place_person")
    gap = desk.problem.rules.changeover_slots
    for name, rows in desk.by_facilitator.items():
        label = desk.facilitators[name].label
        for x, y in pairwise(rows):
            if y.session.start < x.end:
                yield _clash(desk, name, label, x, y)
            elif x.session.room != y.session.room and y.session.start < x.end + gap:
                what = phrase(
                    "%(who)s has no time to change rooms between %(first)s and %(second)s.",
                    who=label,
                    first=desk.label(x),
                    second=desk.label(y),
                )
                yield Violation("changeover", name, what, (x.session.id, y.session.id))
    for name, rows in desk.by_room.items():
        label = desk.rooms[name][0].label
        for x, y in pairwise(rows):
            if y.session.start < x.end:
                yield _clash(desk, name, label, x, y)
            elif y.session.start < x.end + gap:
                what = phrase(
                    "%(who)s is not free long enough between %(first)s and %(second)s.",
                    who=label,
                    first=desk.label(x),
                    second=desk.label(y),
                )
                yield Violation("changeover", name, what, (x.session.id, y.session.id))


def _clash(desk: Desk, who: str, label: str, x: Held, y: Held, rule: str = "one_place") -> Violation:  # noqa: PLR0917
    what = phrase(
        "%(who)s would be in two places: %(first)s and %(second)s.",
        who=label,
        first=desk.label(x),
        second=desk.label(y),
    )
    return Violation(rule, who, what, (x.session.id, y.session.id))


def hours_violations(desk: Desk) -> Iterator[Violation]:
    """Give facilitators above their weekly slots."""
    for name, rows in desk.by_facilitator.items():
        who = desk.facilitators[name]
        used: Counter[int] = Counter()
        for held in rows:
            used[held.session.start // WEEK] += held.act.length
        for week, slots in sorted(used.items()):
            if slots > who.weekly_slots:
                ids = tuple(h.session.id for h in rows if h.session.start // WEEK == week)
                what = phrase(
                    "%(who)s leads %(hours)s in week %(week)s; %(most)s are allowed.",
                    who=who.label,
                    hours=say_hours(slots),
                    week=week + 1,
                    most=say_hours(who.weekly_slots),
                )
                yield Violation("facilitator", name, what, ids)


def coverage_violations(desk: Desk, slots: Collection[int] | None = None) -> Iterator[Violation]:
    """Give the stretches in which a queue is short of people through sessions; all slots, or only some."""
    used: dict[str, Counter[int]] = defaultdict(Counter)
    for held in desk.held:
        for name, slot, count in _taken(desk, held, slots):
            used[name][slot] += count
    short: dict[str, dict[int, int]] = {}
    for name in sorted(used):
        required = desk.pools[name].required
        at_work = rostered(desk, name, used[name] if slots is not None else None)
        missing = {s: m for s, count in used[name].items() if (m := count - max(0, at_work[s] - required[s])) > 0}
        if missing:
            short[name] = missing
    inside = _inside(desk, short)
    for name, missing in short.items():
        pool = desk.pools[name]
        for first, end in _stretches(missing):
            worst = max(missing[s] for s in range(first, end))
            ids = sorted({i for s in range(first, end) for i in inside[name, s]})
            when = say_slot(desk.problem, desk.sites[pool.site], first)
            what = phrase(
                "%(queue)s is %(worst)s short for %(hours)s from %(when)s.",
                queue=pool.label,
                worst=worst,
                hours=say_hours(end - first),
                when=when,
            )
            yield Violation("coverage", name, what, tuple(ids))


def _taken(desk: Desk, held: Held, slots: Collection[int] | None) -> Iterator[tuple[str, int, int]]:
    """Give how many people of a pool a session takes in each slot, rest after it counted; all slots, or only some."""
    pools = Counter(desk.agent_of(n).pool for n in held.needs)
    for slot in range(max(0, held.session.start), min(held.end, desk.problem.slots)):
        if slots is None or slot in slots:
            for pool, count in pools.items():
                yield pool, slot, count
    if held.act.recovery:
        for agent in map(desk.agent_of, held.needs):
            for slot in desk.recovers(agent, held):
                if slots is None or slot in slots:
                    yield agent.pool, slot, 1


def _inside(desk: Desk, short: Mapping[str, Collection[int]]) -> dict[tuple[str, int], set[str]]:
    """Give the sessions that take people of a pool in the slots in which it is short."""
    inside: dict[tuple[str, int], set[str]] = defaultdict(set)
    for held in desk.held if short else ():
        for pool, slot, _ in _taken(desk, held, None):
            if slot in short.get(pool, ()):
                inside[pool, slot].add(held.session.id)
    return inside


def rostered(desk: Desk, pool: str, slots: Iterable[int] | None = None) -> dict[int, int] | list[int]:
    """Give the people of a pool at work: by slot over the horizon, or only for the slots asked for."""
    mine = [a for a in desk.problem.agents if a.pool == pool]
    if slots is not None:
        return {s: sum(at_work_in(a.work, s) for a in mine) for s in slots}
    steps = [0] * (desk.problem.slots + 1)
    # Many people share a shift, so each span is looked at once.
    for (a, b), count in Counter(span for agent in mine for span in agent.work).items():
        if a < desk.problem.slots and b > 0:
            steps[max(a, 0)] += count
            steps[min(b, desk.problem.slots)] -= count
    return list(accumulate(steps))


def _stretches(short: Iterable[int]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for slot in sorted(short):
        if out and out[-1][1] == slot:
            out[-1] = (out[-1][0], slot + 1)
        else:
            out.append((slot, slot + 1))
    return out


def person_violations(desk: Desk) -> Iterator[Violation]:
    """Give what breaks dose, spacing, recovery and prerequisites of each person."""
    for name, entries in desk.by_agent.items():
        agent = desk.agents[name]
        held = [h for h, _ in entries]
        yield from _dose(desk, agent, held)
        yield from _spacing(desk, agent, held)
        if any(h.act.recovery for h in held):
            yield from _recovery(desk, agent, held)
        yield from _first_things(desk, agent, entries)


def _dose(desk: Desk, agent: Agent, held: list[Held]) -> Iterator[Violation]:
    rules, site = desk.problem.rules, desk.sites[agent.site]
    days: dict[int, list[Held]] = defaultdict(list)
    weeks: dict[int, list[Held]] = defaultdict(list)
    for h in held:
        days[site.day_of(h.session.start)].append(h)
        weeks[h.session.start // WEEK].append(h)
    for table, limit, text in ((days, rules.day_slots, _DAY_TOO_FULL), (weeks, rules.week_slots, _WEEK_TOO_FULL)):
        for rows in table.values():
            total = sum(h.act.length for h in rows)
            if total > limit:
                last = desk.label(rows[-1])
                what = phrase(text, who=agent.label, hours=say_hours(total), most=say_hours(limit), session=last)
                yield Violation("dose", agent.id, what, tuple(h.session.id for h in rows))


def _spacing(desk: Desk, agent: Agent, held: list[Held]) -> Iterator[Violation]:
    for kind, days in desk.problem.rules.min_gap_days.items():
        rows = [h for h in held if h.act.kind == kind]
        before = [slot for k, slot in agent.last if k == kind]
        if rows and before and rows[0].session.start - max(before) < days * DAY:
            what = phrase(
                "%(who)s had a session of this kind less than %(days)s days before %(session)s.",
                who=agent.label,
                days=days,
                session=desk.label(rows[0]),
            )
            yield Violation("spacing", agent.id, what, (rows[0].session.id,))
        for x, y in pairwise(rows):
            if y.session.start - x.session.start < days * DAY:
                what = phrase(
                    "%(who)s needs %(days)s days between %(first)s and %(second)s.",
                    who=agent.label,
                    days=days,
                    first=desk.label(x),
                    second=desk.label(y),
                )
                yield Violation("spacing", agent.id, what, (x.session.id, y.session.id))


def _recovery(desk: Desk, agent: Agent, held: list[Held]) -> Iterator[Violation]:
    site = desk.sites[agent.site]
    for x, y in pairwise(held):
        if x.end <= y.session.start < x.end + x.act.recovery:
            what = phrase(
                "%(who)s has no time to recover between %(first)s and %(second)s.",
                who=agent.label,
                first=desk.label(x),
                second=desk.label(y),
            )
            yield Violation("recovery", agent.id, what, (x.session.id, y.session.id))
    heavy = [h for h in held if h.act.recovery]
    for x, y in pairwise(heavy):
        if site.day_of(x.session.start) == site.day_of(y.session.start):
            what = phrase(
                "%(who)s has two intense sessions on one day: %(first)s and %(second)s.",
                who=agent.label,
                first=desk.label(x),
                second=desk.label(y),
            )
            yield Violation("recovery", agent.id, what, (x.session.id, y.session.id))


def _first_things(desk: Desk, agent: Agent, entries: list[tuple[Held, int]]) -> Iterator[Violation]:
    for h, n in entries:
        act = desk.acts[desk.problem.needs[n].act]
        for before in act.prereq:
            if agent.holds is not None:
                if before in agent.holds:
                    continue
            elif before not in desk.wanted(agent.id):
                continue
            if not any(desk.problem.needs[m].act == before and g.end <= h.session.start for g, m in entries):
                what = phrase(
                    "%(who)s needs %(gate)s before %(session)s.",
                    who=agent.label,
                    gate=desk.acts[before].label,
                    session=desk.label(h),
                )
                yield Violation("prerequisite", agent.id, what, (h.session.id,))


def need_violations(desk: Desk) -> Iterator[Violation]:
    """Give needs that are served twice."""
    for n, rows in desk.by_need.items():
        if len(rows) > 1:
            who = desk.agent_of(n)
            what = phrase(
                "%(who)s would get %(activity)s twice for one need.", who=who.label, activity=rows[0].act.label
            )
            yield Violation("need", who.id, what, tuple(h.session.id for h in rows))


def series_violations(desk: Desk) -> Iterator[Violation]:
    """Give series out of order, with gaps too short or too long, or with more than one coach."""
    steps: dict[str, list[tuple[int, Held]]] = defaultdict(list)
    for n, rows in desk.by_need.items():
        need = desk.problem.needs[n]
        if need.series is not None and (desk.people is None or need.agent in desk.people):
            steps[need.series].append((need.k, rows[0]))
    low, high = desk.problem.rules.coach_gap_days
    for name, chain in sorted(steps.items()):
        chain.sort(key=lambda row: row[0])
        ids = tuple(h.session.id for _, h in chain)
        who = desk.agent_of(chain[0][1].needs[0]).label
        if [k for k, _ in chain] != list(range(len(chain))):
            yield Violation(
                "series", name, phrase("The coaching series of %(who)s misses an earlier step.", who=who), ids
            )
        if len({h.session.fac for _, h in chain}) > 1:
            yield Violation("series", name, phrase("The coaching series of %(who)s changes its coach.", who=who), ids)
        for (j, x), (k, y) in pairwise(chain):
            days = (y.session.start - x.session.start) / DAY
            if k == j + 1 and not low <= days <= high:
                what = phrase(
                    "The coaching series of %(who)s needs %(low)s to %(high)s days before %(session)s.",
                    who=who,
                    low=low,
                    high=high,
                    session=desk.label(y),
                )
                yield Violation("series", name, what, (x.session.id, y.session.id))
