"""Who may do what with which record: one table and two functions (trust.md section 2).

Pages, feeds, exports and the page "who sees what" all read this table; nothing else decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, TypeVar, cast

from devsys.base.words import to_phrase
from devsys.core.model.access import Role, Viewer
from devsys.core.model.calendar import Session
from devsys.core.model.hiring import Vacancy

Action = Literal["read", "write", "revoke"]
Record = Literal[
    "home",
    "profile",
    "accounts",
    "names",
    "people",
    "absences",
    "busy",
    "draft",
    "sessions",
    "attendance",
    "answers",
    "feedback",
    "versions",
    "requirement",
    "ledger",
    "coaching_series",
    "coaching_notes",
    "coaching_private",
    "coaching_desk",
    "coaching_figures",
    "coaching_calendar",
    "observations",
    "conditions",
    "decides_alone",
    "vacancies",
    "candidates",
    "hiring_cards",
    "owed",
    "causes",
    "charts",
    "rollouts",
    "effects",
    "own_readings",
    "lead_readings",
    "situations",
    "pulse",
    "pulse_figures",
    "feeds",
    "tokens",
    "integrations",
    "letters",
    "audit",
    "erasure",
    "retention",
    "webhooks",
    "imports",
    "exports",
    "programme",
    "runs",
    "health",
    "matrix",
]
View = TypeVar("View", bound=Callable[..., object])


class Extent(StrEnum):
    """How far a permission reaches."""

    ALL = "all"
    TEAM = "team"  # the team a role is limited to, or the viewer's own
    ASSIGNED = "assigned"  # sessions one leads, people who come to them
    OWN = "own"
    GROUP = "group"  # figures of at least five people only
    BUSY = "busy"  # only that the time is taken


ALL, TEAM, ASSIGNED, OWN, GROUP, BUSY = Extent
ADMINISTRATOR, COORDINATOR, FACILITATOR, COACH, LEAD, EMPLOYEE, ASSESSOR = Role
Cells = Mapping[Role, tuple[Extent, ...]]

_EVERYBODY: Cells = {EMPLOYEE: (ALL,)}
_OWN: Cells = {EMPLOYEE: (OWN,)}
_LEADING: Cells = {FACILITATOR: (ASSIGNED,), COACH: (ASSIGNED,)}
_ADMINISTRATOR: Cells = {ADMINISTRATOR: (ALL,)}
_COORDINATOR: Cells = {COORDINATOR: (ALL,)}
_BOTH: Cells = {**_ADMINISTRATOR, **_COORDINATOR}

# Everybody with an account is an employee too, so a cell of the employee holds for all roles.
_TABLE: dict[Record, dict[Action, Cells]] = {
    "home": {"read": _EVERYBODY},
    "profile": {"read": _OWN, "write": _OWN},
    "accounts": {"read": _ADMINISTRATOR, "write": _ADMINISTRATOR},
    "names": {"read": _EVERYBODY},
    "people": {"read": {**_BOTH, **_LEADING, LEAD: (TEAM,), EMPLOYEE: (OWN,)}, "write": _BOTH},
    "absences": {
        "read": {**_BOTH, FACILITATOR: (BUSY,), COACH: (BUSY,), LEAD: (TEAM,), EMPLOYEE: (OWN, BUSY)},
        "write": {**_COORDINATOR, LEAD: (TEAM,), EMPLOYEE: (OWN,)},
    },
    "busy": {"read": _OWN, "write": _OWN},
    "draft": {"read": {**_BOTH, **_LEADING, LEAD: (TEAM,)}, "write": _COORDINATOR},
    "sessions": {"read": {**_BOTH, **_LEADING, LEAD: (TEAM,), EMPLOYEE: (OWN,)}, "write": _COORDINATOR},
    "attendance": {
        "read": {**_BOTH, **_LEADING, LEAD: (TEAM,), EMPLOYEE: (OWN,)},
        "write": {**_COORDINATOR, **_LEADING},
    },
    "answers": {"read": {**_COORDINATOR, **_LEADING, EMPLOYEE: (OWN,)}, "write": _OWN},
    "feedback": {"read": {**_COORDINATOR, **_LEADING}, "write": _OWN},
    "versions": {"read": {**_BOTH, LEAD: (TEAM,)}, "write": _COORDINATOR},
    "requirement": {"read": {**_BOTH, LEAD: (TEAM,)}, "write": _COORDINATOR},
    "ledger": {"read": {**_BOTH, LEAD: (TEAM,), EMPLOYEE: (TEAM,)}, "write": _COORDINATOR},
    "coaching_series": {
        "read": {ADMINISTRATOR: (GROUP,), COORDINATOR: (ALL,), COACH: (ASSIGNED,), EMPLOYEE: (OWN,)},
        "write": {COORDINATOR: (ALL,), EMPLOYEE: (OWN,)},
    },
    # Nobody but the two: no administrator, no coordinator, no lead.
    "coaching_notes": {
        "read": {COACH: (ASSIGNED,), EMPLOYEE: (OWN,)},
        "write": {COACH: (ASSIGNED,), EMPLOYEE: (OWN,)},
    },
    "coaching_private": {"read": {COACH: (ASSIGNED,)}, "write": {COACH: (ASSIGNED,)}},
    "coaching_desk": {"read": {COACH: (ASSIGNED,)}, "write": {COACH: (ASSIGNED,)}},
    "coaching_figures": {"read": {ADMINISTRATOR: (GROUP,), COORDINATOR: (ALL,)}, "write": _COORDINATOR},
    "coaching_calendar": {
        "read": {ADMINISTRATOR: (BUSY,), COORDINATOR: (BUSY,), **_LEADING, LEAD: (BUSY,), EMPLOYEE: (OWN, BUSY)}
    },
    # Assigned: the author of a card, and the coach the observed person shares it with.
    "observations": {"read": {**_LEADING, EMPLOYEE: (OWN,)}, "write": _LEADING},
    "conditions": {
        "read": {**_BOTH, COACH: (ALL,), LEAD: (TEAM,)},
        "write": {**_COORDINATOR, LEAD: (TEAM,)},
    },
    # What an agent may decide alone is of no use where agents cannot read it.
    "decides_alone": {
        "read": {**_BOTH, COACH: (ALL,), LEAD: (TEAM,), EMPLOYEE: (TEAM,)},
        "write": {**_COORDINATOR, LEAD: (TEAM,)},
    },
    # A coordinator says what is asked and by whom, and learns of no candidate; assigned: its lead and its assessors.
    "vacancies": {"read": {**_COORDINATOR, LEAD: (ASSIGNED,), ASSESSOR: (ASSIGNED,)}, "write": _COORDINATOR},
    "candidates": {"read": {LEAD: (ASSIGNED,), ASSESSOR: (ASSIGNED,)}, "write": {ASSESSOR: (ASSIGNED,)}},
    "hiring_cards": {"read": {LEAD: (ASSIGNED,), ASSESSOR: (OWN, ASSIGNED)}, "write": {ASSESSOR: (OWN,)}},
    "owed": {"read": {**_BOTH, LEAD: (TEAM,), EMPLOYEE: (OWN,)}, "write": _COORDINATOR},
    "causes": {
        "read": {**_BOTH, FACILITATOR: (ALL,), COACH: (ALL,), LEAD: (TEAM,), EMPLOYEE: (OWN,)},
        "write": {**_COORDINATOR, LEAD: (TEAM,), EMPLOYEE: (OWN,)},
    },
    "rollouts": {"read": _COORDINATOR, "write": _COORDINATOR},
    "effects": {
        "read": {ADMINISTRATOR: (GROUP,), COORDINATOR: (GROUP,), COACH: (GROUP,), LEAD: (GROUP,), EMPLOYEE: (GROUP,)},
        "write": _COORDINATOR,
    },
    "charts": {
        "read": {ADMINISTRATOR: (GROUP,), COORDINATOR: (GROUP,), COACH: (GROUP,), LEAD: (GROUP,), EMPLOYEE: (GROUP,)},
        "write": {**_COORDINATOR, LEAD: (TEAM,)},
    },
    # A lead only while the switch is on and announced to that person, a coach only with consent: `open_readings`.
    "own_readings": {"read": {COACH: (ASSIGNED,), LEAD: (TEAM,), EMPLOYEE: (OWN,)}, "write": _OWN},
    "lead_readings": {"read": _COORDINATOR, "write": _COORDINATOR},
    "situations": {
        "read": {**_COORDINATOR, **_LEADING, EMPLOYEE: (OWN,)},
        "write": {**_COORDINATOR, **_LEADING, EMPLOYEE: (OWN,)},
    },
    "pulse": {"write": _OWN},
    # Figures of five and more are the same for all who see them; which units, `answer_pulse.shown` says.
    "pulse_figures": {"read": {ADMINISTRATOR: (GROUP,), COORDINATOR: (GROUP,), LEAD: (GROUP,), EMPLOYEE: (GROUP,)}},
    "feeds": {"read": _OWN, "write": _OWN, "revoke": {ADMINISTRATOR: (ALL,), EMPLOYEE: (OWN,)}},
    "tokens": {"read": _OWN, "write": _OWN},
    "integrations": {"read": _ADMINISTRATOR, "write": _ADMINISTRATOR},
    "letters": {"read": {**_BOTH, EMPLOYEE: (OWN,)}, "write": _BOTH},
    "audit": {"read": {ADMINISTRATOR: (ALL,), EMPLOYEE: (OWN,)}},
    # With the whole name typed; everybody may ask for their own on the page of their data (profile).
    "erasure": {"read": _ADMINISTRATOR, "write": _ADMINISTRATOR},
    "retention": {"read": _ADMINISTRATOR, "write": _ADMINISTRATOR},
    "webhooks": {"read": _ADMINISTRATOR, "write": _ADMINISTRATOR},
    "imports": {"read": _BOTH, "write": _BOTH},
    "exports": {"read": {**_BOTH, EMPLOYEE: (OWN,)}},
    "programme": {"read": _EVERYBODY, "write": _COORDINATOR},
    "runs": {"read": _BOTH, "write": _COORDINATOR},
    "health": {"read": _BOTH},
    "matrix": {"read": _EVERYBODY},
}
MATRIX: Final[Mapping[Record, Mapping[Action, Cells]]] = MappingProxyType(_TABLE)

TITLES: Final[Mapping[Record, str]] = MappingProxyType(
    {
        "home": to_phrase("Home"),
        "profile": to_phrase("Own account: password, theme"),
        "accounts": to_phrase("Accounts, roles, settings"),
        "names": to_phrase("Names of people"),
        "people": to_phrase("People: team, queue, pattern, what they hold"),
        "absences": to_phrase("Absences: dates (a reason is not asked and not kept)"),
        "busy": to_phrase("Calendars that say when one is busy (others see only that the time is taken)"),
        "draft": to_phrase("Draft plans"),
        "sessions": to_phrase("Published sessions"),
        "attendance": to_phrase("Who was there"),
        "answers": to_phrase("Who comes and who cannot (why is not asked)"),
        "feedback": to_phrase("Feedback, as figures of five people or more"),
        "versions": to_phrase("Log of published plans"),
        "requirement": to_phrase("Staffing requirement and coverage"),
        "ledger": to_phrase("Development time of a team"),
        "coaching_series": to_phrase("Coaching requests: theme and times"),
        "coaching_notes": to_phrase("Coaching: what is hoped for, goals, steps, shared notes"),
        "coaching_private": to_phrase("Coaching: a coach's own notes"),
        "coaching_desk": to_phrase("Coaching: what is asked of a coach, load, pause"),
        "coaching_figures": to_phrase("Coaching: waiting times, load of coaches, what is missing"),
        "coaching_calendar": to_phrase("Coaching sessions in a calendar"),
        "observations": to_phrase(
            "Observations by principle: who was observed, the author, a coach they share it with"
        ),
        "conditions": to_phrase("Conditions of a team: five checks, targets, what contradicts"),
        "decides_alone": to_phrase("What an agent of a team may decide alone"),
        "vacancies": to_phrase("Vacancies: criteria and questions, no candidate"),
        "candidates": to_phrase("Personal data of a vacancy's candidates"),
        "hiring_cards": to_phrase("Hiring cards: assessors see others' once all are in, the lead once it is decided"),
        "owed": to_phrase("What is owed, and why"),
        "causes": to_phrase("Causes and fixes (no names of customers); everybody may report what stops them"),
        "rollouts": to_phrase("Rollouts: who starts when, as it was drawn by lot"),
        "effects": to_phrase("Effects of programmes on cohorts, as figures of groups; refreshers"),
        "charts": to_phrase("Charts of teams, as figures of five people or more; marks on them"),
        "own_readings": to_phrase(
            "Readings of one person: the lead if switched on and announced, the coach with consent"
        ),
        "lead_readings": to_phrase("Switch: leads see the readings of one person, announced two weeks before"),
        "situations": to_phrase(
            "Situations of case rounds: who comes to the round and who leads it; the own card before that"
        ),
        "pulse": to_phrase("Pulse: one's own answers, found by their receipt alone"),
        "pulse_figures": to_phrase("Pulse: figures of five answers or more"),
        "feeds": to_phrase("Calendar links"),
        "tokens": to_phrase("Own tokens of the API"),
        "integrations": to_phrase("Tokens of integrations: they see what their administrator sees"),
        "letters": to_phrase("Letters: what was sent to whom, what waits"),
        "audit": to_phrase("Log of acts"),
        "erasure": to_phrase("Erasing a person (everybody may ask to be erased)"),
        "retention": to_phrase("How long things are kept"),
        "webhooks": to_phrase("Webhooks: other programs that are told what happened, by ids alone"),
        "imports": to_phrase("Files brought in"),
        "exports": to_phrase("Files taken out"),
        "programme": to_phrase("Programmes and activities"),
        "runs": to_phrase("Runs of the worker"),
        "health": to_phrase("Health of the installation"),
        "matrix": to_phrase("Who sees what"),
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """How far one viewer's permission reaches; false when it reaches nothing.

    `team_ids` are the teams that TEAM means for this viewer; a role that is limited to teams has its ALL narrowed to
    them. `person_id` is the viewer: whose things are OWN, and whose sessions are ASSIGNED.
    """

    extents: frozenset[Extent]
    team_ids: frozenset[str]
    person_id: str

    def __bool__(self) -> bool:
        return bool(self.extents)

    @property
    def everything(self) -> bool:
        """Say whether it reaches every single record."""
        return ALL in self.extents

    @property
    def singles(self) -> bool:
        """Say whether it reaches any single record in full, not only figures of groups or taken times."""
        return bool(self.extents - {GROUP, BUSY})

    @property
    def wide(self) -> bool:
        """Say whether it reaches further than the viewer's own things."""
        return bool(self.extents & {ALL, TEAM})

    def covers(
        self, *, person_id: str | None = None, team_id: str | None = None, assigned_to: str | None = None
    ) -> bool:
        """Say whether a record is reached in full: whose it is, of which team, and who leads it (as far as known)."""
        return (
            self.everything
            or (TEAM in self.extents and team_id is not None and team_id in self.team_ids)
            or (OWN in self.extents and person_id is not None and person_id == self.person_id)
            or (ASSIGNED in self.extents and assigned_to is not None and assigned_to == self.person_id)
        )


