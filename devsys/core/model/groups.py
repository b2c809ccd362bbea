"""Roles that follow from the groups an organisation's provider names."""

from collections.abc import Collection, Mapping
from typing import Final

from devsys.core.model.access import Grant, Role

_FORM: Final = "as `learning-admins=administrator, leads-berlin=lead:BER-1`"


def mapping(text: str) -> Mapping[str, tuple[tuple[Role, str], ...]]:
    """Give the roles of each group, as (role, code of a team or empty), from `group=role[:team], ...`.

    Raises ValueError that says what is wrong.
    """
    found: dict[str, tuple[tuple[Role, str], ...]] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        group, equals, what = part.rpartition("=")
        role, _, team = what.strip().partition(":")
        if not equals or not group.strip() or role not in set(Role) - {Role.EMPLOYEE}:
            raise ValueError(f"{part!r} is no group with a role, {_FORM}")
        found[group.strip()] = (*found.get(group.strip(), ()), (Role(role), team.strip()))
    return found


def wanted(
    known: Mapping[str, tuple[tuple[Role, str], ...]], groups: Collection[str], teams: Mapping[str, str]
) -> tuple[frozenset[Grant], frozenset[Grant]]:
    """Give (what these groups grant, all that any group grants: the provider decides about those alone).

    `teams` gives the id of a team by its code; a role of an unknown team is nobody's.
    """

    def grants(of: Collection[str]) -> frozenset[Grant]:
        pairs = [pair for group in of for pair in known.get(group, ())]
        return frozenset(Grant(role, teams[t] if t else None) for role, t in pairs if not t or t in teams)

    return grants(groups), grants(known)
