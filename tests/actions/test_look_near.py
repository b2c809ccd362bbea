"""What a bounded brief says is what the whole says: of changes, of other dates, swaps, free places, who could lead."""

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from devsys.actions import answer_session, find_places, hand_over, look_near, swap_places
from devsys.actions.brief import judge
from devsys.actions.publish_plan import brief_for, touch, weigh
from devsys.actions.publish_small import against
from devsys.adapters.store.queries import answers, near, planning, plans, programme, series
from devsys.adapters.store.queries.planning import Scope
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Place, Status
from devsys.core.model.changes import differences
from devsys.core.model.hours import local
from devsys.core.model.needs import SeriesRequest
from tests import builders
from tests.stories import acts
from tests.web import scenes

DAY = timedelta(days=1)
WEEKS = 8


@pytest.fixture
def whole(parts, organisation, clock):
    """A drawn year's begin, published, then life: some away, some who cannot come; all judged by the verifier."""
    assert organisation.people
    scenes.adopt_shipped(parts)
    with parts.store.write() as db:
        asked = ("ana.correia", "kofi.mensah", "deepa.thapa")
        series.keep(db, [SeriesRequest(f"of {c}", builders.id_of(c), "coaching_calls", parts.now()) for c in asked])
    acts.publish(parts, acts.draw(parts, weeks=WEEKS))
    found = read(parts)
    to_come = [s for s in found.published if s.starts_utc > found.now]
    assert judge(found, found.published, around=to_come) == ()
    clock.move(days=2)
    acts.away(parts, "catarina.leal", "2026-01-20", "2026-02-03")
    said = [(s, s.places[-1].person_id) for s in to_come[4::7] if len(s.places) > 1]
    for session, person_id in said:
        answer_session._ask(parts, viewer(person_id), session)
    return read(parts)


def read(parts):
    with parts.store.read() as db:
        return planning.brief(db, now=parts.now())


def viewer(person_id):
    return Viewer(person_id, "Somebody", ())


def changes(whole, draw):
    """Give changed sessions of every kind, as a draft or a repair may bring them; many break a rule."""
    to_come = [s for s in whole.published if s.starts_utc > whole.now + DAY and s.places]
    people = [p.id for p in whole.organisation.people]
    one = draw.choice(to_come)
    later = one.starts_utc + timedelta(minutes=30 * draw.choice((-4, -1, 1, 2, 3, 48, -48, 48 * 7)))
    other = draw.choice([s for s in to_come if s.activity == one.activity])
    mine, theirs = one.places[0], other.places[-1]
    new = draw.choice([p for p in people if p not in one.people])
    at = {"starts_utc": later, "starts": local(later, one.zone)}
    yield "moved", [replace(one, **at)]
    yield "left", [replace(one, places=one.places[1:])]
    yield "joined", [replace(one, places=(*one.places, Place(new)))]
    yield "led", [replace(one, facilitator_id=draw.choice(whole.organisation.facilitators).person_id)]
    yield "housed", [replace(one, room_id=draw.choice(whole.organisation.rooms).id)]
    yield "off", [replace(one, status=Status.CANCELLED)]
    yield "new", [replace(one, id="new", uid="new", places=tuple(Place(p.person_id) for p in one.places), **at)]
    if other is not one and mine.person_id not in other.people and theirs.person_id not in one.people:
        yield (
            "swapped",
            [
                replace(one, places=(*one.places[1:], theirs)),
                replace(other, places=(mine, *other.places[:-1])),
            ],
        )


def said(violations):
    return {(v.rule, v.who) for v in violations}


def test_what_a_change_breaks_is_the_same_by_the_bounded_brief_and_by_the_whole(parts, whole):
    draw = random.Random(7)  # noqa: S311 -- a draw that can be repeated
    seen = Counter()
    for _ in range(8):
        for kind, changed in changes(whole, draw):
            found = differing(whole, changed)
            with parts.store.read() as db:
                bounded = brief_for(db, found, now=whole.now)
            assert bounded.scope is not None
            blocking = weigh(whole, changed, found)[0]
            assert said(weigh(bounded, changed, found)[0]) == said(blocking), (kind, changed)
            seen[kind, bool(blocking)] += 1
    kinds = {kind for kind, _ in seen}
    assert {kind for kind, broken in seen if broken} >= kinds - {"off", "left", "led"}
    assert {kind for kind, broken in seen if not broken} >= {"off", "left", "moved"}
    judge_bounds(parts, whole)
    judge_coverage(parts, whole)


