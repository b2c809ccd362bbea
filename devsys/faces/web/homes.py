"""Home by role: what the coordinator, the lead, the facilitator and the employee see first."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from flask import url_for

from devsys.actions import meet_online
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import (
    calendar_figures,
    house,
    plans,
    programme,
    rollouts,
    runs,
    sessions,
)
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.queries.visible import reach
from devsys.adapters.store.store import Db
from devsys.base.words import ENGLISH, phrase, phrases
from devsys.base.written import day, full_day, near_day, number, percent, several, since, spoken, zone_name
from devsys.core.model.access import Role, Viewer
from devsys.core.model.calendar import Session, Version
from devsys.core.policy import scope
from devsys.faces.web import (
    first_steps,
    issue_values,
    job_words,
    one_site,
    own_values,
    shown,
    waiting_values,
    year_brief,
)
from devsys.faces.web.condition_values import late_looks, red_words
from devsys.faces.web.here import parts
from devsys.faces.web.needs_you import Thing, things_ahead
from devsys.faces.web.owed_values import owed_words, to_you
from devsys.faces.web.shown import Names, link_to
from devsys.faces.web.words import first_up
from devsys.faces.web.year_values import Quarter, best_words, ledger_quarters, quarter_days

AHEAD: Final = timedelta(days=400)
BACK: Final = timedelta(days=60)
NEXT: Final = 5
LINES: Final = 8


def mine(db: Db, viewer: Viewer, now: datetime, today: date) -> dict[str, Any]:
    """Give a person's own development: the next session, what comes then, what was, what is owed."""
    own = sessions.published(db, Wanted(start=now - BACK, end=now + AHEAD, person_id=viewer.person_id))
    ahead = [s for s in own if s.ends_utc > now]
    past = [s for s in own if s.ends_utc <= now][::-1][:LINES]
    names = shown.names_for(db, ahead[: LINES + 1] + past)
    marks = sessions.attendance(db, [s.id for s in past])
    version = plans.latest(db)
    owed = _owed_to(db, version, viewer, names)
    until = version.horizon.end if version else None
    said = own_values.said_by(db, viewer)
    return {
        "next": _next(db, ahead[0], names, viewer, today) if ahead else None,
        "answer": own_values.next_answer(ahead[0], viewer, said) if ahead and ahead[0].starts_utc > now else {},
        "changes": own_values.told_changes(db, viewer, said, now),
        "pause": own_values.pause(db, viewer, now),
        "links": own_values.links(db, viewer, now),
        "then": [shown.coming(s, names, today, viewer.zone) for s in ahead[1 : LINES + 1]],
        "more": max(0, len(ahead) - LINES - 1),
        "past": [_was(s, names, marks.get(s.id, {}).get(viewer.person_id)) for s in past],
        "owed": owed,
        "starts": _starts(db, viewer, names, today),
        "learns": bool(own or owed),
        "year": link_to("development.year"),
        "alone": url_for("conditions.alone") if viewer.team_id else "",
        "empty": phrase("Nothing is planned for you before %(day)s.", day=full_day(until))
        if until
        else phrase("Nothing is planned for you yet."),
        "subscribe": link_to("feeds.show"),
        "coaching": link_to("coaching.show"),
        "calendar": link_to("calendar.show"),
        "zone": zone_name(viewer.zone),
    }


def _next(db: Db, session: Session, names: Names, viewer: Viewer, today: date) -> shown.Next:
    """Give the next session of somebody, with the link to join it."""
    found = shown.next_session(session, names, viewer.person_id, today)
    return replace(found, link=meet_online.join(db, viewer, session))


def _starts(db: Db, viewer: Viewer, names: Names, today: date) -> list[str]:
    """Say in which weeks the viewer starts what is rolled out, as it was drawn; those to come and those that run."""
    found = rollouts.starts(db, {viewer.person_id})
    return [
        phrase("“%(activity)s” in the week of %(day)s", activity=names.title(one.activity), day=day(one.day))
        for one in found
        if one.day + timedelta(weeks=4) > today
    ]


