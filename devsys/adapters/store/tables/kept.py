"""How a table says what it holds: data class, whose it is, how long it stays (trust.md R18)."""

from typing import Literal

DataClass = Literal["public", "internal", "personal", "confidential"]


def kept(
    data: DataClass, *, person: str = "", retention: str, clear: tuple[str, ...] = ()
) -> dict[str, dict[str, str | tuple[str, ...]]]:
    """Give `__table_args__` that name the data class, the column of the person concerned, and the retention.

    Texts of a confidential table are sealed; `clear` names those that are not, because rows are found by them.
    """
    return {"info": {"data": data, "person": person, "retention": retention, "clear": clear}}
