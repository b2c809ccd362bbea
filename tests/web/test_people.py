"""People as far as one may see them, and the accounts of administrators."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import event

from devsys.actions import accounts as account_actions
from devsys.actions import adopt_programme
from devsys.adapters.store.queries import accounts, people, sessions
from devsys.base.errors import ConflictError, InvalidError
from devsys.base.limits import WHOLE_PEOPLE
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.people import Absence, Held, Person
from tests import builders
from tests.builders import id_of

TEAM_OF_THE_LEAD = {
    "Ana Correia",
    "Bruno Matos",
    "Catarina Leal",
    "Diogo Faria",
    "Elif Kaya",
    "Filipa Sousa",
    "Marta Nogueira",
}


@pytest.fixture
def peopled(parts, organisation, clock):
    """Northgate with programmes, two rounds, a coaching session, an absence and earlier learning."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    coaching = builders.a_session(
        "coaching-1",
        activity="coaching_calls",
        people=("bruno.matos",),
        facilitator="nadia.haddad",
        room=None,
        team=None,
        starts=datetime(2026, 1, 22, 10),
    )
    past = builders.a_session("round-0", starts=datetime(2026, 1, 2, 10))
    builders.publish_now(parts, past, builders.a_session(), coaching)
    with parts.store.write() as db:
        sessions.mark_attendance(db, past.id, {id_of("bruno.matos"): True}, None, clock.now)
        away = Absence(id_of("bruno.matos"), datetime(2026, 2, 2), datetime(2026, 2, 7))
        hours = Absence(id_of("bruno.matos"), datetime(2026, 3, 3, 9), datetime(2026, 3, 3, 11, 30))
        held = Held(id_of("bruno.matos"), "professional_boundaries", datetime(2024, 4, 9).date())
        people.write_organisation(db, people.only(absences=(away, hours), held=(held,)), today=clock.now.date())
    return parts


def names_on(page):
    return set(re.findall(r'<th scope="row"><a href="/people/[0-9a-f]{20}">([^<]+)</a>', page.text))


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR])
def test_who_plans_sees_everybody(organisation, sign_in, role):
    assert names_on(sign_in(role).get("/people")) == {p.name for p in organisation.people}


def test_a_lead_sees_the_own_team(sign_in):
    page = sign_in(Role.LEAD).get("/people")
    assert names_on(page) == TEAM_OF_THE_LEAD
    assert "7 people of your teams." in page.text
    assert re.findall(r'<option value="[0-9a-f]{20}">([^<]+)</option>', page.text) == ["Billing Alfama"]


def test_a_facilitator_sees_who_comes_to_the_own_sessions(peopled, sign_in):
    assert peopled
    assert names_on(sign_in("nadia.haddad").get("/people")) == {"Bruno Matos", "Nadia Haddad"}
    assert sign_in("nadia.haddad").get(f"/people/{id_of('bruno.matos')}").status_code == 200
    assert sign_in("nadia.haddad").get(f"/people/{id_of('ana.correia')}").status_code == 404


def test_an_employee_is_led_to_the_own_page(sign_in):
    visitor = sign_in(Role.EMPLOYEE)
    assert visitor.get("/people").headers["Location"] == f"/people/{visitor.person_id}"
    assert "Ana Correia" in visitor.get(f"/people/{visitor.person_id}").text
    assert visitor.get(f"/people/{id_of('bruno.matos')}").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=corr", {"Ana Correia"}),
        ("search=GON%C3%87ALO", {"Gonçalo Reis"}),
        ("search=elif.kaya", {"Elif Kaya"}),
        ("search=marta.nogueira@northgate", {"Marta Nogueira"}),
        ("search=%25", set()),
        ("search=_", set()),
        ("search=\\", set()),
        (f"team={id_of('patan')}&search=s", {"Sunita Tamang", "Anjali Shrestha", "Bikash Gurung", "Rajesh Karki"}),
        ("team=unknown", set()),
        ("page=99&search=corr", {"Ana Correia"}),
        ("page=x&search=corr", {"Ana Correia"}),
    ],
)
def test_search_looks_in_name_code_and_address(sign_in, query, found):
    page = sign_in(Role.COORDINATOR).get(f"/people?{query}")
    got = names_on(page)
    assert got == found or (query.startswith("team=") and found and got >= {"Sunita Tamang"} and len(got) == 5)


