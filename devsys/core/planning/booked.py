"""What a grid has booked beside the pins, as bytes: to go on elsewhere, and to be read as sessions.

Each meeting is a row of whole numbers: activity, start, site, team, facilitator, room, the number of needs, and the
needs, all by position in the problem (rooms counted through its sites); team and room are -1 for none.
"""

from array import array
from collections.abc import Iterator

from devsys.core.planning.grid import Grid
from devsys.core.planning.problem import Problem, Session

_HEAD = 7


def written(grid: Grid) -> bytes:
    """Give the meetings of a grid that are not pinned, in the order in which they were opened."""
    flat = array("i")
    for m in sorted(grid.meetings.values(), key=lambda m: m.serial):
        if not m.pinned:
            flat.extend((m.act, m.start, m.site, m.team, m.fac, m.room, len(m.att), *m.att))
    return flat.tobytes()


def lay_out(grid: Grid, state: bytes) -> None:
    """Book what was written from a grid of the same problem into one that has only the pins."""
    for (act, start, site, team, fac, room), needs in _rows(state):
        meeting = grid.open_meeting(act, start, site=site, team=team, fac=fac, room=room)
        for need in needs:
            grid.sit(meeting, need)
    grid.settle()


def sessions_in(problem: Problem, state: bytes) -> Iterator[Session]:
    """Give what was written as sessions without ids."""
    rooms = [r.id for s in problem.sites for r in s.rooms]
    for (act, start, site, _team, fac, room), needs in _rows(state):
        yield Session(
            id="",
            act=problem.activities[act].id,
            start=start,
            fac=problem.facilitators[fac].id,
            room=rooms[room] if room >= 0 else None,
            site=problem.sites[site].id,
            att=tuple(sorted(needs)),
        )


def _rows(state: bytes) -> Iterator[tuple[tuple[int, ...], "array[int]"]]:
    flat = array("i")
    flat.frombytes(state)
    i = 0
    while i < len(flat):
        end = i + _HEAD + flat[i + _HEAD - 1]
        yield tuple(flat[i : i + _HEAD - 1]), flat[i + _HEAD : end]
        i = end


def canonical(grid: Grid) -> None:
    """Put the books of a grid into the order they would have, were its meetings laid out anew.

    So it makes no difference whether a run goes on with its own grid or elsewhere with what was written from it.
    """
    grid.settle()
    grid.meetings = dict(sorted(grid.meetings.items()))
    for meetings in grid.around.values():
        meetings.sort(key=lambda m: m.serial)
    for place, meetings_of_week in grid.site_week.items():
        grid.site_week[place] = dict(sorted(meetings_of_week.items()))
