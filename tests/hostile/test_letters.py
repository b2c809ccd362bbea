"""Hostile titles in letters, read by a second parser: headers, parts and recipients are those of a harmless letter.

The second parser is our own and small: it knows lines, folds, headers and boundaries, and nothing that the library
which wrote the letter knows.
"""

import base64
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from devsys.adapters.post.write import written
from devsys.core.letters.content import Content, Group, Line

SEED = 20260105
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ID = "0123456789abcdef0123"
PIECES = (
    "\r", "\n", "\r\n", "\r\n\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\t", " ", ".",
    "\r\n.\r\n", "Bcc: x@evil.example", "Subject: other", "To: x@evil.example", "MIME-Version: 2.0",
    "Content-Type: text/html",
    "Content-Transfer-Encoding: base64", "=?UTF-8?Q?a=0ABcc:_x=40y?=", "=?utf-8?b?DQpCY2M6IHhAeQ==?=", "=?", "?=",
    f"--=_{ID}_1", f"--=_{ID}_1--", "BEGIN:VEVENT", "END:VCALENDAR", "<script>alert(1)</script>", "</html>", "=1+1",
    "\u202eevil", "\u2066", "\ufeff", "\U0001f600", "x" * 300, '"', "\\", "<x@evil.example>", ",", ";", "Zoë", "=0D=0A",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part of a mail: its headers in order, and what it consists of."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    parts: tuple["Part", ...] = ()

    def tree(self) -> object:
        """Give names of headers and types of parts, as a tree."""
        kind = dict(self.headers).get("content-type", "").split(";")[0]
        return (tuple(name for name, _ in self.headers), kind, tuple(p.tree() for p in self.parts))


def read(data: bytes) -> Part:
    """Read one part. A line that is neither a header nor a fold is a fault."""
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"\r" not in head.replace(b"\r\n", b""), "a bare CR in a header"
    assert b"\n" not in head.replace(b"\r\n", b""), "a bare LF in a header"
    headers: list[tuple[str, str]] = []
    for line in head.decode("ascii").split("\r\n"):
        assert len(line) <= 998
        assert line.isprintable() or "\t" in line
        if line[:1] in " \t":
            name, value = headers.pop()
            headers.append((name, value + line))
            continue
        found = re.fullmatch(r"([!-9;-~]+):\s?(.*)", line)
        assert found is not None, line
        headers.append((found[1].lower(), found[2]))
    wanted = re.search(r'boundary="?([^";]+)', dict(headers).get("content-type", ""))
    if wanted is None:
        return Part(tuple(headers), body)
    pieces = (b"\r\n" + body).split(b"\r\n--" + wanted[1].encode())
    assert pieces[-1].startswith(b"--")
    return Part(tuple(headers), body, tuple(read(p.removeprefix(b"\r\n")) for p in pieces[1:-1]))


def a_letter(words: str, name: str = "Ana Correia") -> Part:
    line = Line(words, words, words, words, words, words)
    content = Content(
        words, words, words, (Group(words, (line, line)),), words, words, "https://x.example/", words, words, "/"
    )
    invitation = ("REQUEST", f"BEGIN:VCALENDAR\r\nSUMMARY:{base64.b16encode(words.encode()).decode()}\r\n".encode())
    mail = written(
        content, ID, sender="Learning <learning@northgate.example>", name=name, recipient="ana@northgate.example",
        now=NOW, invitation=invitation,
    )  # fmt: skip
    return read(mail)


def hostile(number: int) -> Iterable[str]:
    """Give titles: each piece by itself, then pieces put together by lot."""
    random_ = random.Random(SEED)  # noqa: S311 -- a lot, not a secret
    yield from (f"Round{piece}end" for piece in PIECES)
    for _ in range(number - len(PIECES)):
        yield "".join(random_.choice((*PIECES, "Case round ", "a")) for _ in range(random_.randint(1, 9)))


@pytest.mark.parametrize("number", [50, pytest.param(500, marks=pytest.mark.soak)])
def test_a_hostile_title_changes_no_header_no_part_and_no_recipient(number):
    harmless, seen = a_letter("Case round"), set()
    assert len(harmless.parts) == 3
    for words in hostile(number):
        for letter in (a_letter(words), a_letter("Case round", words)):
            assert letter.tree() == harmless.tree(), words
            found = dict(letter.headers)
            assert re.findall(r"[\w.]+@[\w.]+", found["to"].rpartition("<")[2]) == ["ana@northgate.example"], words
            assert found["from"] == "Learning <learning@northgate.example>"
            assert not {"bcc", "cc", "reply-to"} & set(found)
            assert "\x00" not in letter.body.decode("ascii")
            seen.add(found["subject"])
    assert len(seen) > number // 2
