"""Sites, queues, teams and rooms compared with what stands."""

from dataclasses import replace

from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.core.intake.compare import Comparison
from devsys.core.intake.lines import QueueLine, RoomLine, SiteLine, TeamLine
from devsys.core.intake.public_holidays import regions_of
from devsys.core.model.people import Queue, Room, Site, Team


def resolve_sites(c: Comparison, lines: tuple[SiteLine, ...]) -> None:
    """Compare sites; countries and regions must be ones with known public holidays."""
    for line in lines:
        standing = c.standing.sites.get(line.code)
        good = c.once(line, "code", line.code.casefold(), phrase("site")) and c.fresh(line, c.standing.sites, line.code)
        if not (_holidays_known(c, line) and good):
            continue
        site = standing or Site(new_id(), line.code, line.name, line.zone)
        given = replace(site, name=line.name, zone=line.zone, country=line.country, region=line.region)
        c.judge(line.row, f"{line.name} ({line.code})", given, standing)


def _holidays_known(c: Comparison, line: SiteLine) -> bool:
    if not line.country:
        if line.region:
            c.refuse(line, "region", phrase("a country beside it, or no region"))
        return not line.region
    regions = regions_of(line.country)
    if regions is None:
        c.refuse(
            line, "country", phrase("a two-letter country code with known public holidays, such as DE, or nothing")
        )
        return False
    if line.region and line.region not in regions:
        known = ", ".join(regions[:20])
        c.refuse(
            line,
            "region",
            phrase("one of %(known)s, or nothing", known=known)
            if known
            else phrase("nothing: %(country)s has no regions", country=line.country),
        )
        return False
    return True


def resolve_queues(c: Comparison, lines: tuple[QueueLine, ...]) -> None:
    """Compare queues; a queue that stands keeps its site."""
    for line in lines:
        standing = c.standing.queues.get(line.code)
        good = c.once(line, "code", line.code.casefold(), phrase("queue")) and c.fresh(
            line, c.standing.queues, line.code
        )
        site = _site(c, line, line.site, standing.site_id if standing else None)
        if site is None or not good:
            continue
        given = replace(
            standing or Queue(new_id(), line.code, line.name, site.id),
            name=line.name,
            handle_seconds=line.handle_seconds,
            service_percent=line.service_percent,
            answer_seconds=line.answer_seconds,
            occupancy_percent=line.occupancy_percent,
            shrinkage_percent=line.shrinkage_percent,
            minimum=line.minimum,
        )
        c.judge(line.row, f"{line.name} ({line.code})", given, standing)


def resolve_teams(c: Comparison, lines: tuple[TeamLine, ...]) -> None:
    """Compare teams; a team that stands keeps its site."""
    for line in lines:
        standing = c.standing.teams.get(line.code)
        good = c.once(line, "code", line.code.casefold(), phrase("team")) and c.fresh(line, c.standing.teams, line.code)
        site = _site(c, line, line.site, standing.site_id if standing else None)
        if site is None or not good:
            continue
        given = replace(standing or Team(new_id(), line.code, line.name, site.id), name=line.name)
        c.judge(line.row, f"{line.name} ({line.code})", given, standing)


def resolve_rooms(c: Comparison, lines: tuple[RoomLine, ...]) -> None:
    """Compare rooms; a room that stands keeps its site."""
    for line in lines:
        standing = c.standing.rooms.get(line.code)
        good = c.once(line, "code", line.code.casefold(), phrase("room")) and c.fresh(line, c.standing.rooms, line.code)
        site = _site(c, line, line.site, standing.site_id if standing else None)
        if site is None or not good:
            continue
        room = standing or Room(new_id(), line.code, line.name, site.id, line.seats)
        c.judge(line.row, f"{line.name} ({line.code})", replace(room, name=line.name, seats=line.seats), standing)


def _site(c: Comparison, line: QueueLine | TeamLine | RoomLine, code: str, stands_at: str | None) -> Site | None:
    """Give the site a row names; refuse one that is not known, or not the one the thing stands at.

    People, sessions and requirements hang on a place's clock, so a thing that moves house is a new thing.
    """
    site = c.found(line, "site", c.standing.sites, code)
    if site is not None and stands_at is not None and site.id != stands_at:
        stands = c.standing.said(stands_at)
        c.refuse(
            line,
            "site",
            phrase("“%(stands)s”, where it stands; at another site it needs a code of its own", stands=stands),
            code,
        )
        return None
    return site
