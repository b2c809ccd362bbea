"""The team week: one lens day with half hours and words, the other days narrow beside it, coverage beneath.

Plain values in (`WeekGrid`), finished classes, columns and paths out (`DrawnWeek`). Columns count half hours from 1.
The same coverage drawing serves the week, one day on a phone, and its twin in figures.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from devsys.base.words import phrase, phrases, to_phrase
from devsys.faces.web.drawing import HALF_HOUR, KIND_NAMES, Bar, long_day, short_day, span_text
from devsys.faces.web.drawing_coverage import CoverageDay, DrawnCoverage, draw_coverage, hour_labels, top_of
from devsys.faces.web.words import in_sentence

BlockState = Literal["published", "draft", "pinned", "frozen", "held", "cancelled"]
OffKind = Literal["off", "lunch", "away", "recovery"]


@dataclass(frozen=True, slots=True)
class GridSession:
    """A session in the grid, in every row named in `rows` (keys of GridRow).

    `starts` is naive local time. `short` stands in the block, `title` is read out. `href` opens or selects it. `move`
    and `pin` are POST addresses, empty where that may not be done; `movable` sessions can be dragged. `ask` answers
    why it is not at another time, empty where that may not be asked. `form` leads to a form
    that moves it with a cause. `flag` says why it does not fit there.
    """

    id: str
    kind: str
    title: str
    short: str
    state: BlockState
    starts: datetime
    minutes: int
    rows: tuple[str, ...]
    href: str
    move: str = ""
    pin: str = ""
    ask: str = ""
    form: str = ""
    selected: bool = False
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Off:
    """Time a row is not there for: off shift, lunch, away, recovery after a heavy session. Naive local times."""

    starts: datetime
    ends: datetime
    kind: OffKind = "off"
    words: str = ""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A person, facilitator or room: its key, what stands at the left, and when it is off."""

    key: str
    name: str
    note: str = ""
    href: str = ""
    off: tuple[Off, ...] = ()


@dataclass(frozen=True, slots=True)
class GridDay:
    """A day of the week shown; `href` moves the lens to it, `holiday` names a public holiday (the day is closed)."""

    day: date
    href: str = ""
    holiday: str = ""
    today: bool = False


