"""Once a week the horizon rolls on: what the new week needs is placed, in a draft that waits for a coordinator.

What is published stays as it is; publishing the draft is the approval.
"""

from collections.abc import Callable
from typing import Final

from devsys.actions import draw_plan
from devsys.actions.draw_plan import Drawn, Wish
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import plans
from devsys.core.model.causes import ROLLED_ON
from devsys.core.planning.problem import Progress

CAUSE: Final = ROLLED_ON


def roll(
    parts: Parts,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Progress], None] = lambda _: None,
    run_id: str = "",
) -> Drawn | str:
    """Draw the weeks of the published plan once more from this Monday; give the draft, or why there is none.

    The plan keeps its length: the horizon begins and ends a week later than the last time.
    """
    with parts.store.read() as db:
        standing = plans.latest(db)
        waiting = any(draft.cause == CAUSE for draft in plans.open_drafts(db))
    if standing is None:
        return "No plan is published yet, so there is no horizon to roll on."
    if waiting:
        return "The draft of an earlier roll still waits to be published or discarded."
    wish = Wish(weeks=standing.horizon.weeks, cause=CAUSE)
    return draw_plan.carry_out(parts, wish, stop=stop, progress=progress, run_id=run_id)
