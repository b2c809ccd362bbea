"""Say of an owed need why it is owed, why not at any time somebody points at, and what would make it fit."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from devsys.actions.brief import see
from devsys.actions.brief_here import brief_here
from devsys.actions.parts import Parts
from devsys.actions.starts_asked import Answer, horizon_over, moment_asked, reach_of
from devsys.adapters.store.queries import calendar_figures, plans, programme, sessions
from devsys.adapters.store.queries.planning import Brief
from devsys.adapters.store.queries.plans import OPEN
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.model.calendar import Horizon, Owed, Session
from devsys.core.model.hours import instant_of, local, slot_from, slot_of, start_of
from devsys.core.model.programme import Kind
from devsys.core.planning.problem import Figures, Plan
from devsys.core.planning.why import discreet
from devsys.core.planning.why_cell import why_not_need
from devsys.core.policy import scope

NOTICE: Final = timedelta(days=2)  # nobody is given a new session at shorter notice
NOTHING: Final = Figures(needs=0, placed=0, on_time=0, late=0, owed=0, sessions=0, bound=0, share=0, violations=0)


@dataclass(frozen=True, slots=True)
class OwedNeed:
    """An owed need with what the draft keeps of it, and the names a page shows; `zone` is that of the person's site."""

    owed: Owed
    person: str
    team: str
    title: str
    zone: str
    site_id: str


def find(parts: Parts, viewer: Viewer | None, draft_id: str | None, need: str) -> OwedNeed:
    """Give a need that a draft, or what is published, owes.

    Raises NotAllowedError for those who may not ask, NotFoundError where the need is not owed or not theirs to see.
    """
    with parts.store.read() as db:
        return _find(db, viewer, draft_id, need)


def ask(parts: Parts, viewer: Viewer | None, draft_id: str | None, need: str, at: datetime) -> Answer | None:
    """Say what stands against an owed need at any local time of its person's site, and the nearest start that works.

    None when the need is no longer asked for by anything. Reads the brief; nothing is written. Raises as `find` does,
    and InvalidError for a time that cannot be a start.
    """
    now = parts.now()
    with parts.store.read() as db:
        found = _find(db, viewer, draft_id, need)
        moment = moment_asked(at, found.zone)
        horizon = horizon_over((found.owed.earliest, found.owed.due, found.owed.latest, moment))
        changed = sessions.changed_in(db, draft_id) if draft_id else ()
        known = programme.activities(db).values()
        try:
            brief, drafted = brief_here(db, found.site_id, horizon, known, changed, now=now)
        except InvalidError:
            return None
    return _answer(brief, drafted, found, horizon, at, now)


def _answer(  # noqa: PLR0917 -- what was read, what is asked
    brief: Brief, changed: tuple[Session, ...], found: OwedNeed, horizon: Horizon, at: datetime, now: datetime
) -> Answer | None:
    moment = moment_asked(at, found.zone)
    published = {s.id for s in brief.published}
    calendar = {s.id: s for s in brief.published} | {s.id: s for s in changed}
    view = see(brief, horizon, kept=calendar.values(), new_from=start_of(horizon))
    position = next((i for i, n in enumerate(view.needs) if n is not None and n.key == found.owed.need), None)
    if position is None:
        return None
    problem = replace(discreet(view.problem), pinned=())
    said = why_not_need(
        problem,
        Plan(view.problem.pinned, (position,), NOTHING),
        position,
        slot_of(moment, horizon),
        beginning=slot_from(now + NOTICE, horizon),
        joinable=[s.id for s in changed if s.id not in published],
    )
    early = () if moment >= now + NOTICE else (_early(moment, now),)
    nearest = None if said.nearest is None else local(instant_of(said.nearest, horizon), found.zone)
    return Answer(at, found.zone, (*early, *said.rules), nearest, said.words)


def _early(moment: datetime, now: datetime) -> str:
    if moment <= now:
        return phrase("This time is past.")
    return phrase("Nobody is given a new session at less than two days' notice.")


def _find(db: Db, viewer: Viewer | None, draft_id: str | None, need: str) -> OwedNeed:
    reach_of(viewer)
    if draft_id and plans.draft(db, draft_id).state != OPEN:
        raise NotFoundError(phrase("This draft is no longer open."))
    version = plans.latest(db)
    owing = draft_id or (plans.draft_of_version(db, version.number) if version else "")
    owed = plans.owed_need(db, owing, need) if owing else None
    if owed is None:
        raise NotFoundError(phrase("This need is not owed."))
    member = calendar_figures.members(db, [owed.person_id]).get(owed.person_id)
    activity = programme.activities(db).get(owed.activity)
    if member is None or not _may_see(
        viewer, member.team_id, coaching=bool(activity and activity.kind is Kind.COACHING)
    ):
        raise NotFoundError(phrase("This need is not owed."))
    teams, sites = calendar_figures.teams(db), calendar_figures.sites(db)
    team = teams.get(member.team_id or "")
    site = sites.get(team.site_id if team else "")
    return OwedNeed(
        owed=owed,
        person=member.name,
        team=team.name if team else "",
        title=activity.title if activity else owed.activity,
        zone=site.zone if site else "UTC",
        site_id=site.id if site else "",
    )


def _may_see(viewer: Viewer | None, team_id: str | None, *, coaching: bool) -> bool:
    """Say whether an owed need is the viewer's to see: by team; coaching only by those who may read requests.

    At the terminal nobody knows who asks: coaching is not told there.
    """
    if viewer is None:
        return not coaching
    if coaching and not scope(viewer, "coaching_series", "read").everything:
        return False
    reach = scope(viewer, "owed", "read")
    return reach.wide and reach.covers(team_id=team_id)