def _was(session: Session, names: Names, present: bool | None) -> dict[str, str]:  # noqa: FBT001 -- True, False, not marked
    state = {True: phrase("you were there"), False: phrase("not there"), None: ""}[present]
    return {
        "kind": names.kind(session.activity).value,
        "title": names.title(session.activity),
        "when": day(session.starts),
        "state": state,
        "href": shown.session_link(session.id),
    }


def _owed_to(db: Db, version: Version | None, viewer: Viewer, names: Names) -> list[dict[str, str]]:
    if version is None:
        return []
    draft_id = plans.draft_of_version(db, version.number)
    lines = calendar_figures.owed_lines(db, draft_id, person_id=viewer.person_id, limit=LINES)
    return [
        {
            "kind": names.kind(o.activity).value,
            "title": names.title(o.activity),
            "due": phrase("due by %(day)s", day=day(o.due)),
            # Reasons are kept in the organisation's language; only in English does a name become "you" word by word.
            "reason": to_you(o.reason, viewer.name) if parts().settings.language == ENGLISH else o.reason,
            "would_fit": o.would_fit,
            "places": "" if names.coaching(o.activity) else url_for("places.show", need=o.need),
        }
        for o in lines
    ]


def rota(db: Db, viewer: Viewer, now: datetime, today: date) -> dict[str, Any]:
    """Give what a person leads: the days ahead, and the sessions whose attendance is not marked yet."""
    since = now - waiting_values.MARKS_WAIT
    leads = sessions.published(db, Wanted(start=since, end=now + AHEAD, facilitator_id=viewer.person_id))
    ahead = [s for s in leads if s.ends_utc > now]
    over = [s for s in leads if s.ends_utc <= now]
    marks = sessions.attendance(db, [s.id for s in over])
    unmarked = [s for s in over if s.id not in marks]
    names = shown.names_for(db, ahead[: LINES + 1] + unmarked)
    week = sum(1 for s in ahead if s.starts_utc < now + timedelta(days=7))
    return {
        "first": _next(db, ahead[0], names, viewer, today) if ahead else None,
        "days": own_values.with_changes_of_room(
            shown.agenda(ahead[1 : LINES + 1], names, today, viewer.zone, viewer_id=viewer.person_id), ahead, names
        ),
        "more": max(0, len(ahead) - LINES - 1),
        "week": phrases("%(num)s session", "%(num)s sessions", week) if week else phrase("no session"),
        "feedback": link_to("feedback.hear"),
        "hand_over": url_for("asked.over", session_id=ahead[0].id) if ahead and ahead[0].starts_utc > now else "",
        "new": own_values.taken_over(db, viewer, ahead, now),
        "unmarked": [shown.coming(s, names, today, viewer.zone) for s in unmarked],
        "calendar": link_to("calendar.show"),
    }


def teams(db: Db, viewer: Viewer, now: datetime, today: date) -> dict[str, Any]:
    """Give what a lead's teams have in the next days, and what they are owed."""
    allowed = scope(viewer, "sessions", "read")
    known = calendar_figures.teams(db)
    ids = sorted(t for t in allowed.team_ids if t in known)
    wanted = Wanted(start=now, end=now + timedelta(days=14))
    ahead = [
        s
        for s in sessions.published(db, wanted, reach(allowed))
        if s.facilitator_id != viewer.person_id and viewer.person_id not in s.people
    ]
    names = shown.names_for(db, ahead[:LINES])
    version = plans.latest(db)
    groups = owed_words(db, plans.draft_of_version(db, version.number), viewer, team_ids=ids) if version and ids else ()
    return {
        "title": several([known[t].name for t in ids]) or phrase("Your team"),
        "lede": _team_lede(len(ahead), sum(g.needs for g in groups)),
        "days": shown.agenda(ahead[:LINES], names, today, viewer.zone),
        "more": max(0, len(ahead) - LINES),
        "owed": groups[:NEXT],
        "owed_count": sum(g.needs for g in groups),
        "quarters": quarters(db, today, ids) if ids else [],
        "calendar": link_to("week.show"),
        "away": url_for("away.show") if scope(viewer, "absences", "write").team_ids else "",
        "conditions": {
            "href": url_for("conditions.index"),
            "red": red_words(db, viewer, ids),
            "late": late_looks(db, viewer, today),
        },
    }


