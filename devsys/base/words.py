"""The language a text is said in: English where it stands in the code, another one by a catalogue beside it.

`phrase` gives a text in the language spoken now, `phrases` one that depends on a number, `to_phrase` makes a
constant that is said when it is shown, `to_keep` marks one that stays English (a member of an enum, a row) until
`phrase` says it. A place is named, never joined on, for other languages order words otherwise:
`phrase("%(who)s is away until %(day)s.", who=..., day=...)`.

What is spoken belongs to the task at hand (a context variable): a page is said in its reader's language, a letter in
that of the one it is to, what is kept or given to programs in that of the organisation. Catalogues are PO files of GNU
gettext in `translations/LANGUAGE/`, one for each part of devsys, read as they are: nothing is compiled.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from html import escape
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, SupportsIndex

from devsys.base.resources import folder

if TYPE_CHECKING:
    from babel.support import NullTranslations

ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({ENGLISH: "English", "de": "Deutsch"})  # each by its own name
# What tools/messages.py looks for: the functions, and which of their arguments are texts.
KEYWORDS: Final = {"phrase": None, "to_phrase": None, "to_keep": None, "phrases": (1, 2), "phrase_as": ((1, "c"), 2)}


@cache
def tongue(language: str) -> "NullTranslations":
    """Give the texts of a language; English, and any that is not known, is as the code has it."""
    # What says nothing yet, such as a process that plans, does without Babel and what reads catalogues.
    from babel.support import NullTranslations, Translations  # noqa: PLC0415 -- slow import

    if language == ENGLISH or language not in LANGUAGES:
        return NullTranslations()
    from babel.messages.catalog import Catalog  # noqa: PLC0415
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    whole = Catalog(locale=language)
    for file in sorted((folder("translations") / language).glob("*.po")):
        with file.open("rb") as lines:
            for message in read_po(lines, locale=language):
                if message.id:
                    whole.add(message.id, message.string, context=message.context)
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


_spoken: ContextVar[tuple[str, "NullTranslations | None"]] = ContextVar("spoken", default=(ENGLISH, None))


def language() -> str:
    """Give the code of the language spoken now."""
    return _spoken.get()[0]


def texts() -> "NullTranslations":
    """Give the texts of the language spoken now, for what brings its own way to use them (templates)."""
    code, said_by = _spoken.get()
    return said_by or tongue(code)


def speak(code: str, said_by: "NullTranslations | None" = None) -> None:
    """Speak a language from now on in this task; `said_by` stands for its catalogue (a pseudo-language of tests)."""
    _spoken.set((code, said_by or tongue(code)))


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = _spoken.set((code, tongue(code)))
    try:
        yield
    finally:
        _spoken.reset(before)


def phrase(text: str, /, **values: object) -> str:
    """Give a text in the language spoken, with its places filled: `%(name)s`; without values a `%` is itself."""
    found = str(texts().gettext(text))
    return found % values if values else found


def phrases(one: str, many: str, num: int, /, **values: object) -> str:
    """Give a text that depends on a number, which is `%(num)s`: written as numbers are, or as `values` have it."""
    return str(texts().ngettext(one, many, num)) % {"num": grouped(f"{num:,}"), **values}


def phrase_as(context: str, text: str, /, **values: object) -> str:
    """Give a text of which English has one and other languages several: `phrase_as("noun", "Plan")`."""
    found = str(texts().pgettext(context, text))
    return found % values if values else found


class Later(str):
    """A constant that is said in the language spoken when it is shown: printed, formatted, put into a sentence.

    Compared, hashed, kept and sent to other programs it is the English text that stands in the code.
    """

    __slots__ = ()

    def __str__(self) -> str:
        """Give the text in the language spoken."""
        return str.__str__(texts().gettext(str.__str__(self)))

    def __html__(self) -> str:
        """Give it for a page: what templates join and escape."""
        return escape(str(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __add__(self, other: str) -> str:
        return str(self) + other

    def __getitem__(self, at: SupportsIndex | slice) -> str:
        return str(self)[at]

    def lower(self) -> str:
        """Give it without capitals, in the language spoken."""
        return str(self).lower()

    def capitalize(self) -> str:
        """Give it with a capital at its start, in the language spoken."""
        return str(self).capitalize()


def to_phrase(text: str) -> str:
    """Give a constant that is said in the language spoken when it is shown, not in that of when it was made."""
    return Later(text)


def to_keep(text: str) -> str:
    """Give a text as it stands here: it is compared or kept in English, and `phrase` says it when it is shown."""
    return text


def grouped(figure: str) -> str:
    """Give a number as Python writes it (12,345.6) with the signs of the language spoken (CLDR)."""
    code = language()
    if code == ENGLISH or code not in LANGUAGES:
        return figure
    from babel import Locale  # noqa: PLC0415 -- slow import

    signs = Locale.parse(code).number_symbols["latn"]
    return figure.translate({ord(","): signs["group"], ord("."): signs["decimal"]})
