"""Confidential text in the database: sealed with a key that lies outside of it (trust.md R18, T9).

A column of the type `Sealed` holds bytes that `seal` made and refuses anything else, so that clear text cannot get
into it by mistake. What is sealed cannot be searched or sorted by. Each value is bound to its table, column and row:
laid into another place it does not open.

    hope: bytes = Field(sa_type=Sealed)                                        # in the table
    values = {"hope": seal(db, RequestRow, "hope", request_id, text)}          # inside store.write()
    text = unseal(db, RequestRow, "hope", request_id, row.hope)

A row is named by its primary key; where that has several columns, by them joined with "/", in the table's order.

AES-SIV (RFC 5297) under a key of 512 bits; text is padded to whole blocks of 64 bytes before, so that a length says
little. The same text in the same place gives the same bytes: writing what stands changes nothing, and digests and
copies from one engine to the other need no key.
"""

from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import Dialect, LargeBinary, and_, select, update
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from devsys.adapters.store.queries.rows import table, upsert
from devsys.adapters.store.store import KEYS, Db
from devsys.adapters.store.tables.house import HouseRow
from devsys.base.errors import UnavailableError
from devsys.base.keys import Keyring, mark_of
from devsys.base.words import phrase, to_phrase

FACT: Final = "sealing_key"  # names the key that this database's confidential text is sealed with
_FORM: Final = b"\x01"
_HEAD: Final = len(_FORM) + len(mark_of(b""))
_TAG: Final = 16
_BLOCK: Final = 64
_END: Final = b"\x80"  # between text and padding
_ASK: Final = to_phrase(
    "Nothing was read or changed. Whoever operates devsys has to put the right one back: devsys doctor."
)
_HOUSE: Final = table(HouseRow)


class Sealed(TypeDecorator[bytes]):
    """A column for what `seal` gives. Raises ValueError for anything else (misuse)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Let through what is sealed, and nothing clear."""
        del dialect
        if value is None:
            return None
        if not isinstance(value, bytes) or value[:1] != _FORM or (len(value) - _HEAD - _TAG) % _BLOCK:
            raise ValueError("A confidential column takes only what seal() gives.")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """Give bytes, on both engines."""
        del dialect
        return None if value is None else bytes(value)


def seal(db: Db, row: type[SQLModel] | str, column: str, row_id: str, text: str) -> bytes:
    """Give `text` sealed for one column of one row; only inside `store.write()`.

    The first time a database seals anything, its key is made if there is none, and the database remembers which it is.
    Raises UnavailableError when the key is missing or another one lies in its place.
    """
    keys: Keyring = db.info[KEYS]
    wanted = _mark(db)
    key = _key(keys, wanted) if wanted else keys.make()
    if not wanted:
        upsert(db, HouseRow, [{"key": FACT, "value": mark_of(key).hex()}])
    return _sealed(key, _place(row, column, row_id), text)


def _sealed(key: bytes, place: list[bytes], text: str) -> bytes:
    clear = text.encode() + _END
    clear += bytes(-len(clear) % _BLOCK)
    return _FORM + mark_of(key) + AESSIV(key).encrypt(clear, place)


def unseal(db: Db, row: type[SQLModel] | str, column: str, row_id: str, value: bytes | None) -> str:
    """Give the text of a sealed value, empty for None.

    Raises UnavailableError when the key is missing, is another one, or the value was changed or moved.
    """
    if value is None:
        return ""
    value = bytes(value)
    key = _key(db.info[KEYS], value[len(_FORM) : _HEAD])
    try:
        clear = AESSIV(key).decrypt(value[_HEAD:], _place(row, column, row_id))
    except InvalidTag:
        raise UnavailableError(
            phrase(
                "A confidential text was changed outside of devsys and cannot be read. Restore a backup "
                "from before that."
            )
        ) from None
    return clear[: clear.rindex(_END)].decode()


def seal_anew(db: Db, key: bytes) -> int:
    """Seal every confidential text with another key, which is this database's from then on; give how many.

    What that key sealed already stays. Raises UnavailableError when a text does not open: then nothing may be kept.
    """
    changed = 0
    for place in SQLModel.metadata.sorted_tables:
        columns = [c for c in place.columns if isinstance(c.type, Sealed)]
        if not columns:
            continue
        names = list(place.primary_key)
        for row in db.execute(select(*names, *columns)).all():
            row_id = "/".join(str(value) for value in row[: len(names)])
            values = dict(zip((c.name for c in columns), row[len(names) :], strict=True))
            fresh = {
                name: _sealed(key, _place(place.name, name, row_id), unseal(db, place.name, name, row_id, value))
                for name, value in values.items()
                if value is not None and value[len(_FORM) : _HEAD] != mark_of(key)
            }
            if fresh:
                here = and_(*(c == value for c, value in zip(names, row[: len(names)], strict=True)))
                db.execute(update(place).where(here).values(**fresh))
                changed += len(fresh)
    upsert(db, HouseRow, [{"key": FACT, "value": mark_of(key).hex()}])
    return changed


def trouble(db: Db) -> str:
    """Say why confidential text of this database cannot be read, empty when it can, or when there is none."""
    wanted = _mark(db)
    if not wanted:
        return ""
    try:
        _key(db.info[KEYS], wanted)
    except UnavailableError as error:
        return str(error)
    return ""


def in_use(db: Db) -> bool:
    """Say whether anything was ever sealed in this database."""
    return bool(_mark(db))


def opened_by(db: Db, key: bytes) -> bool:
    """Say whether this is the key of this database."""
    return _mark(db) == mark_of(key)


def _mark(db: Db) -> bytes:
    found = db.execute(select(_HOUSE.c.value).where(_HOUSE.c.key == FACT)).scalar()
    return bytes.fromhex(str(found or ""))


def _key(keys: Keyring, wanted: bytes) -> bytes:
    try:
        key = keys.key()
        # Where the key was changed since, or a backup from before that is back, another one beside it opens.
        fits = key if key is not None and mark_of(key) == wanted else keys.find(wanted)
    except ValueError:
        raise UnavailableError(phrase("The key of confidential texts is damaged. %(ask)s", ask=_ASK)) from None
    if fits is not None:
        return fits
    if key is None:
        raise UnavailableError(phrase("The key of confidential texts is missing. %(ask)s", ask=_ASK))
    if mark_of(key) != wanted:
        raise UnavailableError(
            phrase("The key of confidential texts is not the one they were sealed with. %(ask)s", ask=_ASK)
        )
    return key


def _place(row: type[SQLModel] | str, column: str, row_id: str) -> list[bytes]:
    name = row if isinstance(row, str) else str(row.__tablename__)
    return [name.encode(), column.encode(), row_id.encode()]
