"""Hostile words in every field of the forms of rounds, lessons and fixes that stand: refused or taken as text."""

from datetime import datetime, timedelta

import pytest

from devsys.core.model.access import Role
from tests import builders
from tests.builders import id_of
from tests.web.scenes import adopt_shipped
from tests.web.test_hostile_forms import WORDS, unquoted

ROUND = builders.a_session("round-1", starts=datetime(2026, 1, 20, 14), facilitator="tiago.lopes")
CARD = ("situation", "did", "customer", "me", "blocked", "principles", "waived")
DECISION = ("cause", "owner", "due", "activity", "who", "fix", "queue", "check")
FIX = ("title", "what", "cause", "owner", "due", "queue", "team")
GOOD = {"cause": "policy", "owner": id_of("tiago.lopes"), "due": "2026-02-20", "to": "done", "done": "2026-01-10"}
HOSTILE = ("controls", "mark-up", "digits", "far date", "no date", "long", "astral", "not a letter", "path", "numbers")


@pytest.mark.parametrize("word", HOSTILE)
def test_no_field_of_a_round_a_lesson_or_a_fix_breaks(parts, organisation, sign_in, clock, word):
    assert organisation.people
    adopt_shipped(parts)
    builders.publish_now(parts, ROUND)
    clock.now = ROUND.starts_utc + timedelta(minutes=10)
    at, fix, lesson = f"/rounds/{ROUND.id}", f"/fixes/{builders.a_fix(parts)}", f"/lessons/{builders.a_lesson(parts)}"
    forms = (
        (f"{at}/turns", ("person", "does", "other"), Role.FACILITATOR),
        (f"{at}/library", ("code",), Role.FACILITATOR),
        (f"{at}/lessons", ("words", "waived"), Role.FACILITATOR),
        (f"{at}/close", ("presented",), Role.FACILITATOR),
        (f"{at}/card", (*CARD, "share"), Role.EMPLOYEE),
        ("/lessons", ("words", "guess"), Role.EMPLOYEE),
        (lesson, DECISION, Role.COORDINATOR),
        ("/fixes", FIX, Role.COORDINATOR),
        (fix, FIX, Role.COORDINATOR),
        (f"{fix}/state", ("to", "done", "found"), Role.COORDINATOR),
        (f"{fix}/requirement", ("hours",), Role.COORDINATOR),
    )
    visitors = {role: sign_in(role) for role in (Role.FACILITATOR, Role.EMPLOYEE, Role.COORDINATOR)}
    broken = []
    for address, fields, role in forms:
        good = {name: GOOD[name] for name in fields if name in GOOD}
        for data in ({**good, name: WORDS[word]} for name in fields):
            answer = visitors[role].post(address, data)
            if answer.status_code >= 500 or "<script>alert" in answer.text or "onerror=alert" in unquoted(answer.text):
                broken.append((address, data, answer.status_code))
    for address in (at, f"{at}/card", lesson, fix, "/lessons", "/fixes", "/rounds", "/rounds/board"):
        answer = visitors[Role.COORDINATOR].get(address)
        if answer.status_code >= 500 or "<script>alert" in answer.text:
            broken.append((address, {}, answer.status_code))
    assert broken == []
