"""The forms of what can happen: somebody away, a room closed, a queue that needs its people; and who may say so."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from devsys.adapters.store.queries import people
from devsys.core.model.access import Role
from devsys.core.model.people import Absence, Closure, Emergency
from tests.builders import id_of
from tests.stories import acts
from tests.web import scenes

ANA = id_of("ana.correia")


def text(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def standing(parts):
    with parts.store.read() as db:
        return people.organisation(db)


def says(page):
    """Give the words beside the fields."""
    faults = re.findall(r'<p class="fault".*?</p>', page.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", fault).split()) for fault in faults]


def test_who_leads_sessions_stands_first_then_the_teams(parts, sign_in):
    page = sign_in(Role.COORDINATOR).get(f"/away?person={ANA}").text
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page, re.DOTALL)
    assert [g for g, _ in groups] == [
        "Leads sessions",
        "Billing Alfama",
        "Delivery Belém",
        "No team",
        "Technical Patan",
    ]
    assert re.findall(r">([^<]+)</option>", groups[0][1]) == [
        "Marta Nogueira",
        "Nadia Haddad",
        "Rajesh Karki",
        "Tiago Lopes",
    ]
    assert f'value="{ANA}" selected' in page
    assert parts.now()


def test_no_reason_is_asked(sign_in):
    page = sign_in(Role.COORDINATOR).get("/away")
    names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page.text))
    assert names == {"csrf_token", "theme", "next", "person", "from", "at", "until", "to", "back"} - {"theme"}
    assert "The reason is not asked, and not kept." in page.text


def test_without_a_time_it_begins_now_and_ends_with_the_day(parts, sign_in):
    parts.clock.move(hours=3, minutes=17)
    coordinator = sign_in(Role.COORDINATOR)
    answer = coordinator.post("/away", {"person": ANA, "from": "2026-01-05", "until": "day", "to": "2026-01-05"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/repairs?person={ANA}"
    assert standing(parts).absences == (Absence(ANA, datetime(2026, 1, 5, 12, 17), datetime(2026, 1, 6)),)
    page = text(coordinator.get(answer.headers["Location"]))
    assert "Ana Correia is away on Mon 5 January from 12:17." in page


def test_a_later_day_begins_with_it_and_times_are_the_sites_own(parts, sign_in):
    """The coordinator is in Lisbon, Deepa in Kathmandu: now is a quarter to three there."""
    coordinator = sign_in(Role.COORDINATOR)
    deepa = id_of("deepa.thapa")
    coordinator.post("/away", {"person": deepa, "from": "2026-01-08", "until": "day", "to": "2026-01-09"})
    coordinator.post("/away", {"person": deepa, "from": "2026-01-05", "until": "day", "to": "2026-01-05"})
    assert standing(parts).absences == (
        Absence(deepa, datetime(2026, 1, 5, 14, 45), datetime(2026, 1, 6)),
        Absence(deepa, datetime(2026, 1, 8), datetime(2026, 1, 10)),
    )


def test_times_are_taken_to_the_minute(parts, sign_in):
    form = {"person": ANA, "from": "2026-01-06", "at": "10:30", "until": "day", "to": "2026-01-06", "back": "15:00"}
    sign_in(Role.COORDINATOR).post("/away", form)
    assert standing(parts).absences == (Absence(ANA, datetime(2026, 1, 6, 10, 30), datetime(2026, 1, 6, 15)),)


def test_an_end_that_is_not_known_stays_open_until_somebody_is_back(parts, sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    coordinator.post("/away", {"person": ANA, "from": "2026-01-05", "until": "unknown", "to": ""})
    assert [a.end for a in standing(parts).absences] == [None]
    page = text(coordinator.get("/away"))
    assert (
        "Away, end not known 1 Ana Correia Back today : Ana Correia Billing Alfama, since Mon 5 January, 09:00" in page
    )
    person = coordinator.get(f"/people/{ANA}")
    assert "From Mon 5 January 2026, 09:00, until not known" in text(person)
    assert 'action="/away/back"' in person.text
    parts.clock.move(days=2)
    coordinator = sign_in(Role.COORDINATOR)
    answer = coordinator.post("/away/back?back=away", {"person": ANA, "since": "2026-01-07"})
    assert answer.headers["Location"] == "/away"
    assert standing(parts).absences == (Absence(ANA, datetime(2026, 1, 5, 9), datetime(2026, 1, 7)),)
    assert "Back since Wed 7 January." in text(coordinator.get("/away"))


def test_back_at_a_time_and_taken_back(parts, sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    coordinator.post("/away", {"person": ANA, "from": "2026-01-05", "until": "day", "to": "2026-01-09"})
    coordinator.post("/away/back", {"person": ANA, "since": "2026-01-07", "at": "13:00"})
    (absence,) = standing(parts).absences
    assert absence.end == datetime(2026, 1, 7, 13)
    assert "Back since Wed 7 January, 13:00." in text(coordinator.get(f"/people/{ANA}"))
    coordinator.post("/away/back", {"person": ANA, "since": "2026-01-12"})
    assert "Nobody was away on Mon 12 January." in text(coordinator.get(f"/people/{ANA}"))
    coordinator.post("/away/take-back", {"person": ANA, "start": absence.start.isoformat()})
    assert standing(parts).absences == ()


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ({"person": ""}, ["Fill this in."]),
        ({"person": "nobody"}, ["Choose one of these."]),
        ({"from": "soon"}, ["A date as 2026-03-31, from 2000-01-01 to 2036-12-31."]),
        ({"at": "25:00"}, ["A time such as 08:30."]),
        ({"to": "2026-01-01"}, ["This is before it begins."]),
        ({"back": "08:00"}, ["This is before it begins."]),
        ({"until": "perhaps"}, ["Until: choose one of these."]),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(parts, sign_in, form, wanted):
    typed = {"person": ANA, "from": "2026-01-05", "until": "day", "to": "2026-01-05"} | form
    answer = sign_in(Role.COORDINATOR).post("/away", typed)
    assert answer.status_code == 422
    found = says(answer) or re.findall(r'<li><a href="#until">([^<]+)', answer.text)
    assert found == wanted
    assert f'value="{typed["to"]}"' in answer.text
    assert standing(parts).absences == ()


def test_a_lead_says_it_of_the_team_and_leaves_the_repair_to_a_coordinator(parts, sign_in):
    lead = sign_in(Role.LEAD)
    assert 'href="/away"' in lead.get("/").text
    page = lead.get("/away").text
    assert "Helena Vaz" not in page
    assert "Bruno Matos" in page
    assert ">A room<" not in page
    answer = lead.post("/away", {"person": ANA, "from": "2026-01-05", "until": "day", "to": "2026-01-05"})
    assert answer.headers["Location"] == f"/people/{ANA}"
    assert "it stands on their Home" in text(lead.get(answer.headers["Location"]))
    refused = lead.post(
        "/away", {"person": id_of("helena.vaz"), "from": "2026-01-05", "until": "day", "to": "2026-01-05"}
    )
    assert refused.status_code == 422
    assert lead.get("/repairs").status_code == 404
    assert lead.get("/away/room").status_code == 404
    assert [a.person_id for a in standing(parts).absences] == [ANA]


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.FACILITATOR, Role.COACH, Role.ADMINISTRATOR, Role.ASSESSOR])
def test_nobody_else_finds_these_pages(parts, sign_in, role):
    visitor = sign_in(role)
    for path in ("/away", "/away/room", "/away/queue", "/repairs"):
        assert visitor.get(path).status_code == 404, path
    own = {"person": visitor.person_id, "from": "2026-01-05", "until": "day", "to": "2026-01-05"}
    assert visitor.post("/away", own).status_code == 404
    assert visitor.post("/away/back", {"person": visitor.person_id, "since": "2026-01-05"}).status_code == 404
    assert standing(parts).absences == ()


def test_a_room_is_closed_and_in_use_again(parts, sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    mewa = id_of("mewa")
    answer = coordinator.post("/away/room", {"room": mewa, "from": "2026-01-05", "until": "unknown"})
    assert answer.headers["Location"] == f"/repairs?room={mewa}"
    assert standing(parts).closures == (Closure(mewa, datetime(2026, 1, 5, 9), None),)
    page = text(coordinator.get("/away/room"))
    assert "Closed 1 Mewa In use again : Mewa from Mon 5 January, 09:00, until not known" in page
    parts.clock.move(hours=5)
    coordinator.post("/away/room/open", {"room": mewa})
    assert [c.end for c in standing(parts).closures] == [datetime(2026, 1, 5, 14)]
    assert "No room is closed." in text(coordinator.get("/away/room"))
    assert coordinator.post("/away/room", {"room": "", "from": "2026-01-05"}).status_code == 422


def test_a_queue_calls_for_its_people_and_it_is_over(parts, sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    billing = id_of("billing")
    page = coordinator.get(f"/away/queue?queue={billing}").text
    assert 'id="at" name="at" type="time" value="09:00"' in page
    assert 'id="back" name="back" type="time" value="11:00"' in page
    form = {"queue": billing, "agents": "3", "from": "2026-01-05", "at": "10:00", "back": "12:30"}
    answer = coordinator.post("/away/queue", form)
    assert answer.headers["Location"] == f"/repairs?queue={billing}"
    start = datetime(2026, 1, 5, 10)
    assert standing(parts).emergencies == (Emergency(billing, start, start + timedelta(hours=2, minutes=30), 3),)
    assert "Billing 3 more on Mon 5 January, 10:00 to 12:30" in re.sub(
        "It is over : Billing ", "", text(coordinator.get("/away/queue"))
    )
    coordinator.post("/away/queue/end", {"queue": billing})
    assert standing(parts).emergencies == ()
    for wrong in ({"agents": "0"}, {"at": ""}, {"queue": "none"}, {"agents": "many"}):
        assert coordinator.post("/away/queue", form | wrong).status_code == 422


def test_a_queue_shows_its_next_hours(parts, organisation, sign_in):
    """Northgate's round of Billing is on at 11: three of six are in it, two are required."""
    assert organisation.people
    scenes.plan_and_publish(parts)
    parts.clock.now = parts.clock.now.replace(day=27, hour=10, minute=40)
    page = sign_in(Role.COORDINATOR).get(f"/away/queue?queue={id_of('billing')}").text
    rows = re.findall(r'<tr><th scope="row">([\d:]+)</th>(.*?)</tr>', page)
    figures = {at: [int(n) for n in re.findall(r">(-?\d+)</td>", cells)] for at, cells in rows}
    assert list(figures)[:3] == ["10:30", "11:00", "11:30"]
    at_work, in_sessions, required, spare = figures["11:00"]
    assert (in_sessions, required, spare) == (3, 2, at_work - 5)
    assert figures["10:30"][1] == 0
    assert "The next hours of Billing" in page
    assert "The next hours" not in sign_in(Role.COORDINATOR).get("/away/queue").text


