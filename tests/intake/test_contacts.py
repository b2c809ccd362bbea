"""Contacts by cause as a file."""

from datetime import date
from typing import Any

import pytest

from devsys.core.intake.resolve import judge
from devsys.core.intake.teaching import Adopted
from devsys.core.model.causes import Contacts
from tests.intake import files

HEAD = "week,queue,cause,contacts\n"
TODAY = date(2026, 1, 5)


def brought(rows: str, **known: Any) -> Any:
    return judge("contacts", HEAD + rows, files.brought(), TODAY, Adopted(**known))


def test_new_changed_and_same_are_told_apart_by_week_queue_and_cause() -> None:
    organisation = files.brought()
    queue = next(q for q in organisation.queues if q.code == "BILL")
    counted = {(date(2025, 12, 29), queue.id, "tool"): 5, (date(2025, 12, 29), queue.id, "other"): 9}
    rows = "2025-12-29,BILL,tool,7\n2025-12-29,BILL,other,9\n2025-12-22,BILL,labels,3\n"
    found = judge("contacts", HEAD + rows, organisation, TODAY, Adopted(fixes=frozenset({"labels"}), contacts=counted))
    assert found.counts == {"new": 1, "changed": 1, "same": 1, "refused": 0, "warnings": 0}
    assert found.upserts == (
        Contacts(date(2025, 12, 29), queue.id, "tool", 7),
        Contacts(date(2025, 12, 22), queue.id, "labels", 3),
    )


@pytest.mark.parametrize(
    ("row", "column", "wanted"),
    [
        ("2025-12-30,BILL,tool,7", "week", "a Monday; that week begins on 2025-12-29"),
        ("2026-01-12,BILL,tool,7", "week", "a week that has begun; today is 2026-01-05"),
        ("2025-12-29,BILL,labels,7", "cause", "the key of a fix in the register"),
        ("2025-12-29,NONE,tool,7", "queue", "a code that stands among the queues"),
        ("2025-12-29,BILL,tool,-1", "contacts", "a whole number"),
    ],
)
def test_what_does_not_fit_is_refused_whole(row: str, column: str, wanted: str) -> None:
    found = brought(f"2025-12-22,BILL,tool,1\n{row}\n")
    assert [(r.row, r.column) for r in found.refused] == [(3, column)]
    assert found.refused[0].wanted.startswith(wanted)
    assert not found.writes


def test_a_week_queue_and_cause_stands_once() -> None:
    found = brought("2025-12-29,BILL,tool,7\n2025-12-29,BILL,tool,8\n")
    assert [(r.row, r.column) for r in found.refused] == [(3, "cause")]
