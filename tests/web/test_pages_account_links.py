"""Invited, forgotten, changed: letters about an account, whose links work once, for a short time, and tell nobody."""

import re

import pytest

from devsys.actions import sign_in as sign_in_action
from devsys.adapters.store.queries import account_links, accounts, house, letters, own_data
from devsys.base.ids import token_hash
from devsys.base.logs import without_secrets
from devsys.core.letters.accounts import HIDDEN
from tests.builders import id_of
from tests.conftest import application
from tests.mail import html_of, text_of, to
from tests.stories.plain_browser import PlainBrowser, words_of

PASSWORD = "five quiet herons at dusk"
FRESH = "nine loud geese at dawn"
ANA, BRUNO, RUI = id_of("ana.correia"), id_of("bruno.matos"), id_of("rui.carvalho")
ADDRESS = "ana.correia@northgate.example"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/account-link/[\w-]{32})")


@pytest.fixture
def app(post, organisation):
    """The application of an installation whose letters leave; Ana and Rui have passwords."""
    assert organisation.people
    known = sign_in_action.hash_password(PASSWORD)
    with post.parts.store.write() as db:
        for person_id in (ANA, RUI):
            accounts.set_password_hash(db, person_id, known)
    return application(post.parts)


@pytest.fixture
def browser(app, post):
    """Give a browser of somebody with an address; nobody is signed in yet."""

    def open_(email="nobody@northgate.example", password=PASSWORD):
        return PlainBrowser(app.test_client(), post.parts.settings.public_url, email, password)

    return open_


def ask(browser, email=ADDRESS):
    return browser.press(browser.get("/forgotten"), "Send me the link", email=email)


def link_of(letter):
    found = LINK.search(text_of(letter))
    assert found, text_of(letter)
    return found[1]


def rows(post, table):
    with post.parts.store.read() as db:
        return db.connection().exec_driver_sql(f"SELECT * FROM {table}").fetchall()


def test_who_forgot_it_chooses_another_by_a_letter_and_is_in(post, browser):
    mine, elsewhere = browser(ADDRESS), browser(ADDRESS)
    assert elsewhere.get("/account").request.path == "/account"
    page = mine.client.get("/sign-in")
    assert '/forgotten"' in page.text
    assert "Look into your mail" in ask(mine).text
    (letter,) = post.send()
    assert (to(letter), letter["Subject"]) == (ADDRESS, "A new password for the development calendar")
    link = link_of(letter)
    assert LINK.search(html_of(letter))[1] == link
    page = mine.get(link)
    assert ADDRESS in page.text
    home = mine.press(page, "Keep it and sign in", password=FRESH, again=FRESH)
    assert "Your password is kept." in words_of(home) or "Your password is kept." in home.text
    assert home.request.path == "/"
    assert elsewhere.client.get("/account").status_code == 303  # signed out everywhere else
    (told,) = post.send()
    assert told["Subject"] == "Your password was changed"
    assert "on Mon 5 January, 09:00 Lisbon time" in text_of(told)
    assert "/forgotten" in text_of(told)


def test_a_link_works_once_and_not_after_its_time(post, browser):
    mine = browser()
    ask(mine)
    link = link_of(post.send()[0])
    post.parts.clock.move(minutes=59)
    for _ in range(3):  # mail scanners follow links
        assert browser().client.get(link).status_code == 200
        assert browser().client.head(link).status_code == 200
    assert len(rows(post, "account_link")) == 1
    mine.press(mine.get(link), "Keep it and sign in", password=FRESH, again=FRESH)
    over = browser().client.get(link)
    assert over.status_code == 404
    assert rows(post, "account_link") == []
    post.parts.clock.move(hours=1)
    ask(browser())
    later = link_of(post.send()[-1])
    post.parts.clock.move(minutes=60)
    answers = [browser().client.get(path) for path in (later, "/account-link/" + "x" * 32)]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].data == answers[1].data == over.data


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address(post, browser):
    known, unknown = ask(browser()), ask(browser(), "ghost@northgate.example")
    assert known.data == unknown.data
    assert len(post.send()) == 1
    with post.parts.store.write() as db:
        accounts.set_active(db, ANA, active=False)
    post.parts.clock.move(minutes=1)
    assert ask(browser()).data == known.data
    assert post.send() == []


def test_asking_again_and_again_sends_three_letters_and_slows_the_address(post, browser):
    count = 0
    for _ in range(6):
        ask(browser())
        count += len(post.after(minutes=1))
    assert count == 3
    for number in range(14):
        ask(browser(), f"person{number}@northgate.example")
    last = browser()
    page = last.press(last.get("/forgotten"), "Send me the link", status=429, email=ADDRESS)
    assert "Too many tries" in page.text


def test_a_newer_link_ends_the_older(post, browser):
    ask(browser())
    older = link_of(post.send()[0])
    post.parts.clock.move(minutes=1)
    ask(browser())
    newer = link_of(post.send()[0])
    assert [browser().client.get(path).status_code for path in (older, newer)] == [404, 200]