@dataclass(frozen=True, slots=True)
class WeekGrid:
    """All the team week shows. `opens` and `closes` are minutes after midnight; `lens` is one of the days.

    `coverage` has one entry per day, or none at all. `free` is when whoever limits the choice is free on the lens
    day, named by `free_words` ("Marisa Antunes free"). `frozen_until` is naive local time.
    """

    days: tuple[GridDay, ...]
    lens: date
    opens: int
    closes: int
    rows: tuple[GridRow, ...]
    sessions: tuple[GridSession, ...]
    coverage: tuple[CoverageDay, ...] = ()
    queue_words: str = to_phrase("Queue")
    frozen_until: datetime | None = None
    free: tuple[tuple[datetime, datetime], ...] = ()
    free_words: str = ""


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """A session in one cell; `label` is read out, `iso` is its start for the move form, `word` its state.

    `anchor` is the id of the first block of a session, so that an address can lead to it.
    """

    session: GridSession
    css: str
    column: int
    columns: int
    label: str
    iso: str
    word: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """One row on one day."""

    day: str
    lens: bool
    css: str
    words: str
    off: tuple[Bar, ...]
    blocks: tuple[DrawnBlock, ...]


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One row of the week."""

    row: GridRow
    cells: tuple[DrawnCell, ...]


@dataclass(frozen=True, slots=True)
class DrawnHead:
    """The head of a day: short in context, long under the lens, `note` counts its sessions."""

    day: str
    lens: bool
    short: str
    long: str
    note: str
    href: str
    holiday: str
    today: bool


@dataclass(frozen=True, slots=True)
class DrawnWeek:
    """The finished week. `band` tints the half hours of the selected session, `edge` is where freezing ends."""

    columns: int
    opens: int
    heads: tuple[DrawnHead, ...]
    hours: tuple[Bar, ...]
    rows: tuple[DrawnRow, ...]
    coverage: tuple[DrawnCoverage, ...]
    queue_words: str
    band: Bar | None
    edge: Bar | None
    free: tuple[Bar, ...]
    free_words: str

    @property
    def lens_coverage(self) -> DrawnCoverage | None:
        """The coverage of the lens day, for phones and the table twin; None where no coverage is drawn."""
        return next((c for c, h in zip(self.coverage, self.heads, strict=False) if h.lens), None)


def draw_week(grid: WeekGrid) -> DrawnWeek:
    """Draw the week; the hours shown grow to hold every session. Raises ValueError if the lens is another day."""
    if grid.lens not in {day.day for day in grid.days}:
        raise ValueError("the lens day is not one of the days shown")
    if grid.coverage and len(grid.coverage) != len(grid.days):
        raise ValueError("coverage needs one entry per day, or none")
    grid = _whole_hours(grid)
    columns = (grid.closes - grid.opens) // HALF_HOUR
    top = top_of(grid.coverage)
    coverage = tuple(draw_coverage(c, grid.opens, grid.closes, top) for c in grid.coverage)
    return DrawnWeek(
        columns=columns,
        opens=grid.opens,
        heads=tuple(_head(grid, day) for day in grid.days),
        hours=hour_labels(grid.opens, grid.closes),
        rows=_anchored(DrawnRow(row, tuple(_cell(grid, row, day) for day in grid.days)) for row in grid.rows),
        coverage=coverage,
        queue_words=grid.queue_words,
        band=_band(grid),
        edge=_edge(grid),
        free=tuple(
            Bar("free", *place, span_text(starts, int((ends - starts).total_seconds()) // 60))
            for starts, ends in grid.free
            if starts.date() == grid.lens and (place := _place(grid, starts, ends))
        ),
        free_words=grid.free_words,
    )


def _anchored(rows: Iterable[DrawnRow]) -> tuple[DrawnRow, ...]:
    """Give the first block of every session its anchor."""
    known: set[str] = set()

    def anchored(block: DrawnBlock) -> DrawnBlock:
        if block.session.id in known:
            return block
        known.add(block.session.id)
        return replace(block, anchor=f"s-{block.session.id}")

    return tuple(
        replace(
            row, cells=tuple(replace(c, blocks=tuple(map(anchored, c.blocks))) if c.blocks else c for c in row.cells)
        )
        for row in rows
    )


def _minutes(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _whole_hours(grid: WeekGrid) -> WeekGrid:
    """Let the day shown begin and end on full hours and hold every session."""
    starts = [_minutes(s.starts) for s in grid.sessions]
    ends = [_minutes(s.starts) + s.minutes for s in grid.sessions]
    opens = min([grid.opens, *starts]) // 60 * 60
    closes = min(-(-max([grid.closes, *ends]) // 60) * 60, 24 * 60)
    return replace(grid, opens=opens, closes=closes)


def _place(grid: WeekGrid, starts: datetime, ends: datetime) -> tuple[int, int] | None:
    """Give first column and number of columns of a period on the day it starts; None if it lies outside."""
    first = max(_minutes(starts), grid.opens)
    last = grid.closes if ends.date() > starts.date() else min(_minutes(ends), grid.closes)
    if last <= first:
        return None
    column = (first - grid.opens) // HALF_HOUR
    return column + 1, max(-(-(last - grid.opens) // HALF_HOUR) - column, 1)


def _head(grid: WeekGrid, day: GridDay) -> DrawnHead:
    there = [s for s in grid.sessions if s.starts.date() == day.day and s.state != "cancelled"]
    places = sum(len(s.rows) for s in there)
    note = day.holiday
    if not note and there:
        note = phrases("%(num)s session", "%(num)s sessions", len(there))
        if places != len(there):
            places_words = phrases("%(num)s place", "%(num)s places", places)
            note = f"{note}, {places_words}"
    lens = day.day == grid.lens
    return DrawnHead(
        day.day.isoformat(), lens, short_day(day.day), long_day(day.day), note, day.href, day.holiday, day.today
    )


def _cell(grid: WeekGrid, row: GridRow, day: GridDay) -> DrawnCell:
    lens = day.day == grid.lens
    midnight = datetime.combine(day.day, datetime.min.time())
    off = []
    for gap in row.off:
        starts, ends = max(gap.starts, midnight), min(gap.ends, midnight + timedelta(days=1))
        if starts < ends and (place := _place(grid, starts, ends)):
            off.append(Bar(gap.kind, *place, gap.words))
    words = day.holiday or ", ".join(dict.fromkeys(b.words for b in off if b.words))
    css = "hol" if day.holiday else "lens" if lens else "ctx"
    mine = sorted(
        (s for s in grid.sessions if row.key in s.rows and s.starts.date() == day.day), key=lambda s: (s.starts, s.id)
    )
    return DrawnCell(day.day.isoformat(), lens, css, words, tuple(off), _blocks(grid, row, mine, mini=not lens))


def _blocks(grid: WeekGrid, row: GridRow, sessions: list[GridSession], *, mini: bool) -> tuple[DrawnBlock, ...]:
    blocks = []
    busy_until = datetime.min  # noqa: DTZ901 -- naive local times throughout
    for s in sessions:
        ends = s.starts + timedelta(minutes=s.minutes)
        place = _place(grid, s.starts, ends)
        if place is None:
            continue
        clash = " clash" if s.starts < busy_until else ""
        busy_until = max(busy_until, ends)
        css = f"{s.state} a-{s.kind}{' mini' if mini else ''}{' sel' if s.selected else ''}{clash}"
        css += " flagged" if s.flag else ""
        kind = in_sentence(str(KIND_NAMES[s.kind]))
        label = f"{s.title}, {kind}, {span_text(s.starts, s.minutes)}, {row.name}"
        if clash:
            label = phrase("%(what)s, at the same time as another", what=label)
        if s.flag:
            label = phrase("%(what)s, does not fit: %(flag)s", what=label, flag=s.flag)
        word = phrase("no fit") if s.flag else s.state
        blocks.append(DrawnBlock(s, css, *place, label, s.starts.strftime("%Y-%m-%dT%H:%M"), word))
    return tuple(blocks)


def _band(grid: WeekGrid) -> Bar | None:
    for s in grid.sessions:
        if s.selected and s.starts.date() == grid.lens:
            place = _place(grid, s.starts, s.starts + timedelta(minutes=s.minutes))
            return Bar("band", *place) if place else None
    return None


def _edge(grid: WeekGrid) -> Bar | None:
    until = grid.frozen_until
    if until is None or until.date() != grid.lens:
        return None
    column = (_minutes(until) - grid.opens) // HALF_HOUR + 1
    if not 1 < column <= (grid.closes - grid.opens) // HALF_HOUR:
        return None
    return Bar("edge", column, 1, phrase("frozen to %(until)s", until=f"{until:%H:%M}"))
