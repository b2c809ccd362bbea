"""The one place that asks the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Give the present instant, aware, in UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 -- this is the one place
