"""A coaching series made whole again: as many steps as possible stay, the others are placed around them.

V_k(t) = v_k(t) + the best of V_{k+1} between the least and the most days after t: an exact choice of all steps for one
coach. A step that stays is worth more than all that can be had by moving it.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from devsys.core.planning.again import Places
from devsys.core.planning.board import NOBODY, Meet
from devsys.core.planning.problem import DAY, Activity, Facilitator
from devsys.core.planning.starts import bits

_STAYS, _SAME_COACH, _PROMPT, _LATE, _WISHED = 10_000_000, 100_000, 1_000, 300, 8
_TRIES = 8
Table = dict[int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its need, the session it had (None: none), its coach and room, and whether it may not change."""

    need: int
    meet: Meet | None = None
    fixed: bool = False
    fac: str = NOBODY
    room: str | None = None


def best_chain(tables: Sequence[Table], low: int, high: int, least: int) -> tuple[int, list[int]] | None:
    """Give the worth and the starts of the best beginning of a series, with at least `least` steps; None for none.

    `tables[k]` gives the worth of step k by start; `low` and `high` are the slots between two starts.
    """
    after: Table = {}
    done: list[Table] = []
    for k in range(len(tables) - 1, -1, -1):
        starts = sorted(after)
        here: Table = {}
        window: deque[int] = deque()
        i = 0
        for t in sorted(tables[k]):
            while i < len(starts) and starts[i] <= t + high:
                while window and after[window[-1]] < after[starts[i]]:
                    window.pop()
                window.append(starts[i])
                i += 1
            while window and window[0] < t + low:
                window.popleft()
            then = after[window[0]] if window else None
            if then is None:
                if k + 1 < least:
                    continue
                then = 0
            here[t] = tables[k][t] + (then if k + 1 < least else max(0, then))
        done.append(here)
        after = here
    done.reverse()
    if not done or not done[0]:
        return None
    return max(done[0].values()), _follow(done, tables, low, high)


def _follow(done: Sequence[Table], tables: Sequence[Table], low: int, high: int) -> list[int]:
    """Read the starts of the best series from the tables of what is still to come."""
    t = max(done[0], key=lambda s: (done[0][s], -s))
    out = [t]
    for k in range(1, len(done)):
        rest = done[k - 1][t] - tables[k - 1][t]
        if rest <= 0:
            break
        starts = sorted(done[k])
        near = starts[bisect_left(starts, t + low) : bisect_right(starts, t + high)]
        t = next(s for s in near if done[k][s] == rest)
        out.append(t)
    return out


