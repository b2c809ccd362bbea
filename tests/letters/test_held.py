"""After a restore: letters of the backup are held until somebody says, and none is sent twice in silence."""

from dataclasses import replace
from datetime import datetime

import pytest

from devsys.actions import doctor, edit_draft, held_letters, publish_plan, remind
from devsys.actions.backup import back_up, begin_anew, restore
from devsys.actions.parts import Parts
from devsys.adapters.store.digest import digest
from devsys.adapters.store.queries import accounts, audit, letters
from devsys.adapters.store.store import Store
from devsys.base.errors import ConflictError
from tests import builders
from tests.builders import id_of
from tests.conftest import application
from tests.mail import posting, text_of, to
from tests.stories.plain_browser import PlainBrowser
from tests.web import scenes

PEOPLE = sorted(f"{p}@northgate.example" for p in ("ana.correia", "elif.kaya", "filipa.sousa", "tiago.lopes"))
LATER, LATEST = datetime(2026, 1, 27, 12, 30), datetime(2026, 1, 27, 13, 30)


@pytest.fixture
def post(settings, clock):
    """Northgate, everybody told of its plan; a session has moved, and four letters about it wait."""
    parts = Parts(settings, Store(settings.url), clock)
    builders.settle(parts.store)
    with posting(parts) as made:
        planned = scenes.plan_and_publish(parts)
        with parts.store.write() as db:
            letters.begin_from(db, 1)
        made.alfama = planned["alfama"]
        move(made, LATER, "room taken")
        yield made
        made.parts.store.close()


def move(post, starts, cause):
    viewer = olivia(post)
    draft = edit_draft.move(post.parts, viewer, None, post.alfama.id, starts, cause=cause).draft_id
    publish_plan.publish(post.parts, draft, by_id=viewer.person_id)


def olivia(post):
    with post.parts.store.read() as db:
        return accounts.viewer_of(db, id_of("olivia.brandt"))


def restored(post, path, **by):
    """Give the installation as the backup at `path` has it, some time later."""
    post.parts.clock.move(**by)
    restore(post.parts, path)
    post.parts.store.close()
    post.parts = replace(post.parts, store=Store(post.parts.settings.url))


def counts(post):
    with post.parts.store.read() as db:
        return dict(letters.counts(db))


@pytest.fixture
def back(post, tmp_path):
    """Backed up while they waited; then they left; then restored."""
    path = tmp_path / "copy.db"
    back_up(post.parts, path)
    assert sorted(map(to, post.after(minutes=20))) == PEOPLE
    restored(post, path, hours=1)
    return post


def test_letters_of_the_backup_do_not_leave_again_by_themselves(back):
    assert back.send() == []
    assert back.after(days=2) == []
    assert counts(back) == {"held": 4}


def test_the_digest_is_that_of_the_backup(post, tmp_path):
    made = back_up(post.parts, tmp_path / "copy.db")
    restored(post, tmp_path / "copy.db", hours=1)
    with post.parts.store.read() as db:
        assert digest(db) == made.digest


def test_let_go_they_leave_once(back):
    assert held_letters.let_go(back.parts, olivia(back)) == 4
    assert sorted(map(to, back.send())) == PEOPLE
    assert counts(back) == {"sent": 4}
    with pytest.raises(ConflictError):
        held_letters.let_go(back.parts, olivia(back))


def test_thrown_away_they_count_as_read(back):
    """The next letter says only what changes from then on."""
    assert held_letters.throw_away(back.parts, olivia(back)) == 4
    assert back.after(days=1) == []
    move(back, LATEST, "queue busy")
    came = back.after(minutes=20)
    assert sorted(map(to, came)) == PEOPLE
    assert "was  Tue 27 January, 12:30" in text_of(came[0])