def test_an_emergency_may_last_over_midnight(parts, sign_in):
    form = {"queue": id_of("billing"), "agents": "1", "from": "2026-01-05", "at": "22:00", "back": "02:00"}
    sign_in(Role.COORDINATOR).post("/away/queue", form)
    (found,) = standing(parts).emergencies
    assert found.end == datetime(2026, 1, 6, 2)


def test_in_a_large_house_one_searches_for_who_does_not_lead(parts, sign_in):
    more = [
        {"code": f"5{n:03d}", "name": f"Rita Prata {n}", "email": f"rita.{n}@northgate.example"} for n in range(600)
    ]
    placed = ({**one, "team": "alfama", "queue": "billing", "pattern": "early"} for one in more)
    coordinator = sign_in(Role.COORDINATOR)
    acts.bring(parts, "people", acts.rows("people", *placed))
    page = coordinator.get("/away").text
    assert "Rita Prata 7" not in page
    assert "Tiago Lopes" in page
    assert "search for anybody else" in page
    assert "Rita Prata 77<" in coordinator.get("/away?search=prata+77").text
    rita = next(p for p in standing(parts).people if p.name == "Rita Prata 7")
    assert f'value="{rita.id}" selected' in coordinator.get(f"/away?person={rita.id}").text


def test_what_an_import_breaks_is_said_at_once_and_stands_on_home(parts, organisation, sign_in):
    """An absence imported later that makes a published session short is an issue in the same run (R3)."""
    assert organisation.people
    scenes.plan_and_publish(parts)
    coordinator = sign_in(Role.COORDINATOR)
    rows = acts.rows("absences", {"person": "tiago.lopes", "from": "2026-01-26", "to": "2026-01-30"})
    page = coordinator.post("/imports/absences", {"pasted": rows})
    values = dict(re.findall(r'name="(upload|revision)" value="([^"]+)"', page.text))
    answer = coordinator.post("/imports/absences/confirm", values)
    assert answer.status_code == 303
    words = "1 session cannot stand since Tiago Lopes is away"
    assert words in text(coordinator.get(answer.headers["Location"]))
    home = coordinator.get("/").text
    assert words in text(coordinator.get("/"))
    assert f'href="/repairs?person={id_of("tiago.lopes")}"' in home


