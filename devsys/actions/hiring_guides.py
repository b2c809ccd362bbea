"""What assessors are told of the four criteria: read from schedules/hiring_cards.yaml, the organisation's own first."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from devsys.actions.parts import Parts
from devsys.base import limits
from devsys.base.errors import Fault, InvalidError
from devsys.base.fields import Fields
from devsys.base.resources import folder
from devsys.base.tree import Entries, Faults, Scalar, grow
from devsys.base.words import phrase
from devsys.core.model.hiring import LEVELS, MOST_QUESTIONS, Criterion, Guide, Guides

FILE: Final = "hiring_cards.yaml"
KEYS: Final = ("card", "title", "criteria")
CRITERION_KEYS: Final = ("criterion", "title", "means", "questions", "levels")
MEANS: Final = 500


def guides(parts: Parts) -> Guides:
    """Give the four criteria with their questions and words. Raises InvalidError when the file cannot be read."""
    own = parts.settings.schedules
    place = own / FILE if own is not None and (own / FILE).is_file() else folder("schedules") / FILE
    return _kept(place, place.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _kept(place: Path, _changed: int) -> Guides:
    data = limits.within(place.read_bytes(), limits.YAML_BYTES, place.name)
    found, faults = read_guides(limits.decoded(data, place.name), place.name)
    if faults:
        raise InvalidError(phrase("The file %(name)s cannot be used.", name=place.name), faults)
    return found


def read_guides(text: str, name: str) -> tuple[Guides, tuple[Fault, ...]]:
    """Give the criteria a YAML text holds, and what is wrong with it by `name:line`; each of the four once."""
    faults = Faults(name)
    tree = grow(text, faults, "card")
    found: dict[Criterion, Guide] = {}
    if isinstance(tree, Entries):
        fields = Fields(tree, "", KEYS, faults)
        fields.text("title")
        for item in fields.items("criteria"):
            if isinstance(item, Entries):
                guide = _guide(Fields(item, "", CRITERION_KEYS, faults))
                if guide.criterion in found:
                    faults.add(
                        item.line, phrase("criterion %(criterion)s stands a second time", criterion=guide.criterion)
                    )
                found[guide.criterion] = guide
            else:
                faults.add(
                    item.line,
                    phrase(
                        "a criterion is a mapping with %(criterion_keys)s", criterion_keys=", ".join(CRITERION_KEYS)
                    ),
                )
        absent = [c for c in Criterion if c not in found]
        if absent:
            fields.fault(
                "criteria", phrase("the four criteria are fixed; missing: %(absent)s", absent=", ".join(absent))
            )
    elif not faults.count:
        faults.add(1, phrase("a hiring card is a mapping with %(keys)s", keys=", ".join(KEYS)))
    return found, faults.found()


def _guide(fields: Fields) -> Guide:
    questions, levels = _texts(fields, "questions"), _texts(fields, "levels")
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        fields.fault("questions", phrase("1 to %(most_questions)s of them", most_questions=MOST_QUESTIONS))
    if len(levels) != len(LEVELS):
        fields.fault("levels", phrase("exactly four, in words, from 1 to 4"))
    four = (*levels, "", "", "", "")[: len(LEVELS)]
    return Guide(
        criterion=fields.choice("criterion", Criterion),
        title=fields.text("title"),
        means=fields.text("means", limit=MEANS),
        questions=questions,
        levels=(four[0], four[1], four[2], four[3]),
    )


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    found = []
    for item in fields.items(key):
        if isinstance(item, Scalar) and 0 < len(item.text.strip()) <= limits.TEXT:
            found.append(item.text.strip())
        else:
            fields.faults.add(
                item.line, phrase("%(key)s: each a text of at most %(text)s characters", key=key, text=limits.TEXT)
            )
    return tuple(found)
