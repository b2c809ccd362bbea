"""What a page of a large organisation reads does not grow with it: as many statements and rows, however many sites."""

import re
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from devsys.actions import improvement_board
from devsys.adapters.store.queries import causes, conditions, hiring, lessons, measures, people, pulse, sessions
from devsys.adapters.store.queries.sessions import Reach, Wanted
from devsys.core.improvement.blocks import first_day, last_block
from devsys.core.improvement.readings import Reading
from devsys.core.model.access import Role
from devsys.core.model.causes import Cause, Fix, FixState
from devsys.core.model.conditions import Check, State
from devsys.core.model.hiring import Vacancy
from devsys.core.model.needs import AskedNeed
from devsys.core.model.pulse import PulseFigure, unit_of_team
from devsys.faces.web import one_site, session_values
from devsys.faces.web.pages import away, rounds
from tests import builders
from tests.bench import large_house
from tests.bench.large_house import Size
from tests.builders import NOW, id_of
from tests.web import scenes

FIRST = first_day(last_block(NOW.date()) - 1)
WEEKS = 8
SIZE = Size(sites=2, teams=10, leading=1, weeks=1)
LARGER = Size(sites=4, teams=10, leading=1, weeks=1)
HERE = id_of("site 0")
ROOM = id_of(f"room {id_of('site 1')}")
# Names of teams, sites, rooms and queues are read whole, to be chosen among: a line each, and there are few of them.
NAMES = re.compile(r"^SELECT .*?\sFROM (team|site|room|queue)\b", re.DOTALL)
MORE = ("/feeds", "/plans/what-if", "/fixes", "/away", "/pulse/results", "/ledger")
PAGES = ("/report", "/improvement/", f"/improvement/{id_of('team 0 0')}/csat", "/conditions", "/principles", *MORE)


@contextmanager
def read_by(store):
    """Collect, for each statement that asks for more than names, how many rows it gives."""
    found = []

    def note(connection, _cursor, statement, parameters, *_rest):
        if statement.startswith(("SELECT", "WITH")) and not NAMES.match(statement):
            counting = connection.connection.cursor()
            counting.execute(f"SELECT count(*) FROM ({statement}) AS counted", parameters)
            found.append((counting.fetchone()[0], statement))
            counting.close()

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


@contextmanager
def steps_of(store):
    """Count, by tens, the steps SQLite takes."""
    done, seen = [0], set()

    def tick():
        done[0] += 1

    def note(connection, *_rest):
        own = connection.connection.dbapi_connection
        seen.add(own)
        own.set_progress_handler(tick, 10)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield done
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
        for own in seen:
            own.set_progress_handler(None, 0)


def bring(parts, size, first_site=0):
    """Write the sites of a house from one on, each with sessions, readings, looks and fixes of all its teams."""
    brought = large_house.organisation_of(size)
    sites = {id_of(f"site {n}") for n in range(first_site, size.sites)}
    teams = [t.id for t in brought.teams if t.site_id in sites]
    with parts.store.write() as db:
        people.write_organisation(db, brought, today=parts.now().date())
        readings = [
            Reading("csat", t, day, day + timedelta(days=6), 80.0, 100.0, 6)
            for t in teams
            for day in (FIRST + timedelta(weeks=n) for n in range(WEEKS))
        ]
        measures.replace(db, measures.Days((), (), FIRST, FIRST), readings, [])
        pulse.keep_figures(db, [a_figure(team_id) for team_id in teams])
        for team_id in teams:
            causes.keep(db, a_fix(team_id))
            conditions.keep_look(db, team_id=team_id, **LOOK, at=NOW, by_id=olivia(), owner_id=olivia())
    sessions = [s for s in large_house.sessions_of(size) if s.site_id in sites]
    builders.publish_now(parts, *sessions, code=f"from {first_site}")


LOOK = {
    "check": Check.VOLUME,
    "state": State.RED,
    "since": date(2026, 1, 1),
    "on": date(2026, 1, 2),
    "next_look": date(2026, 1, 3),
    "note": "",
}


def olivia():
    return id_of("olivia.brandt")


def a_figure(team_id):
    return PulseFigure(NOW.date().isoformat()[:7], "clear", "1", unit_of_team(team_id), 24, 6)


