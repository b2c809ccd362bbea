"""Rosters of teams, requirements of queues: read by team and period, said anew as they were seen."""

from sqlalchemy import text

from devsys.adapters.store.queries import people
from devsys.core.intake.cells import WEEKDAYS
from devsys.core.model.access import Role
from tests.builders import id_of

# Monday to Tuesday week; 3 April 2026, a Friday, is a public holiday in Lisbon.
PERIOD = "?start=2026-03-30&end=2026-04-08"
ROSTER = f"/teams/{id_of('alfama')}/roster{PERIOD}"
NEEDS = f"/queues/{id_of('delivery')}/requirement"
MONTH, WEEK = "?start=2026-02-01&end=2026-03-01", "?start=2026-03-02&end=2026-03-09"


def put(one, path, said, seen="*", **headers):
    return one.ask("PUT", path, json=said, headers=({"If-Match": seen} if seen else {}) | headers)


def assigned(roster, **others):
    """Give a roster as it is said anew, with other patterns for some people."""
    return {
        "items": [
            {"person_id": p["person_id"], "pattern": others.get(p["code"].partition(".")[0], p["pattern"])}
            for p in roster["items"]
        ]
    }


def test_a_roster_says_who_works_when(program):
    found = program(Role.LEAD).get(ROSTER).json
    ana = next(p for p in found["items"] if p["code"] == "ana.correia")
    days = [shift["day"] for shift in ana["shifts"]]
    assert days == ["2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02", "2026-04-06", "2026-04-07"]
    assert {k: v for k, v in ana["shifts"][0].items() if k != "day"} == {
        "start": "08:00",
        "end": "16:00",
        "lunch_start": "12:00",
        "lunch_end": "12:30",
    }
    assert [p["code"] for p in found["items"]] == sorted(p["code"] for p in found["items"])


def test_a_cycle_of_weeks_turns(program):
    one = program(Role.COORDINATOR)
    assert put(one, ROSTER, assigned(one.get(ROSTER).json, ana="turning")).status_code == 200
    ana = next(p for p in one.get(ROSTER).json["items"] if p["code"] == "ana.correia")
    by_week = {"2026-03-30": set(), "2026-04-06": set()}
    for shift in ana["shifts"]:
        by_week["2026-03-30" if shift["day"] < "2026-04-06" else "2026-04-06"].add(shift["start"])
    assert by_week["2026-03-30"] | by_week["2026-04-06"] == {"08:00", "11:00"}
    assert all(len(starts) == 1 for starts in by_week.values())


