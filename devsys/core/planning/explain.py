"""Reasons: why a need is owed, and what would make it fit; both are tried on the plan as it stands, not guessed.

Every start of a need's window is judged by every rule at once. A rule that alone stands in the way at some start is
named, and the need was seated there with that rule let go; where no single rule would do, the fewest that stand
together are named together. What is let go, and nothing else, is stated in `relax`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import numpy as np

from devsys.base.words import phrase
from devsys.core.planning.parts import TOGETHER
from devsys.core.planning.problem import DAY, Plan, Problem, Session
from devsys.core.planning.relax import Relax, eased
from devsys.core.planning.why_fits import Fits, Seat, Way
from devsys.core.planning.why_moves import moved
from devsys.core.planning.why_parts import PartPlan, apart
from devsys.core.planning.why_standing import Standing
from devsys.core.planning.why_starts import BIT, CODES, TAKEN, Starts, codes_of
from devsys.core.planning.why_words import Words

__all__ = ["REASONS", "Fit", "Owed", "explain"]

# Reason codes as people read them; what stands together is joined by a plus.
REASONS = {
    "window": "No time left in its window",
    "open_day": "A holiday of the site",
    "at_work": "Not at work",
    "facilitator": "Nobody to lead it",
    "room": "No room",
    "coverage": "The queue can spare nobody",
    "series": "The step before",
    "prerequisite": "First things first",
    "spacing": "Days between sessions",
    "dose": "Learning time a day and a week",
    "one_place": "In other sessions",
    "recovery": "Recovery after an intense session",
    "companions": "Too few others",
    "full": "The group is full",
    "queue_taken": "What the queue can spare is taken",
    "leaders_taken": "Facilitators are taken",
    "rooms_taken": "Rooms are taken",
    "others_placed": "The others are placed already",
    "competition": "Others came first",
    "open": "A place is left",
    "stopped": "Drawing was stopped",
}
MOST_FITS: Final = 3
_LATER_DAYS: Final = 28
_MOST_SETS: Final = 8  # sets of rules tried together before a need is given up
# Reasons still looked for after a stop.
_ONCE_STOPPED: Final = 500


@dataclass(frozen=True, slots=True)
class Fit:
    """What would make a need fit: words, what is let go for it, and the session it sat in when it was tried."""

    words: str
    relaxes: tuple[Relax, ...]
    session: Session


@dataclass(frozen=True, slots=True)
class Owed:
    """One need that is not placed: codes of `REASONS` joined by a plus, one sentence, and what would let it fit.

    `proof` is the reason let go, nothing else, and the session in which the need then sat; None where nothing was
    tried (drawing was stopped) or no few rules would do.
    """

    need: int
    code: str
    sentence: str
    fits: tuple[Fit, ...] = ()
    proof: Fit | None = None

    @property
    def would_fit(self) -> str:
        """What would let it fit in words, a line each, the cheapest change first."""
        return "\n".join(fit.words for fit in self.fits)


def explain(
    problem: Problem, plan: Plan, stop: Callable[[], bool] = lambda: False, together: int = TOGETHER
) -> tuple[Owed, ...]:
    """Give a reason for every need that the plan leaves unplaced, in the order of `plan.owed`.

    Once `stop()` is true nothing is tried any more, and after some hundred needs more the rest are only named.
    `together` is that of `parts.split`.
    """
    if not plan.owed:
        return ()
    found: dict[int, Owed] = {}
    patience = _ONCE_STOPPED
    for part in apart(problem, plan, together):
        ground = _Ground(part.problem, part.plan)
        for need in part.plan.owed:
            stopped = stop()
            patience -= stopped
            if patience < 0:
                owed = Owed(need, "stopped", phrase("Drawing was stopped before a place was looked for."))
            else:
                owed = ground.case(need, tries=not stopped).owed(tries=not stopped)
            found[part.needs[need]] = _of_the_whole(part, owed)
    return tuple(found[need] for need in plan.owed)


def _of_the_whole(part: PartPlan, owed: Owed) -> Owed:
    """Give a reason found in a part in the positions of the whole."""

    def moved_to(fit: Fit) -> Fit:
        return replace(fit, relaxes=tuple(part.relax(r) for r in fit.relaxes), session=part.session(fit.session))

    return replace(
        owed,
        need=part.needs[owed.need],
        fits=tuple(moved_to(fit) for fit in owed.fits),
        proof=moved_to(owed.proof) if owed.proof else None,
    )


class _Ground:
    """The plan as it stands, and as it stands under other rules of the house where a need asks for that."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self._standing: dict[tuple[Relax, ...], Standing] = {}

    def case(self, need: int, *, tries: bool) -> "_Case":
        """Give the case of a need: its own window, or what is let go first where no start is left in that.

        An activity longer than anybody may learn is let go of first. Where that leaves no start either, the window is
        let go besides: both stand in the way, and either alone would not do.
        """
        lay = self._under(()).lay
        rules, length = self.problem.rules, lay.length[lay.need_act[need]]
        long = length > min(rules.day_slots, rules.week_slots)
        house = (Relax("dose", amount=length),) if long else ()
        standing = self._under(house)
        first = ("dose",) if long else ()
        own = Fits(Starts(standing, need), given=house)
        if own.ways:
            return _Case(standing, need, own, house, first)
        return _Case(standing, need, self._anywhen(need, house) if tries else own, house, (*first, "window"))

    def _anywhen(self, need: int, house: tuple[Relax, ...]) -> Fits:
        """Give the ways of a need with its window let go: what is frozen in it, where that would do, else all of it."""
        asked, standing = self.problem.needs[need], self._under(house)
        frozen, last = self.problem.frozen_until, standing.last_start(standing.lay.need_act[need])
        if asked.earliest < min(asked.latest, frozen, last):
            thawed = (*house, Relax("window"))
            return Fits(Starts(self._under(thawed), need), given=thawed)
        # Past the freeze where anything may start there, else without it.
        house = house if frozen < last else (*house, Relax("window"))
        starts = Starts(self._under(house), need, 0, standing.lay.slots)
        return Fits(starts, given=(*house, Relax("window", agent=asked.agent)))

    def _under(self, relaxes: tuple[Relax, ...]) -> Standing:
        """Give the plan as it stands, with rules of the house let go for everybody."""
        if relaxes not in self._standing:
            problem = eased(self.problem, (), relaxes).problem if relaxes else self.problem
            self._standing[relaxes] = Standing(problem, self.plan)
        return self._standing[relaxes]


