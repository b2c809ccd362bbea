"""The pulse: answers kept apart from who gave them, and the figures they became."""

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, insert, select

from devsys.adapters.store.queries.rows import table
from devsys.adapters.store.store import Db
from devsys.adapters.store.tables.people import SiteRow, TeamRow
from devsys.adapters.store.tables.pulse import PulseFigureRow, PulseGivenRow, PulseRow
from devsys.core.model.pulse import EVERYBODY, PulseFigure, Said, unit_of_site, unit_of_team

_SAID, _GIVEN, _FIGURE = table(PulseRow), table(PulseGivenRow), table(PulseFigureRow)
_TEAM, _SITE = table(TeamRow), table(SiteRow)


def has_given(db: Db, person_id: str, month: str) -> bool:
    """Say whether somebody has answered in a month."""
    where = (_GIVEN.c.month == month, _GIVEN.c.person_id == person_id)
    return db.execute(select(_GIVEN.c.month).where(*where)).first() is not None


def keep(db: Db, person_id: str, month: str, said: Iterable[Said]) -> None:
    """Keep that somebody has answered, and apart from it what."""
    db.execute(insert(_GIVEN).values(month=month, person_id=person_id))
    rows = [
        {"id": s.id, "month": month, "team_id": s.team_id, "item": s.item, "wording": s.wording, "answer": s.answer}
        for s in said
    ]
    db.execute(insert(_SAID), rows)


def found_by(db: Db, ids: Iterable[str]) -> Mapping[str, int]:
    """Give the answers with these ids: id -> answer."""
    return {str(i): int(a) for i, a in db.execute(select(_SAID.c.id, _SAID.c.answer).where(_SAID.c.id.in_(list(ids))))}


def take_back(db: Db, ids: Iterable[str]) -> int:
    """Delete the answers with these ids; give how many there were."""
    return len(db.execute(delete(_SAID).where(_SAID.c.id.in_(list(ids))).returning(_SAID.c.id)).all())


def months_before(db: Db, month: str) -> tuple[str, ...]:
    """Give the months before one of which single answers or notes of who answered are still kept, in order."""
    said = select(_SAID.c.month).distinct().where(_SAID.c.month < month)
    given = select(_GIVEN.c.month).distinct().where(_GIVEN.c.month < month)
    return tuple(sorted({str(m) for query in (said, given) for m in db.execute(query).scalars()}))


def said_in(db: Db, month: str) -> tuple[Said, ...]:
    """Give the single answers of a month, for making figures of them and nothing else."""
    columns = (_SAID.c.id, _SAID.c.team_id, _SAID.c.item, _SAID.c.wording, _SAID.c.answer)
    return tuple(Said(*row) for row in db.execute(select(*columns).where(_SAID.c.month == month).order_by(_SAID.c.id)))


def close(db: Db, month: str, figures: Iterable[PulseFigure]) -> None:
    """Keep the figures of a month in place of its answers."""
    keep_figures(db, figures)
    db.execute(delete(_SAID).where(_SAID.c.month == month))
    db.execute(delete(_GIVEN).where(_GIVEN.c.month == month))


def keep_figures(db: Db, figures: Iterable[PulseFigure]) -> None:
    """Keep figures that were let out."""
    rows = [
        {"month": f.month, "item": f.item, "wording": f.wording, "unit": f.unit, "total": f.total, "count": f.count}
        for f in figures
    ]
    if rows:
        db.execute(insert(_FIGURE), rows)


def figures(db: Db, units: Iterable[str], since: str) -> tuple[PulseFigure, ...]:
    """Give the figures of units from a month on, by statement, unit and month."""
    f = _FIGURE.c
    query = select(f.month, f.item, f.wording, f.unit, f.total, f.count).where(
        f.unit.in_(list(units)), f.month >= since
    )
    return tuple(PulseFigure(*row) for row in db.execute(query.order_by(f.item, f.unit, f.month)))


def site_of_teams(db: Db) -> Mapping[str, str]:
    """Give the site of each team."""
    return {str(t): str(s) for t, s in db.execute(select(_TEAM.c.id, _TEAM.c.site_id))}


def names_of_units(db: Db) -> Mapping[str, str]:
    """Give every unit with its name: everybody, then sites, then teams, each by name."""
    teams = db.execute(select(_TEAM.c.id, _TEAM.c.name).order_by(_TEAM.c.name, _TEAM.c.id))
    return {
        EVERYBODY: "Everybody",
        **{unit_of_site(site_id): name for site_id, name in names_of_sites(db).items()},
        **{unit_of_team(str(i)): str(name) for i, name in teams},
    }


def names_of_sites(db: Db) -> Mapping[str, str]:
    """Give the sites by id, by name."""
    rows = db.execute(select(_SITE.c.id, _SITE.c.name).order_by(_SITE.c.name, _SITE.c.id))
    return {str(site_id): str(name) for site_id, name in rows}
