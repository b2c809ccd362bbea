"""A rollout drawn by lot: who starts in which wave, what the draw will be able to show, whether it may speak at all.

A person's lot is the SHA-256 of seed and name: anybody can repeat the draw with nothing but the two, on any machine and
in any year. Need is served by strata: the weaker has more of the early places, the lot falls inside each.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LEAST_LATE: Final = 20  # people of a late wave
LATE_AFTER: Final = 59  # weeks from the first wave to the late one, so that 12 months can be compared
LEAST_TEAMS: Final = 16  # for an effect of a rollout drawn by team
_TILT: Final = (3.0, 1.0)  # early against late places of the weakest stratum


class By(StrEnum):
    """What a lot falls on."""

    PERSON = "person"
    TEAM = "team"


class Order(StrEnum):
    """Where the order of waves comes from; only a lot can tell an effect."""

    LOT = "lot"
    WEAKEST = "weakest"


@dataclass(frozen=True, slots=True)
class Wave:
    """Who starts in one week; `number` counts from 1, the late wave comes last."""

    number: int
    week: int
    people: tuple[str, ...]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Lots:
    """Groups that are drawn for: each unit's members, stratum (0 is the weakest) and the group it is spread over."""

    members: Mapping[str, tuple[str, ...]]
    strata: Mapping[str, int]
    groups: Mapping[str, str]


def lot(seed: int, name: str) -> float:
    """Give the lot of a name under a seed, in [0, 1)."""
    from hashlib import sha256  # noqa: PLC0415 -- slow import: a library of ciphers comes along

    return int.from_bytes(sha256(f"{seed}:{name}".encode()).digest()[:8], "big") / 2**64


def draw_waves(
    people: Iterable[str],
    teams: Mapping[str, str],
    strata: Mapping[str, int],
    weeks: Sequence[int],
    late: tuple[int, int] | None,
    *,
    by: By,
    seed: int,
) -> tuple[Wave, ...]:
    """Give the waves starting in `weeks` and, with `late` = (week, least number of people), a late one after them.

    `people` are names in any order, `teams` their teams, `strata` how they stood before wave one (0 the weakest; who
    lacks is in 0). Drawn by team, a team has one stratum. Raises ValueError for what cannot be drawn.
    """
    names = sorted(set(people))
    lots = _lots(names, teams, strata, by)
    if not names or not weeks or list(weeks) != sorted(set(weeks)) or (late and late[0] <= weeks[-1]):
        raise ValueError("waves need people and rising weeks, the late wave the last")
    places = len(weeks) + (late is not None)
    filled: list[list[str]] = [[] for _ in range(places)]
    levels = sorted(set(lots.strata.values()))
    if late and late[1] >= len(names):
        raise ValueError("the late wave would hold everybody")
    share = late[1] / len(names) if late else 0.0
    for level in levels:
        units = _in_order(seed, level, [unit for unit in lots.members if lots.strata[unit] == level], lots.groups)
        tail = _waiting(units, lots.members, share)
        for place, unit in _dealt(units[: len(units) - tail], _weights(levels.index(level), len(levels), len(weeks))):
            filled[place] += lots.members[unit]
        for unit in units[len(units) - tail :]:
            filled[-1] += lots.members[unit]
    starts = [*weeks, late[0]] if late else list(weeks)
    return tuple(
        Wave(number, week, tuple(sorted(who)), late is not None and number == places)
        for number, (week, who) in enumerate(zip(starts, filled, strict=True), start=1)
    )


def weakest_first(people: Iterable[str], means: Mapping[str, float], weeks: Sequence[int]) -> tuple[Wave, ...]:
    """Give waves by need alone: the lowest mean first. Allowed, and no effect can be told of it."""
    order = sorted(set(people), key=lambda name: (means.get(name, math.inf), name))
    filled: list[list[str]] = [[] for _ in weeks]
    for place, name in _dealt(order, [1.0] * len(weeks)):
        filled[place].append(name)
    return tuple(
        Wave(number, week, tuple(sorted(who)))
        for number, (week, who) in enumerate(zip(weeks, filled, strict=True), start=1)
    )


def weaker_half(means: Mapping[str, float]) -> Mapping[str, int]:
    """Give strata from means over the 26 weeks before: 0 for the lower half, 1 for the others."""
    order = sorted(means, key=lambda name: (means[name], name))
    return {name: 0 if 2 * place < len(order) else 1 for place, name in enumerate(order)}


def _lots(names: Sequence[str], teams: Mapping[str, str], strata: Mapping[str, int], by: By) -> Lots:
    if by is By.PERSON:
        members = {name: (name,) for name in names}
        groups = {name: teams.get(name, "") for name in names}
        return Lots(members, {name: strata.get(name, 0) for name in names}, groups)
    together: dict[str, list[str]] = {}
    for name in names:
        together.setdefault(teams.get(name, ""), []).append(name)
    levels: dict[str, int] = {}
    for team, inside in together.items():
        found = {strata.get(name, 0) for name in inside}
        if len(found) > 1:
            raise ValueError("drawn by team, all of a team are in one stratum")
        levels[team] = found.pop()
    return Lots({team: tuple(who) for team, who in together.items()}, levels, dict.fromkeys(together, ""))


def _in_order(seed: int, level: int, units: Sequence[str], groups: Mapping[str, str]) -> list[str]:
    """Give units in the order of their lots, the members of each group spread evenly over it."""
    inside: dict[str, list[str]] = {}
    for unit in units:
        inside.setdefault(groups[unit], []).append(unit)
    placed: list[tuple[float, float, str]] = []
    for group, members in inside.items():
        members.sort(key=lambda unit: (lot(seed, unit), unit))
        begin = lot(seed, f"group {level} {group}")
        placed += [((begin + k) / len(members), lot(seed, unit), unit) for k, unit in enumerate(members)]
    return [unit for _, _, unit in sorted(placed)]


def _weights(level: int, levels: int, waves: int) -> list[float]:
    """Give how the places of a stratum fall over the waves: 3 to 1 for the weakest, 1 to 3 for the strongest."""
    if levels == 1 or waves == 1:
        return [1.0] * waves
    lean = level / (levels - 1)
    early = _TILT[0] * (1 - lean) + _TILT[1] * lean
    late = _TILT[1] * (1 - lean) + _TILT[0] * lean
    return [early + (late - early) * k / (waves - 1) for k in range(waves)]


def _dealt(units: Sequence[str], weights: Sequence[float]) -> list[tuple[int, str]]:
    """Cut an order into as many stretches as there are weights, long by weight; give place and unit."""
    total, reached, cuts = sum(weights), 0.0, [0]
    for weight in weights:
        reached += weight
        cuts.append(round(len(units) * reached / total))
    cuts[-1] = len(units)
    return [(place, unit) for place in range(len(weights)) for unit in units[cuts[place] : cuts[place + 1]]]


def _waiting(units: Sequence[str], members: Mapping[str, tuple[str, ...]], share: float) -> int:
    """Give how many of the last units wait for the late wave, so that they are at least a share of the people."""
    needed = share * sum(len(members[unit]) for unit in units)
    count, people = 0, 0
    while people < needed - 1e-9:  # shares of thirds and the like
        count += 1
        people += len(members[units[-count]])
    if count == len(units):
        raise ValueError("the late wave would hold all of a stratum")
    return count
