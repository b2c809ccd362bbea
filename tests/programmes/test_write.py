from dataclasses import replace

import pytest
import yaml

from devsys.core.model.programme import Cadence, Intensity, Kind, Principle, Programme, Rhythm
from devsys.core.programmes.read import read_programme
from devsys.core.programmes.write import write_programme
from tests.programmes.made import COACHING, GATE, HEAVY, ROUND, activity, programme, ring

FULL = programme(
    GATE,
    activity(
        "export_terms",
        Kind.CROSS_CULTURAL,
        title="Export: terms & forms",
        aim="A sentence that is long enough to be folded over more than a single line of the written file, twice over.",
        intensity=Intensity.HEAVY,
        recovery_minutes=60,
        prerequisites=("boundaries", "skill:listen"),
        principles=tuple(Principle),
        teams=("Billing, Alfama", "12", "no"),
        room=False,
        one_team=True,
        outline=((20, "Arrive."), (40, "Practise - then:\n\n  speak.\nClose # quietly")),
        prepare="Bring one case.\nNo names.",
        cadence=Cadence(Rhythm.EVERY, 13, 21, "quarter", 4, 1, 3),
    ),
    COACHING,
    includes=("digital",),
)

WRITTEN = """\
programme: support
title: Support
aim: People learn.
includes: [digital]
activities:
  - code: boundaries
    title: Boundaries
    kind: boundaries
    aim: Everybody keeps a friendly distance.
    minutes: 120
    group: {least: 1, most: 12}
    cadence:
      rhythm: once
      weeks: 3
      grace_days: 21
    qualification: boundaries
    room: yes

  - code: export_terms
    title: "Export: terms & forms"
    kind: cross_cultural
    aim: >-
      A sentence that is long enough to be folded over more than a single line of the written file, twice
      over.
    minutes: 60
    group: {least: 4, most: 12}
    cadence:
      rhythm: every
      weeks: 13
      grace_days: 21
      rotation: quarter
      offset_weeks: 4
      settle_weeks: 3
    prerequisites: [boundaries, "skill:listen"]
    principles: [listen, question, explain, own, follow_up]
    intensity: heavy
    recovery_minutes: 60
    qualification: cross_cultural
    room: no
    one_team: yes
    teams: ["Billing, Alfama", "12", "no"]
    prepare: |-
      Bring one case.
      No names.
    outline:
      - minutes: 20
        what: Arrive.
      - minutes: 40
        what: |-
          Practise - then:

            speak.
          Close # quietly

  - code: coaching_calls
    title: Coaching calls
    kind: coaching
    aim: People do it better.
    minutes: 30
    group: {least: 1, most: 1}
    cadence:
      rhythm: request
      weeks: 1
      grace_days: 7
      steps: 4
    prerequisites: [boundaries]
    qualification: coaching
    room: no
"""


def test_a_programme_is_written_in_one_order_and_one_way() -> None:
    assert write_programme(FULL) == WRITTEN


@pytest.mark.parametrize(
    "given",
    [
        FULL,
        programme(ROUND, HEAVY, *ring("listen", "ask", settle_weeks=2)),
        Programme("all", "All", "Everything.", (), ("support", "digital")),
        programme(GATE, replace(COACHING, cadence=Cadence(Rhythm.REQUEST, 2, 14))),
        programme(replace(GATE, cadence=Cadence(Rhythm.ONCE, 3))),
        programme(replace(GATE, prepare="")),
        programme(replace(GATE, teams=tuple(f"Team number {n}" for n in range(20)))),
    ],
)
def test_what_is_written_reads_back_the_same_and_writes_the_same(given: Programme) -> None:
    written = write_programme(given)
    back, faults = read_programme(written, "x.yaml")
    assert faults == ()
    assert back == given
    assert write_programme(given) == written


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "No",
        "null",
        "~",
        "12",
        "1e3",
        "2026-01-05",
        "a: b",
        "a #b",
        "- a",
        "[a]",
        "{a}",
        "'quoted'",
        '"quoted"',
        "back\\slash",
        "@at",
        "%percent",
        "=1+1",
        "? question",
        "Don\u2019t \u2013 really",
        "Ça va, Søren?",
        "日本語",
        "👋 hello",
        "a\u00a0b",
        "e\u0301",
        "ends with colon:",
        "two  spaces " + "and  more words " * 12 + "end",
        "word" * 40,
        "x " * 90 + "y",
        "line one\nline two",
        "line one\n\n  indented\n\n\nlast",
        "tab\there\nand\tthere",
        "ends - \nwith space",
        "--- \n...",
        "# not a remark\n# neither",
    ],
)
def test_every_text_survives(text: str) -> None:
    given = programme(replace(GATE, prepare=text))
    cleaned, faults = read_programme(write_programme(given), "x.yaml")
    assert faults == ()
    assert cleaned is not None
    # Reading cleans (NFC, trimmed); from then on nothing changes.
    written = write_programme(cleaned)
    assert read_programme(written, "x.yaml") == (cleaned, ())
    if text != "e\u0301":
        assert cleaned == given


def test_what_other_programs_take_for_the_end_of_a_line_is_one() -> None:
    found, faults = read_programme(write_programme(programme(replace(GATE, prepare="a\u2028b"))), "x.yaml")
    assert faults == ()
    assert found is not None
    assert found.activities[0].prepare == "a\nb"


def test_other_readers_of_yaml_find_the_same_texts() -> None:
    found = yaml.safe_load(WRITTEN)
    terms = found["activities"][1]
    assert terms["teams"] == ["Billing, Alfama", "12", "no"]
    assert terms["aim"] == FULL.activities[1].aim
    assert terms["outline"][1] == {"minutes": 40, "what": FULL.activities[1].outline[1][1]}
    assert terms["room"] is False
    assert terms["group"] == {"least": 4, "most": 12}
