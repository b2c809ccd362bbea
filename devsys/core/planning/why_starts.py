"""All starts of a need's window, each with every rule that stands against it: not the first one only.

A start is a bit set of codes (`CODES`), one line of starts per way to be served: a new session of full size, the
sessions that may be joined, for a series also one that keeps neither its coach nor its days. Zero is a start at
which the need fits as the plan stands; a single bit is a rule that alone stands in the way there.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devsys.core.planning.grid import Meeting
from devsys.core.planning.improve import group_of
from devsys.core.planning.masks import runs
from devsys.core.planning.problem import DAY, WEEK
from devsys.core.planning.why_standing import Counts, Flags, Leading, Standing

Bits = NDArray[np.uint32]

# The later a code, the rather it is named where several stand alone against different starts: what is given comes
# first (when people work, who can lead, what the queue needs), then the person's own rules, then what others took.
CODES: Final = (
    "open_day",
    "at_work",
    "facilitator",
    "room",
    "coverage",
    "series",
    "prerequisite",
    "spacing",
    "one_place",
    "recovery",
    "dose",
    "full",
    "queue_taken",
    "leaders_taken",
    "rooms_taken",
    "companions",
)
BIT: Final = {code: 1 << i for i, code in enumerate(CODES)}
# Rules that other sessions stand behind: without those sessions they would not bind.
TAKEN: Final = frozenset(("one_place", "queue_taken", "leaders_taken", "rooms_taken"))
_MANY: Final = 1_000_000


def codes_of(bits: int) -> tuple[str, ...]:
    """Give the codes of a bit set, in order."""
    return tuple(code for code in CODES if bits & BIT[code])


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who could come to a new session at each start, the need's own person among them: by queue, and all.

    `spared` are those the queues can spare as they stand, `spared_base` with nothing planned.
    """

    by_pool: dict[int, Counts]
    people: Counts
    spared: Counts
    spared_base: Counts


