"""Moves of single people between sessions of one activity, each judged by all wishes and kept only as a gain."""

from collections.abc import Iterator, Sequence

from devsys.core.planning.grid import Grid, Meeting
from devsys.core.planning.improve import group_of
from devsys.core.planning.tally import BITS, KINDS, Tally

_OTHERS = 4  # places tried for one person, the most promising first
_GIVERS = 3  # people asked for their seat in one session
# What a move costs, in the order of the wishes: late, days late, worse for the worst-served, unevenness of hours.
_Price = tuple[int, int, int, float]
_NOTHING: _Price = (0, 0, 0, 0.0)
# An exchange: its price, start and number of the other meeting, who sits there now, and that meeting.
_Option = tuple[_Price, int, int, int, Meeting]


def may_leave(grid: Grid, need: int) -> Meeting | None:
    """Give the meeting a need may be taken out of, the group's minimum aside.

    None for what is pinned, what others wait for, and steps of a series.
    """
    m = grid.at[need]
    if m is None or m.pinned or grid.lay.is_gate[m.act] or grid.lay.need_series[need] >= 0:
        return None
    return m


def reseat(tally: Tally, need: int) -> bool:
    """Move one person to an open seat of another session: less late, in evener hours, at a less scarce time."""
    grid, lay = tally.grid, tally.grid.lay
    m = may_leave(grid, need)
    if m is None or len(m.att) <= lay.gmin[m.act]:
        return False
    agent, here = lay.need_agent[need], flags_at(tally, need, m.start)
    cost, days = tally.seat_cost(agent, m.act, m.start), tally.days_late(need, m.start)
    options = []
    for other in _around(grid, need, m, late=days > 0):
        if not grid.seats_left(other):
            continue
        hours = hours_change(tally, agent, here, flags_at(tally, need, other.start))
        key = (
            tally.days_late(need, other.start) - days,
            hours,
            tally.seat_cost(agent, m.act, other.start) - cost,
        )
        if key < (0, 0.0, 0):
            options.append((key, other.start, other.serial, other))
    if not options:
        return False
    mark = len(grid.journal)
    grid.leave(m, need)
    for *_, other in sorted(options)[:_OTHERS]:
        if grid.fits(need, other.start):
            grid.sit(other, need)
            return tally.judge(mark)
    grid.undo(mark)
    return False


def swap(tally: Tally, need: int) -> bool:
    """Let two people change places between two sessions: for a need that is late, or in hours its person has often."""
    grid, lay = tally.grid, tally.grid.lay
    m = may_leave(grid, need)
    if m is None:
        return False
    options = _late_options(tally, need, m) if m.start >= lay.due[need] else _prompt_options(tally, need, m)
    for _, _, _, their, other in options:
        mark = len(grid.journal)
        grid.leave(m, need)
        grid.leave(other, their)
        if seat_both(grid, (need, other), (their, m)) and tally.judge(mark):
            return True
        grid.undo(mark)
    return False


def _late_options(tally: Tally, need: int, m: Meeting) -> list[_Option]:
    """Give the most promising exchanges of a late need, with whom and in which meeting."""
    options: list[_Option] = []
    for other in _around(tally.grid, need, m, late=True):
        mine = _price(tally, need, m.start, other.start)
        if mine < _NOTHING:
            options += [(p, other.start, other.serial, n, o) for p, n, o in _partners(tally, mine, (need, m), other)]
    return sorted(options, key=_by_price)[:_OTHERS]


def _prompt_options(tally: Tally, need: int, m: Meeting) -> list[_Option]:
    """Give the most promising exchanges of a need that is on time and stays so, with whom and in which meeting.

    Nobody on time gains by coming into more such hours, so a meeting in no other hours than `m`, with nobody late,
    costs at least what it costs the need. Those are looked at from the cheapest on, until none can be among the best.
    """
    grid, lay = tally.grid, tally.grid.lay
    agent = lay.need_agent[need]
    flags = tally.flags[lay.agent_site[agent]]
    here = flags[m.start]
    costs = {here: 0.0}
    options: list[_Option] = []
    bounded: list[tuple[float, int, int, Meeting]] = []
    for other in _around(grid, need, m, late=False):
        there = flags[other.start]
        if there not in costs:
            costs[there] = hours_change(tally, agent, here, there)
        if (cost := costs[there]) >= 0:
            continue
        if there & ~here or not grid.late.isdisjoint(other.att):
            options += _offers(tally, cost, (need, m), other)
        else:
            bounded.append((cost, other.start, other.serial, other))
    bounded.sort(key=lambda row: row[:3])
    options.sort(key=_by_price)
    for cost, start, serial, other in bounded:
        if len(options) >= _OTHERS and options[_OTHERS - 1][:3] < ((0, 0, 0, cost), start, serial):
            break
        options = sorted(options[:_OTHERS] + _offers(tally, cost, (need, m), other), key=_by_price)
    return options[:_OTHERS]


def _offers(tally: Tally, cost: float, seat: tuple[int, Meeting], other: Meeting) -> list[_Option]:
    found = _partners(tally, (0, 0, 0, cost), seat, other)
    return [(price, other.start, other.serial, n, o) for price, n, o in found]


