"""Another time for a session that stands in the way, found from the lines of its people and tried with the seat."""

from collections import Counter
from dataclasses import replace
from typing import Final

import numpy as np

from devsys.core.planning.grid import Meeting
from devsys.core.planning.masks import able
from devsys.core.planning.problem import WEEK, Session
from devsys.core.planning.relax import Relax
from devsys.core.planning.why_fits import Seat
from devsys.core.planning.why_standing import Flags, Standing

_TRIES: Final = 4


def moved(standing: Standing, seat: Seat) -> Seat | None:
    """Give the seat with the one session it asks to be gone held at another time instead; None when there is none.

    Everybody of that session keeps to the window and is not served late for it; the session keeps who leads it.
    """
    gone = [r for r in seat.relaxes if r.gone]
    if len(gone) != 1 or len(gone[0].gone) != 1:
        return None
    m = next(x for x in standing.grid.meetings.values() if x.id == gone[0].gone[0])
    if m.id in standing.pins or not m.att or m.fac < 0:
        return None
    for start in _elsewhere(standing, m, seat):
        if (put := _held_at(standing, m, start)) is None:
            continue
        relax = Relax("competition", gone=(m.id,), put=(put,))
        other = replace(seat, relaxes=tuple(relax if r is gone[0] else r for r in seat.relaxes))
        if standing.trial.holds(other.relaxes, other.session):
            return other
    return None


def _elsewhere(standing: Standing, m: Meeting, seat: Seat) -> list[int]:
    """Give the nearest starts at which people and leader of a session are free and the queues can spare them."""
    lay = standing.lay
    prompt = all(m.start < lay.due[n] for n in m.att)
    ends = lay.prompt if prompt else lay.last
    first, end = max(lay.first[n] for n in m.att), min(ends[n] for n in m.att)
    if first >= end:
        return []
    line: Flags = able(standing.grid, m.att, m.act, first, end, skip=dict.fromkeys(m.att, m)).min(axis=0) > 0
    leader = standing.leader(m.fac, m.act)
    weeks = np.arange(first, end) // WEEK
    line &= leader.free[first:end] & (leader.fit[first:end] | (weeks == m.start // WEEK))
    for pool, people in Counter(lay.agent_pool[lay.need_agent[n]] for n in m.att).items():
        sparing = standing.sparing(pool, m.act)
        line &= (sparing.left[first:end] >= people) & (sparing.rest_left[first:end] >= people)
    length = lay.length[m.act] + lay.recovery[m.act]
    end_of_seat = seat.start + lay.length[lay.act_at[seat.session.act]]
    line[max(0, seat.start - length + 1 - first) : max(0, end_of_seat - first)] = False
    columns = np.flatnonzero(line)
    nearest = columns[np.argsort(np.abs(columns + first - m.start), kind="stable")]
    return [first + int(c) for c in nearest[:_TRIES]]


def _held_at(standing: Standing, m: Meeting, start: int) -> Session | None:
    """Give a session at another start, in its own room or the smallest other that is free."""
    lay, session = standing.lay, standing.session(m)
    if standing.roomless(m.act):
        return replace(session, start=start)
    for room in sorted(lay.rooms_of[m.site] if m.site >= 0 else [], key=lambda r: (r != m.room, lay.room_cap[r])):
        fits = lay.room_cap[room] >= len(m.att) and standing.room_open(room, m.act, start)
        if fits and all(x is m for x in standing.beside_room(room, m.act, start)):
            return replace(session, start=start, room=lay.rooms[room].id)
    return None
