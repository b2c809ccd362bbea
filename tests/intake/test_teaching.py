"""Facilitators and earlier learning."""

from datetime import date

import pytest

from devsys.core.intake.resolve import judge
from devsys.core.intake.teaching import Adopted
from devsys.core.model.people import Facilitator, Held
from tests.intake import files


def test_facilitators_carry_sites_and_qualifications() -> None:
    organisation = files.brought()
    jonas = next(p for p in organisation.people if p.code == "2007")
    sites = tuple(s.id for s in organisation.sites)
    assert organisation.facilitators == (Facilitator(jonas.id, sites, frozenset({"skill", "round"}), 12.5),)
    again = files.bring(
        "facilitators", "person,sites,qualifications,weekly_hours\n2007,BER|KTM,round|skill,12.5\n", organisation
    )
    assert again.counts["same"] == 1
    fewer = files.bring("facilitators", files.with_rows("facilitators", "2007,BER,coaching,12"), organisation)
    assert [c.detail for c in fewer.changed] == [
        "sites: BER|KTM → BER, qualifications: round|skill → coaching, weekly hours: 12.5 → 12"
    ]


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (["99,BER,skill,12"], (2, "person", "99", "a code that stands among the people")),
        (["2007,BER|PAR,skill,12"], (2, "sites", "PAR", "a code that stands among the sites")),
        (["1042,BER,skill,12"], (2, "person", "1042", "a person without a queue; Ana Ruiz counts for BILL")),
        (
            ["2007,BER,skill,12", "2007,KTM,skill,12"],
            (3, "person", "2007", "each person once; row 2 has it already"),
        ),
    ],
)
def test_facilitators_who_do_not_fit_are_refused(rows: list[str], refused: tuple[int, str, str, str]) -> None:
    assert files.refusals("facilitators", files.brought(), *rows) == [refused]


def test_what_no_programme_asks_for_and_who_is_never_at_work_is_a_warning() -> None:
    organisation = files.brought()
    rows = files.with_rows("facilitators", "2008,BER,skill|juggling,8")
    adopted = Adopted(frozenset({"listen_fully"}), frozenset({"skill"}))
    outcome = judge("facilitators", rows, organisation, files.TODAY, adopted)
    assert [(w.column, w.value, w.what) for w in outcome.warnings] == [
        ("person", "2008", "Mira Sandoval is never at work without a shift pattern and can lead nothing"),
        ("qualifications", "juggling", "no adopted programme asks for this qualification"),
    ]
    assert outcome.writes
    held = judge("held", files.with_rows("held", "1042,juggling,2025-01-01"), organisation, files.TODAY, adopted)
    assert [w.what for w in held.warnings] == ["no adopted programme has this activity"]


def test_earlier_learning_is_dated_and_named() -> None:
    organisation = files.brought()
    ana = next(p for p in organisation.people if p.code == "1042")
    assert organisation.held == (Held(ana.id, "professional_boundaries", date(2025, 11, 18)),)
    changed = files.bring("held", files.with_rows("held", "1042,professional_boundaries,2025-12-01"), organisation)
    assert [c.detail for c in changed.changed] == ["day: 2025-11-18 → 2025-12-01"]


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (["99,listen_fully,2025-01-01"], (2, "person", "99", "a code that stands among the people")),
        (["1042,listen_fully,2026-01-06"], (2, "date", "2026-01-06", "a day up to today, 2026-01-05")),
        (
            ["1042,listen_fully,2025-01-01", "1042,listen_fully,2025-02-01"],
            (3, "activity", "listen_fully", "each activity of a person once; row 2 has it already"),
        ),
    ],
)
def test_earlier_learning_that_cannot_be_is_refused(rows: list[str], refused: tuple[int, str, str, str]) -> None:
    assert files.refusals("held", files.brought(), *rows) == [refused]
