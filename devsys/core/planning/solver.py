"""CP-SAT where it pays: sessions chosen exactly for a few needs, everything else as it stands in a grid.

    choose(grid, needs, *, starts=None, worth=None, price=None, least=None, hint=None, leaders=None,
           on_time=0, effort=1.0, purse=None, largest=None, seed=0, halt=never) -> Answer | None
    hold(grid, answer) -> None

The caller lifts what may change (`Grid.close_meeting`, `Grid.leave`) and names the needs that are free to be seated;
a series is lifted from some step to its end. `choose` changes nothing: it reads the grid, and gives the sessions to
open and the open seats to take, or None when it found nothing worth more than `least`. `hold` books an answer. Nobody
but the people of these needs moves, by construction.

- `starts`: the starts allowed for a group (activity, site, team); all starts of the windows for a group not in it.
- `worth(need, start)`: what a seat is worth, at least 0; without it, the grid's own measure times `FINE`. The price of
  a person who moves goes in here: less where `start` is not the published one.
- `price(group, start, facilitator)`: what opening a session costs, such as another facilitator; without it 1, so that
  fewer sessions decide between equals.
- `least`: only a value above this is wanted, such as that of what was lifted.
- `on_time`: at least so many of these needs are to be on time.
- `hint`: where needs sat before, `{need: (start, facilitator, room)}` by position; the search begins there, else with
  nobody seated.
- `leaders`: at most so many facilitators are considered for one session, the least versatile first; without it all.
- `effort`: deterministic time of the solver, about seconds of a usual machine. One worker, a fixed seed and never wall
  time: the same question gets the same answer. `halt` is asked ten times a second whether to end the search.
- `purse`: what many questions may take together; each takes what it needed out of it, and no more than is left.
- `largest`: a question of more seats than this is not asked.

`Answer.bound` is what no answer from these starts exceeds; `Answer.proved` says that this one is the best.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from devsys.core.planning.construct import Group
from devsys.core.planning.grid import LATE, PROMPT, Grid
from devsys.core.planning.spot_rows import FREE, program_of
from devsys.core.planning.spots import Place, Spots

# Worth counted so finely that the number of sessions decides only between equals.
FINE = 64
_ASK_EVERY = 0.1

# What stating a question takes beside solving it, for each seat that could be taken.
_A_SEAT = 2e-5
# How far the solver looks at the linear form: large questions, which a purse pays, are proved sooner by it.
_LINEAR = 2


@dataclass(slots=True)
class Purse:
    """Effort that is left for many questions."""

    left: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A session to open: `needs` by position, `room` -1 without one."""

    group: Group
    start: int
    fac: int
    room: int
    needs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Sessions to open, seats `(need, serial of the meeting)` to take, their value, and what no answer exceeds."""

    opened: tuple[Opened, ...]
    joined: tuple[tuple[int, int], ...]
    value: int
    bound: int

    @property
    def proved(self) -> bool:
        """Say whether no answer from these starts is worth more."""
        return self.value >= self.bound


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


def choose(
    grid: Grid,
    needs: Sequence[int],
    *,
    starts: Mapping[Group, Sequence[int]] | None = None,
    worth: Callable[[int, int], int] | None = None,
    price: Callable[[Group, int, int], int] | None = None,
    least: int | None = None,
    hint: Mapping[int, Place] | None = None,
    leaders: int | None = None,
    on_time: int = 0,
    effort: float = 1.0,
    purse: Purse | None = None,
    largest: int | None = None,
    seed: int = 0,
    halt: Callable[[], bool] = never,
) -> Answer | None:
    """Give the best sessions for `needs` that the effort finds; see the head of this module."""
    made = Spots(grid, needs, starts=starts or {}, leaders=leaders)
    if not made.seats or (largest is not None and len(made.seats) > largest):
        return None
    asked = _Asked(made, worth or (lambda n, t: worth_of(grid, n, t)), price or _one)
    asked.hint(hint or {})
    if least is not None:
        asked.model.add(asked.value >= least + 1)
    if on_time:
        prompt = [asked.vars[s.number] for s in made.seats if s.spot.start < grid.lay.due[s.need]]
        asked.model.add(sum(prompt) >= on_time)
    return asked.answer(effort, seed, halt, purse)


def more_on_time(
    grid: Grid,
    needs: frozenset[int],
    least: int,
    *,
    ready: Mapping[int, int],
    named: frozenset[int],
    cost: Callable[[int, int], int],
    cost_to_lead: Callable[[Group, int, int], int],
    hint: Mapping[int, Place],
    largest: int,
    efforts: Sequence[float],
    purse: Purse,
    halt: Callable[[], bool] = never,
) -> tuple[Opened, ...] | None:
    """Give sessions that have more than `least` of these needs on time; nothing where none have, None if unknown.

    Those of `named` are seated; the other needs of `ready` count as company wherever they are able to come, so that a
    session may have fewer people than its group asks for. What costs little is looked for: `cost(need, start)` of a
    seat, `cost_to_lead` of a session like `price` of `choose`. No need starts before its slot in `ready`, and
    prerequisites are not looked at further. `hint`, `largest`, `purse` and `halt` are those of `choose`; of
    `efforts` the next one is spent where the one before said nothing.
    """
    made = Spots(grid, sorted(ready), starts={}, ready=ready, counted=needs, seated=named)
    if len(made.seats) > largest:
        return None
    prompt = [s.number for s in made.seats if s.need in needs and s.spot.start < grid.lay.due[s.need]]
    if len(prompt) <= least:
        return ()
    asked = _Asked(made, lambda n, t: -cost(n, t), cost_to_lead)
    asked.hint(hint)
    asked.model.add(sum(asked.vars[v] for v in prompt) >= least + 1)
    for effort in efforts:
        answer = asked.answer(effort, 0, halt, purse)
        if answer is not None:
            return answer.opened
        if asked.impossible:
            return ()
    return None


def worth_of(grid: Grid, need: int, start: int) -> int:
    """Give what a seat is worth to the grid, in `FINE` parts."""
    lay = grid.lay
    return lay.weight[need] * (PROMPT if start < lay.due[need] else LATE) * FINE


def _one(_group: Group, _start: int, _fac: int) -> int:
    return 1


class _Asked:
    """An answer as the solver sees it; `impossible` once it has said that there is none."""

    def __init__(self, made: Spots, worth: Callable[[int, int], int], price: Callable[[Group, int, int], int]) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415 -- slow import

        self.made = made
        self.impossible = False
        program = program_of(made)
        self.sums = program.sums
        self.model = cp_model.CpModel()
        self.vars = vars_ = [self.model.new_bool_var("") for _ in range(program.size)]
        for clash in program.clashes:
            self.model.add_at_most_one([vars_[v] for v in clash])
        for a, b in program.follows:
            self.model.add_implication(vars_[a], vars_[b])
        for numbers, weights, low, high in program.rows:
            total = cp_model.LinearExpr.weighted_sum([vars_[v] for v in numbers], list(weights))
            if low == high:
                self.model.add(total == low)
            elif high >= FREE:
                self.model.add(total >= low)
            else:
                self.model.add(total <= high)
        paid = [(v, price(s.group, s.start, fac)) for s in made.spots for fac, v in s.leads]
        terms = [(s.number, worth(s.need, s.spot.start)) for s in made.seats] + [(v, -cost) for v, cost in paid]
        self.value = cp_model.LinearExpr.weighted_sum([vars_[v] for v, _ in terms], [w for _, w in terms])
        self.model.maximize(self.value)

    def hint(self, places: Mapping[int, Place]) -> None:
        """Let the search begin with what was."""
        yes: set[int] = set()
        for seat in self.made.seats:
            place = places.get(seat.need)
            spot = seat.spot
            if place is None or spot.start != place[0]:
                continue
            if spot.meeting is None:
                if place[1] not in {f for f, _ in spot.leads}:
                    continue
                yes |= {v for f, v in spot.leads if f == place[1]}
                yes |= {v for r, v in spot.rooms if r == place[2]}
                yes |= {spot.held} - {-1}
            yes.add(seat.number)
        for v, others in self.sums:
            if not yes.isdisjoint(others):
                yes.add(v)
        for v, var in enumerate(self.vars):
            self.model.add_hint(var, v in yes)

    def answer(self, effort: float, seed: int, halt: Callable[[], bool], purse: Purse | None) -> Answer | None:
        """Solve, and read the sessions from the answer; None without one, or with an empty purse."""
        from ortools.sat.python import cp_model  # noqa: PLC0415 -- slow import

        solver = cp_model.CpSolver()
        if purse is not None:
            purse.left -= _A_SEAT * len(self.made.seats)
            effort = min(effort, purse.left)
            if effort <= 0:
                return None
            solver.parameters.linearization_level = _LINEAR
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        solver.parameters.max_deterministic_time = effort
        with ThreadPoolExecutor(1) as thread:
            solving = thread.submit(solver.solve, self.model)
            while not wait((solving,), _ASK_EVERY).done:
                if halt():
                    solver.stop_search()
            status = solving.result()
        if purse is not None:
            purse.left -= solver.deterministic_time
        self.impossible = status == cp_model.INFEASIBLE
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None
        yes = {v for v in range(self.made.size) if solver.boolean_value(self.vars[v])}
        value = round(solver.objective_value)
        bound = value if status == cp_model.OPTIMAL else int(solver.best_objective_bound + 1e-6)
        return _read(self.made, yes, value, bound)


def _read(made: Spots, yes: set[int], value: int, bound: int) -> Answer:
    """Give the sessions that the answers say."""
    lay = made.grid.lay
    opened: list[Opened] = []
    joined: list[tuple[int, int]] = []
    for spot in made.spots:
        people = [s.need for s in spot.seats if s.number in yes]
        if spot.meeting is not None:
            joined += [(n, spot.meeting.serial) for n in people]
            continue
        facs = [f for f, v in spot.leads if v in yes]
        rooms = [r for r, v in spot.rooms if v in yes] or [-1] * len(facs)
        rooms.sort(key=lambda r: -lay.room_cap[r] if r >= 0 else 0)
        act = spot.group[0]
        for i, (fac, room) in enumerate(zip(facs, rooms, strict=True)):
            cap = min(lay.gmax[act], lay.room_cap[room]) if room >= 0 else lay.gmax[act]
            # The sessions that follow need their least too.
            take = min(cap, max(1, len(people) - lay.gmin[act] * (len(facs) - i - 1)))
            if people:
                opened.append(Opened(spot.group, spot.start, fac, room, tuple(people[:take])))
            people = people[take:]
    return Answer(tuple(opened), tuple(joined), value, bound)


def hold(grid: Grid, answer: Answer) -> None:
    """Book an answer. Raises ValueError when the grid is no longer as it was chosen for."""
    lay = grid.lay
    seats = [(o.start, o, None) for o in answer.opened]
    joins = [(grid.meetings[serial].start, None, (n, grid.meetings[serial])) for n, serial in answer.joined]
    # By time, so that what others rest on is booked before them.
    for _, new, join in sorted([*seats, *joins], key=lambda row: row[0]):
        if new is not None:
            act, site, team = new.group
            length = lay.length[act]
            if not grid.fac_fits(new.fac, length, new.start, new.room):
                raise ValueError("the grid is not as it was when this was chosen")
            m = grid.open_meeting(act, new.start, site=site, team=team, fac=new.fac, room=new.room)
            pairs = [(n, m) for n in new.needs]
        else:
            pairs = [join] if join is not None else []
        for n, m in pairs:
            if not grid.fits(n, m.start):
                raise ValueError("the grid is not as it was when this was chosen")
            grid.sit(m, n)
