"""A mail server of a test on loopback: a real one, which can be told to refuse, to hang up, to go away."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from devsys.actions.parts import Parts
from devsys.actions.send_letters import has_work, send_letters

SENDER = "Learning at Northgate <learning@northgate.example>"


@dataclass
class _Handler:
    """Takes messages, and does what the test says to the next ones: answers by command, or a lost connection."""

    taken: list[bytes] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    lost: list[bool] = field(default_factory=list)  # whether the message was taken before the connection was lost

    def _said(self, command: str) -> str | None:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    async def handle_MAIL(self, _s: SMTP, _x: Session, envelope: Envelope, address: str, _o: list[str]) -> str:  # noqa: N802
        if said := self._said("MAIL"):
            return said
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _s: SMTP, _x: Session, envelope: Envelope, address: str, _o: list[str]) -> str:  # noqa: N802
        if said := self._said("RCPT"):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _x: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.lost:
            if self.lost.pop(0):
                self.taken.append(bytes(envelope.content or b""))
            server.transport.abort()
            return "250 OK"
        if said := self._said("DATA"):
            return said
        self.taken.append(bytes(envelope.content or b""))
        return "250 OK"


class MailServer:
    """One mail server; `down()` and `up()` as often as wanted, on the same port."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._handler = _Handler()
        self._controller: Controller | None = None

    def up(self) -> None:
        """Answer from now on."""
        self._controller = Controller(self._handler, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def down(self) -> None:
        """Refuse connections from now on."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def answer(self, command: str, *said: str) -> None:
        """Answer the next commands (MAIL, RCPT, DATA) so."""
        self._handler.answers.setdefault(command, []).extend(said)

    def hang_up(self, *, taken: bool) -> None:
        """Lose the connection at the next message, before or after it was taken."""
        self._handler.lost.append(taken)

    @property
    def raw(self) -> list[bytes]:
        """The messages taken, as they came."""
        return list(self._handler.taken)

    @property
    def letters(self) -> list[EmailMessage]:
        """The messages taken, read by the standard library."""
        return [message_from_bytes(one, policy=policy.default) for one in self._handler.taken]  # type: ignore[misc]

    def take(self) -> list[EmailMessage]:
        """Give what came since the last time."""
        found = self.letters
        self._handler.taken.clear()
        return found


@dataclass
class Post:
    """An installation with a mail server: `send` does what the worker does when letters are due."""

    parts: Parts
    server: MailServer

    def send(self) -> list[EmailMessage]:
        """Send what is due now; give what arrived."""
        if has_work(self.parts):
            send_letters(self.parts)
        return self.server.take()

    def after(self, **by: float) -> list[EmailMessage]:
        """Let time go by, then send what is due; give what arrived."""
        clock: Any = self.parts.clock
        clock.move(**by)
        return self.send()


@contextlib.contextmanager
def posting(parts: Parts) -> Iterator[Post]:
    """Give an installation a mail server of its own."""
    server = MailServer()
    more = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none", "mail_from": SENDER}
    server.up()
    try:
        yield Post(replace(parts, settings=parts.settings.model_copy(update=more)), server)
    finally:
        server.down()


def text_of(letter: EmailMessage) -> str:
    """Give the plain text of a letter."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(letter: EmailMessage) -> str:
    """Give the HTML of a letter."""
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def to(letter: EmailMessage) -> str:
    """Give the address a letter is to."""
    return str(letter["To"].addresses[0].addr_spec)
