"""Mappings and rosters for the tests of readings."""

from devsys.core.improvement.mapping import SourceMapping, read_mapping
from devsys.core.improvement.readings import Roster, roster_of

CALLS = """\
source: support_calls
title: Calls of the support desk
rows: contact
key: Call Id
date: Date
team: {always: desk}
person: {column: Agent}
measures:
  - measure: csat
    numerator: {where: [{column: Satisfaction rating, in: [4, 5]}]}
    denominator: {where: [{column: Satisfaction rating, not empty: yes}]}
  - measure: resolved
    name: Resolved on the call
    good: up
    unit: "%"
    least: 30
    own: yes
    numerator: {where: [{column: Resolved, "=": Y}]}
    denominator: {where: [{column: Answered (Y/N), "=": Y}]}
  - measure: handle_time
    numerator: {sum: AvgTalkDuration, where: [{column: Answered (Y/N), "=": Y}]}
    denominator: {where: [{column: Answered (Y/N), "=": Y}]}
  - measure: volume
    numerator: {where: [{column: Call Id, not empty: yes}]}
    denominator: {each: week}
"""
AGENTS = ("Diane", "Becky", "Greg", "Dan", "Martha", "Jim", "Joe", "Stewart")

TOTALS = """\
source: weekly
rows: total
date: Week
form: 2026-W05
team: {column: Team}
measures:
  - measure: fcr
    numerator: {sum: Solved}
    denominator: {sum: Closed}
"""


def mapping(text: str = CALLS) -> SourceMapping:
    found, faults = read_mapping(text)
    assert found is not None, faults
    return found


def roster(agents: tuple[str, ...] = AGENTS) -> Roster:
    people = [(f"id-{name}", f"a{i}", f"{name.lower()}@example.org", name, "t-desk") for i, name in enumerate(agents)]
    people.append(("id-else", "z", "else@example.org", "Else", "t-back"))
    return roster_of(people, [("t-desk", "desk", "Support desk"), ("t-back", "back", "Back office")])
