"""What a card must not name: people, mail addresses, telephone, card and order numbers, streets, found before sharing.

Own rules over plain text, no model of a language: what they mark is said in the text, may be wrong either way, and a
person decides by changing it or by waiving it (docs/decisions). They rather mark too much.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from devsys.base.words import to_phrase
from devsys.core.model.rounds import CardText

LEAST_NAME: Final = 3  # letters of a name that is looked for by itself
CARD_DIGITS: Final = range(13, 20)
PHONE_DIGITS: Final = range(7, 16)


class What(StrEnum):
    """What a mark stands for; `LOOKS` says it to people."""

    NAME = "name"
    MAIL = "mail address"
    CARD = "card number"
    PHONE = "telephone number"
    ORDER = "order or customer number"
    ADDRESS = "address"


LOOKS: Final = {
    What.NAME: to_phrase("name"),
    What.MAIL: to_phrase("mail address"),
    What.CARD: to_phrase("card number"),
    What.PHONE: to_phrase("telephone number"),
    What.ORDER: to_phrase("order or customer number"),
    What.ADDRESS: to_phrase("address"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of a text that may name somebody: from `start` to `end` (characters), what it looks like, the piece."""

    start: int
    end: int
    what: What
    text: str


_MAIL: Final = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63})+")
_DIGITS: Final = re.compile(r"(?:\+?\(\+?\d{1,4}\)[ .\-/]{0,2}|\+)?\d(?:[ .\-/()\u00a0\u2009]{0,2}\d){4,30}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_CODE: Final = re.compile(
    r"(?<![\w-])(?=[A-Za-z\-/]*\d)(?=[\w\-/]*[A-Za-z])[A-Za-z0-9]+(?:[\-/][A-Za-z0-9]+)*(?![\w-])"
)
_NUMBERED: Final = re.compile(
    r"(?:#|\b(?:no|nr|number|order|ticket|case|invoice|contract|customer|account|ref(?:erence)?)\b[.:#\s]{1,3})"
    r"\s?([\w\-/]*\d[\w\-/]*)",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof|Sir|Madam|Herr|Frau|Senhora?|Sra?|Dona|Mme|Mlle|Monsieur|Madame|Signora?)\b\.?\s+"
    r"((?:[A-Z\u00c0-\u00de][\w'\u2019\-]+)(?:\s+(?:d[aeo]s?\s+|van\s+|von\s+|de\s+)?[A-Z\u00c0-\u00de][\w'\u2019\-]+){0,2})"
)
_STREET: Final = re.compile(
    r"\b\d{1,5}[A-Za-z]?,?\s+(?:[A-Z\u00c0-\u00de][\w'\u2019\-]+\s+){1,3}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Square|Close|Court|Way)\b"
    r"|\b(?:Rua|Avenida|Av\.|Travessa|Largo|Pra\u00e7a|Rue|Via|Calle)\s+(?:d[aeo]s?\s+)?[A-Z\u00c0-\u00de][\w'\u2019\-]+"
    r"(?:\s+[A-Z\u00c0-\u00de\d][\w'\u2019\-]*){0,3},?\s*\d{0,5}"
    r"|\b[A-Z\u00c0-\u00de]\w+(?:stra(?:\u00dfe|sse)|weg|gasse|platz|allee)\s+\d{1,5}[a-z]?\b"
)
_WORD: Final = re.compile(r"[^\W\d_][\w'\u2019\-]*")
# Words that are names too, and stand at the beginning of many sentences.
_PLAIN: Final = frozenset(
    "will may mark grant rose art bill faith hope joy june april august summer dawn grace page price rich young "  # noqa: SIM905
    "long king day rule case first late early cross field hall hill lake park west north east south short small "
    "wise good best love max pat sue rob nick jack pen reed stone wood brook ford banks marsh".split()
)
_CODE_DIGITS: Final = 4  # digits that make a mixed word a number of something
_BARE: Final = re.compile(r"(?<![\d.,])\d{5,}(?![\d.,]*\d)")  # so many digits in a row are no amount


def luhn(digits: str) -> bool:
    """Say whether digits pass the check of card numbers (ISO/IEC 7812-1, annex B)."""
    total = 0
    for n, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + n % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 -- two digits are added up
    return total % 10 == 0


class Directory:
    """The names of the people of an organisation, ready to be looked for: whole, and each part by itself."""

    def __init__(self, names: Iterable[str]) -> None:
        self._parts: dict[str, None] = {}
        for name in names:
            for part in _WORD.findall(name):
                if len(part) >= LEAST_NAME and part.casefold() not in _PLAIN:
                    self._parts[part.casefold()] = None

    def knows(self, word: str) -> bool:
        """Say whether a word with a capital letter is part of somebody's name; a possessive s is taken off."""
        if not word[:1].isupper():
            return False
        plain = re.sub(r"['\u2019]s?$", "", word).casefold()
        return plain in self._parts or (plain.endswith("s") and plain[:-1] in self._parts)


def find(text: str, directory: Directory) -> tuple[Mark, ...]:
    """Give what may name somebody in a text, in order, none over another; the sort that says most goes first."""
    found: list[Mark] = []
    for what, pieces in (
        (What.MAIL, _spans(_MAIL, text)),
        (What.CARD, _numbers(text, CARD_DIGITS, card=True)),
        (What.ADDRESS, _spans(_STREET, text)),
        (What.ORDER, ((m.start(1), m.end(1)) for m in _NUMBERED.finditer(text))),
        (What.ORDER, _codes(text)),
        (What.PHONE, _numbers(text, PHONE_DIGITS)),
        (What.ORDER, _bare(text)),
        (What.NAME, ((m.start(1), m.end(1)) for m in _TITLE.finditer(text))),
        (What.NAME, _names(text, directory)),
    ):
        for start, end in pieces:
            if all(end <= m.start or start >= m.end for m in found):
                found.append(Mark(start, end, what, text[start:end]))
    return tuple(sorted(found, key=lambda m: m.start))


def _spans(pattern: re.Pattern[str], text: str) -> Iterable[tuple[int, int]]:
    return (m.span() for m in pattern.finditer(text))


def _numbers(text: str, lengths: range, *, card: bool = False) -> Iterable[tuple[int, int]]:
    for m in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", m[0])
        if len(digits) not in lengths or _DATE.fullmatch(m[0].strip()):
            continue
        if not card or luhn(digits):
            yield m.span()


def _codes(text: str) -> Iterable[tuple[int, int]]:
    for m in _CODE.finditer(text):
        if sum(c.isdigit() for c in m[0]) >= _CODE_DIGITS:
            yield m.span()


def _bare(text: str) -> Iterable[tuple[int, int]]:
    return (m.span() for m in _BARE.finditer(text))


def _names(text: str, directory: Directory) -> Iterable[tuple[int, int]]:
    """Give runs of words that are parts of names: "Ana", "Ana Correia"."""
    run: tuple[int, int] | None = None
    for m in _WORD.finditer(text):
        if not directory.knows(m[0]):
            continue
        if run is not None and text[run[1] : m.start()].strip(" ") == "":
            run = (run[0], m.end())
        else:
            if run is not None:
                yield run
            run = m.span()
    if run is not None:
        yield run


def marks_of(card: CardText, directory: Directory, waived: Collection[str] = ()) -> Mapping[str, tuple[Mark, ...]]:
    """Give what is still marked in each field of a card: found, and not waived. Fields without a mark are left out."""
    found = {name: tuple(m for m in find(text, directory) if m.text not in waived) for name, text in card.all}
    return {name: marks for name, marks in found.items() if marks}
