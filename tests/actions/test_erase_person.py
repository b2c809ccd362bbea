"""A person erased: nowhere in the file, in feeds and in the next backup, and every count as before; or not at all."""

import contextlib
import json
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import IntegrityError

from devsys.actions import erase_person, rotate_feed, serve_feed
from devsys.actions.backup import back_up
from devsys.actions.rotate_feed import Wanted
from devsys.adapters.store.queries import accounts, audit, hiring, house, runs
from devsys.adapters.store.queries.erasure import NOBODY
from devsys.adapters.store.sealed import Sealed, seal, unseal
from devsys.adapters.store.tables.all import metadata
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.base.ids import token_hash
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.hiring import Card, Criterion, Rating
from tests.builders import NOW, a_lesson, id_of
from tests.web.scenes import plan_and_publish

COUNTED = ("session", "revision", "place", "owed", "attendance", "version", "person", "held", "lesson", "reading")


@pytest.fixture
def year(parts, organisation):
    assert organisation.people
    return plan_and_publish(parts)


def known_of(parts, code):
    return erase_person.find(parts, code)


def counts(parts):
    with parts.store.read() as db:
        return {name: db.execute(select(func.count()).select_from(metadata.tables[name])).scalar() for name in COUNTED}


def whole_text(parts):
    """Give all of the database as text, row by row; bytes as they are read, lines of calendars unfolded."""
    found = []
    with parts.store.read() as db:
        for table in metadata.tables.values():
            for row in db.execute(select(table)):
                found += [
                    bytes(v).replace(b"\r\n ", b"").decode("utf-8", "replace") if isinstance(v, bytes) else str(v)
                    for v in row
                ]
    return "\n".join(found)


def in_files(parts, words):
    """Give which words stand in the files of an SQLite database, its log among them."""
    home = Path(parts.settings.home)
    data = b"".join(p.read_bytes() for p in home.iterdir() if p.is_file())
    return [w for w in words if w.encode() in data or w.lower().encode() in data]


def busy_life(parts, code):
    """Let a person leave traces in texts, in tables of others, and in what is sealed by a key that holds their id."""
    person, now = id_of(code), parts.now()
    name = known_of(parts, code).name
    a_lesson(parts, by=code)
    with parts.store.write() as db:
        if accounts.account(db, person) is None:
            accounts.add_account(db, person_id=person, email=f"{code}@else.example", password_hash="", now=now)
        accounts.open_sign_in(db, id_hash="a" * 64, person_id=person, now=now, hours=12)
        audit.record(db, at=now, by_id=id_of("rui.carvalho"), act="open account", what=f"account {person}")
        runs.ask(db, "what if", period="one", now=now, args=json.dumps({"without": [person], "why": name}))
        revision = db.execute(select(metadata.tables["place"].c.revision_id).limit(1)).scalar()
        session = db.execute(
            select(metadata.tables["revision"].c.session_id).where(metadata.tables["revision"].c.id == revision)
        ).scalar()
        db.execute(
            insert(metadata.tables["attendance"]).values(
                session_id=session, person_id=person, present=True, marked_by=id_of("tiago.lopes"), marked=now
            )
        )
        db.execute(
            insert(metadata.tables["letter"]).values(
                id=id_of(f"letter {code}"), person_id=id_of("olivia.brandt"), kind="asked", about=person,
                state="sealed",
                opened=now, due=now, tries=0, recipient="o@x.example", subject=f"{name} asks", text=f"{name} asks you.",
                message=b"Subject: x\r\n\r\nQW5h", error="",
            )
        )  # fmt: skip
        db.execute(
            insert(metadata.tables["vacancy"]).values(
                id=id_of(f"vacancy {code}"), title="Agent", team_id=id_of("alfama"), lead_id=id_of("marta.nogueira"),
                questions="{}", by_id=id_of("olivia.brandt"), opened=now.date(),
            )
        )  # fmt: skip
        db.execute(
            insert(metadata.tables["candidate"]).values(
                id=id_of(f"candidate {code}"), vacancy_id=id_of(f"vacancy {code}"), added=now,
                name=seal(db, "candidate", "name", id_of(f"candidate {code}"), "Somebody else"),
            )
        )  # fmt: skip
        db.execute(
            insert(metadata.tables["hiring_card"]).values(
                candidate_id=id_of(f"candidate {code}"), assessor_id=person, submitted=now
            )
        )
        hiring.keep_card(db, Card(id_of(f"candidate {code}"), person, {Criterion.CALM: Rating("q", "h", 3)}, now))


def fetched(parts, token):
    """Give the calendar of a link, its lines unfolded, and leave the bytes that were made for it."""
    found = serve_feed.serve_feed(parts, serve_feed.Bodies(), serve_feed.Asked(token))
    serve_feed.write_notes(parts, found.notes)
    return found.body.replace(b"\r\n ", b"")