def test_the_secret_is_in_the_mail_alone(post, browser):
    """Not on the page of letters, not in one's own data, not in the log; only its hash is in the database."""
    ask(browser())
    post.server.down()
    assert post.send() == []
    with post.parts.store.read() as db:
        assert letters.counts(db) == {"waiting": 1}
    post.server.up()
    link = link_of(post.after(minutes=5)[0])
    token = link.rsplit("/", 1)[1]
    office = browser("rui.carvalho@northgate.example")
    listed = office.get("/letters").text
    path = re.search(r'href="(/letters/[0-9a-f]{20})"', listed)[1]
    shown = office.get(path).text
    assert HIDDEN in shown
    with post.parts.store.read() as db:
        said = repr(own_data.everything_about(db, ANA))
    for text in (listed, shown, said, without_secrets(f"GET {link} HTTP/1.1"), repr(rows(post, "letter"))):
        assert token not in text
    assert token_hash(token) in repr(rows(post, "account_link"))
    assert token_hash(token) not in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "short", "again": "short"}, "12 to 200 characters"),
        ({"password": FRESH, "again": PASSWORD}, "The two are not the same."),
        ({}, "12 to 200 characters"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_link_alive(post, browser, typed, said):
    mine = browser()
    ask(mine)
    link = link_of(post.send()[0])
    page = mine.press(mine.get(link), "Keep it and sign in", status=422, **typed)
    assert said in page.text
    assert mine.get(link).status_code == 200


def test_somebody_is_invited_by_letter_and_chooses_their_first_password(post, browser):
    office = browser("rui.carvalho@northgate.example")
    page = office.press(office.get(f"/people/{BRUNO}"), "Invite by letter", email="Bruno.Matos@northgate.example")
    assert "no password yet" in page.text
    (letter,) = post.send()
    assert (to(letter), letter["Subject"]) == (
        "bruno.matos@northgate.example",
        "Your account for the development calendar",
    )
    assert "of Northgate Support" in text_of(letter)
    link = link_of(letter)
    bruno = browser("bruno.matos@northgate.example", FRESH)
    refused = bruno.press(bruno.client.get("/sign-in"), "Sign in", status=422, email=bruno.email, password="")
    assert "Fill this in." in refused.text
    post.parts.clock.move(hours=71)
    bruno.press(bruno.get(link), "Keep it and sign in", password=FRESH, again=FRESH)
    assert browser("bruno.matos@northgate.example", FRESH).get("/account").request.path == "/account"
    assert post.send() == []  # a first password is no change


def test_an_invitation_that_ran_out_is_sent_again_by_either(post, browser):
    office = browser("rui.carvalho@northgate.example")
    office.press(office.get(f"/people/{BRUNO}"), "Invite by letter", email="bruno.matos@northgate.example")
    first = link_of(post.send()[0])
    post.parts.clock.move(hours=73)
    assert browser().client.get(first).status_code == 404
    ask(browser(), "bruno.matos@northgate.example")
    assert post.send()[0]["Subject"] == "Your account for the development calendar"
    post.parts.clock.move(hours=1)
    office.press(office.get(f"/people/{BRUNO}"), "Invite again")
    assert browser().client.get(link_of(post.send()[0])).status_code == 200


def test_an_administrator_sends_a_link_and_the_password_stays_until_it_is_used(post, browser):
    office = browser("rui.carvalho@northgate.example")
    office.press(office.get(f"/people/{ANA}"), "Send a link to a new password")
    link = link_of(post.send()[0])
    assert browser(ADDRESS).get("/account").request.path == "/account"
    mine = browser(ADDRESS)
    mine.press(mine.get(link), "Keep it and sign in", password=FRESH, again=FRESH)
    assert browser(ADDRESS, FRESH).get("/account").request.path == "/account"


def test_a_password_changed_on_the_page_or_by_an_administrator_is_told(post, browser):
    mine = browser(ADDRESS)
    page = mine.get("/account/password")
    mine.press(page, "Keep this password", old=PASSWORD, password=FRESH, again=FRESH)
    assert [one["Subject"] for one in post.send()] == ["Your password was changed"]
    office = browser("rui.carvalho@northgate.example")
    post.parts.clock.move(minutes=1)
    office.press(office.get(f"/people/{ANA}"), "One-time password")
    assert [to(one) for one in post.send()] == [ADDRESS]


def test_a_changed_password_ends_a_link_that_was_sent(post, browser):
    ask(browser())
    link = link_of(post.send()[0])
    mine = browser(ADDRESS)
    mine.press(mine.get("/account/password"), "Keep this password", old=PASSWORD, password=FRESH, again=FRESH)
    assert browser().client.get(link).status_code == 404


def test_who_left_or_is_shut_out_gets_nothing_by_an_old_link(post, browser):
    ask(browser())
    link = link_of(post.send()[0])
    with post.parts.store.write() as db:
        accounts.set_active(db, ANA, active=False)
    assert browser().client.get(link).status_code == 404


def test_a_letter_that_waited_for_days_does_not_leave(post, browser):
    post.server.down()
    ask(browser())
    assert post.after(days=2) == []
    post.server.up()
    assert post.after(days=1, minutes=1) == []
    with post.parts.store.read() as db:
        assert letters.counts(db) == {}


def test_links_that_are_over_are_taken_away(post, browser):
    ask(browser())
    post.send()
    with post.parts.store.write() as db:
        assert account_links.forget_old(db, post.parts.now()) == 0
        post.parts.clock.move(hours=1)
        assert account_links.forget_old(db, post.parts.now()) == 1


def test_where_no_letter_leaves_nobody_is_promised_one(post, browser):
    with post.parts.store.write() as db:
        house.set_fact(db, house.DEMO, "1")
    assert "No letter leaves here" in browser().get("/forgotten").text
    office = browser("rui.carvalho@northgate.example")
    page = office.get(f"/people/{BRUNO}")
    assert "Invite by letter" not in page.text
    answer = office.client.post(
        f"/people/{BRUNO}/account",
        data={"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1], "email": "b@x.example"}
        | {"way": "letter"},
        headers={"Origin": office.origin},
    )
    assert answer.status_code == 422
    assert "No mail server is set" in answer.text
    office.press(page, "Give an account", email="bruno.matos@northgate.example")
