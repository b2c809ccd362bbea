"""A programme file: YAML text to a Programme, and every fault with its file and line."""

from collections.abc import Mapping

from devsys.base import limits
from devsys.base.errors import Fault, InvalidError
from devsys.base.fields import CODE, Fields
from devsys.base.text import clean
from devsys.base.tree import Entries, Faults, grow
from devsys.base.words import phrase
from devsys.core.model.programme import Activity, Cadence, Intensity, Kind, Principle, Programme, Rhythm
from devsys.core.programmes.windows import SERIES_GRACE_DAYS

AIM = 500
MOST_LINES = 40
STEP_MINUTES = 30
SESSION = (30, 240)
RECOVERY = (0, 240)
GROUP = (1, 500)
WEEKS = (1, 104)
GRACE_DAYS = 182
STEPS = (1, 20)
OUTLINE_MINUTES = (1, 240)

PROGRAMME_KEYS = ("programme", "title", "aim", "includes", "activities")
ACTIVITY_KEYS = (
    "code",
    "title",
    "kind",
    "aim",
    "minutes",
    "group",
    "cadence",
    "prerequisites",
    "principles",
    "intensity",
    "recovery_minutes",
    "qualification",
    "room",
    "one_team",
    "teams",
    "prepare",
    "outline",
)
GROUP_KEYS = ("least", "most")
OUTLINE_KEYS = ("minutes", "what")
CADENCE_KEYS = ("rhythm", "weeks", "grace_days", "rotation", "offset_weeks", "settle_weeks", "steps")
# What a cadence may say besides its rhythm, by rhythm.
_CADENCE_HAS: Mapping[Rhythm, tuple[str, ...]] = {
    Rhythm.EVERY: ("weeks", "grace_days", "rotation", "offset_weeks", "settle_weeks"),
    Rhythm.ONCE: ("weeks", "grace_days", "offset_weeks", "settle_weeks"),
    Rhythm.REQUEST: ("weeks", "grace_days", "steps"),
}


def read_programme(text: str, name: str) -> tuple[Programme | None, tuple[Fault, ...]]:
    """Give the programme a YAML text holds, or None and what is wrong; `name` is the file in `name:line`.

    Texts are cleaned (trust.md R15). Whatever the text holds, it never raises: an alias bomb, a tag, a wall of
    brackets end as faults. What needs other programmes (prerequisites, loops, the boundaries gate) is judged by
    `check_programmes`.
    """
    found, _, faults = read_with_lines(text, name)
    return found, faults


def read_with_lines(text: str, name: str) -> tuple[Programme | None, Mapping[str, str], tuple[Fault, ...]]:
    """Give what `read_programme` gives, and between the two where things stand.

    The places are `file:line`: of the programme by its code, of an activity by `programme/activity`, and of each
    field of either by one of these with `:field` behind it.
    """
    faults = Faults(name)
    tree = grow(text, faults)
    places: dict[str, str] = {}
    programme = None
    if isinstance(tree, Entries):
        programme = _programme(tree, faults, places)
    elif tree is not None:
        faults.add(tree.line, phrase("a programme is a mapping with %(keys)s", keys=", ".join(PROGRAMME_KEYS)))
    found = faults.found()
    return (None if found else programme), places, found


def _programme(tree: Entries, faults: Faults, places: dict[str, str]) -> Programme:
    fields = Fields(tree, "", PROGRAMME_KEYS, faults)
    code = fields.code("programme")
    _keep_places(places, code, fields)
    activities: list[Activity] = []
    for item in fields.items("activities"):
        if not isinstance(item, Entries):
            faults.add(item.line, phrase("an activity is a mapping with %(keys)s", keys=", ".join(ACTIVITY_KEYS)))
            continue
        activity, its = _activity(item, faults)
        first = places.get(f"{code}/{activity.code}")
        if activity.code and first:
            faults.add(
                item.line,
                phrase(
                    "activity %(code)s: a second one of this code; the first is at %(first)s",
                    code=activity.code,
                    first=first,
                ),
            )
        _keep_places(places, f"{code}/{activity.code}", its)
        activities.append(activity)
    includes = fields.several("includes", _code, phrase("is the code of a programme"))
    if not activities and not includes:
        fields.fault("activities", phrase("is missing; a programme has activities, or includes other programmes"))
    if code and code in includes:
        fields.fault("includes", phrase("a programme cannot include itself"))
    return Programme(code, fields.text("title"), fields.text("aim", limit=AIM), tuple(activities), includes)


def _code(text: str) -> str | None:
    return text if CODE.match(text) else None


def _principle(text: str) -> Principle | None:
    return Principle(text) if text in set(Principle) else None


def _team(text: str) -> str | None:
    try:
        return clean(text, limit=60) or None
    except InvalidError:
        return None


def _keep_places(places: dict[str, str], key: str, fields: Fields) -> None:
    places.setdefault(key, f"{fields.faults.name}:{fields.line}")
    for field, line in fields.lines.items():
        places.setdefault(f"{key}:{field}", f"{fields.faults.name}:{line}")