def _by_price(option: _Option) -> tuple[_Price, int, int, int]:
    return option[:4]


def _partners(
    tally: Tally, mine: _Price, seat: tuple[int, Meeting], other: Meeting
) -> Iterator[tuple[_Price, int, Meeting]]:
    """Give who could change places with a need so that the two together gain, with what it costs."""
    lay = tally.grid.lay
    need, m = seat
    flags = tally.flags[lay.agent_site[lay.need_agent[need]]]
    here, there = flags[m.start], flags[other.start]
    for n in other.att:
        if not lay.first[n] <= m.start < lay.last[n]:
            continue
        agent = lay.need_agent[n]
        if m.start < lay.due[n] and other.start < lay.due[n]:
            price = mine[0], mine[1], 0, mine[3] + hours_change(tally, agent, there, here)
        else:
            late, days, _, hours = _price(tally, n, other.start, m.start)
            people = tally.people.compare({lay.need_agent[need]: mine[0], agent: late})
            price = mine[0] + late, mine[1] + days, people, mine[3] + hours
        if price < _NOTHING:
            yield price, n, other


def seat_both(grid: Grid, one: tuple[int, Meeting], two: tuple[int, Meeting]) -> bool:
    """Seat two needs, the second as all stands after the first; what was seated stays when the second does not fit."""
    for need, m in (one, two):
        if not grid.fits(need, m.start):
            return False
        grid.sit(m, need)
    return True


def give_seat(tally: Tally, need: int) -> bool:
    """Seat a need that was left over; where no seat is open, one of a person served better is given to it.

    Who gives it up is seated elsewhere where that is possible, else left over instead.
    """
    grid, lay = tally.grid, tally.grid.lay
    act, agent = lay.need_act[need], lay.need_agent[need]
    if grid.at[need] is not None or lay.is_gate[act] or lay.need_series[need] >= 0:
        return False
    missing = tally.people.missing(agent)
    for m in grid.meetings_near(*group_of(grid, need), lay.first[need], lay.last[need]):
        if m.pinned:
            continue
        mark = len(grid.journal)
        if grid.seats_left(m) and grid.fits(need, m.start):
            grid.sit(m, need)
            if tally.judge(mark):
                return True
        for their in _givers(tally, m, need, missing):
            grid.leave(m, their)
            if grid.fits(need, m.start):
                grid.sit(m, need)
                _settle(tally, their)
                if tally.judge(mark):
                    return True
            grid.undo(mark)
    return False


def _givers(tally: Tally, m: Meeting, need: int, missing: float) -> Sequence[int]:
    """Give who could do without a seat: served no worse after it than the one it is for is now, best-served first."""
    lay = tally.grid.lay
    found = []
    for their in m.att:
        after = tally.people.missing(lay.need_agent[their], 1)
        if after <= missing and lay.weight[their] <= lay.weight[need] and lay.need_agent[their] != lay.need_agent[need]:
            found.append((after, their))
    return [their for _, their in sorted(found)[:_GIVERS]]


def _settle(tally: Tally, need: int) -> None:
    """Seat a need in the first open seat that it may take on time, if there is one."""
    grid, lay = tally.grid, tally.grid.lay
    for m in grid.meetings_near(*group_of(grid, need), lay.first[need], lay.prompt[need]):
        if not m.pinned and grid.seats_left(m) and grid.fits(need, m.start):
            grid.sit(m, need)
            return


def _around(grid: Grid, need: int, m: Meeting, *, late: bool) -> list[Meeting]:
    """Give the other meetings a need could be in: no later than on time, or than now when it is late."""
    lay = grid.lay
    end = m.start if late else lay.prompt[need]
    return [o for o in grid.meetings_near(*group_of(grid, need), lay.first[need], end) if o is not m and not o.pinned]


def _price(tally: Tally, need: int, before: int, after: int) -> _Price:
    """Give what a move of a need from a start to another costs."""
    old, new = tally.days_late(need, before), tally.days_late(need, after)
    agent = tally.grid.lay.need_agent[need]
    hours = hours_change(tally, agent, flags_at(tally, need, before), flags_at(tally, need, after))
    return (new > 0) - (old > 0), new - old, 0, hours


def flags_at(tally: Tally, need: int, start: int) -> int:
    """Give the bits of the hours in which a need would start."""
    lay = tally.grid.lay
    return tally.flags[lay.agent_site[lay.need_agent[need]]][start]


def hours_change(tally: Tally, agent: int, old: int, new: int) -> float:
    """Give about how the unevenness of hours changes when a person's seat goes from some hours to others.

    Seats in such hours are taken away where they are many; nobody is given more of them to be even with others.
    """
    if old == new:
        return 0.0
    cost, at = tally.hours.cost_of, agent * KINDS
    out = 0.0
    for i in BITS[old & ~new]:
        out += cost(at + i, -1)
    for i in BITS[new & ~old]:
        out += max(0.0, cost(at + i, 1))
    return out
