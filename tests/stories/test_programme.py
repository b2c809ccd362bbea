"""A coordinator adopts the programme, sees what it costs, changes an activity, exports it; staff read it."""

import re
from dataclasses import replace
from html import unescape

import pytest

from devsys.actions import adopt_programme
from devsys.adapters.store.queries import house, people, programme
from devsys.base.errors import ConflictError, InvalidError, NotFoundError
from devsys.core.model.access import Role
from tests.builders import id_of

CODES = {
    "case_rounds",
    "coaching",
    "cross_cultural",
    "digital",
    "emotional_support",
    "professional_boundaries",
    "service_principles",
    "skill_sessions",
    "support_development",
}
OWN = """\
programme: quiet_hours
title: Quiet hours
aim: Everybody has time to read.
activities:
  - code: reading_hour
    title: Reading hour
    kind: skill
    aim: People know what changed in the products.
    minutes: 60
    group: {least: 2, most: 12}
    cadence: {rhythm: every, weeks: 13, grace_days: 14}
    prerequisites: [professional_boundaries]
    principles: [question]
    qualification: skill
    room: no
"""


@pytest.fixture
def coordinator(sign_in):
    return sign_in(Role.COORDINATOR)


@pytest.fixture
def adopted(coordinator):
    """The whole system of the mission, adopted on screen."""
    answer = coordinator.post("/programme/adopt", {"code": ["support_development"]})
    assert answer.status_code == 303
    return coordinator


def kept(store):
    with store.read() as db:
        return {r.programme.code: r for r in programme.records(db)}


def fields_of(page):
    """Give what a browser would post from the page's form."""
    form = page.text.split('hx-target="#figures"', 1)[1].split("</form>", 1)[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if 'type="checkbox"' in tag and " checked" not in tag:
            continue
        if name and name[1] != "csrf_token":
            found.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found[name] = [unescape(value)]
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found[name] = [re.search(r'value="([^"]*)" selected', options)[1]]
    return found


def test_an_empty_installation_offers_what_lies_ready(coordinator, store):
    page = coordinator.get("/programme")
    assert "Nothing is adopted yet" in page.text
    assert set(re.findall(r'name="code" value="(\w+)" checked', page.text)) == CODES
    assert kept(store) == {}


def test_adopting_brings_all_that_belongs_to_it(adopted, store):
    found = kept(store)
    assert set(found) == CODES
    assert {r.by for r in found.values()} == {"Olivia Brandt"}
    page = adopted.get("/programme")
    assert "Everything that lies ready is adopted" in page.text
    with store.read() as db:
        assert house.fact(db, house.PROGRAMME_EPOCH) == "2026-01-05"
        activities = programme.activities(db)
    for activity in activities.values():
        assert activity.title.replace("'", "&#39;") in page.text


def test_adopting_again_changes_nothing(adopted, store):
    before = kept(store)
    with store.read() as db:
        revision = house.revision(db)
    adopted.post("/programme/adopt", {"code": sorted(CODES)})
    assert "said the same already" in adopted.get("/programme").text
    assert kept(store) == before
    with store.read() as db:
        assert house.revision(db) == revision


def test_the_first_adoption_sets_the_day_cadences_count_from_the_next_does_not(parts, store):
    with store.write() as db:
        house.drop_fact(db, house.PROGRAMME_EPOCH)
    adopt_programme.adopt_shipped(parts, ["professional_boundaries"])
    parts.clock.move(days=30)
    adopt_programme.adopt_shipped(parts, ["support_development"])
    with store.read() as db:
        assert house.fact(db, house.PROGRAMME_EPOCH) == "2026-01-05"


def test_figures_say_minutes_a_person_and_hours_off_the_queue(adopted):
    page = adopted.get("/programme").text
    pairs = re.findall(r'<span class="v">([^<]+)</span><span class="k">([^<]+)<', page)
    shown = {words: count for count, words in pairs}
    minutes = int(shown["minutes a person and year"].replace(",", ""))
    hours = int(shown["hours off the queue a week, 16 people"])
    assert minutes > 1500
    assert hours == round(minutes * 16 / 60 / 52)


@pytest.mark.parametrize("code", sorted(CODES))
def test_exported_and_adopted_again_it_is_the_same(adopted, store, code):
    before = kept(store)
    text = adopted.get(f"/programme/{code}.yaml").text
    assert text == before[code].text
    adopted.post("/programme/upload", {"pasted": text})
    assert kept(store) == before


def test_an_own_programme_is_adopted_and_given_up(adopted, store):
    assert adopted.post("/programme/upload", {"pasted": OWN}).status_code == 303
    assert kept(store)["quiet_hours"].programme.activities[0].title == "Reading hour"
    assert "Reading hour" in adopted.get("/programme").text
    adopted.post("/programme/quiet_hours/drop")
    assert set(kept(store)) == CODES


def test_what_others_need_is_not_given_up(adopted, store):
    adopted.post("/programme/professional_boundaries/drop")
    assert set(kept(store)) == CODES
    assert "Other programmes need Professional boundaries" in adopted.get("/programme").text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace("minutes: 60", "minutes: 45"), "pasted text:9"),
        (OWN.replace("kind: skill", "kind: training"), "pasted text:7"),
        (OWN.replace("professional_boundaries", "no_such_thing"), "no_such_thing"),
        (OWN.replace("professional_boundaries", "reading_hour"), "reading_hour"),
        (OWN.replace("    prerequisites: [professional_boundaries]\n", ""), "boundaries"),
        (OWN.replace("reading_hour", "case_round"), "case_round"),
        (OWN + "owner: me\n", "owner"),
        ("programme: [\n", "pasted text"),
        ("a: &a [*a]\n", "pasted text"),
        ("[" * 5000, "pasted text"),
        ("", "Choose a file or paste"),
    ],
)
def test_a_faulty_programme_is_refused_with_its_place(adopted, store, text, said):
    before = kept(store)
    page = adopted.post("/programme/upload", {"pasted": text})
    assert page.status_code == 422
    assert said in page.text
    assert kept(store) == before


