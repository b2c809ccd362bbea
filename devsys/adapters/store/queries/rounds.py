"""Case rounds: what was settled of turns, cards with their texts unsealed, what was taken from the library."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, exists, insert, select, update

from devsys.adapters.store.queries.rows import chunks, table, upsert
from devsys.adapters.store.sealed import seal, unseal
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.calendar import RevisionRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.adapters.store.tables.rounds import CardReadRow, CardRow, PresenterRow, RoundRow
from devsys.core.model.programme import Principle
from devsys.core.model.rounds import FIELDS, Card, CardText

_ROUND, _PRESENTER, _CARD, _READ = (table(r) for r in (RoundRow, PresenterRow, CardRow, CardReadRow))
_REVISION, _PERSON = table(RevisionRow), table(PersonRow)
SKIPS: Final = "skips"
GIVES: Final = "gives"
PRESENTED: Final = "presented"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a round: codes of situations taken from the library, when it was closed and by whom (a name)."""

    library: tuple[str, ...] = ()
    closed: datetime | None = None
    by: str = ""


def kept(db: Db, session_ids: Iterable[str]) -> Mapping[str, Kept]:
    """Give what is kept of rounds, by session; those nothing is kept of are not there."""
    found: dict[str, Kept] = {}
    for part in chunks(sorted(session_ids)):
        query = (
            select(_ROUND.c.session_id, _ROUND.c.library, _ROUND.c.closed, _PERSON.c.name)
            .join(_PERSON, _PERSON.c.id == _ROUND.c.closed_by, isouter=True)
            .where(_ROUND.c.session_id.in_(part))
        )
        for row in db.execute(query):
            taken = tuple(code for code in row.library.split("|") if code)
            found[row.session_id] = Kept(taken, row.closed, row.name or "devsys")
    return found


def keep(db: Db, session_id: str, *, library: Iterable[str], closed: datetime | None, by_id: str | None) -> None:
    """Write what is kept of a round."""
    row = {"session_id": session_id, "library": "|".join(library), "closed": closed, "closed_by": by_id}
    upsert(db, RoundRow, [row])


@dataclass(frozen=True, slots=True)
class Turns:
    """What was settled of the turns of one round: who skips, who gives theirs to whom, who presented."""

    skips: tuple[str, ...] = ()
    swaps: tuple[tuple[str, str], ...] = ()
    presented: tuple[str, ...] = ()


def turns(db: Db, session_ids: Iterable[str]) -> Mapping[str, Turns]:
    """Give what was settled of turns, by session."""
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    for part in chunks(sorted(session_ids)):
        query = select(_PRESENTER).where(_PRESENTER.c.session_id.in_(part))
        for row in db.execute(query.order_by(_PRESENTER.c.person_id, _PRESENTER.c.does)):
            rows[row.session_id].append(row)
    return {
        session_id: Turns(
            tuple(r.person_id for r in found if r.does == SKIPS),
            tuple((r.person_id, r.other_id) for r in found if r.does == GIVES and r.other_id),
            tuple(r.person_id for r in found if r.does == PRESENTED),
        )
        for session_id, found in rows.items()
    }


def settle_turn(db: Db, session_id: str, person_id: str, does: str, other_id: str | None = None) -> None:
    """Keep that somebody skips, or gives their turn to another."""
    row = {"session_id": session_id, "person_id": person_id, "does": does, "other_id": other_id}
    upsert(db, PresenterRow, [row])


def unsettle_turns(db: Db, session_id: str, does: Iterable[str] = (SKIPS, GIVES), person_id: str = "") -> None:
    """Forget what was settled of the turns of a round, or of one person's."""
    gone = delete(_PRESENTER).where(_PRESENTER.c.session_id == session_id, _PRESENTER.c.does.in_(tuple(does)))
    db.execute(gone.where(_PRESENTER.c.person_id == person_id) if person_id else gone)


def cards(db: Db, session_id: str) -> tuple[Card, ...]:
    """Give the cards of a round, the first shared first; texts unsealed. Who may read them is for the caller to ask."""
    query = select(_CARD).where(_CARD.c.session_id == session_id)
    return tuple(_card(db, row) for row in db.execute(query.order_by(_CARD.c.shared, _CARD.c.id)))


