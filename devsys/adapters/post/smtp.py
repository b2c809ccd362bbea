"""The mail server: one message at a time over SMTP, with what came of it in words.

What matters most is whether a message surely did not leave: then its words may be found anew. A connection that is
lost after the message began may have carried it, so it is sent again as it is, with the same Message-ID.
"""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from devsys.base.config import Settings

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_TEMPORARY: Final = range(400, 500)


class Way(StrEnum):
    """What came of a message: taken, not now, never (for this one), or nothing can be sent at all at present."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message, in words; `sure` says that it was certainly not delivered."""

    way: Way
    words: str = ""
    sure: bool = True


def is_set(settings: Settings) -> bool:
    """Say whether there is a mail server to send by."""
    return bool(settings.smtp_host and settings.mail_from)


class Server:
    """A mail server, connected at the first message and again where a connection was lost; use it with `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        """Begin; nothing is connected yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Say goodbye."""
        self._close()

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Send one message. Never raises for what a server or a network does."""
        try:
            smtp = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            return Outcome(Way.TROUBLE, f"The mail server cannot be used: {_words(error)}")
        try:
            return self._handed_over(smtp, sender, recipient, message)
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            return Outcome(Way.TROUBLE, f"The mail server went away: {_words(error)}")

    def _handed_over(self, smtp: smtplib.SMTP, sender: str, recipient: str, message: bytes) -> Outcome:
        options = () if recipient.isascii() else ("SMTPUTF8",)
        if options and not smtp.has_extn("smtputf8"):
            return Outcome(Way.REFUSED, "The mail server takes no address with letters beyond ASCII.")
        code, said = smtp.mail(sender, options)
        if code != 250:  # noqa: PLR2004 -- RFC 5321: done
            self._close()
            return Outcome(Way.TROUBLE, f"The mail server refuses the sender: {_reply(code, said)}")
        code, said = smtp.rcpt(recipient)
        if code not in (250, 251):
            self._reset(smtp)
            return Outcome(_way(code), f"The mail server refuses the address: {_reply(code, said)}")
        try:
            code, said = smtp.data(message)
        except smtplib.SMTPDataError as error:  # it said no before the message began
            self._reset(smtp)
            return Outcome(_way(error.smtp_code), f"The mail server refuses the message: {_words(error)}")
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            return Outcome(
                Way.LATER, f"The connection was lost while the message went out: {_words(error)}", sure=False
            )
        if code != 250:  # noqa: PLR2004
            self._reset(smtp)
            return Outcome(_way(code), f"The mail server refuses the message: {_reply(code, said)}")
        return Outcome(Way.SENT)

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is not None:
            return self._smtp
        s = self._settings
        password = s.smtp_password.get_secret_value()
        if s.smtp_user and s.smtp_security == "none" and s.smtp_host not in LOOPBACK:
            raise smtplib.SMTPException("the password would go out in the open; set DEVSYS_SMTP_SECURITY")
        here = parseaddr(s.mail_from)[1].rpartition("@")[2] or "localhost"  # no name of this machine goes out
        if s.smtp_security == "tls":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                s.smtp_host, s.smtp_port, here, timeout=s.smtp_seconds, context=context
            )
        else:
            smtp = smtplib.SMTP(s.smtp_host, s.smtp_port, here, timeout=s.smtp_seconds)
        self._smtp = smtp
        if s.smtp_security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()
        if s.smtp_user:
            smtp.login(s.smtp_user, password)
        return smtp

    def _reset(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._close()

    def _close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with _quietly():
                smtp.quit()
            with _quietly():
                smtp.close()


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        yield


def _way(code: int) -> Way:
    return Way.LATER if code in _TEMPORARY else Way.REFUSED


def _reply(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:300]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    if isinstance(error, TimeoutError) or "timed out" in str(error):  # smtplib wraps the one in its own
        return "it did not answer in time"
    said = str(error.strerror or error) if isinstance(error, OSError) else str(error)
    return " ".join(said.split())[:300] or type(error).__name__
