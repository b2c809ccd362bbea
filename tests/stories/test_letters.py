"""Who hears of what, and how often: the figures that the product promises (acceptance 1, 2, 3, 7 and 23)."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from devsys.actions import accounts as account_acts
from devsys.actions import edit_draft, publish_plan, record_absence, repair_absence
from devsys.actions.repair_absence import About
from devsys.adapters.store.queries import accounts, letters
from devsys.adapters.store.tables.all import metadata
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.people import Absence
from tests.builders import id_of
from tests.mail import html_of, text_of, to
from tests.stories import acts
from tests.stories.acts import Phone, blocks
from tests.web import scenes


@pytest.fixture
def planned(post, organisation):
    """Northgate with seven sessions published, and everybody told of them."""
    assert organisation.people
    found = scenes.plan_and_publish(post.parts)
    post.after(minutes=21)
    return found


@pytest.fixture
def viewer(post, planned):
    assert planned.sessions
    with post.parts.store.read() as db:
        return accounts.viewer_of(db, id_of("olivia.brandt"))


def everything(parts):
    """Give every row of every table."""
    with parts.store.read() as db:
        return {name: sorted(map(repr, db.execute(select(table)))) for name, table in metadata.tables.items()}


def move(post, viewer, session, starts, cause="room taken"):
    draft = edit_draft.move(post.parts, viewer, None, session.id, starts, cause=cause).draft_id
    return publish_plan.publish(post.parts, draft, by_id=viewer.person_id)


def test_what_nobody_sees_tells_nobody(app, post, planned, viewer):
    """1: an unchanged plan published again, ten drafts drawn and dropped: 0 letters, 0 feed bytes, 0 revisions."""
    phones = [Phone(app, post.parts, id_of(who)) for who in ("ana.correia", "tiago.lopes")]
    first = [phone.fetch() for phone in phones]
    before = everything(post.parts)
    empty, _ = edit_draft.open_draft_of(post.parts, viewer)
    assert publish_plan.publish(post.parts, empty, by_id=viewer.person_id) == 1
    for _ in range(10):
        drawn = acts.draw(post.parts, weeks=2)
        edit_draft.discard(post.parts, viewer, drawn.draft_id)
    after = everything(post.parts)
    for table in ("letter", "told", "feed", "fragment", "shown", "revision", "place", "version", "turn"):
        assert before[table] == after[table], table
    assert post.after(days=1) == []
    assert all(phone.unchanged() for phone in phones)
    assert [phone.fetch() for phone in phones] == first
    assert planned.sessions


def test_a_moved_session_reaches_those_in_it_and_no_one_else(app, post, planned, viewer):
    """2: one letter each for who comes and who leads; only the feeds that hold it change, one VEVENT in each."""
    session = planned["alfama"]
    inside = [*session.people, session.facilitator_id]
    outside = [p for p in map(id_of, ("bruno.matos", "marta.nogueira", "deepa.thapa")) if p not in inside]
    phones = {who: Phone(app, post.parts, who) for who in (*session.people, *outside)}
    phones[session.facilitator_id] = Phone(app, post.parts, session.facilitator_id, kind=FeedKind.FACILITATOR)
    before = {who: blocks(phone.fetch()) for who, phone in phones.items()}
    move(post, viewer, session, datetime(2026, 1, 27, 12, 30))

    came = post.after(minutes=20)
    address = {p.id: p.email for p in acts.standing(post.parts).people}
    assert sorted(map(to, came)) == sorted(address[who] for who in inside)
    assert post.after(days=7) == []
    for who in outside:
        assert phones[who].unchanged()
    for who in inside:
        now = blocks(phones[who].fetch())
        assert [uid for uid in now if now[uid] != before[who][uid]] == [session.uid]
        assert now.keys() == before[who].keys()


def test_there_and_back_in_one_quiet_window(post, planned, viewer):
    """3: more than 48 hours ahead, both published: 0 letters, SEQUENCE + 2."""
    session = planned["alfama"]
    move(post, viewer, session, session.starts + timedelta(minutes=90))
    post.after(minutes=15)
    move(post, viewer, session, session.starts, cause="room free again")
    assert post.after(minutes=5) == []
    assert post.after(days=2) == []
    assert scenes.published(post.parts, session.id).sequence == session.sequence + 2


def test_mail_scanners_change_nothing(app, post, planned, viewer, sign_in):
    """7: every link of every letter fetched 100 times by GET and HEAD, by a stranger and by the reader: 0 rows."""
    move(post, viewer, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    draft = edit_draft.leave_out(post.parts, viewer, None, planned["coaching"].id, cause="asked for").draft_id
    publish_plan.publish(post.parts, draft, by_id=viewer.person_id)
    came = post.after(minutes=20)
    assert len(came) == 5
    links = {link for one in came for link in re.findall(r"https?://[^\s\"<>]+", text_of(one) + html_of(one))}
    own = post.parts.settings.public_url
    assert all(link.startswith(own) for link in links)
    assert not [link for link in links if re.search(r"[?&=]|token|[0-9a-zA-Z_-]{28,}", link.removeprefix(own))]
    strangers, reader = app.test_client(), sign_in("ana.correia")
    for link in links:
        for browser in (strangers, reader.client):
            browser.get(link.removeprefix(own) or "/").close()
    before = everything(post.parts)
    for link in sorted(links):
        path = link.removeprefix(own) or "/"
        for _ in range(50):
            for browser in (strangers, reader.client):
                assert browser.get(path).status_code in (200, 302, 303, 404)
                assert browser.head(path).status_code in (200, 302, 303, 404)
    assert everything(post.parts) == before


def test_a_leaver_hears_nothing_from_the_next_request_on(app, post, planned, viewer, sign_in):
    """23: feeds 404, sign-in dead, 0 letters: of what waited, and of what comes."""
    leaver = id_of("ana.correia")
    phone, browser = Phone(app, post.parts, leaver), sign_in("ana.correia")
    phone.fetch()
    move(post, viewer, planned["alfama"], datetime(2026, 1, 27, 12, 30))
    with post.parts.store.read() as db:
        assert leaver in letters.waiting(db, (leaver,))
        administrator = accounts.viewer_of(db, id_of("rui.carvalho"))
    account_acts.set_active(post.parts, administrator, leaver, active=False)

    assert app.test_client().get(phone.address).status_code == 404
    assert "/sign-in" in browser.get("/").headers["Location"]
    assert "ana.correia@northgate.example" not in map(to, post.after(minutes=20))
    move(post, viewer, planned["alfama"], datetime(2026, 1, 27, 13, 30), cause="queue busy")
    assert "ana.correia@northgate.example" not in map(to, post.after(minutes=20))
    assert post.after(days=30) == []


def test_a_repair_is_one_letter_each_and_reaches_nobody_it_does_not_touch(post, planned, viewer):
    """4: who is in what a repair changes hears once, of all of it; the others nothing."""
    tiago = id_of("tiago.lopes")
    day = planned["alfama"].starts.replace(hour=0)
    record_absence.record(post.parts, viewer, Absence(tiago, day, day + timedelta(days=10)))
    about = About(person_id=tiago)
    settled = repair_absence.settle(repair_absence.look(post.parts, about))
    assert len(settled.differences) >= 2
    repair_absence.publish(post.parts, viewer, about, seal=settled.seal)
    came = [to(one) for one in post.after(minutes=20)]
    address = {p.id: p.email for p in acts.standing(post.parts).people}
    assert len(came) == len(set(came))
    assert set(came) <= {address[p] for p in settled.concerned}
    assert came
    assert post.after(days=1) == []
