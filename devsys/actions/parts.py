"""What an action needs of the world: settings, the store, the clock, and who draws plans."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from devsys.adapters.store.store import Store
from devsys.base.clock import Clock, utc_now
from devsys.base.config import Settings
from devsys.base.words import speaking
from devsys.core.planning.crew import Crew


@dataclass(frozen=True, slots=True)
class Parts:
    """Handed to every action; tests hand over a frozen clock and a store of their own.

    `crew` draws plans; without one the process itself does.
    """

    settings: Settings
    store: Store
    clock: Clock = utc_now
    crew: Crew | None = None

    def speaking(self, language: str = "") -> AbstractContextManager[None]:
        """Speak a language for a while; without one that of the organisation, in which what is kept is said."""
        return speaking(language or self.settings.language)

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return self.clock()
