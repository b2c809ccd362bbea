"""Find what somebody asks why about, by the id of a session, the key of a need, or a person's code, address or name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import people, plans, programme, sessions
from devsys.adapters.store.queries.plans import OPEN
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.core.model.calendar import Owed, Session
from devsys.core.model.people import Person
from devsys.core.model.programme import Activity, Kind

ONE_TO_ONE: Final = "1:1 development"
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class About:
    """What is asked about, in a draft (None: the published plan).

    Of a session `sessions` holds it; of a need `need` is its key and `owed` what is kept of it, or `sessions` the one
    that serves it; of a person both hold what lies ahead and what is owed. `titles` are activities by code, coaching
    without its theme. Who asks is not known here, so of coaching only the taken time is given.
    """

    kind: Literal["session", "need", "person"]
    draft_id: str | None
    titles: dict[str, str]
    sessions: tuple[Session, ...] = ()
    owed: tuple[Owed, ...] = ()
    need: str = ""
    person: Person | None = None


def find(parts: Parts, words: str, draft_id: str | None = None) -> About:
    """Give what `words` name in a draft, or in the published plan; before the first, in the newest draft.

    Raises NotFoundError when nothing is known by them, InvalidError when several people are.
    """
    words = words.strip()
    with parts.store.read() as db:
        draft_id, owing = _plan(db, draft_id)
        known = programme.activities(db)
        titles = {a.code: _title(a) for a in known.values()}
        private = {a.code for a in known.values() if a.kind is Kind.COACHING}
        calendar = sessions.as_drafted(db, draft_id) if draft_id else sessions.published(db)
        if found := [s for s in calendar if s.id == words]:
            return About("session", draft_id, titles, tuple(found))
        owed = plans.owed_need(db, owing, words)
        if owed and owed.activity not in private:
            return About("need", draft_id, titles, (), (owed,), words)
        if serving := [s for s in calendar if any(p.need == words for p in s.places) and s.activity not in private]:
            return About("need", draft_id, titles, tuple(serving[:1]), (), words)
        person = _person(people.organisation(db).people, words)
        mine = tuple(o for o in plans.owed_in(db, owing, person_id=person.id) if o.activity not in private)
    ahead = (s for s in calendar if s.ends_utc > parts.now() and person.id in s.people | {s.facilitator_id})
    ordered = tuple(sorted(ahead, key=lambda s: s.starts_utc))
    return About("person", draft_id, titles, ordered, mine, person=person)


def _plan(db: Db, draft_id: str | None) -> tuple[str | None, str]:
    """Give the draft asked about and the draft that keeps what is owed."""
    if draft_id:
        if plans.draft(db, draft_id).state != OPEN:
            raise NotFoundError(phrase("This draft is no longer open."))
        return draft_id, draft_id
    if (version := plans.latest(db)) is not None:
        return None, plans.draft_of_version(db, version.number)
    waiting = plans.open_drafts(db)
    return (waiting[0].id, waiting[0].id) if waiting else (None, "")


def _title(activity: Activity) -> str:
    return ONE_TO_ONE if activity.kind is Kind.COACHING else activity.title


def _person(everybody: Iterable[Person], words: str) -> Person:
    """Give the one person meant: by id, code or address, by whole name, or by a part of it that only one has."""
    known, asked = tuple(everybody), words.casefold()
    exact = [p for p in known if words in (p.id, p.code) or p.email.casefold() == asked]
    named = exact or [p for p in known if p.name.casefold() == asked]
    found = named or [p for p in known if asked and asked in p.name.casefold()]
    if not found:
        raise NotFoundError(
            phrase(
                "Nothing is known by %(words)s. Give the id of a session, the key of a need (such as "
                "person/activity/period), or a person's code, mail address or name.",
                words=repr(words),
            )
        )
    if len(found) > 1:
        shown = ", ".join(f"{p.name} ({p.code})" for p in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise InvalidError(
            phrase(
                "Several people are meant by %(words)s: %(shown)s%(more)s. Give a code.",
                words=repr(words),
                shown=shown,
                more=more,
            )
        )
    return found[0]