@dataclass(frozen=True, slots=True)
class _Named:
    """A reason: the code people read, the rules it stands for, and the seat that proves it."""

    code: str
    bits: int
    seat: Seat | None


_TAKEN_CODES: Final = ("queue_taken", "leaders_taken", "rooms_taken", "one_place")
_TAKEN_BITS: Final = sum(BIT[code] for code in TAKEN)
_TAKEN_FROM: Final = CODES.index("queue_taken")
_OWN_RULES: Final = ("spacing", "dose", "recovery", "prerequisite", "series")


def _in_order(values: Sequence[int]) -> Iterator[tuple[int, bool]]:
    """Give sets of rules in the order in which they are named; true for those that only one session may stand behind.

    First none at all, then those alone that other sessions stand behind, then one session behind several, then the
    other rules alone, then the fewest together.
    """
    if 0 in values:
        yield 0, False
    several = sorted((v for v in values if v.bit_count() > 1), key=lambda v: (v.bit_count(), -v))
    yield from ((BIT[code], False) for code in reversed(CODES[_TAKEN_FROM:]) if BIT[code] in values)
    yield from ((v, True) for v in several if not v & ~_TAKEN_BITS)
    yield from ((BIT[code], False) for code in reversed(CODES[:_TAKEN_FROM]) if BIT[code] in values)
    yield from ((v, False) for v in several[:_MOST_SETS])