class Chains:
    """Series of a board, each planned anew with what stands kept where it can be."""

    def __init__(self, places: Places, now: int) -> None:
        self.places = places
        self.board = places.board
        self.now = now
        self.never: Mapping[int, int] = {}
        self.still: Collection[str] = ()
        self.low, self.high = (d * DAY for d in self.board.rules.coach_gap_days)

    def mend(
        self,
        series: str,
        lost: Mapping[int, Meet],
        banned: Mapping[str, str],
        *,
        never: Mapping[int, int] = MappingProxyType({}),
        still: Collection[str] = (),
    ) -> bool:
        """Place the steps of a series that may change; what stands and can stay does.

        `lost` are steps taken out before, with the session they had; `banned` gives by session the coach who can no
        longer lead it, `never` by need a start that is not wanted; sessions in `still` keep time and coach. Steps
        that find no place are left out; a series of groups is left as it is. False when steps that may not change
        stand in the way of any order; then nothing is changed.
        """
        self.never = never
        self.still = still
        board = self.board
        steps = [self._step(n, lost) for n in board.steps(series)]
        grouped = any(board.acts[board.needs[s.need].act].gmin > 1 for s in steps)
        if not steps or grouped or any(s.meet is not None and len(s.meet.att) > 1 for s in steps):
            return True
        mark = len(board.journal)
        for s in steps:
            if s.meet is not None and not s.fixed and s.meet.id in board.meets:
                board.remove(s.meet)
        rows: list[tuple[int, int, Facilitator]] = []
        for coach in self._coaches(steps):
            found = best_chain(self._tables(steps, coach, banned), self.low, self.high, self._least(steps))
            if found is not None:
                rows.append((-found[0], len(rows), coach))
        for _, _, coach in sorted(rows):
            if self._book(steps, coach, banned):
                return True
        if self._least(steps):
            board.undo(mark)
            return False
        return True

    def _step(self, need: int, lost: Mapping[int, Meet]) -> Step:
        m = self.board.where(need) or lost.get(need)
        if m is None:
            return Step(need)
        fac, room = (m.was.fac, m.was.room) if m.was else (m.fac, m.room)
        return Step(need, m, m.fixed or m.start < self.now or m.id in self.still, fac, room)

    def _least(self, steps: Sequence[Step]) -> int:
        return max((k + 1 for k, s in enumerate(steps) if s.fixed), default=0)

    def _coaches(self, steps: Sequence[Step]) -> list[Facilitator]:
        """Give who may lead: the coach of the steps that may not change, else all who can lead the first step."""
        board = self.board
        for s in steps:
            if s.fixed:
                return [f] if (f := board.facs.get(s.fac)) else []
        site = board.agent_of(steps[0].need).site
        had = next((s.fac for s in steps if s.meet is not None), NOBODY)
        able = board.leaders(board.needs[steps[0].need].act, site)
        return sorted(able, key=lambda f: f.id != had)

    def _tables(self, steps: Sequence[Step], coach: Facilitator, banned: Mapping[str, str]) -> list[Table]:
        return [self._table(s, coach, banned) for s in steps]

    def _table(self, s: Step, coach: Facilitator, banned: Mapping[str, str]) -> Table:
        """Give the worth of each start of a step with a coach."""
        board, need = self.board, self.board.needs[s.need]
        if s.fixed and s.meet is not None:
            return {s.meet.start: _STAYS}
        act, agent = board.acts[need.act], board.agents[need.agent]
        starts = self.places.starts
        first, end = starts.window(s.need)
        out: Table = {}
        if first < end and coach in board.leaders(act.id, agent.site):
            mask = starts.of_need(s.need, first, end)
            mask &= starts.of_leader(coach, act, first, end) if mask else 0
            if mask and board.needs_room(act):
                mask &= starts.housed(act, agent.site, first, end)
            site, pref = board.sites[agent.site], self._wishes(need.series)
            for at in bits(mask):
                t = first + at
                worth = _PROMPT if t < need.due else _LATE
                if pref:
                    day, clock = site.day_of(t) % 7, site.minute_of(t) // 30
                    worth += _WISHED * any(d == day and a <= clock < b for d, a, b in pref)
                out[t] = worth
        if s.meet is not None and self._may_stay(s, coach, banned):
            t = s.meet.start
            same = _SAME_COACH * (coach.id == s.fac)
            out[t] = _STAYS + same + (_PROMPT if t < need.due else _LATE)
        out.pop(self.never.get(s.need, -1), None)
        return out

    def _may_stay(self, s: Step, coach: Facilitator, banned: Mapping[str, str]) -> bool:
        """Say whether a step can stay at its time with a coach, inside the freeze window too."""
        board, m = self.board, s.meet
        if m is None or banned.get(m.id) == coach.id or coach not in board.leaders(m.act.id, m.group[1]):
            return False
        need = board.needs[s.need]
        agent = board.agents[need.agent]
        if not need.earliest <= m.start < need.latest or need.act != m.act.id:
            return False
        return (
            board.suits(agent, m.act, m.start)
            and board.spared(agent, m.act, m.start)
            and board.ready(s.need, m.start)
            and any(board.can_lead(coach, m.act, m.start, room) for room in self._rooms(s, m.act, m.start))
        )

    def _rooms(self, s: Step, act: Activity, start: int) -> list[str | None]:
        """Give the rooms a step could be in at a start, its own first; None alone where it needs none."""
        board = self.board
        if not board.needs_room(act):
            return [None]
        free = board.rooms_for(act, board.agent_of(s.need).site, start, 1)
        return sorted(free, key=lambda r: r != s.room)

    def _wishes(self, series: str | None) -> tuple[tuple[int, int, int], ...]:
        return next((s.pref for s in self.board.problem.series if s.id == series), ())

    def _book(self, steps: Sequence[Step], coach: Facilitator, banned: Mapping[str, str]) -> bool:
        """Book the best series with a coach; a start that a further rule forbids is struck out."""
        board = self.board
        tables = self._tables(steps, coach, banned)
        mark = len(board.journal)
        for _ in range(_TRIES):
            found = best_chain(tables, self.low, self.high, self._least(steps))
            if found is None:
                return False
            bad = -1
            for k, (s, t) in enumerate(zip(steps, found[1], strict=False)):
                if not s.fixed and not self._seat(s, t, coach):
                    bad = k
                    break
            if bad < 0:
                return True
            board.undo(mark)
            del tables[bad][found[1][bad]]
        return False

    def _seat(self, s: Step, start: int, coach: Facilitator) -> bool:
        """Book one step; False when a rule forbids it after all."""
        board, need, had = self.board, self.board.needs[s.need], s.meet
        act, agent = board.acts[need.act], board.agents[need.agent]
        stays = had is not None and had.start == start
        fine = board.suits(agent, act, start) and board.spared(agent, act, start) and board.ready(s.need, start)
        if not fine or not (stays or board.fits(s.need, start)):
            return False
        for room in self._rooms(s, act, start):
            if board.can_lead(coach, act, start, room):
                name = had.id if had else self.places.new_id()
                m = Meet(name, act, start, board.group_of(s.need), had.was if had else None)
                m.fac, m.room = coach.id, room
                board.enter(m)
                board.sit(m, s.need)
                return True
        return False
