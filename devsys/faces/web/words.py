"""Small words of sentences."""

from devsys.base.words import ENGLISH, language, phrases


def concerned_words(changes: int, people: int) -> str:
    """Say how much a plan changes, and for how many: "3 changes, 12 people concerned"."""
    what = phrases("%(num)s change", "%(num)s changes", changes)
    return phrases(
        "%(changes)s, %(num)s person concerned", "%(changes)s, %(num)s people concerned", people, changes=what
    )


def in_sentence(text: str) -> str:
    """Give words that stand alone with a capital as they stand within a sentence; nouns and CSAT keep theirs."""
    keeps = language() != ENGLISH or text[1:2].isupper()
    return text if keeps else text[:1].lower() + text[1:]


def first_up(text: str) -> str:
    """Give a sentence with its first letter raised."""
    return text[:1].upper() + text[1:]
