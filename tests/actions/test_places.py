"""Free places, waiting lists and swaps on a real store: in order, with a deadline, both agreed, no rule broken."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from devsys.actions import answer_ask, answer_session, find_places, offer_seats, publish_small, swap_places
from devsys.actions import brief as briefs
from devsys.actions.counting import count_again
from devsys.adapters.store.queries import accounts, asks, planning, plans
from devsys.adapters.store.queries.asks import What
from devsys.adapters.store.tables.people import HeldRow
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Place
from devsys.core.model.causes import JOINED, OTHER_DATE
from tests.builders import a_horizon, a_session, id_of, publish_now
from tests.stories import acts
from tests.web import scenes

ANA, BRUNO, DIOGO, ELIF = (id_of(c) for c in ("ana.correia", "bruno.matos", "diogo.faria", "elif.kaya"))
HELD = ("diogo.faria", "catarina.leal", "joana.pires", "kofi.mensah", "ivan.hrytsenko", "elif.kaya", "filipa.sousa")
LATER = ("catarina.leal", "joana.pires", "kofi.mensah", "ivan.hrytsenko")


def viewer_of(parts, person_id):
    with parts.store.read() as db:
        return accounts.viewer_of(db, person_id) or Viewer(person_id, person_id, (), None, "Europe/Lisbon")


def owed_skill(parts, person_id):
    """Give the key of the skill need somebody is owed, due first."""
    with parts.store.read() as db:
        draft_id = plans.draft_of_version(db, plans.pointer(db))
        owed = [o for o in plans.owed_in(db, draft_id, person_id=person_id) if o.activity == "hear_fully"]
    return owed[0].need


def publish(parts, *states):
    """Publish sessions past the verifier, each seat for the need it can answer; what is owed stays owed otherwise."""
    with parts.store.read() as db:
        brief = planning.brief(db, now=parts.now())
        draft_id = plans.draft_of_version(db, plans.pointer(db))
        owed = plans.owed_in(db, draft_id)
    needs = briefs.needs_of(brief, a_horizon(scenes.WEEKS))
    placed = {p.need for s in brief.published for p in s.places}
    done = []
    for session in states:
        places = []
        for place in session.places:
            fits = [
                n.key
                for n in needs
                if (n.person_id, n.activity) == (place.person_id, session.activity)
                and n.earliest <= session.starts_utc < n.latest
                and n.key not in placed
            ]
            places.append(replace(place, need=place.need or (fits[0] if fits else "")))
        done.append(replace(session, places=tuple(places)))
    publish_now(parts, *done, code=f"after {draft_id}")
    taken = {p.need for s in done for p in s.places}
    with parts.store.write() as db:
        plans.keep_owed(db, plans.draft_of_version(db, plans.pointer(db)), [o for o in owed if o.need not in taken])
    return done[0]


@pytest.fixture
def planned(parts, organisation):
    """The scene with everybody past the gate, so that they are owed skill sessions the next plan could place."""
    assert organisation.people
    with parts.store.write() as db:
        db.add_all(HeldRow(person_id=id_of(c), activity="professional_boundaries", day=date(2025, 3, 3)) for c in HELD)
    return scenes.plan_and_publish(parts)


@pytest.fixture
def second(parts, planned):
    """A skill session of four a week after the first, with two free seats in a room of six."""
    later = a_session(
        "skill-2",
        activity="hear_fully",
        starts=datetime(2026, 2, 11, 13),
        people=LATER,
        facilitator="tiago.lopes",
        room="tejo",
        team=None,
    )
    assert planned.sessions
    return publish(parts, later)


def fill(parts, session, *people):
    """Publish a session with more people, past the verifier."""
    more = tuple(Place(p) for p in people)
    full = replace(session, places=tuple(sorted((*session.places, *more), key=lambda p: p.person_id)))
    return publish(parts, full)


def asked(parts, session_id, kind=What.SEAT):
    with parts.store.read() as db:
        return asks.of_session(db, session_id, kind)


def test_a_free_place_is_taken_in_one_press_and_published_alone(parts, planned, second):
    need = owed_skill(parts, DIOGO)
    diogo = viewer_of(parts, DIOGO)
    found = find_places.look(parts, diogo, need)
    assert second.id in {s.id for s in found.open}
    before = {s.id: s for s in acts.published(parts)}
    session = find_places.take(parts, diogo, need, second.id)
    after = {s.id: s for s in acts.published(parts)}
    assert {i for i, s in after.items() if s != before[i]} == {second.id}
    assert Place(DIOGO, need) in after[second.id].places
    assert (session.id, after[second.id].cause) == (second.id, JOINED)
    with pytest.raises(NotFoundError):  # it is owed no more
        find_places.look(parts, diogo, need)
    assert acts.Count(parts).faults() == []
    assert planned.sessions


def recounted(parts):
    """Give figures and owed needs of the latest version as they stand, and as a count of the whole has them."""
    with parts.store.write() as db:
        last = plans.latest(db)
        draft_id = plans.draft_of_version(db, last.number)
        whole = planning.brief(db, now=parts.now())
        stand = last.figures, plans.owed_in(db, draft_id)
        count_again(db, whole, draft_id, briefs.needs_of(whole, last.horizon))
        return stand, (plans.latest(db).figures, plans.owed_in(db, draft_id))


def test_what_is_counted_of_a_few_people_is_what_a_count_of_all_finds(parts, planned, second):
    """Taking a place and giving it back read what they touch; figures and owed needs are as the whole has them."""
    recounted(parts)  # what was published past the verifier is counted
    need = owed_skill(parts, DIOGO)
    diogo = viewer_of(parts, DIOGO)
    find_places.take(parts, diogo, need, second.id)
    stand, whole = recounted(parts)
    assert stand == whole
    assert need not in {o.need for o in stand[1]}
    answer_session.decline(parts, diogo, second.id)
    stand, whole = recounted(parts)
    assert stand == whole
    assert need in {o.need for o in stand[1]}
    assert planned.sessions


def test_little_is_read_for_a_place_unless_a_draft_waits(parts, planned, second):
    changed = (replace(second, places=second.places[1:]),)
    with parts.store.read() as db:
        near = publish_small.brief_of(db, changed, parts.now())
        whole = planning.brief(db, now=parts.now())
    assert near.scope is not None
    assert near.scope.people == {second.places[0].person_id}
    assert {s.id for s in near.published} <= {s.id for s in whole.published}
    with parts.store.write() as db:
        plans.new_draft(db, "d" * 20, horizon=a_horizon(4), by_id=None, cause="", now=parts.now(), base=whole.base)
    with parts.store.read() as db:
        assert publish_small.brief_of(db, changed, parts.now()).scope is None
    assert planned.sessions


def test_a_full_session_is_waited_for_and_offered_in_order(parts, planned, second):
    """Elif waits before Diogo; when a place comes free she is asked first, then he, each with a deadline."""
    full = fill(parts, second, BRUNO, id_of("filipa.sousa"))
    keys = {p: owed_skill(parts, p) for p in (DIOGO, ELIF)}
    for person_id in (ELIF, DIOGO):
        viewer = viewer_of(parts, person_id)
        found = find_places.look(parts, viewer, keys[person_id])
        assert full.id in {s.id for s in found.full}
        find_places.wait(parts, viewer, keys[person_id], full.id)
        parts.clock.move(minutes=1)
    assert offer_seats.offer_seats(parts) == {"lapsed": 0, "offered": 0}
    filipa = tuple(p for p in full.places if p.person_id != id_of("filipa.sousa"))
    publish(parts, replace(full, places=filipa))
    assert offer_seats.offer_seats(parts)["offered"] == 1
    (first,) = asked(parts, full.id)
    assert (first.person_id, first.until) == (ELIF, parts.now() + timedelta(hours=24))
    assert offer_seats.offer_seats(parts)["offered"] == 0  # the one place is kept for her
    with pytest.raises(ConflictError, match="gone"):
        find_places.take(parts, viewer_of(parts, DIOGO), keys[DIOGO], full.id)
    parts.clock.move(hours=25)
    assert offer_seats.offer_seats(parts) == {"lapsed": 1, "offered": 1}
    offers = asked(parts, full.id)
    assert [(a.person_id, a.state) for a in offers] == [(ELIF, "lapsed"), (DIOGO, "open")]
    answer_ask.accept(parts, viewer_of(parts, DIOGO), offers[1].id)
    assert Place(DIOGO, keys[DIOGO]) in scenes.published(parts, full.id).places
    with parts.store.read() as db:
        assert [w.person_id for w in asks.waits(db)] == [ELIF]
    assert planned.sessions


def test_a_place_somebody_gives_back_is_offered_to_who_is_owed(parts, planned, second):
    larger = fill(parts, second, BRUNO)
    bruno = viewer_of(parts, BRUNO)
    answer_session.decline(parts, bruno, larger.id)
    done = offer_seats.offer_seats(parts)
    offers = asked(parts, larger.id)
    assert done["offered"] == len(offers) > 0
    assert BRUNO not in {a.person_id for a in offers}
    assert all(a.need for a in offers)
    answer_ask.decline(parts, viewer_of(parts, offers[0].person_id), offers[0].id)
    again = offer_seats.offer_seats(parts)
    assert again["lapsed"] == 0
    assert [a.person_id for a in asked(parts, larger.id)].count(offers[0].person_id) == 1
    assert planned.sessions


@pytest.mark.parametrize(("agents", "offered"), [(3, 2), (4, 1)])
def test_all_who_are_offered_a_place_can_take_it(parts, planned, second, agents, offered):
    """Five of six are on the queue beside the session: it spares two more of them, or one and then no other."""
    larger = fill(parts, second, BRUNO)
    answer_session.decline(parts, viewer_of(parts, BRUNO), larger.id)
    acts.require(parts, "billing", (13, agents), (14, agents))
    with parts.store.write() as db:  # only people of that queue are owed
        draft_id = plans.draft_of_version(db, plans.pointer(db))
        owed = plans.owed_in(db, draft_id)
        plans.keep_owed(db, draft_id, [o for o in owed if o.person_id in (DIOGO, ELIF)])
    assert offer_seats.offer_seats(parts)["offered"] == offered
    assert offer_seats.offer_seats(parts)["offered"] == 0  # those that are open count with later ones
    offers = asked(parts, larger.id)
    for offer in offers:
        answer_ask.accept(parts, viewer_of(parts, offer.person_id), offer.id)
    assert {a.person_id for a in offers} < scenes.published(parts, larger.id).people
    assert acts.Count(parts).faults() == []
    assert planned.sessions


def test_nobody_is_offered_a_place_shortly_before(parts, planned, second):
    larger = fill(parts, second, BRUNO)
    answer_session.decline(parts, viewer_of(parts, BRUNO), larger.id)
    parts.clock.now = larger.starts_utc - timedelta(hours=20)
    assert offer_seats.offer_seats(parts)["offered"] == 0
    assert planned.sessions


def test_two_change_over_when_both_say_yes(parts, planned, second):
    ana = viewer_of(parts, ANA)
    first = planned["skill"]
    found = swap_places.look(parts, ana, first.id)
    assert [s.id for s in found.dates] == [second.id]
    before = scenes.everything(parts)
    count = swap_places.ask(parts, ana, first.id, second.id)
    offers = asked(parts, second.id, What.SWAP)
    assert count == len(offers) > 0
    assert scenes.everything(parts) == before
    with pytest.raises(ConflictError, match="asked already"):
        swap_places.ask(parts, ana, first.id, second.id)
    other = viewer_of(parts, offers[0].person_id)
    session = answer_ask.accept(parts, other, offers[0].id)
    old, new = scenes.published(parts, first.id), scenes.published(parts, second.id)
    assert session.id == old.id
    assert (ANA in old.people, ANA in new.people) == (False, True)
    assert (other.person_id in old.people, other.person_id in new.people) == (True, False)
    assert (len(old.places), len(new.places)) == (len(first.places), len(second.places))
    assert (old.cause, new.cause) == (OTHER_DATE, OTHER_DATE)
    key = next(p.need for p in first.places if p.person_id == ANA)
    assert Place(ANA, key) in new.places
    assert {a.state for a in asked(parts, second.id, What.SWAP)} <= {"accepted", "withdrawn"}
    assert acts.Count(parts).faults() == []


def test_a_swap_that_no_longer_fits_changes_nothing(parts, planned, second):
    ana = viewer_of(parts, ANA)
    swap_places.ask(parts, ana, planned["skill"].id, second.id)
    offer = asked(parts, second.id, What.SWAP)[0]
    left = replace(planned["skill"], places=tuple(p for p in planned["skill"].places if p.person_id != ANA))
    scenes.add_published(parts, left)
    before = scenes.everything(parts)
    with pytest.raises(ConflictError, match="no longer fits"):
        answer_ask.accept(parts, viewer_of(parts, offer.person_id), offer.id)
    assert scenes.everything(parts) == before


def test_nobody_swaps_into_a_gated_session_before_the_gate(parts, organisation):
    """Without Professional Boundaries a colleague is neither found nor, if asked all the same, let in."""
    assert organisation.people
    planned = scenes.plan_and_publish(parts)
    later = a_session(
        "skill-2",
        activity="hear_fully",
        starts=datetime(2026, 2, 11, 13),
        people=LATER,
        facilitator="tiago.lopes",
        room="tejo",
        team=None,
    )
    scenes.add_published(parts, later)
    ana = viewer_of(parts, ANA)
    assert swap_places.look(parts, ana, planned["skill"].id).dates == ()
    with pytest.raises(ConflictError):
        swap_places.ask(parts, ana, planned["skill"].id, later.id)


def test_a_gated_place_is_nobodys_before_the_gate(parts, organisation):
    """Catarina does not hold Professional Boundaries: no free place of what builds on it is offered or given."""
    assert organisation.people
    planned = scenes.plan_and_publish(parts)
    catarina = viewer_of(parts, id_of("catarina.leal"))
    with parts.store.read() as db:
        owed = plans.owed_in(db, planned.draft_id, person_id=catarina.person_id)
    keys = [o.need for o in owed if o.activity in ("hear_fully", "calm_and_clear_no")]
    assert keys
    for key in keys:
        assert find_places.look(parts, catarina, key).open == ()
        with pytest.raises(ConflictError):
            find_places.take(parts, catarina, key, planned["skill"].id)


def test_what_is_not_theirs_or_over_is_refused(parts, planned, second):
    ana = viewer_of(parts, ANA)
    with pytest.raises(NotFoundError):
        find_places.look(parts, ana, owed_skill(parts, DIOGO))
    with pytest.raises(NotFoundError):
        swap_places.look(parts, ana, second.id)
    with pytest.raises(NotFoundError):
        find_places.wait(parts, viewer_of(parts, DIOGO), owed_skill(parts, DIOGO), second.id)  # it is not full
    parts.clock.now = planned["skill"].starts_utc
    with pytest.raises(InvalidError, match="has begun"):
        swap_places.look(parts, ana, planned["skill"].id)
