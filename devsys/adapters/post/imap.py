"""The mailbox that answers come to: what is new in it, by the numbers the server gives its messages (RFC 3501).

Nothing is moved or deleted. A mail that was dealt with is marked as read; what is no answer stays as it was.
"""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from devsys.base.config import Settings
from devsys.base.errors import UnavailableError
from devsys.base.limits import REPLY_MAIL_BYTES

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
MOST: Final = 200  # messages of one look; the rest comes with the next
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_VALIDITY: Final = re.compile(rb"(\d+)")


@dataclass(frozen=True, slots=True)
class Mail:
    """A message by its number in the mailbox; `body` is None for one too large to be an answer."""

    number: int
    body: bytes | None


def is_set(settings: Settings) -> bool:
    """Say whether there is a mailbox to read."""
    return bool(settings.imap_host and settings.imap_user)


class Mailbox:
    """A mailbox, open while used with `with`. Raises UnavailableError, in words, for whatever goes wrong with it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._imap: imaplib.IMAP4 | None = None
        self.validity = 0  # numbers of messages mean something only together with it

    def __enter__(self) -> Self:
        """Connect, sign in, open the folder."""
        s = self._settings
        if s.imap_security == "none" and s.imap_host not in LOOPBACK:
            raise UnavailableError("The password would go out in the open; set DEVSYS_IMAP_SECURITY.")
        with _in_words():
            if s.imap_security == "tls":
                context = ssl.create_default_context()
                imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                    s.imap_host, s.imap_port, ssl_context=context, timeout=s.smtp_seconds
                )
            else:
                imap = imaplib.IMAP4(s.imap_host, s.imap_port, timeout=s.smtp_seconds)
        self._imap = imap
        try:
            with _in_words():
                if s.imap_security == "starttls":
                    imap.starttls(ssl.create_default_context())
                imap.login(s.imap_user, s.imap_password.get_secret_value())
                _must(imap.select(f'"{s.imap_folder}"'))
                found = _VALIDITY.search(imap.response("UIDVALIDITY")[1][0] or b"")
                self.validity = int(found[1]) if found else 0
        except UnavailableError:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Sign out."""
        self._close()

    def new(self, after: int | None) -> Iterator[Mail]:
        """Give the messages with numbers above `after` in their order; without it those that nobody has read."""
        imap = self._open()
        with _in_words():
            words = ("UNSEEN",) if after is None else ("UID", f"{after + 1}:*")
            said = _must(imap.uid("SEARCH", *words))
        # "n:*" names the last message even where its number is smaller.
        numbers = sorted(n for n in map(int, b" ".join(one or b"" for one in said).split()) if n > (after or 0))
        for number in numbers[:MOST]:
            yield Mail(number, self._fetched(number))

    def _fetched(self, number: int) -> bytes | None:
        imap = self._open()
        with _in_words():
            said = _must(imap.uid("FETCH", str(number), "(RFC822.SIZE)"))
            size = _SIZE.search(b" ".join(one if isinstance(one, bytes) else one[0] for one in said if one))
            if size is None or int(size[1]) > REPLY_MAIL_BYTES:
                return None
            said = _must(imap.uid("FETCH", str(number), "(BODY.PEEK[])"))
        return next((one[1] for one in said if isinstance(one, tuple)), None)

    def mark_read(self, number: int) -> None:
        """Mark a message as read: it was dealt with."""
        with _in_words():
            _must(self._open().uid("STORE", str(number), "+FLAGS.SILENT", "(\\Seen)"))

    def _open(self) -> imaplib.IMAP4:
        if self._imap is None:
            raise ValueError("The mailbox is not open.")
        return self._imap

    def _close(self) -> None:
        imap, self._imap = self._imap, None
        if imap is not None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                imap.logout()
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                imap.shutdown()  # a connection that broke is not closed by signing out


def _must(answer: tuple[str, list[Any]]) -> list[Any]:
    state, said = answer
    if state != "OK":
        raise imaplib.IMAP4.error(" ".join(str(one) for one in said))
    return said


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise UnavailableError("The mailbox cannot be read: it did not answer in time.") from error
    except (OSError, imaplib.IMAP4.error) as error:
        words = " ".join(str(getattr(error, "strerror", None) or error).split())[:300]
        raise UnavailableError(f"The mailbox cannot be read: {words}") from error
