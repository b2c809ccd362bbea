"""A repair chosen exactly, where the quick one is not proved the best: CP-SAT over what was hurt and its neighbours.

What is lifted is chosen anew, everything else stands. A published time that is kept is worth more than all else
together, the facilitator who was published more than any need, so that the answer is the best in the order of wishes.
Where the whole calendar to come is small it is lifted as a whole, and the answer proves how few people can move.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from devsys.core.planning.board import Board, Meet
from devsys.core.planning.grid import LATE, PROMPT, Grid
from devsys.core.planning.layout import Layout
from devsys.core.planning.problem import DAY, WEEK, Problem, Session, Span
from devsys.core.planning.solver import Answer, Opened, choose, hold
from devsys.core.planning.spots import Place

STAYS, LEADS = 10_000_000, 20_000
# The whole calendar to come is lifted when it has no more needs, and starts to choose from, than these.
WHOLE_NEEDS, WHOLE_STARTS = 60, 30_000
# Needs lifted at most otherwise, and neighbours of one session.
MOST_NEEDS, BESIDE = 160, 10
# Needs lifted at all, with what hangs together with them: with more the solver finds nothing in the time it has.
MOST_TOGETHER = 2 * MOST_NEEDS
Group = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A calendar whose lifted sessions were chosen anew (None: nothing found), and the bound where it is known."""

    sessions: tuple[Session, ...] | None
    bound: int | None


