import pytest

from devsys.core.feeds.scope import FeedKind, FeedSettings, may_have, reader, view_of
from devsys.core.model.access import Grant, Role, Viewer
from devsys.core.model.calendar import View

ANA, MARTA, NADIA, OLIVIA = "ana", "marta", "nadia", "olivia"
EMPLOYEE = reader(Viewer(ANA, "Ana Correia", (), "alfama"))
LEAD = reader(Viewer(MARTA, "Marta Nogueira", (Grant(Role.LEAD, "alfama"),), "alfama"))
COACH = reader(Viewer(NADIA, "Nadia Haddad", (Grant(Role.COACH),), "belem"))
FACILITATOR = reader(Viewer(NADIA, "Nadia Haddad", (Grant(Role.FACILITATOR),), "belem"))
COORDINATOR = reader(Viewer(OLIVIA, "Olivia Brandt", (Grant(Role.COORDINATOR),)))
NOBODY = reader(Viewer("vera", "Vera Antunes", ()))

OWN, TEAM, MASKED = View
SKILL, COACHING = "skill", "coaching"


def feed(kind: FeedKind, target: str, **more: object) -> FeedSettings:
    return FeedSettings(kind, target, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("owner", "settings", "kind", "attends", "leads", "teams", "view"),
    [
        (EMPLOYEE, feed(FeedKind.PERSON, ANA), SKILL, True, MARTA, ("alfama",), OWN),
        (EMPLOYEE, feed(FeedKind.PERSON, ANA), COACHING, True, NADIA, ("alfama",), MASKED),
        (EMPLOYEE, feed(FeedKind.PERSON, ANA, titles=True), COACHING, True, NADIA, ("alfama",), OWN),
        (EMPLOYEE, feed(FeedKind.PERSON, ANA, kinds=frozenset({"digital"})), SKILL, True, MARTA, ("alfama",), None),
        (EMPLOYEE, feed(FeedKind.PERSON, ANA, kinds=frozenset({"skill"})), SKILL, True, MARTA, ("alfama",), OWN),
        (EMPLOYEE, feed(FeedKind.PERSON, MARTA), SKILL, True, NADIA, ("alfama",), None),
        (COORDINATOR, feed(FeedKind.PERSON, ANA), SKILL, False, MARTA, ("alfama",), None),
        (EMPLOYEE, feed(FeedKind.TEAM, "alfama"), SKILL, False, MARTA, ("alfama",), None),
        (LEAD, feed(FeedKind.TEAM, "alfama"), SKILL, False, NADIA, ("alfama", "belem"), TEAM),
        (LEAD, feed(FeedKind.TEAM, "alfama"), COACHING, False, NADIA, ("alfama",), MASKED),
        (LEAD, feed(FeedKind.TEAM, "belem"), SKILL, False, NADIA, ("belem",), None),
        (COORDINATOR, feed(FeedKind.TEAM, "belem"), SKILL, False, NADIA, ("belem",), TEAM),
        (COORDINATOR, feed(FeedKind.TEAM, "belem", titles=True), COACHING, False, NADIA, ("belem",), MASKED),
        (COACH, feed(FeedKind.FACILITATOR, NADIA), COACHING, False, NADIA, ("alfama",), OWN),
        (COACH, feed(FeedKind.FACILITATOR, NADIA), SKILL, False, NADIA, ("alfama",), OWN),
        (FACILITATOR, feed(FeedKind.FACILITATOR, NADIA), SKILL, False, NADIA, ("alfama",), OWN),
        (NOBODY, feed(FeedKind.FACILITATOR, "vera"), SKILL, False, "vera", ("alfama",), None),
        (EMPLOYEE, feed(FeedKind.FACILITATOR, NADIA), SKILL, True, NADIA, ("alfama",), None),
        (COORDINATOR, feed(FeedKind.FACILITATOR, NADIA), SKILL, False, NADIA, ("alfama",), TEAM),
        (COORDINATOR, feed(FeedKind.FACILITATOR, NADIA), COACHING, False, NADIA, ("alfama",), MASKED),
        (COORDINATOR, feed(FeedKind.ROOM, "mewa"), SKILL, False, NADIA, ("alfama",), TEAM),
        (COORDINATOR, feed(FeedKind.ROOM, "mewa", titles=True), COACHING, True, NADIA, (), MASKED),
        (LEAD, feed(FeedKind.ROOM, "mewa"), SKILL, False, NADIA, ("belem",), MASKED),
        (LEAD, feed(FeedKind.ROOM, "mewa"), SKILL, False, NADIA, ("alfama", "belem"), TEAM),
        (COACH, feed(FeedKind.ROOM, "mewa"), COACHING, False, NADIA, (), TEAM),
    ],
)
def test_view_of_follows_the_matrix(
    *,
    owner: object,
    settings: FeedSettings,
    kind: str,
    attends: bool,
    leads: str,
    teams: tuple[str, ...],
    view: View | None,
) -> None:
    found = view_of(settings, owner, kind=kind, attends=attends, facilitator_id=leads, team_ids=teams)  # type: ignore[arg-type]
    assert found is view


@pytest.mark.parametrize(
    ("owner", "kind", "target", "may"),
    [
        (EMPLOYEE, FeedKind.PERSON, ANA, True),
        (EMPLOYEE, FeedKind.PERSON, MARTA, False),
        (COORDINATOR, FeedKind.PERSON, ANA, False),
        (EMPLOYEE, FeedKind.TEAM, "alfama", False),
        (LEAD, FeedKind.TEAM, "alfama", True),
        (LEAD, FeedKind.TEAM, "belem", False),
        (COORDINATOR, FeedKind.TEAM, "belem", True),
        (EMPLOYEE, FeedKind.FACILITATOR, ANA, False),
        (FACILITATOR, FeedKind.FACILITATOR, NADIA, True),
        (COACH, FeedKind.FACILITATOR, NADIA, True),
        (LEAD, FeedKind.FACILITATOR, NADIA, False),
        (COORDINATOR, FeedKind.FACILITATOR, NADIA, True),
        (EMPLOYEE, FeedKind.ROOM, "mewa", False),
        (LEAD, FeedKind.ROOM, "mewa", False),
        (COORDINATOR, FeedKind.ROOM, "mewa", True),
    ],
)
def test_may_have_says_who_may_ask_for_which_link(*, owner: object, kind: FeedKind, target: str, may: bool) -> None:
    assert may_have(kind, target, owner) is may  # type: ignore[arg-type]
