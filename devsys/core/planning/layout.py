"""A problem in whole numbers: positions instead of ids, bytes and arrays instead of spans. Built once, then read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.problem import DAY, Agent, Problem, Site, Span

Marks = NDArray[np.uint8]
_ONES = tuple(b"\1" * n for n in range(DAY + 1))


def marks_of(rows: Iterable[Iterable[Span]], slots: int) -> bytearray:
    """Give one byte per row and slot, 1 within a span of the row."""
    lists = [tuple(row) for row in rows]
    out = bytearray(len(lists) * slots)
    for i, spans in enumerate(lists):
        base = i * slots
        for a, b in spans:
            first, end = max(a, 0), min(b, slots)
            if 0 < end - first <= DAY:
                out[base + first : base + end] = _ONES[end - first]
            elif first < end:
                out[base + first : base + end] = b"\1" * (end - first)
    return out


class Layout:
    """All of a problem by position; `slots` a row, `days` local days a row counted from `day_base` of the site."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.slots = problem.slots
        self.weeks = problem.weeks
        self._sites()
        self._people()
        self._activities()
        self._needs()
        self._facilitators()

    def _sites(self) -> None:
        sites = self.problem.sites
        self.site_at = {s.id: i for i, s in enumerate(sites)}
        self.pool_at = {p.id: i for i, p in enumerate(self.problem.pools)}
        self.pools_of = [[i for i, p in enumerate(self.problem.pools) if p.site == s.id] for s in sites]
        self.team_at = {t.id: i for i, t in enumerate(self.problem.teams)}
        self.rooms = [r for s in sites for r in s.rooms]
        self.room_at = {r.id: i for i, r in enumerate(self.rooms)}
        self.room_cap = [r.cap for r in self.rooms]
        self.rooms_of = [[self.room_at[r.id] for r in s.rooms] for s in sites]
        for rooms in self.rooms_of:
            rooms.sort(key=lambda r: self.room_cap[r])
        self.day_base: list[int] = []
        self.day_of: list[list[int]] = []
        self.day_span: list[dict[int, Span]] = []
        self.weekday: list[NDArray[np.int64]] = []
        self.clock: list[NDArray[np.int64]] = []
        self.open: list[NDArray[np.bool_]] = []
        self.days = 0
        for site in sites:
            self._calendar(site)

    def _calendar(self, site: Site) -> None:
        slots = self.slots
        if site.midnights is None:
            line = (np.arange(slots) + site.offset) // DAY
        else:
            line = np.searchsorted(np.array(site.midnights), np.arange(slots), side="right") - 1
        base = int(line[0])
        closed = np.isin(line, np.array(sorted(site.holidays), dtype=np.int64))
        can_open = ~closed & (np.arange(slots) >= self.problem.frozen_until)
        index = (line - base).tolist()
        spans: dict[int, Span] = {}
        for slot, day in enumerate(index):
            spans[day] = (spans[day][0] if day in spans else slot, slot + 1)
        self.day_base.append(base)
        self.day_of.append(index)
        first_day = self.problem.first_day
        self.weekday.append((line + (first_day.weekday() if first_day else 0)) % 7)
        clock = [site.minute_of(slot) // 30 for slot in range(slots)]
        self.clock.append(np.array(clock))
        self.day_span.append(spans)
        self.open.append(can_open)
        self.days = max(self.days, index[-1] + 1)

    def _people(self) -> None:
        problem = self.problem
        agents = problem.agents
        self.agent_at = {a.id: i for i, a in enumerate(agents)}
        self.agent_pool = [self.pool_at[a.pool] for a in agents]
        self.agent_team = [self.team_at[a.team] for a in agents]
        self.agent_site = [self.site_at[a.site] for a in agents]
        self.work = bytes(marks_of((a.work for a in agents), self.slots))
        self.work_rows = np.frombuffer(self.work, np.uint8).reshape(len(agents), self.slots)
        rostered = np.zeros((len(problem.pools), self.slots), dtype=np.int32)
        for i, pool in enumerate(self.agent_pool):
            rostered[pool] += self.work_rows[i]
        required = np.array([p.required[: self.slots] for p in problem.pools], dtype=np.int64)
        required = required.reshape(len(problem.pools), self.slots)
        self.rostered = rostered
        self.spare = np.minimum(np.maximum(rostered - required, 0), 30_000).astype(np.int16)

    def _activities(self) -> None:
        acts = self.problem.activities
        rules = self.problem.rules
        kinds = sorted({a.kind for a in acts} | {k for g in self.problem.agents for k, _ in g.last})
        kind_at = {k: i for i, k in enumerate(kinds)}
        self.kind_at = kind_at
        self.act_at = {a.id: i for i, a in enumerate(acts)}
        self.kind = [kind_at[a.kind] for a in acts]
        self.gap = [rules.min_gap_days.get(k, 0) * DAY for k in kinds]
        self.length = [a.length for a in acts]
        self.recovery = [a.recovery for a in acts]
        self.gmin = [a.gmin for a in acts]
        self.gmax = [a.gmax for a in acts]
        self.needs_room = [a.room and not a.online for a in acts]
        self.same_team = [a.same_team for a in acts]
        gates = {p for a in acts for p in a.prereq}
        self.is_gate = [a.id in gates for a in acts]
        self.gate_depth = [self._depth(a.id) for a in acts]
        self.any_recovery = any(self.recovery)

    def _depth(self, act: str) -> int:
        """Give how many steps of prerequisites lie before an activity (problems hold no loops)."""
        chain = {a.id: a.prereq for a in self.problem.activities}
        return max((1 + self._depth(p) for p in chain[act]), default=0)

    def _needs(self) -> None:
        needs = self.problem.needs
        rules = self.problem.rules
        acts = self.problem.activities
        self.need_agent = [self.agent_at[n.agent] for n in needs]
        self.need_act = [self.act_at[n.act] for n in needs]
        frozen = max(0, self.problem.frozen_until)
        self.first = [max(n.earliest, frozen) for n in needs]
        last = [self.slots - x + 1 for x in self.length]
        self.last = [min(n.latest, last[c]) for n, c in zip(needs, self.need_act, strict=True)]
        self.due = [n.due for n in needs]
        # Where the due slot lies after the latest start, every start in the window is on time.
        self.prompt = [min(d, x) for d, x in zip(self.due, self.last, strict=True)]
        self.weight = [n.priority or rules.weight_of(acts[c].kind) for n, c in zip(needs, self.need_act, strict=True)]
        self.series_at = {s.id: i for i, s in enumerate(self.problem.series)}
        self.need_series = [-1 if n.series is None else self.series_at[n.series] for n in needs]
        chains: dict[int, list[int]] = defaultdict(list)
        for i, s in enumerate(self.need_series):
            if s >= 0:
                chains[s].append(i)
        # Steps count from 0; what comes after a missing number waits for a step that nobody asked for.
        self.steps: dict[int, list[int]] = {}
        for s, chain in sorted(chains.items()):
            chain.sort(key=lambda i: needs[i].k)
            if kept := [i for k, i in enumerate(chain) if needs[i].k == k]:
                self.steps[s] = kept
            for i in chain[len(kept) :]:
                self.last[i] = self.prompt[i] = self.first[i]
        self.gate_needs: dict[tuple[int, int], list[int]] = defaultdict(list)
        for n, c in enumerate(self.need_act):
            if self.is_gate[c]:
                self.gate_needs[self.need_agent[n], c].append(n)
        wanted = {(a, c) for a, c in zip(self.need_agent, self.need_act, strict=True)}
        self.before = [
            self._unheld(self.problem.agents[a], c, wanted) for a, c in zip(self.need_agent, self.need_act, strict=True)
        ]

    def _unheld(self, agent: Agent, act: int, wanted: set[tuple[int, int]]) -> tuple[int, ...]:
        """Give the prerequisites of an activity that this person does not hold yet."""
        prereq = self.problem.activities[act].prereq
        if not prereq:
            return ()
        if agent.holds is not None:
            return tuple(self.act_at[p] for p in prereq if p not in agent.holds)
        me = self.agent_at[agent.id]
        return tuple(self.act_at[p] for p in prereq if (me, self.act_at[p]) in wanted)

    def _facilitators(self) -> None:
        facs = self.problem.facilitators
        self.fac_at = {f.id: i for i, f in enumerate(facs)}
        self.weekly = [f.weekly_slots for f in facs]
        self.fac_work = bytes(marks_of((f.work for f in facs), self.slots))
        self.ledable: dict[tuple[int, int], Marks] = {}
        self.facs_for: dict[tuple[int, int], list[int]] = {}
        for c, act in enumerate(self.problem.activities):
            for s, site in enumerate(self.problem.sites):
                able = [i for i, f in enumerate(facs) if act.id in f.quals and site.id in f.sites]
                able.sort(key=lambda i: (len(facs[i].quals), len(facs[i].sites), i))
                self.facs_for[c, s] = able
                self.ledable[c, s] = self._ledable(able, act.length)
        self.members: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for n, c in enumerate(self.need_act):
            agent = self.need_agent[n]
            team = self.agent_team[agent] if self.same_team[c] else -1
            self.members[c, self.agent_site[agent], team].append(n)

        self.coached_with = self._neighbours()

    def _neighbours(self) -> dict[int, list[int]]:
        """Give for each series those of the same site whose windows meet and who may want the same coach."""
        spans = {}
        for s, chain in self.steps.items():
            site = self.agent_site[self.need_agent[chain[0]]]
            facs = frozenset(self.facs_for[self.need_act[chain[0]], site])
            spans[s] = (min(self.first[n] for n in chain), max(self.last[n] for n in chain), facs)
        return {
            s: [t for t, (c, d, g) in spans.items() if t != s and a < d and c < b and f & g]
            for s, (a, b, f) in spans.items()
        }

    def _ledable(self, facs: Sequence[int], length: int) -> Marks:
        """Give 1 where some qualified facilitator is at work for the whole length."""
        rows = np.frombuffer(self.fac_work, np.uint8).reshape(-1, self.slots)
        out = np.zeros(self.slots, dtype=np.uint8)
        for f in facs:
            run = rows[f, : self.slots - length + 1].copy()
            for i in range(1, length):
                run &= rows[f, i : self.slots - length + 1 + i]
            out[: len(run)] |= run
        return out
