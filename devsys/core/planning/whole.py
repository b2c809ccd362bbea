"""A run over several parts: each drawn here or by a crew, the best so far always at hand, put together at the end."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from devsys.base.words import phrase
from devsys.core.planning.booked import sessions_in
from devsys.core.planning.check import check
from devsys.core.planning.crew import Crew, Foreman, Line
from devsys.core.planning.parts import Part, join
from devsys.core.planning.problem import Figures, Plan, Problem, Progress
from devsys.core.planning.quality import fairness
from devsys.core.planning.run import READING, STAGES, Run, silent, unswept

# Runs that wait in this process between their first plan and the rest, at most: slots of a year of so many people. It
# saves laying their plans out anew, and takes about three bytes a slot.
_WAITING_SLOTS = 80_000_000

# What a part has come to: what is booked (see `booked`), and the figures once it is finished.
Stood = tuple[bytes, Figures | None]


@dataclass(frozen=True, slots=True)
class Terms:
    """How a plan is drawn."""

    seed: int
    rounds: int
    construct_only: bool


@dataclass(frozen=True, slots=True)
class Stint:
    """A task: some parts, each with its place among all and what is booked already, and how far to go with them.

    `begin` asks for a first plan, `go_on` for all that follows it.
    """

    parts: tuple[tuple[int, Part, bytes], ...]
    terms: Terms
    begin: bool = True
    go_on: bool = False

    @property
    def places(self) -> tuple[int, ...]:
        """The places of its parts."""
        return tuple(place for place, _, _ in self.parts)


def carry_out(stint: Stint, line: Line) -> tuple[Stood, ...]:
    """Carry out a task: the same result wherever that is."""
    out = []
    for place, part, state in stint.parts:
        with unswept():
            out.append(_drawn(stint, place, part, state, line))
    return tuple(out)


def _drawn(stint: Stint, place: int, part: Part, state: bytes, line: Line) -> Stood:
    run, terms = _run(stint, place, part, state, line), stint.terms
    if stint.begin:
        run.construct()
    if not stint.go_on:
        return run.state(), None
    run.go_on(terms.rounds, construct_only=terms.construct_only)
    return run.state(), run.figures()


def _run(stint: Stint, place: int, part: Part, state: bytes, line: Line) -> Run:
    needs = len(part.problem.needs)
    line.say(place, Progress(READING, 0, 0, needs, float(needs), 0))
    unshared = part.unshared if part.shared else None
    return Run(part.problem, line.stopped, lambda p: line.say(place, p), stint.terms.seed, state, unshared=unshared)


def _slots_of(part: Part) -> int:
    return len(part.problem.agents) * part.problem.slots


class Whole:
    """The parts of a problem and what they have come to; it is also the `Line` of what is drawn in this process."""

    def __init__(
        self,
        parts: tuple[Part, ...],
        terms: Terms,
        stop: Callable[[], bool],
        progress: Callable[[Progress], None],
        *,
        waiting_slots: int = _WAITING_SLOTS,
    ) -> None:
        self.parts = parts
        self.terms = terms
        self.stop = stop
        self.progress = progress
        self.overview = Overview([len(p.needs) for p in parts])
        self.ended = False
        self.states = [b""] * len(parts)
        self.figures: dict[int, Figures] = {}
        self.notes: list[str] = []
        self.waiting: dict[int, Run] = {}
        self.waiting_slots = waiting_slots

    def draw(self, problem: Problem, crew: Crew | None) -> Plan:
        """Have all parts drawn, and put them together into a plan of the problem they are the parts of."""
        foreman = Foreman(
            self._here if crew is None else carry_out, self.then, self, self.told, self.give_up, self.notes.append
        )
        stints = self._stints(crew.least if crew else 1)
        if crew is None or (crew.least and len(stints) == 1):
            foreman.here(stints)
        else:
            if len(stints) <= crew.hands:
                # None waits for another, so there is no first plan to hurry for.
                stints = [replace(s, go_on=True) for s in stints]
            foreman.away(crew, stints, len(self.parts))
        sessions = [sessions_in(p.problem, state) for p, state in zip(self.parts, self.states, strict=True)]
        figures = [self.figures[place] for place in range(len(self.parts))]
        plan = join(problem, self.parts, sessions, figures, self.notes)
        return self._judged(problem, plan) if any(p.shared for p in self.parts) else plan

    def _judged(self, problem: Problem, plan: Plan) -> Plan:
        """Count anew what parts that share facilitators cannot say of the whole by themselves."""
        broken = check(problem, plan.sessions, lambda: self.progress(self.overview.now()))
        figures = replace(plan.figures, violations=len(broken), even=fairness(problem, plan.sessions))
        return replace(plan, figures=figures)

    def _here(self, stint: Stint, line: Line) -> tuple[Stood, ...]:
        """Carry out a task of one part in this process, going on with the run that began it where that still waits."""
        (place, part, _), terms = stint.parts[0], stint.terms
        run = self.waiting.pop(place, None)
        if run is not None:
            with unswept():
                run.go_on(terms.rounds, construct_only=terms.construct_only)
                return ((run.state(), run.figures()),)
        held = sum(_slots_of(self.parts[p]) for p in self.waiting)
        if stint.go_on or held + _slots_of(part) > self.waiting_slots:
            return carry_out(stint, line)
        with unswept():
            run = _run(stint, place, part, b"", line)
            run.construct()
        self.waiting[place] = run
        return ((run.state(), None),)

    def _stints(self, least: int) -> list[Stint]:
        """Give the first tasks: the parts in their order, some together until they have `least` needs."""
        out: list[Stint] = []
        some: list[tuple[int, Part, bytes]] = []
        for place, part in enumerate(self.parts):
            some.append((place, part, b""))
            if place == len(self.parts) - 1 or sum(len(p.needs) for _, p, _ in some) >= least:
                out.append(Stint(tuple(some), self.terms))
                some = []
        return out

    def then(self, stint: Stint, result: tuple[Stood, ...]) -> Stint | None:
        """Keep what the parts came to; a first plan is followed by the rest."""
        for place, (state, figures) in zip(stint.places, result, strict=True):
            self.states[place] = state
            if figures is not None:
                self.figures[place] = figures
                self.overview.finish(place, figures)
        if all(place in self.figures for place in stint.places):
            return None
        parts = tuple((place, part, self.states[place]) for place, part, _ in stint.parts)
        return replace(stint, parts=parts, begin=False, go_on=True)

    def told(self, heard: Mapping[int, Progress]) -> bool:
        """Take what the parts said, tell it on, and say whether to stop."""
        for place, progress in heard.items():
            self.overview.hear(place, progress)
        self.progress(self.overview.now())
        return self.stopped()

    def say(self, place: int, progress: Progress) -> None:
        """Take what a part that is drawn in this process says."""
        self.overview.hear(place, progress)
        self.progress(self.overview.now())

    def stopped(self) -> bool:
        """Say whether the best so far is wanted."""
        self.ended = self.ended or self.stop()
        return self.ended

    def give_up(self, stint: Stint) -> tuple[Stood, ...]:
        """Leave the parts of a task with their first plan, made here where there is none yet."""
        out = []
        for _, part, state in stint.parts:
            unshared = part.unshared if part.shared else None
            run = Run(part.problem, self.stopped, silent, self.terms.seed, state, unshared=unshared)
            if stint.begin:
                run.construct()
            out.append((run.state(), run.figures()))
            sites = ", ".join(s.label for s in part.problem.sites)
            self.notes.append(
                phrase(
                    "Planning %(sites)s ended its process again and again; the first plan stands there.", sites=sites
                )
            )
        return tuple(out)


class Overview:
    """How far all parts together are: counts add up; the stage is that of the part with most before it."""

    def __init__(self, needs: list[int]) -> None:
        self.parts = [Progress(READING, 0, 0, n, float(n), 0) for n in needs]
        self.finished: set[int] = set()
        self.at = Counter({_step(READING): len(needs)})
        self.placed = self.on_time = self.sessions = 0
        self.owed = sum(needs)
        self.bound = float(self.owed)

    def hear(self, place: int, new: Progress) -> None:
        """Take what a part says; what comes late, after its end, is not taken."""
        old = self.parts[place]
        if place in self.finished or _step(new.stage) < _step(old.stage):
            return  # a part that is taken up again begins with its reading
        self.parts[place] = new
        self.at[_step(old.stage)] -= 1
        self.at[_step(new.stage)] += 1
        self.placed += new.placed - old.placed
        self.on_time += new.on_time - old.on_time
        self.owed += new.owed - old.owed
        self.bound += new.bound - old.bound
        self.sessions += new.sessions - old.sessions

    def finish(self, place: int, found: Figures) -> None:
        """Take the figures of a part that is finished."""
        f = found
        self.hear(place, Progress(STAGES[-1], f.placed, f.on_time, f.owed, f.bound, f.sessions))
        self.finished.add(place)

    def now(self) -> Progress:
        """Give where the whole stands."""
        stage = STAGES[min(step for step, count in self.at.items() if count)]
        return Progress(stage, self.placed, self.on_time, self.owed, round(self.bound, 4), self.sessions)


def _step(stage: str) -> int:
    """Give how far on a stage is; one that is not listed counts as the last."""
    return STAGES.index(stage) if stage in STAGES else len(STAGES) - 1
