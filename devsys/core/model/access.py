"""Who looks, and what they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from devsys.base.words import to_phrase


class Role(StrEnum):
    """What a person does in devsys; one person may hold several, each limited to a team or not."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    FACILITATOR = "facilitator"
    COACH = "coach"
    LEAD = "lead"
    EMPLOYEE = "employee"
    ASSESSOR = "assessor"


ROLE_WORDS: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: to_phrase("administrator"),
        Role.COORDINATOR: to_phrase("coordinator"),
        Role.FACILITATOR: to_phrase("facilitator"),
        Role.COACH: to_phrase("coach"),
        Role.LEAD: to_phrase("lead"),
        Role.EMPLOYEE: to_phrase("employee"),
        Role.ASSESSOR: to_phrase("assessor"),
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One role of one person; `team_id` limits it, None means everywhere."""

    role: Role
    team_id: str | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who asks: everything `policy` needs to decide, nothing more.

    `team_id` is the person's own team; `zone` the IANA name in which times are shown.
    """

    person_id: str
    name: str
    grants: tuple[Grant, ...]
    team_id: str | None = None
    zone: str = "UTC"

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held, whatever their limits; everybody with an account is an employee too."""
        return frozenset(g.role for g in self.grants) | {Role.EMPLOYEE}

    def has(self, *roles: Role) -> bool:
        """Say whether the viewer holds one of the roles."""
        return bool(self.roles.intersection(roles))

    def teams(self, role: Role) -> frozenset[str] | None:
        """Give the teams a role is limited to; None means it is not limited."""
        limits = [g.team_id for g in self.grants if g.role is role]
        return None if None in limits else frozenset(t for t in limits if t)
