"""Shift patterns and absences of the instance format turned into spans at work in UTC slots."""

from collections.abc import Iterable, Sequence

from devsys.core.planning.problem import DAY, WEEK, Span

# One day of a pattern: from, to, and the slot of lunch (None without one), in local slots; None is a day off.
ShiftDay = tuple[int, int, int | None] | None


class SpanStore:
    """Equal spans are kept once: thousands of people share the same few shifts."""

    def __init__(self) -> None:
        self._kept: dict[Span, Span] = {}

    def keep(self, spans: Iterable[Span]) -> tuple[Span, ...]:
        """Give the spans as a tuple of shared pairs."""
        kept = self._kept
        return tuple(kept.setdefault(span, span) for span in spans)


def spans_of(marks: bytes | bytearray) -> list[Span]:
    """Give the spans of set bytes, one byte per slot."""
    found: list[Span] = []
    first = marks.find(1)
    while first >= 0:
        end = marks.find(0, first)
        if end < 0:
            end = len(marks)
        found.append((first, end))
        first = marks.find(1, end)
    return found


def merged(spans: Iterable[Span], slots: int) -> list[Span]:
    """Give spans clipped to the horizon, sorted, and joined where they touch."""
    out: list[Span] = []
    for a, b in sorted((max(0, a), min(b, slots)) for a, b in spans):
        if b <= a:
            continue
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return out


def rostered(
    pattern: Sequence[Sequence[ShiftDay]],
    absent: Iterable[Span],
    *,
    weeks: int,
    offset: int,
    holidays: frozenset[int] = frozenset(),
    start_day: int = 0,
) -> list[Span]:
    """Give the spans at work of a pattern of two weeks, repeated.

    Shifts and absences are local slots, `offset` slots ahead of UTC; lunch, holidays (local day numbers) and the
    days before `start_day` are not at work.
    """
    slots = weeks * WEEK
    marks = bytearray(slots)
    for week in range(weeks):
        for weekday, shift in enumerate(pattern[week % 2]):
            day = week * 7 + weekday
            if shift is None or day in holidays or day < start_day:
                continue
            first, end, lunch = shift
            base = day * DAY - offset
            a, b = max(0, base + first), min(slots, base + end)
            if a < b:
                marks[a:b] = b"\1" * (b - a)
            if lunch is not None and first <= lunch < end and 0 <= base + lunch < slots:
                marks[base + lunch] = 0
    for a, b in absent:
        first, end = max(0, a - offset), min(slots, b - offset)
        if first < end:
            marks[first:end] = bytes(end - first)
    return spans_of(marks)


def without(spans: Iterable[Span], gone: Iterable[Span]) -> tuple[Span, ...]:
    """Give sorted spans less what lies in other spans."""
    left = tuple(spans)
    for first, end in gone:
        if first < end:
            parts = (x for a, b in left for x in ((a, min(b, first)), (max(a, end), b)))
            left = tuple(span for span in parts if span[0] < span[1])
    return left


def open_spans(closed: Iterable[Span], slots: int) -> tuple[Span, ...]:
    """Give the spans of a horizon that are left beside the closed ones."""
    return without(((0, slots),), closed)
