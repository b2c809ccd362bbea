"""YAML text to a tree of texts with their lines: limits first, nothing constructed, nothing expanded.

What a text means is decided by the field that reads it, never by YAML's guesses: a title `no` stays "no".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from devsys.base import limits
from devsys.base.errors import Fault
from devsys.base.words import phrase
from devsys.base.written import number

MOST_ENTRIES = 40_000  # events of the parser; a large programme has some thousands
MOST_FAULTS = 50
SHOWN = 40

# What YAML allows in a stream (YAML 1.1 section 5.1), less the byte order mark inside a text.
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text and the line it starts in (from 1); `plain` when it stands without quotes."""

    line: int
    text: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping; its keys are texts, each once."""

    line: int
    entries: "tuple[tuple[Scalar, Tree], ...]"


Tree = Scalar | Items | Entries


class Faults:
    """Faults found so far, each with `file:line`; after the fiftieth only one more, which says so."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._found: list[Fault] = []

    @property
    def count(self) -> int:
        """How many were kept so far."""
        return len(self._found)

    def add(self, line: int, what: str) -> None:
        """Keep one more fault."""
        if len(self._found) < MOST_FAULTS:
            self._found.append(Fault(f"{self.name}:{line}", what))
        elif len(self._found) == MOST_FAULTS:
            self._found.append(
                Fault(self.name, phrase("more than %(most)s faults; mend these first", most=MOST_FAULTS))
            )

    def found(self) -> tuple[Fault, ...]:
        """Give them in the order of the file's lines."""
        return tuple(sorted(self._found, key=_line_of))


def _line_of(fault: Fault) -> int:
    line = fault.where.rpartition(":")[2]
    return int(line) if line.isdecimal() else 10**9


class _RefusedError(Exception):
    """The text is not one this house reads; `line` and why."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def shown(text: str) -> str:
    """Give a text as messages quote it: short, on one line."""
    flat = " ".join(text.split())
    return f"“{flat[:SHOWN]}…”" if len(flat) > SHOWN else f"“{flat}”"


def grow(text: str, faults: Faults, what: str = "programme") -> Tree | None:
    """Give the tree of a YAML text, or None with a fault; `what` is the word for what one file holds.

    Limits of trust.md section 5: 1 MiB, depth 20, no aliases, no tags, no key twice; besides, one document and
    40,000 entries. Never raises for content.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.YAML_BYTES:
        most = limits.YAML_BYTES // 1024
        faults.add(
            1,
            phrase(
                "%(size)s KiB; a %(what)s has at most %(most)s KiB",
                size=number(size // 1024),
                what=what,
                most=number(most),
            ),
        )
        return None
    text = text.removeprefix("\ufeff")
    strange = _NOT_TEXT.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        faults.add(line, f"the character U+{ord(strange[0]):04X} has no place in a text; take it out")
        return None
    try:
        return _grown(_events(text), faults, what)
    except _RefusedError as refused:
        faults.add(refused.line, refused.what)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = text.rstrip().count("\n") + 1  # where a parser runs out of text may lie behind it
        faults.add(
            min(mark.line + 1, last) if mark else 1,
            phrase("not YAML: %(problem)s", problem=error.problem or error.context),
        )
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        # PyYAML's own reader raises ValueError for "\UFFFFFFFF" and tells no line.
        faults.add(1, phrase("not YAML: a character or an escape that cannot be read"))
    return None


def tried(data: bytes) -> bytes:
    """Let a tree grow and give nothing: for a process of its own, before the text is read here."""
    grow(data.decode(), Faults("the file"))
    return b""


def _events(text: str) -> Iterator[Any]:
    """Events of the parser written in C where the installation has it: ten times as fast."""
    yield from yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _grown(events: Iterator[Any], faults: Faults, what: str) -> Tree | None:
    """Build the tree on a stack of our own, so that depth is a count and never a recursion."""
    stack: list[tuple[int, list[Tree], bool]] = []  # line, children, whether a mapping
    root: Tree | None = None
    for at, event in enumerate(events):
        line = event.start_mark.line + 1
        if at > MOST_ENTRIES:
            raise _RefusedError(
                line, phrase("more than %(most)s entries; split the %(what)s", most=number(MOST_ENTRIES), what=what)
            )
        node: Tree | None = None
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(
                line, phrase("an alias (%(anchor)s); write the value out", anchor=shown(str(event.anchor)))
            )
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise _RefusedError(line, phrase("a second document; one file holds one %(what)s", what=what))
        if isinstance(event, yaml.NodeEvent):
            _plain_node(event, line)
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(line, event.value, plain=not event.style)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(stack) == limits.YAML_DEPTH:
                raise _RefusedError(line, phrase("nested more than %(depth)s deep", depth=limits.YAML_DEPTH))
            stack.append((line, [], isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, yaml.CollectionEndEvent):
            first, children, mapping = stack.pop()
            node = _entries(first, children, faults) if mapping else Items(first, tuple(children))
        if node is not None and stack:
            stack[-1][1].append(node)
        elif node is not None:
            root = node
    if root is None:
        faults.add(1, phrase("nothing in it; a %(what)s starts with “%(what)s: its_code”", what=what))
    return root


def _plain_node(event: Any, line: int) -> None:
    if event.anchor is not None:
        raise _RefusedError(
            line,
            phrase("an anchor (%(anchor)s); write the value out where it is used", anchor=shown(str(event.anchor))),
        )
    if getattr(event, "tag", None) is not None:
        raise _RefusedError(
            line, phrase("a tag (%(tag)s); values here are plain texts, numbers and lists", tag=shown(event.tag))
        )


def _entries(line: int, children: list[Tree], faults: Faults) -> Entries:
    found: dict[str, tuple[Scalar, Tree]] = {}
    for key, value in zip(children[::2], children[1::2], strict=True):
        if not isinstance(key, Scalar):
            faults.add(key.line, phrase("a key that is itself a list or a mapping; keys are words"))
        elif key.text in found:
            faults.add(
                key.line,
                phrase(
                    "the key %(text)s a second time; first in line %(line)s",
                    text=shown(key.text),
                    line=found[key.text][0].line,
                ),
            )
        else:
            found[key.text] = (key, value)
    return Entries(line, tuple(found.values()))
