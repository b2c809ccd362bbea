"""Whoever made a calendar link hears once that it was fetched, and by which program."""

import pytest

from devsys.actions import rotate_feed
from devsys.actions.rotate_feed import Wanted
from devsys.adapters.store.queries import feeds
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.access import Viewer
from tests.builders import id_of
from tests.conftest import application
from tests.mail import text_of, to

ANA = Viewer(id_of("ana.correia"), "Ana", (), id_of("alfama"))
GOOGLE = "Google-Calendar-Importer"
THUNDERBIRD = "Mozilla/5.0 Thunderbird/128.0"


@pytest.fixture
def link(post, organisation):
    """A link of Ana's; `fetch(by)` gives the status of a fetch."""
    assert organisation.people
    token = [rotate_feed.make(post.parts, ANA, Wanted(FeedKind.PERSON, ANA.person_id, "Phone"))]
    client = application(post.parts).test_client()

    class Link:
        def fetch(self, by=GOOGLE):
            answer = client.get(f"/feed/{token[0]}.ics", headers={"User-Agent": by})
            answer.close()  # notes are written when the answer has left
            return answer.status_code

        def renew(self):
            token[0] = rotate_feed.renew(post.parts, ANA, self.id)

        @property
        def id(self):
            with post.parts.store.read() as db:
                return feeds.of_owner(db, ANA.person_id)[0].id

    return Link()


def test_the_first_fetch_is_told_once_with_its_program(post, link):
    assert link.fetch() == 200
    (letter,) = post.send()
    assert (to(letter), letter["Subject"]) == (
        "ana.correia@northgate.example",
        "Your calendar link was fetched for the first time",
    )
    said = text_of(letter)
    assert "“Phone” was fetched by Google Calendar on Mon 5 January, 09:00 Lisbon time" in said
    assert "Open your calendar links: http://127.0.0.1:8000/feeds" in said
    post.parts.clock.move(days=1)
    assert link.fetch(THUNDERBIRD) == 200
    assert post.send() == []


def test_a_new_secret_is_told_of_anew(post, link):
    link.fetch()
    post.send()
    post.parts.clock.move(hours=2)
    link.renew()
    assert link.fetch(THUNDERBIRD) == 200
    (letter,) = post.send()
    assert "by Thunderbird on Mon 5 January, 11:00" in text_of(letter)


def test_a_link_that_was_ended_meanwhile_is_not_told_of(post, link):
    link.fetch()
    rotate_feed.revoke(post.parts, ANA, link.id)
    assert post.send() == []
