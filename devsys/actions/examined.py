"""One thing looked at by the doctor, and how it says when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from devsys.base.words import phrase
from devsys.base.written import clock, month_of_year

State = Literal["fine", "warning", "broken"]
MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its name, how it is, in words, and what to do (empty when it is fine)."""

    name: str
    state: State
    says: str
    todo: str = ""


def moment(when: datetime) -> str:
    """Give an instant as a check says it, with day and time."""
    return phrase("%(date)s, %(time)s", date=f"{when:%d} {month_of_year(when)}", time=clock(when))
