"""Which coach, and when: up to three proposals, ranked and explained; why nobody could be proposed, in words.

What a coach and a person could do is found elsewhere (planning.meetings); here it is chosen among and said why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Final

from devsys.base.words import phrase
from devsys.base.written import spoken

MOST: Final = 3
USUAL_LOAD: Final = 3  # series at a time of a coach who has said nothing
EASY: Final = 2  # spare agents from which on the queue has it easy
NOON: Final = time(12)
AFTERNOON: Final = time(17)


class Why(StrEnum):
    """Why nobody can be proposed."""

    NO_COACH = "no_coach"  # nobody is qualified and has an account as coach
    LANGUAGE = "language"
    BUSY = "busy"  # all who could have as many series as they want, or pause
    LEAD = "lead"  # only the own lead could
    PASSED = "passed"  # all who could were passed over
    TIMES = "times"  # no time fits both, the queue and what must come before


@dataclass(frozen=True, slots=True)
class Coach:
    """Somebody who is qualified: `load` series run or are held, at most `most` at a time."""

    id: str
    name: str
    load: int
    most: int = USUAL_LOAD
    paused: bool = False
    languages: frozenset[str] = frozenset()

    @property
    def room(self) -> int:
        """How many series more they take now."""
        return 0 if self.paused else max(0, self.most - self.load)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, as far as it decides with whom: `barred` are their leads when they want none of them.

    `passed` are coaches not to be proposed again; `former` is whom they would like to have again.
    """

    preferred: tuple[tuple[int, time, time], ...] = ()
    language: str = ""
    former: str = ""
    barred: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Option:
    """A coach with the local starts of a whole series, as they could be held.

    `steps` is how many there ought to be; `wished` how many lie in wished times; `spare` how many more of the queue
    could leave it in its tightest half hour.
    """

    coach: str
    starts: tuple[datetime, ...]
    steps: int
    wished: int
    spare: int


def able(coaches: Iterable[Coach], wish: Wish) -> tuple[tuple[Coach, ...], Why | None]:
    """Give the coaches who could be asked now; with nobody, what stands in the way."""
    left = tuple(coaches)
    if not left:
        return (), Why.NO_COACH
    for why, keep in (
        (Why.LANGUAGE, lambda c: not wish.language or wish.language in c.languages),
        (Why.LEAD, lambda c: c.id not in wish.barred),
        (Why.PASSED, lambda c: c.id not in wish.passed),
        (Why.BUSY, lambda c: c.room > 0),
    ):
        left = tuple(c for c in left if keep(c))
        if not left:
            return (), why
    return left, None


def rank(options: Iterable[Option], wish: Wish, coaches: Mapping[str, Coach], most: int = MOST) -> tuple[Option, ...]:
    """Give the options to propose, the best first: each coach once before any comes twice.

    Before all others stands the coach somebody had before, where they asked for that one; then whole series, wished
    times, the soonest week, who has the most room, the sooner start.
    """
    ordered = sorted(options, key=lambda o: worth(o, wish, coaches[o.coach]))
    first: list[Option] = []
    rest: list[Option] = []
    seen: set[str] = set()
    for option in ordered:
        (rest if option.coach in seen else first).append(option)
        seen.add(option.coach)
    return tuple((first + rest)[:most])


def worth(option: Option, wish: Wish, coach: Coach) -> tuple[bool, int, int, int, float, datetime, str]:
    """Give what options are ordered by; less is better."""
    begins = option.starts[0]
    return (
        coach.id != wish.former if wish.former else False,
        option.steps - len(option.starts),
        len(option.starts) - option.wished,
        begins.toordinal() // 7,
        coach.load / max(1, coach.most),
        begins,
        coach.id,
    )


def explain(option: Option, wish: Wish, coach: Coach, theme: str) -> tuple[str, ...]:
    """Give why an option is proposed, one sentence each."""
    said = []
    if wish.former and coach.id == wish.former:
        said.append(phrase("%(name)s has coached you before, as you asked for.", name=coach.name))
    said.append(phrase("Qualified for %(theme)s.", theme=theme))
    if wish.language:
        said.append(phrase("Speaks the language you asked for."))
    said.append(
        phrase("Has no other series now.")
        if not coach.load
        else phrase("Has room: %(load)s of %(most)s series now.", load=spoken(coach.load), most=coach.most)
    )
    said.append(_times(option, wish))
    if len(option.starts) < option.steps:
        left = option.steps - len(option.starts)
        said.append(
            phrase(
                "%(left)s of %(steps)s dates is still to be found by the plan.",
                left=spoken(left).capitalize(),
                steps=option.steps,
            )
        )
    said.append(ease(option.spare))
    return tuple(said)


def ease(spare: int) -> str:
    """Say what the times mean to the queue."""
    if spare >= EASY:
        return phrase("The queue can do without you easily then.")
    if spare == 1:
        return phrase("The queue can do without you then, with one to spare.")
    return phrase("The queue can just do without you then.")


def _times(option: Option, wish: Wish) -> str:
    half = part_of_day(option.starts)
    if not wish.preferred:
        return phrase("All %(half)s.", half=half) if half else phrase("At different times of the day.")
    if option.wished == len(option.starts):
        return phrase("At times you asked for, all %(half)s.", half=half) if half else phrase("At times you asked for.")
    if option.wished:
        return phrase(
            "%(wished)s of %(starts)s at times you asked for.",
            wished=spoken(option.wished).capitalize(),
            starts=len(option.starts),
        )
    return phrase("Not at times you asked for; none of those is free.")


def part_of_day(starts: Sequence[datetime]) -> str:
    """Give "in the morning" and the like where all starts share it, else nothing."""
    parts = {
        phrase("in the morning")
        if s.time() < NOON
        else phrase("in the afternoon")
        if s.time() < AFTERNOON
        else phrase("in the evening")
        for s in starts
    }
    return parts.pop() if len(parts) == 1 else ""


def why_words(why: Why) -> str:
    """Say why nobody can be proposed, to who asked."""
    return {
        Why.NO_COACH: phrase("Nobody here coaches this yet. Who coordinates sees that it is missing."),
        Why.LANGUAGE: phrase("Nobody coaches this in that language yet. Who coordinates sees that it is missing."),
        Why.LEAD: phrase("Only your own lead could coach this now, and you asked for somebody else."),
        Why.PASSED: phrase("Everybody who could was proposed to you already."),
        Why.BUSY: phrase("All who coach this have as many people as they can do well by."),
        Why.TIMES: phrase("No time fits you, a coach and the queue in the next weeks."),
    }[why]
