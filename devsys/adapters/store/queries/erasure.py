"""Take a person out of the database: what is theirs alone goes, what others count on stays under a name of nobody.

The tables say where a person stands: every reference to `person` and every text is looked at, so that a new table
cannot be forgotten. What a plan, a count or a figure rests on is led over to a new row that nobody can be told by.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import String, Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import AutoString

from devsys.adapters.store.queries import feeds, hiring, house, letters
from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.sealed import Sealed, seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.all import metadata
from devsys.adapters.store.tables.coaching import CoachingPlanRow
from devsys.adapters.store.tables.feeds import FeedRow, FragmentRow, ShownRow
from devsys.adapters.store.tables.hiring import CandidateRow
from devsys.adapters.store.tables.house import UploadRow
from devsys.adapters.store.tables.letters import LetterRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.programme import SeriesRow
from devsys.adapters.store.tables.rounds import AskedNeedRow
from devsys.base.ids import new_id

NOBODY: Final = "Somebody erased"
NAMED: Final = "It named somebody who was erased."
_LEAST_CODE: Final = 5  # shorter codes, and those of digits, stand in no text, and figures must not be rewritten

# What is the person's alone, in the order in which references allow it to go: table, and the columns that name them.
_GOES: Final = (
    ("account", "person_id"),
    ("grant", "person_id"),
    ("sign_in", "person_id"),
    ("api_answer", "owner_id"),
    ("api_token", "owner_id"),
    ("identity", "person_id"),
    ("passkey", "person_id"),
    ("account_link", "person_id"),
    ("absence", "person_id"),
    ("meeting_link", "person_id"),
    ("answer", "person_id"),
    ("wait", "person_id"),
    ("ask", "person_id"),
    ("ask", "by_id"),
    ("busy", "person_id"),
    ("busy_source", "person_id"),
    ("letter", "person_id"),
    ("told", "person_id"),
    ("letter_choice", "person_id"),
    ("invited", "person_id"),
    ("pulse_given", "person_id"),
    ("own_reading", "person_id"),
    ("observation", "person_id"),
    ("readings_consent", "person_id"),
    ("readings_consent", "coach_id"),
    ("case_card", "person_id"),
    ("case_card_read", "reader_id"),
    ("coaching_hold", "coach_id"),
    ("coaching_private", "coach_id"),
    ("coaching_decline", "coach_id"),
    ("coaching_note", "person_id"),
    ("coach", "person_id"),
    ("upload", "by_id"),
    ("feed", "owner_id"),
)
_IDS: Final = frozenset({"id"})  # random: they say nothing of anybody, and other rows refer to them
_NAMES: Final = {"person": frozenset({"id", "code", "name", "email"})}  # other people's own, should they be alike
_OF_PLANS: Final = ("readings_consent", "coaching_note", "coaching_private", "coaching_part")

_PERSON, _FEED, _FRAGMENT, _SHOWN = table(PersonRow), table(FeedRow), table(FragmentRow), table(ShownRow)
_LETTER, _UPLOAD, _PLAN, _CANDIDATE = table(LetterRow), table(UploadRow), table(CoachingPlanRow), table(CandidateRow)


@dataclass(frozen=True, slots=True)
class Known:
    """By what a person is known: these are the words that must be nowhere afterwards."""

    id: str
    code: str
    name: str
    email: str


def found(db: Db, word: str) -> tuple[Known, ...]:
    """Give whom an id, a code, an address or a name means; several where a name is not one person's."""
    typed = word.strip()
    where = or_(_PERSON.c.id == typed, _PERSON.c.code == typed, func.lower(_PERSON.c.email) == typed.lower())
    asked = select(_PERSON.c.id, _PERSON.c.code, _PERSON.c.name, _PERSON.c.email)
    rows = db.execute(asked.where(where)).all() or db.execute(asked.where(_PERSON.c.name == typed)).all()
    return tuple(Known(*row) for row in rows)


def codes_by_id(db: Db) -> Mapping[str, str]:
    """Give the code of everybody by id."""
    return {str(i): str(code) for i, code in db.execute(select(_PERSON.c.id, _PERSON.c.code))}