def test_a_change_counts_at_once_in_the_figures_and_is_kept(adopted, store):
    page = adopted.get("/programme/case_rounds/case_round/change")
    typed = fields_of(page)
    typed["weeks"] = ["4"]
    answer = adopted.post("/programme/case_rounds/case_round/change", typed)
    assert answer.status_code == 303
    found = kept(store)["case_rounds"]
    assert found.programme.activities[0].cadence.weeks == 4
    assert found.revision == 2
    assert "every four weeks" in adopted.get("/programme").text


def test_keeping_a_form_untouched_changes_nothing(adopted, store):
    before = kept(store)
    for code, record in before.items():
        for activity in record.programme.activities:
            address = f"/programme/{code}/{activity.code}/change"
            answer = adopted.post(address, fields_of(adopted.get(address)))
            assert answer.status_code == 303, (activity.code, answer.text)
    assert kept(store) == before


def test_figures_are_worked_out_while_typing_and_nothing_is_kept(adopted, store):
    before = kept(store)
    page = adopted.get("/programme/case_rounds/case_round/change")
    typed = fields_of(page) | {"weeks": ["4"]}
    part = adopted.post("/programme/case_rounds/case_round/figures", typed)
    assert part.status_code == 200
    assert "<html" not in part.text
    cells = re.findall(r'data-h="(?:Now|Then)">([^<]+)<', part.text)
    assert cells[0] != cells[1]
    without_script = adopted.post("/programme/case_rounds/case_round/change", typed | {"figures": ["1"]})
    assert without_script.status_code == 200
    assert re.findall(r'data-h="(?:Now|Then)">([^<]+)<', without_script.text) == cells
    assert 'value="4"' in without_script.text
    assert kept(store) == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"minutes": "45"}, "Whole half hours"),
        ({"minutes": "٣٠"}, "whole number"),
        ({"minutes": ""}, "Fill this in"),
        ({"weeks": "0"}, "from 1 to 104"),
        ({"least": "12", "most": "3"}, "At most 3"),
        ({"most": "9999"}, "from 1 to 500"),
        ({"title": ""}, "Fill this in"),
        ({"title": "x" * 201}, "too long"),
        ({"outline": "no minutes here"}, "Each line"),
        ({"outline": "5 a\n" * 60}, "At most 40"),
        ({"intensity": "unbearable"}, "Choose one"),
        ({"qualification": "a b c"}, "qualification"),
        ({"rotation": "skill_sessions"}, "rotation"),
        ({"teams": "alfama, lisbon"}, "No team has the code lisbon"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_stays(adopted, store, wrong, said):
    before = kept(store)
    typed = fields_of(adopted.get("/programme/case_rounds/case_round/change")) | {k: [v] for k, v in wrong.items()}
    page = adopted.post("/programme/case_rounds/case_round/change", typed)
    if page.status_code == 303:
        pytest.fail(f"{wrong} was taken")
    assert page.status_code == 422
    assert said in page.text
    assert kept(store) == before


def test_the_boundaries_gate_cannot_be_edited_away(adopted, store):
    with store.read() as db:
        heavy = next(a for a in programme.activities(db).values() if a.kind == "emotional_support" and a.prerequisites)
    code = next(c for c, r in kept(store).items() if heavy in r.programme.activities)
    address = f"/programme/{code}/{heavy.code}/change"
    typed = fields_of(adopted.get(address)) | {"prerequisites": []}
    page = adopted.post(address, typed)
    assert page.status_code == 422
    assert "boundaries" in page.text
    with store.read() as db:
        assert programme.activities(db)[heavy.code] == heavy


def test_two_who_change_the_same_programme_the_second_is_told(adopted, sign_in, store):
    address = "/programme/case_rounds/case_round/change"
    typed = fields_of(adopted.get(address))
    other = sign_in(Role.COORDINATOR)
    assert other.post(address, typed | {"weeks": ["3"]}).status_code == 303
    page = adopted.post(address, typed | {"weeks": ["5"]})
    assert page.status_code == 409
    assert "Olivia Brandt changed Case rounds on 5 January 2026 at 09:00 UTC" in page.text
    assert kept(store)["case_rounds"].programme.activities[0].cadence.weeks == 3


def test_warnings_say_what_cannot_work(adopted, store, clock):
    assert 'class="banner' not in adopted.get("/programme").text.split("<main")[1]
    with store.write() as db:
        now = people.organisation(db)
        bare = tuple(replace(f, qualifications=frozenset({"boundaries"})) for f in now.facilitators)
        needed = tuple(replace(r, profile=((6,) * 48,) * 7) for r in now.requirements)
        small = tuple(replace(room, seats=1) for room in now.rooms)
        people.write_organisation(
            db, people.only(facilitators=bare, requirements=needed, rooms=small), today=clock.now.date()
        )
        rounds = programme.records(db)[0].programme
        assert rounds.code == "case_rounds"
        of_team = replace(rounds, activities=(replace(rounds.activities[0], teams=("porto",)),))
        programme.keep(db, of_team, by_id=None, now=clock.now)
    page = adopted.get("/programme").text
    for words in (
        "Nobody has the qualification coaching",
        "is for the team porto, which does not stand",
        "hours a week are asked of 16 people",
        "the largest has 1 seat.",
    ):
        assert words in page


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.FACILITATOR, Role.COACH])
def test_staff_read_what_they_learn_without_its_price(adopted, sign_in, role):
    page = sign_in(role).get("/programme")
    assert page.status_code == 200
    assert "Case round" in page.text
    for word in ("hours off the queue", "Export", "Give it up"):
        assert word not in page.text
    one = sign_in(role).get("/programme/case_rounds/case_round")
    assert "every two weeks" in one.text
    assert "Change it" not in one.text
    assert adopted.get("/programme/case_rounds/case_round").text.count("Change it") == 1


