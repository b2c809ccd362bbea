"""The organisation written and read back, alike on every engine."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from devsys.adapters.store.queries import house, people
from devsys.adapters.store.queries.people import EMPTY, only
from devsys.base.errors import InvalidError
from devsys.core.model.people import (
    Absence,
    Facilitator,
    Held,
    Person,
    Requirement,
    Room,
    Shift,
    ShiftPattern,
    Site,
    Team,
)
from tests.builders import an_organisation, id_of

TODAY = date(2026, 1, 5)


def write(store, organisation, **more):
    with store.write() as db:
        return people.write_organisation(db, organisation, today=TODAY, **more)


def read(store):
    with store.read() as db:
        return people.organisation(db)


def test_an_empty_database_is_an_empty_organisation(store):
    assert read(store) == EMPTY


def test_what_is_written_is_read_back(store):
    given = an_organisation(
        absences=(Absence(id_of("ana.correia"), datetime(2026, 2, 28), datetime(2026, 3, 1, 12, 30)),),
        held=(Held(id_of("ana.correia"), "professional_boundaries", date(2024, 2, 29)),),
    )
    assert write(store, given) == 1
    assert read(store) == replace(given, revision=1)


def test_the_revision_grows_with_every_write(store):
    assert [write(store, EMPTY) for _ in range(3)] == [1, 2, 3]
    assert read(store).revision == 3


def test_only_what_is_named_changes(store):
    given = an_organisation()
    write(store, given)
    moved = replace(given.people[0], team_id=None, name="Ana Correia Lopes")
    write(store, only(people=(moved,)))
    assert read(store) == replace(given, people=(moved, *given.people[1:]), revision=2)


def test_a_pattern_brings_all_its_shifts(store):
    write(store, an_organisation())
    night = ShiftPattern(
        id_of("late"),
        "late",
        2,
        date(2026, 1, 5),
        (Shift(1, 0, time(22), None), Shift(1, 1, time(), time(6), time(3), time(3, 30))),
    )
    write(store, only(patterns=(night,)))
    assert next(p for p in read(store).patterns if p.code == "late") == night
    assert {p.code for p in read(store).patterns} == {"early", "late", "nepal", "turning"}


def test_a_requirement_brings_all_its_days(store):
    write(store, an_organisation())
    given = Requirement(id_of("delivery"), ((1,) * 48,) * 7, {date(2026, 12, 24): (5,) * 48})
    write(store, only(requirements=(given,)))
    assert next(r for r in read(store).requirements if r.queue_id == given.queue_id) == given
    assert len(read(store).requirements) == 3


def test_absences_and_evidence_are_taken_back(store):
    ana = id_of("ana.correia")
    absence = Absence(ana, datetime(2026, 2, 2), datetime(2026, 2, 4))
    held = Held(ana, "professional_boundaries", date(2025, 5, 5))
    write(store, an_organisation(absences=(absence,), held=(held,)))
    write(store, EMPTY, gone=(absence,), unheld=(held,))
    assert (read(store).absences, read(store).held) == ((), ())


def test_a_longer_absence_replaces_the_one_of_the_same_start(store):
    ana = id_of("ana.correia")
    write(store, an_organisation(absences=(Absence(ana, datetime(2026, 2, 2), datetime(2026, 2, 4)),)))
    longer = Absence(ana, datetime(2026, 2, 2), datetime(2026, 2, 9))
    write(store, only(absences=(longer,)))
    assert read(store).absences == (longer,)


def test_public_holidays_come_with_a_site(store):
    berlin = Site(id_of("berlin"), "berlin", "Berlin", "Europe/Berlin", "DE", "BE")
    write(store, only(sites=(berlin,)))
    days = read(store).holidays[berlin.id]
    assert days[date(2026, 10, 3)] == "German Unity Day"
    assert date(2026, 3, 8) in days  # Women's Day is one of Berlin only
    assert (min(days).year, max(days).year) == (2024, 2029)
    write(store, only(sites=(replace(berlin, country="", region=""),)))
    assert berlin.id not in read(store).holidays


def test_an_unknown_country_writes_nothing(store):
    with pytest.raises(InvalidError, match="no public holidays known"):
        write(store, only(sites=(Site(id_of("atlantis"), "atlantis", "Atlantis", "UTC", "XX"),)))
    assert read(store) == EMPTY


def test_a_facilitator_is_kept_with_sites_in_order(store):
    write(store, an_organisation())
    given = Facilitator(id_of("nadia.haddad"), (id_of("lisbon"), id_of("kathmandu")), frozenset({"b", "a"}), 7.5)
    write(store, only(facilitators=(given,)))
    assert next(f for f in read(store).facilitators if f.person_id == given.person_id) == given
    with store.read() as db:
        assert {"a", "b"} <= people.qualifications(db)


def test_counts_say_what_stands(store):
    with store.read() as db:
        assert set(vars_of(people.counts(db)).values()) == {0}
    write(store, an_organisation(absences=(Absence(id_of("ana.correia"), datetime(2026, 2, 2), datetime(2026, 2, 4)),)))
    with store.read() as db:
        found = people.counts(db)
    assert vars_of(found) == {
        "sites": 2,
        "queues": 3,
        "teams": 3,
        "shifts": 4,
        "people": 23,
        "absences": 1,
        "facilitators": 4,
        "rooms": 3,
        "held": 0,
        "requirement": 3,
        "contacts": 0,
    }
    assert found.of("requirement") == 3


def vars_of(counts):
    return {name: getattr(counts, name) for name in counts.__slots__}


def test_team_sizes_count_who_learns_on_a_day(store):
    given = an_organisation()
    gone = replace(given.people[0], left=TODAY)
    later = replace(given.people[1], joined=date(2026, 2, 1))
    write(store, replace(given, people=(gone, later, *given.people[2:])))
    with store.read() as db:
        assert people.team_sizes(db, TODAY) == sizes_by_hand(given, {gone.id, later.id})
        assert people.team_codes(db) == {"alfama", "belem", "patan"}


def sizes_by_hand(organisation, without):
    found = {}
    for team in organisation.teams:
        members = [p for p in organisation.people if p.team_id == team.id and p.queue_id and p.id not in without]
        found[team.code] = len(members)
    return found


def test_small_questions(store):
    given = an_organisation()
    write(store, given)
    with store.read() as db:
        assert people.any_minimum(db)
        assert people.agents_without_pattern(db, TODAY) == 0
        assert people.is_team(db, id_of("belem"))
        assert not people.is_team(db, "belem")
        assert people.rooms(db) == given.rooms
    write(store, only(people=tuple(replace(p, pattern_id=None) for p in given.people[:3])))
    write(store, only(queues=tuple(replace(q, minimum=0) for q in given.queues)))
    with store.read() as db:
        without = [p for p in given.people[:3] if p.queue_id]
        assert people.agents_without_pattern(db, TODAY) == len(without)
        assert not people.any_minimum(db)


def test_ten_thousand_people_are_written_in_few_statements(store):
    site = Site("s", "s", "Porto", "Europe/Lisbon")
    team = Team("t", "t", "Porto", "s")
    crowd = tuple(
        Person(f"p{n:05d}", f"{n:05d}", f"Quim {n}", f"{n}@x.example", "t", None, None) for n in range(10_000)
    )
    write(store, only(sites=(site,), teams=(team,), rooms=(Room("r", "r", "Rio", "s", 8),), people=crowd))
    found = read(store)
    assert found.people == crowd
    assert (len(found.teams), len(found.rooms)) == (1, 1)


def test_facts_of_the_house(store):
    with store.write() as db:
        assert house.fact(db, "colour", "none") == "none"
        house.set_fact(db, "colour", "blue")
        house.set_fact(db, "colour", "red")
        house.set_fact(db, house.DEMO, "1")
    with store.read() as db:
        assert house.facts(db) == {"colour": "red", "demo": "1"}
        assert house.is_demo(db)
        assert house.revision(db) == 0
    with store.write() as db:
        house.drop_fact(db, "colour")
        house.drop_fact(db, "never said")
        assert house.next_revision(db) == 1
    with store.read() as db:
        assert house.facts(db) == {"demo": "1", "organisation_revision": "1"}