def what_goes(db: Db, person_id: str) -> Mapping[str, int]:
    """Give how many rows erasing a person takes away, by table; those that hold nothing are left out."""
    counts: dict[str, int] = {}
    for name, column in _GOES:
        one = metadata.tables[name]
        count = int(db.execute(select(func.count()).where(one.c[column] == person_id)).scalar() or 0)
        if count:
            counts[name] = counts.get(name, 0) + count
    return counts


def what_stays(db: Db, person_id: str) -> Mapping[str, int]:
    """Give how many rows stay under a name of nobody, by table: plans, attendance and what figures rest on."""
    counts: dict[str, int] = {}
    for one, column in _references():
        if (one.name, column) in _GOES:
            continue
        count = int(db.execute(select(func.count()).where(one.c[column] == person_id)).scalar() or 0)
        if count:
            counts[one.name] = counts.get(one.name, 0) + count
    return counts


def erase(db: Db, known: Known, now: datetime, *, address: str = "") -> str:
    """Take a person out; give the id of the nameless row that what stays was led over to. Inside `store.write()`."""
    nobody = _take_place(db, known, now)
    _drop_own(db, known.id)
    account = metadata.tables["account"]
    emails = db.execute(select(account.c.email).where(account.c.person_id == known.id)).scalars()
    addresses = {known.email, *(str(email) for email in emails)} - {""}
    for name, column in _GOES:
        one = metadata.tables[name]
        db.execute(delete(one).where(one.c[column] == known.id))
    _lead_over(db, known.id, nobody, now)
    words = _words(known, nobody, addresses)
    _stop_letters(db, words, now)
    db.execute(delete(_UPLOAD).where(or_(*(_holds(_UPLOAD.c.text, word) for word in words))))
    _rewrite(db, words)
    db.execute(delete(_PERSON).where(_PERSON.c.id == known.id))
    house.next_revision(db)
    feeds.refresh(db, now, address=address)
    _drop_fragments(db, words, now)
    return nobody


def _references() -> Iterator[tuple[Table, str]]:
    """Give every column that refers to a person."""
    for _, one in sorted(metadata.tables.items()):
        for column in one.columns:
            if any(key.target_fullname == "person.id" for key in column.foreign_keys):
                yield one, column.name


def _take_place(db: Db, known: Known, now: datetime) -> str:
    """Make the nameless row: what figures of groups rest on, and nothing anybody could be told by."""
    row = db.execute(select(_PERSON).where(_PERSON.c.id == known.id)).mappings().one()
    nobody = new_id()
    code, today = f"erased-{nobody}", now.date()
    left = row["left"] if row["left"] is not None and row["left"] <= today else today
    values = {
        **row,
        "id": nobody,
        "code": code,
        "name": NOBODY,
        "email": f"{code}@erased.invalid",
        "left": left,
    }
    db.execute(insert(_PERSON).values(**{**values, "queue_id": None, "pattern_id": None}))
    return nobody


def _drop_own(db: Db, person_id: str) -> None:
    """Drop what hangs on rows of the person: coaching plans with what is in them, what they are as a candidate."""
    plans = select(_PLAN.c.id).where(_PLAN.c.person_id == person_id)
    for name in _OF_PLANS:
        one = metadata.tables[name]
        db.execute(delete(one).where(one.c.plan_id.in_(plans)))
    request, hold = metadata.tables["coaching_request"], metadata.tables["coaching_hold"]
    asked = select(request.c.id).where(request.c.person_id == person_id)
    db.execute(delete(hold).where(hold.c.request_id.in_(asked)))
    db.execute(delete(request).where(request.c.person_id == person_id))
    db.execute(delete(_PLAN).where(_PLAN.c.person_id == person_id))
    hiring.erase(db, db.execute(select(_CANDIDATE.c.id).where(_CANDIDATE.c.person_id == person_id)).scalars().all())


def _lead_over(db: Db, person_id: str, nobody: str, now: datetime) -> None:
    """Let every reference that is left point at the nameless row; what is sealed by its row's key is sealed anew."""
    for one, column in _references():
        if one.c[column].primary_key:
            _seal_anew(db, one, column, person_id, nobody)
        db.execute(update(one).where(one.c[column] == person_id).values({column: nobody}))
    for row in (SeriesRow, AskedNeedRow):  # nothing is planned for them any more
        one = table(row)
        ends, cleared = ("withdrawn", {"preferred": "[]"}) if row is SeriesRow else ("ended", {})
        mine = and_(one.c.person_id == nobody, one.c[ends].is_(None))
        db.execute(update(one).where(mine).values({ends: now, **cleared}))


