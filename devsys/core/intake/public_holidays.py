"""Public holidays of a country or one of its regions."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import phrase

_LANGUAGE = "en_US"


def regions_of(country: str) -> tuple[str, ...] | None:
    """Give the region codes of a country with holidays of their own; None when the country is not known."""
    found = _countries().get(country)
    return None if found is None else tuple(found)


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, list[str]]:
    import holidays  # noqa: PLC0415 -- slow import

    return holidays.list_supported_countries(include_aliases=False)


def holidays_of(country: str, region: str, years: Iterable[int]) -> Mapping[date, str]:
    """Give the public holidays of a country, and of a region where one is named, by date, with English names.

    Without a country there are none. Days given in lieu of one on a weekend are among them. Raises InvalidError
    for a country or region that is not known.
    """
    if not country:
        return {}
    regions = regions_of(country)
    if regions is None:
        raise InvalidError(
            phrase(
                "There are no public holidays known for the country %(country)s. Give a two-letter code such as DE.",
                country=repr(country[:20]),
            ),
            (Fault("country", phrase("a two-letter country code")),),
        )
    if region and region not in regions:
        known = ", ".join(regions) or "none"
        raise InvalidError(
            phrase(
                "%(country)s has no region %(region)s with holidays of its own. There are: %(known)s.",
                country=country,
                region=repr(region[:20]),
                known=known,
            ),
            (Fault("region", known),),
        )
    return _kept(country, region, tuple(sorted(set(years))))


@lru_cache(maxsize=256)
def _kept(country: str, region: str, years: tuple[int, ...]) -> Mapping[date, str]:
    import holidays  # noqa: PLC0415 -- slow import

    kind: Any = holidays.country_holidays(country, subdiv=region or None, years=[])
    language = _LANGUAGE if _LANGUAGE in kind.supported_languages else None
    found = holidays.country_holidays(country, subdiv=region or None, years=years, expand=False, language=language)
    return {day: found[day] for day in sorted(found) if day.year in years}
