"""How often a token may ask: so many requests a minute, counted in each web process."""

from datetime import datetime
from threading import Lock
from typing import Final

_MINUTE: Final = 60
_MOST_KNOWN: Final = 50_000


class Rates:
    """Counts of the present minute by token; what it knows of earlier minutes goes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def wait(self, token_id: str, most: int, now: datetime) -> int:
        """Count one request; give 0, or the seconds to wait where there were `most` in this minute already."""
        second = int(now.timestamp())
        with self._lock:
            if second // _MINUTE != self._minute or len(self._counts) > _MOST_KNOWN:
                self._minute, self._counts = second // _MINUTE, {}
            count = self._counts.get(token_id, 0) + 1
            self._counts[token_id] = count
        return 0 if count <= most else _MINUTE - second % _MINUTE
