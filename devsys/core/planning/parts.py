"""A problem taken apart into parts that cannot touch each other, and their plans put together again.

Two sites are in one part when somebody who is asked for leads at both, or a session that stays joins them. Nothing
else crosses sites: people, queues, teams and rooms belong to one, and a group is of one site. So the parts can be
planned anywhere and in any order, the bound of the whole is the sum of their bounds, and memory is that of a part.

Sites that somebody joins are planned apart all the same once they are too many people together: each week of such a
facilitator then belongs to one part (`lent`), and the bound leaves each part all of their weeks.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from devsys.core.planning.lent import Ground, lent
from devsys.core.planning.problem import Agent, Facilitator, Figures, Need, Plan, Problem, Session
from devsys.core.planning.quality import together

# So many people times slots of the horizon are planned together at most where only facilitators join them: a year of
# some 1,400 people. Beyond that the memory of a run, and its search, would grow with the whole organisation.
TOGETHER = 24_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """Some sites of a problem as a problem of their own; need `i` of it is need `needs[i]` of the whole.

    `shared` are those of its facilitators who lead in other parts too, with all of their time; the problem has them
    with the weeks they have for this part.
    """

    problem: Problem
    needs: Sequence[int]
    shared: tuple[Facilitator, ...] = ()

    @property
    def unshared(self) -> Problem:
        """The problem as though nobody else asked for its facilitators."""
        whole = {f.id: f for f in self.shared}
        leads = tuple(whole.get(f.id, f) for f in self.problem.facilitators)
        return replace(self.problem, facilitators=leads) if whole else self.problem

    def __reduce__(self) -> tuple[object, ...]:
        """Travel to another process: needs as columns, which is quicker and shorter, and nobody by name."""
        whole = self.problem
        without = replace(
            whole,
            agents=tuple(replace(a, name="") if a.name else a for a in whole.agents),
            facilitators=_unnamed(whole.facilitators),
            needs=(),
        )
        return _unpacked, (without, _Columns.of(whole), array("i", self.needs), _unnamed(self.shared))


def _unnamed(leads: Iterable[Facilitator]) -> tuple[Facilitator, ...]:
    return tuple(replace(f, name="") if f.name else f for f in leads)


def split(problem: Problem, together: int = TOGETHER) -> tuple[Part, ...]:
    """Give the parts of a problem, in the order of their first sites; a part without needs or pins is left out.

    A problem that cannot be taken apart is its own only part. Facilitators join sites of at most `together` people
    times slots.
    """
    joined = _Joined(problem, together)
    roots = joined.roots()
    if len(roots) <= 1:
        return (Part(problem, range(len(problem.needs))),)
    return joined.parts(roots)


class _Joined:
    """Sites, each with a link towards the first site of its part (disjoint sets)."""

    def __init__(self, problem: Problem, together: int) -> None:
        self.problem = problem
        self.link = {s.id: s.id for s in problem.sites}
        self.order = {s.id: i for i, s in enumerate(problem.sites)}
        self.site_of = {a.id: a.site for a in problem.agents}
        pools = {p.id: p.site for p in problem.pools}
        for agent in problem.agents:
            self.join((agent.site, pools[agent.pool]))
        self.asked: dict[str, Counter[str]] = defaultdict(Counter)
        for need in problem.needs:
            self.asked[self.site_of[need.agent]][need.act] += 1
        self.sites_of = {f.id: [s for s in f.sites if s in self.link] for f in problem.facilitators}
        self.room_at = {r.id: s.id for s in problem.sites for r in s.rooms}
        self.pinned_at = [self._pinned(session) for session in problem.pinned]
        self._lead(together)
        self._gather()

    def served(self, facilitator: Facilitator) -> list[str]:
        """Give the sites at which somebody could lead what is asked for there."""
        if not facilitator.work:
            return []
        return [s for s in facilitator.sites if not facilitator.quals.isdisjoint(self.asked.get(s, ()))]

    def _pinned(self, session: Session) -> str:
        """Join all but the leader that a session that stays names, whatever rule it breaks; give one of its sites."""
        named = [session.site] if session.site in self.link else []
        named += [self.site_of[self.problem.needs[n].agent] for n in session.att]
        named += [self.room_at[session.room]] if session.room in self.room_at else []
        self.join(named)
        named += self.sites_of.get(session.fac, ())
        return named[0] if named else self.problem.sites[0].id

    def _lead(self, together: int) -> None:
        """Join the sites of each facilitator: where they lead a session that stays, or could lead anything.

        Where all that hangs together so is too large, those who serve the fewest parts join first, as far as it goes.
        """
        sites = {f.id: set(self.served(f)) for f in self.problem.facilitators}
        for session, at in zip(self.problem.pinned, self.pinned_at, strict=True):
            if own := self.sites_of.get(session.fac):
                sites[session.fac].update((*own, at))
        apart = dict(self.link)
        for some in sites.values():
            self.join(some)
        people = Counter(self.find(a.site) for a in self.problem.agents)
        large = {root for root, count in people.items() if count * self.problem.slots > together}
        if not large:
            return
        joined = {name: some for name, some in sites.items() if some and self.find(min(some)) in large}
        self.link = apart
        for name, some in sites.items():
            if name not in joined:
                self.join(some)
        people = Counter(self.find(a.site) for a in self.problem.agents)
        for some in sorted(joined.values(), key=lambda some: len({self.find(s) for s in some})):
            roots = {self.find(s) for s in some}
            if len(roots) > 1 and (size := sum(people[r] for r in roots)) * self.problem.slots <= together:
                self.join(some)
                people[self.find(min(some))] = size

    def find(self, site: str) -> str:
        """Give the first site of the part a site is in."""
        while self.link[site] != site:
            self.link[site] = site = self.link[self.link[site]]
        return site

    def join(self, sites: Iterable[str]) -> None:
        """Make one part of the parts of some sites."""
        found = sorted({self.find(s) for s in sites}, key=self.order.__getitem__)
        for other in found[1:]:
            self.link[other] = found[0]

    def _gather(self) -> None:
        """Sort people, needs and pins by part, in their order."""
        self.agents: dict[str, list[Agent]] = defaultdict(list)
        for agent in self.problem.agents:
            self.agents[self.find(agent.site)].append(agent)
        self.needs: dict[str, array[int]] = defaultdict(lambda: array("i"))
        for n, need in enumerate(self.problem.needs):
            self.needs[self.find(self.site_of[need.agent])].append(n)
        self.pinned: dict[str, list[Session]] = defaultdict(list)
        for session, site in zip(self.problem.pinned, self.pinned_at, strict=True):
            self.pinned[self.find(site)].append(session)

    def roots(self) -> list[str]:
        """Give the first site of each part that has needs or pins."""
        found = {self.find(s.id) for s in self.problem.sites}
        return sorted((r for r in found if self.needs.get(r) or self.pinned.get(r)), key=self.order.__getitem__)

    def parts(self, roots: Sequence[str]) -> tuple[Part, ...]:
        """Give the parts; facilitators come along to each of which they serve a site, or lead what stays in it."""
        sites = [frozenset(s for s in self.link if self.find(s) == root) for root in roots]
        at = {root: place for place, root in enumerate(roots)}
        busy: dict[str, set[int]] = defaultdict(set)
        for session, site in zip(self.problem.pinned, self.pinned_at, strict=True):
            busy[session.fac].add(at[self.find(site)])
        wanted = {f.id: {at[r] for s in self.served(f) if (r := self.find(s)) in at} for f in self.problem.facilitators}
        shared = {f for f, some in wanted.items() if self.sites_of[f] and len(some | busy.get(f, set())) > 1}
        if not shared:
            return tuple(self._part(root, some, {}) for root, some in zip(roots, sites, strict=True))
        grounds = [self._ground(root, some) for root, some in zip(roots, sites, strict=True)]
        shares = lent(self.problem, grounds, shared)
        return tuple(self._part(root, some, share) for root, some, share in zip(roots, sites, shares, strict=True))

    def _ground(self, root: str, sites: frozenset[str]) -> Ground:
        asked = sum((self.asked[s] for s in sorted(sites) if s in self.asked), Counter[str]())
        return Ground(sites, self.agents[root], asked, self.pinned[root])

    def _part(self, root: str, sites: frozenset[str], share: Mapping[str, Facilitator]) -> Part:
        problem = self.problem
        agents, positions = self.agents[root], self.needs[root]
        people = {a.id for a in agents}
        pools, teams = {a.pool for a in agents}, {a.team for a in agents}
        at = {n: i for i, n in enumerate(positions)} if self.pinned[root] else {}
        leading = {s.fac for s in self.pinned[root]}
        leads = [f for f in problem.facilitators if f.id in leading or not sites.isdisjoint(f.sites)]
        return Part(
            replace(
                problem,
                sites=tuple(s for s in problem.sites if s.id in sites),
                pools=tuple(p for p in problem.pools if p.site in sites or p.id in pools),
                teams=tuple(t for t in problem.teams if t.site in sites or t.id in teams),
                agents=tuple(agents),
                facilitators=tuple(share.get(f.id, f) for f in leads),
                needs=tuple(problem.needs[n] for n in positions),
                series=tuple(s for s in problem.series if s.agent in people),
                pinned=tuple(replace(s, att=tuple(at[n] for n in s.att)) for s in self.pinned[root]),
            ),
            positions,
            tuple(f for f in leads if f.id in share),
        )


def join(
    problem: Problem,
    parts: Sequence[Part],
    new: Sequence[Iterable[Session]],
    figures: Sequence[Figures],
    notes: Iterable[str] = (),
) -> Plan:
    """Give the plan of the whole: its pins verbatim, and the new sessions and the figures of its parts."""
    seated: set[int] = {n for s in problem.pinned for n in s.att}
    sessions: list[Session] = []
    for part, some in zip(parts, new, strict=True):
        at = part.needs
        for s in some:
            needs = tuple(at[n] for n in s.att)
            seated.update(needs)
            sessions.append(replace(s, att=needs))
    owed = tuple(n for n in range(len(problem.needs)) if n not in seated)
    return Plan(numbered(problem, sessions), owed, _sum(figures), tuple(notes))


def numbered(problem: Problem, new: Iterable[Session]) -> tuple[Session, ...]:
    """Give the pins and new sessions by start, the new ones under ids that are free: the same whatever their order."""
    act = {a.id: i for i, a in enumerate(problem.activities)}
    site = {s.id: i for i, s in enumerate(problem.sites)}
    lead = {f.id: i for i, f in enumerate(problem.facilitators)}
    kept = {s.id for s in problem.pinned}
    free = (name for i in range(1, 1 << 40) if (name := f"n{i:05d}") not in kept)
    ordered = sorted(new, key=lambda s: (s.start, act[s.act], site[s.site], lead[s.fac]))
    named = (replace(s, id=name) for s, name in zip(ordered, free, strict=False))
    return tuple(sorted((*problem.pinned, *named), key=lambda s: (s.start, s.id)))


def _sum(figures: Sequence[Figures]) -> Figures:
    """Give the figures of the whole: all counts add up, the bounds too."""
    bound = sum(f.bound for f in figures)
    on_time = sum(f.on_time for f in figures)
    return Figures(
        needs=sum(f.needs for f in figures),
        placed=sum(f.placed for f in figures),
        on_time=on_time,
        late=sum(f.late for f in figures),
        owed=sum(f.owed for f in figures),
        sessions=sum(f.sessions for f in figures),
        bound=bound,
        share=round(on_time / bound, 6) if bound else 1.0,
        violations=sum(f.violations for f in figures),
        even=together(f.even for f in figures if f.even is not None),
        out_of_reach=sum(f.out_of_reach for f in figures),
    )


def _numbers(words: Iterable[str | None]) -> tuple[tuple[str | None, ...], "array[int]"]:
    """Give the distinct words in order of appearance, and for each word its number among them."""
    known: dict[str | None, int] = {}
    line = array("i", (known.setdefault(w, len(known)) for w in words))
    return tuple(known), line


@dataclass(frozen=True, slots=True)
class _Columns:
    """The needs of a problem column by column, without their keys and reasons; words that return are written once."""

    agents: "array[int]"
    acts: "array[int]"
    spans: tuple["array[int]", "array[int]", "array[int]"]
    series: tuple[tuple[str | None, ...], "array[int]"]
    steps: "array[int]"
    priorities: dict[int, int]

    @classmethod
    def of(cls, problem: Problem) -> "_Columns":
        """Give the columns of a problem."""
        needs = problem.needs
        agent = {a.id: i for i, a in enumerate(problem.agents)}
        act = {a.id: i for i, a in enumerate(problem.activities)}
        return cls(
            array("i", (agent[n.agent] for n in needs)),
            array("i", (act[n.act] for n in needs)),
            (
                array("q", (n.earliest for n in needs)),
                array("q", (n.due for n in needs)),
                array("q", (n.latest for n in needs)),
            ),
            _numbers(n.series for n in needs),
            array("q", (n.k for n in needs)),
            {i: n.priority for i, n in enumerate(needs) if n.priority is not None},
        )

    def needs(self, problem: Problem) -> Iterator[Need]:
        """Give the needs again, with the people and activities of the problem they came from."""
        agents = [a.id for a in problem.agents]
        acts = [a.id for a in problem.activities]
        series = self.series[0]
        rows = zip(self.agents, self.acts, *self.spans, self.series[1], self.steps, strict=True)
        for i, (agent, act, earliest, due, latest, s, k) in enumerate(rows):
            priority = self.priorities.get(i)
            yield Need(agents[agent], acts[act], earliest, due, latest, series[s], k, priority)


def _unpacked(problem: Problem, columns: _Columns, positions: "array[int]", shared: tuple[Facilitator, ...]) -> Part:
    """Give the part that travelled."""
    return Part(replace(problem, needs=tuple(columns.needs(problem))), positions, shared)