def _seal_anew(db: Db, one: Table, column: str, person_id: str, nobody: str) -> None:
    sealed = [c.name for c in one.columns if isinstance(c.type, Sealed)]
    for row in db.execute(select(one).where(one.c[column] == person_id)).mappings().all():
        keys = {c.name: row[c.name] for c in one.primary_key}
        old, new = "/".join(map(str, keys.values())), "/".join(map(str, {**keys, column: nobody}.values()))
        values = {
            name: seal(db, one.name, name, new, unseal(db, one.name, name, old, row[name]))
            for name in sealed
            if row[name] is not None
        }
        if values:
            db.execute(update(one).where(*(one.c[k] == v for k, v in keys.items())).values(**values))


def _words(known: Known, nobody: str, addresses: set[str]) -> Mapping[str, str]:
    """Give what is looked for in texts and what it becomes; in JSON letters beyond ASCII are written as numbers."""
    found = {known.id: nobody, known.name: NOBODY}
    found |= dict.fromkeys(addresses, f"erased-{nobody}@erased.invalid")
    found |= {address.lower(): new for address, new in list(found.items()) if "@" in address}
    if len(known.code) >= _LEAST_CODE and not known.code.isdecimal():
        found[known.code] = f"erased-{nobody}"
    found |= {json.dumps(old)[1:-1]: new for old, new in list(found.items())}
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))  # an address before the code it begins with


def _holds(column: Any, word: str) -> ColumnElement[bool]:
    return cast(ColumnElement[bool], column.contains(word, autoescape=True))


def _without(text: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        text = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text)  # noqa: B023 -- used at once
    return text


def _stop_letters(db: Db, words: Mapping[str, str], now: datetime) -> None:
    """Fail letters to others that are ready to leave and name the person: their bytes cannot be changed."""
    named = or_(*(_holds(c, word) for word in words for c in (_LETTER.c.text, _LETTER.c.subject)))
    values = {"state": letters.FAILED, "message": None, "error": NAMED, "ended": now}
    db.execute(update(_LETTER).where(_LETTER.c.message.is_not(None), named).values(**values))


def _rewrite(db: Db, words: Mapping[str, str]) -> None:
    """Put nobody into the place of the person in every text of every table, keys of needs among them."""
    for _, one in sorted(metadata.tables.items()):
        for column in one.columns:
            if (
                not isinstance(column.type, String | AutoString)
                or column.foreign_keys
                or column.name in _NAMES.get(one.name, _IDS)
            ):
                continue
            where = or_(*(_holds(column, word) for word in words))
            keys = list(one.primary_key)
            for row in db.execute(select(column.label("_text"), *keys).where(where)).all():
                text = _without(str(row[0]), words)
                if text != row[0]:
                    here = and_(*(key == value for key, value in zip(keys, row[1:], strict=True)))
                    db.execute(update(one).where(here).values({column.name: text}))


def _drop_fragments(db: Db, words: Mapping[str, str], now: datetime) -> None:
    """Drop kept pieces of feeds that still say the name (of what is over): no feed shows them from then on."""
    asked = select(_FRAGMENT.c.session_id, _FRAGMENT.c.person_id, _FRAGMENT.c.view, _FRAGMENT.c.body)
    known = [word.encode() for word in words]
    for session_id, person_id, view, body in db.execute(asked).all():
        plain = bytes(body).replace(b"\r\n ", b"")
        if not any(word in plain for word in known):
            continue
        mine = and_(_SHOWN.c.session_id == session_id, _SHOWN.c.person_id == person_id, _SHOWN.c.view == view)
        showing = select(_SHOWN.c.feed_id).where(mine)
        revised = {"revision": _FEED.c.revision + 1, "revised": now.replace(microsecond=0)}
        db.execute(update(_FEED).where(_FEED.c.id.in_(showing)).values(**revised))
        db.execute(delete(_SHOWN).where(mine))
        one = (_FRAGMENT.c.session_id == session_id, _FRAGMENT.c.person_id == person_id, _FRAGMENT.c.view == view)
        db.execute(delete(_FRAGMENT).where(*one))
