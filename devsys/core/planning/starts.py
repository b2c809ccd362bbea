"""Where something could start, as whole numbers used as sets: bit i stands for the slot `first` + i.

They say exactly what `Board.fits` and `Board.can_lead` say, for many starts at once.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from devsys.core.planning.board import Board
from devsys.core.planning.problem import DAY, WEEK, Activity, Agent, Facilitator, Site, Span

_FAR = 1 << 30


def bits(mask: int) -> Iterator[int]:
    """Give the places of the set bits, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def span_mask(spans: Sequence[Span], first: int, end: int) -> int:
    """Give the slots of sorted spans within `[first, end)`."""
    out = 0
    i = max(0, bisect_right(spans, (first, 1 << 60)) - 1)
    for a, b in spans[i : bisect_left(spans, (end, 0))]:
        out |= stretch(a, b, first, end)
    return out


def stretch(a: int, b: int, first: int, end: int) -> int:
    """Give the slots `[a, b)` within `[first, end)`."""
    a, b = max(a, first), min(b, end)
    return ((1 << (b - a)) - 1) << (a - first) if a < b else 0


def runs(mask: int, length: int) -> int:
    """Give where `length` set bits in a row begin."""
    have = 1
    while have < length:
        step = min(have, length - have)
        mask &= mask >> step
        have += step
    return mask


def day_spans(site: Site, days: Iterable[int]) -> Iterator[Span]:
    """Give the slots of local days."""
    mids = site.midnights
    for day in days:
        if mids is None:
            yield day * DAY - site.offset, (day + 1) * DAY - site.offset
        elif -1 <= day < len(mids):
            # Before the first midnight lies day -1; the last day has no end.
            yield (mids[day] if day >= 0 else -_FAR), (mids[day + 1] if day + 1 < len(mids) else _FAR)


