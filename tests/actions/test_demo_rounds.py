"""The demo's year of rounds: every state there is, by the actions people use."""

from dataclasses import replace
from datetime import datetime, timedelta

from devsys.actions.demo_rounds import add_rounds
from devsys.adapters.store.queries import causes, lessons, rounds, sessions
from devsys.core.model.causes import FixState
from devsys.core.policy import Extent, Scope
from devsys.core.rounds.card import Directory, find
from tests import builders
from tests.builders import id_of
from tests.web.scenes import adopt_shipped

EVERYTHING = Scope(frozenset({Extent.ALL}), frozenset(), "")


def test_the_demo_has_rounds_fixes_and_cards_in_each_state(parts, organisation, clock):
    adopt_shipped(parts)
    start = datetime(2026, 1, 6, 14)
    held = [
        builders.a_session(f"round-{n}", starts=start + timedelta(weeks=2 * n), facilitator="tiago.lopes")
        for n in range(12)
    ]
    builders.publish_now(parts, *held)
    clock.now = held[10].ends_utc + timedelta(hours=1)
    by_id = {p.id: p for p in organisation.people}
    lead, employee, chief = (by_id[id_of(c)] for c in ("marta.nogueira", "ana.correia", "olivia.brandt"))
    assert add_rounds(parts, replace(lead), employee, chief) == 3
    with parts.store.read() as db:
        fixes = causes.fixes(db, EVERYTHING)
        found = lessons.of_rounds(db, [s.id for s in held])
        kept = rounds.kept(db, [s.id for s in held])
        cards = rounds.cards(db, held[11].id)
        assert sessions.published(db, sessions.Wanted(ids=frozenset({held[11].id})))
        assert len(lessons.undecided(db, EVERYTHING)) == 1
    assert {f.state for f in fixes} == set(FixState)
    assert any(f.overdue(clock.now.date()) for f in fixes)
    assert sum(one.closed is not None for one in kept.values()) == 3
    assert {one.session_id for one in found if one.decided is None} == {held[10].id}
    assert all(c.shared and c.text for c in cards)
    nobody = Directory(())
    texts = [text for c in cards for _, text in c.text.all] + [one.words for one in found] + [f.title for f in fixes]
    assert [text for text in texts if find(text, nobody)] == []
