"""The setting that says which group gives which role, `group=role[:team], ...`: split and not judged."""

import re
from typing import Final

FORM: Final = 'as `learning-admins=administrator, "CN=leads,OU=Berlin"=lead:BER-1`'
_QUOTED: Final = r'"(?:[^"]|"")*"'
_PART: Final = re.compile(
    rf'\s*(?P<group>{_QUOTED}|[^",=][^",]*)\s*=\s*(?P<role>[a-z]+)\s*(?::\s*(?P<team>{_QUOTED}|[^",:]+))?(?P<end>,|$)'
)
_EMPTY: Final = re.compile(r"\s*(,|$)")


def split(text: str) -> tuple[tuple[str, str, str], ...]:
    """Give (group, word of the role, code of a team or empty) of each part, in the order given.

    A name that holds a comma or a quotation mark stands in quotation marks, those in it twice. Raises ValueError that
    names the part that is none.
    """
    found: list[tuple[str, str, str]] = []
    at = 0
    while at < len(text):
        if blank := _EMPTY.match(text, at):
            at = max(blank.end(), at + 1)
            continue
        part = _PART.match(text, at)
        names = [_plain(part["group"]), _plain(part["team"] or "")] if part else ["", ""]
        if part is None or not names[0] or (part["team"] is not None and not names[1]):
            raise ValueError(f"{text[at:].partition(',')[0].strip()!r} is no group with a role, {FORM}")
        found.append((names[0], part["role"], names[1]))
        at = part.end()
    return tuple(found)


def _plain(name: str) -> str:
    name = name.strip()
    return name[1:-1].replace('""', '"').strip() if name.startswith('"') else name