def scope(viewer: Viewer, record: Record, action: Action) -> Scope:
    """Give how far `viewer` may do `action` with `record`: the union over all roles held.

    Raises KeyError for a record or action the table does not have (misuse).
    """
    cells = MATRIX[record][action]
    extents: set[Extent] = set()
    teams: set[str] = set()
    for role in viewer.roles & cells.keys():
        limited = viewer.teams(role) if role is not EMPLOYEE else None
        for extent in cells[role]:
            if extent is ALL and limited is None:
                extents.add(ALL)
            elif extent in (ALL, TEAM):
                own = frozenset({viewer.team_id} if viewer.team_id else ())
                teams |= own if limited is None else limited
            else:
                extents.add(extent)
    if teams:
        extents.add(TEAM)
    return Scope(frozenset(extents), frozenset(teams), viewer.person_id)


def may_know(viewer: Viewer, session: Session) -> bool:
    """Say whether the viewer may know more of a coaching session than that the time is taken (trust.md section 2)."""
    reach = scope(viewer, "coaching_calendar", "read")
    mine = viewer.person_id in session.people
    return reach.covers(person_id=viewer.person_id if mine else None, assigned_to=session.facilitator_id or None)


class HiringPart(StrEnum):
    """What somebody is to one vacancy and its candidates."""

    COORDINATOR = "coordinator"  # says what is asked, and by whom
    LEAD = "lead"  # sees candidates, and cards once it is decided
    ASSESSOR = "assessor"  # sees candidates, their own card, others' once all are in


