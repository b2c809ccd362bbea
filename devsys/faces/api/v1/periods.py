"""Which days of a roster or a requirement are asked for."""

from datetime import date, timedelta
from typing import Self

from pydantic import Field, model_validator

from devsys.faces.api.operations import In

MOST_DAYS = 92
_LAST = date(2100, 1, 1)


class PeriodQuery(In):
    """Which days: from `start` to before `end`, 92 at most."""

    start: date = Field(description="First day.")
    end: date = Field(description="First day no more.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not date(2000, 1, 1) <= self.start < self.end <= _LAST:
            raise ValueError("start comes before end, both between 2000 and 2100")
        if (self.end - self.start).days > MOST_DAYS:
            raise ValueError(f"at most {MOST_DAYS} days")
        return self

    def days(self) -> tuple[date, ...]:
        """Give the days asked for."""
        return tuple(self.start + timedelta(days=i) for i in range((self.end - self.start).days))
