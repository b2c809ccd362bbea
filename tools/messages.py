"""Look after the catalogues of other languages: what lacks, what nobody says any more, one order in every file.

`python3 tools/messages.py missing [PATH ...]` gives what is said under some paths and has no translation yet, as
entries to be filled in and put into the file of their part (`devsys/translations/LANGUAGE/PART.po`); `tidy` sorts the
files and takes out what nobody says any more. Run it with the project's environment.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from devsys.base.words import ENGLISH, KEYWORDS, LANGUAGES  # noqa: E402 -- of this tree

FOLDER: Final = ROOT / "devsys" / "translations"
TEMPLATES: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
SOURCES: Final[tuple[tuple[str, str, str, Mapping[str, Any]], ...]] = (
    ("devsys", "**.py", "python", KEYWORDS),
    ("templates", "**.html", "jinja2", TEMPLATES),
    ("templates", "**.txt", "jinja2", TEMPLATES),
)
OTHERS: Final = tuple(code for code in LANGUAGES if code != ENGLISH)
WIDTH: Final = 110

Key = tuple[str, str]  # context or "", the text or the singular of two


def key_of(message: Message) -> Key:
    """Give what tells messages apart."""
    one = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", one


def said() -> Mapping[Key, Message]:
    """Give every text that the code and the templates say, with where."""
    found = Catalog()
    for folder, pattern, method, keywords in SOURCES:
        options = {pattern: {"trimmed": "true", "silent": "false"}} if method == "jinja2" else {}
        for file, line, text, _comments, context in extract_from_dir(
            ROOT / folder, [(pattern, method)], options, keywords
        ):
            found.add(text, context=context, locations=[(f"{folder}/{file}", line)])
    return {key_of(message): message for message in found if message.id}


def files(language: str) -> Iterator[Path]:
    """Give the catalogues of a language by name."""
    yield from sorted((FOLDER / language).glob("*.po"))


def read(file: Path, language: str) -> Catalog:
    """Read one catalogue. Raises PoFileError with the line that is no PO."""
    with file.open("rb") as lines:
        return read_po(lines, locale=language, abort_invalid=True)


def written(catalog: Catalog) -> bytes:
    """Give a catalogue in its one order, without places or dates that change by themselves."""
    out = BytesIO()
    write_po(out, catalog, width=WIDTH, omit_header=True, sort_output=True, no_location=True)
    return out.getvalue().lstrip(b"\n")


def known(language: str) -> Mapping[Key, Message]:
    """Give all messages of a language."""
    return {key_of(m): m for file in files(language) for m in read(file, language) if m.id}


def _whole(message: Message) -> bool:
    texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
    return all(texts)


def missing(language: str, under: tuple[str, ...]) -> Catalog:
    """Give what is said under some paths, or anywhere, and has no translation."""
    there = {key for key, m in known(language).items() if _whole(m)}
    found = Catalog(locale=language)
    for key, message in said().items():
        if key not in there and (not under or any(str(file).startswith(under) for file, _ in message.locations)):
            found.add(message.id, context=message.context, locations=message.locations)
    return found


def tidy(language: str) -> None:
    """Sort the catalogues of a language; drop what nobody says, and what stands in an earlier file already."""
    wanted = set(said())
    taken: set[Key] = set()
    for file in files(language):
        kept = Catalog(locale=language)
        for message in read(file, language):
            if message.id and key_of(message) in wanted - taken:
                taken.add(key_of(message))
                kept.add(message.id, message.string, context=message.context, user_comments=message.user_comments)
        file.write_bytes(written(kept))


def main() -> int:
    """Do what is asked; 1 where something lacks."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", choices=("missing", "tidy"))
    asked.add_argument("paths", nargs="*")
    words = asked.parse_args()
    lacking = 0
    for language in OTHERS:
        if words.what == "tidy":
            tidy(language)
            continue
        found = missing(language, tuple(words.paths))
        lacking += len(found)
        write_po(sys.stdout.buffer, found, width=WIDTH, omit_header=True)
    return int(lacking > 0)


if __name__ == "__main__":
    sys.exit(main())
