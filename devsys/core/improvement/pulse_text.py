"""The statements of the pulse: YAML text to a Pulse, and every fault with its file and line."""

from typing import Final

from devsys.base.errors import Fault
from devsys.base.fields import Fields
from devsys.base.tree import Entries, Faults, grow
from devsys.base.words import phrase
from devsys.core.model.pulse import STATEMENTS, Pulse, Statement

KEYS: Final = ("pulse", "title", "lead", "statements")
STATEMENT_KEYS: Final = ("code", "words")


def read_pulse(text: str, name: str) -> tuple[Pulse | None, tuple[Fault, ...]]:
    """Give what a text asks, or None and what is wrong; `name` is the file in `name:line`. It never raises."""
    faults = Faults(name)
    tree = grow(text, faults, "pulse")
    found = None
    if isinstance(tree, Entries):
        fields = Fields(tree, "", KEYS, faults)
        fields.code("pulse")
        found = Pulse(fields.text("title"), fields.text("lead"), _statements(fields, faults))
    elif not faults.count:
        faults.add(1, phrase("a pulse is a mapping with %(keys)s", keys=", ".join(KEYS)))
    wrong = faults.found()
    return (None if wrong else found), wrong


def _statements(fields: Fields, faults: Faults) -> tuple[Statement, ...]:
    found: list[Statement] = []
    for item in fields.items("statements"):
        if not isinstance(item, Entries):
            faults.add(
                item.line,
                phrase("a statement is a mapping with %(statement_keys)s", statement_keys=", ".join(STATEMENT_KEYS)),
            )
            continue
        one = Fields(item, "", STATEMENT_KEYS, faults)
        statement = Statement(one.code("code"), one.text("words"))
        if statement.code in {s.code for s in found}:
            one.fault("code", phrase("%(code)s stands a second time", code=statement.code))
        found.append(statement)
    if len(found) != STATEMENTS and not faults.count:
        fields.fault("statements", phrase("exactly %(statements)s of them", statements=STATEMENTS))
    return tuple(found)
