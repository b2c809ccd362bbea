"""Small words of sentences."""

from devsys.base.written import spoken


def spoken_of(count: int, one: str, many: str = "") -> str:
    """Give a spoken figure with its noun: "one session", "six teams"."""
    return f"{spoken(count)} {one if count == 1 else many or one + 's'}"


def first_up(text: str) -> str:
    """Give a sentence with its first letter raised."""
    return text[:1].upper() + text[1:]
