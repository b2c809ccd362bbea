"""Of a large organisation pages judge one site at a time: which one, and the way to the others.

Judging the calendar costs as much as it has sessions. For some hundred people that is a second; for ten thousand it is
no page any more, and nobody looks at the queues of 25 sites at once.
"""

from dataclasses import dataclass, replace

from flask import request

from devsys.adapters.store.queries import calendar_figures, people
from devsys.adapters.store.store import Db
from devsys.base.limits import WHOLE_PEOPLE
from devsys.core.model.access import Viewer
from devsys.core.policy import Extent, Scope


@dataclass(frozen=True, slots=True)
class OneSite:
    """The site a page is about, "" for all of them, and the sites to choose from: (id, name)."""

    id: str = ""
    name: str = ""
    choice: tuple[tuple[str, str], ...] = ()


def one_site(db: Db, viewer: Viewer, asked: str | None = None) -> OneSite:
    """Give the site that is asked for (by the address when not said), else the viewer's own, else the first.

    A small organisation is looked at whole.
    """
    if people.how_many(db) <= WHOLE_PEOPLE:
        return OneSite()
    sites = calendar_figures.sites(db)
    wish = request.args.get("site", "") if asked is None else asked
    if wish not in sites:
        own = calendar_figures.site_of_team(db, viewer.team_id or "")
        wish = own or next(iter(sites), "")
    if not wish:
        return OneSite()
    return OneSite(wish, sites[wish].name, tuple((site.id, site.name) for site in sites.values()))


def site_of(db: Db, viewer: Viewer, reach: Scope, asked: str | None = None) -> OneSite:
    """Give the site a page is about for who reaches everything; who reaches some teams looks at those."""
    return one_site(db, viewer, asked) if reach.everything else OneSite()


def teams_at(db: Db, here: OneSite) -> frozenset[str]:
    """Give the teams of the site a page is about."""
    return frozenset(calendar_figures.teams(db, site_id=here.id))


def at_site(db: Db, reach: Scope, here: OneSite) -> Scope:
    """Give what is reached of one site: its teams, where it is one; otherwise the same reach."""
    if not here.id:
        return reach
    teams = teams_at(db, here)
    return replace(
        reach, extents=frozenset({Extent.TEAM}), team_ids=teams if reach.everything else teams & reach.team_ids
    )
