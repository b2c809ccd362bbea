"""What changes between the published sessions and a new plan of the same problem, and for whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from devsys.core.planning.problem import Problem, Session


@dataclass(frozen=True, slots=True)
class Change:
    """One session before and after, None where it is new or cancelled.

    `people` are those who must hear of it, by id; `what` names what differs: start, facilitator, room, people.
    """

    before: Session | None
    after: Session | None
    people: tuple[str, ...]
    what: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diff:
    """New, moved (another start), changed (the same start, something else) and cancelled sessions.

    `concerned` are all people with a change, `untouched` those who have sessions and none changed; by id.
    """

    new: tuple[Change, ...]
    moved: tuple[Change, ...]
    changed: tuple[Change, ...]
    cancelled: tuple[Change, ...]
    concerned: tuple[str, ...]
    untouched: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Say whether nothing changed, so that nobody is told."""
        return not (self.new or self.moved or self.changed or self.cancelled)


def diff(problem: Problem, published: Iterable[Session], new: Iterable[Session]) -> Diff:
    """Give what changes; sessions are matched by id (see `keep_ids`), both sides by needs of the same problem."""
    old = {s.id: s for s in published}
    now = {s.id: s for s in new}
    found: dict[str, list[Change]] = defaultdict(list)
    concerned: set[str] = set()
    for id_ in sorted(old.keys() | now.keys(), key=lambda i: ((now.get(i) or old[i]).start, i)):
        kind, change = _compare(problem, old.get(id_), now.get(id_))
        if kind:
            found[kind].append(change)
            concerned.update(change.people)
    everybody = {p for s in (*old.values(), *now.values()) for p in people_of(problem, s)}
    return Diff(
        new=tuple(found["new"]),
        moved=tuple(found["moved"]),
        changed=tuple(found["changed"]),
        cancelled=tuple(found["cancelled"]),
        concerned=tuple(sorted(concerned)),
        untouched=tuple(sorted(everybody - concerned)),
    )


def people_of(problem: Problem, session: Session) -> frozenset[str]:
    """Give the people of a session, by id."""
    return frozenset(problem.needs[n].agent for n in session.att)


def _compare(problem: Problem, before: Session | None, after: Session | None) -> tuple[str, Change]:
    was = people_of(problem, before) if before else frozenset()
    now = people_of(problem, after) if after else frozenset()
    if before is None or after is None:
        return ("new" if before is None else "cancelled"), Change(before, after, tuple(sorted(was | now)))
    what = [
        name
        for name, differs in (
            ("start", before.start != after.start),
            ("facilitator", before.fac != after.fac),
            ("room", before.room != after.room),
            ("people", was != now),
        )
        if differs
    ]
    # Where only the list of people changed, those who stay have nothing to hear.
    told = was | now if what != ["people"] else was ^ now
    change = Change(before, after, tuple(sorted(told)), tuple(what))
    return ("moved" if "start" in what else "changed" if what else ""), change


def keep_ids(published: Iterable[Session], new: Iterable[Session]) -> tuple[Session, ...]:
    """Give the new sessions under the ids of the published ones they continue; others get ids that are free.

    A new session continues the published one of its activity and site with which it shares the most needs; where
    that is equal, the one at the same start, then the nearest in time.
    """
    old, fresh = tuple(published), tuple(new)
    pairs = sorted(_pairs(old, fresh))
    named: dict[int, str] = {}
    used: set[str] = set()
    for *_, i, id_ in pairs:
        if i not in named and id_ not in used:
            named[i] = id_
            used.add(id_)
    taken = {s.id for s in old}
    out, number = [], 0
    for i, session in enumerate(fresh):
        id_ = named.get(i, session.id)
        while i not in named and id_ in taken:
            number += 1
            id_ = f"r{number:05d}"
        taken.add(id_)
        out.append(replace(session, id=id_))
    return tuple(out)


def _pairs(old: tuple[Session, ...], fresh: tuple[Session, ...]) -> Iterable[tuple[int, int, int, int, str]]:
    """Give the pairs that share a need, best first when sorted: needs shared, another start, distance."""
    by_need: Mapping[int, list[Session]] = defaultdict(list)
    for session in old:
        for n in session.att:
            by_need[n].append(session)
    for i, session in enumerate(fresh):
        shared: dict[str, int] = defaultdict(int)
        known = {}
        for n in session.att:
            for other in by_need[n]:
                if (other.act, other.site) == (session.act, session.site):
                    shared[other.id] += 1
                    known[other.id] = other
        for id_, count in shared.items():
            away = abs(known[id_].start - session.start)
            yield (-count, int(away > 0), away, i, id_)
