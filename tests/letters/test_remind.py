"""The day before a session: one letter, in the afternoon there, to who wants it."""

import pytest

from devsys.actions import remind
from devsys.adapters.store.queries import accounts, readers
from devsys.core.letters.when import Choice
from tests.builders import id_of
from tests.mail import text_of, to
from tests.web import scenes


@pytest.fixture
def told(post, organisation):
    """Northgate with its sessions published and told; the clock stands at Tuesday 6 January, 14:59 UTC."""
    assert organisation.people
    found = scenes.plan_and_publish(post.parts)
    post.after(minutes=21)
    post.parts.clock.now = post.parts.clock.now.replace(day=6, hour=14, minute=59)
    return found


def remind_and_send(post):
    remind.remind(post.parts)
    return post.send()


def test_tomorrow_is_written_of_once_from_three_in_the_afternoon(post, told):
    """Four people are in Professional boundaries on Wednesday 7 January at 12:30 in Lisbon; Tiago leads it."""
    assert remind_and_send(post) == []
    post.parts.clock.move(minutes=1)
    came = {to(one): one for one in remind_and_send(post)}
    assert sorted(came) == [
        f"{who}@northgate.example"
        for who in ("ana.correia", "bruno.matos", "goncalo.reis", "helena.vaz", "tiago.lopes")
    ]
    ana = came["ana.correia@northgate.example"]
    assert ana["Subject"] == "Tomorrow: Professional boundaries, Wed 7 January, 12:30"
    assert "led by Tiago Lopes" in text_of(ana)
    assert "you lead it" in text_of(came["tiago.lopes@northgate.example"])
    for _ in range(6):
        post.parts.clock.move(hours=1)
        assert remind_and_send(post) == []
    assert told.sessions


def test_a_letter_speaks_the_language_of_whom_it_is_to(post, told):
    """Ana chose German: her letter and its dates are; Tiago, who leads the same session, gets his in English."""
    with post.parts.store.write() as db:
        accounts.set_language(db, id_of("ana.correia"), "de")
    post.parts.clock.move(minutes=1)
    came = {to(one): one for one in remind_and_send(post)}
    ana, tiago = came["ana.correia@northgate.example"], came["tiago.lopes@northgate.example"]
    assert ana["Subject"] == "Morgen: Professional boundaries, Mi. 7. Januar, 12:30"
    assert "geleitet von Tiago Lopes" in text_of(ana)
    assert "Guten Tag Ana" in text_of(ana)
    assert "Es gilt die Ortszeit Lissabon." in text_of(ana)
    assert tiago["Subject"] == "Tomorrow: Professional boundaries, Wed 7 January, 12:30"
    assert "Hello Tiago" in text_of(tiago)
    assert told.sessions


def test_who_does_not_want_it_gets_none(post, told):
    with post.parts.store.write() as db:
        readers.choose(db, id_of("ana.correia"), Choice(reminders=False))
    post.parts.clock.move(minutes=1)
    assert "ana.correia@northgate.example" not in map(to, remind_and_send(post))
    assert told.sessions


def test_a_reminder_that_comes_too_late_is_not_sent(post, told):
    """The mail server was down over night: on the day itself nobody hears that it is tomorrow."""
    post.server.down()
    post.parts.clock.move(minutes=1)
    assert remind_and_send(post) == []
    post.server.up()
    assert post.after(hours=18) == []
    assert told.sessions


def test_theirs_is_the_afternoon_that_counts(post, told):
    """Kathmandu is five hours and three quarters ahead: its people hear at 09:15 UTC."""
    session = told["patan"]
    post.parts.clock.now = session.starts_utc.replace(hour=9, minute=14) - (session.starts_utc - session.starts_utc)
    post.parts.clock.move(days=-1)
    assert [to(one) for one in remind_and_send(post) if "rai" in to(one)] == []
    assert remind_and_send(post) == []
    post.parts.clock.move(minutes=1)
    assert sorted(map(to, remind_and_send(post))) == [
        f"{who}@northgate.example" for who in ("anjali.shrestha", "bikash.gurung", "deepa.thapa", "rajesh.karki")
    ]
