"""Whoever owns something with a date hears when it is due, and then once a week until it is closed.

What can be owned stands in the table SOURCES: a kind in one word, and a function that gives the open ones that are due.
A room that keeps such things adds its line there; nothing else is needed, and closing a thing ends its letters.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import calendar_figures, causes, conditions, lessons, letters, readers
from devsys.adapters.store.store import Db
from devsys.base.words import phrase
from devsys.core.letters.owners import Owned, weeks_over
from devsys.core.letters.when import MORNING
from devsys.core.model.conditions import QUESTIONS
from devsys.core.policy import Extent, Scope

Source = Callable[[Db, date], Iterable[Owned]]  # the open ones that are due on a day or before it


def _fixes(db: Db, day: date) -> Iterable[Owned]:
    for fix in causes.overdue(db, day + timedelta(days=1)):
        yield Owned(fix.id, fix.title, fix.due, f"/fixes/{fix.id}", fix.owner_id)


def _conditions(db: Db, day: date) -> Iterable[Owned]:
    """Give the conditions that are to be looked at again."""
    late = [look for look in conditions.looks(db, _ALL_TEAMS, last=True) if look.next_look <= day]
    names = calendar_figures.teams(db) if late else {}
    for look in late:
        title = phrase(
            "%(condition)s, %(team)s: to be looked at again",
            condition=QUESTIONS[look.check].title,
            team=names[look.team_id].name,
        )
        path = f"/conditions/{look.team_id}/{look.check.value}"
        yield Owned(f"{look.team_id}/{look.check.value}", title, look.next_look, path, look.owner_id)


def _outcomes(db: Db, day: date) -> Iterable[Owned]:
    """Give the outcomes of rounds and reports that are due; what became a fix is reminded of as that."""
    for one in lessons.overdue(db, day):
        if one.due is not None and one.owner_id is not None:
            yield Owned(one.id, one.words, one.due, f"/lessons/{one.id}", one.owner_id)


_ALL_TEAMS: Final = Scope(frozenset({Extent.ALL}), frozenset(), "")
SOURCES: Final[dict[str, Source]] = {"fix": _fixes, "condition": _conditions, "lesson": _outcomes}


def remind_owners(parts: Parts) -> int:
    """Let letters wait about what is due, from the morning of that day where its owner is; give how many things are.

    One letter a thing and week: asked again, and after days in which the worker stood still, none is doubled or lost.
    """
    now = parts.now()
    with parts.store.read() as db:
        found = [(kind, one) for kind, source in SOURCES.items() for one in source(db, _latest_day(now))]
        known = readers.recipients(db, sorted({one.owner_id for _, one in found}), now.date())
    due: dict[str, tuple[str, datetime]] = {}
    for kind, one in found:
        who = known.get(one.owner_id)
        here = now.astimezone(ZoneInfo(who.zone)) if who else now
        if who and who.choice.reminders and one.due <= here.date() and here.time() >= MORNING:
            weeks = weeks_over(one.due, here.date())
            since = datetime.combine(one.due + timedelta(weeks=weeks), MORNING, here.tzinfo)
            due[f"{kind} {one.id} {one.due} {weeks}"] = one.owner_id, since
    if due:
        with parts.store.write() as db:
            for about, (owner_id, since) in due.items():
                letters.open_letters(db, letters.OWNER, about, {owner_id: now}, now, ready={owner_id: since})
    return len(due)


def still_owned(db: Db, about: str, owner_id: str, day: date) -> tuple[str, Owned] | None:
    """Give what a letter is about, with its kind, if it is still open and due and its reader's."""
    kind, id_, _ = about.split(" ", 2)
    source = SOURCES.get(kind)
    found = source(db, day) if source else ()
    return next(((kind, one) for one in found if (one.id, one.owner_id) == (id_, owner_id)), None)


def _latest_day(now: datetime) -> date:
    """Give the latest date it is anywhere."""
    return now.astimezone(ZoneInfo("Pacific/Kiritimati")).date()
