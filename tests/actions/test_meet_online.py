"""Where a session without a room is met: said once by who leads, for those who come, in calendars and on pages."""

import re

import pytest

from devsys.actions import meet_online
from devsys.base.errors import InvalidError, NotFoundError
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.access import Grant, Role, Viewer
from tests.builders import a_session, id_of
from tests.feeds import scene
from tests.feeds.lint import lint
from tests.stories.acts import Phone
from tests.web import scenes

LINK = "https://meet.northgate.example/marta?room=5"
OTHER = "https://meet.northgate.example/other"
MARTA = Viewer(id_of("marta.nogueira"), "Marta", (Grant(Role.FACILITATOR),))


@pytest.fixture
def online(parts, organisation):
    """A case round that Marta leads online and one that she leads in a room; Ana and Bruno come to both."""
    assert organisation.people
    scenes.adopt_shipped(parts)
    people = ("ana.correia", "bruno.matos")
    session = a_session("online", room=None, people=people)
    here = session.starts.replace(hour=16)
    scene.publish(parts, session, a_session("here", activity="hear_fully", people=people, starts=here))
    return session


def unfolded(phone):
    return phone.fetch().replace(b"\r\n ", b"").decode()


def locations(phone):
    return sorted(re.findall(r"LOCATION:(.*)\r", unfolded(phone)))


def test_calendars_of_who_comes_and_leads_carry_the_link_and_no_others_do(parts, online, app):
    own = Phone(app, parts, id_of("ana.correia"))
    rota = Phone(app, parts, id_of("marta.nogueira"), kind=FeedKind.FACILITATOR)
    before = {phone: phone.fetch() for phone in (own, rota)}
    assert locations(own) == ["Mewa\\, Lisbon", "Online"]
    meet_online.give(parts, MARTA, LINK)
    for phone in (own, rota):
        assert not phone.unchanged()
        assert locations(phone) == ["Mewa\\, Lisbon", f"Online: {LINK}"]
        assert [str(f) for f in lint(phone.fetch())] == []
        events = [body.split("BEGIN:VEVENT")[1:] for body in (before[phone].decode(), phone.fetch().decode())]
        same = [one for one in events[0] if one in events[1]]
        assert len(same) == len(events[0]) - 1  # the session in the room keeps its bytes
    sequence = re.search(rf"UID:{online.uid}.*?SEQUENCE:(\d+)", unfolded(own), re.DOTALL)
    assert sequence is None or sequence[1] == "0"


def test_taken_away_the_bytes_are_what_they_were_but_for_stamps(parts, online, app):
    phone = Phone(app, parts, id_of("ana.correia"))
    before = phone.fetch()
    meet_online.give(parts, MARTA, LINK)
    parts.clock.move(minutes=5)
    meet_online.give(parts, MARTA, "")
    assert locations(phone) == ["Mewa\\, Lisbon", "Online"]

    def plain(body):
        return re.sub(rb"(DTSTAMP|LAST-MODIFIED):\d{8}T\d{6}Z", rb"\1", body)

    assert plain(phone.fetch()) == plain(before)
    assert online.people


def test_what_says_the_same_again_changes_nothing(parts, online, app):
    phone = Phone(app, parts, id_of("ana.correia"))
    meet_online.give(parts, MARTA, LINK)
    phone.fetch()
    parts.clock.move(minutes=5)
    meet_online.give(parts, MARTA, LINK)
    assert phone.unchanged()
    assert online.people


def test_pages_join_who_comes_and_nobody_else(parts, online, sign_in):
    meet_online.give(parts, MARTA, LINK)
    href = f'href="{LINK}"'
    page = f"/sessions/{online.id}"
    assert href in sign_in("ana.correia").get("/").text
    assert href in sign_in("ana.correia").get(page).text
    assert href in sign_in("marta.nogueira").get(page).text
    assert href not in sign_in(Role.COORDINATOR).get(page).text
    here = f"/sessions/{id_of('session here')}"
    assert href not in sign_in("ana.correia").get(here).text


def test_it_is_said_on_a_page_by_who_leads(parts, online, sign_in):
    marta = sign_in("marta.nogueira")
    assert "/account/online" in marta.get("/account").text
    answer = marta.post("/account/online", {"address": LINK})
    assert (answer.status_code, meet_online.link_of(parts, MARTA)) == (303, LINK)
    assert LINK in marta.get("/account/online").text.replace("&amp;", "&")
    answer = marta.post("/account/online", {"address": "http://meet.example/x"})
    assert answer.status_code == 422
    assert "An https address" in answer.text
    assert meet_online.link_of(parts, MARTA) == LINK
    ana = sign_in("ana.correia")
    assert "/account/online" not in ana.get("/account").text
    assert ana.get("/account/online").status_code == 404
    assert ana.post("/account/online", {"address": OTHER}).status_code == 404
    assert online.people


@pytest.mark.parametrize(
    "address",
    [
        "http://meet.example/x",
        "javascript:alert(1)",
        "https://",
        "https://localhost/x",
        "https://user@meet.example/x",
        "https://meet.example/a b",
        "https://meet.example/\r\nSEQUENCE:9",
        'https://meet.example/"x',
        "https://meet.example:99999/",
        "https://meet.exämple/",
        "https://meet.example/" + "x" * 300,
        "//meet.example/x",
    ],
)
def test_what_is_no_https_address_is_refused(parts, organisation, address):
    assert organisation.people
    with pytest.raises(InvalidError):
        meet_online.give(parts, MARTA, address)
    assert meet_online.link_of(parts, MARTA) == ""


def test_who_leads_nothing_has_no_such_link(parts, organisation):
    assert organisation.people
    with pytest.raises(NotFoundError):
        meet_online.give(parts, Viewer(id_of("ana.correia"), "Ana", ()), LINK)
