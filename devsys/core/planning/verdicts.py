"""The rules that judge one session by itself: group, facilitator, room, people at work, windows."""

from collections.abc import Iterator

from devsys.base.words import phrase
from devsys.core.planning.desk import Desk, Held, Violation, covered
from devsys.core.planning.problem import Session, say_day


def session_violations(desk: Desk) -> Iterator[Violation]:
    """Give what is wrong with single sessions."""
    seen: set[str] = set()
    for session in desk.sessions:
        if session.id in seen:
            yield Violation(
                "known", session.id, phrase("The session id %(id)s is there twice.", id=session.id), (session.id,)
            )
        seen.add(session.id)
        if session.act not in desk.acts:
            what = phrase(
                "Session %(id)s is of an activity nobody knows, %(activity)s.", id=session.id, activity=session.act
            )
            yield Violation("known", session.id, what, (session.id,))
        if any(not 0 <= n < len(desk.problem.needs) for n in session.att):
            what = phrase("Session %(id)s seats a need that does not exist.", id=session.id)
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
        yield _one("horizon", held, phrase("%(session)s lies outside of the planned weeks.", session=desk.label(held)))
    for name in sorted({desk.agent_of(n).site for n in held.needs}):
        site = desk.sites[name]
        if site.day_of(start) in site.holidays:
            yield _one(
                "open_day",
                held,
                phrase("%(session)s falls on a holiday of %(site)s.", session=desk.label(held), site=site.label),
                name,
            )


def _group(desk: Desk, held: Held) -> Iterator[Violation]:
    count, act = len(held.session.att), held.act
    if count > act.gmax:
        yield _one(
            "group",
            held,
            phrase(
                "%(session)s seats %(count)s; at most %(most)s fit the group.",
                session=desk.label(held),
                count=count,
                most=act.gmax,
            ),
        )
    if count < act.gmin:
        yield _one(
            "group",
            held,
            phrase(
                "%(session)s has %(count)s; the group needs %(least)s.",
                session=desk.label(held),
                count=count,
                least=act.gmin,
            ),
        )
    people = [desk.agent_of(n) for n in held.needs]
    if len({p.id for p in people}) < len(people):
        yield _one("group", held, phrase("%(session)s seats the same person twice.", session=desk.label(held)))
    if len({p.site for p in people}) > 1:
        yield _one("group", held, phrase("%(session)s mixes people of several sites.", session=desk.label(held)))
    if act.same_team and len({p.team for p in people}) > 1:
        yield _one("group", held, phrase("%(session)s mixes people of several teams.", session=desk.label(held)))


def _facilitator(desk: Desk, held: Held) -> Iterator[Violation]:
    name = held.session.fac
    who = desk.facilitators.get(name)
    if who is None:
        yield _one(
            "facilitator", held, phrase("%(session)s has no facilitator we know.", session=desk.label(held)), name
        )
        return
    if held.act.id not in who.quals:
        yield _one(
            "facilitator",
            held,
            phrase("%(who)s is not qualified for %(activity)s.", who=who.label, activity=held.act.label),
            name,
        )
    for site in sorted({desk.agent_of(n).site for n in held.needs} - set(who.sites)):
        yield _one(
            "facilitator",
            held,
            phrase("%(who)s does not serve %(site)s.", who=who.label, site=desk.sites[site].label),
            name,
        )
    if not covered(who.work, held.session.start, held.end):
        yield _one(
            "facilitator",
            held,
            not_at_work(who.label, desk.label(held)),
            name,
        )


def not_at_work(who: str, session: str) -> str:
    """Say that who should lead a session is not at work for it."""
    return phrase("%(who)s is not at work for %(session)s.", who=who, session=session)


def _room(desk: Desk, held: Held) -> Iterator[Violation]:
    name = held.session.room
    if not held.act.room or held.act.online:
        return
    if name is None or name not in desk.rooms:
        yield _one("room", held, phrase("%(session)s needs a room and has none.", session=desk.label(held)))
        return
    room, place = desk.rooms[name]
    count = len(held.session.att)
    if any(a < held.end and held.session.start < b for a, b in room.closed):
        yield _one(
            "room",
            held,
            phrase("%(room)s is closed during %(session)s.", room=room.label, session=desk.label(held)),
            name,
        )
    if count > room.cap:
        yield _one(
            "room",
            held,
            phrase(
                "%(room)s seats %(most)s; %(session)s has %(count)s.",
                room=room.label,
                most=room.cap,
                session=desk.label(held),
                count=count,
            ),
            name,
        )
    if any(desk.agent_of(n).site != place for n in held.needs):
        yield _one(
            "room",
            held,
            phrase(
                "%(room)s is at another site than the people of %(session)s.", room=room.label, session=desk.label(held)
            ),
            name,
        )


def _people(desk: Desk, held: Held) -> Iterator[Violation]:
    start = held.session.start
    for n in held.needs:
        need, agent = desk.problem.needs[n], desk.agent_of(n)
        if not covered(agent.work, start, held.end):
            what = phrase(
                "%(who)s is not at work for the whole of %(session)s.", who=agent.label, session=desk.label(held)
            )
            yield _one("at_work", held, what, agent.id)
        if need.act != held.act.id:
            what = phrase(
                "%(who)s sits in %(session)s for a need of another activity.", who=agent.label, session=desk.label(held)
            )
            yield _one("need", held, what, agent.id)
        site = desk.sites[agent.site]
        if start < need.earliest:
            what = phrase(
                "%(session)s is too early for %(who)s: from %(day)s.",
                session=desk.label(held),
                who=agent.label,
                day=_day(desk, agent.site, need.earliest),
            )
            yield _one("window", held, what, agent.id)
        if start >= need.latest:
            when = say_day(desk.problem, site, need.latest)
            what = phrase(
                "%(session)s is too late for %(who)s: before %(day)s.",
                session=desk.label(held),
                who=agent.label,
                day=when,
            )
            yield _one("window", held, what, agent.id)


def _day(desk: Desk, site: str, slot: int) -> str:
    return say_day(desk.problem, desk.sites[site], slot)


def kept_violations(desk: Desk) -> Iterator[Violation]:
    """Give the pinned sessions that are gone or changed, and new ones inside the freeze window."""
    current = {s.id: s for s in desk.sessions}
    pinned = {s.id for s in desk.problem.pinned}
    for session in desk.problem.pinned:
        if session.id not in current:
            yield Violation(
                "kept", session.id, phrase("The pinned session %(id)s is gone.", id=session.id), (session.id,)
            )
        elif _key(current[session.id]) != _key(session):
            what = phrase("The pinned session %(id)s is not as it was.", id=session.id)
            yield Violation("kept", session.id, what, (session.id,))
    for held in desk.held:
        if held.session.start < desk.problem.frozen_until and held.session.id not in pinned:
            yield _one("frozen", held, phrase("%(session)s lies inside the freeze window.", session=desk.label(held)))


def _key(s: Session) -> tuple[object, ...]:
    return s.act, s.start, s.fac, s.room, tuple(sorted(s.att))
