"""Confidential text: opened by the right key in the right place, and by nothing else; on both engines."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, String, Table, insert, select
from sqlmodel.sql.sqltypes import AutoString

from devsys.adapters.store.digest import digest
from devsys.adapters.store.sealed import Sealed, in_use, seal, trouble, unseal
from devsys.adapters.store.store import Store
from devsys.adapters.store.tables.all import metadata
from devsys.base.errors import UnavailableError
from devsys.base.keys import Keyring

WORDS = "Late evenings leave me short with people. \N{SNOWMAN}"
NOTES = Table("seal_trial", MetaData(), Column("id", String, primary_key=True), Column("text", Sealed))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = request.getfixturevalue("pg_url" if request.param == "postgresql" else "sqlite_url")
    made = Store(url, tmp_path / "key")
    yield made
    made.close()


def keep(store: Store, row_id: str, text: str) -> bytes:
    with store.write() as db:
        NOTES.create(db.connection(), checkfirst=True)
        value = seal(db, "seal_trial", "text", row_id, text)
        db.execute(insert(NOTES).values(id=row_id, text=value))
    return value


def kept(store: Store, row_id: str) -> str:
    with store.read() as db:
        value = db.execute(select(NOTES.c.text).where(NOTES.c.id == row_id)).scalar_one()
        return unseal(db, "seal_trial", "text", row_id, value)


def test_what_is_sealed_opens_and_stands_nowhere_in_the_clear(both: Store, tmp_path: Path) -> None:
    value = keep(both, "a", WORDS)
    assert kept(both, "a") == WORDS
    assert b"evenings" not in value
    if both.file is not None:
        with both.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"evenings" not in both.file.read_bytes()
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_column_takes_no_clear_text(both: Store) -> None:
    keep(both, "a", WORDS)
    for clear in (WORDS, WORDS.encode(), b"", b"\x01" + bytes(60)):
        with pytest.raises(Exception, match="only what seal"), both.write() as db:
            db.execute(insert(NOTES).values(id="b", text=clear))


def test_a_value_opens_in_its_own_place_alone(both: Store) -> None:
    value = keep(both, "a", WORDS)
    with both.read() as db:
        for place in (("seal_trial", "text", "b"), ("seal_trial", "other", "a"), ("other", "text", "a")):
            with pytest.raises(UnavailableError, match="changed outside"):
                unseal(db, *place, value)
        broken = value[:-1] + bytes([value[-1] ^ 1])
        with pytest.raises(UnavailableError, match="changed outside"):
            unseal(db, "seal_trial", "text", "a", broken)


def test_a_missing_or_another_key_is_said_and_never_replaced(both: Store, tmp_path: Path) -> None:
    keep(both, "a", WORDS)
    file = tmp_path / "key"
    right = file.read_bytes()
    for wrong, words in ((None, "is missing"), (b"00" * 64, "not the one"), (b"no key", "is damaged")):
        file.unlink(missing_ok=True)
        if wrong is not None:
            file.write_bytes(wrong)
        other = Store(both.url.replace("+psycopg", ""), file)
        with other.read() as db, pytest.raises(UnavailableError, match=words):
            unseal(db, "seal_trial", "text", "a", db.execute(select(NOTES.c.text)).scalar_one())
        with pytest.raises(UnavailableError, match=words), other.write() as db:
            seal(db, "seal_trial", "text", "b", "more")
        with other.read() as db:
            assert words in trouble(db)
        assert (file.read_bytes() if file.exists() else None) == wrong
        other.close()
    file.write_bytes(right)
    other = Store(both.url.replace("+psycopg", ""), file)
    assert kept(other, "a") == WORDS
    other.close()


def test_a_database_in_which_nothing_was_sealed_needs_no_key(both: Store, tmp_path: Path) -> None:
    with both.read() as db:
        assert (in_use(db), trouble(db)) == (False, "")
    assert not (tmp_path / "key").exists()


def test_the_same_text_in_the_same_place_is_the_same_bytes(both: Store) -> None:
    with both.write() as db:
        one, two = (seal(db, "seal_trial", "text", "a", WORDS) for _ in range(2))
        other = seal(db, "seal_trial", "text", "b", WORDS)
        short, long = (len(seal(db, "seal_trial", "text", "a", "x" * n)) for n in (1, 60))
    assert one == two != other
    assert short == long


def test_the_digest_does_not_need_the_key(sqlite_url: str, tmp_path: Path) -> None:
    store = Store(sqlite_url, tmp_path / "key")
    with store.read() as db:
        before = digest(db)
    with store.write() as db:
        seal(db, "seal_trial", "text", "a", WORDS)
    (tmp_path / "key").unlink()
    with store.read() as db:
        assert digest(db) == before
    store.close()


def test_any_text_comes_back(sqlite_url: str, tmp_path: Path) -> None:
    store = Store(sqlite_url, tmp_path / "key")

    @given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
    def comes_back(text: str) -> None:
        assert unseal(db, "t", "c", "r", seal(db, "t", "c", "r", text)) == text

    with store.write() as db:
        comes_back()
    store.close()


def test_two_that_make_a_key_have_the_same(tmp_path: Path) -> None:
    one, two = Keyring(tmp_path / "key"), Keyring(tmp_path / "key")
    assert one.make() == two.make() == Keyring(tmp_path / "key").key()
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
    with pytest.raises(ValueError, match="without a place"):
        Keyring(None).make()


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_every_text_of_a_confidential_table_is_sealed(name: str) -> None:
    table = metadata.tables[name]
    sealed = {c.name for c in table.columns if isinstance(c.type, Sealed)}
    if table.info["data"] != "confidential":
        # What is sealed of a person is confidential; a secret of the organisation's own belongs to nobody.
        assert not sealed or not table.info["person"], f"{name} seals {sealed} of a person and is not confidential"
        return
    named = {c.name for c in table.columns if c.primary_key or c.foreign_keys} | set(table.info["clear"])
    texts = {c.name for c in table.columns if isinstance(c.type, String | AutoString)}
    assert texts - named == set(), f"{name} keeps {texts - named} in the clear and does not say so"
    assert sealed, f"{name} is confidential and seals nothing"
