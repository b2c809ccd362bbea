"""A plan taken apart as its problem is, to look for reasons part by part: memory and search are those of a part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from devsys.core.planning.parts import TOGETHER, Part, split
from devsys.core.planning.problem import Plan, Problem, Session
from devsys.core.planning.relax import Relax


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A part as a problem of its own, with its share of a plan; need `i` of it is need `needs[i]` of the whole.

    Facilitators have all of their time. What they lead in other parts stands as a pinned session without people.
    """

    problem: Problem
    plan: Plan
    needs: Sequence[int]

    def session(self, session: Session) -> Session:
        """Give a session of the part as one of the whole."""
        return replace(session, att=tuple(self.needs[n] for n in session.att))

    def relax(self, relax: Relax) -> Relax:
        """Give what is let go in the part as it is in the whole."""
        return replace(relax, put=tuple(self.session(s) for s in relax.put)) if relax.put else relax


def apart(problem: Problem, plan: Plan, together: int = TOGETHER) -> Iterator[PartPlan]:
    """Give the parts of a plan that leave anything owed, one at a time; `together` is that of `parts.split`."""
    parts = split(problem, together)
    if len(parts) == 1:
        yield PartPlan(problem, plan, range(len(problem.needs)))
        return
    place_of = {s.id: place for place, part in enumerate(parts) for s in part.problem.sites}
    at = {n: (place, i) for place, part in enumerate(parts) for i, n in enumerate(part.needs)}
    pinned = {s.id: place for place, part in enumerate(parts) for s in part.problem.pinned}
    rows: list[list[Session]] = [[] for _ in parts]
    for session in plan.sessions:
        known = [at[n][0] for n in session.att]
        place = known[0] if known else pinned.get(session.id, place_of.get(session.site, 0))
        rows[place].append(session)
    owed: list[list[int]] = [[] for _ in parts]
    for n in plan.owed:
        place, i = at[n]
        owed[place].append(i)
    for place, part in enumerate(parts):
        if owed[place]:
            mine = [replace(s, att=tuple(at[n][1] for n in s.att)) for s in rows[place]]
            ghosts = _elsewhere(part, place, rows)
            held = tuple(sorted((*mine, *ghosts), key=lambda s: (s.start, s.id)))
            whole = part.unshared
            yield PartPlan(
                replace(whole, pinned=(*whole.pinned, *ghosts)),
                replace(plan, sessions=held, owed=tuple(owed[place])),
                part.needs,
            )


def _elsewhere(part: Part, place: int, rows: Sequence[Sequence[Session]]) -> list[Session]:
    """Give what the facilitators of a part lead in others, as though it were at a site of theirs here."""
    here = {s.id for s in part.problem.sites}
    sites: Mapping[str, str] = {
        f.id: next((s for s in f.sites if s in here), part.problem.sites[0].id) for f in part.shared
    }
    return [
        replace(s, site=sites[s.fac], room=None, att=())
        for other, some in enumerate(rows)
        if other != place
        for s in some
        if s.fac in sites
    ]
