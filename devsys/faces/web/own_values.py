"""A person's own page: what comes next and what may be answered, what changed for them, how their links fare."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from flask import url_for

from devsys.actions import give_feedback, share_coaching, take_pause
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import answers, asks, coaching_plans, feeds, programme, pulse, sessions
from devsys.adapters.store.queries.answers import Answer
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import clock, period
from devsys.base.written import day as day_words
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Session
from devsys.core.model.coaching import Course
from devsys.core.model.feedback import Stage
from devsys.core.model.moves import Moved, moves_of
from devsys.core.model.pulse import month_of
from devsys.faces.web import shown
from devsys.faces.web.feed_values import health
from devsys.faces.web.filters import local
from devsys.faces.web.pulse_values import month_words
from devsys.faces.web.words import first_up

MOST_LED: Final = 50
MOST_ASKED: Final = 3  # questions that wait on the page at a time
NEWS: Final = timedelta(days=14)  # how long a change is told on the page to somebody who does not say that it fits


def pause(db: Db, viewer: Viewer, now: datetime) -> dict[str, str]:
    """Give the pause somebody may take after a session of today: what it was, until when; empty where there is none."""
    found = take_pause.offered(db, viewer, now)
    if found is None:
        return {}
    names = shown.names_for(db, [found.session])
    starts, ends = (clock(local(at, viewer.zone)) for at in (found.starts, found.ends))
    return {
        "kind": names.kind(found.session.activity).value,
        "title": names.title(found.session.activity),
        "when": phrase("from %(starts)s to %(ends)s", starts=starts, ends=ends),
        "take": url_for("pause.take"),
    }


def changes(db: Db, viewer: Viewer, said: Mapping[str, Answer], now: datetime) -> tuple[Moved, ...]:
    """Give what changed for a person in the last two weeks that they have not said to fit."""
    states = sessions.histories_of(db, viewer.person_id, now - NEWS)
    known = {i: max(a.given, now - NEWS) for i, a in said.items() if a.comes}
    own = [i for i, a in said.items() if not a.comes]
    return moves_of(viewer.person_id, states, known, own, since=now - NEWS, now=now)


def told_changes(db: Db, viewer: Viewer, said: Mapping[str, Answer], now: datetime) -> list[dict[str, Any]]:
    """Give the changes as the page shows them: old struck through, new, cause in one line."""
    found = changes(db, viewer, said, now)
    if not found:
        return []
    names = shown.names_for(db, [s for m in found for s in (m.before, m.after) if s is not None])
    return [_change(one, names) for one in found]


def _change(one: Moved, names: shown.Names) -> dict[str, Any]:
    before, after = one.before, one.after
    return {
        "kind": names.kind(before.activity).value,
        "title": names.title(before.activity),
        "href": shown.session_link((after or before).id),
        "old": _old(one, names),
        "new": _new(one, names),
        "cause": first_up(one.cause) + "." if one.cause else "",
        "fits": url_for("answers.give", session_id=after.id) if after else "",
        "others": url_for("answers.show", session_id=after.id) if after else "",
    }


def _old(one: Moved, names: shown.Names) -> str:
    if one.only_leader:
        return phrase("with %(who)s", who=names.person(one.before.facilitator_id))
    if one.after is not None and one.before.starts_utc == one.after.starts_utc:
        return names.place(one.before)
    return _when(one.before)


def _new(one: Moved, names: shown.Names) -> str:
    after = one.after
    if after is None:
        return phrase("You are owed another date")
    if one.only_leader:
        return phrase("%(when)s, with %(who)s", when=_when(after), who=names.person(after.facilitator_id))
    return f"{_when(after)}, {names.place(after)}"


def _when(session: Session) -> str:
    return f"{day_words(session.starts)}, {period(session.starts, session.ends)}"


def next_answer(session: Session, viewer: Viewer, said: Mapping[str, Answer]) -> dict[str, str]:
    """Give what may be said to the next session, and what was; nothing to who leads it."""
    if viewer.person_id not in session.people:
        return {}
    own = said.get(session.id)
    return {
        "href": url_for("answers.show", session_id=session.id),
        "said": own.says if own is not None and own.about(session) else "",
    }


def links(db: Db, viewer: Viewer, now: datetime) -> list[dict[str, Any]]:
    """Give the person's calendar links with how they fare."""
    return [
        {"name": f.name, "status": health(f, now), "fetched": f.fetched is not None}
        for f in feeds.of_owner(db, viewer.person_id)
    ]


def said_by(db: Db, viewer: Viewer) -> Mapping[str, Answer]:
    """Give what a person answered, by session."""
    return answers.of_person(db, viewer.person_id)