def hiring_parts(viewer: Viewer, vacancy: Vacancy) -> frozenset[HiringPart]:
    """Give what the viewer is to a vacancy: by the roles held and by whom it names; nothing for anybody else."""
    found = set()
    if scope(viewer, "vacancies", "write").covers(team_id=vacancy.team_id):
        found.add(HiringPart.COORDINATOR)
    if viewer.has(LEAD) and vacancy.lead_id == viewer.person_id:
        found.add(HiringPart.LEAD)
    if viewer.has(ASSESSOR) and viewer.person_id in vacancy.assessors:
        found.add(HiringPart.ASSESSOR)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Permission:
    """What a route asks for; an empty record means it is open to everybody, signed in or not."""

    record: Record | Literal[""]
    action: Action = "read"

    @property
    def public(self) -> bool:
        """Say whether nobody needs to be signed in."""
        return not self.record

    def __str__(self) -> str:
        """As `devsys routes` prints it."""
        return f"{self.record}:{self.action}" if self.record else "public"

    def scope(self, viewer: Viewer) -> Scope:
        """Give how far the viewer's permission reaches. Raises ValueError for a public route (misuse)."""
        if not self.record:
            raise ValueError("A public route has no scope.")
        return scope(viewer, self.record, self.action)


def allow(record: Record | Literal["public"], action: Action = "read") -> Callable[[View], View]:
    """Give the decorator that declares what a route asks for; every route needs one or the program does not start.

    `allow("public")` opens a route to everybody. Raises ValueError for a record or action the table does not have.
    """
    if record != "public" and action not in MATRIX.get(record, {}):
        raise ValueError(f"The table of permissions has no {record}:{action}.")
    permission = Permission("" if record == "public" else record, action)

    def declare(view: View) -> View:
        view.__dict__["permission"] = permission
        return view

    return declare


def permission_of(view: Callable[..., object]) -> Permission | None:
    """Give what a route declared, None when it declared nothing."""
    return cast(Permission | None, getattr(view, "permission", None))
