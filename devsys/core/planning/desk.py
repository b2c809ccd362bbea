"""What the verifier looks things up in: a problem by id and a plan by person, facilitator, room and need.

Nothing here is shared with the planner: the rules are stated a second time, in plain Python over the values.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from devsys.base.words import grouped, phrase
from devsys.core.planning.problem import Activity, Agent, Problem, Session, Site, Span, say_slot

# The rules by their code, as people read them.
RULES: Mapping[str, str] = MappingProxyType(
    {
        "known": "Everything named exists",
        "horizon": "Inside the horizon",
        "at_work": "At work",
        "open_day": "No session on a holiday of the site",
        "coverage": "The queue keeps the people it needs",
        "one_place_person": "A person is in one place at a time",
        "one_place": "A facilitator and a room are in one place at a time",
        "changeover": "Time to change rooms",
        "facilitator": "A qualified facilitator, at work, within weekly hours",
        "room": "A room of the site, large enough",
        "group": "Group size, one site, one team",
        "need": "Each need once, by its own activity",
        "window": "Inside the window of the need",
        "spacing": "Days between sessions of a kind",
        "dose": "Learning time a day and a week",
        "recovery": "Recovery after an intense session",
        "prerequisite": "First things first",
        "series": "A series in order, spaced, with one coach",
        "kept": "Pinned sessions stay as they are",
        "frozen": "Nothing new inside the freeze window",
    }
)


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that is broken: `rule` is a code of `RULES`, `who` an id, `what` a sentence for people.

    `sessions` are the ids of the sessions concerned.
    """

    rule: str
    who: str
    what: str
    sessions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The rule as people read it."""
        return RULES[self.rule]


@dataclass(frozen=True, slots=True)
class Held:
    """A session whose activity is known, with its end and its needs that are known."""

    session: Session
    act: Activity
    end: int
    needs: tuple[int, ...]


def say_hours(slots: int) -> str:
    """Give the length of some slots in words: `1 h`, `2.5 h`."""
    return phrase("%(hours)s h", hours=grouped(f"{slots / 2:g}"))


def covered(spans: Sequence[Span], first: int, end: int) -> bool:
    """Say whether sorted spans cover `[first, end)` without a gap."""
    i = bisect_right(spans, (first, 1 << 60)) - 1
    if i < 0:
        return False
    reach = first
    while i < len(spans) and spans[i][0] <= reach:
        reach = max(reach, spans[i][1])
        if reach >= end:
            return True
        i += 1
    return False


def at_work_in(spans: Sequence[Span], slot: int) -> bool:
    """Say whether a slot lies in one of the sorted spans."""
    i = bisect_right(spans, (slot, 1 << 60)) - 1
    return i >= 0 and spans[i][1] > slot


class Desk:
    """A problem and sessions laid out for judging. Sessions of an activity nobody knows are only reported.

    `people` narrows the view to some persons: what the others do is then seen only in the queues.
    """

    def __init__(self, problem: Problem, sessions: Iterable[Session], people: frozenset[str] | None = None) -> None:
        self.people = people
        self.problem = problem
        self.sessions = tuple(sessions)
        self.sites = {s.id: s for s in problem.sites}
        self.pools = {p.id: p for p in problem.pools}
        self.acts = {a.id: a for a in problem.activities}
        self.agents = {a.id: a for a in problem.agents}
        self.facilitators = {f.id: f for f in problem.facilitators}
        self.teams = {t.id: t for t in problem.teams}
        self.rooms = {r.id: (r, s.id) for s in problem.sites for r in s.rooms}
        self._wanted: dict[str, frozenset[str]] | None = None
        self.held: list[Held] = []
        self.by_agent: dict[str, list[tuple[Held, int]]] = defaultdict(list)
        self.by_facilitator: dict[str, list[Held]] = defaultdict(list)
        self.by_room: dict[str, list[Held]] = defaultdict(list)
        self.by_need: dict[int, list[Held]] = defaultdict(list)
        for session in self.sessions:
            self._lay_out(session)
        for entries in self.by_agent.values():
            entries.sort(key=lambda e: (e[0].session.start, e[0].end))
        for table in (self.by_facilitator, self.by_room):
            for rows in table.values():
                rows.sort(key=lambda h: (h.session.start, h.end))

    def _lay_out(self, session: Session) -> None:
        act = self.acts.get(session.act)
        if act is None:
            return
        needs = tuple(n for n in session.att if 0 <= n < len(self.problem.needs))
        held = Held(session, act, session.start + act.length, needs)
        self.held.append(held)
        for n in needs:
            self.by_need[n].append(held)
            agent = self.problem.needs[n].agent
            if self.people is None or agent in self.people:
                self.by_agent[agent].append((held, n))
        if session.fac in self.facilitators:
            self.by_facilitator[session.fac].append(held)
        if session.room is not None and session.room in self.rooms:
            self.by_room[session.room].append(held)

    def wanted(self, agent: str) -> frozenset[str]:
        """Give the activities a person has needs for."""
        if self._wanted is None:
            found: dict[str, set[str]] = defaultdict(set)
            for need in self.problem.needs:
                found[need.agent].add(need.act)
            self._wanted = {name: frozenset(acts) for name, acts in found.items()}
        return self._wanted.get(agent, frozenset())

    def agent_of(self, need: int) -> Agent:
        """Give the person a need belongs to."""
        return self.agents[self.problem.needs[need].agent]

    def site_of(self, held: Held) -> Site | None:
        """Give the site a session is spoken in: that of its people, else the one it names."""
        if held.needs:
            return self.sites.get(self.agent_of(held.needs[0]).site)
        return self.sites.get(held.session.site)

    def label(self, held: Held) -> str:
        """Give a session in words: activity and local time."""
        site = self.site_of(held)
        start = held.session.start
        when = say_slot(self.problem, site, start) if site else phrase("slot %(number)s", number=start)
        return phrase("%(activity)s, %(when)s", activity=held.act.label, when=when)

    def recovers(self, agent: Agent, held: Held) -> Iterable[int]:
        """Give the slots after an intense session in which a person at work is still off the queue."""
        for slot in range(held.end, min(held.end + held.act.recovery, self.problem.slots)):
            if at_work_in(agent.work, slot):
                yield slot
