"""An https address that a person gave, fetched or written to so that nobody reaches through us what they should not.

https on its own port only; the name is looked up once, every address it has must be one of the open internet, and the
connection goes to one of those. No redirects, no user names, no bare addresses, five seconds, 2 MiB (trust.md R14).
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import urlsplit

from devsys.base.errors import Fault, InvalidError
from devsys.base.limits import ICS_FETCH_BYTES
from devsys.base.words import phrase

SECONDS: Final = 5.0
PORT: Final = 443
_LONGEST: Final = 2_000
_EMBEDDING: Final = tuple(
    ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)  # IPv6 addresses that carry an IPv4 one which may be anywhere

Answer = TypeVar("Answer")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """Give the network addresses of a name. Raises OSError when there are none."""
    return tuple(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def is_open(address: Address) -> bool:
    """Say whether an address is one of the open internet: not of this machine, a local network or a special use."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_open(address.ipv4_mapped)
        if address.scope_id or any(address in network for network in _EMBEDDING):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@dataclass(frozen=True, slots=True)
class Way:
    """How the outside is reached; tests put a server of their own there."""

    look_up: Callable[[str, int], Iterable[str]] = addresses_of
    allowed: Callable[[Address], bool] = is_open
    port: int = PORT
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: `data` is None where nothing changed. `tag` and `dated` go with the next request."""

    data: bytes | None
    tag: str = ""
    dated: str = ""


@dataclass(slots=True)
class _Deadline:
    """Ends a connection when its time is over, whatever it is waiting for."""

    seconds: float
    over: bool = False
    _timer: threading.Timer | None = field(default=None)

    def guard(self, connection: socket.socket) -> None:
        def end() -> None:
            self.over = True
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

        self._timer = threading.Timer(self.seconds, end)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def host_of(address: str) -> tuple[str, str]:
    """Give (host, path with query) of an address that may be fetched; webcal: is https.

    Raises InvalidError for any other scheme, a user name, another port, a bare network address, what is no address.
    """
    refused = InvalidError(
        phrase("This is no address of a calendar: https://, a host name and a path are wanted."),
        (Fault("address", phrase("an https address of a calendar")),),
    )
    if len(address) > _LONGEST or not address.isascii() or not address.isprintable() or " " in address:
        raise refused
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise refused from None
    labels = host.split(".")
    named = len(labels) > 1 and all(_label(one) for one in labels) and not labels[-1].isdigit()
    if parts.scheme not in ("https", "webcal", "webcals") or "@" in parts.netloc or not named:
        raise refused
    if port not in (None, PORT):
        raise refused
    if not any(c.isalpha() for c in labels[-1]) or labels[-1].startswith("0x"):
        raise refused
    return host, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _label(text: str) -> bool:
    return 0 < len(text) <= 63 and all(c.isalnum() or c in "-_" for c in text)  # noqa: PLR2004 -- RFC 1035


def fetch(address: str, *, tag: str = "", dated: str = "", way: Way = Way()) -> Fetched:
    """Give what an address has, if it is not what `tag` and `dated` name.

    Raises InvalidError with a reason in words that holds nothing of the address: it stands in no log.
    """
    host, path = host_of(address)
    return _reached(host, way, lambda connection: _asked(connection, host, path, tag, dated))


def post(address: str, body: bytes, headers: Mapping[str, str], *, way: Way = Way()) -> None:
    """Write `body` to an address, which has to answer with 2xx.

    Raises InvalidError with a reason in words that holds nothing of the address.
    """
    host, path = host_of(address)
    try:
        _reached(host, way, lambda connection: _posted(connection, host, path, body, headers))
    except InvalidError as error:
        what = error.faults[0].what
        raise InvalidError(phrase("It was not taken. %(what)s", what=what), error.faults) from None


def _reached(host: str, way: Way, ask: Callable[[ssl.SSLSocket], Answer]) -> Answer:
    pinned = _pinned(host, way)
    deadline = _Deadline(way.seconds)
    try:
        with socket.create_connection((pinned, way.port), timeout=way.seconds) as plain:
            deadline.guard(plain)
            with way.context().wrap_socket(plain, server_hostname=host) as connection:
                return ask(connection)
    except ssl.SSLCertVerificationError:
        raise _failed(phrase("Its certificate cannot be trusted.")) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if deadline.over or isinstance(error, TimeoutError):
            raise _failed(
                phrase("It did not answer within %(seconds)s seconds.", seconds=f"{way.seconds:.0f}")
            ) from None
        raise _failed(phrase("It could not be reached, or did not answer as a web server does.")) from None
    finally:
        deadline.stop()


def _failed(what: str) -> InvalidError:
    return InvalidError(phrase("The calendar could not be fetched. %(what)s", what=what), (Fault("address", what),))


def _pinned(host: str, way: Way) -> str:
    """Give the one network address to connect to. Raises InvalidError when the name has one it may not have."""
    try:
        found = tuple(way.look_up(host, way.port))
        checked = [ipaddress.ip_address(one) for one in found]
    except (OSError, ValueError):
        raise _failed(phrase("No such host is known.")) from None
    if not checked or not all(way.allowed(one) for one in checked):
        raise _failed(phrase("Its host lies in a network that is not reached from here."))
    return str(checked[0])


def _asked(connection: ssl.SSLSocket, host: str, path: str, tag: str, dated: str) -> Fetched:
    asking = http.client.HTTPConnection(host)
    asking.sock = connection
    headers = {"Accept": "text/calendar", "Accept-Encoding": "identity", "User-Agent": "devsys", "Connection": "close"}
    if tag:
        headers["If-None-Match"] = tag
    if dated:
        headers["If-Modified-Since"] = dated
    with contextlib.closing(asking):
        asking.request("GET", path, headers=headers)
        with asking.getresponse() as answer:
            return _answered(answer, tag, dated)


def _posted(connection: ssl.SSLSocket, host: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
    asking = http.client.HTTPConnection(host)
    asking.sock = connection
    with contextlib.closing(asking):
        asking.request("POST", path, body, {**headers, "User-Agent": "devsys", "Connection": "close"})
        with asking.getresponse() as answer:
            if answer.status // 100 != 2:  # noqa: PLR2004 -- any success
                raise _failed(phrase("Its server answers %(status)s.", status=answer.status))


def _answered(answer: http.client.HTTPResponse, tag: str, dated: str) -> Fetched:
    kept = {name: _header(answer, name) for name in ("ETag", "Last-Modified")}
    if answer.status == http.client.NOT_MODIFIED and (tag or dated):
        return Fetched(None, kept["ETag"] or tag, kept["Last-Modified"] or dated)
    if answer.status in (301, 302, 303, 307, 308):
        raise _failed(phrase("It points to another address, which is not followed. Give that one."))
    if answer.status != http.client.OK:
        raise _failed(phrase("Its server answers %(status)s.", status=answer.status))
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _failed(phrase("It is packed, which was not asked for."))
    data = answer.read(ICS_FETCH_BYTES + 1)
    if len(data) > ICS_FETCH_BYTES:
        raise _failed(phrase("It is larger than %(size)s MiB.", size=ICS_FETCH_BYTES // 1024 // 1024))
    return Fetched(data, kept["ETag"], kept["Last-Modified"])


def _header(answer: http.client.HTTPResponse, name: str) -> str:
    found = answer.headers.get(name, "")
    return found if len(found) <= 200 and found.isascii() and found.isprintable() else ""  # noqa: PLR2004
