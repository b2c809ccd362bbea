"""A Programme as YAML: one way to write each value, so that what is exported and adopted again is the same."""

import re
from collections.abc import Iterable

from devsys.core.model.programme import Activity, Cadence, Intensity, Programme, Rhythm

WIDTH = 100
# A text that YAML reads as itself without quotes: starts with a letter, holds no sign that means something, and is
# none of the words YAML 1.1 takes for something else.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _.,;()/'\u2019\u2013-]*\Z")
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_SAFE = re.compile("[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_LAST_BMP = 0xFFFF


def write_programme(programme: Programme) -> str:
    r"""Give a programme as YAML: keys in a fixed order, defaults left out, long texts folded, a newline at the end.

    For every programme that `read_programme` gives, reading what is written gives an equal one, and writing that
    gives the same bytes. Comments of a file are not kept.
    """
    lines = [
        f"programme: {_scalar(programme.code)}",
        *_text("title", programme.title, ""),
        *_text("aim", programme.aim, ""),
    ]
    lines += _codes("includes", programme.includes, "")
    if programme.activities:
        lines.append("activities:")
        for number, activity in enumerate(programme.activities):
            body = list(_activity(activity))
            if number:
                lines.append("")
            lines.append(f"  - {body[0]}")
            lines += [f"    {line}" if line else "" for line in body[1:]]
    return "\n".join(lines) + "\n"


def _activity(activity: Activity) -> Iterable[str]:
    yield f"code: {_scalar(activity.code)}"
    yield from _text("title", activity.title)
    yield f"kind: {activity.kind}"
    yield from _text("aim", activity.aim)
    yield f"minutes: {activity.minutes}"
    yield f"group: {{least: {activity.group[0]}, most: {activity.group[1]}}}"
    yield "cadence:"
    yield from (f"  {line}" for line in _cadence(activity.cadence))
    yield from _codes("prerequisites", activity.prerequisites)
    yield from _codes("principles", activity.principles)
    if activity.intensity is not Intensity.MEDIUM:
        yield f"intensity: {activity.intensity}"
    if activity.recovery_minutes:
        yield f"recovery_minutes: {activity.recovery_minutes}"
    yield f"qualification: {_scalar(activity.qualification)}"
    yield f"room: {_yes(activity.room)}"
    if activity.one_team:
        yield "one_team: yes"
    yield from _codes("teams", activity.teams)
    if activity.prepare:
        yield from _text("prepare", activity.prepare)
    if activity.outline:
        yield "outline:"
        for minutes, what in activity.outline:
            yield f"  - minutes: {minutes}"
            yield from _text("what", what, "    ")


def _cadence(cadence: Cadence) -> Iterable[str]:
    yield f"rhythm: {cadence.rhythm}"
    yield f"weeks: {cadence.weeks}"
    if cadence.grace_days:
        yield f"grace_days: {cadence.grace_days}"
    if cadence.rotation:
        yield f"rotation: {_scalar(cadence.rotation)}"
    if cadence.offset_weeks:
        yield f"offset_weeks: {cadence.offset_weeks}"
    if cadence.settle_weeks:
        yield f"settle_weeks: {cadence.settle_weeks}"
    if cadence.rhythm is Rhythm.REQUEST and cadence.steps != 1:
        yield f"steps: {cadence.steps}"


def _yes(value: bool) -> str:  # noqa: FBT001 -- a value to write, not a switch
    return "yes" if value else "no"


def _codes(key: str, codes: Iterable[str], indent: str = "") -> Iterable[str]:
    written = ", ".join(_scalar(str(code), in_list=True) for code in codes)
    if not written:
        return
    if len(written) < WIDTH:
        yield f"{indent}{key}: [{written}]"
        return
    yield f"{indent}{key}:"
    yield from (f"{indent}  - {_scalar(str(code))}" for code in codes)


def _text(key: str, text: str, indent: str = "") -> Iterable[str]:
    """One field with a text: on one line if it is short, folded at the width, or line by line if it has lines."""
    safe = all(_SAFE.match(c) or c == "\n" for c in text)
    inner = indent + "  "
    if "\n" in text and safe and not text.startswith((" ", "\n")):
        yield f"{indent}{key}: |-"
        yield from (f"{inner}{line}" if line else "" for line in text.split("\n"))
    elif len(text) > WIDTH - len(key) and "\n" not in text and safe and not text.startswith(" "):
        yield f"{indent}{key}: >-"
        yield from (f"{inner}{line}" for line in _folded(text))
    else:
        yield f"{indent}{key}: {_scalar(text)}"


def _folded(text: str) -> Iterable[str]:
    """Break at single spaces only: YAML folds those back to what they were."""
    line = ""
    for word in re.split(r"(?<=[^ ]) (?=[^ ])", text):
        if line and len(line) + 1 + len(word) > WIDTH:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _scalar(text: str, *, in_list: bool = False) -> str:
    plain = _PLAIN.match(text) and text.casefold() not in _WORDS and not text.endswith(" ")
    if plain and not (in_list and "," in text):
        return text
    return '"' + "".join(_escaped(c) for c in text) + '"'


def _escaped(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    if _SAFE.match(letter):
        return letter
    return f"\\U{ord(letter):08X}" if ord(letter) > _LAST_BMP else f"\\u{ord(letter):04X}"
