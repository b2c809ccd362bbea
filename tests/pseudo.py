"""A language nobody speaks: every text longer, with other letters, between signs.

What stands outside the signs was not given to be translated.
"""

import re

from babel.support import NullTranslations

OPEN, CLOSE = "⟦", "⟧"
_OTHER = str.maketrans("aeiouAEIOUcnsyz", "àéîôûÀÉÎÔÛçñšýž")
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|&\w+;)")


def pseudo(text: str) -> str:
    """Give a text in it, with its places and tags as they are, about a third longer as German often is."""
    said = "".join(part if _KEPT.fullmatch(part) else part.translate(_OTHER) for part in _KEPT.split(text))
    return f"{OPEN}{said}{'·' * (len(text) // 3)}{CLOSE}"


class Pseudo(NullTranslations):
    """Its catalogue, which has everything."""

    def gettext(self, message):
        return pseudo(message)

    def ngettext(self, singular, plural, num):
        return pseudo(singular if num == 1 else plural)

    def pgettext(self, _context, message):
        return pseudo(message)

    def npgettext(self, _context, singular, plural, num):
        return self.ngettext(singular, plural, num)

    ugettext, ungettext, upgettext, unpgettext = gettext, ngettext, pgettext, npgettext


def outside(text: str) -> str:
    """Give what of a text stands outside the signs."""
    kept, depth = [], 0
    for letter in text:
        if letter == OPEN:
            depth += 1
        elif letter == CLOSE:
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(letter)
    return "".join(kept)
