"""What waits for somebody besides the calendar's own issues.

For a coordinator failed runs, letters, drafts, reports; for anybody their overdue fixes and rounds to close.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from flask import url_for

from devsys.adapters.store.queries import (
    answers,
    causes,
    lessons,
    letters,
    people,
    plans,
    programme,
    rounds,
    runs,
    sessions,
)
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import Db
from devsys.base.words import phrase, phrase_as, phrases
from devsys.base.written import day, near_day, spoken
from devsys.core.model.access import Viewer
from devsys.core.model.causes import Fix
from devsys.core.model.programme import Kind
from devsys.faces.web.job_words import JOBS
from devsys.faces.web.needs_you import Thing
from devsys.faces.web.shown import link_to
from devsys.faces.web.words import first_up

NEXT: Final = 5
DRAFTS: Final = 2
MARKS_WAIT: Final = timedelta(days=14)
AHEAD: Final = timedelta(days=400)


def waiting(db: Db, now: datetime, today: date) -> list[Thing]:
    """Give what waits for a coordinator besides the calendar's own issues, the most urgent first."""
    return [
        *_failed_runs(db),
        *_letters(db),
        *_drafts(db, today),
        *_cannot_come(db, now),
        *_late_fixes(causes.overdue(db, today), today),
        *_reports(db),
        *_unmarked(db, now),
        *_without_pattern(db, today),
        *_nobody_leads(db),
    ]


def _failed_runs(db: Db) -> Iterator[Thing]:
    """Give the jobs whose last run failed."""
    health = link_to("health.show")
    for run in runs.listed(db, limit=20) if health else ():
        if run.state == "failed" and runs.latest(db, run.job) == run:
            what = phrase("%(title)s failed", title=JOBS.get(run.job, run.job.capitalize()))
            yield Thing("triangle-alert", what, run.error[:160], health, phrase("See what happened"))


def _letters(db: Db) -> Iterator[Thing]:
    """Give the letters that are held since a backup was restored, and those that could not be sent."""
    counts = letters.counts(db)
    if held := counts.get(letters.HELD, 0):
        what = phrases(
            "%(num)s letter is held since the data was restored",
            "%(num)s letters are held since the data was restored",
            held,
        )
        ready = phrase("They may have left before: say whether they leave.")
        yield Thing("mail", what, ready, url_for("letters.index"), phrase("Let go or throw away"))
    if lost := counts.get(letters.FAILED, 0):
        what = phrases("%(num)s letter could not be sent", "%(num)s letters could not be sent", lost)
        yield Thing("mail", what, phrase("Their readers were not told."), url_for("letters.index"), phrase("See why"))


def _drafts(db: Db, today: date) -> Iterator[Thing]:
    """Give the newest drafts that are not published yet."""
    drafts = plans.open_drafts(db)[:DRAFTS]
    sizes = plans.draft_sizes(db) if drafts else {}
    for draft in drafts:
        what = phrase("A draft waits since %(day)s", day=near_day(draft.created.date(), today))
        ready = phrases(
            "%(num)s change to what is published; nobody is told yet.",
            "%(num)s changes to what is published; nobody is told yet.",
            sizes.get(draft.id, 0),
        )
        href = link_to("publish.show", draft_id=draft.id) or link_to("plans.show") or "/"
        yield Thing("pencil-line", what, ready, href, phrase("Review"))


def _cannot_come(db: Db, now: datetime) -> Iterator[Thing]:
    """Give those who said that they cannot come to a session that needs them."""
    said = answers.cannot(db)
    named = frozenset(session_id for session_id, _ in said)
    ahead = sessions.published(db, Wanted(start=now, end=now + AHEAD, ids=named)) if said else ()
    refused = answers.refused(said, ahead, now)
    if refused and link_to("repairs.show"):
        what = phrases(
            "%(num)s person cannot come, and their session needs them",
            "%(num)s people cannot come, and their session needs them",
            len(refused),
        )
        first = day(refused[0][0].starts)
        ready = phrase("The first is on %(day)s. What can be done is ready; why is not asked.", day=first)
        yield Thing("user-round-x", what, ready, url_for("repairs.show"), phrase_as("verb", "Repair"))


def _reports(db: Db) -> Iterator[Thing]:
    """Give the reports of what stops people that nobody has decided yet."""
    if count := lessons.count_undecided(db):
        what = phrases(
            "%(num)s report of what stops people waits",
            "%(num)s reports of what stops people wait",
            count,
            num=spoken(count),
        )
        ready = phrase("Why does it happen? The cause says what becomes of it.")
        yield Thing("flag", first_up(what), ready, url_for("lessons.index"), phrase("Decide"))


