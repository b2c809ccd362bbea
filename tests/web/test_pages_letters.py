"""Who is told, a sample letter, now or tomorrow; the list of letters; what a person chooses to get."""

import re
from datetime import datetime

import pytest

from devsys.actions import edit_draft
from devsys.adapters.store.queries import accounts, house, letters, readers
from devsys.core.letters.when import Choice, Timing
from devsys.core.model.access import Role
from tests.builders import id_of
from tests.mail import to
from tests.stories.acts import text_of
from tests.web import scenes


@pytest.fixture
def planned(post, organisation):
    """Northgate with seven sessions published; a draft moves one by an hour and a half."""
    assert organisation.people
    found = scenes.plan_and_publish(post.parts)
    with post.parts.store.write() as db:
        ones = letters.listed(db, (letters.WAITING,))
        letters.drop(db, [one.id for one in ones])
        readers.set_told(db, {one.person_id: 1 for one in ones})
    return found


@pytest.fixture
def draft(post, planned):
    with post.parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of("olivia.brandt"))
    return edit_draft.move(post.parts, viewer, None, planned["alfama"].id, datetime(2026, 1, 27, 12, 30)).draft_id


def waiting(post):
    with post.parts.store.read() as db:
        return letters.listed(db, (letters.WAITING, letters.SEALED))


def test_the_draft_says_who_is_told_and_how(post, draft, sign_in):
    with post.parts.store.write() as db:
        readers.choose(db, id_of("elif.kaya"), Choice(Timing.FEED))
        readers.choose(db, id_of("filipa.sousa"), Choice(Timing.MORNING))
        accounts.set_active(db, id_of("tiago.lopes"), active=False)
    page = text_of(sign_in(Role.COORDINATOR).get(f"/drafts/{draft}"))
    assert "1 gets a letter 20 minutes after publishing" in page
    assert "1 gets the next morning's letter, as they chose" in page
    assert "1 sees it in the calendar feed alone, as they chose" in page
    assert "1 gets no letter: they have left or have no address" in page
    assert "To Ana Correia · subject Moved: Case round, now Tue 27 January, 12:30" in page
    assert "was Tue 27 January, 11:00\u201312:00" in page
    assert "No mail server is set: letters wait until there is one." in page  # this application knows of none
    assert waiting(post) == ()


def test_now_is_chosen_already_and_tomorrow_is_one_press(post, draft, sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    page = coordinator.get(f"/drafts/{draft}").text
    assert re.search(r'name="letters" value="soon" checked', page)
    assert coordinator.post(f"/drafts/{draft}/publish", {"cause": "x", "letters": "never"}).status_code == 422
    answer = coordinator.post(f"/drafts/{draft}/publish", {"cause": "room taken", "letters": "morning"})
    assert answer.status_code == 303
    assert {w.due.isoformat() for w in waiting(post)} == {"2026-01-06T07:00:00+00:00"}


def test_an_administrator_reads_the_draft_and_not_who_is_told(draft, sign_in):
    assert "Who is told" not in text_of(sign_in(Role.ADMINISTRATOR).get(f"/drafts/{draft}"))


def test_letters_wait_fail_are_tried_again_and_sent(post, draft, sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    assert "No letter yet." in text_of(coordinator.get("/letters"))
    coordinator.post(f"/drafts/{draft}/publish", {"cause": "room taken"})
    page = text_of(coordinator.get("/letters"))
    assert "4 letters wait; the first is due today, 09:20." in page
    assert "What changed in their calendar" in page

    post.server.answer("RCPT", "550 no such user")
    assert len(post.after(minutes=20)) == 3
    page = coordinator.get("/letters")
    assert "The mail server refuses the address: 550 no such user" in text_of(page)
    assert "1 letter could not be sent" in text_of(coordinator.get("/"))
    again = re.search(r'action="(/letters/\w+/again)"', page.text)[1]
    assert coordinator.post(again).status_code == 303
    assert "It leaves at the next try, with what stands now." in text_of(coordinator.get("/letters"))
    assert len(post.send()) == 1
    assert coordinator.post(again).status_code == 303
    page = coordinator.get("/letters")
    assert "This letter did not fail." in text_of(page)
    assert "Could not be sent" not in text_of(page)

    one = text_of(coordinator.get(re.search(r'href="(/letters/\w{20})"', page.text)[1]))
    assert "Moved: Case round, now Tue 27 January, 12:30" in one
    assert "room taken" in one


def test_a_person_reads_the_letters_to_them_and_no_others(post, draft, sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    coordinator.post(f"/drafts/{draft}/publish", {"cause": "room taken"})
    post.after(minutes=20)
    ana = sign_in("ana.correia")
    page = ana.get("/letters")
    (mine,) = re.findall(r'href="(/letters/\w{20})"', page.text)
    assert "Hello Ana Correia," in text_of(ana.get(mine))
    others = {*re.findall(r'href="(/letters/\w{20})"', coordinator.get("/letters").text)} - {mine}
    assert len(others) == 3
    assert {ana.get(other).status_code for other in others} == {404}
    assert {ana.post(f"{other}/again").status_code for other in (*others, mine)} == {404}


def test_what_a_person_chooses_is_kept_and_holds(post, draft, sign_in):
    ana = sign_in("ana.correia")
    page = ana.get("/account/letters").text
    assert re.search(r'value="soon" checked', page)
    assert re.search(r'name="reminders" value="1" checked', page)
    assert re.search(r'name="feedback" value="1" checked', page)
    assert ana.post("/account/letters", {"timing": "whenever"}).status_code == 422
    assert ana.post("/account/letters", {"timing": "feed"}).status_code == 303
    page = ana.get("/account/letters").text
    assert re.search(r'value="feed" checked', page)
    assert not re.search(r'name="(reminders|feedback)" value="1" checked', page)
    sign_in(Role.COORDINATOR).post(f"/drafts/{draft}/publish", {"cause": "room taken"})
    assert "ana.correia@northgate.example" not in map(to, post.after(days=1))


def test_a_demo_says_that_nothing_leaves(post, draft, sign_in):
    with post.parts.store.write() as db:
        house.set_fact(db, house.DEMO, "1")
    coordinator = sign_in(Role.COORDINATOR)
    coordinator.post(f"/drafts/{draft}/publish", {"cause": "room taken"})
    assert post.after(minutes=20) == []
    page = text_of(coordinator.get("/letters"))
    assert "none leaves this machine" in page
    assert page.count(" kept ") >= 4
    assert "4 letters are kept to be read here." in text_of(coordinator.get("/health"))


def test_invitations_say_how_many_come_and_end_the_links(post, planned, sign_in):
    ana = sign_in("ana.correia")
    assert ana.post("/feeds", {"name": "Phone", "what": f"person:{ana.person_id}"}).status_code == 201
    page = text_of(ana.get("/account/letters"))
    assert "4 messages come at once: what you have ahead." in page
    assert "Invitations end your link Phone" in page
    assert ana.post("/account/letters", {"timing": "soon", "calendar": "mail"}).status_code == 303
    assert len(post.send()) == 4
    page = text_of(ana.get("/feeds"))
    assert "Your sessions come by invitations in the mail" in page
    assert "No calendar of yours reads here yet." in page
    refused = ana.post("/feeds", {"name": "Phone", "what": f"person:{ana.person_id}"})
    assert refused.status_code == 422
    assert "each session would stand twice" in text_of(refused)
    assert planned.sessions