def _activity(item: Entries, faults: Faults) -> tuple[Activity, Fields]:
    first = Fields(item, "activity", (*ACTIVITY_KEYS, *(k.text for k, _ in item.entries)), faults)
    code = first.code("code")
    fields = Fields(item, f"activity {code}" if code else "activity", ACTIVITY_KEYS, faults)
    before = faults.count
    minutes = fields.whole("minutes", *SESSION, step=STEP_MINUTES)
    length = minutes if faults.count == before else None
    intensity = fields.choice("intensity", Intensity, Intensity.MEDIUM)
    activity = Activity(
        code=code,
        title=fields.text("title"),
        kind=fields.choice("kind", Kind),
        minutes=minutes,
        group=_group(fields),
        cadence=_cadence(fields),
        aim=fields.text("aim", limit=AIM),
        qualification=fields.code("qualification"),
        room=fields.yes("room", default=True),
        one_team=fields.yes("one_team", default=False),
        intensity=intensity,
        recovery_minutes=fields.whole("recovery_minutes", *RECOVERY, 0, step=STEP_MINUTES),
        prerequisites=fields.several("prerequisites", _code, phrase("is the code of an activity")),
        principles=fields.several("principles", _principle, phrase("is one of %(known)s", known=", ".join(Principle))),
        teams=fields.several("teams", _team, phrase("is the code of a team")),
        outline=_outline(fields, length),
        prepare=fields.text("prepare", limit=limits.LONG_TEXT, long=True, needed=False),
    )
    if code and code in activity.prerequisites:
        fields.fault("prerequisites", phrase("an activity cannot need itself"))
    if intensity is Intensity.HEAVY and not activity.recovery_minutes:
        fields.fault("recovery_minutes", phrase("a heavy session is followed by 30 minutes of recovery or more"))
    if intensity is not Intensity.HEAVY and activity.recovery_minutes:
        fields.fault(
            "recovery_minutes", phrase("only a heavy session has recovery; set intensity: heavy, or take it out")
        )
    return activity, fields


def _group(fields: Fields) -> tuple[int, int]:
    group = fields.mapping("group", GROUP_KEYS)
    if group is None:
        return (1, 1)
    least, most = group.whole("least", *GROUP), group.whole("most", *GROUP)
    if least > most and group.has("most"):
        group.fault("least", phrase("at most %(most)s, the most people; %(least)s was given", most=most, least=least))
    return (least, most)


def _cadence(fields: Fields) -> Cadence:
    cadence = fields.mapping("cadence", CADENCE_KEYS)
    if cadence is None:
        return Cadence(Rhythm.REQUEST)
    rhythm = cadence.choice("rhythm", Rhythm)
    if cadence.has("rhythm"):
        for key in CADENCE_KEYS[1:]:
            if cadence.has(key) and key not in _CADENCE_HAS[rhythm]:
                cadence.fault(key, phrase("has no meaning with rhythm: %(rhythm)s; take it out", rhythm=rhythm))
    # A step of a series always has days of grace: without them it could never be late, only lost.
    least, usual = (1, SERIES_GRACE_DAYS) if rhythm is Rhythm.REQUEST else (0, 0)
    before = cadence.faults.count
    found = Cadence(
        rhythm=rhythm,
        weeks=cadence.whole("weeks", *WEEKS),
        grace_days=cadence.whole("grace_days", least, GRACE_DAYS, usual),
        rotation=cadence.code("rotation", needed=False),
        offset_weeks=cadence.whole("offset_weeks", 0, WEEKS[1], 0),
        settle_weeks=cadence.whole("settle_weeks", 0, WEEKS[1], 0),
        steps=cadence.whole("steps", *STEPS, 1),
    )
    if cadence.faults.count > before:
        return found
    most = found.weeks * 7
    if rhythm is Rhythm.EVERY and found.grace_days > most:
        cadence.fault(
            "grace_days",
            phrase("at most %(most)s, the days of a period; %(given)s was given", most=most, given=found.grace_days),
        )
    if rhythm is Rhythm.ONCE and found.settle_weeks >= found.weeks:
        cadence.fault(
            "settle_weeks", phrase("less than weeks (%(weeks)s), or nothing is left of the window", weeks=found.weeks)
        )
    return found


def _outline(fields: Fields, length: int | None) -> tuple[tuple[int, str], ...]:
    """Read the outline; that it fills `length` minutes is asked only when both are known."""
    lines: list[tuple[int, str]] = []
    before = fields.faults.count
    for item in fields.items("outline", MOST_LINES):
        if not isinstance(item, Entries):
            fields.faults.add(
                item.line,
                f"{fields.what}: outline: " + phrase("each line wants %(keys)s", keys=", ".join(OUTLINE_KEYS)),
            )
            continue
        line = Fields(item, f"{fields.what}: outline", OUTLINE_KEYS, fields.faults)
        lines.append((line.whole("minutes", *OUTLINE_MINUTES), line.text("what", limit=limits.LONG_TEXT, long=True)))
    total = sum(m for m, _ in lines)
    if lines and length not in (None, total) and fields.faults.count == before:
        fields.fault(
            "outline",
            phrase("its minutes add up to %(total)s; the session lasts %(length)s", total=total, length=length),
        )
    return tuple(lines)
