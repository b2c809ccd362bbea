"""Public holidays by country and region."""

from datetime import date

import pytest

from devsys.base.errors import InvalidError
from devsys.core.intake.public_holidays import holidays_of, regions_of


def test_a_region_adds_its_own() -> None:
    berlin, germany = holidays_of("DE", "BE", [2026]), holidays_of("DE", "", [2026])
    assert berlin[date(2026, 3, 8)] == "Women's Day"
    assert date(2026, 3, 8) not in germany
    assert germany[date(2026, 10, 3)] == "German Unity Day"


def test_only_the_years_asked_for_in_order() -> None:
    found = list(holidays_of("GB", "SCT", (2027, 2026)))
    assert found == sorted(found)
    assert {day.year for day in found} == {2026, 2027}


def test_no_country_no_holidays() -> None:
    assert holidays_of("", "", [2026]) == {}


def test_unknown_countries_and_regions_are_refused() -> None:
    with pytest.raises(InvalidError, match="country 'XX'"):
        holidays_of("XX", "", [2026])
    with pytest.raises(InvalidError, match="no region 'Atlantis'"):
        holidays_of("FR", "Atlantis", [2026])
    with pytest.raises(InvalidError, match="There are: none"):
        holidays_of("SG", "X", [2026])
    assert regions_of("XX") is None