def test_what_changes_meanwhile_is_told_with_what_was_held(back):
    move(back, LATEST, "queue busy")
    came = back.after(minutes=20)
    assert sorted(map(to, came)) == PEOPLE
    assert "was  Tue 27 January, 11:00" in text_of(came[0])
    assert counts(back) == {"sent": 4}


def test_a_sealed_letter_is_held_too_and_leaves_as_it_was(post, tmp_path):
    post.server.hang_up(taken=True)
    (lost, *_) = post.after(minutes=20)
    back_up(post.parts, tmp_path / "copy.db")
    restored(post, tmp_path / "copy.db", hours=2)
    assert post.send() == []
    held_letters.let_go(post.parts, olivia(post))
    again = post.send()
    assert sorted(one["Message-ID"] == lost["Message-ID"] for one in again).count(True) == 1


def test_a_reminder_of_before_the_restore_is_held_and_one_of_after_it_leaves(post, tmp_path):
    """Lisbon, Tuesday 15:00: who has a session on Wednesday is reminded; the backup is of the morning."""
    post.after(minutes=20)
    post.parts.clock.now = post.parts.clock.now.replace(day=6, hour=10)
    back_up(post.parts, tmp_path / "copy.db")
    post.parts.clock.now = post.parts.clock.now.replace(hour=15)
    remind.remind(post.parts)
    reminded = sorted(map(to, post.send()))
    assert len(reminded) == 5
    restored(post, tmp_path / "copy.db", hours=2)
    remind.remind(post.parts)
    assert post.send() == []
    assert counts(post)["held"] == 5
    held_letters.throw_away(post.parts, olivia(post))
    for _ in range(3):
        post.parts.clock.move(hours=1)
        remind.remind(post.parts)
        assert post.send() == []
    post.parts.clock.now = post.parts.clock.now.replace(day=8, hour=15)
    remind.remind(post.parts)
    assert post.send() != []


def test_an_administrator_sees_them_and_settles_each_on_the_page(back):
    known = PlainBrowser(application(back.parts).test_client(), back.parts.settings.public_url, "", "")
    sign_in(back, known, "rui.carvalho")
    page = known.get("/")
    assert "4 letters are held since the data was restored" in page.text
    page = known.get("/letters")
    assert "Held since the restore" in page.text
    assert page.text.count("Throw away<") == 4
    page = known.press(page, "Let go")
    assert "1 letter may leave now." in page.text
    assert len(back.send()) == 1
    page = known.press(page, "Throw all away")
    assert "3 letters thrown away, as if sent." in page.text
    assert "Held since the restore" not in page.text
    assert back.after(days=1) == []
    with back.parts.store.read() as db:
        acts = [one.act for one in audit.acts(db, limit=2)]
    assert acts == ["throw held letters away", "let held letters go"]


def test_who_may_only_read_letters_sees_what_is_held_and_settles_nothing(back):
    ana = PlainBrowser(application(back.parts).test_client(), back.parts.settings.public_url, "", "")
    sign_in(back, ana, "ana.correia")
    page = ana.get("/letters")
    assert "Held since the restore" in page.text
    assert "Let go" not in page.text


def test_a_database_restored_by_other_tools_begins_anew_by_a_command(post):
    """As after pg_restore: the rows are those of the backup, and somebody says so."""
    post.parts.clock.move(minutes=1)
    begin_anew(post.parts)
    assert post.after(minutes=20) == []
    assert counts(post) == {"held": 4}


def test_the_doctor_says_so(back):
    (check,) = (c for c in doctor.examine(back.parts) if c.name == "letters")
    assert (check.state, check.says) == ("warning", "4 letters are held since the data was restored.")


def sign_in(post, browser, code):
    from devsys.base.ids import new_token, token_hash

    secret = new_token()
    with post.parts.store.write() as db:
        accounts.open_sign_in(db, id_hash=token_hash(secret), person_id=id_of(code), now=post.parts.now(), hours=12)
    browser.client.set_cookie("devsys", secret, domain="127.0.0.1")