def test_a_lead_sees_the_price_and_cannot_change_it(adopted, sign_in):
    assert adopted
    page = sign_in(Role.LEAD).get("/programme")
    assert "hours off the queue" in page.text
    assert "Export" not in page.text
    assert sign_in(Role.LEAD).get("/programme/case_rounds/case_round/change").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/programme/none.yaml",
        "/programme/none/none",
        "/programme/case_rounds/none",
        "/programme/case_rounds/none/change",
        "/programme/none/none/change",
    ],
)
def test_unknown_programmes_and_activities_are_not_there(adopted, path):
    assert adopted.get(path).status_code == 404


def test_nothing_chosen_is_said(coordinator):
    page = coordinator.post("/programme/adopt")
    assert page.status_code == 422
    assert "Choose at least one" in page.text
    assert coordinator.post("/programme/adopt", {"code": ["no_such"]}).status_code == 422


def test_an_own_folder_stands_above_the_shipped_one(parts, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "quiet_hours.yaml").write_text(OWN)
    (tmp_path / "own" / "case_rounds.yaml").write_text("programme: broken")
    own = replace(parts, settings=parts.settings.model_copy(update={"schedules": tmp_path / "own"}))
    ready, faults = adopt_programme.ready(own)
    assert {p.code for p in ready} == CODES - {"case_rounds"} | {"quiet_hours"}
    assert faults[0].where.startswith("case_rounds.yaml:")
    with pytest.raises(InvalidError, match="cannot be read"):
        adopt_programme.adopt_shipped(own, ["quiet_hours"])


def test_actions_name_what_is_not_there(parts, organisation):
    assert organisation.people
    adopt_programme.adopt_shipped(parts, ["support_development"], id_of("olivia.brandt"))
    with parts.store.read() as db:
        activity = programme.activities(db)["case_round"]
    for act in (
        lambda: adopt_programme.adopt_shipped(parts, ["none"]),
        lambda: adopt_programme.export(parts, "none"),
        lambda: adopt_programme.drop(parts, "none", None),
        lambda: adopt_programme.change_activity(parts, "none", activity, seen=1, by=None),
        lambda: adopt_programme.change_activity(parts, "case_rounds", replace(activity, code="x"), seen=1, by=None),
    ):
        with pytest.raises(NotFoundError):
            act()
    with pytest.raises(ConflictError, match="Olivia Brandt changed Case rounds"):
        adopt_programme.change_activity(parts, "case_rounds", activity, seen=7, by=None)
