"""From nothing to people who sign in: the first link, the files, the programme, an account, the first session."""

import re
from datetime import datetime

from devsys.actions import accounts as account_actions
from devsys.adapters.store.queries import accounts, people, plans, sessions
from devsys.core.model.access import Role
from devsys.core.model.calendar import Place
from tests import builders

ORIGIN = {"Origin": "http://127.0.0.1:8000"}
PASSWORD = "five quiet herons at dusk"
FILES = {
    "sites": "code,name,zone,country,region\nporto,Porto,Europe/Lisbon,PT,\n",
    "queues": (
        "code,name,site,handle_seconds,service_percent,answer_seconds,occupancy_percent,shrinkage_percent,minimum\n"
        "cards,Cards,porto,240,80,20,90,30,1\n"
    ),
    "teams": "code,name,site\nribeira,Cards Ribeira,porto\n",
    "shifts": "pattern,week,weekday,start,end,lunch_start,lunch_end\n"
    + "".join(f"day,1,{day},08:00,16:00,12:00,12:30\n" for day in ("mon", "tue", "wed", "thu", "fri")),
    "people": "code,name,email,team,queue,pattern,joined,left\n"
    + "".join(
        f"c{n},{name},{name.split()[0].lower()}@halden.example,ribeira,cards,day,2025-03-03,\n"
        for n, name in enumerate(("Rita Pinto", "Olga Braga", "Nuno Seixas", "Dora Maia"))
    )
    + "f1,Marta Vilar,marta@halden.example,ribeira,,day,2025-03-03,\n",
    "facilitators": "person,sites,qualifications,weekly_hours\nf1,porto,boundaries|round|skill,12\n",
    "rooms": "code,name,site,seats\nd1,Douro,porto,12\n",
    "held": "person,activity,date\nc0,professional_boundaries,2025-05-05\n",
    "requirement": "queue,day,start,agents\n"
    + "".join(
        f"cards,{day},{hour:02d}:{half},2\n"
        for day in ("mon", "tue", "wed", "thu", "fri")
        for hour in range(9, 15)
        for half in ("00", "30")
    ),
}


class Person:
    """Somebody at a browser."""

    def __init__(self, app):
        self.client = app.test_client()

    def get(self, path):
        return self.client.get(path)

    def post(self, path, data, start=None):
        page = self.get(start or path).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        return self.client.post(path, data={"csrf_token": token, **data}, headers=ORIGIN)


def test_from_nothing_to_people_who_see_their_sessions(app, parts, store, clock):
    ingrid = Person(app)
    link = account_actions.first_run_link(parts).removeprefix("http://127.0.0.1:8000")
    typed = {"organisation": "Halden Bank", "name": "Ingrid Moe", "email": "ingrid@halden.example"}
    assert ingrid.post(link, {**typed, "password": PASSWORD, "again": PASSWORD}).status_code == 303
    assert ticks(ingrid) == [False, False, False, False]

    for kind, text in FILES.items():
        page = ingrid.post(f"/imports/{kind}", {"pasted": text})
        assert page.status_code == 200, (kind, re.findall(r"What is wanted\">([^<]+)", page.text))
        named = {n: re.search(rf'name="{n}" value="([^"]*)"', page.text)[1] for n in ("upload", "revision")}
        assert ingrid.post(f"/imports/{kind}/confirm", named, f"/imports/{kind}").status_code == 303
    assert ticks(ingrid) == [True, True, False, False]
    assert "Adopted: " in follow(ingrid, ingrid.post("/programme/adopt", {"code": "support_development"}, "/programme"))
    assert ticks(ingrid) == [True, True, True, False]

    rita = person_named(store, "Rita Pinto")
    page = ingrid.post(f"/people/{rita.id}/account", {"email": rita.email}, f"/people/{rita.id}")
    once = re.search(r'<code class="once">([^<]+)</code>', page.text)[1]
    at_home = Person(app)
    assert at_home.post("/sign-in", {"email": rita.email, "password": once}).status_code == 303
    own = "nine loud geese at dawn"
    changed = at_home.post("/account/password", {"old": once, "password": own, "again": own})
    assert changed.status_code == 303
    assert "Nothing is planned for you yet." in at_home.get("/").text

    publish(parts, store, rita)
    page = at_home.get("/").text
    assert "Case round" in page
    assert "14:00\u201315:00" in page
    assert "Lisbon time" in page
    assert "With Marta Vilar and your team" in page
    assert "Your team meets every two weeks." in page
    clock.move(days=30)
    again = Person(app)
    assert again.post("/sign-in", {"email": rita.email, "password": own}).status_code == 303
    assert "Tue 20 January" in again.get("/").text


def ticks(person):
    home = person.get("/").text
    if "Four steps" not in home:
        return [True] * 4
    steps = home.split('<ol class="steps">')[1].split("</ol>")[0]
    return ["#check" in step for step in steps.split("<li")[1:]]


def follow(person, answer):
    assert answer.status_code == 303
    return person.get(answer.headers["Location"]).text


def person_named(store, name):
    with store.read() as db:
        return next(p for p in people.organisation(db).people if p.name == name)


def publish(parts, store, rita):
    """Publish a case round of the team, as a plan would."""
    with store.write() as db:
        plans.begin(db)
        organisation = people.organisation(db)
        coordinator = next(iter(accounts.holders(db, Role.COORDINATOR)))
    marta = next(p for p in organisation.people if p.name == "Marta Vilar")
    session = builders.a_session(
        starts=datetime(2026, 1, 20, 14),
        people=(),
        places=(Place(rita.id),),
        facilitator_id=marta.id,
        room_id=None,
        site_id=organisation.sites[0].id,
        team_id=rita.team_id,
    )
    with store.write() as db:
        plans.new_draft(db, "draft", horizon=builders.a_horizon(), by_id=coordinator, cause="first", now=parts.now())
        sessions.lay_into_draft(db, "draft", (session,), parts.now())
        plans.publish(db, "draft", by_id=coordinator, cause="first plan", now=parts.now(), changes={"new": 1})
