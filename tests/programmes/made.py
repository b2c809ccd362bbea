"""Programmes and people for these tests: a small gate, a ring, a round, and teams in zones worth testing."""

from dataclasses import replace
from datetime import date

from devsys.base.resources import folder, programme_files
from devsys.core.model.people import Facilitator, Held, Organisation, Person, Queue, Site, Team
from devsys.core.model.programme import Activity, Cadence, Intensity, Kind, Programme, Rhythm

MONDAY = date(2026, 1, 5)
GATE = Activity(
    code="boundaries",
    title="Boundaries",
    kind=Kind.BOUNDARIES,
    minutes=120,
    group=(1, 12),
    cadence=Cadence(Rhythm.ONCE, weeks=3, grace_days=21),
    aim="Everybody keeps a friendly distance.",
    qualification="boundaries",
)


def activity(code: str, kind: Kind = Kind.SKILL, **more: object) -> Activity:
    """Give an activity behind the gate, every four weeks."""
    given: dict[str, object] = {
        "title": code.replace("_", " ").capitalize(),
        "minutes": 60,
        "group": (4, 12),
        "cadence": Cadence(Rhythm.EVERY, weeks=4, grace_days=14),
        "prerequisites": ("boundaries",),
        "aim": "People do it better.",
        "qualification": str(kind),
    }
    return Activity(code=code, kind=kind, **{**given, **more})  # type: ignore[arg-type]


def ring(*codes: str, rotation: str = "skills", **more: int) -> tuple[Activity, ...]:
    """Give activities that take turns every four weeks."""
    cadence = Cadence(Rhythm.EVERY, weeks=4, grace_days=14, rotation=rotation, **more)
    return tuple(activity(code, cadence=cadence) for code in codes)


ROUND = activity(
    "case_round",
    Kind.ROUND,
    group=(3, 10),
    cadence=Cadence(Rhythm.EVERY, weeks=2, grace_days=3),
    prerequisites=(),
    one_team=True,
    room=False,
)
COACHING = activity(
    "coaching_calls",
    Kind.COACHING,
    minutes=30,
    group=(1, 1),
    cadence=Cadence(Rhythm.REQUEST, weeks=1, grace_days=7, steps=4),
    room=False,
)
HEAVY = activity("strong_feelings", Kind.EMOTIONAL_SUPPORT, intensity=Intensity.HEAVY, recovery_minutes=30)


def programme(*activities: Activity, code: str = "support", includes: tuple[str, ...] = ()) -> Programme:
    """Give a programme of these activities."""
    return Programme(code, code.capitalize(), "People learn.", activities, includes)


def person(code: str, team: str | None = "billing", **more: object) -> Person:
    """Give a person whose id is the code; without a team they stand in the queue of Bergen."""
    queue = None if team else "post"
    standing = Person(code, code, code.replace(".", " ").title(), f"{code}@northgate.example", team, queue, None)
    return replace(standing, **more)  # type: ignore[arg-type]


def organisation(
    *people: Person, zone: str = "Europe/Oslo", held: tuple[Held, ...] = (), leads: tuple[str, ...] = ()
) -> Organisation:
    """Give one site, Bergen, with six teams and one queue, and these people."""
    codes = ("billing", "claims", "dispatch", "export", "freight", "general")
    return Organisation(
        sites=(Site("bergen", "bergen", "Bergen", zone),),
        queues=(Queue("post", "post", "Post", "bergen"),),
        teams=tuple(Team(code, code, code.capitalize(), "bergen") for code in reversed(codes)),
        rooms=(),
        patterns=(),
        people=people,
        absences=(),
        facilitators=tuple(Facilitator(lead, ("bergen",), frozenset({"skill"}), 8.0) for lead in leads),
        held=held,
        requirements=(),
    )


def shipped() -> dict[str, str]:
    """Give the shipped programme files: name -> text."""
    return {p.name: p.read_text(encoding="utf-8") for p in programme_files(folder("schedules"))}