def test_nobody_is_at_work_before_the_first_day_and_from_the_last_one(program):
    one = program(Role.COORDINATOR)
    path = f"/people/{id_of('ana.correia')}"
    answer = one.ask("PATCH", path, json={"joined": "2026-03-31", "left": "2026-04-02"}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    ana = next(p for p in one.get(ROSTER).json["items"] if p["code"] == "ana.correia")
    assert [shift["day"] for shift in ana["shifts"]] == ["2026-03-31", "2026-04-01"]
    later = one.get(f"/teams/{id_of('alfama')}/roster?start=2026-04-02&end=2026-04-08").json["items"]
    assert "ana.correia" not in [p["code"] for p in later]


def test_a_roster_is_said_anew_as_it_was_seen(program, parts):
    one, other = program(Role.COORDINATOR), program(Role.ADMINISTRATOR)
    seen = one.get(ROSTER)
    said = assigned(seen.json, ana="late", bruno="")
    assert put(one, ROSTER, said, seen="").status_code == 428
    done = put(one, ROSTER, said, seen.headers["ETag"], **{"Idempotency-Key": "k1"})
    assert done.status_code == 200
    assert {p["code"]: p["pattern"] for p in done.json["items"]} == {
        p["code"]: p["pattern"] for p in seen.json["items"]
    } | {
        "ana.correia": "late",
        "bruno.matos": "",
    }
    assert done.headers["ETag"] == one.get(ROSTER).headers["ETag"]
    assert put(one, ROSTER, said, seen.headers["ETag"], **{"Idempotency-Key": "k1"}).data == done.data
    late = put(other, ROSTER, said, seen.headers["ETag"])
    assert (late.status_code, late.json["type"]) == (412, "urn:devsys:problem:overtaken")
    with parts.store.read() as db:
        acts = list(db.execute(text("SELECT what FROM audit WHERE act = 'change person' ORDER BY what")).scalars())
    assert acts == sorted(f"person {id_of(code)}" for code in ("ana.correia", "bruno.matos"))


def test_what_is_no_whole_roster_changes_nothing(program):
    one = program(Role.COORDINATOR)
    seen = one.get(ROSTER).json
    first, *rest = assigned(seen, ana="late")["items"]
    stranger = {"person_id": id_of("kofi.mensah"), "pattern": "early"}
    for items, where in (
        (rest, "items"),
        ([first, *rest, first], "person_id"),
        ([first, *rest, stranger], "person_id"),
        ([{**first, "pattern": "never"}, *rest], "items.0.pattern"),
    ):
        answer = put(one, ROSTER, {"items": items})
        assert answer.status_code == 422
        assert answer.json["faults"][0]["where"].endswith(where)
        assert one.get(ROSTER).json == seen


def test_teams_and_queues_are_those_one_reaches(program):
    lead, one = program(Role.LEAD), program(Role.COORDINATOR)
    assert [t["code"] for t in lead.get("/teams").json["items"]] == ["alfama"]
    assert [q["code"] for q in lead.get("/queues").json["items"]] == ["billing"]
    assert {t["code"] for t in one.get("/teams").json["items"]} == {"alfama", "belem", "patan"}
    assert [q["code"] for q in one.get(f"/queues?team_id={id_of('patan')}").json["items"]] == ["technical"]
    assert program(Role.EMPLOYEE).get("/teams").json["items"] == []
    for path, key in (("/teams", "teams"), ("/queues", "queues")):
        whole = one.get(path).json["items"]
        first = one.get(f"{path}?limit=2").json
        rest = one.get(f"{path}?limit=2&cursor={first['next']}").json
        assert (first["items"] + rest["items"], rest["next"]) == (whole, ""), key


def test_a_requirement_is_read_and_said_anew_by_period(program, parts):
    one = program(Role.COORDINATOR)
    seen = one.get(NEEDS + MONTH)
    assert list(seen.json["days"]) == ["2026-02-02"]
    assert one.get(NEEDS + WEEK).json["days"] == {}
    said = {"week": seen.json["week"], "days": {"2026-03-04": [4] * 48}}
    later = put(one, NEEDS + WEEK, said)
    assert (later.status_code, list(later.json["days"])) == (200, ["2026-03-04"])
    assert one.get(NEEDS + MONTH).json == seen.json  # what lies outside the period stays
    again = put(one, NEEDS + MONTH, {"week": seen.json["week"], "days": {}}, seen.headers["ETag"])
    assert (again.status_code, again.json["days"]) == (200, {})
    assert put(one, NEEDS + MONTH, said, seen.headers["ETag"]).status_code in (412, 422)
    with parts.store.read() as db:
        stands = next(r for r in people.requirements(db) if r.queue_id == id_of("delivery"))
    assert [day.isoformat() for day in stands.days] == ["2026-03-04"]


def test_a_typical_week_said_anew_is_refused_to_who_comes_second(program):
    one, other = program(Role.COORDINATOR), program(Role.COORDINATOR)
    seen = one.get(NEEDS + WEEK)
    said = {"week": dict.fromkeys(WEEKDAYS, [5] * 48), "days": {}}
    assert put(one, NEEDS + WEEK, said, seen="").status_code == 428
    assert put(one, NEEDS + WEEK, said, seen.headers["ETag"]).json["week"] == said["week"]
    late = put(other, NEEDS + WEEK, said, seen.headers["ETag"])
    assert (late.status_code, late.json["type"]) == (412, "urn:devsys:problem:overtaken")


def test_a_day_that_cannot_be_changes_nothing(program):
    one = program(Role.COORDINATOR)
    seen = one.get(NEEDS + WEEK).json
    for day, figures in (
        ("2026-03-09", [1] * 48),
        ("2026-03-02", [1] * 47),
        ("2026-03-02", [-1] * 48),
        ("2026-03-02", [10_001] * 48),
        ("monday", [1] * 48),
    ):
        assert put(one, NEEDS + WEEK, {"week": seen["week"], "days": {day: figures}}).status_code == 422, day
        assert one.get(NEEDS + WEEK).json == seen


def test_a_period_has_two_ends_and_a_most(program):
    one = program(Role.COORDINATOR)
    for start, end in (
        ("", ""),
        ("2026-03-02", ""),
        ("2026-03-02", "2026-03-02"),
        ("2026-01-01", "2026-12-31"),
        ("1999-12-31", "2000-01-05"),
        ("2099-12-31", "9999-12-31"),
    ):
        for path in (NEEDS, ROSTER.partition("?")[0]):
            assert one.get(f"{path}?start={start}&end={end}").status_code == 422
        assert one.get(NEEDS).status_code == 422


def test_each_needs_its_own_scope(program):
    reads = program(Role.COORDINATOR, ("people:read", "requirement:read"))
    assert (reads.get(ROSTER).status_code, reads.get(NEEDS + WEEK).status_code) == (200, 200)
    assert put(reads, ROSTER, {"items": []}).status_code == 403
    people_alone = program(Role.COORDINATOR, ("people:read", "people:write"))
    assert people_alone.get(NEEDS + WEEK).status_code == 403