class Starts:
    """Sets of starts on a board as it stands."""

    def __init__(self, board: Board) -> None:
        self.board = board

    def window(self, need: int) -> Span:
        """Give the first and end of the starts a need may have, the freeze window kept."""
        n = self.board.needs[need]
        length = self.board.acts[n.act].length
        return max(n.earliest, self.board.frozen, 0), min(n.latest, self.board.slots - length + 1)

    def of_need(self, need: int, first: int, end: int) -> int:
        """Give the starts of `[first, end)` that suit a need: the rules of person and queue (`Board.fits`)."""
        board, n = self.board, self.board.needs[need]
        a, b = self.window(need)
        a, b = max(a, first), min(b, end)
        if a >= b:
            return 0
        act, agent = board.acts[n.act], board.agents[n.agent]
        own = self.of_person(agent, act, a, b)
        if own:
            own &= self.of_queue(agent, act, a, b)
        if own:
            own &= self._ready(need, a, b)
        return own << (a - first)

    def of_person(self, agent: Agent, act: Activity, first: int, end: int) -> int:
        """Give the starts that suit a person: at work, free, rested, within spacing and dose."""
        board, length = self.board, act.length
        if length > min(board.rules.day_slots, board.rules.week_slots):
            return 0
        out = runs(span_mask(agent.work, first, end + length - 1), length)
        out &= (1 << (end - first)) - 1
        if not out:
            return 0
        site, gap = board.sites[agent.site], board.gap.get(act.kind, 0)
        gone = 0
        for a, b in day_spans(site, site.holidays):
            gone |= stretch(a, b, first, end)
        if gap:
            for kind, slot in agent.last:
                if kind == act.kind:
                    gone |= stretch(first, slot + gap, first, end)
        return out & ~(gone | self._taken(agent, act, first, end))

    def _taken(self, agent: Agent, act: Activity, first: int, end: int) -> int:
        """Give the starts that a person's other sessions forbid."""
        board, rules = self.board, self.board.rules
        site, gap, length = board.sites[agent.site], board.gap.get(act.kind, 0), act.length
        far, gone = max(gap, WEEK), 0
        in_day: dict[int, int] = defaultdict(int)
        in_week: dict[int, int] = defaultdict(int)
        for t, _, _, m in board.rows(agent.id, first - far, end + far):
            other = m.act
            gone |= stretch(t - length - act.recovery + 1, m.end + other.recovery, first, end)
            if gap and other.kind == act.kind:
                gone |= stretch(t - gap + 1, t + gap, first, end)
            day = site.day_of(t)
            in_week[t // WEEK] += other.length
            in_day[day] += other.length
            if act.recovery and other.recovery:
                in_day[day] += rules.day_slots
        for week, hours in in_week.items():
            if hours + length > rules.week_slots:
                gone |= stretch(week * WEEK, (week + 1) * WEEK, first, end)
        for a, b in day_spans(site, (d for d, hours in in_day.items() if hours + length > rules.day_slots)):
            gone |= stretch(a, b, first, end)
        return gone

    def of_queue(self, agent: Agent, act: Activity, first: int, end: int, people: int = 1) -> int:
        """Give the starts at which a queue can do without so many more people, rest after the session included."""
        rest = act.recovery
        wide = min(end + act.length - 1 + rest, self.board.slots)
        spare = self.spare(agent.pool, first, wide, people)
        out = runs(spare, act.length)
        if rest:
            # After the session only slots at work count.
            easy = spare | ~span_mask(agent.work, first, wide)
            for i in range(act.length, act.length + rest):
                out &= easy >> i
        return out & ((1 << (end - first)) - 1)

    def spare(self, pool: str, first: int, end: int, people: int = 1) -> int:
        """Give the slots of `[first, end)` in which a queue can do without so many more people."""
        out = 0
        for week in range(first // WEEK, (end - 1) // WEEK + 1):
            page = self.board.page(pool, week)
            a, b = max(first, week * WEEK), min(end, (week + 1) * WEEK)
            row = page[a - week * WEEK : b - week * WEEK]
            row.reverse()
            out |= int("".join(["1" if x >= people else "0" for x in row]), 2) << (a - first)
        return out

    def _ready(self, need: int, first: int, end: int) -> int:
        board = self.board
        out = (1 << (end - first)) - 1
        agent = board.needs[need].agent
        for gate in board.unheld(need):
            ends = [m.end for _, _, _, m in board.of.get(agent, ()) if m.act.id == gate]
            out &= stretch(min(ends), end, first, end) if ends else 0
        return out

    def of_leader(self, fac: Facilitator, act: Activity, first: int, end: int) -> int:
        """Give the starts at which a facilitator could lead; time to change rooms is not looked at."""
        board, length = self.board, act.length
        free = span_mask(fac.work, first, end + length - 1)
        hours: dict[int, int] = defaultdict(int)
        week_first = first // WEEK * WEEK
        for t, _, m in board.leading(fac.id, week_first - DAY, (end - 1) // WEEK * WEEK + WEEK):
            free &= ~stretch(t, m.end, first, end + length - 1)
            hours[t // WEEK] += m.act.length
        out = runs(free, length) & ((1 << (end - first)) - 1)
        for week in range(first // WEEK, (end - 1) // WEEK + 1):
            if hours[week] + length > fac.weekly_slots:
                out &= ~stretch(week * WEEK, (week + 1) * WEEK, first, end)
        return out

    def led(self, act: Activity, site: str, first: int, end: int) -> int:
        """Give the starts at which somebody could lead an activity at a site."""
        out = 0
        for fac in self.board.leaders(act.id, site):
            out |= self.of_leader(fac, act, first, end)
        return out

    def housed(self, act: Activity, site: str, first: int, end: int, people: int = 1) -> int:
        """Give the starts at which some room of a site that seats so many is open and free."""
        board, gap, length = self.board, self.board.rules.changeover_slots, act.length
        out = 0
        every = (1 << (end - first)) - 1
        board.load(first - DAY - gap, end + length + gap)
        for room in board.sites[site].rooms:
            if room.cap < people:
                continue
            gone = 0
            for a, b in room.closed:
                gone |= stretch(a - length + 1, b, first, end)
            rows = board.housed.get(room.id, ())
            if rows:
                near = rows[bisect_left(rows, (first - DAY - gap,)) : bisect_left(rows, (end + length + gap,))]
                for t, _, m in near:
                    gone |= stretch(t - gap - length + 1, m.end + gap, first, end)
            out |= every & ~gone
        return out