def test_a_requirement_that_leaves_a_queue_short_leads_to_who_can_return(parts, organisation, sign_in):
    assert organisation.people
    scenes.plan_and_publish(parts)
    acts.require(parts, "delivery", *[(hour, 9) for hour in range(9, 18)], days=("mon",))
    home = sign_in(Role.COORDINATOR).get("/")
    assert "Delivery is" in text(home)
    assert f'href="/repairs?queue={id_of("delivery")}"' in home.text


def test_a_closed_room_and_somebody_who_attends_stand_on_home_too(parts, organisation, sign_in):
    assert organisation.people
    scenes.plan_and_publish(parts)
    coordinator = sign_in(Role.COORDINATOR)
    coordinator.post("/away/room", {"room": id_of("tejo"), "from": "2026-02-02", "until": "day", "to": "2026-02-06"})
    coordinator.post("/away", {"person": ANA, "from": "2026-01-27", "until": "day", "to": "2026-01-27"})
    page = text(coordinator.get("/"))
    assert "1 session cannot stand since Tejo is closed" in page
    assert "1 session cannot stand since one of their people is away" in page
    assert "1 session cannot stand" in text(sign_in(Role.ADMINISTRATOR).get("/"))


def test_what_waits_for_somebody_to_be_back_is_said_calmly(parts, organisation, sign_in):
    assert organisation.people
    planned = scenes.plan_and_publish(parts)
    parts.clock.now = planned["boundaries"].ends_utc
    coordinator = sign_in(Role.COORDINATOR)
    coordinator.post("/away", {"person": id_of("tiago.lopes"), "from": "2026-01-07", "until": "unknown"})
    page = coordinator.get("/")
    assert "2 sessions wait until Tiago Lopes is back" in text(page)
    assert f'href="/repairs?person={id_of("tiago.lopes")}&amp;far=1"' in page.text