def erase_whole(parts, code):
    known = known_of(parts, code)
    done = erase_person.erase(parts, known.id, known.name)
    assert done.cleared
    return known, done


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize("code", ["ana.correia", "tiago.lopes", "nadia.haddad"])
def test_nobody_finds_a_person_who_was_erased(parts, code, tmp_path):
    busy_life(parts, code)
    with parts.store.read() as db:
        reader = accounts.viewer_of(db, id_of("olivia.brandt"))
    token = rotate_feed.make(parts, reader, Wanted(FeedKind.TEAM, id_of("alfama"), "Team"))
    assert b"BEGIN:VEVENT" in fetched(parts, token)
    known = known_of(parts, code)
    words = [known.id, known.name, known.email, known.code, f"{code}@else.example"]
    before = counts(parts)
    assert [w for w in words[:2] if w in whole_text(parts)] == words[:2]
    if parts.store.sqlite:
        assert known.name in in_files(parts, words)
    erase_whole(parts, code)
    assert counts(parts) == before
    left = whole_text(parts)
    assert [w for w in words if w in left] == []
    assert NOBODY in left
    assert known.name.encode() not in fetched(parts, token)
    if parts.store.sqlite:
        assert in_files(parts, words) == []
        back_up(parts, tmp_path / "next.db")
        data = (tmp_path / "next.db").read_bytes()
        assert [w for w in words if w.encode() in data] == []
        with parts.store.read() as db:
            assert db.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert db.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


@pytest.mark.usefixtures("year")
def test_what_others_have_stays(parts):
    busy_life(parts, "tiago.lopes")
    known, done = erase_whole(parts, "tiago.lopes")
    with parts.store.read() as db:
        cards = metadata.tables["hiring_card"]
        key, sealed = db.execute(select(cards.c.assessor_id, cards.c.ratings)).one()
        place = f"{id_of('candidate tiago.lopes')}/{key}"
        card = unseal(db, "hiring_card", "ratings", place, sealed)
        acts = audit.acts(db)
        letter = db.execute(
            select(metadata.tables["letter"]).where(metadata.tables["letter"].c.id == id_of("letter tiago.lopes"))
        )
        row = letter.one()
        lost = db.execute(select(func.count()).where(metadata.tables["place"].c.need.contains(known.id))).scalar()
    assert key == done.nobody
    assert json.loads(card)["calm"]["level"] == 3
    assert (row.state, row.message) == ("failed", None)
    assert row.text == f"{NOBODY} asks you."
    assert lost == 0
    assert any(a.act == "erase person" and a.what == f"person {done.nobody}" for a in acts)
    assert any(a.act == "open account" and a.what == f"account {done.nobody}" for a in acts)


@pytest.mark.usefixtures("organisation")
def test_an_erasure_is_refused_for_another_name_for_oneself_and_twice(parts):
    ana = known_of(parts, "ana.correia")
    with parts.store.read() as db:
        rui = accounts.viewer_of(db, id_of("rui.carvalho"))
    for typed in ("", "ana correia", "Ana  Correia"):
        with pytest.raises(InvalidError, match="exactly"):
            erase_person.erase(parts, ana.id, typed)
    with pytest.raises(ConflictError, match="themselves"):
        erase_person.erase(parts, rui.person_id, rui.name, rui)
    with pytest.raises(ConflictError, match="administrate"):
        erase_person.erase(parts, rui.person_id, rui.name)
    with pytest.raises(NotFoundError):
        erase_person.find(parts, "nobody@else.example")
    done = erase_person.erase(parts, ana.id, ana.name, rui)
    with pytest.raises(ConflictError, match="before"):
        erase_person.erase(parts, done.nobody, NOBODY, rui)
    assert erase_person.preview(parts, done.nobody).refused


@pytest.mark.usefixtures("year")
def test_an_erasure_that_breaks_off_leaves_everything(parts, monkeypatch):
    busy_life(parts, "ana.correia")
    before = whole_text(parts)
    ana = known_of(parts, "ana.correia")

    def broken(*_args: Any, **_more: Any) -> None:
        raise OSError("gone")

    monkeypatch.setattr("devsys.adapters.store.queries.erasure._drop_fragments", broken)
    with pytest.raises(OSError, match="gone"):
        erase_person.erase(parts, ana.id, ana.name)
    assert whole_text(parts) == before


@pytest.mark.usefixtures("year")
def test_who_is_erased_is_in_the_list_before_it_is_so(parts):
    """A kill right behind the commit leaves nobody erased whom the list does not know."""
    known, listed = known_of(parts, "ana.correia"), []

    def note(_connection):
        path = parts.settings.home / erase_person.LIST
        listed.append(path.exists() and token_hash(known.id) in path.read_text("ascii").split())

    event.listen(parts.store._writer, "commit", note)
    try:
        erase_person.erase(parts, known.id, known.name)
    finally:
        event.remove(parts.store._writer, "commit", note)
    assert listed[0]