def _only(problem: Problem, near: range) -> Problem:
    """Give the problem with everybody at work only in some slots and the day after them."""
    if near.start <= 0 and near.stop >= problem.slots:
        return problem

    def some(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        i = max(0, bisect_right(spans, (near.start, problem.slots)) - 1)
        return spans[i : bisect_left(spans, (near.stop + DAY, 0))]

    return replace(
        problem,
        agents=tuple(replace(a, work=some(a.work)) for a in problem.agents),
        facilitators=tuple(replace(f, work=some(f.work)) for f in problem.facilitators),
    )


class Exact:
    """A calendar from which nothing has been taken out, as the solver is asked about it."""

    def __init__(
        self, problem: Problem, sessions: Collection[Session], board: Board, now: int, locked: Collection[str] = ()
    ) -> None:
        """Begin with the board of the calendar, every session taken up; `locked` ones stay as they are."""
        self.problem = problem
        self.sessions = sessions
        self.board = board
        self.now = now
        self.open = {m.id: m for m in board.meets.values() if not m.fixed and m.start >= now and m.id not in locked}
        self.published = {n: m for m in self.open.values() for n in m.att if board.at.get(n) is m}

    # ---- what is lifted

    def whole(self) -> bool:
        """Say whether all that is to come is small enough to be chosen anew."""
        board = self.board
        if len(board.needs) > WHOLE_NEEDS:
            return False
        width = sum(max(0, min(n.latest, board.slots) - max(n.earliest, board.frozen)) for n in board.needs)
        # Steps that may not change after others that may are beyond what the solver is asked.
        return width <= WHOLE_STARTS and not any(
            board.needs[n].series is not None for n, m in board.at.items() if m.id not in self.open
        )

    def neighbours(self, hurt: Iterable[str]) -> set[str]:
        """Give the sessions to lift: those hurt, some of the same group or time, and what hangs together with them.

        None at all where that is too much.
        """
        out = {i for i in hurt if i in self.open}
        for name in sorted(out):
            m = self.open[name]
            near = [x for x in self.open.values() if x is not m and (self._same_time(x, m) or x.group == m.group)]
            near.sort(key=lambda x: (not self._same_time(x, m), abs(x.start - m.start), x.id))
            for x in near[:BESIDE]:
                if sum(len(self.open[i].att) for i in out) + len(x.att) <= MOST_NEEDS:
                    out.add(x.id)
        found = self._bound_together(out)
        return found if sum(len(self.open[i].att) for i in found) <= MOST_TOGETHER else set()

    @staticmethod
    def _same_time(x: Meet, m: Meet) -> bool:
        return x.start < m.end and m.start < x.end

    def _bound_together(self, names: set[str]) -> set[str]:
        """Add later steps of series, and what waits for a need that is lifted."""
        board = self.board
        while True:
            more: set[str] = set()
            for name in names:
                for n in self.open[name].att:
                    need = board.needs[n]
                    if need.series is not None:
                        more |= {m.id for k in board.steps(need.series) if (m := board.at.get(k)) is not None}
                    if (need.agent, need.act) in board.gates():
                        rows = board.rows(need.agent, 0, board.slots)
                        more |= {m.id for _, _, k, m in rows if need.act in board.unheld(k)}
            more = {i for i in more if i in self.open} - names
            if not more:
                return names
            names |= more

    # ---- asking

    def choose(
        self,
        lifted: Collection[str],
        *,
        whole: bool,
        quick: Collection[Session],
        lost: int,
        effort: float,
        seed: int,
        stop: Callable[[], bool],
    ) -> Chosen:
        """Give the best calendar with these sessions lifted; `whole`: from every start, which proves a bound.

        Needs that had no place get one only where a group needs them to be large enough. Where not all is lifted, no
        more than `lost` people may lose their published time, as in the calendar `quick`, with which the search begins.
        """
        free = {n for i in lifted for n in self.open[i].att}
        needs = [
            n
            for n in range(len(self.problem.needs))
            if n in free or (n not in self.board.seated and (whole or self._could_fill(n, lifted)))
        ]
        grid, standing = self._grid(lifted, range(self.board.slots) if whole else self._near(needs))
        lay = grid.lay
        needs = [n for n in needs if grid.at[n] is None]
        published = {(self._group(lay, self.open[i]), self.open[i].start): self.open[i].fac for i in lifted}
        seats = sum(n in self.published for n in free)
        # What is paid for other leaders comes off the value, so that much may be added for those who stay.
        paid = (LEADS + 1) * len(needs)
        answer = choose(
            grid,
            needs,
            least=None if whole else STAYS * (seats - lost) - paid - 1,
            starts=None if whole else self._starts(lay, lifted),
            worth=self._worth,
            price=lambda group, t, fac: self._price(published.get((group, t)), self.problem.facilitators[fac].id),
            hint=None if whole else self._hint(lay, quick, free),
            effort=effort,
            seed=seed,
            halt=stop,
        )
        if answer is None:
            return Chosen(None, None)
        bound = max(0, seats - (answer.bound + paid) // STAYS) if whole else None
        try:
            hold(grid, answer)
        except ValueError:  # inside the freeze window the question is wider than what may be done
            return Chosen(None, bound)
        return Chosen(self._read(grid, answer, standing, lifted), bound)

    def _could_fill(self, need: int, lifted: Collection[str]) -> bool:
        """Say whether somebody without a place could come to one of the lifted sessions at its published time."""
        n = self.problem.needs[need]
        if n.series is not None or n.act not in {self.open[i].act.id for i in lifted}:
            return False
        group = self.board.group_of(need)
        return any(m.group == group and n.earliest <= m.start < n.latest for m in (self.open[i] for i in lifted))

    def _grid(self, lifted: Collection[str], near: range) -> tuple[Grid, dict[int, str]]:
        """Give the calendar without the lifted sessions, and the ids of those that are open in it.

        What lies outside of `near` is left out, but for what comes first wherever it lies.
        """
        hanging = self._hanging()

        def matters(act: str, start: int) -> bool:
            return start in near or (act in hanging and start < near.stop)

        fixed = tuple(s for s in self.sessions if s.id not in self.open and matters(s.act, s.start))
        weeks = min(self.problem.weeks, near.stop // WEEK + 2)
        lay = Layout(replace(_only(self.problem, near), pinned=fixed, frozen_until=0, weeks=weeks))
        for n in range(len(lay.first)):
            m = self.published.get(n)
            first = max(lay.first[n], self.board.frozen)
            lay.first[n] = min(first, max(m.start, lay.first[n])) if m is not None else first
        grid = Grid(lay)
        ids: dict[int, str] = {}
        for name, m in self.open.items():
            if name in lifted or not matters(m.act.id, m.start):
                continue
            act, site, team = self._group(lay, m)
            room = lay.room_at.get(m.room, -1) if m.room is not None else -1
            meeting = grid.open_meeting(act, m.start, site=site, team=team, fac=lay.fac_at[m.fac], room=room)
            for n in m.att:
                grid.sit(meeting, n)
            ids[meeting.serial] = name
        return grid, ids

    @staticmethod
    def _hint(lay: Layout, quick: Collection[Session], free: Collection[int]) -> dict[int, Place]:
        """Give where a calendar seats those who are free."""
        return {
            n: (s.start, lay.fac_at[s.fac], lay.room_at[s.room] if s.room is not None else -1)
            for s in quick
            for n in s.att
            if n in free and s.fac in lay.fac_at
        }

    def _near(self, needs: Collection[int]) -> range:
        """Give the slots in which a session can share a week's dose with one for these needs, or be too near to it."""
        far = WEEK + DAY + max(self.board.gap.values(), default=0)
        mine = [self.problem.needs[n] for n in needs]
        starts = [m.start for n in needs if (m := self.published.get(n)) is not None]
        first, end = min((*starts, *(n.earliest for n in mine))), max((*starts, *(n.latest for n in mine)))
        return range(max(0, first - far), min(end + far, self.board.slots))

    def _hanging(self) -> frozenset[str]:
        """Give the activities whose sessions matter however long before: prerequisites and steps of series."""
        gates = {act for _, act in self.board.gates()}
        return frozenset(gates | {n.act for n in self.problem.needs if n.series is not None})

    def _group(self, lay: Layout, m: Meet) -> Group:
        act, site, team = m.group
        return lay.act_at[act], lay.site_at[site], lay.team_at[team] if team else -1

    def _starts(self, lay: Layout, lifted: Collection[str]) -> Mapping[Group, list[int]]:
        """Give the published starts of the lifted sessions, and for series a few days around them."""
        out: dict[Group, set[int]] = {}
        for name in lifted:
            m = self.open[name]
            rows = out.setdefault(self._group(lay, m), set())
            rows.add(m.start)
            if self.board.needs[m.att[0]].series is not None:
                rows.update(range(m.start - DAY, m.start + DAY + 1))
        return {group: sorted(rows) for group, rows in out.items()}

    def _worth(self, need: int, start: int) -> int:
        m = self.published.get(need)
        stays = m is not None and m.start == start
        if not stays and start < self.board.frozen:
            return 0
        prompt = start < self.problem.needs[need].due
        return STAYS * stays + self.board.weight(need) * (PROMPT if prompt else LATE)

    def _price(self, published: str | None, fac: str) -> int:
        return 1 if published is None or published == fac else LEADS

    # ---- reading the answer

    def _read(
        self, grid: Grid, answer: Answer, standing: Mapping[int, str], lifted: Collection[str]
    ) -> tuple[Session, ...] | None:
        """Give the calendar of an answer; None where somebody new would start inside the freeze window."""
        lay = grid.lay
        shown = {*standing.values(), *lifted}
        out = [s for s in self.sessions if s.id not in shown]
        for serial, name in standing.items():
            was = self.open[name].session()
            came = [n for n in grid.meetings[serial].att if n in self.published and n not in was.att]
            out.append(replace(was, att=(*was.att, *sorted(came))) if came else was)
        for name, opened in self._named(lay, answer.opened, lifted):
            group = self._needed(opened)
            stays = all(n in self.published and self.published[n].start == opened.start for n in group)
            if not stays and opened.start < self.board.frozen:
                return None
            if group:
                out.append(self._session(lay, name, replace(opened, needs=group)))
        return tuple(out)

    def _needed(self, opened: Opened) -> tuple[int, ...]:
        """Give the needs of an opened session that had a place, and others only up to the least of the group."""
        mine = [n for n in opened.needs if n in self.published]
        others = [n for n in opened.needs if n not in self.published]
        least = self.problem.activities[opened.group[0]].gmin
        return (*mine, *others[: max(0, least - len(mine))]) if mine else ()

    def _session(self, lay: Layout, name: str, opened: Opened) -> Session:
        act, site, _ = opened.group
        session = Session(
            id=name,
            act=self.problem.activities[act].id,
            start=opened.start,
            fac=self.problem.facilitators[opened.fac].id,
            room=lay.rooms[opened.room].id if opened.room >= 0 else None,
            site=self.problem.sites[site].id,
            att=tuple(sorted(opened.needs)),
        )
        if name not in self.open:
            return session
        was = self.open[name].session()
        same = (session.start, session.fac, set(session.att)) == (was.start, was.fac, set(was.att))
        if same and (session.room == was.room or not self.board.needs_room(self.board.acts[was.act])):
            return was
        return replace(session, room=was.room) if session.room is None else session

    def _named(self, lay: Layout, opened: Iterable[Opened], lifted: Collection[str]) -> list[tuple[str, Opened]]:
        """Give each opened session the id of a lifted one: at the same time, else of the same people; else a new id."""
        left = sorted(lifted)
        rows: list[tuple[str, Opened]] = []
        waiting = list(opened)
        for same_time in (True, False):
            for o in sorted(waiting, key=lambda o: (o.start, o.group, o.fac)):
                best = self._likest(lay, o, left, same_time=same_time)
                if best:
                    left.remove(best)
                    waiting.remove(o)
                    rows.append((best, o))
        number = 0
        for o in waiting:
            number += 1
            while f"r{number:05d}" in self.board.names:
                number += 1
            rows.append((f"r{number:05d}", o))
        return rows

    def _likest(self, lay: Layout, o: Opened, names: Iterable[str], *, same_time: bool) -> str:
        def shared(m: Meet) -> int:
            return len(set(m.att) & set(o.needs))

        fac = self.problem.facilitators[o.fac].id
        found = [
            m
            for m in (self.open[i] for i in names)
            if self._group(lay, m) == o.group and (m.start == o.start if same_time else shared(m) > 0)
        ]
        return max(found, key=lambda m: (m.fac == fac, shared(m), m.id)).id if found else ""