class Starts:
    """One owed need over the starts `[first, end)`, by default those of its window, with what stands against each."""

    def __init__(self, standing: Standing, need: int, first: int | None = None, end: int | None = None) -> None:
        lay = standing.lay
        self.standing, self.lay, self.grid = standing, lay, standing.grid
        self.need = need
        self.act, self.agent = lay.need_act[need], lay.need_agent[need]
        self.site, self.pool = lay.agent_site[self.agent], lay.agent_pool[self.agent]
        self.length, self.rest = lay.length[self.act], lay.recovery[self.act]
        self.least = lay.gmin[self.act]
        asked = standing.problem.needs[need]
        frozen = max(0, standing.problem.frozen_until)
        self.first = max(asked.earliest, frozen) if first is None else max(first, frozen)
        self.end = min(asked.latest if end is None else end, standing.last_start(self.act))
        self.width = max(0, self.end - self.first)
        self.group = group_of(standing.grid, need)

    # ---- the person

    @cached_property
    def own(self) -> Bits:
        """What stands against the person alone at each start."""
        lay = self.lay
        out = np.zeros(self.width, dtype=np.uint32)
        self._mark(out, "open_day", ~lay.open[self.site][self.first : self.end])
        self._mark(out, "at_work", ~self.at_work)
        self._mark(out, "prerequisite", self._before_first_things())
        gap = lay.gap[lay.kind[self.act]]
        kind = lay.kind[self.act]
        for start, m in self._sessions():
            if gap and m.kind == kind:
                self._bar(out, "spacing", start - gap + 1, start + gap)
            if m.act >= 0:
                self._bar(out, "one_place", start - self.length + 1, m.end)
        if lay.any_recovery:
            self._recovery(out)
        self._dose(out)
        return out

    @cached_property
    def at_work(self) -> Flags:
        """Whether the person is at work for the whole session, by start."""
        row = self.lay.work_rows[self.agent, self.first : self.first + self.width + self.length - 1]
        return runs(row, self.length) > 0

    def _sessions(self) -> Iterator[tuple[int, Meeting]]:
        """Give the person's sessions that can matter to these starts, by start."""
        reach = max(WEEK, self.lay.gap[self.lay.kind[self.act]])
        entries = self.grid.of[self.agent]
        i = bisect_left(entries, (self.first - reach,))
        while i < len(entries) and entries[i][0] < self.end + reach:
            yield entries[i][0], entries[i][2]
            i += 1

    def _mark(self, out: Bits, code: str, barred: Flags) -> None:
        out[barred] |= BIT[code]

    def _bar(self, out: Bits, code: str, first: int, end: int) -> None:
        a, b = max(0, first - self.first), max(0, end - self.first)
        out[a:b] |= BIT[code]

    def _before_first_things(self) -> Flags:
        ready = 0
        for p in self.lay.before[self.need]:
            ends = [m.end for _, _, m in self.grid.of[self.agent] if m.act == p]
            ready = max(ready, min(ends, default=_MANY))
        return np.arange(self.first, self.end) < ready

    def _recovery(self, out: Bits) -> None:
        """Mark starts in the rest of a session, whose own rest reaches into one, or second intense ones of a day."""
        lay = self.lay
        for start, m in self._sessions():
            if m.act < 0:
                continue
            if lay.recovery[m.act]:
                self._bar(out, "recovery", m.end, m.end + lay.recovery[m.act])
            if self.rest:
                self._bar(out, "recovery", start - self.length - self.rest + 1, start - self.length + 1)
            if self.rest and lay.recovery[m.act] and 0 <= start < lay.slots:
                self._bar(out, "recovery", *lay.day_span[self.site][lay.day_of[self.site][start]])

    def _dose(self, out: Bits) -> None:
        rules = self.standing.problem.rules
        days = self.standing.day_of[self.site][self.first : self.end]
        used = self.standing.day_used[self.agent][days]
        self._mark(out, "dose", used + self.length > rules.day_slots)
        weeks = np.arange(self.first, self.end) // WEEK
        used = self.standing.week_used[self.agent][weeks]
        self._mark(out, "dose", used + self.length > rules.week_slots)

    # ---- who leads, where

    def leading(self, line: Leading) -> Bits:
        """Give what stands against having somebody to lead."""
        at_work, fit = line.at_work[self.first : self.end], line.fit[self.first : self.end]
        out = np.where(fit, 0, BIT["leaders_taken"]).astype(np.uint32)
        out[~at_work] = BIT["facilitator"]
        return out

    def _roomed(self, seats: Counts | int) -> Bits:
        """Give what stands against a room for so many people."""
        out = np.zeros(self.width, dtype=np.uint32)
        if self.standing.roomless(self.act):
            return out
        line = self.standing.seating(self.act, self.site)
        out[line.free[self.first : self.end] < seats] = BIT["rooms_taken"]
        out[line.open[self.first : self.end] < seats] = BIT["room"]
        return out

    # ---- the queue and those who come along

    @cached_property
    def waiting(self) -> Waiting:
        """Who could come along at each start, the need's own person always among them."""
        lines: dict[int, NDArray[np.uint8]] = {}
        for other in self.standing.waiting.get(self.group, ()) if self.lay.gmax[self.act] > 1 else ():
            agent = self.lay.need_agent[other]
            a, b = max(self.first, self.lay.first[other]), min(self.end, self.lay.last[other])
            if agent == self.agent or a >= b:
                continue
            line = lines.setdefault(agent, np.zeros(self.width, dtype=np.uint8))
            begin = self.lay.first[other]
            line[a - self.first : b - self.first] |= self.standing.row(other)[a - begin : b - begin]
        by_pool: dict[int, Counts] = defaultdict(lambda: np.zeros(self.width, dtype=np.int32))
        resting: dict[int, Counts] = defaultdict(lambda: np.zeros(self.width, dtype=np.int32))
        lines[self.agent] = np.ones(self.width, dtype=np.uint8)
        for agent, line in lines.items():
            by_pool[self.lay.agent_pool[agent]] += line
            if self.rest:
                resting[self.lay.agent_pool[agent]] += line & self._rests(agent)
        people: Counts = np.sum(list(by_pool.values()), axis=0, dtype=np.int32)
        spared, spared_base = (np.zeros(self.width, dtype=np.int32) for _ in range(2))
        for pool, count in by_pool.items():
            sparing, mine = self.standing.sparing(pool, self.act), pool == self.pool
            left, base = (
                (self.spare_left, self.spare_base) if mine else (self._cut(sparing.left), self._cut(sparing.base))
            )
            rest = resting[pool]
            spared += np.minimum(left, count - rest + np.minimum(rest, self._cut(sparing.rest_left)))
            spared_base += np.minimum(base, count - rest + np.minimum(rest, self._cut(sparing.rest_base)))
        return Waiting(dict(by_pool), people, spared, spared_base)

    def _cut(self, line: Counts) -> Counts:
        return line[self.first : self.end]

    def _rests(self, agent: int) -> Flags:
        return self.standing.rests(agent, self.act)[self.first : self.end]

    @cached_property
    def spare_left(self) -> Counts:
        """What the own queue can spare for the session itself; where the person is not at work, as if at work."""
        return self._spare(self.grid.spare_rows[self.pool], self.standing.sparing(self.pool, self.act).left)

    @cached_property
    def spare_base(self) -> Counts:
        """The same with nothing planned."""
        return self._spare(self.lay.spare[self.pool], self.standing.sparing(self.pool, self.act).base)

    def _spare(self, spare: NDArray[np.int16], line: Counts) -> Counts:
        """Count the person in where not at work: being at work adds one to the roster of the queue."""
        out = self._cut(line).copy()
        away = ~self.at_work
        if not away.any():
            return out
        reach = self.first + self.width + self.length - 1
        off = self.lay.work_rows[self.agent, self.first : reach] == 0
        more = (off & (self.standing.margin[self.pool, self.first : reach] >= 0)).astype(np.int16)
        out[away] = self.standing.least(spare[self.first : reach] + more, self.length)[away]
        return out

    @cached_property
    def mine_left(self) -> Flags:
        """The starts at which the own queue can spare the person, in the rest as well."""
        found = self.spare_left > 0
        if not self.rest:
            return found
        line = self._cut(self.standing.sparing(self.pool, self.act).rest_left)
        return found & (~self._rests(self.agent) | (line > 0))

    @cached_property
    def mine_base(self) -> Flags:
        """The same with nothing planned."""
        found = self.spare_base > 0
        if not self.rest:
            return found
        line = self._cut(self.standing.sparing(self.pool, self.act).rest_base)
        return found & (~self._rests(self.agent) | (line > 0))

    # ---- ways to be served

    def new(self) -> Bits:
        """Give what stands against a new session of full size at each start."""
        out = self.own | self.leading(self.standing.led(self.act, self.site))
        return out | self._gathered(self.waiting)

    def _gathered(self, waiting: Waiting) -> Bits:
        """Give what stands against the group: too few who could come, the queue, the room."""
        few = waiting.people < self.least
        mine, base = self.mine_left, self.mine_base
        queue = ~mine | (~few & (waiting.spared < self.least))
        could = base & (few | (waiting.spared_base >= self.least))
        out = np.where(queue, np.where(could, BIT["queue_taken"], BIT["coverage"]), 0).astype(np.uint32)
        out[few] |= BIT["companions"]
        return out | self._roomed(np.minimum(waiting.people, self.least))

    def smaller(self) -> tuple[Bits, Counts]:
        """Give what stands against a group below the minimum, and how many it would be; at least the person."""
        many = self.waiting.spared
        if not self.standing.roomless(self.act):
            many = np.minimum(many, self.standing.seating(self.act, self.site).free[self.first : self.end])
        out = self.own | self.leading(self.standing.led(self.act, self.site)) | np.uint32(BIT["companions"])
        ok = self.mine_left & (many > 0) & (many < self.least)
        out[~ok] = 0xFFFF
        return out, many

    def kept_series(self) -> Bits | None:
        """Give what stands against the next step of a series with the coach and the days of the step before.

        None when no step of the series was before. Where the coach could not lead at all the bit is `series`.
        """
        before = self.step_before()
        if before is None:
            return None
        low, high = self.standing.problem.rules.coach_gap_days
        out = self.own | np.uint32(BIT["series"])
        a = max(self.first, before.start + low * DAY) - self.first
        b = max(0, min(self.end, before.start + high * DAY + 1) - self.first)
        if a < b and before.fac in self.lay.facs_for[self.act, self.site]:
            led = self.leading(self.standing.leader(before.fac, self.act))
            led[led == BIT["facilitator"]] = BIT["series"]
            out[a:b] = (self.own | led)[a:b]
        return out | self._gathered(self.waiting)

    def lifted_series(self) -> Bits:
        """Give what stands against a step of a series whose order, days and coach do not count."""
        out = self.own | np.uint32(BIT["series"]) | self.leading(self.standing.led(self.act, self.site))
        return out | self._gathered(self.waiting)

    def step_before(self) -> Meeting | None:
        """Give the session of the step before, None when there is none or it is owed."""
        series = self.lay.need_series[self.need]
        steps = self.lay.steps.get(series, []) if series >= 0 else []
        k = steps.index(self.need) if self.need in steps else 0
        return self.grid.at[steps[k - 1]] if k else None

    def waits_for_step(self) -> bool:
        """Say whether an earlier step of the series is missing or owed."""
        series = self.lay.need_series[self.need]
        if series < 0:
            return False
        steps = self.lay.steps.get(series, [])
        if self.need not in steps:
            return True
        return any(self.grid.at[n] is None for n in steps[: steps.index(self.need)])

    def joins(self) -> list[tuple[int, Meeting]]:
        """Give what stands against each session that may be joined, and the session; not where its room is full."""
        out: list[tuple[int, Meeting]] = []
        if self.lay.gmax[self.act] == 1 or not self.width:
            return out
        for m in sorted(self.grid.meetings_near(*self.group, self.first, self.end), key=lambda m: (m.start, m.id)):
            people = {self.lay.need_agent[n] for n in m.att}
            if m.id not in self.standing.joinable or self.agent in people:
                continue
            if m.room >= 0 and len(m.att) >= self.lay.room_cap[m.room]:
                continue
            i = m.start - self.first
            bits = int(self.own[i])
            if not self.mine_left[i]:
                bits |= BIT["queue_taken" if self.mine_base[i] else "coverage"]
            if len(m.att) >= self.lay.gmax[self.act]:
                bits |= BIT["full"]
            out.append((bits, m))
        return out