def _unmarked(db: Db, now: datetime) -> Iterator[Thing]:
    """Give the sessions of the last weeks whose attendance is not marked."""
    if count := sessions.count_unmarked(db, now - MARKS_WAIT, now):
        what = phrases(
            "Attendance is not marked for %(num)s session", "Attendance is not marked for %(num)s sessions", count
        )
        ready = phrase("Of the last two weeks; their facilitators can mark it with one press each.")
        yield Thing("list", what, ready, link_to("week.show") or "/", phrase("See the calendar"))


def _without_pattern(db: Db, today: date) -> Iterator[Thing]:
    """Give the agents of whom nobody knows when they work."""
    if idle := people.agents_without_pattern(db, today):
        what = phrases("%(num)s agent has no shift pattern", "%(num)s agents have no shift pattern", idle)
        ready = phrase("They count for no half hour and get no session.")
        yield Thing("users-round", what, ready, link_to("people.index") or "/", phrase("See who"))


def _late_fixes(late: Sequence[Fix], today: date) -> list[Thing]:
    """Give the fixes whose day has passed: one with its name, several as a count that leads to the register."""
    if not late:
        return []
    since = phrase("Due %(day)s; whoever owns it says how it stands.", day=near_day(late[0].due, today))
    if len(late) == 1:
        href = url_for("fixes.one", fix_id=late[0].id)
        return [
            Thing("wrench", phrase("A fix is overdue: %(title)s", title=late[0].title), since, href, phrase("See it"))
        ]
    what = first_up(phrases("%(num)s fix is overdue", "%(num)s fixes are overdue", len(late), num=spoken(len(late))))
    return [
        Thing(
            "wrench",
            what,
            phrase("The oldest: %(title)s. %(due)s", title=late[0].title, due=since),
            url_for("fixes.show"),
            phrase("See them"),
        )
    ]


def own(db: Db, viewer: Viewer, now: datetime, today: date, *, leads: bool) -> list[Thing]:
    """Give what waits for one person: what is overdue and theirs, and the rounds to close of somebody who leads."""
    return [*_own_fixes(db, viewer, today), *(_open_rounds(db, viewer, now, today) if leads else ())]


def _own_fixes(db: Db, viewer: Viewer, today: date) -> list[Thing]:
    """Give what is overdue and the viewer's: fixes, outcomes of rounds, rounds they led and did not close."""
    found = _late_fixes(causes.overdue(db, today, viewer.person_id), today)
    for one in lessons.overdue(db, today - timedelta(days=1), viewer.person_id)[:NEXT]:
        since = phrase("Due %(day)s; say when it is done.", day=near_day(one.due, today)) if one.due else ""
        found.append(Thing("flag", one.words, since, url_for("lessons.one", lesson_id=one.id), phrase("See it")))
    return found


def _open_rounds(db: Db, viewer: Viewer, now: datetime, today: date) -> list[Thing]:
    """Give the rounds of the last weeks that the viewer led, that left outcomes, and that nobody closed."""
    codes = frozenset(code for code, a in programme.activities(db).items() if a.kind is Kind.ROUND)
    if not codes:
        return []
    led = sessions.published(
        db, Wanted(start=now - MARKS_WAIT, end=now, facilitator_id=viewer.person_id, activities=codes)
    )
    over = [s for s in led if s.ends_utc <= now]
    closed = rounds.kept(db, [s.id for s in over]) if over else {}
    left = {one.session_id for one in lessons.of_rounds(db, [s.id for s in over])} if over else set()
    return [
        Thing(
            "flag",
            phrase("A case round of %(day)s is not closed", day=near_day(s.starts.date(), today)),
            phrase("Who presented, what was learnt: then its outcomes are in good hands."),
            url_for("rounds.show", session_id=s.id),
            phrase("Close it"),
        )
        for s in over
        if s.id in left and (s.id not in closed or closed[s.id].closed is None)
    ]


def _nobody_leads(db: Db) -> list[Thing]:
    held = people.qualifications(db)
    missing = {
        a.qualification: a for a in programme.activities(db).values() if a.qualification and a.qualification not in held
    }
    if not missing or not people.counts(db).people:
        return []
    names = ", ".join(phrase("“%(title)s”", title=a.title) for a in list(missing.values())[:3])
    what = phrase("Nobody may lead %(names)s", names=names)
    if len(missing) > 3:  # noqa: PLR2004
        what = phrase("Nobody may lead %(names)s and others", names=names)
    ready = phrase("No facilitator has the qualification %(names)s.", names=", ".join(sorted(missing)[:3]))
    return [
        Thing("user-round-x", what, ready, url_for("imports.show", kind="facilitators"), phrase("Bring facilitators"))
    ]
