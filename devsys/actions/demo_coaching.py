"""Coaching in the demo organisation: plans that ran and run with words in them, and a request in each state."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from devsys.actions import demo_observations
from devsys.actions.coaching_figures import HELP
from devsys.actions.coaching_picture import match, situation
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, coaching, coaching_plans, house, people, programme, sessions
from devsys.adapters.store.queries import series as series_queries
from devsys.adapters.store.queries.coaching import Declining
from devsys.adapters.store.store import Db
from devsys.base.ids import new_id
from devsys.core.coaching.match import USUAL_LOAD
from devsys.core.model.access import Grant, Role
from devsys.core.model.calendar import Session
from devsys.core.model.coaching import Course, Declined, Desk, Note, Outcome, Plan, Request, State
from devsys.core.model.needs import SeriesRequest
from devsys.core.model.programme import Rhythm

_LANGUAGES: Final = (("English", "Portuguese"), ("English", "Polish"), ("English", "Hindi"), ("English", "Nepali"))
# By theme: what is hoped for, how it is, how it will be noticed, a step, a note, what helped.
_WORDS: Final[Mapping[str, tuple[tuple[str, str, str, str, str, str], ...]]] = {
    "coaching_calls": (
        (
            "I want to let people finish before I answer. I jump in as soon as I know the solution.",
            "In three of five calls somebody says: let me finish.",
            "I count how often I am asked to wait, ten calls a week.",
            "Breathe out once before the first answer, in every refund call.",
            "Two calls replayed. The pause felt endless to me; on the recording it is a second.",
            "Hearing myself, and nobody telling me what to say.",
        ),
        (
            "After a shouting caller I carry it into the next three calls. I want to leave it behind sooner.",
            "I need about half an hour until my voice is mine again.",
            "I write down when I notice that it has gone.",
            "Stand up, water, then one line: this was about the parcel.",
            "The worst part is the minute before the next ring. Tried three ways to use it.",
            "That it was allowed to take time.",
        ),
        (
            "My calls get long at the end. I would like to close them kindly and clearly.",
            "I say goodbye twice or three times before anybody hangs up.",
            "One sentence that sums up, then one goodbye.",
            "Say what happens next before asking whether there is anything else.",
            "Played the last minute of two calls, and swapped roles.",
            "Seeing that short can be warm.",
        ),
    ),
    "coaching_writing": (
        (
            "My answers sound like the manual. I want to write as I talk.",
            "I reread each answer four times and still do not like it.",
            "Somebody who knows me recognises it as mine.",
            "Read the first two sentences aloud before sending, in complaints only.",
            "Turned one answer round: the decision first, the reasons after. Half as long.",
            "Having one reader who says what they would do after reading it.",
        ),
        (
            "I apologise so much that people stop believing me.",
            "Five times sorry in the last complaint.",
            "One apology where we were wrong, none where we were not.",
            "Mark each sorry, keep the one that is meant.",
            "Wrote three openings without an apology. Two of them are kinder than before.",
            "The pencil.",
        ),
    ),
    "coaching_conflict": (
        (
            "I say yes to keep the peace and then cannot keep it. I want to say no earlier.",
            "Twice a week I promise something that is not mine to promise.",
            "I notice the no while it is still easy, and say it.",
            "In the first minute: what I can do, and what I cannot.",
            "We looked for the earliest moment. It was the second sentence.",
            "Trying it out loud until it was my own sentence.",
        ),
        (
            "When somebody gets personal I go cold. I would rather stay there and say where it ends.",
            "I read from the screen as soon as I am called names.",
            "I can say the limit once, without the screen.",
            "One sentence, standing: I will help with the order, not with this tone.",
            "It is less about the sentence than about the pause after it.",
            "Not being told to calm down.",
        ),
    ),
}
_HELP: Final = (
    "Some things are not for a colleague to carry. Our employee line is there day and night, in four languages and "
    "without a name; the number stands on the intranet under Care."
)
_NEW: Final = "In a busy hour I talk faster and faster. In six weeks I would like to hear myself slow down in time."


def fill(parts: Parts, *, employee_id: str, coach_id: str, seed: int) -> str:
    """Bring coaching to life in a demo whose year is planned; give what there is in a sentence."""
    now, draw = parts.now(), Random(seed)  # noqa: S311 -- made-up people, no secrets
    with parts.store.write() as db:
        codes = frozenset(a.code for a in programme.activities(db).values() if a.cadence.rhythm is Rhythm.REQUEST)
        held: dict[str, list[Session]] = defaultdict(list)
        for session in sessions.published(db, sessions.Wanted(activities=codes)):
            if session.series:
                held[session.series].append(session)
        running = _plans(db, held, now, draw)
        coaches = _coaches(db, running, coach_id, now)
        house.set_fact(db, HELP, _HELP)
        demo_observations.fill(db, employee_id=employee_id, coach_id=coach_id, now=now)
        for reason, days in ((Declined.NEAR, 12), (Declined.TIMES, 41)):
            at = now - timedelta(days=days)
            coaching.decline(db, Declining(new_id(), coaches[-1], min(codes), reason, at))
    asked = _requests(parts, employee_id, coach_id, sorted(codes), draw)
    return f"Coaching: {sum(running.values())} series run, {asked} requests are open."


def _plans(db: Db, held: Mapping[str, Sequence[Session]], now: datetime, draw: Random) -> Counter[str]:
    """Give each series of the planner a plan with words; give how many run, by coach."""
    running: Counter[str] = Counter()
    for request in series_queries.requests(db):
        talks = held.get(request.id, ())
        coach = next((s.facilitator_id for s in talks if s.facilitator_id), None)
        if coach is None:
            series_queries.withdraw(db, request.id, request.person_id, now)
            continue
        last = talks[-1].ends_utc
        over = last < now
        state = Course.RUNNING if not over else Course.LEFT if draw.random() < 0.12 else Course.FINISHED  # noqa: PLR2004
        back = (last + timedelta(weeks=8)).date() if state is Course.FINISHED else None
        plan = Plan(
            id=request.id,
            person_id=request.person_id,
            coach_id=coach,
            activity=request.activity,
            state=state,
            series_id=request.id,
            begun=min(request.requested, now - timedelta(days=draw.randrange(2, 11))),
            ended=last if over else None,
            look_back=back,
            series=(request.id,),
        )
        coaching_plans.keep(db, plan)
        coaching_plans.add_part(db, plan.id, plan.series_id, coach, plan.begun)
        _ask(db, plan, request, draw)
        _write(db, plan, talks, now, draw)
        if over:
            series_queries.withdraw(db, request.id, request.person_id, last)
        else:
            running[coach] += 1
    return running


def _ask(db: Db, plan: Plan, request: SeriesRequest, draw: Random) -> None:
    """Keep the request a plan came of: it was asked for some days before its coach said yes."""
    made = plan.begun - timedelta(days=draw.choice((0, 1, 1, 2, 3, 5, 8)))
    over = plan.state is not Course.RUNNING
    kept = Request(
        id=plan.id,
        person_id=plan.person_id,
        state=State.OVER if over else State.RUNNING,
        activity=plan.activity,
        principle="",
        preferred=request.preferred,
        made=made,
        changed=plan.begun,
        ended=plan.ended,
        coach_id=plan.coach_id,
        plan_id=plan.id,
        served=plan.begun,
    )
    coaching.keep(db, kept)


def _write(db: Db, plan: Plan, talks: Sequence[Session], now: datetime, draw: Random) -> None:
    goal, baseline, measure, step, note, helped = draw.choice(_WORDS.get(plan.activity) or _WORDS["coaching_calls"])
    words = {"goal": goal, "baseline": baseline, "measure": measure}
    if plan.state is Course.FINISHED:
        words |= {"outcome": draw.choice((Outcome.MET, Outcome.MET, Outcome.PARTLY, Outcome.NOT)).value}
        words |= {"helped": helped}
        if plan.look_back is not None and plan.look_back <= now.date():
            words |= {"looked": "It comes back when I am tired, but I notice it now."}
    coaching_plans.write(db, plan, words)
    gone = [s for s in talks if s.ends_utc < now]
    if gone:
        done = plan.state is not Course.RUNNING or len(gone) > 1
        first, last = gone[0].ends_utc, gone[-1].ends_utc
        coaching_plans.add_note(db, plan, Note(new_id(), "step", step, plan.person_id, first, done))
        coaching_plans.add_note(db, plan, Note(new_id(), "note", note, plan.coach_id, last))
        if plan.coach_id:
            coaching_plans.add_private(db, plan.id, plan.coach_id, "Give more silence. Do not offer mine.", last)


def _coaches(db: Db, running: Counter[str], coach_id: str, now: datetime) -> list[str]:
    """Let everybody who is qualified answer for themselves; one of them pauses."""
    leading = people.organisation(db).facilitators
    mine = sorted(f.person_id for f in leading if any("coaching" in q for q in f.qualifications))
    names = {p.id: p for p in people.organisation(db).people}
    for number, person_id in enumerate(mine):
        if accounts.account(db, person_id) is None:
            # No password: nobody signs in as them, but they can be asked.
            accounts.add_account(db, person_id=person_id, email=names[person_id].email, password_hash="", now=now)
            accounts.add_grants(db, person_id, (Grant(Role.COACH),))
        load = running[person_id]
        paused = number == len(mine) - 1 and person_id != coach_id
        most = max(USUAL_LOAD, load + 2) if person_id == coach_id else max(USUAL_LOAD, load)
        languages = _LANGUAGES[-1] if paused else _LANGUAGES[number % (len(_LANGUAGES) - 1)]
        coaching.set_desk(db, Desk(person_id, most, paused, languages), now)
    return mine


def _requests(parts: Parts, employee_id: str, coach_id: str, codes: Sequence[str], draw: Random) -> int:
    """Ask in each state: proposals for the employee's account, one that waits for the coach's, one who waits."""
    now = parts.now()
    mornings = tuple((day, time(9), time(13)) for day in range(5))
    with parts.store.read() as db:
        busy = {p.person_id for p in coaching_plans.running(db)} | {employee_id}
        organisation = people.organisation(db)
        home = {p.id: p.team_id for p in organisation.people}
        sites = {t.id: t.site_id for t in organisation.teams}
        near = next((f.site_ids for f in organisation.facilitators if f.person_id == coach_id), ())
        free = [
            p.id
            for p in organisation.people
            if p.queue_id and p.left is None and p.id not in busy and sites.get(home[p.id] or "") in near
        ]
        others = draw.sample(free, min(3, len(free)))
        made = [_new(employee_id, "coaching_conflict", now, mornings)]
        for person, days in zip(others, (1, 9, 0), strict=False):
            made.append(_new(person, draw.choice(codes), now - timedelta(days=days), mornings))
        if len(made) > 1:
            made[1] = replace(made[1], former_id=coach_id)
        if len(made) > 2:  # noqa: PLR2004 -- the second of the others waits
            made[2] = replace(made[2], language=_LANGUAGES[-1][-1])
        asking, drafts = made[:3], made[3:]
        seen = situation(db, now, asking)
    matched = match(seen, asking)
    with parts.store.write() as db:
        for request in matched:
            theirs = next((o for o in request.offers if o.coach_id == coach_id), None)
            asked = replace(request, state=State.ASKED, offers=(theirs,), coach_id=coach_id) if theirs else request
            to_coach = request.person_id != employee_id and theirs is not None
            coaching.keep(db, asked if to_coach else request, _NEW)
            if to_coach and theirs is not None:
                coaching.hold(db, request.id, coach_id, theirs.starts)
        for request in drafts:
            coaching.keep(db, replace(request, state=State.DRAFT), "I am not sure yet how to say it.")
    return len(matched)


def _new(person_id: str, activity: str, made: datetime, wished: tuple[tuple[int, time, time], ...]) -> Request:
    return Request(
        id=new_id(),
        person_id=person_id,
        state=State.WAITING,
        activity=activity,
        principle="",
        preferred=wished,
        made=made,
        changed=made,
    )
