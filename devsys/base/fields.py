"""One mapping of a YAML file, field by field: a value, or a fault with its line and what is wanted."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from devsys.base import limits
from devsys.base.errors import InvalidError
from devsys.base.text import clean
from devsys.base.tree import Entries, Faults, Items, Scalar, Tree, shown
from devsys.base.words import phrase
from devsys.base.written import number

MOST_ITEMS = 200
CODE = re.compile(r"[a-z][a-z0-9_.:-]{0,59}\Z")
_WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,6})\Z")
_YES = {"yes": True, "true": True, "no": False, "false": False}

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")


class Fields:
    """The fields of one mapping; `what` names it in messages ("activity hear_fully"), if it needs a name."""

    def __init__(self, tree: Entries, what: str, known: Iterable[str], faults: Faults) -> None:
        self.line = tree.line
        self.what = what
        self._lead = f"{what}: " if what else ""
        self.faults = faults
        self._values = {key.text: value for key, value in tree.entries}
        self.lines: Mapping[str, int] = {key.text: key.line for key, _ in tree.entries}
        names = tuple(known)
        for key, _ in tree.entries:
            if key.text not in names:
                near = get_close_matches(key.text[:SHOWN_KEY], names, n=1)
                hint = (
                    phrase("did you mean “%(near)s”?", near=near[0])
                    if near
                    else phrase("known are %(names)s", names=", ".join(names))
                )
                faults.add(
                    key.line,
                    self._lead + phrase("the key %(key)s is unknown; %(hint)s", key=shown(key.text), hint=hint),
                )

    def has(self, key: str) -> bool:
        """Say whether the field stands there with something in it."""
        value = self._values.get(key)
        return value is not None and not (isinstance(value, Scalar) and value.plain and not value.text)

    def line_of(self, key: str) -> int:
        """Give the line of a field, or of the mapping where the field is missing."""
        return self.lines.get(key, self.line)

    def fault(self, key: str, wanted: str) -> None:
        """Keep a fault of one field."""
        self.faults.add(self.line_of(key), f"{self._lead}{key}: {wanted}")

    def _scalar(self, key: str, wanted: str, *, needed: bool) -> Scalar | None:
        if not self.has(key):
            if needed:
                self.fault(key, phrase("is missing; %(wanted)s", wanted=wanted))
            return None
        value = self._values[key]
        if not isinstance(value, Scalar):
            self.fault(key, wanted)
            return None
        return value

    def text(self, key: str, *, limit: int = limits.TEXT, long: bool = False, needed: bool = True) -> str:
        """Give a cleaned text; empty where it is missing or refused."""
        wanted = phrase("a text of at most %(limit)s characters", limit=number(limit))
        found = self._scalar(key, wanted, needed=needed)
        text = _cleaned(found, limit, long=long) if found else ""
        if text is None:
            self.fault(key, wanted)
        elif not text and needed and found:
            self.fault(key, phrase("is empty; %(wanted)s", wanted=wanted))
        return text or ""

    def code(self, key: str, *, needed: bool = True) -> str:
        """Give a code: small letters, figures, `_ . : -`; empty where it is missing or refused."""
        wanted = phrase("a code of small letters, figures and “_”, such as hear_fully")
        found = self._scalar(key, wanted, needed=needed)
        if found and not CODE.match(found.text):
            self.fault(key, phrase("%(wanted)s; %(text)s was given", wanted=wanted, text=shown(found.text)))
            return ""
        return found.text if found else ""

    def whole(self, key: str, low: int, high: int, default: int | None = None, *, step: int = 1) -> int:
        """Give a whole number from `low` to `high` that `step` divides; without a `default` it is needed."""
        multiple = phrase("a multiple of %(step)s", step=step) if step > 1 else phrase("a whole number")
        wanted = phrase("%(multiple)s from %(low)s to %(high)s", multiple=multiple, low=low, high=high)
        found = self._scalar(key, wanted, needed=default is None)
        instead = low if default is None else default
        if found is None:
            return instead
        value = int(found.text) if found.plain and _WHOLE.match(found.text) else -1
        if not low <= value <= high or value % step:
            self.fault(key, phrase("%(wanted)s; %(text)s was given", wanted=wanted, text=shown(found.text)))
            return instead
        return value

    def yes(self, key: str, *, default: bool) -> bool:
        """Give True for yes, False for no."""
        found = self._scalar(key, phrase("yes or no"), needed=False)
        if found is None:
            return default
        if not found.plain or found.text not in _YES:
            self.fault(
                key, phrase("%(wanted)s; %(text)s was given", wanted=phrase("yes or no"), text=shown(found.text))
            )
        return _YES.get(found.text, default)

    def choice(self, key: str, kinds: type[Choice], default: Choice | None = None) -> Choice:
        """Give one word of a list; without a `default` it is needed."""
        found = self._scalar(key, _one_of(kinds), needed=default is None)
        instead = next(iter(kinds)) if default is None else default
        if found is None:
            return instead
        if found.text not in set(kinds):
            self.fault(key, phrase("%(wanted)s; %(text)s was given", wanted=_one_of(kinds), text=shown(found.text)))
            return instead
        return kinds(found.text)

    def several(self, key: str, one: Callable[[str], Value | None], wanted: str) -> tuple[Value, ...]:
        """Give a list of texts, each read by `one` (None: refused) and each once."""
        found: list[Value] = []
        for item in self.items(key):
            value = one(item.text) if isinstance(item, Scalar) else None
            if value is None:
                said = phrase("each %(wanted)s", wanted=wanted)
                if isinstance(item, Scalar):
                    said = phrase("%(wanted)s; %(text)s was given", wanted=said, text=shown(item.text))
                self.faults.add(item.line, f"{self._lead}{key}: {said}")
            elif value in found:
                self.faults.add(
                    item.line, f"{self._lead}{key}: " + phrase("%(value)s a second time", value=shown(str(value)))
                )
            else:
                found.append(value)
        return tuple(found)

    def items(self, key: str, most: int = MOST_ITEMS) -> tuple[Tree, ...]:
        """Give the items of a list; none where it is missing."""
        if not self.has(key):
            return ()
        value = self._values[key]
        if not isinstance(value, Items) or len(value.items) > most:
            self.fault(key, phrase("a list of at most %(most)s", most=most))
            return ()
        return value.items

    def mapping(self, key: str, known: Iterable[str]) -> "Fields | None":
        """Give a mapping inside this one; it is needed."""
        value = self._values.get(key)
        if not isinstance(value, Entries):
            self.fault(key, f"{'is missing; ' if value is None else ''}wants {', '.join(known)}")
            return None
        return Fields(value, f"{self._lead}{key}", known, self.faults)


SHOWN_KEY = 60  # difflib's time grows with the square of the length


def _cleaned(found: Scalar, limit: int, *, long: bool) -> str | None:
    try:
        return clean(found.text, limit=limit, long=long)
    except InvalidError:
        return None


def _one_of(kinds: type[StrEnum]) -> str:
    return phrase("one of %(kinds)s", kinds=", ".join(kinds))
