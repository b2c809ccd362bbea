"""Every operation x every role, own and others' ids: it opens exactly where the table says; nothing marked gets out."""

import re
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest

from devsys.actions import import_measures
from devsys.adapters.store.queries import accounts, programme, runs
from devsys.app import routes
from devsys.core.intake.cells import WEEKDAYS
from devsys.core.model.access import Role
from devsys.core.model.programme import Kind
from tests import builders
from tests.builders import id_of
from tests.improvement.sources import CALLS
from tests.web.scenes import queries_of

PERIOD = "?start=2026-02-02&end=2026-02-16"
HALF = [0] * 16 + [3] * 20 + [0] * 12

AGENT = "ana.correia"
VALUES = {
    "person_id": id_of(AGENT),
    "session_id": id_of("session round-1"),
    "draft_id": id_of("draft open"),
    "code": "case_rounds",
    "feed_id": id_of("feed"),
    "run_id": id_of("run"),
    "key": "csat",
    "team_id": id_of("alfama"),
    "queue_id": id_of("billing"),
    "unit_id": id_of("alfama"),
    "rollout_id": id_of("rollout"),
}
AWAY_BODY = {"start": "2026-02-02T08:00", "end": "2026-02-03T08:00"}
CALL = {
    "Call Id": "1",
    "Agent": "Ana Correia",
    "Date": "2025-12-01",
    "Answered (Y/N)": "Y",
    "Resolved": "Y",
    "AvgTalkDuration": "0:01:00",
    "Satisfaction rating": "4",
}
BODIES = {
    "/teams/<team_id>/roster": {"items": [{"person_id": id_of(AGENT), "pattern": "late"}]},
    "/queues/<queue_id>/requirement": {
        "week": dict.fromkeys(WEEKDAYS, HALF),
        "days": {"2026-02-03": [1] * 48},
    },
    "/people/<person_id>": {"email": "ana.ruiz@northgate.example"},
    "/people/<person_id>/absences": {"start": "2026-01-08T08:00", "end": "2026-01-09T08:00"},
    "/people/<person_id>/absences/take-back": {"start": "2026-01-08T08:00"},
    "/sessions/<session_id>/attendance": {"marks": [{"person_id": id_of(AGENT), "present": True}]},
    "/feeds": {"name": "Phone"},
    "/drafts": {"weeks": 12},
    "/drafts/<draft_id>/publish": {"version": 1, "cause": "First rounds"},
    "/programmes": {"yaml": "code: x\n"},
    "/sessions/<session_id>/move": {"starts": "2026-03-03T15:00"},
    "/sessions/<session_id>/leave-out": {"cause": "Nobody can come"},
    "/imports/volumes": {"rows": [{"queue": "billing", "start": "2025-11-03T08:00", "calls": "12"}], "dry_run": True},
    "/sources/<code>/readings": {"rows": [CALL], "first": "2025-12-01", "last": "2025-12-07"},
}
PERIODS = {"/teams/<team_id>/roster": PERIOD, "/queues/<queue_id>/requirement": PERIOD}
SEEN = {"If-Match": "*"}  # a change to whatever stands


def sent(method, rule):
    """Give what goes with a request that changes something."""
    found = {"json": BODIES[rule]} if method in {"POST", "PATCH", "PUT"} and rule in BODIES else {}
    return found | ({"headers": SEEN} if method in {"PATCH", "PUT"} else {})