def test_who_left_is_shown_only_when_asked(sign_in, store, organisation, clock):
    gone = replace(organisation.people[0], left=clock.now.date())
    with store.write() as db:
        people.write_organisation(db, people.only(people=(gone,)), today=clock.now.date())
    visitor = sign_in(Role.COORDINATOR)
    assert gone.name not in names_on(visitor.get("/people"))
    assert gone.name in visitor.get("/people?gone=1").text


def test_a_long_list_comes_in_pages_of_200(sign_in, store, clock):
    crowd = tuple(
        Person(f"crowd{n:015d}", f"c{n:03d}", f"Quim {n:03d}", f"c{n}@northgate.example", None, None, None)
        for n in range(450)
    )
    with store.write() as db:
        people.write_organisation(db, people.only(people=crowd), today=clock.now.date())
    visitor = sign_in(Role.COORDINATOR)
    seen = [len(re.findall("Quim ", visitor.get(f"/people?search=Quim&page={n}").text)) for n in (1, 2, 3)]
    assert seen == [200, 200, 50]
    middle = visitor.get("/people?search=Quim&page=2").text
    assert 'rel="prev" href="/people?search=Quim&amp;page=1"' in middle
    assert 'rel="next" href="/people?search=Quim&amp;page=3"' in middle


def queries_of(store, act):
    counted = []

    def count(_connection, _cursor, statement, *_rest):
        counted.append(statement)

    event.listen(store.engine, "before_cursor_execute", count)
    try:
        assert act().status_code == 200
    finally:
        event.remove(store.engine, "before_cursor_execute", count)
    return len(counted)


@pytest.mark.parametrize("path", ["/people", "/", "/imports", "/programme", "/health", "/log"])
def test_one_person_and_a_thousand_cost_the_same_queries(parts, store, sign_in, clock, path):
    visitor = sign_in(Role.COORDINATOR)
    adopt_programme.adopt_shipped(parts, by=visitor.person_id)
    builders.publish_now(parts, builders.a_session())
    crowd = tuple(
        Person(f"crowd{n:015d}", f"c{n:04d}", f"Quim {n:04d}", f"c{n}@northgate.example", id_of("alfama"), None, None)
        for n in range(3 * WHOLE_PEOPLE)
    )

    def cost(some):
        with store.write() as db:
            people.write_organisation(db, people.only(people=some), today=clock.now.date())
            for person in some[:50]:
                accounts.add_grants(db, person.id, (Grant(Role.COACH),))
        visitor.get(path)
        return queries_of(store, lambda: visitor.get(path))

    # A large organisation is shown a site at a time, which is another page; its cost stands too.
    assert cost(()) == cost(crowd[: WHOLE_PEOPLE - 100])
    assert cost(crowd[WHOLE_PEOPLE - 100 : 2 * WHOLE_PEOPLE]) == cost(crowd[2 * WHOLE_PEOPLE :])


def test_a_person_shows_sessions_evidence_and_absences(peopled, sign_in):
    assert peopled
    page = sign_in(Role.COORDINATOR).get(f"/people/{id_of('bruno.matos')}").text
    for words in (
        "Bruno Matos",
        "Billing Alfama",
        "Tue 20 January, 14:00",
        "Case round",
        "Professional boundaries",
        "learnt earlier",
        "Mon 2 February to Fri 6 February 2026",
        "Tue 3 March 2026, 09:00 to 11:30",
    ):
        assert words in page


def test_coaching_is_named_to_the_two_and_hidden_from_all_others(peopled, sign_in):
    assert peopled
    bruno = f"/people/{id_of('bruno.matos')}"
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.LEAD):
        page = sign_in(role).get(bruno).text
        assert "1:1 development" in page
        assert "Coaching for calls" not in page
    assert "Coaching for calls" in sign_in("nadia.haddad").get(bruno).text
    with peopled.store.write() as db:
        accounts.add_account(
            db, person_id=id_of("bruno.matos"), email="b@northgate.example", password_hash="", now=peopled.now()
        )
    assert "Coaching for calls" in sign_in("bruno.matos").get(bruno).text


