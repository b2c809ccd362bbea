"""Accounts, roles, sign-ins and wrong passwords in the store."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from devsys.adapters.store.queries import accounts, audit, people
from devsys.adapters.store.queries.accounts import ONCE
from devsys.adapters.store.store import Store
from devsys.base.errors import ConflictError
from devsys.core.model.access import Grant, Role, Viewer
from tests.builders import DOMAIN, NOW, id_of

ANA, BRUNO, OLIVIA = id_of("ana.correia"), id_of("bruno.matos"), id_of("olivia.brandt")
DAY = NOW.date()


@pytest.fixture(autouse=True)
def settled(organisation):
    return organisation


def test_an_empty_database_has_no_account(migrated, tmp_path):
    shutil.copyfile(migrated, tmp_path / "empty.db")
    store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    with store.read() as db:
        assert not accounts.any_account(db)
    store.close()


def test_an_account_is_found_by_person_and_by_address_whatever_its_capitals(store):
    with store.read() as db:
        assert accounts.any_account(db)
        found = accounts.account(db, ANA)
        assert found == accounts.account_by_email(db, f"ANA.Correia@{DOMAIN}", DAY)
        assert (found.email, found.active, found.once) == (f"ana.correia@{DOMAIN}", True, False)
        assert accounts.account(db, BRUNO) is None
        assert accounts.account_by_email(db, "nobody@x.example", DAY) is None


def test_creating_an_account_never_changes_one(store):
    with store.write() as db:
        accounts.set_password_hash(db, ANA, "kept")
    for person, email in ((ANA, "new@x.example"), (BRUNO, f"Ana.Correia@{DOMAIN}")):
        with pytest.raises(ConflictError), store.write() as db:
            accounts.add_account(db, person_id=person, email=email, password_hash="other", now=NOW)
    with store.write() as db:
        accounts.add_accounts(db, [(ANA, "new@x.example", "other"), (BRUNO, f"ana.correia@{DOMAIN}", "other")], NOW)
        assert accounts.account(db, ANA).password_hash == "kept"
        assert accounts.account(db, BRUNO) is None
        accounts.add_accounts(db, [(BRUNO, "Bruno@x.example", "fresh")], NOW)
        assert accounts.account(db, BRUNO).email == "bruno@x.example"


def test_who_left_or_is_shut_out_cannot_sign_in(store, settled):
    with store.write() as db:
        accounts.set_active(db, OLIVIA, active=False)
        ana = next(p for p in settled.people if p.id == ANA)
        people.write_organisation(db, people.only(people=(replace(ana, left=DAY),)), today=DAY)
    with store.read() as db:
        assert accounts.account_by_email(db, f"olivia.brandt@{DOMAIN}", DAY) is None
        assert accounts.account_by_email(db, f"ana.correia@{DOMAIN}", DAY) is None
        assert accounts.account_by_email(db, f"ana.correia@{DOMAIN}", DAY - timedelta(days=1)) is not None


def test_roles_are_given_and_taken(store):
    with store.write() as db:
        accounts.add_grants(db, ANA, (Grant(Role.COACH), Grant(Role.LEAD, id_of("belem")), Grant(Role.COACH)))
        assert accounts.grants(db, ANA) == (Grant(Role.COACH), Grant(Role.LEAD, id_of("belem")))
        assert accounts.holders(db, Role.COACH) == {ANA, id_of("nadia.haddad")}
        accounts.drop_grant(db, ANA, Grant(Role.LEAD))
        assert len(accounts.grants(db, ANA)) == 2
        accounts.drop_grant(db, ANA, Grant(Role.LEAD, id_of("belem")))
        assert accounts.grants(db, ANA) == (Grant(Role.COACH),)
        accounts.set_active(db, ANA, active=False)
        assert accounts.holders(db, Role.COACH) == {id_of("nadia.haddad")}


def test_a_viewer_has_team_and_zone(store):
    with store.read() as db:
        assert accounts.viewer_of(db, ANA) == Viewer(ANA, "Ana Correia", (), id_of("alfama"), "Europe/Lisbon")
        sunita = accounts.viewer_of(db, id_of("sunita.tamang"))
        assert sunita.zone == "Asia/Kathmandu"
        # Who belongs to no team reads times in the zone of most people.
        assert accounts.viewer_of(db, OLIVIA).zone == "Europe/Lisbon"
        assert accounts.viewer_of(db, "nobody") is None


def test_who_leads_sessions_is_a_facilitator_without_being_granted_it(store):
    rajesh = id_of("rajesh.karki")
    with store.write() as db:
        assert accounts.grants(db, rajesh) == ()
        assert accounts.viewer_of(db, rajesh).grants == (Grant(Role.FACILITATOR),)
        accounts.add_account(db, person_id=rajesh, email="r@x.example", password_hash="", now=NOW)
        open_one(db, person=rajesh)
        assert accounts.sign_in(db, "hash", NOW).viewer == accounts.viewer_of(db, rajesh)


def open_one(db, name="hash", person=ANA, now=NOW):
    accounts.open_sign_in(db, id_hash=name, person_id=person, now=now, hours=12)


def test_a_sign_in_lives_until_it_is_unused_for_its_hours(store):
    with store.write() as db:
        open_one(db)
        found = accounts.sign_in(db, "hash", NOW)
        assert (found.viewer.person_id, found.email, found.must_change) == (ANA, f"ana.correia@{DOMAIN}", False)
        assert (found.seen, found.expires) == (NOW, NOW + timedelta(hours=12))
        assert accounts.sign_in(db, "hash", NOW + timedelta(hours=12)) is None
        accounts.keep_open(db, "hash", NOW + timedelta(hours=11), 12)
        assert accounts.sign_in(db, "hash", NOW + timedelta(hours=22)) is not None
        assert accounts.sign_in(db, "other", NOW) is None


def test_sign_ins_end_one_by_one_all_at_once_or_with_the_account(store):
    with store.write() as db:
        for name in ("a", "b", "c"):
            open_one(db, name)
        accounts.close(db, "a")
        assert accounts.sign_in(db, "a", NOW) is None
        accounts.close_all(db, ANA, but="b")
        assert accounts.sign_in(db, "b", NOW) is not None
        assert accounts.sign_in(db, "c", NOW) is None
        accounts.set_active(db, ANA, active=False)
        accounts.set_active(db, ANA, active=True)
        assert accounts.sign_in(db, "b", NOW) is None


def test_ended_sign_ins_are_swept_when_a_new_one_opens(store):
    with store.write() as db:
        open_one(db, "old")
        open_one(db, "new", now=NOW + timedelta(days=2))
        left = db.connection().exec_driver_sql("SELECT id_hash FROM sign_in").fetchall()
    assert [row[0] for row in left] == ["new"]


def test_a_password_set_by_another_must_be_changed(store):
    with store.write() as db:
        open_one(db)
        accounts.set_password_hash(db, ANA, ONCE + "hash")
        assert accounts.sign_in(db, "hash", NOW).must_change
        assert accounts.account(db, ANA).once


def test_theme_is_kept(store):
    with store.write() as db:
        open_one(db)
        accounts.set_theme(db, ANA, "dark")
        assert accounts.sign_in(db, "hash", NOW).theme == "dark"


def test_wrong_passwords_are_counted_within_a_stretch(store):
    with store.write() as db:
        for minute in range(3):
            accounts.add_attempts(db, ("ana", "address"), NOW + timedelta(minutes=minute))
        last = NOW + timedelta(minutes=2)
        assert accounts.attempts(db, "ana", NOW - timedelta(seconds=1)) == (3, last)
        assert accounts.attempts(db, "ana", NOW) == (2, last)
        assert accounts.attempts(db, "bruno", NOW) == (0, None)
        accounts.forget_attempts(db, "address", at=NOW)
        assert accounts.attempts(db, "address", NOW - timedelta(hours=1))[0] == 2
        accounts.forget_attempts(db, "ana")
        assert accounts.attempts(db, "ana", NOW - timedelta(hours=1)) == (0, None)


def test_old_wrong_passwords_are_swept(store):
    with store.write() as db:
        accounts.add_attempts(db, ("ana",), NOW)
        accounts.add_attempts(db, ("ana",), NOW + timedelta(days=1, seconds=1))
        assert accounts.attempts(db, "ana", NOW - timedelta(days=9))[0] == 1


def test_the_log_gives_the_newest_first_with_names(store):
    with store.write() as db:
        audit.record(db, at=NOW, by_id=ANA, act="import people", what="3 new, 0 changed")
        audit.record(db, at=NOW, by_id=None, act="roll horizon")
        audit.record(db, at=NOW + timedelta(hours=1), by_id=OLIVIA, act="publish", what="version 1")
    with store.read() as db:
        assert [(a.by, a.act) for a in audit.acts(db)] == [
            ("Olivia Brandt", "publish"),
            ("devsys", "roll horizon"),
            ("Ana Correia", "import people"),
        ]
        assert [a.what for a in audit.acts(db, by_id=ANA)] == ["3 new, 0 changed"]
        assert len(audit.acts(db, limit=2)) == 2
