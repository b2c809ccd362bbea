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
        raise InvalidError(f"The file {place.name} cannot be used.", faults)
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
                    faults.add(item.line, f"criterion {guide.criterion} stands a second time")
                found[guide.criterion] = guide
            else:
                faults.add(item.line, f"a criterion is a mapping with {', '.join(CRITERION_KEYS)}")
        absent = [c for c in Criterion if c not in found]
        if absent:
            fields.fault("criteria", f"the four criteria are fixed; missing: {', '.join(absent)}")
    elif not faults.count:
        faults.add(1, f"a hiring card is a mapping with {', '.join(KEYS)}")
    return found, faults.found()


def _guide(fields: Fields) -> Guide:
    questions, levels = _texts(fields, "questions"), _texts(fields, "levels")
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        fields.fault("questions", f"1 to {MOST_QUESTIONS} of them")
    if len(levels) != len(LEVELS):
        fields.fault("levels", "exactly four, in words, from 1 to 4")
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
            fields.faults.add(item.line, f"{key}: each a text of at most {limits.TEXT} characters")
    return tuple(found)
