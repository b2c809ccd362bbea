"""A session of a plan over all starts of its people's windows: which rules pass where, counted one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from devsys.base.words import phrase, phrases
from devsys.core.planning.problem import DAY, Figures, Plan, Problem, Session, Site
from devsys.core.planning.why_standing import Flags, Standing
from devsys.core.planning.why_starts import BIT, Starts
from devsys.core.planning.why_words import listed, spoken, window_words

_NO_FIGURES = Figures(needs=0, placed=0, on_time=0, late=0, owed=0, sessions=0, bound=0, share=0, violations=0)
_NOT_THERE = BIT["open_day"] | BIT["at_work"]
_MANY = 2


@dataclass(frozen=True, slots=True)
class Filter:
    """One rule over a session's starts, in words that follow "with".

    `starts` says at how many of those at which everybody is at work it passes, `line` at which it does.
    """

    words: str
    starts: int
    line: Flags


class SessionStarts:
    """A session lifted out of the plan, over the starts that lie in the windows of all its people."""

    def __init__(self, problem: Problem, plan: Plan, session: Session) -> None:
        """Lift the session; at least one need of the problem sits in it."""
        others = tuple(s for s in plan.sessions if s.id != session.id)
        free = replace(problem, frozen_until=0, pinned=())
        self.problem, self.session = problem, session
        self.standing = Standing(free, Plan(others, (), _NO_FIGURES), ())
        self.lay = lay = self.standing.lay
        self.act = lay.act_at[session.act]
        needs = [problem.needs[n] for n in session.att]
        self.first = max(0, *(n.earliest for n in needs))
        self.end = min(*(n.latest for n in needs), self.standing.last_start(self.act))
        self.site: Site = problem.sites[lay.agent_site[lay.need_agent[session.att[0]]]]
        self.filters: tuple[Filter, ...] = ()
        self.there: Flags = np.zeros(0, dtype=bool)
        self.all: Flags = self.there
        if self.first < self.end:
            self._count()

    def _count(self) -> None:
        own = [Starts(self.standing, n, self.first, self.end).own for n in self.session.att]
        self.there = np.all([bits & _NOT_THERE == 0 for bits in own], axis=0)
        free = np.all([bits & ~np.uint32(_NOT_THERE) == 0 for bits in own], axis=0)
        lines = [(self._people(), free), *self._series(), *self._queues(), *self._leader(), *self._room()]
        self.filters = tuple(Filter(words, int((self.there & line).sum()), line) for words, line in lines)
        self.all = np.logical_and.reduce([self.there, *(f.line for f in self.filters)])

    def _people(self) -> str:
        people = len(self.session.att)
        if people == 1:
            agent = self.problem.agents[self.lay.need_agent[self.session.att[0]]]
            return phrase("%(name)s free of other sessions", name=agent.label)
        if people > _MANY:
            return phrase("all %(count)s free of other sessions", count=spoken(people))
        return phrase("both free of other sessions")

    def _series(self) -> Iterator[tuple[str, Flags]]:
        """Give the days that other steps of a series leave."""
        low, high = self.problem.rules.coach_gap_days
        starts = np.arange(self.first, self.end)
        for n in self.session.att:
            series = self.lay.need_series[n]
            steps = self.lay.steps.get(series, []) if series >= 0 else []
            if n not in steps:
                continue
            i = steps.index(n)
            line = np.ones(len(starts), dtype=bool)
            for k, sign in ((i - 1, 1), (i + 1, -1)):
                m = self.standing.grid.at[steps[k]] if 0 <= k < len(steps) else None
                if m is not None:
                    days = (starts - m.start) * sign
                    line &= (low * DAY <= days) & (days <= high * DAY)
            yield phrase("%(low)s to %(high)s days between the steps", low=low, high=high), line

    def _queues(self) -> Iterator[tuple[str, Flags]]:
        """Give what each queue can spare: everybody for the session, and in its rest those who are at work then."""
        agents: dict[int, list[int]] = {}
        for n in self.session.att:
            agents.setdefault(self.lay.agent_pool[self.lay.need_agent[n]], []).append(self.lay.need_agent[n])
        length, rest = self.lay.length[self.act], self.lay.recovery[self.act]
        for pool, people in sorted(agents.items()):
            line = self.standing.sparing(pool, self.act).left[self.first : self.end] >= len(people)
            for slot in range(length, length + rest):
                a, b = min(self.first + slot, self.lay.slots), min(self.end + slot, self.lay.slots)
                there = self.lay.work_rows[people, a:b].sum(axis=0, dtype=np.int32)
                short = (there > 0) & (self.standing.grid.spare_rows[pool, a:b] < there)
                line[: b - a] &= ~short
            yield _to_spare(len(people), self.problem.pools[pool].label), line

    def _leader(self) -> Iterator[tuple[str, Flags]]:
        fac = self.lay.fac_at.get(self.session.fac)
        if fac is not None:
            line = self.standing.leader(fac, self.act).fit[self.first : self.end]
            yield phrase("%(leader)s free", leader=self.problem.facilitators[fac].label), line

    def _room(self) -> Iterator[tuple[str, Flags]]:
        room = self.lay.room_at.get(self.session.room) if self.session.room is not None else None
        if room is None or self.standing.roomless(self.act):
            return
        length, gap = self.lay.length[self.act], self.standing.grid.changeover
        line = np.ones(self.standing.last_start(self.act), dtype=bool)
        for a, b in self.lay.rooms[room].closed:
            line[max(0, a - length + 1) : max(0, b)] = False
        for m in self.standing.in_room.get(room, ()):
            line[max(0, m.start - length - gap + 1) : max(0, m.end + gap)] = False
        yield phrase("room %(room)s free", room=self.lay.rooms[room].label), line[self.first : self.end]

    # ---- what comes of it

    def scarce(self) -> tuple[Filter, ...]:
        """Give the one or two rules that leave the fewest starts, fewest first: at most half of what there is."""
        there = int(self.there.sum())
        found = sorted((f for f in self.filters if 2 * f.starts <= there), key=lambda f: f.starts)
        return tuple(found[:_MANY])

    def left(self) -> int:
        """Give at how many starts every rule passes."""
        return int(self.all.sum())

    def suits(self, start: int) -> bool:
        """Say whether every rule passes at a start."""
        return self.first <= start < self.end and bool(self.all[start - self.first])

    def window(self) -> str:
        """Give the days the starts lie in, in words."""
        return window_words(self.problem, self.site, self.first, self.end)

    def here(self) -> str:
        """Say what was scarce, as it goes on after "Here:"; empty where the session no longer suits everybody."""
        if not self.suits(self.session.start):
            return ""
        left, scarce = self.left(), self.scarce()
        if scarce:
            return phrases(
                "the only start with %(filters)s, %(window)s.",
                "one of %(num)s starts with %(filters)s, %(window)s.",
                left,
                num=left,
                filters=listed([f.words for f in scarce]),
                window=self.window(),
            )
        there, window = int(self.there.sum()), self.window()
        if left == there:
            return phrases(
                "all of %(num)s start at which everybody is at work would do, %(window)s; nothing is scarce.",
                "all of %(num)s starts at which everybody is at work would do, %(window)s; nothing is scarce.",
                there,
                window=window,
            )
        return phrases(
            "%(left)s of %(num)s start at which everybody is at work would do, %(window)s; nothing is scarce.",
            "%(left)s of %(num)s starts at which everybody is at work would do, %(window)s; nothing is scarce.",
            there,
            left=left,
            window=window,
        )

    def near(self, asked: int, beginning: int) -> Iterator[int]:
        """Give the starts at which every rule passes, the nearest to one asked for first, none before `beginning`."""
        columns = np.flatnonzero(self.all) + self.first
        columns = columns[(columns >= beginning) & (columns != self.session.start)]
        order = np.argsort(np.abs(columns - asked), kind="stable")
        yield from (int(c) for c in columns[order])


def _to_spare(people: int, pool: str) -> str:
    return phrases(
        "%(num)s to spare in %(pool)s", "%(num)s to spare in %(pool)s", people, num=spoken(people), pool=pool
    )