def a_vacancy(number):
    lead, assessor = id_of("lead 0 0"), olivia()
    return Vacancy(
        id_of(f"vacancy {number}"), f"Agent {number}", id_of("team 0 0"), lead, frozenset({assessor}), {}, NOW.date()
    )


def a_fix(team_id):
    return Fix(
        id_of(f"fix {team_id}"),
        team_id,
        "Codes arrive late",
        "",
        Cause.PROCESS,
        olivia(),
        date(2026, 3, 1),
        NOW,
        FixState.OPEN,
        team_id=team_id,
    )


@pytest.fixture
def house(parts, organisation, monkeypatch):
    assert organisation.people
    scenes.adopt_shipped(parts)
    bring(parts, SIZE)
    for module in (one_site, improvement_board, session_values):
        monkeypatch.setattr(module, "WHOLE_PEOPLE", 100)
    monkeypatch.setattr(away, "MOST_LISTED", 100)
    return parts


def test_what_a_page_reads_does_not_grow_with_the_sites(house, store, sign_in):
    visitor = sign_in(Role.COORDINATOR)

    def read(path):
        address = f"{path}?site={HERE}"
        assert visitor.get(address).status_code == 200  # what a process keeps is kept
        with read_by(store) as found:
            page = visitor.get(address)
        return page, sorted(found)

    before = {path: read(path) for path in PAGES}
    bring(house, LARGER, SIZE.sites)
    for path, (page, found) in before.items():
        larger, more = read(path)
        assert sum(n for n, _ in found) > 0
        assert [n for n, _ in more] == [n for n, _ in found], (path, set(more) - set(found))
        assert ("Team 0.0" in page.text) == ("Team 0.0" in larger.text)
        assert "Team 3.0" not in re.sub(r"<select.*?</select>", "", larger.text, flags=re.DOTALL), path


def test_of_all_rounds_no_more_are_read_than_are_shown(house, store, sign_in, monkeypatch):
    monkeypatch.setattr(rounds, "MOST", 5)
    visitor = sign_in(Role.COORDINATOR)

    def read():
        with read_by(store) as found:
            page = visitor.get("/rounds").text
        assert page.count("/rounds/") >= 5
        return found

    read()  # what a process keeps is kept
    before = read()
    bring(house, LARGER, SIZE.sites)
    after = read()
    assert len(after) == len(before)
    # Five rounds are led by one to five people, whose names are read.
    assert sum(n for n, _ in after) <= sum(n for n, _ in before) + 4


def test_many_vacancies_take_as_many_statements_as_one(house, store, sign_in):
    visitor = sign_in(Role.COORDINATOR)

    def opened(*numbers):
        with house.store.write() as db:
            for number in numbers:
                hiring.keep_vacancy(db, a_vacancy(number), olivia())
        visitor.get("/hiring")
        with read_by(store) as found:
            page = visitor.get("/hiring").text
        assert f"Agent {numbers[-1]}" in page
        return len(found)

    assert opened(1) == opened(2, 3, 4, 5)


def test_the_log_and_the_ledger_look_at_what_changed_and_who_is_there_not_at_all_that_stands(house, store, sign_in):
    if store.engine.name != "sqlite":
        pytest.skip("counts steps of SQLite")
    visitor = sign_in(Role.COORDINATOR)

    def steps(path):
        visitor.get(path)
        with steps_of(store) as done:
            assert visitor.get(path).status_code == 200
        return done[0]

    paths = ("/plans/log", f"/ledger?site={HERE}", f"/principles?site={HERE}")
    before = {path: steps(path) for path in paths}
    bring(house, LARGER, SIZE.sites)
    for path, some in before.items():
        assert steps(path) < 1.35 * some, path


def test_what_a_lesson_brought_is_found_from_the_seats_of_who_was_asked(house, store):
    if store.engine.name != "sqlite":
        pytest.skip("counts steps of SQLite")
    later = NOW + timedelta(weeks=8)
    need = AskedNeed("signatures", id_of("p 0 0 0"), "case_round", NOW.date(), later.date(), "Two signatures")
    with store.write() as db:
        lessons.ask(db, (need,))

    def steps():
        with store.read() as db, steps_of(store) as done:
            assert lessons.served(db, ["signatures"], later) == {"signatures": (0, 1)}
        return done[0]

    before = steps()
    bring(house, LARGER, SIZE.sites)
    assert steps() <= before + 2


