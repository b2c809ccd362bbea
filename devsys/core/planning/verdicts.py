"""The rules that judge one session by itself: group, facilitator, room, people at work, windows."""

from collections.abc import Iterator

from devsys.core.planning.desk import Desk, Held, Violation, covered
from devsys.core.planning.problem import Session, say_day


def session_violations(desk: Desk) -> Iterator[Violation]:
    """Give what is wrong with single sessions."""
    seen: set[str] = set()
    for session in desk.sessions:
        if session.id in seen:
            yield Violation("known", session.id, f"The session id {session.id} is there twice.", (session.id,))
        seen.add(session.id)
        if session.act not in desk.acts:
            what = f"Session {session.id} is of an activity nobody knows, {session.act}."
            yield Violation("known", session.id, what, (session.id,))
        if any(not 0 <= n < len(desk.problem.needs) for n in session.att):
            what = f"Session {session.id} seats a need that does not exist."
            yield Violation("known", session.id, what, (session.id,))
    for held in desk.held:
        yield from _place_in_time(desk, held)
        yield from _group(desk, held)
        yield from _facilitator(desk, held)
        yield from _room(desk, held)
        yield from _people(desk, held)


def _one(rule: str, held: Held, what: str, who: str = "") -> Violation:
    return Violation(rule, who or held.session.id, what, (held.session.id,))


def _place_in_time(desk: Desk, held: Held) -> Iterator[Violation]:
    start = held.session.start
    if start < 0 or held.end > desk.problem.slots:
        yield _one("horizon", held, f"{desk.label(held)} lies outside of the planned weeks.")
    for name in sorted({desk.agent_of(n).site for n in held.needs}):
        site = desk.sites[name]
        if site.day_of(start) in site.holidays:
            yield _one("open_day", held, f"{desk.label(held)} falls on a holiday of {site.label}.", name)


def _group(desk: Desk, held: Held) -> Iterator[Violation]:
    count, act = len(held.session.att), held.act
    if count > act.gmax:
        yield _one("group", held, f"{desk.label(held)} seats {count}; at most {act.gmax} fit the group.")
    if count < act.gmin:
        yield _one("group", held, f"{desk.label(held)} has {count}; the group needs {act.gmin}.")
    people = [desk.agent_of(n) for n in held.needs]
    if len({p.id for p in people}) < len(people):
        yield _one("group", held, f"{desk.label(held)} seats the same person twice.")
    if len({p.site for p in people}) > 1:
        yield _one("group", held, f"{desk.label(held)} mixes people of several sites.")
    if act.same_team and len({p.team for p in people}) > 1:
        yield _one("group", held, f"{desk.label(held)} mixes people of several teams.")


def _facilitator(desk: Desk, held: Held) -> Iterator[Violation]:
    name = held.session.fac
    who = desk.facilitators.get(name)
    if who is None:
        yield _one("facilitator", held, f"{desk.label(held)} has no facilitator we know.", name)
        return
    if held.act.id not in who.quals:
        yield _one("facilitator", held, f"{who.label} is not qualified for {held.act.label}.", name)
    for site in sorted({desk.agent_of(n).site for n in held.needs} - set(who.sites)):
        yield _one("facilitator", held, f"{who.label} does not serve {desk.sites[site].label}.", name)
    if not covered(who.work, held.session.start, held.end):
        yield _one("facilitator", held, f"{who.label} is not at work for {desk.label(held)}.", name)


def _room(desk: Desk, held: Held) -> Iterator[Violation]:
    name = held.session.room
    if not held.act.room or held.act.online:
        return
    if name is None or name not in desk.rooms:
        yield _one("room", held, f"{desk.label(held)} needs a room and has none.")
        return
    room, place = desk.rooms[name]
    count = len(held.session.att)
    if any(a < held.end and held.session.start < b for a, b in room.closed):
        yield _one("room", held, f"{room.label} is closed during {desk.label(held)}.", name)
    if count > room.cap:
        yield _one("room", held, f"{room.label} seats {room.cap}; {desk.label(held)} has {count}.", name)
    if any(desk.agent_of(n).site != place for n in held.needs):
        yield _one("room", held, f"{room.label} is at another site than the people of {desk.label(held)}.", name)


def _people(desk: Desk, held: Held) -> Iterator[Violation]:
    start = held.session.start
    for n in held.needs:
        need, agent = desk.problem.needs[n], desk.agent_of(n)
        if not covered(agent.work, start, held.end):
            what = f"{agent.label} is not at work for the whole of {desk.label(held)}."
            yield _one("at_work", held, what, agent.id)
        if need.act != held.act.id:
            what = f"{agent.label} sits in {desk.label(held)} for a need of another activity."
            yield _one("need", held, what, agent.id)
        site = desk.sites[agent.site]
        if start < need.earliest:
            what = f"{desk.label(held)} is too early for {agent.label}: from {_day(desk, agent.site, need.earliest)}."
            yield _one("window", held, what, agent.id)
        if start >= need.latest:
            when = say_day(desk.problem, site, need.latest)
            what = f"{desk.label(held)} is too late for {agent.label}: before {when}."
            yield _one("window", held, what, agent.id)


def _day(desk: Desk, site: str, slot: int) -> str:
    return say_day(desk.problem, desk.sites[site], slot)


def kept_violations(desk: Desk) -> Iterator[Violation]:
    """Give the pinned sessions that are gone or changed, and new ones inside the freeze window."""
    current = {s.id: s for s in desk.sessions}
    pinned = {s.id for s in desk.problem.pinned}
    for session in desk.problem.pinned:
        if session.id not in current:
            yield Violation("kept", session.id, f"The pinned session {session.id} is gone.", (session.id,))
        elif _key(current[session.id]) != _key(session):
            what = f"The pinned session {session.id} is not as it was."
            yield Violation("kept", session.id, what, (session.id,))
    for held in desk.held:
        if held.session.start < desk.problem.frozen_until and held.session.id not in pinned:
            yield _one("frozen", held, f"{desk.label(held)} lies inside the freeze window.")


def _key(s: Session) -> tuple[object, ...]:
    return s.act, s.start, s.fac, s.room, tuple(sorted(s.att))