# Who may do what with single things, said once more by hand: the lead of the team, the leader of the session.
SINGLES = {
    ("GET", f"/people/{id_of(AGENT)}"): {"administrator", "coordinator", "facilitator", "lead", "employee"},
    ("GET", f"/people/{id_of('kofi.mensah')}"): {"administrator", "coordinator"},
    ("GET", f"/people/{id_of('nobody')}"): set(),
    ("PATCH", f"/people/{id_of(AGENT)}"): {"administrator", "coordinator"},
    ("PATCH", f"/people/{id_of('nobody')}"): set(),
    ("GET", f"/people/{id_of(AGENT)}/absences"): {"administrator", "coordinator", "facilitator", "lead", "employee"},
    ("GET", f"/teams/{id_of('alfama')}/roster{PERIOD}"): {"administrator", "coordinator", "lead"},
    ("GET", f"/teams/{id_of('patan')}/roster{PERIOD}"): {"administrator", "coordinator"},
    ("GET", f"/queues/{id_of('billing')}/requirement{PERIOD}"): {"administrator", "coordinator", "lead"},
    ("GET", f"/queues/{id_of('delivery')}/requirement{PERIOD}"): {"administrator", "coordinator"},
    ("PUT", f"/queues/{id_of('billing')}/requirement{PERIOD}"): {"coordinator"},
    ("PUT", f"/queues/{id_of('nothing')}/requirement{PERIOD}"): set(),
    ("GET", f"/people/{id_of('kofi.mensah')}/absences"): {"administrator", "coordinator"},
    ("POST", f"/people/{id_of(AGENT)}/absences"): {"coordinator", "lead"},
    ("POST", f"/people/{id_of('kofi.mensah')}/absences"): {"coordinator"},
    ("GET", f"/sessions/{id_of('session round-1')}"): {
        "administrator",
        "coordinator",
        "facilitator",
        "lead",
        "employee",
    },
    ("GET", f"/sessions/{id_of('session other')}"): {"administrator", "coordinator"},
    ("POST", f"/sessions/{id_of('session round-1')}/attendance"): {"coordinator", "facilitator"},
}


def refilled(rule, known=VALUES):
    """Give the address of a rule, with the days it is about where it needs them."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known[found[1]], rule) + PERIODS.get(rule, "")


def operations(app):
    for method, rule, _, permission in routes(app):
        if rule.startswith("/api/v1") and not permission.public:
            yield method, rule.removeprefix("/api/v1"), permission


@pytest.mark.parametrize("role", [*Role])
def test_every_operation_opens_exactly_where_the_table_says(house, program, parts, role):
    one, wrong = program(role), []
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, id_of(builders.CAST[role]))
    for method, rule, permission in operations(house):
        answer = one.ask(method, refilled(rule), **sent(method, rule))
        open_to = bool(permission.scope(viewer))
        if answer.status_code >= 500 or not (open_to or answer.status_code == 404):
            wrong.append((method, rule, str(permission), answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", [*Role])
def test_own_and_others_things_open_to_those_they_are_for(house, program, role):
    assert house
    one, wrong = program(role), []
    for (method, path), open_to in SINGLES.items():
        rule = path.partition("?")[0]
        rule = re.sub(r"/[0-9a-f]{20}", lambda _, p=path: f"/<{p.split('/')[1].removesuffix('s')}_id>", rule)
        rule = rule.replace("<people_id>", "<person_id>")
        status = one.ask(method, path, **sent(method, rule)).status_code
        if (status == 200) != (role.value in open_to) or status not in (200, 403, 404):
            wrong.append((method, path, status))
    assert wrong == []


def test_nobody_gets_in_without_a_living_token(house, client, program, parts):
    gone = program(Role.LEAD)
    with parts.store.write() as db:
        accounts.set_active(db, id_of(builders.CAST[Role.LEAD]), active=False)
    for method, rule, _ in operations(house):
        assert client.open(f"/api/v1{refilled(rule)}", method=method).status_code == 401
        assert gone.ask(method, refilled(rule)).status_code == 401


def prepared(one, parts):
    """Make what is not there yet with a coordinator's token; give the values that reach it."""
    with parts.store.write() as db:
        run_id = runs.ask(db, "draw plan", period="asked-1", now=parts.now())
    assert one.post("/feeds", {"name": "First"}).status_code == 201
    empty = builders.a_draft(parts, code="empty")  # nothing in it: publishing changes nothing
    assert one.post(f"/people/{id_of('kofi.mensah')}/absences", AWAY_BODY).json == {"changed": True}
    import_measures.keep_mapping(parts, None, CALLS.replace("always: desk", "always: alfama"))
    assert one.post("/sources/support_calls/readings", BODIES["/sources/<code>/readings"]).json["new"] > 0
    return VALUES | {
        "rollout_id": builders.a_rollout(parts),
        "draft_id": empty,
        "run_id": run_id,
        "feed_id": one.get("/feeds").json["items"][0]["id"],
    }


