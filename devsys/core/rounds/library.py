"""Situations that lie ready, from a YAML file: read with the limits of programmes, every fault by its code."""

from typing import Any, Final

import yaml

from devsys.base.errors import Fault, InvalidError
from devsys.base.limits import LONG_TEXT, TEXT, YAML_BYTES, within
from devsys.base.text import clean
from devsys.base.words import phrase
from devsys.core.model.programme import Principle
from devsys.core.model.rounds import Situation

_KEYS: Final = {"code", "title", "principles", "situation", "ask"}


class _Plain(yaml.SafeLoader):
    """YAML without aliases: a few lines can say no more than they hold."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse an alias."""
        if self.check_event(yaml.events.AliasEvent):
            raise InvalidError(
                phrase("A file of situations holds no aliases."), (Fault("the file", phrase("no & and *")),)
            )
        return super().compose_node(parent, index)


def read_library(text: str, name: str) -> tuple[Situation, ...]:
    """Give the situations of a file; `name` stands in the message. Raises InvalidError with every fault."""
    within(text.encode("utf-8", "replace"), YAML_BYTES, name)
    try:
        found = yaml.load(text, Loader=_Plain)  # noqa: S506 -- a safe loader, without aliases
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidError(
            phrase("%(name)s is no YAML that can be read.", name=name), (Fault(name, str(error)[:TEXT]),)
        ) from None
    listed = found.get("situations") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise InvalidError(phrase("%(name)s holds no list of situations.", name=name), (Fault(name, "situations:"),))
    faults: list[Fault] = []
    made = [
        _situation(one, phrase("%(name)s, situation %(n)s", name=name, n=n), faults) for n, one in enumerate(listed, 1)
    ]
    codes = [one.code for one in made]
    faults += [Fault(name, phrase("the code “%(c)s” once", c=c)) for c in dict.fromkeys(codes) if codes.count(c) > 1]
    if faults:
        raise InvalidError(phrase("%(name)s cannot be taken.", name=name), tuple(faults))
    return tuple(made)


def _situation(one: Any, where: str, faults: list[Fault]) -> Situation:
    if not isinstance(one, dict) or set(one) != _KEYS:
        faults.append(Fault(where, phrase("exactly %(keys)s", keys=", ".join(sorted(_KEYS)))))
        return Situation("", "", (), "", ())
    asked = one["ask"] if isinstance(one["ask"], list) else []
    named = one["principles"] if isinstance(one["principles"], list) else []
    if not asked or not all(isinstance(a, str) for a in asked):
        faults.append(Fault(where, phrase("at least one question under ask")))
    if not named or not {str(p) for p in named} <= set(Principle):
        faults.append(Fault(where, phrase("principles of %(principle)s", principle=", ".join(Principle))))
        named = []
    return Situation(
        code=_text(one["code"], TEXT, where, faults),
        title=_text(one["title"], TEXT, where, faults),
        principles=tuple(Principle(p) for p in named),
        situation=_text(one["situation"], LONG_TEXT, where, faults),
        ask=tuple(_text(a, TEXT, where, faults) for a in asked),
    )


def _text(value: Any, limit: int, where: str, faults: list[Fault]) -> str:
    try:
        found = clean(value, limit=limit, long=True) if isinstance(value, str) else ""
    except InvalidError as error:
        faults.append(Fault(where, error.message))
        return ""
    if not found:
        faults.append(Fault(where, phrase("text in code, title, situation and ask")))
    return found
