"""Feeds over a real store: what they show, when they change, and when not a byte does."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import delete, event, update
from sqlmodel import col

from devsys.actions.age_feeds import start_feeds
from devsys.actions.parts import Parts
from devsys.actions.serve_feed import Bodies, Outcome
from devsys.adapters.store.queries import accounts, audit, feeds, house, programme
from devsys.adapters.store.tables.people import PersonRow
from devsys.base.ids import new_id
from devsys.core.model.access import Grant, Role
from tests.builders import a_session, id_of
from tests.feeds.lint import lint
from tests.feeds.scene import (
    Poller,
    a_feed,
    cancelled,
    moved,
    next_day,
    publish,
    published,
    revisions,
    settle,
    the_programme,
    with_people,
)

HEAR, TONE = "Hear fully before you answer", "Tone in chat and mail"
TUESDAY = datetime(2026, 1, 20, 14, 0)
ONLINE = {"room": None, "team": None}
ROUND = a_session("round")
SKILL = a_session(
    "skill",
    activity="hear_fully",
    starts=datetime(2026, 1, 22, 10, 0),
    people=("ana.correia", "joana.pires"),
    team=None,
)
CHAT = a_session(
    "chat",
    activity="chat_tone",
    starts=datetime(2026, 2, 3, 11, 0),
    people=("joana.pires", "kofi.mensah"),
    **ONLINE,
)
TALK = a_session(
    "talk",
    activity="saying_no",
    starts=datetime(2026, 1, 27, 9, 30),
    minutes=45,
    people=("ana.correia",),
    facilitator="nadia.haddad",
    **ONLINE,
)
NEPAL = a_session(
    "nepal",
    starts=datetime(2026, 1, 21, 11, 15),
    people=("anjali.shrestha", "deepa.thapa"),
    site="kathmandu",
    facilitator="rajesh.karki",
    room="himal",
    team="patan",
)
ALL = (ROUND, SKILL, CHAT, TALK, NEPAL)


@pytest.fixture
def poller(parts: Parts) -> Poller:
    settle(parts)
    publish(parts, *ALL)
    return Poller.fresh(parts)


def seen(data: bytes) -> dict[str, Any]:
    """Give the events of a body by UID, linted."""
    assert [str(f) for f in lint(data)] == []
    return {str(e["UID"]): e for e in Calendar.from_ical(data).walk("VEVENT")}


def titles(data: bytes) -> list[str]:
    return sorted(str(e["SUMMARY"]) for e in seen(data).values())


@pytest.mark.parametrize(
    ("kind", "target", "owner", "expected"),
    [
        ("person", "ana.correia", "", ["Busy", "Case round", HEAR]),
        ("person", "kofi.mensah", "", [TONE]),
        ("team", "alfama", "marta.nogueira", ["Busy", "Case round", HEAR]),
        ("team", "belem", "olivia.brandt", [HEAR, TONE]),
        ("team", "belem", "marta.nogueira", []),
        ("facilitator", "marta.nogueira", "olivia.brandt", ["Case round", HEAR, TONE]),
        ("facilitator", "nadia.haddad", "", ["Coaching: saying no without guilt"]),
        ("facilitator", "nadia.haddad", "olivia.brandt", ["Busy"]),
        ("room", "mewa", "olivia.brandt", ["Case round", HEAR]),
        ("room", "mewa", "ana.correia", ["Case round", HEAR]),
        ("room", "mewa", "kofi.mensah", ["Busy", "Busy"]),
        ("person", "ana.correia", "olivia.brandt", []),
    ],
)  # fmt: skip
def test_a_feed_shows_what_its_owner_may_see(
    poller: Poller, kind: str, target: str, owner: str, expected: list[str]
) -> None:
    assert titles(poller.body(a_feed(poller.parts, kind, target, owner))) == expected


def test_a_feed_opted_in_shows_the_own_coaching_by_name_and_a_filter_never_widens(poller: Poller) -> None:
    assert titles(poller.body(a_feed(poller.parts, titles=True, kinds=["coaching"]))) == [
        "Coaching: saying no without guilt"
    ]
    assert titles(poller.body(a_feed(poller.parts, kinds=["coaching"]))) == ["Busy"]
    assert titles(poller.body(a_feed(poller.parts, kinds=["digital"]))) == []


def test_a_feed_gives_the_same_bytes_and_tag_in_every_process_whatever_the_time(poller: Poller, clock: Any) -> None:
    token = a_feed(poller.parts)
    first = poller.ask(token)
    for step in (timedelta(seconds=1), timedelta(hours=1), timedelta(days=1), timedelta(days=100)):
        clock.now += step
        for other in (poller, Poller.fresh(poller.parts)):
            found = other.ask(token)
            assert (found.body, found.tag, found.revised) == (first.body, first.tag, first.revised)
    assert b"20260105T090000Z" in first.body


def test_bytes_made_at_the_first_fetch_are_those_kept_afterwards(poller: Poller) -> None:
    token = a_feed(poller.parts)
    first = poller.ask(token)
    assert first.notes
    assert len(first.notes.rendered) == 3
    again = Poller.fresh(poller.parts).ask(token)
    assert again.notes is not None
    assert again.notes.rendered == ()
    assert again.body == first.body


def test_publishing_the_same_again_changes_no_feed_and_no_byte(poller: Poller, clock: Any) -> None:
    token = a_feed(poller.parts)
    before, kept = revisions(poller.parts), poller.body(token)
    clock.move(hours=3)
    assert publish(poller.parts, *published(poller.parts).values()) == 0
    with poller.parts.store.write() as db:
        assert feeds.refresh(db, poller.parts.now()) == 0
        assert feeds.follow(db, poller.parts.now()) == 0
    assert revisions(poller.parts) == before
    assert Poller.fresh(poller.parts).body(token) == kept


def test_one_moved_session_changes_one_vevent_in_the_feeds_that_hold_it(poller: Poller, clock: Any) -> None:
    tokens = [a_feed(poller.parts, "person", p) for p in ("ana.correia", "bruno.matos", "kofi.mensah")]
    tokens += [a_feed(poller.parts, "team", "belem"), a_feed(poller.parts, "room", "mewa")]
    before = {t: poller.ask(t) for t in tokens}
    clock.move(hours=1)
    assert publish(poller.parts, moved(ROUND, TUESDAY + timedelta(hours=2))) == 3
    touched = {tokens[0], tokens[1], tokens[4]}
    for token in tokens:
        after = poller.ask(token)
        assert (after.tag != before[token].tag) == (token in touched)
        old, new = seen(before[token].body), seen(after.body)
        changed = {uid for uid in new if new[uid].to_ical() != old[uid].to_ical()}
        assert changed == ({ROUND.uid} if token in touched else set())
    found = seen(poller.body(tokens[0]))[ROUND.uid]
    assert found["DTSTART"].dt.replace(tzinfo=None) == TUESDAY + timedelta(hours=2)
    assert (int(found["SEQUENCE"]), found["DTSTAMP"].dt) == (1, clock.now)
    assert found["CREATED"].dt < found["LAST-MODIFIED"].dt


def test_a_change_that_a_view_does_not_show_leaves_its_bytes_and_stamps(poller: Poller, clock: Any) -> None:
    own, masked = a_feed(poller.parts), a_feed(poller.parts, "room", "mewa", "kofi.mensah")
    lead = a_feed(poller.parts, "facilitator", "nadia.haddad")
    before = {t: poller.ask(t) for t in (own, masked, lead)}
    clock.move(hours=1)
    publish(poller.parts, *(replace(s, facilitator_id=id_of("tiago.lopes")) for s in (TALK, ROUND)))
    assert poller.ask(masked) == replace(before[masked], notes=poller.ask(masked).notes)
    old, new = seen(before[own].body), seen(poller.body(own))
    assert new[TALK.uid].to_ical() == old[TALK.uid].to_ical()
    assert new[ROUND.uid].to_ical() != old[ROUND.uid].to_ical()
    assert int(new[ROUND.uid]["SEQUENCE"]) == int(old[ROUND.uid]["SEQUENCE"])
    gone = seen(poller.body(lead))[TALK.uid]
    assert (str(gone["STATUS"]), int(gone["SEQUENCE"])) == ("CANCELLED", 1)


def test_a_cancelled_session_stays_as_a_tombstone_until_14_days_after_its_end(poller: Poller, clock: Any) -> None:
    token = a_feed(poller.parts)
    poller.body(token)
    clock.move(hours=1)
    publish(poller.parts, cancelled(ROUND))
    found = seen(poller.body(token))[ROUND.uid]
    assert (str(found["STATUS"]), str(found["TRANSP"]), int(found["SEQUENCE"])) == ("CANCELLED", "TRANSPARENT", 1)
    assert ROUND.uid not in seen(poller.body(a_feed(poller.parts, titles=True)))
    kept = poller.body(token)
    assert [next_day(poller.parts, clock) for _ in range(29)] == [0] * 29
    assert poller.body(token) == kept
    assert next_day(poller.parts, clock) == 1
    assert ROUND.uid not in seen(poller.body(token))


def test_who_is_taken_off_sees_a_tombstone_in_their_own_feed_only(poller: Poller, clock: Any) -> None:
    bruno, ana = a_feed(poller.parts, "person", "bruno.matos"), a_feed(poller.parts)
    team = a_feed(poller.parts, "team", "alfama")
    before = {t: poller.ask(t) for t in (bruno, ana, team)}
    clock.move(hours=1)
    publish(poller.parts, with_people(ROUND, "ana.correia", "catarina.leal"))
    gone = seen(poller.body(bruno))[ROUND.uid]
    assert (str(gone["STATUS"]), int(gone["SEQUENCE"]), gone["DTSTAMP"].dt) == ("CANCELLED", 1, clock.now)
    for token in (ana, team):
        assert poller.ask(token).tag == before[token].tag
    kept = poller.body(bruno)
    clock.move(hours=1)
    publish(poller.parts, moved(with_people(ROUND, "ana.correia", "catarina.leal"), TUESDAY + timedelta(hours=2)))
    assert poller.body(bruno) == kept  # where it goes from then on is not theirs to see
    clock.move(hours=1)
    publish(poller.parts, moved(ROUND, TUESDAY + timedelta(hours=2)))
    back = seen(poller.body(bruno))[ROUND.uid]
    assert (str(back["STATUS"]), int(back["SEQUENCE"]), back["DTSTAMP"].dt) == ("CONFIRMED", 3, clock.now)
    assert int(seen(poller.body(ana))[ROUND.uid]["SEQUENCE"]) == 1


def test_a_past_session_leaves_without_a_tombstone(poller: Poller, clock: Any) -> None:
    token = a_feed(poller.parts, "person", "bruno.matos")
    poller.body(token)
    clock.move(days=30)
    publish(poller.parts, with_people(ROUND, "ana.correia", "catarina.leal"))
    assert ROUND.uid not in seen(poller.body(token))


def test_a_facilitator_who_is_replaced_sees_a_tombstone_and_may_return(poller: Poller, clock: Any) -> None:
    marta = a_feed(poller.parts, "facilitator", "marta.nogueira", "olivia.brandt")
    tiago = a_feed(poller.parts, "facilitator", "tiago.lopes")
    poller.body(marta)
    clock.move(hours=1)
    publish(poller.parts, replace(ROUND, facilitator_id=id_of("tiago.lopes")))
    assert str(seen(poller.body(tiago))[ROUND.uid]["STATUS"]) == "CONFIRMED"
    assert ROUND.uid not in seen(poller.body(marta))  # read as somebody else, access just goes
    clock.move(hours=1)
    publish(poller.parts, ROUND)
    gone = seen(poller.body(tiago))[ROUND.uid]
    assert (str(gone["STATUS"]), int(gone["SEQUENCE"])) == ("CANCELLED", 1)
    clock.move(hours=1)
    publish(poller.parts, replace(ROUND, facilitator_id=id_of("tiago.lopes")))
    back = seen(poller.body(tiago))[ROUND.uid]
    assert (str(back["STATUS"]), int(back["SEQUENCE"])) == ("CONFIRMED", 2)


def test_drafts_are_never_visible(poller: Poller) -> None:
    from tests.builders import a_draft

    token = a_feed(poller.parts)
    before = poller.ask(token)
    a_draft(poller.parts, moved(ROUND, TUESDAY + timedelta(days=1)), a_session("secret"))
    with poller.parts.store.write() as db:
        assert feeds.refresh(db, poller.parts.now()) == 0
    assert Poller.fresh(poller.parts).ask(token).body == before.body


def test_the_window_moves_only_feeds_where_something_enters_or_leaves(poller: Poller, clock: Any) -> None:
    far = a_session("far", starts=TUESDAY + timedelta(days=395), people=("elif.kaya",), team="alfama")
    publish(poller.parts, far)
    elif_, ana, nepal = (a_feed(poller.parts, "person", p) for p in ("elif.kaya", "ana.correia", "deepa.thapa"))
    tags = {t: poller.ask(t).tag for t in (elif_, ana, nepal)}
    assert seen(poller.body(elif_)) == {}
    changed = [next_day(poller.parts, clock) for _ in range(12)]
    assert sum(changed) == 1
    assert list(seen(poller.body(elif_))) == [far.uid]
    assert poller.ask(ana).tag == tags[ana]
    assert poller.ask(nepal).tag == tags[nepal]
    for _ in range(70):
        next_day(poller.parts, clock)
    assert seen(poller.body(nepal)) == {}


def test_a_renamed_activity_room_and_address_reach_the_feeds(poller: Poller, clock: Any) -> None:
    token, masked = a_feed(poller.parts), a_feed(poller.parts, "room", "mewa", "kofi.mensah")
    before, quiet = poller.ask(token), poller.ask(masked)
    clock.move(hours=1)
    with poller.parts.store.write() as db:
        programme.keep(db, the_programme(case_round="Round of cases"), by_id=None, now=poller.parts.now())
        assert feeds.refresh(db, poller.parts.now()) == 1
    after = poller.ask(token)
    found = seen(after.body)[ROUND.uid]
    assert (str(found["SUMMARY"]), int(found["SEQUENCE"]), found["DTSTAMP"].dt) == ("Round of cases", 0, clock.now)
    assert after.tag != before.tag
    assert poller.ask(masked).tag == quiet.tag
    assert start_feeds(poller.parts) == 0
    address = "https://devsys.northgate.example"
    public = replace(poller.parts, settings=poller.parts.settings.model_copy(update={"base_url": address}))
    assert start_feeds(public) == 1
    assert f"URL:{address}/sessions/{ROUND.id}\r\n".encode() in poller.body(token).replace(b"\r\n ", b"")
    clock.move(hours=1)
    publish(poller.parts, moved(SKILL, SKILL.starts + timedelta(hours=1)))  # from the other address again
    assert address.encode() not in poller.body(token).replace(b"\r\n ", b"")


def test_a_session_of_a_dropped_programme_stays_and_coaching_stays_masked(poller: Poller, clock: Any) -> None:
    own, lead = a_feed(poller.parts), a_feed(poller.parts, "team", "alfama", "marta.nogueira")
    clock.move(hours=1)
    with poller.parts.store.write() as db:
        programme.drop(db, "northgate")
        assert feeds.refresh(db, poller.parts.now()) == 2
    assert titles(poller.body(own)) == titles(poller.body(lead)) == ["Busy", "Case round", "Hear fully"]
    publish(poller.parts, replace(TALK, id=new_id(), uid="new@devsys", starts=TALK.starts, places=ROUND.places))
    assert titles(poller.body(lead)) == ["Busy", "Busy", "Case round", "Hear fully"]


def test_a_change_of_role_or_team_is_followed(poller: Poller, clock: Any) -> None:
    lead, belem = a_feed(poller.parts, "team", "alfama", "marta.nogueira"), a_feed(poller.parts, "team", "belem")
    assert len(seen(poller.body(lead))) == 3
    clock.move(hours=1)
    with poller.parts.store.write() as db:
        db.execute(update(PersonRow).where(col(PersonRow.id) == id_of("ana.correia")).values(team_id=id_of("belem")))
        assert feeds.follow(db, poller.parts.now()) == 2
    assert titles(poller.body(lead)) == ["Case round"]  # its own round; the others were there through Ana
    assert len(seen(poller.body(belem))) == 4
    with poller.parts.store.write() as db:
        accounts.drop_grant(db, id_of("marta.nogueira"), Grant(Role.LEAD, id_of("alfama")))
        assert feeds.follow(db, poller.parts.now()) == 1
    assert seen(poller.body(lead)) == {}


def test_the_name_and_the_filter_of_a_feed_revise_it(poller: Poller, clock: Any) -> None:
    token = a_feed(poller.parts)
    before = poller.ask(token)
    with poller.parts.store.read() as db:
        (feed,) = feeds.of_owner(db, id_of("ana.correia"))
    assert feed.sessions == 3
    clock.move(minutes=1)
    owner = id_of("ana.correia")
    with poller.parts.store.write() as db:
        feeds.change(db, feed.id, owner, now=poller.parts.now(), name=feed.name, kinds=(), titles=False)
    assert poller.ask(token).tag == before.tag
    with poller.parts.store.write() as db:
        feeds.change(db, feed.id, owner, now=poller.parts.now(), name="Phone", kinds=["round"], titles=False)
    after = poller.ask(token)
    assert b"X-WR-CALNAME:Phone\r\n" in after.body
    assert titles(after.body) == ["Case round"]
    assert after.revised is not None
    assert before.revised is not None
    assert after.revised > before.revised


def gone(poller: Poller, token: str) -> bool:
    return poller.ask(token).outcome is Outcome.GONE


def test_new_zone_data_moves_the_instant_under_the_same_wall_time(poller: Poller, clock: Any) -> None:
    hour = timedelta(hours=1)
    # As if Lisbon's winter hour had been another when these were planned; the second one is over by then.
    publish(
        poller.parts,
        replace(SKILL, starts_utc=SKILL.starts_utc + hour),
        replace(ROUND, starts_utc=ROUND.starts_utc + hour),
    )
    token = a_feed(poller.parts)
    before = seen(poller.body(token))
    clock.now = ROUND.starts_utc + 3 * hour
    with poller.parts.store.write() as db:
        house.set_fact(db, "zone_data", "2025.2")
    assert start_feeds(poller.parts) == 1
    after = seen(poller.body(token))
    assert {uid for uid in after if after[uid].to_ical() != before[uid].to_ical()} == {SKILL.uid}
    assert after[SKILL.uid]["DTSTART"].dt.replace(tzinfo=None) == SKILL.starts
    assert int(after[SKILL.uid]["SEQUENCE"]) == int(before[SKILL.uid]["SEQUENCE"]) + 1
    assert published(poller.parts)[SKILL.id].starts_utc == SKILL.starts_utc
    assert published(poller.parts)[ROUND.id].starts_utc == ROUND.starts_utc + hour
    with poller.parts.store.read() as db:
        (act,) = audit.acts(db)
    assert (act.act, act.what.split(" ", 1)[0], act.what.rsplit(" ", 1)[1]) == ("follow zones", "1", SKILL.id)
    assert start_feeds(poller.parts) == 0


def test_a_token_is_dead_at_the_next_request(poller: Poller, clock: Any) -> None:
    owner = id_of("ana.correia")
    revoked, renewed, unused, used, leaver, closed = (
        *(a_feed(poller.parts, token=f"token-{n}") for n in range(4)),
        a_feed(poller.parts, "person", "bruno.matos"),
        a_feed(poller.parts, "facilitator", "tiago.lopes"),
    )
    assert not any(gone(poller, t) for t in (revoked, renewed, used, leaver, closed))
    with poller.parts.store.write() as db:
        known = [f.id for f in feeds.of_owner(db, owner)]
    assert len(known) == 4
    with poller.parts.store.write() as db:
        by_token = {n: feeds.poll(db, feeds.token_hash(f"token-{n}")) for n in range(2)}
        assert by_token[0] is not None
        assert by_token[1] is not None
        assert feeds.revoke(db, by_token[0].feed_id, owner, poller.parts.now())
        assert feeds.renew(db, by_token[1].feed_id, owner, "another", poller.parts.now())
        assert not feeds.revoke(db, by_token[1].feed_id, id_of("bruno.matos"), poller.parts.now())
        db.execute(
            update(PersonRow).where(col(PersonRow.id) == id_of("bruno.matos")).values(left=poller.parts.now().date())
        )
        accounts.set_active(db, id_of("tiago.lopes"), active=False)
    assert all(gone(poller, t) for t in (revoked, renewed, leaver, closed, "nobody", ""))
    assert not gone(poller, "another")
    clock.move(days=179)
    poller.ask(used)
    clock.move(days=2)
    assert gone(poller, unused)
    assert not gone(poller, used)


def test_the_last_use_is_noted_once_an_hour_with_the_family_of_the_client(poller: Poller, clock: Any) -> None:
    token = a_feed(poller.parts)

    def known() -> tuple[datetime | None, str]:
        with poller.parts.store.read() as db:
            (feed,) = feeds.of_owner(db, id_of("ana.correia"))
            return feed.fetched, feed.client

    assert known() == (None, "")
    first = clock.now
    poller.ask(token, user_agent="Google-Calendar-Importer")
    assert known() == (first, "Google Calendar")
    clock.move(minutes=60)
    poller.ask(token, user_agent="Google-Calendar-Importer")
    assert known() == (first, "Google Calendar")
    clock.move(minutes=1)
    poller.ask(token, user_agent="Google-Calendar-Importer")
    assert known() == (clock.now, "Google Calendar")
    clock.move(days=1)
    poller.ask(token, user_agent="Thunderbird/128")
    assert known() == (clock.now, "Thunderbird")


def test_noting_waits_for_nobody(poller: Poller) -> None:
    token = a_feed(poller.parts)
    with poller.parts.store.write():
        found = poller.ask(token)
        assert found.outcome is Outcome.BODY
    with poller.parts.store.read() as db:
        assert feeds.of_owner(db, id_of("ana.correia"))[0].fetched is None
    poller.ask(token)
    with poller.parts.store.read() as db:
        assert feeds.of_owner(db, id_of("ana.correia"))[0].fetched is not None


def test_a_restore_gives_every_tag_anew(poller: Poller) -> None:
    token = a_feed(poller.parts)
    before = poller.ask(token)
    with poller.parts.store.write() as db:
        house.set_fact(db, house.FEED_EPOCH, new_id())
    after = poller.ask(token)
    assert after.tag != before.tag
    assert after.body == before.body


def test_a_poll_costs_one_read_for_304_and_a_kept_body_two_for_one_that_is_joined_three_for_the_first(
    poller: Poller,
) -> None:
    said: list[str] = []
    event.listen(poller.parts.store.engine, "before_cursor_execute", lambda _c, _u, text, *_: said.append(text))

    def reads(who: Poller, token: str, **headers: str) -> int:
        said.clear()
        who.ask(token, **headers)
        return sum(text.startswith("SELECT") and "FROM" in text for text in said)

    fresh = poller
    for people in (("ana.correia",), ("ana.correia", "bruno.matos", "catarina.leal")):
        publish(poller.parts, *(a_session(f"more-{len(people)}-{i}", people=people) for i in range(len(people) * 5)))
        token = a_feed(poller.parts, token=f"t{len(people)}")
        assert reads(poller, token) == 3
        tag = poller.ask(token).tag
        fresh = Poller(poller.parts, Bodies())
        assert reads(fresh, token) == 2
        assert reads(fresh, token) == 1
        assert reads(fresh, token, if_none_match=tag) == 1
    assert reads(fresh, "nobody") == 1


def test_old_fragments_are_dropped(poller: Poller, clock: Any) -> None:
    from sqlalchemy import func, select

    from devsys.adapters.store.tables.feeds import FragmentRow

    def kept() -> int:
        with poller.parts.store.read() as db:
            return db.execute(select(func.count()).select_from(FragmentRow)).scalar() or 0

    a_feed(poller.parts)
    assert kept() == 15
    next_day(poller.parts, clock, 80)
    assert kept() == 6  # three views each of those after 25 January
    next_day(poller.parts, clock, 30)
    assert kept() == 0


def test_feeds_of_a_store_without_an_epoch_get_one(parts: Parts) -> None:
    settle(parts)
    with parts.store.write() as db:
        house.drop_fact(db, house.FEED_EPOCH)
        from devsys.adapters.store.tables.feeds import FragmentRow

        db.execute(delete(FragmentRow))
    token = a_feed(parts)
    assert Poller.fresh(parts).ask(token).tag
    with parts.store.read() as db:
        assert house.fact(db, house.FEED_EPOCH)


def test_bodies_keep_what_was_used_last_within_their_bound() -> None:
    kept = Bodies(most=10)
    kept.put("a", b"aaaa")
    kept.put("b", b"bbbb")
    assert kept.get("a") == b"aaaa"
    kept.put("c", b"cccc")
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (b"aaaa", None, b"cccc")
    kept.put("c", b"other")
    kept.put("d", b"d" * 11)
    assert (kept.get("c"), kept.get("d")) == (b"cccc", None)
