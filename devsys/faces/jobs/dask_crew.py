"""Dask on many machines: a scheduler somebody else runs, its workers with the same devsys installed."""

import contextlib
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import asdict
from time import monotonic
from typing import Any, Final, Self

import dask
from distributed import Client, Event, KilledWorker, get_worker
from distributed.client import ClosedClientError

from devsys.base.errors import UnavailableError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.core.planning.crew import Wire
from devsys.core.planning.problem import Progress

CONNECT_SECONDS: Final = 10
SAY_SECONDS: Final = 0.4
ASK_SECONDS: Final = 0.5
COUNT_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 30.0  # how long a scheduler without any worker is waited for


class DaskCrew:
    """Workers of a Dask scheduler at `address` (host:port); each thread of a worker is a hand."""

    least = 0
    lost: tuple[type[BaseException], ...] = ()
    guilty: tuple[type[BaseException], ...] = (KilledWorker,)

    def __init__(self, address: str, patience: float = CONNECT_SECONDS) -> None:
        """Remember where the scheduler is, and how many seconds it has for an answer."""
        self.address = address
        self.patience = patience
        self._client: Any = None
        self._counted = 0.0
        self._hands = 0
        self._missed = 0.0

    @property
    def hands(self) -> int:
        """How many threads the workers have now, at least 1. Raises UnavailableError when there is none for long."""
        if self._client is None:
            return 1
        now = monotonic()
        if now >= self._counted + COUNT_SECONDS:
            self._counted = now
            self._hands = self._count()
            if self._hands:
                self._missed = now
            elif now > self._missed + PATIENCE_SECONDS:
                raise UnavailableError(
                    phrase("The Dask scheduler at %(address)s has no worker left.", address=self.address)
                )
        return max(1, self._hands)

    def _count(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError) as error:
            raise UnavailableError(
                phrase("The Dask scheduler at %(address)s is gone.", address=self.address)
            ) from error

    @contextlib.contextmanager
    def wire(self, places: int) -> Iterator[Wire]:  # noqa: ARG002 -- any number is as good
        """Connect to the scheduler. Raises UnavailableError when it does not answer or has no worker."""
        # Parts of a plan are some MB each, and meant to be sent.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
            try:
                self._client = Client(f"tcp://{self.address}", timeout=self.patience, set_as_default=False)
            except (OSError, TimeoutError) as error:
                raise UnavailableError(
                    phrase(
                        "No Dask scheduler answers at %(address)s. Start it, or set DEVSYS_EXECUTOR to process.",
                        address=self.address,
                    )
                ) from error
            self._missed = monotonic()
            try:
                if not self._count():
                    raise UnavailableError(
                        phrase("The Dask scheduler at %(address)s has no worker. Start some.", address=self.address)
                    )
                with DaskWire(self._client) as wire:
                    yield wire
            finally:
                self._client.close(self.patience)
                self._client = None

    @contextlib.contextmanager
    def hire(self) -> Iterator[Executor]:
        """Give the client's executor; a run that breaks off takes back what has not begun."""
        if self._client.status != "running":
            raise UnavailableError(phrase("The Dask scheduler at %(address)s is gone.", address=self.address))
        executor = self._client.get_executor(pure=False)
        try:
            yield executor
        except BaseException:
            with contextlib.suppress(ClosedClientError):  # a scheduler that went has nothing to take back
                executor.shutdown(wait=False)
            raise


class DaskWire:
    """The run's end: events of the scheduler tell how far tasks are, a flag there says stop."""

    def __init__(self, client: Any) -> None:
        name = f"devsys-{new_id()}"
        self.line = DaskLine(name)
        self._client = client
        self._flag = Event(name, client=client)
        self._heard: dict[int, Progress] = {}
        self._stopped = False

    def __enter__(self) -> Self:
        self._client.subscribe_topic(self.line.name, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        if self._stopped and self._client.status == "running":
            with contextlib.suppress(OSError, TimeoutError):
                self._flag.clear()

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        said = event[1]  # the scheduler adds keys of its own
        self._heard[said["place"]] = Progress(**said["progress"])

    def heard(self) -> Mapping[int, Progress]:
        """Give what has arrived."""
        return dict(self._heard)

    def stop(self) -> None:
        """Raise the flag, once."""
        if not self._stopped:
            self._stopped = True
            with contextlib.suppress(OSError, TimeoutError):
                self._flag.set()


class DaskLine:
    """A task's end: it speaks and asks a few times a second at most, since each goes over the network."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._say_at = self._ask_at = 0.0
        self._stopped = False

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as the name."""
        return DaskLine, (self.name,)

    def say(self, place: int, progress: Progress) -> None:
        """Tell the scheduler, unless it was told just now."""
        now = monotonic()
        if now >= self._say_at:
            self._say_at = now + SAY_SECONDS
            get_worker().log_event(self.name, {"place": place, "progress": asdict(progress)})

    def stopped(self) -> bool:
        """Look at the flag, unless that was done just now; without an answer the work goes on."""
        now = monotonic()
        if not self._stopped and now >= self._ask_at:
            self._ask_at = now + ASK_SECONDS
            with contextlib.suppress(OSError, TimeoutError):
                self._stopped = Event(self.name).is_set()
        return self._stopped
