"""Public holidays of a country and region, from the `holidays` package, loaded late because it is large."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from devsys.base.errors import Fault, InvalidError

YEARS_BACK: Final = 2
YEARS_AHEAD: Final = 3


def public_holidays(country: str, region: str, today: date) -> Mapping[date, str]:
    """Give day -> name for two years back to three ahead; nothing for an empty country.

    `country` is an ISO 3166-1 code of two letters, `region` the part after the hyphen of ISO 3166-2. Raises
    InvalidError when the package knows no such country or region.
    """
    if not country:
        return {}
    import holidays  # noqa: PLC0415 -- slow import

    years = range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)
    try:
        found = holidays.country_holidays(country, subdiv=region or None, years=years)
    except NotImplementedError:
        where = f"{country}-{region}" if region else country
        raise InvalidError(
            f"No public holidays are known for {where}.",
            (Fault("country", "ISO 3166 codes, for example DE and region HE, or NP without a region"),),
        ) from None
    return {day: str(name)[:200] for day, name in sorted(found.items())}
