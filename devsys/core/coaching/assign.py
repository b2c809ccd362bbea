"""Many who wait, served at once: one assignment problem, solved exactly, instead of first come, first fit.

Requests are given options (coach and time); a coach takes so many, a time once. Wanted is, in this order: that nobody
with more claim is left out for somebody with less (a broken promise before first come), that as many as possible are
served, that the wait is short, that wishes are met. It is a flow of least cost: request, start, coach, each with room.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

PROMISED = 1_000  # days of waiting that a promise which fell through is worth


@dataclass(frozen=True, slots=True)
class Chance:
    """One way to serve a request: `cost` says how far it is from what was wished, 0 is best."""

    coach: str
    start: datetime
    cost: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits: for so many days, with a promise that fell through or not."""

    id: str
    days: float
    chances: tuple[Chance, ...]
    promised: bool = False

    @property
    def claim(self) -> float:
        """What stands for them; more is more."""
        return self.days + PROMISED * self.promised


def assign(waiting: Sequence[Waiting], room: Mapping[str, int]) -> dict[str, Chance]:
    """Give each request its chance, as far as there is room: coaches by id with how many series they take.

    Who has more claim is never left out for who has less: requests come in order of claim, and each that can be served
    together with all before it is. Among all ways to serve those, the one of least cost is given; ties go by the order.
    """
    order = sorted(waiting, key=lambda w: (-w.claim, w.id))
    flow = _Flow(order, room)
    for request in order:
        flow.serve(request.id)
    return flow.chosen()


def first_fit(waiting: Sequence[Waiting], room: Mapping[str, int]) -> dict[str, Chance]:
    """Give what first come, first fit gives: each takes the best that is left. For comparison."""
    left = dict(room)
    taken: set[tuple[str, datetime]] = set()
    out: dict[str, Chance] = {}
    for request in sorted(waiting, key=lambda w: (-w.claim, w.id)):
        free = [c for c in request.chances if left.get(c.coach, 0) > 0 and (c.coach, c.start) not in taken]
        if free:
            best = min(free, key=lambda c: (c.cost, c.start, c.coach))
            out[request.id] = best
            left[best.coach] -= 1
            taken.add((best.coach, best.start))
    return out


Node = tuple[str, ...]
_SINK: Node = ("sink",)


class _Flow:
    """Shortest augmenting paths with potentials; a path that serves one more never leaves another unserved."""

    def __init__(self, order: Sequence[Waiting], room: Mapping[str, int]) -> None:
        self.edges: dict[Node, dict[Node, list[int]]] = {}  # node -> next -> [room left, cost]
        self.by: dict[tuple[str, str, datetime], Chance] = {}
        for request in order:
            for chance in request.chances:
                key = (request.id, chance.coach, chance.start)
                if room.get(chance.coach, 0) <= 0 or (key in self.by and self.by[key].cost <= chance.cost):
                    continue
                self.by[key] = chance
                start = ("start", chance.coach, chance.start.isoformat())
                self._edge(("request", request.id), start, 1, chance.cost)
                self._edge(start, ("coach", chance.coach), 1, 0)
                self._edge(("coach", chance.coach), _SINK, room[chance.coach], 0)
        self.height: dict[Node, int] = {}

    def _edge(self, a: Node, b: Node, room: int, cost: int) -> None:
        self.edges.setdefault(a, {})[b] = [room, cost]
        self.edges.setdefault(b, {}).setdefault(a, [0, -cost])
        self.edges[b][a][1] = -cost

    def serve(self, request: str) -> bool:
        """Serve one more request if that can be; those served before stay served, perhaps by others."""
        source = ("request", request)
        if source not in self.edges:
            return False
        # Nothing leads to a new source yet, so its height is free; so high, no way from it has a cost below 0.
        self.height[source] = max(self.height.get(other, 0) - cost for other, (_, cost) in self.edges[source].items())
        far: dict[Node, int] = {source: 0}
        came: dict[Node, Node] = {}
        queue: list[tuple[int, Node]] = [(0, source)]
        done: set[Node] = set()
        while queue:
            way, node = heapq.heappop(queue)
            if node in done:
                continue
            done.add(node)
            for other, (room, cost) in self.edges[node].items():
                step = way + cost + self.height.get(node, 0) - self.height.get(other, 0)
                if room > 0 and step < far.get(other, 1 << 60):
                    far[other] = step
                    came[other] = node
                    heapq.heappush(queue, (step, other))
        if _SINK not in far:
            return False
        most = far[_SINK]
        for node in self.edges:
            self.height[node] = self.height.get(node, 0) + min(far.get(node, most), most)
        node = _SINK
        while node != source:
            before = came[node]
            self.edges[before][node][0] -= 1
            self.edges[node][before][0] += 1
            node = before
        return True

    def chosen(self) -> dict[str, Chance]:
        """Give what flows."""
        return {
            request: chance
            for (request, coach, start), chance in self.by.items()
            if self.edges["start", coach, start.isoformat()].get(("request", request), [0])[0] > 0
        }
