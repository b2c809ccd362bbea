"""Asks a server over a raw socket, never follows a redirect, and judges what the H and Q rules say about the answer."""

import gzip
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.feeds.lint import Fault


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    doubled: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    @property
    def plain(self) -> bytes:
        return gzip.decompress(self.body) if self["Content-Encoding"] == "gzip" else self.body


def ask(url: str, method: str = "GET", **headers: str) -> Answer:
    """Send the fewest headers a client can send, and those given (`if_none_match="..."`)."""
    split = urlsplit(url)
    sent = {"Host": split.netloc, "Connection": "close"}
    sent |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    path = split.path + (f"?{split.query}" if split.query else "")
    lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items()), "", ""]
    with socket.create_connection((split.hostname or "", split.port or 80), timeout=20) as wire:
        wire.sendall("\r\n".join(lines).encode("latin-1"))
        data = b""
        while part := wire.recv(65_536):
            data += part
    return parse(data)


def parse(data: bytes) -> Answer:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    names = [line.split(":", 1)[0].lower() for line in rest]
    found = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in rest}
    return Answer(int(first.split(" ")[1]), found, body, frozenset(n for n in names if names.count(n) > 1))


def judge(answer: Answer, *, method: str = "GET", secret: str = "") -> list[Fault]:
    """Give the faults of one answer of a feed's address."""
    faults = []

    def rule(name: str, holds: object, what: str) -> None:
        if not holds:
            faults.append(Fault(name, f"{answer.status}: {what}"))

    rule("H01", not answer["Set-Cookie"], "a cookie")
    rule("H01", not 300 <= answer.status < 304 and answer.status < 305, "a redirect") if answer.status < 400 else None
    rule("H02", answer["Referrer-Policy"] == "no-referrer", "no Referrer-Policy: no-referrer")
    rule("H02", "noindex" in answer["X-Robots-Tag"], "no X-Robots-Tag: noindex")
    rule("H03", "etag" not in answer.doubled, "two ETags")
    rule("Q04", not secret or all(secret not in v for v in answer.headers.values()), "the token in a header")
    rule("Q04", not secret or secret.encode() not in answer.body, "the token in the body")
    if answer.status == 200:
        rule("H02", answer["Content-Type"] == "text/calendar; charset=utf-8", f"Content-Type {answer['Content-Type']}")
        rule("H02", answer["Content-Disposition"].startswith("inline"), "not inline")
    if answer.status in (200, 304):
        rule("H02", answer["Cache-Control"] == "private, no-cache", f"Cache-Control {answer['Cache-Control']}")
        rule("H03", re.fullmatch(r'"[\x21\x23-\x7e]+"', answer["ETag"]), f"ETag {answer['ETag']}")
        rule("H05", answer["Vary"].lower() == "accept-encoding", f"Vary {answer['Vary']}")
    if answer.status == 200:  # 304 repeats the ETag alone (RFC 9110 section 15.4.5)
        date = re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", answer["Last-Modified"])
        rule("H04", date, f"Last-Modified {answer['Last-Modified']}")
    if answer.status == 304:
        rule("H03", answer.body == b"" and answer["Content-Length"] in ("", "0"), "a body beside 304")
        rule("H03", not answer["Content-Type"] and not answer["Content-Encoding"], "a type beside 304")
    if answer.status == 200 and method == "GET":
        rule("H05", int(answer["Content-Length"] or -1) == len(answer.body), "Content-Length")
        rule("H07", len(answer.plain) < 1_000_000, f"{len(answer.plain)} bytes")
    if method == "HEAD":
        rule("H06", answer.body == b"", "a body to HEAD")
    return faults
