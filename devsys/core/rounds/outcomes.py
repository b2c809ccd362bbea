"""What a round leaves behind: which lessons still lack something, what is open from before, what keeps returning."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from devsys.base.errors import Fault
from devsys.base.words import phrase
from devsys.core.model.causes import Cause
from devsys.core.model.rounds import Lesson


def lacking(lessons: Iterable[Lesson]) -> tuple[Fault, ...]:
    """Give what keeps a round from being closed: each lesson without a cause, an owner, a day, or a place to land."""
    faults = []
    for one in lessons:
        missing = [
            word
            for word, there in (
                (phrase("a cause"), one.cause is not None),
                (phrase("an owner"), one.owner_id is not None),
                (phrase("a day"), one.due is not None),
                (phrase("what becomes of it"), bool(one.landing)),
            )
            if not there
        ]
        if missing:
            faults.append(
                Fault(
                    one.id,
                    phrase("“%(words)s” has not %(missing)s", words=one.words, missing=phrase(", not ").join(missing)),
                )
            )
    return tuple(faults)


def still_open(lessons: Iterable[Lesson], today: date) -> tuple[Lesson, ...]:
    """Give the lessons of earlier rounds that are open: overdue first, then by day, undecided ones before all."""
    found = [one for one in lessons if one.open]
    return tuple(
        sorted(found, key=lambda one: (one.decided is not None, (one.due or today) >= today, one.due or today, one.id))
    )


@dataclass(frozen=True, slots=True)
class Pattern:
    """A cause over periods of time: how many lessons of each period had it, the oldest first."""

    cause: Cause
    counts: tuple[int, ...]

    @property
    def sum(self) -> int:
        """All of them."""
        return sum(self.counts)


def patterns(lessons: Iterable[tuple[date, Cause]], starts: Sequence[date]) -> tuple[Pattern, ...]:
    """Give how often each cause returned per period; `starts` are the first days, the last period ends with time.

    Lessons from before the first period are left out. The most frequent first, all six always there.
    """
    found: Mapping[Cause, Counter[int]] = {cause: Counter() for cause in Cause}
    for day, cause in lessons:
        at = sum(start <= day for start in starts) - 1
        if at >= 0:
            found[cause][at] += 1
    made = [Pattern(cause, tuple(counts[n] for n in range(len(starts)))) for cause, counts in found.items()]
    return tuple(sorted(made, key=lambda p: (-p.sum, list(Cause).index(p.cause))))