def test_what_builds_on_a_gate_is_found_by_the_bounded_brief_wherever_it_lies(parts, whole):
    """An activity asks for another first: without their seat in that, somebody is left in what comes months later."""
    ana = builders.id_of("ana.correia")
    known = {s.activity for s in whole.published if ana in s.people}
    known |= {h.activity for h in whole.organisation.held if h.person_id == ana}
    gate, asking = sorted(code for code in whole.activities if code not in known)[:2]
    one = builders.a_session("gate", activity=gate, starts=datetime(2026, 1, 27, 14))
    builders.publish_now(parts, one, builders.a_session("behind", activity=asking, starts=datetime(2026, 6, 2, 14)))
    with parts.store.write() as db:
        found = next(p for p in whole.programmes if any(a.code == asking for a in p.activities))
        built = [
            replace(a, prerequisites=(*a.prerequisites, gate)) if a.code == asking else a for a in found.activities
        ]
        programme.keep(db, replace(found, activities=tuple(built)), by_id=None, now=whole.now)
    now, left = read(parts), tuple(p for p in one.places if p.person_id != ana)
    for changed in ([replace(one, places=left)], [replace(one, status=Status.CANCELLED)]):
        found = differing(now, changed)
        with parts.store.read() as db:
            bounded = brief_for(db, found, now=now.now)
        assert bounded.scope is not None
        blocking = weigh(now, changed, found)[0]
        assert said(weigh(bounded, changed, found)[0]) == said(blocking)
        assert ("prerequisite", ana) in said(blocking)


def differing(whole, changed):
    ids = {s.id for s in changed}
    return differences((s for s in whole.published if s.id in ids), changed)


def judge_bounds(parts, whole):
    """A bounded brief holds no more than a change touches, and is not asked about anything else."""
    one, other = [s for s in whole.published if s.starts_utc > whole.now + 14 * DAY and len(s.places) > 2][:2]
    changed = (replace(one, places=one.places[1:]),)
    with parts.store.read() as db:
        bounded = brief_for(db, differing(whole, changed), now=whole.now)
    gone = one.places[0].person_id
    assert bounded.scope.people == {gone}
    mine = {p.id: p.queue_id for p in whole.organisation.people}
    assert {p.id for p in bounded.organisation.people} < set(mine)
    assert {p for p, queue in mine.items() if queue == mine[gone]} <= {p.id for p in bounded.organisation.people}
    assert len(bounded.published) < len(whole.published) / 2
    with pytest.raises(ValueError, match="Scope"):
        against(bounded, (replace(other, places=other.places[1:]),))


def judge_coverage(parts, whole):
    """Taking a whole queue into a session is refused by either; so it is once the queue needs more, read anew."""
    queue = builders.id_of("billing")
    billing = [p.id for p in whole.organisation.people if p.queue_id == queue]
    to_come = (s for s in whole.published if s.starts_utc > whole.now + 14 * DAY and len(s.places) > 2)
    one = next(s for s in to_come if s.people < set(billing))

    def broken(more):
        places = tuple(Place(p) for p in more if p not in one.people)
        changed = (replace(one, places=tuple(sorted((*one.places, *places), key=lambda p: p.person_id))),)
        with parts.store.read() as db:
            bounded = brief_for(db, differing(whole, changed), now=whole.now)
        assert bounded.scope is not None
        return {v.rule for v in weigh(bounded, changed, differing(whole, changed))[0]}

    assert "coverage" in broken(billing)
    free = [p for p in billing if "coverage" not in broken([p])]
    assert free
    acts.require(parts, "billing", (0, 24))
    assert all("coverage" in broken([p]) for p in free if p not in one.people)


