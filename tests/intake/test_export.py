"""What stands as files: brought back they change nothing, brought elsewhere they make the same."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from devsys.base.errors import NotFoundError
from devsys.core.intake.export import export_rows
from devsys.core.intake.kinds import KINDS
from devsys.core.intake.resolve import EMPTY, after, key_of
from devsys.core.model.people import Absence, Organisation
from tests import builders
from tests.intake import files

EXPORTED = [code for code, kind in KINDS.items() if kind.exported]


def northgate() -> Organisation:
    ana = builders.id_of("ana.correia")
    away = Absence(ana, datetime(2026, 3, 2, 9, 15), datetime(2026, 3, 3))
    organisation = builders.an_organisation(absences=(away,))
    sites = tuple(replace(s, country="" if s.country == "NP" else s.country) for s in organisation.sites)
    return replace(organisation, sites=sites)


def judged_again(code: str, organisation: Organisation) -> tuple[int, int, int, int]:
    outcome = files.bring(code, export_rows(code, organisation), organisation)
    assert not outcome.writes
    return len(outcome.refused), len(outcome.new), len(outcome.changed), len(outcome.same)


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ("sites", 2),
        ("queues", 2),
        ("teams", 3),
        ("shifts", 2),
        ("people", 6),
        ("absences", 3),
        ("facilitators", 1),
        ("rooms", 1),
        ("held", 1),
        ("requirement", 8),
    ],
)
def test_an_export_brought_back_is_all_the_same(code: str, same: int) -> None:
    assert judged_again(code, files.brought()) == (0, 0, 0, same)


@pytest.mark.parametrize(
    ("code", "same"), [("shifts", 4), ("people", 23), ("absences", 1), ("facilitators", 4), ("requirement", 22)]
)
def test_an_export_of_another_organisation_is_all_the_same(code: str, same: int) -> None:
    assert judged_again(code, northgate()) == (0, 0, 0, same)


def by_code(organisation: Organisation) -> dict[str, str]:
    return {code: export_rows(code, organisation) for code in EXPORTED}


def test_exports_brought_to_an_empty_house_make_the_same_organisation() -> None:
    before = files.brought()
    now = EMPTY
    for code in EXPORTED:
        now = after(now, files.bring(code, export_rows(code, before), now))
    assert by_code(now) == by_code(before)
    assert {p.id for p in now.people}.isdisjoint(p.id for p in before.people)


def test_an_export_is_safe_in_a_sheet_and_comes_back() -> None:
    row = "4711,=HYPERLINK(1),x@example.com,,,,,,"
    organisation = after(EMPTY, files.bring("people", files.with_rows("people", row)))
    text = export_rows("people", organisation)
    assert text.splitlines()[1] == "4711,'=HYPERLINK(1),x@example.com,,,,,,"
    assert files.bring("people", text, organisation).counts["same"] == 1


def test_weeks_without_work_days_of_rest_and_closed_days_are_written() -> None:
    organisation = files.brought()
    assert "night,2,mon,,,,,2026-01-12\r\n" in export_rows("shifts", organisation)
    assert "BILL,2026-12-24,00:00,0\r\n" in export_rows("requirement", organisation)
    assert "1042,2026-08-03,2026-08-14,\r\n" in export_rows("absences", organisation)
    assert "1042,2026-09-21T13:00,2026-09-21T15:30,\r\n" in export_rows("absences", organisation)


def test_volumes_are_not_kept() -> None:
    with pytest.raises(NotFoundError, match="the requirement they became"):
        export_rows("volumes", files.brought())
    with pytest.raises(NotFoundError, match="no kind"):
        export_rows("payroll", files.brought())


def test_after_writes_over_what_has_the_same_key() -> None:
    organisation = files.brought()
    assert after(organisation, files.bring("rooms", files.FILES["rooms"], organisation)) is organisation
    held = organisation.held[0]
    later = replace(held, day=date(2025, 12, 1))
    outcome = files.bring("held", files.with_rows("held", "1042,professional_boundaries,2025-12-01"), organisation)
    assert outcome.upserts == (later,)
    assert key_of(held) == key_of(later) == (held.person_id, "professional_boundaries")
    assert after(organisation, outcome).held == (later,)