def _team_lede(sessions_ahead: int, owed: int) -> str:
    """Say in one sentence what comes for a team: sessions of the next two weeks, and what it is owed."""
    if not sessions_ahead:
        return phrase("Nobody is away for development in the next two weeks.")
    coming = first_up(
        phrases(
            "%(num)s session in the next two weeks",
            "%(num)s sessions in the next two weeks",
            sessions_ahead,
            num=spoken(sessions_ahead),
        )
    )
    if not owed:
        return phrase("%(sessions)s, nothing owed.", sessions=coming)
    return phrases(
        "%(sessions)s, %(num)s need owed.", "%(sessions)s, %(num)s needs owed.", owed, num=spoken(owed), sessions=coming
    )


def coordinator(db: Db, viewer: Viewer, parts: Parts, now: datetime, today: date) -> dict[str, Any]:
    """Give the coordinator's first page: what needs them, what is next, time used, the last run, what is owed."""
    steps = first_steps.four_steps(db)
    version = plans.latest(db)
    repairs = scope(viewer, "draft", "write").everything
    here = one_site.one_site(db, viewer)
    issues = things_ahead(db, viewer.zone, parts.store.url, now, repairs=repairs, site_id=here.id) if version else ()
    needs: list[Thing] = [*issues, *waiting_values.waiting(db, now, today), *_looks(db, viewer, today)]
    owing = plans.draft_of_version(db, version.number) if version else ""
    ids = one_site.teams_at(db, here) if here.id else None
    groups = owed_words(db, owing, viewer, team_ids=ids) if version else ()
    wanted = Wanted(start=now, end=now + timedelta(days=7), site_id=here.id or None)
    ahead = [s for s in sessions.published(db, wanted) if s.starts_utc >= now]
    names = shown.names_for(db, ahead[: NEXT * 4])
    listed = [s for s in ahead[: NEXT * 4] if not names.coaching(s.activity)][:NEXT]
    last = next((r for r in runs.listed(db, limit=50) if r.job not in job_words.QUIET), None)
    return {
        "organisation": house.fact(db, house.ORGANISATION_NAME) or phrase("Home"),
        "lede": _lede(db, version, today, whole=not issues),
        "figures": _figures(version),
        "steps": steps,
        "ready": all(step.done for step in steps),
        "needs": needs,
        "needs_words": _needs_words(len(needs)),
        **_issues(db, viewer, version, here),
        "here": here,
        "days": shown.agenda(listed, names, today, viewer.zone),
        "year": year_brief.brief(db, version, today, parts.settings.freeze_days, ids) if version else None,
        "year_href": link_to("year.show"),
        "ledger": year_brief.team_ledger(db, owing, today, ids) if version else None,
        "owed": groups[:NEXT],
        "owed_count": sum(g.needs for g in groups),
        "owed_href": link_to("owed.show"),
        "last_run": _run(last, now),
        "published": _published(version, today),
        "calendar": link_to("week.show"),
        "acts": _acts(viewer) if version else [],
        "health": url_for("health.show") if link_to("health.show") and scope(viewer, "health", "read") else "",
    }


def _issues(db: Db, viewer: Viewer, version: Version | None, here: one_site.OneSite) -> dict[str, str]:
    """Give the way to the list of issues, and how many of them are open."""
    if version is None or not scope(viewer, "draft", "read").everything:
        return {"issues_href": "", "issues_words": ""}
    blocks, warns = issue_values.counted(db, here.id)
    found = [phrases("%(num)s blocks", "%(num)s block", blocks)] if blocks else []
    found += [phrases("%(num)s warns", "%(num)s warn", warns)] if warns else []
    words = (
        phrase("All issues: %(found)s", found=", ".join(found)) if found else phrase("No open issue; what is set aside")
    )
    return {"issues_href": url_for("issues.show", site=here.id or None), "issues_words": words}


