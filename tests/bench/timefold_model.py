"""A peer: Timefold's Python package. `python timefold_model.py IN.json OUT.json` in an environment of its own.

IN holds what tests.bench.peer_plans.py wrote; OUT gets for each need the position of its candidate session or -1.
The model: a planning entity is a need, its variable one of the candidate sessions it may sit in, or none. Constraints
are streams, scored step by step: hard what no plan may break; medium what is not served, not served on time, or sits
in a group below its minimum (less for each companion, so that groups grow); soft the number of sessions. Construction
heuristic first fit in the order of due dates, then tabu search with moves and swaps.
"""

import json
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from _jpyinterpreter import get_default_jvm_path
from timefold.solver import SolverFactory
from timefold.solver._timefold_java_interop import init

TASK = json.loads(Path(sys.argv[1]).read_text("utf-8"))
init(get_default_jvm_path(), f"-Xmx{TASK['memory_mb']}m", "-Xss4m", "-XX:+UseSerialGC")

from timefold.solver.config import (  # noqa: E402
    Duration,
    EnvironmentMode,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)
from timefold.solver.domain import (  # noqa: E402
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (  # noqa: E402
    Constraint,
    ConstraintCollectors,
    ConstraintFactory,
    HardMediumSoftScore,
    Joiners,
    constraint_provider,
)


@dataclass(eq=False)
class Cell:
    """A queue in one slot and how many it can spare."""

    spare: int


@dataclass(eq=False)
class Hold:
    """A facilitator or a room in one slot."""

    name: int


@dataclass(eq=False)
class Hours:
    """A facilitator in one week, and the slots allowed."""

    limit: int


@dataclass(eq=False)
class Place:
    """A candidate session."""

    id: Annotated[int, PlanningId]
    start: int
    end: int
    length: int
    fac: int
    least: int
    most: int
    day: int
    week: int
    hours: Hours
    holds: list[Hold]
    cells: list[list[Cell]]


@planning_entity
@dataclass(eq=False)
class Need:
    """A need and where it sits."""

    id: Annotated[int, PlanningId]
    agent: int
    queue: int
    kind: int
    gap: int
    due: int
    gate: int
    after: int
    least_gap: int
    most_gap: int
    options: Annotated[list[Place], ValueRangeProvider]
    place: Annotated[Place | None, PlanningVariable(allows_unassigned=True)] = field(default=None)


@planning_solution
@dataclass
class Year:
    """All needs."""

    places: Annotated[list[Place], ProblemFactCollectionProperty]
    needs: Annotated[list[Need], PlanningEntityCollectionProperty]
    score: Annotated[HardMediumSoftScore | None, PlanningScore] = field(default=None)


def clash(a: Need, b: Need) -> bool:
    if a.place.start < b.place.end and b.place.start < a.place.end:
        return True
    if a.kind != b.kind:
        return False
    return abs(a.place.start - b.place.start) < a.gap


def broken_step(before: Need, step: Need) -> bool:
    if before.place is None:
        return True
    days = step.place.start - before.place.start
    return days < step.least_gap or days > step.most_gap or before.place.fac != step.place.fac


def before_gate(need: Need, gate: Need) -> bool:
    return gate.place is None or gate.place.end > need.place.start


# Of late acceptance, that with moves of whole groups, and tabu search, the last had most on time on a small instance.
PHASES = """
<solver xmlns="https://timefold.ai/xsd/solver">
  <constructionHeuristic><constructionHeuristicType>FIRST_FIT</constructionHeuristicType></constructionHeuristic>
  <localSearch><localSearchType>TABU_SEARCH</localSearchType></localSearch>
</solver>
"""
DAY_SLOTS, WEEK_SLOTS, UNSERVED, LATE = TASK["day_slots"], TASK["week_slots"], 100, 50


@constraint_provider
def rules(factory: ConstraintFactory) -> list[Constraint]:
    hard, medium, soft = HardMediumSoftScore.ONE_HARD, HardMediumSoftScore.ONE_MEDIUM, HardMediumSoftScore.ONE_SOFT
    return [
        factory.for_each(Need)
        .flatten_last(lambda n: n.place.cells[n.queue])
        .group_by(lambda cell: cell, ConstraintCollectors.count())
        .filter(lambda cell, count: count > cell.spare)
        .penalize(hard, lambda cell, count: count - cell.spare)
        .as_constraint("coverage"),
        factory.for_each(Need)
        .group_by(lambda n: n.place, ConstraintCollectors.count())
        .filter(lambda place, count: count > place.most)
        .penalize(hard, lambda place, count: count - place.most)
        .as_constraint("group too large"),
        factory.for_each(Need)
        .group_by(lambda n: n.place)
        .flatten_last(lambda place: place.holds)
        .group_by(lambda hold: hold, ConstraintCollectors.count())
        .filter(lambda _hold, count: count > 1)
        .penalize(hard, lambda _hold, count: count - 1)
        .as_constraint("facilitator and room in one place"),
        factory.for_each(Need)
        .group_by(lambda n: n.place)
        .group_by(lambda place: place.hours, ConstraintCollectors.sum(lambda place: place.length))
        .filter(lambda hours, total: total > hours.limit)
        .penalize(hard, lambda hours, total: total - hours.limit)
        .as_constraint("facilitator hours"),
        factory.for_each_unique_pair(Need, Joiners.equal(lambda n: n.agent))
        .filter(clash)
        .penalize(hard)
        .as_constraint("person in one place, and spacing"),
        factory.for_each(Need)
        .group_by(lambda n: n.agent, lambda n: n.place.day, ConstraintCollectors.sum(lambda n: n.place.length))
        .filter(lambda _agent, _day, total: total > DAY_SLOTS)
        .penalize(hard, lambda _agent, _day, total: total - DAY_SLOTS)
        .as_constraint("dose a day"),
        factory.for_each(Need)
        .group_by(lambda n: n.agent, lambda n: n.place.week, ConstraintCollectors.sum(lambda n: n.place.length))
        .filter(lambda _agent, _week, total: total > WEEK_SLOTS)
        .penalize(hard, lambda _agent, _week, total: total - WEEK_SLOTS)
        .as_constraint("dose a week"),
        factory.for_each(Need)
        .filter(lambda n: n.gate >= 0)
        .join(factory.for_each_including_unassigned(Need), Joiners.equal(lambda n: n.gate, lambda g: g.id))
        .filter(before_gate)
        .penalize(hard)
        .as_constraint("first things first"),
        factory.for_each(Need)
        .filter(lambda n: n.after >= 0)
        .join(factory.for_each_including_unassigned(Need), Joiners.equal(lambda n: n.after, lambda b: b.id))
        .filter(lambda n, b: broken_step(b, n))
        .penalize(hard)
        .as_constraint("series"),
        factory.for_each_including_unassigned(Need)
        .filter(lambda n: n.place is None)
        .penalize(medium, lambda _n: UNSERVED)
        .as_constraint("unserved"),
        factory.for_each(Need)
        .filter(lambda n: n.place.start >= n.due)
        .penalize(medium, lambda _n: LATE)
        .as_constraint("late"),
        factory.for_each(Need)
        .group_by(lambda n: n.place, ConstraintCollectors.count())
        .filter(lambda place, count: count < place.least)
        .penalize(medium, lambda _place, count: UNSERVED * count - 10 * count * count)
        .as_constraint("group too small"),
        factory.for_each(Need).group_by(lambda n: n.place).penalize(soft).as_constraint("sessions"),
    ]


def year() -> Year:
    cells: dict[tuple[int, int], Cell] = {}
    holds: dict[tuple[int, int], Hold] = {}
    hours: dict[tuple[int, int], Hours] = {}

    def cell(queue: int, slot: int) -> Cell:
        return cells.setdefault((queue, slot), Cell(TASK["spare"][queue][slot]))

    def hold(who: int, slot: int) -> Hold:
        return holds.setdefault((who, slot), Hold(who))

    places = []
    rooms = len(TASK["weekly"])
    for i, row in enumerate(TASK["places"]):
        start, length, fac, room, least, most, day, queues = row
        span = range(start, start + length)
        limit = hours.setdefault((fac, start // 336), Hours(TASK["weekly"][fac]))
        taken = [hold(fac, s) for s in span] + ([hold(rooms + room, s) for s in span] if room >= 0 else [])
        mine = [[cell(q, s) for s in span] for q in queues]
        places.append(Place(i, start, start + length, length, fac, least, most, day, start // 336, limit, taken, mine))
    needs = [Need(*row[:-1], [places[i] for i in row[-1]]) for row in TASK["needs"]]
    return Year(places, needs)


def watch(solver: Any, began: float) -> None:
    """End the search when its share of processor time is used up."""
    while time.process_time() - began < TASK["seconds"]:
        time.sleep(0.2)
    solver.terminate_early()


def main() -> None:
    config = SolverConfig(
        solution_class=Year,
        entity_class_list=[Need],
        random_seed=TASK["seed"],
        score_director_factory_config=ScoreDirectorFactoryConfig(constraint_provider_function=rules),
        termination_config=TerminationConfig(spent_limit=Duration(hours=3)),
        environment_mode=EnvironmentMode.NO_ASSERT,
        xml_source_text=PHASES,
    )
    problem = year()
    solver = SolverFactory.create(config).build_solver()
    began = time.process_time()
    threading.Thread(target=watch, args=(solver, began), daemon=True).start()
    found = solver.solve(problem)
    spent = time.process_time() - began
    answer = {
        "seats": [n.place.id if n.place is not None else -1 for n in found.needs],
        "score": str(found.score),
        "cpu": spent,
    }
    Path(sys.argv[2]).write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    main()