def goals(parts: Parts, viewer: Viewer) -> list[dict[str, str]]:
    """Give what the person works on with a coach: the plan that runs, how far it is, what comes next; no word of it."""
    now = parts.now()
    out = []
    with parts.store.read() as db:
        known = programme.activities(db)
        for plan in coaching_plans.of_person(db, viewer.person_id):
            if plan.state is not Course.RUNNING:
                continue
            talks = share_coaching.sessions_of(db, plan)
            ahead = [s for s in talks if s.starts_utc > now]
            title = known[plan.activity].title if plan.activity in known else phrase("Coaching")
            out.append(
                {
                    "title": title,
                    "words": phrases(
                        "%(held)s of %(num)s talk held",
                        "%(held)s of %(num)s talks held",
                        len(talks),
                        held=len(talks) - len(ahead),
                    ),
                    "next": phrase("Next %(day)s", day=day_words(ahead[0].starts))
                    if ahead
                    else phrase("All that was agreed is held"),
                    "href": url_for("coaching_plan.show", plan_id=plan.id),
                }
            )
    return out


def questions(db: Db, parts: Parts, viewer: Viewer) -> list[dict[str, str]]:
    """Give the sessions a person is asked about now, the latest first."""
    asked = give_feedback.asked_of(db, parts, viewer.person_id)[:MOST_ASKED]
    names = shown.names_for(db, [a.session for a in asked])
    return [
        {
            "kind": names.kind(a.session.activity).value,
            "title": names.title(a.session.activity),
            "when": day_words(a.session.starts),
            "href": url_for("feedback.ask", session_id=a.session.id),
            "words": phrase("Six weeks on: two questions")
            if a.stage is Stage.LATER
            else phrase("How was it? Three questions"),
        }
        for a in asked
    ]


def pulse_of_month(db: Db, viewer: Viewer, on: date) -> dict[str, str]:
    """Give the link to the statements of this month, empty for who has answered or is in no team."""
    month = month_of(on)
    if viewer.team_id is None or pulse.has_given(db, viewer.person_id, month):
        return {}
    return {"href": url_for("pulse.ask"), "month": month_words(month)}


_ASKED: Final = {
    "substitute": to_phrase("Would you lead it?"),
    "seat": to_phrase("A place is free for you"),
    "swap": to_phrase("Would you swap?"),
}


def asked(db: Db, viewer: Viewer, now: datetime) -> list[dict[str, str]]:
    """Give what a person is asked and has not answered: to lead instead, to take a place, to swap."""
    waiting = asks.open_to(db, viewer.person_id, now)
    wanted = sessions.Wanted(ids=frozenset(a.session_id for a in waiting), start=now)
    known = {s.id: s for s in sessions.published(db, wanted)} if waiting else {}
    names = shown.names_for(db, known.values())
    return [
        {
            "kind": names.kind(s.activity).value,
            "title": names.title(s.activity),
            "when": _when(s),
            "words": _ASKED[a.kind],
            "href": url_for("asked.show", ask_id=a.id),
        }
        for a in waiting
        if (s := known.get(a.session_id)) is not None
    ]


def taken_over(db: Db, viewer: Viewer, ahead: Sequence[Session], now: datetime) -> list[dict[str, str]]:
    """Give the sessions somebody leads that another led before, which they have not yet said to lead."""
    to_come = [s for s in ahead if s.starts_utc > now][:MOST_LED]
    before = sessions.led_by_others_before(db, [s.id for s in to_come], viewer.person_id)
    said = answers.of_sessions(db, before)
    new = [
        s
        for s in to_come
        if s.id in before and not ((one := said.get((s.id, viewer.person_id))) is not None and one.about(s))
    ]
    names = shown.names_for(db, new)
    return [
        {
            "kind": names.kind(s.activity).value,
            "title": names.title(s.activity),
            "when": _when(s),
            "href": shown.session_link(s.id),
            "over": url_for("asked.over", session_id=s.id),
        }
        for s in new
    ]


def with_changes_of_room(
    days: tuple[shown.Day, ...], ahead: Sequence[Session], names: shown.Names
) -> tuple[shown.Day, ...]:
    """Give the days of a rota with the time between two sessions of a day that are in different rooms."""
    notes: dict[str, list[str]] = {}
    for one, after in pairwise(ahead):
        if one.starts.date() == after.starts.date() and one.room_id != after.room_id:
            minutes = int((after.starts_utc - one.ends_utc).total_seconds() // 60)
            words = phrase(
                "%(time)s: %(minutes)s minutes from %(place)s to %(next)s.",
                time=clock(one.ends),
                minutes=minutes,
                place=names.place(one),
                next=names.place(after),
            )
            notes.setdefault(day_words(one.starts), []).append(words)
    return tuple(replace(day, note=" ".join(notes.get(day.title, ()))) for day in days)