def test_absences_are_dates_for_those_who_may_see_them(peopled, sign_in):
    assert peopled
    bruno = f"/people/{id_of('bruno.matos')}"
    for role in (Role.COORDINATOR, Role.LEAD, Role.ADMINISTRATOR):
        assert "Fri 6 February" in sign_in(role).get(bruno).text


def test_accounts_are_an_administrators(sign_in):
    bruno = f"/people/{id_of('bruno.matos')}"
    assert "Give an account" in sign_in(Role.ADMINISTRATOR).get(bruno).text
    assert "Give an account" not in sign_in(Role.COORDINATOR).get(bruno).text
    assert sign_in(Role.COORDINATOR).post(f"{bruno}/account", {"email": "b@northgate.example"}).status_code == 404


def test_an_account_is_given_once_with_a_password_shown_once(sign_in, store):
    visitor = sign_in(Role.ADMINISTRATOR)
    bruno = f"/people/{id_of('bruno.matos')}"
    page = visitor.post(f"{bruno}/account", {"email": "Bruno.Matos@Northgate.example"})
    once = re.search(r'<code class="once">([a-z0-9-]{19})</code>', page.text)[1]
    assert once not in visitor.get(bruno).text
    with store.read() as db:
        account = accounts.account(db, id_of("bruno.matos"))
    assert (account.email, account.once, account.active) == ("bruno.matos@northgate.example", True, True)
    again = visitor.post(f"{bruno}/account", {"email": "other@northgate.example"})
    assert again.status_code == 422
    assert "has an account already" in again.text
    with store.read() as db:
        assert accounts.account(db, id_of("bruno.matos")) == account


def test_an_address_belongs_to_one_account(sign_in):
    visitor = sign_in(Role.ADMINISTRATOR)
    taken = visitor.post(f"/people/{id_of('bruno.matos')}/account", {"email": f"ana.correia@{builders.DOMAIN}".upper()})
    assert taken.status_code == 422
    assert "has an account already" in taken.text


def test_roles_are_given_and_taken_and_count_at_once(sign_in):
    administrator, ana = sign_in(Role.ADMINISTRATOR), sign_in(Role.EMPLOYEE)
    page = f"/people/{ana.person_id}"
    assert ana.get("/imports").status_code == 404
    assert administrator.post(f"{page}/roles", {"role": "coordinator"}).status_code == 303
    assert ana.get("/imports").status_code == 200
    assert administrator.post(f"{page}/roles", {"role": "lead", "team": id_of("belem")}).status_code == 303
    assert "lead, Delivery Belém" in administrator.get(page).text
    assert administrator.post(f"{page}/roles/take", {"role": "coordinator"}).status_code == 303
    assert ana.get("/imports").status_code == 404
    assert names_on(ana.get("/people")) == {
        "Ana Correia",
        "Gonçalo Reis",
        "Helena Vaz",
        "Ivan Hrytsenko",
        "Joana Pires",
        "Kofi Mensah",
        "Nadia Haddad",
        "Tiago Lopes",
    }


@pytest.mark.parametrize(
    ("path", "typed", "status"),
    [
        ("roles", {"role": "owner"}, 422),
        ("roles", {"role": "employee"}, 422),
        ("roles", {"role": "lead", "team": "unknown"}, 404),
        ("roles/take", {"role": "owner"}, 409),
        ("active", {"active": "perhaps"}, 409),
        ("account", {"email": "no address"}, 422),
    ],
)
def test_odd_wishes_are_refused(sign_in, path, typed, status):
    answer = sign_in(Role.ADMINISTRATOR).post(f"/people/{id_of('ana.correia')}/{path}", typed)
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["account", "password", "active", "roles", "roles/take"])
def test_unknown_people_have_no_account(sign_in, path):
    typed = {"email": "x@northgate.example", "active": "no", "role": "lead"}
    assert sign_in(Role.ADMINISTRATOR).post(f"/people/nobody/{path}", typed).status_code == 404