def rightly(one, method, rule, known):
    """Give the values of the address and the body with which an operation does what it is for."""
    values, body = known, sent(method, rule).get("json")
    if method == "POST" and rule.startswith("/imports/") and body is None:
        body = {"rows": one.get(rule).json["rows"], "dry_run": True}
    elif method == "POST" and rule == "/programmes":
        body = {"yaml": one.get("/programmes/case_rounds").json["yaml"]}
    elif method == "PUT" and rule == "/teams/<team_id>/roster":
        standing = one.get(refilled(rule, known)).json["items"]
        body = {"items": [{name: p[name] for name in ("person_id", "pattern")} for p in standing]}
    if rule.startswith("/sessions/<session_id>/") and "attendance" not in rule:
        values = known | {"session_id": id_of("session ahead")}
    if rule.startswith("/sources/"):
        values = known | {"code": "support_calls"}
    return values, body


def in_order(method, rule):
    """Give a key by which what ends a thing, or moves the plan on, is asked last."""
    return method == "DELETE", "leave-out" in rule, "publish" in rule, rule, method


def test_every_operation_is_reached_with_what_it_is_for(house, program, parts):
    one, missed = program(Role.COORDINATOR), []
    known = prepared(one, parts)
    for method, rule, _ in sorted(operations(house), key=lambda o: in_order(*o[:2])):
        values, body = rightly(one, method, rule, known)
        answer = one.ask(method, refilled(rule, values), **sent(method, rule) | ({"json": body} if body else {}))
        if answer.status_code >= 300:
            missed.append((method, rule, answer.status_code, answer.text[:300]))
    assert missed == []


@pytest.mark.usefixtures("house")
def test_a_plan_is_published_by_who_saw_the_present_one(program):
    one, lead = program(Role.COORDINATOR), program(Role.LEAD)
    drafts = one.get("/drafts").json
    (draft,) = drafts["items"]
    path = f"/drafts/{draft['id']}/publish"
    late = one.post(path, {"version": drafts["version"] + 1, "cause": "More rounds"})
    assert (late.status_code, late.json["type"]) == (409, "urn:devsys:problem:changed")
    assert lead.post(path, {"version": drafts["version"], "cause": "More rounds"}).status_code == 404
    assert lead.get("/drafts").status_code == 404


@pytest.mark.usefixtures("house")
def test_of_coaching_others_see_the_taken_time_alone(program, parts):
    with parts.store.read() as db:
        activity = next(a for a in programme.activities(db).values() if a.kind is Kind.COACHING)
    session = builders.a_session(
        "coaching",
        activity=activity.code,
        starts=datetime(2026, 2, 20, 14, 0),
        people=(AGENT,),
        facilitator="nadia.haddad",
        room="tejo",
        team=None,
    )
    builders.publish_now(parts, replace(session, team_id=None), code="coaching")
    for role in Role:
        one = program(role)
        lists = [one.get(f"/sessions?start=2026-02-01T00:00:00Z&limit={n}") for n in (1, 200)]
        said = [*lists, one.get(f"/sessions/{session.id}")]
        text = "".join(answer.text for answer in said)
        knows = role in (Role.COACH, Role.EMPLOYEE)
        assert (activity.title in text or activity.code in text) == knows, role
        if role in (Role.LEAD, Role.COORDINATOR):
            assert "1:1 development" in text


@pytest.mark.usefixtures("house")
def test_a_list_asks_as_many_questions_whatever_its_length(program, parts):
    one = program(Role.COORDINATOR)
    one.get("/people?limit=1")
    for path in ("/people", "/sessions"):
        counts = {queries_of(parts, partial(one.get, f"{path}?limit={n}")) for n in (1, 2)}
        assert len(counts) == 1, (path, counts)