def test_sessions_of_a_team_are_found_from_the_seats_of_its_people_not_each_asked_for_its_seats(store, organisation):
    if store.engine.name != "sqlite":
        pytest.skip("reads a plan of SQLite")
    assert organisation.people
    team = id_of("alfama")
    with store.read() as db, read_by(store) as sent:
        sessions.published(db, Wanted(start=NOW), Reach(team_ids=frozenset({team})))
        sessions.published(db, Wanted(start=NOW, team_id=team))
        assert sent
        assert not any("EXISTS" in statement for _, statement in sent)


def test_without_a_site_named_a_page_shows_ones_own_and_lets_others_be_chosen(house, sign_in):
    assert house
    visitor = sign_in(Role.COORDINATOR)
    for path in ("/report", "/improvement/", "/conditions", "/principles"):
        page = visitor.get(f"{path}?site={id_of('site 1')}").text
        assert re.search(rf'<option value="{id_of("site 1")}"[^>]*selected', page), path
        assert "Team 1.3" in page
        assert "Team 0.3" not in page
        assert "Team 1.3" not in visitor.get(path).text, path


def test_a_link_is_made_to_what_one_site_has_and_keeps_its_name_on_the_page_of_another(house, sign_in):
    assert house
    visitor, there = sign_in(Role.COORDINATOR), id_of("site 1")
    page = visitor.get(f"/feeds?site={there}").text
    offered = set(re.findall(r'<option value="((?:team|room|facilitator):[^"]+)"', page))
    leads = {f"facilitator:{id_of(f'lead 1 {n}')}" for n in range(SIZE.leading)}
    teams = {f"team:{id_of(f'team 1 {n}')}" for n in range(SIZE.teams)}
    assert offered == teams | leads | {f"room:{ROOM}", f"facilitator:{olivia()}"}
    for value in (f"team:{id_of('team 1 3')}", f"room:{ROOM}", *leads, f"facilitator:{olivia()}"):
        made = visitor.post(f"/feeds?site={there}", {"name": value, "what": value})
        assert made.status_code == 201
        assert re.search(rf'<option value="{there}"[^>]*selected', made.text)
    shown = re.sub(r"<select.*?</select>", "", visitor.get(f"/feeds?site={HERE}").text, flags=re.DOTALL)
    for words in ("team Team 1.3", "room Room of Site 1", "sessions led by Rita lead.1.0"):
        assert words in shown
    for value in ("team:", "team:nobody", "person:" + id_of("lead 1 0"), "site:" + there, "team:\0", ""):
        assert visitor.post("/feeds", {"name": "Phone", "what": value}).status_code == 422, value


def test_the_year_of_a_draft_names_only_who_leads_at_the_site(house, sign_in):
    """Of who leads elsewhere it is not known when they are at work: they are not away."""
    draft = builders.a_draft(house, builders.a_session("drafted"), code="drafted")
    page = sign_in(Role.COORDINATOR).get(f"/year?draft={draft}&site={HERE}")
    assert page.status_code == 200
    assert "cannot stand" not in page.text


def test_a_small_organisation_is_shown_whole(parts, organisation, sign_in):
    assert organisation.people
    scenes.adopt_shipped(parts)
    bring(parts, SIZE)
    visitor = sign_in(Role.COORDINATOR)
    for path in ("/report", "/improvement/", "/conditions", "/principles"):
        page = visitor.get(f"{path}?site={HERE}").text
        assert 'name="site"' not in page
        assert "Team 0.3" in page
        assert "Team 1.3" in page


def test_a_site_alone_hides_and_says_what_the_whole_does(parts, organisation):
    """A team of three hides another beside it; looked at alone, a site may not give it away."""
    assert organisation.people
    bring(parts, SIZE)
    small = id_of("team 0 4")
    with parts.store.write() as db:
        few = [
            Reading("csat", small, day, day + timedelta(days=6), 3.0, 100.0, 3)
            for day in (FIRST + timedelta(weeks=n) for n in range(WEEKS))
        ]
        measures.replace(db, measures.Days(("csat",), (small,), FIRST, FIRST + timedelta(weeks=WEEKS)), few, [])
    whole = improvement_board.overview(parts, "csat").boards
    alone = [b for n in range(2) for b in improvement_board.overview(parts, "csat", id_of(f"site {n}")).boards]
    assert dict(alone) == dict(whole)
    hidden = {unit.id for unit, board in alone if board.hidden}
    assert small in hidden
    assert len(hidden) > 1
