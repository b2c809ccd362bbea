"""What is heard of an activity, in words and shares; how many wait where nothing is shown yet."""

from typing import Any, Final

from devsys.actions.give_feedback import Heard
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import percent
from devsys.core.model.feedback import Figures, K, Share, Stage
from devsys.faces.web import shown

STAGES: Final = {Stage.AFTER: to_phrase("After the session"), Stage.LATER: to_phrase("Six weeks on")}


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
        return {
            "title": STAGES[stage],
            "words": phrase("Not yet shown: %(waiting)s of %(k)s answers.", waiting=found.waiting, k=K),
            "questions": (),
        }
    said = phrase("%(shown)s answers.", shown=found.shown)
    if found.waiting:
        more = phrases(
            "%(num)s more waits until there are %(k)s.", "%(num)s more wait until there are %(k)s.", found.waiting, k=K
        )
        said = f"{said} {more}"
    return {
        "title": STAGES[stage],
        "words": said,
        "questions": [(q.words, _shares(shares, found.shown)) for q, shares in found.questions],
    }


def _shares(shares: tuple[Share, ...], whole: int) -> list[tuple[str, int, str]]:
    return [(s.words, s.count, percent(100 * s.count / whole)) for s in shares if s.count]
