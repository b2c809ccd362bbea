"""What is heard of an activity, in words and shares; how many wait where nothing is shown yet."""

from typing import Any, Final

from devsys.actions.give_feedback import Heard
from devsys.base.written import percent
from devsys.core.model.feedback import Figures, K, Share, Stage
from devsys.faces.web import shown

STAGES: Final = {Stage.AFTER: "After the session", Stage.LATER: "Six weeks on"}


def heard_values(one: Heard, known: shown.Names) -> dict[str, Any]:
    """Give what is heard of one activity, as its macro shows it."""
    stages = [_stage(stage, found) for stage, found in one.stages if found.shown or found.waiting]
    return {
        "title": known.title(one.activity),
        "kind": known.kind(one.activity).value,
        "stages": stages,
        "any": bool(stages),
    }


def _stage(stage: Stage, found: Figures) -> dict[str, Any]:
    if not found.shown:
        return {"title": STAGES[stage], "words": f"Not yet shown: {found.waiting} of {K} answers.", "questions": ()}
    more = (
        f" {found.waiting} more {'waits' if found.waiting == 1 else 'wait'} until there are {K}."
        if found.waiting
        else ""
    )
    return {
        "title": STAGES[stage],
        "words": f"{found.shown} answers.{more}",
        "questions": [(q.words, _shares(shares, found.shown)) for q, shares in found.questions],
    }


def _shares(shares: tuple[Share, ...], whole: int) -> list[tuple[str, int, str]]:
    return [(s.words, s.count, percent(100 * s.count / whole)) for s in shares if s.count]
