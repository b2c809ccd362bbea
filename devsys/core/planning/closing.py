"""What single needs lack, settled one way or the other: more of them on time, or a proof that no plan has more.

A question begins with one need that is not on time. Could more of these needs be on time than are now, were the
organisation otherwise empty? If not, that is proved and becomes a row of the relaxation. If so, the answer is held:
whoever stands in its way is put aside and sought another seat by cheap moves, and where that fails all of them are
planned anew around everything else. Those for whom no other seat is found belong to the question, which is asked again
with them. So a question grows only by what is truly in the way, until the plan has more on time or no plan can have.
"""

from collections.abc import Callable, Iterable, Sequence

from devsys.core.planning.aside import Aside, Prices
from devsys.core.planning.construct import Group
from devsys.core.planning.exact import lift, replan
from devsys.core.planning.grid import Grid
from devsys.core.planning.improve import group_of
from devsys.core.planning.relaxation import Cut, Relaxation
from devsys.core.planning.solver import Opened, Purse, more_on_time

_LARGEST = 30_000  # seats in one question
_SIZES = 12, 30, 90  # needs in one question: first what is settled soon
_EFFORTS = 1.0, 3.0  # for one question: at first, and where that says nothing
_ANEW, _AROUND = 8, 0.5  # needs that are worth planning anew around everything else, and the effort for that
_SHARE = 0.3  # of the effort that is left, for the questions about one need
_NAMED = 24  # others of a group who are asked about by name, at most; of more only their number counts


def close(plan: Grid, relaxation: Relaxation, purse: Purse, tick: Callable[[], bool]) -> None:
    """Settle the needs that are not on time one after the other, until the bound is reached or no effort is left."""
    closing = _Closing(plan, relaxation, purse, tick)
    for largest in _SIZES:
        while not closing.ended() and closing.round(largest):
            pass


def _free(*_: object) -> int:
    return 0


