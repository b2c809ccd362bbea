"""Whoever owns something with a date hears when it is due, and then once a week until it is closed.

What can be owned stands in the table SOURCES: a kind in one word, and a function that gives the open ones that are due.
A room that keeps such things adds its line there; nothing else is needed, and closing a thing ends its letters.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import letters
from devsys.adapters.store.store import Db
from devsys.core.letters.owners import Owned, weeks_over
from devsys.core.letters.when import MORNING

Source = Callable[[Db, date], Iterable[Owned]]  # the open ones that are due on a day or before it
SOURCES: Final[dict[str, Source]] = {}


def remind_owners(parts: Parts) -> int:
    """Let letters wait about what is due, from the morning of that day where its owner is; give how many things are.

    One letter a thing and week: asked again, and after days in which the worker stood still, none is doubled or lost.
    """
    now = parts.now()
    with parts.store.read() as db:
        found = [(kind, one) for kind, source in SOURCES.items() for one in source(db, _latest_day(now))]
        known = letters.recipients(db, sorted({one.owner_id for _, one in found}), now.date())
    due: dict[str, str] = {}
    for kind, one in found:
        who = known.get(one.owner_id)
        here = now.astimezone(ZoneInfo(who.zone)) if who else now
        if who and who.choice.reminders and one.due <= here.date() and here.time() >= MORNING:
            due[f"{kind} {one.id} {weeks_over(one.due, here.date())}"] = one.owner_id
    if due:
        with parts.store.write() as db:
            for about, owner_id in due.items():
                letters.open_letters(db, letters.OWNER, about, {owner_id: now}, now)
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