def _acts(viewer: Viewer) -> list[tuple[str, str, str]]:
    """Give what may happen at any moment: (address, words, icon)."""
    found = []
    if scope(viewer, "absences", "write").wide:
        found.append((url_for("away.show"), phrase("Somebody is away"), "user-round-x"))
    if scope(viewer, "requirement", "write").everything:
        found.append((url_for("away.queue"), phrase("A queue needs its people"), "triangle-alert"))
    return found


def _lede(db: Db, version: Version | None, today: date, *, whole: bool) -> str:
    here, in_teams = calendar_figures.people_and_teams(db, today)
    if not here:
        return phrase("Nothing is in it yet but you.")
    crowd = phrases(
        "%(people)s people in %(num)s team", "%(people)s people in %(num)s teams", in_teams, people=number(here)
    )
    if version is None:
        return phrase("%(crowd)s. No plan is published yet.", crowd=crowd)
    return phrase("%(crowd)s, nothing taken that the queue needs.", crowd=crowd) if whole else f"{crowd}."


def _figures(version: Version | None) -> list[tuple[Any, ...]]:
    if version is None or not version.figures.needs:
        return []
    f = version.figures
    of_bound = (
        [(percent(100 * f.on_time / f.bound), phrase("of the best possible, %(best)s", best=best_words(f)))]
        if f.bound
        else []
    )
    return [
        (percent(100 * f.on_time / f.needs), phrase("of %(needs)s needs on time", needs=number(f.needs))),
        *of_bound,
        (number(f.owed), phrase("owed, each with a reason") if f.owed else phrase("owed"), bool(f.owed)),
    ]


def _needs_words(count: int) -> str:
    if not count:
        return phrase("Nothing needs you.")
    return first_up(phrases("%(num)s thing needs you.", "%(num)s things need you.", count, num=spoken(count)))


def _published(version: Version | None, today: date) -> str:
    if version is None:
        return ""
    return phrase(
        "Plan %(number)s, published by %(by)s %(day)s.",
        number=version.number,
        by=version.by,
        day=near_day(version.published.date(), today),
    )


def _run(run: runs.Run | None, now: datetime) -> dict[str, str]:
    if run is None:
        return {}
    when = run.finished or run.started or run.created
    words = {
        "waiting": phrase("waits for the worker"),
        "running": phrase("is under way"),
        "done": phrase("is done"),
        "failed": phrase("failed"),
        "skipped": phrase("was left out"),
    }
    return {
        "title": job_words.JOBS.get(run.job, run.job.capitalize()),
        "state": run.state,
        "words": f"{words.get(run.state, run.state)}, {since(when, now)}",
        "error": run.error,
        "by": run.by,
    }


def _looks(db: Db, viewer: Viewer, today: date) -> list[Thing]:
    """Give the conditions that are to be looked at again."""
    return [
        Thing("clock", late.what, late.ready, late.href, phrase("Look again")) for late in late_looks(db, viewer, today)
    ]


def quarters(db: Db, today: date, team_ids: Iterable[str]) -> tuple[Quarter, ...]:
    """Give the development time of some teams in the quarters of this year: planned, held, cancelled; in hours."""
    starts = quarter_days(date(today.year, 1, 1))
    sums = calendar_figures.ledger_sums(db, starts[0], starts[-1], team_ids=tuple(team_ids))
    return ledger_quarters(starts, sums, (), programme.activities(db), today)


def sections_of(viewer: Viewer) -> tuple[str, ...]:
    """Give the parts of Home a viewer has, the widest role first."""
    found = []
    if viewer.has(Role.COORDINATOR, Role.ADMINISTRATOR):
        found.append("coordinator")
    if viewer.has(Role.LEAD):
        found.append("teams")
    if viewer.has(Role.FACILITATOR, Role.COACH):
        found.append("rota")
    return (*found, "mine")