class _Closing:
    def __init__(self, plan: Grid, relaxation: Relaxation, purse: Purse, tick: Callable[[], bool]) -> None:
        self.plan = plan
        self.lay = plan.lay
        self.relaxation = relaxation
        self.reach = relaxation.reach
        self.purse = purse
        self.tick = tick
        self.empty = Grid(plan.lay)
        self.waiting = self._askable()
        gated = {self.lay.need_agent[n] for n, act in enumerate(self.lay.need_act) if self.lay.is_gate[act]}
        self.resting = [n for n, a in enumerate(self.lay.need_agent) if a in gated and self.lay.before[n]]
        self.groups: dict[Group, list[int]] = {}
        for n in sorted(self.waiting):
            if self.lay.need_series[n] < 0:
                self.groups.setdefault(group_of(plan, n), []).append(n)

    def _askable(self) -> frozenset[int]:
        """Give the needs that can be asked about.

        No series in which more than one could sit, or with a step that stands before one that does not.
        """
        lay, waiting = self.lay, frozenset(self.relaxation.waiting)
        acts = set()
        series = {-1: False}
        for s, steps in lay.steps.items():
            shared = {lay.need_act[n] for n in steps if lay.gmax[lay.need_act[n]] > 1}
            free = [n in waiting for n in steps]
            acts |= shared
            series[s] = bool(shared) or free != sorted(free)
        return frozenset(
            n
            for n in waiting
            if not self.reach.never(n) and lay.need_act[n] not in acts and not series[lay.need_series[n]]
        )

    def ended(self) -> bool:
        """Say whether nothing is left to settle, or to settle it with."""
        return self.purse.left <= 0 or self.tick() or self.relaxation.on_time() <= self.plan.on_time

    def round(self, largest: int) -> bool:
        """Ask about each need that is not on time; True if one of them could be served."""
        gained = False
        for n in sorted(self.plan.owed | self.plan.late):
            if n not in self.waiting or not self.reach.prompt[n] or self._prompt(n) or self._is_proved(n):
                continue
            gained = self._about(n, largest) or gained
            if self.ended():
                return False
        return gained

    def _is_proved(self, need: int) -> bool:
        return any(need in cut.needs for cut in self.relaxation.cuts)

    def _prompt(self, need: int) -> bool:
        m = self.plan.at[need]
        return m is not None and m.start < self.lay.due[need]

    def _about(self, need: int, largest: int) -> bool:
        """Let a question grow around a need until it is settled; True if the plan has gained."""
        needs = self._whole({need})
        grown_by: list[frozenset[int]] = []
        enough = self.purse.left * (1 - _SHARE)
        while len(needs) <= largest and self.purse.left > enough and not self.tick():
            answer = self._ask(needs)
            if answer is None:
                return False
            if not answer:
                needs = self._without_idle(needs, grown_by)
                self.relaxation.cut(Cut(needs, sum(map(self._prompt, needs))))
                return False
            in_the_way = self._hold(needs, answer)
            grown = needs if in_the_way is None else self._whole(needs | in_the_way)
            if in_the_way is None or self._anew(grown):
                return True
            if grown == needs:
                return False
            grown_by.append(grown - needs)
            needs = grown
        return False

    def _anew(self, needs: frozenset[int]) -> bool:
        """Plan needs anew around everything else, where they are enough for that to be of use."""
        if len(needs) < _ANEW:
            return False
        lifted = [n for n in sorted(needs) if self.lay.need_series[n] < 0 and self.plan.at[n] is not None]
        return replan(self.plan, (lifted, sorted(needs)), (self.purse, _AROUND), self.tick)

    def _without_idle(self, needs: frozenset[int], grown_by: Sequence[frozenset[int]]) -> frozenset[int]:
        """Leave out what a proof does not rest on, so that few proofs meet: first what came together, then singly."""
        singly = [frozenset(self._with_steps(n)) for n in sorted(needs)]
        for some in [*reversed(grown_by), *singly]:
            lacking = {k for n in some & needs if not self._prompt(n) for k in self._with_steps(n)}
            idle = some & needs - lacking
            if idle and self.purse.left > 0 and self._ask(needs - idle, at_all=True) == ():
                needs -= idle
        return needs

    def _whole(self, needs: Iterable[int]) -> frozenset[int]:
        """Give needs with the other steps of their series, and all of what was proved of some of them."""
        out = {k for n in needs for k in self._with_steps(n)} & self.waiting
        for cut in self.relaxation.cuts:
            if not cut.needs.isdisjoint(out):
                out |= cut.needs
        return frozenset(out)

    def _with_steps(self, need: int) -> Iterable[int]:
        series = self.lay.need_series[need]
        return self.lay.steps[series] if series >= 0 else (need,)

    # ---- the question

    def _ask(self, needs: frozenset[int], *, at_all: bool = False) -> tuple[Opened, ...] | None:
        """Ask for sessions that have more of these needs on time; nothing where there are none, None if unknown.

        `at_all` asks only whether there are any, and not for such as cost others little.
        """
        plan = self.plan
        plan.settle()
        sat = {n: m for n in sorted(needs) if (m := plan.at[n]) is not None}
        had = sum(map(self._prompt, needs))
        if not at_all:
            lift(plan, list(sat))
        prices = None if at_all else Prices(plan, self.groups, needs, sat)
        company, named = self._company(needs)
        found = more_on_time(
            self.empty,
            needs,
            had,
            ready={n: self.reach.ready[n] for n in needs | company},
            named=needs | named,
            cost=prices.seat if prices else _free,
            cost_to_lead=prices.lead if prices else _free,
            hint={n: (m.start, m.fac, m.room) for n, m in sat.items()},
            largest=_LARGEST,
            efforts=_EFFORTS[:1] if at_all else _EFFORTS,
            purse=self.purse,
            halt=self.tick,
        )
        plan.undo()
        return found

    def _company(self, needs: frozenset[int]) -> tuple[set[int], set[int]]:
        """Give who could sit with these needs, and who of them is asked about by name."""
        lay = self.lay
        company: set[int] = set()
        named: set[int] = set()
        for group in {group_of(self.plan, n) for n in needs if lay.need_series[n] < 0}:
            if lay.gmin[group[0]] > 1:
                mine = [n for n in needs if group_of(self.plan, n) == group]
                a, b = min(lay.first[n] for n in mine), max(lay.prompt[n] for n in mine)
                there = [k for k in self.groups[group] if lay.first[k] < b and lay.last[k] > a]
                company.update(there)
                if len(there) <= _NAMED:
                    named.update(there)
        return company, named

    # ---- the answer

    def _hold(self, needs: frozenset[int], answer: Iterable[Opened]) -> set[int] | None:
        """Hold what was answered. None if the plan has gained; else it is as it was: give who stands in the way."""
        plan = self.plan
        plan.settle()
        worth, prompt = plan.worth, plan.on_time
        was = {n for n in self.waiting if self._prompt(n)}
        moved = [n for n in needs if plan.at[n] is not None]
        answer = sorted(answer, key=lambda new: new.start)
        aside = Aside(plan, self.empty, self.groups, frozenset(n for new in answer for n in new.needs))
        aside.lost.update(set(lift(plan, moved)) - needs)
        held = [aside.hold(new) for new in answer]
        aside.seat_again()
        if all(held) and plan.on_time > prompt and plan.worth > worth and not self._holes():
            plan.settle()
            return None
        lost = ({n for n in was if not self._prompt(n)} | aside.asked) - needs
        plan.undo()
        return (lost or aside.company - needs) & self.waiting

    def _holes(self) -> bool:
        """Say whether a step of a series stands without those before it, or a session before what it rests on."""
        plan, at = self.plan, self.plan.at
        rows = ([at[n] is None for n in steps] for steps in self.lay.steps.values())
        early = (not plan.is_ready(n, m.start) for n in self.resting if (m := at[n]) is not None and not m.pinned)
        return any(row != sorted(row) for row in rows) or any(early)
