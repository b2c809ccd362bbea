import pytest

from devsys.base.errors import Fault
from devsys.core.model.programme import Activity, Cadence, Intensity, Kind, Principle, Programme, Rhythm
from devsys.core.programmes.read import read_programme, read_with_lines

NAME = "case_rounds.yaml"
FIRST_ACTIVITY = 6  # its line in GOOD
GOOD = """\
# Rounds of one team.
programme: case_rounds
title: Case rounds
aim: Teams learn from their own situations.
activities:
  - code: case_round
    title: Case round
    kind: round
    aim: The team sees its situations more clearly.
    minutes: 60
    group:
      least: 3
      most: 10
    cadence:
      rhythm: every
      weeks: 2
      grace_days: 3
    prerequisites: []
    principles: [listen, own]
    qualification: round
    room: no
    one_team: yes
    teams: [Billing Alfama, "12"]
    prepare: |
      Think of a situation.

      No names.
    outline:
      - minutes: 45
        what: Two situations.
      - minutes: 15
        what: Outcomes.
"""


def faults(old: str, new: str) -> list[str]:
    """Give the faults of GOOD with one place changed, as lines."""
    assert GOOD.count(old) == 1
    programme, found = read_programme(GOOD.replace(old, new), NAME)
    assert programme is None
    return [str(f) for f in found]


def test_a_good_file_is_read_whole() -> None:
    programme, found = read_programme(GOOD, NAME)
    assert found == ()
    assert programme == Programme(
        code="case_rounds",
        title="Case rounds",
        aim="Teams learn from their own situations.",
        activities=(
            Activity(
                code="case_round",
                title="Case round",
                kind=Kind.ROUND,
                minutes=60,
                group=(3, 10),
                cadence=Cadence(Rhythm.EVERY, weeks=2, grace_days=3),
                aim="The team sees its situations more clearly.",
                qualification="round",
                room=False,
                one_team=True,
                principles=(Principle.LISTEN, Principle.OWN),
                teams=("Billing Alfama", "12"),
                outline=((45, "Two situations."), (15, "Outcomes.")),
                prepare="Think of a situation.\n\nNo names.",
            ),
        ),
    )


def test_defaults_are_a_room_any_team_and_medium() -> None:
    text = GOOD.replace("    room: no\n    one_team: yes\n", "")
    programme, _ = read_programme(text, NAME)
    assert programme is not None
    activity = programme.activities[0]
    assert (activity.room, activity.one_team, activity.intensity) == (True, False, Intensity.MEDIUM)


def test_a_word_means_what_its_field_says() -> None:
    # YAML 1.1 would take these for False, a number and a date.
    for word in ("no", "1984", "2026-01-05", "~"):
        programme, _ = read_programme(GOOD.replace("title: Case rounds", f"title: {word}"), NAME)
        assert programme is not None
        assert programme.title == word


def test_texts_are_cleaned_at_entry() -> None:
    programme, _ = read_programme(GOOD.replace("title: Case rounds", 'title: " Cafe\\u0301\\u202e \\x07rounds "'), NAME)
    assert programme is not None
    assert programme.title == "Café rounds"