def card_of(db: Db, session_id: str, person_id: str) -> Card | None:
    """Give a person's card for a round."""
    query = select(_CARD).where(_CARD.c.session_id == session_id, _CARD.c.person_id == person_id)
    row = db.execute(query).one_or_none()
    return None if row is None else _card(db, row)


def _card(db: Db, row: Row[Any]) -> Card:
    text = None
    waived: frozenset[str] = frozenset()
    if row.wiped is None:
        said = {name: unseal(db, CardRow, name, row.id, getattr(row, name)) for name in FIELDS}
        text = CardText(**said)
        waived = frozenset(unseal(db, CardRow, "waived", row.id, row.waived).split("\n")) - {""}
    named = tuple(Principle(p) for p in row.principles.split("|") if p)
    return Card(row.id, row.session_id, row.person_id, text, named, waived, row.shared, row.changed)


def keep_card(db: Db, card: Card) -> None:
    """Write a card, its texts sealed. Raises ValueError for a wiped one (misuse)."""
    if card.text is None:
        raise ValueError("A wiped card is not written again.")
    sealed = {name: seal(db, CardRow, name, card.id, text) for name, text in card.text.all}
    sealed["waived"] = seal(db, CardRow, "waived", card.id, "\n".join(sorted(card.waived)))
    row = {
        "id": card.id,
        "session_id": card.session_id,
        "person_id": card.person_id,
        **sealed,
        "principles": "|".join(card.principles),
        "shared": card.shared,
        "changed": card.changed,
        "wiped": None,
    }
    upsert(db, CardRow, [row])


def drop_card(db: Db, card_id: str) -> None:
    """Forget a card."""
    db.execute(delete(_READ).where(_READ.c.card_id == card_id))
    db.execute(delete(_CARD).where(_CARD.c.id == card_id))


def unread(db: Db, card_ids: Iterable[str], reader_id: str) -> tuple[str, ...]:
    """Give those of the cards that somebody has not read yet."""
    wanted = tuple(card_ids)
    query = select(_READ.c.card_id).where(_READ.c.card_id.in_(wanted), _READ.c.reader_id == reader_id)
    seen = set(db.execute(query).scalars())
    return tuple(one for one in wanted if one not in seen)


def note_read(db: Db, card_ids: Iterable[str], reader_id: str, now: datetime) -> None:
    """Keep that somebody reads cards; the first time counts."""
    fresh = unread(db, card_ids, reader_id)
    if fresh:
        db.execute(insert(_READ), [{"card_id": one, "reader_id": reader_id, "at": now} for one in fresh])


def readers(db: Db, card_id: str) -> tuple[tuple[str, datetime], ...]:
    """Give who read a card (names) and when first, in order."""
    query = (
        select(_PERSON.c.name, _READ.c.at)
        .join(_PERSON, _PERSON.c.id == _READ.c.reader_id)
        .where(_READ.c.card_id == card_id)
        .order_by(_READ.c.at, _PERSON.c.name)
    )
    return tuple((name, at) for name, at in db.execute(query))


def wipe(db: Db, before: datetime, now: datetime) -> int:
    """Let the texts of cards go whose round ended before an instant; give how many cards that were."""
    recent = exists().where(_REVISION.c.session_id == _CARD.c.session_id, _REVISION.c.ends_utc > before)
    gone = dict.fromkeys((*FIELDS, "waived"))
    change = update(_CARD).where(~recent, _CARD.c.wiped.is_(None)).values(wiped=now, **gone)
    return len(db.execute(change.returning(_CARD.c.id)).all())


def forget_old(db: Db, before: datetime, closed_before: datetime) -> int:
    """Forget cards and turns of rounds that ended, and rounds closed, before an instant; give how many rows went."""
    gone = delete(_ROUND).where(_ROUND.c.closed < closed_before).returning(_ROUND.c.session_id)
    found = len(db.execute(gone).all())
    for rows in (_CARD, _PRESENTER):
        recent = exists().where(_REVISION.c.session_id == rows.c.session_id, _REVISION.c.ends_utc > before)
        if rows is _CARD:
            db.execute(delete(_READ).where(_READ.c.card_id.in_(select(_CARD.c.id).where(~recent))))
        found += len(db.execute(delete(rows).where(~recent).returning(rows.c.session_id)).all())
    return found