@pytest.mark.usefixtures("organisation")
def test_what_a_page_began_the_hourly_work_ends(parts):
    """Erased on a page, or killed before the file was written anew: tidying up clears the file."""
    from devsys.actions.tidy_up import tidy_up

    ana = known_of(parts, "ana.correia")
    with parts.store.read() as db:
        rui = accounts.viewer_of(db, id_of("rui.carvalho"))
    assert not erase_person.erase(parts, ana.id, ana.name, rui).cleared
    with parts.store.read() as db:
        assert house.fact(db, erase_person.ERASING)
    tidy_up(parts)
    with parts.store.read() as db:
        assert not house.fact(db, erase_person.ERASING)
    if parts.store.sqlite:
        assert in_files(parts, [ana.id, ana.name, ana.email]) == []


def test_who_comes_back_with_an_older_backup_is_named(parts, organisation):
    from devsys.actions import doctor

    ana = next(p for p in organisation.people if p.code == "ana.correia")
    erase_whole(parts, ana.code)
    with parts.store.write() as db:
        assert erase_person.come_back(parts, db) == ()
        old = {"id": ana.id, "code": ana.code, "name": ana.name, "email": ana.email}
        db.execute(insert(metadata.tables["person"]).values(**old))
    with parts.store.read() as db:
        assert erase_person.come_back(parts, db) == ("ana.correia",)
    (check,) = (c for c in doctor.examine(parts) if c.name == "erasing")
    assert (check.state, check.todo) == ("warning", "Run: devsys erase ana.correia")
    assert ana.id not in (parts.settings.home / erase_person.LIST).read_text()


def test_a_name_is_taken_out_whole_and_nothing_else(parts, organisation):
    from devsys.adapters.store.queries.erasure import Known, _without, _words

    words = _words(Known("a" * 20, "4711", "Zoë Marsh", "zoe@x.example"), "b" * 20, {"zoe@x.example"})
    assert _without("Zoë Marsh, not Zoë Marshall; 4711 calls", words) == "Somebody erased, not Zoë Marshall; 4711 calls"
    assert _without(json.dumps({"why": "Zoë Marsh"}), words) == '{"why": "Somebody erased"}'
    assert _without(f"{'a' * 20}/round/3", words) == f"{'b' * 20}/round/3"
    assert organisation
    assert parts


# Their texts are read as they stand (YAML, figures, states of the calendar), or they hold the plan of the scene.
UNTOUCHED = ("house", "pointer", "person", "revision", "session", "version", "draft", "programme")


def filled(parts, known):
    """Put one more row into every table, the person in each column that refers to one, their name in each text."""
    count = 0
    with parts.store.write() as db:
        for table in metadata.sorted_tables:
            if table.name in UNTOUCHED:
                continue
            keys = {c.name: own_value(db, c, known, count) for c in table.columns if c.primary_key}
            row_id = "/".join(map(str, keys.values()))
            values = dict(keys)
            for c in table.columns:
                if isinstance(c.type, Sealed):
                    values[c.name] = seal(db, table.name, c.name, row_id, "words")
                elif not c.primary_key:
                    values[c.name] = own_value(db, c, known, count)
            with contextlib.suppress(IntegrityError), db.begin_nested():
                db.execute(insert(table).values(**values))
                count += 1
    return count


def own_value(db, column, known, count):
    for key in column.foreign_keys:
        parent, name = key.target_fullname.split(".")
        return known.id if parent == "person" else db.execute(select(metadata.tables[parent].c[name]).limit(1)).scalar()
    kind = type(column.type).__name__
    if kind in ("AutoString", "String"):
        return f"{count:020x}" if column.name == "id" else f"{known.name}, {known.email}, {known.id} {count}"
    if kind == "LargeBinary":
        return known.name.encode()
    if "DateTime" in kind:
        return NOW if kind == "UTCDateTime" else NOW.replace(tzinfo=None)
    return {int: count + 7, float: 1.0, bool: True, date: NOW.date(), time: NOW.time()}[column.type.python_type]


@pytest.mark.usefixtures("year")
def test_no_table_is_forgotten(parts):
    """Whatever table comes: a row in it that refers to the person, with their name in every text."""
    known = known_of(parts, "ana.correia")
    assert filled(parts, known) > 60
    erase_whole(parts, "ana.correia")
    left = whole_text(parts)
    assert [w for w in (known.id, known.name, known.email) if w in left] == []
    if parts.store.sqlite:
        assert in_files(parts, [known.id, known.name, known.email]) == []


@pytest.mark.soak
@pytest.mark.usefixtures("year")
def test_a_hundred_people_are_erased(parts):
    """G2 in full: a hundred people, each with a row in every table; counts and foreign keys as before."""
    for number in range(100):
        with parts.store.write() as db:
            person = {**db.execute(select(metadata.tables["person"]).limit(1)).mappings().one()}
            code = f"soak.{number:03d}"
            person |= {"id": id_of(code), "code": code, "name": f"Zita Zz{number:03d}", "email": f"{code}@else.example"}
            db.execute(insert(metadata.tables["person"]).values(**person))
        known = known_of(parts, code)
        filled(parts, known)
        before = counts(parts)
        erase_whole(parts, code)
        assert counts(parts) == before
        left = whole_text(parts)
        assert [w for w in (known.id, known.name, known.email, known.code) if w in left] == []
        if parts.store.sqlite:
            assert in_files(parts, [known.id, known.name, known.email]) == []
