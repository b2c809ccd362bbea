"""Roles that follow from the groups an organisation's provider names."""

from collections.abc import Collection, Mapping

from devsys.base.group_roles import FORM, split
from devsys.core.model.access import Grant, Role


def mapping(text: str) -> Mapping[str, tuple[tuple[Role, str], ...]]:
    """Give the roles of each group, as (role, code of a team or empty), from `group=role[:team], ...`.

    Raises ValueError that says what is wrong.
    """
    found: dict[str, tuple[tuple[Role, str], ...]] = {}
    for group, role, team in split(text):
        if role not in set(Role) - {Role.EMPLOYEE}:
            raise ValueError(f"{group!r} is given no role by {role!r}, {FORM}")
        found[group] = (*found.get(group, ()), (Role(role), team))
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