def test_a_touch_is_who_comes_or_goes_and_everybody_where_the_time_changes():
    one = builders.a_session("one", people=("ana.correia", "bruno.matos", "elif.kaya"))
    left = touch(differences((one,), (replace(one, places=one.places[1:]),)))
    assert left == Scope(
        frozenset({one.places[0].person_id}), spans=((one.starts_utc, one.ends_utc),), whole=frozenset({one.id})
    )
    later = replace(one, starts=one.starts + DAY, starts_utc=one.starts_utc + DAY)
    moved = touch(differences((one,), (later,)))
    assert (moved.people, moved.leading, moved.rooms) == (
        one.people,
        frozenset({one.facilitator_id}),
        frozenset(filter(None, [one.room_id])),
    )
    assert moved.spans == ((later.starts_utc, later.ends_utc),)
    off = touch(differences((one,), (replace(one, status=Status.CANCELLED),)))
    assert (off.people, off.spans) == (one.people, ())
    assert moved.covers(off)
    assert not moved.covers(left)


def test_looks_give_what_the_whole_plan_gives(parts, whole):
    seats = [(s, p.person_id) for s in whole.published if s.starts_utc > whole.now + DAY for p in s.places]
    some = random.Random(3).sample(seats, 9)  # noqa: S311 -- a draw that can be repeated
    some += [(s, p) for s, p in seats if s.series][:3]
    dates = swaps = 0
    for session, person_id in some:
        offer = answer_session.look(parts, viewer(person_id), session.id)
        keys, stands_on = dates_by_the_whole(parts, whole, session, person_id)
        assert ([d.key for d in offer.dates], said(offer.stands_on)) == (keys, stands_on), session
        horizon = look_near.weeks_until(whole.now, session.starts_utc, look_near.WEEKS_AFTER)
        ways = list(swap_places._who(whole, session, person_id, horizon))
        found = swap_places.look(parts, viewer(person_id), session.id).dates
        assert [s.id for s in found] == ways[: swap_places.DATES], session
        dates, swaps = dates + len(keys), swaps + len(ways)
    assert min(dates, swaps) > 0
    judge_free_places(parts, whole)
    judge_who_could_lead(parts, read(parts))


def dates_by_the_whole(parts, whole, session, person_id):
    """Give the keys of the dates offered, and the rules leaving would break, thought out on the whole plan."""
    with parts.store.read() as db:
        kept = {i: answer_session.NEVER for i, a in answers.of_person(db, person_id).items() if not a.comes}
    horizon = look_near.weeks_until(whole.now, session.starts_utc, look_near.WEEKS_AFTER)
    every = frozenset(s.id for s in whole.published)
    found, tried = [], 0
    for date in answer_session._dates(whole, viewer(person_id), session, kept, every, horizon):
        if answer_session._same_day(date, found) or tried == answer_session.TRIED:
            continue
        tried += 1
        if len(found) < answer_session.DATES and not against(whole, date.changed):
            found.append(date)
    return [d.key for d in found], said(against(whole, answer_session._left(session, person_id, "")))


def judge_free_places(parts, whole):
    for session in [s for s in whole.published if s.starts_utc > whole.now + 7 * DAY and len(s.places) > 2]:
        who = viewer(session.places[1].person_id)
        if answer_session.look(parts, who, session.id).may_leave:
            answer_session.decline(parts, who, session.id)
            break
    now_whole = read(parts)
    with parts.store.read() as db:
        owed = plans.owed_in(db, plans.draft_of_version(db, plans.pointer(db)))
    places = 0
    for one in owed:
        rooms = find_places.rooms_in(find_places.picture_until(now_whole, one.latest), one.need)
        found = find_places.look(parts, viewer(one.person_id), one.need)
        assert [s.id for s in found.open] == [i for i, free in rooms if free > 0][: find_places.MOST]
        assert [s.id for s in found.full] == [i for i, free in rooms if free <= 0][: find_places.MOST]
        places += len(rooms)
    assert places > 0


def judge_who_could_lead(parts, now_whole):
    led = [s for s in now_whole.published if s.starts_utc > now_whole.now and s.facilitator_id]
    able = 0
    for session in random.Random(5).sample(led, 5):  # noqa: S311 -- a draw that can be repeated
        found = hand_over.look(parts, viewer(session.facilitator_id), session.id).able
        assert found == (() if session.series else hand_over._able(now_whole, session))
        able += len(found)
    assert able > 0


def test_stretches_that_touch_are_one():
    at = [builders.NOW + timedelta(hours=h) for h in range(6)]
    assert near.joined([(at[3], at[4]), (at[0], at[2]), (at[1], at[3])]) == ((at[0], at[4]),)
    assert near.joined([(at[3], at[4]), (at[0], at[2])]) == ((at[0], at[2]), (at[3], at[4]))
