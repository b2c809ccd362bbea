"""Why a session stands where it does, and why not at any other start: tried with the verifier, said with names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase, phrases
from devsys.core.planning.check import Violation, judge_move
from devsys.core.planning.problem import Plan, Problem, Session, Site, say_day, say_slot
from devsys.core.planning.verdicts import not_at_work
from devsys.core.planning.why_session import SessionStarts
from devsys.core.planning.why_words import COACHING, listed

_NEAREST_TRIED = 12


@dataclass(frozen=True, slots=True)
class Here:
    """Why a session stands where it does.

    `sentence` goes on after "Here:"; `due` says for whom and by when. `window` are its starts in words, `there` at how
    many of them everybody is at work, `filters` at how many of those each rule passes (words that follow "with"),
    `left` at how many all do.
    """

    sentence: str
    due: str
    window: str = ""
    there: int = 0
    filters: tuple[tuple[str, int], ...] = ()
    left: int = 0


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What stands against a start: a sentence for every rule broken; the nearest start that works, and its words.

    No sentence says that nothing stands against it. `nearest` is a slot, None where no start of the window works;
    `leader` is the id of whoever would have to lead there instead.
    """

    rules: tuple[str, ...]
    nearest: int | None = None
    words: str = ""
    leader: str = ""


def why_here(problem: Problem, plan: Plan, session_id: str) -> Here:
    """Give why a session stands where it does: what was scarce, counted over its window.

    Raises InvalidError when the plan has no such session.
    """
    session = _found(plan, session_id)
    if not session.att:
        return Here(phrase("nobody is seated."), "")
    due = _due(problem, session)
    starts = SessionStarts(problem, plan, session)
    if not len(starts.there):
        return Here(phrase("kept as it was; its people's windows have no start in common."), due)
    when = say_slot(problem, starts.site, session.start)
    sentence = starts.here() or phrase("%(when)s no longer suits everybody.", when=when)
    filters = tuple((f.words, f.starts) for f in starts.filters)
    return Here(sentence, due, starts.window(), int(starts.there.sum()), filters, starts.left())


def _due(problem: Problem, session: Session) -> str:
    """Say for whom the session is and by when."""
    needs = [problem.needs[n] for n in session.att]
    first = min(needs, key=lambda n: n.due)
    site = _site(problem, session)
    name = next(a.label for a in problem.activities if a.id == session.act)
    late = sum(session.start >= n.due for n in needs)
    due = phrases(
        "%(what)s is due for %(num)s person, first by %(day)s.",
        "%(what)s is due for %(num)s people, first by %(day)s.",
        len(needs),
        what=name,
        day=say_day(problem, site, max(0, first.due - 1)),
    )
    return phrase("%(due)s It is late for %(late)s.", due=due, late=late) if late else due


def why_not(problem: Problem, plan: Plan, session_id: str, start: int, beginning: int = 0) -> WhyNot:
    """Give what stands against moving a session to another start, and the nearest start that works.

    `start` may be any slot; no start before `beginning` is offered. The session keeps who leads it and its room; where
    no start works so, another leader is looked for. Raises InvalidError when the plan has no such session.
    """
    session = _found(plan, session_id)
    problem = discreet(problem)
    site = _site(problem, session)
    found = judge_move(problem, plan.sessions, session_id, start)
    rules = _rules(problem, plan, found, session)
    if not rules or not session.att:
        return WhyNot(rules)
    starts = SessionStarts(problem, plan, session)
    for _, near in zip(range(_NEAREST_TRIED), starts.near(start, beginning), strict=False):
        if not judge_move(problem, plan.sessions, session_id, near):
            return WhyNot(rules, near, nearest_words(say_slot(problem, site, near)))
    other = _with_another(problem, plan, starts, start, beginning)
    if other:
        return WhyNot(rules, *other)
    return WhyNot(rules, None, phrase("No other start %(window)s works for all.", window=starts.window()))


def nearest_words(when: str) -> str:
    """Name the nearest start that works."""
    return phrase("The nearest start that works: %(when)s.", when=when)


def _rules(problem: Problem, plan: Plan, found: Sequence[Violation], session: Session) -> tuple[str, ...]:
    """Give a sentence a rule; of people who are not at work one for all of them."""
    names = {a.id: a.label for a in problem.agents}
    away = sorted({names[v.who] for v in found if v.rule == "at_work" and v.who in names})
    out = [_away(away)] if away else []
    out += [said(problem, plan, v, session) for v in found if v.rule != "at_work" or v.who not in names]
    return tuple(dict.fromkeys(out))


def _away(names: Sequence[str]) -> str:
    return phrases(
        "%(names)s is not at work for all of it.",
        "%(names)s are not at work for all of it.",
        len(names),
        names=listed(names),
    )


def _with_another(
    problem: Problem, plan: Plan, starts: SessionStarts, asked: int, beginning: int
) -> tuple[int, str, str] | None:
    """Give the nearest start with another leader, its words, and who that is."""
    session, site = starts.session, starts.site
    for lead in problem.facilitators:
        if lead.id == session.fac or session.act not in lead.quals or session.site not in lead.sites:
            continue
        other = SessionStarts(problem, plan, replace(session, fac=lead.id))
        for _, near in zip(range(_NEAREST_TRIED), other.near(asked, beginning), strict=False):
            if not judge_move(problem, plan.sessions, session.id, near, facilitator=lead.id):
                when = say_slot(problem, site, near)
                words = phrase(
                    "The nearest start that works: %(when)s, with %(leader)s leading.", when=when, leader=lead.label
                )
                return near, words, lead.id
    return None


def discreet(problem: Problem) -> Problem:
    """Give the problem with its one-to-ones unnamed: who reads a sentence may not be one of the two."""
    acts = (replace(a, name=phrase("a one-to-one")) if a.kind == COACHING else a for a in problem.activities)
    return replace(problem, activities=tuple(acts))


def said(problem: Problem, plan: Plan, violation: Violation, session: Session) -> str:
    """Give a violation in words; of somebody who leads a one-to-one only that the time is taken."""
    acts = {a.id: a for a in problem.activities}
    sessions = {s.id: s for s in plan.sessions}
    others = [sessions[i] for i in violation.sessions if i != session.id and i in sessions]
    leads = {f.id: f.label for f in problem.facilitators}
    private = any(acts[s.act].kind == COACHING for s in others if s.act in acts)
    if violation.rule in ("one_place", "changeover") and violation.who in leads and private:
        return phrase("%(leader)s is taken then.", leader=leads[violation.who])
    if violation.rule == "facilitator" and violation.who in leads and session.act in acts:
        # The session and its time are what was asked about: they need not be said again.
        who = leads[violation.who]
        before, _, after = not_at_work(who, "\0").partition("\0")
        if violation.what.startswith(f"{before}{acts[session.act].label},") and violation.what.endswith(after):
            return phrase("%(who)s is not at work then.", who=who)
    return violation.what


def _site(problem: Problem, session: Session) -> Site:
    agents = {a.id: a for a in problem.agents}
    name = agents[problem.needs[session.att[0]].agent].site if session.att else session.site
    return next(s for s in problem.sites if s.id == name)


def _found(plan: Plan, session_id: str) -> Session:
    for session in plan.sessions:
        if session.id == session_id:
            return session
    raise InvalidError(phrase("There is no such session in this plan."), (Fault("session", session_id),))
