"""A peer: one CP-SAT model of the whole problem over the candidate sessions, maximising what is on time, then placed.

A Boolean for each candidate session and for each need in each of its candidates; all rules are linear rows over them.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ortools.sat.python import cp_model

from devsys.core.planning.problem import DAY, WEEK, Problem
from tests.bench.candidates import Choice
from tests.bench.first_fit import Book
from tests.bench.peer_plans import gates


def solve(
    problem: Problem, choice: Choice, *, seconds: float, seed: int = 0, workers: int = 2
) -> tuple[str, list[tuple[int, int]]]:
    """Give the solver's word on its answer, and `(need, place)` for each need it seats; none without a plan.

    `seconds` of processor time of this process, model building included.
    """
    began = time.process_time()
    model = _Model(problem, choice)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    over = threading.Event()

    def watch() -> None:
        while time.process_time() - began < seconds and not over.wait(0.2):
            pass
        solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    status = solver.solve(model.model)
    over.set()
    watcher.join()
    name = str(solver.status_name(status))
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return name, []
    return name, [key for key, x in model.sits.items() if solver.boolean_value(x)]


class _Model:
    """The variables and rows."""

    def __init__(self, problem: Problem, choice: Choice) -> None:
        self.problem, self.choice = problem, choice
        self.book = Book(problem)
        self.model = cp_model.CpModel()
        self.held = [self.model.new_bool_var("") for _ in choice.places]
        self.sits: dict[tuple[int, int], Any] = {
            (n, p): self.model.new_bool_var("") for n, options in enumerate(choice.options) for p in options
        }
        self._seats()
        self._places()
        self._people()
        self._order()
        self.model.maximize(
            sum((2 if choice.places[p].start < problem.needs[n].due else 1) * x for (n, p), x in self.sits.items())
        )

    def _at_most(self, rows: Iterable[tuple[Any, int]]) -> None:
        for terms, limit in rows:
            if len(terms) > limit or any(weight > 1 for _, weight in terms):
                self.model.add(sum(weight * x for x, weight in terms) <= limit)

    def _seats(self) -> None:
        in_place: dict[int, list[Any]] = defaultdict(list)
        for (_, p), x in self.sits.items():
            in_place[p].append(x)
        for p, place in enumerate(self.choice.places):
            self.model.add(sum(in_place[p]) <= place.most * self.held[p])
            self.model.add(sum(in_place[p]) >= place.least * self.held[p])
        for n, options in enumerate(self.choice.options):
            if len(options) > 1:
                self.model.add_at_most_one(self.sits[n, p] for p in options)

    def _places(self) -> None:
        taken: dict[tuple[str, int, int], list[Any]] = defaultdict(list)
        hours: dict[tuple[int, int], list[tuple[Any, int]]] = defaultdict(list)
        for p, place in enumerate(self.choice.places):
            hours[place.fac, place.start // WEEK].append((self.held[p], place.length))
            for slot in range(place.start, place.start + place.length):
                taken["fac", place.fac, slot].append(self.held[p])
                if place.room >= 0:
                    taken["room", place.room, slot].append(self.held[p])
        for rows in taken.values():
            if len(rows) > 1:
                self.model.add_at_most_one(rows)
        self._at_most((terms, self.problem.facilitators[f].weekly_slots) for (f, _), terms in hours.items())

    def _people(self) -> None:
        problem, book = self.problem, self.book
        queue: dict[tuple[str, int], list[tuple[Any, int]]] = defaultdict(list)
        busy: dict[tuple[str, int], list[Any]] = defaultdict(list)
        dose: dict[tuple[str, str, int], list[tuple[Any, int]]] = defaultdict(list)
        spaced: dict[tuple[str, str], dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for (n, p), x in self.sits.items():
            place, agent = self.choice.places[p], book.agents[problem.needs[n].agent]
            kind = book.acts[place.act].kind
            for slot in range(place.start, place.start + place.length):
                queue[agent.pool, slot].append((x, 1))
                busy[agent.id, slot].append(x)
            dose[agent.id, "day", book.sites[agent.site].day_of(place.start)].append((x, place.length))
            dose[agent.id, "week", place.start // WEEK].append((x, place.length))
            if kind in problem.rules.min_gap_days:
                spaced[agent.id, kind][place.start].append(x)
        self._at_most((terms, book.spare[pool][slot]) for (pool, slot), terms in queue.items())
        limits = {"day": problem.rules.day_slots, "week": problem.rules.week_slots}
        self._at_most((terms, limits[span]) for (_, span, _), terms in dose.items())
        for rows in busy.values():
            if len(rows) > 1:
                self.model.add_at_most_one(rows)
        for (_, kind), by_start in spaced.items():
            self._space(by_start, problem.rules.min_gap_days[kind] * DAY)

    def _space(self, by_start: dict[int, list[Any]], gap: int) -> None:
        """Say that of the starts within any stretch of `gap` slots at most one is taken."""
        starts = sorted(by_start)
        before = -1
        for i, first in enumerate(starts):
            last = i
            while last + 1 < len(starts) and starts[last + 1] < first + gap:
                last += 1
            if last > before:
                self.model.add_at_most_one(x for s in starts[i : last + 1] for x in by_start[s])
            before = last

    def _order(self) -> None:
        """Say what must have been held before: prerequisites, and the step before with the same coach."""
        problem, places = self.problem, self.choice.places
        first = gates(problem)
        steps = {(n.series, n.k): i for i, n in enumerate(problem.needs) if n.series is not None}
        low, high = (days * DAY for days in problem.rules.coach_gap_days)
        for (n, p), x in self.sits.items():
            need, place = problem.needs[n], places[p]
            for act in self.book.acts[need.act].prereq:
                gate = first[need.agent].get(act)
                if gate is not None:
                    options = self.choice.options[gate]
                    ended = [q for q in options if places[q].start + places[q].length <= place.start]
                    self.model.add(x <= sum(self.sits[gate, q] for q in ended))
            if need.series is not None and need.k:
                step = steps[need.series, need.k - 1]
                fits = [
                    q
                    for q in self.choice.options[step]
                    if places[q].fac == place.fac and low <= place.start - places[q].start <= high
                ]
                self.model.add(x <= sum(self.sits[step, q] for q in fits))
