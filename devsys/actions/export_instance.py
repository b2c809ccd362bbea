"""The live organisation in the documented instance format, for benchmarks and other planners."""

from devsys.actions.brief import see
from devsys.actions.draw_plan import NOTICE, Wish, ground_of
from devsys.actions.parts import Parts
from devsys.core.planning.picture import export_instance as write


def export_instance(parts: Parts, weeks: int = 52) -> dict[str, object]:
    """Give the instance as it is now: what is published and can still stand is pinned; ids only, no names, no reasons.

    Raises InvalidError when there is nobody or nothing to plan, or for a number of weeks no plan may have.
    """
    ground = ground_of(parts, Wish(weeks=weeks))
    from_here = parts.now() + NOTICE
    return write(see(ground.brief, ground.horizon, kept=ground.kept, new_from=from_here))
