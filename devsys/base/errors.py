"""The five kinds of error; faces translate them, the core knows no HTTP status."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `where` (row and column, file and line, field) and `what` is wanted instead."""

    where: str
    what: str

    def __str__(self) -> str:
        """One line for a terminal or a log."""
        return f"{self.where}: {self.what}" if self.where else self.what


class DevsysError(Exception):
    """Base of all errors devsys raises on purpose; the message says what happened and what to do next."""

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.faults = faults


class NotFoundError(DevsysError):
    """It does not exist, or the viewer may not know that it does."""


class NotAllowedError(DevsysError):
    """The viewer may not do this; said only where the viewer may know the thing exists."""


class InvalidError(DevsysError):
    """What was given cannot be taken; `faults` say where and what is wanted."""


class ConflictError(DevsysError):
    """It changed meanwhile; the message says who changed it and when."""


class UnavailableError(DevsysError):
    """Cannot be served at this moment; try again in `retry_after` seconds."""

    def __init__(self, message: str, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after
