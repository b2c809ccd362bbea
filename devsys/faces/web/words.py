"""Small words of sentences: figures spoken, lists joined."""

from collections.abc import Sequence
from typing import Final

_SPOKEN: Final = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def spoken(count: int) -> str:
    """Give a figure as a sentence says it: six, 13, 1,304."""
    return _SPOKEN[count] if 0 <= count < len(_SPOKEN) else f"{count:,}"


def spoken_of(count: int, one: str, many: str = "") -> str:
    """Give a spoken figure with its noun: "one session", "six teams"."""
    return f"{spoken(count)} {one if count == 1 else many or one + 's'}"


def several(words: Sequence[str], joint: str = "and") -> str:
    """Join words as a sentence does: a, b and c."""
    if len(words) < 2:  # noqa: PLR2004
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def first_up(text: str) -> str:
    """Give a sentence with its first letter raised."""
    return text[:1].upper() + text[1:]
