"""What may happen between two states of one feed: the V rules, and nothing that looks like noise."""

import re

from tests.feeds.lint import Fault

STAMPS = frozenset(("DTSTAMP", "LAST-MODIFIED", "SEQUENCE"))
PLACE_AND_TIME = frozenset(("DTSTART", "DTEND", "LOCATION", "STATUS"))


def events(data: bytes) -> dict[str, dict[str, str]]:
    """Give the events of a body: UID -> property -> its whole line, unfolded."""
    text = data.decode().replace("\r\n ", "")
    found = {}
    for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT\r\n", text, re.DOTALL):
        lines = {re.split("[;:]", line)[0]: line for line in block.removesuffix("\r\n").split("\r\n")}
        found[lines["UID"].removeprefix("UID:")] = lines
    return found


def compare(before: bytes, after: bytes) -> list[Fault]:
    """Give every fault of the step from one state to the next."""
    faults: list[Fault] = []
    old, new = events(before), events(after)
    for uid, lines in new.items():
        known = old.get(uid)
        if known is None:
            if lines["STATUS"] == "STATUS:CANCELLED":
                faults.append(Fault("V03", f"{uid} first appears cancelled"))
            continue
        if lines == known:
            continue
        changed = {name for name in lines.keys() | known.keys() if lines.get(name) != known.get(name)}
        if not changed - STAMPS:
            faults.append(Fault("V02", f"{uid} has other stamps and says the same: {sorted(changed)}"))
        if lines["LAST-MODIFIED"] <= known["LAST-MODIFIED"]:
            faults.append(Fault("V02", f"{uid} says something else under the same stamp"))
        if lines["CREATED"] != known["CREATED"]:
            faults.append(Fault("E04", f"{uid} was created anew"))
        rise = _sequence(lines) - _sequence(known)
        if rise < 0:
            faults.append(Fault("V01", f"{uid} falls from {_sequence(known)} to {_sequence(lines)}"))
        if rise <= 0 and changed & PLACE_AND_TIME:
            faults.append(Fault("V01", f"{uid} has another {sorted(changed & PLACE_AND_TIME)} and the same SEQUENCE"))
        if rise > 0 and not changed & PLACE_AND_TIME:
            faults.append(Fault("V01", f"{uid} has a higher SEQUENCE and the same time, place and status"))
    return faults


def vanished(before: bytes, after: bytes, now_utc: str) -> list[Fault]:
    """Give the sessions that took place in the future, and are gone without a tombstone (V03, V04).

    `now_utc` is `YYYYMMDDTHHMMSS`; a change of role, team or filter may take a session away, the caller knows.
    """
    old, new = events(before), events(after)
    return [
        Fault("V03", f"{uid} is gone without a word")
        for uid, lines in old.items()
        if uid not in new and lines["STATUS"] != "STATUS:CANCELLED" and lines["DTEND"].rsplit(":", 1)[1] > now_utc
    ]


def _sequence(lines: dict[str, str]) -> int:
    return int(lines["SEQUENCE"].removeprefix("SEQUENCE:"))
