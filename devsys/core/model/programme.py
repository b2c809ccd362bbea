"""What an organisation wants its people to learn: programmes, activities, cadences."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The seven kinds of activity; each has its colour and icon (look.md section 4)."""

    BOUNDARIES = "boundaries"
    SKILL = "skill"
    ROUND = "round"
    DIGITAL = "digital"
    CROSS_CULTURAL = "cross_cultural"
    EMOTIONAL_SUPPORT = "emotional_support"
    COACHING = "coaching"


class Principle(StrEnum):
    """The five principles: instead of scripts."""

    LISTEN = "listen"
    QUESTION = "question"
    EXPLAIN = "explain"
    OWN = "own"
    FOLLOW_UP = "follow_up"


class Intensity(StrEnum):
    """How much a session asks of people; a heavy one is followed by a recovery gap."""

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"


class Rhythm(StrEnum):
    """How a need comes about."""

    EVERY = "every"  # every `weeks` weeks
    ONCE = "once"  # once a person, within `weeks` weeks of joining (or of the programme's start)
    REQUEST = "request"  # only when asked for: coaching


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often an activity returns. All lengths in days unless they say weeks.

    EVERY: one need per period of `weeks` weeks, earliest at its start, due at its end, latest `grace_days` later.
    `rotation` names a ring of activities that take turns: one need per period for the whole ring, shifted by team.
    `offset_weeks` moves the first period. ONCE: due `weeks` weeks after joining. REQUEST: a series of `steps`
    sessions, step k earliest k times `weeks` weeks after the request, due twice `weeks` weeks later, latest
    `grace_days` after that; with the usual one week and seven days: 7k, + 14, + 21. `settle_weeks` keeps EVERY and
    ONCE from a joiner's first weeks.
    """

    rhythm: Rhythm
    weeks: int = 0
    grace_days: int = 0
    rotation: str = ""
    offset_weeks: int = 0
    steps: int = 1
    settle_weeks: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """One kind of thing people do in a programme.

    `code` is unique over all adopted programmes; `minutes` a multiple of 30; `group` (least, most) people;
    `one_team` seats one team only; `room` needs a room, otherwise it is held online; `recovery_minutes` off the
    queue afterwards (heavy sessions); `qualification` a facilitator must hold; `teams` limits the cohort to team
    codes, empty means everybody; `outline` is for the facilitator: (minutes, what) pairs.
    """

    code: str
    title: str
    kind: Kind
    minutes: int
    group: tuple[int, int]
    cadence: Cadence
    aim: str
    qualification: str
    room: bool = True
    one_team: bool = False
    intensity: Intensity = Intensity.MEDIUM
    recovery_minutes: int = 0
    prerequisites: tuple[str, ...] = ()
    principles: tuple[Principle, ...] = ()
    teams: tuple[str, ...] = ()
    outline: tuple[tuple[int, str], ...] = ()
    prepare: str = ""


@dataclass(frozen=True, slots=True)
class Programme:
    """A named set of activities; `includes` names other programmes that belong to it."""

    code: str
    title: str
    aim: str
    activities: tuple[Activity, ...]
    includes: tuple[str, ...] = ()