class _Case:
    """One owed need. `first` are the rules that by themselves leave no start, let go in all ways; mostly none.

    `house` is what is let go of the rules of the house for every time that is looked at, `standing` the plan under it.
    """

    def __init__(
        self, standing: Standing, need: int, fits: Fits, house: tuple[Relax, ...], first: tuple[str, ...]
    ) -> None:
        self.standing, self.need, self.fits, self.house, self.first = standing, need, fits, house, first
        self.words = Words(fits)
        self._values = frozenset(fits.values())
        self._tried: dict[str, Seat | None] = {}

    def owed(self, *, tries: bool) -> Owed:
        """Give the reason, and what would let it fit if anything is to be tried."""
        if not self.fits.ways:
            return Owed(self.need, "+".join(self.first), self._first_words())
        named = self._reason() if tries else self._untried()
        proof = self._fit(named.seat) if named.seat is not None else None
        return Owed(self.need, *self._said(named), self._would_fit(named) if tries else (), proof)

    def _said(self, named: _Named) -> tuple[str, str]:
        """Give code and sentence."""
        if not self.first:
            return named.code, self.words.reason(named.code, named.bits, named.seat)
        codes, sentence = self.first, self._first_words()
        if named.bits:
            codes = tuple(dict.fromkeys((*codes, *named.code.split("+"))))
            sentence = f"{sentence} {self.words.reason(named.code, named.bits, named.seat)}"
        return "+".join(codes), sentence

    def _first_words(self) -> str:
        said = {"dose": self.words.too_long, "window": self.words.closed}
        return " ".join(said[code]() for code in self.first)

    # ---- the reason

    def _reason(self) -> _Named:
        for bits, single in _in_order(tuple(self._values)):
            for seat in self.fits.seats(bits, single=single):
                if self.fits.holds(seat):
                    return _Named(self._code(seat.bits, seat), bits, seat)
        return self._untried()

    def _untried(self) -> _Named:
        """Name the rules that stand against the best start, without trying it."""
        bits, _ = next(_in_order(tuple(self._values)))
        return _Named(self._code(bits, None), bits, None)

    def _code(self, bits: int, seat: Seat | None) -> str:
        if not bits:
            return "open"
        if seat is not None and not bits & ~_TAKEN_BITS and [r.code for r in seat.relaxes if r.gone] == ["competition"]:
            return "competition"
        codes = codes_of(bits)
        return "+".join(self.words.companions_code(seat) if c == "companions" else c for c in codes)

    # ---- what would let it fit

    def _would_fit(self, named: _Named) -> tuple[Fit, ...]:
        """Try changes, the cheapest first, and give those that let the need fit."""
        if not self.first and not named.bits:
            return ()  # the reason says where a place is left
        if self.first:
            seat = self._later() if "window" in self.first else None
            seat = seat or (named.seat if Relax("window") not in self.fits.given else None)
            return (self._fit(seat),) if seat else ()
        changes = (seat for seat in self._changes(named) if seat is not None)
        return tuple(self._fit(seat) for seat in islice(changes, MOST_FITS))

    def _changes(self, named: _Named) -> Iterator[Seat | None]:
        """Give seats by how much they ask of people and queues; those alone in the way before those together."""
        small = self._smaller(named)
        near = small is not None and small.people * 2 >= self.fits.starts.least
        if near:
            yield small
        yield self._alone("full", named)
        leaders = self._alone("leaders_taken", named)
        hours = leaders is not None and not any(r.gone for r in leaders.relaxes)
        if hours:
            yield leaders
        taken = [named.seat] if named.code == "competition" else []
        taken += [self._alone(code, named) for code in _TAKEN_CODES if not (hours and code == "leaders_taken")]
        yield next((other for seat in taken if seat and (other := moved(self.standing, seat))), None)
        yield self._later()
        yield self._alone("coverage", named)
        yield from taken
        if not near:
            yield small
        for code in ("at_work", "facilitator", "room", *_OWN_RULES, "open_day"):
            yield self._alone(code, named)
        if named.bits.bit_count() > 1 and named.code != "competition":
            yield named.seat

    def _alone(self, code: str, named: _Named) -> Seat | None:
        """Give a seat for which one rule is let go that alone stands in its way."""
        bits = BIT[code]
        if named.bits == bits:
            return named.seat
        if code not in self._tried:
            seats = self.fits.seats(bits) if bits in self._values else iter(())
            self._tried[code] = next((seat for seat in seats if self.fits.holds(seat)), None)
        return self._tried[code]

    def _smaller(self, named: _Named) -> Seat | None:
        """Give a seat in a group of those who wait, the largest there is."""
        starts = self.fits.starts
        if starts.least == 1 or self.standing.lay.need_series[self.need] >= 0:
            return None
        if named.bits == BIT["companions"]:
            return named.seat
        bits, many = starts.smaller()
        columns = np.flatnonzero(bits == BIT["companions"])
        columns = columns[np.argsort(-many[columns], kind="stable")][:2]
        way = Way(bits, starts.first, smaller=True)
        seats = (self.fits.seat(starts.first + int(c), BIT["companions"], way) for c in columns)
        return next((seat for seat in seats if seat is not None and self.fits.holds(seat)), None)

    def _later(self) -> Seat | None:
        """Give the first seat in the weeks after the window."""
        asked = self.standing.problem.needs[self.need]
        end = max(asked.latest, self.standing.problem.frozen_until)
        later = Starts(self.standing, self.need, end, end + _LATER_DAYS * DAY)
        beyond = Fits(later, given=(*self.house, Relax("window", agent=asked.agent)))
        return next((seat for seat in beyond.seats(0) if beyond.holds(seat)), None)

    def _fit(self, seat: Seat) -> Fit:
        return Fit(self.words.fit(seat), seat.relaxes, seat.session)
