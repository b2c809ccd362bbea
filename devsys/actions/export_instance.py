"""The live organisation in the documented instance format, for benchmarks and other planners."""

from datetime import timedelta

from devsys.actions.brief import see
from devsys.actions.draw_plan import NOTICE_DAYS
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import planning as planning_queries
from devsys.core.model.calendar import Horizon, Status
from devsys.core.model.hours import monday_of
from devsys.core.planning.picture import export_instance as write


def export_instance(parts: Parts, weeks: int = 52) -> dict[str, object]:
    """Give the instance as it is now: what is published is pinned; ids only, no names, no reasons.

    Raises InvalidError when there is nobody or nothing to plan.
    """
    now = parts.now()
    horizon = Horizon(monday_of(now.date()), weeks)
    with parts.store.read() as db:
        brief = planning_queries.brief(db, now=now)
    kept = [s for s in brief.published if s.status is Status.PLANNED]
    return write(see(brief, horizon, kept=kept, new_from=now + timedelta(days=NOTICE_DAYS)))