def test_nobody_shuts_themselves_or_the_last_administrator_out(sign_in, store):
    visitor = sign_in(Role.ADMINISTRATOR)
    own = f"/people/{visitor.person_id}"
    for path, typed in (("active", {"active": "no"}), ("roles/take", {"role": "administrator"})):
        answer = visitor.post(f"{own}/{path}", typed)
        assert answer.status_code == 409
        assert "cannot shut yourself out" in answer.text
    with store.write() as db:
        accounts.add_grants(db, id_of("ana.correia"), (Grant(Role.ADMINISTRATOR),))
        accounts.drop_grant(db, visitor.person_id, Grant(Role.ADMINISTRATOR))
    ana = sign_in(Role.EMPLOYEE)
    refused = ana.post(f"/people/{id_of('olivia.brandt')}/active", {"active": "no"})
    assert refused.status_code == 303


def test_shut_and_opened_again(sign_in, store):
    visitor, ana = sign_in(Role.ADMINISTRATOR), sign_in(Role.EMPLOYEE)
    page = f"/people/{ana.person_id}"
    assert visitor.post(f"{page}/active", {"active": "no"}).status_code == 303
    assert ana.get("/").status_code == 303
    assert "Open it again" in visitor.get(page).text
    assert visitor.post(f"{page}/active", {"active": "yes"}).status_code == 303
    with store.read() as db:
        assert accounts.account(db, ana.person_id).active
    acts = visitor.get("/log").text
    assert "shut account" in acts
    assert "open account again" in acts


def test_the_log_is_ones_own_but_for_administrators(sign_in):
    administrator, ana = sign_in(Role.ADMINISTRATOR), sign_in(Role.EMPLOYEE)
    administrator.post(f"/people/{ana.person_id}/roles", {"role": "coach"})
    assert "give role" in administrator.get("/log").text
    assert "Nothing was done yet" in ana.get("/log").text


def test_who_sees_what_is_the_table_itself(sign_in):
    page = sign_in(Role.EMPLOYEE).get("/who-sees-what").text
    assert "Coaching sessions in a calendar" in page
    assert "only that the time is taken" in page
    assert "may change" in page


def test_who_lost_the_role_cannot_leave_the_house_without_an_administrator(sign_in, parts, store):
    visitor = sign_in(Role.ADMINISTRATOR)
    ana = id_of("ana.correia")
    with store.write() as db:
        accounts.add_grants(db, ana, (Grant(Role.ADMINISTRATOR),))
        accounts.drop_grant(db, visitor.person_id, Grant(Role.ADMINISTRATOR))
    stale = Viewer(visitor.person_id, "Rui Carvalho", ())
    with pytest.raises(ConflictError, match="Nobody would be left"):
        account_actions.set_active(parts, stale, ana, active=False)


def test_themes_are_known_ones(parts, organisation):
    with pytest.raises(InvalidError):
        account_actions.set_theme(parts, Viewer(organisation.people[0].id, "Ana", ()), "pink")


def test_evidence_and_absences_over_clock_times(peopled, sign_in, clock):
    odd = (
        Absence(id_of("ana.correia"), datetime(2026, 1, 20), datetime(2026, 1, 21)),
        Absence(id_of("ana.correia"), datetime(2026, 2, 2, 15), datetime(2026, 2, 4, 9)),
    )
    gone = replace(
        next(p for p in builders.an_organisation().people if p.code == "elif.kaya"), left=clock.now.date(), team_id=None
    )
    with peopled.store.write() as db:
        people.write_organisation(db, people.only(absences=odd, people=(gone,)), today=clock.now.date())
    visitor = sign_in(Role.COORDINATOR)
    page = visitor.get(f"/people/{id_of('ana.correia')}").text
    assert "Tue 20 January 2026" in page
    assert "Mon 2 February 15:00 to Wed 4 February 2026 09:00" in page
    left = visitor.get(f"/people/{gone.id}").text
    assert "Left" in left
    assert "No team" in left
    leads = visitor.get(f"/people/{id_of('nadia.haddad')}").text
    assert "at most 16 h a week" in leads