def test_lines_are_known_of_programme_activities_and_fields() -> None:
    _, places, _ = read_with_lines(GOOD, NAME)
    assert places["case_rounds"] == f"{NAME}:2"
    assert places["case_rounds:title"] == f"{NAME}:3"
    assert places["case_rounds/case_round"] == f"{NAME}:6"
    assert places["case_rounds/case_round:prerequisites"] == f"{NAME}:18"


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("minutes: 60", "minutes: 50", 10, "minutes: a multiple of 30 from 30 to 240; “50” was given"),
        ("minutes: 60", "minutes: 270", 10, "minutes: a multiple of 30 from 30 to 240; “270” was given"),
        ("minutes: 60", "minutes: 0", 10, "minutes: a multiple of 30 from 30 to 240; “0” was given"),
        ("minutes: 60", 'minutes: "60"', 10, "minutes: a multiple of 30 from 30 to 240; “60” was given"),
        ("minutes: 60", "minutes: 060", 10, "minutes: a multiple of 30 from 30 to 240; “060” was given"),
        ("minutes: 60", "minutes: [60]", 10, "minutes: a multiple of 30 from 30 to 240"),
        ("    minutes: 60\n", "", 6, "minutes: is missing; a multiple of 30 from 30 to 240"),
        ("      least: 3", "      least: 11", 12, "group: least: at most 10, the most people; 11 was given"),
        ("      most: 10\n", "", 12, "group: most: is missing; a whole number from 1 to 500"),
        ("    group:\n      least: 3\n      most: 10\n", "    group: 3 to 10\n", 11, "group: wants least, most"),
        (
            "kind: round",
            "kind: meeting",
            8,
            "kind: one of boundaries, skill, round, digital, cross_cultural, emotional_support, coaching; “meeting” was given",  # noqa: E501
        ),
        (
            "[listen, own]",
            "[listen, smile]",
            19,
            "principles: each is one of listen, question, explain, own, follow_up; “smile” was given",
        ),
        ("[listen, own]", "[listen, listen]", 19, "principles: “listen” a second time"),
        ('"12"', '""', 23, "teams: each is the code of a team; “” was given"),
        ('"12"', "x" * 61, 23, f"teams: each is the code of a team; “{'x' * 40}…” was given"),
        (
            "      - minutes: 15\n        what: Outcomes.\n",
            "      - Outcomes.\n",
            31,
            "outline: each line wants minutes, what",
        ),
        ("[listen, own]", "listen", 19, "principles: a list of at most 200"),
        ("rhythm: every", "rhythm: monthly", 15, "cadence: rhythm: one of every, once, request; “monthly” was given"),
        ("grace_days: 3", "grace_days: 15", 17, "cadence: grace_days: at most 14, the days of a period; 15 was given"),
        ("grace_days: 3", "steps: 4", 17, "cadence: steps: has no meaning with rhythm: every; take it out"),
        (
            "rhythm: every\n      weeks: 2\n      grace_days: 3",
            "rhythm: once\n      weeks: 2\n      rotation: rounds",
            17,
            "cadence: rotation: has no meaning with rhythm: once; take it out",
        ),
        (
            "rhythm: every\n      weeks: 2\n      grace_days: 3",
            "rhythm: once\n      weeks: 2\n      settle_weeks: 2",
            17,
            "cadence: settle_weeks: less than weeks (2), or nothing is left of the window",
        ),
        (
            "rhythm: every\n      weeks: 2\n      grace_days: 3",
            "rhythm: request\n      weeks: 1\n      grace_days: 0",
            17,
            "cadence: grace_days: a whole number from 1 to 182; “0” was given",
        ),
        ("room: no", "room: maybe", 21, "room: yes or no; “maybe” was given"),
        (
            "    room: no",
            "    intensity: heavy",
            6,
            "recovery_minutes: a heavy session is followed by 30 minutes of recovery or more",
        ),
        (
            "    room: no",
            "    recovery_minutes: 30",
            21,
            "recovery_minutes: only a heavy session has recovery; set intensity: heavy, or take it out",
        ),
        ("prerequisites: []", "prerequisites: [case_round]", 18, "prerequisites: an activity cannot need itself"),
        (
            "prerequisites: []",
            "prerequisites: [Boundaries first]",
            18,
            "prerequisites: each is the code of an activity; “Boundaries first” was given",
        ),
        (
            "    qualification: round\n",
            "    qualificaton: round\n    qualification: round\n",
            20,
            "the key “qualificaton” is unknown; did you mean “qualification”?",
        ),
        ("minutes: 45", "minutes: 40", 28, "outline: its minutes add up to 55; the session lasts 60"),
        ("        what: Outcomes.\n", "", 31, "outline: what: is missing; a text of at most 10,000 characters"),
        ("title: Case rounds", "title: " + "long " * 50, 3, "title: a text of at most 200 characters"),
        ("title: Case rounds", 'title: ""', 3, "title: is empty; a text of at most 200 characters"),
        (
            "programme: case_rounds",
            "programme: Case rounds",
            2,
            "programme: a code of small letters, figures and “_”, such as hear_fully; “Case rounds” was given",
        ),
        (
            "programme: case_rounds\n",
            "programme: case_rounds\nincludes: [case_rounds]\n",
            3,
            "includes: a programme cannot include itself",
        ),
        (
            "title: Case rounds\n",
            "title: Case rounds\ntitle: Rounds\n",
            4,
            "the key “title” a second time; first in line 3",
        ),
        (
            "aim: Teams learn from their own situations.",
            "aim: Teams: learn",
            4,
            "not YAML: mapping values are not allowed in this context",
        ),
    ],
)
def test_a_fault_names_file_line_and_what_is_wanted(old: str, new: str, line: int, what: str) -> None:
    inside = "" if line < FIRST_ACTIVITY else "activity case_round: "
    assert faults(old, new) == [f"{NAME}:{line}: {inside}{what}"]


def test_an_activity_is_a_mapping() -> None:
    found = faults("  - code: case_round", "  - just words\n  - code: case_round")
    assert len(found) == 1
    assert found[0].startswith(f"{NAME}:6: an activity is a mapping with code, title, kind")


def test_a_second_activity_of_a_code_names_the_first() -> None:
    second = GOOD[GOOD.index("  - code:") :]
    programme, found = read_programme(GOOD + second, NAME)
    assert programme is None
    assert found == (Fault(f"{NAME}:33", f"activity case_round: a second one of this code; the first is at {NAME}:6"),)


def test_a_programme_is_a_mapping_with_something_in_it() -> None:
    for text, wanted in (
        ("", f"{NAME}:1: nothing in it; a programme starts with “programme: its_code”"),
        ("# only a remark\n", f"{NAME}:1: nothing in it; a programme starts with “programme: its_code”"),
        ("- a\n- b\n", f"{NAME}:1: a programme is a mapping with programme, title, aim, includes, activities"),
        ("words", f"{NAME}:1: a programme is a mapping with programme, title, aim, includes, activities"),
    ):
        programme, found = read_programme(text, NAME)
        assert programme is None
        assert [str(f) for f in found] == [wanted]


def test_a_programme_without_activities_includes_others() -> None:
    head = "programme: all\ntitle: All\naim: Everything.\n"
    programme, found = read_programme(head + "includes: [case_rounds, digital]\n", NAME)
    assert found == ()
    assert programme == Programme("all", "All", "Everything.", (), ("case_rounds", "digital"))
    _, found = read_programme(head, NAME)
    assert [str(f) for f in found] == [
        f"{NAME}:1: activities: is missing; a programme has activities, or includes other programmes"
    ]


def test_faults_come_by_line_and_stop_after_fifty() -> None:
    text = "programme: a\ntitle: b\naim: c\nactivities:\n" + "  - words\n" * 60
    _, found = read_programme(text, NAME)
    assert [f.where for f in found[:50]] == [f"{NAME}:{line}" for line in range(5, 55)]
    assert found[50:] == (Fault(NAME, "more than 50 faults; mend these first"),)
